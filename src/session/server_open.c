/*
 * Sockets to listen on.  All of a run have one port; of a name's addresses
 * those that this host has are listened on.
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net/datagram.h"
#include "net/socket.h"
#include "session/server_open.h"

/* A port that the kernel chose may be taken at another address. */
#define PORT_TRIES	32

static enum server_result open_local(struct server *, struct failure *);
static enum server_result start_resolve(struct server *, struct failure *);
static enum server_result take_resolved(struct server *, struct failure *);
static enum server_result any_address(struct server *, struct failure *);
static enum server_result open_all(struct server *, struct failure *);
static int	try_all(struct server *, const struct address *, size_t,
		    struct error *);
static int	open_one(struct server *, size_t, uint16_t, struct error *);
static int	join_groups(struct server *, size_t, struct error *);
static bool	fits(const struct server *, size_t, const struct group *);
static int	all_are_joined(const struct server *, struct error *);

enum server_result
server_open(struct server *server, struct failure *failure)
{
	const struct endpoint *endpoint = &server->plan->endpoint;
	struct address *address = &server->addresses[0];

	if (server->around->rules->path != NULL)
		return open_local(server, failure);
	if (server->resolve != NULL)
		return take_resolved(server, failure);
	if (!endpoint->has_port)
		return start_resolve(server, failure);
	if (endpoint->host[0] == '\0')
		return any_address(server, failure);
	if (address_parse(address, endpoint->host, endpoint->port,
	    &failure->error) != ADDRESS_OK)
		return start_resolve(server, failure);
	if (address_lacks_scope(address) && server->plan->interface != NULL)
		(void)address_set_scope(address, server->plan->interface);
	server->count = 1;
	return open_all(server, failure);
}

static enum server_result
open_local(struct server *server, struct failure *failure)
{
	server->fds[0] = unix_listen(&server->plan->local, &server->place,
	    &failure->error);
	if (server->fds[0] == -1) {
		failure->status = STATUS_BIND;
		return SERVER_FAILED;
	}
	server->addresses[0].length = 0;
	server->count = 1;
	return SERVER_LISTENING;
}

static enum server_result
start_resolve(struct server *server, struct failure *failure)
{
	server->resolve = resolve_start(&server->plan->endpoint,
	    server->plan->family, server->plan->datagrams == NULL ?
	    SOCK_STREAM : SOCK_DGRAM, true, &failure->error);
	if (server->resolve != NULL)
		return SERVER_WAIT;
	failure->status = STATUS_ERROR;
	return SERVER_FAILED;
}

static enum server_result
take_resolved(struct server *server, struct failure *failure)
{
	const struct address *list;
	enum resolve_state state;
	size_t count;

	state = resolve_advance(server->resolve, &failure->error);
	if (state == RESOLVE_WAIT)
		return SERVER_WAIT;
	if (state != RESOLVE_DONE) {
		failure->status = state == RESOLVE_NO_SERVICE ?
		    STATUS_USAGE : STATUS_RESOLVE;
		return SERVER_FAILED;
	}
	if (server->plan->endpoint.host[0] != '\0')
		report_resolved(server->around->report, 0, server->resolve);
	list = resolve_addresses(server->resolve, &count);
	if (count > SERVER_SOCKETS)
		count = SERVER_SOCKETS;
	memcpy(server->addresses, list, count * sizeof(*list));
	watch_forget(server->around->watch, resolve_fd(server->resolve));
	resolve_free(server->resolve);
	server->resolve = NULL;
	if (server->plan->endpoint.host[0] == '\0')
		return any_address(server, failure);
	server->count = count;
	return open_all(server, failure);
}

/*
 * No host: both families by one socket, where there is IPv6.  Where there
 * is none, :: could be bound and not be reached.
 */
static enum server_result
any_address(struct server *server, struct failure *failure)
{
	const struct listen_plan *plan = server->plan;
	struct address *address = &server->addresses[0];
	uint16_t port = plan->endpoint.port;
	enum server_result result;
	bool six;

	if (!plan->endpoint.has_port)
		port = address_port(address);
	six = plan->family == AF_INET6 ||
	    (plan->family == AF_UNSPEC && socket_have_ipv6());
	address_wildcard(address, six ? AF_INET6 : AF_INET, port);
	server->count = 1;
	result = open_all(server, failure);
	if (result != SERVER_FAILED || !six || plan->family == AF_INET6 ||
	    failure->error.code != EAFNOSUPPORT)
		return result;
	address_wildcard(address, AF_INET, port);
	server->count = 1;
	return open_all(server, failure);
}

