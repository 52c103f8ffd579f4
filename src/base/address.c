/*
 * Addresses and their text.  Only the strict forms are addresses; what
 * other parsers would take for one is a fault, so that a name which means
 * one host here and another one there is never looked up.
 */

#include "config.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/printable.h"
#include "base/units.h"

#define NAME_OFFSET	offsetof(struct sockaddr_un, sun_path)

static int	compare_names(const struct address *,
		    const struct address *);
static const char *local_text(const struct address *, char *, size_t);
static bool	is_plain(const char *);
static enum address_parsed parse_number(struct address *, const char *number,
		    uint16_t port);
static unsigned	parse_scope(const char *scope);
static bool	ends_in_number(const char *host);
static bool	is_number(const char *label, size_t length);
static enum address_parsed bad(struct error *, const char *host,
		    const char *why);

enum address_parsed
address_parse(struct address *address, const char *host, uint16_t port,
    struct error *error)
{
	const char		*scope = strchr(host, '%');
	char			 number[INET6_ADDRSTRLEN];
	size_t			 length;
	enum address_parsed	 result = ADDRESS_NOT;

	length = scope == NULL ? strlen(host) : (size_t)(scope - host);
	if (length < sizeof(number)) {
		memcpy(number, host, length);
		number[length] = '\0';
		result = parse_number(address, number, port);
	}
	if (result == ADDRESS_NOT) {
		if (memchr(host, ':', length) != NULL)
			return bad(error, host, "not an IPv6 address");
		if (ends_in_number(host))
			return bad(error, host, "not an IPv4 address "
			    "(four numbers, 0 to 255, no leading zeros)");
		return ADDRESS_NOT;
	}
	if (scope == NULL)
		return ADDRESS_OK;
	if (address->any.sa_family != AF_INET6)
		return bad(error, host, "only IPv6 addresses have a scope");
	if (scope[1] == '\0')
		return bad(error, host, "an interface is missing behind %");
	address->in6.sin6_scope_id = parse_scope(scope + 1);
	if (address->in6.sin6_scope_id == 0)
		return bad(error, host, "no such interface");
	return ADDRESS_OK;
}

void
address_wildcard(struct address *address, int family, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->any.sa_family = (sa_family_t)family;
	address->length = family == AF_INET6 ?
	    sizeof(address->in6) : sizeof(address->in);
	address_set_port(address, port);
}

int
address_family(const struct address *address)
{
	return address->length == 0 ? AF_UNSPEC : address->any.sa_family;
}

const void *
address_bytes(const struct address *address, size_t *size)
{
	if (address_family(address) == AF_INET) {
		*size = sizeof(address->in.sin_addr);
		return &address->in.sin_addr;
	}
	*size = sizeof(address->in6.sin6_addr);
	return &address->in6.sin6_addr;
}

uint16_t
address_port(const struct address *address)
{
	if (address_family(address) == AF_INET)
		return ntohs(address->in.sin_port);
	if (address_family(address) == AF_INET6)
		return ntohs(address->in6.sin6_port);
	return 0;
}

void
address_set_port(struct address *address, uint16_t port)
{
	if (address_family(address) == AF_INET)
		address->in.sin_port = htons(port);
	else if (address_family(address) == AF_INET6)
		address->in6.sin6_port = htons(port);
}

void
address_unmap(struct address *address)
{
	struct in_addr	 inner;
	uint16_t	 port = address_port(address);

	if (address_family(address) != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr))
		return;
	memcpy(&inner, &address->in6.sin6_addr.s6_addr[12], sizeof(inner));
	address_wildcard(address, AF_INET, port);
	address->in.sin_addr = inner;
}

bool
address_is_multicast(const struct address *address)
{
	if (address_family(address) == AF_INET)
		return IN_MULTICAST(ntohl(address->in.sin_addr.s_addr));
	return address_family(address) == AF_INET6 &&
	    IN6_IS_ADDR_MULTICAST(&address->in6.sin6_addr);
}

bool
address_lacks_scope(const struct address *address)
{
	const struct in6_addr	*in6 = &address->in6.sin6_addr;

	return address_family(address) == AF_INET6 &&
	    address->in6.sin6_scope_id == 0 &&
	    (IN6_IS_ADDR_LINKLOCAL(in6) || IN6_IS_ADDR_MC_LINKLOCAL(in6));
}

int
address_set_scope(struct address *address, const char *interface)
{
	address->in6.sin6_scope_id = parse_scope(interface);
	return address->in6.sin6_scope_id == 0 ? -1 : 0;
}

