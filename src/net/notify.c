/* sd_notify(3) in one sendto(2); no library is wanted for that. */

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
notify_send(const char *text, struct error *error)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char shown[PRINTABLE_SIZE];
	const char *path;
	size_t length;
	int fd, rc = -1;

	path = getenv("NOTIFY_SOCKET");
	if (path == NULL || path[0] == '\0')
		return 0;
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
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un,
	    sun_path) + length)) != -1)
		rc = 0;
	if (rc == -1)
		error_set(error, errno, "NOTIFY_SOCKET %s", shown);
	if (fd != -1)
		close(fd);
	return rc;
}
