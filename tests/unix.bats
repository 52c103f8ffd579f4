# ducat unix: local stream sockets, both roles, and the manners of a path.

# shellcheck disable=SC1003,SC2016,SC2034,SC2153,SC2154
# shellcheck disable=SC2030,SC2031 # every test is a subshell

load lib
load local

### Connecting: what passes

# both_ways PATH: a server "t" has sent `back` and will have got `there`.
both_ways()
{
	try 0 "$DUCAT" unix "$@" <there
	silent err
	same back out
	finish t
	same there t.out
}

@test "30 MB there and 20 MB back, to socat" {
	need socat
	payload there 30000000 1
	payload back 20000001 2
	others_listen t "$PWD/sock" socat -t 30 - "UNIX-LISTEN:$PWD/sock" <back
	both_ways sock
	silent t
}

@test "the same with --no-zero-copy" {
	need socat
	payload there 30000000 1
	payload back 20000001 2
	others_listen t "$PWD/sock" socat -t 30 - "UNIX-LISTEN:$PWD/sock" <back
	both_ways --no-zero-copy sock
	silent t
}

# It leaves when its peer has ended, whatever it still has to say.
@test "to nc -lU, and from there" {
	need nc.openbsd
	payload there 3000000 1
	payload back 2000000 2
	others_listen t "$PWD/sock" nc.openbsd -NlU "$PWD/sock" <back
	try 0 "$DUCAT" unix --recv-only sock </dev/null
	silent err
	same back out
	finish t
	silent t
	remove sock
	: >back
	others_listen t "$PWD/sock" nc.openbsd -NlU "$PWD/sock" </dev/null
	both_ways sock
	silent t
}

@test "both ways to ncat -lU" {
	need ncat
	payload there 3000000 1
	payload back 2000000 2
	others_listen t "$PWD/sock" ncat -lU "$PWD/sock" <back
	both_ways sock
}

@test "both ways to an abstract name of socat's" {
	need socat
	abstract
	payload there 3000000 1
	payload back 2000000 2
	others_listen t "@$NAME" socat -t 30 - "ABSTRACT-LISTEN:$NAME" <back
	both_ways "@$NAME"
	silent t
}

@test "an abstract name with a NUL, a backslash and bytes that are no text" {
	need linux
	abstract
	local name="@$NAME"'\x00\\\xFf'
	local_listen t "$name" 'read(5); eof(); text("answer")'
	try 0 "$DUCAT" unix "$name" < <(printf hello)
	silent err
	contains out answer
	finish t
	silent t
}

@test "an abstract name is told as it would be written" {
	need linux
	abstract
	local name="@$NAME"'\x00\\\xff'
	try 7 "$DUCAT" unix "$name" </dev/null
	contains err "ducat: connect to $name: Connection refused"$'\n'
	unix_ready d -v --events e "$name" </dev/null
	try 45 "$DUCAT" unix --listen "$name" </dev/null
	contains err "ducat: listen on $name: Address already in use"$'\n'
	try 0 "$DUCAT" unix -v "$name" </dev/null
	finish d
	grep -qF "connected to $name, pid " err
	grep -qF "closed $name: sent 0" err
	grep -qF "listening on $name" d.err
	grep -qF "connection on $name, pid " d.err
	grep -qF "\"local\":\"${name//\\/\\\\}\"" e
	listen_ready d --forward "unix:$name" 127.0.0.1 0 </dev/null
	peer_connect p pause
	finish d 7
	contains d.err "ducat: connect to $name: Connection refused"$'\n'
}

@test "between pipes on both sides" {
	payload want 3000000
	local_listen t sock 'save("got"); read_all(); file("want")'
	# shellcheck disable=SC2002
	cat want | "$PEER" exec "$DUCAT" unix sock 2>err | cat >out
	silent err
	finish t
	same want got
	same want out
}

@test "where much goes the socket holds more" {
	need linux ptrace
	local size
	for size in 1000000 4000000; do
		payload there "$size" 1
		local_listen t sock 'save("got"); read_all()'
		try 0 strace -f -e trace=setsockopt,getsockopt -o "trace.$size" \
		    "$PEER" exec "$DUCAT" unix sock <there
		silent err
		finish t
		silent t
		same there got
		rm -f sock
	done
	lacks trace.1000000 SO_SNDBUF
	has trace.4000000 SO_SNDBUF
}

@test "the server answers when it has seen our end" {
	local_listen t sock 'read(8); eof(); text("answer")'
	printf question >input
	try 0 "$DUCAT" unix sock <input
	silent err
	contains out answer
	finish t
	silent t
}

@test "our input goes on after the server's end" {
	feed_open input
	local_listen t sock 'text("bye"); shut(); save("got"); read_all()'
	mkfifo output
	exec 5<>output
	start_raw d "$DUCAT" unix sock <input.fifo >output
	exec 8<output 5>&-
	local said
	# Its end passes on at once.
	IFS= read -r -d '' -t "$BOUND" -u 8 said || [[ $? -eq 1 ]]
	equal "$said" bye
	printf 'late' >&6
	retry_until "$BOUND" size_is got 4
	printf ' input' >&6
	feed_close
	finish d
	silent d
	finish t
	silent t
	contains got 'late input'
}

@test "a server that closes altogether ends the run while input is silent" {
	feed_open input
	local_listen t sock 'read(5); text("bye")'
	start d "$DUCAT" unix sock <input.fifo
	printf hello >&6
	finish d
	silent d
	contains d.out bye
	finish t
	feed_close
}

@test "a server that ends and then closes, while input is silent" {
	feed_open input
	local_listen t sock 'text("bye"); shut(); wait("go")'
	start d "$DUCAT" unix sock <input.fifo
	retry_until "$BOUND" size_is d.out 3
	alive d
	: >go
	finish d
	silent d
	finish t
	feed_close
}

# slow_reader: of `output`, by descriptor 4, and a silent `input`.
# closed_early: what the peer "t" sent before it closed altogether is not all
# read when that is known, and comes nevertheless.
slow_reader()
{
	mkfifo output
	# shellcheck disable=SC2094
	exec 5<>output 4<output
	feed_open input
}

closed_early()
{
	finish t
	silent t
	cat <&4 >got
	finish d
	silent d
	same want got
	feed_close
	exec 4<&-
	rm input.fifo output
}

@test "a server that closes while input is silent and the reader slow" {
	local option
	payload want 150000
	for option in -N --no-zero-copy; do
		remove sock
		slow_reader
		local_listen t sock 'file("want")'
		start_raw d "$DUCAT" unix "$option" sock <input.fifo >output
		exec 5>&-
		closed_early
	done
}

@test "a client that closes while input is silent and the reader slow" {
	local option KEEP=(-k 9)
	payload want 150000
	for option in -N --no-zero-copy; do
		slow_reader
		ready_prepare d
		start_raw d "$DUCAT" unix --listen --ready-fd 9 "$option" \
		    sock <input.fifo >output
		exec 5>&-
		ready_all d
		local_connect t sock 'file("want")'
		closed_early
	done
}

@test "55: the server is gone and input is left" {
	payload sent 3000000
	local_listen t sock 'read(1000)'
	try 55 "$DUCAT" unix sock <sent
	says err 'send to sock: (Broken pipe|Connection reset by peer)'
	finish t
}

