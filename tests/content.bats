# What happens to content: --crlf, --telnet and --escape rewrite it, --rate and
# --delay hold it up.  What each byte becomes is for unit tests, too; here it
# is whole sessions, and others' programs that speak the same.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib
load screens

# A server at the local socket "sock", for ducat's edits.  It makes every byte
# a read of its own: of the fifo "in" by waiting for what becomes of it, of
# the socket by waiting until it was taken.  What things are to become is
# told here once more, in another way.
setup_file()
{
	cat >"$BATS_FILE_TMPDIR/bytewise.py" <<-'END'
	import fcntl, itertools, os, random, socket, struct, sys, termios, time
	what, crlf, telnet = sys.argv[1], 'c' in sys.argv[2], 't' in sys.argv[2]

	def goes(last, byte):
	    if crlf and byte == b'\n' and last != b'\r':
	        byte = b'\r\n'
	    if telnet and last == b'\r' and byte[:1] != b'\n':
	        byte = b'\0' + byte
	    return byte.replace(b'\xff', b'\xff\xff') if telnet else byte

	def send():
	    feed = open('in', 'wb', buffering=0)
	    open('fed', 'wb')
	    last = b''
	    alphabet = [bytes([byte]) for byte in b'a\r\n\0\xff']
	    for part in itertools.product(alphabet, repeat=3):
	        for byte in part:
	            feed.write(byte)
	            want, got = goes(last, byte), b''
	            while len(got) < len(want):
	                got += s.recv(100) or sys.exit('an end')
	            assert got == want, (last, byte, got)
	            last = byte
	    feed.close()
	    got = s.makefile('rb').read()
	    assert got == (b'\0' if telnet and last == b'\r' else b''), got

	def taken():
	    left = fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4))
	    return struct.unpack('i', left)[0] == 0

	def receive():
	    for byte in open('coming', 'rb').read():
	        s.sendall(bytes([byte]))
	        while not taken():
	            time.sleep(0.0005)
	    s.shutdown(socket.SHUT_WR)
	    open('answers', 'wb').write(s.makefile('rb').read())

	listener = socket.socket(socket.AF_UNIX)
	listener.bind('sock')
	listener.listen(1)
	print('ready', flush=True)
	s = listener.accept()[0]
	s.settimeout(30)
	send() if what == 'send' else receive()
	END
}

# bytewise WHAT [EDITS]: that server, "p".
bytewise()
{
	need python3 linux
	start p python3 -IS "$BATS_FILE_TMPDIR/bytewise.py" "$1" "${2:-}"
	retry_until "$BOUND" test -s p.out || {
		show p
		return 1
	}
}

# byte_by_byte OPTION...: a client of "p" that is given the fifo "in".
byte_by_byte()
{
	mkfifo in
	exec 6<>in
	start d "$DUCAT" unix "$@" sock <in
	retry_until "$BOUND" test -e fed
	exec 6>&-
	done_with d p
}

# done_with NAME...: they end well, and had nothing to say.
done_with()
{
	local name
	for name; do
		finish "$name"
		silent "$name"
	done
}

# What servers ask for at once, and what a client that is none has to say.
ASK='\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f'
REFUSED=$'\xff\xfc\x18\xff\xfe\x01\xff\xfe\x03\xff\xfc\x1f'

### --crlf

# texts: TEXTS are files, and what unix2dos makes of each is in NAME.dos.
texts()
{
	local name
	need unix2dos
	TEXTS=(empty plain dos mixed bare last alone closing odd)
	: >empty
	printf 'one\ntwo\n\n\nthree\n' >plain
	printf 'one\r\ntwo\r\n\r\nthree\r\n' >dos
	printf 'one\r\ntwo\n\r\n\nthree\rfour\r\n\r\n' >mixed
	printf 'no end of a line' >bare
	printf 'one\nno newline' >last
	printf 'a\rb\r\rc\n' >alone
	printf 'one\nends with\r' >closing
	printf '\n\n\r\n\n\r\n\r' >odd
	for name in "${TEXTS[@]}"; do
		unix2dos -f -q <"$name" >"$name.dos"
	done
}

@test "listen -C: what unix2dos makes of each text, and the answer untouched" {
	local name
	texts
	for name in "${TEXTS[@]}"; do
		echo "text $name"
		listen_ready d -C 127.0.0.1 0 <"$name"
		peer_connect p 'save got; write-file mixed; shut; read-all'
		done_with p d
		same "$name.dos" got
		same mixed d.out
	done
}

@test "connect --crlf: the same, from a file and from a pipe" {
	local name
	texts
	for name in "${TEXTS[@]}"; do
		echo "text $name"
		peer_listen p 'save got; read-all; write-file mixed;
		    accept-again; save got2; read-all; write-file mixed'
		try 0 "$DUCAT" connect --crlf 127.0.0.1 "$PORT" <"$name"
		silent err
		same mixed out
		# shellcheck disable=SC2002
		cat "$name" | try 0 "$DUCAT" connect --crlf 127.0.0.1 "$PORT"
		silent err
		same mixed out
		done_with p
		same "$name.dos" got
		same "$name.dos" got2
	done
}

@test "unix --crlf: the same" {
	local name
	need linux
	texts
	for name in "${TEXTS[@]}"; do
		echo "text $name"
		start d "$DUCAT" unix --listen --addr-file addr -C sock <"$name"
		retry_until "$BOUND" test -s addr
		try 0 "$DUCAT" unix sock <mixed
		silent err
		done_with d
		same "$name.dos" out
		same mixed d.out
	done
}

@test "--crlf of what a command writes, not of what it reads" {
	texts
	listen_ready d -k -C 127.0.0.1 0 -c 'tee heard' </dev/null
	peer_connect p 'save got; write-file mixed; shut; read-all'
	done_with p
	same mixed.dos got
	same mixed heard
	end_of d
	peer_listen p 'save got; write-file plain; shut; read-all'
	try 0 "$DUCAT" connect -C 127.0.0.1 "$PORT" -- tee heard </dev/null
	silent err
	done_with p
	same plain.dos got
	same plain heard
}

