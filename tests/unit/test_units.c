/* Numbers as users write them: what is taken, and what is refused. */

#include "config.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/units.h"

#include "unit.h"

static void	test_durations(struct unit *);
static void	test_sizes(struct unit *);
static void	test_numbers(struct unit *);
static void	test_seconds(struct unit *);

static const char not_duration[] =
    "not a duration (500ms, 2, 1.5s, 2m, 1h, 1d)";
static const char too_long[] = "more than 292 years";
static const char too_fine[] = "finer than a nanosecond";

static const char not_size[] = "not a size (1500, 1.5k, 4M, 4Mi)";
static const char too_big[] = "more than 2^63 - 1 bytes";
static const char not_whole[] = "not a whole number of bytes";

static const struct {
	const char	*text;
	int64_t		 ns;
	const char	*why;	/* NULL: it is taken */
} durations[] = {
	{ "500ms", INT64_C(500000000), NULL },
	{ "2", INT64_C(2000000000), NULL },
	{ "1.5s", INT64_C(1500000000), NULL },
	{ "1.5", INT64_C(1500000000), NULL },
	{ "2m", INT64_C(120000000000), NULL },
	{ "1h", INT64_C(3600000000000), NULL },
	{ "1d", INT64_C(86400000000000), NULL },
	{ "0", 0, NULL },
	{ "0.0", 0, NULL },
	{ "007", INT64_C(7000000000), NULL },
	{ "0.000000001", 1, NULL },
	{ "0.000001ms", 1, NULL },
	{ "0.00000000005m", 3, NULL },
	{ "0.1", INT64_C(100000000), NULL },
	{ "0.3", INT64_C(300000000), NULL },
	{ "0.25d", INT64_C(21600000000000), NULL },
	{ "1.5000000000000000000000000000000", INT64_C(1500000000), NULL },
	{ "9223372036.854775807", INT64_MAX, NULL },
	{ "106751d", INT64_C(9223286400000000000), NULL },

	{ "9223372036.854775808", 0, too_long },
	{ "9223372037", 0, too_long },
	{ "106752d", 0, too_long },
	{ "18446744073709551616", 0, too_long },
	{ "99999999999999999999999999999999999999", 0, too_long },
	{ "99999999999999999999999999999999999999ms", 0, too_long },
	{ "0.0000000001", 0, too_fine },
	{ "1.0000000005", 0, too_fine },
	{ "0.00000000001m", 0, too_fine },
	{ "0.0000001ms", 0, too_fine },
	{ "", 0, not_duration },
	{ ".", 0, not_duration },
	{ ".5", 0, not_duration },
	{ "5.", 0, not_duration },
	{ "5.s", 0, not_duration },
	{ "1.5.5", 0, not_duration },
	{ "1e3", 0, not_duration },
	{ " 5", 0, not_duration },
	{ "5 ", 0, not_duration },
	{ "5 s", 0, not_duration },
	{ "+5", 0, not_duration },
	{ "-5", 0, not_duration },
	{ "0x10", 0, not_duration },
	{ "5x", 0, not_duration },
	{ "5S", 0, not_duration },
	{ "5ss", 0, not_duration },
	{ "5us", 0, not_duration },
	{ "s", 0, not_duration },
	{ "ms", 0, not_duration },
	{ "1m30s", 0, not_duration },
	{ "1,5", 0, not_duration },
	{ "inf", 0, not_duration },
	{ "nan", 0, not_duration },
	{ "5\n", 0, not_duration },
	{ "\xd9\xa5", 0, not_duration },
};

static const struct {
	const char	*text;
	uint64_t	 bytes;
	const char	*why;
} sizes[] = {
	{ "0", 0, NULL },
	{ "1500", 1500, NULL },
	{ "1.5k", 1500, NULL },
	{ "4M", 4000000, NULL },
	{ "4Mi", 4194304, NULL },
	{ "1.5Ki", 1536, NULL },
	{ "1G", 1000000000, NULL },
	{ "1Gi", 1073741824, NULL },
	{ "0.0009765625Ki", 1, NULL },
	{ "9223372036854775807", INT64_MAX, NULL },
	{ "8589934591Gi", UINT64_C(9223372035781033984), NULL },

	{ "9223372036854775808", 0, too_big },
	{ "8589934592Gi", 0, too_big },
	{ "18446744073709551616", 0, too_big },
	{ "99999999999999999999999999999999999999", 0, too_big },
	{ "99999999999999999999999999999999999999G", 0, too_big },
	{ "0.5", 0, not_whole },
	{ "1.0001k", 0, not_whole },
	{ "0.1Ki", 0, not_whole },
	{ "", 0, not_size },
	{ ".", 0, not_size },
	{ ".5k", 0, not_size },
	{ "1.k", 0, not_size },
	{ "1.5.5", 0, not_size },
	{ "1e3", 0, not_size },
	{ " 5", 0, not_size },
	{ "5 ", 0, not_size },
	{ "5 k", 0, not_size },
	{ "+5", 0, not_size },
	{ "-5", 0, not_size },
	{ "0x10", 0, not_size },
	{ "5K", 0, not_size },
	{ "5ki", 0, not_size },
	{ "5kB", 0, not_size },
	{ "5m", 0, not_size },
	{ "k", 0, not_size },
};

