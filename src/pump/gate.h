/*
 * A gate says how fast payload goes, one flow's: so many records, or of
 * bytes the first ones of those at hand.  It is asked before, and told after.
 */
#ifndef PUMP_GATE_H
#define PUMP_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gate;
struct gate_ops {
	/* How many records of so many bytes may go at `now`; 0: not yet. */
	size_t	(*allow)(struct gate *, int64_t now, size_t bytes);
	/* So many of them went until `now`, of so many bytes together. */
	void	(*passed)(struct gate *, int64_t now, size_t records,
		    size_t bytes);
	/*
	 * The same of bytes: how many of these; these went.  NULL: so many,
	 * of those that nobody sees, where the gate does not want lines.
	 */
	size_t	(*allow_bytes)(struct gate *, int64_t now, const char *,
		    size_t);
	void	(*passed_bytes)(struct gate *, int64_t now, const char *,
		    size_t);
	/* When to ask again, after "not yet"; 0: it was none. */
	int64_t	(*until)(const struct gate *);
};
struct gate {
	const struct gate_ops *ops;
	int64_t		 now;		/* when the flow's turn began */
	size_t		 most;		/* bytes to be read at once */
	bool		 lines;		/* it has to see where they end */
};

#endif
