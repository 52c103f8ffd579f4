/* Looked up as names first: a user may be called 1000. */

#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/printable.h"
#include "base/units.h"
#include "net/account.h"

static bool	is_number(const char *, uint64_t *);

int
account_user(struct account *account, const char *text, struct error *error)
{
	const struct passwd *entry = getpwnam(text);
	char shown[PRINTABLE_SIZE];
	uint64_t number;

	account->name[0] = '\0';
	if (entry == NULL && is_number(text, &number)) {
		account->uid = (uid_t)number;
		account->gid = (gid_t)number;
		entry = getpwuid(account->uid);
		if (entry == NULL)
			return 0;
	}
	if (entry == NULL) {
		error_setx(error, "\"%s\": no such user",
		    printable(text, shown, sizeof(shown)));
		return -1;
	}
	account->uid = entry->pw_uid;
	account->gid = entry->pw_gid;
	if (strlcpy(account->name, entry->pw_name, sizeof(account->name)) <
	    sizeof(account->name))
		return 0;
	error_setx(error, "\"%s\": too long", printable(text, shown,
	    sizeof(shown)));
	return -1;
}

int
account_group(gid_t *gid, const char *text, struct error *error)
{
	const struct group *entry = getgrnam(text);
	char shown[PRINTABLE_SIZE];
	uint64_t number;

	if (entry != NULL) {
		*gid = entry->gr_gid;
		return 0;
	}
	if (is_number(text, &number)) {
		*gid = (gid_t)number;
		return 0;
	}
	error_setx(error, "\"%s\": no such group",
	    printable(text, shown, sizeof(shown)));
	return -1;
}

/* The highest is nobody's: it means "none" to the system's calls. */
static bool
is_number(const char *text, uint64_t *number)
{
	const char *why;

	return units_number(text, 0, UINT32_MAX - 1, number, &why) == 0;
}
