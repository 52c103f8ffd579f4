/*
 * Flows between streams that follow a script and have no descriptor: short
 * reads and writes, AGAIN, failures at each point.  Moved by mover_copy.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "filters/escape.h"
#include "net/descriptor.h"
#include "pump/mover.h"

#include "unit.h"

#define DATA		"abcdef"
#define COUNT		(sizeof(DATA) - 1)
#define SCRIPT_SIZE	(3 * COUNT + 3)
#define WAYS(count)	(1u << (count) >> ((count) > 0))
#define TURNS		200	/* more than any run here needs */
#define BIG		600000	/* bytes: some chunks */

/*
 * One character of a script is one call: a digit allows so many bytes, 'a'
 * is AGAIN, 'f' a failure with EIO, 'p' one with EPIPE.  After the script
 * there is as much as is asked for; a source's data ends with an end.
 */
struct port {
	struct stream	 stream;
	const char	*script;
	const char	*shuts;		/* a sink's, of stream_shut() */
	const char	*data;		/* a source's, or what a sink expects */
	size_t		 size;
	size_t		 at;		/* bytes that went */
	unsigned	 calls;
	unsigned	 shut;		/* times that it was shut */
	unsigned	 empty;		/* calls for 0 bytes */
	bool		 sound;		/* bytes and calls were as they may */
};

/* Keeps the last byte back and doubles all. */
struct twice {
	struct edit	edit;
	char		kept;
};

struct run {
	struct port	 source;
	struct port	 sink;
	struct tubes	 tubes;
	struct flow_terms terms;
	struct flow	 flow;
	struct watch	*watch;
	struct owner	 owner;
	int64_t		 now;
	bool		 edited;	/* lengths may change */
	const char	*fault;		/* the first; NULL: none */
};

/* What a run is to come to. */
struct wanted {
	enum flow_stage	stage;
	enum flow_end	end;
	size_t		count;		/* bytes that reach the sink */
	unsigned	shut;
};

static void	test_splits(struct unit *);
static void	test_source_failures(struct unit *);
static void	test_broken_source(struct unit *);
static void	test_sink_failures(struct unit *);
static void	test_shut_failures(struct unit *);
static void	test_limits(struct unit *);
static void	test_limit_splits(struct unit *);
static void	test_first_end(struct unit *);
static void	test_cut(struct unit *);
static void	test_stop(struct unit *);
static void	test_hold(struct unit *);
static void	test_keep_sink(struct unit *);
static void	test_asking(struct unit *);
static void	test_orphans(struct unit *);
static void	test_orphan_ends(struct unit *);
static void	test_twice(struct unit *);
static void	test_twice_stopped(struct unit *);
static void	test_escape(struct unit *);
static void	test_null(struct unit *);
static void	test_share(struct unit *);

/* A run. */
static void	run_init(struct run *, const char *reads, const char *writes);
static void	run_clear(struct run *);
static void	run_turn(struct run *);
static void	run_turns(struct run *, unsigned);
static void	run_hear(struct run *);
static void	run_check_turn(struct run *);
static void	run_check_prepare(struct run *);
static void	run_fault(struct run *, bool, const char *);
static void	check(struct unit *, const struct run *, const char *,
		    const char *, const char *, const struct wanted *);

/* Scripts. */
static void	compose(char *, size_t count, unsigned way, unsigned again,
		    const char *tail);
static ssize_t	port_read(struct stream *, void *, size_t);
static ssize_t	port_write(struct stream *, const void *, size_t);
static int	port_shut(struct stream *);
static ssize_t	follow(struct port *, const char **, size_t);

static size_t	twice_apply(struct edit *, const char *, size_t, char *);
static size_t	twice_finish(struct edit *, char *);

static const struct stream_ops port_ops = {
	.read = port_read,
	.write = port_write,
	.shut = port_shut
};

static const struct edit_ops twice_ops = {
	.expansion = 2,
	.apply = twice_apply,
	.finish = twice_finish
};

/* Scripts that the tests of ends go through. */
static const char *const styles[] = {
	"", "111111", "1a1a1a1a1a1a", "a1a2a3", "aaa4", "5a",
};

