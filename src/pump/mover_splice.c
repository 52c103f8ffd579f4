/*
 * The mover that lets the kernel move the bytes: splice(2) where one end is
 * a pipe, and through a pipe of our own for the rest.  sendfile(2) is that,
 * too, but its pipe is small, and what a full socket does not take it has
 * read in vain.
 *
 * It serves pipes, regular files, /dev/null as a sink, and sockets whose
 * O_NONBLOCK is ours: SPLICE_F_NONBLOCK covers only the pipe's side.  What
 * the kernel refuses with EINVAL or its like goes on by copy.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "net/socket.h"
#include "pump/gate.h"
#include "pump/mover.h"

#define SPLICE_FLAGS	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

/* So often a source that is said to be readable may give nothing. */
#define STUCK_TIMES	3

/* Bytes after which a pipe or a local socket is worth more memory. */
#define GROW_AFTER	(1024 * 1024)
#define PIPE_SIZE	(256 * 1024)
#define SOCKET_SIZE	(1024 * 1024)

static bool	splice_fits(const struct flow *);
static enum flow_copies splice_hindered(const struct flow *);
static void	splice_prepare(struct flow *, struct watch *, struct owner *);
static void	splice_advance(struct flow *);
static size_t	splice_held(const struct flow *);
static void	splice_release(struct flow *);

/* Straight from end to end. */
static void	move_straight(struct flow *);
static ssize_t	move_once(const struct flow *, size_t);
static void	refused(struct flow *, int);
static void	find_who_blocks(struct flow *);
static void	source_waits(struct flow *, bool);
static void	note_stuck(struct flow *);
static bool	look_behind(struct flow *);
static void	source_ended(struct flow *);

/* By a pipe of our own. */
static void	move_by_tube(struct flow *);
static bool	load_tube(struct flow *, bool);
static void	look_again(struct flow *);
static size_t	unload_tube(struct flow *);

static void	grow(struct flow *);
static void	grow_pipe(int);
static bool	straight(const struct flow *);
static bool	discards(const struct flow *);
static bool	unsupported(int);

const struct mover mover_splice = {
	.name = "splice",
	.fits = splice_fits,
	.hindered = splice_hindered,
	.prepare = splice_prepare,
	.advance = splice_advance,
	.held = splice_held,
	.release = splice_release
};

static bool
splice_fits(const struct flow *flow)
{
	return splice_hindered(flow) == FLOW_SPLICES;
}

static enum flow_copies
splice_hindered(const struct flow *flow)
{
	const struct stream *source = flow->source, *sink = flow->sink;

	if (sink == NULL)
		return FLOW_DROPS;
	switch (source->rkind) {
	case DESCRIPTOR_PIPE:
	case DESCRIPTOR_FILE:
		break;
	case DESCRIPTOR_SOCKET:
		if (source->owned && !source->blocking)
			break;
		return FLOW_SOURCE_SHARED;
	default:
		return FLOW_SOURCE_KIND;
	}
	switch (sink->wkind) {
	case DESCRIPTOR_PIPE:
	case DESCRIPTOR_NULL:
		break;
	case DESCRIPTOR_FILE:
		if (!(fcntl(sink->wfd, F_GETFL) & O_APPEND))
			break;
		return FLOW_SINK_APPENDS;
	case DESCRIPTOR_SOCKET:
		if (sink->owned && !sink->blocking)
			break;
		return FLOW_SINK_SHARED;
	default:
		return FLOW_SINK_KIND;
	}
	if (flow->terms->edit != NULL)
		return FLOW_EDITED;
	if (flow->terms->taps != NULL)
		return FLOW_WATCHED;
	return flow->terms->gate != NULL && flow->terms->gate->lines ?
	    FLOW_PACED : FLOW_SPLICES;
}

static bool
straight(const struct flow *flow)
{
	return flow->source->rkind == DESCRIPTOR_PIPE ||
	    flow->sink->wkind == DESCRIPTOR_PIPE || discards(flow);
}

/* Of TCP the kernel drops what nobody is to see: MSG_TRUNC, tcp(7). */
static bool
discards(const struct flow *flow)
{
	return flow->source->tcp && flow->sink->wkind == DESCRIPTOR_NULL;
}

