/* What udp-send and udp-recv have in common: options, and their plan. */
#ifndef COMMANDS_DATAGRAMS_H
#define COMMANDS_DATAGRAMS_H

#include "commands/plan.h"

struct datagram_options {
	int	 frame;		/* 0: not given, or read */
	int	 size;		/* bytes; 0: what the path takes */
	int	 count;		/* 0: no limit */
};

extern const struct option_group datagram_group;

/* 0, or -1 with the usage error's words. */
int	plan_datagrams(struct plan *, const struct datagram_options *,
	    const struct common_options *, struct error *);

/* The same: is there a size where records are made, and only there? */
int	plan_block(const struct datagram_options *, bool sends,
	    struct error *);

#endif
