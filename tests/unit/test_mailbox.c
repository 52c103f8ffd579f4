/*
 * Mailboxes over a real socket on loopback: what peers send is sorted by
 * who sent it, answers go to the right one, and a relay passes records on
 * as they came.  Letters and senders by themselves.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/socket.h"
#include "pump/mover.h"
#include "pump/mailbox.h"
#include "pump/records.h"

#include "unit.h"

#define PEERS	3
#define SIZE	4096

/* A socket that peers send to, and what belongs to them. */
struct place {
	struct watch	*watch;
	struct owner	 owner;		/* the table's */
	struct owner	 owners[PEERS];
	struct stream	 post;
	struct mailboxes boxes;
	struct stream	 streams[PEERS]; /* the mailboxes; ops NULL: none */
	int		 peers[PEERS];
	struct address	 addresses[PEERS];
};

static void	test_letters(struct unit *);
static void	test_senders(struct unit *);
static void	test_sorting(struct unit *);
static void	test_flood(struct unit *);
static void	test_leaving(struct unit *);
static void	test_relay(struct unit *);

static void	place_open(struct place *);
static void	place_close(struct place *);
static void	place_send(const struct place *, size_t, const char *);
static void	place_sort(struct place *, size_t);
static void	place_deliver(struct place *, const struct batch *);
static struct mailbox *find(struct mailboxes *, const struct address *);
static int	socket_here(struct address *);
static bool	got(int, const char *);
static size_t	read_all(struct stream *, char *);
static void	await(int);
static void	die(const char *);

static void
test_letters(struct unit *unit)
{
	char data[] = "abcdefghij";
	struct batch batch = {
		.data = data, .size = 10, .segment = 4, .count = 3
	};
	struct letters letters = { 0 };
	size_t i;

	for (i = 0; i < 1000; i++) {
		batch.size = i % 11;
		unit_check(unit, letters_add(&letters, &batch, SIZE * 1000),
		    "letter %zu is added", i);
	}
	letters_lay_out(&letters);
	for (i = 0; i < 1000; i++)
		unit_check(unit, letters.list[i].size == i % 11 &&
		    memcmp(letters.list[i].data, data, i % 11) == 0,
		    "letter %zu is what it was", i);
	letters_free(&letters);
	unit_check(unit, letters.count == 0 && letters.list == NULL,
	    "all are gone");
	batch.size = 10;
	unit_check(unit, !letters_add(&letters, &batch, 10),
	    "a letter counts for more than its data");
	unit_check(unit, letters.count == 0, "what is too much is not added");
	letters_free(&letters);
}

static void
test_senders(struct unit *unit)
{
	struct senders senders = { 0 };
	const struct sender *sender;
	struct batch batch = { 0 };
	unsigned i;

	for (i = 0; i < 300; i++) {
		address_wildcard(&batch.peer, i % 2 == 0 ? AF_INET : AF_INET6,
		    (uint16_t)(1 + i % 100));
		senders_note(&senders, &batch);
	}
	for (i = 0; i < 100; i++) {
		sender = senders_meet(&senders);
		unit_check(unit, sender != NULL &&
		    address_port(&sender->first.peer) == 1 + i,
		    "sender %u is met in its turn", i);
	}
	unit_check(unit, senders_meet(&senders) == NULL, "nobody twice");
	address_wildcard(&batch.peer, AF_INET, 200);
	senders_note(&senders, &batch);
	sender = senders_meet(&senders);
	unit_check(unit, sender != NULL &&
	    address_port(&sender->first.peer) == 200,
	    "one that comes later is met, too");
	senders_free(&senders);
}

static void
test_sorting(struct unit *unit)
{
	struct batch answer = { .size = 1, .segment = 1, .count = 1 };
	char text[SIZE], wanted[8], data[2];
	struct place place;
	size_t i;

	place_open(&place);
	place_send(&place, 0, "a");
	place_send(&place, 1, "b");
	place_send(&place, 0, "c");
	place_send(&place, 2, "");
	place_send(&place, 1, "dd");
	place_send(&place, 0, "eee");
	place_sort(&place, 6);
	read_all(&place.streams[0], text);
	unit_text(unit, "the first", text, "a|c|eee|");
	read_all(&place.streams[1], text);
	unit_text(unit, "the second", text, "b|dd|");
	read_all(&place.streams[2], text);
	unit_text(unit, "the third", text, "|");
	unit_check(unit, !place.streams[0].readable, "it is empty");
	for (i = PEERS; i-- > 0;) {
		data[0] = (char)('0' + i);
		answer.data = data;
		unit_check(unit, stream_send(&place.streams[i], &answer) == 1,
		    "an answer goes");
		(void)snprintf(wanted, sizeof(wanted), "%zu", i);
		unit_check(unit, got(place.peers[i], wanted),
		    "answer %zu goes to the one who asked", i);
	}
	place_send(&place, 1, "f");
	place_sort(&place, 1);
	mailboxes_end(&place.boxes);
	unit_check(unit, read_all(&place.streams[1], text) == 0,
	    "the end is behind what was put in");
	unit_text(unit, "before the end", text, "f|");
	place_close(&place);
}

