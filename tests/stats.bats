# --stats and SIGUSR1: counters, and what the kernel knows of a connection.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load local
load datagrams

# value FILE EVENT FILTER: what jq's filter makes of the last such event.
value()
{
	need jq
	jq -rs --arg event "$2" \
	    'map(select(.event == $event)) | last | '"$3" "$1"
}

# is_so FILE EVENT FILTER: the filter is true of it.
is_so()
{
	need jq
	[[ -s $1 ]] && jq -es --arg event "$2" \
	    'map(select(.event == $event)) | last | '"$3" "$1" >/dev/null
}

# so FILE EVENT FILTER...: the same, and it is shown where one is not.
so()
{
	local file=$1 event=$2
	shift 2
	local filter
	for filter; do
		is_so "$file" "$event" "$filter" && continue
		echo "not so: $filter"
		grep "\"$event\"" "$file" || show_file "$file"
		return 1
	done
}

# asked FILE NAME: SIGUSR1, and a new event is there.
asked()
{
	local before
	before=$(grep -c '"stats"' "$1" || :)
	kill -USR1 "${PID[$2]}"
	retry_until "$BOUND" has_more "$1" "$before"
}

has_more()
{
	[[ $(grep -c '"stats"' "$1" || :) -gt $2 ]]
}

# asked_until FILE NAME FILTER: time and again, until it is so.
asked_until()
{
	kill -USR1 "${PID[$2]}"
	is_so "$1" stats "$3"
}

valid()
{
	need python3
	python3 -IS "$BATS_TEST_DIRNAME/events.py" "$@"
}

# Figures that any TCP connection has.
TCP='.tcp.rtt_us > 0 and .tcp.cwnd > 0 and .tcp.mss > 0 and
    (.tcp.congestion | length > 0) and .tcp.retransmits >= 0 and
    .tcp.rwnd_limited_us <= .tcp.busy_us'

### --stats

@test "without --stats nothing is said" {
	listen_ready d 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	silent err
	finish d
	silent d
}

@test "connect and listen tell both ends of a transfer" {
	need linux
	payload sent 300000
	listen_ready d --stats --events theirs 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect --stats --events ours 127.0.0.1 "$PORT" <sent
	finish d
	same sent d.out
	has err "^ducat: closed 127.0.0.1:$PORT: sent 300000 bytes, rec.* 0 b"
	has d.err '^ducat: closed 127.0.0.1:[0-9]*: sent 0 bytes, .* 300000 b'
	has err '^ducat: TCP: round trip [0-9]+\.[0-9]{3} ms, varies by '
	has err '^ducat: TCP: segments sent again [0-9]+ '
	has err '^ducat: TCP: .*window [0-9]+ segments of [0-9]+ bytes by '
	has d.err '^ducat: moved: received 300000 bytes by splice$'
	valid ours theirs
	so ours closed "$TCP" '.sent == 300000' '.sent_by.splice == 300000'
	so theirs closed "$TCP" '.received_by == {"splice": 300000}'
	lacks ours '"stats"'
}

@test "each line begins as all do, and is short" {
	listen_ready d --stats 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect --stats 127.0.0.1 "$PORT" <<<hello
	finish d
	lines_are err "$(grep -c '^ducat: .\{10,110\}$' err)"
	lines_are d.err "$(grep -c '^ducat: .\{10,110\}$' d.err)"
}

@test "--no-zero-copy: it says copy" {
	payload sent 300000
	listen_ready d --no-zero-copy --stats --events theirs 127.0.0.1 0 \
	    </dev/null
	try 0 "$DUCAT" connect --no-zero-copy --events ours 127.0.0.1 \
	    "$PORT" <sent
	silent err
	finish d
	so ours closed '.sent_by == {"copy": 300000}'
	so theirs closed '.received_by == {"copy": 300000}'
	has d.err '^ducat: moved: received 300000 bytes by copy$'
}

@test "--quiet does not silence what was asked for" {
	listen_ready d --quiet --stats 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	finish d
	has d.err '^ducat: closed .*: sent 0 bytes, received 6 bytes in '
}

@test "-v says the end once" {
	listen_ready d -v --stats 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	finish d
	equal "$(grep -c 'closed' d.err)" 1
	equal "$(grep -c 'moved: received 6 bytes' d.err)" 1
}

@test "where no connection stood there is nothing to tell" {
	try 7 "$DUCAT" connect --stats 127.0.0.1 1 </dev/null
	says err 'Connection refused'
}

