/* The far end is a mailbox, the near one a command or a datagram socket. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "session/command.h"
#include "session/filters.h"
#include "session/judge.h"
#include "session/judge_records.h"
#include "session/peer.h"

static void	peer_start(struct session *);
static uint64_t	peer_meter(const struct session *);
static bool	peer_judge(struct session *);
static void	peer_prepare(struct session *);
static uint64_t	peer_lost(const struct session *);
static void	peer_end(struct session *);

static bool	try_next(struct session *);
static bool	is_forward(const struct session *);
static void	judge_received(struct session *);
static void	target_failed(struct session *, int);
static void	heed_refusal(struct session *);
static bool	command_is_done(struct session *);
static bool	judge_idle(struct session *);
static void	all_refused(struct session *);
static void	judge_lost(struct session *);

const struct conduct conduct_peer = {
	.start = peer_start,
	.meter = peer_meter,
	.judge = peer_judge,
	.prepare = peer_prepare,
	.lost = peer_lost,
	.end = peer_end
};

static void
peer_start(struct session *session)
{
	if (session->out.mover != NULL) {
		records_turn(&session->in,
		    post_of(&session->near->own)->stuck);
		return;
	}
	flow_init(&session->out, &session->near->own, &session->far.own,
	    filters_sending(session));
	flow_init(&session->in, &session->far.own, &session->near->own,
	    filters_receiving(session));
	session->moved_at = session->started;
}

static bool
is_forward(const struct session *session)
{
	return session->around->rules->near == NEAR_FORWARD;
}

static uint64_t
peer_meter(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;

	return in->taken + in->given + records_taken(in) + out->taken +
	    out->given + records_passed(out);
}

static bool
peer_judge(struct session *session)
{
	if (try_next(session))
		return false;
	if (is_forward(session))
		heed_refusal(session);
	judge_received(session);
	if (is_forward(session) && session->near->own.error != 0)
		target_failed(session, session->near->own.error);
	judge_records_sent(session, "command's output");
	if (session->status == STATUS_OK && !judge_idle(session) &&
	    !command_is_done(session))
		return false;
	peer_end(session);
	return true;
}

/*
 * It has ended, and all that it wrote is sent.  What others of its kind
 * still write is, too, but the peer's next datagram is not theirs.
 */
static bool
command_is_done(struct session *session)
{
	if (session->child == NULL || command_runs(session))
		return false;
	mailbox_leave(&session->far.own);
	return session->out.stage == FLOW_OVER;
}

/* Does the target have another address, when one refused? */
static bool
try_next(struct session *session)
{
	struct watch *watch = session->around->watch;
	int64_t timeout = session->around->rules->timeout;

	if (session->status != STATUS_OK || session->cut ||
	    !leg_again(session->near, watch))
		return false;
	session->stage = SESSION_RAISING;
	session->deadline = timeout < 0 ? CLOCK_NEVER :
	    clock_after(watch_time(watch), timeout);
	watch_touch(watch, &session->owner);
	return true;
}

/* A command need not read all. */
static void
judge_received(struct session *session)
{
	struct flow *in = &session->in;
	char peer[ADDRESS_TEXT];

	switch ((enum flow_end)in->end) {
	case FLOW_DONE:
	case FLOW_CUT:
	case FLOW_FAULT:
		return;
	case FLOW_SINK_FAILED:
		if (!is_forward(session))
			flow_discard(in);
		return;
	case FLOW_SOURCE_FAILED:
		judge_fail_by(session, STATUS_RECEIVE,
		    session->far.own.error, "receive from %s: %s",
		    judge_who(session, peer, sizeof(peer)),
		    strerror(session->far.own.error));
		return;
	case FLOW_LIMIT:
		if (in->stage == FLOW_OVER)
			judge_fail(session, STATUS_SIZE, "receive from %s: "
			    "more than %" PRIu64 " bytes (--max-recv)",
			    judge_who(session, peer, sizeof(peer)),
			    session->around->rules->max_recv);
		return;
	}
}

