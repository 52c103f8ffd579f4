/*
 * ducat connect: one TCP connection, joined to standard input and output,
 * to a command, or to another connection.
 */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/plan.h"

struct options {
	struct common_options	common;
	struct source_options	source;
};

static int	connect_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);

static const struct option_use connect_uses[] = {
	{ &address_group, offsetof(struct options, common.address) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &terminal_group, offsetof(struct options, common.near) },
	{ &proxy_group, offsetof(struct options, common.near) },
	{ &source_group, offsetof(struct options, source) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &telnet_group, offsetof(struct options, common.content) },
	{ &pace_group, offsetof(struct options, common.content) },
	{ &copying_group, offsetof(struct options, common.content) },
	{ &seeing_group, offsetof(struct options, common.seeing) },
	{ NULL, 0 }
};

const struct command command_connect = {
	.name = "connect",
	.synopsis = "[OPTION]... HOST PORT [-- COMMAND [ARG]...]",
	.summary = "make a TCP connection",
	.operands = OPERAND_HOST_PORT,
	.uses = connect_uses,
	.run = connect_run
};

static int
connect_run(const struct command *command, int argc, char **argv)
{
	struct options options;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	return plan_execute(command, argc, argv, &options, make_plan);
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;
	const struct address_options *address = &options->common.address;

	if (plan_common(plan, &options->common, error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_endpoint(plan, &plan->dial.endpoint, ENDPOINT_CONNECT,
	    arguments, address, error) == -1)
		return -1;
	return plan_source(&plan->dial, address, &options->source, error);
}
