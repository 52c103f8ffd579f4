/*
 * Errors as values.  The words of an error are cut, never its reason: of a
 * text that is too long the end before ": strerror" gives way.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static void	error_format(struct error *, const char *reason,
		    const char *fmt, va_list)
		    __attribute__((format(printf, 3, 0)));

void
error_set(struct error *error, int code, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	error_format(error, strerror(code), fmt, ap);
	va_end(ap);
	error->code = code;
}

void
error_setx(struct error *error, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	error_format(error, NULL, fmt, ap);
	va_end(ap);
	error->code = 0;
}

/*
 * The text is made aside: an argument may be the old text of the same
 * error, as when a prefix is put before it.
 */
static void
error_format(struct error *error, const char *reason, const char *fmt,
    va_list ap)
{
	char	 text[sizeof(error->text)];
	size_t	 room = sizeof(text);
	int	 length;

	if (reason != NULL && strlen(reason) + 2 < room / 2)
		room -= strlen(reason) + 2;
	length = vsnprintf(text, room, fmt, ap);
	if (length < 0)
		text[0] = '\0';
	else if ((size_t)length >= room)
		strlcpy(text + room - 4, "...", 4);
	if (reason != NULL) {
		strlcat(text, ": ", sizeof(text));
		strlcat(text, reason, sizeof(text));
	}
	memcpy(error->text, text, strlen(text) + 1);
}
