/*
 * Hubs: lines whole wherever the writes are cut, who hears whom, readers
 * that are behind, and where reading ends.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pump/hub.h"

#include "unit.h"

#define MEMBERS		6
#define CONSOLE		0	/* its place and its number */
#define LONGEST		(3 * HUB_LINE)
#define HEARD		(4 * LONGEST)
#define STEP		((size_t)16 * 1024)	/* of large writes and reads */
#define HALF		(HUB_RING / 2)
#define TOO_LATE	(8 * CLOCK_SECOND)	/* nothing happens any more */

enum kind {
	KIND_HUB = 1,
	KIND_STAR,
	KIND_PORT,
	KIND_GUARD
};

/* A port, the owner that is touched for it, and what it has heard. */
struct party {
	struct port	 port;
	struct owner	 owner;
	struct watch	*watch;
	char		*heard;		/* of HEARD bytes; NULL: not here */
	size_t		 size;
	bool		 woken;
};

/* A hub with its console, if it has one, and members 1 to `count`. */
struct room {
	struct watch	*watch;
	struct hub	*hub;
	struct party	 parties[MEMBERS + 1];
	uint32_t	 count;
	enum kind	 kind;		/* of the hub's owner */
	bool		 owns_watch;
};

/* Numbered lines of all lengths, said or heard, of which each is known. */
struct series {
	uint64_t	 number;	/* of the line */
	size_t		 at;		/* in the line */
	uint64_t	 bytes;
	bool		 wrong;
};

/* Lines in. */
static void	test_splits(struct unit *);
static void	split(struct unit *, const char *prefix);
static const char *split_fault(struct room *, const char *, unsigned,
		    const char *wanted);
static void	test_last_line(struct unit *);
static void	test_long_lines(struct unit *);
static void	long_line(struct unit *, const char *prefix, size_t size,
		    size_t step);
static size_t	pieces(char *, const char *prefix, const char *, size_t);
static void	test_mix(struct unit *);

/* The ring. */
static void	test_wrap(struct unit *);
static void	wrap(struct unit *, size_t step, size_t bite);
static void	test_wrap_places(struct unit *);
static bool	say_up_to(struct room *, size_t);

/* Who hears whom. */
static void	test_hears(struct unit *);
static void	hears(struct unit *, bool star);
static void	test_late(struct unit *);
static void	test_say(struct unit *);
static void	test_peek(struct unit *);
static void	test_wakes(struct unit *);

/* Who is behind. */
static void	test_behind(struct unit *);
static void	behind_others(struct unit *, struct room *);
static void	behind_console(struct unit *, struct room *);
static void	test_behind_leaves(struct unit *);
static void	test_full_says(struct unit *);
static void	fill(struct party *, struct series *, struct party *const *,
		    struct series *, size_t);
static void	catch_up(struct party *, struct series *, size_t);
static bool	heard_like(const struct series *, const struct series *);
static size_t	pending(const struct party *);
static void	turn(struct room *);

/* Endings. */
static void	test_end(struct unit *);
static void	test_end_within(struct unit *);
static void	test_end_all(struct unit *);
static void	test_leave(struct unit *);
static void	test_free(struct unit *);

static bool	room_open(struct room *, struct watch *, bool star,
		    uint32_t members, const char *prefix);
static void	room_close(struct room *);
static struct party *party_of(struct owner *);
static bool	enter(struct room *, uint32_t, const char *prefix);
static void	leave(struct party *);
static bool	says(struct party *, const char *, size_t);
static bool	says_text(struct party *, const char *);
static bool	shuts(struct party *);
static ssize_t	hear(struct party *, size_t);
static ssize_t	hear_all(struct party *, size_t);
static bool	has_heard(const struct party *, const char *, size_t);
static bool	hears_text(struct party *, const char *);
static void	take(struct party *, struct series *);
static size_t	series_next(struct series *, char *, size_t);
static void	series_check(struct series *, const char *, size_t);
static size_t	series_line(uint64_t, char *);

int
main(void)
{
	struct unit unit = { 0 };

	test_splits(&unit);
	test_last_line(&unit);
	test_long_lines(&unit);
	test_mix(&unit);
	test_wrap(&unit);
	test_wrap_places(&unit);
	test_hears(&unit);
	test_late(&unit);
	test_say(&unit);
	test_peek(&unit);
	test_wakes(&unit);
	test_behind(&unit);
	test_behind_leaves(&unit);
	test_full_says(&unit);
	test_end(&unit);
	test_end_within(&unit);
	test_end_all(&unit);
	test_leave(&unit);
	test_free(&unit);
	return unit_end(&unit);
}

/* Lines in. */

