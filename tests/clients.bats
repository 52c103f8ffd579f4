# Many clients at once: -k with commands and forwards, and what bounds them.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# served ARG...: "d", which serves clients until it is ended.
served()
{
	listen_ready d -k "$@" </dev/null
}

# to_cat: TARGET is a ducat "t" that runs cat for each; for --forward.
to_cat()
{
	listen_ready t -k 127.0.0.1 0 -- cat </dev/null
	TARGET=$HOST:$PORT
}

# client NAME [SOURCE]: one that is echoed, and done with its session.
client()
{
	printf '%s' "$1" >"$1.there"
	try 0 "$DUCAT" connect -s "${2:-127.0.0.1}" 127.0.0.1 "$PORT" \
	    <"$1.there"
	silent err
	same "$1.there" out
}

# staying NAME: one that is served, and stays until there is a file go.NAME.
staying()
{
	peer_connect "$1" "write-text x; read 1; touch in.$1; wait-file go.$1;
	    shut; expect-eof"
}

stays()
{
	staying "$1"
	retry_until "$BOUND" test -e "in.$1"
}

leaves()
{
	: >"go.$1"
	finish "$1"
	silent "$1"
}

# waiting NAME: one that is not served yet, whatever it says.
waiting()
{
	peer_connect "$1" "write-text x; expect-silence 300; touch waits.$1;
	    read 1; touch in.$1; wait-file go.$1; shut; expect-eof"
	retry_until "$BOUND" test -e "waits.$1"
}

# turned_away NAME: one that is reset.  Nobody is served between its coming
# and its reset, which might otherwise come while it connects.
turned_away()
{
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	peer_connect "$1" "touch stands.$1; expect-reset"
	retry_until "$BOUND" test -e "stands.$1"
	kill -CONT "${PID[d]}"
	finish "$1"
	silent "$1"
}

