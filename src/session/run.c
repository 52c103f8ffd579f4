/*
 * The loop.  The one switch over kinds of owners stands here; all others
 * are about what a thing is in itself.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/signals.h"
#include "net/socket.h"
#include "session/console.h"
#include "session/manager.h"
#include "session/peers.h"
#include "session/run.h"
#include "session/sessions.h"
#include "steps/dial_unix.h"

enum owner_kind {
	OWNER_RUN,		/* the deadline */
	OWNER_SIGNALS,
	OWNER_REPORT,
	OWNER_SERVER,
	OWNER_PEERS,
	OWNER_SESSION,
	OWNER_HUB,
	OWNER_CONSOLE
};

struct run {
	const struct plan	*plan;
	struct surroundings	 around;
	struct ready		 ready;
	struct owner		 clock;
	struct owner		 signals;
	int			 signals_fd;
	struct server		 server;
	struct peers		 peers;		/* of datagrams; may be none */
	struct unix_place	 place;		/* where a local one receives */
	struct sessions		 sessions;
	struct console		 console;	/* of a hub; may be closed */
	uint32_t		 clients;	/* that came */
	bool			 cut;		/* by a limit */
	bool			 leaving;	/* only the console is on */
	bool			 dropped;	/* privileges were */
	bool			 draining;	/* SIGTERM came */
	bool			 over;
	int			 result;	/* status, or -signal */
	int64_t			 started;
};

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
static void	run_end(struct run *, int);
static void	run_fail(struct run *, enum status, const char *);

/* What fired. */
static void	advance(struct run *, struct owner *);
static void	advance_clock(struct run *);
static void	finish(struct run *);
static void	advance_signals(struct run *);
static void	advance_server(struct run *);
static void	advance_peers(struct run *);
static void	advance_session(struct run *, struct session *);
static void	advance_console(struct run *);

static void	announce(struct run *);
static void	start_datagrams(struct run *);
static int	open_datagrams(struct run *, size_t);
static const char *no_room(struct run *);
static void	take_peer(struct run *, const struct batch *);
static int	give_up_privileges(struct run *);
static bool	is_full(const struct run *);
static void	take_client(struct run *, int, const struct address *);
static bool	admits(struct run *, const struct leg *);
static bool	trusts(struct run *, const struct leg *);
static bool	too_many(struct run *, const struct address *);
static void	end_session(struct run *, struct session *);
static void	last_gone(struct run *);
static int	outcome(const struct run *, const struct session *);
static bool	ends_run(const struct run *, int);
static bool	may_drain(const struct run *);
static void	drain(struct run *);
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
	around->kind = OWNER_SESSION;
	around->manager = -1;
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
	report_error(around->report, STATUS_ERROR, error.text);
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

	unix_place_leave(&run->place);
	sessions_clear(&run->sessions);
	if (peers_close(&run->peers) != STATUS_OK)
		run_end(run, STATUS_RECEIVE);
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
	manager_close(around);
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
	case OWNER_PEERS:
		advance_peers(run);
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
	enum status status = server_late(&run->server);
	char seconds[32], text[120];
	size_t i;

	if (run->draining) {
		interrupt(run, SIGTERM);
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
		last_gone(run);
}

static void
advance_signals(struct run *run)
{
	int number;

	while (!run->over && (number = signals_next(run->signals_fd)) != 0) {
		if (number == SIGHUP && server_rereads(&run->server))
			server_reload(&run->server);
		else if (number == SIGTERM && may_drain(run))
			drain(run);
		else if (number == SIGHUP || number == SIGINT ||
		    number == SIGTERM)
			interrupt(run, number);
		else if (number == SIGCHLD)
			children_reap(&run->around.children,
			    run->around.watch);
		else
			tell_stats(run);
	}
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

static void
interrupt(struct run *run, int number)
{
	struct event event = { .kind = EVENT_SIGNAL };
	char text[128], tail[64] = "";
	uint64_t left = 0;
	size_t i;

	if (run->plan->rules.listening && !run->draining)
		manager_tell(&run->around, "STOPPING=1");
	for (i = 0; i < run->sessions.count; i++)
		left += session_interrupt(run->sessions.list[i]);
	left += console_interrupt(&run->console);
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
		.elapsed_ns = clock_now() - run->started
	};

	sessions_count(&run->sessions, &event.sent, &event.received);
	report_event(run->around.report, &event);
}

