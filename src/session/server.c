/* Listening: who is taken, and who may come in. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "net/socket.h"
#include "session/manager.h"
#include "session/server.h"
#include "session/server_open.h"

/* What a session needs besides its client's descriptor, at most. */
#define SPARE	5

/* After descriptors ran out: when to look again. */
#define EXHAUSTED_NS	(100 * CLOCK_MS)

static enum server_result go_on(struct server *, int *, struct address *,
		    struct failure *);
static void	tell_reloaded(struct server *, const struct error *);
static enum server_result adopt(struct server *, int *, struct address *,
		    struct failure *);
static enum server_result take_client(struct server *, int *,
		    struct address *, struct failure *);
static bool	comes_by_proxy(struct server *, int,
		    const struct address *);
static bool	try_again(int);
static bool	exhausted(int);
static void	tell_exhausted(struct server *, int);

void
server_init(struct server *server, const struct listen_plan *plan,
    struct surroundings *around, int kind)
{
	struct rlimit limit;

	memset(server, 0, sizeof(*server));
	owner_init(&server->owner, kind);
	server->plan = plan;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		server->limit = limit.rlim_cur;
	access_init(&server->access, &plan->access);
	server->around = around;
	server->started = watch_time(around->watch);
	/* A connection that we were given is a client that came. */
	server->deadline = around->rules->timeout < 0 ||
	    server->plan->inherited.connected ? CLOCK_NEVER :
	    clock_after(server->started, around->rules->timeout);
	watch_touch(around->watch, &server->owner);
}

enum server_result
server_advance(struct server *server, int *fd, struct address *peer,
    struct failure *failure)
{
	struct surroundings *around = server->around;
	enum server_result result;
	char seconds[32];

	if (rules_use_output(around->rules))
		stream_hear(&around->output, around->watch);
	if (around->output.error != 0 && rules_use_output(around->rules)) {
		failure->status = STATUS_WRITE;
		error_set(&failure->error, around->output.error,
		    "standard output");
		return SERVER_FAILED;
	}
	result = go_on(server, fd, peer, failure);
	if (result != SERVER_WAIT)
		return result;
	if (server->admitted > 0 ||
	    watch_time(around->watch) < server->deadline)
		return SERVER_WAIT;
	failure->status = server_late(server);
	error_setx(&failure->error, "listen on %s: no client within %s s "
	    "(--timeout)%s", around->rules->target,
	    units_seconds(around->rules->timeout, seconds, sizeof(seconds)),
	    server->refused ? ": all were refused" : "");
	return SERVER_FAILED;
}

/* First of all the lists; while they are read again, the old ones hold. */
static enum server_result
go_on(struct server *server, int *fd, struct address *peer,
    struct failure *failure)
{
	const struct listen_plan *plan = server->plan;
	bool first = server->access.lists == NULL;

	if (server->access.stale) {
		switch (access_advance(&server->access,
		    server->around->watch, failure)) {
		case STEP_FAILED:
			if (first)
				return SERVER_FAILED;
			tell_reloaded(server, &failure->error);
			break;
		case STEP_WAIT:
			if (first)
				return SERVER_WAIT;
			break;
		case STEP_DONE:
			if (!first)
				tell_reloaded(server, NULL);
			break;
		}
	}
	if (server->count == 0 && plan->inherited.count > 0)
		return adopt(server, fd, peer, failure);
	if (server->count == 0)
		return server_open(server, failure);
	return server->full ? SERVER_WAIT :
	    take_client(server, fd, peer, failure);
}

enum status
server_late(const struct server *server)
{
	return server->refused && server->admitted == 0 ? STATUS_DENIED :
	    STATUS_TIMEOUT;
}

bool
server_rereads(const struct server *server)
{
	return server->around != NULL && access_has_files(&server->access);
}

void
server_reload(struct server *server)
{
	char text[64];

	if (!server_listens(server))
		return;
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%"
	    PRId64, clock_now() / 1000);
	manager_tell(server->around, text);
	access_reload(&server->access, server->around->watch);
	watch_touch(server->around->watch, &server->owner);
}

static void
tell_reloaded(struct server *server, const struct error *error)
{
	struct event event = { .kind = EVENT_WARNING };
	struct error text;

	if (error != NULL) {
		error_setx(&text, "%s: the lists stay as they were",
		    error->text);
		event.message = text.text;
		report_event(server->around->report, &event);
	}
	manager_tell(server->around, "READY=1");
}

void
server_prepare(struct server *server)
{
	struct surroundings *around = server->around;
	struct watch *watch = around->watch;
	struct owner *owner = &server->owner;
	bool busy = server->full;
	size_t i;

	watch_begin(watch, owner);
	access_prepare(&server->access, watch, owner);
	if (server->resolve != NULL)
		watch_want(watch, owner, resolve_fd(server->resolve),
		    WATCH_READ);
	if (!busy && server->resume_at == 0)
		for (i = 0; i < server->count; i++)
			watch_want(watch, owner, server->fds[i], WATCH_READ);
	if (!busy && rules_use_output(around->rules))
		stream_await_error(&around->output, watch, owner);
	if (!busy && server->resume_at != 0)
		watch_until(watch, server->resume_at);
	if (server->admitted == 0)
		watch_until(watch, server->deadline);
	watch_end(watch, owner);
}

