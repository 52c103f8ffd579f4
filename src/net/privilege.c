/*
 * The order matters: groups are looked up before the root changes, and the
 * user is given up last.  setuid(2), "Setuid Demystified" (Chen et al.).
 */

#include "config.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "net/privilege.h"

static int	change_user(const struct privilege_plan *, struct error *);

int
privilege_parse(struct privilege_plan *plan, const char *text,
    struct error *error)
{
	const char *colon = strchr(text, ':');
	size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
	char user[256], shown[PRINTABLE_SIZE];

	if (length == 0 || length >= sizeof(user) ||
	    (colon != NULL && colon[1] == '\0')) {
		error_setx(error, "\"%s\": not USER or USER:GROUP",
		    printable(text, shown, sizeof(shown)));
		return -1;
	}
	memcpy(user, text, length);
	user[length] = '\0';
	plan->has_user = true;
	if (account_user(&plan->user, user, error) == -1)
		return -1;
	return colon == NULL ? 0 :
	    account_group(&plan->user.gid, colon + 1, error);
}

int
privilege_drop(const struct privilege_plan *plan, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	int rc;

	if (plan->has_user) {
		rc = plan->user.name[0] != '\0' ?
		    initgroups(plan->user.name, plan->user.gid) :
		    setgroups(0, NULL);
		if (rc == -1) {
			error_set(error, errno, "--user: setting groups");
			return -1;
		}
	}
	if (plan->root != NULL &&
	    (chroot(plan->root) == -1 || chdir("/") == -1)) {
		error_set(error, errno, "--chroot %s",
		    printable(plan->root, shown, sizeof(shown)));
		return -1;
	}
	return plan->has_user ? change_user(plan, error) : 0;
}

static int
change_user(const struct privilege_plan *plan, struct error *error)
{
	const struct account *user = &plan->user;

	if (setresgid(user->gid, user->gid, user->gid) == -1 ||
	    setresuid(user->uid, user->uid, user->uid) == -1) {
		error_set(error, errno, "--user");
		return -1;
	}
	/* Believed only when seen: a way back would be a hole. */
	if (user->uid != 0 && setuid(0) == 0) {
		error_setx(error, "--user: privileges could be had back");
		return -1;
	}
	return 0;
}
