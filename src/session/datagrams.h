/*
 * The judgements of a session of datagrams: nobody ends one from afar, and
 * what the kernel took is delivered, but for what ICMP tells.
 */
#ifndef SESSION_DATAGRAMS_H
#define SESSION_DATAGRAMS_H

#include "session/session.h"

/* With standard input and output. */
extern const struct conduct conduct_datagrams;

#endif
