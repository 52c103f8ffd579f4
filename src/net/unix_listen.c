/*
 * Local sockets to listen on.  The path is said to bind(2) and connect(2),
 * which know no directory's descriptor; everything else goes through
 * descriptors of the directory and of the file itself, so that neither a
 * link nor another file can be put in its place between two steps.  Only
 * unlinkat(2) takes a name: what it removes was compared just before.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"
#include "net/credentials.h"
#include "net/unix_listen.h"

#define LOCK_NS		CLOCK_SECOND
#define LOCK_PAUSE_NS	(2 * CLOCK_MS)

/* Others can be faster each time; with the lock two are enough. */
#define TRIES		8

/* The place. */
static int	place_open(struct unix_place *,
		    const struct unix_listen_plan *, struct error *);
static int	open_directory(const char *);
static int	open_file(const struct unix_place *);
static void	lock(const struct unix_place *);
static bool	is_there(const struct unix_place *, int file);

/* A socket there. */
static int	bind_path(int, const struct unix_listen_plan *,
		    struct unix_place *, struct error *);
static int	bind_guarded(int, const struct unix_listen_plan *);
static int	own(const struct unix_listen_plan *, struct unix_place *,
		    struct error *);
static bool	is_new(const struct unix_listen_plan *, int file);
static void	remove_unseen(const struct unix_place *);
static mode_t	final_mode(const struct unix_listen_plan *);
static int	change_mode(int file, mode_t);
static int	begin(int, const struct unix_listen_plan *, struct error *);

/* What stands in the way. */
static int	make_room(const struct unix_listen_plan *,
		    const struct unix_place *, struct error *);
static int	judge(const struct unix_listen_plan *,
		    const struct unix_place *, int file, struct error *);
static const char *kind(mode_t);
static int	ask(const struct unix_path *);
static int	remove_stale(const struct unix_listen_plan *,
		    const struct unix_place *, int file, struct error *);

static bool	is_guarded(const struct unix_listen_plan *);
static int	bind_plainly(int, const struct unix_listen_plan *);
static int	fail(const struct unix_listen_plan *, const char *,
		    struct error *);

int
unix_listen(const struct unix_listen_plan *plan, struct unix_place *place,
    struct error *error)
{
	bool abstract = plan->path.address.sun_path[0] == '\0';
	int fd, rc;

	memset(place, 0, sizeof(*place));
	fd = socket(AF_UNIX, plan->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return fail(plan, "", error);
	if (plan->type == SOCK_DGRAM)
		credentials_ask(fd);
	if (!abstract)
		rc = bind_path(fd, plan, place, error);
	else if (bind_plainly(fd, plan) == -1)
		rc = fail(plan, "", error);
	else
		rc = begin(fd, plan, error);
	if (rc == 0)
		return fd;
	unix_place_leave(place);
	(void)close(fd);
	return -1;
}

void
unix_place_leave(struct unix_place *place)
{
	if (place->name[0] == '\0')
		return;
	if (place->file != -1) {
		if (is_there(place, place->file))
			(void)unlinkat(place->directory, place->name, 0);
		(void)close(place->file);
	}
	(void)close(place->directory);
	place->name[0] = '\0';
}

/* Of "a/b/" the name is ".", a directory. */
static int
place_open(struct unix_place *place, const struct unix_listen_plan *plan,
    struct error *error)
{
	const struct unix_path *path = &plan->path;
	char directory[sizeof(place->name)], *slash;
	size_t size = (size_t)path->length -
	    offsetof(struct sockaddr_un, sun_path);
	const char *name = directory;

