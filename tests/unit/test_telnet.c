/*
 * The telnet edits: what is text and what is a command, however it is cut;
 * what is answered, once and between units; that all bytes arrive as they
 * were; and peers that want to make it endless.
 */

#include "config.h"

#include "filters/telnet.h"

#include "edited.h"

#define BYTES(text)	text, sizeof(text) - 1
#define LONGEST		3000
#define ROOM		1000

/* What comes */
static void	test_received(struct unit *);
static void	test_commands(struct unit *);
static void	test_options(struct unit *);
static void	test_greetings(struct unit *);
static void	test_received_random(struct unit *);
static void	test_records(struct unit *);

/* What goes */
static void	test_sent(struct unit *);
static void	test_at_once(struct unit *);
static void	test_said_between(struct unit *);
static void	test_said_room(struct unit *);

/* Both */
static void	test_same(struct unit *);
static void	test_same_random(struct unit *);
static void	test_talk(struct unit *);

/* Enemies */
static void	test_options_flood(struct unit *);
static void	test_ayt_flood(struct unit *);
static void	test_sub_flood(struct unit *);
static void	test_echo(struct unit *);

static void	check_received(struct unit *, const char *, size_t,
		    const char *, size_t, const char *, size_t);
static void	check_sent(struct unit *, const char *, size_t,
		    const char *, size_t);
static const char *same(const char *, size_t, unsigned);
static void	receive(struct telnet *, const char *, size_t);
static size_t	said(struct telnet *, char *);

