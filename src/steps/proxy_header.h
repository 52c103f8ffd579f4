/*
 * The header of HAProxy's PROXY protocol, versions 1 and 2, by which a
 * proxy tells for whom it connects: bytes to values and back.  It does no
 * I/O, and does not know who may send one.
 */
#ifndef STEPS_PROXY_HEADER_H
#define STEPS_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

/* The longest that is taken, addresses and extensions (TLVs) included. */
#define PROXY_HEADER_MAX	4096

/* Room for the longest that is built. */
#define PROXY_HEADER_BUILD_MAX	128

enum proxy_parsed {
	PROXY_MORE,		/* the beginning of a header */
	PROXY_WHOLE,
	PROXY_BAD		/* *error says why */
};

/* Either real holds, or both addresses are there. */
struct proxy_header {
	size_t		length;		/* in bytes; what follows is payload */
	bool		real;		/* the connection's own hold */
	struct address	source;
	struct address	destination;
};

/*
 * Parse the first bytes of a connection, all that came so far; proxy-
 * protocol.txt sections 2.1 and 2.2.  The header is set once the result is
 * PROXY_WHOLE and means nothing otherwise; bytes may follow it.
 *
 * PROXY_MORE: some bytes would make these a header, so that all of them
 * belong to it and none to the payload.  The first byte behind which there
 * is no such way makes the result PROXY_BAD, whatever follows.
 *
 * Version 1 is taken as strictly as it is written: 107 bytes with CR LF,
 * upper case, single blanks, addresses of the family announced in the forms
 * of inet_pton(3), ports without leading zeros.  Behind "UNKNOWN" and a
 * blank anything may stand but control characters.
 *
 * Of version 2 the streams over IPv4 and IPv6 give addresses.  LOCAL, the
 * unspecified family and UNIX streams are real; datagrams, what is
 * unassigned, and a declared length too small for the addresses are bad.
 * TLVs are skipped, not looked into: a checksum among them (PP2_TYPE_CRC32C)
 * is not verified.
 *
 * Addresses of IPv6 are unmapped, each for itself: one of the two can be an
 * IPv4 address while the other is none.
 */
enum proxy_parsed proxy_header_parse(struct proxy_header *,
	    const unsigned char *bytes, size_t size, struct error *);

/*
 * Build a header of version 1 or 2 in PROXY_HEADER_BUILD_MAX bytes; returns
 * its length.  Two addresses that are IPv4 or mapped are told as IPv4, two
 * of IPv6 as they are, without scope ids.  With one of each, or one that is
 * none, the header leaves the receiver with the real ones ("UNKNOWN", LOCAL).
 */
size_t	proxy_header_build(unsigned version, const struct address *source,
	    const struct address *destination, unsigned char *bytes);

#endif
