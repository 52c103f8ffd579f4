# ducat unix --type seqpacket: connections of records, both roles.

# shellcheck disable=SC1003,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib
load datagrams
load local

# What peers say of records, besides what local.py knows: says() sends some,
# gets() wants just these, None is the end.  The credentials that come with a
# record tell an empty one from that.
RECORDS='s.setsockopt(1, 16, 1);
    one = lambda: (lambda m: m[0] if m[0] or m[1] else None)(
	s.recvmsg(2000000, 100));
    want = lambda a, b: a == b or sys.exit("%.99r, not %.99r" % (a, b));
    gets = lambda *all: [want(one(), a) for a in all];
    says = lambda *all: [s.send(a) for a in all];
    echo = lambda: [s.send(a) for a in iter(one, None)];'
TYPE=seqpacket VERBS=$RECORDS

# many_records FILE: a thousand of all sizes, many of them empty, in netstrings.
many_records()
{
	need python3
	python3 -IS - "$1" <<-'END'
	import random, sys
	random.seed(4)
	with open(sys.argv[1], 'wb') as file:
	    for n in range(1000):
	        size = random.choice([0, 1, random.randrange(100),
	            random.randrange(9000), random.randrange(40000)])
	        file.write(b'%d:%s,' % (size, random.randbytes(size)))
	END
}

### What passes

@test "records to and from socat, which listens" {
	need socat
	payload there 200000 1
	payload back 150000 2
	others_listen t "$PWD/sock" socat -b 300000 -t 30 - \
	    "UNIX-LISTEN:$PWD/sock,type=5" <back
	dial 0 <there
	silent err
	same back out
	peer_is_done t
	same there t.out
}

@test "records to and from socat, which connects" {
	need socat
	payload there 200000 1
	payload back 150000 2
	listener d <back
	try 0 socat -b 300000 -t 30 - UNIX-CONNECT:sock,type=5 <there
	silent err
	same back out
	peer_is_done d
	same there d.out
}

@test "borders are kept both ways, and empty records are no end" {
	printf '3:one,0:,0:,3:two,0:,' >in
	server t 'gets(b"one", b"", b"", b"two", b"", None);
	    says(b"", b"uno", b"", b"", b"due", b"")'
	dial 0 --frame netstring <in
	silent err
	contains out 0:,3:uno,0:,0:,3:due,0:,
	peer_is_done t
}

@test "borders are kept by a listener, too" {
	printf '3:one,0:,0:,3:two,0:,' >in
	listener d --frame netstring <in
	talker t 'gets(b"one", b"", b"", b"two", b"", None);
	    says(b"", b"uno", b"", b"", b"due", b"")'
	peer_is_done d
	contains d.out 0:,3:uno,0:,0:,3:due,0:,
}

@test "without --frame what is read is a record, and what comes is written" {
	feed_open input
	server t 'gets(b"one"); says(b"uno", b"", b"due"); gets(b"two", None)'
	start d "$DUCAT" unix --type seqpacket sock <input.fifo
	printf one >&6
	retry_until "$BOUND" size_is d.out 6
	printf two >&6
	feed_close
	peer_is_done d
	contains d.out unodue
	peer_is_done t
}

@test "--crlf, both ways, and a lot of it" {
	need unix2dos
	payload raw 2000000
	# unix2dos forgets of several CR that they were before a LF.
	tr -s '\r' <raw >there
	yes '' | head -n 400000 >back
	listener d --crlf <back
	dial 0 --crlf <there
	silent err
	peer_is_done d
	unix2dos -f -q <there | cmp - d.out
	unix2dos -f -q <back | cmp - out
}

@test "--crlf --frame block: whole blocks, but for the last" {
	printf 'a\nb\r\nc\n' >in
	listener d --frame netstring </dev/null
	dial 0 --crlf --frame block --datagram-size 3 <in
	silent err
	peer_is_done d
	contains d.out $'3:a\r\n,3:b\r\n,3:c\r\n,'
}

@test "--frame line and block" {
	server t 'gets(b"one", b"", b"two", None); says(b"uno", b"", b"due")'
	dial 0 --frame line < <(printf 'one\n\ntwo')
	silent err
	contains out $'uno\n\ndue\n'
	peer_is_done t
	remove sock
	server t 'gets(b"abcd", b"efgh", b"ij", None); says(b"uno", b"", b"due")'
	dial 0 --frame block --datagram-size 4 < <(printf abcdefghij)
	silent err
	contains out unodue
	peer_is_done t
}

