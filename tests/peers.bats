# Commands and forwards of udp-recv: a session for each peer.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154
# (every test is a subshell)

load lib
load datagrams

# served NAME: it has ended well, and said nothing.
served()
{
	finish "$1"
	silent "$1"
	empty "$1.out"
}

# Standard input, each line as a netstring.
netstrings()
{
	local line
	while IFS= read -r line; do
		printf '%d:%s,' "${#line}" "$line"
	done
}

# peer FD [HOST]: a socket of bash's, connected to the PORT of the receiver.
peer()
{
	eval "exec $1<>/dev/udp/${2:-127.0.0.1}/$PORT"
}

# say FD TEXT: one datagram, unless TEXT has a line's end within.
say()
{
	printf %s "$2" >&"$1"
}

# hear FD TEXT: the next datagram is that.
hear()
{
	try 0 dd bs=70000 count=1 status=none <&"$1"
	contains out "$2"
}

# ask FD TEXT [ANSWER]: one datagram, and what comes back.
ask()
{
	say "$1" "$2"
	hear "$1" "${3:-$2}"
}

# ask_ducat [OPTION]...: standard input as netstrings, by a peer of its own;
# the answers go to the file out.
ask_ducat()
{
	send 0 --frame netstring -w 1d "$@"
	silent err
}

# end_of NAME: the run goes on until the test ends it, and then says so only.
end_of()
{
	kill -TERM "${PID[$1]}"
	finish "$1" 143
	says "$1.err" 'ended by a signal: Terminated'
	empty "$1.out"
}

# later NAME: whoever reads NAME.fifo waits, until `now NAME TEXT`.
later()
{
	local fd
	mkfifo "$1.fifo"
	exec {fd}<>"$1.fifo"
}

now()
{
	echo "$2" >"$1.fifo"
}

# Says how many lines came, and each of them.
COUNTS='n=0; while read -r line; do n=$((n + 1)); echo "$n $line"; done'

### Commands: who has which

@test "a command answers its peer" {
	recv_ready r --count 2 127.0.0.1 0 -- cat </dev/null
	peer 5
	ask 5 one
	ask 5 two
	served r
}

@test "each peer has a command of its own" {
	recv_ready r --frame line --count 5 127.0.0.1 0 --sh "$COUNTS" \
	    </dev/null
	peer 5
	peer 6
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	ask 6 d '2 d'
	ask 5 e '3 e'
	served r
}

@test "peers that differ in the address only are two" {
	in_netns
	recv_ready r --frame netstring --count 3 0 --sh 'echo $$ >>ran
	    exec cat' </dev/null
	printf '1:a,' | ask_ducat --reply -p 5001
	contains out 1:a,
	printf '1:b,' | ask_ducat --reply -p 5001 -s 127.0.0.2
	contains out 1:b,
	printf '1:c,' | ask_ducat --reply -p 5001
	contains out 1:c,
	served r
	equal "$(wc -l <ran)" 2
}

# many PEERS: so many sockets at once; each says two things, after all
# others have said the first, and hears the answers of a counting command.
many()
{
	need python3
	cat >many.py <<-'END'
	import socket, sys
	port, count = map(int, sys.argv[1:])
	peers = []
	for n in range(count):
	    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    peer.settimeout(30)
	    peer.connect(("127.0.0.1", port))
	    peers.append(peer)
	for said in "first", "second":
	    for n, peer in enumerate(peers):
	        peer.send(b"%s %d" % (said.encode(), n))
	for said in b"1 first", b"2 second":
	    for n, peer in enumerate(peers):
	        heard = peer.recv(70000)
	        if heard != b"%s %d" % (said, n):
	            sys.exit("peer %d heard %r" % (n, heard))
	END
	try 0 python3 many.py "$PORT" "$1"
	silent err
}

@test "64 peers at once get their own answers" {
	recv_ready r --frame line --count 128 127.0.0.1 0 --sh "$COUNTS" \
	    </dev/null
	many 64
	served r
}

@test "--peer first serves nobody but the first" {
	recv_ready r --frame line --peer first --count 2 127.0.0.1 0 \
	    --sh "$COUNTS" </dev/null
	peer 5
	peer 6
	ask 5 a '1 a'
	say 6 b
	ask 5 c '2 c'
	served r
}

@test "--peer ADDR serves nobody else, from any port" {
	in_netns
	recv_ready r --frame netstring --peer 127.0.0.2 --count 2 0 -- cat \
	    </dev/null
	printf '2:no,' | send 0 --frame netstring
	printf '3:yes,' | ask_ducat --reply -s 127.0.0.2 -p 5001
	contains out 3:yes,
	printf '5:again,' | ask_ducat --reply -s 127.0.0.2 -p 5002
	contains out 5:again,
	served r
}

@test "-v names each new peer" {
	recv_ready r -v --count 3 127.0.0.1 0 -- cat </dev/null
	peer 5
	peer 6
	ask 5 one
	ask 6 two
	ask 5 three
	finish r
	equal "$(grep -Ec '^ducat: datagrams from 127\.0\.0\.1:[0-9]+ on '"$(
	    )127\\.0\\.0\\.1:$PORT\$" r.err)" 2
}

### Commands: what is a datagram

@test "a datagram is one write, and one read is a datagram" {
	recv_ready r --count 2 127.0.0.1 0 \
	    --sh 'exec dd bs=70000 count=2 status=none' </dev/null
	payload big 30000
	peer 5
	dd if=big bs=30000 status=none >&5
	try 0 dd bs=70000 count=1 status=none <&5
	same big out
	ask 5 'small'
	served r
}

@test "--frame line: lines become datagrams and datagrams lines" {
	recv_ready r --frame line --count 3 127.0.0.1 0 \
	    --sh 'read -r a; read -r b; read -r c; printf "%s\n" $c $b $a' \
	    </dev/null
	peer 5
	say 5 one
	say 5 two
	say 5 three
	hear 5 three
	hear 5 two
	hear 5 one
	served r
}

# echoed FRAME: all that can be a datagram comes back whole.
echoed()
{
	payload big 65507
	payload odd 1001 2
	{
		printf '0:,3:a\nb,'
		netstring_of odd
		printf '0:,'
		netstring_of big
		printf '2:\303\251,0:,'
	} >in
	recv_ready r --frame "$1" --count 7 127.0.0.1 0 -- cat </dev/null
	ask_ducat --reply=7 <in
	same in out
	served r
}

@test "--frame netstring loses nothing" {
	echoed netstring
}

@test "--frame len32 loses nothing" {
	echoed len32
}

@test "--frame json loses nothing" {
	echoed json
}

@test "--frame json tells a command who sends" {
	recv_ready r --frame json --count 1 127.0.0.1 0 --sh 'cat >got' \
	    </dev/null
	peer 5
	say 5 text
	served r
	has got '"peer":"127\.0\.0\.1:[0-9]+","local":"127\.0\.0\.1:'"$(
	    )$PORT"'",.*"text":"text"'
}

@test "an empty datagram is one" {
	recv_ready r --frame line --count 1 127.0.0.1 0 -- cat </dev/null
	printf '0:,' | ask_ducat --reply
	contains out 0:,
	served r
}

