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
#include "session/details.h"
#include "session/gauge.h"
#include "session/judge.h"
#include "session/judge_near.h"
#include "session/judge_records.h"
#include "session/judge_waits.h"

static void	judge_gone(struct session *);
static void	judge_in(struct session *);
static void	judge_out(struct session *);
static void	judge_peer_end(struct session *);
static void	probe(struct session *);
static void	keep(struct session *, enum status, int code, const char *,
		    va_list) __attribute__((format(printf, 4, 0)));

static void	judge_stuck(struct session *);
static void	read_to_the_end(struct session *);
static bool	input_waits(struct session *);
static bool	sending_was_all(const struct session *);
static void	tell_progress(const struct session *);

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
		judge_near_broke(session);
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
		if (judge_near_refused(session))
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
		judge_near_broke(session);
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
	char peer[ADDRESS_TEXT], count[64];

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
	if (left > 0 || session->out.refused ||
	    records_left(&session->out) > 0 ||
	    (session->around->rules->path != NULL && error == ECONNRESET &&
	    session->far.own.error == error) ||
	    (session->far.own.ended && input_waits(session)))
		judge_fail_by(session, STATUS_SEND, error, "send to %s: %s%s",
		    judge_who(session, peer, sizeof(peer)), strerror(error),
		    left > 0 ? judge_left(left, count, sizeof(count)) :
		    " (input not delivered)");
	else if (!session->far.own.ended && !sending_was_all(session) &&
	    !(session->around->rules->path != NULL &&
	    session->far.own.error == EPIPE))
		judge_fail_by(session, STATUS_RECEIVE, error,
		    "receive from %s: %s", judge_who(session, peer,
		    sizeof(peer)), strerror(error));
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
		probe(session);
}

static void
probe(struct session *session)
{
	char peer[ADDRESS_TEXT];

	if (!session->far.own.tcp)
		return;
	socket_probe(session->far.own.wfd);
	report_detail(session->around->report, "%s: asked from time to time "
	    "whether it is still there (SO_KEEPALIVE)",
	    judge_who(session, peer, sizeof(peer)));
}

/*
 * The command's own calls may have taken the socket's error; what the
 * kernel counted remains.  A peer that ended its side, and then answers a
 * probe by a reset, is gone: a failure only if it did not get all.
 */
void
judge_given(struct session *session)
{
	char peer[ADDRESS_TEXT], count[64];
	struct tcp_facts facts;
	uint64_t left;

	tcp_ask(session->far.own.rfd, !session->around->rules->listening,
	    &facts);
	if (facts.ended && !session->probed) {
		socket_probe(session->far.own.rfd);
		session->probed = true;
		details_given_end(session);
	}
	if (!facts.reset)
		return;
	session->cut = true;
	left = facts.written - facts.acked;
	if (session->probed && left == 0)
		return;
	judge_fail_by(session, left > 0 ? STATUS_SEND : STATUS_RECEIVE,
	    ECONNRESET, "%s %s: %s%s", left > 0 ? "send to" : "receive from",
	    judge_who(session, peer, sizeof(peer)), strerror(ECONNRESET),
	    judge_left(left, count, sizeof(count)));
}

const char *
judge_left(uint64_t left, char *buf, size_t size)
{
	buf[0] = '\0';
	if (left > 0)
		(void)snprintf(buf, size, " (%" PRIu64
		    " bytes not delivered)", left);
	return buf;
}

void
judge_fail(struct session *session, enum status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(session, status, 0, fmt, ap);
	va_end(ap);
}

void
judge_fail_by(struct session *session, enum status status, int code,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(session, status, code, fmt, ap);
	va_end(ap);
}

static void
keep(struct session *session, enum status status, int code, const char *fmt,
    va_list ap)
{
	char text[640];
	struct event event = {
		.kind = EVENT_ERROR, .number = session->number,
		.status = status, .code = code, .message = text
	};

	if (session->status != STATUS_OK)
		return;
	/* What this machine lacks is no fault of an end's. */
	if (code == ENOMEM)
		event.status = STATUS_ERROR;
	session->status = (uint8_t)event.status;
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	tell_progress(session);
	report_event(session->around->report, &event);
}

/* Above the failure, if that is the run's. */
static void
tell_progress(const struct session *session)
{
	struct gauge *gauge = session->around->gauge;

	if (gauge == NULL || session->around->rules->keep_open)
		return;
	gauge_follow(gauge, session);
	gauge_finish(gauge);
}
