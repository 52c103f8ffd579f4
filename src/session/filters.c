/* A session's own edits, gates and taps, as the rules want them. */

#include "config.h"

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
};

static bool	escapes(const struct rules *);
static void	set_edits(struct filters *, const struct rules *);
static void	add_edit(struct flow_terms *, struct edits *, struct edit *);
static void	set_gates(struct filters *, const struct rules *);

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
filters_close(struct session *session)
{
	free(session->filters);
	session->filters = NULL;
}
