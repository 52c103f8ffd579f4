/* Linux: SIOCOUTQ counts what was written and not acknowledged. */

#include "config.h"

#include <sys/ioctl.h>

#include <linux/sockios.h>

#include "net/tcp.h"

size_t
tcp_unacked(int fd)
{
	int bytes;

	if (ioctl(fd, SIOCOUTQ, &bytes) == -1 || bytes < 0)
		return 0;
	return (size_t)bytes;
}
