/*
 * Hex dumps: the text of lines and of whole sessions, with the times left
 * out, and that the bytes can be had back from it, wherever it was cut.
 */

#include "config.h"

#include <sys/socket.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "filters/hexdump.h"

#include "unit.h"

#define ROOM	((size_t)16 * 1024 * 1024)
#define LARGE	((size_t)1024 * 1024 + 7)
#define LINE_BYTES	16

/* A dump that goes nowhere; what is said stays in the sink. */
struct fixture {
	struct sink	 sink;
	struct address	 local;
	struct address	 peer;
	struct tap_ends	 ends;
	struct tap	*tap;
};

static void	test_lines(struct unit *);
static void	test_bytes(struct unit *);
static void	test_session(struct unit *);
static void	test_columns(struct unit *);
static void	test_records(struct unit *);
static void	test_local(struct unit *);
static void	test_hostile(struct unit *);
static void	test_cuts(struct unit *);
static void	test_large(struct unit *);
static void	test_full(struct unit *);

static void	fixture_init(struct fixture *, size_t room);
static void	fixture_clear(struct fixture *);
static void	pass(struct fixture *, bool sent, const char *);
static void	pass_bytes(struct fixture *, bool sent, const char *, size_t);
static void	pass_record(struct fixture *, bool sent, const char *,
		    const struct address *peer);
static const char *said(struct fixture *);
static const char *timeless(const char *line, char *to, size_t *used);
static const char *wrong(struct fixture *, bool sent, const char *wanted,
		    size_t size);
static const char *take_line(const char *line, const char *wanted,
		    uint64_t *at);

static const struct {
	struct hexdump_rest rest;
	const char	*wanted;
	size_t		 left;
} rows[] = {
	{ { "HTTP/1.1 200 OK\r", 16, 16, true },
	    "> 00000010  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  "
	    "|HTTP/1.1 200 OK.|\n", 0 },
	{ { "HTTP/1.1 200 OK\r\n", 17, 0, false },
	    "< 00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  "
	    "|HTTP/1.1 200 OK.|\n", 1 },
	{ { "abc", 3, 0, false },
	    "< 00000000  61 62 63                                          "
	    "|abc|\n", 0 },
	{ { "abc", 3, 5, false },
	    "< 00000005                 61 62 63                           "
	    "     |abc|\n", 0 },
	{ { "abc", 3, 6, false },
	    "< 00000006                    61 62  63                       "
	    "      |abc|\n", 0 },
	{ { "abc", 3, 15, true },
	    "> 0000000f                                                61  "
	    "               |a|\n", 2 },
	{ { "a", 1, 0xffffffff, true },
	    "> ffffffff                                                61  "
	    "               |a|\n", 0 },
	{ { "a", 1, 0x100000000, true },
	    "> 100000000  61                                               "
	    " |a|\n", 0 },
	{ { "0123456789abcdef", 16, 0xfffffffffffffff0, false },
	    "< fffffffffffffff0  30 31 32 33 34 35 36 37  38 39 61 62 63 64 "
	    "65 66  |0123456789abcdef|\n", 0 },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_lines(&unit);
	test_bytes(&unit);
	test_session(&unit);
	test_columns(&unit);
	test_records(&unit);
	test_local(&unit);
	test_hostile(&unit);
	test_cuts(&unit);
	test_large(&unit);
	test_full(&unit);
	return unit_end(&unit);
}

static void
test_lines(struct unit *unit)
{
	struct hexdump_rest rest;
	char line[HEXDUMP_LINE + 1];
	size_t length, taken;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		rest = rows[i].rest;
		length = hexdump_line(&rest, line);
		taken = rows[i].rest.size - rest.size;
		line[length] = '\0';
		unit_text(unit, rows[i].rest.data, line, rows[i].wanted);
		unit_check(unit, rest.size == rows[i].left &&
		    rest.data == rows[i].rest.data + taken &&
		    rest.offset == rows[i].rest.offset + taken,
		    "[%s] at %" PRIx64 " leaves %zu bytes", rows[i].wanted,
		    rows[i].rest.offset, rest.size);
	}
}

