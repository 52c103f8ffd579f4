/*
 * Framers: bytes to records and back, in the caller's buffers.  A record is
 * a datagram's payload, with what is known of it.  They do no I/O, keep no
 * state between calls, and do not know where the bytes go.
 *
 *	read	  what is there at once is a record		stream
 *	block	  so many bytes are one, the last may have less	stream
 *	line	  '\n' ends one, and is not part of it		text
 *	netstring "5:hello,"; D. J. Bernstein's		lossless
 *	len32	  four bytes, big-endian, say how many follow	lossless
 *	json	  an object a line, see below			lossless
 *
 * json, with members in any order and others ignored:
 *
 *	{"time":"2026-01-31T12:00:00.123456789Z","peer":"127.0.0.1:53",
 *	"local":"[::1]:53","length":5,"text":"hello","base64":"aGVsbG8="}
 *
 * "text" is there where the payload is UTF-8, and peer and local where they
 * are known.  Of what is read, the payload is the base64 or else the text;
 * the length, if it is there, must be the payload's.
 */
#ifndef PUMP_FRAMER_H
#define PUMP_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct record {
	const char		*data;
	size_t			 size;
	const struct address	*peer;		/* NULL: not known */
	const struct address	*local;		/* NULL: not known */
	int64_t			 time_ns;	/* since 1970, UTC */
};

enum frame_result {
	FRAME_WHOLE,		/* data, size */
	FRAME_MORE,		/* no record as yet: more bytes are needed */
	FRAME_NONE,		/* the input ended, and so did the records */
	FRAME_BAD,		/* bad, reason */
	FRAME_LONG		/* bad: where the record begins */
};

/* What stands at the front of the input. */
struct frame {
	const char	*data;		/* the payload, within the input */
	size_t		 size;
	size_t		 used;		/* bytes to drop, of FRAME_MORE too */
	size_t		 bad;		/* offset of the fault */
	const char	*reason;	/* static; "':' is expected" */
};

struct framer;

struct framer_ops {
	const char	*name;
	bool		 bare;	/* payloads follow each other as they are */
	bool		 fixed;	/* all of framer->block bytes, but the last */
	/* framer_decode(), which knows the end of the input. */
	enum frame_result (*decode)(const struct framer *, char *data,
		    size_t size, bool ended, struct frame *);
	/* Write the record to `to`; returns the bytes that it has become. */
	size_t		(*encode)(const struct record *, char *to);
	/* The most bytes that encode() makes of so much payload. */
	size_t		(*bound)(size_t payload);
};

struct framer {
	const struct framer_ops	*ops;
	size_t			 most;	/* longest payload, 1 to UINT32_MAX */
	size_t			 block;	/* of block: 1 to most */
};

/* The one of that name; NULL: there is none. */
const struct framer_ops *framer_find(const char *name);

/*
 * Find the first record in the input, of which `size` bytes are there; once
 * `ended`, no more follow.  The caller drops `used` bytes when it is done
 * with the payload, also of FRAME_MORE (white space between json's records),
 * then reads more.  With room for ops->bound(most) bytes there is always
 * some left after FRAME_MORE: what does not fit is FRAME_LONG.  A record is
 * never cut, but by read, of which all fit: it is a stream.
 *
 * json rewrites its bytes in place, and on FRAME_BAD those before the fault
 * mean nothing.  A fault is the first byte which no record has there, `size`
 * where one is cut off.  Lone surrogates, wrong characters of base64 (which
 * may be escaped), repeated members and wrong lengths count where they begin.
 */
enum frame_result framer_decode(const struct framer *, char *data,
	    size_t size, bool ended, struct frame *);

/* In framer_json.c. */
extern const struct framer_ops framer_json;

#endif
