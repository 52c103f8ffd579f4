/* Operands: every form that is taken, and every fault that is told. */

#include "config.h"

#include <stdlib.h>

#include "base/endpoint.h"

#include "unit.h"

static void	test_taken(struct unit *);
static void	test_refused(struct unit *);
static void	test_names(struct unit *);
static void	test_name(struct unit *, size_t length, bool dots,
		    const char *fault);
static size_t	count(char *const *operands);

#define C	ENDPOINT_CONNECT
#define L	ENDPOINT_LISTEN

static const struct {
	enum endpoint_side	 side;
	const char		*operands[4];
	const char		*host;
	int			 port;	/* -1: a service's name */
	const char		*text;
} taken[] = {
	{ C, { "h", "80" }, "h", 80, "h:80" },
	{ C, { "h:80" }, "h", 80, "h:80" },
	{ C, { "h", "http" }, "h", -1, "h:http" },
	{ C, { "h:http" }, "h", -1, "h:http" },
	{ C, { "h", "1" }, "h", 1, "h:1" },
	{ C, { "h", "65535" }, "h", 65535, "h:65535" },
	{ C, { "h", "0080" }, "h", 80, "h:80" },
	{ C, { "::1", "80" }, "::1", 80, "[::1]:80" },
	{ C, { "[::1]", "80" }, "::1", 80, "[::1]:80" },
	{ C, { "[::1]:80" }, "::1", 80, "[::1]:80" },
	{ C, { "[::1]:http" }, "::1", -1, "[::1]:http" },
	{ C, { "192.0.2.1:80" }, "192.0.2.1", 80, "192.0.2.1:80" },
	{ C, { "example.com.", "80" }, "example.com.", 80, "example.com.:80" },
	{ C, { "a_b-c.d", "80" }, "a_b-c.d", 80, "a_b-c.d:80" },
	{ C, { "tls", "80" }, "tls", 80, "tls:80" },
	{ C, { "unix", "80" }, "unix", 80, "unix:80" },
	{ L, { "8080" }, "", 8080, "port 8080" },
	{ L, { "0" }, "", 0, "port 0" },
	{ L, { "http" }, "", -1, "port http" },
	{ L, { "h", "0" }, "h", 0, "h:0" },
	{ L, { "127.0.0.1:0" }, "127.0.0.1", 0, "127.0.0.1:0" },
	{ L, { "[::]:0" }, "::", 0, "[::]:0" },
	{ L, { "::", "8080" }, "::", 8080, "[::]:8080" },
};

