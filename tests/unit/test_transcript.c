/*
 * Transcripts: one direction's bytes, and names that peers have no power
 * over.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"
#include "filters/transcript.h"

#include "unit.h"

static void	test_taps(struct unit *, bool sent);
static void	test_checks(struct unit *);
static void	test_names(struct unit *);
static void	test_local(struct unit *);
static void	test_places(struct unit *);
static void	test_time(struct unit *);
static void	test_sizes(struct unit *);
static void	test_bytes(struct unit *);

static const char *named(const char *pattern, const struct tap_ends *);
static const char *local_named(const char *pattern, const char *path,
		    size_t length);
static bool	harmless(const char *name);

static const struct {
	const char	*pattern;
	const char	*fault;		/* NULL: none */
} patterns[] = {
	{ "", NULL },
	{ "in.bin", NULL },
	{ "%p", NULL },
	{ "dir/%p-%n-%t.%%", NULL },
	{ "%", "\"%\": a letter is missing behind %; "
	    "%% is a percent sign" },
	{ "100%", "\"100%\": a letter is missing behind %; "
	    "%% is a percent sign" },
	{ "%%%", "\"%%%\": a letter is missing behind %; "
	    "%% is a percent sign" },
	{ "%x", "\"%x\": %x is none of %p, %n, %t and %%" },
	{ "a%Pb", "\"a%Pb\": %P is none of %p, %n, %t and %%" },
	{ "%n%5n", "\"%n%5n\": %5 is none of %p, %n, %t and %%" },
	{ "%\033", "\"%\\x1b\": %\\x1b is none of %p, %n, %t and %%" },
};

static const struct {
	const char	*pattern;
	const char	*host;
	uint16_t	 port;
	uint32_t	 number;
	const char	*wanted;
} names[] = {
	{ "in.bin", "192.0.2.1", 80, 1, "in.bin" },
	{ "%p", "192.0.2.1", 80, 1, "192.0.2.1_80" },
	{ "%p", "2001:db8::1", 65535, 1, "2001-db8--1_65535" },
	{ "%p", "::1", 8080, 1, "0--1_8080" },
	{ "in-%p.bin", "::", 0, 1, "in-0--_0.bin" },
	{ "%p", "::ffff:192.0.2.1", 80, 1, "192.0.2.1_80" },
	{ "/var/log/%n/%p", "192.0.2.1", 80, 17, "/var/log/17/192.0.2.1_80" },
	{ "%n", "192.0.2.1", 80, 4294967295, "4294967295" },
	{ "%%n%n%%", "192.0.2.1", 80, 2, "%n2%" },
	{ "../%p", "192.0.2.1", 80, 1, "../192.0.2.1_80" },
};

/* Names of local sockets, with their NULs. */
static const struct {
	const char	*path;
	size_t		 length;	/* 0: of the text */
	const char	*wanted;
} paths[] = {
	{ "/run/a.sock", 0, "_run_a.sock" },
	{ "a b", 0, "a_b" },
	{ ".", 0, "_." },
	{ "..", 0, "_.." },
	{ "../../etc/passwd", 0, "_.._.._etc_passwd" },
	{ "/..", 0, "_.." },
	{ "-rf", 0, "_-rf" },
	{ "@name", 0, "_._@name" },
	{ "a\nb\033[31m", 0, "a_x0ab_x1b_31m" },
	{ "\303\251", 0, "_xc3_xa9" },
	{ "%n%p%%", 0, "_-n-p--" },
	{ ":80", 0, "0-80" },
	{ "a:b", 0, "a-b" },
	{ "*?$`'\"<>|&;!#~\\", 0, "________________" },
	{ "\0..", 3, "@.." },
	{ "\0/../x", 6, "@_.._x" },
	{ "\0a\0b", 4, "@a_x00b" },
	{ "\0", 1, "@" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_taps(&unit, true);
	test_taps(&unit, false);
	test_checks(&unit);
	test_names(&unit);
	test_local(&unit);
	test_places(&unit);
	test_time(&unit);
	test_sizes(&unit);
	test_bytes(&unit);
	return unit_end(&unit);
}

static void
test_taps(struct unit *unit, bool sent)
{
	const struct passage passages[] = {
		{ .data = "out\0\n", .size = 5, .sent = true },
		{ .data = "in\r\n", .size = 4 },
		{ .data = "", .sent = true, .record = true },
		{ .data = "more", .size = 4, .sent = true, .record = true },
		{ .data = "!", .size = 1, .record = true },
	};
	const char *wanted = sent ? "out\0\nmore" : "in\r\n!";
	const size_t size = sent ? 9 : 5;
	struct sink sink;
	struct tap *tap;

	if (sink_open(&sink, -1, 4096) == -1 ||
	    (tap = transcript_tap_new(&sink, sent)) == NULL) {
		unit_check(unit, false, "no memory");
		return;
	}
	for (size_t i = 0; i < UNIT_COUNT(passages); i++)
		tap->ops->saw(tap, &passages[i]);
	tap->ops->close(tap, TAP_LEFT);
	unit_check(unit, sink.used == size &&
	    memcmp(sink.buffer, wanted, size) == 0,
	    "%s: %zu bytes", sent ? "sent" : "received", sink.used);
	sink.used = 0;
	sink_drain(&sink, clock_now() + SINK_PATIENCE);
	sink_close(&sink);
}

static void
test_checks(struct unit *unit)
{
	struct error error;
	int result;

	for (size_t i = 0; i < UNIT_COUNT(patterns); i++) {
		error_setx(&error, "fine");
		result = transcript_check(patterns[i].pattern, &error);
		unit_check(unit, result == (patterns[i].fault == NULL ? 0 :
		    -1), "[%s] is %d", patterns[i].pattern, result);
		unit_text(unit, patterns[i].pattern, error.text,
		    patterns[i].fault == NULL ? "fine" : patterns[i].fault);
	}
}

static void
test_names(struct unit *unit)
{
	struct address peer = { 0 };
	struct tap_ends ends = { .peer = &peer };
	struct error error;

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		(void)address_parse(&peer, names[i].host, names[i].port,
		    &error);
		ends.number = names[i].number;
		unit_text(unit, names[i].host, named(names[i].pattern, &ends),
		    names[i].wanted);
	}

	/* No interface has this number. */
	(void)address_parse(&peer, "fe80::1", 53, &error);
	peer.in6.sin6_scope_id = 2000000000;
	unit_text(unit, "a scope", named("%p", &ends),
	    "fe80--1-2000000000_53");
}