@test "--frame json and len32 are read and written as they are told" {
	server t 'gets(b"one", b"\0\xff", b"", None); says(b"uno", b"", b"\xff")'
	dial 0 --frame json < <(printf '%s\n' '{"text":"one"}' \
	    '{"base64":"AP8="}' '{"text":""}')
	silent err
	peer_is_done t
	equal "$(wc -l <out)" 3
	has out '"length":3,"text":"uno","base64":"dW5v"\}$'
	has out '"length":0,"text":"","base64":""\}$'
	has out '"length":1,"base64":"/w=="\}$'
	remove sock
	server t 'gets(b"one", b"", None); says(b"", b"uno")'
	dial 0 --frame len32 < <(printf '\0\0\0\3one\0\0\0\0')
	silent err
	same out <(printf '\0\0\0\0\0\0\0\3uno')
	peer_is_done t
}

@test "a thousand records of random sizes come back the same" {
	many_records in
	server t 'echo()'
	dial 0 --frame netstring <in
	silent err
	same in out
	peer_is_done t
}

@test "a thousand records through a ducat, by each lossless frame" {
	local frame
	many_records in
	PLACE=far server t '[(echo(), close(), again(),
	    s.setsockopt(1, 16, 1)) for n in (1, 2)]; echo()'
	for frame in netstring len32 json; do
		listener d --frame "$frame" -- "$DUCAT" unix \
		    --type seqpacket --frame "$frame" far
		dial 0 --frame netstring <in
		silent err
		same in out
		peer_is_done d
	done
	peer_is_done t
}

@test "a command gets and gives all, by each lossless frame" {
	local frame
	many_records in
	for frame in netstring len32 json; do
		remove sock
		listener d --frame "$frame" -- cat
		dial 0 --frame netstring <in
		silent err
		same in out
		peer_is_done d
	done
}

@test "with a slow reader nothing is lost" {
	mkfifo output
	# shellcheck disable=SC2094
	exec 5<>output 4<output
	server t '[s.send(b"%07d" % n * 1000) for n in range(600)];
	    touch("all"); gets(None)'
	start_raw d "$DUCAT" unix --type seqpacket --frame line sock \
	    </dev/null >output
	exec 5>&-
	# The pipe and the socket are full.
	retry_until "$BOUND" is_full output
	[[ ! -e all ]]
	cat <&4 >got
	exec 4<&-
	peer_is_done d
	peer_is_done t
	python3 -IS -c 'for n in range(600): print("%07d" % n * 1000)' >want
	same want got
}

@test "a slow peer gets all" {
	need python3
	python3 -IS -c 'for n in range(600): print("%07d" % n * 1000)' >in
	server t 'wait("go"); [want(one(), b"%07d" % n * 1000)
	    for n in range(600)]; gets(None)'
	start d "$DUCAT" unix --type seqpacket --frame line sock <in
	retry_until "$BOUND" offset_moved d 0
	: >go
	peer_is_done d
	peer_is_done t
}

# offset_moved NAME FD: some of the file was read.
offset_moved()
{
	! offset_is "$1" "$2" 0
}

@test "an abstract name, both roles" {
	need linux
	abstract
	local PLACE=@$NAME
	printf '3:one,0:,' >in
	server t 'gets(b"one", b"", None); says(b"", b"uno")'
	dial 0 --frame netstring <in
	silent err
	contains out 0:,3:uno,
	peer_is_done t
	PLACE=@$NAME-2
	listener d --frame netstring <in
	equal "$READY" "$PLACE"$'\n'
	talker t 'gets(b"one", b"", None); says(b"", b"uno")'
	peer_is_done d
	contains d.out 0:,3:uno,
}

### Ends

@test "our end is seen, and the answer still comes" {
	server t 'gets(b"hello", None); says(b"the", b"answer")'
	dial 0 < <(printf hello)
	silent err
	contains out theanswer
	peer_is_done t
}

@test "the peer's end is seen, and our input still goes" {
	feed_open input
	mkfifo output
	exec 5<>output
	server t 'says(b"bye"); shut(); gets(b"late", b"input", None)'
	start_raw d "$DUCAT" unix --type seqpacket --frame line sock \
	    <input.fifo >output
	exec 8<output 5>&-
	local said
	IFS= read -r -d '' -t "$BOUND" -u 8 said || [[ $? -eq 1 ]]
	equal "$said" $'bye\n'
	printf 'late\ninput\n' >&6
	feed_close
	peer_is_done d
	peer_is_done t
}

