/* Each change is put whole, so that nothing comes in between. */

#include "config.h"

#include <sys/ioctl.h>

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "report/colour.h"
#include "report/status_line.h"

/*
 * The cursor stays in front of the line: a terminal that becomes narrower
 * may break the line in two, and then it still stands in the first one.
 * What is behind the text is cleared, and so are such pieces below it.
 */
#define HOME	"\r"
#define CLEAR	"\033[J"

#define COLUMNS	80		/* where the terminal does not tell */

static bool	may_write(const struct status_line *, const struct sink *,
		    bool last);
static bool	in_background(const struct status_line *);
static void	put_log(struct status_line *, struct sink *,
		    const struct progress *);
static void	put_last(struct status_line *, struct sink *);
static unsigned	columns(void);

void
status_line_open(struct status_line *line, bool log)
{
	line->terminal = descriptor_kind(STDERR_FILENO) ==
	    DESCRIPTOR_TERMINAL;
	line->in_place = line->terminal && !log && colour_obeyed();
	line->colours = colour_wanted(STDERR_FILENO);
}

void
status_line_set(struct status_line *line, struct sink *sink,
    const struct progress *progress)
{
	if (line->yielded && !progress->last)
		return;
	if (!line->in_place || line->yielded) {
		put_log(line, sink, progress);
		return;
	}
	line->used = progress_text(progress, columns(), line->text);
	if (progress->last)
		put_last(line, sink);
	else
		status_line_show(line, sink);
}

static void
put_log(struct status_line *line, struct sink *sink,
    const struct progress *progress)
{
	char text[PROGRESS_TEXT], buf[PROGRESS_TEXT + 32];
	size_t used;

	if (!may_write(line, sink, progress->last))
		return;
	(void)progress_text(progress, PROGRESS_LOG, text);
	used = colour_name(line->colours, COLOUR_NONE, buf, sizeof(buf));
	used += (size_t)snprintf(buf + used, sizeof(buf) - used, "%s\n",
	    text);
	(void)sink_put(sink, buf, used);
}

static void
put_last(struct status_line *line, struct sink *sink)
{
	char buf[PROGRESS_TEXT + 16];

	if (line->used > 0 && (line->drawn || may_write(line, sink, true)))
		(void)sink_put(sink, buf, (size_t)snprintf(buf, sizeof(buf),
		    HOME "%s" CLEAR "\n", line->text));
	line->drawn = false;
	line->used = 0;
}

void
status_line_hide(struct status_line *line, struct sink *sink)
{
	if (line->drawn)
		(void)sink_put(sink, HOME CLEAR, strlen(HOME CLEAR));
	line->drawn = false;
}

void
status_line_show(struct status_line *line, struct sink *sink)
{
	char buf[PROGRESS_TEXT + 16];

	if (line->used == 0 || !may_write(line, sink, false)) {
		line->drawn = line->drawn && !in_background(line);
		return;
	}
	(void)sink_put(sink, buf, (size_t)snprintf(buf, sizeof(buf),
	    HOME "%s" CLEAR HOME, line->text));
	line->drawn = true;
}

void
status_line_yield(struct status_line *line, struct sink *sink)
{
	status_line_hide(line, sink);
	line->yielded = true;
	line->used = 0;
}

static bool
may_write(const struct status_line *line, const struct sink *sink, bool last)
{
	if (in_background(line))
		return false;
	return last || sink->used == 0;
}

/*
 * What was drawn before stays ours for a while: a shell takes its terminal
 * back as soon as the first of a pipeline's programs was interrupted.
 */
static bool
in_background(const struct status_line *line)
{
	return line->terminal && descriptor_in_background(STDERR_FILENO);
}

/* One is left free: some terminals wrap where the last one is written. */
static unsigned
columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return COLUMNS - 1;
	return size.ws_col > 1 ? size.ws_col - 1U : 1;
}