@test "a burst of 200 datagrams arrives whole, and in order" {
	seq -f 'datagram %g' 200 | netstrings >in
	recv_ready r --frame len32 --count 200 127.0.0.1 0 -- cat </dev/null
	ask_ducat --reply=200 <in
	same in out
	served r
}

@test "--datagram-size is where a command's output is cut" {
	recv_ready r --datagram-size 4 --count 1 127.0.0.1 0 \
	    --sh 'read -r x; printf abcdefghij' </dev/null
	printf '1:\n,' | ask_ducat --reply=3
	contains out 4:abcd,4:efgh,2:ij,
	served r
}

@test "--frame block fills datagrams from a slow command" {
	recv_ready r --frame block --datagram-size 4 --count 3 127.0.0.1 0 \
	    -- cat </dev/null
	peer 5
	say 5 ab
	say 5 cdef
	hear 5 abcd
	say 5 g
	hear 5 efg
	served r
}

### Commands: ends

# again FD: one more datagram, and whether a second command has left a line
# in the file ran by now.
again()
{
	say "$1" x
	(( $(wc -l <ran) >= 2 ))
}

@test "when a command ends, the peer's next datagram starts another" {
	recv_ready r --frame line 127.0.0.1 0 --sh 'echo $$ >>ran; read -r x
	    echo in' </dev/null
	peer 5
	ask 5 x in
	# Meanwhile it may still be about to end.
	retry_until "$BOUND" again 5
	hear 5 in
	end_of r
	equal "$(sort -u ran)" "$(sort ran)"
}

@test "a command's end is its session's, whatever it left behind" {
	recv_ready r --frame line 127.0.0.1 0 \
	    --sh 'echo $$ >>ran; sleep 60 & echo $! >"left$!.pid"; echo in' \
	    </dev/null
	peer 5
	ask 5 x in
	retry_until "$BOUND" again 5
	hear 5 in
	kill "$(cat left*.pid | head -n 1)"
	end_of r
}

@test "what a command does not read is its own affair" {
	recv_ready r --strict --count 1 127.0.0.1 0 -- true </dev/null
	peer 5
	say 5 unread
	served r
}

@test "a command that has closed its input goes on" {
	later a
	recv_ready r --strict --frame line --count 3 127.0.0.1 0 \
	    --sh 'read -r x; exec <&-; echo closed; read -r x <a.fifo
	    echo "$x"' </dev/null
	peer 5
	ask 5 x closed
	say 5 unread
	say 5 either
	now a last
	hear 5 last
	served r
}

@test "a command that has closed its output reads on" {
	recv_ready r --count 3 127.0.0.1 0 --sh 'exec >&-; exec cat >got' \
	    </dev/null
	peer 5
	say 5 one
	retry_until "$BOUND" size_is got 3
	say 5 two
	say 5 six
	served r
	contains got onetwosix
}

@test "a command's own status is not the run's" {
	recv_ready r --count 1 127.0.0.1 0 --sh 'read -r x; exit 3' </dev/null
	peer 5
	say 5 x
	served r
}

@test "a command that is killed is not the run's failure" {
	recv_ready r --count 1 127.0.0.1 0 --sh 'kill -KILL $$' </dev/null
	peer 5
	say 5 x
	served r
}

@test "a command that is not found is told, and is the run's status" {
	recv_ready r --deadline 40 --count 2 127.0.0.1 0 -- ./nosuch </dev/null
	peer 5
	peer 6
	say 5 x
	retry_until "$BOUND" test -s r.err
	say 6 x
	finish r 127
	equal "$(grep -c '^ducat: ./nosuch: No such file' r.err)" 2
	equal "$(wc -l <r.err)" 2
}

@test "a command that may not be run is 126" {
	: >program
	recv_ready r --count 1 127.0.0.1 0 -- ./program </dev/null
	peer 5
	say 5 x
	finish r 126
	says r.err '\./program: Permission denied'
}

@test "malformed output of a command is told, and others go on" {
	recv_ready r --frame netstring --count 4 127.0.0.1 0 \
	    --sh 'read -r x; case $x in *bad*) printf 3:one,x; exec cat;; esac
	    printf 4:good,' </dev/null
	peer 5
	peer 6
	ask 5 $'bad\n' one
	retry_until "$BOUND" test -s r.err
	ask 6 $'x\n' good
	peer 5
	peer 6
	ask 5 $'bad\n' one
	retry_until "$BOUND" lines_are r.err 2
	ask 6 $'x\n' good
	finish r 26
	equal "$(grep -c "command's output: .*byte 6" r.err)" 2
}

@test "a record of a command beyond --datagram-size is 63, not cut" {
	recv_ready r --frame netstring --datagram-size 3 --count 1 127.0.0.1 0 \
	    --sh 'printf 3:one,4:four,; exec cat' </dev/null
	peer 5
	ask 5 x one
	finish r 63
	says r.err "command's output.* longer than a datagram of 3 bytes"
}

@test "--max-recv is for each peer" {
	recv_ready r --frame line --max-recv 6 --count 5 127.0.0.1 0 -- cat \
	    </dev/null
	peer 5
	peer 6
	ask 5 one
	ask 6 one
	ask 5 two
	ask 6 two
	say 6 x
	finish r 63
	says r.err 'more than 6 bytes \(--max-recv\)'
}

@test "--max-send is for each peer" {
	recv_ready r --frame line --max-send 6 --count 5 127.0.0.1 0 -- cat \
	    </dev/null
	peer 5
	peer 6
	ask 5 one
	ask 6 one
	ask 5 two
	ask 6 two
	say 6 x
	finish r 63
	says r.err 'more than 6 bytes \(--max-send\)'
}

### Commands: the run's end

@test "--count: no more is taken" {
	recv_ready r --frame line --count 3 127.0.0.1 0 --sh 'cat >>got' \
	    </dev/null
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	printf 'one\ntwo\nsix\nten\n' | send 0 --frame line
	kill -CONT "${PID[r]}"
	served r
	contains got $'one\ntwo\nsix\n'
}

@test "--count: no new peer is taken" {
	recv_ready r --frame line --count 2 127.0.0.1 0 --sh 'cat >>got' \
	    </dev/null
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	peer 5
	peer 6
	say 5 one
	say 5 two
	say 6 six
	kill -CONT "${PID[r]}"
	served r
	contains got $'one\ntwo\n'
}

@test "--count: commands may say what they have to say" {
	later a
	later b
	recv_ready r --count 2 127.0.0.1 0 \
	    --sh 'x=$(cat); read -r y <$x.fifo; echo "$y"' </dev/null
	peer 5
	peer 6
	say 5 a
	say 6 b
	now b one
	hear 6 $'one\n'
	now a two
	hear 5 $'two\n'
	served r
}

@test "without any datagram -w ends it with 28" {
	try 28 "$DUCAT" udp-recv -w 200ms --idle-timeout 10ms 127.0.0.1 0 \
	    -- touch ran </dev/null
	says err 'no datagram within 0\.200 s \(--timeout\)'
	empty out
	[[ ! -e ran ]]
}

