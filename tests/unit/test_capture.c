/*
 * Captures, read back from the file as a reader would: blocks, headers,
 * checksums and numbers of what connections and datagrams became.
 */

#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "filters/capture.h"
#include "filters/packet.h"

#include "unit.h"

#define SINK_MOST	((size_t)64 * 1024 * 1024)
#define BIG		((size_t)1500 * 1000)
#define TEXT_MOST	1024

/* Of this connection the numbers wrap after less than 256 bytes. */
#define NEAR_WRAP	2604072

#define FIN		1
#define SYN		2
#define RST		4
#define PSH		8
#define ACK		16

/* A capture being written, then read. */
struct capture_file {
	struct unit	*unit;
	const char	*input;		/* of messages */
	FILE		*file;
	struct sink	 sink;
	struct tap	*tap;
	unsigned char	*bytes;
	size_t		 size;
	size_t		 at;
};

/* A packet of it. */
struct seen {
	bool		 sent;
	unsigned	 protocol;
	struct address	 from;
	struct address	 to;
	uint32_t	 number;	/* of TCP, as are the next two */
	uint32_t	 acknowledged;
	unsigned	 flags;
	const unsigned char *data;
	size_t		 size;
	uint64_t	 time_ns;
	char		 comment[TEXT_MOST + 1];
};

/* What a direction has had. */
struct direction {
	uint32_t	 next;
	bool		 begun;
	bool		 wrapped;
	size_t		 size;
	unsigned char	*data;
};

/* Checks */
static void	test_head(struct unit *);
static void	test_connections(struct unit *);
static void	test_ends(struct unit *);
static void	test_bytes(struct unit *);
static void	check_bytes(struct unit *, const char *host, uint32_t number,
		    bool wraps);
static void	test_datagrams(struct unit *);
static void	test_parts(struct unit *);
static void	test_records(struct unit *);
static void	test_dropped(struct unit *);
static void	test_sums(struct unit *);

/* Writing */
static void	file_open(struct capture_file *, struct unit *,
		    const char *input, size_t most);
static void	file_tap(struct capture_file *, const struct tap_ends *);
static void	play(struct capture_file *, const char *script);
static void	saw(struct capture_file *, bool sent, const char *, size_t);
static void	file_read(struct capture_file *);
static void	file_close(struct capture_file *);

/* Reading */
static const unsigned char *next_block(struct capture_file *, uint32_t *type,
		    size_t *size);
static bool	next_packet(struct capture_file *, struct seen *);
static void	parse_options(struct capture_file *, const unsigned char *,
		    size_t, struct seen *);
static void	parse_ip(struct capture_file *, const unsigned char *, size_t,
		    struct seen *);
static void	parse_payload(struct capture_file *, const unsigned char *,
		    size_t, struct seen *);
static void	follow(struct capture_file *, struct direction[2],
		    const struct seen *);
static void	tell_packet(const struct seen *, char *, size_t);
static bool	has_option(const unsigned char *, size_t, unsigned code,
		    const char *text);
static uint32_t	sum(uint32_t, const unsigned char *, size_t);
static uint32_t	get16(const unsigned char *);
static uint32_t	get32(const unsigned char *);
static uint32_t	host16(const unsigned char *);
static uint32_t	host32(const unsigned char *);
static struct address address_of(const char *host, uint16_t port);

/*
 * S, R: bytes were sent, received; s, r: this ended; ".": we left, "x" or
 * reset it, "!" or somebody else did.  Packets that are sent are ">", those
 * that came "<".
 */
