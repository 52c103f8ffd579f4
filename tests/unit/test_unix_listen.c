/*
 * Listening on local sockets, in a directory of its own: what may stand at
 * the path and what is then said, who may connect from which moment on,
 * what is removed at the end, and two who want the same path at once.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/unix_listen.h"

#include "unit.h"

#define LONGEST	sizeof(((struct sockaddr_un *)0)->sun_path)
#define ROUNDS	200
#define NOBODY	65534

static void	test_fresh(struct unit *);
static void	test_stale(struct unit *);
static void	test_live(struct unit *);
static void	test_other_files(struct unit *);
static void	test_no_directory(struct unit *);
static void	test_lengths(struct unit *);
static void	test_abstract(struct unit *);
static void	test_words(struct unit *);
static void	test_modes(struct unit *);
static void	test_window(struct unit *);
static void	test_no_descriptors(struct unit *);
static void	test_leave(struct unit *);
static void	test_leave_late(struct unit *);
static void	test_leave_afar(struct unit *);
static void	test_lock(struct unit *);
static void	test_two(struct unit *, bool stale, int type);
static void	test_nobody(struct unit *);

/* As nobody, or as whoever runs this. */
static void	check_closed_directory(struct unit *);
static void	check_unreadable_directory(struct unit *);
static void	check_silent_socket(struct unit *);
static void	check_given_away(struct unit *);

static struct unix_listen_plan plan_for(const char *, int type);
static int	open_at(const char *, int type, struct unix_place *,
		    struct error *);
static void	refuse(struct unit *, const char *, int type, int code,
		    const char *);
static int	knock(const struct unix_listen_plan *);
static void	leave_stale(const char *, int type);
static void	touch(const char *);
static ino_t	inode(const char *);
static bool	exists(const char *);
static unsigned	entries(void);
static bool	watch_modes(const char *, int);
static void	contend(int gate, int results, int end, int type);
static int	lowest(void);
static void	must(bool, const char *);

static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

int
main(void)
{
	struct unit unit = { 0, 0 };
	const char *parent = getenv("TMPDIR");
	int before = lowest();
	char *directory;

	must(asprintf(&directory, "%s/ducat-unit.XXXXXX",
	    parent == NULL ? "/tmp" : parent) != -1, "memory");
	must(mkdtemp(directory) != NULL && chdir(directory) == 0 &&
	    chmod(".", 0777) == 0, "a directory");
	(void)umask(022);
	test_fresh(&unit);
	test_stale(&unit);
	test_live(&unit);
	test_other_files(&unit);
	test_no_directory(&unit);
	test_lengths(&unit);
	test_abstract(&unit);
	test_words(&unit);
	test_modes(&unit);
	test_window(&unit);
	test_no_descriptors(&unit);
	test_leave(&unit);
	test_leave_late(&unit);
	test_leave_afar(&unit);
	test_lock(&unit);
	for (size_t i = 0; i < UNIT_COUNT(types); i++)
		test_two(&unit, true, types[i]);
	test_two(&unit, false, SOCK_STREAM);
	test_nobody(&unit);
	unit_check(&unit, entries() == 0, "%u files are left", entries());
	unit_check(&unit, lowest() == before, "descriptors are left open");
	unit_check(&unit, umask(022) == 022, "the umask is another");
	must(rmdir(directory) == 0, directory);
	free(directory);
	return unit_end(&unit);
}

