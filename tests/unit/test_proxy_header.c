/*
 * Headers of the PROXY protocol: what is one, what is none and from which
 * byte on, and that what is built is parsed.  Every input is parsed in
 * memory of its own size, so that a sanitizer sees a read beyond it.
 */

#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/printable.h"
#include "steps/proxy_header.h"

#include "unit.h"

/* Checks of headers that are whole */
static void	test_good(struct unit *);
static void	check_whole(struct unit *, const unsigned char *, size_t,
		    const char *text);
static void	check_cuts(struct unit *, const unsigned char *, size_t);
static void	check_appended(struct unit *, const unsigned char *, size_t,
		    const char *text);
static void	check_corrupted(struct unit *, const unsigned char *, size_t);

/* Checks of what is bad, or of any bytes */
static void	test_bad(struct unit *);
static void	check_stays(struct unit *, const unsigned char *, size_t);
static void	test_first_bytes(struct unit *);
static void	test_codes(struct unit *);
static void	test_lengths(struct unit *);
static void	check_length(struct unit *, unsigned command, unsigned code,
		    size_t declared, size_t least);
static void	test_walks(struct unit *);
static bool	walk(unsigned char *, size_t, uint32_t *state);

/* Checks of building */
static void	test_built(struct unit *);
static void	test_scope(struct unit *);
static void	test_nothing(struct unit *);

static enum proxy_parsed parse(struct proxy_header *, const unsigned char *,
		    size_t, struct error *);
static enum proxy_parsed kind(const unsigned char *, size_t);
static void	make_address(struct address *, const char *host,
		    uint16_t port);
static bool	is_mapped(const struct address *);
static const char *told(const struct proxy_header *);
static const char *hex(const unsigned char *, size_t);
static uint32_t	random_next(uint32_t *state);

#define BYTES(input)	(const unsigned char *)input, sizeof(input) - 1
#define SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_SIZE	12
#define FIXED_SIZE	16
#define LINE_MAX_BYTES	107

/* 39, 44 and 45 bytes */
#define LONG_HOST	"1111:2222:3333:4444:5555:6666:7777:8888"
#define DOTTED_44	"0000:0000:0000:0000:0000:ffff:255.255.255.25"
#define DOTTED_45	DOTTED_44 "5"

#define TEN		"0123456789"
#define NINETY		TEN TEN TEN TEN TEN TEN TEN TEN TEN

#define V4_BLOCK	"\xc0\0\2\1\xc6\x33\x64\2\x30\x39\1\xbb"
#define V6_HOST(last)	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0" last
#define MAPPED_HOST	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"
#define V6_PORTS	"\0\0\xff\xff"

