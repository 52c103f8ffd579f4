# The PROXY protocol: --accept-proxy, --proxy-from, --send-proxy.

# shellcheck disable=SC2016,SC2059 # scripts for others, and printf's formats
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib

# What version 2 begins with, for printf.
SIGNATURE='\r\n\r\n\0\r\nQUIT\n'

# A command that tells whom it serves, and echoes.
TELLS='echo "$TCPREMOTEIP $TCPREMOTEPORT $TCPLOCALIP $TCPLOCALPORT"; exec cat'

# What it tells of the headers in the files v1, v2: 192.0.2.7:40000 came to
# 198.51.100.9:443; of v1_6, v2_6: the same with IPv6.
TOLD='192.0.2.7 40000 198.51.100.9 443'
TOLD_6='2001:db8::7 40000 2001:db8::9 443'

# cuts.py PORT HEADER PAYLOAD TOLD: the header is sent in two pieces, cut
# at each byte; the payload comes with the second piece, or by itself, or
# all comes at once.  What comes back is to be TOLD (REAL: the addresses that
# the socket has; nothing: no such line) and the payload, or with "mute"
# nothing.
CUTS='
import socket, sys, time

port, header, payload, told = int(sys.argv[1]), *sys.argv[2:]
header = open(header, "rb").read()
payload = open(payload, "rb").read()

def unread(s):
	"""Bytes that wait for the other side; None: it is gone."""
	ours = "%04X" % s.getsockname()[1]
	for line in open("/proc/net/tcp"):
		if ours not in line:
			continue
		words = line.split()
		if words[1].endswith(":%04X" % port) and \
		    words[2].endswith(":" + ours):
			return int(words[4].split(":")[1], 16)
	return None

# A peer that looks at a piece and leaves it is right, too.
def settle(s):
	end = time.monotonic() + 0.2
	while unread(s) and time.monotonic() < end:
		time.sleep(0.001)

def session(pieces):
	with socket.create_connection(("127.0.0.1", port), 15) as s:
		real = "%s %d %s %d" % (s.getsockname() + s.getpeername())
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		for piece in pieces[:-1]:
			s.sendall(piece)
			settle(s)
		s.sendall(pieces[-1])
		s.shutdown(socket.SHUT_WR)
		got = s.makefile("rb").read()
	line = real if told == "REAL" else told
	want = (line.encode() + b"\n" if line else b"") + payload
	return got == (b"" if told == "mute" else want) or print(got)

count = 1
assert session([header + payload]), "at once"
for cut in range(1, len(header)):
	one, two = header[:cut], header[cut:]
	assert session([one, two + payload]), cut
	assert session([one, two, payload]), cut
	count += 2
assert session([header, payload]), "whole"
print(count + 1)
'

# headers: the files v1, v1_6, v2, v2_6, and others that the tests name.
headers()
{
	printf 'PROXY TCP4 192.0.2.7 198.51.100.9 40000 443\r\n' >v1
	printf 'PROXY TCP6 2001:db8::7 2001:db8::9 40000 443\r\n' >v1_6
	printf "$SIGNATURE"'\x21\x11\0\x0c%b%b%b' '\xc0\0\2\7' \
	    '\xc6\x33\x64\x09' '\x9c\x40\x01\xbb' >v2
	printf "$SIGNATURE"'\x21\x21\0\x24%b%b%b' \
	    '\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7' \
	    '\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09' \
	    '\x9c\x40\x01\xbb' >v2_6
}

# believes ARG...: "d", which takes the word of 127.0.0.1.
believes()
{
	need linux
	headers
	listen_ready d --accept-proxy --proxy-from 127.0.0.1 "$@" </dev/null
}

# tells [OPTION]...: one that tells whom it serves, again and again.
tells()
{
	believes -k "$@" 127.0.0.1 0 --sh "$TELLS"
}

# told HEADER LINE: what a client with that header is told.
told()
{
	peer_connect c "write-file $1; write-text body; shut; save c.got;
	    read-all"
	finish c
	silent c
	contains c.got "$2"$'\nbody'
}

# cut HEADER TOLD: at every byte; the files header and text.
cut_at_each_byte()
{
	local count
	need python3
	[[ -e text ]] || printf 'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nbody' >text
	printf '%s' "$CUTS" >cuts.py
	try 0 python3 -IS cuts.py "$PORT" "$1" text "$2" </dev/null
	silent err
	count=$(wc -c <"$1")
	contains out $(( 2 * count ))$'\n'
}

# Such loops take longer than a single session.
patience()
{
	KEEP=(-t 50)
}

quiet_end()
{
	silent d
	end_of d
}

# last_line FILE COUNT REGEX: it comes as the last of so many lines.
last_line()
{
	retry_until "$BOUND" lines_are "$1" "$2" || {
		show_file "$1"
		return 1
	}
	tail -n 1 "$1" >last
	has last "$3"
}

