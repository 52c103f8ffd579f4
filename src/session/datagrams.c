/* Sessions of datagrams: their flows, their ends, and what those mean. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/socket.h"
#include "session/datagrams.h"
#include "session/judge.h"

static void	judge_sending(struct session *);
static void	input_has_fault(struct session *);
static void	send_failed(struct session *);
static void	judge_too_long(struct session *);
static void	judge_receiving(struct session *);
static bool	sender_is_done(struct session *);
static void	judge_idle(struct session *);
static void	no_answer(struct session *);
static bool	receiver_is_done(struct session *);
static bool	replies_are_out(struct session *);
static bool	is_quiet(const struct flow *);
static void	judge_end(struct session *);
static void	tell_refusal(struct session *, struct post *);
static void	judge_losses(struct session *);
static const char *peer_text(const struct session *, char *, size_t);
static const char *here_text(const struct session *, char *, size_t);

void
datagrams_start(struct session *session)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	const struct datagram_rules *datagrams = &rules->datagrams;
	struct post *post = post_of(&session->far.own);
	bool takes = rules->listening || datagrams->answers > 0;

	post->peers = datagrams->peers;
	post->peer = datagrams->peer;
	if (around->receiving.edit != NULL)
		escape_init(&around->escape);
	flow_init(&session->out, &around->input, &session->far.own,
	    &around->sending);
	flow_init(&session->in, &session->far.own, takes ? &around->output :
	    NULL, &around->receiving);
	if (rules->listening && !datagrams->replies)
		flow_cut(&session->out);
	session->moved_at = session->started;
	session->deadline = rules->listening && rules->timeout >= 0 ?
	    clock_after(session->started, rules->timeout) : CLOCK_NEVER;
}

bool
datagrams_may_send(const struct session *session)
{
	return post_of(&session->far.own)->answer_fd != -1;
}

bool
datagrams_judge(struct session *session)
{
	bool done;

	judge_sending(session);
	judge_too_long(session);
	judge_receiving(session);
	if (session->status == STATUS_OK)
		done = session->around->rules->listening ?
		    receiver_is_done(session) : sender_is_done(session);
	else
		done = true;
	if (done)
		judge_end(session);
	return done;
}

static void
judge_sending(struct session *session)
{
	const struct flow *out = &session->out;
	char peer[ADDRESS_TEXT];

	if (out->stage != FLOW_OVER)
		return;
	switch ((enum flow_end)out->end) {
	case FLOW_DONE:
	case FLOW_CUT:
		break;
	case FLOW_SOURCE_FAILED:
		judge_fail(session, STATUS_READ, "standard input: %s",
		    strerror(out->source->error));
		break;
	case FLOW_SINK_FAILED:
		send_failed(session);
		break;
	case FLOW_LIMIT:
		judge_fail(session, STATUS_SIZE, "send to %s: more than %"
		    PRIu64 " bytes (--max-send)", peer_text(session, peer,
		    sizeof(peer)), session->around->rules->max_send);
		break;
	case FLOW_FAULT:
		input_has_fault(session);
		break;
	}
}

static void
input_has_fault(struct session *session)
{
	const struct framer *framer =
	    &session->around->rules->datagrams.sending.framer;
	struct records_state state;

	records_state(&session->out, &state);
	if (state.fault == RECORDS_LONG)
		judge_fail(session, STATUS_SIZE, "standard input: the record "
		    "at byte %" PRIu64 " is longer than a datagram of %zu "
		    "bytes", state.at, framer->most);
	else
		judge_fail(session, STATUS_READ, "standard input: not %s at "
		    "byte %" PRIu64 ": %s", framer->ops->name, state.at,
		    state.reason);
}

static void
send_failed(struct session *session)
{
	int error = session->far.own.error;
	struct records_state state;
	char buf[ADDRESS_TEXT];
	const char *peer = peer_text(session, buf, sizeof(buf));

	records_state(&session->out, &state);
	if (error == EMSGSIZE)
		judge_fail(session, STATUS_SIZE, "send to %s: a record of %zu "
		    "bytes, and the path takes %zu whole (--datagram-size "
		    "lets the system fragment it)", peer, state.size,
		    stream_room(&session->far.own));
	else
		judge_fail(session, state.passed == 0 ? STATUS_CONNECT :
		    STATUS_SEND, "send to %s: %s", peer, strerror(error));
}

static void
judge_receiving(struct session *session)
{
	const struct flow *in = &session->in;
	const struct rules *rules = session->around->rules;
	char here[ADDRESS_TEXT];

	if (session->around->output.error != 0 && in->sink != NULL &&
	    in->stage == FLOW_OVER && in->end == FLOW_SINK_FAILED)
		judge_fail(session, STATUS_WRITE, "standard output: %s",
		    strerror(session->around->output.error));
	else if (in->end == FLOW_SOURCE_FAILED)
		judge_fail(session, STATUS_RECEIVE, "receive on %s: %s",
		    here_text(session, here, sizeof(here)),
		    strerror(session->far.own.error));
	else if (in->end == FLOW_LIMIT && in->stage == FLOW_OVER)
		judge_fail(session, STATUS_SIZE, "receive on %s: more than %"
		    PRIu64 " bytes (--max-recv)", here_text(session, here,
		    sizeof(here)), rules->max_recv);
}

/* All is sent, and the answers that are wanted are there. */
static bool
sender_is_done(struct session *session)
{
	const struct datagram_rules *rules =
	    &session->around->rules->datagrams;
	int64_t now = watch_time(session->around->watch);
	struct flow *in = &session->in;

	if (session->out.stage != FLOW_OVER) {
		judge_idle(session);
		return session->status != STATUS_OK;
	}
	if (rules->answers == 0 || in->stage == FLOW_OVER)
		return true;
	if (!session->asked)
		session->deadline = clock_after(now, rules->wait);
	session->asked = true;
	if (post_all_refused(&session->far.own))
		return true;
	if (now < session->deadline || !is_quiet(in))
		return false;
	if (!rules->all_answers || records_taken(in) == 0)
		no_answer(session);
	return true;
}

