/*
 * Sessions.  Each turn: hear what fired, advance the flows, judge what
 * their ends mean, say anew what is waited for.
 */

#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/socket.h"
#include "session/judge.h"

/* What a closing session reads and drops, so that it need not reset. */
#define LAST_READS	64

/* Stages. */
static void	begin(struct session *, struct surroundings *, int);
static void	raise_legs(struct session *);
static void	stand(struct session *);
static void	start_flows(struct session *);
static void	prepare(struct session *);
static bool	finished(const struct session *);

static void	output_before(struct session *);
static bool	input_is_silent(const struct surroundings *);
static void	drain_far(struct session *);
static void	tell_closed(const struct session *);

/* 10,000 of them are to cost nothing. */
static_assert(sizeof(struct session) <= 512,
    "sessions, legs and flows stay small");

void
session_accept(struct session *session, struct surroundings *around, int kind,
    uint32_t number, int fd, const struct address *peer)
{
	begin(session, around, kind);
	session->number = number;
	leg_stand(&session->far, fd, peer);
	stand(session);
}

void
session_raise(struct session *session, struct surroundings *around, int kind,
    struct step *step)
{
	begin(session, around, kind);
	session->number = 1;
	leg_raise(&session->far, step);
	if (around->rules->timeout >= 0)
		session->deadline = clock_after(session->started,
		    around->rules->timeout);
}

static void
begin(struct session *session, struct surroundings *around, int kind)
{
	memset(session, 0, sizeof(*session));
	owner_init(&session->owner, kind);
	session->around = around;
	session->started = watch_time(around->watch);
	session->deadline = CLOCK_NEVER;
	leg_lend(&session->near, &around->input, &around->output);
	watch_touch(around->watch, &session->owner);
}

bool
session_advance(struct session *session)
{
	struct watch *watch = session->around->watch;
	int64_t now = watch_time(watch);

	stream_hear(session->near.source, watch);
	stream_hear(session->near.sink, watch);
	if (session->stage == SESSION_RAISING)
		raise_legs(session);
	if (session->stage == SESSION_MOVING) {
		stream_hear(session->far.source, watch);
		flow_advance(&session->in, watch, now);
		flow_advance(&session->out, watch, now);
		judge(session);
		if (finished(session))
			session->stage = SESSION_OVER;
	}
	if (session->stage == SESSION_OVER)
		return true;
	prepare(session);
	return false;
}

static void
raise_legs(struct session *session)
{
	struct watch *watch = session->around->watch;
	struct failure failure;
	char seconds[32];

	output_before(session);
	if (session->stage == SESSION_OVER)
		return;
	switch (leg_advance(&session->far, watch, &failure)) {
	case STEP_DONE:
		stand(session);
		return;
	case STEP_FAILED:
		judge_fail(session, failure.status, "%s", failure.error.text);
		session->stage = SESSION_OVER;
		return;
	case STEP_WAIT:
		break;
	}
	if (watch_time(watch) < session->deadline)
		return;
	judge_fail(session, STATUS_TIMEOUT, "connect to %s: no connection "
	    "within %s s (--timeout)", session->around->rules->target,
	    units_seconds(session->around->rules->timeout, seconds,
	    sizeof(seconds)));
	session->stage = SESSION_OVER;
}

/* The far leg stands: the payload's time has come. */
static void
stand(struct session *session)
{
	struct event event = {
		.kind = session->around->rules->listening ? EVENT_ACCEPTED :
		    EVENT_CONNECTED,
		.number = session->number,
		.peer = session->far.peer
	};

	socket_local(session->far.own.rfd, &event.local);
	report_event(session->around->report, &event);
	session->stage = SESSION_MOVING;
	session->deadline = CLOCK_NEVER;
	start_flows(session);
}

static void
start_flows(struct session *session)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	int64_t now = watch_time(around->watch);

	session->started = now;
	session->acked_at = now;
	flow_init(&session->out, session->near.source, session->far.sink,
	    &around->tubes, rules->zero_copy, now);
	session->out.left = rules->max_send;
	session->silent = rules->recv_only || input_is_silent(around);
	session->out.hold = session->silent || rules->no_half_close;
	if (session->silent)
		flow_stop(&session->out);

	flow_init(&session->in, session->far.source, rules->send_only ? NULL :
	    session->near.sink, &around->tubes,
	    rules->zero_copy && !rules->escape, now);
	session->in.left = rules->max_recv;
	session->in.keep_sink = rules->keep_open;
	if (rules->escape && !rules->send_only) {
		escape_init(&around->escape);
		session->in.edit = &around->escape.edit;
	}
}

