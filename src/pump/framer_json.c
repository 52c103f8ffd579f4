/*
 * Records as JSON, an object a line.  A line is read once it is whole, so
 * nothing needs to be remembered of its beginning.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/utc.h"
#include "base/utf8.h"
#include "pump/framer.h"

/* All but text and base64; an address's text at most doubles in quotes. */
#define EXTRA		(256 + 2 * 2 * ADDRESS_TEXT)

/* What was read of a line. */
struct object {
	char		*text;		/* NULL: there is none */
	size_t		 text_size;
	char		*bytes;		/* those of base64; NULL: none */
	size_t		 bytes_size;
	uint64_t	 length;
	size_t		 length_at;	/* 0: there is none */
	unsigned	 seen;		/* a bit a member */
};

/* Reading */
static enum frame_result decode(const struct framer *, char *, size_t,
		    bool ended, struct frame *);
static enum frame_result decode_object(const struct framer *, struct json *,
		    struct frame *);
static bool	read_object(struct json *, struct object *);
static bool	read_member(struct json *, struct object *, size_t at,
		    const char *name, size_t size);
static bool	read_other(struct json *, struct object *);
static bool	read_length(struct json *, struct object *);
static bool	read_text(struct json *, struct object *);
static bool	read_base64(struct json *, struct object *);

/* Writing */
static size_t	encode(const struct record *, char *);
static size_t	bound(size_t payload);
static size_t	put(const char *literal, char *to);
static size_t	put_address(const char *name, const struct address *,
		    char *to);

const struct framer_ops framer_json = {
	.name = "json",
	.decode = decode,
	.encode = encode,
	.bound = bound
};

/* What no record has twice. */
static const struct {
	const char	*name;
	bool		(*read)(struct json *, struct object *);
} members[] = {
	{ "time",	read_other },
	{ "peer",	read_other },
	{ "local",	read_other },
	{ "length",	read_length },
	{ "text",	read_text },
	{ "base64",	read_base64 }
};

static enum frame_result
decode(const struct framer *framer, char *data, size_t size, bool ended,
    struct frame *frame)
{
	const size_t most = bound(framer->most);
	struct json json = { .data = data, .size = size };
	enum frame_result result;
	const char *end;
	size_t left;

	json_blanks(&json);
	left = size - json.at;
	if (left > 0 && data[json.at] != '{') {
		frame->bad = json.at;
		frame->reason = "an object is expected";
		return FRAME_BAD;
	}
	end = memchr(data + json.at, '\n', left > most ? most : left);
	if (end == NULL && left >= most) {
		frame->bad = json.at;
		return FRAME_LONG;
	}
	if (end == NULL && (!ended || left == 0)) {
		frame->used = json.at;
		return FRAME_MORE;
	}
	if (end != NULL)
		json.size = (size_t)(end - data);
	result = decode_object(framer, &json, frame);
	if (end != NULL && result == FRAME_WHOLE)
		frame->used++;
	if (end != NULL && result == FRAME_BAD && frame->bad == json.size)
		frame->reason = "cut off by the end of the line";
	if (end == NULL && result == FRAME_BAD && frame->bad == json.size)
		frame->reason = "cut off by the end of input";
	return result;
}

/* The text is one line without its end. */
static enum frame_result
decode_object(const struct framer *framer, struct json *json,
    struct frame *frame)
{
	struct object object = { .text = NULL };
	const size_t start = json->at;

	if (!read_object(json, &object)) {
		frame->bad = json->at;
		frame->reason = json->reason;
		return FRAME_BAD;
	}
	frame->data = object.bytes != NULL ? object.bytes : object.text;
	frame->size = object.bytes != NULL ? object.bytes_size :
	    object.text_size;
	if (object.length_at > 0 && object.length != frame->size) {
		frame->bad = object.length_at;
		frame->reason = "not the length of the payload";
		return FRAME_BAD;
	}
	frame->bad = start;
	if (frame->size > framer->most)
		return FRAME_LONG;
	frame->used = json->size;
	return FRAME_WHOLE;
}

static bool
read_object(struct json *json, struct object *object)
{
	size_t at, size;
	char *name;

	if (!json_object(json))
		return false;
	while (json_member(json, &name, &size)) {
		at = (size_t)(name - json->data) - 1;
		if (!read_member(json, object, at, name, size))
			return false;
	}
	if (json->reason != NULL)
		return false;
	if (object->text == NULL && object->bytes == NULL)
		return json_fault(json, json->at - 1,
		    "neither \"text\" nor \"base64\" is there");
	json_blanks(json);
	if (json->at < json->size)
		return json_fault(json, json->at,
		    "the end of the line is expected");
	return true;
}

/* The name's quote stands at `at`. */
static bool
read_member(struct json *json, struct object *object, size_t at,
    const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strlen(members[i].name) != size ||
		    memcmp(members[i].name, name, size) != 0)
			continue;
		if ((object->seen & 1u << i) != 0)
			return json_fault(json, at, "given twice");
		object->seen |= 1u << i;
		return members[i].read(json, object);
	}
	return json_skip(json);
}

static bool
read_other(struct json *json, struct object *object)
{
	(void)object;
	return json_skip(json);
}

static bool
read_length(struct json *json, struct object *object)
{
	object->length_at = json->at;
	return json_count(json, &object->length);
}

static bool
read_text(struct json *json, struct object *object)
{
	return json_string(json, &object->text, &object->text_size);
}

static bool
read_base64(struct json *json, struct object *object)
{
	return json_base64(json, &object->bytes, &object->bytes_size);
}

static size_t
encode(const struct record *record, char *to)
{
	/* An empty record may have no data. */
	const char *data = record->size > 0 ? record->data : "";
	char *const start = to;
	char time[UTC_TEXT], length[32];

	to += put("{\"time\":\"", to);
	to += put(utc_text(record->time_ns, time), to);
	*to++ = '"';
	to += put_address(",\"peer\":", record->peer, to);
	to += put_address(",\"local\":", record->local, to);
	(void)snprintf(length, sizeof(length), ",\"length\":%zu",
	    record->size);
	to += put(length, to);
	if (utf8_span(data, record->size) == record->size) {
		to += put(",\"text\":", to);
		to += json_quote(data, record->size, to);
	}
	to += put(",\"base64\":\"", to);
	to += base64_encode(data, record->size, to);
	to += put("\"}\n", to);
	return (size_t)(to - start);
}

static size_t
bound(size_t payload)
{
	return EXTRA + JSON_EXPANSION * payload + BASE64_SIZE(payload);
}

static size_t
put(const char *literal, char *to)
{
	const size_t size = strlen(literal);

	memcpy(to, literal, size);
	return size;
}

static size_t
put_address(const char *name, const struct address *address, char *to)
{
	char text[ADDRESS_TEXT];
	size_t size;

	if (address == NULL || address->length == 0)
		return 0;
	(void)address_text(address, text, sizeof(text));
	size = put(name, to);
	return size + json_quote(text, strlen(text), to + size);
}
