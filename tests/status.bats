# Every exit status, each provoked for real, and how signals end a run.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# One client's session with the listener "d", to see that it still serves.
serves()
{
	peer_connect served 'write-text served; shut; expect-eof'
	finish served
	silent served
}

# fate_open: WRAP makes a listener leave how it ended in the file fate, and
# its process id in fate.pid.
fate_open()
{
	WRAP=("$PEER" fate fate)
}

fate_pid()
{
	retry_until "$BOUND" test -s fate.pid
	PID[fated]=$(<fate.pid)
}

### 2

@test "2: no operands" {
	try 2 "$DUCAT" listen </dev/null
	has err '^ducat: '
	empty out
	try 2 "$DUCAT" connect </dev/null
	has err '^ducat: '
	empty out
}

@test "2: an unknown option is named" {
	try 2 "$DUCAT" connect --no-such-thing 127.0.0.1 1 </dev/null
	has err '^ducat: .*--no-such-thing'
	empty out
}

@test "2: a duration of nothing is no time limit" {
	local option
	for option in -w --timeout --idle-timeout --deadline; do
		try 2 "$DUCAT" connect "$option" 0 127.0.0.1 1 </dev/null
		has err "^ducat: .*$option|^ducat: .*--timeout"
		empty out
	done
}

@test "2: --send-only and --recv-only exclude each other" {
	try 2 "$DUCAT" connect --send-only --recv-only 127.0.0.1 1 </dev/null
	has err '^ducat: .*--(send|recv)-only'
	empty out
}

@test "2: -4 and -6 exclude each other" {
	try 2 "$DUCAT" connect -4 -6 127.0.0.1 1 </dev/null
	has err '^ducat: '
	empty out
}

### 6

@test "6: connect to a name that does not resolve" {
	in_netns
	try 6 "$DUCAT" connect nowhere.invalid 80 </dev/null
	says err 'nowhere\.invalid'
	empty out
}

@test "6: listen on a name that does not resolve" {
	in_netns
	try 6 "$DUCAT" listen nowhere.invalid 0 </dev/null
	says err 'nowhere\.invalid'
	empty out
}

@test "28: -w on connect, a name server that does not answer" {
	need nft mountns
	printf 'nameserver 192.0.2.53\noptions timeout:30\n' >resolv
	unshare "${USER_NS[@]}" -m mount --bind resolv /etc/resolv.conf ||
	    skip "no bind mounts here"
	in_netns
	# A way there, on which every datagram is lost.
	ns ip addr add 192.0.2.1/24 dev lo
	ns nft -f - <<-END || skip "nft cannot drop here"
	table inet t { chain c {
		type filter hook input priority 0
		udp dport 53 drop
	}
	}
	END
	try 28 unshare "${USER_NS[@]}" -m sh -c \
	    'mount --bind resolv /etc/resolv.conf && exec "$@"' sh \
	    "$DUCAT" connect -w 300ms slow.example 80 </dev/null
	says err '--timeout'
	empty out
}

### 7

@test "7: refused" {
	in_netns
	try 7 "$DUCAT" connect 127.0.0.1 4 </dev/null
	contains err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
	empty out
}

@test "7: refused over IPv6" {
	need ipv6
	in_netns
	try 7 "$DUCAT" connect ::1 4 </dev/null
	contains err $'ducat: connect to [::1]:4: Connection refused\n'
	empty out
}

@test "7: unreachable by the routing table" {
	in_netns
	ns ip route add unreachable 192.0.2.0/24
	try 7 "$DUCAT" connect 192.0.2.1 443 </dev/null
	contains err $'ducat: connect to 192.0.2.1:443: No route to host\n'
	empty out
}

@test "7: no network at all" {
	in_netns
	try 7 "$DUCAT" connect 192.0.2.1 443 </dev/null
	contains err \
	    $'ducat: connect to 192.0.2.1:443: Network is unreachable\n'
	empty out
}

@test "45: a source address that is not ours" {
	in_netns
	listen_ready d 127.0.0.1 0 </dev/null
	try 45 "$DUCAT" connect -s 192.0.2.1 127.0.0.1 "$PORT" </dev/null
	says err '192\.0\.2\.1.*Cannot assign requested address'
	empty out
}

@test "7: refused sends nothing, and standard input is left unread" {
	in_netns
	printf 'untouched\n' >input
	{
		try 7 "$DUCAT" connect 127.0.0.1 4
		cat >rest
	} <input
	contains rest $'untouched\n'
}

