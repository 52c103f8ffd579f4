/*
 * Users and groups as they are written: a name, or a number that need not
 * have one.  All of it may block as getpwnam(3) does.
 */
#ifndef NET_ACCOUNT_H
#define NET_ACCOUNT_H

#include <sys/types.h>

#include "base/error.h"

struct account {
	uid_t	 uid;
	gid_t	 gid;		/* the user's own; of a bare number the same */
	char	 name[256];	/* "": a number without a name */
};

/* 0, or -1 with the reason. */
int	account_user(struct account *, const char *text, struct error *);
int	account_group(gid_t *, const char *text, struct error *);

#endif