static const struct {
	const char	*input;
	size_t		 size;
	const char	*text;
	size_t		 text_size;
	const char	*answers;
	size_t		 answers_size;
} received[] = {
	{ BYTES(""), BYTES(""), BYTES("") },
	{ BYTES("plain\n"), BYTES("plain\n"), BYTES("") },
	{ BYTES("\xff\xff"), BYTES("\xff"), BYTES("") },
	{ BYTES("\xff\xff\xff\xff\xfd"), BYTES("\xff\xff\xfd"), BYTES("") },

	/* CR, and what pads it. */
	{ BYTES("a\r\nb"), BYTES("a\r\nb"), BYTES("") },
	{ BYTES("a\r\0b"), BYTES("a\rb"), BYTES("") },
	{ BYTES("a\rb"), BYTES("a\rb"), BYTES("") },
	{ BYTES("a\r"), BYTES("a\r"), BYTES("") },
	{ BYTES("\r\0\0"), BYTES("\r\0"), BYTES("") },
	{ BYTES("\r\r\0\n"), BYTES("\r\r\n"), BYTES("") },
	{ BYTES("\r\n\0"), BYTES("\r\n\0"), BYTES("") },
	{ BYTES("\0\r"), BYTES("\0\r"), BYTES("") },
	{ BYTES("\r\xff\xff\0"), BYTES("\r\xff\0"), BYTES("") },
	{ BYTES("\r\xff\xf1\0x"), BYTES("\rx"), BYTES("") },
	{ BYTES("\r\xff\xfd\x01\nx"), BYTES("\r\nx"),
	    BYTES("\xff\xfc\x01") },

	/* Options are refused, but once. */
	{ BYTES("a\xff\xfd\x18" "b"), BYTES("ab"), BYTES("\xff\xfc\x18") },
	{ BYTES("a\xff\xfb\x18" "b"), BYTES("ab"), BYTES("\xff\xfe\x18") },
	{ BYTES("\xff\xfd\x01\xff\xfb\x01\xff\xfd\x01"), BYTES(""),
	    BYTES("\xff\xfc\x01\xff\xfe\x01") },
	{ BYTES("\xff\xfe\x01\xff\xfc\x01"), BYTES(""), BYTES("") },
	{ BYTES("\xff\xfd\x01\xff\xfe\x01\xff\xfd\x01"), BYTES(""),
	    BYTES("\xff\xfc\x01") },
	{ BYTES("\xff\xfd\0\xff\xfb\0"), BYTES(""),
	    BYTES("\xff\xfc\0\xff\xfe\0") },
	{ BYTES("\xff\xfd\xff" "a\xff\xfb\xff"), BYTES("a"),
	    BYTES("\xff\xfc\xff\xff\xfe\xff") },

	/* But a timing mark is no state. */
	{ BYTES("\xff\xfd\x06\xff\xfd\x06"), BYTES(""),
	    BYTES("\xff\xfc\x06\xff\xfc\x06") },
	{ BYTES("\xff\xfb\x06\xff\xfb\x06"), BYTES(""),
	    BYTES("\xff\xfe\x06") },

	/* Subnegotiations, with all that may be in them. */
	{ BYTES("a\xff\xfa\x18\x01\xff\xf0" "b"), BYTES("ab"), BYTES("") },
	{ BYTES("a\xff\xfa\xff\xf0" "b"), BYTES("ab"), BYTES("") },
	{ BYTES("a\xff\xfa\x1f\xff\xff\xf0\xff\xf0" "b"), BYTES("ab"),
	    BYTES("") },
	{ BYTES("\xff\xfa\x1f\xff\xff\xff\xff\xff\xf0" "b"), BYTES("b"),
	    BYTES("") },
	{ BYTES("\r\xff\xfa\x18\r\n\xff\xf0\0" "b"), BYTES("\rb"),
	    BYTES("") },
	{ BYTES("\xff\xfa\x1f\0\x50\xff\x18\xff\xf0" "b"), BYTES("b"),
	    BYTES("") },
	{ BYTES("a\xff\xfa\x18lost"), BYTES("a"), BYTES("") },
	{ BYTES("a\xff\xfa\x18\xff\xf6\xff\xf0"), BYTES("a"), BYTES("") },

	/* Whose end was left out. */
	{ BYTES("\xff\xfa\x18\xff\xfd\x01" "b"), BYTES("b"),
	    BYTES("\xff\xfc\x01") },
	{ BYTES("\xff\xfa\x18\xff\xfa\x1f" "b\xff\xf0" "c"), BYTES("c"),
	    BYTES("") },

	/* Are you there? */
	{ BYTES("a\xff\xf6" "b"), BYTES("ab"), BYTES("\r\n[Yes]\r\n") },
	{ BYTES("\xff\xf6\xff\xfd\x01\xff\xf6"), BYTES(""),
	    BYTES("\r\n[Yes]\r\n\xff\xfc\x01\r\n[Yes]\r\n") },

	/* Cut off. */
	{ BYTES("a\xff"), BYTES("a"), BYTES("") },
	{ BYTES("a\xff\xfd"), BYTES("a"), BYTES("") },
	{ BYTES("a\xff\xfa"), BYTES("a"), BYTES("") },
	{ BYTES("a\xff\xfa\x18\xff"), BYTES("a"), BYTES("") },
};

static const struct {
	const char	*input;
	size_t		 size;
	const char	*wanted;
	size_t		 wanted_size;
} sent[] = {
	{ BYTES(""), BYTES("") },
	{ BYTES("plain\n"), BYTES("plain\n") },
	{ BYTES("\xff"), BYTES("\xff\xff") },
	{ BYTES("\xff\xfd\x01"), BYTES("\xff\xff\xfd\x01") },
	{ BYTES("a\r\nb"), BYTES("a\r\nb") },
	{ BYTES("a\rb"), BYTES("a\r\0b") },
	{ BYTES("a\r"), BYTES("a\r\0") },
	{ BYTES("\r\r\n"), BYTES("\r\0\r\n") },
	{ BYTES("\r\0"), BYTES("\r\0\0") },
	{ BYTES("\r\0\n"), BYTES("\r\0\0\n") },
	{ BYTES("\r\xff\r"), BYTES("\r\0\xff\xff\r\0") },
	{ BYTES("\n\r"), BYTES("\n\r\0") },
	{ BYTES("\0"), BYTES("\0") },
};

