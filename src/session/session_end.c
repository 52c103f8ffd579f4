/*
 * The ends of a session: by a signal, by a limit, and of all that it has.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>

#include "net/descriptor.h"
#include "net/socket.h"
#include "session/command.h"
#include "session/filters.h"
#include "session/stats.h"

/* What a closing session reads and drops, so that it need not reset. */
#define LAST_READS	64

static bool	holds_socket(const struct session *);
static void	cut_flow(struct flow *);
static bool	is_forward(const struct session *);
static bool	is_broken(const struct session *);
static bool	drain_far(struct session *);

uint64_t
session_interrupt(struct session *session)
{
	struct watch *watch = session->around->watch;
	int64_t now = watch_time(watch);
	struct flow *out = &session->out;

	if (command_runs(session) || session->stage == SESSION_GIVEN) {
		child_signal(session->child, SIGTERM);
		session->killed = 1;
	}
	if (session->stage == SESSION_GIVEN && holds_socket(session))
		session->abort = true;
	session->interrupted = true;
	if (session->stage != SESSION_MOVING)
		return 0;
	cut_flow(out);
	if (is_forward(session))
		cut_flow(&session->in);
	flow_stop(&session->in);
	flow_stop(out);
	flow_advance(&session->in, watch, now);
	flow_advance(out, watch, now);
	session->abort = out->end != FLOW_DONE || flow_held(out) > 0;
	return session_undelivered(session);
}

/* May the command, or others of its group, have something to say? */
static bool
holds_socket(const struct session *session)
{
	return command_runs(session) || child_has_group(session->child);
}

/* In mid-input; at a terminal the user's ^C is the end. */
static void
cut_flow(struct flow *flow)
{
	if (flow->stage == FLOW_MOVING &&
	    flow->source->rkind != DESCRIPTOR_TERMINAL)
		flow->end = FLOW_CUT;
}

/* Is the near end another connection, to be reset like the far one? */
static bool
is_forward(const struct session *session)
{
	return session->near != NULL && leg_has_stream(session->near) &&
	    session->near->own.wkind == DESCRIPTOR_SOCKET;
}

void
session_cut(struct session *session, enum status status)
{
	session_fail(session, status);
	if (session->stage <= SESSION_RAISING)
		session->stage = SESSION_OVER;
	session->cut = true;
	if (command_runs(session))
		session->killed = 1;
	if (session->stage == SESSION_ENDING)
		command_end(session);
	watch_touch(session->around->watch, &session->owner);
}

void
session_fail(struct session *session, enum status status)
{
	if (session->status == STATUS_OK)
		session->status = (uint8_t)status;
}

void
session_close(struct session *session)
{
	struct watch *watch = session->around->watch;

	/* The run is over, and nobody was served. */
	if (session->stage <= SESSION_RAISING)
		session->abort = true;
	session_close_far(session);
	if (command_runs(session) && session->killed == 0)
		child_signal(session->child, SIGTERM);
	spawn_free(session->child);
	watch_leave(watch, &session->owner);
	flow_clear(&session->in);
	flow_clear(&session->out);
	filters_close(session);
	leg_free(session->near, watch);
	leg_close(&session->far, watch);
	member_free(session->member);
}

/*
 * A failure is passed on as a reset, to both ends where both are
 * connections, unless all that should go there went.  At a signal what the
 * kernel has is on its way.
 */
void
session_close_far(struct session *session)
{
	const struct flow *out = &session->out, *in = &session->in;
	enum flow_stage went = session->interrupted ? FLOW_SHUTTING : FLOW_OVER;

	if (!leg_has_stream(&session->far))
		return;
	if (session->admitted && session->around->conduct->end != NULL)
		session->around->conduct->end(session);
	session->broke = is_broken(session);
	filters_tell(session);
	if (session->admitted)
		stats_close(session);
	if (session->status != STATUS_OK &&
	    (out->stage != FLOW_OVER || out->end != FLOW_DONE))
		session->abort = true;
	if (session->abort && session->child != NULL)
		socket_reset(session->far.own.wfd);
	if (session->abort)
		socket_abort(session->far.own.wfd);
	else if (session->stage != SESSION_GIVEN)
		session->abort = !drain_far(session);
	filters_end(session);
	if (is_forward(session) && (in->stage < went || in->end != FLOW_DONE))
		socket_abort(session->near->own.wfd);
	flow_clear(&session->in);
	flow_clear(&session->out);
	leg_close(&session->far, session->around->watch);
}

/* A local peer that hung up in the end has closed, and broke nothing. */
static bool
is_broken(const struct session *session)
{
	int error = session->far.own.error;

	return error != 0 && (session->around->rules->path == NULL ||
	    error != EPIPE || session->status != STATUS_OK);
}

/*
 * close(2) with received data unread resets the connection, and a reset
 * can destroy what the peer has not read yet.  False: more is on its way
 * than we read.
 */
static bool
drain_far(struct session *session)
{
	char buf[16 * 1024];
	int i;

	if (!stream_has_ends(&session->far.own))
		return true;
	for (i = 0; i < LAST_READS; i++)
		if (stream_drop(&session->far.own, buf, sizeof(buf)) <= 0)
			return true;
	return stream_peek(&session->far.own) <= 0;
}
