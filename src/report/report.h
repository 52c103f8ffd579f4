/*
 * The one module through which everything is said.  What happened comes as
 * a typed event; words.c renders it as a line for people, json_events.c as
 * one for programs, and neither standard error nor the other sink is ever
 * waited for.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "net/credentials.h"
#include "net/resolve.h"
#include "net/tcp.h"
#include "net/watch.h"
#include "report/progress.h"
#include "report/status.h"
#include "report/tally.h"

enum event_kind {
	EVENT_LISTENING,	/* local */
	EVENT_RESOLVED,		/* host, found, elapsed_ns */
	EVENT_ATTEMPT,		/* peer, elapsed_ns, code, message */
	EVENT_CONNECTED,	/* local, peer, elapsed_ns */
	EVENT_ACCEPTED,		/* local, peer */
	EVENT_HEARD,		/* local, peer: of datagrams */
	EVENT_DENIED,		/* peer, message: what; NULL: a connection */
	EVENT_EOF,		/* peer, from_us, sent, received, elapsed_ns */
	EVENT_DIGEST,		/* peer, digest, of_sent, name: algorithm */
	EVENT_CLOSED,		/* peer, sent, received, elapsed_ns, tally */
	EVENT_ERROR,		/* status, code, message */
	EVENT_WARNING,		/* message */
	EVENT_SIGNAL,		/* message */
	EVENT_STATS,		/* as EVENT_CLOSED, or of all of them */
	EVENT_DETAIL,		/* message; only for people */
	EVENT_EXIT		/* status, name; only for programs */
};

struct event {
	enum event_kind	 kind;
	uint32_t	 number;	/* of the connection; 0: none */
	struct address	 local;
	struct address	 peer;
	const char	*place;		/* a local socket's, instead; NULL */
	bool		 ours;		/* which we listen on */
	const struct credentials *who;	/* the peer is; NULL: not known */
	enum status	 status;
	const char	*name;		/* of the status; NULL: its own */
	const char	*message;
	const char	*digest;	/* in hexadecimal */
	bool		 of_sent;	/* of what was sent; else came */
	int		 code;		/* errno; 0: none */
	const char	*host;		/* as it was written */
	const struct address *found;	/* its addresses */
	size_t		 found_count;
	bool		 from_us;	/* the end is */
	bool		 told;		/* people were, in other words */
	uint64_t	 sent;		/* bytes, from us to the peer */
	uint64_t	 received;
	int64_t		 elapsed_ns;
	size_t		 connections;	/* that are on; of all of them */
	const struct tally *tally;	/* NULL: not asked for */
	const struct tcp_path *tcp;	/* to the peer; NULL: it is none */
	const struct tcp_path *target;	/* of a forward; the same */
};

struct report;
struct sink;

/*
 * verbose: how many -v; quiet: not even errors.  owner_kind is for the
 * loop.  NULL without memory.
 */
struct report *report_new(unsigned verbose, bool quiet, int owner_kind);

/* What was not written by now is lost: report_drain(). */
void	report_free(struct report *);

/* Wait until then, by clock_now(), for what there is to be written. */
void	report_drain(struct report *, int64_t until);

/*
 * From now on events go, as JSON, to this descriptor, or if that is -1 they
 * are appended to the file, which is named in messages.  -1 with the reason.
 */
int	report_open_events(struct report *, const char *file, int fd,
	    struct error *);

/* After that: were not all written?  Then *error says why. */
bool	report_events_failed(const struct report *, struct error *);

/* Where events go; -1: there are none. */
int	report_events_fd(const struct report *);

/*
 * Where words go, for what is complete and not only told; from now on so
 * many bytes may wait.
 */
struct sink *report_words(struct report *, size_t most);

/* Say it, if it is to be said. */
void	report_event(struct report *, const struct event *);

/* Is such a one to be said at all? */
bool	report_tells(const struct report *, enum event_kind);

/* From now on EVENT_CLOSED is said to people, too, with all that it bears. */
void	report_tell_stats(struct report *);

/* Does anyone hear of this more than bytes and time? */
bool	report_tells_tally(const struct report *, enum event_kind);

/* The most frequent one. */
void	report_error(struct report *, enum status, const struct error *);

/* A name has been looked up, for that connection; 0: for none. */
void	report_resolved(struct report *, uint32_t number,
	    const struct resolve *);

/* For people who give -vv. */
void	report_detail(struct report *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * How far the run is, to be told on standard error now: on a terminal in a
 * line that stays below the messages, and is complete when it is the last;
 * else, or where log is set, in a line each.  It is told whatever else is
 * not.  What cannot be written at once is not, but for the last.
 */
void	report_open_progress(struct report *, bool log);
void	report_progress(struct report *, const struct progress *);

/* Is there a line that is written over? */
bool	report_has_line(const struct report *);

/* Payload is about to go to the same terminal: only the last is told. */
void	report_yield_line(struct report *);

/* The loop's side: what is buffered goes out when it can. */
void	report_attach(struct report *, struct watch *);
void	report_advance(struct report *);

#endif