no_session()
{
	[[ $(readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:') -eq 1 ]]
}

descriptors_are()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	equal "${#all[@]}" "$2"
}

# hex FILE: its bytes, without blanks.
hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

### Headers that are believed

@test "--accept-proxy: version 1" {
	tells
	told v1 "$TOLD"
	told v1_6 "$TOLD_6"
	told v1 "$TOLD"
	quiet_end
}

@test "--accept-proxy: version 2" {
	tells
	told v2 "$TOLD"
	told v2_6 "$TOLD_6"
	told v2 "$TOLD"
	quiet_end
}

# real HEADER: a client whose own address is told, in spite of the header.
real()
{
	peer_connect c "write-file $1; write-text body; shut; save c.got;
	    read-all"
	finish c
	silent c
	head -n 1 c.got >line
	has line "^127\\.0\\.0\\.1 [0-9]+ 127\\.0\\.0\\.1 $PORT\$"
	tail -n +2 c.got >rest
	contains rest body
}

@test "--accept-proxy: UNKNOWN and LOCAL leave the real addresses" {
	tells
	printf 'PROXY UNKNOWN\r\n' >header
	real header
	printf 'PROXY UNKNOWN 192.0.2.7 198.51.100.9 40000 443\r\n' >header
	real header
	printf 'PROXY UNKNOWN %0*d\r\n' 91 0 >header
	size_is header 107
	real header
	printf "$SIGNATURE"'\x20\0\0\0' >header
	real header
	# Whatever else such a header says.
	printf "$SIGNATURE"'\x20\x11\0\x0c\xc0\0\2\7\xc0\0\2\x09abcd' >header
	real header
	printf "$SIGNATURE"'\x20\0\0\3abc' >header
	real header
	# PROXY, of no known family and of UNIX sockets.
	printf "$SIGNATURE"'\x21\0\0\0' >header
	real header
	{ printf "$SIGNATURE"'\x21\x31\0\xd8'; head -c 216 /dev/zero; } >header
	real header
	quiet_end
}

@test "--accept-proxy: extremes of what may be written" {
	tells
	printf 'PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n' >header
	told header '255.255.255.255 65535 0.0.0.0 0'
	printf 'PROXY TCP6 %s %s 65535 65535\r\n' \
	    ffff:f:ffff:ffff:ffff:ffff:ffff:ffff \
	    ffff:ffff:ffff:ffff:ffff:ffff:ffff:f >header
	told header 'ffff:f:ffff:ffff:ffff:ffff:ffff:ffff 65535 '\
'ffff:ffff:ffff:ffff:ffff:ffff:ffff:f 65535'
	printf 'PROXY TCP6 :: ::1 0 1\r\n' >header
	told header ':: 0 ::1 1'
	quiet_end
}

@test "--accept-proxy: IPv4-mapped addresses are IPv4" {
	tells
	printf 'PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.9 %s\r\n' \
	    '40000 443' >header
	told header "$TOLD"
	printf "$SIGNATURE"'\x21\x21\0\x24%b%b%b%b%b' \
	    '\0\0\0\0\0\0\0\0\0\0\xff\xff' '\xc0\0\2\7' \
	    '\0\0\0\0\0\0\0\0\0\0\xff\xff' '\xc6\x33\x64\x09' \
	    '\x9c\x40\x01\xbb' >header
	told header "$TOLD"
	quiet_end
}

@test "--accept-proxy: what version 2 has behind the addresses is skipped" {
	local size
	tells
	for size in 1 3 100 243; do
		printf "$SIGNATURE"'\x21\x11\0%b' \
		    "\\x$(printf '%02x' $(( 12 + size )))" >header
		tail -c +17 v2 >>header
		head -c "$size" /dev/zero | tr '\0' T >>header
		told header "$TOLD"
	done
	# More than 255: TLVs of 1000 bytes.
	printf "$SIGNATURE"'\x21\x11\x03\xf4' >header
	tail -c +17 v2 >>header
	head -c 1000 /dev/zero >>header
	told header "$TOLD"
	quiet_end
}

@test "--accept-proxy: only the first header is one" {
	tells
	cat v1 v2 >twice
	peer_connect c 'write-file twice; shut; save c.got; read-all'
	finish c
	{ echo "$TOLD"; cat v2; } >want
	same want c.got
	cat v2 v1 >twice
	peer_connect c 'write-file twice; shut; save c.got; read-all'
	finish c
	{ echo "$TOLD"; cat v1; } >want
	same want c.got
	quiet_end
}

@test "--accept-proxy: nothing behind the header is an empty stream" {
	tells
	peer_connect c 'write-file v1; shut; save c.got; read-all'
	finish c
	contains c.got "$TOLD"$'\n'
	peer_connect c 'write-file v2; shut; save c.got; read-all'
	finish c
	contains c.got "$TOLD"$'\n'
	quiet_end
}

@test "--accept-proxy: what the server says first needs no more than it" {
	tells
	peer_connect c "write-file v2; read-until $TOLD\\n; shut; expect-eof"
	finish c
	silent c
	quiet_end
}

@test "without --accept-proxy a header is payload" {
	headers
	listen_ready d 127.0.0.1 0 --sh "$TELLS" </dev/null
	peer_connect c 'write-file v1; shut; save c.got; read-all'
	finish c
	finish d
	silent d
	head -n 1 c.got >line
	has line '^127\.0\.0\.1 '
	tail -n +2 c.got >rest
	same v1 rest
}

### However it comes, nothing behind it is lost

@test "cut at each byte: version 1, TCP4" {
	patience
	tells
	cut_at_each_byte v1 "$TOLD"
	quiet_end
}

@test "cut at each byte: version 1, TCP6" {
	patience
	tells
	cut_at_each_byte v1_6 "$TOLD_6"
	quiet_end
}

@test "cut at each byte: version 1, UNKNOWN" {
	patience
	tells
	printf 'PROXY UNKNOWN\r\n' >header
	cut_at_each_byte header REAL
	printf 'PROXY UNKNOWN ::1 ::1 1 2\r\n' >header
	cut_at_each_byte header REAL
	quiet_end
}

@test "cut at each byte: version 2, TCP4" {
	patience
	tells
	cut_at_each_byte v2 "$TOLD"
	quiet_end
}

@test "cut at each byte: version 2, TCP6" {
	patience
	tells
	cut_at_each_byte v2_6 "$TOLD_6"
	quiet_end
}

@test "cut at each byte: version 2, LOCAL" {
	patience
	tells
	printf "$SIGNATURE"'\x20\0\0\5abcde' >header
	cut_at_each_byte header REAL
	quiet_end
}

@test "cut at each byte: version 2 with TLVs" {
	patience
	tells
	printf "$SIGNATURE"'\x21\x11\0\x13' >header
	tail -c +17 v2 >>header
	printf '\4\0\4\r\nPR' >>header
	cut_at_each_byte header "$TOLD"
	quiet_end
}

@test "cut at each byte: a command behind pipes" {
	patience
	tells --no-zero-copy
	cut_at_each_byte v1 "$TOLD"
	cut_at_each_byte v2_6 "$TOLD_6"
	quiet_end
}

@test "cut at each byte: --forward" {
	patience
	listen_ready t -k 127.0.0.1 0 -- cat </dev/null
	believes -k --forward "$HOST:$PORT" 127.0.0.1 0
	cut_at_each_byte v1_6 ''
	cut_at_each_byte v2 ''
	quiet_end
	end_of t
	says t.err 'ended by a signal'
}

# streams OPTION...: what comes is standard output, in each way to send it.
streams()
{
	local n
	believes -k "$@" 127.0.0.1 0
	cut_at_each_byte v2 mute
	cut_at_each_byte v1 mute
	for (( n = 0; n < $(cat v1 v2 | wc -c) * 2; n++ )); do
		cat text
	done >want
	retry_until "$BOUND" size_is d.out "$(wc -c <want)"
	same want d.out
	quiet_end
}

@test "cut at each byte: standard streams" {
	patience
	streams
}

@test "cut at each byte: standard streams without zero copy" {
	patience
	streams --no-zero-copy
}

@test "a megabyte at the heels of the header" {
	local near
	headers
	payload body 1000000
	listen_ready t -k 127.0.0.1 0 -- cat </dev/null
	for near in "-- cat" "--no-zero-copy -- cat" \
	    "--forward $HOST:$PORT" "--no-zero-copy --forward $HOST:$PORT"; do
		# shellcheck disable=SC2086
		believes 127.0.0.1 0 $near
		cat v2 body >all
		start c "$DUCAT" connect 127.0.0.1 "$PORT" <all
		finish c
		same body c.out
		finish d
		silent c d
	done
	end_of t
	believes 127.0.0.1 0
	cat v1 body >all
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <all
	finish d
	silent d err
	same body d.out
}

@test "--max-recv does not count the header" {
	tells --max-recv 5 --no-zero-copy
	peer_connect c 'write-file v1; write-text 12345; shut; save c.got;
	    read-all'
	finish c
	contains c.got "$TOLD"$'\n12345'
	silent d
	peer_connect c 'write-file v2; write-text 123456; shut; wait-file go'
	retry_until "$BOUND" test -s d.err
	says d.err '--max-recv'
	: >go
	end_of d
}

@test "-v does not count the header, however the command is run" {
	local option
	for option in --backlog=5 --no-zero-copy; do
		tells -v "$option"
		told v1 "$TOLD"
		last_line d.err 3 \
		    '^ducat: closed .*: sent [0-9]+ bytes, received 4 bytes'
		end_of d
	done
}

@test "-v does not count the header, whenever the payload comes" {
	need python3
	believes -k -v 127.0.0.1 0 -- cat
	try 0 python3 -IS -c 'import socket, sys
for n in range(300):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(open("v1", "rb").read())
        for pause in range(n % 40 * 20):
            pass
        s.sendall(b"body")
        s.shutdown(socket.SHUT_WR)
        while s.recv(99):
            pass' "$PORT"
	retry_until "$BOUND" eval '[[ $(grep -c ": closed " d.err) -eq 300 ]]'
	equal "$(grep -c ': closed .*: sent 4 bytes, received 4 b' d.err)" 300
	end_of d
}

@test "-v does not count the header of what is forwarded" {
	listen_ready t -k 127.0.0.1 0 -- cat </dev/null
	believes -k -v --forward "$HOST:$PORT" 127.0.0.1 0
	peer_connect c 'write-file v1; write-text body; shut; read 4;
	    expect-eof'
	finish c
	last_line d.err 4 '^ducat: closed .*: sent 4 bytes, received 4 bytes'
	end_of d
	end_of t
}

### Whose address it is from then on

@test "-v and messages speak of the client, not of the proxy" {
	believes -k -v 127.0.0.1 0
	peer_connect c 'write-file v1; write-text x; wait-file go; reset'
	retry_until "$BOUND" size_is d.out 1
	: >go
	finish c
	retry_until "$BOUND" lines_are d.err 4
	tail -n +2 d.err >after
	has after '^ducat: connection from 192\.0\.2\.7:40000 on 198\.51\.100\.9:443$'
	has after '^ducat: receive from 192\.0\.2\.7:40000: Connection reset'
	has after '^ducat: closed 192\.0\.2\.7:40000: '
	lacks after '127\.0\.0\.1'
	end_of d
}

@test "-v: an IPv6 client of an IPv4 proxy" {
	tells -v
	told v2_6 "$TOLD_6"
	last_line d.err 3 '^ducat: closed \[2001:db8::7\]:40000: '
	equal "$(sed -n 2p d.err)" \
	    'ducat: connection from [2001:db8::7]:40000 on [2001:db8::9]:443'
	end_of d
}

@test "--tag names the client" {
	believes -k --max-conns 4 --tag 127.0.0.1 0
	peer_connect c 'write-file v1; write-text line\n; shut; expect-eof'
	finish c
	retry_until "$BOUND" test -s d.out
	contains d.out $'192.0.2.7:40000: line\n'
	quiet_end
}

@test "--broker: what comes behind the header goes to the others" {
	believes -k -v --broker 127.0.0.1 0
	peer_connect a 'write-file v1_6; save a.got; read-until two\n; shut;
	    expect-eof'
	retry_until "$BOUND" lines_are d.err 2
	printf 'one\ntwo\n' | cat v2 - >all
	peer_connect b 'write-file all; shut; read-all'
	finish a
	finish b
	silent a b
	contains a.got $'one\ntwo\n'
	end_of d
}

@test "--allow and --deny are about the client, not about the proxy" {
	tells --allow 192.0.2.7 --deny 127.0.0.1
	told v1 "$TOLD"
	told v2 "$TOLD"
	turned_away 'write-file v1_6; write-text hello'
	turned_away 'write-file v2_6; write-text hello'
	quiet_end
	tells --deny 2001:db8::/32
	told v1 "$TOLD"
	turned_away 'write-file v1_6'
	turned_away 'write-file v2_6'
	quiet_end
}

@test "--deny is about the proxy where that speaks for itself" {
	tells --deny 127.0.0.1
	told v1 "$TOLD"
	turned_away 'write-text PROXY UNKNOWN\r\n'
	printf "$SIGNATURE"'\x20\0\0\0' >header
	turned_away 'write-file header'
	quiet_end
}

@test "--deny: -v names the client, and no command runs" {
	believes -k -v --deny 192.0.2.0/24 127.0.0.1 0 --sh 'touch ran; cat'
	turned_away 'write-file v2; write-text hello'
	last_line d.err 2 '^ducat: denied 192\.0\.2\.7:40000$'
	[[ ! -e ran ]]
	end_of d
}

@test "--deny: not counted without -k, and 9 where nobody else comes" {
	believes --deny 192.0.2.7 127.0.0.1 0
	turned_away 'write-file v1; write-text hello'
	peer_connect c 'write-file v1_6; write-text fine; shut; expect-eof'
	finish c
	finish d
	silent d
	contains d.out fine
	believes -w 2 --deny 192.0.2.7 127.0.0.1 0
	turned_away 'write-file v1; write-text hello'
	finish d 9
	says d.err '--timeout'
	empty d.out
}

@test "--max-conns-per-host is about clients, not about the proxy" {
	tells --max-conns-per-host 1
	peer_connect a "write-file v1; read-until $TOLD\\n; touch a; wait-file go;
	    shut; expect-eof"
	retry_until "$BOUND" test -e a
	told v1_6 "$TOLD_6"
	printf 'PROXY TCP4 192.0.2.8 198.51.100.9 40000 443\r\n' >header
	told header '192.0.2.8 40000 198.51.100.9 443'
	real_body
	silent d
	# The same host, another port.
	printf 'PROXY TCP4 192.0.2.7 198.51.100.9 40001 443\r\n' >header
	turned_away 'write-file header'
	says d.err '^ducat: 192\.0\.2\.7: more than 1 connection'
	: >go
	finish a
	silent a
	retry_until "$BOUND" no_session d
	told v1 "$TOLD"
	says d.err 'more than 1 connection'
	end_of d
}

# The proxy itself.
real_body()
{
	printf 'PROXY UNKNOWN\r\n' >unknown
	real unknown
}

@test "--max-conns-per-host: before the header nobody is known" {
	tells --max-conns-per-host 1
	peer_connect a 'touch a; wait-file go; write-file v1;
	    write-text body; shut; save a.got; read-all'
	peer_connect b 'touch b; wait-file go; write-file v1_6;
	    write-text body; shut; save b.got; read-all'
	retry_until "$BOUND" test -e a
	retry_until "$BOUND" test -e b
	: >go
	finish a
	finish b
	contains a.got "$TOLD"$'\nbody'
	contains b.got "$TOLD_6"$'\nbody'
	quiet_end
}

### Headers that are not believed

# bad PRINTF-FORMAT...: each of them is told and reset; nothing is run.
bad()
{
	local format n=0
	believes -k 127.0.0.1 0 --sh 'touch ran; cat'
	for format; do
		# shellcheck disable=SC2059
		printf "$format" >header
		turned_away 'write-file header; write-text hello'
		last_line d.err $(( n += 1 )) \
		    '^ducat: receive from 127\.0\.0\.1:[0-9]+: PROXY header: '
	done
	[[ ! -e ran ]]
	# And the next one is served.
	peer_connect c 'write-file v2; write-text x; shut; read 1; expect-eof'
	finish c
	silent c
	lines_are d.err "$n"
	end_of d
}

@test "bad: no header at all" {
	bad 'GET / HTTP/1.1\r\nHost: example\r\n\r\n' 'hello' '\n' '\0' \
	    '\x16\x03\x01\x02\0\x01' ' PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n' 'PROXY\r\n' 'PROXY \r\n' \
	    'PROXYTCP4 1.1.1.1 2.2.2.2 1 2\r\n'
}

@test "bad: version 1, another protocol" {
	bad 'PROXY TCP 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY TCP4\r\n' 'PROXY TCP44 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY UNKNOWN2\r\n' 'PROXY UNKNOWN\n' 'PROXY UNKNOWN\rx'
}

@test "bad: version 1, what are no addresses" {
	bad 'PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 localhost 2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 ::1 ::1 1 2\r\n' 'PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n' \
	    'PROXY TCP6 [::1] ::1 1 2\r\n' 'PROXY TCP6 1::2::3 ::1 1 2\r\n' \
	    'PROXY TCP6 fe80::1%%lo ::1 1 2\r\n' \
	    'PROXY TCP4 1.1.1.1  2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 1.1.1.1\t2.2.2.2 1 2\r\n' \
	    'PROXY TCP4 1.1.1.1\0 2.2.2.2 1 2\r\n'
}

@test "bad: version 1, what are no ports" {
	bad 'PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 0x1 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 http 2\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1 \r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\rx' \
	    'PROXY TCP4 1.1.1.1 2.2.2.2 4294967297 2\r\n'
}

@test "bad: version 1, a line that does not end" {
	bad "PROXY UNKNOWN $(printf '%0*d' 92 0)\\r\\n" \
	    "PROXY UNKNOWN $(printf '%0*d' 5000 0)" \
	    "PROXY TCP4 1.1.1.1 2.2.2.2 1 $(printf '%0*d' 200 1)" \
	    "PROXY TCP6 $(printf '%0*d' 200 1)"
}

@test "bad: version 2, versions, commands and families" {
	bad "$SIGNATURE"'\x11\x11\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x31\x11\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x01\x11\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x22\x11\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x2f\x11\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x21\x12\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x21\x10\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x21\x41\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x21\xff\0\x0c1111222200AA' \
	    '\r\n\r\n\0\r\nQUIX\n\x21\x11\0\x0c1111222200AA' \
	    '\r\n\r\n\r\n\r\n' '\r\nhello'
}

@test "bad: version 2, a lie in the length" {
	bad "$SIGNATURE"'\x21\x11\0\0' "$SIGNATURE"'\x21\x11\0\x01A' \
	    "$SIGNATURE"'\x21\x11\0\x0b1111222200A' \
	    "$SIGNATURE"'\x21\x21\0\x0c1111222200AA' \
	    "$SIGNATURE"'\x21\x21\0\x23%035d' \
	    "$SIGNATURE"'\x21\x11\xff\xff1111222200AA' \
	    "$SIGNATURE"'\x20\0\xff\xff'
}

@test "bad: a length that promises more than comes" {
	printf "$SIGNATURE"'\x21\x11\0\xff1111222200AA' >header
	believes -k 127.0.0.1 0 -- cat
	peer_connect c 'write-file header; write-text hello; shut;
	    expect-reset'
	finish c
	silent c
	retry_until "$BOUND" test -s d.err
	says d.err 'receive from 127\.0\.0\.1:[0-9]+: PROXY header: '
	end_of d
}

@test "bad: a header never reaches a terminal raw" {
	believes -k 127.0.0.1 0 -- cat
	printf 'PROXY TCP4 \033[2J\r\n' >header
	turned_away 'write-file header'
	printf '\033]0;title\a' >header
	turned_away 'write-file header'
	printf 'PROXY TCP4 1.1.1.1 2.2.2.2 \x9b2J 2\r\n' >header
	turned_away 'write-file header'
	retry_until "$BOUND" lines_are d.err 3
	lacks d.err $'[\033\a]'
	lacks d.err $'\x9b'
	end_of d
}

# ends.py PORT HEADER: it ends before each of its bytes.
ENDS='
import socket, sys

header = open(sys.argv[2], "rb").read()
for cut in range(len(header)):
	with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
		s.settimeout(30)
		s.sendall(header[:cut])
		s.shutdown(socket.SHUT_WR)
		try:
			print(cut, s.recv(100))
		except ConnectionResetError:
			continue
'

@test "a header that ends early, at each byte" {
	local name size=0
	need python3
	patience
	printf '%s' "$ENDS" >ends.py
	believes -k 127.0.0.1 0 --sh 'touch ran; cat'
	for name in v1 v1_6 v2 v2_6; do
		try 0 python3 -IS ends.py "$PORT" "$name" </dev/null
		silent err
		empty out
		size=$(( size + $(wc -c <"$name") ))
		retry_until "$BOUND" lines_are d.err "$size"
	done
	[[ ! -e ran ]]
	grep -Ev '^ducat: receive from 127\.0\.0\.1:[0-9]+: PROXY header: ' \
	    d.err >others || :
	empty others
	end_of d
}

@test "97: a session with a bad header, with -k" {
	believes -k --max-accepts 1 127.0.0.1 0 -- cat
	turned_away 'write-text GET / HTTP/1.0\r\n\r\n'
	says d.err 'PROXY header: '
	peer_connect c 'write-file v1; write-text x; shut; read 1; expect-eof'
	finish c
	finish d 97
	says d.err 'PROXY header: '
}

@test "97: a session whose header ends early, with -k" {
	believes -k --max-accepts 1 127.0.0.1 0 -- cat
	peer_connect c 'write-text PROXY TCP; shut; expect-reset'
	finish c
	peer_connect c 'write-file v1; write-text x; shut; read 1; expect-eof'
	finish c
	finish d 97
	says d.err 'PROXY header: '
}

@test "97: the connection that was inherited" {
	start d "$PEER" serve 127.0.0.1 "$DUCAT" listen --accept-proxy \
	    --proxy-from 127.0.0.1 fd:0 -- cat </dev/null
	retry_until "$BOUND" test -s d.out
	read -r PORT <d.out
	peer_connect c 'write-text PROXY nonsense\r\n; expect-reset'
	finish c
	silent c
	finish d 97
	says d.err 'receive from 127\.0\.0\.1:[0-9]+: PROXY header: '
}

@test "the connection that was inherited: who came by the proxy" {
	headers
	start d "$PEER" serve 127.0.0.1 "$DUCAT" listen --accept-proxy \
	    --proxy-from 127.0.0.1 fd:0 --sh "$TELLS" </dev/null
	retry_until "$BOUND" test -s d.out
	read -r PORT <d.out
	told v2 "$TOLD"
	finish d
	silent d
}

@test "without -k a bad header is not the one client" {
	believes 127.0.0.1 0
	turned_away 'write-text hello'
	peer_connect c 'write-text PROXY TCP4 1; shut; expect-reset'
	finish c
	peer_connect c 'write-file v1; write-text fine; shut; expect-eof'
	finish c
	silent c
	finish d
	contains d.out fine
	lines_are d.err 2
}

@test "a client that resets before its header" {
	believes -k 127.0.0.1 0 -- cat
	hold
	peer_connect c 'write-text PROXY; touch stands; reset'
	retry_until "$BOUND" test -e stands
	finish c
	go_on
	told_x
	lines_are d.err 1
	has d.err '^ducat: receive from 127\.0\.0\.1:[0-9]+: PROXY header: '
	end_of d
}

told_x()
{
	peer_connect x 'write-file v1; write-text x; shut; read 1; expect-eof'
	finish x
	silent x
}

@test "bad headers leave no descriptor behind" {
	local before n
	believes -k 127.0.0.1 0 -- cat
	told_x
	retry_until "$BOUND" no_session d
	before=("/proc/${PID[d]}/fd/"*)
	for (( n = 0; n < 50; n++ )); do
		printf 'write-text PROXY TC; shut; expect-reset;connect-again;'
	done >script
	peer_connect many "$(<script) write-file v1; write-text x; shut; read 1"
	finish many
	silent many
	retry_until "$BOUND" descriptors_are d "${#before[@]}"
	lines_are d.err 50
	end_of d
}

### Headers that never come

# mute NAME [TEXT]: a client that says nothing more until it is reset.
mute()
{
	peer_connect "$1" "write-text ${2:-PROXY}; touch mute.$1; expect-reset;
	    touch reset.$1"
	retry_until "$BOUND" test -e "mute.$1"
}

@test "a header that never comes is refused, and holds up nobody" {
	tells
	mute one ''
	mute two
	mute three '\r\n\r\n\x00\r\nQUIT\n'
	told v1 "$TOLD"
	told v2 "$TOLD"
	# All of that before the limit has passed.
	silent d
	finish one
	finish two
	finish three
	silent one two three
	retry_until "$BOUND" lines_are d.err 3
	equal "$(grep -Ec '^ducat: receive from 127\.0\.0\.1:[0-9]+: PROXY '\
'header: ' d.err)" 3
	told v1 "$TOLD"
	end_of d
}

@test "a header that never comes: 97 for its session" {
	believes -k --max-accepts 2 -w 2 127.0.0.1 0 -- cat
	told_x
	mute one
	finish one
	says d.err 'PROXY header: '
	told_x
	finish d 97
	says d.err 'PROXY header: '
}

@test "a header that comes a byte at a time gets no more time" {
	local script='' n
	tells
	# For longer than is waited here; all of it is no whole header yet.
	for (( n = 0; n < 90; n++ )); do
		script+='write-text x; delay 200;'
	done
	script='write-text PROXY UNKNOWN ;'$script
	start slow "$PEER" connect 127.0.0.1 "$PORT" "$script" </dev/null
	retry_until "$BOUND" test -s d.err
	says d.err 'receive from 127\.0\.0\.1:[0-9]+: PROXY header: '
	told v1 "$TOLD"
	end_of d
}

@test "a header that never comes: -w may shorten the limit, not lengthen it" {
	local name
	declare -A port
	for name in brief usual long; do
		case $name in
		brief)	WAIT=(-w 1500ms) ;;
		usual)	WAIT=() ;;
		long)	WAIT=(-w 30) ;;
		esac
		headers
		listen_ready "$name" -k "${WAIT[@]}" --accept-proxy \
		    --proxy-from 127.0.0.1 127.0.0.1 0 -- cat </dev/null
		told_x
		port[$name]=$PORT
	done
	for name in long usual brief; do
		PORT=${port[$name]}
		mute "mute-$name"
	done
	finish mute-brief
	alive mute-usual
	alive mute-long
	silent usual long
	finish mute-usual
	finish mute-long
	for name in brief usual long; do
		retry_until "$BOUND" test -s "$name.err"
		says "$name.err" 'PROXY header: '
		end_of "$name"
	done
}