/* "real", or "SOURCE DESTINATION" */
static const struct {
	const unsigned char	*bytes;
	size_t			 size;
	const char		*text;
} good[] = {
	{ BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n"),
	  "192.0.2.1:12345 198.51.100.2:443" },
	{ BYTES("PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n"),
	  "255.255.255.255:65535 0.0.0.0:0" },
	{ BYTES("PROXY TCP6 2001:db8::1 2001:DB8:0::2 12345 443\r\n"),
	  "[2001:db8::1]:12345 [2001:db8::2]:443" },
	{ BYTES("PROXY TCP6 :: ::1 1 10\r\n"), "[::]:1 [::1]:10" },
	{ BYTES("PROXY TCP6 1:2:3:4:5:6:7:8 1::8 0 65535\r\n"),
	  "[1:2:3:4:5:6:7:8]:0 [1::8]:65535" },
	{ BYTES("PROXY TCP6 fe80::1 1:2:3:4:5:6:7:: 1 2\r\n"),
	  "[fe80::1]:1 [1:2:3:4:5:6:7:0]:2" },
	{ BYTES("PROXY TCP6 64:ff9b::192.0.2.1 ::2 1 2\r\n"),
	  "[64:ff9b::c000:201]:1 [::2]:2" },
	{ BYTES("PROXY TCP6 " LONG_HOST " " LONG_HOST " 65535 65535\r\n"),
	  "[" LONG_HOST "]:65535 [" LONG_HOST "]:65535" },
	{ BYTES("PROXY TCP6 " DOTTED_45 " " DOTTED_44 " 1 2\r\n"),
	  "255.255.255.255:1 255.255.255.25:2" },
	{ BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::FFFF:c000:202 1 2\r\n"),
	  "192.0.2.1:1 192.0.2.2:2" },
	{ BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"),
	  "192.0.2.1:1 [::1]:2" },

	{ BYTES("PROXY UNKNOWN\r\n"), "real" },
	{ BYTES("PROXY UNKNOWN \r\n"), "real" },
	{ BYTES("PROXY UNKNOWN 1.2.3.4  any\xc3\xa9thing \\\r\n"), "real" },
	{ BYTES("PROXY UNKNOWN " NINETY "0\r\n"), "real" },

	{ BYTES(SIGNATURE "\x21\x11\0\xc" V4_BLOCK),
	  "192.0.2.1:12345 198.51.100.2:443" },
	{ BYTES(SIGNATURE "\x21\x11\0\x13" V4_BLOCK "\3\0\4abcd"),
	  "192.0.2.1:12345 198.51.100.2:443" },
	{ BYTES(SIGNATURE "\x21\x11\0\xd" V4_BLOCK "\xff"),
	  "192.0.2.1:12345 198.51.100.2:443" },
	{ BYTES(SIGNATURE "\x21\x21\0\x24" V6_HOST("\1") V6_HOST("\2")
	    V6_PORTS), "[2001:db8::1]:0 [2001:db8::2]:65535" },
	{ BYTES(SIGNATURE "\x21\x21\0\x27" V6_HOST("\1") V6_HOST("\2")
	    V6_PORTS "\4\0\0"), "[2001:db8::1]:0 [2001:db8::2]:65535" },
	{ BYTES(SIGNATURE "\x21\x21\0\x24" MAPPED_HOST MAPPED_HOST V6_PORTS),
	  "192.0.2.1:0 192.0.2.1:65535" },
	{ BYTES(SIGNATURE "\x21\x21\0\x24" V6_HOST("\1") MAPPED_HOST
	    V6_PORTS), "[2001:db8::1]:0 192.0.2.1:65535" },

	{ BYTES(SIGNATURE "\x20\0\0\0"), "real" },
	{ BYTES(SIGNATURE "\x20\x11\0\xc" V4_BLOCK), "real" },
	{ BYTES(SIGNATURE "\x20\x11\0\3abc"), "real" },
	{ BYTES(SIGNATURE "\x20\xff\0\1x"), "real" },
	{ BYTES(SIGNATURE "\x21\0\0\0"), "real" },
	{ BYTES(SIGNATURE "\x21\0\0\xc" V4_BLOCK), "real" },
	{ BYTES(SIGNATURE "\x21\x31\0\0"), "real" },
	{ BYTES(SIGNATURE "\x21\x31\0\5" "/a\0/b"), "real" },
};