@test "--crlf of what the target of --forward sends, not of what it gets" {
	texts
	peer_listen t 'save asked; write-file plain; shut; read-all'
	listen_ready d -C --forward "127.0.0.1:$PORT" 127.0.0.1 0 </dev/null
	peer_connect p 'save got; write-file mixed; shut; read-all'
	done_with p d t
	same plain.dos got
	same mixed asked
}

@test "--crlf in a chat: for all who are there" {
	feed_open host
	listen_ready d --chat -C 127.0.0.1 0 <host.fifo
	start a "$PEER" connect 127.0.0.1 "$PORT" 'save a.got; wait-file go;
	    write-text by a\n; read-until later\r\n; wait-file end'
	start b "$PEER" connect 127.0.0.1 "$PORT" 'save b.got; wait-file go;
	    read-until later\r\n; wait-file end'
	retry_until "$BOUND" eval '
	    [[ $(readlink "/proc/${PID[d]}/fd/"* | grep -c ^socket:) -ge 3 ]]'
	: >go
	retry_until "$BOUND" grep -q 'by a' d.out
	printf 'and later\n' >&6
	retry_until "$BOUND" grep -q $'later\r' a.got
	retry_until "$BOUND" grep -q $'later\r' b.got
	: >end
	done_with a b
	has b.got $'by a\r$'
	lacks d.out $'\r'
	feed_close
	end_of d
}

@test "-C: it does not matter where reads cut, and a CR goes at once" {
	bytewise send c
	byte_by_byte -C
}

@test "--crlf: ten megabytes of noise" {
	need unix2dos
	payload raw 10000000
	# unix2dos forgets of several CR that they were before a LF.
	tr -s '\r' <raw >noise
	unix2dos -f -q <noise >want
	listen_ready d -C 127.0.0.1 0 <noise
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	done_with d
	same want out
}

@test "--crlf: ten megabytes of nothing but newlines, to a small window" {
	head -c 10000000 /dev/zero | tr '\0' '\n' >lines
	peer_listen p 'rcvbuf 4608; save got; read-all'
	try 0 "$DUCAT" connect -C 127.0.0.1 "$PORT" <lines
	silent err
	done_with p
	sed 's/$/\r/' lines | cmp - got
}

@test "what --crlf sent is counted as it was sent" {
	printf 'a\nb\n' >in
	peer_listen p 'write-text x\ny\n; read-all; count'
	try 0 "$DUCAT" connect -v --events events --record-sent sent -C \
	    127.0.0.1 "$PORT" <in
	has err 'sent 6 bytes, received 4 bytes'
	has events '"sent":6,"received":4'
	done_with p
	has p.out '^6$'
	contains sent $'a\r\nb\r\n'
}

@test "--max-send counts the input of --crlf" {
	printf 'a\nb\n' >in
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect --max-send 4 -C 127.0.0.1 "$PORT" <in
	silent err
	done_with p
	contains got $'a\r\nb\r\n'
	peer_listen p 'save got; read 4; wait-file go'
	try 63 "$DUCAT" connect --max-send 3 -C 127.0.0.1 "$PORT" <in
	says err 'more than 3 bytes'
	: >go
	done_with p
	contains got $'a\r\nb'
}

@test "--crlf: the end of the input comes through, and so does the answer" {
	peer_listen p 'save got; read-all; write-text so\n'
	printf 'question\n' | try 0 "$DUCAT" connect -C 127.0.0.1 "$PORT"
	silent err
	done_with p
	contains got $'question\r\n'
	contains out $'so\n'
}

@test "--crlf: a reset in the middle is 55, and tells what was lost" {
	head -c 30000000 /dev/zero | tr '\0' '\n' >lines
	peer_listen p 'rcvbuf 4608; read 1000; reset'
	try 55 "$DUCAT" connect -C 127.0.0.1 "$PORT" <lines
	says err '\([0-9]+ bytes not delivered\)'
	done_with p
}

@test "--crlf --telnet: each of a chat is told apart, and refused" {
	feed_open host
	listen_ready d --chat --telnet -C 127.0.0.1 0 <host.fifo
	peer_connect a "save a.got; write-text $ASK; read 12; write-text by a;
	    write-text \\xff\\xf1\\r\\n; read-until later\\r\\n; touch end"
	retry_until "$BOUND" grep -q 'by a' d.out
	printf 'and later\n' >&6
	done_with a
	contains a.got "$REFUSED<server> and later"$'\r\n'
	feed_close
	end_of d
}

@test "--crlf with -k: a CR of one client's is not the next one's" {
	feed_open in
	listen_ready d -k -C 127.0.0.1 0 <in.fifo
	peer_connect a 'save a.got; wait-file go; read 2'
	printf 'a\r' >&6
	: >go
	done_with a
	peer_connect b 'save b.got; touch in; read 3'
	retry_until "$BOUND" test -e in
	printf '\nb' >&6
	done_with b
	contains a.got $'a\r'
	contains b.got $'\r\nb'
	feed_close
	end_of d
}

@test "records have no --telnet, and no --crlf in a frame of theirs" {
	local words frame
	for words in 'udp-send ::1 9' 'udp-recv 0' 'unix --type dgram x' \
	    'unix --type seqpacket x' 'unix --listen --type dgram x'; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" $words --telnet </dev/null
		says err --telnet
	done
	for words in 'udp-send ::1 9' 'udp-recv --reply 0' \
	    'unix --type dgram x' 'unix --type seqpacket x' \
	    'unix --listen --type dgram --reply x'; do
		for frame in line netstring len32 json; do
			# shellcheck disable=SC2086
			try 2 "$DUCAT" $words --crlf --frame "$frame" \
			    </dev/null
			says err '--crlf: only with --frame read or block'
		done
	done
	usage_errors <<-'END'
	udp-recv -C 0 | --crlf: nothing is sent without --reply, a com
	udp-recv -C --forward [::1]:9 0 | --crlf: not with --forward
	unix -C --type seqpacket --forward unix:y x | --crlf: not with
	unix -C --listen --type dgram x | --crlf: nothing is sent
	END
}

### --telnet

