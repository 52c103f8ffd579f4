/* When waiting is over: for the peer's end, and for anything to move. */

#include "config.h"

#include "base/clock.h"
#include "base/units.h"
#include "net/tcp.h"
#include "session/command.h"
#include "session/judge.h"
#include "session/judge_records.h"
#include "session/judge_waits.h"

/* For the peer's end, once the command has ended and all is delivered. */
#define LAST_END_NS	(1000 * CLOCK_MS)

static int64_t	patience(const struct session *);

/* --quit-after counts from when all of our input was acknowledged. */
void
judge_quit(struct session *session)
{
	struct flow *out = &session->out;
	int64_t now = watch_time(session->around->watch);
	int64_t most = patience(session);

	if (most < 0 || session->silent || session->in.stage == FLOW_OVER ||
	    (session->in.stage != FLOW_MOVING && session->child == NULL))
		return;
	if (out->stage != FLOW_OVER &&
	    !(out->stage == FLOW_SHUTTING && out->settled))
		return;
	if (session->deadline == CLOCK_NEVER)
		session->deadline = clock_after(now, most);
	if (now < session->deadline)
		return;
	session->deadline = CLOCK_NEVER;
	if (session->child != NULL)
		flow_discard(&session->in);
	flow_stop(&session->in);
	out->hold = false;
	watch_touch(session->around->watch, &session->owner);
}

/*
 * How long the peer's end is waited for once ours is acknowledged; -1: as
 * long as it takes.  Where the command has ended nobody listens any more.
 */
static int64_t
patience(const struct session *session)
{
	const struct rules *rules = session->around->rules;

	if (rules->near != NEAR_COMMAND)
		return rules->quit_after;
	if (command_runs(session))
		return -1;
	return rules->quit_after < 0 ? LAST_END_NS : rules->quit_after;
}

/* An acknowledgement is movement too. */
void
judge_idle(struct session *session)
{
	int64_t now = watch_time(session->around->watch);
	int64_t idle = session->around->rules->idle;
	uint32_t unacked = (uint32_t)stream_unacked(&session->far.own);

	if (session->around->rules->near == NEAR_FORWARD)
		unacked += (uint32_t)stream_unacked(&session->near->own);

	if (unacked < session->unacked)
		session->moved_at = now;
	session->unacked = unacked;
	if (now >= clock_after(session->moved_at, idle))
		judge_idle_failed(session);
}

int64_t
judge_given_idle(struct session *session)
{
	int64_t idle = session->around->rules->idle;
	int64_t now = watch_time(session->around->watch), quiet;
	struct tcp_facts facts;

	if (idle < 0 || session->cut)
		return CLOCK_NEVER;
	tcp_ask(session->far.own.rfd, false, &facts);
	quiet = facts.quiet_ns < now - session->started ? facts.quiet_ns :
	    now - session->started;
	if (quiet >= idle)
		judge_idle_failed(session);
	return clock_after(now, idle - quiet);
}

void
judge_idle_failed(struct session *session)
{
	char peer[ADDRESS_TEXT], seconds[32];

	judge_fail(session, STATUS_TIMEOUT, "session with %s: nothing moved "
	    "for %s s (--idle-timeout)", judge_who(session, peer, sizeof(peer)),
	    units_seconds(session->around->rules->idle, seconds,
	    sizeof(seconds)));
	session->cut = true;
}
