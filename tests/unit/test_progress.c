/* The line of --progress: what stands in it, and what goes where. */

#include "config.h"

#include <stdint.h>

#include "base/clock.h"
#include "report/progress.h"

#include "unit.h"

static void	test_lines(struct unit *);
static void	test_widths(struct unit *);
static void	test_rates(struct unit *);

#define KIB	(UINT64_C(1) << 10)
#define MIB	(UINT64_C(1) << 20)
#define GIB	(UINT64_C(1) << 30)
#define TIB	(UINT64_C(1) << 40)
#define SECOND	CLOCK_SECOND

static const struct {
	struct progress	 progress;
	unsigned	 columns;
	const char	*text;
} lines[] = {
	{ { 0, 0, 0, 0, 0, 0, false }, 79, "     0B 0:00:00 [     0B/s]" },
	{ { 999, 0, SECOND, 999, 0, 0, false }, 79,
	    "   999B 0:00:01 [   999B/s]" },
	{ { 1023, 0, SECOND, 1024, 0, 0, false }, 79,
	    "  1023B 0:00:01 [1.00KiB/s]" },
	{ { 0, 1280 * KIB, SECOND, 0, 0, 0, false }, 79,
	    "1.25MiB 0:00:01 [     0B/s]" },
	{ { 10 * KIB, 0, 0, 1023 * KIB, 0, 0, false }, 79,
	    "10.0KiB 0:00:00 [1023KiB/s]" },
	{ { MIB - 1, 0, 0, 10 * KIB - 1, 0, 0, false }, 79,
	    "1023KiB 0:00:00 [9.99KiB/s]" },
	{ { UINT64_MAX, 0, 0, 100 * KIB - 1, 0, 0, false }, 79,
	    "15.9EiB 0:00:00 [99.9KiB/s]" },
	{ { 0, 2 * TIB, 3599 * SECOND, GIB, 0, 0, false }, 79,
	    "2.00TiB 0:59:59 [1.00GiB/s]" },
	{ { 1, 0, 90061 * SECOND, 0, 0, 0, false }, 79,
	    "     1B 25:01:01 [     0B/s]" },
	/* Both ways. */
	{ { 80, 3 * GIB, SECOND, 100 * MIB, 3 * GIB, 0, false }, 79,
	    ">     80B < 3.00GiB 0:00:01 [ 100MiB/s]" },
	{ { 80, 3 * GIB, SECOND, 100 * MIB, 3 * GIB, 0, false },
	    PROGRESS_LOG, "> 80B < 3.00GiB 0:00:01 [100MiB/s]" },
	/* Of a size. */
	{ { GIB, 0, 5 * SECOND, 200 * MIB, GIB, 2 * GIB, false }, 64,
	    "1.00GiB 0:00:05 [ 200MiB/s] [========>        ]  50% "
	    "ETA 0:00:05" },
	{ { 0, 0, 5 * SECOND, 0, 0, GIB, false }, 64,
	    "     0B 0:00:05 [     0B/s] [>                ]   0% "
	    "ETA -:--:--" },
	{ { GIB - 1, 0, 5 * SECOND, 0, GIB - 1, GIB, false }, 64,
	    "1023MiB 0:00:05 [     0B/s] [===============> ]  99% "
	    "ETA 0:00:00" },
	{ { GIB, 0, 5 * SECOND, 0, GIB, GIB, false }, 64,
	    "1.00GiB 0:00:05 [     0B/s] [================>] 100% "
	    "ETA 0:00:00" },
	{ { GIB, 0, 5 * SECOND, 0, GIB, GIB, true }, 64,
	    "1.00GiB 0:00:05 [     0B/s] "
	    "[============================>] 100%" },
	{ { 3000, 0, SECOND, 0, 3000, 2000, false }, 64,
	    "2.92KiB 0:00:01 [     0B/s] [================>] 150% "
	    "ETA 0:00:00" },
	{ { TIB, 0, SECOND, 0, TIB, 1, true }, PROGRESS_LOG,
	    "1.00TiB 0:00:01 [0B/s] 999%" },
	{ { UINT64_MAX, 0, SECOND, 0, UINT64_MAX, INT64_MAX, true },
	    PROGRESS_LOG, "15.9EiB 0:00:01 [0B/s] 200%" },
	{ { INT64_MAX - 1, 0, SECOND, 0, INT64_MAX - 1, INT64_MAX, true },
	    PROGRESS_LOG, "7.99EiB 0:00:01 [0B/s] 99%" },
	{ { 1, 0, 1000 * SECOND, 0, 1, INT64_MAX, false }, PROGRESS_LOG,
	    "1B 0:16:40 [0B/s] 0% ETA -:--:--" },
	{ { 1000, 0, SECOND, 0, 1000, 359999000 + 1000, false },
	    PROGRESS_LOG, "1000B 0:00:01 [0B/s] 0% ETA 99:59:59" },
	{ { 512, 0, SECOND, 512, 512, 1024, false }, PROGRESS_LOG,
	    "512B 0:00:01 [512B/s] 50% ETA 0:00:01" },
};