static const struct {
	const char	*reads;
	const char	*shuts;
	uint64_t	 left;
	struct wanted	 wanted;
} limits[] = {
	{ "", "", 0, { FLOW_OVER, FLOW_LIMIT, 0, 0 } },
	{ "", "", 1, { FLOW_OVER, FLOW_LIMIT, 1, 0 } },
	{ "", "", 5, { FLOW_OVER, FLOW_LIMIT, 5, 0 } },
	{ "", "", 6, { FLOW_OVER, FLOW_DONE, 6, 1 } },
	{ "", "", 7, { FLOW_OVER, FLOW_DONE, 6, 1 } },
	{ "a", "", 0, { FLOW_OVER, FLOW_LIMIT, 0, 0 } },
	{ "5a", "", 5, { FLOW_OVER, FLOW_LIMIT, 5, 0 } },
	{ "5aaaa1", "", 5, { FLOW_OVER, FLOW_LIMIT, 5, 0 } },
	{ "6a", "", 6, { FLOW_OVER, FLOW_DONE, 6, 1 } },
	{ "6aa", "a", 6, { FLOW_OVER, FLOW_DONE, 6, 2 } },
	{ "f", "", 0, { FLOW_OVER, FLOW_SOURCE_FAILED, 0, 0 } },
	{ "5f", "", 5, { FLOW_OVER, FLOW_SOURCE_FAILED, 5, 0 } },
	{ "6f", "", 6, { FLOW_OVER, FLOW_SOURCE_FAILED, 6, 0 } },
	{ "6af", "", 6, { FLOW_OVER, FLOW_SOURCE_FAILED, 6, 0 } },
	{ "6", "f", 6, { FLOW_OVER, FLOW_SINK_FAILED, 6, 1 } },
};

