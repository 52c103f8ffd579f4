/* A session's place in the hub: its port, and what is made of its lines. */
#ifndef SESSION_MEMBER_H
#define SESSION_MEMBER_H

#include "filters/escape.h"
#include "pump/hub.h"
#include "steps/leg.h"

enum hub_kind {
	HUB_STAR,		/* all with standard input and output */
	HUB_BROKER,		/* each with all others */
	HUB_CHAT		/* the same, with names */
};

struct hub_plan {
	enum hub_kind	kind;
	bool		tag;	/* the peer before each line */
};

struct member {
	struct port	 port;
	struct escape	 escape;	/* of a chat's lines */
	bool		 chats;
	char		 peer[ADDRESS_TEXT];
};

/*
 * Client `number` joins.  Memory and owner must outlive it.  NULL without
 * memory.
 */
struct member *member_new(struct hub *, const struct hub_plan *,
	    uint32_t number, const struct address *peer, struct owner *);

/* It leaves.  NULL is fine. */
void	member_free(struct member *);

#endif