@test "-w is no limit once a datagram came" {
	recv_ready r -w 1 --count 2 --idle-timeout 1500ms --frame line \
	    127.0.0.1 0 --sh 'cat >/dev/null; echo end' </dev/null
	peer 5
	say 5 x
	# That is said when it was idle, after the time of -w.
	hear 5 end
	say 5 x
	served r
}

# A command that leaves the file term at SIGTERM; echoes.
TELLS='trap "echo TERM >term; exit 0" TERM; echo $$ >stays.pid; echo in
    sleep 60 & wait'

# A command that nothing but SIGKILL ends.
DEFIES='trap "" TERM; echo $$ >stays.pid; echo in; sleep 60'

@test "--deadline is 28, and commands get SIGTERM" {
	recv_ready r --frame line --deadline 2 127.0.0.1 0 --sh "$TELLS" \
	    </dev/null
	peer 5
	ask 5 x in
	finish r 28
	says r.err '--deadline'
	contains term $'TERM\n'
	has_ended stays.pid
}

@test "--deadline: a failure before is the run's status" {
	recv_ready r --max-recv 1 --deadline 1 127.0.0.1 0 -- cat </dev/null
	peer 5
	say 5 long
	retry_until "$BOUND" test -s r.err
	finish r 63
	has r.err '--max-recv'
	has r.err '--deadline'
}

# signalled NAME NUMBER
signalled()
{
	recv_ready r --frame line 127.0.0.1 0 --sh "$TELLS" </dev/null
	peer 5
	ask 5 x in
	kill "-$1" "${PID[r]}"
	finish r $(( 128 + $2 ))
	says r.err 'ended by a signal'
	retry_until "$BOUND" test -s term
	contains term $'TERM\n'
	has_ended stays.pid
}

@test "SIGTERM ends all, and commands get SIGTERM" {
	signalled TERM 15
}

@test "SIGINT ends all, and commands get SIGTERM" {
	signalled INT 2
}

### Commands: idle sessions

@test "an idle command gets the end of its input, and may still answer" {
	recv_ready r --idle-timeout 200ms 127.0.0.1 0 \
	    --sh 'cat >>got; echo end' </dev/null
	peer 5
	say 5 one
	hear 5 $'end\n'
	contains got one
	end_of r
}

@test "after an idle session the next datagram starts another" {
	recv_ready r --idle-timeout 200ms --count 2 127.0.0.1 0 \
	    --sh 'cat >>got; echo $$' </dev/null
	peer 5
	say 5 one
	try 0 dd bs=70000 count=1 status=none <&5
	cp out first
	say 5 two
	try 0 dd bs=70000 count=1 status=none <&5
	served r
	contains got onetwo
	[[ $(<first) != "$(<out)" ]]
}

@test "a command that outlives its session is not in its peer's way" {
	later a
	later b
	recv_ready r --idle-timeout 200ms --kill-after 1d --count 2 \
	    127.0.0.1 0 --sh 'x=$(cat); echo >>ended; read -r y <$x.fifo
	    echo "$y"' </dev/null
	peer 5
	say 5 a
	retry_until "$BOUND" lines_are ended 1
	say 5 b
	retry_until "$BOUND" lines_are ended 2
	# Both still answer the same peer.
	now b one
	hear 5 $'one\n'
	now a two
	hear 5 $'two\n'
	served r
}

@test "an idle command that stays gets SIGTERM, quietly" {
	recv_ready r --frame line --idle-timeout 200ms --kill-after 100ms \
	    127.0.0.1 0 --sh "$TELLS" </dev/null
	peer 5
	ask 5 x in
	has_ended stays.pid
	contains term $'TERM\n'
	end_of r
}

@test "an idle command that defies SIGTERM is killed" {
	recv_ready r --frame line --idle-timeout 200ms --kill-after 100ms \
	    127.0.0.1 0 --sh "$DEFIES" </dev/null
	peer 5
	ask 5 x in
	has_ended stays.pid
	end_of r
}

### Commands: what they find

# environment PEER-HOST HOST: what a command of a receiver on HOST, any for
# "", is told of a datagram that comes from port 4001 to PEER-HOST.
environment()
{
	recv_ready r --count 1 ${2:+"$2"} 0 --sh 'env >env.out' </dev/null
	printf x | try 0 "$DUCAT" udp-send -p 4001 "$1" "$PORT"
	silent err
	served r
	grep -E '^(PROTO|UDP|TCP|IPC)' env.out | sort >told
}

@test "a command is told who sends: IPv4" {
	in_netns
	environment 127.0.0.2 127.0.0.2
	contains told "PROTO=UDP
UDPLOCALIP=127.0.0.2
UDPLOCALPORT=$PORT
UDPREMOTEIP=127.0.0.1
UDPREMOTEPORT=4001
"
}

@test "a command is told who sends: IPv6" {
	need ipv6
	in_netns
	environment ::1 ::1
	contains told "PROTO=UDP
UDPLOCALIP=::1
UDPLOCALPORT=$PORT
UDPREMOTEIP=::1
UDPREMOTEPORT=4001
"
}

@test "a command is told who sends: IPv6 with a scope" {
	need ipv6
	in_netns
	ns ip -6 addr add fe80::1/64 dev lo nodad
	environment fe80::1%lo fe80::1%lo
	contains told "PROTO=UDP
UDPLOCALIP=fe80::1%lo
UDPLOCALPORT=$PORT
UDPREMOTEIP=fe80::1%lo
UDPREMOTEPORT=4001
"
}

@test "a command is told of IPv4 as IPv4, and of the address asked" {
	need ipv6
	in_netns
	environment 127.0.0.3 ''
	equal "$HOST" ::
	contains told "PROTO=UDP
UDPLOCALIP=127.0.0.3
UDPLOCALPORT=$PORT
UDPREMOTEIP=127.0.0.1
UDPREMOTEPORT=4001
"
}

@test "a command is told of IPv6 by a socket of both families" {
	need ipv6
	in_netns
	environment ::1 ''
	equal "$HOST" ::
	contains told "PROTO=UDP
UDPLOCALIP=::1
UDPLOCALPORT=$PORT
UDPREMOTEIP=::1
UDPREMOTEPORT=4001
"
}

@test "what an outer server told does not reach a command" {
	need env
	in_netns
	WRAP=(env PROTO=OUTER TCPREMOTEIP=OUTER TCPLOCALHOST=OUTER
	    UDPREMOTEHOST=OUTER UDPREMOTEIP=OUTER UDPLOCALPORT=OUTER
	    IPCREMOTEPATH=OUTER SSL_PROTOCOL=OUTER LISTEN_FDNAMES=OUTER
	    KEPT=KEPT)
	environment 127.0.0.1 127.0.0.1
	lacks env.out OUTER
	has env.out '^KEPT=KEPT$'
	equal "$(wc -l <told)" 5
}

