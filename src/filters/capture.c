/*
 * The capture tap.  A connection's packets have numbers that follow from
 * the payload alone; the sides take turns in saying that they have it.
 */

#include "config.h"

#include <sys/utsname.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "filters/capture.h"
#include "filters/capture_ends.h"
#include "filters/packet.h"
#include "filters/pcapng.h"

#define FIRST_STEP	UINT32_C(0x9e3779b1)
#define SIDES_APART	UINT32_C(0x40000000)

/* Of a connection; by the `sent` of what they send. */
enum {
	PEER,
	US,
	SIDES
};

struct side {
	uint32_t	 next;		/* the number of its next byte */
	bool		 ended;
	bool		 waits;		/* what it sent last is its FIN */
};

struct capture {
	struct tap	 tap;
	struct capture_ends ends;
	struct side	 sides[SIDES];
	const struct tap_ends *new_ends; /* of datagrams, until the first */
};

/* Connections */
static void	saw_bytes(struct tap *, const struct passage *);
static void	ended(struct tap *, bool sent);
static void	close_connection(struct tap *, enum tap_end);
static void	connect_sides(struct capture *, const char *comment);
static void	end_side(struct capture *, bool sent);
static void	leave(struct capture *);
static void	reset(struct capture *, bool side, const char *how);
static void	tell_end(const struct capture *, const char *how,
		    struct capture_comment *);
static void	send_flags(struct capture *, bool sent, unsigned flags,
		    const char *comment);
static void	send_segment(struct capture *, bool sent,
		    struct packet_segment *, const char *comment);

/* Datagrams */
static void	saw_datagram(struct tap *, const struct passage *);
static void	close_datagrams(struct tap *, enum tap_end);
static enum capture_made_up find_ends(struct capture *,
		    const struct passage *, struct capture_ends *);
static void	tell_who(const struct passage *, struct capture_comment *);
static void	send_datagram(struct capture *, const struct passage *,
		    const struct capture_ends *, struct capture_comment *);

static struct packet_route route_of(const struct capture_ends *, bool sent);
static void	put(struct capture *, unsigned char *block, size_t size,
		    bool sent, const char *comment);

static const struct tap_ops connection_ops = {
	.saw = saw_bytes,
	.ended = ended,
	.close = close_connection
};

static const struct tap_ops datagram_ops = {
	.saw = saw_datagram,
	.close = close_datagrams
};

void
capture_begin(struct sink *sink)
{
	unsigned char section[PCAPNG_SECTION], interface[PCAPNG_INTERFACE];
	struct pcapng_origin origin = {
		.hardware = "", .system = "",
		.program = "ducat " PACKAGE_VERSION
	};
	struct utsname host;
	char system[sizeof(host.sysname) + sizeof(host.release)];

	if (uname(&host) != -1) {
		snprintf(system, sizeof(system), "%s %s", host.sysname,
		    host.release);
		origin.hardware = host.machine;
		origin.system = system;
	}
	(void)sink_put(sink, (char *)section,
	    pcapng_section(section, &origin));
	(void)sink_put(sink, (char *)interface,
	    pcapng_interface(interface, PCAPNG_RAW, "ducat"));
}

struct tap *
capture_tap_new(struct sink *sink, const struct tap_ends *ends)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	struct capture_comment comment = { "" };

	if (capture == NULL)
		return NULL;
	capture->tap.sink = sink;
	capture->ends = (struct capture_ends){
		.us = *ends->local, .peer = *ends->peer,
		.accepted = ends->accepted, .number = ends->number
	};
	if (ends->type == SOCK_DGRAM) {
		/* Each brings addresses of its own. */
		capture->tap.ops = &datagram_ops;
		capture->new_ends = ends;
		if (ends->accepted && address_name(ends->peer) != NULL)
			capture->ends.number =
			    capture_ends_number(ends->peer);
		return &capture->tap;
	}
	capture->tap.ops = &connection_ops;
	capture_introduce(&comment, ends,
	    capture_ends_settle(&capture->ends));
	connect_sides(capture, comment.text);
	return &capture->tap;
}

