/*
 * What a run has: it is made and started before the loop, and let go after
 * it.
 */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/signals.h"
#include "session/manager.h"
#include "session/run_state.h"
#include "steps/dial_unix.h"

static int	open_report(struct run *, struct error *);
static int	open_watch(struct run *, struct error *);
static int	open_recorder(struct run *, struct error *);
static int	open_signals(struct run *, struct error *);
static int	copy_rights(struct run *, struct plan *, struct error *);
static bool	uses_standard(const struct rules *);
static void	open_standard(struct surroundings *, struct plan *);
static int	start_hub(struct run *);
static int	start_dial(struct run *);
static void	end_recorder(struct run *);
static void	end_report(struct run *);

int
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
	if (open_report(run, &error) == -1 || open_watch(run, &error) == -1 ||
	    open_recorder(run, &error) == -1 ||
	    open_signals(run, &error) == -1 ||
	    copy_rights(run, plan, &error) == -1) {
		report_error(around->report, (enum status)run->result, &error);
		return -1;
	}
	if (uses_standard(&plan->rules))
		open_standard(around, plan);
	gauge_init(&run->gauge, &plan->progress, around, &run->sessions,
	    OWNER_GAUGE);
	surroundings_set_terms(around);
	if (plan->rules.near == NEAR_COMMAND)
		children_init(&around->children);
	if (plan->rules.listening) {
		children_raise_limit(&around->children);
		manager_open(around);
	}
	return 0;
}

static int
open_report(struct run *run, struct error *error)
{
	struct report *report = run->around.report;
	const struct plan *plan = run->plan;

	if (plan->stats)
		report_tell_stats(report);
	if (plan->events == NULL || report_open_events(report, plan->events,
	    plan->events_fd, error) == 0)
		return 0;
	run->result = STATUS_WRITE;
	return -1;
}

static int
open_watch(struct run *run, struct error *error)
{
	struct surroundings *around = &run->around;

	around->watch = watch_new(error);
	if (around->watch == NULL)
		return -1;
	report_attach(around->report, around->watch);
	return 0;
}

static int
open_recorder(struct run *run, struct error *error)
{
	struct surroundings *around = &run->around;

	if (recorder_option(&around->rules->recorder) == NULL)
		return 0;
	around->recorder = recorder_new(&around->rules->recorder,
	    around->watch, around->report, OWNER_RECORDER, error);
	if (around->recorder != NULL)
		return 0;
	run->result = STATUS_WRITE;
	return -1;
}

static int
open_signals(struct run *run, struct error *error)
{
	run->signals_fd = signals_open(error);
	return run->signals_fd == -1 ? -1 : 0;
}

static int
copy_rights(struct run *run, struct plan *plan, struct error *error)
{
	if (rights_copy(&plan->rules.rights, STDERR_FILENO + 1) == -1) {
		error_set(error, errno, "--send-fd");
		return -1;
	}
	run->rights = &plan->rules.rights;
	return 0;
}

int
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
start_hub(struct run *run)
{
	struct surroundings *around = &run->around;
	struct error error;

	around->hub = hub_new(around->watch, OWNER_HUB,
	    around->rules->hub.kind == HUB_STAR);
	if (around->hub != NULL && (!uses_standard(around->rules) ||
	    console_open(&run->console, around, OWNER_CONSOLE) == 0))
		return 0;
	error_setx(&error, "listen: out of memory");
	run_fail(run, STATUS_ERROR, &error);
	return -1;
}

static int
start_dial(struct run *run)
{
	const struct rules *rules = &run->plan->rules;
	const struct dial_unix_plan local = {
		.path = &run->plan->unix_path, .type = rules->type,
		.answered = rules->datagrams.answers > 0
	};
	struct step *dial = rules->path != NULL ?
	    dial_unix_new(&local, run->around.report, 1) :
	    dial_new(&run->plan->dial, run->around.report, 1);
	struct session *session = sessions_new(&run->sessions);
	struct error error;

	if (dial == NULL || session == NULL) {
		error_setx(&error, "connect: out of memory");
		run_fail(run, STATUS_ERROR, &error);
		return -1;
	}
	session_raise(session, &run->around, dial);
	return 0;
}

void
run_close(struct run *run)
{
	struct surroundings *around = &run->around;
	enum status status;

	unix_place_leave(&run->place);
	sessions_clear(&run->sessions);
	gauge_finish(&run->gauge);
	run_tell_last(run);
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
	end_recorder(run);
	end_report(run);
	watch_free(around->watch);
}

/* Who was told to end does not wait for files that take nothing. */
static void
end_recorder(struct run *run)
{
	struct recorder *recorder = run->around.recorder;

	if (recorder == NULL)
		return;
	recorder_drain(recorder, run->result < 0 ? 0 :
	    clock_now() + SINK_PATIENCE);
	run_heed_recorder(run);
	recorder_free(recorder);
}

/*
 * That events could not be written is a failure like another; that the last
 * one could not can no longer be told in it.  Who was told to end waits for
 * nobody.
 */
static void
end_report(struct run *run)
{
	struct report *report = run->around.report;
	struct event event = { .kind = EVENT_EXIT };
	struct error error;
	int64_t until;

	if (report == NULL)
		return;
	until = run->result < 0 ? 0 : clock_now() + SINK_PATIENCE;
	report_drain(report, until);
	if (report_events_failed(report, &error))
		run_fail(run, STATUS_WRITE, &error);
	event.status = (enum status)(run->result < 0 ? 128 - run->result :
	    run->result);
	event.name = run->result < 0 ? "signal" :
	    run->of_command ? "command" : NULL;
	report_event(report, &event);
	report_drain(report, until);
	if (run->result == STATUS_OK && report_events_failed(report, &error))
		run_fail(run, STATUS_WRITE, &error);
	report_free(report);
}
