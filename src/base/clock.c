/* Time, in nanoseconds. */

#include "config.h"

#include <time.h>

#include "base/clock.h"

int64_t
clock_now(void)
{
	struct timespec	 now;

	/* cannot fail: the clock exists and the pointer is good */
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int64_t
clock_wall(void)
{
	struct timespec	 now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int64_t
clock_after(int64_t now, int64_t delay_ns)
{
	if (delay_ns < 0 || now > CLOCK_NEVER - delay_ns)
		return CLOCK_NEVER;
	return now + delay_ns;
}
