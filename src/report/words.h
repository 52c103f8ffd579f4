/* Events as lines for people. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <stddef.h>

#include "report/report.h"

/*
 * How many -v it takes to be told of the event: 0, always; -1, even
 * --quiet does not silence what was asked for.
 */
int	words_level(enum event_kind);

/* One line with its newline into buf; returns its length. */
size_t	words_render(const struct event *, char *buf, size_t size);

#endif
