/*
 * The ends that a benchmark of datagrams needs: what feeds a sender, what
 * sends at a given rate, what counts datagrams, and what counts the bytes
 * that a receiver writes out.  All are to cost less than what is measured
 * between them; the subcommands are told in cost.c.
 */

#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/udp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cost.h"

#define MAX_SIZE	65507		/* of a datagram over IPv4 */
#define MAX_MS		3600000
#define MAX_RATE	100000000
#define WRITE_SIZE	65536
#define READ_SIZE	16384		/* as wc has it */
#define BATCH		32		/* datagrams a call */
#define RECEIVE_BUFFER	(256 << 20)	/* bytes, where permitted */

static volatile sig_atomic_t ended;	/* tally is to tell what came */

static int64_t
deadline(const char *milliseconds)
{
	return now_ns() + (int64_t)number(milliseconds, MAX_MS) * 1000000;
}

static void
write_all(const char *data, size_t size)
{
	ssize_t count;

	for (size_t done = 0; done < size; done += (size_t)count) {
		count = write(STDOUT_FILENO, data + done, size - done);
		if (count == -1)
			err(1, "write");
	}
}

/* feed SECONDS FILE SIZE HOW MILLISECONDS */
int
feed(char **argv)
{
	static char data[WRITE_SIZE];
	int64_t end_ns, records = 0;
	size_t size, once = 1;

	limit_life(argv[0]);
	size = (size_t)number(argv[2], MAX_SIZE);
	if (strcmp(argv[3], "stream") == 0)
		once = sizeof(data) / size;
	else if (size > PIPE_BUF ||
	    fcntl(STDOUT_FILENO, F_SETFL, O_DIRECT) == -1)
		err(1, "a packet of %zu bytes", size);
	memset(data, 'd', sizeof(data));
	end_ns = deadline(argv[4]);
	do {
		write_all(data, size * once);
		records += (int64_t)once;
	} while (now_ns() < end_ns);
	append(argv[1], "%lld", (long long)records);
	return 0;
}

/* Where to send: connected, so that a refusal is noticed. */
static int
target(const char *port)
{
	struct sockaddr_in address;
	int fd;

	fd = loopback_socket(port, SOCK_DGRAM, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "connect");
	return fd;
}

static void
sleep_until(int64_t when_ns)
{
	const struct timespec ts = {
		.tv_sec = (time_t)(when_ns / 1000000000),
		.tv_nsec = (long)(when_ns % 1000000000),
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Let the system cut what is sent at once into datagrams of that size. */
static void
send_trains(int fd, size_t size)
{
	const int segment = (int)size;

	if (size * BATCH > MAX_SIZE)
		errx(2, "too long for a train: %zu bytes", size);
	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment,
	    sizeof(segment)) == -1)
		err(1, "UDP_SEGMENT");
}

/* blast SECONDS PORT SIZE HOW RATE MILLISECONDS */
int
blast(char **argv)
{
	static char data[MAX_SIZE];
	struct mmsghdr heads[BATCH] = { 0 };
	struct iovec piece = { .iov_base = data };
	int64_t start_ns, end_ns, sent = 0;
	unsigned messages = BATCH;
	int count, fd, rate;

	limit_life(argv[0]);
	fd = target(argv[1]);
	piece.iov_len = (size_t)number(argv[2], MAX_SIZE);
	if (strcmp(argv[3], "trains") == 0) {
		send_trains(fd, piece.iov_len);
		piece.iov_len *= BATCH;
		messages = 1;
	}
	rate = number(argv[4], MAX_RATE);
	memset(data, 'd', sizeof(data));
	for (unsigned i = 0; i < messages; i++) {
		heads[i].msg_hdr.msg_iov = &piece;
		heads[i].msg_hdr.msg_iovlen = 1;
	}
	start_ns = now_ns();
	end_ns = deadline(argv[5]);
	while (now_ns() < end_ns) {
		count = sendmmsg(fd, heads, messages, 0);
		if (count == -1)
			err(1, "send");
		sent += count * (BATCH / (int)messages);
		sleep_until(start_ns + sent * 1000000000 / rate);
	}
	printf("%lld %lld %lld\n", (long long)sent, (long long)start_ns,
	    (long long)now_ns());
	return 0;
}

static void
note_end(int sig)
{
	(void)sig;
	ended = 1;
}

/* A bound socket with room for much. */
static int
bound(const char *port)
{
	struct sockaddr_in address;
	const int size = RECEIVE_BUFFER;
	int fd;

	fd = loopback_socket(port, SOCK_DGRAM, &address);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
	    sizeof(size)) == -1)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "bind");
	return fd;
}

/*
 * tally SECONDS PORT SIZE; it looks from time to time, so that no sender pays
 * for waking it.
 */
int
tally(char **argv)
{
	const struct sigaction action = { .sa_handler = note_end };
	const struct timespec pause = { .tv_nsec = 200000 };
	struct mmsghdr heads[BATCH] = { 0 };
	int64_t right = 0, odd = 0;
	size_t size;
	int count, fd;

	limit_life(argv[0]);
	sigaction(SIGTERM, &action, NULL);
	size = (size_t)number(argv[2], MAX_SIZE);
	fd = bound(argv[1]);
	for (;;) {
		count = recvmmsg(fd, heads, BATCH, MSG_DONTWAIT | MSG_TRUNC,
		    NULL);
		if (count == -1 && errno != EAGAIN)
			err(1, "recv");
		if (count == -1 && ended)
			break;
		if (count == -1)
			nanosleep(&pause, NULL);
		for (int i = 0; i < count; i++)
			if (heads[i].msg_len == size)
				right++;
			else
				odd++;
	}
	printf("%lld %lld\n", (long long)right, (long long)odd);
	return 0;
}

/* take SECONDS */
int
take(char **argv)
{
	static char data[READ_SIZE];
	int64_t taken = 0, last_ns = 0;
	ssize_t count;

	limit_life(argv[0]);
	while ((count = read(STDIN_FILENO, data, sizeof(data))) > 0) {
		taken += count;
		last_ns = now_ns();
	}
	if (count == -1)
		err(1, "read");
	printf("%lld %lld\n", (long long)taken, (long long)last_ns);
	return 0;
}
