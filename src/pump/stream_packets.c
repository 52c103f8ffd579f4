/*
 * The stream over a connection of records: a local socket of type
 * SOCK_SEQPACKET.  It has the ends that a stream of bytes has, and gives and
 * takes records as datagram sockets do.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/datagram.h"
#include "pump/stream.h"

struct packets {
	struct stream_ops ops;		/* first: the stream leads here */
	struct inbox	*inbox;		/* only while there is something */
};

static ssize_t	packets_peek(struct stream *);
static void	packets_close(struct stream *);
static int	packets_receive(struct stream *, struct batch **);
static ssize_t	packets_send(struct stream *, const struct batch *);
static size_t	packets_room(const struct stream *);

static struct packets *packets_of(const struct stream *);
static void	drop_inbox(struct packets *);
static int	result(struct stream *, int);

static const struct stream_ops packets_ops = {
	.peek = packets_peek,
	.shut = stream_shut_socket,
	.close = packets_close,
	.receive = packets_receive,
	.send = packets_send,
	.room = packets_room
};

int
stream_open_packets(struct stream *stream, int fd)
{
	struct packets *packets = calloc(1, sizeof(*packets));

	if (packets == NULL)
		return -1;
	stream_open_socket(stream, fd);
	packets->ops = packets_ops;
	stream->ops = &packets->ops;
	datagram_tell_ends(fd);
	return 0;
}

static struct packets *
packets_of(const struct stream *stream)
{
	return (struct packets *)(uintptr_t)stream->ops;
}

/* An empty record looks like the end, and both can wait. */
static ssize_t
packets_peek(struct stream *stream)
{
	char byte;
	ssize_t n;

	n = recv(stream->rfd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 ? STREAM_AGAIN : result(stream, (int)n);
}

static void
packets_close(struct stream *stream)
{
	struct packets *packets = packets_of(stream);

	stream_close_socket(stream);
	drop_inbox(packets);
	free(packets);
	stream->ops = NULL;
}

static void
drop_inbox(struct packets *packets)
{
	inbox_free(packets->inbox);
	packets->inbox = NULL;
}

static int
packets_receive(struct stream *stream, struct batch **batches)
{
	struct packets *packets = packets_of(stream);
	int n;

	if (packets->inbox == NULL)
		packets->inbox = inbox_new(stream->rfd);
	if (packets->inbox == NULL)
		return stream_fail(stream, ENOMEM);
	n = inbox_fill(packets->inbox, stream->rfd);
	if (n == -1 && errno == ECONNRESET) {
		/* It is told first, and then what came before it. */
		(void)stream_fail(stream, ECONNRESET);
		n = inbox_fill(packets->inbox, stream->rfd);
	}
	if (n > 0) {
		*batches = inbox_batches(packets->inbox);
		return n;
	}
	n = result(stream, n);
	drop_inbox(packets);
	return n;
}

static ssize_t
packets_send(struct stream *stream, const struct batch *batch)
{
	struct batch out = *batch;
	size_t one = 1;

	out.peer.length = 0;
	out.direct = false;
	return result(stream, (int)datagram_send(stream->wfd, &out, &one));
}

static size_t
packets_room(const struct stream *stream)
{
	static const struct address connected = { .length = 0 };

	return datagram_room(stream->wfd, &connected);
}

static int
result(struct stream *stream, int n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return STREAM_AGAIN;
	return stream_fail(stream, errno);
}
