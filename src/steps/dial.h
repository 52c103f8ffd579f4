/*
 * The step that connects: a name is resolved, its addresses are tried in
 * turn, the last one's failure counts.
 */
#ifndef STEPS_DIAL_H
#define STEPS_DIAL_H

#include "base/endpoint.h"
#include "report/report.h"
#include "steps/leg.h"

struct dial_plan {
	struct endpoint	 endpoint;
	int		 family;	/* AF_UNSPEC: any */
	const char	*interface;	/* NULL: any */
	struct address	 source;	/* length 0: any */
	uint16_t	 source_port;	/* 0: any */
	const struct datagram_setup *datagrams;	/* UDP; NULL: TCP */
};

/*
 * For the connection of that number, which is told with what happens.  The
 * plan must outlive the step.  NULL without memory.
 */
struct step *dial_new(const struct dial_plan *, struct report *,
	    uint32_t number);

#endif
