/* sd_notify(3) without its library. */

#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "net/notify.h"

int
notify_open(struct error *error)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char shown[PRINTABLE_SIZE];
	const char *path;
	size_t length;
	int fd;

	error_setx(error, "%s", "");
	path = getenv("NOTIFY_SOCKET");
	if (path == NULL || path[0] == '\0')
		return -1;
	(void)printable(path, shown, sizeof(shown));
	length = strlen(path);
	if ((path[0] != '/' && path[0] != '@') ||
	    length >= sizeof(to.sun_path)) {
		error_setx(error, "NOTIFY_SOCKET %s: not a socket's address",
		    shown);
		return -1;
	}
	memcpy(to.sun_path, path, length);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 && connect(fd, (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
		return fd;
	error_set(error, errno, "NOTIFY_SOCKET %s", shown);
	if (fd != -1)
		(void)close(fd);
	return -1;
}

int
notify_send(int fd, const char *text, struct error *error)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != -1)
		return 0;
	error_set(error, errno, "NOTIFY_SOCKET");
	return -1;
}
