/* Inherited sockets are checked first and taken later. */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "base/units.h"
#include "net/descriptor.h"
#include "net/inherit.h"
#include "net/socket.h"

#define FIRST_LISTED	3	/* SD_LISTEN_FDS_START */

/* For a client that is said to be there. */
#define MOMENT_US	1000

static int	find_number(struct inherited *, const char *,
		    struct error *);
static int	find_listed(struct inherited *, const char *,
		    struct error *);
static int	count_listed(uint64_t *, struct error *);
static bool	is_called(const char *names, uint64_t, const char *name);
static int	add(struct inherited *, int, struct error *);
static int	get_option(int, int);
static void	leave_standard(int);
static void	interrupt(int);

static const char number_scheme[] = "fd:", listed_scheme[] = "systemd:";

bool
inherit_is_named(const char *text)
{
	return strncmp(text, number_scheme, strlen(number_scheme)) == 0 ||
	    strncmp(text, listed_scheme, strlen(listed_scheme)) == 0;
}

int
inherit_find(struct inherited *inherited, const char *text,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct error why;
	int rc;

	memset(inherited, 0, sizeof(*inherited));
	if (strncmp(text, number_scheme, strlen(number_scheme)) == 0)
		rc = find_number(inherited, text + strlen(number_scheme),
		    &why);
	else
		rc = find_listed(inherited, text + strlen(listed_scheme),
		    &why);
	if (rc == -1)
		error_setx(error, "%s: %s", printable(text, shown,
		    sizeof(shown)), why.text);
	return rc;
}

static int
find_number(struct inherited *inherited, const char *text,
    struct error *error)
{
	const char *why;
	uint64_t fd;

	if (units_number(text, 0, INT32_MAX, &fd, &why) == -1) {
		error_setx(error, "not a descriptor: %s", why);
		return -1;
	}
	return add(inherited, (int)fd, error);
}

static int
find_listed(struct inherited *inherited, const char *name,
    struct error *error)
{
	const char *names = getenv("LISTEN_FDNAMES");
	uint64_t count, i;

	if (count_listed(&count, error) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if ((name[0] == '\0' || is_called(names, i, name)) &&
		    add(inherited, FIRST_LISTED + (int)i, error) == -1)
			return -1;
	if (inherited->count > 0)
		return 0;
	error_setx(error, "no socket has this name in LISTEN_FDNAMES");
	return -1;
}

static int
count_listed(uint64_t *count, struct error *error)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *why;
	uint64_t number;

	if (pid == NULL || fds == NULL) {
		error_setx(error, "LISTEN_PID and LISTEN_FDS are not set: "
		    "no service manager has opened sockets");
		return -1;
	}
	if (units_number(pid, 1, INT32_MAX, &number, &why) == -1 ||
	    (pid_t)number != getpid()) {
		error_setx(error, "LISTEN_PID is not this process");
		return -1;
	}
	if (units_number(fds, 1, INHERIT_MAX, count, &why) == 0)
		return 0;
	error_setx(error, "LISTEN_FDS: %s", why);
	return -1;
}

/* Of "NAME:NAME:...": is this the one at `place`? */
static bool
is_called(const char *names, uint64_t place, const char *name)
{
	size_t length;

	if (names == NULL)
		return false;
	for (; place > 0; place--) {
		names = strchr(names, ':');
		if (names == NULL)
			return false;
		names++;
	}
	length = strcspn(names, ":");
	return strlen(name) == length && memcmp(names, name, length) == 0;
}

static int
add(struct inherited *inherited, int fd, struct error *error)
{
	struct stat st;
	bool listens;

	if (fstat(fd, &st) == -1) {
		error_set(error, errno, "descriptor %d", fd);
		return -1;
	}
	if (!S_ISSOCK(st.st_mode) || get_option(fd, SO_TYPE) != SOCK_STREAM ||
	    !socket_is_tcp(fd)) {
		error_setx(error, "descriptor %d is no TCP socket", fd);
		return -1;
	}
	listens = get_option(fd, SO_ACCEPTCONN) == 1;
	if (inherited->count > 0 && (!listens || inherited->connected)) {
		error_setx(error, "of several sockets not all are "
		    "listening");
		return -1;
	}
	inherited->connected = !listens;
	inherited->fds[inherited->count++] = fd;
	return 0;
}

static int
get_option(int fd, int name)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) == -1 ? -1 :
	    value;
}

void
inherit_mute(char *const *arguments)
{
	struct stat input, st;

	while (*arguments != NULL && !inherit_is_named(*arguments))
		arguments++;
	if (*arguments != NULL && fstat(0, &input) == 0 &&
	    fstat(2, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_dev == input.st_dev && st.st_ino == input.st_ino)
		(void)descriptor_end(2);
}

int
inherit_take(struct inherited *inherited, struct error *error)
{
	size_t i;
	int fd;

	for (i = 0; i < inherited->count; i++) {
		fd = fcntl(inherited->fds[i], F_DUPFD_CLOEXEC, FIRST_LISTED);
		if (fd == -1) {
			error_set(error, errno, "descriptor %d",
			    inherited->fds[i]);
			return -1;
		}
		leave_standard(fd);
		if (inherited->fds[i] >= FIRST_LISTED)
			(void)close(inherited->fds[i]);
		inherited->fds[i] = fd;
	}
	return 0;
}

/* An end that nobody holds any more is what the peer is waiting for. */
static void
leave_standard(int socket)
{
	struct stat wanted, st;
	int fd;

	if (fstat(socket, &wanted) == -1)
		return;
	for (fd = 0; fd < FIRST_LISTED; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == wanted.st_dev &&
		    st.st_ino == wanted.st_ino)
			(void)descriptor_end(fd);
}

int
inherit_accept(int listener, struct address *peer)
{
	const struct itimerval moment = {
		.it_interval.tv_usec = MOMENT_US, .it_value.tv_usec = MOMENT_US
	}, never = { .it_value.tv_usec = 0 };
	struct sigaction action;
	int fd, saved;

	if (fcntl(listener, F_GETFL) & O_NONBLOCK)
		return socket_accept(listener, peer);
	memset(&action, 0, sizeof(action));
	action.sa_handler = interrupt;
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &moment, NULL);
	fd = socket_accept(listener, peer);
	saved = errno;
	(void)setitimer(ITIMER_REAL, &never, NULL);
	errno = saved;
	return fd;
}

/* That it came is enough. */
static void
interrupt(int number)
{
	(void)number;
}