static const struct {
	enum endpoint_side	 side;
	const char		*operands[4];
	const char		*words;		/* the text begins so */
} refused[] = {
	{ C, { NULL }, "HOST and PORT are missing" },
	{ L, { NULL }, "PORT is missing" },
	{ C, { "h" }, "\"h\": the port is missing" },
	{ C, { "80" }, "\"80\": the port is missing" },
	{ C, { "h", "1", "2" }, "\"2\": one operand too many" },
	{ C, { "h", "1", "2", "3" }, "\"2\": one operand too many" },
	{ C, { "" }, "port \"\": neither" },
	{ L, { "" }, "port \"\": neither" },
	{ C, { "", "80" }, "\"\": the host is empty" },
	{ L, { "", "80" }, "\"\": the host is empty" },
	{ L, { "127.0.0.1" }, "\"127.0.0.1\": the port is missing" },

	{ C, { "h", "0" }, "port \"0\": not 1 to 65535" },
	{ C, { "h:0" }, "port \"0\": not 1 to 65535" },
	{ C, { "h", "65536" }, "port \"65536\": not 1 to 65535" },
	{ L, { "65536" }, "port \"65536\": not 0 to 65535" },
	{ C, { "h", "99999999999999999999999" }, "port \"99999999999999" },
	{ C, { "h", "-1" }, "port \"-1\": neither" },
	{ C, { "h:-1" }, "port \"-1\": neither" },
	{ L, { "-1" }, "port \"-1\": neither" },
	{ C, { "h", "1e11" }, "port \"1e11\": neither" },
	{ C, { "h", "12x" }, "port \"12x\": neither" },
	{ C, { "h", "+80" }, "port \"+80\": neither" },
	{ C, { "h", " 80" }, "port \" 80\": neither" },
	{ C, { "h", "80 " }, "port \"80 \": neither" },
	{ C, { "h", "0x50" }, "port \"0x50\": neither" },
	{ C, { "h", "80.0" }, "port \"80.0\": neither" },
	{ C, { "h", "" }, "port \"\": neither" },
	{ C, { "h:" }, "\"h:\": the port is missing" },
	{ C, { "h", "8\x1b" "0" }, "port \"8\\x1b0\": neither" },
	{ C, { "h", "ht tp" }, "port \"ht tp\": neither" },
	{ C, { "h", "http:80" }, "port \"http:80\": neither" },
	{ C, { ":80" }, "\":80\": the host is missing" },
	{ L, { ":80" }, "\":80\": the host is missing" },
	{ C, { ":" }, "\":\": the host is missing" },
	{ C, { "h:80", "81" }, "\"81\": the port is given twice" },

	{ C, { "[::1" }, "\"[::1\": ] is missing" },
	{ C, { "[::1:80" }, "\"[::1:80\": ] is missing" },
	{ C, { "[::1", "80" }, "\"[::1\": ] is missing" },
	{ C, { "[::1]" }, "\"[::1]\": the port is missing" },
	{ L, { "[::1]" }, "\"[::1]\": the port is missing" },
	{ C, { "[::1]x" }, "\"[::1]x\": only :PORT may stand behind ]" },
	{ C, { "[::1]80" }, "\"[::1]80\": only :PORT may stand behind ]" },
	{ C, { "[::1]x", "80" }, "\"[::1]x\": nothing may stand behind ]" },
	{ C, { "[::1]:" }, "\"[::1]:\": the port is missing" },
	{ C, { "[::1]::80" }, "port \":80\": neither" },
	{ C, { "[]:80" }, "\"[]\": only an IPv6 address stands in" },
	{ C, { "[" }, "\"[\": ] is missing" },
	{ C, { "]:80" }, "\"]\": not a host name" },
	{ C, { "[[::1]]:80" }, "\"[[::1]]:80\": only :PORT may stand" },
	{ C, { "[h]:80" }, "\"[h]\": only an IPv6 address stands in" },
	{ C, { "[127.0.0.1]:80" }, "\"[127.0.0.1]\": only an IPv6" },
	{ C, { "[1:2]:80" }, "\"1:2\": not an IPv6 address" },
	{ C, { "::1:80" }, "\"::1:80\": an IPv6 address before a port "
	    "stands in brackets ([::1]:80)" },
	{ L, { "::1:80" }, "\"::1:80\": an IPv6 address before a port "
	    "stands in brackets ([::1]:80)" },
	{ C, { "2001:db8::1:http" }, "\"2001:db8::1:http\": an IPv6 address "
	    "before a port stands in brackets ([2001:db8::1]:http)" },
	{ C, { "fe80::1%lo:80" }, "\"fe80::1%lo:80\": an IPv6 address before "
	    "a port stands in brackets ([fe80::1%lo]:80)" },
	{ C, { "::1:\x1b" }, "\"::1:\\x1b\": an IPv6 address before a port "
	    "stands in brackets ([::1]:\\x1b)" },
	{ C, { "::1" }, "\"::1\": the port is missing ([::1]:PORT)" },
	{ L, { "::1" }, "\"::1\": the port is missing ([::1]:PORT)" },
	{ C, { "1:2:3:4:5:6:7:8" }, "\"1:2:3:4:5:6:7:8\": the port is "
	    "missing ([1:2:3:4:5:6:7:8]:PORT)" },
	{ C, { "a:b:c" }, "\"a:b:c\": neither HOST:PORT nor [IPV6]:PORT" },
	{ C, { "::" "\x1b" ":" }, "\"::\\x1b:\": neither HOST:PORT" },

	{ C, { "fe80::1%", "80" }, "\"fe80::1%\": an interface is missing" },
	{ C, { "fe80::1%nope0", "80" }, "\"fe80::1%nope0\": no such" },
	{ C, { "[fe80::1%nope0]:80" }, "\"fe80::1%nope0\": no such" },
	{ C, { "127.0.0.1%lo", "80" }, "\"127.0.0.1%lo\": only IPv6" },
	{ C, { "h%lo", "80" }, "\"h%lo\": not a host name" },

	{ C, { "127.1", "80" }, "\"127.1\": not an IPv4 address" },
	{ C, { "0x7f.1:80" }, "\"0x7f.1\": not an IPv4 address" },
	{ C, { "a..b", "80" }, "\"a..b\": not a host name (nothing" },
	{ C, { ".a", "80" }, "\".a\": not a host name (nothing" },
	{ C, { "a..", "80" }, "\"a..\": not a host name (nothing" },
	{ C, { ".", "80" }, "\".\": not a host name (nothing" },
	{ C, { "*", "80" }, "\"*\": not a host name (letters" },
	{ L, { "*:80" }, "\"*\": not a host name (letters" },
	{ C, { "a b", "80" }, "\"a b\": not a host name (letters" },
	{ C, { "a\nb", "80" }, "\"a\\x0ab\": not a host name (letters" },
	{ C, { "\x1b]0;x\a", "80" }, "\"\\x1b]0;x\\x07\": not a host" },
	{ C, { "a/b", "80" }, "\"a/b\": not a host name (letters" },
	{ C, { "http://h/", "80" }, "\"80\": the port is given twice" },
	{ C, { "b\xc3\xbc" "cher.example", "80" },
	    "\"b\\xc3\\xbccher.example\": not ASCII" },

	{ L, { "fd:3" }, "fd: is not supported in this version" },
	{ L, { "systemd:" }, "systemd: is not supported in this version" },
	{ L, { "systemd:x" }, "systemd: is not supported in this version" },
	{ C, { "unix:/x" }, "unix: is not supported in this version" },
	{ C, { "tls:h:443" }, "tls: is not supported in this version" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_taken(&unit);
	test_refused(&unit);
	test_names(&unit);
	return unit_end(&unit);
}

static void
test_taken(struct unit *unit)
{
	struct endpoint endpoint;
	struct error error;
	char text[400], *operands[4];

	for (size_t i = 0; i < UNIT_COUNT(taken); i++) {
		memcpy(operands, taken[i].operands, sizeof(operands));
		error.text[0] = '\0';
		if (endpoint_parse(&endpoint, taken[i].side, operands,
		    count(operands), &error) == -1) {
			unit_check(unit, false, "[%s] is refused: %s",
			    taken[i].text, error.text);
			continue;
		}
		unit_text(unit, taken[i].text, endpoint.host, taken[i].host);
		unit_text(unit, taken[i].text, endpoint_text(&endpoint, text,
		    sizeof(text)), taken[i].text);
		unit_check(unit, (endpoint.has_port ? endpoint.port : -1) ==
		    taken[i].port, "[%s] gives port %d", taken[i].text,
		    endpoint.port);
	}
}

static void
test_refused(struct unit *unit)
{
	struct endpoint endpoint;
	struct error error;
	char *operands[4];
	const char *words;

	for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
		memcpy(operands, refused[i].operands, sizeof(operands));
		words = refused[i].words;
		error.text[0] = '\0';
		unit_check(unit, endpoint_parse(&endpoint, refused[i].side,
		    operands, count(operands), &error) == -1,
		    "[%s] is taken", operands[0]);
		unit_check(unit,
		    strncmp(error.text, words, strlen(words)) == 0,
		    "[%s] says [%s], wanted [%s]", operands[0], error.text,
		    words);
	}
}