static const struct {
	const char	*script;
	bool		 accepted;
	const char	*packets;
	const char	*last;		/* of the last comment */
} connections[] = {
	{ "RSrs.", true, "<S >SA <A <PA >A >PA <A <FA >FA <A",
	  "connection 7, ended in order" },
	{ "SRsr.", true, "<S >SA <A >PA <A <PA >A >FA <FA >A",
	  "connection 7, ended in order" },
	{ "SRsr.", false, ">S <SA >A >PA <A <PA >A >FA <FA >A",
	  "connection 7, ended in order" },
	{ "rSSs.", false, ">S <SA >A <FA >PA <A >PA <A >FA <A",
	  "connection 7, ended in order" },
	{ "sRRr.", false, ">S <SA >A >FA <PA >A <PA >A <FA >A",
	  "connection 7, ended in order" },
	{ "S.", false, ">S <SA >A >PA <A >FA <A",
	  "connection 7, left before the peer's end" },
	{ "Ss.", false, ">S <SA >A >PA <A >FA <A",
	  "connection 7, left before the peer's end" },
	{ "sR.", false, ">S <SA >A >FA <PA >A >RA",
	  "connection 7, left before the peer's end" },
	{ "r.", true, "<S >SA <A <FA >FA <A",
	  "connection 7, ended in order" },
	{ "ssrr!", true, "<S >SA <A >FA <FA >A",
	  "connection 7, ended in order" },
	{ "Rx", true, "<S >SA <A <PA >A >RA",
	  "connection 7, reset by us" },
	{ "sx", false, ">S <SA >A >FA >RA",
	  "connection 7, reset by us" },
	{ "S!", true, "<S >SA <A >PA <A <RA",
	  "connection 7, reset by the peer, or broken" },
	{ "sR!", false, ">S <SA >A >FA <PA >A <RA",
	  "connection 7, reset by the peer, or broken" },
	{ "rS!", false, ">S <SA >A <FA >PA <A <RA",
	  "connection 7, reset by the peer, or broken" },
};