/* The reader goes away after 3 bytes; this is what the source does then. */
static const struct {
	const char	*reads;
	size_t		 size;		/* of the data */
	int		 error;		/* of the sink */
	uint8_t		 wkind;
	bool		 late;		/* the time passes */
	enum flow_stage	 stage;		/* right after the failure */
	struct wanted	 wanted;
} orphans[] = {
	{ "3a", 3, EPIPE, DESCRIPTOR_PIPE, false, FLOW_OVER,
	    { FLOW_OVER, FLOW_DONE, 3, 0 } },
	{ "3aaa", 3, EPIPE, DESCRIPTOR_PIPE, false, FLOW_ORPHANED,
	    { FLOW_OVER, FLOW_DONE, 3, 0 } },
	{ "3a1", 4, EPIPE, DESCRIPTOR_PIPE, false, FLOW_OVER,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
	{ "3aaa1", 4, EPIPE, DESCRIPTOR_PIPE, false, FLOW_ORPHANED,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
	{ "3aaa", 3, EPIPE, DESCRIPTOR_PIPE, true, FLOW_ORPHANED,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
	{ "3aaf", 3, EPIPE, DESCRIPTOR_PIPE, false, FLOW_ORPHANED,
	    { FLOW_OVER, FLOW_SOURCE_FAILED, 3, 0 } },
	{ "3a", 3, EIO, DESCRIPTOR_PIPE, false, FLOW_OVER,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
	{ "3a", 3, EPIPE, DESCRIPTOR_SOCKET, false, FLOW_OVER,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
	{ "3a", 3, EPIPE, DESCRIPTOR_FILE, false, FLOW_OVER,
	    { FLOW_OVER, FLOW_SINK_FAILED, 3, 0 } },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_splits(&unit);
	test_source_failures(&unit);
	test_broken_source(&unit);
	test_sink_failures(&unit);
	test_shut_failures(&unit);
	test_limits(&unit);
	test_limit_splits(&unit);
	test_first_end(&unit);
	test_cut(&unit);
	test_stop(&unit);
	test_hold(&unit);
	test_keep_sink(&unit);
	test_asking(&unit);
	test_orphans(&unit);
	test_orphan_ends(&unit);
	test_twice(&unit);
	test_twice_stopped(&unit);
	test_escape(&unit);
	test_null(&unit);
	test_share(&unit);
	return unit_end(&unit);
}

/* All ways to cut the reads and the writes, with AGAIN before and after. */
static void
test_splits(struct unit *unit)
{
	static const struct wanted wanted = { FLOW_OVER, FLOW_DONE, COUNT, 1 };
	char reads[SCRIPT_SIZE], writes[SCRIPT_SIZE];
	unsigned ways = WAYS(COUNT);
	struct run run;

	for (unsigned i = 0; i < ways * ways * 9; i++) {
		compose(reads, COUNT, i % ways, i / (ways * ways) % 3, "");
		compose(writes, COUNT, i / ways % ways, i / (ways * ways) / 3,
		    "");
		run_init(&run, reads, writes);
		run_turns(&run, TURNS);
		check(unit, &run, reads, writes, "", &wanted);
		run_clear(&run);
	}
}

static void
test_source_failures(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_SOURCE_FAILED, 0, 0 };
	char reads[SCRIPT_SIZE];
	struct run run;

	for (size_t count = 0; count <= COUNT; count++)
		for (unsigned i = 0; i < WAYS(count) * 6; i++) {
			compose(reads, count, i / 6, i % 3, "f");
			wanted.count = count;
			run_init(&run, reads, styles[i % 6]);
			run_turns(&run, TURNS);
			run_fault(&run, run.source.stream.error == EIO,
			    "the source's error is lost");
			check(unit, &run, reads, styles[i % 6], "", &wanted);
			run_clear(&run);
		}
}

/* Short reads must not make other writes than the script has. */
static void
test_sink_failures(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_SINK_FAILED, 0, 0 };
	char writes[SCRIPT_SIZE];
	struct run run;

	for (size_t count = 0; count < COUNT; count++)
		for (unsigned i = 0; i < WAYS(count) * 12; i++) {
			compose(writes, count, i % 6 == 0 ? i / 12 :
			    WAYS(count) - 1, i % 3, i % 2 == 0 ? "f" : "p");
			wanted.count = count;
			run_init(&run, styles[i % 6], writes);
			/* Bytes are lost: no reader of a pipe excuses that. */
			if (i % 12 >= 6)
				run.sink.stream.wkind = DESCRIPTOR_PIPE;
			run_turns(&run, TURNS);
			run_fault(&run, run.sink.stream.error ==
			    (i % 2 == 0 ? EIO : EPIPE),
			    "the sink's error is lost");
			check(unit, &run, styles[i % 6], writes, "", &wanted);
			run_clear(&run);
		}
}

static void
test_shut_failures(struct unit *unit)
{
	static const char *const shuts[] = { "f", "af", "aaap" };
	struct wanted wanted = { FLOW_OVER, FLOW_SINK_FAILED, COUNT, 0 };
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(shuts); i++) {
		wanted.shut = (unsigned)strlen(shuts[i]);
		run_init(&run, "", "");
		run.sink.shuts = shuts[i];
		run_turns(&run, TURNS);
		check(unit, &run, "", "", shuts[i], &wanted);
		run_clear(&run);
	}
}

static void
test_limits(struct unit *unit)
{
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(limits); i++) {
		run_init(&run, limits[i].reads, "");
		run.sink.shuts = limits[i].shuts;
		run.terms.limit = limits[i].left;
		run_turns(&run, TURNS);
		run_fault(&run, run.flow.taken <= limits[i].left,
		    "more than the limit was taken");
		check(unit, &run, limits[i].reads, "", limits[i].shuts,
		    &limits[i].wanted);
		run_clear(&run);
	}
}

static void
test_limit_splits(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_LIMIT, 0, 0 };
	char reads[SCRIPT_SIZE];
	struct run run;

	for (size_t left = 0; left < COUNT; left++)
		for (unsigned i = 0; i < WAYS(COUNT) * 18; i++) {
			compose(reads, COUNT, i / 18, i % 3, "");
			wanted.count = left;
			run_init(&run, reads, styles[i % 6]);
			run.terms.limit = left;
			run_turns(&run, TURNS);
			check(unit, &run, reads, styles[i % 6], "", &wanted);
			run_clear(&run);
		}
}

/* How it ended first is how it ended: 3 bytes, the end, and a failure. */
static void
test_first_end(struct unit *unit)
{
	static const struct {
		const char	*reads;
		const char	*writes;
		uint64_t	 left;
		bool		 cut;
		struct wanted	 wanted;
	} firsts[] = {
		{ "3f", "1af", UINT64_MAX, false,
		    { FLOW_OVER, FLOW_SINK_FAILED, 1, 0 } },
		{ "33f", "33f", UINT64_MAX, false,
		    { FLOW_OVER, FLOW_SOURCE_FAILED, 6, 0 } },
		{ "3f", "", UINT64_MAX, true,
		    { FLOW_OVER, FLOW_SOURCE_FAILED, 3, 0 } },
		{ "3", "", 3, true, { FLOW_OVER, FLOW_LIMIT, 3, 0 } },
	};
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(firsts); i++) {
		run_init(&run, firsts[i].reads, firsts[i].writes);
		run.terms.limit = firsts[i].left;
		run_turns(&run, TURNS);
		if (firsts[i].cut)
			flow_cut(&run.flow);
		check(unit, &run, firsts[i].reads, firsts[i].writes, "first",
		    &firsts[i].wanted);
		run_clear(&run);
	}

	/* The source failed; then something befalls what is still held. */
	for (int i = 0; i < 3; i++) {
		run_init(&run, "3f", "1aaaaaaaa");
		run_turns(&run, 2);
		flow_source_failed(&run.flow);
		if (i == 0)
			flow_cut(&run.flow);
		else if (i == 1)
			(void)stream_fail(&run.sink.stream, EIO);
		run_turns(&run, TURNS);
		check(unit, &run, "3f", "1aaaaaaaa", "failed",
		    &(struct wanted){ FLOW_OVER, FLOW_SOURCE_FAILED,
		    i < 2 ? 1 : 3, 0 });
		run_clear(&run);
	}
}

