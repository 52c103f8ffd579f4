/*
 * A peer for the tests: does what a script says, exactly and in order, so
 * that every misbehaviour of a peer can be provoked when the test wants it.
 * It also starts commands in the states that tests need (descriptors closed,
 * signals ignored, on a terminal, on a socket).  Needs only the C library,
 * and shares nothing with ducat on purpose.
 *
 *	peer listen [-b BACKLOG] HOST SCRIPT
 *	peer connect HOST PORT SCRIPT
 *	peer pty SCRIPT COMMAND [ARG]...
 *	peer serve HOST COMMAND [ARG]...
 *	peer notify PATH|@NAME
 *	peer exec [-t SECONDS] [-k FD] [-c FD] [-n FD] [-i SIGNAL] COMMAND...
 *	peer fate FILE COMMAND [ARG]...
 *	peer bytes SIZE [SEED]
 *	peer flags FD...
 *
 * `listen` prints its port on standard output once clients can connect.
 * Steps of a script are separated by semicolons:
 *
 *	read N		read N bytes; an earlier end is a failure
 *	read-until TEXT	read until TEXT has come
 *	read-all	read to the end
 *	expect-eof	the next thing to be read is the end
 *	expect-reset	read to a reset; an end is a failure
 *	expect-silence MS	nothing comes for so long, no end either
 *	save FILE	what is read from here on goes there too
 *	write N		write N bytes of the series of `bytes`, going on where
 *			the last write ended
 *	write-file FILE	write the contents of FILE
 *	write-text TEXT	write TEXT (\n \r \t \\ \xHH)
 *	write-urgent TEXT	the same, the last byte of it urgent
 *	write-fail	write until that fails
 *	shut		half-close
 *	reset		end the connection by a reset
 *	close		close it
 *	linger2 N	how long FIN-WAIT-2 lasts, in seconds
 *	rcvbuf N	SO_RCVBUF; as the first step before listen and connect
 *	sndbuf N	SO_SNDBUF; the same
 *	accept-again	the next client of `listen`
 *	connect-again	a new connection of `connect`
 *	wait-file PATH	wait until PATH exists
 *	touch PATH	create PATH
 *	print TEXT	print a line
 *	count		print how many bytes came on this connection
 *	who		print address and port of the other side
 *	delay MS	wait
 *	pause		wait for the alarm, or for a signal
 *
 * Every process that it is or starts has an alarm: nothing outlives a test
 * by much.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* the BSD half of the C library */
#endif

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LIFETIME	40	/* seconds */
#define CHUNK		65536
#define STEP_MS		10	/* between two looks at a file */

struct series {
	uint64_t	state;
	uint64_t	word;
	int		left;		/* bytes of word not yet given */
};

struct peer {
	const char	*host;
	const char	*port;		/* NULL: a listener */
	const char	*script;
	int		 backlog;
	int		 listener;
	int		 fd;
	int		 copy;		/* of what is read, or -1 */
	uint64_t	 received;
	struct series	 series;
};

struct step {
	const char	*name;
	void		(*run)(struct peer *, char *);
};

/* Subcommands */
static int	peer_listen(int, char **);
static int	peer_connect(int, char **);
static int	peer_pty(int, char **);
static int	peer_serve(int, char **);
static int	peer_notify(int, char **);
static int	peer_exec(int, char **);
static int	peer_fate(int, char **);
static int	peer_bytes(int, char **);
static int	peer_flags(int, char **);

