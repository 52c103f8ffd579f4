/*
 * What differs between epoll(7) and poll(2).  Only watch.c and the two
 * backends include this.
 */
#ifndef NET_WATCH_BACKEND_H
#define NET_WATCH_BACKEND_H

#include "base/error.h"
#include "net/watch.h"

#define WATCH_ABSENT	0x80u	/* as events: not in the set at all */

struct backend;

struct backend *backend_new(struct error *);
void	backend_free(struct backend *);

/*
 * Change what is asked of fd from `has` to `wanted`.  Returns 0, or -1 with
 * errno: EPERM for what cannot be watched and is always ready.
 */
int	backend_change(struct backend *, int fd, unsigned has, unsigned wanted);

/* Wait at most timeout_ms (-1: for ever).  -1 with errno, or the count. */
int	backend_wait(struct backend *, int timeout_ms);

/* The n-th of what backend_wait() found. */
int	backend_fired(const struct backend *, int n, unsigned *events);

#endif
