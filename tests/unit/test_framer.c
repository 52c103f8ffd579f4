/*
 * Framers: that records come back whole from wherever reads cut, what is
 * no record and from which byte on, and that no input does harm.  What is
 * decoded lies in memory of its own size, so that a sanitizer sees a read
 * beyond it.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "pump/framer.h"

#include "unit.h"

/* Checks of records that are whole */
static void	test_names(struct unit *);
static void	test_sizes(struct unit *);
static void	check_cuts(struct unit *, const char *kind, size_t size);
static const char *cut_fault(const struct framer *, const char *input,
		    size_t size, size_t cut);
static void	check_long(struct unit *, const char *kind, size_t most);
static void	test_streams(struct unit *);
static void	check_stream(struct unit *, const char *kind, size_t most,
		    size_t chunk, uint32_t *state);
static bool	same_records(struct framer *, const char *input, size_t size,
		    size_t chunk, uint32_t state);
static void	test_pieces(struct unit *);
static void	test_written(struct unit *);

/* Checks of input that others wrote */
static void	test_good(struct unit *);
static void	test_bad(struct unit *);
static void	test_depth(struct unit *);
static void	test_blanks(struct unit *);
static void	test_hostile(struct unit *);
static bool	mutate(const struct framer *, const char *input, size_t size,
		    uint32_t *state);
static bool	sane(const struct framer *, char *data, size_t size,
		    bool ended);

static struct framer make(const char *kind, size_t most);
static char	*exactly(const char *data, size_t size);
static size_t	fill(const char *kind, char *data, size_t size, uint32_t *);
static size_t	encode(const struct framer *, const char *data, size_t size,
		    char **bytes);
static bool	is_stream(const char *kind);
static uint32_t	random_next(uint32_t *state);

#define BYTES(input)	input, sizeof(input) - 1
#define LARGEST		65507		/* payload of UDP over IPv4 */

static const char *const names[] = {
	"read", "block", "line", "netstring", "len32", "json"
};

static const size_t sizes[] = { 0, 1, 2, 3, 9, 10, 99, 100, 1000, LARGEST };

