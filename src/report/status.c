/* The names of exit statuses. */

#include "config.h"

#include <stddef.h>

#include "report/status.h"

static const struct {
	enum status	 status;
	const char	*name;
} names[] = {
	{ STATUS_OK, "ok" },
	{ STATUS_ERROR, "error" },
	{ STATUS_USAGE, "usage" },
	{ STATUS_RESOLVE, "resolve" },
	{ STATUS_CONNECT, "connect" },
	{ STATUS_DENIED, "denied" },
	{ STATUS_WRITE, "write" },
	{ STATUS_READ, "read" },
	{ STATUS_TIMEOUT, "timeout" },
	{ STATUS_BIND, "bind" },
	{ STATUS_SEND, "send" },
	{ STATUS_RECEIVE, "receive" },
	{ STATUS_SIZE, "size" },
	{ STATUS_PROXY, "proxy" },
	{ STATUS_EXEC, "exec" },
	{ STATUS_NOT_FOUND, "exec" },
};

const char *
status_name(int status)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((int)names[i].status == status)
			return names[i].name;
	return "command";
}