@test "/dev/null is the end of input at once" {
	local_listen t sock 'eof(); text("answer")'
	try 0 "$DUCAT" unix sock </dev/null
	silent err
	contains out answer
	finish t
	silent t
}

@test "a conversation goes back and forth" {
	local i line
	mkfifo answers
	feed_open questions
	exec 5<>answers
	local_listen t sock '[(until("\n"), text("answer %d\n" % i))
	    for i in range(200)]; eof()'
	start_raw d "$DUCAT" unix sock <questions.fifo >answers
	for (( i = 0; i < 200; i++ )); do
		echo "question $i" >&6
		read -r -t "$BOUND" line <&5
		equal "$line" "answer $i"
	done
	feed_close
	finish d
	silent d
	finish t
	silent t
	exec 5>&-
}

@test "55: the server ends with input of ours unread" {
	printf hello >input
	local_listen t sock 'text("answer"); wait("go")'
	start d "$DUCAT" unix sock <input
	retry_until "$BOUND" size_is d.out 6
	retry_until "$BOUND" offset_is d 0 5
	: >go
	finish t
	finish d 55
	says d.err 'send to sock: Connection reset by peer'
}

@test "urgent data is data" {
	local option
	need python3
	python3 -IS -c 'import socket
one, other = socket.socketpair()
one.send(b"x", socket.MSG_OOB)' 2>/dev/null ||
	    skip "no urgent data on local sockets here"
	for option in -N --no-zero-copy; do
		remove sock
		local_listen t sock 's.send(b"a"); s.send(b"b",
		    socket.MSG_OOB); s.send(b"c"); shut(); eof()'
		try 0 "$DUCAT" unix "$option" sock </dev/null
		silent err
		contains out abc
		finish t
	done
}

@test "descriptors that the server passes are not kept" {
	need linux
	local option before
	for option in -N --no-zero-copy; do
		remove sock in go
		local_listen t sock 'text("x"); wait("go");
		    socket.send_fds(s, [b"y"], [1, 1, 1]);
		    socket.send_fds(s, [b"z"], [1] * 200);
		    read(1); shut(); eof()'
		feed_open input
		start d "$DUCAT" unix "$option" sock <input.fifo
		retry_until "$BOUND" size_is d.out 1
		before=$(descriptors d)
		: >go
		retry_until "$BOUND" size_is d.out 3
		(( $(descriptors d) <= before + 2 ))
		printf x >&6
		feed_close
		rm input.fifo
		finish d
		silent d
		contains d.out xyz
		finish t
	done
}

@test "a path from the root, and one by way of a link to its directory" {
	mkdir directory
	ln -s directory link
	local path
	for path in "$PWD/directory/sock" link/sock ./directory/../link/sock; do
		remove directory/sock
		local_listen t directory/sock 'eof(); text("answer")'
		try 0 "$DUCAT" unix "$path" </dev/null
		silent err
		contains out answer
		finish t
	done
}

@test "by a link to the socket itself" {
	ln -s sock link
	local_listen t sock 'eof(); text("answer")'
	try 0 "$DUCAT" unix link </dev/null
	silent err
	contains out answer
	finish t
}

### Connecting: options

@test "--recv-only does not read standard input" {
	echo untouched >input
	local_listen t sock 'text("all"); shut(); eof()'
	{
		try 0 "$DUCAT" unix --recv-only sock
		cat >rest
	} <input
	silent err
	contains out all
	contains rest $'untouched\n'
	finish t
	silent t
}

@test "--send-only drops what comes, and ends when all is sent" {
	feed_open input
	local_listen t sock 'text("x" * 1000000); touch("dropped");
	    save("got"); read(5); wait("go")'
	start d "$DUCAT" unix --send-only sock <input.fifo
	retry_until "$BOUND" test -e dropped
	printf hello >&6
	feed_close
	finish d
	silent d
	empty d.out
	: >go
	finish t
	contains got hello
}

@test "-q: a server that does not end is waited for no longer" {
	printf hello >input
	local_listen t sock 'save("got"); read_all(); wait("go")'
	try 0 "$DUCAT" unix -q 300ms sock <input
	silent err
	: >go
	finish t
	silent t
	contains got hello
}

@test "--on-peer-eof exit: the server's end is the run's" {
	feed_open input
	local_listen t sock 'read(5); text("bye"); shut(); read_all()'
	start d "$DUCAT" unix --on-peer-eof exit sock <input.fifo
	printf hello >&6
	finish d
	silent d
	contains d.out bye
	finish t
	silent t
	feed_close
}

@test "--no-half-close keeps sending open until the server ends" {
	printf hello >input
	local_listen t sock 'read(5); silence(200); text("bye"); shut(); eof()'
	try 0 "$DUCAT" unix --no-half-close sock <input
	silent err
	contains out bye
	finish t
	silent t
}

@test "--escape always makes control characters visible" {
	local_listen t sock 'text("a\x1b[31mb\n"); shut(); eof()'
	try 0 "$DUCAT" unix --escape always sock </dev/null
	silent err
	contains out $'a^[[31mb\n'
	finish t
}

@test "--max-recv and --max-send let exactly that much pass" {
	local option
	payload want 1000
	for option in -v --no-zero-copy; do
		remove sock
		local_listen t sock 'save("got"); read_all(); file("want")'
		try 0 "$DUCAT" unix "$option" --max-recv 1000 --max-send 1k \
		    sock <want
		same want out
		finish t
		same want got
	done
}

@test "63: --max-recv and --max-send, one byte more" {
	payload want 1000
	payload large 1001
	local_listen t sock 'file("large"); shut(); read_all()'
	try 63 "$DUCAT" unix --max-recv 1000 sock </dev/null
	says err '--max-recv'
	same want out
	finish t
	remove sock
	local_listen t sock 'save("got"); read(1000); wait("go")'
	try 63 "$DUCAT" unix --max-send 1000 sock <large
	says err '--max-send'
	: >go
	finish t
	same want got
}

@test "28: --idle-timeout" {
	feed_open input
	local_listen t sock 'text("hello"); wait("go")'
	try 28 "$DUCAT" unix --idle-timeout 300ms sock <input.fifo
	says err '--idle-timeout'
	contains out hello
	: >go
	finish t
	feed_close
}

@test "28: --deadline" {
	feed_open input
	local_listen t sock 'text("hello"); wait("go")'
	try 28 "$DUCAT" unix --deadline 1 sock <input.fifo
	says err '--deadline'
	contains out hello
	: >go
	finish t
	feed_close
}

# A backlog of 0 has room for one.
@test "28: -w, the server's backlog is full" {
	local_listen t sock 'wait("go")' 0
	local_connect first sock 'touch("waits"); ends()'
	retry_until "$BOUND" test -e waits
	try 28 "$DUCAT" unix -w 300ms sock </dev/null
	says err '--timeout'
	empty out
	kill -KILL "${PID[t]}"
	finish t 137
	finish first
}

@test "a full backlog is waited for" {
	need linux
	local_listen t sock 'wait("go"); again(); eof(); again(); eof();
	    text("answer")' 0
	local_connect first sock 'touch("waits"); shut(); eof()'
	retry_until "$BOUND" test -e waits
	start d "$DUCAT" unix -v sock </dev/null
	retry_until "$BOUND" sockets_are d 1
	empty d.err
	: >go
	finish first
	finish d
	finish t
	silent t
	contains d.out answer
	has d.err '^ducat: connected to sock,'
}

