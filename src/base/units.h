/*
 * Numbers as users write them: durations, sizes, plain numbers; and back.
 * The parsers take the whole text or nothing.  On failure they return -1
 * and *why names the rule that was broken, to be put behind the text.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* "500ms", "2", "1.5s", "2m", "1h", "1d" to nanoseconds. */
int	units_duration(const char *text, int64_t *ns, const char **why);

/* "1500", "1.5k", "4M", "4Mi" to bytes; k M G are powers of 1000. */
int	units_size(const char *text, uint64_t *bytes, const char **why);

/* Decimal digits only, min <= value <= max. */
int	units_number(const char *text, uint64_t min, uint64_t max,
	    uint64_t *value, const char **why);

/* "1.234 s"-like seconds with milliseconds: "12.345". Returns buf. */
const char *units_seconds(int64_t ns, char *buf, size_t size);

#endif