/* The first packet of each: where it is from and to, and its comment. */
static const struct {
	const char	*local;		/* NULL: none */
	const char	*peer;
	bool		 accepted;
	uint32_t	 number;
	const char	*place;
	const char	*packet;
} ends[] = {
	{ "192.0.2.1", "192.0.2.2", true, 7, NULL,
	  "192.0.2.2:2000 192.0.2.1:1000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "peer 192.0.2.2:2000)" },
	{ "192.0.2.1", "192.0.2.2", false, 0, NULL,
	  "192.0.2.1:1000 192.0.2.2:2000 "
	  "(ducat " PACKAGE_VERSION ", connected; peer 192.0.2.2:2000)" },
	{ "2001:db8::1", "2001:db8::2", false, 7, NULL,
	  "[2001:db8::1]:1000 [2001:db8::2]:2000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, connected; "
	  "peer [2001:db8::2]:2000)" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", true, 7, NULL,
	  "192.0.2.2:2000 192.0.2.1:1000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "peer 192.0.2.2:2000)" },
	{ "::", "::ffff:192.0.2.2", true, 7, NULL,
	  "192.0.2.2:2000 0.0.0.0:1000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "peer 192.0.2.2:2000; our address is not known)" },
	{ "0.0.0.0", "192.0.2.2", true, 7, NULL,
	  "192.0.2.2:2000 0.0.0.0:1000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "peer 192.0.2.2:2000; our address is not known)" },
	{ NULL, "2001:db8::2", false, 7, NULL,
	  "[::]:61007 [2001:db8::2]:2000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, connected; "
	  "peer [2001:db8::2]:2000; our address is not known)" },
	{ "192.0.2.1", NULL, true, 7, NULL,
	  "0.0.0.0:61007 192.0.2.1:1000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "the peer's address is not known)" },
	{ NULL, NULL, true, 7, "/run/socket",
	  "127.0.0.1:61007 127.0.0.1:1 "
	  "(ducat " PACKAGE_VERSION ", connection 7, accepted; "
	  "socket /run/socket; addresses and ports are made up)" },
	{ NULL, NULL, false, 4008, "/run/socket",
	  "127.0.0.2:61008 127.0.0.1:1 "
	  "(ducat " PACKAGE_VERSION ", connection 4008, connected; "
	  "socket /run/socket; addresses and ports are made up)" },
};

/* Datagrams of one session, whose ends are 192.0.2.1 and 192.0.2.2. */
static const struct {
	bool		 sent;
	const char	*local;
	const char	*peer;
	const char	*data;
	const char	*packet;
} datagrams[] = {
	{ true, NULL, NULL, "one", "192.0.2.1:1000 192.0.2.2:2000 "
	  "(ducat " PACKAGE_VERSION ", connection 7, connected; "
	  "peer 192.0.2.2:2000)" },
	{ false, NULL, NULL, "", "192.0.2.2:2000 192.0.2.1:1000 ()" },
	{ false, NULL, "192.0.2.9", "two",
	  "192.0.2.9:2000 192.0.2.1:1000 ()" },
	{ true, "::ffff:192.0.2.8", "::ffff:192.0.2.9", "three",
	  "192.0.2.8:1000 192.0.2.9:2000 ()" },
	{ true, NULL, "2001:db8::9", "four", "[::]:1000 "
	  "[2001:db8::9]:2000 ()" },
	{ false, "2001:db8::8", "2001:db8::9", "odd",
	  "[2001:db8::9]:2000 [2001:db8::8]:1000 ()" },
};

int
main(void)
{
	struct unit unit = { 0 };

	test_head(&unit);
	test_connections(&unit);
	test_ends(&unit);
	test_bytes(&unit);
	test_datagrams(&unit);
	test_parts(&unit);
	test_records(&unit);
	test_dropped(&unit);
	test_sums(&unit);
	return unit_end(&unit);
}

static void
test_head(struct unit *unit)
{
	struct capture_file file;
	const unsigned char *body;
	uint32_t type;
	size_t size;

	file_open(&file, unit, "head", SINK_MOST);
	file_read(&file);
	body = next_block(&file, &type, &size);
	unit_check(unit, body != NULL && type == 0x0a0d0d0a,
	    "a section comes first");
	unit_check(unit, host32(body) == 0x1a2b3c4d,
	    "the byte order is the host's");
	unit_check(unit, host16(body + 4) == 1 && host16(body + 6) == 0,
	    "the version is 1.0");
	unit_check(unit, host32(body + 8) == UINT32_MAX &&
	    host32(body + 12) == UINT32_MAX, "the length is not known");
	unit_check(unit, has_option(body + 16, size - 16, 4,
	    "ducat " PACKAGE_VERSION), "the program is told");
	body = next_block(&file, &type, &size);
	unit_check(unit, body != NULL && type == 1 && host16(body) == 101,
	    "an interface for raw IP comes next");
	unit_check(unit, has_option(body + 8, size - 8, 2, "ducat"),
	    "the interface has a name");
	unit_check(unit, has_option(body + 8, size - 8, 9, "\t"),
	    "times are in nanoseconds");
	unit_check(unit, file.at == file.size, "nothing follows");
	file_close(&file);
}

static void
test_connections(struct unit *unit)
{
	const struct address local = address_of("192.0.2.1", 1000);
	const struct address peer = address_of("192.0.2.2", 2000);
	struct tap_ends between = {
		.local = &local, .peer = &peer, .type = SOCK_STREAM,
		.number = 7
	};
	struct direction ways[2];
	char text[256], last[TEXT_MOST + 1];
	struct capture_file file;
	struct seen seen;

	for (size_t i = 0; i < UNIT_COUNT(connections); i++) {
		file_open(&file, unit, connections[i].script, SINK_MOST);
		between.accepted = connections[i].accepted;
		file_tap(&file, &between);
		play(&file, connections[i].script);
		file_read(&file);
		memset(ways, 0, sizeof(ways));
		text[0] = last[0] = '\0';
		while (next_packet(&file, &seen)) {
			tell_packet(&seen, text, sizeof(text));
			follow(&file, ways, &seen);
			strlcpy(last, seen.comment, sizeof(last));
		}
		unit_text(unit, connections[i].script, text,
		    connections[i].packets);
		unit_text(unit, connections[i].script, last,
		    connections[i].last);
		free(ways[0].data);
		free(ways[1].data);
		file_close(&file);
	}
}

static void
test_ends(struct unit *unit)
{
	char text[2 * ADDRESS_TEXT + TEXT_MOST], from[ADDRESS_TEXT];
	char to[ADDRESS_TEXT];
	struct address local, peer;
	struct tap_ends between = {
		.local = &local, .peer = &peer, .type = SOCK_STREAM
	};
	struct capture_file file;
	struct seen seen;

	for (size_t i = 0; i < UNIT_COUNT(ends); i++) {
		local = address_of(ends[i].local, 1000);
		peer = address_of(ends[i].peer, 2000);
		between.accepted = ends[i].accepted;
		between.number = ends[i].number;
		between.place = ends[i].place;
		file_open(&file, unit, ends[i].packet, SINK_MOST);
		file_tap(&file, &between);
		play(&file, ".");
		file_read(&file);
		unit_check(unit, next_packet(&file, &seen), "%s: is there",
		    ends[i].packet);
		snprintf(text, sizeof(text), "%s %s (%s)",
		    address_text(&seen.from, from, sizeof(from)),
		    address_text(&seen.to, to, sizeof(to)), seen.comment);
		unit_text(unit, "ends", text, ends[i].packet);
		unit_check(unit, seen.sent == !ends[i].accepted,
		    "%s: the client begins", ends[i].packet);
		file_close(&file);
	}
}

static void
test_bytes(struct unit *unit)
{
	check_bytes(unit, "192.0.2.1", 7, false);
	check_bytes(unit, "2001:db8::1", 7, false);
	check_bytes(unit, "192.0.2.1", NEAR_WRAP, true);
}

/* Passages of many sizes, both ways. */
static void
check_bytes(struct unit *unit, const char *host, uint32_t number, bool wraps)
{
	const struct address local = address_of(host, 1000);
	const struct address peer = address_of(host, 2000);
	const struct tap_ends between = {
		.local = &local, .peer = &peer, .type = SOCK_STREAM,
		.number = number, .accepted = true
	};
	struct direction ways[2] = { { 0 } };
	struct capture_file file;
	struct seen seen;
	char *data = malloc(BIG);
	uint64_t time = 0;
	size_t at, size;

	for (at = 0; at < BIG; at++)
		data[at] = (char)(at * 2654435761u >> 13);
	file_open(&file, unit, host, SINK_MOST);
	file_tap(&file, &between);
	for (at = 0; at < BIG; at += size) {
		size = at * 7 % 200000 + 1;
		size = size < BIG - at ? size : BIG - at;
		saw(&file, true, data + at, size);
		saw(&file, false, data + BIG - at - size, size);
	}
	play(&file, ".");
	file_read(&file);
	while (next_packet(&file, &seen)) {
		unit_check(unit, seen.time_ns >= time,
		    "%s: time goes on", host);
		time = seen.time_ns;
		follow(&file, ways, &seen);
	}
	unit_check(unit, time > 0 && (int64_t)time <= clock_wall(),
	    "%s: the times are real", host);
	unit_check(unit, ways[1].size == BIG &&
	    memcmp(ways[1].data, data, BIG) == 0,
	    "%s: what was sent is there", host);
	unit_check(unit, ways[0].size == BIG,
	    "%s: what came is as long", host);
	for (at = 0; at < BIG; at += size) {
		size = at * 7 % 200000 + 1;
		size = size < BIG - at ? size : BIG - at;
		unit_check(unit, memcmp(ways[0].data + at,
		    data + BIG - at - size, size) == 0,
		    "%s: what came is there from %zu on", host, at);
	}
	unit_check(unit, ways[1].wrapped == wraps,
	    "%s: numbers of connection %u wrap, or not", host, number);
	free(ways[0].data);
	free(ways[1].data);
	free(data);
	file_close(&file);
}

static void
test_datagrams(struct unit *unit)
{
	const struct address us = address_of("192.0.2.1", 1000);
	const struct address them = address_of("192.0.2.2", 2000);
	const struct tap_ends between = {
		.local = &us, .peer = &them, .type = SOCK_DGRAM, .number = 7
	};
	char text[2 * ADDRESS_TEXT + TEXT_MOST], from[ADDRESS_TEXT];
	char to[ADDRESS_TEXT];
	struct address local, peer;
	struct passage passage = { .record = true };
	struct capture_file file;
	struct seen seen;
	size_t i;

	file_open(&file, unit, "datagrams", SINK_MOST);
	file_tap(&file, &between);
	for (i = 0; i < UNIT_COUNT(datagrams); i++) {
		local = address_of(datagrams[i].local, 1000);
		peer = address_of(datagrams[i].peer, 2000);
		passage.local = datagrams[i].local != NULL ? &local : NULL;
		passage.peer = datagrams[i].peer != NULL ? &peer : NULL;
		passage.data = datagrams[i].data;
		passage.size = strlen(datagrams[i].data);
		passage.sent = datagrams[i].sent;
		file.tap->ops->saw(file.tap, &passage);
	}
	play(&file, ".");
	file_read(&file);
	for (i = 0; i < UNIT_COUNT(datagrams); i++) {
		unit_check(unit, next_packet(&file, &seen) &&
		    seen.protocol == IPPROTO_UDP,
		    "%s: is there", datagrams[i].data);
		snprintf(text, sizeof(text), "%s %s (%s)",
		    address_text(&seen.from, from, sizeof(from)),
		    address_text(&seen.to, to, sizeof(to)), seen.comment);
		unit_text(unit, datagrams[i].data, text, datagrams[i].packet);
		unit_check(unit, seen.sent == datagrams[i].sent &&
		    seen.size == strlen(datagrams[i].data) &&
		    memcmp(seen.data, datagrams[i].data, seen.size) == 0,
		    "%s: is what it was", datagrams[i].data);
	}
	unit_check(unit, !next_packet(&file, &seen), "no packets follow");
	file_close(&file);
}

/* Datagrams as long as they can be, and longer ones of local sockets. */
static void
test_parts(struct unit *unit)
{
	static const struct {
		const char	*host;
		size_t		 size;
		size_t		 packets;
	} table[] = {
		{ "192.0.2.1", 65507, 1 },
		{ "2001:db8::1", 65527, 1 },
		{ NULL, 65507, 1 },
		{ NULL, 65508, 2 },
		{ NULL, 200000, 4 },
	};
	struct address address;
	struct tap_ends between = {
		.local = &address, .peer = &address, .type = SOCK_DGRAM
	};
	struct capture_file file;
	struct seen seen;
	size_t at, count;
	char *data = malloc(200000), text[64];

	for (at = 0; at < 200000; at++)
		data[at] = (char)(at * 2654435761u >> 13);
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		snprintf(text, sizeof(text), "a record of %zu bytes",
		    table[i].size);
		address = address_of(table[i].host, 1000);
		file_open(&file, unit, text, SINK_MOST);
		file_tap(&file, &between);
		saw(&file, true, data, table[i].size);
		play(&file, ".");
		file_read(&file);
		at = count = 0;
		for (; next_packet(&file, &seen); count++) {
			unit_check(unit, at + seen.size <= table[i].size &&
			    memcmp(seen.data, data + at, seen.size) == 0,
			    "%s: it is there from %zu on", text, at);
			at += seen.size;
			unit_check(unit, table[i].packets == 1 ||
			    strstr(seen.comment, text) != NULL,
			    "%s: parts say so: %s", text, seen.comment);
		}
		unit_check(unit, at == table[i].size &&
		    count == table[i].packets, "%s: %zu bytes in %zu packets",
		    text, at, count);
		file_close(&file);
	}
	free(data);
}

