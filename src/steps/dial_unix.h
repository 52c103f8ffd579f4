/* The step that connects to a UNIX-domain socket. */
#ifndef STEPS_DIAL_UNIX_H
#define STEPS_DIAL_UNIX_H

#include "base/unix_path.h"
#include "steps/leg.h"

/*
 * A stream socket's, or one of datagrams, which gets an address of its own
 * for the answers.  The path must outlive the step.  NULL without memory.
 */
struct step *dial_unix_new(const struct unix_path *, bool datagrams);

#endif
