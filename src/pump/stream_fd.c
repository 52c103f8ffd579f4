/*
 * The stream over descriptors: a connected socket of ours, or the standard
 * input and output that we were given.  What an operation does is chosen by
 * the descriptor's kind, once for each table below; O_NONBLOCK of an
 * inherited description is never touched.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "net/socket.h"
#include "pump/stream.h"

/* What goes to a terminal that could not be reopened, at most. */
#define TERMINAL_BUF	256

/* Operations. */
static ssize_t	fd_read(struct stream *, void *, size_t);
static ssize_t	fd_peek(struct stream *);
static ssize_t	fd_write(struct stream *, const void *, size_t);
static int	fd_shut(struct stream *);
static size_t	fd_pending(const struct stream *);

/* By kind. */
static ssize_t	read_plain(struct stream *, void *, size_t);
static ssize_t	read_ready(struct stream *, void *, size_t);
static ssize_t	read_terminal(struct stream *, void *, size_t);
static ssize_t	read_socket(struct stream *, void *, size_t);
static ssize_t	read_null(struct stream *, void *, size_t);
static ssize_t	write_plain(struct stream *, const void *, size_t);
static ssize_t	write_shared(struct stream *, const void *, size_t);
static ssize_t	write_socket(struct stream *, const void *, size_t);

static void	begin(struct stream *);
static int	reopen(int, unsigned, int);
static int	shut_output(struct stream *);
static bool	ready(int, short);

static const struct stream_ops fd_ops = {
	.read = fd_read,
	.peek = fd_peek,
	.write = fd_write,
	.shut = fd_shut,
	.pending = fd_pending,
	.close = stream_close_socket
};

static const struct {
	ssize_t	(*read)(struct stream *, void *, size_t);
	ssize_t	(*write)(struct stream *, const void *, size_t);
} by_kind[] = {
	[DESCRIPTOR_PIPE] = { read_ready, write_shared },
	[DESCRIPTOR_TERMINAL] = { read_terminal, write_shared },
	[DESCRIPTOR_SOCKET] = { read_socket, write_socket },
	[DESCRIPTOR_FILE] = { read_plain, write_plain },
	[DESCRIPTOR_NULL] = { read_null, write_plain },
	[DESCRIPTOR_DEVICE] = { read_ready, write_plain },
};

