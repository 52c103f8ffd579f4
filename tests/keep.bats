# listen -k: one client after another on one standard input and output.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# How many descriptors a process has.
descriptors()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	echo "${#all[@]}"
}

descriptors_are()
{
	[[ $(descriptors "$1") -eq $2 ]]
}

# settled NAME: sets before, when no session's descriptors are left.
settled()
{
	retry_until "$BOUND" no_session "$1"
	before=$(descriptors "$1")
}

# One socket is the listener.
no_session()
{
	[[ $(readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:') -eq 1 ]]
}

# A client that says TEXT, and is done with its session.
client()
{
	peer_connect "c$1" "write-text $1; shut; expect-eof"
	finish "c$1"
	silent "c$1"
}

@test "-k serves one client after another" {
	listen_ready d -k 127.0.0.1 0 </dev/null
	client one
	client two
	client three
	retry_until "$BOUND" size_is d.out 11
	contains d.out onetwothree
	silent d
	end_of d
}

@test "--keep-open is the long name of -k" {
	listen_ready d --keep-open 127.0.0.1 0 </dev/null
	client one
	client two
	retry_until "$BOUND" size_is d.out 6
	contains d.out onetwo
	silent d
	end_of d
}

@test "clients that wait in the backlog are all served" {
	local n
	listen_ready d -k 127.0.0.1 0 </dev/null
	# The first holds the place while the others line up.
	peer_connect first 'write-text first\n; wait-file go; shut; expect-eof'
	retry_until "$BOUND" size_is d.out 6
	for n in 1 2 3 4 5 6 7 8 9; do
		peer_connect "c$n" "write-text client$n\n; shut;
		    touch waits$n; expect-eof"
	done
	for n in 1 2 3 4 5 6 7 8 9; do
		retry_until "$BOUND" test -e "waits$n"
	done
	contains d.out $'first\n'
	: >go
	finish first
	for n in 1 2 3 4 5 6 7 8 9; do
		finish "c$n"
		silent "c$n"
	done
	retry_until "$BOUND" size_is d.out 78
	{ echo first; printf 'client%d\n' 1 2 3 4 5 6 7 8 9; } >want
	sort d.out | cmp - <(sort want)
	silent d
	end_of d
}

@test "clients' streams do not mix" {
	listen_ready d -k 127.0.0.1 0 </dev/null
	payload want 300000
	cat want want want >all
	peer_connect a 'write 300000; shut; expect-eof'
	peer_connect b 'write 300000; shut; expect-eof'
	peer_connect c 'write 300000; shut; expect-eof'
	finish a
	finish b
	finish c
	retry_until "$BOUND" size_is d.out 900000
	same all d.out
	silent d
	end_of d
}

@test "the end of standard input half-closes the first session only" {
	printf hello >input
	listen_ready d -k 127.0.0.1 0 <input
	peer_connect one 'read 5; expect-eof; write-text one'
	finish one
	silent one
	# From here on it is as under /dev/null.
	peer_connect two 'write-text two; expect-silence 300; shut; expect-eof'
	finish two
	silent two
	peer_connect three 'write-text three; expect-silence 300; shut;
	    expect-eof'
	finish three
	silent three
	retry_until "$BOUND" size_is d.out 11
	contains d.out onetwothree
	silent d
	end_of d
}

@test "the peer's end leaves unread input to the next client" {
	feed_open input
	listen_ready d -k 127.0.0.1 0 <input.fifo
	printf 'for one\n' >&6
	peer_connect one 'read-until for one\n; shut; expect-eof'
	finish one
	silent one
	printf 'for two\n' >&6
	peer_connect two 'read-until for two\n; shut; expect-eof'
	finish two
	silent two
	silent d
	end_of d
}

@test "a regular file is drained to the first client, end or no end" {
	payload sent 8388608
	listen_ready d -k 127.0.0.1 0 <sent
	peer_connect one 'shut; save got; read-all'
	finish one
	silent one
	same sent got
	client two
	retry_until "$BOUND" size_is d.out 3
	silent d
	end_of d
}

@test "a client's end ends its session, not the run, though input is open" {
	feed_open input
	listen_ready d -k 127.0.0.1 0 <input.fifo
	client one
	client two
	retry_until "$BOUND" size_is d.out 6
	alive d
	silent d
	end_of d
}

@test "standard output stays open between clients" {
	mkfifo output
	exec 5<>output
	listen_ready_raw d -k 127.0.0.1 0 </dev/null >output
	exec 7<output 5>&-
	local text
	client one
	read -r -t "$BOUND" -N 3 -u 7 text
	equal "$text" one
	client two
	read -r -t "$BOUND" -N 3 -u 7 text
	equal "$text" two
	silent d
	end_of d
	# And ends with the run.
	status=0
	read -r -t "$BOUND" -u 7 text || status=$?
	equal "$status" 1
}

@test "a client that resets is told, and the next one is served" {
	listen_ready d -k 127.0.0.1 0 </dev/null
	peer_connect bad 'write-text bad; wait-file go; reset'
	retry_until "$BOUND" size_is d.out 3
	: >go
	finish bad
	retry_until "$BOUND" test -s d.err
	says d.err '127\.0\.0\.1.*Connection reset by peer'
	client good
	retry_until "$BOUND" size_is d.out 7
	contains d.out badgood
	says d.err 'Connection reset by peer'
	end_of d
}

@test "what a dead client's session had read is told, not passed on" {
	feed_open input
	listen_ready d -k 127.0.0.1 0 <input.fifo
	peer_connect bad 'rcvbuf 4096; read 1000; touch stands; wait-file go;
	    reset'
	payload much 40000
	cat much >&6
	retry_until "$BOUND" test -e stands
	: >go
	finish bad
	retry_until "$BOUND" test -s d.err
	says d.err 'Connection reset by peer|Broken pipe'
	printf fresh >&6
	peer_connect good 'save got; read-until fresh; shut; expect-eof'
	finish good
	silent good
	end_of d
}

@test "the first failed session's status is the run's at the deadline" {
	listen_ready d -k --deadline 3 127.0.0.1 0 </dev/null
	peer_connect bad 'write-text bad; wait-file go; reset'
	retry_until "$BOUND" size_is d.out 3
	: >go
	finish bad
	client good
	finish d 56
	contains d.out badgood
	has d.err 'Connection reset by peer'
}

@test "28: the deadline of a run without failed sessions" {
	listen_ready d -k --deadline 2 127.0.0.1 0 </dev/null
	client good
	finish d 28
	contains d.out good
	says d.err '--deadline'
}

@test "-w counts until the first client only" {
	listen_ready d -k -w 2 127.0.0.1 0 </dev/null
	client one
	read -r -t 2.5 <> <(:) || :
	client two
	retry_until "$BOUND" size_is d.out 6
	contains d.out onetwo
	silent d
	end_of d
}

@test "28: -w when no client came" {
	try 28 "$DUCAT" listen -k -w 200ms 127.0.0.1 0 </dev/null
	says err '--timeout'
	empty out
}

@test "--idle-timeout ends a session, not the run" {
	listen_ready d -k --idle-timeout 300ms 127.0.0.1 0 </dev/null
	peer_connect idle 'write-text idle; wait-file go'
	retry_until "$BOUND" test -s d.err
	says d.err '--idle-timeout'
	client next
	retry_until "$BOUND" size_is d.out 8
	contains d.out idlenext
	: >go
	says d.err '--idle-timeout'
	end_of d
}

@test "23 ends the run" {
	need linux
	listen_ready_raw d -k 127.0.0.1 0 </dev/null >/dev/full
	peer_connect c 'write 1000; shut; expect-eof'
	finish d 23
	says d.err 'standard output.*No space left on device'
}

@test "23: the reader went away, and that ends the run" {
	mkfifo output
	exec 5<>output
	listen_ready_raw d -k 127.0.0.1 0 </dev/null >output
	exec 5>&-
	peer_connect c 'write 1000; wait-file go'
	finish d 23
	says d.err 'standard output.*Broken pipe'
	: >go
}

@test "26 ends the run" {
	listen_ready d -k 127.0.0.1 0 <.
	peer_connect c 'wait-file go'
	finish d 26
	says d.err 'standard input.*Is a directory'
	: >go
}

@test "300 clients leave no descriptor behind" {
	need linux
	local script='' n before
	listen_ready d -k 127.0.0.1 0 </dev/null
	# The first client may have left a pipe in ducat's stock.
	client 0
	retry_until "$BOUND" size_is d.out 1
	settled d
	for (( n = 0; n < 300; n++ )); do
		script+='write-text x; shut; expect-eof; connect-again;'
	done
	peer_connect many "$script"
	finish many
	silent many
	retry_until "$BOUND" size_is d.out 301
	retry_until "$BOUND" descriptors_are d "$before"
	silent d
	end_of d
}

@test "300 clients leave no descriptor behind without zero copy" {
	need linux
	local script='' n before
	listen_ready d -k --no-zero-copy 127.0.0.1 0 </dev/null
	# The first client may have left a pipe in ducat's stock.
	client 0
	retry_until "$BOUND" size_is d.out 1
	settled d
	for (( n = 0; n < 300; n++ )); do
		script+='write-text x; shut; expect-eof; connect-again;'
	done
	peer_connect many "$script"
	finish many
	silent many
	retry_until "$BOUND" size_is d.out 301
	retry_until "$BOUND" descriptors_are d "$before"
	silent d
	end_of d
}

@test "clients that reset leave no descriptor behind" {
	need linux
	local script='' n before
	listen_ready d -k 127.0.0.1 0 </dev/null
	client 0
	retry_until "$BOUND" size_is d.out 1
	settled d
	for (( n = 0; n < 50; n++ )); do
		script+='reset; connect-again;'
	done
	peer_connect many "$script; write-text end; shut; expect-eof"
	finish many
	silent many
	retry_until "$BOUND" size_is d.out 4
	retry_until "$BOUND" descriptors_are d "$before"
	end_of d
}

@test "clients that come and go leave nothing and take nothing" {
	local script='' n
	listen_ready d -k 127.0.0.1 0 </dev/null
	for (( n = 0; n < 50; n++ )); do
		script+='close; connect-again;'
	done
	peer_connect many "$script; write-text end; shut; expect-eof"
	finish many
	silent many
	retry_until "$BOUND" size_is d.out 3
	contains d.out end
	silent d
	end_of d
}

@test "SIGTERM in the middle of a session ends the run" {
	start d "$PEER" fate fate "$PEER" exec "$DUCAT" listen -k \
	    --addr-file addr 127.0.0.1 0 </dev/null
	retry_until "$BOUND" test -e addr
	read -r HOST PORT <addr
	client one
	peer_connect two 'write-text two; wait-file go'
	retry_until "$BOUND" size_is d.out 6
	retry_until "$BOUND" test -s fate.pid
	kill -TERM "$(<fate.pid)"
	finish d 143
	contains fate $'signal 15\n'
	contains d.out onetwo
	[[ ! -e addr ]]
	: >go
}

@test "listening sockets of both families share the clients" {
	need ipv6
	listen_ready d -k 0 </dev/null
	client four
	peer_connect six 'write-text six; shut; expect-eof' ::1
	finish six
	silent six
	retry_until "$BOUND" size_is d.out 7
	contains d.out foursix
	silent d
	end_of d
}

@test "--max-recv is of each session" {
	listen_ready d -k --max-recv 10 127.0.0.1 0 </dev/null
	peer_connect one 'write-text 0123456789; shut; expect-eof'
	finish one
	peer_connect two 'write-text 0123456789; shut; expect-eof'
	finish two
	retry_until "$BOUND" size_is d.out 20
	silent d
	peer_connect three 'write-text 0123456789x; shut; wait-file go'
	retry_until "$BOUND" test -s d.err
	says d.err '--max-recv'
	: >go
	end_of d
}

@test "-k --send-only: a client that left makes way for the next" {
	mkfifo silent
	exec 5<>silent
	listen_ready d -v -k --send-only 127.0.0.1 0 <silent
	peer_connect p 'close'
	finish p
	retry_until "$BOUND" grep -q '^ducat: closed' d.err
	printf answer >&5
	peer_connect q 'save got; read 6'
	finish q
	contains got answer
	exec 5>&-
}

@test "what --max-send leaves unread is the next client's" {
	listen_ready d -k --max-send 3 127.0.0.1 0 < <(printf 123456789)
	peer_connect one 'save one.got; read 3; expect-reset'
	finish one
	retry_until "$BOUND" test -s d.err
	peer_connect two 'save two.got; read 3; expect-reset'
	finish two
	peer_connect three 'save three.got; read-all'
	finish three
	contains one.got 123
	contains two.got 456
	contains three.got 789
	end_of d
}
