/* The commands, one file each. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "cli/option.h"

extern const struct command command_connect;
extern const struct command command_listen;
extern const struct command command_udp_recv;
extern const struct command command_udp_send;
extern const struct command command_unix;

/* All of them in the order of the help text; NULL ends it. */
extern const struct command *const commands_all[];

#endif
