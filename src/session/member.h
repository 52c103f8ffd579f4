/* A session's place in the hub: its port, and what is made of its lines. */
#ifndef SESSION_MEMBER_H
#define SESSION_MEMBER_H

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

/* Who it is to the others, where that is told. */
struct member_name {
	char		 peer[ADDRESS_TEXT];
	char		 prefix[ADDRESS_TEXT + 4];
	bool		 chats;
};

struct member {
	struct port	 port;
	struct member_name *name;	/* owned; NULL: it has none */
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
