/* getpeereid(3), of the BSDs and libbsd, knows user and group. */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "net/credentials.h"

int
credentials_of(int fd, struct credentials *who)
{
	who->pid = 0;
	if (getpeereid(fd, &who->uid, &who->gid) == -1)
		return -1;
	if (who->uid != (uid_t)-1)
		return 0;
	errno = EINVAL;
	return -1;
}

void
credentials_ask(int fd)
{
	(void)fd;
}

bool
credentials_take(const struct cmsghdr *control, struct credentials *who)
{
	(void)control;
	(void)who;
	return false;
}

bool
credentials_tell(uint32_t id, bool group)
{
	(void)id;
	(void)group;
	return true;
}

bool
credentials_have_group(int fd, const struct credentials *who, gid_t gid)
{
	(void)fd;
	return who->gid == gid;
}
