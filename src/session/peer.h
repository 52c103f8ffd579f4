/*
 * Sessions with one peer of many that send datagrams to the same socket: a
 * command, or another socket, for each.  No peer says that it has ended; a
 * session in which nothing moves for some time does, and that is no failure.
 */
#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include "session/session.h"

extern const struct conduct conduct_peer;

#endif