static void
test_fresh(struct unit *unit)
{
	struct unix_listen_plan plan;
	struct unix_place place;
	struct error error;
	int fd;

	for (size_t i = 0; i < UNIT_COUNT(types); i++) {
		plan = plan_for("fresh", types[i]);
		fd = unix_listen(&plan, &place, &error);
		unit_check(unit, fd != -1, "type %d: %s", types[i],
		    error.text);
		unit_check(unit, (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 &&
		    (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 &&
		    (fcntl(place.directory, F_GETFD) & FD_CLOEXEC) != 0 &&
		    (fcntl(place.file, F_GETFD) & FD_CLOEXEC) != 0,
		    "type %d: flags are missing", types[i]);
		unit_check(unit, knock(&plan) == 0,
		    "type %d: nobody answers", types[i]);
		unix_place_leave(&place);
		unit_check(unit, !exists("fresh"), "type %d: it is left",
		    types[i]);
		unix_place_leave(&place);
		(void)close(fd);
	}
	memset(&place, 0, sizeof(place));
	unix_place_leave(&place);
	unit_check(unit, fcntl(0, F_GETFD) != -1, "a place of zeros has 0");
}

static void
test_stale(struct unit *unit)
{
	struct unix_listen_plan plan;
	struct unix_place place;
	struct error error;
	int fd;

	for (size_t i = 0; i < UNIT_COUNT(types); i++) {
		leave_stale("stale", types[i]);
		leave_stale("./stale2", types[i]);
		plan = plan_for("stale", types[i]);
		plan.backlog = 1;
		fd = unix_listen(&plan, &place, &error);
		unit_check(unit, fd != -1, "type %d: %s", types[i],
		    error.text);
		unit_check(unit, knock(&plan) == 0,
		    "type %d: nobody answers", types[i]);
		unix_place_leave(&place);
		(void)close(fd);
		unit_check(unit, !exists("stale") && exists("stale2"),
		    "type %d: the wrong file is gone", types[i]);
		(void)unlink("stale2");
	}
}

/*
 * Of its type and of the others; with a full backlog; with a peer; and
 * what is bound and does not listen yet.
 */
static void
test_live(struct unit *unit)
{
	static const char wanted[] = "listen on live";
	struct unix_listen_plan plan;
	struct unix_place place;
	struct error error;
	int clients[4], fd;

	for (size_t i = 0; i < UNIT_COUNT(types); i++) {
		plan = plan_for("live", types[i]);
		plan.backlog = 1;
		fd = unix_listen(&plan, &place, &error);
		for (size_t j = 0; j < UNIT_COUNT(types); j++)
			refuse(unit, "live", types[j], EADDRINUSE, wanted);
		unit_check(unit, types[i] == SOCK_DGRAM ||
		    (accept(fd, NULL, NULL) == -1 && errno == EAGAIN),
		    "type %d: the question came as a client", types[i]);
		for (size_t j = 0; j < UNIT_COUNT(clients); j++) {
			clients[j] = socket(AF_UNIX, types[i] | SOCK_NONBLOCK,
			    0);
			(void)connect(clients[j],
			    (struct sockaddr *)&plan.path.address,
			    plan.path.length);
		}
		unit_check(unit, types[i] == SOCK_DGRAM ||
		    knock(&plan) == EAGAIN, "the backlog is not full");
		refuse(unit, "live", types[i], EADDRINUSE, wanted);
		for (size_t j = 0; j < UNIT_COUNT(clients); j++)
			(void)close(clients[j]);
		unix_place_leave(&place);
		(void)close(fd);
	}
	fd = open_at("live", SOCK_DGRAM, &place, &error);
	must(connect(fd, (struct sockaddr *)&plan.path.address,
	    plan.path.length) == 0, "a peer");
	unit_check(unit, knock(&plan) == EPERM, "others may send");
	refuse(unit, "live", SOCK_DGRAM, EADDRINUSE, wanted);
	unix_place_leave(&place);
	(void)close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	must(bind(fd, (struct sockaddr *)&plan.path.address,
	    plan.path.length) == 0, "a bound one");
	refuse(unit, "live", SOCK_STREAM, EADDRINUSE, wanted);
	(void)close(fd);
	must(unlink("live") == 0, "no file");
}

/* They stay what they are. */
static void
test_other_files(struct unit *unit)
{
	static const struct {
		const char	*path;
		const char	*what;
	} rows[] = {
		{ "file", "a regular file" },
		{ "directory", "a directory" },
		{ "directory/", "a directory" },
		{ "directory/.", "a directory" },
		{ ".", "a directory" },
		{ "..", "a directory" },
		{ "/", "a directory" },
		{ "fifo", "a FIFO" },
		{ "link", "a symbolic link" },
		{ "dangling", "a symbolic link" },
		{ "loop", "a symbolic link" },
		{ "directory/up", "a symbolic link" },
	};
	char wanted[256];
	ino_t before;

	touch("file");
	leave_stale("stale", SOCK_STREAM);
	must(mkdir("directory", 0755) == 0 && mkfifo("fifo", 0644) == 0 &&
	    symlink("stale", "link") == 0 && symlink("no", "dangling") == 0 &&
	    symlink("loop", "loop") == 0 &&
	    symlink("../stale", "directory/up") == 0, "files");
	before = inode("stale");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		(void)snprintf(wanted, sizeof(wanted),
		    "listen on %s: %s is there, and no socket", rows[i].path,
		    rows[i].what);
		refuse(unit, rows[i].path, SOCK_STREAM, 0, wanted);
	}
	unit_check(unit, inode("stale") == before && !exists("no") &&
	    entries() == 7, "a link was followed");
	must(unlink("directory/up") == 0 && rmdir("directory") == 0 &&
	    unlink("file") == 0 && unlink("fifo") == 0 &&
	    unlink("link") == 0 && unlink("dangling") == 0 &&
	    unlink("loop") == 0 && unlink("stale") == 0, "no files");
}

static void
test_no_directory(struct unit *unit)
{
	touch("file");
	must(symlink("loop", "loop") == 0, "a loop");
	refuse(unit, "no/socket", SOCK_STREAM, ENOENT, "listen on no/socket");
	refuse(unit, "no/", SOCK_STREAM, ENOENT, "listen on no/");
	refuse(unit, "file/socket", SOCK_DGRAM, ENOTDIR,
	    "listen on file/socket");
	refuse(unit, "loop/socket", SOCK_STREAM, ELOOP,
	    "listen on loop/socket");
	must(unlink("file") == 0 && unlink("loop") == 0, "no files");
}

/* All that the address holds, with a NUL behind it and without. */
static void
test_lengths(struct unit *unit)
{
	struct unix_place place;
	struct error error;
	char path[LONGEST + 1];
	int fd;

	for (size_t size = LONGEST - 1; size <= LONGEST; size++) {
		memset(path, 'p', size);
		path[size] = '\0';
		for (int round = 0; round < 2; round++) {
			fd = open_at(path, SOCK_STREAM, &place, &error);
			unit_check(unit, fd != -1 && exists(path),
			    "%zu bytes: %s", size, error.text);
			unix_place_leave(&place);
			(void)close(fd);
			unit_check(unit, !exists(path), "%zu bytes stay",
			    size);
			if (round == 0)
				leave_stale(path, SOCK_STREAM);
		}
		memcpy(path, "./", 2);
		fd = open_at(path, SOCK_STREAM, &place, &error);
		unit_check(unit, fd != -1 && strcmp(place.name, path + 2) == 0,
		    "%zu bytes in a directory: [%s]", size, place.name);
		unix_place_leave(&place);
		(void)close(fd);
	}
}

static void
test_abstract(struct unit *unit)
{
	struct unix_place place, second;
	char name[64], wanted[128];
	struct error error;
	unsigned before = entries();
	int fd, other;

	(void)snprintf(name, sizeof(name), "@ducat\\x00unit.%ld",
	    (long)getpid());
	(void)snprintf(wanted, sizeof(wanted), "listen on @ducat\\x00"
	    "unit.%ld", (long)getpid());
	for (size_t i = 0; i < UNIT_COUNT(types); i++) {
		fd = open_at(name, types[i], &place, &error);
		unit_check(unit, fd != -1, "%s: %s", name, error.text);
		unit_check(unit, place.name[0] == '\0', "it has a place");
		refuse(unit, name, types[i], EADDRINUSE, wanted);
		other = open_at("@ducat", types[i], &second, &error);
		unit_check(unit, other != -1, "what is before the NUL: %s",
		    error.text);
		unix_place_leave(&second);
		unix_place_leave(&place);
		(void)close(other);
		(void)close(fd);
	}
	unit_check(unit, entries() == before, "a file was made");
}

static void
test_words(struct unit *unit)
{
	touch("a\033[31m");
	refuse(unit, "a\033[31m", SOCK_STREAM, 0, "listen on a\\x1b[31m: "
	    "a regular file is there, and no socket");
	must(unlink("a\033[31m") == 0, "no file");
}

/* Owners as root only. */
static void
test_modes(struct unit *unit)
{
	static const struct {
		mode_t	mask;
		int	mode;
		long	uid;		/* -1: no owner is wanted */
		long	gid;
		mode_t	wanted;
	} rows[] = {
		{ 022, -1, -1, -1, 0755 }, { 077, -1, -1, -1, 0700 },
		{ 0, -1, -1, -1, 0777 }, { 022, 0666, -1, -1, 0666 },
		{ 0, 0600, -1, -1, 0600 }, { 0777, 0660, -1, -1, 0660 },
		{ 022, 0, -1, -1, 0 }, { 022, 0777, -1, -1, 0777 },
		{ 027, -1, 12, 34, 0750 }, { 022, 0620, 12, -1, 0620 },
		{ 022, 0666, 12, 34, 0666 }, { 077, 0400, 0, 34, 0400 },
	};
	struct unix_listen_plan plan;
	struct unix_place place;
	struct error error;
	struct stat st;
	int fd;

	for (size_t i = 0; i < UNIT_COUNT(rows) * UNIT_COUNT(types); i++) {
		size_t row = i / UNIT_COUNT(types);

		if (rows[row].uid != -1 && geteuid() != 0)
			continue;
		plan = plan_for("mode", types[i % UNIT_COUNT(types)]);
		plan.mode = rows[row].mode;
		plan.has_owner = rows[row].uid != -1;
		plan.uid = (uid_t)rows[row].uid;
		plan.gid = (gid_t)rows[row].gid;
		(void)umask(rows[row].mask);
		fd = unix_listen(&plan, &place, &error);
		unit_check(unit, umask(022) == rows[row].mask,
		    "row %zu: the umask is another", row);
		memset(&st, 0, sizeof(st));
		unit_check(unit, fd != -1 && lstat("mode", &st) == 0 &&
		    (st.st_mode & 07777) == rows[row].wanted,
		    "row %zu: mode %o %s", row, st.st_mode & 07777u,
		    fd == -1 ? error.text : "");
		unit_check(unit, st.st_uid == (plan.has_owner ? plan.uid :
		    geteuid()) && st.st_gid == (plan.has_owner &&
		    rows[row].gid != -1 ? plan.gid : getegid()),
		    "row %zu: owner %ld:%ld", row, (long)st.st_uid,
		    (long)st.st_gid);
		unix_place_leave(&place);
		(void)close(fd);
	}
}

/* Someone looks all the time: he sees no rights, or those wanted. */
static void
test_window(struct unit *unit)
{
	struct unix_listen_plan plan = plan_for("window", SOCK_DGRAM);
	struct unix_place place;
	struct error error;
	int fd, pipes[2], status = -1;
	pid_t pid;

	plan.mode = 0600;
	plan.has_owner = geteuid() == 0;
	plan.uid = 12;
	plan.gid = (gid_t)-1;
	must(pipe2(pipes, O_NONBLOCK) == 0, "a pipe");
	pid = fork();
	if (pid == 0) {
		(void)close(pipes[1]);
		_exit((int)watch_modes("window", pipes[0]));
	}
	(void)close(pipes[0]);
	(void)umask(0);
	for (int i = 0; i < 2000; i++) {
		fd = unix_listen(&plan, &place, &error);
		if (fd == -1)
			break;
		unix_place_leave(&place);
		(void)close(fd);
	}
	(void)umask(022);
	(void)close(pipes[1]);
	(void)waitpid(pid, &status, 0);
	unit_check(unit, fd != -1, "%s", error.text);
	unit_check(unit, status == 0, "rights were seen: %#x", status);
}

/*
 * stat(2) takes no lock, and may tell the mode of after a change with the
 * owner of before: that is seen a few times in many runs, a true window
 * thousands of times in each.
 */
static bool
watch_modes(const char *path, int fd)
{
	unsigned seen = 0;
	struct stat st;
	char byte;

	while (read(fd, &byte, 1) == -1)
		for (int i = 0; i < 100; i++)
			seen += lstat(path, &st) == 0 &&
			    (st.st_mode & 0777) != 0 &&
			    ((st.st_mode & 0777) != 0600 ||
			    (geteuid() == 0 && st.st_uid != 12));
	return seen > 100;
}

/* Whatever cannot be opened, no file is left, and nothing hangs. */
static void
test_no_descriptors(struct unit *unit)
{
	struct unix_place place;
	struct error error;
	int fd;

	for (int room = 0; room < 5; room++) {
		struct rlimit old, limit;

		must(getrlimit(RLIMIT_NOFILE, &old) == 0, "a limit");
		limit = old;
		limit.rlim_cur = (rlim_t)(lowest() + room);
		if (room % 2 == 1)
			leave_stale("few", SOCK_STREAM);
		must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "a limit");
		fd = open_at("few", SOCK_STREAM, &place, &error);
		must(setrlimit(RLIMIT_NOFILE, &old) == 0, "a limit");
		unit_check(unit, fd != -1 || error.code == EMFILE,
		    "%d descriptors: %s", room, error.text);
		unit_check(unit, (fd != -1) == (room >= 3 + room % 2),
		    "%d descriptors: %s", room, fd != -1 ? "enough" :
		    error.text);
		unix_place_leave(&place);
		unit_check(unit, exists("few") == (fd == -1 && room % 2 == 1),
		    "%d descriptors: the wrong file is left", room);
		if (fd != -1)
			(void)close(fd);
		(void)unlink("few");
	}
}