@test "at a terminal the server's end is the run's" {
	local_listen t sock 'read(6); text("bye\n")'
	start d "$PEER" pty 'write-text hello\n; read-until bye; read-all' \
	    "$DUCAT" unix sock
	finish d
	silent d
	finish t
	silent t
}

@test "23: standard output cannot be written" {
	need linux
	local_listen t sock 'text("hello"); ends()'
	start_raw d "$DUCAT" unix sock </dev/null >/dev/full
	finish d 23
	says d.err 'standard output: No space left on device'
	finish t
}

@test "26: standard input cannot be read" {
	local_listen t sock 'ends()'
	try 26 "$DUCAT" unix sock <.
	says err 'standard input: Is a directory'
	finish t
}

@test "SIGUSR1 prints the counters" {
	feed_open input
	local_listen t sock 'read(5); text("welcome"); eof()'
	start d "$DUCAT" unix sock <input.fifo
	printf hello >&6
	retry_until "$BOUND" size_is d.out 7
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" test -s d.err
	has d.err '^ducat: sock: sent 5 .*[^0-9]7 '
	feed_close
	finish d
	finish t
}

@test "SIGTERM ends a client with one line" {
	feed_open input
	local_listen t sock 'text("hello"); eof()'
	start d "$DUCAT" unix sock <input.fifo
	retry_until "$BOUND" size_is d.out 5
	end_of d
	says d.err Terminated
	contains d.out hello
	finish t
	feed_close
}

@test "-v tells of a connection and its end" {
	printf hello >input
	local_listen t sock 'read_all(); text("answer")'
	try 0 "$DUCAT" unix -v sock <input
	contains out answer
	[[ $(head -n 1 err) == 'ducat: connected to sock,'* ]]
	has err '^ducat: closed sock: sent 5 bytes, received 6 bytes in '
	lines_are err 2
	finish t
}

### Connecting: commands and forwards

@test "a command is joined to the server" {
	local_listen t sock 'text("hello\n"); shut(); save("got"); read_all()'
	try 0 "$DUCAT" unix sock -- tr a-z A-Z </dev/null
	silent err
	empty out
	finish t
	silent t
	contains got $'HELLO\n'
}

@test "a command's status is the run's" {
	local_listen t sock 'read_all()'
	try 7 "$DUCAT" unix sock --sh 'exit 7' </dev/null
	silent err
	finish t
	remove sock
	local_listen t sock 'read_all()'
	try 127 "$DUCAT" unix sock -- ./no-such-program </dev/null
	says err 'no-such-program'
	finish t
}

@test "a command has three descriptors and what speaks of the socket" {
	need linux
	local_listen t sock 'shut(); save("got"); read_all()'
	TCPREMOTEIP=x TCPLOCALPORT=x IPCREMOTEEUID=x IPCLOCALPATH=x PROTO=x \
	    try 0 "$DUCAT" unix ./sock -- sh -c \
	    'env | grep -E "^(PROTO|TCP|UDP|IPC)" | grep -v "ID=" | sort
	    ls /proc/self/fd | wc -l' </dev/null 5</dev/null
	silent err
	finish t
	# One more is the directory that ls reads.
	contains got $'IPCREMOTEPATH=./sock\nPROTO=IPC\n4\n'
}

@test "IPCREMOTEPATH is the path as it was written" {
	need linux
	abstract
	local path
	for path in "@$NAME"'\x41\\' $'odd\e\\path'; do
		local_listen t "$path" 'shut(); save("got"); read_all()'
		try 0 "$DUCAT" unix "$path" --sh \
		    'printf %s "$IPCREMOTEPATH"' </dev/null
		silent err
		finish t
		contains got "$path"
	done
}

@test "--stderr-to-peer and --pty" {
	local_listen t sock 'shut(); save("got"); read_all(); again(); shut();
	    save("tty"); read_all()'
	try 0 "$DUCAT" unix --stderr-to-peer sock --sh 'echo oops >&2'
	silent err
	try 0 "$DUCAT" unix --pty sock --sh 'test -t 0 && test -t 2 && echo yes'
	silent err
	finish t
	contains got $'oops\n'
	contains tty $'yes\r\n'
}

@test "--kill-after ends a command whose server is gone" {
	local_listen t sock 'read(2)'
	status=0
	"$PEER" exec "$DUCAT" unix --kill-after 200ms sock --sh \
	    'echo $$ >stays.pid; printf in; exec sleep 60' \
	    </dev/null >out 2>err || status=$?
	[[ $status -eq 0 || $status -eq 143 ]]
	finish t
	has_ended stays.pid
}

@test "--forward joins two servers, one local and one by TCP" {
	payload there 3000000 1
	payload back 2000000 2
	listen_ready far 127.0.0.1 0 <back
	unix_ready near sock <there
	try 0 "$DUCAT" unix sock --forward "127.0.0.1:$PORT" </dev/null
	silent err
	empty out
	finish far
	finish near
	silent far near
	same there far.out
	same back near.out
}

@test "--forward joins two local servers" {
	abstract
	payload there 3000000 1
	payload back 2000000 2
	unix_ready far "@$NAME" <back
	unix_ready near sock <there
	try 0 "$DUCAT" unix sock --forward "unix:@$NAME" </dev/null
	silent err
	finish far
	finish near
	silent far near
	same there far.out
	same back near.out
}

### Connecting: what is not there

@test "7: nobody answers" {
	local what
	need python3
	python3 -IS -c 'import socket
socket.socket(socket.AF_UNIX).bind("stale")'
	echo contents >regular
	mkdir directory
	ln -s nowhere dangling
	ln -s loop loop
	while read -r what; do
		try 7 "$DUCAT" unix "${what%%:*}" </dev/null
		contains err "ducat: connect to $what"$'\n'
		empty out
	done <<-'END'
	none: No such file or directory
	missing/sock: No such file or directory
	regular/sock: Not a directory
	stale: Connection refused
	regular: Socket operation on non-socket
	directory: Socket operation on non-socket
	dangling: No such file or directory
	loop: Too many levels of symbolic links
	@ducat-unix-nobody: Connection refused
	END
	contains regular $'contents\n'
	[[ -S stale && -d directory && -L dangling && -L loop ]]
}

@test "7: a socket that may not be used" {
	as_nobody
	unix_ready d --mode 600 sock </dev/null
	try 7 "${NOBODY[@]}" "$DUCAT" unix sock </dev/null
	contains err $'ducat: connect to sock: Permission denied\n'
	empty out
	end_of d
}

@test "7: a datagram socket" {
	need python3
	start t python3 -IS -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("sock")
print("ready", flush=True)
s.recv(1)' </dev/null
	retry_until "$BOUND" test -s t.out
	try 7 "$DUCAT" unix sock </dev/null
	contains err 'ducat: connect to sock: a socket is there, but not of type stream
'
	# Nor is it stale.
	try 45 "$DUCAT" unix --listen sock </dev/null
	contains err $'ducat: listen on sock: Address already in use\n'
	alive t
	[[ -S sock ]]
}

