/* Points in time: known ones, and every day against the C library. */

#include "config.h"

#include <time.h>

#include "base/utc.h"

#include "unit.h"

#define SECOND	INT64_C(1000000000)

static void	test_days(struct unit *);

static const struct {
	int64_t		 ns;
	const char	*text;
} rows[] = {
	{ 0, "1970-01-01T00:00:00.000000000Z" },
	{ 1, "1970-01-01T00:00:00.000000001Z" },
	{ -1, "1969-12-31T23:59:59.999999999Z" },
	{ -SECOND, "1969-12-31T23:59:59.000000000Z" },
	{ 951782399 * SECOND, "2000-02-28T23:59:59.000000000Z" },
	{ 951782400 * SECOND, "2000-02-29T00:00:00.000000000Z" },
	{ 951868800 * SECOND, "2000-03-01T00:00:00.000000000Z" },
	{ 1769860800 * SECOND + 123456789, "2026-01-31T12:00:00.123456789Z" },
	{ 4107542400 * SECOND, "2100-03-01T00:00:00.000000000Z" },
	{ -2203891200 * SECOND, "1900-03-01T00:00:00.000000000Z" },
	{ -2203891201 * SECOND, "1900-02-28T23:59:59.000000000Z" },
	{ 7258118400 * SECOND, "2200-01-01T00:00:00.000000000Z" },
	{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
	{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };
	char text[UTC_TEXT], input[32];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		snprintf(input, sizeof(input), "%lld", (long long)rows[i].ns);
		unit_text(&unit, input, utc_text(rows[i].ns, text),
		    rows[i].text);
	}
	test_days(&unit);
	return unit_end(&unit);
}

static void
test_days(struct unit *unit)
{
	char text[UTC_TEXT], wanted[UTC_TEXT];
	unsigned failed = 0;
	struct tm tm;
	time_t at;

	/* Some seconds further on each day; time_t may have 32 bits. */
	for (at = -2000000000; at < 2000000000; at += 86400 + 7) {
		if (gmtime_r(&at, &tm) == NULL ||
		    strftime(wanted, sizeof(wanted),
		    "%Y-%m-%dT%H:%M:%S.000000000Z", &tm) == 0)
			failed++;
		else if (strcmp(utc_text(at * SECOND, text), wanted) != 0)
			failed++;
	}
	unit_check(unit, failed == 0, "%u days are wrong", failed);
}
