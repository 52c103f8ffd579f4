/* The tree's nodes are the peers' addresses, which stand first in each. */

#include "config.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "pump/senders.h"

static int	compare(const void *, const void *);

void
senders_note(struct senders *senders, const struct batch *batch)
{
	struct sender *sender;
	void **found;

	if (senders->recent != NULL &&
	    address_compare(&senders->recent->peer, &batch->peer) == 0)
		return;
	found = tfind(&batch->peer, &senders->tree, compare);
	if (found != NULL) {
		senders->recent = *found;
		return;
	}
	if (senders->count == SENDERS_MOST)
		return;
	sender = calloc(1, sizeof(*sender) +
	    (address_name(&batch->peer) == NULL ? 0 : sizeof(*sender->name)));
	if (sender == NULL)
		return;
	sender->peer = batch->peer;
	address_keep(&sender->peer, sender->name);
	sender->has_who = batch->has_who;
	sender->who = batch->who;
	sender->local = batch->local;
	if (tsearch(sender, &senders->tree, compare) == NULL) {
		free(sender);
		return;
	}
	senders->count++;
	senders->recent = sender;
	if (senders->first == NULL)
		senders->first = sender;
	else
		senders->last->next = sender;
	senders->last = sender;
}

static int
compare(const void *one, const void *other)
{
	return address_compare(one, other);
}

const struct sender *
senders_meet(struct senders *senders)
{
	const struct sender *sender = senders->first;

	if (sender != NULL)
		senders->first = sender->next;
	return sender;
}

void
senders_free(struct senders *senders)
{
	struct sender *sender;

	while (senders->tree != NULL) {
		sender = *(struct sender **)senders->tree;
		(void)tdelete(sender, &senders->tree, compare);
		free(sender);
	}
	memset(senders, 0, sizeof(*senders));
}
