/* The console is a member with standard input and output as its far end. */

#include "config.h"

#include <string.h>

#include "net/descriptor.h"
#include "session/console.h"

static void	hear(struct console *);
static bool	waits_for_clients(const struct console *);
static int	judge(struct console *, struct failure *);
static void	prepare(struct console *);

int
console_open(struct console *console, struct surroundings *around, int kind)
{
	const struct rules *rules = around->rules;
	struct port *port = &console->port;

	memset(console, 0, sizeof(*console));
	owner_init(&console->owner, kind);
	console->around = around;
	port->console = true;
	if (rules->hub.kind == HUB_CHAT)
		port->prefix = "<server> ";
	if (hub_join(around->hub, port, &console->owner) == -1)
		return -1;
	console->open = true;
	flow_init(&console->in, &around->input, &port->stream,
	    &around->plain);
	if (around->input.rkind == DESCRIPTOR_NULL || rules->recv_only) {
		console->told = true;
		flow_stop(&console->in);
	}
	console->terms = around->plain;
	escape_init(&console->escape);
	if (rules->escape && !rules->send_only)
		console->terms.edit = &console->escape.edit;
	flow_init(&console->out, &port->stream, rules->send_only ? NULL :
	    &around->output, &console->terms);
	watch_touch(around->watch, &console->owner);
	return 0;
}

int
console_advance(struct console *console, struct failure *failure)
{
	struct watch *watch = console->around->watch;
	int64_t now = watch_time(watch);

	hear(console);
	if (!waits_for_clients(console))
		flow_advance(&console->in, watch, now);
	flow_advance(&console->out, watch, now);
	if (judge(console, failure) == -1)
		return -1;
	if (!console->told && console->in.stage == FLOW_OVER) {
		console->told = true;
		if (console->around->rules->hub.kind == HUB_STAR)
			hub_end_all(console->around->hub);
	}
	prepare(console);
	return 0;
}

static void
hear(struct console *console)
{
	struct surroundings *around = console->around;

	stream_hear(&around->input, around->watch);
	stream_hear(&around->output, around->watch);
}

/* Input is for somebody: it waits as it does for the next client. */
static bool
waits_for_clients(const struct console *console)
{
	const struct surroundings *around = console->around;

	return around->rules->hub.kind == HUB_STAR &&
	    console->in.stage == FLOW_MOVING && !hub_has_members(around->hub);
}

static int
judge(struct console *console, struct failure *failure)
{
	if (console->in.end == FLOW_SOURCE_FAILED) {
		failure->status = STATUS_READ;
		error_set(&failure->error, console->around->input.error,
		    "standard input");
		return -1;
	}
	if (console->out.end == FLOW_SINK_FAILED) {
		failure->status = STATUS_WRITE;
		error_set(&failure->error, console->around->output.error,
		    "standard output");
		return -1;
	}
	return 0;
}

static void
prepare(struct console *console)
{
	struct watch *watch = console->around->watch;

	watch_begin(watch, &console->owner);
	if (!waits_for_clients(console))
		flow_prepare(&console->in, watch, &console->owner);
	flow_prepare(&console->out, watch, &console->owner);
	watch_end(watch, &console->owner);
}

bool
console_finish(struct console *console)
{
	if (!console->open || console->out.stage == FLOW_OVER)
		return true;
	console->told = true;
	flow_stop(&console->in);
	if (console->port.end == UINT64_MAX)
		hub_end(&console->port);
	return false;
}

uint64_t
console_interrupt(struct console *console)
{
	struct watch *watch = console->around == NULL ? NULL :
	    console->around->watch;

	if (!console->open)
		return 0;
	(void)console_finish(console);
	flow_advance(&console->out, watch, watch_time(watch));
	return flow_held(&console->out) +
	    console->port.stream.ops->pending(&console->port.stream);
}

void
console_close(struct console *console)
{
	if (!console->open)
		return;
	flow_clear(&console->in);
	flow_clear(&console->out);
	watch_leave(console->around->watch, &console->owner);
	hub_leave(&console->port);
	console->open = false;
}
