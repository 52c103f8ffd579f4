/* What is told of a session in numbers: at its end, and when asked for. */
#ifndef SESSION_STATS_H
#define SESSION_STATS_H

#include "report/tally.h"
#include "session/session.h"

/* How its bytes were moved, and its records; all 0 without a far end. */
void	stats_tally(const struct session *, struct tally *);

/* Tell how it stands. */
void	stats_tell(const struct session *);

/* Its far end is to be closed: tell, and keep what the run has to know. */
void	stats_close(struct session *);

#endif
