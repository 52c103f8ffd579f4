/*
 * The order matters: groups are looked up before the root changes, and the
 * user is given up last.  setuid(2), "Setuid Demystified" (Chen et al.).
 */

#include "config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "base/units.h"
#include "net/privilege.h"

static int	parse_user(struct privilege_plan *, const char *,
		    struct error *);
static int	parse_group(struct privilege_plan *, const char *,
		    struct error *);
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
	if (parse_user(plan, user, error) == -1)
		return -1;
	return colon == NULL ? 0 : parse_group(plan, colon + 1, error);
}

static int
parse_user(struct privilege_plan *plan, const char *user,
    struct error *error)
{
	const struct passwd *entry = getpwnam(user);
	char shown[PRINTABLE_SIZE];
	uint64_t number;
	const char *why;

	if (entry == NULL &&
	    units_number(user, 0, UINT32_MAX - 1, &number, &why) == 0) {
		plan->uid = (uid_t)number;
		plan->gid = (gid_t)number;
		entry = getpwuid(plan->uid);
		if (entry == NULL)
			return 0;
	}
	if (entry == NULL) {
		error_setx(error, "\"%s\": no such user",
		    printable(user, shown, sizeof(shown)));
		return -1;
	}
	plan->uid = entry->pw_uid;
	plan->gid = entry->pw_gid;
	if (strlcpy(plan->name, entry->pw_name, sizeof(plan->name)) <
	    sizeof(plan->name))
		return 0;
	error_setx(error, "\"%s\": too long", printable(user, shown,
	    sizeof(shown)));
	return -1;
}

static int
parse_group(struct privilege_plan *plan, const char *group,
    struct error *error)
{
	const struct group *entry = getgrnam(group);
	char shown[PRINTABLE_SIZE];
	uint64_t number;
	const char *why;

	if (entry != NULL) {
		plan->gid = entry->gr_gid;
		return 0;
	}
	if (units_number(group, 0, UINT32_MAX - 1, &number, &why) == 0) {
		plan->gid = (gid_t)number;
		return 0;
	}
	error_setx(error, "\"%s\": no such group",
	    printable(group, shown, sizeof(shown)));
	return -1;
}

int
privilege_drop(const struct privilege_plan *plan, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	int rc;

	if (plan->has_user) {
		rc = plan->name[0] != '\0' ?
		    initgroups(plan->name, plan->gid) : setgroups(0, NULL);
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
	if (setresgid(plan->gid, plan->gid, plan->gid) == -1 ||
	    setresuid(plan->uid, plan->uid, plan->uid) == -1) {
		error_set(error, errno, "--user");
		return -1;
	}
	/* Believed only when seen: a way back would be a hole. */
	if (plan->uid != 0 && setuid(0) == 0) {
		error_setx(error, "--user: privileges could be had back");
		return -1;
	}
	return 0;
}