static void
splice_prepare(struct flow *flow, struct watch *watch, struct owner *owner)
{
	int64_t until = flow_gated_until(flow);

	if (splice_held(flow) == 0 && until != 0 && flow->source->readable) {
		watch_until(watch, until);
		stream_await_error(flow->sink, watch, owner);
	} else if (splice_held(flow) == 0 && !flow->source->readable) {
		stream_await_read(flow->source, watch, owner);
		stream_await_error(flow->sink, watch, owner);
	} else {
		stream_await_write(flow->sink, watch, owner);
	}
}

static void
splice_advance(struct flow *flow)
{
	if (straight(flow))
		move_straight(flow);
	else
		move_by_tube(flow);
	grow(flow);
}

static size_t
splice_held(const struct flow *flow)
{
	return flow->tube == NULL ? 0 : flow->tube->held;
}

static void
splice_release(struct flow *flow)
{
	tube_give(flow->terms->tubes, flow->tube);
	flow->tube = NULL;
}

static void
move_straight(struct flow *flow)
{
	size_t moved = 0, most;
	ssize_t n;

	while (moved < FLOW_SHARE && flow->stage == FLOW_MOVING &&
	    flow->source->readable && flow->sink->writable) {
		most = flow_may_move(flow, FLOW_SHARE - moved);
		if (most == 0)
			return;
		n = move_once(flow, most);
		if (n == -1) {
			refused(flow, errno);
			return;
		}
		if (n == 0) {
			source_ended(flow);
			return;
		}
		flow_moved(flow, (size_t)n);
		flow_gave(flow, (size_t)n);
		flow->in_a_row = 0;
		moved += (size_t)n;
	}
}

static ssize_t
move_once(const struct flow *flow, size_t most)
{
	if (discards(flow))
		return recv(flow->source->rfd, NULL, most,
		    MSG_TRUNC | MSG_DONTWAIT);
	return splice(flow->source->rfd, NULL, flow->sink->wfd, NULL, most,
	    SPLICE_FLAGS);
}

/* One call served both ends: whose error is it? */
static void
refused(struct flow *flow, int error)
{
	const struct stream *source = flow->source;
	bool of_source;

	if (error == EAGAIN && source->rkind == DESCRIPTOR_FILE) {
		flow->sink->writable = false;
	} else if (error == EAGAIN) {
		find_who_blocks(flow);
	} else if (unsupported(error)) {
		flow_fall_back(flow);
	} else if (error != EINTR) {
		of_source = source->rkind != DESCRIPTOR_PIPE &&
		    error != EPIPE;
		if (of_source) {
			(void)stream_fail(flow->source, error);
			flow_source_failed(flow);
		} else {
			(void)stream_fail(flow->sink, error);
			flow->refused = true;
		}
	}
}

/* EAGAIN means an empty source and a full sink alike. */
static void
find_who_blocks(struct flow *flow)
{
	struct pollfd rows[2] = {
		{ .fd = flow->source->rfd, .events = POLLIN },
		{ .fd = flow->sink->wfd, .events = POLLOUT }
	};

	if (poll(rows, 2, 0) == -1)
		return;
	flow->sink->writable = rows[1].revents != 0;
	source_waits(flow, rows[0].revents != 0);
	if (flow->source->readable && flow->sink->writable)
		note_stuck(flow);
}

/*
 * Both ends are ready, and nothing moved: it may have become so a moment
 * ago, but not time after time.
 */
static void
note_stuck(struct flow *flow)
{
	if (++flow->in_a_row == STUCK_TIMES && !look_behind(flow) &&
	    stream_broken(flow->source))
		flow_source_failed(flow);
}

/*
 * splice(2) does not pass an urgent mark, tcp(7): it says EAGAIN in front
 * of it for ever, and at last that this is the end.  Reading does.
 */
static bool
look_behind(struct flow *flow)
{
	struct stream *source = flow->source;

	if (source->rkind != DESCRIPTOR_SOCKET || stream_peek(source) <= 0)
		return false;
	flow_fall_back(flow);
	return true;
}

static void
source_ended(struct flow *flow)
{
	if (!look_behind(flow))
		flow_source_ended(flow);
}

