/*
 * The ring is a sequence of records: who said it, how long it is, the
 * bytes.  Positions count all bytes ever; the ring holds those between the
 * tail, which is the cursor of the port furthest behind, and the head.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/descriptor.h"
#include "pump/hub.h"

/* When so much is free again, writers may go on. */
#define FREE_ENOUGH	(HUB_RING / 4)

/*
 * For what cannot wait: that somebody came or left, and last lines.  One
 * line of payload may still go into it.
 */
#define RESERVE		(2 * HUB_LINE)

/* Of a record: prefix, what was kept, what came, a newline. */
#define PARTS		4

struct record {
	uint32_t	size;
	uint32_t	number;
	bool		console;
};

struct hub {
	struct owner	 owner;
	struct watch	*watch;
	struct port	**ports;
	struct port	 *console;	/* NULL: none */
	size_t		 count;
	size_t		 room;
	uint64_t	 head;
	uint64_t	 tail;
	bool		 star;
	bool		 full;		/* writers wait */
	char		 ring[HUB_RING];
};

/* The port as a stream. */
static ssize_t	port_read(struct stream *, void *, size_t);
static ssize_t	port_peek(struct stream *);
static ssize_t	port_write(struct stream *, const void *, size_t);
static int	port_shut(struct stream *);
static size_t	port_pending(const struct stream *);
static void	port_close(struct stream *);

/* Lines in. */
static size_t	take_lines(struct port *, const char *, size_t);
static size_t	take_rest(struct port *, const char *, size_t);
static size_t	unfinished_size(const struct port *);
static bool	finish_line(struct port *, const char *, size_t,
		    const char *newline);
static bool	say(struct port *, const char *const *, const size_t *);
static bool	make_room(struct hub *, size_t);
static void	wake_readers(const struct hub *, const struct record *);

/* Records out. */
static bool	find_record(struct port *, struct record *);
static bool	hears(const struct port *, const struct record *);
static void	moved_on(struct port *);

/* Who is behind. */
static void	find_tail(struct hub *);
static bool	reads_no_more(const struct port *);
static int64_t	overtake(struct hub *);
static void	wake_writers(const struct hub *);

/* The ring as memory. */
static void	put(struct hub *, const void *, size_t);
static void	get(const struct hub *, uint64_t, void *, size_t);

static const struct stream_ops port_ops = {
	.read = port_read,
	.peek = port_peek,
	.write = port_write,
	.shut = port_shut,
	.pending = port_pending,
	.close = port_close
};

struct hub *
hub_new(struct watch *watch, int kind, bool star)
{
	struct hub *hub;

	hub = malloc(sizeof(*hub));
	if (hub == NULL)
		return NULL;
	memset(hub, 0, offsetof(struct hub, ring));
	owner_init(&hub->owner, kind);
	hub->watch = watch;
	hub->star = star;
	return hub;
}

void
hub_free(struct hub *hub)
{
	if (hub == NULL)
		return;
	watch_leave(hub->watch, &hub->owner);
	free(hub->ports);
	free(hub);
}

int
hub_join(struct hub *hub, struct port *port, struct owner *owner)
{
	size_t room = hub->room == 0 ? 8 : hub->room * 2;
	struct port **ports;

	if (hub->count == hub->room) {
		ports = reallocarray(hub->ports, room, sizeof(*ports));
		if (ports == NULL)
			return -1;
		hub->ports = ports;
		hub->room = room;
	}
	port->stream.ops = &port_ops;
	port->stream.rfd = -1;
	port->stream.wfd = -1;
	port->stream.rkind = DESCRIPTOR_DEVICE;
	port->stream.wkind = DESCRIPTOR_DEVICE;
	port->stream.writable = true;
	port->hub = hub;
	port->owner = owner;
	port->cursor = hub->head;
	port->end = UINT64_MAX;
	port->place = (uint32_t)hub->count;
	hub->ports[hub->count++] = port;
	if (port->console)
		hub->console = port;
	else if (hub->console != NULL)
		watch_touch(hub->watch, hub->console->owner);
	return 0;
}

bool
hub_has_members(const struct hub *hub)
{
	return hub->count > (hub->console != NULL);
}

void
hub_leave(struct port *port)
{
	struct hub *hub = port->hub;
	struct port *last;

	if (hub == NULL)
		return;
	last = hub->ports[--hub->count];
	last->place = port->place;
	hub->ports[last->place] = last;
	if (port->console)
		hub->console = NULL;
	port->hub = NULL;
	free(port->line);
	port->line = NULL;
	if (hub->full)
		watch_touch(hub->watch, &hub->owner);
}

void
hub_finish(struct port *port)
{
	if (port->hub != NULL)
		(void)port_shut(&port->stream);
}

