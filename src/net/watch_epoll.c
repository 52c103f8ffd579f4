/* epoll(7) behind the watch set. */

#include "config.h"

#include <sys/epoll.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/watch_backend.h"

#define AT_ONCE	64

struct backend {
	int			fd;
	struct epoll_event	events[AT_ONCE];
};

static uint32_t	to_kernel(unsigned);
static unsigned	from_kernel(uint32_t);

struct backend *
backend_new(struct error *error)
{
	struct backend *backend;

	backend = malloc(sizeof(*backend));
	if (backend == NULL) {
		error_set(error, errno, "epoll");
		return NULL;
	}
	backend->fd = epoll_create1(EPOLL_CLOEXEC);
	if (backend->fd == -1) {
		error_set(error, errno, "epoll_create1");
		free(backend);
		return NULL;
	}
	return backend;
}

void
backend_free(struct backend *backend)
{
	if (backend == NULL)
		return;
	close(backend->fd);
	free(backend);
}

int
backend_change(struct backend *backend, int fd, unsigned has, unsigned wanted)
{
	struct epoll_event event = { .data.fd = fd };
	int op;

	if (wanted == WATCH_ABSENT)
		return has == WATCH_ABSENT ? 0 :
		    epoll_ctl(backend->fd, EPOLL_CTL_DEL, fd, &event);
	event.events = to_kernel(wanted);
	op = has == WATCH_ABSENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	return epoll_ctl(backend->fd, op, fd, &event);
}

int
backend_wait(struct backend *backend, int timeout_ms)
{
	return epoll_wait(backend->fd, backend->events, AT_ONCE, timeout_ms);
}

int
backend_fired(const struct backend *backend, int n, unsigned *events)
{
	*events = from_kernel(backend->events[n].events);
	return backend->events[n].data.fd;
}

static uint32_t
to_kernel(unsigned wanted)
{
	return (wanted & WATCH_READ ? EPOLLIN : 0u) |
	    (wanted & WATCH_WRITE ? EPOLLOUT : 0u) |
	    (wanted & WATCH_END ? EPOLLRDHUP : 0u) |
	    (wanted & WATCH_EDGE ? (uint32_t)EPOLLET : 0u);
}

static unsigned
from_kernel(uint32_t events)
{
	return (events & EPOLLIN ? WATCH_READ : 0u) |
	    (events & EPOLLOUT ? WATCH_WRITE : 0u) |
	    (events & EPOLLRDHUP ? WATCH_END : 0u) |
	    (events & EPOLLERR ? WATCH_ERROR : 0u) |
	    (events & EPOLLHUP ? WATCH_HUP : 0u);
}

bool
watch_has_edges(void)
{
	return true;
}
