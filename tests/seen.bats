# Payload that is watched: --hexdump, --record-sent, --record-received,
# --digest, and what becomes of their files and of --pcap's.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load local
load datagrams

SIZE=3000000

# What no file of ours is to hold: ESC, OSC, CSI as C1, U+202E, NUL, UTF-8
# that is overlong, BEL, DEL.
HOSTILE='\033[31m\033]0;title\a\2332J\342\200\256\0\300\200\365\177\r\n'

### What is there

# dumped FILE WAY [N]: the payload as it stands there, of connection N.
dumped()
{
	awk -v way="$2" -v n="${3:+[$3]}" '
	    $2 ~ /Z$/ { on = $1 == way && (n == "" || $3 == n); next }
	    on && $1 == way' "$1" |
	    sed -n 's/^. [0-9a-f]*  \([0-9a-f ]*\)  |.*/\1/p' | xxd -r -p
}

# dump_is FILE SENT RECEIVED [N]: these files' bytes, and nothing that is no
# line of a dump.
dump_is()
{
	need xxd
	is_dump "$1" || return 1
	dumped "$1" '>' "${4:-}" | cmp - "$2" || return 1
	dumped "$1" '<' "${4:-}" | cmp - "$3"
}

is_dump()
{
	local time='[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:?){3}\.[0-9]{6}Z'
	local head='([0-9]+ bytes? at 0x[0-9a-f]+'
	head+='|record of [0-9]+ bytes? (to|from) [ -~]+'
	head+='|end( at 0x[0-9a-f]+)?)'
	if grep -Evn "^[<>] ($time( \[[0-9]+\])? $head|[0-9a-f]{8,16}\
[0-9a-f ]{52,67}\|[ -~]{1,16}\|)\$" "$1"; then
		echo "$1 has lines that are none of a dump"
		return 1
	fi
}

# heads FILE: what its head lines say, without times.
heads()
{
	sed -n 's/^\([<>]\) [^ ]*Z /\1 /p' "$1"
}

# told FILE ALGORITHM SENT RECEIVED: it has the digests of these files.
told()
{
	local sums=$2sum
	has "$1" "^ducat: sent to .*: $2 $("$sums" <"$3" | cut -d ' ' -f 1)$" &&
	    has "$1" "^ducat: received from .*: $2 $("$sums" <"$4" |
	    cut -d ' ' -f 1)$"
}

### --hexdump

@test "--hexdump: both directions, on standard error, at both ends" {
	printf 'GET / HTTP/1.0\r\n\r\n' >there
	printf 'HTTP/1.0 204 No Content\r\n\r\n' >back
	listen_ready d --hexdump 127.0.0.1 0 <back
	try 0 "$DUCAT" connect --hexdump 127.0.0.1 "$PORT" <there
	finish d
	same there d.out
	same back out
	dump_is err there back
	dump_is d.err back there
	has err '^> 00000000  47 45 54 20 .* 30 0d 0a  \|GET / HTTP/1\.0\.\.\|$'
	has err '^> 00000010  0d 0a +\|\.\.\|$'
	equal "$(heads err | sort)" '< [1] 27 bytes at 0x0
< [1] end at 0x1b
> [1] 18 bytes at 0x0
> [1] end at 0x12'
}

@test "--hexdump=FILE: each portion goes on in the column of the last" {
	printf 'thirteen byte and then some more than a line' >want
	: >none
	peer_listen p 'save got; read-all'
	feed_open in
	start d "$DUCAT" connect --hexdump=dump 127.0.0.1 "$PORT" <in.fifo
	head -c 13 want >&"$FEED"
	retry_until "$BOUND" grep -q '13 bytes' dump
	tail -c +14 want >&"$FEED"
	feed_close
	finish d
	silent d
	finish p
	same want got
	dump_is dump want none
	equal "$(heads dump)" '> [1] 13 bytes at 0x0
> [1] 31 bytes at 0xd
> [1] end at 0x2c
< [1] end at 0x0'
	has dump '^> 0000000d {42}20 61 6e +\| an\|$'
	has dump '^> 00000010  64 20 74 68 '
}

@test "--hexdump: megabytes both ways come back out of it" {
	payload there "$SIZE"
	payload back "$SIZE" 2
	listen_ready d --hexdump=theirs 127.0.0.1 0 <back
	try 0 "$DUCAT" connect --hexdump=ours 127.0.0.1 "$PORT" <there
	silent err
	finish d
	silent d
	same there d.out
	same back out
	dump_is ours there back
	dump_is theirs back there
	has ours "^> .* end at 0x$(printf %x "$SIZE")\$"
}

@test "--hexdump: -k numbers the connections" {
	local i
	listen_ready d -k --max-accepts 3 --hexdump=dump 127.0.0.1 0 -- cat \
	    </dev/null
	for i in 1 2 3; do
		payload "in$i" 4000 "$i"
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <"in$i"
	done
	finish d
	silent d
	for i in 1 2 3; do
		dump_is dump "in$i" "in$i" "$i"
	done
}

