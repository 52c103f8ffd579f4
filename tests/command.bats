# Commands at the near end: what they find, what becomes of their bytes,
# their statuses and themselves.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib

# way given|pipes: the command has the socket itself, or pipes; WAY are the
# options for that.
way()
{
	echo "way: $1"
	WAY=()
	[[ $1 == given ]] || WAY=(--no-zero-copy)
	rm -f go go.fifo got term ran stands in -- *.pid
}

# A shell's command that says "in" and lets nothing but signals end it.
STAYS='echo $$ >stays.pid; printf in; exec sleep 60'
# The same; leaves the file term at SIGTERM.
TELLS='trap "echo TERM >term; exit 0" TERM; echo $$ >stays.pid; printf in
    sleep 60 & wait'
# The same; only SIGKILL ends it.
DEFIES='trap "" TERM; echo $$ >stays.pid; printf in; sleep 60'

### What is run

@test "listen: a command is joined to the client" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- tr a-z A-Z </dev/null
		peer_connect c 'write-text hello\n; shut; save got; read-all'
		finish c
		silent c
		finish d
		silent d
		empty d.out
		contains got $'HELLO\n'
	done
}

@test "connect: a command is joined to the server" {
	local way
	for way in given pipes; do
		way "$way"
		peer_listen p 'write-text hello\n; shut; save got; read-all'
		try 0 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 "$PORT" -- \
		    tr a-z A-Z </dev/null
		silent err
		empty out
		finish p
		silent p
		contains got $'HELLO\n'
	done
}

@test "a command's arguments are its own, and no shell sees them" {
	local want='[two  words][*][$HOME][`date`][][-c][--][--quiet][a;b]'
	listen_ready d 127.0.0.1 0 -- printf '[%s]' 'two  words' '*' \
	    '$HOME' '`date`' '' -c -- --quiet 'a;b' </dev/null
	peer_connect c 'save got; read-all'
	finish c
	finish d
	silent d
	contains got "$want"
	peer_listen p 'save got2; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" -- printf '[%s]' \
	    'two  words' '*' '$HOME' '`date`' '' -c -- --quiet 'a;b'
	silent err
	finish p
	contains got2 "$want"
}

@test "-c and --sh are run by a shell" {
	local string='printf "[%s]" "two  words" $((6 * 7)) "$0" *.txt'
	: >a.txt
	: >b.txt
	listen_ready d -c "$string" 127.0.0.1 0 </dev/null
	peer_connect c 'save got; read-all'
	finish c
	finish d
	silent d
	contains got '[two  words][42][/bin/sh][a.txt][b.txt]'
	listen_ready d 127.0.0.1 0 --sh "$string" </dev/null
	peer_connect c 'save got2; read-all'
	finish c
	finish d
	silent d
	same got got2
	peer_listen p 'save got3; read-all'
	try 0 "$DUCAT" connect --sh="$string" 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	same got got3
}

@test "beside a command standard input and output are left alone" {
	local way
	printf 'not yours\n' >input
	for way in given pipes; do
		way "$way"
		peer_listen p 'write-text asked; shut; save got; read-all'
		{
			try 0 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 "$PORT" \
			    -- cat
			cat >rest
		} <input
		silent err
		empty out
		finish p
		contains got asked
		same input rest
	done
}

@test "beside a command a closed standard output is nothing" {
	mkfifo output
	exec 5<>output
	KEEP=(-c 0)
	listen_ready_raw d 127.0.0.1 0 -- cat </dev/null >output
	exec 5>&-
	peer_connect c 'write-text hello; shut; save got; read-all'
	finish c
	finish d
	silent d
	contains got hello
}

@test "without a connection no command is run" {
	in_netns
	try 7 "$DUCAT" connect 127.0.0.1 4 -- touch ran </dev/null
	contains err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
	try 28 "$DUCAT" listen -w 200ms 127.0.0.1 0 -- touch ran </dev/null
	says err '--timeout'
	try 45 "$DUCAT" listen 192.0.2.1 0 -c 'touch ran' </dev/null
	says err 'Cannot assign requested address'
	[[ ! -e ran ]]
}

@test "while a command runs without -k nobody else is let in" {
	listen_ready d 127.0.0.1 0 -- cat </dev/null
	peer_connect c 'write-text in; save got; read-until in; touch stands;
	    wait-file go; shut; read-all'
	retry_until "$BOUND" test -e stands
	peer_connect late 'read-all'
	finish late 1
	has late.err 'Connection refused'
	: >go
	finish c
	silent c
	finish d
	silent d
}

### The environment

# environment HOST ARG...: the variables that tell of a client on HOST from
# port 4001 stand in the file told, sorted.
environment()
{
	local host=$1
	shift
	listen_ready d "$@" -- env </dev/null
	try 0 "$DUCAT" connect -p 4001 "$host" "$PORT" </dev/null
	finish d
	silent d
	grep -E '^(PROTO|TCP)' out | sort >told
}

@test "a command is told who is connected: IPv4" {
	in_netns
	environment 127.0.0.2 127.0.0.2 0
	contains told "PROTO=TCP
TCPLOCALIP=127.0.0.2
TCPLOCALPORT=$PORT
TCPREMOTEIP=127.0.0.1
TCPREMOTEPORT=4001
"
}

@test "a command is told who is connected: IPv6" {
	need ipv6
	in_netns
	environment ::1 ::1 0
	contains told "PROTO=TCP
TCPLOCALIP=::1
TCPLOCALPORT=$PORT
TCPREMOTEIP=::1
TCPREMOTEPORT=4001
"
}

