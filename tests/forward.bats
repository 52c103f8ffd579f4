# --forward: the near end is a connection, too.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

RESET='(Connection reset by peer|Broken pipe)'

# target SCRIPT [HOST [OPTION]...]: the peer "t", and where to reach it.
target()
{
	peer_listen t "$@"
	TARGET=${2:-127.0.0.1}:$PORT
	[[ ${2:-} != *:* ]] || TARGET=[$2]:$PORT
}

# relay [OPTION]...: "d", from its HOST and PORT to TARGET.
relay()
{
	listen_ready d "$@" --forward "$TARGET" 127.0.0.1 0 </dev/null
}

# served ARG...: a target that is a ducat, "t".
served()
{
	listen_ready t -k "$@" </dev/null
	TARGET=$HOST:$PORT
}

# Echoes, as a target of many clients.
echoing()
{
	served 127.0.0.1 0 -- cat
}

# client NAME SCRIPT: one that ends well.
client()
{
	peer_connect "$1" "$2"
	finish "$1"
	silent "$1"
}

# The relay and its target had nothing to say.
both_end()
{
	finish d
	silent d
	empty d.out
	finish t
	silent t
}

# Somebody listens at that UNIX socket; @NAME with \xHH for what is no text.
unix_listens()
{
	grep -qaF " 00010000 0001 01" /proc/net/unix &&
	    grep -a ' 00010000 0001 01 ' /proc/net/unix |
	    grep -qaF -- " $1"
}

descriptors()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	echo "${#all[@]}"
}

sockets()
{
	readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:'
}

sockets_are()
{
	[[ $(sockets "$1") -eq $2 ]]
}

# repeated COUNT TEXT
repeated()
{
	local n
	for (( n = 0; n < $1; n++ )); do
		printf '%s' "$2"
	done
}

### What passes

# duplex LISTEN-OPTION...: several MB each way at once, ducats at both ends.
duplex()
{
	payload there 5000000 1
	payload back 7000001 2
	listen_ready t 127.0.0.1 0 <back
	TARGET=$HOST:$PORT
	relay "$@"
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish c
	finish t
	finish d
	silent c t d
	same back c.out
	same there t.out
	empty d.out
}

@test "listen --forward: megabytes both ways at once" {
	duplex
}

@test "listen --forward: the same with --no-zero-copy" {
	duplex --no-zero-copy
}

@test "listen --forward: socat at both ends" {
	need socat
	in_netns
	payload there 5000000 1
	payload back 7000001 2
	start t socat -t 30 - TCP-LISTEN:5000,bind=127.0.0.1 <back
	retry_until "$BOUND" tcp_listens 5000
	TARGET=127.0.0.1:5000
	relay
	start c socat -t 30 - "TCP:127.0.0.1:$PORT" <there
	finish c
	finish t
	finish d
	silent d
	same back c.out
	same there t.out
}

tcp_listens()
{
	local port
	port=$(printf %04X "$1")
	cat "/proc/${PID[namespace]}/net/tcp" \
	    "/proc/${PID[namespace]}/net/tcp6" 2>/dev/null |
	    grep -Eq "^ *[0-9]+: [0-9A-F]+:$port [0-9A-F]+:[0-9A-F]+ 0A "
}

# joined CONNECT-OPTION...: connect --forward between two servers.
joined()
{
	local far
	payload there 5000000 1
	payload back 7000001 2
	listen_ready far 127.0.0.1 0 <there
	far=$PORT
	listen_ready near 127.0.0.1 0 <back
	try 0 "$DUCAT" connect "$@" 127.0.0.1 "$far" \
	    --forward "127.0.0.1:$PORT" </dev/null
	silent err
	empty out
	finish far
	finish near
	silent far near
	same back far.out
	same there near.out
}

@test "connect --forward: megabytes both ways between two servers" {
	joined
}

@test "connect --forward: the same with --no-zero-copy" {
	joined --no-zero-copy
}

@test "standard input and output are not touched" {
	echo untouched >input
	target 'save got; read-all; write-text answer'
	{
		listen_ready d --forward "$TARGET" 127.0.0.1 0
		client c 'write-text hello; shut; save back; read-all'
		both_end
		cat >rest
	} <input
	contains got hello
	contains back answer
	contains rest $'untouched\n'
}

@test "without -k one client is served, and the next is refused" {
	target 'read 1; touch come; read-all'
	relay
	peer_connect c 'write-text x; wait-file go; shut; expect-eof'
	retry_until "$BOUND" test -e come
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	has err 'Connection refused'
	: >go
	finish c
	both_end
}

@test "an IPv6 target" {
	need ipv6
	target 'save got; read-all; write 100000' ::1
	relay
	client c 'write 200000; shut; save back; read-all'
	both_end
	payload want 300000
	head -c 200000 want >there
	same there got
	head -c 100000 want >want.back
	same want.back back
}

