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
 *	cost serve SECONDS FILE COMMAND...
 *		the same with a server: a signal to end is passed on to it as
 *		SIGTERM, the CPU time is that of all its descendants, too, and
 *		those that it leaves behind in its process group are killed
 *	cost alone COMMAND...
 *		become it in a new network namespace whose loopback is up and
 *		whose congestion control is reno; 125 where that is not
 *		permitted
 *	cost pin COMMAND...
 *		become it on the first processor that we may use, and no other
 *
 * And the simplest ends of a connection, all on 127.0.0.1, for at most SECONDS:
 *
 *	cost visit SECONDS PORT TIMES
 *		connect, read to the end and close, TIMES one after another;
 *		print how long all took (ns)
 *	cost ping SECONDS PORT TIMES
 *		write 64 bytes and read them back, TIMES; print the median and
 *		the 99th percentile of the round trip (ns)
 *	cost echo SECONDS PORT
 *		send one client back what it sends, to its end
 *	cost sink SECONDS PORT [FILE]
 *		take what one client sends, which must be what FILE contains;
 *		print the number of bytes and the end (ns of the monotonic
 *		clock)
 *	cost hold SECONDS PORT CLIENTS
 *		connect so often and print that; at a line of input let the
 *		last client send one, and print how many others it reached
 *
 * And of datagrams, in udp.c:
 *
 *	cost feed SECONDS FILE SIZE HOW MILLISECONDS
 *		write records of SIZE bytes to standard output, a pipe, for so
 *		many ms, and append their number to FILE; HOW is "stream", many
 *		a write, or "packets", one a write and one a read
 *	cost blast SECONDS PORT SIZE HOW RATE MILLISECONDS
 *		for so many ms send RATE datagrams of SIZE bytes a second, or
 *		as many as can be; HOW is "singly", each down the stack by
 *		itself, as those of many senders come, or "trains", joined
 *		by the system as far as the receiver wants that; print their
 *		number, the start and the end (ns of the monotonic clock)
 *	cost tally SECONDS PORT SIZE
 *		receive datagrams until SIGTERM and then what still lies there;
 *		print how many had SIZE bytes, and how many others there were
 *	cost take SECONDS
 *		read standard input to its end; print the number of bytes and
 *		when the last one came (ns of the monotonic clock)
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cost.h"

#define MAX_SECONDS	3600
#define MAX_TIMES	100000
#define PING_SIZE	64
#define SINK_SIZE	(1 << 20)
#define NOT_PERMITTED	125

struct cost {
	int64_t	start_ns;	/* of the monotonic clock */
	int64_t	end_ns;
	int64_t	cpu_us;		/* user and system */
	int	status;		/* 128+N after a signal */
};

static volatile sig_atomic_t server;	/* what serve runs, and its group */

int64_t
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

int
number(const char *text, int max)
{
	char *end;
	long value;

	value = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || value < 1 || value > max)
		errx(2, "not a number from 1 to %d: %s", max, text);
	return (int)value;
}

/* How it ended, as a shell tells it. */
static int
shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

static int64_t
cpu_us(const struct rusage *usage)
{
	return microseconds(usage->ru_utime) + microseconds(usage->ru_stime);
}

void
limit_life(const char *seconds)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm((unsigned)number(seconds, MAX_SECONDS));
}

/* Run a command and wait for it.  It does not outlive us. */
static void
measure(char **argv, int silent, struct cost *cost)
{
	struct rusage usage;
	pid_t pid;
	int status;

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
	cost->cpu_us = cpu_us(&usage);
	cost->status = shell_status(status);
}

void
append(const char *name, const char *format, ...)
{
	va_list args;
	FILE *file;

	file = fopen(name, "a");
	if (file == NULL)
		err(1, "%s", name);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	if (fclose(file) != 0)
		err(1, "%s", name);
}

/* The line that "run" and "serve" promise. */
static void
record(const char *name, const struct cost *cost)
{
	append(name, "%lld %lld %lld %d", (long long)cost->start_ns,
	    (long long)cost->end_ns, (long long)cost->cpu_us, cost->status);
}

/* run SECONDS FILE COMMAND... */
static int
run(char **argv)
{
	struct cost cost;

	limit_life(argv[0]);
	measure(argv + 2, -1, &cost);
	record(argv[1], &cost);
	return cost.status;
}

/* A server that does not heed the SIGTERM has five seconds. */
static void
pass_on(int sig)
{
	if (sig == SIGALRM) {
		kill(-server, SIGKILL);
		return;
	}
	kill(server, SIGTERM);
	alarm(5);
}

