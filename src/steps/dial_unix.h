/* The step that connects to a UNIX-domain socket. */
#ifndef STEPS_DIAL_UNIX_H
#define STEPS_DIAL_UNIX_H

#include <stdbool.h>

#include "base/unix_path.h"
#include "steps/leg.h"

/*
 * Connect a socket of that type, SOCK_STREAM, _SEQPACKET or _DGRAM, the last
 * of which, where `answered`, has an address of its own as long as the leg
 * stands.  The path must outlive the step.  NULL without memory.
 */
struct step *dial_unix_new(const struct unix_path *, int type, bool answered);

#endif
