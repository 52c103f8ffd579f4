/*
 * A line of parts, each with its turn to go where columns are few.  Numbers
 * are rounded down: none says more than is done.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "report/progress.h"

#define PART_SIZE	64

/* With brackets and an arrow. */
#define BAR_LEAST	6

/* More than that is not told: "999%". */
#define PERCENT_MOST	999
#define ETA_MOST	(100 * 3600)

/* As they stand; the bar takes what the others leave. */
enum part {
	PART_COUNT,
	PART_TIME,
	PART_RATE,
	PART_BAR,
	PART_PERCENT,
	PART_ETA,
	PARTS
};

/* As they go. */
static const enum part leaving[] = {
	PART_ETA, PART_RATE, PART_TIME, PART_PERCENT, PART_COUNT
};

struct line {
	char	parts[PARTS][PROGRESS_TEXT];
};

static void	write_parts(struct line *, const struct progress *, bool log);
static void	write_count(char *, const struct progress *, bool log);
static void	write_eta(char *, const struct progress *);
static void	write_bar(char *, const struct progress *, size_t columns);
static size_t	length(const struct line *);
static size_t	join(const struct line *, char *);
static const char *bytes_text(uint64_t, char *);
static void	write_time(char *, uint64_t seconds);
static uint64_t	portion(const struct progress *, uint64_t whole);

size_t
progress_text(const struct progress *progress, unsigned columns, char *buf)
{
	struct line line;
	size_t used, i;

	memset(&line, 0, sizeof(line));
	write_parts(&line, progress, columns == PROGRESS_LOG);
	if (columns == PROGRESS_LOG)
		return join(&line, buf);
	if (columns >= PROGRESS_TEXT)
		columns = PROGRESS_TEXT - 1;
	for (i = 0; length(&line) > columns; i++)
		line.parts[leaving[i]][0] = '\0';
	used = length(&line);
	if (progress->size > 0 && columns >= used + 1 + BAR_LEAST)
		write_bar(line.parts[PART_BAR], progress, columns - used - 1);
	return join(&line, buf);
}

static void
write_parts(struct line *line, const struct progress *progress, bool log)
{
	char rate[16];

	write_count(line->parts[PART_COUNT], progress, log);
	write_time(line->parts[PART_TIME],
	    (uint64_t)(progress->elapsed_ns / CLOCK_SECOND));
	(void)snprintf(line->parts[PART_RATE], PART_SIZE, log ? "[%s/s]" :
	    "[%7s/s]", bytes_text(progress->rate, rate));
	if (progress->size == 0)
		return;
	(void)snprintf(line->parts[PART_PERCENT], PART_SIZE, log ?
	    "%" PRIu64 "%%" : "%3" PRIu64 "%%", portion(progress, 100));
	if (!progress->last)
		write_eta(line->parts[PART_ETA], progress);
}

static void
write_count(char *buf, const struct progress *progress, bool log)
{
	char sent[16], received[16];

	(void)bytes_text(progress->sent, sent);
	(void)bytes_text(progress->received, received);
	if (progress->sent > 0 && progress->received > 0)
		(void)snprintf(buf, PART_SIZE, log ? "> %s < %s" :
		    "> %7s < %7s", sent, received);
	else
		(void)snprintf(buf, PART_SIZE, log ? "%s" : "%7s",
		    progress->received > 0 ? received : sent);
}

/* As fast as on average so far. */
static void
write_eta(char *buf, const struct progress *progress)
{
	uint64_t rate = progress_rate(progress->done, progress->elapsed_ns);
	uint64_t left = progress->done < progress->size ?
	    progress->size - progress->done : 0;

	(void)snprintf(buf, PART_SIZE, "ETA ");
	if (rate == 0 || left / rate >= ETA_MOST)
		(void)snprintf(buf + 4, PART_SIZE - 4, "-:--:--");
	else
		write_time(buf + 4, (left + rate / 2) / rate);
}

static void
write_bar(char *buf, const struct progress *progress, size_t columns)
{
	size_t room = columns - strlen("[>]"), done = room;

	if (progress->done < progress->size)
		done = (size_t)portion(progress, room);
	memset(buf, ' ', columns);
	memset(buf, '=', done + 1);
	buf[0] = '[';
	buf[done + 1] = '>';
	buf[columns - 1] = ']';
}

static size_t
length(const struct line *line)
{
	char buf[PARTS * PART_SIZE];

	return join(line, buf);
}

static size_t
join(const struct line *line, char *buf)
{
	size_t used = 0, size, i;

	for (i = 0; i < PARTS; i++) {
		size = strlen(line->parts[i]);
		if (size == 0)
			continue;
		if (used > 0)
			buf[used++] = ' ';
		memcpy(buf + used, line->parts[i], size);
		used += size;
	}
	buf[used] = '\0';
	return used;
}

/* Three digits and a unit: "512B", "1.23GiB", "1023KiB". */
static const char *
bytes_text(uint64_t bytes, char *buf)
{
	static const char units[] = "BKMGTPE";
	unsigned unit = 0, shift, fraction;
	uint64_t whole;

	while (bytes >> (10 * unit) >= 1024)
		unit++;
	if (unit == 0) {
		(void)snprintf(buf, 16, "%" PRIu64 "B", bytes);
		return buf;
	}
	shift = 10 * unit;
	whole = bytes >> shift;
	fraction = (unsigned)(bytes >> (shift - 10)) & 1023;
	if (whole < 10)
		(void)snprintf(buf, 16, "%u.%02u%ciB", (unsigned)whole,
		    fraction * 100 / 1024, units[unit]);
	else if (whole < 100)
		(void)snprintf(buf, 16, "%u.%u%ciB", (unsigned)whole,
		    fraction * 10 / 1024, units[unit]);
	else
		(void)snprintf(buf, 16, "%u%ciB", (unsigned)whole,
		    units[unit]);
	return buf;
}

static void
write_time(char *buf, uint64_t seconds)
{
	(void)snprintf(buf, PART_SIZE - 4, "%" PRIu64 ":%02u:%02u",
	    seconds / 3600, (unsigned)(seconds / 60 % 60),
	    (unsigned)(seconds % 60));
}

/* How many of so many parts are done, without 128 bits. */
static uint64_t
portion(const struct progress *progress, uint64_t whole)
{
	uint64_t done = progress->done, size = progress->size, parts;

	while (done > UINT32_MAX && size > 1) {
		done >>= 1;
		size >>= 1;
	}
	if (done > UINT32_MAX)
		return PERCENT_MOST;
	parts = done * whole / size;
	if (progress->done < progress->size && parts >= whole)
		return whole - 1;
	return parts > PERCENT_MOST ? PERCENT_MOST : parts;
}

uint64_t
progress_rate(uint64_t bytes, int64_t ns)
{
	uint64_t us = (uint64_t)ns / 1000;

	if (us == 0)
		return 0;
	return bytes < UINT64_MAX / 1000000 ? bytes * 1000000 / us :
	    bytes / us * 1000000;
}
