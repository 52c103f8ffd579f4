/* strlcat(3): append as much as fits, always terminated. */

#include "config.h"

#include <string.h>

size_t
strlcat(char *buf, const char *text, size_t size)
{
	size_t used = strnlen(buf, size);
	size_t length = strlen(text);
	size_t room = size - used;
	size_t copied;

	if (room == 0)
		return (used + length);
	copied = length < room ? length : room - 1;
	memcpy(buf + used, text, copied);
	buf[used + copied] = '\0';
	return (used + length);
}
