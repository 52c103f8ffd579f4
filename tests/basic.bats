# The main job: bytes from here to there, and how the two ends are named.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# Exchange a little with the listener "l" that was made ready, by a connect
# with the arguments given; both ends must be content.
exchange()
{
	printf 'to the listener\n' >there
	try 0 "$DUCAT" connect "$@" <there
	silent err
	finish l
	silent l
	contains l.out $'to the listener\n'
	contains out $'to the client\n'
}

answering_listen()
{
	printf 'to the client\n' >back
	listen_ready l "$@" <back
}

@test "listen receives what connect sends" {
	payload sent 3000000
	listen_ready l 127.0.0.1 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	silent err
	empty out
	finish l
	silent l
	same sent l.out
}

@test "connect receives what listen sends" {
	payload sent 3000000
	listen_ready l 127.0.0.1 0 <sent
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	same sent out
	finish l
	silent l
	empty l.out
}

@test "both directions carry 8 MiB at the same time" {
	payload there 8388608 1
	payload back 8388608 2
	listen_ready l 127.0.0.1 0 <back
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	finish l
	silent l
	same there l.out
	same back out
}

@test "both directions carry 8 MiB through pipes on all four sides" {
	payload there 8388608 1
	payload back 8388608 2
	listen_ready_raw l 127.0.0.1 0 < <(cat back) > >(cat >got.there)
	# shellcheck disable=SC2002
	cat there | "$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" 2>err |
	    cat >got.back
	silent err
	finish l
	silent l
	retry_until "$BOUND" size_is got.there 8388608
	same there got.there
	same back got.back
}

@test "no byte is lost around the powers of two" {
	local size n
	for size in 512 1024 4096 8192 16384 32768 65536 131072 262144 \
	    1048576; do
		for n in $(( size - 1 )) "$size" $(( size + 1 )); do
			payload sent "$n"
			listen_ready "l$n" 127.0.0.1 0 </dev/null
			try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <sent
			silent err
			finish "l$n"
			silent "l$n"
			same sent "l$n.out"
			rm "l$n.out"
		done
	done
}

@test "a stream of 256 MiB arrives whole" {
	local sum
	listen_ready_raw l 127.0.0.1 0 </dev/null > >(md5sum >sum)
	"$PEER" bytes 268435456 | "$PEER" exec "$DUCAT" connect 127.0.0.1 \
	    "$PORT" >out 2>err
	silent err
	finish l
	silent l
	retry_until "$BOUND" test -s sum
	sum=$("$PEER" bytes 268435456 | md5sum)
	equal "$(<sum)" "$sum"
}

@test "tar through a pipe at both ends arrives under pipefail" {
	mkdir tree copy
	payload tree/a 100000 1
	payload tree/b 1 2
	mkdir -p tree/deep/er
	: >tree/deep/er/empty
	set -o pipefail
	listen_ready_raw l 127.0.0.1 0 </dev/null > >(tar xf - -C copy &&
	    : >unpacked)
	tar cf - tree | "$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" 2>err
	silent err
	finish l
	silent l
	retry_until "$BOUND" test -e unpacked
	diff -r tree copy/tree
}

@test "connect speaks to a peer that is not ducat" {
	printf 'question\n' >there
	peer_listen p 'read-until question\n; expect-eof; write-text answer\n'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <there
	silent err
	contains out $'answer\n'
	finish p
	silent p
}

@test "listen serves a peer that is not ducat" {
	printf 'greeting\n' >back
	listen_ready l 127.0.0.1 0 <back
	peer_connect p 'read-until greeting\n; expect-eof; write-text thanks\n'
	finish p
	silent p
	finish l
	silent l
	contains l.out $'thanks\n'
}

@test "without a host listen serves IPv4 clients" {
	answering_listen 0
	exchange 127.0.0.1 "$PORT"
}

@test "without a host listen serves IPv6 clients" {
	need ipv6
	answering_listen 0
	equal "${READY[*]}" ":: $PORT"
	exchange ::1 "$PORT"
}

@test "without IPv6 on the host listen takes 0.0.0.0" {
	in_netns
	ns sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' ||
	    skip "IPv6 cannot be switched off here"
	answering_listen 0
	equal "${READY[*]}" "0.0.0.0 $PORT"
	exchange 127.0.0.1 "$PORT"
}

@test "listen -4 takes IPv4 clients" {
	answering_listen -4 0
	equal "${READY[*]}" "0.0.0.0 $PORT"
	exchange 127.0.0.1 "$PORT"
}

@test "listen -4 takes no IPv6 clients" {
	need ipv6
	in_netns
	answering_listen -4 0
	try 7 "$DUCAT" connect ::1 "$PORT" </dev/null
	says err "connect to \[::1\]:$PORT: Connection refused"
	empty out
	exchange 127.0.0.1 "$PORT"
}

