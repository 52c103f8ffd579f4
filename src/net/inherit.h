/*
 * Sockets that others opened for us: inetd(8) as descriptor 0, systemd(1)
 * from 3 on with LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, sd_listen_fds(3),
 * or a shell as any number.
 */
#ifndef NET_INHERIT_H
#define NET_INHERIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

#define INHERIT_MAX	64

struct inherited {
	int	fds[INHERIT_MAX];
	size_t	count;		/* 0: none was asked for */
	bool	connected;	/* the one is a connection, not a listener */
};

/*
 * Look at what `text` names: "fd:N", "systemd:" or "systemd:NAME".  All are
 * TCP sockets; several are listening ones.  Nothing is changed, so that this
 * can be a usage error: 0, or -1 with the reason.
 */
int	inherit_find(struct inherited *, const char *text, struct error *);

/* Does the text name such sockets? */
bool	inherit_is_named(const char *text);

/*
 * Where an argument names such sockets, and descriptor 2 is the same one as
 * 0, messages go nowhere from now on: even what is wrong with the arguments
 * is no business of the client's.
 */
void	inherit_mute(char *const *arguments);

/*
 * Make them ours: numbers above 2, close-on-exec; those of 0, 1 and 2 that
 * were the same socket are /dev/null afterwards.  The flags that are shared
 * with others stay.  -1 with the reason.
 */
int	inherit_take(struct inherited *, struct error *);

/*
 * As socket_accept(), where the listener may block, and others may have
 * taken the client: a timer ends what takes longer than a moment (EINTR).
 * Of no use besides another ITIMER_REAL.  setitimer(2).
 */
int	inherit_accept(int listener, struct address *peer);

#endif