@test "--telnet: each option is refused, once" {
	peer_listen p "save got; write-text $ASK; read 12; write-text $ASK;
	    write-text \\xff\\xfc\\x01\\xff\\xfe\\x18; write-text name: ;
	    read-all; write-text $ASK"
	printf 'me\n' >in
	feed_open in
	start d "$DUCAT" connect --telnet --record-sent sent 127.0.0.1 \
	    "$PORT" <in.fifo
	comes d.out 'name:'
	cat in >&6
	feed_close
	done_with d p
	contains got "${REFUSED}me"$'\n'
	contains sent "${REFUSED}me"$'\n'
	contains d.out 'name:'
}

@test "listen --telnet: what a client proposes is refused, too" {
	printf 'hello\n' >in
	listen_ready d --telnet 127.0.0.1 0 <in
	peer_connect p "save got; read-until hello; write-text $ASK;
	    write-text \\xff\\xf1me\\xff\\xf9\\n; shut; read-all"
	done_with p d
	contains d.out $'me\n'
	LC_ALL=C has got '^hello$'
}

# refuses [ROLE] OPTION...: and nothing was read, or is to be sent.
refuses()
{
	listen_ready d "$@" </dev/null
	peer_connect p "save got; write-text $ASK; read 12; write-text text\\n;
	    shut; read-all"
	done_with p d
	contains got "$REFUSED"
}

@test "--telnet answers while there is nothing to send" {
	refuses --telnet 127.0.0.1 0
	contains d.out $'text\n'
	refuses --telnet --recv-only 127.0.0.1 0
	contains d.out $'text\n'
	refuses --telnet --crlf --rate 1M 127.0.0.1 0
	contains d.out $'text\n'
	refuses --telnet 127.0.0.1 0 -c 'cat >heard'
	contains heard $'text\n'
}

@test "--telnet answers while the input is silent" {
	feed_open in
	peer_listen p "save got; write-text $ASK; read 12; write-text so\\n"
	start d "$DUCAT" connect --telnet --on-peer-eof exit 127.0.0.1 \
	    "$PORT" <in.fifo
	done_with p d
	contains got "$REFUSED"
	contains d.out $'so\n'
	feed_close
}

@test "--telnet answers after the end of the input, with --no-half-close" {
	peer_listen p "save got; read 3; write-text $ASK; read 12;
	    write-text $ASK\\xff\\xfd\\x06; read 3; write-text so\\n"
	printf 'all' | try 0 "$DUCAT" connect --telnet --no-half-close \
	    127.0.0.1 "$PORT"
	silent err
	done_with p
	contains got "all$REFUSED"$'\xff\xfc\x06'
	contains out $'so\n'
}

@test "--telnet answers with commands, forwards and local sockets" {
	need python3
	listen_ready d -k --telnet 127.0.0.1 0 -- cat </dev/null
	peer_connect p "save got; write-text $ASK; read 12; write-text a;
	    read 1; shut; read-all"
	done_with p
	contains got "${REFUSED}a"
	end_of d
	peer_listen t 'save heard; read 1; write-text b; read-all'
	listen_ready d --telnet --forward "127.0.0.1:$PORT" 127.0.0.1 0 \
	    </dev/null
	peer_connect p "save got; write-text $ASK; read 12; write-text a;
	    read 1; shut; read-all"
	done_with p d t
	contains got "${REFUSED}b"
	contains heard a
}

@test "--telnet --send-only: refused, and what comes is dropped" {
	printf 'text\n' >in
	peer_listen p "save got; write-text ${ASK}dropped; read-all"
	feed_open in
	start d "$DUCAT" connect --telnet --send-only 127.0.0.1 "$PORT" \
	    <in.fifo
	retry_until "$BOUND" size_is got 12
	cat in >&6
	feed_close
	done_with d p
	contains got "${REFUSED}text"$'\n'
	empty d.out
}

@test "AYT is answered, a timing mark each time, other commands never" {
	peer_listen p 'save got; write-text a\xff\xf6b; read 9;
	    write-text \xff\xf1\xff\xf2\xff\xf3\xff\xf4\xff\xf5\xff\xf7\xff\xf8;
	    write-text \xff\xf9\xff\xef\xff\x00; write-text \xff\xfd\x06;
	    read 3; write-text \xff\xfd\x06; read 3; write-text c;
	    write-text \xff\xfb\x06\xff\xfb\x06; read 3; shut; read-all'
	try 0 "$DUCAT" connect --telnet --no-half-close 127.0.0.1 "$PORT" \
	    </dev/null
	silent err
	done_with p
	contains out abc
	contains got $'\r\n[Yes]\r\n\xff\xfc\x06\xff\xfc\x06\xff\xfe\x06'
}

@test "subnegotiations are dropped, however long, and without an end" {
	# No NUL, as the shell is to make it, and no 0xff.
	head -c 1000000 /dev/zero | tr '\0' x >long
	peer_listen p 'write-text a\xff\xfa\x18\x01\xff\xff\xff\xf0b;
	    write-text \xff\xfa; write-file long; write-text \xff\xf0c;
	    write-text \xff\xfa\x18lost\xff\xfd\x01d\xff\xfa\xff\xf0e;
	    write-text \xff\xfa\x18 without an end'
	try 0 "$DUCAT" connect --telnet 127.0.0.1 "$PORT" </dev/null
	silent err
	done_with p
	contains out abcde
}

@test "--telnet: every byte comes through, between two of it" {
	local size
	payload there 1000001
	payload back 1000000 2
	printf '\r' >>there
	head -c 100000 /dev/zero | tr '\0' '\377' >>back
	head -c 100000 /dev/zero | tr '\0' '\r' >>there
	printf '\n\r\0\r\n\377\r\377\r\r\0\0\r' >>back
	listen_ready d --telnet 127.0.0.1 0 <back
	try 0 "$DUCAT" connect --telnet --record-sent sent 127.0.0.1 "$PORT" \
	    <there
	silent err
	done_with d
	same there d.out
	same back out
	size=$(LC_ALL=C tr -cd '\377' <there | wc -c)
	equal "$(LC_ALL=C tr -cd '\377' <sent | wc -c)" $(( 2 * size ))
}

@test "--telnet: it does not matter where what is sent was cut" {
	bytewise send t
	byte_by_byte --telnet
}

@test "--telnet --crlf: it does not matter where what is sent was cut" {
	bytewise send ct
	byte_by_byte --telnet --crlf
}