static void
test_leave(struct unit *unit)
{
	struct unix_place place;
	struct error error;
	ino_t other;
	int fd;

	fd = open_at("ours", SOCK_STREAM, &place, &error);
	must(rename("ours", "moved") == 0, "a file was moved");
	touch("ours");
	unix_place_leave(&place);
	unit_check(unit, exists("ours") && exists("moved"),
	    "another's file is gone");
	(void)close(fd);
	must(unlink("ours") == 0 && unlink("moved") == 0, "no files");
	fd = open_at("ours", SOCK_STREAM, &place, &error);
	must(unlink("ours") == 0, "no file");
	leave_stale("ours", SOCK_STREAM);
	other = inode("ours");
	unix_place_leave(&place);
	unit_check(unit, inode("ours") == other, "another's socket is gone");
	(void)close(fd);
	must(unlink("ours") == 0, "no file");
}

/* Another has taken it over since: it may not get the number of ours. */
static void
test_leave_late(struct unit *unit)
{
	struct unix_place place, second;
	struct error error;
	int fd, other;

	fd = open_at("late", SOCK_STREAM, &place, &error);
	(void)close(fd);
	other = open_at("late", SOCK_STREAM, &second, &error);
	unit_check(unit, other != -1, "%s", error.text);
	unix_place_leave(&place);
	unit_check(unit, exists("late"), "its successor is gone");
	unix_place_leave(&second);
	unit_check(unit, !exists("late"), "it stays");
	(void)close(other);
}

