/* A session's own edits, gates and taps, as the rules want them. */

#include "config.h"

#include <sys/un.h>

#include <stdlib.h>

#include "filters/crlf.h"
#include "filters/edits.h"
#include "filters/escape.h"
#include "filters/pace.h"
#include "filters/telnet.h"
#include "net/socket.h"
#include "session/filters.h"

struct filters {
	struct flow_terms sending;
	struct flow_terms receiving;
	struct pace	 send_pace;
	struct pace	 receive_pace;
	struct crlf	 crlf;
	struct telnet	 telnet;
	struct escape	 escape;
	struct edits	 both_sent;	/* where there are two */
	struct edits	 both_received;
	struct tap_ends	 ends;		/* for the taps */
	struct address	 local;
	struct address	 peer;
	struct sockaddr_un peer_name;	/* where that is local */
	struct tap	*taps;
};

static bool	escapes(const struct rules *);
static void	set_edits(struct filters *, const struct rules *);
static void	add_edit(struct flow_terms *, struct edits *, struct edit *);
static void	set_gates(struct filters *, const struct rules *);
static int	set_taps(struct session *);

bool
filters_wanted(const struct rules *rules)
{
	return filters_option(rules, true) != NULL ||
	    filters_option(rules, false) != NULL;
}

/* In the order in which a flow has them; of a rate it can see less. */
const char *
filters_option(const struct rules *rules, bool sending)
{
	if (sending && rules->crlf)
		return "--crlf";
	if (rules->telnet)
		return "--telnet";
	if (!sending && escapes(rules))
		return rules->near == NEAR_HUB ? "--chat" : "--escape";
	if (sending && rules->pace.delay > 0)
		return "--delay";
	if (recorder_option(&rules->recorder) != NULL)
		return recorder_option(&rules->recorder);
	if (sending && rules->pace.records > 0)
		return "--pps";
	return rules->pace.bytes > 0 ? "--rate" : NULL;
}

/* Nobody's bytes are to reach a terminal raw, nor another's in a chat. */
static bool
escapes(const struct rules *rules)
{
	if (rules->near == NEAR_HUB)
		return rules->hub.kind == HUB_CHAT;
	return rules->escape && rules->near == NEAR_STANDARD &&
	    !rules->send_only;
}

int
filters_open(struct session *session)
{
	const struct surroundings *around = session->around;
	const struct rules *rules = around->rules;
	struct filters *filters;

	if (session->filters != NULL || !filters_wanted(rules))
		return 0;
	filters = calloc(1, sizeof(*filters));
	if (filters == NULL)
		return -1;
	session->filters = filters;
	filters->sending = around->sending;
	filters->sending.sends = true;
	filters->receiving = around->receiving;
	set_edits(filters, rules);
	/* Telnet marks commands as urgent, RFC 854. */
	if (rules->telnet)
		socket_keep_urgent(session->far.own.rfd);
	set_gates(filters, rules);
	return around->recorder == NULL ? 0 : set_taps(session);
}

static int
set_taps(struct session *session)
{
	struct filters *filters = session->filters;
	const struct rules *rules = session->around->rules;

	filters->peer = session->far.peer;
	/* That a local client has bound a name is known to nobody else. */
	if (rules->path != NULL && filters->peer.length == 0 &&
	    rules->listening && session->far.own.rfd != -1)
		socket_peer_name(session->far.own.rfd, &filters->peer,
		    &filters->peer_name);
	filters->ends = (struct tap_ends){
		.local = &filters->local, .peer = &filters->peer,
		.place = rules->place, .type = rules->type,
		.number = session->number, .accepted = rules->listening
	};
	leg_local(&session->far, &filters->local);
	if (recorder_open_taps(session->around->recorder, &filters->ends,
	    &filters->taps) == -1)
		return -1;
	/* Who waits in a hub is taken for one who does not read. */
	filters->sending.hurries = filters->receiving.hurries =
	    rules->near == NEAR_HUB;
	filters->sending.taps = filters->receiving.taps = filters->taps;
	return 0;
}

static void
set_edits(struct filters *filters, const struct rules *rules)
{
	if (rules->crlf) {
		crlf_init(&filters->crlf);
		add_edit(&filters->sending, &filters->both_sent,
		    &filters->crlf.edit);
	}
	if (rules->telnet) {
		telnet_init(&filters->telnet);
		add_edit(&filters->sending, &filters->both_sent,
		    &filters->telnet.sending);
		add_edit(&filters->receiving, &filters->both_received,
		    &filters->telnet.receiving);
	}
	if (escapes(rules)) {
		escape_init(&filters->escape);
		add_edit(&filters->receiving, &filters->both_received,
		    &filters->escape.edit);
	}
}

/* Behind the one that there may be already; at most two a flow. */
static void
add_edit(struct flow_terms *terms, struct edits *both, struct edit *edit)
{
	if (terms->edit == NULL) {
		terms->edit = edit;
		return;
	}
	edits_init(both, terms->edit, edit);
	terms->edit = &both->edit;
}

/* A delay lies between what we send; records that come wait for nobody. */
static void
set_gates(struct filters *filters, const struct rules *rules)
{
	struct pace_limits coming = { .bytes = rules->pace.bytes };

	if (pace_wanted(&rules->pace)) {
		pace_init(&filters->send_pace, &rules->pace);
		filters->sending.gate = &filters->send_pace.gate;
	}
	if (pace_wanted(&coming) && filters->receiving.records == NULL) {
		pace_init(&filters->receive_pace, &coming);
		filters->receiving.gate = &filters->receive_pace.gate;
	}
}

const struct flow_terms *
filters_sending(const struct session *session)
{
	return session->filters == NULL ? &session->around->sending :
	    &session->filters->sending;
}

const struct flow_terms *
filters_receiving(const struct session *session)
{
	return session->filters == NULL ? &session->around->receiving :
	    &session->filters->receiving;
}

void
filters_ended(const struct session *session, bool from_us)
{
	if (session->filters != NULL && session->filters->taps != NULL)
		taps_ended(session->filters->taps, from_us);
}

void
filters_heed(const struct session *session)
{
	if (session->filters != NULL && session->filters->taps != NULL)
		recorder_touch(session->around->recorder,
		    session->filters->taps);
}

void
filters_tell(const struct session *session)
{
	const struct rules *rules = session->around->rules;
	struct event event = {
		.number = session->number, .peer = session->far.peer,
		.place = rules->place, .ours = rules->listening
	};

	if (session->filters != NULL && session->filters->taps != NULL)
		recorder_tell(session->around->recorder,
		    session->filters->taps, &event);
}

void
filters_end(struct session *session)
{
	struct filters *filters = session->filters;

	if (filters == NULL || filters->taps == NULL)
		return;
	recorder_close_taps(session->around->recorder, filters->taps,
	    session->broke ? TAP_BROKEN : session->abort ? TAP_ABORTED :
	    TAP_LEFT);
	filters->taps = NULL;
}

void
filters_close(struct session *session)
{
	filters_end(session);
	free(session->filters);
	session->filters = NULL;
}
