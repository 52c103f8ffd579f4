/* Opening as in posix_openpt(3). */

#include "config.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "net/pty.h"

int
pty_open(int *master, int *slave)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char name[64];
	int saved;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master == -1)
		return -1;
	*slave = -1;
	if (fcntl(*master, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(*master, F_SETFL, O_RDWR | O_NONBLOCK) == 0 &&
	    grantpt(*master) == 0 && unlockpt(*master) == 0 &&
	    ptsname_r(*master, name, sizeof(name)) == 0)
		*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave != -1) {
		(void)ioctl(*slave, TIOCSWINSZ, &size);
		return 0;
	}
	saved = errno;
	(void)close(*master);
	errno = saved;
	return -1;
}

/* The first one ends a line that has no newline, the second is the end. */
int
pty_end_of_file(int master, char bytes[2])
{
	struct termios modes;

	if (tcgetattr(master, &modes) == -1 || !(modes.c_lflag & ICANON))
		return 0;
	bytes[0] = (char)modes.c_cc[VEOF];
	bytes[1] = bytes[0];
	return 2;
}
