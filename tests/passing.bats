# Descriptors that pass over local sockets: --send-fd, --recv-fd, and those
# that nobody asked for.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib
load local

# What the scripts of peers have besides.  more() is None at the end.
RIGHTS='take = lambda: socket.recv_fds(s, 65536, 253)[:2];
    more = lambda: ((got := socket.recv_fds(s, 1 << 20, 253))[0] and
	(keep(got[0]), got[1]) or None);
    put = lambda data, *fds: socket.send_fds(s, [data], fds);
    text_of = lambda fd: os.pread(fd, 100, 0).decode();
    note = lambda *words: print(*words, file=open("noted", "a"));'

# One that takes what comes, and notes it.
TAKE='data, fds = take();
    note(data.decode(), len(fds), *map(text_of, fds));'

# serving NAME PATH SCRIPT [TYPE], calling NAME PATH SCRIPT [TYPE]
serving()
{
	local_listen "$1" "$2" "$RIGHTS $3" "${@:4}"
}

calling()
{
	local_connect "$1" "$2" "$RIGHTS $3" "${@:4}"
}

# ended NAME...: well, and in silence.
ended()
{
	local name
	for name; do
		finish "$name"
		silent "$name"
	done
}

# Descriptor 5 is for what is started with `5<five`.
five()
{
	KEEP=(-k 5)
	printf five >five
	printf hello >hello
}

descriptors_are()
{
	[[ $(descriptors "$1") -eq $2 ]]
}

# silent_client [ARG...]: of a listener "d" whose command says that it began.
silent_client()
{
	unix_ready d "$@" --recv-fd sock --sh 'echo >began; cat' </dev/null
	local_connect c sock 'touch("there"); ends()'
	retry_until "$BOUND" test -e there
}

### Sending

@test "--send-fd: the descriptor comes with the first bytes or record" {
	local kind
	five
	for kind in stream seqpacket dgram; do
		remove sock noted
		serving t sock "$TAKE" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --send-fd 5 sock \
		    5<five <hello
		silent err
		empty out
		ended t
		contains noted $'hello 1 five\n'
	done
}

@test "several come together, in the order of the options, some twice" {
	local kind KEEP=(-k 5 -k 6 -k 20)
	printf five >five
	printf six >six
	printf twenty >twenty
	printf hello >hello
	for kind in stream seqpacket dgram; do
		remove sock noted
		serving t sock "$TAKE" "$kind"
		try 0 "$DUCAT" unix --send-fd 6 --send-fd=20 --send-fd 5 \
		    --type "$kind" sock --send-fd 20 --send-fd 6 \
		    5<five 6<six 20<twenty <hello
		silent err
		ended t
		contains noted $'hello 5 six twenty five twenty six\n'
	done
}

@test "standard input, output and error can be sent" {
	printf hello >hello
	serving t sock 'data, fds = take(); note([name for fd, name in
	    zip(fds, ("hello", "out", "err"))
	    if os.path.samestat(os.fstat(fd), os.stat(name))])'
	try 0 "$DUCAT" unix --send-fd 0 --send-fd 1 --send-fd 2 sock <hello
	silent err
	ended t
	contains noted $'[\'hello\', \'out\', \'err\']\n'
}

@test "a file that was sent has one offset for both" {
	local line
	five
	printf 'one\ntwo\nthree\n' >five
	exec 5<five
	read -r -u 5 line
	equal "$line" one
	serving t sock 'data, fds = take(); note(os.read(fds[0], 4).decode())'
	try 0 "$DUCAT" unix --send-fd 5 sock <hello
	silent err
	ended t
	contains noted $'two\n\n'
	read -r -u 5 line
	equal "$line" three
	exec 5<&-
}

@test "a pipe that was sent joins its ends" {
	local line
	five
	mkfifo fifo
	exec 5<>fifo
	serving t sock 'data, fds = take(); os.write(fds[0], b"through\n")'
	try 0 "$DUCAT" unix --send-fd 5 sock <hello
	silent err
	ended t
	read -r -t "$BOUND" -u 5 line
	equal "$line" through
	exec 5<&-
}

