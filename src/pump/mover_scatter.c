/*
 * From bytes to records: bytes are read, cut into records, and those of one
 * size go out together.  What is there goes at once: nothing waits for a
 * batch to fill.  An edit, which keeps nothing back, comes before the cut.
 */

#include "config.h"

#include <string.h>

#include "pump/edit.h"
#include "pump/mover.h"
#include "pump/records.h"

/* Bytes read at once, besides a record's own. */
#define ROOM		((size_t)256 * 1024)

static bool	scatter_fits(const struct flow *);
static void	scatter_prepare(struct flow *, struct watch *,
		    struct owner *);
static void	scatter_advance(struct flow *);
static size_t	scatter_held(const struct flow *);

static bool	has_output(const struct records *);
static bool	make_room(struct flow *);
static size_t	scatter(struct flow *);
static size_t	read_more(struct flow *);
static size_t	may_read(const struct flow *);
static ssize_t	read_some(struct flow *);
static void	make_batch(struct flow *);
static bool	take_blocks(struct flow *);
static bool	find_record(struct flow *);
static bool	joins(const struct batch *, const struct frame *);
static void	join(struct flow *);
static void	drop_rest(struct flow *, enum flow_end);
static void	fault(struct flow *, enum records_fault,
		    const struct frame *);
static size_t	send_batch(struct flow *);

const struct mover mover_scatter = {
	.name = "scatter",
	.fits = scatter_fits,
	.prepare = scatter_prepare,
	.advance = scatter_advance,
	.held = scatter_held,
	.release = records_release
};

static bool
scatter_fits(const struct flow *flow)
{
	return !stream_has_records(flow->source) && flow->sink != NULL &&
	    stream_has_records(flow->sink);
}

static void
scatter_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	int64_t until = flow_gated_until(flow);

	if (has_output(flow->records) && (until == 0 ||
	    !flow->sink->writable)) {
		flow_await_write(flow, watch, owner);
		return;
	}
	if (has_output(flow->records))
		watch_until(watch, until);
	else
		flow_await_read(flow, watch, owner);
	stream_await_error(flow->sink, watch, owner);
}

/* A record that is not whole yet is none. */
static bool
has_output(const struct records *records)
{
	return records != NULL &&
	    (records->batch.count > 0 || records->has_ahead);
}

static void
scatter_advance(struct flow *flow)
{
	if (records_begin(flow) && make_room(flow))
		records_move(flow, scatter);
}

static size_t
scatter_held(const struct flow *flow)
{
	const struct records *records = flow->records;

	if (records == NULL)
		return 0;
	return records->end - records->begin + records->batch.count +
	    records->has_ahead;
}

/* What is read as it comes is cut where the path wants it. */
static bool
make_room(struct flow *flow)
{
	struct framer *framer = &flow->records->framer;

	if (framer->ops == NULL)
		*framer = flow->terms->records->framer;
	if (framer->most == 0)
		framer->most = stream_room(flow->sink);
	return records_make_room(flow, ROOM +
	    framer->ops->bound(framer->most));
}

/* Returns how much moved. */
static size_t
scatter(struct flow *flow)
{
	struct records *records = flow->records;

	if (records->batch.count == 0)
		make_batch(flow);
	if (records->batch.count > 0)
		return send_batch(flow);
	if (flow->stage != FLOW_MOVING || !flow->source->readable ||
	    flow_waits_for_taps(flow))
		return 0;
	return read_more(flow);
}

static size_t
read_more(struct flow *flow)
{
	struct records *records = flow->records;
	size_t rest = records->end - records->begin;
	ssize_t n;

	if (rest == 0 || may_read(flow) == 0) {
		memmove(records->bytes, records->bytes + records->begin, rest);
		records->gone += records->begin;
		records->begin = 0;
		records->end = rest;
	}
	n = read_some(flow);
	if (n > 0)
		return (size_t)n;
	if (n == STREAM_AGAIN)
		return 0;
	if (n == STREAM_FAILED)
		flow_source_failed(flow);
	else
		flow_source_ended(flow);
	return 1;
}

/* So much that there is room for it, and for all that an edit makes of it. */
static size_t
may_read(const struct flow *flow)
{
	const struct records *records = flow->records;

	return (records->room - records->end) / (1 + records_expansion(flow));
}

/* What is to be rewritten is put at the end first: it is not overtaken. */
static ssize_t
read_some(struct flow *flow)
{
	struct edit *edit = flow->terms->edit;
	struct records *records = flow->records;
	char *to = records->bytes + records->end, *from;
	size_t most = may_read(flow);
	ssize_t n;

	from = edit == NULL ? to : records->bytes + records->room - most;
	n = stream_read(flow->source, from, most);
	if (n > 0)
		records->end += edit == NULL ? (size_t)n :
		    edit->ops->apply(edit, from, (size_t)n, to);
	return n;
}

