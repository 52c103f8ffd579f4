/*
 * Who is at the other end of a local socket, by the kernel's word:
 * SO_PEERCRED and SO_PEERGROUPS of unix(7), getpeereid(3).
 */
#ifndef NET_CREDENTIALS_H
#define NET_CREDENTIALS_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of whoever called connect(2), to a server, or listen(2), to a client. */
struct credentials {
	pid_t	 pid;		/* 0: not known */
	uid_t	 uid;
	gid_t	 gid;
};

/* 0, or -1 with errno, where they are not to be had. */
int	credentials_of(int fd, struct credentials *);

/*
 * Have each message say whose it is.  It is to be asked for before the
 * socket has a name.  SO_PASSCRED; where that is not known, none does.
 */
void	credentials_ask(int fd);

/* Does this say so?  Then *who is filled in. */
bool	credentials_take(const struct cmsghdr *, struct credentials *who);

/* Is the group the peer's own, or one of its others, as far as is told? */
bool	credentials_have_group(int fd, const struct credentials *, gid_t);

/*
 * Can a peer be known by this number?  Not by that which stands for all users
 * (or groups) that have none here, as of other user namespaces: see
 * user_namespaces(7).
 */
bool	credentials_tell(uint32_t id, bool group);

/* Who may be there; the lists are somebody else's. */
struct allowed {
	const uint32_t	*uids;
	size_t		 uid_count;
	const uint32_t	*gids;
	size_t		 gid_count;
};

/* Anyone: nobody is kept out? */
bool	allowed_any(const struct allowed *);

/*
 * Is this one on a list, by the user's or a group's?  fd: of a connection,
 * to be asked for other groups; -1: there is none.  Who has no credentials
 * (NULL) is on none.
 */
bool	allowed_has(const struct allowed *, const struct credentials *,
	    int fd);

#endif
