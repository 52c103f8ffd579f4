/*
 * The PROXY protocol's header.  The bytes are read from the first one anew
 * each time more of them came, so there is no state to go wrong.  What is
 * cut off is taken for the beginning of a header only where something would
 * complete it.
 */

#include "config.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "base/units.h"
#include "steps/proxy_header.h"

#define V1_MAX		107	/* of a line with its end, section 2.1 */
#define V2_FIXED	16	/* the bytes before addresses and TLVs */
#define V2_IPV4		12	/* two addresses, two ports */
#define V2_IPV6		36

#define V2_LOCAL	0x20	/* version 2 and the command */
#define V2_PROXY	0x21
#define V2_TCP4		0x11	/* family and protocol */
#define V2_TCP6		0x21

#define SHOWN_MAX	24	/* bytes that a message shows */

struct input {
	const unsigned char	*bytes;
	size_t			 size;
	size_t			 at;	/* parsed up to here */
	struct error		*error;
};

/* A value of a line.  Lines of TCP4 are never too long. */
struct field {
	const char	*end;		/* what must follow it */
	const char	*least;		/* the shortest rest with TCP6 */
	bool		 port;
};

/* Version 1 */
static enum proxy_parsed parse_v1(struct input *, struct proxy_header *);
static enum proxy_parsed parse_family(struct input *, int *family);
static enum proxy_parsed parse_unknown(struct input *,
		    struct proxy_header *);
static enum proxy_parsed parse_field(struct input *, const struct field *,
		    int family, struct address *);
static size_t	plain_bytes(const struct input *, bool blanks);
static const char *complete(char *text, size_t size, int family,
		    struct address *);
static bool	set_value(struct address *, int family, const char *text);

/* Version 2 */
static enum proxy_parsed parse_v2(struct input *, struct proxy_header *);
static enum proxy_parsed parse_command(struct input *, unsigned *command);
static enum proxy_parsed parse_protocol(struct input *, unsigned command,
		    size_t *least, int *family);
static enum proxy_parsed parse_length(struct input *, size_t least,
		    size_t *length);
static void	get_address(struct address *, int family,
		    const unsigned char *host, const unsigned char *port);

/* Both */
static enum proxy_parsed expect(struct input *, const void *literal,
		    size_t length);
static enum proxy_parsed bad_text(const struct input *, size_t length,
		    const char *why);
static enum proxy_parsed bad_line(const struct input *);
static const char *shown(const unsigned char *bytes, size_t size,
		    char buf[PRINTABLE_SIZE]);

/* Building */
static int	common_family(struct address *, struct address *);
static size_t	build_v1(int family, const struct address *source,
		    const struct address *destination, unsigned char *bytes);
static size_t	build_v2(int family, const struct address *source,
		    const struct address *destination, unsigned char *bytes);
static size_t	host_size(int family);
static uint16_t	get16(const unsigned char *bytes);
static void	put16(unsigned char *bytes, size_t value);

static const unsigned char signature[] = {
	'\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
};

static const struct {
	const char	*word;
	int		 family;
} families[] = {
	{ "TCP4 ",	AF_INET },
	{ "TCP6 ",	AF_INET6 },
	{ "UNKNOWN",	AF_UNSPEC }
};

/* Source and destination in turn, hosts and then ports. */
static const struct field fields[] = {
	{ .end = " ",	.least = " :: 0 0\r\n" },
	{ .end = " ",	.least = " 0 0\r\n" },
	{ .end = " ",	.least = " 0\r\n",	.port = true },
	{ .end = "\r\n", .least = "\r\n",	.port = true }
};

/*
 * One of these, the shortest first, completes whatever begins an address of
 * either family or a port.
 */
static const char *const tails[] = {
	"", "0", ":", "::", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0", "0.0.0.0"
};

/* The family AF_UNSPEC: whatever addresses are there are skipped. */
static const struct {
	unsigned	 code;
	size_t		 least;		/* bytes of addresses */
	int		 family;
} protocols[] = {
	{ 0x00,		0,		AF_UNSPEC },
	{ V2_TCP4,	V2_IPV4,	AF_INET },
	{ V2_TCP6,	V2_IPV6,	AF_INET6 },
	{ 0x31,		0,		AF_UNSPEC }	/* UNIX stream */
};

