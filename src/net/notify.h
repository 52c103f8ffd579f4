/* The readiness protocol of service managers, sd_notify(3). */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include "base/error.h"

/*
 * A socket that is connected to what the environment's NOTIFY_SOCKET names,
 * a path or @name: another root directory later is no hindrance.  -1 with
 * an empty reason where there is none, else with the reason.
 */
int	notify_open(struct error *);

/* Send the text ("READY=1") as one datagram.  0, or -1 with the reason. */
int	notify_send(int fd, const char *text, struct error *);

#endif
