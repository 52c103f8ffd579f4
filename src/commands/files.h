/* The files and descriptors that options name: no two may have the same. */
#ifndef COMMANDS_FILES_H
#define COMMANDS_FILES_H

#include "base/error.h"
#include "session/run.h"

/*
 * Of a plan that is made; nothing is opened.  0, or -1 with the usage
 * error's words, also where a name cannot be one.
 */
int	plan_files(const struct plan *, struct error *);

#endif
