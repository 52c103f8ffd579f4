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
#include "commands/plan.h"

struct listen_options {
	bool	keep_open;
	int	max_conns;	/* these three: 0: not given */
	int	max_per_host;
	int	max_accepts;
	int	backlog;	/* 0: the system's limit */
	bool	broker;
	bool	chat;
	bool	tag;
};

struct access_options {
	struct option_list allow;
	struct option_list deny;
	struct option_list allow_files;
	struct option_list deny_files;
	bool		 accept_proxy;
	struct option_list proxy_from;
};

struct service_options {
	const char	*user;
	const char	*root;
	int64_t		 drain;		/* nanoseconds; -1: not given */
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct listen_options	listen;
	struct access_options	access;
	struct service_options	service;
};

static int	listen_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const struct options *,
		    const struct arguments *, struct error *);

static int	plan_where(struct plan *, const struct options *,
		    const struct arguments *, struct error *);
static int	plan_inherited(struct plan *, const struct options *,
		    const char *, struct error *);
static int	plan_access(struct plan *, const struct access_options *,
		    struct error *);
static struct access_source source(const struct option_list *,
		    const struct option_list *);
static int	plan_service(struct plan *, const struct service_options *,
		    struct error *);
static int	plan_hub(struct plan *, const struct listen_options *,
		    struct error *);
static int	plan_clients(struct plan *, const struct listen_options *,
		    struct error *);

/* How many at once, by default. */
static const uint32_t usual_conns[] = {
	[NEAR_STANDARD] = 1, [NEAR_COMMAND] = 128, [NEAR_FORWARD] = 4096,
	[NEAR_HUB] = 4096
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
	{ .name = "broker", .type = OPTION_FLAG,
	    .help = "pass each client's lines to all others",
	    .offset = offsetof(struct listen_options, broker) },
	{ .name = "chat", .type = OPTION_FLAG,
	    .help = "the same with names, and with the terminal",
	    .offset = offsetof(struct listen_options, chat) },
	{ .name = "tag", .type = OPTION_FLAG,
	    .help = "write the peer before each line",
	    .offset = offsetof(struct listen_options, tag) },
	{ .name = "backlog", .type = OPTION_NUMBER, .argument = "N",
	    .help = "let at most N clients wait",
	    .offset = offsetof(struct listen_options, backlog),
	    .min = 1, .max = INT32_MAX },
};

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
	{ .name = "accept-proxy", .type = OPTION_FLAG,
	    .help = "want a PROXY header, believe its address",
	    .offset = offsetof(struct access_options, accept_proxy) },
	{ .name = "proxy-from", .type = OPTION_HOST, .argument = "CIDR",
	    .help = "the proxies that may send one",
	    .offset = offsetof(struct access_options, proxy_from),
	    .repeatable = true },
};

static const struct option service_rows[] = {
	{ .name = "user", .type = OPTION_TEXT, .argument = "USER[:GROUP]",
	    .help = "become this user once listening",
	    .offset = offsetof(struct service_options, user) },
	{ .name = "chroot", .type = OPTION_FILE, .argument = "DIR",
	    .help = "make this the root directory once listening",
	    .offset = offsetof(struct service_options, root) },
	{ .name = "drain", .type = OPTION_DURATION, .argument = "D",
	    .help = "at SIGTERM give sessions D to end",
	    .offset = offsetof(struct service_options, drain), .min = 1 },
};

static const struct option_group listen_group = {
	"Clients", listen_rows, sizeof(listen_rows) / sizeof(listen_rows[0])
};

static const struct option_group access_group = {
	"Access", access_rows, sizeof(access_rows) / sizeof(access_rows[0])
};

static const struct option_group service_group = {
	"Service", service_rows,
	sizeof(service_rows) / sizeof(service_rows[0])
};

