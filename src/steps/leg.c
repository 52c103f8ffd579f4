/* Legs: their steps one after another.  It knows no protocol. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "net/socket.h"
#include "pump/post.h"
#include "steps/leg.h"

struct leg *
leg_new(void)
{
	return calloc(1, sizeof(struct leg));
}

int
leg_stand(struct leg *leg, int fd, int type, const struct address *peer)
{
	leg->peer = *peer;
	if (type == SOCK_SEQPACKET)
		return stream_open_packets(&leg->own, fd);
	stream_open_socket(&leg->own, fd);
	return 0;
}

int
leg_stand_post(struct leg *leg, const int *fds, size_t count,
    const struct address *to, const struct address *peer)
{
	if (post_open(&leg->own, fds, count, to) == -1)
		return -1;
	if (peer != NULL)
		leg->peer = *peer;
	return 0;
}

void
leg_command(struct leg *leg, int rfd, int wfd)
{
	stream_open_pipes(&leg->own, rfd, wfd);
}

void
leg_terminal(struct leg *leg, int master)
{
	stream_open_pty(&leg->own, master);
}

void
leg_raise(struct leg *leg, struct step *step)
{
	memset(leg, 0, sizeof(*leg));
	leg->steps = step;
}

void
leg_push(struct leg *leg, struct step *step)
{
	struct step **link = &leg->steps;

	while (*link != NULL)
		link = &(*link)->next;
	*link = step;
}

bool
leg_has_stream(const struct leg *leg)
{
	return leg->own.ops != NULL;
}

void
leg_local(const struct leg *leg, struct address *local)
{
	if (leg->local != NULL)
		*local = *leg->local;
	else
		socket_local(leg->own.rfd, local);
}

const struct credentials *
leg_who(const struct leg *leg, struct credentials *room)
{
	return credentials_of(leg->own.rfd, room) == 0 ? room : NULL;
}

void
leg_prepare(struct leg *leg, struct watch *watch, struct owner *owner)
{
	if (leg->steps != NULL)
		leg->steps->ops->prepare(leg->steps, leg, watch, owner);
}

enum step_result
leg_advance(struct leg *leg, struct watch *watch, struct failure *failure)
{
	enum step_result result;
	struct step *step;

	while ((step = leg->steps) != NULL && !step->rests) {
		result = step->ops->advance(step, leg, watch, failure);
		if (result != STEP_DONE || step->rests)
			return result;
		leg->steps = step->next;
		step->ops->free(step, watch);
	}
	return STEP_DONE;
}

bool
leg_again(struct leg *leg, struct watch *watch)
{
	struct step *step = leg->steps;

	if (step == NULL || !step->rests)
		return false;
	switch (step->ops->again(step, leg)) {
	case LEG_PERHAPS:
		return false;
	case LEG_SETTLED:
		leg->steps = step->next;
		step->ops->free(step, watch);
		return false;
	case LEG_AGAIN:
		break;
	}
	step->rests = false;
	stream_close(&leg->own, watch);
	leg->own.ops = NULL;
	return true;
}

void
leg_close(struct leg *leg, struct watch *watch)
{
	struct step *step;

	while ((step = leg->steps) != NULL) {
		leg->steps = step->next;
		step->ops->free(step, watch);
	}
	if (leg_has_stream(leg))
		stream_close(&leg->own, watch);
	leg->own.ops = NULL;
	free(leg->local);
	leg->local = NULL;
}

void
leg_free(struct leg *leg, struct watch *watch)
{
	if (leg == NULL)
		return;
	leg_close(leg, watch);
	free(leg);
}
