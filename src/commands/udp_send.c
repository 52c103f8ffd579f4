/* ducat udp-send: standard input becomes datagrams. */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "commands/commands.h"
#include "commands/datagrams.h"

/* How long an answer is waited for, by default. */
#define WAIT_NS		(5 * CLOCK_SECOND)

struct send_options {
	const char	*reply;		/* "1", "all"; NULL: not given */
	bool		 broadcast;
	int		 ttl;		/* -1: not given */
	int		 loop;
	int		 pps;		/* records a second; 0: no limit */
};

struct options {
	struct common_options	common;
	struct source_options	source;
	struct datagram_options	datagram;
	struct send_options	send;
};

static int	send_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);
static void	plan_socket(struct plan *, const struct options *);

static const struct option wait_rows[] = {
	{ .name = "timeout", .letter = 'w', .type = OPTION_DURATION,
	    .argument = "D", .help = "how long --reply waits (5 s)",
	    .offset = offsetof(struct time_options, timeout), .min = 1 },
};

static const struct option_group wait_group = {
	"Waiting", wait_rows, sizeof(wait_rows) / sizeof(wait_rows[0])
};

static const struct option send_rows[] = {
	{ .name = "reply", .type = OPTION_TEXT, .argument = "N",
	    .help = "wait for N answers, or all, and write them out",
	    .offset = offsetof(struct send_options, reply), .implied = "1" },
	{ .name = "broadcast", .type = OPTION_FLAG,
	    .help = "permit a broadcast address",
	    .offset = offsetof(struct send_options, broadcast) },
	{ .name = "multicast-ttl", .type = OPTION_NUMBER, .argument = "N",
	    .help = "how many networks a group's datagrams cross",
	    .offset = offsetof(struct send_options, ttl),
	    .min = 0, .max = 255 },
	{ .name = "multicast-loop", .type = OPTION_NUMBER, .argument = "N",
	    .help = "1: a group's datagrams come here, too; 0: not",
	    .offset = offsetof(struct send_options, loop),
	    .min = 0, .max = 1 },
	{ .name = "pps", .type = OPTION_NUMBER, .argument = "N",
	    .help = "send at most N datagrams a second",
	    .offset = offsetof(struct send_options, pps),
	    .min = 1, .max = INT32_MAX },
};

static const struct option_group send_group = {
	"Sending", send_rows, sizeof(send_rows) / sizeof(send_rows[0])
};

static const struct option_use send_uses[] = {
	{ &address_group, offsetof(struct options, common.address) },
	{ &source_group, offsetof(struct options, source) },
	{ &datagram_group, offsetof(struct options, datagram) },
	{ &send_group, offsetof(struct options, send) },
	{ &pace_group, offsetof(struct options, common.content) },
	{ &wait_group, offsetof(struct options, common.time) },
	{ &limit_group, offsetof(struct options, common.time) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &seeing_group, offsetof(struct options, common.seeing) },
	{ NULL, 0 }
};

const struct command command_udp_send = {
	.name = "udp-send",
	.synopsis = "[OPTION]... HOST PORT",
	.summary = "send standard input as datagrams",
	.operands = OPERAND_HOST_PORT,
	.datagrams = true,
	.uses = send_uses,
	.run = send_run
};

static int
send_run(const struct command *command, int argc, char **argv)
{
	struct options options;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.send.ttl = -1;
	options.send.loop = -1;
	return plan_execute(command, argc, argv, &options, make_plan);
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;
	struct datagram_rules *rules = &plan->rules.datagrams;

	if (plan_datagrams(plan, &options->datagram, &options->common,
	    error) == -1 ||
	    plan_cut(plan, &options->datagram, true, error) == -1 ||
	    plan_no_tail(arguments, error) == -1 ||
	    plan_endpoint(plan, &plan->dial.endpoint, ENDPOINT_CONNECT,
	    arguments, &options->common.address, error) == -1 ||
	    plan_source(&plan->dial, &options->common.address,
	    &options->source, error) == -1 ||
	    plan_answers(rules, options->send.reply, error) == -1 ||
	    (rules->answers == 0 && plan_one_way(plan, true, error) == -1))
		return -1;
	if (options->datagram.count > 0)
		rules->sending.count = (uint64_t)options->datagram.count;
	rules->wait = plan->rules.timeout < 0 ? WAIT_NS : plan->rules.timeout;
	plan->rules.pace.records = (uint64_t)options->send.pps;
	plan_socket(plan, options);
	return 0;
}

/* Whoever gets what was sent to many may answer. */
static void
plan_socket(struct plan *plan, const struct options *options)
{
	struct datagram_setup *setup = &plan->datagrams;
	const struct send_options *send = &options->send;
	bool asks = plan->rules.datagrams.answers > 0;

	setup->receives = asks;
	setup->open = asks && send->broadcast;
	setup->open_group = asks;
	setup->broadcast = send->broadcast;
	setup->fragment = options->datagram.size > 0;
	setup->cut = plan->rules.datagrams.sending.framer.most == 0;
	setup->ttl = send->ttl;
	setup->loop = send->loop;
	plan->dial.datagrams = setup;
}
