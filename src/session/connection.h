/* How a session goes on whose far end is a connection, and has ends. */
#ifndef SESSION_CONNECTION_H
#define SESSION_CONNECTION_H

#include "session/session.h"

extern const struct conduct conduct_connection;

#endif