### 23

@test "23: standard output is a full device" {
	need linux
	peer_listen p 'write 1000; shut; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >/dev/full
	finish d 23
	says d.err 'standard output.*No space left on device'
}

@test "23: listen with a full device as standard output" {
	need linux
	listen_ready_raw d 127.0.0.1 0 </dev/null >/dev/full
	peer_connect p 'write 1000; shut; expect-eof'
	finish d 23
	says d.err 'standard output.*No space left on device'
}

@test "23: a file system becomes full" {
	need mountns
	mkdir small
	payload want 1000000
	unshare "${USER_NS[@]}" -m mount -t tmpfs -o size=64k none small ||
	    skip "no tmpfs here"
	peer_listen p 'write 1000000; shut; read-all'
	try 23 unshare "${USER_NS[@]}" -m sh -c '
	    mount -t tmpfs -o size=64k none small &&
	    "$@" >small/out; code=$?; stat -c %s small/out >size; exit $code' \
	    sh "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err 'No space left on device'
	# What fitted was written.
	[[ $(<size) -ge 61440 ]]
}

@test "23: a file may not grow further" {
	need linux
	peer_listen p 'write 1000000; shut; read-all'
	start_raw d sh -c 'ulimit -f 8; exec "$@"' sh \
	    "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >limited
	finish d 23
	says d.err 'File too large'
}

@test "23: the reader goes away while the peer is silent" {
	feed_open input
	mkfifo output
	exec 5<>output
	peer_listen p 'write-text hello\n; wait-file go'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo >output
	local line
	read -r -t "$BOUND" line <&5
	equal "$line" hello
	exec 5>&-
	finish d 23
	says d.err 'standard output.*Broken pipe'
	: >go
}

@test "23: listen tells that its reader went away before any client" {
	mkfifo output
	exec 5<>output
	listen_ready_raw d 127.0.0.1 0 </dev/null >output
	exec 5>&-
	peer_connect p 'write 1000; wait-file go'
	finish d 23
	says d.err 'standard output.*Broken pipe'
	: >go
}

@test "23: the reader goes away in the middle of a stream" {
	peer_listen p 'write-fail'
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null 2>err | head -c 1000 >got || :
	"$PEER" bytes 1000 | cmp - got
	says err 'standard output.*Broken pipe'
	peer_listen q 'write-fail'
	set -o pipefail
	status=0
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null 2>err | head -c 1000 >got || status=$?
	equal "$status" 23
}

@test "0: the reader goes away when the peer has ended and all is written" {
	feed_open input
	peer_listen p 'write 1000; shut; save got; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo \
	    > >(cat >out; : >ended)
	retry_until "$BOUND" test -e ended
	size_is out 1000
	printf more >&6
	feed_close
	finish d
	silent d
	finish p
	contains got more
}

### 26

@test "26: standard input is a directory" {
	peer_listen p 'read-all'
	try 26 "$DUCAT" connect 127.0.0.1 "$PORT" <.
	says err 'standard input.*Is a directory'
	empty out
}

@test "26: standard input cannot be read" {
	need linux
	peer_listen p 'read-all'
	try 26 "$DUCAT" connect 127.0.0.1 "$PORT" </proc/self/mem
	says err 'standard input.*Input/output error'
	empty out
}

@test "26: standard input cannot be read, and the peer waits for more" {
	need linux
	peer_listen p 'write-text hello; wait-file go'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" </proc/self/mem
	finish d 26
	says d.err 'standard input.*Input/output error'
	: >go
}

@test "26: listen with a standard input that cannot be read" {
	need linux
	listen_ready d 127.0.0.1 0 </proc/self/mem
	peer_connect p 'expect-silence 0'
	finish d 26
	says d.err 'standard input.*Input/output error'
}

@test "26: standard input is open for writing only" {
	peer_listen p 'read-all'
	: >file
	try 26 "$DUCAT" connect 127.0.0.1 "$PORT" 0>file
	says err 'standard input.*Bad file descriptor'
	empty out
}

### 28

@test "28: -w on connect, the peer's backlog is full" {
	need linux
	peer_listen full 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch stands; pause'
	retry_until "$BOUND" test -e stands
	try 28 "$DUCAT" connect -w 300ms 127.0.0.1 "$PORT" </dev/null
	says err '--timeout'
	empty out
}

