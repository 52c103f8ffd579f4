# udp-send --pps, --rate and --delay: all arrives, whole and in order, and
# what waits for its turn does wait.  How fast it goes is for unit tests.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# The options, alone and together, each so that 200 lines take no second.
PACES=(
	'--pps 500'
	'--pps 100000'
	'--rate 2k'
	'--rate 100M'
	'--delay 2ms'
	'--delay 0'
	'--pps 1000 --rate 3k'
	'--pps 1000 --delay 1ms'
	'--rate 1G --delay 1ms'
	'--pps 1000 --rate 3k --delay 1ms'
)

# recv_ready NAME ARG...: a receiver that is ducat's; sets PORT.
recv_ready()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start "$name" "$DUCAT" udp-recv --ready-fd 9 "$@"
	ready_read "$name"
}

udp_bound()
{
	local port
	port=$(printf %04X "$1")
	grep -Eq "^ *[0-9]+: [0-9A-F]+:$port " \
	    "/proc/${PID[namespace]}/net/udp"
}

# receiver NAME COMMAND...: of port 5000, that of a namespace.
receiver()
{
	start "$@" </dev/null
	retry_until "$BOUND" udp_bound 5000
	PORT=5000
}

# stop NAME: it would go on for ever.
stop()
{
	kill -KILL "${PID[$1]}"
	finish "$1" 137
}

# sent OPTION...: standard input, and that ends well.
sent()
{
	try 0 "$DUCAT" udp-send "$@" 127.0.0.1 "$PORT"
	silent err
	empty out
}

# arrives_at NAME COMMAND...: lines by each of the options.
arrives_at()
{
	local pace
	seq -w 200 >in
	tr -d '\n' <in >want
	for pace in "${PACES[@]}"; do
		echo "with $pace"
		receiver "$@"
		# shellcheck disable=SC2086
		sent --frame line $pace <in
		retry_until "$BOUND" size_is "$1.out" 600
		stop "$1"
		same want "$1.out"
	done
}

### All arrives

@test "socat gets every line, whatever the pace" {
	need socat
	in_netns
	arrives_at r socat -u UDP4-RECV:5000,bind=127.0.0.1 -
}

@test "ncat gets every line, whatever the pace" {
	need ncat
	in_netns
	arrives_at r ncat --recv-only -u -l 127.0.0.1 5000
}

@test "records of all sizes keep their bounds, whatever the pace" {
	local pace
	printf '%s' '1:a,0:,0:,3:abc,3:def,2:gh,3:ijk,1:x,0:,5:12345,' >in
	for pace in "${PACES[@]}"; do
		echo "with $pace"
		recv_ready r --frame netstring --count 10 127.0.0.1 0 </dev/null
		# shellcheck disable=SC2086
		sent --frame netstring $pace <in
		finish r
		silent r
		same in r.out
	done
}

@test "records that could go as one call are cut to the pace" {
	local pace
	payload in 2000050
	for pace in '--pps 20000' '--rate 2M' '--rate 10M' \
	    '--pps 100000 --rate 5M'; do
		echo "with $pace"
		recv_ready r --count 20001 127.0.0.1 0 </dev/null
		# shellcheck disable=SC2086
		sent --frame block --datagram-size 100 $pace <in
		finish r
		silent r
		same in r.out
	done
}

@test "long records at a high rate" {
	payload in 6000000
	recv_ready r --count 100 127.0.0.1 0 </dev/null
	sent --frame block --datagram-size 60000 --rate 100M <in
	finish r
	silent r
	same in r.out
}

@test "what comes by and by goes, too" {
	local i
	recv_ready r --frame line --count 5 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line --pps 100 --rate 1M \
	    127.0.0.1 "$PORT" <in.fifo
	for i in 1 2 3 4 5; do
		echo "$i" >&6
		retry_until "$BOUND" size_is r.out "$(( 2 * i ))"
	done
	feed_close
	finish s
	silent s
	finish r
	silent r
	contains r.out $'1\n2\n3\n4\n5\n'
}

@test "--count counts what goes at a pace" {
	recv_ready r --frame line --count 3 127.0.0.1 0 </dev/null
	seq 9 | sent --frame line --pps 100 --count 3
	finish r
	contains r.out $'1\n2\n3\n'
}

@test "refusals are heard while a datagram waits" {
	in_netns
	printf '1\n2\n3\n' | try 7 "$DUCAT" udp-send --frame line \
	    --delay 50ms 127.0.0.1 5000
	says err 'send to 127\.0\.0\.1:5000: Connection refused'
}

### What waits

# one_of OPTION...: of three lines, the first arrives at "r", and "s" waits.
one_of()
{
	need socat
	in_netns
	receiver r socat -u UDP4-RECV:5000,bind=127.0.0.1 -
	printf 'one\ntwo\nthree\n' >in
	start s "$DUCAT" udp-send --frame line "$@" 127.0.0.1 5000 <in
	retry_until "$BOUND" size_is r.out 3
}

# Whatever arrives after the end of "s" would have arrived before this.
only_one()
{
	printf . | try 0 "$DUCAT" udp-send 127.0.0.1 5000
	retry_until "$BOUND" grep -q '\.' r.out
	contains r.out one.
	stop r
}

@test "--delay 1h: the first goes at once, --deadline finds the second" {
	one_of --delay 1h --deadline 1
	finish s 28
	says s.err 'not done within 1\.000 s \(--deadline\)'
	only_one
}

