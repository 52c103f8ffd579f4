/*
 * Points in time as RFC 3339 writes them, in UTC.  Time zones and leap
 * seconds are not known here, and nothing is read from the system.
 */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include <stdint.h>

/* "2026-01-31T12:00:00.123456789Z" and its end, for all of int64_t. */
#define UTC_TEXT	31

/* Nanoseconds since 1970-01-01 to text.  Returns buf. */
const char *utc_text(int64_t ns, char buf[UTC_TEXT]);

#endif
