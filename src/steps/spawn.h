/*
 * The step that runs a command as a leg.  It waits for nothing: when it
 * returns, the command runs or the reason is told.
 */
#ifndef STEPS_SPAWN_H
#define STEPS_SPAWN_H

#include "net/child.h"
#include "net/rights.h"
#include "steps/leg.h"

struct spawn_plan {
	char *const	*argv;
	bool		 errors_to_peer;
	bool		 terminal;	/* it gets one */
	int64_t		 kill_after;	/* ns */
};

/* Whom a command is started for. */
struct spawn_request {
	const struct spawn_plan	*plan;
	const struct leg	*peer;	/* the connection, which stands */
	const char		*path;	/* where it is local; else NULL */
	bool			 listening; /* the path is ours */
	const struct credentials *who;	/* with a path; NULL: not known */
	bool			 give;	/* it gets the socket, and no pipes */
	const struct rights	*rights; /* it gets these from 3 on; or NULL */
	struct owner		*owner;	/* touched when it has ended */
};

/*
 * Start the command, and raise the leg over it.  Returns the child, which
 * the caller ends by spawn_free(), or NULL with the status (126, 127) and
 * the reason.
 */
struct child *spawn(struct leg *, const struct spawn_request *,
	    struct children *, struct failure *);

/* Waits for it no longer.  NULL is fine. */
void	spawn_free(struct child *);

#endif
