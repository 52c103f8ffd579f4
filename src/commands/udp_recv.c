/* ducat udp-recv: datagrams become records on standard output. */

#include "config.h"

#include <sys/socket.h>

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "commands/commands.h"
#include "commands/datagrams.h"

struct recv_options {
	const char	*peer;		/* NULL: any */
	struct option_list join;
	bool		 reply;
	bool		 strict;
	int		 max_conns;	/* 0: not given */
};

struct options {
	struct common_options	common;
	struct ready_options	ready;
	struct datagram_options	datagram;
	struct recv_options	recv;
};

static int	recv_run(const struct command *, int, char **);
static int	make_plan(struct plan *, const void *,
		    const struct arguments *, struct error *);
static int	plan_recv(struct plan *, const struct options *,
		    struct error *);
static int	plan_peer(struct datagram_rules *, const char *,
		    const struct address_options *, struct error *);
static int	check_family(const struct address *,
		    const struct address_options *, const char *,
		    struct error *);
static struct group *plan_groups(const struct option_list *,
		    const char *interface, struct error *);
static int	parse_group(struct group *, const char *, struct error *);
static int	parse_member(struct address *, const char *, size_t,
		    const char *, struct error *);

static const struct option wait_rows[] = {
	{ .name = "timeout", .letter = 'w', .type = OPTION_DURATION,
	    .argument = "D",
	    .help = "give up when no datagram came by then",
	    .offset = offsetof(struct time_options, timeout), .min = 1 },
};

static const struct option_group wait_group = {
	"Waiting", wait_rows, sizeof(wait_rows) / sizeof(wait_rows[0])
};

static const struct option recv_rows[] = {
	{ .name = "peer", .type = OPTION_TEXT, .argument = "WHO",
	    .help = "take datagrams of any, of the first, of ADDR",
	    .offset = offsetof(struct recv_options, peer) },
	{ .name = "join", .type = OPTION_TEXT, .argument = "GROUP",
	    .help = "join a multicast group: GROUP[%IF][,SOURCE]",
	    .offset = offsetof(struct recv_options, join),
	    .repeatable = true },
	{ .name = "reply", .type = OPTION_FLAG,
	    .help = "send standard input to the last sender",
	    .offset = offsetof(struct recv_options, reply) },
	{ .name = "max-conns", .type = OPTION_NUMBER, .argument = "N",
	    .help = "serve at most N peers at once",
	    .offset = offsetof(struct recv_options, max_conns),
	    .min = 1, .max = INT32_MAX },
	{ .name = "strict", .type = OPTION_FLAG,
	    .help = "fail when datagrams were lost here",
	    .offset = offsetof(struct recv_options, strict) },
};

static const struct option_group recv_group = {
	"Receiving", recv_rows, sizeof(recv_rows) / sizeof(recv_rows[0])
};

static const struct option_use recv_uses[] = {
	{ &address_group, offsetof(struct options, common.address) },
	{ &datagram_group, offsetof(struct options, datagram) },
	{ &recv_group, offsetof(struct options, recv) },
	{ &near_group, offsetof(struct options, common.near) },
	{ &wait_group, offsetof(struct options, common.time) },
	{ &limit_group, offsetof(struct options, common.time) },
	{ &content_group, offsetof(struct options, common.content) },
	{ &pace_group, offsetof(struct options, common.content) },
	{ &seeing_group, offsetof(struct options, common.seeing) },
	{ &ready_group, offsetof(struct options, ready) },
	{ NULL, 0 }
};

const struct command command_udp_recv = {
	.name = "udp-recv",
	.synopsis = "[OPTION]... [HOST] PORT [-- COMMAND [ARG]...]",
	.summary = "receive datagrams",
	.operands = OPERAND_PORT,
	.datagrams = true,
	.uses = recv_uses,
	.run = recv_run
};

static int
recv_run(const struct command *command, int argc, char **argv)
{
	struct options options;
	int status;

	memset(&options, 0, sizeof(options));
	options.common = common_defaults;
	options.ready = ready_defaults;
	status = plan_execute(command, argc, argv, &options, make_plan);
	option_list_clear(&options.recv.join);
	return status;
}

static int
make_plan(struct plan *plan, const void *from,
    const struct arguments *arguments, struct error *error)
{
	const struct options *options = from;
	const struct address_options *address = &options->common.address;

	if (plan_datagrams(plan, &options->datagram, &options->common,
	    error) == -1 ||
	    plan_near(plan, &options->common, arguments, error) == -1 ||
	    plan_endpoint(plan, &plan->listen.endpoint, ENDPOINT_LISTEN,
	    arguments, address, error) == -1 ||
	    plan_recv(plan, options, error) == -1)
		return -1;
	plan->rules.listening = true;
	plan->listen.family = plan_family(address);
	plan->listen.interface = address->interface;
	plan_ready(plan, &options->ready);
	return ready_check(&plan->ready, error);
}

