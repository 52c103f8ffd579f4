/* What is alike on all platforms. */

#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <string.h>
#include <unistd.h>

#include "net/datagram.h"

/* Headers: IP's without options, and UDP's. */
#define HEADERS4	28
#define HEADERS6	48

/* Of a local socket's send buffer; unix_dgram_sendmsg() of Linux. */
#define BUFFER_OVERHEAD	32

static size_t	buffer_room(int);
static size_t	path_room(int);
static int	family_of(int);
static void	set_int(int, int, int, int);

int
batch_compare_senders(const struct batch *a, const struct batch *b)
{
	int order = address_compare(&a->peer, &b->peer);

	if (order == 0)
		order = a->has_who - b->has_who;
	if (order != 0 || !a->has_who)
		return order;
	if (a->who.uid != b->who.uid)
		return a->who.uid < b->who.uid ? -1 : 1;
	return (a->who.gid > b->who.gid) - (a->who.gid < b->who.gid);
}

size_t
batch_first(const struct batch *batch)
{
	return batch->count > 1 ? batch->segment : batch->size;
}

void
batch_skip(struct batch *batch, size_t records)
{
	size_t bytes = records < batch->count ? records * batch->segment :
	    batch->size;

	batch->data += bytes;
	batch->size -= bytes;
	batch->count -= records;
}

void
datagram_set(int fd, int family, const struct datagram_setup *setup)
{
	bool six = family == AF_INET6;

	if (setup->receives)
		datagram_prepare_receive(fd);
	if (setup->shared)
		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (setup->broadcast)
		set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, setup->fragment ?
	    IP_PMTUDISC_DONT : IP_PMTUDISC_DO);
	if (six)
		set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, setup->fragment ?
		    IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO);
	if (setup->ttl >= 0 && six)
		set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, setup->ttl);
	else if (setup->ttl >= 0)
		set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, setup->ttl);
	if (setup->loop >= 0 && six)
		set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, setup->loop);
	else if (setup->loop >= 0)
		set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, setup->loop);
}

int
datagram_join(int fd, const struct address *group, unsigned interface,
    const struct address *source)
{
	int level = address_family(group) == AF_INET6 ? IPPROTO_IPV6 :
	    IPPROTO_IP;
	struct group_source_req one = { .gsr_interface = interface };
	struct group_req any = { .gr_interface = interface };

	memcpy(&any.gr_group, &group->any, group->length);
	memcpy(&one.gsr_group, &group->any, group->length);
	if (source == NULL)
		return setsockopt(fd, level, MCAST_JOIN_GROUP, &any,
		    sizeof(any));
	memcpy(&one.gsr_source, &source->any, source->length);
	return setsockopt(fd, level, MCAST_JOIN_SOURCE_GROUP, &one,
	    sizeof(one));
}

bool
datagram_is_udp(int fd)
{
	int family = family_of(fd);

	return family == AF_INET || family == AF_INET6;
}

void
datagram_tell_ends(int fd)
{
	set_int(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
}

bool
datagram_is_local(int fd)
{
	return family_of(fd) == AF_UNIX;
}

bool
datagram_is_connection(int fd)
{
	socklen_t length = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
	    type == SOCK_SEQPACKET;
}

/* An unconnected socket has no path: another one is asked. */
size_t
datagram_room(int fd, const struct address *to)
{
	struct address peer = *to;
	size_t room = DATAGRAM_SENT;
	int other;

	if (datagram_is_local(fd))
		return buffer_room(fd);
	if (to->length == 0)
		return path_room(fd);
	address_unmap(&peer);
	other = socket(address_family(&peer), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (other == -1)
		return room;
	set_int(other, SOL_SOCKET, SO_BROADCAST, 1);
	if (connect(other, &peer.any, peer.length) == 0)
		room = path_room(other);
	(void)close(other);
	return room;
}

/* Linux keeps some of it for itself. */
static size_t
buffer_room(int fd)
{
	socklen_t length = sizeof(int);
	int size = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length) == -1 ||
	    size <= BUFFER_OVERHEAD)
		return DATAGRAM_SENT;
	size -= BUFFER_OVERHEAD;
	return size < LOCAL_MOST ? (size_t)size : LOCAL_MOST;
}

bool
datagram_fragments(int fd)
{
	bool six = family_of(fd) == AF_INET6;
	socklen_t length = sizeof(int);
	int how = 0;

	return getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ?
	    IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &how, &length) == 0 &&
	    how == (six ? IPV6_PMTUDISC_DONT : IP_PMTUDISC_DONT);
}

static size_t
path_room(int fd)
{
	bool six = family_of(fd) == AF_INET6;
	size_t headers = six ? HEADERS6 : HEADERS4;
	socklen_t length = sizeof(int);
	int mtu = 0;

	if (getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
	    six ? IPV6_MTU : IP_MTU, &mtu, &length) == -1 ||
	    mtu <= (int)headers || (size_t)mtu - headers > DATAGRAM_SENT)
		return DATAGRAM_SENT;
	return (size_t)mtu - headers;
}

static int
family_of(int fd)
{
	struct address address;

	address.length = sizeof(address.in6);
	if (getsockname(fd, &address.any, &address.length) == -1)
		return AF_UNSPEC;
	return address.any.sa_family;
}

static void
set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}
