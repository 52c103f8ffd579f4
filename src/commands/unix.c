/*
 * ducat unix: a local socket, joined to standard input and output, to a
 * command, or to another connection.
 */

#include "config.h"

#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/printable.h"
#include "commands/commands.h"
#include "commands/datagrams.h"
#include "commands/local.h"
#include "commands/serve.h"

/* How long an answer is waited for, by default. */
#define WAIT_NS		(5 * CLOCK_SECOND)

struct record_options {
	struct datagram_options	frames;
	const char	*reply;		/* "1", "all"; NULL: not given */
	const char	*peer;		/* NULL: any */
	bool		 strict;
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct client_options	clients;
	struct service_options	service;
	struct local_options	local;
	struct record_options	records;
};

static int	unix_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);
static int	check(const struct options *, struct error *);
static int	plan_path(struct plan *, const struct options *,
		    const struct arguments *, struct error *);
static int	plan_listener(struct plan *, const struct options *,
		    struct error *);
static int	plan_clients_of(struct plan *, const struct options *,
		    struct error *);
static int	plan_records(struct plan *, const struct options *,
		    struct error *);
static int	plan_packets(struct plan *, const struct options *,
		    struct error *);
static int	plan_sender(struct plan *, const struct options *,
		    struct error *);
static int	plan_receiver(struct plan *, const struct options *,
		    struct error *);
static int	plan_peer(struct plan *, const char *, struct error *);

static const struct option local_rows[] = {
	{ .name = "type", .type = OPTION_CHOICE, .argument = "TYPE",
	    .help = "what passes: a stream, records, or datagrams",
	    .offset = offsetof(struct local_options, type),
	    .choices = local_types },
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
	{ .name = "send-fd", .type = OPTION_TEXT, .argument = "N",
	    .help = "send this descriptor with the first bytes",
	    .offset = offsetof(struct local_options, send_fds),
	    .repeatable = true },
	{ .name = "recv-fd", .type = OPTION_FLAG,
	    .help = "give the command descriptors that come",
	    .offset = offsetof(struct local_options, recv_fd) },
};

static const struct option_group local_group = {
	"Local sockets", local_rows,
	sizeof(local_rows) / sizeof(local_rows[0])
};

static const struct option record_rows[] = {
	{ .name = "frame", .type = OPTION_CHOICE, .argument = "HOW",
	    .help = "how records lie in a stream of bytes",
	    .offset = offsetof(struct record_options, frames.frame),
	    .choices = datagram_frames },
	{ .name = "datagram-size", .type = OPTION_NUMBER, .argument = "N",
	    .help = "the longest record that is sent, in bytes",
	    .offset = offsetof(struct record_options, frames.size),
	    .min = 1, .max = LOCAL_MOST },
	{ .name = "count", .type = OPTION_NUMBER, .argument = "N",
	    .help = "end after so many datagrams",
	    .offset = offsetof(struct record_options, frames.count),
	    .min = 1, .max = INT32_MAX },
	{ .name = "reply", .type = OPTION_TEXT, .argument = "N",
	    .help = "wait for N answers; listening: answer",
	    .offset = offsetof(struct record_options, reply),
	    .implied = "1" },
	{ .name = "peer", .type = OPTION_TEXT, .argument = "WHO",
	    .help = "take datagrams of any, of the first, of PATH",
	    .offset = offsetof(struct record_options, peer) },
	{ .name = "strict", .type = OPTION_FLAG,
	    .help = "fail when datagrams were lost here",
	    .offset = offsetof(struct record_options, strict) },
};

static const struct option_group record_group = {
	"Records and datagrams", record_rows,
	sizeof(record_rows) / sizeof(record_rows[0])
};

static const struct option_use unix_uses[] = {
	{ &local_group, offsetof(struct options, local) },
	{ &record_group, offsetof(struct options, records) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &terminal_group, offsetof(struct options, common.near) },
	{ &clients_group, offsetof(struct options, clients) },
	{ &ready_group, offsetof(struct options, ready) },
	{ &service_group, offsetof(struct options, service) },
	{ &time_group, offsetof(struct options, common.time) },
	{ &ending_group, offsetof(struct options, common.ending) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &telnet_group, offsetof(struct options, common.content) },
	{ &pace_group, offsetof(struct options, common.content) },
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
	option_list_clear(&options.local.send_fds);
	return status;
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;

	if (check(options, error) == -1 ||
	    plan_common(plan, &options->common, error) == -1)
		return -1;
	plan->rules.type = local_type(options->local.type);
	if (plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_path(plan, options, arguments, error) == -1 ||
	    local_plan_allowed(&plan->rules.allowed, &options->local,
	    error) == -1 ||
	    local_plan_rights(&plan->rules.rights, &options->local,
	    error) == -1)
		return -1;
	plan->rules.recv_rights = options->local.recv_fd;
	if (plan->rules.recv_rights && plan->rules.near != NEAR_COMMAND) {
		error_setx(error, "--recv-fd: only with a command, which "
		    "gets them");
		return -1;
	}
	plan->rules.listening = options->local.listen;
	if (plan->rules.listening &&
	    plan_listener(plan, options, error) == -1)
		return -1;
	return plan->rules.type == SOCK_STREAM ? 0 :
	    plan_records(plan, options, error);
}

