/* Sessions of datagrams: their flows, their ends, and what those mean. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "session/datagrams.h"
#include "session/filters.h"
#include "session/judge.h"
#include "session/judge_records.h"

static void	datagrams_start(struct session *);
static bool	datagrams_may_send(const struct session *);
static uint64_t	datagrams_meter(const struct session *);
static bool	datagrams_judge(struct session *);
static void	datagrams_prepare(struct session *);
static uint64_t	datagrams_lost(const struct session *);
static void	datagrams_end(struct session *);

static void	tell_senders(struct session *);
static void	tell_unanswered(struct session *);
static bool	try_next(struct session *);
static void	judge_cut_on_the_way(struct session *);
static void	judge_receiving(struct session *);
static void	judge_cut(struct session *);
static bool	sender_is_done(struct session *);
static void	judge_idle(struct session *);
static void	no_answer(struct session *);
static bool	receiver_is_done(struct session *);
static void	none_came(struct session *);
static bool	replies_are_out(struct session *);
static bool	is_quiet(const struct flow *);
static void	judge_end(struct session *);
static void	tell_refusal(struct session *, struct post *);
static void	judge_losses(struct session *);

const struct conduct conduct_datagrams = {
	.start = datagrams_start,
	.may_send = datagrams_may_send,
	.meter = datagrams_meter,
	.judge = datagrams_judge,
	.prepare = datagrams_prepare,
	.lost = datagrams_lost,
	.end = datagrams_end
};

static void
datagrams_start(struct session *session)
{
	struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	const struct datagram_rules *datagrams = &rules->datagrams;
	struct post *post = post_of(&session->far.own);
	bool takes = rules->listening || datagrams->answers > 0;

	if (session->out.mover != NULL) {
		records_turn(&session->out, post->stuck);
		return;
	}
	post->allowed = allowed_any(&rules->allowed) ? NULL : &rules->allowed;
	post->names = rules->listening &&
	    report_tells(around->report, EVENT_HEARD);
	post->peers = datagrams->peers;
	post->peer = datagrams->peer;
	flow_init(&session->out, &around->input, &session->far.own,
	    filters_sending(session));
	flow_init(&session->in, &session->far.own, takes ? &around->output :
	    NULL, filters_receiving(session));
	if (rules->listening && !datagrams->replies)
		flow_cut(&session->out);
	session->moved_at = session->started;
	session->deadline = rules->listening && rules->timeout >= 0 ?
	    clock_after(session->started, rules->timeout) : CLOCK_NEVER;
}

static bool
datagrams_may_send(const struct session *session)
{
	return post_of(&session->far.own)->answer_fd != -1;
}

static bool
datagrams_judge(struct session *session)
{
	bool done;

	tell_senders(session);
	tell_unanswered(session);
	judge_records_sent(session, "standard input");
	judge_cut_on_the_way(session);
	judge_receiving(session);
	if (session->status == STATUS_OK)
		done = session->around->rules->listening ?
		    receiver_is_done(session) : sender_is_done(session);
	else
		done = true;
	if (done)
		post_finish(&session->far.own);
	if (try_next(session))
		return false;
	if (done)
		judge_end(session);
	return done;
}

static void
tell_senders(struct session *session)
{
	struct post *post = post_of(&session->far.own);
	struct report *report = session->around->report;
	struct event event = {
		.kind = EVENT_HEARD, .place = session->around->rules->place
	};
	const struct sender *sender;

	while ((sender = senders_meet(&post->senders)) != NULL) {
		event.peer = sender->first.peer;
		event.local = sender->first.local;
		event.who = sender->first.has_who ? &sender->first.who : NULL;
		report_event(report, &event);
	}
	judge_denied(session->around, post);
}

/* At once, and once; it is what the run ends with. */
static void
tell_unanswered(struct session *session)
{
	const struct post *post = post_of(&session->far.own);
	struct error error;

	if (post->icmp || !post->answers || post->refused == 0 ||
	    session->refused)
		return;
	session->refused = true;
	error_setx(&error, "answer on %s: %s", session->around->rules->place,
	    post->refused == EDESTADDRREQ ? "who asked has no address" :
	    strerror(post->refused));
	error.code = post->refused;
	report_error(session->around->report, STATUS_SEND, &error);
}

