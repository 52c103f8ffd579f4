/*
 * One table of events, with what each bears.  Texts come printable already,
 * but for the names of interfaces.
 */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/printable.h"
#include "base/utc.h"
#include "base/utf8.h"
#include "report/json_events.h"

/* What an event can bear besides its time, name and number. */
enum member {
	LOCAL = 1,
	PEER = 2,
	WHO = 4,
	STATUS = 8,
	MESSAGE = 16,
	COUNTS = 32,
	HERE = 64		/* a local socket's place is our end's */
};

/* A line that grows. */
struct line {
	char	*text;
	size_t	 used;
};

static void	begin(struct line *, const char *name);
static void	add_ends(struct line *, const struct event *, unsigned);
static void	add_end(struct line *, const char *name,
		    const struct address *, const char *place);
static void	add_text(struct line *, const char *name, const char *);
static void	add(struct line *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
static size_t	finish(struct line *);

static const struct {
	const char	*name;
	unsigned	 bears;
} table[] = {
	[EVENT_LISTENING] = { "listening", LOCAL | HERE },
	[EVENT_ATTEMPT] = { "attempt", MESSAGE },
	[EVENT_CONNECTED] = { "connected", LOCAL | PEER | WHO },
	[EVENT_ACCEPTED] = { "accepted", LOCAL | PEER | WHO | HERE },
	[EVENT_HEARD] = { "accepted", LOCAL | PEER | WHO | HERE },
	[EVENT_DENIED] = { "denied", LOCAL | PEER | WHO | HERE },
	[EVENT_CLOSED] = { "closed", PEER | COUNTS | STATUS },
	[EVENT_ERROR] = { "error", STATUS | MESSAGE },
	[EVENT_WARNING] = { "warning", MESSAGE },
	[EVENT_SIGNAL] = { "warning", MESSAGE },
	[EVENT_STATS] = { "stats", COUNTS },
	[EVENT_EXIT] = { "exit", STATUS },
};

size_t
json_event(const struct event *event, char *buf)
{
	struct line line = { .text = buf };
	unsigned bears = table[event->kind].bears;

	begin(&line, table[event->kind].name);
	if (event->number > 0)
		add(&line, ",\"conn\":%" PRIu32, event->number);
	add_ends(&line, event, bears);
	if (bears & COUNTS)
		add(&line, ",\"sent\":%" PRIu64 ",\"received\":%" PRIu64
		    ",\"seconds\":%" PRId64 ".%06d", event->sent,
		    event->received, event->elapsed_ns / CLOCK_SECOND,
		    (int)(event->elapsed_ns % CLOCK_SECOND / 1000));
	if (event->kind == EVENT_CLOSED)
		add_text(&line, "reason", status_name((int)event->status));
	else if (bears & STATUS)
		add(&line, ",\"status\":%d,\"name\":\"%s\"",
		    (int)event->status, event->name != NULL ? event->name :
		    status_name((int)event->status));
	if ((bears & MESSAGE) && event->message != NULL)
		add_text(&line, "message", event->message);
	return finish(&line);
}

size_t
json_dropped(uint64_t lines, char *buf)
{
	struct line line = { .text = buf };

	begin(&line, "dropped");
	add(&line, ",\"lines\":%" PRIu64, lines);
	return finish(&line);
}

/* Microseconds are what the contract has. */
static void
begin(struct line *line, const char *name)
{
	char time[UTC_TEXT];

	(void)utc_text(clock_wall(), time);
	add(line, "{\"v\":1,\"time\":\"%.26sZ\",\"event\":\"%s\"", time, name);
}

static void
add_ends(struct line *line, const struct event *event, unsigned bears)
{
	bool ours = event->ours || (bears & HERE);
	const char *here = ours ? event->place : NULL;
	const char *there = ours ? NULL : event->place;

	if ((bears & LOCAL) || here != NULL)
		add_end(line, "local", &event->local, here);
	if (bears & PEER)
		add_end(line, "peer", &event->peer, event->peer.length > 0 ?
		    NULL : there);
	if (!(bears & WHO) || event->who == NULL)
		return;
	if (event->who->pid > 0)
		add(line, ",\"pid\":%jd", (intmax_t)event->who->pid);
	add(line, ",\"uid\":%ju,\"gid\":%ju", (uintmax_t)event->who->uid,
	    (uintmax_t)event->who->gid);
}

/* Of local clients there is no name, and nothing is said. */
static void
add_end(struct line *line, const char *name, const struct address *address,
    const char *place)
{
	char text[ADDRESS_TEXT];

	if (place != NULL)
		add_text(line, name, place);
	else if (address->length > 0)
		add_text(line, name, address_text(address, text,
		    sizeof(text)));
}

static void
add_text(struct line *line, const char *name, const char *text)
{
	char shown[1024];

	if (utf8_span(text, strlen(text)) != strlen(text))
		text = printable(text, shown, sizeof(shown));
	add(line, ",\"%s\":", name);
	line->used += json_quote(text, strlen(text), line->text + line->used);
}

static void
add(struct line *line, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line->text + line->used, EVENT_LINE - line->used, fmt,
	    ap);
	va_end(ap);
	line->used += (size_t)n;
}

static size_t
finish(struct line *line)
{
	line->text[line->used++] = '}';
	line->text[line->used++] = '\n';
	return line->used;
}
