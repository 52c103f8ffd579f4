/* Datagram sockets as one stream. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/socket.h"
#include "pump/post.h"
#include "pump/post_kept.h"

static void	post_hear(struct stream *, const struct watch *);
static void	post_await(struct stream *, struct watch *, struct owner *);
static void	post_await_write(struct stream *, struct watch *,
		    struct owner *);
static void	post_forget(struct stream *, struct watch *);
static void	post_close(struct stream *);
static int	post_receive(struct stream *, struct batch **);
static ssize_t	post_send(struct stream *, const struct batch *);
static size_t	post_room(const struct stream *);
static const struct address *post_destination(const struct stream *);

static int	take(struct post *, int);
static bool	is_gone(struct post *, int);
static bool	is_cut(struct post *, const struct batch *);
static bool	may_send(struct post *, const struct batch *);
static bool	wanted(struct post *, const struct batch *);
static bool	told(struct post *, int fd, int);
static bool	hear_errors(struct post *, int fd);
static bool	note(struct post *, int);

/* When a full queue is tried again. */
#define CROWDED_NS	(1 * CLOCK_MS)

/* A refusal of earlier ones may stand before one that can be sent. */
#define SEND_TRIES	3

/* ICMP's errors that are taken together. */
#define ERRORS_AT_ONCE	256

static const struct stream_ops post_ops = {
	.hear = post_hear,
	.await_read = post_await,
	.await_write = post_await_write,
	.forget = post_forget,
	.close = post_close,
	.receive = post_receive,
	.send = post_send,
	.room = post_room,
	.destination = post_destination
};