/* Was all refused, and is there another address to send it to? */
static bool
try_next(struct session *session)
{
	struct watch *watch = session->around->watch;

	if (session->status != STATUS_OK || session->cut ||
	    !leg_again(&session->far, watch))
		return false;
	session->stage = SESSION_KNOCKING;
	session->asked = false;
	watch_touch(watch, &session->owner);
	return true;
}

static void
judge_receiving(struct session *session)
{
	const struct flow *in = &session->in;
	const struct rules *rules = session->around->rules;
	char here[ADDRESS_TEXT];

	if (session->around->output.error != 0 && in->sink != NULL &&
	    in->stage == FLOW_OVER && in->end == FLOW_SINK_FAILED)
		judge_fail_by(session, STATUS_WRITE,
		    session->around->output.error, "standard output: %s",
		    strerror(session->around->output.error));
	else if (post_of(&session->far.own)->cut > 0)
		judge_cut(session);
	else if (in->end == FLOW_SOURCE_FAILED)
		judge_fail_by(session, STATUS_RECEIVE,
		    session->far.own.error, "receive on %s: %s",
		    judge_here(session->around, &session->far.own, here,
		    sizeof(here)), strerror(session->far.own.error));
	else if (in->end == FLOW_LIMIT && in->stage == FLOW_OVER)
		judge_fail(session, STATUS_SIZE, "receive on %s: more than %"
		    PRIu64 " bytes (--max-recv)", judge_here(session->around,
		    &session->far.own, here, sizeof(here)), rules->max_recv);
}

/* What came before a datagram that was too long is written out. */
static void
judge_cut(struct session *session)
{
	struct flow *in = &session->in;

	if (in->stage == FLOW_OVER) {
		judge_long_came(session);
	} else if (!in->stopped) {
		flow_stop(in);
		watch_touch(session->around->watch, &session->owner);
	}
}

/* All is sent, and the answers that are wanted are there. */
static bool
sender_is_done(struct session *session)
{
	const struct datagram_rules *rules =
	    &session->around->rules->datagrams;
	int64_t now = watch_time(session->around->watch);
	struct flow *in = &session->in;

	if (session->out.stage != FLOW_OVER) {
		judge_idle(session);
		return session->status != STATUS_OK;
	}
	if (rules->answers == 0 || in->stage == FLOW_OVER)
		return true;
	if (!session->asked)
		session->deadline = clock_after(now, rules->wait);
	session->asked = true;
	if (post_all_refused(&session->far.own))
		return true;
	if (now < session->deadline || !is_quiet(in))
		return false;
	if (!rules->all_answers || records_taken(in) == 0)
		no_answer(session);
	return true;
}

/* Neither is there input, nor could any be sent. */
static void
judge_idle(struct session *session)
{
	const struct rules *rules = session->around->rules;
	char peer[ADDRESS_TEXT], seconds[32];

	session->deadline = clock_after(session->moved_at, rules->idle);
	if (watch_time(session->around->watch) >= session->deadline)
		judge_fail(session, STATUS_TIMEOUT, "session with %s: nothing "
		    "moved for %s s (--idle-timeout)", judge_who(session, peer,
		    sizeof(peer)), units_seconds(rules->idle, seconds,
		    sizeof(seconds)));
}

static void
no_answer(struct session *session)
{
	const struct datagram_rules *rules =
	    &session->around->rules->datagrams;
	uint64_t came = records_taken(&session->in);
	char peer[ADDRESS_TEXT], seconds[32];

	judge_fail(session, STATUS_TIMEOUT, "%s: %" PRIu64 " answer%s within "
	    "%s s (--timeout)", judge_who(session, peer, sizeof(peer)), came,
	    came == 1 ? "" : "s", units_seconds(rules->wait, seconds,
	    sizeof(seconds)));
}

/*
 * Time runs out: without any datagram that is a failure, after one the end
 * of what is to be received.
 */
static bool
receiver_is_done(struct session *session)
{
	const struct rules *rules = session->around->rules;
	int64_t now = watch_time(session->around->watch);
	struct flow *in = &session->in;

	if (in->stage == FLOW_OVER)
		return !rules->datagrams.replies || replies_are_out(session);
	if (records_taken(in) > 0)
		session->deadline = clock_after(session->moved_at,
		    rules->idle);
	if (now < session->deadline || !is_quiet(in))
		return false;
	if (records_taken(in) > 0)
		return !rules->datagrams.replies || replies_are_out(session);
	none_came(session);
	return true;
}

