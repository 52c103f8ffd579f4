/*
 * The parser of command lines.  It knows the forms of options and, by one
 * function each, the types of their values; which options there are, the
 * commands' tables say.
 */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "base/units.h"
#include "cli/option.h"
#include "cli/suggest.h"

/* "-w", "--" and the longest name of a table */
#define SPELLED_SIZE	64

struct parser {
	const struct command	*command;
	int			 argc;
	char			**argv;
	int			 at;		/* the next argument */
	char			*into;
	struct arguments	*arguments;
	struct error		*error;
};

/* A row, and what its offset counts from. */
struct found {
	const struct option	*row;
	size_t			 base;
};

/* Arguments */
static int	parse_argument(struct parser *);
static void	take_operand(struct parser *);
static int	parse_long(struct parser *, const char *text);
static bool	*find_built_in(struct parser *, const char *name,
		    size_t length);
static int	parse_letters(struct parser *, const char *letters);
static const char *missing_value(struct parser *, const struct option *);
static const char *next_value(struct parser *);
static int	apply(struct parser *, const struct found *,
		    const char *spelled, const char *value);

/* Unknown options */
static int	unknown_long(struct parser *, const char *name,
		    size_t length);
static int	unknown_letter(struct parser *, const char *letters,
		    const char *at);

/* Rows */
static bool	find(const struct command *, const char *name, size_t length,
		    char letter, struct found *);
static bool	is_row(const struct option *, const char *name, size_t length,
		    char letter);

/* Values */
static int	store_flag(const struct option *, const char *, void *,
		    struct error *);
static int	store_count(const struct option *, const char *, void *,
		    struct error *);
static int	store_text(const struct option *, const char *, void *,
		    struct error *);
static int	store_name(const struct option *, const char *, void *,
		    struct error *);
static int	store_duration(const struct option *, const char *, void *,
		    struct error *);
static int	store_size(const struct option *, const char *, void *,
		    struct error *);
static int	store_number(const struct option *, const char *, void *,
		    struct error *);
static int	store_choice(const struct option *, const char *, void *,
		    struct error *);
static int	store_nothing(const struct option *, const char *, void *,
		    struct error *);
static int	append(struct option_list *, const char *, struct error *);
static int	refuse(struct error *, const char *text, const char *why);

/* A value made fit for its type and stored; -1 with "TEXT": REASON. */
static int	(*const store[])(const struct option *, const char *text,
    void *where, struct error *) = {
	[OPTION_FLAG] = store_flag,
	[OPTION_COUNT] = store_count,
	[OPTION_TEXT] = store_text,
	[OPTION_FILE] = store_name,
	[OPTION_INTERFACE] = store_name,
	[OPTION_HOST] = store_name,
	[OPTION_DURATION] = store_duration,
	[OPTION_SIZE] = store_size,
	[OPTION_NUMBER] = store_number,
	[OPTION_CHOICE] = store_choice,
	[OPTION_ACCEPTED] = store_nothing
};

int
option_parse(const struct command *command, int argc, char **argv, void *into,
    struct arguments *arguments, struct error *error)
{
	struct parser	 parser = {
		.command = command, .argc = argc, .argv = argv, .at = 1,
		.into = into, .arguments = arguments, .error = error
	};

	memset(arguments, 0, sizeof(*arguments));
	arguments->operands = argv + 1;
	while (parser.at < argc && arguments->tail == NULL &&
	    !arguments->help && !arguments->version)
		if (parse_argument(&parser) == -1)
			return -1;
	return 0;
}

