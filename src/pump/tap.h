/*
 * A tap watches payload as it is at the socket: what is sent, once the
 * kernel took it and an edit has rewritten it; what comes, before an edit.
 * It changes nothing, and writes what it has to say into a sink.
 */
#ifndef PUMP_TAP_H
#define PUMP_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "pump/sink.h"

/* Bytes that passed. */
struct passage {
	const char	*data;
	size_t		 size;
	bool		 sent;		/* from us to the peer; else it came */
	bool		 record;	/* it is one, and whole */
	const struct address *peer;	/* of a record; NULL: the session's */
	const struct address *local;	/* the same */
};

/* Between whom a session is; it lives as long as that, and so do all. */
struct tap_ends {
	const struct address *local;	/* length 0: not known, or many */
	const struct address *peer;	/* the same */
	const char	*place;		/* of a local socket, printable; NULL */
	int		 type;		/* SOCK_STREAM, ... */
	uint32_t	 number;	/* of the connection */
	bool		 accepted;	/* the peer came to us */
};

enum tap_end {
	TAP_LEFT,		/* we closed, if that was not the end yet */
	TAP_ABORTED,		/* we reset the connection */
	TAP_BROKEN		/* somebody else did, or it broke */
};

struct tap;
struct tap_ops {
	/* This passed. */
	void	(*saw)(struct tap *, const struct passage *);
	/* A direction is at its end, in order.  NULL: never mind. */
	void	(*ended)(struct tap *, bool sent);
	/* All is over, and our side, too.  It lets go of what it has. */
	void	(*close)(struct tap *, enum tap_end);
};
struct tap {
	const struct tap_ops *ops;
	struct tap	*next;		/* of the same session */
	struct sink	*sink;		/* its own or shared; NULL: none */
};

/* The operations on a list of them, which may be empty (NULL). */
void	taps_saw(struct tap *, const struct passage *);
void	taps_ended(struct tap *, bool sent);
void	taps_close(struct tap *, enum tap_end);

/* Is a sink of theirs full, so that nothing more should pass for now? */
bool	taps_full(struct tap *);

#endif
