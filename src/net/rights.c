/*
 * To look at a message gives new numbers for the descriptors in it; the
 * message keeps its own until it is read, and then they are gone with it.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "net/rights.h"

/* Credentials may come, too. */
#define OTHERS		64

union control {
	struct cmsghdr	align;
	char		bytes[CMSG_SPACE(RIGHTS_MOST * sizeof(int)) + OTHERS];
};

static size_t	number_of(const struct cmsghdr *);

bool
rights_drop(const struct cmsghdr *control)
{
	const unsigned char *data = CMSG_DATA(control);
	size_t count = number_of(control), i;
	int fd;

	for (i = 0; i < count; i++) {
		memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
		(void)close(fd);
	}
	return count > 0;
}

static size_t
number_of(const struct cmsghdr *control)
{
	if (control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_RIGHTS)
		return 0;
	return (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

ssize_t
rights_send(int socket, const void *buf, size_t size,
    const struct rights *rights)
{
	const size_t bytes = rights->count * sizeof(*rights->fds);
	struct iovec place = {
		.iov_base = (void *)(uintptr_t)buf, .iov_len = size
	};
	struct msghdr head = { .msg_iov = &place, .msg_iovlen = 1 };
	union control control;

	memset(&control, 0, sizeof(control));
	control.align.cmsg_level = SOL_SOCKET;
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(bytes);
	memcpy(control.bytes + CMSG_LEN(0), rights->fds, bytes);
	head.msg_control = &control;
	head.msg_controllen = CMSG_SPACE(bytes);
	return sendmsg(socket, &head, MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t
rights_look(int socket, struct rights *rights)
{
	char byte;
	struct iovec place = { .iov_base = &byte, .iov_len = 1 };
	union control control;
	struct msghdr head = {
		.msg_iov = &place, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)
	};
	struct cmsghdr *one;
	ssize_t n;

	rights->count = 0;
	n = recvmsg(socket, &head, MSG_PEEK | MSG_DONTWAIT |
	    MSG_CMSG_CLOEXEC);
	if (n == -1)
		return -1;
	for (one = CMSG_FIRSTHDR(&head); one != NULL;
	    one = CMSG_NXTHDR(&head, one)) {
		if (number_of(one) == 0)
			continue;
		rights->count = number_of(one);
		memcpy(rights->fds, CMSG_DATA(one),
		    rights->count * sizeof(*rights->fds));
	}
	if (!(head.msg_flags & MSG_CTRUNC))
		return n;
	rights_close(rights);
	errno = EMFILE;
	return -1;
}

int
rights_copy(struct rights *rights, int first)
{
	struct rights copies = { .count = 0 };
	size_t i;
	int fd, error;

	for (i = 0; i < rights->count; i++) {
		fd = fcntl(rights->fds[i], F_DUPFD_CLOEXEC, first);
		if (fd == -1) {
			error = errno;
			rights_close(&copies);
			rights->count = 0;
			errno = error;
			return -1;
		}
		copies.fds[copies.count++] = fd;
	}
	*rights = copies;
	return 0;
}

void
rights_close(struct rights *rights)
{
	while (rights->count > 0)
		(void)close(rights->fds[--rights->count]);
}