/* Of a connection: the last segment of each says that it is at its end. */
static void
test_records(struct unit *unit)
{
	const struct address none = { .length = 0 };
	const struct tap_ends between = {
		.local = &none, .peer = &none, .type = SOCK_SEQPACKET,
		.accepted = true
	};
	char *data = calloc(1, 70000), text[256] = "";
	struct direction ways[2] = { { 0 } };
	struct capture_file file;
	struct seen seen;

	file_open(&file, unit, "records", SINK_MOST);
	file_tap(&file, &between);
	saw(&file, false, data, 3);
	saw(&file, false, data, 0);
	saw(&file, true, data, 70000);
	play(&file, ".");
	file_read(&file);
	while (next_packet(&file, &seen)) {
		tell_packet(&seen, text, sizeof(text));
		follow(&file, ways, &seen);
	}
	unit_text(unit, "records", text,
	    "<S >SA <A <PA >A >A <A >PA <A >FA <A");
	unit_text(unit, "a session without a number", seen.comment,
	    "left before the peer's end");
	free(ways[0].data);
	free(ways[1].data);
	free(data);
	file_close(&file);
}

/* What the sink has no room for is missing, as a whole. */
static void
test_dropped(struct unit *unit)
{
	const struct address address = address_of("192.0.2.1", 1000);
	const struct tap_ends between = {
		.local = &address, .peer = &address, .type = SOCK_STREAM
	};
	static const char data[6000];
	struct capture_file file;
	struct seen seen;
	size_t count = 0, bytes = 0;

	file_open(&file, unit, "dropped", 8192);
	file_tap(&file, &between);
	for (int i = 0; i < 3; i++)
		saw(&file, true, data, sizeof(data));
	play(&file, ".");
	unit_check(unit, file.sink.dropped == 2, "the sink dropped %zu",
	    (size_t)file.sink.dropped);
	file_read(&file);
	for (; next_packet(&file, &seen); count++) {
		bytes += seen.size;
		unit_check(unit, seen.size == 0 || seen.size == sizeof(data),
		    "a packet is whole");
	}
	unit_check(unit, count == 3 + 2 + 1 + 1 + 2 && bytes == sizeof(data),
	    "%zu packets are left, and %zu bytes", count, bytes);
	unit_check(unit, seen.acknowledged != 0, "numbers went on");
	file_close(&file);
}

