/*
 * The stream over the master of a pseudo-terminal.  When nobody has the
 * slave any more reading says EIO, which is the end; our end is what the
 * terminal's line editor takes for one.
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "net/pty.h"
#include "pump/stream.h"

static ssize_t	pty_read(struct stream *, void *, size_t);
static ssize_t	pty_write(struct stream *, const void *, size_t);
static int	pty_shut(struct stream *);
static size_t	pty_pending(const struct stream *);
static void	pty_close(struct stream *);

static const struct stream_ops pty_ops = {
	.read = pty_read,
	.write = pty_write,
	.shut = pty_shut,
	.pending = pty_pending,
	.close = pty_close
};

void
stream_open_pty(struct stream *stream, int master)
{
	memset(stream, 0, sizeof(*stream));
	stream->ops = &pty_ops;
	stream->rfd = master;
	stream->wfd = master;
	stream->rkind = DESCRIPTOR_FILE;
	stream->wkind = DESCRIPTOR_FILE;
	stream->owned = true;
	stream->readable = true;
	stream->writable = true;
}

static ssize_t
pty_read(struct stream *stream, void *buf, size_t size)
{
	ssize_t n = read(stream->rfd, buf, size);

	return n == -1 && errno == EIO ? 0 : stream_result(stream, n);
}

static ssize_t
pty_write(struct stream *stream, const void *buf, size_t size)
{
	return stream_result(stream, write(stream->wfd, buf, size));
}

/* The terminal itself stays: its output may still come. */
static int
pty_shut(struct stream *stream)
{
	char bytes[2];
	int count;

	if (stream->shutting)
		return 0;
	count = pty_end_of_file(stream->wfd, bytes);
	if (count > 0 && stream_result(stream, write(stream->wfd, bytes,
	    (size_t)count)) == STREAM_AGAIN)
		return STREAM_AGAIN;
	stream->shutting = true;
	return 0;
}

static size_t
pty_pending(const struct stream *stream)
{
	(void)stream;
	return 0;
}

static void
pty_close(struct stream *stream)
{
	if (stream->rfd != -1)
		(void)close(stream->rfd);
}
