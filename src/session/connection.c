/* A connection: its two flows, and what they wait for. */

#include "config.h"

#include "base/clock.h"
#include "net/descriptor.h"
#include "session/connection.h"
#include "session/filters.h"
#include "session/judge.h"
#include "session/judge_records.h"

static void	connection_start(struct session *);
static uint64_t	connection_meter(const struct session *);
static bool	connection_judge(struct session *);
static void	connection_prepare(struct session *);

static struct stream *near_source(const struct session *);
static struct stream *near_sink(const struct session *);
static struct stream *near_stream(const struct session *);
static bool	input_is_silent(const struct surroundings *);
static bool	finished(const struct session *);

const struct conduct conduct_connection = {
	.start = connection_start,
	.meter = connection_meter,
	.judge = connection_judge,
	.prepare = connection_prepare
};

static void
connection_start(struct session *session)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;

	session->moved_at = watch_time(around->watch);
	flow_init(&session->out, near_source(session), &session->far.own,
	    filters_sending(session));
	session->silent = rules->recv_only || input_is_silent(around);
	session->out.hold = session->silent ||
	    (rules->no_half_close && !rules->send_only);
	if (session->silent)
		flow_stop(&session->out);

	flow_init(&session->in, &session->far.own, rules->send_only ? NULL :
	    near_sink(session), filters_receiving(session));
	session->in.keep_sink = rules->keep_open &&
	    rules->near == NEAR_STANDARD;
}

static struct stream *
near_source(const struct session *session)
{
	if (session->around->rules->near == NEAR_STANDARD)
		return &session->around->input;
	return near_stream(session);
}

static struct stream *
near_sink(const struct session *session)
{
	if (session->around->rules->near == NEAR_STANDARD)
		return &session->around->output;
	return near_stream(session);
}

static struct stream *
near_stream(const struct session *session)
{
	return session->member != NULL ? &session->member->port.stream :
	    &session->near->own;
}

/*
 * On a listening side /dev/null means that there is nothing to say, and so
 * does, for later clients, an input that has ended.
 */
static bool
input_is_silent(const struct surroundings *around)
{
	return around->rules->listening &&
	    around->rules->near == NEAR_STANDARD &&
	    (around->input.rkind == DESCRIPTOR_NULL || around->input.ended);
}

/* What went into and out of both flows. */
static uint64_t
connection_meter(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;

	return in->taken + in->given + out->taken + out->given +
	    records_taken(in) + records_taken(out);
}

static bool
connection_judge(struct session *session)
{
	judge(session);
	if (!finished(session))
		return false;
	if (session->out.end == FLOW_DONE)
		judge_rest(session);
	return true;
}

static bool
finished(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;

	if (in->stage != FLOW_OVER)
		return out->stage == FLOW_OVER &&
		    (session->around->rules->send_only ||
		    out->end == FLOW_SOURCE_FAILED ||
		    out->end == FLOW_LIMIT || out->end == FLOW_FAULT);
	return out->stage == FLOW_OVER;
}

static void
connection_prepare(struct session *session)
{
	struct watch *watch = session->around->watch;
	struct owner *owner = &session->owner;
	int64_t idle = session->around->rules->idle;

	flow_prepare(&session->in, watch, owner);
	flow_prepare(&session->out, watch, owner);
	if (session->status == STATUS_OK && session->in.stage != FLOW_OVER)
		watch_until(watch, session->deadline);
	if (idle < 0)
		return;
	watch_until(watch, clock_after(session->moved_at, idle));
	if (session->unacked > 0)
		watch_until(watch, clock_after(watch_time(watch), idle / 8));
}
