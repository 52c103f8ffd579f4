/* The table of commands. */

#include "config.h"

#include <stddef.h>

#include "commands/commands.h"

const struct command *const commands_all[] = {
	&command_listen,
	&command_connect,
	&command_udp_send,
	&command_udp_recv,
	&command_unix,
	NULL
};
