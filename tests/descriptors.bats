# The caller's descriptors and terminal: what they may be, and that they are
# left as found.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# What the flags of shared descriptors are.
flags()
{
	"$PEER" flags "$@"
}

# through_pty SCRIPT COMMAND...: on a terminal; what the terminal showed is in
# the file shown.
through_pty()
{
	local script=$1
	shift
	try 0 "$PEER" pty "save shown; $script" "$@"
}

### Closed at the start

# What a run without standard output is to say when the peer sends something:
# the bytes could not be written.
expected()
{
	case $1 in
	*1*)	echo 23 ;;
	*)	echo 0 ;;
	esac
}

# closed_options LIST: `peer exec` closes these.
closed_options()
{
	local fd

	KEEP=()
	for fd in $1; do
		KEEP+=(-c "$fd")
	done
}

@test "connect works with any of 0, 1 and 2 closed" {
	local closed
	printf hello >there
	for closed in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
		echo "closed: $closed"
		peer_listen p 'save got; read-all'
		closed_options "$closed"
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
		KEEP=()
		silent err
		empty out
		finish p
		silent p
		case $closed in
		*0*)	empty got ;;
		*)	contains got hello ;;
		esac
		rm got
	done
}

@test "connect with any of 0, 1 and 2 closed writes what comes, or 23" {
	local closed want
	printf hello >there
	for closed in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
		echo "closed: $closed"
		want=$(expected "$closed")
		peer_listen p 'save got; read-all; write-text answer'
		closed_options "$closed"
		try "$want" "$DUCAT" connect 127.0.0.1 "$PORT" <there
		KEEP=()
		finish p
		silent p
		case $closed in
		*0*)	empty got ;;
		*)	contains got hello ;;
		esac
		case $closed in
		*1*2*)	empty out
			silent err ;;
		*1*)	empty out
			says err 'standard output' ;;
		*)	contains out answer
			silent err ;;
		esac
		rm got
	done
}

@test "listen with any of 0, 1 and 2 closed writes what comes, or 23" {
	local closed script
	printf hello >back
	for closed in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
		echo "closed: $closed"
		closed_options "$closed"
		listen_ready d --addr-file addr --pid-file pid 127.0.0.1 0 \
		    <back
		KEEP=()
		# These were created while low numbers were free.
		contains addr "127.0.0.1 $PORT"$'\n'
		contains pid "${PID[d]}"$'\n'
		case $closed in
		*0*)	script= ;;
		*)	script='read-until hello;' ;;
		esac
		script+='write-text answer;'
		# Without output the run ends as soon as something comes.
		[[ $closed == *1* ]] || script+='shut;'
		peer_connect p "$script wait-file go"
		finish d "$(expected "$closed")"
		: >go
		finish p
		case $closed in
		*1*2*)	empty d.out
			silent d ;;
		*1*)	empty d.out
			says d.err 'standard output' ;;
		*)	contains d.out answer
			silent d ;;
		esac
		rm -f go
	done
}

@test "messages of a run without standard error hurt nobody" {
	in_netns
	KEEP=(-c 2)
	try 7 "$DUCAT" connect 127.0.0.1 4 </dev/null
	empty out
	silent err
}

@test "messages never reach a socket that took the number 2" {
	KEEP=(-c 2)
	peer_listen p 'rcvbuf 4096; save got; read 1; reset'
	payload sent 5000000
	try 55 "$DUCAT" connect -v 127.0.0.1 "$PORT" <sent
	finish p
	equal "$(<got)" "$(head -c 1 sent)"
}

@test "counters are not printed into standard output when 2 is closed" {
	KEEP=(-c 2)
	listen_ready d 127.0.0.1 0 </dev/null
	peer_connect p 'write-text one; wait-file go; write-text two; shut;
	    expect-eof'
	retry_until "$BOUND" size_is d.out 3
	kill -USR1 "${PID[d]}"
	: >go
	finish p
	finish d
	contains d.out onetwo
}