bool
address_same_host(const struct address *a, const struct address *b)
{
	if (address_family(a) != address_family(b))
		return false;
	if (address_family(a) == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	if (address_family(a) == AF_UNIX)
		return compare_names(a, b) == 0;
	return address_family(a) == AF_INET6 &&
	    IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr) &&
	    a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

void
address_set_local(struct address *address, const struct sockaddr_un *name,
    socklen_t length)
{
	if (length <= NAME_OFFSET)
		name = NULL;
	/* Of a path of 108 bytes Linux counts a NUL that does not fit. */
	if (length > sizeof(*name))
		length = sizeof(*name);
	address->local.family = AF_UNIX;
	address->length = name == NULL ? NAME_OFFSET : length;
	memcpy(address->local.name, &name, sizeof(name));
}

const struct sockaddr_un *
address_name(const struct address *address)
{
	const struct sockaddr_un *name;

	if (address_family(address) != AF_UNIX)
		return NULL;
	memcpy(&name, address->local.name, sizeof(name));
	return name;
}

void
address_keep(struct address *address, struct sockaddr_un *room)
{
	const struct sockaddr_un *name = address_name(address);

	if (name == NULL)
		return;
	memcpy(room, name, address->length);
	address_set_local(address, room, address->length);
}

static int
compare_names(const struct address *a, const struct address *b)
{
	int order = (int)a->length - (int)b->length;

	if (order != 0 || address_name(a) == NULL)
		return order;
	return memcmp(address_name(a)->sun_path, address_name(b)->sun_path,
	    a->length - NAME_OFFSET);
}

/* The NUL behind a path counts as part of it, or not. */
static const char *
local_text(const struct address *address, char *buf, size_t size)
{
	const struct sockaddr_un *name = address_name(address);
	size_t length = address->length - NAME_OFFSET, at;

	if (name == NULL) {
		strlcpy(buf, "unnamed", size);
	} else if (name->sun_path[0] == '\0') {
		strlcpy(buf, "@", size);
		printable_bytes(name->sun_path + 1, length - 1, buf + 1,
		    size - 1);
	} else {
		strlcpy(buf, name->sun_path[0] == '@' ? "./" : "", size);
		at = strlen(buf);
		printable_bytes(name->sun_path, strnlen(name->sun_path,
		    length), buf + at, size - at);
	}
	return buf;
}

int
address_compare(const struct address *a, const struct address *b)
{
	int	 order = address_family(a) - address_family(b);

	if (order == 0 && address_family(a) == AF_UNIX)
		return compare_names(a, b);
	if (order == 0)
		order = address_port(a) - address_port(b);
	if (order != 0)
		return order;
	if (address_family(a) == AF_INET)
		return memcmp(&a->in.sin_addr, &b->in.sin_addr,
		    sizeof(a->in.sin_addr));
	if (address_family(a) != AF_INET6)
		return 0;
	order = memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
	    sizeof(a->in6.sin6_addr));
	if (order != 0)
		return order;
	return (a->in6.sin6_scope_id > b->in6.sin6_scope_id) -
	    (a->in6.sin6_scope_id < b->in6.sin6_scope_id);
}

const char *
address_text(const struct address *address, char *buf, size_t size)
{
	char	 host[ADDRESS_TEXT];

	address_host(address, host, sizeof(host));
	if (address_family(address) == AF_UNSPEC ||
	    address_family(address) == AF_UNIX)
		strlcpy(buf, host, size);
	else
		snprintf(buf, size, strchr(host, ':') != NULL ?
		    "[%s]:%u" : "%s:%u", host, address_port(address));
	return buf;
}

const char *
address_host(const struct address *address, char *buf, size_t size)
{
	struct address	 plain = *address;
	char		 scope[IF_NAMESIZE];

	if (address_family(address) == AF_UNIX)
		return local_text(address, buf, size);
	address_unmap(&plain);
	strlcpy(buf, "-", size);
	if (address_family(&plain) == AF_INET)
		inet_ntop(AF_INET, &plain.in.sin_addr, buf, (socklen_t)size);
	if (address_family(&plain) != AF_INET6)
		return buf;
	inet_ntop(AF_INET6, &plain.in6.sin6_addr, buf, (socklen_t)size);
	if (plain.in6.sin6_scope_id == 0)
		return buf;
	if (if_indextoname(plain.in6.sin6_scope_id, scope) == NULL ||
	    !is_plain(scope))
		snprintf(scope, sizeof(scope), "%u",
		    (unsigned)plain.in6.sin6_scope_id);
	strlcat(buf, "%", size);
	strlcat(buf, scope, size);
	return buf;
}

/* Of interfaces the kernel takes nearly any name; others have a number. */
static bool
is_plain(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+")] == '\0';
}

static enum address_parsed
parse_number(struct address *address, const char *number, uint16_t port)
{
	address_wildcard(address, AF_INET, port);
	if (inet_pton(AF_INET, number, &address->in.sin_addr) == 1)
		return ADDRESS_OK;
	address_wildcard(address, AF_INET6, port);
	if (inet_pton(AF_INET6, number, &address->in6.sin6_addr) == 1)
		return ADDRESS_OK;
	address->length = 0;
	return ADDRESS_NOT;
}

/* The index of an interface given by name or number, 0: there is none. */
static unsigned
parse_scope(const char *scope)
{
	const char	*why;
	char		 name[IF_NAMESIZE];
	uint64_t	 index;

	if (strlen(scope) >= IF_NAMESIZE)
		return 0;
	if (units_number(scope, 1, UINT32_MAX, &index, &why) == 0)
		return if_indextoname((unsigned)index, name) == NULL ?
		    0 : (unsigned)index;
	return if_nametoindex(scope);
}

/*
 * A host whose last label is a number, decimal or hexadecimal, is an IPv4
 * address to inet_aton(3) and to the URL standard, or would be a fault.
 */
static bool
ends_in_number(const char *host)
{
	size_t	 end = strlen(host), start;

	if (end > 0 && host[end - 1] == '.')
		end--;
	start = end;
	while (start > 0 && host[start - 1] != '.')
		start--;
	return is_number(host + start, end - start);
}

static bool
is_number(const char *label, size_t length)
{
	if (length >= 2 && label[0] == '0' &&
	    (label[1] == 'x' || label[1] == 'X'))
		return strspn(label + 2, "0123456789abcdefABCDEF") >=
		    length - 2;
	return length > 0 && strspn(label, "0123456789") >= length;
}

static enum address_parsed
bad(struct error *error, const char *host, const char *why)
{
	char	 shown[PRINTABLE_SIZE];

	error_setx(error, "\"%s\": %s",
	    printable(host, shown, sizeof(shown)), why);
	return ADDRESS_BAD;
}