/* What is one record, and nothing else, behind which there is nothing. */
static const struct {
	const char	*kind;
	const char	*input;
	size_t		 size;
	const char	*data;
	size_t		 data_size;
} good[] = {
	{ "line", BYTES("\n"), BYTES("") },
	{ "line", BYTES("a\r\n"), BYTES("a\r") },
	{ "line", BYTES("a\0b\n"), BYTES("a\0b") },
	{ "line", BYTES("the last"), BYTES("the last") },
	{ "netstring", BYTES("0:,"), BYTES("") },
	{ "netstring", BYTES("5:a,b:\n,"), BYTES("a,b:\n") },
	{ "netstring", BYTES("10:0123456789,"), BYTES("0123456789") },
	{ "len32", BYTES("\0\0\0\0"), BYTES("") },
	{ "len32", BYTES("\0\0\0\3a\0b"), BYTES("a\0b") },

	{ "json", BYTES("{\"text\":\"\"}\n"), BYTES("") },
	{ "json", BYTES("{\"base64\":\"\"}\n"), BYTES("") },
	{ "json", BYTES("{\"text\":\"a\"}"), BYTES("a") },
	{ "json", BYTES("\n \r\n\t{\"text\":\"a\"}\r\n"), BYTES("a") },
	{ "json", BYTES("{ \"base64\" : \"Zm9v\" , \"text\" : \"a\" }\n"),
	  BYTES("foo") },
	{ "json", BYTES("{\"text\":\"a\",\"base64\":\"\"}\n"), BYTES("") },
	{ "json", BYTES("{\"length\":3,\"base64\":\"Zm9v\"}\n"),
	  BYTES("foo") },
	{ "json", BYTES("{\"length\":0,\"text\":\"\"}\n"), BYTES("") },
	{ "json", BYTES("{\"\\u0074\\u0065xt\":\"a\"}\n"), BYTES("a") },
	{ "json", BYTES("{\"TEXT\":1,\"tex\":2,\"texts\":3,\"text\":\"a\"}\n"),
	  BYTES("a") },
	{ "json", BYTES("{\"time\":0,\"peer\":null,\"local\":[],"
	    "\"text\":\"a\"}\n"), BYTES("a") },

	/* Escapes */
	{ "json", BYTES("{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}\n"),
	  BYTES("\"\\/\b\f\n\r\t") },
	{ "json", BYTES("{\"text\":\"\\u0000\\u001f\\u007F\\u00e9\"}\n"),
	  BYTES("\0\x1f\x7f\xc3\xa9") },
	{ "json", BYTES("{\"text\":\"\\u20AC\\ud83d\\uDE00\\uffff\"}\n"),
	  BYTES("\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf") },
	{ "json", BYTES("{\"text\":\"\\uD800\\uDC00\\uDBFF\\uDFFF\"}\n"),
	  BYTES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") },
	{ "json", BYTES("{\"text\":\"\\ud7ff\\ue000\"}\n"),
	  BYTES("\xed\x9f\xbf\xee\x80\x80") },
	{ "json", BYTES("{\"text\":\"\xe2\x80\xa8\x7f\xc2\x80\"}\n"),
	  BYTES("\xe2\x80\xa8\x7f\xc2\x80") },
	{ "json", BYTES("{\"text\":\"a\\nb\\nc\"}\n"), BYTES("a\nb\nc") },

	/* Base64 with escapes, as some writers have it */
	{ "json", BYTES("{\"base64\":\"+\\/+\\/\"}\n"),
	  BYTES("\xfb\xff\xbf") },
	{ "json", BYTES("{\"base64\":\"Zm9vYm\\u0046yZm\\u00389Yg=\\u003d\""
	    "}\n"), BYTES("foobarfo=b") },
	{ "json", BYTES("{\"base64\":\"\\/\\/\\/\\/\\/w==\"}\n"),
	  BYTES("\xff\xff\xff\xff") },

	/* Values that are passed */
	{ "json", BYTES("{\"a\":{\"text\":\"b\",\"text\":1},\"text\":\"a\"}\n"),
	  BYTES("a") },
	{ "json", BYTES("{\"text\":\"a\",\"b\":[]}\n"), BYTES("a") },
	{ "json", BYTES("{\"b\":{},\"text\":\"a\"}\n"), BYTES("a") },
	{ "json", BYTES("{\"b\":[ 1 , [ ] , { } ,\"\\u00e9\"],"
	    "\"text\":\"a\"}\n"), BYTES("a") },
	{ "json", BYTES("{\"b\":{ \"c\" : true , \"d\" : [false,null] } ,"
	    "\"text\":\"a\"}\n"), BYTES("a") },
	{ "json", BYTES("{\"b\":[0,-0,10,1.5,-1.05e+10,0e0,1E-2],"
	    "\"text\":\"a\"}\n"), BYTES("a") },
	{ "json", BYTES("{\"\":0,\"text\":\"a\"}\n"), BYTES("a") },
};

#define CUT		"cut off by the end of input"
#define CUT_LINE	"cut off by the end of the line"
#define NO_OBJECT	"an object is expected"
#define NO_STRING	"a string is expected"
#define NO_VALUE	"a value is expected"
#define NO_DIGIT	"a digit is expected"
#define NO_HEX		"a hexadecimal digit is expected"
#define NO_COUNT	"a whole number is expected"
#define NO_COMMA	"',' or '}' is expected"
#define UTF8		"invalid UTF-8"
#define LONE		"lone surrogate"
#define NOT_BASE64	"not base64"
#define CUT_BASE64	"base64 is cut off"
#define NOT_LENGTH	"not the length of the payload"

/* The input ends behind each. */
static const struct {
	const char	*kind;
	const char	*input;
	size_t		 size;
	size_t		 bad;
	const char	*reason;
} bad[] = {
	{ "netstring", BYTES("5"), 1, CUT },
	{ "netstring", BYTES("5:"), 2, CUT },
	{ "netstring", BYTES("5:hello"), 7, CUT },
	{ "netstring", BYTES("0:"), 2, CUT },
	{ "netstring", BYTES("x"), 0, "a length is expected" },
	{ "netstring", BYTES(":"), 0, "a length is expected" },
	{ "netstring", BYTES("-1:"), 0, "a length is expected" },
	{ "netstring", BYTES("\n5:hello,"), 0, "a length is expected" },
	{ "netstring", BYTES("05:hello,"), 1, "leading zero in the length" },
	{ "netstring", BYTES("00:,"), 1, "leading zero in the length" },
	{ "netstring", BYTES("12;"), 2, "':' is expected" },
	{ "netstring", BYTES("0\0,"), 1, "':' is expected" },
	{ "netstring", BYTES("5:hello;"), 7, "',' is expected" },
	{ "netstring", BYTES("0:\n"), 2, "',' is expected" },
	{ "len32", BYTES("\0"), 1, CUT },
	{ "len32", BYTES("\0\0\0"), 3, CUT },
	{ "len32", BYTES("\0\0\0\1"), 4, CUT },
	{ "len32", BYTES("\0\0\0\3ab"), 6, CUT },

	{ "json", BYTES("x"), 0, NO_OBJECT },
	{ "json", BYTES("[]\n"), 0, NO_OBJECT },
	{ "json", BYTES("\n\n \"text\"\n"), 3, NO_OBJECT },
	{ "json", BYTES("\xef\xbb\xbf{\"text\":\"\"}\n"), 0, NO_OBJECT },
	{ "json", BYTES("{"), 1, CUT },
	{ "json", BYTES("\n{\"text\":\"a\""), 12, CUT },
	{ "json", BYTES("{\"text\":\"a"), 10, CUT },
	{ "json", BYTES("{\"text\""), 7, CUT },
	{ "json", BYTES("{\"text\":"), 8, CUT },
	{ "json", BYTES("{\n\"text\":\"a\"}\n"), 1, CUT_LINE },
	{ "json", BYTES("{\"text\":\"a\n\"}\n"), 10, CUT_LINE },
	{ "json", BYTES("{\"text\":\"\\\n\"}\n"), 10, CUT_LINE },
	{ "json", BYTES("{\"text\":\"\\u12\n\"}\n"), 13, CUT_LINE },
	{ "json", BYTES("{\"text\":\"\\ud83d\n\"}\n"), 15, CUT_LINE },
	{ "json", BYTES("{\"text\":\"\\ud83d\\\n"), 16, CUT_LINE },
	{ "json", BYTES("{\"a\":tr\n"), 7, CUT_LINE },
	{ "json", BYTES("{\"a\":-\n"), 6, CUT_LINE },
	{ "json", BYTES("{\"a\":[1,\n"), 8, CUT_LINE },
	{ "json", BYTES("{\"base64\":\"Zm\n"), 13, CUT_LINE },
	{ "json", BYTES("{\"base64\":\"Z!\n"), 12, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zg==\n"), 15, CUT_LINE },
	{ "json", BYTES("{\"base64\":\"Zm9v\n"), 15, CUT_LINE },
	{ "json", BYTES("{\"length\":\n"), 10, CUT_LINE },
	{ "json", BYTES("{\"text\":\"a\"}x\n"), 12,
	  "the end of the line is expected" },
	{ "json", BYTES("{\"text\":\"a\"} {\"text\":\"b\"}\n"), 13,
	  "the end of the line is expected" },

	/* Members */
	{ "json", BYTES("{}\n"), 1,
	  "neither \"text\" nor \"base64\" is there" },
	{ "json", BYTES("{\"length\":5 }\n"), 12,
	  "neither \"text\" nor \"base64\" is there" },
	{ "json", BYTES("{\"text\":\"a\",}\n"), 12, NO_STRING },
	{ "json", BYTES("{,\"text\":\"a\"}\n"), 1, NO_STRING },
	{ "json", BYTES("{text:\"a\"}\n"), 1, NO_STRING },
	{ "json", BYTES("{'text':\"a\"}\n"), 1, NO_STRING },
	{ "json", BYTES("{\"text\" \"a\"}\n"), 8, "':' is expected" },
	{ "json", BYTES("{\"text\":\"a\";}\n"), 11, NO_COMMA },
	{ "json", BYTES("{\"text\":\"a\"]\n"), 11, NO_COMMA },
	{ "json", BYTES("{\"text\":1}\n"), 8, NO_STRING },
	{ "json", BYTES("{\"text\":null}\n"), 8, NO_STRING },
	{ "json", BYTES("{\"base64\":null}\n"), 10, NO_STRING },
	{ "json", BYTES("{\"text\":\"a\",\"text\":\"a\"}\n"), 12,
	  "given twice" },
	{ "json", BYTES("{\"text\":\"a\", \"t\\u0065xt\":\"a\"}\n"), 13,
	  "given twice" },
	{ "json", BYTES("{\"base64\":\"\",\"base64\":\"\"}\n"), 13,
	  "given twice" },
	{ "json", BYTES("{\"length\":1,\"length\":1,\"text\":\"a\"}\n"), 12,
	  "given twice" },
	{ "json", BYTES("{\"time\":1,\"time\":1}\n"), 10, "given twice" },
	{ "json", BYTES("{\"peer\":1,\"peer\":1}\n"), 10, "given twice" },
	{ "json", BYTES("{\"local\":1,\"local\":1}\n"), 11,
	  "given twice" },

	/* Length */
	{ "json", BYTES("{\"length\":2,\"text\":\"a\"}\n"), 10, NOT_LENGTH },
	{ "json", BYTES("{\"text\":\"a\",\"length\":0}\n"), 21, NOT_LENGTH },
	{ "json", BYTES("{\"text\":\"a\",\"length\": 1,\"base64\":\"\"}\n"), 22,
	  NOT_LENGTH },
	{ "json", BYTES("{\"length\":18446744073709551617,\"text\":\"a\"}\n"),
	  10, NOT_LENGTH },
	{ "json", BYTES("{\"length\":184467440737095516170,\"text\":\"\"}\n"),
	  10, NOT_LENGTH },
	{ "json", BYTES("{\"length\":\"1\",\"text\":\"a\"}\n"), 10, NO_COUNT },
	{ "json", BYTES("{\"length\":-1,\"text\":\"a\"}\n"), 10, NO_COUNT },
	{ "json", BYTES("{\"length\":1.0,\"text\":\"a\"}\n"), 11, NO_COMMA },
	{ "json", BYTES("{\"length\":1e0,\"text\":\"a\"}\n"), 11, NO_COMMA },
	{ "json", BYTES("{\"length\":01,\"text\":\"a\"}\n"), 11, NO_COMMA },

	/* Strings */
	{ "json", BYTES("{\"text\":\"a\tb\"}\n"), 10,
	  "control character within a string" },
	{ "json", BYTES("{\"text\":\"\0\"}\n"), 9,
	  "control character within a string" },
	{ "json", BYTES("{\"text\":\"\\x\"}\n"), 10, "no such escape" },
	{ "json", BYTES("{\"text\":\"\\U0041\"}\n"), 10, "no such escape" },
	{ "json", BYTES("{\"text\":\"\\u12g4\"}\n"), 13, NO_HEX },
	{ "json", BYTES("{\"text\":\"\\u\0000\"}\n"), 11, NO_HEX },
	{ "json", BYTES("{\"text\":\"\\u00\"}\n"), 13, NO_HEX },
	{ "json", BYTES("{\"text\":\"\\ud83d\\u00g\"}\n"), 19, NO_HEX },
	{ "json", BYTES("{\"text\":\"ab\\ud83d\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"ab\\ud83dc\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"ab\\ud83d\\n\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"ab\\ud83d\\ud83d\\ude00\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"ab\\ud83d\\u0041\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"ab\\ude00\"}\n"), 11, LONE },
	{ "json", BYTES("{\"text\":\"\\ude00\\ud83d\"}\n"), 9, LONE },
	{ "json", BYTES("{\"text\":\"\\n\\u00e9\\ud800\"}\n"), 17, LONE },
	{ "json", BYTES("{\"text\":\"a\x80\"}\n"), 10, UTF8 },
	{ "json", BYTES("{\"text\":\"\\n\xc3\"}\n"), 11, UTF8 },
	{ "json", BYTES("{\"text\":\"\xc3\\u00a9\"}\n"), 9, UTF8 },
	{ "json", BYTES("{\"text\":\"\xc0\xaf\"}\n"), 9, UTF8 },
	{ "json", BYTES("{\"text\":\"\xed\xa0\xbd\xed\xb8\x80\"}\n"), 9, UTF8 },
	{ "json", BYTES("{\"text\":\"\xf4\x90\x80\x80\"}\n"), 9, UTF8 },
	{ "json", BYTES("{\"\xff\":1}\n"), 2, UTF8 },
	{ "json", BYTES("{\"a\":\"\xff\"}\n"), 6, UTF8 },

	/* Base64 */
	{ "json", BYTES("{\"base64\":\"Zm9v!\"}\n"), 15, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm9vZ\"}\n"), 16, CUT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zg\"}\n"), 13, CUT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zg=\"}\n"), 14, CUT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zh==\"}\n"), 12, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm9=\"}\n"), 13, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Z===\"}\n"), 12, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zg=x\"}\n"), 14, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm9v Zm9v\"}\n"), 15, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm-v\"}\n"), 13, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm\xc3\xa9\"}\n"), 13, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"\\/m9v\\/m\\u00e9v\"}\n"), 19,
	  NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"\\/m9\\nZg==\"}\n"), 15, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"\\/h\\u003d=\"}\n"), 13, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zm\\x\"}\n"), 14, "no such escape" },
	{ "json", BYTES("{\"base64\":\"Z!\\x\"}\n"), 12, NOT_BASE64 },
	{ "json", BYTES("{\"base64\":\"Zg==Zg==\"}\n"), 15,
	  "base64 goes on behind its padding" },
	{ "json", BYTES("{\"base64\":\"Zg===\"}\n"), 15,
	  "base64 goes on behind its padding" },

	/* Values that are passed */
	{ "json", BYTES("{\"a\":}\n"), 5, NO_VALUE },
	{ "json", BYTES("{\"a\":x}\n"), 5, NO_VALUE },
	{ "json", BYTES("{\"a\":+1}\n"), 5, NO_VALUE },
	{ "json", BYTES("{\"a\":.5}\n"), 5, NO_VALUE },
	{ "json", BYTES("{\"a\":True}\n"), 5, NO_VALUE },
	{ "json", BYTES("{\"a\":trUe}\n"), 7, NO_VALUE },
	{ "json", BYTES("{\"a\":truex}\n"), 9, NO_COMMA },
	{ "json", BYTES("{\"a\":-x}\n"), 6, NO_DIGIT },
	{ "json", BYTES("{\"a\":-.5}\n"), 6, NO_DIGIT },
	{ "json", BYTES("{\"a\":1.}\n"), 7, NO_DIGIT },
	{ "json", BYTES("{\"a\":1.e5}\n"), 7, NO_DIGIT },
	{ "json", BYTES("{\"a\":1e}\n"), 7, NO_DIGIT },
	{ "json", BYTES("{\"a\":1e+-5}\n"), 8, NO_DIGIT },
	{ "json", BYTES("{\"a\":00}\n"), 6, NO_COMMA },
	{ "json", BYTES("{\"a\":-01}\n"), 7, NO_COMMA },
	{ "json", BYTES("{\"a\":0x1}\n"), 6, NO_COMMA },
	{ "json", BYTES("{\"a\":[,1]}\n"), 6, NO_VALUE },
	{ "json", BYTES("{\"a\":[1,]}\n"), 8, NO_VALUE },
	{ "json", BYTES("{\"a\":[1 2]}\n"), 8, "',' or ']' is expected" },
	{ "json", BYTES("{\"a\":[1}}\n"), 7, "',' or ']' is expected" },
	{ "json", BYTES("{\"a\":{\"b\":1,}}\n"), 12, NO_STRING },
	{ "json", BYTES("{\"a\":{\"b\"}}\n"), 9, "':' is expected" },
	{ "json", BYTES("{\"a\":{}\"b\":1}\n"), 7, NO_COMMA },
	{ "json", BYTES("{\"a\":{},}\n"), 8, NO_STRING },
	{ "json", BYTES("{\"a\":1 /* */}\n"), 7, NO_COMMA },
};