@test "a path is shown without its control characters" {
	local path=$'odd\e[31m\nname'
	try 7 "$DUCAT" unix "$path" </dev/null
	contains err 'ducat: connect to odd\x1b[31m\x0aname: '"No such file or \
directory
"
	unix_ready d -v "$path" </dev/null
	client c "$path" 'shut(); eof()'
	finish d
	lacks d.err $'\e'
	equal "$(cut -d ' ' -f 2-4 d.err | cut -d , -f 1)" \
	    'listening on odd\x1b[31m\x0aname
connection on odd\x1b[31m\x0aname
closed odd\x1b[31m\x0aname: sent'
}

### Listening: what passes

# served_by COMMAND...: a client that is not ducat has sent `there`.
served_by()
{
	payload there 3000000 1
	payload back 2000000 2
	unix_ready d "${WHERE:-sock}" <back
	start c "$@" <there
	finish c
	finish d
	silent d
	same there d.out
	same back c.out
	[[ ! -e sock ]]
}

@test "a client that is socat" {
	need socat
	served_by socat -t 30 - UNIX-CONNECT:sock
}

@test "a client that is nc -U" {
	need nc.openbsd
	served_by nc.openbsd -NU sock
}

@test "a client that is ncat -U" {
	need ncat
	served_by ncat -U sock
}

@test "a client that is socat, by an abstract name" {
	need linux socat
	abstract
	local WHERE="@$NAME"'\x2dz'
	served_by socat -t 30 - "ABSTRACT-CONNECT:$NAME-z"
}

@test "30 MB there and 20 MB back between two ducats" {
	local option
	payload there 30000000 1
	payload back 20000001 2
	for option in '' --no-zero-copy; do
		# shellcheck disable=SC2086
		unix_ready d $option sock <back
		# shellcheck disable=SC2086
		try 0 "$DUCAT" unix $option sock <there
		silent err
		same back out
		finish d
		silent d
		same there d.out
		equal "$READY" $'sock\n'
	done
}

@test "the client answers when it has seen our end" {
	printf question >input
	unix_ready d sock <input
	client c sock 'read(8); eof(); text("answer")'
	finish d
	silent d
	contains d.out answer
}

@test "our input goes on after the client's end" {
	feed_open input
	unix_ready d sock <input.fifo
	local_connect c sock 'text("bye"); shut(); save("got"); read_all()'
	retry_until "$BOUND" size_is d.out 3
	printf 'late input' >&6
	retry_until "$BOUND" size_is got 10
	alive d
	feed_close
	finish c
	finish d
	silent c d
	contains got 'late input'
}

@test "a client that closes altogether ends the run while input is silent" {
	feed_open input
	unix_ready d sock <input.fifo
	client c sock 'text("bye")'
	finish d
	silent d
	contains d.out bye
	feed_close
}

@test "/dev/null has nothing to say, and is no end" {
	unix_ready d sock </dev/null
	client c sock 'text("a"); silence(200); text("b"); shut(); eof()'
	finish d
	silent d
	contains d.out ab
}

@test "a closed standard input has nothing to say, either" {
	KEEP=(-c 0)
	unix_ready d sock
	client c sock 'text("a"); silence(200); text("b"); shut(); eof()'
	finish d
	silent d
	contains d.out ab
}

@test "without -k the file goes, and nobody else comes in" {
	unix_ready d sock </dev/null
	local_connect c sock 'text("in"); wait("go"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 2
	retry_until "$BOUND" eval '! test -e sock'
	try 7 "$DUCAT" unix sock </dev/null
	has err 'No such file'
	: >go
	finish c
	silent c
	finish d
	silent d
}

@test "without -k a name is free once the client came" {
	need linux
	abstract
	unix_ready d "@$NAME" </dev/null
	local_connect c "@$NAME" 'text("in"); wait("go"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 2
	try 7 "$DUCAT" unix "@$NAME" </dev/null
	has err 'Connection refused'
	: >go
	finish c
	finish d
	silent c d
}

### Listening: many clients

@test "-k serves one client after another" {
	local n
	unix_ready d -k sock </dev/null
	for n in one two three; do
		client "$n" sock "text('$n'); shut(); eof()"
	done
	retry_until "$BOUND" size_is d.out 11
	contains d.out onetwothree
	silent d
	[[ -S sock ]]
	end_of d
	[[ ! -e sock ]]
}

@test "-k: a file goes to the first client, end or no end" {
	payload sent 3000000
	unix_ready d -k sock <sent
	client one sock 'shut(); save("got"); read_all()'
	same sent got
	client two sock 'text("two"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 3
	silent d
	end_of d
}

@test "-k: 30 clients at once, with a command for each" {
	unix_ready d -k sock -- cat </dev/null
	client c sock 'many = [];
	    [(again(), many.append(s), text(chr(65 + i)), read(1))
	    for i in range(30)];
	    [s.sendall(b"%c" % (97 + i)) for i, s in enumerate(many)];
	    [s.shutdown(socket.SHUT_WR) for s in many];
	    got = [s.recv(1) for s in many];
	    assert got == [b"%c" % (97 + i) for i in range(30)], got;
	    assert not any(s.recv(1) for s in many)'
	silent d
	end_of d
}

@test "-k: a client that is there does not hold up the next" {
	unix_ready d -k sock -- cat </dev/null
	local_connect stays sock 'text("a"); read(1); touch("in"); wait("go");
	    shut(); eof()'
	retry_until "$BOUND" test -e in
	client next sock 'text("b"); shut(); read(1); eof()'
	alive stays
	: >go
	finish stays
	silent stays d
	end_of d
}

@test "-k: 200 clients leave no descriptor behind" {
	need linux
	local before
	unix_ready d -k sock -- cat </dev/null
	client one sock 'text("x"); shut(); read(1); eof()'
	retry_until "$BOUND" sockets_are d 1
	before=$(descriptors d)
	client many sock '[(text("x"), shut(), read(1), eof(), close(),
	    again()) for i in range(200)]; shut(); eof()'
	retry_until "$BOUND" sockets_are d 1
	(( $(descriptors d) <= before + 4 ))
	silent d
	end_of d
}

@test "-k: a session that fails is told, and the next is served" {
	unix_ready d -k --max-recv 10 sock -- cat </dev/null
	client bad sock 'text("0123456789x"); ends()'
	retry_until "$BOUND" test -s d.err
	says d.err '--max-recv'
	client good sock 'text("0123456789"); shut(); read(10); eof()'
	says d.err '--max-recv'
	end_of d
}

@test "--max-conns lets the others wait" {
	unix_ready d -k --max-conns 1 sock -- cat </dev/null
	local_connect one sock 'text("a"); read(1); touch("in"); wait("go");
	    shut(); eof()'
	retry_until "$BOUND" test -e in
	local_connect two sock 'text("b"); touch("waits"); read(1);
	    touch("served"); shut(); eof()'
	retry_until "$BOUND" test -e waits
	client three sock 'silence(200)'
	[[ ! -e served ]]
	: >go
	finish one
	finish two
	silent one two
	end_of d
}

@test "--max-accepts ends the run when so many came" {
	unix_ready d -k --max-accepts 2 sock -- cat </dev/null
	client one sock 'text("a"); shut(); read(1); eof()'
	[[ -S sock ]]
	local_connect two sock 'text("a"); read(1); touch("in"); wait("go");
	    shut(); eof()'
	retry_until "$BOUND" test -e in
	retry_until "$BOUND" eval '! test -e sock'
	alive d
	: >go
	finish two
	finish d
	silent one two d
}

