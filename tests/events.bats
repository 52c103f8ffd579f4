# --events: what happens, as JSON; ducat-events(5).

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load local
load datagrams

# are FILE EVENT...: these and no others, in this order, and as they should be.
are()
{
	local file=$1
	shift
	need python3
	python3 -IS "$BATS_TEST_DIRNAME/events.py" "$file" || return 1
	equal "$(sed -E 's/^.*"event":"([a-z]+)".*$/\1/' "$file" | xargs)" "$*"
}

# of FILE EVENT MEMBER: its value, of the first such event, as JSON has it.
of()
{
	python3 -IS -c 'import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] == sys.argv[2]:
        print(json.dumps(event.get(sys.argv[3])))
        break' "$@"
}

@test "a transfer, at both ends" {
	payload sent 300000
	listen_ready d --events theirs 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect --events ours 127.0.0.1 "$PORT" <sent
	silent err
	finish d
	silent d
	same sent d.out
	are theirs listening accepted eof eof closed exit
	are ours connected eof eof closed exit
	equal "$(of theirs listening local)" "\"127.0.0.1:$PORT\""
	equal "$(of theirs accepted peer)" "$(of ours connected local)"
	equal "$(of theirs accepted local)" "$(of ours connected peer)"
	equal "$(of theirs closed received)" 300000
	equal "$(of ours closed sent)" 300000
	equal "$(of ours closed reason)" '"ok"'
	equal "$(of ours exit status)" 0
}

@test "IPv6 addresses have brackets" {
	need ipv6
	listen_ready d --events theirs ::1 0 </dev/null
	try 0 "$DUCAT" connect ::1 "$PORT" </dev/null
	finish d
	are theirs listening accepted eof eof closed exit
	equal "$(of theirs listening local)" "\"[::1]:$PORT\""
	has theirs '"peer":"\[::1\]:[0-9]+"'
}

@test "a refusal is an error, and the exit's status" {
	peer_listen p 'eof'
	kill -KILL "${PID[p]}"
	wait "${PID[p]}" || :
	unset 'PID[p]'
	try 7 "$DUCAT" connect --events e 127.0.0.1 "$PORT" </dev/null
	says err 'Connection refused'
	are e attempt error exit
	equal "$(of e error status)" 7
	equal "$(of e error name)" '"connect"'
	equal "\"$(sed 's/^ducat: //' err)\"" "$(of e error message)"
	equal "$(of e exit name)" '"connect"'
}

@test "--quiet does not silence them" {
	try 7 "$DUCAT" connect --quiet --events e 127.0.0.1 1 </dev/null
	silent err
	are e attempt error exit
}

@test "-k: each connection has its number" {
	listen_ready d -k --max-accepts 3 --events e 127.0.0.1 0 -- cat \
	    </dev/null
	local i
	for i in 1 2 3; do
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<"$i"
	done
	finish d
	are e listening accepted eof eof closed accepted eof eof closed \
	    accepted eof eof closed exit
	equal "$(grep -o '"closed","conn":[0-9]' e | cut -d : -f 2 | xargs)" \
	    '1 2 3'
}

@test "-k: a session's failure is its error, and in the end the run's" {
	listen_ready d -k --max-accepts 2 --events e --max-recv 3 127.0.0.1 0 \
	    </dev/null
	"$DUCAT" connect 127.0.0.1 "$PORT" <<<long >/dev/null 2>&1 || :
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d 63
	are e listening accepted error closed accepted eof eof closed exit
	equal "$(of e error conn)" 1
	equal "$(of e error name)" '"size"'
	equal "$(of e closed reason)" '"size"'
	equal "$(of e exit status)" 63
}

@test "who is refused is told of" {
	need python3
	listen_ready d --events e --allow 127.0.0.9 -w 1 127.0.0.1 0 </dev/null
	turned_away || :
	"$DUCAT" connect 127.0.0.1 "$PORT" </dev/null >/dev/null 2>&1 || :
	finish d 9
	equal "$(of e denied local)" "\"127.0.0.1:$PORT\""
	has e '"event":"denied",.*"peer":"127.0.0.1:'
	equal "$(of e exit name)" '"denied"'
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
}

