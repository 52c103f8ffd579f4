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

#include "base/unix_path.h"
#include "filters/pace.h"
#include "net/child.h"
#include "net/credentials.h"
#include "net/rights.h"
#include "net/watch.h"
#include "pump/flow.h"
#include "pump/mailbox.h"
#include "pump/post.h"
#include "pump/records.h"
#include "report/report.h"
#include "session/member.h"
#include "session/recorder.h"
#include "steps/dial.h"
#include "steps/leg.h"
#include "steps/spawn.h"

/* What is joined to the socket. */
enum near_end {
	NEAR_STANDARD,		/* standard input and output */
	NEAR_COMMAND,
	NEAR_FORWARD,		/* another connection */
	NEAR_HUB		/* other sessions */
};

struct forward_plan {
	const char	*text;		/* for messages; NULL: none */
	struct unix_path unix_path;	/* length 0: dial */
	struct dial_plan dial;
};

/* Records instead of bytes at the far end, where it is no SOCK_STREAM. */
struct datagram_rules {
	struct record_terms sending;
	struct record_terms receiving;
	uint64_t	 answers;	/* to be waited for; 0: none */
	bool		 all_answers;	/* as many as come in that time */
	int64_t		 wait;		/* for answers; ns */
	bool		 replies;	/* input goes to the last sender */
	enum post_peers	 peers;		/* whose are taken */
	struct address	 peer;
	bool		 strict;	/* loss is a failure */
	uint64_t	 most;		/* taken from all peers together */
};

/* What the user asked for; the same for all sessions of a run. */
struct rules {
	enum near_end	 near;
	int		 type;		/* the far end's: SOCK_STREAM, ... */
	struct spawn_plan command;	/* where NEAR_COMMAND */
	struct forward_plan forward;	/* where NEAR_FORWARD */
	struct hub_plan	 hub;		/* where NEAR_HUB */
	struct datagram_rules datagrams;
	struct pace_limits pace;	/* delay: of what is sent */
	struct recorder_plan recorder;
	const char	*target;	/* "HOST:PORT", PATH, for messages */
	const char	*path;		/* of a local socket; NULL: none */
	const char	*place;		/* the same, for messages */
	struct allowed	 allowed;	/* to be at its other end */
	bool		 listening;
	bool		 keep_open;
	struct rights	 rights;	/* to be sent with the first bytes */
	bool		 recv_rights;	/* the command gets what comes */
	bool		 accept_proxy;	/* a PROXY header comes first */
	unsigned	 send_proxy;	/* its version; 0: none */
	bool		 exit_on_peer_eof;
	bool		 no_half_close;
	bool		 send_only;
	bool		 recv_only;
	bool		 zero_copy;
	bool		 crlf;
	bool		 telnet;
	bool		 escape;
	int64_t		 timeout;	/* ns until it stands; -1: none */
	int64_t		 idle;		/* ns; -1: none */
	int64_t		 quit_after;	/* ns; -1: none */
	uint64_t	 max_send;	/* bytes; UINT64_MAX: no limit */
	uint64_t	 max_recv;
};

/* Does anything of a session go to standard output? */
bool	rules_use_output(const struct rules *);

struct session;

/* How sessions of a kind go on once both legs stand. */
struct conduct {
	void	 (*start)(struct session *);
	/* May the near end's be read?  NULL: it may. */
	bool	 (*may_send)(const struct session *);
	/* What counts as movement. */
	uint64_t (*meter)(const struct session *);
	/* After both flows were advanced.  Is it over? */
	bool	 (*judge)(struct session *);
	/* What is waited for. */
	void	 (*prepare)(struct session *);
	/* Records that were lost on their way here; NULL: it has none. */
	uint64_t (*lost)(const struct session *);
	/* It ends, for whatever reason, and had been let in.  May be NULL. */
	void	 (*end)(struct session *);
};

struct filters;
struct gauge;

/* What sessions borrow from the run that they belong to. */
struct surroundings {
	struct watch		*watch;
	struct report		*report;
	const struct rules	*rules;
	const struct conduct	*conduct;
	int			 kind;		/* of the sessions' owners */
	struct stream		 input;		/* standard input */
	struct stream		 output;
	struct tubes		 tubes;
	struct flow_terms	 sending;	/* of sessions' flows */
	struct flow_terms	 receiving;
	struct flow_terms	 plain;		/* no limit, no edit, copied */
	struct children		 children;
	struct hub		*hub;		/* NULL: none */
	struct recorder		*recorder;	/* NULL: none */
	struct gauge		*gauge;		/* NULL: none */
	int			 manager;	/* NOTIFY_SOCKET; -1: none */
	struct tally		 over;		/* of closed connections */
};

