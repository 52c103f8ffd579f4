/*
 * Connecting to a local socket succeeds or fails at once, but for a full
 * backlog, which is asked again.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "net/unix_own.h"
#include "steps/dial_unix.h"

#define ASK_AGAIN_NS	(10 * CLOCK_MS)

struct dial_unix {
	struct step		 step;
	struct dial_unix_plan	 plan;
	struct report		*report;
	uint32_t		 number;	/* of the connection */
	struct unix_own		 own;		/* where it is */
	int			 fd;		/* -1: none yet */
	int64_t			 started;
};

static void	dial_prepare(struct step *, struct leg *, struct watch *,
		    struct owner *);
static enum step_result dial_advance(struct step *, struct leg *,
		    struct watch *, struct failure *);
static void	dial_free(struct step *, struct watch *);
static enum leg_again dial_again(struct step *, struct leg *);

static void	fail(const struct dial_unix *, int, struct failure *);
static int	real_reason(const struct unix_path *, int);
static const char *type_name(int);
static int	open_socket(const struct dial_unix *);
static int	stand(struct dial_unix *, struct leg *);

static const struct step_ops dial_unix_ops = {
	.name = "dial",
	.prepare = dial_prepare,
	.advance = dial_advance,
	.free = dial_free,
	.again = dial_again
};

struct step *
dial_unix_new(const struct dial_unix_plan *plan, struct report *report,
    uint32_t number)
{
	struct dial_unix *dial;

	dial = calloc(1, sizeof(*dial));
	if (dial == NULL)
		return NULL;
	dial->step.ops = &dial_unix_ops;
	dial->plan = *plan;
	dial->report = report;
	dial->number = number;
	dial->fd = -1;
	dial->started = clock_now();
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
	const struct unix_path *path = dial->plan.path;

	(void)watch;
	if (dial->fd == -1)
		dial->fd = open_socket(dial);
	if (dial->fd != -1 && connect(dial->fd,
	    (const struct sockaddr *)&path->address, path->length) == 0 &&
	    stand(dial, leg) == 0)
		return STEP_DONE;
	if (dial->fd != -1 && (errno == EAGAIN || errno == EINTR))
		return STEP_WAIT;
	fail(dial, errno, failure);
	return STEP_FAILED;
}

static void
fail(const struct dial_unix *dial, int error, struct failure *failure)
{
	struct event event = {
		.kind = EVENT_ATTEMPT, .number = dial->number
	};
	char shown[PRINTABLE_SIZE];

	(void)unix_path_printable(dial->plan.path, shown, sizeof(shown));
	failure->status = STATUS_CONNECT;
	if (error == EPROTOTYPE)
		error_setx(&failure->error, "connect to %s: a socket is "
		    "there, but not of type %s", shown,
		    type_name(dial->plan.type));
	else
		error_set(&failure->error, real_reason(dial->plan.path,
		    error), "connect to %s", shown);
	event.place = shown;
	event.elapsed_ns = clock_now() - dial->started;
	event.code = failure->error.code;
	event.message = failure->error.text;
	report_event(dial->report, &event);
}

static const char *
type_name(int type)
{
	return type == SOCK_STREAM ? "stream" : type == SOCK_SEQPACKET ?
	    "seqpacket" : "dgram";
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

/* A stream's urgent data is data. */
static int
open_socket(const struct dial_unix *dial)
{
	int fd, on = 1;

	fd = socket(AF_UNIX, dial->plan.type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd != -1 && dial->plan.type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on,
		    sizeof(on));
	return fd;
}

/* The leg has the socket from now on; -1 with errno. */
static int
stand(struct dial_unix *dial, struct leg *leg)
{
	static const struct address none;

	if (dial->plan.answered && unix_own_bind(dial->fd,
	    dial->plan.path->text[0] != '@', &dial->own) == -1)
		return -1;
	if (dial->plan.type == SOCK_DGRAM ? leg_stand_post(leg, &dial->fd, 1,
	    &none, &none) == -1 : leg_stand(leg, dial->fd, dial->plan.type,
	    &none) == -1) {
		errno = ENOMEM;
		return -1;
	}
	dial->fd = -1;
	/* As long as the step is there, so is the address. */
	dial->step.rests = dial->plan.answered;
	return 0;
}

static enum leg_again
dial_again(struct step *step, struct leg *leg)
{
	(void)step;
	(void)leg;
	return LEG_PERHAPS;
}

static void
dial_free(struct step *step, struct watch *watch)
{
	struct dial_unix *dial = (struct dial_unix *)step;

	(void)watch;
	if (dial->fd != -1)
		(void)close(dial->fd);
	unix_own_leave(&dial->own);
	free(dial);
}
