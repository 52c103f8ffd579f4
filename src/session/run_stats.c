/* Numbers: those of a run, and who of its sessions tells its own. */

#include "config.h"

#include <sys/socket.h>

#include "session/run_state.h"
#include "session/stats.h"

/* So many tell theirs, however many there are. */
#define TELLING_MOST	8

static bool	serves_many(const struct run *);
static void	tell_sum(struct run *);
static bool	tell_sessions(const struct run *);
static bool	is_told_of(const struct session *);

void
run_tell_stats(struct run *run)
{
	if (serves_many(run)) {
		tell_sum(run);
		(void)tell_sessions(run);
	} else if (!tell_sessions(run)) {
		tell_sum(run);
	}
}

void
run_tell_last(struct run *run)
{
	if (run->plan->stats && run->server.around != NULL &&
	    serves_many(run))
		tell_sum(run);
}

static bool
serves_many(const struct run *run)
{
	const struct rules *rules = &run->plan->rules;

	return rules->listening && (rules->keep_open ||
	    (rules->type == SOCK_DGRAM && rules->near != NEAR_STANDARD));
}

static void
tell_sum(struct run *run)
{
	struct tally tally;
	struct event event = {
		.kind = EVENT_STATS,
		.elapsed_ns = watch_time(run->around.watch) - run->started,
		.tally = &tally
	};
	size_t i;

	sessions_count(&run->sessions, &event.sent, &event.received);
	sessions_tally(&run->sessions, &tally);
	tally_add(&tally, &run->around.over);
	tally.has_records = run->plan->rules.type != SOCK_STREAM;
	if (run->peers.around != NULL)
		tally.lost += post_lost(&run->peers.post) +
		    run->peers.turned_away;
	for (i = 0; i < run->sessions.count; i++)
		event.connections += is_told_of(run->sessions.list[i]);
	report_event(run->around.report, &event);
}

/* Are there any? */
static bool
tell_sessions(const struct run *run)
{
	size_t told = 0, i;

	for (i = 0; i < run->sessions.count && told < TELLING_MOST; i++) {
		if (!is_told_of(run->sessions.list[i]))
			continue;
		stats_tell(run->sessions.list[i]);
		told++;
	}
	return told > 0;
}

/* Others have not come in, or have told already. */
static bool
is_told_of(const struct session *session)
{
	return session->admitted && leg_has_stream(&session->far);
}
