/* Platforms without splice(2): nothing fits, all is copied. */

#include "config.h"

#include "pump/flow.h"

static bool
splice_fits(const struct flow *flow)
{
	(void)flow;
	return false;
}

const struct mover mover_splice = { .name = "splice", .fits = splice_fits };
