/* The table of peers: its mailboxes know who is whom. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "session/judge_records.h"
#include "session/peers.h"

static bool	sort(struct peers *);
static bool	deliver(struct peers *, struct batch *);
static void	turn_away(struct peers *, const struct batch *);
static void	warn(const struct peers *, const char *);
static enum peers_result late(const struct peers *, struct failure *);
static enum status tell_losses(const struct peers *);
static void	tell_loss(const struct peers *, const char *,
		    enum status *);

int
peers_open(struct peers *peers, struct surroundings *around, int kind,
    const int *fds, size_t count)
{
	const struct rules *rules = around->rules;
	struct post *post;

	if (post_open(&peers->post, fds, count, NULL) == -1)
		return -1;
	post = post_of(&peers->post);
	post->peers = rules->datagrams.peers;
	post->peer = rules->datagrams.peer;
	post->allowed = allowed_any(&rules->allowed) ? NULL : &rules->allowed;
	owner_init(&peers->owner, kind);
	peers->around = around;
	peers->left = rules->datagrams.most;
	peers->deadline = rules->timeout < 0 ? CLOCK_NEVER :
	    clock_after(watch_time(around->watch), rules->timeout);
	peers->open = true;
	mailboxes_init(&peers->boxes, &peers->post, around->watch,
	    &peers->owner);
	watch_touch(around->watch, &peers->owner);
	return 0;
}

/* One call to the kernel a turn. */
enum peers_result
peers_advance(struct peers *peers, struct failure *failure)
{
	bool received = false;
	int n;

	stream_hear(&peers->post, peers->around->watch);
	judge_denied(peers->around, post_of(&peers->post));
	mailboxes_hear(&peers->boxes);
	while (peers->open) {
		if (!sort(peers))
			return PEERS_NEW;
		if (peers->left == 0) {
			peers_end(peers);
			return PEERS_ENDED;
		}
		if (received || !peers->post.readable)
			break;
		received = true;
		n = stream_receive(&peers->post, &peers->batches);
		peers->at = 0;
		peers->count = n > 0 ? n : 0;
		if (n != STREAM_FAILED)
			continue;
		failure->status = STATUS_RECEIVE;
		error_set(&failure->error, peers->post.error, "receive");
		return PEERS_FAILED;
	}
	return late(peers, failure);
}

/* False: one is offered. */
static bool
sort(struct peers *peers)
{
	struct batch *batch;

	while (peers->at < peers->count && peers->left > 0) {
		batch = &peers->batches[peers->at];
		if (batch->count > 0 && !deliver(peers, batch))
			return false;
		peers->at++;
	}
	return true;
}

/* What was offered, and found no session, is lost. */
static bool
deliver(struct peers *peers, struct batch *batch)
{
	struct mailbox *box = mailboxes_find(&peers->boxes, batch);

	if (box == NULL && peers->offered != batch) {
		peers->offered = batch;
		return false;
	}
	peers->offered = NULL;
	peers->deadline = CLOCK_NEVER;
	if (box == NULL) {
		turn_away(peers, batch);
		return true;
	}
	if (batch->count > peers->left) {
		batch->count = (size_t)peers->left;
		batch->size = batch->count * batch->segment;
	}
	peers->left -= peers->left == UINT64_MAX ? 0 : batch->count;
	mailbox_put(box, batch);
	return true;
}

static void
turn_away(struct peers *peers, const struct batch *batch)
{
	char peer[ADDRESS_TEXT], text[ADDRESS_TEXT + 100];

	if (peers->turned_away == 0) {
		(void)snprintf(text, sizeof(text), "receive from %s: not "
		    "served: %s", address_text(&batch->peer, peer,
		    sizeof(peer)), peers->full != NULL ? peers->full :
		    "out of memory");
		warn(peers, text);
	}
	peers->turned_away += batch->count;
}

static void
warn(const struct peers *peers, const char *text)
{
	struct event event = { .kind = EVENT_WARNING, .message = text };

	report_event(peers->around->report, &event);
}

static enum peers_result
late(const struct peers *peers, struct failure *failure)
{
	const struct rules *rules = peers->around->rules;
	char local[ADDRESS_TEXT], seconds[32];
	bool denied;

	if (watch_time(peers->around->watch) < peers->deadline)
		return PEERS_WAIT;
	denied = post_all_denied(&peers->post);
	failure->status = denied ? STATUS_DENIED : STATUS_TIMEOUT;
	error_setx(&failure->error, "receive on %s: no datagram within %s s "
	    "(--timeout)%s", judge_here(peers->around, &peers->post, local,
	    sizeof(local)), units_seconds(rules->timeout, seconds,
	    sizeof(seconds)), denied ? ": all were refused" : "");
	return PEERS_FAILED;
}

void
peers_prepare(struct peers *peers)
{
	struct watch *watch = peers->around->watch;

	watch_begin(watch, &peers->owner);
	if (peers->open) {
		stream_await_read(&peers->post, watch, &peers->owner);
		watch_until(watch, peers->deadline);
	}
	mailboxes_await(&peers->boxes);
	watch_end(watch, &peers->owner);
}

void
peers_end(struct peers *peers)
{
	if (!peers->open)
		return;
	peers->open = false;
	mailboxes_end(&peers->boxes);
	watch_touch(peers->around->watch, &peers->owner);
}

enum status
peers_close(struct peers *peers)
{
	enum status status;

	if (peers->around == NULL)
		return STATUS_OK;
	status = tell_losses(peers);
	watch_leave(peers->around->watch, &peers->owner);
	stream_close(&peers->post, peers->around->watch);
	peers->around = NULL;
	return status;
}

static enum status
tell_losses(const struct peers *peers)
{
	uint64_t away = peers->turned_away;
	char local[ADDRESS_TEXT], text[ADDRESS_TEXT + 120];
	const struct post *post = post_of(&peers->post);
	struct error error;
	enum status status = STATUS_OK;

	if (post->cut > 0) {
		(void)snprintf(text, sizeof(text), "receive on %s: %" PRIu64
		    " datagram%s dropped, longer than %d bytes",
		    judge_here(peers->around, &peers->post, local,
		    sizeof(local)), post->cut, post->cut == 1 ? " was" :
		    "s were", LOCAL_MOST);
		error_setx(&error, "%s", text);
		report_error(peers->around->report, STATUS_SIZE, &error);
		return STATUS_SIZE;
	}
	if (judge_lost_text(peers->around, &peers->post, text, sizeof(text)))
		tell_loss(peers, text, &status);
	if (away > 0) {
		(void)snprintf(text, sizeof(text), "receive on %s: %" PRIu64
		    " datagram%s dropped, of peers that could not be served",
		    judge_here(peers->around, &peers->post, local,
		    sizeof(local)), away, away == 1 ? " was" : "s were");
		tell_loss(peers, text, &status);
	}
	return status;
}

static void
tell_loss(const struct peers *peers, const char *text, enum status *status)
{
	struct error error;

	if (!peers->around->rules->datagrams.strict || *status != STATUS_OK) {
		warn(peers, text);
		return;
	}
	*status = STATUS_RECEIVE;
	error_setx(&error, "%s (--strict)", text);
	report_error(peers->around->report, *status, &error);
}