static enum server_result
open_all(struct server *server, struct failure *failure)
{
	struct address wanted[SERVER_SOCKETS];
	size_t count = server->count;
	bool choose = address_port(&server->addresses[0]) == 0;
	int tries;

	memcpy(wanted, server->addresses, count * sizeof(*wanted));
	for (tries = 0; tries < PORT_TRIES; tries++) {
		server->count = 0;
		if (try_all(server, wanted, count, &failure->error) == 0)
			return SERVER_LISTENING;
		if (!choose || failure->error.code != EADDRINUSE)
			break;
	}
	failure->status = STATUS_BIND;
	return SERVER_FAILED;
}

/*
 * Listen on those of the wanted addresses that this host has.  -1 with the
 * reason and no socket open, if there is none or another one failed.
 */
static int
try_all(struct server *server, const struct address *wanted, size_t count,
    struct error *error)
{
	uint16_t port = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		server->addresses[server->count] = wanted[i];
		if (open_one(server, server->count, port, error) == 0) {
			port = address_port(&server->addresses[0]);
			continue;
		}
		if (count > 1 && (error->code == EADDRNOTAVAIL ||
		    error->code == EAFNOSUPPORT))
			continue;
		server_close_sockets(server);
		return -1;
	}
	if (server->count == 0)
		return -1;
	if (all_are_joined(server, error) == 0)
		return 0;
	server_close_sockets(server);
	return -1;
}

static int
open_one(struct server *server, size_t i, uint16_t port, struct error *error)
{
	struct address *address = &server->addresses[i];
	struct socket_setup setup = {
		.datagrams = server->plan->datagrams,
		.interface = server->plan->interface,
		.backlog = server->plan->backlog,
		.only6 = server->plan->family == AF_INET6 ||
		    server->plan->endpoint.host[0] != '\0'
	};

	if (port != 0)
		address_set_port(address, port);
	server->fds[i] = socket_listen(address, &setup, error);
	if (server->fds[i] == -1)
		return -1;
	server->count = i + 1;
	socket_local(server->fds[i], address);
	if (address->length != 0)
		return join_groups(server, i, error);
	error_set(error, errno, "listen on %s: getsockname",
	    server->around->rules->target);
	return -1;
}

/* A group of another family is for another socket. */
static int
join_groups(struct server *server, size_t at, struct error *error)
{
	const struct listen_plan *plan = server->plan;
	const struct group *group;
	size_t i;

	for (i = 0; i < plan->group_count; i++) {
		group = &plan->groups[i];
		if (!fits(server, at, group) || datagram_join(server->fds[at],
		    &group->address, group->interface, group->source.length >
		    0 ? &group->source : NULL) == 0)
			continue;
		error_set(error, errno, "join %s", group->text);
		return -1;
	}
	return 0;
}

/* The wildcard of IPv6 takes IPv4's, too. */
static bool
fits(const struct server *server, size_t at, const struct group *group)
{
	const struct address *address = &server->addresses[at];
	int family = address_family(&group->address);

	return family == address_family(address) ||
	    (family == AF_INET && server->plan->family != AF_INET6 &&
	    server->plan->endpoint.host[0] == '\0');
}

static int
all_are_joined(const struct server *server, struct error *error)
{
	const struct listen_plan *plan = server->plan;
	size_t i, at;

	for (i = 0; i < plan->group_count; i++) {
		for (at = 0; at < server->count; at++)
			if (fits(server, at, &plan->groups[i]))
				break;
		if (at < server->count)
			continue;
		error_setx(error, "join %s: no socket of its family, on %s",
		    plan->groups[i].text, server->around->rules->target);
		return -1;
	}
	return 0;
}

void
server_close_sockets(struct server *server)
{
	unix_place_leave(&server->place);
	while (server->count > 0) {
		server->count--;
		watch_forget(server->around->watch,
		    server->fds[server->count]);
		(void)close(server->fds[server->count]);
	}
}
