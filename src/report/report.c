/*
 * Two renderings of the same events, and where they go.  Before the loop
 * runs, and when it is taken, a line goes out at once; otherwise it waits in
 * the sink.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "pump/sink.h"
#include "report/json_events.h"
#include "report/report.h"
#include "report/words.h"

#define WORDS_ROOM	(16 * 1024)
#define EVENTS_ROOM	(64 * 1024)
#define LINE_SIZE	1024

struct report {
	struct owner	 owner;
	struct watch	*watch;		/* NULL before the loop */
	unsigned	 verbose;
	bool		 quiet;
	struct sink	 words;		/* standard error */
	struct sink	 events;	/* buffer NULL: there are none */
	const char	*events_name;
};

static bool	speaks(const struct report *, enum event_kind);
static void	put_words(struct report *, const struct event *);
static void	put_event(struct report *, const struct event *);
static bool	flush(struct report *);

struct report *
report_new(unsigned verbose, bool quiet, int owner_kind)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return NULL;
	owner_init(&report->owner, owner_kind);
	report->verbose = verbose;
	report->quiet = quiet;
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
	(void)flush(report);
	if (report->watch != NULL)
		watch_leave(report->watch, &report->owner);
	sink_drain(&report->words, clock_now() + SINK_PATIENCE);
	sink_drain(&report->events, clock_now() + SINK_PATIENCE);
	sink_close(&report->words);
	sink_close(&report->events);
	free(report);
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
		fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC, 0666);
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

	if (report->events.error == 0)
		return false;
	error_set(error, report->events.error, "--events %s",
	    printable(report->events_name, shown, sizeof(shown)));
	return true;
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
	return report->events.buffer != NULL || speaks(report, kind);
}

static bool
speaks(const struct report *report, enum event_kind kind)
{
	int level = words_level(kind);

	return level <= (int)report->verbose && (!report->quiet || level < 0);
}

void
report_event(struct report *report, const struct event *event)
{
	(void)flush(report);
	if (speaks(report, event->kind))
		put_words(report, event);
	if (report->events.buffer != NULL)
		put_event(report, event);
	if (!flush(report) && report->watch != NULL)
		watch_touch(report->watch, &report->owner);
}

void
report_error(struct report *report, enum status status, const char *message)
{
	struct event event = {
		.kind = EVENT_ERROR, .status = status, .message = message
	};

	report_event(report, &event);
}

static void
put_words(struct report *report, const struct event *event)
{
	struct sink *sink = &report->words;
	uint64_t dropped = sink->dropped;
	char line[LINE_SIZE];

	if (dropped > 0 && sink_put(sink, line, (size_t)snprintf(line,
	    sizeof(line), "ducat: %ju lines were dropped\n",
	    (uintmax_t)dropped)))
		sink->dropped = 0;
	(void)sink_put(sink, line, words_render(event, line, sizeof(line)));
}

static void
put_event(struct report *report, const struct event *event)
{
	struct sink *sink = &report->events;
	char line[EVENT_LINE];
	uint64_t dropped = sink->dropped;

	/* The last one is to be there. */
	if (event->kind == EVENT_EXIT)
		sink_drain(sink, clock_now() + SINK_PATIENCE);
	if (dropped > 0 && sink_put(sink, line, json_dropped(dropped, line)))
		sink->dropped = 0;
	(void)sink_put(sink, line, json_event(event, line));
}

/* True when nothing is left to write. */
static bool
flush(struct report *report)
{
	bool words = sink_flush(&report->words);

	return (report->events.buffer == NULL || sink_flush(&report->events)) &&
	    words;
}
