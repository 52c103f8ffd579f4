/*
 * The telnet protocol, for both ways of a session: two edits, of which one
 * answers what the other one reads.  What comes is freed of commands; what
 * goes is told apart from them.  Both ends stay the network virtual
 * terminals they are at first, since every option is refused.  RFC 854,
 * RFC 855, RFC 1143.
 *
 *	0xff	  is sent twice
 *	CR	  is sent as CR NUL, unless a LF is next
 *	DO, WILL  are answered by WONT and DONT
 *	AYT	  is answered as servers do, by "[Yes]" on a line of its own
 *
 * All other commands are dropped, and subnegotiations too.  What one end
 * sends is, byte by byte, what another end like it receives.
 */
#ifndef FILTERS_TELNET_H
#define FILTERS_TELNET_H

#include <stdbool.h>
#include <stdint.h>

#include "pump/edit.h"

/* Answers that wait to be said; what would be more gets none. */
#define TELNET_ANSWERS	64

/* Any answer can be said where there is room for so many bytes. */
#define TELNET_ROOM	10

struct telnet_answer {
	unsigned char	verb;		/* WONT, DONT, or AYT */
	unsigned char	option;
};

struct telnet {
	struct edit	sending;	/* says the answers */
	struct edit	receiving;
	unsigned char	state;		/* of what comes */
	unsigned char	verb;		/* whose option is next */
	bool		came_cr;	/* its NUL is to be dropped */
	bool		went_cr;	/* its LF or NUL is to be sent yet */
	unsigned char	count;
	struct telnet_answer answers[TELNET_ANSWERS];
	/*
	 * A bit for each option that was asked for and refused: an option is
	 * refused once, so that whatever the peer makes of that, it ends.
	 */
	uint8_t		refused_do[256 / 8];
	uint8_t		refused_will[256 / 8];
};

void	telnet_init(struct telnet *);

#endif
