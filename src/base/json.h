/*
 * JSON as RFC 8259 has it: a reader that goes through a text once and makes
 * no tree, and the writing of strings.  What the values mean is the
 * caller's, names that are given twice are, too.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays and objects within each other, in what json_skip() skips. */
#define JSON_DEPTH	64

/* The most bytes that one byte of a string becomes: "\u001f". */
#define JSON_EXPANSION	6

/*
 * A text that is being read.  At the first fault a function returns false,
 * and then `at` is the byte where the text ceased to be good, `size` where
 * it was cut off.  Strings are rewritten in place, so that of what stands
 * before `at` only the values given out may be looked at.
 */
struct json {
	char		*data;
	size_t		 size;
	size_t		 at;		/* read up to here */
	bool		 opened;	/* an object, the byte before */
	const char	*reason;	/* of a fault, static; NULL: none */
};

/* Set the fault, at `at`; returns false. */
bool	json_fault(struct json *, size_t at, const char *reason);

/* Pass white space, which is never a fault. */
void	json_blanks(struct json *);

/* Is the next byte this one?  json_take() passes it, if it is. */
bool	json_next(const struct json *, char);
bool	json_take(struct json *, char);

/* Pass any value, white space before it excepted. */
bool	json_skip(struct json *);

/*
 * An object's members: json_object() opens it, and json_member() reads up to
 * the next one's value, which is the caller's to read, or returns false: the
 * object ended, or, with a reason, there is a fault.
 */
bool	json_object(struct json *);
bool	json_member(struct json *, char **name, size_t *size);

/*
 * Read a string; its bytes, escapes resolved, are UTF-8 and may be zero.
 * The fault of a lone surrogate is where its escape begins.
 */
bool	json_string(struct json *, char **bytes, size_t *size);

/* Read a string that is base64 of the bytes. */
bool	json_base64(struct json *, char **bytes, size_t *size);

/* Read a number without sign, fraction and exponent; UINT64_MAX: or more. */
bool	json_count(struct json *, uint64_t *count);

/*
 * Write UTF-8 as a string that can be shown, quotes included: at most
 * JSON_EXPANSION bytes of each byte and two.  Returns how many.
 */
size_t	json_quote(const char *bytes, size_t size, char *to);

#endif
