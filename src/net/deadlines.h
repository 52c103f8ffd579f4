/* A binary heap of owners by deadline: the earliest is at hand. */
#ifndef NET_DEADLINES_H
#define NET_DEADLINES_H

#include "net/watch.h"

struct deadlines {
	struct owner	**heap;
	size_t		  count;
	size_t		  room;
};

/* CLOCK_NEVER takes the owner out.  -1: no memory. */
int	deadlines_set(struct deadlines *, struct owner *, int64_t when);

/* The owner whose deadline is the earliest, NULL where there is none. */
struct owner *deadlines_first(const struct deadlines *);

#endif
