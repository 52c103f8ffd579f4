/* The sessions that are on, and what those that are over have moved. */
#ifndef SESSION_SESSIONS_H
#define SESSION_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "session/session.h"

struct sessions {
	struct session	**list;
	size_t		  count;
	size_t		  room;
	uint64_t	  sent;		/* bytes, by those that are over */
	uint64_t	  received;
};

/* Memory for one more, in the list; NULL without memory. */
struct session *sessions_new(struct sessions *);

/* Close one, and free it. */
void	sessions_end(struct sessions *, struct session *);

/* All of them, and the list. */
void	sessions_clear(struct sessions *);

/* Bytes each way, of all there were. */
void	sessions_count(const struct sessions *, uint64_t *sent,
	    uint64_t *received);

/* How the bytes of those were moved that are on. */
void	sessions_tally(const struct sessions *, struct tally *);

/* How many were let in from this address, whatever their ports? */
size_t	sessions_with(const struct sessions *, const struct address *);

#endif
