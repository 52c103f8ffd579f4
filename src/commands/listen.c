/*
 * ducat listen: accepted TCP connections, joined to standard input and
 * output one after another, or each to a command or another connection.
 */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/plan.h"

struct listen_options {
	bool	keep_open;
	int	max_conns;	/* these three: 0: not given */
	int	max_per_host;
	int	max_accepts;
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

static int	plan_clients(struct plan *, const struct listen_options *,
		    struct error *);

/* How many at once, by default. */
static const uint32_t usual_conns[] = {
	[NEAR_STANDARD] = 1, [NEAR_COMMAND] = 128, [NEAR_FORWARD] = 4096
};

static const struct option listen_rows[] = {
	{ .name = "keep-open", .letter = 'k', .type = OPTION_FLAG,
	    .help = "serve one client after another",
	    .offset = offsetof(struct listen_options, keep_open) },
	{ .name = "max-conns", .type = OPTION_NUMBER, .argument = "N",
	    .help = "serve at most N clients at once",
	    .offset = offsetof(struct listen_options, max_conns),
	    .min = 1, .max = INT32_MAX },
	{ .name = "max-conns-per-host", .type = OPTION_NUMBER,
	    .argument = "N",
	    .help = "at most N of them from one address",
	    .offset = offsetof(struct listen_options, max_per_host),
	    .min = 1, .max = INT32_MAX },
	{ .name = "max-accepts", .type = OPTION_NUMBER, .argument = "N",
	    .help = "end when N clients were served",
	    .offset = offsetof(struct listen_options, max_accepts),
	    .min = 1, .max = INT32_MAX },
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
	{ &near_group, offsetof(struct options, common.near) },
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
	.synopsis = "[OPTION]... [HOST] PORT [-- COMMAND [ARG]...]",
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
	    plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_endpoint(plan, &plan->listen.endpoint, ENDPOINT_LISTEN,
	    arguments, address, error) == -1)
		return -1;
	plan->rules.listening = true;
	if (plan_clients(plan, &options->listen, error) == -1)
		return -1;
	plan->listen.family = plan_family(address);
	plan->listen.interface = address->interface;
	plan->listen.backlog = options->listen.backlog;
	plan->ready.fd = options->ready.ready_fd;
	plan->ready.addr_file = options->ready.addr_file;
	plan->ready.pid_file = options->ready.pid_file;
	plan->ready.background = options->ready.background;
	return ready_check(&plan->ready, error);
}

static int
plan_clients(struct plan *plan, const struct listen_options *options,
    struct error *error)
{
	const char *name = options->max_conns > 0 ? "--max-conns" :
	    options->max_per_host > 0 ? "--max-conns-per-host" :
	    options->max_accepts > 0 ? "--max-accepts" : NULL;

	plan->rules.keep_open = options->keep_open;
	if (name != NULL && !options->keep_open) {
		error_setx(error, "%s: only with --keep-open", name);
		return -1;
	}
	plan->listen.max_accepts = options->keep_open ?
	    (uint32_t)options->max_accepts : 1;
	plan->listen.max_per_host = (uint32_t)options->max_per_host;
	plan->listen.max_conns = options->max_conns > 0 ?
	    (uint32_t)options->max_conns : usual_conns[plan->rules.near];
	if (plan->rules.near != NEAR_STANDARD || options->max_conns <= 1)
		return 0;
	error_setx(error, "--max-conns: standard input and output serve one "
	    "client after another in this version");
	return -1;
}
