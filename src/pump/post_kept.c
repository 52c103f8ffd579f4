/* What datagram sockets sent, kept for another address. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "pump/post.h"
#include "pump/post_kept.h"

static ssize_t	send_first(struct stream *, struct batch *, size_t);

/* So much is kept, and for so long: ICMP is quick. */
#define KEEP_MOST	((size_t)128 * 1024)
#define KEEP_NS		(1 * CLOCK_SECOND)

void
post_keep(struct stream *stream)
{
	struct post *post = post_of(stream);

	post->keeps = true;
	post->keeps_until = CLOCK_NEVER;
}

void
post_keep_sent(struct post *post, struct batch *sent, size_t count)
{
	int64_t now = clock_now();

	if (post->keeps_until == CLOCK_NEVER)
		post->keeps_until = now + KEEP_NS;
	if (count < sent->count) {
		sent->count = count;
		sent->size = count * sent->segment;
	}
	post->keeps = now < post->keeps_until &&
	    letters_add(&post->kept, sent, KEEP_MOST);
	if (!post->keeps)
		letters_free(&post->kept);
}

enum post_kept
post_take_kept(struct stream *stream, struct letters *kept)
{
	struct post *post = post_of(stream);

	if (!post->keeps || clock_now() >= post->keeps_until)
		return POST_KEEPS_NOT;
	if (post->refused == 0)
		return POST_KEEPS;
	post->keeps = false;
	*kept = post->kept;
	memset(&post->kept, 0, sizeof(post->kept));
	letters_lay_out(kept);
	return POST_REFUSED;
}

/* A socket that is new has room for so little. */
void
post_send_again(struct stream *stream, struct letters *letters, bool cut)
{
	size_t room = cut ? stream_room(stream) : SIZE_MAX;
	ssize_t n = 1;
	size_t i;

	for (i = 0; i < letters->count && n > 0; i++) {
		post_of(stream)->stuck = batch_first(&letters->list[i]);
		while (letters->list[i].count > 0 && n > 0)
			n = send_first(stream, &letters->list[i], room);
	}
	letters_free(letters);
	if (n == STREAM_AGAIN)
		(void)stream_fail(stream, ENOBUFS);
}

/* The whole of the batch, or a piece of a record that is too long. */
static ssize_t
send_first(struct stream *stream, struct batch *batch, size_t room)
{
	struct batch piece = *batch;
	ssize_t n;

	if (batch_first(batch) <= room) {
		n = stream_send(stream, batch);
		if (n > 0)
			batch_skip(batch, (size_t)n);
		return n;
	}
	piece.size = piece.segment = room;
	piece.count = 1;
	n = stream_send(stream, &piece);
	if (n <= 0)
		return n;
	batch->data += room;
	batch->size -= room;
	if (batch->count == 1)
		batch->segment = batch->size;
	return n;
}
