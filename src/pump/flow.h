/*
 * A flow moves bytes one way, from a source to a sink, by a mover.  It ends
 * its sink's side when all is delivered, and remembers how it ended.
 *
 *	MOVING	 reading and writing
 *	ORPHANED whoever reads the sink's pipe went away when it had all that
 *		 came; nothing is lost if the source ends now
 *	DRAINING nothing more is read; what is held is written
 *	SHUTTING all is written; the sink is being shut, or, while `hold` or
 *		 `keep_sink` is set, only waited for to have acknowledged all
 *	OVER	 nothing is held, nothing is watched
 *
 * Invariant: taken == given + held, unless an edit changed lengths.
 */
#ifndef PUMP_FLOW_H
#define PUMP_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/watch.h"
#include "pump/stream.h"
#include "pump/tube.h"

enum flow_stage {
	FLOW_MOVING,
	FLOW_ORPHANED,
	FLOW_DRAINING,
	FLOW_SHUTTING,
	FLOW_OVER
};

enum flow_end {
	FLOW_DONE,		/* as yet, or for good: no failure */
	FLOW_SOURCE_FAILED,	/* source->error */
	FLOW_SINK_FAILED,	/* sink->error */
	FLOW_LIMIT,		/* a byte beyond the limit came */
	FLOW_FAULT,		/* the input has a fault: records_state() */
	FLOW_CUT		/* by flow_cut() */
};

struct flow;

/* Rewrites payload on its way.  Buffers and states are the edit's own. */
struct edit;
struct edit_ops {
	/* At most this many bytes become of one, and of the rest at the end. */
	size_t	expansion;
	/* Rewrite `size` bytes into `to`; returns how many it became. */
	size_t	(*apply)(struct edit *, const char *from, size_t size,
		    char *to);
	/* Bytes that are kept back as yet. */
	size_t	(*kept)(const struct edit *);
	/* What was kept back, at the end; nothing when asked again. */
	size_t	(*finish)(struct edit *, char *to);
};
struct edit {
	const struct edit_ops *ops;
};

/*
 * Says how fast payload goes, one flow's.  It goes in pieces: records, or
 * where there are none, bytes.
 */
struct gate;
struct gate_ops {
	/* How many pieces of so many bytes may go at `now`; 0: not yet. */
	size_t	(*allow)(struct gate *, int64_t now, size_t bytes);
	/* So many of them went until `now`, of so many bytes together. */
	void	(*passed)(struct gate *, int64_t now, size_t pieces,
		    size_t bytes);
	/* When to ask again, after "not yet"; 0: it was none. */
	int64_t	(*until)(const struct gate *);
};
struct gate {
	const struct gate_ops *ops;
	int64_t		 now;		/* when the flow's turn began */
};

struct mover {
	const char *name;
	/* Can it move what this flow moves? */
	bool	(*fits)(const struct flow *);
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

struct chunk;
struct records;
struct rights;
struct record_terms;

/* What is the same for all flows of a kind, which share it. */
struct flow_terms {
	struct tubes	*tubes;		/* where splice's pipes come from */
	struct edit	*edit;		/* NULL: none */
	struct gate	*gate;		/* NULL: none; scatter heeds it */
	const struct record_terms *records; /* of records; NULL: of bytes */
	const struct rights *rights;	/* to go with the first; not splice */
	uint64_t	 limit;		/* of bytes; UINT64_MAX: none */
	bool		 zero_copy;	/* the kernel moves where it can */
};

struct flow {
	struct stream	*source;
	struct stream	*sink;		/* NULL: what comes is dropped */
	const struct flow_terms *terms;
	const struct mover *mover;
	union {
		struct chunk	*chunk;	/* of copy; NULL: none is needed */
		struct records	*records; /* of records */
	};
	struct tube	*tube;		/* of splice; NULL: none is lent */
	uint64_t	 taken;		/* bytes from the source */
	uint64_t	 given;		/* bytes into the sink */
	int64_t		 ask_at;	/* the sink again; no longer ORPHANED */
	int32_t		 ask_ms;	/* and how much later after that */
	uint8_t		 stage;
	uint8_t		 end;
	uint8_t		 in_a_row;	/* splices of nothing, full reads */
	bool		 hybrid : 1;	/* copy and splice take turns */
	bool		 hold : 1;	/* do not shut the sink yet */
	bool		 keep_sink : 1;	/* do not shut it at all */
	bool		 settled : 1;	/* held: all was acknowledged */
	bool		 grown : 1;	/* splice saw to the room there is */
	bool		 stopped : 1;	/* by flow_stop(): wants no more */
	bool		 refused : 1;	/* the sink took not what was there */
};

/*
 * Between two sockets small messages go faster by copy, big ones by splice:
 * a read of so many bytes is big.
 */
#define FLOW_BIG	(64 * 1024)

/* Bytes that one flow may move in one turn. */
#define FLOW_SHARE	(4 * 1024 * 1024)

/*
 * Set up: everything else is zero.  Neither stream is owned, nor are the
 * terms; all outlive the flow.
 */
void	flow_init(struct flow *, struct stream *source, struct stream *sink,
	    const struct flow_terms *);
void	flow_clear(struct flow *);

void	flow_prepare(struct flow *, struct watch *, struct owner *);
void	flow_advance(struct flow *, struct watch *, int64_t now);

/* Read no more, deliver what was read, then shut the sink. */
void	flow_stop(struct flow *);

/* The sink is gone, and what comes is dropped from now on. */
void	flow_discard(struct flow *);

/* Over at once; what is held is lost. */
void	flow_cut(struct flow *);

/* Are there descriptors to go with the first payload, which has not gone? */
bool	flow_bears(const struct flow *);

size_t	flow_held(const struct flow *);

/* Until when its gate holds it up; 0: it does not. */
int64_t	flow_gated_until(const struct flow *);

/*
 * For movers: how much may be taken now, at most `most`; the source's end;
 * a failure of either end.  flow_may_take() is 0 where the limit is used up
 * (and has then found out whether more would come).
 */
size_t	flow_may_take(struct flow *, size_t most);
void	flow_took(struct flow *, size_t);
void	flow_gave(struct flow *, size_t);
void	flow_source_ended(struct flow *);
void	flow_source_failed(struct flow *);
void	flow_sink_failed(struct flow *);

/*
 * The same for those that heed a gate: how many of so many pieces, each of
 * so many bytes, may go in this turn; and instead of flow_gave(), what went.
 */
size_t	flow_may_give(const struct flow *, size_t pieces, size_t bytes);
void	flow_gave_pieces(struct flow *, size_t pieces, size_t bytes);

/*
 * Go on with mover_copy for good: what the flow's tube holds is read out
 * first, so that nothing is lost.
 */
void	flow_fall_back(struct flow *);

/* Copy's chunk as a place for bytes: read at most what a tube holds. */
ssize_t	copy_load(struct flow *, int fd);

#endif
