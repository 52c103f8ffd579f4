/*
 * Descriptors that pass over local sockets: SCM_RIGHTS of unix(7) and
 * cmsg(3).
 */
#ifndef NET_RIGHTS_H
#define NET_RIGHTS_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

/* As many as go with one message: SCM_MAX_FD of Linux. */
#define RIGHTS_MOST	253

/* And as many as can be sent with one everywhere: musl's sendmsg() of 2022. */
#define RIGHTS_SENT	252

struct rights {
	int	 fds[RIGHTS_MOST];
	size_t	 count;
};

/* Are these descriptors that came?  Then they are closed. */
bool	rights_drop(const struct cmsghdr *);

/*
 * Send bytes, or a record, and these descriptors with it, RIGHTS_SENT at
 * most, which stay open here.  As send(2) with MSG_DONTWAIT and MSG_NOSIGNAL:
 * of a stream perhaps less than all bytes, but all descriptors.
 */
ssize_t	rights_send(int socket, const void *, size_t, const struct rights *);

/*
 * Look at what is there to be read, and take the descriptors that come with
 * it, close-on-exec: they are the caller's.  What there is to be read stays.
 * Returns as recv(2) of one byte with MSG_PEEK and MSG_DONTWAIT; -1 with
 * EMFILE if not all could be taken, and then none was.
 */
ssize_t	rights_look(int socket, struct rights *);

/*
 * Have numbers of their own for them, from `first` on and close-on-exec, in
 * place of those that were there, which stay open.  0, or -1 with errno, and
 * there are none.
 */
int	rights_copy(struct rights *, int first);

/* Once more is fine. */
void	rights_close(struct rights *);

#endif