/* Each byte in its hexadecimal, and as it is where it is printable. */
static void
test_bytes(struct unit *unit)
{
	char byte, line[HEXDUMP_LINE + 1], wanted[128];
	struct hexdump_rest rest;
	unsigned failed = 0;

	for (unsigned i = 0; i < 256; i++) {
		byte = (char)i;
		rest = (struct hexdump_rest){ .data = &byte, .size = 1 };
		line[hexdump_line(&rest, line)] = '\0';
		snprintf(wanted, sizeof(wanted), "< 00000000  %02x%48s|%c|\n",
		    i, "", i >= ' ' && i <= '~' ? (int)i : '.');
		if (strcmp(line, wanted) != 0)
			failed++;
	}
	unit_check(unit, failed == 0, "%u bytes are wrong", failed);
}

static void
test_session(struct unit *unit)
{
	struct fixture fixture;

	fixture_init(&fixture, ROOM);
	fixture.ends.number = 3;
	pass(&fixture, true, "GET / HTTP/1.0\r\n\r\n");
	pass(&fixture, false, "HTTP/");
	pass(&fixture, true, "x");
	fixture.tap->ops->ended(fixture.tap, true);
	pass(&fixture, false, "1.0 200 OK\r\n");
	fixture.tap->ops->ended(fixture.tap, false);
	unit_text(unit, "a session", said(&fixture),
	    "> TIME [3] 18 bytes at 0x0\n"
	    "> 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  "
	    "|GET / HTTP/1.0..|\n"
	    "> 00000010  0d 0a                                             "
	    "|..|\n"
	    "< TIME [3] 5 bytes at 0x0\n"
	    "< 00000000  48 54 54 50 2f                                    "
	    "|HTTP/|\n"
	    "> TIME [3] 1 byte at 0x12\n"
	    "> 00000012        78                                          "
	    "  |x|\n"
	    "> TIME [3] end at 0x13\n"
	    "< TIME [3] 12 bytes at 0x5\n"
	    "< 00000005                 31 2e 30  20 32 30 30 20 4f 4b 0d  "
	    "     |1.0 200 OK.|\n"
	    "< 00000010  0a                                                "
	    "|.|\n"
	    "< TIME [3] end at 0x11\n");
	fixture_clear(&fixture);
}

/* A byte at a time, each in its column. */
static void
test_columns(struct unit *unit)
{
	static const char wanted[] =
	    "< TIME 1 byte at 0x7\n"
	    "< 00000007                       68                           "
	    "       |h|\n"
	    "< TIME 1 byte at 0x8\n"
	    "< 00000008                           69                       "
	    "        |i|\n";
	struct fixture fixture;

	fixture_init(&fixture, ROOM);
	pass(&fixture, false, "abcdefg");
	fixture.sink.used = 0;
	pass(&fixture, false, "h");
	pass(&fixture, false, "i");
	unit_text(unit, "a byte at a time", said(&fixture), wanted);
	fixture_clear(&fixture);
}

static void
test_records(struct unit *unit)
{
	struct fixture fixture;
	struct address other;
	struct error error;

	fixture_init(&fixture, ROOM);
	fixture.ends.type = SOCK_DGRAM;
	(void)address_parse(&other, "2001:db8::1", 53, &error);
	pass_record(&fixture, true, "hello", NULL);
	pass_record(&fixture, false, "", &other);
	pass_record(&fixture, true, "x", &other);
	fixture.tap->ops->ended(fixture.tap, true);
	unit_text(unit, "records", said(&fixture),
	    "> TIME record of 5 bytes to 192.0.2.1:80\n"
	    "> 00000000  68 65 6c 6c 6f                                    "
	    "|hello|\n"
	    "< TIME record of 0 bytes from [2001:db8::1]:53\n"
	    "> TIME record of 1 byte to [2001:db8::1]:53\n"
	    "> 00000000  78                                                "
	    "|x|\n"
	    "> TIME end\n");
	fixture_clear(&fixture);
}