/* What becomes of payloads, behind the part that all have. */
#define WRITTEN		"{\"time\":\"2026-01-31T12:00:00.123456789Z\"," \
			"\"peer\":\"127.0.0.1:53\",\"local\":\"[::1]:53\","

static const struct {
	const char	*data;
	size_t		 size;
	const char	*text;
} written[] = {
	{ BYTES("hello"),
	  "\"length\":5,\"text\":\"hello\",\"base64\":\"aGVsbG8=\"}\n" },
	{ BYTES(""), "\"length\":0,\"text\":\"\",\"base64\":\"\"}\n" },
	{ BYTES("\xff"), "\"length\":1,\"base64\":\"/w==\"}\n" },
	{ BYTES("a\xed\xa0\x80"), "\"length\":4,\"base64\":\"Ye2ggA==\"}\n" },
	{ BYTES("\"\\/\n"), "\"length\":4,"
	  "\"text\":\"\\\"\\\\/\\n\",\"base64\":\"IlwvCg==\"}\n" },
	{ BYTES("\b\f\r\t\0\x1f"), "\"length\":6,"
	  "\"text\":\"\\b\\f\\r\\t\\u0000\\u001f\","
	  "\"base64\":\"CAwNCQAf\"}\n" },
	{ BYTES("\xc2\x9b\xe2\x80\xae\xc3\xa9"), "\"length\":7,"
	  "\"text\":\"\\u009b\\u202e\xc3\xa9\","
	  "\"base64\":\"wpvigK7DqQ==\"}\n" },
	{ BYTES("\x7f\xe2\x80\xa8"), "\"length\":4,"
	  "\"text\":\"\\u007f\xe2\x80\xa8\",\"base64\":\"f+KAqA==\"}\n" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_names(&unit);
	test_sizes(&unit);
	test_streams(&unit);
	test_pieces(&unit);
	test_written(&unit);
	test_good(&unit);
	test_bad(&unit);
	test_depth(&unit);
	test_blanks(&unit);
	test_hostile(&unit);
	return unit_end(&unit);
}

static void
test_names(struct unit *unit)
{
	const struct framer_ops *ops;

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		ops = framer_find(names[i]);
		unit_check(unit, ops != NULL && strcmp(ops->name,
		    names[i]) == 0, "[%s] is not found", names[i]);
	}
	unit_check(unit, framer_find("") == NULL, "the name \"\" is found");
	unit_check(unit, framer_find("lines") == NULL, "[lines] is found");
}

