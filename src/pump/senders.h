/* Who has sent datagrams: each peer is met once. */
#ifndef PUMP_SENDERS_H
#define PUMP_SENDERS_H

#include <stddef.h>

#include "net/datagram.h"

/* So many are known apart; of further ones nothing is said. */
#define SENDERS_MOST	65536

struct sender {
	struct batch	 first;		/* of its datagrams, without data */
	struct sender	*next;		/* to be met */
	struct sockaddr_un name[];	/* of a local one */
};

/* All zero: nobody has. */
struct senders {
	void		*tree;		/* tsearch(3) */
	struct sender	*first;		/* not met yet */
	struct sender	*last;
	struct sender	*recent;
	size_t		 count;
};

void	senders_note(struct senders *, const struct batch *);

/* The next one to be met, who stays with the others; NULL: nobody. */
const struct sender *senders_meet(struct senders *);

void	senders_free(struct senders *);

#endif
