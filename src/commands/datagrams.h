/* What udp-send and udp-recv have in common: options, and their plan. */
#ifndef COMMANDS_DATAGRAMS_H
#define COMMANDS_DATAGRAMS_H

#include "commands/plan.h"

struct datagram_options {
	int	 frame;		/* 0: not given, or read */
	int	 size;		/* bytes; 0: what the path takes */
	int	 count;		/* 0: no limit */
};

extern const struct option_group datagram_group;

/* The choices of --frame. */
extern const char *const datagram_frames[];

/* How records lie in streams, and how long they are at most. */
void	plan_frames(struct datagram_rules *, const struct datagram_options *,
	    size_t most_sent, size_t most_received);

/*
 * Who has a session, and until when, where datagrams are received: one peer
 * after another in our standard streams, or all with one of their own.
 * rules.replies is known.  max_conns: 0: not given.  0, or -1 with the usage
 * error's words.
 */
int	plan_table(struct plan *, const struct datagram_options *,
	    int max_conns, struct error *);

/* --reply[=N|all]: how many answers are waited for.  The same. */
int	plan_answers(struct datagram_rules *, const char *, struct error *);

/* 0, or -1 with the usage error's words. */
int	plan_datagrams(struct plan *, const struct datagram_options *,
	    const struct common_options *, struct error *);

/*
 * The same: is there a size where records are made, and only there, and is
 * nothing rewritten within a frame?
 */
int	plan_cut(const struct plan *, const struct datagram_options *,
	    bool sends, struct error *);

/* The same: does no option concern what goes the other way, as nothing does? */
int	plan_one_way(const struct plan *, bool sends, struct error *);

#endif
