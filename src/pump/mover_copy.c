/*
 * The mover that fits everything: read into a chunk, rewrite it where an
 * edit wants that, write it.  The chunk exists only while it holds bytes.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "pump/edit.h"
#include "pump/gate.h"
#include "pump/mover.h"

/* There is room for what a tube holds. */
#define CHUNK_SIZE	((size_t)TUBE_SIZE)
#define READ_SIZE	((size_t)256 * 1024)
/* After so many big reads in a row splice takes over. */
#define BIG_READS	2

#define COPY_SHARE	((size_t)FLOW_SHARE / 8)

struct chunk {
	size_t	begin;
	size_t	end;
	char	data[CHUNK_SIZE];
};

static void	copy_prepare(struct flow *, struct watch *, struct owner *);
static void	copy_advance(struct flow *);
static size_t	copy_held(const struct flow *);
static void	copy_release(struct flow *);

static void	take(struct flow *);
static void	speak(struct flow *);
static void	fill(struct flow *);
static void	rewrite(struct flow *, const char *, size_t);
static void	finish(struct flow *);
static size_t	drain(struct flow *);
static bool	have_chunk(struct flow *);
static bool	tells_when_ready(const struct stream *);

const struct mover mover_copy = {
	.name = "copy",
	.prepare = copy_prepare,
	.advance = copy_advance,
	.held = copy_held,
	.release = copy_release
};

static void
copy_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	bool held = copy_held(flow) > 0 && flow->sink != NULL;
	int64_t until = 0;

	if (held ? flow->terms->sends : !flow->terms->sends &&
	    flow->source->readable)
		until = flow_gated_until(flow);
	if (held && (until == 0 || !flow->sink->writable)) {
		flow_await_write(flow, watch, owner);
		return;
	}
	if (until != 0)
		watch_until(watch, until);
	else
		flow_await_read(flow, watch, owner);
	if (flow->sink != NULL)
		stream_await_error(flow->sink, watch, owner);
}

static void
copy_advance(struct flow *flow)
{
	size_t moved = 0, n;

	while (moved < COPY_SHARE) {
		if (copy_held(flow) == 0)
			take(flow);
		if (copy_held(flow) == 0)
			break;
		n = drain(flow);
		if (n == 0)
			break;
		moved += n;
	}
	if (copy_held(flow) > 0)
		return;
	copy_release(flow);
	if (!flow->hybrid || flow->in_a_row < BIG_READS)
		return;
	flow->mover = &mover_splice;
	flow->in_a_row = 0;
}

static size_t
copy_held(const struct flow *flow)
{
	return flow->chunk == NULL ? 0 : flow->chunk->end - flow->chunk->begin;
}

/* One is kept: a message a turn is not worth a new one each. */
static void
copy_release(struct flow *flow)
{
	struct tubes *tubes = flow->terms->tubes;

	if (tubes->chunk == NULL)
		tubes->chunk = flow->chunk;
	else if (flow->chunk != NULL)
		free(flow->chunk);
	flow->chunk = NULL;
}

/*
 * What the edit has to say goes first.  Read, and behind the end take what
 * it kept back.
 */
static void
take(struct flow *flow)
{
	speak(flow);
	if (copy_held(flow) > 0)
		return;
	if (flow->stage == FLOW_MOVING && flow->source->readable)
		fill(flow);
	if (flow->stage == FLOW_DRAINING && copy_held(flow) == 0)
		finish(flow);
}

static void
speak(struct flow *flow)
{
	struct edit *edit = flow->terms->edit;

	if (edit == NULL || edit->ops->say == NULL || flow->sink == NULL)
		return;
	/* A peer that is gone would reset before we have read its end. */
	if ((!flow->sink->ended && stream_peek(flow->sink) == 0) ||
	    !have_chunk(flow))
		return;
	flow->chunk->begin = 0;
	flow->chunk->end = edit->ops->say(edit, flow->chunk->data,
	    CHUNK_SIZE);
	edit->made += flow->chunk->end;
	edit->said += flow->chunk->end;
}

/*
 * Read once.  What is to be rewritten is read into the chunk's end, so that
 * it cannot be overtaken by what it becomes.
 */
