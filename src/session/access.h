/*
 * Who may come in: the lists of --allow, --deny and --proxy-from, from
 * options and from files.  They fail closed: an entry that cannot be parsed
 * or resolved makes the whole of them fail.
 */
#ifndef SESSION_ACCESS_H
#define SESSION_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "net/watch.h"
#include "steps/leg.h"

enum access_kind {
	ACCESS_ALLOW,
	ACCESS_DENY,
	ACCESS_PROXY,
	ACCESS_KINDS
};

/* Where the entries of a list stand.  Nothing is owned. */
struct access_source {
	const char	*const *items;
	size_t		 count;
	const char	*const *files;
	size_t		 file_count;
};

struct access_plan {
	struct access_source	sources[ACCESS_KINDS];
	bool			numeric;	/* names are errors */
};

struct lists;

struct access {
	const struct access_plan *plan;
	struct lists		*lists;		/* in force; NULL: none yet */
	struct lists		*next;		/* being loaded; NULL: none */
	bool			 stale;		/* they are to be loaded */
};

void	access_init(struct access *, const struct access_plan *);

/* Does any of it stand in files, which can be read again? */
bool	access_has_files(const struct access *);

/* From now on they are stale. */
void	access_reload(struct access *, struct watch *);

/*
 * Load what is stale: options are parsed, files read (which may block as
 * files do), and names looked up one after another.  STEP_DONE: the new
 * lists are in force.
 * STEP_FAILED: 2 for an entry, 26 for a file, 6 for a name; lists that were
 * in force stay so.
 */
enum step_result access_advance(struct access *, struct watch *,
	    struct failure *);
void	access_prepare(const struct access *, struct watch *,
	    struct owner *);
void	access_clear(struct access *, struct watch *);

/* Once lists are in force: these questions. */

/*
 * May this peer come in?  --deny wins; with any list of --allow, even an
 * empty file, only who is on it may.
 */
bool	access_admits(const struct access *, const struct address *);

/* May it tell for whom it connects? */
bool	access_is_proxy(const struct access *, const struct address *);

#endif
