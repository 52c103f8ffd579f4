/*
 * Peers' bytes made fit for a terminal: an edit.  Printable ASCII, tab,
 * newline, CR LF and well-formed UTF-8 pass; other control characters
 * become ^X, the rest (C1 controls, bidirectional controls, malformed
 * UTF-8) \xHH.  RFC 3629.
 */
#ifndef FILTERS_ESCAPE_H
#define FILTERS_ESCAPE_H

#include "pump/edit.h"

struct escape {
	struct edit	edit;
	unsigned char	kept[4];	/* the head of a sequence, or a CR */
	unsigned char	count;
	unsigned char	wanted;		/* its whole length; 1 with a CR */
};

void	escape_init(struct escape *);

#endif
