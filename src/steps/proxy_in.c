/*
 * Taking a header: look at what came, and take only what belongs to it, so
 * that the payload stays where it is.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/socket.h"
#include "steps/proxy_header.h"
#include "steps/proxy_in.h"

struct proxy_in {
	struct step	 step;
	int64_t		 deadline;
	size_t		 have;
	unsigned char	 bytes[PROXY_HEADER_MAX];
};

static void	in_prepare(struct step *, struct leg *, struct watch *,
		    struct owner *);
static enum step_result in_advance(struct step *, struct leg *,
		    struct watch *, struct failure *);
static void	in_free(struct step *, struct watch *);

static enum step_result look(struct proxy_in *, struct leg *,
		    struct error *);
static enum step_result believe(struct leg *, const struct proxy_header *,
		    struct error *);

static const struct step_ops proxy_in_ops = {
	.name = "proxy header in",
	.prepare = in_prepare,
	.advance = in_advance,
	.free = in_free
};

struct step *
proxy_in_new(int64_t deadline)
{
	struct proxy_in *in;

	in = malloc(sizeof(*in));
	if (in == NULL)
		return NULL;
	memset(&in->step, 0, sizeof(in->step));
	in->step.ops = &proxy_in_ops;
	in->deadline = deadline;
	in->have = 0;
	return &in->step;
}

static void
in_prepare(struct step *step, struct leg *leg, struct watch *watch,
    struct owner *owner)
{
	const struct proxy_in *in = (struct proxy_in *)step;

	stream_await_read(&leg->own, watch, owner);
	watch_until(watch, in->deadline);
}

static enum step_result
in_advance(struct step *step, struct leg *leg, struct watch *watch,
    struct failure *failure)
{
	struct proxy_in *in = (struct proxy_in *)step;
	char peer[ADDRESS_TEXT];
	enum step_result result;
	struct error why;

	result = look(in, leg, &why);
	if (result == STEP_WAIT && watch_time(watch) >= in->deadline) {
		error_setx(&why, "PROXY header: it did not come in time");
		result = STEP_FAILED;
	}
	if (result != STEP_FAILED)
		return result;
	failure->status = STATUS_PROXY;
	error_setx(&failure->error, "receive from %s: %s",
	    address_text(&leg->peer, peer, sizeof(peer)), why.text);
	return STEP_FAILED;
}

static enum step_result
look(struct proxy_in *in, struct leg *leg, struct error *error)
{
	struct proxy_header header;
	enum proxy_parsed parsed;
	ssize_t n;

	while ((n = socket_look(leg->own.rfd, in->bytes + in->have,
	    sizeof(in->bytes) - in->have)) > 0) {
		parsed = proxy_header_parse(&header, in->bytes,
		    in->have + (size_t)n, error);
		if (parsed == PROXY_BAD)
			return STEP_FAILED;
		if (parsed == PROXY_WHOLE)
			n = (ssize_t)(header.length - in->have);
		n = stream_read(&leg->own, in->bytes + in->have, (size_t)n);
		if (n <= 0)
			break;
		in->have += (size_t)n;
		if (parsed == PROXY_WHOLE)
			return believe(leg, &header, error);
	}
	if (n == -1 && errno == EAGAIN) {
		leg->own.readable = false;
		return STEP_WAIT;
	}
	if (n == 0)
		error_setx(error, "PROXY header: the connection ended "
		    "before it");
	else
		error_set(error, n == -1 ? errno : leg->own.error,
		    "PROXY header");
	return STEP_FAILED;
}

/* From now on the connection is from whom the proxy says. */
static enum step_result
believe(struct leg *leg, const struct proxy_header *header,
    struct error *error)
{
	leg->head_in = (uint16_t)header->length;
	if (header->real)
		return STEP_DONE;
	leg->local = malloc(sizeof(*leg->local));
	if (leg->local == NULL) {
		error_set(error, ENOMEM, "PROXY header");
		return STEP_FAILED;
	}
	*leg->local = header->destination;
	leg->peer = header->source;
	return STEP_DONE;
}

static void
in_free(struct step *step, struct watch *watch)
{
	(void)watch;
	free((struct proxy_in *)step);
}