void
stream_open_socket(struct stream *stream, int fd)
{
	begin(stream);
	stream->rfd = fd;
	stream->wfd = fd;
	stream->rkind = DESCRIPTOR_SOCKET;
	stream->wkind = DESCRIPTOR_SOCKET;
	stream->owned = true;
	stream->rown = true;
	stream->wown = true;
	stream->tcp = socket_is_tcp(fd);
	stream->blocking = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

void
stream_open_pipes(struct stream *stream, int rfd, int wfd)
{
	begin(stream);
	stream->rfd = rfd;
	stream->wfd = wfd;
	stream->rkind = DESCRIPTOR_PIPE;
	stream->wkind = DESCRIPTOR_PIPE;
	stream->owned = true;
	stream->rown = true;
	stream->wown = true;
}

void
stream_open_input(struct stream *stream)
{
	int fd;

	begin(stream);
	stream->rfd = STDIN_FILENO;
	stream->rkind = (uint8_t)descriptor_kind_of_input(STDIN_FILENO);
	fd = reopen(STDIN_FILENO, stream->rkind, O_RDONLY);
	if (fd != -1) {
		stream->rfd = fd;
		stream->rown = true;
	}
}

void
stream_open_output(struct stream *stream)
{
	int fd;

	begin(stream);
	stream->standard = true;
	stream->wfd = STDOUT_FILENO;
	stream->wkind = (uint8_t)descriptor_kind(STDOUT_FILENO);
	stream->tcp = stream->wkind == DESCRIPTOR_SOCKET &&
	    socket_is_tcp(STDOUT_FILENO);
	/* One that was closed swallows nothing. */
	if (stream->wkind == DESCRIPTOR_NULL &&
	    !descriptor_is_writable(STDOUT_FILENO))
		stream->wkind = DESCRIPTOR_DEVICE;
	fd = reopen(STDOUT_FILENO, stream->wkind, O_WRONLY);
	if (fd != -1) {
		stream->wfd = fd;
		stream->wown = true;
	}
}

static void
begin(struct stream *stream)
{
	memset(stream, 0, sizeof(*stream));
	stream->ops = &fd_ops;
	stream->rfd = -1;
	stream->wfd = -1;
	stream->rkind = DESCRIPTOR_FILE;
	stream->wkind = DESCRIPTOR_FILE;
	stream->readable = true;
	stream->writable = true;
}

static int
reopen(int fd, unsigned kind, int access)
{
	if (kind != DESCRIPTOR_PIPE && kind != DESCRIPTOR_TERMINAL)
		return -1;
	return descriptor_reopen(fd, access);
}

static ssize_t
fd_read(struct stream *stream, void *buf, size_t size)
{
	return by_kind[stream->rkind].read(stream, buf, size);
}

/*
 * Where nothing waits, a read tells the end from a pause: not every pipe
 * says by poll(2) that it has ended.
 */
static ssize_t
fd_peek(struct stream *stream)
{
	int waiting = 0;
	char byte;

	switch ((enum descriptor_kind)stream->rkind) {
	case DESCRIPTOR_SOCKET:
		return stream_result(stream, recv(stream->rfd, &byte, 1,
		    MSG_PEEK | MSG_DONTWAIT));
	case DESCRIPTOR_FILE:
		return stream_result(stream, pread(stream->rfd, &byte, 1,
		    lseek(stream->rfd, 0, SEEK_CUR)));
	case DESCRIPTOR_PIPE:
	case DESCRIPTOR_TERMINAL:
		if (ioctl(stream->rfd, FIONREAD, &waiting) == 0 && waiting > 0)
			return 1;
		break;
	case DESCRIPTOR_NULL:
	case DESCRIPTOR_DEVICE:
		break;
	}
	return fd_read(stream, &byte, 1);
}

static ssize_t
fd_write(struct stream *stream, const void *buf, size_t size)
{
	return by_kind[stream->wkind].write(stream, buf, size);
}

static size_t
fd_pending(const struct stream *stream)
{
	(void)stream;
	return 0;
}

void
stream_close_socket(struct stream *stream)
{
	if (stream->rown && stream->rfd != -1)
		(void)close(stream->rfd);
	if (stream->wown && stream->wfd != -1 && stream->wfd != stream->rfd)
		(void)close(stream->wfd);
}

static ssize_t
read_plain(struct stream *stream, void *buf, size_t size)
{
	return stream_result(stream, read(stream->rfd, buf, size));
}

static ssize_t
read_ready(struct stream *stream, void *buf, size_t size)
{
	if (!stream->rown && !ready(stream->rfd, POLLIN))
		return STREAM_AGAIN;
	return read_plain(stream, buf, size);
}

/* A terminal that hung up says EIO, or 0: both are its end. */
static ssize_t
read_terminal(struct stream *stream, void *buf, size_t size)
{
	ssize_t n;

	if (descriptor_in_background(stream->rfd)) {
		stream->parked = true;
		return STREAM_AGAIN;
	}
	if (!stream->rown && !ready(stream->rfd, POLLIN))
		return STREAM_AGAIN;
	n = read(stream->rfd, buf, size);
	return n == -1 && errno == EIO ? 0 : stream_result(stream, n);
}

static ssize_t
read_socket(struct stream *stream, void *buf, size_t size)
{
	return stream_result(stream, recv(stream->rfd, buf, size,
	    MSG_DONTWAIT));
}

static ssize_t
read_null(struct stream *stream, void *buf, size_t size)
{
	(void)stream;
	(void)buf;
	(void)size;
	return 0;
}

static ssize_t
write_plain(struct stream *stream, const void *buf, size_t size)
{
	return stream_result(stream, write(stream->wfd, buf, size));
}

/*
 * Others may write to the same pipe or terminal, so POLLOUT is no promise;
 * what is small enough to go atomically is the best that can be done with a
 * description that could not be reopened.
 */
static ssize_t
write_shared(struct stream *stream, const void *buf, size_t size)
{
	size_t most = stream->wkind == DESCRIPTOR_PIPE ? PIPE_BUF :
	    TERMINAL_BUF;

	if (stream->wown)
		return write_plain(stream, buf, size);
	if (!ready(stream->wfd, POLLOUT))
		return STREAM_AGAIN;
	return write_plain(stream, buf, size < most ? size : most);
}

static ssize_t
write_socket(struct stream *stream, const void *buf, size_t size)
{
	return stream_result(stream, send(stream->wfd, buf, size,
	    MSG_DONTWAIT | MSG_NOSIGNAL));
}

static int
fd_shut(struct stream *stream)
{
	switch ((enum descriptor_kind)stream->wkind) {
	case DESCRIPTOR_SOCKET:
		return stream_shut_socket(stream);
	case DESCRIPTOR_TERMINAL:
		return 0;
	case DESCRIPTOR_PIPE:
	case DESCRIPTOR_FILE:
	case DESCRIPTOR_NULL:
	case DESCRIPTOR_DEVICE:
		break;
	}
	return shut_output(stream);
}

int
stream_shut_socket(struct stream *stream)
{
	int error;

	if (!stream->shutting && shutdown(stream->wfd, SHUT_WR) == -1) {
		error = errno;
		if (error == ENOTCONN)
			error = socket_error(stream->wfd);
		return stream_fail(stream, error == 0 ? ECONNRESET : error);
	}
	stream->shutting = true;
	return stream_settled(stream);
}

/*
 * Close a pipe or a file.  Of standard output the number goes to /dev/null;
 * an own description of it is another one.
 */
static int
shut_output(struct stream *stream)
{
	if (stream->shutting)
		return 0;
	stream->shutting = true;
	if (stream->wown) {
		(void)close(stream->wfd);
		stream->wown = false;
	}
	stream->wfd = -1;
	if (stream->standard && descriptor_end(STDOUT_FILENO) == -1)
		return stream_fail(stream, errno);
	return 0;
}

/* Is an operation on a description that may block worth trying? */
static bool
ready(int fd, short events)
{
	struct pollfd row = { .fd = fd, .events = events };

	return poll(&row, 1, 0) == 1;
}
