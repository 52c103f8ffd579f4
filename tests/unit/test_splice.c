/*
 * Flows between real descriptors, by splice(2) where it is built: pipes,
 * regular files, sockets and /dev/null, with empty sources and full sinks
 * in between.  Standard input and output are what a stream is opened over,
 * so they are replaced for each transfer.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "filters/escape.h"
#include "net/descriptor.h"
#include "pump/mover.h"

#include "unit.h"

#define SIZE		((size_t)3 * 1024 * 1024)	/* of the data */
#define PIECE_MAX	((size_t)256 * 1024)
#define TIME		(20 * CLOCK_SECOND)	/* more than a transfer takes */
#define KINDS		4

enum kind {
	AS_PIPE,
	AS_FILE,
	AS_SOCKET,
	AS_NULL
};

/* How the far ends of a transfer behave. */
struct manner {
	size_t		size;		/* of the data */
	size_t		feed;		/* bytes of one write to the source */
	size_t		take;		/* bytes of one read from the sink */
	bool		late_feed;	/* only when the flow waits */
	bool		late_take;
	uint64_t	left;
};

struct transfer {
	enum kind	 from;
	enum kind	 to;
	struct manner	 manner;
	const char	*data;
	struct stream	 source;
	struct stream	 sink;
	struct flow_terms terms;
	struct flow	 flow;
	struct watch	*watch;
	struct owner	 owner;
	struct owner	 timer;		/* so that no wait is one */
	int		 feeder;	/* the source's far end, -1: none */
	int		 taker;		/* ... of the sink */
	int		 input;		/* what 0 and 1 were */
	int		 output;
	size_t		 fed;
	size_t		 taken;
	unsigned	 woken;		/* turns that were the flow's */
	int64_t		 until;		/* else it takes too long */
	bool		 moved;		/* in the last turn */
	bool		 ended;		/* the taker saw an end */
	const char	*fault;		/* the first; NULL: none */
};

static void	test_fits(struct unit *);
static void	test_append_fits(struct unit *);
static void	test_pairs(struct unit *, const char *);
static void	test_waits(struct unit *, const char *);
static void	test_limits(struct unit *, const char *);
static void	test_falls(struct unit *, const char *);
static void	test_hybrid(struct unit *, const char *);
static void	test_full_tube(struct unit *, const char *);
static void	test_append(struct unit *, const char *);
static void	test_cut_tube(struct unit *, const char *);
static void	test_readers_gone(struct unit *, const char *);
static void	test_orphan(struct unit *, const char *);
static void	test_reset(struct unit *, const char *);
static void	test_tubes(struct unit *);

/* A transfer. */
static void	begin(struct transfer *, struct tubes *, enum kind from,
		    enum kind to, const struct manner *, const char *data);
static void	begin_hybrid(struct transfer *, struct tubes *,
		    const struct manner *, const char *data);
static void	go_on(struct transfer *);
static void	step(struct transfer *);
static void	end(struct transfer *);
static void	check(struct unit *, const struct transfer *, const char *,
		    enum flow_end, size_t wanted);

/* Its turns. */
static void	turn(struct transfer *);
static void	advance(struct transfer *);
static void	feed(struct transfer *);
static void	take(struct transfer *);
static void	take_file(struct transfer *);
static void	fault(struct transfer *, bool, const char *);

/* Its ends. */
static void	open_source(struct transfer *);
static void	open_sink(struct transfer *);
static void	open_pipe(struct transfer *, int fds[2]);
static void	open_socket(struct transfer *, struct stream *, int *);
static int	open_file(struct transfer *, const char *, size_t);
static void	become(struct transfer *, int, int);
static bool	late(struct transfer *);
static int	lowest(void);

static const char *const names[] = {
	[AS_PIPE] = "pipe",
	[AS_FILE] = "file",
	[AS_SOCKET] = "socket",
	[AS_NULL] = "null",
};