@test "a command is told who is connected: IPv6 with a scope" {
	need ipv6
	in_netns
	ns ip -6 addr add fe80::1/64 dev lo nodad
	environment fe80::1%lo fe80::1%lo 0
	contains told "PROTO=TCP
TCPLOCALIP=fe80::1%lo
TCPLOCALPORT=$PORT
TCPREMOTEIP=fe80::1%lo
TCPREMOTEPORT=4001
"
}

@test "a command is told of IPv4 as IPv4 by a socket of both families" {
	need ipv6
	in_netns
	environment 127.0.0.1 0
	equal "$HOST" ::
	contains told "PROTO=TCP
TCPLOCALIP=127.0.0.1
TCPLOCALPORT=$PORT
TCPREMOTEIP=127.0.0.1
TCPREMOTEPORT=4001
"
}

@test "connect: a command is told who is connected" {
	in_netns
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect -p 4001 127.0.0.1 "$PORT" -- env </dev/null
	silent err
	finish p
	grep -E '^(PROTO|TCP)' got | sort >told
	contains told "PROTO=TCP
TCPLOCALIP=127.0.0.1
TCPLOCALPORT=4001
TCPREMOTEIP=127.0.0.1
TCPREMOTEPORT=$PORT
"
}

@test "what an outer server told does not reach a command" {
	need env
	local -a outer=(
		PROTO=OUTER TCPREMOTEIP=OUTER TCPREMOTEPORT=OUTER
		TCPREMOTEHOST=OUTER TCPREMOTEINFO=OUTER TCPLOCALIP=OUTER
		TCPLOCALPORT=OUTER TCPLOCALHOST=OUTER IPCREMOTEPATH=OUTER
		IPCREMOTEEUID=OUTER IPCREMOTEEGID=OUTER IPCLOCALPATH=OUTER
		SSL_PROTOCOL=OUTER SSL_TLS_SNI_SERVERNAME=OUTER
		SSL_PEER_CERT_SUBJECT=OUTER LISTEN_PID=OUTER LISTEN_FDS=OUTER
		LISTEN_FDNAMES=OUTER
	)
	local leak='OUTER|^(TCP|IPC)(REMOTE|LOCAL).*(HOST|INFO|PATH|.ID)='
	leak+='|^LISTEN_(PID|FDS|FDNAMES)='
	WRAP=(env "${outer[@]}" KEPT=KEPT PROTOCOL=KEPT SSLNAME=KEPT
	    SSL_CERT_FILE=KEPT)
	listen_ready d 127.0.0.1 0 -- env </dev/null
	peer_connect c 'shut; save got; read-all'
	finish c
	finish d
	silent d
	lacks got "$leak"
	has got '^PROTO=TCP$'
	has got '^KEPT=KEPT$'
	has got '^SSL_CERT_FILE=KEPT$'
	has got '^PROTOCOL=KEPT$'
	has got '^SSLNAME=KEPT$'
	equal "$(grep -Ec '^TCP(REMOTE|LOCAL)' got)" 4
	peer_listen p 'save got2; read-all'
	try 0 "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" -- env \
	    </dev/null
	silent err
	finish p
	lacks got2 "$leak"
	equal "$(grep -Ec '^TCP(REMOTE|LOCAL)' got2)" 4
}

@test "NOTIFY_SOCKET is ducat's, not the command's" {
	start manager "$PEER" notify "$PWD/notify"
	retry_until "$BOUND" test -s manager.out
	NOTIFY_SOCKET=$PWD/notify listen_ready d 127.0.0.1 0 -- env </dev/null
	finish manager
	has manager.out '^READY=1$'
	peer_connect c 'shut; save got; read-all'
	finish c
	finish d
	silent d
	has got '^PROTO=TCP$'
	lacks got '^NOTIFY_SOCKET='
}

### Descriptors, signals, groups

# Which descriptors it has; the shell's own, for the pattern, is closed then.
LISTS='for fd in /proc/$$/fd/*; do
	[ ! -h "$fd" ] || printf "%s " "${fd##*/}"
done; echo end'

@test "a command has the descriptors 0, 1 and 2 and no others" {
	need linux
	local way
	exec 5</dev/null 6</dev/null
	KEEP=(-k 5 -k 6)
	for way in given pipes; do
		way "$way"
		# The second client's command is to have none of the first's.
		listen_ready d "${WAY[@]}" -k -c "$LISTS; cat" 127.0.0.1 0 \
		    --max-accepts 2 --addr-file addr --pid-file pid </dev/null
		peer_connect first 'read-until 0 1 2 end\n; touch stands;
		    wait-file go; shut; expect-eof'
		retry_until "$BOUND" test -e stands
		peer_connect second 'shut; save got; read-all'
		finish second
		contains got $'0 1 2 end\n'
		: >go
		finish first
		finish d
		silent d
		peer_listen p 'shut; save got; read-all'
		try 0 "$DUCAT" connect "${WAY[@]}" -c "$LISTS" 127.0.0.1 \
		    "$PORT" </dev/null
		silent err
		finish p
		contains got $'0 1 2 end\n'
	done
}

@test "a command has 0, 1 and 2 where ducat was started without" {
	need linux
	local way
	for way in given pipes; do
		way "$way"
		KEEP=(-c 0 -c 1 -c 2)
		listen_ready d "${WAY[@]}" 127.0.0.1 0 \
		    -c "$LISTS; readlink /proc/\$\$/fd/2"
		KEEP=()
		peer_connect c 'shut; save got; read-all'
		finish c
		finish d
		has got '^0 1 2 end$'
		# Errors are not to get among the payload.
		lacks got 'socket|pipe'
	done
}

