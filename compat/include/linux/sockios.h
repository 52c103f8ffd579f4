/*
 * Of the kernel's header what ducat uses, for C libraries whose compiler
 * does not see the kernel's (musl-gcc).  configure puts this directory into
 * the search path only there.
 */
#ifndef COMPAT_LINUX_SOCKIOS_H
#define COMPAT_LINUX_SOCKIOS_H

#include <sys/ioctl.h>

#define SIOCOUTQ	TIOCOUTQ

#endif