@test "a command has the descriptors 0, 1 and 2 and no others" {
	need linux
	exec 5</dev/null 6</dev/null
	KEEP=(-k 5 -k 6)
	# The second peer's command is to have none of the first's.
	recv_ready r --frame line --count 2 --addr-file addr --pid-file pid \
	    127.0.0.1 0 --sh 'for fd in /proc/$$/fd/*; do
	    [ ! -h "$fd" ] || list="$list${fd##*/} "; done; echo "$list"
	    exec cat' </dev/null
	KEEP=()
	peer 5
	peer 6
	ask 5 x '0 1 2 '
	hear 5 x
	ask 6 y '0 1 2 '
	hear 6 y
	served r
}

@test "a command's arguments are its own, and no shell sees them" {
	recv_ready r --count 1 127.0.0.1 0 -- printf '[%s]' 'two  words' '*' \
	    '$HOME' '' -c -- --quiet 'a;b' </dev/null
	peer 5
	ask 5 x '[two  words][*][$HOME][][-c][--][--quiet][a;b]'
	served r
}

@test "-c is --sh, and both are run by a shell" {
	recv_ready r -c 'printf "[%s]" "two  words" $((6 * 7)) "$0"' \
	    --count 1 127.0.0.1 0 </dev/null
	peer 5
	ask 5 x '[two  words][42][/bin/sh]'
	served r
}

@test "beside commands standard input and output are left alone" {
	printf 'not yours\n' >input
	{
		recv_ready r --count 1 127.0.0.1 0 -- cat
		peer 5
		ask 5 x
		served r
		cat >rest
	} <input
	same input rest
}

@test "a command's errors are ducat's, and the peer gets none" {
	recv_ready r --count 2 127.0.0.1 0 --sh 'echo oops >&2; exec cat' \
	    </dev/null
	peer 5
	ask 5 one
	ask 5 two
	finish r
	contains r.err $'oops\n'
}

@test "--stderr-to-peer sends a command's errors to the peer, too" {
	recv_ready r --frame line --stderr-to-peer --count 1 127.0.0.1 0 \
	    --sh 'echo oops >&2; exec cat' </dev/null
	peer 5
	ask 5 one oops
	hear 5 one
	served r
}

### Commands: too many, too slow

@test "peers beyond --max-conns are dropped, told once and counted" {
	recv_ready r --max-conns 2 127.0.0.1 0 -- cat </dev/null
	local third
	exec {third}<>"/dev/udp/127.0.0.1/$PORT"
	peer 5
	peer 6
	ask 5 one
	ask 6 two
	say "$third" x
	say "$third" x
	ask 5 three
	say "$third" x
	ask 6 four
	says r.err "receive from 127\\.0\\.0\\.1:[0-9]+: .*--max-conns"
	kill -TERM "${PID[r]}"
	finish r 143
	has r.err ' 3 datagrams were dropped, of peers that could not be served'
	equal "$(grep -c max-conns r.err)" 1
}

@test "--strict: a peer that could not be served is 56" {
	recv_ready r --strict --max-conns 1 --count 2 127.0.0.1 0 -- cat \
	    </dev/null
	peer 5
	peer 6
	ask 5 one
	say 6 x
	ask 5 two
	finish r 56
	has r.err ' 1 datagram was dropped'
}

@test "without --strict a peer that could not be served is no failure" {
	recv_ready r --max-conns 1 --count 2 127.0.0.1 0 -- cat </dev/null
	peer 5
	peer 6
	ask 5 one
	say 6 x
	ask 5 two
	finish r
	has r.err ' 1 datagram was dropped'
}

@test "where a session has ended there is room for a peer" {
	recv_ready r --max-conns 1 --frame line 127.0.0.1 0 \
	    --sh 'echo $$ >>ran; read -r x; echo "$x"' </dev/null
	peer 5
	peer 6
	ask 5 one
	retry_until "$BOUND" again 6
	hear 6 x
	kill -TERM "${PID[r]}"
	finish r 143
}

@test "128 peers have commands at once, unless --max-conns says else" {
	need python3
	cat >many.py <<-'END'
	import socket, sys
	def peer():
	    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    peer.settimeout(30)
	    peer.connect(("127.0.0.1", int(sys.argv[1])))
	    return peer
	peers = [peer() for n in range(128)]
	for n in range(128):
	    peers[n].send(b"%d" % n)
	for n in range(128):
	    if peers[n].recv(70000) != b"%d" % n:
	        sys.exit("peer %d" % n)
	peer().send(b"no")
	peers[0].send(b"end")
	if peers[0].recv(70000) != b"end":
	    sys.exit("peer 0")
	END
	recv_ready r --count 129 127.0.0.1 0 -- cat </dev/null
	try 0 python3 many.py "$PORT"
	silent err
	finish r
	has r.err 'not served: too many peers at once \(--max-conns\)$'
	has r.err ' 1 datagram was dropped'
	equal "$(wc -l <r.err)" 2
}

# A command that stops itself where its peer says so, and else echoes.
MAY_STOP='read -r how; if [ "$how" = stop ]; then
	echo $$ >stopped.pid; kill -STOP $$; exec cat >got; fi; exec cat'

# stuffed PARTS [OPTION]...: a stopped command whose peer has sent so many
# times five blocks of 20,000 bytes, the file in; another peer sees that "r"
# has taken them.  STUFFED is how many datagrams that were.
stuffed()
{
	local parts=$1 n
	shift
	STUFFED=$(( 2 + parts * 6 ))
	payload in $(( parts * 100000 ))
	recv_ready r "$@" 127.0.0.1 0 --sh "$MAY_STOP" </dev/null
	peer 5
	peer 6
	say 5 $'stop\n'
	say 6 $'go\n'
	retry_until "$BOUND" test -s stopped.pid
	for (( n = 0; n < parts; n++ )); do
		dd if=in bs=20000 skip=$(( n * 5 )) count=5 status=none >&5
		ask 6 "$n"
	done
}

@test "a stopped command does not hold up another peer" {
	stuffed 3 --count 21
	ask 6 unharmed
	kill -CONT "$(<stopped.pid)"
	served r
	same in got
}

# What is written and what is said to be lost are all.
accounted()
{
	local lost
	lost=$(grep -Eo '[0-9]+ datagrams were lost, which the command' r.err |
	    grep -Eo '^[0-9]+')
	equal "$(( $(stat -c %s got) + lost * 20000 ))" "$(stat -c %s in)"
}

@test "1 MiB is kept of what a command reads too slowly" {
	stuffed 20 --count 123
	ask 6 unharmed
	kill -CONT "$(<stopped.pid)"
	finish r
	says r.err '127\.0\.0\.1:.* lost, which the command did not take$'
	accounted
	(( $(stat -c %s got) >= 1000000 ))
	head -c 1000000 got | cmp -n 1000000 - in
}

@test "--strict: what a slow command lost is 56" {
	stuffed 20 --strict --count 123
	ask 6 unharmed
	kill -CONT "$(<stopped.pid)"
	finish r 56
	says r.err 'lost, which the command did not take \(--strict\)'
	accounted
}

@test "what an idle session's command never read is counted" {
	stuffed 1 --idle-timeout 1 --kill-after 100ms
	retry_until "$BOUND" test -s r.err
	# Of five, which are longer than a pipe together.
	says r.err ' [2-5] datagrams were lost, which the command did not take'
	has_ended stopped.pid
	kill -TERM "${PID[r]}"
	finish r 143
}

