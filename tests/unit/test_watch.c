/*
 * The heap of deadlines against a list, and the watch set: what it returns
 * for pipes, sockets and regular files, in which turn.  What holds for
 * epoll(7) must hold for poll(2).
 */

#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/deadlines.h"
#include "net/watch.h"

#include "unit.h"

#define OWNERS		40
#define CHANGES		20000
#define MANY		100	/* more than one epoll_wait(2) tells */
#define HIGH		200	/* a descriptor's number */
#define FAR		(20 * CLOCK_SECOND)	/* never reached */
#define SOON		(3 * CLOCK_MS)

/* A watch set, two owners, and one whose deadline ends every wait. */
struct bench {
	struct watch	*watch;
	struct owner	 a;
	struct owner	 b;
	struct owner	 guard;
	int		 pipe[2];
	int		 pair[2];	/* a socketpair */
};

/* Owners that came in a turn, in order. */
struct came {
	struct owner	*owners[MANY + 4];
	size_t		 count;
};

/* Deadlines. */
static void	test_heap(struct unit *);
static bool	heap_sound(const struct deadlines *, const struct owner *,
		    const int64_t *);
static void	test_heap_order(struct unit *);

/* Rows. */
static void	test_wants(struct unit *);
static void	test_dropped(struct unit *);
static void	test_hangup(struct unit *);
static void	test_forget(struct unit *);
static void	test_moved_row(struct unit *);
static void	test_edge(struct unit *);
static void	test_edge_and_read(struct unit *);
static void	test_file(struct unit *);
static void	test_file_in_turn(struct unit *);
static void	test_file_and_pipe(struct unit *);
static void	test_many(struct unit *);
static void	test_high(struct unit *);

/* Owners. */
static void	test_once(struct unit *);
static void	test_touched_in_turn(struct unit *);
static void	test_no_wait(struct unit *);
static void	test_leave(struct unit *);
static void	test_leave_in_turn(struct unit *);
static void	test_deadlines(struct unit *);
static void	test_earliest(struct unit *);

static void	bench_init(struct bench *);
static void	bench_clear(struct bench *);
static void	want(struct bench *, struct owner *, int fd, unsigned);
static void	want_two(struct bench *, struct owner *, int fd, unsigned,
		    int fd2, unsigned);
static void	nothing(struct bench *, struct owner *);
static void	until(struct bench *, struct owner *, int64_t deadline);
static void	guard(struct bench *, int64_t delay_ns);
static void	wait_turn(struct bench *);
static void	next_turn(struct bench *, struct came *);
static unsigned	fired_in_turn(struct bench *, const struct owner *, int fd,
		    struct came *);
static bool	came(const struct came *, const struct owner *);
static void	put_byte(int);
static void	get_byte(int);
static uint32_t	next_random(uint32_t *);

int
main(void)
{
	struct unit unit = { 0, 0 };

	(void)alarm(60);
	test_heap(&unit);
	test_heap_order(&unit);
	test_wants(&unit);
	test_dropped(&unit);
	test_hangup(&unit);
	test_forget(&unit);
	test_moved_row(&unit);
	test_edge(&unit);
	test_edge_and_read(&unit);
	test_file(&unit);
	test_file_in_turn(&unit);
	test_file_and_pipe(&unit);
	test_many(&unit);
	test_high(&unit);
	test_once(&unit);
	test_touched_in_turn(&unit);
	test_no_wait(&unit);
	test_leave(&unit);
	test_leave_in_turn(&unit);
	test_deadlines(&unit);
	test_earliest(&unit);
	return unit_end(&unit);
}