static void
test_sizes(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		if (is_stream(names[i]))
			continue;
		for (size_t j = 0; j < UNIT_COUNT(sizes); j++) {
			check_cuts(unit, names[i], sizes[j]);
			if (sizes[j] > 0)
				check_long(unit, names[i], sizes[j]);
		}
	}
}

/* One record, cut in all ways, or if it is large, in some. */
static void
check_cuts(struct unit *unit, const char *kind, size_t size)
{
	struct framer framer = make(kind, size > 0 ? size : 1);
	const char *fault = NULL;
	uint32_t state = (uint32_t)size;
	size_t total, cut;
	char *data, *input;

	data = malloc(size + 1);
	if (data == NULL)
		return;
	size = fill(kind, data, size, &state);
	total = encode(&framer, data, size, &input);
	for (cut = 0; cut < total && fault == NULL; cut++) {
		fault = cut_fault(&framer, input, total, cut);
		if (cut == 200 && total > 1000)
			cut = total - 200;
	}
	unit_check(unit, fault == NULL, "%s of %zu bytes, cut at %zu: %s",
	    kind, size, cut - 1, fault);
	free(input);
	free(data);
}

/* What is wrong with the first `cut` bytes of a record; NULL: nothing. */
static const char *
cut_fault(const struct framer *framer, const char *input, size_t size,
    size_t cut)
{
	enum frame_result result, wanted;
	const char *fault = NULL;
	struct frame frame;
	char *part;

	part = exactly(input, cut);
	result = framer_decode(framer, part, cut, false, &frame);
	if (result != FRAME_MORE || frame.used != 0)
		fault = "more should be wanted";
	free(part);

	/* The end of a line may be missing at the end. */
	part = exactly(input, cut);
	result = framer_decode(framer, part, cut, true, &frame);
	wanted = cut == 0 ? FRAME_NONE : FRAME_BAD;
	if (strcmp(framer->ops->name, "line") == 0 && cut > 0)
		wanted = FRAME_WHOLE;
	if (strcmp(framer->ops->name, "json") == 0 && cut == size - 1)
		wanted = FRAME_WHOLE;
	if (result != wanted)
		fault = "another result at the end";
	else if (result == FRAME_BAD && frame.bad != cut)
		fault = "the fault is elsewhere";
	else if (result == FRAME_WHOLE && frame.used != cut)
		fault = "something is left";
	free(part);
	return fault;
}