#define SPLIT_TEXT	"ab\nc\n\ndef\nlast"

static void
test_splits(struct unit *unit)
{
	split(unit, NULL);
	split(unit, "");
	split(unit, "me: ");
}

/* Written in every number of pieces, cut after byte n where bit n is set. */
static void
split(struct unit *unit, const char *prefix)
{
	static const char text[] = SPLIT_TEXT;
	const char *fault = NULL;
	unsigned way, ways = 1U << (sizeof(text) - 2);
	char wanted[128];
	struct room room;
	size_t size;

	size = pieces(wanted, prefix, text, strlen(text));
	wanted[size++] = '\n';
	wanted[size] = '\0';
	if (!room_open(&room, NULL, false, 2, prefix))
		fault = "no room";
	for (way = 0; way < ways && fault == NULL; way++)
		fault = split_fault(&room, text, way, wanted);
	room_close(&room);
	unit_check(unit, fault == NULL, "prefix [%s], cuts %x: %s",
	    prefix == NULL ? "none" : prefix, way,
	    fault == NULL ? "" : fault);
}

/* What is heard at any time is all the lines that are complete. */
static const char *
split_fault(struct room *room, const char *text, unsigned way,
    const char *wanted)
{
	struct party *speaker = &room->parties[1];
	struct party *hearer = &room->parties[2];
	size_t size = strlen(text), from = 0, i, lines = 0, heard = 0, n;

	hearer->size = 0;
	for (i = 0; i < size; i++) {
		lines += text[i] == '\n';
		if (i + 1 < size && !(way >> i & 1))
			continue;
		if (!says(speaker, text + from, i + 1 - from))
			return "a write was not taken";
		from = i + 1;
		if (hear_all(hearer, 7) != STREAM_AGAIN)
			return "not heard";
		for (n = heard = 0; n < hearer->size; n++)
			heard += hearer->heard[n] == '\n';
		if (heard != lines)
			return "not all complete lines were heard";
		if (hearer->size > 0 && hearer->heard[hearer->size - 1] !=
		    '\n')
			return "an incomplete line was heard";
	}
	if (!shuts(speaker) || hear_all(hearer, 7) != STREAM_AGAIN)
		return "no last line";
	return has_heard(hearer, wanted, strlen(wanted)) ? NULL : "other lines";
}

static void
test_last_line(struct unit *unit)
{
	struct room room;
	struct party *a, *b;

	if (room_open(&room, NULL, false, 2, "a ")) {
		a = &room.parties[1];
		b = &room.parties[2];
		unit_check(unit, shuts(a) && hears_text(b, ""),
		    "the end of nothing says nothing");
		unit_check(unit, says_text(a, "whole\n") && shuts(a) &&
		    hears_text(b, "a whole\n"),
		    "a complete last line gets no second newline");
		unit_check(unit, says_text(a, "half") && hears_text(b, ""),
		    "an unfinished line is not heard");
		unit_check(unit, shuts(a) && hears_text(b, "a half\n"),
		    "it is completed at the end");
		unit_check(unit, shuts(a) && hears_text(b, ""),
		    "and only once");
	} else {
		unit_check(unit, false, "no room");
	}
	room_close(&room);
}

static void
test_long_lines(struct unit *unit)
{
	static const size_t sizes[] = {
		HUB_LINE - 2, HUB_LINE - 1, HUB_LINE, HUB_LINE + 1,
		2 * HUB_LINE - 1, 2 * HUB_LINE, 2 * HUB_LINE + 1,
		LONGEST - 1
	};
	static const size_t steps[] = { 1021, STEP, HUB_LINE - 1, HUB_LINE,
		HUB_LINE + 1, LONGEST };
	size_t i, k;

	for (i = 0; i < UNIT_COUNT(sizes); i++)
		for (k = 0; k < UNIT_COUNT(steps); k++) {
			long_line(unit, NULL, sizes[i], steps[k]);
			long_line(unit, "<x> ", sizes[i], steps[k]);
		}
}