@test "28: -w on connect, a black hole" {
	need nft
	in_netns
	ns nft -f - <<-END || skip "nft cannot drop here"
	table inet t { chain c {
		type filter hook input priority 0
		tcp dport 4 drop
	}
	}
	END
	try 28 "$DUCAT" connect -w 300ms 127.0.0.1 4 </dev/null
	says err '--timeout'
	empty out
}

@test "28: -w on listen, no client came" {
	try 28 "$DUCAT" listen -w 200ms 127.0.0.1 0 </dev/null
	says err '--timeout'
	empty out
}

@test "-w on connect is over once the connection stands" {
	peer_listen p 'delay 1500; write-text late; shut; read-all'
	try 0 "$DUCAT" connect -w 1 127.0.0.1 "$PORT" </dev/null
	silent err
	contains out late
	finish p
}

@test "-w on listen is over once a client came" {
	listen_ready d -w 2 127.0.0.1 0 </dev/null
	peer_connect p 'delay 2500; write-text late; shut; expect-eof'
	finish p
	finish d
	silent d
	contains d.out late
}

@test "28: --idle-timeout, nothing moves" {
	feed_open input
	peer_listen p 'write-text hello; wait-file go'
	start d "$DUCAT" connect --idle-timeout 400ms 127.0.0.1 "$PORT" \
	    <input.fifo
	finish d 28
	says d.err '--idle-timeout'
	contains d.out hello
	: >go
}

@test "28: listen --idle-timeout, nothing moves" {
	listen_ready d --idle-timeout 400ms 127.0.0.1 0 </dev/null
	peer_connect p 'write-text hello; wait-file go'
	finish d 28
	says d.err '--idle-timeout'
	contains d.out hello
	: >go
}

@test "--idle-timeout does not count before a client came" {
	listen_ready d --idle-timeout 1 127.0.0.1 0 </dev/null
	read -r -t 1.5 <> <(:) || :
	peer_connect p 'write-text hello; shut; expect-eof'
	finish p
	finish d
	silent d
	contains d.out hello
}

@test "--idle-timeout begins anew with every byte received" {
	feed_open input
	peer_listen p 'write-text a; delay 900; write-text b; delay 900;
	    write-text c; delay 900; write-text d; delay 900; write-text e;
	    shut; read-all'
	start d "$DUCAT" connect --idle-timeout 3 127.0.0.1 "$PORT" \
	    </dev/null
	finish d
	silent d
	contains d.out abcde
	finish p
}

@test "28: --idle-timeout, the peer reads nothing" {
	peer_listen p 'rcvbuf 4096; wait-file go'
	payload sent 8388608
	try 28 "$DUCAT" connect --idle-timeout 500ms 127.0.0.1 "$PORT" <sent
	says err '--idle-timeout'
	: >go
}

@test "28: --deadline in the middle of a session" {
	feed_open input
	peer_listen p 'write-text hello; wait-file go'
	start d "$DUCAT" connect --deadline 1 127.0.0.1 "$PORT" <input.fifo
	finish d 28
	says d.err '--deadline'
	contains d.out hello
	: >go
}

@test "28: --deadline on listen, no client came" {
	try 28 "$DUCAT" listen --deadline 200ms 127.0.0.1 0 </dev/null
	says err '--deadline'
	empty out
}

@test "28: --deadline while connecting" {
	need linux
	peer_listen full 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch stands; pause'
	retry_until "$BOUND" test -e stands
	try 28 "$DUCAT" connect --deadline 300ms 127.0.0.1 "$PORT" </dev/null
	says err '--deadline'
	empty out
}

### 45

@test "45: the port is in use" {
	peer_listen p 'pause'
	try 45 "$DUCAT" listen 127.0.0.1 "$PORT" </dev/null
	says err "listen on 127\.0\.0\.1:$PORT: Address already in use"
	empty out
}

@test "45: another ducat listens there" {
	listen_ready d 127.0.0.1 0 </dev/null
	try 45 "$DUCAT" listen 127.0.0.1 "$PORT" </dev/null
	says err "127\.0\.0\.1:$PORT: Address already in use"
	empty out
	serves
	finish d
	silent d
}

@test "45: the address is not ours" {
	in_netns
	try 45 "$DUCAT" listen 192.0.2.1 8080 </dev/null
	says err '192\.0\.2\.1:8080: Cannot assign requested address'
	empty out
}

### 55 and 56