@test "a command has the socket itself where nothing needs the bytes" {
	need linux
	local kind='readlink /proc/$$/fd/0 /proc/$$/fd/1; "$PEER" flags 0 1'
	local option
	listen_ready d -c "$kind" 127.0.0.1 0 </dev/null
	peer_connect c 'shut; save got; read-all'
	finish c
	finish d
	silent d
	equal "$(sed 's/:.*//' got | tr '\n' ' ')" 'socket socket 0 1 '
	lacks got nonblock
	equal "$(sed -n 1p got)" "$(sed -n 2p got)"
	for option in --no-zero-copy --max-send=1000 --max-recv=1000; do
		listen_ready d "$option" -c "$kind" 127.0.0.1 0 </dev/null
		peer_connect c 'shut; save got; read-all'
		finish c
		finish d
		silent d
		equal "$option $(sed 's/:.*//' got | tr '\n' ' ')" \
		    "$option pipe pipe 0 1 "
		lacks got nonblock
	done
}

# Every signal at its default, none blocked; but for 32 and 33, which belong
# to the C library, and which make(1) leaves ignored.
usual_signals()
{
	has got '^SigIgn:.0{7}[01][08]0{7}$'
	has got '^SigBlk:.0+$'
}

@test "a command's signals are at their defaults" {
	need linux
	listen_ready d 127.0.0.1 0 -- cat /proc/self/status </dev/null
	peer_connect c 'shut; save got; read-all'
	finish c
	finish d
	silent d
	usual_signals
	peer_listen p 'shut; save got; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" -- cat /proc/self/status \
	    </dev/null
	silent err
	finish p
	usual_signals
}

@test "a command has signals at their defaults that ducat ignores" {
	need linux env
	local n
	env --block-signal=WINCH true 2>/dev/null ||
	    skip "env(1) cannot block signals here"
	# SIGHUP, SIGINT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD, SIGTSTP
	KEEP=(-i 1 -i 2 -i 10 -i 12 -i 13 -i 17 -i 20)
	WRAP=(env --block-signal=WINCH --block-signal=PIPE
	    --block-signal=CONT)
	listen_ready d -k --max-accepts 2 127.0.0.1 0 -- \
	    cat /proc/self/status </dev/null
	# For ducat they are ignored still.
	kill -HUP "${PID[d]}"
	kill -INT "${PID[d]}"
	for n in 1 2; do
		peer_connect c 'shut; save got; read-all'
		finish c
		usual_signals
		alive d || [[ $n -eq 2 ]]
	done
	finish d
	silent d
}

# blocks SIGNAL...: ducat is started with these blocked.
blocks()
{
	need python3
	WRAP=(python3 -IS -c 'import os, signal, sys
n = sys.argv.index("--")
signal.pthread_sigmask(signal.SIG_BLOCK,
    [signal.Signals[name] for name in sys.argv[1:n]])
os.execv(sys.argv[n + 1], sys.argv[n + 1:])' "$@" --)
}

@test "a command's end is heard of by who was started with SIGCHLD blocked" {
	local option
	blocks SIGCHLD
	for option in '' --no-zero-copy --pty; do
		echo "option: $option"
		# shellcheck disable=SC2086
		listen_ready d $option 127.0.0.1 0 -c 'printf said; exit 4' \
		    </dev/null
		peer_connect c 'save got; read-all'
		finish c
		finish d 4
		silent c d
		contains got said
	done
}

@test "a signal that waited at the start is heard" {
	need python3
	try 143 python3 -IS -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])' "$DUCAT" listen 127.0.0.1 0 </dev/null
	contains err $'ducat: ended by a signal: Terminated\n'
}

@test "a signal that was blocked at the start ends a listener" {
	local signal
	for signal in HUP:129 INT:130 TERM:143; do
		blocks "SIG${signal%:*}"
		listen_ready d 127.0.0.1 0 </dev/null
		kill "-${signal%:*}" "${PID[d]}"
		finish d "${signal#*:}"
		says d.err '^ducat: ended by a signal: '
		empty d.out
	done
}

@test "a command leads a process group of its own" {
	need ps
	local pid group shell
	listen_ready d -k --max-accepts 2 -c 'ps -o pid=,pgid= -p $$' \
	    127.0.0.1 0 </dev/null
	for shell in 1 2; do
		peer_connect c 'shut; save got; read-all'
		finish c
		read -r pid group <got
		[[ $pid -gt 1 ]]
		equal "$group" "$pid"
		[[ $pid -ne ${PID[d]} ]]
	done
	finish d
	silent d
}

### Its errors

@test "a command's errors go to ducat's standard error" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -c 'echo oops >&2; echo out' \
		    127.0.0.1 0 </dev/null
		peer_connect c 'shut; save got; read-all'
		finish c
		finish d
		contains d.err $'oops\n'
		contains got $'out\n'
		empty d.out
	done
}

@test "--stderr-to-peer sends a command's errors to the peer" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" --stderr-to-peer \
		    -c 'echo oops >&2; echo out' 127.0.0.1 0 </dev/null
		peer_connect c 'shut; save got; read-all'
		finish c
		finish d
		silent d
		contains got $'oops\nout\n'
		peer_listen p 'shut; save got; read-all'
		try 0 "$DUCAT" connect --stderr-to-peer "${WAY[@]}" \
		    127.0.0.1 "$PORT" -c 'echo oops >&2; echo out' </dev/null
		silent err
		finish p
		contains got $'oops\nout\n'
	done
}

### Its status

@test "a command's status is ducat's" {
	local n way
	for way in given pipes; do
		way "$way"
		for n in 0 1 3 56 255; do
			listen_ready d "${WAY[@]}" -c "echo said; exit $n" \
			    127.0.0.1 0 </dev/null
			peer_connect c 'shut; save got; read-all'
			finish c
			silent c
			finish d "$n"
			silent d
			contains got $'said\n'
			peer_listen p 'shut; save got; read-all'
			try "$n" "$DUCAT" connect "${WAY[@]}" 127.0.0.1 \
			    "$PORT" -c "echo said; exit $n" </dev/null
			silent err
			finish p
			silent p
			contains got $'said\n'
		done
	done
}