/* What fits where splice is built; the row is the source. */
static const struct {
	uint8_t	rkind;
	bool	owned;
	uint8_t	wkind;
	bool	sink_owned;
	bool	fits;
} kinds[] = {
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_PIPE, false, true },
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_SOCKET, true, true },
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_SOCKET, false, false },
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_NULL, false, true },
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_TERMINAL, false, false },
	{ DESCRIPTOR_PIPE, false, DESCRIPTOR_DEVICE, false, false },
	{ DESCRIPTOR_FILE, false, DESCRIPTOR_PIPE, false, true },
	{ DESCRIPTOR_FILE, false, DESCRIPTOR_SOCKET, true, true },
	{ DESCRIPTOR_SOCKET, true, DESCRIPTOR_PIPE, false, true },
	{ DESCRIPTOR_SOCKET, true, DESCRIPTOR_SOCKET, true, true },
	{ DESCRIPTOR_SOCKET, true, DESCRIPTOR_SOCKET, false, false },
	{ DESCRIPTOR_SOCKET, false, DESCRIPTOR_PIPE, false, false },
	{ DESCRIPTOR_TERMINAL, false, DESCRIPTOR_PIPE, false, false },
	{ DESCRIPTOR_DEVICE, false, DESCRIPTOR_PIPE, false, false },
	{ DESCRIPTOR_NULL, false, DESCRIPTOR_PIPE, false, false },
};

#define NO_LIMIT	UINT64_MAX

static const struct manner manners[] = {
	{ 0, 1, 1, false, false, NO_LIMIT },
	{ 1, 1, 1, false, false, NO_LIMIT },
	{ 300, 1, 1, false, false, NO_LIMIT },
	{ 300, 7, 1, true, true, NO_LIMIT },
	{ 200000, 1000, 65536, true, false, NO_LIMIT },
	{ 700000, 4096, 100000, true, true, NO_LIMIT },
	{ 700000, 65536, 4096, false, false, NO_LIMIT },
	{ 700000, 100000, 50000, false, true, NO_LIMIT },
	{ SIZE, PIECE_MAX, PIECE_MAX, false, false, NO_LIMIT },
};

/* Where bytes are held, and where they are not; the sink is full at times. */
static const struct manner common = {
	700000, 60000, 30000, false, true, NO_LIMIT
};

/* From the size of a few bytes up to that of pipes, and around the data's. */
static const struct {
	size_t		size;
	uint64_t	left;
} limits[] = {
	{ 10, 0 }, { 10, 1 }, { 10, 9 }, { 10, 10 }, { 10, 11 }, { 0, 0 },
	{ 200000, 4096 }, { 200000, 4097 }, { 200000, 65536 },
	{ 200000, 65537 }, { 200000, 199999 }, { 200000, 200000 },
	{ 600000, 262144 }, { 600000, 262145 }, { 600000, 600000 },
};

int
main(void)
{
	struct unit unit = { 0, 0 };
	char *data = malloc(SIZE);
	uint32_t seed = 1;
	int before;

	(void)descriptor_reserve();
	before = lowest();
	if (data == NULL || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	for (size_t i = 0; i < SIZE; i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = (char)(seed >> 24);
	}
	test_fits(&unit);
	test_append_fits(&unit);
	test_pairs(&unit, data);
	test_waits(&unit, data);
	test_limits(&unit, data);
	test_falls(&unit, data);
	if (HAVE_SPLICE)
		test_hybrid(&unit, data);
	test_full_tube(&unit, data);
	test_append(&unit, data);
	test_cut_tube(&unit, data);
	test_readers_gone(&unit, data);
	test_orphan(&unit, data);
	test_reset(&unit, data);
	test_tubes(&unit);
	unit_check(&unit, lowest() == before, "descriptors are left open");
	free(data);
	return unit_end(&unit);
}

/* Where splice is not built, nothing fits. */
static void
test_fits(struct unit *unit)
{
	struct stream source = { .rfd = -1, .wfd = -1 };
	struct stream sink = { .rfd = -1, .wfd = -1 };
	struct flow_terms terms = { .limit = NO_LIMIT };
	struct escape escape;
	struct flow flow;
	bool fits;

	for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
		source.rkind = kinds[i].rkind;
		source.owned = kinds[i].owned;
		sink.wkind = kinds[i].wkind;
		sink.owned = kinds[i].sink_owned;
		flow_init(&flow, &source, &sink, &terms);
		fits = mover_splice.fits(&flow);
		unit_check(unit, fits == (kinds[i].fits && HAVE_SPLICE) &&
		    flow.mover == &mover_copy,
		    "kind %d, ours %d, to kind %d, ours %d: fits %d",
		    kinds[i].rkind, kinds[i].owned, kinds[i].wkind,
		    kinds[i].sink_owned, fits);
		escape_init(&escape);
		terms.edit = &escape.edit;
		unit_check(unit, !mover_splice.fits(&flow),
		    "row %zu fits with an edit", i);
		terms.edit = NULL;
		flow.sink = NULL;
		unit_check(unit, !mover_splice.fits(&flow),
		    "row %zu fits without a sink", i);
	}
}

