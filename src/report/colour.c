/* Colours.  Two are enough, of those that every terminal has. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/colour.h"

static const char *const begins[] = {
	[COLOUR_NONE] = "",
	[COLOUR_RED] = "\033[31m",
	[COLOUR_YELLOW] = "\033[33m"
};

bool
colour_obeyed(void)
{
	const char *term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool
colour_wanted(int fd)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || no[0] == '\0') && colour_obeyed() && isatty(fd);
}

size_t
colour_name(bool colours, enum colour colour, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, "%sducat:%s %s",
	    colours ? "\033[1m" : "", colours ? "\033[0m" : "",
	    begins[colour]);
}

size_t
colour_end(enum colour colour, char *buf)
{
	return colour == COLOUR_NONE ? 0 :
	    (size_t)snprintf(buf, COLOUR_END, "\033[0m");
}
