/*
 * The movers scatter and gather: bytes that come in pieces of any size become
 * datagrams on one end of a pair of sockets, and those of the other end
 * become the same bytes again.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/socket.h"
#include "pump/gate.h"
#include "pump/mover.h"
#include "pump/post.h"
#include "pump/records.h"

#include "unit.h"

#define SIZE		4096		/* of input and output, at most */
#define MOST		200		/* of a record */

struct line {
	struct watch	*watch;
	struct flow_terms terms;
	struct record_terms records;
	struct flow	 out;		/* bytes to records */
	struct flow	 in;		/* records to bytes */
	struct stream	 streams[4];	/* input, post, post, output */
	int		 feeder;	/* the input's other end; -1: closed */
	int		 reader;	/* the output's */
	char		 got[SIZE];
	size_t		 size;
};

static void	test_batches(struct unit *);
static void	test_pieces(struct unit *, bool udp);
static void	test_counts(struct unit *, bool udp);
static void	test_limit(struct unit *, bool udp);
static void	test_faults(struct unit *, bool udp);
static void	test_gate(struct unit *, bool udp);
static void	test_closed_gate(struct unit *, bool udp);

static size_t	stile_allow(struct gate *, int64_t, size_t);
static void	stile_passed(struct gate *, int64_t, size_t, size_t);
static int64_t	stile_until(const struct gate *);

static void	line_open(struct line *, const char *frame, bool udp);
static void	udp_pair(int *);
static void	line_feed(struct line *, const char *, size_t, size_t);
static void	line_turn(struct line *);
static void	line_close(struct line *);
static bool	line_got(const struct line *, const char *, size_t);
static void	die(const char *);

/* A gate that opens every other time it is asked; with 0 never. */
struct stile {
	struct gate	 gate;
	size_t		 most;
	bool		 open;
	uint64_t	 pieces;
	uint64_t	 bytes;
};

static const struct gate_ops stile_ops = {
	.allow = stile_allow,
	.passed = stile_passed,
	.until = stile_until
};

/* Input that comes out as it went in. */
static const struct {
	const char	*frame;
	const char	*bytes;
	size_t		 size;
	uint64_t	 count;		/* of records */
} inputs[] = {
	{ "line", "a\nbb\n\n\ncc\ndd\nee\nf\ngggggggg\n", 27, 9 },
	{ "netstring", "1:a,0:,0:,3:b,b,2:cc,2:dd,1:e,9:123456789,", 42, 8 },
	{ "len32", "\0\0\0\1a\0\0\0\0\0\0\0\0\0\0\0\2bb\0\0\0\2cc", 25, 5 },
	{ "block", "aaaabbbbccccd", 13, 4 },
};

static void
test_batches(struct unit *unit)
{
	char data[10];
	struct batch batch = {
		.data = data, .size = 10, .segment = 4, .count = 3
	};

	unit_check(unit, batch_first(&batch) == 4, "first of three");
	batch_skip(&batch, 2);
	unit_check(unit, batch.data == data + 8 && batch.size == 2 &&
	    batch.count == 1, "two are skipped");
	unit_check(unit, batch_first(&batch) == 2, "the last is shorter");
	batch_skip(&batch, 1);
	unit_check(unit, batch.size == 0 && batch.count == 0, "none is left");
}

static void
test_pieces(struct unit *unit, bool udp)
{
	struct records_state state;
	struct line line;
	size_t i, piece;

	for (i = 0; i < UNIT_COUNT(inputs); i++)
		for (piece = 1; piece <= inputs[i].size; piece++) {
			line_open(&line, inputs[i].frame, udp);
			line_feed(&line, inputs[i].bytes, inputs[i].size,
			    piece);
			records_state(&line.out, &state);
			unit_check(unit, line_got(&line, inputs[i].bytes,
			    inputs[i].size), "%s in pieces of %zu",
			    inputs[i].frame, piece);
			unit_check(unit, state.passed == inputs[i].count &&
			    records_passed(&line.in) == inputs[i].count,
			    "%s in pieces of %zu: %" PRIu64 " and %" PRIu64
			    " records", inputs[i].frame, piece, state.passed,
			    records_passed(&line.in));
			unit_check(unit, line.out.stage == FLOW_OVER &&
			    line.out.end == FLOW_DONE && line.out.taken ==
			    line.out.given && line.in.taken ==
			    line.out.given && line.in.given == line.in.taken,
			    "%s in pieces of %zu: the meters",
			    inputs[i].frame, piece);
			line_close(&line);
		}
}

