/* The completion of fish: one line for each option of each command. */

#include "config.h"

#include <stddef.h>

#include "cli/complete.h"

static void	print_command(FILE *, const struct command *);
static void	print_option(FILE *, const struct command *,
		    const struct option *);
static void	print_value(FILE *, const struct option *);
static void	print_text(FILE *, const char *);

static const char head[] =
"# Completion of ducat for fish, made from its option tables by\n"
"# completions/generate: do not edit.\n"
"\n"
"function __fish_ducat_using\n"
"	set -l words (commandline -opc)\n"
"	test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
"end\n"
"\n"
"function __fish_ducat_without\n"
"	test (count (commandline -opc)) -eq 1\n"
"end\n"
"\n"
"complete -c ducat -f\n"
"complete -c ducat -n __fish_ducat_without -s h -l help"
" -d 'show this help and exit'\n"
"complete -c ducat -n __fish_ducat_without -l version"
" -d 'show version and features and exit'\n"
"complete -c ducat -n __fish_ducat_without -a help"
" -d 'show help and exit'\n";

/* What completes a value: flags of complete(1). */
static const char *const values[] = {
	[OPTION_FLAG] = "",
	[OPTION_COUNT] = "",
	[OPTION_TEXT] = " -x",
	[OPTION_FILE] = " -r -F",
	[OPTION_INTERFACE] = " -x -a '(__fish_print_interfaces)'",
	[OPTION_HOST] = " -x -a '(__fish_print_hostnames)'",
	[OPTION_DURATION] = " -x",
	[OPTION_SIZE] = " -x",
	[OPTION_NUMBER] = " -x",
	[OPTION_CHOICE] = " -x",
	[OPTION_ACCEPTED] = ""
};

void
complete_fish(FILE *stream, const struct command *const *commands)
{
	fputs(head, stream);
	for (; *commands != NULL; commands++)
		print_command(stream, *commands);
}

static void
print_command(FILE *stream, const struct command *command)
{
	const struct option_use	*use;

	fprintf(stream, "\ncomplete -c ducat -n __fish_ducat_without -a %s "
	    "-d '", command->name);
	print_text(stream, command->summary);
	fprintf(stream, "'\ncomplete -c ducat -n '__fish_ducat_using help' "
	    "-a %s -d '", command->name);
	print_text(stream, command->summary);
	fputs("'\n", stream);
	if (command->operands == OPERAND_HOST_PORT)
		fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s' "
		    "-a '(__fish_print_hostnames)'\n", command->name);
	for (use = command->uses; use->group != NULL; use++)
		for (size_t i = 0; i < use->group->count; i++)
			print_option(stream, command, &use->group->rows[i]);
	fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s' "
	    "-s h -l help -d 'show this help and exit'\n", command->name);
	fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s' "
	    "-l version -d 'show version and features and exit'\n",
	    command->name);
}

static void
print_option(FILE *stream, const struct command *command,
    const struct option *option)
{
	fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s'",
	    command->name);
	if (option->letter != 0)
		fprintf(stream, " -s %c", option->letter);
	fprintf(stream, " -l %s", option->name);
	print_value(stream, option);
	fputs(" -d '", stream);
	print_text(stream, option->help);
	fputs("'\n", stream);
}

static void
print_value(FILE *stream, const struct option *option)
{
	fputs(values[option->type], stream);
	if (option->choices == NULL)
		return;
	fputs(" -a '", stream);
	for (size_t i = 0; option->choices[i] != NULL; i++)
		fprintf(stream, "%s%s", i == 0 ? "" : " ",
		    option->choices[i]);
	fputc('\'', stream);
}

/* Within single quotes. */
static void
print_text(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', stream);
		fputc(*text, stream);
	}
}