@test "an IPv6 client and an IPv4 target" {
	need ipv6
	target 'save got; read-all; write-text answer'
	listen_ready d --forward "$TARGET" ::1 0 </dev/null
	peer_connect c 'write-text hello; shut; save back; read-all' ::1
	finish c
	both_end
	contains got hello
	contains back answer
}

@test "a target by its name" {
	target 'save got; read-all'
	TARGET=localhost:${TARGET##*:}
	relay
	client c 'write-text hello; shut; expect-eof'
	both_end
	contains got hello
}

@test "a chain of two relays" {
	payload there 5000000 1
	payload back 7000001 2
	listen_ready t 127.0.0.1 0 <back
	listen_ready d2 --forward "$HOST:$PORT" 127.0.0.1 0 </dev/null
	listen_ready d1 --forward "$HOST:$PORT" 127.0.0.1 0 </dev/null
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish c
	finish d1
	finish d2
	finish t
	silent c d1 d2 t
	same back c.out
	same there t.out
}

@test "many small round trips, as of one who types" {
	target "$(repeated 300 'read-until q\n; write-text a\n;') expect-eof"
	relay
	client c "$(repeated 300 'write-text q\n; read-until a\n;')
	    shut; expect-eof"
	both_end
}

@test "the target speaks first" {
	target 'write-text 220 welcome\r\n; read-until QUIT\r\n;
	    write-text 221 bye\r\n; shut; expect-eof'
	relay
	client c 'read-until 220 welcome\r\n; write-text QUIT\r\n;
	    read-until 221 bye\r\n; expect-eof'
	both_end
}

### UNIX sockets

# unix_target ADDRESS SOCAT-ADDRESS NAME-IN-PROC
unix_target()
{
	need linux socat
	payload there 3000000 1
	payload back 4000001 2
	start t socat -t 30 - "$2" <back
	retry_until "$BOUND" unix_listens "$3"
	TARGET=$1
	relay
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish c
	finish d
	finish t
	silent c d t
	same back c.out
	same there t.out
}

@test "unix:PATH" {
	unix_target "unix:$PWD/sock" "UNIX-LISTEN:$PWD/sock" "$PWD/sock"
}

@test "unix:PATH is taken from the working directory" {
	unix_target unix:sock "UNIX-LISTEN:$PWD/sock" "$PWD/sock"
}

@test "unix:PATH with nc -lU" {
	need linux nc.openbsd
	start t nc.openbsd -NlU "$PWD/sock" </dev/null
	retry_until "$BOUND" unix_listens "$PWD/sock"
	TARGET=unix:$PWD/sock
	payload there 3000000
	relay
	client c 'write 3000000; shut; expect-eof'
	both_end_quietly
	same there t.out
}

both_end_quietly()
{
	finish d
	silent d
	finish t
}

@test "unix:@NAME" {
	local name=ducat-forward-$$-plain
	unix_target "unix:@$name" "ABSTRACT-LISTEN:$name" "@$name"
}

@test "unix:@NAME with a byte in hexadecimal and a backslash" {
	local name=ducat-forward-$$
	# socat takes a backslash of its own before one.
	unix_target "unix:@$name"'\x2dx\x41\\y' \
	    "ABSTRACT-LISTEN:$name"'-xA\\y' "@$name-xA"'\y'
}

@test "unix:@NAME with a NUL and bytes that are no text" {
	need linux python3
	start t python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(b"\0" + sys.argv[1].encode() + b"\0\1\xff")
s.listen()
open("listens", "w").close()
c, a = s.accept()
while True:
    got = c.recv(65536)
    if not got: break
    os.write(1, got)
c.sendall(b"answer")
' "ducat-forward-$$-"
	retry_until "$BOUND" test -e listens
	TARGET="unix:@ducat-forward-$$-"'\x00\x01\xFf'
	relay
	client c 'write-text hello; shut; save back; read-all'
	both_end
	contains t.out hello
	contains back answer
}

@test "connect --forward unix:PATH" {
	need linux socat
	payload there 3000000 1
	payload back 4000001 2
	start t socat -t 30 - "UNIX-LISTEN:$PWD/sock" <back
	retry_until "$BOUND" unix_listens "$PWD/sock"
	listen_ready far 127.0.0.1 0 <there
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" \
	    --forward "unix:$PWD/sock" </dev/null
	silent err
	finish far
	finish t
	silent far t
	same back far.out
	same there t.out
}

@test "half-closes pass to and from a UNIX socket" {
	need linux socat
	start t socat -t 30 "UNIX-LISTEN:$PWD/sock" \
	    'SYSTEM:cat >got; printf answer'
	retry_until "$BOUND" unix_listens "$PWD/sock"
	TARGET=unix:$PWD/sock
	relay
	client c 'write-text hello; shut; save back; read-all'
	both_end_quietly
	contains got hello
	contains back answer
}

### Half-closes

@test "the client half-closes, and the target answers after" {
	target 'save got; read-all; write 3000000; shut'
	relay
	client c 'write 2000000; shut; save back; read-all'
	both_end
	payload want 3000000
	same want back
	head -c 2000000 want | cmp - got
}

@test "the target half-closes first, and the client still sends" {
	target 'write 2000000; shut; save got; read-all'
	relay
	client c 'save back; read-all; write 3000000; shut'
	both_end
	payload want 3000000
	same want got
	head -c 2000000 want | cmp - back
}

@test "the same two with --no-zero-copy" {
	payload want 3000000
	target 'save got; read-all; write 3000000; shut'
	relay --no-zero-copy
	client c 'write 2000000; shut; save back; read-all'
	both_end
	same want back
	head -c 2000000 want | cmp - got
	target 'write 2000000; shut; save got; read-all'
	relay --no-zero-copy
	client c 'save back; read-all; write 3000000; shut'
	both_end
	same want got
	head -c 2000000 want | cmp - back
}

@test "connect --forward: either half-closes first" {
	local far
	payload want 3000000
	peer_listen far 'write 2000000; shut; save back; read-all'
	far=$PORT
	target 'save got; read-all; write 3000000; shut'
	try 0 "$DUCAT" connect 127.0.0.1 "$far" --forward "$TARGET" </dev/null
	silent err
	finish far
	finish t
	silent far t
	same want back
	head -c 2000000 want | cmp - got
	peer_listen far 'save back; read-all; write 3000000; shut'
	far=$PORT
	target 'write 2000000; shut; save got; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$far" --forward "$TARGET" </dev/null
	silent err
	finish far
	finish t
	silent far t
	same want got
	head -c 2000000 want | cmp - back
}

@test "a half-close without a byte before it passes" {
	target 'expect-eof; write-text answer; shut'
	relay
	client c 'shut; save back; read-all'
	both_end
	contains back answer
}

@test "who half-closed is not cut off while the other is silent" {
	target 'read-all; touch ended; wait-file go; write-text late; shut'
	relay
	peer_connect c 'shut; expect-silence 400; touch go; save back;
	    read-all'
	retry_until "$BOUND" test -e ended
	finish c
	silent c
	both_end
	contains back late
}

### The target cannot be reached

@test "7: refused, and the client is reset" {
	in_netns
	TARGET=127.0.0.1:4
	relay
	turned_away
	finish d 7
	contains d.err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
	empty d.out
}

@test "7: refused, and a client that has spoken and ended is reset, too" {
	in_netns
	TARGET=127.0.0.1:4
	relay
	turned_away 'write-text hello; shut'
	finish d 7
	contains d.err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
}

@test "7: connect --forward, refused, and the server is reset" {
	in_netns
	peer_listen p 'expect-reset'
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" --forward 127.0.0.1:4 \
	    </dev/null
	contains err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
	empty out
	finish p
	silent p
}

@test "7: connect --forward, the server refuses, the target sees nobody" {
	in_netns
	peer_listen t 'read-all; touch come'
	try 7 "$DUCAT" connect 127.0.0.1 4 --forward "127.0.0.1:$PORT" \
	    </dev/null
	contains err $'ducat: connect to 127.0.0.1:4: Connection refused\n'
	[[ ! -e come ]]
}

@test "7: no network to the target" {
	in_netns
	TARGET=192.0.2.1:443
	relay
	turned_away
	finish d 7
	contains d.err \
	    $'ducat: connect to 192.0.2.1:443: Network is unreachable\n'
}

@test "7: no such UNIX socket" {
	TARGET=unix:$PWD/none
	relay
	turned_away
	finish d 7
	says d.err "connect to .*$PWD/none: No such file or directory"
}

@test "7: a UNIX socket that nobody listens at" {
	need python3
	python3 -c '
import socket
socket.socket(socket.AF_UNIX).bind("stale")'
	TARGET=unix:$PWD/stale
	relay
	turned_away
	finish d 7
	says d.err "connect to .*$PWD/stale: Connection refused"
}

@test "7: an abstract name that nobody listens at" {
	need linux
	TARGET=unix:@ducat-forward-$$-nobody
	relay
	turned_away
	finish d 7
	says d.err "connect to .*@ducat-forward-$$-nobody: Connection refused"
}

@test "6: a target that does not resolve" {
	in_netns
	TARGET=nowhere.invalid:80
	relay
	turned_away
	finish d 6
	says d.err 'nowhere\.invalid'
	empty d.out
}

@test "6: connect --forward, a target that does not resolve" {
	in_netns
	peer_listen p 'expect-reset'
	try 6 "$DUCAT" connect 127.0.0.1 "$PORT" \
	    --forward nowhere.invalid:80 </dev/null
	says err 'nowhere\.invalid'
	finish p
	silent p
}

@test "28: -w, a target that does not answer" {
	need linux
	target 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch full; pause'
	retry_until "$BOUND" test -e full
	relay -w 2
	turned_away
	finish d 28
	says d.err "$TARGET.*--timeout"
	empty d.out
}

@test "28: --idle-timeout, a target that does not answer" {
	need linux
	target 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch full; pause'
	retry_until "$BOUND" test -e full
	relay --idle-timeout 1
	client c 'expect-reset'
	finish d 28
	says d.err '--idle-timeout'
	empty d.out
}

@test "28: connect -w, a target in a black hole" {
	need nft
	in_netns
	ns nft -f - <<-END || skip "nft cannot drop here"
	table inet t { chain c {
		type filter hook input priority 0
		tcp dport 4 drop
	}
	}
	END
	peer_listen p 'expect-reset'
	try 28 "$DUCAT" connect -w 500ms 127.0.0.1 "$PORT" \
	    --forward 127.0.0.1:4 </dev/null
	says err '127\.0\.0\.1:4.*--timeout'
	finish p
	silent p
}

@test "a client that resets while the target does not answer ends it" {
	need linux
	target 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch full; pause'
	retry_until "$BOUND" test -e full
	relay
	client c 'reset'
	finish d 56
	says d.err 'receive from 127\.0\.0\.1:.*Connection reset by peer'
}

@test "-k: a target that is not there is told, and the next client served" {
	need linux
	in_netns
	TARGET=127.0.0.1:5000
	relay -k
	local relays=$PORT
	turned_away
	retry_until "$BOUND" test -s d.err
	contains d.err $'ducat: connect to 127.0.0.1:5000: Connection refused\n'
	listen_ready t 127.0.0.1 5000 < <(printf answer)
	PORT=$relays
	client c 'write-text hello; shut; save back; read-all'
	finish t
	contains back answer
	contains t.out hello
	# Silent since, and still there.
	contains d.err $'ducat: connect to 127.0.0.1:5000: Connection refused\n'
	alive d
	end_of d
}

### Resets

@test "56: the client's reset is one for the target, too" {
	target 'read 1000; write-text ok; expect-reset'
	relay
	client c 'write 1000; read 2; reset'
	finish t
	silent t
	finish d 56
	says d.err 'receive from 127\.0\.0\.1:[0-9]+: Connection reset by peer'
}

@test "56: the target's reset is one for the client, too" {
	target 'read 1000; write-text ok; wait-file go; reset'
	relay
	client c 'write 1000; read 2; touch go; expect-reset'
	finish t
	finish d 56
	says d.err "receive from $TARGET: Connection reset by peer"
}

@test "55: the client resets with bytes for it undelivered" {
	target 'write-fail'
	relay
	client c 'rcvbuf 4096; read 1000; reset'
	finish t
	finish d 55
	says d.err "send to 127\.0\.0\.1:.*: $RESET"
}

@test "55: the target resets with bytes for it undelivered" {
	target 'rcvbuf 4096; read 1000; reset'
	relay
	client c 'write-fail'
	finish t
	finish d 55
	says d.err "send to $TARGET: $RESET"
}

@test "55: the same two with --no-zero-copy" {
	target 'write-fail'
	relay --no-zero-copy
	client c 'rcvbuf 4096; read 1000; reset'
	finish t
	finish d 55
	says d.err "send to 127\.0\.0\.1:.*: $RESET"
	target 'rcvbuf 4096; read 1000; reset'
	relay --no-zero-copy
	client c 'write-fail'
	finish t
	finish d 55
	says d.err "send to $TARGET: $RESET"
}

@test "55: the target takes in all, acknowledges not all, and resets" {
	# More than the target's buffer holds, and less than the relay's.
	target 'rcvbuf 4096; shut; read 1000; wait-file go; reset'
	relay
	peer_connect c 'write 30000; shut; expect-eof; touch ended'
	retry_until "$BOUND" test -e ended
	alive d
	: >go
	finish t
	finish d 55
	says d.err "send to $TARGET: $RESET"
	finish c
}

@test "55: the target resets while the relay has nothing more to send" {
	need ss
	target 'rcvbuf 4096; read 1000; wait-file go; reset'
	relay
	peer_connect c 'write 30000; expect-reset'
	retry_until "$BOUND" unacked "${TARGET##*:}" 20000
	: >go
	finish t
	finish d 55
	says d.err "send to $TARGET: $RESET"
	finish c
}

# A socket connected to PORT has so many BYTES unacknowledged.
unacked()
{
	ss -Htn "dport = :$1" |
	    awk -v least="$2" '$3 >= least { found = 1 } END { exit !found }'
}

@test "55: the client takes in all, acknowledges not all, and resets" {
	target 'write 30000; shut; expect-eof; touch ended'
	relay
	peer_connect c 'rcvbuf 4096; shut; read 1000; wait-file go; reset'
	retry_until "$BOUND" test -e ended
	alive d
	: >go
	finish c
	finish t
	finish d 55
	says d.err "send to 127\.0\.0\.1:.*: $RESET"
}

@test "55: the target closes with bytes unread" {
	target 'rcvbuf 4096; read 1000; close'
	relay
	client c 'write-fail'
	finish t
	finish d 55
	says d.err "send to $TARGET: $RESET"
}

@test "connect --forward: resets pass both ways" {
	local far
	peer_listen far 'read 2; wait-file go; reset'
	far=$PORT
	target 'write-text ok; touch go; expect-reset'
	try 56 "$DUCAT" connect 127.0.0.1 "$far" --forward "$TARGET" </dev/null
	says err "receive from 127\.0\.0\.1:$far: Connection reset by peer"
	finish far
	finish t
	silent t
	rm go
	peer_listen far 'write 1000; read 2; touch go; expect-reset'
	far=$PORT
	target 'read 1000; write-text ok; wait-file go; reset'
	try 56 "$DUCAT" connect 127.0.0.1 "$far" --forward "$TARGET" </dev/null
	says err "receive from $TARGET: Connection reset by peer"
	finish far
	silent far
	finish t
}

@test "a reset after both directions are complete is none" {
	target 'read-all; write-text answer; shut; wait-file go; reset'
	relay
	client c 'write-text hello; shut; save back; read-all; touch go;
	    reset'
	both_end
	contains back answer
}

@test "-k: a session that is reset is told, and leaves the others alone" {
	served 127.0.0.1 0 -- cat
	relay -k
	peer_connect stays 'write-text a; read 1; touch in; wait-file go;
	    write-text b; read 1; shut; expect-eof'
	retry_until "$BOUND" test -e in
	client bad 'write-text x; read 1; reset'
	retry_until "$BOUND" test -s d.err
	says d.err 'receive from .*Connection reset by peer'
	: >go
	finish stays
	silent stays
	says d.err 'receive from .*Connection reset by peer'
	end_of d
	end_of t
}

### Side by side

# echoed: a client that is there at the same time as 19 others, and gets
# back what it sends.
echoed()
{
	local n names=()
	for (( n = 1; n <= 20; n++ )); do
		peer_connect "c$n" "write-text I am $n\n; read-until I am $n\n;
		    touch in$n; wait-file go; save back$n; write 100000; shut;
		    read-all"
	done
	for (( n = 1; n <= 20; n++ )); do
		retry_until "$BOUND" test -e "in$n"
	done
	: >go
	payload want 100000
	for (( n = 1; n <= 20; n++ )); do
		finish "c$n"
		silent "c$n"
		same want "back$n"
	done
}

@test "-k: 20 clients at once, to a ducat that runs cat" {
	echoing
	relay -k
	echoed
	silent d
	silent t
	end_of d
	end_of t
}

@test "-k: 20 clients at once, to a socat that runs cat" {
	need linux socat
	in_netns
	start t socat -t 30 TCP-LISTEN:5000,bind=127.0.0.1,fork,backlog=50 \
	    EXEC:cat </dev/null
	retry_until "$BOUND" tcp_listens 5000
	TARGET=127.0.0.1:5000
	relay -k --no-zero-copy
	echoed
	silent d
	end_of d
}

@test "-k: one that reads nothing does not hold up the others" {
	served 127.0.0.1 0 --sh 'read -r what
	    case $what in
	    flood) exec cat /dev/zero ;;
	    *) echo "$what"; exec cat ;;
	    esac'
	relay -k
	peer_connect stalled 'rcvbuf 4096; write-text flood\n; read 1000;
	    touch stalls; wait-file go; reset'
	retry_until "$BOUND" test -e stalls
	client a "write-text a\n; read-until a\n; save back; write 300000; shut;
	    read-all"
	payload want 300000
	same want back
	client b "$(repeated 50 'write-text b\n; read-until b\n;') shut;
	    expect-eof"
	alive stalled
	silent d
	: >go
	finish stalled
	end_of d
}