/* One of these sums is 0, which a datagram cannot tell. */
static void
test_sums(struct unit *unit)
{
	const struct address from = address_of("192.0.2.1", 1000);
	const struct address to = address_of("192.0.2.2", 2000);
	const struct packet_route route = { .from = &from, .to = &to };
	unsigned char packet[PACKET_SIZE];
	unsigned bad = 0, full = 0;
	char data[2];

	for (unsigned i = 0; i <= UINT16_MAX; i++) {
		data[0] = (char)(i >> 8);
		data[1] = (char)(i & 255);
		if (packet_datagram(packet, &route, data, 2) != 30 ||
		    sum(17 + 10, packet + 12, 18) != 0xffff ||
		    get16(packet + 26) == 0)
			bad++;
		if (get16(packet + 26) == 0xffff)
			full++;
	}
	unit_check(unit, bad == 0, "%u sums are bad", bad);
	unit_check(unit, full == 1, "%u sums stand for 0", full);
}

static void
file_open(struct capture_file *file, struct unit *unit, const char *input,
    size_t most)
{
	memset(file, 0, sizeof(*file));
	file->unit = unit;
	file->input = input;
	file->file = tmpfile();
	if (file->file == NULL || sink_open_own(&file->sink,
	    dup(fileno(file->file)), most) == -1) {
		perror("test_capture");
		exit(1);
	}
	capture_begin(&file->sink);
}

