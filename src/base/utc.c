/* The calendar, without gmtime(3), which reads the time zone's file. */

#include "config.h"

#include <string.h>

#include "base/utc.h"

#define SECOND_NS	INT64_C(1000000000)
#define DAY_SECONDS	INT64_C(86400)
#define FOUR_CENTURIES	INT64_C(146097)		/* days */
#define EPOCH_DAYS	INT64_C(719468)		/* since 0000-03-01 */

static int64_t	floor_divide(int64_t value, int64_t by);
static void	put_date(int64_t days, char *buf);
static void	put(int64_t value, int digits, char *to);

const char *
utc_text(int64_t ns, char buf[UTC_TEXT])
{
	const int64_t seconds = floor_divide(ns, SECOND_NS);
	const int64_t days = floor_divide(seconds, DAY_SECONDS);
	const int64_t time = seconds - days * DAY_SECONDS;

	memcpy(buf, "0000-00-00T00:00:00.000000000Z", UTC_TEXT);
	put_date(days, buf);
	put(time / 3600, 2, buf + 11);
	put(time / 60 % 60, 2, buf + 14);
	put(time % 60, 2, buf + 17);
	/* The product would overflow near the least ns. */
	put(ns % SECOND_NS + (ns % SECOND_NS < 0 ? SECOND_NS : 0), 9,
	    buf + 20);
	return buf;
}

/*
 * Years are counted from March, so that the day of a leap year is the last,
 * and months have 153 days in five.
 */
static void
put_date(int64_t days, char *buf)
{
	int64_t era, year, month;

	days += EPOCH_DAYS;
	era = floor_divide(days, FOUR_CENTURIES);
	days -= era * FOUR_CENTURIES;
	year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
	days -= year * 365 + year / 4 - year / 100;
	month = (5 * days + 2) / 153;
	days -= (153 * month + 2) / 5;
	put(era * 400 + year + (month >= 10 ? 1 : 0), 4, buf);
	put(month < 10 ? month + 3 : month - 9, 2, buf + 5);
	put(days + 1, 2, buf + 8);
}

static int64_t
floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

static void
put(int64_t value, int digits, char *to)
{
	while (digits-- > 0) {
		to[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}
