/*
 * A leg is one end of a session: a stream, and the steps that raise it.  A
 * step speaks only before the payload; when the last one is done the leg
 * stands.
 *
 * Invariant: until there is a stream, and after leg_close(), own.ops is NULL.
 */
#ifndef STEPS_LEG_H
#define STEPS_LEG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "net/credentials.h"
#include "net/watch.h"
#include "pump/stream.h"
#include "report/status.h"

struct leg;
struct step;

enum step_result {
	STEP_WAIT,		/* prepared anew, it waits */
	STEP_DONE,		/* the next one's turn */
	STEP_FAILED		/* *failure says why */
};

struct failure {
	enum status	status;
	struct error	error;
};

enum leg_again {
	LEG_PERHAPS,		/* ask again */
	LEG_AGAIN,		/* what it sent was refused */
	LEG_SETTLED		/* never */
};

struct step_ops {
	const char *name;
	void	(*prepare)(struct step *, struct leg *, struct watch *,
		    struct owner *);
	enum step_result (*advance)(struct step *, struct leg *,
		    struct watch *, struct failure *);
	/* Descriptors are forgotten by the watch and closed. */
	void	(*free)(struct step *, struct watch *);
	/* Of one that rests: is the leg to be raised another way? */
	enum leg_again (*again)(struct step *, struct leg *);
};

struct step {
	const struct step_ops *ops;
	struct step	*next;
	bool		 rests;		/* done, and could be asked again */
};

struct leg {
	struct stream	 own;
	struct step	*steps;		/* owned; NULL, or rests: it stands */
	struct address	 peer;
	struct address	*local;		/* owned; NULL: the socket's own */
	uint16_t	 head_in;	/* bytes of PROXY headers, */
	uint16_t	 head_out;	/* which are no payload */
};

/* A leg that is nothing yet; NULL without memory.  Free it by leg_free(). */
struct leg *leg_new(void);

/*
 * A leg over a connected socket, SOCK_STREAM or _SEQPACKET, which it owns
 * from now on; -1 without memory, and it does not.
 */
int	leg_stand(struct leg *, int fd, int type, const struct address *peer);

/* A leg over datagram sockets, as post_open() says.  peer: NULL for many. */
int	leg_stand_post(struct leg *, const int *fds, size_t count,
	    const struct address *to, const struct address *peer);

/* A leg over a command's pipes; -1 and -1 where it has the socket. */
void	leg_command(struct leg *, int rfd, int wfd);

/* A leg over the master of a command's terminal. */
void	leg_terminal(struct leg *, int master);

/* A leg that a step will raise; the leg owns it from now on. */
void	leg_raise(struct leg *, struct step *);

/* One step more, behind those that there are. */
void	leg_push(struct leg *, struct step *);

/* Has it a stream? */
bool	leg_has_stream(const struct leg *);

/* The address at which the peer reached us, or from which we went. */
void	leg_local(const struct leg *, struct address *);

/*
 * Who is at the other end of a local socket: `room`, filled in, or NULL where
 * that is not known.
 */
const struct credentials *leg_who(const struct leg *, struct credentials *room);

void	leg_prepare(struct leg *, struct watch *, struct owner *);

/* STEP_DONE: it stands. */
enum step_result leg_advance(struct leg *, struct watch *,
	    struct failure *);

/*
 * Is it to be raised another way, as an address refused all that was sent
 * to it, and there are others?  True: its stream is closed, and it is to be
 * advanced.
 */
bool	leg_again(struct leg *, struct watch *);

/* Frees steps, closes the stream.  Once more is fine. */
void	leg_close(struct leg *, struct watch *);

/* The same, and its memory.  NULL is fine. */
void	leg_free(struct leg *, struct watch *);

#endif
