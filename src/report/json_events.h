/*
 * Events as JSON, an object a line: the rendering for programs.
 * ducat-events(5) has the schema.
 */
#ifndef REPORT_JSON_EVENTS_H
#define REPORT_JSON_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

/* No line is longer. */
#define EVENT_LINE	16384

/* One line with its newline into buf, of EVENT_LINE bytes; its length. */
size_t	json_event(const struct event *, char *buf);

/* Is there such a one for programs? */
bool	json_has(enum event_kind);

/* The same, of lines that were lost before it. */
size_t	json_dropped(uint64_t lines, char *buf);

#endif