/* What a broken source still holds arrives, but its end is none. */
static void
test_broken_source(struct unit *unit)
{
	static const char *const reads[] = { "", "123", "33aaaa", "6aaaa" };
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(reads); i++) {
		run_init(&run, reads[i], "");
		(void)stream_fail(&run.source.stream, ECONNRESET);
		run_turns(&run, 2);
		run_fault(&run, !run.source.stream.ended, "it ended");
		check(unit, &run, reads[i], "", "broken", &(struct wanted){
		    FLOW_OVER, FLOW_SOURCE_FAILED, COUNT, 0 });
		run_clear(&run);
	}
}

/* After every number of turns: what went is kept, nothing is shut. */
static void
test_cut(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_CUT, 0, 0 };
	struct run run;

	for (unsigned i = 0; i < 36 * 20; i++) {
		run_init(&run, styles[i % 6], styles[i / 6 % 6]);
		run.sink.shuts = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
		run_turns(&run, i / 36);
		wanted.count = run.sink.at;
		wanted.shut = run.sink.shut;
		flow_cut(&run.flow);
		run_fault(&run, flow_held(&run.flow) == 0 &&
		    run.flow.chunk == NULL, "a cut flow holds bytes");
		run_turns(&run, 1);
		flow_cut(&run.flow);
		check(unit, &run, styles[i % 6], styles[i / 6 % 6], "cut",
		    &wanted);
		run_clear(&run);
	}
	run_init(&run, "", "");
	run_turns(&run, TURNS);
	flow_cut(&run.flow);
	check(unit, &run, "", "", "cut when over",
	    &(struct wanted){ FLOW_OVER, FLOW_DONE, COUNT, 1 });
	run_clear(&run);
}

/* After every number of turns: what was read is delivered, not a byte more. */
static void
test_stop(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_DONE, 0, 1 };
	unsigned calls;
	struct run run;

	for (unsigned i = 0; i < 36 * 20; i++) {
		run_init(&run, styles[i % 6], styles[i / 6 % 6]);
		run_turns(&run, i / 36);
		calls = run.source.calls;
		wanted.count = (size_t)run.flow.taken;
		flow_stop(&run.flow);
		run_turns(&run, TURNS);
		run_fault(&run, run.source.calls == calls,
		    "a stopped flow reads");
		check(unit, &run, styles[i % 6], styles[i / 6 % 6], "stop",
		    &wanted);
		run_clear(&run);
	}
}

static void
test_hold(struct unit *unit)
{
	struct run run;

	for (unsigned i = 0; i < 36; i++) {
		run_init(&run, styles[i % 6], styles[i / 6]);
		run.flow.hold = true;
		run_turns(&run, TURNS);
		run_fault(&run, run.flow.settled, "all went, not settled");
		check(unit, &run, styles[i % 6], styles[i / 6], "hold",
		    &(struct wanted){ FLOW_SHUTTING, FLOW_DONE, COUNT, 0 });
		run.flow.hold = false;
		run.sink.shuts = "aa";
		run_turns(&run, TURNS);
		check(unit, &run, styles[i % 6], styles[i / 6], "let go",
		    &(struct wanted){ FLOW_OVER, FLOW_DONE, COUNT, 3 });
		run_clear(&run);
	}

	/* What fails while it is held is a failure. */
	run_init(&run, "", "");
	run.flow.hold = true;
	run_turns(&run, 5);
	(void)stream_fail(&run.sink.stream, ECONNRESET);
	run_turns(&run, 5);
	check(unit, &run, "", "", "failed while held",
	    &(struct wanted){ FLOW_OVER, FLOW_SINK_FAILED, COUNT, 0 });
	run_clear(&run);
}

