/*
 * Descriptors over pairs of sockets: as many and in the order in which they
 * were sent, taken by looking, dropped with what is read, and none is left
 * open by anybody.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/credentials.h"
#include "net/rights.h"

#include "unit.h"

/* More than there ever are at once, and yet quickly asked. */
#define HIGHEST		1024

struct kind {
	int		 type;
	const char	*name;
};

/* A pair of sockets, and files that can be told from each other. */
struct fixture {
	int		 ours;
	int		 theirs;
	struct rights	 sent;
};

static void	test_passing(struct unit *, const struct kind *, size_t,
		    bool);
static void	test_order(struct unit *, const struct kind *);
static void	test_bytes(struct unit *, const struct kind *);
static void	test_nothing(struct unit *, const struct kind *);
static void	test_next(struct unit *, const struct kind *);
static void	test_unread(struct unit *, const struct kind *);
static void	test_empty_record(struct unit *);
static void	test_full(struct unit *, const struct kind *);
static void	test_failures(struct unit *, const struct kind *);
static void	test_dropping(struct unit *, const struct kind *, size_t);
static void	test_other_control(struct unit *);
static void	test_copying(struct unit *, size_t, int);
static void	test_no_room(struct unit *);
static void	test_close(struct unit *);

static void	fixture_init(struct fixture *, const struct kind *, size_t);
static void	fixture_clear(struct fixture *);
static bool	same_files(const struct rights *, const struct rights *);
static bool	closed_on_exec(const struct rights *);
static int	file_of(size_t);
static size_t	number_of(int);
static size_t	count_open(void);
static void	must(bool, const char *);

static const struct kind kinds[] = {
	{ SOCK_STREAM, "stream" },
	{ SOCK_SEQPACKET, "seqpacket" },
	{ SOCK_DGRAM, "dgram" }
};

static const size_t counts[] = { 1, 2, 3, 100, RIGHTS_SENT };

/* How many, and from which number on they are to be. */
static const struct {
	size_t	count;
	int	first;
} moves[] = {
	{ 0, 3 }, { 1, 0 }, { 1, 4 }, { 3, 6 }, { 5, 500 }, { 100, 103 },
	{ RIGHTS_MOST, 3 + RIGHTS_MOST }
};

int
main(void)
{
	struct unit unit = { 0, 0 };
	size_t before = count_open(), i, k;

	for (k = 0; k < UNIT_COUNT(kinds); k++) {
		for (i = 0; i < UNIT_COUNT(counts); i++) {
			test_passing(&unit, &kinds[k], counts[i], false);
			test_passing(&unit, &kinds[k], counts[i], true);
			test_dropping(&unit, &kinds[k], counts[i]);
		}
		test_order(&unit, &kinds[k]);
		test_bytes(&unit, &kinds[k]);
		test_nothing(&unit, &kinds[k]);
		if (kinds[k].type != SOCK_STREAM)
			test_next(&unit, &kinds[k]);
		test_unread(&unit, &kinds[k]);
		test_full(&unit, &kinds[k]);
		test_failures(&unit, &kinds[k]);
	}
	test_empty_record(&unit);
	test_other_control(&unit);
	for (i = 0; i < UNIT_COUNT(moves); i++)
		test_copying(&unit, moves[i].count, moves[i].first);
	test_no_room(&unit);
	test_close(&unit);
	unit_check(&unit, count_open() == before, "%zu descriptors are open, "
	    "%zu were", count_open(), before);
	return unit_end(&unit);
}

/* Where the sender's credentials come along, too, there is room for all. */
static void
test_passing(struct unit *unit, const struct kind *kind, size_t count,
    bool who)
{
	struct fixture fixture;
	struct rights got;
	size_t before;
	ssize_t n;

	fixture_init(&fixture, kind, count);
	if (who)
		credentials_ask(fixture.theirs);
	before = count_open();
	n = rights_send(fixture.ours, "x", 1, &fixture.sent);
	unit_check(unit, n == 1, "%s, %zu: sent %zd", kind->name, count, n);
	unit_check(unit, count_open() == before, "%s, %zu: the sender's stay",
	    kind->name, count);
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 1 && got.count == count, "%s, %zu%s: look gives "
	    "%zd, %zu", kind->name, count, who ? ", with credentials" : "", n,
	    got.count);
	unit_check(unit, same_files(&got, &fixture.sent),
	    "%s, %zu: the same files", kind->name, count);
	unit_check(unit, closed_on_exec(&got), "%s, %zu: close-on-exec",
	    kind->name, count);
	rights_close(&got);
	unit_check(unit, got.count == 0 && count_open() == before,
	    "%s, %zu: closed", kind->name, count);
	fixture_clear(&fixture);
}

