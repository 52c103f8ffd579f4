/*
 * Names to addresses, in a helper process: getaddrinfo(3) can be neither
 * bounded nor cancelled, and a helper can be killed.  Numeric addresses
 * with numeric ports need none of this.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/endpoint.h"
#include "base/error.h"

struct resolve;

enum resolve_state {
	RESOLVE_WAIT,
	RESOLVE_DONE,
	RESOLVE_FAILED,		/* no such name, no answer */
	RESOLVE_NO_SERVICE	/* the service has no such name: usage */
};

/*
 * Start to look up the endpoint's host and service.  family: AF_UNSPEC,
 * AF_INET or AF_INET6; type, whose service it is: SOCK_STREAM or SOCK_DGRAM;
 * passive: an empty host is the wildcard.  NULL with the reason.  Forks;
 * does not block.
 */
struct resolve *resolve_start(const struct endpoint *, int family, int type,
	    bool passive, struct error *);

/* Readable when resolve_advance() has something to do. */
int	resolve_fd(const struct resolve *);

/* Read what has come; of a failure the reason. */
enum resolve_state resolve_advance(struct resolve *, struct error *);

/* After RESOLVE_DONE: the addresses, at least one; owned by the resolve. */
const struct address *resolve_addresses(const struct resolve *,
    size_t *count);

/* What was looked up, as it was written, and how long that took, in ns. */
const char *resolve_host(const struct resolve *);
int64_t	resolve_took(const struct resolve *);

/*
 * Is there such a service, of SOCK_STREAM or SOCK_DGRAM?  Reads what
 * nsswitch.conf(5) names for services, as a rule a local file.
 * getservbyname(3).
 */
bool	resolve_knows_service(const char *name, int type);

/* Kills the helper if it still runs.  NULL is fine. */
void	resolve_free(struct resolve *);

#endif
