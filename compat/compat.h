/*
 * The prototypes of what a platform may lack.  config.h includes this file
 * at its end; the functions themselves are in compat/, one a file, and are
 * built where configure finds neither the C library's nor libbsd's.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <stddef.h>

#ifndef HAVE_CLOSEFROM
void	closefrom(int lowest);
#endif

#ifndef HAVE_REALLOCARRAY
void	*reallocarray(void *, size_t count, size_t size);
#endif

#ifndef HAVE_STRLCAT
size_t	strlcat(char *buf, const char *text, size_t size);
#endif

#ifndef HAVE_STRLCPY
size_t	strlcpy(char *buf, const char *text, size_t size);
#endif

#endif