static void
test_order(struct unit *unit, const struct kind *kind)
{
	static const size_t order[] = { 2, 0, 1, 2, 2, 0 };
	struct fixture fixture;
	struct rights sent, got;
	size_t i;

	fixture_init(&fixture, kind, 3);
	sent.count = UNIT_COUNT(order);
	for (i = 0; i < sent.count; i++)
		sent.fds[i] = fixture.sent.fds[order[i]];
	must(rights_send(fixture.ours, "x", 1, &sent) == 1, "sending");
	must(rights_look(fixture.theirs, &got) == 1, "looking");
	unit_check(unit, same_files(&got, &sent), "%s: in order, and twice",
	    kind->name);
	rights_close(&got);
	fixture_clear(&fixture);
}

/* Looking leaves what there is to be read. */
static void
test_bytes(struct unit *unit, const struct kind *kind)
{
	struct fixture fixture;
	struct rights got;
	char buf[16];
	ssize_t n;

	fixture_init(&fixture, kind, 1);
	n = rights_send(fixture.ours, "hello", 5, &fixture.sent);
	unit_check(unit, n == 5, "%s: sent %zd of 5", kind->name, n);
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 1, "%s: look gives %zd", kind->name, n);
	rights_close(&got);
	n = recv(fixture.theirs, buf, sizeof(buf), MSG_DONTWAIT);
	unit_check(unit, n == 5 && memcmp(buf, "hello", 5) == 0,
	    "%s: read %zd of 5", kind->name, n);
	fixture_clear(&fixture);
}

static void
test_nothing(struct unit *unit, const struct kind *kind)
{
	struct fixture fixture;
	struct rights got;
	ssize_t n;

	fixture_init(&fixture, kind, 1);
	got.count = 7;
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == -1 && errno == EAGAIN && got.count == 0,
	    "%s, nothing there: look gives %zd, %zu", kind->name, n,
	    got.count);
	must(send(fixture.ours, "x", 1, 0) == 1, "sending");
	got.count = 7;
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 1 && got.count == 0,
	    "%s, bytes alone: look gives %zd, %zu", kind->name, n, got.count);
	must(recv(fixture.theirs, &n, sizeof(n), 0) == 1, "reading");
	if (kind->type != SOCK_DGRAM) {
		(void)shutdown(fixture.ours, SHUT_WR);
		got.count = 7;
		n = rights_look(fixture.theirs, &got);
		unit_check(unit, n == 0 && got.count == 0,
		    "%s, the end: look gives %zd, %zu", kind->name, n,
		    got.count);
	}
	fixture_clear(&fixture);
}

/*
 * What goes with a later record is not yet there.  Of a stream Linux looks
 * further, up to the first bytes that have descriptors.
 */
static void
test_next(struct unit *unit, const struct kind *kind)
{
	struct fixture fixture;
	struct rights got;
	ssize_t n;
	char byte;

	fixture_init(&fixture, kind, 3);
	must(send(fixture.ours, "x", 1, 0) == 1, "sending");
	must(rights_send(fixture.ours, "y", 1, &fixture.sent) == 1,
	    "sending");
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 1 && got.count == 0,
	    "%s, with the second: look gives %zu", kind->name, got.count);
	rights_close(&got);
	must(recv(fixture.theirs, &byte, 1, 0) == 1, "reading");
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 1 && got.count == 3,
	    "%s, then: look gives %zu", kind->name, got.count);
	rights_close(&got);
	fixture_clear(&fixture);
}

/* The message has its own: the other end of a pipe ends only with it. */
static void
test_unread(struct unit *unit, const struct kind *kind)
{
	struct fixture fixture;
	struct rights got, sent;
	int ends[2];
	ssize_t n;
	char byte;

	fixture_init(&fixture, kind, 0);
	must(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0,
	    "a pipe");
	sent.fds[0] = ends[1];
	sent.count = 1;
	must(rights_send(fixture.ours, "x", 1, &sent) == 1, "sending");
	(void)close(ends[1]);
	must(rights_look(fixture.theirs, &got) == 1 && got.count == 1,
	    "looking");
	must(recv(fixture.theirs, &byte, 1, 0) == 1, "reading");
	n = read(ends[0], &byte, 1);
	unit_check(unit, n == -1 && errno == EAGAIN, "%s: what was taken "
	    "stays when the message is read", kind->name);
	rights_close(&got);
	n = read(ends[0], &byte, 1);
	unit_check(unit, n == 0, "%s: closed, and nobody has it", kind->name);
	(void)close(ends[0]);
	fixture_clear(&fixture);
}

