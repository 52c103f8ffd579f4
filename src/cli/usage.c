/*
 * The texts of help and version.  They are made from the tables; what an
 * option means in full, the man pages tell.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/usage.h"

/* 28 columns for the option, at most 50 for its help */
#define LEFT_SIZE	256
#define HELP_COLUMN	28

/* What configure found; undefined is no. */
#ifndef HAVE_EPOLL_LOOP
#define HAVE_EPOLL_LOOP	0
#endif
#ifndef HAVE_SPLICE
#define HAVE_SPLICE	0
#endif
#ifndef HAVE_LIBBSD
#define HAVE_LIBBSD	0
#endif
#ifndef HAVE_DIGEST
#define HAVE_DIGEST	0
#endif

struct feature {
	const char	*name;
	bool		 built;
};

static void	print_row(FILE *, const char *left, const char *help);
static void	print_option(FILE *, const struct option *);

static const struct feature features[] = {
	{ "epoll",	HAVE_EPOLL_LOOP },
	{ "poll",	!HAVE_EPOLL_LOOP },
	{ "splice",	HAVE_SPLICE },
	{ "libbsd",	HAVE_LIBBSD },
	{ HAVE_DIGEST ? "digest (libmd)" : "digest", HAVE_DIGEST },
};

void
usage_program(FILE *stream, const struct command *const *commands)
{
	fputs("Usage: ducat SUBCOMMAND [OPTION]... OPERAND...\n"
	    "Join two ends and move bytes between them.\n"
	    "\nSubcommands:\n", stream);
	for (; *commands != NULL; commands++)
		print_row(stream, (*commands)->name, (*commands)->summary);
	print_row(stream, "help [SUBCOMMAND]", "show help and exit");
	fputs("\nOptions:\n", stream);
	print_row(stream, "-h, --help", "show this help and exit");
	print_row(stream, "    --version",
	    "show version and features and exit");
	fputs("\n\"ducat help SUBCOMMAND\" lists its options, "
	    "ducat(1) tells the rest.\n", stream);
}

void
usage_command(FILE *stream, const struct command *command)
{
	const struct option_use	*use;

	fprintf(stream, "Usage: ducat %s %s\n", command->name,
	    command->synopsis);
	fprintf(stream, "%s\n", command->summary);
	for (use = command->uses; use->group != NULL; use++) {
		fprintf(stream, "\n%s:\n", use->group->title);
		for (size_t i = 0; i < use->group->count; i++)
			print_option(stream, &use->group->rows[i]);
	}
	fputs("\nHelp:\n", stream);
	print_row(stream, "-h, --help", "show this help and exit");
	print_row(stream, "    --version",
	    "show version and features and exit");
	fprintf(stream, "\nducat-%s(1) tells more.\n", command->name);
}

void
usage_version(FILE *stream)
{
	fprintf(stream, "ducat %s\n", PACKAGE_VERSION);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		fprintf(stream, "%c%s\n", features[i].built ? '+' : '-',
		    features[i].name);
}

/* The help stands on its own line where the left side is too long. */
static void
print_row(FILE *stream, const char *left, const char *help)
{
	int	 width = HELP_COLUMN - 4;

	if (strlen(left) <= (size_t)width)
		fprintf(stream, "  %-*s  %s\n", width, left, help);
	else
		fprintf(stream, "  %s\n%*s%s\n", left, HELP_COLUMN, "", help);
}

/* "-w, --timeout D", "    --send-proxy[=N]" */
static void
print_option(FILE *stream, const struct option *option)
{
	char		 left[LEFT_SIZE];
	char		 letter[] = "-?, ";
	const char	*before = "", *behind = "";

	letter[1] = option->letter;
	if (option->implied != NULL) {
		before = "[=";
		behind = "]";
	} else if (option->argument != NULL) {
		before = " ";
	}
	snprintf(left, sizeof(left), "%s--%s%s%s%s",
	    option->letter == 0 ? "    " : letter, option->name, before,
	    option->argument == NULL ? "" : option->argument, behind);
	print_row(stream, left, option->help);
}