# present COUNT: so many are served, of those who stay.
present()
{
	local all=(in.*)
	[[ -e ${all[0]} ]] || all=()
	(( ${#all[@]} >= $1 ))
}

sockets()
{
	readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:'
}

sockets_are()
{
	[[ $(sockets "$1") -eq $2 ]]
}

# gone COUNT: no more sessions are left in "d"; a client sees its end before
# ducat is done with it.
gone()
{
	retry_until "$BOUND" sockets_are d "$1"
}

childless()
{
	! pgrep -P "${PID[$1]}" >/dev/null
}

# repeated COUNT TEXT
repeated()
{
	local n
	for (( n = 0; n < $1; n++ )); do
		printf '%s' "$2"
	done
}

# crowd COUNT: so many who are served and stay, without a process for each.
crowd()
{
	local fd n answer
	CROWD=()
	for (( n = 0; n < $1; n++ )); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		CROWD+=("$fd")
		printf x >&"$fd"
	done
	for fd in "${CROWD[@]}"; do
		read -r -t "$BOUND" -N 1 -u "$fd" answer
		equal "$answer" x
	done
}

# crowd_leaves [COUNT]: the first of them, or all.
crowd_leaves()
{
	local fd
	for fd in "${CROWD[@]:0:${1:-${#CROWD[@]}}}"; do
		exec {fd}>&-
	done
	CROWD=("${CROWD[@]:${1:-${#CROWD[@]}}}")
}

# probing: "probe", a client that makes one more round trip, half a second
# after it was asked to; what NAME used until then is to be nothing much.
probing()
{
	peer_connect probe 'write-text x; read 1; touch probes; wait-file ask;
	    delay 600; write-text y; read 1; touch answered; wait-file go.probe;
	    shut; expect-eof'
	retry_until "$BOUND" test -e probes
}

rests()
{
	local before after
	before=$(ticks_of "${PID[$1]}")
	: >ask
	retry_until "$BOUND" test -e answered
	after=$(ticks_of "${PID[$1]}")
	# A second has a hundred, and one that spins takes all it can get.
	(( after - before <= 5 )) || {
		echo "$1: $(( after - before )) ticks for nothing"
		return 1
	}
}

### --max-conns

@test "--max-conns: so many commands run at once, and the next waits" {
	served --max-conns 2 127.0.0.1 0 --sh 'echo begun >>log; exec cat'
	stays a
	stays b
	waiting c
	lines_are log 2
	leaves a
	retry_until "$BOUND" test -e in.c
	lines_are log 3
	leaves c
	leaves b
	silent d
	end_of d
}

@test "--max-conns: so many forwards run at once, and the next waits" {
	to_cat
	served --max-conns 2 --forward "$TARGET" 127.0.0.1 0
	stays a
	stays b
	waiting c
	leaves b
	retry_until "$BOUND" test -e in.c
	leaves a
	leaves c
	silent d
	end_of d
	end_of t
}

@test "--max-conns 1: commands run one after another" {
	local n
	served --max-conns 1 127.0.0.1 0 \
	    --sh 'mkdir alone && cat && rmdir alone'
	for n in 1 2 3 4 5 6 7 8 9; do
		peer_connect "c$n" 'write-text x; shut; read 1; expect-eof'
	done
	for n in 1 2 3 4 5 6 7 8 9; do
		finish "c$n"
		silent "c$n"
	done
	silent d
	end_of d
}

@test "--max-conns: a client that is reset makes way for the next" {
	served --max-conns 1 127.0.0.1 0 --sh 'exec cat 2>/dev/null'
	peer_connect a 'write-text x; read 1; touch in.a; wait-file go.a;
	    reset'
	retry_until "$BOUND" test -e in.a
	waiting b
	: >go.a
	finish a
	retry_until "$BOUND" test -e in.b
	leaves b
	end_of d
}

@test "--max-conns: who waits and leaves takes nothing from the others" {
	served --max-conns 1 127.0.0.1 0 -- cat
	stays a
	peer_connect b 'close; connect-again; close; connect-again; close'
	finish b
	waiting c
	leaves a
	retry_until "$BOUND" test -e in.c
	leaves c
	client d1
	end_of d
}

@test "commands: 128 at once, unless told otherwise" {
	served 127.0.0.1 0 -- cat
	crowd 128
	waiting more
	crowd_leaves 1
	retry_until "$BOUND" test -e in.more
	leaves more
	crowd_leaves
	silent d
	end_of d
}

@test "-k --max-conns 1: standard streams serve one after another" {
	served --max-conns 1 127.0.0.1 0
	peer_connect a 'write-text first\n; wait-file go.a; shut; expect-eof'
	retry_until "$BOUND" size_is d.out 6
	peer_connect b 'write-text second\n; touch in.b; shut; expect-eof'
	peer_connect c 'write-text third\n; touch in.c; shut; expect-eof'
	retry_until "$BOUND" present 2
	contains d.out $'first\n'
	leaves a
	finish b
	finish c
	silent b c
	retry_until "$BOUND" size_is d.out 19
	sort d.out >sorted
	contains sorted $'first\nsecond\nthird\n'
	silent d
	end_of d
}

### --max-accepts

@test "--max-accepts: then it stops listening, and ends with the sessions" {
	served --max-accepts 3 127.0.0.1 0 -- cat
	stays a
	client b
	stays c
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err 'Connection refused'
	leaves a
	alive d
	leaves c
	finish d
	silent d
}

@test "--max-accepts with forwards" {
	to_cat
	served --max-accepts 2 --forward "$TARGET" 127.0.0.1 0
	stays a
	client b
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	alive d
	leaves a
	finish d
	silent d
	end_of t
}

@test "--max-accepts with standard streams" {
	served --max-accepts 2 127.0.0.1 0
	peer_connect a 'write-text a; shut; expect-eof'
	finish a
	peer_connect b 'write-text b; touch in.b; wait-file go.b; shut;
	    expect-eof'
	retry_until "$BOUND" size_is d.out 2
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	leaves b
	finish d
	silent d
	contains d.out ab
}

@test "--max-accepts: who waits beyond it is reset" {
	served --max-accepts 1 127.0.0.1 0 -- cat
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	peer_connect a 'touch stands.a; write-text x; read 1; shut; expect-eof'
	retry_until "$BOUND" test -e stands.a
	peer_connect b 'touch stands.b; expect-reset'
	retry_until "$BOUND" test -e stands.b
	kill -CONT "${PID[d]}"
	finish a
	finish b
	silent a b
	finish d
	silent d
}

@test "--max-accepts goes with --max-conns" {
	served --max-accepts 3 --max-conns 1 127.0.0.1 0 -- cat
	stays a
	waiting b
	leaves a
	retry_until "$BOUND" test -e in.b
	leaves b
	client c
	finish d
	silent d
}

@test "--max-accepts: commands' own statuses are not the run's" {
	served --max-accepts 3 127.0.0.1 0 --sh 'read -r what; eval "$what"'
	peer_connect a 'write-text exit 3\n; shut; expect-eof'
	finish a
	peer_connect b 'write-text kill -KILL $$\n; shut; expect-eof'
	finish b
	peer_connect c 'write-text echo yes\n; shut; read-until yes\n;
	    expect-eof'
	finish c
	finish d
	silent d
}

@test "--max-accepts: the first failed session's status is the run's" {
	to_cat
	served --max-accepts 4 --max-recv 10 --forward "$TARGET" 127.0.0.1 0
	client good
	peer_connect much 'write-text 0123456789x; expect-reset'
	finish much
	retry_until "$BOUND" lines_are d.err 1
	peer_connect bad 'write-text x; read 1; reset'
	finish bad
	retry_until "$BOUND" lines_are d.err 2
	client last
	finish d 63
	has d.err '--max-recv'
	has d.err 'Connection reset by peer'
	end_of t
}

@test "--max-accepts: a client's reset is a failed session of streams, too" {
	served --max-accepts 2 127.0.0.1 0
	peer_connect a 'write-text a; wait-file go.a; reset'
	retry_until "$BOUND" size_is d.out 1
	: >go.a
	finish a
	peer_connect b 'write-text b; shut; expect-eof'
	finish b
	finish d 56
	contains d.out ab
	says d.err 'receive from .*Connection reset by peer'
}

@test "--max-accepts: a target that is not there is a failed session" {
	in_netns
	served --max-accepts 2 --forward 127.0.0.1:4 127.0.0.1 0
	turned_away a
	alive d
	turned_away b
	finish d 7
	lines_are d.err 2
	has d.err 'connect to 127\.0\.0\.1:4: Connection refused'
}

@test "--max-accepts: a command that is not there is a failed session" {
	served --max-accepts 2 127.0.0.1 0 -- ./none
	turned_away a
	alive d
	turned_away b
	finish d 127
	contains d.err "\
ducat: ./none: No such file or directory
ducat: ./none: No such file or directory
"
}

### --max-conns-per-host

# per_host LISTEN-ARG...: two of one address are served, a third is not.
per_host()
{
	local both
	served --max-conns-per-host 2 "$@"
	stays a
	stays b
	turned_away c
	retry_until "$BOUND" test -s d.err
	says d.err '^ducat: 127\.0\.0\.1.*: more than 2 connections'
	# From elsewhere it is fine.
	both=$(sockets d)
	client other 127.0.0.2
	gone "$both"
	leaves a
	gone $(( both - (both - 1) / 2 ))
	client again
	gone $(( both - (both - 1) / 2 ))
	client more
	says d.err '^ducat: 127\.0\.0\.1.*: more than 2 connections'
	leaves b
	end_of d
}

@test "--max-conns-per-host: one more is reset and told; commands" {
	need linux
	per_host 127.0.0.1 0 -- cat
}

@test "--max-conns-per-host: one more is reset and told; forwards" {
	need linux
	to_cat
	per_host --forward "$TARGET" 127.0.0.1 0
	end_of t
}

@test "--max-conns-per-host: a socket of both families" {
	need linux ipv6
	per_host 0 -- cat
}

@test "--max-conns-per-host: runs no command for one more" {
	need linux
	served --max-conns-per-host 1 127.0.0.1 0 \
	    --sh 'echo begun >>log; exec cat'
	stays a
	turned_away b
	turned_away c
	lines_are log 1
	leaves a
	gone 1
	client e
	lines_are log 2
	end_of d
}

@test "--max-conns-per-host: who was turned away is no accepted client" {
	need linux
	served --max-conns-per-host 1 --max-accepts 2 127.0.0.1 0 -- cat
	stays a
	turned_away b
	turned_away c
	leaves a
	gone 1
	client e
	finish d
	lines_are d.err 2
}

@test "--max-conns-per-host: IPv6 addresses count by themselves" {
	need ipv6
	served --max-conns-per-host 1 0 -- cat
	stays a
	peer_connect six 'write-text x; read 1; shut; expect-eof' ::1
	finish six
	silent six d
	leaves a
	end_of d
}

### Slow ones, vanishing ones, silent ones

# loris LISTEN-ARG...: 50 clients at a byte now and then, and one beside.
loris()
{
	local n
	served "$@"
	for (( n = 1; n <= 50; n++ )); do
		peer_connect "c$n" "write-text x; read 1; touch in.c$n;
		    $(repeated 15 'write-text x; delay 100; read 1;')
		    wait-file go; shut; expect-eof"
	done
	retry_until "$BOUND" present 50
	payload there 3000000
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	same there out
	: >go
	for (( n = 1; n <= 50; n++ )); do
		finish "c$n"
		silent "c$n"
	done
	silent d
	end_of d
}

@test "50 slow clients and a fast one: commands" {
	loris 127.0.0.1 0 -- cat
}

@test "50 slow clients and a fast one: commands on pipes" {
	loris --no-zero-copy 127.0.0.1 0 -- cat
}

@test "50 slow clients and a fast one: forwards" {
	to_cat
	loris --forward "$TARGET" 127.0.0.1 0
	end_of t
}

# vanished LISTEN-ARG...: 20 that reset before they are accepted.
vanished()
{
	served "$@"
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	peer_connect gone "$(repeated 19 'reset; connect-again;') reset"
	finish gone
	kill -CONT "${PID[d]}"
	client here
	gone 1
	retry_until "$BOUND" childless d
	# At most that they were there.
	words d.err | grep -v 'Connection reset by peer$' >other || :
	empty other
	alive d
	end_of d
}

@test "clients that vanish before they are accepted: commands" {
	need linux
	vanished 127.0.0.1 0 --sh 'exec cat 2>/dev/null'
}

@test "clients that vanish before they are accepted: commands on pipes" {
	need linux
	vanished --no-zero-copy 127.0.0.1 0 --sh 'exec cat 2>/dev/null'
}

@test "clients that vanish before they are accepted: forwards" {
	need linux
	to_cat
	vanished --forward "$TARGET" 127.0.0.1 0
	end_of t
}

# idle LISTEN-ARG...: 200 silent clients cost nothing.
idle()
{
	served "$@"
	probing
	crowd 200
	rests d
	leaves probe
	crowd_leaves
	gone 1
	silent d
	end_of d
}

@test "200 idle clients use no CPU: commands" {
	need linux
	idle --max-conns 300 127.0.0.1 0 -- cat
}

@test "200 idle clients use no CPU: forwards" {
	need linux
	to_many_cats
	idle --forward "$TARGET" 127.0.0.1 0
	end_of t
}

to_many_cats()
{
	listen_ready t -k --max-conns 300 127.0.0.1 0 -- cat </dev/null
	TARGET=$HOST:$PORT
}

@test "200 idle clients use no CPU: commands on pipes" {
	need linux
	idle --max-conns 300 --no-zero-copy 127.0.0.1 0 -- cat
}

@test "a full house with others waiting uses no CPU" {
	need linux
	served --max-conns 2 127.0.0.1 0 -- cat
	probing
	stays a
	waiting b
	waiting c
	rests d
	leaves probe
	leaves a
	leaves b
	leaves c
	silent d
	end_of d
}

### Descriptors

# few LIMIT LISTEN-ARG...: more clients than there are descriptors for.
few()
{
	local n limit=$1
	shift
	unwatched "so many descriptors and no more"
	WRAP=(bash -c 'ulimit -n "$0" && exec "$@"' "$limit")
	served "$@"
	WRAP=()
	probing
	for (( n = 1; n <= 30; n++ )); do
		staying "c$n"
	done
	retry_until "$BOUND" test -s d.err
	retry_until "$BOUND" present 4
	rests d
	says d.err 'accept: Too many open files'
	for (( n = 1; n <= 30; n++ )); do
		: >"go.c$n"
	done
	# All are served, one after the other.
	for (( n = 1; n <= 30; n++ )); do
		finish "c$n"
		silent "c$n"
	done
	leaves probe
	client late
	words d.err | grep -vx 'ducat: accept: Too many open files' >other || :
	empty other
	end_of d
}

@test "out of descriptors: one line, and the others wait; commands" {
	need linux
	few 24 127.0.0.1 0 -- cat
}

# A session of these takes more than one, and the last may be alone.
@test "out of descriptors: one line, and the others wait; forwards" {
	need linux
	to_cat
	few 24 --forward "$TARGET" 127.0.0.1 0
	end_of t
}

@test "out of descriptors: the same with one more of them" {
	need linux
	to_cat
	few 25 --forward "$TARGET" 127.0.0.1 0
	end_of t
}

@test "out of descriptors: the same with commands on pipes" {
	need linux
	few 24 --no-zero-copy 127.0.0.1 0 -- cat
}

# soft: WRAP with a soft limit of 64; skips where that is the hard one.
soft()
{
	hard=$(ulimit -Hn)
	[[ $hard == unlimited ]] || (( hard >= ${1:-65} )) ||
	    skip "the hard limit of descriptors is $hard"
	WRAP=(bash -c 'ulimit -Sn 64 && exec "$@"' bash)
}

@test "the soft limit of descriptors is raised; a command gets the old one" {
	need linux
	local hard limits
	soft
	served --max-accepts 2 127.0.0.1 0 --sh 'read -r what;
	    ulimit -Sn; ulimit -Hn'
	WRAP=()
	read -r -a limits < <(sed -n 's/^Max open files *//p' \
	    "/proc/${PID[d]}/limits")
	equal "${limits[0]}" "${limits[1]}"
	equal "${limits[1]}" "$hard"
	echo go >line
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <line
	contains out "64"$'\n'"$hard"$'\n'
	# And the next one, too.
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <line
	contains out "64"$'\n'"$hard"$'\n'
	finish d
	silent d
}

@test "more forwards than the soft limit has descriptors" {
	need linux
	local hard
	to_cat
	soft 512
	served --forward "$TARGET" 127.0.0.1 0
	WRAP=()
	crowd 100
	crowd_leaves
	gone 1
	silent d
	end_of d
	end_of t
}

### Children

@test "children leave no zombies" {
	need linux pgrep
	local n
	served 127.0.0.1 0 -- cat
	for (( n = 1; n <= 30; n++ )); do
		staying "c$n"
	done
	retry_until "$BOUND" present 30
	[[ $(pgrep -c -P "${PID[d]}") -eq 30 ]]
	for (( n = 1; n <= 30; n++ )); do
		leaves "c$n"
	done
	retry_until "$BOUND" childless d
	gone 1
	silent d
	end_of d
}

@test "children that end by themselves, at once or all at once, neither" {
	need linux
	local n
	mkfifo gate
	served 127.0.0.1 0 --sh 'read -r what
	    case $what in
	    gate) echo in; read -r what <gate; exit 5 ;;
	    *) exit 3 ;;
	    esac'
	for (( n = 1; n <= 10; n++ )); do
		peer_connect "c$n" "write-text gate\n; read-until in\n;
		    touch in.c$n; expect-eof"
	done
	retry_until "$BOUND" present 10
	peer_connect many "$(repeated 20 'write-text x\n; shut; expect-eof;
	    connect-again;') shut; expect-eof"
	finish many
	silent many
	# All ten see the end of the fifo.
	exec 5<>gate
	exec 5>&-
	retry_until "$BOUND" gate_is_over
	for (( n = 1; n <= 10; n++ )); do
		finish "c$n"
		silent "c$n"
	done
	retry_until "$BOUND" childless d
	silent d
	end_of d
}

# Those that had not opened it yet are let through, too.
gate_is_over()
{
	exec 5<>gate
	exec 5>&-
	childless d
}

@test "a fork that fails costs one client, not the run" {
	need linux ptrace
	local calls=vfork,fork,clone,clone3
	WRAP=(strace -qq -o trace -e trace="?${calls//,/,?}"
	    -e inject="?${calls//,/,?}":error=EAGAIN:when=1)
	listen_addr d -k --max-accepts 3 127.0.0.1 0 -- cat </dev/null
	WRAP=()
	peer_connect a 'expect-reset'
	finish a || has a.err 'Connection reset by peer'
	client b
	client c
	finish d 126
	grep -q INJECTED trace
	says d.err '^ducat: cat: Resource temporarily unavailable'
}

### Usage

@test "2: what wants -k says so" {
	local option
	for option in --max-conns --max-accepts --max-conns-per-host; do
		try 2 "$DUCAT" listen "$option" 2 127.0.0.1 0 -- cat </dev/null
		says err "^ducat: $option: .*--keep-open"
		empty out
	done
}

@test "2: none at all is no number of clients" {
	local option
	for option in --max-conns --max-accepts --max-conns-per-host; do
		try 2 "$DUCAT" listen -k "$option" 0 127.0.0.1 0 -- cat \
		    </dev/null
		says err "^ducat: $option: "
		empty out
	done
}

@test "2: connect has no clients" {
	local option
	for option in --max-conns --max-accepts --max-conns-per-host; do
		try 2 "$DUCAT" connect "$option" 2 127.0.0.1 1 </dev/null
		has err "^ducat: .*$option"
		empty out
	done
}