/* Steps */
static void	step_read(struct peer *, char *);
static void	step_read_until(struct peer *, char *);
static void	step_read_all(struct peer *, char *);
static void	step_expect_eof(struct peer *, char *);
static void	step_expect_reset(struct peer *, char *);
static void	step_expect_silence(struct peer *, char *);
static void	step_save(struct peer *, char *);
static void	step_write(struct peer *, char *);
static void	step_write_file(struct peer *, char *);
static void	step_write_text(struct peer *, char *);
static void	step_write_urgent(struct peer *, char *);
static void	step_write_fail(struct peer *, char *);
static void	step_shut(struct peer *, char *);
static void	step_reset(struct peer *, char *);
static void	step_close(struct peer *, char *);
static void	step_linger2(struct peer *, char *);
static void	step_rcvbuf(struct peer *, char *);
static void	step_sndbuf(struct peer *, char *);
static void	step_accept_again(struct peer *, char *);
static void	step_connect_again(struct peer *, char *);
static void	step_wait_file(struct peer *, char *);
static void	step_touch(struct peer *, char *);
static void	step_print(struct peer *, char *);
static void	step_count(struct peer *, char *);
static void	step_who(struct peer *, char *);
static void	step_delay(struct peer *, char *);
static void	step_pause(struct peer *, char *);

static const struct step steps[] = {
	{ "read",		step_read },
	{ "read-until",		step_read_until },
	{ "read-all",		step_read_all },
	{ "expect-eof",		step_expect_eof },
	{ "expect-reset",	step_expect_reset },
	{ "expect-silence",	step_expect_silence },
	{ "save",		step_save },
	{ "write",		step_write },
	{ "write-file",		step_write_file },
	{ "write-text",		step_write_text },
	{ "write-urgent",	step_write_urgent },
	{ "write-fail",		step_write_fail },
	{ "shut",		step_shut },
	{ "reset",		step_reset },
	{ "close",		step_close },
	{ "linger2",		step_linger2 },
	{ "rcvbuf",		step_rcvbuf },
	{ "sndbuf",		step_sndbuf },
	{ "accept-again",	step_accept_again },
	{ "connect-again",	step_connect_again },
	{ "wait-file",		step_wait_file },
	{ "touch",		step_touch },
	{ "print",		step_print },
	{ "count",		step_count },
	{ "who",		step_who },
	{ "delay",		step_delay },
	{ "pause",		step_pause },
};

static const struct {
	const char	*name;
	int		(*run)(int, char **);
} commands[] = {
	{ "listen",	peer_listen },
	{ "connect",	peer_connect },
	{ "pty",	peer_pty },
	{ "serve",	peer_serve },
	{ "notify",	peer_notify },
	{ "exec",	peer_exec },
	{ "fate",	peer_fate },
	{ "bytes",	peer_bytes },
	{ "flags",	peer_flags },
};

/* Small helpers */

static long
number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || *text == '\0' || *end != '\0' || value < 0)
		errx(2, "not a number: '%s'", text);
	return value;
}

/* The same bytes for the same seed, on every machine. */
static void
series_init(struct series *series, uint64_t seed)
{
	series->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	series->left = 0;
}

static void
series_fill(struct series *series, unsigned char *buffer, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (series->left == 0) {
			series->state ^= series->state >> 12;
			series->state ^= series->state << 25;
			series->state ^= series->state >> 27;
			series->word = series->state *
			    UINT64_C(0x2545f4914f6cdd1d);
			series->left = 8;
		}
		buffer[i] = (unsigned char)(series->word >> 56);
		series->word <<= 8;
		series->left--;
	}
}

static void
write_all(int fd, const void *data, size_t size, const char *what)
{
	const char *bytes = data;

	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			err(1, "%s: %zu bytes left", what, size);
		bytes += n;
		size -= (size_t)n;
	}
}

static void
nap(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&time, &time) == -1 && errno == EINTR)
		;
}

/* In place; returns the length, as \x00 is a byte like the others. */
static size_t
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		unsigned int byte;

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 'n':
			*to++ = '\n';
			break;
		case 'r':
			*to++ = '\r';
			break;
		case 't':
			*to++ = '\t';
			break;
		case '\\':
			*to++ = '\\';
			break;
		case 'x':
			if (sscanf(from + 1, "%2x", &byte) != 1)
				errx(2, "bad \\x in a script");
			*to++ = (char)byte;
			from += 2;
			break;
		default:
			errx(2, "bad escape in a script: \\%c", *from);
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

/* Sockets */