static int
plan_recv(struct plan *plan, const struct options *options,
    struct error *error)
{
	static const struct datagram_setup alone = {
		.receives = true, .fragment = true, .ttl = -1, .loop = -1
	};
	static const struct datagram_setup shared = {
		.receives = true, .fragment = true, .ttl = -1, .loop = -1,
		.shared = true
	};
	struct datagram_rules *rules = &plan->rules.datagrams;
	const struct recv_options *recv = &options->recv;

	rules->replies = recv->reply;
	if (plan_table(plan, &options->datagram, recv->max_conns,
	    error) == -1 ||
	    plan_cut(plan, &options->datagram, recv->reply ||
	    plan->rules.near == NEAR_COMMAND, error) == -1)
		return -1;
	rules->strict = recv->strict;
	plan->listen.datagrams = recv->join.count > 0 ? &shared : &alone;
	if (plan_peer(rules, recv->peer, &options->common.address, error) == -1)
		return -1;
	if (recv->join.count == 0)
		return 0;
	plan->listen.groups = plan_groups(&recv->join,
	    options->common.address.interface, error);
	plan->listen.group_count = recv->join.count;
	return plan->listen.groups == NULL ? -1 : 0;
}

static int
plan_peer(struct datagram_rules *rules, const char *text,
    const struct address_options *address, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct error why;

	rules->peers = POST_ANY;
	if (text != NULL)
		(void)printable(text, shown, sizeof(shown));
	if (text == NULL || strcmp(text, "any") == 0)
		return 0;
	rules->peers = POST_FIRST;
	if (strcmp(text, "first") == 0)
		return 0;
	rules->peers = POST_ONE;
	switch (address_parse(&rules->peer, text, 0, &why)) {
	case ADDRESS_OK:
		return check_family(&rules->peer, address, shown, error);
	case ADDRESS_BAD:
		error_setx(error, "--peer: %s (any, first, or a numeric "
		    "address without a port)", why.text);
		return -1;
	case ADDRESS_NOT:
		break;
	}
	error_setx(error, "--peer: \"%s\": neither any nor first nor a "
	    "numeric address", shown);
	return -1;
}

static int
check_family(const struct address *peer, const struct address_options *options,
    const char *shown, struct error *error)
{
	int family = plan_family(options);

	if (family == AF_UNSPEC || address_family(peer) == family)
		return 0;
	error_setx(error, "--peer: \"%s\": not an IPv%d address", shown,
	    family == AF_INET ? 4 : 6);
	return -1;
}

/* The caller frees them. */
static struct group *
plan_groups(const struct option_list *list, const char *interface,
    struct error *error)
{
	struct group *groups = calloc(list->count, sizeof(*groups));
	size_t i;

	if (groups == NULL) {
		error_setx(error, "--join: out of memory");
		return NULL;
	}
	for (i = 0; i < list->count; i++) {
		if (interface != NULL)
			groups[i].interface = if_nametoindex(interface);
		if (parse_group(&groups[i], list->items[i], error) == -1) {
			free(groups);
			return NULL;
		}
	}
	return groups;
}

/* GROUP[%IF][,SOURCE] */
static int
parse_group(struct group *group, const char *text, struct error *error)
{
	size_t length = strcspn(text, ","), end;
	char interface[IF_NAMESIZE] = "";
	char shown[PRINTABLE_SIZE];

	(void)printable(text, shown, sizeof(shown));
	group->text = text;
	end = strcspn(text, "%,");
	if (text[end] == '%') {
		if (length - end - 1 < sizeof(interface))
			strlcpy(interface, text + end + 1, length - end);
		group->interface = if_nametoindex(interface);
		if (group->interface == 0) {
			error_setx(error, "--join: \"%s\": no such interface",
			    shown);
			return -1;
		}
	}
	if (parse_member(&group->address, text, end, shown, error) == -1)
		return -1;
	if (!address_is_multicast(&group->address)) {
		error_setx(error, "--join: \"%s\": not a multicast address",
		    shown);
		return -1;
	}
	if (text[length] == '\0')
		return 0;
	if (parse_member(&group->source, text + length + 1,
	    strlen(text + length + 1), shown, error) == -1)
		return -1;
	if (address_family(&group->source) != address_family(&group->address))
		error_setx(error, "--join: \"%s\": a source of another "
		    "family", shown);
	else if (address_is_multicast(&group->source))
		error_setx(error, "--join: \"%s\": a group is no source",
		    shown);
	else
		return 0;
	return -1;
}

static int
parse_member(struct address *address, const char *text, size_t length,
    const char *shown, struct error *error)
{
	char host[ADDRESS_TEXT];
	struct error why;

	if (length < sizeof(host)) {
		memcpy(host, text, length);
		host[length] = '\0';
		if (address_parse(address, host, 0, &why) == ADDRESS_OK)
			return 0;
	}
	error_setx(error, "--join: \"%s\": not a numeric address", shown);
	return -1;
}
