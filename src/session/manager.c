/* The service manager: notify_send() with its failure told. */

#include "config.h"

#include "net/notify.h"
#include "session/manager.h"

void
manager_tell(struct report *report, const char *text)
{
	struct event event = { .kind = EVENT_WARNING };
	struct error error;

	if (notify_send(text, &error) == 0)
		return;
	event.message = error.text;
	report_event(report, &event);
}
