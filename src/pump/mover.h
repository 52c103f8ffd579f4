/*
 * What a mover is, and what it asks of its flow and tells it: how much may
 * be taken and given in this turn, what was, and how it ended.  Meter, limit,
 * gate and taps are heeded here, so that no mover has to know them.
 */
#ifndef PUMP_MOVER_H
#define PUMP_MOVER_H

#include "pump/flow.h"

struct batch;

struct mover {
	const char *name;
	/* Can it move what this flow moves?  NULL: if no other can. */
	bool	(*fits)(const struct flow *);
	/* If not, why?  NULL: nobody asks. */
	enum flow_copies (*hindered)(const struct flow *);
	/* Say what it waits for. */
	void	(*prepare)(struct flow *, struct watch *, struct owner *);
	/* Move a bounded amount. */
	void	(*advance)(struct flow *);
	/* Bytes taken and not yet given. */
	size_t	(*held)(const struct flow *);
	/* Let go of buffers. */
	void	(*release)(struct flow *);
};

extern const struct mover mover_copy, mover_splice, mover_gather,
    mover_scatter, mover_relay;

/*
 * Between two sockets small messages go faster by copy, big ones by splice:
 * a read of so many bytes is big.
 */
#define FLOW_BIG	(64 * 1024)

/* Bytes that one flow may move in one turn. */
#define FLOW_SHARE	(4 * 1024 * 1024)

/*
 * How much may be taken now, at most `most`; the source's end; a failure of
 * either end.  flow_may_take() is 0 where the limit is used up, and has then
 * found out whether more would come.
 */
size_t	flow_may_take(struct flow *, size_t most);
void	flow_source_ended(struct flow *);
void	flow_source_failed(struct flow *);
void	flow_sink_failed(struct flow *);

/*
 * Wait for the source or the sink, unless what watches the flow cannot keep
 * up; then only for the sink's errors.
 */
void	flow_await_read(const struct flow *, struct watch *, struct owner *);
void	flow_await_write(const struct flow *, struct watch *, struct owner *);

/*
 * For those that heed a gate: how many of so many records, each of so many
 * bytes, how many bytes, or of these bytes, may go in this turn; and instead
 * of flow_gave(), what went.  flow_may_move() is instead of flow_may_take(),
 * for who sees no bytes, and flow_moved() instead of flow_took().
 */
size_t	flow_may_send(const struct flow *, size_t records, size_t bytes);
void	flow_sent(struct flow *, size_t records, size_t bytes);
size_t	flow_may_move(struct flow *, size_t most);
void	flow_moved(struct flow *, size_t bytes);
size_t	flow_may_give(const struct flow *, const char *, size_t);
void	flow_gave_bytes(struct flow *, const char *, size_t);

/*
 * These bytes or records passed the source, or the sink: the taps see them
 * where that is the socket.
 */
void	flow_passed(const struct flow *, bool sink, const char *, size_t);
void	flow_passed_records(const struct flow *, bool sink,
	    const struct batch *, size_t records);

/*
 * Go on with mover_copy for good: what the flow's tube holds is read out
 * first, so that nothing is lost.
 */
void	flow_fall_back(struct flow *);

/* Copy's chunk as a place for bytes: read at most what a tube holds. */
ssize_t	copy_load(struct flow *, int fd);

#endif
