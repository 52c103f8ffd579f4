/*
 * The kinds of framers, and those of a few lines.  Each call begins anew
 * with the first byte of a record.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "pump/framer.h"

#define LEN32_SIZE	4
#define NETSTRING_EXTRA	(20 + 2)	/* digits of 64 bits, ':' and ',' */

static enum frame_result decode_read(const struct framer *, char *, size_t,
		    bool ended, struct frame *);
static enum frame_result decode_block(const struct framer *, char *, size_t,
		    bool ended, struct frame *);
static enum frame_result decode_line(const struct framer *, char *, size_t,
		    bool ended, struct frame *);
static enum frame_result decode_netstring(const struct framer *, char *,
		    size_t, bool ended, struct frame *);
static enum frame_result decode_len32(const struct framer *, char *, size_t,
		    bool ended, struct frame *);

static size_t	encode_bare(const struct record *, char *);
static size_t	encode_line(const struct record *, char *);
static size_t	encode_netstring(const struct record *, char *);
static size_t	encode_len32(const struct record *, char *);

static size_t	bound_bare(size_t);
static size_t	bound_line(size_t);
static size_t	bound_netstring(size_t);
static size_t	bound_len32(size_t);

static enum frame_result whole(struct frame *, const char *data, size_t size,
		    size_t used);
static enum frame_result bad(struct frame *, size_t at, const char *reason);
static size_t	put_payload(const struct record *, char *);

static const struct framer_ops kinds[] = {
	{ .name = "read", .bare = true, .decode = decode_read,
	    .encode = encode_bare, .bound = bound_bare },
	{ .name = "block", .bare = true, .fixed = true,
	    .decode = decode_block, .encode = encode_bare,
	    .bound = bound_bare },
	{ .name = "line", .decode = decode_line, .encode = encode_line,
	    .bound = bound_line },
	{ .name = "netstring", .decode = decode_netstring,
	    .encode = encode_netstring, .bound = bound_netstring },
	{ .name = "len32", .decode = decode_len32, .encode = encode_len32,
	    .bound = bound_len32 }
};

const struct framer_ops *
framer_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return strcmp(framer_json.name, name) == 0 ? &framer_json : NULL;
}

enum frame_result
framer_decode(const struct framer *framer, char *data, size_t size,
    bool ended, struct frame *frame)
{
	enum frame_result result = FRAME_MORE;

	memset(frame, 0, sizeof(*frame));
	if (size > 0)
		result = framer->ops->decode(framer, data, size, ended,
		    frame);
	if (result != FRAME_MORE || !ended)
		return result;
	if (frame->used == size)
		return FRAME_NONE;
	return bad(frame, size, "cut off by the end of input");
}

static enum frame_result
decode_read(const struct framer *framer, char *data, size_t size, bool ended,
    struct frame *frame)
{
	(void)ended;
	if (size > framer->most)
		size = framer->most;
	return whole(frame, data, size, size);
}

static enum frame_result
decode_block(const struct framer *framer, char *data, size_t size, bool ended,
    struct frame *frame)
{
	if (size < framer->block && !ended)
		return FRAME_MORE;
	if (size > framer->block)
		size = framer->block;
	return whole(frame, data, size, size);
}

static enum frame_result
decode_line(const struct framer *framer, char *data, size_t size, bool ended,
    struct frame *frame)
{
	const char *end;

	end = memchr(data, '\n', size > framer->most ? framer->most + 1 :
	    size);
	if (end != NULL)
		return whole(frame, data, (size_t)(end - data),
		    (size_t)(end - data) + 1);
	if (size > framer->most)
		return FRAME_LONG;
	return ended ? whole(frame, data, size, size) : FRAME_MORE;
}

static enum frame_result
decode_netstring(const struct framer *framer, char *data, size_t size,
    bool ended, struct frame *frame)
{
	uint64_t length = 0;
	size_t at;

	(void)ended;
	for (at = 0; at < size && data[at] >= '0' && data[at] <= '9'; at++) {
		if (at > 0 && length == 0)
			return bad(frame, at, "leading zero in the length");
		length = length * 10 + (uint64_t)(data[at] - '0');
		if (length > framer->most)
			return FRAME_LONG;
	}
	if (at == size)
		return FRAME_MORE;
	if (at == 0)
		return bad(frame, at, "a length is expected");
	if (data[at++] != ':')
		return bad(frame, at - 1, "':' is expected");
	if (size - at <= length)
		return FRAME_MORE;
	if (data[at + length] != ',')
		return bad(frame, at + length, "',' is expected");
	return whole(frame, data + at, length, at + length + 1);
}

static enum frame_result
decode_len32(const struct framer *framer, char *data, size_t size, bool ended,
    struct frame *frame)
{
	uint64_t length = 0;

	(void)ended;
	/* Without its last bytes the length is at least so much. */
	for (size_t i = 0; i < LEN32_SIZE; i++)
		length = length << 8 | (i < size ? (unsigned char)data[i] : 0);
	if (length > framer->most)
		return FRAME_LONG;
	if (size < LEN32_SIZE || size - LEN32_SIZE < length)
		return FRAME_MORE;
	return whole(frame, data + LEN32_SIZE, length, LEN32_SIZE + length);
}

static size_t
encode_bare(const struct record *record, char *to)
{
	return put_payload(record, to);
}

static size_t
encode_line(const struct record *record, char *to)
{
	const size_t size = put_payload(record, to);

	to[size] = '\n';
	return size + 1;
}

static size_t
encode_netstring(const struct record *record, char *to)
{
	size_t size;
	int n;

	/* Its end is overwritten. */
	n = snprintf(to, NETSTRING_EXTRA, "%zu:", record->size);
	size = (size_t)n + put_payload(record, to + n);
	to[size] = ',';
	return size + 1;
}

static size_t
encode_len32(const struct record *record, char *to)
{
	for (unsigned i = 0; i < LEN32_SIZE; i++)
		to[i] = (char)(record->size >> (24 - 8 * i));
	return LEN32_SIZE + put_payload(record, to + LEN32_SIZE);
}

static size_t
bound_bare(size_t payload)
{
	return payload;
}

static size_t
bound_line(size_t payload)
{
	return payload + 1;
}

static size_t
bound_netstring(size_t payload)
{
	return payload + NETSTRING_EXTRA;
}

static size_t
bound_len32(size_t payload)
{
	return payload + LEN32_SIZE;
}

static enum frame_result
whole(struct frame *frame, const char *data, size_t size, size_t used)
{
	frame->data = data;
	frame->size = size;
	frame->used = used;
	return FRAME_WHOLE;
}

static enum frame_result
bad(struct frame *frame, size_t at, const char *reason)
{
	frame->bad = at;
	frame->reason = reason;
	return FRAME_BAD;
}

/* An empty record may have no data. */
static size_t
put_payload(const struct record *record, char *to)
{
	if (record->size > 0)
		memcpy(to, record->data, record->size);
	return record->size;
}
