/*
 * What users of nc, ncat and socat look for, and how ducat writes it.  Of
 * letters that mean several things in several netcats all ways are told.
 * Here stands too which options of other versions or of other sides this
 * command refuses; an option that gets its row leaves `later_names`.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/suggest.h"

struct hint {
	char		 letter;	/* 0: none */
	const char	*name;		/* of ncat or others; NULL: none */
	const char	*words[2];	/* alternatives, those of later first */
};

static const char *hint_write(const struct hint *, int argc,
		    char *const *argv, char *buf, size_t size);
static const char *hint_local(const struct command *, const char *);
static bool	is_later(const char *words);
static bool	is_among(const char *const *names, const char *name,
		    size_t length);
static void	hint_listen(int argc, char *const *argv, char *buf,
		    size_t size);
static const char *find_port(int argc, char *const *argv);
static bool	takes_value(const char *argument);
static bool	is_port(const char *text);

/* Words that are replaced by the command line that was meant. */
static const char listen_words[] = "ducat listen PORT";

#define UDP_WORDS	"ducat udp-send or udp-recv"
#define UNIX_WORDS	"ducat unix PATH"
#define LISTEN_WORDS	listen_words

static const struct hint hints[] = {
	{ 'D', NULL,		{ "-vv" } },
	{ 'H', NULL,		{ "--tls-pin sha256//HASH" } },
	{ 'I', NULL,		{ "--sockopt rcvbuf=N" } },
	{ 'K', "ssl-key",	{ "--tls-key FILE" } },
	{ 'M', NULL,		{ "--sockopt ttl=N" } },
	{ 'O', NULL,		{ "--sockopt sndbuf=N" } },
	{ 'P', "proxy-auth",	{ "--proxy URL" } },
	{ 'R', "ssl-trustfile",	{ "--tls-ca FILE" } },
	{ 'S', NULL,		{ "--sockopt md5sig" } },
	{ 'T', NULL,		{ "--sockopt tos=N" } },
	{ 'U', "unixsock",	{ UNIX_WORDS } },
	{ 'W', NULL,		{ "--count N" } },
	{ 'X', "proxy-type",	{ "--proxy URL" } },
	{ 'b', NULL,		{ "--broadcast" } },
	{ 'd', NULL,		{ "--recv-only" } },
	{ 'e', "exec",		{ "-- COMMAND" } },
	{ 'i', NULL,		{ "--delay D", "--idle-timeout D" } },
	{ 'k', NULL,		{ "ducat listen -k PORT" } },
	{ 'l', NULL,		{ LISTEN_WORDS } },
	{ 'm', NULL,		{ "--max-conns N", "--sockopt min-ttl=N" } },
	{ 'o', "output",	{ "--hexdump=FILE",
	    "--record-received FILE" } },
	{ 'p', "local-port",	{ LISTEN_WORDS } },
	{ 'r', NULL,		{ "leave it out, the kernel picks ports" } },
	{ 's', NULL,		{ "ducat listen HOST PORT" } },
	{ 't', NULL,		{ "--telnet" } },
	{ 'u', "udp",		{ UDP_WORDS } },
	{ 'x', NULL,		{ "--proxy URL", "--hexdump=FILE" } },
	{ 'z', "zero",		{ "--probe" } },
	{ 0, "allowfile",	{ "--allow-file FILE" } },
	{ 0, "denyfile",	{ "--deny-file FILE" } },
	{ 0, "dont-fork",	{ "leave it out, ducat does not fork" } },
	{ 0, "hex-dump",	{ "--hexdump=FILE" } },
	{ 0, "sh-exec",	{ "--sh STRING", "-- COMMAND" } },
	{ 0, "no-shutdown",	{ "--no-half-close" } },
	{ 0, "nodns",		{ "--numeric" } },
	{ 0, "ssl",		{ "--tls" } },
	{ 0, "ssl-alpn",	{ "--tls-alpn LIST" } },
	{ 0, "ssl-cert",	{ "--tls-cert FILE" } },
	{ 0, "ssl-ciphers",	{ "--tls-ciphers LIST" } },
	{ 0, "ssl-servername",	{ "--tls-name NAME" } },
	{ 0, "ssl-verify",	{ "--tls" } },
	{ 0, "wait",		{ "--timeout D" } },
};

/* Of the contract, and not in this version. */
static const char *const later_names[] = {
	"expect", "group", "probe", "proxy", "retry-delay",
	"retry-for", "send", "sockopt", "starttls", "tls",
	"tls-alpn", "tls-ca", "tls-cert", "tls-ciphers", "tls-insecure",
	"tls-key", "tls-min", "tls-name", "tls-pin",
	"tls-request-client-cert", NULL
};

/* Of one side only */
static const char *const listening_names[] = {
	"accept-proxy", "addr-file", "allow", "allow-file", "background",
	"backlog", "broker", "chat", "chroot", "deny", "deny-file", "drain",
	"keep-open", "max-accepts", "max-conns", "max-conns-per-host",
	"pid-file", "proxy-from", "ready-fd", "tag", "user", NULL
};
static const char *const connecting_names[] = {
	"source", "source-port", NULL
};

