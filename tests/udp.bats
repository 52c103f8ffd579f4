# udp-send and udp-recv: records in, records out.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load datagrams

# echoing: whoever sends to port 5000 gets it back, from socat.
echoing()
{
	need socat
	in_netns
	PORT=5000
	start echo socat UDP4-RECVFROM:5000,bind=127.0.0.1,fork PIPE </dev/null
	retry_until "$BOUND" udp_bound 5000
}

# len32 RECORD...: each with its length before it, 32 bits, big-endian.
len32()
{
	local record
	for record; do
		# shellcheck disable=SC2059
		printf "\\x$(printf %02x $(( ${#record} >> 24 & 255 )))$(
		    )\\x$(printf %02x $(( ${#record} >> 16 & 255 )))$(
		    )\\x$(printf %02x $(( ${#record} >> 8 & 255 )))$(
		    )\\x$(printf %02x $(( ${#record} & 255 )))"
		printf '%s' "$record"
	done
}

### Records

@test "what one read gives is one datagram" {
	recv_ready r --frame json --count 2 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send 127.0.0.1 "$PORT" <in.fifo
	printf 'first\n' >&6
	retry_until "$BOUND" test -s r.out
	printf 'and second' >&6
	feed_close
	received s
	received r
	equal "$(wc -l <r.out)" 2
	has r.out '"length":6,"text":"first\\n"'
	has r.out '"length":10,"text":"and second"'
}

@test "lines become datagrams and datagrams lines" {
	recv_ready r --frame line --count 3 127.0.0.1 0 </dev/null
	printf 'one\ntwo words\nthree' | sent --frame line
	received r
	contains r.out $'one\ntwo words\nthree\n'
}

@test "the end of a line is not sent" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	printf 'a\r\nb\n\n' | sent --frame line
	received r
	contains r.out $'2:a\r,1:b,0:,'
}

@test "lines that come in pieces are whole records" {
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <in.fifo
	printf 'one\nha' >&6
	retry_until "$BOUND" size_is r.out 6
	printf 'lf' >&6
	feed_close
	received s
	received r
	contains r.out '3:one,4:half,'
}

@test "netstrings become datagrams and datagrams netstrings" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	printf '5:a\nb,c,0:,1:\n,' >in
	sent --frame netstring <in
	received r
	same in r.out
}

@test "records with 32-bit lengths become datagrams and come out so" {
	recv_ready r --frame len32 --count 3 127.0.0.1 0 </dev/null
	len32 one '' $'two\n' >in
	sent --frame len32 <in
	received r
	same in r.out
}

@test "JSON objects become datagrams" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	printf '%s\n' '{"base64":"AGE=","text":"not this"}' '' \
	    '{"text": "\u00e9\n", "other": [1, {"x": null}]}' \
	    ' {"length":0,"text":""}' | sent --frame json
	received r
	printf '2:\0a,3:\303\251\n,0:,' >want
	same want r.out
}

@test "datagrams become JSON objects" {
	in_netns
	recv_ready r --frame json --count 3 127.0.0.1 5000 </dev/null
	printf '5:he"\0o,3:\377\376\n,0:,' | sent --frame netstring -p 5001
	received r
	local head='^\{"time":"20[0-9]{2}-[0-9]{2}-[0-9]{2}T'
	head+='[0-9]{2}:[0-9]{2}:[0-9]{2}'
	head+='(\.[0-9]+)?Z","peer":"127\.0\.0\.1:5001",'
	head+='"local":"127\.0\.0\.1:5000",'
	equal "$(wc -l <r.out)" 3
	has r.out "$head"'"length":5,"text":"he\\"\\u0000o","base64":'
	has r.out '"base64":"aGUiAG8="\}$'
	has r.out "$head"'"length":3,"base64":"//4K"\}$'
	has r.out "$head"'"length":0,"text":"","base64":""\}$'
}

@test "JSON objects are JSON with --escape, too, and of plain characters" {
	need jq
	printf 'a\302\233b\342\200\256c\330\234\342\201\246\033' >want
	recv_ready r --frame json --escape always --count 1 127.0.0.1 0 \
	    </dev/null
	sent <want
	received r
	lacks r.out '[^ -~]'
	try 0 jq -j .text r.out
	same want out
}

@test "blocks are of one size, and the last is shorter" {
	payload in 2500
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	sent --frame block --datagram-size 1000 <in
	received r
	head -c 1000 in >a
	tail -c +1001 in | head -c 1000 >b
	tail -c 500 in >c
	cat <(netstring_of a) <(netstring_of b) <(netstring_of c) >want
	same want r.out
}

@test "blocks from a slow pipe are filled first" {
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame block --datagram-size 4 127.0.0.1 \
	    "$PORT" <in.fifo
	printf 'abcdef' >&6
	retry_until "$BOUND" size_is r.out 7
	printf 'g' >&6
	feed_close
	received s
	received r
	contains r.out '4:abcd,3:efg,'
}

@test "datagrams come out as they are by default" {
	recv_ready r --count 3 127.0.0.1 0 </dev/null
	printf '3:one,0:,4:two\n,' | sent --frame netstring
	received r
	contains r.out $'onetwo\n'
}

@test "--frame block writes datagrams as they are, too" {
	recv_ready r --frame block --count 3 127.0.0.1 0 </dev/null
	printf '3:one,0:,4:two\n,' | sent --frame netstring
	received r
	contains r.out $'onetwo\n'
}

@test "an empty input is no datagram" {
	local frame
	recv_ready r --frame netstring --count 1 127.0.0.1 0 </dev/null
	for frame in read line netstring len32 json; do
		sent --frame "$frame" </dev/null
	done
	sent --frame block --datagram-size 4 </dev/null
	shot last
	received r
	contains r.out '4:last,'
}

@test "datagrams of 65,507 bytes go through whole" {
	payload big 65507
	netstring_of big >in
	recv_ready r --frame netstring --count 1 127.0.0.1 0 </dev/null
	sent --frame netstring <in
	received r
	same in r.out
}

@test "65,507 bytes over IPv6 want --datagram-size" {
	need ipv6
	payload big 65507
	netstring_of big >in
	recv_ready r --frame netstring --count 1 ::1 0 </dev/null
	try 63 "$DUCAT" udp-send --frame netstring ::1 "$PORT" <in
	says err '\[::1\].* 65507 .* 65488 '
	try 0 "$DUCAT" udp-send --frame netstring --datagram-size 65507 ::1 \
	    "$PORT" <in
	silent err
	received r
	same in r.out
}

@test "a file is cut where the path wants it" {
	payload in 100000
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	sent <in
	received r
	head -c 65507 in >a
	tail -c +65508 in >b
	cat <(netstring_of a) <(netstring_of b) >want
	same want r.out
}

@test "--datagram-size is where a stream is cut" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	printf 'abcdefgh' >in
	sent --datagram-size 3 <in
	received r
	contains r.out '3:abc,3:def,2:gh,'
}

### --crlf

@test "-C: a datagram has lines as unix2dos makes them" {
	need socat unix2dos
	in_netns
	printf 'M-SEARCH * HTTP/1.1\nST: ssdp:all\r\n\n\rlast' >in
	unix2dos -f -q <in >want
	start r socat -u UDP4-RECV:5000,bind=127.0.0.1 - </dev/null
	retry_until "$BOUND" udp_bound 5000
	PORT=5000
	sent -C <in
	retry_until "$BOUND" size_is r.out "$(wc -c <want)"
	same want r.out
}

@test "-C: CR at the end of a datagram, LF at the beginning of the next" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --crlf 127.0.0.1 "$PORT" <in.fifo
	printf 'a\r' >&6
	retry_until "$BOUND" size_is r.out 5
	# A shell's printf may write each line by itself.
	printf '\nb\n' >lines
	cat lines >&6
	retry_until "$BOUND" size_is r.out 12
	printf '\n' >&6
	feed_close
	received s
	received r
	contains r.out $'2:a\r,4:\nb\r\n,2:\r\n,'
}

@test "-C: blocks are cut of what lines have become" {
	recv_ready r --frame netstring --count 3 127.0.0.1 0 </dev/null
	printf 'a\nb\nc\n' >in
	sent -C --frame block --datagram-size 4 <in
	received r
	contains r.out $'4:a\r\nb,4:\r\nc\r,1:\n,'
}

@test "-C: what becomes too long is cut where the path wants it" {
	yes '' | head -n 50000 >in
	sed 's/$/\r/' in >want
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	sent -C <in
	received r
	head -c 65507 want >a
	tail -c +65508 want >b
	cat <(netstring_of a) <(netstring_of b) | cmp - r.out
}

@test "-C: what is counted, and guarded, is what was sent" {
	printf 'a\nb\n' >in
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	send 0 -v --events events --record-sent sent -C --max-send 6 <in
	has err 'sent 6 bytes'
	has events '"sent":6'
	received r
	contains sent $'a\r\nb\r\n'
	send 63 -C --max-send 5 <in
	says err --max-send
}

@test "-C: what is refused is counted as it would have been sent" {
	in_netns
	PORT=5000
	printf 'a\nb\n' >in
	send 7 -C <in
	says err refused
}

@test "udp-recv -C: of what a command writes, not of what it reads" {
	recv_ready r -C --count 1 127.0.0.1 0 -c 'tee got | sed s/^/./' \
	    </dev/null
	printf 'a\nb\n' | send 0 --reply -w 1d
	silent err
	contains out $'.a\r\n.b\r\n'
	received r
	contains got $'a\nb\n'
}

@test "udp-recv -C --reply: of what is answered" {
	printf 'one\r\ntwo\n' >answers
	recv_ready r -C --reply --count 1 127.0.0.1 0 <answers
	printf 'a\n' | send 0 --reply -w 1d
	silent err
	contains out $'one\r\ntwo\r\n'
	received r
	contains r.out $'a\n'
}

### What lossless frames keep

# replayed FRAME: what one pair of them took and gave, another takes and
# gives again.
replayed()
{
	local frame=$1
	payload big 65507
	payload odd 1001 2
	{
		printf '0:,1:\n,'
		netstring_of odd
		printf '0:,'
		netstring_of big
		printf '3:\303\251 ,0:,'
	} >in
	recv_ready_raw first --frame "$frame" --count 7 127.0.0.1 0 \
	    </dev/null >recorded
	sent --frame netstring <in
	received first
	recv_ready second --frame netstring --count 7 127.0.0.1 0 </dev/null
	sent --frame "$frame" <recorded
	received second
	same in second.out
}

@test "udp-recv --frame netstring and udp-send lose nothing" {
	replayed netstring
}

@test "udp-recv --frame len32 and udp-send lose nothing" {
	replayed len32
}

@test "udp-recv --frame json and udp-send lose nothing" {
	replayed json
}

@test "a pipe between the two is a relay" {
	recv_ready last --frame netstring --count 4 127.0.0.1 0 </dev/null
	local target=$PORT frame=len32
	feed_open between
	start s "$DUCAT" udp-send --frame "$frame" 127.0.0.1 "$target" \
	    <between.fifo
	recv_ready_raw r --frame "$frame" --count 4 127.0.0.1 0 </dev/null \
	    >between.fifo
	feed_close
	printf '3:one,0:,2:\n\n,5:three,' >in
	sent --frame netstring <in
	received r
	received s
	received last
	same in last.out
}

### What is not a record

# bad FRAME OFFSET REASON: standard input, of which two records stand first.
bad()
{
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	send 26 --frame "$1"
	says err "standard input.*byte $2\\b.*$3"
	empty out
	received r
	contains r.out '3:one,3:two,'
}

@test "a malformed netstring is told with its place" {
	printf '3:one,3:two,3:threeX9:never,' | bad netstring 17 "','"
}

@test "a netstring with a leading zero is malformed" {
	printf '3:one,3:two,03:six,' | bad netstring '1[23]' zero
}

@test "a netstring that the end cuts off is malformed" {
	printf '3:one,3:two,5:thr' | bad netstring 17 'end of input'
}

@test "a len32 record that the end cuts off is malformed" {
	{ len32 one two; printf '\0\0\0\5thr'; } | bad len32 21 'end of input'
}

@test "a length that the end cuts off is malformed" {
	{ len32 one two; printf '\0\0'; } | bad len32 16 'end of input'
}

@test "malformed JSON is told with its place" {
	printf '{"text":"one"}\n{"text":"two"}\n{"text":}\n' | bad json 38 ''
}

@test "JSON without a payload is malformed" {
	printf '{"text":"one"}\n{"text":"two"}\n{"length":0}\n' |
	    bad json '[0-9]+' 'neither'
}

@test "JSON of another length than it says is malformed" {
	printf '{"text":"one"}\n{"text":"two"}\n{"length":2,"text":"x"}\n' |
	    bad json '[0-9]+' 'not the length'
}

@test "JSON that the end cuts off is malformed" {
	printf '{"text":"one"}\n{"text":"two"}\n{"text":"thr' |
	    bad json 42 'end'
}

# long FRAME: standard input has two records, then one of 65,508 bytes.
long()
{
	recv_ready r --frame netstring --count 2 127.0.0.1 0 </dev/null
	send 63 --frame "$1"
	says err '65507'
	empty out
	received r
	contains r.out '3:one,3:two,'
}

@test "a netstring beyond 65,507 bytes is told, not cut" {
	payload big 65508
	{ printf '3:one,3:two,'; netstring_of big; } | long netstring
}

@test "a len32 record beyond 65,507 bytes is told, not cut" {
	{ len32 one two; printf '\0\0\377\344'; "$PEER" bytes 65508; } |
	    long len32
}

@test "a line beyond 65,507 bytes is told, not cut" {
	{ printf 'one\ntwo\n'; head -c 65508 /dev/zero | tr '\0' x; echo; } |
	    long line
}

@test "a JSON object beyond 65,507 bytes is told, not cut" {
	{
		printf '{"text":"one"}\n{"text":"two"}\n{"text":"'
		head -c 65508 /dev/zero | tr '\0' x
		printf '"}\n'
	} | long json
}

@test "a record beyond --datagram-size is told, not cut" {
	recv_ready r --frame netstring --count 1 127.0.0.1 0 </dev/null
	printf '4:four,5:fiver,' | send 63 --frame netstring --datagram-size 4
	says err 'longer than a datagram of 4 bytes'
	received r
	contains r.out '4:four,'
}

### How many

@test "--count ends udp-send" {
	recv_ready r --frame line --count 3 127.0.0.1 0 </dev/null
	printf 'one\ntwo\nthree\n' | sent --frame line --count 2
	shot mark
	received r
	contains r.out $'one\ntwo\nmark\n'
}

@test "--count ends udp-send while its input stays open" {
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line --count 1 127.0.0.1 "$PORT" \
	    <in.fifo
	echo one >&6
	received s
	received r
	contains r.out $'one\n'
	feed_close
}

@test "--count ends udp-recv, whatever else is there" {
	recv_ready r --frame line --count 2 127.0.0.1 0 </dev/null
	kill -STOP "${PID[r]}"
	printf 'one\ntwo\nthree\nfour\n' | sent --frame line
	kill -CONT "${PID[r]}"
	received r
	contains r.out $'one\ntwo\n'
}

@test "empty datagrams count" {
	recv_ready r --frame line --count 2 127.0.0.1 0 </dev/null
	printf '\n\n' | sent --frame line
	received r
	contains r.out $'\n\n'
}

@test "--max-recv lets that much pass, and no more" {
	recv_ready r --frame line --max-recv 6 127.0.0.1 0 </dev/null
	printf 'one\ntwo\nthree\n' | sent --frame line
	finish r 63
	says r.err '--max-recv'
	contains r.out $'one\ntwo\n'
}

@test "--max-send lets that much pass, and no more" {
	recv_ready r --frame line --count 2 127.0.0.1 0 </dev/null
	printf 'one\ntwo\nthree\n' | send 63 --frame line --max-send 6
	says err '--max-send'
	received r
	contains r.out $'one\ntwo\n'
}

@test "--max-send that suffices is no failure" {
	recv_ready r --frame line --count 2 127.0.0.1 0 </dev/null
	printf 'one\ntwo\n' | sent --frame line --max-send 6
	received r
	contains r.out $'one\ntwo\n'
}

### Who sends

@test "datagrams of many senders are taken" {
	in_netns
	recv_ready r --frame json --count 3 0 </dev/null
	echo a | sent --frame line -p 5001
	echo b | sent --frame line -p 5002 -s 127.0.0.2
	echo c | sent --frame line -p 5003
	received r
	has r.out '"peer":"127\.0\.0\.1:5001",.*"text":"a"'
	has r.out '"peer":"127\.0\.0\.2:5002",.*"text":"b"'
	has r.out '"peer":"127\.0\.0\.1:5003",.*"text":"c"'
}

@test "ten senders at once lose nothing" {
	local n
	recv_ready r --frame line --count 100 127.0.0.1 0 </dev/null
	for n in 0 1 2 3 4 5 6 7 8 9; do
		seq -f "$n %g" 10 >"in$n"
		start "s$n" "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" \
		    <"in$n"
	done
	for n in 0 1 2 3 4 5 6 7 8 9; do
		received "s$n"
	done
	received r
	cat in? | sort >want
	sort r.out >got
	same want got
}

@test "--peer first takes nobody but the first sender" {
	in_netns
	recv_ready r --frame line --peer first --count 2 127.0.0.1 0 </dev/null
	echo a1 | sent --frame line -p 5001
	echo b | sent --frame line -p 5002
	echo c | sent --frame line -p 5001 -s 127.0.0.2
	echo a2 | sent --frame line -p 5001
	received r
	contains r.out $'a1\na2\n'
}

@test "--peer ADDR takes nobody else, from any port" {
	in_netns
	recv_ready r --frame line --peer 127.0.0.2 --count 2 0 </dev/null
	echo no | sent --frame line
	echo yes | sent --frame line -s 127.0.0.2 -p 5001
	echo no | sent --frame line -s 127.0.0.3
	echo again | sent --frame line -s 127.0.0.2 -p 5002
	received r
	contains r.out $'yes\nagain\n'
}

@test "--peer any takes all" {
	in_netns
	recv_ready r --frame line --peer any --count 2 127.0.0.1 0 </dev/null
	echo a | sent --frame line
	echo b | sent --frame line -s 127.0.0.2
	received r
	contains r.out $'a\nb\n'
}

### Time

@test "--idle-timeout ends udp-recv well after the first datagram" {
	recv_ready r --frame line --idle-timeout 100ms 127.0.0.1 0 </dev/null
	echo one | sent --frame line
	received r
	contains r.out $'one\n'
}

@test "--idle-timeout waits for the first datagram" {
	try 28 "$DUCAT" udp-recv --idle-timeout 10ms -w 500ms 127.0.0.1 0 \
	    </dev/null
	says err 'no datagram within 0\.500 s \(--timeout\)'
	empty out
}

@test "-w is no limit once a datagram came" {
	recv_ready r --frame line -w 1 --idle-timeout 1500ms 127.0.0.1 0 \
	    </dev/null
	echo one | sent --frame line
	received r
	contains r.out $'one\n'
}

@test "--deadline ends udp-recv with 28" {
	recv_ready r --frame line --deadline 1 127.0.0.1 0 </dev/null
	echo one | sent --frame line
	finish r 28
	says r.err '--deadline'
	contains r.out $'one\n'
}

@test "--deadline ends udp-send with 28" {
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	feed_open in
	echo one >&6
	start s "$DUCAT" udp-send --frame line --deadline 500ms 127.0.0.1 \
	    "$PORT" <in.fifo
	finish s 28
	says s.err '--deadline'
	received r
	contains r.out $'one\n'
	feed_close
}

### Answers

@test "udp-send --reply writes the answer out" {
	echoing
	printf question | send 0 --reply
	silent err
	contains out question
}

@test "udp-send --reply ends with the answer, not with its time" {
	echoing
	printf question | send 0 --reply -w 1d
	silent err
	contains out question
}

@test "udp-send --reply=2 waits for two answers" {
	echoing
	printf 'one\ntwo\n' | send 0 --frame line --reply=2 -w 1d
	silent err
	equal "$(sort out)" $'one\ntwo'
}

@test "udp-send --reply=2 is content with two answers of three" {
	echoing
	printf 'one\ntwo\nsix\n' | send 0 --frame line --reply=2 -w 1d
	silent err
	(( $(wc -l <out) >= 2 ))
}

@test "udp-send --reply=2: one answer is too few" {
	echoing
	printf 'one\n' | send 28 --frame line --reply=2 -w 1
	says err '127\.0\.0\.1:5000: 1 answer within 1\.000 s'
	contains out $'one\n'
}

@test "udp-send --reply=all takes what comes in its time" {
	echoing
	printf 'one\ntwo\nsix\n' | send 0 --frame line --reply=all -w 1
	silent err
	equal "$(sort out)" $'one\nsix\ntwo'
}

@test "udp-send --reply: no answer is 28" {
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	printf question | send 28 --reply -w 200ms
	says err "127\\.0\\.0\\.1:$PORT: 0 answers within 0\\.200 s"
	empty out
	received r
	contains r.out question
}

@test "udp-send --reply=all: no answer is 28" {
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	printf question | send 28 --reply=all -w 200ms
	says err "127\\.0\\.0\\.1:$PORT: 0 answers within 0\\.200 s"
	empty out
	received r
}

@test "without --reply answers are dropped" {
	echoing
	feed_open in
	start s "$DUCAT" udp-send --frame line --count 3 127.0.0.1 5000 \
	    <in.fifo
	printf 'one\ntwo\nsix\n' >&6
	received s
	empty s.out
	feed_close
}

@test "udp-send takes answers of its peer only" {
	in_netns
	recv_ready r --count 1 127.0.0.1 5000 </dev/null
	printf question >question
	start s "$DUCAT" udp-send --reply -w 1 -p 5001 127.0.0.1 5000 \
	    <question
	received r
	retry_until "$BOUND" udp_bound 5001
	# Whether they are refused or dropped is the kernel's affair.
	echo other | ns "$DUCAT" udp-send 127.0.0.1 5001 2>err || :
	echo other | ns "$DUCAT" udp-send -s 127.0.0.2 -p 5000 127.0.0.1 \
	    5001 2>err || :
	finish s 28
	empty s.out
}

@test "answers are framed as the input is" {
	echoing
	printf '3:a\nb,' | send 0 --frame netstring --reply
	silent err
	contains out $'3:a\nb,'
}

@test "an empty answer is one" {
	echo >answer
	recv_ready r --frame line --reply --count 1 127.0.0.1 0 <answer
	echo question | send 0 --frame line --reply -w 1d
	silent err
	contains out $'\n'
	received r
	contains r.out $'question\n'
}

@test "--max-recv guards answers, too" {
	echoing
	printf question | send 63 --reply --max-recv 7
	says err '--max-recv'
	empty out
}

@test "udp-recv --reply answers whoever sent last" {
	in_netns
	feed_open in
	recv_ready r --frame line --reply --count 3 127.0.0.1 0 <in.fifo
	echo a | sent --frame line -p 5001
	retry_until "$BOUND" size_is r.out 2
	start s "$DUCAT" udp-send --frame line --reply -w 1d -p 5002 \
	    127.0.0.1 "$PORT" < <(echo b)
	retry_until "$BOUND" size_is r.out 4
	echo answer >&6
	received s
	contains s.out $'answer\n'
	echo c | sent --frame line
	feed_close
	received r
	contains r.out $'a\nb\nc\n'
}

@test "udp-recv --reply answers bash" {
	printf 'answer\n' >answer
	recv_ready r --reply --count 1 127.0.0.1 0 <answer
	exec 5<>"/dev/udp/127.0.0.1/$PORT"
	printf 'question' >&5
	try 0 head -c 7 <&5
	contains out $'answer\n'
	exec 5>&-
	received r
	contains r.out question
}

@test "udp-recv --reply answers from the address that was asked" {
	printf 'answer' >answer
	recv_ready r --reply --count 1 0 <answer
	# A connected socket takes answers of no other address.
	printf question |
	    try 0 "$DUCAT" udp-send --reply -w 1d 127.0.0.2 "$PORT"
	silent err
	contains out answer
	received r
}

@test "udp-recv --reply sends all its input, whatever --count says" {
	printf '3:one,0:,3:two,' >answers
	recv_ready r --frame netstring --reply --count 1 127.0.0.1 0 <answers
	printf '2:hi,' | send 0 --frame netstring --reply=3 -w 1d
	silent err
	same answers out
	received r
	contains r.out '2:hi,'
}

@test "udp-recv --reply: a malformed answer is 26" {
	printf '3:one,3:two;' >answers
	recv_ready r --frame netstring --reply 127.0.0.1 0 <answers
	printf '2:hi,' | send 0 --frame netstring --reply -w 1d
	silent err
	contains out '3:one,'
	finish r 26
	says r.err "standard input.*byte 11\\b.*','"
	contains r.out '2:hi,'
}

@test "udp-recv --reply: an answer beyond --datagram-size is 63" {
	printf '3:one,5:three,' >answers
	recv_ready r --frame netstring --reply --datagram-size 3 127.0.0.1 0 \
	    <answers
	printf '2:hi,' | send 0 --frame netstring --reply -w 1d
	silent err
	contains out '3:one,'
	finish r 63
	says r.err 'longer than a datagram of 3 bytes'
	contains r.out '2:hi,'
}

@test "udp-recv --reply --max-send lets that much pass, and no more" {
	printf 'one\nthree\n' >answers
	recv_ready r --frame line --reply --max-send 3 127.0.0.1 0 <answers
	echo hi | send 0 --frame line --reply -w 1d
	silent err
	contains out $'one\n'
	finish r 63
	says r.err '--max-send'
}

@test "udp-recv --reply: the last block of what was read goes, too" {
	local more
	printf abcdefgh >answers
	for more in '--count 1' '--count 1 --delay 10ms' \
	    '--idle-timeout 10ms --rate 100'; do
		echo "with $more"
		# shellcheck disable=SC2086
		recv_ready r --reply --frame block --datagram-size 3 $more \
		    127.0.0.1 0 <answers
		echo hi | send 0 --reply=3 -w 1d
		contains out abcdefgh
		received r
	done
}

@test "55: udp-recv --reply ends, and half a record was read" {
	local more
	for more in '--count 1' '--idle-timeout 100ms'; do
		echo "with $more"
		feed_open in
		# shellcheck disable=SC2086
		recv_ready r --reply --frame line $more 127.0.0.1 0 <in.fifo
		printf 'one\ntwo' >&6
		echo hi | send 0 --reply -w 1d
		contains out one
		finish r 55
		says r.err '3 bytes of a record not delivered'
		feed_close
		rm in.fifo
	done
}

@test "udp-recv --reply goes on when its input has ended" {
	recv_ready r --frame line --reply --count 2 127.0.0.1 0 \
	    < <(echo answer)
	echo one | send 0 --frame line --reply -w 1d
	contains out $'answer\n'
	echo two | sent --frame line
	received r
	contains r.out $'one\ntwo\n'
}

@test "an answer that is refused does not end udp-recv" {
	in_netns
	feed_open in
	recv_ready r --frame line --reply --count 3 127.0.0.1 0 <in.fifo
	echo one | sent --frame line
	retry_until "$BOUND" size_is r.out 4
	# Its sender is gone.
	echo nobody >&6
	retry_until "$BOUND" refused_once
	printf 'two\n' >question
	start s "$DUCAT" udp-send --frame line --reply -w 1d 127.0.0.1 \
	    "$PORT" <question
	retry_until "$BOUND" size_is r.out 8
	echo answer >&6
	received s
	contains s.out $'answer\n'
	echo end | sent --frame line
	finish r
	contains r.out $'one\ntwo\nend\n'
	feed_close
	lacks r.err '^ducat: .*(two|answer)'
}

@test "udp-recv --reply reads nothing before someone has sent" {
	need linux
	printf 'answer' >answer
	recv_ready r --reply --count 1 127.0.0.1 0 <answer
	offset_is r 0 0
	printf question | send 0 --reply -w 1d
	contains out answer
	received r
}

@test "udp-recv without --reply leaves standard input alone" {
	need linux
	printf 'input' >input
	recv_ready r --count 2 127.0.0.1 0 <input
	shot one
	retry_until "$BOUND" size_is r.out 3
	offset_is r 0 0
	shot two
	received r
	contains r.out onetwo
}

### Refusals

@test "a datagram that is refused is 7" {
	in_netns
	printf x | try 7 "$DUCAT" udp-send 127.0.0.1 5000
	says err 'send to 127\.0\.0\.1:5000: Connection refused'
	empty out
}

@test "several datagrams that are refused are 7, told once" {
	in_netns
	printf 'one\ntwo\nthree\nfour\n' |
	    try 7 "$DUCAT" udp-send --frame line 127.0.0.1 5000
	says err 'send to 127\.0\.0\.1:5000: Connection refused'
	empty out
}

@test "a refusal ends the wait for an answer" {
	in_netns
	printf x | try 7 "$DUCAT" udp-send --reply -w 1d 127.0.0.1 5000
	says err 'send to 127\.0\.0\.1:5000: Connection refused'
	empty out
}

@test "refusal over IPv6 is 7, too" {
	need ipv6
	in_netns
	printf x | try 7 "$DUCAT" udp-send ::1 5000
	says err 'send to \[::1\]:5000: Connection refused'
	empty out
}

@test "a refusal of some datagrams is a warning" {
	in_netns
	recv_ready r --frame line --count 1 127.0.0.1 5000 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line 127.0.0.1 5000 <in.fifo
	echo one >&6
	received r
	contains r.out $'one\n'
	echo two >&6
	feed_close
	finish s
	says s.err '127\.0\.0\.1:5000: Connection refused'
}

@test "after a refusal the next datagrams are sent" {
	in_netns
	feed_open in
	start s "$DUCAT" udp-send -v --frame line -p 5001 127.0.0.1 5000 \
	    <in.fifo
	echo one >&6
	retry_until "$BOUND" udp_bound 5001
	retry_until "$BOUND" refused_once
	recv_ready r --frame line --count 2 127.0.0.1 5000 </dev/null
	printf 'two\nthree\n' >&6
	feed_close
	finish s
	received r
	contains r.out $'two\nthree\n'
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

@test "no route is 7" {
	in_netns
	printf x | try 7 "$DUCAT" udp-send 192.0.2.1 5000
	says err '192\.0\.2\.1:5000: Network is unreachable'
	empty out
}

### Addresses

@test "port 0 is a free port, and --ready-fd tells it" {
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	equal "$HOST" 127.0.0.1
	(( PORT > 0 ))
	equal "${#READY[@]}" 1
	shot one
	received r
	contains r.out one
}

@test "--addr-file tells the same, and is removed at the end" {
	start r "$DUCAT" udp-recv --addr-file addr --count 1 127.0.0.1 0 \
	    </dev/null
	retry_until "$BOUND" test -e addr
	read -r HOST PORT <addr
	equal "$HOST" 127.0.0.1
	shot one
	received r
	contains r.out one
	[[ ! -e addr ]]
}

@test "without a host both families are taken" {
	need ipv6
	recv_ready r --frame json --count 2 0 </dev/null
	equal "${READY[*]}" ":: $PORT"
	printf four | sent
	printf six | try 0 "$DUCAT" udp-send ::1 "$PORT"
	received r
	has r.out '"peer":"127\.0\.0\.1:[0-9]+".*"text":"four"'
	has r.out '"peer":"\[::1\]:[0-9]+".*"text":"six"'
}

@test "udp-recv -4 takes IPv4 only" {
	need ipv6
	in_netns
	recv_ready r -4 --count 1 0 </dev/null
	equal "${READY[*]}" "0.0.0.0 $PORT"
	printf six | try 7 "$DUCAT" udp-send ::1 "$PORT"
	printf four | sent
	received r
	contains r.out four
}

@test "udp-recv -6 takes IPv6 only" {
	need ipv6
	in_netns
	recv_ready r -6 --count 1 0 </dev/null
	equal "${READY[*]}" ":: $PORT"
	printf four | send 7
	printf six | try 0 "$DUCAT" udp-send ::1 "$PORT"
	received r
	contains r.out six
}

@test "operands may be written with a colon" {
	need ipv6
	recv_ready r --count 1 '[::1]:0' </dev/null
	equal "$HOST" ::1
	printf x | try 0 "$DUCAT" udp-send "[::1]:$PORT"
	silent err
	received r
	contains r.out x
}

@test "all addresses of localhost are received on" {
	need ipv6
	printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	recv_ready r --frame line --count 4 localhost 0 </dev/null
	equal "$(printf '%s\n' "${READY[@]}" | sort)" \
	    "$(printf '127.0.0.1 %s\n::1 %s' "$PORT" "$PORT")"
	local host
	for host in 127.0.0.1 ::1 127.0.0.1 ::1; do
		echo "$host" |
		    try 0 "$DUCAT" udp-send --frame line "$host" "$PORT"
		silent err
	done
	received r
	equal "$(sort r.out)" $'127.0.0.1\n127.0.0.1\n::1\n::1'
}

@test "answers go by the socket that was asked" {
	need ipv6
	printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
	with_hosts hosts
	in_netns
	WRAP=("${WITH_HOSTS[@]}")
	feed_open in
	recv_ready r --frame line --reply --count 3 localhost 0 <in.fifo
	echo 'to six' >question
	start s "$DUCAT" udp-send --frame line --reply -w 1d ::1 "$PORT" \
	    <question
	retry_until "$BOUND" size_is r.out 7
	echo 'for six' >&6
	received s
	contains s.out $'for six\n'
	echo 'to four' >question
	start s "$DUCAT" udp-send --frame line --reply -w 1d 127.0.0.1 \
	    "$PORT" <question
	retry_until "$BOUND" size_is r.out 15
	echo 'for four' >&6
	received s
	contains s.out $'for four\n'
	shot end
	feed_close
	received r
	contains r.out $'to six\nto four\nend\n'
}

@test "an address that refuses gives way to the next of the name" {
	printf '127.0.0.2 double\n127.0.0.1 double\n127.0.0.3 double\n' >hosts
	with_hosts hosts
	in_netns
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	echo one | try 0 "${WITH_HOSTS[@]}" "$DUCAT" udp-send --frame line \
	    double "$PORT"
	received r
	contains r.out $'one\n'
}

# A name of three addresses, of which the last takes what is sent.
three_addresses()
{
	printf '127.0.0.%d many\n' 1 2 3 >hosts
	with_hosts hosts
	in_netns
	recv_ready r "$@" 127.0.0.3 0 </dev/null
}

@test "when an address refuses, the next one gets it" {
	three_addresses --count 1
	printf one | try 0 "${WITH_HOSTS[@]}" "$DUCAT" udp-send many "$PORT"
	silent err
	received r
	contains r.out one
}

@test "when an address refuses, the next one gets all of it, in order" {
	three_addresses --frame netstring --count 6
	printf '1:a,2:bb,2:cc,0:,3:ddd,1:e,' >in
	try 0 "${WITH_HOSTS[@]}" "$DUCAT" udp-send -v --frame netstring many \
	    "$PORT" <in
	received r
	same in r.out
	has err "send to 127\\.0\\.0\\.1:$PORT: Connection refused \\("
	has err "send to 127\\.0\\.0\\.2:$PORT: Connection refused \\("
	has err "connected to 127\\.0\\.0\\.3:$PORT "
}

@test "when an address refuses and the input goes on, so does the sending" {
	three_addresses --frame line --count 3
	feed_open in
	start s "${WITH_HOSTS[@]}" "$DUCAT" udp-send --frame line many \
	    "$PORT" <in.fifo
	local line
	for line in one two three; do
		echo "$line" >&6
		retry_until "$BOUND" grep -qx "$line" r.out
	done
	feed_close
	received s
	received r
	contains r.out $'one\ntwo\nthree\n'
}

@test "when an address refuses a question, the next one answers" {
	need socat
	printf '::1 both\n127.0.0.1 both\n' >hosts
	need ipv6
	with_hosts hosts
	in_netns
	start t socat UDP4-RECVFROM:5000,bind=127.0.0.1,fork 'EXEC:tr a-z A-Z'
	retry_until "$BOUND" udp_bound 5000
	printf hello | try 0 "${WITH_HOSTS[@]}" "$DUCAT" udp-send --reply -w 1d \
	    both 5000
	silent err
	contains out HELLO
}

# The second address is one whose path takes 1,372 bytes.
narrow_second()
{
	printf '%s many\n' 127.0.0.1 127.9.0.1 >hosts
	with_hosts hosts
	in_netns
	ns ip route add local 127.9.0.1 dev lo mtu 1400 table local
}

@test "what an address refused and the next one cannot take is 63" {
	narrow_second
	printf 2000:%02000d, 1 >in
	local option
	for option in --frame=netstring --reply; do
		try 63 "${WITH_HOSTS[@]}" "$DUCAT" udp-send \
		    --frame netstring "$option" many 9 <in
		says err 'to 127\.9\.0\.1:9: a record of 2000 bytes.* 1372 whole'
		empty out
	done
}

@test "what an address refused is cut for the next one's path, if it may" {
	narrow_second
	recv_ready r --frame len32 --count 2 127.9.0.1 0 </dev/null
	printf %02000d 1 >in
	try 0 "${WITH_HOSTS[@]}" "$DUCAT" udp-send many "$PORT" <in
	silent err
	received r
	{
		printf '\0\0\5\134'
		head -c 1372 in
		printf '\0\0\2\164'
		tail -c 628 in
	} >want
	same want r.out
}

@test "when all addresses refuse, the last one's refusal is 7" {
	three_addresses
	local option
	for option in --frame=read --reply; do
		printf one | try 7 "${WITH_HOSTS[@]}" "$DUCAT" udp-send \
		    "$option" -4 many 9
		says err 'send to 127\.0\.0\.3:9: Connection refused$'
		empty out
	done
}

@test "an address that answered is not left when it refuses later" {
	printf '127.0.0.%d many\n' 1 2 >hosts
	with_hosts hosts
	in_netns
	recv_ready first --frame line --count 1 --reply 127.0.0.1 0 <<<answer
	local port=$PORT
	recv_ready second --frame line 127.0.0.2 "$port" </dev/null
	feed_open in
	start s "${WITH_HOSTS[@]}" "$DUCAT" udp-send --frame line --reply=2 \
	    -w 300ms many "$port" <in.fifo
	echo one >&6
	retry_until "$BOUND" grep -qx answer s.out
	received first
	printf 'two\nthree\n' >&6
	feed_close
	finish s 28
	kill -TERM "${PID[second]}"
	finish second 143
	empty second.out
}

@test "-v names each new peer, once" {
	in_netns
	recv_ready r -v --frame line --count 5 0.0.0.0 0 </dev/null
	local n
	for n in 1 2 1 2 1; do
		echo "$n" | sent -p "500$n" -s "127.0.0.$n" --frame line
	done
	finish r
	equal "$(sed -n 's/^ducat: datagrams from //p' r.err)" \
	    "127.0.0.1:5001 on 127.0.0.1:$PORT"$'\n'"127.0.0.2:5002 on 127.0.0.1:$PORT"
}

@test "udp-send -s and -p are what the peer sees" {
	in_netns
	recv_ready r --frame json --count 1 127.0.0.1 0 </dev/null
	printf x | sent -s 127.0.0.77 -p 40123
	received r
	has r.out '"peer":"127\.0\.0\.77:40123"'
}

@test "udp-send finds localhost by name" {
	recv_ready r --count 1 0 </dev/null
	printf x | try 0 "$DUCAT" udp-send localhost "$PORT"
	silent err
	received r
	contains r.out x
}

@test "a name that is none is 6" {
	printf x | try 6 "$DUCAT" udp-send no-such-name.invalid 5000
	says err 'no-such-name\.invalid'
	empty out
}

@test "a port in use is 45" {
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	try 45 "$DUCAT" udp-recv 127.0.0.1 "$PORT" </dev/null
	says err "127\\.0\\.0\\.1:$PORT: Address already in use"
	empty out
	shot one
	received r
	contains r.out one
}

@test "a source port in use is 45 or 7, and told" {
	in_netns
	recv_ready r --count 1 127.0.0.1 5001 </dev/null
	status=0
	printf x | "${NAMESPACE[@]}" "$PEER" exec "$DUCAT" udp-send -p 5001 \
	    -s 127.0.0.1 127.0.0.1 5001 >out 2>err || status=$?
	[[ $status -eq 45 || $status -eq 7 ]]
	says err 'Address already in use'
	empty out
}

### Ends

@test "SIGTERM and SIGINT end udp-recv by the signal" {
	local number name
	for name in TERM:143 INT:130 HUP:129; do
		number=${name#*:}
		name=${name%:*}
		recv_ready r --frame line --addr-file addr 127.0.0.1 0 \
		    </dev/null
		[[ -e addr ]]
		echo one | sent --frame line
		retry_until "$BOUND" size_is r.out 4
		kill "-$name" "${PID[r]}"
		finish r "$number"
		contains r.out $'one\n'
		[[ ! -e addr ]]
	done
}

@test "SIGTERM ends udp-send by the signal" {
	recv_ready r --frame line --count 1 127.0.0.1 0 </dev/null
	feed_open in
	start s "$DUCAT" udp-send --frame line 127.0.0.1 "$PORT" <in.fifo
	echo one >&6
	received r
	kill -TERM "${PID[s]}"
	finish s 143
	feed_close
}

@test "an output that cannot be written ends udp-recv with 23" {
	[[ -w /dev/full ]] || skip "no /dev/full here"
	recv_ready_raw r 127.0.0.1 0 </dev/null >/dev/full
	printf x | sent
	finish r 23
	says r.err 'standard output: No space left on device'
}

@test "an output that cannot be written ends udp-send with 23" {
	[[ -w /dev/full ]] || skip "no /dev/full here"
	echoing
	printf x >x
	start_raw s "$DUCAT" udp-send --reply 127.0.0.1 5000 <x >/dev/full
	finish s 23
	says s.err 'standard output: No space left on device'
}

@test "a reader that went away ends udp-recv with 23" {
	mkfifo pipe
	exec 5<>pipe
	recv_ready_raw r --frame line 127.0.0.1 0 </dev/null >pipe
	exec 5>&-
	finish r 23
	says r.err 'standard output: Broken pipe'
}

@test "an input that cannot be read ends udp-send with 26" {
	in_netns
	try 26 "$DUCAT" udp-send 127.0.0.1 5000 </
	says err 'standard input: Is a directory'
	empty out
}

@test "udp-recv --background returns once it receives" {
	mkfifo got
	exec 5<>got
	start b sh -c 'exec "$@" >got' sh "$DUCAT" udp-recv --background \
	    --addr-file addr --pid-file pid --count 1 127.0.0.1 0 </dev/null
	finish b
	silent b
	background_ready
	shot hello
	try 0 head -c 5 <&5
	contains out hello
	exec 5>&-
	background_ended
	[[ ! -e addr && ! -e pid ]]
}

@test "--quiet keeps errors to itself" {
	in_netns
	printf x | try 7 "$DUCAT" udp-send --quiet 127.0.0.1 5000
	silent err
}

@test "-v tells on standard error and leaves standard output alone" {
	recv_ready r -v --count 1 127.0.0.1 0 </dev/null
	printf x | send 0 -v
	empty out
	lacks err '^[^d]'
	received_with_words r
	contains r.out x
	has r.err "127\\.0\\.0\\.1:$PORT"
}

received_with_words()
{
	finish "$1"
	[[ $(grep -vc '^ducat: ' "$1.err") -eq 0 ]]
}

### Terminals

@test "udp-recv --escape=always makes control characters visible" {
	recv_ready r --escape=always --frame line --count 2 127.0.0.1 0 \
	    </dev/null
	printf 'a\033[2Jb\a\n\302\2332J\n' | sent --frame line
	received r
	contains r.out $'a^[[2Jb^G\n\\xc2\\x9b2J\n'
}

@test "into a file nothing is escaped by default" {
	printf 'a\033[2Jb\a\n\302\2332J\n' >in
	recv_ready r --frame line --count 2 127.0.0.1 0 </dev/null
	sent --frame line <in
	received r
	same in r.out
}

@test "a datagram does not reach the terminal raw" {
	start t "$PEER" pty 'save got; read-all' "$DUCAT" udp-recv \
	    --addr-file addr --frame line --count 1 127.0.0.1 0
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	printf 'a\033[2Jb\a\n' | sent --frame line
	finish t
	contains got $'a^[[2Jb^G\r\n'
}

@test "an answer is escaped, too" {
	echoing
	printf 'a\033[2J' | send 0 --reply --escape=always
	silent err
	contains out 'a^[[2J'
}

### Usage

# refused REGEX COMMAND...: a usage error that says why.
refused()
{
	local why=$1
	shift
	try 2 "$DUCAT" "$@" </dev/null
	has err "$why"
	empty out
}

@test "--join wants a group" {
	refused '127\.0\.0\.1' udp-recv --join 127.0.0.1 0
	refused '::1' udp-recv --join ::1 0
	refused nonsense udp-recv --join nonsense 0
	refused "''|--join" udp-recv --join '' 0
}

@test "--join wants an interface that there is" {
	refused no-such-if udp-recv --join 239.1.2.3%no-such-if 0
}

@test "--join wants a source of its family" {
	refused '::1|--join' udp-recv --join 239.1.2.3,::1 0
	refused 'x|--join' udp-recv --join 239.1.2.3,x 0
}

@test "--frame block wants a size" {
	refused '--datagram-size' udp-send --frame block 127.0.0.1 5000
	refused '--datagram-size' udp-recv --reply --frame block 127.0.0.1 0
}

@test "--frame wants one of its names" {
	refused 'chunks' udp-send --frame chunks 127.0.0.1 5000
	refused 'chunks' udp-recv --frame chunks 127.0.0.1 0
}

@test "--reply wants a number or all" {
	local what
	for what in x 0 -1 1x ALL; do
		refused '--reply' udp-send "--reply=$what" 127.0.0.1 5000
	done
	refused '--reply' udp-recv --reply=1 127.0.0.1 0
}

@test "--peer wants a word that it knows, or an address" {
	refused nonsense udp-recv --peer nonsense 0
	refused '--peer' udp-recv --peer '' 0
	refused '--peer: .*1\.2\.3' udp-recv --peer 1.2.3 0
	refused '--peer: .*without a port' udp-recv --peer 127.0.0.1:5000 0
	refused '--peer: .*without a port' udp-recv --peer '[::1]:5000' 0
}

@test "sizes and counts of datagrams are checked" {
	local what
	for what in 0 65508 x -1; do
		refused '--datagram-size' udp-send --datagram-size "$what" \
		    127.0.0.1 5000
	done
	for what in 0 x -1 1.5; do
		refused '--count' udp-send --count "$what" 127.0.0.1 5000
		refused '--count' udp-recv --count "$what" 127.0.0.1 0
	done
}

@test "what a multicast option takes is checked" {
	refused '--multicast-ttl' udp-send --multicast-ttl 256 239.1.2.3 5000
	refused '--multicast-ttl' udp-send --multicast-ttl -1 239.1.2.3 5000
	refused '--multicast-loop' udp-send --multicast-loop 2 239.1.2.3 5000
}

@test "udp-recv --datagram-size is for --reply" {
	refused '--datagram-size' udp-recv --datagram-size 100 127.0.0.1 0
}

@test "operands of the two are checked" {
	refused 'HOST|PORT|operand' udp-send
	refused '5000.*port is missing' udp-send 5000
	refused 'PORT|operand' udp-recv
	refused '70000' udp-recv 127.0.0.1 70000
	refused '' udp-recv 127.0.0.1 0 more
}

@test "udp-send is no listening side" {
	refused '--ready-fd' udp-send --ready-fd 3 127.0.0.1 5000
	refused '--join' udp-send --join 239.1.2.3 127.0.0.1 5000
}

### Ends that are none

@test "--idle-timeout waits for a reader of the output, and loses nothing" {
	need python3
	payload want 400000
	mkfifo pipe
	exec 5<>pipe
	recv_ready_raw r --frame len32 --idle-timeout 300ms --strict \
	    127.0.0.1 0 </dev/null >pipe
	sent --frame block --datagram-size 1000 <want
	# Its queue is read only when the output is: the pipe is full.
	retry_until "$BOUND" is_full pipe
	start_raw slow head -c 401600 <pipe >got
	finish slow
	finish r
	exec 5>&-
	silent r
	size_is got 401600
}

@test "--idle-timeout of udp-send counts from its start" {
	feed_open in
	recv_ready r --count 1 127.0.0.1 0 </dev/null
	start s "$DUCAT" udp-send --idle-timeout 15 127.0.0.1 "$PORT" \
	    <in.fifo
	echo late >&6
	feed_close
	received s
	received r
	contains r.out $'late\n'
}

@test "--idle-timeout of udp-recv is not held up by replies" {
	feed_open in
	recv_ready r --frame line --reply --idle-timeout 700ms 127.0.0.1 0 \
	    <in.fifo
	echo question | sent --frame line
	local SECONDS=0
	until ! kill -0 "${PID[r]}" 2>/dev/null; do
		(( SECONDS <= BOUND )) || return 1
		echo again >&6 || :
		pause_briefly
	done
	feed_close
	finish r
	contains r.out $'question\n'
}

@test "--count ends although there are replies without end" {
	recv_ready r --reply --count 1 127.0.0.1 0 </dev/zero
	echo question | sent
	finish r
	contains r.out $'question\n'
}

@test "a source port does not take a receiver's datagrams" {
	in_netns
	recv_ready r --join 239.1.2.3%lo --frame line --count 1 0 </dev/null
	try 45 "$DUCAT" udp-send -p "$PORT" 127.0.0.1 5000 </dev/null
	says err "connect from .*Address already in use"
	echo mine | sent --frame line
	received r
	contains r.out $'mine\n'
}

@test "a group that no socket can join" {
	need ipv6
	local words
	in_netns
	while read -r words; do
		# shellcheck disable=SC2086
		try 45 "$DUCAT" udp-recv $words </dev/null
		says err 'join .*: no socket of its family'
	done <<-'END'
	-4 --join ff02::114%lo 0
	--join ff02::114%lo 127.0.0.1 0
	-6 --join 239.1.1.1%lo 0
	--join 239.1.1.1%lo ::1 0
	END
	try 2 "$DUCAT" udp-recv --join 239.1.1.1,239.1.1.2 0 </dev/null
	says err 'a group is no source'
	try 2 "$DUCAT" udp-recv -4 --peer ::1 0 </dev/null
	says err 'not an IPv4 address'
}

### Loss

# overrun OPTION...: a receiver that is stopped meanwhile gets more than any
# queue of it holds.
overrun()
{
	in_netns
	recv_ready r --idle-timeout 1 "$@" 127.0.0.1 0 </dev/null
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	head -c 150000000 /dev/zero |
	    try 0 "$DUCAT" udp-send --frame block --datagram-size 60000 \
	    127.0.0.1 "$PORT"
	silent err
	kill -CONT "${PID[r]}"
}

# What is written and what is said to be lost are all.
accounted()
{
	local came lost
	came=$(( $(stat -c %s r.out) / 60000 ))
	lost=$(grep -Eo '[0-9]+ datagrams? w' r.err | grep -Eo '^[0-9]+')
	equal "$(( came + lost ))" 2500
}

@test "datagrams that were lost in the queue are counted and told" {
	overrun
	finish r
	says r.err 'receive on 127\.0\.0\.1:.* [0-9]+ datagrams were lost'
	accounted
}

@test "--strict makes a loss a failure" {
	overrun --strict
	finish r 56
	says r.err '[0-9]+ datagrams were lost.*--strict'
	accounted
}

@test "a loss is told at --deadline, too" {
	mkfifo pipe
	exec 5<>pipe
	in_netns
	recv_ready_raw r --deadline 3 --strict 127.0.0.1 0 </dev/null >pipe
	# Or it would be gone where all this takes longer.
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	head -c 150000000 /dev/zero | sent --frame block --datagram-size 60000
	kill -CONT "${PID[r]}"
	finish r 28
	exec 5>&-
	grep -q '(--deadline)' r.err
	grep -q 'datagrams were lost' r.err
}

@test "--strict without a loss is no failure" {
	recv_ready r --strict --frame line --count 2 127.0.0.1 0 </dev/null
	printf 'one\ntwo\n' | sent --frame line
	received r
	contains r.out $'one\ntwo\n'
}

@test "what a stopped receiver's queue holds is not lost" {
	recv_ready r --strict --frame line --count 50 127.0.0.1 0 </dev/null
	kill -STOP "${PID[r]}"
	retry_until "$BOUND" state_is r T
	seq 50 >in
	sent --frame line <in
	kill -CONT "${PID[r]}"
	received r
	same in r.out
}
