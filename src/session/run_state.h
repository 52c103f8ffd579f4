/*
 * The state of a run, and what its files do for each other: run.c has the
 * loop, run_open.c what is before and after it, run_clients.c takes who
 * comes, run_signals.c heeds signals, run_stats.c tells numbers.
 */
#ifndef SESSION_RUN_STATE_H
#define SESSION_RUN_STATE_H

#include "session/console.h"
#include "session/peers.h"
#include "session/run.h"
#include "session/sessions.h"

enum owner_kind {
	OWNER_RUN,		/* the deadline */
	OWNER_SIGNALS,
	OWNER_REPORT,
	OWNER_SERVER,
	OWNER_PEERS,
	OWNER_SESSION,
	OWNER_HUB,
	OWNER_CONSOLE,
	OWNER_RECORDER,
	OWNER_GAUGE
};

struct run {
	const struct plan	*plan;
	struct surroundings	 around;
	struct rights		*rights;	/* to be closed; NULL: none */
	struct ready		 ready;
	struct owner		 clock;
	struct owner		 signals;
	int			 signals_fd;
	struct server		 server;
	struct peers		 peers;		/* of datagrams; may be none */
	struct unix_place	 place;		/* where a local one receives */
	struct sessions		 sessions;
	struct gauge		 gauge;
	struct console		 console;	/* of a hub; may be closed */
	uint32_t		 clients;	/* that came */
	bool			 cut;		/* by a limit */
	bool			 leaving;	/* only the console is on */
	bool			 dropped;	/* privileges were */
	bool			 draining;	/* SIGTERM came */
	bool			 over;
	int			 result;	/* status, or -signal */
	bool			 of_command;	/* it is the command's own */
	int64_t			 started;
};

/* It is over, with that status; the first failure decides. */
void	run_end(struct run *, int);

/* The same, and it is told. */
void	run_fail(struct run *, enum status, const struct error *);

/* No session is left, and none comes: what was said is still written. */
void	run_last_gone(struct run *);

/* A file beside the transfer failed: the status, where there is none yet. */
void	run_heed_recorder(struct run *);

/*
 * In run_open.c: make what the plan wants; start to listen or to connect;
 * end and free it all, whatever there is.  The first two return 0, or -1 with
 * the failure told.
 */
int	run_open(struct run *, struct plan *);
int	run_start(struct run *);
void	run_close(struct run *);

/* In run_clients.c: the listener's and the peers' turns. */
void	run_advance_server(struct run *);
void	run_advance_peers(struct run *);

/* May whoever is at the other end of this leg stay? */
bool	run_admits(struct run *, const struct leg *);

/*
 * The status of running into a time limit before anyone was served: were all
 * who came refused?
 */
enum status run_late(const struct run *);

/*
 * In run_signals.c: which came; which came in the turn in which all
 * went well in the end; and to end by one, now.
 */
void	run_advance_signals(struct run *);
void	run_advance_last_signals(struct run *);
void	run_interrupt(struct run *, int number);

/*
 * In run_stats.c: how it stands, of all together and of some connections, or
 * of the only one there is; and at the end, where there can be many.
 */
void	run_tell_stats(struct run *);
void	run_tell_last(struct run *);

#endif