int
post_open(struct stream *stream, const int *fds, size_t count,
    const struct address *to)
{
	struct post *post = calloc(1, sizeof(*post));
	struct address local;

	if (post == NULL)
		return -1;
	post->ops = post_ops;
	memcpy(post->fds, fds, count * sizeof(*fds));
	post->count = count;
	post->icmp = datagram_is_udp(fds[0]);
	post->at_once = post->icmp ? BATCH_RECORDS : 1;
	post->fragments = datagram_fragments(fds[0]);
	if (post->icmp && to != NULL && to->length == 0)
		datagram_ask_errors(fds[0]);
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

struct post *
post_of(const struct stream *stream)
{
	return (struct post *)(uintptr_t)stream->ops;
}

static void
post_hear(struct stream *stream, const struct watch *watch)
{
	struct post *post = post_of(stream);
	unsigned events;
	size_t i;

	if (post->crowded)
		stream->writable = true;
	for (i = 0; i < post->count; i++) {
		events = watch_fired(watch, post->fds[i]);
		if (events & WATCH_READ)
			stream->readable = true;
		if (events & WATCH_ERROR)
			(void)hear_errors(post, post->fds[i]);
		if (events & (WATCH_WRITE | WATCH_ERROR))
			stream->writable = true;
	}
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

/*
 * A full queue of the device says nothing when it has room again, nor does
 * that of a local peer to whom the socket is not connected.
 */
static void
post_await_write(struct stream *stream, struct watch *watch,
    struct owner *owner)
{
	if (post_of(stream)->crowded)
		watch_until(watch, watch_time(watch) + CROWDED_NS);
	else
		watch_want(watch, owner, stream->wfd, WATCH_WRITE);
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

	for (i = 0; i < post->count; i++)
		(void)close(post->fds[i]);
	stream->ops = NULL;
	inbox_free(post->inbox);
	letters_free(&post->kept);
	senders_free(&post->senders);
	free(post);
}

/* The inbox is there only while there is something in it. */
static int
post_receive(struct stream *stream, struct batch **batches)
{
	struct post *post = post_of(stream);
	size_t tried;
	int n;

	if (post->inbox == NULL)
		post->inbox = inbox_new(post->fds[0]);
	if (post->inbox == NULL)
		return stream_fail(stream, ENOMEM);
	for (tried = 0; tried < post->count; tried++) {
		n = take(post, post->fds[post->next]);
		post->next = (post->next + 1) % post->count;
		if (n > 0) {
			if (post->answer_fd != -1)
				stream->wfd = post->answer_fd;
			*batches = inbox_batches(post->inbox);
			return n;
		}
		if (n < 0)
			return stream_fail(stream, -n);
	}
	inbox_free(post->inbox);
	post->inbox = NULL;
	return STREAM_AGAIN;
}

/* The number of batches, 0: nothing is there, or -errno. */
static int
take(struct post *post, int fd)
{
	struct batch *batch;
	int n, i, error;

	while ((n = inbox_fill(post->inbox, fd)) == -1) {
		error = errno;
		if (error == EAGAIN || error == EWOULDBLOCK)
			return 0;
		if (error != EINTR && !told(post, fd, error))
			return -error;
	}
	for (i = 0; i < n; i++) {
		batch = &inbox_batches(post->inbox)[i];
		address_set_port(&batch->local, post->port);
		if (!may_send(post, batch) || is_cut(post, batch) ||
		    !wanted(post, batch)) {
			batch->count = 0;
			continue;
		}
		post->arrived = true;
		post->admitted = true;
		post->keeps = false;
		if (post->names)
			senders_note(&post->senders, batch);
		if (!post->answers)
			continue;
		post->answer.peer = batch->peer;
		address_keep(&post->answer.peer, &post->answer_name);
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
		address_keep(&post->peer, &post->peer_name);
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

/* A sender that is not wanted may send what it likes. */
static bool
is_cut(struct post *post, const struct batch *batch)
{
	if (!batch->cut)
		return false;
	if (post->peers != POST_ONE || wanted(post, batch))
		post->cut++;
	return true;
}

static bool
may_send(struct post *post, const struct batch *batch)
{
	const struct credentials *who = batch->has_who ? &batch->who : NULL;

	if (post->allowed == NULL || allowed_has(post->allowed, who, -1))
		return true;
	post->denies = true;
	post->has_denied = batch->has_who;
	post->denied = batch->who;
	return false;
}

static ssize_t
post_send(struct stream *stream, const struct batch *batch)
{
	struct post *post = post_of(stream);
	struct batch out = *batch;
	ssize_t n;

	if (post->answer_fd == -1)
		return STREAM_AGAIN;
	out.peer = post->answer.peer;
	out.local = post->answer.local;
	out.direct = post->answer.direct;
	n = post_pass(stream, post->answer_fd, &out);
	if (n == -EAGAIN)
		return STREAM_AGAIN;
	if (n < 0)
		return is_gone(post, (int)-n) ? 1 :
		    stream_fail(stream, (int)-n);
	if (post->keeps)
		post_keep_sent(post, &out, (size_t)n);
	return n;
}

/*
 * A local peer that is to be answered may have gone, or have no name: that
 * is no failure of ours, and is noted.
 */
static bool
is_gone(struct post *post, int error)
{
	if (post->icmp || !post->answers || error == EMSGSIZE ||
	    error == ENOMEM)
		return false;
	if (post->refused == 0)
		post->refused = error;
	return true;
}

/*
 * EMSGSIZE may be ICMP's word of an earlier one, if the same call then
 * succeeds; or it means several as one; or this one.
 */
ssize_t
post_pass(struct stream *stream, int fd, const struct batch *batch)
{
	struct post *post = post_of(stream);
	int tries = 0, long_tries = 0, error;
	ssize_t n;

	while ((n = datagram_send(fd, batch, &post->at_once)) == -1) {
		error = errno == EWOULDBLOCK ? EAGAIN : errno;
		post->crowded = error == ENOBUFS ||
		    (error == EAGAIN && batch->peer.length > 0 && !post->icmp);
		if (post->crowded)
			return -EAGAIN;
		if (error == EINTR || (error == EMSGSIZE && ++long_tries == 1))
			continue;
		if (error == EMSGSIZE && post->at_once > 1) {
			post->at_once = 1;
			long_tries = 0;
			continue;
		}
		if (error == EAGAIN || error == EMSGSIZE ||
		    ++tries == SEND_TRIES || !told(post, fd, error))
			return -error;
	}
	post->crowded = false;
	if (long_tries > 0 && !post->fragments)
		post->too_long = true;
	post->arrived = post->arrived || post->open;
	post->open = true;
	return n;
}

static const struct address *
post_destination(const struct stream *stream)
{
	const struct post *post = post_of(stream);

	return post->answers ? &post->answer.peer : NULL;
}

static size_t
post_room(const struct stream *stream)
{
	const struct post *post = post_of(stream);

	return datagram_room(post->fds[0], &post->answer.peer);
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

void
post_finish(struct stream *stream)
{
	struct post *post = post_of(stream);

	(void)hear_errors(post, post->fds[0]);
}

bool
post_all_denied(const struct stream *stream)
{
	const struct post *post = post_of(stream);

	return post->denies && !post->admitted;
}

bool
post_all_refused(const struct stream *stream)
{
	const struct post *post = post_of(stream);

	return post->refused != 0 && !post->arrived && !post->open;
}

/* Is it ICMP's word of earlier ones, and no fault of the call? */
static bool
told(struct post *post, int fd, int error)
{
	return post->icmp && (hear_errors(post, fd) || (error != EACCES &&
	    note(post, error)));
}

/* They are taken at once, or the row would fire for ever. */
static bool
hear_errors(struct post *post, int fd)
{
	bool heard = false;
	int tries, error;

	if (!post->icmp)
		return false;
	for (tries = 0; tries < ERRORS_AT_ONCE; tries++) {
		error = datagram_told(fd);
		if (error == 0)
			break;
		heard = note(post, error) || heard;
	}
	return heard;
}

/* Is it what an ICMP message becomes?  icmp(7), ip(7). */
static bool
note(struct post *post, int error)
{
	switch (error) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENOPROTOOPT:
	case EPROTO:
	case EACCES:
		post->open = false;
		if (post->refused == 0)
			post->refused = error;
		return true;
	case EMSGSIZE:
		if (!post->fragments) {
			post->open = false;
			post->too_long = true;
		}
		return true;
	default:
		return false;
	}
}
