/*
 * Signals as a readable descriptor.  The handlers write a byte and no more;
 * the descriptor they write to is the one variable of file scope.
 */
#ifndef NET_SIGNALS_H
#define NET_SIGNALS_H

#include "base/error.h"

/*
 * Catch SIGHUP, SIGINT, SIGTERM, SIGUSR1 and (where there is one) SIGINFO,
 * unless they are ignored at the start; ignore SIGPIPE and SIGXFSZ, which
 * are errors of a write.  SIGCHLD is caught in any case.  Returns the
 * descriptor to watch for reading, -1 with the reason.  Once a process.
 */
int	signals_open(struct error *);

/* Catch this one, too. */
void	signals_add(int number);

/* The next signal that came, 0 when there is none; does not block. */
int	signals_next(int fd);

/*
 * Die of this signal, with its default disposition.  Returns where that
 * does not work, as process 1.
 */
void	signals_die(int number);

#endif