/* Of local sockets: no address, a place, and a name with an escape in it. */
static void
test_local(struct unit *unit)
{
	struct sockaddr_un name = { .sun_path = "/tmp/\033[31m" };
	struct fixture fixture;
	struct address other;

	fixture_init(&fixture, ROOM);
	fixture.ends.type = SOCK_DGRAM;
	fixture.peer.length = 0;
	pass_record(&fixture, false, "", NULL);
	fixture.ends.place = "/run/socket";
	pass_record(&fixture, true, "", NULL);
	fixture.ends.accepted = true;
	pass_record(&fixture, true, "", NULL);
	name.sun_family = AF_UNIX;
	address_set_local(&other, &name, sizeof(name));
	pass_record(&fixture, false, "", &other);
	address_set_local(&other, NULL, 0);
	pass_record(&fixture, false, "", &other);
	unit_text(unit, "local sockets", said(&fixture),
	    "< TIME record of 0 bytes from -\n"
	    "> TIME record of 0 bytes to /run/socket\n"
	    "> TIME record of 0 bytes to -\n"
	    "< TIME record of 0 bytes from /tmp/\\x1b[31m\n"
	    "< TIME record of 0 bytes from unnamed\n");
	fixture_clear(&fixture);
}

/* Whatever comes, a line is of printable ASCII. */
static void
test_hostile(struct unit *unit)
{
	struct fixture fixture;
	unsigned failed = 0;
	char bytes[256];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	fixture_init(&fixture, ROOM);
	pass_bytes(&fixture, false, bytes, sizeof(bytes));
	for (i = 0; i < fixture.sink.used; i++)
		if (fixture.sink.buffer[i] != '\n' &&
		    (fixture.sink.buffer[i] < ' ' ||
		    fixture.sink.buffer[i] > '~'))
			failed++;
	unit_check(unit, failed == 0, "%u bytes are not fit for a terminal",
	    failed);
	fixture_clear(&fixture);
}

/* Cut into three in all ways, with the other direction between. */
static void
test_cuts(struct unit *unit)
{
	char bytes[2 * LINE_BYTES + 5];
	const size_t size = sizeof(bytes);
	struct fixture fixture;
	const char *fault;
	size_t i, j;

	for (i = 0; i < size; i++)
		bytes[i] = (char)(i * 37 + 11);
	for (i = 0; i <= size; i++) {
		fault = NULL;
		for (j = i; j <= size && fault == NULL; j++) {
			fixture_init(&fixture, ROOM);
			pass_bytes(&fixture, false, bytes, i);
			pass(&fixture, true, "between");
			pass_bytes(&fixture, false, bytes + i, j - i);
			pass_bytes(&fixture, false, bytes + j, size - j);
			fault = wrong(&fixture, false, bytes, size);
			if (fault == NULL)
				fault = wrong(&fixture, true, "between", 7);
			fixture_clear(&fixture);
		}
		unit_check(unit, fault == NULL, "cut at %zu and %zu: %s", i,
		    j - 1, fault);
	}
}

static void
test_large(struct unit *unit)
{
	char *bytes = malloc(LARGE);
	struct fixture fixture;
	const char *fault = "no memory";
	size_t i, used;

	fixture_init(&fixture, ROOM);
	if (bytes != NULL) {
		for (i = 0; i < LARGE; i++)
			bytes[i] = (char)(i ^ i >> 8);
		pass_bytes(&fixture, true, bytes, 3);
		used = fixture.sink.used;
		pass_bytes(&fixture, true, bytes + 3, LARGE - 3);
		used = fixture.sink.used - used;
		unit_check(unit, used < 6 * LARGE + 1000,
		    "%zu bytes become %zu", LARGE, used);
		fault = wrong(&fixture, true, bytes, LARGE);
	}
	unit_check(unit, fault == NULL, "a large passage: %s", fault);
	free(bytes);
	fixture_clear(&fixture);
}

/* What does not fit is left out in whole lines, and counted. */
static void
test_full(struct unit *unit)
{
	static const char bytes[64 * 1024];
	struct fixture fixture;

	fixture_init(&fixture, (size_t)100 * 1024);
	pass_bytes(&fixture, true, bytes, sizeof(bytes));
	unit_check(unit, fixture.sink.dropped > 0 && fixture.sink.used > 0 &&
	    fixture.sink.buffer[fixture.sink.used - 1] == '\n',
	    "a full sink has %zu bytes, and %" PRIu64 " were dropped",
	    fixture.sink.used, fixture.sink.dropped);
	fixture_clear(&fixture);
}

static void
fixture_init(struct fixture *fixture, size_t room)
{
	struct error error;

	memset(fixture, 0, sizeof(*fixture));
	(void)address_parse(&fixture->local, "192.0.2.2", 4711, &error);
	(void)address_parse(&fixture->peer, "192.0.2.1", 80, &error);
	fixture->ends.local = &fixture->local;
	fixture->ends.peer = &fixture->peer;
	fixture->ends.type = SOCK_STREAM;
	if (sink_open(&fixture->sink, -1, room) == -1 ||
	    (fixture->tap = hexdump_tap_new(&fixture->sink,
	    &fixture->ends)) == NULL) {
		puts("no memory");
		exit(1);
	}
}