@test "128+N: a signal ended the command, and ducat exits" {
	local signal way
	for way in given pipes; do
		way "$way"
		for signal in 9 15 13; do
			peer_listen p 'shut; save got; read-all'
			rm -f fate
			try $(( 128 + signal )) "$PEER" fate fate "$DUCAT" \
			    connect "${WAY[@]}" 127.0.0.1 "$PORT" \
			    -c "echo said; kill -$signal \$\$" </dev/null
			contains fate "exit $(( 128 + signal ))"$'\n'
			silent err
			finish p
			silent p
			contains got $'said\n'
		done
	done
}

@test "127: a command that is not found, and the client is reset" {
	local command way
	for way in given pipes; do
		way "$way"
		for command in /no/such/program no-such-program; do
			listen_ready d "${WAY[@]}" 127.0.0.1 0 -- \
			    "$command" </dev/null
			peer_connect c 'expect-reset; count'
			finish c
			contains c.out $'0\n'
			finish d 127
			contains d.err \
			    "ducat: $command: No such file or directory"$'\n'
			peer_listen p 'expect-reset'
			try 127 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 \
			    "$PORT" -- "$command" </dev/null
			contains err \
			    "ducat: $command: No such file or directory"$'\n'
			finish p
			silent p
		done
	done
	# In a shell that is the shell's affair.
	listen_ready d -c 'exec /no/such/program 2>/dev/null' 127.0.0.1 0 \
	    </dev/null
	peer_connect c 'expect-eof'
	finish c
	finish d 127
	silent d
}

@test "126: a command that cannot be run, and the client is reset" {
	local command way
	printf 'data\n' >data
	mkdir dir
	for way in given pipes; do
		way "$way"
		for command in ./data ./dir; do
			listen_ready d "${WAY[@]}" 127.0.0.1 0 -- \
			    "$command" </dev/null
			peer_connect c 'expect-reset; count'
			finish c
			contains c.out $'0\n'
			finish d 126
			contains d.err \
			    "ducat: $command: Permission denied"$'\n'
			peer_listen p 'expect-reset'
			try 126 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 \
			    "$PORT" -- "$command" </dev/null
			contains err \
			    "ducat: $command: Permission denied"$'\n'
			finish p
			silent p
		done
	done
}

@test "a command's name is shown without control characters" {
	listen_ready d 127.0.0.1 0 -- $'no\e[2Jsuch\n' </dev/null
	peer_connect c 'expect-reset'
	finish c
	finish d 127
	contains d.err \
	    $'ducat: no\\x1b[2Jsuch\\x0a: No such file or directory\n'
}

@test "a transfer that failed outweighs a command's 0, not its 3" {
	listen_ready d --max-recv 10 -c 'cat >got; exit 0' 127.0.0.1 0 \
	    </dev/null
	peer_connect c 'write 11; expect-reset'
	finish c
	finish d 63
	says d.err '127\.0\.0\.1:[0-9]+: more than 10 bytes \(--max-recv\)'
	listen_ready d --max-recv 10 -c 'cat >got; exit 3' 127.0.0.1 0 \
	    </dev/null
	peer_connect c 'write 11; expect-reset'
	finish c
	finish d 3
	says d.err '127\.0\.0\.1:[0-9]+: more than 10 bytes \(--max-recv\)'
}

@test "55: a reset, and what a running command wrote was not all read" {
	local way
	payload want 60000
	mkfifo never
	for way in given pipes; do
		way "$way"
		rm -f wrote
		listen_ready d "${WAY[@]}" --kill-after 100ms 127.0.0.1 0 \
		    -c 'cat want; : >wrote; read -r x <never' </dev/null
		peer_connect c 'rcvbuf 4096; read 10; wait-file wrote; reset'
		finish c
		finish d 55
		says d.err 'send to .*reset by peer \([0-9]+ bytes not deliv'
	done
}

@test "with -k a command's status is its own" {
	local n way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k --max-accepts 4 127.0.0.1 0 \
		    -c 'read -r n; echo "$n"; [ "$n" -lt 200 ] ||
		    kill -KILL $$; exit "$n"' </dev/null
		for n in 3 0 255 1; do
			peer_connect c "write-text $n\n; shut; save got;
			    read-all"
			finish c
			silent c
			contains got "$n"$'\n'
		done
		finish d
		silent d
	done
}

@test "with -k a command that cannot be run does not end the run" {
	listen_ready d -k --max-accepts 3 127.0.0.1 0 -- ./later </dev/null
	peer_connect one 'expect-reset'
	finish one
	retry_until "$BOUND" test -s d.err
	says d.err '\./later: No such file or directory'
	printf '#!/bin/sh\necho here\n' >later.new
	chmod +x later.new
	mv later.new later
	peer_connect two 'shut; save got; read-all'
	finish two
	contains got $'here\n'
	chmod -x later
	peer_connect three 'expect-reset'
	finish three
	# It is the first failure of a session.
	finish d 127
	equal "$(wc -l <d.err)" 2
	has d.err '\./later: Permission denied'
}

### Its bytes

@test "16 MiB each way through a command" {
	local way
	payload want 16777216
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- cat </dev/null
		start c "$DUCAT" connect 127.0.0.1 "$PORT" <want
		finish c
		silent c
		finish d
		silent d
		same want c.out
	done
}

@test "a command answers after the peer's half-close" {
	need sha256sum
	local command want way
	printf 'one\nthree\ntwo\n' >sorted
	"$PEER" bytes 300000 | sha256sum >sum
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- sort </dev/null
		peer_connect c 'write-text two\none\nthree\n; shut;
		    save got; read-all'
		finish c
		silent c
		finish d
		silent d
		same sorted got
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- wc -c </dev/null
		peer_connect c 'write 300000; shut; save got; read-all'
		finish c
		silent c
		finish d
		silent d
		equal "$(tr -d ' ' <got)" 300000
		peer_listen p 'write 300000; shut; save got; read-all'
		try 0 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 "$PORT" -- \
		    sha256sum </dev/null
		silent err
		finish p
		silent p
		same sum got
	done
}

