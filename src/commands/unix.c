/*
 * ducat unix: a local socket, joined to standard input and output, to a
 * command, or to another connection.
 */

#include "config.h"

#include <sys/socket.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "commands/commands.h"
#include "commands/serve.h"
#include "net/account.h"

struct local_options {
	bool		 listen;
	const char	*mode;		/* octal; NULL: not given */
	const char	*owner;
	struct option_list allow_uids;
	struct option_list allow_gids;
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct client_options	clients;
	struct service_options	service;
	struct local_options	local;
};

/* From a name or number to the number. */
typedef int id_finder(uint32_t *, const char *, struct error *);

static int	unix_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);
static int	plan_listener(struct plan *, const struct options *,
		    struct error *);
static int	plan_allowed(struct allowed *, const struct local_options *,
		    struct error *);
static int	plan_ids(const uint32_t **, size_t *,
		    const struct option_list *, id_finder *, const char *name,
		    struct error *);
static int	find_uid(uint32_t *, const char *, struct error *);
static int	find_gid(uint32_t *, const char *, struct error *);
static int	plan_mode(struct unix_listen_plan *, const char *,
		    struct error *);
static int	plan_owner(struct unix_listen_plan *, const char *,
		    struct error *);
static const char *listening_option(const struct options *);

static const struct option local_rows[] = {
	{ .name = "listen", .type = OPTION_FLAG,
	    .help = "listen there, and let clients connect",
	    .offset = offsetof(struct local_options, listen) },
	{ .name = "mode", .type = OPTION_TEXT, .argument = "OCTAL",
	    .help = "the permissions of the socket's file",
	    .offset = offsetof(struct local_options, mode) },
	{ .name = "owner", .type = OPTION_TEXT, .argument = "USER[:GROUP]",
	    .help = "whose the socket's file is",
	    .offset = offsetof(struct local_options, owner) },
	{ .name = "allow-uid", .type = OPTION_TEXT, .argument = "USER",
	    .help = "want this user at the other end",
	    .offset = offsetof(struct local_options, allow_uids),
	    .repeatable = true },
	{ .name = "allow-gid", .type = OPTION_TEXT, .argument = "GROUP",
	    .help = "want a member of this group there",
	    .offset = offsetof(struct local_options, allow_gids),
	    .repeatable = true },
};

static const struct option_group local_group = {
	"Local sockets", local_rows,
	sizeof(local_rows) / sizeof(local_rows[0])
};

static const struct option_use unix_uses[] = {
	{ &local_group, offsetof(struct options, local) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &terminal_group, offsetof(struct options, common.near) },
	{ &clients_group, offsetof(struct options, clients) },
	{ &ready_group, offsetof(struct options, ready) },
	{ &service_group, offsetof(struct options, service) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &copying_group, offsetof(struct options, common.content) },
	{ &seeing_group, offsetof(struct options, common.seeing) },
	{ NULL, 0 }
};

const struct command command_unix = {
	.name = "unix",
	.synopsis = "[OPTION]... PATH|@NAME [-- COMMAND [ARG]...]",
	.summary = "connect to a local socket, or listen on one",
	.operands = OPERAND_PATH,
	.uses = unix_uses,
	.run = unix_run
};