static void
test_append_fits(struct unit *unit)
{
	static const struct manner one = { .size = 1, .left = NO_LIMIT };
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	bool plain, append;

	for (enum kind from = AS_PIPE; from <= AS_SOCKET; from++) {
		begin(&transfer, &tubes, from, AS_FILE, &one, "x");
		plain = mover_splice.fits(&transfer.flow);
		(void)fcntl(transfer.sink.wfd, F_SETFL, O_APPEND);
		append = mover_splice.fits(&transfer.flow);
		end(&transfer);
		unit_check(unit, plain == HAVE_SPLICE && !append,
		    "%s to a file: fits %d, with O_APPEND %d", names[from],
		    plain, append);
	}
	tubes_clear(&tubes);
}

static void
test_pairs(struct unit *unit, const char *data)
{
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	enum kind from, to;

	for (size_t i = 0; i < UNIT_COUNT(manners) * 3 * KINDS; i++) {
		from = (enum kind)(i % 3);
		to = (enum kind)(i / 3 % KINDS);
		begin(&transfer, &tubes, from, to, &manners[i / 3 / KINDS],
		    data);
		/* What is empty may be one of /proc's, and wait. */
		fault(&transfer, transfer.flow.mover == (HAVE_SPLICE &&
		    (from != AS_FILE || transfer.manner.size > 0) ?
		    &mover_splice : &mover_copy), "the mover is another");
		go_on(&transfer);
		end(&transfer);
		check(unit, &transfer, "all", FLOW_DONE,
		    transfer.manner.size);
	}
	unit_check(unit, tubes.count <= TUBES_KEPT, "%zu tubes are kept",
	    tubes.count);
	tubes_clear(&tubes);
}

/* It sleeps while the source is empty, or the sink full. */
static void
test_waits(struct unit *unit, const char *data)
{
	struct manner manner = common;
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	unsigned before;

	manner.size = SIZE;
	for (size_t i = 0; i < 2 * 3 * KINDS; i++) {
		bool full = i < 3 * KINDS;

		begin(&transfer, &tubes, (enum kind)(i % 3),
		    (enum kind)(i / 3 % KINDS), &manner, data);
		transfer.manner.take = full ? 0 : PIECE_MAX;
		for (int steps = 0; steps < 20; steps++)
			step(&transfer);
		transfer.manner.feed = 0;
		for (int steps = 0; steps < 40 && !full; steps++)
			step(&transfer);
		before = transfer.woken;
		for (int turns = 0; turns < 20; turns++)
			turn(&transfer);
		fault(&transfer, transfer.flow.stage == FLOW_OVER ||
		    transfer.woken - before <= 2, full ?
		    "it spins on a full sink" : "it spins on an empty source");
		transfer.manner.feed = common.feed;
		transfer.manner.take = common.take;
		go_on(&transfer);
		end(&transfer);
		check(unit, &transfer, full ? "full" : "empty", FLOW_DONE,
		    manner.size);
	}
	tubes_clear(&tubes);
}