@test "a failure and a signal are told first, then the numbers" {
	listen_ready d --stats --max-recv 3 127.0.0.1 0 </dev/null
	"$DUCAT" connect 127.0.0.1 "$PORT" <<<long >/dev/null 2>&1 || :
	finish d 63
	equal "$(sed -n '1s/.*--max-recv.*/limit/p; 2s/: sent.*//p' d.err |
	    sed 's/:[0-9]*$//' | xargs)" 'limit ducat: closed 127.0.0.1'
	feed_open input
	peer_listen p 'read 5; touch came; pause'
	start c "$DUCAT" connect --stats 127.0.0.1 "$PORT" <input.fifo
	printf hello >&6
	retry_until "$BOUND" test -e came
	kill -TERM "${PID[c]}"
	finish c 143
	has c.err '^ducat: closed .*: sent 5 bytes, '
	feed_close
}

@test "a command: the kernel has counted" {
	need linux
	listen_ready d --stats --events e 127.0.0.1 0 -- cat </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	finish d
	has d.err 'sent 6 bytes by the command; received 6 bytes by the comm'
	valid e
	so e closed "$TCP" '.sent_by == {"command": 6}' \
	    '.received_by == {"command": 6}'
}

@test "a command that has ended: what it wrote is counted, all of it" {
	need linux
	payload want 400000
	listen_ready d -v --stats --events e 127.0.0.1 0 -- cat want </dev/null
	peer_connect c 'rcvbuf 4096; read 1000; delay 10; read-all'
	finish c
	finish d
	has d.err 'sent 400000 bytes, received 0 bytes in'
	has d.err 'sent 400000 bytes by the command'
	so e closed '.sent == 400000' '.sent_by == {"command": 400000}'
}

@test "a command with pipes" {
	listen_ready d --no-zero-copy --events e 127.0.0.1 0 -- cat </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	finish d
	silent d
	so e closed '.sent_by == {"copy": 6}' '.received_by == {"copy": 6}'
}

@test "a forward: both connections" {
	need linux
	payload sent 3000000
	listen_ready t 127.0.0.1 0 <<<answer
	listen_ready d --stats --events e --forward "127.0.0.1:$PORT" \
	    127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	finish t
	finish d
	same sent t.out
	has d.err '^ducat: TCP: round trip '
	has d.err '^ducat: TCP to the target: round trip '
	valid e
	so e closed "$TCP" '.target_tcp.rtt_us > 0' '.received == 3000000' \
	    '.sent_by == {"copy": 7}'
}

@test "a forward to a local socket has one" {
	need linux
	unix_ready t sock </dev/null
	listen_ready d --stats --events e --forward unix:sock 127.0.0.1 0 \
	    </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	finish t
	finish d
	so e closed "$TCP" 'has("target_tcp") | not'
	lacks d.err target
}

@test "-k: each connection, and all at the end" {
	listen_ready d -k --max-accepts 3 --stats --events e 127.0.0.1 0 \
	    -- cat </dev/null
	local i
	for i in 1 2 3; do
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<"$i"
	done
	finish d
	equal "$(grep -c '^ducat: closed .*: sent 2 bytes, received 2 ' \
	    d.err)" 3
	equal "$(grep -c '^ducat: in all: sent 6 bytes, received 6 ' d.err)" 1
	valid e
	equal "$(grep -c '"stats"' e)" 1
	so e stats '.sent == 6' '.connections == 0' 'has("conn") | not' \
	    '.received_by | add == 6'
}

@test "-k: without a client there are only zeros" {
	listen_ready d -k --stats 127.0.0.1 0 </dev/null
	kill -TERM "${PID[d]}"
	finish d 143
	has d.err '^ducat: in all: sent 0 bytes, received 0 bytes in '
}

@test "local sockets have no network" {
	local_pair()
	{
		unix_ready d --stats --events theirs "$@" sock </dev/null
		printf hello | try 0 "$DUCAT" unix --stats "$@" sock
		finish d
		has d.err '^ducat: closed sock: sent 0 bytes, received 5 byte'
		has err '^ducat: closed sock: sent 5 bytes, '
		valid theirs
		so theirs closed '.received == 5' 'has("tcp") | not'
		lacks d.err TCP
	}
	local_pair
	so theirs closed 'has("records_received") | not'
	remove theirs
	local_pair --type seqpacket
	so theirs closed '.records_received == 1' \
	    '.received_by == {"records": 5}'
}

### Datagrams

