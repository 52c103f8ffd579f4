/* How long is waited in a session that stands. */
#ifndef SESSION_JUDGE_WAITS_H
#define SESSION_JUDGE_WAITS_H

#include <stdint.h>

#include "session/session.h"

/* For the peer's end, once all of ours is acknowledged: --quit-after. */
void	judge_quit(struct session *);

/* For anything to move: --idle-timeout. */
void	judge_idle(struct session *);

/* It passed: the session is cut. */
void	judge_idle_failed(struct session *);

/* The same while a command has the socket.  Returns when to ask again. */
int64_t	judge_given_idle(struct session *);

#endif