	memcpy(directory, path->address.sun_path, size);
	directory[size] = '\0';
	slash = strrchr(directory, '/');
	if (slash != NULL)
		name = slash + 1;
	(void)strlcpy(place->name, name[0] == '\0' ? "." : name,
	    sizeof(place->name));
	if (slash != NULL)
		slash[1] = '\0';
	place->file = -1;
	place->directory = open_directory(slash == NULL ? "." : directory);
	if (place->directory != -1)
		return 0;
	place->name[0] = '\0';
	return fail(plan, "", error);
}

/* To write and search it is enough for a socket; a lock takes reading. */
static int
open_directory(const char *directory)
{
	int fd;

	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 && errno == EACCES)
		fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/* The file of that name itself, whatever it is, not what it links to. */
static int
open_file(const struct unix_place *place)
{
	return openat(place->directory, place->name,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * It is for those who do the same at once, and held for no time: one that
 * stays is someone else's, as of flock(1), and must not keep us away.
 */
static void
lock(const struct unix_place *place)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	int64_t until = clock_now() + LOCK_NS;

	while (flock(place->directory, LOCK_EX | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK && clock_now() < until)
		(void)nanosleep(&pause, NULL);
}

static bool
is_there(const struct unix_place *place, int file)
{
	struct stat is, there;

	return fstat(file, &is) == 0 && fstatat(place->directory, place->name,
	    &there, AT_SYMLINK_NOFOLLOW) == 0 && is.st_dev == there.st_dev &&
	    is.st_ino == there.st_ino;
}

static int
bind_path(int fd, const struct unix_listen_plan *plan,
    struct unix_place *place, struct error *error)
{
	int rc, tries = TRIES;

	if (place_open(place, plan, error) == -1)
		return -1;
	lock(place);
	while ((rc = bind_guarded(fd, plan)) == -1 && errno == EADDRINUSE &&
	    tries-- > 0)
		if (make_room(plan, place, error) == -1)
			return -1;
	if (rc == -1)
		return fail(plan, "", error);
	if (own(plan, place, error) == -1 || begin(fd, plan, error) == -1)
		return -1;
	(void)flock(place->directory, LOCK_UN);
	return 0;
}

/* Datagrams can arrive from here on: of whom, the mode says already. */
static int
bind_guarded(int fd, const struct unix_listen_plan *plan)
{
	mode_t mask;
	int rc, saved;

	if (!is_guarded(plan))
		return bind_plainly(fd, plan);
	mask = umask(0777);
	rc = bind_plainly(fd, plan);
	saved = errno;
	(void)umask(mask);
	errno = saved;
	return rc;
}

/* The file is ours from here on. */
static int
own(const struct unix_listen_plan *plan, struct unix_place *place,
    struct error *error)
{
	int file = open_file(place);

	if (file == -1) {
		(void)fail(plan, ": looking at the new socket", error);
		remove_unseen(place);
		return -1;
	}
	if (!is_new(plan, file)) {
		(void)close(file);
		errno = EBUSY;
		return fail(plan, ": another file took its place", error);
	}
	place->file = file;
	if (plan->has_owner && fchownat(file, "", plan->uid, plan->gid,
	    AT_EMPTY_PATH) == -1)
		return fail(plan, ": changing its owner", error);
	if (is_guarded(plan) && change_mode(file, final_mode(plan)) == -1)
		return fail(plan, ": changing its mode", error);
	return 0;
}

/*
 * Who can write the directory can have put another file there, which would
 * be given away: only a socket without any rights may be.
 */
static bool
is_new(const struct unix_listen_plan *plan, int file)
{
	struct stat st;

	return fstat(file, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    (!is_guarded(plan) || (st.st_mode & 0777) == 0);
}

/* Without a descriptor left the name has to do. */
static void
remove_unseen(const struct unix_place *place)
{
	struct stat st;

	if (fstatat(place->directory, place->name, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(st.st_mode))
		(void)unlinkat(place->directory, place->name, 0);
}

static mode_t
final_mode(const struct unix_listen_plan *plan)
{
	mode_t mask;

	if (plan->mode != -1)
		return (mode_t)plan->mode;
	mask = umask(0777);
	(void)umask(mask);
	return 0777 & ~mask;
}

/* Before Linux 6.6 only /proc leads from such a descriptor to the file. */
static int
change_mode(int file, mode_t mode)
{
	char path[32];

	if (fchmodat(file, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return chmod(path, mode);
}

static int
begin(int fd, const struct unix_listen_plan *plan, struct error *error)
{
	int backlog = plan->backlog == 0 ? INT32_MAX : plan->backlog;

	if (plan->type == SOCK_DGRAM || listen(fd, backlog) == 0)
		return 0;
	return fail(plan, "", error);
}

/*
 * 0 when it is worth another try.  While its descriptor is open nothing
 * else can have the inode of what was looked at.
 */
static int
make_room(const struct unix_listen_plan *plan, const struct unix_place *place,
    struct error *error)
{
	int file, rc;

	file = open_file(place);
	if (file == -1 && errno == ENOENT)
		return 0;
	if (file == -1)
		return fail(plan, ": looking at what is there", error);
	rc = judge(plan, place, file, error);
	(void)close(file);
	return rc;
}

static int
judge(const struct unix_listen_plan *plan, const struct unix_place *place,
    int file, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct stat st;

	if (fstat(file, &st) == -1)
		return fail(plan, ": looking at what is there", error);
	if (!S_ISSOCK(st.st_mode)) {
		error_setx(error, "listen on %s: %s is there, and no socket",
		    unix_path_printable(&plan->path, shown, sizeof(shown)),
		    kind(st.st_mode));
		return -1;
	}
	errno = ask(&plan->path);
	switch (errno) {
	case ECONNREFUSED:
		return remove_stale(plan, place, file, error);
	case ENOENT:
		return 0;
	case 0:
	case EPROTOTYPE:	/* of another type */
	case EPERM:		/* of datagrams, connected to another */
		errno = EADDRINUSE;
		return fail(plan, "", error);
	}
	return fail(plan, ": the socket there cannot be asked", error);
}

static const char *
kind(mode_t mode)
{
	static const struct {
		mode_t		 type;
		const char	*text;
	} kinds[] = {
		{ S_IFREG, "a regular file" },
		{ S_IFDIR, "a directory" },
		{ S_IFLNK, "a symbolic link" },
		{ S_IFIFO, "a FIFO" },
		{ S_IFCHR, "a device" },
		{ S_IFBLK, "a device" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((mode & S_IFMT) == kinds[i].type)
			return kinds[i].text;
	return "a file";
}

/*
 * The errno of connect(2), 0: a socket has it.  One of datagrams asks: a
 * listener that has another type is found and never takes it for a client.
 */
static int
ask(const struct unix_path *path)
{
	int fd, rc, reason;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return errno;
	rc = connect(fd, (const struct sockaddr *)&path->address,
	    path->length);
	reason = rc == -1 ? errno : 0;
	(void)close(fd);
	return reason;
}

static int
remove_stale(const struct unix_listen_plan *plan,
    const struct unix_place *place, int file, struct error *error)
{
	if (!is_there(place, file) ||
	    unlinkat(place->directory, place->name, 0) == 0 ||
	    errno == ENOENT)
		return 0;
	return fail(plan, ": removing a stale socket", error);
}

/* Are there no rights until they are given? */
static bool
is_guarded(const struct unix_listen_plan *plan)
{
	return plan->mode != -1 || plan->has_owner;
}

static int
bind_plainly(int fd, const struct unix_listen_plan *plan)
{
	return bind(fd, (const struct sockaddr *)&plan->path.address,
	    plan->path.length);
}

/* -1 with errno as the reason. */
static int
fail(const struct unix_listen_plan *plan, const char *doing,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];

	error_set(error, errno, "listen on %s%s",
	    unix_path_printable(&plan->path, shown, sizeof(shown)), doing);
	return -1;
}
