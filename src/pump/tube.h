/*
 * Pipes of our own, for splice(2) between two ends that are none.  They are
 * lent while bytes are in flight, and a few are kept for the next flow; so
 * is one of copy's chunks.
 */
#ifndef PUMP_TUBE_H
#define PUMP_TUBE_H

#include <stddef.h>

#define TUBE_SIZE	(1024 * 1024)
#define TUBE_SMALL	(256 * 1024)	/* where no more is granted */
#define TUBES_KEPT	8

struct tube {
	int	 in;		/* written to */
	int	 out;		/* read from */
	size_t	 held;		/* bytes within */
};

struct tubes {
	struct tube	*kept[TUBES_KEPT];
	size_t		 count;
	void		*chunk;		/* NULL: none is kept */
};

/* Lend an empty tube.  NULL with errno. */
struct tube *tube_take(struct tubes *);

/* Give it back; with bytes still in it, it is closed.  NULL is fine. */
void	tube_give(struct tubes *, struct tube *);

void	tubes_clear(struct tubes *);

#endif
