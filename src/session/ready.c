/*
 * Readiness.  Files appear by rename(2), so that whoever waits for one
 * never reads half of it, and are known by device and inode afterwards.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "net/descriptor.h"
#include "session/ready.h"

/* HOST PORT and a newline, of each listening socket. */
#define LINE_SIZE	(ADDRESS_TEXT + 8)

static int	check_fd(int, struct error *);
static int	check_file(const char *, const char *, struct error *);
static int	fail_file(const char *, const char *, struct error *);
static int	wait_for(int, pid_t);
static char	*place_line(const char *);
static char	*lines(const struct address *, size_t);
static int	write_all(int, const char *);
static int	write_file(struct ready_file *, const char *, const char *);
static mode_t	ordinary_mode(void);
static void	remove_file(struct ready_file *);
static int	announce_fd(int, const char *, struct error *);
static int	tell_shell(struct ready *, int);

int
ready_check(const struct ready_plan *plan, struct error *error)
{
	if (plan->fd != -1 && check_fd(plan->fd, error) == -1)
		return -1;
	if (check_file("--addr-file", plan->addr_file, error) == -1)
		return -1;
	return check_file("--pid-file", plan->pid_file, error);
}

static int
check_fd(int fd, struct error *error)
{
	if (fcntl(fd, F_GETFD) == -1)
		error_set(error, errno, "--ready-fd %d", fd);
	else if (!descriptor_is_writable(fd))
		error_setx(error, "--ready-fd %d: not open for writing", fd);
	else
		return 0;
	return -1;
}

static int
check_file(const char *option, const char *path, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct stat st;

	if (path == NULL)
		return 0;
	if (lstat(path, &st) == -1)
		return errno == ENOENT && path[0] != '\0' ? 0 :
		    fail_file(option, path, error);
	if (S_ISREG(st.st_mode))
		return 0;
	error_setx(error, "%s %s: not a regular file", option,
	    printable(path, shown, sizeof(shown)));
	return -1;
}

/* -1 with errno as the reason. */
static int
fail_file(const char *option, const char *path, struct error *error)
{
	char shown[PRINTABLE_SIZE];

	error_set(error, errno, "%s %s", option, printable(path, shown,
	    sizeof(shown)));
	return -1;
}

enum ready_result
ready_begin(struct ready *ready, const struct ready_plan *plan, int *status,
    struct error *error)
{
	int fds[2];
	pid_t pid;

	memset(ready, 0, sizeof(*ready));
	ready->plan = plan;
	ready->shell = -1;
	if (!plan->background)
		return READY_GO;
	if (pipe2(fds, O_CLOEXEC) == -1) {
		error_set(error, errno, "--background: pipe");
		return READY_FAILED;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		(void)setsid();
		ready->shell = fds[1];
		return READY_GO;
	}
	if (pid == -1)
		error_set(error, errno, "--background: fork");
	(void)close(fds[1]);
	if (pid != -1)
		*status = wait_for(fds[0], pid);
	(void)close(fds[0]);
	return pid == -1 ? READY_FAILED : READY_DONE;
}

