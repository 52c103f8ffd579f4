/* Giving up privileges: another user, another root directory. */
#ifndef NET_PRIVILEGE_H
#define NET_PRIVILEGE_H

#include <stdbool.h>

#include "base/error.h"
#include "net/account.h"

struct privilege_plan {
	bool		 has_user;
	struct account	 user;		/* its name: for other groups */
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
