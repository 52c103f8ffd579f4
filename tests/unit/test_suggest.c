/* Did you mean, and the ways of nc's users, with the real tables. */

#include "config.h"

#include "cli/suggest.h"
#include "commands/commands.h"

#include "unit.h"

#define MAX_ARGUMENTS	8

static void	test_distances(struct unit *);
static void	test_commands(struct unit *);
static void	test_options(struct unit *);
static void	test_letters(struct unit *);
static void	test_names(struct unit *);
static void	test_refusals(struct unit *);
static void	test_tables(struct unit *);
static void	test_row(struct unit *, const struct command *,
		    const struct option *);
static void	check(struct unit *, const char *input, const char *got,
		    const char *wanted);

static const struct {
	const char	*a;
	const char	*b;
	unsigned	 limit;
	unsigned	 distance;
} distances[] = {
	{ "", "", 9, 0 },
	{ "", "abc", 9, 3 },
	{ "abc", "", 9, 3 },
	{ "abc", "abc", 9, 0 },
	{ "abc", "abd", 9, 1 },
	{ "abc", "ab", 9, 1 },
	{ "abc", "xabc", 9, 1 },
	{ "abc", "acb", 9, 1 },
	{ "ab", "ba", 9, 1 },
	{ "abcd", "badc", 9, 2 },
	{ "kitten", "sitting", 9, 3 },
	{ "abc", "xyz", 9, 3 },
	{ "abc", "xyz", 2, 2 },
	{ "abc", "abc", 0, 0 },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", 7, 7 },
	{ "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 7, 7 },
};

/* NULL: nothing is near. */
static const struct {
	const char	*word;
	const char	*nearest;
} commands[] = {
	{ "lisen", "listen" },
	{ "listne", "listen" },
	{ "Listen", "listen" },
	{ "conect", "connect" },
	{ "con", "connect" },
	{ "hlep", "help" },
	{ "example.com", NULL },
	{ "l", NULL },
	{ "", NULL },
	{ "8080", NULL },
}, options[] = {
	{ "idel-timeout", "idle-timeout" },
	{ "idle", "idle-timeout" },
	{ "timout", "timeout" },
	{ "verbos", "verbose" },
	{ "no-halfclose", "no-half-close" },
	{ "halp", "help" },
	{ "versoin", "version" },
	{ "xyzzy", NULL },
	{ "x", NULL },
	{ "", NULL },
};

static const struct {
	char		 letter;
	const char	*argv[MAX_ARGUMENTS];
	const char	*words;		/* NULL: there are none */
} letters[] = {
	{ 'l', { "connect", "-l", "-p", "8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "-l", "-p8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "-lp", "8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "-lvnp", "8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "-lp8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "-l", "8080" }, "ducat listen 8080" },
	{ 'l', { "connect", "8080", "-l" }, "ducat listen 8080" },
	{ 'l', { "connect", "-l", "-w", "5", "80" }, "ducat listen 80" },
	{ 'l', { "connect", "-l", "-w", "5" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "--timeout", "5" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "--timeout=5", "9" }, "ducat listen 9" },
	{ 'l', { "connect", "-l", "h", "80" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "-p", "x\x1b" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "123456" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "-p" }, "ducat listen PORT" },
	{ 'l', { "connect", "-l", "-", "--", "-" }, "ducat listen PORT" },
	{ 'p', { "listen", "-p", "80" }, "ducat listen 80" },
	{ 's', { "listen", "-s", "h" }, "ducat listen HOST PORT" },
	{ 'k', { "connect", "-k" }, "ducat listen -k PORT" },
	{ 'd', { "listen", "-d" }, "--recv-only" },
	{ 'Q', { "connect", "-Q" }, NULL },
	{ '1', { "connect", "-1" }, NULL },
};

/* Letters of which some words are wanted, whatever this version has. */
static const struct {
	char		 letter;
	const char	*words;
} mentions[] = {
	{ 'u', "ducat udp-send" }, { 'u', "udp-recv" },
	{ 'U', "ducat unix" },
	{ 'e', "-- COMMAND" },
	{ 'x', "--proxy URL" }, { 'X', "--proxy URL" },
	{ 'z', "--probe" },
	{ 'i', "--delay D" }, { 'i', "--idle-timeout D" },
	{ 't', "--telnet" },
	{ 'T', "--sockopt tos=N" }, { 'I', "--sockopt rcvbuf=N" },
	{ 'O', "--sockopt sndbuf=N" },
	{ 'o', "--hexdump=FILE" }, { 'o', "--record-received FILE" },
	{ 'm', "--max-conns N" }, { 'm', "--sockopt min-ttl=N" },
};

static const struct {
	const struct command	*command;
	const char		*name;
	const char		*words;	/* NULL: it is not refused so */
} refusals[] = {
	{ &command_connect, "ready-fd", "only for listening sides" },
	{ &command_connect, "addr-file", "only for listening sides" },
	{ &command_connect, "pid-file", "only for listening sides" },
	{ &command_connect, "background", "only for listening sides" },
	{ &command_connect, "keep-open", "only for listening sides" },
	{ &command_connect, "backlog", "only for listening sides" },
	{ &command_listen, "source", "only for connecting sides" },
	{ &command_listen, "source-port", "only for connecting sides" },
	{ &command_connect, "mode", "only for unix" },
	{ &command_listen, "owner", "only for unix" },
	{ &command_unix, "allow", "not for local sockets" },
	{ &command_unix, "source", "not for local sockets" },
	{ &command_unix, "ipv4", "not for local sockets" },
	{ &command_unix, "send-proxy", "not for local sockets" },
	{ &command_unix, "join", "only for datagrams" },
	{ &command_unix, "frame", NULL },
	{ &command_connect, "frame", "only for datagrams" },
	{ &command_connect, "type", "only for unix" },
	{ &command_udp_recv, "allow-uid", "only for unix" },
	{ &command_unix, "rate", NULL },
	{ &command_unix, "mode", NULL },
	{ &command_connect, "pps", "only for udp-send" },
	{ &command_udp_recv, "pps", "only for udp-send" },
	{ &command_connect, "rate", NULL },
	{ &command_listen, "delay", NULL },
	{ &command_udp_recv, "delay", NULL },
	{ &command_udp_send, "delay", NULL },
	{ &command_connect, "crlf", NULL },
	{ &command_udp_send, "crlf", NULL },
	{ &command_udp_send, "telnet", "only for streams" },
	{ &command_udp_recv, "telnet", "only for streams" },
	{ &command_unix, "telnet", NULL },
	{ &command_connect, "xyzzy", NULL },
	{ &command_connect, "", NULL },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_distances(&unit);
	test_commands(&unit);
	test_options(&unit);
	test_letters(&unit);
	test_names(&unit);
	test_refusals(&unit);
	test_tables(&unit);
	return unit_end(&unit);
}

static void
test_distances(struct unit *unit)
{
	unsigned distance;

	for (size_t i = 0; i < UNIT_COUNT(distances); i++) {
		distance = suggest_distance(distances[i].a, distances[i].b,
		    distances[i].limit);
		unit_check(unit, distance == distances[i].distance,
		    "[%s] and [%s] are %u apart, wanted %u", distances[i].a,
		    distances[i].b, distance, distances[i].distance);
	}
}

static void
test_commands(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(commands); i++)
		check(unit, commands[i].word, suggest_command(commands_all,
		    commands[i].word), commands[i].nearest);
}

static void
test_options(struct unit *unit)
{
	static char word[70001];

	for (size_t i = 0; i < UNIT_COUNT(options); i++)
		check(unit, options[i].word, suggest_option(&command_listen,
		    options[i].word), options[i].nearest);
	memset(word, 'a', sizeof(word) - 1);
	check(unit, "70,000 letters", suggest_option(&command_listen, word),
	    NULL);
}

static void
test_letters(struct unit *unit)
{
	char buf[128], input[3] = "-?", *argv[MAX_ARGUMENTS];
	const char *words;
	int argc;

	for (size_t i = 0; i < UNIT_COUNT(letters); i++) {
		memcpy(argv, letters[i].argv, sizeof(argv));
		for (argc = 0; argv[argc] != NULL; argc++)
			;
		input[1] = letters[i].letter;
		check(unit, input, hint_letter(letters[i].letter, argc, argv,
		    buf, sizeof(buf)), letters[i].words);
	}
	for (size_t i = 0; i < UNIT_COUNT(mentions); i++) {
		words = hint_letter(mentions[i].letter, 0, NULL, buf,
		    sizeof(buf));
		unit_check(unit, words != NULL &&
		    strstr(words, mentions[i].words) != NULL,
		    "-%c does not mention [%s] but [%s]", mentions[i].letter,
		    mentions[i].words, words == NULL ? "nothing" : words);
	}
}

static void
test_names(struct unit *unit)
{
	char buf[128];

	check(unit, "--nodns", hint_name("nodns", 0, NULL, buf, sizeof(buf)),
	    "--numeric");
	check(unit, "--wait", hint_name("wait", 0, NULL, buf, sizeof(buf)),
	    "--timeout D");
	check(unit, "--no-shutdown", hint_name("no-shutdown", 0, NULL, buf,
	    sizeof(buf)), "--no-half-close");
	check(unit, "--listen", hint_name("listen", 0, NULL, buf,
	    sizeof(buf)), "ducat listen PORT");
	check(unit, "--xyzzy", hint_name("xyzzy", 0, NULL, buf, sizeof(buf)),
	    NULL);
	check(unit, "--", hint_name("", 0, NULL, buf, sizeof(buf)), NULL);
}

static void
test_refusals(struct unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT(refusals); i++)
		check(unit, refusals[i].name, hint_refusal(refusals[i].command,
		    refusals[i].name), refusals[i].words);
}

/* What stands in a table is spelled once, explained, and not "later". */
static void
test_tables(struct unit *unit)
{
	const struct command *command;
	const struct option_use *use;

	for (size_t i = 0; commands_all[i] != NULL; i++) {
		command = commands_all[i];
		for (use = command->uses; use->group != NULL; use++)
			for (size_t j = 0; j < use->group->count; j++)
				test_row(unit, command, &use->group->rows[j]);
	}
}

static void
test_row(struct unit *unit, const struct command *command,
    const struct option *row)
{
	const char *name = row->name;
	bool valued = row->type != OPTION_FLAG && row->type != OPTION_COUNT &&
	    row->type != OPTION_ACCEPTED;

	unit_check(unit, option_find(command, name, strlen(name)) == row,
	    "%s has two --%s", command->name, name);
	unit_check(unit, row->letter == 0 ||
	    option_find_letter(command, row->letter) == row,
	    "%s has two -%c", command->name, row->letter);
	unit_check(unit, hint_refusal(command, name) == NULL,
	    "%s: --%s has a row and is in hint.c's tables", command->name,
	    name);
	unit_check(unit, strlen(row->help) <= 50, "--%s: help of %zu columns",
	    name, strlen(row->help));
	unit_check(unit, (row->argument != NULL) == valued,
	    "--%s: type and argument disagree", name);
	unit_check(unit, (row->choices != NULL) ==
	    (row->type == OPTION_CHOICE), "--%s: choices", name);
}

/* Texts are equal, or both missing. */
static void
check(struct unit *unit, const char *input, const char *got,
    const char *wanted)
{
	unit_text(unit, input, got == NULL ? "(nothing)" : got,
	    wanted == NULL ? "(nothing)" : wanted);
}
