/* The plan of what is said, and of what payload is watched by. */
#ifndef COMMANDS_SEEING_H
#define COMMANDS_SEEING_H

#include "base/error.h"
#include "commands/groups.h"
#include "session/run.h"

/* Nothing is opened yet.  0, or -1 with the usage error's words. */
int	plan_seeing(struct plan *, const struct seeing_options *,
	    struct error *);

#endif