/* Names at and beyond the limits. */
static void
test_names(struct unit *unit)
{
	test_name(unit, 63, false, NULL);
	test_name(unit, 64, false, "more than 63 bytes between dots");
	test_name(unit, 253, true, NULL);
	test_name(unit, 254, true, "longer than the 253 bytes");
	test_name(unit, 256, true, "longer than the 253 bytes");
	test_name(unit, 319, true, "longer than the 253 bytes");
	test_name(unit, 320, true, "longer than the 253 bytes");
	test_name(unit, 321, true, "longer than the 253 bytes");
	test_name(unit, 70000, true, "longer than the 253 bytes");
	test_name(unit, 70000, false, "longer than the 253 bytes");
}

/* In both forms; the name is allocated, so that overruns are seen. */
static void
test_name(struct unit *unit, size_t length, bool dots, const char *fault)
{
	struct endpoint endpoint;
	struct error error;
	char port[] = "80", *name = malloc(length + 4);
	char *operands[] = { name, port };
	bool taken_too;

	if (name == NULL)
		abort();
	for (size_t form = 1; form <= 2; form++) {
		memset(name, 'a', length);
		for (size_t i = 63; dots && i < length; i += 64)
			name[i] = '.';
		name[length - 1] = 'a';
		strlcpy(name + length, form == 1 ? ":80" : "", 4);
		error.text[0] = '\0';
		taken_too = endpoint_parse(&endpoint, ENDPOINT_CONNECT,
		    operands, form, &error) == 0;
		unit_check(unit, taken_too == (fault == NULL) &&
		    (taken_too || strstr(error.text, fault) != NULL),
		    "a name of %zu bytes says [%s]", length, error.text);
	}
	free(name);
}

static size_t
count(char *const *operands)
{
	size_t n = 0;

	while (n < 4 && operands[n] != NULL)
		n++;
	return n;
}
