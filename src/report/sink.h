/*
 * Where lines go that nobody waits for: a descriptor behind a capped buffer
 * of whole lines.  What does not fit is counted.
 */
#ifndef REPORT_SINK_H
#define REPORT_SINK_H

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
	uint64_t	 dropped;	/* lines */
	size_t		 used;
	size_t		 room;
	char		*buffer;
};

/*
 * Lines for a descriptor that others may have, too: its flags stay as they
 * are, and it stays open.  Nothing is asked of it before there is a line.
 * -1 without memory.
 */
int	sink_open(struct sink *, int fd, size_t room);

/* The same of one that is ours, non-blocking, and owned from now on. */
int	sink_open_own(struct sink *, int fd, size_t room);

/* False: there is no room, and it is counted. */
bool	sink_put(struct sink *, const char *line, size_t size);

/*
 * Write what can be written without waiting: true when nothing is left.
 * After a failure lines go nowhere.
 */
bool	sink_flush(struct sink *);

/* Wait until more can be written. */
void	sink_await(const struct sink *, struct watch *, struct owner *);

/* Waits at most a second for what there is to be written. */
void	sink_drain(struct sink *);

/* The same, and lets go of everything. */
void	sink_close(struct sink *);

#endif