@test "--broker passes lines on, --tag says whose they are" {
	unix_ready d --broker --tag sock </dev/null
	local_connect a sock 'touch("in.a"); save("a.got"); until("from b\n");
	    text("from a\n"); shut(); read_all()'
	retry_until "$BOUND" test -e in.a
	local_connect b sock 'text("from b\n"); save("b.got");
	    until("from a\n"); shut(); read_all()'
	finish a
	finish b
	silent a b d
	contains a.got $'client2: from b\n'
	contains b.got $'client1: from a\n'
	end_of d
}

@test "--chat gives names, and announces" {
	unix_ready d --chat sock </dev/null
	local_connect a sock 'touch("in.a"); save("a.got"); until("hi\n");
	    until("left\n"); shut(); read_all()'
	retry_until "$BOUND" grep -q 'user1' d.out
	client b sock 'text("hi\n"); shut(); read_all()'
	finish a
	silent a
	contains a.got '<announce> user2 (client2) joined
<user2> hi
<announce> user2 (client2) left
'
	end_of d
}

@test "-k --max-conns 2: standard streams are shared by lines" {
	feed_open input
	unix_ready d -k --max-conns 2 sock <input.fifo
	local_connect a sock 'text("from a\n"); until("all\n"); shut(); eof()'
	local_connect b sock 'text("from b\n"); until("all\n"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 14
	echo all >&6
	finish a
	finish b
	silent a b d
	sort d.out >sorted
	contains sorted $'from a\nfrom b\n'
	end_of d
	feed_close
}

@test "--backlog is what the kernel was told" {
	need ss
	abstract
	unix_ready d --backlog 7 "@$NAME" </dev/null
	ss -Hlx >sockets
	grep -F "@$NAME" sockets >line
	has line ' LISTEN +0 +7 '
	end_of d
}

### Listening: commands, forwards, limits

@test "a command's descriptors and environment, listening" {
	need linux
	unix_ready d ./sock -- sh -c \
	    'env | grep -E "^(PROTO|TCP|UDP|IPC)" | grep -v "ID=" | sort
	    ls /proc/self/fd | wc -l' </dev/null 5</dev/null
	try 0 "$DUCAT" unix sock </dev/null
	finish d
	silent d
	contains out 'IPCLOCALPATH=./sock
IPCREMOTEPATH=
PROTO=IPC
4
'
}

@test "without -k a command's status is the run's" {
	unix_ready d sock --sh 'exit 7' </dev/null
	try 0 "$DUCAT" unix sock </dev/null
	finish d 7
	silent d
	[[ ! -e sock ]]
}

@test "--forward: a TCP server by a local socket" {
	payload there 3000000 1
	payload back 2000000 2
	listen_ready t 127.0.0.1 0 <back
	unix_ready d sock --forward "127.0.0.1:$PORT" </dev/null
	try 0 "$DUCAT" unix sock <there
	silent err
	finish d
	finish t
	silent d t
	same there t.out
	same back out
}

@test "listen --forward: a local server by TCP" {
	payload there 3000000 1
	payload back 2000000 2
	unix_ready t sock <back
	listen_ready d --forward unix:sock 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	finish d
	finish t
	silent d t
	same there t.out
	same back out
}

@test "listen --forward: a local server that closes when it has sent all" {
	local option
	payload want 3000000
	for option in -N --no-zero-copy; do
		remove sock
		local_listen t sock 'file("want")'
		listen_ready d "$option" --forward unix:sock 127.0.0.1 0 \
		    </dev/null
		peer_connect c 'rcvbuf 4096; save got; read-all'
		finish t
		finish c
		silent c
		same want got
		finish d
		silent d
	done
}

@test "--forward between local sockets: one closes when it has sent all" {
	local option
	payload want 300000
	for option in -N --no-zero-copy; do
		remove far go
		local_listen t far 'file("want")'
		unix_ready d "$option" --forward unix:far sock </dev/null
		local_connect c sock 'touch("in"); wait("go"); save("got");
		    read_all()'
		finish t
		: >go
		finish c
		silent c
		same want got
		finish d
		silent d
	done
}

@test "a command gets all of a server that closes" {
	local option
	payload want 150000
	mkfifo gate
	exec 4<>gate
	for option in -N --no-zero-copy; do
		remove sock
		local_listen t sock 'file("want")'
		start d "$DUCAT" unix "$option" sock --sh \
		    'read -r go <gate; exec cat >got' </dev/null
		finish t
		echo go >&4
		finish d
		silent d
		same want got
	done
}

@test "-k --forward: a target that is not there ends the session only" {
	unix_ready d -k sock --forward unix:none </dev/null
	try 0 "$PEER" exec true
	client c sock 'read_all()'
	retry_until "$BOUND" test -s d.err
	says d.err 'connect to none: No such file or directory'
	unix_ready t none -- cat </dev/null
	client e sock 'text("x"); shut(); read(1); eof()'
	finish t
	end_of d
}

@test "curl --unix-socket to a web server by TCP" {
	need linux curl python3
	local n
	mkdir www
	payload www/file 3000000
	start t python3 -u -m http.server --bind 127.0.0.1 -d www 0 </dev/null
	retry_until "$BOUND" test -s t.out
	PORT=$(sed -n 's/.* port \([0-9]*\).*/\1/p' t.out)
	unix_ready d -k sock --forward "127.0.0.1:$PORT" </dev/null
	for n in 1 2 3; do
		start "c$n" curl -qsS --fail -o "got$n" --unix-socket sock \
		    http://localhost/file
	done
	for n in 1 2 3; do
		finish "c$n"
		silent "c$n"
		same www/file "got$n"
	done
	silent d
	end_of d
}

@test "HTTP to a web server on a local socket" {
	need python3
	mkdir www
	payload www/file 3000000
	start t python3 -c '
import functools, http.server, socketserver
class Server(socketserver.ThreadingUnixStreamServer):
    def get_request(self):
        request, client = super().get_request()
        return request, ("local", 0)
handler = functools.partial(http.server.SimpleHTTPRequestHandler,
    directory="www")
with Server("sock", handler) as server:
    print("ready", flush=True)
    server.serve_forever()' </dev/null
	retry_until "$BOUND" test -s t.out
	printf 'GET /file HTTP/1.0\r\n\r\n' >request
	try 0 "$DUCAT" unix sock <request
	silent err
	has out '^HTTP/1\.[01] 200 OK'
	tail -c 3000000 out | cmp - www/file
	printf 'GET /none HTTP/1.0\r\n\r\n' >request
	try 0 "$DUCAT" unix sock <request
	has out '^HTTP/1\.[01] 404 '
}

@test "a MariaDB server greets, and hears our end" {
	need mariadbd
	mkdir data
	start db mariadbd --no-defaults --user="$(id -un)" \
	    --skip-grant-tables --skip-networking --skip-innodb \
	    --default-storage-engine=MyISAM --datadir="$PWD/data" \
	    --socket="$PWD/db" --pid-file="$PWD/db.id" </dev/null
	retry_until "$BOUND" test -S db
	try 0 "$DUCAT" unix db </dev/null
	silent err
	grep -qa 'MariaDB' out
	kill -TERM "${PID[db]}"
	finish db
}

