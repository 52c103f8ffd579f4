# udp-send and udp-recv over networks, and with programs of others.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load datagrams

### Other programs

@test "nc.openbsd -u sends to udp-recv" {
	need nc.openbsd
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	printf 'from nc' >in
	start n nc.openbsd -u -w 1 127.0.0.1 "$PORT" <in
	received r
	contains r.out $'from nc\n'
}

@test "nc.openbsd -u receives from udp-send" {
	need nc.openbsd
	in_netns
	feed_open in
	start n nc.openbsd -u -l 127.0.0.1 5000 <in.fifo
	retry_until "$BOUND" udp_bound 5000
	printf 'to nc' | try 0 "$DUCAT" udp-send 127.0.0.1 5000
	silent err
	retry_until "$BOUND" size_is n.out 5
	contains n.out 'to nc'
	feed_close
}

@test "nc.openbsd -u answers udp-send" {
	need nc.openbsd
	in_netns
	feed_open in
	start n nc.openbsd -u -l 127.0.0.1 5000 <in.fifo
	retry_until "$BOUND" udp_bound 5000
	printf question >question
	start s "$DUCAT" udp-send --reply -w 1d 127.0.0.1 5000 <question
	retry_until "$BOUND" size_is n.out 8
	printf answer >&6
	received s
	contains s.out answer
	feed_close
}

@test "nc.openbsd -u is answered by udp-recv" {
	need nc.openbsd
	printf answer >answer
	printf question >question
	recv_ready r --reply --count 2 127.0.0.1 0 <answer
	feed_open in
	start n nc.openbsd -u 127.0.0.1 "$PORT" <in.fifo
	printf question >&6
	retry_until "$BOUND" size_is n.out 6
	contains n.out answer
	printf ' again' >&6
	received r
	contains r.out 'question again'
	feed_close
}

@test "nc.traditional -u sends to udp-recv" {
	need nc.traditional
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	printf 'from nc' >in
	start n nc.traditional -u -w 1 127.0.0.1 "$PORT" <in
	received r
	contains r.out 'from nc'
}

@test "ncat -u sends to udp-recv and is answered" {
	need ncat
	printf answer >answer
	recv_ready r --reply --count 2 127.0.0.1 0 <answer
	feed_open in
	start n ncat -u 127.0.0.1 "$PORT" <in.fifo
	printf question >&6
	retry_until "$BOUND" size_is n.out 6
	contains n.out answer
	printf ' again' >&6
	received r
	contains r.out 'question again'
	feed_close
}

@test "ncat -u answers udp-send" {
	need ncat
	in_netns
	start n ncat -u -l 127.0.0.1 5000 --exec "$(type -P cat)" </dev/null
	retry_until "$BOUND" udp_bound 5000
	printf question | try 0 "$DUCAT" udp-send --reply 127.0.0.1 5000
	silent err
	contains out question
}

@test "socat's UDP4-SENDTO reaches udp-recv" {
	need socat
	payload in 60000
	recv_ready r --frame netstring --count 1 127.0.0.1 0 </dev/null
	try 0 socat -u -b 65536 OPEN:in "UDP4-SENDTO:127.0.0.1:$PORT"
	received r
	netstring_of in >want
	same want r.out
}

@test "socat's UDP6-SENDTO reaches udp-recv" {
	need socat ipv6
	recv_ready r --count 1 ::1 0 </dev/null
	printf six >in
	try 0 socat -u OPEN:in "UDP6-SENDTO:[::1]:$PORT"
	received r
	contains r.out six
}

# lengths FILE: of the datagrams that socat -x has seen.
lengths()
{
	sed -n 's/^> .* length=\([0-9]*\) from=.*/\1/p' "$1" | tr '\n' ' '
}

@test "socat sees the datagrams of udp-send one by one" {
	need socat
	in_netns
	start c socat -u -b 65536 -x UDP4-RECV:5000,bind=127.0.0.1 \
	    OPEN:got,creat </dev/null
	retry_until "$BOUND" udp_bound 5000
	payload big 65507
	{ printf '1:a,700:%0700d,700:%0700d,3:abc,' 7 8; netstring_of big; } |
	    try 0 "$DUCAT" udp-send --frame netstring 127.0.0.1 5000
	silent err
	retry_until "$BOUND" size_is got 66911
	equal "$(lengths c.err)" '1 700 700 3 65507 '
	{ printf 'a%0700d%0700dabc' 7 8; cat big; } >want
	same want got
}

