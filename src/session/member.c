/* Members: the names that they have, and the words at their coming. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/member.h"

static int	give_name(struct member *, const struct hub_plan *,
		    const struct address *);
static bool	chats(const struct member *);
static void	announce(struct member *, const char *);

struct member *
member_new(struct hub *hub, const struct hub_plan *plan, uint32_t number,
    const struct address *peer, struct owner *owner)
{
	struct member *member;

	member = calloc(1, sizeof(*member));
	if (member == NULL)
		return NULL;
	member->port.number = number;
	if (give_name(member, plan, peer) == -1 ||
	    hub_join(hub, &member->port, owner) == -1) {
		free(member->name);
		free(member);
		return NULL;
	}
	announce(member, "joined");
	return member;
}

static int
give_name(struct member *member, const struct hub_plan *plan,
    const struct address *peer)
{
	struct member_name *name;

	if (plan->kind != HUB_CHAT && !plan->tag)
		return 0;
	name = calloc(1, sizeof(*name));
	if (name == NULL)
		return -1;
	name->chats = plan->kind == HUB_CHAT;
	if (peer->length > 0)
		(void)address_text(peer, name->peer, sizeof(name->peer));
	else
		(void)snprintf(name->peer, sizeof(name->peer), "client%" PRIu32,
		    member->port.number);
	if (name->chats)
		(void)snprintf(name->prefix, sizeof(name->prefix),
		    "<user%" PRIu32 "> ", member->port.number);
	else
		(void)snprintf(name->prefix, sizeof(name->prefix), "%s: ",
		    name->peer);
	member->name = name;
	member->port.prefix = name->prefix;
	return 0;
}

static bool
chats(const struct member *member)
{
	return member->name != NULL && member->name->chats;
}

void
member_free(struct member *member)
{
	if (member == NULL)
		return;
	hub_finish(&member->port);
	announce(member, "left");
	hub_leave(&member->port);
	free(member->name);
	free(member);
}

static void
announce(struct member *member, const char *what)
{
	char line[ADDRESS_TEXT + 64];

	if (!chats(member))
		return;
	(void)snprintf(line, sizeof(line), "<announce> user%" PRIu32
	    " (%s) %s\n", member->port.number,
	    member->name->peer, what);
	hub_say(&member->port, line);
}