/* A source that broke has nothing to wait for behind what it still held. */
static void
source_waits(struct flow *flow, bool readable)
{
	flow->source->readable = readable;
	if (!readable && stream_lost(flow->source))
		flow_source_failed(flow);
}

static void
move_by_tube(struct flow *flow)
{
	size_t moved = 0, loaded = FLOW_BIG, n;

	while (moved < FLOW_SHARE) {
		if (splice_held(flow) == 0) {
			if (!load_tube(flow, moved == 0))
				break;
			loaded = flow->tube->held;
		}
		n = unload_tube(flow);
		if (n == 0)
			break;
		moved += n;
	}
	if (splice_held(flow) > 0)
		return;
	splice_release(flow);
	if (!flow->hybrid || loaded >= FLOW_BIG)
		return;
	flow->mover = &mover_copy;
	flow->in_a_row = 0;
}

/*
 * Fill the empty tube: EAGAIN means that the source is empty, unless that
 * was told to be readable and nothing came of it (`told`).
 */
static bool
load_tube(struct flow *flow, bool told)
{
	struct stream *source = flow->source;
	size_t most;
	ssize_t n;

	if (flow->stage != FLOW_MOVING || !source->readable)
		return false;
	most = flow_may_move(flow, TUBE_SIZE);
	if (most == 0)
		return false;
	if (flow->tube == NULL)
		flow->tube = tube_take(flow->terms->tubes);
	if (flow->tube == NULL) {
		flow_fall_back(flow);
		return false;
	}
	n = splice(source->rfd, NULL, flow->tube->in, NULL, most, SPLICE_FLAGS);
	if (n > 0) {
		flow->tube->held = (size_t)n;
		flow_moved(flow, (size_t)n);
		flow->in_a_row = 0;
		return true;
	}
	if (n == 0) {
		source_ended(flow);
	} else if (errno == EAGAIN) {
		if (told && source->rkind == DESCRIPTOR_SOCKET)
			look_again(flow);
		else
			source_waits(flow, false);
	} else if (unsupported(errno)) {
		flow_fall_back(flow);
	} else if (errno != EINTR) {
		(void)stream_fail(source, errno);
		flow_source_failed(flow);
	}
	return false;
}

/* A reset may have come since, and looking is what is told of it. */
static void
look_again(struct flow *flow)
{
	ssize_t n = stream_peek(flow->source);

	if (n > 0)
		note_stuck(flow);
	else if (n == STREAM_FAILED)
		flow_source_failed(flow);
	else if (n == 0)
		flow_source_ended(flow);
}

static size_t
unload_tube(struct flow *flow)
{
	struct stream *sink = flow->sink;
	ssize_t n;

	if (!sink->writable)
		return 0;
	n = splice(flow->tube->out, NULL, sink->wfd, NULL, flow->tube->held,
	    SPLICE_FLAGS);
	if (n > 0) {
		flow->tube->held -= (size_t)n;
		flow_gave(flow, (size_t)n);
		return (size_t)n;
	}
	if (n == -1 && errno == EAGAIN) {
		sink->writable = false;
	} else if (n == -1 && unsupported(errno)) {
		flow_fall_back(flow);
	} else if (n == -1 && errno != EINTR) {
		(void)stream_fail(sink, errno);
	}
	return 0;
}

/*
 * What lies between two ends in small portions makes both wake up the more
 * often.  Only once enough has passed to make it worth the memory; of TCP
 * the kernel sees to it.
 */
static void
grow(struct flow *flow)
{
	const struct stream *source = flow->source, *sink = flow->sink;

	if (flow->grown || flow->given < GROW_AFTER)
		return;
	flow->grown = true;
	if (sink->wkind == DESCRIPTOR_PIPE)
		grow_pipe(sink->wfd);
	else if (source->rkind == DESCRIPTOR_PIPE)
		grow_pipe(source->rfd);
	if (sink->wkind == DESCRIPTOR_SOCKET && !sink->tcp)
		socket_grow(sink->wfd, SOCKET_SIZE);
}

static void
grow_pipe(int fd)
{
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE_SIZE)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
}

static bool
unsupported(int error)
{
	return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP ||
	    error == EBADF || error == EISDIR || error == EPERM;
}