@test "socat sees blocks of one size one by one" {
	need socat
	in_netns
	start c socat -u -b 65536 -x "UDP6-RECV:5000,bind=[::1]" \
	    OPEN:got,creat </dev/null
	retry_until "$BOUND" udp_bound 5000
	payload in 4500
	try 0 "$DUCAT" udp-send --frame block --datagram-size 1000 ::1 5000 \
	    <in
	silent err
	retry_until "$BOUND" size_is got 4500
	equal "$(lengths c.err)" '1000 1000 1000 1000 500 '
	same in got
}

# query TYPE: recursion desired: example.test, of that type (octal), IN.
query()
{
	printf '\22\64\1\0\0\1\0\0\0\0\0\0\7example\4test\0\0%b\0\1' "\\0$1"
}

@test "dnsmasq answers queries, over IPv4 and IPv6" {
	need root dnsmasq ipv6
	in_netns
	start d dnsmasq --keep-in-foreground --conf-file=/dev/null \
	    --no-resolv --no-hosts --pid-file= --user= --port=5300 \
	    --listen-address=127.0.0.1,::1 --bind-interfaces \
	    --address=/example.test/192.0.2.5 \
	    --address=/example.test/2001:db8::5 </dev/null
	retry_until "$BOUND" grep -q :14B4 "/proc/${PID[namespace]}/net/udp"
	retry_until "$BOUND" grep -q :14B4 "/proc/${PID[namespace]}/net/udp6"
	query 1 | try 0 "$DUCAT" udp-send --reply 127.0.0.1 5300
	silent err
	equal "$(head -c 2 out | od -An -tx1)" ' 12 34'
	equal "$(tail -c 4 out | od -An -tu1)" ' 192   0   2   5'
	query 34 | try 0 "$DUCAT" udp-send --reply ::1 5300
	silent err
	equal "$(head -c 2 out | od -An -tx1)" ' 12 34'
	equal "$(tail -c 16 out | od -An -v -tx1)" \
	    ' 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 05'
}

@test "logger's messages are received, a line each" {
	need logger
	printf 'hello\ntwo words\nend\n' >in
	recv_ready r --frame line --count 3 127.0.0.1 0 </dev/null
	try 0 logger -d -n 127.0.0.1 -P "$PORT" -p user.notice -t test -f in
	received r
	equal "$(wc -l <r.out)" 3
	equal "$(sed -E 's/^<13>.* test .* (hello|two words|end)$/\1/' r.out)" \
	    $'hello\ntwo words\nend'
}

@test "busybox syslogd forwards a datagram a message" {
	need busybox logger mountns
	busybox --list | grep -qx syslogd || skip "busybox has no syslogd"
	recv_ready r --count 2 127.0.0.1 0 </dev/null
	# It receives on /dev/log, which is to be one of this test.
	mkdir dev
	touch dev/null
	start log unshare "${USER_NS[@]}" -m sh -c '
	    mount --bind /dev/null dev/null && mount --rbind dev /dev &&
	    exec busybox syslogd -n -R "127.0.0.1:$1"' sh "$PORT" </dev/null
	retry_until "$BOUND" test -S dev/log
	try 0 logger -u dev/log -p user.notice -t test 'hello'
	try 0 logger -u dev/log -p user.error -t test 'two words'
	received r
	equal "$(wc -l <r.out)" 2
	has r.out '^<13>.*test: hello$'
	has r.out '^<11>.*test: two words$'
}

@test "rsyslogd takes each datagram as a message" {
	need rsyslogd
	in_netns
	PORT=514
	cat >conf <<-END
	global(workDirectory="$PWD")
	module(load="imudp")
	input(type="imudp" address="127.0.0.1" port="514" ruleset="here")
	template(name="raw" type="string" string="%rawmsg%\n")
	ruleset(name="here") {
		action(type="omfile" file="$PWD/messages" template="raw")
	}
	END
	# By its own name the system may confine it to the system's log.
	cp "$(type -P rsyslogd)" program
	start log ./program -n -f "$PWD/conf" -i "$PWD/log.pid" </dev/null
	retry_until "$BOUND" udp_bound 514
	printf '<13>backup: done' | sent
	printf '<13>test: %s\n' one 'two words' end | sent --frame line
	printf '%s\n' '<13>backup: done' '<13>test: one' \
	    '<13>test: two words' '<13>test: end' >want
	retry_until "$BOUND" size_is messages "$(wc -c <want)"
	same want messages
}

