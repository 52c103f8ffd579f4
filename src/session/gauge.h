/*
 * --progress: when it is told how far the run is.  A reader of the sessions'
 * counters, by a deadline; where it is not asked for it does nothing at all.
 *
 * Time runs from the first connection on, of datagrams from the first one.
 * Until then nothing is told, and if there is none, never.
 */
#ifndef SESSION_GAUGE_H
#define SESSION_GAUGE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/sessions.h"

enum progress_form {
	PROGRESS_NONE,
	PROGRESS_LINE,		/* on a terminal one, written over */
	PROGRESS_PLAIN		/* a line each time */
};

struct gauge_plan {
	int		 form;		/* enum progress_form */
	uint64_t	 size;		/* bytes expected; 0: not given */
	bool		 detached;	/* there will be no terminal */
};

struct gauge {
	struct owner		 owner;
	struct surroundings	*around;
	const struct sessions	*sessions;
	uint64_t		 size;		/* 0: nobody knows */
	bool			 of_input;	/* it is what is sent */
	bool			 wanted;
	bool			 running;
	bool			 beside_output;	/* the same terminal */
	int64_t			 started;
	int64_t			 told_at;
	uint64_t		 told;		/* bytes, both ways, by then */
	int64_t			 mark_at;	/* from where the rate counts */
	uint64_t		 mark;
	uint64_t		 rate;		/* bytes a second */
};

/* Once the standard streams are open. */
void	gauge_init(struct gauge *, const struct gauge_plan *,
	    struct surroundings *, const struct sessions *, int kind);

/* A session is about to advance; and it has. */
void	gauge_precede(struct gauge *, const struct session *);
void	gauge_follow(struct gauge *, const struct session *);

/* Its deadline passed. */
void	gauge_advance(struct gauge *);

/* The terminal has another size: tell again, if not at once. */
void	gauge_redraw(struct gauge *);

/* The run is about to end, or to say why it does: tell for the last time. */
void	gauge_finish(struct gauge *);

#endif
