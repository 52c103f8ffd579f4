/*
 * From options to a plan: what the commands have in common.  Each function
 * checks its group before anything is opened and returns 0, or -1 with the
 * usage error's words.
 */
#ifndef COMMANDS_PLAN_H
#define COMMANDS_PLAN_H

#include "base/endpoint.h"
#include "base/error.h"
#include "commands/groups.h"
#include "session/run.h"

/* The option structs that listen and connect share. */
struct common_options {
	struct address_options	address;
	struct time_options	time;
	struct ending_options	ending;
	struct content_options	content;
	struct seeing_options	seeing;
	struct near_options	near;
};

extern const struct common_options common_defaults;

/* From a command's own options to the plan; 0, or -1 with the words. */
typedef int plan_maker(struct plan *, const void *options,
	    const struct arguments *, struct error *);

/*
 * A command's whole course: parse into the struct at `options`, whose
 * defaults are set, make the plan, and run it.  --help, --version and usage
 * errors are dealt with.  Returns the exit status.
 */
int	plan_execute(const struct command *, int argc, char **argv,
	    void *options, plan_maker *);

int	plan_common(struct plan *, const struct common_options *,
	    struct error *);
int	plan_near(struct plan *, const struct common_options *,
	    const struct arguments *, struct error *);
int	plan_endpoint(struct plan *, struct endpoint *, enum endpoint_side,
	    const struct arguments *, const struct address_options *,
	    struct error *);

/* From where to connect, and by which family and interface. */
int	plan_source(struct dial_plan *, const struct address_options *,
	    const struct source_options *, struct error *);

void	plan_ready(struct plan *, const struct ready_options *);

/* Refuses a command, where there can be none. */
int	plan_no_tail(const struct arguments *, struct error *);

/* The address family that -4 and -6 ask for. */
int	plan_family(const struct address_options *);

#endif
