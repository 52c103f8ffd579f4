/* UNIX-domain addresses and their text.  It looks at no file. */

#include "config.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/unix_path.h"

static int	parse_name(struct unix_path *, const char *);
static int	unescape(const char **);

int
unix_path_parse(struct unix_path *path, const char *text, struct error *error)
{
	size_t size = strlen(text), most = sizeof(path->address.sun_path);
	char shown[PRINTABLE_SIZE];

	memset(path, 0, sizeof(*path));
	path->address.sun_family = AF_UNIX;
	path->text = text;
	if (size == 0) {
		error_setx(error, "the path of a socket is empty");
		return -1;
	}
	if (text[0] == '@') {
		if (parse_name(path, text + 1) == 0)
			return 0;
		error_setx(error, "%s: not a name of an abstract socket "
		    "(at most 107 bytes; \\xHH and \\\\ are escapes)",
		    printable(text, shown, sizeof(shown)));
		return -1;
	}
	if (size > most) {
		error_setx(error, "%s: longer than the %zu bytes of a "
		    "socket's path", printable(text, shown, sizeof(shown)),
		    most);
		return -1;
	}
	memcpy(path->address.sun_path, text, size);
	path->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    size + (size < most));
	return 0;
}

const char *
unix_path_printable(const struct unix_path *path, char *buf, size_t size)
{
	if (path->text[0] != '@')
		return printable(path->text, buf, size);
	strlcpy(buf, "@", size);
	printable_bytes(path->address.sun_path + 1, (size_t)path->length -
	    offsetof(struct sockaddr_un, sun_path) - 1, buf + 1, size - 1);
	return buf;
}

/* An abstract name is what its length says, behind a NUL. */
static int
parse_name(struct unix_path *path, const char *name)
{
	size_t used = 1;
	int byte;

	while (*name != '\0') {
		byte = unescape(&name);
		if (byte == -1 || used == sizeof(path->address.sun_path))
			return -1;
		path->address.sun_path[used++] = (char)byte;
	}
	path->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    used);
	return used > 1 ? 0 : -1;
}

static int
unescape(const char **at)
{
	const char *text = *at;
	char digits[3] = "";

	if (text[0] != '\\') {
		*at = text + 1;
		return (unsigned char)text[0];
	}
	if (text[1] == '\\') {
		*at = text + 2;
		return '\\';
	}
	if (text[1] != 'x' || !isxdigit((unsigned char)text[2]) ||
	    !isxdigit((unsigned char)text[3]))
		return -1;
	memcpy(digits, text + 2, 2);
	*at = text + 4;
	return (int)strtol(digits, NULL, 16);
}
