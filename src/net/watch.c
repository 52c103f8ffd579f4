/*
 * The watch set: rows by descriptor, owners with their rows and deadlines,
 * the list of touched owners.  It does not know what owners are, nor how
 * the kernel is asked (watch_epoll.c, watch_poll.c).
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/deadlines.h"
#include "net/watch.h"
#include "net/watch_backend.h"

struct row {
	struct owner	*owner;		/* NULL: the row is free */
	int		 next;		/* of the same owner; -1 ends */
	uint8_t		 wanted;	/* WATCH_ABSENT: not since begin */
	uint8_t		 has;		/* what the kernel was told */
	uint8_t		 fired;
	bool		 always;	/* epoll refuses it: always ready */
};

struct queue {
	struct owner	 *first;
	struct owner	**last;
};

struct watch {
	struct backend	*backend;
	struct row	*rows;
	int		 count;		/* each descriptor below has one */
	int		 room;
	int		*fired;		/* descriptors, of this turn */
	int		 nfired;
	int		 fired_room;
	struct queue	 touched;	/* for the next turn */
	struct queue	 turn;		/* of the turn that is on */
	struct deadlines deadlines;
	int		 error;		/* the first; told by the next wait */
	int64_t		 asked;		/* the earliest since begin */
	int64_t		 now;
};

/* Rows. */
static int	row_room(struct watch *, int);
static void	row_apply(struct watch *, int);
static void	row_change(struct watch *, int);
static void	row_unlink(struct watch *, int);
static bool	covers(unsigned, unsigned);
static void	touch_always(struct watch *, int);

/* The turn. */
static void	clear_fired(struct watch *);
static void	row_fired(struct watch *, int, unsigned);
static void	note_fired(struct watch *, int, unsigned);
static void	pass_deadlines(struct watch *);
static int	timeout_ms(const struct watch *);
static void	queue_remove(struct queue *, struct owner *);

struct watch *
watch_new(struct error *error)
{
	struct watch *watch;

	watch = calloc(1, sizeof(*watch));
	if (watch == NULL) {
		error_set(error, errno, "watch set");
		return NULL;
	}
	watch->touched.last = &watch->touched.first;
	watch->turn.last = &watch->turn.first;
	watch->now = clock_now();
	watch->backend = backend_new(error);
	if (watch->backend == NULL) {
		free(watch);
		return NULL;
	}
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	backend_free(watch->backend);
	free(watch->rows);
	free(watch->fired);
	free(watch->deadlines.heap);
	free(watch);
}

void
owner_init(struct owner *owner, int kind)
{
	memset(owner, 0, sizeof(*owner));
	owner->kind = (uint8_t)kind;
	owner->first = -1;
	owner->deadline = CLOCK_NEVER;
}

void
watch_begin(struct watch *watch, struct owner *owner)
{
	int fd;

	watch->asked = CLOCK_NEVER;
	for (fd = owner->first; fd != -1; fd = watch->rows[fd].next)
		watch->rows[fd].wanted = WATCH_ABSENT;
}

void
watch_want(struct watch *watch, struct owner *owner, int fd, unsigned events)
{
	struct row *row;

	if (fd < 0)
		return;
	if (row_room(watch, fd) == -1) {
		watch->error = errno;
		return;
	}
	row = &watch->rows[fd];
	if (row->owner != owner) {
		if (row->owner != NULL)
			watch_forget(watch, fd);
		row->owner = owner;
		row->next = owner->first;
		row->has = WATCH_ABSENT;
		row->wanted = WATCH_ABSENT;
		row->always = false;
		owner->first = fd;
	}
	if (row->wanted == WATCH_ABSENT)
		row->wanted = 0;
	row->wanted |= (uint8_t)events;
}

void
watch_until(struct watch *watch, int64_t deadline)
{
	if (deadline < watch->asked)
		watch->asked = deadline;
}

