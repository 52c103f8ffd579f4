# Screens of tmux, for what is to be seen on a terminal.  Load it after lib; it
# wraps teardown().
#
# shellcheck shell=bash

eval "$(declare -f teardown | sed '1s/teardown/teardown_of_lib/')"

teardown()
{
	[[ -z ${TMUX_SOCKET:-} ]] || screens kill-server 2>/dev/null || :
	teardown_of_lib
}

screens_open()
{
	need tmux
	unset TMUX TMUX_PANE
	TMUX_SOCKET=$BATS_TEST_TMPDIR/tmux
}

screens()
{
	LC_ALL=C.UTF-8 tmux -u -f /dev/null -S "$TMUX_SOCKET" "$@" 3>&- 4>&-
}

# screen NAME ARG...: a terminal on which `ducat ARG...` runs; its status is
# shown when it has ended.
screen()
{
	local name=$1
	shift
	screens new-session -d -s "$name" -x 80 -y 24 \
	    "trap : INT; \"$PEER\" exec -t 60 \"$DUCAT\" $*;
	    echo \"status \$?\"; exec cat"
}

screen_type()
{
	screens send-keys -t "$1" -l "$2"
	screens send-keys -t "$1" Enter
}

screen_press()
{
	screens send-keys -t "$1" "$2"
}

screen_has()
{
	screens capture-pane -p -t "$1" 2>/dev/null | grep -q -- "$2"
}

# see NAME REGEX: it comes to be shown.
see()
{
	retry_until "$BOUND" screen_has "$1" "$2" && return 0
	echo "--- screen $1:"
	screens capture-pane -p -t "$1"
	return 1
}