@test "--hexdump: a command is seen through pipes, and through a terminal" {
	printf 'one\n' >there
	printf 'got one\n' >back
	listen_ready d --hexdump=dump 127.0.0.1 0 --sh 'read x; echo got $x' \
	    </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish d
	silent d
	same back out
	dump_is dump back there
	listen_ready d --pty --hexdump=dump 127.0.0.1 0 --sh 'stty -echo;
	    echo ready; read x; echo got $x' </dev/null
	peer_connect p 'save back; read-until ready\r\n; write-text one\n;
	    read-all'
	finish p
	silent p
	finish d
	silent d
	dump_is dump back there
}

@test "--hexdump: a forward is seen from the client's side" {
	payload there 100000
	payload back 100000 2
	peer_listen far 'save got; write-file back; shut; read-all'
	listen_ready d --forward "127.0.0.1:$PORT" --hexdump=dump 127.0.0.1 0 \
	    </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	finish d
	silent d
	finish far
	same there got
	same back out
	dump_is dump back there
}

@test "--hexdump: what each member of a chat sends and gets" {
	printf 'hear\033[31m\n' >said
	: >none
	listen_ready d --chat --hexdump=dump 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; wait-file b.here; write-text hear\x1b[31m\n;
	    read-until left\n; shut; read-all'
	retry_until "$BOUND" grep -q user1 d.out
	peer_connect b 'save b.got; read-until 31m\n; shut; read-all'
	retry_until "$BOUND" grep -q user2 d.out
	: >b.here
	finish b
	finish a
	silent a b
	kill -TERM "${PID[d]}"
	finish d 143
	dump_is dump a.got said 1
	dump_is dump b.got none 2
}

@test "--hexdump: local sockets, of streams and of records" {
	local type
	printf 'to it\n' >there
	: >none
	for type in stream seqpacket dgram; do
		unix_ready d --type "$type" --hexdump=theirs \
		    "$type.sock" </dev/null
		try 0 "$DUCAT" unix --type "$type" --hexdump=ours \
		    "$type.sock" <there
		silent err
		retry_until "$BOUND" grep -q '74 6f 20 69 74 0a' theirs
		[[ $type != dgram ]] || kill -TERM "${PID[d]}"
		wait "${PID[d]}" || :
		unset 'PID[d]'
		dump_is ours there none
		dump_is theirs none there
		[[ $type == stream ]] ||
		    has ours "record of 6 bytes to $type\.sock\$"
		remove ours theirs
	done
}

@test "--hexdump: datagrams, with peers, empty ones, and answers" {
	need xxd
	printf '2:ab,0:,1:c,' >in
	printf abc >there
	recv_ready d --count 3 --hexdump=theirs 127.0.0.1 0 \
	    --sh 'cat >got; printf answer' </dev/null
	try 0 "$DUCAT" udp-send --frame netstring --reply=1 --hexdump=ours \
	    127.0.0.1 "$PORT" <in
	silent err
	finish d
	silent d
	printf answer >back
	contains out '6:answer,'
	dump_is ours there back
	dump_is theirs back there
	equal "$(heads ours | grep -v ' end')" \
	    "> [1] record of 2 bytes to 127.0.0.1:$PORT
> [1] record of 0 bytes to 127.0.0.1:$PORT
> [1] record of 1 byte to 127.0.0.1:$PORT
< [1] record of 6 bytes from 127.0.0.1:$PORT"
	has ours '^> 00000000  61 62 '
	has ours '^> 00000000  63 '
}

@test "--hexdump: udp-recv names the peer of each datagram" {
	need xxd
	in_netns
	recv_ready d --count 2 --hexdump 127.0.0.1 0 </dev/null
	printf one | send 0 -p 5001
	printf two | send 0 -p 5002
	finish d
	: >none
	printf onetwo >there
	same there d.out
	dump_is d.err none there
	has d.err 'record of 3 bytes from 127\.0\.0\.1:5001$'
	has d.err 'record of 3 bytes from 127\.0\.0\.1:5002$'
}

@test "--hexdump: datagrams of a forward are told by peers" {
	in_netns
	recv_ready t 127.0.0.1 0 --sh 'read -r x; echo "<$x>"' --frame line \
	    </dev/null
	local target=$PORT
	recv_ready r --hexdump=dump --forward "127.0.0.1:$target" \
	    127.0.0.1 0 </dev/null
	local i
	for i in 1 2; do
		printf '%s\n' "$i" >"in$i"
		printf '<%s>' "$i" >"back$i"
		send 0 --reply -p "500$i" <"in$i"
		retry_until "$BOUND" grep -q "to 127.0.0.1:500$i" dump
	done
	kill -TERM "${PID[r]}"
	finish r 143
	for i in 1 2; do
		dump_is dump "back$i" "in$i" "$i"
		has dump "^< .* \[$i\] record of 2 bytes from 127.0.0.1:500$i\$"
	done
}

@test "--hexdump: nothing hostile is in a file or on standard error" {
	local i
	# shellcheck disable=SC2059
	for (( i = 0; i < 40; i++ )); do
		printf "$HOSTILE%*s" "$i" ''
	done >hostile
	listen_ready d -v --hexdump 127.0.0.1 0 <hostile
	try 0 "$DUCAT" connect --hexdump=dump 127.0.0.1 "$PORT" <hostile
	silent err
	finish d
	same hostile d.out
	dump_is dump hostile hostile
	grep -v '^ducat: ' d.err >theirs
	dump_is theirs hostile hostile
	LC_ALL=C tr -d '\n -~' <d.err >rest
	empty rest
}

@test "--hexdump: a terminal in tmux shows it, and obeys nothing of it" {
	need tmux
	export TMUX_TMPDIR=$PWD
	# shellcheck disable=SC2059
	printf "$HOSTILE" >hostile
	peer_listen p 'write-file hostile; shut; read-all'
	tmux -f /dev/null -S "$PWD/tmux" new-session -d -x 100 -y 24 \
	    "$PEER exec $DUCAT connect --hexdump 127.0.0.1 $PORT \
	    </dev/null >/dev/null; $PEER exec -t 40 sleep 60" ||
	    skip "tmux does not start here"
	PID[tmux]=$(tmux -S "$PWD/tmux" display-message -p '#{pid}')
	retry_until "$BOUND" screen_has '^< .* end at 0x1c'
	screen_has '^< 00000000  1b 5b 33 31 6d 1b 5d 30 '
	screen_has '^< 00000010  .*|'
	equal "$(tmux -S "$PWD/tmux" display-message -p '#{pane_title}' |
	    grep -c title)" 0
	tmux -S "$PWD/tmux" kill-server
	finish p
}