@test "an ssh-agent behind two ducats" {
	need ssh-agent ssh-add ssh-keygen
	ssh-keygen -q -t ed25519 -N '' -C 'a test' -f key
	start agent ssh-agent -D -a "$PWD/agent" </dev/null
	retry_until "$BOUND" env SSH_AUTH_SOCK=agent \
	    ssh-add key >/dev/null 2>&1
	unix_ready two -k two --forward "unix:$PWD/agent" </dev/null
	unix_ready one -k one --forward unix:two </dev/null
	local at
	for at in agent one one; do
		SSH_AUTH_SOCK=$at try 0 ssh-add -l
		silent err
		has out '^256 SHA256:.* a test \(ED25519\)$'
	done
	# It signs, too.
	echo text >text
	SSH_AUTH_SOCK=one try 0 ssh-keygen -Y sign -n test -f key.pub text
	[[ -s text.sig ]]
	silent one two
	end_of one
	end_of two
}

@test "28: -w when no client came, and the file is gone" {
	try 28 "$DUCAT" unix --listen -w 200ms sock </dev/null
	says err '--timeout'
	empty out
	[[ ! -e sock ]]
}

@test "28: --deadline, and the file is gone" {
	try 28 "$DUCAT" unix --listen -k --deadline 200ms sock </dev/null
	says err '--deadline'
	[[ ! -e sock ]]
}

@test "28: --idle-timeout of a client" {
	unix_ready d --idle-timeout 300ms sock </dev/null
	client c sock 'text("x"); read_all()'
	finish d 28
	says d.err '--idle-timeout'
	contains d.out x
}

@test "63: --max-recv and --max-send of a client" {
	payload want 1000
	payload large 1001
	unix_ready d --max-recv 1000 sock </dev/null
	client c sock 'file("large"); ends()'
	finish d 63
	says d.err '--max-recv'
	same want d.out
	unix_ready d --max-send 1000 sock <large
	client c sock 'save("got"); read(1000); ends()'
	finish d 63
	says d.err '--max-send'
	same want got
}

@test "-v tells of listening, of a client and of its end" {
	unix_ready d -v sock </dev/null
	client c sock 'text("hello"); shut(); eof()'
	finish d
	equal "$(head -n 2 d.err | cut -d , -f 1)" 'ducat: listening on sock
ducat: connection on sock'
	has d.err '^ducat: closed sock: sent 0 bytes, received 5 bytes in '
	lines_are d.err 3
}

### Readiness

@test "--ready-fd and --addr-file have the path as it was written" {
	need linux
	abstract
	local path
	for path in sock ./sock "$PWD/sock" "@$NAME"'\x41\\'; do
		unix_ready d --addr-file addr "$path" </dev/null
		equal "$READY" "$path"$'\n'
		contains addr "$path"$'\n'
		client c "$path" 'shut(); eof()'
		finish d
		silent d
		[[ ! -e addr && ! -e sock ]]
	done
}

@test "--background returns when clients can connect" {
	payload file 3000000
	try 0 "$DUCAT" unix --listen --background --addr-file addr \
	    --pid-file pid sock </dev/null
	[[ -S sock && -s pid ]]
	contains addr $'sock\n'
	background_ready
	"$PEER" exec "$DUCAT" unix sock <file 2>client.err
	silent client
	background_ended
	[[ ! -e addr && ! -e sock && ! -e pid ]]
	same file out
	silent err
}

@test "--background -k ends by SIGTERM, and all files go" {
	try 0 "$DUCAT" unix --listen -k --background --addr-file addr \
	    --pid-file pid sock </dev/null
	background_ready
	client c sock 'text("served"); shut(); eof()'
	kill -TERM "${PID[background]}"
	background_ended
	[[ ! -e addr && ! -e pid && ! -e sock ]]
	contains out served
}

@test "--background tells of a failure to listen" {
	: >regular
	try 45 "$DUCAT" unix --listen --background --pid-file pid regular \
	    </dev/null
	says err 'listen on regular'
	[[ ! -e pid && -f regular ]]
}

@test "NOTIFY_SOCKET is told" {
	start manager "$PEER" notify "$PWD/notify"
	retry_until "$BOUND" test -s manager.out
	NOTIFY_SOCKET=$PWD/notify unix_ready d sock </dev/null
	finish manager
	has manager.out '^READY=1$'
	client c sock 'shut(); eof()'
	finish d
	silent d
}

### The manners of a path

@test "a stale socket is taken over" {
	stale sock
	unix_ready d sock </dev/null
	serves
	finish d
	silent d
	contains d.out x
	[[ ! -e sock ]]
}

@test "what a killed ducat has left is taken over" {
	unix_ready d -k sock </dev/null
	kill -KILL "${PID[d]}"
	finish d 137
	[[ -S sock ]]
	unix_ready d sock </dev/null
	serves
	finish d
	silent d
}

@test "45: a live one is left alone" {
	unix_ready d -k sock </dev/null
	try 45 "$DUCAT" unix --listen sock </dev/null
	contains err $'ducat: listen on sock: Address already in use\n'
	[[ -S sock ]]
	serves
	end_of d
	[[ ! -e sock ]]
}

@test "45: a live one does not take the question for a client" {
	local type
	for type in stream seqpacket; do
		unix_ready "$type" --type "$type" -v "$type" </dev/null
		try 45 "$DUCAT" unix --listen --type "$type" "$type" </dev/null
		says err "^ducat: listen on $type: Address already in use\$"
		client "c$type" "$type" 'text("x"); shut(); eof()' "$type"
		finish "$type"
		[[ ! -e $type ]]
		contains "$type.out" x
		equal "$(grep -c '^ducat: connection on' "$type.err")" 1
	done
}

@test "45: others' listeners do not take the question for a client" {
	need socat nc.openbsd
	local name
	others_listen socat "$PWD/socat" socat -u "UNIX-LISTEN:$PWD/socat" -
	others_listen nc "$PWD/nc" nc.openbsd -lU "$PWD/nc"
	for name in socat nc; do
		try 45 "$DUCAT" unix --listen "$name" </dev/null
		try 0 "$DUCAT" unix "$name" <<<"to $name"
		finish "$name"
		contains "$name.out" "to $name"$'\n'
	done
}

@test "45: a live one whose backlog is full is left alone" {
	local_listen t sock 'wait("go")' 0
	local_connect first sock 'touch("waits"); ends()'
	retry_until "$BOUND" test -e waits
	try 45 "$DUCAT" unix --listen sock </dev/null
	contains err $'ducat: listen on sock: Address already in use\n'
	[[ -S sock ]]
	kill -KILL "${PID[t]}"
	finish t 137
	finish first
}

@test "45: a live one of a name" {
	abstract
	unix_ready d -k "@$NAME" </dev/null
	try 45 "$DUCAT" unix --listen "@$NAME" </dev/null
	contains err "ducat: listen on @$NAME: Address already in use"$'\n'
	serves "@$NAME"
	end_of d
}

@test "of several that find a stale one, one has it" {
	local round n left
	for round in 1 2 3; do
		stale sock
		for n in 1 2 3 4; do
			start "d$n" "$DUCAT" unix --listen -k \
			    --addr-file "addr$n" sock </dev/null
		done
		left=()
		for n in 1 2 3 4; do
			retry_until "$BOUND" eval \
			    '[[ -s addr'"$n"' || -s d'"$n"'.err ]]'
			if [[ -s addr$n ]]; then
				left+=("d$n")
			else
				finish "d$n" 45
				says "d$n.err" 'Address already in use'
			fi
		done
		equal "${#left[@]}" 1
		serves
		end_of "${left[0]}"
		[[ ! -e sock ]]
	done
}

looks()
{
	stat -c '%n: %F, %i, %a, %s, %y' regular directory fifo stale link \
	    to-stale dangling loop
}

