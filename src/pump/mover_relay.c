/* From records to records, as they came: what is received is sent on. */

#include "config.h"

#include "pump/mover.h"
#include "pump/records.h"

static bool	relay_fits(const struct flow *);
static void	relay_prepare(struct flow *, struct watch *, struct owner *);
static void	relay_advance(struct flow *);
static size_t	relay_held(const struct flow *);
static size_t	relay(struct flow *);
static size_t	send_some(struct flow *, struct batch *, size_t);

const struct mover mover_relay = {
	.name = "relay",
	.fits = relay_fits,
	.prepare = relay_prepare,
	.advance = relay_advance,
	.held = relay_held,
	.release = records_release
};

static bool
relay_fits(const struct flow *flow)
{
	return stream_has_records(flow->source) && flow->sink != NULL &&
	    stream_has_records(flow->sink);
}

static void
relay_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	int64_t until = flow_gated_until(flow);

	if (relay_held(flow) > 0 && (until == 0 || !flow->sink->writable)) {
		flow_await_write(flow, watch, owner);
		return;
	}
	if (relay_held(flow) > 0)
		watch_until(watch, until);
	else
		flow_await_read(flow, watch, owner);
	stream_await_error(flow->sink, watch, owner);
}

static void
relay_advance(struct flow *flow)
{
	if (records_begin(flow))
		records_move(flow, relay);
}

static size_t
relay_held(const struct flow *flow)
{
	const struct records *records = flow->records;

	return records == NULL ? 0 : (size_t)(records->count - records->at);
}

/* Returns how much moved. */
static size_t
relay(struct flow *flow)
{
	struct records *records = flow->records;
	struct batch *batch;
	size_t count;

	if (records->at == records->count && !records_receive(flow))
		return 0;
	while (records->at < records->count) {
		batch = &records->batches[records->at];
		if (batch->count == 0) {
			records->at++;
			continue;
		}
		count = records_may_take(flow, batch);
		return count == 0 ? 0 : send_some(flow, batch, count);
	}
	return CALL_COST;
}

static size_t
send_some(struct flow *flow, struct batch *batch, size_t count)
{
	size_t bytes;
	ssize_t n;

	if (!flow->sink->writable)
		return 0;
	count = flow_may_send(flow, count, batch_first(batch));
	if (count == 0)
		return 0;
	n = records_send(flow, batch, count);
	if (n <= 0)
		return 0;
	bytes = records_take(flow, batch, (size_t)n);
	flow->records->state.passed += (uint64_t)n;
	flow_sent(flow, (size_t)n, bytes);
	return bytes + CALL_COST;
}
