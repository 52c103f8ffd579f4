/* The service manager, if any: a failure to tell it ends nothing. */

#include "config.h"

#include <unistd.h>

#include "net/notify.h"
#include "session/manager.h"

static void	warn(const struct surroundings *, const struct error *);

void
manager_open(struct surroundings *around)
{
	struct error error;

	around->manager = notify_open(&error);
	if (around->manager == -1 && error.text[0] != '\0')
		warn(around, &error);
}

void
manager_close(struct surroundings *around)
{
	if (around->manager != -1)
		(void)close(around->manager);
	around->manager = -1;
}

void
manager_tell(const struct surroundings *around, const char *text)
{
	struct error error;

	if (around->manager != -1 &&
	    notify_send(around->manager, text, &error) == -1)
		warn(around, &error);
}

static void
warn(const struct surroundings *around, const struct error *error)
{
	struct event event = { .kind = EVENT_WARNING };

	event.message = error->text;
	report_event(around->report, &event);
}