@test "-k: one whose target reads nothing does not hold up the others" {
	mkfifo gate
	served 127.0.0.1 0 --sh 'read -r what
	    case $what in
	    sleepy) read -r what <gate ;;
	    *) echo "$what"; exec cat ;;
	    esac'
	relay -k
	peer_connect stalled 'write-text sleepy\n; write-fail'
	client a "write-text a\n; read-until a\n; save back; write 300000; shut;
	    read-all"
	payload want 300000
	same want back
	alive stalled
	silent d
	end_of d
	finish stalled
	end_of t
}

### What is left behind

@test "200 sessions leave no descriptor behind" {
	need linux
	local option before
	for option in -4 --no-zero-copy; do
		target "$(repeated 201 'read-all; write-text y; accept-again;
		    ') expect-eof"
		relay -k "$option"
		client one 'write-text x; shut; read 1; expect-eof'
		retry_until "$BOUND" sockets_are d 1
		before=$(descriptors d)
		client many "$(repeated 200 'write-text x; shut; read 1;
		    expect-eof; connect-again;') shut; expect-eof"
		finish t
		retry_until "$BOUND" sockets_are d 1
		# A few pipes may be kept for the next.
		(( $(descriptors d) <= before + 4 ))
		silent d
		end_of d
	done
}

