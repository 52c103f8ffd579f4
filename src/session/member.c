/* Members: the names that they have, and the words at their coming. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/member.h"

static void	announce(struct member *, const char *);

struct member *
member_new(struct hub *hub, const struct hub_plan *plan, uint32_t number,
    const struct address *peer, struct owner *owner)
{
	struct member *member;
	struct port *port;

	member = calloc(1, sizeof(*member));
	if (member == NULL)
		return NULL;
	port = &member->port;
	member->chats = plan->kind == HUB_CHAT;
	(void)address_text(peer, member->peer, sizeof(member->peer));
	port->number = number;
	if (member->chats)
		(void)snprintf(port->prefix, sizeof(port->prefix),
		    "<user%" PRIu32 "> ", number);
	else if (plan->tag)
		(void)snprintf(port->prefix, sizeof(port->prefix), "%s: ",
		    member->peer);
	if (hub_join(hub, port, owner) == -1) {
		free(member);
		return NULL;
	}
	escape_init(&member->escape);
	announce(member, "joined");
	return member;
}

void
member_free(struct member *member)
{
	if (member == NULL)
		return;
	announce(member, "left");
	hub_leave(&member->port);
	free(member);
}

static void
announce(struct member *member, const char *what)
{
	char line[ADDRESS_TEXT + 64];

	if (!member->chats)
		return;
	(void)snprintf(line, sizeof(line), "<announce> user%" PRIu32
	    " (%s) %s\n", member->port.number, member->peer, what);
	hub_say(&member->port, line);
}
