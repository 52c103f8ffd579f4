/* Errors of system calls by the names that errno(3) has for them. */
#ifndef BASE_ERRNO_NAME_H
#define BASE_ERRNO_NAME_H

/*
 * "ECONNREFUSED" of ECONNREFUSED; NULL of numbers that are not known here,
 * which are none that ducat's calls are known to fail with.
 */
const char *errno_name(int code);

#endif