/* Start the server in a process group of its own. */
static void
start_server(char **argv)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM };
	const struct sigaction action = { .sa_handler = pass_on };
	sigset_t all, before;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[0], argv);
		_exit(127);
	}
	setpgid(pid, pid);
	server = pid;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigaction(ours[i], &action, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* serve SECONDS FILE COMMAND... */
static int
serve(char **argv)
{
	struct cost cost = { .start_ns = now_ns() };
	struct rusage usage;
	pid_t pid;
	int status;

	start_server(argv + 2);
	alarm((unsigned)number(argv[0], MAX_SECONDS));
	for (;;) {
		pid = wait4(-1, &status, 0, &usage);
		if (pid == -1 && errno == EINTR)
			continue;
		if (pid == -1)
			break;
		cost.cpu_us += cpu_us(&usage);
		if (pid == server) {
			cost.end_ns = now_ns();
			cost.status = shell_status(status);
			kill(-server, SIGKILL);
		}
	}
	record(argv[1], &cost);
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
	static int64_t wall_ns[MAX_TIMES], used_us[MAX_TIMES];
	struct cost cost;
	int silent, times;

	limit_life(argv[0]);
	times = number(argv[1], MAX_TIMES);
	silent = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (silent == -1)
		err(1, "/dev/null");
	for (int i = 0; i < times; i++) {
		measure(argv + 2, silent, &cost);
		wall_ns[i] = cost.end_ns - cost.start_ns;
		used_us[i] = cost.cpu_us;
	}
	printf("%lld %lld %d\n", (long long)median(wall_ns, times) / 1000,
	    (long long)median(used_us, times), cost.status);
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

/* pin COMMAND... */
static int
pin(char **argv)
{
	cpu_set_t allowed, first;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == -1)
		err(1, "sched_getaffinity");
	CPU_ZERO(&first);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&first) == 0; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			CPU_SET(cpu, &first);
	if (sched_setaffinity(0, sizeof(first), &first) == -1)
		err(1, "sched_setaffinity");
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

int
loopback_socket(const char *text, int type, struct sockaddr_in *address)
{
	int fd;

	*address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(text, UINT16_MAX)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		err(1, "socket");
	return fd;
}

static int
connect_to(const char *port)
{
	struct sockaddr_in address;
	int fd;

	fd = loopback_socket(port, SOCK_STREAM, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "connect");
	return fd;
}

static int
accept_one(const char *port)
{
	struct sockaddr_in address;
	int fd, listener;

	listener = loopback_socket(port, SOCK_STREAM, &address);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 },
	    sizeof(int));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "bind");
	if (listen(listener, 1) == -1)
		err(1, "listen");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		err(1, "accept");
	close(listener);
	return fd;
}

static void
send_at_once(int fd)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
	    sizeof(int)) == -1)
		err(1, "TCP_NODELAY");
}

static void
send_all(int fd, const char *data, size_t size)
{
	ssize_t count;

	for (size_t sent = 0; sent < size; sent += (size_t)count) {
		count = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
		if (count == -1)
			err(1, "send");
	}
}

static size_t
receive(int fd, char *data, size_t size, int flags)
{
	ssize_t count;

	count = recv(fd, data, size, flags);
	if (count == -1)
		err(1, "recv");
	return (size_t)count;
}

/* visit SECONDS PORT TIMES */
static int
visit(char **argv)
{
	char data[4096];
	int64_t start_ns;
	int fd, times;

	limit_life(argv[0]);
	times = number(argv[2], MAX_TIMES);
	start_ns = now_ns();
	for (int i = 0; i < times; i++) {
		fd = connect_to(argv[1]);
		while (receive(fd, data, sizeof(data), 0) > 0)
			;
		close(fd);
	}
	printf("%lld\n", (long long)(now_ns() - start_ns));
	return 0;
}

/* How long one round trip takes, in ns.  What comes back is compared. */
static int64_t
round_trip(int fd, unsigned char mark)
{
	char sent[PING_SIZE], back[PING_SIZE];
	int64_t start_ns;

	memset(sent, mark, sizeof(sent));
	start_ns = now_ns();
	send_all(fd, sent, sizeof(sent));
	if (receive(fd, back, sizeof(back), MSG_WAITALL) != sizeof(back) ||
	    memcmp(sent, back, sizeof(sent)) != 0)
		errx(1, "the echo is not what was sent");
	return now_ns() - start_ns;
}

