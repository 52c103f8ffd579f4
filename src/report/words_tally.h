/*
 * What was counted, and how connections fare, in several lines for people:
 * those behind the line of an event.
 */
#ifndef REPORT_WORDS_TALLY_H
#define REPORT_WORDS_TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

/* All of them together are no longer. */
#define WORDS_TALLY	2048

/* Into buf, of WORDS_TALLY bytes, with colours or without; their length. */
size_t	words_tally(const struct event *, bool colours, char *buf);

#endif
