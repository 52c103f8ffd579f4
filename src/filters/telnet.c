/*
 * The telnet edits: text goes at once, and what a byte is follows from a
 * state, so that it does not matter where reads cut.
 */

#include "config.h"

#include <assert.h>
#include <string.h>

#include "filters/telnet.h"

/* What goes */
static size_t	send_apply(struct edit *, const char *, size_t, char *);
static size_t	send_kept(const struct edit *);
static size_t	send_finish(struct edit *, char *);
static size_t	send_say(struct edit *, char *, size_t);
static size_t	send_byte(struct telnet *, unsigned char, char *);
static size_t	answer_size(const struct telnet_answer *);
static size_t	put_answer(const struct telnet_answer *, char *);

/* What comes */
static size_t	receive_apply(struct edit *, const char *, size_t, char *);
static size_t	receive_kept(const struct edit *);
static size_t	receive_finish(struct edit *, char *);
static size_t	receive_byte(struct telnet *, unsigned char, char *);
static size_t	data(struct telnet *, unsigned char, char *);
static size_t	command(struct telnet *, unsigned char, char *);
static void	subcommand(struct telnet *, unsigned char);
static void	negotiate(struct telnet *, unsigned char);
static bool	answer(struct telnet *, unsigned char, unsigned char);
static struct telnet *of_receiving(struct edit *);

static size_t	plain(const char *, size_t, char *);

/* RFC 854 */
enum {
	SE = 240,
	AYT = 246,
	SB = 250,
	WILL = 251,
	WONT = 252,
	DO = 253,
	DONT = 254,
	IAC = 255
};

/* RFC 860 */
#define TIMING_MARK	6

/* What the next byte is. */
enum {
	DATA,
	COMMAND,		/* behind an IAC */
	OPTION,			/* behind a WILL, WONT, DO or DONT */
	SUB,			/* of a subnegotiation */
	SUB_COMMAND		/* behind an IAC in there */
};

static const char yes[] = "\r\n[Yes]\r\n";

static const struct edit_ops sending_ops = {
	.expansion = 2,
	.apply = send_apply,
	.kept = send_kept,
	.finish = send_finish,
	.say = send_say
};

static const struct edit_ops receiving_ops = {
	.expansion = 1,
	.apply = receive_apply,
	.kept = receive_kept,
	.finish = receive_finish
};

static_assert(TELNET_ROOM >= 1 + sizeof(yes) - 1, "an answer has no room");

void
telnet_init(struct telnet *telnet)
{
	memset(telnet, 0, sizeof(*telnet));
	telnet->sending.ops = &sending_ops;
	telnet->receiving.ops = &receiving_ops;
	telnet->state = DATA;
}

static size_t
send_apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct telnet *telnet = (struct telnet *)edit;
	size_t i, n = 0, run;

	for (i = 0; i < size; i++) {
		run = telnet->went_cr ? 0 :
		    plain(from + i, size - i, to + n);
		n += run;
		i += run;
		if (i < size)
			n += send_byte(telnet, (unsigned char)from[i], to + n);
	}
	return n;
}

/* A CR goes at once, for it may be all that a terminal has to say. */
static size_t
send_byte(struct telnet *telnet, unsigned char byte, char *to)
{
	size_t n = 0;

	if (telnet->went_cr && byte != '\n')
		to[n++] = '\0';
	telnet->went_cr = byte == '\r';
	if (byte == IAC)
		to[n++] = (char)IAC;
	to[n++] = (char)byte;
	return n;
}

/* The NUL that is to go behind a CR. */
static size_t
send_kept(const struct edit *edit)
{
	return ((const struct telnet *)edit)->went_cr ? 1 : 0;
}

static size_t
send_finish(struct edit *edit, char *to)
{
	struct telnet *telnet = (struct telnet *)edit;

	if (!telnet->went_cr)
		return 0;
	telnet->went_cr = false;
	*to = '\0';
	return 1;
}

/*
 * As many answers as there is room for.  Nothing may come between a CR and
 * what follows it; the peer may wait for the answer before it makes us send
 * that, so the CR ends here.  A LF that comes yet is the same byte to it.
 */
static size_t
send_say(struct edit *edit, char *to, size_t room)
{
	struct telnet *telnet = (struct telnet *)edit;
	size_t count = 0, n = telnet->went_cr ? 1 : 0;

	while (count < telnet->count &&
	    n + answer_size(&telnet->answers[count]) <= room)
		n += put_answer(&telnet->answers[count++], to + n);
	if (count == 0)
		return 0;
	if (telnet->went_cr)
		*to = '\0';
	telnet->went_cr = false;
	telnet->count -= (unsigned char)count;
	memmove(telnet->answers, telnet->answers + count,
	    telnet->count * sizeof(telnet->answers[0]));
	return n;
}

