/*
 * Digests by libmd, whose functions are those of OpenBSD's C library: each
 * algorithm has types of its own, and all of them one shape.
 */

#include "config.h"

#include <sys/types.h>

#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filters/digest.h"

enum algorithm {
	MD5,
	SHA1,
	SHA256,
	SHA384,
	SHA512
};

union state {
	MD5_CTX		md5;
	SHA1_CTX	sha1;
	SHA2_CTX	sha2;
};

struct digest {
	struct tap	tap;
	enum algorithm	algorithm;
	union state	states[2];	/* of what is sent: 1 */
};

static void	saw(struct tap *, const struct passage *);
static void	over(struct tap *, enum tap_end);

static void	start(enum algorithm, union state *);
static void	update(enum algorithm, union state *, const uint8_t *,
		    size_t);
static void	finish(enum algorithm, union state *, uint8_t *);

static const struct tap_ops digest_ops = {
	.saw = saw,
	.close = over
};

static const struct {
	const char	*name;
	size_t		 size;
} algorithms[] = {
	[MD5] = { "md5", MD5_DIGEST_LENGTH },
	[SHA1] = { "sha1", SHA1_DIGEST_LENGTH },
	[SHA256] = { "sha256", SHA256_DIGEST_LENGTH },
	[SHA384] = { "sha384", SHA384_DIGEST_LENGTH },
	[SHA512] = { "sha512", SHA512_DIGEST_LENGTH },
};

const char *
digest_names(void)
{
	return "md5, sha1, sha256, sha384, sha512";
}

int
digest_algorithm(const char *name)
{
	const int count = sizeof(algorithms) / sizeof(algorithms[0]);
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(name, algorithms[i].name) == 0)
			return i;
	return -1;
}

const char *
digest_name(int algorithm)
{
	return algorithms[algorithm].name;
}

struct tap *
digest_tap_new(int algorithm)
{
	struct digest *digest = calloc(1, sizeof(*digest));

	if (digest == NULL)
		return NULL;
	digest->tap.ops = &digest_ops;
	digest->algorithm = (enum algorithm)algorithm;
	start(digest->algorithm, &digest->states[false]);
	start(digest->algorithm, &digest->states[true]);
	return &digest->tap;
}

const char *
digest_text(const struct tap *tap, bool sent, char *buf, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const struct digest *digest = (const struct digest *)tap;
	union state state = digest->states[sent];
	uint8_t bytes[SHA512_DIGEST_LENGTH];
	size_t used = 0, i;

	finish(digest->algorithm, &state, bytes);
	for (i = 0; i < algorithms[digest->algorithm].size; i++) {
		if (size - used < 3)
			break;
		buf[used++] = digits[bytes[i] >> 4];
		buf[used++] = digits[bytes[i] & 15];
	}
	buf[used] = '\0';
	return buf;
}

static void
saw(struct tap *tap, const struct passage *passage)
{
	struct digest *digest = (struct digest *)tap;

	if (passage->size > 0)
		update(digest->algorithm, &digest->states[passage->sent],
		    (const uint8_t *)passage->data, passage->size);
}

static void
over(struct tap *tap, enum tap_end how)
{
	(void)how;
	free(tap);
}

static void
start(enum algorithm algorithm, union state *state)
{
	switch (algorithm) {
	case MD5:
		MD5Init(&state->md5);
		break;
	case SHA1:
		SHA1Init(&state->sha1);
		break;
	case SHA256:
		SHA256Init(&state->sha2);
		break;
	case SHA384:
		SHA384Init(&state->sha2);
		break;
	case SHA512:
		SHA512Init(&state->sha2);
		break;
	}
}

static void
update(enum algorithm algorithm, union state *state, const uint8_t *data,
    size_t size)
{
	switch (algorithm) {
	case MD5:
		MD5Update(&state->md5, data, size);
		break;
	case SHA1:
		SHA1Update(&state->sha1, data, size);
		break;
	case SHA256:
		SHA256Update(&state->sha2, data, size);
		break;
	case SHA384:
		SHA384Update(&state->sha2, data, size);
		break;
	case SHA512:
		SHA512Update(&state->sha2, data, size);
		break;
	}
}

static void
finish(enum algorithm algorithm, union state *state, uint8_t *to)
{
	switch (algorithm) {
	case MD5:
		MD5Final(to, &state->md5);
		break;
	case SHA1:
		SHA1Final(to, &state->sha1);
		break;
	case SHA256:
		SHA256Final(to, &state->sha2);
		break;
	case SHA384:
		SHA384Final(to, &state->sha2);
		break;
	case SHA512:
		SHA512Final(to, &state->sha2);
		break;
	}
}