static void
test_local(struct unit *unit)
{
	const char *name;
	size_t length;

	for (size_t i = 0; i < UNIT_COUNT(paths); i++) {
		length = paths[i].length;
		if (length == 0)
			length = strlen(paths[i].path);
		name = local_named("%p", paths[i].path, length);
		unit_text(unit, paths[i].path, name, paths[i].wanted);
		unit_check(unit, harmless(name), "[%s] is not harmless", name);
	}
}

/* Where no address is known. */
static void
test_places(struct unit *unit)
{
	struct address peer = { 0 };
	struct tap_ends ends = { .peer = &peer };

	unit_text(unit, "no peer", named("%p", &ends), "unknown");
	ends.place = "../there";
	unit_text(unit, "a place", named("%p", &ends), "_.._there");
	ends.accepted = true;
	unit_text(unit, "our place", named("%p", &ends), "unknown");
	address_set_local(&peer, NULL, 0);
	unit_text(unit, "no name", named("%p", &ends), "unnamed");
}

/* Of a time between two that the C library tells. */
static void
test_time(struct unit *unit)
{
	struct address peer = { 0 };
	struct tap_ends ends = { .peer = &peer };
	char early[32] = "", late[32] = "", name[32];
	struct tm tm;
	time_t at;

	at = (time_t)(clock_wall() / CLOCK_SECOND);
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(early, sizeof(early), "%Y%m%dT%H%M%SZ", &tm);
	strlcpy(name, named("%t", &ends), sizeof(name));
	at = (time_t)(clock_wall() / CLOCK_SECOND);
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(late, sizeof(late), "%Y%m%dT%H%M%SZ", &tm);
	unit_check(unit, strlen(name) == 16 && strcmp(early, name) <= 0 &&
	    strcmp(name, late) <= 0, "%s is not between %s and %s", name,
	    early, late);
}

static void
test_sizes(struct unit *unit)
{
	struct address peer = { 0 };
	struct tap_ends ends = { .peer = &peer, .number = 12 };
	struct error error;
	char buf[8], path[108];
	int result;

	for (size_t size = 0; size < sizeof(buf); size++) {
		memset(buf, 'x', sizeof(buf));
		result = transcript_name("ab%n", &ends, buf, size, &error);
		unit_check(unit, result == (size < 5 ? -1 : 0) &&
		    buf[size] == 'x', "a name of 4 bytes in %zu is %d", size,
		    result);
		unit_check(unit, result == 0 || (error.code == ENAMETOOLONG &&
		    strncmp(error.text, "\"ab%n\": ", 8) == 0),
		    "too long is [%s]", error.text);
	}
	unit_check(unit, transcript_name("%q", &ends, buf, sizeof(buf),
	    &error) == -1, "what is no pattern gives a name");

	/* The longest there is, of bytes that are spelled. */
	memset(path, '\n', sizeof(path));
	unit_check(unit, strlen(local_named("%p", path, sizeof(path))) == 128,
	    "a long name is another");
}

/* Every byte anywhere in a peer's name. */
static void
test_bytes(struct unit *unit)
{
	char path[3];
	unsigned failed = 0;

	for (unsigned i = 0; i < 256 * 256; i++) {
		path[0] = (char)(i >> 8);
		path[1] = (char)i;
		path[2] = '.';
		if (!harmless(local_named("%p", path, sizeof(path))) ||
		    !harmless(local_named("%p", path, 2)))
			failed++;
	}
	unit_check(unit, failed == 0, "%u names are not harmless", failed);
}

static const char *
named(const char *pattern, const struct tap_ends *ends)
{
	static char name[512];
	struct error error;

	if (transcript_name(pattern, ends, name, sizeof(name), &error) == -1)
		strlcpy(name, error.text, sizeof(name));
	return name;
}

static const char *
local_named(const char *pattern, const char *path, size_t length)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct address peer;
	const struct tap_ends ends = { .peer = &peer };

	memcpy(name.sun_path, path, length);
	address_set_local(&peer, &name,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	return named(pattern, &ends);
}

/* One component that is no directory, no option, and hides nothing. */
static bool
harmless(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < 255 && name[0] != '.' &&
	    name[0] != '-' && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789@._-") == length;
}
