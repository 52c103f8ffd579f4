# What the bats files share.  Load it with `load lib`; it defines setup() and
# teardown(), which a file may wrap.
#
# DUCAT and PEER name the two programs (tests/run sets them).  Every process
# is started by `peer exec`, which closes what bats and the test keep open,
# gives it the signals of a login shell, and an alarm: status 142 means that
# it hung.  Nothing here sleeps; conditions are waited for with a bound.
#
# shellcheck shell=bash
# shellcheck disable=SC2034 # HOST, PORT, READY, status are for the tests

bats_require_minimum_version 1.7.0

: "${DUCAT:=$PWD/ducat}" "${PEER:=$PWD/tests/peer}"
export DUCAT PEER

# Read before each test by bats 1.8; only the net below the alarms.
export BATS_TEST_TIMEOUT=120

BOUND=${DUCAT_TEST_BOUND:-30}	# seconds until a condition is given up

setup()
{
	trace_failures
	[[ -x $DUCAT && -x $PEER ]] || {
		echo "DUCAT=$DUCAT and PEER=$PEER are to be programs"
		return 1
	}
	cd "$BATS_TEST_TMPDIR" || return 1
	# tmux takes the user's shell, which can be nologin(8).
	export LC_ALL=C TERM=xterm SHELL=/bin/sh
	local name
	for name in ${!DUCAT_@} ${!LISTEN_@}; do
		[[ $name == DUCAT_TEST_* ]] || unset "$name"
	done
	unset NO_COLOR SSLKEYLOGFILE NOTIFY_SOCKET COLUMNS LINES
	unset {http,https,all,no}_proxy {HTTP,HTTPS,ALL,NO}_PROXY
	[[ -z ${DUCAT_TEST_EVENTS:-} ]] || note_events
	umask 022
	leave_closed_directories
	no_leak_check_under_strace
	declare -gA PID=()
	NAMESPACE=()	# what runs a command in this test's namespace
	WRAP=()		# what runs the ducat of listen_ready
	KEEP=()		# options of `peer exec` for all that is started
	USER_NS=()	# an ordinary user needs a user namespace first
	[[ $EUID -eq 0 ]] || USER_NS=(-r)
}

# bats notes the stack before every command, which costs as much as the tests.
# The line of the test is enough, and the stack where something fails.
trace_failures()
{
	declare -F bats_error_trap bats_capture_stack_trace >/dev/null ||
	    return 0
	set +T
	# What runs after that, to clean up, is not what failed.
	trap 'bats_error_trap; note_failure; trap - DEBUG' ERR
}

