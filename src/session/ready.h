/*
 * Telling the world that clients can connect: a descriptor, a file, a
 * service manager, the shell that waits for --background; and the process
 * id file.  What was made is removed at the end, if it is still ours.
 */
#ifndef SESSION_READY_H
#define SESSION_READY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"
#include "report/status.h"

struct ready_plan {
	int		 fd;		/* -1: none */
	const char	*addr_file;	/* NULL: none */
	const char	*pid_file;
	bool		 background;
};

struct ready_file {
	const char	*path;		/* NULL: nothing was made */
	dev_t		 device;
	ino_t		 inode;
	int		 fd;		/* while open, no other has the inode */
};

struct ready {
	const struct ready_plan *plan;
	int			 shell;	/* --background: tell it; -1: none */
	struct ready_file	 addr_file;
	struct ready_file	 pid_file;
};

/*
 * Check what can be checked before anything is opened: 0, or -1 with the
 * reason, which is a usage error.
 */
int	ready_check(const struct ready_plan *, struct error *);

enum ready_result {
	READY_GO,		/* in the process that goes on */
	READY_DONE,		/* in the one that waited: *status */
	READY_FAILED		/* the reason is in *error */
};

/*
 * Begin; with --background this forks, and the caller's process waits for
 * ready_announce() or the end of the other one.
 */
enum ready_result ready_begin(struct ready *, const struct ready_plan *,
	    int *status, struct error *);

/*
 * Clients can connect to these; `place` is a local socket's, which has no
 * address.  -1 with the reason and the status.
 */
int	ready_announce(struct ready *, const struct address *, size_t count,
	    const char *place, enum status *, struct error *);

/* The end: remove what is ours; tell a shell that still waits. */
void	ready_end(struct ready *, int status);

#endif