static void
file_tap(struct capture_file *file, const struct tap_ends *between)
{
	file->tap = capture_tap_new(&file->sink, between);
	if (file->tap == NULL) {
		perror("test_capture");
		exit(1);
	}
}

static void
play(struct capture_file *file, const char *script)
{
	struct tap *tap = file->tap;

	for (; *script != '\0'; script++) {
		if (*script == 'S' || *script == 'R')
			saw(file, *script == 'S', "bytes", 5);
		else if (*script == 's' || *script == 'r')
			tap->ops->ended(tap, *script == 's');
		else
			tap->ops->close(tap, *script == '!' ? TAP_BROKEN :
			    *script == 'x' ? TAP_ABORTED : TAP_LEFT);
	}
}

static void
saw(struct capture_file *file, bool sent, const char *data, size_t size)
{
	const struct passage passage = {
		.data = data, .size = size, .sent = sent
	};

	file->tap->ops->saw(file->tap, &passage);
}

static void
file_read(struct capture_file *file)
{
	sink_drain(&file->sink, clock_now() + SINK_PATIENCE);
	sink_close(&file->sink);
	fseek(file->file, 0, SEEK_END);
	file->size = (size_t)ftell(file->file);
	rewind(file->file);
	file->bytes = malloc(file->size);
	if (file->bytes == NULL ||
	    fread(file->bytes, 1, file->size, file->file) != file->size) {
		perror("test_capture");
		exit(1);
	}
}