@test "a file is sent to its end after the peer's" {
	seq 5000 >in
	server t 'says(b"bye"); shut(); wait("go"); [want(one(), b"%d" % n)
	    for n in range(1, 5001)]; gets(None)'
	start d "$DUCAT" unix --type seqpacket --frame line sock <in
	retry_until "$BOUND" size_is d.out 4
	: >go
	peer_is_done d
	peer_is_done t
}

@test "a peer that closes altogether ends the run while input is silent" {
	feed_open input
	server t 'gets(b"hello"); says(b"bye")'
	start d "$DUCAT" unix --type seqpacket sock <input.fifo
	printf hello >&6
	peer_is_done d
	contains d.out bye
	feed_close
	peer_is_done t
}

@test "55: a peer that closes and input is left" {
	seq 200000 >in
	server t 'gets(b"1")'
	dial 55 --frame line <in
	says err 'send to sock: (Broken pipe|Connection reset by peer)'
	peer_is_done t
}

@test "55: a peer that closes with a record of ours unread, and all of its" {
	local tries
	seq 0 99 >want
	printf hello >in
	for (( tries = 0; tries < 8; tries++ )); do
		remove sock
		server t '[s.send(b"%d" % n) for n in range(100)]'
		start d "$DUCAT" unix --type seqpacket --frame line sock <in
		peer_is_done t
		finish d 55
		says d.err 'send to sock: Connection reset by peer'
		same want d.out
	done
}

@test "55: a peer that closes, and half a record was read" {
	feed_open input
	server t 'says(b"x"); wait("go")'
	start d "$DUCAT" unix --type seqpacket --frame line sock <input.fifo
	printf hello >&6
	retry_until "$BOUND" drained input.fifo
	: >go
	peer_is_done t
	feed_close
	finish d 55
	says d.err 'send to sock: .*5 bytes not delivered|not delivered'
}

@test "55: the same of a listener's client" {
	need python3
	listener d <<<hello
	client t sock "$RECORDS"'says(b"x"); wait("go"); close()' seqpacket &
	retry_until "$BOUND" size_is d.out 1
	: >go
	wait "$!"
	finish d 55
	says d.err 'send to sock: Connection reset by peer'
}

@test "an empty input is an end, and /dev/null on a connecting side" {
	local input
	: >nothing
	for input in nothing /dev/null; do
		remove sock
		server t 'gets(None); says(b"answer")'
		dial 0 <$input
		silent err
		contains out answer
		peer_is_done t
	done
}

@test "under /dev/null a listener ends after its client only" {
	listener d </dev/null
	talker t 'silence(200); says(b"all"); shut(); gets(None)'
	peer_is_done d
	contains d.out all
}

@test "--recv-only does not read standard input" {
	echo untouched >input
	server t 'says(b"all"); shut(); gets(None)'
	{
		dial 0 --recv-only
		cat >rest
	} <input
	silent err
	contains out all
	contains rest $'untouched\n'
	peer_is_done t
}

@test "--send-only drops what comes, and ends when all is sent" {
	server t '[s.send(bytes(1000)) for n in range(2000)]; touch("all");
	    gets(b"hello", None)'
	feed_open input
	start d "$DUCAT" unix --type seqpacket --send-only sock <input.fifo
	retry_until "$BOUND" test -e all
	printf hello >&6
	feed_close
	peer_is_done d
	empty d.out
	peer_is_done t
}

@test "-q: a peer that does not end is waited for no longer" {
	server t 'gets(b"hello", None); wait("go")'
	dial 0 -q 300ms < <(printf hello)
	silent err
	: >go
	peer_is_done t
	remove sock go
	server t 'gets(b"hello", None); wait("go")'
	dial 0 -q 0 < <(printf hello)
	silent err
	: >go
	peer_is_done t
}

@test "--on-peer-eof exit: the peer's end is the run's" {
	feed_open input
	server t 'gets(b"hello"); says(b"bye"); shut(); gets(None)'
	start d "$DUCAT" unix --type seqpacket --on-peer-eof exit sock \
	    <input.fifo
	printf hello >&6
	peer_is_done d
	contains d.out bye
	peer_is_done t
	feed_close
}

