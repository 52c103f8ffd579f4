/*
 * Endpoints as users write them.  Everything that can be wrong with the
 * text is found here, before anything is looked up or opened; whether the
 * names mean something is not known here.
 */

#include "config.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/endpoint.h"
#include "base/printable.h"
#include "base/units.h"

#define NAME_MAX_BYTES	253	/* RFC 1035 2.3.4, without the final dot */
#define LABEL_MAX_BYTES	63

/* How many operands */
static int	parse_none(enum endpoint_side, struct error *);
static int	parse_one(struct endpoint *, enum endpoint_side,
		    const char *text, struct error *);
static int	parse_two(struct endpoint *, enum endpoint_side,
		    const char *host, const char *port, struct error *);

/* The forms of the single operand */
static const char *find_scheme(const char *text);
static int	parse_joined(struct endpoint *, enum endpoint_side,
		    const char *text, size_t host_length, struct error *);
static int	parse_lone(struct endpoint *, enum endpoint_side,
		    const char *text, struct error *);
static int	refuse_colons(const char *text, struct error *);

/* The parts */
static int	parse_host(struct endpoint *, const char *host,
		    struct error *);
static int	parse_bracketed(struct endpoint *, const char *host,
		    struct error *);
static int	parse_port(struct endpoint *, enum endpoint_side,
		    const char *port, struct error *);
static const char *name_fault(const char *name);
static bool	is_ipv6(const char *text, size_t length);
static int	refuse(struct error *, const char *text, const char *why);

static const char *const schemes[] = { "fd:", "systemd:", "unix:", "tls:" };

int
endpoint_parse(struct endpoint *endpoint, enum endpoint_side side,
    char *const *operands, size_t count, struct error *error)
{
	memset(endpoint, 0, sizeof(*endpoint));
	if (count == 0)
		return parse_none(side, error);
	if (count == 1)
		return parse_one(endpoint, side, operands[0], error);
	if (count == 2)
		return parse_two(endpoint, side, operands[0], operands[1],
		    error);
	return refuse(error, operands[2], "one operand too many");
}

const char *
endpoint_text(const struct endpoint *endpoint, char *buf, size_t size)
{
	const char	*host = endpoint->host;

	if (host[0] == '\0')
		snprintf(buf, size, "port %s", endpoint->service);
	else
		snprintf(buf, size, strchr(host, ':') != NULL ?
		    "[%s]:%s" : "%s:%s", host, endpoint->service);
	return buf;
}

static int
parse_none(enum endpoint_side side, struct error *error)
{
	error_setx(error, side == ENDPOINT_LISTEN ?
	    "PORT is missing" : "HOST and PORT are missing");
	return -1;
}

static int
parse_one(struct endpoint *endpoint, enum endpoint_side side,
    const char *text, struct error *error)
{
	const char	*scheme = find_scheme(text), *colon, *bracket;

	if (scheme != NULL) {
		error_setx(error, "%s is not supported in this version",
		    scheme);
		return -1;
	}
	if (text[0] == '[') {
		bracket = strchr(text, ']');
		if (bracket == NULL)
			return refuse(error, text, "] is missing");
		if (bracket[1] == '\0')
			return refuse(error, text, "the port is missing");
		if (bracket[1] != ':')
			return refuse(error, text,
			    "only :PORT may stand behind ]");
		return parse_joined(endpoint, side, text,
		    (size_t)(bracket + 1 - text), error);
	}
	colon = strchr(text, ':');
	if (colon == NULL)
		return parse_lone(endpoint, side, text, error);
	if (strchr(colon + 1, ':') != NULL)
		return refuse_colons(text, error);
	return parse_joined(endpoint, side, text, (size_t)(colon - text),
	    error);
}

static int
parse_two(struct endpoint *endpoint, enum endpoint_side side,
    const char *host, const char *port, struct error *error)
{
	const char	*colon = strchr(host, ':');

	if (host[0] != '[' && colon != NULL && strchr(colon + 1, ':') == NULL)
		return refuse(error, port, "the port is given twice");
	if (parse_host(endpoint, host, error) == -1)
		return -1;
	return parse_port(endpoint, side, port, error);
}

/* The word of later versions' addresses that the text begins with. */
static const char *
find_scheme(const char *text)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return schemes[i];
	return NULL;
}

/* HOST:PORT; the colon stands at host_length. */
static int
parse_joined(struct endpoint *endpoint, enum endpoint_side side,
    const char *text, size_t host_length, struct error *error)
{
	char	 host[sizeof(endpoint->host)];

	if (host_length == 0)
		return refuse(error, text, "the host is missing");
	if (text[host_length + 1] == '\0')
		return refuse(error, text, "the port is missing");
	if (host_length >= sizeof(host))
		return refuse(error, text,
		    "longer than the 253 bytes of a host name");
	memcpy(host, text, host_length);
	host[host_length] = '\0';
	if (parse_host(endpoint, host, error) == -1)
		return -1;
	return parse_port(endpoint, side, text + host_length + 1, error);
}

/* One operand without a colon: a port, where that is enough. */
static int
parse_lone(struct endpoint *endpoint, enum endpoint_side side,
    const char *text, struct error *error)
{
	struct address	 address;
	struct error	 ignored;

	if (text[0] != '\0' && (side == ENDPOINT_CONNECT ||
	    address_parse(&address, text, 0, &ignored) == ADDRESS_OK))
		return refuse(error, text, "the port is missing");
	return parse_port(endpoint, side, text, error);
}