/* So many records and no more, on both sides. */
static void
test_counts(struct unit *unit, bool udp)
{
	struct line line;
	size_t piece;

	for (piece = 1; piece <= 8; piece++) {
		line_open(&line, "line", udp);
		line.records.count = 2;
		line_feed(&line, "a\nb\nc\nd\n", 8, piece);
		unit_check(unit, line_got(&line, "a\nb\n", 4) &&
		    line.out.stage == FLOW_OVER && line.in.stage == FLOW_OVER,
		    "two of four, in pieces of %zu", piece);
		line_close(&line);
	}
}

/* A record that goes beyond the limit is not sent, nor cut. */
static void
test_limit(struct unit *unit, bool udp)
{
	struct line line;

	line_open(&line, "line", udp);
	line.terms.limit = 4;
	line_feed(&line, "abc\nd\nef\n", 9, 9);
	unit_check(unit, line.out.end == FLOW_LIMIT && line.out.given == 4 &&
	    line_got(&line, "abc\nd\n", 6), "a limit of bytes");
	line_close(&line);
}

static void
test_faults(struct unit *unit, bool udp)
{
	struct records_state state;
	struct line line;
	size_t piece;

	for (piece = 1; piece <= 9; piece++) {
		line_open(&line, "netstring", udp);
		line_feed(&line, "1:a,2:bb;1:c,", 13, piece);
		records_state(&line.out, &state);
		unit_check(unit, line.out.end == FLOW_FAULT &&
		    state.fault == RECORDS_BAD && state.at == 8 &&
		    line_got(&line, "1:a,", 4), "a fault, in pieces of %zu: "
		    "at %" PRIu64, piece, state.at);
		line_close(&line);

		line_open(&line, "len32", udp);
		line_feed(&line, "\0\0\0\1a\0\0\1\1x", 10, piece);
		records_state(&line.out, &state);
		unit_check(unit, line.out.end == FLOW_FAULT &&
		    state.fault == RECORDS_LONG && state.at == 5 &&
		    line_got(&line, "\0\0\0\1a", 5), "too long, in pieces of "
		    "%zu: at %" PRIu64, piece, state.at);
		line_close(&line);
	}
}

/* So many at a time, and all in the end; the gate is told of each. */
static void
test_gate(struct unit *unit, bool udp)
{
	struct records_state state;
	struct stile stile;
	struct line line;
	size_t i, most;
	int turns;

	for (i = 0; i < UNIT_COUNT(inputs); i++)
		for (most = 1; most <= 3; most++) {
			line_open(&line, inputs[i].frame, udp);
			stile = (struct stile){ { .ops = &stile_ops }, most,
			    true, 0, 0 };
			line.terms.gate = &stile.gate;
			line_feed(&line, inputs[i].bytes, inputs[i].size,
			    inputs[i].size);
			for (turns = 0; turns < 40; turns++)
				line_turn(&line);
			records_state(&line.out, &state);
			unit_check(unit, line_got(&line, inputs[i].bytes,
			    inputs[i].size), "%s by a gate of %zu",
			    inputs[i].frame, most);
			unit_check(unit, stile.pieces == inputs[i].count &&
			    stile.bytes == line.out.given &&
			    line.out.stage == FLOW_OVER,
			    "%s by a gate of %zu: the gate counts %" PRIu64,
			    inputs[i].frame, most, stile.pieces);
			line_close(&line);
		}
}

/* What does not go is held, and counted. */
static void
test_closed_gate(struct unit *unit, bool udp)
{
	struct stile stile = { { .ops = &stile_ops }, 0, false, 0, 0 };
	struct line line;

	line_open(&line, "line", udp);
	unit_check(unit, flow_gated_until(&line.out) == 0, "no gate");
	line.terms.gate = &stile.gate;
	line_feed(&line, "one\ntwo\nthree\n", 14, 14);
	unit_check(unit, line.out.stage == FLOW_MOVING &&
	    line.out.given == 0 && flow_held(&line.out) > 0,
	    "it is closed, and something went");
	unit_check(unit, flow_gated_until(&line.out) == 1, "until when");
	unit_check(unit, line.out.taken + records_uncut(&line.out) == 11,
	    "%" PRIu64 " and %" PRIu64 " bytes are held", line.out.taken,
	    records_uncut(&line.out));
	line_close(&line);
}