static void
saw_bytes(struct tap *tap, const struct passage *passage)
{
	struct capture *capture = (struct capture *)tap;
	struct packet_segment segment;
	size_t at, left;

	for (at = 0; at < passage->size; at += segment.size) {
		left = passage->size - at;
		segment = (struct packet_segment){
			.data = passage->data + at, .size = left,
			.flags = PACKET_ACK | PACKET_PSH
		};
		if (left > PACKET_SEGMENT) {
			segment.size = PACKET_SEGMENT;
			segment.flags = PACKET_ACK;
		}
		send_segment(capture, passage->sent, &segment, NULL);
		send_flags(capture, !passage->sent, PACKET_ACK, NULL);
	}
}

static void
ended(struct tap *tap, bool sent)
{
	end_side((struct capture *)tap, sent);
}

static void
close_connection(struct tap *tap, enum tap_end how)
{
	struct capture *capture = (struct capture *)tap;

	switch (how) {
	case TAP_LEFT:
		leave(capture);
		break;
	case TAP_ABORTED:
		reset(capture, US, "reset by us");
		break;
	case TAP_BROKEN:
		reset(capture, PEER, "reset by the peer, or broken");
		break;
	}
	free(capture);
}

/* Numbers begin elsewhere in each: one stream cannot be another's. */
static void
connect_sides(struct capture *capture, const char *comment)
{
	const bool client = capture->ends.accepted ? PEER : US;

	capture->sides[US].next = capture->ends.number * FIRST_STEP;
	capture->sides[PEER].next = capture->sides[US].next + SIDES_APART;
	send_flags(capture, client, PACKET_SYN, comment);
	send_flags(capture, !client, PACKET_SYN | PACKET_ACK, NULL);
	send_flags(capture, client, PACKET_ACK, NULL);
}

static void
end_side(struct capture *capture, bool sent)
{
	struct capture_comment comment = { "" };

	if (capture->sides[sent].ended)
		return;
	capture->sides[sent].ended = true;
	send_flags(capture, sent, PACKET_FIN | PACKET_ACK, NULL);
	/* The other side's next packet says that it has it. */
	if (!capture->sides[!sent].ended)
		return;
	tell_end(capture, "ended in order", &comment);
	send_flags(capture, !sent, PACKET_ACK, comment.text);
}

/*
 * Closing ends our side; that of a peer who has not ended is not known.  Who
 * went on after our end was reset.
 */
static void
leave(struct capture *capture)
{
	struct capture_comment comment = { "" };

	if (!capture->sides[US].ended)
		end_side(capture, US);
	if (capture->sides[PEER].ended)
		return;
	tell_end(capture, "left before the peer's end", &comment);
	if (capture->sides[US].waits)
		send_flags(capture, PEER, PACKET_ACK, comment.text);
	else
		send_flags(capture, US, PACKET_RST | PACKET_ACK,
		    comment.text);
}

/* When both sides have ended nothing is left of it. */
static void
reset(struct capture *capture, bool side, const char *how)
{
	struct capture_comment comment = { "" };

	if (capture->sides[US].ended && capture->sides[PEER].ended)
		return;
	tell_end(capture, how, &comment);
	send_flags(capture, side, PACKET_RST | PACKET_ACK, comment.text);
}

static void
tell_end(const struct capture *capture, const char *how,
    struct capture_comment *comment)
{
	if (capture->ends.number > 0)
		capture_say(comment, "connection %" PRIu32 ", %s",
		    capture->ends.number, how);
	else
		capture_say(comment, "%s", how);
}

static void
send_flags(struct capture *capture, bool sent, unsigned flags,
    const char *comment)
{
	struct packet_segment segment = { .flags = flags };

	send_segment(capture, sent, &segment, comment);
}