/* Set, moved and taken out at random, with many that are the same. */
static void
test_heap(struct unit *unit)
{
	struct owner owners[OWNERS];
	struct deadlines set = { .heap = NULL };
	int64_t list[OWNERS];
	uint32_t seed = 1;
	size_t i;

	for (i = 0; i < OWNERS; i++) {
		owner_init(&owners[i], 0);
		list[i] = CLOCK_NEVER;
	}
	unit_check(unit, deadlines_first(&set) == NULL, "first of none");
	for (int change = 0; change < CHANGES; change++) {
		i = next_random(&seed) % OWNERS;
		list[i] = next_random(&seed) % 4 == 0 ? CLOCK_NEVER :
		    (int64_t)(next_random(&seed) % 50) - 10;
		if (deadlines_set(&set, &owners[i], list[i]) == -1 ||
		    !heap_sound(&set, owners, list)) {
			unit_check(unit, false, "change %d: owner %zu to %"
			    PRId64 " breaks the heap", change, i, list[i]);
			break;
		}
	}
	unit_check(unit, heap_sound(&set, owners, list), "the heap is broken");
	for (i = 0; i < OWNERS; i++)
		(void)deadlines_set(&set, &owners[i], CLOCK_NEVER);
	unit_check(unit, set.count == 0 && deadlines_first(&set) == NULL,
	    "%zu stay in an empty heap", set.count);
	free(set.heap);
}

/* As many as the list has, each at its place, none before its parent. */
static bool
heap_sound(const struct deadlines *set, const struct owner *owners,
    const int64_t *list)
{
	int64_t earliest = CLOCK_NEVER;
	size_t count = 0;
	const struct owner *first = deadlines_first(set);

	for (size_t i = 0; i < OWNERS; i++) {
		if (owners[i].deadline != list[i])
			return false;
		if ((list[i] == CLOCK_NEVER) != (owners[i].place == 0))
			return false;
		if (list[i] == CLOCK_NEVER)
			continue;
		count++;
		if (list[i] < earliest)
			earliest = list[i];
		if (owners[i].place > set->count ||
		    set->heap[owners[i].place - 1] != &owners[i])
			return false;
	}
	if (set->count != count)
		return false;
	for (size_t i = 1; i < count; i++)
		if (set->heap[i]->deadline < set->heap[(i - 1) / 2]->deadline)
			return false;
	return count == 0 ? first == NULL : first->deadline == earliest;
}

static void
test_heap_order(struct unit *unit)
{
	struct owner owners[OWNERS], *first;
	struct deadlines set = { .heap = NULL };
	int64_t last = -1;
	uint32_t seed = 7;
	size_t count = 0;
	bool good = true;

	for (size_t i = 0; i < OWNERS; i++) {
		owner_init(&owners[i], 0);
		(void)deadlines_set(&set, &owners[i],
		    (int64_t)(next_random(&seed) % 1000));
	}
	while ((first = deadlines_first(&set)) != NULL && count <= OWNERS) {
		good = good && first->deadline >= last;
		last = first->deadline;
		(void)deadlines_set(&set, first, CLOCK_NEVER);
		count++;
	}
	unit_check(unit, good && count == OWNERS,
	    "%zu deadlines, in order: %d", count, good);
	free(set.heap);
}

/* Two flows want different things of one descriptor. */
static void
test_wants(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;

	bench_init(&bench);
	put_byte(bench.pair[1]);
	want_two(&bench, &bench.a, bench.pair[0], WATCH_READ, bench.pair[0],
	    WATCH_WRITE);
	fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
	unit_check(unit, fired == (WATCH_READ | WATCH_WRITE) &&
	    turn.count == 1, "READ and WRITE: %x, %zu owners", fired,
	    turn.count);

	/* Level-triggered: it fires until it is read. */
	want(&bench, &bench.a, bench.pair[0], WATCH_READ);
	fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
	unit_check(unit, fired == WATCH_READ, "READ again: %x", fired);
	unit_check(unit, watch_fired(bench.watch, bench.pair[0]) == 0 &&
	    watch_fired(bench.watch, -1) == 0 &&
	    watch_fired(bench.watch, 100000) == 0,
	    "something fired between turns");
	get_byte(bench.pair[0]);
	want(&bench, &bench.a, bench.pair[0], WATCH_READ);
	fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
	unit_check(unit, fired == 0, "READ of nothing: %x", fired);
	put_byte(bench.pair[1]);
	fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
	unit_check(unit, fired == WATCH_READ, "READ, not asked anew: %x",
	    fired);
	bench_clear(&bench);
}