@test "a socket that was sent joins its ends" {
	serving t sock 'data, fds = take();
	    socket.socket(fileno=fds[0]).sendall(b"over it")'
	try 0 python3 -IS -c 'import socket, subprocess, sys
one, other = socket.socketpair()
number = other.fileno()
subprocess.run([sys.argv[1], "unix", "--send-fd", str(number), "sock"],
    pass_fds=[number], input=b"hello", check=True)
other.close()
print(one.recv(100).decode(), one.recv(100))' "$DUCAT"
	silent err
	contains out $'over it b\'\'\n'
	ended t
}

@test "what is sent later has none" {
	local kind
	five
	for kind in stream seqpacket dgram; do
		remove sock noted first input.fifo
		feed_open input
		serving t sock 'one = take(); touch("first"); other = take();
		    note(len(one[1]), one[0].decode(), len(other[1]),
			other[0].decode())' "$kind"
		start d "$DUCAT" unix --type "$kind" --send-fd 5 sock \
		    5<five <input.fifo
		printf hello >&6
		retry_until "$BOUND" test -e first
		printf world >&6
		feed_close
		ended d t
		contains noted $'1 hello 0 world\n'
	done
}

@test "of records that are sent at once the first one has them" {
	local kind
	five
	printf 'one\ntwo\nthree\n' >lines
	for kind in seqpacket dgram; do
		remove sock noted
		serving t sock "[note(data.decode(), len(fds)) for data, fds
		    in (take() for i in range(3))]" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --frame line --send-fd 5 \
		    sock 5<five <lines
		silent err
		ended t
		contains noted $'one 1\ntwo 0\nthree 0\n'
	done
}

@test "an empty record can have them" {
	local kind
	five
	printf '\nmore\n' >lines
	for kind in seqpacket dgram; do
		remove sock noted
		serving t sock "$TAKE $TAKE" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --frame line --send-fd 5 \
		    sock 5<five <lines
		silent err
		ended t
		contains noted $' 1 five\nmore 0\n'
	done
}

# many_bytes: they are `sent`, and come; descriptors come with the first.
many_bytes()
{
	serving t sock 'save("got"); note([(n, len(fds)) for n, (data, fds)
	    in enumerate(iter(more, None)) if fds])'
	try 0 "$DUCAT" unix --send-fd 5 --send-fd 5 sock 5<five
	silent err
	empty out
	ended t
	contains noted $'[(0, 2)]\n'
	same sent got
	remove noted sock
}

@test "30 MB come after them, of a file and of a pipe" {
	five
	payload sent 30000000
	many_bytes <sent
	many_bytes < <(cat sent)
}

@test "they go with the first call, and sendfile is not used then" {
	need linux ptrace
	five
	payload sent 3000000
	unix_ready d sock </dev/null
	try 0 strace -f -qq -e trace=sendmsg,sendfile -e signal=none \
	    -o trace "$PEER" exec -k 5 "$DUCAT" unix --send-fd 5 sock \
	    5<five <sent
	silent err
	ended d
	same sent d.out
	lacks trace sendfile
	equal "$(grep -c SCM_RIGHTS trace)" 1
}

# answered STATUS [ARG...]: what a server has to say comes nevertheless.
answered()
{
	local kind
	five
	for kind in stream seqpacket; do
		remove sock
		local_listen t sock 'eof(); text("answer")' "$kind"
		try 55 "$DUCAT" unix --type "$kind" --send-fd 5 sock 5<five
		contains err "ducat: send to sock: no input to send \
descriptors with (--send-fd)"$'\n'
		contains out answer
		ended t
	done
}

@test "55: /dev/null has nothing to send them with" {
	answered </dev/null
}

@test "55: an empty file has nothing to send them with" {
	: >empty
	answered <empty
}

@test "55: an empty pipe has nothing to send them with" {
	feed_open input
	exec 4<input.fifo
	feed_close
	answered <&4
	exec 4<&-
}

