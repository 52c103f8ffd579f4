/* Hostile text made fit for a terminal, a log and one line. */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stddef.h>

/*
 * Copy text into buf: printable ASCII as it is, a backslash doubled, every
 * other byte as \xHH; a text that does not fit ends in "...".  Always
 * terminated.  Returns buf.
 */
const char *printable(const char *text, char *buf, size_t size);

/* The same of so many bytes, among which may be NULs. */
const char *printable_bytes(const char *bytes, size_t length, char *buf,
	    size_t size);

/* A buffer that holds any name worth reading in a message. */
#define PRINTABLE_SIZE	128

#endif