static void
fill(struct flow *flow)
{
	const struct edit *edit = flow->terms->edit;
	const struct gate *gate = flow->terms->gate;
	size_t most = READ_SIZE;
	ssize_t n;
	char *to;

	if (edit != NULL)
		most /= edit->ops->expansion + 1;
	if (gate != NULL && gate->most < most)
		most = gate->most;
	most = flow->terms->sends ? flow_may_take(flow, most) :
	    flow_may_move(flow, most);
	if (most == 0 || !have_chunk(flow))
		return;
	to = edit == NULL ? flow->chunk->data :
	    flow->chunk->data + READ_SIZE - most;
	n = stream_read(flow->source, to, most);
	if (n == STREAM_FAILED) {
		flow_source_failed(flow);
	} else if (n == 0) {
		flow_source_ended(flow);
	} else if (n > 0) {
		if ((size_t)n < most && tells_when_ready(flow->source))
			flow->source->readable = false;
		if (flow->terms->sends)
			flow_took(flow, (size_t)n);
		else
			flow_moved(flow, (size_t)n);
		flow_passed(flow, false, to, (size_t)n);
		flow->in_a_row = n < FLOW_BIG ? 0 : flow->in_a_row + 1;
		rewrite(flow, to, (size_t)n);
	}
}

static void
rewrite(struct flow *flow, const char *from, size_t size)
{
	struct edit *edit = flow->terms->edit;
	struct chunk *chunk = flow->chunk;

	chunk->begin = 0;
	chunk->end = size;
	if (edit == NULL)
		return;
	chunk->end = edit->ops->apply(edit, from, size, chunk->data);
	edit->made += chunk->end;
	edit->said = 0;
}

/* What the edit kept back; a second time it is nothing. */
static void
finish(struct flow *flow)
{
	struct edit *edit = flow->terms->edit;

	if (edit == NULL || !have_chunk(flow))
		return;
	flow->chunk->begin = 0;
	flow->chunk->end = edit->ops->finish(edit, flow->chunk->data);
	edit->made += flow->chunk->end;
}

/* Write once; returns what went, or was dropped. */
static size_t
drain(struct flow *flow)
{
	struct chunk *chunk = flow->chunk;
	const char *data = chunk->data + chunk->begin;
	size_t held = copy_held(flow);
	ssize_t n;

	if (flow->sink == NULL) {
		chunk->begin = chunk->end;
		flow_gave(flow, held);
		return held;
	}
	if (!flow->sink->writable)
		return 0;
	if (flow->terms->sends)
		held = flow_may_give(flow, data, held);
	if (held == 0)
		return 0;
	n = flow_bears(flow) ? stream_write_rights(flow->sink, data, held,
	    flow->terms->rights) : stream_write(flow->sink, data, held);
	if (n <= 0)
		return 0;
	chunk->begin += (size_t)n;
	if (flow->terms->sends)
		flow_gave_bytes(flow, data, (size_t)n);
	else
		flow_gave(flow, (size_t)n);
	return (size_t)n;
}

static bool
have_chunk(struct flow *flow)
{
	struct tubes *tubes = flow->terms->tubes;

	if (flow->chunk != NULL)
		return true;
	flow->chunk = tubes->chunk;
	tubes->chunk = NULL;
	if (flow->chunk == NULL)
		flow->chunk = malloc(sizeof(*flow->chunk));
	if (flow->chunk == NULL) {
		(void)stream_fail(flow->source, errno);
		flow_source_failed(flow);
		return false;
	}
	flow->chunk->begin = 0;
	flow->chunk->end = 0;
	return true;
}

/*
 * After a short read the watch set will say when there is more.  Not of a
 * FIFO's end, if no one held it open when we reopened it; fifo(7).
 */
static bool
tells_when_ready(const struct stream *stream)
{
	return stream->rkind == DESCRIPTOR_SOCKET;
}

ssize_t
copy_load(struct flow *flow, int fd)
{
	ssize_t n;

	if (!have_chunk(flow))
		return -1;
	n = read(fd, flow->chunk->data, CHUNK_SIZE);
	flow->chunk->end = n > 0 ? (size_t)n : 0;
	return n;
}
