/*
 * Commands of sessions.  While a command has the socket its bytes are the
 * kernel's business, and so is what we know of them: tcp_facts().
 */

#include "config.h"

#include <sys/socket.h>

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/tcp.h"
#include "session/command.h"
#include "session/filters.h"
#include "session/judge.h"
#include "session/judge_waits.h"

/* How often the socket is asked for a reset where no edge tells of it. */
#define ASK_NS		(250 * CLOCK_MS)

/* How often a process group is asked whether it has ended. */
#define GROUP_FIRST_NS	(1 * CLOCK_MS)
#define GROUP_LAST_NS	(100 * CLOCK_MS)

static bool	group_ended(struct session *);
static void	hear_socket(struct session *);
static void	kill_in_time(struct session *);
static void	arm(struct session *);

bool
command_takes_socket(const struct rules *rules)
{
	return !filters_wanted(rules) && rules->zero_copy &&
	    rules->type == SOCK_STREAM && rules->path == NULL &&
	    !rules->command.terminal && rules->max_send == UINT64_MAX &&
	    rules->max_recv == UINT64_MAX && (rules->idle < 0 ||
	    tcp_has_facts());
}

bool
command_runs(const struct session *session)
{
	return session->child != NULL && session->child->running;
}

bool
command_given(struct session *session)
{
	hear_socket(session);
	if (watch_time(session->around->watch) >= session->moved_at)
		session->moved_at = judge_given_idle(session);
	if (session->cut) {
		if (!command_runs(session))
			child_signal(session->child, SIGTERM);
		return true;
	}
	return !command_runs(session) && group_ended(session);
}

/*
 * A reset is seen, not taken: the command's own read is to tell it.
 */
static void
hear_socket(struct session *session)
{
	unsigned events = watch_fired(session->around->watch,
	    session->far.own.rfd);

	if (events & (WATCH_ERROR | WATCH_HUP))
		session->heard = true;
	if (events != 0 || !watch_has_edges())
		judge_given(session);
}

/* Others of its group may still have the socket. */
static bool
group_ended(struct session *session)
{
	struct child *child = session->child;

	if (!child_has_group(child))
		return true;
	child->asked_ns = child->asked_ns == 0 ? GROUP_FIRST_NS :
	    child->asked_ns * 2;
	if (child->asked_ns > GROUP_LAST_NS)
		child->asked_ns = GROUP_LAST_NS;
	session->deadline = watch_time(session->around->watch) +
	    child->asked_ns;
	return false;
}

void
command_given_prepare(struct session *session)
{
	struct watch *watch = session->around->watch;

	watch_until(watch, session->moved_at);
	if (!watch_has_edges())
		watch_until(watch, watch_time(watch) + ASK_NS);
	if (!session->heard)
		watch_want(watch, &session->owner, session->far.own.rfd,
		    session->probed ? WATCH_EDGE : WATCH_EDGE | WATCH_END);
}

void
command_left_terminal(struct session *session)
{
	if (session->child->terminal == -1)
		return;
	(void)close(session->child->terminal);
	session->child->terminal = -1;
	flow_discard(&session->in);
	watch_touch(session->around->watch, &session->owner);
}

void
command_end(struct session *session)
{
	session->stage = SESSION_ENDING;
	session->deadline = CLOCK_NEVER;
	if (session->killed == 1)
		child_signal(session->child, SIGTERM);
	session->forced = session->status == STATUS_TIMEOUT;
	if (session->cut || session->status != STATUS_OK ||
	    session->out.end != FLOW_DONE)
		arm(session);
}

bool
command_ended(struct session *session)
{
	if (!command_runs(session)) {
		if (session->killed > 0)
			child_signal(session->child, SIGKILL);
		return true;
	}
	kill_in_time(session);
	return false;
}

/* SIGTERM, and after the same time again SIGKILL. */
static void
kill_in_time(struct session *session)
{
	if (watch_time(session->around->watch) < session->deadline)
		return;
	session->deadline = CLOCK_NEVER;
	child_signal(session->child, session->killed == 0 ? SIGTERM :
	    SIGKILL);
	if (session->killed++ == 0)
		arm(session);
}

static void
arm(struct session *session)
{
	session->deadline = clock_after(watch_time(session->around->watch),
	    session->around->rules->command.kill_after);
}
