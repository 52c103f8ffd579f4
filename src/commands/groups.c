/*
 * The rows of the option groups that several commands share.  What an
 * option means is told in the man pages; what it does, by the plans of the
 * commands.
 */

#include "config.h"

#include <stddef.h>

#include "commands/groups.h"
#include "session/gauge.h"

#define ROW_COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ROWS(table)	table, ROW_COUNT(table)

static const char *const on_peer_eof_choices[] = {
	[PEER_EOF_DRAIN] = "drain", [PEER_EOF_EXIT] = "exit", NULL
};
static const char *const escape_choices[] = {
	"auto", "always", "never", NULL
};

static const char *const progress_choices[] = {
	[PROGRESS_NONE] = "none", [PROGRESS_LINE] = "line",
	[PROGRESS_PLAIN] = "plain", NULL
};

static const struct option near_rows[] = {
	{ .name = "sh", .letter = 'c', .type = OPTION_TEXT,
	    .argument = "STRING", .help = "run STRING by /bin/sh -c",
	    .offset = offsetof(struct near_options, sh) },
	{ .name = "forward", .type = OPTION_HOST, .argument = "ADDRESS",
	    .help = "join it to a connection to ADDRESS",
	    .offset = offsetof(struct near_options, forward) },
	{ .name = "kill-after", .type = OPTION_DURATION, .argument = "D",
	    .help = "end a command whose peer is gone after D",
	    .offset = offsetof(struct near_options, kill_after), .min = 1 },
	{ .name = "stderr-to-peer", .type = OPTION_FLAG,
	    .help = "send the command's errors to the peer, too",
	    .offset = offsetof(struct near_options, stderr_to_peer) },
};

static const struct option terminal_rows[] = {
	{ .name = "pty", .type = OPTION_FLAG,
	    .help = "give the command a terminal",
	    .offset = offsetof(struct near_options, pty) },
};

static const struct option proxy_rows[] = {
	{ .name = "send-proxy", .type = OPTION_NUMBER, .argument = "N",
	    .help = "first tell for whom: the PROXY protocol",
	    .offset = offsetof(struct near_options, send_proxy),
	    .min = 1, .max = 2, .implied = "1" },
};

static const struct option address_rows[] = {
	{ .name = "ipv4", .letter = '4', .type = OPTION_FLAG,
	    .help = "use IPv4 only",
	    .offset = offsetof(struct address_options, ipv4) },
	{ .name = "ipv6", .letter = '6', .type = OPTION_FLAG,
	    .help = "use IPv6 only",
	    .offset = offsetof(struct address_options, ipv6) },
	{ .name = "numeric", .letter = 'n', .type = OPTION_FLAG,
	    .help = "look up neither names nor services",
	    .offset = offsetof(struct address_options, numeric) },
	{ .name = "interface", .type = OPTION_INTERFACE, .argument = "IF",
	    .help = "bind to this network interface",
	    .offset = offsetof(struct address_options, interface) },
};

static const struct option source_rows[] = {
	{ .name = "source", .letter = 's', .type = OPTION_HOST,
	    .argument = "ADDR", .help = "connect from this address",
	    .offset = offsetof(struct source_options, address) },
	{ .name = "source-port", .letter = 'p', .type = OPTION_TEXT,
	    .argument = "PORT", .help = "connect from this port",
	    .offset = offsetof(struct source_options, port) },
};

static const struct option time_rows[] = {
	{ .name = "timeout", .letter = 'w', .type = OPTION_DURATION,
	    .argument = "D",
	    .help = "give up when no connection stands by then",
	    .offset = offsetof(struct time_options, timeout), .min = 1 },
	{ .name = "idle-timeout", .type = OPTION_DURATION, .argument = "D",
	    .help = "end a session in which nothing moves",
	    .offset = offsetof(struct time_options, idle), .min = 1 },
	{ .name = "deadline", .type = OPTION_DURATION, .argument = "D",
	    .help = "end the whole run by then",
	    .offset = offsetof(struct time_options, deadline), .min = 1 },
};

static const struct option ending_rows[] = {
	{ .name = "on-peer-eof", .type = OPTION_CHOICE, .argument = "WHAT",
	    .help = "at the peer's end: drain input, or exit",
	    .offset = offsetof(struct ending_options, on_peer_eof),
	    .choices = on_peer_eof_choices },
	{ .name = "half-close", .letter = 'N', .type = OPTION_ACCEPTED,
	    .help = "half-close at the end of input (the default)" },
	{ .name = "no-half-close", .type = OPTION_FLAG,
	    .help = "keep sending open until the peer ends",
	    .offset = offsetof(struct ending_options, no_half_close) },
	{ .name = "quit-after", .letter = 'q', .type = OPTION_DURATION,
	    .argument = "D", .help = "wait at most D for the peer's end",
	    .offset = offsetof(struct ending_options, quit_after) },
	{ .name = "recv-only", .type = OPTION_FLAG,
	    .help = "do not read standard input",
	    .offset = offsetof(struct ending_options, recv_only) },
	{ .name = "send-only", .type = OPTION_FLAG,
	    .help = "drop what comes, end when all is delivered",
	    .offset = offsetof(struct ending_options, send_only) },
};

static const struct option telnet_rows[] = {
	{ .name = "telnet", .type = OPTION_FLAG,
	    .help = "speak telnet, and refuse its options",
	    .offset = offsetof(struct content_options, telnet) },
};

