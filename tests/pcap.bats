# --pcap: what others read in the file.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib
load local
load datagrams

SIZE=1048576

# What is wrong in it; a reset is a warning by itself.
TROUBLE='(_ws.malformed || tcp.analysis.flags ||
    _ws.expert.severity >= 0x600000) && !(tcp.flags.reset == 1)'

# Ports that the kernel gives mean nothing, though some are known to tshark.
NO_GUESS=(-d 'tcp.port==32768-65535,data' -d 'udp.port==32768-65535,data')

# shark FILE ARG...: tshark reads it, with all checksums verified.
shark()
{
	need tshark
	local file=$1
	shift
	HOME=$PWD "$PEER" exec -t 110 tshark -n -o tcp.check_checksum:TRUE \
	    -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	    "${NO_GUESS[@]}" -r "$file" "$@" </dev/null 2>shark.err && return 0
	show_file shark.err
	return 1
}

# sound FILE: there is nothing in it that tshark would remark on.
sound()
{
	shark "$1" -Y "$TROUBLE" >trouble || return 1
	[[ ! -s trouble ]] && return 0
	head -n 20 trouble
	return 1
}

# fields FILE FILTER FIELD...: of each packet that passes, a line.
fields()
{
	local file=$1 filter=$2 options=() field
	shift 2
	for field; do
		options+=(-e "$field")
	done
	shark "$file" -Y "$filter" -T fields -E separator=/s "${options[@]}"
}

# carries FILE N THERE BACK: connection N has these files' bytes, first those
# of whoever connected.
carries()
{
	shark "$1" -q -z "follow,tcp,raw,$2" >followed || return 1
	grep -E '^[0-9a-f]+$' followed | xxd -r -p | cmp - "$3" || return 1
	sed -n 's/^\t\([0-9a-f]*\)$/\1/p' followed | xxd -r -p | cmp - "$4"
}

# ends FILE: who has port $PORT is "server"; what each FIN and reset is like.
ends()
{
	fields "$1" 'tcp.flags.fin == 1 || tcp.flags.reset == 1' tcp.srcport \
	    tcp.flags.fin tcp.flags.reset |
	    sed -e "s/^$PORT /server /" -e 's/^[0-9][0-9]* /client /' \
	    -e 's/ 1 0$/ FIN/' -e 's/ 0 1$/ RST/' | tr '\n' ';'
}

comments()
{
	fields "$1" 'frame.comment' frame.comment
}

@test "a mebibyte each way is there whole, at both ends" {
	need xxd tshark
	payload there "$SIZE"
	payload back "$SIZE" 2
	listen_ready d --pcap theirs 127.0.0.1 0 <back
	try 0 "$DUCAT" connect --pcap ours 127.0.0.1 "$PORT" <there
	silent err
	finish d
	silent d
	local file
	for file in ours theirs; do
		sound "$file"
		carries "$file" 0 there back
		equal "$(fields "$file" 'tcp.flags.syn == 1' ip.dst \
		    tcp.dstport | head -n 1)" "127.0.0.1 $PORT"
	done
	equal "$(fields ours 'tcp.flags.syn == 1' tcp.srcport)" \
	    "$(fields theirs 'tcp.flags.syn == 1' tcp.srcport)"
}

@test "tcpdump reads it, too" {
	need tcpdump
	peer_listen p 'write-text answer; shut; read-all'
	try 0 "$DUCAT" connect --pcap file 127.0.0.1 "$PORT" <<<question
	finish p
	try 0 tcpdump -nn -r file
	has out "> 127\.0\.0\.1\.$PORT: Flags \[S\]"
	has out 'length 9'
	has out 'length 6'
}

@test "IPv6" {
	need ipv6 xxd tshark
	payload there 100000
	payload back 200000 2
	listen_ready d --pcap file ::1 0 <back
	try 0 "$DUCAT" connect ::1 "$PORT" <there
	finish d
	sound file
	carries file 0 there back
	equal "$(fields file tcp ipv6.src ipv6.dst | sort -u)" '::1 ::1'
}

