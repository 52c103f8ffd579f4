/*
 * One renderer an event.  Messages of errors come complete, "what was
 * tried, on what: why it failed".
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "report/words.h"

/* However many -v. */
#define NEVER		1000

/* Of a pid, a uid and a gid. */
#define WHO_TEXT	96

static int	listening(const struct event *, char *, size_t);
static int	connected(const struct event *, char *, size_t);
static int	accepted(const struct event *, char *, size_t);
static int	denied(const struct event *, char *, size_t);
static int	closed(const struct event *, char *, size_t);
static int	message(const struct event *, char *, size_t);
static int	stats(const struct event *, char *, size_t);
static const char *who(const struct event *, char *, size_t);

static const struct {
	int	  level;
	int	(*render)(const struct event *, char *, size_t);
} table[] = {
	[EVENT_LISTENING] = { 1, listening },
	[EVENT_ATTEMPT] = { 1, message },
	[EVENT_CONNECTED] = { 1, connected },
	[EVENT_ACCEPTED] = { 1, accepted },
	[EVENT_HEARD] = { 1, accepted },
	[EVENT_DENIED] = { 1, denied },
	[EVENT_CLOSED] = { 1, closed },
	[EVENT_ERROR] = { 0, message },
	[EVENT_WARNING] = { 0, message },
	[EVENT_SIGNAL] = { 0, message },
	[EVENT_STATS] = { -1, stats },
	[EVENT_EXIT] = { NEVER, message },
};

int
words_level(enum event_kind kind)
{
	return table[kind].level;
}

size_t
words_render(const struct event *event, char *buf, size_t size)
{
	size_t used;
	int n;

	n = snprintf(buf, size, "ducat: ");
	used = (size_t)n;
	n = table[event->kind].render(event, buf + used, size - used - 1);
	if (n > 0)
		used += (size_t)n < size - used - 1 ? (size_t)n :
		    size - used - 2;
	buf[used++] = '\n';
	return used;
}

static int
listening(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT];

	return snprintf(buf, size, "listening on %s", event->place != NULL ?
	    event->place : address_text(&event->local, local, sizeof(local)));
}

static int
connected(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT], peer[ADDRESS_TEXT], ids[WHO_TEXT];

	if (event->place != NULL)
		return snprintf(buf, size, "connected to %s%s", event->place,
		    who(event, ids, sizeof(ids)));
	return snprintf(buf, size, "connected to %s from %s",
	    address_text(&event->peer, peer, sizeof(peer)),
	    address_text(&event->local, local, sizeof(local)));
}

static int
accepted(const struct event *event, char *buf, size_t size)
{
	char local[ADDRESS_TEXT], peer[ADDRESS_TEXT];

	const char *on = event->place != NULL ? event->place :
	    address_text(&event->local, local, sizeof(local));
	char ids[WHO_TEXT];

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
	char peer[ADDRESS_TEXT];

	char ids[WHO_TEXT];

	if (event->place != NULL)
		return snprintf(buf, size, "denied %s on %s%s",
		    event->message != NULL ? event->message : "a connection",
		    event->place, who(event, ids, sizeof(ids)));
	return snprintf(buf, size, "denied %s",
	    address_text(&event->peer, peer, sizeof(peer)));
}

static int
closed(const struct event *event, char *buf, size_t size)
{
	char peer[ADDRESS_TEXT], seconds[32];

	if (event->peer.length == 0 && event->place == NULL)
		return stats(event, buf, size);
	return snprintf(buf, size, "closed %s: sent %" PRIu64
	    " bytes, received %" PRIu64 " bytes in %s s",
	    event->peer.length == 0 ? event->place :
	    address_text(&event->peer, peer, sizeof(peer)), event->sent,
	    event->received, units_seconds(event->elapsed_ns, seconds,
	    sizeof(seconds)));
}

static int
message(const struct event *event, char *buf, size_t size)
{
	return snprintf(buf, size, "%s", event->message);
}

static int
stats(const struct event *event, char *buf, size_t size)
{
	char seconds[32];

	return snprintf(buf, size, "sent %" PRIu64 " bytes, received %" PRIu64
	    " bytes in %s s", event->sent, event->received,
	    units_seconds(event->elapsed_ns, seconds, sizeof(seconds)));
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