static void
test_limits(struct unit *unit, const char *data)
{
	struct tubes tubes = { .count = 0 };
	struct manner manner = common;
	struct transfer transfer;
	bool beyond;

	for (size_t i = 0; i < UNIT_COUNT(limits) * 3 * KINDS; i++) {
		manner.size = limits[i / 3 / KINDS].size;
		manner.left = limits[i / 3 / KINDS].left;
		begin(&transfer, &tubes, (enum kind)(i % 3),
		    (enum kind)(i / 3 % KINDS), &manner, data);
		go_on(&transfer);
		end(&transfer);
		beyond = manner.size > manner.left;
		check(unit, &transfer, "limit", beyond ? FLOW_LIMIT :
		    FLOW_DONE, beyond ? (size_t)manner.left : manner.size);
	}
	tubes_clear(&tubes);
}

/* Whenever it falls back to copy, nothing is lost. */
static void
test_falls(struct unit *unit, const char *data)
{
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	size_t steps;

	for (size_t i = 0; i < 8 * 3 * KINDS; i++) {
		begin(&transfer, &tubes, (enum kind)(i % 3),
		    (enum kind)(i / 3 % KINDS), &common, data);
		for (steps = i / 3 / KINDS; steps > 0; steps--)
			step(&transfer);
		if (transfer.flow.stage == FLOW_MOVING &&
		    transfer.flow.mover == &mover_splice)
			flow_fall_back(&transfer.flow);
		go_on(&transfer);
		end(&transfer);
		check(unit, &transfer, "fall back", FLOW_DONE, common.size);
	}
	tubes_clear(&tubes);
}

/* Small messages by copy, big ones by splice, and small ones by copy again. */
static void
test_hybrid(struct unit *unit, const char *data)
{
	static const struct manner small = {
		200000, 4096, 65536, false, false, NO_LIMIT
	};
	struct manner manner = { SIZE, PIECE_MAX, PIECE_MAX, false, false,
		NO_LIMIT };
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;

	begin_hybrid(&transfer, &tubes, &small, data);
	while (transfer.flow.stage == FLOW_MOVING && !late(&transfer)) {
		step(&transfer);
		fault(&transfer, transfer.flow.mover == &mover_copy,
		    "splice serves what is small");
	}
	go_on(&transfer);
	end(&transfer);
	check(unit, &transfer, "small", FLOW_DONE, small.size);

	begin_hybrid(&transfer, &tubes, &manner, data);
	while (transfer.flow.mover == &mover_copy &&
	    transfer.flow.stage == FLOW_MOVING && !late(&transfer))
		step(&transfer);
	fault(&transfer, transfer.flow.mover == &mover_splice,
	    "copy serves what is big");
	transfer.manner.feed = 100;
	while (transfer.flow.mover == &mover_splice &&
	    transfer.flow.stage == FLOW_MOVING && !late(&transfer))
		step(&transfer);
	fault(&transfer, transfer.flow.mover == &mover_copy &&
	    transfer.flow.stage == FLOW_MOVING,
	    "splice goes on with what is small");
	transfer.manner.feed = PIECE_MAX;
	go_on(&transfer);
	end(&transfer);
	check(unit, &transfer, "hybrid", FLOW_DONE, SIZE);
	tubes_clear(&tubes);
}

/* What a tube holds is the first that copy writes. */
static void
test_full_tube(struct unit *unit, const char *data)
{
	struct manner manner = common;
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	size_t held;

	manner.take = 0;
	begin(&transfer, &tubes, AS_SOCKET, AS_SOCKET, &manner, data);
	while (transfer.flow.mover == &mover_splice &&
	    flow_held(&transfer.flow) == 0 && !late(&transfer))
		step(&transfer);
	held = flow_held(&transfer.flow);
	if (transfer.flow.mover == &mover_splice) {
		flow_fall_back(&transfer.flow);
		fault(&transfer, held > 0 && flow_held(&transfer.flow) == held,
		    "what was held is not held");
		fault(&transfer, tubes.count == 1,
		    "the tube is not given back");
	}
	transfer.manner.take = common.take;
	go_on(&transfer);
	end(&transfer);
	check(unit, &transfer, "fall back, full", FLOW_DONE, common.size);
	tubes_clear(&tubes);
}

