/*
 * The completion of bash: a fixed text, and two functions made from the
 * tables, which say what options a command has and what their values are.
 * It works better with the bash-completion package and also without it.
 */

#include "config.h"

#include <stddef.h>

#include "cli/complete.h"

static void	print_commands(FILE *, const struct command *const *);
static void	print_options(FILE *, const struct command *);
static void	print_kinds(FILE *, const struct command *);
static void	print_kind(FILE *, const struct command *,
		    const struct option *);
static void	print_operands(FILE *, const struct command *const *);

static const char head[] =
"# Completion of ducat for bash, made from its option tables by\n"
"# completions/generate: do not edit.\n"
"\n";

/* What completes a value, named as in `kind`. */
static const char *const kinds[] = {
	[OPTION_FLAG] = NULL,
	[OPTION_COUNT] = NULL,
	[OPTION_TEXT] = "none",
	[OPTION_FILE] = "file",
	[OPTION_INTERFACE] = "interface",
	[OPTION_HOST] = "host",
	[OPTION_DURATION] = "none",
	[OPTION_SIZE] = "none",
	[OPTION_NUMBER] = "none",
	[OPTION_CHOICE] = "choice",
	[OPTION_ACCEPTED] = NULL
};

static const char *const operand_kinds[][2] = {
	[OPERAND_HOST_PORT] = { "host", "service" },
	[OPERAND_PORT] = { "service", "service" },
	[OPERAND_PATH] = { "socket", "none" }
};

/* A cluster's last letter is what may take a value. */
static const char values[] =
"# Set kind to what completes the value of option $2 of command $1;\n"
"# fails for an option without a value.\n"
"_ducat_kind()\n"
"{\n"
"	local option=$2\n"
"\n"
"	[[ $option == -[!-]* ]] && option=-${option: -1}\n"
"	case \"$1 $option\" in\n";

static const char tail[] =
"_ducat_words()\n"
"{\n"
"	mapfile -t COMPREPLY < <(compgen \"$@\")\n"
"}\n"
"\n"
"_ducat_hosts()\n"
"{\n"
"	if declare -F _known_hosts_real >/dev/null; then\n"
"		_known_hosts_real -- \"$1\"\n"
"	else\n"
"		_ducat_words -A hostname -- \"$1\"\n"
"	fi\n"
"}\n"
"\n"
"_ducat_interfaces()\n"
"{\n"
"	local cur=$1\n"
"\n"
"	if declare -F _available_interfaces >/dev/null; then\n"
"		_available_interfaces\n"
"	else\n"
"		_ducat_words -W \"$(ls /sys/class/net 2>/dev/null)\" \\\n"
"			-- \"$1\"\n"
"	fi\n"
"}\n"
"\n"
"_ducat_files()\n"
"{\n"
"	compopt -o filenames 2>/dev/null\n"
"	_ducat_words -f -- \"$1\"\n"
"}\n"
"\n"
"# Paths, and the names of the abstract namespace.\n"
"_ducat_sockets()\n"
"{\n"
"	local names\n"
"\n"
"	names=$(sed -n 's/.* @/@/p' /proc/net/unix 2>/dev/null)\n"
"	[[ $1 != @* ]] || _ducat_words -W \"$names\" -- \"$1\"\n"
"	[[ $1 == @* ]] || _ducat_files \"$1\"\n"
"}\n"
"\n"
"# Complete the prefix $2 as a value of the kind $1.\n"
"_ducat_value()\n"
"{\n"
"	case $1 in\n"
"	file) _ducat_files \"$2\" ;;\n"
"	host) _ducat_hosts \"$2\" ;;\n"
"	interface) _ducat_interfaces \"$2\" ;;\n"
"	service) _ducat_words -A service -- \"$2\" ;;\n"
"	socket) _ducat_sockets \"$2\" ;;\n"
"	choice*) _ducat_words -W \"${1#choice }\" -- \"$2\" ;;\n"
"	esac\n"
"}\n"
"\n"
"# Set cur, prev, words and cword, with \":\" and \"=\" as parts of words.\n"
"_ducat_split()\n"
"{\n"
"	local i\n"
"\n"
"	if declare -F _get_comp_words_by_ref >/dev/null; then\n"
"		_get_comp_words_by_ref -n := cur prev words cword\n"
"		return\n"
"	fi\n"
"	words=()\n"
"	for ((i = 0; i <= COMP_CWORD; i++)); do\n"
"		if [[ i -gt 1 && (${COMP_WORDS[i]} == [:=] ||\n"
"			${COMP_WORDS[i - 1]} == [:=]) ]]; then\n"
"			words[${#words[@]} - 1]+=${COMP_WORDS[i]}\n"
"		else\n"
"			words+=(\"${COMP_WORDS[i]}\")\n"
"		fi\n"
"	done\n"
"	cword=$((${#words[@]} - 1))\n"
"	cur=${words[cword]}\n"
"	prev=${words[cword - 1]}\n"
"}\n"
"\n"
"# Print how many operands stand before the cursor; fails behind \"--\".\n"
"_ducat_operands()\n"
"{\n"
"	local i kind count=0\n"
"\n"
"	for ((i = 2; i < cword; i++)); do\n"
"		case ${words[i]} in\n"
"		--) return 1 ;;\n"
"		--*=*) ;;\n"
"		-?*)\n"
"			_ducat_kind \"${words[1]}\" \"${words[i]}\" &&\n"
"				((i++))\n"
"			;;\n"
"		*) ((count++)) ;;\n"
"		esac\n"
"	done\n"
"	echo \"$count\"\n"
"}\n"
"\n"
"# What readline replaces begins behind the last \":\" of the word.\n"
"_ducat_cut_colons()\n"
"{\n"
"	local i before=${1%\"${1##*:}\"}\n"
"\n"
"	[[ $COMP_WORDBREAKS == *:* ]] || return 0\n"
"	for i in \"${!COMPREPLY[@]}\"; do\n"
"		COMPREPLY[i]=${COMPREPLY[i]#\"$before\"}\n"
"	done\n"
"}\n"
"\n"
"_ducat()\n"
"{\n"
"	local cur prev words cword kind operands\n"
"\n"
"	COMPREPLY=()\n"
"	_ducat_split\n"
"	if [[ cword -eq 1 ]]; then\n"
"		_ducat_words -W \"$_ducat_commands help --help --version\" \\\n"
"			-- \"$cur\"\n"
"	elif [[ ${words[1]} == help ]]; then\n"
"		[[ cword -gt 2 ]] ||\n"
"			_ducat_words -W \"$_ducat_commands\" -- \"$cur\"\n"
"	elif ! operands=$(_ducat_operands); then\n"
"		return 0\n"
"	elif [[ $cur == --*=* ]]; then\n"
"		_ducat_kind \"${words[1]}\" \"${cur%%=*}\" &&\n"
"			_ducat_value \"$kind\" \"${cur#*=}\"\n"
"		_ducat_cut_colons \"${cur#*=}\"\n"
"	elif [[ $prev == -* ]] &&\n"
"		_ducat_kind \"${words[1]}\" \"$prev\"; then\n"
"		_ducat_value \"$kind\" \"$cur\"\n"
"		_ducat_cut_colons \"$cur\"\n"
"	elif [[ $cur == -* ]]; then\n"
"		_ducat_words -W \"$(_ducat_options \"${words[1]}\")\" \\\n"
"			-- \"$cur\"\n"
"	else\n"
"		kind=$(_ducat_operand \"${words[1]} $operands\")\n"
"		_ducat_value \"$kind\" \"$cur\"\n"
"		_ducat_cut_colons \"$cur\"\n"
"	fi\n"
"	return 0\n"
"}\n"
"\n"
"complete -F _ducat ducat\n";