static int
check(const struct options *options, struct error *error)
{
	const struct record_options *records = &options->records;
	const struct client_options *clients = &options->clients;
	const struct service_options *service = &options->service;
	const struct ending_options *ending = &options->common.ending;
	const struct local_options *local = &options->local;
	const struct ready_options *ready = &options->ready;
	const struct near_options *near = &options->common.near;
	const struct local_use uses[] = {
		{ records->frames.frame != 0, "--frame", LOCAL_RECORDS },
		{ records->frames.size > 0, "--datagram-size",
		    LOCAL_RECORDS },
		{ records->frames.count > 0, "--count", LOCAL_DGRAM },
		{ records->reply != NULL, "--reply", LOCAL_DGRAM },
		{ records->peer != NULL, "--peer",
		    LOCAL_DGRAM | LOCAL_LISTENS },
		{ records->strict, "--strict", LOCAL_DGRAM | LOCAL_LISTENS },
		{ local->allow_uids.count > 0 && !local->listen,
		    "--allow-uid without --listen", LOCAL_ENDS },
		{ local->allow_gids.count > 0 && !local->listen,
		    "--allow-gid without --listen", LOCAL_ENDS },
		{ local->send_fds.count > 0 && local->listen,
		    "--send-fd with --listen", LOCAL_ENDS },
		{ local->recv_fd, "--recv-fd", LOCAL_ENDS },
		{ local->mode != NULL, "--mode", LOCAL_LISTENS },
		{ local->owner != NULL, "--owner", LOCAL_LISTENS },
		{ clients->keep_open, "--keep-open",
		    LOCAL_ENDS | LOCAL_LISTENS },
		{ clients->max_conns > 0, "--max-conns", LOCAL_LISTENS },
		{ clients->max_accepts > 0, "--max-accepts",
		    LOCAL_ENDS | LOCAL_LISTENS },
		{ clients->backlog > 0, "--backlog",
		    LOCAL_ENDS | LOCAL_LISTENS },
		{ clients->broker, "--broker", LOCAL_STREAM | LOCAL_LISTENS },
		{ clients->chat, "--chat", LOCAL_STREAM | LOCAL_LISTENS },
		{ clients->tag, "--tag", LOCAL_STREAM | LOCAL_LISTENS },
		{ service->user != NULL, "--user", LOCAL_LISTENS },
		{ service->root != NULL, "--chroot", LOCAL_LISTENS },
		{ service->drain >= 0, "--drain",
		    LOCAL_ENDS | LOCAL_LISTENS },
		{ ready->ready_fd != -1, "--ready-fd", LOCAL_LISTENS },
		{ ready->addr_file != NULL, "--addr-file", LOCAL_LISTENS },
		{ ready->pid_file != NULL, "--pid-file", LOCAL_LISTENS },
		{ ready->background, "--background", LOCAL_LISTENS },
		{ near->pty, "--pty", LOCAL_ENDS },
		{ options->common.content.telnet, "--telnet", LOCAL_STREAM },
		{ ending->on_peer_eof != 0, "--on-peer-eof", LOCAL_ENDS },
		{ ending->quit_after >= 0, "--quit-after", LOCAL_ENDS },
		{ ending->no_half_close, "--no-half-close", LOCAL_ENDS },
		{ ending->send_only, "--send-only", LOCAL_ENDS },
		{ ending->recv_only, "--recv-only", LOCAL_ENDS },
	};

	return local_check(uses, sizeof(uses) / sizeof(uses[0]), local,
	    error);
}

static int
plan_path(struct plan *plan, const struct options *options,
    const struct arguments *arguments, struct error *error)
{
	struct unix_path *path = options->local.listen ?
	    &plan->listen.local.path : &plan->unix_path;
	char *text = arguments->operands[0];

	if (arguments->count != 1) {
		error_setx(error, arguments->count == 0 ?
		    "PATH or @NAME is missing" : "only one PATH or @NAME");
		return -1;
	}
	if (unix_path_parse(path, text, error) == -1)
		return -1;
	plan->rules.path = text;
	plan->rules.place = unix_path_printable(path, plan->target,
	    PRINTABLE_SIZE);
	plan->rules.target = plan->rules.place;
	return 0;
}

