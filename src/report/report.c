/*
 * Two renderings of the same events, and where they go.  Before the loop
 * runs, and when it is taken, a line goes out at once; otherwise it waits in
 * the sink.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "net/descriptor.h"
#include "pump/sink.h"
#include "report/colour.h"
#include "report/json_events.h"
#include "report/report.h"
#include "report/status_line.h"
#include "report/words.h"
#include "report/words_tally.h"

#define WORDS_ROOM	(16 * 1024)
#define EVENTS_ROOM	(64 * 1024)
#define LINE_SIZE	1024

struct report {
	struct owner	 owner;
	struct watch	*watch;		/* NULL before the loop */
	unsigned	 verbose;
	bool		 quiet;
	bool		 stats;		/* were asked for */
	bool		 colours;
	struct sink	 words;		/* standard error */
	struct sink	 events;	/* buffer NULL: there are none */
	const char	*events_name;
	struct status_line line;	/* below the words */
};

static bool	speaks(const struct report *, enum event_kind);
static bool	speaks_tally(const struct report *, enum event_kind);
static void	put_words(struct report *, const struct event *);
static void	put_dropped(struct report *);
static void	put_event(struct report *, const struct event *);
static bool	flush(struct report *);
static void	flush_all(struct report *);

struct report *
report_new(unsigned verbose, bool quiet, int owner_kind)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return NULL;
	owner_init(&report->owner, owner_kind);
	report->verbose = verbose;
	report->quiet = quiet;
	report->colours = colour_wanted(STDERR_FILENO);
	if (sink_open(&report->words, STDERR_FILENO, WORDS_ROOM) == 0)
		return report;
	free(report);
	return NULL;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	if (report->watch != NULL)
		watch_leave(report->watch, &report->owner);
	sink_close(&report->words);
	sink_close(&report->events);
	free(report);
}

void
report_drain(struct report *report, int64_t until)
{
	sink_drain(&report->words, until);
	sink_drain(&report->events, until);
}

int
report_open_events(struct report *report, const char *file, int fd,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	int rc;

	(void)printable(file, shown, sizeof(shown));
	report->events_name = file;
	if (fd == -1) {
		fd = descriptor_create(file, O_APPEND);
		rc = fd == -1 ? -1 :
		    sink_open_own(&report->events, fd, EVENTS_ROOM);
	} else {
		rc = sink_open(&report->events, fd, EVENTS_ROOM);
	}
	if (rc == -1)
		error_set(error, errno, "--events %s", shown);
	return rc;
}

bool
report_events_failed(const struct report *report, struct error *error)
{
	char shown[PRINTABLE_SIZE];

	if (report->events.error == 0 && report->events.used == 0)
		return false;
	(void)printable(report->events_name, shown, sizeof(shown));
	if (report->events.error != 0)
		error_set(error, report->events.error, "--events %s", shown);
	else
		error_setx(error, "--events %s: not all could be written",
		    shown);
	return true;
}

int
report_events_fd(const struct report *report)
{
	return report->events.buffer == NULL ? -1 : report->events.fd;
}

struct sink *
report_words(struct report *report, size_t most)
{
	report->words.most = most;
	return &report->words;
}

void
report_attach(struct report *report, struct watch *watch)
{
	report->watch = watch;
}

void
report_advance(struct report *report)
{
	(void)flush(report);
	watch_begin(report->watch, &report->owner);
	sink_await(&report->words, report->watch, &report->owner);
	sink_await(&report->events, report->watch, &report->owner);
	watch_end(report->watch, &report->owner);
}

bool
report_tells(const struct report *report, enum event_kind kind)
{
	return (report->events.buffer != NULL && json_has(kind)) ||
	    speaks(report, kind);
}

void
report_tell_stats(struct report *report)
{
	report->stats = true;
}

bool
report_tells_tally(const struct report *report, enum event_kind kind)
{
	return report->events.buffer != NULL || speaks_tally(report, kind);
}

