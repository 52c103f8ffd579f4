/* getpeereid(3), of the BSDs and libbsd, knows user and group. */

#include "config.h"

#include <unistd.h>

#include "net/credentials.h"

int
credentials_of(int fd, struct credentials *who)
{
	who->pid = 0;
	return getpeereid(fd, &who->uid, &who->gid);
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
credentials_have_group(int fd, const struct credentials *who, gid_t gid)
{
	(void)fd;
	return who->gid == gid;
}