/* It is the last byte of each that is one too many; without it: MORE. */
static const struct {
	const unsigned char	*bytes;
	size_t			 size;
	const char		*text;	/* behind "PROXY header: " */
} bad[] = {
	{ BYTES("G"), "\"G\" where \"PROXY \" is expected" },
	{ BYTES("p"), "\"p\" where \"PROXY \" is expected" },
	{ BYTES("\0"), "\"\\x00\" where \"PROXY \" is expected" },
	{ BYTES("\n"), "\"\\x0a\" where \"PROXY \" is expected" },
	{ BYTES("\x16"), "\"\\x16\" where \"PROXY \" is expected" },
	{ BYTES("PO"), "\"PO\" where \"PROXY \" is expected" },
	{ BYTES("PRI"), "\"PRI\" where \"PROXY \" is expected" },
	{ BYTES("PROXy"), "\"PROXy\" where \"PROXY \" is expected" },
	{ BYTES("PROXY\t"), "\"PROXY\\x09\" where \"PROXY \" is expected" },
	{ BYTES("PROXY\r"), "\"PROXY\\x0d\" where \"PROXY \" is expected" },

	{ BYTES("PROXY  "), "\" \": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY t"), "\"t\": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY TCP5"), "\"TCP5\": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY TCP46"), "\"TCP46\": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY TCP4\t"), "\"TCP4\\x09\": not TCP4" },
	{ BYTES("PROXY TCP4\r"), "\"TCP4\\x0d\": not TCP4" },
	{ BYTES("PROXY TCP6\n"), "\"TCP6\\x0a\": not TCP4" },
	{ BYTES("PROXY TCP6\0"), "\"TCP6\\x00\": not TCP4" },
	{ BYTES("PROXY UD"), "\"UD\": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY UNKNOWn"), "\"UNKNOWn\": not TCP4" },
	{ BYTES("PROXY \xff"), "\"\\xff\": not TCP4, TCP6 or UNKNOWN" },

	{ BYTES("PROXY UNKNOWNX"), "\"X\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN\n"), "\"\\x0a\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN a\n"), "\"\\x0a\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN a\0"), "\"\\x00\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN \t"), "\"\\x09\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN \x7f"), "\"\\x7f\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN\rx"), "\"\\x0dx\" where \"\\x0d\\x0a\" is" },
	{ BYTES("PROXY UNKNOWN\r\r"), "\"\\x0d\\x0d\" where" },
	{ BYTES("PROXY UNKNOWN " NINETY "01"), "longer than 107 bytes" },

	{ BYTES("PROXY TCP4  "), "\"\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 ."), "\".\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 256"), "\"256\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 01"), "\"01\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 0x"), "\"0x\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 -"), "\"-\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 :"), "\":\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.."), "\"1..\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3 "), "\"1.2.3\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3. "), "\"1.2.3.\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3.4."), "\"1.2.3.4.\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3.4\t"), "\"\\x09\" where \" \" is" },
	{ BYTES("PROXY TCP4 1.2.3.4\r"), "\"\\x0d\" where \" \" is" },
	{ BYTES("PROXY TCP4 1.2.3.4\0"), "\"\\x00\" where \" \" is" },
	{ BYTES("PROXY TCP4 1.2.3.4%"), "\"1.2.3.4%\": not an IPv4" },
	{ BYTES("PROXY TCP4 1.2.3.4  "), "\"\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3.4 a"), "\"a\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 1.2.3.4 :"), "\":\": not an IPv4 address" },

	{ BYTES("PROXY TCP6  "), "\"\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 g"), "\"g\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 ["), "\"[\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 :::"), "\":::\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 :1"), "\":1\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 12345"), "\"12345\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 00000"), "\"00000\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1::2::"), "\"1::2::\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1."), "\"1.\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 ::1.2.3 "), "\"::1.2.3\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 ::256."), "\"::256.\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 ::1.02"), "\"::1.02\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1:2 "), "\"1:2\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1: "), "\"1:\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1:2:3:4:5:6:7:8:"),
	  "\"1:2:3:4:5:6:7:8:\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1:2:3:4:5:6:7:8."),
	  "\"1:2:3:4:5:6:7:8.\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 1:2:3:4::6:7:8:"),
	  "\"1:2:3:4::6:7:8:\": not an IPv6 address" },
	{ BYTES("PROXY TCP6 fe80::1%"), "\"fe80::1%\": not an IPv6" },
	{ BYTES("PROXY TCP6 ::1\n"), "\"\\x0a\" where \" \" is expected" },
	{ BYTES("PROXY TCP6 " DOTTED_45 "5"),
	  "\"0000:0000:0000:0000:0000...\": not an IPv6" },
	{ BYTES("PROXY TCP6 " DOTTED_45 " " DOTTED_45),
	  "longer than 107 bytes" },
	{ BYTES("PROXY TCP6 " DOTTED_45 " " DOTTED_44 " 10"),
	  "longer than 107 bytes" },
	{ BYTES("PROXY TCP6 " DOTTED_45 " " DOTTED_44 " 1 20"),
	  "longer than 107 bytes" },

	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8  "), "\"\": not a port (0 to" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 +"), "\"+\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 -"), "\"-\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 a"), "\"a\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 00"), "\"00\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 01"), "\"01\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 65536"), "\"65536\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 10000\r"),
	  "\"\\x0d\" where \" \" is expected" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 \r"), "\"\": not a port" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 655350"),
	  "\"655350\": not a port (0 to 65535, no leading zeros)" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 "),
	  "\" \" where \"\\x0d\\x0a\" is expected" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n"),
	  "\"\\x0a\" where \"\\x0d\\x0a\" is expected" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\0"),
	  "\"\\x00\" where \"\\x0d\\x0a\" is expected" },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r"),
	  "\"\\x0d\\x0d\" where \"\\x0d\\x0a\" is expected" },

	{ BYTES("\rP"), "\"\\x0dP\" where \"\\x0d\\x0a\\x0d\\x0a\\x00" },
	{ BYTES(SIGNATURE "\0"), "version 0 behind the signature" },
	{ BYTES(SIGNATURE "\x11"), "version 1 behind the signature" },
	{ BYTES(SIGNATURE "\x30"), "version 3 behind the signature" },
	{ BYTES(SIGNATURE "\x22"), "command 2 is neither LOCAL (0)" },
	{ BYTES(SIGNATURE "\x2f"), "command 15 is neither LOCAL (0)" },
	{ BYTES(SIGNATURE "\x21\x12"), "0x12 is no stream over IPv4" },
	{ BYTES(SIGNATURE "\x21\1"), "0x01 is no stream over IPv4" },
	{ BYTES(SIGNATURE "\x21\x11\x10"), "declares more than 4080 bytes" },
	{ BYTES(SIGNATURE "\x20\0\xff"), "declares more than 4080 bytes" },
	{ BYTES(SIGNATURE "\x20\0\xf\xf1"), "declares more than 4080 bytes" },
	{ BYTES(SIGNATURE "\x21\x11\0\xb"), "declares 11 bytes for" },
	{ BYTES(SIGNATURE "\x21\x11\0\0"), "declares 0 bytes for addresses" },
	{ BYTES(SIGNATURE "\x21\x21\0\x23"), "declares 35 bytes for" },
	{ BYTES(SIGNATURE "\x21\x21\0\xc"), "declares 12 bytes for addresses"
	    " of 36" },
};

