/*
 * Who is in the packets of a capture: the real addresses, as far as they
 * are known, of one family, with others made up in place of the rest; and
 * the words that tell.
 */
#ifndef FILTERS_CAPTURE_ENDS_H
#define FILTERS_CAPTURE_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "filters/pcapng.h"
#include "pump/tap.h"

struct capture_ends {
	struct address	 us;
	struct address	 peer;
	bool		 accepted;	/* the peer came to us */
	uint32_t	 number;	/* of the connection */
};

enum capture_made_up {
	CAPTURE_NONE,
	CAPTURE_OURS,
	CAPTURE_PEERS,
	CAPTURE_BOTH
};

/*
 * Make both fit for a packet; says which had to be made up.  An address
 * that is not known is the wildcard in the other's family.  Local sockets
 * are on loopback: the client at a port (and host) of its number, beyond
 * those that systems give, the server at port 1.
 */
enum capture_made_up capture_ends_settle(struct capture_ends *);

/* The number to be made up from for a local socket of this name. */
uint32_t capture_ends_number(const struct address *);

struct capture_comment {
	char	 text[PCAPNG_TEXT];
};

/* Add words; what comes after others stands behind a semicolon. */
void	capture_say(struct capture_comment *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Tell the program, the end, and what was made up. */
void	capture_introduce(struct capture_comment *, const struct tap_ends *,
	    enum capture_made_up);

#endif
