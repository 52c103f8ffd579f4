/* The completion of zsh: one call of _arguments for each command. */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "cli/complete.h"

static void	print_command(FILE *, const struct command *);
static void	print_option(FILE *, const struct option *);
static void	print_optional(FILE *, const struct option *);
static void	print_once(FILE *, const struct option *);
static void	print_help(FILE *, const struct option *);
static void	print_action(FILE *, const struct option *);
static void	print_text(FILE *, const char *text, const char *special);

static const char head[] =
"#compdef ducat\n"
"# Completion of ducat for zsh, made from its option tables by\n"
"# completions/generate: do not edit.\n"
"\n";

/* What completes a value. */
static const char *const actions[] = {
	[OPTION_FLAG] = NULL,
	[OPTION_COUNT] = NULL,
	[OPTION_TEXT] = " ",
	[OPTION_FILE] = "_files",
	[OPTION_INTERFACE] = "_net_interfaces",
	[OPTION_HOST] = "_hosts",
	[OPTION_DURATION] = " ",
	[OPTION_SIZE] = " ",
	[OPTION_NUMBER] = " ",
	[OPTION_CHOICE] = NULL,
	[OPTION_ACCEPTED] = NULL
};

static const char *const operands[] = {
	[OPERAND_HOST_PORT] =
	    "\t    '1:host:_hosts' \\\n\t    '2:port:_ports'\n",
	[OPERAND_PORT] =
	    "\t    '1:port:_ports' \\\n\t    '2:port:_ports'\n",
	[OPERAND_PATH] = "\t    '1:path:_ducat_sockets'\n"
};

static const char start[] =
"# Paths, and the names of the abstract namespace.\n"
"_ducat_sockets()\n"
"{\n"
"	_files\n"
"	compadd -- \\\n"
"		${(f)\"$(sed -n 's/.* @/@/p' /proc/net/unix 2>/dev/null)\"}\n"
"}\n"
"\n"
"_ducat()\n"
"{\n"
"	local curcontext=$curcontext state\n"
"	local -a commands\n"
"\n"
"	commands=(\n";

static const char middle[] =
"	    'help:show help and exit'\n"
"	)\n"
"	_arguments -C -A '-*' : \\\n"
"	    '(- *)'{-h,--help}'[show this help and exit]' \\\n"
"	    '(- *)--version[show version and features and exit]' \\\n"
"	    '1:subcommand:->command' \\\n"
"	    '*::argument:->argument' && return\n"
"\n"
"	case $state in\n"
"	command)\n"
"		_describe -t commands subcommand commands\n"
"		;;\n"
"	argument)\n"
"		curcontext=${curcontext%:*}-$words[1]:\n"
"		case $words[1] in\n";

static const char end[] =
"		help)\n"
"			(( CURRENT == 2 )) &&\n"
"			    _describe -t commands subcommand commands\n"
"			;;\n"
"		esac\n"
"		;;\n"
"	esac\n"
"}\n"
"\n"
"_ducat \"$@\"\n";

void
complete_zsh(FILE *stream, const struct command *const *commands)
{
	fputs(head, stream);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_command(stream, commands[i]);
	fputs(start, stream);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(stream, "\t    '%s:", commands[i]->name);
		print_text(stream, commands[i]->summary, "\\:");
		fputs("'\n", stream);
	}
	fputs(middle, stream);
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(stream, "\t\t%s)\n\t\t\t_ducat_%s\n\t\t\t;;\n",
		    commands[i]->name, commands[i]->name);
	fputs(end, stream);
}

static void
print_command(FILE *stream, const struct command *command)
{
	const struct option_use	*use;

	fprintf(stream, "_ducat_%s()\n{\n\t_arguments -s -S : \\\n",
	    command->name);
	for (use = command->uses; use->group != NULL; use++)
		for (size_t i = 0; i < use->group->count; i++)
			print_option(stream, &use->group->rows[i]);
	fputs("\t    '(- *)'{-h,--help}'[show this help and exit]' \\\n"
	    "\t    '(- *)--version[show version and features and exit]' \\\n",
	    stream);
	fputs(operands[command->operands], stream);
	fputs("}\n\n", stream);
}

/* '(-w --timeout)'{-w+,--timeout=}'[help]:D:action' */
static void
print_option(FILE *stream, const struct option *option)
{
	const char	*plus = option->argument == NULL ? "" : "+";
	const char	*equal = option->argument == NULL ? "" : "=";

	if (option->implied != NULL) {
		print_optional(stream, option);
		return;
	}
	fputs("\t    '", stream);
	print_once(stream, option);
	if (option->letter != 0)
		fprintf(stream, "'{-%c%s,--%s%s}'", option->letter, plus,
		    option->name, equal);
	else
		fprintf(stream, "--%s%s", option->name, equal);
	print_help(stream, option);
	if (option->argument != NULL)
		print_action(stream, option);
	fputs("' \\\n", stream);
}

/*
 * '(-P --send-proxy)-P[help]' and
 * '(-P --send-proxy)--send-proxy=-[help]::N:action': "=-" is a value that
 * stands behind "=" only, "::" one that may be missing.
 */
static void
print_optional(FILE *stream, const struct option *option)
{
	if (option->letter != 0) {
		fputs("\t    '", stream);
		print_once(stream, option);
		fprintf(stream, "-%c", option->letter);
		print_help(stream, option);
		fputs("' \\\n", stream);
	}
	fputs("\t    '", stream);
	print_once(stream, option);
	fprintf(stream, "--%s=-", option->name);
	print_help(stream, option);
	fputc(':', stream);
	print_action(stream, option);
	fputs("' \\\n", stream);
}

/* What may be given more than once, and what is one of two spellings. */
static void
print_once(FILE *stream, const struct option *option)
{
	if (option->type == OPTION_COUNT || option->repeatable)
		fputc('*', stream);
	else if (option->letter != 0)
		fprintf(stream, "(-%c --%s)", option->letter, option->name);
}

static void
print_help(FILE *stream, const struct option *option)
{
	fputc('[', stream);
	print_text(stream, option->help, "\\[]");
	fputc(']', stream);
}

static void
print_action(FILE *stream, const struct option *option)
{
	fputc(':', stream);
	print_text(stream, option->argument, "\\:");
	fputc(':', stream);
	if (option->choices == NULL) {
		fputs(actions[option->type], stream);
		return;
	}
	for (size_t i = 0; option->choices[i] != NULL; i++)
		fprintf(stream, "%s%s", i == 0 ? "(" : " ",
		    option->choices[i]);
	fputc(')', stream);
}

/* Within single quotes; what is special gets a backslash. */
static void
print_text(FILE *stream, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			fputs("'\\''", stream);
			continue;
		}
		if (strchr(special, *text) != NULL)
			fputc('\\', stream);
		fputc(*text, stream);
	}
}