/* What nobody reads is kept up to a limit, and counted beyond it. */
static void
test_flood(struct unit *unit)
{
	char data[1000] = "";
	struct batch batch = {
		.data = data, .size = sizeof(data), .segment = 1, .count = 1000
	}, *batches;
	struct mailbox *box;
	struct place place;
	uint64_t put = 0;
	int n;

	place_open(&place);
	place_send(&place, 0, "x");
	place_sort(&place, 1);
	box = find(&place.boxes, &place.addresses[0]);
	while (mailbox_lost(&place.streams[0]) == 0 && put < 10000) {
		mailbox_put(box, &batch);
		put++;
	}
	unit_check(unit, mailbox_lost(&place.streams[0]) == 1000,
	    "all records of the one that did not fit are lost");
	unit_check(unit, mailbox_unread(&place.streams[0]) ==
	    1 + (put - 1) * 1000, "and none of the others");
	n = stream_receive(&place.streams[0], &batches);
	unit_check(unit, n > 0 && (uint64_t)n == put, "which can be read");
	mailbox_put(box, &batch);
	unit_check(unit, mailbox_lost(&place.streams[0]) == 1000,
	    "and then there is room again");
	place_close(&place);
}

static void
test_leaving(struct unit *unit)
{
	struct batch answer = { .size = 1, .segment = 1, .count = 1 };
	char data[] = "y";
	struct place place;
	size_t i;

	answer.data = data;
	place_open(&place);
	for (i = 0; i < PEERS; i++)
		place_send(&place, i, "x");
	place_sort(&place, 3);
	mailbox_leave(&place.streams[1]);
	mailbox_leave(&place.streams[1]);
	unit_check(unit, find(&place.boxes, &place.addresses[1]) ==
	    NULL, "it is not found");
	unit_check(unit, find(&place.boxes, &place.addresses[0]) !=
	    NULL, "others are");
	unit_check(unit, stream_send(&place.streams[1], &answer) == 1 &&
	    got(place.peers[1], "y"), "but it can answer");
	stream_close(&place.streams[0], place.watch);
	unit_check(unit, find(&place.boxes, &place.addresses[0]) ==
	    NULL, "nor is one that was closed");
	unit_check(unit, find(&place.boxes, &place.addresses[2]) !=
	    NULL, "the rest is there");
	place_close(&place);
}

/* From a mailbox to a socket: empty ones, and many of one size at once. */
static void
test_relay(struct unit *unit)
{
	static const char *const texts[] = {
		"", "one", "two", "six", "", "seven", "x"
	};
	const struct address connected = { .length = 0 };
	struct record_terms records = { .count = UINT64_MAX };
	struct flow_terms terms = { .records = &records, .limit = UINT64_MAX };
	struct address there;
	struct place place;
	struct stream out;
	struct flow flow;
	int target, fd;
	size_t i;

	place_open(&place);
	target = socket_here(&there);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (fd == -1 || connect(fd, &there.any, there.length) == -1 ||
	    post_open(&out, &fd, 1, &connected) == -1)
		die("target");
	for (i = 0; i < UNIT_COUNT(texts); i++)
		place_send(&place, 0, texts[i]);
	place_sort(&place, UNIT_COUNT(texts));
	flow_init(&flow, &place.streams[0], &out, &terms);
	unit_check(unit, flow.mover == &mover_relay, "it is a relay");
	mailboxes_end(&place.boxes);
	flow_advance(&flow, place.watch, 0);
	for (i = 0; i < UNIT_COUNT(texts); i++)
		unit_check(unit, got(target, texts[i]), "[%s] arrives",
		    texts[i]);
	unit_check(unit, flow.taken == 15 && flow.given == 15 &&
	    records_passed(&flow) == UNIT_COUNT(texts), "the meters");
	unit_check(unit, flow.stage == FLOW_OVER && flow.end == FLOW_DONE,
	    "it ends as its source does");
	flow_clear(&flow);
	stream_close(&out, place.watch);
	(void)close(target);
	place_close(&place);
}