/* What is no longer wanted brings nobody, and can be wanted again. */
static void
test_dropped(struct unit *unit)
{
	static const unsigned less[] = { 0, WATCH_WRITE };
	struct bench bench;
	struct came turn;
	unsigned fired;

	for (size_t i = 0; i < UNIT_COUNT(less); i++) {
		bench_init(&bench);
		want(&bench, &bench.a, bench.pair[0], WATCH_READ | less[i]);
		want(&bench, &bench.a, bench.pair[0], less[i]);
		put_byte(bench.pair[1]);
		for (int n = 0; n < 3; n++) {
			fired = fired_in_turn(&bench, &bench.a,
			    bench.pair[0], &turn);
			unit_check(unit, fired == less[i],
			    "READ was dropped for %x: %x", less[i], fired);
		}
		nothing(&bench, &bench.a);
		fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		unit_check(unit, fired == 0 && bench.a.first == -1,
		    "all was dropped: %x", fired);
		want(&bench, &bench.a, bench.pair[0], WATCH_READ);
		fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		unit_check(unit, fired == WATCH_READ,
		    "READ was wanted again: %x", fired);
		bench_clear(&bench);
	}
}

/* Errors and hang-ups come to whoever asks for nothing. */
static void
test_hangup(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;

	bench_init(&bench);
	want(&bench, &bench.a, bench.pipe[0], 0);
	put_byte(bench.pipe[1]);
	fired = fired_in_turn(&bench, &bench.a, bench.pipe[0], &turn);
	unit_check(unit, fired == 0, "a byte, unasked: %x", fired);
	(void)close(bench.pipe[1]);
	bench.pipe[1] = -1;
	fired = fired_in_turn(&bench, &bench.a, bench.pipe[0], &turn);
	unit_check(unit, (fired & WATCH_HUP) && !(fired & WATCH_READ),
	    "the writer went, unasked: %x", fired);
	bench_clear(&bench);

	bench_init(&bench);
	want(&bench, &bench.a, bench.pipe[1], 0);
	(void)close(bench.pipe[0]);
	bench.pipe[0] = -1;
	fired = fired_in_turn(&bench, &bench.a, bench.pipe[1], &turn);
	unit_check(unit, fired & WATCH_ERROR, "the reader went, unasked: %x",
	    fired);
	bench_clear(&bench);
}

/* The number may come again, for something else. */
static void
test_forget(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;
	int fd, copy;

	bench_init(&bench);
	fd = bench.pipe[0];
	put_byte(bench.pipe[1]);
	want(&bench, &bench.a, fd, WATCH_READ);
	copy = dup(fd);		/* keeps the description open */
	watch_forget(bench.watch, fd);
	watch_forget(bench.watch, fd);
	watch_forget(bench.watch, -1);
	watch_forget(bench.watch, 100000);
	unit_check(unit, bench.a.first == -1, "a row is left");
	(void)dup2(bench.pair[0], fd);
	fired = fired_in_turn(&bench, &bench.a, fd, &turn);
	unit_check(unit, fired == 0 && !came(&turn, &bench.a),
	    "what was forgotten fires: %x", fired);
	want(&bench, &bench.b, fd, WATCH_READ);
	fired = fired_in_turn(&bench, &bench.b, fd, &turn);
	unit_check(unit, fired == 0, "the new one fires early: %x", fired);
	put_byte(bench.pair[1]);
	fired = fired_in_turn(&bench, &bench.b, fd, &turn);
	unit_check(unit, fired == WATCH_READ && !came(&turn, &bench.a),
	    "the new one fires: %x", fired);
	(void)close(copy);
	bench_clear(&bench);

	/* In the turn in which it fired. */
	bench_init(&bench);
	put_byte(bench.pipe[1]);
	want(&bench, &bench.a, bench.pipe[0], WATCH_READ);
	wait_turn(&bench);
	watch_forget(bench.watch, bench.pipe[0]);
	unit_check(unit, watch_fired(bench.watch, bench.pipe[0]) == 0,
	    "what was forgotten fired");
	bench_clear(&bench);
}