@test "100 failed sessions leave no descriptor behind" {
	need linux
	local before n
	in_netns
	echoing
	relay -k
	client one 'write-text x; shut; read 1; expect-eof'
	retry_until "$BOUND" sockets_are d 1
	before=$(descriptors d)
	client many "$(repeated 50 'write-text x; read 1; reset;
	    connect-again;') shut; expect-eof"
	end_of t
	for (( n = 0; n < 50; n++ )); do
		try 56 "$DUCAT" connect --recv-only --no-zero-copy \
		    127.0.0.1 "$PORT" </dev/null
	done
	retry_until "$BOUND" sockets_are d 1
	(( $(descriptors d) <= before + 4 ))
	[[ $(grep -c 'Connection reset by peer' d.err) -eq 50 ]]
	[[ $(grep -c 'Connection refused' d.err) -eq 50 ]]
	end_of d
}

@test "20 sessions at once leave no descriptor behind" {
	need linux
	local before
	echoing
	relay -k
	client one 'write-text x; shut; read 1; expect-eof'
	retry_until "$BOUND" sockets_are d 1
	before=$(descriptors d)
	echoed
	retry_until "$BOUND" sockets_are d 1
	silent d
	# As many pipes as are kept, at most; not two a session.
	(( $(descriptors d) <= before + 16 ))
	end_of d
	end_of t
}

