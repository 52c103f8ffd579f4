/* JSON: values read in place, and strings written. */

#include "config.h"

#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/utf8.h"

/* Values that are passed */
static bool	skip(struct json *, unsigned depth);
static bool	skip_object(struct json *, unsigned depth);
static bool	skip_array(struct json *, unsigned depth);
static bool	skip_number(struct json *);
static bool	skip_digits(struct json *);
static bool	skip_word(struct json *, const char *word);
static bool	take_digit(struct json *, unsigned *digit);

/* Strings */
static size_t	plain_span(const char *bytes, size_t size);
static size_t	shown_span(const char *bytes, size_t size);
static bool	character(struct json *, uint32_t *code);
static bool	escape(struct json *, uint32_t *code);
static bool	unicode(struct json *, size_t start, uint32_t *code);
static bool	hex_unit(struct json *, uint32_t *unit);
static bool	base64_group(struct json *, char *to, size_t *made);
static size_t	hidden_length(const char *bytes, size_t size, uint32_t *code);
static size_t	quote_byte(unsigned char, char *to);
static size_t	quote_unit(uint32_t code, char *to);

#define SURROGATE_HIGH	0xd800u
#define SURROGATE_LOW	0xdc00u
#define SURROGATE_MASK	0xfc00u		/* the bits that tell which */

/* The short escapes: letters behind a backslash. */
static const struct {
	char	letter;
	char	byte;
} forms[] = {
	{ '"',	'"' },
	{ '\\',	'\\' },
	{ 'b',	'\b' },
	{ 'f',	'\f' },
	{ 'n',	'\n' },
	{ 'r',	'\r' },
	{ 't',	'\t' },
	{ '/',	'/' }
};

bool
json_fault(struct json *json, size_t at, const char *reason)
{
	json->at = at;
	json->reason = reason;
	return false;
}

void
json_blanks(struct json *json)
{
	while (json_next(json, ' ') || json_next(json, '\t') ||
	    json_next(json, '\n') || json_next(json, '\r'))
		json->at++;
}

bool
json_next(const struct json *json, char byte)
{
	return json->at < json->size && json->data[json->at] == byte;
}

bool
json_take(struct json *json, char byte)
{
	if (!json_next(json, byte))
		return false;
	json->at++;
	return true;
}

bool
json_skip(struct json *json)
{
	return skip(json, 0);
}

bool
json_object(struct json *json)
{
	if (!json_take(json, '{'))
		return json_fault(json, json->at, "an object is expected");
	json->opened = true;
	return true;
}

bool
json_member(struct json *json, char **name, size_t *size)
{
	const bool first = json->opened;

	json->opened = false;
	json_blanks(json);
	if (json_take(json, '}'))
		return false;
	if (!first && !json_take(json, ','))
		return json_fault(json, json->at, "',' or '}' is expected");
	json_blanks(json);
	if (!json_string(json, name, size))
		return false;
	json_blanks(json);
	if (!json_take(json, ':'))
		return json_fault(json, json->at, "':' is expected");
	json_blanks(json);
	return true;
}

bool
json_string(struct json *json, char **bytes, size_t *size)
{
	uint32_t code;
	size_t span, good;
	char *from, *to;

	if (!json_take(json, '"'))
		return json_fault(json, json->at, "a string is expected");
	*bytes = to = json->data + json->at;
	for (;;) {
		from = json->data + json->at;
		span = plain_span(from, json->size - json->at);
		good = utf8_span(from, span);
		if (good < span)
			return json_fault(json, json->at + good,
			    "invalid UTF-8");
		if (to != from)
			memmove(to, from, span);
		to += span;
		json->at += span;
		if (json_take(json, '"'))
			break;
		if (!character(json, &code))
			return false;
		to += utf8_encode(code, to);
	}
	*size = (size_t)(to - *bytes);
	return true;
}

bool
json_base64(struct json *json, char **bytes, size_t *size)
{
	size_t taken, made = 3;
	char *to;

	if (!json_take(json, '"'))
		return json_fault(json, json->at, "a string is expected");
	*bytes = to = json->data + json->at;
	while (!json_take(json, '"')) {
		if (made < 3)
			return json_fault(json, json->at,
			    "base64 goes on behind its padding");
		taken = base64_decode(json->data + json->at,
		    json->size - json->at, to);
		json->at += taken;
		to += taken / BASE64_GROUP * 3;
		if (taken > 0)
			continue;
		/* The last one, or one with an escape in it. */
		if (!base64_group(json, to, &made))
			return false;
		to += made;
	}
	*size = (size_t)(to - *bytes);
	return true;
}

