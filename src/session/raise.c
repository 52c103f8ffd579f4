/*
 * Raising the legs of a session: the far one until it is known who is at
 * the other end, then, if that is let in, the near one.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "session/command.h"
#include "session/judge.h"
#include "session/judge_records.h"
#include "session/judge_waits.h"
#include "session/raise.h"
#include "steps/dial_unix.h"
#include "steps/proxy_in.h"
#include "steps/proxy_out.h"

/* How long a PROXY header may take. */
#define PROXY_NS	(3 * CLOCK_SECOND)

static int64_t	proxy_limit(const struct session *);
static void	push(struct session *, struct leg *, struct step *);
static void	output_before(struct session *);
static bool	raise_leg(struct session *, struct leg *);
static void	failed(struct session *, const struct failure *);
static void	late(struct session *, const struct leg *);
static void	tell_who(const struct session *, const struct leg *);
static const char *forward_place(const struct rules *);
static const struct credentials *who_is(const struct session *,
		    struct credentials *);
static bool	await_rights(struct session *);
static void	begin_near(struct session *, const struct rights *);
static int	join_near(struct session *, const struct rights *,
		    struct failure *);
static int64_t	idle_limit(const struct session *);
static int	begin_forward(struct session *, struct failure *);
static int	join_hub(struct session *, struct failure *);
static int	no_memory(struct failure *, const char *);

void
raise_begin_accepted(struct session *session)
{
	if (session->around->rules->accept_proxy)
		push(session, &session->far,
		    proxy_in_new(proxy_limit(session)));
}

void
raise_begin_dialled(struct session *session)
{
	const struct rules *rules = session->around->rules;

	if (rules->send_proxy > 0 && rules->near != NEAR_FORWARD)
		push(session, &session->far,
		    proxy_out_new(rules->send_proxy, NULL));
}

/* A header is a matter of a moment, and others wait. */
static int64_t
proxy_limit(const struct session *session)
{
	int64_t limit = clock_after(session->started, PROXY_NS);

	return limit < session->deadline ? limit : session->deadline;
}

static void
push(struct session *session, struct leg *leg, struct step *step)
{
	if (step != NULL)
		leg_push(leg, step);
	else
		judge_fail(session, STATUS_ERROR, "out of memory");
}

bool
raise_far(struct session *session)
{
	output_before(session);
	return session->stage != SESSION_OVER &&
	    raise_leg(session, &session->far);
}

/* Whoever reads our output may go away before there is any. */
static void
output_before(struct session *session)
{
	int error = session->around->output.error;

	if (error == 0 || !rules_use_output(session->around->rules))
		return;
	judge_fail_by(session, STATUS_WRITE, error, "standard output: %s",
	    strerror(error));
	session->stage = SESSION_OVER;
}

void
raise_begin_near(struct session *session)
{
	const struct rules *rules = session->around->rules;

	tell_who(session, &session->far);
	if (!rules->recv_rights) {
		begin_near(session, NULL);
		return;
	}
	session->deadline = rules->idle < 0 ? CLOCK_NEVER : clock_after(
	    watch_time(session->around->watch), rules->idle);
}

bool
raise_near(struct session *session)
{
	if (session->around->rules->recv_rights && session->near == NULL &&
	    session->status == STATUS_OK && !await_rights(session))
		return false;
	if (session->near == NULL)
		return true;
	if (!raise_leg(session, session->near))
		return false;
	if (session->around->rules->near == NEAR_FORWARD)
		tell_who(session, session->near);
	return true;
}

void
raise_near_prepare(struct session *session, struct watch *watch,
    struct owner *owner)
{
	if (session->near != NULL)
		leg_prepare(session->near, watch, owner);
	else
		watch_want(watch, owner, session->far.own.rfd, WATCH_READ);
}

/* With the first bytes, or the end, the command begins: true. */
static bool
await_rights(struct session *session)
{
	struct stream *far = &session->far.own;
	struct rights rights;
	ssize_t n;

	n = rights_look(far->rfd, &rights);
	if (n == -1 && errno == EMFILE) {
		judge_fail_by(session, STATUS_RECEIVE, EMFILE, "receive from "
		    "%s: its descriptors: %s", session->around->rules->place,
		    strerror(EMFILE));
		session->stage = SESSION_OVER;
		return false;
	}
	if (n != -1 || (errno != EAGAIN && errno != EINTR)) {
		begin_near(session, &rights);
		rights_close(&rights);
		return session->near != NULL;
	}
	if (watch_time(session->around->watch) >= session->deadline) {
		judge_idle_failed(session);
		session->stage = SESSION_OVER;
	}
	return false;
}

/* Joined to what the user wants; the command gets the descriptors. */
static void
begin_near(struct session *session, const struct rights *rights)
{
	struct failure failure;

	if (join_near(session, rights, &failure) == -1)
		failed(session, &failure);
}

