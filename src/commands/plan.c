/*
 * What listen and connect plan alike.  Nothing here opens anything: a usage
 * error leaves no trace.
 */

#include "config.h"

#include <sys/socket.h>

#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/printable.h"
#include "base/units.h"
#include "cli/usage.h"
#include "commands/files.h"
#include "commands/plan.h"
#include "commands/seeing.h"
#include "net/resolve.h"
#include "report/words.h"

/* From the peer's going until a command is told to end, by default. */
#define KILL_AFTER_NS	(2 * CLOCK_SECOND)

static int	refuse(const struct error *);
static int	check_address(const struct address_options *, struct error *);
static int	check_tail(const struct arguments *, struct error *);
static char *const *plan_shell(struct plan *, const char *);
static int	plan_forward(struct rules *, const char *,
		    const struct address_options *, struct error *);
static void	show_target(struct plan *, const char *);
static int	check_near(const struct rules *,
		    const struct common_options *, struct error *);
static int	check_target(const struct endpoint *, int type,
		    const struct address_options *, struct error *);
static int	check_endpoint(const struct endpoint *,
		    const struct address_options *, struct error *);
static int	check_numeric(const struct endpoint *, struct error *);

const struct common_options common_defaults = {
	.time = { -1, -1, -1 },
	.ending = { .quit_after = -1 },
	.content = { .max_send = UINT64_MAX, .max_recv = UINT64_MAX },
	.near = { .kill_after = -1 }
};

int
plan_execute(const struct command *command, int argc, char **argv,
    void *options, plan_maker *make)
{
	struct arguments arguments;
	struct error error;
	struct plan plan;
	int status;

	memset(&plan, 0, sizeof(plan));
	plan.ready.fd = -1;
	if (option_parse(command, argc, argv, options, &arguments,
	    &error) == -1)
		return refuse(&error);
	if (arguments.help) {
		usage_command(stdout, command);
		return STATUS_OK;
	}
	if (arguments.version) {
		usage_version(stdout);
		return STATUS_OK;
	}
	status = make(&plan, options, &arguments, &error) == -1 ||
	    plan_files(&plan, &error) == -1 ? refuse(&error) : run(&plan);
	free((void *)(uintptr_t)plan.listen.groups);
	free((void *)(uintptr_t)plan.rules.allowed.uids);
	free((void *)(uintptr_t)plan.rules.allowed.gids);
	return status;
}

static int
refuse(const struct error *error)
{
	words_complain("%s", error->text);
	return STATUS_USAGE;
}

int
plan_common(struct plan *plan, const struct common_options *options,
    struct error *error)
{
	const struct ending_options *ending = &options->ending;
	const struct content_options *content = &options->content;
	struct rules *rules = &plan->rules;

	if (ending->send_only && ending->recv_only) {
		error_setx(error, "--send-only and --recv-only exclude each "
		    "other");
		return -1;
	}
	if (check_address(&options->address, error) == -1)
		return -1;
	rules->type = SOCK_STREAM;
	rules->timeout = options->time.timeout;
	rules->idle = options->time.idle;
	rules->exit_on_peer_eof = ending->on_peer_eof == PEER_EOF_EXIT;
	rules->no_half_close = ending->no_half_close;
	rules->quit_after = ending->quit_after;
	rules->send_only = ending->send_only;
	rules->recv_only = ending->recv_only;
	rules->zero_copy = !content->no_zero_copy;
	rules->max_send = content->max_send;
	rules->max_recv = content->max_recv;
	rules->crlf = content->crlf;
	rules->telnet = content->telnet;
	rules->pace.bytes = content->rate;
	rules->pace.delay = content->delay;
	plan->escape = (enum escape_when)content->escape;
	plan->deadline = options->time.deadline;
	plan->drain = -1;
	return plan_seeing(plan, &options->seeing, error);
}