/* One of `size` bytes and its newline; a short one stands behind it. */
static void
long_line(struct unit *unit, const char *prefix, size_t size, size_t step)
{
	char *text = malloc(LONGEST + 16), *wanted = malloc(HEARD);
	bool good = text != NULL && wanted != NULL;
	const struct unfinished *line;
	struct room room;
	size_t i, n, length, most = 0;

	good = good && room_open(&room, NULL, false, 2, prefix);
	if (!good) {
		unit_check(unit, false, "no memory");
		free(text);
		free(wanted);
		return;
	}
	for (i = 0; i < size; i++)
		text[i] = (char)('a' + i % 23);
	text[size] = '\n';
	memcpy(text + size + 1, "short\n", 6);
	length = size + 7;
	for (i = 0; i < length; i += n) {
		n = length - i < step ? length - i : step;
		good = good && says(&room.parties[1], text + i, n);
		line = room.parties[1].port.line;
		if (line != NULL && line->size > most)
			most = line->size;
	}
	good = good && hear_all(&room.parties[2], STEP) == STREAM_AGAIN;
	n = pieces(wanted, prefix, text, length);
	unit_check(unit, good && has_heard(&room.parties[2], wanted, n),
	    "a line of %zu bytes, prefix [%s], written by %zu: %zu of %zu "
	    "bytes, or others, are heard", size, prefix == NULL ? "" : prefix,
	    step, room.parties[2].size, n);
	unit_check(unit, most < HUB_LINE, "%zu bytes of a line are kept",
	    most);
	room_close(&room);
	free(text);
	free(wanted);
}

/* What becomes of a text: prefixes, and a newline behind pieces of lines. */
static size_t
pieces(char *to, const char *prefix, const char *text, size_t size)
{
	size_t i, n = 0, length = 0;

	for (i = 0; i < size; i++) {
		if (length == 0 && prefix != NULL) {
			memcpy(to + n, prefix, strlen(prefix));
			n += strlen(prefix);
		}
		to[n++] = text[i];
		length = text[i] == '\n' ? 0 : (length + 1) % HUB_LINE;
		if (length == 0 && text[i] != '\n')
			to[n++] = '\n';
	}
	return n;
}

/* Two speak by turns, a byte at a time, and their lines stay whole. */
static void
test_mix(struct unit *unit)
{
	static const char first[] = "one\ntwo\nthree\n";
	static const char second[] = "ONE....\nTWO\nTHREE.";
	bool good = true;
	struct room room;
	size_t i;

	if (room_open(&room, NULL, false, 3, NULL)) {
		for (i = 0; i < sizeof(first) + sizeof(second); i++) {
			if (i < strlen(first))
				good = says(&room.parties[1], first + i, 1) &&
				    good;
			if (i < strlen(second))
				good = says(&room.parties[2], second + i,
				    1) && good;
		}
		good = shuts(&room.parties[2]) && good;
		unit_check(unit, good && hears_text(&room.parties[3],
		    "one\ntwo\nONE....\nTWO\nthree\nTHREE.\n"),
		    "the lines of two are mixed up");
	} else {
		unit_check(unit, false, "no room");
	}
	room_close(&room);
}

/* The ring. */

static void
test_wrap(struct unit *unit)
{
	static const size_t sizes[] = { 1000, 4093, STEP, HUB_LINE };
	size_t i, k;

	for (i = 0; i < UNIT_COUNT(sizes); i++)
		for (k = 0; k < UNIT_COUNT(sizes); k++)
			wrap(unit, sizes[i], sizes[k]);
}

/* More than the ring holds: what one says, two hear whole and in order. */
static void
wrap(struct unit *unit, size_t step, size_t bite)
{
	struct series said = { 0 }, heard[2] = { { 0 }, { 0 } };
	char *text = malloc(step);
	struct room room;
	bool good;
	size_t n, i;

	good = room_open(&room, NULL, false, 3, NULL) && text != NULL;
	while (good && said.bytes < 2 * HUB_RING + HALF) {
		n = series_next(&said, text, step);
		good = says(&room.parties[1], text, n);
		for (i = 0; i < 2; i++) {
			(void)hear_all(&room.parties[2 + i], bite);
			take(&room.parties[2 + i], &heard[i]);
		}
	}
	good = good && shuts(&room.parties[1]);
	for (i = 0; good && i < 2; i++) {
		(void)hear_all(&room.parties[2 + i], bite);
		take(&room.parties[2 + i], &heard[i]);
	}
	/* The last line may have been cut, and got its newline then. */
	for (i = 0; i < 2; i++)
		unit_check(unit, good && heard[i].bytes - said.bytes <= 1 &&
		    (!heard[i].wrong || heard[i].bytes > said.bytes),
		    "writes of %zu, reads of %zu: %" PRIu64 " of %" PRIu64
		    " bytes%s", step, bite, heard[i].bytes, said.bytes,
		    heard[i].wrong ? ", wrong ones" : "");
	room_close(&room);
	free(text);
}

/* The ring's end at every place of a short line and of what is before it. */
static void
test_wrap_places(struct unit *unit)
{
	static const char line[] = "the line at the end\n";
	struct room room;
	size_t before;

	for (before = 0; before < 40; before++) {
		unit_check(unit, room_open(&room, NULL, false, 2, NULL) &&
		    say_up_to(&room, HUB_RING - before) &&
		    says_text(&room.parties[1], line) &&
		    hears_text(&room.parties[2], line),
		    "a line %zu bytes before the end", before);
		room_close(&room);
	}
}

