/*
 * The loop.  The one switch over kinds of owners stands here; all others
 * are about what a thing is in itself.
 */

#include "config.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "session/run_state.h"

/* From start to end. */
static int	fail_alone(const struct plan *, const struct error *);
static void	run_loop(struct run *);

/* What fired. */
static void	advance(struct run *, struct owner *);
static void	advance_clock(struct run *);
static void	finish(struct run *);
static void	advance_session(struct run *, struct session *);
static void	advance_console(struct run *);
static void	advance_recorder(struct run *);

static void	end_session(struct run *, struct session *);
static int	outcome(const struct run *, const struct session *);
static bool	ends_run(const struct run *, int);

int
run(struct plan *plan)
{
	struct run run;
	struct error error;
	int status;

	memset(&run, 0, sizeof(run));
	switch (ready_begin(&run.ready, &plan->ready, &status, &error)) {
	case READY_DONE:
		return status;
	case READY_FAILED:
		return fail_alone(plan, &error);
	case READY_GO:
		break;
	}
	if (run_open(&run, plan) == 0 && run_start(&run) == 0)
		run_loop(&run);
	run_close(&run);
	return run.result;
}

/* There is no run yet. */
static int
fail_alone(const struct plan *plan, const struct error *error)
{
	struct event event = { .kind = EVENT_EXIT, .status = STATUS_ERROR };
	struct report *report;
	struct error ignored;

	report = report_new(plan->verbose, plan->quiet, OWNER_REPORT);
	if (report == NULL)
		return STATUS_ERROR;
	if (plan->events != NULL)
		(void)report_open_events(report, plan->events,
		    plan->events_fd, &ignored);
	report_error(report, STATUS_ERROR, error);
	report_event(report, &event);
	report_drain(report, clock_now() + SINK_PATIENCE);
	report_free(report);
	return STATUS_ERROR;
}

/* No end that comes in the same turn as a signal hides it. */
static void
run_loop(struct run *run)
{
	struct watch *watch = run->around.watch;
	struct owner *owner;
	struct error error;

	while (!run->over) {
		if (watch_wait(watch, &error) == -1) {
			run_fail(run, STATUS_ERROR, &error);
			return;
		}
		if (watch_fired(watch, run->signals_fd) != 0)
			run_advance_signals(run);
		while (!run->over && (owner = watch_next(watch)) != NULL)
			advance(run, owner);
	}
	run_advance_last_signals(run);
}

/* The first failure decides. */
void
run_end(struct run *run, int result)
{
	run->over = true;
	if (run->result == STATUS_OK)
		run->result = result;
}

/* The sessions that are on fail with it. */
void
run_fail(struct run *run, enum status status, const struct error *error)
{
	size_t i;

	gauge_finish(&run->gauge);
	report_error(run->around.report, status, error);
	for (i = 0; i < run->sessions.count; i++)
		session_fail(run->sessions.list[i], status);
	run_end(run, (int)status);
}

/* The transfer goes on without it, and still not all was written. */
void
run_heed_recorder(struct run *run)
{
	if (run->result == STATUS_OK &&
	    recorder_failed(run->around.recorder))
		run->result = STATUS_WRITE;
}

static void
advance(struct run *run, struct owner *owner)
{
	switch ((enum owner_kind)owner->kind) {
	case OWNER_RUN:
		advance_clock(run);
		return;
	case OWNER_SIGNALS:
		run_advance_signals(run);
		return;
	case OWNER_REPORT:
		report_advance(run->around.report);
		if (run->around.recorder != NULL)
			recorder_touch(run->around.recorder, NULL);
		return;
	case OWNER_SERVER:
		run_advance_server(run);
		return;
	case OWNER_PEERS:
		run_advance_peers(run);
		return;
	case OWNER_SESSION:
		advance_session(run, (struct session *)owner);
		return;
	case OWNER_HUB:
		hub_advance(run->around.hub);
		return;
	case OWNER_CONSOLE:
		advance_console(run);
		return;
	case OWNER_RECORDER:
		advance_recorder(run);
		return;
	case OWNER_GAUGE:
		gauge_advance(&run->gauge);
		return;
	}
}