@test "listen -6 takes IPv6 clients only" {
	need ipv6
	in_netns
	answering_listen -6 0
	equal "${READY[*]}" ":: $PORT"
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err "connect to 127\.0\.0\.1:$PORT: Connection refused"
	exchange ::1 "$PORT"
}

@test "listen takes HOST:PORT" {
	answering_listen 127.0.0.1:0
	equal "$HOST" 127.0.0.1
	exchange "127.0.0.1:$PORT"
}

@test "listen and connect take [V6]:PORT" {
	need ipv6
	answering_listen '[::1]:0'
	equal "${READY[*]}" "::1 $PORT"
	exchange "[::1]:$PORT"
}

@test "listen and connect take an IPv6 HOST and a PORT" {
	need ipv6
	answering_listen ::1 0
	exchange ::1 "$PORT"
}

@test "options may stand after the operands" {
	answering_listen 127.0.0.1 0 -4 -n
	exchange 127.0.0.1 "$PORT" -n -4
}

@test "-N is accepted and changes nothing" {
	answering_listen -N 127.0.0.1 0
	exchange -N 127.0.0.1 "$PORT"
}

@test "the last of a repeated option counts" {
	answering_listen 127.0.0.1 0
	exchange --max-send 1 --max-send 1k 127.0.0.1 "$PORT"
}

@test "connect finds localhost by name" {
	answering_listen 0
	exchange localhost "$PORT"
}

@test "connect -4 to a name takes its IPv4 address" {
	answering_listen 127.0.0.1 0
	exchange -4 localhost "$PORT"
}

@test "connect -6 to an IPv4 address fails before anything is sent" {
	answering_listen 127.0.0.1 0
	status=0
	"$PEER" exec "$DUCAT" connect -6 127.0.0.1 "$PORT" \
	    </dev/null >out 2>err || status=$?
	[[ $status -eq 2 || $status -eq 6 ]]
	says err '127\.0\.0\.1'
	empty out
	exchange 127.0.0.1 "$PORT"
}

@test "all sockets of localhost share one port" {
	need ipv6
	printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	answering_listen localhost 0
	equal "${#READY[@]}" 2
	equal "$(printf '%s\n' "${READY[@]}" | sort)" \
	    "$(printf '127.0.0.1 %s\n::1 %s' "$PORT" "$PORT")"
	exchange ::1 "$PORT"
}

@test "each socket of localhost can be reached" {
	need ipv6
	printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	listen_ready l -k localhost 0 </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" < <(printf 'four ')
	silent err
	try 0 "$DUCAT" connect ::1 "$PORT" < <(printf 'six')
	silent err
	retry_until "$BOUND" size_is l.out 8
	contains l.out 'four six'
	silent l
}

@test "of a name's addresses those of this host are listened on" {
	printf '192.0.2.77 double\n127.0.0.1 double\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	answering_listen double 0
	equal "${READY[*]}" "127.0.0.1 $PORT"
	exchange 127.0.0.1 "$PORT"
}

@test "a name without an address of this host cannot be listened on" {
	printf '192.0.2.77 elsewhere\n' >hosts
	with_hosts hosts
	in_netns
	try 45 "${WITH_HOSTS[@]}" "$DUCAT" listen elsewhere 0 </dev/null
	says err '192\.0\.2\.77'
	empty out
}

@test "connect tries the addresses of a name in turn" {
	printf '127.0.0.2 double\n127.0.0.1 double\n127.0.0.3 double\n' \
	    >hosts
	with_hosts hosts
	in_netns
	answering_listen 127.0.0.1 0
	printf 'to the listener\n' >there
	try 0 "${WITH_HOSTS[@]}" "$DUCAT" connect double "$PORT" <there
	silent err
	contains out $'to the client\n'
	finish l
	silent l
	contains l.out $'to the listener\n'
}

@test "connect fails with 7 when no address of a name answers" {
	printf '127.0.0.2 double\n127.0.0.1 double\n' >hosts
	with_hosts hosts
	in_netns
	try 7 "${WITH_HOSTS[@]}" "$DUCAT" connect double 4 </dev/null
	has err '^ducat: connect to .*:4: Connection refused$'
	empty out
}

@test "ports may be service names" {
	getent services http >/dev/null ||
	    skip "no services are known here"
	in_netns
	answering_listen 127.0.0.1 http
	equal "${READY[*]}" "127.0.0.1 80"
	exchange 127.0.0.1:http
}