/* What begins and what ends count as a byte. */
static void
send_segment(struct capture *capture, bool sent,
    struct packet_segment *segment, const char *comment)
{
	const struct packet_route route = route_of(&capture->ends, sent);
	unsigned char block[PCAPNG_PACKET(PACKET_SIZE)];
	struct side *side = &capture->sides[sent];
	size_t size;

	segment->number = side->next;
	segment->acknowledged = capture->sides[!sent].next;
	side->next += (uint32_t)segment->size;
	side->waits = (segment->flags & PACKET_FIN) != 0;
	capture->sides[!sent].waits = false;
	if (segment->flags & (PACKET_SYN | PACKET_FIN))
		side->next++;
	size = packet_segment(block + PCAPNG_PACKET_AT, &route, segment);
	put(capture, block, size, sent, comment);
}

static void
saw_datagram(struct tap *tap, const struct passage *passage)
{
	struct capture *capture = (struct capture *)tap;
	struct capture_comment comment = { "" };
	struct capture_ends ends;
	enum capture_made_up made_up = find_ends(capture, passage, &ends);

	if (capture->new_ends != NULL)
		capture_introduce(&comment, capture->new_ends, made_up);
	capture->new_ends = NULL;
	tell_who(passage, &comment);
	send_datagram(capture, passage, &ends, &comment);
}

static void
close_datagrams(struct tap *tap, enum tap_end how)
{
	(void)how;
	free(tap);
}

static enum capture_made_up
find_ends(struct capture *capture, const struct passage *passage,
    struct capture_ends *ends)
{
	/* What is sent comes from where the last one came to. */
	if (passage->local != NULL)
		capture->ends.us = *passage->local;
	*ends = capture->ends;
	if (passage->peer != NULL)
		ends->peer = *passage->peer;
	/* Who came to us is known by the name, whom we went to is not. */
	if (ends->accepted && passage->peer != NULL &&
	    address_name(passage->peer) != NULL)
		ends->number = capture_ends_number(passage->peer);
	return capture_ends_settle(ends);
}

static void
tell_who(const struct passage *passage, struct capture_comment *comment)
{
	char peer[ADDRESS_TEXT];

	if (passage->peer != NULL && address_name(passage->peer) != NULL)
		capture_say(comment, "%s %s", passage->sent ? "to" : "from",
		    address_text(passage->peer, peer, sizeof(peer)));
}

/* Each part is a datagram, but for the words. */
static void
send_datagram(struct capture *capture, const struct passage *passage,
    const struct capture_ends *ends, struct capture_comment *comment)
{
	const struct packet_route route = route_of(ends, passage->sent);
	const size_t most = packet_datagram_most(&route);
	unsigned char block[PCAPNG_PACKET(PACKET_SIZE)];
	size_t at = 0, left, size;

	do {
		left = passage->size - at;
		if (passage->size > most)
			capture_say(comment, "a record of %zu bytes, from "
			    "byte %zu on", passage->size, at);
		size = packet_datagram(block + PCAPNG_PACKET_AT, &route,
		    passage->data + at, left < most ? left : most);
		put(capture, block, size, passage->sent, comment->text);
		comment->text[0] = '\0';
		at += most;
	} while (at < passage->size);
}

static struct packet_route
route_of(const struct capture_ends *ends, bool sent)
{
	const struct address *from = sent ? &ends->us : &ends->peer;
	const struct address *to = sent ? &ends->peer : &ends->us;

	return (struct packet_route){ .from = from, .to = to };
}

/* The packet stands in its block. */
static void
put(struct capture *capture, unsigned char *block, size_t size, bool sent,
    const char *comment)
{
	const struct pcapng_packet packet = {
		.size = size, .time_ns = clock_wall(), .sent = sent,
		.comment = comment != NULL && *comment != '\0' ? comment :
		    NULL
	};

	(void)sink_put(capture->tap.sink, (char *)block,
	    pcapng_packet(block, &packet));
}
