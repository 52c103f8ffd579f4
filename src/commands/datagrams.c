/* What udp-send and udp-recv have in common. */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "commands/datagrams.h"

static const char *const frames[] = {
	"read", "line", "block", "netstring", "len32", "json", NULL
};

static const struct option datagram_rows[] = {
	{ .name = "frame", .type = OPTION_CHOICE, .argument = "HOW",
	    .help = "how records lie in a stream of bytes",
	    .offset = offsetof(struct datagram_options, frame),
	    .choices = frames },
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
	struct datagram_rules *rules = &plan->rules.datagrams;
	const struct framer framer = {
		.ops = framer_find(frames[options->frame])
	};

	if (plan_common(plan, common, error) == -1)
		return -1;
	rules->on = true;
	rules->sending.framer = framer;
	rules->sending.framer.most = options->size > 0 ?
	    (size_t)options->size : framer.ops == framer_find("read") ? 0 :
	    DATAGRAM_SENT;
	rules->sending.framer.block = (size_t)options->size;
	rules->receiving.framer = framer;
	rules->receiving.framer.most = DATAGRAM_MOST;
	rules->sending.count = UINT64_MAX;
	rules->receiving.count = UINT64_MAX;
	plan->rules.near = NEAR_STANDARD;
	return 0;
}

int
plan_block(const struct datagram_options *options, bool sends,
    struct error *error)
{
	bool block = strcmp(frames[options->frame], "block") == 0;

	if (sends && block && options->size == 0)
		error_setx(error, "--frame block: --datagram-size is missing");
	else if (!sends && options->size > 0)
		error_setx(error, "--datagram-size: only where datagrams are "
		    "made, by --reply or a command");
	else
		return 0;
	return -1;
}
