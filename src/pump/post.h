/*
 * A post: datagram sockets as one stream of records.  Flows take them in at
 * one and hand them out at another.
 *
 * What ICMP tells of datagrams that were sent is no failure of the stream:
 * it is counted, and the next datagram goes.
 */
#ifndef PUMP_POST_H
#define PUMP_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/datagram.h"
#include "pump/letters.h"
#include "pump/senders.h"
#include "pump/stream.h"

#define POST_SOCKETS	64

/* From whom records are taken. */
enum post_peers {
	POST_ANY,
	POST_FIRST,		/* from whoever sends the first one */
	POST_ONE		/* only from post->peer */
};

struct post {
	struct stream_ops ops;		/* first: the stream leads here */
	struct inbox	*inbox;		/* NULL: nothing is received */
	int		 fds[POST_SOCKETS];
	size_t		 count;
	size_t		 next;		/* to be asked */
	uint16_t	 port;		/* the sockets', which is one */
	size_t		 at_once;	/* records that may go as one */
	enum post_peers	 peers;
	struct address	 peer;		/* of POST_FIRST and POST_ONE */
	struct sockaddr_un peer_name;	/* of a local one */
	bool		 answers;	/* records go to the last sender */
	struct batch	 answer;	/* where they go, without data */
	struct sockaddr_un answer_name;	/* of a local one */
	int		 answer_fd;	/* from which socket; -1: nobody yet */
	int		 refused;	/* what ICMP told first; 0: nothing */
	bool		 open;		/* the last one sent was not refused */
	bool		 arrived;	/* one was sent that was not refused */
	bool		 icmp;		/* may tell: it is no local socket */
	bool		 crowded;	/* some queue is full; see await */
	bool		 fragments;	/* the system does, where it must */
	bool		 too_long;	/* one was for some host on the way */
	const struct allowed *allowed;	/* to send; NULL: all are */
	struct credentials denied;	/* one who was not */
	bool		 has_denied;	/* whom nothing was told of yet */
	bool		 denies;	/* somebody was denied */
	bool		 admitted;	/* somebody was */
	uint64_t	 cut;		/* that were too long, and dropped */
	bool		 names;		/* who has sent is noted */
	struct senders	 senders;
	bool		 keeps;		/* what is sent, for another address */
	struct letters	 kept;
	size_t		 stuck;		/* a kept record that failed, bytes */
	int64_t		 keeps_until;
};

/*
 * A stream over these sockets, at most 64.  Records go to `to`; where that
 * is of length 0, to whom the one socket is connected; NULL: to the last
 * sender.  It owns the sockets from now on.  0, or -1 without memory: then
 * they stay the caller's.
 */
int	post_open(struct stream *, const int *fds, size_t count,
	    const struct address *to);

/* The post behind a stream that is one. */
struct post *post_of(const struct stream *);

/*
 * Send to batch->peer from this one of its sockets, on behalf of others:
 * the number of records, at least 1, or -errno; EAGAIN: later.
 */
ssize_t	post_pass(struct stream *, int fd, const struct batch *);

/* Records that were lost in the receive queues. */
uint64_t post_lost(const struct stream *);

/* At the end: hear what ICMP tells of the last one. */
void	post_finish(struct stream *);

/* Were all who sent denied, and are there any? */
bool	post_all_denied(const struct stream *);

/* Was every datagram that was sent refused, as far as is known? */
bool	post_all_refused(const struct stream *);

#endif
