/* Signals: to end at once or in order, to read lists again, to tell. */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "net/signals.h"
#include "session/judge.h"
#include "session/manager.h"
#include "session/run_state.h"

static bool	is_to_end(const struct run *, int);
static bool	may_drain(const struct run *);
static void	drain(struct run *);

void
run_advance_signals(struct run *run)
{
	int number;

	while (!run->over && (number = signals_next(run->signals_fd)) != 0) {
		if (number == SIGTERM && may_drain(run))
			drain(run);
		else if (is_to_end(run, number))
			run_interrupt(run, number);
		else if (number == SIGHUP)
			server_reload(&run->server);
		else if (number == SIGCHLD)
			children_reap(&run->around.children,
			    run->around.watch);
		else if (number == SIGWINCH)
			gauge_redraw(&run->gauge);
		else
			run_tell_stats(run);
	}
}

void
run_advance_last_signals(struct run *run)
{
	int number;

	while (run->result == STATUS_OK &&
	    (number = signals_next(run->signals_fd)) != 0)
		if (is_to_end(run, number))
			run_interrupt(run, number);
}

static bool
is_to_end(const struct run *run, int number)
{
	return number == SIGINT || number == SIGTERM ||
	    (number == SIGHUP && !server_rereads(&run->server));
}

static bool
may_drain(const struct run *run)
{
	return run->plan->drain >= 0 && !run->draining &&
	    run->sessions.count > 0;
}

/* No new clients; those that are here may finish, for a time. */
static void
drain(struct run *run)
{
	struct watch *watch = run->around.watch;

	manager_tell(&run->around, "STOPPING=1");
	run->draining = true;
	if (server_listens(&run->server))
		server_close(&run->server);
	watch_begin(watch, &run->clock);
	watch_until(watch, clock_after(watch_time(watch),
	    run->plan->drain));
	watch_until(watch, clock_after(run->started, run->plan->deadline));
	watch_end(watch, &run->clock);
}

void
run_interrupt(struct run *run, int number)
{
	struct event event = { .kind = EVENT_SIGNAL };
	char text[128], tail[64];
	uint64_t left = 0;
	size_t i;

	if (run->plan->rules.listening && !run->draining)
		manager_tell(&run->around, "STOPPING=1");
	for (i = 0; i < run->sessions.count; i++)
		left += session_interrupt(run->sessions.list[i]);
	left += console_interrupt(&run->console);
	(void)snprintf(text, sizeof(text), "ended by a signal: %s%s",
	    strsignal(number), judge_left(left, tail, sizeof(tail)));
	event.message = text;
	gauge_finish(&run->gauge);
	report_event(run->around.report, &event);
	run->over = true;
	run->result = -number;
}
