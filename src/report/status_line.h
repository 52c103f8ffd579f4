/*
 * The line at the bottom of a terminal that is written over and over: how
 * far the run is.  Messages go above it.  Of a log, and of what is no
 * terminal, it is a line each time.
 *
 * Nothing is written from the terminal's background, nor while what was
 * written before has not gone: the next one tells more.
 */
#ifndef REPORT_STATUS_LINE_H
#define REPORT_STATUS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "pump/sink.h"
#include "report/progress.h"

struct status_line {
	bool		 terminal;	/* is where it is written */
	bool		 in_place;	/* over and over; else a line each */
	bool		 drawn;		/* it stands there now */
	bool		 yielded;	/* others write there, too */
	bool		 colours;	/* of the name, a line each */
	size_t		 used;
	char		 text[PROGRESS_TEXT];
};

/* Of standard error; zero before.  log: a line each in any case. */
void	status_line_open(struct status_line *, bool log);

/* This is what it says from now on, and it is shown. */
void	status_line_set(struct status_line *, struct sink *,
	    const struct progress *);

/* Before anything else is written there, and after it. */
void	status_line_hide(struct status_line *, struct sink *);
void	status_line_show(struct status_line *, struct sink *);

/* Payload goes to the same terminal: only the last one comes, as in a log. */
void	status_line_yield(struct status_line *, struct sink *);

#endif
