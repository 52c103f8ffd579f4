/*
 * The environment of a command: UCSPI's variables of this connection, none
 * of an outer one's.  https://cr.yp.to/proto/ucspi.txt
 */
#ifndef STEPS_UCSPI_H
#define STEPS_UCSPI_H

#include "net/credentials.h"
#include "steps/leg.h"

/* Of whom the variables speak. */
struct ucspi {
	const char		*protocol;	/* "TCP", "UDP", "IPC" */
	const struct leg	*peer;
	const char		*path;		/* a local socket's; or NULL */
	bool			 ours;		/* it is not the peer's */
	const struct credentials *who;		/* with a path; NULL */
	size_t			 rights;	/* how many it gets */
};

/*
 * What was inherited, less what an outer server said of its connection and
 * a service manager of its sockets, with PROTO, TCPREMOTEIP, TCPREMOTEPORT,
 * TCPLOCALIP and TCPLOCALPORT.  For "UDP" the names are UDPREMOTEIP and so
 * on, as ipsvd has them; for "IPC" there is IPCREMOTEPATH, or IPCLOCALPATH
 * and one that is empty where the client has no name, and IPCREMOTEEUID, -EGID
 * and -PID, as far as they are known.  NULL without memory.  The list is to be
 * freed by free(3) in one piece; inherited strings are not copied.
 *
 * Where it gets descriptors there are LISTEN_FDS and LISTEN_PID of
 * sd_listen_fds(3): *pid is where the latter's number is to be written, with
 * room for UCSPI_PID digits, once it is known.
 */
#define UCSPI_PID	20
char	**ucspi_environment(char *const *inherited, const struct ucspi *,
	    char **pid);

#endif
