/*
 * What is told of a session between its coming and its end: which side
 * ended first, and to who gives -vv how it goes about it.
 */
#ifndef SESSION_DETAILS_H
#define SESSION_DETAILS_H

#include "session/session.h"

/* Both legs stand, and the flows have begun, or a command has the socket. */
void	details_standing(struct session *);

/* After both flows were advanced: did either side end? */
void	details_ends(struct session *);

/* While a command has the socket, the peer has ended. */
void	details_given_end(struct session *);

#endif
