/* One table of events, with what each bears.  Texts come printable. */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/errno_name.h"
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
	HERE = 64,		/* a local socket's place is our end's */
	SECONDS = 128,
	CODE = 256,
	FOUND = 512,
	FROM = 1024
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
static void	add_found(struct line *, const struct event *);
static void	add_code(struct line *, int);
static void	add_tally(struct line *, const struct tally *);
static void	add_side(struct line *, const char *name,
		    const struct tally_side *);
static void	add_path(struct line *, const char *name,
		    const struct tcp_path *);
static void	add_text(struct line *, const char *name, const char *);
static void	add(struct line *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
static size_t	finish(struct line *);

static const struct {
	const char	*name;
	unsigned	 bears;
} table[] = {
	[EVENT_LISTENING] = { "listening", LOCAL | HERE },
	[EVENT_RESOLVED] = { "resolved", FOUND | SECONDS },
	[EVENT_ATTEMPT] = { "attempt", PEER | SECONDS | CODE | MESSAGE },
	[EVENT_CONNECTED] = { "connected", LOCAL | PEER | WHO | SECONDS },
	[EVENT_ACCEPTED] = { "accepted", LOCAL | PEER | WHO | HERE },
	[EVENT_HEARD] = { "accepted", LOCAL | PEER | WHO | HERE },
	[EVENT_DENIED] = { "denied", LOCAL | PEER | WHO | HERE },
	[EVENT_EOF] = { "eof", PEER | FROM | COUNTS | SECONDS },
	[EVENT_DIGEST] = { "digest", PEER },
	[EVENT_CLOSED] = { "closed", PEER | COUNTS | SECONDS | STATUS },
	[EVENT_ERROR] = { "error", STATUS | CODE | MESSAGE },
	[EVENT_WARNING] = { "warning", MESSAGE },
	[EVENT_SIGNAL] = { "warning", MESSAGE },
	[EVENT_STATS] = { "stats", PEER | COUNTS | SECONDS },
	[EVENT_DETAIL] = { NULL, 0 },
	[EVENT_EXIT] = { "exit", STATUS },
};

static const char *const ways[] = {
	[BY_SPLICE] = "splice",
	[BY_COPY] = "copy",
	[BY_RECORDS] = "records",
	[BY_COMMAND] = "command",
};

static const struct {
	const char	*name;
	size_t		 at;
} figures[] = {
	{ "rtt_us", offsetof(struct tcp_path, rtt_us) },
	{ "rttvar_us", offsetof(struct tcp_path, rttvar_us) },
	{ "retransmits", offsetof(struct tcp_path, retransmits) },
	{ "retransmitted", offsetof(struct tcp_path, retransmitted) },
	{ "lost", offsetof(struct tcp_path, lost) },
	{ "reordered", offsetof(struct tcp_path, reordered) },
	{ "delivery_rate", offsetof(struct tcp_path, delivery_rate) },
	{ "cwnd", offsetof(struct tcp_path, cwnd) },
	{ "mss", offsetof(struct tcp_path, mss) },
	{ "busy_us", offsetof(struct tcp_path, busy_us) },
	{ "rwnd_limited_us", offsetof(struct tcp_path, rwnd_limited_us) },
	{ "sndbuf_limited_us", offsetof(struct tcp_path, sndbuf_limited_us) },
};

bool
json_has(enum event_kind kind)
{
	return table[kind].name != NULL;
}

size_t
json_event(const struct event *event, char *buf)
{
	struct line line = { .text = buf };
	unsigned bears = table[event->kind].bears;
	const char *name = event->name != NULL ? event->name :
	    status_name((int)event->status);

	begin(&line, table[event->kind].name);
	if (event->number > 0)
		add(&line, ",\"conn\":%" PRIu32, event->number);
	add_ends(&line, event, bears);
	if (bears & FOUND)
		add_found(&line, event);
	if (bears & FROM)
		add_text(&line, "from", event->from_us ? "us" : "peer");
	if (bears & COUNTS)
		add(&line, ",\"sent\":%" PRIu64 ",\"received\":%" PRIu64,
		    event->sent, event->received);
	if (bears & SECONDS)
		add(&line, ",\"seconds\":%" PRId64 ".%06d",
		    event->elapsed_ns / CLOCK_SECOND,
		    (int)(event->elapsed_ns % CLOCK_SECOND / 1000));
	if (event->kind == EVENT_STATS && event->number == 0)
		add(&line, ",\"connections\":%zu", event->connections);
	if (event->tally != NULL)
		add_tally(&line, event->tally);
	add_path(&line, "tcp", event->tcp);
	add_path(&line, "target_tcp", event->target);
	if (event->kind == EVENT_CLOSED)
		add_text(&line, "reason", name);
	else if (bears & STATUS)
		add(&line, ",\"status\":%d,\"name\":\"%s\"",
		    (int)event->status, name);
	if ((bears & CODE) && event->code != 0)
		add_code(&line, event->code);
	if (event->kind == EVENT_DIGEST) {
		add_text(&line, "direction", event->of_sent ? "sent" :
		    "received");
		add_text(&line, "algorithm", event->name);
		add_text(&line, "digest", event->digest);
	}
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

static void
add_found(struct line *line, const struct event *event)
{
	char text[ADDRESS_TEXT];
	size_t i;

	add_text(line, "host", event->host);
	for (i = 0; i < event->found_count; i++)
		add(line, "%s\"%s\"", i == 0 ? ",\"addresses\":[" : ",",
		    address_host(&event->found[i], text, sizeof(text)));
	add(line, "]");
}

/* By its name, which is the same on all systems. */
static void
add_code(struct line *line, int code)
{
	const char *name = errno_name(code);
	char number[16];

	if (name == NULL)
		(void)snprintf(number, sizeof(number), "%d", code);
	add_text(line, "errno", name != NULL ? name : number);
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
add_tally(struct line *line, const struct tally *tally)
{
	add_side(line, "sent_by", &tally->sent);
	add_side(line, "received_by", &tally->received);
	if (tally->has_records)
		add(line, ",\"records_sent\":%" PRIu64 ",\"records_received\""
		    ":%" PRIu64 ",\"records_lost\":%" PRIu64,
		    tally->sent.records, tally->received.records,
		    tally->lost);
}

/* Ways that nothing went are left out. */
static void
add_side(struct line *line, const char *name, const struct tally_side *side)
{
	const char *comma = "";
	size_t i;

	add(line, ",\"%s\":{", name);
	for (i = 0; i < TALLY_WAYS; i++) {
		if (side->by[i] == 0)
			continue;
		add(line, "%s\"%s\":%" PRIu64, comma, ways[i], side->by[i]);
		comma = ",";
	}
	add(line, "}");
}

/* What the kernel does not tell is left out. */
static void
add_path(struct line *line, const char *name, const struct tcp_path *path)
{
	const char *comma = "";
	int64_t value;
	size_t i;

	if (path == NULL)
		return;
	add(line, ",\"%s\":{", name);
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		memcpy(&value, (const char *)path + figures[i].at,
		    sizeof(value));
		if (value < 0)
			continue;
		add(line, "%s\"%s\":%" PRId64, comma, figures[i].name,
		    value);
		comma = ",";
	}
	if (path->congestion[0] != '\0')
		add(line, "%s\"congestion\":\"%s\"", comma,
		    path->congestion);
	add(line, "}");
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