/* Inputs with more behind the culprit: what messages show of them. */
static const struct {
	const unsigned char	*bytes;
	size_t			 size;
	const char		*text;
} messages[] = {
	{ BYTES("GET / HTTP/1.1\r\n"),
	  "PROXY header: \"GET / \" where \"PROXY \" is expected" },
	{ BYTES("\x16\3\1\0\xf1\1\0"), "PROXY header: "
	    "\"\\x16\\x03\\x01\\x00\\xf1\\x01\" where \"PROXY \" is expected" },
	{ BYTES("PROXY UDP4 1.2.3.4"),
	  "PROXY header: \"UDP4 \": not TCP4, TCP6 or UNKNOWN" },
	{ BYTES("PROXY TCP4 www.example.com 1.2.3.4"),
	  "PROXY header: \"www.example.com\": not an IPv4 address" },
	{ BYTES("PROXY TCP4 \\\xe9\" 1.2.3.4"),
	  "PROXY header: \"\\\\\\xe9\"\": not an IPv4 address" },
};

static const struct {
	const char	*source;	/* NULL: none */
	const char	*destination;
	const char	*line;		/* of version 1 */
	size_t		 size;		/* of version 2 */
	const char	*text;		/* as parsed again */
} built[] = {
	{ "192.0.2.1", "198.51.100.2",
	  "PROXY TCP4 192.0.2.1 198.51.100.2 12345 65535\r\n", 28,
	  "192.0.2.1:12345 198.51.100.2:65535" },
	{ "2001:db8::1", "::1",
	  "PROXY TCP6 2001:db8::1 ::1 12345 65535\r\n", 52,
	  "[2001:db8::1]:12345 [::1]:65535" },
	{ LONG_HOST, LONG_HOST,
	  "PROXY TCP6 " LONG_HOST " " LONG_HOST " 12345 65535\r\n", 52,
	  "[" LONG_HOST "]:12345 [" LONG_HOST "]:65535" },
	{ "::ffff:192.0.2.1", "::ffff:198.51.100.2",
	  "PROXY TCP4 192.0.2.1 198.51.100.2 12345 65535\r\n", 28,
	  "192.0.2.1:12345 198.51.100.2:65535" },
	{ "::ffff:192.0.2.1", "198.51.100.2",
	  "PROXY TCP4 192.0.2.1 198.51.100.2 12345 65535\r\n", 28,
	  "192.0.2.1:12345 198.51.100.2:65535" },
	{ "192.0.2.1", "::ffff:198.51.100.2",
	  "PROXY TCP4 192.0.2.1 198.51.100.2 12345 65535\r\n", 28,
	  "192.0.2.1:12345 198.51.100.2:65535" },
	{ "::ffff:192.0.2.1", "::1",
	  "PROXY TCP6 ::ffff:192.0.2.1 ::1 12345 65535\r\n", 52,
	  "192.0.2.1:12345 [::1]:65535" },
	{ "192.0.2.1", "::1", "PROXY UNKNOWN\r\n", 16, "real" },
	{ "::1", "192.0.2.1", "PROXY UNKNOWN\r\n", 16, "real" },
	{ NULL, "192.0.2.1", "PROXY UNKNOWN\r\n", 16, "real" },
	{ "2001:db8::1", NULL, "PROXY UNKNOWN\r\n", 16, "real" },
	{ NULL, NULL, "PROXY UNKNOWN\r\n", 16, "real" },
};