@test "a header that never comes: 28 after -w, and a reset" {
	believes -w 2 127.0.0.1 0 -- touch ran
	mute one
	finish one
	silent one
	finish d 28
	says d.err 'no client within 2\.000 s \(--timeout\)'
	[[ ! -e ran ]]
}

@test "--max-conns 1: who never sends a header makes way" {
	believes -k 127.0.0.1 0
	mute one
	peer_connect two 'write-file v1; write-text two; shut; expect-eof'
	finish one
	finish two
	silent one two
	retry_until "$BOUND" size_is d.out 3
	says d.err 'PROXY header: '
	end_of d
}

### Whose headers are believed

@test "--proxy-from: a client from elsewhere is refused, with a line" {
	headers
	listen_ready d -k --accept-proxy --proxy-from 192.0.2.1 \
	    --proxy-from 127.0.0.2 127.0.0.1 0 --sh 'touch ran; cat' </dev/null
	turned_away 'write-file v1; write-text hello'
	retry_until "$BOUND" test -s d.err
	says d.err '^ducat: 127\.0\.0\.1:[0-9]+: not listed by --proxy-from$'
	turned_away
	turned_away 'write-text hello; shut'
	retry_until "$BOUND" lines_are d.err 3
	[[ ! -e ran ]]
	need linux
	try 0 "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" \
	    < <(cat v1; echo fine)
	contains out $'fine\n'
	lines_are d.err 3
	end_of d
}