@test "55: no datagram to send them with" {
	five
	local_listen t sock 'wait("go")' dgram
	try 55 "$DUCAT" unix --type dgram --send-fd 5 sock 5<five </dev/null
	says err '^ducat: send to sock: no input .*\(--send-fd\)'
	empty out
	: >go
	ended t
}

@test "a command's first output takes them" {
	local kind
	five
	for kind in stream seqpacket; do
		remove sock noted
		serving t sock "$TAKE text('answer'); shut(); eof()" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --send-fd 5 sock \
		    --sh 'printf hello; cat >answer' 5<five </dev/null
		silent err
		empty out
		ended t
		contains noted $'hello 1 five\n'
		contains answer answer
	done
}

@test "55: a command that says nothing" {
	five
	local_listen t sock 'eof()'
	try 55 "$DUCAT" unix --send-fd 5 sock 5<five </dev/null -- true
	says err '^ducat: send to sock: no input .*\(--send-fd\)'
	ended t
	remove sock
	# Its own status counts more.
	local_listen t sock 'eof()'
	try 3 "$DUCAT" unix --send-fd 5 sock 5<five </dev/null --sh 'exit 3'
	ended t
}

@test "a command does not inherit what is sent" {
	need linux
	five
	local_listen t sock 'save("got"); read_all()'
	try 0 "$DUCAT" unix --send-fd 5 sock --sh \
	    'ls -d /proc/$$/fd/5 2>/dev/null; echo over' 5<five </dev/null
	silent err
	ended t
	contains got $'over\n'
}

@test "what comes from a forward takes them" {
	local kind
	five
	for kind in stream seqpacket; do
		remove sock other noted
		local_listen o other 'text("hello"); shut(); eof()' "$kind"
		serving t sock "$TAKE" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --send-fd 5 \
		    --forward unix:other sock 5<five </dev/null
		silent err
		ended o t
		contains noted $'hello 1 five\n'
	done
}

@test "descriptors that come from a forward do not pass" {
	local kind
	five
	for kind in stream seqpacket; do
		remove sock other noted
		serving o other 'put(b"hello", 1, 1); shut(); eof()' "$kind"
		serving t sock "$TAKE" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --forward unix:other sock \
		    </dev/null
		silent err
		ended o t
		contains noted $'hello 0\n'
	done
}

@test "--listen: the client gets them" {
	local kind
	five
	for kind in stream seqpacket; do
		remove noted
		unix_ready d --type "$kind" --send-fd 5 sock 5<five <hello
		calling c sock "$TAKE eof()" "$kind"
		ended c d
		empty d.out
		contains noted $'hello 1 five\n'
	done
}

@test "--listen -k: each client gets them" {
	local kind
	five
	for kind in stream seqpacket; do
		remove noted
		unix_ready d -k --type "$kind" --send-fd 5 sock \
		    -- printf hello 5<five
		calling c sock "$TAKE eof(); again(); $TAKE eof(); again();
		    $TAKE eof()" "$kind"
		ended c
		contains noted \
		    $'hello 1 five\nhello 1 five\nhello 1 five\n'
		end_of d
	done
}

@test "-k: a client without input to send them with is told of" {
	five
	unix_ready d -k --max-accepts 2 --send-fd 5 sock 5<five <hello
	calling c sock "$TAKE shut(); eof()"
	ended c
	client c sock 'text("there"); shut(); eof()'
	finish d 55
	says d.err 'send to .*: no input .*\(--send-fd\)'
	contains d.out there
	contains noted $'hello 1 five\n'
}

@test "55: no input to send them with, and no end before the peer's" {
	local option
	five
	for option in --recv-only --no-half-close; do
		remove sock
		local_listen t sock 'text("answer"); shut(); eof()'
		try 55 "$DUCAT" unix "$option" --send-fd 5 sock 5<five \
		    </dev/null
		says err '^ducat: send to sock: no input .*\(--send-fd\)'
		contains out answer
		ended t
	done
}