@test "a command sees the client's end as soon as it comes" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -c 'cat >/dev/null; printf end
		    read -r x <go.fifo; printf later' 127.0.0.1 0 </dev/null
		mkfifo go.fifo
		peer_connect c 'shut; read-until end; touch stands; save got;
		    read-all'
		retry_until "$BOUND" test -e stands
		exec 5<>go.fifo
		echo >&5
		finish c
		silent c
		finish d
		silent d
		exec 5>&-
		contains got later
	done
}

@test "2 MB of a command's last words arrive beside unread input" {
	local way
	payload want 2000000
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -c 'cat want; exit 3' \
		    127.0.0.1 0 </dev/null
		# Slow, and it has sent what nobody reads.
		peer_connect c 'rcvbuf 4096; write 50000; save got; read 1000;
		    delay 50; read-all'
		finish c
		silent c
		finish d 3
		silent d
		same want got
		peer_listen p 'rcvbuf 4096; write 50000; save got; read 1000;
		    delay 50; read-all'
		try 3 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 "$PORT" \
		    -c 'cat want; exit 3' </dev/null
		silent err
		finish p
		silent p
		same want got
	done
}

@test "a client goes on sending to a command that has ended" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- true </dev/null
		peer_connect c 'write 1048576; shut; expect-eof'
		finish c
		silent c
		finish d
		silent d
		listen_ready d "${WAY[@]}" 127.0.0.1 0 \
		    -c 'echo $$ >true.pid' </dev/null
		peer_connect c 'wait-file go; write 1048576; shut; save got;
		    expect-eof' 127.0.0.1
		has_ended true.pid
		: >go
		finish c
		silent c
		finish d
		silent d
	done
}

@test "a client that does not end after its command is not waited for" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -- echo said </dev/null
		peer_connect c 'read-until said\n; expect-eof; touch stands;
		    wait-file go'
		finish d
		silent d
		alive c
		: >go
		finish c
		silent c
	done
}

@test "-q is how long a client's end is waited for after its command" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -q 15 127.0.0.1 0 -- echo said \
		    </dev/null
		# Longer than without -q.
		peer_connect c 'read-until said\n; expect-eof; delay 1500;
		    touch stands; write-text late; shut'
		finish d
		silent d
		[[ -e stands ]]
		finish c
		silent c
	done
}

@test "a command that closes its input early loses no output" {
	local way
	for way in given pipes; do
		way "$way"
		mkfifo go.fifo
		exec 5<>go.fifo
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -c 'exec <&-
		    echo closed; read -r x <go.fifo; cat want; echo done' \
		    </dev/null
		payload want 300000
		peer_connect c 'read-until closed\n; write 50000;
		    touch stands; write 1000000; shut; save got; read-all'
		retry_until "$BOUND" test -e stands
		echo >&5
		finish c
		silent c
		finish d
		silent d
		{ cat want; echo 'done'; } | cmp - got
		exec 5>&-
	done
}

@test "a command that closes its output early goes on reading" {
	# Of a socket that it was given it has the other end still.
	payload want 300000
	listen_ready d --no-zero-copy 127.0.0.1 0 -c 'echo said
	    exec >&-; cat >taken' </dev/null
	peer_connect c 'read-until said\n; expect-eof; write 300000; shut'
	finish c
	silent c
	finish d
	silent d
	same want taken
}

@test "a shell's background job outlives it, and is heard" {
	local way
	for way in given pipes; do
		way "$way"
		mkfifo go.fifo
		exec 5<>go.fifo
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -c '
		    { read -r x <go.fifo; cat want; } &
		    echo $$ >shell.pid; printf early; exit 3' </dev/null
		payload want 300000
		peer_connect c 'read-until early; touch stands; save got;
		    read-all'
		retry_until "$BOUND" test -e stands
		has_ended shell.pid
		alive d
		echo >&5
		finish c
		silent c
		finish d 3
		silent d
		same want got
		exec 5>&-
	done
}

@test "a daemon that holds a command's output is heard" {
	need setsid
	mkfifo go.fifo
	exec 5<>go.fifo
	payload want 300000
	listen_ready d --no-zero-copy 127.0.0.1 0 -c '
	    setsid -f sh -c "read -r x <go.fifo; cat want"
	    echo $$ >shell.pid; printf early' </dev/null
	peer_connect c 'read-until early; touch stands; save got; read-all'
	retry_until "$BOUND" test -e stands
	has_ended shell.pid
	echo >&5
	finish c
	silent c
	finish d
	silent d
	same want got
	exec 5>&-
}

### The client is gone

# gone_client STATUS WORDS SCRIPT ARG...: what the session comes to.
gone_client()
{
	local want=$1 words=$2 script=$3
	shift 3
	listen_ready d "${WAY[@]}" "$@" 127.0.0.1 0 </dev/null
	# That it came is acknowledged by then: 40 ms, at most 200.
	peer_connect c "read-until in; delay 250; $script"
	finish c
	silent c
	finish d "$want"
	says d.err "$words"
	empty d.out
}

@test "--kill-after: SIGTERM ends a command whose client is gone" {
	local way
	for way in given pipes; do
		way "$way"
		gone_client 56 'Connection reset by peer' reset \
		    --kill-after 1 -c "$TELLS"
		contains term $'TERM\n'
		has_ended stays.pid
	done
}

