/*
 * Where is written what is said on the side: a descriptor behind a capped
 * buffer.  Messages wait for nobody, and what does not fit is counted; what
 * is to be complete asks sink_is_full() first.
 */
#ifndef PUMP_SINK_H
#define PUMP_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/descriptor.h"
#include "net/watch.h"

struct sink {
	int		 fd;
	enum descriptor_kind kind;
	bool		 own;		/* the description is ours, and fd */
	bool		 looked;	/* at what kind it is */
	int		 error;		/* of the first write that failed */
	bool		 awaited;	/* somebody asked, and it was full */
	uint64_t	 dropped;	/* lines */
	size_t		 at;		/* where these bytes begin */
	size_t		 used;
	size_t		 room;		/* of the buffer as it is */
	size_t		 most;		/* that it may be */
	char		*buffer;
};

/* Beyond so many bytes it is full, for those that can wait. */
#define SINK_FULL	((size_t)256 * 1024)

/*
 * Lines for a descriptor that others may have, too: its flags stay as they
 * are, and it stays open.  Nothing is asked of it before there is a line.
 * most: bytes of the buffer.  -1 without memory.
 */
int	sink_open(struct sink *, int fd, size_t most);

/* The same of one that is ours, non-blocking, and owned from now on. */
int	sink_open_own(struct sink *, int fd, size_t most);

/* False: there is no room, and it is counted. */
bool	sink_put(struct sink *, const char *line, size_t size);

/* Should those that can wait do so, until something was written? */
bool	sink_is_full(struct sink *);

/* Was there somebody who waits, and need not any more?  Told once. */
bool	sink_relieved(struct sink *);

/*
 * Write what can be written without waiting: true when nothing is left.
 * After a failure lines go nowhere.
 */
bool	sink_flush(struct sink *);

/* Wait until more can be written. */
void	sink_await(const struct sink *, struct watch *, struct owner *);

/*
 * How long, in nanoseconds, the end of a run waits for what there is to be
 * written; and to do so, until then.
 */
#define SINK_PATIENCE	1000000000
void	sink_drain(struct sink *, int64_t until);

/* Lets go of everything, written or not. */
void	sink_close(struct sink *);

#endif