@test "who is one too many of a host is refused, and told of" {
	need python3
	listen_ready d -k --max-conns-per-host 1 --events e 127.0.0.1 0 \
	    -- cat </dev/null
	feed_open first
	start first "$DUCAT" connect 127.0.0.1 "$PORT" <first.fifo
	retry_until "$BOUND" grep -q accepted e
	turned_away
	feed_close
	finish first
	end_of d
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
	equal "$(of e denied local)" "\"127.0.0.1:$PORT\""
	has e '"event":"denied",.*"peer":"127.0.0.1:[0-9]+"}'
	has d.err '127\.0\.0\.1: more than 1 connections at once'
	lacks d.err denied
}

@test "what came counts, also where it could not be written out" {
	need linux python3
	peer_listen p 'write 100; shut; read-all'
	start_raw c "$DUCAT" connect -v --events e 127.0.0.1 "$PORT" \
	    </dev/null >/dev/full
	finish c 23
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
	equal "$(of e closed received)" 100
	equal "$(of e closed received_by)" '{"copy": 100}'
	has c.err '^ducat: closed .*: sent 0 bytes, received 100 bytes in '
	recv_ready_raw r --events theirs 127.0.0.1 0 </dev/null >/dev/full
	try 0 "$DUCAT" udp-send 127.0.0.1 "$PORT" <<<hello
	finish r 23
	are theirs listening accepted error closed exit
	equal "$(of theirs closed received)" 6
	equal "$(of theirs closed records_received)" 1
	equal "$(of theirs closed local)" "\"127.0.0.1:$PORT\""
}

@test "the statuses of commands, and of signals" {
	need python3
	listen_ready d --events e 127.0.0.1 0 --sh 'exit 7' </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d 7
	equal "$(of e exit name)" '"command"'
	equal "$(of e exit status)" 7
	remove e
	listen_ready d -k --events e 127.0.0.1 0 </dev/null
	kill -TERM "${PID[d]}"
	finish d 143
	are e listening warning exit
	equal "$(of e exit name)" '"signal"'
	equal "$(of e exit status)" 143
}

@test "closed: what a signal cut is not ok" {
	listen_ready d --events e 127.0.0.1 0 </dev/zero
	peer_connect c 'read 1000; touch stands; pause'
	retry_until "$BOUND" test -e stands
	kill -TERM "${PID[d]}"
	finish d 143
	says d.err '^ducat: ended by a signal: Terminated'
	kill -KILL "${PID[c]}"
	finish c 137
	are e listening accepted warning closed exit
	equal "$(of e closed reason)" '"signal"'
}

@test "SIGUSR1 tells the counters" {
	listen_ready d -k --events e 127.0.0.1 0 </dev/null
	kill -USR1 "${PID[d]}"
	retry_until "$BOUND" grep -q stats e
	kill -TERM "${PID[d]}"
	finish d 143
	are e listening stats warning exit
}

@test "local sockets, and who is at their other end" {
	unix_pair()
	{
		unix_ready d --events theirs "$@" sock </dev/null
		try 0 "$DUCAT" unix --events ours "$@" sock </dev/null
		finish d
		are theirs listening accepted eof eof closed exit
		are ours connected eof eof closed exit
		equal "$(of theirs listening local)" '"sock"'
		equal "$(of theirs accepted uid)" "$EUID"
		equal "$(of theirs closed local)" '"sock"'
		equal "$(of ours connected peer)" '"sock"'
		equal "$(of ours connected gid)" "$(id -g)"
		remove theirs ours
	}
	unix_pair
	unix_pair --type seqpacket
}

@test "a local socket for datagrams is connected to" {
	need python3
	unix_ready d --type dgram --count 1 sock </dev/null
	try 0 "$DUCAT" unix --type dgram -v --events e sock <<<hi
	finish d
	are e connected closed exit
	equal "$(of e connected peer)" '"sock"'
	equal "$(of e connected conn)" 1
	has err '^ducat: connected to sock$'
}

