/*
 * Ranges of addresses.  All forms become two ends of 128 bits, so that a
 * peer is compared in one way however it and the range were written.  It
 * is not known here what a range is good for.
 */

#include "config.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/cidr.h"
#include "base/printable.h"
#include "base/units.h"

/* The forms */
static enum address_parsed parse_prefix(struct cidr *, const char *text,
		    const char *slash, struct error *);
static enum address_parsed parse_high(struct cidr *, const char *text,
		    const char *dash, struct error *);
static enum address_parsed parse_one(struct cidr *, const char *text,
		    struct error *);

/* The parts */
static bool	parse_end(unsigned char *bits, const char *text,
		    size_t length);
static bool	parse_number(const char *text, unsigned min, unsigned max,
		    unsigned *number);
static bool	ends_in_numbers(const char *text);

/* The bits */
static bool	bits_of(unsigned char *bits, const struct address *);
static bool	is_ipv4(const unsigned char *bits);
static void	spread(struct cidr *, unsigned prefix);

static enum address_parsed bad(struct error *, const char *text,
		    const char *why);

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

enum address_parsed
cidr_parse(struct cidr *cidr, const char *text, struct error *error)
{
	const char		*slash = strchr(text, '/');
	const char		*dash = strchr(text, '-');
	struct cidr		 parsed;
	enum address_parsed	 result;

	if (text[0] == '\0')
		return bad(error, text, "an address is missing");
	if (strchr(text, '%') != NULL)
		return bad(error, text, "a scope id (%) has no place here, "
		    "leave it out");
	if (slash != NULL)
		result = parse_prefix(&parsed, text, slash, error);
	else if (dash != NULL &&
	    parse_end(parsed.low, text, (size_t)(dash - text)))
		result = parse_high(&parsed, text, dash, error);
	else
		result = parse_one(&parsed, text, error);
	if (result == ADDRESS_OK)
		*cidr = parsed;
	return result;
}

void
cidr_of(struct cidr *cidr, const struct address *address)
{
	if (bits_of(cidr->low, address)) {
		memcpy(cidr->high, cidr->low, sizeof(cidr->high));
		return;
	}
	memset(cidr->low, 0xff, sizeof(cidr->low));
	memset(cidr->high, 0, sizeof(cidr->high));
}

bool
cidr_contains(const struct cidr *cidr, const struct address *address)
{
	unsigned char	 bits[16];

	return bits_of(bits, address) &&
	    is_ipv4(bits) == is_ipv4(cidr->low) &&
	    memcmp(cidr->low, bits, sizeof(bits)) <= 0 &&
	    memcmp(bits, cidr->high, sizeof(bits)) <= 0;
}

static enum address_parsed
parse_prefix(struct cidr *cidr, const char *text, const char *slash,
    struct error *error)
{
	const char	*prefix = slash + 1;
	size_t		 length = (size_t)(slash - text);
	unsigned	 bits;

	if (!parse_end(cidr->low, text, length))
		return bad(error, text, "/ wants a whole address before it, "
		    "as in 192.0.2.0/24");
	if (memchr(text, ':', length) == NULL) {
		if (!parse_number(prefix, 0, 32, &bits))
			return bad(error, text, "the prefix of an IPv4 "
			    "address is a number from 0 to 32");
		bits += 96;
	} else if (is_ipv4(cidr->low)) {
		if (!parse_number(prefix, 96, 128, &bits))
			return bad(error, text, "the prefix of an "
			    "IPv4-mapped address is a number from 96 to 128");
	} else if (!parse_number(prefix, 0, 128, &bits))
		return bad(error, text, "the prefix of an IPv6 address is "
		    "a number from 0 to 128");
	spread(cidr, bits);
	return ADDRESS_OK;
}

/* The rest of a range, whose low end is parsed. */
static enum address_parsed
parse_high(struct cidr *cidr, const char *text, const char *dash,
    struct error *error)
{
	const char	*end = dash + 1;
	unsigned	 number;