/* A descriptor goes from one owner to another. */
static void
test_moved_row(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;

	bench_init(&bench);
	put_byte(bench.pipe[1]);
	want_two(&bench, &bench.a, bench.pipe[0], WATCH_READ, bench.pair[0],
	    WATCH_READ);
	want(&bench, &bench.b, bench.pipe[0], WATCH_READ);
	fired = fired_in_turn(&bench, &bench.b, bench.pipe[0], &turn);
	unit_check(unit, fired == WATCH_READ && !came(&turn, &bench.a),
	    "it moved: %x, %zu owners", fired, turn.count);
	get_byte(bench.pipe[0]);
	put_byte(bench.pair[1]);
	fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
	unit_check(unit, fired == WATCH_READ && !came(&turn, &bench.b),
	    "what stayed: %x, %zu owners", fired, turn.count);
	bench_clear(&bench);
}

/* Once a change, or, with poll(2), not at all: it never spins. */
static void
test_edge(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	int fires = 0;

	bench_init(&bench);
	for (int i = 0; i < 4; i++) {
		want(&bench, &bench.a, bench.pair[0],
		    WATCH_WRITE | WATCH_EDGE);
		fires += fired_in_turn(&bench, &bench.a, bench.pair[0],
		    &turn) != 0;
	}
	unit_check(unit, fires <= 1, "an edge fires %d times", fires);
	want(&bench, &bench.a, bench.pair[0], WATCH_WRITE);
	unit_check(unit, fired_in_turn(&bench, &bench.a, bench.pair[0],
	    &turn) == WATCH_WRITE, "no level after an edge");
	bench_clear(&bench);
}

static void
test_edge_and_read(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;

	for (int swap = 0; swap < 2; swap++) {
		unsigned edge = WATCH_WRITE | WATCH_EDGE;

		bench_init(&bench);
		want_two(&bench, &bench.a, bench.pair[0],
		    swap ? WATCH_READ : edge, bench.pair[0],
		    swap ? edge : WATCH_READ);
		fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		unit_check(unit, fired == 0, "nothing to read, edge %s: %x",
		    swap ? "last" : "first", fired);
		put_byte(bench.pair[1]);
		for (int i = 0; i < 3; i++) {
			fired = fired_in_turn(&bench, &bench.a,
			    bench.pair[0], &turn);
			unit_check(unit, fired == WATCH_READ,
			    "time %d, edge %s: %x", i,
			    swap ? "last" : "first", fired);
		}
		want(&bench, &bench.a, bench.pair[0], edge);
		(void)fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		want(&bench, &bench.a, bench.pair[0], edge);
		fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		unit_check(unit, fired == 0, "an edge alone again: %x", fired);
		want_two(&bench, &bench.a, bench.pair[0], edge,
		    bench.pair[0], WATCH_READ);
		fired = fired_in_turn(&bench, &bench.a, bench.pair[0], &turn);
		unit_check(unit, fired == WATCH_READ, "READ again: %x", fired);
		bench_clear(&bench);
	}
}

/* What epoll(7) refuses is always ready; with poll(2) it just is. */
static void
test_file(struct unit *unit)
{
	static const unsigned wants[] = {
		WATCH_READ, WATCH_WRITE, WATCH_READ | WATCH_WRITE,
	};
	struct bench bench;
	struct came turn;
	unsigned fired;
	FILE *file;

	for (size_t i = 0; i < UNIT_COUNT(wants); i++) {
		file = tmpfile();
		if (file == NULL)
			abort();
		bench_init(&bench);
		for (int n = 0; n < 3; n++) {
			want(&bench, &bench.a, fileno(file), wants[i]);
			fired = fired_in_turn(&bench, &bench.a, fileno(file),
			    &turn);
			unit_check(unit, fired == wants[i] && turn.count == 1,
			    "a file, %x, time %d: %x, %zu owners", wants[i],
			    n, fired, turn.count);
		}
		want(&bench, &bench.a, fileno(file), 0);
		fired = fired_in_turn(&bench, &bench.a, fileno(file), &turn);
		unit_check(unit, fired == 0, "a file, nothing wanted: %x",
		    fired);
		watch_forget(bench.watch, fileno(file));
		(void)fclose(file);
		bench_clear(&bench);
	}
}