static struct addrinfo *
resolve(const char *host, const char *port, int flags)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags | AI_NUMERICHOST | AI_NUMERICSERV
	};
	struct addrinfo *list;
	int error = getaddrinfo(host, port, &hints, &list);

	if (error != 0)
		errx(1, "%s %s: %s", host, port, gai_strerror(error));
	return list;
}

static void
buffer_set(int fd, int option, const char *value)
{
	int size = (int)number(value);

	if (setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size)) == -1)
		err(1, "setsockopt");
}

/* Buffers bound the window that is announced only when they are set before
 * the connection stands. */
static void
apply_first_steps(int fd, const char *script)
{
	char value[32];
	int used;

	for (;;) {
		if (sscanf(script, " rcvbuf %31[0-9] %n", value, &used) == 1)
			buffer_set(fd, SO_RCVBUF, value);
		else if (sscanf(script, " sndbuf %31[0-9] %n", value,
		    &used) == 1)
			buffer_set(fd, SO_SNDBUF, value);
		else
			return;
		script += used;
		if (*script == ';')
			script++;
	}
}

static void
peer_open_listener(struct peer *peer)
{
	struct addrinfo *list = resolve(peer->host, "0", AI_PASSIVE);
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char port[8];

	peer->listener = socket(list->ai_family, SOCK_STREAM, 0);
	if (peer->listener == -1)
		err(1, "socket");
	apply_first_steps(peer->listener, peer->script);
	if (bind(peer->listener, list->ai_addr, list->ai_addrlen) == -1)
		err(1, "bind to %s", peer->host);
	if (listen(peer->listener, peer->backlog) == -1)
		err(1, "listen");
	freeaddrinfo(list);
	if (getsockname(peer->listener, (struct sockaddr *)&address,
	    &length) == -1)
		err(1, "getsockname");
	if (getnameinfo((struct sockaddr *)&address, length, NULL, 0, port,
	    sizeof(port), NI_NUMERICSERV) != 0)
		errx(1, "getnameinfo");
	printf("%s\n", port);
	fflush(stdout);
}

static void
peer_accept(struct peer *peer)
{
	do
		peer->fd = accept(peer->listener, NULL, NULL);
	while (peer->fd == -1 && (errno == EINTR || errno == ECONNABORTED));
	if (peer->fd == -1)
		err(1, "accept");
	peer->received = 0;
}

static void
peer_dial(struct peer *peer)
{
	struct addrinfo *list = resolve(peer->host, peer->port, 0);

	peer->fd = socket(list->ai_family, SOCK_STREAM, 0);
	if (peer->fd == -1)
		err(1, "socket");
	apply_first_steps(peer->fd, peer->script);
	if (connect(peer->fd, list->ai_addr, list->ai_addrlen) == -1)
		err(1, "connect to %s %s", peer->host, peer->port);
	freeaddrinfo(list);
	peer->received = 0;
}

/* 0 at the end, -1 on a reset; other errors are fatal. */
static ssize_t
peer_read(struct peer *peer, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = read(peer->fd, buffer, size);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EIO)
		return 0;	/* the end of a terminal */
	if (n == -1 && (errno == ECONNRESET || errno == EPIPE))
		return -1;
	if (n == -1)
		err(1, "read after %ju bytes", (uintmax_t)peer->received);
	if (n > 0 && peer->copy != -1)
		write_all(peer->copy, buffer, (size_t)n, "save");
	peer->received += (uint64_t)n;
	return n;
}

/* Steps */

static void
step_read(struct peer *peer, char *argument)
{
	char buffer[CHUNK];
	size_t left = (size_t)number(argument);

	while (left > 0) {
		ssize_t n = peer_read(peer, buffer,
		    left < sizeof(buffer) ? left : sizeof(buffer));

		if (n <= 0)
			errx(1, "read %s: %s, %zu bytes missing", argument,
			    n == 0 ? "end" : "reset", left);
		left -= (size_t)n;
	}
}

