/* The texts of help and version, on standard output. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <stdio.h>

#include "cli/option.h"

/* Of the program: synopsis, the commands with their summaries. */
void	usage_program(FILE *, const struct command *const *commands);

/* Of one command: synopsis, summary, options by group, 80 columns. */
void	usage_command(FILE *, const struct command *);

/* "ducat X.Y.Z", then the features built in, one a line, with a sign. */
void	usage_version(FILE *);

#endif
