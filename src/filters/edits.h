/*
 * Two edits in a row as one: what the first makes is rewritten by the
 * second.  It may be one of two itself.
 */
#ifndef FILTERS_EDITS_H
#define FILTERS_EDITS_H

#include "pump/edit.h"

/* Invariant: edit.ops is &ops, so it stays where it is. */
struct edits {
	struct edit	edit;
	struct edit_ops	ops;
	struct edit	*first;
	struct edit	*second;
};

/*
 * Neither edit is owned; both outlive it, and keep back a few bytes at most.
 * Only the second can have something to say.
 */
void	edits_init(struct edits *, struct edit *first, struct edit *second);

#endif
