/*
 * From records to bytes: they come in many at a time, and are written as the
 * framer says.  Without a sink they are dropped.
 */

#include "config.h"

#include "pump/edit.h"
#include "pump/mover.h"
#include "pump/records.h"

/* Bytes written at once, besides a record's own. */
#define ROOM		((size_t)256 * 1024)

static void	gather_prepare(struct flow *, struct watch *,
		    struct owner *);
static void	gather_advance(struct flow *);
static size_t	gather_held(const struct flow *);

static bool	make_room(struct flow *);
static size_t	gather(struct flow *);
static void	encode_batches(struct flow *);
static bool	encode_some(struct flow *, struct batch *);
static size_t	together(const struct flow *, const struct batch *, size_t);
static void	encode(struct flow *, const struct record *);
static size_t	write_out(struct flow *);

const struct mover mover_gather = {
	.name = "gather",
	.prepare = gather_prepare,
	.advance = gather_advance,
	.held = gather_held,
	.release = records_release
};

static void
gather_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	if (flow->sink != NULL && gather_held(flow) > 0) {
		stream_await_write(flow->sink, watch, owner);
		return;
	}
	flow_await_read(flow, watch, owner);
	if (flow->sink != NULL)
		stream_await_error(flow->sink, watch, owner);
}

static void
gather_advance(struct flow *flow)
{
	if (records_begin(flow) && make_room(flow))
		records_move(flow, gather);
}

static size_t
gather_held(const struct flow *flow)
{
	const struct records *records = flow->records;

	return records == NULL ? 0 : records->end - records->begin +
	    (size_t)(records->count - records->at);
}

static bool
make_room(struct flow *flow)
{
	const struct framer *framer = &flow->terms->records->framer;

	return records_make_room(flow, ROOM +
	    framer->ops->bound(framer->most) * (1 + records_expansion(flow)));
}

/* Returns how much moved. */
static size_t
gather(struct flow *flow)
{
	struct records *records = flow->records;

	if (records->begin < records->end)
		return write_out(flow);
	records->begin = records->end = 0;
	if (records->at == records->count && !records_receive(flow))
		return 0;
	encode_batches(flow);
	return write_out(flow);
}

/* As many as there is room for. */
static void
encode_batches(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch;

	while (records->at < records->count) {
		batch = &records->batches[records->at];
		while (batch->count > 0)
			if (!encode_some(flow, batch))
				return;
		records->at++;
	}
}

/* False: there is no room, or nothing more is wanted. */
static bool
encode_some(struct flow *flow, struct batch *batch)
{
	const struct record_terms *terms = flow->terms->records;
	struct records *records = flow->records;
	size_t count = records_may_take(flow, batch);
	struct record record = {
		.data = batch->data, .peer = &batch->peer,
		.local = &batch->local, .time_ns = records->arrived
	};

	if (count == 0 || (terms->single && records->end > 0))
		return false;
	count = together(flow, batch, count);
	record.size = count == batch->count ? batch->size :
	    batch_first(batch);
	if (records->room - records->end < (1 + records_expansion(flow)) *
	    terms->framer.ops->bound(record.size))
		return false;
	encode(flow, &record);
	records->owed += records_take(flow, batch, count);
	records->owed_records += count;
	return records->at < records->count;
}

/* Payloads that follow each other as they are need not be told apart. */
static size_t
together(const struct flow *flow, const struct batch *batch, size_t count)
{
	const struct record_terms *terms = flow->terms->records;

	return terms->framer.ops->bare && flow->terms->edit == NULL &&
	    !terms->single && count == batch->count ? count : 1;
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
