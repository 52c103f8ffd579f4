/*
 * The escape edit: a byte at a time, with what may become a UTF-8 sequence
 * or a CR LF kept back, so that it does not matter where reads cut.
 */

#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "filters/escape.h"

static size_t	apply(struct edit *, const char *, size_t, char *);
static size_t	kept(const struct edit *);
static size_t	finish(struct edit *, char *);

static size_t	take(struct escape *, unsigned char, char *);
static size_t	plain(struct escape *, unsigned char, char *);
static size_t	sequence(struct escape *, unsigned char, char *);
static size_t	flush(struct escape *, char *);
static size_t	caret(unsigned char, char *);
static size_t	hex(unsigned char, char *);
static bool	harmless(const unsigned char *, size_t);

static const struct edit_ops escape_ops = {
	.expansion = 4,
	.apply = apply,
	.kept = kept,
	.finish = finish
};

void
escape_init(struct escape *escape)
{
	memset(escape, 0, sizeof(*escape));
	escape->edit.ops = &escape_ops;
}

static size_t
apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct escape *escape = (struct escape *)edit;
	size_t i, n = 0;

	for (i = 0; i < size; i++)
		n += take(escape, (unsigned char)from[i], to + n);
	return n;
}

static size_t
kept(const struct edit *edit)
{
	return ((const struct escape *)edit)->count;
}

static size_t
finish(struct edit *edit, char *to)
{
	return flush((struct escape *)edit, to);
}

static size_t
take(struct escape *escape, unsigned char byte, char *to)
{
	size_t n;

	if (escape->count == 0)
		return plain(escape, byte, to);
	if (escape->kept[0] == '\r' && byte == '\n') {
		escape->count = 0;
		memcpy(to, "\r\n", 2);
		return 2;
	}
	if (escape->wanted > 1 && (byte & 0xc0) == 0x80)
		return sequence(escape, byte, to);
	n = flush(escape, to);
	return n + plain(escape, byte, to + n);
}

static size_t
plain(struct escape *escape, unsigned char byte, char *to)
{
	if ((byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t') {
		*to = (char)byte;
		return 1;
	}
	if (byte == '\r' || utf8_length(byte) > 1) {
		escape->kept[0] = byte;
		escape->count = 1;
		escape->wanted = (unsigned char)utf8_length(byte);
		return 0;
	}
	return byte < 0x80 ? caret(byte, to) : hex(byte, to);
}

static size_t
sequence(struct escape *escape, unsigned char byte, char *to)
{
	size_t n;

	escape->kept[escape->count++] = byte;
	if (escape->count < escape->wanted)
		return 0;
	if (!harmless(escape->kept, escape->count))
		return flush(escape, to);
	n = escape->count;
	memcpy(to, escape->kept, n);
	escape->count = 0;
	return n;
}

/* What was kept back did not become what it might have. */
static size_t
flush(struct escape *escape, char *to)
{
	size_t i, n = 0;

	for (i = 0; i < escape->count; i++)
		n += escape->kept[i] == '\r' ? caret('\r', to + n) :
		    hex(escape->kept[i], to + n);
	escape->count = 0;
	return n;
}

static size_t
caret(unsigned char byte, char *to)
{
	to[0] = '^';
	to[1] = (char)(byte ^ 0x40);
	return 2;
}

static size_t
hex(unsigned char byte, char *to)
{
	static const char digits[] = "0123456789abcdef";

	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return 4;
}

static bool
harmless(const unsigned char *bytes, size_t count)
{
	uint32_t code;

	return utf8_decode((const char *)bytes, count, &code) == count &&
	    !utf8_hidden(code);
}