### Forwards

# target ARG...: a receiver "t" that answers each datagram by a command, on
# 127.0.0.1; TARGET is where.
target()
{
	recv_ready t 127.0.0.1 0 "$@" </dev/null
	TARGET=$HOST:$PORT
}

# relay [OPTION]...: "r", from its HOST and PORT to TARGET.
relay()
{
	recv_ready r "$@" --forward "$TARGET" 127.0.0.1 0 </dev/null
}

# Whoever sends to TARGET gets it back, from socat.
echoing()
{
	need socat
	in_netns
	start echo socat UDP4-RECVFROM:5000,bind=127.0.0.1,fork PIPE </dev/null
	retry_until "$BOUND" udp_bound 5000
	TARGET=127.0.0.1:5000
}

@test "--forward: a target answers the peers" {
	target --sh "$COUNTS" --frame line
	relay
	peer 5
	peer 6
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	ask 6 d '2 d'
	ask 5 e '3 e'
	end_of r
}

@test "--forward: 64 peers at once get their own answers" {
	target --sh "$COUNTS" --frame line
	relay
	many 64
	end_of r
}

@test "--forward: socat behind it echoes" {
	echoing
	relay
	seq -f 'datagram %g' 20 | netstrings >in
	start a "$DUCAT" udp-send --frame netstring --reply=20 -w 1d \
	    127.0.0.1 "$PORT" <in
	seq -f 'other %g' 20 | netstrings >in2
	start b "$DUCAT" udp-send --frame netstring --reply=20 -w 1d \
	    127.0.0.1 "$PORT" <in2
	finish a
	finish b
	silent a b
	# Each has a process of its own there, so that their order is any.
	equal "$(tr , '\n' <a.out | sort)" "$(tr , '\n' <in | sort)"
	equal "$(tr , '\n' <b.out | sort)" "$(tr , '\n' <in2 | sort)"
	end_of r
}

@test "--forward: all that can be a datagram passes whole" {
	payload big 65507
	payload odd 1001 2
	{
		printf '0:,'
		netstring_of odd
		printf '0:,'
		netstring_of big
		printf '1:x,0:,'
	} >in
	target --frame netstring -- cat
	relay
	ask_ducat --reply=6 <in
	same in out
	end_of r
}

@test "--forward: a burst of 200 datagrams arrives whole, and in order" {
	seq -f 'datagram %g' 200 | netstrings >in
	recv_ready t --frame netstring --count 200 127.0.0.1 0 </dev/null
	TARGET=127.0.0.1:$PORT
	relay
	send 0 --frame netstring <in
	silent err
	finish t
	silent t
	same in t.out
	end_of r
}

@test "--forward: a burst of 200 answers arrives whole, and in order" {
	seq -f 'datagram %g' 200 | netstrings >in
	target --frame netstring --sh 'read -r x; exec cat in'
	relay
	printf '1:\n,' | ask_ducat --reply=200
	same in out
	end_of r
}

@test "--forward: each peer has a socket of its own there" {
	in_netns
	recv_ready t --frame json --count 3 127.0.0.1 5000 </dev/null
	recv_ready r --forward 127.0.0.1:5000 127.0.0.1 0 </dev/null
	printf a1 | send 0 -p 5001
	printf b | send 0 -p 5002
	printf a2 | send 0 -p 5001
	finish t
	equal "$(from a1)" "$(from a2)"
	[[ -n $(from b) && $(from b) != "$(from a1)" ]]
	end_of r
}

# From which port of the relay "t" had that text.
from()
{
	sed -n "s/.*\"peer\":\"\([^\"]*\)\".*\"text\":\"$1\".*/\1/p" t.out
}

@test "--forward: dnsmasq answers two clients at once" {
	need root dnsmasq
	local n name query='%s\1\0\0\1\0\0\0\0\0\0\1%s\4test\0\0\1\0\1'
	in_netns
	start d dnsmasq --keep-in-foreground --conf-file=/dev/null \
	    --no-resolv --no-hosts --pid-file= --user= --port=5300 \
	    --listen-address=127.0.0.1 --bind-interfaces \
	    --address=/a.test/192.0.2.5 --address=/b.test/192.0.2.6 </dev/null
	retry_until "$BOUND" udp_bound 5300
	TARGET=127.0.0.1:5300
	relay
	for name in a b; do
		for (( n = 10; n < 30; n++ )); do
			# A query, recursion desired: NAME.test, A, IN.
			# shellcheck disable=SC2059
			printf "24:$query," "$n" "$name"
		done >"$name.in"
		start "$name" "$DUCAT" udp-send --frame netstring --reply=20 \
		    -w 1d 127.0.0.1 "$PORT" <"$name.in"
	done
	finish a
	finish b
	silent a b
	answers a 5
	answers b 6
	end_of r
}

# answers NAME N: to all its queries, each 192.0.2.N.
answers()
{
	# Of 40 bytes each: the query's 24, and the answer's 16.
	equal "$(tr '\0\1' '##' <"$1.out" | LC_ALL=C grep -aoE \
	    '40:[0-9]{2}' | sort)" "$(seq -f '40:%g' 10 29)"
	equal "$(od -An -v -tx1 <"$1.out" | tr -d ' \n' |
	    grep -o "0004c000020$2" | wc -l)" 20
}

@test "--forward: an IPv6 target, and peers of both families" {
	need ipv6
	recv_ready t --frame line ::1 0 --sh "$COUNTS" </dev/null
	recv_ready r --forward "[::1]:$PORT" 0 </dev/null
	peer 5
	peer 6 ::1
	ask 5 four '1 four'
	ask 6 six '1 six'
	ask 5 four '2 four'
	end_of r
}

# named LINE...: `target`, and a relay to its port at "target" of such hosts.
named()
{
	printf '%s\n' "$@" '127.0.0.1 localhost' >hosts
	with_hosts hosts
	in_netns
	recv_ready t 127.0.0.1 0 -- cat </dev/null
	WRAP=("${WITH_HOSTS[@]}")
	recv_ready r --forward "target:$PORT" 127.0.0.1 0 </dev/null
}

@test "--forward: a target by its name" {
	named '127.0.0.1 target'
	printf '1:x,' | ask_ducat --reply
	contains out 1:x,
	end_of r
}

@test "--forward: of a target's addresses one that refuses is passed over" {
	need ipv6
	named '::1 target' '127.0.0.1 target'
	printf '1:x,' | ask_ducat --reply
	contains out 1:x,
	end_of r
}

@test "--forward: a chain of two relays" {
	target --frame netstring -- cat
	relay
	mv r.err first.err
	PID[first]=${PID[r]}
	TARGET=127.0.0.1:$PORT
	relay
	printf '3:one,0:,3:two,' >in
	ask_ducat --reply=3 <in
	same in out
	end_of r
	silent first
}

