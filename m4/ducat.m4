# The checks of ducat's configure.ac.  No AC_RUN_IFELSE here: what the kernel
# can do is found out at run time, and cross-compiling needs no answers.

# DUCAT_TRY_FLAG(VARIABLE, FLAG)
# Append FLAG to VARIABLE if compiling and linking with it gives no warning.
AC_DEFUN([DUCAT_TRY_FLAG], [
AS_VAR_PUSHDEF([ducat_cache], [ducat_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [ducat_cache], [
	ducat_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
	    [AS_VAR_SET([ducat_cache], [yes])],
	    [AS_VAR_SET([ducat_cache], [no])])
	CFLAGS=$ducat_saved_CFLAGS])
AS_VAR_IF([ducat_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([ducat_cache])])

# DUCAT_TRY_FLAGS(VARIABLE, FLAGS)
AC_DEFUN([DUCAT_TRY_FLAGS],
[m4_foreach_w([ducat_flag], [$2], [DUCAT_TRY_FLAG([$1], m4_defn([ducat_flag]))])])

# Warnings; --enable-werror for developers and CI.
AC_DEFUN([DUCAT_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror],
    [make the compiler's warnings errors (for developers)])],
    [], [enable_werror=no])
DUCAT_TRY_FLAGS([WARNING_CFLAGS], [-Wall -Wextra -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wcast-qual
    -Wimplicit-fallthrough -Wnull-dereference])
ducat_warnings="reported"
AS_IF([test "$enable_werror" = yes], [
	WARNING_CFLAGS="$WARNING_CFLAGS -Werror"
	ducat_warnings="errors"])
AC_SUBST([WARNING_CFLAGS])])

# --enable-sanitizer[=LIST]
AC_DEFUN([DUCAT_SANITIZER], [
AC_ARG_ENABLE([sanitizer], [AS_HELP_STRING([--enable-sanitizer@<:@=LIST@:>@],
    [build with sanitizers (address,undefined); no hardening then])],
    [], [enable_sanitizer=no])
AS_IF([test "$enable_sanitizer" = yes],
    [enable_sanitizer=address,undefined])
ducat_sanitizer=$enable_sanitizer
AS_IF([test "$enable_sanitizer" != no], [
	SANITIZER_CFLAGS="-fsanitize=$enable_sanitizer"
	SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-omit-frame-pointer"
	SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-sanitize-recover=all"
	AC_MSG_CHECKING([whether $CC links with $SANITIZER_CFLAGS])
	ducat_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS $SANITIZER_CFLAGS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-sanitizer: $CC cannot link with it
(on Debian clang's run-time library is in libclang-rt-*-dev)])])
	CFLAGS=$ducat_saved_CFLAGS])
AC_SUBST([SANITIZER_CFLAGS])])

# Hardening, on by default.  Not with a sanitizer: it would hide what that
# one looks for.  What the builder's own flags decide is left to them.
AC_DEFUN([DUCAT_HARDENING], [
AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening],
    [leave hardening to the flags given])], [], [enable_hardening=yes])
ducat_hardening=no
AS_IF([test "$enable_hardening" != no && test "$enable_sanitizer" = no], [
	ducat_hardening=yes
	DUCAT_TRY_FLAGS([HARDENING_CFLAGS], [-fstack-protector-strong
	    -fstack-clash-protection -ftrivial-auto-var-init=zero])
	AS_CASE([$host_cpu],
	    [x86_64|i?86], [DUCAT_TRY_FLAG([HARDENING_CFLAGS],
		[-fcf-protection])],
	    [aarch64], [DUCAT_TRY_FLAG([HARDENING_CFLAGS],
		[-mbranch-protection=standard])])
	DUCAT_TRY_FLAGS([HARDENING_LDFLAGS], [-Wl,-z,relro -Wl,-z,now
	    -Wl,-z,noexecstack])
	AS_CASE([" $CC $CFLAGS $LDFLAGS "],
	    [*" -static "*|*" -no-pie "*|*" -static-pie "*], [],
	    [DUCAT_TRY_FLAG([ducat_pie], [-fPIE])
	     DUCAT_TRY_FLAG([ducat_pie], [-pie])
	     AS_IF([test "$ducat_pie" = " -fPIE -pie"], [
		HARDENING_CFLAGS="$HARDENING_CFLAGS -fPIE"
		HARDENING_LDFLAGS="$HARDENING_LDFLAGS -pie"])])
	DUCAT_FORTIFY])
