/* What a service manager is told: sd_notify(3). */
#ifndef SESSION_MANAGER_H
#define SESSION_MANAGER_H

#include "report/report.h"

/* Send it, where NOTIFY_SOCKET is set; a failure is a warning. */
void	manager_tell(struct report *, const char *text);

#endif