@test "udp-send and udp-recv count records" {
	recv_ready r --count 3 --stats --events theirs 127.0.0.1 0 </dev/null
	printf 'one\ntwo\nthree\n' | try 0 "$DUCAT" udp-send --frame line \
	    --stats --events ours 127.0.0.1 "$PORT"
	finish r
	contains r.out onetwothree
	has err '^ducat: records: sent 3, received 0, lost here 0$'
	has r.err '^ducat: records: sent 0, received 3, lost here 0$'
	valid ours theirs
	so ours closed '.sent == 11' '.records_sent == 3' \
	    '.sent_by == {"records": 11}' 'has("tcp") | not'
	so theirs closed '.received == 11' '.records_received == 3' \
	    '.records_lost == 0'
}

@test "answers, too" {
	printf answer >answer
	recv_ready r --reply --count 1 --stats 127.0.0.1 0 <answer
	printf question | try 0 "$DUCAT" udp-send --reply --stats 127.0.0.1 \
	    "$PORT"
	finish r
	has err '^ducat: records: sent 1, received 1, lost here 0$'
	has r.err '^ducat: records: sent 1, received 1, lost here 0$'
}

@test "what is lost in the receive queue is counted" {
	need linux
	in_netns
	recv_ready r --idle-timeout 1 --stats --events e 127.0.0.1 0 </dev/null
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	# More than any queue of it holds.
	head -c 150000000 /dev/zero |
	    try 0 "$DUCAT" udp-send --frame block --datagram-size 60000 \
	    127.0.0.1 "$PORT"
	kill -CONT "${PID[r]}"
	finish r
	has r.err '^ducat: records: sent 0, received [0-9]+, lost here [1-9]'
	valid e
	# Of several that the kernel had joined it counts one.
	so e closed '.records_lost > 0' '.records_received > 0' \
	    '.records_received + .records_lost <= 2500'
}

@test "sessions of peers: each, and all at the end" {
	recv_ready r --count 2 --stats --events e 127.0.0.1 0 -- cat </dev/null
	local i
	for i in 1 2; do
		printf %s "$i" | try 0 "$DUCAT" udp-send --reply 127.0.0.1 \
		    "$PORT"
	done
	finish r
	equal "$(grep -c '^ducat: closed .*: sent 1 bytes, rec.* 1 ' r.err)" 2
	has r.err '^ducat: in all: sent 2 bytes, received 2 bytes in '
	valid e
	so e stats '.records_sent == 2' '.records_received == 2' \
	    '.records_lost == 0'
}

### SIGUSR1

@test "SIGUSR1 in mid-transfer: what is known by then" {
	need linux
	feed_open input
	peer_listen p 'read 100000; touch half; wait-file go; shut; read-all'
	start c "$DUCAT" connect --events e 127.0.0.1 "$PORT" <input.fifo
	payload sent 100000
	cat sent >&6
	retry_until "$BOUND" test -e half
	asked e c
	so e stats "$TCP" '.sent == 100000' '.received == 0' '.conn == 1' \
	    '.sent_by == {"splice": 100000}'
	retry_until "$BOUND" grep -q 'TCP: .*window' c.err
	has c.err "^ducat: 127.0.0.1:$PORT: sent 100000 bytes, received 0 "
	printf more >&6
	feed_close
	: >go
	finish c
	finish p
	so e closed '.sent == 100004'
	valid e
	lacks c.err closed
}

@test "SIGUSR1 before a client came" {
	listen_ready d --events e 127.0.0.1 0 </dev/null
	asked e d
	so e stats '.sent == 0' '.connections == 0' 'has("tcp") | not'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d
	has d.err '^ducat: in all: sent 0 bytes, received 0 bytes in '
}

@test "SIGUSR1 before a connection stands" {
	need linux
	in_netns
	# Nobody answers there.
	ns ip link add ducat0 type veth peer name ducat1
	ns ip addr add 192.0.2.1/24 dev ducat0
	ns ip link set ducat0 up
	ns ip link set ducat1 up
	ns ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev ducat0
	start c "$DUCAT" connect --events e 192.0.2.2 9 </dev/null
	retry_until "$BOUND" grep -q ' 020200C0:0009 02 ' \
	    "/proc/${PID[namespace]}/net/tcp"
	asked e c
	so e stats '.sent == 0' '.connections == 0' 'has("tcp") | not'
	kill -TERM "${PID[c]}"
	finish c 143
}