/* The status comes through the pipe, or the process ends without one. */
static int
wait_for(int fd, pid_t pid)
{
	unsigned char byte;
	ssize_t n;
	int status;

	do {
		n = read(fd, &byte, 1);
	} while (n == -1 && errno == EINTR);
	if (n == 1)
		return byte;
	if (waitpid(pid, &status, 0) != pid)
		return STATUS_ERROR;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int
ready_announce(struct ready *ready, const struct address *addresses,
    size_t count, const char *place, enum status *status, struct error *error)
{
	const struct ready_plan *plan = ready->plan;
	char pid[32], *text;
	int rc = -1;

	/* A local socket can be what stands at that name now. */
	*status = STATUS_USAGE;
	if (ready_check(plan, error) == -1)
		return -1;
	*status = STATUS_WRITE;
	text = place != NULL ? place_line(place) : lines(addresses, count);
	if (text == NULL) {
		error_set(error, errno, "telling that ducat listens");
		return -1;
	}
	(void)snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (plan->pid_file != NULL &&
	    write_file(&ready->pid_file, plan->pid_file, pid) == -1) {
		(void)fail_file("--pid-file", plan->pid_file, error);
		goto out;
	}
	if (plan->addr_file != NULL &&
	    write_file(&ready->addr_file, plan->addr_file, text) == -1) {
		(void)fail_file("--addr-file", plan->addr_file, error);
		goto out;
	}
	if (plan->fd != -1 && announce_fd(plan->fd, text, error) == -1)
		goto out;
	rc = tell_shell(ready, STATUS_OK);
	if (rc == -1)
		error_set(error, errno, "--background: whoever started it");
out:
	free(text);
	return rc;
}

static char *
place_line(const char *place)
{
	char *line;

	return asprintf(&line, "%s\n", place) == -1 ? NULL : line;
}

static char *
lines(const struct address *addresses, size_t count)
{
	char host[ADDRESS_TEXT], *text;
	size_t i, used = 0;
	int n;

	text = malloc(count * LINE_SIZE + 1);
	if (text == NULL)
		return NULL;
	for (i = 0; i < count; i++) {
		n = snprintf(text + used, LINE_SIZE, "%s %u\n",
		    address_host(&addresses[i], host, sizeof(host)),
		    address_port(&addresses[i]));
		used += (size_t)n;
	}
	text[used] = '\0';
	return text;
}

static int
announce_fd(int fd, const char *text, struct error *error)
{
	int rc;

	rc = write_all(fd, text);
	if (rc == -1)
		error_set(error, errno, "--ready-fd %d", fd);
	(void)close(fd);
	return rc;
}

static int
write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left > 0) {
		n = write(fd, text, left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* -1 with the reason in errno. */
static int
write_file(struct ready_file *file, const char *path, const char *text)
{
	char *temporary;
	struct stat st;
	int fd = -1, rc = -1, saved;

	if (asprintf(&temporary, "%s.XXXXXX", path) == -1)
		temporary = NULL;
	if (temporary != NULL)
		fd = mkostemp(temporary, O_CLOEXEC);
	if (fd == -1)
		goto out;
	if (fchmod(fd, ordinary_mode()) == 0 && write_all(fd, text) == 0 &&
	    fstat(fd, &st) == 0 && rename(temporary, path) == 0)
		rc = 0;
out:
	saved = errno;
	if (rc == 0) {
		file->path = path;
		file->device = st.st_dev;
		file->inode = st.st_ino;
		file->fd = fd;
	} else if (fd != -1) {
		(void)unlink(temporary);
		(void)close(fd);
	}
	free(temporary);
	errno = saved;
	return rc;
}

/* As of a file that open(2) makes; mkostemp(3) has its own mind. */
static mode_t
ordinary_mode(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return 0666 & ~mask;
}

static void
remove_file(struct ready_file *file)
{
	struct stat st;

	if (file->path == NULL)
		return;
	if (lstat(file->path, &st) == 0 && st.st_dev == file->device &&
	    st.st_ino == file->inode)
		(void)unlink(file->path);
	(void)close(file->fd);
	file->path = NULL;
}

void
ready_end(struct ready *ready, int status)
{
	remove_file(&ready->addr_file);
	remove_file(&ready->pid_file);
	(void)tell_shell(ready, status);
}

static int
tell_shell(struct ready *ready, int status)
{
	unsigned char byte = (unsigned char)(status < 0 ? 128 - status :
	    status);
	int rc, saved;

	if (ready->shell == -1)
		return 0;
	rc = write(ready->shell, &byte, 1) == 1 ? 0 : -1;
	saved = errno;
	(void)close(ready->shell);
	ready->shell = -1;
	errno = saved;
	return rc;
}
