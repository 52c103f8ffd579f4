/* Giving up privileges: another user, another root directory. */
#ifndef NET_PRIVILEGE_H
#define NET_PRIVILEGE_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/error.h"

struct privilege_plan {
	bool		 has_user;
	uid_t		 uid;
	gid_t		 gid;
	char		 name[256];	/* for its other groups; "": none */
	const char	*root;		/* chroot(2); NULL: none */
};

/*
 * Look up "USER[:GROUP]", names or numbers; without GROUP it is the user's
 * own.  0, or -1 with the reason.  May block as getpwnam(3) does.
 */
int	privilege_parse(struct privilege_plan *, const char *text,
	    struct error *);

/* For good: 0, or -1 with the reason, and then nothing is to be done. */
int	privilege_drop(const struct privilege_plan *, struct error *);

#endif