### Limits

@test "28: --idle-timeout resets both" {
	target 'read 2; write-text ok; expect-reset'
	relay --idle-timeout 1
	client c 'write-text hi; read 2; expect-reset'
	finish t
	silent t
	finish d 28
	says d.err '--idle-timeout'
}

@test "--idle-timeout begins anew with what either side says" {
	target 'read 1; delay 900; write-text b; read 1; delay 900;
	    write-text d; shut; expect-eof'
	relay --idle-timeout 3
	client c 'write-text a; read 1; delay 900; write-text c; read 1;
	    delay 900; shut; expect-eof'
	both_end
}

@test "-k --idle-timeout ends a session, not the run" {
	echoing
	relay -k --idle-timeout 1
	client idle 'write-text x; read 1; expect-reset'
	retry_until "$BOUND" test -s d.err
	says d.err '--idle-timeout'
	client next 'write-text y; read 1; shut; expect-eof'
	says d.err '--idle-timeout'
	end_of d
	end_of t
}

@test "28: --deadline in the middle of a session" {
	target 'read 2; write-text ok; expect-reset'
	relay --deadline 2
	client c 'write-text hi; read 2; expect-reset'
	finish t
	silent t
	finish d 28
	says d.err '--deadline'
}

@test "--max-recv and --max-send let exactly that much pass" {
	local option
	for option in -4 --no-zero-copy; do
		target 'save got; read-all; write 2000; shut'
		relay --max-recv 1000 --max-send 2000 "$option"
		client c 'write 1000; shut; save back; read-all'
		both_end
		payload want 2000
		same want back
		head -c 1000 want | cmp - got
	done
}

