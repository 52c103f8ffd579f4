/* Members: the names that they have, and the words at their coming. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/member.h"

static int	give_name(struct member *, const struct address *);
static void	announce(struct member *, const char *);

struct member *
member_new(struct hub *hub, const struct hub_plan *plan, uint32_t number,
    const struct address *peer, struct owner *owner)
{
	struct member *member;

	member = calloc(1, sizeof(*member));
	if (member == NULL)
		return NULL;
	member->chats = plan->kind == HUB_CHAT;
	member->port.number = number;
	if (((member->chats || plan->tag) && give_name(member, peer) == -1) ||
	    hub_join(hub, &member->port, owner) == -1) {
		free(member->name);
		free(member);
		return NULL;
	}
	announce(member, "joined");
	return member;
}

static int
give_name(struct member *member, const struct address *peer)
{
	struct member_name *name;

	name = calloc(1, sizeof(*name));
	if (name == NULL)
		return -1;
	escape_init(&name->escape);
	(void)address_text(peer, name->peer, sizeof(name->peer));
	if (member->chats)
		(void)snprintf(name->prefix, sizeof(name->prefix),
		    "<user%" PRIu32 "> ", member->port.number);
	else
		(void)snprintf(name->prefix, sizeof(name->prefix), "%s: ",
		    name->peer);
	member->name = name;
	member->port.prefix = name->prefix;
	return 0;
}

void
member_free(struct member *member)
{
	if (member == NULL)
		return;
	announce(member, "left");
	hub_leave(&member->port);
	free(member->name);
	free(member);
}

static void
announce(struct member *member, const char *what)
{
	char line[ADDRESS_TEXT + 64];

	if (!member->chats)
		return;
	(void)snprintf(line, sizeof(line), "<announce> user%" PRIu32
	    " (%s) %s\n", member->port.number,
	    member->name->peer, what);
	hub_say(&member->port, line);
}
