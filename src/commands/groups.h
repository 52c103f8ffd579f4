/*
 * The option groups that several commands share: the structs that they
 * fill, and their tables.  A command embeds the structs that it wants and
 * names the tables in its list of uses.
 */
#ifndef COMMANDS_GROUPS_H
#define COMMANDS_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/option.h"

struct address_options {
	bool		 ipv4;
	bool		 ipv6;
	bool		 numeric;
	const char	*interface;
};

struct source_options {		/* connecting sides */
	const char	*address;
	const char	*port;
};

struct time_options {		/* nanoseconds; -1: no limit */
	int64_t		 timeout;
	int64_t		 idle;
	int64_t		 deadline;
};

enum peer_eof {
	PEER_EOF_DRAIN,
	PEER_EOF_EXIT
};

struct ending_options {
	int		 on_peer_eof;	/* enum peer_eof */
	int64_t		 quit_after;	/* nanoseconds; -1: wait for ever */
	bool		 no_half_close;
	bool		 send_only;
	bool		 recv_only;
};

struct content_options {
	bool		 crlf;
	bool		 telnet;
	int		 escape;	/* enum escape_when */
	uint64_t	 rate;		/* bytes a second; 0: no limit */
	int64_t		 delay;		/* nanoseconds */
	bool		 no_zero_copy;
	uint64_t	 max_send;	/* bytes; UINT64_MAX: no limit */
	uint64_t	 max_recv;
};

struct near_options {
	const char	*sh;		/* --sh; NULL: none */
	const char	*forward;
	int64_t		 kill_after;	/* nanoseconds; -1: not given */
	bool		 stderr_to_peer;
	bool		 pty;
	int		 send_proxy;	/* version; 0: not given */
};

struct seeing_options {
	unsigned	 verbose;
	bool		 quiet;
	bool		 stats;
	const char	*events;	/* NULL: none; so are the others */
	const char	*hexdump;
	const char	*record_sent;
	const char	*record_received;
	const char	*pcap;
	const char	*digest;
	int		 progress;	/* enum progress_form */
	uint64_t	 size;		/* bytes; 0: not given */
};

struct ready_options {
	int		 ready_fd;	/* -1: none */
	const char	*addr_file;
	const char	*pid_file;
	bool		 background;
};

/* Its values where no option is given. */
extern const struct ready_options ready_defaults;

extern const struct option_group near_group, terminal_group, proxy_group,
    address_group, source_group, time_group, limit_group, ending_group,
    telnet_group, content_group, pace_group, copying_group, seeing_group,
    ready_group;

#endif
