/*
 * What the ends of flows mean: which failure was the first, what the peer's
 * end and a broken connection leave to be done, and when waiting is over.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/socket.h"
#include "net/tcp.h"
#include "session/command.h"
#include "session/judge.h"
#include "session/judge_records.h"

/* For the peer's end, once the command has ended and all is delivered. */
#define LAST_END_NS	(1000 * CLOCK_MS)

static void	judge_gone(struct session *);
static void	judge_in(struct session *);
static void	judge_out(struct session *);
static void	judge_peer_end(struct session *);
static void	judge_quit(struct session *);
static void	judge_idle(struct session *);
static int64_t	patience(const struct session *);

static bool	near_refused(struct session *);
static void	forward_failed(struct session *);
static bool	was_unread(const struct session *);
static void	near_broke(struct session *);
static void	judge_stuck(struct session *);
static void	read_to_the_end(struct session *);
static bool	input_waits(struct session *);
static bool	sending_was_all(const struct session *);

void
judge(struct session *session)
{
	if (session->child != NULL && !session->child->running)
		command_left_terminal(session);
	judge_gone(session);
	judge_in(session);
	judge_out(session);
	if (session->member != NULL &&
	    session->member->port.stream.error != 0)
		near_broke(session);
	if (session->status == STATUS_OK) {
		judge_peer_end(session);
		judge_quit(session);
	}
	if (session->around->rules->idle >= 0 && !session->cut)
		judge_idle(session);
}

/*
 * A local peer that has ended and hangs up has closed its end: what we have
 * to say nobody will read.
 */
static void
judge_gone(struct session *session)
{
	struct stream *far = &session->far.own;

	if (session->around->rules->path == NULL || !far->ended || !far->hung ||
	    far->error != 0)
		return;
	(void)stream_fail(far, EPIPE);
	watch_touch(session->around->watch, &session->owner);
}

static void
judge_in(struct session *session)
{
	struct flow *in = &session->in;
	char peer[ADDRESS_TEXT];

	switch ((enum flow_end)in->end) {
	case FLOW_DONE:
	case FLOW_CUT:
		return;
	case FLOW_SOURCE_FAILED:
		judge_far_failed(session);
		break;
	case FLOW_SINK_FAILED:
		if (near_refused(session))
			return;
		break;
	case FLOW_FAULT:
		break;
	case FLOW_LIMIT:
		judge_fail(session, STATUS_SIZE, "receive from %s: more than %"
		    PRIu64 " bytes (--max-recv)", judge_who(session, peer,
		    sizeof(peer)), session->around->rules->max_recv);
		break;
	}
	flow_cut(&session->out);
}

static void
judge_out(struct session *session)
{
	const struct rules *rules = session->around->rules;
	const struct flow *out = &session->out;
	char peer[ADDRESS_TEXT];

	switch ((enum flow_end)out->end) {
	case FLOW_DONE:
	case FLOW_CUT:
		return;
	case FLOW_SOURCE_FAILED:
		near_broke(session);
		return;
	case FLOW_SINK_FAILED:
		judge_far_failed(session);
		read_to_the_end(session);
		judge_stuck(session);
		return;
	case FLOW_FAULT:
		judge_input_fault(session, rules->near == NEAR_FORWARD ?
		    rules->forward.text : rules->near == NEAR_COMMAND ?
		    "command's output" : "standard input");
		return;
	case FLOW_LIMIT:
		judge_fail(session, STATUS_SIZE, "send to %s: more than %"
		    PRIu64 " bytes (--max-send)", judge_who(session, peer,
		    sizeof(peer)), session->around->rules->max_send);
		return;
	}
}

/*
 * The near end takes no more: true where that is no failure, as of a
 * command that does not read all, and the rest is dropped.
 */
static bool
near_refused(struct session *session)
{
	struct flow *in = &session->in;

	switch (session->around->rules->near) {
	case NEAR_COMMAND:
		flow_discard(in);
		return true;
	case NEAR_FORWARD:
		forward_failed(session);
		break;
	case NEAR_STANDARD:
		judge_fail(session, STATUS_WRITE, "standard output: %s",
		    strerror(in->sink->error));
		break;
	case NEAR_HUB:
		near_broke(session);
		break;
	}
	session->cut = true;
	return false;
}

/*
 * The connection to the target broke, whichever direction met it first: 55
 * when bytes of the client's were not acknowledged.
 */
