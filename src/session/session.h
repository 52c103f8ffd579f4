/*
 * A session joins two legs by two flows and decides what their ends mean:
 * half-close, the peer's end, limits, and which failure was the first.
 *
 * Invariant: the outcome is the first cause in time; what follows from our
 * own cutting is never a cause.  A session that failed before the end of
 * its input was delivered resets its connection, so that the peer cannot
 * take the cut for an end.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "filters/escape.h"
#include "net/watch.h"
#include "pump/flow.h"
#include "report/report.h"
#include "steps/leg.h"

/* What the user asked for; the same for all sessions of a run. */
struct rules {
	const char	*target;	/* "HOST:PORT", for messages */
	bool		 listening;
	bool		 keep_open;
	bool		 exit_on_peer_eof;
	bool		 no_half_close;
	bool		 send_only;
	bool		 recv_only;
	bool		 zero_copy;
	bool		 escape;
	int64_t		 timeout;	/* ns until it stands; -1: none */
	int64_t		 idle;		/* ns; -1: none */
	int64_t		 quit_after;	/* ns; -1: none */
	uint64_t	 max_send;	/* bytes; UINT64_MAX: no limit */
	uint64_t	 max_recv;
};

/* What sessions borrow from the run that they belong to. */
struct surroundings {
	struct watch		*watch;
	struct report		*report;
	const struct rules	*rules;
	struct stream		 input;		/* standard input */
	struct stream		 output;
	struct tubes		 tubes;
	struct escape		 escape;
};

enum session_stage {
	SESSION_RAISING,
	SESSION_MOVING,
	SESSION_OVER
};

struct session {
	struct owner		 owner;
	struct surroundings	*around;
	struct leg		 near;
	struct leg		 far;
	struct flow		 out;		/* near to far */
	struct flow		 in;		/* far to near */
	int64_t			 started;
	int64_t			 deadline;	/* to stand, or to quit */
	int64_t			 acked_at;
	size_t			 unacked;
	uint32_t		 number;
	uint8_t			 stage;
	uint8_t			 status;	/* the outcome */
	bool			 silent;	/* we have nothing to say */
	bool			 peer_ended;
	bool			 cut;		/* over, whatever moves */
	bool			 abort;		/* what was said is no whole */
};

/* A session over an accepted connection, which it owns from now on. */
void	session_accept(struct session *, struct surroundings *, int kind,
	    uint32_t number, int fd, const struct address *peer);

/* A session whose far leg the step will raise. */
void	session_raise(struct session *, struct surroundings *, int kind,
	    struct step *);

/* Move on.  True when it is over. */
bool	session_advance(struct session *);

/*
 * Write what can be written without waiting, read no more: a signal ends
 * the run, and in mid-input that is a failure to the peer (not at a
 * terminal, where the user's ^C is the end).  Returns the bytes of ours
 * that are undelivered.
 */
uint64_t session_interrupt(struct session *);

/* Close what it owns and tell. Afterwards its memory is free. */
void	session_close(struct session *);

/* Bytes read from the near end and not known to be at the peer. */
uint64_t session_undelivered(const struct session *);

#endif