/*
 *	KNOCKING the far leg is raised; may it come in?
 *	RAISING	 the near leg is
 *	GIVEN	 a command has the socket; we wait for its end
 *	MOVING	 the flows are on
 *	ENDING	 all is over but the command
 */
enum session_stage {
	SESSION_KNOCKING,
	SESSION_RAISING,
	SESSION_GIVEN,
	SESSION_MOVING,
	SESSION_ENDING,
	SESSION_OVER
};

struct session {
	struct owner		 owner;
	struct surroundings	*around;
	struct leg		*near;		/* owned; NULL: other streams */
	struct leg		 far;
	struct child		*child;		/* owned; NULL: no command */
	struct member		*member;	/* owned; NULL: no hub */
	struct filters		*filters;	/* owned; NULL: none */
	struct flow		 out;		/* near to far */
	struct flow		 in;		/* far to near */
	int64_t			 started;
	int64_t			 deadline;	/* of the stage, or to quit */
	int64_t			 moved_at;	/* GIVEN: when to ask */
						/* RAISING: since when */
	uint32_t		 unacked;
	uint32_t		 number;
	uint32_t		 place;		/* in the run's list */
	uint8_t			 stage;
	uint8_t			 status;	/* the outcome */
	uint8_t			 killed;	/* signals to the command */
	bool			 admitted : 1;
	bool			 silent : 1;	/* we have nothing to say */
	bool			 peer_ended : 1;
	bool			 cut : 1;	/* over, whatever moves */
	bool			 abort : 1;	/* what was said is no whole */
	bool			 interrupted : 1; /* by a signal to us */
	bool			 forced : 1;	/* time ends the command */
	bool			 heard : 1;	/* GIVEN: nothing more comes */
	bool			 asked : 1;	/* answers are waited for */
	bool			 counted : 1;	/* losses, and told */
	bool			 probed : 1;	/* GIVEN: the peer has ended */
	bool			 refused : 1;	/* by the target, and told */
	bool			 broke : 1;	/* the connection did */
	bool			 given : 1;	/* a command had the socket */
	bool			 told_in : 1;	/* the peer's end */
	bool			 told_out : 1;	/* ours */
};

/*
 * Say how and on what terms sessions move, once the rules are known and the
 * standard streams are open.
 */
void	surroundings_set_terms(struct surroundings *);

/*
 * A session over an accepted connection, which it owns from now on; -1
 * without memory, and it is closed.  Of all these the session's memory is
 * the caller's, and zero.
 */
int	session_accept(struct session *, struct surroundings *,
	    uint32_t number, int fd, const struct address *peer);

/* The same, of datagrams. */
int	session_accept_datagrams(struct session *, struct surroundings *,
	    const int *fds, size_t count);

/* The same, with whoever sent this; -1 without memory. */
int	session_accept_peer(struct session *, struct surroundings *,
	    uint32_t number, struct mailboxes *, const struct batch *);

/* A session whose far leg the step will raise. */
void	session_raise(struct session *, struct surroundings *, struct step *);

enum session_turn {
	SESSION_GOES_ON,
	SESSION_ASKS,		/* admit it, or refuse */
	SESSION_ENDED
};

/* Move on. */
enum session_turn session_advance(struct session *);

/* It is known who comes: let it in, or reset the connection; then advance. */
void	session_admit(struct session *);
void	session_refuse(struct session *);

/*
 * Write what can be written without waiting, read no more: a signal ends
 * the run, and in mid-input that is a failure to the peer (not at a
 * terminal, where the user's ^C is the end).  A command is told by SIGTERM.
 * Returns the bytes of ours that are undelivered.
 */
uint64_t session_interrupt(struct session *);

/* A limit of the whole run ends it as a failure, which is already told. */
void	session_cut(struct session *, enum status);

/* The run has failed, which is told: what is not whole will be reset. */
void	session_fail(struct session *, enum status);

/* Close what it owns and tell. Afterwards its memory is free. */
void	session_close(struct session *);

/* Of that only the connection; its command, if there is one, goes on. */
void	session_close_far(struct session *);

/*
 * Bytes from us to the peer, and from the peer, whether they were written
 * out or not.
 */
void	session_counts(const struct session *, uint64_t *sent,
	    uint64_t *received);

/*
 * The exit status that the session as the only one would have: a command's
 * own, unless that is 0, or we ended it, if only by closing its ends.
 */
int	session_result(const struct session *);

/* Bytes read from the near end and not known to be at the peer. */
uint64_t session_undelivered(const struct session *);

#endif