@test "55: a reset while sending" {
	payload sent 8388608
	peer_listen p 'rcvbuf 4096; read 1000; reset'
	try 55 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	says err 'Connection reset by peer|Broken pipe'
	empty out
	finish p
}

@test "55: a reset while listen sends" {
	payload sent 8388608
	listen_ready d 127.0.0.1 0 <sent
	peer_connect p 'rcvbuf 4096; read 1000; reset'
	finish p
	finish d 55
	says d.err 'Connection reset by peer|Broken pipe'
}

@test "55: all was sent, not all was read, and then comes a reset" {
	local size
	# Both sizes are more than the peer's buffer holds; the smaller one is
	# in the kernel's hands as a whole, and only the wait for its
	# acknowledgement can tell.
	for size in 30000 300000; do
		payload sent "$size"
		peer_listen "p$size" 'rcvbuf 4096; shut; read 1000;
		    wait-file go; reset'
		start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
		if [[ $size -eq 30000 && $(uname -s) == Linux ]]; then
			retry_until "$BOUND" offset_is d 0 "$size"
		fi
		: >go
		finish d 55
		says d.err 'Connection reset by peer|Broken pipe'
		empty d.out
		finish "p$size"
		rm go
	done
}

@test "55: the same on listen" {
	payload sent 30000
	listen_ready d 127.0.0.1 0 <sent
	peer_connect p 'rcvbuf 4096; shut; read 1000; wait-file go; reset'
	retry_until "$BOUND" offset_is d 0 30000
	: >go
	finish d 55
	says d.err 'Connection reset by peer|Broken pipe'
	finish p
}

@test "55: the same with --no-zero-copy" {
	payload sent 30000
	peer_listen p 'rcvbuf 4096; shut; read 1000; wait-file go; reset'
	start d "$DUCAT" connect --no-zero-copy 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" offset_is d 0 30000
	: >go
	finish d 55
	says d.err 'Connection reset by peer|Broken pipe'
	finish p
}

@test "55: the same with -q 0" {
	payload sent 30000
	peer_listen p 'rcvbuf 4096; read 1000; wait-file go; reset'
	start d "$DUCAT" connect -q 0 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" offset_is d 0 30000
	alive d
	: >go
	finish d 55
	says d.err 'Connection reset by peer|Broken pipe'
	finish p
}

@test "55: the peer closes with data of ours unread" {
	payload sent 300000
	peer_listen p 'rcvbuf 4096; read 1000; close'
	try 55 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	says err 'Connection reset by peer|Broken pipe'
	empty out
	finish p
}

@test "55: the peer half-closes and resets, and a file is left unsent" {
	local n
	payload sent 3000000
	for n in 1 2 3 4 5 6 7 8 9 10; do
		peer_listen p 'rcvbuf 4096; write-text hello; shut; reset'
		status=0
		"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" \
		    <sent >out 2>err || status=$?
		# The reset may come while connecting is still being noticed.
		[[ $status -eq 55 || $status -eq 56 ]]
		says err 'Connection reset by peer|Broken pipe'
		finish p
	done
}

@test "55: the client half-closes and resets, and a file is left unsent" {
	local n
	payload sent 3000000
	for n in 1 2 3 4 5 6 7 8 9 10; do
		listen_ready d 127.0.0.1 0 <sent
		peer_connect p 'rcvbuf 4096; write-text hello; shut; reset'
		finish p
		status=0
		wait "${PID[d]}" || status=$?
		[[ $status -eq 55 || $status -eq 56 ]]
		says d.err 'Connection reset by peer|Broken pipe'
	done
}

@test "56: a reset while receiving" {
	feed_open input
	peer_listen p 'write 1000; wait-file go; reset'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 1000
	: >go
	finish d 56
	says d.err 'Connection reset by peer'
	payload want 1000
	same want d.out
	finish p
}

@test "56: a reset after our half-close was acknowledged" {
	printf question >there
	peer_listen p 'read-all; write 1000; wait-file go; reset'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <there
	retry_until "$BOUND" size_is d.out 1000
	: >go
	finish d 56
	says d.err 'Connection reset by peer'
	finish p
}

@test "56: a reset while listen receives" {
	listen_ready d 127.0.0.1 0 </dev/null
	peer_connect p 'write 1000; wait-file go; reset'
	retry_until "$BOUND" size_is d.out 1000
	: >go
	finish d 56
	says d.err 'Connection reset by peer'
	payload want 1000
	same want d.out
	finish p
}

