/*
 * An address as the kernel takes it, and its text: of IPv4, IPv6, and local
 * sockets.  No names are looked up here (interfaces' names of scope ids
 * excepted).
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A local socket's name is long, and seldom there: it is somebody else's
 * memory, to which the bytes of a pointer lead.
 */
struct address_local {
	sa_family_t	 family;	/* AF_UNIX */
	unsigned char	 name[sizeof(struct sockaddr_un *)];
};

struct address {
	socklen_t	 length;	/* 0: no address */
	union {
		struct sockaddr		 any;
		struct sockaddr_in	 in;
		struct sockaddr_in6	 in6;
		struct address_local	 local;	/* length: of the name */
	};
};

/* 108 bytes of a path as \xHH; "[" 39 digits "%" interface "]:65535" */
#define ADDRESS_TEXT	440

enum address_parsed {
	ADDRESS_OK,
	ADDRESS_NOT,		/* no address: a name, perhaps */
	ADDRESS_BAD		/* an address with a fault: *error says which */
};

/*
 * Parse a numeric host, "192.0.2.1", "2001:db8::1", "fe80::1%eth0" or
 * "fe80::1%2": the strict forms of inet_pton(3) with RFC 4007 scope ids,
 * not the short ones of inet_aton(3).  ADDRESS_BAD: a scope id that names
 * no interface or stands behind an IPv4 address, and what inet_aton(3) or
 * a URL parser would take for an IPv4 address ("127.1", "0x7f.1", "1.2.3"):
 * the last label is a number.
 */
enum address_parsed address_parse(struct address *, const char *host,
    uint16_t port, struct error *);

/* The wildcard of a family: 0.0.0.0 or ::. */
void	address_wildcard(struct address *, int family, uint16_t port);

int	address_family(const struct address *);		/* AF_UNSPEC: none */
uint16_t address_port(const struct address *);

/* The bytes of an internet address without its port, and how many. */
const void *address_bytes(const struct address *, size_t *size);
void	address_set_port(struct address *, uint16_t port);

/* ::ffff:192.0.2.1 becomes 192.0.2.1; others stay. */
void	address_unmap(struct address *);

bool	address_is_multicast(const struct address *);

/* fe80::/10 and multicast of link scope, without a scope id. */
bool	address_lacks_scope(const struct address *);

/* Give it the scope of an interface by name; 0, or -1: there is none such. */
int	address_set_scope(struct address *, const char *interface);

/* Are they of one host, whatever the ports? */
bool	address_same_host(const struct address *, const struct address *);

/*
 * A local socket's address, which stays where it is; without a name, if the
 * length is that of none.
 */
void	address_set_local(struct address *, const struct sockaddr_un *,
	    socklen_t length);

/* Its name; NULL: it has none, or is another kind of address. */
const struct sockaddr_un *address_name(const struct address *);

/* Have the name, if there is one, in `room` from now on. */
void	address_keep(struct address *, struct sockaddr_un *room);

/* An order: below 0, 0 for the same host, port and scope, above 0. */
int	address_compare(const struct address *, const struct address *);

/*
 * Text: "192.0.2.1:80" and "[fe80::1%eth0]:80"; of _host without brackets
 * and port.  Mapped addresses are shown as IPv4, local ones as PATH or @NAME
 * with escapes, or "unnamed".  Both return buf, which should be of
 * ADDRESS_TEXT bytes; "-" for no address.
 */
const char *address_text(const struct address *, char *buf, size_t size);
const char *address_host(const struct address *, char *buf, size_t size);

#endif
