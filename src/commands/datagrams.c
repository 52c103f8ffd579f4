/* What udp-send and udp-recv have in common. */

#include "config.h"

#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/printable.h"
#include "base/units.h"
#include "commands/datagrams.h"

/* Peers at once, by default, and for how long one may be silent. */
#define COMMANDS	128
#define FORWARDS	4096
#define IDLE_NS		(60 * CLOCK_SECOND)

const char *const datagram_frames[] = {
	"read", "line", "block", "netstring", "len32", "json", NULL
};

static const struct option datagram_rows[] = {
	{ .name = "frame", .type = OPTION_CHOICE, .argument = "HOW",
	    .help = "how records lie in a stream of bytes",
	    .offset = offsetof(struct datagram_options, frame),
	    .choices = datagram_frames },
	{ .name = "datagram-size", .type = OPTION_NUMBER, .argument = "N",
	    .help = "the longest datagram that is sent, in bytes",
	    .offset = offsetof(struct datagram_options, size),
	    .min = 1, .max = 65507 },
	{ .name = "count", .type = OPTION_NUMBER, .argument = "N",
	    .help = "end after so many datagrams",
	    .offset = offsetof(struct datagram_options, count),
	    .min = 1, .max = INT32_MAX },
};

const struct option_group datagram_group = {
	"Datagrams", datagram_rows,
	sizeof(datagram_rows) / sizeof(datagram_rows[0])
};

int
plan_datagrams(struct plan *plan, const struct datagram_options *options,
    const struct common_options *common, struct error *error)
{
	if (plan_common(plan, common, error) == -1)
		return -1;
	plan->rules.type = SOCK_DGRAM;
	plan->rules.near = NEAR_STANDARD;
	plan_frames(&plan->rules.datagrams, options, DATAGRAM_SENT,
	    DATAGRAM_MOST);
	return 0;
}

void
plan_frames(struct datagram_rules *rules,
    const struct datagram_options *options, size_t most_sent,
    size_t most_received)
{
	const struct framer framer = {
		.ops = framer_find(datagram_frames[options->frame])
	};

	rules->sending.framer = framer;
	rules->sending.framer.most = options->size > 0 ?
	    (size_t)options->size : framer.ops == framer_find("read") ? 0 :
	    most_sent;
	rules->sending.framer.block = (size_t)options->size;
	rules->receiving.framer = framer;
	rules->receiving.framer.most = most_received;
	rules->sending.count = UINT64_MAX;
	rules->receiving.count = UINT64_MAX;
}

int
plan_cut(const struct plan *plan, const struct datagram_options *options,
    bool sends, struct error *error)
{
	bool read = strcmp(datagram_frames[options->frame], "read") == 0;
	bool block = strcmp(datagram_frames[options->frame], "block") == 0;

	if (sends && block && options->size == 0)
		error_setx(error, "--frame block: --datagram-size is missing");
	else if (plan->rules.crlf && !read && !block)
		error_setx(error, "--crlf: only with --frame read or block");
	else if (!sends && options->size > 0)
		error_setx(error, "--datagram-size: only where datagrams are "
		    "made, by --reply or a command");
	else
		return 0;
	return -1;
}

int
plan_one_way(const struct plan *plan, bool sends, struct error *error)
{
	const struct rules *rules = &plan->rules;
	const struct {
		const char	*name;
		bool		 of_sending;
		bool		 given;
	} options[] = {
		{ "--max-send", true, rules->max_send != UINT64_MAX },
		{ "--record-sent", true, rules->recorder.sent != NULL },
		{ "--crlf", true, rules->crlf },
		{ "--rate", true, rules->pace.bytes > 0 },
		{ "--delay", true, rules->pace.delay > 0 },
		{ "--max-recv", false, rules->max_recv != UINT64_MAX },
		{ "--record-received", false,
		    rules->recorder.received != NULL },
		{ "--escape", false, plan->escape == ESCAPE_ALWAYS },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (!options[i].given || options[i].of_sending == sends)
			continue;
		error_setx(error, sends ?
		    "%s: nothing is received without --reply" :
		    "%s: nothing is sent without --reply, a command or "
		    "--forward",
		    options[i].name);
		return -1;
	}
	return 0;
}

int
plan_table(struct plan *plan, const struct datagram_options *options,
    int max_conns, struct error *error)
{
	static const struct datagram_setup relay = {
		.receives = true, .fragment = true, .ttl = -1, .loop = -1
	};
	struct datagram_rules *rules = &plan->rules.datagrams;
	uint64_t count = options->count > 0 ? (uint64_t)options->count :
	    UINT64_MAX;
	enum near_end near = plan->rules.near;

	if (near == NEAR_STANDARD && !rules->replies &&
	    plan_one_way(plan, false, error) == -1)
		return -1;
	if (near == NEAR_STANDARD) {
		rules->receiving.count = count;
		plan->listen.max_conns = 1;
		if (max_conns == 0)
			return 0;
		error_setx(error, "--max-conns: only with a command or "
		    "--forward");
		return -1;
	}
	if (rules->replies) {
		error_setx(error, "--reply: not with a command or --forward, "
		    "which always do");
		return -1;
	}
	if (near == NEAR_FORWARD && (options->frame != 0 ||
	    plan->rules.crlf)) {
		error_setx(error, "%s: not with --forward",
		    options->frame != 0 ? "--frame" : "--crlf");
		return -1;
	}
	rules->most = count;
	rules->sending.many = rules->receiving.many = true;
	rules->receiving.single = rules->receiving.framer.ops->bare;
	plan->rules.keep_open = true;
	plan->rules.forward.dial.datagrams = &relay;
	if (plan->rules.idle < 0)
		plan->rules.idle = IDLE_NS;
	plan->listen.max_conns = max_conns > 0 ?
	    (uint32_t)max_conns : near == NEAR_COMMAND ? COMMANDS :
	    FORWARDS;
	return 0;
}

int
plan_answers(struct datagram_rules *rules, const char *text,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	const char *why;

	if (text == NULL)
		return 0;
	rules->all_answers = strcmp(text, "all") == 0;
	rules->answers = 1;
	if (rules->all_answers)
		return 0;
	if (units_number(text, 1, INT32_MAX, &rules->answers, &why) == 0) {
		rules->receiving.count = rules->answers;
		return 0;
	}
	error_setx(error, "--reply: \"%s\": %s", printable(text, shown,
	    sizeof(shown)), why);
	return -1;
}
