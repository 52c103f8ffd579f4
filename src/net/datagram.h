/*
 * Sockets of records, of UDP and local ones: many records a system call.
 * udp(7), ip(7), ipv6(7), unix(7), recvmmsg(2).
 */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "net/credentials.h"

struct rights;

/* No datagram of UDP is longer, of whatever kind; no longer one can be sent. */
#define DATAGRAM_MOST	65535
#define DATAGRAM_SENT	65507

/* Nor a record of a local socket, of which a longer one is an error. */
#define LOCAL_MOST	(1024 * 1024)

/* Records of a batch, at most: UDP_MAX_SEGMENTS of Linux 6.9, and before. */
#define BATCH_RECORDS	128
#define BATCH_FEWER	64

/* Bytes of a batch of several records, which is one packet to the kernel. */
#define BATCH_BYTES	DATAGRAM_SENT

/*
 * Records of one peer, one behind the other: all of `segment` bytes but the
 * last, which may be shorter.  That is the shape of segmentation offload.
 */
struct batch {
	char		*data;
	size_t		 size;
	size_t		 segment;	/* where there are several */
	size_t		 count;		/* of records */
	struct address	 peer;		/* length 0: the connected one */
	struct address	 local;		/* where it came to; 0: not known */
	bool		 direct;	/* local is an address of ours */
	const struct rights *rights;	/* to go with the first; NULL: none */
	bool		 cut;		/* it was longer than LOCAL_MOST */
	bool		 has_who;	/* of local sockets; see below */
	struct credentials who;		/* the sender's */
};

/*
 * An order of senders, 0 for the same one: by address, and for local ones,
 * whose names others can have later, by user and group.
 */
int	batch_compare_senders(const struct batch *, const struct batch *);

/* The size of the first record. */
size_t	batch_first(const struct batch *);

/* Take so many records off the front. */
void	batch_skip(struct batch *, size_t records);

/* What is received at once, and where it lies. */
struct inbox;

/* For sockets like this one; NULL without memory. */
struct inbox *inbox_new(int fd);
void	inbox_free(struct inbox *);

/*
 * Receive what is there, in place of what was there before; descriptors
 * that come along are closed.  Returns the number of batches; 0 at the end,
 * which only connections have; or -1 with errno: EAGAIN, of a connection
 * EMSGSIZE where one was longer than LOCAL_MOST and is lost, or what ICMP
 * has told of datagrams sent on this socket (ECONNREFUSED, EHOSTUNREACH and
 * the like), after which one goes on.
 */
int	inbox_fill(struct inbox *, int fd);

/*
 * They; what they point to, names of peers included, stays until the next
 * inbox_fill().  The sender of each is known where credentials_ask() was
 * called for the socket.
 */
struct batch *inbox_batches(struct inbox *);

/*
 * Send: to batch->peer, or where the socket is connected; from the address
 * batch->local, where that is one of ours.  Returns the number of records that
 * the kernel took, at least 1; -1 with errno as of sendmsg(2), and none was
 * taken: EDESTADDRREQ where the peer has no name.  *most: how many may be sent
 * as one, which is made less when that is refused, 1 in the end.
 */
ssize_t	datagram_send(int fd, const struct batch *, size_t *most);

/* What a socket is told before it is bound or connected. */
struct datagram_setup {
	bool	 receives;	/* from many: see below */
	bool	 shared;	/* others may have the same port */
	bool	 open;		/* not connected: anyone may answer */
	bool	 open_group;	/* the same, where it goes to a group */
	bool	 broadcast;
	bool	 fragment;	/* else a record too long is EMSGSIZE */
	bool	 cut;		/* it may be cut: it was a piece of a stream */
	int	 ttl;		/* of multicast; -1: the system's */
	int	 loop;		/* multicast comes back here; -1: the same */
};

void	datagram_set(int fd, int family, const struct datagram_setup *);

/*
 * Have the kernel tell what came to which address, and join small datagrams
 * to big packets; a big receive buffer.
 */
void	datagram_prepare_receive(int fd);

/*
 * Take what is sent to the group, which came in by this interface (0: the
 * system's choice), from that source or (NULL) from all.  0, or -1 with
 * errno.  setsockopt(2), MCAST_JOIN_GROUP of RFC 3678.
 */
int	datagram_join(int fd, const struct address *group, unsigned interface,
	    const struct address *source);

/*
 * Have ICMP's errors told of a connected socket, those too that may pass,
 * such as that there is no way at present.  IP_RECVERR of ip(7).
 */
void	datagram_ask_errors(int fd);

/* The next error that ICMP told, or that is pending; 0: no more. */
int	datagram_told(int fd);

/* May what is sent on it be fragmented? */
bool	datagram_fragments(int fd);

/*
 * Packets that were lost on the socket since it exists, for want of room in
 * its queue or as they were damaged; several datagrams that the kernel had
 * joined are one.  0 where the platform does not tell.
 */
uint32_t datagram_lost(int fd);

/*
 * Is it UDP's?  Those know how to cut one message into many records, and
 * are told of by ICMP.
 */
bool	datagram_is_udp(int fd);

/*
 * Have the end of a connection be told from an empty record, which bears a
 * time of receipt from now on: SO_TIMESTAMP of socket(7).
 */
void	datagram_tell_ends(int fd);

/* Is it a local socket, and one of a connection (SOCK_SEQPACKET)? */
bool	datagram_is_local(int fd);
bool	datagram_is_connection(int fd);

/*
 * The longest record that the path takes whole, as far as it is known: to
 * the connected peer, or to that address.  Of a local socket it is what its
 * buffer takes.
 */
size_t	datagram_room(int fd, const struct address *);

#endif
