/*
 * Lists of ranges.  Names become the addresses that they have when the
 * lists are loaded; the peers' own names are never asked for.
 */

#include "config.h"

#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cidr.h"
#include "base/endpoint.h"
#include "base/printable.h"
#include "net/resolve.h"
#include "session/access.h"

struct list {
	struct cidr	*ranges;
	size_t		 count;
	bool		 given;
};

/* A name that is to be looked up. */
struct name {
	struct name	*next;
	struct endpoint	 endpoint;
	enum access_kind kind;
};

struct lists {
	struct list	 kinds[ACCESS_KINDS];
	struct name	*names;		/* the first one's turn */
	struct name	**last;
	struct resolve	*resolve;	/* of the first; NULL: not begun */
	bool		 again;		/* sessions go on meanwhile */
	bool		 numeric;
};

static bool	contains(const struct list *, const struct address *);

/* Loading */
static struct lists *lists_load(const struct access *, struct failure *);
static void	lists_free(struct lists *, struct watch *);
static int	load_list(struct lists *, enum access_kind,
		    const struct access_source *, struct failure *);
static int	load_file(struct lists *, enum access_kind, const char *,
		    struct failure *);
static bool	is_regular(const char *);
static int	load_lines(struct lists *, enum access_kind, FILE *,
		    const char *, struct failure *);
static char	*trim(char *);
static int	add_entry(struct lists *, enum access_kind, const char *,
		    struct error *);
static int	add_name(struct lists *, enum access_kind, const char *,
		    struct error *);
static int	add_range(struct list *, const struct cidr *);

/* Names */
static enum step_result look_up(struct lists *, struct watch *,
		    struct failure *);
static int	take_addresses(struct lists *);

static const char *const options[] = {
	[ACCESS_ALLOW] = "--allow",
	[ACCESS_DENY] = "--deny",
	[ACCESS_PROXY] = "--proxy-from"
};

void
access_init(struct access *access, const struct access_plan *plan)
{
	access->plan = plan;
	access->lists = NULL;
	access->next = NULL;
	access->stale = true;
}

bool
access_has_files(const struct access *access)
{
	enum access_kind kind;

	for (kind = ACCESS_ALLOW; kind < ACCESS_KINDS; kind++)
		if (access->plan->sources[kind].file_count > 0)
			return true;
	return false;
}

void
access_reload(struct access *access, struct watch *watch)
{
	lists_free(access->next, watch);
	access->next = NULL;
	access->stale = true;
}

enum step_result
access_advance(struct access *access, struct watch *watch,
    struct failure *failure)
{
	enum step_result result = STEP_FAILED;

	if (access->next == NULL)
		access->next = lists_load(access, failure);
	if (access->next != NULL)
		result = look_up(access->next, watch, failure);
	access->stale = result == STEP_WAIT;
	if (result == STEP_FAILED) {
		lists_free(access->next, watch);
		access->next = NULL;
	} else if (result == STEP_DONE) {
		lists_free(access->lists, watch);
		access->lists = access->next;
		access->next = NULL;
	}
	return result;
}

void
access_prepare(const struct access *access, struct watch *watch,
    struct owner *owner)
{
	if (access->next != NULL)
		watch_want(watch, owner, resolve_fd(access->next->resolve),
		    WATCH_READ);
}

void
access_clear(struct access *access, struct watch *watch)
{
	lists_free(access->lists, watch);
	lists_free(access->next, watch);
	access->lists = NULL;
	access->next = NULL;
	access->stale = false;
}

bool
access_admits(const struct access *access, const struct address *peer)
{
	const struct list *allow = &access->lists->kinds[ACCESS_ALLOW];

	if (contains(&access->lists->kinds[ACCESS_DENY], peer))
		return false;
	return !allow->given || contains(allow, peer);
}

bool
access_is_proxy(const struct access *access, const struct address *peer)
{
	return contains(&access->lists->kinds[ACCESS_PROXY], peer);
}

static bool
contains(const struct list *list, const struct address *peer)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (cidr_contains(&list->ranges[i], peer))
			return true;
	return false;
}

static struct lists *
lists_load(const struct access *access, struct failure *failure)
{
	struct lists *lists;
	enum access_kind kind;

	lists = calloc(1, sizeof(*lists));
	if (lists == NULL) {
		failure->status = STATUS_ERROR;
		error_set(&failure->error, ENOMEM, "access lists");
		return NULL;
	}
	lists->last = &lists->names;
	lists->again = access->lists != NULL;
	lists->numeric = access->plan->numeric;
	for (kind = ACCESS_ALLOW; kind < ACCESS_KINDS; kind++) {
		if (load_list(lists, kind, &access->plan->sources[kind],
		    failure) == 0)
			continue;
		lists_free(lists, NULL);
		return NULL;
	}
	return lists;
}

static int
load_list(struct lists *lists, enum access_kind kind,
    const struct access_source *source, struct failure *failure)
{
	struct error why;
	size_t i;

	lists->kinds[kind].given = source->count + source->file_count > 0;
	for (i = 0; i < source->count; i++) {
		if (add_entry(lists, kind, source->items[i], &why) == 0)
			continue;
		failure->status = STATUS_USAGE;
		error_setx(&failure->error, "%s: %s", options[kind],
		    why.text);
		return -1;
	}
	for (i = 0; i < source->file_count; i++)
		if (load_file(lists, kind, source->files[i], failure) == -1)
			return -1;
	return 0;
}

static int
load_file(struct lists *lists, enum access_kind kind, const char *path,
    struct failure *failure)
{
	char shown[PRINTABLE_SIZE];
	FILE *file;
	int rc;

