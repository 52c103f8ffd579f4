/*
 * Blocks of a pcapng file, written into the caller's memory in the byte
 * order of the host, which the first block tells: draft-ietf-opsawg-pcapng.
 * What packets are is not known here.
 */
#ifndef FILTERS_PCAPNG_H
#define FILTERS_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are UTF-8: one ends where it is not, or after so many bytes. */
#define PCAPNG_TEXT	1024

/* Room for a section's and for an interface's block. */
#define PCAPNG_SECTION	(3 * (PCAPNG_TEXT + 4) + 32)
#define PCAPNG_INTERFACE (PCAPNG_TEXT + 40)

/* Where a packet stands in its block, and room for that. */
#define PCAPNG_PACKET_AT ((size_t)28)
#define PCAPNG_PACKET(size) (PCAPNG_PACKET_AT + (size) + PCAPNG_TEXT + 28)

/* LINKTYPE_RAW: packets begin with a header of IPv4 or IPv6. */
#define PCAPNG_RAW	101

struct pcapng_origin {
	const char	*hardware;
	const char	*system;
	const char	*program;
};

struct pcapng_packet {
	size_t		 size;
	int64_t		 time_ns;	/* since 1970 */
	bool		 sent;		/* else it came */
	const char	*comment;	/* NULL: none */
};

/* Each returns its block's size, a multiple of four. */
size_t	pcapng_section(unsigned char *block, const struct pcapng_origin *);
size_t	pcapng_interface(unsigned char *block, unsigned link,
	    const char *name);

/* The packet stands at its place already; it is of the only interface. */
size_t	pcapng_packet(unsigned char *block, const struct pcapng_packet *);

#endif
