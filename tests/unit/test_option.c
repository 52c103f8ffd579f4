/* Command lines: what they set, what is left, and what is told of faults. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/option.h"

#include "unit.h"

#define MAX_ARGUMENTS	10

struct first {
	bool		 flag;
	unsigned	 verbose;
	const char	*text;
	const char	*file;
	struct option_list allow;
	struct option_list files;
	struct option_list hosts;
};

struct second {
	int64_t		 wait;
	int64_t		 quit;
	uint64_t	 size;
	int		 number;
	int		 choice;
	int		 header;
	int64_t		 linger;
	const char	*dump;
	const char	*note;
};

struct options {
	struct first	 first;
	struct second	 second;
};

static void	test_taken(struct unit *);
static void	test_refused(struct unit *);
static void	test_permuted(struct unit *);
static void	test_long_name(struct unit *);
static void	test_find(struct unit *);
static void	test_lists(struct unit *);
static struct options defaults(void);
static void	clear(struct options *);
static void	describe(char *buf, size_t size, const struct options *,
		    const struct arguments *);
static void	describe_list(FILE *, const char *name,
		    const struct option_list *);
static void	describe_second(FILE *, const struct second *);
static int	fill(char **argv, const char *const *arguments);
static void	join(char *buf, size_t size, const char *const *arguments);

static const char *const choices[] = { "drain", "exit", NULL };
static const char *const headers[] = { "1", "2", NULL };

static const struct option first_rows[] = {
	{ .name = "flag", .letter = 'f', .type = OPTION_FLAG, .help = "x",
	    .offset = offsetof(struct first, flag) },
	{ .name = "verbose", .letter = 'v', .type = OPTION_COUNT, .help = "x",
	    .offset = offsetof(struct first, verbose) },
	{ .name = "text", .letter = 's', .type = OPTION_TEXT,
	    .argument = "X", .help = "x",
	    .offset = offsetof(struct first, text) },
	{ .name = "addr-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "x", .offset = offsetof(struct first, file) },
	{ .name = "half-close", .letter = 'N', .type = OPTION_ACCEPTED,
	    .help = "x" },
	{ .name = "allow", .letter = 'a', .type = OPTION_TEXT,
	    .argument = "X", .help = "x", .repeatable = true,
	    .offset = offsetof(struct first, allow) },
	{ .name = "allow-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "x", .repeatable = true,
	    .offset = offsetof(struct first, files) },
	{ .name = "relay", .type = OPTION_HOST, .argument = "HOST",
	    .help = "x", .repeatable = true,
	    .offset = offsetof(struct first, hosts) },
};

static const struct option second_rows[] = {
	{ .name = "timeout", .letter = 'w', .type = OPTION_DURATION,
	    .argument = "D", .help = "x",
	    .offset = offsetof(struct second, wait), .min = 1 },
	{ .name = "quit-after", .letter = 'q', .type = OPTION_DURATION,
	    .argument = "D", .help = "x",
	    .offset = offsetof(struct second, quit) },
	{ .name = "max-send", .type = OPTION_SIZE, .argument = "SIZE",
	    .help = "x", .offset = offsetof(struct second, size),
	    .min = 10 },
	{ .name = "ready-fd", .type = OPTION_NUMBER, .argument = "N",
	    .help = "x", .offset = offsetof(struct second, number),
	    .min = 3, .max = INT32_MAX },
	{ .name = "on-peer-eof", .type = OPTION_CHOICE, .argument = "WHAT",
	    .help = "x", .offset = offsetof(struct second, choice),
	    .choices = choices },
	{ .name = "send-proxy", .letter = 'P', .type = OPTION_CHOICE,
	    .argument = "N", .help = "x", .implied = "1",
	    .offset = offsetof(struct second, header), .choices = headers },
	{ .name = "linger", .letter = 'L', .type = OPTION_DURATION,
	    .argument = "D", .help = "x", .implied = "2",
	    .offset = offsetof(struct second, linger), .min = 1 },
	{ .name = "hexdump", .type = OPTION_FILE, .argument = "FILE",
	    .help = "x", .implied = "-",
	    .offset = offsetof(struct second, dump) },
	{ .name = "note", .type = OPTION_TEXT, .argument = "X",
	    .help = "x", .implied = "none",
	    .offset = offsetof(struct second, note) },
};

static const struct option_group first_group = {
	"First", first_rows, UNIT_COUNT(first_rows)
};
static const struct option_group second_group = {
	"Second", second_rows, UNIT_COUNT(second_rows)
};

static const struct option_use uses[] = {
	{ &first_group, offsetof(struct options, first) },
	{ &second_group, offsetof(struct options, second) },
	{ NULL, 0 }
};

static const struct command listening = {
	.name = "listen", .operands = OPERAND_PORT, .uses = uses
};

/* What describe() makes of it; only what is not at its default is shown. */
static const struct {
	const char	*arguments[MAX_ARGUMENTS];
	const char	*text;
} taken[] = {
	{ { NULL }, "" },
	{ { "a" }, "[a]" },
	{ { "a", "b" }, "[a][b]" },
	{ { "" }, "[]" },
	{ { "-" }, "[-]" },
	{ { "-f" }, "flag" },
	{ { "--flag", "a" }, "flag[a]" },
	{ { "a", "--flag" }, "flag[a]" },
	{ { "a", "-f", "b", "-v", "c" }, "flag v1[a][b][c]" },
	{ { "-v", "-v", "--verbose" }, "v3" },
	{ { "-vvv" }, "v3" },
	{ { "-fvN" }, "flag v1" },
	{ { "--half-close" }, "" },
	{ { "-w5" }, "wait=5000000000" },
	{ { "-w", "5" }, "wait=5000000000" },
	{ { "-fw5" }, "flag wait=5000000000" },
	{ { "-fw", "5", "a" }, "flag wait=5000000000[a]" },
	{ { "--timeout", "5" }, "wait=5000000000" },
	{ { "--timeout=5" }, "wait=5000000000" },
	{ { "--timeout=5", "-w", "6" }, "wait=6000000000" },
	{ { "-q", "0" }, "quit=0" },
	{ { "-q0" }, "quit=0" },
	{ { "--max-send", "10" }, "size=10" },
	{ { "--max-send=1.5k" }, "size=1500" },
	{ { "--ready-fd", "3" }, "number=3" },
	{ { "--ready-fd=2147483647" }, "number=2147483647" },
	{ { "--on-peer-eof", "exit" }, "choice=1" },
	{ { "--on-peer-eof=exit", "--on-peer-eof=drain" }, "choice=0" },
	{ { "-s", "-v" }, "text=-v" },
	{ { "-s-v" }, "text=-v" },
	{ { "-s", "-" }, "text=-" },
	{ { "-s=x" }, "text==x" },
	{ { "-s", "" }, "text=" },
	{ { "--text=" }, "text=" },
	{ { "--text=a=b" }, "text=a=b" },
	{ { "--text", "--flag" }, "text=--flag" },
	{ { "--text=--" }, "text=--" },
	{ { "-s--" }, "text=--" },
	{ { "--addr-file", "-x", "a" }, "file=-x[a]" },
	{ { "--" }, " --" },
	{ { "a", "--" }, "[a] --" },
	{ { "a", "--", "b", "-f", "--" }, "[a] --b|-f|--" },
	{ { "a", "-f", "--", "--help" }, "flag[a] --" "--help" },
	{ { "-h" }, "help" },
	{ { "--help", "--nonsense" }, "help" },
	{ { "-fh" }, "flag help" },
	{ { "--version", "-Q" }, "version" },

	{ { "--allow", "x" }, "allow=x" },
	{ { "--allow=x" }, "allow=x" },
	{ { "-a", "x" }, "allow=x" },
	{ { "-ax" }, "allow=x" },
	{ { "-fax", "b" }, "flag allow=x[b]" },
	{ { "--allow=" }, "allow=" },
	{ { "--allow=x", "--allow", "y", "-az" }, "allow=x,y,z" },
	{ { "--allow", "z", "-a", "x", "--allow=z" }, "allow=z,x,z" },
	{ { "-vax", "b", "--allow=y", "--text=s", "c", "-a", "-v" },
	    "v1 text=s allow=x,y,-v[b][c]" },
	{ { "--allow=x", "--relay=y", "--allow=z", "--allow-file=f",
	    "--relay", "::1" }, "allow=x,z files=f hosts=y,::1" },
	{ { "--allow=x", "--", "--allow=y" }, "allow=x --" "--allow=y" },

	{ { "--send-proxy" }, "header=0" },
	{ { "--send-proxy=1" }, "header=0" },
	{ { "--send-proxy=2" }, "header=1" },
	{ { "--send-proxy", "2" }, "header=0[2]" },
	{ { "2", "--send-proxy", "--", "2" }, "header=0[2] --2" },
	{ { "--send-proxy", "--flag" }, "flag header=0" },
	{ { "--send-proxy=2", "--send-proxy" }, "header=0" },
	{ { "--send-proxy", "--send-proxy=2" }, "header=1" },
	{ { "-P" }, "header=0" },
	{ { "-P", "2" }, "header=0[2]" },
	{ { "-PfLv", "a" }, "flag v1 header=0 linger=2000000000[a]" },
	{ { "-Pw5" }, "wait=5000000000 header=0" },
	{ { "--linger" }, "linger=2000000000" },
	{ { "--linger=3" }, "linger=3000000000" },
	{ { "--linger", "3" }, "linger=2000000000[3]" },
	{ { "--hexdump", "a" }, "dump=-[a]" },
	{ { "--hexdump=a" }, "dump=a" },
	{ { "--hexdump=--" }, "dump=--" },
	{ { "--note" }, "note=none" },
	{ { "--note=" }, "note=" },
	{ { "--note=a=b" }, "note=a=b" },
};