AC_SUBST([HARDENING_CPPFLAGS])
AC_SUBST([HARDENING_CFLAGS])
AC_SUBST([HARDENING_LDFLAGS])])

# _FORTIFY_SOURCE, where the builder's flags optimise and do not set it.
AC_DEFUN([DUCAT_FORTIFY], [
AC_CACHE_CHECK([which _FORTIFY_SOURCE to add], [ducat_cv_fortify], [
	ducat_cv_fortify=none
	AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <stdlib.h>
#if defined(_FORTIFY_SOURCE) || !defined(__OPTIMIZE__)
#error leave it
#endif
]])], [ducat_cv_fortify=2])
	AS_IF([test "$ducat_cv_fortify" = 2], [
		AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <stdlib.h>
#if !defined(__GLIBC__) || !__GLIBC_PREREQ(2, 35) || \
    defined(__clang__) || __GNUC__ < 12
#error too old
#endif
]])], [ducat_cv_fortify=3])])])
AS_IF([test "$ducat_cv_fortify" != none],
    [HARDENING_CPPFLAGS="-D_FORTIFY_SOURCE=$ducat_cv_fortify"])])

# DUCAT_CHECK_LIBBSD(FUNCTIONS)
# Find FUNCTIONS in the C library, else in libbsd, else in compat/.
AC_DEFUN([DUCAT_CHECK_LIBBSD], [
AC_ARG_WITH([libbsd], [AS_HELP_STRING([--with-libbsd=auto|yes|no],
    [take from libbsd what the C library lacks (auto), always use libbsd
    (yes), or use compat/ (no)])], [], [with_libbsd=auto])
AC_CACHE_CHECK([which functions the C library lacks], [ducat_cv_lacking], [
	ducat_cv_lacking=
	for ducat_function in $1; do
		AC_LINK_IFELSE([AC_LANG_CALL([], [$ducat_function])], [], [
			ducat_cv_lacking="$ducat_cv_lacking $ducat_function"])
	done
	ducat_cv_lacking=${ducat_cv_lacking:-none}])
ducat_libbsd=no
AS_CASE([$with_libbsd:$ducat_cv_lacking],
    [no:*], [],
    [auto:none], [ducat_libbsd="not needed"],
    [PKG_CHECK_MODULES([LIBBSD], [libbsd-overlay], [ducat_libbsd=yes],
	[AC_MSG_ERROR([libbsd-overlay.pc not found by $PKG_CONFIG:
install libbsd's development files (libbsd-dev on Debian, libbsd-devel on
Fedora), or configure with --without-libbsd to use compat/])])])
ducat_saved_CPPFLAGS=$CPPFLAGS
ducat_saved_LIBS=$LIBS
ducat_have=0
AS_IF([test "$ducat_libbsd" = yes], [
	ducat_have=1
	CPPFLAGS="$CPPFLAGS $LIBBSD_CFLAGS"
	LIBS="$LIBBSD_LIBS $LIBS"])
AC_DEFINE_UNQUOTED([HAVE_LIBBSD], [$ducat_have],
    [1 if libbsd gives what the C library lacks, else 0.])
AC_CONFIG_LIBOBJ_DIR([compat])
AC_REPLACE_FUNCS([$1])
CPPFLAGS=$ducat_saved_CPPFLAGS
LIBS=$ducat_saved_LIBS
ducat_compat=
for ducat_function in $1; do
	AS_VAR_IF([ac_cv_func_$ducat_function], [yes], [],
	    [ducat_compat="$ducat_compat${ducat_compat:+ }$ducat_function"])
done
AH_BOTTOM([#include "compat.h"])])

# --with-loop=epoll|poll: which file implements the watch set's waiting.
AC_DEFUN([DUCAT_CHECK_LOOP], [
AC_ARG_WITH([loop], [AS_HELP_STRING([--with-loop=epoll|poll],
    [how to wait (epoll where the system has it, else poll)])],
    [], [with_loop=auto])
AC_CHECK_HEADERS([sys/epoll.h])
AS_CASE([$with_loop:$ac_cv_header_sys_epoll_h],
    [auto:yes|yes:yes|epoll:yes], [ducat_loop=epoll],
    [epoll:*], [AC_MSG_ERROR([--with-loop=epoll: no sys/epoll.h here])],
    [auto:*|yes:*|poll:*], [ducat_loop=poll],
    [AC_MSG_ERROR([--with-loop=$with_loop: epoll or poll])])
AM_CONDITIONAL([LOOP_EPOLL], [test "$ducat_loop" = epoll])
AS_IF([test "$ducat_loop" = epoll], [ducat_epoll=1], [ducat_epoll=0])
AC_DEFINE_UNQUOTED([HAVE_EPOLL_LOOP], [$ducat_epoll],
    [1 if the watch set waits by epoll, 0 if by poll.])])

# Linux's splice(2).
AC_DEFUN([DUCAT_CHECK_SPLICE], [
AC_CACHE_CHECK([for splice], [ducat_cv_splice], [
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <fcntl.h>
#include <stddef.h>
]], [[
	return (splice(0, NULL, 1, NULL, 1, SPLICE_F_NONBLOCK) == -1);
]])], [ducat_cv_splice=yes], [ducat_cv_splice=no])])
ducat_splice=$ducat_cv_splice
AM_CONDITIONAL([MOVER_SPLICE], [test "$ducat_splice" = yes])
AS_IF([test "$ducat_splice" = yes], [ducat_have=1], [ducat_have=0])
AC_DEFINE_UNQUOTED([HAVE_SPLICE], [$ducat_have],
    [1 if splice exists, else 0.])])

