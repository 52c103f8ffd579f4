/*
 * Linux: recvmmsg(2), which takes many messages a call, each of which may be
 * many datagrams that the kernel joined (UDP_GRO), and UDP_SEGMENT, which
 * cuts one message into many.
 */

#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/datagram.h"
#include "net/rights.h"
#include "net/socket.h"

/* Of SO_MEMINFO, as linux/sock_diag.h counts them. */
enum {
	FACT_DROPS = 8,
	FACTS
};

/* Of IP_RECVERR, as linux/errqueue.h has it. */
struct told {
	uint32_t	error;
	uint8_t		origin;
	uint8_t		rest[11];
};
enum {
	ORIGIN_ICMP = 2,
	ORIGIN_ICMP6 = 3
};

#define MESSAGES	64

/* With an error come the addresses that concern it. */
#define ERROR_CONTROL	256
#define RECEIVE_BUFFER	(32 * 1024 * 1024)

/* Of local sockets fewer, and longer ones. */
#define LOCAL_MESSAGES	16

union control {
	struct cmsghdr	align;
	char		bytes[CMSG_SPACE(sizeof(int)) +
			    CMSG_SPACE(sizeof(struct in_pktinfo)) +
			    CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

union error_control {
	struct cmsghdr	align;
	char		bytes[ERROR_CONTROL];
};

struct inbox {
	struct batch	batches[MESSAGES];
	struct mmsghdr	heads[MESSAGES];
	struct iovec	places[MESSAGES];
	union control	controls[MESSAGES];
	struct sockaddr_un names[MESSAGES];	/* where `local` */
	bool		local;
	bool		connection;	/* which has an end */
	bool		ended;
	bool		cut;		/* a record was */
	size_t		messages;	/* to be asked for */
	size_t		room;		/* for each */
	size_t		used;		/* by the last call, to be laid out */
	char		data[];
};

static void	lay_out(struct inbox *, size_t);
static int	whole(struct inbox *, int);
static void	take(struct inbox *, size_t);
static int	icmp_error(const struct cmsghdr *);
static void	take_control(struct batch *, const struct cmsghdr *);
static void	from(struct msghdr *, const struct batch *);
static void	add_control(struct msghdr *, int, int, const void *, size_t);
static void	set_int(int, int, int, int);

struct inbox *
inbox_new(int fd)
{
	bool local = datagram_is_local(fd);
	size_t messages = local ? LOCAL_MESSAGES : MESSAGES;
	size_t room = local ? LOCAL_MOST : DATAGRAM_MOST + 1;
	struct inbox *inbox = malloc(sizeof(*inbox) + messages * room);

	if (inbox == NULL)
		return NULL;
	inbox->local = local;
	inbox->connection = local && datagram_is_connection(fd);
	inbox->ended = false;
	inbox->cut = false;
	inbox->messages = messages;
	inbox->room = room;
	inbox->used = messages;
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	free(inbox);
}

int
inbox_fill(struct inbox *inbox, int fd)
{
	int flags = MSG_DONTWAIT | (inbox->local ? MSG_CMSG_CLOEXEC : 0);
	size_t i;
	int n;

	if (inbox->cut) {
		errno = EMSGSIZE;
		return -1;
	}
	if (inbox->ended)
		return 0;
	for (i = 0; i < inbox->used; i++)
		lay_out(inbox, i);
	n = recvmmsg(fd, inbox->heads, (unsigned)inbox->messages, flags,
	    NULL);
	inbox->used = n > 0 ? (size_t)n : 0;
	for (i = 0; i < inbox->used; i++)
		take(inbox, i);
	return n > 0 && inbox->local ? whole(inbox, n) : n;
}

/*
 * How many came before the end, or before one that was cut: what is behind
 * that is lost with it.  An end says nothing of a sender.
 */
static int
whole(struct inbox *inbox, int count)
{
	const struct msghdr *head;
	int i;

	for (i = 0; i < count; i++) {
		head = &inbox->heads[i].msg_hdr;
		inbox->batches[i].cut = head->msg_flags & MSG_TRUNC;
		inbox->cut = inbox->batches[i].cut && inbox->connection;
		inbox->ended = inbox->connection && head->msg_controllen == 0 &&
		    inbox->batches[i].size == 0;
		if (inbox->cut || inbox->ended)
			break;
	}
	if (i > 0 || inbox->ended)
		return i;
	errno = EMSGSIZE;
	return -1;
}

static void
lay_out(struct inbox *inbox, size_t i)
{
	struct msghdr *head = &inbox->heads[i].msg_hdr;

	inbox->places[i].iov_base = inbox->data + i * inbox->room;
	inbox->places[i].iov_len = inbox->room;
	memset(head, 0, sizeof(*head));
	if (inbox->local) {
		head->msg_name = &inbox->names[i];
		head->msg_namelen = sizeof(inbox->names[i]);
	} else {
		head->msg_name = &inbox->batches[i].peer.any;
		head->msg_namelen = sizeof(inbox->batches[i].peer.in6);
	}
	head->msg_iov = &inbox->places[i];
	head->msg_iovlen = 1;
	head->msg_control = &inbox->controls[i];
	head->msg_controllen = sizeof(inbox->controls[i]);
}

static void
take(struct inbox *inbox, size_t i)
{
	struct batch *batch = &inbox->batches[i];
	struct msghdr *head = &inbox->heads[i].msg_hdr;
	struct cmsghdr *control;

	batch->data = inbox->data + i * inbox->room;
	batch->size = inbox->heads[i].msg_len;
	batch->segment = batch->size;
	batch->local.length = 0;
	batch->direct = false;
	batch->rights = NULL;
	batch->cut = false;
	batch->has_who = false;
	if (inbox->local)
		address_set_local(&batch->peer, &inbox->names[i],
		    head->msg_namelen);
	else
		batch->peer.length = head->msg_namelen <=
		    sizeof(batch->peer.in6) ? head->msg_namelen : 0;
	for (control = CMSG_FIRSTHDR(head); control != NULL;
	    control = CMSG_NXTHDR(head, control))
		take_control(batch, control);
	batch->count = batch->segment == 0 ? 1 :
	    (batch->size + batch->segment - 1) / batch->segment;
}

static void
take_control(struct batch *batch, const struct cmsghdr *control)
{
	struct in_pktinfo four;
	struct in6_pktinfo six;
	int segment;

	if (rights_drop(control))
		return;
	if (credentials_take(control, &batch->who)) {
		batch->has_who = true;
	} else if (control->cmsg_level == SOL_UDP &&
	    control->cmsg_type == UDP_GRO) {
		memcpy(&segment, CMSG_DATA(control), sizeof(segment));
		if (segment > 0)
			batch->segment = (size_t)segment;
	} else if (control->cmsg_level == IPPROTO_IP &&
	    control->cmsg_type == IP_PKTINFO) {
		memcpy(&four, CMSG_DATA(control), sizeof(four));
		address_wildcard(&batch->local, AF_INET, 0);
		batch->local.in.sin_addr = four.ipi_addr;
		batch->direct = four.ipi_addr.s_addr ==
		    four.ipi_spec_dst.s_addr;
	} else if (control->cmsg_level == IPPROTO_IPV6 &&
	    control->cmsg_type == IPV6_PKTINFO) {
		memcpy(&six, CMSG_DATA(control), sizeof(six));
		address_wildcard(&batch->local, AF_INET6, 0);
		batch->local.in6.sin6_addr = six.ipi6_addr;
		if (IN6_IS_ADDR_LINKLOCAL(&six.ipi6_addr))
			batch->local.in6.sin6_scope_id = six.ipi6_ifindex;
		batch->direct = !IN6_IS_ADDR_MULTICAST(&six.ipi6_addr);
	}
}

struct batch *
inbox_batches(struct inbox *inbox)
{
	return inbox->batches;
}

void
datagram_ask_errors(int fd)
{
	set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
	set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

/* What the kernel refused by itself, the call that sent it has told. */
int
datagram_told(int fd)
{
	union error_control control;
	struct cmsghdr *one;
	struct msghdr head;
	int error = 0;

	do {
		memset(&head, 0, sizeof(head));
		head.msg_control = &control;
		head.msg_controllen = sizeof(control);
		if (recvmsg(fd, &head, MSG_ERRQUEUE | MSG_DONTWAIT) == -1)
			return socket_error(fd);
		for (one = CMSG_FIRSTHDR(&head); one != NULL && error == 0;
		    one = CMSG_NXTHDR(&head, one))
			error = icmp_error(one);
	} while (error == 0);
	return error;
}

static int
icmp_error(const struct cmsghdr *control)
{
	struct told told;

	if (!(control->cmsg_level == IPPROTO_IP &&
	    control->cmsg_type == IP_RECVERR) &&
	    !(control->cmsg_level == IPPROTO_IPV6 &&
	    control->cmsg_type == IPV6_RECVERR))
		return 0;
	memcpy(&told, CMSG_DATA(control), sizeof(told));
	return told.origin == ORIGIN_ICMP || told.origin == ORIGIN_ICMP6 ?
	    (int)told.error : 0;
}

uint32_t
datagram_lost(int fd)
{
	uint32_t facts[FACTS] = { 0 };
	socklen_t length = sizeof(facts);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, facts, &length) == -1)
		return 0;
	return facts[FACT_DROPS];
}

ssize_t
datagram_send(int fd, const struct batch *batch, size_t *most)
{
	union control control;
	struct address peer = batch->peer;
	struct iovec place = { .iov_base = batch->data };
	struct msghdr head = { .msg_iov = &place, .msg_iovlen = 1 };
	uint16_t segment = (uint16_t)batch->segment;
	size_t count = batch->count < *most ? batch->count : *most;

	if (batch->rights != NULL)
		return rights_send(fd, batch->data, batch_first(batch),
		    batch->rights) == -1 ? -1 : 1;
	memset(&control, 0, sizeof(control));
	head.msg_control = &control;
	place.iov_len = count == batch->count ? batch->size :
	    count * batch->segment;
	if (address_family(&peer) == AF_UNIX) {
		head.msg_name = (void *)(uintptr_t)address_name(&peer);
		head.msg_namelen = peer.length;
		if (head.msg_name == NULL) {
			errno = EDESTADDRREQ;
			return -1;
		}
	} else if (peer.length > 0) {
		head.msg_name = &peer.any;
		head.msg_namelen = peer.length;
	}
	from(&head, batch);
	if (count > 1)
		add_control(&head, SOL_UDP, UDP_SEGMENT, &segment,
		    sizeof(segment));
	if (head.msg_controllen == 0)
		head.msg_control = NULL;
	if (sendmsg(fd, &head, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
		return (ssize_t)count;
	if (count == 1 || (errno != EIO && errno != EINVAL &&
	    errno != EOPNOTSUPP))
		return -1;
	*most = count > BATCH_FEWER && errno == EINVAL ? BATCH_FEWER : 1;
	return datagram_send(fd, batch, most);
}

/* An answer comes from the address that was asked. */
static void
from(struct msghdr *head, const struct batch *batch)
{
	const struct address *local = &batch->local;
	struct in6_pktinfo six = { 0 };
	struct in_pktinfo four = { 0 };

	if (!batch->direct)
		return;
	if (address_family(local) == AF_INET) {
		four.ipi_spec_dst = local->in.sin_addr;
		add_control(head, IPPROTO_IP, IP_PKTINFO, &four,
		    sizeof(four));
	} else if (address_family(local) == AF_INET6) {
		six.ipi6_addr = local->in6.sin6_addr;
		six.ipi6_ifindex = local->in6.sin6_scope_id;
		add_control(head, IPPROTO_IPV6, IPV6_PKTINFO, &six,
		    sizeof(six));
	}
}

static void
add_control(struct msghdr *head, int level, int type, const void *data,
    size_t size)
{
	struct cmsghdr control = {
		.cmsg_level = level, .cmsg_type = type,
		.cmsg_len = CMSG_LEN(size)
	};
	char *to = (char *)head->msg_control + head->msg_controllen;

	memcpy(to, &control, sizeof(control));
	memcpy(to + CMSG_LEN(0), data, size);
	head->msg_controllen += CMSG_SPACE(size);
}

void
datagram_prepare_receive(int fd)
{
	int size = RECEIVE_BUFFER;

	set_int(fd, SOL_UDP, UDP_GRO, 1);
	/* Only groups that this socket joined, not all of the host's. */
	set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
	    sizeof(size)) == -1)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, size);
}

static void
set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}
