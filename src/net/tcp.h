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
	uint64_t	written;	/* bytes */
	uint64_t	acked;		/* so many of them, by the peer */
	uint64_t	read;		/* bytes that came and were read */
	bool		ended;		/* the peer's FIN is the last of it */
	bool		reset;		/* and not ended by both sides */
	int64_t		quiet_ns;	/* since data moved, or an ACK */
};

/* Does the platform know?  Where not, all facts are 0. */
bool	tcp_has_facts(void);

/* connected: it was we who did, so that the kernel counted our SYN, too. */
void	tcp_ask(int fd, bool connected, struct tcp_facts *);

/*
 * How a connection fares, by TCP_INFO; -1: the kernel does not tell.  Times
 * that it was limited are parts of busy_us, in which something was to be
 * sent or not acknowledged yet.
 */
struct tcp_path {
	int64_t	rtt_us;
	int64_t	rttvar_us;
	int64_t	retransmits;	/* segments, all in all */
	int64_t	retransmitted;	/* bytes */
	int64_t	lost;		/* segments, by what is known now */
	int64_t	reordered;	/* how often that was seen */
	int64_t	delivery_rate;	/* bytes a second, the last ones */
	int64_t	cwnd;		/* the congestion window, segments of */
	int64_t	mss;		/* so many bytes */
	int64_t	busy_us;
	int64_t	rwnd_limited_us;	/* by the receiver's window */
	int64_t	sndbuf_limited_us;	/* by the send buffer */
	char	congestion[16];	/* the control's name; "": not known */
};

/* False: it is no TCP, or nothing is known. */
bool	tcp_ask_path(int fd, struct tcp_path *);

#endif