static int
refuse_colons(const char *text, struct error *error)
{
	const char	*colon = strrchr(text, ':');
	char		 host[PRINTABLE_SIZE], port[PRINTABLE_SIZE];

	printable(text, host, sizeof(host));
	if (colon[1] != '\0' && is_ipv6(text, (size_t)(colon - text))) {
		*strrchr(host, ':') = '\0';
		error_setx(error, "\"%s:%s\": an IPv6 address before a port "
		    "stands in brackets ([%s]:%s)", host,
		    printable(colon + 1, port, sizeof(port)), host, port);
		return -1;
	}
	if (is_ipv6(text, strlen(text))) {
		error_setx(error, "\"%s\": the port is missing ([%s]:PORT)",
		    host, host);
		return -1;
	}
	return refuse(error, text, "neither HOST:PORT nor [IPV6]:PORT");
}

static int
parse_host(struct endpoint *endpoint, const char *host, struct error *error)
{
	struct address	 address;
	const char	*fault;

	if (host[0] == '\0')
		return refuse(error, host, "the host is empty");
	if (host[0] == '[')
		return parse_bracketed(endpoint, host, error);
	switch (address_parse(&address, host, 0, error)) {
	case ADDRESS_BAD:
		return -1;
	case ADDRESS_NOT:
		fault = name_fault(host);
		if (fault != NULL)
			return refuse(error, host, fault);
		break;
	case ADDRESS_OK:
		break;
	}
	strlcpy(endpoint->host, host, sizeof(endpoint->host));
	return 0;
}

static int
parse_bracketed(struct endpoint *endpoint, const char *host,
    struct error *error)
{
	struct address	 address;
	const char	*bracket = strchr(host, ']');
	size_t		 length;

	if (bracket == NULL)
		return refuse(error, host, "] is missing");
	if (bracket[1] != '\0')
		return refuse(error, host, "nothing may stand behind ]");
	length = (size_t)(bracket - host - 1);
	if (memchr(host, ':', length) == NULL ||
	    length >= sizeof(endpoint->host))
		return refuse(error, host,
		    "only an IPv6 address stands in brackets");
	memcpy(endpoint->host, host + 1, length);
	endpoint->host[length] = '\0';
	if (address_parse(&address, endpoint->host, 0, error) != ADDRESS_OK)
		return -1;
	return 0;
}

static int
parse_port(struct endpoint *endpoint, enum endpoint_side side,
    const char *port, struct error *error)
{
	const char	*why, *range;
	char		 shown[PRINTABLE_SIZE];
	uint64_t	 min = side == ENDPOINT_LISTEN ? 0 : 1, value;
	size_t		 length = strlen(port);

	range = min == 0 ? "0 to 65535" : "1 to 65535";
	printable(port, shown, sizeof(shown));
	if (units_number(port, min, UINT16_MAX, &value, &why) == 0) {
		endpoint->port = (uint16_t)value;
		endpoint->has_port = true;
		snprintf(endpoint->service, sizeof(endpoint->service), "%u",
		    endpoint->port);
		return 0;
	}
	if (length > 0 && strspn(port, "0123456789") == length) {
		error_setx(error, "port \"%s\": not %s", shown, range);
		return -1;
	}
	if (length == 0 || length >= sizeof(endpoint->service) ||
	    strspn(port, "-0123456789") > 0 || name_fault(port) != NULL) {
		error_setx(error, "port \"%s\": neither a number, %s, "
		    "nor a service's name", shown, range);
		return -1;
	}
	strlcpy(endpoint->service, port, sizeof(endpoint->service));
	return 0;
}

/* What is wrong with a name, NULL: nothing.  RFC 1123 2.1, and "_". */
static const char *
name_fault(const char *name)
{
	static const char letters[] = "-_0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t	 length = strlen(name), label;

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] >= 0x80)
			return "not ASCII (write the name's xn-- form)";
	if (length > 0 && name[length - 1] == '.')
		length--;
	if (length > NAME_MAX_BYTES)
		return "longer than the 253 bytes of a host name";
	for (size_t i = 0; i <= length; i += label + 1) {
		label = strspn(name + i, letters);
		if (i + label < length && name[i + label] != '.')
			return "not a host name "
			    "(letters, digits, hyphens and dots)";
		if (label == 0)
			return "not a host name (nothing between dots)";
		if (label > LABEL_MAX_BYTES)
			return "not a host name "
			    "(more than 63 bytes between dots)";
	}
	return NULL;
}

static bool
is_ipv6(const char *text, size_t length)
{
	const char	*scope = memchr(text, '%', length);
	struct in6_addr	 in6;
	char		 number[INET6_ADDRSTRLEN];

	if (scope != NULL) {
		if (text + length - scope > IF_NAMESIZE)
			return false;
		length = (size_t)(scope - text);
	}
	if (length >= sizeof(number))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	return inet_pton(AF_INET6, number, &in6) == 1;
}

static int
refuse(struct error *error, const char *text, const char *why)
{
	char	 shown[PRINTABLE_SIZE];

	error_setx(error, "\"%s\": %s", printable(text, shown, sizeof(shown)),
	    why);
	return -1;
}
