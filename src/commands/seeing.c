/* From the options of seeing to a plan. */

#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "base/printable.h"
#include "base/units.h"
#include "commands/seeing.h"
#include "filters/digest.h"
#include "net/descriptor.h"

static int	plan_progress(struct gauge_plan *,
		    const struct seeing_options *, struct error *);
static int	plan_events(struct plan *, struct error *);
static int	plan_recorder(struct recorder_plan *,
		    const struct seeing_options *, struct error *);

int
plan_seeing(struct plan *plan, const struct seeing_options *options,
    struct error *error)
{
	if (options->quiet && options->verbose > 0) {
		error_setx(error, "--quiet and --verbose exclude each other");
		return -1;
	}
	plan->verbose = options->verbose;
	plan->quiet = options->quiet;
	plan->stats = options->stats;
	plan->events = options->events;
	plan->events_fd = -1;
	if (plan_progress(&plan->progress, options, error) == -1 ||
	    (plan->events != NULL && plan_events(plan, error) == -1))
		return -1;
	return plan_recorder(&plan->rules.recorder, options, error);
}

/* Lines of a dump would run into one that is written over. */
static int
plan_progress(struct gauge_plan *gauge, const struct seeing_options *options,
    struct error *error)
{
	gauge->form = options->progress;
	gauge->size = options->size;
	if (gauge->form == PROGRESS_LINE && options->hexdump != NULL &&
	    strcmp(options->hexdump, "-") == 0)
		gauge->form = PROGRESS_PLAIN;
	if (options->size == 0 || options->progress != PROGRESS_NONE)
		return 0;
	error_setx(error, "--size: only with --progress");
	return -1;
}

/* A file is opened when the run begins. */
static int
plan_events(struct plan *plan, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	uint64_t number;
	const char *why;

	if (strncmp(plan->events, "fd:", 3) != 0)
		return 0;
	(void)printable(plan->events, shown, sizeof(shown));
	if (units_number(plan->events + 3, 2, INT32_MAX, &number,
	    &why) == -1) {
		error_setx(error, "--events \"%s\": %s", shown, why);
		return -1;
	}
	plan->events_fd = (int)number;
	if (descriptor_is_writable(plan->events_fd))
		return 0;
	error_setx(error, fcntl(plan->events_fd, F_GETFD) == -1 ?
	    "--events %s: not open" : "--events %s: not open for writing",
	    shown);
	return -1;
}

static int
plan_recorder(struct recorder_plan *recorder,
    const struct seeing_options *seeing, struct error *error)
{
	const char *names = digest_names();
	char shown[PRINTABLE_SIZE];

	recorder->hexdump = seeing->hexdump;
	recorder->sent = seeing->record_sent;
	recorder->received = seeing->record_received;
	recorder->capture = seeing->pcap;
	recorder->digest = -1;
	if (seeing->digest == NULL)
		return 0;
	recorder->digest = digest_algorithm(seeing->digest);
	if (recorder->digest != -1)
		return 0;
	(void)printable(seeing->digest, shown, sizeof(shown));
	if (names == NULL)
		error_setx(error, "--digest %s: not built into this ducat",
		    shown);
	else
		error_setx(error, "--digest \"%s\": not one of %s", shown,
		    names);
	return -1;
}
