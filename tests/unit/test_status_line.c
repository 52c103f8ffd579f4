/*
 * The line on a terminal that others take and give back: a shell that gets
 * ^C takes it before the programs of its pipeline had their last word.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/status_line.h"

#include "unit.h"

#define LIFETIME	20	/* seconds */
#define SINK		1024
#define LINE		"  1000B 0:00:00 [     0B/s]"

static int	in_session(void);
static void	test_line(struct unit *, pid_t others, const char *steps,
		    const char *text);
static void	take_step(struct status_line *, struct sink *, char step);
static void	own_terminal(void);
static pid_t	other_group(void);
static void	give_terminal(pid_t group);
static void	must(bool, const char *);

/*
 * s: it is to be shown; h: to be hidden; l: the last one; b: the terminal is
 * others' from here on; f: it is ours.
 */
static const struct {
	const char	*steps;
	const char	*text;
} lines[] = {
	{ "sl", "\r" LINE "\033[J\r" "\r" LINE "\033[J\n" },
	{ "sh", "\r" LINE "\033[J\r" "\r\033[J" },
	/* What stands there is ours to end. */
	{ "sbl", "\r" LINE "\033[J\r" "\r" LINE "\033[J\n" },
	{ "sbh", "\r" LINE "\033[J\r" "\r\033[J" },
	/* But not what was there before others wrote. */
	{ "bsl", "" },
	{ "bsh", "" },
	{ "sbsl", "\r" LINE "\033[J\r" },
	{ "sbsh", "\r" LINE "\033[J\r" },
	{ "sbsfl", "\r" LINE "\033[J\r" "\r" LINE "\033[J\n" },
	{ "bsfsl", "\r" LINE "\033[J\r" "\r" LINE "\033[J\n" },
};

/* Only who leads no group may get a terminal. */
int
main(void)
{
	int status;
	pid_t pid;

	must(setenv("TERM", "xterm", 1) == 0, "setenv");
	pid = fork();
	must(pid != -1, "fork");
	if (pid == 0)
		return in_session();
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int
in_session(void)
{
	struct unit unit = { 0, 0 };
	pid_t others;
	size_t i;

	(void)alarm(LIFETIME);
	own_terminal();
	others = other_group();
	for (i = 0; i < UNIT_COUNT(lines); i++)
		test_line(&unit, others, lines[i].steps, lines[i].text);
	(void)kill(others, SIGKILL);
	(void)waitpid(others, NULL, 0);
	return unit_end(&unit);
}

static void
test_line(struct unit *unit, pid_t others, const char *steps,
    const char *text)
{
	struct status_line line = { 0 };
	char got[SINK] = "";
	size_t used = 0;
	struct sink sink;
	const char *step;

	must(sink_open(&sink, STDERR_FILENO, sizeof(got)) == 0, "sink");
	give_terminal(getpgrp());
	status_line_open(&line, false);
	for (step = steps; *step != '\0'; step++) {
		if (*step == 'b' || *step == 'f')
			give_terminal(*step == 'b' ? others : getpgrp());
		else
			take_step(&line, &sink, *step);
		memcpy(got + used, sink.buffer, sink.used);
		used += sink.used;
		sink.used = 0;
	}
	sink_close(&sink);
	unit_check(unit, used == strlen(text) &&
	    memcmp(got, text, used) == 0, "[%s]", steps);
}

static void
take_step(struct status_line *line, struct sink *sink, char step)
{
	struct progress progress = { .sent = 1000, .last = step == 'l' };

	if (step == 'h')
		status_line_hide(line, sink);
	else
		status_line_set(line, sink, &progress);
}

/* As standard error. */
static void
own_terminal(void)
{
	const char *name;
	int fd;

	must(setsid() != -1, "setsid");
	fd = posix_openpt(O_RDWR | O_NOCTTY);
	must(fd != -1 && grantpt(fd) == 0 && unlockpt(fd) == 0, "pty");
	name = ptsname(fd);
	must(name != NULL, "ptsname");
	fd = open(name, O_RDWR);
	must(fd != -1, name);
#ifdef TIOCSCTTY
	(void)ioctl(fd, TIOCSCTTY, 0);
#endif
	must(dup2(fd, STDERR_FILENO) != -1, "dup2");
	/* From the background a terminal is not given away, else. */
	(void)signal(SIGTTOU, SIG_IGN);
}

static pid_t
other_group(void)
{
	pid_t pid = fork();

	must(pid != -1, "fork");
	if (pid == 0) {
		(void)alarm(LIFETIME);
		(void)pause();
		_exit(0);
	}
	must(setpgid(pid, pid) == 0, "setpgid");
	return pid;
}

static void
give_terminal(pid_t group)
{
	must(tcsetpgrp(STDERR_FILENO, group) == 0, "tcsetpgrp");
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}
