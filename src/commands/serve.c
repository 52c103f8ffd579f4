/* Serving clients: the rows and plans that listening commands share. */

#include "config.h"

#include <stddef.h>

#include "commands/serve.h"

static int	plan_hub(struct plan *, const struct client_options *,
		    struct error *);

/* How many at once, by default. */
static const uint32_t usual_conns[] = {
	[NEAR_STANDARD] = 1, [NEAR_COMMAND] = 128, [NEAR_FORWARD] = 4096,
	[NEAR_HUB] = 4096
};

static const struct option client_rows[] = {
	{ .name = "keep-open", .letter = 'k', .type = OPTION_FLAG,
	    .help = "serve one client after another",
	    .offset = offsetof(struct client_options, keep_open) },
	{ .name = "max-conns", .type = OPTION_NUMBER, .argument = "N",
	    .help = "serve at most N clients at once",
	    .offset = offsetof(struct client_options, max_conns),
	    .min = 1, .max = INT32_MAX },
	{ .name = "max-accepts", .type = OPTION_NUMBER, .argument = "N",
	    .help = "end when N clients were served",
	    .offset = offsetof(struct client_options, max_accepts),
	    .min = 1, .max = INT32_MAX },
	{ .name = "broker", .type = OPTION_FLAG,
	    .help = "pass each client's lines to all others",
	    .offset = offsetof(struct client_options, broker) },
	{ .name = "chat", .type = OPTION_FLAG,
	    .help = "the same with names, and with the terminal",
	    .offset = offsetof(struct client_options, chat) },
	{ .name = "tag", .type = OPTION_FLAG,
	    .help = "write the peer before each line",
	    .offset = offsetof(struct client_options, tag) },
	{ .name = "backlog", .type = OPTION_NUMBER, .argument = "N",
	    .help = "let at most N clients wait",
	    .offset = offsetof(struct client_options, backlog),
	    .min = 1, .max = INT32_MAX },
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

const struct option_group clients_group = {
	"Clients", client_rows, sizeof(client_rows) / sizeof(client_rows[0])
};

const struct option_group service_group = {
	"Service", service_rows,
	sizeof(service_rows) / sizeof(service_rows[0])
};

const struct service_options service_defaults = { .drain = -1 };

int
plan_clients(struct plan *plan, const struct client_options *options,
    struct error *error)
{
	const char *name = options->max_conns > 0 ? "--max-conns" :
	    options->max_accepts > 0 ? "--max-accepts" : NULL;

	if (plan_hub(plan, options, error) == -1)
		return -1;
	if (name != NULL && !plan->rules.keep_open) {
		error_setx(error, "%s: only with --keep-open", name);
		return -1;
	}
	plan->listen.max_accepts = plan->rules.keep_open ?
	    (uint32_t)options->max_accepts : 1;
	plan->listen.backlog = options->backlog;
	plan->listen.max_conns = options->max_conns > 0 ?
	    (uint32_t)options->max_conns : usual_conns[plan->rules.near];
	return 0;
}

/* Clients are joined by --broker, --chat, or by our standard streams. */
static int
plan_hub(struct plan *plan, const struct client_options *options,
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
	if (rules->hub.kind == HUB_BROKER && (rules->no_half_close ||
	    rules->quit_after >= 0)) {
		error_setx(error, "%s: not with --broker",
		    rules->no_half_close ? "--no-half-close" :
		    "--quit-after");
		return -1;
	}
	if (rules->near == NEAR_HUB && rules->exit_on_peer_eof) {
		error_setx(error, "--on-peer-eof: not where clients share "
		    "what is said");
		return -1;
	}
	/* Who is slow there is cut off. */
	if (rules->near == NEAR_HUB && pace_wanted(&rules->pace)) {
		error_setx(error, "%s: not where clients share what is said",
		    rules->pace.bytes > 0 ? "--rate" : "--delay");
		return -1;
	}
	if (!options->tag || (rules->near == NEAR_HUB && !options->chat))
		return 0;
	error_setx(error, "--tag: only with --broker, or with standard "
	    "streams and --max-conns above 1");
	return -1;
}

int
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
