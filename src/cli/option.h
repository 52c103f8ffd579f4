/*
 * Option rows.  From these tables come parsing, --help, did-you-mean, the
 * completions and the check of the man pages; nothing else in ducat knows
 * an option's spelling.  A row stores what it parsed at an offset into the
 * command's own struct, so the tables are const and bound to no variable.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option_type {
	OPTION_FLAG,		/* bool: true */
	OPTION_COUNT,		/* unsigned: one more (-vv) */
	OPTION_TEXT,		/* const char *: points into argv */
	OPTION_FILE,		/* const char *: the same, a file's name */
	OPTION_INTERFACE,	/* const char *: the same, an interface */
	OPTION_HOST,		/* const char *: the same, an address */
	OPTION_DURATION,	/* int64_t: nanoseconds; 0 only if min is 0 */
	OPTION_SIZE,		/* uint64_t: bytes, at least min */
	OPTION_NUMBER,		/* int: min to max */
	OPTION_CHOICE,		/* int: index into choices */
	OPTION_ACCEPTED		/* nothing: known to nc, the default here */
};

/*
 * What a repeatable row stores, in the order given; all 0 when empty.  The
 * items point into argv (or are the row's implied text) and are not owned;
 * the array is, and option_list_clear() frees it.
 */
struct option_list {
	const char	**items;
	size_t		  count;
};

/*
 * A row with an implied text has an argument that is optional: it stands
 * behind "=" and nowhere else ("--name[=N]"), its letter takes none, and
 * without it the row stores what the implied text would, which is valid.
 */
struct option {
	const char	*name;		/* "idle-timeout" */
	char		 letter;	/* 0: none */
	enum option_type type;
	const char	*argument;	/* "D"; NULL: takes none */
	const char	*help;		/* imperative, lower case, <= 50 */
	size_t		 offset;	/* within the group's struct */
	const char	*const *choices; /* NULL-terminated */
	uint64_t	 min;		/* OPTION_DURATION, SIZE, NUMBER */
	uint64_t	 max;		/* OPTION_NUMBER */
	bool		 repeatable;	/* OPTION_TEXT, FILE, HOST: stores */
					/* a struct option_list */
	const char	*implied;	/* NULL: the argument is needed */
};

/* A table of rows with a title in --help. */
struct option_group {
	const char		*title;
	const struct option	*rows;
	size_t			 count;
};

/* Where a command keeps the struct that a group's offsets count from. */
struct option_use {
	const struct option_group *group;
	size_t			 base;
};

/* What an operand is, for the completions. */
enum operand_kind {
	OPERAND_HOST_PORT,
	OPERAND_PORT,
	OPERAND_PATH
};

struct command {
	const char		*name;
	const char		*synopsis;	/* behind "ducat NAME " */
	const char		*summary;	/* as help texts are */
	enum operand_kind	 operands;
	bool			 datagrams;	/* it is about them */
	const struct option_use	*uses;		/* ends with group == NULL */
	/*
	 * Run it: argv[0] is the command's name.  Returns the exit status.
	 * Prints its own errors.
	 */
	int			(*run)(const struct command *, int argc,
				    char **argv);
};

/* What is left when the options are gone. Points into argv. */
struct arguments {
	char	**operands;
	size_t	  count;
	char	**tail;		/* behind the first "--"; NULL: none */
	bool	  help;		/* --help or -h; the rest was not read */
	bool	  version;	/* the same of --version */
};

/*
 * Parse argv[1..] by the command's rows into the struct at `into`, whose
 * defaults the caller has set.  Options and operands mix; "--" ends both;
 * "-" alone is an operand; long options are not abbreviated, values stand
 * in the next argument or behind "="; letters cluster ("-vk", "-w5").  The
 * last of a repeated option counts, except for rows that are repeatable,
 * which append every one.  argv is permuted, operands first.
 * Returns 0, or -1 with one line in the error: what was wrong with which
 * option, its text made printable, and a suggestion where there is one
 * (the nearest long name; for letters of nc that ducat does not have,
 * ducat's way of writing it, by hint_letter()).  Lists are the caller's to
 * clear in both cases.
 */
int	option_parse(const struct command *, int argc, char **argv, void *into,
	    struct arguments *, struct error *);

/* Free the array and make the list empty. */
void	option_list_clear(struct option_list *);

/* The row behind a long name or a letter, else NULL. */
const struct option *option_find(const struct command *, const char *name,
	    size_t length);
const struct option *option_find_letter(const struct command *, char letter);

#endif