void
watch_end(struct watch *watch, struct owner *owner)
{
	int fd, next;

	for (fd = owner->first; fd != -1; fd = next) {
		next = watch->rows[fd].next;
		row_apply(watch, fd);
		if (watch->rows[fd].wanted == WATCH_ABSENT)
			row_unlink(watch, fd);
	}
	if (deadlines_set(&watch->deadlines, owner, watch->asked) == -1)
		watch->error = errno;
}

/*
 * Tell the kernel what changed.  An interest that is only dropped is left
 * with the kernel until it fires unasked: a flow that writes as fast as it
 * can wants the same again a moment later.
 */
static void
row_apply(struct watch *watch, int fd)
{
	struct row *row = &watch->rows[fd];

	/* An edge is no way to wait for input: then deadlines have to do. */
	if (row->wanted != WATCH_ABSENT && (row->wanted & WATCH_EDGE) &&
	    (row->wanted & WATCH_READ))
		row->wanted &= (uint8_t)~(WATCH_EDGE | WATCH_WRITE);
	if (row->always)
		touch_always(watch, fd);
	else if (!covers(row->has, row->wanted))
		row_change(watch, fd);
}

/* What is closed already is gone from the kernel's set, too. */
static void
row_change(struct watch *watch, int fd)
{
	struct row *row = &watch->rows[fd];

	if (backend_change(watch->backend, fd, row->has, row->wanted) == 0 ||
	    row->wanted == WATCH_ABSENT) {
		row->has = row->wanted;
	} else if (errno == EPERM) {
		row->always = true;
		touch_always(watch, fd);
	} else {
		watch->error = errno;
	}
}

/* Is all that is wanted asked for already, at the right terms? */
static bool
covers(unsigned has, unsigned wanted)
{
	if (has == wanted)
		return true;
	if ((has | wanted) & (WATCH_ABSENT | WATCH_EDGE))
		return false;
	return (has & wanted) == wanted;
}

/* What cannot be watched is always ready. */
static void
touch_always(struct watch *watch, int fd)
{
	const struct row *row = &watch->rows[fd];
	unsigned ready;

	if (row->wanted == WATCH_ABSENT)
		return;
	ready = row->wanted & (WATCH_READ | WATCH_WRITE);
	if (ready == 0)
		return;
	note_fired(watch, fd, ready);
	watch_touch(watch, row->owner);
}

unsigned
watch_fired(const struct watch *watch, int fd)
{
	return fd >= 0 && fd < watch->count ? watch->rows[fd].fired : 0;
}

void
watch_forget(struct watch *watch, int fd)
{
	struct row *row;

	if (fd < 0 || fd >= watch->count || watch->rows[fd].owner == NULL)
		return;
	row = &watch->rows[fd];
	row->wanted = WATCH_ABSENT;
	row_apply(watch, fd);
	row_unlink(watch, fd);
	row->fired = 0;
}

void
watch_leave(struct watch *watch, struct owner *owner)
{
	while (owner->first != -1)
		watch_forget(watch, owner->first);
	(void)deadlines_set(&watch->deadlines, owner, CLOCK_NEVER);
	queue_remove(&watch->touched, owner);
	queue_remove(&watch->turn, owner);
	owner->touched = false;
}

void
watch_touch(struct watch *watch, struct owner *owner)
{
	if (owner->touched)
		return;
	owner->touched = true;
	owner->next = NULL;
	*watch->touched.last = owner;
	watch->touched.last = &owner->next;
}

int
watch_wait(struct watch *watch, struct error *error)
{
	unsigned events;
	int count = 0, fd, i;

	if (watch->error == 0) {
		count = backend_wait(watch->backend, timeout_ms(watch));
		if (count == -1 && errno != EINTR)
			watch->error = errno;
	}
	if (watch->error != 0) {
		error_set(error, watch->error, "waiting for descriptors");
		return -1;
	}
	watch->now = clock_now();
	for (i = 0; i < count; i++) {
		fd = backend_fired(watch->backend, i, &events);
		row_fired(watch, fd, events);
	}
	pass_deadlines(watch);

	watch->turn = watch->touched;
	if (watch->turn.first == NULL)
		watch->turn.last = &watch->turn.first;
	watch->touched.first = NULL;
	watch->touched.last = &watch->touched.first;
	return 0;
}

