/* What was counted of a session, or of all of a run, besides bytes. */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/* How bytes were moved. */
enum tally_by {
	BY_SPLICE,		/* by the kernel */
	BY_COPY,
	BY_RECORDS,
	BY_COMMAND,		/* which has the socket */
	TALLY_WAYS
};

struct tally_side {
	uint64_t	by[TALLY_WAYS];	/* bytes */
	uint64_t	records;
};

struct tally {
	struct tally_side sent;
	struct tally_side received;
	uint64_t	 lost;		/* records, on their way to us */
	bool		 has_records;
};

/* Add what the second one has. */
void	tally_add(struct tally *, const struct tally *);

#endif