/* Say and hear lines until so many bytes of the ring were used. */
static bool
say_up_to(struct room *room, size_t place)
{
	static char line[HUB_LINE + 1];
	struct party *a = &room->parties[1], *b = &room->parties[2];
	size_t extra, size;

	if (!says_text(a, "\n"))
		return false;
	extra = pending(b) - 1;		/* of a record besides its line */
	memset(line, '-', sizeof(line));
	for (place -= extra + 1; place > 0; place -= size + extra) {
		size = place < 2 * HUB_LINE ? place / 2 : HUB_LINE / 2;
		if (place < HUB_LINE)
			size = place - extra;
		line[size - 1] = '\n';
		if (!says(a, line, size))
			return false;
		line[size - 1] = '-';
		if (hear_all(b, STEP) != STREAM_AGAIN || b->size < size)
			return false;
		b->size = 0;
	}
	return true;
}

/* Who hears whom. */

static void
test_hears(struct unit *unit)
{
	hears(unit, false);
	hears(unit, true);
}

static void
hears(struct unit *unit, bool star)
{
	uint32_t speaker, hearer;
	bool good, wanted;
	struct room room;
	char line[32];

	good = room_open(&room, NULL, star, 3, "> ") &&
	    enter(&room, CONSOLE, "server> ");
	for (speaker = 0; good && speaker <= 3; speaker++) {
		(void)snprintf(line, sizeof(line), "by %" PRIu32 "\n",
		    speaker);
		good = says_text(&room.parties[speaker], line);
		(void)snprintf(line, sizeof(line), "%s> by %" PRIu32 "\n",
		    speaker == CONSOLE ? "server" : "", speaker);
		for (hearer = 0; hearer <= 3; hearer++) {
			wanted = hearer != speaker && (!star ||
			    (hearer == CONSOLE) != (speaker == CONSOLE));
			unit_check(unit, hears_text(&room.parties[hearer],
			    wanted ? line : ""), "%s: %" PRIu32 " %s %"
			    PRIu32, star ? "star" : "all", hearer, wanted ?
			    "does not hear" : "hears", speaker);
		}
	}
	unit_check(unit, good, "they could not speak");
	room_close(&room);
}

static void
test_late(struct unit *unit)
{
	struct room room;
	bool good;

	good = room_open(&room, NULL, false, 2, NULL) &&
	    says_text(&room.parties[1], "before\nunder") &&
	    enter(&room, 3, NULL) &&
	    says_text(&room.parties[1], "way\nafter\n");
	unit_check(unit, good && hears_text(&room.parties[3],
	    "underway\nafter\n"), "who comes late hears what is said then");
	unit_check(unit, good && hears_text(&room.parties[2],
	    "before\nunderway\nafter\n"), "the others hear all");
	room_close(&room);
}

static void
test_say(struct unit *unit)
{
	struct room room;
	bool good;

	good = room_open(&room, NULL, false, 3, "a ") &&
	    says_text(&room.parties[1], "half");
	if (good)
		hub_say(&room.parties[1].port, "announced\n");
	unit_check(unit, good && hears_text(&room.parties[1], "") &&
	    hears_text(&room.parties[2], "announced\n") &&
	    hears_text(&room.parties[3], "announced\n"),
	    "all others hear what is said in one's name");
	unit_check(unit, good && says_text(&room.parties[1], " full\n") &&
	    hears_text(&room.parties[2], "a half full\n"),
	    "an unfinished line is not touched by it");
	room_close(&room);
}

static void
test_peek(struct unit *unit)
{
	struct room room;
	struct party *b;

	if (room_open(&room, NULL, false, 2, NULL)) {
		b = &room.parties[2];
		unit_check(unit, stream_peek(&b->port.stream) == STREAM_AGAIN,
		    "there is nothing to be heard");
		unit_check(unit, says_text(&room.parties[1], "x\n") &&
		    stream_peek(&b->port.stream) > 0 &&
		    stream_peek(&b->port.stream) > 0 && hears_text(b, "x\n"),
		    "a look takes nothing");
		unit_check(unit, says_text(b, "own\n") &&
		    stream_peek(&b->port.stream) == STREAM_AGAIN,
		    "one's own lines are not there");
		hub_end(&b->port);
		unit_check(unit, stream_peek(&b->port.stream) == 0,
		    "a look sees the end");
	} else {
		unit_check(unit, false, "no room");
	}
	room_close(&room);
}

