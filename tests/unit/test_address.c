/* Numeric addresses: what is one, what is none, what is a fault. */

#include "config.h"

#include <net/if.h>
#include <stdlib.h>

#include "base/address.h"

#include "unit.h"

static void	test_parsing(struct unit *);
static void	test_scopes(struct unit *);
static void	test_scope(struct unit *, const char *interface);
static void	test_kinds(struct unit *);
static void	test_none(struct unit *);
static void	test_wildcards(struct unit *);

static const struct {
	const char		*host;
	enum address_parsed	 result;
	const char		*text;	/* of port 80 or, bad, of the error */
} rows[] = {
	{ "192.0.2.1", ADDRESS_OK, "192.0.2.1:80" },
	{ "0.0.0.0", ADDRESS_OK, "0.0.0.0:80" },
	{ "255.255.255.255", ADDRESS_OK, "255.255.255.255:80" },
	{ "::", ADDRESS_OK, "[::]:80" },
	{ "::1", ADDRESS_OK, "[::1]:80" },
	{ "2001:DB8:0::1", ADDRESS_OK, "[2001:db8::1]:80" },
	{ "::ffff:192.0.2.1", ADDRESS_OK, "192.0.2.1:80" },
	{ "64:ff9b::192.0.2.1", ADDRESS_OK, "[64:ff9b::c000:201]:80" },
	{ "fe80::1", ADDRESS_OK, "[fe80::1]:80" },

	{ "", ADDRESS_NOT, NULL },
	{ "localhost", ADDRESS_NOT, NULL },
	{ "example.com", ADDRESS_NOT, NULL },
	{ "example.com.", ADDRESS_NOT, NULL },
	{ "1.example", ADDRESS_NOT, NULL },
	{ "1.2.3.4.example.com", ADDRESS_NOT, NULL },
	{ "1.2.3.4x", ADDRESS_NOT, NULL },
	{ "0xfg", ADDRESS_NOT, NULL },
	{ "-1", ADDRESS_NOT, NULL },
	{ ".", ADDRESS_NOT, NULL },
	{ "a%b", ADDRESS_NOT, NULL },

	{ "127.1", ADDRESS_BAD, "\"127.1\": not an IPv4 address" },
	{ "1.2.3", ADDRESS_BAD, "\"1.2.3\": not an IPv4 address" },
	{ "0x7f.1", ADDRESS_BAD, "\"0x7f.1\": not an IPv4 address" },
	{ "0x7F000001", ADDRESS_BAD, "\"0x7F000001\": not an IPv4" },
	{ "0x", ADDRESS_BAD, "\"0x\": not an IPv4 address" },
	{ "127.0.0.0x1", ADDRESS_BAD, "\"127.0.0.0x1\": not an IPv4" },
	{ "2130706433", ADDRESS_BAD, "\"2130706433\": not an IPv4" },
	{ "0177.0.0.1", ADDRESS_BAD, "\"0177.0.0.1\": not an IPv4" },
	{ "256.0.0.1", ADDRESS_BAD, "\"256.0.0.1\": not an IPv4" },
	{ "1.2.3.4.5", ADDRESS_BAD, "\"1.2.3.4.5\": not an IPv4" },
	{ "1.2.3.4.", ADDRESS_BAD, "\"1.2.3.4.\": not an IPv4" },
	{ "1..2", ADDRESS_BAD, "\"1..2\": not an IPv4 address" },
	{ "example.5", ADDRESS_BAD, "\"example.5\": not an IPv4" },
	{ "::g", ADDRESS_BAD, "\"::g\": not an IPv6 address" },
	{ ":", ADDRESS_BAD, "\":\": not an IPv6 address" },
	{ ":::", ADDRESS_BAD, "\":::\": not an IPv6 address" },
	{ "1:2", ADDRESS_BAD, "\"1:2\": not an IPv6 address" },
	{ "12345::", ADDRESS_BAD, "\"12345::\": not an IPv6 address" },
	{ "1:2:3:4:5:6:7:8:9", ADDRESS_BAD, "\"1:2:3:4:5:6:7:8:9\": not" },
	{ "[::1]", ADDRESS_BAD, "\"[::1]\": not an IPv6 address" },
	{ "::1\n", ADDRESS_BAD, "\"::1\\x0a\": not an IPv6 address" },
	{ "::1 ", ADDRESS_BAD, "\"::1 \": not an IPv6 address" },
	{ "fe80::1%", ADDRESS_BAD, "\"fe80::1%\": an interface is missing" },
	{ "fe80::1%0", ADDRESS_BAD, "\"fe80::1%0\": no such interface" },
	{ "fe80::1%nope0", ADDRESS_BAD, "\"fe80::1%nope0\": no such" },
	{ "fe80::1%-1", ADDRESS_BAD, "\"fe80::1%-1\": no such" },
	{ "fe80::1%1e1", ADDRESS_BAD, "\"fe80::1%1e1\": no such" },
	{ "fe80::1%4294967295", ADDRESS_BAD, "\"fe80::1%4294967295\": no" },
	{ "fe80::1%99999999999999", ADDRESS_BAD, "\"fe80::1%99999999999999\"" },
	{ "fe80::1%a%b", ADDRESS_BAD, "\"fe80::1%a%b\": no such interface" },
	{ "fe80::1%abcdefghijklmnopqrstuv", ADDRESS_BAD, "\"fe80::1%abc" },
	{ "fe80::1%\x1b", ADDRESS_BAD, "\"fe80::1%\\x1b\": no such" },
	{ "192.0.2.1%lo", ADDRESS_BAD, "\"192.0.2.1%lo\": only IPv6" },
};