@test "--broker: each gets them with the first line of another" {
	five
	unix_ready d -v --broker --send-fd 5 sock 5<five </dev/null
	calling a sock "wait('both'); text('one\\n'); $TAKE eof()"
	calling b sock "$TAKE text('two\\n'); wait('noted2'); shut(); eof()"
	retry_until "$BOUND" eval '[[ $(grep -c connection d.err) -eq 2 ]]'
	: >both
	retry_until "$BOUND" lines_are noted 4
	: >noted2
	ended b
	end_of d
	finish a
	contains noted $'one\n 1 five\ntwo\n 1 five\n'
}

@test "a full socket is waited for, and they go when there is room" {
	need linux
	five
	serving t sock 'wait("go"); got = next(got for got in
	    iter(take, None) if got[0] == b"hello");
	    note(len(got[1]), text_of(got[1][0]))' dgram
	local_connect f sock 'import select; [s.send(b"x") for i in
	    iter(lambda: len(select.select([], [s], [], 0)[1]), 0)]' dgram
	ended f
	start d "$DUCAT" unix --type dgram --send-fd 5 sock 5<five <hello
	retry_until "$BOUND" offset_is d 0 5
	alive d
	: >go
	ended d t
	contains noted $'1 five\n'
}

@test "a peer that does not take them gets all bytes" {
	five
	payload sent 3000000
	local_listen t sock 'save("got"); read_all()'
	try 0 "$DUCAT" unix --send-fd 5 --send-fd 5 sock 5<five <sent
	silent err
	ended t
	same sent got
	remove sock
	local_listen t sock 'note = open("got", "wb"); note.write(s.recv(99));
	    note.close(); eof()' seqpacket
	try 0 "$DUCAT" unix --type seqpacket --send-fd 5 sock 5<five <hello
	silent err
	ended t
	same hello got
}

@test "socat does not take them, and gets all bytes" {
	need socat
	five
	payload sent 3000000
	others_listen t "$PWD/sock" socat -u "UNIX-LISTEN:$PWD/sock" -
	try 0 "$DUCAT" unix --send-fd 5 --send-fd 5 sock 5<five <sent
	silent err
	ended t
	same sent t.out
}

