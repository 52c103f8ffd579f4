/*
 * The pace gate: clocks that say when the next is due, and a pause.  It
 * knows no time but what it is told.
 */

#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "filters/pace.h"

/*
 * A system with a few busy processes on each core was seen to let one wait
 * for 60 ms.  As much of the past as this counts, ...
 */
#define CATCH_UP	(250 * CLOCK_MS)

/*
 * ... but at most this goes at one go, a common oversleep, and the rest a
 * quarter faster than is wanted: a period is so much shorter.
 */
#define AT_ONCE		(10 * CLOCK_MS)
#define BRISK_PERIOD	(800 * CLOCK_MS)

/*
 * Waits are no shorter: where more is due in a second than a process can
 * wake, what is due by then goes together.
 */
#define TICK		(CLOCK_MS / 10)

/*
 * What is read ahead is not the next reader's any more: this often in a
 * second, or this much.
 */
#define READS		16
#define LEAST_READ	4096

/*
 * Bytes go in portions, as often as this in a second: each is a segment of
 * TCP.  They are no bigger than this, so that fast ones flow evenly.
 */
#define PORTIONS	64
#define MOST_PORTION	((uint64_t)64 * 1024)

static size_t	allow(struct gate *, int64_t, size_t);
static void	passed(struct gate *, int64_t, size_t, size_t);
static size_t	allow_bytes(struct gate *, int64_t, const char *, size_t);
static void	passed_bytes(struct gate *, int64_t, const char *, size_t);
static int64_t	until(const struct gate *);

static size_t	due_by_clocks(struct pace *, int64_t, size_t, int64_t *);
static uint64_t	portion(uint64_t);
static void	clocks_init(struct pace_clock *, uint64_t);
static size_t	pieces_due(struct pace_clock *, int64_t, bool, size_t);
static void	pass(struct pace_clock *, size_t);
static int64_t	later(int64_t, int64_t);

static const struct gate_ops pace_ops = {
	.allow = allow,
	.passed = passed,
	.allow_bytes = allow_bytes,
	.passed_bytes = passed_bytes,
	.until = until
};

bool
pace_wanted(const struct pace_limits *limits)
{
	return limits->records > 0 || limits->bytes > 0 || limits->delay > 0;
}

void
pace_init(struct pace *pace, const struct pace_limits *limits)
{
	memset(pace, 0, sizeof(*pace));
	pace->gate.ops = &pace_ops;
	clocks_init(pace->records, limits->records);
	clocks_init(pace->bytes, limits->bytes);
	pace->delay = limits->delay;
	pace->portion = (size_t)portion(limits->bytes);
	pace->gate.lines = limits->delay > 0;
	pace->gate.most = limits->bytes / READS < LEAST_READ ? LEAST_READ :
	    (size_t)(limits->bytes / READS);
}

static uint64_t
portion(uint64_t rate)
{
	if (rate < PORTIONS)
		return 1;
	return rate / PORTIONS < MOST_PORTION ? rate / PORTIONS :
	    MOST_PORTION;
}

static void
clocks_init(struct pace_clock *clocks, uint64_t rate)
{
	clocks[PACE_EVEN] = (struct pace_clock){
		.rate = rate, .period = CLOCK_SECOND, .catch_up = CATCH_UP,
		.due = INT64_MIN
	};
	clocks[PACE_BRISK] = (struct pace_clock){
		.rate = rate, .period = BRISK_PERIOD, .catch_up = AT_ONCE,
		.due = INT64_MIN
	};
}

/* A piece may go when the one before has had its time. */
static size_t
allow(struct gate *gate, int64_t now, size_t bytes)
{
	struct pace *pace = (struct pace *)gate;
	int64_t due;
	size_t most;

	if (now < pace->until)
		return 0;
	most = due_by_clocks(pace, now, bytes, &due);
	if (pace->delay > 0 && most > 1)
		most = 1;
	if (now < pace->earliest)
		most = 0;
	pace->until = most > 0 ? 0 : later(due, clock_after(now, TICK));
	return most;
}

/* How many pieces of so many bytes are, and when the first one is. */
static size_t
due_by_clocks(struct pace *pace, int64_t now, size_t bytes, int64_t *due)
{
	bool waited = pace->until != 0;
	size_t most = SIZE_MAX, n;
	int i;

	*due = pace->earliest;
	for (i = 0; i < PACE_CLOCKS; i++) {
		n = pieces_due(&pace->records[i], now, waited, 1);
		most = n < most ? n : most;
		n = pieces_due(&pace->bytes[i], now, waited, bytes);
		most = n < most ? n : most;
		*due = later(*due, later(pace->records[i].due,
		    pace->bytes[i].due));
	}
	return most;
}

/* With a delay it is the rest of the line, which is one piece. */
static size_t
allow_bytes(struct gate *gate, int64_t now, const char *data, size_t size)
{
	struct pace *pace = (struct pace *)gate;
	const char *end;
	int64_t due;
	size_t most;

	if (now < pace->until)
		return 0;
	most = due_by_clocks(pace, now, pace->portion, &due);
	if (now < pace->earliest)
		most = 0;
	pace->until = most > 0 ? 0 : later(due, clock_after(now, TICK));
	if (most == 0)
		return 0;
	if (most < size / pace->portion)
		size = most * pace->portion;
	if (pace->delay == 0 || size == 0)
		return size;
	end = memchr(data, '\n', size);
	return end == NULL ? size : (size_t)(end - data) + 1;
}

static void
passed(struct gate *gate, int64_t now, size_t pieces, size_t bytes)
{
	struct pace *pace = (struct pace *)gate;
	int i;

	for (i = 0; i < PACE_CLOCKS; i++) {
		pass(&pace->records[i], pieces);
		pass(&pace->bytes[i], bytes);
	}
	if (pace->delay > 0)
		pace->earliest = clock_after(now, pace->delay);
}

static void
passed_bytes(struct gate *gate, int64_t now, const char *data, size_t size)
{
	struct pace *pace = (struct pace *)gate;
	int i;

	for (i = 0; i < PACE_CLOCKS; i++)
		pass(&pace->bytes[i], size);
	if (pace->delay > 0 && size > 0 && data[size - 1] == '\n')
		pace->earliest = clock_after(now, pace->delay);
}

static int64_t
until(const struct gate *gate)
{
	return ((const struct pace *)gate)->until;
}

/*
 * How many pieces of so many units are due.  Whoever waited has something
 * to make up for; who comes later than that without, had nothing to send.
 */
static size_t
pieces_due(struct pace_clock *clock, int64_t now, bool waited, size_t units)
{
	uint64_t late, due;

	if (clock->rate == 0)
		return SIZE_MAX;
	if (clock->due < now - clock->catch_up) {
		clock->due = waited ? now - clock->catch_up : now;
		clock->rest = 0;
	}
	if (clock->due > now)
		return 0;
	late = (uint64_t)(now - clock->due);
	if (units == 0 || (late > 0 && clock->rate > UINT64_MAX / late))
		return SIZE_MAX;
	due = late * clock->rate / (uint64_t)clock->period / units;
	return due < SIZE_MAX ? (size_t)due + 1 : SIZE_MAX;
}

/* Fewer units than 2^33: what a turn moves. */
static void
pass(struct pace_clock *clock, size_t units)
{
	uint64_t time;

	if (clock->rate == 0)
		return;
	time = (uint64_t)units * (uint64_t)clock->period + clock->rest;
	clock->rest = time % clock->rate;
	clock->due = clock_after(clock->due, (int64_t)(time / clock->rate));
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}