/* Owners are asked while the turn is on: what is ready is for the next. */
static void
test_file_in_turn(struct unit *unit)
{
	FILE *file = tmpfile();
	struct bench bench;
	struct owner *owner;
	unsigned fired;

	if (file == NULL)
		abort();
	bench_init(&bench);
	guard(&bench, FAR);
	want(&bench, &bench.a, fileno(file), WATCH_READ);
	for (int i = 0; i < 4; i++) {
		fired = 0;
		wait_turn(&bench);
		while ((owner = watch_next(bench.watch)) != NULL) {
			if (owner != &bench.a)
				continue;
			fired = watch_fired(bench.watch, fileno(file));
			want(&bench, &bench.a, fileno(file), WATCH_READ);
		}
		unit_check(unit, fired == WATCH_READ,
		    "a file, asked in the turn, time %d: %x", i, fired);
	}
	watch_forget(bench.watch, fileno(file));
	(void)fclose(file);
	bench_clear(&bench);
}

/* A file that is always ready hides nothing else, and stops when told. */
static void
test_file_and_pipe(struct unit *unit)
{
	FILE *file = tmpfile();
	struct bench bench;
	struct came turn;
	unsigned fired;

	if (file == NULL)
		abort();
	bench_init(&bench);
	put_byte(bench.pipe[1]);
	for (int i = 0; i < 3; i++) {
		want(&bench, &bench.b, bench.pipe[0], WATCH_READ);
		want(&bench, &bench.a, fileno(file), WATCH_READ);
		fired = fired_in_turn(&bench, &bench.b, bench.pipe[0], &turn);
		unit_check(unit, fired == WATCH_READ &&
		    came(&turn, &bench.a), "a pipe beside a file: %x", fired);
	}
	nothing(&bench, &bench.a);
	next_turn(&bench, &turn);
	next_turn(&bench, &turn);
	unit_check(unit, !came(&turn, &bench.a) && came(&turn, &bench.b),
	    "a file that nobody wants comes");
	watch_forget(bench.watch, fileno(file));
	(void)fclose(file);
	bench_clear(&bench);
}

/* All come, none is starved. */
static void
test_many(struct unit *unit)
{
	static struct owner owners[MANY];
	int fds[MANY][2];
	bool seen[MANY] = { false };
	struct bench bench;
	struct came turn;
	size_t count = 0;

	bench_init(&bench);
	for (size_t i = 0; i < MANY; i++) {
		owner_init(&owners[i], 0);
		if (pipe(fds[i]) == -1)
			abort();
		put_byte(fds[i][1]);
		want(&bench, &owners[i], fds[i][0], WATCH_READ);
	}
	for (int n = 0; n < 8 && count < MANY; n++) {
		next_turn(&bench, &turn);
		for (size_t i = 0; i < MANY; i++) {
			if (seen[i] || !came(&turn, &owners[i]))
				continue;
			seen[i] = true;
			count++;
			get_byte(fds[i][0]);
		}
	}
	unit_check(unit, count == MANY, "%zu of %d came", count, MANY);
	for (size_t i = 0; i < MANY; i++) {
		watch_leave(bench.watch, &owners[i]);
		(void)close(fds[i][0]);
		(void)close(fds[i][1]);
	}
	bench_clear(&bench);
}

/* Rows are made for numbers that come out of order. */
static void
test_high(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	unsigned fired;

	bench_init(&bench);
	put_byte(bench.pipe[1]);
	(void)dup2(bench.pipe[0], HIGH);
	want(&bench, &bench.a, HIGH, WATCH_READ);
	want(&bench, &bench.b, bench.pair[0], WATCH_WRITE);
	want(&bench, &bench.b, -1, WATCH_READ);
	fired = fired_in_turn(&bench, &bench.a, HIGH, &turn);
	unit_check(unit, fired == WATCH_READ, "descriptor %d: %x", HIGH,
	    fired);
	watch_forget(bench.watch, HIGH);
	(void)close(HIGH);
	bench_clear(&bench);
}