@test "252 go at once" {
	local kind options=()
	five
	while (( ${#options[@]} < 252 )); do
		options+=(--send-fd=5)
	done
	for kind in stream seqpacket dgram; do
		remove sock noted
		serving t sock 'data, fds = take(); note(data.decode(),
		    len(fds), *{text_of(fd) for fd in fds})' "$kind"
		try 0 "$DUCAT" unix --type "$kind" "${options[@]}" sock \
		    5<five <hello
		silent err
		ended t
		contains noted $'hello 252 five\n'
	done
	try 2 "$DUCAT" unix --send-fd=5 "${options[@]}" sock 5<five <hello
	contains err $'ducat: --send-fd: more than 252\n'
}

@test "what is sent stays open and as it was" {
	five
	mkfifo fifo
	exec 5<>fifo
	local before
	before=$("$PEER" flags 5)
	serving t sock 'data, fds = take(); note(len(fds))'
	try 0 "$DUCAT" unix --send-fd 5 sock <hello
	silent err
	ended t
	contains noted $'1\n'
	equal "$("$PEER" flags 5)" "$before"
	exec 5<&-
}

### Receiving

# What a giver does: two files go with its first bytes, and it waits for the
# answer.
GIVE='put(b"x", os.open("three", 0), os.open("four", 0)); shut();
    save("got"); read_all()'
ASKED='echo "$LISTEN_FDS $(( LISTEN_PID == $$ ))"; cat <&3; cat <&4'

three_and_four()
{
	printf three >three
	printf four >four
}

@test "--listen --recv-fd: the command gets them, from 3 on" {
	local kind
	three_and_four
	for kind in stream seqpacket; do
		unix_ready d --type "$kind" --recv-fd sock --sh "$ASKED"
		calling c sock "$GIVE" "$kind"
		ended c d
		contains got $'2 1\nthreefour'
	done
}

@test "--recv-fd: the command gets those of the server" {
	local kind
	three_and_four
	for kind in stream seqpacket; do
		remove sock
		serving t sock "$GIVE" "$kind"
		try 0 "$DUCAT" unix --type "$kind" --recv-fd sock \
		    --sh "$ASKED" </dev/null
		silent err
		ended t
		contains got $'2 1\nthreefour'
	done
}

@test "LISTEN_PID is the command's own" {
	three_and_four
	unix_ready d --recv-fd sock -- sh -c "$ASKED"
	calling c sock "$GIVE"
	ended c d
	contains got $'2 1\nthreefour'
	# A shell of its own, and then no command.
	unix_ready d --recv-fd sock -- "$PEER" exec -k 3 -k 4 sh -c "$ASKED"
	calling c sock "$GIVE"
	ended c d
	contains got $'2 1\nthreefour'
}

@test "--pty: its command gets them, too" {
	three_and_four
	unix_ready d --recv-fd --pty sock --sh "stty -echo; $ASKED"
	calling c sock "$GIVE"
	ended c d
	has got '2 1'
	has got 'threefour'
}

@test "an empty record can bring them" {
	three_and_four
	unix_ready d --recv-fd --type seqpacket sock --sh "$ASKED"
	calling c sock "${GIVE/x/}" seqpacket
	ended c d
	contains got $'2 1\nthreefour'
}

@test "the command gets nothing else" {
	need linux
	local KEEP=(-k 7 -k 8)
	three_and_four
	unix_ready d --recv-fd sock --sh 'for n in 0 1 2 3 4 5 6 7 8 9 10 11 \
	    12 13 14 15 16 255 256 257 258 259; do
		[ ! -e /proc/$$/fd/$n ] || echo $n
	    done' 7<three 8<four
	calling c sock "$GIVE"
	ended c d
	contains got $'0\n1\n2\n3\n4\n'
}

@test "the bytes that they came with are not lost, nor those behind" {
	local option
	three_and_four
	payload sent 3000000
	for option in -N --no-zero-copy; do
		unix_ready d "$option" --recv-fd sock --sh \
		    'cat >there; cat three <&3'
		calling c sock 'put(b"x", 0); file("sent"); shut();
		    save("got"); read_all()' </dev/null
		ended c d
		{
			printf x
			cat sent
		} | cmp - there
		contains got three
	done
}

# Of all numbers from 3 on most were in use in ducat, for another one.
@test "253 come at once, in order" {
	need linux python3
	unix_ready d --recv-fd sock -- python3 -IS -c 'import os
print(os.environ["LISTEN_FDS"], *[os.pread(fd, 9, 0).decode()
    for fd in range(3, 256)])'
	calling c sock 'fds = [os.memfd_create("") for i in range(253)];
	    [os.write(fd, b"%d" % i) for i, fd in enumerate(fds)];
	    put(b"x", *fds); shut(); save("got"); read_all()'
	ended c d
	contains got "253 $(seq -s ' ' 0 252)"$'\n'
}

@test "253 come at once with a record" {
	unix_ready d --type seqpacket --recv-fd sock --sh 'echo $LISTEN_FDS'
	calling c sock 'put(b"x", *([0] * 253)); shut(); save("got");
	    read_all()' seqpacket </dev/null
	ended c d
	contains got $'253\n'
}

@test "-k: of 50 clients none is left in ducat" {
	need linux
	local kind before
	for kind in stream seqpacket; do
		remove noted
		unix_ready d -k --type "$kind" --recv-fd sock -- cat
		client c sock 'text("x"); shut(); read_all()' "$kind"
		retry_until "$BOUND" sockets_are d 1
		before=$(descriptors d)
		calling c sock 'r, w = os.pipe(); [(put(b"x", w, w, 0),
		    shut(), read_all(), again()) for i in range(50)];
		    os.close(w); note(os.read(r, 1))' "$kind" </dev/null
		ended c
		contains noted $'b\'\'\n'
		retry_until "$BOUND" descriptors_are d "$before"
		end_of d
	done
}

