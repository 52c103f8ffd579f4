/*
 * What passed, in hexadecimal and in ASCII: a tap.  A line begins with its
 * direction, ">" for what we send and "<" for what comes.  Each passage has
 * a head line, then its bytes in the columns of hexdump -C:
 *
 *	> 2026-11-20T20:48:29.123456Z [3] 18 bytes at 0x0
 *	> 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  |GET ...
 *	> 00000010  0d 0a                                             |..|
 *
 * "[3]" is the connection's number, if there is one.  Of a stream each
 * direction is counted on, and its next passage goes on in the column in
 * which the last one ended, on a line of its own: the offset is always that
 * of the first byte of the line, and lines lie on multiples of 16.  At the
 * end of a direction stands "end at 0x12".
 *
 * A record is counted from 0, and its head line is "record of 18 bytes to
 * [::1]:53", or "from" its peer; an empty one has only that.
 *
 * Of payload nothing is shown as it is but printable ASCII.
 */
#ifndef FILTERS_HEXDUMP_H
#define FILTERS_HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pump/tap.h"

/* The longest line, of an offset of 16 digits. */
#define HEXDUMP_LINE	96

/* What is left to be shown. */
struct hexdump_rest {
	const char	*data;
	size_t		 size;
	uint64_t	 offset;	/* of the first byte */
	bool		 sent;
};

/*
 * Lines go into the sink, which stays the caller's; a passage of n bytes
 * becomes less than 6 * n + 1000.  NULL: no memory.
 */
struct tap *hexdump_tap_new(struct sink *, const struct tap_ends *);

/*
 * Write a line of the first bytes, up to a multiple of 16, which are taken
 * from the rest; there must be some.  Returns the line's length, its newline
 * included; no NUL is added.
 */
size_t	hexdump_line(struct hexdump_rest *, char to[HEXDUMP_LINE]);

#endif
