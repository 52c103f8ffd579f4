/*
 * A pipe to ourselves: signal-safety(7) allows write(2) in a handler.
 * No SA_RESTART: a write that blocks on a shared terminal gives way to ^C.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "net/signals.h"

#ifndef SIGINFO
#define SIGINFO	0
#endif

static const int caught[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGINFO };

static int	pipe_end = -1;

static void	handle(int);
static void	catch_signal(int);

int
signals_open(struct error *error)
{
	int fds[2];
	size_t i;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1) {
		error_set(error, errno, "pipe for signals");
		return -1;
	}
	pipe_end = fds[1];
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		if (caught[i] != 0)
			catch_signal(caught[i]);
	/* Where it is ignored nobody can be waited for, wait(2). */
	(void)signal(SIGCHLD, SIG_DFL);
	catch_signal(SIGCHLD);
	return fds[0];
}

static void
catch_signal(int number)
{
	struct sigaction action, old;
	sigset_t set;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handle;
	sigemptyset(&action.sa_mask);
	if (sigaction(number, &action, &old) == 0 &&
	    old.sa_handler == SIG_IGN)
		(void)sigaction(number, &old, NULL);
	/* A mask is inherited, too, and what waits behind it. */
	sigemptyset(&set);
	sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
handle(int number)
{
	unsigned char byte = (unsigned char)number;
	int saved = errno;

	(void)!write(pipe_end, &byte, 1);
	errno = saved;
}

void
signals_add(int number)
{
	catch_signal(number);
}

int
signals_next(int fd)
{
	unsigned char byte;

	return read(fd, &byte, 1) == 1 ? byte : 0;
}

void
signals_die(int number)
{
	sigset_t set;

	(void)signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(number);
}