@test "a reader that leaves with all that came before the end" {
	server p 'says(b"hello"); wait("gone")'
	start_raw d "$DUCAT" unix --type seqpacket sock </dev/null \
	    > >(head -c 5 >got; exec <&-; : >gone)
	finish d
	finish p
	silent d
	contains got hello
}

@test "--no-half-close keeps sending open until the peer ends" {
	server t 'gets(b"hello"); silence(200); says(b"bye"); shut();
	    gets(None)'
	dial 0 --no-half-close < <(printf hello)
	silent err
	contains out bye
	peer_is_done t
}

### Limits

@test "--max-recv and --max-send let exactly that much pass" {
	server t 'gets(b"four", b"", b"four", None); says(b"four", b"", b"four")'
	dial 0 --frame netstring --max-recv 8 --max-send 8 \
	    < <(printf 4:four,0:,4:four,)
	silent err
	contains out 4:four,0:,4:four,
	peer_is_done t
}

@test "63: --max-recv and --max-send, and no record is cut" {
	server t 'says(b"four", b"four"); ends()'
	dial 63 --frame netstring --max-recv 7 </dev/null
	says err 'receive from sock: more than 7 bytes \(--max-recv\)'
	contains out 4:four,
	finish t
	remove sock
	server t 'gets(b"four", None)'
	dial 63 --frame netstring --max-send 7 < <(printf 4:four,4:four,)
	says err 'send to sock: more than 7 bytes \(--max-send\)'
	empty out
	finish t
}

@test "28: --idle-timeout" {
	feed_open input
	server t 'says(b"hello"); wait("go")'
	try 28 "$DUCAT" unix --type seqpacket --idle-timeout 300ms sock \
	    <input.fifo
	says err '--idle-timeout'
	contains out hello
	: >go
	peer_is_done t
	feed_close
}

@test "--idle-timeout: empty records move, too" {
	server t '[(s.send(b""), time.sleep(0.025)) for n in range(60)]'
	dial 0 --recv-only --idle-timeout 1 </dev/null
	silent err
	empty out
	peer_is_done t
}

@test "28: --deadline" {
	feed_open input
	server t 'says(b"hello"); wait("go")'
	try 28 "$DUCAT" unix --type seqpacket --deadline 1 sock <input.fifo
	says err '--deadline'
	contains out hello
	: >go
	peer_is_done t
	feed_close
}

@test "28: -w, the server's backlog is full" {
	server t 'wait("go")' 0
	start first "$DUCAT" unix --type seqpacket -v sock </dev/null
	retry_until "$BOUND" has first.err '^ducat: connected to sock'
	start second "$DUCAT" unix --type seqpacket -v sock </dev/null
	# One was accepted, and one waits.
	retry_until "$BOUND" has second.err '^ducat: connected to sock'
	dial 28 -w 300ms </dev/null
	says err '--timeout'
	empty out
}

@test "28: -w, no client comes" {
	try 28 "$DUCAT" unix --listen --type seqpacket -w 200ms sock </dev/null
	says err 'no client within 0\.200 s \(--timeout\)|--timeout'
	[[ ! -e sock ]]
}

### Long ones

# long SIZE FRAME: a record of that size, by netstring, len32 or json.
long()
{
	python3 -IS - "$@" <<-'END'
	import json, struct, sys
	size, frame = int(sys.argv[1]), sys.argv[2]
	data = b'x' * size
	sys.stdout.buffer.write(
	    struct.pack('>I', size) + data if frame == 'len32' else
	    b'%d:%s,' % (size, data) if frame == 'netstring' else
	    b'{"text":"%s"}\n' % data)
	END
}

@test "the longest record that the socket takes, and 63: one byte more" {
	need python3
	local frame
	longest
	for frame in len32 json netstring; do
		remove sock
		long "$LONGEST" $frame >in
		server t "want(one(), b'x' * $LONGEST); gets(None)"
		dial 0 --frame $frame <in
		silent err
		peer_is_done t
		remove sock
		long $(( LONGEST + 1 )) $frame >in
		server t "gets(None)"
		dial 63 --frame $frame <in
		says err "send to sock: a record of $(( LONGEST + 1 )) bytes, $(
		    )and the socket takes $LONGEST\$"
		finish t
	done
}

@test "63: a record in the input that no socket takes" {
	need python3
	long 1048577 len32 >in
	server t 'gets(None)'
	dial 63 --frame len32 <in
	says err 'standard input: the record at byte 0 is longer than 1048576'
	finish t
}

