/*
 * ducat listen: accepted TCP connections, joined to standard input and
 * output one after another, or each to a command or another connection.
 */

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/printable.h"
#include "commands/commands.h"
#include "commands/serve.h"

struct access_options {
	struct option_list allow;
	struct option_list deny;
	struct option_list allow_files;
	struct option_list deny_files;
	int		 max_per_host;	/* 0: not given */
	bool		 accept_proxy;
	struct option_list proxy_from;
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct client_options	clients;
	struct access_options	access;
	struct service_options	service;
};

static int	listen_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);

static int	plan_where(struct plan *, const struct options *,
		    const struct arguments *, struct error *);
static int	plan_inherited(struct plan *, const struct options *,
		    const char *, struct error *);
static int	plan_access(struct plan *, const struct access_options *,
		    bool numeric, struct error *);
static struct access_source source(const struct option_list *,
		    const struct option_list *);

static const struct option access_rows[] = {
	{ .name = "allow", .type = OPTION_HOST, .argument = "WHO",
	    .help = "let in only these addresses or names",
	    .offset = offsetof(struct access_options, allow),
	    .repeatable = true },
	{ .name = "deny", .type = OPTION_HOST, .argument = "WHO",
	    .help = "do not let these in",
	    .offset = offsetof(struct access_options, deny),
	    .repeatable = true },
	{ .name = "allow-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "the same from a file, one a line",
	    .offset = offsetof(struct access_options, allow_files),
	    .repeatable = true },
	{ .name = "deny-file", .type = OPTION_FILE, .argument = "FILE",
	    .help = "the same from a file, one a line",
	    .offset = offsetof(struct access_options, deny_files),
	    .repeatable = true },
	{ .name = "max-conns-per-host", .type = OPTION_NUMBER,
	    .argument = "N",
	    .help = "at most N clients at once from one address",
	    .offset = offsetof(struct access_options, max_per_host),
	    .min = 1, .max = INT32_MAX },
	{ .name = "accept-proxy", .type = OPTION_FLAG,
	    .help = "want a PROXY header, believe its address",
	    .offset = offsetof(struct access_options, accept_proxy) },
	{ .name = "proxy-from", .type = OPTION_HOST, .argument = "CIDR",
	    .help = "the proxies that may send one",
	    .offset = offsetof(struct access_options, proxy_from),
	    .repeatable = true },
};

static const struct option_group access_group = {
	"Access", access_rows, sizeof(access_rows) / sizeof(access_rows[0])
};

static const struct option_use listen_uses[] = {
	{ &clients_group, offsetof(struct options, clients) },
	{ &access_group, offsetof(struct options, access) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &terminal_group, offsetof(struct options, common.near) },
	{ &proxy_group, offsetof(struct options, common.near) },
	{ &ready_group, offsetof(struct options, ready) },
	{ &service_group, offsetof(struct options, service) },
	{ &address_group, offsetof(struct options, common.address) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &telnet_group, offsetof(struct options, common.content) },
	{ &pace_group, offsetof(struct options, common.content) },
	{ &copying_group, offsetof(struct options, common.content) },
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
	int status;

	inherit_mute(argv);
	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.ready = ready_defaults;
	options.service = service_defaults;
	status = plan_execute(command, argc, argv, &options, make_plan);
	option_list_clear(&options.access.allow);
	option_list_clear(&options.access.deny);
	option_list_clear(&options.access.allow_files);
	option_list_clear(&options.access.deny_files);
	option_list_clear(&options.access.proxy_from);
	return status;
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;
	const struct address_options *address = &options->common.address;

	if (plan_common(plan, &options->common, error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1)
		return -1;
	plan->rules.listening = true;
	if (plan->rules.send_proxy > 0 && plan->rules.near != NEAR_FORWARD) {
		error_setx(error, "--send-proxy: only with --forward");
		return -1;
	}
	if (plan_clients(plan, &options->clients, error) == -1 ||
	    plan_where(plan, options, arguments, error) == -1 ||
	    plan_access(plan, &options->access, address->numeric,
	    error) == -1 ||
	    plan_service(plan, &options->service, error) == -1)
		return -1;
	plan->listen.family = plan_family(address);
	plan->listen.interface = address->interface;
	plan_ready(plan, &options->ready);
	return ready_check(&plan->ready, error);
}

/* Where to listen, or what others have opened for us. */
static int
plan_where(struct plan *plan, const struct options *options,
    const struct arguments *arguments, struct error *error)
{
	if (arguments->count == 1 && inherit_is_named(arguments->operands[0]))
		return plan_inherited(plan, options, arguments->operands[0],
		    error);
	return plan_endpoint(plan, &plan->listen.endpoint, ENDPOINT_LISTEN,
	    arguments, &options->common.address, error);
}

static int
plan_inherited(struct plan *plan, const struct options *options,
    const char *text, struct error *error)
{
	const struct address_options *address = &options->common.address;
	struct inherited *inherited = &plan->listen.inherited;
	const char *name = address->ipv4 ? "-4" : address->ipv6 ? "-6" :
	    address->interface != NULL ? "--interface" :
	    options->clients.backlog > 0 ? "--backlog" : NULL;

	(void)printable(text, plan->target, sizeof(plan->target));
	plan->rules.target = plan->target;
	if (name != NULL) {
		error_setx(error, "%s: not with %s, which others have opened",
		    name, plan->target);
		return -1;
	}
	if (inherit_find(inherited, text, error) == -1)
		return -1;
	if (inherited->fds[0] <= 1 && (plan->rules.near == NEAR_STANDARD ||
	    (plan->rules.near == NEAR_HUB &&
	    plan->rules.hub.kind != HUB_BROKER))) {
		error_setx(error, "%s: a command or --forward is wanted, as "
		    "standard input and output are the socket", text);
		return -1;
	}
	if (!inherited->connected)
		return 0;
	name = plan->rules.keep_open ? options->clients.broker ?
	    "--broker" : options->clients.chat ? "--chat" : "--keep-open" :
	    options->ready.ready_fd != -1 ? "--ready-fd" :
	    options->ready.addr_file != NULL ? "--addr-file" :
	    options->ready.pid_file != NULL ? "--pid-file" :
	    options->ready.background ? "--background" : NULL;
	if (name == NULL)
		return 0;
	error_setx(error, "%s: %s is a connection, and not listening", name,
	    plan->target);
	return -1;
}

static int
plan_access(struct plan *plan, const struct access_options *options,
    bool numeric, struct error *error)
{
	static const struct option_list none;
	struct access_source *sources = plan->listen.access.sources;

	sources[ACCESS_ALLOW] = source(&options->allow,
	    &options->allow_files);
	sources[ACCESS_DENY] = source(&options->deny, &options->deny_files);
	sources[ACCESS_PROXY] = source(&options->proxy_from, &none);
	plan->listen.access.numeric = numeric;
	plan->rules.accept_proxy = options->accept_proxy;
	plan->listen.max_per_host = (uint32_t)options->max_per_host;
	if (options->max_per_host > 0 && !plan->rules.keep_open) {
		error_setx(error, "--max-conns-per-host: only with "
		    "--keep-open");
		return -1;
	}
	if (options->accept_proxy == (options->proxy_from.count > 0))
		return 0;
	error_setx(error, "%s", options->accept_proxy ?
	    "--accept-proxy: --proxy-from must say whose word is taken" :
	    "--proxy-from: only with --accept-proxy");
	return -1;
}

static struct access_source
source(const struct option_list *items, const struct option_list *files)
{
	struct access_source source = {
		.items = items->items, .count = items->count,
		.files = files->items, .file_count = files->count
	};

	return source;
}