@test "--kill-after: SIGKILL ends a command that defies SIGTERM" {
	local way
	for way in given pipes; do
		way "$way"
		gone_client 56 'Connection reset by peer' reset \
		    --kill-after 200ms -c "$DEFIES"
		has_ended stays.pid
	done
}

@test "a connecting side's command is ended, too" {
	local way
	for way in given pipes; do
		way "$way"
		peer_listen p 'read-until in; reset'
		try 56 "$DUCAT" connect "${WAY[@]}" --kill-after 1 \
		    127.0.0.1 "$PORT" -c "$TELLS" </dev/null
		says err 'Connection reset by peer'
		finish p
		contains term $'TERM\n'
		has_ended stays.pid
	done
}

@test "a command that heeds the end of its client gets no signal" {
	local way
	for way in given pipes; do
		way "$way"
		gone_client 56 'Connection reset by peer' reset \
		    --kill-after 10 -c 'trap "echo TERM >term; exit" TERM
		    echo $$ >stays.pid; printf in; cat >/dev/null 2>&1
		    echo end >ran'
		contains ran $'end\n'
		[[ ! -e term ]]
	done
}

@test "a client's half-close does not end its command" {
	local way
	for way in given pipes; do
		way "$way"
		mkfifo go.fifo
		exec 5<>go.fifo
		listen_ready d "${WAY[@]}" --kill-after 100ms 127.0.0.1 0 \
		    -c 'echo $$ >stays.pid; printf in; read -r x <go.fifo
		    echo out' </dev/null
		peer_connect c 'read-until in; shut; expect-silence 500;
		    touch stands; save got; read-all'
		retry_until "$BOUND" test -e stands
		echo >&5
		finish c
		silent c
		finish d
		silent d
		contains got $'out\n'
		exec 5>&-
	done
}

@test "a client that leaves ends a command that writes for ever" {
	local way words
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k --kill-after 200ms 127.0.0.1 0 \
		    -c 'echo $$ >stays.pid; exec yes 2>/dev/null' </dev/null
		peer_connect c 'read 100000; close'
		finish c
		has_ended stays.pid
		alive d
		rm stays.pid
		peer_connect c 'read 100000; close'
		finish c
		has_ended stays.pid
		retry_until "$BOUND" lines_are d.err 2
		# The first cause is told, once each.
		words='(send to|receive from) 127\.0\.0\.1:[0-9]+'
		grep -Ev "^ducat: $words: Connection reset by peer" d.err \
		    >other || :
		empty other
		end_of d
	done
}

@test "a client that ended and is gone altogether ends a silent command: 0" {
	need linux
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" --kill-after 100ms 127.0.0.1 0 \
		    -c "$STAYS" </dev/null
		# Its kernel soon forgets it; only a probe can tell.
		peer_connect c 'linger2 1; read-until in; close'
		finish c
		finish d
		silent d
		has_ended stays.pid
	done
}

@test "28: --idle-timeout ends a command, and its client is reset" {
	local way
	for way in pipes given; do
		way "$way"
		gone_client 28 '127\.0\.0\.1:[0-9]+: .*\(--idle-timeout\)' \
		    expect-reset --idle-timeout 1 --kill-after 200ms \
		    -c "$STAYS"
		has_ended stays.pid
	done
}

@test "28: --idle-timeout is the end of a command's input" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" --idle-timeout 1 --kill-after 60 \
		    127.0.0.1 0 -c 'trap "echo TERM >term" TERM; printf in
		    cat >/dev/null 2>&1; echo end >ran' </dev/null
		peer_connect c 'read-until in; wait-file go'
		finish d 28
		says d.err '127\.0\.0\.1:[0-9]+: .*\(--idle-timeout\)'
		contains ran $'end\n'
		[[ ! -e term ]]
		: >go
		finish c
		silent c
	done
}

@test "--idle-timeout lets a command be that moves bytes" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" --idle-timeout 4 127.0.0.1 0 -- \
		    cat </dev/null
		peer_connect c 'write-text one; read-until one; delay 1500;
		    write-text two; read-until two; delay 1500;
		    write-text three; read-until three; delay 1500;
		    write-text four; read-until four; shut; expect-eof'
		finish c
		silent c
		finish d
		silent d
	done
}

@test "63: --max-recv ends a command, after what was allowed" {
	listen_ready d --max-recv 10 --kill-after 200ms 127.0.0.1 0 \
	    -c 'echo $$ >stays.pid; cat >got; exec sleep 60' </dev/null
	payload want 10
	peer_connect c 'write 11; expect-reset'
	finish c
	finish d 63
	says d.err '127\.0\.0\.1:[0-9]+: more than 10 bytes \(--max-recv\)'
	same want got
	has_ended stays.pid
	listen_ready d --max-recv 10 127.0.0.1 0 -- cat </dev/null
	peer_connect c 'write 10; shut; save got; read-all'
	finish c
	finish d
	silent d
	same want got
}

@test "63: --max-send is what a command may send" {
	listen_ready d --max-send 10 --kill-after 200ms 127.0.0.1 0 \
	    -c 'printf 0123456789x; echo $$ >stays.pid; exec sleep 60' \
	    </dev/null
	peer_connect c 'save got; expect-reset'
	finish c
	finish d 63
	says d.err '127\.0\.0\.1:[0-9]+: more than 10 bytes \(--max-send\)'
	contains got 0123456789
	has_ended stays.pid
	listen_ready d --max-send 10 127.0.0.1 0 -- printf 0123456789 \
	    </dev/null
	peer_connect c 'shut; save got; read-all'
	finish c
	finish d
	silent d
	contains got 0123456789
}

@test "28: --deadline ends the command, and its client is reset" {
	local way
	for way in pipes given; do
		way "$way"
		gone_client 28 '--deadline' expect-reset --deadline 2 \
		    --kill-after 200ms -c "$DEFIES"
		has_ended stays.pid
	done
}

