/*
 * A run: the loop, and all that lives as long as the program.  It ends with
 * the exit status, or with the signal to die of.
 */
#ifndef SESSION_RUN_H
#define SESSION_RUN_H

#include <stdint.h>

#include "net/datagram.h"
#include "net/privilege.h"
#include "session/gauge.h"
#include "session/ready.h"
#include "session/server.h"
#include "session/session.h"
#include "steps/dial.h"

enum escape_when {
	ESCAPE_AUTO,		/* only on a terminal */
	ESCAPE_ALWAYS,
	ESCAPE_NEVER
};

struct plan {
	struct rules		rules;
	char			target[400];	/* rules.target */
	char			forward[400];	/* rules.forward.text */
	char			*shell[4];	/* rules.command.argv of --sh */
	struct listen_plan	listen;		/* where rules.listening */
	struct dial_plan	dial;		/* else */
	struct datagram_setup	datagrams;	/* dial.datagrams: this */
	struct unix_path	unix_path;	/* else, of rules.path */
	struct ready_plan	ready;
	struct privilege_plan	privilege;
	enum escape_when	escape;
	int64_t			deadline;	/* ns; -1: none */
	int64_t			drain;		/* ns; -1: end at once */
	struct gauge_plan	progress;
	unsigned		verbose;
	bool			quiet;
	bool			stats;		/* at the end, too */
	const char		*events;	/* a file's name; NULL: none */
	int			events_fd;	/* where it is fd:N; else -1 */
};

/*
 * Do what was planned.  Returns the exit status, or -N: the process is to
 * die of signal N.  With --background it returns in both processes.
 */
int	run(struct plan *);

#endif
