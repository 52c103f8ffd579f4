/* Whoever comes: clients, and senders of datagrams. */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "net/socket.h"
#include "session/manager.h"
#include "session/run_state.h"

static void	announce(struct run *);
static int	give_up_privileges(struct run *);
static bool	is_full(const struct run *);
static void	take_client(struct run *, int, const struct address *);
static bool	too_many(struct run *, const struct leg *);
static bool	trusts(struct run *, const struct leg *);

/* Of datagrams. */
static void	start_datagrams(struct run *);
static int	open_datagrams(struct run *, size_t);
static const char *no_room(struct run *);
static void	take_peer(struct run *, const struct batch *);

void
run_advance_server(struct run *run)
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
		run_fail(run, failure.status, &failure.error);
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
		run_fail(run, STATUS_ERROR, &error);
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
		run_fail(run, status, &error);
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
	struct error error;

	server_hand_over(&run->server, &run->place);
	if (open_datagrams(run, count) == 0)
		return;
	error_setx(&error, "listen: out of memory");
	run_fail(run, STATUS_ERROR, &error);
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

void
run_advance_peers(struct run *run)
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
		run_fail(run, failure.status, &failure.error);
	else if (result == PEERS_ENDED && run->sessions.count == 0)
		run_last_gone(run);
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

/* People are told which host it is, programs who it was. */
static bool
too_many(struct run *run, const struct leg *leg)
{
	const struct address *peer = &leg->peer;
	struct event event = { .kind = EVENT_WARNING };
	struct event denied = {
		.kind = EVENT_DENIED, .peer = *peer, .told = true
	};
	uint32_t most = run->plan->listen.max_per_host;
	char host[ADDRESS_TEXT], text[128];

	if (most == 0 || sessions_with(&run->sessions, peer) < most)
		return false;
	(void)snprintf(text, sizeof(text), "%s: more than %" PRIu32
	    " connections at once (--max-conns-per-host)",
	    address_host(peer, host, sizeof(host)), most);
	event.message = text;
	report_event(run->around.report, &event);
	leg_local(leg, &denied.local);
	report_event(run->around.report, &denied);
	return true;
}

/* Others may have come in while it was not known who this one is. */
bool
run_admits(struct run *run, const struct leg *leg)
{
	if (run->plan->rules.type == SOCK_DGRAM)
		return true;
	if (!run->plan->rules.listening)
		return trusts(run, leg);
	if (!server_listens(&run->server) || too_many(run, leg))
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
	report_error(run->around.report, STATUS_DENIED, &error);
	return false;
}

enum status
run_late(const struct run *run)
{
	const struct stream *post = NULL;

	if (!run->plan->rules.listening || run->plan->rules.type != SOCK_DGRAM)
		return server_late(&run->server);
	if (run->peers.open)
		post = &run->peers.post;
	else if (run->sessions.count > 0)
		post = &run->sessions.list[0]->far.own;
	return post != NULL && post_all_denied(post) ? STATUS_DENIED :
	    STATUS_TIMEOUT;
}
