/*
 * Who may be at the other end of a local socket: lists of users and groups,
 * what the kernel tells over real sockets, and how users and groups are
 * written.  What needs other users than ours is for root only.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/account.h"
#include "net/credentials.h"

#include "unit.h"

#define LISTED	4		/* most ids of a list here */
#define MANY	1000		/* groups */
#define NOBODY	65534

static void	test_lists(struct unit *);
static void	test_lists_over_socket(struct unit *);
static void	test_own(struct unit *);
static void	test_none(struct unit *);
static void	test_groups(struct unit *);
static void	test_others(struct unit *);
static void	test_users(struct unit *);
static void	test_group_texts(struct unit *);
static void	test_faults(struct unit *);

/* In a child of root's, which can be anyone. */
static void	check_groups(struct unit *);
static void	check_pair(struct unit *);
static void	check_connection(struct unit *);
static void	check_ids(struct unit *, const char *, int fd, uid_t, gid_t);

static struct account user(struct unit *, const char *);
static void	check_group(struct unit *, const char *, gid_t);
static struct allowed list(const uint32_t *uids, const uint32_t *gids);
static size_t	count(const uint32_t *);
static void	pair(int *fds);
static void	in_child(struct unit *, void (*)(struct unit *));
static void	become(uid_t, gid_t);
static void	must(bool, const char *);

/* The lists end with END. */
#define END	UINT32_MAX
#define LAST	(UINT32_MAX - 1)

static const struct {
	uint32_t		 uids[LISTED];
	uint32_t		 gids[LISTED];
	struct credentials	 who;
	bool			 known;
	bool			 wanted;
} rows[] = {
	/* Without a list everyone is let in, also who is not known. */
	{ { END }, { END }, { 1, 12, 34 }, true, true },
	{ { END }, { END }, { 0, 0, 0 }, true, true },
	{ { END }, { END }, { 0, 0, 0 }, false, true },

	{ { 12, END }, { END }, { 1, 12, 34 }, true, true },
	{ { 34, END }, { END }, { 1, 12, 34 }, true, false },
	{ { 1, END }, { END }, { 1, 12, 34 }, true, false },
	{ { 0, END }, { END }, { 1, 12, 34 }, true, false },
	{ { 12, END }, { END }, { 1, 0, 12 }, true, false },
	{ { 12, END }, { END }, { 1, 12, 34 }, false, false },
	{ { 0, END }, { END }, { 0, 0, 0 }, true, true },
	{ { 0, END }, { END }, { 0, 0, 0 }, false, false },
	{ { LAST, END }, { END }, { 0, LAST, 0 }, true, true },
	{ { LAST, END }, { END }, { 0, END, 0 }, true, false },

	{ { END }, { 34, END }, { 1, 12, 34 }, true, true },
	{ { END }, { 12, END }, { 1, 12, 34 }, true, false },
	{ { END }, { 0, END }, { 1, 12, 34 }, true, false },
	{ { END }, { 34, END }, { 1, 12, 34 }, false, false },
	{ { END }, { 0, END }, { 0, 0, 0 }, true, true },
	{ { END }, { 0, END }, { 0, 0, 0 }, false, false },
	{ { END }, { LAST, END }, { 0, 0, LAST }, true, true },

	{ { 1, 2, 12, END }, { END }, { 0, 12, 34 }, true, true },
	{ { 12, 1, 2, END }, { END }, { 0, 12, 34 }, true, true },
	{ { 1, 2, 3, END }, { END }, { 0, 12, 34 }, true, false },
	{ { END }, { 1, 2, 34, END }, { 0, 12, 34 }, true, true },
	{ { END }, { 34, 1, 2, END }, { 0, 12, 34 }, true, true },
	{ { END }, { 1, 2, 3, END }, { 0, 12, 34 }, true, false },

	/* One that fits is enough. */
	{ { 12, END }, { 34, END }, { 0, 12, 34 }, true, true },
	{ { 12, END }, { 1, END }, { 0, 12, 34 }, true, true },
	{ { 1, END }, { 34, END }, { 0, 12, 34 }, true, true },
	{ { 34, END }, { 12, END }, { 0, 12, 34 }, true, false },
	{ { 12, END }, { 34, END }, { 0, 12, 34 }, false, false },
};

static const struct {
	const char	*text;
	uint32_t	 id;
} numbers[] = {
	{ "0", 0 },
	{ "000", 0 },
	{ "4000000001", 4000000001 },
	{ "0004000000001", 4000000001 },
	{ "4294967293", 4294967293 },
	{ "4294967294", 4294967294 },
};

