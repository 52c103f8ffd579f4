/* How a flow of records to the far end ended, in words. */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/socket.h"
#include "session/judge.h"
#include "session/judge_records.h"

static void	send_failed(struct session *);

void
judge_records_sent(struct session *session, const char *input)
{
	const struct flow *out = &session->out;
	char peer[ADDRESS_TEXT];

	if (out->stage != FLOW_OVER)
		return;
	switch ((enum flow_end)out->end) {
	case FLOW_DONE:
		judge_rest(session);
		break;
	case FLOW_CUT:
		break;
	case FLOW_SOURCE_FAILED:
		judge_fail_by(session, STATUS_READ, out->source->error,
		    "%s: %s", input, strerror(out->source->error));
		break;
	case FLOW_SINK_FAILED:
		send_failed(session);
		break;
	case FLOW_LIMIT:
		judge_fail(session, STATUS_SIZE, "send to %s: more than %"
		    PRIu64 " bytes (--max-send)", judge_who(session,
		    peer, sizeof(peer)), session->around->rules->max_send);
		break;
	case FLOW_FAULT:
		judge_input_fault(session, input);
		break;
	}
}

void
judge_input_fault(struct session *session, const char *input)
{
	const struct framer *framer = &session->out.terms->records->framer;
	struct records_state state;

	records_state(&session->out, &state);
	if (state.fault == RECORDS_LONG)
		judge_fail(session, STATUS_SIZE, "%s: the record at byte %"
		    PRIu64 " is longer than %s%zu bytes", input, state.at,
		    session->around->rules->path != NULL ? "" :
		    "a datagram of ", framer->most);
	else
		judge_fail(session, STATUS_READ, "%s: not %s at byte %" PRIu64
		    ": %s", input, framer->ops->name, state.at, state.reason);
}

static void
send_failed(struct session *session)
{
	int error = session->far.own.error;
	struct records_state state;
	char buf[ADDRESS_TEXT];
	const char *peer = judge_who(session, buf, sizeof(buf));

	records_state(&session->out, &state);
	if (error == EMSGSIZE && session->around->rules->path != NULL)
		judge_too_long(session);
	else if (error == EDESTADDRREQ)
		judge_fail_by(session, STATUS_SEND, error, "send to %s: it "
		    "has no address for answers", peer);
	else if (error == EMSGSIZE && state.size > DATAGRAM_SENT)
		judge_fail_by(session, STATUS_SIZE, error, "send to %s: a "
		    "record of %zu bytes, longer than a datagram of %d bytes",
		    peer, state.size, DATAGRAM_SENT);
	else if (error == EMSGSIZE)
		judge_fail_by(session, STATUS_SIZE, error, "send to %s: a "
		    "record of %zu bytes, and the path takes %zu whole "
		    "(--datagram-size lets the system fragment it)", peer,
		    state.size,
		    stream_room(&session->far.own));
	else
		judge_fail_by(session, state.passed == 0 &&
		    !session->around->rules->listening ? STATUS_CONNECT :
		    STATUS_SEND, error, "send to %s: %s", peer,
		    strerror(error));
}

void
judge_too_long(struct session *session)
{
	struct records_state state;
	char peer[ADDRESS_TEXT];

	records_state(&session->out, &state);
	judge_fail_by(session, STATUS_SIZE, EMSGSIZE, "send to %s: a record "
	    "of %zu bytes, and the socket takes %zu", judge_who(session, peer,
	    sizeof(peer)), state.size, stream_room(&session->far.own));
}

void
judge_rest(struct session *session)
{
	struct records_state state;
	char peer[ADDRESS_TEXT];

	if (flow_bears(&session->out))
		judge_fail(session, STATUS_SEND, "send to %s: no input to "
		    "send descriptors with (--send-fd)",
		    session->around->rules->place);
	records_state(&session->out, &state);
	if (state.fault == RECORDS_CUT)
		judge_fail(session, STATUS_SEND, "send to %s: %zu bytes of a "
		    "record not delivered, the rest of which was not read",
		    judge_who(session, peer, sizeof(peer)), state.size);
}

void
judge_long_came(struct session *session)
{
	const struct rules *rules = session->around->rules;

	judge_fail(session, STATUS_SIZE, "receive %s %s: a record of more "
	    "than %d bytes", rules->type == SOCK_DGRAM && rules->listening ?
	    "on" : "from", rules->place, LOCAL_MOST);
}

/* Of several that the kernel had joined it counts one. */
bool
judge_lost_text(const struct surroundings *around, const struct stream *post,
    char *buf, size_t size)
{
	uint64_t lost = post_lost(post);
	char here[ADDRESS_TEXT];

	(void)snprintf(buf, size, "receive on %s: at least %" PRIu64
	    " datagram%s lost here (receive queue full, or damaged)",
	    judge_here(around, post, here, sizeof(here)), lost,
	    lost == 1 ? " was" : "s were");
	return lost > 0;
}

const char *
judge_here(const struct surroundings *around, const struct stream *post,
    char *buf, size_t size)
{
	struct address local;

	if (around->rules->place != NULL)
		return around->rules->place;
	socket_local(post->rfd, &local);
	return address_text(&local, buf, size);
}

bool
judge_hears_many(const struct session *session)
{
	const struct rules *rules = session->around->rules;

	return rules->listening && rules->type == SOCK_DGRAM &&
	    session->far.peer.length == 0 && leg_has_stream(&session->far);
}

const char *
judge_who(const struct session *session, char *buf, size_t size)
{
	const struct rules *rules = session->around->rules;
	const struct address *answer;

	if (session->far.peer.length > 0)
		return address_text(&session->far.peer, buf, size);
	/* A connection that we were given may have lost its peer. */
	if (rules->type != SOCK_DGRAM)
		return rules->place != NULL ? rules->place : rules->target;
	answer = &post_of(&session->far.own)->answer.peer;
	return answer->length == 0 && rules->place != NULL ? rules->place :
	    address_text(answer, buf, size);
}

/* Of several since the last turn one is told. */
void
judge_denied(const struct surroundings *around, struct post *post)
{
	struct event event = {
		.kind = EVENT_DENIED, .place = around->rules->place,
		.who = &post->denied, .message = "datagrams"
	};

	if (post->has_denied)
		report_event(around->report, &event);
	post->has_denied = false;
}