/* From elsewhere, and the directory has another name. */
static void
test_leave_afar(struct unit *unit)
{
	struct unix_place place, near;
	struct error error;
	int fd, here, other;

	must(mkdir("old", 0755) == 0, "a directory");
	here = open(".", O_RDONLY | O_CLOEXEC);
	fd = open_at("old/afar", SOCK_STREAM, &place, &error);
	other = open_at("near", SOCK_STREAM, &near, &error);
	must(rename("old", "new") == 0 && chdir("/") == 0, "to be elsewhere");
	unix_place_leave(&place);
	unix_place_leave(&near);
	must(here != -1 && fchdir(here) == 0, "to be here");
	unit_check(unit, !exists("new/afar") && !exists("near"), "it stays");
	(void)close(here);
	(void)close(fd);
	(void)close(other);
	must(rmdir("new") == 0, "no directory");
}

/* Given back; and someone else's, who keeps it, is waited for in vain. */
static void
test_lock(struct unit *unit)
{
	int directory = open(".", O_RDONLY | O_CLOEXEC);
	struct unix_place place;
	struct error error;
	int64_t start;
	int fd;

	fd = open_at("lock", SOCK_STREAM, &place, &error);
	unit_check(unit, flock(directory, LOCK_EX | LOCK_NB) == 0,
	    "the lock is kept");
	unix_place_leave(&place);
	(void)close(fd);
	leave_stale("lock", SOCK_STREAM);
	start = clock_now();
	fd = open_at("lock", SOCK_STREAM, &place, &error);
	unit_check(unit, fd != -1, "%s", error.text);
	unit_check(unit, clock_now() - start >= CLOCK_SECOND &&
	    clock_now() - start < 30 * CLOCK_SECOND, "it waits %d ms",
	    (int)((clock_now() - start) / CLOCK_MS));
	(void)close(directory);
	unix_place_leave(&place);
	(void)close(fd);
}

