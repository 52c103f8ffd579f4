/*
 * The pace gate, with times by hand: what goes when, alone and together,
 * what is made up for and how fast, and the extremes.
 */

#include "config.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "filters/pace.h"

#include "unit.h"

#define BEGIN	(7 * CLOCK_SECOND)	/* any time */
#define MOST	4000			/* records of a trial */

static void	test_wanted(struct unit *);
static void	test_times(struct unit *);
static void	test_late_delay(struct unit *);
static void	test_early(struct unit *);
static void	test_batches(struct unit *);
static void	test_some_of_batch(struct unit *);
static void	test_ticks(struct unit *);
static void	test_late(struct unit *);
static void	test_stopped(struct unit *);
static void	test_idle(struct unit *);
static void	test_average(struct unit *);
static void	test_empty(struct unit *);
static void	test_lines(struct unit *);
static void	test_extremes(struct unit *);

static void	begin(struct pace *, uint64_t, uint64_t, int64_t);
static size_t	ask(struct pace *, int64_t, size_t);
static size_t	take(struct pace *, int64_t, size_t, size_t);
static int64_t	next(struct pace *, int64_t *, size_t);
static size_t	next_line(struct pace *, int64_t *, const char *, size_t);

/* Records of such a size, one after the other, and when they go, in ms. */
static const struct {
	uint64_t	records;
	uint64_t	bytes;
	int64_t		delay_ms;
	size_t		size;
	int64_t		times[5];
} times[] = {
	{ 1, 0, 0, 10,		{ 0, 1000, 2000, 3000, 4000 } },
	{ 100, 0, 0, 10,	{ 0, 10, 20, 30, 40 } },
	{ 1000, 0, 0, 65507,	{ 0, 1, 2, 3, 4 } },
	{ 0, 1000, 0, 10,	{ 0, 10, 20, 30, 40 } },
	{ 0, 1024, 0, 512,	{ 0, 500, 1000, 1500, 2000 } },
	{ 0, 0, 7, 10,		{ 0, 7, 14, 21, 28 } },
	{ 0, 0, 3600000, 10,	{ 0, 3600000, 7200000, 10800000, 14400000 } },
	/* The slowest of two ... */
	{ 100, 1000, 0, 20,	{ 0, 20, 40, 60, 80 } },
	{ 100, 1000, 0, 5,	{ 0, 10, 20, 30, 40 } },
	{ 100, 0, 20, 5,	{ 0, 20, 40, 60, 80 } },
	{ 100, 0, 5, 5,		{ 0, 10, 20, 30, 40 } },
	{ 0, 1000, 20, 10,	{ 0, 20, 40, 60, 80 } },
	{ 0, 1000, 5, 10,	{ 0, 10, 20, 30, 40 } },
	/* ... and of three. */
	{ 100, 1000, 30, 20,	{ 0, 30, 60, 90, 120 } },
	{ 100, 1000, 5, 20,	{ 0, 20, 40, 60, 80 } },
	{ 25, 1000, 5, 20,	{ 0, 40, 80, 120, 160 } },
};

/* Lines of such a size among bytes, and when they begin to go, in ms. */
static const struct {
	uint64_t	rate;		/* bytes a second */
	int64_t		delay_ms;
	size_t		size;
	int64_t		times[4];
} lines[] = {
	{ 0, 100, 2,		{ 0, 100, 200, 300 } },
	{ 5000, 0, 10,		{ 0, 2, 4, 6 } },
	/* The slower of both, for lines below and above a portion. */
	{ 5000, 100, 2,		{ 0, 100, 200, 300 } },
	{ 5000, 100, 1,		{ 0, 100, 200, 300 } },
	{ 5000, 100, 77,	{ 0, 100, 200, 300 } },
	{ 5000, 100, 100,	{ 0, 100, 200, 300 } },
	{ 1000000, 7, 2,	{ 0, 7, 14, 21 } },
	{ 5000, 1, 10,		{ 0, 2, 4, 6 } },
	{ 5000, 1, 50,		{ 0, 10, 20, 30 } },
};

/* On the average of two seconds so many, however late each wait ends. */
static const struct {
	uint64_t	records;
	int64_t		late;		/* ns, of each wait */
	uint64_t	went;
} averages[] = {
	{ 1, 0, 3 },
	{ 3, 0, 7 },
	{ 7, CLOCK_MS, 14 },
	{ 300, 0, 601 },
	{ 300, CLOCK_MS, 600 },
	{ 999, 50000, 1998 },
	{ 1000, 2 * CLOCK_MS, 2000 },
	{ 30000, CLOCK_MS, 60001 },
	{ 333333, CLOCK_MS, 666666 },
	{ 1000000, CLOCK_MS, 2000000 },
	{ 1000000, 9 * CLOCK_MS, 2000000 },
	{ INT32_MAX, CLOCK_MS, UINT64_C(4294967294) },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_wanted(&unit);
	test_times(&unit);
	test_late_delay(&unit);
	test_early(&unit);
	test_batches(&unit);
	test_some_of_batch(&unit);
	test_ticks(&unit);
	test_late(&unit);
	test_stopped(&unit);
	test_idle(&unit);
	test_average(&unit);
	test_empty(&unit);
	test_lines(&unit);
	test_extremes(&unit);
	return unit_end(&unit);
}

