/* Platforms with one record a system call; losses are not told. */

#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/datagram.h"
#include "net/rights.h"
#include "net/socket.h"

#define RECEIVE_BUFFER	(1024 * 1024)

/* For a few descriptors that nobody has asked for, and credentials. */
#define CONTROL		256

union control {
	struct cmsghdr	align;
	char		bytes[CONTROL];
};

struct inbox {
	struct batch	batch;
	struct sockaddr_un name;	/* where `local` */
	bool		local;
	bool		connection;	/* which has an end */
	size_t		room;
	char		data[];
};

static void	take(struct inbox *, struct msghdr *);

struct inbox *
inbox_new(int fd)
{
	bool local = datagram_is_local(fd);
	size_t room = local ? LOCAL_MOST : DATAGRAM_MOST + 1;
	struct inbox *inbox = malloc(sizeof(*inbox) + room);

	if (inbox == NULL)
		return NULL;
	inbox->local = local;
	inbox->connection = local && datagram_is_connection(fd);
	inbox->room = room;
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	free(inbox);
}

/* Where times are not told an empty record is taken for the end. */
int
inbox_fill(struct inbox *inbox, int fd)
{
	struct batch *batch = &inbox->batch;
	struct iovec place = {
		.iov_base = inbox->data, .iov_len = inbox->room
	};
	union control control;
	struct msghdr head = {
		.msg_iov = &place, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)
	};
	ssize_t n;

	head.msg_name = inbox->local ? (void *)&inbox->name :
	    (void *)&batch->peer.any;
	head.msg_namelen = inbox->local ? sizeof(inbox->name) :
	    sizeof(batch->peer.in6);
	n = recvmsg(fd, &head, MSG_DONTWAIT);
	if (n == -1)
		return -1;
	batch->data = inbox->data;
	batch->size = (size_t)n;
	batch->segment = batch->size;
	batch->count = 1;
	take(inbox, &head);
	batch->cut = inbox->local && (head.msg_flags & MSG_TRUNC);
	if (batch->cut && inbox->connection) {
		errno = EMSGSIZE;
		return -1;
	}
	return inbox->connection && n == 0 && head.msg_controllen == 0 ? 0 :
	    1;
}

static void
take(struct inbox *inbox, struct msghdr *head)
{
	struct batch *batch = &inbox->batch;
	struct cmsghdr *one;

	batch->local.length = 0;
	batch->direct = false;
	batch->rights = NULL;
	batch->has_who = false;
	if (inbox->local)
		address_set_local(&batch->peer, &inbox->name,
		    head->msg_namelen);
	else
		batch->peer.length = head->msg_namelen;
	for (one = CMSG_FIRSTHDR(head); one != NULL;
	    one = CMSG_NXTHDR(head, one))
		if (!rights_drop(one) && credentials_take(one, &batch->who))
			batch->has_who = true;
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
	const struct address *peer = &batch->peer;
	const void *to = peer->length > 0 ? &peer->any : NULL;

	*most = 1;
	if (batch->rights != NULL)
		return rights_send(fd, batch->data, batch_first(batch),
		    batch->rights) == -1 ? -1 : 1;
	if (address_family(peer) == AF_UNIX) {
		to = address_name(peer);
		if (to == NULL) {
			errno = EDESTADDRREQ;
			return -1;
		}
	}
	return sendto(fd, batch->data, batch_first(batch),
	    MSG_DONTWAIT | MSG_NOSIGNAL, to, to == NULL ? 0 :
	    peer->length) == -1 ? -1 : 1;
}

void
datagram_prepare_receive(int fd)
{
	int size = RECEIVE_BUFFER;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}
