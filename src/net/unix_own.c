/* The directory's name cannot be guessed, and only we may write to it. */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/unix_own.h"

#define PATTERN		"ducat.XXXXXX"
#define NAME		"socket"

static int	make_directory(struct unix_own *, const char *where);
static int	bind_file(int, const struct unix_own *);
static bool	file_of(const struct unix_own *, char *, size_t);

int
unix_own_bind(int fd, bool file, struct unix_own *own)
{
	const struct sockaddr any = { .sa_family = AF_UNIX };
	const char *where = getenv("TMPDIR");

	own->directory[0] = '\0';
	if (file && ((where != NULL && make_directory(own, where) == 0) ||
	    make_directory(own, "/tmp") == 0)) {
		if (bind_file(fd, own) == 0)
			return 0;
		unix_own_leave(own);
	}
	return bind(fd, &any, sizeof(any.sa_family));
}

/* Whoever answers has to pass through it. */
static int
make_directory(struct unix_own *own, const char *where)
{
	size_t size = sizeof(own->directory) - sizeof(NAME);

	if (where[0] == '/' && snprintf(own->directory, size, "%s/%s", where,
	    PATTERN) < (int)size && mkdtemp(own->directory) != NULL &&
	    chmod(own->directory, 0711) == 0)
		return 0;
	own->directory[0] = '\0';
	return -1;
}

static int
bind_file(int fd, const struct unix_own *own)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	if (!file_of(own, name.sun_path, sizeof(name.sun_path)) ||
	    bind(fd, (const struct sockaddr *)&name, sizeof(name)) == -1)
		return -1;
	return chmod(name.sun_path, 0666);
}

static bool
file_of(const struct unix_own *own, char *buf, size_t size)
{
	return snprintf(buf, size, "%s/%s", own->directory, NAME) < (int)size;
}

void
unix_own_leave(struct unix_own *own)
{
	char file[sizeof(own->directory)];

	if (own->directory[0] == '\0')
		return;
	if (file_of(own, file, sizeof(file)))
		(void)unlink(file);
	(void)rmdir(own->directory);
	own->directory[0] = '\0';
}
