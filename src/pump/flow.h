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
 * Invariant: taken == given + held, unless an edit changed lengths: then
 * what it made == given + held.
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

/* Why the kernel does not move what a flow moves. */
enum flow_copies {
	FLOW_SPLICES,		/* it does, or may */
	FLOW_NO_SPLICE,		/* not on this system */
	FLOW_NOT_ZERO_COPY,	/* the terms say so */
	FLOW_RECORDS,
	FLOW_DROPS,		/* there is no sink */
	FLOW_SOURCE_KIND,
	FLOW_SOURCE_SHARED,	/* a socket that others have, too */
	FLOW_SINK_KIND,
	FLOW_SINK_SHARED,
	FLOW_SINK_APPENDS,	/* O_APPEND */
	FLOW_EDITED,
	FLOW_WATCHED,		/* by taps */
	FLOW_PACED		/* line by line */
};

struct chunk;
struct edit;
struct gate;
struct mover;
struct records;
struct rights;
struct record_terms;
struct tap;

/* What is the same for all flows of a kind, which share it. */
struct flow_terms {
	struct tubes	*tubes;		/* where splice's pipes come from */
	struct edit	*edit;		/* NULL: none */
	struct gate	*gate;		/* NULL: none; gather has none */
	struct tap	*taps;		/* NULL: none */
	bool		 sends;		/* gate and taps are at the sink */
	bool		 hurries;	/* waits not for slow taps */
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
		struct tube	*tube;	/* of splice; NULL: none is lent */
	};
	uint64_t	 taken;		/* bytes from the source */
	uint64_t	 given;		/* bytes into the sink */
	uint64_t	 spliced;	/* so many of them by splice */
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

/* Bytes that were taken, or made of them, and did not go into the sink. */
uint64_t flow_undelivered(const struct flow *);

/* The last bytes, as many, were the edit's own, and no payload. */
uint64_t flow_said(const struct flow *);

/* Why does it not begin with splice? */
enum flow_copies flow_why_copied(const struct flow *);

/* Count bytes: from the source, into the sink. */
void	flow_took(struct flow *, size_t);
void	flow_gave(struct flow *, size_t);

/* How many of these bytes, all that it took or all that it gave, by splice? */
uint64_t flow_spliced(const struct flow *, uint64_t);

/* Should nothing be taken, or given, as what watches cannot keep up? */
bool	flow_waits_for_taps(const struct flow *);

/* Until when its gate holds it up; 0: it does not. */
int64_t	flow_gated_until(const struct flow *);

#endif