static void
test_keep_sink(struct unit *unit)
{
	struct run run;

	for (unsigned i = 0; i < 36; i++) {
		run_init(&run, styles[i % 6], styles[i / 6]);
		run.flow.keep_sink = true;
		run_turns(&run, TURNS);
		check(unit, &run, styles[i % 6], styles[i / 6], "keep",
		    &(struct wanted){ FLOW_OVER, FLOW_DONE, COUNT, 0 });
		run_clear(&run);
	}
	run_init(&run, "", "");
	run.flow.keep_sink = true;
	run.flow.hold = true;
	run_turns(&run, 5);
	check(unit, &run, "", "", "keep and hold",
	    &(struct wanted){ FLOW_SHUTTING, FLOW_DONE, COUNT, 0 });
	run.flow.hold = false;
	run_turns(&run, 5);
	check(unit, &run, "", "", "keep and let go",
	    &(struct wanted){ FLOW_OVER, FLOW_DONE, COUNT, 0 });
	run_clear(&run);
}

/* A sink that is slow to acknowledge is asked after 1, 2, 4 ... 100 ms. */
static void
test_asking(struct unit *unit)
{
	static const int64_t waits_ms[] = {
		1, 2, 4, 8, 16, 32, 64, 100, 100, 100,
	};
	struct run run;
	int64_t asked;

	run_init(&run, "", "");
	run.sink.shuts = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
	for (size_t i = 0; i < UNIT_COUNT(waits_ms); i++) {
		asked = run.now;
		run_turn(&run);
		unit_check(unit, run.flow.ask_at ==
		    run.now + waits_ms[i] * CLOCK_MS,
		    "answer %zu: asks again after %" PRId64 " ns, wanted %"
		    PRId64 " ms", i, run.flow.ask_at - asked, waits_ms[i]);
		/* What wakes it before does not put it off. */
		asked = run.flow.ask_at;
		run.now = asked - 1;
		run_turn(&run);
		unit_check(unit, run.flow.ask_at == asked,
		    "answer %zu: was put off by being woken", i);
		run.now = asked;
	}
	check(unit, &run, "", "", "asking",
	    &(struct wanted){ FLOW_SHUTTING, FLOW_DONE, COUNT, 20 });
	run_clear(&run);
}

static void
test_orphans(struct unit *unit)
{
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(orphans); i++) {
		run_init(&run, orphans[i].reads, "");
		run.source.size = orphans[i].size;
		run.sink.stream.wkind = orphans[i].wkind;
		run_turn(&run);
		unit_check(unit, run.flow.stage == FLOW_MOVING &&
		    run.sink.at == 3, "[%s]: 3 bytes did not go",
		    orphans[i].reads);
		(void)stream_fail(&run.sink.stream, orphans[i].error);
		run_turn(&run);
		unit_check(unit, run.flow.stage == orphans[i].stage,
		    "[%s] error %d, kind %d: stage %d, wanted %d",
		    orphans[i].reads, orphans[i].error, orphans[i].wkind,
		    run.flow.stage, orphans[i].stage);
		if (orphans[i].late)
			run.now = run.flow.ask_at;
		run_turn(&run);
		run_fault(&run, !orphans[i].late ||
		    run.flow.stage == FLOW_OVER, "it waits too long");
		run_turns(&run, TURNS);
		check(unit, &run, orphans[i].reads, "", "orphan",
		    &orphans[i].wanted);
		run_clear(&run);
	}
}

/* What else can befall it: to be stopped, to be cut, to have had its end. */
static void
test_orphan_ends(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_DONE, 3, 0 };
	struct run run;

	for (unsigned i = 0; i < 4; i++) {
		run_init(&run, i < 2 ? "3aaaaa" : "3", "");
		run.source.size = 3;
		run.sink.stream.wkind = DESCRIPTOR_PIPE;
		run.flow.hold = i == 2;
		run.sink.shuts = i == 3 ? "aaaa" : "";
		run_turn(&run);
		(void)stream_fail(&run.sink.stream, EPIPE);
		run_turn(&run);
		if (i == 0)
			flow_stop(&run.flow);
		else if (i == 1)
			flow_cut(&run.flow);
		run_turn(&run);
		wanted.end = i == 1 ? FLOW_CUT : FLOW_DONE;
		wanted.shut = i == 3;
		check(unit, &run, "3", "", i == 0 ? "orphan, stop" :
		    i == 1 ? "orphan, cut" : i == 2 ? "held, left" :
		    "shutting, left", &wanted);
		run_clear(&run);
	}
}

