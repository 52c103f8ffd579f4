/*
 * TCP and UDP sockets: made, bound, listened on, connected, asked; the last,
 * and accepting, are for local ones, too.  All are close-on-exec and
 * non-blocking from birth, and have urgent data in its place among the other,
 * or it would be lost; all errors come back with their reason, none is
 * printed.  socket(7), tcp(7), ipv6(7).
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

struct datagram_setup;

struct socket_setup {
	const struct datagram_setup *datagrams;	/* UDP; NULL: TCP */
	const char		*interface;	/* bind to it; NULL: none */
	const struct address	*source;	/* bind to it; NULL: none */
	bool			 only6;		/* of ::, no IPv4 */
	int			 backlog;	/* 0: the system's limit */
};

/*
 * A listening socket on the address, SO_REUSEADDR set; of UDP a bound one.
 * -1 with errno and the reason in *error.
 */
int	socket_listen(const struct address *, const struct socket_setup *,
	    struct error *);

#define SOCKET_UNBOUND	(-2)

/*
 * Begin to connect.  Returns the socket, whose outcome socket_error() tells
 * once it is writable; -1 with the reason when it failed at once, or
 * SOCKET_UNBOUND when it could not be bound to source or interface.
 */
int	socket_connect(const struct address *, const struct socket_setup *,
	    struct error *);

/*
 * Take one client: TCP_NODELAY is set; a local one has no address.  -1 with
 * errno as of accept(2).
 */
int	socket_accept(int listener, struct address *peer);

/* The pending error of the socket (SO_ERROR), which is cleared; 0: none. */
int	socket_error(int fd);

/* No Nagle: what is written goes out. */
void	socket_no_delay(int fd);

/* Have it hold so many bytes that were sent, where the kernel lets us. */
void	socket_grow(int fd, int bytes);

/* Bytes that came and were not read yet, by whomever. */
size_t	socket_unread(int fd);

/* What there is to be read, which stays: as recv(2) with MSG_PEEK. */
ssize_t	socket_look(int fd, void *, size_t);

/*
 * Ask the peer's host from time to time whether the connection still
 * exists: at first after 5 s of silence, given up after 4 unanswered
 * probes.  An unanswered or refused probe is an error of the socket.
 */
void	socket_probe(int fd);

/* Have close(2) reset the connection. */
void	socket_abort(int fd);

/*
 * Reset the connection at once, for all who have this socket: connect(2)
 * with AF_UNSPEC.
 */
void	socket_reset(int fd);

/* Is it a TCP socket, with acknowledgements to wait for? */
bool	socket_is_tcp(int fd);

/* Can anything be read from it, short of an end? */
bool	socket_has_bytes(int fd);

/* The address of our end; length 0 where there is none. */
void	socket_local(int fd, struct address *);

/* The address of the other end; length 0 where there is none. */
void	socket_peer(int fd, struct address *);

/*
 * The name that a local peer has bound, which is in `room` from now on;
 * length 0 where it has none.
 */
void	socket_peer_name(int fd, struct address *, struct sockaddr_un *room);

/* Options as they are. */
struct socket_options {
	bool	 no_delay;
	bool	 keepalive;
	int	 send_buffer;		/* bytes */
	int	 receive_buffer;
};
void	socket_ask(int fd, struct socket_options *);

/* Can IPv6 be reached here: has this host any IPv6 address? */
bool	socket_have_ipv6(void);

/* Urgent data stays in its place among the others: SO_OOBINLINE, socket(7). */
void	socket_keep_urgent(int fd);

#endif