@test "curl and a web server, through a forward" {
	need curl python3 tshark
	mkdir site
	payload site/page.bin 300000
	start web python3 -u -m http.server --bind 127.0.0.1 -d site 0 \
	    </dev/null
	retry_until "$BOUND" grep -q 'port [0-9]' web.out
	local port
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' web.out)
	listen_ready d -k --max-accepts 2 --pcap file \
	    --forward "127.0.0.1:$port" 127.0.0.1 0 </dev/null
	try 0 curl -sS -o got "http://127.0.0.1:$PORT/page.bin"
	same site/page.bin got
	try 0 curl -sS -o got "http://127.0.0.1:$PORT/missing"
	finish d
	sound file
	equal "$(shark file -d "tcp.port==$PORT,http" -Y http -T fields \
	    -e http.request.uri -e http.response.code | tr -s '\t\n' ' ')" \
	    '/page.bin 200 /missing 404 '
}

@test "a mail that a script takes" {
	need tshark
	peer_listen p 'write-text 220 here\r\n; read-until HELO me\r\n;
	    write-text 250 hello\r\n; read-until QUIT\r\n;
	    write-text 221 bye\r\n; shut; read-all'
	feed_open in
	start d "$DUCAT" connect --crlf --pcap file 127.0.0.1 "$PORT" <in.fifo
	retry_until "$BOUND" grep -q 220 d.out
	echo 'HELO me' >&"$FEED"
	retry_until "$BOUND" grep -q 250 d.out
	echo QUIT >&"$FEED"
	retry_until "$BOUND" grep -q 221 d.out
	feed_close
	finish d
	finish p
	sound file
	equal "$(shark file -d "tcp.port==$PORT,smtp" -Y smtp -T fields \
	    -e smtp.req.command -e smtp.response.code | tr -s '\t\n' ' ')" \
	    ' 220 HELO 250 QUIT 221 '
}

@test "questions to dnsmasq, through a relay" {
	need root dnsmasq tshark
	in_netns
	start dns dnsmasq --keep-in-foreground --conf-file=/dev/null \
	    --no-resolv --no-hosts --pid-file= --user= --port=5300 \
	    --listen-address=127.0.0.1 --bind-interfaces \
	    --address=/a.test/192.0.2.5 </dev/null
	retry_until "$BOUND" udp_bound 5300
	recv_ready r --pcap file --forward 127.0.0.1:5300 127.0.0.1 0 </dev/null
	local i
	for i in 1 2; do
		# A query, recursion desired: a.test, A, IN.
		# shellcheck disable=SC2059
		printf "\\$i"'\1\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1' |
		    send 0 --reply -p "500$i"
	done
	end_of r
	sound file
	equal "$(shark file -d "udp.port==$PORT,dns" -Y dns -T fields \
	    -e udp.srcport -e dns.qry.name -e dns.a | tr '\t' ' ' |
	    sed "s/^$PORT /dns /")" '5001 a.test 
dns a.test 192.0.2.5
5002 a.test 
dns a.test 192.0.2.5'
}

@test "ends are in the order in which they came" {
	need xxd tshark
	printf 'question\n' >there
	printf 'answer\n' >back
	peer_listen p 'read-all; write-text answer\n'
	try 0 "$DUCAT" connect --pcap file 127.0.0.1 "$PORT" <there
	finish p
	sound file
	carries file 0 there back
	equal "$(ends file)" 'client FIN;server FIN;'
	# The answer is behind the first FIN.
	local fin data
	fin=$(fields file 'tcp.flags.fin == 1' frame.number | head -n 1)
	data=$(fields file 'tcp.len == 7' frame.number)
	(( fin < data ))
	peer_listen p 'shut; read-all'
	feed_open in
	start d "$DUCAT" connect --pcap file --events e 127.0.0.1 "$PORT" \
	    <in.fifo
	retry_until "$BOUND" grep -q connected e
	retry_until "$BOUND" eval 'fields file tcp.flags.fin==1 \
	    frame.number | grep -q .'
	printf 'question\n' >&"$FEED"
	feed_close
	finish d
	finish p
	: >none
	sound file
	carries file 0 there none
	equal "$(ends file)" 'server FIN;client FIN;'
}