screen_has()
{
	tmux -S "$PWD/tmux" capture-pane -p | grep -q -- "$1"
}

@test "--hexdump -v: messages and dumps never share a line" {
	local i
	listen_ready d -k -v --max-accepts 20 --hexdump 127.0.0.1 0 -- cat \
	    </dev/null
	payload in 100000
	for (( i = 0; i < 20; i++ )); do
		start "c$i" "$DUCAT" connect -v --hexdump --digest sha256 \
		    127.0.0.1 "$PORT" <in
	done
	for (( i = 0; i < 20; i++ )); do
		finish "c$i"
		same in "c$i.out"
		lines_of_ours "c$i.err" 4
	done
	finish d
	lines_of_ours d.err 41
}

# lines_of_ours FILE COUNT: so many messages, and beside them a dump.
lines_of_ours()
{
	equal "$(grep -Ec '^ducat: (connect|listening|closed|sent|received)' \
	    "$1")" "$2"
	grep -v '^ducat: ' "$1" >"$1.rest"
	is_dump "$1.rest"
}

### --record-sent, --record-received

@test "--record-sent and --record-received have the bytes as they are" {
	payload there "$SIZE"
	payload back "$SIZE" 2
	listen_ready d --record-sent ts --record-received tr 127.0.0.1 0 <back
	try 0 "$DUCAT" connect --record-sent us --record-received ur \
	    127.0.0.1 "$PORT" <there
	silent err
	finish d
	silent d
	same there us
	same back ur
	same back ts
	same there tr
	same there d.out
	same back out
}

@test "--record-sent: what an edit made of it, as the socket has it" {
	printf 'a\nb\377c\n' >in
	printf 'a\r\nb\377c\r\n' >want
	peer_listen p 'save got; write-text x\xff\xfb\x01y\r\n; shut; read-all'
	try 0 "$DUCAT" connect --crlf --record-sent s --record-received r \
	    127.0.0.1 "$PORT" <in
	finish p
	same want got
	same want s
	printf 'x\377\373\001y\r\n' >want
	same want r
	peer_listen p 'save got; write-text x\xff\xfb\x01y\r\n; read 3;
	    touch go; read-all'
	feed_open in
	start d "$DUCAT" connect --telnet --record-sent s --record-received r \
	    127.0.0.1 "$PORT" <in.fifo
	retry_until "$BOUND" test -e go
	printf 'b\377c' >&"$FEED"
	feed_close
	finish d
	finish p
	same got s
	contains d.out $'xy\r\n'
	same want r
	# It refuses, and doubles what would be a command.
	printf '\377\376\001b\377\377c' >want
	same want s
}

