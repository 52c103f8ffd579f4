/*
 * The mover of records.  Where the sink is a post, bytes are read, cut into
 * records, and those of one size go out together; where the source is one,
 * records come in many at a time and are written as the framer says.
 *
 * What is there goes at once: nothing waits for a batch to fill.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pump/flow.h"
#include "pump/post.h"
#include "pump/records.h"

/* Bytes read or written at once, besides a record's own. */
#define ROOM		((size_t)256 * 1024)

/* A share of a turn is so many bytes, and a call counts as some of them. */
#define RECORDS_SHARE	((size_t)FLOW_SHARE / 8)
#define CALL_COST	((size_t)4096)

struct records {
	struct records_state state;
	char		*bytes;		/* of the stream of bytes */
	size_t		 begin;
	size_t		 end;
	size_t		 room;
	uint64_t	 gone;		/* bytes of the input before these */
	uint64_t	 taken;		/* records from the source */
	struct batch	 batch;		/* to be sent; none: count 0 */
	struct frame	 ahead;		/* was found, but joins no batch */
	bool		 has_ahead;
	struct inbox	*inbox;		/* NULL: bytes become records */
	int		 batches;	/* in it */
	int		 at;		/* the one at hand */
	int64_t		 arrived;	/* when they did, ns since 1970 */
	uint64_t	 owed;		/* payload in bytes[begin..end] */
	uint64_t	 owed_records;
};

static bool	records_fits(const struct flow *);
static void	records_prepare(struct flow *, struct watch *,
		    struct owner *);
static void	records_advance(struct flow *);
static size_t	records_held(const struct flow *);
static void	records_release(struct flow *);

static bool	has_output(const struct records *);
static size_t	expansion(const struct flow *);
static bool	have_records(struct flow *);
static size_t	scatter(struct flow *);
static size_t	read_more(struct flow *);
static void	make_batch(struct flow *);
static bool	find_record(struct flow *);
static bool	joins(const struct batch *, const struct frame *);
static void	join(struct flow *);
static void	drop_rest(struct flow *, enum flow_end);
static void	fault(struct flow *, enum records_fault,
		    const struct frame *);
static size_t	send_batch(struct flow *);
static size_t	gather(struct flow *);
static bool	receive_more(struct flow *);
static void	encode_batches(struct flow *);
static size_t	together(const struct flow *, const struct batch *);
static bool	encode_some(struct flow *, struct batch *);
static void	encode(struct flow *, const struct record *);
static bool	may_take(struct flow *, size_t);
static size_t	write_out(struct flow *);

const struct mover mover_records = {
	.name = "records",
	.fits = records_fits,
	.prepare = records_prepare,
	.advance = records_advance,
	.held = records_held,
	.release = records_release
};

static bool
records_fits(const struct flow *flow)
{
	return flow->terms->records != NULL;
}

static void
records_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	if (flow->sink != NULL && has_output(flow->records)) {
		stream_await_write(flow->sink, watch, owner);
		return;
	}
	stream_await_read(flow->source, watch, owner);
	if (flow->sink != NULL)
		stream_await_error(flow->sink, watch, owner);
}

/* A record that is not whole yet is none. */
static bool
has_output(const struct records *records)
{
	if (records == NULL)
		return false;
	if (records->inbox == NULL)
		return records->batch.count > 0 || records->has_ahead;
	return records->begin < records->end ||
	    records->at < records->batches;
}

static void
records_advance(struct flow *flow)
{
	size_t moved = 0, n;

	if (!have_records(flow))
		return;
	while (moved < RECORDS_SHARE) {
		n = flow->records->inbox == NULL ? scatter(flow) :
		    gather(flow);
		if (n == 0)
			return;
		moved += n;
	}
}

static size_t
records_held(const struct flow *flow)
{
	const struct records *records = flow->records;

	if (records == NULL)
		return 0;
	if (records->inbox != NULL)
		return records->end - records->begin +
		    (size_t)(records->batches - records->at);
	return records->end - records->begin + records->batch.count +
	    records->has_ahead;
}