/* Two descriptors, a deadline and a touch: one coming. */
static void
test_once(struct unit *unit)
{
	struct bench bench;
	struct owner *owner;
	unsigned fired = 0;
	int count = 0;

	bench_init(&bench);
	put_byte(bench.pipe[1]);
	put_byte(bench.pair[1]);
	watch_begin(bench.watch, &bench.a);
	watch_want(bench.watch, &bench.a, bench.pipe[0], WATCH_READ);
	watch_want(bench.watch, &bench.a, bench.pair[0], WATCH_READ);
	watch_until(bench.watch, 0);
	watch_end(bench.watch, &bench.a);
	watch_touch(bench.watch, &bench.a);
	watch_touch(bench.watch, &bench.a);
	guard(&bench, FAR);
	wait_turn(&bench);
	while ((owner = watch_next(bench.watch)) != NULL) {
		count += owner == &bench.a;
		fired = watch_fired(bench.watch, bench.pipe[0]) |
		    watch_fired(bench.watch, bench.pair[0]) << 8;
	}
	unit_check(unit, count == 1 && fired == (WATCH_READ << 8 | WATCH_READ),
	    "came %d times, fired %x", count, fired);
	bench_clear(&bench);
}

static void
test_touched_in_turn(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	struct owner *first, *second;

	bench_init(&bench);
	guard(&bench, FAR);
	watch_touch(bench.watch, &bench.a);
	wait_turn(&bench);
	first = watch_next(bench.watch);
	watch_touch(bench.watch, &bench.a);
	watch_touch(bench.watch, &bench.b);
	second = watch_next(bench.watch);
	unit_check(unit, first == &bench.a && second == NULL,
	    "a touch comes in the turn that is on");
	guard(&bench, FAR);
	next_turn(&bench, &turn);
	unit_check(unit, turn.count == 2 && turn.owners[0] == &bench.a &&
	    turn.owners[1] == &bench.b, "%zu come in the next turn",
	    turn.count);

	/* Whoever is still to come in this turn comes in this one only. */
	watch_touch(bench.watch, &bench.a);
	watch_touch(bench.watch, &bench.b);
	wait_turn(&bench);
	first = watch_next(bench.watch);
	watch_touch(bench.watch, &bench.b);
	second = watch_next(bench.watch);
	unit_check(unit, first == &bench.a && second == &bench.b &&
	    watch_next(bench.watch) == NULL, "the order of a turn");
	guard(&bench, 0);
	next_turn(&bench, &turn);
	unit_check(unit, !came(&turn, &bench.b), "a touch came twice");
	bench_clear(&bench);
}

static void
test_no_wait(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	int64_t before = clock_now();

	bench_init(&bench);
	guard(&bench, FAR);
	for (int i = 0; i < 100; i++) {
		watch_touch(bench.watch, &bench.a);
		next_turn(&bench, &turn);
		if (turn.count != 1 || turn.owners[0] != &bench.a)
			break;
	}
	unit_check(unit, turn.count == 1 && clock_now() - before < FAR,
	    "a wait while an owner is touched: %zu owners", turn.count);

	/* What fires comes as well. */
	put_byte(bench.pipe[1]);
	want(&bench, &bench.b, bench.pipe[0], WATCH_READ);
	watch_touch(bench.watch, &bench.a);
	next_turn(&bench, &turn);
	unit_check(unit, came(&turn, &bench.a) && came(&turn, &bench.b),
	    "%zu owners came", turn.count);
	bench_clear(&bench);
}

