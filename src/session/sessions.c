/* A list in no order: the last one takes the place of one that went. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "session/sessions.h"
#include "session/stats.h"

struct session *
sessions_new(struct sessions *sessions)
{
	size_t room = sessions->room == 0 ? 1 : sessions->room * 2;
	struct session **list, *session;

	if (sessions->count == sessions->room) {
		list = reallocarray(sessions->list, room, sizeof(*list));
		if (list == NULL)
			return NULL;
		sessions->list = list;
		sessions->room = room;
	}
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	session->place = (uint32_t)sessions->count;
	sessions->list[sessions->count++] = session;
	return session;
}

void
sessions_end(struct sessions *sessions, struct session *session)
{
	struct session *last = sessions->list[--sessions->count];
	uint64_t sent, received;

	last->place = session->place;
	sessions->list[last->place] = last;
	session_counts(session, &sent, &received);
	sessions->sent += sent;
	sessions->received += received;
	session_close(session);
	free(session);
}

void
sessions_clear(struct sessions *sessions)
{
	while (sessions->count > 0)
		sessions_end(sessions, sessions->list[sessions->count - 1]);
	free(sessions->list);
	sessions->list = NULL;
	sessions->room = 0;
}

void
sessions_count(const struct sessions *sessions, uint64_t *sent,
    uint64_t *received)
{
	uint64_t out, in;
	size_t i;

	*sent = sessions->sent;
	*received = sessions->received;
	for (i = 0; i < sessions->count; i++) {
		session_counts(sessions->list[i], &out, &in);
		*sent += out;
		*received += in;
	}
}

void
sessions_tally(const struct sessions *sessions, struct tally *sum)
{
	struct tally tally;
	size_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < sessions->count; i++) {
		stats_tally(sessions->list[i], &tally);
		tally_add(sum, &tally);
	}
}

size_t
sessions_with(const struct sessions *sessions, const struct address *peer)
{
	const struct session *session;
	size_t count = 0, i;

	for (i = 0; i < sessions->count; i++) {
		session = sessions->list[i];
		count += session->admitted &&
		    address_same_host(&session->far.peer, peer);
	}
	return count;
}
