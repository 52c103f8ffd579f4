/*
 * The judgements of a session: they turn the ends of its flows into an
 * outcome, and into what is still to be waited for.
 */
#ifndef SESSION_JUDGE_H
#define SESSION_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "session/session.h"

/* After both flows were advanced. */
void	judge(struct session *);

/* Keep and tell the first cause; a later one is ignored. */
void	judge_fail(struct session *, enum status, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* The same, of an errno, whose words the text has already. */
void	judge_fail_by(struct session *, enum status, int code,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* " (5 bytes not delivered)", or nothing where there are none; the buffer. */
const char *judge_left(uint64_t, char *buf, size_t size);

/* The connection broke. */
void	judge_far_failed(struct session *);

/* While or when a command has had the socket: did the connection break? */
void	judge_given(struct session *);

#endif