@test "records of a peer with a larger buffer, up to a mebibyte" {
	need root
	server t 's.setsockopt(1, 32, 4000000);
	    says(b"a" * 1000000, b"b" * 1048576, b"c")'
	dial 0 --frame line </dev/null
	silent err
	same out <(python3 -IS -c 'for a, n in ("a", 1000000), ("b", 1048576), (
	    "c", 1): print(a * n)')
	peer_is_done t
}

@test "63: a longer record of a peer's is not written in part" {
	need root
	server t 's.setsockopt(1, 32, 4000000);
	    says(b"first", b"b" * 1048577); ends()'
	dial 63 --frame line </dev/null
	says err 'receive from sock: a record of more than 1048576 bytes$'
	contains out $'first\n'
	finish t
}

@test "63: the same of a listener with a command" {
	need root
	listener d --frame line --sh 'cat >got'
	client t sock "$RECORDS"' s.setsockopt(1, 32, 4000000);
	    says(b"first", b"b" * 1048577); ends()' seqpacket
	finish d 63
	says d.err 'receive from sock: a record of more than 1048576 bytes$'
	contains got $'first\n'
}

@test "26: input is not in the frame's form, and where" {
	local frame input words
	while IFS='|' read -r frame input words; do
		remove sock
		server t 'gets(b"one", None)'
		# shellcheck disable=SC2059
		dial 26 --frame "$frame" < <(printf "$input")
		says err "standard input: not $frame at byte $words"
		finish t
		silent t
	done <<-'END'
	netstring|3:one,x|6: a length is expected
	netstring|3:one,3:twoX|11: ',' is expected
	netstring|3:one,3:tw|10: cut off by the end of input
	len32|\0\0\0\3one\0\0|9: cut off by the end of input
	json|{"text":"one"}\n{"text":2}\n|[0-9]+: .
	END
}

@test "--datagram-size: a record beyond it is 63" {
	server t 'gets(b"one", None)'
	dial 63 --frame line --datagram-size 3 < <(printf 'one\nfour\n')
	says err 'standard input: the record at byte 4 is longer than 3 bytes$'
	finish t
	silent t
}

@test "--datagram-size: what is read is cut" {
	server t 'gets(b"abc", b"def", b"g", None)'
	dial 0 --datagram-size 3 < <(printf abcdefg)
	silent err
	peer_is_done t
}

### Many

@test "-k: one client after another" {
	listener d -k --max-accepts 3 --frame line </dev/null
	talker a 'says(b"one", b""); shut(); gets(None)'
	talker b 'says(b"two"); shut(); gets(None)'
	talker c 'shut(); gets(None)'
	peer_is_done d
	contains d.out $'one\n\ntwo\n'
	[[ ! -e sock ]]
}

@test "-k: input that was not read waits for the next client" {
	feed_open input
	listener d -k --max-accepts 2 --frame line <input.fifo
	local_connect a sock "$RECORDS"'gets(b"one"); close()' seqpacket
	echo one >&6
	peer_is_done a
	local_connect b sock "$RECORDS"'says(b"b"); gets(b"two", None)' seqpacket
	retry_until "$BOUND" size_is d.out 2
	echo two >&6
	feed_close
	peer_is_done b
	peer_is_done d
}

@test "-k: half a record that was read is not lost without a word" {
	feed_open input
	listener d -k --max-accepts 2 --frame line <input.fifo
	local_connect a sock "$RECORDS"'gets(b"one"); wait("go")' seqpacket
	printf 'one\npar' >&6
	retry_until "$BOUND" drained input.fifo
	: >go
	peer_is_done a
	local_connect b sock "$RECORDS"'says(b"b");
	    open("got", "wb").write(one()); gets(None)' seqpacket
	retry_until "$BOUND" size_is d.out 2
	echo tial >&6
	feed_close
	peer_is_done b
	finish d 55
	says d.err 'send to sock: .*3 bytes not delivered'
	contains got tial
}

# drained FIFO: whoever reads it has read all.
drained()
{
	python3 -IS - "$1" <<-'END'
	import array, fcntl, os, sys, termios
	fd = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
	count = array.array('i', [0])
	fcntl.ioctl(fd, termios.FIONREAD, count)
	sys.exit(count[0] != 0)
	END
}

