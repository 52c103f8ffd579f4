/*
 * What all streams share: the first error is kept, readiness is remembered.
 * How bytes travel is the business of the operations.
 */

#include "config.h"

#include <errno.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/rights.h"
#include "net/socket.h"
#include "net/tcp.h"
#include "pump/stream.h"

/* How often a terminal is asked whether we are in its foreground again. */
#define PARKED_NS	(500 * CLOCK_MS)

static int	why_broken(const struct stream *);
static ssize_t	note_read(struct stream *, ssize_t);
static void	hear_trouble(struct stream *, unsigned);

ssize_t
stream_read(struct stream *stream, void *buf, size_t size)
{
	return note_read(stream, stream->ops->read(stream, buf, size));
}

ssize_t
stream_peek(struct stream *stream)
{
	char byte;

	if (stream->ops->peek == NULL)
		return stream_read(stream, &byte, 1);
	return note_read(stream, stream->ops->peek(stream));
}

static ssize_t
note_read(struct stream *stream, ssize_t n)
{
	if (n > 0 || n == STREAM_FAILED)
		return n;
	if (n == 0 ? stream_broken(stream) : stream_lost(stream))
		return STREAM_FAILED;
	if (n == STREAM_AGAIN)
		stream->readable = false;
	else
		stream->ended = true;
	return n;
}

ssize_t
stream_write(struct stream *stream, const void *buf, size_t size)
{
	ssize_t n;

	if (stream->error != 0)
		return STREAM_FAILED;
	n = stream->ops->write(stream, buf, size);
	if (n == STREAM_AGAIN)
		stream->writable = false;
	return n;
}

ssize_t
stream_write_rights(struct stream *stream, const void *buf, size_t size,
    const struct rights *rights)
{
	ssize_t n;

	if (stream->error != 0)
		return STREAM_FAILED;
	n = stream_result(stream, rights_send(stream->wfd, buf, size,
	    rights));
	stream->writable = stream->writable && n != STREAM_AGAIN;
	return n;
}

bool
stream_has_records(const struct stream *stream)
{
	return stream->ops->receive != NULL;
}

int
stream_receive(struct stream *stream, struct batch **batches)
{
	int n = stream->ops->receive(stream, batches);

	if (stream_has_ends(stream))
		return (int)note_read(stream, n);
	if (n == STREAM_AGAIN)
		stream->readable = false;
	return n;
}

ssize_t
stream_send(struct stream *stream, const struct batch *batch)
{
	ssize_t n;

	if (stream->error != 0)
		return STREAM_FAILED;
	n = stream->ops->send(stream, batch);
	if (n == STREAM_AGAIN)
		stream->writable = false;
	return n;
}

bool
stream_has_ends(const struct stream *stream)
{
	return stream->ops->shut != NULL;
}

ssize_t
stream_drop(struct stream *stream, char *buf, size_t size)
{
	struct batch *batches;
	int n;

	if (!stream_has_records(stream))
		return stream_read(stream, buf, size);
	n = stream_receive(stream, &batches);
	return n > 0 ? 1 : n;
}

const struct address *
stream_destination(const struct stream *stream)
{
	return stream->ops->destination == NULL ? NULL :
	    stream->ops->destination(stream);
}

size_t
stream_room(const struct stream *stream)
{
	return stream->ops->room(stream);
}

int
stream_shut(struct stream *stream, struct watch *watch)
{
	if (stream->error != 0)
		return STREAM_FAILED;
	if (!stream_has_ends(stream))
		return 0;
	if (stream->wkind != DESCRIPTOR_SOCKET && !stream->shutting)
		watch_forget(watch, stream->wfd);
	return stream->ops->shut(stream);
}

void
stream_close(struct stream *stream, struct watch *watch)
{
	watch_forget(watch, stream->rfd);
	watch_forget(watch, stream->wfd);
	if (stream->ops->forget != NULL)
		stream->ops->forget(stream, watch);
	stream->ops->close(stream);
	stream->rfd = -1;
	stream->wfd = -1;
}

int
stream_settled(struct stream *stream)
{
	int error;

	if (stream->error != 0)
		return STREAM_FAILED;
	if (stream_unacked(stream) == 0)
		return 0;
	error = socket_error(stream->wfd);
	return error == 0 ? STREAM_AGAIN : stream_fail(stream, error);
}