/* An edit that keeps bytes back, whatever the reads and writes. */
static void
test_twice(struct unit *unit)
{
	char reads[SCRIPT_SIZE], writes[SCRIPT_SIZE];
	struct twice twice = { .edit.ops = &twice_ops };
	unsigned ways = WAYS(COUNT), empty = 0;
	struct run run;

	for (unsigned i = 0; i < ways * ways * 18; i++) {
		bool fails = i / (ways * ways) >= 9;

		compose(reads, COUNT, i % ways, i / (ways * ways) % 3,
		    fails ? "f" : "");
		compose(writes, COUNT, i / ways % ways,
		    i / (ways * ways) / 3 % 3, "");
		run_init(&run, reads, writes);
		run.terms.edit = &twice.edit;
		run.edited = true;
		run.sink.data = "aabbccddeeff";
		run.sink.size = 2 * COUNT;
		run_turns(&run, TURNS);
		run_fault(&run, run.flow.taken == COUNT &&
		    run.flow.given == 2 * COUNT, "counts are wrong");
		check(unit, &run, reads, writes, "twice", &(struct wanted){
		    FLOW_OVER, fails ? FLOW_SOURCE_FAILED : FLOW_DONE,
		    2 * COUNT, !fails });
		empty += run.sink.empty;
		run_clear(&run);
	}
	unit_check(unit, empty == 0, "%u writes of nothing, where an edit "
	    "kept all that was read", empty);
}

/* What an edit keeps back was read, and is delivered by a flow that stops. */
static void
test_twice_stopped(struct unit *unit)
{
	struct wanted wanted = { FLOW_OVER, FLOW_DONE, 0, 1 };
	struct run run;

	for (unsigned i = 0; i < 36 * 20; i++) {
		struct twice twice = { .edit.ops = &twice_ops };

		run_init(&run, styles[i % 6], styles[i / 6 % 6]);
		run.terms.edit = &twice.edit;
		run.edited = true;
		run.sink.data = "aabbccddeeff";
		run.sink.size = 2 * COUNT;
		run_turns(&run, i / 36);
		flow_stop(&run.flow);
		run_turns(&run, TURNS);
		wanted.count = 2 * (size_t)run.flow.taken;
		check(unit, &run, styles[i % 6], styles[i / 6 % 6],
		    "twice, stop", &wanted);
		run_clear(&run);
	}
}

/* Full chunks that become as large as can be. */
static void
test_escape(struct unit *unit)
{
	char *data = malloc(BIG), *spelled = malloc((size_t)BIG * 4);
	struct escape escape;
	struct run run;

	unit_check(unit, data != NULL && spelled != NULL, "no memory");
	for (size_t i = 0; i < BIG && data != NULL && spelled != NULL; i++) {
		data[i] = (char)(i % 64 | 0x80);
		memcpy(spelled + 4 * i, "\\x", 2);
		spelled[4 * i + 2] = "89ab"[i % 64 / 16];
		spelled[4 * i + 3] = "0123456789abcdef"[i % 16];
	}
	escape_init(&escape);
	run_init(&run, "", "");
	run.terms.edit = &escape.edit;
	run.edited = true;
	run.source.data = data;
	run.source.size = BIG;
	run.sink.data = spelled;
	run.sink.size = (size_t)BIG * 4;
	run_turns(&run, TURNS);
	check(unit, &run, "", "", "escape", &(struct wanted){ FLOW_OVER,
	    FLOW_DONE, (size_t)BIG * 4, 1 });
	run_clear(&run);
	free(data);
	free(spelled);
}

/* Without a sink all is dropped, and counted. */
static void
test_null(struct unit *unit)
{
	struct run run;

	for (size_t i = 0; i < UNIT_COUNT(styles) * 2; i++) {
		bool limited = i >= UNIT_COUNT(styles);

		run_init(&run, styles[i % UNIT_COUNT(styles)], "");
		run.flow.sink = NULL;
		run.terms.limit = limited ? 4 : UINT64_MAX;
		run_turns(&run, TURNS);
		unit_check(unit, run.fault == NULL &&
		    run.flow.stage == FLOW_OVER &&
		    run.flow.end == (limited ? FLOW_LIMIT : FLOW_DONE) &&
		    run.flow.taken == (limited ? 4 : COUNT) &&
		    run.flow.given == run.flow.taken && run.sink.calls == 0,
		    "[%s] without a sink: stage %d, end %d, %" PRIu64
		    " taken, %" PRIu64 " given; %s",
		    styles[i % UNIT_COUNT(styles)], run.flow.stage,
		    run.flow.end, run.flow.taken, run.flow.given,
		    run.fault == NULL ? "" : run.fault);
		run_clear(&run);
	}
}