static void
row_fired(struct watch *watch, int fd, unsigned events)
{
	const struct row *row = &watch->rows[fd];

	if (row->owner == NULL)
		return;
	events &= row->wanted | WATCH_ERROR | WATCH_HUP;
	if (events == 0) {
		row_change(watch, fd);
		return;
	}
	note_fired(watch, fd, events);
	watch_touch(watch, row->owner);
}

struct owner *
watch_next(struct watch *watch)
{
	struct owner *owner = watch->turn.first;

	if (owner == NULL) {
		clear_fired(watch);
		return NULL;
	}
	watch->turn.first = owner->next;
	if (watch->turn.first == NULL)
		watch->turn.last = &watch->turn.first;
	owner->next = NULL;
	owner->touched = false;
	return owner;
}

int64_t
watch_time(const struct watch *watch)
{
	return watch->now;
}

static void
pass_deadlines(struct watch *watch)
{
	struct owner *owner;

	while ((owner = deadlines_first(&watch->deadlines)) != NULL &&
	    owner->deadline <= watch->now) {
		(void)deadlines_set(&watch->deadlines, owner, CLOCK_NEVER);
		watch_touch(watch, owner);
	}
}

static int
timeout_ms(const struct watch *watch)
{
	const struct owner *owner;
	int64_t left;

	if (watch->touched.first != NULL)
		return 0;
	owner = deadlines_first(&watch->deadlines);
	if (owner == NULL)
		return -1;
	left = owner->deadline - clock_now();
	if (left <= 0)
		return 0;
	left = left / CLOCK_MS + (left % CLOCK_MS != 0);
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

/*
 * What an always-ready row asks for is noted between turns, so it is not
 * cleared before the turn that it is meant for has been taken.
 */
static void
note_fired(struct watch *watch, int fd, unsigned events)
{
	int *fired, room;

	if (fd >= watch->count)
		return;
	if (watch->rows[fd].fired == 0) {
		if (watch->nfired == watch->fired_room) {
			room = watch->fired_room == 0 ? 16 :
			    watch->fired_room * 2;
			fired = reallocarray(watch->fired, (size_t)room,
			    sizeof(*fired));
			if (fired == NULL)
				return;
			watch->fired = fired;
			watch->fired_room = room;
		}
		watch->fired[watch->nfired++] = fd;
	}
	watch->rows[fd].fired |= (uint8_t)events;
}

static void
clear_fired(struct watch *watch)
{
	struct row *row;
	int i, kept = 0;

	for (i = 0; i < watch->nfired; i++) {
		row = &watch->rows[watch->fired[i]];
		if (row->owner != NULL && row->always && row->owner->touched)
			watch->fired[kept++] = watch->fired[i];
		else
			row->fired = 0;
	}
	watch->nfired = kept;
}

/* Zeroed no sooner than needed: until then the kernel has given nothing. */
static int
row_room(struct watch *watch, int fd)
{
	struct row *rows;
	int room;

	if (fd < watch->count)
		return 0;
	room = watch->room == 0 ? 16 : watch->room;
	while (room <= fd)
		room *= 2;
	if (room != watch->room) {
		rows = reallocarray(watch->rows, (size_t)room, sizeof(*rows));
		if (rows == NULL)
			return -1;
		watch->rows = rows;
		watch->room = room;
	}
	memset(watch->rows + watch->count, 0,
	    (size_t)(fd + 1 - watch->count) * sizeof(*watch->rows));
	watch->count = fd + 1;
	return 0;
}

static void
row_unlink(struct watch *watch, int fd)
{
	struct row *row = &watch->rows[fd];
	int *link = &row->owner->first;

	while (*link != fd)
		link = &watch->rows[*link].next;
	*link = row->next;
	row->owner = NULL;
}

static void
queue_remove(struct queue *queue, struct owner *owner)
{
	struct owner **link;

	for (link = &queue->first; *link != NULL; link = &(*link)->next) {
		if (*link != owner)
			continue;
		*link = owner->next;
		if (*link == NULL)
			queue->last = link;
		return;
	}
}
