/* The step that connects to a UNIX-domain stream socket. */
#ifndef STEPS_DIAL_UNIX_H
#define STEPS_DIAL_UNIX_H

#include "base/unix_path.h"
#include "steps/leg.h"

/* The path must outlive the step.  NULL without memory. */
struct step *dial_unix_new(const struct unix_path *);

#endif