static void
step_read_until(struct peer *peer, char *argument)
{
	char seen[CHUNK];
	size_t length = unescape(argument), have = 0;

	while (have < length ||
	    memcmp(seen + have - length, argument, length) != 0) {
		ssize_t n;

		if (have == sizeof(seen))
			errx(1, "read-until %s: did not come", argument);
		n = peer_read(peer, seen + have, 1);
		if (n <= 0)
			errx(1, "read-until %s: %s after '%.*s'", argument,
			    n == 0 ? "end" : "reset", (int)have, seen);
		have++;
	}
}

static void
step_read_all(struct peer *peer, char *argument)
{
	char buffer[CHUNK];
	ssize_t n;

	(void)argument;
	while ((n = peer_read(peer, buffer, sizeof(buffer))) > 0)
		;
	if (n == -1)
		errx(1, "read-all: reset after %ju bytes",
		    (uintmax_t)peer->received);
}

static void
step_expect_eof(struct peer *peer, char *argument)
{
	char buffer[1];
	ssize_t n = peer_read(peer, buffer, sizeof(buffer));

	(void)argument;
	if (n != 0)
		errx(1, "expect-eof: %s", n > 0 ? "data" : "reset");
}

static void
step_expect_reset(struct peer *peer, char *argument)
{
	char buffer[CHUNK];
	ssize_t n;

	(void)argument;
	while ((n = peer_read(peer, buffer, sizeof(buffer))) > 0)
		;
	if (n == 0)
		errx(1, "expect-reset: end after %ju bytes",
		    (uintmax_t)peer->received);
}

static void
step_expect_silence(struct peer *peer, char *argument)
{
	struct pollfd poller = { .fd = peer->fd, .events = POLLIN };
	char buffer[CHUNK];
	ssize_t n;

	if (poll(&poller, 1, (int)number(argument)) == 0)
		return;
	n = peer_read(peer, buffer, sizeof(buffer));
	errx(1, "expect-silence: %s", n > 0 ? "data" : n == 0 ? "end" :
	    "reset");
}

static void
step_save(struct peer *peer, char *argument)
{
	if (peer->copy != -1)
		close(peer->copy);
	peer->copy = open(argument, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (peer->copy == -1)
		err(1, "%s", argument);
}

static void
step_write(struct peer *peer, char *argument)
{
	unsigned char buffer[CHUNK];
	size_t left = (size_t)number(argument);

	while (left > 0) {
		size_t n = left < sizeof(buffer) ? left : sizeof(buffer);

		series_fill(&peer->series, buffer, n);
		write_all(peer->fd, buffer, n, "write");
		left -= n;
	}
}

static void
step_write_file(struct peer *peer, char *argument)
{
	char buffer[CHUNK];
	int file = open(argument, O_RDONLY);
	ssize_t n;

	if (file == -1)
		err(1, "%s", argument);
	while ((n = read(file, buffer, sizeof(buffer))) > 0)
		write_all(peer->fd, buffer, (size_t)n, "write-file");
	if (n == -1)
		err(1, "%s", argument);
	close(file);
}

static void
step_write_text(struct peer *peer, char *argument)
{
	size_t length = unescape(argument);

	write_all(peer->fd, argument, length, "write-text");
}

static void
step_write_urgent(struct peer *peer, char *argument)
{
	size_t length = unescape(argument);

	if (send(peer->fd, argument, length, MSG_OOB) != (ssize_t)length)
		err(1, "write-urgent");
}

static void
step_write_fail(struct peer *peer, char *argument)
{
	unsigned char buffer[CHUNK];

	(void)argument;
	for (;;) {
		series_fill(&peer->series, buffer, sizeof(buffer));
		if (write(peer->fd, buffer, sizeof(buffer)) == -1 &&
		    errno != EINTR)
			return;
	}
}

static void
step_shut(struct peer *peer, char *argument)
{
	(void)argument;
	if (shutdown(peer->fd, SHUT_WR) == -1)
		err(1, "shutdown");
}

static void
step_reset(struct peer *peer, char *argument)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger,
	    sizeof(linger)) == -1)
		err(1, "SO_LINGER");
	step_close(peer, argument);
}