/* True when the leg stands. */
static bool
raise_leg(struct session *session, struct leg *leg)
{
	struct watch *watch = session->around->watch;
	struct failure failure;

	if (session->status != STATUS_OK) {
		session->stage = SESSION_OVER;
		return false;
	}
	switch (leg_advance(leg, watch, &failure)) {
	case STEP_DONE:
		return true;
	case STEP_FAILED:
		failed(session, &failure);
		return false;
	case STEP_WAIT:
		break;
	}
	if (leg == session->near && session->far.own.error != 0) {
		judge_far_failed(session);
		session->stage = SESSION_OVER;
	} else if (watch_time(watch) >= session->deadline) {
		late(session, leg);
	}
	return false;
}

static void
failed(struct session *session, const struct failure *failure)
{
	judge_fail_by(session, failure->status, failure->error.code, "%s",
	    failure->error.text);
	session->stage = SESSION_OVER;
}

static void
late(struct session *session, const struct leg *leg)
{
	const struct rules *rules = session->around->rules;
	char seconds[32];

	session->stage = SESSION_OVER;
	if (leg == session->near && session->deadline == idle_limit(session)) {
		judge_idle_failed(session);
		return;
	}
	judge_fail(session, STATUS_TIMEOUT, "connect to %s: no connection "
	    "within %s s (--timeout)", leg == &session->far ?
	    rules->target : rules->forward.text,
	    units_seconds(rules->timeout, seconds, sizeof(seconds)));
}

/* Nothing moves until a connection's target is there. */
static int64_t
idle_limit(const struct session *session)
{
	const struct rules *rules = session->around->rules;

	return rules->idle < 0 || rules->type == SOCK_DGRAM ? CLOCK_NEVER :
	    clock_after(session->moved_at, rules->idle);
}

static void
tell_who(const struct session *session, const struct leg *leg)
{
	const struct rules *rules = session->around->rules;
	struct event event = {
		.kind = !rules->listening || leg != &session->far ?
		    EVENT_CONNECTED : rules->type == SOCK_DGRAM ? EVENT_HEARD :
		    EVENT_ACCEPTED,
		.number = session->number,
		.peer = leg->peer,
		.place = leg == &session->far ? rules->place :
		    forward_place(rules),
		.elapsed_ns = watch_time(session->around->watch) -
		    (leg == &session->far ? session->started :
		    session->moved_at)
	};
	struct credentials who;

	if ((leg == &session->far && judge_hears_many(session)) ||
	    !report_tells(session->around->report, event.kind))
		return;
	leg_local(leg, &event.local);
	if (event.place != NULL)
		event.who = leg == &session->far ? who_is(session, &who) :
		    leg_who(leg, &who);
	report_event(session->around->report, &event);
}

/* The name of a local target; NULL: it is none. */
static const char *
forward_place(const struct rules *rules)
{
	return rules->forward.unix_path.length == 0 ? NULL :
	    rules->forward.text + strlen("unix:");
}

/* At the other end of a local socket; NULL: not known. */
static const struct credentials *
who_is(const struct session *session, struct credentials *room)
{
	const struct rules *rules = session->around->rules;

	return rules->listening && rules->type == SOCK_DGRAM ?
	    mailbox_who(&session->far.own) : leg_who(&session->far, room);
}

static int
join_near(struct session *session, const struct rights *rights,
    struct failure *failure)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	struct spawn_request request = {
		.plan = &rules->command, .peer = &session->far,
		.path = rules->path,
		.listening = rules->listening,
		.give = command_takes_socket(rules),
		.rights = rights,
		.owner = &session->owner
	};
	struct credentials who;

	switch (rules->near) {
	case NEAR_STANDARD:
		return 0;
	case NEAR_COMMAND:
		session->near = leg_new();
		if (session->near == NULL)
			return no_memory(failure, "starting the command");
		if (rules->path != NULL)
			request.who = who_is(session, &who);
		session->child = spawn(session->near, &request,
		    &around->children, failure);
		return session->child != NULL ? 0 : -1;
	case NEAR_HUB:
		return join_hub(session, failure);
	case NEAR_FORWARD:
		break;
	}
	return begin_forward(session, failure);
}

static int
begin_forward(struct session *session, struct failure *failure)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	const struct dial_unix_plan local = {
		.path = &rules->forward.unix_path, .type = rules->type,
		.answered = rules->type == SOCK_DGRAM
	};
	int64_t idle = idle_limit(session);
	struct step *step;

	if (idle < session->deadline)
		session->deadline = idle;
	session->near = leg_new();
	if (session->near == NULL)
		return no_memory(failure, "connecting to the target");
	step = rules->forward.unix_path.length > 0 ?
	    dial_unix_new(&local, around->report, session->number) :
	    dial_new(&rules->forward.dial, around->report,
	    session->number);
	if (step == NULL)
		return no_memory(failure, "connecting to the target");
	leg_raise(session->near, step);
	if (rules->send_proxy > 0)
		push(session, session->near,
		    proxy_out_new(rules->send_proxy, &session->far));
	return 0;
}

static int
join_hub(struct session *session, struct failure *failure)
{
	struct surroundings *around = session->around;

	session->member = member_new(around->hub, &around->rules->hub,
	    session->number, &session->far.peer, &session->owner);
	return session->member != NULL ? 0 :
	    no_memory(failure, "joining the others");
}

static int
no_memory(struct failure *failure, const char *when)
{
	failure->status = STATUS_ERROR;
	error_set(&failure->error, ENOMEM, "%s", when);
	return -1;
}
