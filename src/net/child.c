/*
 * Children.  Between vfork(2) and exec the child borrows our memory: it
 * makes system calls and writes one variable, nothing else.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "net/child.h"
#include "net/rights.h"

static void	become(const struct children *, const struct child_plan *,
		    volatile int *) __attribute__((noreturn));
static void	default_signals(const sigset_t *);
static bool	place(const struct child_plan *);
static bool	place_rights(const struct child_plan *);
static void	write_number(char *, pid_t);

void
children_init(struct children *children)
{
	struct sigaction action;
	int number;

	sigemptyset(&children->ignored);
	for (number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			(void)sigaddset(&children->ignored, number);
}

int
child_spawn(struct children *children, struct child *child,
    const struct child_plan *plan, struct owner *owner)
{
	volatile int error = 0;
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	pid = vfork();
	if (pid == 0)
		become(children, plan, &error);
	if (pid == -1)
		error = errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid == -1)
		return error;
	if (error != 0) {
		(void)waitpid(pid, NULL, 0);
		return error;
	}
	child->pid = pid;
	child->running = true;
	child->owner = owner;
	child->children = children;
	child->next = children->first;
	children->first = child;
	return 0;
}

static void
become(const struct children *children, const struct child_plan *plan,
    volatile int *error)
{
	sigset_t none;

	if (plan->terminal)
		(void)setsid();
	else
		(void)setpgid(0, 0);
	default_signals(&children->ignored);
	if (place(plan)) {
		if (children->have_limit)
			(void)setrlimit(RLIMIT_NOFILE, &children->limit);
		sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)execvpe(plan->argv[0], plan->argv, plan->envp);
	}
	*error = errno;
	_exit(127);
}

/* What is ignored survives exec; all else it resets itself. */
static void
default_signals(const sigset_t *ignored)
{
	int number;

	for (number = 1; number < NSIG; number++)
		if (sigismember(ignored, number) == 1)
			(void)signal(number, SIG_DFL);
}

/* The given descriptors are above 2 and close-on-exec; dup2(2) is not. */
static bool
place(const struct child_plan *plan)
{
	if (dup2(plan->in, 0) == -1 || dup2(plan->out, 1) == -1)
		return false;
	if ((plan->join_errors || plan->terminal) &&
	    dup2(plan->out, 2) == -1)
		return false;
	if (plan->terminal)
		(void)ioctl(0, TIOCSCTTY, 0);
	return place_rights(plan);
}

static bool
place_rights(const struct child_plan *plan)
{
	const struct rights *rights = plan->rights;
	int next = CHILD_RIGHTS;
	size_t i;

	for (i = 0; rights != NULL && i < rights->count; i++)
		if (dup2(rights->fds[i], next++) == -1)
			return false;
	if (plan->pid != NULL)
		write_number(plan->pid, getpid());
	closefrom(next);
	return true;
}

/* Not by stdio, for the memory is another process's. */
static void
write_number(char *to, pid_t number)
{
	pid_t rest;
	size_t digits = 1;

	for (rest = number; rest >= 10; rest /= 10)
		digits++;
	to[digits] = '\0';
	for (; digits > 0; number /= 10)
		to[--digits] = (char)('0' + number % 10);
}

void
children_reap(struct children *children, struct watch *watch)
{
	struct child *child;

	for (child = children->first; child != NULL; child = child->next) {
		if (!child->running ||
		    waitpid(child->pid, &child->status, WNOHANG) <= 0)
			continue;
		child->running = false;
		watch_touch(watch, child->owner);
	}
}

void
child_signal(const struct child *child, int number)
{
	(void)kill(-child->pid, number);
}

bool
child_has_group(const struct child *child)
{
	/* As process 1 we inherit the others, and nobody else reaps them. */
	while (waitpid(-child->pid, NULL, WNOHANG) > 0)
		continue;
	return kill(-child->pid, 0) == 0 || errno == EPERM;
}

int
child_status(const struct child *child)
{
	if (WIFSIGNALED(child->status))
		return 128 + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}

void
child_leave(struct child *child)
{
	struct child **link;

	for (link = &child->children->first; *link != NULL;
	    link = &(*link)->next) {
		if (*link != child)
			continue;
		*link = child->next;
		return;
	}
}

void
children_raise_limit(struct children *children)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur >= limit.rlim_max)
		return;
	children->limit = limit;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		children->have_limit = true;
}
