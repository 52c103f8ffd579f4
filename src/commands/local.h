/*
 * What ducat unix plans of the socket itself: its file, who may be at the
 * other end, and which options go with its type and its role.
 */
#ifndef COMMANDS_LOCAL_H
#define COMMANDS_LOCAL_H

#include <stdbool.h>

#include "commands/plan.h"

struct local_options {
	int		 type;		/* index into local_types */
	bool		 listen;
	const char	*mode;		/* octal; NULL: not given */
	const char	*owner;
	struct option_list allow_uids;
	struct option_list allow_gids;
	struct option_list send_fds;
	bool		 recv_fd;
};

/* The names of the types, and what socket(2) calls them. */
extern const char *const local_types[];
int	local_type(int index);

/* The socket's file: 0, or -1 with the usage error's words. */
int	local_plan_file(struct unix_listen_plan *,
	    const struct local_options *, struct error *);

/* Who may be there: the same.  plan_execute() frees the lists. */
int	local_plan_allowed(struct allowed *, const struct local_options *,
	    struct error *);

/* The descriptors that are sent: the same. */
int	local_plan_rights(struct rights *, const struct local_options *,
	    struct error *);

/* What an option goes with; of types, or of roles, none means all. */
enum local_kind {
	LOCAL_STREAM = 1,
	LOCAL_DGRAM = 2,
	LOCAL_SEQPACKET = 4,
	LOCAL_LISTENS = 8,
	LOCAL_CONNECTS = 16,
	LOCAL_ENDS = LOCAL_STREAM | LOCAL_SEQPACKET,
	LOCAL_RECORDS = LOCAL_DGRAM | LOCAL_SEQPACKET
};

struct local_use {
	bool		 given;
	const char	*name;		/* "--mode" */
	unsigned	 with;		/* enum local_kind, several */
};

/* Does each that is given go with these?  0, or -1: one does not. */
int	local_check(const struct local_use *, size_t count,
	    const struct local_options *, struct error *);

#endif
