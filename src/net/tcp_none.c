/* Platforms that do not tell: what the kernel took counts as delivered. */

#include "config.h"

#include "net/tcp.h"

size_t
tcp_unacked(int fd)
{
	(void)fd;
	return 0;
}