static void
test_empty_record(struct unit *unit)
{
	struct fixture fixture;
	struct rights got;
	ssize_t n;

	fixture_init(&fixture, &kinds[1], 2);
	n = rights_send(fixture.ours, "", 0, &fixture.sent);
	unit_check(unit, n == 0, "an empty record: sent %zd", n);
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == 0 && got.count == 2,
	    "an empty record: look gives %zd, %zu", n, got.count);
	rights_close(&got);
	fixture_clear(&fixture);
}

static void
test_full(struct unit *unit, const struct kind *kind)
{
	static char buf[4096];
	struct fixture fixture;
	struct rights got;
	ssize_t n;

	fixture_init(&fixture, kind, 1);
	while (send(fixture.ours, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		continue;
	must(errno == EAGAIN, "a full socket");
	n = rights_send(fixture.ours, buf, sizeof(buf), &fixture.sent);
	unit_check(unit, n == -1 && errno == EAGAIN, "%s, full: sent %zd",
	    kind->name, n);
	while (recv(fixture.theirs, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		continue;
	n = rights_send(fixture.ours, buf, sizeof(buf), &fixture.sent);
	unit_check(unit, n == sizeof(buf), "%s, room again: sent %zd",
	    kind->name, n);
	must(rights_look(fixture.theirs, &got) == 1, "looking");
	unit_check(unit, got.count == 1, "%s, room again: look gives %zu",
	    kind->name, got.count);
	rights_close(&got);
	fixture_clear(&fixture);
}

static void
test_failures(struct unit *unit, const struct kind *kind)
{
	struct fixture fixture;
	struct rights closed, got;
	ssize_t n;

	fixture_init(&fixture, kind, 2);
	closed = fixture.sent;
	closed.fds[1] = HIGHEST;
	n = rights_send(fixture.ours, "x", 1, &closed);
	unit_check(unit, n == -1 && errno == EBADF,
	    "%s, one is not open: sent %zd", kind->name, n);
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == -1 && errno == EAGAIN,
	    "%s, one is not open: look gives %zd", kind->name, n);
	(void)close(fixture.theirs);
	/* SIGPIPE would end this program. */
	n = rights_send(fixture.ours, "x", 1, &fixture.sent);
	unit_check(unit, n == -1 && (errno == EPIPE || errno == ECONNREFUSED),
	    "%s, nobody there: sent %zd", kind->name, n);
	n = rights_look(fixture.theirs, &got);
	unit_check(unit, n == -1 && errno == EBADF && got.count == 0,
	    "%s, no socket: look gives %zd", kind->name, n);
	fixture.theirs = -1;
	fixture_clear(&fixture);
}

/* By whoever reads with room for control messages. */
static void
test_dropping(struct unit *unit, const struct kind *kind, size_t count)
{
	union {
		struct cmsghdr	align;
		char		bytes[4096];
	} control;
	struct fixture fixture;
	char byte;
	struct iovec place = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr head = {
		.msg_iov = &place, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)
	};
	struct cmsghdr *one;
	size_t before;

	fixture_init(&fixture, kind, count);
	before = count_open();
	must(rights_send(fixture.ours, "x", 1, &fixture.sent) == 1,
	    "sending");
	must(recvmsg(fixture.theirs, &head, 0) == 1, "reading");
	one = CMSG_FIRSTHDR(&head);
	unit_check(unit, one != NULL && count_open() == before + count,
	    "%s, %zu: they came", kind->name, count);
	unit_check(unit, one != NULL && rights_drop(one),
	    "%s, %zu: dropped", kind->name, count);
	unit_check(unit, count_open() == before,
	    "%s, %zu: none is left", kind->name, count);
	fixture_clear(&fixture);
}

/* What is no descriptor is left alone, though it looks like the number. */
static void
test_other_control(struct unit *unit)
{
	static const struct {
		int	level, type;
	} others[] = {
		{ SOL_SOCKET, SCM_RIGHTS + 1 }, { IPPROTO_IP, SCM_RIGHTS }
	};
	union {
		struct cmsghdr	align;
		char		bytes[CMSG_SPACE(sizeof(int))];
	} control;
	int fd = file_of(0);
	size_t i;

	for (i = 0; i < UNIT_COUNT(others); i++) {
		memset(&control, 0, sizeof(control));
		control.align.cmsg_level = others[i].level;
		control.align.cmsg_type = others[i].type;
		control.align.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(control.bytes + CMSG_LEN(0), &fd, sizeof(fd));
		unit_check(unit, !rights_drop(&control.align) &&
		    fcntl(fd, F_GETFD) != -1,
		    "level %d, type %d: left alone", others[i].level,
		    others[i].type);
	}
	(void)close(fd);
}

static void
test_copying(struct unit *unit, size_t count, int first)
{
	struct rights rights, before;
	size_t open, i;
	int rc;

	rights.count = count;
	for (i = 0; i < count; i++)
		rights.fds[i] = file_of(i);
	open = count_open();
	before = rights;
	rc = rights_copy(&rights, first);
	unit_check(unit, rc == 0 && rights.count == count,
	    "%zu from %d on: %d, %zu", count, first, rc, rights.count);
	for (i = 0; i < count; i++)
		unit_check(unit, rights.fds[i] >= first &&
		    number_of(rights.fds[i]) == i,
		    "%zu from %d on: %zu is %d, file %zu", count, first, i,
		    rights.fds[i], number_of(rights.fds[i]));
	unit_check(unit, closed_on_exec(&rights) &&
	    count_open() == open + count,
	    "%zu from %d on: twice as many, close-on-exec", count, first);
	for (i = 0; i < count; i++)
		unit_check(unit, fcntl(before.fds[i], F_GETFD) != -1,
		    "%zu from %d on: %d is open", count, first,
		    before.fds[i]);
	rights_close(&before);
	rights_close(&rights);
}

/* It fails, and no copy is left. */
static void
test_no_room(struct unit *unit)
{
	static const int firsts[] = { 40, 62, 64, 1000 };
	struct rlimit limit, less;
	struct rights rights, before;
	size_t open = count_open(), i, k;
	int rc;

	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "the limit");
	less = limit;
	less.rlim_cur = 64;
	for (k = 0; k < UNIT_COUNT(firsts); k++) {
		rights.count = 30;
		for (i = 0; i < rights.count; i++)
			rights.fds[i] = file_of(i);
		before = rights;
		must(setrlimit(RLIMIT_NOFILE, &less) == 0, "a limit");
		rc = rights_copy(&rights, firsts[k]);
		unit_check(unit, rc == -1 && (errno == EMFILE ||
		    errno == EINVAL), "30 from %d on of 64: %d, errno %d",
		    firsts[k], rc, errno);
		must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "the limit");
		unit_check(unit, rights.count == 0 &&
		    count_open() == open + before.count,
		    "30 from %d on of 64: no copy is left", firsts[k]);
		rights_close(&before);
	}
}

