/*
 * The loop.  The one switch over kinds of owners stands here; all others
 * are about what a thing is in itself.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/signals.h"
#include "session/manager.h"
#include "session/run_state.h"
#include "steps/dial_unix.h"

/* From start to end. */
static int	fail_alone(const struct plan *, const struct error *);
static int	run_open(struct run *, struct plan *);
static bool	uses_standard(const struct rules *);
static void	open_standard(struct surroundings *, struct plan *);
static int	run_start(struct run *);
static void	run_loop(struct run *);
static int	start_hub(struct run *);
static int	start_dial(struct run *);
static void	run_close(struct run *);
static void	end_report(struct run *);

/* What fired. */
static void	advance(struct run *, struct owner *);
static void	advance_clock(struct run *);
static void	finish(struct run *);
static void	advance_session(struct run *, struct session *);
static void	advance_console(struct run *);

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
	struct report *report;

	report = report_new(plan->verbose, plan->quiet, OWNER_REPORT);
	if (report != NULL)
		report_error(report, STATUS_ERROR, error->text);
	report_free(report);
	return STATUS_ERROR;
}

static int
run_open(struct run *run, struct plan *plan)
{
	struct surroundings *around = &run->around;
	struct error error;

	run->plan = plan;
	run->signals_fd = -1;
	run->result = STATUS_ERROR;
	around->rules = &plan->rules;
	around->kind = OWNER_SESSION;
	around->manager = -1;
	around->report = report_new(plan->verbose, plan->quiet, OWNER_REPORT);
	if (around->report == NULL)
		return -1;
	if (plan->events != NULL && report_open_events(around->report,
	    plan->events, plan->events_fd, &error) == -1) {
		run->result = STATUS_WRITE;
		goto failed;
	}
	around->watch = watch_new(&error);
	if (around->watch == NULL)
		goto failed;
	report_attach(around->report, around->watch);
	run->signals_fd = signals_open(&error);
	if (run->signals_fd == -1)
		goto failed;
	if (rights_copy(&plan->rules.rights, STDERR_FILENO + 1) == -1) {
		error_set(&error, errno, "--send-fd");
		goto failed;
	}
	run->rights = &plan->rules.rights;
	if (uses_standard(&plan->rules))
		open_standard(around, plan);
	surroundings_set_terms(around);
	if (plan->rules.near == NEAR_COMMAND)
		children_init(&around->children);
	if (plan->rules.listening) {
		children_raise_limit(&around->children);
		manager_open(around);
	}
	return 0;
failed:
	report_error(around->report, (enum status)run->result, error.text);
	return -1;
}

static bool
uses_standard(const struct rules *rules)
{
	return rules->near == NEAR_STANDARD ||
	    (rules->near == NEAR_HUB && rules->hub.kind != HUB_BROKER);
}

static void
open_standard(struct surroundings *around, struct plan *plan)
{
	stream_open_input(&around->input);
	if (plan->ready.background &&
	    around->input.rkind == DESCRIPTOR_TERMINAL)
		around->input.rkind = DESCRIPTOR_NULL;
	stream_open_output(&around->output);
	plan->rules.escape = plan->escape == ESCAPE_ALWAYS ||
	    (plan->escape == ESCAPE_AUTO &&
	    around->output.wkind == DESCRIPTOR_TERMINAL);
}

static int
run_start(struct run *run)
{
	struct watch *watch = run->around.watch;

	run->started = watch_time(watch);
	owner_init(&run->clock, OWNER_RUN);
	owner_init(&run->signals, OWNER_SIGNALS);
	watch_begin(watch, &run->signals);
	watch_want(watch, &run->signals, run->signals_fd, WATCH_READ);
	watch_end(watch, &run->signals);
	if (run->plan->deadline >= 0) {
		watch_begin(watch, &run->clock);
		watch_until(watch, clock_after(run->started,
		    run->plan->deadline));
		watch_end(watch, &run->clock);
	}
	run->result = STATUS_OK;
	if (run->plan->rules.listening) {
		server_init(&run->server, &run->plan->listen, &run->around,
		    OWNER_SERVER);
		return run->plan->rules.near == NEAR_HUB ? start_hub(run) : 0;
	}
	return start_dial(run);
}

