/*
 * The pool of pipes.  A pipe holds 256 KiB where the kernel lets us; an
 * unprivileged user may be refused, and then has what a pipe has.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pump/tube.h"

static void	tube_free(struct tube *);

struct tube *
tube_take(struct tubes *tubes)
{
	struct tube *tube;
	int fds[2];

	if (tubes->count > 0)
		return tubes->kept[--tubes->count];
	tube = malloc(sizeof(*tube));
	if (tube == NULL)
		return NULL;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1) {
		free(tube);
		return NULL;
	}
	if (fcntl(fds[0], F_SETPIPE_SZ, TUBE_SIZE) == -1)
		(void)fcntl(fds[0], F_SETPIPE_SZ, TUBE_SMALL);
	tube->out = fds[0];
	tube->in = fds[1];
	tube->held = 0;
	return tube;
}

void
tube_give(struct tubes *tubes, struct tube *tube)
{
	if (tube == NULL)
		return;
	if (tube->held == 0 && tubes->count < TUBES_KEPT)
		tubes->kept[tubes->count++] = tube;
	else
		tube_free(tube);
}

static void
tube_free(struct tube *tube)
{
	(void)close(tube->in);
	(void)close(tube->out);
	free(tube);
}

void
tubes_clear(struct tubes *tubes)
{
	while (tubes->count > 0)
		tube_free(tubes->kept[--tubes->count]);
	free(tubes->chunk);
	tubes->chunk = NULL;
}
