/* What it means that the near end of a session broke. */
#ifndef SESSION_JUDGE_NEAR_H
#define SESSION_JUDGE_NEAR_H

#include <stdbool.h>

#include "session/session.h"

/*
 * It takes no more: true where that is no failure, as of a command that does
 * not read all; then the rest is dropped.
 */
bool	judge_near_refused(struct session *);

/* It gives no more, and that was not its end. */
void	judge_near_broke(struct session *);

#endif
