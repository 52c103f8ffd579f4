/*
 * How far a run is, as a line in the form of pv(1), in a terminal's columns
 * or for a log.
 *
 *	1.23GiB 0:00:05 [ 251MiB/s] [=====>      ]  48% ETA 0:00:05
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No line is longer, its null byte included. */
#define PROGRESS_TEXT	256

/* In a log nothing is padded, and there is no bar. */
#define PROGRESS_LOG	0

struct progress {
	uint64_t	sent;		/* bytes, from us to the peers */
	uint64_t	received;
	int64_t		elapsed_ns;
	uint64_t	rate;		/* bytes a second, both ways */
	uint64_t	done;		/* of so many bytes in all: */
	uint64_t	size;		/* 0: nobody knows */
	bool		last;		/* this is how it ended */
};

/*
 * Write it into buf, of PROGRESS_TEXT bytes, in at most so many columns, or
 * PROGRESS_LOG.  What does not fit is left out: the bar first, the bytes
 * last.  One way's bytes stand alone, unless both moved.  Returns the
 * length.
 */
size_t	progress_text(const struct progress *, unsigned columns, char *buf);

/* Bytes a second; of no time, 0. */
uint64_t progress_rate(uint64_t bytes, int64_t ns);

#endif