enum proxy_parsed
proxy_header_parse(struct proxy_header *header, const unsigned char *bytes,
    size_t size, struct error *error)
{
	struct input input = { .bytes = bytes, .size = size, .error = error };

	memset(header, 0, sizeof(*header));
	if (size > 0 && bytes[0] == signature[0])
		return parse_v2(&input, header);
	return parse_v1(&input, header);
}

size_t
proxy_header_build(unsigned version, const struct address *source,
    const struct address *destination, unsigned char *bytes)
{
	struct address from = *source, to = *destination;
	int family;

	family = common_family(&from, &to);
	return version == 2 ? build_v2(family, &from, &to, bytes) :
	    build_v1(family, &from, &to, bytes);
}

static enum proxy_parsed
parse_v1(struct input *input, struct proxy_header *header)
{
	struct address *ends[] = { &header->source, &header->destination };
	enum proxy_parsed result;
	int family;

	result = expect(input, "PROXY ", strlen("PROXY "));
	if (result != PROXY_WHOLE)
		return result;
	result = parse_family(input, &family);
	if (result != PROXY_WHOLE)
		return result;
	if (family == AF_UNSPEC)
		return parse_unknown(input, header);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		result = parse_field(input, &fields[i], family, ends[i % 2]);
		if (result != PROXY_WHOLE)
			return result;
	}
	address_unmap(&header->source);
	address_unmap(&header->destination);
	header->length = input->at;
	return PROXY_WHOLE;
}

static enum proxy_parsed
parse_family(struct input *input, int *family)
{
	const size_t left = input->size - input->at;
	size_t length;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		length = strlen(families[i].word);
		if (memcmp(input->bytes + input->at, families[i].word,
		    left < length ? left : length) != 0)
			continue;
		if (left < length)
			return PROXY_MORE;
		*family = families[i].family;
		input->at += length;
		return PROXY_WHOLE;
	}
	/* What ends the word may be the fault, and is shown with it. */
	length = plain_bytes(input, false);
	return bad_text(input, length < left ? length + 1 : left,
	    "not TCP4, TCP6 or UNKNOWN");
}

static enum proxy_parsed
parse_unknown(struct input *input, struct proxy_header *header)
{
	enum proxy_parsed result;

	if (input->at < input->size && input->bytes[input->at] == ' ')
		input->at += plain_bytes(input, true);
	if (input->at + strlen("\r\n") > V1_MAX)
		return bad_line(input);
	result = expect(input, "\r\n", strlen("\r\n"));
	header->real = true;
	header->length = input->at;
	return result;
}

/* A value that is cut off is completed, to see whether there is a way. */
static enum proxy_parsed
parse_field(struct input *input, const struct field *field, int family,
    struct address *address)
{
	const size_t length = plain_bytes(input, false);
	const bool cut = input->at + length == input->size;
	const int kind = field->port ? AF_UNSPEC : family;
	char text[INET6_ADDRSTRLEN + sizeof("0.0.0.0")];
	const char *tail = NULL;

	if (length < INET6_ADDRSTRLEN) {
		memcpy(text, input->bytes + input->at, length);
		text[length] = '\0';
		if (cut)
			tail = complete(text, sizeof(text), kind, address);
		else if (set_value(address, kind, text))
			tail = "";
	}
	if (tail == NULL && field->port)
		return bad_text(input, length,
		    "not a port (0 to 65535, no leading zeros)");
	if (tail == NULL)
		return bad_text(input, length, family == AF_INET ?
		    "not an IPv4 address" : "not an IPv6 address");
	input->at += length;
	if (input->at + strlen(tail) + strlen(field->least) > V1_MAX)
		return bad_line(input);
	return expect(input, field->end, strlen(field->end));
}

/* How many bytes come before the next control character (or blank). */
static size_t
plain_bytes(const struct input *input, bool blanks)
{
	size_t end;

	for (end = input->at; end < input->size; end++)
		if (input->bytes[end] < ' ' || input->bytes[end] == 0x7f ||
		    (input->bytes[end] == ' ' && !blanks))
			break;
	return end - input->at;
}

/* The shortest text that completes a value, NULL: none does. */
static const char *
complete(char *text, size_t size, int family, struct address *address)
{
	const size_t length = strlen(text);

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		strlcpy(text + length, tails[i], size - length);
		if (set_value(address, family, text))
			return tails[i];
	}
	return NULL;
}