@test "--proxy-from: who is refused does not count, and 9" {
	headers
	listen_ready d --accept-proxy --proxy-from 192.0.2.1 -w 2 \
	    127.0.0.1 0 </dev/null
	turned_away 'write-file v1'
	finish d 9
	has d.err 'not listed by --proxy-from'
	has d.err '--timeout'
	lines_are d.err 2
	empty d.out
}

@test "--proxy-from: repeated, prefixes and ranges" {
	local from
	need linux
	headers
	listen_ready d -k --accept-proxy --proxy-from 127.0.0.2 \
	    --proxy-from 127.0.0.8/29 --proxy-from 127.0.0.20-22 \
	    127.0.0.1 0 --sh "$TELLS" </dev/null
	for from in 127.0.0.2 127.0.0.8 127.0.0.15 127.0.0.20 127.0.0.22; do
		try 0 "$DUCAT" connect -s "$from" 127.0.0.1 "$PORT" <v2
		contains out "$TOLD"$'\n'
	done
	silent d
	turned_away 'write-file v2'
	end_of d
}

@test "--proxy-from: IPv6, and IPv4 on both families' socket" {
	need linux ipv6
	headers
	listen_ready d -k --accept-proxy --proxy-from ::1 \
	    --proxy-from 127.0.0.2 0 --sh "$TELLS" </dev/null
	try 0 "$DUCAT" connect ::1 "$PORT" <v1
	contains out "$TOLD"$'\n'
	try 0 "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" <v1
	contains out "$TOLD"$'\n'
	silent d
	turned_away 'write-file v1'
	retry_until "$BOUND" test -s d.err
	says d.err '^ducat: 127\.0\.0\.1:[0-9]+: not listed by --proxy-from$'
	end_of d
}