@test "-v tells who came and who goes" {
	need linux
	listener d -v </dev/null
	talker t 'says(b"hello"); shut(); gets(None)'
	finish d
	contains d.out hello
	has d.err '^ducat: listening on sock$'
	has d.err "^ducat: .*sock.*uid $EUID"
	dial 7 -v </dev/null
	lines_are err 2
	has err '^ducat: connect to sock: No such file.* \([0-9.]+ s\)$'
	has err '^ducat: connect to sock: No such file or directory$'
	PLACE=other server t 'gets(None)'
	PLACE=other dial 0 -v </dev/null
	has err '^ducat: connected to other'
	peer_is_done t
}

@test "--allow-uid turns others away" {
	listener d --allow-uid $(( EUID + 1 )) --deadline 1 <<<secret
	talker t 'gets(None)'
	finish d 9
	empty d.out
	remove sock
	server t 'gets(None)'
	dial 9 --allow-uid $(( EUID + 1 )) <<<secret
	says err 'sock'
	empty out
	finish t
}

@test "--ready-fd, the file's manners, and a live socket" {
	listener d -k </dev/null
	equal "$READY" $'sock\n'
	try 45 "$DUCAT" unix --listen --type seqpacket sock </dev/null
	says err 'listen on sock: Address already in use'
	try 45 "$DUCAT" unix --listen sock </dev/null
	says err 'listen on sock: Address already in use'
	end_of d
	[[ ! -e sock ]]
	stale sock
	listener d </dev/null
	talker t 'says(b"x"); shut(); gets(None)'
	peer_is_done d
	contains d.out x
}

@test "7: a socket of another type is told of in words" {
	local there wanted
	for there in stream seqpacket dgram; do
		remove sock
		local_listen t sock 'wait("go")' $there
		for wanted in stream seqpacket dgram; do
			[[ $wanted != "$there" ]] || continue
			try 7 "$DUCAT" unix --type $wanted sock </dev/null
			says err "^ducat: connect to sock: a socket is $(
			    )there, but not of type $wanted\$"
			empty out
		done
		: >go
		finish t
		rm go
	done
}

@test "2: what does not go with records" {
	local words options
	while IFS='|' read -r words options; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" unix --type seqpacket $options sock </dev/null
		says err "$words"
		empty out
		[[ ! -e sock ]]
	done <<-'END'
	--count: only with --type dgram|--count 1
	--reply: only with --type dgram|--reply
	--peer: only with --type dgram|--listen --peer any
	--strict: only with --type dgram|--listen --strict
	--broker: only with --type stream|--listen --broker
	--chat: only with --type stream|--listen --chat
	--tag: only with --type stream|--listen -k --tag
	--max-conns: .*--type stream|--listen -k --max-conns 2
	--frame: not with --forward unix:|--forward unix:x --frame line
	--datagram-size: not with --forward unix:|--forward unix:x --datagram-size 9
	--frame block: --datagram-size is missing|--frame block
	--frame: .*nonsense|--frame nonsense
	--datagram-size: .*1048577|--datagram-size 1048577
	--datagram-size: .*0|--datagram-size 0
	--mode: only with --listen|--mode 600
	END
}

@test "2: --frame and --datagram-size are not for streams" {
	try 2 "$DUCAT" unix --frame line sock </dev/null
	says err '--frame: only with --type dgram or seqpacket'
	try 2 "$DUCAT" unix --datagram-size 9 sock </dev/null
	says err '--datagram-size: only with --type dgram or seqpacket'
}

### Commands

@test "each record is a write of its own for a command" {
	need ptrace
	start d strace -f -o trace -e trace=write "$DUCAT" unix --listen \
	    --type seqpacket --addr-file addr sock --sh 'cat >got'
	retry_until "$BOUND" test -e addr
	talker t 'says(b"aaa", b"", b"bbb", b"ccc"); shut(); gets(None)'
	finish d
	contains got aaabbbccc
	local text
	for text in aaa bbb ccc; do
		# Not cat's; and strace may tell of another in between.
		has trace "write\\(([2-9]|[0-9]{2,}), \"$text\", 3"
	done
}

@test "a record of a command is what one read gives" {
	later_open next
	listener d --sh 'printf one; read -r x <next.fifo; printf two'
	local_connect t sock "$RECORDS"'gets(b"one"); touch("seen");
	    gets(b"two", None)' seqpacket
	retry_until "$BOUND" test -e seen
	echo >&5
	peer_is_done t
	peer_is_done d
	exec 5>&-
}

