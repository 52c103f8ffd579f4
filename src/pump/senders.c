/* The tree's nodes are the batches that stand first in each. */

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
	    compare(&senders->recent->first, batch) == 0)
		return;
	found = tfind(batch, &senders->tree, compare);
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
	sender->first = *batch;
	sender->first.data = NULL;
	address_keep(&sender->first.peer, sender->name);
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
	return batch_compare_senders(one, other);
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