static void
advance_server(struct run *run)
{
	struct address peer;
	struct failure failure;
	int fd;

	run->server.full = is_full(run);
	run->server.sessions = run->sessions.count;
	switch (server_advance(&run->server, &fd, &peer, &failure)) {
	case SERVER_WAIT:
		break;
	case SERVER_LISTENING:
		announce(run);
		break;
	case SERVER_CLIENT:
		if (give_up_privileges(run) == 0)
			take_client(run, fd, &peer);
		else
			(void)close(fd);
		break;
	case SERVER_FAILED:
		run_fail(run, failure.status, failure.error.text);
		break;
	}
	run->server.full = is_full(run);
	if (!run->over && server_listens(&run->server))
		server_prepare(&run->server);
}

/* Before anyone is served, and once. */
static int
give_up_privileges(struct run *run)
{
	struct error error;

	if (run->dropped)
		return 0;
	if (privilege_drop(&run->plan->privilege, &error) == -1) {
		run_fail(run, STATUS_ERROR, error.text);
		return -1;
	}
	run->dropped = true;
	return 0;
}

static bool
is_full(const struct run *run)
{
	return run->sessions.count >= run->plan->listen.max_conns;
}

static void
announce(struct run *run)
{
	const struct server *server = &run->server;
	const struct rules *rules = &run->plan->rules;
	struct event event = {
		.kind = EVENT_LISTENING,
		.place = rules->place
	};
	enum status status;
	struct error error;
	size_t i;

	for (i = 0; i < server->count; i++) {
		event.local = server->addresses[i];
		report_event(run->around.report, &event);
	}
	if (give_up_privileges(run) == -1)
		return;
	if (ready_announce(&run->ready, server->addresses, server->count,
	    rules->path, &status, &error) == -1) {
		run_fail(run, status, error.text);
		return;
	}
	manager_tell(&run->around, "READY=1");
	if (rules->type == SOCK_DGRAM)
		start_datagrams(run);
}

static void
start_datagrams(struct run *run)
{
	size_t count = run->server.count;

	server_hand_over(&run->server, &run->place);
	if (open_datagrams(run, count) == -1)
		run_fail(run, STATUS_ERROR, "listen: out of memory");
}

/* Our standard streams have all that comes as one session. */
static int
open_datagrams(struct run *run, size_t count)
{
	struct session *session;

	if (run->plan->rules.near != NEAR_STANDARD)
		return peers_open(&run->peers, &run->around, OWNER_PEERS,
		    run->server.fds, count);
	session = sessions_new(&run->sessions);
	return session == NULL ? -1 : session_accept_datagrams(session,
	    &run->around, run->server.fds, count);
}

static void
advance_peers(struct run *run)
{
	struct peers *peers = &run->peers;
	enum peers_result result;
	struct failure failure;

	while ((result = peers_advance(peers, &failure)) == PEERS_NEW) {
		peers->full = no_room(run);
		if (peers->full == NULL)
			take_peer(run, peers->offered);
	}
	if (result == PEERS_FAILED)
		run_fail(run, failure.status, failure.error.text);
	else if (result == PEERS_ENDED && run->sessions.count == 0)
		last_gone(run);
	if (!run->over)
		peers_prepare(peers);
}

/* For one peer more; NULL: there is. */
static const char *
no_room(struct run *run)
{
	run->server.sessions = run->sessions.count;
	if (is_full(run))
		return "too many peers at once (--max-conns)";
	return server_can_serve(&run->server) ? NULL :
	    "too many open files";
}