# tests/run -e: runs of this test leave their events in files of its name.
note_events()
{
	local file=${BATS_TEST_FILENAME##*/}

	export DUCAT_TEST_NAME=${file%.bats}-$BATS_TEST_NUMBER
}

# Of whom we kill no last event is asked for.
kill()
{
	[[ -z ${DUCAT_TEST_EVENTS:-} || $1 != -KILL ]] ||
	    printf '%s\n' "${@#-}" >>"$DUCAT_TEST_EVENTS/../killed"
	builtin kill "$@"
}

# unwatched WHY: a test that an open file or an exec more would change has
# the program itself.
unwatched()
{
	DUCAT=${DUCAT_TEST_REAL:-$DUCAT}
}

# Where PATH has a directory that we may not search, what is nowhere is
# "Permission denied"; execvp(3).
leave_closed_directories()
{
	local directory directories open=''

	IFS=: read -r -a directories <<<"$PATH"
	for directory in "${directories[@]}"; do
		[[ ! -x $directory ]] || open+=${open:+:}$directory
	done
	PATH=$open
}

# A level of its own, as bats leaves out who calls this.
note_failure()
{
	bats_capture_stack_trace
}

# The sanitizers' leak check traces, too, and then nobody else may.
no_leak_check_under_strace()
{
	local real

	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	[[ ! -d $BATS_FILE_TMPDIR/bin ]] || return 0
	mkdir "$BATS_FILE_TMPDIR/bin"
	real=$(type -P strace) || return 0
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n%s %s "$@"\n' \
	    'ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" exec' \
	    "$real" >"$BATS_FILE_TMPDIR/bin/strace"
	chmod +x "$BATS_FILE_TMPDIR/bin/strace"
}

# The shim of a version manager works longer than most of our scripts do; so
# does python3's site, for which those that are often started have -IS.
no_shim_of_python()
{
	local real bin=$BATS_FILE_TMPDIR/bin

	[[ ! -e $bin/python3 ]] || return 0
	real=$(python3 -c 'import sys; print(sys.executable)') || return 0
	[[ ! -x $real ]] || ln -s "$real" "$bin/python3"
}

# Commands lead process groups of their own; those that could outlive a
# failed test leave their process id in a file *.pid, and do not last.
teardown()
{
	local pid

	for pid in "${PID[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	for pid in "$BATS_TEST_TMPDIR"/*.pid; do
		[[ ! -s $pid ]] || end_group "$(<"$pid")"
	done
	for pid in "${PID[@]}"; do
		wait "$pid" 2>/dev/null
	done
	cd / || :
}

# Nobody else's, should the number have been given again.
end_group()
{
	[[ $(readlink "/proc/$1/cwd") != "$BATS_TEST_TMPDIR" ]] ||
	    kill -KILL -- "-$1" 2>/dev/null || :
}

### Processes

# start NAME COMMAND [ARG]...: in the background, as PID[NAME]; its standard
# output and error go to NAME.out and NAME.err, its input is the caller's.
start()
{
	local name=$1
	shift
	# Nobody is to take the output of an earlier NAME for this one's.
	remove "$name.out" "$name.err"
	# The explicit <&0: bash gives a background job /dev/null otherwise.
	"${NAMESPACE[@]}" "$PEER" exec "${KEEP[@]}" "$@" \
	    <&0 >"$name.out" 2>"$name.err" &
	PID[$name]=$!
}

# The same, and standard output is the caller's.
start_raw()
{
	local name=$1
	shift
	remove "$name.err"
	"${NAMESPACE[@]}" "$PEER" exec "${KEEP[@]}" "$@" <&0 2>"$name.err" &
	PID[$name]=$!
}

# finish NAME [STATUS]: wait for its end, which the alarm bounds.
finish()
{
	local name=$1 want=${2:-0} pid=${PID[$1]}

	status=0
	wait "$pid" || status=$?
	unset "PID[$name]"
	[[ $status -eq $want ]] && return 0
	echo "$name: status $status, not $want"
	[[ $status -ne 142 ]] || echo "(142: it hung, and the alarm ended it)"
	show "$name"
	return 1
}

# end_of NAME: what goes on until the test ends it.
end_of()
{
	kill -TERM "${PID[$1]}"
	finish "$1" 143
}

# try STATUS COMMAND [ARG]...: in the foreground; output and errors go to the
# files out and err.
try()
{
	local want=$1
	shift
	status=0
	"${NAMESPACE[@]}" "$PEER" exec "${KEEP[@]}" "$@" >out 2>err ||
	    status=$?
	[[ $status -eq $want ]] && return 0
	echo "status $status, not $want: $*"
	show_file out
	show_file err
	return 1
}

# remove FILE...: those that are there.
remove()
{
	local file
	for file; do
		[[ ! -e $file && ! -L $file ]] || rm -f "$file"
	done
}

# The child of a process that was started by another program.
child_of()
{
	retry_until "$BOUND" pgrep -P "$1" >/dev/null || return 1
	pgrep -P "$1" | head -n 1
}

alive()
{
	process_state "${PID[$1]}"
	[[ $STATE == [RSDTt] ]]
}

# process_state PID: STATE is a letter, or nothing where it is gone.
process_state()
{
	local stat=''
	STATE=
	if [[ -e /proc/self/stat ]]; then
		{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
		stat=${stat##*) }
	else
		stat=$(ps -o stat= -p "$1") || return 0
	fi
	STATE=${stat:0:1}
}

is_gone()
{
	process_state "$1"
	[[ $STATE != [RSDTt] ]]
}

# has_ended FILE: the command that left its id there is no more.
has_ended()
{
	retry_until "$BOUND" test -s "$1" &&
	    retry_until "$BOUND" is_gone "$(<"$1")"
}

# A process that was stopped has state T.
state_is()
{
	process_state "${PID[$1]}"
	[[ $STATE == "$2" ]]
}

### Both ends

# ready_prepare NAME: descriptor 9 is the writing end of a fresh fifo.
# ready_read: HOST and PORT of the first line; all lines stand in READY; the
# end of the fifo says that the writer has closed it.
ready_prepare()
{
	remove "$1.ready"
	mkfifo "$1.ready"
	# shellcheck disable=SC2094
	# Opened for both first, as neither end alone opens without the other.
	exec 8<>"$1.ready" 9>"$1.ready" 7<"$1.ready" 8>&-
}

ready_read()
{
	local line name=$1

	exec 9>&-
	READY=() HOST='' PORT=''
	local code=0
	while read -r -t "$BOUND" -u 7 line || { code=$?; false; }; do
		READY+=("$line")
	done
	# read's status tells an end (1) from a descriptor still open (>128).
	if (( code > 128 )); then
		echo "$name: the ready descriptor was not closed"
		show "$name"
		return 1
	fi
	exec 7<&-
	if [[ ${#READY[@]} -eq 0 ]]; then
		echo "$name: not ready"
		show "$name"
		return 1
	fi
	read -r HOST PORT <<<"${READY[0]}"
	[[ $PORT =~ ^[0-9]+$ ]] || {
		echo "$name: bad line of readiness: '${READY[0]}'"
		return 1
	}
}

# listen_ready NAME ARG...: start `ducat listen ARG...`, wait until it is
# ready, set HOST and PORT.
listen_ready()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start "$name" "${WRAP[@]}" "$DUCAT" listen --ready-fd 9 "$@"
	ready_read "$name"
}

# The same, and standard output is the caller's.
listen_ready_raw()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start_raw "$name" "${WRAP[@]}" "$DUCAT" listen --ready-fd 9 "$@"
	ready_read "$name"
}

# The same by --addr-file: for wrappers that would keep descriptor 9 open.
listen_addr()
{
	local name=$1
	shift
	remove "$name.addr"
	start "$name" "${WRAP[@]}" "$DUCAT" listen --addr-file "$name.addr" "$@"
	retry_until "$BOUND" test -e "$name.addr" || {
		show "$name"
		return 1
	}
	read -r HOST PORT <"$name.addr"
}

# background_ready: who went on by --background with --addr-file addr and
# --pid-file pid is PID[background]; HOST and PORT are set.
# background_ended: wait for its end, which is nobody's child to wait for.
background_ready()
{
	retry_until "$BOUND" test -s pid
	PID[background]=$(<pid)
	read -r HOST PORT <addr
}

background_ended()
{
	retry_until "$BOUND" is_gone "${PID[background]}" || return 1
	unset 'PID[background]'
}

# peer_listen NAME SCRIPT [HOST [OPTION]...]: a peer that a script drives;
# sets PORT.
peer_listen()
{
	local name=$1 script=$2 host=${3:-127.0.0.1}
	shift $(( $# < 3 ? $# : 3 ))
	start "$name" "$PEER" listen "$@" "$host" "$script"
	retry_until "$BOUND" test -s "$name.out" || {
		show "$name"
		return 1
	}
	read -r PORT <"$name.out"
}

# peer_connect NAME SCRIPT: to the PORT of the listener before.
peer_connect()
{
	start "$1" "$PEER" connect "${3:-127.0.0.1}" "$PORT" "$2"
}

# hold, go_on: the listener "d" serves nobody in between, so that a client's
# connection stands, and its script has said so, before anything befalls it.
hold()
{
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
}

go_on()
{
	retry_until "$BOUND" test -e stands
	rm stands
	kill -CONT "${PID[d]}"
}

# turned_away [SCRIPT]: a client of "d" that is reset, whatever it says.
turned_away()
{
	hold
	peer_connect c "${1:-}; touch stands; expect-reset"
	go_on
	finish c
	silent c
}

# feed_open NAME: a silent pipe, to be used as `<NAME.fifo` by whoever reads
# it; FEED is the writing end.  feed_close ends it.
feed_open()
{
	mkfifo "$1.fifo"
	exec 6<>"$1.fifo"
	FEED=6
}

feed_close()
{
	exec 6>&-
}

### Conditions

# retry_until SECONDS COMMAND [ARG]...
retry_until()
{
	local end=$(( SECONDS + $1 ))
	shift
	until "$@"; do
		if (( SECONDS > end )); then
			echo "did not come true: $*"
			return 1
		fi
		pause_briefly
	done
}

# 20 ms without a process: nobody ever writes to this descriptor.
pause_briefly()
{
	local nothing
	if [[ -z ${QUIET_FD:-} ]]; then
		exec {QUIET_FD}<> <(:)
	fi
	read -r -t 0.02 -u "$QUIET_FD" nothing || :
}

size_is()
{
	[[ -e $1 && ( -s $1 || $2 -eq 0 ) ]] || return 1
	[[ $(stat -c %s "$1" 2>/dev/null || stat -f %z "$1") -eq $2 ]]
}

# How far a process has read a regular file: offset_is NAME FD OFFSET
offset_is()
{
	local name value
	while read -r name value; do
		[[ $name != pos: || $value != "$3" ]] || return 0
	done <"/proc/${PID[$1]}/fdinfo/$2"
	return 1
}

# Clock ticks of CPU time used so far.
ticks_of()
{
	local stat
	read -r stat <"/proc/$1/stat"
	read -r -a stat <<<"${stat##*) }"
	echo $(( stat[11] + stat[12] ))
}

### Assertions

show_file()
{
	[[ -e $1 ]] || return 0
	if [[ -s $1 ]]; then
		echo "--- $1:"
		head -c 1000 "$1" | cat -v
		echo
	else
		echo "--- $1: empty"
	fi
}

show()
{
	show_file "$1.out"
	show_file "$1.err"
}

# silent NAME...: nothing on its standard error.
silent()
{
	local name
	for name; do
		[[ $name == err ]] || name=$name.err
		[[ -e $name && ! -s $name ]] && continue
		echo "not silent: $name"
		show_file "$name"
		return 1
	done
}

# usage_errors: of each line ARGUMENT... | REGEX from standard input.
usage_errors()
{
	local words want

	while IFS='|' read -r words want; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" $words </dev/null
		says err "${want# }"
	done
}

empty()
{
	[[ -e $1 && ! -s $1 ]] && return 0
	echo "not empty: $1"
	show_file "$1"
	return 1
}

# words FILE: it, with errors in glibc's words, which the tests quote; musl
# has others.
words()
{
	sed -e 's/Address in use/Address already in use/' \
	    -e 's/Address not available/Cannot assign requested address/' \
	    -e 's/Host is unreachable/No route to host/' \
	    -e 's/I\/O error/Input\/output error/' \
	    -e 's/Network unreachable/Network is unreachable/' \
	    -e 's/No file descriptors available/Too many open files/' "$1"
}

# whole FILE: all of it as WHOLE, if it is a text (no null byte) and not long.
whole()
{
	WHOLE=
	[[ -f $1 ]] || return 1
	! IFS= read -r -d '' -n 65536 WHOLE <"$1"
}

# What follows looks at a text without a process where that suffices; all
# that does not match so is left to those that know better.

# says FILE REGEX: one line of ducat's, and it matches.
says()
{
	local file=$1 want=$2
	if whole "$file" && [[ $WHOLE == 'ducat: '*$'\n' &&
	    ${WHOLE%$'\n'} != *$'\n'* && ${WHOLE%$'\n'} =~ $want ]]; then
		return 0
	fi
	if [[ $(wc -l <"$file") -eq 1 ]] && grep -q '^ducat: ' "$file" &&
	    words "$file" | grep -E -- "$want" >/dev/null; then
		return 0
	fi
	echo "$file is not one line 'ducat: ...' that matches '$want'"
	show_file "$file"
	return 1
}

# lines_are FILE COUNT
lines_are()
{
	[[ -e $1 && $(wc -l <"$1") -eq $2 ]]
}

# has FILE REGEX: some line matches.
has()
{
	local lines line
	if whole "$1" && (( ${#WHOLE} > 0 && ${#WHOLE} < 4096 )); then
		mapfile -t lines <<<"${WHOLE%$'\n'}"
		for line in "${lines[@]}"; do
			[[ $line =~ $2 ]] && return 0
		done
	fi
	words "$1" | grep -E -- "$2" >/dev/null && return 0
	echo "$1 has no line that matches '$2'"
	show_file "$1"
	return 1
}

# comes FILE TEXT: it comes to be exactly that.
comes()
{
	retry_until "$BOUND" size_is "$1" "$(printf '%s' "$2" | wc -c)" || {
		show_file "$1"
		return 1
	}
	contains "$1" "$2"
}

lacks()
{
	if grep -Eq -- "$2" "$1"; then
		echo "$1 has a line that matches '$2'"
		show_file "$1"
		return 1
	fi
}

equal()
{
	[[ $1 == "$2" ]] && return 0
	printf "'%s'\nis not '%s'\n" "$1" "$2"
	return 1
}

# contains FILE TEXT: exactly that text.
contains()
{
	whole "$1" && [[ $WHOLE == "$2" ]] && return 0
	words "$1" | cmp -s - <(printf '%s' "$2") && return 0
	echo "$1 is not '$2'"
	show_file "$1"
	return 1
}

# same FILE FILE
same()
{
	cmp "$1" "$2" && return 0
	ls -l "$1" "$2"
	return 1
}

### Material

# payload FILE SIZE [SEED]: the same random bytes every time; with seed 1 (the
# default) those that the peer's `write` begins with.
payload()
{
	"$PEER" bytes "$2" "${3:-1}" >"$1"
}

### What the machine has

# need FEATURE...: skip where the machine lacks it.  A program that is missing
# is a failure under DUCAT_TEST_NO_SKIP=1, so that CI cannot pass by skipping.
need()
{
	local feature
	for feature; do
		case $feature in
		linux)
			[[ $OSTYPE == linux* ]] ||
			    skip "this needs Linux's /proc" ;;
		root)
			[[ $EUID -eq 0 ]] || skip "this needs root" ;;
		ipv6)
			[[ ! -e $BATS_FILE_TMPDIR/ipv6 ]] || continue
			rm -f need.out
			"$PEER" listen ::1 'pause' >need.out 2>/dev/null &
			local pid=$!
			retry_until 5 eval 'test -s need.out ||' \
			    "! kill -0 $pid 2>/dev/null" || :
			kill -KILL "$pid" 2>/dev/null || :
			wait "$pid" 2>/dev/null || :
			[[ -s need.out ]] || skip "no IPv6 here"
			: >"$BATS_FILE_TMPDIR/ipv6" ;;
		netns)
			need ip unshare nsenter
			works netns unshare "${USER_NS[@]}" -n true ||
			    skip "no network namespaces here" ;;
		mountns)
			need unshare
			works mountns unshare "${USER_NS[@]}" -m true ||
			    skip "no mount namespaces here" ;;
		pidns)
			need unshare
			works pidns unshare "${USER_NS[@]}" -p -f \
			    --mount-proc true ||
			    skip "no PID namespaces here" ;;
		ptrace)
			need strace
			works ptrace strace -o /dev/null true ||
			    skip "strace may not trace here" ;;
		*)
			command -v "$feature" >/dev/null && {
				[[ $feature != python3 ]] || no_shim_of_python
				continue
			}
			[[ -z ${DUCAT_TEST_NO_SKIP:-} ]] || {
				echo "$feature is not installed"
				return 1
			}
			skip "$feature is not installed" ;;
		esac
	done
}

# works NAME COMMAND...: it did for an earlier test of the file, or does now.
works()
{
	local mark=$BATS_FILE_TMPDIR/$1
	shift
	[[ -e $mark ]] || { "$@" 2>/dev/null && : >"$mark"; }
}

# with_hosts FILE: FILE is /etc/hosts for what WITH_HOSTS runs.
with_hosts()
{
	need mountns
	WITH_HOSTS=(unshare "${USER_NS[@]}" -m sh -c
	    "mount --bind $1 /etc/hosts && exec \"\$@\"" sh)
	"${WITH_HOSTS[@]}" true || skip "no bind mounts here"
}

# in_netns: from here on this test's programs run in a network namespace of
# its own, where the loopback interface is up and every port is free.
# `ns COMMAND...` runs anything else in there.
in_netns()
{
	need netns
	local pid
	unshare "${USER_NS[@]}" -n "$PEER" exec -t 110 \
	    tail -f /dev/null </dev/null >/dev/null 2>&1 &
	pid=$!
	PID[namespace]=$pid
	NAMESPACE=(nsenter -t "$pid" -n)
	[[ $EUID -eq 0 ]] ||
	    NAMESPACE=(nsenter -t "$pid" -U --preserve-credentials -n)
	retry_until "$BOUND" other_netns "$pid" || return 1
	ns ip link set lo up
}

# An ordinary user has no rights there before the groups are mapped, too.
other_netns()
{
	[[ -e /proc/$1/ns/net && ! /proc/$1/ns/net -ef /proc/self/ns/net ]] &&
	    { read -r _ <"/proc/$1/gid_map"; } 2>/dev/null
}

ns()
{
	"${NAMESPACE[@]}" "$PEER" exec "${KEEP[@]}" "$@"
}
