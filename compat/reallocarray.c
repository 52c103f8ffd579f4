/* reallocarray(3): realloc(3) of a product that may not overflow. */

#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void *
reallocarray(void *memory, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return (NULL);
	}
	return (realloc(memory, count * size));
}