### Flags that are shared

@test "pipes keep their blocking mode for those who share them" {
	feed_open input
	mkfifo output
	exec 5<>output
	peer_listen p 'write-text ready\n; save got; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <&6 >&5
	local line
	read -r -t "$BOUND" line <&5
	equal "$line" ready
	equal "$(flags 5 6)" $'5:\n6:'
	printf more >&6
	retry_until "$BOUND" size_is got 4
	equal "$(flags 5 6)" $'5:\n6:'
	kill -TERM "${PID[d]}"
	finish d 143
	equal "$(flags 5 6)" $'5:\n6:'
}

@test "files, standard error and /dev/null keep their flags" {
	payload sent 300000
	exec 5<sent 6>got 7>>messages 8<>/dev/null
	peer_listen p 'write 1000; read-all'
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" <&5 >&6 2>&7
	equal "$(flags 5 6 7 8)" $'5:\n6:\n7: append\n8:'
	empty messages
	finish p
	payload want 1000
	same want got
	peer_listen q 'read-all'
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" <&8 >&8 2>&7
	equal "$(flags 8)" '8:'
	finish q
}

@test "sockets keep their blocking mode for those who share them" {
	peer_listen p 'write-text hello; shut; read-all'
	local far=$PORT
	start s "$PEER" serve 127.0.0.1 sh -c '"$@"; echo $? >code;
	    "$PEER" flags 0 1 >flags' sh \
	    "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c 'shut; save got; read-all'
	finish c
	finish s
	silent s
	finish p
	contains got hello
	contains code $'0\n'
	contains flags $'0:\n1:\n'
}

@test "descriptors that came non-blocking work, and stay so" {
	feed_open input
	mkfifo output
	exec 5<>output
	payload want 3000000
	peer_listen p 'save got; read 200000; write 3000000; read-all'
	KEEP=(-n 0 -n 1 -n 2)
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <&6 >&5
	# The output is full before anybody reads it, the input is empty
	# before anybody writes it.
	payload there 200000 2
	# By a description of its own, which is a blocking one.
	cat there >input.fifo
	retry_until "$BOUND" read -r -t 0 -u 5
	head -c 3000000 <output >out
	same want out
	same there got
	equal "$(flags 5 6)" $'5: nonblock\n6: nonblock'
	kill -TERM "${PID[d]}"
	finish d 143
	equal "$(flags 5 6)" $'5: nonblock\n6: nonblock'
}

@test "a non-blocking terminal is left non-blocking, a blocking one not" {
	peer_listen p 'read-all; write-text bye\n'
	through_pty 'write-text \x04; read-until 0:\r\n; read-all' sh -c \
	    '"$0" connect 127.0.0.1 "$1"; "$PEER" flags 0' "$DUCAT" "$PORT"
	finish p
	silent p
}

### What they may be

@test "standard input and output may be one socket" {
	payload back 2000000
	payload there 1000000
	peer_listen p 'save got; read 1000000; write 2000000; read-all'
	local far=$PORT
	start s "$PEER" serve 127.0.0.1 "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c 'write 1000000; save back.got; read 2000000; shut;
	    read-all'
	finish c
	silent c
	finish s
	silent s
	finish p
	silent p
	same back back.got
	same there got
}

@test "half-closes pass through sockets in either order" {
	local far
	peer_listen p 'read-all; write-text late'
	far=$PORT
	start s "$PEER" serve 127.0.0.1 "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c 'write-text q; shut; save got; read-all'
	finish c
	silent c
	finish s
	silent s
	finish p
	contains got late
	peer_listen p2 'write-text early; shut; save got2; read-all'
	far=$PORT
	start s2 "$PEER" serve 127.0.0.1 "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s2.out
	read -r PORT <s2.out
	peer_connect c2 'read-until early; expect-eof; write-text then'
	finish c2
	silent c2
	finish s2
	silent s2
	finish p2
	contains got2 'then'
}

