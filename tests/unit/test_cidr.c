/* Ranges of addresses: their forms, their faults, what is in them. */

#include "config.h"

#include <sys/socket.h>

#include "base/address.h"
#include "base/cidr.h"

#include "unit.h"

static void	test_parsing(struct unit *);
static void	test_faults(struct unit *);
static void	test_names(struct unit *);
static void	test_containment(struct unit *);
static void	test_prefixes(struct unit *);
static void	test_prefix(struct unit *, const char *text, unsigned kept);
static void	test_of(struct unit *);
static void	test_scope(struct unit *);
static void	test_none(struct unit *);

static void	must_parse(struct unit *, const char *host,
		    struct address *);
static const char *bits_text(const unsigned char *bits, char *buf,
		    size_t size);
static bool	bit(const unsigned char *bits, unsigned i);

/* What is written, and both ends of what it means. */
static const struct {
	const char	*text;
	const char	*low;
	const char	*high;
} ranges[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255", "255.255.255.255" },
	{ "::", "::", "::" },
	{ "2001:DB8::1", "2001:db8::1", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1" },
	{ "::ffff:c000:201", "192.0.2.1", "192.0.2.1" },
	{ "::192.0.2.1", "::192.0.2.1", "::192.0.2.1" },

	{ "192.0.2.0/24", "192.0.2.0", "192.0.2.255" },
	{ "192.0.2.7/24", "192.0.2.0", "192.0.2.255" },
	{ "192.0.2.255/31", "192.0.2.254", "192.0.2.255" },
	{ "192.0.2.7/32", "192.0.2.7", "192.0.2.7" },
	{ "10.255.1.2/8", "10.0.0.0", "10.255.255.255" },
	{ "172.16.0.0/12", "172.16.0.0", "172.31.255.255" },
	{ "100.64.0.0/10", "100.64.0.0", "100.127.255.255" },
	{ "200.0.0.1/1", "128.0.0.0", "255.255.255.255" },
	{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
	{ "192.0.2.1/0", "0.0.0.0", "255.255.255.255" },

	{ "2001:db8::/32", "2001:db8::",
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::5/127", "2001:db8::4", "2001:db8::5" },
	{ "2001:db8::5/128", "2001:db8::5", "2001:db8::5" },
	{ "fe80::1/10", "fe80::",
	    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::1/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "ff00::1/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::1/96", "::", "::255.255.255.255" },

	{ "::ffff:0:0/96", "0.0.0.0", "255.255.255.255" },
	{ "::ffff:192.0.2.1/96", "0.0.0.0", "255.255.255.255" },
	{ "::ffff:192.0.2.1/120", "192.0.2.0", "192.0.2.255" },
	{ "::ffff:192.0.2.1/128", "192.0.2.1", "192.0.2.1" },

	{ "192.0.2.1-192.0.2.9", "192.0.2.1", "192.0.2.9" },
	{ "192.0.2.200-192.0.3.5", "192.0.2.200", "192.0.3.5" },
	{ "192.0.2.1-192.0.2.1", "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0-255.255.255.255", "0.0.0.0", "255.255.255.255" },
	{ "192.0.2.1-9", "192.0.2.1", "192.0.2.9" },
	{ "192.0.2.9-9", "192.0.2.9", "192.0.2.9" },
	{ "192.0.2.0-255", "192.0.2.0", "192.0.2.255" },
	{ "192.0.2.0-0", "192.0.2.0", "192.0.2.0" },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::1", "2001:db8::ff" },
	{ "2001:db8::-2001:db8:1::", "2001:db8::", "2001:db8:1::" },
	{ "::-ffff::", "::", "ffff::" },
	{ "::ffff:192.0.2.1-::ffff:192.0.2.9", "192.0.2.1", "192.0.2.9" },
	{ "192.0.2.1-::ffff:192.0.2.9", "192.0.2.1", "192.0.2.9" },
	{ "::ffff:192.0.2.1-192.0.2.9", "192.0.2.1", "192.0.2.9" },
};

/* What is wrong, and how the reason begins behind the quoted text. */
static const struct {
	const char	*text;
	const char	*quoted;	/* NULL: as the text is */
	const char	*why;
} faults[] = {
	{ "", NULL, "an address is missing" },

	{ "127.1", NULL, "not an IPv4 address" },
	{ "0x7f.1", NULL, "not an IPv4 address" },
	{ "2130706433", NULL, "not an IPv4 address" },
	{ "256.0.0.1", NULL, "not an IPv4 address" },
	{ "192.0.2.01", NULL, "not an IPv4 address" },
	{ "192.0.2.1,192.0.2.2", NULL, "not an IPv4 address" },
	{ "192.0.2.1 - 192.0.2.9", NULL, "not an IPv4 address" },
	{ "2001:db8::g", NULL, "not an IPv6 address" },
	{ "[::1]", NULL, "not an IPv6 address" },
	{ "192.0.2.1:80", NULL, "not an IPv6 address" },
	{ "::1\x1b[31m", "::1\\x1b[31m", "not an IPv6 address" },

	{ "fe80::1%eth0", NULL, "a scope id (%)" },
	{ "fe80::1%1", NULL, "a scope id (%)" },
	{ "fe80::%lo/10", NULL, "a scope id (%)" },
	{ "fe80::/10%lo", NULL, "a scope id (%)" },
	{ "fe80::1%br-lan", NULL, "a scope id (%)" },
	{ "fe80::1-fe80::2%lo", NULL, "a scope id (%)" },
	{ "192.0.2.1%lo", NULL, "a scope id (%)" },

	{ "/", NULL, "/ wants a whole address" },
	{ "/24", NULL, "/ wants a whole address" },
	{ "10/8", NULL, "/ wants a whole address" },
	{ "192.0.2/24", NULL, "/ wants a whole address" },
	{ "127.1/8", NULL, "/ wants a whole address" },
	{ "0x7f.1/8", NULL, "/ wants a whole address" },
	{ "256.0.0.0/8", NULL, "/ wants a whole address" },
	{ " 192.0.2.0/24", NULL, "/ wants a whole address" },
	{ "192.0.2.0 /24", NULL, "/ wants a whole address" },
	{ "[2001:db8::]/32", NULL, "/ wants a whole address" },
	{ "2001:db8/32", NULL, "/ wants a whole address" },
	{ "example.com/24", NULL, "/ wants a whole address" },
	{ "192.0.2.1-192.0.2.9/24", NULL, "/ wants a whole address" },
	{ "ex\nample/24", "ex\\x0aample", "/ wants a whole address" },
	{ "0000:0000:0000:0000:0000:ffff:192.168.100.200x/8", NULL,
	    "/ wants a whole address" },

	{ "192.0.2.0/", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/33", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/128", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/-1", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/+8", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/ 8", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/8 ", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/8.0", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/08", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/00", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/0x8", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/24/8", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0//24", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/255.255.255.0", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/4294967304", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/18446744073709551624", NULL, "the prefix of an IPv4" },
	{ "192.0.2.0/24-192.0.2.9", NULL, "the prefix of an IPv4 address" },
	{ "192.0.2.0/2\t", "192.0.2.0/2\\x09", "the prefix of an IPv4" },
	{ "2001:db8::/", NULL, "the prefix of an IPv6 address" },
	{ "2001:db8::/129", NULL, "the prefix of an IPv6 address" },
	{ "2001:db8::/-1", NULL, "the prefix of an IPv6 address" },
	{ "2001:db8::/032", NULL, "the prefix of an IPv6 address" },
	{ "2001:db8::/ffff::", NULL, "the prefix of an IPv6 address" },
	{ "::ffff:192.0.2.0/24", NULL, "the prefix of an IPv4-mapped" },
	{ "::ffff:192.0.2.0/95", NULL, "the prefix of an IPv4-mapped" },
	{ "::ffff:192.0.2.0/0", NULL, "the prefix of an IPv4-mapped" },
	{ "::ffff:192.0.2.0/129", NULL, "the prefix of an IPv4-mapped" },

	{ "192.0.2.1-", NULL, "- wants an address behind it" },
	{ "192.0.2.1--9", NULL, "- wants an address behind it" },
	{ "192.0.2.1-256", NULL, "- wants an address behind it" },
	{ "192.0.2.1-09", NULL, "- wants an address behind it" },
	{ "192.0.2.1-0x9", NULL, "- wants an address behind it" },
	{ "192.0.2.1- 9", NULL, "- wants an address behind it" },
	{ "192.0.2.1-2.9", NULL, "- wants an address behind it" },
	{ "192.0.2.1-5-9", NULL, "- wants an address behind it" },
	{ "192.0.2.1-192.0.2.256", NULL, "- wants an address behind it" },
	{ "192.0.2.1-192.0.2.5-9", NULL, "- wants an address behind it" },
	{ "192.0.2.1-host.example", NULL, "- wants an address behind it" },
	{ "192.0.2.1-2001:db8::g", NULL, "- wants an address behind it" },
	{ "::ffff:192.0.2.1-9", NULL, "- wants an address behind it" },
	{ "2001:db8::1-", NULL, "- wants a whole address behind it" },
	{ "2001:db8::1-9", NULL, "- wants a whole address behind it" },
	{ "2001:db8::1-ff", NULL, "- wants a whole address behind it" },
	{ "127.1-9", NULL, "- wants a whole address before it" },
	{ "0x7f.1-9", NULL, "- wants a whole address before it" },
	{ "192.0.2.256-9", NULL, "- wants a whole address before it" },
	{ "192.0.2-3.1", NULL, "not an IPv4 address" },
	{ "192.0.2-192.0.3", NULL, "not an IPv4 address" },
	{ "-192.0.2.9", NULL, "not an IPv4 address" },
	{ "example-192.0.2.9", NULL, "not an IPv4 address" },
	{ "2001:db8::g-2001:db8::1", NULL, "not an IPv6 address" },

	{ "192.0.2.9-192.0.2.8", NULL, "the range ends before" },
	{ "192.0.2.9-8", NULL, "the range ends before" },
	{ "192.0.3.0-192.0.2.255", NULL, "the range ends before" },
	{ "2001:db8::2-2001:db8::1", NULL, "the range ends before" },
	{ "8000::-7fff::", NULL, "the range ends before" },
	{ "192.0.2.1-2001:db8::1", NULL, "a range cannot mix" },
	{ "2001:db8::1-192.0.2.1", NULL, "a range cannot mix" },
	{ "::1-192.0.2.1", NULL, "a range cannot mix" },
	{ "::1-::ffff:192.0.2.1", NULL, "a range cannot mix" },
	{ "::ffff:192.0.2.1-2001:db8::1", NULL, "a range cannot mix" },
};

static const char *const names[] = {
	"localhost", "example.com", "example.com.", "my-host",
	"my-host.example.com", "a-b.c-d", "10-0-0-1", "ip-10-0-0-1",
	"10-0-0-1.example.com", "1.2.3.4.example.com", "1.2.3.4x-9a",
	"3com", "9-to-5.example", "-", "x.y-1", "*"
};

/* Is the address in the range? */
static const struct {
	const char	*text;
	const char	*host;
	bool		 inside;
} rows[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.0", false },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "192.0.2.1", "::192.0.2.1", false },
	{ "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "::192.0.2.1", "192.0.2.1", false },
	{ "::192.0.2.1", "::c000:201", true },

	{ "192.0.2.7/24", "192.0.1.255", false },
	{ "192.0.2.7/24", "192.0.2.0", true },
	{ "192.0.2.7/24", "192.0.2.255", true },
	{ "192.0.2.7/24", "192.0.3.0", false },
	{ "192.0.2.7/24", "::ffff:192.0.2.0", true },
	{ "192.0.2.7/24", "::ffff:192.0.2.255", true },
	{ "192.0.2.7/24", "::ffff:192.0.3.0", false },
	{ "172.16.0.0/12", "172.15.255.255", false },
	{ "172.16.0.0/12", "172.16.0.0", true },
	{ "172.16.0.0/12", "172.31.255.255", true },
	{ "172.16.0.0/12", "172.32.0.0", false },
	{ "128.0.0.0/1", "127.255.255.255", false },
	{ "128.0.0.0/1", "128.0.0.0", true },
	{ "128.0.0.0/1", "255.255.255.255", true },
	{ "128.0.0.0/1", "::1:0:0:0", false },

	{ "0.0.0.0/0", "0.0.0.0", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::ffff:192.0.2.1", true },
	{ "0.0.0.0/0", "::", false },
	{ "0.0.0.0/0", "::1", false },
	{ "0.0.0.0/0", "::fffe:ffff:ffff", false },
	{ "0.0.0.0/0", "::1:0:0:0", false },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::ffff:0:0/96", "192.0.2.1", true },
	{ "::ffff:0:0/96", "::fffe:ffff:ffff", false },
	{ "::ffff:0:0/96", "::1:0:0:0", false },

	{ "::/0", "::", true },
	{ "::/0", "::1", true },
	{ "::/0", "::fffe:ffff:ffff", true },
	{ "::/0", "::ffff:0:0", false },
	{ "::/0", "::ffff:ffff:ffff", false },
	{ "::/0", "::1:0:0:0", true },
	{ "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "::/0", "0.0.0.0", false },
	{ "::/0", "192.0.2.1", false },
	{ "::/80", "::fffe:ffff:ffff", true },
	{ "::/80", "192.0.2.1", false },
	{ "::/80", "255.255.255.255", false },
	{ "::/80", "::1:0:0:0", false },
	{ "::/96", "0.0.0.0", false },
	{ "::-::1:0:0:0", "::1:0:0:0", true },
	{ "::-::1:0:0:0", "192.0.2.1", false },

	{ "2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "2001:db8::/32", "2001:db8::", true },
	{ "2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::/32", "32.1.13.184", false },
	{ "fe80::/10", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "fe80::/10", "fe80::", true },
	{ "fe80::/10", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "fe80::/10", "fec0::", false },
	{ "::1/128", "::", false },
	{ "::1/128", "::1", true },
	{ "::1/128", "::2", false },

	{ "192.0.2.1-192.0.2.9", "192.0.2.0", false },
	{ "192.0.2.1-192.0.2.9", "192.0.2.1", true },
	{ "192.0.2.1-192.0.2.9", "192.0.2.5", true },
	{ "192.0.2.1-192.0.2.9", "192.0.2.9", true },
	{ "192.0.2.1-192.0.2.9", "192.0.2.10", false },
	{ "192.0.2.1-192.0.2.9", "::ffff:192.0.2.9", true },
	{ "192.0.2.1-9", "192.0.2.0", false },
	{ "192.0.2.1-9", "192.0.2.1", true },
	{ "192.0.2.1-9", "192.0.2.9", true },
	{ "192.0.2.1-9", "192.0.2.10", false },
	{ "192.0.2.250-192.0.3.5", "192.0.2.249", false },
	{ "192.0.2.250-192.0.3.5", "192.0.2.255", true },
	{ "192.0.2.250-192.0.3.5", "192.0.3.0", true },
	{ "192.0.2.250-192.0.3.5", "192.0.3.5", true },
	{ "192.0.2.250-192.0.3.5", "192.0.3.6", false },
	{ "127.255.255.255-128.0.0.0", "127.255.255.255", true },
	{ "127.255.255.255-128.0.0.0", "128.0.0.0", true },
	{ "127.255.255.255-128.0.0.0", "128.0.0.1", false },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::", false },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::1", true },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::80", true },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::ff", true },
	{ "2001:db8::1-2001:db8::ff", "2001:db8::100", false },
	{ "7fff::-8000::", "8000::", true },
	{ "7fff::-8000::", "8000::1", false },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_parsing(&unit);
	test_faults(&unit);
	test_names(&unit);
	test_containment(&unit);
	test_prefixes(&unit);
	test_of(&unit);
	test_scope(&unit);
	test_none(&unit);
	return unit_end(&unit);
}

static void
test_parsing(struct unit *unit)
{
	struct cidr cidr, low, high;
	struct address address;
	struct error error;
	char got[40], wanted[40];

	for (size_t i = 0; i < UNIT_COUNT(ranges); i++) {
		memset(&cidr, 0x5a, sizeof(cidr));
		error.text[0] = '\0';
		unit_check(unit, cidr_parse(&cidr, ranges[i].text, &error) ==
		    ADDRESS_OK && error.text[0] == '\0', "[%s] says [%s]",
		    ranges[i].text, error.text);
		must_parse(unit, ranges[i].low, &address);
		cidr_of(&low, &address);
		must_parse(unit, ranges[i].high, &address);
		cidr_of(&high, &address);
		unit_text(unit, ranges[i].text,
		    bits_text(cidr.low, got, sizeof(got)),
		    bits_text(low.low, wanted, sizeof(wanted)));
		unit_text(unit, ranges[i].text,
		    bits_text(cidr.high, got, sizeof(got)),
		    bits_text(high.high, wanted, sizeof(wanted)));
	}
}

static void
test_faults(struct unit *unit)
{
	struct cidr cidr, before;
	struct error error;
	enum address_parsed result;
	char wanted[256];

	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < UNIT_COUNT(faults); i++) {
		cidr = before;
		error.text[0] = '\0';
		result = cidr_parse(&cidr, faults[i].text, &error);
		unit_check(unit, result == ADDRESS_BAD,
		    "[%s] gives %d, wanted a fault", faults[i].text,
		    (int)result);
		if (faults[i].quoted == NULL)
			snprintf(wanted, sizeof(wanted), "\"%s\": %s",
			    faults[i].text, faults[i].why);
		else
			snprintf(wanted, sizeof(wanted), "\"%s",
			    faults[i].quoted);
		unit_check(unit, strncmp(error.text, wanted,
		    strlen(wanted)) == 0, "[%s] says [%s]", faults[i].text,
		    error.text);
		unit_check(unit, strstr(error.text, faults[i].why) != NULL,
		    "[%s] says [%s]", faults[i].text, error.text);
		unit_check(unit, memcmp(&cidr, &before, sizeof(cidr)) == 0,
		    "[%s] has changed the range", faults[i].text);
	}
}

static void
test_names(struct unit *unit)
{
	struct cidr cidr, before;
	struct error error;
	enum address_parsed result;

	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		cidr = before;
		error.text[0] = '\0';
		result = cidr_parse(&cidr, names[i], &error);
		unit_check(unit, result == ADDRESS_NOT,
		    "[%s] gives %d, wanted a name", names[i], (int)result);
		unit_check(unit, error.text[0] == '\0', "[%s] says [%s]",
		    names[i], error.text);
		unit_check(unit, memcmp(&cidr, &before, sizeof(cidr)) == 0,
		    "[%s] has changed the range", names[i]);
	}
}

static void
test_containment(struct unit *unit)
{
	struct cidr cidr;
	struct address address;
	struct error error;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		must_parse(unit, rows[i].host, &address);
		unit_check(unit, cidr_parse(&cidr, rows[i].text, &error) ==
		    ADDRESS_OK && cidr_contains(&cidr, &address) ==
		    rows[i].inside, "[%s] is %s [%s]", rows[i].host,
		    rows[i].inside ? "not in" : "in", rows[i].text);
	}
}

/* Every prefix there is, with bits of both kinds behind it. */
static void
test_prefixes(struct unit *unit)
{
	char text[64];

	for (unsigned prefix = 0; prefix <= 32; prefix++) {
		snprintf(text, sizeof(text), "165.90.195.60/%u", prefix);
		test_prefix(unit, text, 96 + prefix);
	}
	for (unsigned prefix = 96; prefix <= 128; prefix++) {
		snprintf(text, sizeof(text), "::ffff:165.90.195.60/%u",
		    prefix);
		test_prefix(unit, text, prefix);
	}
	for (unsigned prefix = 0; prefix <= 128; prefix++) {
		snprintf(text, sizeof(text),
		    "a55a:c33c:a55a:c33c:a55a:c33c:a55a:c33c/%u", prefix);
		test_prefix(unit, text, prefix);
	}
}

static void
test_prefix(struct unit *unit, const char *text, unsigned kept)
{
	struct cidr cidr, own;
	struct address address;
	struct error error;
	char host[64];
	bool good;

	snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, "/"), text);
	must_parse(unit, host, &address);
	cidr_of(&own, &address);
	good = cidr_parse(&cidr, text, &error) == ADDRESS_OK &&
	    cidr_contains(&cidr, &address);
	for (unsigned i = 0; good && i < 128; i++) {
		if (i < kept)
			good = bit(cidr.low, i) == bit(own.low, i) &&
			    bit(cidr.high, i) == bit(own.low, i);
		else
			good = !bit(cidr.low, i) && bit(cidr.high, i);
	}
	unit_check(unit, good, "[%s] has wrong ends", text);
}

static void
test_of(struct unit *unit)
{
	static const char *const hosts[] = { "192.0.2.1", "2001:db8::1",
	    "::ffff:192.0.2.1" };
	struct cidr cidr;
	struct address address, other;

	for (size_t i = 0; i < UNIT_COUNT(hosts); i++) {
		must_parse(unit, hosts[i], &address);
		cidr_of(&cidr, &address);
		address_set_port(&address, 443);
		unit_check(unit, cidr_contains(&cidr, &address),
		    "[%s] is not in its own range", hosts[i]);
		address_unmap(&address);
		unit_check(unit, cidr_contains(&cidr, &address),
		    "[%s] is not in its own range, unmapped", hosts[i]);
		must_parse(unit, "192.0.2.2", &other);
		unit_check(unit, !cidr_contains(&cidr, &other),
		    "[192.0.2.2] is in the range of [%s]", hosts[i]);
		must_parse(unit, "2001:db8::2", &other);
		unit_check(unit, !cidr_contains(&cidr, &other),
		    "[2001:db8::2] is in the range of [%s]", hosts[i]);
	}
}

static void
test_scope(struct unit *unit)
{
	struct cidr cidr;
	struct address address;
	struct error error;

	must_parse(unit, "fe80::1", &address);
	address.in6.sin6_scope_id = 7;
	unit_check(unit, cidr_parse(&cidr, "fe80::/10", &error) ==
	    ADDRESS_OK && cidr_contains(&cidr, &address),
	    "fe80::1 of interface 7 is not in fe80::/10");
	cidr_of(&cidr, &address);
	address.in6.sin6_scope_id = 8;
	unit_check(unit, cidr_contains(&cidr, &address),
	    "fe80::1 is another one on interface 8");
}

/* Peers without an IP address are in no range, and make an empty one. */
static void
test_none(struct unit *unit)
{
	static const char *const hosts[] = { "0.0.0.0", "255.255.255.255",
	    "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };
	struct cidr cidr, empty;
	struct address none, local, address;
	struct error error;

	memset(&none, 0, sizeof(none));
	memset(&local, 0, sizeof(local));
	local.any.sa_family = AF_UNIX;
	local.length = sizeof(sa_family_t);
	for (size_t i = 0; i < UNIT_COUNT(ranges); i++) {
		unit_check(unit, cidr_parse(&cidr, ranges[i].text, &error) ==
		    ADDRESS_OK && !cidr_contains(&cidr, &none) &&
		    !cidr_contains(&cidr, &local),
		    "no address is in [%s]", ranges[i].text);
	}
	for (size_t i = 0; i < UNIT_COUNT(hosts); i++) {
		must_parse(unit, hosts[i], &address);
		cidr_of(&empty, &none);
		unit_check(unit, !cidr_contains(&empty, &address),
		    "[%s] is in the range of no address", hosts[i]);
		cidr_of(&empty, &local);
		unit_check(unit, !cidr_contains(&empty, &address),
		    "[%s] is in the range of a UNIX socket", hosts[i]);
	}
}

static void
must_parse(struct unit *unit, const char *host, struct address *address)
{
	struct error error;

	if (address_parse(address, host, 0, &error) != ADDRESS_OK)
		unit_check(unit, false, "[%s] is no address", host);
}

static const char *
bits_text(const unsigned char *bits, char *buf, size_t size)
{
	for (size_t i = 0; i < 16; i++)
		snprintf(buf + 2 * i, size - 2 * i, "%02x", bits[i]);
	return buf;
}

static bool
bit(const unsigned char *bits, unsigned i)
{
	return (bits[i / 8] >> (7 - i % 8) & 1) != 0;
}
