/*
 * What movers ask of their flow and tell it.  Limit, gate and taps are
 * heeded here, and how a flow comes to its end is noted; what follows from
 * that is the flow's business.
 */

#include "config.h"

#include <errno.h>

#include "base/clock.h"
#include "pump/gate.h"
#include "pump/mover.h"
#include "pump/records.h"
#include "pump/tap.h"

static void	probe_limit(struct flow *);

size_t
flow_may_take(struct flow *flow, size_t most)
{
	uint64_t left = flow->terms->limit - flow->taken;

	if (flow_waits_for_taps(flow))
		return 0;
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

size_t
flow_may_move(struct flow *flow, size_t most)
{
	most = flow_may_take(flow, most);
	return most == 0 ? 0 : flow_may_give(flow, NULL, most);
}

void
flow_moved(struct flow *flow, size_t bytes)
{
	struct gate *gate = flow->terms->gate;

	flow_took(flow, bytes);
	if (gate != NULL)
		gate->ops->passed_bytes(gate, clock_now(), NULL, bytes);
}

/*
 * By the time at which the turn began: what becomes due while one sends
 * would else go piece by piece, in a call each.
 */
size_t
flow_may_send(const struct flow *flow, size_t records, size_t bytes)
{
	struct gate *gate = flow->terms->gate;
	size_t most;

	if (flow_waits_for_taps(flow))
		return 0;
	if (gate == NULL)
		return records;
	most = gate->ops->allow(gate, gate->now, bytes);
	return records < most ? records : most;
}

void
flow_sent(struct flow *flow, size_t records, size_t bytes)
{
	struct gate *gate = flow->terms->gate;

	flow_gave(flow, bytes);
	if (gate != NULL)
		gate->ops->passed(gate, clock_now(), records, bytes);
}

size_t
flow_may_give(const struct flow *flow, const char *data, size_t size)
{
	struct gate *gate = flow->terms->gate;

	if (flow_waits_for_taps(flow))
		return 0;
	return gate == NULL ? size :
	    gate->ops->allow_bytes(gate, gate->now, data, size);
}

void
flow_gave_bytes(struct flow *flow, const char *data, size_t size)
{
	struct gate *gate = flow->terms->gate;

	flow_gave(flow, size);
	flow_passed(flow, true, data, size);
	if (gate != NULL)
		gate->ops->passed_bytes(gate, clock_now(), data, size);
}

void
flow_await_read(const struct flow *flow, struct watch *watch,
    struct owner *owner)
{
	if (!flow_waits_for_taps(flow))
		stream_await_read(flow->source, watch, owner);
}

void
flow_await_write(const struct flow *flow, struct watch *watch,
    struct owner *owner)
{
	if (flow_waits_for_taps(flow))
		stream_await_error(flow->sink, watch, owner);
	else
		stream_await_write(flow->sink, watch, owner);
}

void
flow_passed(const struct flow *flow, bool sink, const char *data, size_t size)
{
	struct passage passage = {
		.data = data, .size = size, .sent = sink
	};

	if (flow->terms->taps != NULL && flow->terms->sends == sink)
		taps_saw(flow->terms->taps, &passage);
}

void
flow_passed_records(const struct flow *flow, bool sink,
    const struct batch *batch, size_t records)
{
	struct passage passage = { .sent = sink, .record = true };
	struct batch rest = *batch;

	if (flow->terms->taps == NULL || flow->terms->sends != sink)
		return;
	passage.peer = sink ? stream_destination(flow->sink) :
	    batch->peer.length > 0 ? &batch->peer : NULL;
	passage.local = batch->local.length > 0 && !sink ? &batch->local :
	    NULL;
	for (; records > 0 && rest.count > 0; records--) {
		passage.data = rest.data;
		passage.size = batch_first(&rest);
		taps_saw(flow->terms->taps, &passage);
		batch_skip(&rest, 1);
	}
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

	flow->tube = NULL;
	if (tube != NULL && tube->held > 0) {
		n = copy_load(flow, tube->out);
		tube->held -= n > 0 ? (size_t)n : 0;
	}
	if (n == -1) {
		(void)stream_fail(flow->source, ENOMEM);
		flow_source_failed(flow);
	}
	tube_give(flow->terms->tubes, tube);
	flow->mover = &mover_copy;
	flow->hybrid = false;
}