static const char *const local_names[] = {
	"allow-gid", "allow-uid", "mode", "owner", "recv-fd", "send-fd",
	"type", NULL
};
static const char *const network_names[] = {
	"interface", "ipv4", "ipv6", "numeric", "send-proxy", NULL
};

static const char *const datagram_names[] = {
	"broadcast", "count", "datagram-size", "frame", "join",
	"multicast-loop", "multicast-ttl", "peer", "reply", "strict", NULL
};

/* Of udp-send alone. */
static const char *const sending_names[] = {
	"pps", NULL
};

const char *
hint_refusal(const struct command *command, const char *name)
{
	bool	 listens = command->operands == OPERAND_PORT;
	bool	 sends = command->datagrams && !listens;

	if (command->operands == OPERAND_PATH)
		return hint_local(command, name);
	if (is_among(local_names, name, strlen(name)))
		return "only for unix";
	if (!listens && is_among(listening_names, name, strlen(name)))
		return "only for listening sides";
	if (listens && is_among(connecting_names, name, strlen(name)))
		return "only for connecting sides";
	if (!command->datagrams &&
	    is_among(datagram_names, name, strlen(name)))
		return "only for datagrams";
	if (!sends && is_among(sending_names, name, strlen(name)))
		return "only for udp-send";
	if (command->datagrams && strcmp(name, "telnet") == 0)
		return "only for streams";
	if (name[0] != '\0' && is_among(later_names, name, strlen(name)))
		return "not in this version";
	return NULL;
}

/* What speaks of networks is nothing to local sockets. */
static const char *
hint_local(const struct command *command, const char *name)
{
	size_t	 length = strlen(name);

	if (option_find(command, name, length) != NULL)
		return NULL;
	if (is_among(listening_names, name, length) ||
	    is_among(connecting_names, name, length) ||
	    is_among(network_names, name, length))
		return "not for local sockets";
	if (is_among(datagram_names, name, length))
		return "only for datagrams";
	return length > 0 && is_among(later_names, name, length) ?
	    "not in this version" : NULL;
}

const char *
hint_letter(char letter, int argc, char *const *argv, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].letter == letter)
			return hint_write(&hints[i], argc, argv, buf, size);
	return NULL;
}

const char *
hint_name(const char *name, int argc, char *const *argv, char *buf,
    size_t size)
{
	if (strcmp(name, "listen") == 0)
		return hint_letter('l', argc, argv, buf, size);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].name != NULL && strcmp(hints[i].name, name) == 0)
			return hint_write(&hints[i], argc, argv, buf, size);
	return NULL;
}

/* "A", "A or B", with a word behind those that this version lacks. */
static const char *
hint_write(const struct hint *hint, int argc, char *const *argv, char *buf,
    size_t size)
{
	const char	*later = " (not in this version)";
	bool		 first, second;

	if (hint->words[0] == listen_words) {
		hint_listen(argc, argv, buf, size);
		return buf;
	}
	first = is_later(hint->words[0]);
	second = hint->words[1] != NULL && is_later(hint->words[1]);
	strlcpy(buf, hint->words[0], size);
	if (first && !second)
		strlcat(buf, later, size);
	if (hint->words[1] == NULL)
		return buf;
	strlcat(buf, " or ", size);
	strlcat(buf, hint->words[1], size);
	if (second)
		strlcat(buf, later, size);
	return buf;
}

/* Do the words begin with an option that is not in this version? */
static bool
is_later(const char *words)
{
	if (strncmp(words, "--", 2) != 0)
		return false;
	return is_among(later_names, words + 2, strcspn(words + 2, " ="));
}

static bool
is_among(const char *const *names, const char *name, size_t length)
{
	for (; *names != NULL; names++)
		if (strlen(*names) == length &&
		    memcmp(*names, name, length) == 0)
			return true;
	return false;
}

static void
hint_listen(int argc, char *const *argv, char *buf, size_t size)
{
	const char	*port = find_port(argc, argv);

	snprintf(buf, size, "ducat listen %s", port == NULL ? "PORT" : port);
}

/* The port that nc would listen on: -p's, or the lone operand. */
static const char *
find_port(int argc, char *const *argv)
{
	const char	*operand = NULL, *p;
	int		 operands = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			operand = argv[i];
			operands++;
			continue;
		}
		p = argv[i][1] == '-' ? NULL : strchr(argv[i], 'p');
		if (p != NULL && is_port(p + 1))
			return p + 1;
		if (p != NULL && p[1] == '\0' && i + 1 < argc &&
		    is_port(argv[i + 1]))
			return argv[i + 1];
		if (takes_value(argv[i]))
			i++;
	}
	return operands == 1 && is_port(operand) ? operand : NULL;
}

/* Is it a long option, or a cluster whose last letter wants a value? */
static bool
takes_value(const char *argument)
{
	char	 last = argument[strlen(argument) - 1];

	if (argument[1] == '-')
		return strchr(argument, '=') == NULL;
	return strchr("GIMOPTVWXceimopqswx", last) != NULL;
}

static bool
is_port(const char *text)
{
	size_t	 length = strspn(text, "0123456789");

	return length > 0 && length <= 5 && text[length] == '\0';
}
