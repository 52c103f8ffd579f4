# Nothing is lost at the end of input: the second promise of the interface,
# line by line.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

@test "connect half-closes at the end of input and waits for a late reply" {
	printf 'question' >there
	payload reply 100000
	peer_listen p 'read-all; touch half-closed; wait-file go; write 100000'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <there
	retry_until "$BOUND" test -e half-closed
	alive d
	empty d.out
	: >go
	finish d
	silent d
	same reply d.out
	finish p
	silent p
}

@test "listen half-closes at the end of input and waits for a late reply" {
	printf 'greeting' >back
	payload reply 100000
	listen_ready d 127.0.0.1 0 <back
	peer_connect p 'read-all; touch half-closed; wait-file go;
	    write 100000'
	retry_until "$BOUND" test -e half-closed
	alive d
	: >go
	finish d
	silent d
	same reply d.out
	finish p
	silent p
}

@test "an empty pipe is an end of input on listen" {
	listen_ready d 127.0.0.1 0 < <(:)
	peer_connect p 'expect-eof; write-text after'
	finish p
	silent p
	finish d
	silent d
	contains d.out after
}

@test "an empty file is an end of input on listen" {
	: >nothing
	listen_ready d 127.0.0.1 0 <nothing
	peer_connect p 'expect-eof; write-text after'
	finish p
	silent p
	finish d
	silent d
	contains d.out after
}

@test "an empty pipe is an end of input on connect" {
	peer_listen p 'expect-eof; write-text after'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" < <(:)
	silent err
	contains out after
	finish p
	silent p
}

@test "an empty file is an end of input on connect" {
	: >nothing
	peer_listen p 'expect-eof; write-text after'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <nothing
	silent err
	contains out after
	finish p
	silent p
}

@test "on connect /dev/null is an end of input" {
	peer_listen p 'expect-eof; write-text after'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	contains out after
	finish p
	silent p
}

@test "on connect a closed standard input is an end of input" {
	peer_listen p 'expect-eof; write-text after'
	KEEP=(-c 0)
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT"
	silent err
	contains out after
	finish p
	silent p
}

# How listen is seen to have nothing to say: it takes what comes, stays open
# meanwhile, and ends after the peer.
no_half_close_first()
{
	peer_connect p 'write-text one; wait-file seen; expect-silence 300;
	    write-text two; shut; expect-eof'
	retry_until "$BOUND" size_is d.out 3
	: >seen
	finish p
	silent p
	finish d
	silent d
	contains d.out onetwo
}

@test "on listen /dev/null means nothing to say" {
	listen_ready d 127.0.0.1 0 </dev/null
	no_half_close_first
}

@test "on listen a /dev/null opened for both ways means nothing to say" {
	listen_ready d 127.0.0.1 0 <>/dev/null
	no_half_close_first
}

@test "on listen a /dev/null opened for writing means nothing to say" {
	listen_ready d 127.0.0.1 0 0>/dev/null
	no_half_close_first
}

@test "on listen a null device of another name means nothing to say" {
	need root linux
	mknod mine c 1 3 || skip "no devices here"
	exec 5<mine || skip "no devices here"
	exec 5<&-
	listen_ready d 127.0.0.1 0 <mine
	no_half_close_first
}

@test "on listen a closed standard input means nothing to say" {
	KEEP=(-c 0)
	listen_ready d 127.0.0.1 0
	no_half_close_first
}

@test "on connect a /dev/null opened for writing is an end of input" {
	peer_listen p 'expect-eof; write-text after'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" 0>/dev/null
	silent err
	contains out after
	finish p
	silent p
}

@test "standard output ends with the peer while input is still silent" {
	feed_open input
	peer_listen p 'write 70000; shut; save got; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo \
	    > >(cat >got.out; : >output-ended)
	retry_until "$BOUND" test -e output-ended
	payload want 70000
	same want got.out
	alive d
	printf 'still heard' >&6
	feed_close
	finish d
	silent d
	finish p
	silent p
	contains got 'still heard'
}

@test "standard output that is a socket is shut down at the peer's end" {
	feed_open input
	peer_listen p 'write-text served; shut; save got; read-all'
	local far=$PORT
	# A peer's connection is standard input and output of ducat.
	start s "$PEER" serve 127.0.0.1 "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c 'save got.c; read-all; write-text late; shut'
	finish c
	silent c
	finish s
	silent s
	finish p
	silent p
	contains got.c served
	contains got late
}

@test "after the peer's half-close a file is drained by connect" {
	payload sent 8388608
	peer_listen p 'shut; save got; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	silent err
	empty out
	finish p
	silent p
	same sent got
}

