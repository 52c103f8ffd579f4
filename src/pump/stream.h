/*
 * A stream: a source and sink of bytes, with or without a descriptor.  Five
 * operations make one; a flow moves bytes from one stream to another.
 *
 * Invariants.  `error` is the stream's first error and is kept: afterwards
 * every write fails with it at once, while reads still deliver what the
 * kernel holds, and behind that comes neither an end of input nor anything
 * to wait for, but that error.
 * `readable` and `writable` say whether trying is worth a system call: they
 * start true, an operation that would block makes them false, and whoever
 * hears from the watch set makes them true again.
 */
#ifndef PUMP_STREAM_H
#define PUMP_STREAM_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/watch.h"

struct address;
struct batch;
struct rights;
struct stream;

/* Results of operations below 0; 0 of a read is the end of input. */
enum {
	STREAM_AGAIN = -1,	/* would block */
	STREAM_FAILED = -2	/* stream->error says why */
};

struct stream_ops {
	/* Bytes read, 0 at the end, or one of the above.  Never blocks. */
	ssize_t	(*read)(struct stream *, void *, size_t);
	/* As read of one byte, but it stays where it can; NULL: as read. */
	ssize_t	(*peek)(struct stream *);
	/* Bytes written (more than 0), or one of the above. */
	ssize_t	(*write)(struct stream *, const void *, size_t);
	/* End our side: 0 once the peer has acknowledged all, or the above. */
	int	(*shut)(struct stream *);
	/* Bytes that can be read though no descriptor says so. */
	size_t	(*pending)(const struct stream *);
	/* Give the descriptors back; the watch set has forgotten them. */
	void	(*close)(struct stream *);
	/* Of several descriptors; NULL: there are none but rfd and wfd. */
	void	(*hear)(struct stream *, const struct watch *);
	void	(*await_read)(struct stream *, struct watch *, struct owner *);
	void	(*await_write)(struct stream *, struct watch *,
		    struct owner *);
	void	(*forget)(struct stream *, struct watch *);
	/* Of records, in place of read and write; else NULL. */
	int	(*receive)(struct stream *, struct batch **);
	ssize_t	(*send)(struct stream *, const struct batch *);
	size_t	(*room)(const struct stream *);
	/* To whom; NULL: to the same peer always. */
	const struct address *(*destination)(const struct stream *);
};

struct stream {
	const struct stream_ops *ops;
	int		 rfd;		/* to be watched; -1: none */
	int		 wfd;
	int		 error;		/* the first errno, 0: none */
	uint8_t		 rkind;		/* enum descriptor_kind */
	uint8_t		 wkind;
	bool		 owned : 1;	/* both fds are ours */
	bool		 blocking : 1;	/* a socket is, for others' sake */
	bool		 rown : 1;	/* rfd is an own description */
	bool		 wown : 1;
	bool		 tcp : 1;		/* wfd has acknowledgements */
	bool		 readable : 1;
	bool		 writable : 1;
	bool		 ended : 1;	/* a read saw the end of input */
	bool		 shutting : 1;	/* our side was ended: a FIN counts */
	bool		 parked : 1;	/* a terminal, we in its background */
	bool		 standard : 1;	/* wfd is standard output */
	bool		 hung : 1;	/* HUP was told, and would be again */
};

/* A connected stream socket.  Takes ownership of fd. */
void	stream_open_socket(struct stream *, int fd);

/*
 * A connected socket of records with ends, SOCK_SEQPACKET.  0, and it owns
 * fd; -1 without memory.
 */
int	stream_open_packets(struct stream *, int fd);

/*
 * Our ends of a command's two pipes, which are non-blocking: takes ownership
 * of both.  -1 and -1 are a stream that has nothing.
 */
void	stream_open_pipes(struct stream *, int rfd, int wfd);

/* Our end of a command's terminal, which is non-blocking; owned. */
void	stream_open_pty(struct stream *, int master);

/*
 * Standard input, a source, and standard output, a sink.  Pipes and
 * terminals are reopened to be non-blocking without the caller noticing;
 * the inherited flags stay.
 */
void	stream_open_input(struct stream *);
void	stream_open_output(struct stream *);

/*
 * The operations, with the bookkeeping that the invariants ask for.  What
 * stream_shut() closes is forgotten by the watch set first.  Of a connected
 * local socket, descriptors can go with what is written.
 */
ssize_t	stream_read(struct stream *, void *, size_t);
ssize_t	stream_write(struct stream *, const void *, size_t);
ssize_t	stream_write_rights(struct stream *, const void *, size_t,
	    const struct rights *);
int	stream_shut(struct stream *, struct watch *);
void	stream_close(struct stream *, struct watch *);

/* 0 once all that was written is acknowledged; else as stream_shut(). */
int	stream_settled(struct stream *);

/* Bytes written and not known to be at the peer (a FIN does not count). */
size_t	stream_unacked(const struct stream *);

/*
 * Record a failure of a system call on this stream that another module made
 * (splice(2)).  Keeps the first.  Returns STREAM_FAILED.
 */
int	stream_fail(struct stream *, int error);

/*
 * What a system call that returned n gives: n, STREAM_AGAIN, or by errno a
 * failure, which is recorded.  The one place where errno becomes a result.
 */
ssize_t	stream_result(struct stream *, ssize_t n);

/* Did it break, so that there is nothing more to wait for in reading? */
bool	stream_lost(const struct stream *);

/*
 * Is an end of input a cut, because the stream broke?  Of a connection of
 * ours EPIPE is a reset behind the peer's end, which was heard in full, or
 * that a local peer has closed its end altogether.
 */
bool	stream_broken(const struct stream *);

/*
 * Is there more to be read?  More than 0: yes, and nothing was taken (but
 * from a device, or a pipe that was filled this very moment); else as
 * stream_read().
 */
ssize_t	stream_peek(struct stream *);

/*
 * A stream of records has these instead of reading and writing bytes.  If it
 * has no `shut`, nobody is told of its end: what was taken is delivered.
 *
 * Receive: the number of batches, which stay until the next call, 0 at the
 * end, or as stream_read().  Send: the number of the batch's records that
 * were taken, at least 1, or as stream_write().  Room: the longest record
 * that the way takes whole, as far as is known.
 */
bool	stream_has_records(const struct stream *);
int	stream_receive(struct stream *, struct batch **);
ssize_t	stream_send(struct stream *, const struct batch *);
size_t	stream_room(const struct stream *);

/* To whom they go now, where that can change; else NULL. */
const struct address *stream_destination(const struct stream *);

/* Are there ends, and can they be told from pauses? */
bool	stream_has_ends(const struct stream *);

/*
 * Is there more, or the end?  As stream_read(), but of a record it says 1;
 * what there is is taken, and lost.
 */
ssize_t	stream_drop(struct stream *, char *buf, size_t size);

/* Take over what the watch set says of both descriptors. */
void	stream_hear(struct stream *, const struct watch *);

/* For streams over connected sockets: shut and close of the table. */
int	stream_shut_socket(struct stream *);
void	stream_close_socket(struct stream *);

/* Ask the watch set for the next read or write; or only for errors. */
void	stream_await_read(struct stream *, struct watch *, struct owner *);
void	stream_await_write(struct stream *, struct watch *, struct owner *);
void	stream_await_error(struct stream *, struct watch *, struct owner *);

#endif