@test "--forward: only the target answers" {
	local from
	in_netns
	recv_ready t --frame json --count 1 127.0.0.1 5000 </dev/null
	recv_ready r --forward 127.0.0.1:5000 127.0.0.1 0 </dev/null
	printf '1:x,' >in
	start c "$DUCAT" udp-send --frame netstring --reply -w 1d \
	    127.0.0.1 "$PORT" <in
	finish t
	from=$(sed 's/.*"peer":"127.0.0.1:\([0-9]*\)".*/\1/' t.out)
	# Whether they are refused or dropped is the kernel's affair.
	printf other | ns "$DUCAT" udp-send 127.0.0.1 "$from" 2>err || :
	printf other | ns "$DUCAT" udp-send -s 127.0.0.2 -p 5000 127.0.0.1 \
	    "$from" 2>err || :
	printf true | try 0 "$DUCAT" udp-send -p 5000 127.0.0.1 "$from"
	finish c
	contains c.out 4:true,
	end_of r
}

### Forwards: refusals and ends

@test "a target that refuses all is told once, and is 7" {
	in_netns
	TARGET=127.0.0.1:5000
	relay --idle-timeout 300ms --count 3
	printf '1:a,1:b,1:c,' | send 0 --frame netstring
	finish r 7
	says r.err 'send to 127\.0\.0\.1:5000: Connection refused'
}

@test "each peer's refusal is told once" {
	in_netns
	TARGET=127.0.0.1:5000
	relay --idle-timeout 300ms --count 4
	printf '1:a,1:b,' | send 0 --frame netstring
	printf '1:a,1:b,' | send 0 --frame netstring
	finish r 7
	equal "$(grep -c 'send to 127.0.0.1:5000: Connection refused' r.err)" 2
	equal "$(wc -l <r.err)" 2
}

@test "a target that comes back gets what is sent then" {
	in_netns
	TARGET=127.0.0.1:5000
	relay
	feed_open in
	start c "$DUCAT" udp-send --frame line --reply -w 1d 127.0.0.1 \
	    "$PORT" <in.fifo
	echo lost >&6
	retry_until "$BOUND" test -s r.err
	says r.err 'send to 127\.0\.0\.1:5000: Connection refused'
	recv_ready t --frame line --count 1 127.0.0.1 5000 -- cat </dev/null
	echo here >&6
	feed_close
	served t
	finish c
	contains c.out $'here\n'
	kill -TERM "${PID[r]}"
	finish r 143
	equal "$(grep -c 'Connection refused' r.err)" 1
}

@test "a target that refuses some is told, and no failure" {
	in_netns
	recv_ready t --count 1 127.0.0.1 5000 </dev/null
	recv_ready r --idle-timeout 1 --count 2 --forward 127.0.0.1:5000 \
	    127.0.0.1 0 </dev/null
	feed_open in
	start c "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <in.fifo
	echo here >&6
	finish t
	contains t.out here
	echo lost >&6
	feed_close
	finish c
	finish r
	says r.err 'send to 127\.0\.0\.1:5000: Connection refused'
}

@test "--count: a forward still gets its answers" {
	later a
	target --frame line --sh 'read -r x <a.fifo; echo "$x"'
	relay --count 1
	peer 5
	say 5 x
	now a answer
	hear 5 answer
	end_of r
}

@test "--count: a forward ends when it is idle" {
	recv_ready t --count 2 --frame line 127.0.0.1 0 </dev/null
	TARGET=127.0.0.1:$PORT
	relay --idle-timeout 300ms --count 2
	printf '1:a,1:b,1:c,' | send 0 --frame netstring
	served r
	finish t
	contains t.out $'a\nb\n'
}

@test "an idle forward's socket is closed, quietly" {
	need linux
	target -- cat
	relay --idle-timeout 1
	local before
	before=$(descriptors)
	peer 5
	ask 5 one
	retry_until "$BOUND" descriptors_are "$before"
	ask 5 two
	end_of r
}

descriptors()
{
	local all=("/proc/${PID[r]}/fd/"*)
	echo "${#all[@]}"
}

descriptors_are()
{
	[[ $(descriptors) -eq $1 ]]
}

@test "--forward: without any datagram -w ends it with 28" {
	try 28 "$DUCAT" udp-recv -w 200ms --forward 127.0.0.1:9 127.0.0.1 0 \
	    </dev/null
	says err 'no datagram within 0\.200 s \(--timeout\)'
}

@test "--forward: peers beyond --max-conns are dropped and counted" {
	target -- cat
	relay --max-conns 1
	peer 5
	peer 6
	ask 5 one
	say 6 x
	say 6 x
	ask 5 two
	says r.err "receive from 127\\.0\\.0\\.1:[0-9]+: .*--max-conns"
	kill -TERM "${PID[r]}"
	finish r 143
	has r.err ' 2 datagrams were dropped'
	equal "$(grep -c max-conns r.err)" 1
}

@test "--forward: SIGINT ends all" {
	target -- cat
	relay
	peer 5
	ask 5 one
	kill -INT "${PID[r]}"
	finish r 130
	says r.err 'ended by a signal: Interrupt'
}

@test "--forward: --deadline is 28" {
	target -- cat
	relay --deadline 1
	peer 5
	ask 5 one
	finish r 28
	says r.err '--deadline'
}

@test "--forward: a name that is unknown is told, and is 6" {
	printf '127.0.0.1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	recv_ready r --idle-timeout 200ms --count 1 \
	    --forward nobody.invalid:5 127.0.0.1 0 </dev/null
	printf x | send 0
	finish r 6
	has r.err 'resolve nobody\.invalid: '
}

@test "--forward: --max-recv is for each peer" {
	target --frame line --sh "$COUNTS"
	relay --max-recv 2
	peer 5
	peer 6
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	ask 6 d '2 d'
	say 5 x
	retry_until "$BOUND" test -s r.err
	says r.err 'receive from .*: more than 2 bytes \(--max-recv\)'
	# Its next session is another to the target, too.
	ask 5 e '1 e'
	kill -TERM "${PID[r]}"
	finish r 143
}

@test "--forward: --max-send is for each peer" {
	target --frame line --sh "$COUNTS"
	relay --max-send 6
	peer 5
	peer 6
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	ask 6 d '2 d'
	say 5 x
	retry_until "$BOUND" test -s r.err
	says r.err 'send to .*: more than 6 bytes \(--max-send\)'
	ask 5 e '1 e'
	kill -TERM "${PID[r]}"
	finish r 143
}

### Forwards to local sockets

@test "--forward unix: socat echoes" {
	need socat
	start echo socat "UNIX-RECVFROM:$PWD/sock,fork" PIPE </dev/null
	retry_until "$BOUND" test -S sock
	TARGET=unix:sock
	relay
	peer 5
	peer 6
	ask 5 one
	ask 6 two
	ask 5 three
	end_of r
}

@test "--forward unix:@NAME: the abstract name" {
	need linux socat
	start t socat -u "ABSTRACT-RECV:ducat-$$" OPEN:got,creat,append \
	    </dev/null
	retry_until "$BOUND" grep -qF "@ducat-$$" /proc/net/unix
	TARGET=unix:@ducat-$$
	relay
	peer 5
	say 5 one
	retry_until "$BOUND" size_is got 3
	contains got one
	end_of r
}

