/* Base64, strictly: bytes to text and back. */

#include "config.h"

#include <stdint.h>

#include "base/base64.h"

static uint32_t	bits_of(const char *from);
static void	put24(uint32_t bits, char *to);

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The values of digits with this bit set; what is none has 0. */
#define DIGIT	64u

static const unsigned char values[256] = {
	['A'] = 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76,
	['N'] = 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
	['a'] = 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102,
	['n'] = 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,
	['0'] = 116, 117, 118, 119, 120, 121, 122, 123, 124, 125,
	['+'] = 126,
	['/'] = 127
};

size_t
base64_encode(const char *from, size_t size, char *to)
{
	const unsigned char *bytes = (const unsigned char *)from;
	char *const start = to;
	uint32_t bits;

	for (; size > 0; to += BASE64_GROUP) {
		bits = (uint32_t)bytes[0] << 16;
		if (size > 1)
			bits |= (uint32_t)bytes[1] << 8;
		if (size > 2)
			bits |= bytes[2];
		to[0] = alphabet[bits >> 18];
		to[1] = alphabet[bits >> 12 & 63];
		to[2] = size > 1 ? alphabet[bits >> 6 & 63] : '=';
		to[3] = size > 2 ? alphabet[bits & 63] : '=';
		if (size <= 3)
			return (size_t)(to - start) + BASE64_GROUP;
		bytes += 3;
		size -= 3;
	}
	return 0;
}

size_t
base64_decode(const char *from, size_t size, char *to)
{
	size_t at;
	uint32_t bits;

	for (at = 0; size - at >= BASE64_GROUP; at += BASE64_GROUP) {
		bits = bits_of(from + at);
		if (bits == UINT32_MAX)
			break;
		put24(bits, to);
		to += 3;
	}
	return at;
}

size_t
base64_decode_group(const char *from, size_t size, char *to, size_t *bad)
{
	char group[BASE64_GROUP] = { 'A', 'A', 'A', 'A' }, bytes[3];
	size_t count, i;
	uint32_t bits;

	for (count = 0; count < size; count++) {
		if (values[(unsigned char)from[count]] == 0)
			break;
		group[count] = from[count];
	}
	for (i = count; i < BASE64_GROUP; i++)
		if (i >= size || i < 2 || from[i] != '=') {
			*bad = i;
			return 0;
		}
	/* The bits of the last digit that are of no byte must be 0. */
	bits = bits_of(group);
	if ((count == 2 && (bits & 0xffff) != 0) ||
	    (count == 3 && (bits & 0xff) != 0)) {
		*bad = count - 1;
		return 0;
	}
	put24(bits, bytes);
	for (i = 0; i < count - 1; i++)
		to[i] = bytes[i];
	return i;
}

/* The 24 bits of four digits; UINT32_MAX: one of them is none. */
static uint32_t
bits_of(const char *from)
{
	const unsigned a = values[(unsigned char)from[0]];
	const unsigned b = values[(unsigned char)from[1]];
	const unsigned c = values[(unsigned char)from[2]];
	const unsigned d = values[(unsigned char)from[3]];

	if ((a & b & c & d & DIGIT) == 0)
		return UINT32_MAX;
	return (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);
}

static void
put24(uint32_t bits, char *to)
{
	to[0] = (char)(bits >> 16);
	to[1] = (char)(bits >> 8);
	to[2] = (char)bits;
}
