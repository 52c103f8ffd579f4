/*
 * ducat connect: one TCP connection, joined to standard input and output,
 * to a command, or to another connection.
 */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/printable.h"
#include "base/units.h"
#include "commands/commands.h"
#include "commands/plan.h"

struct options {
	struct common_options	common;
	struct source_options	source;
};

static int	connect_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const struct options *,
		    const struct arguments *, struct error *);
static int	plan_source(struct dial_plan *, const struct options *,
		    struct error *);

static const struct option_use connect_uses[] = {
	{ &address_group, offsetof(struct options, common.address) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &source_group, offsetof(struct options, source) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
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
	struct arguments arguments;
	struct error error;
	struct plan plan;
	int status;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	if (!plan_parse(command, argc, argv, &options, &arguments, &status))
		return status;
	if (make_plan(&plan, &options, &arguments, &error) == -1)
		return plan_refuse(&error);
	return run(&plan);
}

static int
make_plan(struct plan *plan, const struct options *options,
    const struct arguments *arguments, struct error *error)
{
	const struct address_options *address = &options->common.address;

	memset(plan, 0, sizeof(*plan));
	if (plan_common(plan, &options->common, error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_endpoint(plan, &plan->dial.endpoint, ENDPOINT_CONNECT,
	    arguments, address, error) == -1)
		return -1;
	plan->dial.family = plan_family(address);
	plan->dial.interface = address->interface;
	plan->ready.fd = -1;
	return plan_source(&plan->dial, options, error);
}

static int
plan_source(struct dial_plan *dial, const struct options *options,
    struct error *error)
{
	const struct source_options *source = &options->source;
	char shown[PRINTABLE_SIZE];
	const char *why;
	uint64_t port = 0;
	int family;

	if (source->port != NULL &&
	    units_number(source->port, 1, UINT16_MAX, &port, &why) == -1) {
		error_setx(error, "--source-port: \"%s\": %s",
		    printable(source->port, shown, sizeof(shown)), why);
		return -1;
	}
	dial->source_port = (uint16_t)port;
	if (source->address == NULL)
		return 0;
	switch (address_parse(&dial->source, source->address,
	    dial->source_port, error)) {
	case ADDRESS_NOT:
		error_setx(error, "--source: \"%s\": not a numeric address",
		    printable(source->address, shown, sizeof(shown)));
		return -1;
	case ADDRESS_BAD:
		return -1;
	case ADDRESS_OK:
		break;
	}
	family = address_family(&dial->source);
	if (dial->family != AF_UNSPEC && dial->family != family) {
		error_setx(error, "--source: \"%s\": not an IPv%d address",
		    printable(source->address, shown, sizeof(shown)),
		    dial->family == AF_INET ? 4 : 6);
		return -1;
	}
	dial->family = family;
	return 0;
}