void
complete_bash(FILE *stream, const struct command *const *commands)
{
	fputs(head, stream);
	print_commands(stream, commands);
	fputs("_ducat_options()\n{\n\tcase $1 in\n", stream);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_options(stream, commands[i]);
	fputs("\tesac\n}\n\n", stream);
	fputs(values, stream);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_kinds(stream, commands[i]);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", stream);
	print_operands(stream, commands);
	fputs(tail, stream);
}

static void
print_commands(FILE *stream, const struct command *const *commands)
{
	fputs("_ducat_commands='", stream);
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(stream, "%s%s", i == 0 ? "" : " ", commands[i]->name);
	fputs("'\n\n", stream);
}

static void
print_options(FILE *stream, const struct command *command)
{
	const struct option_use	*use;

	fprintf(stream, "\t%s)\n\t\techo '\n", command->name);
	for (use = command->uses; use->group != NULL; use++) {
		for (size_t i = 0; i < use->group->count; i++) {
			if (use->group->rows[i].letter != 0)
				fprintf(stream, "\t\t-%c\n",
				    use->group->rows[i].letter);
			fprintf(stream, "\t\t--%s\n",
			    use->group->rows[i].name);
		}
	}
	fputs("\t\t-h\n\t\t--help\n\t\t--version'\n\t\t;;\n", stream);
}

static void
print_kinds(FILE *stream, const struct command *command)
{
	const struct option_use	*use;

	for (use = command->uses; use->group != NULL; use++)
		for (size_t i = 0; i < use->group->count; i++)
			print_kind(stream, command, &use->group->rows[i]);
}

/*
 * A value that is optional is one only behind the "=" of the word at the
 * cursor: elsewhere its option is one without a value.
 */
static void
print_kind(FILE *stream, const struct command *command,
    const struct option *option)
{
	if (option->argument == NULL)
		return;
	fputc('\t', stream);
	if (option->letter != 0 && option->implied == NULL)
		fprintf(stream, "'%s -%c' | ", command->name, option->letter);
	fprintf(stream, "'%s --%s') ", command->name, option->name);
	if (option->implied != NULL)
		fprintf(stream, "[[ $cur == --%s=* ]] &&\n\t\t",
		    option->name);
	fprintf(stream, "kind='%s", kinds[option->type]);
	for (size_t i = 0; option->choices != NULL &&
	    option->choices[i] != NULL; i++)
		fprintf(stream, " %s", option->choices[i]);
	fputs("' ;;\n", stream);
}

static void
print_operands(FILE *stream, const struct command *const *commands)
{
	fputs("# Print what completes an operand: COMMAND, and how many "
	    "stand before it.\n"
	    "_ducat_operand()\n{\n\tcase $1 in\n", stream);
	for (; *commands != NULL; commands++)
		for (int i = 0; i < 2; i++)
			fprintf(stream, "\t'%s %d') echo %s ;;\n",
			    (*commands)->name, i,
			    operand_kinds[(*commands)->operands][i]);
	fputs("\tesac\n}\n\n", stream);
}
