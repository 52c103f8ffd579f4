/*
 * One renderer an event.  Messages of errors come complete, "what was
 * tried, on what: why it failed".
 */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "report/colour.h"
#include "report/words.h"

/* However many -v. */
#define NEVER		1000

/* Of a pid, a uid and a gid. */
#define WHO_TEXT	96

static int	listening(const struct event *, char *, size_t);
static int	resolved(const struct event *, char *, size_t);
static int	attempt(const struct event *, char *, size_t);
static int	connected(const struct event *, char *, size_t);
static int	accepted(const struct event *, char *, size_t);
static int	denied(const struct event *, char *, size_t);
static int	digest(const struct event *, char *, size_t);
static int	eof(const struct event *, char *, size_t);
static int	closed(const struct event *, char *, size_t);
static const char *rate(const struct event *, char *, size_t);
static int	message(const struct event *, char *, size_t);
static int	stats(const struct event *, char *, size_t);
static const char *who(const struct event *, char *, size_t);

static const struct {
	int	  level;
	int	(*render)(const struct event *, char *, size_t);
	enum colour colour;
} table[] = {
	[EVENT_LISTENING] = { 1, listening, COLOUR_NONE },
	[EVENT_RESOLVED] = { 1, resolved, COLOUR_NONE },
	[EVENT_ATTEMPT] = { 1, attempt, COLOUR_NONE },
	[EVENT_CONNECTED] = { 1, connected, COLOUR_NONE },
	[EVENT_ACCEPTED] = { 1, accepted, COLOUR_NONE },
	[EVENT_HEARD] = { 1, accepted, COLOUR_NONE },
	[EVENT_DENIED] = { 1, denied, COLOUR_NONE },
	[EVENT_EOF] = { 2, eof, COLOUR_NONE },
	[EVENT_DIGEST] = { -1, digest, COLOUR_NONE },
	[EVENT_CLOSED] = { 1, closed, COLOUR_NONE },
	[EVENT_ERROR] = { 0, message, COLOUR_RED },
	[EVENT_WARNING] = { 0, message, COLOUR_YELLOW },
	[EVENT_SIGNAL] = { 0, message, COLOUR_YELLOW },
	[EVENT_STATS] = { -1, stats, COLOUR_NONE },
	[EVENT_DETAIL] = { 2, message, COLOUR_NONE },
	[EVENT_EXIT] = { NEVER, message, COLOUR_NONE },
};

int
words_level(enum event_kind kind)
{
	return table[kind].level;
}

size_t
words_render(const struct event *event, bool colours, char *buf, size_t size)
{
	enum colour colour = colours ? table[event->kind].colour : COLOUR_NONE;
	size_t used, room;
	int n;

	used = colour_name(colours, colour, buf, size);
	room = size - used - COLOUR_END - 1;
	n = table[event->kind].render(event, buf + used, room);
	if (n > 0)
		used += (size_t)n < room ? (size_t)n : room - 1;
	used += colour_end(colour, buf + used);
	buf[used++] = '\n';
	return used;
}

void
words_complain(const char *fmt, ...)
{
	char text[1024], line[1200];
	struct event event = { .kind = EVENT_ERROR, .message = text };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fwrite(line, words_render(&event, colour_wanted(STDERR_FILENO),
	    line, sizeof(line)), 1, stderr);
}

static int
listening(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT];

	return snprintf(buf, size, "listening on %s", event->place != NULL ?
	    event->place : address_text(&event->local, local, sizeof(local)));
}

/* Of many addresses as many as the line has room for. */
static int
resolved(const struct event *event, char *buf, size_t size)
{
	char host[ADDRESS_TEXT], seconds[32];
	size_t used, i;

	used = (size_t)snprintf(buf, size, "resolved %s:", event->host);
	for (i = 0; i < event->found_count; i++) {
		if (used + ADDRESS_TEXT + 64 > size)
			break;
		used += (size_t)snprintf(buf + used, size - used, "%s %s",
		    i == 0 ? "" : ",", address_host(&event->found[i], host,
		    sizeof(host)));
	}
	if (used + 64 > size)
		return (int)used;
	if (i < event->found_count)
		used += (size_t)snprintf(buf + used, size - used,
		    " and %zu more", event->found_count - i);
	return (int)used + snprintf(buf + used, size - used, " in %s s",
	    units_seconds(event->elapsed_ns, seconds, sizeof(seconds)));
}

static int
attempt(const struct event *event, char *buf, size_t size)
{
	char seconds[32];

	return snprintf(buf, size, "%s (%s s)", event->message,
	    units_seconds(event->elapsed_ns, seconds, sizeof(seconds)));
}