@test "--telnet: it does not matter where what comes was cut" {
	need python3
	# The material, and what it means: commands by their shape.
	python3 -IS - <<-'END'
	import random, re
	random.seed(1)
	data = bytes(random.choices(b'a\r\0\n\1\6\xf0\xf4\xf6\xfa\xfb\xfd\xfe\xff',
	    [4, 3, 3, 1, 2, 1, 4, 1, 1, 1, 2, 3, 1, 12], k=3000))
	data += b'\xff\xf0a\xff\xf0a\r'
	text, answers, refused = b'', b'', set()
	for token in re.finditer(rb'(?s)\xff\xfa(?:[^\xff]|\xff[^\xf0\xfa-\xfe])*'
	    rb'(?:\xff\xf0|(?=\xff))|\xff([\xfb-\xfe])(.)|\xff(.)|(.)', data):
	    verb, option, command, byte = token.groups()
	    if verb in (b'\xfb', b'\xfd') and (verb, option) not in refused:
	        answers += b'\xff' + (b'\xfe' if verb == b'\xfb' else b'\xfc')
	        answers += option
	        if (verb, option) != (b'\xfd', b'\6'):
	            refused.add((verb, option))
	    elif command == b'\xf6':
	        answers += b'\r\n[Yes]\r\n'
	    text += byte or (command if command == b'\xff' else b'')
	open('coming', 'wb').write(data)
	open('want', 'wb').write(text.replace(b'\r\0', b'\r'))
	open('want.answers', 'wb').write(answers)
	END
	bytewise receive
	try 0 "$DUCAT" unix --telnet --no-half-close sock </dev/null
	silent err
	done_with p
	same want out
	same want.answers answers
}

@test "--telnet --crlf: lines, and what else there is" {
	printf 'a\nb\r\nc\rd\377\r' >in
	peer_listen p 'save got; write-text \xff\xfd\x01x\r\ny\r\x00z\xff\xff;
	    read-all'
	try 0 "$DUCAT" connect --telnet -C --record-sent sent 127.0.0.1 \
	    "$PORT" <in
	silent err
	done_with p
	printf 'a\r\nb\r\nc\r\0d\377\377\r\0' >want
	LC_ALL=C sed 's/^\xff\xfc\x01//; s/\xff\xfc\x01$//' got >said
	same want said
	same got sent
	printf 'x\r\ny\rz\377' | cmp - out
}

@test "a mark that is urgent stands where it was sent" {
	peer_listen p 'save got; write-text before;
	    write-urgent \xff\xf2; write-text behind\xff;
	    write-urgent \xff; write-text \xff\xfd\x06; read 3'
	try 0 "$DUCAT" connect --telnet --no-half-close 127.0.0.1 "$PORT" \
	    </dev/null
	silent err
	done_with p
	printf 'beforebehind\377' | cmp - out
	contains got $'\xff\xfc\x06'
}

# flood SIZE BYTES: a client that says it so often, and reads nothing before.
flood()
{
	start p python3 -IS -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(30)
s.sendall(bytes.fromhex(sys.argv[3]) * int(sys.argv[2]))
s.sendall(b"all the same\n")
open("flooded", "w").close()
s.shutdown(socket.SHUT_WR)
while s.recv(65536):
    pass' "$PORT" "$@"
}

# memory_of NAME: what it needed at most, in KiB.
memory_of()
{
	awk '$1 == "VmHWM:" { print $2 }' "/proc/${PID[$1]}/status"
}

@test "who floods --telnet costs no memory, and holds up nobody" {
	need python3 linux
	local words before
	for words in fffd06 fff6 'fffd01fffb02fffd06fff6fffa' fffaffffff; do
		echo "flood of $words"
		rm -f flooded
		listen_ready d -k --max-accepts 2 --telnet 127.0.0.1 0 -- cat \
		    </dev/null
		before=$(memory_of d)
		flood 500000 "$words"
		retry_until "$BOUND" test -e flooded
		(( $(memory_of d) < before + 16384 ))
		peer_connect c "save got; write-text $ASK; read 12;
		    write-text x; read 1; shut; read-all"
		done_with c p
		contains got "${REFUSED}x"
		done_with d
	done
}

@test "--telnet with -k: each client begins anew" {
	listen_ready d -k --max-accepts 3 --telnet 127.0.0.1 0 </dev/null
	peer_connect a "save a.got; write-text $ASK; read 12;
	    write-text a\\n\\xff\\xfa\\x18; shut; read-all"
	done_with a
	peer_connect b "save b.got; write-text $ASK; read 12;
	    write-text b\\r; shut; read-all"
	done_with b
	peer_connect c "save c.got; write-text \\x00$ASK; read 12;
	    write-text c\\n\\xff\\xfd; shut; read-all"
	done_with c d
	contains a.got "$REFUSED"
	contains b.got "$REFUSED"
	contains c.got "$REFUSED"
	printf 'a\nb\r\0c\n' | cmp - d.out
}

@test "--telnet: a reader that left before a mere command is no failure" {
	peer_listen p 'write-text ab\n; wait-file go; write-text \xff\xf1;
	    shut; read-all'
	start_raw d "$DUCAT" connect --telnet 127.0.0.1 "$PORT" \
	    </dev/null > >(head -n 1 >out; : >go)
	done_with d p
	contains out $'ab\n'
}

### --telnet and others' programs

# Asks for a name and greets.
GREETER='printf "name: "; read -r x; echo "hello, $x."'

# greets COMMAND...: it is a client of telnet, on a terminal.
greets()
{
	listen_ready d --telnet -C 127.0.0.1 0 -c "$GREETER" </dev/null
	rm -f shown
	start t "$PEER" pty 'save shown; read-until name: ;
	    write-text alice\n; read-until hello, alice; read-all' \
	    "$@" 127.0.0.1 "$PORT"
	finish t "${WANT:-0}"
	done_with d
	tr -d '\r' <shown >plain
	has plain '^hello, alice\.$'
}

@test "busybox telnet is served" {
	need busybox
	# Its status at the server's end.
	WANT=1 greets busybox telnet
}

