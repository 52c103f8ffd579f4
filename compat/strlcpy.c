/* strlcpy(3): copy as much as fits, always terminated. */

#include "config.h"

#include <string.h>

size_t
strlcpy(char *buf, const char *text, size_t size)
{
	size_t length = strlen(text);
	size_t copied;

	if (size == 0)
		return (length);
	copied = length < size ? length : size - 1;
	memcpy(buf, text, copied);
	buf[copied] = '\0';
	return (length);
}