@test "counters for statsd are a datagram each, of bash and of ducat" {
	need python3
	in_netns
	PORT=8125
	start statsd python3 - <<-'END'
	import re, socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", 8125))
	sums = {}
	for i in range(7):
	    data = s.recv(65536)
	    what = re.fullmatch(rb"([a-z.]+):([0-9]+)\|c", data)
	    if what is None:
	        sys.exit("not one counter: %r" % data)
	    name = what.group(1).decode()
	    sums[name] = sums.get(name, 0) + int(what.group(2))
	for name in sorted(sums):
	    print(name, sums[name])
	END
	retry_until "$BOUND" udp_bound 8125
	ns bash -c 'exec 5>/dev/udp/127.0.0.1/8125
	    for n in 1 2 3; do printf "bash.runs:%d|c" "$n" >&5; done'
	printf '%s\n' 'ducat.files:40|c' 'ducat.runs:1|c' 'ducat.files:2|c' \
	    'ducat.runs:1|c' | sent --frame line
	received statsd
	contains statsd.out $'bash.runs 6\nducat.files 42\nducat.runs 2\n'
}

@test "counters of bash are records of udp-recv" {
	local n
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	exec 5>"/dev/udp/127.0.0.1/$PORT"
	for n in 1 20 300; do
		printf 'a:%d|c' "$n" >&5
	done
	exec 5>&-
	received r
	contains r.out '5:a:1|c,6:a:20|c,7:a:300|c,'
}

@test "tcpdump sees blocks of 64 bytes one by one" {
	need root tcpdump socat ipv6
	in_netns
	# What is sent together is cut apart before the device, not by it.
	ns ip link set lo gso_max_segs 1
	payload in 650
	one_by_one 127.0.0.1 4
	one_by_one ::1 6
}

# one_by_one HOST FAMILY: the file in, on the wire and at the other end.
one_by_one()
{
	local host=$1 family=$2 n want=''
	rm -f got
	start c socat -u -b 65536 -x "UDP$family-RECV:5000" OPEN:got,creat \
	    </dev/null
	retry_until "$BOUND" udp_bound 5000
	start t tcpdump -n -l -i lo --immediate-mode -c 12 udp dst port 5000 \
	    </dev/null
	retry_until "$BOUND" grep -q 'listening on' t.err
	try 0 "$DUCAT" udp-send --frame block --datagram-size 64 "$host" 5000 \
	    <in
	silent err
	retry_until "$BOUND" size_is got 650
	shot last "$host" 5000
	finish t
	for n in 1 2 3 4 5 6 7 8 9 10; do
		want+='64 '
	done
	equal "$(sed -n 's/.*5000: UDP, length //p' t.out | tr '\n' ' ')" \
	    "${want}10 4 "
	retry_until "$BOUND" size_is got 654
	equal "$(lengths c.err)" "${want}10 4 "
	head -c 650 got >sent
	same in sent
	kill "${PID[c]}"
	finish c 143
}

### Two machines

# machine NAME: another network namespace; the test's own is "namespace".
machine()
{
	"${NAMESPACE[@]}" unshare -n "$PEER" exec -t 110 \
	    tail -f /dev/null </dev/null >/dev/null 2>&1 &
	PID[$1]=$!
	retry_until "$BOUND" is_machine "$1"
}

is_machine()
{
	other_netns "${PID[$1]}" && [[ $(readlink "/proc/${PID[$1]}/ns/net") \
	    != "$(readlink "/proc/${PID[namespace]}/ns/net")" ]]
}

# at NAME COMMAND [ARG]...: over there; of this file's words.
at()
{
	local NAMESPACE=(nsenter -t "${PID[$1]}" -n)
	[[ $EUID -eq 0 ]] || NAMESPACE=(nsenter -t "${PID[$1]}" -U
	    --preserve-credentials -n)
	shift
	"$@"
}

# wire NAME DEVICE NAME DEVICE MTU: between two machines.
wire()
{
	local name
	# Addresses are to be of use at once, without a search for doubles.
	for name in "$1" "$3"; do
		at "$name" ns sh -c \
		    'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad' \
		    2>/dev/null || :
	done
	at "$1" ns ip link add "$2" mtu "$5" type veth peer name "$4" \
	    mtu "$5" netns "${PID[$3]}" 2>/dev/null || skip "no veth here"
}