/* A byte more than the most, told as soon as that is known. */
static void
check_long(struct unit *unit, const char *kind, size_t most)
{
	struct framer framer = make(kind, most);
	enum frame_result result;
	struct frame frame;
	uint32_t state = 1;
	size_t total, cut, first = 0;
	char *data, *input, *part;

	data = malloc(most + 1);
	if (data == NULL)
		return;
	(void)fill(kind, data, most + 1, &state);
	total = encode(&framer, data, most + 1, &input);
	for (cut = 0; cut <= total; cut++) {
		part = exactly(input, cut);
		result = framer_decode(&framer, part, cut, false, &frame);
		free(part);
		if (result != FRAME_MORE && first == 0)
			first = cut;
		if (first > 0 && (result != FRAME_LONG || frame.bad != 0))
			break;
		if (cut == 200 && total > 1000)
			cut = total - 200;
	}
	unit_check(unit, cut > total, "%s of %zu bytes, %zu of %zu with %zu "
	    "at most: not told to be long", kind, most + 1, cut, total, most);
	cut = strcmp(kind, "line") == 0 ? most + 1 :
	    strcmp(kind, "json") == 0 ? total :
	    strcmp(kind, "len32") == 0 ? 4 : total - most - 3;
	unit_check(unit, first <= cut && first > 0, "%s of %zu bytes with %zu "
	    "at most: known by the %zuth byte", kind, most + 1, most, first);
	free(input);
	free(data);
}