@test "55: the network resets a connection when we send" {
	need nft
	in_netns
	feed_open input
	peer_listen p 'write 1000; wait-file go'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 1000
	ns nft -f - <<-END || skip "nft cannot reset here"
	table inet t { chain c {
		type filter hook input priority 0
		tcp dport $PORT reject with tcp reset
	}
	}
	END
	printf more >&6
	finish d 55
	says d.err 'Connection reset by peer|Broken pipe'
	: >go
}

@test "0: a reset after both directions are complete is none" {
	printf question >there
	listen_ready d 127.0.0.1 0 <there
	peer_connect p 'save got; read-all; write-text answer; shut;
	    wait-file go; reset'
	finish d
	silent d
	contains d.out answer
	: >go
	finish p
	contains got question
}

### 63

@test "0: --max-send lets exactly that much pass" {
	payload sent 1000
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect --max-send 1000 127.0.0.1 "$PORT" <sent
	silent err
	finish p
	silent p
	same sent got
}

@test "63: --max-send, one byte more" {
	payload sent 1001
	head -c 1000 sent >want
	peer_listen p 'save got; read 1000; wait-file go'
	try 63 "$DUCAT" connect --max-send 1000 127.0.0.1 "$PORT" <sent
	says err '--max-send'
	: >go
	finish p
	silent p
	same want got
}

@test "63: --max-send on a pipe, much more" {
	payload want 100000
	peer_listen p 'save got; read 100000; wait-file go'
	status=0
	"$PEER" bytes 3000000 2>/dev/null | "$PEER" exec "$DUCAT" connect \
	    --max-send 100k 127.0.0.1 "$PORT" >out 2>err || status=$?
	equal "$status" 63
	says err '--max-send'
	: >go
	finish p
	silent p
	same want got
}

@test "0: --max-recv lets exactly that much pass" {
	payload want 1000
	peer_listen p 'write 1000; shut; read-all'
	try 0 "$DUCAT" connect --max-recv 1000 127.0.0.1 "$PORT" </dev/null
	silent err
	same want out
	finish p
}

@test "63: --max-recv, one byte more" {
	payload want 1000
	peer_listen p 'write 1001; shut; wait-file go'
	try 63 "$DUCAT" connect --max-recv 1000 127.0.0.1 "$PORT" </dev/null
	says err '--max-recv'
	same want out
	: >go
}

@test "63: listen --max-recv, much more" {
	payload want 65536
	listen_ready d --max-recv 64Ki 127.0.0.1 0 </dev/null
	peer_connect p 'write-fail'
	finish d 63
	says d.err '--max-recv'
	same want d.out
}

@test "0: --max-recv 0 with a peer that says nothing" {
	peer_listen p 'read-all'
	try 0 "$DUCAT" connect --max-recv 0 127.0.0.1 "$PORT" </dev/null
	silent err
	empty out
	finish p
}

### Signals

# dies_of SIGNAL NUMBER: a listening ducat, in the middle of a session.
dies_of()
{
	fate_open
	listen_ready d 127.0.0.1 0 </dev/null
	fate_pid
	peer_connect p 'write 1000; wait-file go'
	retry_until "$BOUND" size_is d.out 1000
	kill "-$1" "${PID[fated]}"
	finish d "$(( 128 + $2 ))"
	contains fate "signal $2"$'\n'
	says d.err "SIG$1|signal|[Ii]nterrupt|[Tt]erminat|[Hh]angup"
	payload want 1000
	same want d.out
	: >go
}

@test "SIGTERM: dies of it, and what had come is written" {
	dies_of TERM 15
}

@test "SIGINT: dies of it, and what had come is written" {
	dies_of INT 2
}

@test "SIGHUP: dies of it, and what had come is written" {
	dies_of HUP 1
}

@test "SIGTERM while waiting for a client" {
	fate_open
	listen_ready d 127.0.0.1 0 </dev/null
	fate_pid
	kill -TERM "${PID[fated]}"
	finish d 143
	contains fate $'signal 15\n'
	empty d.out
}

@test "SIGTERM while connecting" {
	need linux
	peer_listen full 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch stands; pause'
	retry_until "$BOUND" test -e stands
	start d "$PEER" fate fate "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null
	fate_pid
	# In the kernel's hands: a socket that has sent its SYN.
	need ss
	retry_until "$BOUND" eval 'ss -Htn state syn-sent "dport = :$PORT" |
	    grep -q .'
	kill -TERM "${PID[fated]}"
	finish d 143
	contains fate $'signal 15\n'
	empty d.out
}

