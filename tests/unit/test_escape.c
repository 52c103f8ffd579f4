/*
 * Bytes for a terminal: what passes, what is spelled, and that it does not
 * matter where the input is cut.
 */

#include "config.h"

#include <stdint.h>

#include "filters/escape.h"

#include "unit.h"

#define LONGEST	16		/* bytes of an input that is cut everywhere */

struct output {
	char	data[4 * LONGEST + 16];
	size_t	size;
	bool	bounded;	/* no piece became more than it may */
};

static void	test_table(struct unit *);
static void	test_bytes(struct unit *);
static void	test_pairs(struct unit *);
static void	test_mixes(struct unit *);
static void	test_again(struct unit *);

/* Checks of one input; NULL or what is wrong. */
static const char *wrong(const char *, size_t, const struct output *);
static void	escaped(const char *, size_t, unsigned, struct output *);
static void	spelled(const char *, size_t, struct output *);
static size_t	shown_at(const char *, size_t);
static bool	clean(const char *, size_t);
static size_t	decode(const unsigned char *, size_t, uint32_t *);
static const char *hex(const char *, size_t);

#define BYTES(input)	input, sizeof(input) - 1

static const struct {
	const char	*input;
	size_t		 size;
	const char	*wanted;
} rows[] = {
	{ BYTES(""), "" },
	{ BYTES("plain ~text!"), "plain ~text!" },
	{ BYTES("a\tb\n"), "a\tb\n" },

	/* Control characters, and the ends of lines among them. */
	{ BYTES("\0"), "^@" },
	{ BYTES("\a\b\v\f"), "^G^H^K^L" },
	{ BYTES("\x1b[31m"), "^[[31m" },
	{ BYTES("\x1b]0;x\a"), "^[]0;x^G" },
	{ BYTES("\x1c\x1d\x1e\x1f"), "^\\^]^^^_" },
	{ BYTES("\x7f"), "^?" },
	{ BYTES("a\r\nb"), "a\r\nb" },
	{ BYTES("a\rb"), "a^Mb" },
	{ BYTES("a\r"), "a^M" },
	{ BYTES("\r\r\n"), "^M\r\n" },
	{ BYTES("\r\n\r"), "\r\n^M" },
	{ BYTES("\n\r"), "\n^M" },
	{ BYTES("\r\x1b"), "^M^[" },
	{ BYTES("\r\xc3\xa9"), "^M\xc3\xa9" },
	{ BYTES("\r\x80"), "^M\\x80" },

	/* C1, as UTF-8 and as bytes. */
	{ BYTES("\xc2\x80"), "\\xc2\\x80" },
	{ BYTES("\xc2\x9b" "31m"), "\\xc2\\x9b31m" },
	{ BYTES("\xc2\x9f"), "\\xc2\\x9f" },
	{ BYTES("\xc2\xa0"), "\xc2\xa0" },
	{ BYTES("\x80"), "\\x80" },
	{ BYTES("\x9b" "31m"), "\\x9b31m" },
	{ BYTES("\xff\xfe"), "\\xff\\xfe" },

	/* UTF-8 of all lengths, at their ends. */
	{ BYTES("\xc3\xa9"), "\xc3\xa9" },
	{ BYTES("\xdf\xbf"), "\xdf\xbf" },
	{ BYTES("\xe0\xa0\x80"), "\xe0\xa0\x80" },
	{ BYTES("\xe2\x82\xac"), "\xe2\x82\xac" },
	{ BYTES("\xed\x9f\xbf"), "\xed\x9f\xbf" },
	{ BYTES("\xee\x80\x80"), "\xee\x80\x80" },
	{ BYTES("\xef\xbf\xbf"), "\xef\xbf\xbf" },
	{ BYTES("\xf0\x90\x80\x80"), "\xf0\x90\x80\x80" },
	{ BYTES("\xf0\x9f\x98\x80!"), "\xf0\x9f\x98\x80!" },
	{ BYTES("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf" },

	/* Overlong. */
	{ BYTES("\xc0\x80"), "\\xc0\\x80" },
	{ BYTES("\xc0\x9b"), "\\xc0\\x9b" },
	{ BYTES("\xc1\xbf"), "\\xc1\\xbf" },
	{ BYTES("\xe0\x80\x9b"), "\\xe0\\x80\\x9b" },
	{ BYTES("\xe0\x82\x9b"), "\\xe0\\x82\\x9b" },
	{ BYTES("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf" },
	{ BYTES("\xf0\x80\x80\x9b"), "\\xf0\\x80\\x80\\x9b" },
	{ BYTES("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf" },
	{ BYTES("\xf8\x80\x80\x80\x80"), "\\xf8\\x80\\x80\\x80\\x80" },

	/* Surrogates, and beyond the last code point. */
	{ BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
	{ BYTES("\xed\xbf\xbf"), "\\xed\\xbf\\xbf" },
	{ BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ BYTES("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80" },

	/* Bidirectional controls, and their neighbours. */
	{ BYTES("\xd8\x9b\xd8\x9c\xd8\x9d"), "\xd8\x9b\\xd8\\x9c\xd8\x9d" },
	{ BYTES("\xe2\x80\x8d\xe2\x80\x8e"), "\xe2\x80\x8d\\xe2\\x80\\x8e" },
	{ BYTES("\xe2\x80\x8f\xe2\x80\x90"), "\\xe2\\x80\\x8f\xe2\x80\x90" },
	{ BYTES("\xe2\x80\xa9\xe2\x80\xaa"), "\xe2\x80\xa9\\xe2\\x80\\xaa" },
	{ BYTES("\xe2\x80\xae\xe2\x80\xaf"), "\\xe2\\x80\\xae\xe2\x80\xaf" },
	{ BYTES("\xe2\x81\xa5\xe2\x81\xa6"), "\xe2\x81\xa5\\xe2\\x81\\xa6" },
	{ BYTES("\xe2\x81\xa9\xe2\x81\xaa"), "\\xe2\\x81\\xa9\xe2\x81\xaa" },

	/* Truncated: what follows begins anew. */
	{ BYTES("\xc3"), "\\xc3" },
	{ BYTES("\xe2\x82"), "\\xe2\\x82" },
	{ BYTES("\xf0\x9f\x98"), "\\xf0\\x9f\\x98" },
	{ BYTES("\xc3" "A"), "\\xc3A" },
	{ BYTES("\xe2\x82" "A"), "\\xe2\\x82" "A" },
	{ BYTES("\xe2\x82\r\n"), "\\xe2\\x82\r\n" },
	{ BYTES("\xe2\x82\r"), "\\xe2\\x82^M" },
	{ BYTES("\xf0\x9f\x1b"), "\\xf0\\x9f^[" },
	{ BYTES("\xe2\xe2\x82\xac"), "\\xe2\xe2\x82\xac" },
	{ BYTES("\xf0\x9f\x98\xc3\xa9"), "\\xf0\\x9f\\x98\xc3\xa9" },
	{ BYTES("\xc3\xc3\xa9\xa9"), "\\xc3\xc3\xa9\\xa9" },
};

/* What is shown, by ranges of bytes: RFC 3629's table without the hidden. */
static const struct {
	size_t		count;
	unsigned char	low[4];
	unsigned char	high[4];
} shown[] = {
	{ 1, { 0x20 }, { 0x7e } },
	{ 1, { '\t' }, { '\n' } },
	{ 2, { '\r', '\n' }, { '\r', '\n' } },
	{ 2, { 0xc2, 0xa0 }, { 0xc2, 0xbf } },
	{ 2, { 0xc3, 0x80 }, { 0xd7, 0xbf } },
	{ 2, { 0xd8, 0x80 }, { 0xd8, 0x9b } },
	{ 2, { 0xd8, 0x9d }, { 0xd8, 0xbf } },
	{ 2, { 0xd9, 0x80 }, { 0xdf, 0xbf } },
	{ 3, { 0xe0, 0xa0, 0x80 }, { 0xe0, 0xbf, 0xbf } },
	{ 3, { 0xe1, 0x80, 0x80 }, { 0xe1, 0xbf, 0xbf } },
	{ 3, { 0xe2, 0x80, 0x80 }, { 0xe2, 0x80, 0x8d } },
	{ 3, { 0xe2, 0x80, 0x90 }, { 0xe2, 0x80, 0xa9 } },
	{ 3, { 0xe2, 0x80, 0xaf }, { 0xe2, 0x80, 0xbf } },
	{ 3, { 0xe2, 0x81, 0x80 }, { 0xe2, 0x81, 0xa5 } },
	{ 3, { 0xe2, 0x81, 0xaa }, { 0xe2, 0x81, 0xbf } },
	{ 3, { 0xe2, 0x82, 0x80 }, { 0xe2, 0xbf, 0xbf } },
	{ 3, { 0xe3, 0x80, 0x80 }, { 0xec, 0xbf, 0xbf } },
	{ 3, { 0xed, 0x80, 0x80 }, { 0xed, 0x9f, 0xbf } },
	{ 3, { 0xee, 0x80, 0x80 }, { 0xef, 0xbf, 0xbf } },
	{ 4, { 0xf0, 0x90, 0x80, 0x80 }, { 0xf0, 0xbf, 0xbf, 0xbf } },
	{ 4, { 0xf1, 0x80, 0x80, 0x80 }, { 0xf3, 0xbf, 0xbf, 0xbf } },
	{ 4, { 0xf4, 0x80, 0x80, 0x80 }, { 0xf4, 0x8f, 0xbf, 0xbf } },
};

/* Bytes of all classes, for test_mixes(). */
static const unsigned char mixed[] = {
	0x1b, '\n', '\r', 'A', 0x7f, 0x80, 0x81, 0x8e, 0x90, 0x9c, 0xa0, 0xa6,
	0xae, 0xbf, 0xc0, 0xc2, 0xd8, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5,
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_table(&unit);
	test_bytes(&unit);
	test_pairs(&unit);
	test_mixes(&unit);
	test_again(&unit);
	return unit_end(&unit);
}

static void
test_table(struct unit *unit)
{
	struct output wanted;
	const char *fault;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		wanted.size = strlen(rows[i].wanted);
		memcpy(wanted.data, rows[i].wanted, wanted.size);
		fault = wrong(rows[i].input, rows[i].size, &wanted);
		unit_check(unit, fault == NULL, "[%s] wanted as [%s]: %s",
		    hex(rows[i].input, rows[i].size), rows[i].wanted, fault);
	}
}

static void
test_bytes(struct unit *unit)
{
	struct output wanted;
	const char *fault;
	char byte;

	for (unsigned i = 0; i < 256; i++) {
		byte = (char)i;
		spelled(&byte, 1, &wanted);
		fault = wrong(&byte, 1, &wanted);
		unit_check(unit, fault == NULL, "[%s]: %s", hex(&byte, 1),
		    fault);
	}
}

/* One check a first byte, which tells the first fault only. */
static void
test_pairs(struct unit *unit)
{
	struct output wanted;
	const char *fault;
	char pair[2];

	for (unsigned i = 0; i < 256; i++) {
		fault = NULL;
		for (unsigned j = 0; j < 256 && fault == NULL; j++) {
			pair[0] = (char)i;
			pair[1] = (char)j;
			spelled(pair, 2, &wanted);
			fault = wrong(pair, 2, &wanted);
		}
		unit_check(unit, fault == NULL, "[%s]: %s", hex(pair, 2),
		    fault);
	}
}

/* Four bytes out of all classes in any order. */
static void
test_mixes(struct unit *unit)
{
	const size_t n = UNIT_COUNT(mixed);
	struct output wanted;
	const char *fault;
	char mix[4];

	for (size_t i = 0; i < n; i++) {
		fault = NULL;
		for (size_t j = 0; j < n * n * n && fault == NULL; j++) {
			mix[0] = (char)mixed[i];
			mix[1] = (char)mixed[j / (n * n)];
			mix[2] = (char)mixed[j / n % n];
			mix[3] = (char)mixed[j % n];
			spelled(mix, 4, &wanted);
			fault = wrong(mix, 4, &wanted);
		}
		unit_check(unit, fault == NULL, "[%s]: %s", hex(mix, 4),
		    fault);
	}
}

/* What was kept is let go at the end, and only once. */
static void
test_again(struct unit *unit)
{
	static const char *const heads[] = { "\r", "\xc3", "\xf0\x9f\x98" };
	struct escape escape;
	size_t first, second;
	char to[64];

	for (size_t i = 0; i < UNIT_COUNT(heads); i++) {
		escape_init(&escape);
		(void)escape.edit.ops->apply(&escape.edit, heads[i],
		    strlen(heads[i]), to);
		first = escape.edit.ops->finish(&escape.edit, to);
		second = escape.edit.ops->finish(&escape.edit, to);
		unit_check(unit, first > 0 && second == 0,
		    "[%s] finishes with %zu and %zu bytes",
		    hex(heads[i], strlen(heads[i])), first, second);
	}
}

/* Cut the input in all ways; each must give what is wanted. */
static const char *
wrong(const char *input, size_t size, const struct output *wanted)
{
	unsigned ways = size < 2 ? 1 : 1u << (size - 1);
	struct output output;

	for (unsigned cuts = 0; cuts < ways; cuts++) {
		escaped(input, size, cuts, &output);
		if (!output.bounded)
			return "became too long";
		if (output.size != wanted->size ||
		    memcmp(output.data, wanted->data, output.size) != 0)
			return cuts == 0 ? "is another" : "is another if cut";
		if (!clean(output.data, output.size))
			return "is not fit for a terminal";
	}
	return NULL;
}

/* What the edit makes of it, cut after byte n where bit n is set. */
static void
escaped(const char *input, size_t size, unsigned cuts, struct output *output)
{
	struct escape escape;
	const struct edit_ops *ops;
	size_t begin, end, kept, n;

	escape_init(&escape);
	ops = escape.edit.ops;
	output->size = 0;
	output->bounded = true;
	for (begin = 0; begin < size; begin = end) {
		end = begin + 1;
		while (end < size && !(cuts >> (end - 1) & 1))
			end++;
		kept = escape.count;
		n = ops->apply(&escape.edit, input + begin, end - begin,
		    output->data + output->size);
		if (n > ops->expansion * (end - begin + kept) ||
		    escape.count > sizeof(escape.kept))
			output->bounded = false;
		output->size += n;
	}
	kept = escape.count;
	n = ops->finish(&escape.edit, output->data + output->size);
	if (ops->expansion > 4 || n > ops->expansion * kept)
		output->bounded = false;
	output->size += n;
}

/* What it should make of it. */
static void
spelled(const char *input, size_t size, struct output *output)
{
	unsigned char byte;
	char *to;
	size_t n;

	output->size = 0;
	for (size_t i = 0; i < size; i += n) {
		to = output->data + output->size;
		n = shown_at(input + i, size - i);
		if (n > 0) {
			memcpy(to, input + i, n);
			output->size += n;
			continue;
		}
		n = 1;
		byte = (unsigned char)input[i];
		output->size += (size_t)(byte < 0x80 ?
		    snprintf(to, 5, "^%c", byte ^ 0x40) :
		    snprintf(to, 5, "\\x%02x", byte));
	}
}

/* The length of the character that is shown as it is; 0: there is none. */
static size_t
shown_at(const char *input, size_t size)
{
	unsigned char byte;
	size_t j;

	for (size_t i = 0; i < UNIT_COUNT(shown); i++) {
		if (shown[i].count > size)
			continue;
		for (j = 0; j < shown[i].count; j++) {
			byte = (unsigned char)input[j];
			if (byte < shown[i].low[j] || byte > shown[i].high[j])
				break;
		}
		if (j == shown[i].count)
			return j;
	}
	return 0;
}

/* The invariant, by code points: well-formed, no control, none hidden. */
static bool
clean(const char *text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t code;
	size_t n;

	for (size_t i = 0; i < size; i += n) {
		n = decode(bytes + i, size - i, &code);
		if (n == 0)
			return false;
		if (code < 0x20 && code != '\t' && code != '\n' &&
		    !(code == '\r' && i + 1 < size && bytes[i + 1] == '\n'))
			return false;
		if ((code >= 0x7f && code <= 0x9f) || code == 0x61c ||
		    code == 0x200e || code == 0x200f ||
		    (code >= 0x202a && code <= 0x202e) ||
		    (code >= 0x2066 && code <= 0x2069))
			return false;
	}
	return true;
}

/* One code point; the bytes it has, 0 where it is malformed. */
static size_t
decode(const unsigned char *bytes, size_t size, uint32_t *code)
{
	size_t count = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 :
	    bytes[0] < 0xf0 ? 3 : 4;

	*code = bytes[0];
	if (count == 1)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || size < count)
		return 0;
	*code = bytes[0] & (0xffu >> (count + 1));
	for (size_t i = 1; i < count; i++) {
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
		*code = *code * 64 + bytes[i] - 0x80;
	}
	if ((count == 3 && *code < 0x800) ||
	    (count == 4 && *code < 0x10000) || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return count;
}

/* The input for a message; overwritten by the next one. */
static const char *
hex(const char *input, size_t size)
{
	static char text[3 * LONGEST + 1];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < size && i < LONGEST; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%02x",
		    i == 0 ? "" : " ", (unsigned char)input[i]);
	return text;
}
