/* What a session does until both of its legs stand. */
#ifndef SESSION_RAISE_H
#define SESSION_RAISE_H

#include <stdbool.h>

#include "session/session.h"

/* The far leg has its stream, or its step, and may want more steps. */
void	raise_begin_accepted(struct session *);
void	raise_begin_dialled(struct session *);

/*
 * Go on with the far leg: true when it stands.  A failure is told, and the
 * session is over.
 */
bool	raise_far(struct session *);

/* It may come in: begin with the near leg, then go on with that. */
void	raise_begin_near(struct session *);
bool	raise_near(struct session *);
void	raise_near_prepare(struct session *, struct watch *, struct owner *);

#endif