void
option_list_clear(struct option_list *list)
{
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

const struct option *
option_find(const struct command *command, const char *name, size_t length)
{
	struct found	 found;

	return find(command, name, length, 0, &found) ? found.row : NULL;
}

const struct option *
option_find_letter(const struct command *command, char letter)
{
	struct found	 found;

	return find(command, "", 0, letter, &found) ? found.row : NULL;
}

static int
parse_argument(struct parser *parser)
{
	const char	*text = parser->argv[parser->at];

	if (text[0] != '-' || text[1] == '\0') {
		take_operand(parser);
		return 0;
	}
	parser->at++;
	if (text[1] != '-')
		return parse_letters(parser, text + 1);
	if (text[2] != '\0')
		return parse_long(parser, text + 2);
	parser->arguments->tail = parser->argv + parser->at;
	return 0;
}

/* Bring the next argument before the options that stand before it. */
static void
take_operand(struct parser *parser)
{
	char	**from = parser->argv + parser->at++;
	char	**to = parser->argv + 1 + parser->arguments->count++;
	char	 *operand = *from;

	memmove(to + 1, to, (size_t)(from - to) * sizeof(*to));
	*to = operand;
}

/* NAME, NAME VALUE or NAME=VALUE, behind its "--". */
static int
parse_long(struct parser *parser, const char *text)
{
	struct found	 found;
	size_t		 length = strcspn(text, "=");
	const char	*value = text[length] == '=' ? text + length + 1 : NULL;
	char		 spelled[SPELLED_SIZE] = "--";
	bool		*built_in;

	built_in = find_built_in(parser, text, length);
	if (built_in != NULL && value == NULL) {
		*built_in = true;
		return 0;
	}
	if (built_in != NULL) {
		error_setx(parser->error, "--%.*s: takes no value",
		    (int)length, text);
		return -1;
	}
	if (!find(parser->command, text, length, 0, &found))
		return unknown_long(parser, text, length);
	strlcat(spelled, found.row->name, sizeof(spelled));
	if (value == NULL)
		value = missing_value(parser, found.row);
	return apply(parser, &found, spelled, value);
}

/* What every command has, and no table. */
static bool *
find_built_in(struct parser *parser, const char *name, size_t length)
{
	if (length == strlen("help") && memcmp(name, "help", length) == 0)
		return &parser->arguments->help;
	if (length == strlen("version") &&
	    memcmp(name, "version", length) == 0)
		return &parser->arguments->version;
	return NULL;
}

/* A cluster of letters behind its "-"; a value that is needed ends it. */
static int
parse_letters(struct parser *parser, const char *letters)
{
	struct found	 found;
	const char	*at, *value;
	char		 spelled[] = "-?";

	for (at = letters; *at != '\0'; at++) {
		if (*at == 'h') {
			parser->arguments->help = true;
			return 0;
		}
		if (!find(parser->command, "", 0, *at, &found))
			return unknown_letter(parser, letters, at);
		spelled[1] = *at;
		value = found.row->implied;
		if (found.row->argument != NULL && value == NULL) {
			value = at[1] != '\0' ? at + 1 : next_value(parser);
			return apply(parser, &found, spelled, value);
		}
		if (apply(parser, &found, spelled, value) == -1)
			return -1;
	}
	return 0;
}

/* What a long option without "=" gets; NULL where there is no value. */
static const char *
missing_value(struct parser *parser, const struct option *row)
{
	if (row->argument == NULL || row->implied != NULL)
		return row->implied;
	return next_value(parser);
}

/* The next argument, whatever it begins with; but "--" ends the options. */
static const char *
next_value(struct parser *parser)
{
	if (parser->at >= parser->argc ||
	    strcmp(parser->argv[parser->at], "--") == 0)
		return NULL;
	return parser->argv[parser->at++];
}

static int
apply(struct parser *parser, const struct found *found, const char *spelled,
    const char *value)
{
	const struct option	*row = found->row;
	void			*where;

	if (row->argument != NULL && value == NULL) {
		error_setx(parser->error, "%s: needs a value", spelled);
		return -1;
	}
	if (row->argument == NULL && value != NULL) {
		error_setx(parser->error, "%s: takes no value", spelled);
		return -1;
	}
	where = parser->into + found->base + row->offset;
	if (store[row->type](row, value, where, parser->error) == 0)
		return 0;
	error_setx(parser->error, "%s: %s", spelled, parser->error->text);
	return -1;
}

static int
unknown_long(struct parser *parser, const char *name, size_t length)
{
	char		 word[2 * PRINTABLE_SIZE], shown[PRINTABLE_SIZE];
	char		 buf[PRINTABLE_SIZE];
	const char	*words;

	strlcpy(word, name, length < sizeof(word) ? length + 1 : sizeof(word));
	printable(word, shown, sizeof(shown));
	words = hint_refusal(parser->command, word);
	if (words != NULL) {
		error_setx(parser->error, "--%s: %s", shown, words);
		return -1;
	}
	words = hint_name(word, parser->argc, parser->argv, buf, sizeof(buf));
	if (words != NULL) {
		error_setx(parser->error, "unknown option --%s; "
		    "ducat's way: %s", shown, words);
		return -1;
	}
	words = suggest_option(parser->command, word);
	if (words != NULL)
		error_setx(parser->error, "unknown option --%s "
		    "(did you mean --%s?)", shown, words);
	else
		error_setx(parser->error, "unknown option --%s", shown);
	return -1;
}

/* A long name behind a single "-" is looked for before nc's letters. */
static int
unknown_letter(struct parser *parser, const char *letters, const char *at)
{
	const char	 letter[] = { *at, '\0' };
	char		 buf[PRINTABLE_SIZE], shown[8];
	const char	*words;

	printable(letter, shown, sizeof(shown));
	if (option_find(parser->command, letters, strlen(letters)) != NULL ||
	    strcmp(letters, "version") == 0) {
		error_setx(parser->error, "unknown option -%s "
		    "(did you mean --%s?)", shown, letters);
		return -1;
	}
	words = hint_letter(*at, parser->argc, parser->argv, buf,
	    sizeof(buf));
	if (words != NULL)
		error_setx(parser->error, "unknown option -%s; "
		    "ducat's way: %s", shown, words);
	else
		error_setx(parser->error, "unknown option -%s", shown);
	return -1;
}

/* By letter where it is not 0, else by name. */
static bool
find(const struct command *command, const char *name, size_t length,
    char letter, struct found *found)
{
	const struct option_use	*use;

	for (use = command->uses; use->group != NULL; use++) {
		for (size_t i = 0; i < use->group->count; i++) {
			found->row = &use->group->rows[i];
			found->base = use->base;
			if (is_row(found->row, name, length, letter))
				return true;
		}
	}
	return false;
}

static bool
is_row(const struct option *row, const char *name, size_t length, char letter)
{
	if (letter != 0)
		return row->letter == letter;
	return length > 0 && strncmp(row->name, name, length) == 0 &&
	    row->name[length] == '\0';
}

static int
store_flag(const struct option *row, const char *text, void *where,
    struct error *error)
{
	(void)row;
	(void)text;
	(void)error;
	*(bool *)where = true;
	return 0;
}

static int
store_count(const struct option *row, const char *text, void *where,
    struct error *error)
{
	(void)row;
	(void)text;
	(void)error;
	++*(unsigned *)where;
	return 0;
}

static int
store_text(const struct option *row, const char *text, void *where,
    struct error *error)
{
	if (row->repeatable)
		return append(where, text, error);
	*(const char **)where = text;
	return 0;
}

static int
store_name(const struct option *row, const char *text, void *where,
    struct error *error)
{
	if (text[0] == '\0')
		return refuse(error, text, "must not be empty");
	return store_text(row, text, where, error);
}

static int
store_duration(const struct option *row, const char *text, void *where,
    struct error *error)
{
	const char	*why;
	int64_t		 ns;

	if (units_duration(text, &ns, &why) == -1)
		return refuse(error, text, why);
	if ((uint64_t)ns < row->min)
		return refuse(error, text, "must be more than 0");
	*(int64_t *)where = ns;
	return 0;
}

static int
store_size(const struct option *row, const char *text, void *where,
    struct error *error)
{
	const char	*why;
	uint64_t	 bytes;

	if (units_size(text, &bytes, &why) == -1)
		return refuse(error, text, why);
	if (bytes < row->min) {
		refuse(error, text, "must be at least");
		error_setx(error, "%s %" PRIu64, error->text, row->min);
		return -1;
	}
	*(uint64_t *)where = bytes;
	return 0;
}

static int
store_number(const struct option *row, const char *text, void *where,
    struct error *error)
{
	const char	*why;
	uint64_t	 value;

	if (units_number(text, row->min, row->max, &value, &why) == -1) {
		refuse(error, text, why);
		error_setx(error, "%s (%" PRIu64 " to %" PRIu64 ")",
		    error->text, row->min, row->max);
		return -1;
	}
	*(int *)where = (int)value;
	return 0;
}

static int
store_choice(const struct option *row, const char *text, void *where,
    struct error *error)
{
	const char	*comma = "";

	for (int i = 0; row->choices[i] != NULL; i++) {
		if (strcmp(row->choices[i], text) == 0) {
			*(int *)where = i;
			return 0;
		}
	}
	refuse(error, text, "not one of ");
	for (size_t i = 0; row->choices[i] != NULL; i++, comma = ", ")
		error_setx(error, "%s%s%s", error->text, comma,
		    row->choices[i]);
	return -1;
}

static int
store_nothing(const struct option *row, const char *text, void *where,
    struct error *error)
{
	(void)row;
	(void)text;
	(void)where;
	(void)error;
	return 0;
}

static int
append(struct option_list *list, const char *text, struct error *error)
{
	const char	**items;

	items = reallocarray(list->items, list->count + 1, sizeof(*items));
	if (items == NULL) {
		error_setx(error, "out of memory");
		return -1;
	}
	list->items = items;
	list->items[list->count++] = text;
	return 0;
}

static int
refuse(struct error *error, const char *text, const char *why)
{
	char	 shown[PRINTABLE_SIZE];

	error_setx(error, "\"%s\": %s", printable(text, shown, sizeof(shown)),
	    why);
	return -1;
}