static int
start_hub(struct run *run)
{
	struct surroundings *around = &run->around;

	around->hub = hub_new(around->watch, OWNER_HUB,
	    around->rules->hub.kind == HUB_STAR);
	if (around->hub != NULL && (!uses_standard(around->rules) ||
	    console_open(&run->console, around, OWNER_CONSOLE) == 0))
		return 0;
	run_fail(run, STATUS_ERROR, "listen: out of memory");
	return -1;
}

static int
start_dial(struct run *run)
{
	struct step *dial = run->plan->rules.path != NULL ?
	    dial_unix_new(&run->plan->unix_path, run->plan->rules.type,
	    run->plan->rules.datagrams.answers > 0) :
	    dial_new(&run->plan->dial, run->around.report);
	struct session *session = sessions_new(&run->sessions);

	if (dial == NULL || session == NULL) {
		run_fail(run, STATUS_ERROR, "connect: out of memory");
		return -1;
	}
	session_raise(session, &run->around, dial);
	return 0;
}

static void
run_loop(struct run *run)
{
	struct watch *watch = run->around.watch;
	struct owner *owner;
	struct error error;

	while (!run->over) {
		if (watch_wait(watch, &error) == -1) {
			run_fail(run, STATUS_ERROR, error.text);
			return;
		}
		while (!run->over && (owner = watch_next(watch)) != NULL)
			advance(run, owner);
	}
}

static void
run_close(struct run *run)
{
	struct surroundings *around = &run->around;
	enum status status;

	unix_place_leave(&run->place);
	sessions_clear(&run->sessions);
	status = peers_close(&run->peers);
	if (status != STATUS_OK)
		run_end(run, (int)status);
	console_close(&run->console);
	hub_free(around->hub);
	if (run->server.around != NULL)
		server_close(&run->server);
	ready_end(&run->ready, run->result);
	if (around->input.ops != NULL)
		stream_close(&around->input, around->watch);
	if (around->output.ops != NULL)
		stream_close(&around->output, around->watch);
	tubes_clear(&around->tubes);
	if (run->rights != NULL)
		rights_close(run->rights);
	manager_close(around);
	end_report(run);
	watch_free(around->watch);
}

/* That events could not be written is a failure like another. */
static void
end_report(struct run *run)
{
	struct report *report = run->around.report;
	struct event event = { .kind = EVENT_EXIT };
	struct error error;

	if (report == NULL)
		return;
	if (report_events_failed(report, &error))
		run_fail(run, STATUS_WRITE, error.text);
	event.status = (enum status)(run->result < 0 ? 128 - run->result :
	    run->result);
	event.name = run->result < 0 ? "signal" :
	    run->of_command ? "command" : NULL;
	report_event(report, &event);
	report_free(report);
}

/* The first failure decides. */
void
run_end(struct run *run, int result)
{
	run->over = true;
	if (run->result == STATUS_OK)
		run->result = result;
}

void
run_fail(struct run *run, enum status status, const char *message)
{
	report_error(run->around.report, status, message);
	run_end(run, (int)status);
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
	}
}

/* What a session has failed with is the cause, and not that it lingers. */
static void
advance_clock(struct run *run)
{
	enum status status = run_late(run);
	char seconds[32], text[120];
	size_t i;

	if (run->draining) {
		run_interrupt(run, SIGTERM);
		return;
	}
	for (i = 0; i < run->sessions.count; i++)
		if (run->result == STATUS_OK)
			run->result = run->sessions.list[i]->status;
	if (run->result == STATUS_OK || run->plan->rules.keep_open) {
		(void)snprintf(text, sizeof(text), "not done within %s s "
		    "(--deadline)%s", units_seconds(run->plan->deadline,
		    seconds, sizeof(seconds)), status == STATUS_DENIED ?
		    ": all clients were refused" : "");
		report_error(run->around.report, status, text);
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
	enum session_turn turn = session_advance(session);

	if (turn == SESSION_ASKS) {
		if (run_admits(run, &session->far))
			session_admit(session);
		else
			session_refuse(session);
		turn = session_advance(session);
	}
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
	if (run->draining)
		run_interrupt(run, SIGTERM);
	run->over = true;
}

static void
advance_console(struct run *run)
{
	struct failure failure;

	if (console_advance(&run->console, &failure) == -1)
		run_fail(run, failure.status, failure.error.text);
	else if (run->leaving)
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
