/*
 * The stages of a flow and its counting.  How bytes are moved is the
 * mover's business, what a flow's end means is the session's.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "pump/flow.h"
#include "pump/records.h"

#define ASK_FIRST_MS	1
#define ASK_LAST_MS	100

/*
 * tar(1) reads an archive up to its end mark and leaves, while the end of
 * the connection that brought it is still on its way.
 */
#define ORPHAN_NS	(900 * CLOCK_MS)

static const struct mover *record_mover(const struct flow *);
static void	prepare_shutting(struct flow *, struct watch *,
		    struct owner *);
static void	shut_sink(struct flow *, struct watch *, int64_t);
static void	ask_later(struct flow *, int64_t);
static void	probe_limit(struct flow *);
static void	heed_sink(struct flow *, int64_t);
static void	await_end(struct flow *, int64_t);

void
flow_init(struct flow *flow, struct stream *source, struct stream *sink,
    const struct flow_terms *terms)
{
	bool zero_copy;

	memset(flow, 0, sizeof(*flow));
	flow->source = source;
	flow->sink = sink;
	flow->terms = terms;
	if (terms->records != NULL) {
		flow->mover = record_mover(flow);
		return;
	}
	zero_copy = terms->zero_copy && mover_splice.fits(flow);
	flow->hybrid = zero_copy && source->rkind == DESCRIPTOR_SOCKET &&
	    sink->wkind == DESCRIPTOR_SOCKET;
	flow->mover = zero_copy && !flow->hybrid ? &mover_splice :
	    &mover_copy;
}

static const struct mover *
record_mover(const struct flow *flow)
{
	return mover_relay.fits(flow) ? &mover_relay :
	    mover_scatter.fits(flow) ? &mover_scatter : &mover_gather;
}

void
flow_clear(struct flow *flow)
{
	if (flow->mover == NULL)
		return;
	flow->mover->release(flow);
	if (flow->terms->records != NULL)
		records_clear(flow);
}

void
flow_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	switch ((enum flow_stage)flow->stage) {
	case FLOW_MOVING:
	case FLOW_DRAINING:
		flow->mover->prepare(flow, watch, owner);
		return;
	case FLOW_ORPHANED:
		stream_await_read(flow->source, watch, owner);
		watch_until(watch, flow->ask_at);
		return;
	case FLOW_SHUTTING:
		prepare_shutting(flow, watch, owner);
		return;
	case FLOW_OVER:
		return;
	}
}

/*
 * Nothing tells that the last byte was acknowledged, but an edge when the
 * FIN is; the rest is asked for.
 */
static void
prepare_shutting(struct flow *flow, struct watch *watch, struct owner *owner)
{
	struct stream *sink = flow->sink;

	if (sink->shutting)
		watch_want(watch, owner, sink->wfd, WATCH_WRITE | WATCH_EDGE);
	else
		stream_await_error(sink, watch, owner);
	if (!flow->settled)
		watch_until(watch, flow->ask_at);
}

void
flow_advance(struct flow *flow, struct watch *watch, int64_t now)
{
	if (flow->terms->gate != NULL)
		flow->terms->gate->now = now;
	heed_sink(flow, now);
	if (flow->stage == FLOW_MOVING || flow->stage == FLOW_DRAINING) {
		flow->mover->advance(flow);
		heed_sink(flow, now);
	}
	if (flow->stage == FLOW_DRAINING && flow_held(flow) == 0) {
		flow->mover->release(flow);
		flow->stage = FLOW_SHUTTING;
		flow->ask_ms = 0;
	}
	if (flow->stage == FLOW_SHUTTING)
		shut_sink(flow, watch, now);
}

/*
 * What a reader of our output leaves behind may have been nothing; of
 * datagrams there is no end to be waited for.
 */
static void
heed_sink(struct flow *flow, int64_t now)
{
	const struct stream *sink = flow->sink;

	if (sink == NULL || sink->error == 0 || flow->stage == FLOW_OVER)
		return;
	if (sink->error != EPIPE || sink->wkind != DESCRIPTOR_PIPE ||
	    flow_held(flow) > 0 || !stream_has_ends(flow->source)) {
		flow_sink_failed(flow);
		return;
	}
	if (flow->stage == FLOW_MOVING) {
		flow->mover->release(flow);
		flow->stage = FLOW_ORPHANED;
		flow->ask_at = now + ORPHAN_NS;
	}
	if (flow->stage == FLOW_ORPHANED)
		await_end(flow, now);
	else
		flow->stage = FLOW_OVER;
}

/* An edit may keep something back, and then there was more to deliver. */
static void
await_end(struct flow *flow, int64_t now)
{
	const struct edit *edit = flow->terms->edit;
	char byte;
	ssize_t n;

	n = stream_drop(flow->source, &byte, 1);
	if (n == 0 && (edit == NULL || edit->ops->kept(edit) == 0))
		flow->stage = FLOW_OVER;
	else if (n == STREAM_FAILED)
		flow_source_failed(flow);
	else if (n >= 0 || now >= flow->ask_at)
		flow_sink_failed(flow);
}