static int
plan_listener(struct plan *plan, const struct options *options,
    struct error *error)
{
	if (local_plan_file(&plan->listen.local, &options->local,
	    error) == -1 ||
	    plan_clients_of(plan, options, error) == -1 ||
	    plan_service(plan, &options->service, error) == -1)
		return -1;
	plan_ready(plan, &options->ready);
	return ready_check(&plan->ready, error);
}

/* Senders of datagrams are no clients; see plan_receiver(). */
static int
plan_clients_of(struct plan *plan, const struct options *options,
    struct error *error)
{
	if (plan->rules.type == SOCK_DGRAM)
		return 0;
	plan->listen.local.backlog = options->clients.backlog;
	return plan_clients(plan, &options->clients, error);
}

static int
plan_records(struct plan *plan, const struct options *options,
    struct error *error)
{
	plan_frames(&plan->rules.datagrams, &options->records.frames,
	    LOCAL_MOST, LOCAL_MOST);
	if (plan->rules.type == SOCK_SEQPACKET)
		return plan_packets(plan, options, error);
	return options->local.listen ? plan_receiver(plan, options, error) :
	    plan_sender(plan, options, error);
}

/* A relay's records pass as they are. */
static int
plan_packets(struct plan *plan, const struct options *options,
    struct error *error)
{
	struct datagram_rules *rules = &plan->rules.datagrams;
	const struct datagram_options *frames = &options->records.frames;

	rules->receiving.single = plan->rules.near == NEAR_COMMAND &&
	    rules->receiving.framer.ops->bare;
	rules->sending.many = rules->receiving.many = plan->rules.keep_open;
	if (plan->rules.near == NEAR_HUB) {
		error_setx(error, "--max-conns: standard streams are shared "
		    "only with --type stream");
		return -1;
	}
	if (plan->rules.forward.unix_path.length > 0 &&
	    (frames->frame != 0 || frames->size > 0 || plan->rules.crlf)) {
		error_setx(error, "%s: not with --forward unix:",
		    frames->frame != 0 ? "--frame" : frames->size > 0 ?
		    "--datagram-size" : "--crlf");
		return -1;
	}
	return plan_cut(plan, frames, true, error);
}

static int
plan_sender(struct plan *plan, const struct options *options,
    struct error *error)
{
	struct datagram_rules *rules = &plan->rules.datagrams;

	if (plan->rules.near != NEAR_STANDARD) {
		error_setx(error, "%s: not with --type dgram, but with "
		    "--listen", plan->rules.near == NEAR_COMMAND ?
		    "a command" : "--forward");
		return -1;
	}
	if (plan_cut(plan, &options->records.frames, true, error) == -1 ||
	    plan_answers(rules, options->records.reply, error) == -1 ||
	    (rules->answers == 0 && plan_one_way(plan, true, error) == -1))
		return -1;
	if (options->records.frames.count > 0)
		rules->sending.count = (uint64_t)options->records.frames.count;
	rules->wait = plan->rules.timeout < 0 ? WAIT_NS : plan->rules.timeout;
	return 0;
}

static int
plan_receiver(struct plan *plan, const struct options *options,
    struct error *error)
{
	const struct record_options *records = &options->records;
	struct datagram_rules *rules = &plan->rules.datagrams;

	if (records->reply != NULL && strcmp(records->reply, "1") != 0) {
		error_setx(error, "--reply=N: only without --listen");
		return -1;
	}
	rules->replies = records->reply != NULL;
	rules->strict = records->strict;
	if (plan_table(plan, &records->frames, options->clients.max_conns,
	    error) == -1 ||
	    plan_cut(plan, &records->frames, rules->replies ||
	    plan->rules.near == NEAR_COMMAND, error) == -1)
		return -1;
	return plan_peer(plan, records->peer, error);
}

/* Whose datagrams are taken: by the name that their sender has bound. */
static int
plan_peer(struct plan *plan, const char *text, struct error *error)
{
	struct datagram_rules *rules = &plan->rules.datagrams;
	struct unix_path *path = &plan->unix_path;

	rules->peers = POST_ANY;
	if (text == NULL || strcmp(text, "any") == 0)
		return 0;
	rules->peers = POST_FIRST;
	if (strcmp(text, "first") == 0)
		return 0;
	rules->peers = POST_ONE;
	if (unix_path_parse(path, text, error) == -1)
		return -1;
	address_set_local(&rules->peer, &path->address, path->length);
	return 0;
}
