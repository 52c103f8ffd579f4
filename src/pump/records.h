/*
 * What the records mover needs: how bytes become records and records bytes,
 * and how many there may be.
 */
#ifndef PUMP_RECORDS_H
#define PUMP_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pump/framer.h"

struct flow;
struct records;

/* The same for all flows of a kind; part of their terms. */
struct record_terms {
	struct framer	 framer;
	uint64_t	 count;		/* of records; UINT64_MAX: no limit */
};

enum records_fault {
	RECORDS_FINE,
	RECORDS_BAD,		/* malformed: `at` bytes into the input */
	RECORDS_LONG		/* a record, there, that is too long */
};

struct records_state {
	uint64_t	 passed;	/* records into the sink */
	enum records_fault fault;
	uint64_t	 at;
	const char	*reason;	/* of RECORDS_BAD */
	size_t		 size;		/* of the record at hand: EMSGSIZE */
};

/* How it stands with a flow of records. */
void	records_state(const struct flow *, struct records_state *);

/* Records from the source, and into the sink; 0 of a flow of bytes. */
uint64_t records_taken(const struct flow *);
uint64_t records_passed(const struct flow *);

/* Forget how it stood: the flow ends. */
void	records_clear(struct flow *);

#endif
