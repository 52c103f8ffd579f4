/* What the movers of records share. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pump/edit.h"
#include "pump/mover.h"
#include "pump/records.h"

static bool	failed(struct flow *);
static bool	has_records(const struct flow *);
static uint64_t	uncut(const struct records *);
static uint64_t	at_hand(const struct records *);

size_t
records_expansion(const struct flow *flow)
{
	return flow->terms->edit == NULL ? 0 :
	    flow->terms->edit->ops->expansion;
}

bool
records_begin(struct flow *flow)
{
	if (flow->records == NULL)
		flow->records = calloc(1, sizeof(*flow->records));
	return flow->records != NULL || failed(flow);
}

bool
records_make_room(struct flow *flow, size_t room)
{
	struct records *records = flow->records;

	if (records->bytes != NULL)
		return true;
	records->room = room;
	records->bytes = malloc(room);
	return records->bytes != NULL || failed(flow);
}

static bool
failed(struct flow *flow)
{
	(void)stream_fail(flow->source, ENOMEM);
	flow_source_failed(flow);
	return false;
}

void
records_release(struct flow *flow)
{
	struct records *records = flow->records;

	if (records == NULL)
		return;
	free(records->bytes);
	records->bytes = NULL;
	records->dropped += at_hand(records);
	records->gone += records->begin;
	records->uncut += uncut(records);
	records->begin = records->end = 0;
	records->at = records->count = 0;
	records->batch.count = 0;
	records->has_ahead = false;
}

void
records_move(struct flow *flow, size_t (*step)(struct flow *))
{
	size_t moved = 0, n;

	while (moved < RECORDS_SHARE && (n = step(flow)) > 0)
		moved += n;
	if (flow->terms->records->many && flow_held(flow) == 0)
		records_release(flow);
}

bool
records_receive(struct flow *flow)
{
	struct records *records = flow->records;
	int n;

	if (flow->stage != FLOW_MOVING || !flow->source->readable ||
	    flow_waits_for_taps(flow))
		return false;
	n = stream_receive(flow->source, &records->batches);
	records->arrived = clock_wall();
	records->at = 0;
	records->count = n > 0 ? n : 0;
	if (n == STREAM_FAILED)
		flow_source_failed(flow);
	else if (n == 0)
		flow_source_ended(flow);
	return n > 0;
}

size_t
records_may_take(struct flow *flow, const struct batch *batch)
{
	uint64_t left = flow->terms->limit - flow->taken;
	uint64_t most = flow->terms->records->count - flow->records->taken;
	size_t count = batch->count;

	if (batch_first(batch) > left) {
		flow->records->at = flow->records->count;
		flow->stage = FLOW_DRAINING;
		flow->end = FLOW_LIMIT;
		return 0;
	}
	if (batch->size > left)
		count = (size_t)left / batch->segment;
	return count < most ? count : (size_t)most;
}

size_t
records_take(struct flow *flow, struct batch *batch, size_t count)
{
	struct records *records = flow->records;
	size_t bytes = batch->size;

	flow_passed_records(flow, false, batch, count);
	batch_skip(batch, count);
	bytes -= batch->size;
	flow_took(flow, bytes);
	records->taken += count;
	if (records->taken == flow->terms->records->count) {
		flow_stop(flow);
		records->at = records->count;
	}
	return bytes;
}

ssize_t
records_send(struct flow *flow, const struct batch *batch, size_t count)
{
	struct batch some = *batch;
	ssize_t n;

	if (flow_bears(flow)) {
		some.rights = flow->terms->rights;
		count = 1;
	}
	if (count < some.count) {
		some.count = count;
		some.size = count * some.segment;
	}
	n = stream_send(flow->sink, &some);
	if (n <= 0)
		flow->records->state.size = batch_first(batch);
	else
		flow_passed_records(flow, true, &some, (size_t)n);
	return n;
}

uint64_t
records_taken(const struct flow *flow)
{
	return has_records(flow) ? flow->records->taken : 0;
}

uint64_t
records_passed(const struct flow *flow)
{
	return has_records(flow) ? flow->records->state.passed : 0;
}

uint64_t
records_left(const struct flow *flow)
{
	return has_records(flow) ? records_taken(flow) -
	    records_passed(flow) + flow->records->dropped +
	    at_hand(flow->records) : 0;
}

static uint64_t
at_hand(const struct records *records)
{
	uint64_t count = 0;
	int i;

	for (i = records->at; i < records->count; i++)
		count += records->batches[i].count;
	return count;
}

uint64_t
records_uncut(const struct flow *flow)
{
	const struct records *records = flow->records;

	return has_records(flow) ? records->uncut + uncut(records) : 0;
}

static uint64_t
uncut(const struct records *records)
{
	return records->end - records->begin +
	    (records->has_ahead ? records->ahead.size : 0);
}

void
records_turn(struct flow *flow, size_t size)
{
	if (flow->records != NULL) {
		flow->records->framer.ops = NULL;
		flow->records->state.size = size;
	}
	if (flow->sink->error != 0)
		flow_sink_failed(flow);
}

void
records_clear(struct flow *flow)
{
	free(flow->records);
	flow->records = NULL;
}

void
records_state(const struct flow *flow, struct records_state *state)
{
	memset(state, 0, sizeof(*state));
	if (has_records(flow))
		*state = flow->records->state;
}

static bool
has_records(const struct flow *flow)
{
	return flow->terms != NULL && flow->terms->records != NULL &&
	    flow->records != NULL;
}