/* Set the host or (AF_UNSPEC) the port.  Is the text one? */
static bool
set_value(struct address *address, int family, const char *text)
{
	const char *why;
	uint64_t port;

	if (family == AF_UNSPEC) {
		if ((text[0] == '0' && text[1] != '\0') ||
		    units_number(text, 0, UINT16_MAX, &port, &why) == -1)
			return false;
		address_set_port(address, (uint16_t)port);
		return true;
	}
	address_wildcard(address, family, 0);
	if (family == AF_INET)
		return inet_pton(AF_INET, text, &address->in.sin_addr) == 1;
	return inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1;
}

static enum proxy_parsed
parse_v2(struct input *input, struct proxy_header *header)
{
	enum proxy_parsed result;
	const unsigned char *hosts, *ports;
	unsigned command = 0;
	size_t least = 0, length = 0;
	int family = AF_UNSPEC;

	result = expect(input, signature, sizeof(signature));
	if (result == PROXY_WHOLE)
		result = parse_command(input, &command);
	if (result == PROXY_WHOLE)
		result = parse_protocol(input, command, &least, &family);
	if (result == PROXY_WHOLE)
		result = parse_length(input, least, &length);
	if (result != PROXY_WHOLE)
		return result;
	if (input->size - input->at < length)
		return PROXY_MORE;
	header->length = V2_FIXED + length;
	header->real = family == AF_UNSPEC;
	if (header->real)
		return PROXY_WHOLE;
	hosts = input->bytes + input->at;
	ports = hosts + 2 * host_size(family);
	get_address(&header->source, family, hosts, ports);
	get_address(&header->destination, family,
	    hosts + host_size(family), ports + 2);
	return PROXY_WHOLE;
}

static enum proxy_parsed
parse_command(struct input *input, unsigned *command)
{
	if (input->at == input->size)
		return PROXY_MORE;
	*command = input->bytes[input->at++];
	if (*command == V2_LOCAL || *command == V2_PROXY)
		return PROXY_WHOLE;
	if (*command >> 4 != 2)
		error_setx(input->error, "PROXY header: "
		    "version %u behind the signature of version 2",
		    *command >> 4);
	else
		error_setx(input->error, "PROXY header: "
		    "command %u is neither LOCAL (0) nor PROXY (1)",
		    *command & 15);
	return PROXY_BAD;
}

static enum proxy_parsed
parse_protocol(struct input *input, unsigned command, size_t *least,
    int *family)
{
	unsigned code;

	*least = 0;
	*family = AF_UNSPEC;
	if (input->at == input->size)
		return PROXY_MORE;
	code = input->bytes[input->at++];
	if (command == V2_LOCAL)
		return PROXY_WHOLE;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].code == code) {
			*least = protocols[i].least;
			*family = protocols[i].family;
			return PROXY_WHOLE;
		}
	error_setx(input->error, "PROXY header: "
	    "0x%02x is no stream over IPv4, IPv6 or UNIX sockets", code);
	return PROXY_BAD;
}

/* The first of the two bytes may already say that it is too much. */
static enum proxy_parsed
parse_length(struct input *input, size_t least, size_t *length)
{
	const unsigned char *bytes = input->bytes + input->at;
	const size_t left = input->size - input->at;

	if (left == 0)
		return PROXY_MORE;
	*length = left == 1 ? (size_t)bytes[0] << 8 : get16(bytes);
	if (*length > PROXY_HEADER_MAX - V2_FIXED) {
		error_setx(input->error, "PROXY header: "
		    "declares more than %d bytes of addresses and TLVs",
		    PROXY_HEADER_MAX - V2_FIXED);
		return PROXY_BAD;
	}
	if (left == 1)
		return PROXY_MORE;
	if (*length < least) {
		error_setx(input->error, "PROXY header: "
		    "declares %zu bytes for addresses of %zu",
		    *length, least);
		return PROXY_BAD;
	}
	input->at += 2;
	return PROXY_WHOLE;
}

static void
get_address(struct address *address, int family, const unsigned char *host,
    const unsigned char *port)
{
	address_wildcard(address, family, get16(port));
	if (family == AF_INET)
		memcpy(&address->in.sin_addr, host, host_size(family));
	else
		memcpy(&address->in6.sin6_addr, host, host_size(family));
	address_unmap(address);
}

