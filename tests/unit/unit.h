/*
 * The frame of the unit tests: count, tell what failed, end with the line
 * "N passed, N failed".
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define UNIT_COUNT(table)	(sizeof(table) / sizeof((table)[0]))

struct unit {
	unsigned	 passed;
	unsigned	 failed;
};

/* Count one check; of a failed one tell the words, made by the format. */
static inline void unit_check(struct unit *, bool, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static inline void
unit_check(struct unit *unit, bool good, const char *fmt, ...)
{
	va_list ap;

	if (good) {
		unit->passed++;
		return;
	}
	unit->failed++;
	printf("not ok - ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* Check that a text is the one wanted. */
static inline void
unit_text(struct unit *unit, const char *input, const char *got,
    const char *wanted)
{
	unit_check(unit, strcmp(got, wanted) == 0,
	    "[%s] gives [%s], wanted [%s]", input, got, wanted);
}

/* Tell the counts; returns the exit status. */
static inline int
unit_end(const struct unit *unit)
{
	printf("%u passed, %u failed\n", unit->passed, unit->failed);
	return unit->failed > 0 || unit->passed == 0;
}

#endif
