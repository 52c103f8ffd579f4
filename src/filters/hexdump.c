/*
 * The hex dump: lines are made in blocks, each of whole lines, and whoever
 * gets them knows nothing of what they are.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utc.h"
#include "filters/hexdump.h"

#define COLUMNS		((size_t)16)	/* bytes a line */
#define OFFSET_DIGITS	8		/* at least */

/* Where the columns are, from the end of the offset. */
#define HEX_AT		2
#define HALF_AT		8		/* bytes, then a blank more */
#define TEXT_AT		(HEX_AT + 3 * COLUMNS + 2)

/* A head line has a peer, and less than 100 bytes besides. */
#define HEAD_SIZE	(ADDRESS_TEXT + 120)
#define BLOCK_SIZE	((size_t)8 * 1024)

struct hexdump {
	struct tap	 tap;
	const struct tap_ends *ends;
	uint64_t	 offset[2];	/* of a stream; of what is sent: 1 */
};

static void	saw(struct tap *, const struct passage *);
static void	ended(struct tap *, bool);
static void	over(struct tap *, enum tap_end);

static size_t	begin_head(const struct hexdump *, bool, char *);
static size_t	put_head(const struct hexdump *, const struct passage *,
		    char *);
static const char *peer_text(const struct tap_ends *, const struct passage *,
		    char *, size_t);
static size_t	put_offset(uint64_t, char *);

static const struct tap_ops hexdump_ops = {
	.saw = saw,
	.ended = ended,
	.close = over
};

static const char digits[] = "0123456789abcdef";

struct tap *
hexdump_tap_new(struct sink *sink, const struct tap_ends *ends)
{
	struct hexdump *hexdump = calloc(1, sizeof(*hexdump));

	if (hexdump == NULL)
		return NULL;
	hexdump->tap.ops = &hexdump_ops;
	hexdump->tap.sink = sink;
	hexdump->ends = ends;
	return &hexdump->tap;
}

static void
saw(struct tap *tap, const struct passage *passage)
{
	struct hexdump *hexdump = (struct hexdump *)tap;
	struct hexdump_rest rest = {
		.data = passage->data, .size = passage->size,
		.sent = passage->sent
	};
	char block[BLOCK_SIZE];
	size_t used;

	used = put_head(hexdump, passage, block);
	if (!passage->record) {
		rest.offset = hexdump->offset[passage->sent];
		hexdump->offset[passage->sent] += passage->size;
	}
	while (rest.size > 0) {
		if (sizeof(block) - used < HEXDUMP_LINE) {
			(void)sink_put(tap->sink, block, used);
			used = 0;
		}
		used += hexdump_line(&rest, block + used);
	}
	(void)sink_put(tap->sink, block, used);
}

static void
ended(struct tap *tap, bool sent)
{
	const struct hexdump *hexdump = (const struct hexdump *)tap;
	char head[HEAD_SIZE];
	size_t used;

	used = begin_head(hexdump, sent, head);
	if (hexdump->ends->type == SOCK_STREAM)
		used += (size_t)snprintf(head + used, sizeof(head) - used,
		    " end at 0x%" PRIx64 "\n", hexdump->offset[sent]);
	else
		used += (size_t)snprintf(head + used, sizeof(head) - used,
		    " end\n");
	(void)sink_put(tap->sink, head, used);
}

static void
over(struct tap *tap, enum tap_end how)
{
	(void)how;
	free(tap);
}

/* Microseconds are what events have, too. */
static size_t
begin_head(const struct hexdump *hexdump, bool sent, char *to)
{
	char time[UTC_TEXT];
	size_t used;

	(void)utc_text(clock_wall(), time);
	used = (size_t)snprintf(to, HEAD_SIZE, "%c %.26sZ",
	    sent ? '>' : '<', time);
	if (hexdump->ends->number > 0)
		used += (size_t)snprintf(to + used, HEAD_SIZE - used,
		    " [%" PRIu32 "]", hexdump->ends->number);
	return used;
}

static size_t
put_head(const struct hexdump *hexdump, const struct passage *passage,
    char *to)
{
	const char *unit = passage->size == 1 ? "byte" : "bytes";
	char peer[ADDRESS_TEXT];
	size_t used = begin_head(hexdump, passage->sent, to);

	if (passage->record)
		return used + (size_t)snprintf(to + used, HEAD_SIZE - used,
		    " record of %zu %s %s %s\n", passage->size, unit,
		    passage->sent ? "to" : "from",
		    peer_text(hexdump->ends, passage, peer, sizeof(peer)));
	return used + (size_t)snprintf(to + used, HEAD_SIZE - used,
	    " %zu %s at 0x%" PRIx64 "\n", passage->size, unit,
	    hexdump->offset[passage->sent]);
}

/* A local socket to which we went may have no address but where it is. */
static const char *
peer_text(const struct tap_ends *ends, const struct passage *passage,
    char *buf, size_t size)
{
	const struct address *peer = passage->peer;

	if (peer == NULL)
		peer = ends->peer;
	if (peer->length > 0 || ends->place == NULL || ends->accepted)
		return address_text(peer, buf, size);
	strlcpy(buf, ends->place, size);
	return buf;
}

size_t
hexdump_line(struct hexdump_rest *rest, char to[HEXDUMP_LINE])
{
	const size_t first = rest->offset % COLUMNS;
	const size_t left = COLUMNS - first;
	const size_t count = rest->size < left ? rest->size : left;
	char *hex, *text;
	unsigned char byte;
	size_t i;

	to[0] = rest->sent ? '>' : '<';
	to[1] = ' ';
	hex = to + 2 + put_offset(rest->offset, to + 2);
	text = hex + TEXT_AT + first;
	memset(hex, ' ', TEXT_AT + COLUMNS);
	hex += HEX_AT;
	*text++ = '|';
	for (i = first; i < first + count; i++) {
		byte = (unsigned char)*rest->data++;
		hex[3 * i + i / HALF_AT] = digits[byte >> 4];
		hex[3 * i + i / HALF_AT + 1] = digits[byte & 15];
		*text++ = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
	}
	*text++ = '|';
	*text++ = '\n';
	rest->size -= count;
	rest->offset += count;
	return (size_t)(text - to);
}

static size_t
put_offset(uint64_t offset, char *to)
{
	size_t count = OFFSET_DIGITS, i;

	while (count < 16 && offset >> (4 * count) != 0)
		count++;
	for (i = count; i > 0; offset >>= 4)
		to[--i] = digits[offset & 15];
	return count;
}