@test "after the peer's half-close a file is drained by listen" {
	payload sent 8388608
	listen_ready d 127.0.0.1 0 <sent
	peer_connect p 'shut; save got; read-all'
	finish p
	silent p
	finish d
	silent d
	same sent got
}

@test "after the peer's half-close a pipe is drained" {
	payload sent 8388608
	peer_listen p 'shut; save got; read-all'
	# shellcheck disable=SC2002
	cat sent | try 0 "$DUCAT" connect 127.0.0.1 "$PORT"
	silent err
	finish p
	silent p
	same sent got
}

@test "a peer that half-closes and reads late gets all of a file" {
	payload sent 8388608
	peer_listen p 'rcvbuf 8192; shut; wait-file go; save got; read-all'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" eval '! offset_is d 0 0'
	: >go
	finish d
	silent d
	finish p
	silent p
	same sent got
}

@test "all four orders of half-closes deliver both directions" {
	local script
	payload there 1000000
	payload back 1000000
	for script in \
	    'save got; read-all; write 1000000; shut' \
	    'write 1000000; shut; save got; read-all' \
	    'save got; read 1000000; write 1000000; shut; expect-eof' \
	    'shut; save got; read-all'; do
		peer_listen p "$script"
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
		silent err
		finish p
		silent p
		same there got
		if [[ $script == shut* ]]; then
			empty out
		else
			same back out
		fi
		rm got
		listen_ready d 127.0.0.1 0 <there
		peer_connect p "$script"
		finish p
		silent p
		finish d
		silent d
		same there got
		rm got
	done
}

@test "a silent pipe and a peer that resets after its end: 0" {
	feed_open input
	peer_listen p 'write-text all; shut; wait-file go; reset'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 3
	: >go
	finish d
	silent d
	contains d.out all
	finish p
}

@test "a silent pipe, an end and a reset that come in one moment: 0" {
	feed_open input
	peer_listen p 'wait-file go; write-text all; shut; reset'
	start d "$DUCAT" connect -v 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" test -s d.err
	kill -STOP "${PID[d]}"
	: >go
	finish p
	kill -CONT "${PID[d]}"
	finish d
	contains d.out all
}

@test "a silent pipe and a peer that is gone altogether: 0" {
	need linux
	feed_open input
	# The peer's kernel forgets the connection a second after the close;
	# only a probe can tell, as nothing more is sent.
	peer_listen p 'linger2 1; write-text all; close'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	finish p
	finish d
	silent d
	contains d.out all
}

@test "a silent pipe and a client that is gone altogether: 0" {
	need linux
	feed_open input
	listen_ready d 127.0.0.1 0 <input.fifo
	peer_connect p 'linger2 1; write-text all; close'
	finish p
	finish d
	silent d
	contains d.out all
}

@test "a peer that closes while input is silent and later speaks: 55" {
	feed_open input
	peer_listen p 'write-text all; close'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	finish p
	retry_until "$BOUND" size_is d.out 3
	payload more 5000
	cat more >&6
	finish d 55
	says d.err 'send'
	contains d.out all
}

@test "--on-peer-eof=exit ends although input is silent" {
	feed_open input
	peer_listen p 'write 100000; close'
	start d "$DUCAT" connect --on-peer-eof=exit 127.0.0.1 "$PORT" \
	    <input.fifo
	finish d
	silent d
	payload want 100000
	same want d.out
	finish p
	silent p
}

@test "--on-peer-eof=exit delivers what was read" {
	feed_open input
	peer_listen p 'wait-file go; write-text end; shut; save got; read-all'
	start d "$DUCAT" connect --on-peer-eof=exit 127.0.0.1 "$PORT" \
	    <input.fifo
	payload sent 60000
	cat sent >&6
	# Taken from the pipe: in ducat's hands or the peer's.
	retry_until "$BOUND" pipe_is_empty input.fifo
	: >go
	finish d
	silent d
	contains d.out end
	finish p
	silent p
	same sent got
}

# A write of more than the pipe holds blocks, one that fits does not; ask the
# kernel instead how much is unread.
pipe_is_empty()
{
	! read -r -t 0 -u 6
}

@test "--on-peer-eof=exit leaves the rest of a pipe to others" {
	feed_open input
	peer_listen p 'write-text end; shut; read-all'
	start d "$DUCAT" connect --on-peer-eof=exit 127.0.0.1 "$PORT" \
	    <input.fifo
	finish d
	silent d
	finish p
	echo rest >&6
	local line
	read -r -t "$BOUND" line <&6
	equal "$line" rest
}

