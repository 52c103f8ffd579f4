/* Headers of IP, TCP and UDP before given bytes. */

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "filters/packet.h"

#define IPV4_SIZE	20
#define IPV6_SIZE	40
#define TCP_SIZE	20
#define UDP_SIZE	8
#define LENGTH_MAX	65535

/* Where checksums stand in their headers */
#define IPV4_SUM	10
#define TCP_SUM		16
#define UDP_SUM		6

#define DONT_FRAGMENT	0x4000
#define HOPS		64
#define HOPS_MULTICAST	1		/* more is wrong for some groups, */
#define HOPS_MDNS	255		/* less for this: RFC 6762 */
#define MDNS_GROUP	UINT32_C(0xe00000fb)

/* A window of 8 MiB, but of 64 KiB while connecting. */
#define WINDOW		65535
#define WINDOW_SHIFT	7

static size_t	put_ip(unsigned char *, const struct packet_route *,
		    unsigned protocol, size_t);
static void	put_ipv4(unsigned char *, const struct packet_route *,
		    unsigned protocol, size_t);
static void	put_ipv6(unsigned char *, const struct packet_route *,
		    unsigned protocol, size_t);
static unsigned	hops(const struct address *);
static size_t	put_syn_options(unsigned char *);

static void	put_sum(unsigned char *, uint64_t);
static uint64_t	pseudo_sum(const struct packet_route *, unsigned protocol,
		    size_t);
static uint64_t	sum(const void *, size_t);
static void	put_host(unsigned char *, const struct address *);
static uint64_t	sum_host(const struct address *);
static void	put16(unsigned char *, size_t);
static void	put32(unsigned char *, uint32_t);

size_t
packet_datagram_most(const struct packet_route *route)
{
	return address_family(route->to) == AF_INET ?
	    LENGTH_MAX - IPV4_SIZE - UDP_SIZE : LENGTH_MAX - UDP_SIZE;
}

size_t
packet_segment(unsigned char *bytes, const struct packet_route *route,
    const struct packet_segment *segment)
{
	unsigned char options[8];
	const size_t more = segment->flags & PACKET_SYN ?
	    put_syn_options(options) : 0;
	const size_t head = TCP_SIZE + more, size = head + segment->size;
	const size_t at = put_ip(bytes, route, IPPROTO_TCP, size);
	unsigned char *tcp = bytes + at;

	memset(tcp, 0, TCP_SIZE);
	put16(tcp, address_port(route->from));
	put16(tcp + 2, address_port(route->to));
	put32(tcp + 4, segment->number);
	if (segment->flags & PACKET_ACK)
		put32(tcp + 8, segment->acknowledged);
	put16(tcp + 12, head / 4 << 12 | segment->flags);
	put16(tcp + 14, WINDOW);
	memcpy(tcp + TCP_SIZE, options, more);
	if (segment->size > 0)
		memcpy(tcp + head, segment->data, segment->size);
	put_sum(tcp + TCP_SUM, sum(tcp, size) +
	    pseudo_sum(route, IPPROTO_TCP, size));
	return at + size;
}

/* A sum of 0 would say that there is none. */
size_t
packet_datagram(unsigned char *bytes, const struct packet_route *route,
    const char *data, size_t length)
{
	const size_t size = UDP_SIZE + length;
	const size_t at = put_ip(bytes, route, IPPROTO_UDP, size);
	unsigned char *udp = bytes + at;

	put16(udp, address_port(route->from));
	put16(udp + 2, address_port(route->to));
	put16(udp + 4, size);
	put16(udp + UDP_SUM, 0);
	if (length > 0)
		memcpy(udp + UDP_SIZE, data, length);
	put_sum(udp + UDP_SUM, sum(udp, size) +
	    pseudo_sum(route, IPPROTO_UDP, size));
	if (udp[UDP_SUM] == 0 && udp[UDP_SUM + 1] == 0)
		put16(udp + UDP_SUM, 0xffff);
	return at + size;
}

