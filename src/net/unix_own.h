/*
 * An address of one's own for a socket of datagrams, so that its peer can
 * answer: a socket file in a new directory, or where none can be made the
 * kernel's choice (autobind, see unix(7)).
 */
#ifndef NET_UNIX_OWN_H
#define NET_UNIX_OWN_H

#include <sys/un.h>

#include <stdbool.h>

struct unix_own {
	char	directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
					/* "": there is none */
};

/*
 * Bind the socket, which is connected already: then nobody but its peer can
 * send to it, so that the file may be written to by all, whoever the peer
 * is.  file: false for an abstract peer, which may see no files.  0, or -1
 * with errno, and nothing is left.
 */
int	unix_own_bind(int fd, bool file, struct unix_own *);

/* Remove file and directory.  Once more is fine, and so is all zero. */
void	unix_own_leave(struct unix_own *);

#endif
