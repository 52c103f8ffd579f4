/* The completion of fish: one line for each option of each command. */

#include "config.h"

#include <stddef.h>

#include "cli/complete.h"

static void	print_command(FILE *, const struct command *);
static void	print_option(FILE *, const struct command *,
		    const struct option *);
static void	print_start(FILE *, const struct command *);
static void	print_help(FILE *, const struct option *);
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
static const struct {
	const char	*needed;
	const char	*optional;	/* only behind "=": no -r, nor -x */
	const char	*words;
} values[] = {
	[OPTION_FLAG] = { "", "", "" },
	[OPTION_COUNT] = { "", "", "" },
	[OPTION_TEXT] = { " -x", " -f", "" },
	[OPTION_FILE] = { " -r -F", " -F", "" },
	[OPTION_INTERFACE] = { " -x", " -f",
	    " -a '(__fish_print_interfaces)'" },
	[OPTION_HOST] = { " -x", " -f", " -a '(__fish_print_hostnames)'" },
	[OPTION_DURATION] = { " -x", " -f", "" },
	[OPTION_SIZE] = { " -x", " -f", "" },
	[OPTION_NUMBER] = { " -x", " -f", "" },
	[OPTION_CHOICE] = { " -x", " -f", "" },
	[OPTION_ACCEPTED] = { "", "", "" }
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
	if (command->operands == OPERAND_PATH)
		fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s' "
		    "-F -a '(sed -n \"s/.* @/@/p\" /proc/net/unix "
		    "2>/dev/null)'\n", command->name);
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
	print_start(stream, command);
	if (option->letter != 0)
		fprintf(stream, " -s %c", option->letter);
	/* On one line with it, the letter would take the value, too. */
	if (option->letter != 0 && option->implied != NULL) {
		print_help(stream, option);
		print_start(stream, command);
	}
	fprintf(stream, " -l %s", option->name);
	print_value(stream, option);
	print_help(stream, option);
}

static void
print_start(FILE *stream, const struct command *command)
{
	fprintf(stream, "complete -c ducat -n '__fish_ducat_using %s'",
	    command->name);
}

static void
print_help(FILE *stream, const struct option *option)
{
	fputs(" -d '", stream);
	print_text(stream, option->help);
	fputs("'\n", stream);
}

static void
print_value(FILE *stream, const struct option *option)
{
	fputs(option->implied == NULL ? values[option->type].needed :
	    values[option->type].optional, stream);
	fputs(values[option->type].words, stream);
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
