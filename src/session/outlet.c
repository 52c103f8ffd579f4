/* Files beside the transfer: a list, of which only the touched are seen. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "net/descriptor.h"
#include "session/outlet.h"

static int	open_file(const struct outlets *, struct outlet *,
		    bool foreseen, struct error *);
static void	look(struct outlet *, int fd);
static const char *taken_by(const struct outlets *, const struct outlet *);
static bool	is_file(const struct outlet *, int fd);
static bool	advance(struct outlets *, struct outlet *);
static void	close_outlet(struct outlets *, struct outlet *);
static void	heed(struct outlets *, struct outlet *);

void
outlets_init(struct outlets *outlets, struct watch *watch,
    struct report *report, int kind)
{
	memset(outlets, 0, sizeof(*outlets));
	owner_init(&outlets->owner, kind);
	outlets->watch = watch;
	outlets->report = report;
}

struct outlet *
outlet_open(struct outlets *outlets, const char *option, const char *name,
    bool foreseen, struct error *error)
{
	struct outlet *outlet = calloc(1, sizeof(*outlet));

	if (outlet == NULL || (outlet->name = strdup(name)) == NULL) {
		error_set(error, errno, "%s", option);
		free(outlet);
		return NULL;
	}
	outlet->option = option;
	if (open_file(outlets, outlet, foreseen, error) == -1) {
		free(outlet->name);
		free(outlet);
		return NULL;
	}
	outlet->next = outlets->all;
	outlet->back = &outlets->all;
	if (outlet->next != NULL)
		outlet->next->back = &outlet->next;
	outlets->all = outlet;
	return outlet;
}

static int
open_file(const struct outlets *outlets, struct outlet *outlet,
    bool foreseen, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	const char *by;
	int fd;

	(void)printable(outlet->name, shown, sizeof(shown));
	fd = descriptor_create(outlet->name, foreseen ? O_NOFOLLOW : 0);
	if (fd == -1) {
		error_set(error, errno, "%s %s", outlet->option, shown);
		return -1;
	}
	look(outlet, fd);
	by = taken_by(outlets, outlet);
	if (by != NULL)
		error_setx(error, "%s %s: is in use for %s", outlet->option,
		    shown, by);
	else if (sink_open_own(&outlet->sink, fd, OUTLET_ROOM) == -1)
		error_set(error, errno, "%s %s", outlet->option, shown);
	else
		return 0;
	(void)close(fd);
	return -1;
}

static void
look(struct outlet *outlet, int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return;
	outlet->regular = S_ISREG(status.st_mode);
	outlet->device = status.st_dev;
	outlet->inode = status.st_ino;
}

/* Is the file another outlet's, that of events, or a standard stream? */
static const char *
taken_by(const struct outlets *outlets, const struct outlet *outlet)
{
	const struct outlet *other;
	int fd;

	if (!outlet->regular)
		return NULL;
	for (other = outlets->all; other != NULL; other = other->next)
		if (other->regular && other->device == outlet->device &&
		    other->inode == outlet->inode)
			return strcmp(other->option, outlet->option) == 0 ?
			    "another session" : other->option;
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (is_file(outlet, fd))
			return "standard input or output";
	return is_file(outlet, report_events_fd(outlets->report)) ?
	    "--events" : NULL;
}

static bool
is_file(const struct outlet *outlet, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_dev == outlet->device && status.st_ino == outlet->inode;
}

void
outlet_empty(struct outlets *outlets, struct outlet *outlet)
{
	if (!outlet->regular || ftruncate(outlet->sink.fd, 0) == 0)
		return;
	outlet->sink.error = errno;
	heed(outlets, outlet);
}

bool
outlet_is_empty(const struct outlet *outlet)
{
	struct stat status;

	return !outlet->regular || (fstat(outlet->sink.fd, &status) == 0 &&
	    status.st_size == 0);
}

void
outlet_touch(struct outlets *outlets, struct outlet *outlet)
{
	watch_touch(outlets->watch, &outlets->owner);
	if (outlet->touched)
		return;
	outlet->touched = true;
	outlet->next_touched = outlets->touched;
	outlets->touched = outlet;
}

bool
outlets_advance(struct outlets *outlets)
{
	struct outlet *outlet, *next = outlets->touched;
	bool relieved = false;

	outlets->touched = NULL;
	watch_begin(outlets->watch, &outlets->owner);
	while ((outlet = next) != NULL) {
		next = outlet->next_touched;
		outlet->touched = false;
		relieved |= advance(outlets, outlet);
	}
	watch_end(outlets->watch, &outlets->owner);
	return relieved;
}

/* What could not be written stays in the list. */
static bool
advance(struct outlets *outlets, struct outlet *outlet)
{
	bool done = sink_flush(&outlet->sink);

	heed(outlets, outlet);
	if (done && outlet->users == 0) {
		close_outlet(outlets, outlet);
		return false;
	}
	if (!done) {
		sink_await(&outlet->sink, outlets->watch, &outlets->owner);
		outlet->touched = true;
		outlet->next_touched = outlets->touched;
		outlets->touched = outlet;
	}
	return sink_relieved(&outlet->sink);
}

static void
close_outlet(struct outlets *outlets, struct outlet *outlet)
{
	*outlet->back = outlet->next;
	if (outlet->next != NULL)
		outlet->next->back = outlet->back;
	heed(outlets, outlet);
	watch_forget(outlets->watch, outlet->sink.fd);
	sink_close(&outlet->sink);
	free(outlet->name);
	free(outlet);
}

static void
heed(struct outlets *outlets, struct outlet *outlet)
{
	char shown[PRINTABLE_SIZE];
	struct error error;

	if (outlet->told || (outlet->sink.error == 0 &&
	    outlet->sink.dropped == 0))
		return;
	(void)printable(outlet->name, shown, sizeof(shown));
	if (outlet->sink.error != 0)
		error_set(&error, outlet->sink.error, "%s %s", outlet->option,
		    shown);
	else
		error_setx(&error, "%s %s: not all could be written",
		    outlet->option, shown);
	outlet->told = true;
	outlets_fail(outlets, &error);
}

void
outlets_fail(struct outlets *outlets, const struct error *error)
{
	report_error(outlets->report, STATUS_WRITE, error);
	outlets->failed = true;
}

bool
outlets_written(const struct outlets *outlets)
{
	const struct outlet *outlet;

	for (outlet = outlets->touched; outlet != NULL;
	    outlet = outlet->next_touched)
		if (outlet->sink.used > 0)
			return false;
	return true;
}

void
outlets_drain(struct outlets *outlets, int64_t until)
{
	struct outlet *outlet;

	for (outlet = outlets->all; outlet != NULL; outlet = outlet->next) {
		sink_drain(&outlet->sink, until);
		if (outlet->sink.used > 0)
			outlet->sink.dropped++;
		heed(outlets, outlet);
	}
}

void
outlets_clear(struct outlets *outlets)
{
	while (outlets->all != NULL)
		close_outlet(outlets, outlets->all);
	watch_leave(outlets->watch, &outlets->owner);
}