@test "a command's end is the end of what it got" {
	unix_ready d -k --recv-fd sock --sh 'read -r line'
	calling c sock 'r, w = os.pipe(); put(b"x\n", w); os.close(w);
	    note(os.read(r, 1)); shut(); eof()'
	ended c
	contains noted $'b\'\'\n'
	end_of d
}

LISTED='env | grep ^LISTEN_ | cut -d = -f 1 | sort; echo over; cat'

@test "a client that sends none: LISTEN_FDS is not set" {
	local kind WRAP=(env LISTEN_FDS=3 LISTEN_PID=1 LISTEN_FDNAMES=a)
	for kind in stream seqpacket; do
		unix_ready d -k --type "$kind" --recv-fd sock --sh "$LISTED"
		client c sock 'text("bytes"); shut(); save("got"); read_all()' \
		    "$kind"
		contains got $'over\nbytes'
		# And one that ends at once.
		client c sock 'shut(); save("got"); read_all()' "$kind"
		contains got $'over\n'
		end_of d
	done
}

@test "an outer LISTEN_FDS is not the command's" {
	local WRAP=(env LISTEN_FDS=3 LISTEN_PID=1 LISTEN_FDNAMES=a)
	unix_ready d -k sock --sh "$LISTED"
	calling c sock 'put(b"x", 0); shut(); save("got"); read_all()' \
	    </dev/null
	ended c
	contains got $'over\nx'
	end_of d
	unix_ready d --recv-fd sock --sh "$LISTED"
	calling c sock 'put(b"x", 0); shut(); save("got"); read_all()' \
	    </dev/null
	ended c d
	contains got $'LISTEN_FDS\nLISTEN_PID\nover\nx'
}

@test "a client that is gone already: the command sees its end" {
	unix_ready d --recv-fd sock --sh 'cat >there'
	client c sock 'close()'
	ended d
	empty there
	three_and_four
	unix_ready d --recv-fd sock --sh 'cat >there; cat <&3 >>there'
	calling c sock 'put(b"x", os.open("three", 0)); close()'
	ended c d
	contains there xthree
}

# closed_at_once ARG...: of a listener with `cat`.  Its answer says that it
# has been read.
closed_at_once()
{
	remove noted
	unix_ready d "$@" sock -- cat
	calling c sock 'text("a"); read(1); r, w = os.pipe(); put(b"b", w, w);
	    os.close(w); read(1); note(os.read(r, 1)); shut(); eof()' \
	    "${KIND:-stream}"
	ended c d
	contains noted $'b\'\'\n'
}

@test "descriptors that come later are closed at once" {
	local option KIND
	for KIND in stream seqpacket; do
		for option in -N --no-zero-copy; do
			closed_at_once "$option" --type "$KIND"
			closed_at_once "$option" --type "$KIND" --recv-fd
		done
	done
}

@test "descriptors that a server sends to standard output are closed" {
	local kind
	for kind in stream seqpacket; do
		remove sock noted
		serving t sock 'r, w = os.pipe(); put(b"a", w, w);
		    os.close(w); note(os.read(r, 1))' "$kind"
		try 0 "$DUCAT" unix --type "$kind" sock </dev/null
		silent err
		contains out a
		ended t
		contains noted $'b\'\'\n'
	done
}

@test "descriptors that come with datagrams are closed" {
	unix_ready d --type dgram sock </dev/null
	calling c sock 'r, w = os.pipe(); put(b"a", w, w); os.close(w);
	    note(os.read(r, 1))' dgram
	ended c
	contains noted $'b\'\'\n'
	# They are closed before the bytes are written.
	retry_until "$BOUND" size_is d.out 1
	contains d.out a
	end_of d
}

