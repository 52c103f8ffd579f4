/*
 * What a post has sent to an address that may yet refuse it, kept for the
 * next address of the same name.
 */
#ifndef PUMP_POST_KEPT_H
#define PUMP_POST_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "net/datagram.h"
#include "pump/letters.h"
#include "pump/post.h"
#include "pump/stream.h"

/*
 * Keep what is sent from now on, as its address may refuse it: for a second,
 * and a little only.
 */
void	post_keep(struct stream *);

/*
 * These were sent, the first so many of the batch, which is changed.  Where
 * it is too late, or too much, all is forgotten.
 */
void	post_keep_sent(struct post *, struct batch *, size_t count);

enum post_kept {
	POST_KEEPS,		/* nothing is known */
	POST_REFUSED,		/* what was kept is the caller's now */
	POST_KEEPS_NOT		/* it was too long ago, or too much */
};

/* Was what was sent refused?  Then it is to be sent elsewhere. */
enum post_kept post_take_kept(struct stream *, struct letters *);

/*
 * Send what another address refused, first of all, and forget it; longer
 * records than this one takes may be cut.  A failure is the stream's.
 */
void	post_send_again(struct stream *, struct letters *, bool cut);

#endif