void
hub_end(struct port *port)
{
	port->end = port->hub->head;
	port->stream.readable = true;
	watch_touch(port->hub->watch, port->owner);
}

void
hub_end_all(struct hub *hub)
{
	size_t i;

	for (i = 0; i < hub->count; i++)
		if (!hub->ports[i]->console)
			hub_end(hub->ports[i]);
}

void
hub_say(struct port *port, const char *line)
{
	const char *parts[PARTS] = { line };
	size_t sizes[PARTS] = { strlen(line) };

	(void)say(port, parts, sizes);
}

/* Lines in. */

static ssize_t
port_write(struct stream *stream, const void *buf, size_t size)
{
	struct port *port = (struct port *)stream;
	const char *bytes = buf;
	size_t done = 0, n;

	while (done < size && make_room(port->hub, RESERVE)) {
		n = take_lines(port, bytes + done, size - done);
		if (n == 0)
			break;
		done += n;
	}
	return done > 0 ? (ssize_t)done : STREAM_AGAIN;
}

/*
 * Take what ends with a newline: all such lines at once, where nothing is
 * to be put before each.  0: there is no room.
 */
static size_t
take_lines(struct port *port, const char *bytes, size_t size)
{
	size_t most = HUB_LINE - unfinished_size(port), n;
	const char *newline;

	if (size > most)
		size = most;
	newline = port->prefix == NULL ? memrchr(bytes, '\n', size) :
	    memchr(bytes, '\n', size);
	if (newline == NULL)
		return take_rest(port, bytes, size);
	n = (size_t)(newline + 1 - bytes);
	return finish_line(port, bytes, n, "") ? n : 0;
}

/* No newline as yet: keep it, or let a piece go that is long enough. */
static size_t
take_rest(struct port *port, const char *bytes, size_t size)
{
	struct unfinished *line = port->line;

	if (unfinished_size(port) + size == HUB_LINE)
		return finish_line(port, bytes, size, "\n") ? size : 0;
	if (line == NULL) {
		line = malloc(sizeof(*line));
		if (line == NULL) {
			(void)stream_fail(&port->stream, ENOMEM);
			return 0;
		}
		line->size = 0;
		port->line = line;
	}
	memcpy(line->bytes + line->size, bytes, size);
	line->size += size;
	return size;
}

static size_t
unfinished_size(const struct port *port)
{
	return port->line == NULL ? 0 : port->line->size;
}

static bool
finish_line(struct port *port, const char *bytes, size_t size,
    const char *newline)
{
	const char *prefix = port->prefix == NULL ? "" : port->prefix;
	const char *head = port->line == NULL ? "" : port->line->bytes;
	const char *parts[PARTS] = { prefix, head, bytes, newline };
	size_t sizes[PARTS] = { strlen(prefix), unfinished_size(port), size,
		strlen(newline) };

	if (!say(port, parts, sizes))
		return false;
	free(port->line);
	port->line = NULL;
	return true;
}

static bool
say(struct port *port, const char *const *parts, const size_t *sizes)
{
	struct hub *hub = port->hub;
	struct record record;
	size_t i;

	memset(&record, 0, sizeof(record));
	for (i = 0; i < PARTS; i++)
		record.size += (uint32_t)sizes[i];
	record.number = port->number;
	record.console = port->console;
	if (!make_room(hub, sizeof(record) + record.size))
		return false;
	put(hub, &record, sizeof(record));
	for (i = 0; i < PARTS; i++)
		put(hub, parts[i], sizes[i]);
	wake_readers(hub, &record);
	return true;
}

static bool
make_room(struct hub *hub, size_t size)
{
	if (HUB_RING - (hub->head - hub->tail) >= size)
		return true;
	find_tail(hub);
	if (HUB_RING - (hub->head - hub->tail) >= size)
		return true;
	if (!hub->full)
		watch_touch(hub->watch, &hub->owner);
	hub->full = true;
	return false;
}

static void
wake_readers(const struct hub *hub, const struct record *record)
{
	struct port *port;
	size_t i;

	for (i = 0; i < hub->count; i++) {
		port = hub->ports[i];
		if (port->stream.readable || !hears(port, record))
			continue;
		port->stream.readable = true;
		watch_touch(hub->watch, port->owner);
	}
}

/* What has no newline gets one. */
static int
port_shut(struct stream *stream)
{
	struct port *port = (struct port *)stream;

	if (port->line == NULL || finish_line(port, "", 0, "\n"))
		return 0;
	return STREAM_AGAIN;
}

/* Records out. */

