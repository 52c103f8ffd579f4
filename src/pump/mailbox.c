/* Each mailbox is a node of a tree; what is put in is read all at once. */

#include "config.h"

#include <errno.h>
#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "pump/mailbox.h"

/* Between two tries to send where nothing tells when it can. */
#define FIRST_PAUSE_NS	(1 * CLOCK_MS)
#define LAST_PAUSE_NS	(32 * CLOCK_MS)

struct mailbox {
	struct stream_ops ops;		/* first: the stream leads here */
	struct mailboxes *boxes;
	struct stream	*stream;
	struct owner	*owner;
	struct batch	 to;		/* the peer, and where it came to */
	int		 fd;		/* where the last one came in */
	struct letters	 fresh;
	struct letters	 open;		/* are being read */
	uint64_t	 lost;
	bool		 left;		/* the tree */
	bool		 waits;		/* to send */
	int64_t		 pause;		/* nothing tells when it can, ns */
	int64_t		 retry_at;	/* then it is tried again */
	struct mailbox	*next;		/* of those that wait */
	struct sockaddr_un name[];	/* of a local peer */
};

static void	box_close(struct stream *);
static int	box_receive(struct stream *, struct batch **);
static ssize_t	box_send(struct stream *, const struct batch *);
static size_t	box_room(const struct stream *);

static struct mailbox *box_of(const struct stream *);
static struct mailbox *from_batch(const void *);
static int	compare(const void *, const void *);
static void	wait_to_send(struct mailbox *);
static void	ask_later(struct mailbox *);
static bool	may_try(const struct mailbox *);
static void	wait_no_more(struct mailbox *);
static void	tell_end(const void *, VISIT, int);
static bool	put(struct mailbox *, const struct batch *);
static void	throw_away(struct mailbox *, struct letters *);
static void	rouse(struct mailbox *);

static const struct stream_ops box_ops = {
	.close = box_close,
	.receive = box_receive,
	.send = box_send,
	.room = box_room
};

void
mailboxes_init(struct mailboxes *boxes, struct stream *post,
    struct watch *watch, struct owner *owner)
{
	memset(boxes, 0, sizeof(*boxes));
	boxes->post = post;
	boxes->watch = watch;
	boxes->owner = owner;
}

struct mailbox *
mailboxes_find(struct mailboxes *boxes, const struct batch *batch)
{
	void **found;

	if (boxes->last != NULL && compare(&boxes->last->to, batch) == 0)
		return boxes->last;
	found = tfind(batch, &boxes->tree, compare);
	if (found == NULL)
		return NULL;
	boxes->last = from_batch(*found);
	return boxes->last;
}

/* The tree's nodes are the batches within the mailboxes. */
static struct mailbox *
from_batch(const void *batch)
{
	return (struct mailbox *)((uintptr_t)batch -
	    offsetof(struct mailbox, to));
}

static int
compare(const void *one, const void *other)
{
	return batch_compare_senders(one, other);
}

void
mailboxes_await(const struct mailboxes *boxes)
{
	const struct mailbox *box;

	for (box = boxes->waiting; box != NULL; box = box->next)
		if (box->pause > 0)
			watch_until(boxes->watch, box->retry_at);
		else
			watch_want(boxes->watch, boxes->owner, box->fd,
			    WATCH_WRITE);
}

void
mailboxes_hear(struct mailboxes *boxes)
{
	struct mailbox **link = &boxes->waiting, *box;

	while ((box = *link) != NULL) {
		if (!may_try(box)) {
			link = &box->next;
			continue;
		}
		*link = box->next;
		box->waits = false;
		box->stream->writable = true;
		watch_touch(boxes->watch, box->owner);
	}
}

static bool
may_try(const struct mailbox *box)
{
	const struct watch *watch = box->boxes->watch;

	return box->pause > 0 ? watch_time(watch) >= box->retry_at :
	    (watch_fired(watch, box->fd) & (WATCH_WRITE | WATCH_ERROR)) != 0;
}

void
mailboxes_end(struct mailboxes *boxes)
{
	boxes->ended = true;
	twalk(boxes->tree, tell_end);
}

static void
tell_end(const void *node, VISIT visit, int depth)
{
	(void)depth;
	if (visit == postorder || visit == leaf)
		rouse(from_batch(*(void *const *)node));
}

/* There is something to be read. */
static void
rouse(struct mailbox *box)
{
	box->stream->readable = true;
	watch_touch(box->boxes->watch, box->owner);
}

struct mailbox *
mailbox_open(struct stream *stream, struct mailboxes *boxes,
    const struct batch *batch, struct owner *owner)
{
	struct mailbox *box;

	box = calloc(1, sizeof(*box) +
	    (address_name(&batch->peer) == NULL ? 0 : sizeof(*box->name)));
	if (box == NULL)
		return NULL;
	box->ops = box_ops;
	box->boxes = boxes;
	box->stream = stream;
	box->owner = owner;
	box->to.peer = batch->peer;
	address_keep(&box->to.peer, box->name);
	box->to.has_who = batch->has_who;
	box->to.who = batch->who;
	if (tsearch(&box->to, &boxes->tree, compare) == NULL) {
		free(box);
		return NULL;
	}
	memset(stream, 0, sizeof(*stream));
	stream->ops = &box->ops;
	stream->rfd = -1;
	stream->wfd = -1;
	stream->rkind = DESCRIPTOR_DEVICE;
	stream->wkind = DESCRIPTOR_DEVICE;
	stream->writable = true;
	return box;
}