int
main(void)
{
	struct unit unit = { 0 };

	test_good(&unit);
	test_bad(&unit);
	test_first_bytes(&unit);
	test_codes(&unit);
	test_lengths(&unit);
	test_walks(&unit);
	test_built(&unit);
	test_scope(&unit);
	test_nothing(&unit);
	return unit_end(&unit);
}

static void
test_good(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(good); i++) {
		check_whole(unit, good[i].bytes, good[i].size, good[i].text);
		check_cuts(unit, good[i].bytes, good[i].size);
		check_appended(unit, good[i].bytes, good[i].size,
		    good[i].text);
		check_corrupted(unit, good[i].bytes, good[i].size);
	}
}

static void
check_whole(struct unit *unit, const unsigned char *bytes, size_t size,
    const char *text)
{
	struct proxy_header header;
	struct error error = { 0 };
	enum proxy_parsed result;

	result = parse(&header, bytes, size, &error);
	unit_check(unit, result == PROXY_WHOLE && header.length == size,
	    "[%s] gives %d, %zu bytes [%s]", hex(bytes, size), result,
	    header.length, error.text);
	unit_text(unit, hex(bytes, size), told(&header), text);
}

/* Without its end a header is none yet. */
static void
check_cuts(struct unit *unit, const unsigned char *bytes, size_t size)
{
	for (size_t cut = 0; cut < size; cut++)
		unit_check(unit, kind(bytes, cut) == PROXY_MORE,
		    "[%s] gives %d", hex(bytes, cut), kind(bytes, cut));
}

/* What follows is neither part of it nor looked at. */
static void
check_appended(struct unit *unit, const unsigned char *bytes, size_t size,
    const char *text)
{
	unsigned char longer[PROXY_HEADER_MAX + 1];
	struct proxy_header header;
	struct error error;
	bool same = true;

	memcpy(longer, bytes, size);
	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		longer[size] = (unsigned char)byte;
		same = same && parse(&header, longer, size + 1, &error) ==
		    PROXY_WHOLE && header.length == size &&
		    strcmp(told(&header), text) == 0;
	}
	unit_check(unit, same, "[%s] and a byte gives another",
	    hex(bytes, size));
}