@test "--record-received: what comes of records, without their bounds" {
	recv_ready d --count 3 --record-received all --frame netstring \
	    127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send --frame netstring --record-sent s \
	    127.0.0.1 "$PORT" < <(printf '2:ab,0:,3:cde,')
	finish d
	printf abcde >want
	same want s
	silent d
	same want all
}

@test "a limit that is used up, and nobody who reads any more" {
	local edit
	for edit in --telnet --escape=always ''; do
		peer_listen p 'write-text hello; wait-file gone;
		    write-text more; read-all'
		# shellcheck disable=SC2086
		start_raw d "$DUCAT" connect $edit --max-recv 5 127.0.0.1 "$PORT" \
		    </dev/null > >(head -c 5 >got; exec <&-; : >gone)
		finish d 23
		finish p
		contains got hello
		rm gone
	done
}

@test "what comes after a command closed its input is recorded, all of it" {
	local option
	mkfifo over
	for option in '' --telnet '--max-recv 8'; do
		# shellcheck disable=SC2086
		listen_ready d $option --record-received got 127.0.0.1 0 \
		    -c 'exec <&-; echo closed; read -r x <over; true' </dev/null
		peer_connect p 'read-until closed\n; write-text a; wait-file one;
		    write-text bcdefgh; shut; touch all; read-all'
		retry_until "$BOUND" test -s got
		: >one
		retry_until "$BOUND" test -e all
		: >over
		finish p
		finish d
		silent d
		printf abcdefgh >want
		same want got
		rm got one all
	done
}

@test "%n and %p: each session has a file of its own" {
	need ipv6
	local i
	listen_ready d -k --max-accepts 3 --record-received '%%%n_%p.in' \
	    --record-sent 'out%n' ::1 0 -- tr a-z A-Z </dev/null
	for i in 1 2 3; do
		peer_connect "p$i" "write-text no$i; shut; read-all" ::1
		finish "p$i"
	done
	finish d
	silent d
	for i in 1 2 3; do
		contains "out$i" "NO$i"
		contains "%${i}_0--1_"*.in "no$i"
	done
	local files=(%*)
	equal "${#files[@]}" 3
}

@test "%t: the time of the session" {
	peer_listen p 'read-all'
	try 0 "$DUCAT" connect --record-sent 'at-%t' 127.0.0.1 "$PORT" <<<x
	finish p
	local files=(at-*)
	[[ ${files[*]} =~ ^at-20[0-9]{6}T[0-9]{6}Z$ ]]
	contains "${files[0]}" $'x\n'
}

@test "a name without %: all sessions are in one file" {
	local i
	listen_ready d -k --max-accepts 3 --record-received all 127.0.0.1 0 \
	    --sh 'cat >/dev/null' </dev/null
	for i in 1 2 3; do
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<"$i"
	done
	finish d
	silent d
	contains all $'1\n2\n3\n'
}

@test "23: names that come out the same while both sessions are on" {
	unix_ready d -k --max-accepts 2 --record-received '%p' sock -- cat \
	    </dev/null
	local_connect a sock 'text("one"); until("one"); touch("on");
	    wait("over"); text("more"); shut(); read_all()'
	retry_until "$BOUND" test -e on
	client b sock 'text("two"); shut(); until("two"); eof()'
	contains unnamed one
	: >over
	finish a
	finish d 23
	silent a
	says d.err \
	    '^ducat: --record-received unnamed: is in use for another session$'
	contains unnamed onemore
}