/*
 * Several records of one size, the last of which may be shorter, are moved
 * together, so that one call sends them.
 */
static void
make_batch(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch = &records->batch;

	if (records->framer.ops->fixed && take_blocks(flow))
		return;
	while (batch->count < BATCH_RECORDS && find_record(flow) &&
	    (batch->count == 0 || joins(batch, &records->ahead)))
		join(flow);
}

/* Those that are whole, without looking at each; false: there are none. */
static bool
take_blocks(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch = &records->batch;
	size_t block = records->framer.block;
	uint64_t left = (flow->terms->limit - flow->taken) / block;
	uint64_t count = flow->terms->records->count - records->taken;
	size_t here = (records->end - records->begin) / block;
	size_t most = BATCH_BYTES / block;

	if (most > BATCH_RECORDS)
		most = BATCH_RECORDS;
	if (here > most)
		here = most;
	if (count > left)
		count = left;
	if (count > here)
		count = here;
	if (count == 0 || records->has_ahead)
		return false;
	batch->data = records->bytes + records->begin;
	batch->segment = block;
	batch->count = (size_t)count;
	batch->size = batch->count * block;
	records->begin += batch->size;
	records->taken += count;
	flow_took(flow, batch->size);
	return true;
}

/* Have the next record in `ahead`: is there one? */
static bool
find_record(struct flow *flow)
{
	const struct record_terms *terms = flow->terms->records;
	struct records *records = flow->records;
	struct frame *frame = &records->ahead;
	bool ended = flow->source->ended;

	if (records->has_ahead)
		return true;
	if (records->taken == terms->count) {
		drop_rest(flow, FLOW_DONE);
		return false;
	}
	/* The last block may be shorter, and nothing comes after a stop. */
	if (flow->stage == FLOW_DRAINING && records->framer.ops->fixed)
		ended = true;
	switch (framer_decode(&records->framer, records->bytes + records->begin,
	    records->end - records->begin, ended, frame)) {
	case FRAME_WHOLE:
		break;
	case FRAME_MORE:
		records->begin += frame->used;
		if (flow->stage != FLOW_DRAINING)
			return false;
		records->state.size = records->end - records->begin;
		if (records->state.size > 0)
			records->state.fault = RECORDS_CUT;
		drop_rest(flow, FLOW_DONE);
		return false;
	case FRAME_NONE:
		drop_rest(flow, FLOW_DONE);
		return false;
	case FRAME_BAD:
		fault(flow, RECORDS_BAD, frame);
		return false;
	case FRAME_LONG:
		fault(flow, RECORDS_LONG, frame);
		return false;
	}
	records->begin += frame->used;
	records->has_ahead = true;
	if (frame->size > flow->terms->limit - flow->taken) {
		drop_rest(flow, FLOW_LIMIT);
		return false;
	}
	return true;
}

static bool
joins(const struct batch *batch, const struct frame *frame)
{
	return frame->size > 0 && frame->size <= batch->segment &&
	    batch->size == batch->count * batch->segment &&
	    batch->size + frame->size <= BATCH_BYTES;
}

/* Its bytes are moved down to the others, whose frames lay between. */
static void
join(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch = &records->batch;
	const struct frame *frame = &records->ahead;

	if (batch->count == 0) {
		batch->data = records->bytes + (frame->data - records->bytes);
		batch->size = 0;
		batch->segment = frame->size;
	} else if (batch->data + batch->size != frame->data) {
		memmove(batch->data + batch->size, frame->data, frame->size);
	}
	batch->size += frame->size;
	batch->count++;
	records->taken++;
	records->has_ahead = false;
	flow_took(flow, frame->size);
}

static void
fault(struct flow *flow, enum records_fault kind, const struct frame *frame)
{
	struct records *records = flow->records;

	records->state.fault = kind;
	records->state.reason = frame->reason;
	records->state.at = records->gone + records->begin + frame->bad;
	drop_rest(flow, FLOW_FAULT);
}

/* No record comes after those of the batch. */
static void
drop_rest(struct flow *flow, enum flow_end end)
{
	struct records *records = flow->records;

	records->begin = records->end;
	records->has_ahead = false;
	if (flow->stage == FLOW_MOVING)
		flow->stage = FLOW_DRAINING;
	if (flow->end == FLOW_DONE)
		flow->end = (uint8_t)end;
}

static size_t
send_batch(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch = &records->batch;
	size_t before = batch->size, count, bytes;
	ssize_t n;

	if (!flow->sink->writable)
		return 0;
	count = flow_may_send(flow, batch->count, batch_first(batch));
	if (count == 0)
		return 0;
	n = records_send(flow, batch, count);
	if (n <= 0)
		return 0;
	batch_skip(batch, (size_t)n);
	bytes = before - batch->size;
	records->state.passed += (uint64_t)n;
	flow_sent(flow, (size_t)n, bytes);
	return bytes + CALL_COST;
}
