/*
 * Files that are written beside the transfer, by whoever has their sinks:
 * opened, written as they take it, and closed.  One that fails is told, and
 * nothing else comes of it.
 */
#ifndef SESSION_OUTLET_H
#define SESSION_OUTLET_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/error.h"
#include "net/watch.h"
#include "pump/sink.h"
#include "report/report.h"

/* A file that is open, and for which option.  Its sink leads to it. */
struct outlet {
	struct sink	 sink;
	struct outlet	*next;
	struct outlet	**back;		/* what points to it */
	struct outlet	*next_touched;
	bool		 touched;	/* it is in that list */
	const char	*option;
	char		*name;
	unsigned	 users;		/* closed when there are none */
	dev_t		 device;
	ino_t		 inode;
	bool		 regular;
	bool		 told;		/* that it failed */
};

struct outlets {
	struct owner	 owner;
	struct watch	*watch;
	struct report	*report;
	struct outlet	*all;
	struct outlet	*touched;	/* that may have something to write */
	bool		 failed;	/* something was not written */
};

/* How much may wait to be written; see sink_is_full(). */
#define OUTLET_ROOM	((size_t)64 * 1024 * 1024)

/* kind: of the owner, for the loop. */
void	outlets_init(struct outlets *, struct watch *, struct report *,
	    int kind);

/*
 * Open a file, which is not emptied yet; NULL with the reason, also where it
 * is in use already.  foreseen: others may know the name before, and a link
 * is not followed.  It has no users, and is to be touched when it has.
 */
struct outlet *outlet_open(struct outlets *, const char *option,
	    const char *name, bool foreseen, struct error *);

/* Throw away what was in it before. */
void	outlet_empty(struct outlets *, struct outlet *);

/* Is there nothing in it, or is it no file that could have something? */
bool	outlet_is_empty(const struct outlet *);

/* Something was written into its sink, or its users are fewer. */
void	outlet_touch(struct outlets *, struct outlet *);

/* Something failed: told now, and of the run the first counts. */
void	outlets_fail(struct outlets *, const struct error *);

/* Write.  True: somebody who waited for a sink need not any more. */
bool	outlets_advance(struct outlets *);

/* Is all written? */
bool	outlets_written(const struct outlets *);

/* What is not written by then is lost, and told. */
void	outlets_drain(struct outlets *, int64_t until);

/* Close all. */
void	outlets_clear(struct outlets *);

#endif
