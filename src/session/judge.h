/*
 * The judgements of a session: they turn the ends of its flows into an
 * outcome, and into what is still to be waited for.
 */
#ifndef SESSION_JUDGE_H
#define SESSION_JUDGE_H

#include <stdint.h>

#include "session/session.h"

/* After both flows were advanced. */
void	judge(struct session *);

/* Keep and tell the first cause; a later one is ignored. */
void	judge_fail(struct session *, enum status, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Nothing moved for --idle-timeout: it is cut. */
void	judge_idle_failed(struct session *);

/* The connection broke. */
void	judge_far_failed(struct session *);

/* While or when a command has had the socket: did the connection break? */
void	judge_given(struct session *);

/*
 * While a command has the socket: --idle-timeout.  Returns when to ask
 * again.
 */
int64_t	judge_given_idle(struct session *);

#endif
