# The tree itself: the layers of the source, the completions in the real
# shells, and the man pages against the option tables.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

TREE=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

# Each may include itself and those before it.
LAYERS=(base net pump filters report steps session cli commands)

### The source

# layers_check TREE: prints every include that the order forbids.
layers_check()
{
	local file folder line name allowed
	for file in "$1"/src/*/*.[ch]; do
		folder=${file%/*}
		folder=${folder##*/}
		allowed=' '
		for name in "${LAYERS[@]}"; do
			allowed+="$name "
			[[ $name != "$folder" ]] || break
		done
		[[ $name == "$folder" ]] || {
			echo "${file#"$1"/}: $folder is no layer"
			continue
		}
		while IFS= read -r line; do
			name=${line#*\"}
			name=${name%%\"*}
			[[ $name != config.h && $name != compat/* ]] || continue
			[[ $name == */* && $allowed == *" ${name%%/*} "* ]] ||
			    echo "${file#"$1"/} includes $name"
		done < <(grep -E '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
		    "$file")
	done
}

@test "a folder of src includes only itself and those above it" {
	layers_check "$TREE" >found
	empty found
	[[ $(cat "$TREE"/src/*/*.[ch] | grep -c '^#include "') -gt 100 ]]
}

@test "the check of the layers finds what it is to find" {
	mkdir -p fake/src/base fake/src/net fake/src/cli fake/src/more
	printf '#include "config.h"\n#include "base/b.h"\n' >fake/src/base/a.c
	printf '#include "net/b.h"\n' >fake/src/base/b.c
	printf '  #  include "base/b.h"\n#include "cli/x.h"\n' >fake/src/net/a.h
	printf '#include "x.h"\n#include "session/x.h"\n' >fake/src/cli/a.c
	printf '#include "commands/x.h" /* no */\n' >fake/src/cli/b.c
	: >fake/src/more/a.c
	layers_check fake | sort >found
	sort >want <<-'END'
	src/base/b.c includes net/b.h
	src/net/a.h includes cli/x.h
	src/cli/a.c includes x.h
	src/cli/b.c includes commands/x.h
	src/more/a.c: more is no layer
	END
	same want found
}

@test "only main.c ends the process" {
	local word='(^|[^_[:alnum:]])(exit|quick_exit|abort|v?errx?) *\('
	grep -nE "$word" "$TREE"/src/*/*.[ch] |
	    grep -vE '(exit|abort|err)\(3\)' >found || :
	empty found
	grep -qE "$word" "$TREE/src/main.c"
}

# Preprocessor conditionals between a "{" and a "}" that stand alone at the
# beginning of a line: within a function.
conditionals_check()
{
	awk '/^\{/ { within = 1 } /^\}/ { within = 0 }
	    within && /^[ \t]*#[ \t]*(if|elif|else)/ {
		print FILENAME ":" FNR ": " $0 }' "$@"
}

@test "no function has an #ifdef" {
	conditionals_check "$TREE"/src/main.c "$TREE"/src/*/*.[ch] >found
	empty found
	printf 'int\nf(void)\n{\n#ifdef X\n\treturn 1;\n#endif\n}\n' >bad.c
	equal "$(conditionals_check bad.c)" 'bad.c:4: #ifdef X'
}

@test "config.h comes first" {
	local file first
	for file in "$TREE"/src/main.c "$TREE"/src/*/*.c; do
		first=$(grep -m 1 '^#include' "$file")
		equal "$file: $first" "$file: #include \"config.h\""
	done
}

@test "every source file stands in the makefile" {
	local file
	for file in "$TREE"/src/main.c "$TREE"/src/*/*.[ch]; do
		grep -qF "${file#"$TREE"/}" "$TREE/src/local.mk" || {
			echo "${file#"$TREE"/} is not in src/local.mk"
			return 1
		}
	done
}

@test "every bats file and man page stands in the makefiles" {
	local file
	for file in "$TREE"/tests/*.bats "$TREE"/man/*.[1-8]; do
		grep -qF "${file#"$TREE"/}" "$TREE"/*/local.mk || {
			echo "${file#"$TREE"/} is in no local.mk"
			return 1
		}
	done
}

### The completions

# lack REASON: skip, or fail where nothing may be skipped.
lack()
{
	[[ -n ${DUCAT_TEST_NO_SKIP:-} ]] || skip "$1"
	echo "$1"
	return 1
}

generated()
{
	[[ -n ${DUCAT_TEST_GENERATE:-} && -x $DUCAT_TEST_GENERATE ]] ||
	    lack "the generator of the completions was not built"
}

committed_is_generated()
{
	generated
	"$DUCAT_TEST_GENERATE" "$1" >generated
	same generated "$TREE/completions/$2"
}

@test "the completion of bash is the one that is generated" {
	committed_is_generated bash ducat.bash
}

@test "the completion of zsh is the one that is generated" {
	committed_is_generated zsh _ducat
}

@test "the completion of fish is the one that is generated" {
	committed_is_generated fish ducat.fish
}

# options_of COMMAND: "-w, --timeout D" and the like, as the help has them.
options_of()
{
	"$DUCAT" help "$1" | sed -nE \
	    's/^ {2,6}((-[^ -], )?--[a-z0-9-]+(\[=[A-Z]+\]| [A-Z][][A-Z|:]*)?)( .*)?$/\1/p'
}

long_options_of()
{
	options_of "$1" | grep -oE -- '--[a-z0-9-]+'
}

# offers_all COMMAND: what is in `offered` has all its options and no more.
offers_all()
{
	long_options_of "$1" | sort >want
	[[ $(wc -l <want) -gt 15 ]]
	grep -oE -- '--[a-z0-9-]+' offered | sort -u >got
	same want got || {
		diff want got
		return 1
	}
}

# bash_complete WORD...: what bash offers for the last one.
bash_complete()
{
	bash --norc -c '
		[[ -z ${BASH_COMPLETION:-} ]] || . "$BASH_COMPLETION"
		. "$1" || exit
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(( $# - 1 )) COMP_LINE="$*"
		COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
		_ducat ducat "${!#}" "${@: -2:1}"
		printf "%s\n" "${COMPREPLY[@]}"' \
	    bash "$TREE/completions/ducat.bash" "$@" 2>complaints |
	    sed 's/ *$//'
	grep -v 'compopt: not currently executing' complaints || :
}

bash_offers()
{
	local command
	for command in listen connect; do
		bash_complete ducat "$command" -- >offered
		offers_all "$command"
		bash_complete ducat "$command" -v 127.0.0.1 -- >offered
		offers_all "$command"
	done
	equal "$(bash_complete ducat l)" listen
	equal "$(bash_complete ducat conn)" connect
	equal "$(bash_complete ducat help l)" listen
	equal "$(bash_complete ducat listen --ready)" --ready-fd
	equal "$(bash_complete ducat listen --escape al)" always
	equal "$(bash_complete ducat connect --on-peer-eof '' | sort |
	    xargs)" 'drain exit'
	mkdir files
	: >files/address
	equal "$(bash_complete ducat listen --addr-file files/a)" \
	    files/address
	equal "$(bash_complete ducat listen 80 -- --)" ''
}

@test "bash offers every option" {
	need bash
	bash_offers
}

@test "bash offers every option beside bash-completion" {
	need bash
	export BASH_COMPLETION=/usr/share/bash-completion/bash_completion
	[[ -e $BASH_COMPLETION ]] || lack "bash-completion is not installed"
	bash_offers
}

# An interactive shell on a terminal: what was typed, with a TAB in it, is
# what the function `ducat` got.
TYPED='write-text ducat lis\t--ready\t7 --esc\tal\t 0\n; wait-file got;
    write-text exit\n; read-all'

typed()
{
	retry_until "$BOUND" test -s got
	finish t
	tr '\n=' '  ' <got >words
	contains words 'listen --ready-fd 7 --escape always 0 '
}

@test "bash completes what is typed" {
	need bash
	cat >rc <<-END
	. "$TREE/completions/ducat.bash"
	ducat() { printf '%s\\n' "\$@" >got.new; mv got.new got; }
	PS1='ready> '
	END
	HISTFILE='' INPUTRC=/dev/null TERM=dumb start t "$PEER" pty \
	    "read-until ready>; $TYPED" bash --rcfile rc --noprofile -i
	typed
}

zsh_rc()
{
	cat >.zshrc <<-END
	fpath=("$TREE/completions" \$fpath)
	autoload -U compinit && compinit -u -D
	ducat() { print -rl -- "\$@" >got.new; mv got.new got; }
	unsetopt beep
	LISTMAX=1000
	stty rows 200 cols 160
	PS1='ready> ' RPS1= PROMPT_EOL_MARK=
	END
}

@test "zsh completes what is typed" {
	need zsh
	zsh_rc
	ZDOTDIR=$PWD HISTFILE='' TERM=dumb start t "$PEER" pty \
	    "read-until ready>; $TYPED" zsh -d -i
	typed
}

@test "zsh offers every option" {
	need zsh
	zsh_rc
	local command
	for command in listen connect; do
		ZDOTDIR=$PWD HISTFILE='' TERM=dumb start t "$PEER" pty \
		    "read-until ready>; save offered;
		    write-text ducat $command --\t; read-until --version;
		    write-text \x15exit\n; read-all" zsh -d -i
		finish t
		offers_all "$command"
	done
}

fish_complete()
{
	HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD \
	    XDG_CACHE_HOME=$PWD fish --no-config -c '
		source $argv[1]
		complete -C $argv[2]' "$TREE/completions/ducat.fish" "$1" |
	    cut -f 1
}

@test "fish offers every option" {
	need fish
	local command
	for command in listen connect; do
		fish_complete "ducat $command --" >offered
		offers_all "$command"
	done
	equal "$(fish_complete 'ducat l')" listen
	equal "$(fish_complete 'ducat help conn')" connect
	equal "$(fish_complete 'ducat listen --escape al')" always
	equal "$(fish_complete 'ducat connect --on-peer-eof ' | sort | xargs)" \
	    'drain exit'
}

@test "the shells find no fault with the completions" {
	bash -n "$TREE/completions/ducat.bash"
	need zsh fish
	zsh -fn "$TREE/completions/_ducat"
	HOME=$PWD fish --no-config --no-execute "$TREE/completions/ducat.fish"
}

### The man pages

# The options of a page: `.It Fl w , Fl -timeout Ar D` is "-w, --timeout D",
# and `Ns Op = Ns Ar N` is "[=N]".
options_of_page()
{
	sed -nE '/^\.It Fl /{
		s/^\.It //
		s/ , /, /g
		s/Fl ([^ ,]+)/-\1/g
		s/ Ns Op ([=:]) Ns Ar ([A-Z]+)/[\1\2]/g
		s/ Ns| Ar//g
		p
	}' "$TREE/man/$1"
}

same_options()
{
	[[ -s in.help ]]
	sort in.help >want
	options_of_page "$1" | sort >got
	diff want got || {
		echo "(< the help, > $1)"
		return 1
	}
}

@test "ducat-listen(1) has the options of ducat help listen" {
	options_of listen >in.help
	same_options ducat-listen.1
}

@test "ducat-connect(1) has the options of ducat help connect" {
	options_of connect >in.help
	same_options ducat-connect.1
}

@test "ducat(1) has the options of ducat help" {
	"$DUCAT" help | sed -nE \
	    's/^ {2,6}((-[^ -], )?--[a-z-]+)( .*|$)/\1/p' >in.help
	same_options ducat.1
}

@test "every command has a man page, and every page its command" {
	local command
	"$DUCAT" help | sed -nE \
	    '/^Subcommands:/,/^$/s/^  ([a-z-]+)( .*)?$/\1/p' |
	    grep -vx help | sort >commands
	[[ -s commands ]]
	while read -r command; do
		[[ -e $TREE/man/ducat-$command.1 ]]
		grep -q "^\.It Cm $command$" "$TREE/man/ducat.1"
	done <commands
	for command in "$TREE"/man/ducat-*.1; do
		command=${command##*/ducat-}
		grep -qx "${command%.1}" commands
	done
}

@test "every exit status of the page is told in the README" {
	sed -nE '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It ([0-9]+)$/\1/p' \
	    "$TREE/man/ducat.1" >in.page
	[[ $(wc -l <in.page) -gt 10 ]]
	sed -nE 's/^    ([0-9]+)  +[a-z].*/\1/p' "$TREE/README" >in.readme
	same in.page in.readme
}

@test "every page that is referred to exists" {
	local page
	while read -r page; do
		[[ -e $TREE/man/$page ]] || {
			echo "no $page"
			return 1
		}
	done < <(sed -nE 's/^\.Xr (ducat[a-z-]*) ([1-8]).*/\1.\2/p' \
	    "$TREE"/man/*.[1-8] | sort -u)
}

@test "mandoc finds no fault with the man pages" {
	need mandoc
	local page
	for page in "$TREE"/man/*.[1-8]; do
		mandoc -T lint -W warning "$page" >out
		empty out
		mandoc -T utf8 "$page" >text
		[[ $(wc -l <text) -gt 50 ]]
	done
}

@test "groff finds no fault with the man pages" {
	need groff
	local page
	for page in "$TREE"/man/*.[1-8]; do
		groff -mandoc -ww -z -T utf8 "$page" >out 2>&1
		empty out
	done
}