@test "63: --max-recv, one byte more" {
	local option
	payload want 1000
	for option in -4 --no-zero-copy; do
		target 'save got; read 1000; expect-reset'
		relay --max-recv 1000 "$option"
		client c 'write 1001; expect-reset'
		finish t
		silent t
		same want got
		finish d 63
		says d.err '--max-recv'
	done
}

@test "63: --max-recv, much more" {
	payload want 100000
	target 'save got; read 100000; expect-reset'
	relay --max-recv 100k
	client c 'write-fail'
	finish t
	silent t
	same want got
	finish d 63
	says d.err '--max-recv'
}

@test "63: --max-send, one byte more" {
	local option
	payload want 1000
	for option in -4 --no-zero-copy; do
		target 'write 1001; expect-reset'
		relay --max-send 1000 "$option"
		client c 'save back; read 1000; expect-reset'
		finish t
		silent t
		same want back
		finish d 63
		says d.err '--max-send'
	done
}

@test "63: --max-send, much more" {
	payload want 100000
	target 'write-fail'
	relay --max-send 100k
	client c 'save back; read 100000; expect-reset'
	finish t
	same want back
	finish d 63
	says d.err '--max-send'
}

@test "-k: --max-recv is of each session" {
	echoing
	relay -k --max-recv 10
	client a 'write-text 0123456789; shut; read 10; expect-eof'
	client b 'write-text 0123456789; shut; read 10; expect-eof'
	silent d
	peer_connect c 'write-text 0123456789x; expect-reset'
	finish c
	retry_until "$BOUND" test -s d.err
	says d.err '--max-recv'
	client e 'write-text 0123456789; shut; read 10; expect-eof'
	says d.err '--max-recv'
	end_of d
	end_of t
}

@test "-q: a client that does not end is waited for no longer" {
	target 'write-text answer; shut; save got; read-all'
	relay -q 300ms
	peer_connect c 'write-text hello; read 6; expect-eof; touch ended;
	    wait-file go'
	retry_until "$BOUND" test -e ended
	finish t
	silent t
	finish d
	silent d
	contains got hello
	: >go
	finish c
}