static void
forward_failed(struct session *session)
{
	const char *target = session->around->rules->forward.text;
	const char *reason = strerror(session->near->own.error);
	const struct flow *in = &session->in;

	if (session->near->own.error == EMSGSIZE)
		judge_fail(session, STATUS_SIZE, "%s %s: %s",
		    in->end == FLOW_SINK_FAILED ? "send to" : "receive from",
		    target, reason);
	else if (in->taken > in->given || in->refused ||
	    records_left(in) > 0 || was_unread(session) ||
	    stream_unacked(&session->near->own) > 0)
		judge_fail(session, STATUS_SEND, "send to %s: %s", target,
		    reason);
	else
		judge_fail(session, STATUS_RECEIVE, "receive from %s: %s",
		    target, reason);
	session->cut = true;
}

/* Did a local target close with bytes of the client's unread? */
static bool
was_unread(const struct session *session)
{
	return session->around->rules->forward.unix_path.length > 0 &&
	    session->near->own.error == ECONNRESET;
}

/* The near end gives no more, and that was not its end. */
static void
near_broke(struct session *session)
{
	int error = session->out.source->error;
	char peer[ADDRESS_TEXT];

	switch (session->around->rules->near) {
	case NEAR_COMMAND:
		judge_fail(session, STATUS_ERROR, "command's output: %s",
		    strerror(error));
		return;
	case NEAR_FORWARD:
		forward_failed(session);
		return;
	case NEAR_HUB:
		judge_fail(session, STATUS_SEND, "%s: does not read, cut off",
		    judge_who(session, peer, sizeof(peer)));
		session->cut = true;
		return;
	case NEAR_STANDARD:
		break;
	}
	judge_fail(session, STATUS_READ, "standard input: %s",
	    strerror(error));
}

/*
 * The connection broke.  Nothing is wrong with that when both directions
 * were complete; it is 55 when bytes of ours were not acknowledged, or not
 * even read yet.  Local sockets have no other reset: the peer closed its
 * end with bytes of ours unread; else it closed, and its end is to be read.
 */
void
judge_far_failed(struct session *session)
{
	uint64_t left = session_undelivered(session);
	int error = session->far.own.error;
	char peer[ADDRESS_TEXT], count[64] = " (input not delivered)";

	if (session->status != STATUS_OK)
		return;
	if (error == EMSGSIZE) {
		/* The failure of one direction is soon the other's. */
		if (session->in.end == FLOW_SOURCE_FAILED)
			judge_long_came(session);
		else
			judge_too_long(session);
		return;
	}
	if (error == EPIPE)
		error = ECONNRESET;
	if (left > 0)
		(void)snprintf(count, sizeof(count), " (%" PRIu64
		    " bytes not delivered)", left);
	if (left > 0 || session->out.refused ||
	    records_left(&session->out) > 0 ||
	    (session->around->rules->path != NULL && error == ECONNRESET &&
	    session->far.own.error == error) ||
	    (session->far.own.ended && input_waits(session)))
		judge_fail(session, STATUS_SEND, "send to %s: %s%s",
		    judge_who(session, peer, sizeof(peer)), strerror(error),
		    count);
	else if (!session->far.own.ended && !sending_was_all(session) &&
	    !(session->around->rules->path != NULL &&
	    session->far.own.error == EPIPE))
		judge_fail(session, STATUS_RECEIVE, "receive from %s: %s",
		    judge_who(session, peer, sizeof(peer)), strerror(error));
}

/* Nobody waits for a near end that does not take what a dead peer sent. */
static void
judge_stuck(struct session *session)
{
	const struct flow *in = &session->in;
	enum near_end near = session->around->rules->near;

	if ((near == NEAR_COMMAND || near == NEAR_FORWARD) &&
	    in->stage != FLOW_OVER && in->sink != NULL &&
	    flow_held(in) > 0 && !in->sink->writable)
		session->cut = true;
}

/* What the broken connection still holds is read, not waited for. */
static void
read_to_the_end(struct session *session)
{
	if (session->far.own.readable)
		return;
	session->far.own.readable = true;
	watch_touch(session->around->watch, &session->owner);
}

/* Is there input of ours, which the connection should have carried? */
static bool
input_waits(struct session *session)
{
	struct stream *source = session->out.source;

	if (session->out.stopped || source->ended)
		return false;
	return stream_peek(source) > 0;
}

/* With --send-only the peer's direction is none of our business. */
static bool
sending_was_all(const struct session *session)
{
	return session->around->rules->send_only &&
	    session->out.stage == FLOW_OVER && session->out.end == FLOW_DONE;
}

/*
 * The peer ended.  What we have to say is still said; where that may never
 * end, the peer's host is asked whether anyone is there to hear it.
 */
