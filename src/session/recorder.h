/*
 * What taps write into: hex dumps, transcripts and captures, the files of
 * which are the run's, or a session's where their names say so.  All that
 * they say is complete: sessions wait for a file that is slow.  A file that
 * fails ends the recording, not the transfer.
 */
#ifndef SESSION_RECORDER_H
#define SESSION_RECORDER_H

#include <stdbool.h>

#include "base/error.h"
#include "net/watch.h"
#include "pump/tap.h"
#include "report/report.h"

/* What the user asked for; NULL and -1: nothing. */
struct recorder_plan {
	const char	*hexdump;	/* a file, or "-" for standard error */
	const char	*sent;		/* patterns: transcript_name() */
	const char	*received;
	const char	*capture;
	int		 digest;
};

/* The option that asks for it; NULL: nothing is recorded. */
const char *recorder_option(const struct recorder_plan *);

struct recorder;

/*
 * Open what has one name for all sessions; NULL with the reason.  kind is of
 * its owner, for the loop.  The plan outlives it.
 */
struct recorder *recorder_new(const struct recorder_plan *, struct watch *,
	    struct report *, int kind, struct error *);

/*
 * The taps of a session that begins; what they write into stays the
 * recorder's.  -1 without memory, and there are none.
 */
int	recorder_open_taps(struct recorder *, const struct tap_ends *,
	    struct tap **taps);

/* Tell the digests so far, if there are any; the event says of whom. */
void	recorder_tell(struct recorder *, const struct tap *,
	    const struct event *);

/* They are done with, and closed. */
void	recorder_close_taps(struct recorder *, struct tap *, enum tap_end);

/* Taps have written something; NULL: the report has been written. */
void	recorder_touch(struct recorder *, const struct tap *);

/* Move on.  True: sessions that waited for it may go on. */
bool	recorder_advance(struct recorder *);

/* Is all written?  Asked again after each recorder_advance(). */
bool	recorder_finish(struct recorder *);

/* Was something not written?  It is told when it happens. */
bool	recorder_failed(const struct recorder *);

/* What is not written by then is lost, and told. */
void	recorder_drain(struct recorder *, int64_t until);

/* NULL is fine. */
void	recorder_free(struct recorder *);

#endif
