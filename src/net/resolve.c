/*
 * The helper process writes a head and an array of struct address into a
 * pipe and exits; both ends are the same program, so the structs go as they
 * are.  It closes everything else first and has default signal
 * dispositions, so that it neither keeps the caller's descriptors open nor
 * outlives a ^C.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/resolve.h"

#define MOST_ADDRESSES	64

struct answer {
	int		 code;		/* of getaddrinfo(3) */
	int		 error;		/* errno, for EAI_SYSTEM */
	size_t		 count;
	struct address	 addresses[MOST_ADDRESSES];
};

struct resolve {
	pid_t		 pid;		/* -1: reaped */
	int		 fd;
	size_t		 got;
	int64_t		 started;
	int64_t		 took;		/* ns; once it is done */
	struct endpoint	 endpoint;
	struct answer	 answer;
};

/* In the helper. */
static void	helper(int, const struct endpoint *, int, int, bool)
		    __attribute__((noreturn));
static void	forget_signals(void);
static void	look_up(const struct endpoint *, const struct addrinfo *,
		    struct answer *);
static bool	known(const struct answer *, const struct address *);

static enum resolve_state judge(const struct resolve *, struct error *);
static void	reap(struct resolve *);

struct resolve *
resolve_start(const struct endpoint *endpoint, int family, int type,
    bool passive, struct error *error)
{
	struct resolve *resolve;
	int fds[2];

	resolve = calloc(1, sizeof(*resolve));
	if (resolve == NULL) {
		error_set(error, errno, "resolve %s", endpoint->host);
		return NULL;
	}
	resolve->endpoint = *endpoint;
	resolve->started = clock_now();
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1) {
		error_set(error, errno, "resolve %s: pipe", endpoint->host);
		free(resolve);
		return NULL;
	}
	resolve->pid = fork();
	if (resolve->pid == 0)
		helper(fds[1], endpoint, family, type, passive);
	close(fds[1]);
	resolve->fd = fds[0];
	if (resolve->pid == -1) {
		error_set(error, errno, "resolve %s: fork", endpoint->host);
		resolve_free(resolve);
		return NULL;
	}
	return resolve;
}

int
resolve_fd(const struct resolve *resolve)
{
	return resolve->fd;
}

enum resolve_state
resolve_advance(struct resolve *resolve, struct error *error)
{
	char *into = (char *)&resolve->answer;
	ssize_t n;

	for (;;) {
		n = read(resolve->fd, into + resolve->got,
		    sizeof(resolve->answer) - resolve->got);
		if (n > 0)
			resolve->got += (size_t)n;
		else if (n == 0)
			break;
		else if (errno == EAGAIN)
			return RESOLVE_WAIT;
		else if (errno != EINTR)
			break;
	}
	reap(resolve);
	resolve->took = clock_now() - resolve->started;
	return judge(resolve, error);
}

const char *
resolve_host(const struct resolve *resolve)
{
	return resolve->endpoint.host;
}

int64_t
resolve_took(const struct resolve *resolve)
{
	return resolve->took;
}

const struct address *
resolve_addresses(const struct resolve *resolve, size_t *count)
{
	*count = resolve->answer.count;
	return resolve->answer.addresses;
}

bool
resolve_knows_service(const char *name, int type)
{
	return getservbyname(name, type == SOCK_DGRAM ? "udp" : "tcp") !=
	    NULL;
}

void
resolve_free(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	if (resolve->pid > 0)
		(void)kill(resolve->pid, SIGKILL);
	reap(resolve);
	close(resolve->fd);
	free(resolve);
}

static void
reap(struct resolve *resolve)
{
	if (resolve->pid <= 0)
		return;
	while (waitpid(resolve->pid, NULL, 0) == -1 && errno == EINTR)
		;
	resolve->pid = -1;
}

static enum resolve_state
judge(const struct resolve *resolve, struct error *error)
{
	const struct endpoint *endpoint = &resolve->endpoint;
	const struct answer *answer = &resolve->answer;

	if (resolve->got != sizeof(*answer)) {
		error_setx(error, "resolve %s: the helper process died",
		    endpoint->host);
		return RESOLVE_FAILED;
	}
	if (answer->code == EAI_SERVICE) {
		error_setx(error, "%s: unknown service", endpoint->service);
		return RESOLVE_NO_SERVICE;
	}
	if (answer->code == EAI_SYSTEM) {
		error_set(error, answer->error, "resolve %s", endpoint->host);
		return RESOLVE_FAILED;
	}
	if (answer->code != 0 || answer->count == 0) {
		error_setx(error, "resolve %s: %s", endpoint->host,
		    answer->code == 0 ? "no usable address" :
		    gai_strerror(answer->code));
		return RESOLVE_FAILED;
	}
	return RESOLVE_DONE;
}

static void
helper(int fd, const struct endpoint *endpoint, int family, int type,
    bool passive)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = type,
		.ai_flags = passive ? AI_PASSIVE : 0
	};
	struct answer answer;
	const char *from = (const char *)&answer;
	size_t done = 0;
	ssize_t n;
	int keep;

	(void)dup2(fd, 3);
	closefrom(4);
	(void)fcntl(3, F_SETFL, 0);
	for (keep = 0; keep <= 2; keep++)
		(void)descriptor_end(keep);
	forget_signals();
	memset(&answer, 0, sizeof(answer));
	look_up(endpoint, &hints, &answer);
	while (done < sizeof(answer)) {
		n = write(3, from + done, sizeof(answer) - done);
		if (n <= 0)
			_exit(1);
		done += (size_t)n;
	}
	_exit(0);
}

static void
look_up(const struct endpoint *endpoint, const struct addrinfo *hints,
    struct answer *answer)
{
	struct addrinfo *all = NULL, *one;
	struct address *address;

	answer->code = getaddrinfo(endpoint->host[0] == '\0' ? NULL :
	    endpoint->host, endpoint->service, hints, &all);
	answer->error = errno;
	if (answer->code != 0)
		return;
	for (one = all; one != NULL; one = one->ai_next) {
		if (answer->count == MOST_ADDRESSES)
			break;
		if (one->ai_family != AF_INET && one->ai_family != AF_INET6)
			continue;
		address = &answer->addresses[answer->count];
		address->length = one->ai_addrlen;
		memcpy(&address->any, one->ai_addr, one->ai_addrlen);
		if (!known(answer, address))
			answer->count++;
	}
	freeaddrinfo(all);
}

/* hosts(5) may name an address twice, which cannot be listened on twice. */
static bool
known(const struct answer *answer, const struct address *address)
{
	size_t i;

	for (i = 0; i < answer->count; i++)
		if (answer->addresses[i].length == address->length &&
		    memcmp(&answer->addresses[i].any, &address->any,
		    address->length) == 0)
			return true;
	return false;
}

static void
forget_signals(void)
{
	static const int numbers[] = {
		SIGHUP, SIGINT, SIGTERM, SIGUSR1
	};
	struct sigaction old;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			(void)signal(numbers[i], SIG_DFL);
	}
}
