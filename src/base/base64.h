/*
 * Base64 with padding and without line ends, RFC 4648 section 4.  There is
 * one text for any bytes, and none but that one is taken.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* The characters that size bytes become. */
#define BASE64_SIZE(size)	(((size) + 2) / 3 * 4)

/* Four characters are a group, of three bytes; only the last is padded. */
#define BASE64_GROUP		4

/* Write the BASE64_SIZE(size) characters to `to`; returns how many. */
size_t	base64_encode(const char *from, size_t size, char *to);

/*
 * Decode groups up to the first that is not of four digits: what is left is
 * the end of the text, a padded group or a fault.  Returns the characters
 * taken; of every four of them three bytes are made.  `to` may be `from`.
 */
size_t	base64_decode(const char *from, size_t size, char *to);

/*
 * Decode one group, padded or not, which has at most four characters: with
 * fewer it is cut off.  Returns the bytes made, 1 to 3, or 0: *bad is the
 * index of the first character that is wrong (size: the missing one).
 */
size_t	base64_decode_group(const char *from, size_t size, char *to,
	    size_t *bad);

#endif
