/* What the plan wants to be recorded, as taps of each session. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "filters/capture.h"
#include "filters/digest.h"
#include "filters/hexdump.h"
#include "filters/transcript.h"
#include "session/outlet.h"
#include "session/recorder.h"

struct recorder {
	struct outlets	 outlets;	/* first: the owner is theirs */
	const struct recorder_plan *plan;
	struct report	*report;
	struct outlet	*hexdump;	/* of all sessions; NULL: none */
	struct outlet	*sent;
	struct outlet	*received;
	struct outlet	*capture;
	struct sink	*words;		/* of the hex dump; NULL: not there */
	bool		 begun;		/* the first session has */
	bool		 words_failed;
};

static int	open_shared(struct recorder *, struct error *);
static void	begin(struct recorder *);
static void	begin_nothing(struct recorder *);
static struct outlet *open_named(struct recorder *, const char *option,
		    const char *pattern, const struct tap_ends *,
		    struct error *);
static int	add_transcript(struct recorder *, struct tap ***,
		    const struct tap_ends *, bool sent);
static int	add(struct recorder *, struct tap ***, struct tap *);
static struct outlet *outlet_of(const struct recorder *,
		    const struct tap *);
static void	heed_words(struct recorder *);

const char *
recorder_option(const struct recorder_plan *plan)
{
	return plan->hexdump != NULL ? "--hexdump" :
	    plan->capture != NULL ? "--pcap" :
	    plan->sent != NULL ? "--record-sent" :
	    plan->received != NULL ? "--record-received" :
	    plan->digest != -1 ? "--digest" : NULL;
}

struct recorder *
recorder_new(const struct recorder_plan *plan, struct watch *watch,
    struct report *report, int kind, struct error *error)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (recorder == NULL) {
		error_set(error, errno, "recording");
		return NULL;
	}
	outlets_init(&recorder->outlets, watch, report, kind);
	recorder->plan = plan;
	recorder->report = report;
	if (open_shared(recorder, error) == 0)
		return recorder;
	recorder_free(recorder);
	return NULL;
}

/*
 * What is wrong with names that are known is told now.  "-" is standard
 * error, and only the hex dump's.
 */
static int
open_shared(struct recorder *recorder, struct error *error)
{
	const struct recorder_plan *plan = recorder->plan;
	const struct {
		const char	*option;
		const char	*name;
		struct outlet	**outlet;
		bool		 is_pattern;
	} files[] = {
		{ "--hexdump", plan->hexdump, &recorder->hexdump, false },
		{ "--pcap", plan->capture, &recorder->capture, false },
		{ "--record-sent", plan->sent, &recorder->sent, true },
		{ "--record-received", plan->received, &recorder->received,
		    true }
	};
	const struct tap_ends nobody = { .number = 0 };
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].name == NULL || (files[i].is_pattern &&
		    transcript_varies(files[i].name)))
			continue;
		if (strcmp(files[i].name, "-") == 0) {
			recorder->words = report_words(recorder->report,
			    OUTLET_ROOM);
			continue;
		}
		*files[i].outlet = files[i].is_pattern ?
		    open_named(recorder, files[i].option, files[i].name,
		    &nobody, error) : outlet_open(&recorder->outlets,
		    files[i].option, files[i].name, false, error);
		if (*files[i].outlet == NULL)
			return -1;
		(*files[i].outlet)->users = 1;
	}
	return 0;
}

/* What was in the files goes when there is something to take its place. */
static void
begin(struct recorder *recorder)
{
	struct outlet *outlet;

	for (outlet = recorder->outlets.all; outlet != NULL;
	    outlet = outlet->next)
		outlet_empty(&recorder->outlets, outlet);
	if (recorder->capture != NULL)
		capture_begin(&recorder->capture->sink);
	recorder->begun = true;
}

/* There was no session: what was in the files stays, a capture is one. */
static void
begin_nothing(struct recorder *recorder)
{
	struct outlet *capture = recorder->capture;

	recorder->begun = true;
	if (capture != NULL && outlet_is_empty(capture))
		capture_begin(&capture->sink);
}

static struct outlet *
open_named(struct recorder *recorder, const char *option,
    const char *pattern, const struct tap_ends *ends, struct error *error)
{
	char name[PATH_MAX];

	if (transcript_name(pattern, ends, name, sizeof(name), error) == -1)
		return NULL;
	/* A name that is made once the run goes on can be foreseen. */
	return outlet_open(&recorder->outlets, option, name, recorder->begun,
	    error);
}

int
recorder_open_taps(struct recorder *recorder, const struct tap_ends *ends,
    struct tap **taps)
{
	const struct recorder_plan *plan = recorder->plan;
	struct sink *dump = recorder->words;
	struct tap **end = taps;