bool
json_count(struct json *json, uint64_t *count)
{
	unsigned digit;

	*count = 0;
	if (!take_digit(json, &digit))
		return json_fault(json, json->at,
		    "a whole number is expected");
	if (digit == 0)
		return true;
	do
		*count = *count > (UINT64_MAX - digit) / 10 ? UINT64_MAX :
		    *count * 10 + digit;
	while (take_digit(json, &digit));
	return true;
}

size_t
json_quote(const char *bytes, size_t size, char *to)
{
	char *const start = to;
	size_t at = 0, span, length;
	uint32_t code;

	*to++ = '"';
	for (;;) {
		span = shown_span(bytes + at, size - at);
		memcpy(to, bytes + at, span);
		to += span;
		at += span;
		if (at == size)
			break;
		length = hidden_length(bytes + at, size - at, &code);
		if (length > 0)
			to += quote_unit(code, to);
		else
			to += quote_byte((unsigned char)bytes[at], to);
		at += length > 0 ? length : 1;
	}
	*to++ = '"';
	return (size_t)(to - start);
}

static bool
skip(struct json *json, unsigned depth)
{
	size_t size;
	char *bytes;

	if (json_next(json, '"'))
		return json_string(json, &bytes, &size);
	if (json_next(json, '{'))
		return skip_object(json, depth);
	if (json_next(json, '['))
		return skip_array(json, depth);
	if (json_next(json, 't'))
		return skip_word(json, "true");
	if (json_next(json, 'f'))
		return skip_word(json, "false");
	if (json_next(json, 'n'))
		return skip_word(json, "null");
	return skip_number(json);
}

static bool
skip_object(struct json *json, unsigned depth)
{
	size_t size;
	char *name;

	if (depth == JSON_DEPTH)
		return json_fault(json, json->at, "nested too deeply");
	if (!json_object(json))
		return false;
	while (json_member(json, &name, &size))
		if (!skip(json, depth + 1))
			return false;
	return json->reason == NULL;
}

static bool
skip_array(struct json *json, unsigned depth)
{
	if (depth == JSON_DEPTH)
		return json_fault(json, json->at, "nested too deeply");
	json->at++;
	json_blanks(json);
	if (json_take(json, ']'))
		return true;
	for (;;) {
		json_blanks(json);
		if (!skip(json, depth + 1))
			return false;
		json_blanks(json);
		if (json_take(json, ']'))
			return true;
		if (!json_take(json, ','))
			return json_fault(json, json->at,
			    "',' or ']' is expected");
	}
}

static bool
skip_number(struct json *json)
{
	const bool negative = json_take(json, '-');
	unsigned digit;

	if (json_next(json, '0'))
		(void)take_digit(json, &digit);
	else if (!skip_digits(json)) {
		if (!negative)
			json->reason = "a value is expected";
		return false;
	}
	if (json_take(json, '.') && !skip_digits(json))
		return false;
	if (!json_take(json, 'e') && !json_take(json, 'E'))
		return true;
	if (!json_take(json, '+'))
		(void)json_take(json, '-');
	return skip_digits(json);
}

static bool
skip_digits(struct json *json)
{
	unsigned digit;

	if (!take_digit(json, &digit))
		return json_fault(json, json->at, "a digit is expected");
	while (take_digit(json, &digit))
		continue;
	return true;
}

static bool
skip_word(struct json *json, const char *word)
{
	for (; *word != '\0'; word++)
		if (!json_take(json, *word))
			return json_fault(json, json->at,
			    "a value is expected");
	return true;
}

static bool
take_digit(struct json *json, unsigned *digit)
{
	if (json->at == json->size || json->data[json->at] < '0' ||
	    json->data[json->at] > '9')
		return false;
	*digit = (unsigned)(json->data[json->at++] - '0');
	return true;
}

/* How many bytes stand for themselves within a string. */
static size_t
plain_span(const char *bytes, size_t size)
{
	size_t at;

	for (at = 0; at < size; at++)
		if ((unsigned char)bytes[at] < ' ' || bytes[at] == '"' ||
		    bytes[at] == '\\')
			break;
	return at;
}

