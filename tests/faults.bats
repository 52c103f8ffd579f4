# Faults of the machine and the network: nothing is lost, nothing spins.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

### What is scarce

@test "writes of a few bytes at a time lose nothing" {
	need linux
	# A pipe that is emptied in small portions takes short writes.
	peer_listen p 'write 300000; shut; read-all'
	"$PEER" exec "$DUCAT" connect --no-zero-copy 127.0.0.1 "$PORT" \
	    </dev/null 2>err | dd bs=997 status=none >got
	silent err
	finish p
	payload want 300000
	same want got
}

# quiet_for NAME: uses next to no CPU time during a second of waiting.
quiet_for()
{
	local before after
	before=$(ticks_of "${PID[$1]}")
	read -r -t 1 <> <(:) || :
	after=$(ticks_of "${PID[$1]}")
	# A spin takes 100; on a busy machine still tens.
	(( after - before < 15 )) && return 0
	echo "$1 used $(( after - before )) ticks in a second of idleness"
	return 1
}

@test "without a descriptor for a client listen waits, and does not spin" {
	need linux prlimit
	listen_ready d -k 127.0.0.1 0 </dev/null
	local all=("/proc/${PID[d]}/fd/"*)
	prlimit --pid "${PID[d]}" --nofile="${#all[@]}:"
	peer_connect c 'write-text late; shut; touch waits; expect-eof'
	retry_until "$BOUND" test -e waits
	quiet_for d
	alive d
	empty d.out
	prlimit --pid "${PID[d]}" --nofile=64:
	finish c
	silent c
	retry_until "$BOUND" size_is d.out 4
	contains d.out late
}

@test "a few descriptors are enough" {
	listen_ready d 127.0.0.1 0 </dev/null
	payload sent 1000000
	start c sh -c 'ulimit -n 12; exec "$@"' sh \
	    "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	finish c
	silent c
	finish d
	silent d
	same sent d.out
}

@test "too few descriptors are told" {
	peer_listen p 'read-all'
	# Enough for the dynamic loader, and no more.
	start d sh -c 'ulimit -n 4; exec "$@"' sh \
	    "$DUCAT" connect -n 127.0.0.1 "$PORT" </dev/null
	finish d 1
	says d.err 'Too many open files'
	empty d.out
}

@test "silence on both sides costs nothing" {
	need linux
	feed_open input
	peer_listen p 'write-text hello; wait-file go'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 5
	quiet_for d
	: >go
}

@test "waiting for a client costs nothing" {
	need linux
	listen_ready d 127.0.0.1 0 </dev/null
	quiet_for d
	alive d
}

@test "the peer's end while input is silent costs nothing" {
	need linux
	feed_open input
	peer_listen p 'write-text hello; shut; wait-file go'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 5
	quiet_for d
	alive d
	: >go
}

@test "our end while the peer is silent costs nothing" {
	need linux
	peer_listen p 'read-all; touch seen; wait-file go'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	retry_until "$BOUND" test -e seen
	quiet_for d
	alive d
	: >go
	finish p
	finish d
	silent d
}

@test "a peer that does not read costs nothing" {
	need linux
	payload sent 8000000
	peer_listen p 'rcvbuf 4096; wait-file go; save got; read-all'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" eval '! offset_is d 0 0'
	quiet_for d
	: >go
	finish d
	silent d
	finish p
	same sent got
}

@test "the wait for the last acknowledgement costs nothing" {
	need linux
	payload sent 30000
	peer_listen p 'rcvbuf 4096; wait-file go; save got; read-all'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" offset_is d 0 30000
	quiet_for d
	: >go
	finish d
	silent d
	finish p
	same sent got
}

@test "a reader that pauses costs nothing, and gets all" {
	need linux
	mkfifo output
	exec 5<>output
	peer_listen p 'write 3000000; shut; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >output
	retry_until "$BOUND" read -r -t 0 -u 5
	quiet_for d
	alive d
	head -c 3000000 <&5 >got
	finish d
	silent d
	finish p
	payload want 3000000
	same want got
}