static void
take_peer(struct run *run, const struct batch *batch)
{
	struct session *session = sessions_new(&run->sessions);
	struct event event = {
		.kind = EVENT_WARNING, .message = "receive: out of memory"
	};

	if (session == NULL || session_accept_peer(session, &run->around,
	    ++run->clients, &run->peers.boxes, batch) == -1)
		report_event(run->around.report, &event);
}

static void
take_client(struct run *run, int fd, const struct address *peer)
{
	struct session *session;
	struct event event = {
		.kind = EVENT_WARNING, .message = "accept: out of memory"
	};

	session = sessions_new(&run->sessions);
	if (session == NULL) {
		report_event(run->around.report, &event);
		socket_abort(fd);
		(void)close(fd);
		return;
	}
	if (session_accept(session, &run->around, ++run->clients, fd,
	    peer) == -1)
		report_event(run->around.report, &event);
}

static bool
too_many(struct run *run, const struct address *peer)
{
	struct event event = { .kind = EVENT_WARNING };
	uint32_t most = run->plan->listen.max_per_host;
	char host[ADDRESS_TEXT], text[128];

	if (most == 0 || sessions_with(&run->sessions, peer) <= most)
		return false;
	(void)snprintf(text, sizeof(text), "%s: more than %" PRIu32
	    " connections at once (--max-conns-per-host)",
	    address_host(peer, host, sizeof(host)), most);
	event.message = text;
	report_event(run->around.report, &event);
	return true;
}

static void
advance_session(struct run *run, struct session *session)
{
	enum session_turn turn = session_advance(session);

	if (turn == SESSION_ASKS) {
		if (admits(run, &session->far))
			session_admit(session);
		else
			session_refuse(session);
		turn = session_advance(session);
	}
	if (turn == SESSION_ENDED)
		end_session(run, session);
}

/* Others may have come in while it was not known who this one is. */
static bool
admits(struct run *run, const struct leg *leg)
{
	if (run->plan->rules.type == SOCK_DGRAM)
		return true;
	if (!run->plan->rules.listening)
		return trusts(run, leg);
	if (!server_listens(&run->server) || too_many(run, &leg->peer))
		return false;
	return server_admit(&run->server, leg);
}

/* Is the server of a local socket one of those that are allowed? */
static bool
trusts(struct run *run, const struct leg *leg)
{
	const struct rules *rules = &run->plan->rules;
	const struct credentials *who;
	struct credentials room;
	struct error error;

	if (rules->path == NULL || allowed_any(&rules->allowed))
		return true;
	who = leg_who(leg, &room);
	if (allowed_has(&rules->allowed, who, leg->own.rfd))
		return true;
	if (who == NULL)
		error_set(&error, errno, "connect to %s: whose it is cannot "
		    "be known", rules->place);
	else
		error_setx(&error, "connect to %s: of uid %ju, gid %ju, which "
		    "--allow-uid and --allow-gid do not name", rules->place,
		    (uintmax_t)who->uid, (uintmax_t)who->gid);
	report_error(run->around.report, STATUS_DENIED, error.text);
	return false;
}

static void
end_session(struct run *run, struct session *session)
{
	int status = outcome(run, session);

	sessions_end(&run->sessions, session);
	if (run->result == STATUS_OK)
		run->result = status;
	if (!run->cut && ends_run(run, status))
		finish(run);
	else if (server_listens(&run->server))
		watch_touch(run->around.watch, &run->server.owner);
	else if (run->sessions.count == 0 && !run->peers.open)
		last_gone(run);
}

/* What was said is still written. */
static void
last_gone(struct run *run)
{
	run->leaving = true;
	if (!run->cut && !console_finish(&run->console))
		return;
	if (run->draining)
		interrupt(run, SIGTERM);
	run->over = true;
}

static void
advance_console(struct run *run)
{
	struct failure failure;

	if (console_advance(&run->console, &failure) == -1)
		run_fail(run, failure.status, failure.error.text);
	else if (run->leaving)
		last_gone(run);
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

	if (session->status == STATUS_DENIED && !only)
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
