/* Commands: their environment and their descriptors. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/printable.h"
#include "net/pty.h"
#include "steps/spawn.h"
#include "steps/ucspi.h"

extern char **environ;

/* The command's descriptors, and our ends of them; -1: none. */
struct ends {
	int	theirs[2];	/* to be 0 and 1 */
	int	ours[2];	/* to read from, to write to */
};

static struct child *start(struct children *, struct child_plan *,
		    const struct spawn_request *, struct ends *);
static int	open_ends(struct ends *, const struct leg *, bool);
static int	open_pipes(struct ends *);
static int	open_terminal(struct ends *);
static void	close_pair(const int *);

struct child *
spawn(struct leg *leg, const struct spawn_request *request,
    struct children *children, struct failure *failure)
{
	struct child_plan plan = {
		.argv = request->plan->argv,
		.join_errors = request->plan->errors_to_peer,
		.terminal = request->plan->terminal
	};
	const struct ucspi ucspi = {
		.protocol = request->path != NULL ? "IPC" :
		    stream_has_records(&request->peer->own) ? "UDP" : "TCP",
		.peer = request->peer, .path = request->path,
		.ours = request->listening, .who = request->who,
		.rights = request->rights == NULL ? 0 : request->rights->count
	};
	char **list, shown[PRINTABLE_SIZE];
	struct rights rights = { .count = 0 };
	struct child *child = NULL;
	struct ends ends;
	int error;

	list = ucspi_environment(environ, &ucspi, &plan.pid);
	plan.envp = list;
	plan.rights = &rights;
	if (ucspi.rights > 0)
		rights = *request->rights;
	if (list != NULL && rights_copy(&rights, CHILD_RIGHTS +
	    (int)rights.count) == 0)
		child = start(children, &plan, request, &ends);
	error = errno;
	rights_close(&rights);
	free(list);
	if (child != NULL) {
		if (plan.terminal)
			leg_terminal(leg, ends.ours[0]);
		else
			leg_command(leg, ends.ours[0], ends.ours[1]);
		return child;
	}
	failure->status = error == ENOENT ? STATUS_NOT_FOUND : STATUS_EXEC;
	error_set(&failure->error, error, "%s", printable(plan.argv[0],
	    shown, sizeof(shown)));
	return NULL;
}

/* NULL with errno, and no descriptor is left. */
static struct child *
start(struct children *children, struct child_plan *plan,
    const struct spawn_request *request, struct ends *ends)
{
	struct child *child;
	int error;

	if (plan->terminal ? open_terminal(ends) == -1 :
	    open_ends(ends, request->peer, request->give) == -1)
		return NULL;
	plan->in = ends->theirs[0];
	plan->out = ends->theirs[1];
	child = calloc(1, sizeof(*child));
	if (child != NULL)
		child->terminal = -1;
	error = child == NULL ? ENOMEM :
	    child_spawn(children, child, plan, request->owner);
	if (error == 0 && plan->terminal)
		child->terminal = ends->theirs[0];
	else if (!request->give)
		close_pair(ends->theirs);
	if (error == 0)
		return child;
	if (!request->give)
		close_pair(ends->ours);
	free(child);
	errno = error;
	return NULL;
}

void
spawn_free(struct child *child)
{
	if (child == NULL)
		return;
	child_leave(child);
	if (child->terminal != -1)
		(void)close(child->terminal);
	free(child);
}

/* A command expects a socket that blocks. */
static int
open_ends(struct ends *ends, const struct leg *peer, bool give)
{
	int fd = peer->own.rfd;

	if (!give)
		return open_pipes(ends);
	ends->theirs[0] = fd;
	ends->theirs[1] = fd;
	ends->ours[0] = -1;
	ends->ours[1] = -1;
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static int
open_pipes(struct ends *ends)
{
	int input[2], output[2];

	if (pipe2(input, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(output, O_CLOEXEC) == -1) {
		close_pair(input);
		return -1;
	}
	ends->theirs[0] = input[0];
	ends->ours[1] = input[1];
	ends->ours[0] = output[0];
	ends->theirs[1] = output[1];
	(void)fcntl(ends->ours[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(ends->ours[1], F_SETFL, O_NONBLOCK);
	return 0;
}

/*
 * We keep its slave open, too, until the command has ended: without anyone
 * there the master says so for ever.
 */
static int
open_terminal(struct ends *ends)
{
	if (pty_open(&ends->ours[0], &ends->theirs[0]) == -1)
		return -1;
	ends->ours[1] = ends->ours[0];
	ends->theirs[1] = ends->theirs[0];
	return 0;
}

static void
close_pair(const int *fds)
{
	(void)close(fds[0]);
	if (fds[1] != fds[0])
		(void)close(fds[1]);
}
