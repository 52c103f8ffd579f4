/* Sums of counters. */

#include "config.h"

#include <stddef.h>

#include "report/tally.h"

static void	add_side(struct tally_side *, const struct tally_side *);

void
tally_add(struct tally *sum, const struct tally *tally)
{
	add_side(&sum->sent, &tally->sent);
	add_side(&sum->received, &tally->received);
	sum->lost += tally->lost;
	sum->has_records |= tally->has_records;
}

static void
add_side(struct tally_side *sum, const struct tally_side *side)
{
	size_t i;

	for (i = 0; i < TALLY_WAYS; i++)
		sum->by[i] += side->by[i];
	sum->records += side->records;
}