bool
server_admit(struct server *server, const struct leg *leg)
{
	const struct rules *rules = server->around->rules;
	struct credentials room;
	struct event event = {
		.kind = EVENT_DENIED, .peer = leg->peer, .place = rules->place,
		.who = rules->path == NULL ? NULL : leg_who(leg, &room)
	};

	if (rules->path != NULL ? !allowed_has(&rules->allowed, event.who,
	    leg->own.rfd) : !access_admits(&server->access, &leg->peer)) {
		server->refused = true;
		leg_local(leg, &event.local);
		report_event(server->around->report, &event);
		return false;
	}
	server->admitted++;
	if (server->admitted == server->plan->max_accepts)
		server_close(server);
	return true;
}

bool
server_listens(const struct server *server)
{
	return server->around != NULL && !server->closed;
}

void
server_close(struct server *server)
{
	server->closed = true;
	watch_leave(server->around->watch, &server->owner);
	server_close_sockets(server);
	resolve_free(server->resolve);
	server->resolve = NULL;
	access_clear(&server->access, server->around->watch);
}

void
server_hand_over(struct server *server, struct unix_place *place)
{
	*place = server->place;
	server->place.name[0] = '\0';
	server->count = 0;
	server_close(server);
}

/* What others opened, once: afterwards they are like our own. */
static enum server_result
adopt(struct server *server, int *fd, struct address *peer,
    struct failure *failure)
{
	struct inherited inherited = server->plan->inherited;
	size_t i;

	if (server->adopted)
		return SERVER_WAIT;
	server->adopted = true;
	failure->status = STATUS_ERROR;
	if (inherit_take(&inherited, &failure->error) == -1)
		return SERVER_FAILED;
	if (inherited.connected) {
		*fd = inherited.fds[0];
		socket_peer(*fd, peer);
		failure->status = STATUS_DENIED;
		error_setx(&failure->error, "the client was refused");
		return comes_by_proxy(server, *fd, peer) ? SERVER_CLIENT :
		    SERVER_FAILED;
	}
	for (i = 0; i < inherited.count; i++) {
		server->fds[i] = inherited.fds[i];
		socket_local(server->fds[i], &server->addresses[i]);
	}
	server->count = inherited.count;
	return SERVER_LISTENING;
}

static enum server_result
take_client(struct server *server, int *fd, struct address *peer,
    struct failure *failure)
{
	size_t i;

	if (server->resume_at != 0 &&
	    watch_time(server->around->watch) < server->resume_at)
		return SERVER_WAIT;
	server->resume_at = 0;
	if (!server_can_serve(server)) {
		tell_exhausted(server, EMFILE);
		return SERVER_WAIT;
	}
	for (i = 0; i < server->count; i++) {
		/* One that others opened may block. */
		if (server->adopted && watch_fired(server->around->watch,
		    server->fds[i]) == 0)
			continue;
		*fd = server->adopted ? inherit_accept(server->fds[i], peer) :
		    socket_accept(server->fds[i], peer);
		if (*fd != -1) {
			server->told_exhausted = false;
			return comes_by_proxy(server, *fd, peer) ?
			    SERVER_CLIENT : SERVER_WAIT;
		}
		if (try_again(errno))
			continue;
		if (exhausted(errno)) {
			tell_exhausted(server, errno);
			return SERVER_WAIT;
		}
		error_set(&failure->error, errno, "accept");
		failure->status = STATUS_ERROR;
		return SERVER_FAILED;
	}
	return SERVER_WAIT;
}

/* Where so many may be in use already, try to have them. */
bool
server_can_serve(const struct server *server)
{
	const enum near_end near = server->around->rules->near;
	int spare[SPARE], count = 0, i;

	if (near == NEAR_STANDARD || near == NEAR_HUB ||
	    (server->sessions + 4) * (SPARE + 1) < server->limit)
		return true;
	while (count < SPARE && (spare[count] = fcntl(server->fds[0],
	    F_DUPFD_CLOEXEC, 0)) != -1)
		count++;
	for (i = 0; i < count; i++)
		(void)close(spare[i]);
	return count == SPARE;
}

/* With --accept-proxy nobody else's word is taken, nor that of clients. */
static bool
comes_by_proxy(struct server *server, int fd, const struct address *peer)
{
	struct event event = { .kind = EVENT_WARNING };
	char text[ADDRESS_TEXT];
	struct error error;

	if (!server->around->rules->accept_proxy ||
	    access_is_proxy(&server->access, peer))
		return true;
	error_setx(&error, "%s: not listed by --proxy-from",
	    address_text(peer, text, sizeof(text)));
	event.message = error.text;
	report_event(server->around->report, &event);
	server->refused = true;
	socket_abort(fd);
	(void)close(fd);
	return false;
}

/* Nobody there, or a client that went away before it was taken; accept(2). */
static bool
try_again(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
	case EPERM:
	case EPROTO:
	case ENOPROTOOPT:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static bool
exhausted(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* A listener stays readable all the while: stop asking, look again later. */
static void
tell_exhausted(struct server *server, int error)
{
	struct event event = { .kind = EVENT_WARNING };
	struct error text;

	server->resume_at = watch_time(server->around->watch) + EXHAUSTED_NS;
	if (server->told_exhausted)
		return;
	server->told_exhausted = true;
	error_set(&text, error, "accept");
	event.message = text.text;
	report_event(server->around->report, &event);
}
