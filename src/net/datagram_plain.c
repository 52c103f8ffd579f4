/* Platforms with one datagram a system call; losses are not told. */

#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>

#include "net/datagram.h"
#include "net/socket.h"

#define RECEIVE_BUFFER	(1024 * 1024)

struct inbox {
	struct batch	batch;
	char		data[DATAGRAM_MOST + 1];
};

struct inbox *
inbox_new(void)
{
	return malloc(sizeof(struct inbox));
}

void
inbox_free(struct inbox *inbox)
{
	free(inbox);
}

int
inbox_fill(struct inbox *inbox, int fd)
{
	struct batch *batch = &inbox->batch;
	ssize_t n;

	batch->peer.length = sizeof(batch->peer.in6);
	n = recvfrom(fd, inbox->data, sizeof(inbox->data), MSG_DONTWAIT,
	    &batch->peer.any, &batch->peer.length);
	if (n == -1)
		return -1;
	batch->data = inbox->data;
	batch->size = (size_t)n;
	batch->segment = batch->size;
	batch->count = 1;
	batch->local.length = 0;
	batch->direct = false;
	return 1;
}

struct batch *
inbox_batches(struct inbox *inbox)
{
	return &inbox->batch;
}

void
datagram_ask_errors(int fd)
{
	(void)fd;
}

int
datagram_told(int fd)
{
	return socket_error(fd);
}

uint32_t
datagram_lost(int fd)
{
	(void)fd;
	return 0;
}

ssize_t
datagram_send(int fd, const struct batch *batch, size_t *most)
{
	*most = 1;
	return sendto(fd, batch->data, batch_first(batch),
	    MSG_DONTWAIT | MSG_NOSIGNAL,
	    batch->peer.length > 0 ? &batch->peer.any : NULL,
	    batch->peer.length) == -1 ? -1 : 1;
}

void
datagram_prepare_receive(int fd)
{
	int size = RECEIVE_BUFFER;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}
