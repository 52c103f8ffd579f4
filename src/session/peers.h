/*
 * The table of peers: to datagrams what the listener is to connections.  It
 * has the sockets, gives each peer's datagrams to the session that is on
 * with it, and asks for a new one when somebody else sends.
 */
#ifndef SESSION_PEERS_H
#define SESSION_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pump/mailbox.h"
#include "session/session.h"
#include "steps/leg.h"

struct peers {
	struct owner		 owner;
	struct surroundings	*around;	/* NULL: there is no table */
	struct stream		 post;
	struct mailboxes	 boxes;
	struct batch		*batches;	/* were received */
	int			 count;
	int			 at;		/* the one at hand */
	const struct batch	*offered;	/* to a new session */
	uint64_t		 left;		/* of --count */
	uint64_t		 turned_away;	/* as there were too many */
	int64_t			 deadline;	/* for the first one */
	bool			 open;
	const char		*full;		/* why there is no room */
};

/* Over these sockets, which it owns from now on; -1 without memory. */
int	peers_open(struct peers *, struct surroundings *, int kind,
	    const int *fds, size_t count);

enum peers_result {
	PEERS_WAIT,
	PEERS_NEW,		/* peers->offered is of nobody known */
	PEERS_ENDED,		/* all that are wanted came */
	PEERS_FAILED
};

/*
 * Go on.  PEERS_NEW: the caller has a session take the peer up, or says in
 * peers->full why not, and calls again.
 */
enum peers_result peers_advance(struct peers *, struct failure *);

void	peers_prepare(struct peers *);

/* Take no more; sessions may still answer. */
void	peers_end(struct peers *);

/*
 * After all sessions: close the sockets.  What was lost is told: with
 * --strict STATUS_RECEIVE, STATUS_SIZE of what was too long, else STATUS_OK.
 */
enum status peers_close(struct peers *);

#endif
