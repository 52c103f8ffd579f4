/*
 * Connecting to a local socket succeeds or fails at once, but for a full
 * backlog, which is asked again.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "steps/dial_unix.h"

#define ASK_AGAIN_NS	(10 * CLOCK_MS)

struct dial_unix {
	struct step		 step;
	const struct unix_path	*path;
	bool			 datagrams;
	int			 fd;		/* -1: none yet */
};

static void	dial_prepare(struct step *, struct leg *, struct watch *,
		    struct owner *);
static enum step_result dial_advance(struct step *, struct leg *,
		    struct watch *, struct failure *);
static void	dial_free(struct step *, struct watch *);

static int	real_reason(const struct unix_path *, int);
static int	open_socket(const struct dial_unix *);
static int	stand(struct dial_unix *, struct leg *);

static const struct step_ops dial_unix_ops = {
	.name = "dial",
	.prepare = dial_prepare,
	.advance = dial_advance,
	.free = dial_free
};

struct step *
dial_unix_new(const struct unix_path *path, bool datagrams)
{
	struct dial_unix *dial;

	dial = calloc(1, sizeof(*dial));
	if (dial == NULL)
		return NULL;
	dial->step.ops = &dial_unix_ops;
	dial->path = path;
	dial->datagrams = datagrams;
	dial->fd = -1;
	return &dial->step;
}

static void
dial_prepare(struct step *step, struct leg *leg, struct watch *watch,
    struct owner *owner)
{
	(void)step;
	(void)leg;
	(void)owner;
	watch_until(watch, watch_time(watch) + ASK_AGAIN_NS);
}

static enum step_result
dial_advance(struct step *step, struct leg *leg, struct watch *watch,
    struct failure *failure)
{
	struct dial_unix *dial = (struct dial_unix *)step;
	const struct unix_path *path = dial->path;
	char shown[PRINTABLE_SIZE];

	(void)watch;
	if (dial->fd == -1)
		dial->fd = open_socket(dial);
	if (dial->fd != -1 && connect(dial->fd,
	    (const struct sockaddr *)&path->address, path->length) == 0 &&
	    stand(dial, leg) == 0)
		return STEP_DONE;
	if (dial->fd != -1 && (errno == EAGAIN || errno == EINTR))
		return STEP_WAIT;
	failure->status = STATUS_CONNECT;
	error_set(&failure->error, real_reason(path, errno), "connect to %s",
	    printable(path->text, shown, sizeof(shown)));
	return STEP_FAILED;
}

/* Of a file that is no socket the system says that it refused. */
static int
real_reason(const struct unix_path *path, int error)
{
	struct stat st;

	if (error == ECONNREFUSED && path->text[0] != '@' &&
	    stat(path->text, &st) == 0 && !S_ISSOCK(st.st_mode))
		return ENOTSOCK;
	return error;
}

/*
 * Bound to no name, the kernel gives one; unix(7), autobind.  A stream's
 * urgent data is data.
 */
static int
open_socket(const struct dial_unix *dial)
{
	const struct sockaddr any = { .sa_family = AF_UNIX };
	int fd, on = 1;

	fd = socket(AF_UNIX, (dial->datagrams ? SOCK_DGRAM : SOCK_STREAM) |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd != -1 && dial->datagrams)
		(void)bind(fd, &any, sizeof(any.sa_family));
	else if (fd != -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on,
		    sizeof(on));
	return fd;
}

/* The leg has the socket from now on; -1 with errno. */
static int
stand(struct dial_unix *dial, struct leg *leg)
{
	static const struct address none;

	if (!dial->datagrams) {
		leg_stand(leg, dial->fd, &none);
	} else if (leg_stand_post(leg, &dial->fd, 1, &none, &none) == -1) {
		errno = ENOMEM;
		return -1;
	}
	dial->fd = -1;
	return 0;
}

static void
dial_free(struct step *step, struct watch *watch)
{
	struct dial_unix *dial = (struct dial_unix *)step;

	(void)watch;
	if (dial->fd != -1)
		(void)close(dial->fd);
	free(dial);
}