static void
test_wanted(struct unit *unit)
{
	static const struct pace_limits none, one = { .records = 1 },
	    two = { .bytes = 1 }, three = { .delay = 1 };

	unit_check(unit, !pace_wanted(&none), "no limit, and a gate");
	unit_check(unit, pace_wanted(&one) && pace_wanted(&two) &&
	    pace_wanted(&three), "a limit, and no gate");
}

/* Whoever asks when it is told to is told right. */
static void
test_times(struct unit *unit)
{
	struct pace pace;
	int64_t now, gone;
	size_t i, j;

	for (i = 0; i < UNIT_COUNT(times); i++) {
		begin(&pace, times[i].records, times[i].bytes,
		    times[i].delay_ms * CLOCK_MS);
		now = BEGIN;
		for (j = 0; j < UNIT_COUNT(times[i].times); j++) {
			gone = next(&pace, &now, times[i].size);
			unit_check(unit, gone == BEGIN +
			    times[i].times[j] * CLOCK_MS, "line %zu: record "
			    "%zu went at %" PRId64 " ns, not %" PRId64 " ms",
			    i, j, gone - BEGIN, times[i].times[j]);
		}
	}
}

/* A delay is from one to the next, whenever that one went. */
static void
test_late_delay(struct unit *unit)
{
	struct pace pace;

	begin(&pace, 0, 0, 10 * CLOCK_MS);
	(void)take(&pace, BEGIN, 5, 1);
	unit_check(unit, ask(&pace, BEGIN + CLOCK_MS, 1) == 0,
	    "after 1 of 10 ms");
	(void)take(&pace, BEGIN + 19 * CLOCK_MS, 5, 1);
	unit_check(unit, ask(&pace, BEGIN + 28 * CLOCK_MS, 1) == 0 &&
	    pace.gate.ops->until(&pace.gate) == BEGIN + 29 * CLOCK_MS,
	    "a delay was made up for");
	unit_check(unit, ask(&pace, BEGIN + 29 * CLOCK_MS, 1) == 1,
	    "one at a time");
}

/* To ask too early, or twice, changes nothing. */
static void
test_early(struct unit *unit)
{
	struct pace pace;
	int64_t now;

	begin(&pace, 100, 0, 0);
	unit_check(unit, ask(&pace, BEGIN, 1) == 1 &&
	    ask(&pace, BEGIN, 1) == 1, "asked twice");
	unit_check(unit, pace.gate.ops->until(&pace.gate) == 0,
	    "it is open, and says that one waits");
	(void)take(&pace, BEGIN, 1, 1);
	for (now = BEGIN; now < BEGIN + 10 * CLOCK_MS; now += CLOCK_MS)
		unit_check(unit, ask(&pace, now, 1) == 0 &&
		    pace.gate.ops->until(&pace.gate) == BEGIN +
		    10 * CLOCK_MS, "asked at %" PRId64 " ns", now - BEGIN);
	unit_check(unit, ask(&pace, now, 1) == 1, "at the time");
}

/* Of a batch those go whose time has come. */
static void
test_batches(struct unit *unit)
{
	struct pace pace;
	size_t n;

	begin(&pace, 1000, 0, 0);
	(void)take(&pace, BEGIN, 100, 1);
	(void)ask(&pace, BEGIN, 100);
	n = ask(&pace, BEGIN + 4 * CLOCK_MS, 100);
	unit_check(unit, n == 4, "records after 4 ms: %zu", n);
	begin(&pace, 0, 100000, 0);
	(void)take(&pace, BEGIN, 100, 1);
	(void)ask(&pace, BEGIN, 100);
	n = ask(&pace, BEGIN + 4 * CLOCK_MS, 100);
	unit_check(unit, n == 4, "by their bytes: %zu", n);
	begin(&pace, 1000, 50000, 0);
	(void)take(&pace, BEGIN, 100, 1);
	(void)ask(&pace, BEGIN, 100);
	n = ask(&pace, BEGIN + 4 * CLOCK_MS, 100);
	unit_check(unit, n == 2, "by the slower of both: %zu", n);
}