/* The error's text. */
static const struct {
	const char	*arguments[MAX_ARGUMENTS];
	const char	*text;
} refused[] = {
	{ { "-w" }, "-w: needs a value" },
	{ { "a", "-fw" }, "-w: needs a value" },
	{ { "--timeout" }, "--timeout: needs a value" },
	{ { "-w", "--", "5" }, "-w: needs a value" },
	{ { "--text", "--", "5" }, "--text: needs a value" },
	{ { "--flag=1" }, "--flag: takes no value" },
	{ { "--flag=" }, "--flag: takes no value" },
	{ { "--half-close=1" }, "--half-close: takes no value" },
	{ { "--help=1" }, "--help: takes no value" },
	{ { "--version=" }, "--version: takes no value" },
	{ { "-w", "5x" }, "-w: \"5x\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "--timeout=5x" }, "--timeout: \"5x\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "-w", "-5" }, "-w: \"-5\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "-w=5" }, "-w: \"=5\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "--timeout=" }, "--timeout: \"\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "-w", "5\x1b[m" }, "-w: \"5\\x1b[m\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "-w", "0" }, "-w: \"0\": must be more than 0" },
	{ { "-w", "0.0ms" }, "-w: \"0.0ms\": must be more than 0" },
	{ { "-w", "999999999999" }, "-w: \"999999999999\": "
	    "more than 292 years" },
	{ { "-q", "0.0000000001" }, "-q: \"0.0000000001\": "
	    "finer than a nanosecond" },
	{ { "--max-send", "9" }, "--max-send: \"9\": must be at least 10" },
	{ { "--max-send", "-9" }, "--max-send: \"-9\": not a size "
	    "(1500, 1.5k, 4M, 4Mi)" },
	{ { "--ready-fd", "2" }, "--ready-fd: \"2\": too small "
	    "(3 to 2147483647)" },
	{ { "--ready-fd", "2147483648" }, "--ready-fd: \"2147483648\": "
	    "too large (3 to 2147483647)" },
	{ { "--ready-fd", "3x" }, "--ready-fd: \"3x\": not a number "
	    "(3 to 2147483647)" },
	{ { "--ready-fd", "-1" }, "--ready-fd: \"-1\": not a number "
	    "(3 to 2147483647)" },
	{ { "--on-peer-eof", "dra" }, "--on-peer-eof: \"dra\": "
	    "not one of drain, exit" },
	{ { "--on-peer-eof=" }, "--on-peer-eof: \"\": "
	    "not one of drain, exit" },
	{ { "--addr-file=" }, "--addr-file: \"\": must not be empty" },
	{ { "--addr-file", "" }, "--addr-file: \"\": must not be empty" },

	{ { "--allow" }, "--allow: needs a value" },
	{ { "--allow=x", "-a" }, "-a: needs a value" },
	{ { "--allow", "--", "x" }, "--allow: needs a value" },
	{ { "--allow-file=" }, "--allow-file: \"\": must not be empty" },
	{ { "--relay=x", "--relay", "", "--relay=y" },
	    "--relay: \"\": must not be empty" },
	{ { "--send-proxy=3" }, "--send-proxy: \"3\": not one of 1, 2" },
	{ { "--send-proxy=" }, "--send-proxy: \"\": not one of 1, 2" },
	{ { "--send-proxy", "--send-proxy=3" },
	    "--send-proxy: \"3\": not one of 1, 2" },
	{ { "-P2" }, "unknown option -2" },
	{ { "-P=2" }, "unknown option -=" },
	{ { "--linger=0" }, "--linger: \"0\": must be more than 0" },
	{ { "--linger=" }, "--linger: \"\": not a duration "
	    "(500ms, 2, 1.5s, 2m, 1h, 1d)" },
	{ { "--hexdump=" }, "--hexdump: \"\": must not be empty" },
	{ { "--send-prox" }, "unknown option --send-prox "
	    "(did you mean --send-proxy?)" },

	{ { "--timeot", "5" }, "unknown option --timeot "
	    "(did you mean --timeout?)" },
	{ { "--tiemout=5" }, "unknown option --tiemout "
	    "(did you mean --timeout?)" },
	{ { "--time", "5" }, "unknown option --time "
	    "(did you mean --timeout?)" },
	{ { "--verb" }, "unknown option --verb (did you mean --verbose?)" },
	{ { "--Flag" }, "unknown option --Flag (did you mean --flag?)" },
	{ { "--flagg" }, "unknown option --flagg (did you mean --flag?)" },
	{ { "--v" }, "unknown option --v" },
	{ { "--vers" }, "unknown option --vers (did you mean --version?)" },
	{ { "--nonsense" }, "unknown option --nonsense" },
	{ { "--nonsense=x" }, "unknown option --nonsense" },
	{ { "--=x" }, "unknown option --" },
	{ { "--a\nb" }, "unknown option --a\\x0ab" },
	{ { "--\xc3\xbc" }, "unknown option --\\xc3\\xbc" },
	{ { "---" }, "unknown option ---" },
	{ { "-Q" }, "unknown option -Q" },
	{ { "-fQ" }, "unknown option -Q" },
	{ { "-1" }, "unknown option -1" },
	{ { "-\x1b" }, "unknown option -\\x1b" },
	{ { "-\xff" }, "unknown option -\\xff" },
	{ { "-f-" }, "unknown option --" },
	{ { "-=" }, "unknown option -=" },
	{ { "-timeout", "5" }, "unknown option -t "
	    "(did you mean --timeout?)" },
	{ { "-verbose" }, "unknown option -e (did you mean --verbose?)" },

	{ { "-l", "8080" }, "unknown option -l; "
	    "ducat's way: ducat listen 8080" },
	{ { "-l", "-p", "8080" }, "unknown option -l; "
	    "ducat's way: ducat listen 8080" },
	{ { "-vlp", "8080" }, "unknown option -l; "
	    "ducat's way: ducat listen 8080" },
	{ { "8080", "-l" }, "unknown option -l; "
	    "ducat's way: ducat listen 8080" },
	{ { "-p", "8080" }, "unknown option -p; "
	    "ducat's way: ducat listen 8080" },
	{ { "-l" }, "unknown option -l; ducat's way: ducat listen PORT" },
	{ { "--listen", "80" }, "unknown option --listen; "
	    "ducat's way: ducat listen PORT" },
	{ { "--source", "x" }, "--source: only for connecting sides" },
	{ { "--source=x" }, "--source: only for connecting sides" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_taken(&unit);
	test_refused(&unit);
	test_permuted(&unit);
	test_long_name(&unit);
	test_find(&unit);
	test_lists(&unit);
	return unit_end(&unit);
}

static void
test_taken(struct unit *unit)
{
	char *argv[MAX_ARGUMENTS + 2], input[200], got[400];

	for (size_t i = 0; i < UNIT_COUNT(taken); i++) {
		struct options options = defaults();
		struct arguments arguments;
		struct error error;
		int argc = fill(argv, taken[i].arguments);

		join(input, sizeof(input), taken[i].arguments);
		if (option_parse(&listening, argc, argv, &options,
		    &arguments, &error) == -1)
			strlcpy(got, error.text, sizeof(got));
		else
			describe(got, sizeof(got), &options, &arguments);
		unit_text(unit, input, got, taken[i].text);
		clear(&options);
	}
}

static void
test_refused(struct unit *unit)
{
	char *argv[MAX_ARGUMENTS + 2], input[200];

	for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
		struct options options = defaults();
		struct arguments arguments;
		struct error error = { 0, "nothing" };
		int argc = fill(argv, refused[i].arguments);

		join(input, sizeof(input), refused[i].arguments);
		unit_check(unit, option_parse(&listening, argc, argv,
		    &options, &arguments, &error) == -1,
		    "[%s] is taken", input);
		unit_text(unit, input, error.text, refused[i].text);
		clear(&options);
	}
}

/* No argument is lost: operands first, the options behind them in order. */
static void
test_permuted(struct unit *unit)
{
	static const char *const given[MAX_ARGUMENTS] = {
		"-f", "a", "-w", "5", "b", "--text=x", "c", "--", "d"
	};
	static const char *const wanted[] = {
		"listen", "a", "b", "c", "-f", "-w", "5", "--text=x", "--",
		"d"
	};
	struct options options;
	struct arguments arguments;
	struct error error;
	char *argv[MAX_ARGUMENTS + 2];
	int argc = fill(argv, given);

	unit_check(unit, option_parse(&listening, argc, argv, &options,
	    &arguments, &error) == 0, "a mixture is refused: %s", error.text);
	for (int i = 0; i < argc; i++)
		unit_text(unit, wanted[i], argv[i], wanted[i]);
	unit_check(unit, argv[argc] == NULL, "the end has moved");
}

static void
test_long_name(struct unit *unit)
{
	struct options options;
	struct arguments arguments;
	struct error error = { 0, "nothing" };
	char command[] = "listen", *name = malloc(70001);
	char *argv[] = { command, name, NULL };

	if (name == NULL)
		abort();
	memset(name, 'a', 70000);
	memcpy(name, "--", 2);
	name[70000] = '\0';
	unit_check(unit, option_parse(&listening, 2, argv, &options,
	    &arguments, &error) == -1 &&
	    strncmp(error.text, "unknown option --aaa", 20) == 0 &&
	    strlen(error.text) < 200,
	    "an option of 70,000 bytes says [%s]", error.text);
	name[1] = 'w';
	unit_check(unit, option_parse(&listening, 2, argv, &options,
	    &arguments, &error) == -1 && strncmp(error.text,
	    "-w: \"aaaa", 9) == 0 && strstr(error.text,
	    "...\": not a duration") != NULL,
	    "a value of 69,998 bytes says [%s]", error.text);
	free(name);
}

static void
test_find(struct unit *unit)
{
	unit_check(unit, option_find(&listening, "timeout", 7) ==
	    &second_rows[0], "timeout is not found");
	unit_check(unit, option_find(&listening, "timeout=5", 7) ==
	    &second_rows[0], "timeout=5 is not found");
	unit_check(unit, option_find(&listening, "timeout", 4) == NULL,
	    "time is found");
	unit_check(unit, option_find(&listening, "timeouts", 8) == NULL,
	    "timeouts is found");
	unit_check(unit, option_find(&listening, "", 0) == NULL,
	    "the empty name is found");
	unit_check(unit, option_find_letter(&listening, 'w') ==
	    &second_rows[0], "-w is not found");
	unit_check(unit, option_find_letter(&listening, 'W') == NULL,
	    "-W is found");
	unit_check(unit, option_find_letter(&listening, '\0') == NULL,
	    "the letter 0 is found");
}

/* Items are argv's own texts; a cleared list may be filled again. */
static void
test_lists(struct unit *unit)
{
	struct options options = defaults();
	struct option_list *list = &options.first.allow;
	struct arguments arguments;
	struct error error = { 0, "nothing" };
	char command[] = "listen", joined[] = "--allow=x", name[] = "-a";
	char value[] = "y", *argv[] = { command, joined, name, value, NULL };

	for (int round = 0; round < 2; round++) {
		unit_check(unit, option_parse(&listening, 4, argv, &options,
		    &arguments, &error) == 0 && list->count == 2 &&
		    list->items[0] == joined + 8 && list->items[1] == value,
		    "round %d: %zu items, %s", round, list->count,
		    error.text);
		option_list_clear(list);
		unit_check(unit, list->items == NULL && list->count == 0,
		    "round %d: a cleared list is not empty", round);
	}
	option_list_clear(list);
}

static struct options
defaults(void)
{
	return (struct options){ .second = {
		.wait = -1, .quit = -1, .number = -1, .choice = -1,
		.header = -1, .linger = -1
	} };
}

static void
clear(struct options *options)
{
	option_list_clear(&options->first.allow);
	option_list_clear(&options->first.files);
	option_list_clear(&options->first.hosts);
}

/* In words: the options that were set, the operands, what is behind "--". */
static void
describe(char *buf, size_t size, const struct options *options,
    const struct arguments *arguments)
{
	FILE *stream = fmemopen(buf, size, "w");

	if (stream == NULL)
		abort();
	fputs(options->first.flag ? " flag" : "", stream);
	if (options->first.verbose > 0)
		fprintf(stream, " v%u", options->first.verbose);
	if (options->first.text != NULL)
		fprintf(stream, " text=%s", options->first.text);
	if (options->first.file != NULL)
		fprintf(stream, " file=%s", options->first.file);
	describe_list(stream, "allow", &options->first.allow);
	describe_list(stream, "files", &options->first.files);
	describe_list(stream, "hosts", &options->first.hosts);
	describe_second(stream, &options->second);
	fputs(arguments->help ? " help" : "", stream);
	fputs(arguments->version ? " version" : "", stream);
	for (size_t i = 0; i < arguments->count; i++)
		fprintf(stream, "[%s]", arguments->operands[i]);
	if (arguments->tail != NULL)
		fputs(" --", stream);
	for (char **tail = arguments->tail;
	    tail != NULL && *tail != NULL; tail++)
		fprintf(stream, "%s%s", *tail, tail[1] == NULL ? "" : "|");
	fputc('\0', stream);
	fclose(stream);
	if (buf[0] == ' ' && buf[1] != '-')
		memmove(buf, buf + 1, strlen(buf));
}

static void
describe_list(FILE *stream, const char *name, const struct option_list *list)
{
	if (list->count > 0)
		fprintf(stream, " %s=", name);
	for (size_t i = 0; i < list->count; i++)
		fprintf(stream, "%s%s", i == 0 ? "" : ",", list->items[i]);
}

static void
describe_second(FILE *stream, const struct second *second)
{
	if (second->wait != -1)
		fprintf(stream, " wait=%lld", (long long)second->wait);
	if (second->quit != -1)
		fprintf(stream, " quit=%lld", (long long)second->quit);
	if (second->size != 0)
		fprintf(stream, " size=%llu", (unsigned long long)second->size);
	if (second->number != -1)
		fprintf(stream, " number=%d", second->number);
	if (second->choice != -1)
		fprintf(stream, " choice=%d", second->choice);
	if (second->header != -1)
		fprintf(stream, " header=%d", second->header);
	if (second->linger != -1)
		fprintf(stream, " linger=%lld", (long long)second->linger);
	if (second->dump != NULL)
		fprintf(stream, " dump=%s", second->dump);
	if (second->note != NULL)
		fprintf(stream, " note=%s", second->note);
}

static int
fill(char **argv, const char *const *arguments)
{
	static char name[] = "listen";
	int argc = 1;

	memcpy(argv + 1, arguments, MAX_ARGUMENTS * sizeof(*argv));
	argv[0] = name;
	argv[MAX_ARGUMENTS + 1] = NULL;
	while (argv[argc] != NULL)
		argc++;
	return argc;
}

static void
join(char *buf, size_t size, const char *const *arguments)
{
	buf[0] = '\0';
	for (int i = 0; i < MAX_ARGUMENTS && arguments[i] != NULL; i++) {
		strlcat(buf, i == 0 ? "" : " ", size);
		strlcat(buf, arguments[i], size);
	}
}