# two_machines [MTU]: "second" is 10.0.0.2 on "there", and this one 10.0.0.1
# on "here".
two_machines()
{
	in_netns
	machine second
	wire namespace here second there "${1:-1500}"
	ns ip -batch - <<-'END'
	addr add 10.0.0.1/24 dev here
	link set here up
	route add 224.0.0.0/4 dev here
	END
	at second ns ip -batch - <<-'END'
	link set lo up
	addr add 10.0.0.2/24 dev there
	link set there up
	route add 224.0.0.0/4 dev there
	END
}

# with_six: they are fd00::1 and fd00::2, too.
with_six()
{
	need ipv6
	ns ip addr add fd00::1/64 dev here nodad
	at second ns ip addr add fd00::2/64 dev there nodad
}

# routed [MTU]: "second", 10.0.1.2 and fd00:1::2, reaches this one, 10.0.0.1
# and fd00::1, by way of "router", from which on links have that MTU.
routed()
{
	in_netns
	machine router
	machine second
	wire namespace here router near "${1:-1500}"
	wire router far second there 1500
	ns ip -batch - <<-'END'
	addr add 10.0.0.1/24 dev here
	link set here up
	route add default via 10.0.0.254
	END
	at router ns ip -batch - <<-'END'
	addr add 10.0.0.254/24 dev near
	addr add 10.0.1.254/24 dev far
	link set near up
	link set far up
	END
	at second ns ip -batch - <<-'END'
	addr add 10.0.1.2/24 dev there
	link set there up
	route add default via 10.0.1.254
	END
	at router ns sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# routed_six [MTU]: with IPv6 beside.
routed_six()
{
	need ipv6
	routed "$@"
	ns ip -batch - <<-'END'
	addr add fd00::1/64 dev here nodad
	route add default via fd00::254
	END
	at router ns ip -batch - <<-'END'
	addr add fd00::254/64 dev near nodad
	addr add fd00:1::254/64 dev far nodad
	END
	at second ns ip -batch - <<-'END'
	addr add fd00:1::2/64 dev there nodad
	route add default via fd00:1::254
	END
	at router ns sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# from_second STATUS ARG...: udp-send, over there.
from_second()
{
	local want=$1
	shift
	at second try "$want" "$DUCAT" udp-send "$@"
}

link_local()
{
	ns ip -6 addr show dev "$1" scope link -tentative 2>/dev/null |
	    grep -q 'inet6 fe80'
}

@test "--join takes a group's datagrams, from anyone" {
	two_machines
	recv_ready r --frame json --join 239.1.2.3 --count 2 5000 </dev/null
	printf one | from_second 0 239.1.2.3 5000
	silent err
	printf two | try 0 "$DUCAT" udp-send 239.1.2.3 5000
	silent err
	received r
	has r.out '"peer":"10\.0\.0\.2:.*"local":"239\.1\.2\.3:5000".*"one"'
	has r.out '"peer":"10\.0\.0\.1:.*"local":"239\.1\.2\.3:5000".*"two"'
}

@test "without --join a group's datagrams are not taken" {
	two_machines
	recv_ready other --join 239.1.2.3 --frame line --count 1 \
	    239.1.2.3 5000 </dev/null
	recv_ready r --frame line --count 1 10.0.0.1 5000 </dev/null
	echo group | from_second 0 --frame line 239.1.2.3 5000
	received other
	contains other.out $'group\n'
	echo alone | from_second 0 --frame line 10.0.0.1 5000
	received r
	contains r.out $'alone\n'
}

@test "--join GROUP%IF names the interface" {
	two_machines
	ns ip route del 224.0.0.0/4
	recv_ready r --join 239.1.2.3%here --count 1 5000 </dev/null
	printf one | from_second 0 239.1.2.3 5000
	received r
	contains r.out one
}

@test "a group that another program joined is not taken" {
	two_machines
	with_six
	recv_ready r --frame line --count 2 5000 </dev/null
	recv_ready four -4 --frame line --count 1 5004 </dev/null
	recv_ready six -6 --frame line --count 1 5006 </dev/null
	recv_ready other --frame line --join 239.1.2.3%here \
	    --join ff05::1234%here --count 2 5001 </dev/null
	local port
	for port in 5000 5004 5006 5001; do
		echo no | from_second 0 --frame line 239.1.2.3 "$port"
		echo no | from_second 0 --frame line ff05::1234%there "$port"
	done
	received other
	contains other.out $'no\nno\n'
	echo 10.0.0.1 | from_second 0 --frame line 10.0.0.1 5000
	echo fd00::1 | from_second 0 --frame line fd00::1 5000
	echo yes | from_second 0 --frame line 10.0.0.1 5004
	echo yes | from_second 0 --frame line fd00::1 5006
	received r
	contains r.out $'10.0.0.1\nfd00::1\n'
	received four
	contains four.out $'yes\n'
	received six
	contains six.out $'yes\n'
}

@test "--join may be given twice" {
	two_machines
	recv_ready r --frame line --join 239.1.2.3 --join 239.1.2.4 --count 2 \
	    5000 </dev/null
	echo one | from_second 0 --frame line 239.1.2.3 5000
	echo two | from_second 0 --frame line 239.1.2.4 5000
	received r
	contains r.out $'one\ntwo\n'
}

@test "--join takes groups of other groups' programs not" {
	two_machines
	recv_ready other --frame line --join 239.1.2.4 --count 1 5001 \
	    </dev/null
	recv_ready r --frame line --join 239.1.2.3 --count 1 5000 </dev/null
	echo other | from_second 0 --frame line 239.1.2.4 5000
	echo mine | from_second 0 --frame line 239.1.2.3 5000
	received r
	contains r.out $'mine\n'
}

@test "--join GROUP,SOURCE takes that source only" {
	two_machines
	at second ns ip addr add 10.0.0.3/24 dev there
	recv_ready r --frame line --join 232.1.2.3,10.0.0.3 --count 1 5000 \
	    </dev/null
	echo other | from_second 0 --frame line -s 10.0.0.2 232.1.2.3 5000
	echo right | from_second 0 --frame line -s 10.0.0.3 232.1.2.3 5000
	received r
	contains r.out $'right\n'
}

@test "two receivers of a group on one port both get all" {
	two_machines
	recv_ready a --join 239.1.2.3 --count 1 5000 </dev/null
	recv_ready b --join 239.1.2.3 --count 1 5000 </dev/null
	printf all | from_second 0 239.1.2.3 5000
	received a
	received b
	contains a.out all
	contains b.out all
}

@test "a link-local IPv6 group is joined on its interface" {
	need ipv6
	two_machines
	retry_until "$BOUND" link_local here
	retry_until "$BOUND" at second link_local there
	recv_ready r --frame json --join ff02::1234%here --count 1 5000 \
	    </dev/null
	printf six | from_second 0 'ff02::1234%there' 5000
	silent err
	received r
	has r.out '"peer":"\[fe80::.*"local":"\[ff02::1234.*"text":"six"'
}

@test "an interface whose name is not to be shown is told by its number" {
	need ipv6 jq
	local name=$'a"\e[31m\377' where
	in_netns
	ns ip link add "$name" type veth peer name other || skip "no veth here"
	ns ip addr add fe80::1/64 dev "$name" nodad
	ns ip link set "$name" up
	where=fe80::1%$(ns ip -o link show dev "$name" | cut -d : -f 1)
	recv_ready r -v --frame json --count 1 :: 5000 </dev/null
	printf some | try 0 "$DUCAT" udp-send "$where" 5000
	finish r
	lacks r.err '[^ -~]'
	has r.err "^ducat: .*\[$where\]:"
	try 0 jq -r .local r.out
	contains out "[$where]:5000"$'\n'
}

@test "an IPv6 group is joined for one source" {
	two_machines
	with_six
	retry_until "$BOUND" link_local here
	at second ns ip addr add fd00::3/64 dev there nodad
	recv_ready r --frame line --join ff35::1234%here,fd00::3 --count 1 \
	    5000 </dev/null
	echo other | from_second 0 --frame line -s fd00::2 \
	    'ff35::1234%there' 5000
	echo right | from_second 0 --frame line -s fd00::3 \
	    'ff35::1234%there' 5000
	received r
	contains r.out $'right\n'
}

@test "--multicast-loop 0 keeps a group's datagrams away from here" {
	two_machines
	recv_ready r --frame line --join 239.1.2.3 --count 1 5000 </dev/null
	echo no | try 0 "$DUCAT" udp-send --frame line --multicast-loop 0 \
	    239.1.2.3 5000
	echo yes | try 0 "$DUCAT" udp-send --frame line --multicast-loop 1 \
	    239.1.2.3 5000
	received r
	contains r.out $'yes\n'
}

@test "--multicast-ttl 0 keeps a group's datagrams at home" {
	two_machines
	recv_ready r --frame line --join 239.1.2.3 --count 1 5000 </dev/null
	# Linux heeds 0 only where the group has a member at home.
	at second recv_ready home --frame line --join 239.1.2.3 --count 2 \
	    5000 </dev/null
	echo no | from_second 0 --frame line --multicast-ttl 0 239.1.2.3 5000
	echo yes | from_second 0 --frame line --multicast-ttl 1 239.1.2.3 5000
	received home
	contains home.out $'no\nyes\n'
	received r
	contains r.out $'yes\n'
}

@test "--interface is where a group's datagrams go" {
	two_machines
	at second ns ip route del 224.0.0.0/4
	recv_ready r --join 239.1.2.3 --count 1 5000 </dev/null
	printf x | from_second 0 --interface there 239.1.2.3 5000
	silent err
	received r
	contains r.out x
}

@test "members of a group answer --reply=all" {
	two_machines
	echo here >answer
	recv_ready a --frame line --reply --join 239.1.2.3 --count 1 5000 \
	    <answer
	echo also >another
	recv_ready b --frame line --reply --join 239.1.2.3 --count 1 5000 \
	    <another
	echo who | from_second 0 --frame line --reply=all -w 1 239.1.2.3 5000
	silent err
	equal "$(sort out)" $'also\nhere'
	received a
	received b
}

@test "a broadcast needs --broadcast" {
	two_machines
	printf x | from_second 7 10.0.0.255 5000
	says err '10\.0\.0\.255.*Permission denied'
	empty out
}

@test "--broadcast reaches the network, and anyone may answer" {
	two_machines
	printf answer >answer
	recv_ready r --frame json --count 1 5000 </dev/null
	printf question | from_second 0 --broadcast 10.0.0.255 5000
	silent err
	received r
	has r.out '"peer":"10\.0\.0\.2:.*"text":"question"'
	recv_ready r --reply --count 1 5000 <answer
	printf question | from_second 0 --broadcast --reply -w 1d 10.0.0.255 \
	    5000
	silent err
	contains out answer
	received r
}

@test "a record beyond the path's MTU is told, not cut" {
	two_machines 1280
	payload big 1253
	recv_ready r --frame netstring --count 2 0 </dev/null
	{ printf '3:one,3:two,'; netstring_of big; printf '5:never,'; } >in
	from_second 63 --frame netstring 10.0.0.1 "$PORT" <in
	says err '10\.0\.0\.1:.* 1253 .* 1252 .*--datagram-size'
	received r
	contains r.out '3:one,3:two,'
}

@test "a record that just fits the path's MTU is sent" {
	two_machines 1280
	payload big 1252
	netstring_of big >in
	recv_ready r --frame netstring --count 1 0 </dev/null
	from_second 0 --frame netstring 10.0.0.1 "$PORT" <in
	silent err
	received r
	same in r.out
}

@test "--datagram-size lets the kernel fragment" {
	two_machines 1280
	payload big 2000
	netstring_of big >in
	recv_ready r --frame netstring --count 1 0 </dev/null
	from_second 0 --frame netstring --datagram-size 2000 10.0.0.1 "$PORT" \
	    <in
	silent err
	received r
	same in r.out
}

@test "65,507 bytes in fragments arrive whole" {
	two_machines 1280
	payload big 65507
	netstring_of big >in
	recv_ready r --frame netstring --count 1 0 </dev/null
	from_second 0 --frame netstring --datagram-size 65507 10.0.0.1 \
	    "$PORT" <in
	silent err
	received r
	same in r.out
}

@test "a stream is cut at the path's MTU" {
	two_machines 1280
	payload in 3000
	recv_ready r --frame netstring --count 3 0 </dev/null
	from_second 0 10.0.0.1 "$PORT" <in
	silent err
	received r
	head -c 1252 in >a
	tail -c +1253 in | head -c 1252 >b
	tail -c 496 in >c
	cat <(netstring_of a) <(netstring_of b) <(netstring_of c) >want
	same want r.out
}

@test "blocks beyond the path's MTU are fragmented" {
	two_machines 1280
	payload in 6500
	recv_ready r --count 4 0 </dev/null
	from_second 0 --frame block --datagram-size 2000 10.0.0.1 "$PORT" <in
	silent err
	received r
	same in r.out
}

### A router between

# ICMP has told the second machine that something did not arrive.
second_was_told()
{
	local told
	told=$(awk '$1 == "Icmp:" && col { print $col }
	    $1 == "Icmp:" && ! col { for (i = 2; i <= NF; i++)
	        if ($i == "InDestUnreachs") col = i }' \
	    "/proc/${PID[second]}/net/snmp")
	(( told > 0 ))
}

# sending HOST [OPTION]...: udp-send over there, of what comes on FEED.
sending()
{
	local host=$1
	shift
	feed_open in
	at second start s "$DUCAT" udp-send "$@" "$host" 5000 <in.fifo
}

# narrow HOST ROOM: that host is behind a link that takes so many bytes.
narrow()
{
	local host=$1 room=$2
	recv_ready r --frame netstring --count 3 "$host" 5000 </dev/null
	# What is lost before the router told is not sent again, ...
	rm -f in.fifo
	sending "$host" --frame netstring
	{ printf '3:one,'; netstring_of big; } >&6
	finish s 63
	says s.err "lost.* $room .*--datagram-size"
	feed_close
	# ... and afterwards it is known.
	{ printf '3:two,'; netstring_of big; printf '5:never,'; } >in
	from_second 63 --frame netstring "$host" 5000 <in
	says err " 1400 .* $room .*--datagram-size"
	netstring_of big |
	    from_second 0 --frame netstring --datagram-size 1400 "$host" 5000
	silent err
	received r
	{ printf '3:one,3:two,'; netstring_of big; } >want
	same want r.out
}

@test "a record beyond the MTU behind a router is told, not cut" {
	routed_six 1280
	payload big 1400
	narrow 10.0.0.1 1252
	narrow fd00::1 1232
}

@test "a host that a router cannot reach is 7" {
	routed_six
	local host
	# Nobody is there, which is to be found out soon.
	at router ns sh -c 'cd /proc/sys/net
	    for family in ipv4 ipv6; do
		echo 1 >$family/neigh/near/mcast_solicit
		echo 100 >$family/neigh/near/retrans_time_ms
	    done'
	for host in 10.0.0.77 fd00::77; do
		printf x | from_second 7 --reply -w 5 "$host" 5000
		says err "$host.*:5000: No route to host"
		empty out
	done
}

@test "a network that a router does not know is 7" {
	routed_six
	local host
	for host in 10.0.2.1 fd00:2::1; do
		printf x | from_second 7 --reply -w 5 "$host" 5000
		says err "$host.*:5000: Network is unreachable"
		empty out
	done
}

@test "a network that a router prohibits is 7" {
	routed_six
	at router ns ip -batch - <<-'END'
	route add prohibit 10.0.2.0/24
	route add prohibit fd00:2::/64
	END
	printf x | from_second 7 --reply -w 5 10.0.2.1 5000
	says err '10\.0\.2\.1:5000: No route to host'
	empty out
	printf x | from_second 7 --reply -w 5 fd00:2::1 5000
	says err '\[fd00:2::1\]:5000: Permission denied'
	empty out
}

@test "a path that breaks off and comes back is a warning" {
	routed
	recv_ready r --frame line --count 2 10.0.0.1 5000 </dev/null
	sending 10.0.0.1 --frame line
	echo one >&6
	retry_until "$BOUND" size_is r.out 4
	at router ns ip route add prohibit 10.0.0.1
	echo lost >&6
	retry_until "$BOUND" second_was_told
	at router ns ip route del prohibit 10.0.0.1
	echo two >&6
	feed_close
	finish s
	says s.err '10\.0\.0\.1:5000: No route to host \(some datagrams\)'
	received r
	contains r.out $'one\ntwo\n'
}

### Bad paths

# Of 300 datagrams those that did not arrive were lost by nft.
all_told()
{
	lost=$(ns nft list counter inet bad lost |
	    sed -n 's/.*packets \([0-9]*\) .*/\1/p')
	(( $(wc -l <r.out) + lost == 300 ))
}

@test "of what a path loses the rest comes whole and in order" {
	need nft
	local lost
	two_machines
	# One datagram a packet, whatever was sent together.
	at second ns ip link set there gso_max_segs 1
	ns nft -f - <<-'END' || skip "nft cannot lose here"
	table inet bad {
		counter lost { }
		chain in {
			type filter hook input priority 0
			meta l4proto udp numgen random mod 100 < 20 \
			    counter name lost drop
		}
	}
	END
	{ seq -f %0700g 150; seq 151 300; } >in
	recv_ready r --frame line --strict --count 300 10.0.0.1 5000 \
	    </dev/null
	from_second 0 --frame line 10.0.0.1 5000 <in
	silent err
	retry_until "$BOUND" all_told
	(( lost > 0 ))
	# It is not to wait for those for ever.
	ns nft delete table inet bad
	seq -f 'instead of %g' "$lost" |
	    from_second 0 --frame line 10.0.0.1 5000
	received r
	head -n $(( 300 - lost )) r.out >got
	grep -Fx -f got in >want
	same want got
	equal "$(tail -n 1 r.out)" "instead of $lost"
}

# bad_path HOW: what is sent from 10.9.0.1 to 10.9.0.2 comes back to the
# former as from the latter: each datagram "twice", or before each a "damaged"
# one, or all three in "reverse".
bad_path()
{
	need python3
	in_netns
	start path python3 - "$1" <<-'END'
	import fcntl, os, struct, subprocess, sys
	try:
	    tun = os.open("/dev/net/tun", os.O_RDWR)
	    # TUNSETIFF; IFF_TUN | IFF_NO_PI
	    fcntl.ioctl(tun, 0x400454ca,
	        struct.pack("16sH22x", b"far", 0x1001))
	except OSError as error:
	    print("none", flush=True)
	    sys.exit()
	subprocess.run(["ip", "-batch", "-"], check=True, text=True,
	    input="addr add 10.9.0.1/24 dev far\nlink set far up\n")
	print("up", flush=True)
	held = []
	while True:
	    packet = bytearray(os.read(tun, 65536))
	    if packet[0] >> 4 != 4 or packet[9] != 17:
	        continue
	    # The addresses change places; the sums remain right.
	    packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
	    held.append(packet)
	    if sys.argv[1] == "twice":
	        held.append(packet)
	    elif sys.argv[1] == "damaged":
	        held.insert(0, packet[:-1] + bytes([packet[-1] ^ 1]))
	    elif len(held) < 3:
	        continue
	    for packet in reversed(held) if sys.argv[1] == "reverse" else held:
	        os.write(tun, packet)
	    held = []
	END
	retry_until "$BOUND" test -s path.out
	grep -qx up path.out || skip "no tun devices here"
}

# through COUNT [OPTION]...: the file in, of three records, to a receiver of
# so many.
through()
{
	local count=$1
	shift
	printf '200:%0200d,3:two,0:,' 1 >in
	recv_ready r --frame netstring --count "$count" "$@" 10.9.0.1 5000 \
	    </dev/null
	try 0 "$DUCAT" udp-send --frame netstring 10.9.0.2 5000 <in
	silent err
	finish r
}

@test "what a path doubles comes twice" {
	bad_path twice
	through 6
	silent r
	printf '200:%0200d,200:%0200d,3:two,3:two,0:,0:,' 1 1 >want
	same want r.out
}

@test "what comes in another order is written so" {
	bad_path reverse
	through 3
	silent r
	printf '0:,3:two,200:%0200d,' 1 >want
	same want r.out
}

@test "a datagram that was damaged is not delivered, and may be told" {
	bad_path damaged
	through 3
	same in r.out
	says r.err 'lost here \(receive queue full, or damaged\)$'
}

### A slow reader

@test "answers are not lost while nobody reads the output" {
	need python3
	in_netns
	mkfifo pipe
	exec 5<>pipe
	feed_open answers
	recv_ready_raw r --frame line --reply --strict --count 1000 \
	    127.0.0.1 0 <answers.fifo >pipe
	seq -f %0999g 1000 >in
	start s "$DUCAT" udp-send --frame line --reply=3 -w 1d 127.0.0.1 \
	    "$PORT" <in
	retry_until "$BOUND" is_full pipe
	printf 'one\ntwo\nsix\n' >&6
	start_raw slow head -c 1000000 <pipe >got
	finish slow
	received s
	contains s.out $'one\ntwo\nsix\n'
	feed_close
	exec 5>&-
	received r
	same in got
}