/* Rows, deadline and touch go with the owner. */
static void
test_leave(struct unit *unit)
{
	struct bench bench;
	struct came turn;

	bench_init(&bench);
	put_byte(bench.pipe[1]);
	put_byte(bench.pair[1]);
	want_two(&bench, &bench.a, bench.pipe[0], WATCH_READ, bench.pair[0],
	    WATCH_READ);
	until(&bench, &bench.b, 0);
	watch_touch(bench.watch, &bench.a);
	watch_touch(bench.watch, &bench.b);
	watch_leave(bench.watch, &bench.b);
	watch_leave(bench.watch, &bench.a);
	watch_leave(bench.watch, &bench.a);
	unit_check(unit, bench.a.first == -1 && !bench.a.touched &&
	    bench.b.deadline == CLOCK_NEVER, "something is left");
	guard(&bench, SOON);
	next_turn(&bench, &turn);
	unit_check(unit, turn.count == 1 && came(&turn, &bench.guard),
	    "%zu owners came, the guard %d", turn.count,
	    came(&turn, &bench.guard));

	/* It may come back. */
	want(&bench, &bench.a, bench.pipe[0], WATCH_READ);
	guard(&bench, FAR);
	next_turn(&bench, &turn);
	unit_check(unit, came(&turn, &bench.a), "it does not come back");
	bench_clear(&bench);
}

/* The owners are freed while they stand in the list of the turn. */
static void
test_leave_in_turn(struct unit *unit)
{
	struct owner *owners[4], *owner;
	struct bench bench;
	int order[4], count;

	for (int gone = 0; gone < 16; gone++) {
		bench_init(&bench);
		guard(&bench, FAR);
		for (int i = 0; i < 4; i++) {
			owners[i] = malloc(sizeof(*owners[i]));
			if (owners[i] == NULL)
				abort();
			owner_init(owners[i], i);
			watch_touch(bench.watch, owners[i]);
		}
		watch_touch(bench.watch, &bench.a);
		wait_turn(&bench);
		for (int i = 0; i < 4; i++) {
			if (!(gone >> i & 1))
				continue;
			watch_leave(bench.watch, owners[i]);
			free(owners[i]);
			owners[i] = NULL;
		}
		count = 0;
		while ((owner = watch_next(bench.watch)) != NULL)
			if (owner != &bench.a && count < 4)
				order[count++] = owner->kind;
		for (int i = 0, n = 0; i < 4; i++)
			if (owners[i] != NULL)
				unit_check(unit, n < count && order[n++] == i,
				    "gone %x: owner %d is missing", gone, i);
		watch_touch(bench.watch, &bench.b);
		wait_turn(&bench);
		unit_check(unit, watch_next(bench.watch) == &bench.b &&
		    watch_next(bench.watch) == NULL,
		    "gone %x: the list is broken", gone);
		for (int i = 0; i < 4; i++)
			free(owners[i]);
		bench_clear(&bench);
	}
}

static void
test_deadlines(struct unit *unit)
{
	struct bench bench;
	struct came turn;
	int64_t when;

	bench_init(&bench);
	guard(&bench, FAR);
	until(&bench, &bench.a, 0);
	next_turn(&bench, &turn);
	unit_check(unit, turn.count == 1 && came(&turn, &bench.a),
	    "a deadline of old: %zu owners", turn.count);

	when = clock_now() + SOON;
	until(&bench, &bench.a, when);
	until(&bench, &bench.b, when + 1);
	next_turn(&bench, &turn);
	unit_check(unit, came(&turn, &bench.a) &&
	    !came(&turn, &bench.guard) && watch_time(bench.watch) >= when,
	    "a deadline to come: %zu owners, %" PRId64 " ns late", turn.count,
	    watch_time(bench.watch) - when);
	while (!came(&turn, &bench.b) && !came(&turn, &bench.guard))
		next_turn(&bench, &turn);
	unit_check(unit, came(&turn, &bench.b), "the second one");

	/* It comes once, and not at all when it is asked for no longer. */
	until(&bench, &bench.b, when);
	nothing(&bench, &bench.b);
	guard(&bench, 0);
	next_turn(&bench, &turn);
	unit_check(unit, turn.count == 1 && came(&turn, &bench.guard),
	    "deadlines of before: %zu owners", turn.count);
	bench_clear(&bench);
}

