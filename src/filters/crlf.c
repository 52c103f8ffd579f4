/*
 * The crlf edit.  It keeps nothing back: a CR goes at once, and what it
 * was is remembered.
 */

#include "config.h"

#include <string.h>

#include "filters/crlf.h"

static size_t	apply(struct edit *, const char *, size_t, char *);
static size_t	kept(const struct edit *);
static size_t	finish(struct edit *, char *);

static const struct edit_ops crlf_ops = {
	.expansion = 2,
	.apply = apply,
	.kept = kept,
	.finish = finish
};

void
crlf_init(struct crlf *crlf)
{
	memset(crlf, 0, sizeof(*crlf));
	crlf->edit.ops = &crlf_ops;
}

/* Bytes between two ends of lines go together: they may be many. */
static size_t
apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct crlf *crlf = (struct crlf *)edit;
	const char *end = from + size, *lf;
	size_t n = 0, run;

	while (from < end) {
		lf = memchr(from, '\n', (size_t)(end - from));
		run = (size_t)((lf == NULL ? end : lf) - from);
		memmove(to + n, from, run);
		n += run;
		from += run;
		if (run > 0)
			crlf->after_cr = to[n - 1] == '\r';
		if (lf == NULL)
			break;
		if (!crlf->after_cr)
			to[n++] = '\r';
		to[n++] = '\n';
		from++;
		crlf->after_cr = false;
	}
	return n;
}

static size_t
kept(const struct edit *edit)
{
	(void)edit;
	return 0;
}

/* What comes after the end, of a record, is after no CR. */
static size_t
finish(struct edit *edit, char *to)
{
	(void)to;
	((struct crlf *)edit)->after_cr = false;
	return 0;
}
