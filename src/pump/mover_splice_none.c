/* Platforms without splice(2): nothing fits, all is copied. */

#include "config.h"

#include "pump/mover.h"

static bool
splice_fits(const struct flow *flow)
{
	(void)flow;
	return false;
}

static enum flow_copies
splice_hindered(const struct flow *flow)
{
	(void)flow;
	return FLOW_NO_SPLICE;
}

const struct mover mover_splice = {
	.name = "splice",
	.fits = splice_fits,
	.hindered = splice_hindered
};
