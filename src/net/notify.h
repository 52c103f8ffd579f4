/* The readiness protocol of service managers, sd_notify(3). */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include "base/error.h"

/*
 * Send the text ("READY=1") as one datagram to the socket that the
 * environment's NOTIFY_SOCKET names, a path or @name.  0 also where there
 * is none; -1 with the reason.
 */
int	notify_send(const char *text, struct error *);

#endif
