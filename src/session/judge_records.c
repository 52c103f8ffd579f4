/* How a flow of records to the far end ended, in words. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/socket.h"
#include "session/judge.h"
#include "session/judge_records.h"

static void	input_has_fault(struct session *, const char *);
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
	case FLOW_CUT:
		break;
	case FLOW_SOURCE_FAILED:
		judge_fail(session, STATUS_READ, "%s: %s", input,
		    strerror(out->source->error));
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
		input_has_fault(session, input);
		break;
	}
}

static void
input_has_fault(struct session *session, const char *input)
{
	const struct framer *framer = &session->out.terms->records->framer;
	struct records_state state;

	records_state(&session->out, &state);
	if (state.fault == RECORDS_LONG)
		judge_fail(session, STATUS_SIZE, "%s: the record at byte %"
		    PRIu64 " is longer than a datagram of %zu bytes", input,
		    state.at, framer->most);
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
	if (error == EMSGSIZE && state.size > DATAGRAM_SENT)
		judge_fail(session, STATUS_SIZE, "send to %s: a record of %zu "
		    "bytes, longer than a datagram of %d bytes", peer,
		    state.size, DATAGRAM_SENT);
	else if (error == EMSGSIZE)
		judge_fail(session, STATUS_SIZE, "send to %s: a record of %zu "
		    "bytes, and the path takes %zu whole (--datagram-size "
		    "lets the system fragment it)", peer, state.size,
		    stream_room(&session->far.own));
	else
		judge_fail(session, state.passed == 0 ? STATUS_CONNECT :
		    STATUS_SEND, "send to %s: %s", peer, strerror(error));
}

/* Of several that the kernel had joined it counts one. */
bool
judge_lost_text(const struct stream *post, char *buf, size_t size)
{
	uint64_t lost = post_lost(post);
	char here[ADDRESS_TEXT];

	(void)snprintf(buf, size, "receive on %s: at least %" PRIu64
	    " datagram%s lost here (receive queue full, or damaged)",
	    judge_here(post, here, sizeof(here)), lost,
	    lost == 1 ? " was" : "s were");
	return lost > 0;
}

const char *
judge_here(const struct stream *post, char *buf, size_t size)
{
	struct address local;

	socket_local(post->rfd, &local);
	return address_text(&local, buf, size);
}

const char *
judge_who(const struct session *session, char *buf, size_t size)
{
	if (session->far.peer.length > 0)
		return address_text(&session->far.peer, buf, size);
	return address_text(&post_of(&session->far.own)->answer.peer, buf,
	    size);
}
