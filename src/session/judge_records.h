/* What went wrong in sending records, whatever the session is for. */
#ifndef SESSION_JUDGE_RECORDS_H
#define SESSION_JUDGE_RECORDS_H

#include <stddef.h>

#include "session/session.h"

/* The flow to the far end; `input` is what its source is called. */
void	judge_records_sent(struct session *, const char *input);

/*
 * What was lost in the post's receive queues, in words; false: nothing.
 */
bool	judge_lost_text(const struct stream *post, char *buf, size_t size);

/* The first of the post's sockets, with the port that it got. */
const char *judge_here(const struct stream *post, char *buf, size_t size);

/* Whom we send to, or answered last. */
const char *judge_who(const struct session *, char *buf, size_t size);

#endif