@test "the command begins with the first bytes, not before" {
	unix_ready d -v --recv-fd sock --sh 'echo >began; cat'
	local_connect c sock 'silence(200); touch("there"); wait("go");
	    text("x"); read(1); shut(); eof()'
	retry_until "$BOUND" has d.err connection >/dev/null
	retry_until "$BOUND" test -e there
	[[ ! -e began ]]
	: >go
	ended c
	finish d
	[[ -e began ]]
}

@test "-k: a silent client does not hold up the others" {
	unix_ready d -k --recv-fd sock -- cat
	local_connect c sock 'touch("there"); wait("go"); text("late");
	    read(4); shut(); eof()'
	retry_until "$BOUND" test -e there
	client other sock 'text("x"); shut(); read(1); eof()'
	client other sock 'text("x"); shut(); read(1); eof()'
	: >go
	ended c
	end_of d
}

@test "28: --idle-timeout ends a silent client" {
	silent_client --idle-timeout 300ms
	finish d 28
	says d.err '--idle-timeout'
	ended c
	[[ ! -e began ]]
}

@test "-k --idle-timeout: silent clients end, and others are served" {
	silent_client -k --idle-timeout 300ms
	ended c
	says d.err '--idle-timeout'
	[[ ! -e began ]]
	client c sock 'text("x"); shut(); read(1); eof()'
	[[ -e began ]]
	end_of d
}

@test "28: --deadline ends a silent client" {
	silent_client --deadline 500ms
	finish d 28
	says d.err '--deadline'
	ended c
	[[ ! -e began ]]
}

@test "SIGTERM ends a silent client" {
	local option
	for option in '' -k; do
		remove there
		silent_client $option
		end_of d
		says d.err 'Terminated'
		ended c
		[[ ! -e began && ! -e sock ]]
	done
}

@test "a silent client that leaves: the command sees its end" {
	unix_ready d --recv-fd sock --sh 'echo >began; cat'
	local_connect c sock 'touch("there"); wait("go")'
	retry_until "$BOUND" test -e there
	[[ ! -e began ]]
	: >go
	ended c d
	empty d.out
	[[ -e began ]]
}

@test "28: a silent server, and --idle-timeout" {
	local_listen t sock 'ends()'
	try 28 "$DUCAT" unix --recv-fd --idle-timeout 300ms sock \
	    --sh 'echo >began' </dev/null
	says err '--idle-timeout'
	ended t
	[[ ! -e began ]]
}

@test "126: a command that cannot be run, and nothing is left" {
	need linux
	local before
	: >no-program
	unix_ready d -k --recv-fd sock -- ./no-program
	before=$(descriptors d)
	calling c sock 'r, w = os.pipe(); put(b"x", *([w] * 100));
	    os.close(w); note(os.read(r, 1)); ends()'
	ended c
	contains noted $'b\'\'\n'
	says d.err 'no-program: Permission denied'
	retry_until "$BOUND" descriptors_are d "$before"
	end_of d
}

@test "-k: more than there is room for is told, and others are served" {
	need linux prlimit
	local limits before
	for limits in 40:40 40:400 300:300; do
		remove noted
		local WRAP=(prlimit --nofile="$limits")
		unix_ready d -k --recv-fd sock --sh 'echo "$LISTEN_FDS"; cat'
		WRAP=()
		before=$(descriptors d)
		calling c sock 'r, w = os.pipe(); put(b"x", *([w] * 253));
		    os.close(w); note(os.read(r, 1)); ends()'
		ended c
		contains noted $'b\'\'\n'
		says d.err '^ducat: (receive from sock: its descriptors|/bin/sh): Too many open'
		retry_until "$BOUND" descriptors_are d "$before"
		calling c sock 'put(b"x", 0); shut(); save("got");
		    read_all()' </dev/null
		ended c
		contains got $'1\nx'
		end_of d
	done
}

### Who sends and who takes