# What TCP has sent and the peer has not acknowledged, as Linux tells it.
# Where the kernel's header is out of reach, compat/include has what is wanted.
AC_DEFUN([DUCAT_CHECK_TCP_QUEUE], [
AC_CHECK_HEADERS([linux/sockios.h], [],
    [COMPAT_CPPFLAGS='-I$(top_srcdir)/compat/include'])
AC_SUBST([COMPAT_CPPFLAGS])
AC_CACHE_CHECK([for TCP's output queue], [ducat_cv_tcp_queue], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <sys/ioctl.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#ifndef __linux__
#error another system
#endif
]], [[
	struct tcp_info info;

	return (ioctl(0, TIOCOUTQ, &info) == TCP_INFO);
]])], [ducat_cv_tcp_queue=yes], [ducat_cv_tcp_queue=no])])
ducat_tcp_queue=$ducat_cv_tcp_queue
AM_CONDITIONAL([TCP_LINUX], [test "$ducat_tcp_queue" = yes])])

# Many datagrams a system call, as Linux has them: recvmmsg(2), and one
# message cut into many (UDP_SEGMENT).
AC_DEFUN([DUCAT_CHECK_DATAGRAMS], [
AC_CACHE_CHECK([for batches of datagrams], [ducat_cv_datagrams], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#ifndef __linux__
#error another system
#endif
]], [[
	struct mmsghdr head;

	return recvmmsg(UDP_SEGMENT, &head, 1, UDP_GRO, 0);
]])], [ducat_cv_datagrams=yes], [ducat_cv_datagrams=no])])
AM_CONDITIONAL([DATAGRAM_LINUX], [test "$ducat_cv_datagrams" = yes])])

