/* What is not known is never on a list. */

#include "config.h"

#include "net/credentials.h"

static bool	has_uid(const struct allowed *, uid_t);

bool
allowed_any(const struct allowed *allowed)
{
	return allowed->uid_count == 0 && allowed->gid_count == 0;
}

bool
allowed_has(const struct allowed *allowed, const struct credentials *who,
    int fd)
{
	size_t i;

	if (allowed_any(allowed))
		return true;
	if (who == NULL)
		return false;
	if (has_uid(allowed, who->uid))
		return true;
	for (i = 0; i < allowed->gid_count; i++)
		if (credentials_have_group(fd, who, allowed->gids[i]))
			return true;
	return false;
}

static bool
has_uid(const struct allowed *allowed, uid_t uid)
{
	size_t i;

	for (i = 0; i < allowed->uid_count; i++)
		if (allowed->uids[i] == uid)
			return true;
	return false;
}
