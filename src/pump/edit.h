/*
 * An edit rewrites payload on its way: bytes go in, and as many as it likes,
 * within its expansion, come out.  Buffers and states are the edit's own.
 */
#ifndef PUMP_EDIT_H
#define PUMP_EDIT_H

#include <stddef.h>
#include <stdint.h>

struct edit;
struct edit_ops {
	/* At most this many bytes become of one, and of the rest at the end. */
	size_t	expansion;
	/* Rewrite `size` bytes into `to`; returns how many it became. */
	size_t	(*apply)(struct edit *, const char *from, size_t size,
		    char *to);
	/* Bytes that are kept back as yet. */
	size_t	(*kept)(const struct edit *);
	/* What was kept back, at the end; nothing when asked again. */
	size_t	(*finish)(struct edit *, char *to);
	/* Bytes of its own, to go before what follows; NULL: it has none. */
	size_t	(*say)(struct edit *, char *to, size_t room);
};
struct edit {
	const struct edit_ops *ops;
	uint64_t	 made;		/* bytes, of a flow of bytes */
	uint64_t	 said;		/* its own, since the last payload */
};

#endif