size_t
stream_unacked(const struct stream *stream)
{
	size_t bytes;

	if (!stream->tcp || stream->wfd == -1)
		return 0;
	bytes = tcp_unacked(stream->wfd);
	return bytes > 0 && stream->shutting ? bytes - 1 : bytes;
}

int
stream_fail(struct stream *stream, int error)
{
	if (stream->error == 0)
		stream->error = error == EPIPE ? why_broken(stream) : error;
	return STREAM_FAILED;
}

ssize_t
stream_result(struct stream *stream, ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return STREAM_AGAIN;
	return stream_fail(stream, errno);
}

/* Of a local peer that closed with bytes of ours unread it is a reset. */
static int
why_broken(const struct stream *stream)
{
	int error = 0;

	if (stream->wkind == DESCRIPTOR_SOCKET && stream->owned &&
	    !stream->tcp)
		error = socket_error(stream->wfd);
	return error == 0 ? EPIPE : error;
}

bool
stream_broken(const struct stream *stream)
{
	return stream_lost(stream) &&
	    !(stream->wkind == DESCRIPTOR_SOCKET && stream->owned &&
	    stream->error == EPIPE);
}

/* Of a command's two pipes one may break, and the other is what it was. */
bool
stream_lost(const struct stream *stream)
{
	return stream->error != 0 && !(stream->error == EPIPE &&
	    stream->rfd != stream->wfd && stream->rkind == DESCRIPTOR_PIPE);
}

/*
 * A socket's error is taken as soon as it is told, or the row would fire
 * for ever.  Nothing is lost by that: reads go on until the kernel has no
 * more, and only then tell the error that was kept.
 */
void
stream_hear(struct stream *stream, const struct watch *watch)
{
	unsigned events = watch_fired(watch, stream->rfd);

	if (stream->ops->hear != NULL) {
		stream->ops->hear(stream, watch);
		return;
	}
	if ((events & ~(unsigned)WATCH_WRITE) || stream->parked)
		stream->readable = true;
	stream->parked = false;
	if (stream->wfd != stream->rfd)
		events = watch_fired(watch, stream->wfd);
	if (events & (WATCH_WRITE | WATCH_ERROR | WATCH_HUP))
		stream->writable = true;
	if (events & (WATCH_ERROR | WATCH_HUP))
		hear_trouble(stream, events);
}

static void
hear_trouble(struct stream *stream, unsigned events)
{
	int error = 0;

	switch ((enum descriptor_kind)stream->wkind) {
	case DESCRIPTOR_SOCKET:
		error = socket_error(stream->wfd);
		stream->hung = error == 0;
		if (error == 0 && !stream->owned && !stream->shutting)
			error = EPIPE;
		break;
	case DESCRIPTOR_PIPE:
		error = events & WATCH_ERROR ? EPIPE : 0;
		break;
	case DESCRIPTOR_TERMINAL:
	case DESCRIPTOR_DEVICE:
		error = EIO;
		break;
	case DESCRIPTOR_FILE:
	case DESCRIPTOR_NULL:
		break;
	}
	if (error != 0)
		(void)stream_fail(stream, error);
}

void
stream_await_read(struct stream *stream, struct watch *watch,
    struct owner *owner)
{
	if (stream->parked)
		watch_until(watch, watch_time(watch) + PARKED_NS);
	else if (stream->readable)
		watch_touch(watch, owner);
	else if (stream->ops->await_read != NULL)
		stream->ops->await_read(stream, watch, owner);
	else
		watch_want(watch, owner, stream->rfd, WATCH_READ);
}

void
stream_await_write(struct stream *stream, struct watch *watch,
    struct owner *owner)
{
	if (stream->writable)
		watch_touch(watch, owner);
	else if (stream->ops->await_write != NULL)
		stream->ops->await_write(stream, watch, owner);
	else
		watch_want(watch, owner, stream->wfd, WATCH_WRITE);
}

void
stream_await_error(struct stream *stream, struct watch *watch,
    struct owner *owner)
{
	if (!stream->hung)
		watch_want(watch, owner, stream->wfd, 0);
}