/* One of them has it, the other is told so. */
static void
test_two(struct unit *unit, bool stale, int type)
{
	int gate[2], results[2], end[2];
	unsigned wrong = 0, left = 0;
	char letters[3];

	for (int round = 0; round < ROUNDS; round++) {
		if (stale)
			leave_stale("two", type);
		must(pipe2(gate, O_CLOEXEC) == 0 &&
		    pipe2(results, O_CLOEXEC) == 0 &&
		    pipe2(end, O_CLOEXEC) == 0, "pipes");
		for (int i = 0; i < 2; i++) {
			if (fork() != 0)
				continue;
			(void)close(gate[1]);
			(void)close(end[1]);
			contend(gate[0], results[1], end[0], type);
		}
		(void)close(gate[1]);
		(void)close(results[1]);
		memset(letters, 0, sizeof(letters));
		for (size_t i = 0; i < 2; i++)
			(void)!read(results[0], letters + i, 1);
		if (strcmp(letters, "wu") != 0 && strcmp(letters, "uw") != 0)
			wrong++;
		(void)close(end[1]);
		while (wait(NULL) != -1)
			continue;
		left += exists("two");
		(void)unlink("two");
		(void)close(gate[0]);
		(void)close(results[0]);
		(void)close(end[0]);
	}
	unit_check(unit, wrong == 0 && left == 0, "type %d, stale %d: "
	    "%u of %d rounds went wrong, %u files left; the last: [%s]", type,
	    stale, wrong, ROUNDS, left, letters);
}

