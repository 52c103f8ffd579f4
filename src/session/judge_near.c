/*
 * What it means that the near end broke: standard input or output, a
 * command's, a target, or a place among many.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "session/judge.h"
#include "session/judge_near.h"
#include "session/judge_records.h"

static void	forward_failed(struct session *);
static bool	was_unread(const struct session *);

/*
 * The near end takes no more: true where that is no failure, as of a
 * command that does not read all, and the rest is dropped.
 */
bool
judge_near_refused(struct session *session)
{
	struct flow *in = &session->in;

	switch (session->around->rules->near) {
	case NEAR_COMMAND:
		flow_discard(in);
		return true;
	case NEAR_FORWARD:
		forward_failed(session);
		break;
	case NEAR_STANDARD:
		judge_fail_by(session, STATUS_WRITE, in->sink->error,
		    "standard output: %s", strerror(in->sink->error));
		break;
	case NEAR_HUB:
		judge_near_broke(session);
		break;
	}
	session->cut = true;
	return false;
}

/*
 * The connection to the target broke, whichever direction met it first: 55
 * when bytes of the client's were not acknowledged.
 */
static void
forward_failed(struct session *session)
{
	const char *target = session->around->rules->forward.text;
	int error = session->near->own.error;
	const char *reason = strerror(error);
	const struct flow *in = &session->in;

	if (error == EMSGSIZE)
		judge_fail_by(session, STATUS_SIZE, error, "%s %s: %s",
		    in->end == FLOW_SINK_FAILED ? "send to" : "receive from",
		    target, reason);
	else if (flow_undelivered(in) > 0 || in->refused ||
	    records_left(in) > 0 || was_unread(session) ||
	    stream_unacked(&session->near->own) > 0)
		judge_fail_by(session, STATUS_SEND, error, "send to %s: %s",
		    target, reason);
	else
		judge_fail_by(session, STATUS_RECEIVE, error,
		    "receive from %s: %s", target, reason);
	session->cut = true;
}

/* Did a local target close with bytes of the client's unread? */
static bool
was_unread(const struct session *session)
{
	return session->around->rules->forward.unix_path.length > 0 &&
	    session->near->own.error == ECONNRESET;
}

/* The near end gives no more, and that was not its end. */
void
judge_near_broke(struct session *session)
{
	int error = session->out.source->error;
	char peer[ADDRESS_TEXT];

	switch (session->around->rules->near) {
	case NEAR_COMMAND:
		judge_fail_by(session, STATUS_ERROR, error,
		    "command's output: %s", strerror(error));
		return;
	case NEAR_FORWARD:
		forward_failed(session);
		return;
	case NEAR_HUB:
		judge_fail(session, STATUS_SEND, "%s: does not read, cut off",
		    judge_who(session, peer, sizeof(peer)));
		session->cut = true;
		return;
	case NEAR_STANDARD:
		break;
	}
	judge_fail_by(session, STATUS_READ, error, "standard input: %s",
	    strerror(error));
}
