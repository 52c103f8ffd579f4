/*
 * ducat: dispatch to a command, the last check of standard output, exit.
 * This is the only file that ends the process.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "cli/suggest.h"
#include "cli/usage.h"
#include "commands/commands.h"
#include "net/descriptor.h"
#include "net/signals.h"
#include "report/status.h"
#include "report/words.h"

static int	dispatch(int, char **);
static int	help(int, char **);
static int	refuse(int, char **);
static const struct command *find(const char *);
static int	check_output(int);

int
main(int argc, char **argv)
{
	int status;

	(void)descriptor_reserve();
	status = check_output(dispatch(argc, argv));
	if (status < 0) {
		signals_die(-status);
		status = 128 - status;
	}
	exit(status);
}

static int
dispatch(int argc, char **argv)
{
	const struct command *command;
	const char *word;

	if (argc < 2) {
		words_complain("a subcommand is missing: try ducat --help");
		return STATUS_USAGE;
	}
	word = argv[1];
	command = find(word);
	if (command != NULL)
		return command->run(command, argc - 1, argv + 1);
	if (strcmp(word, "help") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(word, "--version") == 0) {
		usage_version(stdout);
		return STATUS_OK;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		usage_program(stdout, commands_all);
		return STATUS_OK;
	}
	return refuse(argc - 1, argv + 1);
}

static int
help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2 || strcmp(argv[1], "help") == 0) {
		usage_program(stdout, commands_all);
		return STATUS_OK;
	}
	command = find(argv[1]);
	if (command == NULL)
		return refuse(argc - 1, argv + 1);
	usage_command(stdout, command);
	return STATUS_OK;
}

/* No such command: say what may have been meant. */
static int
refuse(int argc, char **argv)
{
	char shown[PRINTABLE_SIZE], buf[160];
	const char *word = argv[0], *meant;

	(void)printable(word, shown, sizeof(shown));
	if (word[0] == '-') {
		meant = word[1] == '-' || word[1] == '\0' ? NULL :
		    hint_letter(word[1], argc, argv, buf, sizeof(buf));
		words_complain("%s: a subcommand comes first: %s", shown,
		    meant != NULL ? meant : "try ducat --help");
		return STATUS_USAGE;
	}
	meant = suggest_command(commands_all, word);
	if (meant != NULL)
		words_complain("%s: no such subcommand (did you mean %s?)",
		    shown, meant);
	else
		words_complain("%s: no such subcommand: try ducat --help",
		    shown);
	return STATUS_USAGE;
}

static const struct command *
find(const char *word)
{
	const struct command *const *command;

	for (command = commands_all; *command != NULL; command++)
		if (strcmp((*command)->name, word) == 0)
			return *command;
	return NULL;
}

/* What stdio still holds is written here, or the status says that not. */
static int
check_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	words_complain("standard output: %s", strerror(errno));
	return status == STATUS_OK ? STATUS_WRITE : status;
}