static int
unix_run(const struct command *command, int argc, char **argv)
{
	struct options options;
	int status;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.ready = ready_defaults;
	options.service = service_defaults;
	status = plan_execute(command, argc, argv, &options, make_plan);
	option_list_clear(&options.local.allow_uids);
	option_list_clear(&options.local.allow_gids);
	return status;
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;
	char *path = arguments->operands[0];

	if (plan_common(plan, &options->common, error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_allowed(&plan->rules.allowed, &options->local, error) == -1)
		return -1;
	if (arguments->count != 1) {
		error_setx(error, arguments->count == 0 ?
		    "PATH or @NAME is missing" : "only one PATH or @NAME");
		return -1;
	}
	plan->rules.path = path;
	plan->rules.place = printable(path, plan->target,
	    sizeof(plan->target));
	plan->rules.target = plan->rules.place;
	if (options->local.listen)
		return unix_path_parse(&plan->listen.local.path, path,
		    error) == -1 ? -1 : plan_listener(plan, options, error);
	if (listening_option(options) == NULL)
		return unix_path_parse(&plan->unix_path, path, error);
	error_setx(error, "%s: only with --listen", listening_option(options));
	return -1;
}

static int
plan_allowed(struct allowed *allowed, const struct local_options *options,
    struct error *error)
{
	return plan_ids(&allowed->uids, &allowed->uid_count,
	    &options->allow_uids, find_uid, "--allow-uid", error) == -1 ||
	    plan_ids(&allowed->gids, &allowed->gid_count,
	    &options->allow_gids, find_gid, "--allow-gid", error) == -1 ?
	    -1 : 0;
}

/* plan_execute() frees them. */
static int
plan_ids(const uint32_t **list, size_t *count,
    const struct option_list *options, id_finder *find, const char *name,
    struct error *error)
{
	uint32_t *ids;
	struct error why;
	size_t i;

	if (options->count == 0)
		return 0;
	ids = calloc(options->count, sizeof(*ids));
	*list = ids;
	if (ids == NULL) {
		error_setx(error, "%s: out of memory", name);
		return -1;
	}
	for (i = 0; i < options->count; i++) {
		if (find(&ids[i], options->items[i], &why) == 0)
			continue;
		error_setx(error, "%s: %s", name, why.text);
		return -1;
	}
	*count = options->count;
	return 0;
}

static int
find_uid(uint32_t *uid, const char *text, struct error *error)
{
	struct account account;

	if (account_user(&account, text, error) == -1)
		return -1;
	*uid = account.uid;
	return 0;
}

static int
find_gid(uint32_t *gid, const char *text, struct error *error)
{
	return account_group(gid, text, error);
}

static int
plan_listener(struct plan *plan, const struct options *options,
    struct error *error)
{
	struct unix_listen_plan *local = &plan->listen.local;

	plan->rules.listening = true;
	if (plan_clients(plan, &options->clients, error) == -1 ||
	    plan_service(plan, &options->service, error) == -1 ||
	    plan_mode(local, options->local.mode, error) == -1 ||
	    plan_owner(local, options->local.owner, error) == -1)
		return -1;
	local->type = SOCK_STREAM;
	local->backlog = options->clients.backlog;
	plan_ready(plan, &options->ready);
	return ready_check(&plan->ready, error);
}

static int
plan_mode(struct unix_listen_plan *local, const char *text,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	size_t digits;

	local->mode = -1;
	if (text == NULL)
		return 0;
	if (local->path.text[0] == '@') {
		error_setx(error, "--mode: an abstract socket has none");
		return -1;
	}
	digits = strspn(text, "01234567");
	if (digits > 0 && digits <= 4 && text[digits] == '\0')
		local->mode = (int)strtol(text, NULL, 8);
	if (local->mode >= 0 && local->mode <= 0777)
		return 0;
	error_setx(error, "--mode: \"%s\": not octal permissions, 0 to 777",
	    printable(text, shown, sizeof(shown)));
	return -1;
}

static int
plan_owner(struct unix_listen_plan *local, const char *text,
    struct error *error)
{
	struct privilege_plan who;
	struct error why;

	if (text == NULL)
		return 0;
	if (local->path.text[0] == '@') {
		error_setx(error, "--owner: an abstract socket has none");
		return -1;
	}
	memset(&who, 0, sizeof(who));
	if (privilege_parse(&who, text, &why) == -1) {
		error_setx(error, "--owner: %s", why.text);
		return -1;
	}
	local->has_owner = true;
	local->uid = who.user.uid;
	local->gid = who.user.gid;
	return 0;
}

/* NULL: none was given. */
static const char *
listening_option(const struct options *options)
{
	const struct client_options *clients = &options->clients;
	const struct service_options *service = &options->service;
	const struct ready_options *ready = &options->ready;
	const struct {
		bool		 given;
		const char	*name;
	} table[] = {
		{ options->local.mode != NULL, "--mode" },
		{ options->local.owner != NULL, "--owner" },
		{ clients->keep_open, "--keep-open" },
		{ clients->max_conns > 0, "--max-conns" },
		{ clients->max_accepts > 0, "--max-accepts" },
		{ clients->backlog > 0, "--backlog" },
		{ clients->broker, "--broker" },
		{ clients->chat, "--chat" },
		{ clients->tag, "--tag" },
		{ service->user != NULL, "--user" },
		{ service->root != NULL, "--chroot" },
		{ service->drain >= 0, "--drain" },
		{ ready->ready_fd != -1, "--ready-fd" },
		{ ready->addr_file != NULL, "--addr-file" },
		{ ready->pid_file != NULL, "--pid-file" },
		{ ready->background, "--background" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].given)
			return table[i].name;
	return NULL;
}
