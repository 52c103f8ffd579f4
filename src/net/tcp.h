/* What the kernel knows of a TCP connection and no standard tells. */
#ifndef NET_TCP_H
#define NET_TCP_H

#include <stddef.h>

/*
 * Bytes that were written and not yet acknowledged by the peer's TCP; a FIN
 * that we sent counts as one.  After a reset it stays what it was then.
 * 0 where the platform cannot tell.  tcp(7), SIOCOUTQ.
 */
size_t	tcp_unacked(int fd);

#endif