/* Of some in one breath the earliest counts. */
static void
test_earliest(struct unit *unit)
{
	static const int64_t order[][3] = {
		{ 1, FAR, FAR + 1 }, { FAR, 1, FAR }, { FAR, FAR, 1 },
	};
	struct bench bench;
	struct came turn;

	for (size_t i = 0; i < UNIT_COUNT(order); i++) {
		bench_init(&bench);
		guard(&bench, FAR);
		watch_begin(bench.watch, &bench.a);
		for (size_t j = 0; j < 3; j++)
			watch_until(bench.watch, order[i][j] == 1 ? 1 :
			    clock_now() + order[i][j]);
		watch_end(bench.watch, &bench.a);
		next_turn(&bench, &turn);
		unit_check(unit, came(&turn, &bench.a) && turn.count == 1,
		    "row %zu: the earliest is not taken", i);
		bench_clear(&bench);
	}
}

static void
bench_init(struct bench *bench)
{
	struct error error;

	memset(bench, 0, sizeof(*bench));
	bench->watch = watch_new(&error);
	if (bench->watch == NULL || pipe(bench->pipe) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, bench->pair) == -1)
		abort();
	owner_init(&bench->a, 0);
	owner_init(&bench->b, 1);
	owner_init(&bench->guard, 2);
}

static void
bench_clear(struct bench *bench)
{
	watch_leave(bench->watch, &bench->a);
	watch_leave(bench->watch, &bench->b);
	watch_leave(bench->watch, &bench->guard);
	watch_free(bench->watch);
	for (int i = 0; i < 2; i++) {
		if (bench->pipe[i] != -1)
			(void)close(bench->pipe[i]);
		(void)close(bench->pair[i]);
	}
}

static void
want(struct bench *bench, struct owner *owner, int fd, unsigned events)
{
	want_two(bench, owner, fd, events, fd, events);
}

static void
want_two(struct bench *bench, struct owner *owner, int fd, unsigned events,
    int fd2, unsigned events2)
{
	watch_begin(bench->watch, owner);
	watch_want(bench->watch, owner, fd, events);
	watch_want(bench->watch, owner, fd2, events2);
	watch_end(bench->watch, owner);
}

static void
nothing(struct bench *bench, struct owner *owner)
{
	watch_begin(bench->watch, owner);
	watch_end(bench->watch, owner);
}

static void
until(struct bench *bench, struct owner *owner, int64_t deadline)
{
	watch_begin(bench->watch, owner);
	watch_until(bench->watch, deadline);
	watch_end(bench->watch, owner);
}

/* No wait is longer than this. */
static void
guard(struct bench *bench, int64_t delay_ns)
{
	until(bench, &bench->guard, clock_now() + delay_ns);
}

static void
wait_turn(struct bench *bench)
{
	struct error error;

	if (watch_wait(bench->watch, &error) == -1) {
		printf("not ok - %s\n", error.text);
		abort();
	}
}

static void
next_turn(struct bench *bench, struct came *turn)
{
	struct owner *owner;

	turn->count = 0;
	wait_turn(bench);
	while ((owner = watch_next(bench->watch)) != NULL)
		if (turn->count < UNIT_COUNT(turn->owners))
			turn->owners[turn->count++] = owner;
}

/*
 * What fired on fd in the next turn, while its owner was up; 0 where the
 * owner did not come.  Waits only for what is there.  The guard is not
 * among those that came.
 */
static unsigned
fired_in_turn(struct bench *bench, const struct owner *wanted, int fd,
    struct came *turn)
{
	struct owner *owner;
	unsigned fired = 0;

	turn->count = 0;
	guard(bench, 0);
	wait_turn(bench);
	while ((owner = watch_next(bench->watch)) != NULL) {
		if (owner == wanted)
			fired = watch_fired(bench->watch, fd);
		if (owner != &bench->guard &&
		    turn->count < UNIT_COUNT(turn->owners))
			turn->owners[turn->count++] = owner;
	}
	return fired;
}

static bool
came(const struct came *turn, const struct owner *owner)
{
	for (size_t i = 0; i < turn->count; i++)
		if (turn->owners[i] == owner)
			return true;
	return false;
}

static void
put_byte(int fd)
{
	if (write(fd, "x", 1) != 1)
		abort();
}

static void
get_byte(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		abort();
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}
