/*
 * What an edit makes of an input that comes in pieces.  Each piece lies as
 * the movers have it: in the memory of what it becomes, at the end, with
 * as much before it as the edit may make of it and of what was kept.
 */
#ifndef EDITED_H
#define EDITED_H

#include <stdint.h>
#include <stdlib.h>

#include "pump/flow.h"

#include "unit.h"

#define EDITED_MOST	(64 * 1024)

struct edited {
	size_t	size;
	bool	bounded;	/* nothing became more than it may */
	char	data[EDITED_MOST];
};

static inline void
edited_init(struct edited *edited)
{
	edited->size = 0;
	edited->bounded = true;
}

static inline void
edited_add(struct edited *edited, const char *bytes, size_t size, size_t most)
{
	if (size > most || size > EDITED_MOST - edited->size) {
		edited->bounded = false;
		return;
	}
	memcpy(edited->data + edited->size, bytes, size);
	edited->size += size;
}

/* One piece. */
static inline void
edited_piece(struct edited *edited, struct edit *edit, const char *from,
    size_t size)
{
	size_t most = edit->ops->expansion * (size + edit->ops->kept(edit));
	char *memory = malloc(most + size + 1);

	if (memory == NULL) {
		edited->bounded = false;
		return;
	}
	memcpy(memory + most, from, size);
	size = edit->ops->apply(edit, memory + most, size, memory);
	edited_add(edited, memory, size, most);
	free(memory);
}

/* The end, and that there is only one. */
static inline void
edited_end(struct edited *edited, struct edit *edit)
{
	size_t most = edit->ops->expansion * edit->ops->kept(edit);
	char memory[64] = "";

	edited_add(edited, memory, edit->ops->finish(edit, memory), most);
	edited_add(edited, memory, edit->ops->finish(edit, memory), 0);
	if (edit->ops->kept(edit) != 0)
		edited->bounded = false;
}

/* What it has to say. */
static inline void
edited_say(struct edited *edited, struct edit *edit, size_t room)
{
	char *memory = malloc(room + 1);

	if (memory == NULL) {
		edited->bounded = false;
		return;
	}
	edited_add(edited, memory, edit->ops->say(edit, memory, room), room);
	free(memory);
}

/* All of an input, cut after byte n where bit n is set; beyond 64, bit 63. */
static inline void
edited_cut(struct edited *edited, struct edit *edit, const char *from,
    size_t size, uint64_t cuts)
{
	size_t begin, end;

	edited_init(edited);
	for (begin = 0; begin < size; begin = end) {
		end = begin + 1;
		while (end < size &&
		    !(cuts >> (end - 1 < 63 ? end - 1 : 63) & 1))
			end++;
		edited_piece(edited, edit, from + begin, end - begin);
	}
	edited_end(edited, edit);
}

/*
 * In how many ways an input is to be cut, and the cuts of one of them: a
 * short one in all, any other at each place and everywhere.
 */
static inline size_t
edited_ways(size_t size)
{
	if (size <= 1)
		return 1;
	return size <= 10 ? (size_t)1 << (size - 1) :
	    size <= 64 ? size + 1 : 66;
}

static inline uint64_t
edited_way(size_t size, size_t way)
{
	if (size <= 10)
		return way;
	if (way == 0)
		return 0;
	return way == edited_ways(size) - 1 ? UINT64_MAX :
	    (uint64_t)1 << (way - 1);
}

static inline bool
edited_is(const struct edited *edited, const char *wanted, size_t size)
{
	return edited->bounded && edited->size == size &&
	    memcmp(edited->data, wanted, size) == 0;
}

/* Random bytes: half of them those that mean something to an edit. */
static inline uint32_t
edited_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

static inline void
edited_random_bytes(char *bytes, size_t size, uint32_t *state)
{
	static const unsigned char special[] = {
		'\0', '\n', '\r', 1, 6, 240, 241, 246, 250, 251, 252, 253,
		254, 255, 255, '\r'
	};
	uint32_t number;

	for (size_t i = 0; i < size; i++) {
		number = edited_random(state);
		bytes[i] = (char)(number & 256 ? number :
		    special[number % sizeof(special)]);
	}
}

/* Bytes for a message; overwritten by the next but one. */
static inline const char *
edited_hex(const char *bytes, size_t size)
{
	static char texts[2][3 * 40 + 1];
	static unsigned next;
	char *text = texts[next++ % 2];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < size && i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(texts[0]) - n, "%s%02x",
		    i == 0 ? "" : " ", (unsigned char)bytes[i]);
	return text;
}

#endif