static void
fixture_clear(struct fixture *fixture)
{
	fixture->tap->ops->close(fixture->tap, TAP_LEFT);
	fixture->sink.used = 0;
	sink_drain(&fixture->sink, clock_now() + SINK_PATIENCE);
	sink_close(&fixture->sink);
}

static void
pass(struct fixture *fixture, bool sent, const char *text)
{
	pass_bytes(fixture, sent, text, strlen(text));
}

static void
pass_bytes(struct fixture *fixture, bool sent, const char *data, size_t size)
{
	const struct passage passage = {
		.data = data, .size = size, .sent = sent
	};

	fixture->tap->ops->saw(fixture->tap, &passage);
}

static void
pass_record(struct fixture *fixture, bool sent, const char *text,
    const struct address *peer)
{
	const struct passage passage = {
		.data = text, .size = strlen(text), .sent = sent,
		.record = true, .peer = peer
	};

	fixture->tap->ops->saw(fixture->tap, &passage);
}

/* All that was said, with TIME for each time that is one. */
static const char *
said(struct fixture *fixture)
{
	static char text[4096];
	const char *line = fixture->sink.buffer;
	size_t used = 0;

	if (!sink_put(&fixture->sink, "", 1) ||
	    fixture->sink.used > sizeof(text))
		return "too much";
	while (*line != '\0')
		line = timeless(line, text, &used);
	text[used] = '\0';
	return text;
}

/* Copy a line; returns the next one. */
static const char *
timeless(const char *line, char *to, size_t *used)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	const char *end = strchr(line, '\n') + 1;
	size_t i;

	for (i = 0; form[i] != '\0' && line + 2 + i < end; i++)
		if (form[i] == '0' ? line[2 + i] < '0' || line[2 + i] > '9' :
		    line[2 + i] != form[i])
			break;
	if (form[i] == '\0') {
		memcpy(to + *used, line, 2);
		memcpy(to + *used + 2, "TIME", 4);
		*used += 6;
		line += 2 + i;
	}
	memcpy(to + *used, line, (size_t)(end - line));
	*used += (size_t)(end - line);
	return end;
}

/* Have a direction's bytes back; NULL or what is wrong. */
static const char *
wrong(struct fixture *fixture, bool sent, const char *wanted, size_t size)
{
	const char *line = fixture->sink.buffer, *fault;
	const char *end = line + fixture->sink.used;
	uint64_t at = 0;

	for (; line < end; line = strchr(line, '\n') + 1) {
		if (end[-1] != '\n')
			return "the last line has no end";
		if (line[0] != (sent ? '>' : '<') || line[6] == '-')
			continue;
		fault = take_line(line, wanted, &at);
		if (fault != NULL)
			return fault;
		if (at > size)
			return "there is more than passed";
	}
	return at == size ? NULL : "not all is there";
}

/* Check a line, which is to go on at *at; NULL or what is wrong. */
static const char *
take_line(const char *line, const char *wanted, uint64_t *at)
{
	const char *hex = line + 10, *text = strchr(line, '|') + 1;
	const size_t column = *at % LINE_BYTES;
	unsigned long byte;
	size_t count = 0;
	char *end;

	if (strtoull(line + 2, NULL, 16) != *at)
		return "the offset is wrong";
	/* Two blanks before the first column, and one more half way. */
	if (strspn(hex, " ") != 2 + 3 * column + column / 8)
		return "the column is wrong";
	for (;; count++, ++*at, hex = end) {
		hex += strspn(hex, " ");
		if (*hex == '|')
			break;
		byte = strtoul(hex, &end, 16);
		if (end != hex + 2 || byte != (unsigned char)wanted[*at])
			return "a byte is wrong";
		if (text[count] != (byte >= ' ' && byte <= '~' ?
		    (char)byte : '.'))
			return "the text is wrong";
	}
	if (text[count] != '|' || text[count + 1] != '\n')
		return "the end of the line is wrong";
	return count > 0 ? NULL : "the line is empty";
}
