/*
 * poll(2) behind the watch set, for systems without epoll(7).  There is no
 * edge: a row that asks for WATCH_EDGE is left out, and its owner's
 * deadline has to do.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "net/watch_backend.h"

struct backend {
	struct pollfd	*rows;
	size_t		 count;
	size_t		 room;
	int		*found;		/* indices of rows that fired */
};

static size_t	find(const struct backend *, int);
static int	grow(struct backend *);
static void	collapse(struct backend *, size_t);

struct backend *
backend_new(struct error *error)
{
	struct backend *backend;

	backend = calloc(1, sizeof(*backend));
	if (backend == NULL)
		error_set(error, errno, "poll");
	return backend;
}

void
backend_free(struct backend *backend)
{
	if (backend == NULL)
		return;
	free(backend->rows);
	free(backend->found);
	free(backend);
}

int
backend_change(struct backend *backend, int fd, unsigned has, unsigned wanted)
{
	size_t i;

	(void)has;
	i = find(backend, fd);
	if (wanted == WATCH_ABSENT || (wanted & WATCH_EDGE)) {
		if (i < backend->count)
			collapse(backend, i);
		return 0;
	}
	if (i == backend->count) {
		if (grow(backend) == -1)
			return -1;
		backend->rows[backend->count++].fd = fd;
	}
	backend->rows[i].events =
	    (short)((wanted & WATCH_READ ? POLLIN : 0) |
	    (wanted & WATCH_WRITE ? POLLOUT : 0));
	return 0;
}

int
backend_wait(struct backend *backend, int timeout_ms)
{
	int n = 0;
	size_t i;

	if (poll(backend->rows, (nfds_t)backend->count, timeout_ms) == -1)
		return -1;
	for (i = 0; i < backend->count; i++)
		if (backend->rows[i].revents != 0)
			backend->found[n++] = (int)i;
	return n;
}

int
backend_fired(const struct backend *backend, int n, unsigned *events)
{
	const struct pollfd *row = &backend->rows[backend->found[n]];

	*events = (row->revents & POLLIN ? WATCH_READ : 0u) |
	    (row->revents & POLLOUT ? WATCH_WRITE : 0u) |
	    (row->revents & (POLLERR | POLLNVAL) ? WATCH_ERROR : 0u) |
	    (row->revents & POLLHUP ? WATCH_HUP : 0u);
	return row->fd;
}

static size_t
find(const struct backend *backend, int fd)
{
	size_t i;

	for (i = 0; i < backend->count; i++)
		if (backend->rows[i].fd == fd)
			break;
	return i;
}

static int
grow(struct backend *backend)
{
	struct pollfd *rows;
	int *found;
	size_t room;

	if (backend->count < backend->room)
		return 0;
	room = backend->room == 0 ? 8 : backend->room * 2;
	rows = reallocarray(backend->rows, room, sizeof(*rows));
	if (rows == NULL)
		return -1;
	backend->rows = rows;
	found = reallocarray(backend->found, room, sizeof(*found));
	if (found == NULL)
		return -1;
	backend->found = found;
	backend->room = room;
	return 0;
}

static void
collapse(struct backend *backend, size_t i)
{
	backend->rows[i] = backend->rows[--backend->count];
}

bool
watch_has_edges(void)
{
	return false;
}