@test "a reset is a reset" {
	need xxd tshark
	printf 'some\n' >there
	printf 'more\n' >back
	peer_listen p 'read 5; write-text more\n; wait-file go; reset'
	feed_open in
	start d "$DUCAT" connect --pcap file 127.0.0.1 "$PORT" <in.fifo
	cat there >&"$FEED"
	retry_until "$BOUND" grep -q more d.out
	: >go
	finish d 56
	feed_close
	finish p
	sound file
	carries file 0 there back
	equal "$(ends file)" 'server RST;'
	comments file | grep -q 'reset by the peer'
}

# cut_off STATUS OPTION...: the peer, which sent 1000 bytes, never ends.
cut_off()
{
	local want=$1
	shift
	peer_listen p 'write 1000; pause'
	try "$want" "$DUCAT" connect "$@" --pcap file 127.0.0.1 "$PORT" \
	    </dev/null
	sound file
	kill -KILL "${PID[p]}"
	finish p 137
	no_end_of_server
}

@test "what a limit or a time cuts has no end of the peer's" {
	need tshark
	cut_off 63 --max-recv 100
	equal "$(fields file 'tcp.len > 0' tcp.len)" 100
	cut_off 63 --max-recv 100 --no-half-close
	has how '^client RST;$'
	cut_off 28 --idle-timeout 200ms
	cut_off 28 --deadline 200ms
}

@test "a peer that has not ended when we leave has no end" {
	need tshark
	peer_listen p 'read-all; pause'
	try 0 "$DUCAT" connect --send-only --pcap file 127.0.0.1 "$PORT" \
	    <<<some
	silent err
	sound file
	equal "$(ends file)" 'client FIN;'
	equal "$(comments file | tail -n 1)" \
	    "connection 1, left before the peer's end"
	kill -KILL "${PID[p]}"
	finish p 137
}

@test "a peer that goes on when we leave is reset" {
	need tshark
	peer_listen p 'read-all; write-fail'
	try 63 "$DUCAT" connect --max-recv 100 --pcap file 127.0.0.1 "$PORT" \
	    <<<some
	says err '--max-recv'
	finish p
	sound file
	equal "$(fields file 'tcp.len > 0' tcp.len)" $'5\n100'
	equal "$(ends file)" 'client FIN;client RST;'
}

@test "a reset is in the file before the command ends" {
	need tshark
	feed_open go
	listen_ready d --pcap file --kill-after 60 127.0.0.1 0 \
	    --sh 'trap "" TERM; exec 3<go.fifo; echo hi; cat <&3' </dev/null
	peer_connect c 'read 3; reset'
	finish c
	retry_until "$BOUND" grep -aq 'connection 1, reset by the peer' file
	alive d
	feed_close
	finish d 56
	sound file
	equal "$(ends file)" 'client RST;'
}

@test "what a signal cuts is whole, and has no end of the peer's" {
	need tshark
	local input
	for input in /dev/null in.fifo; do
		feed_open in
		peer_listen p 'write-text some\n; pause'
		start d "$DUCAT" connect --pcap file 127.0.0.1 "$PORT" <"$input"
		retry_until "$BOUND" size_is d.out 5
		kill -TERM "${PID[d]}"
		finish d 143
		kill -KILL "${PID[p]}"
		finish p 137
		feed_close
		rm in.fifo
		sound file
		equal "$(fields file 'tcp.len > 0' tcp.len)" 5
		no_end_of_server
	done
}

no_end_of_server()
{
	ends file >how
	lacks how 'server FIN' && lacks file 'in order'
}