/* What a session has failed with is the cause, and not that it lingers. */
static void
advance_clock(struct run *run)
{
	enum status status = run_late(run);
	struct error error;
	char seconds[32];
	size_t i;

	if (run->draining) {
		run_interrupt(run, SIGTERM);
		return;
	}
	for (i = 0; i < run->sessions.count; i++)
		if (run->result == STATUS_OK)
			run->result = run->sessions.list[i]->status;
	if (run->result == STATUS_OK || run->plan->rules.keep_open) {
		error_setx(&error, "not done within %s s (--deadline)%s",
		    units_seconds(run->plan->deadline, seconds,
		    sizeof(seconds)), status == STATUS_DENIED ?
		    ": all clients were refused" : "");
		gauge_finish(&run->gauge);
		report_error(run->around.report, status, &error);
	}
	if (run->result == STATUS_OK)
		run->result = status;
	finish(run);
}

/* Cut the sessions, and wait only for commands, which are ended. */
static void
finish(struct run *run)
{
	size_t i;

	if (server_listens(&run->server))
		server_close(&run->server);
	if (run->peers.open)
		peers_end(&run->peers);
	run->cut = true;
	for (i = 0; i < run->sessions.count; i++)
		session_cut(run->sessions.list[i], STATUS_TIMEOUT);
	if (run->sessions.count == 0)
		run_last_gone(run);
}

static void
advance_session(struct run *run, struct session *session)
{
	enum session_turn turn;

	gauge_precede(&run->gauge, session);
	turn = session_advance(session);
	if (turn == SESSION_ASKS) {
		if (run_admits(run, &session->far))
			session_admit(session);
		else
			session_refuse(session);
		turn = session_advance(session);
	}
	gauge_follow(&run->gauge, session);
	if (turn == SESSION_ENDED)
		end_session(run, session);
}

static void
end_session(struct run *run, struct session *session)
{
	int status = outcome(run, session);
	bool of_command = status != 0 && status != session->status;

	sessions_end(&run->sessions, session);
	if (run->result == STATUS_OK) {
		run->result = status;
		run->of_command = of_command;
	}
	if (!run->cut && ends_run(run, status))
		finish(run);
	else if (server_listens(&run->server))
		watch_touch(run->around.watch, &run->server.owner);
	else if (run->sessions.count == 0 && !run->peers.open)
		run_last_gone(run);
}

/* What was said is still written. */
void
run_last_gone(struct run *run)
{
	run->leaving = true;
	if (!run->cut && !console_finish(&run->console))
		return;
	if (!run->cut && run->around.recorder != NULL &&
	    !recorder_finish(run->around.recorder))
		return;
	if (run->draining)
		run_interrupt(run, SIGTERM);
	run->over = true;
}

static void
advance_console(struct run *run)
{
	struct failure failure;

	if (console_advance(&run->console, &failure) == -1)
		run_fail(run, failure.status, &failure.error);
	else if (run->leaving)
		run_last_gone(run);
}

/* Files that take no more hold up the sessions that they record. */
static void
advance_recorder(struct run *run)
{
	size_t i;

	if (recorder_advance(run->around.recorder))
		for (i = 0; i < run->sessions.count; i++)
			watch_touch(run->around.watch,
			    &run->sessions.list[i]->owner);
	run_heed_recorder(run);
	if (run->leaving)
		run_last_gone(run);
}

/*
 * What a session's end is to the exit status.  Whoever was not admitted did
 * not count, but with -k for what it did, and where it is the only one.
 */
static int
outcome(const struct run *run, const struct session *session)
{
	const struct rules *rules = &run->plan->rules;
	bool only = run->plan->listen.inherited.connected ||
	    !rules->listening;

	if (session->status == STATUS_DENIED && !session->admitted && !only)
		return STATUS_OK;
	if (rules->keep_open)
		return session->status;
	if (rules->listening && !session->admitted && !only)
		return STATUS_OK;
	return session_result(session);
}

/* With -k a session's failure is its own, unless it is that of our ends. */
static bool
ends_run(const struct run *run, int status)
{
	if (run->plan->listen.inherited.connected)
		return true;
	return run->plan->rules.near == NEAR_STANDARD && (status ==
	    STATUS_WRITE || status == STATUS_READ);
}