@test "-n looks up no names" {
	status=0
	"$PEER" exec "$DUCAT" connect -n localhost 80 </dev/null >out 2>err ||
	    status=$?
	[[ $status -eq 2 || $status -eq 6 ]]
	says err localhost
	empty out
}

@test "-n looks up no services" {
	status=0
	"$PEER" exec "$DUCAT" listen -n 127.0.0.1 http \
	    </dev/null >out 2>err || status=$?
	[[ $status -eq 2 || $status -eq 6 ]]
	says err http
	empty out
}

@test "-s is the address that the peer sees" {
	need linux	# all of 127/8 is the host's own
	peer_listen p 'who; read-all'
	try 0 "$DUCAT" connect -s 127.0.0.77 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	has p.out '^127\.0\.0\.77 '
}

@test "-p is the port that the peer sees" {
	in_netns
	peer_listen p 'who; read-all'
	try 0 "$DUCAT" connect -p 40123 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	has p.out '^127\.0\.0\.1 40123$'
}

@test "-s and -p together are what the peer sees" {
	need ipv6
	in_netns
	peer_listen p 'who; read-all' ::1
	try 0 "$DUCAT" connect -s ::1 -p 40123 ::1 "$PORT" </dev/null
	silent err
	finish p
	has p.out '^::1 40123$'
}

@test "--interface lo works at both ends" {
	in_netns
	answering_listen --interface lo 127.0.0.1 0
	exchange --interface lo 127.0.0.1 "$PORT"
}

@test "an interface without a way to the peer is no way" {
	in_netns
	ns ip link add name left type veth peer name right 2>/dev/null ||
	    skip "no veth here"
	ns ip addr add 198.51.100.1/24 dev left
	ns ip link set left up
	ns ip link set right up
	listen_ready l --interface left 0 </dev/null
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err 'Connection refused'
	empty out
	silent l
}

@test "link-local addresses work with their scope" {
	need ipv6
	in_netns
	ns ip addr add fe80::77/64 dev lo nodad
	answering_listen 'fe80::77%lo' 0
	exchange "[fe80::77%lo]:$PORT"
}

@test "--backlog is what the kernel was told" {
	need ss
	in_netns
	listen_ready l --backlog 7 127.0.0.1 0 </dev/null
	ns ss -Hltn >sockets
	has sockets "^LISTEN +0 +7 +127\.0\.0\.1:$PORT "
	silent l
}

@test "a port can be listened on again at once" {
	in_netns
	answering_listen 127.0.0.1 40123
	exchange 127.0.0.1 40123
	# Whoever closed first has left that port in TIME-WAIT.
	printf 'from the listener, which then closes first\n' >back
	listen_ready again 127.0.0.1 40123 <back
	peer_connect p 'read-all'
	finish p
	finish again
	silent again
	listen_ready third 127.0.0.1 40123 </dev/null
	peer_connect p 'shut; expect-eof'
	finish p
	finish third
	silent third
}

@test "without -k the listening socket is closed once a client came" {
	in_netns
	listen_ready l 127.0.0.1 0 </dev/null
	peer_connect p 'write-text first; wait-file go; shut; expect-eof'
	retry_until "$BOUND" size_is l.out 5
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err 'Connection refused'
	: >go
	finish p
	finish l
	silent l
	contains l.out first
}

@test "small messages are sent at once" {
	need ptrace linux
	peer_listen p 'read-all'
	try 0 strace -f -e trace=setsockopt -o trace "$PEER" exec \
	    "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	has trace 'TCP_NODELAY, \[1\]'
	finish p
}

@test "a conversation goes back and forth" {
	mkfifo answers
	feed_open questions
	exec 5<>answers
	peer_listen p 'read-until one\n; write-text eins\n;
	    read-until two\n; write-text zwei\n; read-all'
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <questions.fifo >answers
	local line
	echo one >&6
	read -r -t "$BOUND" line <&5
	equal "$line" eins
	echo two >&6
	read -r -t "$BOUND" line <&5
	equal "$line" zwei
	feed_close
	finish d
	silent d
	finish p
	exec 5>&-
}

@test "-v tells on standard error and leaves standard output alone" {
	printf 'to the listener\n' >there
	answering_listen -v 127.0.0.1 0
	try 0 "$DUCAT" connect -v 127.0.0.1 "$PORT" <there
	finish l
	contains out $'to the client\n'
	contains l.out $'to the listener\n'
	has err "127\.0\.0\.1:$PORT"
	has l.err "127\.0\.0\.1:$PORT"
	lacks err '^$'
	[[ $(grep -vc '^ducat: ' err) -eq 0 ]]
}

@test "--quiet keeps errors to itself" {
	in_netns
	try 7 "$DUCAT" connect --quiet 127.0.0.1 4 </dev/null
	silent err
	empty out
}
