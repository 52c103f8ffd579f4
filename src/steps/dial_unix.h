/* The step that connects to a UNIX-domain socket. */
#ifndef STEPS_DIAL_UNIX_H
#define STEPS_DIAL_UNIX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/unix_path.h"
#include "report/report.h"
#include "steps/leg.h"

struct dial_unix_plan {
	const struct unix_path *path;
	int		 type;		/* SOCK_STREAM, _SEQPACKET, _DGRAM */
	bool		 answered;	/* SOCK_DGRAM: has an address, too, */
					/* as long as the leg stands */
};

/*
 * The path and the report, which is told of a failure as the number's, must
 * outlive the step.  NULL without memory.
 */
struct step *dial_unix_new(const struct dial_unix_plan *, struct report *,
	    uint32_t number);

#endif