/* What others say at first, and later. */
static const struct {
	const char	*name;
	const char	*bytes;
	size_t		 size;
	const char	*text;
	size_t		 text_size;
	const char	*answers;
	size_t		 answers_size;
} greetings[] = {
	{ "inetutils' telnetd 2.4",
	    BYTES("\xff\xfb\x25\xff\xfb\x26\xff\xfd\x18\xff\xfd\x20"
	    "\xff\xfd\x23\xff\xfd\x27\xff\xfd\x24"), BYTES(""),
	    BYTES("\xff\xfe\x25\xff\xfe\x26\xff\xfc\x18\xff\xfc\x20"
	    "\xff\xfc\x23\xff\xfc\x27\xff\xfc\x24") },
	{ "the same, from then on",
	    BYTES("\xff\xfb\x03\xff\xfd\x01\xff\xfd\x22\xff\xfd\x1f"
	    "\xff\xfb\x05\xff\xfd\x21\xff\xfb\x01\xff\xfd\x06\xff\xfd\0"
	    "\xff\xfb\x03\xff\xfb\x01login: "), BYTES("login: "),
	    BYTES("\xff\xfe\x03\xff\xfc\x01\xff\xfc\x22\xff\xfc\x1f"
	    "\xff\xfe\x05\xff\xfc\x21\xff\xfe\x01\xff\xfc\x06\xff\xfc\0") },
	{ "inetutils' telnet 2.4, if the port is 23",
	    BYTES("\xff\xfd\x26\xff\xfb\x26\xff\xfd\x03\xff\xfb\x18"
	    "\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x21\xff\xfb\x22"
	    "\xff\xfb\x27\xff\xfd\x05"), BYTES(""),
	    BYTES("\xff\xfc\x26\xff\xfe\x26\xff\xfc\x03\xff\xfe\x18"
	    "\xff\xfe\x1f\xff\xfe\x20\xff\xfe\x21\xff\xfe\x22"
	    "\xff\xfe\x27\xff\xfc\x05") },
	{ "its interrupts",
	    BYTES("l\r\n\xff\xf4\xff\xfd\x06m\r\n\xff\xf4\xff\xfd\x06"
	    "\xff\xf2"), BYTES("l\r\nm\r\n"),
	    BYTES("\xff\xfc\x06\xff\xfc\x06") },
	{ "plink 0.78",
	    BYTES("\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27"
	    "\xff\xfd\x01\xff\xfb\x03\xff\xfd\x03"), BYTES(""),
	    BYTES("\xff\xfe\x1f\xff\xfe\x20\xff\xfe\x18\xff\xfe\x27"
	    "\xff\xfc\x01\xff\xfe\x03\xff\xfc\x03") },
	{ "busybox' telnet 1.35, when it was told DO and DONT",
	    BYTES("\xff\xfb\x18\xff\xfd\x01\xff\xfe\x01\xff\xfb\x18"
	    "\xff\xfa\x18\0xterm\xff\xf0"), BYTES(""),
	    BYTES("\xff\xfe\x18\xff\xfc\x01") },
	{ "nc -t, which answers answers",
	    BYTES("\xff\xfc\x18\xff\xfe\x01\xff\xfe\x01\xff\xfc\x18"),
	    BYTES(""), BYTES("") },
	{ "ncat -t, which takes all for negotiations",
	    BYTES("\xff\0\0\xff\xfe\x01\xff\0\x18"), BYTES("\0\x18"),
	    BYTES("") },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_received(&unit);
	test_commands(&unit);
	test_options(&unit);
	test_greetings(&unit);
	test_received_random(&unit);
	test_records(&unit);
	test_sent(&unit);
	test_at_once(&unit);
	test_said_between(&unit);
	test_said_room(&unit);
	test_same(&unit);
	test_same_random(&unit);
	test_talk(&unit);
	test_options_flood(&unit);
	test_ayt_flood(&unit);
	test_sub_flood(&unit);
	test_echo(&unit);
	return unit_end(&unit);
}

static void
test_received(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(received); i++)
		check_received(unit, received[i].input, received[i].size,
		    received[i].text, received[i].text_size,
		    received[i].answers, received[i].answers_size);
}

/* All that stand alone are dropped, those that no one knows too. */
static void
test_commands(struct unit *unit)
{
	char input[] = "a\xff?b";

	for (unsigned i = 0; i < 250; i++) {
		if (i == 246)
			continue;
		input[2] = (char)i;
		check_received(unit, input, 4, BYTES("ab"), BYTES(""));
	}
}

static void
test_options(struct unit *unit)
{
	char input[] = "\xff\xfd?\xff\xfb?", answers[] = "\xff\xfc?\xff\xfe?";

	for (unsigned i = 0; i < 256; i++) {
		input[2] = input[5] = (char)i;
		answers[2] = answers[5] = (char)i;
		check_received(unit, input, 6, BYTES(""), answers, 6);
	}
}

static void
test_greetings(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(greetings); i++)
		check_received(unit, greetings[i].bytes, greetings[i].size,
		    greetings[i].text, greetings[i].text_size,
		    greetings[i].answers, greetings[i].answers_size);
}

/* Cuts make no difference to any bytes. */
static void
test_received_random(struct unit *unit)
{
	static struct edited edited;
	static char input[LONGEST], answers[ROOM];
	struct telnet telnet;
	uint32_t state = 3;
	size_t size;

	for (unsigned i = 0; i < 300; i++) {
		size = edited_random(&state) % 150;
		edited_random_bytes(input, size, &state);
		telnet_init(&telnet);
		edited_cut(&edited, &telnet.receiving, input, size, 0);
		check_received(unit, input, size, edited.data, edited.size,
		    answers, said(&telnet, answers));
	}
}

/* What was cut off has nothing to do with what begins after the end. */
static void
test_records(struct unit *unit)
{
	static const char *const tails[] = {
		"\r", "\xff", "\xff\xfd", "\xff\xfa\x18"
	};
	struct edited edited;
	struct telnet telnet;

	for (size_t i = 0; i < UNIT_COUNT(tails); i++) {
		telnet_init(&telnet);
		edited_init(&edited);
		edited_piece(&edited, &telnet.receiving, tails[i],
		    strlen(tails[i]));
		edited_end(&edited, &telnet.receiving);
		edited_init(&edited);
		edited_piece(&edited, &telnet.receiving, "\0b", 2);
		unit_check(unit, edited_is(&edited, "\0b", 2),
		    "after the end of [%s] it is [%s]",
		    edited_hex(tails[i], strlen(tails[i])),
		    edited_hex(edited.data, edited.size));
	}
}

static void
test_sent(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(sent); i++)
		check_sent(unit, sent[i].input, sent[i].size,
		    sent[i].wanted, sent[i].wanted_size);
}

/* Neither way keeps a CR that came last. */
static void
test_at_once(struct unit *unit)
{
	struct edited edited;
	struct telnet telnet;

	telnet_init(&telnet);
	edited_init(&edited);
	edited_piece(&edited, &telnet.sending, "a\r", 2);
	unit_check(unit, edited_is(&edited, "a\r", 2), "it is sent as [%s]",
	    edited_hex(edited.data, edited.size));
	edited_init(&edited);
	edited_piece(&edited, &telnet.receiving, "a\r", 2);
	unit_check(unit, edited_is(&edited, "a\r", 2), "it came as [%s]",
	    edited_hex(edited.data, edited.size));
}

/* A CR ends before what is said, and only if something is. */
static void
test_said_between(struct unit *unit)
{
	struct edited edited;
	struct telnet telnet;

	telnet_init(&telnet);
	edited_init(&edited);
	edited_piece(&edited, &telnet.sending, "a\r", 2);
	edited_say(&edited, &telnet.sending, ROOM);
	edited_piece(&edited, &telnet.sending, "\nb\r", 3);
	receive(&telnet, BYTES("\xff\xfd\x01"));
	edited_say(&edited, &telnet.sending, ROOM);
	edited_say(&edited, &telnet.sending, ROOM);
	edited_piece(&edited, &telnet.sending, "\nc\r", 3);
	receive(&telnet, BYTES("\xff\xf6"));
	edited_say(&edited, &telnet.sending, ROOM);
	edited_end(&edited, &telnet.sending);
	unit_check(unit, edited_is(&edited, BYTES("a\r\nb\r\0\xff\xfc\x01\n"
	    "c\r\0\r\n[Yes]\r\n")),
	    "it went as [%s]", edited_hex(edited.data, edited.size));
}

/* Whole answers, and none is lost. */
static void
test_said_room(struct unit *unit)
{
	static const char wanted[] =
	    "a\r\0\xff\xfc\x01\r\n[Yes]\r\n\xff\xfe\x02";
	struct edited edited;
	struct telnet telnet;

	for (size_t room = TELNET_ROOM; room < 30; room++) {
		telnet_init(&telnet);
		edited_init(&edited);
		edited_piece(&edited, &telnet.sending, "a\r", 2);
		receive(&telnet, BYTES("\xff\xfd\x01\xff\xf6\xff\xfb\x02"));
		for (size_t small = 0; small < 4; small++)
			edited_say(&edited, &telnet.sending, small);
		unit_check(unit, edited.size == 2, "no room, but said [%s]",
		    edited_hex(edited.data, edited.size));
		for (unsigned i = 0; i < 3; i++)
			edited_say(&edited, &telnet.sending, room);
		unit_check(unit, edited_is(&edited, BYTES(wanted)),
		    "with room for %zu it said [%s]", room,
		    edited_hex(edited.data, edited.size));
	}
}

/* All bytes, all pairs of them, and all fours of some. */
static void
test_same(struct unit *unit)
{
	static const char some[] = "\r\n\0\xff\xfd\xfa\xf0y";
	const char *fault;
	char bytes[256];

	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (char)i;
	unit_check(unit, same(bytes, 256, 0) == NULL, "all bytes");
	for (unsigned i = 0; i < 256; i++) {
		fault = NULL;
		for (unsigned j = 0; j < 256 && fault == NULL; j++) {
			bytes[0] = (char)i;
			bytes[1] = (char)j;
			fault = same(bytes, 2, 0);
		}
		unit_check(unit, fault == NULL, "[%s]: %s",
		    edited_hex(bytes, 2), fault);
	}
	for (unsigned i = 0; i < 8 * 8 * 8 * 8; i++) {
		for (unsigned j = 0; j < 4; j++)
			bytes[j] = some[i >> (3 * j) & 7];
		fault = same(bytes, 4, 0);
		unit_check(unit, fault == NULL, "[%s]: %s",
		    edited_hex(bytes, 4), fault);
	}
}

static void
test_same_random(struct unit *unit)
{
	static char bytes[LONGEST];
	const char *fault;
	uint32_t state = 4;
	size_t size;

	for (unsigned i = 0; i < 300; i++) {
		size = edited_random(&state) % LONGEST;
		edited_random_bytes(bytes, size, &state);
		fault = same(bytes, size, edited_random(&state));
		unit_check(unit, fault == NULL, "%zu bytes: %s", size, fault);
	}
}

/*
 * Two of them, and commands thrown in between pieces: the text is what was
 * sent, and in the end both are silent.
 */
static void
test_talk(struct unit *unit)
{
	static struct edited wires[2], texts[2];
	static char bytes[2][LONGEST];
	struct telnet ends[2];
	uint32_t state = 5;
	size_t at[2] = { 0, 0 }, to, size;

	for (unsigned i = 0; i < 2; i++) {
		telnet_init(&ends[i]);
		edited_init(&texts[i]);
		edited_random_bytes(bytes[i], LONGEST, &state);
	}
	for (unsigned turn = 0; at[0] < LONGEST || at[1] < LONGEST; turn++) {
		to = turn % 2;
		size = edited_random(&state) % 10;
		if (size > LONGEST - at[to])
			size = LONGEST - at[to];
		edited_init(&wires[to]);
		edited_piece(&wires[to], &ends[1 - to].sending,
		    bytes[to] + at[to], size);
		at[to] += size;
		if (edited_random(&state) % 4 == 0)
			receive(&ends[1 - to], BYTES("\xff\xfd\x01\xff\xfb"
			    "\x02\xff\xfd\x06"));
		edited_say(&wires[to], &ends[1 - to].sending, ROOM);
		edited_piece(&texts[to], &ends[to].receiving,
		    wires[to].data, wires[to].size);
	}
	for (unsigned i = 0; i < 2; i++) {
		unit_check(unit, edited_is(&texts[i], bytes[i], LONGEST),
		    "what end %u received is another", i);
		(void)said(&ends[i], wires[i].data);
		unit_check(unit, said(&ends[i], wires[i].data) == 0 &&
		    wires[i].bounded, "end %u is not silent", i);
	}
}

/* All options, again and again: each is refused once, if at times later. */
static void
test_options_flood(struct unit *unit)
{
	static char answers[TELNET_ANSWERS * TELNET_ROOM];
	char command[] = "\xff??";
	struct telnet telnet;
	size_t most = 0, sum = 0, n;

	telnet_init(&telnet);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 4 * 256; i++) {
			command[1] = (char)(251 + i / 256);
			command[2] = (char)(i % 256 == 6 ? 7 : i % 256);
			receive(&telnet, command, 3);
		}
		n = said(&telnet, answers);
		most = n > most ? n : most;
		sum += n;
	}
	unit_check(unit, most == (size_t)3 * TELNET_ANSWERS,
	    "at one go %zu bytes", most);
	unit_check(unit, sum == (size_t)3 * 2 * 255, "%zu bytes together", sum);
}

/* There is an end to patience, and then all is as it was. */
static void
test_ayt_flood(struct unit *unit)
{
	static char answers[TELNET_ANSWERS * TELNET_ROOM];
	struct telnet telnet;
	size_t n;

	telnet_init(&telnet);
	for (unsigned i = 0; i < 100000; i++)
		receive(&telnet, BYTES("\xff\xf6\xff\xfd\x06"));
	n = said(&telnet, answers);
	unit_check(unit, n == (size_t)TELNET_ANSWERS / 2 * (9 + 3),
	    "a flood is answered by %zu bytes", n);
	receive(&telnet, BYTES("\xff\xfd\x01"));
	n = said(&telnet, answers);
	unit_check(unit, n == 3, "after a flood an answer has %zu bytes", n);
}

static void
test_sub_flood(struct unit *unit)
{
	static struct edited edited;
	static char junk[LONGEST];
	struct telnet telnet;

	telnet_init(&telnet);
	edited_init(&edited);
	edited_piece(&edited, &telnet.receiving, "a\xff\xfa", 3);
	for (unsigned i = 0; i < 1000; i++)
		edited_piece(&edited, &telnet.receiving, junk, LONGEST);
	edited_piece(&edited, &telnet.receiving, "\xff\xf0" "b", 3);
	unit_check(unit, edited_is(&edited, "ab", 2), "a long one leaves [%s]",
	    edited_hex(edited.data, edited.size));
}