/* What was allowed and did not go may go later. */
static void
test_some_of_batch(struct unit *unit)
{
	struct pace pace;
	size_t n;

	begin(&pace, 1000, 0, 0);
	(void)take(&pace, BEGIN, 1, 1);
	(void)ask(&pace, BEGIN, 1);
	n = take(&pace, BEGIN + 4 * CLOCK_MS, 1, 3);
	unit_check(unit, n == 3, "took %zu", n);
	n = ask(&pace, BEGIN + 4 * CLOCK_MS, 1);
	unit_check(unit, n == 1, "of the batch is left: %zu", n);
}

/* However high the rate, one does not wake for each record. */
static void
test_ticks(struct unit *unit)
{
	struct pace pace;
	int64_t now = BEGIN;
	uint64_t gone = 0;
	unsigned waits = 0;
	size_t n;

	begin(&pace, 1000000, 0, 0);
	while (now < BEGIN + CLOCK_SECOND) {
		n = take(&pace, now, 1, MOST);
		gone += n;
		if (n > 0)
			continue;
		now = pace.gate.ops->until(&pace.gate);
		waits++;
	}
	unit_check(unit, waits <= 10000, "%u waits in a second", waits);
	unit_check(unit, gone >= 999000 && gone <= 1000001,
	    "%" PRIu64 " in a second", gone);
}

/* A wait that was too long: a little at once, and the rest a bit faster. */
static void
test_late(struct unit *unit)
{
	struct pace pace;
	int64_t now = BEGIN, gone = BEGIN;
	size_t n, i;

	begin(&pace, 1000, 0, 0);
	(void)take(&pace, now, 1, 1);
	(void)ask(&pace, now, 1);
	now += 101 * CLOCK_MS;
	n = take(&pace, now, 1, 1000);
	unit_check(unit, n > 1 && n <= 20, "%zu at one go", n);
	for (i = n; i < 400; i++) {
		gone = next(&pace, &now, 1);
		unit_check(unit, gone >= BEGIN + 101 * CLOCK_MS +
		    (int64_t)(i - n) * 4 / 5 * CLOCK_MS - 2 * CLOCK_MS,
		    "record %zu already after %" PRId64 " ns", i,
		    gone - BEGIN);
	}
	for (; i < 700; i++)
		gone = next(&pace, &now, 1);
	unit_check(unit, gone >= BEGIN + 700 * CLOCK_MS - CLOCK_MS &&
	    gone <= BEGIN + 701 * CLOCK_MS,
	    "700 records are out after %" PRId64 " ns", gone - BEGIN);
}

/* What was stopped for an hour does not make up for it. */
static void
test_stopped(struct unit *unit)
{
	struct pace pace;
	int64_t now = BEGIN, gone = 0;
	size_t n, i;

	begin(&pace, 1000, 0, 0);
	(void)take(&pace, now, 1, 1);
	(void)ask(&pace, now, 1);
	now += 3600 * CLOCK_SECOND;
	n = take(&pace, now, 1, MOST);
	unit_check(unit, n <= 20, "%zu at one go", n);
	for (i = n; i < 2000; i++)
		gone = next(&pace, &now, 1);
	unit_check(unit, gone - BEGIN - 3600 * CLOCK_SECOND >=
	    1740 * CLOCK_MS, "2000 records after %" PRId64 " ns",
	    gone - BEGIN - 3600 * CLOCK_SECOND);
}

/* Neither does who had nothing to send. */
static void
test_idle(struct unit *unit)
{
	struct pace pace;
	int64_t now = BEGIN;
	size_t i, n;

	begin(&pace, 1000, 0, 0);
	(void)take(&pace, now, 1, 1);
	now += 2 * CLOCK_SECOND;
	for (i = 0; i < 10; i++) {
		n = take(&pace, now, 1, 100);
		unit_check(unit, n == 1, "%zu at once, %zu ms after a rest",
		    n, i);
		n = take(&pace, now, 1, 100);
		unit_check(unit, n == 0, "and %zu more, %zu ms after a rest",
		    n, i);
		now += CLOCK_MS;
	}
}

static void
test_average(struct unit *unit)
{
	struct pace pace;
	int64_t now, until;
	uint64_t gone;
	size_t i, n;

	for (i = 0; i < UNIT_COUNT(averages); i++) {
		begin(&pace, averages[i].records, 0, 0);
		gone = 0;
		now = BEGIN;
		until = BEGIN + 2 * CLOCK_SECOND;
		while (now <= until) {
			n = take(&pace, now, 1, SIZE_MAX);
			gone += n;
			if (n == 0)
				now = pace.gate.ops->until(&pace.gate) +
				    averages[i].late;
		}
		unit_check(unit, gone >= averages[i].went -
		    averages[i].went / 100 && gone <= averages[i].went +
		    averages[i].went / 1000 + 1, "%" PRIu64 " a second, each "
		    "wait %" PRId64 " ns too long: %" PRIu64,
		    averages[i].records, averages[i].late, gone);
	}
}

