/* What is done with all the taps of a session. */

#include "config.h"

#include "pump/tap.h"

void
taps_saw(struct tap *tap, const struct passage *passage)
{
	for (; tap != NULL; tap = tap->next)
		tap->ops->saw(tap, passage);
}

bool
taps_full(struct tap *tap)
{
	for (; tap != NULL; tap = tap->next)
		if (tap->sink != NULL && sink_is_full(tap->sink))
			return true;
	return false;
}

void
taps_ended(struct tap *tap, bool sent)
{
	for (; tap != NULL; tap = tap->next)
		if (tap->ops->ended != NULL)
			tap->ops->ended(tap, sent);
}

void
taps_close(struct tap *tap, enum tap_end how)
{
	struct tap *next;

	for (; tap != NULL; tap = next) {
		next = tap->next;
		tap->ops->close(tap, how);
	}
}