static void
test_close(struct unit *unit)
{
	struct rights rights;
	size_t open = count_open(), i;

	rights.count = 3;
	for (i = 0; i < rights.count; i++)
		rights.fds[i] = file_of(i);
	rights_close(&rights);
	unit_check(unit, rights.count == 0 && count_open() == open,
	    "three are closed");
	i = (size_t)file_of(0);
	rights_close(&rights);
	unit_check(unit, count_open() == open + 1, "once more is fine");
	(void)close((int)i);
}

static void
fixture_init(struct fixture *fixture, const struct kind *kind, size_t count)
{
	int pair[2];
	size_t i;

	must(socketpair(AF_UNIX, kind->type, 0, pair) == 0, "a pair");
	fixture->ours = pair[0];
	fixture->theirs = pair[1];
	fixture->sent.count = count;
	for (i = 0; i < count; i++)
		fixture->sent.fds[i] = file_of(i);
}

static void
fixture_clear(struct fixture *fixture)
{
	(void)close(fixture->ours);
	if (fixture->theirs != -1)
		(void)close(fixture->theirs);
	rights_close(&fixture->sent);
}

static bool
same_files(const struct rights *one, const struct rights *other)
{
	size_t i;

	for (i = 0; i < one->count && i < other->count; i++)
		if (number_of(one->fds[i]) != number_of(other->fds[i]))
			return false;
	return one->count == other->count;
}

static bool
closed_on_exec(const struct rights *rights)
{
	size_t i;

	for (i = 0; i < rights->count; i++)
		if ((fcntl(rights->fds[i], F_GETFD) & FD_CLOEXEC) == 0)
			return false;
	return true;
}

/* Its offset tells which one it is, and passes with it. */
static int
file_of(size_t number)
{
	int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	must(fd != -1 && lseek(fd, (off_t)number, SEEK_SET) != -1, "a file");
	return fd;
}

static size_t
number_of(int fd)
{
	return (size_t)lseek(fd, 0, SEEK_CUR);
}

static size_t
count_open(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < HIGHEST; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			count++;
	return count;
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("cannot have: %s: %s\n", what, strerror(errno));
	(void)fflush(stdout);
	_exit(1);
}