/* The same one, in fewer and fewer columns. */
static const struct {
	unsigned	 columns;
	const char	*text;
} widths[] = {
	{ 54, "1.00GiB 0:00:05 [ 200MiB/s] [===>   ]  50% ETA 0:00:05" },
	{ 51, "1.00GiB 0:00:05 [ 200MiB/s] [=>  ]  50% ETA 0:00:05" },
	{ 50, "1.00GiB 0:00:05 [ 200MiB/s]  50% ETA 0:00:05" },
	{ 44, "1.00GiB 0:00:05 [ 200MiB/s]  50% ETA 0:00:05" },
	{ 43, "1.00GiB 0:00:05 [ 200MiB/s] [===>    ]  50%" },
	{ 32, "1.00GiB 0:00:05 [ 200MiB/s]  50%" },
	{ 31, "1.00GiB 0:00:05 [===>    ]  50%" },
	{ 20, "1.00GiB 0:00:05  50%" },
	{ 19, "1.00GiB [=>  ]  50%" },
	{ 12, "1.00GiB  50%" },
	{ 11, "1.00GiB" },
	{ 7, "1.00GiB" },
	{ 6, "" },
	{ 1, "" },
};

static const struct {
	uint64_t	bytes;
	int64_t		ns;
	uint64_t	rate;
} rates[] = {
	{ 0, 0, 0 },
	{ 100, 0, 0 },
	{ 100, 999, 0 },
	{ 100, SECOND, 100 },
	{ 100, SECOND / 2, 200 },
	{ 100 * TIB, 100 * SECOND, 1099511000000 },
	{ UINT64_MAX, SECOND, UINT64_C(18446744073709000000) },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_lines(&unit);
	test_widths(&unit);
	test_rates(&unit);
	return unit_end(&unit);
}

static void
test_lines(struct unit *unit)
{
	char text[PROGRESS_TEXT], input[32];
	size_t i, size;

	for (i = 0; i < UNIT_COUNT(lines); i++) {
		(void)snprintf(input, sizeof(input), "line %zu", i);
		size = progress_text(&lines[i].progress, lines[i].columns,
		    text);
		unit_text(unit, input, text, lines[i].text);
		unit_check(unit, size == strlen(text), "%s: length %zu",
		    input, size);
	}
}

/* And none is ever too long. */
static void
test_widths(struct unit *unit)
{
	static const struct progress progress = {
		GIB, 0, 5 * SECOND, 200 * MIB, GIB, 2 * GIB, false
	};
	char text[PROGRESS_TEXT], input[32];
	unsigned columns;
	size_t i;

	for (i = 0; i < UNIT_COUNT(widths); i++) {
		(void)snprintf(input, sizeof(input), "%u columns",
		    widths[i].columns);
		(void)progress_text(&progress, widths[i].columns, text);
		unit_text(unit, input, text, widths[i].text);
	}
	for (columns = 1; columns < 70000; columns++)
		unit_check(unit, progress_text(&progress, columns, text) <=
		    columns && strlen(text) < sizeof(text),
		    "%u columns: [%s]", columns, text);
}

static void
test_rates(struct unit *unit)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(rates); i++)
		unit_check(unit, progress_rate(rates[i].bytes, rates[i].ns) ==
		    rates[i].rate, "rate %zu: %ju", i,
		    (uintmax_t)progress_rate(rates[i].bytes, rates[i].ns));
}