static const struct {
	const char	*text;
	const char	*shown;		/* NULL: as it is */
} faults[] = {
	{ "", NULL },
	{ " ", NULL },
	{ "-1", NULL },
	{ "-0", NULL },
	{ "+0", NULL },
	{ " 0", NULL },
	{ "0 ", NULL },
	{ "0x0", NULL },
	{ "1e3", NULL },
	{ "1.0", NULL },
	{ "0,1", NULL },
	{ "0:0", NULL },
	{ "root:root", NULL },
	{ "no-such-one", NULL },
	{ "4294967295", NULL },
	{ "4294967296", NULL },
	{ "18446744073709551615", NULL },
	{ "18446744073709551616", NULL },
	{ "99999999999999999999999999999999", NULL },
	{ "\033[31m\n", "\\x1b[31m\\x0a" },
	{ "no\\one", "no\\\\one" },
	{ "\xff", "\\xff" },
};

int
main(void)
{
	struct unit unit = { 0, 0 };

	test_lists(&unit);
	test_lists_over_socket(&unit);
	test_own(&unit);
	test_none(&unit);
	test_groups(&unit);
	test_others(&unit);
	test_users(&unit);
	test_group_texts(&unit);
	test_faults(&unit);
	return unit_end(&unit);
}

static void
test_lists(struct unit *unit)
{
	struct allowed allowed;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		allowed = list(rows[i].uids, rows[i].gids);
		unit_check(unit, allowed_has(&allowed, rows[i].known ?
		    &rows[i].who : NULL, -1) == rows[i].wanted,
		    "row %zu: not %s", i, rows[i].wanted ? "let in" : "kept "
		    "out");
		unit_check(unit, allowed_any(&allowed) ==
		    (rows[i].uids[0] == END && rows[i].gids[0] == END),
		    "row %zu: anyone, or not", i);
	}
}

