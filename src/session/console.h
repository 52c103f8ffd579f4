/*
 * Our own side of a hub: standard input is said to the members, what they
 * say goes to standard output.
 */
#ifndef SESSION_CONSOLE_H
#define SESSION_CONSOLE_H

#include "filters/escape.h"
#include "session/session.h"

struct console {
	struct owner		 owner;
	struct surroundings	*around;
	struct port		 port;
	struct flow		 in;		/* standard input to the hub */
	struct flow		 out;		/* the hub to standard output */
	struct flow_terms	 terms;		/* of what goes out */
	struct escape		 escape;
	bool			 open;
	bool			 told;		/* the end of input */
};

/* Join the hub.  -1 without memory. */
int	console_open(struct console *, struct surroundings *, int kind);

/* Move on: 0, or -1 with the reason, which ends the run: 23, 26. */
int	console_advance(struct console *, struct failure *);

/*
 * No more is read; is all that was said written?  Asked again after each
 * console_advance() it becomes true.
 */
bool	console_finish(struct console *);

/*
 * Write what can be written without waiting.  Returns the bytes that were
 * said and are not.
 */
uint64_t console_interrupt(struct console *);

void	console_close(struct console *);

#endif