@test "--proxy-from: a client that names a listed proxy is none" {
	headers
	listen_ready d -k --accept-proxy --proxy-from 192.0.2.7 \
	    127.0.0.1 0 -- cat </dev/null
	turned_away 'write-file v1'
	retry_until "$BOUND" test -s d.err
	says d.err 'not listed by --proxy-from$'
	end_of d
}

### Bad usage

@test "2: --accept-proxy without --proxy-from, and the reverse" {
	try 2 "$DUCAT" listen --accept-proxy 127.0.0.1 0 </dev/null
	has err '^ducat: --accept-proxy'
	empty out
	try 2 "$DUCAT" listen --proxy-from 127.0.0.1 127.0.0.1 0 </dev/null
	has err '^ducat: --proxy-from'
	empty out
}

@test "2: --proxy-from and what is no address" {
	local from
	for from in 127.0.0.1/33 127.0.0.9-1 1.2.3 ::1/129 localhost; do
		try 2 "$DUCAT" listen --accept-proxy --proxy-from "$from" \
		    127.0.0.1 0 </dev/null
		has err "^ducat: --proxy-from: \"$from\": "
		empty out
	done
}

@test "2: --send-proxy and another number than 1 and 2" {
	local value
	for value in 0 3 4294967297 -1 x v1 ''; do
		try 2 "$DUCAT" connect --send-proxy="$value" 127.0.0.1 1 \
		    </dev/null
		has err '^ducat: --send-proxy: '
		empty out
		try 2 "$DUCAT" listen --send-proxy="$value" \
		    --forward 127.0.0.1:1 127.0.0.1 0 </dev/null
		has err '^ducat: --send-proxy: '
		empty out
	done
}

