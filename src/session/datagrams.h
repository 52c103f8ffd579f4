/*
 * The judgements of a session of datagrams: nobody ends one from afar, and
 * what the kernel took is delivered, but for what ICMP tells.
 */
#ifndef SESSION_DATAGRAMS_H
#define SESSION_DATAGRAMS_H

#include "session/session.h"

/* Both legs stand. */
void	datagrams_start(struct session *);

/* Is it known to whom? */
bool	datagrams_may_send(const struct session *);

/* After both flows were advanced.  Is it over? */
bool	datagrams_judge(struct session *);

/* What moved; on a listening side what came. */
uint64_t datagrams_meter(const struct session *);

/* It ends, for whatever reason: tell what was lost or refused. */
void	datagrams_end(struct session *);

/* What it waits for besides the flows' ends. */
void	datagrams_prepare(struct session *);

#endif