### Signals

@test "SIGUSR1 prints the sums of several sessions" {
	local n
	echoing
	relay -k
	# One that has ended counts, too.
	client over 'write 1000; shut; read 1000; expect-eof'
	for n in 1 2 3; do
		peer_connect "c$n" "write 1000; read 1000; touch in$n;
		    wait-file go; shut; expect-eof"
	done
	for n in 1 2 3; do
		retry_until "$BOUND" test -e "in$n"
	done
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" test -s d.err
	has d.err '^ducat: in all: sent 4000 .* 4000 .*, 3 connections now$'
	: >go
	for n in 1 2 3; do
		finish "c$n"
		silent "c$n"
	done
	end_of d
	end_of t
}

@test "SIGUSR1 without a session prints the counters" {
	TARGET=127.0.0.1:4
	relay -k
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" test -s d.err
	has d.err '^ducat: in all: sent 0 .*[^0-9]0 '
	alive d
	end_of d
}

# dies_of SIGNAL NUMBER: with two sessions running.
dies_of()
{
	local WRAP=("$PEER" fate fate)
	echoing_without_wrap
	relay -k
	retry_until "$BOUND" test -s fate.pid
	peer_connect a 'write 1000; save a.got; read 1000; touch ina;
	    wait-file go'
	peer_connect b 'write 1000; save b.got; read 1000; touch inb;
	    wait-file go'
	retry_until "$BOUND" test -e ina
	retry_until "$BOUND" test -e inb
	kill "-$1" "$(<fate.pid)"
	finish d "$(( 128 + $2 ))"
	contains fate "signal $2"$'\n'
	says d.err "$3"
	: >go
	finish a
	finish b
	end_of t
}

echoing_without_wrap()
{
	local WRAP=()
	echoing
}

@test "SIGTERM ends it with one line" {
	dies_of TERM 15 Terminated
}

@test "SIGINT ends it with one line" {
	dies_of INT 2 Interrupt
}

@test "SIGHUP ends it with one line" {
	dies_of HUP 1 Hangup
}

@test "SIGTERM while the target does not answer" {
	need linux
	target 'pause' 127.0.0.1 -b 0
	peer_connect first 'touch full; pause'
	retry_until "$BOUND" test -e full
	relay
	peer_connect c 'touch stands; expect-reset'
	retry_until "$BOUND" test -e stands
	retry_until "$BOUND" sockets_are d 2
	end_of d
	says d.err Terminated
	finish c
	silent c
}

# cut_by COMMAND [ARG]...: it ends "d" in the middle of a session.
cut_by()
{
	target 'read 7; write-text ok; expect-reset'
	"$@"
	finish t
	silent t
	says d.err 'ended by a signal: Terminated'
}

relay_is_cut()
{
	relay "$@"
	peer_connect c 'write-text partial; read 2; touch stands; expect-reset'
	retry_until "$BOUND" test -e stands
	rm stands
	kill -TERM "${PID[d]}"
	finish d 143
	finish c
	silent c
}

@test "a signal in the middle of a session resets both" {
	cut_by relay_is_cut
	cut_by relay_is_cut -k
	cut_by relay_is_cut --no-zero-copy
	cut_by relay_is_cut --drain 200ms
}

connection_is_cut()
{
	peer_listen far 'write-text partial; read 2; touch stands;
	    expect-reset'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" --forward "$TARGET" \
	    </dev/null
	retry_until "$BOUND" test -e stands
	kill -TERM "${PID[d]}"
	finish d 143
	finish far
	silent far
}

@test "connect --forward: a signal resets both" {
	cut_by connection_is_cut
}

# all_went TARGET CLIENT: what one of them gets is complete when a signal comes.
all_went()
{
	target "$1"
	relay
	peer_connect c "$2"
	retry_until "$BOUND" test -e stands
	kill -TERM "${PID[d]}"
	finish d 143
	: >over
	finish t
	silent t
	finish c
	silent c
	rm stands over
}

@test "a signal resets nobody who had all of it" {
	local stays='expect-eof; touch stands; wait-file over; expect-eof'
	all_went "read 7; $stays" 'write-text request; shut; expect-reset'
	all_went 'write-text answer; shut; expect-reset' "read 6; $stays"
}

### -v

@test "-v tells of the client and of its end" {
	target 'read-all; write-text answer'
	relay -v
	client c 'write-text hello; shut; read 6; expect-eof'
	finish d
	finish t
	has d.err '^ducat: listening on 127\.0\.0\.1:'
	has d.err '^ducat: connection from 127\.0\.0\.1:'
	has d.err '^ducat: closed 127\.0\.0\.1:.*sent 6 bytes, received 5 '
	lacks d.err '^[^d]'
}

### Programs before and behind it

