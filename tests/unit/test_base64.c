/*
 * Base64: the vectors of RFC 4648, every group of two bytes, and the first
 * wrong character of what is none.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/base64.h"

#include "unit.h"

static void	test_good(struct unit *);
static void	test_bad(struct unit *);
static void	test_all(struct unit *);
static size_t	decode(const char *text, char *to, size_t *bad);

static const struct {
	const char	*bytes;
	const char	*text;
} good[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/" },
	{ "\xff\xff\xff\xff", "/////w==" },
	{ "many carnal pleasures", "bWFueSBjYXJuYWwgcGxlYXN1cmVz" },
};

/* A last group, and the index of what is wrong with it. */
static const struct {
	const char	*text;
	size_t		 bad;
} bad[] = {
	{ "", 0 }, { "Z", 1 }, { "Zg", 2 }, { "Zg=", 3 }, { "Zm8", 3 },
	{ "=", 0 }, { "====", 0 }, { "Z===", 1 }, { "Zg=8", 3 },
	{ "Z=8=", 1 }, { "=m8=", 0 }, { "Zh==", 1 }, { "Zm9=", 2 },
	{ "Z-8=", 1 }, { "Zm_v", 2 }, { "Zm9 ", 3 }, { " m9v", 0 },
	{ "Zm\n=", 2 }, { "Zg\"=", 2 }, { "\xff", 0 }, { "Zm8\x80", 3 },
	{ "A@==", 1 }, { "A[==", 1 }, { "A`==", 1 }, { "A{==", 1 },
	{ "A.==", 1 }, { "A:==", 1 }, { "A,==", 1 }, { "A*==", 1 },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_good(&unit);
	test_bad(&unit);
	test_all(&unit);
	return unit_end(&unit);
}

static void
test_good(struct unit *unit)
{
	char text[64], bytes[64];
	size_t n, made, wrong;

	for (size_t i = 0; i < UNIT_COUNT(good); i++) {
		n = strlen(good[i].bytes);
		made = base64_encode(good[i].bytes, n, text);
		unit_check(unit, made == BASE64_SIZE(n), "[%s] becomes %zu",
		    good[i].bytes, made);
		text[made] = '\0';
		unit_text(unit, good[i].bytes, text, good[i].text);
		made = decode(good[i].text, bytes, &wrong);
		unit_check(unit, made == n &&
		    memcmp(bytes, good[i].bytes, n) == 0,
		    "[%s] is decoded to %zu bytes", good[i].text, made);
	}
}

static void
test_bad(struct unit *unit)
{
	size_t at, made;
	char to[3];

	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		at = 99;
		made = base64_decode_group(bad[i].text, strlen(bad[i].text),
		    to, &at);
		unit_check(unit, made == 0 && at == bad[i].bad,
		    "[%s]: wrong at %zu, wanted %zu", bad[i].text, at,
		    bad[i].bad);
		made = base64_decode(bad[i].text, strlen(bad[i].text), to);
		unit_check(unit, made == 0, "[%s] is of digits", bad[i].text);
	}
}

/* All of two bytes, and in place. */
static void
test_all(struct unit *unit)
{
	char bytes[2], text[2 * BASE64_GROUP + 1];
	unsigned failed = 0;
	size_t made, wrong;

	for (unsigned i = 0; i <= UINT16_MAX; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		made = base64_encode(bytes, 2, text);
		text[made] = '\0';
		made = decode(text, text, &wrong);
		if (made != 2 || memcmp(text, bytes, 2) != 0)
			failed++;
	}
	unit_check(unit, failed == 0, "%u pairs of bytes are lost", failed);
}

/* A whole text, the way that a reader does; to may be text. */
static size_t
decode(const char *text, char *to, size_t *wrong)
{
	const size_t size = strlen(text);
	size_t taken, made;

	taken = base64_decode(text, size, to);
	made = taken / BASE64_GROUP * 3;
	if (taken < size)
		made += base64_decode_group(text + taken, size - taken,
		    to + made, wrong);
	return made;
}