### Signals in the middle

@test "a storm of signals loses nothing" {
	payload sent 60000000
	listen_ready d 127.0.0.1 0 </dev/null
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	# Before its handlers stand SIGUSR1 would kill it.
	retry_until "$BOUND" test -s d.out
	local n
	for (( n = 0; n < 200; n++ )); do
		kill -USR1 "${PID[d]}" "${PID[c]}" 2>/dev/null || :
		kill -CHLD "${PID[d]}" "${PID[c]}" 2>/dev/null || :
		kill -WINCH "${PID[d]}" "${PID[c]}" 2>/dev/null || :
		kill -PIPE "${PID[d]}" "${PID[c]}" 2>/dev/null || :
	done
	finish c
	finish d
	same sent d.out
}

@test "being stopped and continued loses nothing" {
	payload sent 30000000
	mkfifo output
	exec 5<>output
	listen_ready_raw d 127.0.0.1 0 </dev/null >output
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	local n
	for n in 1 2 3 4 5; do
		# Both are in the middle of it: only the test empties the pipe.
		head -c 4000000 <&5 >>got
		kill -STOP "${PID[c]}" "${PID[d]}"
		retry_until "$BOUND" state_is c T
		retry_until "$BOUND" state_is d T
		kill -CONT "${PID[c]}" "${PID[d]}"
	done
	head -c 10000000 <&5 >>got
	finish c
	silent c
	finish d
	silent d
	same sent got
}

@test "stopped in the middle of a silent session it goes on afterwards" {
	feed_open input
	peer_listen p 'read-until one\n; wait-file go; write-text two\n;
	    read-all'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	echo one >&6
	kill -STOP "${PID[d]}"
	retry_until "$BOUND" state_is d T
	: >go
	kill -CONT "${PID[d]}"
	retry_until "$BOUND" size_is d.out 4
	feed_close
	finish d
	silent d
	contains d.out $'two\n'
	finish p
	silent p
}

@test "a signal that came before the peer's end ends the run" {
	local n
	for (( n = 0; n < 20; n++ )); do
		remove go gone
		peer_listen p 'expect-eof; write 1; wait-file go; close;
		    touch gone'
		start d "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
		retry_until "$BOUND" size_is d.out 1
		kill -STOP "${PID[d]}"
		retry_until "$BOUND" state_is d T
		kill -INT "${PID[d]}"
		: >go
		retry_until "$BOUND" test -e gone
		kill -CONT "${PID[d]}"
		finish d 130
		says d.err 'ended by a signal: Interrupt'
		finish p
	done
}

### What the network does

@test "a fifth of all packets lost in the middle loses nothing" {
	need nft
	in_netns
	ns nft -f - <<-END || skip "nft cannot lose here"
	table inet t { chain c {
		type filter hook input priority 0
		tcp dport 0-65535 numgen inc mod 5 == 0 drop
	}
	}
	END
	payload sent 60000
	listen_ready d 127.0.0.1 0 </dev/null
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	finish c
	silent c
	finish d
	silent d
	same sent d.out
}

@test "an interface that goes down and up loses nothing" {
	in_netns
	feed_open input
	listen_ready d 127.0.0.1 0 </dev/null
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <input.fifo
	printf one >&6
	retry_until "$BOUND" size_is d.out 3
	ns ip link set lo down
	printf two >&6
	ns ip link set lo up
	feed_close
	finish c
	silent c
	finish d
	silent d
	contains d.out onetwo
}

@test "28 by --idle-timeout: the network is gone while we send" {
	need nft
	in_netns
	payload sent 8000000
	peer_listen p 'rcvbuf 4096; read 1000; touch begun; wait-file go'
	start d "$DUCAT" connect --idle-timeout 2 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" test -e begun
	ns nft -f - <<-END || skip "nft cannot drop here"
	table inet t { chain c {
		type filter hook input priority 0
		tcp dport $PORT drop
	}
	}
	END
	finish d 28
	says d.err '--idle-timeout'
	empty d.out
	: >go
}
