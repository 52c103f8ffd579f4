/* Hostile text made fit for a terminal, a log and one line. */

#include "config.h"

#include <string.h>

#include "base/printable.h"

/* The longest piece: \xHH and its end. */
#define PIECE_SIZE	5

static size_t	printable_piece(unsigned char, char piece[PIECE_SIZE]);

const char *
printable(const char *text, char *buf, size_t size)
{
	return printable_bytes(text, strlen(text), buf, size);
}

const char *
printable_bytes(const char *bytes, size_t count, char *buf, size_t size)
{
	char	 piece[PIECE_SIZE];
	size_t	 length, used = 0, cut = 0, i;

	if (size == 0)
		return buf;
	for (i = 0; i < count; i++) {
		length = printable_piece((unsigned char)bytes[i], piece);
		if (used + length >= size) {
			/* "..." goes behind the last piece that leaves room */
			buf[cut] = '\0';
			strlcat(buf, "...", size);
			return buf;
		}
		memcpy(buf + used, piece, length);
		used += length;
		if (used + sizeof("...") <= size)
			cut = used;
	}
	buf[used] = '\0';
	return buf;
}

static size_t
printable_piece(unsigned char byte, char piece[PIECE_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	if (byte == '\\') {
		memcpy(piece, "\\\\", 3);
		return 2;
	}
	if (byte >= ' ' && byte <= '~') {
		piece[0] = (char)byte;
		return 1;
	}
	piece[0] = '\\';
	piece[1] = 'x';
	piece[2] = hex[byte >> 4];
	piece[3] = hex[byte & 15];
	return 4;
}
