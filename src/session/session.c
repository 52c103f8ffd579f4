/*
 * Sessions.  Each turn: hear what fired, advance the flows, judge what
 * their ends mean, say anew what is waited for.
 */

#include "config.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/tcp.h"
#include "session/command.h"
#include "session/connection.h"
#include "session/datagrams.h"
#include "session/details.h"
#include "session/filters.h"
#include "session/judge.h"
#include "session/peer.h"
#include "session/raise.h"

/* Stages. */
static void	begin(struct session *, struct surroundings *);
static void	hear(struct session *);
static void	stand(struct session *);
static void	ask_given(const struct session *, struct tcp_facts *);
static void	start_after_gift(struct session *);
static void	move(struct session *);
static void	heed_gate(struct session *, const struct flow *);
static void	end(struct session *);
static void	prepare(struct session *);

/*
 * 10,000 of them are to cost nothing: with what malloc(3) and the lists add
 * 512 bytes each.
 */
static_assert(sizeof(struct session) <= 360,
    "sessions, legs and flows stay small");
static_assert(sizeof(struct member) <= 104, "and so do members");

void
surroundings_set_terms(struct surroundings *around)
{
	const struct rules *rules = around->rules;

	around->conduct = rules->type != SOCK_DGRAM ? &conduct_connection :
	    rules->near == NEAR_STANDARD ? &conduct_datagrams : &conduct_peer;
	around->plain.tubes = &around->tubes;
	around->plain.limit = UINT64_MAX;
	around->sending = around->plain;
	around->sending.limit = rules->max_send;
	/* A terminal is no file. */
	around->sending.zero_copy = rules->zero_copy &&
	    !rules->command.terminal;
	around->receiving = around->sending;
	around->receiving.limit = rules->max_recv;
	if (rules->type != SOCK_STREAM) {
		around->sending.records = &rules->datagrams.sending;
		around->receiving.records = &rules->datagrams.receiving;
	}
	if (rules->rights.count > 0) {
		around->sending.rights = &rules->rights;
		around->sending.zero_copy = false;
	}
}

int
session_accept(struct session *session, struct surroundings *around,
    uint32_t number, int fd, const struct address *peer)
{
	begin(session, around);
	session->number = number;
	if (leg_stand(&session->far, fd, around->rules->type, peer) == -1) {
		(void)close(fd);
		session->stage = SESSION_OVER;
		return -1;
	}
	raise_begin_accepted(session);
	return 0;
}

int
session_accept_datagrams(struct session *session,
    struct surroundings *around, const int *fds, size_t count)
{
	begin(session, around);
	session->number = 1;
	if (leg_stand_post(&session->far, fds, count, NULL, NULL) == 0)
		return 0;
	while (count > 0)
		(void)close(fds[--count]);
	return -1;
}

int
session_accept_peer(struct session *session, struct surroundings *around,
    uint32_t number, struct mailboxes *boxes, const struct batch *batch)
{
	struct leg *far = &session->far;

	begin(session, around);
	session->number = number;
	far->local = malloc(sizeof(*far->local));
	if (far->local == NULL || mailbox_open(&far->own, boxes, batch,
	    &session->owner) == NULL) {
		session->stage = SESSION_OVER;
		return -1;
	}
	*far->local = batch->local;
	far->peer = *mailbox_peer(&far->own);
	address_unmap(&far->peer);
	return 0;
}

void
session_raise(struct session *session, struct surroundings *around,
    struct step *step)
{
	begin(session, around);
	session->number = 1;
	leg_raise(&session->far, step);
	raise_begin_dialled(session);
}

static void
begin(struct session *session, struct surroundings *around)
{
	const struct rules *rules = around->rules;

	owner_init(&session->owner, around->kind);
	session->around = around;
	session->started = watch_time(around->watch);
	session->deadline = rules->timeout < 0 ? CLOCK_NEVER :
	    clock_after(session->started, rules->timeout);
	watch_touch(around->watch, &session->owner);
}

enum session_turn
session_advance(struct session *session)
{
	hear(session);
	if (session->stage == SESSION_KNOCKING && raise_far(session))
		return SESSION_ASKS;
	if (session->stage == SESSION_RAISING && raise_near(session))
		stand(session);
	if (session->stage == SESSION_GIVEN && command_given(session)) {
		start_after_gift(session);
		if (session->cut)
			end(session);
	}
	if (session->stage == SESSION_MOVING)
		move(session);
	if (session->stage == SESSION_ENDING && command_ended(session))
		session->stage = SESSION_OVER;
	if (session->stage == SESSION_OVER)
		return SESSION_ENDED;
	prepare(session);
	return SESSION_GOES_ON;
}

void
session_admit(struct session *session)
{
	session->admitted = true;
	session->moved_at = watch_time(session->around->watch);
	session->stage = SESSION_RAISING;
	raise_begin_near(session);
}

void
session_refuse(struct session *session)
{
	session->stage = SESSION_OVER;
	session->status = STATUS_DENIED;
	session->abort = true;
}

static void
hear(struct session *session)
{
	struct watch *watch = session->around->watch;

	if (session->stage == SESSION_GIVEN || session->stage == SESSION_ENDING)
		return;
	if (session->around->rules->near == NEAR_STANDARD) {
		stream_hear(&session->around->input, watch);
		stream_hear(&session->around->output, watch);
	} else if (session->near != NULL && leg_has_stream(session->near)) {
		stream_hear(&session->near->own, watch);
	}
	if (leg_has_stream(&session->far))
		stream_hear(&session->far.own, watch);
}

