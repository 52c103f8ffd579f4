/*
 * What rewrites, delays and watches one session's payload: edits, gates and
 * taps, and the terms of its flows, which name them.  A session without any
 * shares the terms of all, and its flows stay in the kernel.
 */
#ifndef SESSION_FILTERS_H
#define SESSION_FILTERS_H

#include <stdbool.h>

#include "session/session.h"

/* Does anything need to see the bytes of such sessions? */
bool	filters_wanted(const struct rules *);

/* The option that does, of what is sent or of what comes; NULL: none. */
const char *filters_option(const struct rules *, bool sending);

/*
 * Have what the session needs, once its far end stands.  -1 without memory;
 * a second time does nothing.
 */
int	filters_open(struct session *);

/* The terms for what goes to the far end, and for what comes. */
const struct flow_terms *filters_sending(const struct session *);
const struct flow_terms *filters_receiving(const struct session *);

/* A direction of the session has ended, in order. */
void	filters_ended(const struct session *, bool from_us);

/* Payload moved: what the taps have is written. */
void	filters_heed(const struct session *);

/* The session ends: what is known of its payload is told. */
void	filters_tell(const struct session *);

/* The connection is over, as the session says how. */
void	filters_end(struct session *);

/* So is all else. */
void	filters_close(struct session *);

#endif