/* Only who has something to hear is touched. */
static void
test_wakes(struct unit *unit)
{
	struct room room;
	bool good;

	good = room_open(&room, NULL, true, 2, NULL) &&
	    enter(&room, CONSOLE, NULL);
	good = good && says_text(&room.parties[1], "x\n");
	if (good)
		turn(&room);
	unit_check(unit, good && room.parties[CONSOLE].woken &&
	    !room.parties[1].woken && !room.parties[2].woken,
	    "a member's line touches the console alone");
	room.parties[CONSOLE].woken = false;
	good = good && says_text(&room.parties[CONSOLE], "unfinished");
	unit_check(unit, good && !room.parties[1].owner.touched &&
	    !room.parties[2].owner.touched,
	    "an unfinished line touches nobody");
	good = good && says_text(&room.parties[CONSOLE], "\n");
	if (good)
		turn(&room);
	unit_check(unit, good && !room.parties[CONSOLE].woken &&
	    room.parties[1].woken && room.parties[2].woken,
	    "the console's line touches the members");
	room_close(&room);
}

/* Who is behind. */

/*
 * Two hubs whose rings are full, in the same second: one with members that
 * are behind more and less, one with a console that is.
 */
static void
test_behind(struct unit *unit)
{
	struct watch *watch;
	struct room room, other;
	struct error error;
	bool good;

	watch = watch_new(&error);
	if (watch == NULL) {
		unit_check(unit, false, "%s", error.text);
		return;
	}
	good = room_open(&room, watch, false, 5, NULL) &&
	    enter(&room, CONSOLE, NULL);
	good = room_open(&other, watch, true, 2, NULL) &&
	    enter(&other, CONSOLE, NULL) && good;
	unit_check(unit, good, "no rooms");
	if (good) {
		struct series said = { 0 };

		fill(&other.parties[1], &said, NULL, NULL, 0);
		hub_advance(other.hub);
		behind_others(unit, &room);
		behind_console(unit, &other);
	}
	room_close(&room);
	room_close(&other);
	watch_free(watch);
}

static void
behind_others(struct unit *unit, struct room *room)
{
	struct party *speaker = &room->parties[1];
	struct party *lost = &room->parties[2], *half = &room->parties[3];
	struct party *recovers = &room->parties[4];
	struct party *quick[2] = { &room->parties[5],
		&room->parties[CONSOLE] };
	struct series said = { 0 }, heard[4] = { { 0 }, { 0 }, { 0 }, { 0 } };
	struct series gone = { 0 };
	int64_t begun;
	size_t i;
	char byte;

	/* From the middle, so that the end of the ring lies between. */
	fill(speaker, &said, quick, heard, 2);
	catch_up(lost, &gone, 0);
	catch_up(half, &heard[2], 0);
	catch_up(recovers, &heard[3], 0);
	turn(room);
	unit_check(unit, speaker->port.stream.writable, "who was waited for "
	    "has read, and the speaker is not told");
	fill(speaker, &said, quick, heard, 2);
	catch_up(half, &heard[2], HALF);

	unit_check(unit, !speaker->port.stream.writable,
	    "the ring is never full");
	turn(room);
	begun = watch_time(room->watch);
	unit_check(unit, lost->port.stream.error == 0 &&
	    !speaker->port.stream.writable, "there is no patience");
	catch_up(recovers, &heard[3], HALF);
	turn(room);
	unit_check(unit, lost->port.stream.error == 0 &&
	    !speaker->port.stream.writable, "another's reading ends it");

	while (lost->port.stream.error == 0 &&
	    watch_time(room->watch) - begun < TOO_LATE)
		turn(room);
	unit_check(unit, watch_time(room->watch) - begun >= HUB_PATIENCE_NS &&
	    watch_time(room->watch) - begun < TOO_LATE,
	    "patience of %" PRId64 " ms",
	    (watch_time(room->watch) - begun) / CLOCK_MS);
	speaker->woken = lost->woken = false;
	turn(room);
	unit_check(unit, lost->port.stream.error == ENOBUFS &&
	    lost->woken, "who is behind is not told");
	unit_check(unit, stream_read(&lost->port.stream, &byte, 1) ==
	    STREAM_FAILED && stream_write(&lost->port.stream, "x\n", 2) ==
	    STREAM_FAILED, "it may go on");
	unit_check(unit, speaker->port.stream.writable && speaker->woken,
	    "the speaker is not told that there is room");

	/* Another round has patience anew, and then all have heard all. */
	fill(speaker, &said, quick, heard, 2);
	turn(room);
	unit_check(unit, recovers->port.stream.error == 0,
	    "who was behind before has no patience left");
	catch_up(half, &heard[2], 0);
	catch_up(recovers, &heard[3], 0);
	for (i = 0; i < 4; i++)
		unit_check(unit, heard_like(&heard[i], &said),
		    "number %zu lost something: %" PRIu64 " of %" PRIu64
		    " bytes", i, heard[i].bytes, said.bytes);
	unit_check(unit, said.bytes > 2 * HUB_RING, "too little was said");
}