static void
none_came(struct session *session)
{
	bool denied = post_all_denied(&session->far.own);
	char here[ADDRESS_TEXT], seconds[32];

	judge_fail(session, denied ? STATUS_DENIED : STATUS_TIMEOUT,
	    "receive on %s: no datagram within %s s (--timeout)%s",
	    judge_here(session->around, &session->far.own, here,
	    sizeof(here)), units_seconds(session->around->rules->timeout,
	    seconds, sizeof(seconds)), denied ? ": all were refused" : "");
}

/* What was read of them; no more is. */
static bool
replies_are_out(struct session *session)
{
	struct flow *out = &session->out;

	if (out->stage == FLOW_OVER || !datagrams_may_send(session))
		return true;
	if (!out->stopped)
		watch_touch(session->around->watch, &session->owner);
	flow_stop(out);
	return false;
}

/* All that came was written out, and there is nothing more as yet. */
static bool
is_quiet(const struct flow *in)
{
	return in->stage == FLOW_MOVING && flow_held(in) == 0 &&
	    !in->source->readable;
}

static uint64_t
datagrams_meter(const struct session *session)
{
	const struct flow *in = &session->in, *out = &session->out;
	uint64_t meter = in->taken + records_taken(in);

	if (!session->around->rules->listening)
		meter += in->given + out->taken + out->given +
		    records_passed(out);
	return meter;
}

static void
datagrams_prepare(struct session *session)
{
	struct watch *watch = session->around->watch;
	const struct flow *in = &session->in;

	flow_prepare(&session->in, watch, &session->owner);
	if (datagrams_may_send(session))
		flow_prepare(&session->out, watch, &session->owner);
	if (is_quiet(in) ||
	    (in->stage == FLOW_OVER && !session->around->rules->listening))
		watch_until(watch, session->deadline);
}

static void
judge_end(struct session *session)
{
	struct post *post = post_of(&session->far.own);
	char peer[ADDRESS_TEXT];

	judge_cut_on_the_way(session);
	if (!session->around->rules->listening &&
	    post_all_refused(&session->far.own))
		judge_fail_by(session, STATUS_CONNECT, post->refused,
		    "send to %s: %s", judge_who(session, peer, sizeof(peer)),
		    strerror(post->refused));
	if (session->refused && session->status == STATUS_OK)
		session->status = STATUS_SEND;
	judge_losses(session);
}

/* Lost already, and said by a host on the way. */
static void
judge_cut_on_the_way(struct session *session)
{
	const struct post *post = post_of(&session->far.own);
	char peer[ADDRESS_TEXT];

	if (post->too_long)
		judge_fail_by(session, STATUS_SIZE, EMSGSIZE, "send to %s: a "
		    "datagram was lost, the path takes %zu bytes whole "
		    "(--datagram-size lets the system fragment it)",
		    judge_who(session, peer,
		    sizeof(peer)), stream_room(&session->far.own));
}

/* Answers that nobody wants are none. */
static uint64_t
datagrams_lost(const struct session *session)
{
	return session->in.sink == NULL ? 0 : post_lost(&session->far.own);
}

static void
datagrams_end(struct session *session)
{
	struct post *post = post_of(&session->far.own);

	if (post->refused != 0 && post->icmp &&
	    session->status != STATUS_CONNECT)
		tell_refusal(session, post);
	judge_losses(session);
}

/* Of some datagrams, of which others arrived. */
static void
tell_refusal(struct session *session, struct post *post)
{
	struct event event = { .kind = EVENT_WARNING };
	char peer[ADDRESS_TEXT], text[ADDRESS_TEXT + 100];

	(void)snprintf(text, sizeof(text), "send to %s: %s (some datagrams)",
	    judge_who(session, peer, sizeof(peer)), strerror(post->refused));
	event.message = text;
	report_event(session->around->report, &event);
}

static void
judge_losses(struct session *session)
{
	const struct rules *rules = session->around->rules;
	struct event event = { .kind = EVENT_WARNING };
	char text[ADDRESS_TEXT + 120];

	if (session->in.sink == NULL || session->counted ||
	    !judge_lost_text(session->around, &session->far.own, text,
	    sizeof(text)))
		return;
	session->counted = true;
	event.message = text;
	if (rules->datagrams.strict && session->status == STATUS_OK)
		judge_fail(session, STATUS_RECEIVE, "%s (--strict)", text);
	else
		report_event(session->around->report, &event);
}