/* Neither is there input, nor could any be sent. */
static void
judge_idle(struct session *session)
{
	const struct rules *rules = session->around->rules;
	char peer[ADDRESS_TEXT], seconds[32];

	session->deadline = clock_after(session->moved_at, rules->idle);
	if (watch_time(session->around->watch) >= session->deadline)
		judge_fail(session, STATUS_TIMEOUT, "session with %s: nothing "
		    "moved for %s s (--idle-timeout)", peer_text(session, peer,
		    sizeof(peer)), units_seconds(rules->idle, seconds,
		    sizeof(seconds)));
}

static void
no_answer(struct session *session)
{
	const struct datagram_rules *rules =
	    &session->around->rules->datagrams;
	uint64_t came = records_taken(&session->in);
	char peer[ADDRESS_TEXT], seconds[32];

	judge_fail(session, STATUS_TIMEOUT, "%s: %" PRIu64 " answer%s within "
	    "%s s (--timeout)", peer_text(session, peer, sizeof(peer)), came,
	    came == 1 ? "" : "s", units_seconds(rules->wait, seconds,
	    sizeof(seconds)));
}

/*
 * Time runs out: without any datagram that is a failure, after one the end
 * of what is to be received.
 */
static bool
receiver_is_done(struct session *session)
{
	const struct rules *rules = session->around->rules;
	int64_t now = watch_time(session->around->watch);
	struct flow *in = &session->in;
	char here[ADDRESS_TEXT], seconds[32];

	if (in->stage == FLOW_OVER)
		return !rules->datagrams.replies || replies_are_out(session);
	if (records_taken(in) > 0)
		session->deadline = clock_after(session->moved_at,
		    rules->idle);
	if (now < session->deadline || !is_quiet(in))
		return false;
	if (records_taken(in) == 0)
		judge_fail(session, STATUS_TIMEOUT, "receive on %s: no "
		    "datagram within %s s (--timeout)", here_text(session,
		    here, sizeof(here)), units_seconds(rules->timeout,
		    seconds, sizeof(seconds)));
	return true;
}