@test "a local socket that refuses" {
	need python3
	stale sock
	local type
	for type in stream dgram; do
		try 7 "$DUCAT" unix --type $type -v --events e sock </dev/null
		has err '^ducat: connect to sock: .* \([0-9.]+ s\)$'
		lines_are err 2
		are e attempt error exit
		equal "$(of e attempt peer)" '"sock"'
		equal "$(of e attempt message)" "$(of e error message)"
		equal "$(of e attempt errno)" "$(of e error errno)"
		remove e
	done
	listen_ready d --events e --forward unix:sock 127.0.0.1 0 </dev/null
	turned_away
	finish d 7
	equal "$(of e attempt conn)" 1
}

@test "a local target of --forward, and who is there" {
	unix_ready t sock </dev/null
	listen_ready d -v --events e --forward unix:sock 127.0.0.1 0 \
	    </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hi
	finish d
	finish t
	are e listening accepted connected eof eof closed exit
	equal "$(of e connected conn)" 1
	equal "$(of e connected peer)" '"sock"'
	equal "$(of e connected uid)" "$EUID"
	equal "$(of e connected gid)" "$(id -g)"
	has d.err "^ducat: connected to sock, pid [0-9]+, uid $EUID, gid "
}

@test "datagrams to a local target, who is told of, too" {
	need python3
	unix_ready t --type dgram --count 1 sock </dev/null
	recv_ready d -v --events e --count 1 --idle-timeout 1 \
	    --forward unix:sock 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send 127.0.0.1 "$PORT" <<<hi
	finish t
	finish d
	equal "$(of e connected peer)" '"sock"'
	has d.err '^ducat: connected to sock'
}

@test "datagrams: each peer that has a session" {
	need python3
	recv_ready d --count 2 --events e 127.0.0.1 0 -- cat </dev/null
	local i
	for i in 1 2; do
		try 0 "$DUCAT" udp-send --reply 127.0.0.1 "$PORT" <<<"$i"
	done
	finish d
	equal "$(grep -c '"event":"accepted"' e)" 2
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
}

@test "datagrams that a target refuses: an error, told to people once" {
	in_netns
	recv_ready r --events e --idle-timeout 300ms --count 1 \
	    --forward 127.0.0.1:5000 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send 127.0.0.1 "$PORT" <<<x
	finish r 7
	says r.err '^ducat: send to 127\.0\.0\.1:5000: Connection refused$'
	are e listening accepted connected warning error closed exit
	equal "$(of e error errno)" '"ECONNREFUSED"'
}

@test "--strict: a loss that no session has is an error" {
	need python3
	recv_ready r --events e --strict --max-conns 1 --count 2 127.0.0.1 0 \
	    -- cat </dev/null
	exec 5<>"/dev/udp/127.0.0.1/$PORT" 6<>"/dev/udp/127.0.0.1/$PORT"
	echo one >&5
	retry_until "$BOUND" grep -q accepted e
	echo two >&6
	retry_until "$BOUND" grep -q warning e
	echo three >&5
	exec 5>&- 6>&-
	finish r 56
	has r.err '^ducat: receive on .* 1 datagram was dropped, .* \(--strict\)$'
	equal "$(of e error status)" 56
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
}

@test "fd:N, and what it had stays" {
	printf 'before\n' >e
	KEEP=(-k 5)
	try 7 "$DUCAT" connect --events fd:5 127.0.0.1 1 </dev/null 5>>e
	KEEP=()
	equal "$(head -n 1 e)" before
	sed -i 1d e
	are e attempt error exit
	try 7 "$DUCAT" connect --events e 127.0.0.1 1 </dev/null
	equal "$(wc -l <e)" 6
}

@test "hostile names make no line that is not UTF-8" {
	local name=$'\e[31m\xff\xc0\x80\u202e"\\\n'
	try 7 "$DUCAT" unix --events e "./$name" </dev/null
	are e attempt error exit
	try 2 "$DUCAT" connect --events e "$name" 1 </dev/null
	LC_ALL=C grep -q '[^ -~]' e && return 1
	true
}

