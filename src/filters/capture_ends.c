/* Addresses that may stand in packets, and comments. */

#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filters/capture_ends.h"

/* No system's first choice, and no protocol's either. */
#define CLIENT_PORT	61000
#define CLIENT_PORTS	4000
#define SERVER_PORT	1

/* FNV-1a */
#define HASH_BASE	UINT32_C(2166136261)
#define HASH_PRIME	UINT32_C(16777619)

static bool	is_inet(const struct address *);
static void	make_loopback(struct address *, bool client, uint32_t);
static bool	make_known(struct address *, int family, uint16_t port);
static uint16_t	made_up_port(bool client, uint32_t);
static const char *who(const struct address *, char *, size_t);

static const char *const made_up[] = {
	[CAPTURE_NONE] = NULL,
	[CAPTURE_OURS] = "our address is not known",
	[CAPTURE_PEERS] = "the peer's address is not known",
	[CAPTURE_BOTH] = "addresses and ports are made up"
};

enum capture_made_up
capture_ends_settle(struct capture_ends *ends)
{
	const bool accepted = ends->accepted;
	bool ours, peers;
	int family;

	address_unmap(&ends->us);
	address_unmap(&ends->peer);
	if (!is_inet(&ends->us) && !is_inet(&ends->peer)) {
		make_loopback(&ends->us, !accepted, ends->number);
		make_loopback(&ends->peer, accepted, ends->number);
		return CAPTURE_BOTH;
	}
	family = address_family(is_inet(&ends->peer) ? &ends->peer :
	    &ends->us);
	ours = make_known(&ends->us, family,
	    made_up_port(!accepted, ends->number));
	peers = make_known(&ends->peer, family,
	    made_up_port(accepted, ends->number));
	return ours ? CAPTURE_OURS : peers ? CAPTURE_PEERS : CAPTURE_NONE;
}

uint32_t
capture_ends_number(const struct address *address)
{
	const unsigned char *name = (const void *)address_name(address);
	uint32_t hash = HASH_BASE;

	for (socklen_t i = 0; name != NULL && i < address->length; i++)
		hash = (hash ^ name[i]) * HASH_PRIME;
	return hash;
}

static bool
is_inet(const struct address *address)
{
	return address_family(address) == AF_INET ||
	    address_family(address) == AF_INET6;
}

static void
make_loopback(struct address *address, bool client, uint32_t number)
{
	const uint32_t host = client ? number / CLIENT_PORTS : 0;

	address_wildcard(address, AF_INET, made_up_port(client, number));
	address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
}

/* True: it is not known, which a wildcard is not, either. */
static bool
make_known(struct address *address, int family, uint16_t port)
{
	struct address wildcard;

	if (address_port(address) != 0)
		port = address_port(address);
	address_wildcard(&wildcard, family, port);
	if (address_family(address) != family)
		*address = wildcard;
	address_set_port(address, port);
	return address_same_host(address, &wildcard);
}

static uint16_t
made_up_port(bool client, uint32_t number)
{
	return client ? (uint16_t)(CLIENT_PORT + number % CLIENT_PORTS) :
	    SERVER_PORT;
}

void
capture_say(struct capture_comment *comment, const char *fmt, ...)
{
	size_t used;
	va_list ap;

	if (comment->text[0] != '\0')
		strlcat(comment->text, "; ", sizeof(comment->text));
	used = strlen(comment->text);
	va_start(ap, fmt);
	vsnprintf(comment->text + used, sizeof(comment->text) - used, fmt,
	    ap);
	va_end(ap);
}

void
capture_introduce(struct capture_comment *comment,
    const struct tap_ends *ends, enum capture_made_up which)
{
	const char *way = ends->accepted ? "accepted" : "connected";
	char peer[ADDRESS_TEXT];

	if (ends->number > 0)
		capture_say(comment, "ducat %s, connection %" PRIu32 ", %s",
		    PACKAGE_VERSION, ends->number, way);
	else
		capture_say(comment, "ducat %s, %s", PACKAGE_VERSION, way);
	if (who(ends->peer, peer, sizeof(peer)) != NULL)
		capture_say(comment, "peer %s", peer);
	if (ends->place != NULL)
		capture_say(comment, "socket %s", ends->place);
	if (made_up[which] != NULL)
		capture_say(comment, "%s", made_up[which]);
}

/* NULL: nobody in particular. */
static const char *
who(const struct address *address, char *buf, size_t size)
{
	if (!is_inet(address) && address_name(address) == NULL)
		return NULL;
	return address_text(address, buf, size);
}
