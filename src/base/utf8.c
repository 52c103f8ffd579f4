/* UTF-8: bytes to code points and back. */

#include "config.h"

#include <string.h>

#include "base/utf8.h"

static size_t	ascii_span(const char *, size_t);

/* Not to be shown. */
static const struct {
	uint32_t	first;
	uint32_t	last;
} hidden[] = {
	{ 0x80, 0x9f },			/* C1 controls */
	{ 0x61c, 0x61c },		/* bidirectional marks */
	{ 0x200e, 0x200f },
	{ 0x202a, 0x202e },		/* embeddings and overrides */
	{ 0x2066, 0x2069 }		/* isolates */
};

/* 0xc0, 0xc1 and 0xf5 and above begin nothing. */
size_t
utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

size_t
utf8_decode(const char *bytes, size_t size, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *from = (const unsigned char *)bytes;
	size_t length;

	length = size > 0 ? utf8_length(from[0]) : 0;
	if (length == 0 || length > size)
		return 0;
	*code = length == 1 ? from[0] : from[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((from[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (from[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

size_t
utf8_span(const char *bytes, size_t size)
{
	uint32_t code;
	size_t at, length;

	for (at = 0; at < size; at += length) {
		at += ascii_span(bytes + at, size - at);
		if (at == size)
			break;
		length = utf8_decode(bytes + at, size - at, &code);
		if (length == 0)
			break;
	}
	return at;
}

size_t
utf8_encode(uint32_t code, char to[UTF8_MAX])
{
	const size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 :
	    code < 0x10000 ? 3 : 4;

	if (length == 1) {
		to[0] = (char)code;
		return 1;
	}
	for (size_t i = length - 1; i > 0; i--) {
		to[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	to[0] = (char)((0xf00u >> length & 0xff) | code);
	return length;
}

bool
utf8_hidden(uint32_t code)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

/* Most text is ASCII: eight bytes at a time. */
static size_t
ascii_span(const char *bytes, size_t size)
{
	uint64_t eight;
	size_t at = 0;

	while (size - at >= sizeof(eight)) {
		memcpy(&eight, bytes + at, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
		at += sizeof(eight);
	}
	while (at < size && ((unsigned char)bytes[at] & 0x80) == 0)
		at++;
	return at;
}