/* More than its patience later. */
static void
behind_console(struct unit *unit, struct room *room)
{
	struct party *console = &room->parties[CONSOLE];
	struct party *speaker = &room->parties[1];
	struct series said = { 0 }, heard = { 0 };

	hub_advance(room->hub);
	unit_check(unit, console->port.stream.error == 0 &&
	    !speaker->port.stream.writable, "the console is overtaken");
	unit_check(unit, pending(console) > HUB_RING - 3 * HUB_LINE,
	    "%zu bytes wait for it", pending(console));
	catch_up(console, &heard, 0);
	turn(room);
	unit_check(unit, speaker->port.stream.writable,
	    "the console has read all, and the speaker is not told");
	/* What was heard is what had been said. */
	while (said.bytes < heard.bytes) {
		char text[64];
		uint64_t left = heard.bytes - said.bytes;

		(void)series_next(&said, text, left < sizeof(text) ?
		    (size_t)left : sizeof(text));
	}
	unit_check(unit, heard_like(&heard, &said) &&
	    heard.bytes > HUB_RING - 3 * HUB_LINE,
	    "the console lost something");
}

/* That somebody left, or a last line, cannot wait for room. */
static void
test_full_says(struct unit *unit)
{
	char line[HUB_LINE];
	struct series said = { 0 };
	struct room room;
	size_t waits = 0;
	bool good;

	good = room_open(&room, NULL, false, 2, NULL);
	if (good) {
		fill(&room.parties[1], &said, NULL, NULL, 0);
		waits = pending(&room.parties[2]);
		memset(line, 'a', sizeof(line));
		line[sizeof(line) - 1] = '\0';
		hub_say(&room.parties[1].port, line);
		good = pending(&room.parties[2]) > waits;
	}
	unit_check(unit, good, "%zu bytes wait, and nothing more is said",
	    waits);
	room_close(&room);
}

/* Who leaves is waited for no more. */
static void
test_behind_leaves(struct unit *unit)
{
	struct series said = { 0 };
	struct room room;
	bool good;

	good = room_open(&room, NULL, false, 2, NULL);
	if (good) {
		fill(&room.parties[1], &said, NULL, NULL, 0);
		turn(&room);
		unit_check(unit, !room.parties[1].port.stream.writable,
		    "there is room");
		leave(&room.parties[2]);
		turn(&room);
	}
	unit_check(unit, good && room.parties[1].port.stream.writable,
	    "who has left is waited for");
	room_close(&room);
}

/* Speak until there is no room, while some read all of it. */
static void
fill(struct party *speaker, struct series *said, struct party *const *quick,
    struct series *heard, size_t count)
{
	static char text[STEP];
	struct series before;
	ssize_t n = 1;
	size_t i;

	while (n > 0) {
		before = *said;
		n = stream_write(&speaker->port.stream, text,
		    series_next(said, text, STEP));
		*said = before;
		if (n > 0)
			(void)series_next(said, text, (size_t)n);
		for (i = 0; i < count; i++)
			catch_up(quick[i], &heard[i], 0);
	}
}

/* Read until no more than so much is left. */
static void
catch_up(struct party *party, struct series *heard, size_t left)
{
	while ((left == 0 || pending(party) > left) && hear(party, STEP) > 0)
		take(party, heard);
}

/* All of it, but for a last line that is not complete. */
static bool
heard_like(const struct series *heard, const struct series *said)
{
	return !heard->wrong && heard->at == 0 &&
	    heard->number == said->number &&
	    heard->bytes == said->bytes - said->at;
}

static size_t
pending(const struct party *party)
{
	return party->port.stream.ops->pending(&party->port.stream);
}

/* Wait once; who was touched is noted. */
static void
turn(struct room *room)
{
	struct owner guard, *owner;
	struct watch *watch = room->watch;
	struct error error;

	owner_init(&guard, KIND_GUARD);
	watch_begin(watch, &guard);
	watch_until(watch, clock_now() + TOO_LATE);
	watch_end(watch, &guard);
	if (watch_wait(watch, &error) == -1)
		return;
	while ((owner = watch_next(watch)) != NULL) {
		if (owner->kind == (int)room->kind)
			hub_advance(room->hub);
		else if (owner->kind == KIND_PORT)
			party_of(owner)->woken = true;
	}
	watch_leave(watch, &guard);
}