static void
test_streams(struct unit *unit)
{
	static const size_t chunks[] = { 1, 2, 7, 100, 4096, 1000000 };
	static const size_t limits[] = { 1, 5, 100, 2000, LARGEST };
	uint32_t state = 1;

	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		for (size_t j = 0; j < UNIT_COUNT(chunks); j++)
			for (size_t k = 0; k < UNIT_COUNT(limits); k++)
				if (!is_stream(names[i]) &&
				    limits[k] / chunks[j] < 1000)
					check_stream(unit, names[i],
					    limits[k], chunks[j], &state);
}

/* Records of all sizes, through a buffer that has room for one. */
static void
check_stream(struct unit *unit, const char *kind, size_t most, size_t chunk,
    uint32_t *state)
{
	struct framer framer = make(kind, most);
	const uint32_t seed = *state;
	const size_t count = most > 2000 ? 10 : 50;
	struct record record = { .time_ns = 1 };
	char *data = malloc(most), *input;
	size_t used = 0;

	input = malloc(count * framer.ops->bound(most));
	if (data == NULL || input == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		record.size = fill(kind, data, random_next(state) %
		    (most + 1), state);
		record.data = data;
		used += framer.ops->encode(&record, input + used);
	}
	unit_check(unit, same_records(&framer, input, used, chunk, seed),
	    "%s, at most %zu bytes, by %zu: other records", kind, most,
	    chunk);
	free(input);
	free(data);
}

/* Do these come out, as random numbers made them, and no others? */
static bool
same_records(struct framer *framer, const char *input, size_t size,
    size_t chunk, uint32_t state)
{
	const size_t room = framer->ops->bound(framer->most);
	char *buf = malloc(room), *data = malloc(framer->most);
	size_t held = 0, from = 0, n;
	enum frame_result result = FRAME_BAD;
	struct frame frame;

	if (buf == NULL || data == NULL)
		return false;
	for (;;) {
		result = framer_decode(framer, buf, held, from == size,
		    &frame);
		if (result == FRAME_WHOLE) {
			n = fill(framer->ops->name, data,
			    random_next(&state) % (framer->most + 1), &state);
			if (frame.size != n ||
			    memcmp(frame.data, data, n) != 0)
				break;
		} else if (result != FRAME_MORE)
			break;
		held -= frame.used;
		memmove(buf, buf + frame.used, held);
		if (result == FRAME_WHOLE)
			continue;
		n = chunk < room - held ? chunk : room - held;
		if (n > size - from)
			n = size - from;
		if (n == 0)
			break;
		memcpy(buf + held, input + from, n);
		held += n;
		from += n;
	}
	free(buf);
	free(data);
	return result == FRAME_NONE && from == size && held == 0;
}

/* Of read and block. */
static void
test_pieces(struct unit *unit)
{
	struct framer framer = make("read", 5);
	char data[] = "hello, world";
	struct frame frame;
	enum frame_result result;

	result = framer_decode(&framer, data, 12, false, &frame);
	unit_check(unit, result == FRAME_WHOLE && frame.size == 5 &&
	    frame.used == 5 && frame.data == data, "read: not cut at most");
	result = framer_decode(&framer, data, 3, false, &frame);
	unit_check(unit, result == FRAME_WHOLE && frame.size == 3 &&
	    frame.used == 3, "read: not what is there");
	unit_check(unit, framer_decode(&framer, data, 0, false, &frame) ==
	    FRAME_MORE, "read: more is wanted of nothing");
	unit_check(unit, framer_decode(&framer, data, 0, true, &frame) ==
	    FRAME_NONE, "read: nothing at the end");

	framer = make("block", 100);
	framer.block = 5;
	for (size_t i = 0; i < 12; i++) {
		result = framer_decode(&framer, data, i, false, &frame);
		unit_check(unit, i < 5 ? result == FRAME_MORE :
		    result == FRAME_WHOLE && frame.size == 5 &&
		    frame.used == 5, "block: %zu bytes", i);
		result = framer_decode(&framer, data, i, true, &frame);
		unit_check(unit, i == 0 ? result == FRAME_NONE :
		    result == FRAME_WHOLE && frame.size == (i < 5 ? i : 5),
		    "block: %zu bytes at the end", i);
	}
}

