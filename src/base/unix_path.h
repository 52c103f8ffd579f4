/*
 * The addresses of UNIX-domain sockets as users write them: a path, or
 * @NAME in the abstract namespace, with \xHH and \\ in it.  unix(7).
 */
#ifndef BASE_UNIX_PATH_H
#define BASE_UNIX_PATH_H

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>

#include "base/error.h"

struct unix_path {
	struct sockaddr_un	 address;
	socklen_t		 length;	/* 0: none */
	const char		*text;		/* as written; not owned */
};

/* 0, or -1 with the reason: empty, too long, a bad escape. */
int	unix_path_parse(struct unix_path *, const char *text,
	    struct error *);

/*
 * The path or @NAME as text for messages, in buf: what was written, or means
 * the same.  Of a path a backslash is doubled, as printable() does it.
 */
const char *unix_path_printable(const struct unix_path *, char *buf,
	    size_t size);

#endif