@test "-k: many at once are as many streams" {
	need xxd tshark
	local i
	listen_ready d -k --max-accepts 20 --pcap file 127.0.0.1 0 \
	    --sh 'sed s/^/got/' </dev/null
	for (( i = 0; i < 20; i++ )); do
		{ seq "$i" 2000; } >"in$i"
		start "c$i" "$DUCAT" connect 127.0.0.1 "$PORT" <"in$i"
	done
	for (( i = 0; i < 20; i++ )); do
		finish "c$i"
	done
	finish d
	sound file
	equal "$(fields file 'tcp.flags.syn == 1 && tcp.flags.ack == 0' \
	    tcp.stream)" "$(seq 0 19)"
	equal "$(fields file 'tcp.flags.fin == 1' tcp.stream | sort -n |
	    uniq -c | grep -c ' 2 ')" 20
	# Whose the first one is its first line tells.
	shark file -q -z follow,tcp,raw,0 >followed
	i=$(grep -E '^[0-9a-f]+$' followed | xxd -r -p | head -n 1)
	carries file 0 "in$i" "c$i.out"
}

@test "--crlf and --telnet: the bytes that were on the wire" {
	need xxd tshark
	printf 'a\nb\377\n' >in
	peer_listen p 'save got; write-text x\xff\xfb\x01y\r\n; read 3;
	    touch go; read-all'
	feed_open in
	start d "$DUCAT" connect --crlf --telnet --pcap file 127.0.0.1 "$PORT" \
	    <in.fifo
	retry_until "$BOUND" test -e go
	cat in >&"$FEED"
	feed_close
	finish d
	finish p
	printf 'x\377\373\001y\r\n' >back
	grep -qF $'a\r' got
	sound file
	carries file 0 got back
}

@test "datagrams: one packet each, of any size" {
	need tshark
	in_netns
	payload big 65507
	{
		printf '3:abc,0:,'
		netstring_of big
	} >in
	recv_ready d --count 3 --pcap theirs 127.0.0.1 0 \
	    --sh 'cat >got; echo x' </dev/null
	try 0 "$DUCAT" udp-send -p 60001 --reply=1 --frame netstring \
	    --pcap ours 127.0.0.1 "$PORT" <in
	finish d
	local file
	for file in ours theirs; do
		sound "$file"
		equal "$(fields "$file" udp udp.srcport udp.dstport \
		    udp.length)" "60001 $PORT 11
60001 $PORT 8
60001 $PORT 65515
$PORT 60001 10"
		equal "$(fields "$file" udp ip.src ip.dst | sort -u)" \
		    '127.0.0.1 127.0.0.1'
	done
	equal "$(fields ours 'udp.length == 65515' data.data)" \
	    "$(od -An -v -tx1 <big | tr -d ' \n')"
}

@test "datagrams of many peers in one session keep their addresses" {
	need tshark ipv6
	in_netns
	local i
	recv_ready d --count 3 --pcap file ::1 0 </dev/null
	for i in 1 2 3; do
		try 0 "$DUCAT" udp-send -p "6000$i" ::1 "$PORT" <<<"$i"
	done
	finish d
	sound file
	equal "$(fields file udp ipv6.src udp.srcport ipv6.dst udp.dstport)" \
	    "::1 60001 ::1 $PORT
::1 60002 ::1 $PORT
::1 60003 ::1 $PORT"
}

@test "senders of local datagrams have ports that others have not" {
	need python3 tshark linux
	unix_ready d --type dgram --idle-timeout 1 --pcap file sock </dev/null
	python3 -IS -c 'import socket
for name in b"82161242", b"a2557a7b":
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(b"\0" + name)
        s.sendto(name, b"sock")'
	finish d
	sound file
	equal "$(fields file udp udp.stream)" $'0\n1'
}

@test "without a session a capture is empty, and one that was there stays" {
	need tshark tcpdump
	try 28 "$DUCAT" listen -w 1ms --pcap file 127.0.0.1 0 </dev/null
	sound file
	equal "$(fields file frame frame.number)" ''
	try 0 tcpdump -r file
	cp file was
	echo more >>was
	cp was file
	try 45 "$DUCAT" listen --pcap file 192.0.2.1 0 </dev/null
	same was file
}

