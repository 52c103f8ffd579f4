/*
 * UTF-8: RFC 3629.  Overlong sequences, surrogates and what is beyond
 * U+10FFFF are malformed.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX	4		/* bytes of a sequence */

/* The length that its first byte gives a sequence; 0: it begins none. */
size_t	utf8_length(unsigned char first);

/*
 * Decode the sequence at the front; returns its length, or 0: it is
 * malformed or cut off.
 */
size_t	utf8_decode(const char *bytes, size_t size, uint32_t *code);

/* How many bytes come before the first malformed sequence (size: none). */
size_t	utf8_span(const char *bytes, size_t size);

/* Write a code point, which is no surrogate; returns its length. */
size_t	utf8_encode(uint32_t code, char to[UTF8_MAX]);

/*
 * Is it well-formed and still not to be shown, as terminals obey it or show
 * what follows in another order?  C1 controls and bidirectional ones.
 */
bool	utf8_hidden(uint32_t code);

#endif