/* The counts stay: flow_clear() comes last. */
static void
records_release(struct flow *flow)
{
	struct records *records = flow->records;

	if (records == NULL)
		return;
	inbox_free(records->inbox);
	free(records->bytes);
	records->inbox = NULL;
	records->bytes = NULL;
	records->begin = records->end = 0;
	records->batches = records->at = 0;
	records->batch.count = 0;
	records->has_ahead = false;
}

/* How often an edit makes bytes more. */
static size_t
expansion(const struct flow *flow)
{
	return flow->terms->edit == NULL ? 0 :
	    flow->terms->edit->ops->expansion;
}

static bool
have_records(struct flow *flow)
{
	const struct framer *framer = &flow->terms->records->framer;
	struct records *records = flow->records;
	bool in = post_is(flow->source);

	if (records == NULL)
		records = calloc(1, sizeof(*records));
	if (records == NULL)
		goto failed;
	flow->records = records;
	if (records->bytes != NULL)
		return true;
	records->room = ROOM + framer->ops->bound(framer->most) *
	    (1 + expansion(flow));
	records->bytes = malloc(records->room);
	if (in && records->bytes != NULL)
		records->inbox = inbox_new();
	if (records->bytes != NULL && (!in || records->inbox != NULL))
		return true;
	records_release(flow);
failed:
	(void)stream_fail(flow->source, ENOMEM);
	flow_source_failed(flow);
	return false;
}

/* From bytes to records.  Returns how much moved. */
static size_t
scatter(struct flow *flow)
{
	struct records *records = flow->records;

	if (records->batch.count == 0)
		make_batch(flow);
	if (records->batch.count > 0)
		return send_batch(flow);
	if (flow->stage != FLOW_MOVING || !flow->source->readable)
		return 0;
	return read_more(flow);
}

static size_t
read_more(struct flow *flow)
{
	struct records *records = flow->records;
	size_t rest = records->end - records->begin;
	ssize_t n;

	if (rest == 0 || records->end == records->room) {
		memmove(records->bytes, records->bytes + records->begin, rest);
		records->gone += records->begin;
		records->begin = 0;
		records->end = rest;
	}
	n = stream_read(flow->source, records->bytes + records->end,
	    records->room - records->end);
	if (n > 0) {
		records->end += (size_t)n;
		return (size_t)n;
	}
	if (n == STREAM_AGAIN)
		return 0;
	if (n == STREAM_FAILED)
		flow_source_failed(flow);
	else
		flow_source_ended(flow);
	return 1;
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

	while (batch->count < BATCH_RECORDS && find_record(flow) &&
	    (batch->count == 0 || joins(batch, &records->ahead)))
		join(flow);
}