	if (memchr(text, ':', (size_t)(dash - text)) == NULL &&
	    parse_number(end, 0, 255, &number)) {
		memcpy(cidr->high, cidr->low, sizeof(cidr->high));
		cidr->high[15] = (unsigned char)number;
	} else if (!parse_end(cidr->high, end, strlen(end)))
		return bad(error, text, is_ipv4(cidr->low) ?
		    "- wants an address behind it, as in "
		    "192.0.2.1-192.0.2.9 or 192.0.2.1-9" :
		    "- wants a whole address behind it, as in "
		    "2001:db8::1-2001:db8::9");
	if (is_ipv4(cidr->low) != is_ipv4(cidr->high))
		return bad(error, text, "a range cannot mix IPv4 and IPv6");
	if (memcmp(cidr->low, cidr->high, sizeof(cidr->low)) > 0)
		return bad(error, text, "the range ends before it begins");
	return ADDRESS_OK;
}

static enum address_parsed
parse_one(struct cidr *cidr, const char *text, struct error *error)
{
	struct address		 address;
	enum address_parsed	 result;

	result = address_parse(&address, text, 0, error);
	if (result == ADDRESS_OK)
		cidr_of(cidr, &address);
	if (result == ADDRESS_NOT && ends_in_numbers(text))
		return bad(error, text, "- wants a whole address before it, "
		    "as in 192.0.2.1-9");
	return result;
}

/* The bits of the address which the first length bytes of text are. */
static bool
parse_end(unsigned char *bits, const char *text, size_t length)
{
	char		 host[INET6_ADDRSTRLEN];
	struct address	 address;
	struct error	 unused;

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	return address_parse(&address, host, 0, &unused) == ADDRESS_OK &&
	    bits_of(bits, &address);
}

/* No leading zeros, as in addresses: elsewhere they mean octal. */
static bool
parse_number(const char *text, unsigned min, unsigned max, unsigned *number)
{
	const char	*why;
	uint64_t	 value;

	if (text[0] == '0' && text[1] != '\0')
		return false;
	if (units_number(text, min, max, &value, &why) == -1)
		return false;
	*number = (unsigned)value;
	return true;
}

/*
 * "127.1-9" and "192.0.2.256-9" were meant as ranges; no name's last label
 * is like this, unless it is the only one ("10-0-0-1").
 */
static bool
ends_in_numbers(const char *text)
{
	const char	*dot = strrchr(text, '.');

	return dot != NULL && strchr(dot, '-') != NULL &&
	    dot[1 + strspn(dot + 1, "0123456789-")] == '\0';
}

static bool
bits_of(unsigned char *bits, const struct address *address)
{
	switch (address_family(address)) {
	case AF_INET:
		memcpy(bits, mapped, sizeof(mapped));
		memcpy(bits + sizeof(mapped), &address->in.sin_addr, 4);
		return true;
	case AF_INET6:
		memcpy(bits, &address->in6.sin6_addr, 16);
		return true;
	default:
		return false;
	}
}

static bool
is_ipv4(const unsigned char *bits)
{
	return memcmp(bits, mapped, sizeof(mapped)) == 0;
}

/* Make both ends of low: the bits behind the prefix all 0, and all 1. */
static void
spread(struct cidr *cidr, unsigned prefix)
{
	unsigned char	 behind;

	memcpy(cidr->high, cidr->low, sizeof(cidr->high));
	for (unsigned i = prefix / 8; i < sizeof(cidr->low); i++) {
		behind = (unsigned char)(i == prefix / 8 ?
		    0xff >> prefix % 8 : 0xff);
		cidr->low[i] &= (unsigned char)~behind;
		cidr->high[i] = cidr->low[i] | behind;
	}
}

static enum address_parsed
bad(struct error *error, const char *text, const char *why)
{
	char	 shown[PRINTABLE_SIZE];

	error_setx(error, "\"%s\": %s",
	    printable(text, shown, sizeof(shown)), why);
	return ADDRESS_BAD;
}
