/*
 * A session's payload as a capture in a pcapng file: a tap that makes
 * packets up which could have carried it, between the real addresses and
 * consistent in themselves.
 */
#ifndef FILTERS_CAPTURE_H
#define FILTERS_CAPTURE_H

#include "pump/tap.h"

/* The file's head, once. */
void	capture_begin(struct sink *);

/*
 * A tap for a session, of any number to a sink; NULL without memory.  It
 * keeps nothing of the ends.  A connection begins here and now with its
 * handshake, and segments are acknowledged at once; records are datagrams,
 * in parts where they are longer than those can be.  (The empty records of
 * a connection do not show.)  Times are those at which it is told.
 *
 * In the sink bytes take their own size, 256 bytes for each packet and what
 * acknowledges it (at most 65,495 bytes are in one), and up to 1 KiB for a
 * comment.  Packets are there as a whole or, when they are dropped, not at
 * all: then the numbers tell.
 */
struct tap *capture_tap_new(struct sink *, const struct tap_ends *);

#endif