@test "28: --deadline is SIGTERM at once" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" --deadline 2 --kill-after 60 \
		    127.0.0.1 0 -c "$TELLS" </dev/null
		peer_connect c 'read-until in; wait-file go'
		finish d 28
		says d.err '--deadline'
		contains term $'TERM\n'
		has_ended stays.pid
		: >go
		finish c
		silent c
	done
}

@test "28: --deadline ends all commands of a run" {
	local n way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k --deadline 2 \
		    --kill-after 200ms 127.0.0.1 0 \
		    -c 'echo $$ >$$.pid; printf in; exec sleep 60' </dev/null
		for n in 1 2 3; do
			peer_connect "c$n" 'read-until in; read-all'
		done
		finish d 28
		says d.err '--deadline'
		for n in *.pid; do
			has_ended "$n"
		done
		for n in 1 2 3; do
			wait "${PID[c$n]}" || :
			unset "PID[c$n]"
		done
	done
}

@test "a signal to ducat is SIGTERM to its commands" {
	local signal way
	for way in given pipes; do
		for signal in 15 2 1; do
			way "$way"
			rm -f fate fate.pid
			WRAP=("$PEER" fate fate)
			listen_ready d "${WAY[@]}" -k -c "$TELLS" \
			    127.0.0.1 0 </dev/null
			peer_connect c 'read-until in; touch stands;
			    read-all'
			retry_until "$BOUND" test -e stands
			kill "-$signal" "$(<fate.pid)"
			finish d $(( 128 + signal ))
			contains fate "signal $signal"$'\n'
			says d.err 'signal'
			retry_until "$BOUND" test -s term
			has_ended stays.pid
			wait "${PID[c]}" || :
			unset "PID[c]"
		done
	done
}

@test "a signal in the middle of a session resets the connection" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -c "$STAYS" 127.0.0.1 0 </dev/null
		peer_connect c 'read-until in; touch stands; expect-reset'
		retry_until "$BOUND" test -e stands
		kill -TERM "${PID[d]}"
		finish d 143
		says d.err 'ended by a signal: Terminated'
		finish c
		silent c
		has_ended stays.pid
	done
}

### Many

@test "commands run side by side" {
	local n way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k --max-accepts 3 127.0.0.1 0 \
		    -c 'printf in; cat' </dev/null
		# None goes on before all are in.
		for n in 1 2 3; do
			peer_connect "c$n" "read-until in; touch in$n;
			    wait-file go; write-text $n; shut; save got$n;
			    read-all"
		done
		for n in 1 2 3; do
			retry_until "$BOUND" test -e "in$n"
		done
		: >go
		for n in 1 2 3; do
			finish "c$n"
			silent "c$n"
			contains "got$n" "$n"
		done
		finish d
		silent d
		rm -f in? got?
	done
}

@test "--max-conns leaves the others in the backlog" {
	local way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k --max-conns 1 --max-accepts 2 \
		    127.0.0.1 0 -c 'printf in; cat' </dev/null
		peer_connect one 'read-until in; touch stands; wait-file go;
		    shut; expect-eof'
		retry_until "$BOUND" test -e stands
		peer_connect two 'expect-silence 500; touch in;
		    read-until in; shut; expect-eof'
		retry_until "$BOUND" test -e in
		: >go
		finish one
		silent one
		finish two
		silent two
		finish d
		silent d
	done
}

@test "--max-conns 2 lets two in at once" {
	listen_ready d -k --max-conns 2 --max-accepts 3 127.0.0.1 0 \
	    -c 'printf in; cat' </dev/null
	peer_connect one 'read-until in; touch in1; wait-file go1; shut;
	    expect-eof'
	peer_connect two 'read-until in; touch in2; wait-file go2; shut;
	    expect-eof'
	retry_until "$BOUND" test -e in1
	retry_until "$BOUND" test -e in2
	peer_connect three 'expect-silence 300; touch quiet; read-until in;
	    shut; expect-eof'
	retry_until "$BOUND" test -e quiet
	: >go1
	# The second is still there.
	finish one
	finish three
	silent three
	: >go2
	finish two
	silent two
	finish d
	silent d
}

@test "after --max-accepts clients nobody listens" {
	listen_ready d -k --max-accepts 2 127.0.0.1 0 -c 'printf in; cat' \
	    </dev/null
	peer_connect one 'read-until in; touch in1; wait-file go; shut;
	    expect-eof'
	retry_until "$BOUND" test -e in1
	peer_connect two 'read-until in; touch in2; wait-file go; shut;
	    expect-eof'
	retry_until "$BOUND" test -e in2
	peer_connect three 'read-all'
	finish three 1
	has three.err 'Connection refused'
	alive d
	: >go
	finish one
	silent one
	finish two
	silent two
	finish d
	silent d
}

@test "--max-conns-per-host cuts what is too much of one address" {
	in_netns
	listen_ready d -k --max-conns-per-host 1 --max-accepts 2 127.0.0.1 0 \
	    -c 'printf in; cat' </dev/null
	peer_connect one 'read-until in; touch stands; wait-file go; shut;
	    expect-eof'
	retry_until "$BOUND" test -e stands
	peer_connect two 'expect-reset'
	finish two
	retry_until "$BOUND" test -s d.err
	says d.err '127\.0\.0\.1.*: more than 1 connections'
	# Another address is not meant, and the cut one does not count.
	try 0 "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" </dev/null
	contains out in
	: >go
	finish one
	silent one
	finish d
	says d.err 'more than 1 connections'
}