static const struct {
	const char	*host;
	bool		 lacks_scope;
	bool		 loopback;
	const char	*unmapped;
} kinds[] = {
	{ "127.0.0.1", false, true, "127.0.0.1" },
	{ "127.255.0.9", false, true, "127.255.0.9" },
	{ "128.0.0.1", false, false, "128.0.0.1" },
	{ "::1", false, true, "::1" },
	{ "::2", false, false, "::2" },
	{ "::ffff:127.0.0.1", false, true, "127.0.0.1" },
	{ "::ffff:192.0.2.1", false, false, "192.0.2.1" },
	{ "::1:c000:201", false, false, "::1:c000:201" },
	{ "fe80::1", true, false, "fe80::1" },
	{ "febf::1", true, false, "febf::1" },
	{ "fec0::1", false, false, "fec0::1" },
	{ "ff02::1", true, false, "ff02::1" },
	{ "ff05::1", false, false, "ff05::1" },
	{ "2001:db8::1", false, false, "2001:db8::1" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_parsing(&unit);
	test_scopes(&unit);
	test_kinds(&unit);
	test_none(&unit);
	test_wildcards(&unit);
	return unit_end(&unit);
}

static void
test_parsing(struct unit *unit)
{
	struct address address;
	struct error error;
	enum address_parsed result;
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		error.text[0] = '\0';
		result = address_parse(&address, rows[i].host, 80, &error);
		unit_check(unit, result == rows[i].result,
		    "[%s] gives %d, wanted %d", rows[i].host, (int)result,
		    (int)rows[i].result);
		if (result == ADDRESS_OK)
			unit_text(unit, rows[i].host, address_text(&address,
			    text, sizeof(text)), rows[i].text);
		if (result == ADDRESS_BAD)
			unit_check(unit, strncmp(error.text, rows[i].text,
			    strlen(rows[i].text)) == 0, "[%s] says [%s]",
			    rows[i].host, error.text);
	}
}

/* With an interface of this host, as far as it has one. */
static void
test_scopes(struct unit *unit)
{
	struct if_nameindex *interfaces = if_nameindex();

	if (interfaces == NULL)
		return;
	for (size_t i = 0; interfaces[i].if_index != 0; i++)
		test_scope(unit, interfaces[i].if_name);
	if_freenameindex(interfaces);
}

static void
test_scope(struct unit *unit, const char *interface)
{
	struct address address;
	struct error error;
	char host[64], text[ADDRESS_TEXT], wanted[ADDRESS_TEXT];
	unsigned index = if_nametoindex(interface);

	snprintf(wanted, sizeof(wanted), "[fe80::1%%%s]:443", interface);
	snprintf(host, sizeof(host), "fe80::1%%%s", interface);
	unit_check(unit, address_parse(&address, host, 443, &error) ==
	    ADDRESS_OK && address.in6.sin6_scope_id == index,
	    "[%s] does not give scope %u", host, index);
	unit_check(unit, !address_lacks_scope(&address),
	    "[%s] lacks a scope", host);
	unit_text(unit, host, address_text(&address, text, sizeof(text)),
	    wanted);
	unit_text(unit, host, address_host(&address, text, sizeof(text)),
	    host);
	snprintf(host, sizeof(host), "fe80::1%%%u", index);
	unit_check(unit, address_parse(&address, host, 443, &error) ==
	    ADDRESS_OK && address.in6.sin6_scope_id == index,
	    "[%s] does not give scope %u", host, index);
	unit_text(unit, host, address_text(&address, text, sizeof(text)),
	    wanted);
}

static void
test_kinds(struct unit *unit)
{
	struct address address;
	struct error error;
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
		if (address_parse(&address, kinds[i].host, 9, &error) !=
		    ADDRESS_OK)
			unit_check(unit, false, "[%s]", kinds[i].host);
		unit_check(unit, address_lacks_scope(&address) ==
		    kinds[i].lacks_scope, "[%s] lacks a scope", kinds[i].host);
		address_unmap(&address);
		unit_text(unit, kinds[i].host,
		    address_host(&address, text, sizeof(text)),
		    kinds[i].unmapped);
		unit_check(unit, address_port(&address) == 9,
		    "[%s] has lost its port", kinds[i].host);
	}
}

static void
test_none(struct unit *unit)
{
	struct address address;
	char text[ADDRESS_TEXT];

	memset(&address, 0, sizeof(address));
	unit_text(unit, "no address", address_text(&address, text,
	    sizeof(text)), "-");
	unit_text(unit, "no host", address_host(&address, text,
	    sizeof(text)), "-");
	address_set_port(&address, 80);
	unit_check(unit, address_port(&address) == 0 &&
	    address_family(&address) == AF_UNSPEC &&
	    !address_lacks_scope(&address) &&
	    !address_same_host(&address, &address),
	    "no address is something");
}

static void
test_wildcards(struct unit *unit)
{
	struct address address;
	char text[ADDRESS_TEXT];

	address_wildcard(&address, AF_INET, 80);
	unit_text(unit, "AF_INET", address_text(&address, text, sizeof(text)),
	    "0.0.0.0:80");
	unit_check(unit, address.length == sizeof(struct sockaddr_in),
	    "AF_INET has %u bytes", (unsigned)address.length);
	address_wildcard(&address, AF_INET6, 80);
	address_set_port(&address, 65535);
	unit_text(unit, "AF_INET6", address_text(&address, text,
	    sizeof(text)), "[::]:65535");
	unit_check(unit, address.length == sizeof(struct sockaddr_in6),
	    "AF_INET6 has %u bytes", (unsigned)address.length);
}
