/*
 * Colours of messages on a terminal, by ECMA-48's SGR.  What is for files
 * and programs has none.
 */
#ifndef REPORT_COLOUR_H
#define REPORT_COLOUR_H

#include <stdbool.h>
#include <stddef.h>

enum colour {
	COLOUR_NONE,
	COLOUR_RED,
	COLOUR_YELLOW
};

/* As much as colour_end() needs. */
#define COLOUR_END	8

/* Are control sequences obeyed?  Not by a terminal that is dumb: TERM. */
bool	colour_obeyed(void);

/*
 * Only on a terminal, and not on a dumb one or where the user has set
 * NO_COLOR; https://no-color.org.
 */
bool	colour_wanted(int fd);

/*
 * "ducat: " into buf, bold where there are colours, and the colour begun;
 * returns the length.
 */
size_t	colour_name(bool colours, enum colour, char *buf, size_t size);

/* The colour ended. */
size_t	colour_end(enum colour, char *buf);

#endif