/* The kernel refuses in mid-stream: the output begins to append. */
static void
test_append(struct unit *unit, const char *data)
{
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	bool whole;

	for (size_t i = 0; i < 6 * 3; i++) {
		begin(&transfer, &tubes, (enum kind)(i % 3), AS_FILE, &common,
		    data);
		for (size_t steps = i / 3; steps > 0; steps--)
			step(&transfer);
		whole = transfer.flow.taken == common.size;
		(void)fcntl(transfer.sink.wfd, F_SETFL, O_APPEND);
		go_on(&transfer);
		fault(&transfer, whole || transfer.flow.mover == &mover_copy,
		    "it did not fall back");
		end(&transfer);
		check(unit, &transfer, "append", FLOW_DONE, common.size);
	}
	tubes_clear(&tubes);
}

/* A tube with bytes in it is not for the next flow. */
static void
test_cut_tube(struct unit *unit, const char *data)
{
	struct manner manner = common;
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;

	manner.take = 0;
	begin(&transfer, &tubes, AS_SOCKET, AS_SOCKET, &manner, data);
	while (flow_held(&transfer.flow) == 0 && !late(&transfer))
		step(&transfer);
	flow_cut(&transfer.flow);
	fault(&transfer, flow_held(&transfer.flow) == 0 && tubes.count == 0,
	    "bytes stay in a tube");
	transfer.manner.take = common.take;
	end(&transfer);
	check(unit, &transfer, "cut", FLOW_CUT, (size_t)transfer.flow.given);

	begin(&transfer, &tubes, AS_SOCKET, AS_SOCKET, &common, data + 1);
	go_on(&transfer);
	end(&transfer);
	check(unit, &transfer, "after a cut", FLOW_DONE, common.size);
	tubes_clear(&tubes);
}

/* Whoever reads goes away, and the source has more. */
static void
test_readers_gone(struct unit *unit, const char *data)
{
	static const enum kind sinks[] = { AS_PIPE, AS_SOCKET };
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;
	size_t taken;

	for (size_t i = 0; i < 6 * 5; i++) {
		begin(&transfer, &tubes, (enum kind)(i % 3), sinks[i / 3 % 2],
		    &common, data);
		for (size_t steps = i / 6; steps > 0; steps--)
			step(&transfer);
		(void)close(transfer.taker);
		transfer.taker = -1;
		taken = transfer.taken;
		go_on(&transfer);
		end(&transfer);
		check(unit, &transfer, "reader gone", FLOW_SINK_FAILED, taken);
	}
	tubes_clear(&tubes);
}

/* ... or it has nothing more, and then ends: nobody missed anything. */
static void
test_orphan(struct unit *unit, const char *data)
{
	static const struct manner manner = { 1000, 1000, 1000, false, false,
	    NO_LIMIT };
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;

	for (int i = 0; i < 4; i++) {
		begin(&transfer, &tubes, i % 2 == 0 ? AS_PIPE : AS_SOCKET,
		    AS_PIPE, &manner, data);
		transfer.manner.size = 2000;
		while (transfer.taken < manner.size && !late(&transfer)) {
			transfer.manner.feed = manner.size - transfer.fed;
			step(&transfer);
		}
		(void)close(transfer.taker);
		transfer.taker = -1;
		transfer.manner.feed = 0;
		while (transfer.flow.stage == FLOW_MOVING && !late(&transfer))
			step(&transfer);
		fault(&transfer, transfer.flow.stage == FLOW_ORPHANED,
		    "it is no orphan");
		transfer.manner.feed = manner.size;
		if (i < 2)
			transfer.manner.size = transfer.fed;
		go_on(&transfer);
		end(&transfer);
		check(unit, &transfer, i < 2 ? "orphan, end" : "orphan, more",
		    i < 2 ? FLOW_DONE : FLOW_SINK_FAILED, manner.size);
	}
	tubes_clear(&tubes);
}

