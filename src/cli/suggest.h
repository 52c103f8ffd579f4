/* Did you mean: the nearest known word, and what nc's users look for. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

#include "cli/option.h"

/*
 * Damerau-Levenshtein distance of two words, as far as it is below limit
 * (else limit).
 */
unsigned suggest_distance(const char *a, const char *b, unsigned limit);

/* The nearest of the commands' names, NULL where none is near. */
const char *suggest_command(const struct command *const *commands,
    const char *word);

/* The nearest of a command's long options, NULL where none is near. */
const char *suggest_option(const struct command *, const char *word);

/*
 * Why a command has not got an option that ducat has: it is for the other
 * side, or not in this version.  NULL: ducat does not have it either.
 */
const char *hint_refusal(const struct command *, const char *name);

/*
 * ducat's way of writing a letter, or a long option, of nc and ncat that
 * ducat does not have, as words for a message, NULL where there is none:
 * for -l with "-p 8080" or a lone operand about, "ducat listen 8080".
 * Written into buf, which is returned.  argv is the whole command line of
 * the command, argv[0] its name.
 */
const char *hint_letter(char letter, int argc, char *const *argv, char *buf,
    size_t size);
const char *hint_name(const char *name, int argc, char *const *argv,
    char *buf, size_t size);

#endif