# Who is at the other end of a local socket, as Linux tells it.
AC_DEFUN([DUCAT_CHECK_CREDENTIALS], [
AC_CACHE_CHECK([for SO_PEERCRED], [ducat_cv_credentials], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <sys/socket.h>
#ifndef __linux__
#error another system
#endif
]], [[
	struct ucred who = { 0 };

	return (who.uid == SO_PEERCRED);
]])], [ducat_cv_credentials=yes], [ducat_cv_credentials=no])])
AM_CONDITIONAL([CREDENTIALS_LINUX], [test "$ducat_cv_credentials" = yes])])

# The functions of OpenBSD's C library for digests: there, or in libmd.
# FreeBSD's libmd has others, and counts as none.
AC_DEFUN([DUCAT_TRY_LIBMD], [
AC_MSG_CHECKING([for SHA256Init $1])
ducat_saved_CPPFLAGS=$CPPFLAGS
ducat_saved_LIBS=$LIBS
CPPFLAGS="$CPPFLAGS $LIBMD_CFLAGS"
LIBS="$LIBMD_LIBS $LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <sys/types.h>

#include <md5.h>
#include <sha1.h>
#include <sha2.h>
]], [[
	MD5_CTX md5;
	SHA1_CTX sha1;
	SHA2_CTX sha2;

	MD5Init(&md5);
	SHA1Init(&sha1);
	SHA256Init(&sha2);
	SHA384Init(&sha2);
	SHA512Init(&sha2);
]])], [ducat_digest="$1"], [ducat_digest=no])
CPPFLAGS=$ducat_saved_CPPFLAGS
LIBS=$ducat_saved_LIBS
AS_IF([test "$ducat_digest" = no],
    [AC_MSG_RESULT([no])], [AC_MSG_RESULT([yes])])])

AC_DEFUN([DUCAT_CHECK_LIBMD], [
AC_ARG_WITH([libmd], [AS_HELP_STRING([--with-libmd=auto|yes|no],
    [make digests by libmd where it is there (auto), always (yes), or not at
    all (no)])], [], [with_libmd=auto])
ducat_digest=no
AS_IF([test "$with_libmd" != no], [
	DUCAT_TRY_LIBMD([in the C library])
	AS_IF([test "$ducat_digest" = no], [
		PKG_CHECK_MODULES([LIBMD], [libmd],
		    [DUCAT_TRY_LIBMD([in libmd])], [:])])])
AS_CASE([$with_libmd:$ducat_digest],
    [yes:no], [AC_MSG_ERROR([libmd not found by $PKG_CONFIG:
install libmd's development files (libmd-dev on Debian, libmd-devel on
Fedora), or configure with --without-libmd to have no digests])],
    [*:no], [LIBMD_CFLAGS= LIBMD_LIBS=])
AM_CONDITIONAL([DIGEST_LIBMD], [test "$ducat_digest" != no])
AS_IF([test "$ducat_digest" != no], [ducat_have=1], [ducat_have=0])
AC_DEFINE_UNQUOTED([HAVE_DIGEST], [$ducat_have],
    [1 if there are digests by libmd, else 0.])])

# DUCAT_COMPLETION_DIR(SHELL, DEFAULT)
AC_DEFUN([DUCAT_COMPLETION_DIR], [
AC_ARG_WITH([$1-completion-dir], [AS_HELP_STRING([--with-$1-completion-dir=DIR],
    [install $1's completion there @<:@$2@:>@])],
    [], [with_$1_completion_dir=yes])
AS_CASE([$with_$1_completion_dir],
    [yes], [$1_completion_dir='$2'],
    [no], [$1_completion_dir=],
    [$1_completion_dir=$with_$1_completion_dir])
AC_SUBST([$1_completion_dir])
AM_CONDITIONAL(m4_toupper([$1])[_COMPLETION],
    [test -n "$$1_completion_dir"])])