/* A source that breaks: what it had sent arrives, but no end. */
static void
test_reset(struct unit *unit, const char *data)
{
	struct manner manner = common;
	struct tubes tubes = { .count = 0 };
	struct transfer transfer;

	manner.size = 5000;
	manner.feed = 5000;
	for (enum kind to = AS_PIPE; to <= AS_NULL; to++) {
		begin(&transfer, &tubes, AS_SOCKET, to, &manner, data);
		/* Unread bytes make closing the far end a reset. */
		fault(&transfer, send(transfer.source.wfd, "x", 1, 0) == 1,
		    "cannot send to the source's peer");
		transfer.manner.size = SIZE;
		feed(&transfer);
		fault(&transfer, transfer.fed == manner.size,
		    "the source is full early");
		(void)close(transfer.feeder);
		transfer.feeder = -1;
		go_on(&transfer);
		fault(&transfer, !transfer.ended, "an end was passed on");
		fault(&transfer, transfer.source.error == ECONNRESET,
		    "the source has another error");
		end(&transfer);
		check(unit, &transfer, "reset", FLOW_SOURCE_FAILED,
		    manner.size);
	}
	tubes_clear(&tubes);
}

/* The pool: empty ones come again, a few are kept, others closed. */
static void
test_tubes(struct unit *unit)
{
	struct tube *lent[TUBES_KEPT + 2], *again;
	struct tubes tubes = { .count = 0 };
	int before = lowest(), failed = 0;

	for (size_t i = 0; i < UNIT_COUNT(lent); i++) {
		lent[i] = tube_take(&tubes);
		failed += lent[i] == NULL;
	}
	unit_check(unit, failed == 0 && tubes.count == 0, "tubes are refused");
	if (lent[0] != NULL)
		lent[0]->held = 1;
	for (size_t i = 0; i < UNIT_COUNT(lent); i++)
		tube_give(&tubes, lent[i]);
	tube_give(&tubes, NULL);
	unit_check(unit, tubes.count == TUBES_KEPT, "%zu tubes are kept",
	    tubes.count);
	again = tube_take(&tubes);
	unit_check(unit, tubes.count == TUBES_KEPT - 1 && again != NULL &&
	    again->held == 0, "a kept tube is not taken");
	tube_give(&tubes, again);
	tubes_clear(&tubes);
	unit_check(unit, tubes.count == 0 && lowest() == before,
	    "tubes_clear() leaves descriptors open");
}

/* Nothing may be printed before end(). */
static void
begin(struct transfer *transfer, struct tubes *tubes, enum kind from,
    enum kind to, const struct manner *manner, const char *data)
{
	struct error error;

	memset(transfer, 0, sizeof(*transfer));
	transfer->from = from;
	transfer->to = to;
	transfer->manner = *manner;
	transfer->data = data;
	transfer->feeder = -1;
	transfer->taker = -1;
	transfer->until = clock_now() + TIME;
	(void)fflush(stdout);
	transfer->input = dup(STDIN_FILENO);
	transfer->output = dup(STDOUT_FILENO);
	open_source(transfer);
	open_sink(transfer);
	transfer->watch = watch_new(&error);
	if (transfer->watch == NULL)
		abort();
	owner_init(&transfer->owner, 0);
	owner_init(&transfer->timer, 1);
	transfer->terms.tubes = tubes;
	transfer->terms.limit = manner->left;
	transfer->terms.zero_copy = true;
	flow_init(&transfer->flow, &transfer->source, &transfer->sink,
	    &transfer->terms);
	if (transfer->flow.hybrid)
		transfer->flow.mover = &mover_splice;
	transfer->flow.hybrid = false;
	watch_touch(transfer->watch, &transfer->owner);
}

/* From socket to socket, as sessions do it; the others begin with splice. */
static void
begin_hybrid(struct transfer *transfer, struct tubes *tubes,
    const struct manner *manner, const char *data)
{
	begin(transfer, tubes, AS_SOCKET, AS_SOCKET, manner, data);
	transfer->flow.hybrid = true;
	transfer->flow.mover = &mover_copy;
}

/* Until the flow is over and all that it gave has been read. */
static void
go_on(struct transfer *transfer)
{
	while (transfer->flow.stage != FLOW_OVER && !late(transfer))
		step(transfer);
	fault(transfer, transfer->flow.stage == FLOW_OVER, "it takes too long");
	if (transfer->to == AS_FILE)
		return;
	while (transfer->taken < transfer->flow.given &&
	    transfer->taker != -1 && !late(transfer))
		take(transfer);
	take(transfer);
}