/* A cut is never passed on as an end: a failed flow leaves its sink open. */
static void
shut_sink(struct flow *flow, struct watch *watch, int64_t now)
{
	bool hold = flow->hold && flow->end == FLOW_DONE;
	int rc;

	if (flow->sink == NULL) {
		flow->stage = FLOW_OVER;
		return;
	}
	if (hold && flow->settled)
		return;
	if (hold || flow->keep_sink || flow->end != FLOW_DONE)
		rc = stream_settled(flow->sink);
	else
		rc = stream_shut(flow->sink, watch);
	if (rc == STREAM_AGAIN) {
		ask_later(flow, now);
	} else if (rc == STREAM_FAILED) {
		flow_sink_failed(flow);
	} else {
		flow->settled = true;
		if (!hold)
			flow->stage = FLOW_OVER;
	}
}

static void
ask_later(struct flow *flow, int64_t now)
{
	flow->settled = false;
	if (flow->ask_ms != 0 && now < flow->ask_at)
		return;
	flow->ask_ms = flow->ask_ms == 0 ? ASK_FIRST_MS : flow->ask_ms * 2;
	if (flow->ask_ms > ASK_LAST_MS)
		flow->ask_ms = ASK_LAST_MS;
	flow->ask_at = now + flow->ask_ms * CLOCK_MS;
}

void
flow_stop(struct flow *flow)
{
	flow->stopped = true;
	if (flow->stage == FLOW_MOVING)
		flow->stage = FLOW_DRAINING;
	else if (flow->stage == FLOW_ORPHANED)
		flow->stage = FLOW_OVER;
}

void
flow_discard(struct flow *flow)
{
	flow->mover->release(flow);
	flow->mover = stream_has_records(flow->source) ? &mover_gather :
	    &mover_copy;
	flow->hybrid = false;
	flow->sink = NULL;
	flow->end = FLOW_DONE;
	flow->stage = flow->stopped || flow->source->ended ? FLOW_OVER :
	    FLOW_MOVING;
}

void
flow_cut(struct flow *flow)
{
	if (flow->stage == FLOW_OVER)
		return;
	flow->mover->release(flow);
	flow->stage = FLOW_OVER;
	if (flow->end == FLOW_DONE)
		flow->end = FLOW_CUT;
}

bool
flow_bears(const struct flow *flow)
{
	return flow->terms->rights != NULL && flow->given == 0 &&
	    records_passed(flow) == 0;
}

size_t
flow_held(const struct flow *flow)
{
	return flow->mover->held(flow);
}

int64_t
flow_gated_until(const struct flow *flow)
{
	const struct gate *gate = flow->terms->gate;

	return gate == NULL ? 0 : gate->ops->until(gate);
}

size_t
flow_may_take(struct flow *flow, size_t most)
{
	uint64_t left = flow->terms->limit - flow->taken;

	if (left == 0) {
		probe_limit(flow);
		return 0;
	}
	return left < most ? (size_t)left : most;
}

/* The limit is used up: is there an end of input behind it, or more? */
static void
probe_limit(struct flow *flow)
{
	ssize_t n;

	n = stream_peek(flow->source);
	if (n == STREAM_FAILED) {
		flow_source_failed(flow);
	} else if (n == 0) {
		flow_source_ended(flow);
	} else if (n > 0) {
		flow->stage = FLOW_DRAINING;
		flow->end = FLOW_LIMIT;
	}
}

void
flow_took(struct flow *flow, size_t bytes)
{
	flow->taken += bytes;
}

void
flow_gave(struct flow *flow, size_t bytes)
{
	flow->given += bytes;
}

/*
 * By the time at which the turn began: what becomes due while one sends
 * would else go piece by piece, in a call each.
 */
size_t
flow_may_give(const struct flow *flow, size_t pieces, size_t bytes)
{
	struct gate *gate = flow->terms->gate;
	size_t most;

	if (gate == NULL)
		return pieces;
	most = gate->ops->allow(gate, gate->now, bytes);
	return pieces < most ? pieces : most;
}

void
flow_gave_pieces(struct flow *flow, size_t pieces, size_t bytes)
{
	struct gate *gate = flow->terms->gate;

	flow_gave(flow, bytes);
	if (gate != NULL)
		gate->ops->passed(gate, clock_now(), pieces, bytes);
}

/* An end of input on a broken stream is no end. */
void
flow_source_ended(struct flow *flow)
{
	if (stream_broken(flow->source)) {
		flow_source_failed(flow);
		return;
	}
	flow->source->ended = true;
	flow->stage = FLOW_DRAINING;
}

void
flow_source_failed(struct flow *flow)
{
	flow->stage = FLOW_DRAINING;
	if (flow->end == FLOW_DONE)
		flow->end = FLOW_SOURCE_FAILED;
}

void
flow_sink_failed(struct flow *flow)
{
	flow->mover->release(flow);
	flow->stage = FLOW_OVER;
	if (flow->end == FLOW_DONE)
		flow->end = FLOW_SINK_FAILED;
}

void
flow_fall_back(struct flow *flow)
{
	struct tube *tube = flow->tube;
	ssize_t n = 0;

	if (tube != NULL && tube->held > 0) {
		n = copy_load(flow, tube->out);
		tube->held -= n > 0 ? (size_t)n : 0;
	}
	if (n == -1) {
		(void)stream_fail(flow->source, ENOMEM);
		flow_source_failed(flow);
	}
	tube_give(flow->terms->tubes, tube);
	flow->tube = NULL;
	flow->mover = &mover_copy;
	flow->hybrid = false;
}