@test "a program that knows sd_listen_fds gets its listening socket" {
	need python3
	unix_ready d --recv-fd sock -- python3 -IS -c 'import os, socket
assert os.environ["LISTEN_FDS"] == "1"
assert os.environ["LISTEN_PID"] == str(os.getpid())
one, address = socket.socket(fileno=3).accept()
one.sendall(b"served")
one.shutdown(socket.SHUT_WR)
one.recv(1)'
	calling c sock 'l = socket.socket(); l.bind(("127.0.0.1", 0));
	    l.listen(); put(b"x", l.fileno());
	    o = socket.create_connection(l.getsockname()); l.close();
	    note(o.recv(6).decode(), o.recv(1)); o.close(); eof()'
	ended c d
	contains noted $'served b\'\'\n'
}

@test "ducat sends, and ducat's command gets them" {
	local kind KEEP=(-k 5 -k 6 -k 7)
	three_and_four
	for kind in stream seqpacket; do
		unix_ready d --type "$kind" --recv-fd sock \
		    --sh "$ASKED; echo here >&5; cat >there"
		try 0 "$DUCAT" unix --type "$kind" --send-fd 5 --send-fd 6 \
		    --send-fd 7 sock <<<bytes 5<three 6<four 7>log
		silent err
		ended d
		contains there $'bytes\n'
		contains out $'3 1\nthreefour'
		contains log $'here\n'
	done
}

@test "let somebody else write to a file that only we can open" {
	local KEEP=(-k 5)
	unix_ready d --recv-fd handover.sock --sh 'echo "they write" >&3'
	echo 'we write' >our.log
	try 0 "$DUCAT" unix --send-fd 5 handover.sock <<<here 5>>our.log
	silent err
	ended d
	contains our.log $'we write\nthey write\n'
}

@test "descriptors go through two ducats by name only" {
	local KEEP=(-k 5)
	abstract
	three_and_four
	unix_ready d --recv-fd "@$NAME" --sh 'cat <&3'
	try 0 "$DUCAT" unix --send-fd 5 "@$NAME" <<<x 5<three
	silent err
	contains out three
	ended d
}

### Usage

# refused TEXT ARG...: a usage error, told so.
refused()
{
	local text=$1
	shift
	try 2 "$DUCAT" "$@" </dev/null
	contains err "ducat: $text"$'\n'
	empty out
	[[ ! -e sock ]]
}

@test "2: descriptors that are none" {
	local number
	refused '--send-fd 5: not open' unix --send-fd 5 sock
	refused '--send-fd 5: not open' unix --send-fd 0 --send-fd 5 sock
	refused '--send-fd 1023: not open' unix --listen --send-fd 1023 sock
	refused '--send-fd 2147483647: not open' unix --send-fd 2147483647 \
	    sock
	for number in '' five -1 +1 1.0 0x1 1k ' 1'; do
		refused "--send-fd \"$number\": not a number" \
		    unix "--send-fd=$number" sock
	done
	for number in 2147483648 4294967296 99999999999999999999; do
		refused "--send-fd \"$number\": too large" \
		    unix --send-fd "$number" sock
	done
}

@test "2: --send-fd with --listen and datagrams" {
	refused \
	    '--send-fd with --listen: only with --type stream or seqpacket' \
	    unix --listen --type dgram --send-fd 0 sock
}

@test "2: --recv-fd without a command" {
	local text='--recv-fd: only with a command, which gets them'
	refused "$text" unix --recv-fd sock
	refused "$text" unix --listen --recv-fd sock
	refused "$text" unix --listen -k --recv-fd --forward unix:x sock
	refused "$text" unix --listen --chat --recv-fd sock
}

@test "2: --recv-fd with datagrams" {
	local text='--recv-fd: only with --type stream or seqpacket'
	refused "$text" unix --type dgram --recv-fd sock -- cat
	refused "$text" unix --listen --type dgram --recv-fd sock -- cat
}

@test "2: --send-fd and --recv-fd are for local sockets" {
	local name
	for name in listen connect udp-send udp-recv; do
		refused '--send-fd: only for unix' "$name" --send-fd 0 \
		    127.0.0.1 1
		refused '--recv-fd: only for unix' "$name" --recv-fd \
		    127.0.0.1 1 -- cat
	done
}
