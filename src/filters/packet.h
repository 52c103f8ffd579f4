/*
 * Packets as they could have been: headers of IPv4 or IPv6 and of TCP or
 * UDP before given bytes, with the checksums that they should have.  RFC
 * 791, 8200, 9293, 768, 1071.
 */
#ifndef FILTERS_PACKET_H
#define FILTERS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* Both of one family, IPv4 or IPv6. */
struct packet_route {
	const struct address *from;
	const struct address *to;
};

/* Flags of TCP */
#define PACKET_FIN	1u
#define PACKET_SYN	2u
#define PACKET_RST	4u
#define PACKET_PSH	8u
#define PACKET_ACK	16u

/* Its SYN asks for large windows, and they are, in each direction. */
struct packet_segment {
	const char	*data;
	size_t		 size;
	uint32_t	 number;	/* of its first byte */
	uint32_t	 acknowledged;	/* 0 without that flag */
	unsigned	 flags;
};

/* The most bytes of a segment, in either family. */
#define PACKET_SEGMENT	((size_t)65495)

/* The most bytes of a datagram. */
size_t	packet_datagram_most(const struct packet_route *);

/* Room for any packet. */
#define PACKET_SIZE	((size_t)(40 + 65535))

/* Each returns the packet's size. */
size_t	packet_segment(unsigned char *, const struct packet_route *,
	    const struct packet_segment *);
size_t	packet_datagram(unsigned char *, const struct packet_route *,
	    const char *data, size_t size);

#endif
