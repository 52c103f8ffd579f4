/*
 * Did you mean: the nearest known word.  Near is a word that begins with
 * the one given, or one that few slips of a finger make of it.
 */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "cli/suggest.h"

/* Longer words are near to nothing. */
#define WORD_MAX	40

/* The best of the words seen so far. */
struct nearest {
	const char	*word;
	const char	*best;
	unsigned	 distance;	/* what the next one must be below */
};

static struct nearest nearest_start(const char *word);
static void	nearest_look(struct nearest *, const char *candidate);
static unsigned	cheapest(const unsigned *above, const unsigned *row,
		    size_t j, bool same);

unsigned
suggest_distance(const char *a, const char *b, unsigned limit)
{
	unsigned	 rows[3][WORD_MAX + 1];
	unsigned	*before = rows[0], *above = rows[1], *row = rows[2];
	unsigned	*spare;
	size_t		 i, j, length = strlen(b);

	if (strlen(a) > WORD_MAX || length > WORD_MAX)
		return limit;
	for (j = 0; j <= length; j++)
		above[j] = (unsigned)j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		row[0] = (unsigned)i;
		for (j = 1; j <= length; j++) {
			row[j] = cheapest(above, row, j, a[i - 1] == b[j - 1]);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[length] < limit ? above[length] : limit;
}

const char *
suggest_command(const struct command *const *commands, const char *word)
{
	struct nearest	 nearest = nearest_start(word);

	for (; *commands != NULL; commands++)
		nearest_look(&nearest, (*commands)->name);
	nearest_look(&nearest, "help");
	return nearest.best;
}

const char *
suggest_option(const struct command *command, const char *word)
{
	struct nearest		 nearest = nearest_start(word);
	const struct option_use	*use;

	for (use = command->uses; use->group != NULL; use++)
		for (size_t i = 0; i < use->group->count; i++)
			nearest_look(&nearest, use->group->rows[i].name);
	nearest_look(&nearest, "help");
	nearest_look(&nearest, "version");
	return nearest.best;
}

/* One slip may be made, and another one for every five letters. */
static struct nearest
nearest_start(const char *word)
{
	struct nearest	 nearest = { .word = word };

	nearest.distance = 2 + (unsigned)strnlen(word, WORD_MAX) / 5;
	return nearest;
}

static void
nearest_look(struct nearest *nearest, const char *candidate)
{
	size_t		 length = strlen(nearest->word);
	unsigned	 distance;

	if (length < 2)
		return;
	distance = suggest_distance(nearest->word, candidate,
	    nearest->distance);
	if (strncmp(nearest->word, candidate, length) == 0)
		distance = 0;
	if (distance >= nearest->distance)
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}

/* Of a change, an insertion and a deletion the one that costs least. */
static unsigned
cheapest(const unsigned *above, const unsigned *row, size_t j, bool same)
{
	unsigned	 cost = above[j - 1] + (same ? 0 : 1);

	if (above[j] + 1 < cost)
		cost = above[j] + 1;
	if (row[j - 1] + 1 < cost)
		cost = row[j - 1] + 1;
	return cost;
}