@test "45: what is no socket is left alone" {
	local what
	echo contents >regular
	mkdir directory
	mkfifo fifo
	stale stale
	ln -s regular link
	ln -s stale to-stale
	ln -s nowhere dangling
	ln -s loop loop
	looks >before
	for what in regular directory fifo link to-stale dangling loop; do
		try 45 "$DUCAT" unix --listen "$what" </dev/null
		says err "^ducat: listen on $what: .*, and no socket"
		empty out
	done
	looks >after
	same before after
	contains regular $'contents\n'
	[[ -S stale && ! -e nowhere ]]
}

@test "45: one that may not be asked is left alone" {
	as_nobody
	mkdir open
	chmod 777 open
	unix_ready d -k --mode 600 open/sock </dev/null
	try 45 "${NOBODY[@]}" "$DUCAT" unix --listen open/sock </dev/null
	says err '^ducat: listen on open/sock: .*asked.*Permission denied'
	serves open/sock
	end_of d
	stale open/sock
	chmod 0 open/sock
	try 45 "${NOBODY[@]}" "$DUCAT" unix --listen open/sock </dev/null
	says err '^ducat: listen on open/sock: .*asked.*Permission denied'
	[[ -S open/sock ]]
}

@test "45: a link to a live socket is left alone" {
	unix_ready d -k sock </dev/null
	ln -s sock link
	try 45 "$DUCAT" unix --listen link </dev/null
	says err '^ducat: listen on link: '
	[[ -L link && -S sock ]]
	serves
	end_of d
	[[ -L link ]]
}

@test "45: where no file can be made" {
	local what
	: >regular
	while read -r what; do
		try 45 "$DUCAT" unix --listen "${what%%:*}" </dev/null
		contains err "ducat: listen on $what"$'\n'
		empty out
	done <<-'END'
	missing/sock: No such file or directory
	regular/sock: Not a directory
	END
	as_nobody
	mkdir closed
	try 45 "${NOBODY[@]}" "$DUCAT" unix --listen closed/sock </dev/null
	contains err $'ducat: listen on closed/sock: Permission denied\n'
	equal "$(echo closed/*)" 'closed/*'
}

@test "45: on a file system that is full, or read-only" {
	need root mountns
	local what why
	mkdir disk
	while IFS=: read -r what why; do
		try 45 unshare "${USER_NS[@]}" -m sh -c 'mount -t tmpfs -o "$1" \
		    none disk && shift && exec "$@"' sh "$what" \
		    "$PEER" exec "$DUCAT" unix --listen disk/sock </dev/null
		contains err "ducat: listen on disk/sock: $why"$'\n'
		empty out
	done <<-'END'
	nr_inodes=1:No space left on device
	ro:Read-only file system
	END
}

@test "signals remove the file" {
	local signal number
	for signal in HUP:129 INT:130 TERM:143; do
		unix_ready d -k sock </dev/null
		[[ -S sock ]]
		kill -"${signal%:*}" "${PID[d]}"
		finish d "${signal#*:}"
		[[ ! -e sock ]]
	done
}

@test "SIGTERM in the middle of a session removes the file" {
	unix_ready d -k --drain 10 sock </dev/null
	local_connect c sock 'text("in"); wait("go"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 2
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" eval '! test -e sock'
	# It may end by itself.
	alive d
	: >go
	finish c
	silent c
	finish d 143
	contains d.out in
}

@test "a file that took its place stays" {
	unix_ready d -k sock </dev/null
	rm sock
	echo contents >sock
	end_of d
	contains sock $'contents\n'
}

@test "another's socket that took its place stays" {
	unix_ready d -k sock </dev/null
	rm sock
	unix_ready other -k sock </dev/null
	end_of d
	[[ -S sock ]]
	serves
	end_of other
	[[ ! -e sock ]]
}

@test "a file that is gone already is no failure" {
	unix_ready d sock </dev/null
	local_connect c sock 'text("in"); wait("go"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 2
	remove sock
	: >go
	finish c
	finish d
	silent c d
	unix_ready d -k sock </dev/null
	rm sock
	end_of d
	says d.err Terminated
}

@test "the file goes from a directory that was renamed" {
	mkdir before
	unix_ready d -k before/sock </dev/null
	mv before after
	mkdir before
	echo contents >before/sock
	end_of d
	[[ ! -e after/sock ]]
	contains before/sock $'contents\n'
}

@test "a start that fails leaves no file" {
	try 2 "$DUCAT" unix --listen --addr-file . sock </dev/null
	[[ ! -e sock ]]
	status=0
	"$PEER" exec "$DUCAT" unix --listen --addr-file missing/addr sock \
	    </dev/null >out 2>err || status=$?
	[[ $status -eq 2 || $status -eq 23 ]]
	says err 'missing/addr'
	[[ ! -e sock ]]
	need root
	status=0
	"$PEER" exec "$DUCAT" unix --listen --chroot missing sock \
	    </dev/null >out 2>err || status=$?
	[[ $status -eq 1 || $status -eq 2 ]]
	says err missing
	[[ ! -e sock ]]
}

@test "a failed start leaves a live socket alone" {
	unix_ready d -k sock </dev/null
	try 2 "$DUCAT" unix --listen --addr-file . sock </dev/null
	[[ -S sock ]]
	serves
	end_of d
}

@test "paths of 107 and 108 bytes" {
	local length path
	for length in 107 108; do
		path=$(printf "%0${length}d" 0)
		unix_ready d -v "$path" <<<back
		equal "$READY" "$path"$'\n'
		[[ -S $path ]]
		try 0 "$DUCAT" unix -v "$path" <<<there
		contains out $'back\n'
		finish d
		contains d.out $'there\n'
		[[ ! -e $path ]]
		# And a stale one.
		unix_ready d -k "$path" </dev/null
		kill -KILL "${PID[d]}"
		finish d 137
		[[ -S $path ]]
		unix_ready d -k "$path" </dev/null
		end_of d
		[[ ! -e $path ]]
	done
}

@test "2: paths of 109 bytes" {
	local path
	path=$(printf '%0109d' 0)
	try 2 "$DUCAT" unix "$path" </dev/null
	says err '108'
	try 2 "$DUCAT" unix --listen "$path" </dev/null
	says err '108'
	[[ ! -e $path ]]
}

@test "names of 107 bytes, and 2 for those of 108" {
	need linux
	local name
	abstract
	name=$(printf "@%-107s" "$NAME" | tr ' ' x)
	unix_ready d "$name" <<<back
	equal "$READY" "$name"$'\n'
	try 0 "$DUCAT" unix "$name" <<<there
	contains out $'back\n'
	finish d
	contains d.out $'there\n'
	try 2 "$DUCAT" unix "${name}x" </dev/null
	says err '107'
	try 2 "$DUCAT" unix --listen "${name}x" </dev/null
	says err '107'
}

@test "a path that begins with a hyphen or an at sign" {
	local path
	for path in ./-x ./@x; do
		unix_ready d "$path" </dev/null
		[[ -S $path ]]
		serves "$path"
		finish d
		silent d
	done
}

### Permissions

mode_of()
{
	stat -c %a "$1"
}

@test "without --mode the umask says" {
	local mask
	for mask in 022:755 077:700 0:777; do
		umask "${mask%:*}"
		unix_ready d -k sock </dev/null
		equal "$(mode_of sock)" "${mask#*:}"
		end_of d
	done
}