static int
check_address(const struct address_options *options, struct error *error)
{
	char shown[PRINTABLE_SIZE];

	if (options->ipv4 && options->ipv6) {
		error_setx(error, "-4 and -6 exclude each other");
		return -1;
	}
	if (options->interface != NULL &&
	    if_nametoindex(options->interface) == 0) {
		error_setx(error, "--interface \"%s\": no such interface",
		    printable(options->interface, shown, sizeof(shown)));
		return -1;
	}
	return 0;
}

int
plan_near(struct plan *plan, const struct common_options *options,
    const struct arguments *arguments, struct error *error)
{
	const struct near_options *near = &options->near;
	struct rules *rules = &plan->rules;

	if (arguments->tail != NULL &&
	    check_tail(arguments, error) == -1)
		return -1;
	if ((arguments->tail != NULL) + (near->sh != NULL) +
	    (near->forward != NULL) > 1) {
		error_setx(error, "-- COMMAND, --sh and --forward exclude "
		    "each other");
		return -1;
	}
	rules->send_proxy = (unsigned)near->send_proxy;
	rules->command.argv = arguments->tail;
	rules->command.errors_to_peer = near->stderr_to_peer;
	rules->command.terminal = near->pty;
	rules->command.kill_after = near->kill_after < 0 ? KILL_AFTER_NS :
	    near->kill_after;
	if (near->sh != NULL)
		rules->command.argv = plan_shell(plan, near->sh);
	if (near->forward != NULL) {
		rules->near = NEAR_FORWARD;
		if (plan_forward(rules, near->forward,
		    &options->address, error) == -1)
			return -1;
		show_target(plan, near->forward);
	} else if (rules->command.argv != NULL) {
		rules->near = NEAR_COMMAND;
	}
	return check_near(rules, options, error);
}

static int
check_tail(const struct arguments *arguments, struct error *error)
{
	if (arguments->tail[0] == NULL)
		error_setx(error, "--: a COMMAND is missing behind it");
	else if (arguments->count == 0)
		error_setx(error, "--: the operands are missing before it");
	else
		return 0;
	return -1;
}

static char *const *
plan_shell(struct plan *plan, const char *string)
{
	static char shell[] = "/bin/sh", option[] = "-c";

	plan->shell[0] = shell;
	plan->shell[1] = option;
	plan->shell[2] = (char *)(uintptr_t)string;
	plan->shell[3] = NULL;
	return plan->shell;
}

static int
plan_forward(struct rules *rules, const char *text,
    const struct address_options *options, struct error *error)
{
	struct forward_plan *forward = &rules->forward;
	struct address_options any = *options;
	char *operand = (char *)(uintptr_t)text;
	struct error why;
	int rc;

	any.ipv4 = any.ipv6 = false;
	any.interface = NULL;
	if (strncmp(text, "unix:", 5) == 0) {
		rc = unix_path_parse(&forward->unix_path, text + 5, &why);
	} else {
		rc = endpoint_parse(&forward->dial.endpoint,
		    ENDPOINT_CONNECT, &operand, 1, &why);
		if (rc == 0)
			rc = check_target(&forward->dial.endpoint,
			    rules->type == SOCK_DGRAM ? SOCK_DGRAM :
			    SOCK_STREAM, &any, &why);
	}
	if (rc == -1)
		error_setx(error, "--forward: %s", why.text);
	return rc;
}

/* As messages have it. */
static void
show_target(struct plan *plan, const char *text)
{
	static const char unix_prefix[] = "unix:";
	struct forward_plan *forward = &plan->rules.forward;
	size_t size = sizeof(plan->forward), used;

	forward->text = plan->forward;
	if (forward->unix_path.length == 0) {
		(void)printable(text, plan->forward, size);
		return;
	}
	used = strlcpy(plan->forward, unix_prefix, size);
	(void)unix_path_printable(&forward->unix_path, plan->forward + used,
	    size - used);
}

/* A wrong name is told now, not to the first client. */
static int
check_target(const struct endpoint *endpoint, int type,
    const struct address_options *options, struct error *error)
{
	if (endpoint->has_port ||
	    resolve_knows_service(endpoint->service, type))
		return check_endpoint(endpoint, options, error);
	error_setx(error, "%s: unknown service", endpoint->service);
	return -1;
}

