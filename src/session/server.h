/*
 * The policy of listening: where to listen, whom to take, and when no more.
 * It holds the listening sockets; sessions belong to the run.
 */
#ifndef SESSION_SERVER_H
#define SESSION_SERVER_H

#include <sys/resource.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/endpoint.h"
#include "net/inherit.h"
#include "net/resolve.h"
#include "net/unix_listen.h"
#include "session/access.h"
#include "session/session.h"
#include "steps/leg.h"

#define SERVER_SOCKETS	64

/* A multicast group, and from whom. */
struct group {
	struct address	 address;
	unsigned	 interface;	/* 0: the system's choice */
	struct address	 source;	/* length 0: any */
	const char	*text;		/* as written */
};

struct listen_plan {
	struct inherited inherited;	/* none: listen on the endpoint */
	struct endpoint	 endpoint;
	int		 family;	/* AF_UNSPEC: any */
	const char	*interface;
	int		 backlog;	/* 0: the system's limit */
	uint32_t	 max_accepts;	/* admitted clients; 0: no limit */
	uint32_t	 max_conns;	/* at once */
	uint32_t	 max_per_host;	/* of them; 0: no limit */
	struct access_plan access;
	struct unix_listen_plan	local;		/* where rules.path */
	const struct datagram_setup *datagrams;	/* NULL: TCP */
	const struct group *groups;	/* to be joined, with datagrams */
	size_t		 group_count;
};

struct server {
	struct owner		 owner;
	const struct listen_plan *plan;
	struct surroundings	*around;
	struct resolve		*resolve;
	struct address		 addresses[SERVER_SOCKETS]; /* listened on */
	int			 fds[SERVER_SOCKETS];
	size_t			 count;
	struct unix_place	 place;		/* of a local socket */
	int64_t			 started;
	int64_t			 deadline;	/* for the first client */
	int64_t			 resume_at;	/* descriptors had run out */
	uint32_t		 admitted;	/* clients */
	bool			 full;		/* no client can be taken now */
	bool			 refused;	/* some client was */
	bool			 adopted;	/* others' sockets were taken */
	bool			 closed;
	struct access		 access;
	rlim_t			 sessions;	/* the run's, at this time */
	rlim_t			 limit;		/* of descriptors */
	bool			 told_exhausted;
};

enum server_result {
	SERVER_WAIT,
	SERVER_LISTENING,	/* once: the sockets are open */
	SERVER_CLIENT,		/* *fd and *peer are a new client */
	SERVER_FAILED
};

void	server_init(struct server *, const struct listen_plan *,
	    struct surroundings *, int kind);

/* Go on: resolve, listen, accept. */
enum server_result server_advance(struct server *, int *fd,
	    struct address *peer, struct failure *);

/* Say what it waits for. */
void	server_prepare(struct server *);

/*
 * May the peer of this leg come in?  A refusal is told; the last one that is
 * wanted ends the listening.
 */
bool	server_admit(struct server *, const struct leg *);

/* The status of running into a time limit: were all who came refused? */
enum status server_late(const struct server *);

/* Are there files of who may come in, which SIGHUP has read again? */
bool	server_rereads(const struct server *);
void	server_reload(struct server *);

/*
 * The sockets, in fds, and the place of a local one are somebody else's from
 * now on; it is closed.
 */
void	server_hand_over(struct server *, struct unix_place *);

/*
 * Are there descriptors for one client more?  A command or a forward needs
 * some besides the client's own.  To be asked while it has a socket, or had.
 */
bool	server_can_serve(const struct server *);

bool	server_listens(const struct server *);

/* Stop listening. */
void	server_close(struct server *);

#endif