@test "a socket as standard output that is reset is 23" {
	peer_listen p 'write-fail'
	local far=$PORT
	start s "$PEER" serve 127.0.0.1 "$DUCAT" connect --recv-only \
	    127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c 'read 1000; reset'
	finish c
	finish s 23
	says s.err 'standard output'
}

@test "socat may give its sockets to listen" {
	need socat
	payload back 1000000
	cat >between <<-END
	#!/bin/sh
	exec "$PEER" exec -k 9 "$DUCAT" listen --ready-fd 9 127.0.0.1 0 9>ready
	END
	chmod +x between
	start s socat -t 20 FILE:back,ignoreeof!!CREATE:got EXEC:./between
	retry_until "$BOUND" test -s ready
	read -r HOST PORT <ready
	peer_connect p 'save there; read 1000000; write-text thanks; shut;
	    wait-file go'
	finish_or_go
	same back there
	retry_until "$BOUND" size_is got 6
	contains got thanks
}

finish_or_go()
{
	retry_until "$BOUND" size_is there 1000000
	: >go
	finish p
}

@test "output opened for appending gets all behind what was there" {
	payload want 300000
	printf 'head ' >log
	peer_listen p 'write 300000; shut; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >>log
	finish d
	silent d
	finish p
	{ printf 'head '; cat want; } | cmp - log
}

@test "output goes on where the file's offset is, and leaves it at the end" {
	payload want 300000
	peer_listen p 'write 300000; shut; read-all'
	{
		printf 'head '
		"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" \
		    </dev/null 2>err
		printf ' tail'
	} >log
	silent err
	finish p
	{ printf 'head '; cat want; printf ' tail'; } | cmp - log
}

@test "input goes on where the file's offset is" {
	{ printf 'first line\n'; "$PEER" bytes 200000; } >input
	payload want 200000
	peer_listen p 'save got; read-all'
	local line
	{
		read -r line
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT"
	} <input
	equal "$line" 'first line'
	silent err
	finish p
	same want got
}

@test "a file that is not read to the end leaves its offset truthful" {
	need linux
	payload want 3000
	"$PEER" bytes 100000 >input
	peer_listen p 'save got; read 3000; wait-file go'
	{
		try 63 "$DUCAT" connect --max-send 3000 127.0.0.1 "$PORT"
	} <input
	: >go
	finish p
	same want got
}

@test "input and output may be the same file" {
	printf 'question' >both
	peer_listen p 'read-all; write-text answer'
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" <>both >&0 2>err
	silent err
	finish p
	contains both questionanswer
}

@test "output may be /dev/null" {
	peer_listen p 'write 3000000; shut; save got; read-all; count'
	printf hello >there
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <there >/dev/null
	finish d
	silent d
	finish p
	silent p
	contains got hello
}

@test "input may be /dev/zero, and a limit ends it" {
	need linux
	peer_listen p 'save got; read 100000; wait-file go'
	try 63 "$DUCAT" connect --max-send 100000 127.0.0.1 "$PORT" </dev/zero
	: >go
	finish p
	silent p
	head -c 100000 /dev/zero | cmp - got
}

@test "an eventual pipe of one byte at a time is not held back" {
	feed_open input
	local n
	peer_listen p 'save got; read-all'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	for n in 1 2 3 4 5; do
		printf %d "$n" >&6
		retry_until "$BOUND" size_is got "$n"
	done
	feed_close
	finish d
	silent d
	finish p
	contains got 12345
}

### Terminals

@test "control characters of the peer are made visible on a terminal" {
	peer_listen p 'write-text \x1b[31mred\x07\x9b\n'
	through_pty 'read-all' "$DUCAT" connect 127.0.0.1 "$PORT"
	finish p
	has shown red
	if LC_ALL=C grep -q $'[\x1b\x07\x9b]' shown; then
		show_file shown
		return 1
	fi
}