static enum proxy_parsed
expect(struct input *input, const void *literal, size_t length)
{
	char got[PRINTABLE_SIZE], wanted[PRINTABLE_SIZE];
	const size_t left = input->size - input->at;
	const size_t common = left < length ? left : length;

	if (common > 0 && memcmp(input->bytes + input->at, literal,
	    common) != 0) {
		error_setx(input->error,
		    "PROXY header: \"%s\" where \"%s\" is expected",
		    shown(input->bytes + input->at, common, got),
		    shown(literal, length, wanted));
		return PROXY_BAD;
	}
	if (left < length)
		return PROXY_MORE;
	input->at += length;
	return PROXY_WHOLE;
}

static enum proxy_parsed
bad_text(const struct input *input, size_t length, const char *why)
{
	char text[PRINTABLE_SIZE];

	error_setx(input->error, "PROXY header: \"%s\": %s",
	    shown(input->bytes + input->at, length, text), why);
	return PROXY_BAD;
}

static enum proxy_parsed
bad_line(const struct input *input)
{
	error_setx(input->error, "PROXY header: longer than %d bytes",
	    V1_MAX);
	return PROXY_BAD;
}

/* Bytes made printable; unlike those of a text they may be zero. */
static const char *
shown(const unsigned char *bytes, size_t size, char buf[PRINTABLE_SIZE])
{
	char text[2] = "", piece[sizeof("\\x00")];

	buf[0] = '\0';
	for (size_t i = 0; i < size && i < SHOWN_MAX; i++) {
		text[0] = (char)bytes[i];
		strlcat(buf, bytes[i] == 0 ? "\\x00" :
		    printable(text, piece, sizeof(piece)), PRINTABLE_SIZE);
	}
	if (size > SHOWN_MAX)
		strlcat(buf, "...", PRINTABLE_SIZE);
	return buf;
}

/* AF_UNSPEC: the two cannot be told together.  IPv4 is unmapped. */
static int
common_family(struct address *source, struct address *destination)
{
	struct address from = *source, to = *destination;

	address_unmap(&from);
	address_unmap(&to);
	if (address_family(&from) == AF_INET &&
	    address_family(&to) == AF_INET) {
		*source = from;
		*destination = to;
		return AF_INET;
	}
	return address_family(source) == AF_INET6 &&
	    address_family(destination) == AF_INET6 ? AF_INET6 : AF_UNSPEC;
}

static size_t
build_v1(int family, const struct address *source,
    const struct address *destination, unsigned char *bytes)
{
	char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "";
	size_t size;
	int length;

	if (family == AF_UNSPEC) {
		length = snprintf((char *)bytes, PROXY_HEADER_BUILD_MAX,
		    "PROXY UNKNOWN\r\n");
		return (size_t)length;
	}
	inet_ntop(family, address_bytes(source, &size), from, sizeof(from));
	inet_ntop(family, address_bytes(destination, &size), to, sizeof(to));
	length = snprintf((char *)bytes, PROXY_HEADER_BUILD_MAX,
	    "PROXY TCP%d %s %s %u %u\r\n", family == AF_INET ? 4 : 6, from,
	    to, address_port(source), address_port(destination));
	return (size_t)length;
}

static size_t
build_v2(int family, const struct address *source,
    const struct address *destination, unsigned char *bytes)
{
	unsigned char *at = bytes + V2_FIXED;
	const void *from, *to;
	size_t size;

	memcpy(bytes, signature, sizeof(signature));
	memset(bytes + sizeof(signature), 0, V2_FIXED - sizeof(signature));
	bytes[sizeof(signature)] = V2_LOCAL;
	if (family == AF_UNSPEC)
		return V2_FIXED;
	bytes[sizeof(signature)] = V2_PROXY;
	bytes[sizeof(signature) + 1] = family == AF_INET ? V2_TCP4 : V2_TCP6;
	from = address_bytes(source, &size);
	to = address_bytes(destination, &size);
	put16(bytes + V2_FIXED - 2, 2 * size + 4);
	memcpy(at, from, size);
	memcpy(at + size, to, size);
	put16(at + 2 * size, address_port(source));
	put16(at + 2 * size + 2, address_port(destination));
	return V2_FIXED + 2 * size + 4;
}

static size_t
host_size(int family)
{
	return family == AF_INET ? sizeof(struct in_addr) :
	    sizeof(struct in6_addr);
}

static uint16_t
get16(const unsigned char *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void
put16(unsigned char *bytes, size_t value)
{
	bytes[0] = (unsigned char)(value >> 8 & 0xff);
	bytes[1] = (unsigned char)(value & 0xff);
}