static void
test_written(struct unit *unit)
{
	const struct framer_ops *ops = framer_find("json");
	struct address peer, local;
	struct error error;
	struct record record = { .peer = &peer, .local = &local,
	    .time_ns = INT64_C(1769860800123456789) };
	char text[1200], wanted[300];
	size_t n;

	address_parse(&peer, "127.0.0.1", 53, &error);
	address_parse(&local, "::1", 53, &error);
	for (size_t i = 0; i < UNIT_COUNT(written); i++) {
		record.data = written[i].data;
		record.size = written[i].size;
		n = ops->encode(&record, text);
		text[n] = '\0';
		snprintf(wanted, sizeof(wanted), "%s%s", WRITTEN,
		    written[i].text);
		unit_text(unit, written[i].text, text, wanted);
	}
	peer.length = 0;
	record = (struct record){ .peer = &peer };
	n = ops->encode(&record, text);
	text[n] = '\0';
	unit_text(unit, "nothing known", text,
	    "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"length\":0,"
	    "\"text\":\"\",\"base64\":\"\"}\n");
}

static void
test_good(struct unit *unit)
{
	enum frame_result result;
	struct framer framer;
	struct frame frame;
	size_t size;
	char *input;

	for (size_t i = 0; i < UNIT_COUNT(good); i++) {
		framer = make(good[i].kind, 100);
		size = good[i].size;
		input = exactly(good[i].input, size);
		result = framer_decode(&framer, input, size, true, &frame);
		unit_check(unit, result == FRAME_WHOLE, "[%s] gives %d, %s",
		    good[i].input, result, frame.reason);
		unit_check(unit, result != FRAME_WHOLE ||
		    (frame.size == good[i].data_size && frame.used == size &&
		    memcmp(frame.data, good[i].data, frame.size) == 0),
		    "[%s] gives [%.*s]", good[i].input, (int)frame.size,
		    frame.data);
		free(input);
	}
}

static void
test_bad(struct unit *unit)
{
	enum frame_result result;
	struct framer framer;
	struct frame frame;
	size_t size;
	char *input;

	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		framer = make(bad[i].kind, 100);
		size = bad[i].size;
		input = exactly(bad[i].input, size);
		result = framer_decode(&framer, input, size, true, &frame);
		free(input);
		unit_check(unit, result == FRAME_BAD && frame.used == 0,
		    "[%s] gives %d", bad[i].input, result);
		if (result != FRAME_BAD)
			continue;
		unit_check(unit, frame.bad == bad[i].bad, "[%s]: the fault "
		    "is at %zu, wanted %zu", bad[i].input, frame.bad,
		    bad[i].bad);
		unit_text(unit, bad[i].input, frame.reason, bad[i].reason);
	}
}

static void
test_depth(struct unit *unit)
{
	static const char head[] = "{\"text\":\"\",\"a\":";
	const size_t start = sizeof(head) - 1;
	struct framer framer = make("json", 100);
	enum frame_result result;
	struct frame frame;
	char *input, text[1000];

	for (size_t depth = JSON_DEPTH - 1; depth < JSON_DEPTH + 3; depth++) {
		memcpy(text, head, start);
		memset(text + start, '[', depth);
		memset(text + start + depth, ']', depth);
		memcpy(text + start + 2 * depth, "}\n", 2);
		input = exactly(text, start + 2 * depth + 2);
		result = framer_decode(&framer, input,
		    start + 2 * depth + 2, false, &frame);
		free(input);
		unit_check(unit, depth <= JSON_DEPTH ?
		    result == FRAME_WHOLE : result == FRAME_BAD &&
		    frame.bad == start + JSON_DEPTH, "depth %zu gives %d",
		    depth, result);
	}
}

/* White space between objects is dropped, within one it has an end. */
static void
test_blanks(struct unit *unit)
{
	struct framer framer = make("json", 10);
	const size_t room = framer.ops->bound(framer.most);
	enum frame_result result;
	struct frame frame;
	char *buf = malloc(room);

	if (buf == NULL)
		return;
	memset(buf, '\n', room);
	result = framer_decode(&framer, buf, room, false, &frame);
	unit_check(unit, result == FRAME_MORE && frame.used == room,
	    "blank lines give %d, %zu dropped", result, frame.used);
	result = framer_decode(&framer, buf, room, true, &frame);
	unit_check(unit, result == FRAME_NONE, "blank lines end with %d",
	    result);
	buf[room - 1] = '{';
	result = framer_decode(&framer, buf, room, false, &frame);
	unit_check(unit, result == FRAME_MORE && frame.used == room - 1,
	    "blank lines and { give %d, %zu dropped", result, frame.used);
	memset(buf, ' ', room);
	buf[0] = '{';
	result = framer_decode(&framer, buf, room - 1, false, &frame);
	unit_check(unit, result == FRAME_MORE && frame.used == 0,
	    "a line that may end gives %d", result);
	result = framer_decode(&framer, buf, room, false, &frame);
	unit_check(unit, result == FRAME_LONG, "a line without end gives %d",
	    result);
	free(buf);
}