/* Feed, a turn, take; the late ones only when the flow has to wait. */
static void
step(struct transfer *transfer)
{
	const struct manner *manner = &transfer->manner;

	if (!manner->late_feed || !transfer->moved)
		feed(transfer);
	turn(transfer);
	if (!manner->late_take || !transfer->moved)
		take(transfer);
}

static void
end(struct transfer *transfer)
{
	if (transfer->to == AS_FILE)
		take_file(transfer);
	stream_close(&transfer->source, transfer->watch);
	stream_close(&transfer->sink, transfer->watch);
	while (transfer->taker != -1 && transfer->to != AS_FILE &&
	    transfer->taken < transfer->flow.given && !late(transfer))
		take(transfer);
	flow_clear(&transfer->flow);
	watch_leave(transfer->watch, &transfer->owner);
	watch_leave(transfer->watch, &transfer->timer);
	watch_free(transfer->watch);
	if (transfer->feeder != -1)
		(void)close(transfer->feeder);
	if (transfer->taker != -1)
		(void)close(transfer->taker);
	become(transfer, transfer->input, STDIN_FILENO);
	become(transfer, transfer->output, STDOUT_FILENO);
}

/* /dev/null keeps nothing: there the flow's own count has to do. */
static void
check(struct unit *unit, const struct transfer *transfer, const char *words,
    enum flow_end wanted, size_t count)
{
	const struct flow *flow = &transfer->flow;
	const struct manner *manner = &transfer->manner;
	size_t got = transfer->to == AS_NULL ? (size_t)flow->given :
	    transfer->taken;

	unit_check(unit, transfer->fault == NULL && flow->end == wanted &&
	    flow->stage == FLOW_OVER && got == count,
	    "%s to %s, %s, %zu bytes fed by %zu, taken by %zu, left %" PRIu64
	    ": stage %d, end %d, %zu bytes, wanted end %d, %zu bytes; %s",
	    names[transfer->from], names[transfer->to], words, manner->size,
	    manner->feed, manner->take, manner->left, flow->stage, flow->end,
	    got, wanted, count,
	    transfer->fault == NULL ? "sound" : transfer->fault);
}

/* What the watch set says is all that the flow goes by. */
static void
turn(struct transfer *transfer)
{
	struct watch *watch = transfer->watch;
	struct owner *owner;
	struct error error;

	watch_begin(watch, &transfer->timer);
	watch_until(watch, clock_now());
	watch_end(watch, &transfer->timer);
	transfer->moved = false;
	if (watch_wait(watch, &error) == -1) {
		fault(transfer, false, "the watch set fails");
		transfer->until = 0;
		return;
	}
	while ((owner = watch_next(watch)) != NULL)
		if (owner == &transfer->owner)
			advance(transfer);
}

static void
advance(struct transfer *transfer)
{
	struct flow *flow = &transfer->flow;
	uint64_t before = flow->taken + flow->given;

	transfer->woken++;
	stream_hear(&transfer->source, transfer->watch);
	stream_hear(&transfer->sink, transfer->watch);
	flow_advance(flow, transfer->watch,
	    watch_time(transfer->watch));
	fault(transfer, flow->end == FLOW_SINK_FAILED ||
	    flow->taken == flow->given + flow_held(flow),
	    "taken is not given + held");
	transfer->moved = flow->taken + flow->given != before;
	watch_begin(transfer->watch, &transfer->owner);
	flow_prepare(flow, transfer->watch, &transfer->owner);
	watch_end(transfer->watch, &transfer->owner);
}

/* One write to the source's far end; behind the last byte, its end. */
static void
feed(struct transfer *transfer)
{
	size_t most = transfer->manner.size - transfer->fed;
	ssize_t n;

	if (transfer->feeder == -1)
		return;
	if (most == 0) {
		(void)close(transfer->feeder);
		transfer->feeder = -1;
		return;
	}
	if (most > transfer->manner.feed)
		most = transfer->manner.feed;
	n = write(transfer->feeder, transfer->data + transfer->fed, most);
	if (n > 0)
		transfer->fed += (size_t)n;
}

