/* A descriptor that may block is asked first, and given what fits. */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/sink.h"

#define LAST_WAIT_NS	CLOCK_SECOND

static void	look(struct sink *);
static ssize_t	write_some(const struct sink *);

int
sink_open(struct sink *sink, int fd, size_t room)
{
	if (sink_open_own(sink, fd, room) == -1)
		return -1;
	sink->own = false;
	return 0;
}

int
sink_open_own(struct sink *sink, int fd, size_t room)
{
	memset(sink, 0, sizeof(*sink));
	sink->buffer = malloc(room);
	if (sink->buffer == NULL)
		return -1;
	sink->room = room;
	sink->fd = fd;
	sink->own = true;
	return 0;
}

bool
sink_put(struct sink *sink, const char *line, size_t size)
{
	if (sink->error != 0)
		return true;
	if (size > sink->room - sink->used) {
		sink->dropped++;
		return false;
	}
	memcpy(sink->buffer + sink->used, line, size);
	sink->used += size;
	return true;
}

bool
sink_flush(struct sink *sink)
{
	ssize_t n;

	if (sink->used > 0 && !sink->looked)
		look(sink);
	while (sink->used > 0) {
		n = write_some(sink);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n == -1) {
			sink->error = errno;
			sink->used = 0;
			break;
		}
		sink->used -= (size_t)n;
		memmove(sink->buffer, sink->buffer + n, sink->used);
	}
	return true;
}

/* What others have, too, is reopened where that gives a way of our own. */
static void
look(struct sink *sink)
{
	int own = -1;

	sink->looked = true;
	if (sink->own)
		return;
	sink->kind = descriptor_kind(sink->fd);
	if (sink->kind == DESCRIPTOR_PIPE || sink->kind == DESCRIPTOR_TERMINAL)
		own = descriptor_reopen(sink->fd, O_WRONLY);
	if (own == -1)
		return;
	sink->fd = own;
	sink->own = true;
}

static ssize_t
write_some(const struct sink *sink)
{
	struct pollfd row = { .fd = sink->fd, .events = POLLOUT };
	size_t size = sink->used;

	if (sink->own)
		return write(sink->fd, sink->buffer, size);
	if (sink->kind == DESCRIPTOR_SOCKET)
		return send(sink->fd, sink->buffer, size,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&row, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(sink->fd, sink->buffer,
	    size < PIPE_BUF ? size : PIPE_BUF);
}

void
sink_await(const struct sink *sink, struct watch *watch, struct owner *owner)
{
	if (sink->used > 0)
		watch_want(watch, owner, sink->fd, WATCH_WRITE);
}

void
sink_drain(struct sink *sink)
{
	struct pollfd row = { .fd = sink->fd, .events = POLLOUT };
	int64_t until = clock_now() + LAST_WAIT_NS, left = LAST_WAIT_NS;

	while (!sink_flush(sink) && left > 0) {
		(void)poll(&row, 1, (int)(left / CLOCK_MS) + 1);
		left = until - clock_now();
	}
}

void
sink_close(struct sink *sink)
{
	if (sink->buffer == NULL)
		return;
	sink_drain(sink);
	if (sink->own)
		(void)close(sink->fd);
	free(sink->buffer);
	sink->buffer = NULL;
}
