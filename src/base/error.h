/*
 * Errors as values.  A layer that may not print hands its reason upwards
 * in one of these; whoever decides about the exit status prints it once.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* The text is complete, "connect to [::1]:80: Connection refused". */
struct error {
	int	 code;			/* errno, or 0 where there is none */
	char	 text[640];
};

/*
 * Set the text and append ": " and strerror(code).  What comes from users
 * or peers must have gone through printable() first.
 */
void	error_set(struct error *, int code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* The same without an errno. */
void	error_setx(struct error *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
