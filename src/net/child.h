/*
 * Commands as children: started by vfork(2), so that the cost does not grow
 * with our memory, each the leader of a process group of its own, with
 * exactly the descriptors that are meant for it and default signal
 * dispositions.
 */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/watch.h"

struct children;
struct rights;

struct child {
	pid_t		 pid;
	int		 status;	/* of wait(2), once it has ended */
	bool		 running;
	int64_t		 asked_ns;	/* between questions for its group */
	int		 terminal;	/* its slave while it runs; -1: none */
	struct owner	*owner;		/* touched when it has ended */
	struct children	*children;
	struct child	*next;
};

/* All that run. */
struct children {
	struct child	*first;
	sigset_t	 ignored;	/* signals, which exec leaves so */
	bool		 have_limit;
	struct rlimit	 limit;		/* descriptors, as we found it */
};

/* The number of the first of further descriptors. */
#define CHILD_RIGHTS	3

/* Of further descriptors none has a number that another one gets. */
struct child_plan {
	char *const	*argv;
	char *const	*envp;
	int		 in;		/* becomes 0 */
	int		 out;		/* becomes 1 */
	bool		 join_errors;	/* 2 is the same as 1 */
	bool		 terminal;	/* so is it: a terminal of its own */
	const struct rights *rights;	/* CHILD_RIGHTS and on; or NULL */
	char		*pid;		/* its number goes there; or NULL */
};

/* Once all signals have the dispositions that they are to have. */
void	children_init(struct children *);

/*
 * Start one; argv[0] is looked for along PATH.  Blocks until the child has
 * become its program: 0, or the errno of what failed, as of execvp(3).
 * `child` is the caller's, who calls child_leave() before it goes.
 */
int	child_spawn(struct children *, struct child *,
	    const struct child_plan *, struct owner *);

/* After SIGCHLD: note who has ended, touch the owners. */
void	children_reap(struct children *, struct watch *);

/* Send a signal to the child's process group. */
void	child_signal(const struct child *, int number);

/* Is anyone left of the process group of a child that has ended? */
bool	child_has_group(const struct child *);

/* The exit status as shells have it: 128+N for a signal. */
int	child_status(const struct child *);

/* Forget it; should it still run, it runs on. */
void	child_leave(struct child *);

/*
 * Have as many descriptors as the hard limit grants; children get the old
 * limit back.  getrlimit(2).
 */
void	children_raise_limit(struct children *);

#endif
