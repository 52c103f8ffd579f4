/* Sending a header: it is built once the leg's addresses are known. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "steps/proxy_header.h"
#include "steps/proxy_out.h"

struct proxy_out {
	struct step	 step;
	unsigned	 version;
	const struct leg *client;
	size_t		 size;		/* 0: not built yet */
	size_t		 sent;
	unsigned char	 bytes[PROXY_HEADER_BUILD_MAX];
};

static void	out_prepare(struct step *, struct leg *, struct watch *,
		    struct owner *);
static enum step_result out_advance(struct step *, struct leg *,
		    struct watch *, struct failure *);
static void	out_free(struct step *, struct watch *);

static void	build(struct proxy_out *, const struct leg *);

static const struct step_ops proxy_out_ops = {
	.name = "proxy header out",
	.prepare = out_prepare,
	.advance = out_advance,
	.free = out_free
};

struct step *
proxy_out_new(unsigned version, const struct leg *client)
{
	struct proxy_out *out;

	out = calloc(1, sizeof(*out));
	if (out == NULL)
		return NULL;
	out->step.ops = &proxy_out_ops;
	out->version = version;
	out->client = client;
	return &out->step;
}

static void
out_prepare(struct step *step, struct leg *leg, struct watch *watch,
    struct owner *owner)
{
	(void)step;
	stream_await_write(&leg->own, watch, owner);
}

static enum step_result
out_advance(struct step *step, struct leg *leg, struct watch *watch,
    struct failure *failure)
{
	struct proxy_out *out = (struct proxy_out *)step;
	char peer[ADDRESS_TEXT];
	ssize_t n;

	(void)watch;
	if (out->size == 0)
		build(out, leg);
	while (out->sent < out->size) {
		n = stream_write(&leg->own, out->bytes + out->sent,
		    out->size - out->sent);
		if (n == STREAM_AGAIN)
			return STEP_WAIT;
		if (n == STREAM_FAILED) {
			failure->status = STATUS_SEND;
			error_set(&failure->error, leg->own.error,
			    "send to %s", address_text(&leg->peer, peer,
			    sizeof(peer)));
			return STEP_FAILED;
		}
		out->sent += (size_t)n;
	}
	leg->head_out = (uint16_t)out->size;
	return STEP_DONE;
}

static void
build(struct proxy_out *out, const struct leg *leg)
{
	struct address local;

	if (out->client != NULL) {
		leg_local(out->client, &local);
		out->size = proxy_header_build(out->version,
		    &out->client->peer, &local, out->bytes);
	} else {
		leg_local(leg, &local);
		out->size = proxy_header_build(out->version, &local,
		    &leg->peer, out->bytes);
	}
}

static void
out_free(struct step *step, struct watch *watch)
{
	(void)watch;
	free((struct proxy_out *)step);
}
