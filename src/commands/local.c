/* Nothing here is known of what passes over the socket. */

#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/units.h"
#include "commands/local.h"
#include "net/account.h"

/* From a name or number to the number. */
typedef int id_finder(uint32_t *, const char *, struct error *);

static int	plan_mode(struct unix_listen_plan *, const char *,
		    struct error *);
static int	plan_owner(struct unix_listen_plan *, const char *,
		    struct error *);
static int	plan_ids(const uint32_t **, size_t *,
		    const struct option_list *, id_finder *, const char *name,
		    struct error *);
static int	find_uid(uint32_t *, const char *, struct error *);
static int	find_gid(uint32_t *, const char *, struct error *);
static int	check_id(uint32_t, bool group, const char *, struct error *);
static unsigned	kind(const struct local_options *);
static const char *types_of(unsigned);

const char *const local_types[] = { "stream", "dgram", "seqpacket", NULL };

static const struct {
	int		 type;
	unsigned	 kind;
} types[] = {
	{ SOCK_STREAM, LOCAL_STREAM },
	{ SOCK_DGRAM, LOCAL_DGRAM },
	{ SOCK_SEQPACKET, LOCAL_SEQPACKET },
};

int
local_type(int index)
{
	return types[index].type;
}

int
local_plan_file(struct unix_listen_plan *plan,
    const struct local_options *options, struct error *error)
{
	plan->type = local_type(options->type);
	return plan_mode(plan, options->mode, error) == -1 ? -1 :
	    plan_owner(plan, options->owner, error);
}

static int
plan_mode(struct unix_listen_plan *local, const char *text,
    struct error *error)
{
	char shown[PRINTABLE_SIZE];
	size_t digits;

	local->mode = -1;
	if (text == NULL)
		return 0;
	if (local->path.text[0] == '@') {
		error_setx(error, "--mode: an abstract socket has none");
		return -1;
	}
	digits = strspn(text, "01234567");
	if (digits > 0 && digits <= 4 && text[digits] == '\0')
		local->mode = (int)strtol(text, NULL, 8);
	if (local->mode >= 0 && local->mode <= 0777)
		return 0;
	error_setx(error, "--mode: \"%s\": not octal permissions, 0 to 777",
	    printable(text, shown, sizeof(shown)));
	return -1;
}

static int
plan_owner(struct unix_listen_plan *local, const char *text,
    struct error *error)
{
	struct privilege_plan who;
	struct error why;

	if (text == NULL)
		return 0;
	if (local->path.text[0] == '@') {
		error_setx(error, "--owner: an abstract socket has none");
		return -1;
	}
	memset(&who, 0, sizeof(who));
	if (privilege_parse(&who, text, &why) == -1) {
		error_setx(error, "--owner: %s", why.text);
		return -1;
	}
	local->has_owner = true;
	local->uid = who.user.uid;
	local->gid = who.user.gid;
	return 0;
}

int
local_plan_allowed(struct allowed *allowed, const struct local_options *options,
    struct error *error)
{
	return plan_ids(&allowed->uids, &allowed->uid_count,
	    &options->allow_uids, find_uid, "--allow-uid", error) == -1 ||
	    plan_ids(&allowed->gids, &allowed->gid_count,
	    &options->allow_gids, find_gid, "--allow-gid", error) == -1 ?
	    -1 : 0;
}

/* plan_execute() frees them. */
static int
plan_ids(const uint32_t **list, size_t *count,
    const struct option_list *options, id_finder *find, const char *name,
    struct error *error)
{
	uint32_t *ids;
	struct error why;
	size_t i;

	if (options->count == 0)
		return 0;
	ids = calloc(options->count, sizeof(*ids));
	*list = ids;
	if (ids == NULL) {
		error_setx(error, "%s: out of memory", name);
		return -1;
	}
	for (i = 0; i < options->count; i++) {
		if (find(&ids[i], options->items[i], &why) == 0)
			continue;
		error_setx(error, "%s: %s", name, why.text);
		return -1;
	}
	*count = options->count;
	return 0;
}

static int
find_uid(uint32_t *uid, const char *text, struct error *error)
{
	struct account account;

	if (account_user(&account, text, error) == -1)
		return -1;
	*uid = account.uid;
	return check_id(account.uid, false, text, error);
}

static int
find_gid(uint32_t *gid, const char *text, struct error *error)
{
	return account_group(gid, text, error) == -1 ? -1 :
	    check_id(*gid, true, text, error);
}

static int
check_id(uint32_t id, bool group, const char *text, struct error *error)
{
	char shown[PRINTABLE_SIZE];

	if (credentials_tell(id, group))
		return 0;
	error_setx(error, "\"%s\": in this user namespace all %s of others "
	    "look like it", printable(text, shown, sizeof(shown)),
	    group ? "groups" : "users");
	return -1;
}

int
local_plan_rights(struct rights *rights, const struct local_options *options,
    struct error *error)
{
	const struct option_list *list = &options->send_fds;
	char shown[PRINTABLE_SIZE];
	uint64_t number;
	const char *why;
	size_t i;

	if (list->count > RIGHTS_SENT) {
		error_setx(error, "--send-fd: more than %d", RIGHTS_SENT);
		return -1;
	}
	for (i = 0; i < list->count; i++) {
		(void)printable(list->items[i], shown, sizeof(shown));
		if (units_number(list->items[i], 0, INT32_MAX, &number,
		    &why) == -1) {
			error_setx(error, "--send-fd \"%s\": %s", shown,
			    why);
			return -1;
		}
		rights->fds[i] = (int)number;
		if (fcntl(rights->fds[i], F_GETFD) == -1) {
			error_setx(error, "--send-fd %s: not open", shown);
			return -1;
		}
	}
	rights->count = list->count;
	return 0;
}

/* Words only when something is wrong. */
int
local_check(const struct local_use *uses, size_t count,
    const struct local_options *options, struct error *error)
{
	const unsigned here = kind(options);
	const unsigned all = LOCAL_ENDS | LOCAL_DGRAM;
	const unsigned roles = LOCAL_LISTENS | LOCAL_CONNECTS;
	unsigned with;
	size_t i;

	for (i = 0; i < count; i++) {
		with = uses[i].with;
		if (!uses[i].given)
			continue;
		if ((with & all) != 0 && (with & all & here) == 0)
			error_setx(error, "%s: only with --type %s",
			    uses[i].name, types_of(with & all));
		else if ((with & roles) != 0 && (with & roles & here) == 0)
			error_setx(error, "%s: only with%s --listen",
			    uses[i].name, with & LOCAL_LISTENS ? "" : "out");
		else
			continue;
		return -1;
	}
	return 0;
}

static unsigned
kind(const struct local_options *options)
{
	return types[options->type].kind |
	    (options->listen ? LOCAL_LISTENS : LOCAL_CONNECTS);
}

static const char *
types_of(unsigned with)
{
	switch (with) {
	case LOCAL_STREAM:
		return "stream";
	case LOCAL_DGRAM:
		return "dgram";
	case LOCAL_ENDS:
		return "stream or seqpacket";
	default:
		return "dgram or seqpacket";
	}
}
