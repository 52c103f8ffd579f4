/* Both arrays grow to twice their size, and stay until all are read. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "pump/letters.h"

#define FIRST_LETTERS	4
#define FIRST_BYTES	2048

static bool	have_list(struct letters *);
static bool	have_data(struct letters *, size_t);

bool
letters_add(struct letters *letters, const struct batch *batch, size_t most)
{
	size_t cost = batch->size + sizeof(*batch);

	if (letters_cost(letters) + cost > most || !have_list(letters) ||
	    !have_data(letters, batch->size))
		return false;
	letters->list[letters->count++] = *batch;
	memcpy(letters->data + letters->size, batch->data, batch->size);
	letters->size += batch->size;
	return true;
}

size_t
letters_cost(const struct letters *letters)
{
	return letters->size + letters->count * sizeof(*letters->list);
}

static bool
have_list(struct letters *letters)
{
	size_t room = letters->list_room == 0 ? FIRST_LETTERS :
	    letters->list_room * 2;
	struct batch *list;

	if (letters->count < letters->list_room)
		return true;
	list = reallocarray(letters->list, room, sizeof(*list));
	if (list == NULL)
		return false;
	letters->list = list;
	letters->list_room = room;
	return true;
}

static bool
have_data(struct letters *letters, size_t size)
{
	size_t room = letters->room == 0 ? FIRST_BYTES : letters->room;
	char *data;

	while (room < letters->size + size)
		room *= 2;
	if (room == letters->room)
		return true;
	data = realloc(letters->data, room);
	if (data == NULL)
		return false;
	letters->data = data;
	letters->room = room;
	return true;
}

void
letters_lay_out(struct letters *letters)
{
	char *data = letters->data;
	size_t i;

	for (i = 0; i < letters->count; i++) {
		letters->list[i].data = data;
		data += letters->list[i].size;
	}
}

void
letters_free(struct letters *letters)
{
	free(letters->list);
	free(letters->data);
	memset(letters, 0, sizeof(*letters));
}
