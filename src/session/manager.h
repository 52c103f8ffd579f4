/* What a service manager is told: sd_notify(3). */
#ifndef SESSION_MANAGER_H
#define SESSION_MANAGER_H

#include "session/session.h"

/* Begin: afterwards around->manager is the socket, or -1.  */
void	manager_open(struct surroundings *);
void	manager_close(struct surroundings *);

/* Tell it, where there is one.  A failure is a warning. */
void	manager_tell(const struct surroundings *, const char *text);

#endif