# The file comes whole by curl from PORT; the headers are left.
fetched()
{
	try 0 curl --noproxy '*' -sS --fail -D headers -o got \
	    "http://127.0.0.1:$PORT/file"
	silent err
	same www/file got
	has headers '^HTTP/1\.[01] 200'
	has headers '^[Cc]ontent-[Ll]ength: 3000000'
}

@test "curl through it to busybox httpd" {
	need linux curl busybox
	busybox httpd --help 2>&1 | grep -q Usage ||
	    skip "this busybox has no httpd"
	local relays
	in_netns
	mkdir www
	payload www/file 3000000
	start t busybox httpd -f -p 127.0.0.1:5000 -h www </dev/null
	retry_until "$BOUND" tcp_listens 5000
	TARGET=127.0.0.1:5000
	relay -k
	relays=$PORT
	fetched
	grep -iE '^(etag|last-modified):' headers >through
	[[ -s through ]]
	PORT=5000
	fetched
	grep -iE '^(etag|last-modified):' headers >direct
	same direct through
	PORT=$relays
	fetched
	# A part of it, and what is not there.
	try 0 curl --noproxy '*' -sS --fail -o part -r 1000-1999 \
	    "http://127.0.0.1:$PORT/file"
	head -c 2000 www/file | tail -c 1000 | cmp - part
	try 22 curl --noproxy '*' -sS --fail -o none \
	    "http://127.0.0.1:$PORT/none"
	silent d
	end_of d
}

@test "curl through it to python3's server, several at once" {
	need linux curl python3
	local n
	mkdir www
	payload www/file 3000000
	start t python3 -u -m http.server --bind 127.0.0.1 -d www 0 </dev/null
	retry_until "$BOUND" test -s t.out
	TARGET=127.0.0.1:$(sed -n 's/.* port \([0-9]*\).*/\1/p' t.out)
	relay -k
	fetched
	for n in 1 2 3 4 5; do
		start "c$n" curl --noproxy '*' -sS --fail -o "got$n" \
		    "http://127.0.0.1:$PORT/file"
	done
	for n in 1 2 3 4 5; do
		finish "c$n"
		silent "c$n"
		same www/file "got$n"
	done
	silent d
	end_of d
}

# haproxy_open PORT SERVER-PORT: "h".
haproxy_open()
{
	cat >haproxy.cfg <<-END
	global
	    maxconn 100
	defaults
	    mode tcp
	    timeout connect 10s
	    timeout client 15s
	    timeout server 15s
	listen l
	    bind 127.0.0.1:$1
	    server s 127.0.0.1:$2
	END
	start h haproxy -db -q -f haproxy.cfg </dev/null
	retry_until "$BOUND" tcp_listens "$1"
}

@test "haproxy before it" {
	need linux haproxy
	in_netns
	payload there 3000000 1
	payload back 4000001 2
	listen_ready t 127.0.0.1 0 <back
	TARGET=$HOST:$PORT
	relay
	haproxy_open 5001 "$PORT"
	start c "$DUCAT" connect 127.0.0.1 5001 <there
	finish c
	finish d
	finish t
	silent c d t
	same back c.out
	same there t.out
}

@test "haproxy behind it" {
	need linux haproxy
	in_netns
	payload there 3000000 1
	payload back 4000001 2
	listen_ready t 127.0.0.1 0 <back
	haproxy_open 5001 "$PORT"
	TARGET=127.0.0.1:5001
	relay
	start c "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish c
	finish d
	finish t
	silent c d t
	same back c.out
	same there t.out
}

### Usage

@test "2: an address that is none is named" {
	local address
	for address in host :1 host: host:99999 ::1:5 unix: unix:@ \
	    'unix:@a\x' 'unix:@a\q'; do
		try 2 "$DUCAT" listen --forward "$address" 127.0.0.1 0 \
		    </dev/null
		has err '^ducat: --forward: '
		empty out
	done
}

@test "2: --forward tls: is told to be not there yet" {
	try 2 "$DUCAT" listen --forward tls:host:443 127.0.0.1 0 </dev/null
	has err '^ducat: .*tls:.*not supported'
}

@test "2: --forward and a command exclude each other" {
	try 2 "$DUCAT" listen --forward 127.0.0.1:1 127.0.0.1 0 -- cat \
	    </dev/null
	has err '^ducat: .*--forward.*exclude'
	try 2 "$DUCAT" listen --forward 127.0.0.1:1 --sh cat 127.0.0.1 0 \
	    </dev/null
	has err '^ducat: .*--forward.*exclude'
}

@test "2: what does not go with --forward" {
	local option
	for option in --escape=always --send-only --recv-only \
	    --no-half-close; do
		try 2 "$DUCAT" listen "$option" --forward 127.0.0.1:1 \
		    127.0.0.1 0 </dev/null
		contains err "ducat: ${option%=*}: not with a command or \
--forward
"
		try 2 "$DUCAT" connect "$option" --forward 127.0.0.1:1 \
		    127.0.0.1 1 </dev/null
		contains err "ducat: ${option%=*}: not with a command or \
--forward
"
	done
}
