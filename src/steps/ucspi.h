/*
 * The environment of a command: UCSPI's variables of this connection, none
 * of an outer one's.  https://cr.yp.to/proto/ucspi.txt
 */
#ifndef STEPS_UCSPI_H
#define STEPS_UCSPI_H

#include "base/address.h"

/*
 * What was inherited, less what an outer server said of its connection and
 * a service manager of its sockets, with PROTO, TCPREMOTEIP, TCPREMOTEPORT,
 * TCPLOCALIP and TCPLOCALPORT; for "UDP" its names are UDPREMOTEIP and so
 * on, as ipsvd has them.  NULL without memory.  The list is to be freed by
 * free(3) in one piece; inherited strings are not copied.
 */
char	**ucspi_environment(char *const *inherited, const char *protocol,
	    const struct address *local, const struct address *peer);

#endif