/*
 * On a listening side /dev/null means that there is nothing to say, and so
 * does, for later clients, an input that has ended.
 */
static bool
input_is_silent(const struct surroundings *around)
{
	return around->rules->listening &&
	    (around->input.rkind == DESCRIPTOR_NULL || around->input.ended);
}

static void
prepare(struct session *session)
{
	struct watch *watch = session->around->watch;
	struct owner *owner = &session->owner;
	const struct rules *rules = session->around->rules;
	int64_t last;

	watch_begin(watch, owner);
	if (session->stage == SESSION_RAISING) {
		leg_prepare(&session->far, watch, owner);
		if (!rules->send_only)
			stream_await_error(session->near.sink, watch, owner);
	} else {
		flow_prepare(&session->in, watch, owner);
		flow_prepare(&session->out, watch, owner);
		if (rules->idle >= 0) {
			last = clock_after(judge_last_movement(session),
			    rules->idle);
			watch_until(watch, last);
			if (session->unacked > 0)
				watch_until(watch, clock_after(
				    watch_time(watch), rules->idle / 8));
		}
	}
	if (session->stage == SESSION_RAISING ||
	    (session->status == STATUS_OK &&
	    session->in.stage == FLOW_MOVING))
		watch_until(watch, session->deadline);
	watch_end(watch, owner);
}

static bool
finished(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;

	if (session->cut)
		return true;
	if (in->stage != FLOW_OVER)
		return out->stage == FLOW_OVER &&
		    (session->around->rules->send_only ||
		    out->end == FLOW_SOURCE_FAILED || out->end == FLOW_LIMIT);
	return out->stage == FLOW_OVER;
}

/* Whoever reads our output may go away before there is any. */
static void
output_before(struct session *session)
{
	int error = session->near.sink->error;

	if (error == 0 || session->around->rules->send_only)
		return;
	judge_fail(session, STATUS_WRITE, "standard output: %s",
	    strerror(error));
	session->stage = SESSION_OVER;
}

uint64_t
session_undelivered(const struct session *session)
{
	if (session->stage == SESSION_RAISING || session->far.source == NULL)
		return 0;
	return session->out.taken - session->out.given +
	    stream_unacked(&session->far.own);
}

uint64_t
session_interrupt(struct session *session)
{
	struct watch *watch = session->around->watch;
	int64_t now = watch_time(watch);
	struct flow *out = &session->out;

	if (session->stage != SESSION_MOVING)
		return 0;
	if (out->stage == FLOW_MOVING &&
	    session->near.source->rkind != DESCRIPTOR_TERMINAL)
		out->end = FLOW_CUT;
	flow_stop(&session->in);
	flow_stop(out);
	flow_advance(&session->in, watch, now);
	flow_advance(out, watch, now);
	session->abort = out->end != FLOW_DONE || flow_held(out) > 0;
	return session_undelivered(session);
}

void
session_close(struct session *session)
{
	const struct flow *out = &session->out;

	if (session->far.source != NULL) {
		tell_closed(session);
		if (session->status != STATUS_OK &&
		    (out->stage != FLOW_OVER || out->end != FLOW_DONE))
			session->abort = true;
		if (session->abort)
			socket_abort(session->far.own.wfd);
		else
			drain_far(session);
		flow_clear(&session->in);
		flow_clear(&session->out);
	}
	watch_leave(session->around->watch, &session->owner);
	leg_close(&session->far, session->around->watch);
}

/*
 * close(2) with received data unread resets the connection, and a reset
 * can destroy what the peer has not read yet.
 */
static void
drain_far(struct session *session)
{
	char buf[16 * 1024];
	int i;

	for (i = 0; i < LAST_READS; i++)
		if (stream_read(&session->far.own, buf, sizeof(buf)) <= 0)
			return;
}

static void
tell_closed(const struct session *session)
{
	struct event event = {
		.kind = EVENT_CLOSED,
		.number = session->number,
		.peer = session->far.peer,
		.status = session->status,
		.sent = session->out.given,
		.received = session->in.given,
		.elapsed_ns = watch_time(session->around->watch) -
		    session->started
	};

	report_event(session->around->report, &event);
}
