/*
 * What the files of the benchmark's helper share; see the head of cost.c.
 */

#ifndef COST_H
#define COST_H

#include <netinet/in.h>

#include <stdint.h>

/* The monotonic clock. */
int64_t	now_ns(void);

/* A number of the command line, from 1 to max; ends us where it is none. */
int	number(const char *text, int max);

/* We live for so many seconds at most, and do not outlive our parent. */
void	limit_life(const char *seconds);

/* Append a line to the file of that name. */
void	append(const char *name, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));

/* A socket of that type, and the address here that the port text names. */
int	loopback_socket(const char *text, int type,
	    struct sockaddr_in *address);

/* Subcommands of datagrams: arguments as told in cost.c, exit statuses. */
int	feed(char **argv);
int	blast(char **argv);
int	tally(char **argv);
int	take(char **argv);

#endif
