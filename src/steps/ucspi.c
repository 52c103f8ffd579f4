/* Environments as one block: the list, and behind it the new strings. */

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/socket.h"
#include "steps/ucspi.h"

#define NEW_COUNT	8
/* A local socket's path as users write it, every byte as \xHH. */
#define NEW_SIZE	512

static size_t	add_path(char (*)[NEW_SIZE], const struct ucspi *);
static size_t	add_rights(char (*)[NEW_SIZE], size_t, char **);
static size_t	add_who(char (*)[NEW_SIZE], const struct credentials *);
static size_t	add_addresses(char (*)[NEW_SIZE], const struct ucspi *);
static bool	is_outer(const char *);

/*
 * Names, and beginnings of names, that speak of another connection; but
 * SSL_CERT_FILE and _DIR speak of whom to trust.
 */
static const char *const outer[] = {
	"IPCLOCAL", "IPCREMOTE", "LISTEN_FDNAMES=", "LISTEN_FDS=",
	"LISTEN_PID", "NOTIFY_SOCKET=", "PROTO=", "SSL_", "TCPLOCAL",
	"TCPREMOTE", "UDPLOCAL", "UDPREMOTE"
};

char **
ucspi_environment(char *const *inherited, const struct ucspi *ucspi,
    char **pid)
{
	size_t count = 0, used = 0, added, i;
	char(*room)[NEW_SIZE], **list;

	while (inherited[count] != NULL)
		count++;
	list = malloc((count + NEW_COUNT + 1) * sizeof(*list) +
	    NEW_COUNT * sizeof(*room));
	if (list == NULL)
		return NULL;
	room = (char(*)[NEW_SIZE])(list + count + NEW_COUNT + 1);
	for (i = 0; i < count; i++)
		if (!is_outer(inherited[i]))
			list[used++] = inherited[i];
	(void)snprintf(room[0], NEW_SIZE, "PROTO=%s", ucspi->protocol);
	added = 1 + (ucspi->path != NULL ? add_path(room + 1, ucspi) :
	    add_addresses(room + 1, ucspi));
	added += add_rights(room + added, ucspi->rights, pid);
	for (i = 0; i < added; i++)
		list[used++] = room[i];
	list[used] = NULL;
	return list;
}

static size_t
add_path(char (*room)[NEW_SIZE], const struct ucspi *ucspi)
{
	struct address peer = ucspi->peer->peer;
	struct sockaddr_un name;
	char text[ADDRESS_TEXT];
	size_t count = 0;

	if (peer.length == 0)
		socket_peer_name(ucspi->peer->own.rfd, &peer, &name);
	(void)snprintf(room[count++], NEW_SIZE, "IPCREMOTEPATH=%s",
	    !ucspi->ours ? ucspi->path : address_name(&peer) == NULL ? "" :
	    address_text(&peer, text, sizeof(text)));
	if (ucspi->ours)
		(void)snprintf(room[count++], NEW_SIZE, "IPCLOCALPATH=%s",
		    ucspi->path);
	return count + (ucspi->who == NULL ? 0 :
	    add_who(room + count, ucspi->who));
}

static size_t
add_who(char (*room)[NEW_SIZE], const struct credentials *who)
{
	(void)snprintf(room[0], NEW_SIZE, "IPCREMOTEEUID=%ju",
	    (uintmax_t)who->uid);
	(void)snprintf(room[1], NEW_SIZE, "IPCREMOTEEGID=%ju",
	    (uintmax_t)who->gid);
	(void)snprintf(room[2], NEW_SIZE, "IPCREMOTEPID=%jd",
	    (intmax_t)who->pid);
	return who->pid > 0 ? 3 : 2;
}

static size_t
add_addresses(char (*room)[NEW_SIZE], const struct ucspi *ucspi)
{
	const struct address *peer = &ucspi->peer->peer;
	const char *protocol = ucspi->protocol;
	struct address local;
	char host[ADDRESS_TEXT];

	leg_local(ucspi->peer, &local);
	(void)snprintf(room[0], NEW_SIZE, "%sREMOTEIP=%s", protocol,
	    address_host(peer, host, sizeof(host)));
	(void)snprintf(room[1], NEW_SIZE, "%sREMOTEPORT=%u", protocol,
	    address_port(peer));
	(void)snprintf(room[2], NEW_SIZE, "%sLOCALIP=%s", protocol,
	    address_host(&local, host, sizeof(host)));
	(void)snprintf(room[3], NEW_SIZE, "%sLOCALPORT=%u", protocol,
	    address_port(&local));
	return 4;
}

static size_t
add_rights(char (*room)[NEW_SIZE], size_t count, char **pid)
{
	*pid = NULL;
	if (count == 0)
		return 0;
	(void)snprintf(room[0], NEW_SIZE, "LISTEN_FDS=%zu", count);
	*pid = room[1] + snprintf(room[1], NEW_SIZE, "LISTEN_PID=");
	return 2;
}

static bool
is_outer(const char *variable)
{
	size_t i;

	if (strncmp(variable, "SSL_CERT_FILE=", 14) == 0 ||
	    strncmp(variable, "SSL_CERT_DIR=", 13) == 0)
		return false;
	for (i = 0; i < sizeof(outer) / sizeof(outer[0]); i++)
		if (strncmp(variable, outer[i], strlen(outer[i])) == 0)
			return true;
	return false;
}