/* Both legs stand: the payload's time has come. */
static void
stand(struct session *session)
{
	session->deadline = CLOCK_NEVER;
	session->started = watch_time(session->around->watch);
	if (session->child != NULL && session->near->own.rfd == -1) {
		session->stage = SESSION_GIVEN;
		session->given = true;
		details_standing(session);
		return;
	}
	session->stage = SESSION_MOVING;
	if (filters_open(session) == 0) {
		session->around->conduct->start(session);
		details_standing(session);
		return;
	}
	judge_fail_by(session, STATUS_ERROR, ENOMEM, "session: out of memory");
	end(session);
}

/* What the command, which has the socket, read and wrote, without headers. */
static void
ask_given(const struct session *session, struct tcp_facts *facts)
{
	const struct leg *far = &session->far;
	uint64_t out = far->head_out, in = far->head_in;

	tcp_ask(far->own.rfd, !session->around->rules->listening, facts);
	facts->written = facts->written < out ? 0 : facts->written - out;
	facts->acked = facts->acked < out ? 0 : facts->acked - out;
	facts->read = facts->read < in ? 0 : facts->read - in;
}

/*
 * The command had the socket, and has ended: what it wrote is to arrive,
 * what it left unread is dropped.
 */
static void
start_after_gift(struct session *session)
{
	struct surroundings *around = session->around;
	struct tcp_facts facts;

	judge_given(session);
	ask_given(session, &facts);
	session->deadline = CLOCK_NEVER;
	session->moved_at = watch_time(around->watch);
	session->stage = SESSION_MOVING;
	flow_init(&session->out, &session->near->own, &session->far.own,
	    &around->plain);
	flow_took(&session->out, facts.written);
	flow_gave(&session->out, facts.written);
	flow_stop(&session->out);
	flow_init(&session->in, &session->far.own, NULL, &around->plain);
	flow_took(&session->in, facts.read);
	flow_gave(&session->in, facts.read);
}

static void
move(struct session *session)
{
	const struct conduct *conduct = session->around->conduct;
	struct watch *watch = session->around->watch;
	int64_t now = watch_time(watch);
	uint64_t before = conduct->meter(session);

	flow_advance(&session->in, watch, now);
	if (conduct->may_send == NULL || conduct->may_send(session))
		flow_advance(&session->out, watch, now);
	details_ends(session);
	if (conduct->meter(session) != before ||
	    flow_waits_for_taps(&session->in))
		session->moved_at = now;
	heed_gate(session, &session->out);
	heed_gate(session, &session->in);
	filters_heed(session);
	if (conduct->judge(session) || session->cut)
		end(session);
}

/* To be held up on purpose is not to be idle. */
static void
heed_gate(struct session *session, const struct flow *flow)
{
	int64_t until;

	if (flow->stage == FLOW_OVER || flow->sink == NULL)
		return;
	until = flow_gated_until(flow);
	if (until > session->moved_at)
		session->moved_at = until;
}

/* All is over, but the command may not be. */
static void
end(struct session *session)
{
	if (!command_runs(session)) {
		session->stage = SESSION_OVER;
		return;
	}
	session_close_far(session);
	leg_close(session->near, session->around->watch);
	command_end(session);
}

static void
prepare(struct session *session)
{
	struct watch *watch = session->around->watch;
	struct owner *owner = &session->owner;
	const struct rules *rules = session->around->rules;

	watch_begin(watch, owner);
	switch ((enum session_stage)session->stage) {
	case SESSION_RAISING:
		raise_near_prepare(session, watch, owner);
		watch_want(watch, owner, session->far.own.wfd, 0);
		watch_until(watch, session->deadline);
		break;
	case SESSION_KNOCKING:
		leg_prepare(&session->far, watch, owner);
		if (rules_use_output(rules))
			stream_await_error(&session->around->output, watch,
			    owner);
		watch_until(watch, session->deadline);
		break;
	case SESSION_GIVEN:
		command_given_prepare(session);
		watch_until(watch, session->deadline);
		break;
	case SESSION_MOVING:
		session->around->conduct->prepare(session);
		break;
	case SESSION_ENDING:
		watch_until(watch, session->deadline);
		break;
	case SESSION_OVER:
		break;
	}
	watch_end(watch, owner);
}

bool
rules_use_output(const struct rules *rules)
{
	return rules->near == NEAR_STANDARD && !rules->send_only;
}

uint64_t
session_undelivered(const struct session *session)
{
	uint64_t left, said;

	if (!leg_has_stream(&session->far))
		return 0;
	left = flow_undelivered(&session->out) +
	    records_uncut(&session->out) + stream_unacked(&session->far.own);
	said = flow_said(&session->out);
	return left > said ? left - said : 0;
}

void
session_counts(const struct session *session, uint64_t *sent,
    uint64_t *received)
{
	struct tcp_facts facts;

	*sent = session->out.given;
	*received = session->in.taken;
	if (session->stage != SESSION_GIVEN)
		return;
	ask_given(session, &facts);
	*sent = facts.acked;
	*received = facts.read;
}

int
session_result(const struct session *session)
{
	const struct child *child = session->child;
	int own;

	if (child == NULL || child->running || session->killed > 0 ||
	    session->forced)
		return session->status;
	own = child_status(child);
	if (own == 0 || (session->status != STATUS_OK &&
	    (own == 128 + SIGPIPE || own == 128 + SIGHUP)))
		return session->status;
	return own;
}