@test "datagrams to any address of ours: the first one's is known, too" {
	need tshark
	recv_ready d --count 2 --pcap file 0 </dev/null
	try 0 "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <<<$'one\ntwo'
	finish d
	sound file
	equal "$(fields file udp ip.dst | sort -u)" 127.0.0.1
	comments file | grep -q 'connection 1, accepted$'
}

@test "answers come from the address to which the last one went" {
	need tshark
	mkfifo in
	exec 6<>in
	recv_ready d --reply --pcap file 0 <in
	start c "$DUCAT" udp-send --reply 127.0.0.2 "$PORT" <<<question
	retry_until "$BOUND" test -s d.out
	echo answer >&6
	finish c
	kill -TERM "${PID[d]}"
	finish d 143
	exec 6>&-
	sound file
	equal "$(fields file 'udp.srcport == '"$PORT" ip.src)" 127.0.0.2
}

@test "local sockets are connections, and a comment has the path" {
	need xxd tshark
	printf 'there\n' >there
	printf 'back\n' >back
	unix_ready d --pcap theirs 'a sock' <back
	try 0 "$DUCAT" unix --pcap ours 'a sock' <there
	finish d
	local file
	for file in ours theirs; do
		sound "$file"
		carries "$file" 0 there back
		comments "$file" | grep -q 'socket a sock'
		equal "$(fields "$file" 'tcp.flags.syn == 1' ip.src ip.dst \
		    tcp.dstport | head -n 1)" '127.0.0.1 127.0.0.1 1'
	done
}

@test "a local peer that closes has ended, and reset where bytes are unread" {
	need tshark
	feed_open in
	unix_ready d --pcap file sock <in.fifo
	client c sock 'text("hi"); close()'
	finish d
	silent d
	sound file
	PORT=1
	equal "$(ends file)" 'client FIN;server FIN;'
	equal "$(comments file | tail -n 1)" 'connection 1, ended in order'
	local_listen t sock 'wait("go")'
	start d "$DUCAT" unix --pcap file sock <in.fifo
	printf hello >&"$FEED"
	retry_until "$BOUND" grep -aq hello file
	: >go
	finish t
	finish d 55
	feed_close
	sound file
	equal "$(ends file)" 'server RST;'
	comments file | grep -q 'reset by the peer'
}

@test "local sockets of records" {
	need python3 tshark
	unix_ready d --type seqpacket --pcap theirs sock --sh 'cat; echo bye' \
	    </dev/null
	try 0 "$DUCAT" unix --type seqpacket --frame line --pcap ours sock \
	    <<<$'one\ntwo'
	finish d
	local file
	for file in ours theirs; do
		sound "$file"
		[[ $(fields "$file" 'tcp.len > 0' tcp.len | head -n 2 |
		    xargs) == '3 3' ]]
	done
	unix_ready d --type dgram --pcap theirs dsock </dev/null
	printf some | try 0 "$DUCAT" unix --type dgram --pcap ours dsock
	retry_until "$BOUND" size_is d.out 4
	end_of d
	for file in ours theirs; do
		sound "$file"
		equal "$(fields "$file" udp udp.length)" 12
		comments "$file" | grep -q 'dsock'
	done
}

@test "local datagrams and their answers are one conversation" {
	need tshark
	local file
	unix_ready d --type dgram --count 1 --pcap theirs sock -- cat </dev/null
	try 0 "$DUCAT" unix --type dgram --reply --pcap ours sock <<<question
	finish d
	contains out $'question\n'
	for file in ours theirs; do
		sound "$file"
		equal "$(fields "$file" udp udp.stream | xargs)" '0 0'
		equal "$(fields "$file" 'udp.dstport == 1' udp.length)" 17
		equal "$(fields "$file" 'udp.srcport == 1' udp.length)" 17
	done
}

@test "hostile names of local sockets are no more than text" {
	need tshark
	local name=$'\e[31m\xff\xc0\x80\u202e"\\\n'
	unix_ready d --pcap file "./$name" </dev/null
	try 0 "$DUCAT" unix "./$name" </dev/null
	finish d
	sound file
	LC_ALL=C grep -qaF $'\e[31m' file && return 1
	comments file | grep -qF '\x1b[31m'
}