/* Tells 'w': has it, 'u': in use, '?': neither. */
static void
contend(int gate, int results, int end, int type)
{
	struct unix_listen_plan plan = plan_for("two", type);
	struct unix_place place;
	struct error error;
	char letter = '?';
	int fd;

	(void)!read(gate, &letter, 1);
	fd = unix_listen(&plan, &place, &error);
	if (fd != -1 && knock(&plan) == 0)
		letter = 'w';
	else if (fd == -1 && error.code == EADDRINUSE)
		letter = 'u';
	(void)!write(results, &letter, 1);
	(void)!read(end, &letter, 1);
	unix_place_leave(&place);
	_exit(0);
}

/* Where root could do all.  The failures of the child are counted here. */
static void
test_nobody(struct unit *unit)
{
	struct unit own = { 0, 0 };
	int status = -1;
	pid_t pid;

	must(mkdir("closed", 0555) == 0, "a directory");
	leave_stale("closed/stale", SOCK_STREAM);
	leave_stale("silent", SOCK_STREAM);
	must(chmod("closed/stale", 0666) == 0 && chmod("silent", 0) == 0 &&
	    fflush(stdout) == 0, "modes");
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(NOBODY) == -1 ||
		    setuid(NOBODY) == -1))
			_exit(99);
		check_closed_directory(&own);
		check_unreadable_directory(&own);
		check_silent_socket(&own);
		check_given_away(&own);
		(void)fflush(stdout);
		_exit((int)own.failed);
	}
	(void)waitpid(pid, &status, 0);
	unit_check(unit, status == 0, "as nobody: status %#x", status);
	must(chmod("closed", 0755) == 0 && unlink("closed/stale") == 0 &&
	    rmdir("closed") == 0 && unlink("silent") == 0, "no files");
}

static void
check_closed_directory(struct unit *unit)
{
	refuse(unit, "closed/socket", SOCK_STREAM, EACCES,
	    "listen on closed/socket");
	refuse(unit, "closed/stale", SOCK_STREAM, EACCES,
	    "listen on closed/stale: removing a stale socket");
}

