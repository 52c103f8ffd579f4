/*
 * The heap of deadlines.  owner->place is the index in it plus one, so that
 * a deadline can be moved or taken out without a search; 0 is "not in it".
 */

#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/deadlines.h"

static void	put(struct deadlines *, size_t, struct owner *);
static void	rise(struct deadlines *, size_t);
static void	sink(struct deadlines *, size_t);
static int	grow(struct deadlines *);
static void	take_out(struct deadlines *, struct owner *);

int
deadlines_set(struct deadlines *set, struct owner *owner, int64_t when)
{
	if (when == owner->deadline)
		return 0;
	if (when == CLOCK_NEVER) {
		take_out(set, owner);
		return 0;
	}
	if (owner->place == 0) {
		if (grow(set) == -1)
			return -1;
		put(set, set->count++, owner);
	}
	owner->deadline = when;
	rise(set, owner->place - 1);
	sink(set, owner->place - 1);
	return 0;
}

struct owner *
deadlines_first(const struct deadlines *set)
{
	return set->count == 0 ? NULL : set->heap[0];
}

static void
take_out(struct deadlines *set, struct owner *owner)
{
	struct owner *last;
	size_t i;

	owner->deadline = CLOCK_NEVER;
	if (owner->place == 0)
		return;
	i = owner->place - 1;
	owner->place = 0;
	last = set->heap[--set->count];
	if (last == owner)
		return;
	put(set, i, last);
	rise(set, i);
	sink(set, last->place - 1);
}

static int
grow(struct deadlines *set)
{
	struct owner **heap;
	size_t room;

	if (set->count < set->room)
		return 0;
	room = set->room == 0 ? 4 : set->room * 2;
	heap = reallocarray(set->heap, room, sizeof(*heap));
	if (heap == NULL)
		return -1;
	set->heap = heap;
	set->room = room;
	return 0;
}

static void
put(struct deadlines *set, size_t i, struct owner *owner)
{
	set->heap[i] = owner;
	owner->place = (uint32_t)(i + 1);
}

static void
swap(struct deadlines *set, size_t a, size_t b)
{
	struct owner *owner = set->heap[a];

	put(set, a, set->heap[b]);
	put(set, b, owner);
}

static void
rise(struct deadlines *set, size_t i)
{
	while (i > 0 &&
	    set->heap[i]->deadline < set->heap[(i - 1) / 2]->deadline) {
		swap(set, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void
sink(struct deadlines *set, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < set->count) {
		if (child + 1 < set->count &&
		    set->heap[child + 1]->deadline < set->heap[child]->deadline)
			child++;
		if (set->heap[i]->deadline <= set->heap[child]->deadline)
			return;
		swap(set, i, child);
		i = child;
	}
}
