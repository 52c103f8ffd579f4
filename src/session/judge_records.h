/* What went wrong in sending records, whatever the session is for. */
#ifndef SESSION_JUDGE_RECORDS_H
#define SESSION_JUDGE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "session/session.h"

/* The flow to the far end; `input` is what its source is called. */
void	judge_records_sent(struct session *, const char *input);

/* Its source is malformed, or holds a record that is too long. */
void	judge_input_fault(struct session *, const char *input);

/* One was longer than the socket to the far end takes. */
void	judge_too_long(struct session *);

/*
 * What may be left once all was sent: descriptors, with nothing to send them
 * with, and a piece of a record that is not whole.
 */
void	judge_rest(struct session *);

/* One that came was longer than can be received. */
void	judge_long_came(struct session *);

/*
 * What was lost in the post's receive queues, in words; false: nothing.
 */
bool	judge_lost_text(const struct surroundings *, const struct stream *post,
	    char *buf, size_t size);

/* The post's local socket; or its first one, with the port that it got. */
const char *judge_here(const struct surroundings *,
	    const struct stream *post, char *buf, size_t size);

/* Tell of one who may not send. */
void	judge_denied(const struct surroundings *, struct post *);

/* Is its far end whoever sends us datagrams?  Then it is known by our end. */
bool	judge_hears_many(const struct session *);

/* Whom we send to, or answered last. */
const char *judge_who(const struct session *, char *buf, size_t size);

#endif
