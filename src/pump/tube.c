/*
 * The pool of pipes.  A pipe holds 256 KiB where the kernel lets us; an
 * unprivileged user may be refused, and then has what a pipe has.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pump/tube.h"

int
tube_take(struct tubes *tubes, struct tube *tube)
{
	int fds[2];

	if (tubes->count > 0) {
		*tube = tubes->kept[--tubes->count];
		return 0;
	}
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	if (fcntl(fds[0], F_SETPIPE_SZ, TUBE_SIZE) == -1)
		(void)fcntl(fds[0], F_SETPIPE_SZ, TUBE_SMALL);
	tube->out = fds[0];
	tube->in = fds[1];
	tube->held = 0;
	return 0;
}

void
tube_give(struct tubes *tubes, struct tube *tube)
{
	if (tube->in == tube->out)
		return;
	if (tube->held == 0 && tubes->count < TUBES_KEPT) {
		tubes->kept[tubes->count++] = *tube;
	} else {
		(void)close(tube->in);
		(void)close(tube->out);
	}
	memset(tube, 0, sizeof(*tube));
}

void
tubes_clear(struct tubes *tubes)
{
	while (tubes->count > 0) {
		tubes->count--;
		(void)close(tubes->kept[tubes->count].in);
		(void)close(tubes->kept[tubes->count].out);
	}
	free(tubes->chunk);
	tubes->chunk = NULL;
}