void
mailbox_put(struct mailbox *box, const struct batch *batch)
{
	box->to.local = batch->local;
	box->to.direct = batch->direct;
	box->fd = post_of(box->boxes->post)->answer_fd;
	if (!put(box, batch))
		box->lost += batch->count;
	rouse(box);
}

static bool
put(struct mailbox *box, const struct batch *batch)
{
	struct mailboxes *boxes = box->boxes;
	size_t before = letters_cost(&box->fresh);
	struct batch letter = *batch;

	letter.peer = box->to.peer;
	if (boxes->held >= MAILBOXES_MOST || !letters_add(&box->fresh,
	    &letter, before == 0 ? SIZE_MAX : MAILBOX_MOST))
		return false;
	boxes->held += letters_cost(&box->fresh) - before;
	return true;
}

static void
throw_away(struct mailbox *box, struct letters *letters)
{
	box->boxes->held -= letters_cost(letters);
	letters_free(letters);
}

void
mailbox_leave(struct stream *stream)
{
	struct mailbox *box = box_of(stream);
	struct mailboxes *boxes = box->boxes;

	if (box->left)
		return;
	box->left = true;
	if (boxes->last == box)
		boxes->last = NULL;
	(void)tdelete(&box->to, &boxes->tree, compare);
}

const struct address *
mailbox_peer(const struct stream *stream)
{
	return &box_of(stream)->to.peer;
}

const struct credentials *
mailbox_who(const struct stream *stream)
{
	const struct mailbox *box = box_of(stream);

	return box->to.has_who ? &box->to.who : NULL;
}

uint64_t
mailbox_lost(const struct stream *stream)
{
	return box_of(stream)->lost;
}

uint64_t
mailbox_unread(const struct stream *stream)
{
	const struct letters *fresh = &box_of(stream)->fresh;
	uint64_t records = 0;
	size_t i;

	for (i = 0; i < fresh->count; i++)
		records += fresh->list[i].count;
	return records;
}

static struct mailbox *
box_of(const struct stream *stream)
{
	return (struct mailbox *)(uintptr_t)stream->ops;
}

static void
box_close(struct stream *stream)
{
	struct mailbox *box = box_of(stream);

	mailbox_leave(stream);
	wait_no_more(box);
	throw_away(box, &box->fresh);
	throw_away(box, &box->open);
	stream->ops = NULL;
	free(box);
}

static int
box_receive(struct stream *stream, struct batch **batches)
{
	struct mailbox *box = box_of(stream);

	throw_away(box, &box->open);
	if (box->fresh.count == 0)
		return box->boxes->ended ? 0 : STREAM_AGAIN;
	box->open = box->fresh;
	memset(&box->fresh, 0, sizeof(box->fresh));
	letters_lay_out(&box->open);
	*batches = box->open.list;
	return (int)box->open.count;
}

static ssize_t
box_send(struct stream *stream, const struct batch *batch)
{
	struct mailbox *box = box_of(stream);
	struct mailboxes *boxes = box->boxes;
	struct batch out = *batch;
	ssize_t n;

	out.peer = box->to.peer;
	out.local = box->to.local;
	out.direct = box->to.direct;
	n = post_pass(boxes->post, box->fd, &out);
	if (n == -EAGAIN) {
		wait_to_send(box);
		return STREAM_AGAIN;
	}
	box->pause = 0;
	return n < 0 ? stream_fail(stream, (int)-n) : n;
}

static void
wait_to_send(struct mailbox *box)
{
	struct mailboxes *boxes = box->boxes;

	watch_touch(boxes->watch, boxes->owner);
	if (post_of(boxes->post)->crowded)
		ask_later(box);
	if (box->waits)
		return;
	box->waits = true;
	box->next = boxes->waiting;
	boxes->waiting = box;
}

/* A peer that never reads is asked less and less often. */
static void
ask_later(struct mailbox *box)
{
	box->pause = box->pause == 0 ? FIRST_PAUSE_NS : box->pause * 2;
	if (box->pause > LAST_PAUSE_NS)
		box->pause = LAST_PAUSE_NS;
	box->retry_at = watch_time(box->boxes->watch) + box->pause;
}

static void
wait_no_more(struct mailbox *box)
{
	struct mailbox **link = &box->boxes->waiting;

	if (!box->waits)
		return;
	while (*link != box)
		link = &(*link)->next;
	*link = box->next;
}

static size_t
box_room(const struct stream *stream)
{
	const struct mailbox *box = box_of(stream);

	return datagram_room(box->fd, &box->to.peer);
}
