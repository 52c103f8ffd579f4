/*
 * Numbers as users write them.  A decimal fraction of a unit is computed
 * exactly, digit by digit: what is not a whole number of nanoseconds or
 * bytes is refused, never rounded.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"

struct unit {
	const char	*name;
	uint64_t	 factor;
};

enum scanned {
	SCANNED,
	SCANNED_MALFORMED,
	SCANNED_TOO_LARGE,
	SCANNED_TOO_FINE
};

static enum scanned	scan(const char *, const struct unit *,
			    uint64_t max, uint64_t *value);
static enum scanned	scan_digits(const char *, size_t length, uint64_t max,
			    uint64_t *value);
static enum scanned	scan_fraction(const char *, size_t length,
			    uint64_t factor, uint64_t *value);
static size_t		digits(const char *);
static const struct unit *unit_find(const struct unit *, const char *name);

static const struct unit duration_units[] = {
	{ "",	UINT64_C(1000000000) },
	{ "ms",	UINT64_C(1000000) },
	{ "s",	UINT64_C(1000000000) },
	{ "m",	UINT64_C(60000000000) },
	{ "h",	UINT64_C(3600000000000) },
	{ "d",	UINT64_C(86400000000000) },
	{ NULL,	0 }
};

static const struct unit size_units[] = {
	{ "",	1 },
	{ "k",	UINT64_C(1000) },
	{ "M",	UINT64_C(1000000) },
	{ "G",	UINT64_C(1000000000) },
	{ "Ki",	UINT64_C(1) << 10 },
	{ "Mi",	UINT64_C(1) << 20 },
	{ "Gi",	UINT64_C(1) << 30 },
	{ NULL,	0 }
};

static const char *const duration_why[] = {
	[SCANNED_MALFORMED] =
	    "not a duration (500ms, 2, 1.5s, 2m, 1h, 1d)",
	[SCANNED_TOO_LARGE] = "more than 292 years",
	[SCANNED_TOO_FINE] = "finer than a nanosecond"
};

static const char *const size_why[] = {
	[SCANNED_MALFORMED] = "not a size (1500, 1.5k, 4M, 4Mi)",
	[SCANNED_TOO_LARGE] = "more than 2^63 - 1 bytes",
	[SCANNED_TOO_FINE] = "not a whole number of bytes"
};

int
units_duration(const char *text, int64_t *ns, const char **why)
{
	uint64_t	 value;
	enum scanned	 result;

	result = scan(text, duration_units, INT64_MAX, &value);
	if (result != SCANNED) {
		*why = duration_why[result];
		return -1;
	}
	*ns = (int64_t)value;
	return 0;
}

int
units_size(const char *text, uint64_t *bytes, const char **why)
{
	uint64_t	 value;
	enum scanned	 result;

	result = scan(text, size_units, INT64_MAX, &value);
	if (result != SCANNED) {
		*why = size_why[result];
		return -1;
	}
	*bytes = value;
	return 0;
}

int
units_number(const char *text, uint64_t min, uint64_t max, uint64_t *value,
    const char **why)
{
	uint64_t	 number;
	size_t		 length = digits(text);

	if (length == 0 || text[length] != '\0') {
		*why = "not a number";
		return -1;
	}
	if (scan_digits(text, length, max, &number) != SCANNED) {
		*why = "too large";
		return -1;
	}
	if (number < min) {
		*why = "too small";
		return -1;
	}
	*value = number;
	return 0;
}

const char *
units_seconds(int64_t ns, char *buf, size_t size)
{
	if (ns < 0)
		ns = 0;
	snprintf(buf, size, "%" PRId64 ".%03d", ns / CLOCK_SECOND,
	    (int)(ns % CLOCK_SECOND / CLOCK_MS));
	return buf;
}

/* DIGITS[.DIGITS][UNIT], at most max when multiplied. */
static enum scanned
scan(const char *text, const struct unit *units, uint64_t max,
    uint64_t *value)
{
	const struct unit	*unit;
	const char		*fraction;
	enum scanned		 result;
	uint64_t		 part;
	size_t			 whole = digits(text), places = 0;

	fraction = text + whole;
	if (*fraction == '.') {
		places = digits(++fraction);
		if (places == 0)
			return SCANNED_MALFORMED;
	}
	unit = unit_find(units, fraction + places);
	if (whole == 0 || unit == NULL)
		return SCANNED_MALFORMED;
	result = scan_digits(text, whole, max / unit->factor, value);
	if (result != SCANNED)
		return result;
	result = scan_fraction(fraction, places, unit->factor, &part);
	if (result != SCANNED)
		return result;
	*value *= unit->factor;
	if (part > max - *value)
		return SCANNED_TOO_LARGE;
	*value += part;
	return SCANNED;
}

static enum scanned
scan_digits(const char *text, size_t length, uint64_t max, uint64_t *value)
{
	uint64_t	 digit;

	*value = 0;
	for (; length > 0; length--, text++) {
		digit = (uint64_t)(*text - '0');
		if (digit > max || *value > (max - digit) / 10)
			return SCANNED_TOO_LARGE;
		*value = *value * 10 + digit;
	}
	return SCANNED;
}

/*
 * From the last digit to the first the sum of the digits so far, over ten.
 * A remainder on the way never becomes whole again.
 */
static enum scanned
scan_fraction(const char *text, size_t length, uint64_t factor,
    uint64_t *value)
{
	*value = 0;
	while (length > 0) {
		*value += (uint64_t)(text[--length] - '0') * factor;
		if (*value % 10 != 0)
			return SCANNED_TOO_FINE;
		*value /= 10;
	}
	return SCANNED;
}

static size_t
digits(const char *text)
{
	return strspn(text, "0123456789");
}

static const struct unit *
unit_find(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}
