/* Platforms that do not tell: what the kernel took counts as delivered. */

#include "config.h"

#include <string.h>

#include "net/tcp.h"

size_t
tcp_unacked(int fd)
{
	(void)fd;
	return 0;
}

bool
tcp_has_facts(void)
{
	return false;
}

void
tcp_ask(int fd, bool connected, struct tcp_facts *facts)
{
	(void)fd;
	(void)connected;
	memset(facts, 0, sizeof(*facts));
}

bool
tcp_ask_path(int fd, struct tcp_path *path)
{
	(void)fd;
	(void)path;
	return false;
}
