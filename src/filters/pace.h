/*
 * The pace of payload: a gate.  Records go when the clock says, so many a
 * second, so many bytes of them a second, each so long after the one
 * before, or all of that, which is the slowest of them.  Of a stream of
 * bytes it is lines that a delay lies between.
 *
 * Waits last longer than they should, so what has become due is made up
 * for, that the average be right, but not at one go: the rest is caught up
 * with by going a little faster.  A delay is never made up for.
 */
#ifndef FILTERS_PACE_H
#define FILTERS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "pump/gate.h"

struct pace_limits {
	uint64_t	records;	/* a second; 0: no limit */
	uint64_t	bytes;		/* a second; 0: no limit */
	int64_t		delay;		/* ns between records, lines */
};

/* When the next unit is due. */
struct pace_clock {
	uint64_t	rate;		/* units in a period; 0: no limit */
	int64_t		period;		/* ns */
	int64_t		catch_up;	/* ns; what is made up for */
	int64_t		due;		/* ns, and rest / rate of one */
	uint64_t	rest;
};

/* The rate that is wanted, and the one to catch up by. */
enum {
	PACE_EVEN,
	PACE_BRISK,
	PACE_CLOCKS
};

struct pace {
	struct gate	gate;
	struct pace_clock records[PACE_CLOCKS];
	struct pace_clock bytes[PACE_CLOCKS];
	int64_t		delay;
	size_t		portion;	/* of bytes, that goes at once */
	int64_t		earliest;	/* by the delay */
	int64_t		until;		/* 0: it is open */
};

/* Is there any limit? */
bool	pace_wanted(const struct pace_limits *);

/* The first record goes at once. */
void	pace_init(struct pace *, const struct pace_limits *);

#endif