/* What speaks of standard input and output is nothing to others. */
static int
check_near(const struct rules *rules, const struct common_options *options,
    struct error *error)
{
	const char *name = NULL;

	if (rules->near != NEAR_COMMAND) {
		if (options->near.kill_after >= 0)
			name = "--kill-after";
		else if (options->near.stderr_to_peer)
			name = "--stderr-to-peer";
		else if (options->near.pty)
			name = "--pty";
	}
	if (name != NULL) {
		error_setx(error, "%s: only with a command", name);
		return -1;
	}
	if (rules->near == NEAR_STANDARD)
		return 0;
	if (options->ending.send_only)
		name = "--send-only";
	else if (options->ending.recv_only)
		name = "--recv-only";
	else if (options->ending.no_half_close)
		name = "--no-half-close";
	else if (options->ending.on_peer_eof != PEER_EOF_DRAIN)
		name = "--on-peer-eof";
	else if (options->content.escape != ESCAPE_AUTO)
		name = "--escape";
	if (name == NULL)
		return 0;
	error_setx(error, "%s: not with a command or --forward", name);
	return -1;
}

int
plan_endpoint(struct plan *plan, struct endpoint *endpoint,
    enum endpoint_side side, const struct arguments *arguments,
    const struct address_options *options, struct error *error)
{
	if (endpoint_parse(endpoint, side, arguments->operands,
	    arguments->count, error) == -1)
		return -1;
	plan->rules.target = endpoint_text(endpoint, plan->target,
	    sizeof(plan->target));
	return check_endpoint(endpoint, options, error);
}

/* Where it is numeric: does it go with the other options? */
static int
check_endpoint(const struct endpoint *endpoint,
    const struct address_options *options, struct error *error)
{
	int family = plan_family(options);
	char text[ADDRESS_TEXT];
	struct address address;

	if (options->numeric && check_numeric(endpoint, error) == -1)
		return -1;
	if (endpoint->host[0] == '\0' || address_parse(&address,
	    endpoint->host, endpoint->port, error) != ADDRESS_OK)
		return 0;
	(void)address_host(&address, text, sizeof(text));
	if (family != AF_UNSPEC && address_family(&address) != family) {
		error_setx(error, "%s: not an IPv%d address", text,
		    family == AF_INET ? 4 : 6);
		return -1;
	}
	if (address_lacks_scope(&address) && options->interface == NULL) {
		error_setx(error, "%s: a link-local address needs a scope "
		    "(%s%%IF)", text, text);
		return -1;
	}
	return 0;
}

static int
check_numeric(const struct endpoint *endpoint, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct address address;

	if (!endpoint->has_port) {
		error_setx(error, "%s: not a number (-n)",
		    printable(endpoint->service, shown, sizeof(shown)));
		return -1;
	}
	if (endpoint->host[0] == '\0' || address_parse(&address,
	    endpoint->host, endpoint->port, error) == ADDRESS_OK)
		return 0;
	error_setx(error, "%s: not a numeric address (-n)",
	    printable(endpoint->host, shown, sizeof(shown)));
	return -1;
}

int
plan_source(struct dial_plan *dial, const struct address_options *address,
    const struct source_options *source, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	const char *why;
	uint64_t port = 0;
	int family;

	dial->family = plan_family(address);
	dial->interface = address->interface;
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

void
plan_ready(struct plan *plan, const struct ready_options *options)
{
	plan->ready.fd = options->ready_fd;
	plan->ready.addr_file = options->addr_file;
	plan->ready.pid_file = options->pid_file;
	plan->ready.background = options->background;
	plan->progress.detached = options->background;
}

int
plan_no_tail(const struct arguments *arguments, struct error *error)
{
	if (arguments->tail == NULL)
		return 0;
	error_setx(error, "--: udp-send runs no command");
	return -1;
}

int
plan_family(const struct address_options *options)
{
	return options->ipv4 ? AF_INET : options->ipv6 ? AF_INET6 :
	    AF_UNSPEC;
}
