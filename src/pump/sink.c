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
#include "pump/sink.h"

#define ROOM_FIRST	((size_t)16 * 1024)

static bool	make_room(struct sink *, size_t);
static void	look(struct sink *);
static ssize_t	write_some(const struct sink *);

int
sink_open(struct sink *sink, int fd, size_t most)
{
	if (sink_open_own(sink, fd, most) == -1)
		return -1;
	sink->own = false;
	return 0;
}

int
sink_open_own(struct sink *sink, int fd, size_t most)
{
	memset(sink, 0, sizeof(*sink));
	sink->room = most < ROOM_FIRST ? most : ROOM_FIRST;
	sink->buffer = malloc(sink->room);
	if (sink->buffer == NULL)
		return -1;
	sink->most = most;
	sink->fd = fd;
	sink->own = true;
	return 0;
}

bool
sink_put(struct sink *sink, const char *line, size_t size)
{
	if (sink->error != 0)
		return true;
	if (size > sink->room - sink->at - sink->used &&
	    !make_room(sink, size)) {
		sink->dropped++;
		return false;
	}
	memcpy(sink->buffer + sink->at + sink->used, line, size);
	sink->used += size;
	return true;
}

static bool
make_room(struct sink *sink, size_t size)
{
	size_t room = sink->room;
	char *buffer;

	if (size > sink->most - sink->used)
		return false;
	memmove(sink->buffer, sink->buffer + sink->at, sink->used);
	sink->at = 0;
	/* Half of it is left free, or it would soon be moved again. */
	if (room < sink->most && sink->used + size > room / 2)
		room = room < sink->most / 2 ? room * 2 : sink->most;
	while (room - sink->used < size)
		room = room < sink->most / 2 ? room * 2 : sink->most;
	buffer = room == sink->room ? sink->buffer :
	    realloc(sink->buffer, room);
	if (buffer == NULL)
		return false;
	sink->buffer = buffer;
	sink->room = room;
	return true;
}

bool
sink_is_full(struct sink *sink)
{
	if (sink->error != 0 || sink->used < SINK_FULL)
		return false;
	sink->awaited = true;
	return true;
}

bool
sink_relieved(struct sink *sink)
{
	if (!sink->awaited || (sink->error == 0 && sink->used >= SINK_FULL))
		return false;
	sink->awaited = false;
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
		sink->at += (size_t)n;
	}
	sink->at = 0;
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
	const char *from = sink->buffer + sink->at;
	size_t size = sink->used;

	if (sink->own)
		return write(sink->fd, from, size);
	if (sink->kind == DESCRIPTOR_SOCKET)
		return send(sink->fd, from, size,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&row, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(sink->fd, from,
	    size < PIPE_BUF ? size : PIPE_BUF);
}

void
sink_await(const struct sink *sink, struct watch *watch, struct owner *owner)
{
	if (sink->used > 0)
		watch_want(watch, owner, sink->fd, WATCH_WRITE);
}

void
sink_drain(struct sink *sink, int64_t until)
{
	struct pollfd row = { .events = POLLOUT };
	int64_t left;

	while (!sink_flush(sink) && (left = until - clock_now()) > 0) {
		row.fd = sink->fd;
		(void)poll(&row, 1, (int)(left / CLOCK_MS) + 1);
	}
}

void
sink_close(struct sink *sink)
{
	if (sink->buffer == NULL)
		return;
	if (sink->own)
		(void)close(sink->fd);
	free(sink->buffer);
	sink->buffer = NULL;
}
