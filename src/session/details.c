/*
 * The details of a session.  Why bytes are copied is known by what the
 * terms and both ends say; here it gets the names that users know.
 */

#include "config.h"

#include <sys/socket.h>

#include <stdio.h>

#include "net/descriptor.h"
#include "net/socket.h"
#include "session/connection.h"
#include "session/details.h"
#include "session/filters.h"
#include "session/judge_records.h"

#define REASON_SIZE	512

static void	tell_options(const struct session *);
static void	tell_given(const struct session *);
static void	tell_mover(const struct session *, const struct flow *,
		    const char *verb, const char *source, const char *sink);
static const char *why(const struct session *, const struct flow *,
		    const char *source, const char *sink, char *);
static const char *why_not_wanted(const struct rules *);
static const char *kind_text(unsigned);
static void	tell_end(struct session *, bool from_us);

void
details_standing(struct session *session)
{
	const struct rules *rules = session->around->rules;
	const char *near_in = "standard output", *near_out = "standard input";

	if (!report_tells(session->around->report, EVENT_DETAIL))
		return;
	tell_options(session);
	switch (rules->near) {
	case NEAR_STANDARD:
	case NEAR_HUB:
		break;
	case NEAR_COMMAND:
		tell_given(session);
		near_in = "the command's input";
		near_out = "the command's output";
		break;
	case NEAR_FORWARD:
		near_in = near_out = rules->forward.text;
		break;
	}
	if (session->stage == SESSION_GIVEN)
		return;
	tell_mover(session, &session->out, "sending", near_out, "the socket");
	tell_mover(session, &session->in, "receiving", "the socket", near_in);
}

static void
tell_options(const struct session *session)
{
	const struct stream *far = &session->far.own;
	struct socket_options options;
	char place[ADDRESS_TEXT];

	if (far->rfd == -1)
		return;
	socket_ask(far->rfd, &options);
	report_detail(session->around->report, "%s: %s%sSO_SNDBUF %d, "
	    "SO_RCVBUF %d", judge_hears_many(session) ? judge_here(
	    session->around, far, place, sizeof(place)) :
	    judge_who(session, place, sizeof(place)),
	    !far->tcp ? "" : options.no_delay ? "TCP_NODELAY on, " :
	    "TCP_NODELAY off, ", !far->tcp ? "" : options.keepalive ?
	    "SO_KEEPALIVE on, " : "SO_KEEPALIVE off, ", options.send_buffer,
	    options.receive_buffer);
}

static void
tell_given(const struct session *session)
{
	const struct rules *rules = session->around->rules;
	const char *reason = why_not_wanted(rules);

	if (reason == NULL)
		reason = filters_option(rules, true);
	if (reason == NULL)
		reason = filters_option(rules, false);
	if (session->stage == SESSION_GIVEN)
		report_detail(session->around->report,
		    "the command has the socket itself");
	else if (rules->command.terminal)
		report_detail(session->around->report,
		    "the command has a terminal: --pty");
	else
		report_detail(session->around->report,
		    "the command has pipes: %s", reason != NULL ? reason :
		    rules->path != NULL ? "a local socket" :
		    rules->type != SOCK_STREAM ? "datagrams" :
		    rules->max_send != UINT64_MAX ? "--max-send" :
		    rules->max_recv != UINT64_MAX ? "--max-recv" :
		    "--idle-timeout");
}

static void
tell_mover(const struct session *session, const struct flow *flow,
    const char *verb, const char *source, const char *sink)
{
	char reason[REASON_SIZE];
	const char *because;

	if (flow->mover == NULL || flow->stage == FLOW_OVER || flow->stopped)
		return;
	because = why(session, flow, source, sink, reason);
	if (because != NULL)
		report_detail(session->around->report, "%s by copy: %s", verb,
		    because);
	else
		report_detail(session->around->report, "%s by %s", verb,
		    flow->hybrid ? "copy, big pieces by splice" : "splice");
}

/* NULL: it is not copied. */
static const char *
why(const struct session *session, const struct flow *flow,
    const char *source, const char *sink, char *buf)
{
	const char *reason;

	if (session->around->rules->near == NEAR_HUB)
		return "lines are kept whole";
	switch (flow_why_copied(flow)) {
	case FLOW_SPLICES:
		return NULL;
	case FLOW_NO_SPLICE:
		return "this system has no splice(2)";
	case FLOW_NOT_ZERO_COPY:
		reason = why_not_wanted(session->around->rules);
		return reason != NULL ? reason : "it is rewritten";
	case FLOW_RECORDS:
		return "records are kept whole";
	case FLOW_DROPS:
		return "it is dropped";
	case FLOW_SOURCE_KIND:
		(void)snprintf(buf, REASON_SIZE, "%s is %s", source,
		    kind_text(flow->source->rkind));
		return buf;
	case FLOW_SOURCE_SHARED:
		(void)snprintf(buf, REASON_SIZE,
		    "%s is a socket that is not ours alone", source);
		return buf;
	case FLOW_SINK_KIND:
		(void)snprintf(buf, REASON_SIZE, "%s is %s", sink,
		    kind_text(flow->sink->wkind));
		return buf;
	case FLOW_SINK_SHARED:
		(void)snprintf(buf, REASON_SIZE,
		    "%s is a socket that is not ours alone", sink);
		return buf;
	case FLOW_SINK_APPENDS:
		(void)snprintf(buf, REASON_SIZE,
		    "%s was opened to append", sink);
		return buf;
	case FLOW_EDITED:
	case FLOW_WATCHED:
	case FLOW_PACED:
		return filters_option(session->around->rules,
		    flow == &session->out);
	}
	return NULL;
}

/* Which option says that the kernel is not to move it?  NULL: none. */
static const char *
why_not_wanted(const struct rules *rules)
{
	return !rules->zero_copy ? "--no-zero-copy" :
	    rules->command.terminal ? "--pty" :
	    rules->rights.count > 0 ? "--send-fd" : NULL;
}

static const char *
kind_text(unsigned kind)
{
	switch ((enum descriptor_kind)kind) {
	case DESCRIPTOR_PIPE:
		return "a pipe";
	case DESCRIPTOR_TERMINAL:
		return "a terminal";
	case DESCRIPTOR_SOCKET:
		return "a socket";
	case DESCRIPTOR_FILE:
		return "a file";
	case DESCRIPTOR_NULL:
		return "/dev/null";
	case DESCRIPTOR_DEVICE:
		break;
	}
	return "no file, pipe or socket";
}

void
details_ends(struct session *session)
{
	const struct stream *far = &session->far.own;

	if (session->around->conduct != &conduct_connection)
		return;
	if (far->ended && !session->told_in)
		tell_end(session, false);
	if (far->shutting && !session->told_out)
		tell_end(session, true);
}

void
details_given_end(struct session *session)
{
	if (!session->told_in)
		tell_end(session, false);
}

static void
tell_end(struct session *session, bool from_us)
{
	struct event event = {
		.kind = EVENT_EOF,
		.number = session->number,
		.peer = session->far.peer,
		.place = session->around->rules->place,
		.ours = session->around->rules->listening,
		.from_us = from_us,
		.elapsed_ns = watch_time(session->around->watch) -
		    session->started
	};

	if (from_us)
		session->told_out = true;
	else
		session->told_in = true;
	session_counts(session, &event.sent, &event.received);
	/* What came, and not only what was read already. */
	if (session->stage == SESSION_GIVEN)
		event.received += socket_unread(session->far.own.rfd);
	report_event(session->around->report, &event);
	filters_ended(session, from_us);
}
