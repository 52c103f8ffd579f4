/*
 * Lines that end with CR LF: which LF gets a CR, and that it does not
 * matter where the input is cut.
 */

#include "config.h"

#include "filters/crlf.h"

#include "edited.h"

static void	test_table(struct unit *);
static void	test_pairs(struct unit *);
static void	test_random(struct unit *);
static void	test_records(struct unit *);

static void	check(struct unit *, const char *, size_t, const char *,
		    size_t);
static size_t	ended(const char *, size_t, char *);

#define BYTES(text)	text, sizeof(text) - 1
#define LONGEST		3000

static const struct {
	const char	*input;
	size_t		 size;
	const char	*wanted;
	size_t		 wanted_size;
} rows[] = {
	{ BYTES(""), BYTES("") },
	{ BYTES("plain"), BYTES("plain") },
	{ BYTES("\n"), BYTES("\r\n") },
	{ BYTES("\r\n"), BYTES("\r\n") },
	{ BYTES("\r"), BYTES("\r") },
	{ BYTES("\n\n"), BYTES("\r\n\r\n") },
	{ BYTES("\r\n\n"), BYTES("\r\n\r\n") },
	{ BYTES("\n\r"), BYTES("\r\n\r") },
	{ BYTES("\n\r\n"), BYTES("\r\n\r\n") },
	{ BYTES("\r\r\n"), BYTES("\r\r\n") },
	{ BYTES("\ra\n"), BYTES("\ra\r\n") },
	{ BYTES("\r\0\n"), BYTES("\r\0\r\n") },
	{ BYTES("a\nb\n"), BYTES("a\r\nb\r\n") },
	{ BYTES("a\r\nb\r\n"), BYTES("a\r\nb\r\n") },
	{ BYTES("a\nb\r\nc\n"), BYTES("a\r\nb\r\nc\r\n") },
	{ BYTES("HEAD / HTTP/1.1\nHost: localhost\n\n"),
	    BYTES("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n") },
	{ BYTES("\xff\n\x8a\n"), BYTES("\xff\r\n\x8a\r\n") },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_table(&unit);
	test_pairs(&unit);
	test_random(&unit);
	test_records(&unit);
	return unit_end(&unit);
}

static void
test_table(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check(unit, rows[i].input, rows[i].size, rows[i].wanted,
		    rows[i].wanted_size);
}

/* Each byte after a CR, and before and after a LF. */
static void
test_pairs(struct unit *unit)
{
	char input[] = "\r?\n?", wanted[2 * sizeof(input)];

	for (unsigned i = 0; i < 256; i++) {
		input[1] = input[3] = (char)i;
		check(unit, input, 4, wanted, ended(input, 4, wanted));
	}
}

static void
test_random(struct unit *unit)
{
	static char input[LONGEST], wanted[2 * LONGEST];
	uint32_t state = 1;
	size_t size;

	for (unsigned i = 0; i < 300; i++) {
		size = edited_random(&state) % LONGEST;
		edited_random_bytes(input, size, &state);
		check(unit, input, size, wanted, ended(input, size, wanted));
	}
}

/* What ends with a CR has nothing to do with what begins after the end. */
static void
test_records(struct unit *unit)
{
	struct edited edited;
	struct crlf crlf;

	edited_init(&edited);
	crlf_init(&crlf);
	edited_piece(&edited, &crlf.edit, "a\r", 2);
	edited_end(&edited, &crlf.edit);
	edited_piece(&edited, &crlf.edit, "\n", 1);
	unit_check(unit, edited_is(&edited, "a\r\r\n", 4),
	    "two records become [%s]", edited_hex(edited.data, edited.size));
}

/* Cut the input in all ways; each must give what is wanted. */
static void
check(struct unit *unit, const char *input, size_t size, const char *wanted,
    size_t wanted_size)
{
	struct edited edited;
	struct crlf crlf;
	bool good = true;
	uint64_t cuts = 0;

	for (size_t way = 0; way < edited_ways(size) && good; way++) {
		cuts = edited_way(size, way);
		crlf_init(&crlf);
		edited_cut(&edited, &crlf.edit, input, size, cuts);
		good = edited_is(&edited, wanted, wanted_size);
	}
	unit_check(unit, good, "[%s] cut at %llx becomes [%s]",
	    edited_hex(input, size), (unsigned long long)cuts,
	    edited_hex(edited.data, edited.size));
}

/* What it should make of it. */
static size_t
ended(const char *input, size_t size, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (input[i] == '\n' && (i == 0 || input[i - 1] != '\r'))
			to[n++] = '\r';
		to[n++] = input[i];
	}
	return n;
}