/* The same of those which are written so. */
static size_t
shown_span(const char *bytes, size_t size)
{
	size_t span = plain_span(bytes, size), at;
	uint32_t code;

	for (at = 0; at < span; at++)
		if (bytes[at] == '\177' ||
		    hidden_length(bytes + at, size - at, &code) > 0)
			break;
	return at;
}

/* Of what begins with C2, D8 or E2 some is hidden; 0: not this. */
static size_t
hidden_length(const char *bytes, size_t size, uint32_t *code)
{
	size_t length;

	switch ((unsigned char)bytes[0]) {
	case 0xc2:
	case 0xd8:
	case 0xe2:
		length = utf8_decode(bytes, size, code);
		return length > 0 && utf8_hidden(*code) ? length : 0;
	default:
		return 0;
	}
}

/* Read a byte of ASCII, not a control character, or an escape. */
static bool
character(struct json *json, uint32_t *code)
{
	unsigned char byte;

	if (json->at == json->size)
		return json_fault(json, json->at, "a string is cut off");
	byte = (unsigned char)json->data[json->at];
	if (byte < ' ')
		return json_fault(json, json->at,
		    "control character within a string");
	*code = byte;
	json->at++;
	return byte == '\\' ? escape(json, code) : true;
}

/* Read what stands behind a backslash. */
static bool
escape(struct json *json, uint32_t *code)
{
	const size_t start = json->at - 1;

	if (json_take(json, 'u'))
		return unicode(json, start, code);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (json_take(json, forms[i].letter)) {
			*code = (unsigned char)forms[i].byte;
			return true;
		}
	return json_fault(json, json->at, "no such escape");
}

static bool
unicode(struct json *json, size_t start, uint32_t *code)
{
	uint32_t low;

	if (!hex_unit(json, code))
		return false;
	if ((*code & SURROGATE_MASK) == SURROGATE_HIGH &&
	    json_take(json, '\\') && json_take(json, 'u')) {
		if (!hex_unit(json, &low))
			return false;
		if ((low & SURROGATE_MASK) != SURROGATE_LOW)
			return json_fault(json, start, "lone surrogate");
		*code = 0x10000 + ((*code & ~SURROGATE_MASK) << 10) +
		    (low & ~SURROGATE_MASK);
		return true;
	}
	if ((*code & SURROGATE_MASK) == SURROGATE_HIGH ||
	    (*code & SURROGATE_MASK) == SURROGATE_LOW)
		return json_fault(json, json->at == json->size ? json->at :
		    start, "lone surrogate");
	return true;
}

static bool
hex_unit(struct json *json, uint32_t *unit)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *digit;
	uint32_t value;

	*unit = 0;
	for (unsigned i = 0; i < 4; i++, json->at++) {
		digit = json->at == json->size ? NULL : memchr(digits,
		    json->data[json->at], sizeof(digits) - 1);
		if (digit == NULL)
			return json_fault(json, json->at,
			    "a hexadecimal digit is expected");
		value = (uint32_t)(digit - digits);
		*unit = *unit << 4 | (value < 16 ? value : value - 6);
	}
	return true;
}

/* Read and decode one group, some of which may be escaped. */
static bool
base64_group(struct json *json, char *to, size_t *made)
{
	char group[BASE64_GROUP];
	size_t at[BASE64_GROUP + 1], count, bad;
	uint32_t code;
	bool good = true;

	for (count = 0; count < BASE64_GROUP && good; count += good) {
		at[count] = json->at;
		if (json_next(json, '"'))
			break;
		good = character(json, &code);
		group[count] = good && code < 0x80 ? (char)code : '\0';
	}
	at[count] = json->at;
	*made = base64_decode_group(group, count, to, &bad);
	if (*made > 0)
		return true;
	if (good || bad < count)
		return json_fault(json, at[bad], bad < count ?
		    "not base64" : "base64 is cut off");
	return false;
}

static size_t
quote_byte(unsigned char byte, char *to)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if ((unsigned char)forms[i].byte == byte) {
			to[0] = '\\';
			to[1] = forms[i].letter;
			return 2;
		}
	return quote_unit(byte, to);
}

static size_t
quote_unit(uint32_t code, char *to)
{
	static const char digits[] = "0123456789abcdef";

	to[0] = '\\';
	to[1] = 'u';
	for (size_t i = 0; i < 4; i++)
		to[5 - i] = digits[code >> 4 * i & 15];
	return JSON_EXPANSION;
}
