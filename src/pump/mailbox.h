/*
 * Mailboxes: a post's datagrams sorted by their peers.  A mailbox is a
 * stream of records without a descriptor: what its peer sent is put in, and
 * comes out; what is sent goes to the peer, by the post.
 *
 * Invariant: each peer has one mailbox at most, as long as that is open.
 */
#ifndef PUMP_MAILBOX_H
#define PUMP_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/watch.h"
#include "pump/letters.h"
#include "pump/post.h"
#include "pump/stream.h"

/*
 * What one holds of a peer that sends faster than it is read, in bytes; one
 * record it holds in any case.
 */
#define MAILBOX_MOST	((size_t)1024 * 1024)

/* And all of them together. */
#define MAILBOXES_MOST	((size_t)64 * 1024 * 1024)

struct mailbox;

struct mailboxes {
	void		*tree;		/* by sender; tsearch(3) */
	struct mailbox	*last;		/* that was found; NULL: none */
	struct watch	*watch;
	struct owner	*owner;		/* touched when some cannot send */
	struct stream	*post;
	size_t		 held;		/* what is in them counts for */
	struct mailbox	*waiting;	/* those that cannot, linked */
	bool		 ended;		/* nothing more is put in */
};

/* Over the post, which must outlive them. */
void	mailboxes_init(struct mailboxes *, struct stream *post,
	    struct watch *, struct owner *);

/* That of whoever sent this; NULL: it has none. */
struct mailbox *mailboxes_find(struct mailboxes *, const struct batch *);

/* Wait until those can send that could not, and hear that they can. */
void	mailboxes_await(const struct mailboxes *);
void	mailboxes_hear(struct mailboxes *);

/* Nothing more is put in: what is in them can be read, then they end. */
void	mailboxes_end(struct mailboxes *);

/*
 * A mailbox for whoever sent this, as a stream, which is not to move in
 * memory; its owner is touched when something is put in.  NULL without
 * memory.
 */
struct mailbox *mailbox_open(struct stream *, struct mailboxes *,
	    const struct batch *, struct owner *);

/*
 * Put a copy in, which the post received last.  What there is no room for
 * is counted, and lost.
 */
void	mailbox_put(struct mailbox *, const struct batch *);

/*
 * Nothing more is put in, as the peer is to get another one; what is sent
 * still goes to it.
 */
void	mailbox_leave(struct stream *);

/* The peer; who it was that sent first, NULL: not known. */
const struct address *mailbox_peer(const struct stream *);
const struct credentials *mailbox_who(const struct stream *);

/* Records that there was no room for, and those that nobody has read. */
uint64_t mailbox_lost(const struct stream *);
uint64_t mailbox_unread(const struct stream *);

#endif
