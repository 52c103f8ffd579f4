/*
 * Dialling.  Until the connection stands the step owns its socket and the
 * process that resolves; afterwards the leg's stream owns the socket.  An
 * address may refuse datagrams later, and the step rests while there are
 * others.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "net/datagram.h"
#include "net/resolve.h"
#include "net/socket.h"
#include "pump/post.h"
#include "pump/post_kept.h"
#include "steps/dial.h"

struct dial {
	struct step		 step;
	const struct dial_plan	*plan;
	struct report		*report;
	uint32_t		 number;	/* of the connection */
	struct resolve		*resolve;	/* NULL: numeric */
	struct address		 numeric;
	const struct address	*list;		/* NULL: not resolved yet */
	size_t			 count;
	size_t			 next;		/* to be tried */
	int			 fd;		/* connecting; -1: none */
	int64_t			 started;	/* connecting */
	struct letters		 refused;	/* for the next address */
};

static void	dial_prepare(struct step *, struct leg *, struct watch *,
		    struct owner *);
static enum step_result dial_advance(struct step *, struct leg *,
		    struct watch *, struct failure *);
static void	dial_free(struct step *, struct watch *);
static enum leg_again dial_again(struct step *, struct leg *);

static enum step_result look_up(struct dial *, struct watch *,
		    struct failure *);
static enum step_result start_resolve(struct dial *, struct failure *);
static bool	try_next(struct dial *, struct failure *);
static int	attempt(struct dial *, const struct address *,
		    struct failure *);
static bool	stays_open(const struct dial_plan *, const struct address *);
static int	stand(struct dial *, struct leg *, const struct address *);
static bool	came(struct dial *, struct leg *, struct watch *,
		    struct failure *);
static void	note_attempt(const struct dial *, const struct failure *);

static const struct step_ops dial_ops = {
	.name = "dial",
	.prepare = dial_prepare,
	.advance = dial_advance,
	.free = dial_free,
	.again = dial_again
};

struct step *
dial_new(const struct dial_plan *plan, struct report *report, uint32_t number)
{
	struct dial *dial;

	dial = calloc(1, sizeof(*dial));
	if (dial == NULL)
		return NULL;
	dial->step.ops = &dial_ops;
	dial->plan = plan;
	dial->report = report;
	dial->number = number;
	dial->fd = -1;
	return &dial->step;
}

static void
dial_prepare(struct step *step, struct leg *leg, struct watch *watch,
    struct owner *owner)
{
	const struct dial *dial = (struct dial *)step;

	(void)leg;
	if (dial->list == NULL)
		watch_want(watch, owner, resolve_fd(dial->resolve),
		    WATCH_READ);
	else
		watch_want(watch, owner, dial->fd, WATCH_WRITE);
}

static enum step_result
dial_advance(struct step *step, struct leg *leg, struct watch *watch,
    struct failure *failure)
{
	struct dial *dial = (struct dial *)step;
	enum step_result result;

	if (dial->list == NULL) {
		result = look_up(dial, watch, failure);
		if (result != STEP_DONE)
			return result;
	} else if (dial->fd != -1 && watch_fired(watch, dial->fd) == 0) {
		return STEP_WAIT;
	} else if (dial->fd != -1 && came(dial, leg, watch, failure)) {
		return STEP_DONE;
	}
	return try_next(dial, failure) ? STEP_WAIT : STEP_FAILED;
}

static void
dial_free(struct step *step, struct watch *watch)
{
	struct dial *dial = (struct dial *)step;

	if (dial->resolve != NULL)
		watch_forget(watch, resolve_fd(dial->resolve));
	resolve_free(dial->resolve);
	letters_free(&dial->refused);
	if (dial->fd != -1) {
		watch_forget(watch, dial->fd);
		(void)close(dial->fd);
	}
	free(dial);
}

static enum step_result
look_up(struct dial *dial, struct watch *watch, struct failure *failure)
{
	enum step_result result;

	if (dial->resolve == NULL) {
		result = start_resolve(dial, failure);
		if (result != STEP_WAIT)
			return result;
	}
	switch (resolve_advance(dial->resolve, &failure->error)) {
	case RESOLVE_WAIT:
		return STEP_WAIT;
	case RESOLVE_DONE:
		dial->list = resolve_addresses(dial->resolve, &dial->count);
		report_resolved(dial->report, dial->number, dial->resolve);
		watch_forget(watch, resolve_fd(dial->resolve));
		return STEP_DONE;
	case RESOLVE_NO_SERVICE:
		failure->status = STATUS_USAGE;
		return STEP_FAILED;
	case RESOLVE_FAILED:
		break;
	}
	failure->status = STATUS_RESOLVE;
	return STEP_FAILED;
}

/* STEP_DONE: there was nothing to resolve. */
static enum step_result
start_resolve(struct dial *dial, struct failure *failure)
{
	const struct dial_plan *plan = dial->plan;
	char shown[PRINTABLE_SIZE];

	if (plan->endpoint.has_port && address_parse(&dial->numeric,
	    plan->endpoint.host, plan->endpoint.port, &failure->error) ==
	    ADDRESS_OK) {
		if (address_lacks_scope(&dial->numeric) &&
		    plan->interface != NULL)
			(void)address_set_scope(&dial->numeric,
			    plan->interface);
		dial->list = &dial->numeric;
		dial->count = 1;
		return STEP_DONE;
	}
	report_detail(dial->report, "looking up %s by getaddrinfo(3)",
	    printable(plan->endpoint.host, shown, sizeof(shown)));
	dial->resolve = resolve_start(&plan->endpoint, plan->family,
	    plan->datagrams == NULL ? SOCK_STREAM : SOCK_DGRAM, false,
	    &failure->error);
	if (dial->resolve != NULL)
		return STEP_WAIT;
	failure->status = STATUS_ERROR;
	return STEP_FAILED;
}

