/* Events as lines for people. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

/*
 * How many -v it takes to be told of the event: 0, always; -1, even
 * --quiet does not silence what was asked for.
 */
int	words_level(enum event_kind);

/* One line with its newline into buf; returns its length. */
size_t	words_render(const struct event *, bool colours, char *buf,
	    size_t size);

/* An error of which there is no event: it goes to standard error at once. */
void	words_complain(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif
