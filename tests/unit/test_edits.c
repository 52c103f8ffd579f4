/*
 * Two edits in a row: the same as one after the other, however the input is
 * cut and however long it is; what they keep back and what they say.
 */

#include "config.h"

#include "filters/crlf.h"
#include "filters/edits.h"
#include "filters/escape.h"
#include "filters/telnet.h"

#include "edited.h"

#define BYTES(text)	text, sizeof(text) - 1
#define LONGEST		6000	/* more than goes at one go */

/* One edit of each kind; any of them, and any other of the second set. */
struct set {
	struct crlf	crlf;
	struct telnet	telnet;
	struct escape	escape;
	struct edits	inner;	/* crlf, then sending */
};
struct pair {
	struct set	sets[2];
	struct edit	*first;
	struct edit	*second;
	struct edits	edits;
};

enum which {
	CRLF,
	SENDING,
	RECEIVING,
	ESCAPE,
	INNER,
	COUNT
};

static const char *const names[] = {
	"crlf", "sending", "receiving", "escape", "crlf, sending"
};

static void	test_table(struct unit *);
static void	test_random(struct unit *);
static void	test_longest(struct unit *);
static void	test_kept(struct unit *);
static void	test_say(struct unit *);

static void	pair_init(struct pair *, enum which, enum which);
static struct edit *choose(struct set *, enum which);
static const char *wrong(enum which, enum which, const char *, size_t);
static void	in_a_row(enum which, enum which, const char *, size_t,
		    struct edited *);
static void	ask(struct telnet *, const char *);

static const struct {
	enum which	 first;
	enum which	 second;
	const char	*input;
	size_t		 size;
	const char	*wanted;
	size_t		 wanted_size;
} rows[] = {
	{ CRLF, SENDING, BYTES(""), BYTES("") },
	{ CRLF, SENDING, BYTES("a\nb\r\n"), BYTES("a\r\nb\r\n") },
	{ CRLF, SENDING, BYTES("\r"), BYTES("\r\0") },
	{ CRLF, SENDING, BYTES("\r\xff\n"), BYTES("\r\0\xff\xff\r\n") },
	{ SENDING, CRLF, BYTES("\r\n\n\r"), BYTES("\r\n\r\n\r\0") },
	{ RECEIVING, ESCAPE, BYTES("a\r\n\xff\xf1" "b\r\0c\xff\xff"),
	    BYTES("a\r\nb^Mc\\xff") },
	{ RECEIVING, ESCAPE, BYTES("\xc3\xff\xfd\x01\xa9"),
	    BYTES("\xc3\xa9") },
	{ RECEIVING, ESCAPE, BYTES("\xe2\x82"), BYTES("\\xe2\\x82") },
	{ ESCAPE, CRLF, BYTES("a\n\x1b\r"), BYTES("a\r\n^[^M") },
	{ ESCAPE, SENDING, BYTES("\r\n\xff"), BYTES("\r\n\\xff") },
	{ CRLF, INNER, BYTES("\n\xff"), BYTES("\r\n\xff\xff") },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_table(&unit);
	test_random(&unit);
	test_longest(&unit);
	test_kept(&unit);
	test_say(&unit);
	return unit_end(&unit);
}

static void
test_table(struct unit *unit)
{
	struct edited edited;
	struct pair pair;
	const char *fault;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		pair_init(&pair, rows[i].first, rows[i].second);
		edited_cut(&edited, &pair.edits.edit, rows[i].input,
		    rows[i].size, 0);
		fault = wrong(rows[i].first, rows[i].second, rows[i].input,
		    rows[i].size);
		unit_check(unit, fault == NULL && edited_is(&edited,
		    rows[i].wanted, rows[i].wanted_size),
		    "[%s] by %s, %s becomes [%s] and is %s",
		    edited_hex(rows[i].input, rows[i].size),
		    names[rows[i].first], names[rows[i].second],
		    edited_hex(edited.data, edited.size),
		    fault == NULL ? "another" : fault);
	}
}

static void
test_random(struct unit *unit)
{
	static char input[LONGEST];
	uint32_t state = 2;
	const char *fault;
	size_t size;

	for (unsigned i = 0; i < COUNT * COUNT; i++) {
		fault = NULL;
		for (unsigned j = 0; j < 10 && fault == NULL; j++) {
			size = edited_random(&state) % (j % 2 == 0 ? 100 :
			    LONGEST);
			edited_random_bytes(input, size, &state);
			fault = wrong(i / COUNT, i % COUNT, input, size);
		}
		unit_check(unit, fault == NULL, "%s, %s: %s",
		    names[i / COUNT], names[i % COUNT], fault);
	}
}

/* Much that becomes as much as it may, behind what was kept back. */
static void
test_longest(struct unit *unit)
{
	static struct edited edited;
	static char input[LONGEST];
	struct pair pair;

	memset(input, 0xff, sizeof(input));
	pair_init(&pair, ESCAPE, CRLF);
	edited_init(&edited);
	edited_piece(&edited, &pair.edits.edit, "\xf0\x9f\x98", 3);
	edited_piece(&edited, &pair.edits.edit, input, sizeof(input));
	unit_check(unit, edited.bounded &&
	    edited.size == 4 * (3 + sizeof(input)),
	    "it becomes %zu bytes", edited.size);
}

/* What either keeps back is kept back. */
static void
test_kept(struct unit *unit)
{
	struct edited edited;
	struct pair pair;

	pair_init(&pair, ESCAPE, SENDING);
	edited_init(&edited);
	edited_piece(&edited, &pair.edits.edit, "a\xe2\x82", 3);
	unit_check(unit, pair.edits.edit.ops->kept(&pair.edits.edit) == 2,
	    "the first keeps something back");
	pair_init(&pair, CRLF, SENDING);
	edited_piece(&edited, &pair.edits.edit, "a\r", 2);
	unit_check(unit, pair.edits.edit.ops->kept(&pair.edits.edit) == 1,
	    "the second keeps something back");
}

/* What the second says goes as it is, and once. */
static void
test_say(struct unit *unit)
{
	struct edited edited;
	struct pair pair;

	pair_init(&pair, CRLF, ESCAPE);
	unit_check(unit, pair.edits.edit.ops->say == NULL,
	    "two that say nothing say nothing");
	pair_init(&pair, CRLF, SENDING);
	ask(&pair.sets[1].telnet, "\xff\xfd\x18\xff\xfb\x01");
	edited_init(&edited);
	edited_piece(&edited, &pair.edits.edit, "a\nb\r", 4);
	edited_say(&edited, &pair.edits.edit, 100);
	edited_say(&edited, &pair.edits.edit, 100);
	edited_piece(&edited, &pair.edits.edit, "c", 1);
	unit_check(unit, edited_is(&edited, BYTES("a\r\nb\r\0"
	    "\xff\xfc\x18\xff\xfe\x01"
	    "c")),
	    "what is said goes as [%s]", edited_hex(edited.data, edited.size));
}

static void
pair_init(struct pair *pair, enum which first, enum which second)
{
	pair->first = choose(&pair->sets[0], first);
	pair->second = choose(&pair->sets[1], second);
	edits_init(&pair->edits, pair->first, pair->second);
}

static struct edit *
choose(struct set *set, enum which which)
{
	struct edit *edits[COUNT] = {
		[CRLF] = &set->crlf.edit,
		[SENDING] = &set->telnet.sending,
		[RECEIVING] = &set->telnet.receiving,
		[ESCAPE] = &set->escape.edit,
		[INNER] = &set->inner.edit
	};

	crlf_init(&set->crlf);
	telnet_init(&set->telnet);
	escape_init(&set->escape);
	edits_init(&set->inner, &set->crlf.edit, &set->telnet.sending);
	return edits[which];
}

/* Cut in all ways; NULL or what is wrong. */
static const char *
wrong(enum which first, enum which second, const char *input, size_t size)
{
	static struct edited wanted, edited;
	struct pair pair;

	in_a_row(first, second, input, size, &wanted);
	for (size_t way = 0; way < edited_ways(size); way++) {
		pair_init(&pair, first, second);
		edited_cut(&edited, &pair.edits.edit, input, size,
		    edited_way(size, way));
		if (!edited.bounded || !wanted.bounded)
			return "too long";
		if (!edited_is(&edited, wanted.data, wanted.size))
			return way == 0 ? "another" : "another if cut";
	}
	return NULL;
}

/* By hand. */
static void
in_a_row(enum which first, enum which second, const char *input, size_t size,
    struct edited *edited)
{
	static struct edited middle;
	struct pair pair;

	pair_init(&pair, first, second);
	edited_cut(&middle, pair.first, input, size, 0);
	edited_cut(edited, pair.second, middle.data, middle.size, 0);
}

static void
ask(struct telnet *telnet, const char *commands)
{
	struct edited edited;

	edited_init(&edited);
	edited_piece(&edited, &telnet->receiving, commands, strlen(commands));
}
