/* Built without libmd: no name is an algorithm's, so there are no taps. */

#include "config.h"

#include "filters/digest.h"

const char *
digest_names(void)
{
	return NULL;
}

int
digest_algorithm(const char *name)
{
	(void)name;
	return -1;
}

const char *
digest_name(int algorithm)
{
	(void)algorithm;
	return NULL;
}

struct tap *
digest_tap_new(int algorithm)
{
	(void)algorithm;
	return NULL;
}

const char *
digest_text(const struct tap *tap, bool sent, char *buf, size_t size)
{
	(void)tap;
	(void)sent;
	if (size > 0)
		buf[0] = '\0';
	return buf;
}