later_open()
{
	mkfifo "$1.fifo"
	exec 5<>"$1.fifo"
}

@test "a command's status is the run's, on both sides" {
	listener d --sh 'cat >/dev/null; exit 3'
	talker t 'says(b"x"); shut(); gets(None)'
	finish d 3
	silent d
	server t 'says(b"x"); shut(); gets(None)'
	dial 3 --sh 'cat >/dev/null; exit 3'
	silent err
	peer_is_done t
}

@test "26: a command's malformed output" {
	listener d --frame netstring --sh 'printf 3:one,x; cat >/dev/null'
	talker t 'gets(b"one", None)'
	finish d 26
	says d.err "command's output: not netstring at byte 6: "
}

@test "what a command sees in its environment" {
	need linux
	listener d --sh 'env | grep -E "^(PROTO|IPC)" | sort'
	talker t 'open("got", "wb").write(one()); gets(None);
	    open("pid", "w").write(str(os.getpid()))'
	peer_is_done d
	contains got "IPCLOCALPATH=sock
IPCREMOTEEGID=$(id -g)
IPCREMOTEEUID=$EUID
IPCREMOTEPATH=
IPCREMOTEPID=$(<pid)
PROTO=IPC
"
	PLACE=other server t 'open("got", "wb").write(one()); gets(None)'
	PLACE=other dial 0 --sh 'echo "$IPCREMOTEPATH $IPCREMOTEPID"'
	silent err
	contains got "other ${PID[t]}"$'\n'
	peer_is_done t
}

@test "a client that has bound a name is named to the command" {
	need python3
	listener d --sh 'printf %s "$IPCREMOTEPATH"'
	try 0 python3 -IS -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("mine")
s.connect("sock")
print(s.recv(100).decode())'
	silent err
	contains out $'mine\n'
	peer_is_done d
}

@test "--pty: lines of a terminal, and its end" {
	listener d --pty --frame line -- cat
	local_connect t sock "$RECORDS"'says(b"one"); gets(b"one\r", b"one\r");
	    shut(); gets(None)' seqpacket
	peer_is_done t
	peer_is_done d
}

@test "--stderr-to-peer" {
	listener d --stderr-to-peer --sh 'echo oops >&2'
	talker t 'gets(b"oops\n", None)'
	peer_is_done d
}

@test "-k: commands side by side" {
	listener d -k --max-accepts 2 --frame line -- cat
	talker a 'says(b"a"); gets(b"a"); inner = s; again();
	    s.setsockopt(1, 16, 1); says(b"b"); gets(b"b"); shut();
	    gets(None); s = inner; says(b"c"); gets(b"c"); shut(); gets(None)'
	peer_is_done d
}

### Forwards

@test "--forward unix: records pass, and ends both ways" {
	PLACE=far server t 'gets(b"one", b"", b"two", None);
	    says(b"", b"uno", b"due")'
	listener d --forward unix:far
	dial 0 --frame netstring < <(printf 3:one,0:,3:two,)
	silent err
	contains out 0:,3:uno,3:due,
	peer_is_done t
	peer_is_done d
	# The other way round.
	rm far
	PLACE=far server t 'says(b"bye", b""); shut(); gets(b"late", None)'
	listener d --forward unix:far
	talker a 'gets(b"bye", b"", None); says(b"late"); shut()'
	peer_is_done t
	peer_is_done d
}

@test "--forward unix: a thousand records there and back" {
	many_records in
	PLACE=far server t 'echo()'
	listener d --forward unix:far
	dial 0 --frame netstring <in
	silent err
	same in out
	peer_is_done t
	peer_is_done d
}

@test "--forward of a connecting side" {
	PLACE=far server t 'gets(b"one", b"", None); says(b"uno")'
	server a 'says(b"one", b""); shut(); gets(b"uno", None)'
	dial 0 --forward unix:far
	silent err
	empty out
	peer_is_done a
	peer_is_done t
}

@test "7: --forward unix: nobody is there, or one of another type" {
	listener d --forward unix:far
	talker t 'gets(None)'
	finish d 7
	says d.err 'connect to (unix:)?far: No such file or directory'
	local_listen s far 'wait("go")'
	listener d --forward unix:far
	talker t 'gets(None)'
	finish d 7
	says d.err 'connect to (unix:)?far: a socket is there, but not of type'
	: >go
}