@test "2: listen --send-proxy without --forward" {
	try 2 "$DUCAT" listen --send-proxy 127.0.0.1 0 </dev/null
	has err '^ducat: --send-proxy.*--forward'
	try 2 "$DUCAT" listen --send-proxy=2 127.0.0.1 0 -- cat </dev/null
	has err '^ducat: --send-proxy.*--forward'
	try 2 "$DUCAT" listen -k --broker --send-proxy=1 127.0.0.1 0 </dev/null
	has err '^ducat: --send-proxy.*--forward'
}

@test "2: connect does not accept a header" {
	try 2 "$DUCAT" connect --accept-proxy 127.0.0.1 1 </dev/null
	has err '^ducat: .*--accept-proxy'
	try 2 "$DUCAT" connect --proxy-from 127.0.0.1 127.0.0.1 1 </dev/null
	has err '^ducat: .*--proxy-from'
}

### connect --send-proxy

# sends OPTION...: a ducat that connects to the peer "p", and sends "input"
# behind a header.  CLIENT is the port that it came from.
sends()
{
	local host=${TO:-127.0.0.1} name
	printf input >input
	peer_listen p 'who; save p.got; read-all; write-text answer' "$host"
	try 0 "$DUCAT" connect "$@" "$host" "$PORT" <input
	silent err
	contains out answer
	finish p
	silent p
	read -r name CLIENT < <(tail -n 1 p.out)
	equal "$name" "$host"
}

@test "connect --send-proxy: version 1, byte for byte" {
	local option
	for option in --send-proxy --send-proxy=1; do
		sends "$option"
		printf 'PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\ninput' \
		    "$CLIENT" "$PORT" >want
		same want p.got
	done
}

@test "connect --send-proxy=2: byte for byte" {
	sends --send-proxy=2
	equal "$(hex p.got)" "0d0a0d0a000d0a515549540a2111000c$(
	    )7f0000017f000001$(printf %04x "$CLIENT" "$PORT")$(hex input)"
}

@test "connect --send-proxy: over IPv6" {
	need ipv6
	local one=00000000000000000000000000000001 TO=::1
	sends --send-proxy
	printf 'PROXY TCP6 ::1 ::1 %d %d\r\ninput' "$CLIENT" "$PORT" >want
	same want p.got
	sends --send-proxy=2
	equal "$(hex p.got)" "0d0a0d0a000d0a515549540a21210024$one$one$(
	    printf %04x "$CLIENT" "$PORT")$(hex input)"
}

@test "connect --send-proxy: the last one counts" {
	sends --send-proxy=2 --send-proxy
	printf 'PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\ninput' \
	    "$CLIENT" "$PORT" >want
	same want p.got
}

@test "connect --send-proxy: --source is the address that is told" {
	need linux
	peer_listen p 'who; save p.got; read-all'
	try 0 "$DUCAT" connect -s 127.0.0.5 --send-proxy 127.0.0.1 "$PORT" \
	    </dev/null
	finish p
	printf 'PROXY TCP4 127.0.0.5 127.0.0.1 %d %d\r\n' \
	    "$(tail -n 1 p.out | cut -d ' ' -f 2)" "$PORT" >want
	same want p.got
}

@test "connect --send-proxy: nothing to say is a header and the end" {
	peer_listen p 'save p.got; read-all; write-text answer'
	try 0 "$DUCAT" connect --send-proxy=2 127.0.0.1 "$PORT" </dev/null
	silent err
	contains out answer
	finish p
	size_is p.got 28
}

@test "connect --send-proxy: at once, and not with the first input" {
	feed_open input
	peer_listen p 'read-until \r\n; write-text hello; read-all'
	start d "$DUCAT" connect --send-proxy 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" size_is d.out 5
	contains d.out hello
	printf late >&6
	feed_close
	finish d
	silent d
	finish p
	silent p
}

@test "connect --send-proxy: with --recv-only, --send-only and commands" {
	printf input >input
	peer_listen p 'read-until \r\n; write-text hello; shut; expect-eof'
	try 0 "$DUCAT" connect --recv-only --send-proxy 127.0.0.1 "$PORT" \
	    <input
	contains out hello
	finish p
	peer_listen p 'read-until \r\n; save p.got; read-all'
	try 0 "$DUCAT" connect --send-only --send-proxy 127.0.0.1 "$PORT" \
	    <input
	finish p
	contains p.got input
	peer_listen p 'read-until \r\n; save p.got; read-all'
	try 0 "$DUCAT" connect --send-proxy 127.0.0.1 "$PORT" -- echo hello \
	    </dev/null
	finish p
	contains p.got $'hello\n'
}

