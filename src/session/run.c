/*
 * The loop.  The one switch over kinds of owners stands here; all others
 * are about what a thing is in itself.
 */

#include "config.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/notify.h"
#include "net/signals.h"
#include "session/run.h"

enum owner_kind {
	OWNER_RUN,		/* the deadline */
	OWNER_SIGNALS,
	OWNER_REPORT,
	OWNER_SERVER,
	OWNER_SESSION
};

struct run {
	const struct plan	*plan;
	struct surroundings	 around;
	struct ready		 ready;
	struct owner		 clock;
	struct owner		 signals;
	int			 signals_fd;
	struct server		 server;
	struct session		 session;
	bool			 busy;		/* the session is on */
	bool			 over;
	int			 result;	/* status, or -signal */
	uint64_t		 sent;		/* by sessions that are over */
	uint64_t		 received;
	int64_t			 started;
};

/* From start to end. */
static int	fail_alone(const struct plan *, const struct error *);
static int	run_open(struct run *, struct plan *);
static int	run_start(struct run *);
static void	run_loop(struct run *);
static void	run_close(struct run *);
static void	run_end(struct run *, int);
static void	run_fail(struct run *, enum status, const char *);

/* What fired. */
static void	advance(struct run *, struct owner *);
static void	advance_clock(struct run *);
static void	advance_signals(struct run *);
static void	advance_server(struct run *);
static void	advance_session(struct run *);

static void	announce(struct run *);
static void	take_client(struct run *, int, const struct address *);
static void	end_session(struct run *);
static bool	ends_run(const struct run *, int);
static void	interrupt(struct run *, int);
static void	tell_stats(struct run *);

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
	around->report = report_new(plan->verbose, plan->quiet, OWNER_REPORT);
	if (around->report == NULL)
		return -1;
	around->watch = watch_new(&error);
	if (around->watch == NULL)
		goto failed;
	report_attach(around->report, around->watch);
	run->signals_fd = signals_open(&error);
	if (run->signals_fd == -1)
		goto failed;
	stream_open_input(&around->input);
	if (plan->ready.background &&
	    around->input.rkind == DESCRIPTOR_TERMINAL)
		around->input.rkind = DESCRIPTOR_NULL;
	stream_open_output(&around->output);
	plan->rules.escape = plan->escape == ESCAPE_ALWAYS ||
	    (plan->escape == ESCAPE_AUTO &&
	    around->output.wkind == DESCRIPTOR_TERMINAL);
	return 0;
failed:
	report_error(around->report, STATUS_ERROR, error.text);
	return -1;
}

static int
run_start(struct run *run)
{
	struct watch *watch = run->around.watch;
	struct step *dial;

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
		return 0;
	}
	dial = dial_new(&run->plan->dial, run->around.report);
	if (dial == NULL) {
		run_fail(run, STATUS_ERROR, "connect: out of memory");
		return -1;
	}
	session_raise(&run->session, &run->around, OWNER_SESSION, dial);
	run->busy = true;
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

	if (run->busy)
		session_close(&run->session);
	if (run->server.around != NULL)
		server_close(&run->server);
	ready_end(&run->ready, run->result);
	if (around->input.ops != NULL)
		stream_close(&around->input, around->watch);
	if (around->output.ops != NULL)
		stream_close(&around->output, around->watch);
	tubes_clear(&around->tubes);
	report_free(around->report);
	watch_free(around->watch);
}

/* The first failure decides. */
static void
run_end(struct run *run, int result)
{
	run->over = true;
	if (run->result == STATUS_OK)
		run->result = result;
}

static void
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
		advance_signals(run);
		return;
	case OWNER_REPORT:
		report_advance(run->around.report);
		return;
	case OWNER_SERVER:
		advance_server(run);
		return;
	case OWNER_SESSION:
		advance_session(run);
		return;
	}
}