@test "logger's messages go to a syslog's socket" {
	need logger busybox mountns
	mkdir dev
	: >dev/null
	# What it finds at /dev/log is this directory's.
	start syslog unshare "${USER_NS[@]}" -m sh -c 'mount --bind \
	    /dev/null dev/null && mount --bind dev /dev && exec busybox \
	    syslogd -n -S -O "$0"' "$PWD/messages" </dev/null
	retry_until "$BOUND" test -S dev/log
	TARGET=unix:dev/log
	relay
	try 0 logger -d -n 127.0.0.1 -P "$PORT" --rfc3164 -p user.notice \
	    -t first hello
	try 0 logger -d -n 127.0.0.1 -P "$PORT" --rfc3164 -p user.notice \
	    -t second world
	retry_until "$BOUND" grep -q 'second: world' messages
	grep -q 'first: hello' messages
	end_of r
}

@test "--forward unix: a stream socket is told, and is 7" {
	need socat
	start p socat "UNIX-LISTEN:$PWD/sock" PIPE </dev/null
	retry_until "$BOUND" test -S sock
	TARGET=unix:sock
	relay --idle-timeout 200ms --count 1
	peer 5
	say 5 x
	finish r 7
	has r.err 'connect to .*sock: a socket is there, but not of type dgram'
}

@test "--forward unix: a socket that is not there is told, and is 7" {
	TARGET=unix:sock
	relay --idle-timeout 200ms --count 1
	peer 5
	say 5 x
	finish r 7
	has r.err 'connect to .*sock: No such file or directory'
}

@test "--forward unix: a socket that goes away is told once, and found again" {
	need socat
	TARGET=unix:sock
	start echo socat "UNIX-RECVFROM:$PWD/sock,fork" PIPE </dev/null
	retry_until "$BOUND" test -S sock
	relay
	peer 5
	ask 5 first
	kill -KILL "${PID[echo]}"
	finish echo 137
	# The one that answered may have the socket still.
	retry_until "$BOUND" eval 'say 5 lost; test -s r.err'
	has r.err 'send to unix:sock: Connection refused$'
	rm sock
	start echo socat "UNIX-RECVFROM:$PWD/sock,fork" PIPE </dev/null
	retry_until "$BOUND" test -S sock
	ask 5 second
	kill -TERM "${PID[r]}"
	finish r 143
	equal "$(grep -c 'send to' r.err)" 1
}

@test "peers beyond the descriptors there are are dropped, told once" {
	need linux prlimit socat
	in_netns
	local WRAP=(prlimit --nofile=40)
	recv_ready r --idle-timeout 1h 127.0.0.1 0 -- cat </dev/null
	local n
	for n in {1..60}; do
		printf x | ns socat -u - "UDP4-SENDTO:127.0.0.1:$PORT" || :
	done
	retry_until "$BOUND" grep -q 'not served' r.err
	kill -TERM "${PID[r]}"
	finish r 143
	equal "$(grep -c 'not served: too many open files$' r.err)" 1
	has r.err ' datagrams were dropped, of peers that could not be served$'
	equal "$(wc -l <r.err)" 3
}

@test "a peer of IPv4 on the socket of both families gets whole answers" {
	need ipv6
	recv_ready r --count 1 0 -- cat </dev/null
	head -c 65507 /dev/zero >in
	{
		printf '65507:'
		cat in
		printf ','
	} | try 0 "$DUCAT" udp-send --frame netstring --reply -w 1d \
	    127.0.0.1 "$PORT"
	same <(printf '65507:'; cat in; printf ',') out
	finish r
}

@test "idle time ends what a command left behind, too" {
	recv_ready r --count 1 --idle-timeout 200ms --kill-after 200ms \
	    127.0.0.1 0 --sh 'sh -c "echo \$\$ >left; exec sleep 60" & exit 0' \
	    </dev/null
	peer 5
	say 5 x
	served r
	has_ended left
}

@test "--forward unix: a socket that comes is found" {
	need socat
	TARGET=unix:sock
	relay
	peer 5
	say 5 x
	retry_until "$BOUND" test -s r.err
	has r.err 'connect to .*sock: No such file or directory'
	start echo socat "UNIX-RECVFROM:$PWD/sock,fork" PIPE </dev/null
	retry_until "$BOUND" test -S sock
	ask 5 there
	kill -TERM "${PID[r]}"
	finish r 143
	equal "$(grep -c 'connect to' r.err)" 1
}

@test "--forward unix: a burst of 200 datagrams arrives whole, in order" {
	need python3
	for n in {101..300}; do
		printf '12:datagram %d,' "$n"
	done >in
	mkfifo go
	start t python3 -c "$SLOW" '%d:%s,' </dev/null
	retry_until "$BOUND" test -S slow
	TARGET=unix:slow
	relay
	echo go >go
	send 0 --frame netstring <in
	silent err
	retry_until "$BOUND" size_is got "$(stat -c %s in)"
	same in got
	end_of r
}

# A local socket of datagrams, slow, that is not read before the fifo go is;
# then it writes all that comes to the file got, in the manner of its
# argument.
SLOW='
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("sock")
os.rename("sock", "slow")
open("go", "rb").read(1)
how = sys.argv[1].encode()
with open("got", "wb", 0) as got:
    while True:
        record = s.recv(70000)
        got.write(how % (len(record), record) if how else record)
'

@test "--forward: a slow target loses nothing of what is kept for it" {
	need python3
	mkfifo go
	start slow python3 -c "$SLOW" '' </dev/null
	retry_until "$BOUND" test -S slow
	TARGET=unix:slow
	relay
	flooded 8
	echo go >go
	retry_until "$BOUND" size_is got 800000
	same in got
	end_of r
}

@test "--strict: what a target takes nothing of is told, and 56" {
	need python3
	mkfifo go
	start slow python3 -c "$SLOW" '' </dev/null
	retry_until "$BOUND" test -S slow
	TARGET=unix:slow
	relay --strict --idle-timeout 1 --count 20
	# As many wait there as the system lets wait, and more.
	flooded 4
	finish r 56
	relay --strict --idle-timeout 500ms --count 1
	peer 5
	say 5 x
	finish r 56
	says r.err ' 1 datagram was lost, which the target did not take '
}

@test "--strict: what a slow target lost is told, and 56" {
	need python3
	mkfifo go
	start slow python3 -c "$SLOW" '' </dev/null
	retry_until "$BOUND" test -S slow
	TARGET=unix:slow
	relay --strict --idle-timeout 1 --count 75
	flooded 15
	finish r 56
	has r.err 'lost, which the target did not take \(--strict\)$'
	lost=$(grep -Eo '[0-9]+ datagrams? w.* lost' r.err |
	    awk '{ lost += $1 } END { print lost }')
	(( lost > 0 ))
	echo go >go
	retry_until "$BOUND" size_is got $(( 1500000 - lost * 20000 ))
}

