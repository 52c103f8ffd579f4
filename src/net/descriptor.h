/*
 * Inherited descriptors: what kind each is, and how to use it without
 * changing what the caller shares with us.
 */
#ifndef NET_DESCRIPTOR_H
#define NET_DESCRIPTOR_H

#include <stdbool.h>

enum descriptor_kind {
	DESCRIPTOR_PIPE,	/* pipe or FIFO */
	DESCRIPTOR_TERMINAL,
	DESCRIPTOR_SOCKET,
	DESCRIPTOR_FILE,	/* a read waits for nobody, or is refused */
	DESCRIPTOR_NULL,	/* /dev/null, however it was opened */
	DESCRIPTOR_DEVICE	/* anything else that poll(2) may know */
};

enum descriptor_kind descriptor_kind(int fd);

/* The same of what is to be read: what only looks like a file is none. */
enum descriptor_kind descriptor_kind_of_input(int fd);

/* Is it open for writing?  Not where it is closed, either. */
bool	descriptor_is_writable(int fd);

/*
 * Put /dev/null on each of 0, 1 and 2 that is closed, so that no socket
 * ever gets such a number.  Writing there fails with EBADF: who closed
 * standard output did not ask for its payload to vanish.  Returns a bit
 * mask of the numbers that were closed.
 */
unsigned descriptor_reserve(void);

/*
 * An own description of a pipe or terminal, non-blocking, by reopening it:
 * O_NONBLOCK of the inherited one is shared with the caller's shell.
 * access: O_RDONLY or O_WRONLY.  -1 where that fails.
 */
int	descriptor_reopen(int fd, int access);

/*
 * Open a file for writing, and make it if need be: non-blocking, and what
 * opens a FIFO waits for no reader.  flags: O_APPEND, O_NOFOLLOW, open(2).
 * -1 and errno, which is EPIPE where a FIFO has no reader.
 */
int	descriptor_create(const char *name, int flags);

/*
 * Close fd and put /dev/null in its place.  Returns what close(2) did: an
 * output's last error may show only there.
 */
int	descriptor_end(int fd);

/*
 * Would reading this terminal stop us, as a job in its background?  Not if
 * it is not our controlling one; tcgetpgrp(3).
 */
bool	descriptor_in_background(int fd);

#endif