@test "SIGUSR1 while nothing moves, time and again" {
	feed_open input
	peer_listen p 'touch stands; wait-file go; read-all'
	start c "$DUCAT" connect --events e 127.0.0.1 "$PORT" <input.fifo
	retry_until "$BOUND" test -e stands
	local i
	for i in 1 2 3; do
		asked e c
	done
	so e stats '.sent == 0' '.sent_by == {}' '.received_by == {}'
	: >go
	feed_close
	finish c
	finish p
	valid e
}

@test "SIGUSR1 with a hundred connections says little" {
	need linux python3
	listen_ready d -k --max-conns 200 --events e --forward unix:sock \
	    127.0.0.1 0 </dev/null
	start t python3 -IS -c 'import os, socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("sock")
s.listen(200)
open("ready", "w").close()
kept = [s.accept()[0] for i in range(100)]
for each in kept:
    each.recv(1)
open("all", "w").close()
while not os.path.exists("go"):
    time.sleep(0.01)' </dev/null
	retry_until "$BOUND" test -e ready
	start c python3 -IS -c 'import os, socket, sys, time
kept = [socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    for i in range(100)]
for each in kept:
    each.sendall(b"x")
while not os.path.exists("go"):
    time.sleep(0.01)' "$PORT" </dev/null
	retry_until "$BOUND" test -e all
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" has_more e 8
	: >go
	finish t
	finish c
	kill -TERM "${PID[d]}"
	finish d 143
	valid e
	has d.err '^ducat: in all: .* received 100 .*, 100 connections now$'
	equal "$(grep -c '"stats"' e)" 9
	(( $(wc -l <d.err) < 80 ))
}

@test "a command that has the socket" {
	need linux
	listen_ready d --events e 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write 1000; read 1000; touch half; wait-file go; shut;
	    expect-eof'
	retry_until "$BOUND" test -e half
	retry_until "$BOUND" asked_until e d '.received == 1000'
	retry_until "$BOUND" asked_until e d '.sent == 1000'
	so e stats "$TCP" '.sent_by == {"command": 1000}'
	: >go
	finish p
	finish d
	valid e
}

@test "a command and its peer that have both ended got no byte more" {
	need linux python3
	local script
	for script in 'shut; read 3; expect-eof' 'read 3; expect-eof; shut'; do
		remove e over
		listen_ready d --stats --events e 127.0.0.1 0 -- \
		    python3 -IS -c 'import os, socket, time
s = socket.socket(fileno=0)
s.recv(3, socket.MSG_WAITALL)
s.send(b"ok\n")
s.shutdown(socket.SHUT_WR)
while not os.path.exists("over"): time.sleep(0.01)' </dev/null
		peer_connect c "write-text hi\\n; $script"
		finish c
		asked e d
		so e stats '.received_by == {"command": 3}'
		: >over
		finish d
		so e closed '.received == 3' '.sent == 3'
		has d.err '^ducat: closed .*: sent 3 bytes, received 3 bytes'
	done
}

### Who makes it slow

@test "a receiver that does not read: limited by the receiver" {
	need linux
	payload sent 30000000
	peer_listen p 'wait-file go; read-all'
	start c "$DUCAT" connect --events e --stats 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" test -s e
	retry_until "$BOUND" asked_until e c '.tcp.rwnd_limited_us > 0'
	: >go
	finish c
	finish p
	valid e
	so e closed '.tcp.rwnd_limited_us > 0' '.sent == 30000000' \
	    '.tcp.rwnd_limited_us <= .tcp.busy_us'
	has c.err '^ducat: TCP: sending for .*, limited by the receiver [0-9]'
}

@test "segments that are lost are sent again, and counted" {
	need root linux python3
	# A filter of its socket drops what comes, SO_ATTACH_FILTER.
	start p python3 -IS -c 'import ctypes, os, socket, struct, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
none = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
c.setsockopt(socket.SOL_SOCKET, 26,
    struct.pack("HP", 1, ctypes.addressof(none)))
open("deaf", "w").close()
while not os.path.exists("go"):
    time.sleep(0.01)
c.setsockopt(socket.SOL_SOCKET, 27, 0)
while c.recv(65536):
    pass' </dev/null
	retry_until "$BOUND" test -s p.out
	feed_open input
	start c "$DUCAT" connect --stats --events e 127.0.0.1 "$(<p.out)" \
	    <input.fifo
	retry_until "$BOUND" test -e deaf
	printf hello >&6
	retry_until "$BOUND" asked_until e c '.tcp.retransmits > 0'
	: >go
	feed_close
	finish c
	finish p
	valid e
	so e closed '.tcp.retransmits > 0' '.tcp.retransmitted >= 5'
	has c.err '^ducat: TCP: segments sent again [1-9]'
}
