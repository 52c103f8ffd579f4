/* Write the completions of one shell, bash, zsh or fish, to the output. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complete.h"
#include "commands/commands.h"

static const struct {
	const char	*shell;
	void		(*write)(FILE *, const struct command *const *);
} writers[] = {
	{ "bash",	complete_bash },
	{ "zsh",	complete_zsh },
	{ "fish",	complete_fish },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (argc != 2 || strcmp(argv[1], writers[i].shell) != 0)
			continue;
		writers[i].write(stdout, commands_all);
		return fclose(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fputs("usage: generate bash|zsh|fish\n", stderr);
	return 2;
}