/* Each byte of the signature or keyword, replaced by each other one. */
static void
check_corrupted(struct unit *unit, const unsigned char *bytes, size_t size)
{
	const size_t end = bytes[0] == '\r' ? SIGNATURE_SIZE :
	    strlen("PROXY ");
	unsigned char other[PROXY_HEADER_MAX];
	bool all;

	for (size_t at = 0; at < end; at++) {
		memcpy(other, bytes, size);
		all = true;
		for (unsigned change = 1; change <= UINT8_MAX; change++) {
			other[at] = (unsigned char)(bytes[at] ^ change);
			all = all && kind(other, size) == PROXY_BAD;
			/* The first byte may begin the other version. */
			all = all && (kind(other, at + 1) == PROXY_BAD ||
			    (at == 0 && strchr("P\r", other[0]) != NULL));
		}
		unit_check(unit, all, "[%s] changed at %zu is taken",
		    hex(bytes, size), at);
	}
}

static void
test_bad(struct unit *unit)
{
	static const char prefix[] = "PROXY header: ";
	struct proxy_header header;
	struct error error;
	enum proxy_parsed result;
	const char *input, *text;

	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		error.text[0] = '\0';
		result = parse(&header, bad[i].bytes, bad[i].size, &error);
		input = hex(bad[i].bytes, bad[i].size);
		unit_check(unit, result == PROXY_BAD, "[%s] gives %d", input,
		    result);
		text = bad[i].text;
		unit_check(unit, strncmp(error.text, prefix,
		    strlen(prefix)) == 0 && strncmp(error.text +
		    strlen(prefix), text, strlen(text)) == 0,
		    "[%s] gives [%s], wanted [%s]", input, error.text, text);
		check_cuts(unit, bad[i].bytes, bad[i].size);
		check_stays(unit, bad[i].bytes, bad[i].size);
	}
	for (size_t i = 0; i < UNIT_COUNT(messages); i++) {
		error.text[0] = '\0';
		parse(&header, messages[i].bytes, messages[i].size, &error);
		unit_text(unit, hex(messages[i].bytes, messages[i].size),
		    error.text, messages[i].text);
	}
}

/* No byte that follows mends it. */
static void
check_stays(struct unit *unit, const unsigned char *bytes, size_t size)
{
	unsigned char longer[PROXY_HEADER_MAX + 1];
	bool all = true;

	memcpy(longer, bytes, size);
	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		longer[size] = (unsigned char)byte;
		all = all && kind(longer, size + 1) == PROXY_BAD;
	}
	unit_check(unit, all, "[%s] is mended by a byte", hex(bytes, size));
}

static void
test_first_bytes(struct unit *unit)
{
	unsigned char first;

	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		first = (unsigned char)byte;
		unit_check(unit, kind(&first, 1) == (byte == 'P' ||
		    byte == '\r' ? PROXY_MORE : PROXY_BAD),
		    "a first byte 0x%02x gives %d", byte, kind(&first, 1));
	}
}

/* Every version and command with every family and protocol. */
static void
test_codes(struct unit *unit)
{
	static const unsigned taken[] = { 0x00, 0x11, 0x21, 0x31 };
	unsigned char bytes[FIXED_SIZE] = SIGNATURE;
	enum proxy_parsed wanted;

	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		bytes[SIGNATURE_SIZE] = (unsigned char)(code >> 8);
		bytes[SIGNATURE_SIZE + 1] = (unsigned char)(code & 0xff);
		wanted = code >> 8 == 0x20 ? PROXY_MORE : PROXY_BAD;
		for (size_t i = 0; i < UNIT_COUNT(taken); i++)
			if (code == (0x2100 | taken[i]))
				wanted = PROXY_MORE;
		if (kind(bytes, FIXED_SIZE - 2) != wanted)
			unit_check(unit, false, "codes 0x%04x: not %d", code,
			    wanted);
	}
	unit_check(unit, true, "codes");
}