@test "a full pipe holds up nothing, and what was lost is counted" {
	need python3 linux
	mkfifo pipe
	exec 6<>pipe
	# Of a pipe of one page little fits.
	python3 -IS -c 'import fcntl; fcntl.fcntl(6, 1031, 4096)'
	listen_ready d -k --max-accepts 501 --events pipe 127.0.0.1 0 \
	    --sh ':' </dev/null
	try 0 python3 -IS -c 'import socket, sys
for i in range(500):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.recv(1)' "$PORT"
	start reader cat <pipe
	exec 6>&-
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d
	silent d
	finish reader
	has reader.out '"event":"dropped","lines":[0-9]+}'
	python3 -IS "$BATS_TEST_DIRNAME/events.py" reader.out
}

@test "as many as were lost are told as dropped" {
	need python3
	mkfifo pipe
	exec 6<>pipe
	listen_ready d -k --deny 127.0.0.1 --events pipe 127.0.0.1 0 </dev/null
	refused=0
	# refused_more COUNT: clients, one after the other.
	refused_more()
	{
		python3 -IS -c 'import socket, sys
for i in range(int(sys.argv[2])):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).recv(1)
    except ConnectionResetError:
        pass' "$PORT" "$1"
		(( refused += $1 ))
	}
	one_more_tells()
	{
		refused_more 1
		grep -q '"event":"dropped"' reader.out
	}
	refused_more 3000
	start reader cat <pipe
	exec 6>&-
	retry_until "$BOUND" one_more_tells
	kill -TERM "${PID[d]}"
	finish d 143
	finish reader
	equal "$(python3 -IS -c 'import json
count = 0
for line in open("reader.out"):
    event = json.loads(line)
    count += event.get("lines", event["event"] == "denied")
print(count)')" "$refused"
}

@test "23: a pipe that is full and that nobody reads" {
	need python3 linux
	mkfifo pipe
	exec 6<>pipe
	python3 -IS -c 'import fcntl, os
fcntl.fcntl(6, 1031, 4096)
os.write(6, bytes(4096))'
	KEEP=(-k 6)
	listen_ready d --events fd:6 127.0.0.1 0 </dev/null
	printf hello | try 0 "$DUCAT" connect 127.0.0.1 "$PORT"
	finish d 23
	contains d.out hello
	contains d.err $'ducat: --events fd:6: not all could be written\n'
	# Who is told to end does not wait for it.
	listen_ready d --events fd:6 127.0.0.1 0 </dev/null
	kill -TERM "${PID[d]}"
	finish d 143
	KEEP=()
	exec 6>&-
}

@test "23: a disk that is full, and the transfer goes on" {
	[[ -c /dev/full ]] || skip "no /dev/full here"
	payload sent 300000
	listen_ready d --events /dev/full 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	finish d 23
	same sent d.out
	says d.err '^ducat: --events /dev/full: No space left on device$'
}

@test "23: a file that cannot be written" {
	try 23 "$DUCAT" connect --events missing/e 127.0.0.1 1 </dev/null
	says err '^ducat: --events missing/e: No such file or directory$'
	try 23 "$DUCAT" listen --events . 127.0.0.1 0 </dev/null
	says err '^ducat: --events .: Is a directory$'
}

@test "2: descriptors that are none" {
	local fd
	for fd in fd: fd:x fd:0 fd:1 fd:-1 fd:99999999999; do
		try 2 "$DUCAT" connect --events "$fd" 127.0.0.1 1 </dev/null
		says err "^ducat: --events \"$fd\": "
	done
	try 2 "$DUCAT" connect --events fd:77 127.0.0.1 1 </dev/null
	says err '^ducat: --events fd:77: not open$'
}

@test "2: a descriptor that is only for reading" {
	: >file
	KEEP=(-k 6)
	try 2 "$DUCAT" connect --events fd:6 127.0.0.1 1 </dev/null 6< <(:)
	says err '^ducat: --events fd:6: not open for writing$'
	try 2 "$DUCAT" connect --events fd:6 127.0.0.1 1 </dev/null 6<file
	says err '^ducat: --events fd:6: not open for writing$'
}
