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

static uint64_t less(uint64_t, uint64_t);

/* tcpi_state, by the kernel's numbers: linux/tcp.h does not name them. */
enum {
	STATE_TIME_WAIT = 6,
	STATE_CLOSE = 7,
	STATE_CLOSE_WAIT = 8,
	STATE_LAST_ACK = 9,
	STATE_CLOSING = 11
};

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
tcp_ask(int fd, bool connected, struct tcp_facts *facts)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);
	uint64_t sent, acked;
	uint32_t quiet;
	int unread;

	memset(facts, 0, sizeof(*facts));
	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
		return;
	if (ioctl(fd, FIONREAD, &unread) == -1)
		unread = 0;
	quiet = info.tcpi_last_data_recv;
	if (info.tcpi_last_data_sent < quiet)
		quiet = info.tcpi_last_data_sent;
	if (info.tcpi_unacked > 0 && info.tcpi_last_ack_recv < quiet)
		quiet = info.tcpi_last_ack_recv;
	sent = less(info.tcpi_bytes_sent, info.tcpi_bytes_retrans);
	acked = less(info.tcpi_bytes_acked, connected);
	facts->unacked = acked < sent;
	facts->ended = info.tcpi_state == STATE_CLOSE_WAIT;
	facts->reset = info.tcpi_state == STATE_CLOSE && acked <= sent;
	facts->acked = acked < sent ? acked : sent;
	/* Where our end was acknowledged, the peer's is most often counted. */
	facts->read = less(info.tcpi_bytes_received, (uint64_t)unread +
	    ((info.tcpi_state == STATE_CLOSE && acked > sent) ||
	    info.tcpi_state == STATE_CLOSE_WAIT ||
	    info.tcpi_state == STATE_LAST_ACK ||
	    info.tcpi_state == STATE_CLOSING ||
	    info.tcpi_state == STATE_TIME_WAIT));
	facts->quiet_ns = (int64_t)quiet * CLOCK_MS;
}

/* The kernel's counts, without what is no payload. */
static uint64_t
less(uint64_t count, uint64_t others)
{
	return count < others ? 0 : count - others;
}