/* All declared lengths around every bound, with just as many bytes. */
static void
test_lengths(struct unit *unit)
{
	static const size_t around[] = {
		1, 12, 36, 216, 255, 256, 4080, 4095, 4096, 32768, 65534
	};

	for (size_t i = 0; i < UNIT_COUNT(around); i++)
		for (size_t near = 0; near <= 2; near++) {
			size_t declared = around[i] + near - 1;

			check_length(unit, 0x20, 0x11, declared, 0);
			check_length(unit, 0x21, 0x00, declared, 0);
			check_length(unit, 0x21, 0x11, declared, 12);
			check_length(unit, 0x21, 0x21, declared, 36);
			check_length(unit, 0x21, 0x31, declared, 0);
		}
}

static void
check_length(struct unit *unit, unsigned command, unsigned code,
    size_t declared, size_t least)
{
	static unsigned char bytes[FIXED_SIZE + UINT16_MAX] = SIGNATURE;
	const bool taken = declared >= least &&
	    FIXED_SIZE + declared <= PROXY_HEADER_MAX;
	const size_t size = FIXED_SIZE + declared;

	bytes[12] = (unsigned char)command;
	bytes[13] = (unsigned char)code;
	bytes[14] = (unsigned char)(declared >> 8);
	bytes[15] = (unsigned char)(declared & 0xff);
	unit_check(unit, kind(bytes, size) ==
	    (taken ? PROXY_WHOLE : PROXY_BAD), "%02x %02x with %zu: %d",
	    command, code, declared, kind(bytes, size));
	unit_check(unit, kind(bytes, FIXED_SIZE) == (!taken ? PROXY_BAD :
	    declared > 0 ? PROXY_MORE : PROXY_WHOLE),
	    "%02x %02x with %zu declared: %d", command, code, declared,
	    kind(bytes, FIXED_SIZE));
	if (taken && declared > 0)
		unit_check(unit, kind(bytes, size - 1) == PROXY_MORE,
		    "%02x %02x with one of %zu missing: %d", command, code,
		    declared, kind(bytes, size - 1));
}

/*
 * From every beginning that is told to be one there is a way on, and it ends
 * with a whole header: no byte made it bad too late.
 */
static void
test_walks(struct unit *unit)
{
	static const char *const starts[] = {
		"PROXY TCP4 ", "PROXY TCP6 ", "PROXY TCP6 1111:2222:",
		"PROXY TCP6 ::", "PROXY TCP6 " DOTTED_45 " ",
		"PROXY TCP6 " DOTTED_45 " 1:2:3:4:5:6:", "PROXY UNKNOWN ", ""
	};
	unsigned char bytes[PROXY_HEADER_MAX];
	uint32_t state = 1;

	for (size_t i = 0; i < UNIT_COUNT(starts); i++)
		for (size_t round = 0; round < 8; round++) {
			const size_t size = strlen(starts[i]);

			memcpy(bytes, starts[i], size);
			unit_check(unit, walk(bytes, size, &state),
			    "a way from [%s] leads to nothing: [%s]",
			    starts[i], hex(bytes, LINE_MAX_BYTES));
		}
}

/* Go on by a byte that will do, chosen at random, until it is whole. */
static bool
walk(unsigned char *bytes, size_t size, uint32_t *state)
{
	unsigned char ways[UINT8_MAX + 1];
	enum proxy_parsed result;
	size_t count;

	while ((result = kind(bytes, size)) == PROXY_MORE) {
		if (size == PROXY_HEADER_MAX)
			return false;
		count = 0;
		for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
			bytes[size] = (unsigned char)byte;
			if (kind(bytes, size + 1) != PROXY_BAD)
				ways[count++] = (unsigned char)byte;
			/* Behind the fixed part every byte will do. */
			if (bytes[0] == '\r' && size >= FIXED_SIZE)
				break;
		}
		if (count == 0)
			return false;
		bytes[size++] = ways[random_next(state) % count];
	}
	return result == PROXY_WHOLE &&
	    (bytes[0] == '\r' || size <= LINE_MAX_BYTES);
}