static void
place_open(struct place *place)
{
	struct address here;
	struct error error;
	size_t i;
	int fd;

	memset(place, 0, sizeof(*place));
	place->watch = watch_new(&error);
	if (place->watch == NULL)
		die("watch");
	owner_init(&place->owner, 0);
	fd = socket_here(&here);
	datagram_prepare_receive(fd);
	if (post_open(&place->post, &fd, 1, NULL) == -1)
		die("memory");
	mailboxes_init(&place->boxes, &place->post, place->watch,
	    &place->owner);
	for (i = 0; i < PEERS; i++) {
		owner_init(&place->owners[i], 0);
		place->peers[i] = socket_here(&place->addresses[i]);
		if (connect(place->peers[i], &here.any, here.length) == -1)
			die("connect");
	}
}

static void
place_close(struct place *place)
{
	size_t i;

	for (i = 0; i < PEERS; i++) {
		if (place->streams[i].ops != NULL)
			stream_close(&place->streams[i], place->watch);
		watch_leave(place->watch, &place->owners[i]);
		(void)close(place->peers[i]);
	}
	stream_close(&place->post, place->watch);
	watch_leave(place->watch, &place->owner);
	watch_free(place->watch);
}

static void
place_send(const struct place *place, size_t peer, const char *text)
{
	if (send(place->peers[peer], text, strlen(text), 0) == -1)
		die("send");
}

/* Until so many records came. */
static void
place_sort(struct place *place, size_t count)
{
	struct batch *batches;
	size_t came = 0;
	int n, i;

	while (came < count) {
		await(place->post.rfd);
		n = stream_receive(&place->post, &batches);
		if (n == STREAM_FAILED)
			die("receive");
		for (i = 0; i < n; i++) {
			came += batches[i].count;
			place_deliver(place, &batches[i]);
		}
	}
}

static void
place_deliver(struct place *place, const struct batch *batch)
{
	struct mailbox *box = mailboxes_find(&place->boxes, batch);
	size_t i = 0;

	while (address_compare(&place->addresses[i], &batch->peer) != 0)
		if (++i == PEERS)
			die("a stranger");
	if (box == NULL)
		box = mailbox_open(&place->streams[i], &place->boxes, batch,
		    &place->owners[i]);
	if (box == NULL)
		die("memory");
	mailbox_put(box, batch);
}

/* On loopback, with a port of the system's choice. */
static struct mailbox *
find(struct mailboxes *boxes, const struct address *peer)
{
	const struct batch batch = { .peer = *peer };

	return mailboxes_find(boxes, &batch);
}

static int
socket_here(struct address *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	address_wildcard(address, AF_INET, 0);
	address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, &address->any, address->length) == -1)
		die("socket");
	socket_local(fd, address);
	return fd;
}

/* Is that the next datagram? */
static bool
got(int fd, const char *text)
{
	char buf[SIZE];
	ssize_t n;

	await(fd);
	n = recv(fd, buf, sizeof(buf), 0);
	return n == (ssize_t)strlen(text) &&
	    memcmp(buf, text, (size_t)n) == 0;
}

/* The records, each with a bar behind it.  Returns what the last read said. */
static size_t
read_all(struct stream *stream, char *text)
{
	struct batch *batches;
	size_t size = 0;
	int n, i;

	while ((n = stream_receive(stream, &batches)) > 0)
		for (i = 0; i < n; i++)
			while (batches[i].count > 0) {
				memcpy(text + size, batches[i].data,
				    batch_first(&batches[i]));
				size += batch_first(&batches[i]);
				text[size++] = '|';
				batch_skip(&batches[i], 1);
			}
	text[size] = '\0';
	return n == 0 ? 0 : 1;
}

/* Not for ever. */
static void
await(int fd)
{
	struct pollfd row = { .fd = fd, .events = POLLIN };

	if (poll(&row, 1, 10000) != 1)
		die("nothing came");
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_letters(&unit);
	test_senders(&unit);
	test_sorting(&unit);
	test_flood(&unit);
	test_leaving(&unit);
	test_relay(&unit);
	return unit_end(&unit);
}