static size_t
answer_size(const struct telnet_answer *answer)
{
	return answer->verb == AYT ? sizeof(yes) - 1 : 3;
}

static size_t
put_answer(const struct telnet_answer *answer, char *to)
{
	if (answer->verb == AYT) {
		memcpy(to, yes, sizeof(yes) - 1);
	} else {
		to[0] = (char)IAC;
		to[1] = (char)answer->verb;
		to[2] = (char)answer->option;
	}
	return answer_size(answer);
}

static size_t
receive_apply(struct edit *edit, const char *from, size_t size, char *to)
{
	struct telnet *telnet = of_receiving(edit);
	size_t i, n = 0, run;

	for (i = 0; i < size; i++) {
		run = telnet->state != DATA || telnet->came_cr ? 0 :
		    plain(from + i, size - i, to + n);
		n += run;
		i += run;
		if (i < size)
			n += receive_byte(telnet, (unsigned char)from[i],
			    to + n);
	}
	return n;
}

static size_t
receive_kept(const struct edit *edit)
{
	(void)edit;
	return 0;
}

/* A command that lacks its end is none. */
static size_t
receive_finish(struct edit *edit, char *to)
{
	struct telnet *telnet = of_receiving(edit);

	(void)to;
	telnet->state = DATA;
	telnet->came_cr = false;
	return 0;
}

static size_t
receive_byte(struct telnet *telnet, unsigned char byte, char *to)
{
	switch (telnet->state) {
	case DATA:
		if (byte != IAC)
			return data(telnet, byte, to);
		telnet->state = COMMAND;
		break;
	case COMMAND:
		return command(telnet, byte, to);
	case OPTION:
		telnet->state = DATA;
		negotiate(telnet, byte);
		break;
	case SUB:
		if (byte == IAC)
			telnet->state = SUB_COMMAND;
		break;
	case SUB_COMMAND:
		subcommand(telnet, byte);
		break;
	}
	return 0;
}

/* The NUL may come behind commands: they are not of the text. */
static size_t
data(struct telnet *telnet, unsigned char byte, char *to)
{
	bool padding = telnet->came_cr && byte == '\0';

	telnet->came_cr = byte == '\r';
	if (padding)
		return 0;
	*to = (char)byte;
	return 1;
}

static size_t
command(struct telnet *telnet, unsigned char byte, char *to)
{
	telnet->state = DATA;
	switch (byte) {
	case IAC:
		return data(telnet, byte, to);
	case WILL:
	case WONT:
	case DO:
	case DONT:
		telnet->verb = byte;
		telnet->state = OPTION;
		break;
	case SB:
		telnet->state = SUB;
		break;
	case AYT:
		(void)answer(telnet, AYT, 0);
		break;
	}
	return 0;
}

/*
 * Where a negotiation begins the end was left out, or all that comes would
 * be lost.  Other commands are none in here; a lone IAC is a peer's that
 * forgot to double it.
 */
static void
subcommand(struct telnet *telnet, unsigned char byte)
{
	char none;

	telnet->state = SUB;
	if (byte == SE)
		telnet->state = DATA;
	else if (byte >= SB && byte != IAC)
		(void)command(telnet, byte, &none);
}

/*
 * Not so a timing mark, which is no state: clients send DO for each
 * interrupt, and show nothing until it was answered.
 */
static void
negotiate(struct telnet *telnet, unsigned char option)
{
	bool asks_us = telnet->verb == DO;
	uint8_t *refused = asks_us ? telnet->refused_do : telnet->refused_will;
	uint8_t bit = (uint8_t)(1u << option % 8);

	if (telnet->verb == WONT || telnet->verb == DONT ||
	    (refused[option / 8] & bit) != 0)
		return;
	if (answer(telnet, asks_us ? WONT : DONT, option) &&
	    !(asks_us && option == TIMING_MARK))
		refused[option / 8] |= bit;
}

/* False: there are too many, and it may be asked again. */
static bool
answer(struct telnet *telnet, unsigned char verb, unsigned char option)
{
	struct telnet_answer *last = &telnet->answers[telnet->count];

	if (telnet->count == TELNET_ANSWERS)
		return false;
	last->verb = verb;
	last->option = option;
	telnet->count++;
	return true;
}

static struct telnet *
of_receiving(struct edit *edit)
{
	return (struct telnet *)((char *)edit -
	    offsetof(struct telnet, receiving));
}

/* Copy what is neither a CR nor an IAC, which most is; how much there was. */
static size_t
plain(const char *from, size_t size, char *to)
{
	size_t i;

	for (i = 0; i < size && from[i] != '\r' && from[i] != (char)IAC; i++)
		to[i] = from[i];
	return i;
}