static ssize_t
port_read(struct stream *stream, void *buf, size_t size)
{
	struct port *port = (struct port *)stream;
	struct record record;
	size_t used = 0, n;

	while (used < size && find_record(port, &record)) {
		n = record.size - port->done;
		if (n > size - used)
			n = size - used;
		get(port->hub, port->cursor + sizeof(record) + port->done,
		    (char *)buf + used, n);
		used += n;
		port->done += (uint32_t)n;
		if (port->done < record.size)
			break;
		port->cursor += sizeof(record) + record.size;
		port->done = 0;
	}
	if (used > 0)
		moved_on(port);
	if (used > 0)
		return (ssize_t)used;
	return port->cursor >= port->end ? 0 : STREAM_AGAIN;
}

static ssize_t
port_peek(struct stream *stream)
{
	struct port *port = (struct port *)stream;
	struct record record;

	if (find_record(port, &record))
		return 1;
	return port->cursor >= port->end ? 0 : STREAM_AGAIN;
}

/* The next record that this port hears; others are passed over. */
static bool
find_record(struct port *port, struct record *record)
{
	uint64_t end = port->end < port->hub->head ? port->end :
	    port->hub->head;

	while (port->cursor < end) {
		get(port->hub, port->cursor, record, sizeof(*record));
		if (hears(port, record))
			return true;
		port->cursor += sizeof(*record) + record->size;
	}
	return false;
}

static bool
hears(const struct port *port, const struct record *record)
{
	if (port->hub->star)
		return record->console != port->console;
	return record->number != port->number;
}

static void
moved_on(struct port *port)
{
	struct hub *hub = port->hub;

	if (hub->head - port->cursor <= HUB_RING / 2)
		port->behind_since = 0;
	if (hub->full)
		watch_touch(hub->watch, &hub->owner);
}

static size_t
port_pending(const struct stream *stream)
{
	const struct port *port = (const struct port *)stream;

	return port->hub == NULL ? 0 :
	    (size_t)(port->hub->head - port->cursor);
}

static void
port_close(struct stream *stream)
{
	hub_leave((struct port *)stream);
}

/* Who is behind. */

void
hub_advance(struct hub *hub)
{
	int64_t next = CLOCK_NEVER;

	watch_begin(hub->watch, &hub->owner);
	if (hub->full) {
		next = overtake(hub);
		find_tail(hub);
	}
	if (hub->full && HUB_RING - (hub->head - hub->tail) >= FREE_ENOUGH) {
		hub->full = false;
		wake_writers(hub);
	} else {
		watch_until(hub->watch, next);
	}
	watch_end(hub->watch, &hub->owner);
}

/* Whoever waits for more has heard all that is for it, and needs none. */
static void
find_tail(struct hub *hub)
{
	struct port *port;
	size_t i;

	hub->tail = hub->head;
	for (i = 0; i < hub->count; i++) {
		port = hub->ports[i];
		if (!port->stream.readable || reads_no_more(port))
			port->cursor = hub->head;
		if (port->cursor < hub->tail)
			hub->tail = port->cursor;
	}
}

/* It broke, or has had what it was to have. */
static bool
reads_no_more(const struct port *port)
{
	return port->stream.error != 0 || port->cursor >= port->end;
}

/* Returns when the next one's patience is over. */
static int64_t
overtake(struct hub *hub)
{
	int64_t now = watch_time(hub->watch), next = CLOCK_NEVER;
	struct port *port;
	size_t i;

	for (i = 0; i < hub->count; i++) {
		port = hub->ports[i];
		if (port->console || !port->stream.readable ||
		    reads_no_more(port) ||
		    hub->head - port->cursor <= HUB_RING / 2)
			continue;
		if (port->behind_since == 0)
			port->behind_since = now;
		if (now - port->behind_since >= HUB_PATIENCE_NS) {
			(void)stream_fail(&port->stream, ENOBUFS);
			port->cursor = hub->head;
			port->end = 0;
			watch_touch(hub->watch, port->owner);
		} else if (port->behind_since + HUB_PATIENCE_NS < next) {
			next = port->behind_since + HUB_PATIENCE_NS;
		}
	}
	return next;
}

static void
wake_writers(const struct hub *hub)
{
	struct port *port;
	size_t i;

	for (i = 0; i < hub->count; i++) {
		port = hub->ports[i];
		if (port->stream.writable)
			continue;
		port->stream.writable = true;
		watch_touch(hub->watch, port->owner);
	}
}

/* The ring as memory. */

static void
put(struct hub *hub, const void *bytes, size_t size)
{
	size_t at = hub->head % HUB_RING, first = HUB_RING - at;

	if (size == 0)
		return;
	if (first > size)
		first = size;
	memcpy(hub->ring + at, bytes, first);
	memcpy(hub->ring, (const char *)bytes + first, size - first);
	hub->head += size;
}

static void
get(const struct hub *hub, uint64_t from, void *bytes, size_t size)
{
	size_t at = from % HUB_RING, first = HUB_RING - at;

	if (first > size)
		first = size;
	memcpy(bytes, hub->ring + at, first);
	memcpy((char *)bytes + first, hub->ring, size - first);
}