static struct party *
party_of(struct owner *owner)
{
	char *at = (char *)owner - offsetof(struct party, owner);

	return (struct party *)(void *)at;
}

/* Endings. */

static void
test_end(struct unit *unit)
{
	struct room room;
	struct party *a, *b;

	if (room_open(&room, NULL, false, 3, NULL)) {
		a = &room.parties[1];
		b = &room.parties[2];
		(void)says_text(a, "before\nunfinished");
		turn(&room);
		b->woken = room.parties[3].woken = false;
		hub_end(&b->port);
		turn(&room);
		unit_check(unit, b->woken && !room.parties[3].woken,
		    "it alone is touched");
		(void)says_text(a, " line\nafter\n");
		unit_check(unit, hear_all(b, 100) == 0 &&
		    has_heard(b, "before\n", 7),
		    "reading ends with what had been said");
		unit_check(unit, hear_all(b, 100) == 0 && b->size == 7,
		    "and it stays so");
		unit_check(unit, says_text(b, "heard\n") &&
		    hears_text(a, "heard\n"), "it may speak on");
		unit_check(unit, hears_text(&room.parties[3],
		    "before\nunfinished line\nafter\nheard\n"),
		    "the others hear all");
		hub_end(&room.parties[3].port);
		unit_check(unit, hear(&room.parties[3], 100) == 0,
		    "who has heard all is at the end at once");
	} else {
		unit_check(unit, false, "no room");
	}
	room_close(&room);
}

/* In the middle of a line that is being read: it comes whole. */
static void
test_end_within(struct unit *unit)
{
	struct room room;
	struct party *b;
	bool good;

	good = room_open(&room, NULL, false, 2, NULL) &&
	    says_text(&room.parties[1], "a long line\n") &&
	    says_text(&room.parties[1], "another\n");
	b = &room.parties[2];
	good = good && hear(b, 3) == 3;
	if (good)
		hub_end(&b->port);
	good = good && says_text(&room.parties[1], "after\n");
	unit_check(unit, good && hear_all(b, 2) == 0 &&
	    has_heard(b, "a long line\nanother\n", 20),
	    "an end within a line");
	room_close(&room);
}

static void
test_end_all(struct unit *unit)
{
	struct room room;
	bool good;
	uint32_t i;

	good = room_open(&room, NULL, true, 3, NULL) &&
	    enter(&room, CONSOLE, NULL) &&
	    says_text(&room.parties[CONSOLE], "last words\n");
	if (good)
		hub_end_all(room.hub);
	good = good && says_text(&room.parties[CONSOLE], "not heard\n");
	for (i = 1; i <= 3; i++)
		unit_check(unit, good &&
		    hear_all(&room.parties[i], 100) == 0 &&
		    has_heard(&room.parties[i], "last words\n", 11),
		    "member %" PRIu32 " hears the last words", i);
	good = good && says_text(&room.parties[2], "still here\n");
	unit_check(unit, good && hears_text(&room.parties[CONSOLE],
	    "still here\n"), "the console hears on");
	good = good && enter(&room, 4, NULL) &&
	    says_text(&room.parties[CONSOLE], "anew\n");
	unit_check(unit, good && hears_text(&room.parties[4], "anew\n"),
	    "who comes afterwards is not at the end");
	room_close(&room);
}

static void
test_leave(struct unit *unit)
{
	struct room room;
	bool good;

	good = room_open(&room, NULL, false, 4, "p ") &&
	    says_text(&room.parties[2], "said\nunfinished") &&
	    says_text(&room.parties[3], "half ");
	if (good)
		leave(&room.parties[2]);
	good = good && says_text(&room.parties[3], "whole\n");
	unit_check(unit, good && hears_text(&room.parties[1],
	    "p said\np half whole\n") && hears_text(&room.parties[4],
	    "p said\np half whole\n"),
	    "an unfinished line goes with who leaves, and nothing else");
	if (good) {
		hub_leave(&room.parties[2].port);
		unit_check(unit, pending(&room.parties[2]) == 0,
		    "nothing waits for who has left");
	}
	good = good && enter(&room, 2, "again ") &&
	    says_text(&room.parties[2], "back\n");
	unit_check(unit, good && hears_text(&room.parties[1],
	    "again back\n") && hears_text(&room.parties[3],
	    "p said\nagain back\n") && hears_text(&room.parties[2], ""),
	    "who comes again begins anew");
	/* The last one and the first one, and the rest is not disturbed. */
	if (good) {
		leave(&room.parties[1]);
		leave(&room.parties[4]);
	}
	good = good && says_text(&room.parties[2], "two\n");
	unit_check(unit, good && hears_text(&room.parties[3],
	    "again two\n"), "two are left");
	room_close(&room);
}