@test "SIGTERM while the peer acknowledges nothing more" {
	payload sent 30000
	peer_listen p 'rcvbuf 4096; wait-file go'
	start d "$PEER" fate fate "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	fate_pid
	retry_until "$BOUND" offset_is fated 0 30000
	kill -TERM "${PID[fated]}"
	finish d 143
	contains fate $'signal 15\n'
	: >go
}

# stays_ignored SIGNAL NUMBER
stays_ignored()
{
	KEEP=(-i "$2")
	listen_ready d 127.0.0.1 0 </dev/null
	peer_connect p 'write-text one; wait-file go; write-text two; shut;
	    expect-eof'
	retry_until "$BOUND" size_is d.out 3
	kill "-$1" "${PID[d]}"
	: >go
	finish p
	finish d
	silent d
	contains d.out onetwo
}

@test "SIGINT that was ignored at the start stays ignored" {
	stays_ignored INT 2
}

@test "SIGHUP that was ignored at the start stays ignored" {
	stays_ignored HUP 1
}

@test "SIGTERM that was ignored at the start stays ignored" {
	stays_ignored TERM 15
}

@test "SIGPIPE from outside is ignored" {
	listen_ready d 127.0.0.1 0 </dev/null
	peer_connect p 'write-text one; wait-file go; write-text two; shut;
	    expect-eof'
	retry_until "$BOUND" size_is d.out 3
	kill -PIPE "${PID[d]}"
	: >go
	finish p
	finish d
	silent d
	contains d.out onetwo
}

# as_init SIGNAL NUMBER
as_init()
{
	need pidns
	start d "$PEER" fate fate \
	    unshare "${USER_NS[@]}" -p -f --kill-child "$PEER" exec \
	    "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	retry_until "$BOUND" test -e addr
	fate_pid
	local init
	init=$(child_of "${PID[fated]}")
	[[ $(awk '/^NSpid:/ { print $NF }' "/proc/$init/status") -eq 1 ]]
	kill "-$1" "$init"
	finish d "$(( 128 + $2 ))"
	contains fate "exit $(( 128 + $2 ))"$'\n'
	empty d.out
}

@test "as process 1 SIGTERM ends it with 143" {
	as_init TERM 15
}

@test "as process 1 SIGINT ends it with 130" {
	as_init INT 2
}

@test "SIGUSR1 prints the counters and nothing else happens" {
	listen_ready d 127.0.0.1 0 <<<answer
	peer_connect p 'write 12345; wait-file go; write-text end; shut;
	    read-all'
	retry_until "$BOUND" size_is d.out 12345
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" test -s d.err
	: >go
	finish p
	finish d
	size_is d.out 12348
	has d.err '^ducat: .*12[,.]?345|^ducat: .*12\.3'
}

@test "SIGUSR1 before a client came is survived" {
	listen_ready d 127.0.0.1 0 </dev/null
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" test -s d.err
	has d.err '^ducat: '
	serves
	finish d
	contains d.out served
}

@test "55: one byte that was not acknowledged counts" {
	printf x >one
	listen_ready d 127.0.0.1 0 <one
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	peer_connect p 'close'
	finish p
	kill -CONT "${PID[d]}"
	finish d 55
	says d.err 'send to .* \(1 bytes not delivered\)'
}

@test "the first failure decides, not the --deadline behind it" {
	mkfifo out.fifo
	exec 7<>out.fifo
	peer_listen p 'sndbuf 300000; write 300000; read 100; shut; reset'
	start_raw d "$DUCAT" connect --no-zero-copy --deadline 2 127.0.0.1 \
	    "$PORT" </dev/zero >out.fifo
	finish d 55
	says d.err 'send to'
	exec 7>&-
}

@test "listen on a name that has an address twice" {
	need mountns
	printf '127.0.0.1 twice\n127.0.0.1 twice\n' >hosts
	unshare "${USER_NS[@]}" -m mount --bind hosts /etc/hosts ||
	    skip "no bind mounts here"
	try 28 unshare "${USER_NS[@]}" -m sh -c \
	    'mount --bind hosts /etc/hosts && exec "$@"' sh \
	    "$DUCAT" listen -w 100ms twice 0 </dev/null
	says err '--timeout'
}
