/*
 * The numbers of a session.  Of one whose command has the socket the kernel
 * alone knows them.
 */

#include "config.h"

#include <sys/socket.h>

#include <string.h>

#include "session/judge_records.h"
#include "session/stats.h"

static void	tell(const struct session *, enum event_kind,
		    const struct tally *);
static const struct tcp_path *ask_path(const struct leg *,
		    struct tcp_path *);
static void	count_side(const struct session *, const struct flow *,
		    uint64_t, struct tally_side *);

void
stats_close(struct session *session)
{
	struct tally tally;

	stats_tally(session, &tally);
	tally_add(&session->around->over, &tally);
	tell(session, EVENT_CLOSED, &tally);
}

void
stats_tell(const struct session *session)
{
	struct tally tally;

	stats_tally(session, &tally);
	tell(session, EVENT_STATS, &tally);
}

static void
tell(const struct session *session, enum event_kind kind,
    const struct tally *tally)
{
	struct report *report = session->around->report;
	struct tcp_path path, target;
	char here[ADDRESS_TEXT];
	struct event event = {
		.kind = kind,
		.number = session->number,
		.peer = session->far.peer,
		.place = session->around->rules->place,
		.ours = session->around->rules->listening,
		.status = session->status,
		.name = session->interrupted ? "signal" : NULL,
		.elapsed_ns = watch_time(session->around->watch) -
		    session->started
	};

	if (event.place == NULL && judge_hears_many(session))
		event.place = judge_here(session->around, &session->far.own,
		    here, sizeof(here));
	session_counts(session, &event.sent, &event.received);
	if (report_tells_tally(report, kind)) {
		event.tally = tally;
		event.tcp = ask_path(&session->far, &path);
		event.target = ask_path(session->near, &target);
	}
	report_event(report, &event);
}

static const struct tcp_path *
ask_path(const struct leg *leg, struct tcp_path *path)
{
	return leg != NULL && leg_has_stream(leg) && leg->own.tcp &&
	    tcp_ask_path(leg->own.wfd, path) ? path : NULL;
}

void
stats_tally(const struct session *session, struct tally *tally)
{
	const struct surroundings *around = session->around;
	uint64_t sent, received;

	memset(tally, 0, sizeof(*tally));
	tally->has_records = around->rules->type != SOCK_STREAM;
	if (!leg_has_stream(&session->far))
		return;
	session_counts(session, &sent, &received);
	count_side(session, &session->out, sent, &tally->sent);
	count_side(session, &session->in, received, &tally->received);
	tally->received.records = records_taken(&session->in);
	if (around->conduct->lost != NULL)
		tally->lost = around->conduct->lost(session);
}

static void
count_side(const struct session *session, const struct flow *flow,
    uint64_t bytes, struct tally_side *side)
{
	side->records = records_passed(flow);
	if (session->given) {
		side->by[BY_COMMAND] = bytes;
	} else if (session->around->rules->type != SOCK_STREAM) {
		side->by[BY_RECORDS] = bytes;
	} else {
		side->by[BY_SPLICE] = flow_spliced(flow, bytes);
		side->by[BY_COPY] = bytes - side->by[BY_SPLICE];
	}
}
