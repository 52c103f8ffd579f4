/*
 * closefrom(2): close every descriptor from one on.  By close_range(2),
 * else by the list of what is open, else one after another up to a limit
 * (the process's own may be a thousand million).  Made of system calls
 * alone, but for the list: call it in a child with one thread.
 */

#include "config.h"

#include <sys/syscall.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static int	close_range_from(int);
static int	close_listed_from(int);

void
closefrom(int lowest)
{
	if (lowest < 0)
		lowest = 0;
	if (close_range_from(lowest) == 0 || close_listed_from(lowest) == 0)
		return;
	for (int fd = lowest; fd < 65536; fd++)
		(void)close(fd);
}

#ifdef SYS_close_range
static int
close_range_from(int lowest)
{
	return ((int)syscall(SYS_close_range, (unsigned)lowest, UINT_MAX, 0U));
}
#else
static int
close_range_from(int lowest)
{
	(void)lowest;
	return (-1);
}
#endif

/* Closing while reading the list is fine but for the list's own. */
static int
close_listed_from(int lowest)
{
	DIR *list = opendir("/dev/fd");
	struct dirent *entry;

	if (list == NULL)
		return (-1);
	while ((entry = readdir(list)) != NULL) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && *end == '\0' && fd >= lowest &&
		    fd <= INT_MAX && fd != dirfd(list))
			(void)close((int)fd);
	}
	(void)closedir(list);
	return (0);
}
