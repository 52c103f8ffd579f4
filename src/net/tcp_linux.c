/*
 * Linux: SIOCOUTQ counts what was written and not acknowledged, TCP_INFO
 * the rest.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "net/tcp.h"

size_t
tcp_unacked(int fd)
{
	int bytes;

	if (ioctl(fd, SIOCOUTQ, &bytes) == -1 || bytes < 0)
		return 0;
	return (size_t)bytes;
}

bool
tcp_has_facts(void)
{
	return true;
}

void
tcp_ask(int fd, struct tcp_facts *facts)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);
	uint32_t quiet;

	memset(facts, 0, sizeof(*facts));
	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
		return;
	quiet = info.tcpi_last_data_recv;
	if (info.tcpi_last_data_sent < quiet)
		quiet = info.tcpi_last_data_sent;
	if (info.tcpi_unacked > 0 && info.tcpi_last_ack_recv < quiet)
		quiet = info.tcpi_last_ack_recv;
	facts->acked = info.tcpi_bytes_acked;
	facts->received = info.tcpi_bytes_received;
	facts->quiet_ns = (int64_t)quiet * CLOCK_MS;
}