/* Without bytes there is nothing that a rate of bytes could limit. */
static void
test_empty(struct unit *unit)
{
	struct pace pace;
	int64_t now = BEGIN;
	size_t i;

	begin(&pace, 0, 1, 0);
	for (i = 0; i < 10; i++)
		unit_check(unit, take(&pace, now, 0, 1) == 1,
		    "empty record %zu", i);
	unit_check(unit, take(&pace, now, 1, 1) == 1 &&
	    take(&pace, now, 1, 1) == 0, "a byte, and a second one");
}

/* Of bytes a line goes at once, and none of the next before its time. */
static void
test_lines(struct unit *unit)
{
	char text[256];
	struct pace pace;
	int64_t now;
	size_t i, j, n;

	for (i = 0; i < UNIT_COUNT(lines); i++) {
		memset(text, 'a', sizeof(text));
		text[lines[i].size - 1] = '\n';
		begin(&pace, 0, lines[i].rate, lines[i].delay_ms * CLOCK_MS);
		now = BEGIN;
		for (j = 0; j < UNIT_COUNT(lines[i].times); j++) {
			n = next_line(&pace, &now, text, lines[i].size);
			unit_check(unit, n == lines[i].size && now == BEGIN +
			    lines[i].times[j] * CLOCK_MS, "line %zu: %zu bytes "
			    "went at %" PRId64 " ns, not %" PRId64 " ms", i, n,
			    now - BEGIN, lines[i].times[j]);
		}
	}
}

static void
test_extremes(struct unit *unit)
{
	struct pace pace;
	int64_t now = INT64_MAX / 2;
	size_t n;

	begin(&pace, 0, INT64_MAX, 0);
	(void)take(&pace, now, 65507, 128);
	n = ask(&pace, now + CLOCK_MS, 65507);
	unit_check(unit, n > 128, "2^63 - 1 bytes a second: %zu", n);
	n = ask(&pace, now + CLOCK_MS, 1);
	unit_check(unit, n > INT32_MAX, "and single ones: %zu", n);

	begin(&pace, 0, 1, 0);
	(void)take(&pace, now, 65507, 1);
	unit_check(unit, ask(&pace, now, 1) == 0 &&
	    pace.gate.ops->until(&pace.gate) == now + 65507 * CLOCK_SECOND,
	    "a byte a second");

	begin(&pace, 0, 0, INT64_MAX);
	(void)take(&pace, now, 1, 1);
	unit_check(unit, ask(&pace, now + 1, 1) == 0 &&
	    pace.gate.ops->until(&pace.gate) == CLOCK_NEVER,
	    "a delay of 292 years");

	begin(&pace, 1, 1, 0);
	(void)take(&pace, 0, 1, 1);
	unit_check(unit, ask(&pace, 1, 1) == 0 &&
	    pace.gate.ops->until(&pace.gate) == CLOCK_SECOND,
	    "at the beginning of time");
}

static void
begin(struct pace *pace, uint64_t records, uint64_t bytes, int64_t delay)
{
	const struct pace_limits limits = {
		.records = records, .bytes = bytes, .delay = delay
	};

	pace_init(pace, &limits);
}

static size_t
ask(struct pace *pace, int64_t now, size_t size)
{
	return pace->gate.ops->allow(&pace->gate, now, size);
}

/* As many as may go of so many, each of such a size, go at once. */
static size_t
take(struct pace *pace, int64_t now, size_t size, size_t count)
{
	size_t n = ask(pace, now, size);

	if (n > count)
		n = count;
	/* A turn moves no more. */
	if (n > INT32_MAX)
		n = INT32_MAX;
	if (n > 0)
		pace->gate.ops->passed(&pace->gate, now, n, n * size);
	return n;
}

/* Wait, and have one go. */
static int64_t
next(struct pace *pace, int64_t *now, size_t size)
{
	while (take(pace, *now, size, 1) == 0)
		*now = pace->gate.ops->until(&pace->gate);
	return *now;
}

/* Wait, and have what may go of a line go. */
static size_t
next_line(struct pace *pace, int64_t *now, const char *text, size_t size)
{
	const struct gate_ops *ops = pace->gate.ops;
	size_t n;

	while ((n = ops->allow_bytes(&pace->gate, *now, text, size)) == 0)
		*now = ops->until(&pace->gate);
	ops->passed_bytes(&pace->gate, *now, text, n);
	return n;
}