static void
step_close(struct peer *peer, char *argument)
{
	(void)argument;
	close(peer->fd);
	peer->fd = -1;
}

static void
step_linger2(struct peer *peer, char *argument)
{
#ifdef TCP_LINGER2
	int seconds = (int)number(argument);

	if (setsockopt(peer->fd, IPPROTO_TCP, TCP_LINGER2, &seconds,
	    sizeof(seconds)) == -1)
		err(1, "TCP_LINGER2");
#else
	(void)peer;
	(void)argument;
	errx(1, "no TCP_LINGER2 here");
#endif
}

static void
step_rcvbuf(struct peer *peer, char *argument)
{
	buffer_set(peer->fd, SO_RCVBUF, argument);
}

static void
step_sndbuf(struct peer *peer, char *argument)
{
	buffer_set(peer->fd, SO_SNDBUF, argument);
}

static void
step_accept_again(struct peer *peer, char *argument)
{
	if (peer->fd != -1)
		step_close(peer, argument);
	peer_accept(peer);
}

static void
step_connect_again(struct peer *peer, char *argument)
{
	if (peer->fd != -1)
		step_close(peer, argument);
	peer_dial(peer);
}

static void
step_wait_file(struct peer *peer, char *argument)
{
	struct stat status;

	(void)peer;
	while (stat(argument, &status) == -1)
		nap(STEP_MS);
}

static void
step_touch(struct peer *peer, char *argument)
{
	int fd = open(argument, O_WRONLY | O_CREAT, 0666);

	(void)peer;
	if (fd == -1)
		err(1, "%s", argument);
	close(fd);
}

static void
step_print(struct peer *peer, char *argument)
{
	(void)peer;
	unescape(argument);
	printf("%s\n", argument);
	fflush(stdout);
}

static void
step_count(struct peer *peer, char *argument)
{
	(void)argument;
	printf("%ju\n", (uintmax_t)peer->received);
	fflush(stdout);
}

static void
step_who(struct peer *peer, char *argument)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[NI_MAXHOST], port[8];

	(void)argument;
	if (getpeername(peer->fd, (struct sockaddr *)&address, &length) == -1)
		err(1, "getpeername");
	if (getnameinfo((struct sockaddr *)&address, length, host,
	    sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		errx(1, "getnameinfo");
	printf("%s %s\n", host, port);
	fflush(stdout);
}

static void
step_delay(struct peer *peer, char *argument)
{
	(void)peer;
	nap(number(argument));
}

static void
step_pause(struct peer *peer, char *argument)
{
	(void)peer;
	(void)argument;
	pause();
}

static void
run_step(struct peer *peer, char *text)
{
	char *argument;

	text += strspn(text, " \t\n");
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	if (*text == '\0')
		return;
	argument = text + strcspn(text, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(text, steps[i].name) == 0) {
			steps[i].run(peer, argument);
			return;
		}
	}
	errx(2, "no such step: '%s'", text);
}

static void
run_script(struct peer *peer)
{
	char *copy = strdup(peer->script), *rest = copy, *text;

	if (copy == NULL)
		err(1, NULL);
	while ((text = strsep(&rest, ";")) != NULL)
		run_step(peer, text);
	free(copy);
	if (peer->fd != -1)
		close(peer->fd);
}

static void
peer_init(struct peer *peer)
{
	*peer = (struct peer){
		.backlog = 128, .listener = -1, .fd = -1, .copy = -1
	};
	series_init(&peer->series, 1);
}

/* Subcommands; argv[0] is the subcommand's name. */