/* ping SECONDS PORT TIMES; a tenth more go before, to warm up. */
static int
ping(char **argv)
{
	static int64_t taken_ns[MAX_TIMES];
	int fd, times;

	limit_life(argv[0]);
	times = number(argv[2], MAX_TIMES);
	fd = connect_to(argv[1]);
	send_at_once(fd);
	for (int i = 0; i < times / 10 + 2; i++)
		round_trip(fd, (unsigned char)i);
	for (int i = 0; i < times; i++)
		taken_ns[i] = round_trip(fd, (unsigned char)i);
	qsort(taken_ns, (size_t)times, sizeof(*taken_ns), compare);
	printf("%lld %lld\n", (long long)taken_ns[times / 2],
	    (long long)taken_ns[(times - 1) * 99 / 100]);
	return 0;
}

/* echo SECONDS PORT */
static int
echo(char **argv)
{
	static char data[SINK_SIZE];
	size_t count;
	int fd;

	limit_life(argv[0]);
	fd = accept_one(argv[1]);
	send_at_once(fd);
	while ((count = receive(fd, data, sizeof(data), 0)) > 0)
		send_all(fd, data, count);
	return 0;
}

/* The contents of a file, that stay until we end. */
static const char *
contents(const char *name, size_t *size)
{
	struct stat st;
	const char *data;
	int fd;

	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		err(1, "%s", name);
	*size = (size_t)st.st_size;
	if (*size == 0)
		return "";
	data = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		err(1, "%s", name);
	close(fd);
	return data;
}

/* sink SECONDS PORT [FILE] */
static int
sink(char **argv)
{
	static char data[SINK_SIZE];
	const char *expected = NULL;
	size_t count, size = 0, sunk = 0;
	int fd;

	limit_life(argv[0]);
	if (argv[2] != NULL)
		expected = contents(argv[2], &size);
	fd = accept_one(argv[1]);
	while ((count = receive(fd, data, sizeof(data),
	    expected == NULL ? MSG_TRUNC : 0)) > 0) {
		if (expected != NULL && (count > size - sunk ||
		    memcmp(data, expected + sunk, count) != 0))
			errx(1, "not what was expected after %zu bytes", sunk);
		sunk += count;
	}
	if (expected != NULL && sunk != size)
		errx(1, "the end came after %zu bytes", sunk);
	printf("%zu %lld\n", sunk, (long long)now_ns());
	return 0;
}

/* hold SECONDS PORT CLIENTS */
static int
hold(char **argv)
{
	static const char line[] = "a line\n";
	static int fds[UINT16_MAX];
	const struct timespec pause = { .tv_nsec = 200000 };
	const struct timeval patience = { .tv_sec = 10 };
	char data[sizeof(line)];
	int clients, reached = 0;

	limit_life(argv[0]);
	clients = number(argv[2], UINT16_MAX);
	for (int i = 0; i < clients; i++) {
		fds[i] = connect_to(argv[1]);
		if (setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience)) == -1)
			err(1, "SO_RCVTIMEO");
		/* Some servers listen with a short backlog. */
		nanosleep(&pause, NULL);
	}
	printf("%d\n", clients);
	fflush(stdout);
	if (read(STDIN_FILENO, data, sizeof(data)) <= 0)
		return 1;
	send_all(fds[clients - 1], line, strlen(line));
	for (int i = 0; i < clients - 1; i++)
		if (receive(fds[i], data, strlen(line), MSG_WAITALL) ==
		    strlen(line) && memcmp(data, line, strlen(line)) == 0)
			reached++;
	printf("%d\n", reached);
	return 0;
}

static const struct {
	const char	*name;
	int		 least;		/* arguments */
	int		 most;
	int		(*function)(char **argv);
} subcommands[] = {
	{ "run",	3, INT_MAX, run },
	{ "start",	3, INT_MAX, start },
	{ "serve",	3, INT_MAX, serve },
	{ "alone",	1, INT_MAX, alone },
	{ "pin",	1, INT_MAX, pin },
	{ "visit",	3, 3, visit },
	{ "ping",	3, 3, ping },
	{ "echo",	2, 2, echo },
	{ "sink",	2, 3, sink },
	{ "hold",	3, 3, hold },
	{ "feed",	5, 5, feed },
	{ "blast",	6, 6, blast },
	{ "tally",	3, 3, tally },
	{ "take",	1, 1, take },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (argc >= 2 && strcmp(argv[1], subcommands[i].name) == 0 &&
		    argc - 2 >= subcommands[i].least &&
		    argc - 2 <= subcommands[i].most)
			return subcommands[i].function(argv + 2);
	errx(2, "usage: cost SUBCOMMAND ARGUMENT...; see cost.c");
}
