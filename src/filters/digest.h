/*
 * A digest of each direction: a tap that writes nothing, and is asked.  The
 * algorithms are libmd's; without it there are none (digest_none.c).
 */
#ifndef FILTERS_DIGEST_H
#define FILTERS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "pump/tap.h"

/* The longest text and its end: 64 bytes. */
#define DIGEST_TEXT	129

/* "md5, sha1, ..." in words; NULL: built without any. */
const char *digest_names(void);

/* The number of an algorithm; -1: there is none of this name. */
int	digest_algorithm(const char *name);

/* The name of one that there is. */
const char *digest_name(int algorithm);

/* Of an algorithm by its number, and of no bytes so far.  NULL: no memory. */
struct tap *digest_tap_new(int algorithm);

/*
 * The digest of all that was sent so far, or that came, in lower-case
 * hexadecimal; it goes on undisturbed.  Returns buf, which should be of
 * DIGEST_TEXT bytes.
 */
const char *digest_text(const struct tap *, bool sent, char *buf,
	    size_t size);

#endif
