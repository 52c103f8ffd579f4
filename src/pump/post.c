/* Datagram sockets as one stream. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "net/socket.h"
#include "pump/post.h"

static void	post_hear(struct stream *, const struct watch *);
static void	post_await(struct stream *, struct watch *, struct owner *);
static void	post_forget(struct stream *, struct watch *);
static void	post_close(struct stream *);
static ssize_t	post_read(struct stream *, void *, size_t);
static int	post_shut(struct stream *);

static int	take(struct post *, struct inbox *, int);
static bool	wanted(struct post *, const struct batch *);
static bool	is_refusal(int);
static void	refuse(struct post *, int);

/* A refusal of earlier ones may stand before one that can be sent. */
#define SEND_TRIES	3

static const struct stream_ops post_ops = {
	.read = post_read,
	.hear = post_hear,
	.await_read = post_await,
	.forget = post_forget,
	.shut = post_shut,
	.close = post_close
};

int
post_open(struct stream *stream, const int *fds, size_t count, bool owned,
    const struct address *to)
{
	struct post *post = calloc(1, sizeof(*post));
	struct address local;

	if (post == NULL)
		return -1;
	post->ops = post_ops;
	memcpy(post->fds, fds, count * sizeof(*fds));
	post->count = count;
	post->owned = owned;
	post->at_once = datagram_at_once(fds[0]);
	socket_local(fds[0], &local);
	post->port = address_port(&local);
	post->answers = to == NULL;
	post->answer_fd = to != NULL ? fds[0] : -1;
	if (to != NULL)
		post->answer.peer = *to;
	memset(stream, 0, sizeof(*stream));
	stream->ops = &post->ops;
	stream->rfd = fds[0];
	stream->wfd = fds[0];
	stream->rkind = DESCRIPTOR_SOCKET;
	stream->wkind = DESCRIPTOR_SOCKET;
	stream->readable = true;
	stream->writable = true;
	return 0;
}

bool
post_is(const struct stream *stream)
{
	return stream->ops->await_read == post_await;
}

struct post *
post_of(const struct stream *stream)
{
	return (struct post *)(uintptr_t)stream->ops;
}

/* What ICMP told is taken by the next call. */
static void
post_hear(struct stream *stream, const struct watch *watch)
{
	const struct post *post = post_of(stream);
	size_t i;

	for (i = 0; i < post->count; i++)
		if (watch_fired(watch, post->fds[i]) & ~(unsigned)WATCH_WRITE)
			stream->readable = true;
	if (watch_fired(watch, stream->wfd) & (WATCH_WRITE | WATCH_ERROR))
		stream->writable = true;
}

/* All sockets; which of them have something is found out by asking. */
static void
post_await(struct stream *stream, struct watch *watch, struct owner *owner)
{
	const struct post *post = post_of(stream);
	size_t i;

	for (i = 0; i < post->count; i++)
		watch_want(watch, owner, post->fds[i], WATCH_READ);
}

static void
post_forget(struct stream *stream, struct watch *watch)
{
	const struct post *post = post_of(stream);
	size_t i;

	for (i = 0; i < post->count; i++)
		watch_forget(watch, post->fds[i]);
}

static void
post_close(struct stream *stream)
{
	struct post *post = post_of(stream);
	size_t i;

	for (i = 0; post->owned && i < post->count; i++)
		(void)close(post->fds[i]);
	stream->ops = NULL;
	free(post);
}

/* As bytes there is nothing to be read. */
static ssize_t
post_read(struct stream *stream, void *buf, size_t size)
{
	(void)stream;
	(void)buf;
	(void)size;
	return STREAM_AGAIN;
}

/* A datagram that the kernel took is delivered. */
static int
post_shut(struct stream *stream)
{
	(void)stream;
	return 0;
}

int
post_receive(struct stream *stream, struct inbox *inbox)
{
	struct post *post = post_of(stream);
	size_t tried;
	int n;

	for (tried = 0; tried < post->count; tried++) {
		n = take(post, inbox, post->fds[post->next]);
		post->next = (post->next + 1) % post->count;
		if (n > 0) {
			if (post->answer_fd != -1)
				stream->wfd = post->answer_fd;
			return n;
		}
		if (n < 0)
			return stream_fail(stream, -n);
	}
	stream->readable = false;
	return STREAM_AGAIN;
}

/* The number of batches, 0: nothing is there, or -errno. */
static int
take(struct post *post, struct inbox *inbox, int fd)
{
	struct batch *batch;
	int n, i;

	while ((n = inbox_fill(inbox, fd)) == -1) {
		if (is_refusal(errno))
			refuse(post, errno);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
	for (i = 0; i < n; i++) {
		batch = inbox_batch(inbox, (size_t)i);
		address_set_port(&batch->local, post->port);
		if (!wanted(post, batch)) {
			batch->count = 0;
			continue;
		}
		if (!post->answers)
			continue;
		post->answer.peer = batch->peer;
		post->answer.local = batch->local;
		post->answer.direct = batch->direct;
		post->answer_fd = fd;
	}
	return n;
}

static bool
wanted(struct post *post, const struct batch *batch)
{
	struct address peer = batch->peer;

	switch (post->peers) {
	case POST_ANY:
		return true;
	case POST_FIRST:
		post->peer = peer;
		address_unmap(&post->peer);
		post->peers = POST_ONE;
		return true;
	case POST_ONE:
		break;
	}
	address_unmap(&peer);
	return address_same_host(&post->peer, &peer) &&
	    (address_port(&post->peer) == 0 ||
	    address_port(&post->peer) == address_port(&peer));
}

ssize_t
post_send(struct stream *stream, const struct batch *batch)
{
	struct post *post = post_of(stream);
	struct batch out = *batch;
	int tries = 0;
	ssize_t n;

	if (post->answer_fd == -1)
		return STREAM_AGAIN;
	out.peer = post->answer.peer;
	out.local = post->answer.local;
	out.direct = post->answer.direct;
	while ((n = datagram_send(post->answer_fd, &out,
	    &post->at_once)) == -1) {
		if (is_refusal(errno) && ++tries < SEND_TRIES) {
			refuse(post, errno);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			stream->writable = false;
			return STREAM_AGAIN;
		} else if (errno != EINTR) {
			return stream_fail(stream, errno);
		}
	}
	post->arrived = post->arrived || post->open;
	post->open = true;
	return n;
}

uint64_t
post_lost(const struct stream *stream)
{
	const struct post *post = post_of(stream);
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < post->count; i++)
		lost += datagram_lost(post->fds[i]);
	return lost;
}

bool
post_all_refused(struct stream *stream)
{
	struct post *post = post_of(stream);
	int error = socket_error(post->fds[0]);

	if (is_refusal(error))
		refuse(post, error);
	return post->refused != 0 && !post->arrived && !post->open;
}

/* What an ICMP message becomes; icmp(7), ip(7). */
static bool
is_refusal(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH ||
	    error == ENETUNREACH || error == EHOSTDOWN ||
	    error == ENOPROTOOPT || error == EPROTO;
}

static void
refuse(struct post *post, int error)
{
	post->open = false;
	if (post->refused == 0)
		post->refused = error;
}
