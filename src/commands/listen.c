/*
 * ducat listen: accepted TCP connections, one after another, joined to
 * standard input and output.
 */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/plan.h"

struct listen_options {
	bool	keep_open;
	int	backlog;	/* 0: the system's limit */
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct listen_options	listen;
};

static int	listen_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const struct options *,
		    const struct arguments *, struct error *);

static const struct option listen_rows[] = {
	{ .name = "keep-open", .letter = 'k', .type = OPTION_FLAG,
	    .help = "serve one client after another",
	    .offset = offsetof(struct listen_options, keep_open) },
	{ .name = "backlog", .type = OPTION_NUMBER, .argument = "N",
	    .help = "let at most N clients wait",
	    .offset = offsetof(struct listen_options, backlog),
	    .min = 1, .max = INT32_MAX },
};

static const struct option_group listen_group = {
	"Clients", listen_rows, sizeof(listen_rows) / sizeof(listen_rows[0])
};

static const struct option_use listen_uses[] = {
	{ &listen_group, offsetof(struct options, listen) },
	{ &ready_group, offsetof(struct options, ready) },
	{ &address_group, offsetof(struct options, common.address) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &seeing_group, offsetof(struct options, common.seeing) },
	{ NULL, 0 }
};

const struct command command_listen = {
	.name = "listen",
	.synopsis = "[OPTION]... [HOST] PORT",
	.summary = "accept a TCP connection",
	.operands = OPERAND_PORT,
	.uses = listen_uses,
	.run = listen_run
};

static int
listen_run(const struct command *command, int argc, char **argv)
{
	struct options options;
	struct arguments arguments;
	struct error error;
	struct plan plan;
	int status;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.ready = ready_defaults;
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
	    plan_endpoint(plan, &plan->listen.endpoint, ENDPOINT_LISTEN,
	    arguments, address, error) == -1)
		return -1;
	plan->rules.listening = true;
	plan->rules.keep_open = options->listen.keep_open;
	plan->listen.family = plan_family(address);
	plan->listen.interface = address->interface;
	plan->listen.backlog = options->listen.backlog;
	plan->ready.fd = options->ready.ready_fd;
	plan->ready.addr_file = options->ready.addr_file;
	plan->ready.pid_file = options->ready.pid_file;
	plan->ready.background = options->ready.background;
	return ready_check(&plan->ready, error);
}