@test "telnet of inetutils is served, and Control-C does not strike it dumb" {
	need telnet
	greets telnet -E
	listen_ready d --telnet -C 127.0.0.1 0 -c "$GREETER" </dev/null
	start t "$PEER" pty 'read-until name: ; write-text \x03;
	    write-text bob\n; read-until hello, bob; read-all' \
	    telnet -E 127.0.0.1 "$PORT"
	finish t
	done_with d
}

@test "clients that know telnet's answers only are served" {
	need nc.openbsd nc.traditional ncat
	local nc
	for nc in nc.openbsd nc.traditional ncat; do
		echo "with $nc"
		listen_ready d --telnet -C 127.0.0.1 0 -c "$GREETER" </dev/null
		printf 'bob\r\n' | try 0 "$nc" -t 127.0.0.1 "$PORT"
		done_with d
		has out 'hello, bob'
	done
}

@test "listeners that know telnet's answers only hear what is sent" {
	need nc.openbsd ncat
	in_netns
	local server
	printf 'one\rtwo\n' >in
	for server in 'nc.openbsd -t -N -l 127.0.0.1 5000' \
	    'ncat -t -l 127.0.0.1 5000'; do
		echo "with $server"
		# shellcheck disable=SC2086
		start s $server < <(printf 'hello\n')
		retry_until "$BOUND" eval 'grep -q ":1388 00000000:0000 0A" \
		    "/proc/${PID[namespace]}/net/tcp"'
		try 0 "$DUCAT" connect --telnet 127.0.0.1 5000 <in
		finish s
		contains out $'hello\n'
		printf 'one\r\0two\n' | cmp - s.out
	done
}

### --escape