/* However much there is, a turn moves a bounded part of it, and goes on. */
static void
test_share(struct unit *unit)
{
	const size_t size = (size_t)FLOW_SHARE * 4;
	char *data = calloc(1, size);
	unsigned turns = 0;
	uint64_t before;
	struct run run;

	unit_check(unit, data != NULL, "no memory");
	run_init(&run, "", "");
	run.source.data = data;
	run.sink.data = data;
	run.source.size = data == NULL ? 0 : size;
	run.sink.size = run.source.size;
	while (run.flow.stage != FLOW_OVER && turns++ < TURNS) {
		before = run.flow.given;
		run_turn(&run);
		run_fault(&run, run.flow.given - before <= FLOW_SHARE,
		    "a turn moves more than its share");
	}
	check(unit, &run, "", "", "much", &(struct wanted){ FLOW_OVER,
	    FLOW_DONE, size, 1 });
	run_clear(&run);
	free(data);
}

static void
run_init(struct run *run, const char *reads, const char *writes)
{
	struct error error;
	struct port port = {
		.stream = {
		    .ops = &port_ops, .rfd = -1, .wfd = -1,
		    .rkind = DESCRIPTOR_FILE, .wkind = DESCRIPTOR_FILE,
		    .readable = true, .writable = true },
		.shuts = "", .data = DATA, .size = COUNT, .sound = true
	};

	memset(run, 0, sizeof(*run));
	run->source = port;
	run->source.script = reads;
	run->sink = port;
	run->sink.script = writes;
	run->now = CLOCK_SECOND;
	run->watch = watch_new(&error);
	if (run->watch == NULL)
		abort();
	owner_init(&run->owner, 0);
	run->terms.tubes = &run->tubes;
	run->terms.limit = UINT64_MAX;
	flow_init(&run->flow, &run->source.stream, &run->sink.stream,
	    &run->terms);
}

static void
run_clear(struct run *run)
{
	flow_clear(&run->flow);
	tubes_clear(&run->tubes);
	watch_free(run->watch);
}

static void
run_turns(struct run *run, unsigned turns)
{
	for (unsigned i = 0; i < turns && run->flow.stage != FLOW_OVER; i++) {
		run_turn(run);
		if (run->flow.stage == FLOW_SHUTTING && run->flow.settled)
			break;
	}
}

static void
run_turn(struct run *run)
{
	run_hear(run);
	flow_advance(&run->flow, NULL, run->now);
	run_check_turn(run);
	run_check_prepare(run);
}

/* What the flow waits for, and nothing else, has come. */
static void
run_hear(struct run *run)
{
	if (flow_held(&run->flow) > 0 && run->flow.sink != NULL)
		run->sink.stream.writable = true;
	else
		run->source.stream.readable = true;
}

static void
run_check_turn(struct run *run)
{
	const struct flow *flow = &run->flow;
	bool failed = flow->end == FLOW_CUT || run->sink.stream.error != 0;

	run_fault(run, run->edited || failed ||
	    flow->taken == flow->given + flow_held(flow),
	    "taken is not given + held");
	run_fault(run, flow->sink == NULL || flow->given == run->sink.at,
	    "given is not what went");
	run_fault(run, (flow->stage != FLOW_OVER &&
	    flow->stage != FLOW_SHUTTING) || flow_held(flow) == 0,
	    "bytes are held when all went");
	run_fault(run, flow_held(flow) > 0 || flow->chunk == NULL,
	    "a chunk is kept for nothing");
	run_fault(run, run->source.sound && run->sink.sound,
	    "wrong bytes, or a call behind the end");
	run_fault(run, run->edited ||
	    run->source.empty + run->sink.empty == 0, "a call for 0 bytes");
}