static void
test_free(struct unit *unit)
{
	hub_free(NULL);
	unit_check(unit, true, "nothing can be freed");
}

/* A room and its parties. */

static bool
room_open(struct room *room, struct watch *watch, bool star,
    uint32_t members, const char *prefix)
{
	struct error error;

	memset(room, 0, sizeof(*room));
	room->owns_watch = watch == NULL;
	room->watch = watch == NULL ? watch_new(&error) : watch;
	if (room->watch == NULL)
		return false;
	room->kind = star ? KIND_STAR : KIND_HUB;
	room->hub = hub_new(room->watch, (int)room->kind, star);
	if (room->hub == NULL)
		return false;
	while (room->count < members)
		if (!enter(room, room->count + 1, prefix))
			return false;
	return true;
}

static void
room_close(struct room *room)
{
	uint32_t i;

	for (i = 0; i <= MEMBERS; i++)
		if (room->parties[i].heard != NULL)
			leave(&room->parties[i]);
	hub_free(room->hub);
	if (room->owns_watch && room->watch != NULL)
		watch_free(room->watch);
}

static bool
enter(struct room *room, uint32_t number, const char *prefix)
{
	struct party *party = &room->parties[number];

	memset(party, 0, sizeof(*party));
	owner_init(&party->owner, KIND_PORT);
	party->watch = room->watch;
	party->port.number = number;
	party->port.console = number == CONSOLE;
	party->port.prefix = prefix;
	party->heard = malloc(HEARD);
	if (party->heard == NULL || hub_join(room->hub, &party->port,
	    &party->owner) == -1)
		return false;
	if (number > room->count)
		room->count = number;
	return true;
}

static void
leave(struct party *party)
{
	stream_close(&party->port.stream, party->watch);
	watch_leave(party->watch, &party->owner);
	free(party->heard);
	party->heard = NULL;
}

static bool
says(struct party *party, const char *bytes, size_t size)
{
	return stream_write(&party->port.stream, bytes, size) ==
	    (ssize_t)size;
}

static bool
says_text(struct party *party, const char *text)
{
	return says(party, text, strlen(text));
}

static bool
shuts(struct party *party)
{
	return stream_shut(&party->port.stream, party->watch) == 0;
}

/* Behind what it has heard before. */
static ssize_t
hear(struct party *party, size_t most)
{
	size_t room = HEARD - party->size;
	ssize_t n;

	n = stream_read(&party->port.stream, party->heard + party->size,
	    most < room ? most : room);
	if (n > 0)
		party->size += (size_t)n;
	return n;
}

/* Until there is no more: what the last read said. */
static ssize_t
hear_all(struct party *party, size_t most)
{
	ssize_t n;

	do
		n = party->size < HEARD ? hear(party, most) : STREAM_FAILED;
	while (n > 0);
	return n;
}

static bool
has_heard(const struct party *party, const char *bytes, size_t size)
{
	return party->size == size && memcmp(party->heard, bytes, size) == 0;
}

/* Exactly that is there to be heard, and no end; it is forgotten then. */
static bool
hears_text(struct party *party, const char *text)
{
	bool good = hear_all(party, STEP) == STREAM_AGAIN &&
	    has_heard(party, text, strlen(text));

	party->size = 0;
	return good;
}

/* What was heard is checked and forgotten. */
static void
take(struct party *party, struct series *series)
{
	series_check(series, party->heard, party->size);
	party->size = 0;
}

/* Series of lines. */

static size_t
series_next(struct series *series, char *to, size_t size)
{
	static char line[HUB_LINE];
	size_t n, length, done = 0;

	while (done < size) {
		length = series_line(series->number, line);
		n = length - series->at;
		if (n > size - done)
			n = size - done;
		memcpy(to + done, line + series->at, n);
		done += n;
		series->at += n;
		if (series->at < length)
			break;
		series->at = 0;
		series->number++;
	}
	series->bytes += done;
	return done;
}

static void
series_check(struct series *series, const char *bytes, size_t size)
{
	static char wanted[HUB_LINE];
	size_t n;

	for (; size > 0; bytes += n, size -= n) {
		n = series_next(series, wanted, size < sizeof(wanted) ? size :
		    sizeof(wanted));
		if (memcmp(bytes, wanted, n) != 0)
			series->wrong = true;
	}
}

/* Of 1 to 3000 bytes: its number, and dots. */
static size_t
series_line(uint64_t number, char *line)
{
	size_t length = (size_t)(number * 7919 % 3000);
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	memset(line, '.', length);
	memcpy(line, text, strlen(text) < length ? strlen(text) : length);
	line[length] = '\n';
	return length + 1;
}