static void
advance_clock(struct run *run)
{
	char seconds[32], text[80];

	if (run->busy && run->session.status != STATUS_OK) {
		run_end(run, run->session.status);
		return;
	}
	(void)snprintf(text, sizeof(text), "not done within %s s (--deadline)",
	    units_seconds(run->plan->deadline, seconds, sizeof(seconds)));
	if (run->busy)
		run->session.status = STATUS_TIMEOUT;
	run_fail(run, STATUS_TIMEOUT, text);
}

static void
advance_signals(struct run *run)
{
	int number;

	while (!run->over && (number = signals_next(run->signals_fd)) != 0) {
		if (number == SIGHUP || number == SIGINT || number == SIGTERM)
			interrupt(run, number);
		else
			tell_stats(run);
	}
}

static void
interrupt(struct run *run, int number)
{
	struct event event = { .kind = EVENT_SIGNAL };
	char text[128], tail[64] = "";
	uint64_t left;

	left = run->busy ? session_interrupt(&run->session) : 0;
	if (left > 0)
		(void)snprintf(tail, sizeof(tail), " (%" PRIu64
		    " bytes not delivered)", left);
	(void)snprintf(text, sizeof(text), "ended by a signal: %s%s",
	    strsignal(number), tail);
	event.message = text;
	report_event(run->around.report, &event);
	run->over = true;
	run->result = -number;
}

static void
tell_stats(struct run *run)
{
	struct event event = {
		.kind = EVENT_STATS,
		.sent = run->sent,
		.received = run->received,
		.elapsed_ns = clock_now() - run->started
	};

	if (run->busy) {
		event.sent += run->session.out.given;
		event.received += run->session.in.given;
	}
	report_event(run->around.report, &event);
}

static void
advance_server(struct run *run)
{
	struct address peer;
	struct failure failure;
	int fd;

	if (run->busy) {
		server_prepare(&run->server, true);
		return;
	}
	switch (server_advance(&run->server, &fd, &peer, &failure)) {
	case SERVER_WAIT:
		break;
	case SERVER_LISTENING:
		announce(run);
		break;
	case SERVER_CLIENT:
		take_client(run, fd, &peer);
		break;
	case SERVER_FAILED:
		run_fail(run, failure.status, failure.error.text);
		break;
	}
	if (!run->over)
		server_prepare(&run->server, run->busy);
}

static void
announce(struct run *run)
{
	const struct server *server = &run->server;
	struct event event = { .kind = EVENT_LISTENING };
	enum status status;
	struct error error;
	size_t i;

	for (i = 0; i < server->count; i++) {
		event.local = server->addresses[i];
		report_event(run->around.report, &event);
	}
	if (ready_announce(&run->ready, server->addresses, server->count,
	    &status, &error) == -1) {
		run_fail(run, status, error.text);
		return;
	}
	event.kind = EVENT_WARNING;
	event.message = error.text;
	if (notify_send("READY=1", &error) == -1)
		report_event(run->around.report, &event);
}

/* Without -k this was the one: nobody else gets as far as the backlog. */
static void
take_client(struct run *run, int fd, const struct address *peer)
{
	session_accept(&run->session, &run->around, OWNER_SESSION,
	    run->server.clients, fd, peer);
	run->busy = true;
	if (!run->plan->rules.keep_open)
		server_close(&run->server);
}

static void
advance_session(struct run *run)
{
	if (session_advance(&run->session))
		end_session(run);
}

static void
end_session(struct run *run)
{
	int status = run->session.status;

	run->sent += run->session.out.given;
	run->received += run->session.in.given;
	session_close(&run->session);
	run->busy = false;
	if (run->result == STATUS_OK)
		run->result = status;
	if (ends_run(run, status))
		run_end(run, status);
	else
		watch_touch(run->around.watch, &run->server.owner);
}

/* With -k a session's failure is its own, unless it is that of our ends. */
static bool
ends_run(const struct run *run, int status)
{
	return !run->plan->rules.keep_open || status == STATUS_WRITE ||
	    status == STATUS_READ;
}