/* What is told by the descriptor is asked for groups alone. */
static void
test_lists_over_socket(struct unit *unit)
{
	const uint32_t own_uid[] = { geteuid(), END };
	const uint32_t own_gid[] = { getegid(), END };
	const uint32_t none[] = { END };
	const struct credentials other = { 1, geteuid() + 1, getegid() };
	struct allowed uids = list(own_uid, none);
	struct allowed gids = list(none, own_gid);
	struct credentials who;
	int fds[2];

	pair(fds);
	must(credentials_of(fds[0], &who) == 0, "credentials");
	unit_check(unit, allowed_has(&uids, &who, fds[0]), "our user is out");
	unit_check(unit, allowed_has(&gids, &who, fds[0]),
	    "our group is out");
	unit_check(unit, !allowed_has(&uids, &other, fds[0]),
	    "the next user is in");
	unit_check(unit, !allowed_has(&uids, NULL, fds[0]) &&
	    !allowed_has(&gids, NULL, fds[0]), "who is not known is in");
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* Where no process is told, it is 0. */
static void
test_own(struct unit *unit)
{
	struct credentials who;
	int fds[2];
	bool good;

	pair(fds);
	for (size_t i = 0; i < 2; i++) {
		memset(&who, 0x5a, sizeof(who));
		good = credentials_of(fds[i], &who) == 0;
		unit_check(unit, good, "no credentials: %s", strerror(errno));
		unit_check(unit, who.uid == geteuid() &&
		    who.gid == getegid() &&
		    (who.pid == getpid() || who.pid == 0),
		    "we are not pid %ld, uid %ld, gid %ld", (long)who.pid,
		    (long)who.uid, (long)who.gid);
	}
	(void)close(fds[0]);
	unit_check(unit, credentials_of(fds[1], &who) == 0 &&
	    who.uid == geteuid(), "nobody is told when the peer is gone");
	(void)close(fds[1]);
}

/* No socket, none of a peer's, none that is local. */
static void
test_none(struct unit *unit)
{
	const struct credentials who = { 1, 12, 34 };
	struct credentials room;
	int fds[5];

	must(pipe(fds) == 0, "a pipe");
	fds[2] = open("/dev/null", O_RDWR);
	fds[3] = socket(AF_UNIX, SOCK_STREAM, 0);
	fds[4] = socket(AF_INET, SOCK_STREAM, 0);
	must(fds[2] != -1 && fds[3] != -1, "descriptors");
	for (size_t i = 0; i < UNIT_COUNT(fds); i++) {
		unit_check(unit, credentials_of(fds[i], &room) == -1,
		    "descriptor %zu has credentials", i);
		unit_check(unit, credentials_have_group(fds[i], &who, 34),
		    "descriptor %zu: not the own group", i);
		unit_check(unit, !credentials_have_group(fds[i], &who, 35),
		    "descriptor %zu: another group", i);
		(void)close(fds[i]);
	}
	unit_check(unit, credentials_of(-1, &room) == -1, "-1 has credentials");
	unit_check(unit, credentials_have_group(-1, &who, 34) &&
	    !credentials_have_group(-1, &who, 12), "-1 has groups");
}

/* Ours, whatever they are; only Linux tells more than one. */
static void
test_groups(struct unit *unit)
{
	struct credentials who;
	gid_t groups[MANY];
	int fds[2], number = getgroups(MANY, groups);

	pair(fds);
	must(credentials_of(fds[0], &who) == 0, "credentials");
	unit_check(unit, credentials_have_group(fds[0], &who, getegid()),
	    "not our own group");
	unit_check(unit, !credentials_have_group(fds[0], &who, LAST),
	    "a group that is nobody's");
	for (int i = 0; i < number && who.pid != 0; i++) {
		unit_check(unit, credentials_have_group(fds[0], &who,
		    groups[i]), "not our group %ld", (long)groups[i]);
		unit_check(unit, groups[i] == getegid() ||
		    !credentials_have_group(-1, &who, groups[i]),
		    "group %ld without a socket", (long)groups[i]);
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_others(struct unit *unit)
{
	if (geteuid() != 0)
		return;
	in_child(unit, check_groups);
	in_child(unit, check_pair);
	in_child(unit, check_connection);
}

/* Other groups are those of when the pair was made. */
static void
check_groups(struct unit *unit)
{
	const uint32_t none[] = { END };
	const uint32_t second[] = { LAST, 7500, END };
	struct allowed allowed = list(none, second);
	struct credentials who;
	gid_t groups[MANY];
	int fds[2];

	for (size_t i = 0; i < MANY; i++)
		groups[i] = (gid_t)(7000 + i);
	must(setgroups(MANY, groups) == 0, "groups");
	pair(fds);
	must(setgroups(0, NULL) == 0 && credentials_of(fds[0], &who) == 0,
	    "no groups");
	if (who.pid == 0)
		return;
	for (size_t i = 0; i < MANY; i++)
		unit_check(unit, credentials_have_group(fds[0], &who,
		    groups[i]), "not group %ld", (long)groups[i]);
	unit_check(unit, !credentials_have_group(fds[0], &who, 6999) &&
	    !credentials_have_group(fds[0], &who, 7000 + MANY),
	    "the next groups, too");
	unit_check(unit, allowed_has(&allowed, &who, fds[0]),
	    "a listed group is out");
	unit_check(unit, !allowed_has(&allowed, &who, -1),
	    "it is in without a socket");
	unit_check(unit, !allowed_has(&allowed, NULL, fds[0]),
	    "it is in with nothing known");
	pair(fds);
	unit_check(unit, !credentials_have_group(fds[0], &who, 7500),
	    "a group of before");
}

/* Whoever made it, whatever that one has become. */
static void
check_pair(struct unit *unit)
{
	int fds[2];

	pair(fds);
	become(NOBODY, NOBODY);
	check_ids(unit, "root's pair", fds[0], 0, 0);
	pair(fds);
	check_ids(unit, "nobody's pair", fds[0], NOBODY, NOBODY);
}

/* The one side is of connect(2), by the effective ids, the other of listen. */
static void
check_connection(struct unit *unit)
{
	const struct sockaddr any = { .sa_family = AF_UNIX };
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int server, client;

	server = socket(AF_UNIX, SOCK_STREAM, 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	/* Where the system gives no names, there is nothing to be tried. */
	if (server == -1 || client == -1 ||
	    bind(server, &any, sizeof(any.sa_family)) == -1)
		return;
	must(setegid(56) == 0 && seteuid(1234) == 0 &&
	    listen(server, 1) == 0 && getsockname(server,
	    (struct sockaddr *)&address, &length) == 0, "a server");
	must(seteuid(0) == 0 && setegid(78) == 0 && seteuid(4321) == 0 &&
	    connect(client, (struct sockaddr *)&address, length) == 0,
	    "a client");
	must(seteuid(0) == 0, "root again");
	become(NOBODY, NOBODY);
	check_ids(unit, "a client", accept(server, NULL, NULL), 4321, 78);
	check_ids(unit, "a server", client, 1234, 56);
}

static void
check_ids(struct unit *unit, const char *what, int fd, uid_t uid, gid_t gid)
{
	struct credentials who = { 0, LAST, LAST };
	bool good = credentials_of(fd, &who) == 0;

	unit_check(unit, good && who.uid == uid && who.gid == gid,
	    "%s is of uid %ld, gid %ld", what, (long)who.uid, (long)who.gid);
}

static void
test_users(struct unit *unit)
{
	const struct passwd *entry;
	struct account account;
	char name[64];
	gid_t gid;

	for (size_t i = 0; i < UNIT_COUNT(numbers); i++) {
		account = user(unit, numbers[i].text);
		unit_check(unit, account.uid == numbers[i].id,
		    "[%s] is uid %ld", numbers[i].text, (long)account.uid);
		if (getpwuid((uid_t)numbers[i].id) != NULL)
			continue;
		unit_text(unit, numbers[i].text, account.name, "");
		unit_check(unit, account.gid == numbers[i].id,
		    "[%s] is gid %ld", numbers[i].text, (long)account.gid);
	}
	entry = getpwuid(0);
	if (entry == NULL)
		return;
	snprintf(name, sizeof(name), "%s", entry->pw_name);
	gid = entry->pw_gid;
	account = user(unit, name);
	unit_check(unit, account.uid == 0 && account.gid == gid,
	    "[%s] is uid %ld, gid %ld", name, (long)account.uid,
	    (long)account.gid);
	unit_text(unit, name, account.name, name);
	account = user(unit, "0");
	unit_text(unit, "0", account.name, name);
}

static void
test_group_texts(struct unit *unit)
{
	const struct group *entry;
	char name[64];

	for (size_t i = 0; i < UNIT_COUNT(numbers); i++)
		check_group(unit, numbers[i].text, numbers[i].id);
	entry = getgrgid(0);
	if (entry == NULL)
		return;
	snprintf(name, sizeof(name), "%s", entry->gr_name);
	check_group(unit, name, 0);
}

static struct account
user(struct unit *unit, const char *text)
{
	struct account account;
	struct error error;
	bool good;

	memset(&account, 0x5a, sizeof(account));
	good = account_user(&account, text, &error) == 0;
	unit_check(unit, good, "[%s] is no user", text);
	return account;
}

static void
check_group(struct unit *unit, const char *text, gid_t wanted)
{
	struct error error;
	gid_t gid = END;
	bool good = account_group(&gid, text, &error) == 0;

	unit_check(unit, good && gid == wanted, "[%s] is gid %ld", text,
	    (long)gid);
}

static void
test_faults(struct unit *unit)
{
	struct account account;
	struct error error;
	const char *shown;
	char wanted[128];
	gid_t gid = 12;

	for (size_t i = 0; i < UNIT_COUNT(faults); i++) {
		shown = faults[i].shown == NULL ? faults[i].text :
		    faults[i].shown;
		error.text[0] = '\0';
		unit_check(unit, account_user(&account, faults[i].text,
		    &error) == -1, "[%s] is a user", shown);
		snprintf(wanted, sizeof(wanted), "\"%s\": no such user",
		    shown);
		unit_text(unit, shown, error.text, wanted);
		error.text[0] = '\0';
		unit_check(unit, account_group(&gid, faults[i].text,
		    &error) == -1 && gid == 12, "[%s] is a group", shown);
		snprintf(wanted, sizeof(wanted), "\"%s\": no such group",
		    shown);
		unit_text(unit, shown, error.text, wanted);
	}
}

static struct allowed
list(const uint32_t *uids, const uint32_t *gids)
{
	struct allowed allowed = {
		.uids = uids, .uid_count = count(uids),
		.gids = gids, .gid_count = count(gids)
	};

	return allowed;
}

static size_t
count(const uint32_t *ids)
{
	size_t number = 0;

	while (ids[number] != END)
		number++;
	return number;
}

static void
pair(int *fds)
{
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "a pair");
}

/* Its descriptors end with it; what failed is its status. */
static void
in_child(struct unit *unit, void (*check)(struct unit *))
{
	struct unit own = { 0, 0 };
	int status = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		check(&own);
		(void)fflush(stdout);
		_exit(own.failed > 100 ? 100 : (int)own.failed);
	}
	(void)waitpid(pid, &status, 0);
	unit_check(unit, status == 0, "as another: status %#x", status);
}

static void
become(uid_t uid, gid_t gid)
{
	must(setgroups(0, NULL) == 0 && setgid(gid) == 0 && setuid(uid) == 0,
	    "another user");
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
