/*
 * A hub joins many sessions: one ring of whole lines, and a port for each
 * member.  A port is a stream without a descriptor: what is written to it
 * is cut into lines and goes into the ring, what others said is read from
 * it, by a cursor of its own.
 *
 * Invariants.  The ring holds all that the port furthest behind has not
 * read.  A line is never cut, but where it is longer than HUB_LINE, and then
 * its pieces are lines; an unterminated last line is given its newline.
 * Where the ring is full, writers wait for readers, but for no member longer
 * than HUB_PATIENCE_NS while that is more than half a ring behind: it is
 * overtaken, its stream fails with ENOBUFS.
 */
#ifndef PUMP_HUB_H
#define PUMP_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/watch.h"
#include "pump/stream.h"

#define HUB_RING	((size_t)1024 * 1024)
#define HUB_LINE	((size_t)64 * 1024)
#define HUB_PATIENCE_NS	(1000 * CLOCK_MS)

struct hub;

/* A line whose newline has not come. */
struct unfinished {
	size_t	size;
	char	bytes[HUB_LINE];
};

struct port {
	struct stream	 stream;	/* first */
	struct hub	*hub;
	struct owner	*owner;		/* touched when there is work */
	uint64_t	 cursor;	/* bytes of the ring that were read */
	uint64_t	 end;		/* of reading; UINT64_MAX: none */
	int64_t		 behind_since;	/* 0: it is not far behind */
	struct unfinished *line;	/* NULL: none */
	const char	*prefix;	/* of each line, lent; NULL: none */
	uint32_t	 done;		/* of the record at the cursor */
	uint32_t	 place;		/* among the hub's ports */
	uint32_t	 number;	/* who says it */
	bool		 console;	/* our own side: waited for, for ever */
};

/*
 * star: members hear only the console, and only the console hears them;
 * else everybody hears all others.  NULL without memory.  `kind` is its
 * owner's.
 */
struct hub *hub_new(struct watch *, int kind, bool star);

/* All ports have left. NULL is fine. */
void	hub_free(struct hub *);

/* After it was touched, or its deadline passed: it is full. */
void	hub_advance(struct hub *);

/*
 * A port from the caller, all zero but for console, number and prefix,
 * joins: it hears what is said from now on.  -1 without memory.
 */
int	hub_join(struct hub *, struct port *, struct owner *);

/* Is anyone there but the console? */
bool	hub_has_members(const struct hub *);

/* It says no more: an unfinished line goes as one, where there is room. */
void	hub_finish(struct port *);

/* It leaves, and closing its stream is no more. */
void	hub_leave(struct port *);

/* Say a line, with its newline, in the port's name but without its prefix. */
void	hub_say(struct port *, const char *line);

/* Reading ends for it with what has been said until now. */
void	hub_end(struct port *);

/* The same for all ports but the console's. */
void	hub_end_all(struct hub *);

#endif