@test "--delay 1h: a signal tells what was not sent" {
	local name number
	for name in INT:130 TERM:143; do
		number=${name#*:}
		name=${name%:*}
		one_of --delay 1h
		kill "-$name" "${PID[s]}"
		finish s "$number"
		says s.err 'ended by a signal: .* \(8 bytes not delivered\)'
		only_one
	done
}

@test "what was read and not looked at is not delivered, either" {
	need socat
	in_netns
	receiver r socat -u UDP4-RECV:5000,bind=127.0.0.1 -
	payload in 10004
	start s "$DUCAT" udp-send --frame block --datagram-size 4 \
	    --delay 1h 127.0.0.1 5000 <in
	retry_until "$BOUND" size_is r.out 4
	kill -INT "${PID[s]}"
	finish s 130
	says s.err 'Interrupt \(10000 bytes not delivered\)'
	stop r
}

@test "a rate of a byte a second holds the second one up" {
	one_of --rate 1 --deadline 1
	finish s 28
	says s.err '\(--deadline\)'
	only_one
}

@test "the slowest of several limits holds the second one up" {
	one_of --pps 1000000 --rate 1G --delay 1h --deadline 1
	finish s 28
	only_one
}

@test "to wait for the pace is not to be idle" {
	recv_ready r --frame line --count 3 127.0.0.1 0 </dev/null
	printf '1\n2\n3\n' >in
	sent --frame line --delay 500ms --idle-timeout 100ms <in
	finish r
	contains r.out $'1\n2\n3\n'
}

@test "to wait for input is to be idle, at whatever pace" {
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line --pps 1 --idle-timeout 2 \
	    127.0.0.1 "$PORT" <in.fifo
	echo 1 >&6
	finish r
	finish s 28
	says s.err '\(--idle-timeout\)'
	feed_close
}

@test "what a receiver's commands answer keeps to each pace" {
	local pace
	seq -w 200 >in
	for pace in '--rate 2k' '--rate 100M' '--delay 2ms' \
	    '--rate 1G --delay 1ms'; do
		echo "with $pace"
		# shellcheck disable=SC2086
		recv_ready r --frame line --count 200 $pace 127.0.0.1 0 -- \
		    cat </dev/null
		try 0 "$DUCAT" udp-send --frame line --reply=200 -w 1d \
		    127.0.0.1 "$PORT" <in
		silent err
		same in out
		finish r
		silent r
		empty r.out
	done
}

@test "what a receiver's targets answer keeps to each pace" {
	local pace
	seq -w 200 >in
	for pace in '--rate 2k' '--delay 2ms'; do
		echo "with $pace"
		recv_ready t --frame line --count 200 127.0.0.1 0 -- cat \
		    </dev/null
		# shellcheck disable=SC2086
		recv_ready r --count 200 $pace --forward "127.0.0.1:$PORT" \
		    --idle-timeout 3 127.0.0.1 0 </dev/null
		try 0 "$DUCAT" udp-send --frame line --reply=200 -w 1d \
		    127.0.0.1 "$PORT" <in
		silent err
		same in out
		finish r
		finish t
		silent r t
	done
}

@test "a receiver's second answer waits for its turn, the other peer's not" {
	recv_ready r --frame line --delay 1h --deadline 5 127.0.0.1 0 -c \
	    'echo one; echo two; exec cat >/dev/null' </dev/null
	for _ in 1 2; do
		echo ask | try 0 "$DUCAT" udp-send --frame line --reply -w 1d \
		    127.0.0.1 "$PORT"
		silent err
		contains out $'one\n'
	done
	finish r 28
	has r.err '\(--deadline\)'
}

@test "--reply keeps to the pace" {
	printf 'one\ntwo\nthree\n' >answers
	recv_ready r --frame line --reply --rate 1 --deadline 1 127.0.0.1 0 \
	    <answers
	echo ask | try 0 "$DUCAT" udp-send --frame line --reply -w 1d \
	    127.0.0.1 "$PORT"
	silent err
	contains out $'one\n'
	finish r 28
	says r.err '\(--deadline\)'
	contains r.out $'ask\n'
}

@test "answers are waited for from when the last one went" {
	need socat
	in_netns
	receiver echo socat UDP4-RECVFROM:5000,bind=127.0.0.1,fork PIPE
	printf '1\n2\n3\n' | try 0 "$DUCAT" udp-send --frame line \
	    --delay 1100ms --reply=3 -w 2 127.0.0.1 5000
	silent err
	contains out $'1\n2\n3\n'
}

### Usage

@test "paces that are none" {
	local words want
	while IFS='|' read -r words want; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" udp-send $words 127.0.0.1 9 </dev/null
		says err "${want# }"
	done <<-'END'
	--pps 0        | --pps: "0": too small
	--pps -1       | --pps: "-1": not a number
	--pps 1.5      | --pps: "1\.5": not a number
	--pps 1k       | --pps: "1k": not a number
	--rate 0       | --rate: "0": must be at least 1
	--rate 1x      | --rate: "1x": not a size
	--delay x      | --delay: "x": not a duration
	--delay -1     | --delay: "-1": not a duration
	END
}

@test "what comes as datagrams has no pace, nor have streams records" {
	usage_errors <<-'END'
	udp-recv --rate 1k 0        | --rate: nothing is sent without --reply
	udp-recv --delay 1 0        | --delay: nothing is sent without --reply
	unix --listen --type dgram --rate 1k x | --rate: nothing is sent
	listen --pps 1 0            | --pps: only for udp-send
	connect --pps 1 ::1 9       | --pps: only for udp-send
	udp-recv --pps 1 0          | --pps: only for udp-send
	connect -i 1 ::1 9          | --delay D or --idle-timeout D
	END
}
