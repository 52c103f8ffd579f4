/*
 * What a session does about its command: the time in which the command has
 * the socket, and the time in which nothing but its end is waited for.
 */
#ifndef SESSION_COMMAND_H
#define SESSION_COMMAND_H

#include <stdbool.h>

#include "session/session.h"

/* Can the command have the socket itself?  Nothing may need the bytes. */
bool	command_takes_socket(const struct rules *);

/* Is it there, and has it not ended? */
bool	command_runs(const struct session *);

/* SESSION_GIVEN.  True when the command and its process group have ended. */
bool	command_given(struct session *);
void	command_given_prepare(struct session *);

/*
 * The command on a terminal has ended: nobody reads any more what comes,
 * and the terminal ends when others let go of it, too.
 */
void	command_left_terminal(struct session *);

/* SESSION_ENDING: begun once, then true when the command has ended. */
void	command_end(struct session *);
bool	command_ended(struct session *);

#endif
