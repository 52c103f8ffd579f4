/*
 * Flows of records: bytes become records (scatter), records become bytes
 * (gather), or pass as they are (relay).  What the three movers share, how
 * many records there may be, and how it stands with them.
 */
#ifndef PUMP_RECORDS_H
#define PUMP_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/datagram.h"
#include "pump/framer.h"

struct flow;

/* The same for all flows of a kind; part of their terms. */
struct record_terms {
	struct framer	 framer;	/* most 0: what the sink takes */
	uint64_t	 count;		/* of records; UINT64_MAX: no limit */
	bool		 many;		/* flows: no buffer that is not used */
	bool		 single;	/* each is a write by itself */
};

enum records_fault {
	RECORDS_FINE,
	RECORDS_BAD,		/* malformed: `at` bytes into the input */
	RECORDS_LONG,		/* a record, there, that is too long */
	RECORDS_CUT		/* `size` bytes of one, when it was stopped */
};

struct records_state {
	uint64_t	 passed;	/* records into the sink */
	enum records_fault fault;
	uint64_t	 at;
	const char	*reason;	/* of RECORDS_BAD */
	size_t		 size;		/* of the record at hand: EMSGSIZE */
};

/* A flow's, as long as it lasts; its buffers only while they are used. */
struct records {
	struct records_state state;
	uint64_t	 taken;		/* records from the source */
	uint64_t	 dropped;	/* that were received, and not taken */
	uint64_t	 uncut;		/* bytes that no record was made of */

	/* The stream of bytes. */
	char		*bytes;		/* NULL: no buffer as yet */
	size_t		 begin;
	size_t		 end;
	size_t		 room;

	/* Scatter. */
	struct framer	 framer;
	uint64_t	 gone;		/* bytes of the input before these */
	struct batch	 batch;		/* to be sent; none: count 0 */
	struct frame	 ahead;		/* was found, but joins no batch */
	bool		 has_ahead;

	/* Gather and relay. */
	struct batch	*batches;	/* the source's */
	int		 count;		/* of them */
	int		 at;		/* the one at hand */
	int64_t		 arrived;	/* when they did, ns since 1970 */
	uint64_t	 owed;		/* payload in bytes[begin..end] */
	uint64_t	 owed_records;
};

/* How it stands with a flow of records. */
void	records_state(const struct flow *, struct records_state *);

/* Records from the source, and into the sink; 0 of a flow of bytes. */
uint64_t records_taken(const struct flow *);
uint64_t records_passed(const struct flow *);

/* Records that were taken, or received, and have not passed. */
uint64_t records_left(const struct flow *);
/* Bytes from the source of which no record was made as yet; the same. */
uint64_t records_uncut(const struct flow *);

/*
 * The sink is another one now, which has been sent something already: a
 * failure of that ends the flow, even if it was over.  size: of the record
 * that was to be sent then.
 */
void	records_turn(struct flow *, size_t size);

/* Forget how it stood: the flow ends. */
void	records_clear(struct flow *);

/*
 * The rest is for the three movers.
 *
 * A share of a turn is so many bytes, and a call counts as some of them.
 */
#define RECORDS_SHARE	((size_t)512 * 1024)
#define CALL_COST	((size_t)4096)

/* How many bytes an edit makes of one at most; 0: there is no edit. */
size_t	records_expansion(const struct flow *);

/* Have flow->records: false without memory, and the flow has failed. */
bool	records_begin(struct flow *);

/* The same of a buffer for so many bytes. */
bool	records_make_room(struct flow *, size_t);

/* Let go of buffers; the counts stay. */
void	records_release(struct flow *);

/*
 * A share of a turn, by steps that return how much moved; 0: no more.  Of
 * one of many flows the buffers go when nothing is held.
 */
void	records_move(struct flow *, size_t (*step)(struct flow *));

/* Receive, when those at hand are done with: are there some now? */
bool	records_receive(struct flow *);

/*
 * How many of the batch the limits let pass: 0, and then the flow takes no
 * more, as too much came.
 */
size_t	records_may_take(struct flow *, const struct batch *);

/* Send so many of the batch: how many went, or as stream_send(). */
ssize_t	records_send(struct flow *, const struct batch *, size_t count);

/*
 * Take so many records off the batch, the last ones, perhaps, and let taps
 * see them.  Returns how many bytes that was.
 */
size_t	records_take(struct flow *, struct batch *, size_t records);

#endif