static void
file_close(struct capture_file *file)
{
	fclose(file->file);
	free(file->bytes);
}

/* Its body, or NULL: that was the last. */
static const unsigned char *
next_block(struct capture_file *file, uint32_t *type, size_t *size)
{
	const unsigned char *block = file->bytes + file->at;
	const size_t left = file->size - file->at;
	size_t whole;

	if (left == 0)
		return NULL;
	whole = left < 12 ? 0 : host32(block + 4);
	if (whole < 12 || whole % 4 != 0 || whole > left ||
	    host32(block + whole - 4) != whole) {
		unit_check(file->unit, false, "%s: the block at %zu is bad",
		    file->input, file->at);
		file->at = file->size;
		return NULL;
	}
	file->at += whole;
	*type = host32(block);
	*size = whole - 12;
	return block + 8;
}

/* False: there is none. */
static bool
next_packet(struct capture_file *file, struct seen *seen)
{
	const unsigned char *body;
	struct seen packet = { 0 };
	uint32_t type;
	size_t size, length, padded;

	do {
		body = next_block(file, &type, &size);
		if (body == NULL)
			return false;
	} while (type != 6);
	packet.time_ns = (uint64_t)host32(body + 4) << 32 | host32(body + 8);
	length = host32(body + 12);
	padded = (length + 3) / 4 * 4;
	unit_check(file->unit, host32(body) == 0 &&
	    host32(body + 16) == length && 20 + padded < size,
	    "%s: a packet is whole", file->input);
	for (size_t i = length; i < padded; i++)
		unit_check(file->unit, body[20 + i] == 0,
		    "%s: padding is 0", file->input);
	parse_options(file, body + 20 + padded, size - 20 - padded, &packet);
	parse_ip(file, body + 20, length, &packet);
	*seen = packet;
	return true;
}

static void
parse_options(struct capture_file *file, const unsigned char *options,
    size_t size, struct seen *seen)
{
	unsigned code = 1;
	size_t length, at = 0;

	while (at + 4 <= size && code != 0) {
		code = host16(options + at);
		length = host16(options + at + 2);
		at += 4;
		if (code == 1 && length <= TEXT_MOST)
			memcpy(seen->comment, options + at, length);
		if (code == 2)
			seen->sent = host32(options + at) == 2;
		at += (length + 3) / 4 * 4;
	}
	unit_check(file->unit, code == 0 && at == size,
	    "%s: options have an end", file->input);
}

static void
parse_ip(struct capture_file *file, const unsigned char *ip, size_t size,
    struct seen *seen)
{
	const bool old = ip[0] >> 4 == 4;
	const size_t head = old ? 20 : 40;
	const size_t told = old ? get16(ip + 2) : get16(ip + 4) + head;

	unit_check(file->unit, told == size, "%s: IP tells its length",
	    file->input);
	if (old) {
		unit_check(file->unit, ip[0] == 0x45 &&
		    sum(0, ip, 20) == 0xffff, "%s: the IP header is good",
		    file->input);
		address_wildcard(&seen->from, AF_INET, 0);
		address_wildcard(&seen->to, AF_INET, 0);
		memcpy(&seen->from.in.sin_addr, ip + 12, 4);
		memcpy(&seen->to.in.sin_addr, ip + 16, 4);
	} else {
		unit_check(file->unit, get32(ip) == UINT32_C(6) << 28,
		    "%s: the IPv6 header is good", file->input);
		address_wildcard(&seen->from, AF_INET6, 0);
		address_wildcard(&seen->to, AF_INET6, 0);
		memcpy(&seen->from.in6.sin6_addr, ip + 8, 16);
		memcpy(&seen->to.in6.sin6_addr, ip + 24, 16);
	}
	seen->protocol = ip[old ? 9 : 6];
	unit_check(file->unit, sum((uint32_t)(size - head) + seen->protocol,
	    ip + (old ? 12 : 8), size - (old ? 12 : 8)) == 0xffff,
	    "%s: the checksum is right", file->input);
	parse_payload(file, ip + head, size - head, seen);
}

