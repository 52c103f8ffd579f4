/*
 * Stands for ducat where `tests/run -e` has every run of every test write
 * its events: DIR/ducat is this program, DIR/real/ducat the one to be
 * tested, and DIR/events/ takes a file for each run.  Nothing else of the
 * process is touched.  A test's own --events comes later, and counts.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void	where(char *, size_t);
static void	name_file(const char *, char *, size_t);

int
main(int argc, char **argv)
{
	char dir[2048], real[4096], option[4096];
	char **more;
	int i;

	where(dir, sizeof(dir));
	(void)snprintf(real, sizeof(real), "%s/real/ducat", dir);
	more = calloc((size_t)argc + 2, sizeof(*more));
	if (more == NULL)
		return 125;
	if (argc > 1 && argv[1][0] != '-' && strcmp(argv[1], "help") != 0) {
		name_file(dir, option, sizeof(option));
		more[0] = argv[0];
		more[1] = argv[1];
		more[2] = option;
		for (i = 2; i < argc; i++)
			more[i + 1] = argv[i];
		argv = more;
	}
	(void)execv(real, argv);
	perror(real);
	return 125;
}

/* The directory that this program stands in. */
static void
where(char *dir, size_t size)
{
	ssize_t n;

	n = readlink("/proc/self/exe", dir, size - 1);
	dir[n < 0 ? 0 : n] = '\0';
	if (strrchr(dir, '/') != NULL)
		*strrchr(dir, '/') = '\0';
}

/*
 * TEST.PID.GROUP.TIME: who it is that a test kills is known by the numbers;
 * in a namespace of their own they are not unique.
 */
static void
name_file(const char *dir, char *option, size_t size)
{
	const char *test = getenv("DUCAT_TEST_NAME");
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(option, size, "--events=%s/events/%s.%ld.%ld.%lld%09ld",
	    dir, test != NULL ? test : "test", (long)getpid(),
	    (long)getpgrp(), (long long)now.tv_sec, now.tv_nsec);
}
