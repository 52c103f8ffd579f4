/* Pseudo-terminals, pty(7). */
#ifndef NET_PTY_H
#define NET_PTY_H

/*
 * A terminal of 24 lines of 80 columns, echoing and editing lines: the
 * master, which does not block, and the slave.  -1 with errno.
 */
int	pty_open(int *master, int *slave);

/*
 * What a line editor takes for the end of input: its bytes, at most two,
 * and their number; 0 where the terminal edits no lines.
 */
int	pty_end_of_file(int master, char bytes[2]);

#endif
