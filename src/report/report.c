/*
 * Lines to standard error.  Before the loop runs, and when standard error
 * takes them, they go out at once; otherwise they wait in the buffer.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "report/report.h"
#include "report/words.h"

#define BUFFER_SIZE	(16 * 1024)
#define LINE_SIZE	1024
#define LAST_WAIT_MS	1000

struct report {
	struct owner	 owner;
	struct watch	*watch;		/* NULL before the loop */
	unsigned	 verbose;
	bool		 quiet;
	bool		 opened;
	bool		 own;		/* fd is a description of ours */
	enum descriptor_kind kind;
	int		 fd;
	size_t		 used;
	uint64_t	 dropped;	/* lines */
	char		 buffer[BUFFER_SIZE];
};

static void	put_line(struct report *, const char *, size_t);
static void	put_dropped(struct report *);
static void	open_sink(struct report *);
static ssize_t	write_some(const struct report *);
static bool	flush(struct report *);

struct report *
report_new(unsigned verbose, bool quiet, int owner_kind)
{
	struct report *report;

	report = malloc(sizeof(*report));
	if (report == NULL)
		return NULL;
	memset(report, 0, offsetof(struct report, buffer));
	owner_init(&report->owner, owner_kind);
	report->verbose = verbose;
	report->quiet = quiet;
	report->fd = STDERR_FILENO;
	return report;
}

void
report_free(struct report *report)
{
	struct pollfd row;

	if (report == NULL)
		return;
	row.fd = report->fd;
	row.events = POLLOUT;
	if (!flush(report) && poll(&row, 1, LAST_WAIT_MS) == 1)
		(void)flush(report);
	if (report->watch != NULL)
		watch_leave(report->watch, &report->owner);
	if (report->own)
		(void)close(report->fd);
	free(report);
}

void
report_attach(struct report *report, struct watch *watch)
{
	report->watch = watch;
}

void
report_advance(struct report *report)
{
	bool empty = flush(report);

	watch_begin(report->watch, &report->owner);
	if (!empty)
		watch_want(report->watch, &report->owner, report->fd,
		    WATCH_WRITE);
	watch_end(report->watch, &report->owner);
}

bool
report_tells(const struct report *report, enum event_kind kind)
{
	int level = words_level(kind);

	return level <= (int)report->verbose && (!report->quiet || level < 0);
}

void
report_event(struct report *report, const struct event *event)
{
	char line[LINE_SIZE];

	if (!report_tells(report, event->kind))
		return;
	put_line(report, line, words_render(event, line, sizeof(line)));
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
put_line(struct report *report, const char *line, size_t size)
{
	if (report->dropped > 0)
		put_dropped(report);
	if (size > sizeof(report->buffer) - report->used) {
		report->dropped++;
		return;
	}
	memcpy(report->buffer + report->used, line, size);
	report->used += size;
}

static void
put_dropped(struct report *report)
{
	char line[80];
	int n;

	n = snprintf(line, sizeof(line), "ducat: %ju lines were dropped\n",
	    (uintmax_t)report->dropped);
	if ((size_t)n > sizeof(report->buffer) - report->used)
		return;
	report->dropped = 0;
	put_line(report, line, (size_t)n);
}

static void
open_sink(struct report *report)
{
	int fd;

	report->opened = true;
	report->kind = descriptor_kind(STDERR_FILENO);
	if (report->kind != DESCRIPTOR_PIPE &&
	    report->kind != DESCRIPTOR_TERMINAL)
		return;
	fd = descriptor_reopen(STDERR_FILENO, O_WRONLY);
	if (fd == -1)
		return;
	report->fd = fd;
	report->own = true;
}

/*
 * Write without waiting: what is not our own description may block, so it
 * is asked first and given what is small enough to fit.
 */
static ssize_t
write_some(const struct report *report)
{
	struct pollfd row = { .fd = report->fd, .events = POLLOUT };
	size_t size = report->used;

	if (report->own)
		return write(report->fd, report->buffer, size);
	if (report->kind == DESCRIPTOR_SOCKET)
		return send(report->fd, report->buffer, size,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&row, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(report->fd, report->buffer,
	    size < PIPE_BUF ? size : PIPE_BUF);
}

/*
 * True when nothing is left to write.  A standard error that fails loses
 * what was to be said there; there is nowhere to say so.
 */
static bool
flush(struct report *report)
{
	ssize_t n;

	if (report->used == 0)
		return true;
	if (!report->opened)
		open_sink(report);
	n = write_some(report);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == -1)
		n = (ssize_t)report->used;
	report->used -= (size_t)n;
	memmove(report->buffer, report->buffer + n, report->used);
	return report->used == 0;
}