static void
test_built(struct unit *unit)
{
	unsigned char bytes[PROXY_HEADER_BUILD_MAX];
	struct address source, destination;
	size_t size;

	for (size_t i = 0; i < UNIT_COUNT(built); i++) {
		make_address(&source, built[i].source, 12345);
		make_address(&destination, built[i].destination, 65535);
		memset(bytes, 0xff, sizeof(bytes));
		size = proxy_header_build(1, &source, &destination, bytes);
		unit_check(unit, size == strlen(built[i].line) &&
		    memcmp(bytes, built[i].line, size) == 0,
		    "built [%s], wanted [%s]", hex(bytes, size),
		    built[i].line);
		check_whole(unit, bytes, size, built[i].text);
		check_cuts(unit, bytes, size);
		memset(bytes, 0xff, sizeof(bytes));
		size = proxy_header_build(2, &source, &destination, bytes);
		unit_check(unit, size == built[i].size &&
		    bytes[SIGNATURE_SIZE] == (size == 16 ? 0x20 : 0x21),
		    "built %zu bytes [%s], wanted %zu", size,
		    hex(bytes, size), built[i].size);
		check_whole(unit, bytes, size, built[i].text);
		check_cuts(unit, bytes, size);
	}
}

/* A scope id means nothing to another host. */
static void
test_scope(struct unit *unit)
{
	static const char line[] = "PROXY TCP6 fe80::1 fe80::2 1 2\r\n";
	unsigned char bytes[PROXY_HEADER_BUILD_MAX];
	struct address source, destination;
	size_t size;

	make_address(&source, "fe80::1", 1);
	make_address(&destination, "fe80::2", 2);
	source.in6.sin6_scope_id = 1;
	size = proxy_header_build(1, &source, &destination, bytes);
	unit_check(unit, size == strlen(line) &&
	    memcmp(bytes, line, size) == 0, "fe80::1%%1 gives [%s]",
	    hex(bytes, size));
	unit_check(unit, source.in6.sin6_scope_id == 1,
	    "building has changed an address");
}

static void
test_nothing(struct unit *unit)
{
	struct proxy_header header;
	struct error error;

	unit_check(unit, proxy_header_parse(&header, NULL, 0, &error) ==
	    PROXY_MORE, "no bytes are not the beginning of a header");
}

static enum proxy_parsed
parse(struct proxy_header *header, const unsigned char *bytes, size_t size,
    struct error *error)
{
	unsigned char *exact = malloc(size > 0 ? size : 1);
	enum proxy_parsed result;

	if (exact == NULL)
		abort();
	memcpy(exact, bytes, size);
	memset(header, 0xff, sizeof(*header));
	result = proxy_header_parse(header, exact, size, error);
	free(exact);
	return result;
}

static enum proxy_parsed
kind(const unsigned char *bytes, size_t size)
{
	struct proxy_header header;
	struct error error;

	return parse(&header, bytes, size, &error);
}

static void
make_address(struct address *address, const char *host, uint16_t port)
{
	struct error error;

	memset(address, 0, sizeof(*address));
	if (host != NULL && address_parse(address, host, port, &error) !=
	    ADDRESS_OK)
		abort();
}

/* Its text would not tell. */
static bool
is_mapped(const struct address *address)
{
	struct address plain = *address;

	address_unmap(&plain);
	return address_family(&plain) != address_family(address);
}

static const char *
told(const struct proxy_header *header)
{
	static char text[2 * ADDRESS_TEXT];
	char source[ADDRESS_TEXT], destination[ADDRESS_TEXT];

	if (header->real)
		return "real";
	if (is_mapped(&header->source) || is_mapped(&header->destination))
		return "mapped";
	snprintf(text, sizeof(text), "%s %s",
	    address_text(&header->source, source, sizeof(source)),
	    address_text(&header->destination, destination,
	    sizeof(destination)));
	return text;
}

/* Bytes for a message. */
static const char *
hex(const unsigned char *bytes, size_t size)
{
	static char text[512];
	char byte[2] = "", piece[8];

	text[0] = '\0';
	for (size_t i = 0; i < size && i < LINE_MAX_BYTES; i++) {
		byte[0] = (char)bytes[i];
		strlcat(text, bytes[i] == 0 ? "\\x00" :
		    printable(byte, piece, sizeof(piece)), sizeof(text));
	}
	return text;
}

static uint32_t
random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}