@test "%p: the names of local peers lead nowhere else" {
	need python3 linux
	mkdir rec ...
	unix_ready d --type dgram --record-received 'rec/%p' sock -- cat \
	    </dev/null
	try 0 python3 -IS - <<-'END'
	import os, socket
	for name in (b'../up', b'./-rf', b'.../x', b'e\x1b[31m\xff\xe2\x80\xae',
	    b'\0../../abstract%d' % os.getpid(), b'./%n%n'):
	    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	    s.bind(name)
	    s.connect('sock')
	    s.sendall(b'me')
	    assert s.recv(9) == b'me'
	END
	kill -TERM "${PID[d]}"
	finish d 143
	local files=(rec/*) file
	printf '%s\n' "${files[@]}"
	equal "${#files[@]}" 6
	equal "$(find rec -type f | wc -l)" 6
	for file in "${files[@]}"; do
		[[ ${file#rec/} =~ ^[A-Za-z0-9_@][A-Za-z0-9_@.-]*$ ]]
		contains "$file" me
	done
}

@test "%p: the path that was connected to" {
	local_listen p 'strange name' 'read_all()'
	try 0 "$DUCAT" unix --record-sent 'to-%p' 'strange name' <<<x
	finish p
	contains to-strange_name $'x\n'
}

@test "2: names with a letter that is none, and nothing is connected" {
	local pattern option
	for option in --record-sent --record-received; do
		for pattern in %q a% %%% %P '%-n' %1n; do
			try 2 "$DUCAT" connect "$option" "$pattern" \
			    127.0.0.1 1 </dev/null
			says err '^ducat: .*"%?.*%'
		done
	done
	equal "$(find . -type f ! -name err ! -name out | wc -l)" 0
}

@test "23: a file of one session cannot be made, and the others are served" {
	listen_ready d -k --max-accepts 3 --record-received '%n/x' \
	    127.0.0.1 0 --sh cat </dev/null
	mkdir 1 3
	local i
	for i in 1 2 3; do
		try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<"$i"
		contains out "$i"$'\n'
	done
	finish d 23
	says d.err '^ducat: --record-received 2/x: No such file or directory$'
	contains 1/x $'1\n'
	contains 3/x $'3\n'
}

### --digest

@test "--digest says what a digest program does, at both ends" {
	need sha256sum
	local algorithm
	payload there 100000
	payload back 70000 2
	for algorithm in md5 sha1 sha256 sha384 sha512; do
		listen_ready d --digest "$algorithm" 127.0.0.1 0 <back
		try 0 "$DUCAT" connect --digest "$algorithm" 127.0.0.1 \
		    "$PORT" <there
		finish d
		told err "$algorithm" there back
		told d.err "$algorithm" back there
		lines_are err 2
		lines_are d.err 2
	done
}

@test "--digest: nothing is the digest of nothing" {
	need sha256sum
	: >none
	peer_listen p 'shut; read-all'
	try 0 "$DUCAT" connect --digest sha256 127.0.0.1 "$PORT" </dev/null
	finish p
	told err sha256 none none
}

@test "--digest: an answer that comes after our end is in it" {
	need sha256sum
	payload there 50000
	payload back 50000 2
	peer_listen p 'read-all; write-file back'
	try 0 "$DUCAT" connect --digest sha256 127.0.0.1 "$PORT" <there
	finish p
	same back out
	told err sha256 there back
}

@test "--digest --quiet speaks, and of what edits made" {
	printf 'a\nb\n' >in
	printf 'a\r\nb\r\n' >there
	: >none
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect --quiet --crlf --digest sha1 127.0.0.1 \
	    "$PORT" <in
	finish p
	same there got
	told err sha1 there none
}

@test "--digest is an event for each direction" {
	need python3
	printf abc >there
	: >none
	peer_listen p 'read-all'
	try 0 "$DUCAT" connect --events e --digest sha256 127.0.0.1 "$PORT" \
	    <there
	finish p
	python3 -IS "$BATS_TEST_DIRNAME/events.py" e
	equal "$(grep -c '"event":"digest"' e)" 2
	has e "$(sha256sum <there | cut -d ' ' -f 1)"
	has e "$(sha256sum <none | cut -d ' ' -f 1)"
}

@test "--digest: datagrams" {
	printf abc >there
	recv_ready d --count 2 --digest md5 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" udp-send --digest md5 --frame netstring 127.0.0.1 \
	    "$PORT" < <(printf '1:a,2:bc,')
	finish d
	same there d.out
	: >none
	told err md5 there none
	has d.err "received.*: md5 $(md5sum <there | cut -d ' ' -f 1)\$"
}

# taken TEXT: recording, dump and digest of "d" have that and no more.
taken()
{
	need xxd
	printf %s "$1" >want
	: >none
	same want got
	dump_is dump none want
	has d.err "received.*: md5 $(md5sum <want | cut -d ' ' -f 1)\$"
}

@test "--count: datagrams behind the last one are not seen" {
	TAPS=(--record-received got --digest md5 --hexdump=dump)
	printf 'one\ntwo\nthree\n' >lines
	recv_ready d --count 1 "${TAPS[@]}" 127.0.0.1 0 </dev/null
	hold
	try 0 "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <lines
	kill -CONT "${PID[d]}"
	finish d
	contains d.out one
	taken one
	unix_ready d --type dgram --count 2 "${TAPS[@]}" sock </dev/null
	hold
	try 0 "$DUCAT" unix --type dgram --frame line sock <lines
	kill -CONT "${PID[d]}"
	finish d
	contains d.out onetwo
	taken onetwo
}

@test "--max-recv: a datagram that is refused is not seen" {
	TAPS=(--record-received got --digest md5 --hexdump=dump)
	printf 'ab\ncde\nf\n' >lines
	recv_ready d --max-recv 3 "${TAPS[@]}" 127.0.0.1 0 </dev/null
	hold
	try 0 "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <lines
	kill -CONT "${PID[d]}"
	finish d 63
	contains d.out ab
	taken ab
	recv_ready d --max-recv 3 "${TAPS[@]}" 127.0.0.1 0 \
	    --sh 'cat >/dev/null' </dev/null
	hold
	head -n 2 lines | try 0 "$DUCAT" udp-send --frame line 127.0.0.1 \
	    "$PORT"
	kill -CONT "${PID[d]}"
	retry_until "$BOUND" grep -q 'received.*md5' d.err
	end_of d
	has d.err '--max-recv'
	taken ab
}

@test "--digest: a session that was cut is told, too" {
	need sha256sum
	printf some >there
	: >none
	peer_listen p 'read 4; reset'
	feed_open in
	start d "$DUCAT" connect --digest sha256 127.0.0.1 "$PORT" <in.fifo
	printf some >&"$FEED"
	finish d 56
	feed_close
	finish p
	told d.err sha256 there none
	has d.err 'reset by peer'
}

@test "2: digests that are none" {
	local name
	for name in '' md4 SHA256 sha sha2566 $'\e[31m'; do
		try 2 "$DUCAT" connect --digest "$name" 127.0.0.1 1 </dev/null
		says err '^ducat: --digest'
		LC_ALL=C tr -d '\n -~' <err >rest
		empty rest
	done
}

### Files that take it slowly, or not at all

TAPS=(--hexdump= --pcap= --record-sent= --record-received=)

# echoed STATUS OPTION...: SIZE bytes go to a peer and come back, with these.
echoed()
{
	local want=$1
	shift
	listen_ready e 127.0.0.1 0 -- cat </dev/null
	try "$want" "$DUCAT" connect "$@" 127.0.0.1 "$PORT" <sent
	finish e
	silent e
	same sent out
}

# held_up FILE: of the bytes for it something came, and nothing goes on.
held_up()
{
	local before
	before=$(stat -c %s "$1")
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		pause_briefly
	done
	equal "$before" "$(stat -c %s "$1")" >/dev/null
}

@test "a pipe that is not read holds the transfer up, and gets it whole" {
	need python3 linux
	local option
	payload sent "$SIZE"
	for option in "${TAPS[@]}"; do
		echo "$option"
		listen_ready e 127.0.0.1 0 -- cat </dev/null
		feed_open pipe
		start d "$DUCAT" connect "${option}pipe.fifo" 127.0.0.1 \
		    "$PORT" <sent
		retry_until "$BOUND" is_full pipe.fifo
		retry_until "$BOUND" held_up d.out
		(( $(stat -c %s d.out) < SIZE ))
		alive d
		start reader cat <pipe.fifo
		feed_close
		finish d
		silent d
		finish reader
		finish e
		same sent d.out
		case $option in
		--record*) same sent reader.out ;;
		--hexdump=) dump_is reader.out sent sent ;;
		--pcap=) (( $(stat -c %s reader.out) > 2 * SIZE )) ;;
		esac
		rm pipe.fifo
	done
}

@test "waiting for such a pipe takes no time of the processor" {
	need python3 linux
	payload sent "$SIZE"
	listen_ready e 127.0.0.1 0 -- cat </dev/null
	feed_open pipe
	start d "$DUCAT" connect --record-sent pipe.fifo 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" is_full pipe.fifo
	retry_until "$BOUND" held_up d.out
	local before after i
	before=$(ticks_of "${PID[d]}")
	for (( i = 0; i < 25; i++ )); do
		pause_briefly
	done
	after=$(ticks_of "${PID[d]}")
	(( after - before < 10 ))
	kill -TERM "${PID[d]}"
	finish d 143
	feed_close
}

@test "a signal ends what waits for such pipes" {
	need python3 linux
	local signal
	payload sent "$SIZE"
	for signal in INT:130 TERM:143; do
		listen_ready e 127.0.0.1 0 -- cat </dev/null
		feed_open pipe
		start d "$DUCAT" connect --pcap pipe.fifo 127.0.0.1 "$PORT" \
		    <sent
		retry_until "$BOUND" is_full pipe.fifo
		kill "-${signal%:*}" "${PID[d]}"
		finish d "${signal#*:}"
		has d.err '^ducat: ended by a signal: '
		feed_close
		wait "${PID[e]}" || :
		unset 'PID[e]'
		rm pipe.fifo
	done
}

# left_for_pipe OPTION...: the session is over, and the run waits.
left_for_pipe()
{
	listen_ready e 127.0.0.1 0 -- cat </dev/null
	feed_open pipe
	start d "$DUCAT" connect --record-sent pipe.fifo --events events "$@" \
	    127.0.0.1 "$PORT" <sent
	finish e
	retry_until "$BOUND" grep -q closed events
	same sent d.out
	is_full pipe.fifo
	alive d
}

@test "what is left for a pipe at the end is waited for, within limits" {
	need python3 linux
	payload sent 200000
	left_for_pipe
	start reader cat <pipe.fifo
	feed_close
	finish d
	silent d
	finish reader
	same sent reader.out
	rm pipe.fifo events
	left_for_pipe
	kill -TERM "${PID[d]}"
	finish d 143
	feed_close
	rm pipe.fifo events
	left_for_pipe --deadline 1
	finish d 28
	feed_close
}

@test "udp-recv: a pipe that is not read gets each datagram at last" {
	need python3 linux
	payload sent 400000
	feed_open pipe
	recv_ready d --count 400 --record-received pipe.fifo 127.0.0.1 0 \
	    </dev/null
	"$PEER" exec "$DUCAT" udp-send --frame block --datagram-size 1000 \
	    --pps 4000 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" is_full pipe.fifo
	alive d
	start reader cat <pipe.fifo
	feed_close
	finish d
	silent d
	finish reader
	same d.out reader.out
	same sent d.out
}

@test "standard error that is not read holds a dump's transfer up" {
	need python3 linux
	payload sent "$SIZE"
	listen_ready e 127.0.0.1 0 -- cat </dev/null
	feed_open pipe
	"$PEER" exec "$DUCAT" connect --hexdump 127.0.0.1 "$PORT" <sent \
	    >d.out 2>pipe.fifo &
	PID[d]=$!
	retry_until "$BOUND" is_full pipe.fifo
	retry_until "$BOUND" held_up d.out
	(( $(stat -c %s d.out) < SIZE ))
	start reader cat <pipe.fifo
	feed_close
	finish d
	finish reader
	finish e
	same sent d.out
	dump_is reader.out sent sent
}

@test "-k: a pipe that is not read holds up all sessions, and none is lost" {
	need python3 linux
	local i
	payload sent "$SIZE"
	feed_open pipe
	listen_ready d -k --max-accepts 4 --pcap pipe.fifo 127.0.0.1 0 -- cat \
	    </dev/null
	for i in 1 2 3; do
		start "c$i" "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	done
	retry_until "$BOUND" is_full pipe.fifo
	start c4 "$DUCAT" connect 127.0.0.1 "$PORT" <<<small
	start reader cat <pipe.fifo
	feed_close
	for i in 1 2 3 4; do
		finish "c$i"
	done
	finish d
	silent d
	finish reader
	for i in 1 2 3; do
		same sent "c$i.out"
	done
	contains c4.out $'small\n'
}

@test "23: the pipe's reader goes away, and the transfer goes on" {
	need python3 linux
	local option
	payload sent "$SIZE"
	for option in "${TAPS[@]}"; do
		listen_ready e 127.0.0.1 0 -- cat </dev/null
		feed_open pipe
		start d "$DUCAT" connect "${option}pipe.fifo" 127.0.0.1 \
		    "$PORT" <sent
		retry_until "$BOUND" is_full pipe.fifo
		feed_close
		finish d 23
		says d.err "^ducat: ${option%=} pipe\.fifo: Broken pipe\$"
		finish e
		same sent d.out
		rm pipe.fifo
	done
}

@test "23: /dev/full, and the transfer goes on" {
	[[ -c /dev/full ]] || skip "no /dev/full here"
	local option
	payload sent "$SIZE"
	for option in "${TAPS[@]}"; do
		echoed 23 "$option/dev/full"
		says err "^ducat: ${option%=} /dev/full: No space left on"
	done
}

@test "23: of several files that fail each is an error" {
	[[ -c /dev/full ]] || skip "no /dev/full here"
	listen_ready d --events e --pcap /dev/full --record-sent 'gone/%n' \
	    --record-received 'lost/%n' 127.0.0.1 0 -- cat </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	contains out $'hello\n'
	finish d 23
	equal "$(grep -c '"event":"error".*"status":23.*"errno":' e)" 3
	lacks e '"event":"warning"'
}

@test "23: a disk that gets full, and the transfer goes on" {
	need root mountns
	local option
	payload sent "$SIZE"
	mkdir small
	for option in "${TAPS[@]}"; do
		listen_ready e 127.0.0.1 0 -- cat </dev/null
		try 23 unshare -m sh -c 'mount -t tmpfs -o size=64k none small
		    exec "$@"' sh "$PEER" exec "$DUCAT" connect \
		    "${option}small/file" 127.0.0.1 "$PORT" <sent
		says err "^ducat: ${option%=} small/file: No space left on"
		finish e
		same sent out
	done
}

@test "23: files that cannot be opened, and nothing is connected" {
	local option
	peer_listen p 'pause'
	for option in "${TAPS[@]}"; do
		try 23 "$DUCAT" connect "${option}missing/x" 127.0.0.1 \
		    "$PORT" </dev/null
		says err "^ducat: ${option%=} missing/x: No such file or"
		try 23 "$DUCAT" connect "${option}." 127.0.0.1 "$PORT" \
		    </dev/null
		says err "^ducat: ${option%=} \.: Is a directory\$"
		try 23 "$DUCAT" listen "${option}." 127.0.0.1 0 </dev/null
		says err "^ducat: ${option%=} \.: Is a directory\$"
		try 23 "$DUCAT" udp-recv --reply "${option}." 127.0.0.1 0 \
		    </dev/null
		says err "^ducat: ${option%=} \.: Is a directory\$"
	done
	equal "$(wc -l <p.out)" 1
}

@test "the same file for two: 2 by its name, else it is told" {
	local a b
	printf 'precious\n' >precious
	ln precious linked
	for a in "${TAPS[@]}" --events=; do
		for b in "${TAPS[@]}" --events=; do
			[[ $a != "$b" ]] || continue
			try 2 "$DUCAT" connect "${a}precious" "${b}precious" \
			    127.0.0.1 1 </dev/null
			says err 'the same file$'
			contains precious $'precious\n'
			try 2 "$DUCAT" connect "${a}file" "${b}./file" \
			    127.0.0.1 1 </dev/null
			says err 'the same file$'
			try 2 "$DUCAT" connect "${a}linked" "${b}precious" \
			    127.0.0.1 1 </dev/null
			says err 'the same file$'
			contains precious $'precious\n'
		done
	done
	for a in "${TAPS[@]}"; do
		start_raw d "$DUCAT" connect "${a}linked" 127.0.0.1 1 \
		    >>precious </dev/null
		finish d 23
		says d.err "^ducat: ${a%=} linked: is in use for standard"
		start_raw d "$DUCAT" connect "${a}linked" 127.0.0.1 1 \
		    >/dev/null <precious
		finish d 23
		says d.err "^ducat: ${a%=} linked: is in use for standard"
		contains precious $'precious\n'
	done
}

@test "2: a file of readiness that is also for something else" {
	local a b
	printf 'precious\n' >precious
	for a in --addr-file= --pid-file=; do
		for b in "${TAPS[@]}" --events= --addr-file= --pid-file=; do
			[[ $a != "$b" ]] || continue
			try 2 "$DUCAT" listen -w 1 "${a}precious" \
			    "${b}precious" 127.0.0.1 0 </dev/null
			says err " --(addr|pid)-file: the same file\$"
			contains precious $'precious\n'
		done
	done
}

@test "a file that was there is overwritten" {
	local option
	payload old 500000
	printf x >sent
	for option in "${TAPS[@]}"; do
		cp old file
		echoed 0 "${option}file"
		silent err
		(( $(stat -c %s file) < 5000 ))
	done
	contains file x
}

@test "--background: the file is written behind it" {
	local options=(--background --pid-file pid --addr-file addr)
	try 0 "$DUCAT" listen "${options[@]}" --record-received got \
	    --digest sha256 --events e 127.0.0.1 0 </dev/null
	background_ready
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<text
	background_ended
	[[ $(tail -n 1 e) == *'"exit"'* ]]
	contains got $'text\n'
	has e '"event":"digest"'
	try 23 "$DUCAT" listen "${options[@]}" --record-received . 127.0.0.1 0 \
	    </dev/null
	says err '^ducat: --record-received \.: Is a directory$'
}

### What it costs

# calls OPTION...: bytes to a peer and back, and CALLS counts the splices.
calls()
{
	need linux ptrace
	peer_listen p "read $SIZE; write $SIZE; shut; read-all"
	try 0 strace -f -qq -e trace=splice -e signal=none -o trace \
	    "$PEER" exec "$DUCAT" connect "$@" 127.0.0.1 "$PORT" <sent
	finish p
	CALLS=$(grep -c 'splice(.* = [1-9]' trace || :)
}

@test "without a tap bytes are spliced, with any one they are not" {
	local option
	payload sent "$SIZE"
	calls
	(( CALLS > 0 ))
	for option in "${TAPS[@]/%=/=file}" --digest=sha256; do
		calls "$option"
		equal "$CALLS" 0
	done
}

@test "500 sessions with taps leave no descriptor and no memory behind" {
	need python3 linux
	local before memory
	# A sanitizer is not to keep what was freed.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1
	listen_ready d -k --hexdump=h --pcap=p --digest sha256 --quiet \
	    --record-sent 's%n' --record-received 'r%n' 127.0.0.1 0 -- cat \
	    </dev/null
	many 20
	before=$(descriptors d)
	memory=$(memory_of d)
	many 480
	# The last one of those before may not have been closed yet.
	retry_until "$BOUND" eval '(( $(descriptors d) <= before ))'
	(( $(memory_of d) < memory + 3000 ))
	end_of d
	equal "$(wc -l <d.err)" 1000
	contains r500 hello
	contains s500 hello
}

# many COUNT: so many clients, one after the other, that send and get hello.
many()
{
	try 0 python3 -IS -c 'import socket, sys
for i in range(int(sys.argv[2])):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.sendall(b"hello")
        s.shutdown(socket.SHUT_WR)
        data = b""
        while part := s.recv(99):
            data += part
        assert data == b"hello", data' "$PORT" "$1"
}

# In KiB.
memory_of()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/${PID[$1]}/status"
}
