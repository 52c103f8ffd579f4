/*
 * Kinds of descriptors, and the care for the three that are inherited.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "net/descriptor.h"

static bool	is_null(const struct stat *);

enum descriptor_kind
descriptor_kind(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return DESCRIPTOR_FILE;
	if (S_ISFIFO(st.st_mode))
		return DESCRIPTOR_PIPE;
	if (S_ISSOCK(st.st_mode))
		return DESCRIPTOR_SOCKET;
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode))
		return DESCRIPTOR_FILE;
	if (is_null(&st))
		return DESCRIPTOR_NULL;
	return isatty(fd) ? DESCRIPTOR_TERMINAL : DESCRIPTOR_DEVICE;
}

/* Files of /proc have no size, and some of them wait. */
enum descriptor_kind
descriptor_kind_of_input(int fd)
{
	enum descriptor_kind kind = descriptor_kind(fd);
	struct stat st;

	if (kind == DESCRIPTOR_FILE && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size == 0)
		return DESCRIPTOR_DEVICE;
	return kind;
}

static bool
is_null(const struct stat *st)
{
	struct stat null;

	return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 &&
	    S_ISCHR(null.st_mode) && st->st_rdev == null.st_rdev;
}

bool
descriptor_is_writable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

unsigned
descriptor_reserve(void)
{
	unsigned closed = 0;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", O_RDONLY) == fd)
			closed |= 1u << fd;
	}
	return closed;
}

int
descriptor_reopen(int fd, int access)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* ENXIO, "no such device", would be a puzzle. */
int
descriptor_create(const char *name, int flags)
{
	struct stat st;
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC | flags, 0666);
	if (fd != -1 || errno != ENXIO)
		return fd;
	errno = stat(name, &st) == 0 && S_ISFIFO(st.st_mode) ? EPIPE : ENXIO;
	return -1;
}

int
descriptor_end(int fd)
{
	int null, rc, saved;

	rc = close(fd);
	saved = errno;
	null = open("/dev/null", O_RDWR);
	if (null != -1 && null != fd) {
		(void)dup2(null, fd);
		(void)close(null);
	}
	errno = saved;
	return rc;
}

bool
descriptor_in_background(int fd)
{
	pid_t foreground = tcgetpgrp(fd);

	return foreground != -1 && foreground != getpgrp();
}