static const struct {
	const char	*text;
	uint64_t	 min;
	uint64_t	 max;
	uint64_t	 value;
	const char	*why;
} numbers[] = {
	{ "0", 0, 10, 0, NULL },
	{ "10", 0, 10, 10, NULL },
	{ "0010", 0, 10, 10, NULL },
	{ "65535", 1, UINT16_MAX, 65535, NULL },
	{ "18446744073709551615", 0, UINT64_MAX, UINT64_MAX, NULL },
	{ "18446744073709551616", 0, UINT64_MAX, 0, "too large" },
	{ "18446744073709551625", 0, UINT64_MAX, 0, "too large" },
	{ "65536", 1, UINT16_MAX, 0, "too large" },
	{ "5", 0, 3, 0, "too large" },
	{ "99999999999999999999999999999999", 1, 65535, 0, "too large" },
	{ "0", 1, UINT16_MAX, 0, "too small" },
	{ "2", 3, 10, 0, "too small" },
	{ "", 0, 10, 0, "not a number" },
	{ "-1", 0, 10, 0, "not a number" },
	{ "+1", 0, 10, 0, "not a number" },
	{ " 1", 0, 10, 0, "not a number" },
	{ "1 ", 0, 10, 0, "not a number" },
	{ "1e11", 0, 10, 0, "not a number" },
	{ "12x", 0, 100, 0, "not a number" },
	{ "0x1", 0, 10, 0, "not a number" },
	{ "1.0", 0, 10, 0, "not a number" },
};

static const struct {
	int64_t		 ns;
	const char	*text;
} seconds[] = {
	{ 0, "0.000" },
	{ -1, "0.000" },
	{ 999999, "0.000" },
	{ 1000000, "0.001" },
	{ INT64_C(12345678901), "12.345" },
	{ INT64_MAX, "9223372036.854" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_durations(&unit);
	test_sizes(&unit);
	test_numbers(&unit);
	test_seconds(&unit);
	return unit_end(&unit);
}

static void
test_durations(struct unit *unit)
{
	const char *why;
	int64_t ns;
	int result;

	for (size_t i = 0; i < UNIT_COUNT(durations); i++) {
		why = "";
		ns = 0;
		result = units_duration(durations[i].text, &ns, &why);
		unit_check(unit,
		    result == (durations[i].why == NULL ? 0 : -1) &&
		    ns == durations[i].ns,
		    "duration [%s] gives %d and %" PRId64,
		    durations[i].text, result, ns);
		if (durations[i].why != NULL)
			unit_text(unit, durations[i].text, why,
			    durations[i].why);
	}
}

static void
test_sizes(struct unit *unit)
{
	const char *why;
	uint64_t bytes;
	int result;

	for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
		why = "";
		bytes = 0;
		result = units_size(sizes[i].text, &bytes, &why);
		unit_check(unit, result == (sizes[i].why == NULL ? 0 : -1) &&
		    bytes == sizes[i].bytes, "size [%s] gives %d and %" PRIu64,
		    sizes[i].text, result, bytes);
		if (sizes[i].why != NULL)
			unit_text(unit, sizes[i].text, why, sizes[i].why);
	}
}

static void
test_numbers(struct unit *unit)
{
	const char *why;
	uint64_t value;
	int result;

	for (size_t i = 0; i < UNIT_COUNT(numbers); i++) {
		why = "";
		value = 0;
		result = units_number(numbers[i].text, numbers[i].min,
		    numbers[i].max, &value, &why);
		unit_check(unit, result == (numbers[i].why == NULL ? 0 : -1) &&
		    value == numbers[i].value,
		    "number [%s] gives %d and %" PRIu64, numbers[i].text,
		    result, value);
		if (numbers[i].why != NULL)
			unit_text(unit, numbers[i].text, why, numbers[i].why);
	}
}

static void
test_seconds(struct unit *unit)
{
	char buf[32];

	for (size_t i = 0; i < UNIT_COUNT(seconds); i++)
		unit_text(unit, seconds[i].text,
		    units_seconds(seconds[i].ns, buf, sizeof(buf)),
		    seconds[i].text);
}
