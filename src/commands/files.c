/*
 * What the names of files say.  Where links are made while ducat starts, two
 * may still lead to one file: what is opened is looked at again.
 */

#include "config.h"

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/printable.h"
#include "commands/files.h"
#include "filters/transcript.h"

enum {
	ANY,			/* its option has looked at it */
	DUMP,			/* a file, or "-" */
	FILE_ONLY,
	PATTERN			/* of files */
};

struct named {
	const char	*option;
	const char	*name;		/* NULL: not given */
	int		 kind;
};

static bool	is_same(const char *, const char *);
static int	stat_directory(const char *name, const char *slash,
		    struct stat *);
static int	check_name(const struct named *, struct error *);
static int	check_descriptors(const struct plan *, struct error *);
static int	same_descriptor(const char *which, int fd, struct error *);

int
plan_files(const struct plan *plan, struct error *error)
{
	const struct recorder_plan *recorder = &plan->rules.recorder;
	const struct named files[] = {
		{ "--events", plan->events, ANY },
		{ "--hexdump", recorder->hexdump, DUMP },
		{ "--pcap", recorder->capture, FILE_ONLY },
		{ "--record-sent", recorder->sent, PATTERN },
		{ "--record-received", recorder->received, PATTERN },
		{ "--addr-file", plan->ready.addr_file, ANY },
		{ "--pid-file", plan->ready.pid_file, ANY }
	};
	size_t i, j;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].name == NULL)
			continue;
		if (check_name(&files[i], error) == -1)
			return -1;
		for (j = 0; j < i; j++) {
			if (files[j].name == NULL ||
			    !is_same(files[i].name, files[j].name))
				continue;
			error_setx(error, "%s and %s: the same file",
			    files[j].option, files[i].option);
			return -1;
		}
	}
	return check_descriptors(plan, error);
}

/* By their names, or as both are there, or would be. */
static bool
is_same(const char *one, const char *other)
{
	const char *last = strrchr(one, '/'), *others = strrchr(other, '/');
	struct stat a, b;
	bool is_there, others_is;

	if (strcmp(one, other) == 0)
		return true;
	is_there = stat(one, &a) == 0;
	others_is = stat(other, &b) == 0;
	if (is_there || others_is)
		return is_there && others_is && S_ISREG(a.st_mode) &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	return strcmp(last == NULL ? one : last + 1,
	    others == NULL ? other : others + 1) == 0 &&
	    stat_directory(one, last, &a) == 0 &&
	    stat_directory(other, others, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Of the file whose last slash is there, if it has one. */
static int
stat_directory(const char *name, const char *slash, struct stat *status)
{
	char path[PATH_MAX];
	size_t length;

	if (slash == NULL)
		return stat(".", status);
	length = (size_t)(slash - name) + 1;
	if (length >= sizeof(path))
		return -1;
	memcpy(path, name, length);
	path[length] = '\0';
	return stat(path, status);
}

static int
check_name(const struct named *file, struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct error why;

	if ((file->kind >= FILE_ONLY && strcmp(file->name, "-") == 0) ||
	    (file->kind >= DUMP && strncmp(file->name, "fd:", 3) == 0)) {
		(void)printable(file->name, shown, sizeof(shown));
		error_setx(error, "%s %s: only a file (./%s)", file->option,
		    shown, shown);
		return -1;
	}
	if (file->kind != PATTERN || transcript_check(file->name, &why) == 0)
		return 0;
	error_setx(error, "%s %s", file->option, why.text);
	return -1;
}

/*
 * That of --ready-fd is closed once it was written to, and a socket that we
 * are given has another number afterwards.
 */
static int
check_descriptors(const struct plan *plan, struct error *error)
{
	const struct inherited *sockets = &plan->listen.inherited;
	size_t i;

	if (plan->ready.fd != -1 && plan->ready.fd == plan->events_fd)
		return same_descriptor("--ready-fd and --events",
		    plan->events_fd, error);
	for (i = 0; i < sockets->count; i++) {
		if (sockets->fds[i] == plan->events_fd)
			return same_descriptor("the socket and --events",
			    plan->events_fd, error);
		if (sockets->fds[i] == plan->ready.fd)
			return same_descriptor("the socket and --ready-fd",
			    plan->ready.fd, error);
	}
	return 0;
}

static int
same_descriptor(const char *which, int fd, struct error *error)
{
	error_setx(error, "%s: the same descriptor, %d", which, fd);
	return -1;
}
