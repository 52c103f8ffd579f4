/*
 * What the benchmark needs and a shell cannot do: say what a command cost,
 * start a command many times and say how long a start takes, and run in a
 * network namespace of one's own.  It knows nothing of who is measured.
 *
 *	cost run SECONDS FILE COMMAND...
 *		run it, for at most SECONDS; append to FILE a line with its
 *		start and end (ns of the monotonic clock), CPU time (us) and
 *		status (128+N after a signal)
 *	cost start SECONDS TIMES COMMAND...
 *		run it TIMES times without input and output, for at most
 *		SECONDS in all; print the median wall clock and CPU time of
 *		a run (us) and the last one's status
 *	cost alone COMMAND...
 *		become it in a new network namespace whose loopback is up and
 *		whose congestion control is reno; 125 where that is not
 *		permitted
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <net/if.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_TIMES	10000
#define NOT_PERMITTED	125

struct cost {
	int64_t	start_ns;	/* of the monotonic clock */
	int64_t	end_ns;
	int64_t	cpu_us;		/* user and system */
	int	status;		/* 128+N after a signal */
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t
microseconds(struct timeval tv)
{
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

/* A number of the command line, from 1 to max. */
static int
number(const char *text, int max)
{
	char *end;
	long value;

	value = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || value < 1 || value > max)
		errx(2, "not a number from 1 to %d: %s", max, text);
	return (int)value;
}

/* Run a command and wait for it.  It does not outlive us, nor we our parent. */
static void
measure(char **argv, int silent, struct cost *cost)
{
	struct rusage usage;
	pid_t pid;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	cost->start_ns = now_ns();
	pid = vfork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (silent != -1) {
			dup2(silent, STDIN_FILENO);
			dup2(silent, STDOUT_FILENO);
			dup2(silent, STDERR_FILENO);
		}
		execvp(argv[0], argv);
		_exit(127);
	}
	while (wait4(pid, &status, 0, &usage) == -1)
		if (errno != EINTR)
			err(1, "wait");
	cost->end_ns = now_ns();
	cost->cpu_us = microseconds(usage.ru_utime) +
	    microseconds(usage.ru_stime);
	cost->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/* run SECONDS FILE COMMAND... */
static int
run(char **argv)
{
	struct cost cost;
	FILE *file;

	alarm((unsigned)number(argv[0], 3600));
	measure(argv + 2, -1, &cost);
	file = fopen(argv[1], "a");
	if (file == NULL)
		err(1, "%s", argv[1]);
	fprintf(file, "%lld %lld %lld %d\n", (long long)cost.start_ns,
	    (long long)cost.end_ns, (long long)cost.cpu_us, cost.status);
	if (fclose(file) != 0)
		err(1, "%s", argv[1]);
	return cost.status;
}

static int
compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
median(int64_t *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

/* start SECONDS TIMES COMMAND... */
static int
start(char **argv)
{
	static int64_t wall_ns[MAX_TIMES], cpu_us[MAX_TIMES];
	struct cost cost;
	int silent, times;

	alarm((unsigned)number(argv[0], 3600));
	times = number(argv[1], MAX_TIMES);
	silent = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (silent == -1)
		err(1, "/dev/null");
	for (int i = 0; i < times; i++) {
		measure(argv + 2, silent, &cost);
		wall_ns[i] = cost.end_ns - cost.start_ns;
		cpu_us[i] = cost.cpu_us;
	}
	printf("%lld %lld %d\n", (long long)median(wall_ns, times) / 1000,
	    (long long)median(cpu_us, times), cost.status);
	return 0;
}

static void
put(const char *file, const char *text)
{
	int fd;

	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		err(NOT_PERMITTED, "%s", file);
	close(fd);
}

static void
raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || ioctl(fd, SIOCGIFFLAGS, &ifr) == -1)
		err(NOT_PERMITTED, "lo");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		err(NOT_PERMITTED, "lo");
	close(fd);
}

/* alone COMMAND... */
static int
alone(char **argv)
{
	char map[64];
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWNET) == -1) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
			err(NOT_PERMITTED, "unshare");
		put("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		put("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		put("/proc/self/gid_map", map);
	}
	raise_loopback();
	put("/proc/sys/net/ipv4/tcp_congestion_control", "reno");
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

int
main(int argc, char **argv)
{
	if (argc >= 5 && strcmp(argv[1], "run") == 0)
		return run(argv + 2);
	if (argc >= 5 && strcmp(argv[1], "start") == 0)
		return start(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "alone") == 0)
		return alone(argv + 2);
	errx(2, "usage: cost run|start|alone ...; see cost.c");
}
