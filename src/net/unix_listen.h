/*
 * Listening on a local socket, with manners: what stands at the path is
 * left alone unless it is a socket that nobody answers, no one connects
 * before owner and mode are in force, and at the end the file goes if it
 * is still ours.  unix(7), flock(2).
 */
#ifndef NET_UNIX_LISTEN_H
#define NET_UNIX_LISTEN_H

#include <sys/types.h>
#include <sys/un.h>

#include <stdbool.h>

#include "base/error.h"
#include "base/unix_path.h"

struct unix_listen_plan {
	struct unix_path path;
	int		 type;		/* SOCK_STREAM, _SEQPACKET, _DGRAM */
	int		 mode;		/* of the file; -1: by the umask */
	bool		 has_owner;
	uid_t		 uid;		/* with has_owner */
	gid_t		 gid;		/* (gid_t)-1: it stays */
	int		 backlog;	/* 0: the system's limit */
};

/*
 * A file that was made.  Both descriptors are open while the name is not
 * empty; as long as `file` is, no other file can have its inode's number.
 */
struct unix_place {
	char	 name[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	int	 directory;
	int	 file;
};

/*
 * A socket that listens at the path or abstract name (which has neither
 * owner nor mode); of SOCK_DGRAM a bound one.  It is non-blocking and
 * close-on-exec.  *place is filled in and then the caller's, who hands it
 * to unix_place_leave(); of an abstract name there is nothing in it.
 *
 * A socket at the path is replaced when no program has it any more, which
 * connect(2) tells and a listener does not notice; meanwhile, and until
 * this one listens, a lock on the directory keeps others who do the same
 * away.  To get it may block for a second; then, and where the directory
 * cannot be read, it goes on without.
 *
 * -1 with the reason, and then nothing is left.  error->code is EADDRINUSE
 * for a socket that is in use, 0 for a file that is none, else the errno.
 */
int	unix_listen(const struct unix_listen_plan *, struct unix_place *,
	    struct error *);

/*
 * Remove the file if it is still the one that was made, wherever the
 * directory is by now.  Failure is not told: rights may be given up.  Call
 * it before the socket is closed, or another may take the path over at the
 * same moment.  Once more is fine, and so is a place that is all zero.
 */
void	unix_place_leave(struct unix_place *);

#endif