@test "text, tabs, newlines and UTF-8 reach a terminal as they are" {
	peer_listen p 'write-text gr\xc3\xbc\xc3\x9f\tGott\n'
	through_pty 'read-all' env LC_ALL=C.UTF-8 \
	    "$DUCAT" connect 127.0.0.1 "$PORT"
	finish p
	has shown $'gr\xc3\xbc\xc3\x9f[\t ]+Gott'
}

@test "--escape=never gives a terminal what came" {
	peer_listen p 'write-text \x1b[31mred\x07'
	through_pty 'read-all' "$DUCAT" connect --escape=never \
	    127.0.0.1 "$PORT"
	finish p
	contains shown $'\x1b[31mred\x07'
}

@test "--escape=always makes control characters visible in a file too" {
	peer_listen p 'write-text a\x1b[31mred\x07\n; shut; read-all'
	try 0 "$DUCAT" connect --escape=always 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	has out red
	if LC_ALL=C grep -q $'[\x1b\x07]' out; then
		show_file out
		return 1
	fi
}

@test "a file gets control characters as they came" {
	peer_listen p 'write-text \x1b[31mred\x07\x00\n; shut; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	printf '\033[31mred\007\000\n' | cmp - out
}

@test "a terminal's modes are as they were" {
	peer_listen p 'write-text bye'
	through_pty 'read-all' sh -c 'stty -g >before
	    "$0" connect 127.0.0.1 "$1"; stty -g >after' "$DUCAT" "$PORT"
	finish p
	same before after
}

@test "input that waits and is no pipe holds up nobody" {
	need linux python3
	peer_listen p 'write-text data'
	try 0 python3 -IS -c 'import os, sys
os.dup2(os.eventfd(0), 0)
os.execv(sys.argv[1], sys.argv[1:])' "$DUCAT" connect --on-peer-eof=exit \
	    127.0.0.1 "$PORT"
	silent err
	contains out data
	finish p
}

@test "a file of /proc is read like a pipe" {
	need linux
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </proc/version
	silent err
	finish p
	same /proc/version got
}

@test "in the background of a terminal input is not read" {
	peer_listen p 'write-text come\n; wait-file go; write-text bye\n'
	start t "$PEER" pty 'save shown; read-until come; touch came;
	    read-until =0=; read-all' bash -mc '
		"$0" connect 127.0.0.1 "$1" & pid=$!
		wait $pid; echo "=$?="' "$DUCAT" "$PORT"
	retry_until "$BOUND" test -e came
	: >go
	finish t
	finish p
	silent p
}

@test "tmux: a chat between two terminals" {
	need tmux
	local socket=$PWD/tmux
	export TMUX_TMPDIR=$PWD
	tmux -f /dev/null -S "$socket" new-session -d -x 80 -y 24 \
	    "$PEER exec $DUCAT listen --addr-file $PWD/addr 127.0.0.1 0" ||
	    skip "tmux does not start here"
	PID[tmux]=$(tmux -S "$socket" display-message -p '#{pid}')
	retry_until "$BOUND" test -e addr
	read -r HOST PORT <addr
	tmux -S "$socket" split-window -t 0 \
	    "$PEER exec $DUCAT connect 127.0.0.1 $PORT"
	tmux -S "$socket" send-keys -t 0.0 'from above' Enter
	retry_until "$BOUND" pane_has 0.1 'from above'
	tmux -S "$socket" send-keys -t 0.1 'from below' Enter
	retry_until "$BOUND" pane_has 0.0 'from below'
	# One end ends both, and tmux with them.
	tmux -S "$socket" send-keys -t 0.0 C-d
	retry_until "$BOUND" eval '! kill -0 "${PID[tmux]}" 2>/dev/null'
}

pane_has()
{
	tmux -S "$PWD/tmux" capture-pane -p -t "$1" | grep -q "$2"
}
