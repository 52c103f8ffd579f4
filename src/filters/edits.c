/*
 * Two edits in a row.  What is between them is on the stack, a block at a
 * time, so that it takes no memory while nothing moves.
 */

#include "config.h"

#include <string.h>

#include "filters/edits.h"

#define BLOCK	4096

static size_t	apply(struct edit *, const char *, size_t, char *);
static size_t	kept(const struct edit *);
static size_t	finish(struct edit *, char *);
static size_t	say(struct edit *, char *, size_t);

static size_t	fitting(const struct edit *, size_t);

void
edits_init(struct edits *edits, struct edit *first, struct edit *second)
{
	memset(edits, 0, sizeof(*edits));
	edits->first = first;
	edits->second = second;
	edits->ops.expansion = first->ops->expansion * second->ops->expansion;
	edits->ops.apply = apply;
	edits->ops.kept = kept;
	edits->ops.finish = finish;
	if (second->ops->say != NULL)
		edits->ops.say = say;
	edits->edit.ops = &edits->ops;
}

static size_t
apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct edits *edits = (struct edits *)edit;
	struct edit *first = edits->first, *second = edits->second;
	char middle[BLOCK];
	size_t i, count, made, n = 0;

	for (i = 0; i < size; i += count) {
		count = fitting(first, BLOCK);
		if (count > size - i)
			count = size - i;
		made = first->ops->apply(first, from + i, count, middle);
		n += second->ops->apply(second, middle, made, to + n);
	}
	return n;
}

static size_t
kept(const struct edit *edit)
{
	const struct edits *edits = (const struct edits *)edit;

	return edits->first->ops->kept(edits->first) +
	    edits->second->ops->kept(edits->second);
}

static size_t
finish(struct edit *edit, char *to)
{
	struct edits *edits = (struct edits *)edit;
	struct edit *first = edits->first, *second = edits->second;
	char middle[BLOCK];
	size_t made, n;

	made = first->ops->finish(first, middle);
	n = second->ops->apply(second, middle, made, to);
	return n + second->ops->finish(second, to + n);
}

static size_t
say(struct edit *edit, char *to, size_t room)
{
	struct edit *second = ((struct edits *)edit)->second;

	return second->ops->say(second, to, room);
}

/* How many bytes may be rewritten where there is so much room. */
static size_t
fitting(const struct edit *edit, size_t room)
{
	size_t most = room / edit->ops->expansion;
	size_t before = edit->ops->kept(edit);

	return most > before ? most - before : 0;
}
