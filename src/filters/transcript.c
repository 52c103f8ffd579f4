/*
 * Transcripts.  Names are made of letters, one after another; what is too
 * long is noticed at the end.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/printable.h"
#include "base/utc.h"
#include "filters/transcript.h"

#define FIELDS		"pnt%"
#define PEER_MOST	128		/* bytes, port and prefix excepted */

struct transcript {
	struct tap	tap;
	bool		sent;
};

/* A name that grows, and counts what it has no room for. */
struct name {
	char	*text;
	size_t	 size;
	size_t	 used;
};

static void	saw(struct tap *, const struct passage *);
static void	over(struct tap *, enum tap_end);

static void	add_field(struct name *, char, const struct tap_ends *);
static void	add_peer(struct name *, const struct tap_ends *);
static void	add_time(struct name *);
static void	add_text(struct name *, const char *);
static void	add(struct name *, char);
static const char *peer_text(const struct tap_ends *, char *, size_t);
static char	safe(char);

static const struct tap_ops transcript_ops = {
	.saw = saw,
	.close = over
};

struct tap *
transcript_tap_new(struct sink *sink, bool sent)
{
	struct transcript *transcript = calloc(1, sizeof(*transcript));

	if (transcript == NULL)
		return NULL;
	transcript->tap.ops = &transcript_ops;
	transcript->tap.sink = sink;
	transcript->sent = sent;
	return &transcript->tap;
}

static void
saw(struct tap *tap, const struct passage *passage)
{
	const struct transcript *transcript = (const struct transcript *)tap;

	if (passage->sent == transcript->sent && passage->size > 0)
		(void)sink_put(tap->sink, passage->data, passage->size);
}

static void
over(struct tap *tap, enum tap_end how)
{
	(void)how;
	free(tap);
}

int
transcript_check(const char *pattern, struct error *error)
{
	const char *at = pattern;
	char shown[PRINTABLE_SIZE], field[8];

	while ((at = strchr(at, '%')) != NULL) {
		if (at[1] == '\0' || strchr(FIELDS, at[1]) == NULL)
			break;
		at += 2;
	}
	if (at == NULL)
		return 0;
	(void)printable(pattern, shown, sizeof(shown));
	if (at[1] == '\0')
		error_setx(error, "\"%s\": a letter is missing behind %%; "
		    "%%%% is a percent sign", shown);
	else
		error_setx(error, "\"%s\": %%%s is none of %%p, %%n, %%t "
		    "and %%%%", shown, printable_bytes(at + 1, 1, field,
		    sizeof(field)));
	return -1;
}

bool
transcript_varies(const char *pattern)
{
	for (; *pattern != '\0'; pattern++)
		if (*pattern == '%' && *++pattern != '%')
			return true;
	return false;
}

int
transcript_name(const char *pattern, const struct tap_ends *ends, char *buf,
    size_t size, struct error *error)
{
	struct name name = { .text = buf, .size = size };
	char shown[PRINTABLE_SIZE];
	const char *at;

	if (transcript_check(pattern, error) == -1)
		return -1;
	for (at = pattern; *at != '\0'; at++)
		if (*at == '%')
			add_field(&name, *++at, ends);
		else
			add(&name, *at);
	add(&name, '\0');
	if (name.used <= size)
		return 0;
	error_set(error, ENAMETOOLONG, "\"%s\"",
	    printable(pattern, shown, sizeof(shown)));
	return -1;
}

static void
add_field(struct name *name, char field, const struct tap_ends *ends)
{
	char number[16];

	switch (field) {
	case 'p':
		add_peer(name, ends);
		break;
	case 'n':
		snprintf(number, sizeof(number), "%" PRIu32, ends->number);
		add_text(name, number);
		break;
	case 't':
		add_time(name);
		break;
	default:
		add(name, field);
	}
}

/* A name of dots would be a directory, one with a dash an option. */
static void
add_peer(struct name *name, const struct tap_ends *ends)
{
	const int family = address_family(ends->peer);
	char text[ADDRESS_TEXT], port[8];
	char first;
	size_t i;

	first = safe(peer_text(ends, text, sizeof(text))[0]);
	if (text[0] == ':')
		add(name, '0');
	else if (first == '.' || first == '-')
		add(name, '_');
	for (i = 0; i < PEER_MOST && text[i] != '\0'; i++)
		add(name, safe(text[i]));
	if (family != AF_INET && family != AF_INET6)
		return;
	snprintf(port, sizeof(port), "_%u", address_port(ends->peer));
	add_text(name, port);
}

/* A local socket to which we went may have no address but where it is. */
static const char *
peer_text(const struct tap_ends *ends, char *buf, size_t size)
{
	if (ends->peer->length > 0)
		return address_host(ends->peer, buf, size);
	strlcpy(buf, ends->place != NULL && !ends->accepted ? ends->place :
	    "unknown", size);
	return buf;
}

static char
safe(char byte)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789@._-";

	if (byte == ':' || byte == '%')
		return '-';
	return memchr(kept, byte, sizeof(kept) - 1) != NULL ? byte : '_';
}

/* RFC 3339 without what separates, and without parts of seconds. */
static void
add_time(struct name *name)
{
	char text[UTC_TEXT];
	const char *at;

	(void)utc_text(clock_wall(), text);
	for (at = text; *at != '.'; at++)
		if (*at != '-' && *at != ':')
			add(name, *at);
	add(name, 'Z');
}

static void
add_text(struct name *name, const char *text)
{
	while (*text != '\0')
		add(name, *text++);
}

static void
add(struct name *name, char byte)
{
	if (name->used < name->size)
		name->text[name->used] = byte;
	name->used++;
}
