/*
 * What listen and connect plan alike.  Nothing here opens anything: a usage
 * error leaves no trace.
 */

#include "config.h"

#include <sys/socket.h>

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "cli/usage.h"
#include "commands/plan.h"

static const char *refuse_tail(const struct arguments *);
static int	check_address(const struct address_options *, struct error *);
static int	check_numeric(const struct endpoint *, struct error *);

const struct common_options common_defaults = {
	.time = { -1, -1, -1 },
	.ending = { .quit_after = -1 },
	.content = { .max_send = UINT64_MAX, .max_recv = UINT64_MAX }
};

bool
plan_parse(const struct command *command, int argc, char **argv, void *into,
    struct arguments *arguments, int *status)
{
	struct error error;

	*status = STATUS_OK;
	if (option_parse(command, argc, argv, into, arguments, &error) == -1) {
		*status = plan_refuse(&error);
		return false;
	}
	if (arguments->help) {
		usage_command(stdout, command);
		return false;
	}
	if (arguments->version) {
		usage_version(stdout);
		return false;
	}
	if (arguments->tail == NULL)
		return true;
	error_setx(&error, "%s", refuse_tail(arguments));
	*status = plan_refuse(&error);
	return false;
}

static const char *
refuse_tail(const struct arguments *arguments)
{
	if (arguments->tail[0] == NULL)
		return "--: a COMMAND is missing behind it";
	if (arguments->count == 0)
		return "--: the operands are missing before it";
	return "-- COMMAND: commands are not supported in this version";
}

int
plan_refuse(const struct error *error)
{
	(void)fprintf(stderr, "ducat: %s\n", error->text);
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
	if (options->seeing.quiet && options->seeing.verbose > 0) {
		error_setx(error, "--quiet and --verbose exclude each other");
		return -1;
	}
	if (check_address(&options->address, error) == -1)
		return -1;
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
	plan->escape = (enum escape_when)content->escape;
	plan->deadline = options->time.deadline;
	plan->verbose = options->seeing.verbose;
	plan->quiet = options->seeing.quiet;
	return 0;
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
plan_endpoint(struct plan *plan, struct endpoint *endpoint,
    enum endpoint_side side, const struct arguments *arguments,
    const struct address_options *options, struct error *error)
{
	int family = plan_family(options);
	char text[ADDRESS_TEXT];
	struct address address;

	if (endpoint_parse(endpoint, side, arguments->operands,
	    arguments->count, error) == -1)
		return -1;
	plan->rules.target = endpoint_text(endpoint, plan->target,
	    sizeof(plan->target));
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
plan_family(const struct address_options *options)
{
	return options->ipv4 ? AF_INET : options->ipv6 ? AF_INET6 :
	    AF_UNSPEC;
}