static void
judge_peer_end(struct session *session)
{
	const struct rules *rules = session->around->rules;
	unsigned kind = session->out.source->rkind;
	struct flow *out = &session->out;

	if (session->peer_ended || !session->far.own.ended)
		return;
	session->peer_ended = true;
	out->hold = false;
	watch_touch(session->around->watch, &session->owner);
	if (out->stage != FLOW_MOVING)
		return;
	if (session->member != NULL)
		hub_end(&session->member->port);
	else if ((rules->keep_open && rules->near == NEAR_STANDARD &&
	    kind != DESCRIPTOR_FILE) || rules->exit_on_peer_eof ||
	    (!rules->send_only && kind == DESCRIPTOR_TERMINAL))
		flow_stop(out);
	else
		socket_probe(session->far.own.wfd);
}

/* --quit-after counts from when all of our input was acknowledged. */
static void
judge_quit(struct session *session)
{
	struct flow *out = &session->out;
	int64_t now = watch_time(session->around->watch);
	int64_t most = patience(session);

	if (most < 0 || session->silent || session->in.stage == FLOW_OVER ||
	    (session->in.stage != FLOW_MOVING && session->child == NULL))
		return;
	if (out->stage != FLOW_OVER &&
	    !(out->stage == FLOW_SHUTTING && out->settled))
		return;
	if (session->deadline == CLOCK_NEVER)
		session->deadline = clock_after(now, most);
	if (now < session->deadline)
		return;
	session->deadline = CLOCK_NEVER;
	if (session->child != NULL)
		flow_discard(&session->in);
	flow_stop(&session->in);
	out->hold = false;
	watch_touch(session->around->watch, &session->owner);
}

/*
 * How long the peer's end is waited for once ours is acknowledged; -1: as
 * long as it takes.  Where the command has ended nobody listens any more.
 */
static int64_t
patience(const struct session *session)
{
	const struct rules *rules = session->around->rules;

	if (rules->near != NEAR_COMMAND)
		return rules->quit_after;
	if (command_runs(session))
		return -1;
	return rules->quit_after < 0 ? LAST_END_NS : rules->quit_after;
}

/*
 * The command's own calls may have taken the socket's error; what the
 * kernel counted remains.  A peer that ended its side, and then answers a
 * probe by a reset, is gone: a failure only if it did not get all.
 */
void
judge_given(struct session *session)
{
	char peer[ADDRESS_TEXT];
	struct tcp_facts facts;

	tcp_ask(session->far.own.rfd, !session->around->rules->listening,
	    &facts);
	if (facts.ended && !session->probed) {
		socket_probe(session->far.own.rfd);
		session->probed = true;
	}
	if (!facts.reset)
		return;
	session->cut = true;
	if (session->probed && !facts.unacked)
		return;
	judge_fail(session, facts.unacked ? STATUS_SEND : STATUS_RECEIVE,
	    "%s %s: %s", facts.unacked ? "send to" : "receive from",
	    judge_who(session, peer, sizeof(peer)), strerror(ECONNRESET));
}

int64_t
judge_given_idle(struct session *session)
{
	int64_t idle = session->around->rules->idle;
	int64_t now = watch_time(session->around->watch), quiet;
	struct tcp_facts facts;

	if (idle < 0 || session->cut)
		return CLOCK_NEVER;
	tcp_ask(session->far.own.rfd, false, &facts);
	quiet = facts.quiet_ns < now - session->started ? facts.quiet_ns :
	    now - session->started;
	if (quiet >= idle)
		judge_idle_failed(session);
	return clock_after(now, idle - quiet);
}

/* An acknowledgement is movement too. */
static void
judge_idle(struct session *session)
{
	int64_t now = watch_time(session->around->watch);
	int64_t idle = session->around->rules->idle;
	uint32_t unacked = (uint32_t)stream_unacked(&session->far.own);

	if (session->around->rules->near == NEAR_FORWARD)
		unacked += (uint32_t)stream_unacked(&session->near->own);

	if (unacked < session->unacked)
		session->moved_at = now;
	session->unacked = unacked;
	if (now >= clock_after(session->moved_at, idle))
		judge_idle_failed(session);
}

void
judge_idle_failed(struct session *session)
{
	char peer[ADDRESS_TEXT], seconds[32];

	judge_fail(session, STATUS_TIMEOUT, "session with %s: nothing moved "
	    "for %s s (--idle-timeout)", judge_who(session, peer, sizeof(peer)),
	    units_seconds(session->around->rules->idle, seconds,
	    sizeof(seconds)));
	session->cut = true;
}

/* Keeps and tells the first cause. */
void
judge_fail(struct session *session, enum status status, const char *fmt, ...)
{
	char text[640];
	struct event event = {
		.kind = EVENT_ERROR, .number = session->number,
		.status = status, .message = text
	};
	va_list ap;

	if (session->status != STATUS_OK)
		return;
	session->status = (uint8_t)status;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_event(session->around->report, &event);
}
