/* Hostile text, made fit; and errors, which are cut and keep their reason. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/printable.h"

#include "unit.h"

static void	test_rows(struct unit *);
static void	test_long(struct unit *);
static void	test_errors(struct unit *);

static const struct {
	const char	*text;
	size_t		 size;
	const char	*shown;
} rows[] = {
	{ "", 8, "" },
	{ "plain text ~", 16, "plain text ~" },
	{ "back\\slash", 16, "back\\\\slash" },
	{ "\n", 8, "\\x0a" },
	{ "\x1b[31m", 16, "\\x1b[31m" },
	{ "\x7f", 8, "\\x7f" },
	{ "\t", 8, "\\x09" },
	{ "b\xc3\xbc", 16, "b\\xc3\\xbc" },
	{ "\xff\x80", 16, "\\xff\\x80" },
	{ "\xe2\x80\xae", 16, "\\xe2\\x80\\xae" },
	{ "1234567", 8, "1234567" },
	{ "12345678", 8, "1234..." },
	{ "123\n", 8, "123\\x0a" },
	{ "1234\n", 8, "1234..." },
	{ "1\n\n", 8, "1..." },
	{ "\n\n\n", 8, "\\x0a..." },
	{ "\\\\\\\\", 8, "\\\\\\\\..." },
	{ "long", 4, "..." },
	{ "ok", 3, "ok" },
	{ "long", 3, ".." },
	{ "long", 2, "." },
	{ "long", 1, "" },
	{ "", 1, "" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_rows(&unit);
	test_long(&unit);
	test_errors(&unit);
	return unit_end(&unit);
}

/* The buffer is allocated, so that the sanitizer sees its end. */
static void
test_rows(struct unit *unit)
{
	char *buf;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		buf = malloc(rows[i].size);
		if (buf == NULL)
			abort();
		memset(buf, '?', rows[i].size);
		unit_text(unit, rows[i].text,
		    printable(rows[i].text, buf, rows[i].size),
		    rows[i].shown);
		free(buf);
	}
}

static void
test_long(struct unit *unit)
{
	static char text[70001];
	char shown[PRINTABLE_SIZE];

	memset(text, 'a', sizeof(text) - 1);
	(void)printable(text, shown, sizeof(shown));
	unit_check(unit, strlen(shown) == sizeof(shown) - 1 &&
	    strcmp(shown + sizeof(shown) - 5, "a...") == 0,
	    "70,000 bytes give [%s]", shown);
	memset(text, '\n', sizeof(text) - 1);
	(void)printable(text, shown, sizeof(shown));
	unit_check(unit, strlen(shown) < sizeof(shown) &&
	    strcmp(shown + strlen(shown) - 7, "\\x0a...") == 0,
	    "70,000 newlines give [%s]", shown);
}

static void
test_errors(struct unit *unit)
{
	struct error error;
	char text[2 * sizeof(error.text)], wanted[64];

	snprintf(wanted, sizeof(wanted), "open 7: %s", strerror(ENOENT));
	error_set(&error, ENOENT, "open %d", 7);
	unit_text(unit, "error_set", error.text, wanted);
	unit_check(unit, error.code == ENOENT, "code %d", error.code);
	error_setx(&error, "before: %s", "x");
	error_setx(&error, "-w: %s", error.text);
	unit_text(unit, "error_setx", error.text, "-w: before: x");
	unit_check(unit, error.code == 0, "code %d", error.code);

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(wanted, sizeof(wanted), "a...: %s", strerror(ENOENT));
	error_set(&error, ENOENT, "%s", text);
	unit_check(unit, strlen(error.text) == sizeof(error.text) - 1,
	    "a long error has %zu bytes", strlen(error.text));
	unit_text(unit, "a long error",
	    error.text + strlen(error.text) - strlen(wanted), wanted);
	error_setx(&error, "%s", text);
	unit_text(unit, "a long error without errno",
	    error.text + sizeof(error.text) - 5, "a...");
}
