/*
 * One direction's bytes as they are, into a file: a tap, and the names of
 * such files.
 */
#ifndef FILTERS_TRANSCRIPT_H
#define FILTERS_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "pump/tap.h"

/*
 * The bytes that we send, or those that come, go into the sink, which stays
 * the caller's; borders of records do not show.  NULL: no memory.
 */
struct tap *transcript_tap_new(struct sink *, bool sent);

/*
 * Is this the pattern of a name?  In it
 *
 *	%p	is the peer, %n the connection's number, %t the time, which
 *		is 20260131T120000Z, and %% a percent sign;
 *
 * all else stands for itself.  -1: another letter, or none, is behind a %.
 */
int	transcript_check(const char *pattern, struct error *);

/* Has it a field, so that it stands for several names? */
bool	transcript_varies(const char *pattern);

/*
 * Make a name of a pattern, now.  -1: it is none, or the name is too long.
 *
 * The peer cannot lead to another directory, whatever it calls itself.  It
 * is "192.0.2.1_80", "2001-db8--1_80" without brackets and with "-" for each
 * ":" and "%", "0--1_80" for ::1; of a local socket the name, or "unnamed";
 * "unknown" where there is none, or are many.  What else is no letter, digit
 * or one of "@._-" becomes "_", before "." and "-" at its beginning is one,
 * and of a long name the first 128 bytes are taken: two peers may have one
 * name.
 */
int	transcript_name(const char *pattern, const struct tap_ends *,
	    char *buf, size_t size, struct error *);

#endif
