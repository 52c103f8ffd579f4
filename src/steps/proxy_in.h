/*
 * The step that takes the PROXY protocol's header from a connection which a
 * trusted proxy made, and puts the client's address into the leg.
 */
#ifndef STEPS_PROXY_IN_H
#define STEPS_PROXY_IN_H

#include <stdint.h>

#include "steps/leg.h"

/*
 * The whole header is to come before `deadline`.  NULL without memory.  A
 * header that is none, or late, fails with 97; nothing behind it is taken.
 */
struct step *proxy_in_new(int64_t deadline);

#endif