@test "--on-peer-eof=drain is the default and may be said" {
	payload sent 1000000
	peer_listen p 'shut; save got; read-all'
	try 0 "$DUCAT" connect --on-peer-eof=drain 127.0.0.1 "$PORT" <sent
	silent err
	finish p
	silent p
	same sent got
}

@test "--no-half-close keeps sending open until the peer ends" {
	printf hello >there
	peer_listen p 'read 5; expect-silence 300; write-text answer; shut;
	    expect-eof'
	try 0 "$DUCAT" connect --no-half-close 127.0.0.1 "$PORT" <there
	silent err
	contains out answer
	finish p
	silent p
}

@test "--send-only --no-half-close ends once all is acknowledged" {
	peer_listen p 'read 5; wait-file over; expect-eof'
	printf hello | try 0 "$DUCAT" connect --send-only --no-half-close \
	    127.0.0.1 "$PORT"
	silent err
	: >over
	finish p
	silent p
}

@test "listen --no-half-close keeps sending open until the peer ends" {
	printf hello >back
	listen_ready d --no-half-close 127.0.0.1 0 <back
	peer_connect p 'read 5; expect-silence 300; write-text answer; shut;
	    expect-eof'
	finish p
	silent p
	finish d
	silent d
	contains d.out answer
}

@test "-q 0 leaves once all is delivered" {
	payload sent 1000000
	peer_listen p 'save got; read-all; wait-file go'
	try 0 "$DUCAT" connect -q 0 127.0.0.1 "$PORT" <sent
	silent err
	empty out
	: >go
	finish p
	silent p
	same sent got
}

@test "-q does not hurry a peer that reads late" {
	payload sent 8388608
	peer_listen p 'rcvbuf 8192; delay 1000; save got; read-all'
	try 0 "$DUCAT" connect -q 10ms 127.0.0.1 "$PORT" <sent
	silent err
	finish p
	silent p
	same sent got
}

@test "-q ends a wait for a peer that does not end, with 0" {
	printf hello >there
	peer_listen p 'read-all; write-text answer; wait-file go'
	try 0 "$DUCAT" connect -q 3s 127.0.0.1 "$PORT" <there
	silent err
	contains out answer
	: >go
	finish p
}

@test "listen -q ends a wait for a client that does not end, with 0" {
	printf hello >back
	listen_ready d -q 300ms 127.0.0.1 0 <back
	peer_connect p 'save got; read-all; wait-file go'
	finish d
	silent d
	: >go
	finish p
	contains got hello
}

@test "-q does not count while input is still silent" {
	feed_open input
	peer_listen p 'expect-silence 500; touch quiet; save got; read-all'
	start d "$DUCAT" connect -q 50ms 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" test -e quiet
	alive d
	printf hello >&6
	feed_close
	finish d
	silent d
	finish p
	silent p
	contains got hello
}

@test "--recv-only does not read standard input" {
	printf 'untouched' >input
	peer_listen p 'write-text feed; shut; save got; read-all'
	{
		try 0 "$DUCAT" connect --recv-only 127.0.0.1 "$PORT"
		cat >rest
	} <input
	silent err
	contains out feed
	contains rest untouched
	finish p
	silent p
	empty got
}

@test "--recv-only ends its sending direction after the peer's" {
	peer_listen p 'write-text one; expect-silence 300; write-text two;
	    shut; expect-eof'
	try 0 "$DUCAT" connect --recv-only 127.0.0.1 "$PORT" </dev/null
	silent err
	contains out onetwo
	finish p
	silent p
}

@test "listen --recv-only does not read standard input" {
	printf 'untouched' >input
	{
		listen_ready d --recv-only 127.0.0.1 0
		peer_connect p 'write-text feed; expect-silence 300; shut;
		    expect-eof'
		finish d
		cat >rest
	} <input
	silent d
	contains d.out feed
	contains rest untouched
	finish p
	silent p
}

@test "--send-only drops what comes and leaves standard output alone" {
	need linux	# /dev/full
	payload sent 1000000
	peer_listen p 'write 3000000; save got; read-all; wait-file go'
	start_raw d "$DUCAT" connect --send-only 127.0.0.1 "$PORT" \
	    <sent >/dev/full
	finish d
	silent d
	: >go
	finish p
	silent p
	same sent got
}

@test "--send-only --on-peer-eof=exit ends although input is silent" {
	feed_open input
	peer_listen p 'write-text all; shut; expect-eof'
	start d "$DUCAT" connect --send-only --on-peer-eof=exit \
	    127.0.0.1 "$PORT" <input.fifo
	finish d
	silent d
	empty d.out
	finish p
	silent p
}