static const struct option content_rows[] = {
	{ .name = "crlf", .letter = 'C', .type = OPTION_FLAG,
	    .help = "send CR LF at the end of lines",
	    .offset = offsetof(struct content_options, crlf) },
	{ .name = "escape", .type = OPTION_CHOICE, .argument = "WHEN",
	    .help = "make control characters visible",
	    .offset = offsetof(struct content_options, escape),
	    .choices = escape_choices },
	{ .name = "max-send", .type = OPTION_SIZE, .argument = "SIZE",
	    .help = "fail when more than this is to be sent",
	    .offset = offsetof(struct content_options, max_send) },
	{ .name = "max-recv", .type = OPTION_SIZE, .argument = "SIZE",
	    .help = "fail when more than this comes",
	    .offset = offsetof(struct content_options, max_recv) },
};

static const struct option pace_rows[] = {
	{ .name = "rate", .type = OPTION_SIZE, .argument = "SIZE",
	    .help = "move at most this many bytes a second",
	    .offset = offsetof(struct content_options, rate), .min = 1 },
	{ .name = "delay", .type = OPTION_DURATION, .argument = "D",
	    .help = "wait at least D between lines, or datagrams",
	    .offset = offsetof(struct content_options, delay) },
};

static const struct option copying_rows[] = {
	{ .name = "no-zero-copy", .type = OPTION_FLAG,
	    .help = "copy every byte through a buffer",
	    .offset = offsetof(struct content_options, no_zero_copy) },
};

static const struct option seeing_rows[] = {
	{ .name = "verbose", .letter = 'v', .type = OPTION_COUNT,
	    .help = "tell what happens",
	    .offset = offsetof(struct seeing_options, verbose) },
	{ .name = "quiet", .type = OPTION_FLAG,
	    .help = "tell nothing, not even errors",
	    .offset = offsetof(struct seeing_options, quiet) },
	{ .name = "events", .type = OPTION_FILE, .argument = "FILE",
	    .help = "append what happens to FILE or fd:N, as JSON",
	    .offset = offsetof(struct seeing_options, events) },
	{ .name = "hexdump", .type = OPTION_FILE, .argument = "FILE",
	    .help = "show payload on standard error, or in FILE",
	    .offset = offsetof(struct seeing_options, hexdump),
	    .implied = "-" },
	{ .name = "record-sent", .type = OPTION_FILE, .argument = "FILE",
	    .help = "write what is sent to FILE, too",
	    .offset = offsetof(struct seeing_options, record_sent) },
	{ .name = "record-received", .type = OPTION_FILE,
	    .argument = "FILE", .help = "write what comes to FILE, too",
	    .offset = offsetof(struct seeing_options, record_received) },
	{ .name = "pcap", .type = OPTION_FILE, .argument = "FILE",
	    .help = "capture payload in FILE, for Wireshark",
	    .offset = offsetof(struct seeing_options, pcap) },
	{ .name = "digest", .type = OPTION_TEXT, .argument = "ALGO",
	    .help = "tell sha256 (say) of what passed each way",
	    .offset = offsetof(struct seeing_options, digest) },
	{ .name = "stats", .type = OPTION_FLAG,
	    .help = "tell counters and the network's part at the end",
	    .offset = offsetof(struct seeing_options, stats) },
	{ .name = "progress", .type = OPTION_CHOICE, .argument = "FORM",
	    .help = "tell how far it is, in one line or plain",
	    .offset = offsetof(struct seeing_options, progress),
	    .choices = progress_choices, .implied = "line" },
	{ .name = "size", .type = OPTION_SIZE, .argument = "SIZE",
	    .help = "with --progress: expect so many bytes",
	    .offset = offsetof(struct seeing_options, size), .min = 1 },
};

static const struct option ready_rows[] = {
	{ .name = "ready-fd", .type = OPTION_NUMBER, .argument = "N",
	    .help = "write here where it listens, once it does",
	    .offset = offsetof(struct ready_options, ready_fd),
	    .min = 3, .max = INT32_MAX },
	{ .name = "addr-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "the same into a file, removed at the end",
	    .offset = offsetof(struct ready_options, addr_file) },
	{ .name = "pid-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "write the process id, removed at the end",
	    .offset = offsetof(struct ready_options, pid_file) },
	{ .name = "background", .type = OPTION_FLAG,
	    .help = "return to the shell once listening",
	    .offset = offsetof(struct ready_options, background) },
};

const struct ready_options ready_defaults = { .ready_fd = -1 };

const struct option_group near_group = {
	"Commands and forwards", ROWS(near_rows)
};
const struct option_group terminal_group = {
	"Terminals", ROWS(terminal_rows)
};
const struct option_group proxy_group = {
	"Proxies", ROWS(proxy_rows)
};
const struct option_group address_group = {
	"Addresses", ROWS(address_rows)
};
const struct option_group source_group = { "Source", ROWS(source_rows) };
const struct option_group time_group = { "Time limits", ROWS(time_rows) };
/* All but the first, which means something else to others. */
const struct option_group limit_group = {
	"Time limits", time_rows + 1, ROW_COUNT(time_rows) - 1
};
const struct option_group ending_group = { "Endings", ROWS(ending_rows) };
const struct option_group telnet_group = { "Telnet", ROWS(telnet_rows) };
const struct option_group content_group = { "Content", ROWS(content_rows) };
const struct option_group pace_group = { "Pace", ROWS(pace_rows) };
const struct option_group copying_group = { "Copying", ROWS(copying_rows) };
const struct option_group seeing_group = { "Messages", ROWS(seeing_rows) };
const struct option_group ready_group = { "Readiness", ROWS(ready_rows) };
