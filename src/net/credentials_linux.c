/* Linux: SO_PEERCRED and, since 4.13, SO_PEERGROUPS. */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/credentials.h"

/* The default of /proc/sys/kernel/overflowuid and overflowgid. */
#define OVERFLOW_ID	65534

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS	59
#endif

static void	fill_in(struct credentials *, const struct ucred *);
static bool	has_other_group(int fd, gid_t);

/* The kernel's word for "nobody" is that nothing is known. */
int
credentials_of(int fd, struct credentials *who)
{
	struct ucred raw;
	socklen_t length = sizeof(raw);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &raw, &length) == -1)
		return -1;
	if (length != sizeof(raw) || raw.uid == (uid_t)-1) {
		errno = ENODATA;
		return -1;
	}
	fill_in(who, &raw);
	return 0;
}

static void
fill_in(struct credentials *who, const struct ucred *raw)
{
	who->pid = raw->pid;
	who->uid = raw->uid;
	who->gid = raw->gid;
}

void
credentials_ask(int fd)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

bool
credentials_take(const struct cmsghdr *control, struct credentials *who)
{
	struct ucred raw;

	if (control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_CREDENTIALS ||
	    control->cmsg_len != CMSG_LEN(sizeof(raw)))
		return false;
	memcpy(&raw, CMSG_DATA(control), sizeof(raw));
	fill_in(who, &raw);
	return true;
}

/* Only where all have a number here is it somebody's. */
bool
credentials_tell(uint32_t id, bool group)
{
	const char *map = group ? "/proc/self/gid_map" : "/proc/self/uid_map";
	unsigned long first = 0, count = 0;
	FILE *file;

	if (id != OVERFLOW_ID)
		return true;
	file = fopen(map, "re");
	if (file == NULL)
		return false;
	if (fscanf(file, "%lu %*u %lu", &first, &count) != 2)
		count = 0;
	(void)fclose(file);
	return first == 0 && count >= UINT32_MAX;
}

bool
credentials_have_group(int fd, const struct credentials *who, gid_t gid)
{
	return who->gid == gid || (fd != -1 && has_other_group(fd, gid));
}

static bool
has_other_group(int fd, gid_t gid)
{
	socklen_t length = 0;
	gid_t *groups = NULL;
	bool found = false;
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &length) == 0 ||
	    errno != ERANGE)
		return false;
	groups = malloc(length);
	if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS,
	    groups, &length) == 0)
		for (i = 0; i < length / sizeof(*groups) && !found; i++)
			found = groups[i] == gid;
	free(groups);
	return found;
}
