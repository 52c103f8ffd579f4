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
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "net/tcp.h"

static int	ask_of_one_moment(int fd, struct tcp_info *, int *unread);
static uint64_t	unsent(const struct tcp_info *);
static uint64_t	less(uint64_t, uint64_t);
static int64_t	figure(const struct tcp_info *, size_t at, size_t size,
		    size_t length);

/* tcpi_state, by the kernel's numbers: linux/tcp.h does not name them. */
enum {
	STATE_FIN_WAIT1 = 4,
	STATE_TIME_WAIT = 6,
	STATE_CLOSE = 7,
	STATE_CLOSE_WAIT = 8,
	STATE_LAST_ACK = 9,
	STATE_CLOSING = 11
};

/* So often is asked while more arrives. */
#define MOMENT_TRIES	4

/* Where the kernel has what a path bears. */
#define FIGURE(member, field)						\
	offsetof(struct tcp_path, member),				\
	    offsetof(struct tcp_info, field),				\
	    sizeof(((struct tcp_info *)0)->field)

static const struct {
	size_t	to;
	size_t	from;
	size_t	size;
} figures[] = {
	{ FIGURE(rtt_us, tcpi_rtt) },
	{ FIGURE(rttvar_us, tcpi_rttvar) },
	{ FIGURE(retransmits, tcpi_total_retrans) },
	{ FIGURE(retransmitted, tcpi_bytes_retrans) },
	{ FIGURE(lost, tcpi_lost) },
	{ FIGURE(reordered, tcpi_reord_seen) },
	{ FIGURE(delivery_rate, tcpi_delivery_rate) },
	{ FIGURE(cwnd, tcpi_snd_cwnd) },
	{ FIGURE(mss, tcpi_snd_mss) },
	{ FIGURE(busy_us, tcpi_busy_time) },
	{ FIGURE(rwnd_limited_us, tcpi_rwnd_limited) },
	{ FIGURE(sndbuf_limited_us, tcpi_sndbuf_limited) },
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
	uint64_t sent, acked;
	uint32_t quiet;
	int unread;

	memset(facts, 0, sizeof(*facts));
	memset(&info, 0, sizeof(info));
	if (ask_of_one_moment(fd, &info, &unread) == -1)
		return;
	quiet = info.tcpi_last_data_recv;
	if (info.tcpi_last_data_sent < quiet)
		quiet = info.tcpi_last_data_sent;
	if (info.tcpi_unacked > 0 && info.tcpi_last_ack_recv < quiet)
		quiet = info.tcpi_last_ack_recv;
	sent = less(info.tcpi_bytes_sent, info.tcpi_bytes_retrans);
	acked = less(info.tcpi_bytes_acked, connected);
	facts->written = sent + unsent(&info);
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

/* What arrives between two questions is in the one count and not the other. */
static int
ask_of_one_moment(int fd, struct tcp_info *info, int *unread)
{
	int tries = MOMENT_TRIES;
	uint64_t before;
	socklen_t length;

	do {
		before = info->tcpi_bytes_received;
		if (ioctl(fd, FIONREAD, unread) == -1)
			*unread = 0;
		length = sizeof(*info);
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info,
		    &length) == -1)
			return -1;
	} while (info->tcpi_bytes_received != before && --tries > 0);
	return 0;
}

/* What the peer's window has had no room for, without a FIN of ours. */
static uint64_t
unsent(const struct tcp_info *info)
{
	return less(info->tcpi_notsent_bytes,
	    info->tcpi_state == STATE_FIN_WAIT1 ||
	    info->tcpi_state == STATE_LAST_ACK ||
	    info->tcpi_state == STATE_CLOSING);
}

bool
tcp_ask_path(int fd, struct tcp_path *path)
{
	socklen_t length = sizeof(struct tcp_info);
	socklen_t room = sizeof(path->congestion) - 1;
	struct tcp_info info;
	int64_t value;
	size_t i;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
		return false;
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		value = figure(&info, figures[i].from, figures[i].size,
		    length);
		memcpy((char *)path + figures[i].to, &value, sizeof(value));
	}
	memset(path->congestion, 0, sizeof(path->congestion));
	(void)getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, path->congestion,
	    &room);
	return true;
}

/* An old kernel gives less than the header has. */
static int64_t
figure(const struct tcp_info *info, size_t at, size_t size, size_t length)
{
	uint64_t value = 0;
	uint32_t half;

	if (at + size > length)
		return -1;
	if (size == sizeof(value)) {
		memcpy(&value, (const char *)info + at, sizeof(value));
	} else {
		memcpy(&half, (const char *)info + at, sizeof(half));
		value = half;
	}
	return value > INT64_MAX ? -1 : (int64_t)value;
}

/* The kernel's counts, without what is no payload. */
static uint64_t
less(uint64_t count, uint64_t others)
{
	return count < others ? 0 : count - others;
}