static int
connected(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT], peer[ADDRESS_TEXT], ids[WHO_TEXT];
	char seconds[32];

	if (event->place != NULL)
		return snprintf(buf, size, "connected to %s%s", event->place,
		    who(event, ids, sizeof(ids)));
	return snprintf(buf, size, "connected to %s from %s in %s s",
	    address_text(&event->peer, peer, sizeof(peer)),
	    address_text(&event->local, local, sizeof(local)),
	    units_seconds(event->elapsed_ns, seconds, sizeof(seconds)));
}

static int
accepted(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT], peer[ADDRESS_TEXT], ids[WHO_TEXT];
	const char *on = event->place != NULL ? event->place :
	    address_text(&event->local, local, sizeof(local));

	if (event->peer.length == 0)
		return snprintf(buf, size, "connection on %s%s", on,
		    who(event, ids, sizeof(ids)));
	return snprintf(buf, size, "%s from %s on %s%s",
	    event->kind == EVENT_HEARD ? "datagrams" : "connection",
	    address_text(&event->peer, peer, sizeof(peer)), on,
	    who(event, ids, sizeof(ids)));
}

static int
denied(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT], ids[WHO_TEXT];

	if (event->place != NULL)
		return snprintf(buf, size, "denied %s on %s%s",
		    event->message != NULL ? event->message : "a connection",
		    event->place, who(event, ids, sizeof(ids)));
	return snprintf(buf, size, "denied %s",
	    address_text(&event->peer, peer, sizeof(peer)));
}

static int
digest(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT];

	if (event->peer.length == 0 && event->place == NULL)
		return snprintf(buf, size, "%s: %s %s", event->of_sent ?
		    "sent" : "received", event->name, event->digest);
	return snprintf(buf, size, "%s %s: %s %s", event->of_sent ?
	    "sent to" : "received from", event->peer.length == 0 ?
	    event->place : address_text(&event->peer, peer, sizeof(peer)),
	    event->name, event->digest);
}

static int
eof(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT];

	return snprintf(buf, size, "end %s %s after %" PRIu64 " bytes",
	    event->from_us ? "sent to" : "received from",
	    event->peer.length == 0 ? event->place :
	    address_text(&event->peer, peer, sizeof(peer)), event->from_us ?
	    event->sent : event->received);
}

static int
closed(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT], seconds[32], per[32];

	if (event->peer.length == 0 && event->place == NULL)
		return stats(event, buf, size);
	return snprintf(buf, size, "closed %s: sent %" PRIu64
	    " bytes, received %" PRIu64 " bytes in %s s%s",
	    event->peer.length == 0 ? event->place :
	    address_text(&event->peer, peer, sizeof(peer)), event->sent,
	    event->received, units_seconds(event->elapsed_ns, seconds,
	    sizeof(seconds)), rate(event, per, sizeof(per)));
}

/* ", 1.03 MB/s" of both ways together; nothing of what took no time. */
static const char *
rate(const struct event *event, char *buf, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double per = (double)(event->sent + event->received);
	size_t i = 0;

	if (event->elapsed_ns <= 0 || per < 1)
		return "";
	per = per * (double)CLOCK_SECOND / (double)event->elapsed_ns;
	for (; per >= 999.5 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
		per /= 1000;
	(void)snprintf(buf, size, ", %.3g %s/s", per, units[i]);
	return buf;
}

static int
message(const struct event *event, char *buf, size_t size)
{
	return snprintf(buf, size, "%s", event->message);
}

static int
stats(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT], seconds[32], now[48] = "";
	const char *of = event->peer.length > 0 ? address_text(&event->peer,
	    peer, sizeof(peer)) : event->place;

	if (event->number == 0)
		of = "in all";
	if (event->connections > 0)
		(void)snprintf(now, sizeof(now), ", %zu connection%s now",
		    event->connections, event->connections == 1 ? "" : "s");
	return snprintf(buf, size, "%s%ssent %" PRIu64 " bytes, received %"
	    PRIu64 " bytes in %s s%s", of == NULL ? "" : of,
	    of == NULL ? "" : ": ", event->sent, event->received,
	    units_seconds(event->elapsed_ns, seconds, sizeof(seconds)), now);
}

/* ", pid 12, uid 1000, gid 1000" */
static const char *
who(const struct event *event, char *buf, size_t size)
{
	const struct credentials *peer = event->who;
	char pid[32] = "";

	if (peer == NULL)
		return "";
	if (peer->pid > 0)
		(void)snprintf(pid, sizeof(pid), ", pid %jd",
		    (intmax_t)peer->pid);
	(void)snprintf(buf, size, "%s, uid %ju, gid %ju", pid,
	    (uintmax_t)peer->uid, (uintmax_t)peer->gid);
	return buf;
}
