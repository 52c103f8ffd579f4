/*
 * The step that sends the PROXY protocol's header over a connection that
 * was just made, to tell for whom.
 */
#ifndef STEPS_PROXY_OUT_H
#define STEPS_PROXY_OUT_H

#include "steps/leg.h"

/*
 * Version 1 or 2.  The header tells of `client`, which must outlive the
 * step: from its peer, to where it came; NULL: of the connection itself.
 * NULL without memory.
 */
struct step *proxy_out_new(unsigned version, const struct leg *client);

#endif