static int
peer_listen(int argc, char **argv)
{
	struct peer peer;
	int option;

	peer_init(&peer);
	while ((option = getopt(argc, argv, "+b:")) != -1) {
		if (option != 'b')
			return 2;
		peer.backlog = (int)number(optarg);
	}
	if (argc - optind != 2)
		errx(2, "listen [-b BACKLOG] HOST SCRIPT");
	peer.host = argv[optind];
	peer.script = argv[optind + 1];
	peer_open_listener(&peer);
	/* A listener that accepts nobody waits before it accepts. */
	if (strncmp(peer.script, "pause", 5) != 0)
		peer_accept(&peer);
	run_script(&peer);
	return 0;
}

static int
peer_connect(int argc, char **argv)
{
	struct peer peer;

	if (argc != 4)
		errx(2, "connect HOST PORT SCRIPT");
	peer_init(&peer);
	peer.host = argv[1];
	peer.port = argv[2];
	peer.script = argv[3];
	peer_dial(&peer);
	run_script(&peer);
	return 0;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	return status;
}

/* This process goes on as the command, which is not to inherit what main()
 * did to SIGPIPE. */
static int
become(char **command)
{
	signal(SIGPIPE, SIG_DFL);
	alarm(LIFETIME);
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

static int
shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

/* The command gets a terminal of its own as 0, 1 and 2; the script talks to
 * its other side.  Returns the command's status when the script succeeded. */
static int
peer_pty(int argc, char **argv)
{
	struct peer peer;
	const char *name;
	pid_t pid;
	int terminal;

	if (argc < 3)
		errx(2, "pty SCRIPT COMMAND [ARG]...");
	peer_init(&peer);
	peer.script = argv[1];
	peer.fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (peer.fd == -1 || grantpt(peer.fd) == -1 ||
	    unlockpt(peer.fd) == -1 || (name = ptsname(peer.fd)) == NULL)
		err(1, "pty");
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		setsid();
		terminal = open(name, O_RDWR);
		if (terminal == -1)
			err(126, "%s", name);
#ifdef TIOCSCTTY
		ioctl(terminal, TIOCSCTTY, 0);
#endif
		for (int fd = 0; fd <= 2; fd++)
			dup2(terminal, fd);
		if (terminal > 2)
			close(terminal);
		close(peer.fd);
		become(argv + 2);
	}
	run_script(&peer);
	return shell_status(wait_for(pid));
}

/* What inetd does: the command gets the accepted connection as 0 and 1. */
static int
peer_serve(int argc, char **argv)
{
	struct peer peer;

	if (argc < 3)
		errx(2, "serve HOST COMMAND [ARG]...");
	peer_init(&peer);
	peer.host = argv[1];
	peer.script = "";
	peer_open_listener(&peer);
	peer_accept(&peer);
	dup2(peer.fd, 0);
	dup2(peer.fd, 1);
	close(peer.fd);
	close(peer.listener);
	return become(argv + 2);
}

/* What a service manager does: prints "bound", then one datagram. */
static int
peer_notify(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char datagram[4096];
	size_t length;
	ssize_t n;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		errx(2, "notify PATH|@NAME");
	length = strlen(argv[1]);
	memcpy(address.sun_path, argv[1], length);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&address, (socklen_t)
	    (offsetof(struct sockaddr_un, sun_path) + length)) == -1)
		err(1, "%s", argv[1]);
	puts("bound");
	fflush(stdout);
	n = recv(fd, datagram, sizeof(datagram), 0);
	if (n == -1)
		err(1, "recv");
	write_all(1, datagram, (size_t)n, "standard output");
	write_all(1, "\n", 1, "standard output");
	return 0;
}

/* Those that are open; under strace a thousand calls take their time. */
static bool
close_listed(const bool *keep, int count)
{
	struct dirent *entry;
	DIR *all;
	int fd;

	all = opendir("/proc/self/fd");
	if (all == NULL)
		return false;
	while ((entry = readdir(all)) != NULL) {
		fd = (int)strtol(entry->d_name, NULL, 10);
		if (fd >= 3 && fd < count && fd != dirfd(all) && !keep[fd])
			close(fd);
	}
	closedir(all);
	return true;
}

