/* How a server comes by its sockets; for server.c alone. */
#ifndef SESSION_SERVER_OPEN_H
#define SESSION_SERVER_OPEN_H

#include "session/server.h"

/*
 * Go on with it: SERVER_WAIT while a name is looked up, SERVER_LISTENING
 * once all sockets are open, or SERVER_FAILED.
 */
enum server_result server_open(struct server *, struct failure *);

/* The file of a local one goes first. */
void	server_close_sockets(struct server *);

#endif