@test "63: --forward unix: a record longer than the socket takes" {
	need root
	longest
	PLACE=far server t 'ends()'
	listener d --forward unix:far
	client a sock "$RECORDS s.setsockopt(1, 32, 4000000);
	    s.send(b'x' * ($LONGEST + 1)); ends()" seqpacket
	finish d 63
	says d.err 'send to unix:far: '
	finish t
}

@test "63: --forward unix: a record too long of the target's" {
	need root
	PLACE=far server t 's.setsockopt(1, 32, 4000000);
	    s.send(b"x" * 1048577); ends()'
	listener d --forward unix:far
	client a sock 'ends()' seqpacket
	finish d 63
	says d.err 'receive from unix:far: '
	finish t
}

@test "55: --forward unix: a target that closes, and records are left" {
	PLACE=far server t 'gets(b"1")'
	listener d --forward unix:far
	local_connect a sock "$RECORDS"'says(b"1"); gets(None); wait("go");
	    says(b"2"); ends()' seqpacket
	peer_is_done t
	: >go
	finish d 55
	says d.err 'send to unix:far: Broken pipe'
	peer_is_done a
}

@test "--forward unix: a target that sends much and closes" {
	PLACE=far server t '[s.send(b"%d" % n) for n in range(5000)]'
	listener d --forward unix:far
	talker a 'wait("go"); [want(one(), b"%d" % n) for n in range(5000)];
	    gets(None); shut()' &
	retry_until "$BOUND" test -S far
	: >go
	wait "$!"
	peer_is_done t
	peer_is_done d
}

# It is known to be full when nothing more goes for a while.
@test "55: --forward unix: a client that closes, and records are left" {
	PLACE=far server t 'import select; free = lambda: bool(
	    select.select([], [s], [], 0.3)[1]);
	    [s.send(bytes(3000)) for n in iter(free, False)];
	    touch("full"); ends()'
	listener d --forward unix:far
	talker a 'wait("full")'
	finish d 55
	says d.err 'send to sock: Connection reset by peer'
	peer_is_done t
}

@test "--escape always makes control characters of records visible" {
	server t 'says(b"a\x1b[31m", b"\x1b", b"b")'
	dial 0 --escape always --frame line </dev/null
	silent err
	contains out $'a^[[31m\n^[\nb\n'
	peer_is_done t
}

@test "to TCP and back: the manual page's way to another machine" {
	many_records in
	PLACE=far server t 'echo()'
	listen_ready l -k --max-accepts 1 127.0.0.1 0 -- \
	    "$DUCAT" unix --type seqpacket --frame len32 far
	listener d --frame len32 --forward "127.0.0.1:$PORT"
	dial 0 --frame netstring <in
	silent err
	same in out
	peer_is_done t
	peer_is_done d
	peer_is_done l
}

@test "26: --frame len32 --forward: the target's bytes are no records" {
	peer_listen t 'write-text \x00\x00\x00\x03one\x00\x00; shut; read-all'
	listener d --frame len32 --forward "127.0.0.1:$PORT"
	client a sock "$RECORDS"'gets(b"one"); ends()' seqpacket
	finish d 26
	says d.err "127.0.0.1:$PORT: not len32 at byte 9: cut off"
}

### Descriptors

@test "descriptors that are passed are closed at once" {
	need linux
	local before
	feed_open input
	server t 'says(b"x"); wait("go");
	    [socket.send_fds(s, [b"y"], [1, 1, 1]) for n in range(9)];
	    socket.send_fds(s, [b"z"], [1] * 200);
	    socket.send_fds(s, [b""], [1]); gets(b"end", None)'
	start d "$DUCAT" unix --type seqpacket sock <input.fifo
	retry_until "$BOUND" size_is d.out 1
	before=$(descriptors d)
	: >go
	retry_until "$BOUND" size_is d.out 11
	(( $(descriptors d) <= before ))
	printf end >&6
	feed_close
	peer_is_done d
	contains d.out xyyyyyyyyyz
	peer_is_done t
}

@test "SIGTERM ends it, and the file is gone" {
	listener d </dev/null
	local_connect t sock "$RECORDS"'says(b"x"); ends()' seqpacket
	retry_until "$BOUND" size_is d.out 1
	end_of d
	says d.err 'Terminated'
	[[ ! -e sock ]]
	finish t
}