/* Random bytes, and good input with random changes. */
static void
test_hostile(struct unit *unit)
{
	struct framer framer;
	uint32_t state = 1;
	char *data, bytes[200];
	size_t size;
	bool good_so_far;

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		good_so_far = true;
		framer = make(names[i], 1 + i * 20);
		for (unsigned n = 0; n < 5000; n++) {
			size = random_next(&state) % sizeof(bytes);
			for (size_t j = 0; j < size; j++)
				bytes[j] = (char)random_next(&state);
			data = exactly(bytes, size);
			good_so_far &= sane(&framer, data, size, n % 2 == 0);
			free(data);
		}
		unit_check(unit, good_so_far, "%s: of random bytes",
		    names[i]);
	}
	for (size_t i = 0; i < UNIT_COUNT(good); i++) {
		framer = make(good[i].kind, 100);
		good_so_far = true;
		for (unsigned n = 0; n < 1000; n++)
			good_so_far &= mutate(&framer, good[i].input,
			    good[i].size, &state);
		unit_check(unit, good_so_far, "[%s]: changed",
		    good[i].input);
	}
}

/* Change, drop or double some bytes; is what comes of it sane? */
static bool
mutate(const struct framer *framer, const char *input, size_t size,
    uint32_t *state)
{
	static const char favourites[] = "\"\\{}[]:,u0dD8=/ \n\x80\xc3\xed";
	char bytes[300], *data;
	size_t at;
	bool result;

	memcpy(bytes, input, size);
	for (unsigned n = random_next(state) % 4 + 1; n > 0; n--) {
		at = random_next(state) % size;
		switch (random_next(state) % 4) {
		case 0:
			bytes[at] = (char)random_next(state);
			break;
		case 1:
			bytes[at] = favourites[random_next(state) %
			    (sizeof(favourites) - 1)];
			break;
		case 2:
			if (size > 1)
				memmove(bytes + at, bytes + at + 1,
				    --size - at);
			break;
		case 3:
			memmove(bytes + at + 1, bytes + at, size++ - at);
			break;
		}
	}
	data = exactly(bytes, size);
	result = sane(framer, data, size, random_next(state) % 2 == 0);
	free(data);
	return result;
}

/* Is the result what may be, whatever the input? */
static bool
sane(const struct framer *framer, char *data, size_t size, bool ended)
{
	struct frame frame;

	switch (framer_decode(framer, data, size, ended, &frame)) {
	case FRAME_WHOLE:
		return frame.size <= framer->most && frame.used <= size &&
		    frame.used > 0 && frame.data >= data &&
		    frame.data + frame.size <= data + frame.used;
	case FRAME_MORE:
		return !ended && frame.used <= size && size - frame.used <
		    framer->ops->bound(framer->most);
	case FRAME_NONE:
		return ended && (size == 0 ||
		    strcmp(framer->ops->name, "json") == 0);
	case FRAME_BAD:
		return frame.bad <= size && frame.reason != NULL;
	case FRAME_LONG:
		return frame.bad <= size;
	}
	return false;
}

static struct framer
make(const char *kind, size_t most)
{
	return (struct framer){ .ops = framer_find(kind), .most = most,
	    .block = most };
}

/* A copy without room behind it. */
static char *
exactly(const char *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		exit(1);
	memcpy(copy, data, size);
	return copy;
}

/* Bytes of one sort: any, text, or controls.  Lines have no '\n'. */
static size_t
fill(const char *kind, char *data, size_t size, uint32_t *state)
{
	const unsigned sort = random_next(state) % 3;

	for (size_t i = 0; i < size; i++) {
		data[i] = (char)random_next(state);
		if (sort == 1)
			data[i] = (char)(' ' + (unsigned char)data[i] % 95);
		if (sort == 2)
			data[i] &= 31;
		if (data[i] == '\n' && strcmp(kind, "line") == 0)
			data[i] = '\r';
	}
	return size;
}

/* In new memory; the bound is of what encode() makes. */
static size_t
encode(const struct framer *framer, const char *data, size_t size,
    char **bytes)
{
	const struct record record = { .data = data, .size = size };

	*bytes = malloc(framer->ops->bound(size));
	if (*bytes == NULL)
		exit(1);
	return framer->ops->encode(&record, *bytes);
}

static bool
is_stream(const char *kind)
{
	return strcmp(kind, "read") == 0 || strcmp(kind, "block") == 0;
}

static uint32_t
random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}