	failure->status = STATUS_READ;
	(void)printable(path, shown, sizeof(shown));
	if (lists->again && !is_regular(path)) {
		error_setx(&failure->error, "%s-file %s: is read only once, "
		    "as it is no regular file", options[kind], shown);
		return -1;
	}
	file = fopen(path, "re");
	if (file == NULL) {
		error_set(&failure->error, errno, "%s-file %s", options[kind],
		    shown);
		return -1;
	}
	rc = load_lines(lists, kind, file, path, failure);
	if (rc == 0 && ferror(file)) {
		error_set(&failure->error, errno, "%s-file %s", options[kind],
		    shown);
		rc = -1;
	}
	(void)fclose(file);
	return rc;
}

/* Others would have us wait, or are at their end by now. */
static bool
is_regular(const char *path)
{
	struct stat status;

	return stat(path, &status) == -1 || S_ISREG(status.st_mode);
}

static int
load_lines(struct lists *lists, enum access_kind kind, FILE *file,
    const char *path, struct failure *failure)
{
	char shown[PRINTABLE_SIZE], *line = NULL, *entry;
	struct error why;
	size_t room = 0, number = 0;
	int rc = 0;

	while (rc == 0 && getline(&line, &room, file) != -1) {
		number++;
		entry = trim(line);
		if (entry[0] == '\0')
			continue;
		rc = add_entry(lists, kind, entry, &why);
		if (rc == 0)
			continue;
		failure->status = STATUS_USAGE;
		error_setx(&failure->error, "%s:%zu: %s", printable(path,
		    shown, sizeof(shown)), number, why.text);
	}
	free(line);
	return rc;
}

/* Without what follows a "#", and without blanks around it. */
static char *
trim(char *line)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	while (isspace((unsigned char)*line))
		line++;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return line;
}

static int
add_entry(struct lists *lists, enum access_kind kind, const char *text,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	struct cidr range;

	switch (cidr_parse(&range, text, error)) {
	case ADDRESS_OK:
		if (add_range(&lists->kinds[kind], &range) == 0)
			return 0;
		error_set(error, ENOMEM, "access lists");
		return -1;
	case ADDRESS_BAD:
		return -1;
	case ADDRESS_NOT:
		break;
	}
	if (kind != ACCESS_PROXY && !lists->numeric)
		return add_name(lists, kind, text, error);
	error_setx(error, "\"%s\": not an address%s", printable(text, shown,
	    sizeof(shown)), kind != ACCESS_PROXY ? " (-n)" : "");
	return -1;
}

static int
add_name(struct lists *lists, enum access_kind kind, const char *text,
    struct error *error)
{
	char port[] = "1", *operands[2] = { (char *)(uintptr_t)text, port };
	struct name *name;

	name = calloc(1, sizeof(*name));
	if (name == NULL) {
		error_set(error, ENOMEM, "access lists");
		return -1;
	}
	if (endpoint_parse(&name->endpoint, ENDPOINT_CONNECT, operands, 2,
	    error) == -1) {
		free(name);
		return -1;
	}
	name->kind = kind;
	*lists->last = name;
	lists->last = &name->next;
	return 0;
}

static int
add_range(struct list *list, const struct cidr *range)
{
	struct cidr *ranges;

	ranges = reallocarray(list->ranges, list->count + 1, sizeof(*ranges));
	if (ranges == NULL)
		return -1;
	list->ranges = ranges;
	list->ranges[list->count++] = *range;
	return 0;
}

static enum step_result
look_up(struct lists *lists, struct watch *watch,
    struct failure *failure)
{
	struct name *name;

	while ((name = lists->names) != NULL) {
		failure->status = STATUS_RESOLVE;
		if (lists->resolve == NULL)
			lists->resolve = resolve_start(&name->endpoint,
			    AF_UNSPEC, SOCK_STREAM, false,
			    &failure->error);
		if (lists->resolve == NULL)
			return STEP_FAILED;
		switch (resolve_advance(lists->resolve, &failure->error)) {
		case RESOLVE_WAIT:
			return STEP_WAIT;
		case RESOLVE_FAILED:
		case RESOLVE_NO_SERVICE:
			return STEP_FAILED;
		case RESOLVE_DONE:
			break;
		}
		if (take_addresses(lists) == -1) {
			error_set(&failure->error, ENOMEM, "access lists");
			return STEP_FAILED;
		}
		watch_forget(watch, resolve_fd(lists->resolve));
		resolve_free(lists->resolve);
		lists->resolve = NULL;
		lists->names = name->next;
		free(name);
	}
	return STEP_DONE;
}

static int
take_addresses(struct lists *lists)
{
	const struct address *addresses;
	struct cidr range;
	size_t count, i;

	addresses = resolve_addresses(lists->resolve, &count);
	for (i = 0; i < count; i++) {
		cidr_of(&range, &addresses[i]);
		if (add_range(&lists->kinds[lists->names->kind],
		    &range) == -1)
			return -1;
	}
	return 0;
}

static void
lists_free(struct lists *lists, struct watch *watch)
{
	struct name *name;
	enum access_kind kind;

	if (lists == NULL)
		return;
	if (lists->resolve != NULL)
		watch_forget(watch, resolve_fd(lists->resolve));
	resolve_free(lists->resolve);
	while ((name = lists->names) != NULL) {
		lists->names = name->next;
		free(name);
	}
	for (kind = ACCESS_ALLOW; kind < ACCESS_KINDS; kind++)
		free(lists->kinds[kind].ranges);
	free(lists);
}