# flooded PARTS: a peer has sent so many times five blocks of 20,000 bytes.
flooded()
{
	local n
	payload in $(( $1 * 100000 ))
	peer 5
	for (( n = 0; n < $1; n++ )); do
		dd if=in bs=20000 skip=$(( n * 5 )) count=5 status=none >&5
		retry_until "$BOUND" queue_is_empty
	done
}

# "r" has read all that was sent to it.
queue_is_empty()
{
	grep -Eq "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$PORT")$(
	    ) [0-9A-F:]+ [0-9A-F]+ [0-9A-F]{8}:00000000 " /proc/net/udp
}

### Who asks

@test "nc asks a command" {
	need nc.openbsd
	recv_ready r --count 1 127.0.0.1 0 -- tr a-z A-Z </dev/null
	printf question >in
	# At the end of its input tr writes what it has.
	try 0 nc.openbsd -u -W 1 127.0.0.1 "$PORT" <in
	silent err
	contains out QUESTION
	served r
}

@test "nc asks a forward" {
	need nc.openbsd
	target -- cat
	relay
	printf question >in
	try 0 nc.openbsd -u -W 1 127.0.0.1 "$PORT" <in
	silent err
	contains out question
	end_of r
}

# asked_by ADDRESS: a socat goes on until its answer is there.
asked_by()
{
	feed_open in
	start c socat - "$1" <in.fifo
	printf question >&6
	retry_until "$BOUND" size_is c.out 8
	feed_close
	finish c
	silent c
	contains c.out question
}

@test "socat asks a command" {
	need socat
	recv_ready r --count 1 127.0.0.1 0 -- cat </dev/null
	asked_by "UDP4-SENDTO:127.0.0.1:$PORT"
	served r
}

@test "socat asks a forward" {
	need socat
	target -- cat
	relay
	asked_by "UDP4-SENDTO:127.0.0.1:$PORT"
	end_of r
}

# Connected peers take answers of no other address than they asked.

@test "a command's answer comes from the address that was asked" {
	recv_ready r --count 3 0 -- cat </dev/null
	peer 5 127.0.0.2
	peer 6 127.0.0.3
	ask 5 two
	ask 6 three
	ask 5 again
	served r
}

@test "a forward's answer comes from the address that was asked" {
	target -- cat
	recv_ready r --forward "$TARGET" 0 </dev/null
	peer 5 127.0.0.2
	peer 6 127.0.0.3
	ask 5 two
	ask 6 three
	ask 5 again
	end_of r
}

@test "one peer that asks two addresses is answered by both" {
	in_netns
	recv_ready r --frame line --count 2 0 --sh "$COUNTS" </dev/null
	printf '1:a,' | try 0 "$DUCAT" udp-send -p 5001 --frame netstring \
	    --reply -w 1d 127.0.0.2 "$PORT"
	contains out '3:1 a,'
	printf '1:b,' | try 0 "$DUCAT" udp-send -p 5001 --frame netstring \
	    --reply -w 1d 127.0.0.3 "$PORT"
	contains out '3:2 b,'
	served r
}

@test "IPv6 peers are answered" {
	need ipv6
	recv_ready r --frame line --count 3 ::1 0 --sh "$COUNTS" </dev/null
	peer 5 ::1
	peer 6 ::1
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	served r
}

@test "a socket of both families answers both" {
	need ipv6
	recv_ready r --frame line --count 4 0 --sh "$COUNTS" </dev/null
	equal "$HOST" ::
	peer 5 127.0.0.1
	peer 6 ::1
	ask 5 a '1 a'
	ask 6 b '1 b'
	ask 5 c '2 c'
	ask 6 d '2 d'
	served r
}

@test "each address of a name is served" {
	need ipv6
	printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	recv_ready r --count 2 localhost 0 -- cat </dev/null
	equal "${#READY[@]}" 2
	printf '3:six,' | try 0 "$DUCAT" udp-send --frame netstring --reply \
	    -w 1d ::1 "$PORT"
	contains out 3:six,
	printf '4:four,' | ask_ducat --reply
	contains out 4:four,
	served r
}

@test "a group's datagrams are answered" {
	in_netns
	ns ip route add 224.0.0.0/4 dev lo
	recv_ready r --join 239.1.2.3 --count 1 0 -- cat </dev/null
	printf '1:x,' | try 0 "$DUCAT" udp-send -s 127.0.0.1 \
	    --frame netstring --reply -w 1d 239.1.2.3 "$PORT"
	silent err
	contains out 1:x,
	served r
}

@test "an answer that is refused ends nothing" {
	in_netns
	later a
	recv_ready r --frame line --count 3 127.0.0.1 0 \
	    --sh 'read -r x; case $x in
	    gone) echo $$ >got; read -r y <a.fifo; echo lost; echo lost;; esac
	    cat' </dev/null
	printf gone | send 0
	retry_until "$BOUND" test -s got
	now a x
	retry_until "$BOUND" refused_once
	printf '1:x,1:y,' | ask_ducat --reply
	contains out 1:y,
	finish r
	empty r.out
}

# The kernel has answered a datagram by port unreachable.
refused_once()
{
	local out
	out=$(awk '/^Icmp:/ { if (n++) print $(col) ; else
	    for (i = 1; i <= NF; i++) if ($i == "OutDestUnreachs") col = i }' \
	    "/proc/${PID[namespace]}/net/snmp")
	[[ $out -ge 1 ]]
}

### Usage

@test "what does not go together" {
	local words reason
	while IFS='|' read -r words reason; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" $words </dev/null
		echo "$words"
		says err "$reason"
		empty out
	done <<-'END'
	udp-recv --reply 0 -- cat|--reply: not with a command or --forward
	udp-recv --reply --forward 127.0.0.1:9 0|--reply: not with
	udp-recv --frame line --forward 127.0.0.1:9 0|--frame: not with --forw
	udp-recv --max-conns 4 0|--max-conns: only with a command or --forward
	udp-recv --max-conns 0 0 -- cat|--max-conns: "0": too small
	udp-recv --datagram-size 9 0|--datagram-size: only where datagrams are
	udp-recv --datagram-size 9 --forward 127.0.0.1:9 0|--datagram-size: on
	udp-recv --frame block 0 -- cat|--frame block: --datagram-size is miss
	udp-recv 0 --|a COMMAND is missing
	udp-recv --forward 127.0.0.1:9 0 -- cat|exclude each other
	udp-recv --forward 127.0.0.1:9 --sh cat 0|exclude each other
	udp-recv --sh cat 0 -- cat|exclude each other
	udp-recv --kill-after 2 0|--kill-after: only with a command
	udp-recv --kill-after 2 --forward 127.0.0.1:9 0|--kill-after: only with
	udp-recv --stderr-to-peer 0|--stderr-to-peer: only with a command
	udp-recv --forward 127.0.0.1:nosuch 0|--forward: nosuch: unknown servic
	udp-recv --forward 127.0.0.1 0|--forward: .*the port is missing
	udp-recv --forward 127.0.0.1:0 0|--forward: port "0"
	udp-recv --forward unix: 0|--forward: the path of a socket is empty
	udp-recv --forward tls:127.0.0.1:9 0|--forward: tls: is not supported
	udp-send 127.0.0.1 9 -- cat|udp-send runs no command
	END
}
