/* What the kernel knows of a TCP connection and no standard tells. */
#ifndef NET_TCP_H
#define NET_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that were written and not yet acknowledged by the peer's TCP; a FIN
 * that we sent counts as one.  After a reset it stays what it was then.
 * 0 where the platform cannot tell.  tcp(7), SIOCOUTQ.
 */
size_t	tcp_unacked(int fd);

/* Of a socket that others read and write; TCP_INFO, tcp(7). */
struct tcp_facts {
	uint64_t	acked;		/* bytes, by the peer */
	uint64_t	read;		/* bytes that came and were read */
	bool		ended;		/* the peer's FIN is the last of it */
	bool		reset;		/* and not ended by both sides */
	bool		unacked;	/* not all that was sent was acked */
	int64_t		quiet_ns;	/* since data moved, or an ACK */
};

/* Does the platform know?  Where not, all facts are 0. */
bool	tcp_has_facts(void);

/* connected: it was we who did, so that the kernel counted our SYN, too. */
void	tcp_ask(int fd, bool connected, struct tcp_facts *);

#endif