static void
target_failed(struct session *session, int error)
{
	const char *target = session->around->rules->forward.text;
	struct records_state state;

	records_state(&session->in, &state);
	if (error == EMSGSIZE)
		judge_fail_by(session, STATUS_SIZE, error, "send to %s: a "
		    "record of %zu bytes, and it takes %zu whole", target,
		    state.size,
		    stream_room(&session->near->own));
	else
		judge_fail_by(session, state.passed == 0 ? STATUS_CONNECT :
		    STATUS_SEND, error, "send to %s: %s", target,
		    strerror(error));
}

/* The target may come back: it is told, and ends nothing. */
static void
heed_refusal(struct session *session)
{
	const struct post *post = post_of(&session->near->own);
	struct event event = { .kind = EVENT_WARNING };
	char text[512];

	if (post->refused == 0 || session->refused)
		return;
	session->refused = true;
	(void)snprintf(text, sizeof(text), "send to %s: %s",
	    session->around->rules->forward.text, strerror(post->refused));
	event.message = text;
	report_event(session->around->report, &event);
}

/*
 * For a command the peer's time is over: it gets the end of its input, and
 * some time to say what it has to say then.  The peer's next datagram is
 * another session's.
 */
static bool
judge_idle(struct session *session)
{
	const struct rules *rules = session->around->rules;
	int64_t now = watch_time(session->around->watch);

	if (!session->asked) {
		session->deadline = clock_after(session->moved_at,
		    rules->idle);
		if (now < session->deadline)
			return false;
		if (is_forward(session))
			return true;
		session->asked = true;
		session->deadline = clock_after(now,
		    rules->command.kill_after);
		mailbox_leave(&session->far.own);
		flow_stop(&session->in);
		watch_touch(session->around->watch, &session->owner);
	}
	if (now < session->deadline)
		return false;
	if (!command_runs(session))
		child_signal(session->child, SIGTERM);
	session->killed = 1;
	session->cut = true;
	return true;
}

static void
peer_prepare(struct session *session)
{
	struct watch *watch = session->around->watch;

	flow_prepare(&session->in, watch, &session->owner);
	flow_prepare(&session->out, watch, &session->owner);
	watch_until(watch, session->deadline);
}

/* For want of room with us; and of answers, on their way here. */
static uint64_t
peer_lost(const struct session *session)
{
	uint64_t lost = mailbox_lost(&session->far.own);

	if (is_forward(session) && session->near != NULL &&
	    leg_has_stream(session->near))
		lost += post_lost(&session->near->own);
	return lost;
}

/* Told once; the last refusal may not have been heard yet. */
static void
peer_end(struct session *session)
{
	if (session->counted)
		return;
	session->counted = true;
	if (is_forward(session) && session->in.mover != NULL) {
		post_finish(&session->near->own);
		heed_refusal(session);
		if (session->status == STATUS_OK &&
		    post_all_refused(&session->near->own))
			all_refused(session);
	}
	judge_lost(session);
}

/* People were told of the first one. */
static void
all_refused(struct session *session)
{
	int code = post_of(&session->near->own)->refused;
	struct event event = {
		.kind = EVENT_ERROR, .number = session->number,
		.status = STATUS_CONNECT, .code = code, .told = true
	};
	char text[512];

	session->status = STATUS_CONNECT;
	(void)snprintf(text, sizeof(text), "send to %s: %s",
	    session->around->rules->forward.text, strerror(code));
	event.message = text;
	report_event(session->around->report, &event);
}

/* What a command that has ended by itself did not read is its own affair. */
static void
judge_lost(struct session *session)
{
	const struct rules *rules = session->around->rules;
	uint64_t lost = mailbox_lost(&session->far.own);
	struct event event = { .kind = EVENT_WARNING };
	char peer[ADDRESS_TEXT], text[ADDRESS_TEXT + 100];

	if (is_forward(session) || (command_runs(session) &&
	    session->status == STATUS_OK))
		lost += mailbox_unread(&session->far.own) +
		    records_left(&session->in);
	if (lost == 0)
		return;
	(void)snprintf(text, sizeof(text), "receive from %s: %" PRIu64
	    " datagram%s lost, which the %s did not take",
	    judge_who(session, peer, sizeof(peer)), lost,
	    lost == 1 ? " was" : "s were",
	    is_forward(session) ? "target" : "command");
	event.message = text;
	if (rules->datagrams.strict && session->status == STATUS_OK)
		judge_fail(session, STATUS_RECEIVE, "%s (--strict)", text);
	else
		report_event(session->around->report, &event);
}
