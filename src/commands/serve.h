/* What commands that listen for connections have in common. */
#ifndef COMMANDS_SERVE_H
#define COMMANDS_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "commands/plan.h"

struct client_options {
	bool	keep_open;
	int	max_conns;	/* these two: 0: not given */
	int	max_accepts;
	int	backlog;	/* 0: the system's limit */
	bool	broker;
	bool	chat;
	bool	tag;
};

struct service_options {
	const char	*user;
	const char	*root;
	int64_t		 drain;		/* nanoseconds; -1: not given */
};

extern const struct service_options service_defaults;

extern const struct option_group clients_group, service_group;

/* Which clients are served, and how.  0, or -1 with the reason. */
int	plan_clients(struct plan *, const struct client_options *,
	    struct error *);

/* As whom.  The same. */
int	plan_service(struct plan *, const struct service_options *,
	    struct error *);

#endif