@test "300 commands leave no descriptor and no process behind" {
	need linux pgrep
	local all before n script='' way
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k 127.0.0.1 0 -- true </dev/null
		peer_connect c 'shut; expect-eof'
		finish c
		retry_until "$BOUND" no_child d
		all=("/proc/${PID[d]}/fd/"*)
		before=${#all[@]}
		script=''
		for (( n = 0; n < 300; n++ )); do
			script+='shut; expect-eof; connect-again;'
		done
		peer_connect many "$script shut; expect-eof"
		finish many
		silent many
		retry_until "$BOUND" no_child d
		retry_until "$BOUND" descriptors_are d "$before"
		silent d
		end_of d
	done
}

# Zombies are children, too.
no_child()
{
	! pgrep -P "${PID[$1]}" >/dev/null
}

descriptors_are()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	[[ ${#all[@]} -eq $2 ]]
}

@test "a fork that fails is told, and the run goes on" {
	need linux ptrace
	local calls=fork,vfork,clone,clone3 way
	for way in given pipes; do
		way "$way"
		WRAP=(strace -f -qq -e trace="$calls" -o trace
		    -e inject="$calls:error=EAGAIN:when=1"
		    "$PEER" exec -t 30)
		listen_addr d "${WAY[@]}" -k --max-accepts 2 127.0.0.1 0 -- \
		    echo served </dev/null
		peer_connect one 'expect-reset'
		finish one
		peer_connect two 'shut; save got; read-all'
		finish two
		silent two
		contains got $'served\n'
		finish d 126
		grep -q INJECTED trace
		says d.err 'echo: Resource temporarily unavailable'
	done
}

### Others as the other side

@test "the netcats of others are served by a command" {
	need nc ncat socat busybox
	local way
	printf 'hello\nworld\n' >lower
	printf 'HELLO\nWORLD\n' >upper
	for way in given pipes; do
		way "$way"
		listen_ready d "${WAY[@]}" -k 127.0.0.1 0 -- tr a-z A-Z \
		    </dev/null
		start nc nc -N 127.0.0.1 "$PORT" <lower
		finish nc
		same upper nc.out
		start ncat ncat 127.0.0.1 "$PORT" <lower
		finish ncat
		same upper ncat.out
		start socat socat -t 15 - "TCP:127.0.0.1:$PORT" <lower
		finish socat
		same upper socat.out
		start busybox busybox nc 127.0.0.1 "$PORT" <lower
		finish busybox
		same upper busybox.out
		silent d
		end_of d
	done
}

# listens PORT: something does, in this test's namespace.
listens()
{
	grep -Eq "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F:]+ 0A " \
	    "/proc/${PID[namespace]}/net/tcp" \
	    "/proc/${PID[namespace]}/net/tcp6" 2>/dev/null
}

# against PORT COMMAND...: a listener gets its own input in upper case from
# ducat's command.
against()
{
	local port=$1
	shift
	start p "$@" <lower
	retry_until "$BOUND" listens "$port"
	try 0 "$DUCAT" connect "${WAY[@]}" 127.0.0.1 "$port" -- tr a-z A-Z \
	    </dev/null
	silent err
	empty out
	finish p
	same upper p.out
}

@test "a command is joined to the servers of others" {
	need linux nc ncat socat busybox
	local port=5000 way
	in_netns
	printf 'hello\nworld\n' >lower
	printf 'HELLO\nWORLD\n' >upper
	for way in given pipes; do
		way "$way"
		against $(( ++port )) nc -N -l 127.0.0.1 "$port"
		against $(( ++port )) ncat -l 127.0.0.1 "$port"
		against $(( ++port )) socat -t 15 - \
		    "TCP-LISTEN:$port,bind=127.0.0.1"
		against $(( ++port )) busybox nc -l -p "$port"
	done
}

@test "curl is answered by a command" {
	need curl
	local way
	payload page 300000
	for way in given pipes; do
		way "$way"
		# The first reads the request, the second none of it.
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -c 'read -r get path x
		    printf "HTTP/1.0 200 OK\r\nX-Path: %s\r\n\r\n" "$path"
		    cat page' </dev/null
		try 0 curl -sS -D head -o body "http://127.0.0.1:$PORT/a/b"
		silent err
		same page body
		has head '^X-Path: /a/b'
		finish d
		silent d
		listen_ready d "${WAY[@]}" 127.0.0.1 0 -c 'cat page' </dev/null
		try 0 curl -sS --http0.9 -o body "http://127.0.0.1:$PORT/"
		silent err
		same page body
		finish d
		silent d
		# An upload that nobody reads does not spoil the answer.
		listen_ready d "${WAY[@]}" 127.0.0.1 0 \
		    -c 'printf "HTTP/1.0 403 No\r\n\r\nno\n"' </dev/null
		try 0 curl -sS -o body -H Expect: --data-binary @page \
		    "http://127.0.0.1:$PORT/"
		silent err
		contains body $'no\n'
		finish d
		silent d
	done
}

### Terminals

@test "--pty: the command has a terminal of its own" {
	need linux
	listen_ready d --pty 127.0.0.1 0 -c \
	    'test -t 0 && test -t 1 && test -t 2 && stty size; exit 7' \
	    </dev/null
	peer_connect c 'save got; read-all'
	finish c
	finish d 7
	silent d
	contains got $'24 80\r\n'
}

@test "--pty: the client's end is an end for the command, and all arrives" {
	listen_ready d --pty 127.0.0.1 0 -- sh -c 'stty -echo; echo go; cat
	    echo end' </dev/null
	peer_connect c 'save got; read-until go; write-text a\nb; shut;
	    read-all'
	finish c
	finish d
	silent d
	contains got $'go\r\na\r\nbend\r\n'
}

@test "--pty: a client that is gone hangs up" {
	listen_ready d --pty --kill-after 60 127.0.0.1 0 -- \
	    sh -c 'echo in; exec sleep 60' </dev/null
	peer_connect c 'read-until in; reset'
	finish c
	finish d 56
	says d.err 'receive from .*Connection reset by peer'
}
