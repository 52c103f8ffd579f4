/*
 * The watch set: which descriptors the loop waits for, until when, and on
 * whose behalf.  It returns owners, never calls them.
 *
 * An owner says anew after each turn in which it was touched, between
 * watch_begin() and watch_end(), what it waits for now; the kernel is told
 * only what changed.  An owner that was not touched costs nothing.
 *
 * Level-triggered, one row a descriptor, one owner a row.  What is ready
 * without a descriptor saying so (regular files, deadlines, a share of a
 * turn used up) comes by watch_touch().  epoll(7) or poll(2) serve behind
 * this interface, chosen by configure.
 */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum watch_events {
	WATCH_READ = 1,
	WATCH_WRITE = 2,
	WATCH_EDGE = 4,		/* once a change; poll(2): not at all */
	WATCH_ERROR = 8,	/* fired only: POLLERR, never asked for */
	WATCH_HUP = 16,		/* fired only */
	WATCH_END = 32		/* with WATCH_EDGE: the peer's FIN came */
};

struct owner {
	struct owner	*next;		/* in the list of touched ones */
	int64_t		 deadline;	/* CLOCK_NEVER: none */
	int		 first;		/* its rows, linked; -1: none */
	uint32_t	 place;		/* in the heap of deadlines + 1 */
	uint8_t		 kind;		/* the loop's enum, opaque here */
	bool		 touched;
};

struct watch;

/* NULL with the reason in *error. */
struct watch *watch_new(struct error *error);
void	watch_free(struct watch *);

void	owner_init(struct owner *, int kind);

/* Ask: begin, any number of wants and untils, end; one owner at a time. */
void	watch_begin(struct watch *, struct owner *);
void	watch_want(struct watch *, struct owner *, int fd, unsigned events);
void	watch_until(struct watch *, int64_t deadline);
void	watch_end(struct watch *, struct owner *);

/* What fired on fd in the turn that is on; 0 where nothing did. */
unsigned watch_fired(const struct watch *, int fd);

/* Before fd is closed or given away: no row and no registration is left. */
void	watch_forget(struct watch *, int fd);

/* Before an owner's memory goes: its rows, its deadline, its touch. */
void	watch_leave(struct watch *, struct owner *);

/* Have the owner advanced in the next turn, which then does not wait. */
void	watch_touch(struct watch *, struct owner *);

/*
 * Wait until something fired, a deadline passed or an owner is touched.
 * Returns 0, or -1 with the reason.  EINTR is no error.
 */
int	watch_wait(struct watch *, struct error *);

/* The touched owners of this turn, each once; NULL ends the turn. */
struct owner *watch_next(struct watch *);

/* Is WATCH_EDGE known here? */
bool	watch_has_edges(void);

/* The time at which the last wait returned. */
int64_t	watch_time(const struct watch *);

#endif
