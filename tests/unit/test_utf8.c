/* UTF-8: every code point there and back, and what is none. */

#include "config.h"

#include "base/utf8.h"

#include "unit.h"

static void	test_codes(struct unit *);
static void	test_threes(struct unit *);
static void	test_spans(struct unit *);
static bool	is_wanted(const unsigned char *, size_t);

#define BYTES(input)	input, sizeof(input) - 1

static const struct {
	const char	*bytes;
	size_t		 size;
	size_t		 span;
} spans[] = {
	{ BYTES(""), 0 },
	{ BYTES("\0\x7f"), 2 },
	{ BYTES("twelve bytes"), 12 },
	{ BYTES("twelve bytes\x80"), 12 },
	{ BYTES("seven..\x80 and more than eight"), 7 },
	{ BYTES("eight...\x80 and more than eight"), 8 },
	{ BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 9 },
	{ BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98"), 5 },
	{ BYTES("abc\xc3"), 3 },
	{ BYTES("abc\xc3" "def"), 3 },
	{ BYTES("\xc0\x80"), 0 },
	{ BYTES("\xe0\x9f\xbf"), 0 },
	{ BYTES("\xed\xa0\x80"), 0 },
	{ BYTES("\xf0\x8f\xbf\xbf"), 0 },
	{ BYTES("\xf4\x90\x80\x80"), 0 },
	{ BYTES("\xf8\x88\x80\x80\x80"), 0 },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_codes(&unit);
	test_threes(&unit);
	test_spans(&unit);
	return unit_end(&unit);
}

static void
test_codes(struct unit *unit)
{
	char bytes[UTF8_MAX];
	unsigned failed = 0;
	uint32_t code, got;
	size_t n, taken;
	bool surrogate;

	for (code = 0; code <= 0x10ffff; code++) {
		surrogate = code >= 0xd800 && code <= 0xdfff;
		n = utf8_encode(code, bytes);
		taken = utf8_decode(bytes, n, &got);
		if (taken != (surrogate ? 0 : n) ||
		    (!surrogate && got != code) ||
		    utf8_length((unsigned char)bytes[0]) != n ||
		    utf8_decode(bytes, n - 1, &got) != 0)
			failed++;
	}
	unit_check(unit, failed == 0, "%u code points are wrong", failed);
}

/* All of three bytes, by the ranges of RFC 3629, section 4. */
static void
test_threes(struct unit *unit)
{
	unsigned char bytes[3];
	unsigned failed = 0;
	uint32_t code;

	for (unsigned i = 0; i < 1u << 24; i++) {
		bytes[0] = (unsigned char)(i >> 16);
		bytes[1] = (unsigned char)(i >> 8);
		bytes[2] = (unsigned char)i;
		if ((utf8_decode((char *)bytes, 3, &code) != 0) !=
		    is_wanted(bytes, 3))
			failed++;
	}
	unit_check(unit, failed == 0, "%u sequences are wrong", failed);
}

static void
test_spans(struct unit *unit)
{
	size_t span;

	for (size_t i = 0; i < UNIT_COUNT(spans); i++) {
		span = utf8_span(spans[i].bytes, spans[i].size);
		unit_check(unit, span == spans[i].span,
		    "row %zu: %zu bytes are well-formed, wanted %zu", i,
		    span, spans[i].span);
	}
}

/* Is a sequence of at most three bytes at the front? */
static bool
is_wanted(const unsigned char *bytes, size_t size)
{
	static const struct {
		unsigned char low[3], high[3];
		size_t count;
	} ranges[] = {
		{ { 0x00 }, { 0x7f }, 1 },
		{ { 0xc2, 0x80 }, { 0xdf, 0xbf }, 2 },
		{ { 0xe0, 0xa0, 0x80 }, { 0xe0, 0xbf, 0xbf }, 3 },
		{ { 0xe1, 0x80, 0x80 }, { 0xec, 0xbf, 0xbf }, 3 },
		{ { 0xed, 0x80, 0x80 }, { 0xed, 0x9f, 0xbf }, 3 },
		{ { 0xee, 0x80, 0x80 }, { 0xef, 0xbf, 0xbf }, 3 },
	};
	size_t j;

	for (size_t i = 0; i < UNIT_COUNT(ranges); i++) {
		for (j = 0; j < ranges[i].count && j < size; j++)
			if (bytes[j] < ranges[i].low[j] ||
			    bytes[j] > ranges[i].high[j])
				break;
		if (j == ranges[i].count)
			return true;
	}
	return false;
}