/* Returns the header's size. */
static size_t
put_ip(unsigned char *bytes, const struct packet_route *route,
    unsigned protocol, size_t size)
{
	if (address_family(route->to) == AF_INET) {
		put_ipv4(bytes, route, protocol, size);
		return IPV4_SIZE;
	}
	put_ipv6(bytes, route, protocol, size);
	return IPV6_SIZE;
}

static void
put_ipv4(unsigned char *bytes, const struct packet_route *route,
    unsigned protocol, size_t size)
{
	memset(bytes, 0, IPV4_SIZE);
	bytes[0] = 0x45;
	put16(bytes + 2, IPV4_SIZE + size);
	put16(bytes + 6, DONT_FRAGMENT);
	bytes[8] = (unsigned char)hops(route->to);
	bytes[9] = (unsigned char)protocol;
	put_host(bytes + 12, route->from);
	put_host(bytes + 16, route->to);
	put_sum(bytes + IPV4_SUM, sum(bytes, IPV4_SIZE));
}

static void
put_ipv6(unsigned char *bytes, const struct packet_route *route,
    unsigned protocol, size_t size)
{
	put32(bytes, (uint32_t)6 << 28);
	put16(bytes + 4, size);
	bytes[6] = (unsigned char)protocol;
	bytes[7] = (unsigned char)hops(route->to);
	put_host(bytes + 8, route->from);
	put_host(bytes + 24, route->to);
}

static unsigned
hops(const struct address *to)
{
	if (address_family(to) == AF_INET &&
	    to->in.sin_addr.s_addr == htonl(MDNS_GROUP))
		return HOPS_MDNS;
	return address_is_multicast(to) ? HOPS_MULTICAST : HOPS;
}

/* The largest segment, a byte that does nothing, the window's scale. */
static size_t
put_syn_options(unsigned char *options)
{
	options[0] = 2;
	options[1] = 4;
	put16(options + 2, PACKET_SEGMENT);
	options[4] = 1;
	options[5] = 3;
	options[6] = 3;
	options[7] = WINDOW_SHIFT;
	return 8;
}

/* The field was 0 when it was summed up. */
static void
put_sum(unsigned char *field, uint64_t total)
{
	uint16_t folded;

	while (total >> 16 != 0)
		total = (total & 0xffff) + (total >> 16);
	folded = (uint16_t)~total;
	memcpy(field, &folded, sizeof(folded));
}

/* RFC 9293 section 3.1, RFC 8200 section 8.1: the sums are the same. */
static uint64_t
pseudo_sum(const struct packet_route *route, unsigned protocol, size_t size)
{
	unsigned char rest[8];

	put32(rest, (uint32_t)size);
	put32(rest + 4, protocol);
	return sum_host(route->from) + sum_host(route->to) +
	    sum(rest, sizeof(rest));
}

/*
 * In the byte order of the host, which such a sum survives, and four bytes
 * at a time, which makes no difference once it is folded: RFC 1071.
 */
static uint64_t
sum(const void *from, size_t size)
{
	const unsigned char *bytes = from;
	uint64_t total = 0;
	uint32_t four;

	for (; size >= sizeof(four); size -= sizeof(four)) {
		memcpy(&four, bytes, sizeof(four));
		total += four;
		bytes += sizeof(four);
	}
	four = 0;
	memcpy(&four, bytes, size);
	return total + four;
}

static void
put_host(unsigned char *bytes, const struct address *address)
{
	const void *host;
	size_t size;

	host = address_bytes(address, &size);
	memcpy(bytes, host, size);
}

static uint64_t
sum_host(const struct address *address)
{
	const void *host;
	size_t size;

	host = address_bytes(address, &size);
	return sum(host, size);
}

static void
put16(unsigned char *bytes, size_t value)
{
	bytes[0] = (unsigned char)(value >> 8 & 0xff);
	bytes[1] = (unsigned char)(value & 0xff);
}

static void
put32(unsigned char *bytes, uint32_t value)
{
	put16(bytes, value >> 16);
	put16(bytes + 2, value & 0xffff);
}