/* Have the next record in `ahead`: is there one? */
static bool
find_record(struct flow *flow)
{
	const struct record_terms *terms = flow->terms->records;
	struct records *records = flow->records;
	struct frame *frame = &records->ahead;

	if (records->has_ahead)
		return true;
	if (records->taken == terms->count) {
		drop_rest(flow, FLOW_DONE);
		return false;
	}
	switch (framer_decode(&terms->framer, records->bytes + records->begin,
	    records->end - records->begin, flow->source->ended, frame)) {
	case FRAME_WHOLE:
		break;
	case FRAME_MORE:
		records->begin += frame->used;
		if (flow->stage == FLOW_DRAINING)
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
	size_t before = batch->size;
	ssize_t n;

	if (!flow->sink->writable)
		return 0;
	n = post_send(flow->sink, batch);
	if (n <= 0) {
		records->state.size = batch_first(batch);
		return 0;
	}
	batch_skip(batch, (size_t)n);
	records->state.passed += (uint64_t)n;
	flow_gave(flow, before - batch->size);
	return before - batch->size + CALL_COST;
}

/* From records to bytes.  Returns how much moved. */
static size_t
gather(struct flow *flow)
{
	struct records *records = flow->records;

	if (records->begin < records->end)
		return write_out(flow);
	records->begin = records->end = 0;
	if (records->at == records->batches && !receive_more(flow))
		return 0;
	encode_batches(flow);
	return write_out(flow);
}

static bool
receive_more(struct flow *flow)
{
	struct records *records = flow->records;
	int n;

	if (flow->stage != FLOW_MOVING || !flow->source->readable)
		return false;
	n = post_receive(flow->source, records->inbox);
	records->arrived = clock_wall();
	records->at = 0;
	records->batches = n > 0 ? n : 0;
	if (n == STREAM_FAILED)
		flow_source_failed(flow);
	return n > 0;
}

/* As many as there is room for. */
static void
encode_batches(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch;

	while (records->at < records->batches) {
		batch = inbox_batch(records->inbox, (size_t)records->at);
		while (batch->count > 0)
			if (!encode_some(flow, batch))
				return;
		records->at++;
	}
}

/* Payloads that follow each other as they are need not be told apart. */
static size_t
together(const struct flow *flow, const struct batch *batch)
{
	const struct record_terms *terms = flow->terms->records;

	return terms->framer.ops->bare && flow->terms->edit == NULL &&
	    batch->count <= terms->count - flow->records->taken &&
	    batch->size <= flow->terms->limit - flow->taken ?
	    batch->count : 1;
}

/* False: there is no room, or nothing more is wanted. */
static bool
encode_some(struct flow *flow, struct batch *batch)
{
	const struct record_terms *terms = flow->terms->records;
	struct records *records = flow->records;
	size_t count = together(flow, batch);
	struct record record = {
		.data = batch->data,
		.size = count == batch->count ? batch->size :
		    batch_first(batch),
		.peer = &batch->peer, .local = &batch->local,
		.time_ns = records->arrived
	};

	if (records->room - records->end <
	    terms->framer.ops->bound(record.size) * (1 + expansion(flow)))
		return false;
	if (!may_take(flow, record.size)) {
		records->at = records->batches;
		return false;
	}
	encode(flow, &record);
	batch_skip(batch, count);
	flow_took(flow, record.size);
	records->taken += count;
	records->owed += record.size;
	records->owed_records += count;
	if (records->taken < terms->count)
		return true;
	flow_stop(flow);
	records->at = records->batches;
	return false;
}

/*
 * What is to be rewritten is put at the end first, so that it cannot be
 * overtaken.  Nothing of a record is kept back for the next.
 */
static void
encode(struct flow *flow, const struct record *record)
{
	const struct framer_ops *ops = flow->terms->records->framer.ops;
	struct edit *edit = flow->terms->edit;
	struct records *records = flow->records;
	char *to = records->bytes + records->end, *plain;
	size_t size;

	if (edit == NULL) {
		records->end += ops->encode(record, to);
		return;
	}
	plain = records->bytes + records->room - ops->bound(record->size);
	size = ops->encode(record, plain);
	size = edit->ops->apply(edit, plain, size, to);
	records->end += size + edit->ops->finish(edit, to + size);
}

/* One record beyond the limit of bytes is not delivered in part. */
static bool
may_take(struct flow *flow, size_t size)
{
	if (size <= flow->terms->limit - flow->taken)
		return true;
	flow->stage = FLOW_DRAINING;
	flow->end = FLOW_LIMIT;
	return false;
}

/* Empty records without a frame are nothing to write. */
static size_t
write_out(struct flow *flow)
{
	struct records *records = flow->records;
	size_t size = records->end - records->begin;
	ssize_t n = (ssize_t)size;

	if (size > 0 && flow->sink != NULL) {
		if (!flow->sink->writable)
			return 0;
		n = stream_write(flow->sink, records->bytes + records->begin,
		    size);
		if (n <= 0)
			return 0;
	}
	records->begin += (size_t)n;
	if (records->begin < records->end)
		return (size_t)n;
	flow_gave(flow, records->owed);
	records->state.passed += records->owed_records;
	records->owed = 0;
	records->owed_records = 0;
	return (size_t)n + CALL_COST;
}

uint64_t
records_taken(const struct flow *flow)
{
	if (flow->mover != &mover_records || flow->records == NULL)
		return 0;
	return flow->records->taken;
}

uint64_t
records_passed(const struct flow *flow)
{
	if (flow->mover != &mover_records || flow->records == NULL)
		return 0;
	return flow->records->state.passed;
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
	if (flow->mover == &mover_records && flow->records != NULL)
		*state = flow->records->state;
}