/*
 * Did the attempt that is on succeed?  If not, its socket is gone.  A reset
 * is a connection that stood and broke before we looked (a refusal has its
 * own errno): what came on it is still to be read.
 */
static bool
came(struct dial *dial, struct leg *leg, struct watch *watch,
    struct failure *failure)
{
	const struct address *address = &dial->list[dial->next - 1];
	char text[ADDRESS_TEXT];
	int error;

	error = socket_error(dial->fd);
	watch_forget(watch, dial->fd);
	if (error == 0 || error == ECONNRESET || error == EPIPE) {
		if (stand(dial, leg, address) == -1) {
			error_set(&failure->error, ENOMEM, "connect to %s",
			    address_text(address, text, sizeof(text)));
			failure->status = STATUS_ERROR;
			return false;
		}
		if (error != 0)
			(void)stream_fail(&leg->own, error);
		dial->fd = -1;
		return true;
	}
	(void)close(dial->fd);
	dial->fd = -1;
	error_set(&failure->error, error, "connect to %s",
	    address_text(address, text, sizeof(text)));
	failure->status = error == ETIMEDOUT ? STATUS_TIMEOUT :
	    STATUS_CONNECT;
	note_attempt(dial, failure);
	return false;
}

/* Whoever gets what was sent to many may answer. */
static bool
stays_open(const struct dial_plan *plan, const struct address *address)
{
	return plan->datagrams->open || (plan->datagrams->open_group &&
	    address_is_multicast(address));
}

static int
stand(struct dial *dial, struct leg *leg, const struct address *address)
{
	const struct address connected = { .length = 0 };

	if (dial->plan->datagrams == NULL) {
		return leg_stand(leg, dial->fd, SOCK_STREAM, address);
	}
	if (leg_stand_post(leg, &dial->fd, 1, stays_open(dial->plan, address) ?
	    address : &connected, address) == -1)
		return -1;
	dial->step.rests = dial->next < dial->count;
	if (dial->step.rests)
		post_keep(&leg->own);
	post_send_again(&leg->own, &dial->refused,
	    dial->plan->datagrams->cut);
	return 0;
}

static enum leg_again
dial_again(struct step *step, struct leg *leg)
{
	struct dial *dial = (struct dial *)step;
	const struct post *post = post_of(&leg->own);
	struct failure failure = { .status = STATUS_CONNECT };
	char text[ADDRESS_TEXT];

	switch (post_take_kept(&leg->own, &dial->refused)) {
	case POST_KEEPS:
		return LEG_PERHAPS;
	case POST_KEEPS_NOT:
		return LEG_SETTLED;
	case POST_REFUSED:
		break;
	}
	error_set(&failure.error, post->refused, "send to %s",
	    address_text(&leg->peer, text, sizeof(text)));
	note_attempt(dial, &failure);
	return LEG_AGAIN;
}

static bool
try_next(struct dial *dial, struct failure *failure)
{
	while (dial->next < dial->count) {
		dial->fd = attempt(dial, &dial->list[dial->next++], failure);
		if (dial->fd >= 0)
			return true;
		failure->status = dial->fd == SOCKET_UNBOUND ? STATUS_BIND :
		    STATUS_CONNECT;
		dial->fd = -1;
		note_attempt(dial, failure);
	}
	return false;
}

static int
attempt(struct dial *dial, const struct address *address,
    struct failure *failure)
{
	struct address source = dial->plan->source;
	struct datagram_setup datagrams;
	struct socket_setup setup = {
		.interface = dial->plan->interface, .source = &source
	};
	char to[ADDRESS_TEXT], from[ADDRESS_TEXT];
	int fd;

	dial->started = clock_now();
	report_detail(dial->report, "connecting to %s",
	    address_text(address, to, sizeof(to)));
	if (source.length == 0 && dial->plan->source_port != 0)
		address_wildcard(&source, address_family(address),
		    dial->plan->source_port);
	if (source.length != 0 &&
	    address_family(&source) != address_family(address)) {
		error_setx(&failure->error, "connect to %s: not from %s",
		    address_text(address, to, sizeof(to)),
		    address_host(&source, from, sizeof(from)));
		return -1;
	}
	if (dial->plan->datagrams != NULL) {
		datagrams = *dial->plan->datagrams;
		datagrams.open = stays_open(dial->plan, address);
		setup.datagrams = &datagrams;
	}
	fd = socket_connect(address, &setup, &failure->error);
	if (fd == -1 && failure->error.code == EACCES &&
	    setup.datagrams != NULL && !datagrams.broadcast)
		error_set(&failure->error, EACCES, "connect to %s (a "
		    "broadcast address wants --broadcast)",
		    address_text(address, to, sizeof(to)));
	return fd;
}

/* What the last one fails with, the session fails with. */
static void
note_attempt(const struct dial *dial, const struct failure *failure)
{
	struct event event = {
		.kind = EVENT_ATTEMPT, .number = dial->number,
		.peer = dial->list[dial->next - 1],
		.elapsed_ns = clock_now() - dial->started,
		.code = failure->error.code, .message = failure->error.text
	};

	report_event(dial->report, &event);
}
