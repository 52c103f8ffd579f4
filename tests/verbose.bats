# -v and -vv: what is tried and decided, in words that stay; colours.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load local
load datagrams

# Seconds, and a rate where something moved.
S='[0-9]+\.[0-9]{3} s'
R='[0-9.e+]+ ([kMGT]?B)/s'

# tells FILE LINE...: these and no others, in this order, each a regular
# expression behind "ducat: ".
tells()
{
	local file=$1 lines i
	shift
	mapfile -t lines <"$file"
	for (( i = 0; i < $# || i < ${#lines[@]}; i++ )); do
		[[ ${lines[i]:-} =~ ^ducat:\ ${*:i+1:1}$ ]] && continue
		echo "line $(( i + 1 )) is '${lines[i]:-}', not '${*:i+1:1}'"
		return 1
	done
}

# on_terminal COMMAND [ARG]...: what it writes there, into the file screen.
on_terminal()
{
	need python3
	python3 -IS -c 'import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
with open("screen", "wb") as screen:
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        screen.write(data)
os.waitpid(pid, 0)' "$PEER" exec "$@"
}

@test "-v: a transfer, at both ends" {
	payload sent 300000
	listen_ready d -v 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect -v 127.0.0.1 "$PORT" <sent
	finish d
	tells err "connected to 127\.0\.0\.1:$PORT from 127\.0\.0\.1:[0-9]+ in $S" \
	    "closed 127\.0\.0\.1:$PORT: sent 300000 bytes, received 0 bytes in\
 $S, $R"
	tells d.err "listening on 127\.0\.0\.1:$PORT" \
	    "connection from 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$PORT" \
	    "closed 127\.0\.0\.1:[0-9]+: sent 0 bytes, received 300000 bytes in\
 $S, $R"
}

@test "-v: whoever sends datagrams" {
	recv_ready d -v --count 1 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send 127.0.0.1 "$PORT" <<<hello
	finish d
	has d.err "^ducat: closed 127\.0\.0\.1:$PORT: sent 0 bytes,\
 received 6 bytes in $S, $R\$"
}

@test "-v: where nothing moved there is no rate" {
	listen_ready d -v 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d
	has d.err "received 0 bytes in $S\$"
}

@test "-v: the addresses of a name, and why each failed" {
	printf '127.0.0.%d many\n' 1 2 3 >hosts
	with_hosts hosts
	in_netns
	listen_ready d 127.0.0.3 0 </dev/null
	try 0 "${WITH_HOSTS[@]}" "$DUCAT" connect -v --events e many "$PORT" \
	    </dev/null
	finish d
	tells err "resolved many: 127\.0\.0\.1, 127\.0\.0\.2, 127\.0\.0\.3 in $S" \
	    "connect to 127\.0\.0\.1:$PORT: Connection refused \($S\)" \
	    "connect to 127\.0\.0\.2:$PORT: Connection refused \($S\)" \
	    "connected to 127\.0\.0\.3:$PORT from 127\.0\.0\.1:[0-9]+ in $S" \
	    "closed 127\.0\.0\.3:$PORT: .*"
	has e '"resolved","conn":1,"host":"many","addresses":\["127.0.0.1","127.0.0.2","127.0.0.3"\],"seconds":'
	equal "$(grep -c '"attempt".*"errno":"ECONNREFUSED"' e)" 2
}

@test "-v: the last address's failure is the run's" {
	printf '127.0.0.%d many\n' 1 2 >hosts
	with_hosts hosts
	in_netns
	try 7 "${WITH_HOSTS[@]}" "$DUCAT" connect -v many 1 </dev/null
	tells err "resolved many: 127\.0\.0\.1, 127\.0\.0\.2 in $S" \
	    "connect to 127\.0\.0\.1:1: Connection refused \($S\)" \
	    "connect to 127\.0\.0\.2:1: Connection refused \($S\)" \
	    "connect to 127\.0\.0\.2:1: Connection refused"
}

@test "-v: a name that is listened on" {
	printf '127.0.0.1 here\n' >hosts
	with_hosts hosts
	in_netns
	try 28 "${WITH_HOSTS[@]}" "$DUCAT" listen -v -w 0.1 here 0 </dev/null
	tells err "resolved here: 127\.0\.0\.1 in $S" \
	    'listening on 127\.0\.0\.1:[0-9]+' \
	    'listen on here:0: no client within 0.100 s \(--timeout\)'
}

@test "-v: the addresses of a name that has too many for a line" {
	seq -f '127.0.1.%g many' 60 >hosts
	with_hosts hosts
	in_netns
	try 7 "${WITH_HOSTS[@]}" "$DUCAT" connect -v --events e many 1 \
	    </dev/null
	has err "^ducat: resolved many: 127\.0\.1\.1, .* in $S\$"
	equal "$(grep -c '"attempt"' e)" 60
	need python3
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
}

@test "-vv: files and pipes go by splice" {
	need linux
	payload sent 1000
	listen_ready d -vv 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect -vv 127.0.0.1 "$PORT" <sent
	finish d
	has d.err '^ducat: receiving by splice$'
	has err '^ducat: sending by splice$'
	has err "^ducat: 127\.0\.0\.1:$PORT: TCP_NODELAY on, SO_KEEPALIVE off,\
 SO_SNDBUF [0-9]+, SO_RCVBUF [0-9]+\$"
	has err "^ducat: connecting to 127\.0\.0\.1:$PORT\$"
}

@test "-vv: why bytes are copied" {
	# copied WHY ARG...: a listener of these to a file.
	copied()
	{
		local want=$1
		shift
		listen_ready d -vv "$@" 127.0.0.1 0 </dev/null
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<x
		finish d
		has d.err "^ducat: receiving by copy: $want\$"
	}
	need linux
	copied --no-zero-copy --no-zero-copy
	copied --escape --escape=always
	: >d.out
	listen_ready_raw d -vv 127.0.0.1 0 </dev/null >>d.out
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<x
	finish d
	has d.err '^ducat: receiving by copy: standard output was opened to append$'
}

@test "-vv: clients side by side have whole lines" {
	need linux
	local options
	for options in '-k --max-conns 2' --chat --broker; do
		# shellcheck disable=SC2086
		listen_ready d -vv $options --max-accepts 1 127.0.0.1 0 </dev/null
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<x
		finish d
		has d.err '^ducat: sending by copy: lines are kept whole$'
		has d.err '^ducat: receiving by copy: lines are kept whole$'
	done
}

@test "-vv: a terminal is not spliced" {
	need linux python3
	listen_ready d -k 127.0.0.1 0 -- true </dev/null
	on_terminal "$DUCAT" connect -vv 127.0.0.1 "$PORT"
	kill -TERM "${PID[d]}"
	finish d 143
	has screen 'sending by copy: standard input is a terminal'
	has screen 'receiving by copy: standard output is a terminal'
}

@test "-vv: what a command has" {
	need linux
	# has_it WANT ARG...
	has_it()
	{
		local want=$1
		shift
		listen_ready d -vv "$@" 127.0.0.1 0 -- cat </dev/null
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<x
		finish d
		has d.err "^ducat: the command has $want\$"
	}
	has_it 'the socket itself'
	has_it 'pipes: --no-zero-copy' --no-zero-copy
	has_it 'pipes: --max-send' --max-send 5
	has_it 'a terminal: --pty' --pty
}

@test "-vv: which side ended first, and a silent input's peer is probed" {
	peer_listen p 'write-text hello; shut; read 3; expect-eof'
	feed_open d
	start d "$DUCAT" connect -vv --events e 127.0.0.1 "$PORT" <d.fifo
	retry_until "$BOUND" test -s d.err
	retry_until "$BOUND" grep -q '^ducat: end received from' d.err
	printf abc >&"$FEED"
	feed_close
	finish d
	finish p
	has d.err "^ducat: end received from 127\.0\.0\.1:$PORT after 5 bytes\$"
	has d.err "^ducat: 127\.0\.0\.1:$PORT: asked from time to time .*SO_KEEPALIVE"
	has d.err "^ducat: end sent to 127\.0\.0\.1:$PORT after 3 bytes\$"
	equal "$(sed -nE 's/.*"eof".*"from":"([a-z]+)".*/\1/p' e | xargs)" 'peer us'
	has e '"from":"peer","sent":0,"received":5,'
	has e '"from":"us","sent":3,"received":5,'
}

@test "-vv adds nothing to the events" {
	listen_ready d -vv --events two 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<x
	finish d
	lacks two 'sending|SO_SNDBUF|null'
	need python3
	python3 -IS "$BATS_TEST_DIRNAME/events.py" two
}

@test "-vv: local sockets and datagrams" {
	unix_ready d -vv sock </dev/null
	try 0 "$DUCAT" unix -vv sock <<<x
	finish d
	has err '^ducat: sock: SO_SNDBUF [0-9]+, SO_RCVBUF [0-9]+$'
	recv_ready r -vv --count 1 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send -vv 127.0.0.1 "$PORT" <<<x
	finish r
	has err '^ducat: sending by copy: records are kept whole$'
	has r.err '^ducat: receiving by copy: records are kept whole$'
	has r.err "^ducat: 127\.0\.0\.1:$PORT: SO_SNDBUF [0-9]+, SO_RCVBUF"
}

@test "-vv: a local peer that has ended is not probed" {
	feed_open in
	unix_ready d -vv sock <in.fifo
	local_connect c sock 'text("hello"); shut(); read(3); eof()'
	retry_until "$BOUND" grep -q '^ducat: end received from' d.err
	printf abc >&"$FEED"
	feed_close
	finish d
	finish c
	silent c
	has d.err '^ducat: end sent to .* after 3 bytes$'
	lacks d.err SO_KEEPALIVE
}

@test "the error's symbol is among the events, where there is one" {
	need linux
	try 7 "$DUCAT" connect --events e 127.0.0.1 1 </dev/null
	has e '"error","conn":1,"status":7,"name":"connect","errno":"ECONNREFUSED",'
	try 45 "$DUCAT" listen --events e 192.0.2.1 0 </dev/null
	has e '"error","status":45,"name":"bind","errno":"EADDRNOTAVAIL",'
	try 28 "$DUCAT" listen --events e -w 0.1 127.0.0.1 0 </dev/null
	has e '"error","status":28,"name":"timeout","message":'
	listen_ready_raw d --events e 127.0.0.1 0 </dev/null >/dev/full
	"$DUCAT" connect 127.0.0.1 "$PORT" <<<x 2>/dev/null || :
	finish d 23
	has e '"error","conn":1,"status":23,"name":"write","errno":"ENOSPC",'
	try 7 "$DUCAT" unix --events e missing </dev/null
	has e '"errno":"ENOENT","message":"connect to missing: '
}

### Colours

@test "on a terminal the name is bold and errors are red" {
	on_terminal env TERM=xterm "$DUCAT" connect 127.0.0.1 1
	contains screen $'\e[1mducat:\e[0m \e[31m'"connect to 127.0.0.1:1:\
 Connection refused"$'\e[0m\r\n'
	on_terminal env TERM=xterm "$DUCAT" connect --what 127.0.0.1 1
	has screen $'^\e\\[1mducat:\e\\[0m \e\\[31munknown option --what\e\\[0m'
}

@test "on a terminal warnings are yellow, and what -v tells is plain" {
	on_terminal env TERM=xterm "$DUCAT" listen -v --deadline 0.1 \
	    127.0.0.1 0
	has screen $'^\e\\[1mducat:\e\\[0m listening on 127'
	has screen $'^\e\\[1mducat:\e\\[0m \e\\[31mnot done within'
	# shellcheck disable=SC2016
	on_terminal env TERM=xterm sh -c '"$1" listen --addr-file addr \
	    127.0.0.1 0 </dev/null &
	    until test -e addr; do :; done; kill -TERM $!; wait $!' sh "$DUCAT"
	has screen $'^\e\\[1mducat:\e\\[0m \e\\[33mended by a signal'
}

@test "on a terminal the name is bold in each line" {
	listen_ready d 127.0.0.1 0 < <(printf hello)
	# shellcheck disable=SC2016
	on_terminal env TERM=xterm sh -c '"$@" </dev/null' sh "$DUCAT" \
	    connect --stats --progress=plain 127.0.0.1 "$PORT"
	finish d
	has screen $'^\e\\[1mducat:\e\\[0m rate: '
	has screen $'^\e\\[1mducat:\e\\[0m moved: '
	has screen $'^\e\\[1mducat:\e\\[0m TCP: '
	has screen $'ducat:\e\\[0m 5B 0:00:'
	lacks screen 'ducat: '
}

@test "NO_COLOR, a dumb terminal and no terminal have no colours" {
	local plain=$'ducat: connect to 127.0.0.1:1: Connection refused'
	on_terminal env TERM=xterm NO_COLOR=1 "$DUCAT" connect 127.0.0.1 1
	contains screen "$plain"$'\r\n'
	on_terminal env TERM=dumb "$DUCAT" connect 127.0.0.1 1
	contains screen "$plain"$'\r\n'
	on_terminal env -u TERM "$DUCAT" connect 127.0.0.1 1
	contains screen "$plain"$'\r\n'
	on_terminal env TERM=xterm NO_COLOR= "$DUCAT" connect 127.0.0.1 1
	has screen $'\e'
	try 7 env TERM=xterm "$DUCAT" connect 127.0.0.1 1 </dev/null
	contains err "$plain"$'\n'
}

@test "events have no colours, even on a terminal" {
	on_terminal env TERM=xterm "$DUCAT" connect --events e 127.0.0.1 1
	lacks e $'\e|u001b'
	on_terminal env TERM=xterm "$DUCAT" connect --quiet --events fd:2 \
	    127.0.0.1 1
	lacks screen $'\e|u001b'
}
