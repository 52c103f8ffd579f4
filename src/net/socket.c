/*
 * Sockets.  Options that only make a connection better (TCP_NODELAY,
 * keepalive times) are set without looking whether the kernel took them.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <ifaddrs.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "net/datagram.h"
#include "net/socket.h"

enum {
	PROBE_IDLE_S = 5,
	PROBE_INTERVAL_S = 5,
	PROBE_COUNT = 4
};

static bool	is_inet(const struct address *);

/* As socket_connect(). */
static int	open_socket(const struct address *,
		    const struct socket_setup *, struct error *);
static int	bind_interface(int, const char *, struct error *);
static int	get_int(int, int, int);
static void	set_int(int, int, int, int);
static int	fail(int, struct error *, const char *,
		    const struct address *);

int
socket_listen(const struct address *address, const struct socket_setup *setup,
    struct error *error)
{
	int backlog, fd;

	fd = open_socket(address, setup, error);
	if (fd < 0)
		return -1;
	if (setup->datagrams == NULL)
		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (address_family(address) == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, setup->only6);
	if (bind(fd, &address->any, address->length) == -1)
		return fail(fd, error, "listen on", address);
	if (setup->datagrams != NULL)
		return fd;
	backlog = setup->backlog == 0 ? INT32_MAX : setup->backlog;
	if (listen(fd, backlog) == -1)
		return fail(fd, error, "listen on", address);
	return fd;
}

int
socket_connect(const struct address *address, const struct socket_setup *setup,
    struct error *error)
{
	const struct address *source = setup->source;
	int fd;

	fd = open_socket(address, setup, error);
	if (fd < 0)
		return fd;
	if (setup->datagrams == NULL)
		socket_no_delay(fd);
	if (source != NULL && source->length != 0) {
		if (setup->datagrams == NULL)
			set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(fd, &source->any, source->length) == -1) {
			(void)fail(fd, error, "connect from", source);
			return SOCKET_UNBOUND;
		}
	}
	if (setup->datagrams != NULL && setup->datagrams->open)
		return fd;
	if (connect(fd, &address->any, address->length) == -1 &&
	    errno != EINPROGRESS && errno != EINTR)
		return fail(fd, error, "connect to", address);
	return fd;
}

int
socket_accept(int listener, struct address *peer)
{
	int fd;

	peer->length = sizeof(peer->in6);
	fd = accept4(listener, &peer->any, &peer->length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return -1;
	if (address_family(peer) == AF_UNIX) {
		set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1);
		peer->length = 0;
		return fd;
	}
	address_unmap(peer);
	socket_no_delay(fd);
	return fd;
}

int
socket_error(int fd)
{
	socklen_t length = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return errno;
	return error;
}

void
socket_no_delay(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* What is set is doubled, for the kernel's own needs; socket(7). */
void
socket_grow(int fd, int bytes)
{
	socklen_t length = sizeof(int);
	int now;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &now, &length) == 0 &&
	    now / 2 < bytes)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, bytes);
}

size_t
socket_unread(int fd)
{
	int bytes;

	return ioctl(fd, FIONREAD, &bytes) == -1 || bytes < 0 ? 0 :
	    (size_t)bytes;
}

ssize_t
socket_look(int fd, void *buf, size_t size)
{
	return recv(fd, buf, size, MSG_PEEK | MSG_DONTWAIT);
}

void
socket_probe(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_IDLE_S);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_INTERVAL_S);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBE_COUNT);
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

void
socket_reset(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)connect(fd, &none, sizeof(none));
}

void
socket_abort(int fd)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

bool
socket_is_tcp(int fd)
{
	socklen_t length = sizeof(int);
	int maxseg;

	return getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &maxseg, &length) == 0;
}

/* The name of a local socket is none that the address has. */
static bool
is_inet(const struct address *address)
{
	return address->any.sa_family == AF_INET ||
	    address->any.sa_family == AF_INET6;
}

bool
socket_has_bytes(int fd)
{
	int size;

	return ioctl(fd, FIONREAD, &size) == 0 && size > 0;
}

void
socket_local(int fd, struct address *address)
{
	address->length = sizeof(address->in6);
	if (getsockname(fd, &address->any, &address->length) == -1 ||
	    !is_inet(address))
		address->length = 0;
	else
		address_unmap(address);
}

void
socket_peer(int fd, struct address *address)
{
	address->length = sizeof(address->in6);
	if (getpeername(fd, &address->any, &address->length) == -1 ||
	    !is_inet(address))
		address->length = 0;
	else
		address_unmap(address);
}

void
socket_peer_name(int fd, struct address *address, struct sockaddr_un *room)
{
	socklen_t length = sizeof(*room);

	address->length = 0;
	if (getpeername(fd, (struct sockaddr *)room, &length) == 0 &&
	    room->sun_family == AF_UNIX)
		address_set_local(address, room, length);
}

void
socket_ask(int fd, struct socket_options *options)
{
	options->no_delay = get_int(fd, IPPROTO_TCP, TCP_NODELAY) != 0;
	options->keepalive = get_int(fd, SOL_SOCKET, SO_KEEPALIVE) != 0;
	options->send_buffer = get_int(fd, SOL_SOCKET, SO_SNDBUF);
	options->receive_buffer = get_int(fd, SOL_SOCKET, SO_RCVBUF);
}

bool
socket_have_ipv6(void)
{
	struct ifaddrs *all, *one;
	bool found = false;

	if (getifaddrs(&all) == -1)
		return false;
	for (one = all; one != NULL && !found; one = one->ifa_next)
		found = one->ifa_addr != NULL &&
		    one->ifa_addr->sa_family == AF_INET6;
	freeifaddrs(all);
	return found;
}

static int
open_socket(const struct address *address, const struct socket_setup *setup,
    struct error *error)
{
	int fd;

	fd = socket(address_family(address), (setup->datagrams == NULL ?
	    SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return fail(fd, error, "socket for", address);
	/* A client may be urgent before it is accepted: that is inherited. */
	if (setup->datagrams == NULL)
		set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	else
		datagram_set(fd, address_family(address), setup->datagrams);
	if (setup->interface != NULL &&
	    bind_interface(fd, setup->interface, error) == -1) {
		close(fd);
		return SOCKET_UNBOUND;
	}
	return fd;
}

static int
bind_interface(int fd, const char *interface, struct error *error)
{
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
	    (socklen_t)strlen(interface)) == 0)
		return 0;
	error_set(error, errno, "bind to interface %s", interface);
	return -1;
}

/* 0 where there is none. */
static int
get_int(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int value = 0;

	if (getsockopt(fd, level, name, &value, &length) == -1)
		return 0;
	return value;
}

static void
set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

/* Returns -1 with errno as it was, the descriptor closed. */
static int
fail(int fd, struct error *error, const char *what,
    const struct address *address)
{
	char text[ADDRESS_TEXT];
	int saved = errno;

	if (address_port(address) == 0)
		(void)address_host(address, text, sizeof(text));
	else
		(void)address_text(address, text, sizeof(text));
	error_set(error, saved, "%s %s", what, text);
	if (fd != -1)
		close(fd);
	errno = saved;
	return -1;
}

void
socket_keep_urgent(int fd)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}