static size_t
stile_allow(struct gate *gate, int64_t now, size_t bytes)
{
	struct stile *stile = (struct stile *)gate;

	(void)now;
	(void)bytes;
	stile->open = !stile->open && stile->most > 0;
	return stile->open ? stile->most : 0;
}

static void
stile_passed(struct gate *gate, int64_t now, size_t pieces, size_t bytes)
{
	struct stile *stile = (struct stile *)gate;

	(void)now;
	stile->pieces += pieces;
	stile->bytes += bytes;
}

static int64_t
stile_until(const struct gate *gate)
{
	return ((const struct stile *)gate)->open ? 0 : 1;
}

static void
line_open(struct line *line, const char *frame, bool udp)
{
	const struct address connected = { .length = 0 };
	int in[2], out[2], sockets[2];
	struct error error;

	memset(line, 0, sizeof(*line));
	line->watch = watch_new(&error);
	if (line->watch == NULL || pipe2(in, O_NONBLOCK) == -1 ||
	    pipe2(out, O_NONBLOCK) == -1)
		die("descriptors");
	if (udp)
		udp_pair(sockets);
	else if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    sockets) == -1)
		die("socketpair");
	line->feeder = in[1];
	line->reader = out[0];
	stream_open_pipes(&line->streams[0], in[0], -1);
	stream_open_pipes(&line->streams[3], -1, out[1]);
	if (post_open(&line->streams[1], &sockets[0], 1,
	    &connected) == -1 || post_open(&line->streams[2], &sockets[1], 1,
	    &connected) == -1)
		die("memory");
	line->records.framer.ops = framer_find(frame);
	line->records.framer.most = MOST;
	line->records.framer.block = 4;
	line->records.count = UINT64_MAX;
	line->terms.records = &line->records;
	line->terms.limit = UINT64_MAX;
	flow_init(&line->out, &line->streams[0], &line->streams[1],
	    &line->terms);
	flow_init(&line->in, &line->streams[2], &line->streams[3],
	    &line->terms);
}

/* Connected to each other over loopback. */
static void
udp_pair(int *sockets)
{
	const struct datagram_setup setup = {
		.receives = true, .fragment = true, .ttl = -1, .loop = -1
	};
	struct address address;
	int i;

	for (i = 0; i < 2; i++) {
		address_wildcard(&address, AF_INET, 0);
		address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		if (sockets[i] == -1 || bind(sockets[i], &address.any,
		    address.length) == -1)
			die("socket");
		datagram_set(sockets[i], AF_INET, &setup);
	}
	for (i = 0; i < 2; i++) {
		socket_local(sockets[1 - i], &address);
		if (connect(sockets[i], &address.any, address.length) == -1)
			die("connect");
	}
}

static void
line_feed(struct line *line, const char *bytes, size_t size, size_t piece)
{
	size_t done, n;

	for (done = 0; done < size; done += n) {
		n = size - done < piece ? size - done : piece;
		if (write(line->feeder, bytes + done, n) != (ssize_t)n)
			die("write");
		line_turn(line);
	}
	(void)close(line->feeder);
	line->feeder = -1;
	line_turn(line);
	line_turn(line);
}

/* As the watch set would have it: all is ready, and some is. */
static void
line_turn(struct line *line)
{
	ssize_t n;
	size_t i;

	for (i = 0; i < UNIT_COUNT(line->streams); i++) {
		line->streams[i].readable = true;
		line->streams[i].writable = true;
	}
	flow_advance(&line->out, line->watch, 0);
	flow_advance(&line->in, line->watch, 0);
	n = read(line->reader, line->got + line->size,
	    sizeof(line->got) - line->size);
	if (n > 0)
		line->size += (size_t)n;
}

static void
line_close(struct line *line)
{
	size_t i;

	flow_clear(&line->out);
	flow_clear(&line->in);
	for (i = 0; i < UNIT_COUNT(line->streams); i++)
		stream_close(&line->streams[i], line->watch);
	(void)close(line->reader);
	watch_free(line->watch);
}

static bool
line_got(const struct line *line, const char *bytes, size_t size)
{
	return line->size == size && memcmp(line->got, bytes, size) == 0;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

int
main(void)
{
	struct unit unit = { 0, 0 };
	int udp;

	test_batches(&unit);
	for (udp = 0; udp <= 1; udp++) {
		test_pieces(&unit, udp);
		test_counts(&unit, udp);
		test_limit(&unit, udp);
		test_faults(&unit, udp);
		test_gate(&unit, udp);
		test_closed_gate(&unit, udp);
	}
	return unit_end(&unit);
}