@test "connect --send-proxy: a megabyte behind it" {
	payload sent 1000000
	peer_listen p 'read-until \r\n; save p.got; read-all'
	try 0 "$DUCAT" connect --send-proxy 127.0.0.1 "$PORT" <sent
	finish p
	same sent p.got
}

@test "connect --send-proxy: not counted by --max-send and -v" {
	printf 12345 >input
	peer_listen p 'read-until \r\n; save p.got; read-all'
	try 0 "$DUCAT" connect -v --max-send 5 --send-proxy 127.0.0.1 \
	    "$PORT" <input
	has err '^ducat: closed .*: sent 5 bytes, received 0 bytes'
	finish p
	contains p.got 12345
}

@test "7: connect --send-proxy where nobody listens" {
	in_netns
	try 7 "$DUCAT" connect --send-proxy 127.0.0.1 4 </dev/null
	contains err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
}

### --forward --send-proxy

# relays OPTION...: "d", which forwards to the peer "p".
relays()
{
	peer_listen p 'save p.got; read-all; write-text answer' "${TO:-127.0.0.1}"
	TARGET=127.0.0.1:$PORT
	[[ -z ${TO:-} ]] || TARGET=[$TO]:$PORT
	listen_ready d --forward "$TARGET" "$@" </dev/null
}

# client SOURCE SOURCE-PORT: one of d's; in a namespace any port is free.
client()
{
	printf input >input
	try 0 "$DUCAT" connect -s "$1" -p "$2" "${3:-127.0.0.1}" "$PORT" <input
	silent err
	contains out answer
	finish p
	finish d
	silent p d
}

@test "--forward --send-proxy: who came, and where to; byte for byte" {
	local option
	need linux
	in_netns
	for option in --send-proxy --send-proxy=1; do
		relays "$option" 127.0.0.1 0
		client 127.0.0.5 4001
		printf 'PROXY TCP4 127.0.0.5 127.0.0.1 4001 %d\r\ninput' \
		    "$PORT" >want
		same want p.got
	done
	relays --send-proxy=2 127.0.0.1 0
	client 127.0.0.5 4002
	equal "$(hex p.got)" "0d0a0d0a000d0a515549540a2111000c$(
	    )7f0000057f000001$(printf %04x 4002 "$PORT")$(hex input)"
}

@test "--forward --send-proxy: both families by one socket" {
	need linux ipv6
	in_netns
	local one=00000000000000000000000000000001
	relays --send-proxy 0
	client 127.0.0.5 4001
	printf 'PROXY TCP4 127.0.0.5 127.0.0.1 4001 %d\r\ninput' "$PORT" >want
	same want p.got
	relays --send-proxy 0
	client ::1 4002 ::1
	printf 'PROXY TCP6 ::1 ::1 4002 %d\r\ninput' "$PORT" >want
	same want p.got
	relays --send-proxy=2 0
	client 127.0.0.5 4003
	equal "$(hex p.got)" "0d0a0d0a000d0a515549540a2111000c$(
	    )7f0000057f000001$(printf %04x 4003 "$PORT")$(hex input)"
	relays --send-proxy=2 0
	client ::1 4004 ::1
	equal "$(hex p.got)" "0d0a0d0a000d0a515549540a21210024$one$one$(
	    printf %04x 4004 "$PORT")$(hex input)"
}

@test "--forward --send-proxy: the target's family does not matter" {
	need linux ipv6
	in_netns
	local TO=::1
	relays --send-proxy 127.0.0.1 0
	client 127.0.0.5 4001
	printf 'PROXY TCP4 127.0.0.5 127.0.0.1 4001 %d\r\ninput' "$PORT" >want
	same want p.got
}

@test "--forward --send-proxy: to a UNIX socket" {
	need linux socat
	in_netns
	start p socat -u UNIX-LISTEN:target OPEN:p.got,creat </dev/null
	retry_until "$BOUND" test -S target
	listen_ready d --forward "unix:$PWD/target" --send-proxy 127.0.0.1 0 \
	    </dev/null
	printf input >input
	try 0 "$DUCAT" connect -s 127.0.0.5 -p 4001 127.0.0.1 "$PORT" <input
	finish d
	finish p
	silent d p
	printf 'PROXY TCP4 127.0.0.5 127.0.0.1 4001 %d\r\ninput' "$PORT" >want
	same want p.got
}

@test "--forward --send-proxy: a header for each client" {
	need linux
	in_netns
	peer_listen p 'save 1.got; read-all; accept-again; save 2.got;
	    read-all'
	listen_ready d -k --forward "127.0.0.1:$PORT" --send-proxy \
	    127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect -s 127.0.0.5 -p 4001 127.0.0.1 "$PORT" \
	    < <(printf one)
	try 0 "$DUCAT" connect -s 127.0.0.6 -p 4002 127.0.0.1 "$PORT" \
	    < <(printf two)
	finish p
	printf 'PROXY TCP4 127.0.0.5 127.0.0.1 4001 %d\r\none' "$PORT" >want
	same want 1.got
	printf 'PROXY TCP4 127.0.0.6 127.0.0.1 4002 %d\r\ntwo' "$PORT" >want
	same want 2.got
	quiet_end
}

@test "--forward --send-proxy: at once, and not with the first input" {
	peer_listen p 'read-until \r\n; write-text hello; read-all'
	listen_ready d --forward "127.0.0.1:$PORT" --send-proxy 127.0.0.1 0 \
	    </dev/null
	peer_connect c 'read-until hello; write-text late; shut; expect-eof'
	finish c
	finish d
	finish p
	silent c d p
}

### From ducat to ducat

@test "--send-proxy to --accept-proxy: the client is known behind it" {
	local version
	need linux
	in_netns
	for version in 1 2; do
		believes -v 127.0.0.1 0 --sh "$TELLS"
		listen_ready r --forward "$HOST:$PORT" \
		    --send-proxy="$version" 127.0.0.1 0 </dev/null
		printf input >input
		try 0 "$DUCAT" connect -s 127.0.0.5 -p "400$version" \
		    127.0.0.1 "$PORT" <input
		contains out \
		    "127.0.0.5 400$version 127.0.0.1 $PORT"$'\ninput'
		finish r
		silent r
		finish d
		has d.err "^ducat: connection from 127\\.0\\.0\\.5:400$version \
on 127\\.0\\.0\\.1:$PORT\$"
	done
}

@test "--accept-proxy and --send-proxy: what one tells another passes on" {
	local name to version
	need linux
	tells
	for version in 1 2; do
		to=$HOST:$PORT
		listen_ready "r$version" -k --accept-proxy \
		    --proxy-from 127.0.0.1 --forward "$to" \
		    --send-proxy="$version" 127.0.0.1 0 </dev/null
	done
	told v1 "$TOLD"
	told v2 "$TOLD"
	told v1_6 "$TOLD_6"
	told v2_6 "$TOLD_6"
	silent r1 r2 d
	end_of r1
	end_of r2
	end_of d
}