static void
take(struct transfer *transfer)
{
	static char buf[PIECE_MAX];
	size_t most = transfer->manner.take;
	ssize_t n;

	if (transfer->taker == -1 || transfer->to == AS_FILE || most == 0)
		return;
	n = read(transfer->taker, buf, most);
	if (n == 0)
		transfer->ended = true;
	if (n <= 0)
		return;
	fault(transfer, transfer->taken + (size_t)n <= transfer->manner.size &&
	    memcmp(buf, transfer->data + transfer->taken, (size_t)n) == 0,
	    "the bytes are others");
	transfer->taken += (size_t)n;
}

static void
take_file(struct transfer *transfer)
{
	char *buf = malloc(SIZE);
	ssize_t n;

	n = buf == NULL ? -1 : pread(transfer->taker, buf, SIZE, 0);
	fault(transfer, n >= 0 && (size_t)n <= transfer->manner.size &&
	    memcmp(buf, transfer->data, (size_t)n) == 0,
	    "the file's bytes are others");
	transfer->taken = n > 0 ? (size_t)n : 0;
	free(buf);
}

static void
fault(struct transfer *transfer, bool good, const char *words)
{
	if (!good && transfer->fault == NULL)
		transfer->fault = words;
}

static void
open_source(struct transfer *transfer)
{
	int fds[2];

	switch (transfer->from) {
	case AS_PIPE:
		open_pipe(transfer, fds);
		become(transfer, fds[0], STDIN_FILENO);
		transfer->feeder = fds[1];
		break;
	case AS_FILE:
		become(transfer, open_file(transfer, transfer->data,
		    transfer->manner.size), STDIN_FILENO);
		break;
	case AS_SOCKET:
		open_socket(transfer, &transfer->source, &transfer->feeder);
		return;
	case AS_NULL:
		return;
	}
	stream_open_input(&transfer->source);
}

static void
open_sink(struct transfer *transfer)
{
	int fds[2];

	switch (transfer->to) {
	case AS_PIPE:
		open_pipe(transfer, fds);
		become(transfer, fds[1], STDOUT_FILENO);
		transfer->taker = fds[0];
		break;
	case AS_FILE:
		fds[0] = open_file(transfer, NULL, 0);
		transfer->taker = dup(fds[0]);
		become(transfer, fds[0], STDOUT_FILENO);
		break;
	case AS_SOCKET:
		open_socket(transfer, &transfer->sink, &transfer->taker);
		return;
	case AS_NULL:
		become(transfer, open("/dev/null", O_WRONLY), STDOUT_FILENO);
		break;
	}
	stream_open_output(&transfer->sink);
}

/* Our far ends must not block; the stream reopens its own. */
static void
open_pipe(struct transfer *transfer, int fds[2])
{
	if (pipe(fds) == -1)
		abort();
	fault(transfer, fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0, "no pipe");
}

static void
open_socket(struct transfer *transfer, struct stream *stream, int *far)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		abort();
	fault(transfer, fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0, "no socket");
	stream_open_socket(stream, fds[0]);
	*far = fds[1];
}

/* A file without a name, read from its beginning. */
static int
open_file(struct transfer *transfer, const char *data, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	if (file == NULL)
		abort();
	fault(transfer, fwrite(data == NULL ? "" : data, 1, size, file) ==
	    size && fflush(file) == 0, "no file");
	fd = dup(fileno(file));
	(void)fclose(file);
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Takes ownership of fd. */
static void
become(struct transfer *transfer, int fd, int standard)
{
	fault(transfer, dup2(fd, standard) == standard, "dup2 failed");
	(void)close(fd);
}

static bool
late(struct transfer *transfer)
{
	return clock_now() > transfer->until;
}

/* The number that the next descriptor gets: a measure of leaks. */
static int
lowest(void)
{
	int fd = dup(STDIN_FILENO);

	(void)close(fd);
	return fd;
}