@test "--mode, whatever the umask" {
	local mask mode
	for mask in 022 077; do
		umask "$mask"
		for mode in 600 0666 777 0; do
			unix_ready d -k --mode "$mode" sock </dev/null
			equal "$(mode_of sock)" "$(( 10#$mode ))"
			end_of d
		done
	done
}

@test "--mode is not for the files that ducat makes else" {
	unix_ready d -k --mode 600 --addr-file addr --pid-file pid sock \
	    --sh 'echo text >made' </dev/null
	equal "$(mode_of addr)" 644
	try 0 "$DUCAT" unix sock </dev/null
	equal "$(mode_of made)" 644
	end_of d
}

@test "--mode keeps others out, and lets them in" {
	as_nobody
	unix_ready d -k --mode 600 sock -- cat </dev/null
	try 7 "${NOBODY[@]}" "$DUCAT" unix sock </dev/null
	says err 'connect to sock: Permission denied'
	end_of d
	unix_ready d -k --mode 666 sock -- cat </dev/null
	try 0 "${NOBODY[@]}" "$DUCAT" unix sock <<<text
	silent err
	contains out $'text\n'
	end_of d
}

@test "--owner, by name and by number, with a group and without" {
	as_nobody
	local owner
	for owner in 65534:65534:65534 65534:12:65534:12 nobody:65534:nobody \
	    12:34:12:34; do
		unix_ready d -k --mode 600 \
		    --owner "$(cut -d : -f 3- <<<"$owner")" sock -- cat \
		    </dev/null
		[[ $owner == nobody* ]] ||
		    equal "$(stat -c %u:%g sock)" "$(cut -d : -f 1,2 \
			<<<"$owner")"
		[[ $owner != nobody* ]] ||
		    equal "$(stat -c %U sock)" nobody
		equal "$(mode_of sock)" 600
		end_of d
		[[ ! -e sock ]]
	done
	unix_ready d -k --mode 600 --owner 65534 sock -- cat </dev/null
	try 0 "${NOBODY[@]}" "$DUCAT" unix sock <<<text
	silent err
	contains out $'text\n'
	end_of d
}

@test "45: an owner that may not be given, and no file is left" {
	as_nobody
	mkdir open
	chmod 777 open
	try 45 "${NOBODY[@]}" "$DUCAT" unix --listen --owner 0 open/sock \
	    </dev/null
	says err '^ducat: listen on open/sock: .*owner.*not permitted'
	equal "$(echo open/*)" 'open/*'
}

# No moment in which the file is there and others could connect.
@test "mode and owner are in force before it listens" {
	need linux ptrace root
	local calls='bind,listen,umask,chmod,fchmod,fchmodat,?fchmodat2'
	start d strace -f -qq -o trace -e signal=none \
	    -e trace="$calls,fchownat" "$PEER" exec "$DUCAT" unix --listen \
	    --addr-file d.addr --mode 666 --owner 12:34 sock </dev/null
	retry_until "$BOUND" test -e d.addr
	serves
	finish d
	silent d
	sed -E 's/^[0-9]+ +//; s/\(.*//' trace | tr '\n' ' ' >calls
	has calls 'umask bind umask fchownat (f?chmod(at2?)? )+listen '
	has trace 'umask\(0777\)'
}

@test "--user: whose file it is, and that it stays where it has to" {
	as_nobody
	unix_ready d -k --user nobody sock </dev/null
	equal "$(stat -c %u sock)" 0
	equal "$(ps -o user= -p "${PID[d]}")" nobody
	serves
	end_of d
	# The directory is root's; the next run takes it over.
	[[ -S sock ]]
	unix_ready d -k sock </dev/null
	serves
	end_of d
	[[ ! -e sock ]]
	mkdir theirs
	chown 65534 theirs
	unix_ready d -k --user nobody --owner nobody theirs/sock </dev/null
	serves theirs/sock
	end_of d
	[[ ! -e theirs/sock ]]
}

@test "--chroot: the file outside goes at the end" {
	need root
	mkdir root
	unix_ready d -k --chroot root sock </dev/null
	serves
	end_of d
	[[ ! -e sock ]]
	equal "$(echo root/*)" 'root/*'
}

### Zero copy

@test "from a file to a local socket nothing is copied" {
	need linux ptrace
	payload sent 3000000
	unix_ready d sock </dev/null
	try 0 strace -f -qq -e trace=splice,write,sendto -e signal=none \
	    -o trace "$PEER" exec "$DUCAT" unix sock <sent
	silent err
	finish d
	silent d
	same sent d.out
	local sum
	sum=$(awk '/splice\(/ && $NF ~ /^[0-9]+$/ { sum += $NF }
	    END { print sum + 0 }' trace)
	# Into a pipe, and out of it.
	equal "$sum" 6000000
}

### Usage

# refused WORD ARG...: as a usage error that has the word.
refused()
{
	local word=$1
	shift
	try 2 "$DUCAT" unix "$@" </dev/null
	has err "^ducat: .*$word"
	empty out
	[[ ! -e sock ]]
}

@test "2: what is only with --listen" {
	local option
	for option in --keep-open --max-conns=2 --max-accepts=2 --broker \
	    --chat --tag --backlog=2 --addr-file=addr --pid-file=pid \
	    --background --user=nobody --chroot=. --drain=1 --mode=600 \
	    --owner=root --ready-fd=9; do
		try 2 "$DUCAT" unix "$option" sock </dev/null 9>ready
		contains err "ducat: ${option%%=*}: only with --listen"$'\n'
		[[ ! -e addr && ! -e pid ]]
	done
	refused 'only with --listen' -k sock
}

@test "2: no path, two paths, and one that is none" {
	refused 'PATH or @NAME' --listen
	refused 'PATH or @NAME'
	refused 'PATH or @NAME' one two
	refused empty ''
	refused 'abstract' @
	refused 'abstract' '@a\q'
	refused 'abstract' '@a\x4'
	refused '' sock --
}

@test "2: modes and owners that are none" {
	local mode
	for mode in 8 rw 0x1ff 1000 17777 -1 ''; do
		refused --mode --listen "--mode=$mode" sock
	done
	refused --owner --listen --owner=no-such-user sock
	refused --owner --listen --owner=root:no-such-group sock
	refused --mode --listen --mode=600 @name
	refused --owner --listen --owner=root @name
}

@test "2: options that are not for local sockets" {
	local option WORDS='(unknown option|not for local sockets)'
	for option in -4 --allow=::1 --send-proxy --max-conns-per-host=1 \
	    --source=::1; do
		refused "$WORDS" --listen "$option" sock
		refused "$WORDS" "$option" sock
	done
}

@test "2: --addr-file and --pid-file at the socket's own path" {
	local option
	for option in --addr-file=sock --pid-file=./sock; do
		refused "${option%%=*}" --listen -k "$option" sock
	done
}

@test "2: what excludes each other" {
	refused 'exclude each other' --listen --broker --chat sock
	refused 'exclude' --forward unix:x sock -- cat
	refused 'only with --keep-open' --listen --max-accepts 2 sock
	refused 'not with' --listen --chat sock -- cat
	refused 'not with' --escape=always --forward unix:x sock
}

@test "-N is accepted and changes nothing" {
	unix_ready d -N sock <<<back
	try 0 "$DUCAT" unix -N sock <<<there
	silent err
	contains out $'back\n'
	finish d
	contains d.out $'there\n'
}
