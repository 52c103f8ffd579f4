/*
 * The one module through which everything is said.  What happened comes as
 * a typed event; words.c renders it as a line for people, json_events.c as
 * one for programs, and neither standard error nor the other sink is ever
 * waited for.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "net/credentials.h"
#include "net/watch.h"
#include "report/status.h"

enum event_kind {
	EVENT_LISTENING,	/* local */
	EVENT_ATTEMPT,		/* peer, message: why it failed */
	EVENT_CONNECTED,	/* local, peer */
	EVENT_ACCEPTED,		/* local, peer */
	EVENT_HEARD,		/* local, peer: of datagrams */
	EVENT_DENIED,		/* peer, message: what; NULL: a connection */
	EVENT_CLOSED,		/* peer, sent, received, elapsed_ns */
	EVENT_ERROR,		/* status, message */
	EVENT_WARNING,		/* message */
	EVENT_SIGNAL,		/* message */
	EVENT_STATS,		/* sent, received, elapsed_ns */
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
	uint64_t	 sent;		/* bytes, from us to the peer */
	uint64_t	 received;
	int64_t		 elapsed_ns;
};

struct report;

/*
 * verbose: how many -v; quiet: not even errors.  owner_kind is for the
 * loop.  NULL without memory.
 */
struct report *report_new(unsigned verbose, bool quiet, int owner_kind);

/* Waits at most a second for each sink that blocks. */
void	report_free(struct report *);

/*
 * From now on events go, as JSON, to this descriptor, or if that is -1 they
 * are appended to the file, which is named in messages.  -1 with the reason.
 */
int	report_open_events(struct report *, const char *file, int fd,
	    struct error *);

/* Could they not be written?  Then *error says why. */
bool	report_events_failed(const struct report *, struct error *);

/* Say it, if it is to be said. */
void	report_event(struct report *, const struct event *);

/* Is such a one to be said at all? */
bool	report_tells(const struct report *, enum event_kind);

/* The most frequent one. */
void	report_error(struct report *, enum status, const char *message);

/* The loop's side: what is buffered goes out when it can. */
void	report_attach(struct report *, struct watch *);
void	report_advance(struct report *);

#endif
