/*
 * The kernel's struct tcp_info for C libraries whose compiler does not see
 * the kernel's header (musl-gcc): musl's own has all of its fields.
 */
#ifndef COMPAT_LINUX_TCP_H
#define COMPAT_LINUX_TCP_H

#include <netinet/tcp.h>

#endif
