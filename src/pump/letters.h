/* Letters: batches of records, copied, that wait to be taken together. */
#ifndef PUMP_LETTERS_H
#define PUMP_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/datagram.h"

/* All zero: there are none. */
struct letters {
	struct batch	*list;
	size_t		 count;
	size_t		 list_room;
	char		*data;
	size_t		 size;		/* bytes of all of them */
	size_t		 room;
};

/*
 * Add a copy, where all of them stay within `most` bytes: each counts for
 * some more than its data.  False: that is too much, or there is no memory.
 */
bool	letters_add(struct letters *, const struct batch *, size_t most);

/* What they count for, in bytes. */
size_t	letters_cost(const struct letters *);

/* They can be read now, from list[0] on; nothing may be added any more. */
void	letters_lay_out(struct letters *);

void	letters_free(struct letters *);

#endif
