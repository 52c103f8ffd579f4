/* A line a subject, and none about what is not known. */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"
#include "report/colour.h"
#include "report/words_tally.h"

/* Lines that grow. */
struct lines {
	char	*text;
	size_t	 used;
	char	 head[32];	/* of each: "ducat: " */
};

static void	add_rates(struct lines *, const struct event *);
static void	add_moved(struct lines *, const struct tally *);
static void	add_side(struct lines *, const char *name,
		    const struct tally_side *);
static bool	side_moved(const struct tally_side *);
static void	add_records(struct lines *, const struct tally *);
static void	add_path(struct lines *, const char *name,
		    const struct tcp_path *);
static void	add_times(struct lines *, const char *name,
		    const struct tcp_path *);
static void	add_trouble(struct lines *, const char *name,
		    const struct tcp_path *);
static void	add_speed(struct lines *, const char *name,
		    const struct tcp_path *);
static void	add_limits(struct lines *, const char *name,
		    const struct tcp_path *);
static uint64_t	rate(uint64_t bytes, int64_t ns);
static int	share(int64_t part, int64_t whole);
static void	add(struct lines *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static const char *const ways[] = {
	[BY_SPLICE] = "by splice",
	[BY_COPY] = "by copy",
	[BY_RECORDS] = "as records",
	[BY_COMMAND] = "by the command",
};

size_t
words_tally(const struct event *event, bool colours, char *buf)
{
	struct lines lines = { .text = buf };

	(void)colour_name(colours, COLOUR_NONE, lines.head,
	    sizeof(lines.head));
	add_rates(&lines, event);
	if (event->tally != NULL) {
		add_moved(&lines, event->tally);
		add_records(&lines, event->tally);
	}
	if (event->tcp != NULL)
		add_path(&lines, "TCP", event->tcp);
	if (event->target != NULL)
		add_path(&lines, "TCP to the target", event->target);
	return lines.used;
}

static void
add_rates(struct lines *lines, const struct event *event)
{
	int64_t ns = event->elapsed_ns;

	if (ns > 0)
		add(lines, "%srate: sent %" PRIu64 " bytes/s, received %"
		    PRIu64 " bytes/s\n", lines->head, rate(event->sent, ns),
		    rate(event->received, ns));
}

static void
add_moved(struct lines *lines, const struct tally *tally)
{
	bool sent = side_moved(&tally->sent);
	bool received = side_moved(&tally->received);

	if (!sent && !received)
		return;
	add(lines, "%smoved: ", lines->head);
	if (sent)
		add_side(lines, "sent", &tally->sent);
	if (sent && received)
		add(lines, "; ");
	if (received)
		add_side(lines, "received", &tally->received);
	add(lines, "\n");
}

static void
add_side(struct lines *lines, const char *name,
    const struct tally_side *side)
{
	const char *comma = "";
	size_t i;

	add(lines, "%s ", name);
	for (i = 0; i < TALLY_WAYS; i++) {
		if (side->by[i] == 0)
			continue;
		add(lines, "%s%" PRIu64 " bytes %s", comma, side->by[i],
		    ways[i]);
		comma = ", ";
	}
}

static bool
side_moved(const struct tally_side *side)
{
	size_t i;

	for (i = 0; i < TALLY_WAYS; i++)
		if (side->by[i] > 0)
			return true;
	return false;
}

static void
add_records(struct lines *lines, const struct tally *tally)
{
	if (tally->has_records)
		add(lines, "%srecords: sent %" PRIu64 ", received %" PRIu64
		    ", lost here %" PRIu64 "\n", lines->head,
		    tally->sent.records, tally->received.records, tally->lost);
}

static void
add_path(struct lines *lines, const char *name, const struct tcp_path *path)
{
	add_times(lines, name, path);
	add_trouble(lines, name, path);
	add_speed(lines, name, path);
	add_limits(lines, name, path);
}

static void
add_times(struct lines *lines, const char *name, const struct tcp_path *path)
{
	if (path->rtt_us >= 0 && path->rttvar_us >= 0)
		add(lines, "%s%s: round trip %" PRId64 ".%03d ms, "
		    "varies by %" PRId64 ".%03d ms\n", lines->head, name,
		    path->rtt_us / 1000, (int)(path->rtt_us % 1000),
		    path->rttvar_us / 1000, (int)(path->rttvar_us % 1000));
}

static void
add_trouble(struct lines *lines, const char *name,
    const struct tcp_path *path)
{
	add(lines, "%s%s: segments sent again %" PRId64, lines->head, name,
	    path->retransmits);
	if (path->retransmitted >= 0)
		add(lines, " (%" PRId64 " bytes)", path->retransmitted);
	add(lines, ", lost now %" PRId64, path->lost);
	if (path->reordered >= 0)
		add(lines, ", reordered %" PRId64, path->reordered);
	add(lines, "\n");
}

static void
add_speed(struct lines *lines, const char *name, const struct tcp_path *path)
{
	add(lines, "%s%s: ", lines->head, name);
	if (path->delivery_rate >= 0)
		add(lines, "delivery rate %" PRId64 " bytes/s, ",
		    path->delivery_rate);
	add(lines, "window %" PRId64 " segments of %" PRId64 " bytes%s%s\n",
	    path->cwnd, path->mss, path->congestion[0] == '\0' ? "" :
	    " by ", path->congestion);
}

/* What people want to know: who made it slow. */
static void
add_limits(struct lines *lines, const char *name, const struct tcp_path *path)
{
	char seconds[32];

	if (path->busy_us <= 0)
		return;
	add(lines, "%s%s: sending for %s s, limited by the receiver "
	    "%d %% of it, by the send buffer %d %%\n", lines->head, name,
	    units_seconds(path->busy_us * (CLOCK_MS / 1000), seconds,
	    sizeof(seconds)), share(path->rwnd_limited_us, path->busy_us),
	    share(path->sndbuf_limited_us, path->busy_us));
}

static uint64_t
rate(uint64_t bytes, int64_t ns)
{
	return (uint64_t)((double)bytes * CLOCK_SECOND / (double)ns);
}

/* In percent. */
static int
share(int64_t part, int64_t whole)
{
	return part <= 0 ? 0 : (int)((double)part * 100 / (double)whole + 0.5);
}

static void
add(struct lines *lines, const char *fmt, ...)
{
	size_t room = WORDS_TALLY - lines->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(lines->text + lines->used, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		lines->used += (size_t)n < room ? (size_t)n : room - 1;
}