# What may come, and what is to be seen of it.
shown_as()
{
	local line code
	: >coming
	: >want
	while IFS='|' read -r line code; do
		printf '%b' "$line" >>coming
		printf '%s' "$code" >>want
	done <<-'END'
	plain text,|plain text,
	 \x1b[31m \x1b]0;t\x07 \x1b\\| ^[[31m ^[]0;t^G ^[\
	 \x00 \x7f \x08| ^@ ^? ^H
	 \xc2\x80\xc2\x9b\xc2\x9f| \xc2\x80\xc2\x9b\xc2\x9f
	 \x9b2J \x80 \xff\xfe| \x9b2J \x80 \xff\xfe
	 \xe2\x80\xaa\xe2\x80\xae| \xe2\x80\xaa\xe2\x80\xae
	 \xe2\x81\xa6\xe2\x81\xa9| \xe2\x81\xa6\xe2\x81\xa9
	 \xe2\x80\x8e\xe2\x80\x8f\xd8\x9c| \xe2\x80\x8e\xe2\x80\x8f\xd8\x9c
	 over \xc0\x9b \xc1\xbf \xe0\x80\x9b| over \xc0\x9b \xc1\xbf \xe0\x80\x9b
	 \xf0\x80\x80\x9b| \xf0\x80\x80\x9b
	 \xed\xa0\x80 \xf4\x90\x80\x80| \xed\xa0\x80 \xf4\x90\x80\x80
	 cut \xe2\x82 \xf0\x9f\x90 \xe2\x1b| cut \xe2\x82 \xf0\x9f\x90 \xe2^[
	 \xe2\xe2\x82\xc3 \rx \r\r| \xe2\xe2\x82\xc3 ^Mx ^M^M
	END
	# These stay.
	printf 'tab\t\n\r\ngr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xf0\x9f\x90\x88' \
	    >stays
	cat stays >>coming
	cat stays >>want
	# And the end finds half of one.
	printf '\xe2\x82' >>coming
	printf '%s' '\xe2\x82' >>want
}

@test "--escape=always: what a terminal might obey is seen, text is kept" {
	shown_as
	peer_listen p 'write-file coming; accept-again; write-file coming'
	try 0 "$DUCAT" connect --escape=always 127.0.0.1 "$PORT" </dev/null
	silent err
	same want out
	# And nothing else is touched.
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	same coming out
	done_with p
}

@test "--escape=always: it does not matter where reads cut" {
	shown_as
	bytewise receive
	try 0 "$DUCAT" unix --escape=always sock </dev/null
	silent err
	done_with p
	same want out
}

@test "--escape=always: megabytes of it, to a reader that takes its time" {
	local i
	shown_as
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		cat coming coming >twice
		mv twice coming
		cat want want >twice
		mv twice want
	done
	peer_listen p 'write-file coming'
	"$PEER" exec "$DUCAT" connect --escape=always 127.0.0.1 "$PORT" \
	    </dev/null 2>err | { read -r -t 1 <> <(:) || :; cat; } >out
	silent err
	done_with p
	same want out
}

@test "--escape=always --telnet: commands are taken out, the rest is seen" {
	peer_listen p 'save got; write-text \xff\xfd\x01\x1b[2J\xff\xff;
	    write-text \xe2\xff\xf1\x82\xff\xfa\x18\x1b\xff\xf0\xac\r\x00\r;
	    write-text \xff\xf1\n; shut; read-all'
	try 0 "$DUCAT" connect --escape=always --telnet --no-half-close \
	    127.0.0.1 "$PORT" </dev/null
	silent err
	done_with p
	contains out '^[[2J\xff'$'\xe2\x82\xac''^M'$'\r\n'
	contains got $'\xff\xfc\x01'
}

@test "--escape, -C and --telnet leave alone what goes the other way" {
	printf '\e[2J\0\n' >in
	listen_ready d --escape=always 127.0.0.1 0 <in
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	done_with d
	same in out
}

@test "what came is counted as it came, whatever is made of it" {
	peer_listen p 'write-text \x1b\x1b\x1b\n; accept-again;
	    write-text \xff\xf1a\n'
	try 0 "$DUCAT" connect -v --escape=always 127.0.0.1 "$PORT" </dev/null
	has err 'received 4 bytes'
	try 0 "$DUCAT" connect -v --telnet 127.0.0.1 "$PORT" </dev/null
	has err 'received 4 bytes'
	done_with p
}

@test "--escape=always: --max-recv and what is recorded are of what came" {
	printf '\e\e\e\e' >want
	peer_listen p 'write-text \x1b\x1b\x1b\x1b; shut; read-all;
	    accept-again; write-text \x1b\x1b\x1b\x1b\x1b; pause'
	try 0 "$DUCAT" connect --escape=always --max-recv 4 \
	    --record-received came 127.0.0.1 "$PORT" </dev/null
	silent err
	contains out '^[^[^[^['
	same want came
	try 63 "$DUCAT" connect --escape=always --max-recv 4 127.0.0.1 \
	    "$PORT" </dev/null
	contains out '^[^[^[^['
}

# The one that waits for it says something then.
host_is_heard()
{
	printf 'host\n' >&6
	grep -q J d.out
}

@test "in a chat nobody reaches another's terminal raw" {
	feed_open host
	listen_ready d --chat 127.0.0.1 0 <host.fifo
	peer_connect b 'save b.got; touch b.in; read-until ^G\n; read-until O'
	peer_connect a 'read-until \n; write-text \x1b[2J\xc2\x9b\x07\n;
	    wait-file end'
	retry_until "$BOUND" test -e b.in
	retry_until "$BOUND" host_is_heard
	printf 'O\n' >&6
	done_with b
	: >end
	done_with a
	lacks b.got $'\e'
	has b.got '\^\[\[2J\\xc2\\x9b\^G$'
	lacks d.out $'\e'
	feed_close
	end_of d
}

@test "udp-recv --escape=always: each datagram for itself" {
	local KEEP=(-k 9) line
	ready_prepare r
	start r "$DUCAT" udp-recv --escape=always --count 3 --ready-fd 9 \
	    127.0.0.1 0 </dev/null
	ready_read r
	for line in 'a\xe2\x82' '\xac\r' '\n\e[2J\xc3\xbc'; do
		printf '%b' "$line" |
		    try 0 "$DUCAT" udp-send 127.0.0.1 "$PORT"
	done
	done_with r
	contains r.out 'a\xe2\x82\xac^M'$'\n''^[[2J'$'\xc3\xbc'
}

### On a terminal

@test "a dialogue by telnet, on a terminal that nobody can spoil" {
	screens_open
	peer_listen p "save got; write-text $ASK\\x1b]2\\x3btaken\\x07;
	    write-text gr\\xc3; write-text \\xbc\\xc3\\x9fe name: ;
	    read-until alice\\r\\n; write-text \\x1b[2Jhello\\r\\n;
	    wait-file end"
	screen a connect --telnet --crlf 127.0.0.1 "$PORT"
	see a $'gr\xc3\xbc\xc3\x9fe name:'
	screens send-keys -t a -l alice
	screens send-keys -t a Enter
	see a '\^\[\[2Jhello'
	see a '\^\[\]2;taken\^G'
	lacks <(screens display-message -p -t a '#{pane_title}') taken
	: >end
	see a '^status 0$'
	done_with p
	contains got "${REFUSED}alice"$'\r\n'
}

### --rate: all arrives

# Sizes that take no second.
RATES=(1:1 1Ki:250 10k:3000 64Ki:20000 1M:300000 50M:3000000 1G:3000000
    100G:3000000)

# both_ways RATE SIZE [OPTION]...: so much each way, from files and pipes.
both_ways()
{
	local rate=$1 size=$2
	shift 2
	echo "$size bytes at $rate, $*"
	payload there "$size"
	payload back "$size" 2
	listen_ready d --rate "$rate" "$@" 127.0.0.1 0 <back
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	done_with d
	same there d.out
	same back out
	listen_ready_raw d "$@" 127.0.0.1 0 < <(cat back) > >(cat >d.out)
	start c "$DUCAT" connect --rate "$rate" "$@" 127.0.0.1 "$PORT" \
	    < <(cat there)
	done_with c d
	retry_until "$BOUND" size_is d.out "$size"
	same there d.out
	same back c.out
}

@test "--rate: all arrives in both directions, at whatever rate" {
	local rate
	for rate in "${RATES[@]}"; do
		both_ways "${rate%:*}" "${rate#*:}"
	done
}

@test "--rate --no-zero-copy: all arrives in both directions" {
	local rate
	for rate in "${RATES[@]}"; do
		both_ways "${rate%:*}" "${rate#*:}" --no-zero-copy
	done
}

@test "--rate with somebody who watches: all arrives in both directions" {
	local rate
	for rate in "${RATES[@]}"; do
		both_ways "${rate%:*}" "${rate#*:}" --hexdump=/dev/null
	done
}

@test "--rate: commands and forwards, each client at its own" {
	local rate size i
	for rate in 10k:2000 1M:200000 100M:3000000; do
		size=${rate#*:}
		rate=${rate%:*}
		echo "$size bytes at $rate"
		payload there "$size"
		listen_ready t -k 127.0.0.1 0 -- cat </dev/null
		listen_ready d -k --rate "$rate" --forward "$HOST:$PORT" \
		    127.0.0.1 0 </dev/null
		for i in a b c; do
			start "$i" "$DUCAT" connect 127.0.0.1 "$PORT" <there
		done
		done_with a b c
		end_of d
		listen_ready d -k --rate "$rate" 127.0.0.1 0 -- cat </dev/null
		for i in e f g; do
			start "$i" "$DUCAT" connect 127.0.0.1 "$PORT" <there
		done
		done_with e f g
		end_of d
		end_of t
		for i in a b c e f g; do
			same there "$i.out"
		done
	done
}

@test "--rate: a command that connects" {
	payload back 300000
	payload there 300000 2
	peer_listen p 'save got; read 300000; write 300000; shut; read-all'
	try 0 "$DUCAT" connect --rate 1M 127.0.0.1 "$PORT" -c \
	    'cat there; exec >&-; cat >came' </dev/null
	silent err
	done_with p
	same there got
	same back came
}

@test "--rate: local sockets" {
	need linux
	payload there 300000
	payload back 300000 2
	start d "$DUCAT" unix --listen --rate 1M --addr-file addr sock <back
	retry_until "$BOUND" test -s addr
	try 0 "$DUCAT" unix --rate 2M sock <there
	silent err
	done_with d
	same there d.out
	same back out
}

@test "--rate and --delay: records of local sockets" {
	need linux
	local pace
	seq 100 >there
	for pace in '--rate 2k' '--rate 1G' '--delay 2ms'; do
		echo "with $pace"
		remove addr
		# shellcheck disable=SC2086
		start d "$DUCAT" unix --listen --type seqpacket --frame line \
		    --addr-file addr $pace sock <there
		retry_until "$BOUND" test -s addr
		# shellcheck disable=SC2086
		try 0 "$DUCAT" unix --type seqpacket --frame line $pace sock \
		    <there
		silent err
		done_with d
		same there d.out
		same there out
	done
}

@test "--rate with -k: each of those who come one after another" {
	local i
	payload there 20000
	listen_ready d -k --rate 100k --max-accepts 3 127.0.0.1 0 </dev/null
	for i in 1 2 3; do
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
		silent err
	done
	done_with d
	cat there there there | cmp - d.out
}

@test "--rate and --delay: clients that share what is said have none" {
	local words
	for words in '-k --max-conns 2 --rate 2k' '--chat --delay 1' \
	    '--broker --rate 1M'; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" listen $words 127.0.0.1 0 </dev/null
		says err ': not where clients share what is said'
	done
}

@test "--rate with --crlf and --telnet: what is made of it arrives whole" {
	payload raw 300000
	tr '\0-\37\177-\377' 'a-~' <raw | tr ' ' '\n' >there
	sed 's/$/\r/' there >want
	listen_ready d --rate 1M --telnet --crlf 127.0.0.1 0 <there
	try 0 "$DUCAT" connect --telnet --rate 1M --escape=always \
	    127.0.0.1 "$PORT" <there
	silent err
	done_with d
	# What is no CR LF of the last line, if there is none.
	head -c "$(stat -c %s out)" want | cmp - out
	same there d.out
}

@test "--rate: the kernel moves what it moved before" {
	need linux ptrace
	payload there 3000000
	payload back 3000000 2
	WRAP=(strace -f -qq -e "trace=splice,read,write,sendto,recvfrom"
	    -e signal=none -o trace "$PEER" exec)
	listen_addr d --rate 10M 127.0.0.1 0 <back
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	done_with d
	same there d.out
	same back out
	# Sanitizers read something, too.
	awk '/splice\(/ && $NF ~ /^[0-9]+$/ { sum += $NF }
	    !/splice\(/ && $NF ~ /^[0-9]+$/ { other += $NF }
	    END { exit !(sum >= 12000000 && other < 3000000) }' trace
}

### --delay: all arrives

@test "--delay: lines, of all lengths, with an end and without" {
	local name pace
	seq 40 >lines
	printf 'one\ntwo\n\n\nand no end' >bare
	: >empty
	printf '\n\n\n\n' >blank
	printf 'no line' >none
	{ payload /dev/stdout 200000 | tr -d '\n'; echo
	    payload /dev/stdout 100000 2 | tr -d '\n'; echo; echo x; } >long
	for name in lines bare empty blank none long; do
		for pace in '--delay 0' '--delay 3ms' '--delay 3ms --rate 10M' \
		    '--delay 3ms --crlf'; do
			echo "$name with $pace"
			# shellcheck disable=SC2086
			listen_ready d $pace 127.0.0.1 0 <"$name"
			try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
			silent err
			done_with d
			[[ $pace != *crlf ]] || sed 's/\r*$//' out >plain
			[[ $pace == *crlf ]] || same "$name" out
		done
	done
}

@test "--delay: what a command says, and both ends at once" {
	seq 30 >there
	listen_ready d --delay 3ms 127.0.0.1 0 -- cat </dev/null
	try 0 "$DUCAT" connect --delay 3ms 127.0.0.1 "$PORT" <there
	silent err
	done_with d
	same there out
}

@test "--delay: what is typed by and by goes at once" {
	local i
	feed_open in
	listen_ready d 127.0.0.1 0 </dev/null
	start c "$DUCAT" connect --delay 1ms 127.0.0.1 "$PORT" <in.fifo
	for i in 1 2 3 4 5; do
		printf '%s' "$i" >&6
		retry_until "$BOUND" size_is d.out $(( 2 * i - 1 ))
		printf '\n' >&6
		retry_until "$BOUND" size_is d.out $(( 2 * i ))
	done
	feed_close
	done_with c d
}

### What waits

# one_of OPTION...: of three lines, the first arrives at "p", and "s" waits.
one_of()
{
	rm -f got
	printf 'one\ntwo\nthree\n' >in
	peer_listen p 'save got; read-all'
	start s "$DUCAT" connect "$@" 127.0.0.1 "$PORT" <in
	retry_until "$BOUND" size_is got 4
}

only_one()
{
	contains got $'one\n'
}

@test "connect --delay 1h: --deadline finds the second line" {
	one_of --delay 1h --deadline 1
	finish s 28
	says s.err 'not done within 1\.000 s \(--deadline\)'
	finish p 1
	only_one
}

@test "connect --delay 1h: a signal tells what was not sent" {
	one_of --delay 1h
	kill -TERM "${PID[s]}"
	finish s 143
	says s.err 'ended by a signal: .* \(10 bytes not delivered\)'
	finish p 1
	only_one
}

@test "connect --delay 1h: SIGUSR1 tells what went" {
	one_of --delay 1h
	kill -USR1 "${PID[s]}"
	retry_until "$BOUND" test -s s.err
	has s.err ': sent 4 bytes, received 0 bytes in '
	only_one
	end_of s
	finish p 1
}

@test "connect --delay 1h: a peer that resets ends it with 55" {
	peer_listen p 'read 4; reset'
	printf 'one\ntwo\nthree\n' |
	    try 55 "$DUCAT" connect --delay 1h 127.0.0.1 "$PORT"
	says err '\(10 bytes not delivered\)'
	done_with p
}

@test "connect --delay 1h --send-only: what comes is dropped meanwhile" {
	peer_listen p 'read 4; write 3000000; touch wrote; pause'
	printf 'one\ntwo\n' >in
	start s "$DUCAT" connect --delay 1h --send-only 127.0.0.1 "$PORT" <in
	retry_until "$BOUND" test -e wrote
	end_of s
}

@test "--delay 1h does not hold up what comes" {
	peer_listen p 'read 4; write 3000000; pause'
	payload want 3000000
	printf 'one\ntwo\n' >in
	start s "$DUCAT" connect --delay 1h 127.0.0.1 "$PORT" <in
	retry_until "$BOUND" size_is s.out 3000000
	same want s.out
	end_of s
}

@test "--rate 1: what is sent waits, and is not read far ahead" {
	need linux
	local option
	payload in 1000000
	for option in --quiet --no-zero-copy; do
		peer_listen p 'read 2; touch two; pause'
		start s "$DUCAT" connect --rate 1 "$option" 127.0.0.1 "$PORT" \
		    <in
		retry_until "$BOUND" test -e two
		rm two
		[[ $(sed -n 's/^pos:[^0-9]*//p' \
		    "/proc/${PID[s]}/fdinfo/0") -le 8192 ]]
		end_of s
		kill -KILL "${PID[p]}"
		finish p 137
	done
}

@test "--rate 1: what comes waits, and who sends it is held up" {
	local option
	for option in --quiet --no-zero-copy; do
		peer_listen p 'write 30000000; touch wrote'
		start s "$DUCAT" connect --rate 1 "$option" 127.0.0.1 "$PORT" \
		    </dev/null
		retry_until "$BOUND" eval '[[ $(wc -c <s.out) -ge 2 ]]'
		[[ ! -e wrote && $(wc -c <s.out) -le 100 ]]
		end_of s
		finish p 1
	done
}

@test "--rate 1: --deadline is heeded, in either direction" {
	payload in 100
	peer_listen p 'read 1; pause'
	try 28 "$DUCAT" connect --rate 1 --deadline 1 127.0.0.1 "$PORT" <in
	says err '\(--deadline\)'
	kill -KILL "${PID[p]}"
	finish p 137
	listen_ready d --rate 1 --deadline 1 127.0.0.1 0 </dev/null
	peer_connect c 'write 100; pause'
	finish d 28
	has d.err '\(--deadline\)'
	kill -KILL "${PID[c]}"
	finish c 137
}

@test "--rate: to wait for the pace is not to be idle" {
	local option
	for option in --quiet --no-zero-copy; do
		listen_ready d 127.0.0.1 0 </dev/null
		printf ab | try 0 "$DUCAT" connect --rate 1 "$option" \
		    --idle-timeout 700ms 127.0.0.1 "$PORT"
		silent err
		done_with d
		contains d.out ab
		listen_ready d --rate 1 "$option" --idle-timeout 700ms \
		    127.0.0.1 0 < <(printf ab)
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" < <(printf cd)
		silent err
		done_with d
		contains d.out cd
		contains out ab
	done
}

# Both times are over at once.
@test "--rate: nor is it idle to find the end after such a wait" {
	listen_ready d 127.0.0.1 0 </dev/null
	printf a | try 0 "$DUCAT" connect --rate 1 --idle-timeout 1 \
	    127.0.0.1 "$PORT"
	silent err
	done_with d
	contains d.out a
}

@test "--delay: to wait for the pace is not to be idle" {
	listen_ready d 127.0.0.1 0 </dev/null
	printf '1\n2\n3\n' | try 0 "$DUCAT" connect --delay 1 \
	    --idle-timeout 500ms 127.0.0.1 "$PORT"
	silent err
	done_with d
	contains d.out $'1\n2\n3\n'
}

@test "to wait for input or the peer is to be idle, at whatever pace" {
	local option
	for option in '--rate 1' '--rate 1G' '--delay 1' --telnet; do
		feed_open in
		peer_listen p 'read 2; pause'
		# shellcheck disable=SC2086
		start s "$DUCAT" connect $option --idle-timeout 1 127.0.0.1 \
		    "$PORT" <in.fifo
		printf '1\n' >&6
		finish s 28
		says s.err '\(--idle-timeout\)'
		feed_close
		rm in.fifo
		kill -KILL "${PID[p]}"
		finish p 137
	done
}

@test "--delay 1h: a peer that ends is heard, and so is an exit upon it" {
	peer_listen p 'read 4; shut; pause'
	feed_open in
	printf 'one\n' >&6
	start s "$DUCAT" connect --delay 1h --on-peer-eof exit 127.0.0.1 \
	    "$PORT" <in.fifo
	finish s
	silent s
	feed_close
	kill -KILL "${PID[p]}"
	finish p 137
}

@test "--rate: a reader that goes away is 23, a reset 56" {
	peer_listen p 'write 100000; read-all'
	start_raw s "$DUCAT" connect --rate 20k 127.0.0.1 "$PORT" </dev/null \
	    > >(head -c 10 >out)
	finish s 23
	wait "${PID[p]}" || :
	unset 'PID[p]'
	peer_listen p 'write 5000; wait-file go; reset'
	start s "$DUCAT" connect --rate 1M --recv-only 127.0.0.1 "$PORT" \
	    </dev/null
	retry_until "$BOUND" size_is s.out 5000
	: >go
	finish s 56
	done_with p
}

@test "--rate: who waits does not turn in circles" {
	need linux
	local option before nothing
	payload in 100000
	for option in --quiet --no-zero-copy; do
		peer_listen p 'write 100000; read 2; pause'
		start s "$DUCAT" connect --rate 1 "$option" 127.0.0.1 "$PORT" \
		    <in
		retry_until "$BOUND" test -s s.out
		before=$(ticks_of "${PID[s]}")
		read -r -t 1 nothing <> <(:) || :
		[[ $(( $(ticks_of "${PID[s]}") - before )) -le 5 ]]
		end_of s
		kill -KILL "${PID[p]}"
		finish p 137
	done
}

### Usage

@test "contents and paces that are none" {
	usage_errors <<-'END'
	connect --rate 0 ::1 9     | --rate: "0": must be at least 1
	connect --rate -1 ::1 9    | --rate: "-1": not a size
	connect --rate 1x ::1 9    | --rate: "1x": not a size
	connect --rate= ::1 9      | --rate
	listen --rate 1kk 0        | --rate: "1kk": not a size
	listen --delay x 0         | --delay: "x": not a duration
	listen --delay -1s 0       | --delay: "-1s": not a duration
	listen --delay 1y 0        | --delay: "1y": not a duration
	unix --rate 0 x            | --rate: "0"
	unix --delay 1x x          | --delay: "1x"
	listen --escape no 0       | --escape: "no"
	listen --escape= 0         | --escape
	listen --telnet=yes 0      | --telnet
	listen --crlf=1 0          | --crlf
	END
}