/* What was asked for is said whatever else is not. */
static bool
speaks_tally(const struct report *report, enum event_kind kind)
{
	return kind == EVENT_STATS || (kind == EVENT_CLOSED && report->stats);
}

static bool
speaks(const struct report *report, enum event_kind kind)
{
	int level = words_level(kind);

	if (speaks_tally(report, kind))
		return true;
	return level <= (int)report->verbose && (!report->quiet || level < 0);
}

void
report_event(struct report *report, const struct event *event)
{
	(void)flush(report);
	if (speaks(report, event->kind) && !event->told)
		put_words(report, event);
	if (report->events.buffer != NULL && json_has(event->kind))
		put_event(report, event);
	flush_all(report);
}

void
report_error(struct report *report, enum status status,
    const struct error *error)
{
	struct event event = {
		.kind = EVENT_ERROR, .status = status,
		.message = error->text, .code = error->code
	};

	report_event(report, &event);
}

void
report_resolved(struct report *report, uint32_t number,
    const struct resolve *resolve)
{
	char shown[PRINTABLE_SIZE];
	struct event event = {
		.kind = EVENT_RESOLVED, .number = number,
		.host = printable(resolve_host(resolve), shown, sizeof(shown)),
		.elapsed_ns = resolve_took(resolve)
	};

	event.found = resolve_addresses(resolve, &event.found_count);
	report_event(report, &event);
}

void
report_detail(struct report *report, const char *fmt, ...)
{
	char text[LINE_SIZE];
	struct event event = { .kind = EVENT_DETAIL, .message = text };
	va_list ap;

	if (!report_tells(report, EVENT_DETAIL))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_event(report, &event);
}

static void
put_words(struct report *report, const struct event *event)
{
	struct sink *sink = &report->words;
	bool dropped = sink->dropped > 0;
	char line[LINE_SIZE + WORDS_TALLY];
	size_t size;

	status_line_hide(&report->line, sink);
	if (dropped)
		put_dropped(report);
	size = words_render(event, report->colours, line, LINE_SIZE);
	if (speaks_tally(report, event->kind))
		size += words_tally(event, report->colours, line + size);
	(void)sink_put(sink, line, size);
	status_line_show(&report->line, sink);
}

/* Of what was dropped this line is none. */
static void
put_dropped(struct report *report)
{
	struct sink *sink = &report->words;
	uint64_t dropped = sink->dropped;
	char line[64];
	size_t used;

	used = colour_name(report->colours, COLOUR_NONE, line, sizeof(line));
	used += (size_t)snprintf(line + used, sizeof(line) - used,
	    "%ju lines were dropped\n", (uintmax_t)dropped);
	sink->dropped = sink_put(sink, line, used) ? 0 : dropped;
}

static void
put_event(struct report *report, const struct event *event)
{
	struct sink *sink = &report->events;
	char line[EVENT_LINE];
	uint64_t dropped = sink->dropped;

	if (dropped > 0)
		sink->dropped = sink_put(sink, line,
		    json_dropped(dropped, line)) ? 0 : dropped;
	(void)sink_put(sink, line, json_event(event, line));
}

void
report_open_progress(struct report *report, bool log)
{
	status_line_open(&report->line, log);
}

void
report_progress(struct report *report, const struct progress *progress)
{
	(void)flush(report);
	status_line_set(&report->line, &report->words, progress);
	flush_all(report);
}

bool
report_has_line(const struct report *report)
{
	return report->line.in_place && !report->line.yielded;
}

void
report_yield_line(struct report *report)
{
	status_line_yield(&report->line, &report->words);
	flush_all(report);
}

/* Now, or by the loop. */
static void
flush_all(struct report *report)
{
	if (!flush(report) && report->watch != NULL)
		watch_touch(report->watch, &report->owner);
}

/* True when nothing is left to write. */
static bool
flush(struct report *report)
{
	bool words = sink_flush(&report->words);

	return (report->events.buffer == NULL || sink_flush(&report->events)) &&
	    words;
}
