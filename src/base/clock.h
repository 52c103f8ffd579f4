/* Time, in nanoseconds: clock_gettime(2). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_MS	INT64_C(1000000)
#define CLOCK_SECOND	INT64_C(1000000000)
#define CLOCK_NEVER	INT64_MAX	/* a deadline that does not come */

/* Nanoseconds since some fixed point; suspend and clock changes do not show. */
int64_t	clock_now(void);

/* Nanoseconds since 1970, UTC, as far as the host knows. */
int64_t	clock_wall(void);

/* now + delay, CLOCK_NEVER where that overflows or delay is negative. */
int64_t	clock_after(int64_t now, int64_t delay_ns);

#endif