static void
parse_payload(struct capture_file *file, const unsigned char *bytes,
    size_t size, struct seen *seen)
{
	size_t head = 8;

	address_set_port(&seen->from, (uint16_t)get16(bytes));
	address_set_port(&seen->to, (uint16_t)get16(bytes + 2));
	if (seen->protocol == IPPROTO_TCP) {
		head = (size_t)(bytes[12] >> 4) * 4;
		seen->number = get32(bytes + 4);
		seen->acknowledged = get32(bytes + 8);
		seen->flags = bytes[13];
		unit_check(file->unit, get16(bytes + 14) > 0 &&
		    head == (seen->flags & SYN ? 28 : 20),
		    "%s: the TCP header is good", file->input);
	} else {
		unit_check(file->unit, seen->protocol == IPPROTO_UDP &&
		    get16(bytes + 4) == size, "%s: the UDP header is good",
		    file->input);
	}
	seen->data = bytes + head;
	seen->size = size - head;
}

/* Numbers follow from what was there, in both directions. */
static void
follow(struct capture_file *file, struct direction ways[2],
    const struct seen *seen)
{
	struct direction *way = &ways[seen->sent];
	const struct direction *other = &ways[!seen->sent];
	uint32_t next = seen->number + (uint32_t)seen->size;

	unit_check(file->unit, !way->begun || seen->number == way->next,
	    "%s: %u follows", file->input, seen->number);
	unit_check(file->unit, seen->acknowledged == other->next,
	    "%s: %u is acknowledged", file->input, seen->acknowledged);
	if (seen->flags & (SYN | FIN))
		next++;
	way->begun = true;
	way->wrapped = way->wrapped || next < seen->number;
	way->next = next;
	if (seen->size == 0 || way->size + seen->size > BIG)
		return;
	if (way->data == NULL)
		way->data = malloc(BIG);
	memcpy(way->data + way->size, seen->data, seen->size);
	way->size += seen->size;
}

static void
tell_packet(const struct seen *seen, char *text, size_t size)
{
	strlcat(text, text[0] == '\0' ? "" : " ", size);
	strlcat(text, seen->sent ? ">" : "<", size);
	strlcat(text, seen->flags & SYN ? "S" : "", size);
	strlcat(text, seen->flags & FIN ? "F" : "", size);
	strlcat(text, seen->flags & RST ? "R" : "", size);
	strlcat(text, seen->flags & PSH ? "P" : "", size);
	strlcat(text, seen->flags & ACK ? "A" : "", size);
}

static bool
has_option(const unsigned char *options, size_t size, unsigned code,
    const char *text)
{
	size_t length, at;

	for (at = 0; at + 4 <= size; at += 4 + (length + 3) / 4 * 4) {
		length = host16(options + at + 2);
		if (host16(options + at) == code)
			return length == strlen(text) &&
			    memcmp(options + at + 4, text, length) == 0;
	}
	return false;
}

/* A checksum within what is summed up makes this 0xffff. */
static uint32_t
sum(uint32_t total, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
		total = (total & 0xffff) + (total >> 16);
	}
	return total;
}

static uint32_t
get16(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t
get32(const unsigned char *bytes)
{
	return get16(bytes) << 16 | get16(bytes + 2);
}

static uint32_t
host16(const unsigned char *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static uint32_t
host32(const unsigned char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static struct address
address_of(const char *host, uint16_t port)
{
	struct address address = { .length = 0 };
	struct error error;

	if (host != NULL)
		(void)address_parse(&address, host, port, &error);
	return address;
}