static void
check_unreadable_directory(struct unit *unit)
{
	struct unix_place place;
	struct error error;
	int fd;

	must(mkdir("unread", 0300) == 0, "a directory");
	leave_stale("unread/socket", SOCK_STREAM);
	fd = open_at("unread/socket", SOCK_STREAM, &place, &error);
	unit_check(unit, fd != -1, "%s", error.text);
	unix_place_leave(&place);
	unit_check(unit, !exists("unread/socket"), "it stays");
	(void)close(fd);
	must(chmod("unread", 0) == 0, "a mode");
	refuse(unit, "unread/socket", SOCK_STREAM, EACCES,
	    "listen on unread/socket");
	must(rmdir("unread") == 0, "no directory");
}

static void
check_silent_socket(struct unit *unit)
{
	refuse(unit, "silent", SOCK_STREAM, EACCES,
	    "listen on silent: the socket there cannot be asked");
}

/* It fails after bind(2): no file is left. */
static void
check_given_away(struct unit *unit)
{
	struct unix_listen_plan plan = plan_for("away", SOCK_STREAM);
	struct unix_place place;
	struct error error;
	int fd;

	plan.has_owner = true;
	plan.uid = 0;
	plan.gid = (gid_t)-1;
	fd = unix_listen(&plan, &place, &error);
	unit_check(unit, fd == -1 && error.code == EPERM && strncmp(error.text,
	    "listen on away: changing its owner: ", 36) == 0, "[%s]",
	    error.text);
	unit_check(unit, !exists("away"), "its file is left");
	unix_place_leave(&place);
}

static struct unix_listen_plan
plan_for(const char *path, int type)
{
	struct unix_listen_plan plan = { .type = type, .mode = -1 };
	struct error error;

	must(unix_path_parse(&plan.path, path, &error) == 0, path);
	return plan;
}

static int
open_at(const char *path, int type, struct unix_place *place,
    struct error *error)
{
	struct unix_listen_plan plan = plan_for(path, type);

	error->text[0] = '\0';
	return unix_listen(&plan, place, error);
}

/* With these words and those of the errno; what is there stays. */
static void
refuse(struct unit *unit, const char *path, int type, int code,
    const char *words)
{
	struct unix_place place;
	struct error error, wanted;
	ino_t before = inode(path);
	int fd, free = lowest();

	error_setx(&wanted, "%s", words);
	if (code != 0)
		error_set(&wanted, code, "%s", words);
	fd = open_at(path, type, &place, &error);
	unit_check(unit, fd == -1, "%s, type %d: taken", path, type);
	unit_text(unit, path, error.text, wanted.text);
	unit_check(unit, error.code == code, "%s: code %d", path, error.code);
	unit_check(unit, inode(path) == before, "%s: another file is there",
	    path);
	unix_place_leave(&place);
	if (fd != -1)
		(void)close(fd);
	unit_check(unit, lowest() == free, "%s: a descriptor is left", path);
}

/* The errno of a client, or 0. */
static int
knock(const struct unix_listen_plan *plan)
{
	int fd, rc;

	fd = socket(AF_UNIX, plan->type | SOCK_NONBLOCK, 0);
	rc = connect(fd, (const struct sockaddr *)&plan->path.address,
	    plan->path.length) == -1 ? errno : 0;
	(void)close(fd);
	return rc;
}

/* As a process that was killed does. */
static void
leave_stale(const char *path, int type)
{
	struct unix_listen_plan plan = plan_for(path, type);
	int fd;

	fd = socket(AF_UNIX, type, 0);
	must(bind(fd, (struct sockaddr *)&plan.path.address,
	    plan.path.length) == 0, path);
	(void)close(fd);
}

static void
touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	must(fd != -1, path);
	(void)close(fd);
}

/* 0: no file. */
static ino_t
inode(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static bool
exists(const char *path)
{
	return inode(path) != 0;
}

static unsigned
entries(void)
{
	DIR *directory = opendir(".");
	unsigned count = 0;

	must(directory != NULL, "the directory");
	while (readdir(directory) != NULL)
		count++;
	(void)closedir(directory);
	return count - 2;
}

static int
lowest(void)
{
	int fd = dup(0);

	(void)close(fd);
	return fd;
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