	*taps = NULL;
	if (!recorder->begun)
		begin(recorder);
	if (recorder->hexdump != NULL)
		dump = &recorder->hexdump->sink;
	/* The digest is the first: recorder_tell() takes that for it. */
	if ((plan->digest == -1 || add(recorder, &end,
	    digest_tap_new(plan->digest)) == 0) &&
	    (dump == NULL || add(recorder, &end,
	    hexdump_tap_new(dump, ends)) == 0) &&
	    (recorder->capture == NULL || add(recorder, &end,
	    capture_tap_new(&recorder->capture->sink, ends)) == 0) &&
	    add_transcript(recorder, &end, ends, true) == 0 &&
	    add_transcript(recorder, &end, ends, false) == 0)
		return 0;
	recorder_close_taps(recorder, *taps, TAP_LEFT);
	*taps = NULL;
	return -1;
}

static int
add(struct recorder *recorder, struct tap ***end, struct tap *tap)
{
	struct outlet *outlet;

	if (tap == NULL)
		return -1;
	outlet = outlet_of(recorder, tap);
	if (outlet != NULL)
		outlet->users++;
	**end = tap;
	*end = &tap->next;
	return 0;
}

/* One of a session's own that cannot be opened is told, and there is none. */
static int
add_transcript(struct recorder *recorder, struct tap ***end,
    const struct tap_ends *ends, bool sent)
{
	const char *pattern = sent ? recorder->plan->sent :
	    recorder->plan->received;
	struct outlet *outlet = sent ? recorder->sent : recorder->received;
	struct error error;

	if (pattern == NULL)
		return 0;
	if (outlet == NULL) {
		outlet = open_named(recorder, sent ? "--record-sent" :
		    "--record-received", pattern, ends, &error);
		if (outlet == NULL) {
			outlets_fail(&recorder->outlets, &error);
			return 0;
		}
		outlet_empty(&recorder->outlets, outlet);
		outlet_touch(&recorder->outlets, outlet);
	}
	return add(recorder, end, transcript_tap_new(&outlet->sink, sent));
}

void
recorder_tell(struct recorder *recorder, const struct tap *taps,
    const struct event *about)
{
	struct event event = *about;
	char text[DIGEST_TEXT];
	int sent;

	if (recorder->plan->digest == -1)
		return;
	event.kind = EVENT_DIGEST;
	event.name = digest_name(recorder->plan->digest);
	event.digest = text;
	for (sent = 1; sent >= 0; sent--) {
		event.of_sent = sent;
		(void)digest_text(taps, event.of_sent, text, sizeof(text));
		report_event(recorder->report, &event);
	}
}

void
recorder_close_taps(struct recorder *recorder, struct tap *taps,
    enum tap_end how)
{
	struct outlet *outlet;
	struct tap *tap;

	recorder_touch(recorder, taps);
	for (tap = taps; tap != NULL; tap = tap->next) {
		outlet = outlet_of(recorder, tap);
		if (outlet != NULL)
			outlet->users--;
	}
	taps_close(taps, how);
}

/* NULL: it writes nothing, or to standard error. */
static struct outlet *
outlet_of(const struct recorder *recorder, const struct tap *tap)
{
	return tap->sink == NULL || tap->sink == recorder->words ? NULL :
	    (struct outlet *)tap->sink;
}

void
recorder_touch(struct recorder *recorder, const struct tap *taps)
{
	struct outlet *outlet;

	for (; taps != NULL; taps = taps->next) {
		outlet = outlet_of(recorder, taps);
		if (outlet != NULL)
			outlet_touch(&recorder->outlets, outlet);
	}
	watch_touch(recorder->outlets.watch, &recorder->outlets.owner);
}

bool
recorder_advance(struct recorder *recorder)
{
	bool relieved = outlets_advance(&recorder->outlets);

	if (recorder->words == NULL)
		return relieved;
	report_advance(recorder->report);
	heed_words(recorder);
	return sink_relieved(recorder->words) || relieved;
}

/* That standard error failed events can tell. */
static void
heed_words(struct recorder *recorder)
{
	struct error error;

	if (recorder->words_failed || recorder->words->error == 0)
		return;
	recorder->words_failed = true;
	error_set(&error, recorder->words->error, "--hexdump");
	outlets_fail(&recorder->outlets, &error);
}

bool
recorder_finish(struct recorder *recorder)
{
	(void)recorder_advance(recorder);
	return outlets_written(&recorder->outlets) &&
	    (recorder->words == NULL || recorder->words->used == 0);
}

bool
recorder_failed(const struct recorder *recorder)
{
	return recorder->outlets.failed;
}

void
recorder_drain(struct recorder *recorder, int64_t until)
{
	if (!recorder->begun)
		begin_nothing(recorder);
	outlets_drain(&recorder->outlets, until);
	if (recorder->words == NULL)
		return;
	sink_drain(recorder->words, until);
	heed_words(recorder);
}

void
recorder_free(struct recorder *recorder)
{
	if (recorder == NULL)
		return;
	outlets_clear(&recorder->outlets);
	free(recorder);
}