@test "--send-only ends once all is acknowledged, not before" {
	payload sent 300000
	peer_listen p 'rcvbuf 4096; wait-file go; save got; read 300000;
	    wait-file stop'
	start d "$DUCAT" connect --send-only 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" eval '! offset_is d 0 0'
	alive d
	: >go
	finish d
	silent d
	empty d.out
	: >stop
	finish p
	same sent got
}

@test "listen --send-only serves a file to a client that says nothing" {
	payload sent 1000000
	listen_ready d --send-only 127.0.0.1 0 <sent
	peer_connect p 'save got; read-all; wait-file go'
	finish d
	silent d
	empty d.out
	: >go
	finish p
	silent p
	same sent got
}

@test "--send-only with a peer that resets is 55" {
	payload sent 8388608
	peer_listen p 'rcvbuf 4096; read 1000; reset'
	try 55 "$DUCAT" connect --send-only 127.0.0.1 "$PORT" <sent
	says err 'Connection reset|Broken pipe'
	finish p
}

@test "the end of a terminal's input is a half-close" {
	peer_listen p 'save got; read-all; write-text answer\n'
	start t "$PEER" pty 'write-text hello\n\x04; read-until answer;
	    read-all' "$DUCAT" connect 127.0.0.1 "$PORT"
	finish t
	finish p
	silent p
	contains got $'hello\n'
}

@test "at a terminal the peer's end ends ducat" {
	peer_listen p 'write-text bye\n'
	start t "$PEER" pty 'read-until bye; read-all' \
	    "$DUCAT" connect 127.0.0.1 "$PORT"
	finish t
	finish p
	silent p
}

@test "at a terminal the client's end ends listen" {
	start t "$PEER" pty 'save got; read-until bye; read-all' \
	    "$DUCAT" listen --addr-file addr 127.0.0.1 0
	retry_until "$BOUND" test -e addr
	read -r HOST PORT <addr
	peer_connect p 'write-text bye\n; shut; expect-eof'
	finish t
	finish p
	silent p
}

@test "a typed line reaches the peer at once" {
	peer_listen p 'read-until hello\n; write-text answer\n'
	start t "$PEER" pty 'write-text hello\n; read-until answer; read-all' \
	    "$DUCAT" connect 127.0.0.1 "$PORT"
	finish t
	finish p
	silent p
}

@test "reading stops where output blocks and goes on with it" {
	feed_open input
	mkfifo output
	exec 5<>output
	peer_listen p 'write 2000000; shut; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >output
	# The pipe is full long before that much came.
	retry_until "$BOUND" read -r -t 0 -u 5
	alive d
	head -c 2000000 <&5 >got
	finish d
	silent d
	finish p
	silent p
	payload want 2000000
	same want got
	exec 5>&-
	feed_close
}

@test "urgent data is data, and what comes behind it, too" {
	local option
	for option in --no-zero-copy --on-peer-eof=drain; do
		peer_listen "p$option" 'write-text abc; write-urgent de;
		    delay 100; write-text fghi; delay 100; shut; read-all'
		try 0 "$DUCAT" connect "$option" 127.0.0.1 "$PORT" </dev/null
		contains out abcdefghi
		silent err
		finish "p$option"
	done
}

@test "a FIFO whose writer left before it was read has an end" {
	mkfifo fifo
	peer_listen p 'save got; read-all'
	printf hello >fifo &
	exec 6<fifo
	wait "$!"
	try 0 "$DUCAT" connect --no-zero-copy 127.0.0.1 "$PORT" <&6
	exec 6<&-
	silent err
	finish p
	contains got hello
}

@test "--no-half-close does not keep a failed run from its end" {
	peer_listen p 'write 5; shut; pause'
	printf 123456 >six
	try 63 "$DUCAT" connect --no-half-close --max-send 3 127.0.0.1 \
	    "$PORT" <six
	says err 'max-send'
	peer_listen q 'write 5; shut; pause'
	try 26 "$DUCAT" connect --no-half-close 127.0.0.1 "$PORT" </
	says err 'standard input'
}

@test "urgent data that came before the client was accepted is kept" {
	listen_ready d 127.0.0.1 0 </dev/null
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	peer_connect p 'write-urgent X; write-urgent Y; write-text tail; shut;
	    touch sent; read-all'
	retry_until "$BOUND" test -e sent
	kill -CONT "${PID[d]}"
	finish d
	finish p
	contains d.out XYtail
	silent d
}