@test "--send-proxy to --accept-proxy: a megabyte both ways" {
	need linux
	payload body 1000000
	believes 127.0.0.1 0 -- cat
	listen_ready r --forward "$HOST:$PORT" --send-proxy=2 127.0.0.1 0 \
	    </dev/null
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <body
	finish c
	finish r
	finish d
	silent c r d
	same body c.out
}

@test "--forward without --send-proxy to --accept-proxy: both are reset" {
	need linux
	believes -k 127.0.0.1 0 -- cat
	listen_ready r -k --forward "$HOST:$PORT" 127.0.0.1 0 </dev/null
	peer_connect c 'write-text hello; expect-reset'
	finish c
	silent c
	retry_until "$BOUND" test -s d.err
	says d.err 'PROXY header: '
	retry_until "$BOUND" test -s r.err
	says r.err 'Connection reset by peer|Broken pipe'
	end_of r
	end_of d
}

### With others

# balances SECTION...: a haproxy in this test's namespace, "haproxy".
balances()
{
	printf '%s\n' 'defaults' '	mode tcp' '	timeout connect 5s' \
	    '	timeout client 10s' '	timeout server 10s' \
	    'frontend ready' '	bind 127.0.0.1:8000' \
	    '	tcp-request connection reject' "$@" >haproxy.cfg
	start haproxy haproxy -db -f haproxy.cfg </dev/null
	retry_until "$BOUND" balancing || {
		show haproxy
		return 1
	}
}

balancing()
{
	ns bash -c ': </dev/tcp/127.0.0.1/8000' 2>/dev/null
}

# by_haproxy SOURCE SOURCE-PORT PORT [HOST]: sets TOLD_BY, what is told.
by_haproxy()
{
	printf input >input
	try 0 "$DUCAT" connect -s "$1" -p "$2" "${4:-127.0.0.1}" "$3" <input
	silent err
	tail -n +2 out >rest
	contains rest input
	TOLD_BY=$(head -n 1 out)
}

@test "haproxy: its send-proxy and send-proxy-v2" {
	need linux haproxy
	in_netns
	tells
	balances 'listen one' '	bind 127.0.0.1:8001' \
	    "	server d 127.0.0.1:$PORT send-proxy" \
	    'listen two' '	bind 127.0.0.1:8002' \
	    "	server d 127.0.0.1:$PORT send-proxy-v2" \
	    'listen tlvs' '	bind 127.0.0.1:8003' \
	    "	server d 127.0.0.1:$PORT send-proxy-v2 $(
	    )proxy-v2-options crc32c,unique-id" '	unique-id-format %%ci'
	by_haproxy 127.0.0.5 4001 8001
	equal "$TOLD_BY" '127.0.0.5 4001 127.0.0.1 8001'
	by_haproxy 127.0.0.5 4002 8002
	equal "$TOLD_BY" '127.0.0.5 4002 127.0.0.1 8002'
	by_haproxy 127.0.0.5 4003 8003
	equal "$TOLD_BY" '127.0.0.5 4003 127.0.0.1 8003'
	quiet_end
}

@test "haproxy: its send-proxy and send-proxy-v2 with IPv6 clients" {
	need linux haproxy ipv6
	in_netns
	tells
	balances 'listen one' '	bind ::1:8001' \
	    "	server d 127.0.0.1:$PORT send-proxy" \
	    'listen two' '	bind ::1:8002' \
	    "	server d 127.0.0.1:$PORT send-proxy-v2"
	by_haproxy ::1 4001 8001 ::1
	equal "$TOLD_BY" '::1 4001 ::1 8001'
	by_haproxy ::1 4002 8002 ::1
	equal "$TOLD_BY" '::1 4002 ::1 8002'
	quiet_end
}

@test "haproxy: its health checks are its own" {
	need linux haproxy
	in_netns
	believes -k -v --deny 127.0.0.1 127.0.0.1 0 -- cat
	# LOCAL: the checks are from haproxy itself.
	balances 'listen one' '	bind 127.0.0.1:8001' \
	    "	server d 127.0.0.1:$PORT check inter 100 send-proxy-v2 $(
	    )check-send-proxy"
	retry_until "$BOUND" has d.err '^ducat: denied 127\.0\.0\.1:'
	lacks d.err 'PROXY header: .*expected'
	end_of d
}

@test "haproxy: its accept-proxy behind connect --send-proxy" {
	local version
	need linux haproxy
	in_netns
	tells
	balances 'listen one' '	bind 127.0.0.1:8001 accept-proxy' \
	    "	server d 127.0.0.1:$PORT send-proxy"
	printf input >input
	for version in 1 2; do
		try 0 "$DUCAT" connect --send-proxy="$version" -s 127.0.0.5 \
		    -p "400$version" 127.0.0.1 8001 <input
		silent err
		contains out "127.0.0.5 400$version 127.0.0.1 8001"$'\ninput'
	done
	quiet_end
}

@test "haproxy: its accept-proxy behind --forward --send-proxy" {
	local version
	need linux haproxy
	in_netns
	tells
	balances 'listen one' '	bind 127.0.0.1:8001 accept-proxy' \
	    "	server d 127.0.0.1:$PORT send-proxy-v2"
	for version in 1 2; do
		listen_ready r --forward 127.0.0.1:8001 \
		    --send-proxy="$version" 127.0.0.1 0 </dev/null
		by_haproxy 127.0.0.5 "400$version" "$PORT"
		equal "$TOLD_BY" "127.0.0.5 400$version 127.0.0.1 $PORT"
		finish r
		silent r
	done
	quiet_end
}

@test "curl --haproxy-protocol" {
	need linux curl
	curl --help all | grep -q -e --haproxy-protocol ||
	    skip "this curl has no --haproxy-protocol"
	believes -v 127.0.0.1 0 --sh '
		while read -r line && [ "${#line}" -gt 1 ]; do :; done
		printf "HTTP/1.0 200 OK\r\n\r\n%s %s %s %s\n" "$TCPREMOTEIP" \
		    "$TCPREMOTEPORT" "$TCPLOCALIP" "$TCPLOCALPORT"'
	try 0 curl -sS --noproxy '*' --haproxy-protocol -w \
	    '%{local_ip} %{local_port} %{remote_ip} %{remote_port}\n' \
	    "http://127.0.0.1:$PORT/" </dev/null
	silent err
	lines_are out 2
	equal "$(head -n 1 out)" "$(tail -n 1 out)"
	finish d
}

@test "--max-conns-per-host: whoever is not known yet does not count" {
	listen_ready d -k --max-accepts 2 --accept-proxy \
	    --proxy-from 127.0.0.1 --max-conns-per-host 1 127.0.0.1 0 \
	    -c 'echo hi' </dev/null
	peer_connect a 'touch there; wait-file go;
	    write-text PROXY UNKNOWN\r\n; shut; read-all'
	retry_until "$BOUND" test -e there
	peer_connect b 'write-text PROXY UNKNOWN\r\n; shut; read-all'
	finish b
	: >go
	finish a
	finish d
	silent d
}
