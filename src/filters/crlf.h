/*
 * Lines that end with CR LF: an edit.  A LF without a CR before it gets
 * one; all else stays as it is.
 */
#ifndef FILTERS_CRLF_H
#define FILTERS_CRLF_H

#include <stdbool.h>

#include "pump/edit.h"

struct crlf {
	struct edit	edit;
	bool		after_cr;	/* a CR was the last byte */
};

void	crlf_init(struct crlf *);

#endif
