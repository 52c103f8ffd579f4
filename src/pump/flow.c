/*
 * The stages of a flow and its counting.  How bytes are moved is the
 * mover's business, what a flow's end means is the session's.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/datagram.h"
#include "pump/edit.h"
#include "pump/flow.h"
#include "pump/gate.h"
#include "pump/mover.h"
#include "pump/records.h"
#include "pump/tap.h"

#define ASK_FIRST_MS	1
#define ASK_LAST_MS	100

/* More than any edit makes of a byte and what it kept back. */
#define EDIT_MOST	64

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
static void	speak(struct flow *);
static void	heed_sink(struct flow *, int64_t);
static void	await_end(struct flow *, int64_t);
static ssize_t	take_one(struct flow *);

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

enum flow_copies
flow_why_copied(const struct flow *flow)
{
	if (flow->terms->records != NULL)
		return FLOW_RECORDS;
	return flow->terms->zero_copy ? mover_splice.hindered(flow) :
	    FLOW_NOT_ZERO_COPY;
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
		speak(flow);
	if (flow->stage == FLOW_SHUTTING)
		shut_sink(flow, watch, now);
}

/* Until the sink is shut an edit may still have to say something. */
static void
speak(struct flow *flow)
{
	const struct edit *edit = flow->terms->edit;
	uint64_t before = flow->given;

	if (edit == NULL || edit->ops->say == NULL || flow->sink == NULL ||
	    flow->sink->shutting || flow->end != FLOW_DONE)
		return;
	flow->mover->advance(flow);
	if (flow_held(flow) > 0)
		flow->stage = FLOW_DRAINING;
	if (flow->given == before)
		return;
	flow->settled = false;
	flow->ask_ms = 0;
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

/*
 * What an edit takes away nobody misses: it is taken.  Without one, or where
 * no more may be, a look is enough.  Of records only a receive tells an end
 * from an empty one.
 */
static ssize_t
take_one(struct flow *flow)
{
	struct edit *edit = flow->terms->edit;
	char byte, made[EDIT_MOST];
	ssize_t n;

	if (stream_has_records(flow->source))
		return stream_drop(flow->source, &byte, 1);
	if (edit == NULL || flow->taken == flow->terms->limit)
		return stream_peek(flow->source);
	n = stream_drop(flow->source, &byte, 1);
	if (n <= 0)
		return n;
	flow_took(flow, 1);
	flow_passed(flow, false, &byte, 1);
	edit->made += edit->ops->apply(edit, &byte, 1, made);
	return n;
}

/* An edit may keep something back, and then there was more to deliver. */
static void
await_end(struct flow *flow, int64_t now)
{
	const struct edit *edit = flow->terms->edit;
	uint64_t before;
	ssize_t n;

	do {
		before = flow->taken;
		n = take_one(flow);
	} while (flow->taken > before && flow->given == edit->made);
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

uint64_t
flow_undelivered(const struct flow *flow)
{
	const struct edit *edit = flow->terms == NULL ? NULL :
	    flow->terms->edit;

	if (edit == NULL || flow->terms->records != NULL)
		return flow->taken - flow->given;
	return edit->made - flow->given + edit->ops->kept(edit);
}

uint64_t
flow_said(const struct flow *flow)
{
	return flow->terms == NULL || flow->terms->edit == NULL ? 0 :
	    flow->terms->edit->said;
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
	if (flow->mover == &mover_splice)
		flow->spliced += bytes;
}

uint64_t
flow_spliced(const struct flow *flow, uint64_t bytes)
{
	return flow->mover == &mover_splice ? flow->spliced + bytes -
	    flow->given : flow->spliced;
}

bool
flow_waits_for_taps(const struct flow *flow)
{
	return flow->terms->taps != NULL && !flow->terms->hurries &&
	    taps_full(flow->terms->taps);
}

int64_t
flow_gated_until(const struct flow *flow)
{
	const struct gate *gate = flow->terms->gate;

	return gate == NULL ? 0 : gate->ops->until(gate);
}