/* It is touched when it can go on at once, and waits for something else. */
static void
run_check_prepare(struct run *run)
{
	struct flow *flow = &run->flow;
	bool can = false, timed = false;

	switch ((enum flow_stage)flow->stage) {
	case FLOW_MOVING:
	case FLOW_DRAINING:
		can = flow_held(flow) > 0 ? run->sink.stream.writable :
		    run->source.stream.readable;
		break;
	case FLOW_ORPHANED:
		can = run->source.stream.readable;
		timed = true;
		break;
	case FLOW_SHUTTING:
		timed = !flow->settled;
		break;
	case FLOW_OVER:
		break;
	}
	watch_begin(run->watch, &run->owner);
	flow_prepare(flow, run->watch, &run->owner);
	watch_end(run->watch, &run->owner);
	run_fault(run, run->owner.touched == can, can ?
	    "it could go on and is not touched" :
	    "it is touched and cannot go on");
	run_fault(run, (run->owner.deadline != CLOCK_NEVER) == timed,
	    timed ? "it has no deadline" : "it has a deadline");
	watch_leave(run->watch, &run->owner);
}

/* Remember the first fault. */
static void
run_fault(struct run *run, bool good, const char *fault)
{
	if (!good && run->fault == NULL)
		run->fault = fault;
}

static void
check(struct unit *unit, const struct run *run, const char *reads,
    const char *writes, const char *words, const struct wanted *wanted)
{
	const struct flow *flow = &run->flow;

	unit_check(unit, run->fault == NULL && flow->stage == wanted->stage &&
	    flow->end == wanted->end && run->sink.at == wanted->count &&
	    run->sink.shut == wanted->shut,
	    "reads [%s] writes [%s] %s limit %" PRIu64 ": stage %d end %d, "
	    "%zu bytes, shut %u times, wanted %d, %d, %zu, %u; %s", reads,
	    writes, words, run->terms.limit, flow->stage, flow->end,
	    run->sink.at, run->sink.shut, wanted->stage, wanted->end,
	    wanted->count, wanted->shut,
	    run->fault == NULL ? "sound" : run->fault);
}

/*
 * A script of `count` bytes, cut after byte n where bit n of `way` is set;
 * AGAIN stands nowhere, before each call, or after each.
 */
static void
compose(char *script, size_t count, unsigned way, unsigned again,
    const char *tail)
{
	size_t size = 0, n = 0;

	for (size_t i = 0; i < count; i++) {
		size++;
		if (i + 1 < count && !(way >> i & 1))
			continue;
		if (again == 1)
			script[n++] = 'a';
		script[n++] = (char)('0' + size);
		if (again == 2)
			script[n++] = 'a';
		size = 0;
	}
	(void)snprintf(script + n, SCRIPT_SIZE - n, "%s", tail);
}

static ssize_t
port_read(struct stream *stream, void *buf, size_t size)
{
	struct port *port = (struct port *)stream;
	ssize_t n = follow(port, &port->script, size);
	size_t left = port->size - port->at;

	port->calls++;
	port->empty += size == 0;
	if (n <= 0)
		return n;
	if ((size_t)n > left)
		n = (ssize_t)left;
	memcpy(buf, port->data + port->at, (size_t)n);
	port->at += (size_t)n;
	return n;
}

static ssize_t
port_write(struct stream *stream, const void *buf, size_t size)
{
	struct port *port = (struct port *)stream;
	ssize_t n = follow(port, &port->script, size);

	port->calls++;
	port->empty += size == 0;
	if (port->shut > 0 || size > port->size - port->at ||
	    memcmp(buf, port->data + port->at, size) != 0)
		port->sound = false;
	else if (n > 0)
		port->at += (size_t)n;
	return n;
}

static int
port_shut(struct stream *stream)
{
	struct port *port = (struct port *)stream;
	ssize_t n = follow(port, &port->shuts, 0);

	port->shut++;
	stream->shutting = true;
	return (int)n;
}

/* The next character of a script: bytes, or a result below 0. */
static ssize_t
follow(struct port *port, const char **script, size_t size)
{
	char step = **script;

	if (step == '\0')
		return (ssize_t)size;
	(*script)++;
	switch (step) {
	case 'a':
		return STREAM_AGAIN;
	case 'f':
		return stream_fail(&port->stream, EIO);
	case 'p':
		return stream_fail(&port->stream, EPIPE);
	default:
		return (size_t)(step - '0') < size ? step - '0' :
		    (ssize_t)size;
	}
}

static size_t
twice_apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct twice *twice = (struct twice *)edit;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		n += twice_finish(edit, to + n);
		twice->kept = from[i];
	}
	return n;
}

static size_t
twice_finish(struct edit *edit, char *to)
{
	struct twice *twice = (struct twice *)edit;

	if (twice->kept == '\0')
		return 0;
	to[0] = twice->kept;
	to[1] = twice->kept;
	twice->kept = '\0';
	return 2;
}