/* A peer that gives back all that it is told, or always says the same. */
static void
test_echo(struct unit *unit)
{
	char answers[ROOM];
	struct telnet telnet;
	unsigned rounds;
	size_t n;

	for (unsigned verb = 250; verb < 255; verb++) {
		telnet_init(&telnet);
		receive(&telnet, BYTES("\xff\xfd\x01\xff\xfb\x03"));
		for (rounds = 0; rounds < 10; rounds++) {
			n = said(&telnet, answers);
			if (n == 0)
				break;
			for (size_t i = 0; i < n; i += 3)
				if (verb > 250)
					answers[i + 1] = (char)verb;
			receive(&telnet, answers, n);
		}
		unit_check(unit, rounds < 3, "%u rounds with %u", rounds, verb);
	}
}

/*
 * Cut in all ways, and the answers taken at the end or after each piece,
 * it is the same text and the same answers.
 */
static void
check_received(struct unit *unit, const char *input, size_t size,
    const char *text, size_t text_size, const char *answers,
    size_t answers_size)
{
	static struct edited edited, told;
	struct telnet telnet;
	bool good = true;

	for (size_t way = 0; way < edited_ways(size) && good; way++) {
		telnet_init(&telnet);
		edited_init(&told);
		edited_cut(&edited, &telnet.receiving, input, size,
		    edited_way(size, way));
		edited_say(&told, &telnet.sending, ROOM);
		good = edited_is(&edited, text, text_size) &&
		    edited_is(&told, answers, answers_size);
	}
	unit_check(unit, good, "[%s] is text [%s] of %zu",
	    edited_hex(input, size), edited_hex(edited.data, edited.size),
	    edited.size);
	telnet_init(&telnet);
	edited_init(&told);
	for (size_t i = 0; i < size; i++) {
		receive(&telnet, input + i, 1);
		edited_say(&told, &telnet.sending, ROOM);
	}
	unit_check(unit, edited_is(&told, answers, answers_size),
	    "[%s] is answered [%s]", edited_hex(input, size),
	    edited_hex(told.data, told.size));
}

static void
check_sent(struct unit *unit, const char *input, size_t size,
    const char *wanted, size_t wanted_size)
{
	static struct edited edited;
	struct telnet telnet;
	bool good = true;

	for (size_t way = 0; way < edited_ways(size) && good; way++) {
		telnet_init(&telnet);
		edited_cut(&edited, &telnet.sending, input, size,
		    edited_way(size, way));
		good = edited_is(&edited, wanted, wanted_size);
	}
	unit_check(unit, good, "[%s] is sent as [%s]",
	    edited_hex(input, size), edited_hex(edited.data, edited.size));
}

/* Sent and received, cut by a seed or in all ways; NULL or what is wrong. */
static const char *
same(const char *bytes, size_t size, unsigned seed)
{
	static struct edited wire, text;
	size_t ways = seed == 0 ? edited_ways(size) : 1;
	uint64_t cuts = (uint64_t)seed << 8;
	struct telnet telnet;

	telnet_init(&telnet);
	for (size_t way = 0; way < ways; way++) {
		edited_cut(&wire, &telnet.sending, bytes, size,
		    seed == 0 ? edited_way(size, way) : cuts);
		edited_cut(&text, &telnet.receiving, wire.data, wire.size,
		    seed == 0 ? edited_way(wire.size, way) : cuts / 2);
		if (!wire.bounded || !text.bounded)
			return "too long";
		if (!edited_is(&text, bytes, size))
			return "another";
		if (said(&telnet, wire.data) > 0)
			return "with answers";
	}
	return NULL;
}

static void
receive(struct telnet *telnet, const char *bytes, size_t size)
{
	struct edit *edit = &telnet->receiving;
	char none[ROOM];

	(void)edit->ops->apply(edit, bytes, size, none);
}

static size_t
said(struct telnet *telnet, char *answers)
{
	return telnet->sending.ops->say(&telnet->sending, answers,
	    (size_t)TELNET_ANSWERS * TELNET_ROOM);
}
