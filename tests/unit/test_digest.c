/*
 * Digests: of texts that are known, wherever they are cut, and of each
 * direction for itself.  Built without them, that there are none.
 */

#include "config.h"

#include "filters/digest.h"

#include "unit.h"

static void	test_none(struct unit *);
static void	test_names(struct unit *);
static void	test_texts(struct unit *);
static void	test_long(struct unit *);
static void	test_directions(struct unit *);
static void	test_sizes(struct unit *);

static struct tap *tap_new(struct unit *, const char *algorithm);
static void	pass(struct tap *, bool sent, const char *, size_t);

/* FIPS 180-2 and RFC 1321 have these of "abc"; the texts of none, too. */
static const struct {
	const char	*name;
	const char	*text;
	const char	*digest;
} rows[] = {
	{ "md5", "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "md5", "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ "md5", "1234567890123456789012345678901234567890123456789012345678"
	    "9012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a" },
	{ "sha1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ "sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "sha1", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
	{ "sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495"
	    "991b7852b855" },
	{ "sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb"
	    "410ff61f20015ad" },
	{ "sha256",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c"
	    "1" },
	{ "sha384", "", "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0c"
	    "c7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b" },
	{ "sha384", "abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631"
	    "a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
	{ "sha512", "", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4"
	    "a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a53"
	    "8327af927da3e" },
	{ "sha512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20"
	    "a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
	    "2a9ac94fa54ca49f" },
};

/* A million times "a". */
static const struct {
	const char	*name;
	const char	*digest;
} millions[] = {
	{ "md5", "7707d6ae4e027c70eea2a935c2296f21" },
	{ "sha1", "34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
	{ "sha256", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39cc"
	    "c7112cd0" },
	{ "sha384", "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5"
	    "704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985" },
	{ "sha512", "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803"
	    "afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb21"
	    "7ad8cc09b" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	if (digest_names() == NULL) {
		test_none(&unit);
		return unit_end(&unit);
	}
	test_names(&unit);
	test_texts(&unit);
	test_long(&unit);
	test_directions(&unit);
	test_sizes(&unit);
	return unit_end(&unit);
}

static void
test_none(struct unit *unit)
{
	char text[DIGEST_TEXT];

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		unit_check(unit, digest_algorithm(rows[i].name) == -1,
		    "%s is there", rows[i].name);
	unit_check(unit, digest_tap_new(0) == NULL, "there is a tap");
	unit_text(unit, "no tap", digest_text(NULL, true, text, sizeof(text)),
	    "");
}

static void
test_names(struct unit *unit)
{
	static const char *const unknown[] = {
		"", "md", "md55", "MD5", "sha", "sha-256", "SHA256", "sha2",
		"sha256 ", "crc32"
	};

	for (size_t i = 0; i < UNIT_COUNT(unknown); i++)
		unit_check(unit, digest_algorithm(unknown[i]) == -1,
		    "[%s] is an algorithm", unknown[i]);
	for (size_t i = 0; i < UNIT_COUNT(millions); i++)
		unit_check(unit, digest_algorithm(millions[i].name) != -1 &&
		    strstr(digest_names(), millions[i].name) != NULL,
		    "[%s] is no algorithm", millions[i].name);
}

/* Cut once at each byte, and asked there, which does not matter. */
static void
test_texts(struct unit *unit)
{
	char text[DIGEST_TEXT];
	struct tap *tap;
	size_t size, cut;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size = strlen(rows[i].text);
		for (cut = 0; cut <= size; cut++) {
			tap = tap_new(unit, rows[i].name);
			if (tap == NULL)
				break;
			pass(tap, false, rows[i].text, cut);
			(void)digest_text(tap, false, text, sizeof(text));
			pass(tap, false, rows[i].text + cut, size - cut);
			(void)digest_text(tap, false, text, sizeof(text));
			if (strcmp(text, rows[i].digest) != 0)
				break;
			tap->ops->close(tap, TAP_LEFT);
		}
		unit_check(unit, cut > size, "%s of [%s] cut at %zu is %s",
		    rows[i].name, rows[i].text, cut, text);
	}
}

static void
test_long(struct unit *unit)
{
	char bytes[1000], text[DIGEST_TEXT];
	struct tap *tap;

	memset(bytes, 'a', sizeof(bytes));
	for (size_t i = 0; i < UNIT_COUNT(millions); i++) {
		tap = tap_new(unit, millions[i].name);
		for (int j = 0; j < 1000 && tap != NULL; j++)
			pass(tap, true, bytes, sizeof(bytes));
		if (tap == NULL)
			continue;
		unit_text(unit, millions[i].name, digest_text(tap, true, text,
		    sizeof(text)), millions[i].digest);
		tap->ops->close(tap, TAP_LEFT);
	}
}

static void
test_directions(struct unit *unit)
{
	char text[DIGEST_TEXT];
	struct tap *tap = tap_new(unit, "sha1");

	if (tap == NULL)
		return;
	pass(tap, true, "a", 1);
	pass(tap, false, "", 0);
	pass(tap, true, "bc", 2);
	for (int i = 0; i < 2; i++) {
		unit_text(unit, "sent", digest_text(tap, true, text,
		    sizeof(text)), "a9993e364706816aba3e25717850c26c9cd0d89d");
		unit_text(unit, "received", digest_text(tap, false, text,
		    sizeof(text)), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	}
	tap->ops->close(tap, TAP_LEFT);
}

/* The longest fits exactly, and a lesser size cuts it. */
static void
test_sizes(struct unit *unit)
{
	char text[DIGEST_TEXT];
	struct tap *tap = tap_new(unit, "sha512");

	if (tap == NULL)
		return;
	unit_check(unit, strlen(digest_text(tap, true, text, sizeof(text))) ==
	    DIGEST_TEXT - 1, "sha512 is [%s]", text);
	unit_text(unit, "sha512 in 6 bytes", digest_text(tap, true, text, 6),
	    "cf83");
	unit_text(unit, "sha512 in 1 byte", digest_text(tap, true, text, 1),
	    "");
	tap->ops->close(tap, TAP_LEFT);
}

static struct tap *
tap_new(struct unit *unit, const char *algorithm)
{
	struct tap *tap = digest_tap_new(digest_algorithm(algorithm));

	unit_check(unit, tap != NULL, "no memory");
	return tap;
}

static void
pass(struct tap *tap, bool sent, const char *data, size_t size)
{
	const struct passage passage = {
		.data = data, .size = size, .sent = sent
	};

	tap->ops->saw(tap, &passage);
}