static void
close_others(const bool *keep, int count)
{
	struct rlimit limit;

	if (close_listed(keep, count))
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < (rlim_t)count)
		count = (int)limit.rlim_cur;
	for (int fd = 3; fd < count; fd++)
		if (!keep[fd])
			close(fd);
}

/* A command as a login shell would start it: default signals, nothing but
 * 0, 1 and 2 and what is kept by -k, an alarm; then what the test wants. */
static int
peer_exec(int argc, char **argv)
{
	static const int reset[] = {
		SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2,
		SIGCHLD, SIGALRM, SIGTTIN, SIGTTOU, SIGTSTP
	};
	bool keep[1024] = { false };
	sigset_t none;
	long fd;
	int option, seconds = LIFETIME;

	for (size_t i = 0; i < sizeof(reset) / sizeof(reset[0]); i++)
		signal(reset[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	while ((option = getopt(argc, argv, "+t:k:c:n:i:")) != -1) {
		if (option == '?')
			return 2;
		fd = number(optarg);
		if (fd >= 1024)
			errx(2, "too large: %s", optarg);
		if (option == 't')
			seconds = (int)fd;
		else if (option == 'k')
			keep[fd] = true;
		else if (option == 'c')
			close((int)fd);
		else if (option == 'n')
			fcntl((int)fd, F_SETFL, O_NONBLOCK |
			    fcntl((int)fd, F_GETFL));
		else
			signal((int)fd, SIG_IGN);
	}
	if (optind == argc)
		errx(2, "exec [OPTION]... COMMAND [ARG]...");
	close_others(keep, 1024);
	alarm((unsigned int)seconds);
	execvp(argv[optind], argv + optind);
	err(127, "%s", argv[optind]);
}

/* A shell cannot tell an exit with 143 from a death of SIGTERM.  FILE.pid
 * names the command's process, FILE says how it ended. */
static int
peer_fate(int argc, char **argv)
{
	char name[4096];
	FILE *file;
	pid_t pid;
	int status;

	if (argc < 3)
		errx(2, "fate FILE COMMAND [ARG]...");
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		become(argv + 2);
	/* As system(3) does it: a terminal's are for the command. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	/* Who waits for these to be closed waits for the command alone. */
	for (int fd = 0; fd < 10; fd++)
		if (fd != 2)
			close(fd);
	snprintf(name, sizeof(name), "%s.pid", argv[1]);
	file = fopen(name, "w");
	if (file == NULL)
		err(1, "%s", name);
	fprintf(file, "%ld\n", (long)pid);
	fclose(file);
	status = wait_for(pid);
	file = fopen(argv[1], "w");
	if (file == NULL)
		err(1, "%s", argv[1]);
	if (WIFSIGNALED(status))
		fprintf(file, "signal %d\n", WTERMSIG(status));
	else
		fprintf(file, "exit %d\n", WEXITSTATUS(status));
	fclose(file);
	return shell_status(status);
}

static int
peer_bytes(int argc, char **argv)
{
	unsigned char buffer[CHUNK];
	struct series series;
	size_t left;

	if (argc != 2 && argc != 3)
		errx(2, "bytes SIZE [SEED]");
	left = (size_t)number(argv[1]);
	series_init(&series, argc == 3 ? (uint64_t)number(argv[2]) : 1);
	while (left > 0) {
		size_t n = left < sizeof(buffer) ? left : sizeof(buffer);

		series_fill(&series, buffer, n);
		write_all(1, buffer, n, "standard output");
		left -= n;
	}
	return 0;
}

/* The flags that all sharers of a descriptor see. */
static int
peer_flags(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int flags = fcntl((int)number(argv[i]), F_GETFL);

		if (flags == -1)
			err(1, "%s", argv[i]);
		printf("%s:%s%s\n", argv[i],
		    (flags & O_NONBLOCK) != 0 ? " nonblock" : "",
		    (flags & O_APPEND) != 0 ? " append" : "");
	}
	return 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(LIFETIME);
	if (argc < 2)
		errx(2, "a subcommand is wanted");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	errx(2, "no such subcommand: '%s'", argv[1]);
}