/* What was read of them; no more is. */
static bool
replies_are_out(struct session *session)
{
	struct flow *out = &session->out;

	if (out->stage == FLOW_OVER || !datagrams_may_send(session))
		return true;
	if (!out->stopped)
		watch_touch(session->around->watch, &session->owner);
	flow_stop(out);
	return false;
}

/* All that came was written out, and there is nothing more as yet. */
static bool
is_quiet(const struct flow *in)
{
	return in->stage == FLOW_MOVING && flow_held(in) == 0 &&
	    !in->source->readable;
}

uint64_t
datagrams_meter(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;
	uint64_t meter = in->taken + records_taken(in);

	if (!session->around->rules->listening)
		meter += in->given + out->taken + out->given +
		    records_passed(out);
	return meter;
}

void
datagrams_prepare(struct session *session)
{
	struct watch *watch = session->around->watch;
	const struct flow *in = &session->in;

	flow_prepare(&session->in, watch, &session->owner);
	if (datagrams_may_send(session))
		flow_prepare(&session->out, watch, &session->owner);
	if (is_quiet(in) ||
	    (in->stage == FLOW_OVER && !session->around->rules->listening))
		watch_until(watch, session->deadline);
}

static void
judge_end(struct session *session)
{
	struct post *post = post_of(&session->far.own);
	char peer[ADDRESS_TEXT];

	post_finish(&session->far.own);
	judge_too_long(session);
	if (!session->around->rules->listening &&
	    post_all_refused(&session->far.own))
		judge_fail(session, STATUS_CONNECT, "send to %s: %s",
		    peer_text(session, peer, sizeof(peer)),
		    strerror(post->refused));
	judge_losses(session);
}

/* Lost already, and said by a host on the way. */
static void
judge_too_long(struct session *session)
{
	const struct post *post = post_of(&session->far.own);
	char peer[ADDRESS_TEXT];

	if (post->too_long)
		judge_fail(session, STATUS_SIZE, "send to %s: a datagram was "
		    "lost, the path takes %zu bytes whole (--datagram-size "
		    "lets the system fragment it)", peer_text(session, peer,
		    sizeof(peer)), stream_room(&session->far.own));
}

void
datagrams_end(struct session *session)
{
	struct post *post = post_of(&session->far.own);

	if (post->refused != 0 && session->status != STATUS_CONNECT)
		tell_refusal(session, post);
	judge_losses(session);
}

/* Of some datagrams, of which others arrived. */
static void
tell_refusal(struct session *session, struct post *post)
{
	struct event event = { .kind = EVENT_WARNING };
	char peer[ADDRESS_TEXT], text[ADDRESS_TEXT + 100];

	(void)snprintf(text, sizeof(text), "send to %s: %s (some datagrams)",
	    peer_text(session, peer, sizeof(peer)), strerror(post->refused));
	event.message = text;
	report_event(session->around->report, &event);
}

static void
judge_losses(struct session *session)
{
	const struct rules *rules = session->around->rules;
	uint64_t lost = post_lost(&session->far.own);
	struct event event = { .kind = EVENT_WARNING };
	char here[ADDRESS_TEXT], text[ADDRESS_TEXT + 100];

	if (lost == 0 || session->in.sink == NULL || session->counted)
		return;
	session->counted = true;
	/* Of several that the kernel had joined it counts one. */
	(void)snprintf(text, sizeof(text), "receive on %s: at least %" PRIu64
	    " datagram%s lost, the receive queue was full",
	    here_text(session, here, sizeof(here)), lost,
	    lost == 1 ? " was" : "s were");
	event.message = text;
	if (rules->datagrams.strict && session->status == STATUS_OK)
		judge_fail(session, STATUS_RECEIVE, "%s (--strict)", text);
	else
		report_event(session->around->report, &event);
}

/* Whom we send to, or answered last. */
static const char *
peer_text(const struct session *session, char *buf, size_t size)
{
	if (session->far.peer.length > 0)
		return address_text(&session->far.peer, buf, size);
	return address_text(&post_of(&session->far.own)->answer.peer, buf,
	    size);
}

/* The first of our sockets, with the port that it got. */
static const char *
here_text(const struct session *session, char *buf, size_t size)
{
	struct address local;

	socket_local(session->far.own.rfd, &local);
	return address_text(&local, buf, size);
}
