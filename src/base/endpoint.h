/*
 * An endpoint as the user wrote it: host and port, not yet looked up.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct endpoint {
	char	 host[320];	/* "": none given; 253 bytes and a scope id */
	char	 service[64];	/* as written: "8080", "http" */
	uint16_t port;		/* its value, where has_port */
	bool	 has_port;	/* false: a service name */
};

enum endpoint_side {
	ENDPOINT_CONNECT,	/* a host is needed, port 0 is refused */
	ENDPOINT_LISTEN		/* PORT alone will do; port 0: any */
};

/*
 * Parse the operands HOST PORT, HOST:PORT, [V6]:PORT or (listening) PORT.
 * HOST of the two-operand form may be a bare or a bracketed IPv6 address;
 * "*" is not special.  Checks ports (1 to 65535, listening also 0), the
 * form of host names (RFC 1123 letters, digits, hyphens, underscores and
 * dots; at most 253 bytes, labels of 1 to 63; one final dot allowed; not
 * ASCII: refused with words), brackets, and addresses by address_parse().
 * `fd:N`, `systemd:`, `unix:` and `tls:` in the one-operand form are
 * refused by name, as not supported in this version.  A bare IPv6 address
 * with a port but no brackets is refused with the bracketed form as a
 * suggestion.  Returns 0, or -1 with the error's text set, which quotes
 * the offending text made printable.  Nothing is looked up.
 */
int	endpoint_parse(struct endpoint *, enum endpoint_side,
	    char *const *operands, size_t count, struct error *);

/* "HOST:PORT" as in messages, IPv6 in brackets; returns buf. */
const char *endpoint_text(const struct endpoint *, char *buf, size_t size);

#endif