static const struct option_use listen_uses[] = {
	{ &listen_group, offsetof(struct options, listen) },
	{ &access_group, offsetof(struct options, access) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &connection_group, offsetof(struct options, common.near) },
	{ &ready_group, offsetof(struct options, ready) },
	{ &service_group, offsetof(struct options, service) },
	{ &address_group, offsetof(struct options, common.address) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
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
	struct arguments arguments;
	struct error error;
	struct plan plan;
	int status;

	inherit_mute(argv);
	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.ready = ready_defaults;
	options.service.drain = -1;
	if (!plan_parse(command, argc, argv, &options, &arguments, &status))
		return status;
	if (make_plan(&plan, &options, &arguments, &error) == -1)
		status = plan_refuse(&error);
	else
		status = run(&plan);
	option_list_clear(&options.access.allow);
	option_list_clear(&options.access.deny);
	option_list_clear(&options.access.allow_files);
	option_list_clear(&options.access.deny_files);
	option_list_clear(&options.access.proxy_from);
	return status;
}

static int
make_plan(struct plan *plan, const struct options *options,
    const struct arguments *arguments, struct error *error)
{
	const struct address_options *address = &options->common.address;

	memset(plan, 0, sizeof(*plan));
	if (plan_common(plan, &options->common, error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1)
		return -1;
	plan->rules.listening = true;
	if (plan->rules.send_proxy > 0 && plan->rules.near != NEAR_FORWARD) {
		error_setx(error, "--send-proxy: only with --forward");
		return -1;
	}
	if (plan_clients(plan, &options->listen, error) == -1 ||
	    plan_where(plan, options, arguments, error) == -1 ||
	    plan_access(plan, &options->access, error) == -1 ||
	    plan_service(plan, &options->service, error) == -1)
		return -1;
	plan->listen.family = plan_family(address);
	plan->listen.interface = address->interface;
	plan->listen.backlog = options->listen.backlog;
	plan_ready(plan, &options->ready);
	return ready_check(&plan->ready, error);
}

static int
plan_clients(struct plan *plan, const struct listen_options *options,
    struct error *error)
{
	const char *name = options->max_conns > 0 ? "--max-conns" :
	    options->max_per_host > 0 ? "--max-conns-per-host" :
	    options->max_accepts > 0 ? "--max-accepts" : NULL;

	if (plan_hub(plan, options, error) == -1)
		return -1;
	if (name != NULL && !plan->rules.keep_open) {
		error_setx(error, "%s: only with --keep-open", name);
		return -1;
	}
	plan->listen.max_accepts = plan->rules.keep_open ?
	    (uint32_t)options->max_accepts : 1;
	plan->listen.max_per_host = (uint32_t)options->max_per_host;
	plan->listen.max_conns = options->max_conns > 0 ?
	    (uint32_t)options->max_conns : usual_conns[plan->rules.near];
	return 0;
}

/* Clients are joined by --broker, --chat, or by our standard streams. */
static int
plan_hub(struct plan *plan, const struct listen_options *options,
    struct error *error)
{
	const char *name = options->broker ? "--broker" : "--chat";
	struct rules *rules = &plan->rules;

	rules->keep_open = options->keep_open || options->broker ||
	    options->chat;
	rules->hub.tag = options->tag;
	rules->hub.kind = options->broker ? HUB_BROKER :
	    options->chat ? HUB_CHAT : HUB_STAR;
	if (options->broker && options->chat) {
		error_setx(error, "--broker and --chat exclude each other");
		return -1;
	}
	if (rules->hub.kind != HUB_STAR && (rules->near != NEAR_STANDARD ||
	    rules->send_only || rules->recv_only ||
	    plan->escape != ESCAPE_AUTO)) {
		error_setx(error, "%s: not with %s", name,
		    rules->near != NEAR_STANDARD ? "a command or --forward" :
		    rules->send_only ? "--send-only" :
		    rules->recv_only ? "--recv-only" : "--escape");
		return -1;
	}
	if (rules->near == NEAR_STANDARD && (rules->hub.kind != HUB_STAR ||
	    (options->keep_open && options->max_conns > 1)))
		rules->near = NEAR_HUB;
	if (!options->tag || (rules->near == NEAR_HUB && !options->chat))
		return 0;
	error_setx(error, "--tag: only with --broker, or with standard "
	    "streams and --max-conns above 1");
	return -1;
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
	    options->listen.backlog > 0 ? "--backlog" : NULL;

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
	name = options->listen.keep_open ? "--keep-open" :
	    options->ready.ready_fd != -1 ? "--ready-fd" :
	    options->ready.addr_file != NULL ? "--addr-file" :
	    options->ready.background ? "--background" : NULL;
	if (name == NULL)
		return 0;
	error_setx(error, "%s: %s is a connection, and not listening", name,
	    plan->target);
	return -1;
}

static int
plan_access(struct plan *plan, const struct access_options *options,
    struct error *error)
{
	static const struct option_list none;
	struct access_source *sources = plan->listen.access.sources;

	sources[ACCESS_ALLOW] = source(&options->allow,
	    &options->allow_files);
	sources[ACCESS_DENY] = source(&options->deny, &options->deny_files);
	sources[ACCESS_PROXY] = source(&options->proxy_from, &none);
	plan->rules.accept_proxy = options->accept_proxy;
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

static int
plan_service(struct plan *plan, const struct service_options *options,
    struct error *error)
{
	struct error why;

	plan->drain = options->drain;
	plan->privilege.root = options->root;
	if (options->user == NULL ||
	    privilege_parse(&plan->privilege, options->user, &why) == 0)
		return 0;
	error_setx(error, "--user: %s", why.text);
	return -1;
}
