# ducat unix --type dgram: local datagrams, both roles.

# shellcheck disable=SC1003,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib
load datagrams
load local

# What peers say, besides what local.py knows: says() sends datagrams, gets()
# wants just these, asked() has the next one and keeps who sent it, answer()
# goes there, whom() writes that down.
DGRAMS='want = lambda a, b: a == b or sys.exit("%.99r, not %.99r" % (a, b));
    gets = lambda *all: [want(s.recv(2000000), a) for a in all];
    says = lambda *all: [s.send(a) for a in all];
    who = [b""];
    asked = lambda: (lambda m: (who.insert(0, m[1]), m[0])[1])(
	s.recvfrom(2000000));
    answer = lambda *all: [s.sendto(a, who[0]) for a in all];
    whom = lambda name: open(name, "wb").write(
	who[0] if isinstance(who[0], bytes) else os.fsencode(who[0]));'
TYPE=dgram VERBS=$DGRAMS

# bound NAME SCRIPT: a talker that is called NAME, and waits for nobody.
bound()
{
	local name=$1 script=$2
	remove "./$name"
	need python3
	try 0 python3 -IS -c '
import socket, sys
name, script, place = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.settimeout(30)
if name != "unnamed":
    s.bind(name)
s.connect(place)
says = lambda *all: [s.send(a) for a in all]
want = lambda a, b: a == b or sys.exit("%.99r, not %.99r" % (a, b))
gets = lambda *all: [want(s.recv(2000000), a) for a in all]
exec(script)' "$name" "$script" "${PLACE:-sock}"
	silent err
}

# own_directory: where senders that want answers have their address.
own_directory()
{
	mkdir own
	export TMPDIR=$PWD/own
}

no_address_left()
{
	local left=(own/*)
	[[ ! -e ${left[0]} ]] || {
		echo "left: ${left[*]}"
		return 1
	}
}

# Says how many lines came, and each of them.
COUNTS='n=0; while read -r line; do n=$((n + 1)); echo "$n $line"; done'

### Others

@test "to socat, and its standard output" {
	need socat
	others_listen t "$PWD/sock" socat -u "UNIX-RECV:$PWD/sock" -
	dial 0 < <(printf hello)
	silent err
	empty out
	retry_until "$BOUND" size_is t.out 5
	contains t.out hello
}

@test "from socat, without and with a name of its own" {
	need socat
	listener d --count 1 </dev/null
	try 0 socat -u - UNIX-SENDTO:sock < <(printf hello)
	peer_is_done d
	contains d.out hello
	listener d --reply --count 1 < <(printf answer)
	feed_open input
	start t socat - UNIX-SENDTO:sock,bind=mine <input.fifo
	printf ask >&6
	retry_until "$BOUND" size_is t.out 6
	contains t.out answer
	peer_is_done d
	contains d.out ask
	feed_close
}

@test "to nc -luU, and from nc -uU, which is answered" {
	need nc.openbsd
	feed_open input
	others_listen t "$PWD/sock" nc.openbsd -luU "$PWD/sock" <input.fifo
	printf answer >&6
	dial 0 --reply < <(printf hello)
	silent err
	contains out answer
	contains t.out hello
	kill -KILL "${PID[t]}"
	finish t 137
	PLACE=other listener d --reply --count 1 < <(printf answer)
	start c nc.openbsd -uU other <input.fifo
	printf ask >&6
	retry_until "$BOUND" size_is c.out 6
	contains c.out answer
	peer_is_done d
	contains d.out ask
	feed_close
}

@test "logger -u -d logs to a listener" {
	need logger
	listener d --count 1 </dev/null
	try 0 logger -u "$PWD/sock" -d -t backup 'all is done'
	peer_is_done d
	has d.out '^<13>.*backup.*all is done'
}

@test "a line for rsyslogd" {
	need rsyslogd root
	cat >conf <<-END
	module(load="imuxsock" SysSock.Use="off")
	input(type="imuxsock" Socket="$PWD/log")
	template(name="plain" type="string" string="%pri% %rawmsg-after-pri%\n")
	*.* action(type="omfile" file="$PWD/got" template="plain")
	END
	others_listen t "$PWD/log" rsyslogd -n -f conf -i "$PWD/its.id"
	PLACE=log dial 0 < <(printf '<13>backup: done')
	silent err
	retry_until "$BOUND" test -s got
	has got '^13 .*backup: done'
}

@test "systemd-notify tells a listener, and does not wait for it" {
	need systemd-notify
	local place
	abstract
	for place in "$PWD/sock" "@$NAME"; do
		PLACE=$place listener d --frame line --deadline 10 \
		    </dev/null
		NOTIFY_SOCKET=$place try 0 systemd-notify --ready
		silent err
		NOTIFY_SOCKET=$place try 0 systemd-notify --pid=$$ \
		    --status=working
		silent err
		retry_until "$BOUND" has d.out '^STATUS=working$' >/dev/null
		has d.out '^READY=1$'
		has d.out '^MAINPID='
		end_of d
	done
}

@test "descriptors that are passed are closed at once" {
	need linux
	local before
	listener d </dev/null
	before=$(descriptors d)
	bound mine '
says(b"x")
socket.send_fds(s, [b"y"], [1, 1, 1])
socket.send_fds(s, [b"z"], [1] * 200)'
	retry_until "$BOUND" size_is d.out 3
	(( $(descriptors d) <= before ))
	end_of d
	contains d.out xyz
}

@test "a service tells its manager by ducat, which another one is" {
	listener d --frame line --count 1 -v </dev/null
	export NOTIFY_SOCKET=$PWD/sock
	try 0 "$DUCAT" unix --type dgram "$NOTIFY_SOCKET" < <(printf READY=1)
	silent err
	finish d
	contains d.out $'READY=1\n'
	has d.err "uid $EUID"
}

@test "a listener tells NOTIFY_SOCKET that it is ready" {
	PLACE=notify server t 'want(asked(), b"READY=1")'
	NOTIFY_SOCKET=$PWD/notify listener d --count 1 </dev/null
	peer_is_done t
	dial 0 <<<x
	peer_is_done d
	contains d.out $'x\n'
}

### What passes

@test "each lossless frame, and empty datagrams" {
	local frame
	payload big 65507
	payload odd 1001 2
	{
		printf '0:,3:a\nb,'
		netstring_of odd
		printf '0:,'
		netstring_of big
		printf '2:\303\251,0:,'
	} >in
	for frame in netstring len32 json; do
		listener d --frame "$frame" --count 7 </dev/null
		dial 0 --frame netstring <in
		silent err
		peer_is_done d
		mv d.out framed
		listener d --frame netstring --count 7 </dev/null
		dial 0 --frame "$frame" <framed
		silent err
		empty out
		peer_is_done d
		same in d.out
	done
}

@test "--frame read, line and block" {
	server t 'gets(b"one\ntwo", b"one", b"", b"two", b"one\n", b"two")'
	dial 0 < <(printf 'one\ntwo')
	silent err
	dial 0 --frame line < <(printf 'one\n\ntwo')
	silent err
	dial 0 --frame block --datagram-size 4 < <(printf 'one\ntwo')
	silent err
	peer_is_done t
	listener d --frame line --count 3 </dev/null
	bound unnamed 'says(b"uno", b"", b"due")'
	peer_is_done d
	contains d.out $'uno\n\ndue\n'
	listener d --count 3 </dev/null
	bound unnamed 'says(b"uno", b"", b"due")'
	peer_is_done d
	contains d.out unodue
}

@test "--crlf, there and back" {
	printf 'a\nb\n' >in
	printf 'c\n' >answer
	listener d --crlf --reply --count 1 <answer
	dial 0 --crlf --reply -w 1d <in
	silent err
	contains out $'c\r\n'
	peer_is_done d
	contains d.out $'a\r\nb\r\n'
}

@test "--frame json tells who sends" {
	listener d --frame json --count 2 </dev/null
	bound mine 'says(b"one")'
	bound unnamed 'says(b"two")'
	peer_is_done d
	has d.out '"peer":"mine",.*"text":"one"'
	has d.out '"peer":"unnamed",.*"text":"two"'
}

@test "--count, both roles" {
	listener d --frame line --count 2 </dev/null
	bound unnamed 'says(b"one", b"two")
try:
    says(b"three")
except ConnectionRefusedError:
    pass'
	peer_is_done d
	contains d.out $'one\ntwo\n'
	server t 'gets(b"1", b"2"); silence(100)'
	dial 0 --frame line --count 2 < <(seq 10)
	silent err
	peer_is_done t
}

@test "a receiver that is slow gets all ten thousand" {
	server t 'wait("go"); [want(s.recv(99), b"%d" % n)
	    for n in range(1, 10001)]; silence(50)'
	seq 10000 >in
	start d "$DUCAT" unix --type dgram --frame line sock <in
	# Its queue is full, and the sender waits.
	retry_until "$BOUND" offset_moved d
	alive d
	: >go
	peer_is_done d
	peer_is_done t
}

offset_moved()
{
	! offset_is "$1" 0 0
}

@test "a listener with a slow reader gets all ten thousand" {
	need python3
	mkfifo output
	local KEEP=(-k 9)
	# shellcheck disable=SC2094
	exec 5<>output 4<output
	ready_prepare d
	start_raw d "$DUCAT" unix --listen --ready-fd 9 --type dgram \
	    --frame line --count 10000 sock </dev/null >output
	exec 5>&-
	ready_all d
	seq -f '%050g' 10000 >in
	KEEP=()
	start c "$DUCAT" unix --type dgram --frame line sock <in
	retry_until "$BOUND" is_full output
	alive c
	cat <&4 >got
	exec 4<&-
	peer_is_done c
	peer_is_done d
	same in got
}

@test "two senders at once, and nothing is lost" {
	listener d --frame line --count 4000 </dev/null
	seq -f 'a%g' 2000 >a
	seq -f 'b%g' 2000 >b
	start one "$DUCAT" unix --type dgram --frame line sock <a
	start two "$DUCAT" unix --type dgram --frame line sock <b
	peer_is_done one
	peer_is_done two
	peer_is_done d
	same a <(grep a d.out)
	same b <(grep b d.out)
}

@test "an abstract name" {
	need linux
	abstract
	local PLACE=@$NAME
	listener d --count 1 </dev/null
	equal "$READY" "$PLACE"$'\n'
	dial 0 < <(printf hello)
	silent err
	peer_is_done d
	contains d.out hello
}

### Long ones

@test "the longest datagram that the socket takes, and 63: one byte more" {
	longest
	head -c "$LONGEST" /dev/zero >big
	head -c $(( LONGEST + 1 )) /dev/zero >bigger
	server t "want(len(s.recv(2000000)), $LONGEST); wait('go')"
	dial 0 --frame netstring < <(netstring_of big)
	silent err
	dial 63 --frame netstring < <(netstring_of bigger)
	says err "send to sock: a record of $(( LONGEST + 1 )) bytes, and $(
	    )the socket takes $LONGEST\$"
	: >go
	peer_is_done t
}

@test "records of a sender with a larger buffer, and 63" {
	need root
	listener d --frame line --count 1 </dev/null
	bound unnamed 's.setsockopt(1, 32, 4000000); says(b"a" * 1048576)'
	peer_is_done d
	size_is d.out 1048577
	listener d --frame line </dev/null
	bound unnamed 's.setsockopt(1, 32, 4000000)
says(b"first", b"a" * 1048577)'
	finish d 63
	says d.err 'a record of more than 1048576 bytes$'
	contains d.out $'first\n'
}

@test "records of a mebibyte reach a command and a target" {
	need root
	listener d --count 1 --sh 'wc -c >got' </dev/null
	bound mine 's.setsockopt(1, 32, 4000000); says(b"a" * 1048576)'
	peer_is_done d
	equal "$(<got)" 1048576
}

@test "a datagram that is too long does not end a server" {
	need root
	listener d --frame line --count 2 -- cat </dev/null
	bound mine 's.setsockopt(1, 32, 4000000)
says(b"one")
gets(b"one")
says(b"a" * 1048577)'
	bound other 'says(b"two"); gets(b"two")'
	finish d 63
	says d.err '1 datagram was dropped, longer than 1048576 bytes'
}

@test "--datagram-size, both ways" {
	server t 'gets(b"abc", b"def", b"g", b"one")'
	dial 0 --datagram-size 3 < <(printf abcdefg)
	silent err
	dial 63 --frame line --datagram-size 3 < <(printf 'one\nfour\n')
	says err 'standard input: the record at byte 4 is longer than 3 bytes$'
	peer_is_done t
	try 2 "$DUCAT" unix --listen --type dgram --datagram-size 3 x </dev/null
	says err '--datagram-size: only where'
}

@test "26: input is not in the frame's form, and where" {
	server t 'gets(b"one"); silence(50)'
	dial 26 --frame netstring < <(printf '3:one,x')
	says err 'standard input: not netstring at byte 6: '
	peer_is_done t
}

@test "--max-send and --max-recv" {
	server t 'gets(b"four"); silence(50)'
	dial 63 --frame line --max-send 7 < <(printf 'four\nfour\n')
	says err 'send to sock: more than 7 bytes \(--max-send\)'
	peer_is_done t
	remove sock
	listener d --frame line --max-recv 7 </dev/null
	bound unnamed 'says(b"four", b"four")'
	finish d 63
	says d.err 'receive on sock: more than 7 bytes \(--max-recv\)'
	contains d.out $'four\n'
}

### Answers

@test "--reply waits for an answer" {
	server t 'want(asked(), b"ask"); answer(b"uno")'
	dial 0 --reply < <(printf ask)
	silent err
	contains out uno
	peer_is_done t
}

@test "--reply=3, and =all within -w" {
	server t 'asked(); answer(b"a", b"", b"b"); asked();
	    answer(b"c", b"d"); wait("go")'
	dial 0 --frame line --reply=3 <<<ask
	silent err
	contains out $'a\n\nb\n'
	dial 0 --frame line --reply=all -w 300ms <<<ask
	silent err
	contains out $'c\nd\n'
	: >go
	peer_is_done t
}

@test "28: too few answers, and none" {
	own_directory
	server t 'asked(); answer(b"a"); asked(); asked()'
	dial 28 --reply=2 -w 300ms <<<ask
	says err 'sock: 1 answer within 0\.300 s \(--timeout\)'
	contains out a
	dial 28 --reply=all -w 300ms <<<ask
	says err 'sock: 0 answers within 0\.300 s \(--timeout\)'
	empty out
	dial 28 --reply -w 300ms <<<ask
	says err 'sock: 0 answers within 0\.300 s \(--timeout\)'
	empty out
	no_address_left
	peer_is_done t
}

# asker: a "d" that waits for its answer, from an address in the file asker.
asker()
{
	server t 'asked(); whom("asker"); wait("go"); answer(b"answer")'
	start d "$DUCAT" unix --type dgram --reply -w 10 "${PLACE:-sock}" \
	    <<<ask
	retry_until "$BOUND" test -s asker
}

@test "the address of who asks, and that it is gone afterwards" {
	own_directory
	asker
	[[ $(<asker) == "$PWD"/own/ducat.*/socket ]]
	[[ -S $(<asker) ]]
	equal "$(stat -c %a "$(<asker)")" 666
	equal "$(stat -c %a "$(dirname "$(<asker)")")" 711
	: >go
	peer_is_done d
	contains d.out answer
	peer_is_done t
	no_address_left
}

@test "the address of who asks is gone after a signal, too" {
	local signal status
	own_directory
	for signal in INT:130 TERM:143 HUP:129; do
		remove sock asker go
		asker
		kill "-${signal%:*}" "${PID[d]}"
		finish d "${signal#*:}"
		no_address_left
		kill -KILL "${PID[t]}"
		finish t 137
	done
}

@test "there is no address of who asks nobody" {
	own_directory
	dial 7 --reply <<<ask
	says err 'connect to sock: No such file or directory'
	no_address_left
	local_listen t sock 'wait("go")'
	dial 7 --reply <<<ask
	says err 'not of type dgram'
	no_address_left
	: >go
}

@test "where TMPDIR will not do the address is in /tmp" {
	local long
	long=$PWD/$(printf '%090d' 0)
	mkdir "$long"
	: >file
	for TMPDIR in "$PWD/nosuch" "$PWD/file" "$long" relative ''; do
		export TMPDIR
		remove sock asker go
		asker
		[[ $(<asker) == /tmp/ducat.*/socket ]]
		: >go
		peer_is_done d
		peer_is_done t
		[[ ! -e $(dirname "$(<asker)") ]]
	done
}

@test "where nobody may write to TMPDIR" {
	as_nobody
	own_directory
	server t 'asked(); whom("asker"); answer(b"answer")'
	chmod 777 sock
	try 0 "${NOBODY[@]}" "$DUCAT" unix --type dgram --reply sock <<<ask
	silent err
	contains out answer
	[[ $(<asker) == /tmp/ducat.*/socket ]]
	peer_is_done t
	no_address_left
}

@test "who asks an abstract name has no file" {
	need linux
	own_directory
	abstract
	local PLACE=@$NAME
	asker
	no_address_left
	equal "$(head -c 1 asker | od -An -tx1)" ' 00'
	: >go
	peer_is_done d
	contains d.out answer
}

@test "nobody but the peer can send to who asks" {
	own_directory
	asker
	try 0 python3 -IS -c '
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try:
    s.sendto(b"lie", open("asker", "rb").read())
    print("sent")
except PermissionError as error:
    print(error.errno)'
	contains out $'1\n'
	: >go
	peer_is_done d
	contains d.out answer
}

@test "a server of another user can answer" {
	need root
	as_nobody
	unset TMPDIR
	need python3
	start t python3 -IS "$BATS_FILE_TMPDIR/local.py" listen sock \
	    "become(65534, 65534); again(); $DGRAMS asked(); answer(b'yes')" \
	    dgram
	retry_until "$BOUND" test -s t.out
	dial 0 --reply <<<ask
	silent err
	contains out yes
	peer_is_done t
}

@test "--listen --reply: who sent last gets standard input" {
	feed_open input
	listener d --reply --frame line <input.fifo
	echo first >&6
	talker a 'says(b"a"); gets(b"first"); wait("c") if 0 else None'
	retry_until "$BOUND" size_is d.out 2
	local_connect c sock "$DGRAMS"'says(b"c"); gets(b"second")' dgram
	retry_until "$BOUND" size_is d.out 4
	echo second >&6
	peer_is_done c
	feed_close
	end_of d
	contains d.out $'a\nc\n'
}

@test "55: who has no address cannot be answered, and others go on" {
	feed_open input
	listener d --reply --frame line --idle-timeout 1 <input.fifo
	bound unnamed 'says(b"ask")'
	retry_until "$BOUND" size_is d.out 4
	echo answer >&6
	retry_until "$BOUND" test -s d.err
	local_connect a sock "$DGRAMS"'says(b"too"); gets(b"another")' dgram
	retry_until "$BOUND" size_is d.out 8
	echo another >&6
	peer_is_done a
	feed_close
	finish d 55
	says d.err 'answer on sock: who asked has no address'
	contains d.out $'ask\ntoo\n'
}

### Commands

@test "each sender with a name has a command of its own" {
	listener d --frame line --count 4 --sh "$COUNTS" </dev/null
	bound one 'says(b"a"); gets(b"1 a"); says(b"b"); gets(b"2 b")'
	bound two 'says(b"c"); gets(b"1 c"); says(b"d"); gets(b"2 d")'
	peer_is_done d
}

@test "those without a name are one, and their answers are 55" {
	listener d --frame line --count 4 --sh 'while read -r line; do
	    echo "$line" >>got; done; echo $$ >>ran' </dev/null
	bound unnamed 'says(b"a")'
	bound unnamed 'says(b"b")'
	bound mine 'says(b"c")'
	bound unnamed 'says(b"d")'
	peer_is_done d
	equal "$(sort got)" $'a\nb\nc\nd'
	equal "$(wc -l <ran)" 2
}

@test "55: an answer to nobody is told, and others go on" {
	listener d --frame line --count 3 -- cat </dev/null
	bound one 'says(b"a"); gets(b"a")'
	bound unnamed 'says(b"b")'
	retry_until "$BOUND" test -s d.err
	bound two 'says(b"c"); gets(b"c")'
	finish d 55
	says d.err 'send to unnamed: it has no address for answers'
}

@test "an answer to one who is gone is told, and others go on" {
	listener d --frame line --count 2 --sh 'read -r x
	    [ "$x" != late ] || until [ -e go ]; do :; done; echo "$x"' </dev/null
	bound one 'says(b"late")'
	: >go
	retry_until "$BOUND" test -s d.err
	bound two 'says(b"c"); gets(b"c")'
	finish d 55
	says d.err 'send to one: Connection refused'
}

@test "what a command sees in its environment" {
	need linux
	listener d --frame line --count 2 \
	    --sh 'x=$(cat); env | grep -E "^(PROTO|IPC)" | sort >"env$x"' \
	    </dev/null
	bound mine 'says(b"1"); import os; open("pid", "w").write(
    str(os.getpid()))'
	bound unnamed 'says(b"2")'
	peer_is_done d
	contains env1 "IPCLOCALPATH=sock
IPCREMOTEEGID=$(id -g)
IPCREMOTEEUID=$EUID
IPCREMOTEPATH=mine
IPCREMOTEPID=$(<pid)
PROTO=IPC
"
	has env2 '^IPCREMOTEPATH=$'
	has env2 "^IPCREMOTEEUID=$EUID\$"
}

@test "each lossless frame of a command's" {
	local frame
	payload odd 1001 2
	{ printf '0:,3:a\nb,'; netstring_of odd; printf '0:,'; } >in
	for frame in netstring len32 json; do
		listener d --frame "$frame" --count 4 -- cat </dev/null
		dial 0 --frame netstring --reply=4 <in
		silent err
		same in out
		peer_is_done d
	done
}

@test "--max-conns: further senders are dropped, and told of" {
	listener d --frame line --max-conns 1 --count 2 -- cat </dev/null
	bound one 'says(b"a"); gets(b"a")
import os
t = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
t.bind("second"); t.connect("sock"); t.send(b"no")
says(b"b"); gets(b"b")'
	finish d
	has d.err 'receive from second: not served'
	has d.err '1 datagram was dropped, of peers that could not be served'
	equal "$(wc -l <d.err)" 2
}

@test "--idle-timeout is the end, for standard output and for a command" {
	listener d --idle-timeout 200ms </dev/null
	bound unnamed 'says(b"x")'
	peer_is_done d
	contains d.out x
	listener d --frame line --idle-timeout 200ms --sh 'cat; echo end >got' \
	    </dev/null
	bound one 'says(b"x"); gets(b"x")'
	retry_until "$BOUND" test -s got
	end_of d
	says d.err 'Terminated'
}

@test "56: --strict, a command that is too slow" {
	listener d --strict --count 3000 --sh 'until [ -e go ]; do :; done
	    cat >/dev/null' </dev/null
	bound mine 'says(*[b"x" * 1000] * 3000)'
	: >go
	finish d 56
	says d.err 'receive from mine: [0-9]+ datagrams were lost, which the $(
	    )command did not take \(--strict\)|did not take'
}

# flooded SCRIPT: a sender said "flood", and reads no answers; others are
# served nevertheless, and nothing spins.
flooded()
{
	need linux
	local before after tries
	listener d --frame line --sh 'read -r x
	    case $x in flood) exec yes;; esac; echo "$x"' </dev/null
	start flood python3 -IS -c "import os, socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('flood')
$1
while not os.path.exists('go'):
    time.sleep(0.01)"
	retry_until "$BOUND" child_of "${PID[d]}" >/dev/null
	bound one 'says(b"a"); gets(b"a")'
	before=$(ticks_of "${PID[d]}")
	for (( tries = 0; tries < 50; tries++ )); do
		pause_briefly
	done
	after=$(ticks_of "${PID[d]}")
	# Of more than a hundred.
	(( after - before < 40 ))
	bound two 'says(b"b"); gets(b"b")'
	: >go
	peer_is_done flood
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "a sender that reads no answers holds up nobody, nor burns the CPU" {
	need python3
	flooded 's.sendto(b"flood", "sock")'
}

### Forwards

@test "--forward unix: and its answers" {
	PLACE=far server t 'want(asked(), b"one"); answer(b"uno", b"");
	    want(asked(), b""); answer(b"due")'
	listener d --forward unix:far --count 2 --idle-timeout 1 </dev/null
	bound mine 'says(b"one"); gets(b"uno", b""); says(b""); gets(b"due")'
	peer_is_done d
	peer_is_done t
}

@test "--forward to UDP, and from there" {
	recv_ready u --frame line --count 2 127.0.0.1 0 -- cat </dev/null
	listener d --forward "127.0.0.1:$PORT" --count 2 --idle-timeout 1 \
	    </dev/null
	bound one 'says(b"a"); gets(b"a")'
	bound two 'says(b"b"); gets(b"b")'
	peer_is_done u
	peer_is_done d
	listener d --frame line --count 1 -- cat </dev/null
	recv_ready u --forward unix:sock --count 1 --idle-timeout 1 127.0.0.1 0 \
	    </dev/null
	try 0 "$DUCAT" udp-send --reply 127.0.0.1 "$PORT" < <(printf hello)
	silent err
	contains out hello
	peer_is_done u
	peer_is_done d
}

@test "--forward unix: a target that is not there is told of, and comes back" {
	listener d --forward unix:far --count 2 --idle-timeout 1 </dev/null
	bound mine 'says(b"lost")'
	retry_until "$BOUND" test -s d.err
	PLACE=far server t 'want(asked(), b"one"); answer(b"uno")'
	bound mine 'says(b"one"); gets(b"uno")'
	finish d 7
	has d.err 'connect to (unix:)?far: No such file or directory'
	has d.err 'from mine: 1 datagram was lost, which the target did not'
	lines_are d.err 2
	peer_is_done t
}

@test "--forward unix: a target that goes away and comes back" {
	PLACE=far server t 'want(asked(), b"one"); answer(b"uno")'
	listener d --forward unix:far --count 3 --idle-timeout 1 </dev/null
	bound mine 'says(b"one"); gets(b"uno")'
	peer_is_done t
	bound mine 'says(b"lost")'
	retry_until "$BOUND" test -s d.err
	remove far
	PLACE=far server t 'want(asked(), b"two"); answer(b"due")'
	bound mine 'says(b"two"); gets(b"due")'
	finish d 55
	has d.err 'send to unix:far: Connection refused'
	has d.err 'from mine: 1 datagram was lost, which the target did not'
	lines_are d.err 2
	peer_is_done t
}

### Who is there

@test "--allow-uid and --allow-gid, by each datagram" {
	as_nobody
	local option
	for option in --allow-uid --allow-gid; do
		listener d --frame line -v --mode 777 "$option" 65534 \
		    --count 1 </dev/null
		dial 0 < <(printf refused)
		silent err
		try 0 "${NOBODY[@]}" "$DUCAT" unix --type dgram sock \
		    < <(printf admitted)
		silent err
		finish d
		contains d.out $'admitted\n'
		has d.err "uid $EUID"
	done
}

@test "9: --allow-uid, and nobody else came within -w or --deadline" {
	local limit
	for limit in -w --deadline; do
		listener d "$limit" 1 --allow-uid $(( EUID + 1 )) </dev/null
		dial 0 < <(printf refused)
		silent err
		finish d 9
		empty d.out
		listener d "$limit" 1 --allow-uid $(( EUID + 1 )) -- cat \
		    </dev/null
		dial 0 < <(printf refused)
		silent err
		finish d 9
		empty d.out
	done
}

@test "--peer first, a path, a name" {
	need linux
	listener d --frame line --peer first --count 2 </dev/null
	bound one 'says(b"a")
t = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
t.bind("two"); t.connect("sock"); t.send(b"no")
says(b"b")'
	peer_is_done d
	contains d.out $'a\nb\n'
	listener d --frame line --peer mine --count 1 </dev/null
	bound other 'says(b"no")'
	bound unnamed 'says(b"no")'
	bound mine 'says(b"yes")'
	peer_is_done d
	contains d.out $'yes\n'
	abstract
	listener d --frame line --peer "@$NAME" --count 1 </dev/null
	bound unnamed 'says(b"no")'
	bound ./other 'says(b"no")'
	bound "$(printf unnamed)" 's.close()
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\0'"$NAME"'"); s.connect("sock"); s.send(b"yes")'
	peer_is_done d
	contains d.out $'yes\n'
}

@test "-v names who sends, once" {
	need linux
	listener d -v --count 3 </dev/null
	bound mine 'says(b"a", b"b")'
	bound unnamed 'says(b"c")'
	finish d
	contains d.out abc
	equal "$(grep -c '^ducat: datagrams from mine' d.err)" 1
	has d.err "^ducat: datagrams from mine.*uid $EUID"
	has d.err '^ducat: listening on sock$|sock'
}

### Ends

@test "7: nobody is there" {
	dial 7 <<<x
	says err 'connect to sock: No such file or directory'
	stale_dgram sock
	dial 7 <<<x
	says err 'connect to sock: Connection refused'
	empty out
}

stale_dgram()
{
	need python3
	python3 -IS -c 'import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])' "$1"
}

@test "55: the receiver goes away in the middle" {
	feed_open input
	server t 'gets(b"one")'
	start d "$DUCAT" unix --type dgram --frame line sock <input.fifo
	echo one >&6
	peer_is_done t
	echo two >&6
	finish d 55
	says d.err 'send to sock: Connection refused'
	empty d.out
	feed_close
}

@test "55: the receiver goes away while the sender waits for it" {
	seq 100000 >in
	server t 'wait("go"); gets(b"1")'
	start d "$DUCAT" unix --type dgram --frame line sock <in
	retry_until "$BOUND" offset_moved d
	: >go
	peer_is_done t
	finish d 55
	says d.err 'send to sock: (Connection refused|Connection reset)'
}

@test "28: --idle-timeout of a sender whose receiver is stuck" {
	seq 100000 >in
	server t 'wait("go")'
	dial 28 --frame line --idle-timeout 300ms <in
	says err '--idle-timeout'
	dial 28 --frame line --deadline 300ms <in
	says err '--deadline'
	: >go
	peer_is_done t
}

@test "28: -w, nothing came" {
	try 28 "$DUCAT" unix --listen --type dgram -w 200ms sock </dev/null
	says err 'receive on sock: no datagram within 0\.200 s \(--timeout\)'
	[[ ! -e sock ]]
	try 28 "$DUCAT" unix --listen --type dgram -w 200ms sock -- cat
	says err 'receive on sock: no datagram within 0\.200 s \(--timeout\)'
	[[ ! -e sock ]]
}

### The listener's file

@test "the file is there to the end, and then it is not" {
	listener d --count 2 </dev/null
	bound unnamed 'says(b"x")'
	retry_until "$BOUND" size_is d.out 1
	[[ -S sock ]]
	bound unnamed 'says(b"y")'
	peer_is_done d
	[[ ! -e sock ]]
	listener d -- cat </dev/null
	bound mine 'says(b"x"); gets(b"x")'
	[[ -S sock ]]
	end_of d
	[[ ! -e sock ]]
}

@test "a stale file is taken over, a live one is 45, another's is left" {
	stale_dgram sock
	listener d </dev/null
	try 45 "$DUCAT" unix --listen --type dgram sock </dev/null
	says err 'listen on sock: Address already in use'
	try 45 "$DUCAT" unix --listen sock </dev/null
	says err 'listen on sock: Address already in use'
	bound unnamed 'says(b"x")'
	retry_until "$BOUND" size_is d.out 1
	rm sock
	: >sock
	end_of d
	[[ -f sock ]]
	try 45 "$DUCAT" unix --listen --type dgram sock </dev/null
	[[ -f sock ]]
}

@test "--mode is in force, and no other name is" {
	listener d --mode 640 </dev/null
	equal "$(stat -c %a sock)" 640
	end_of d
}

@test "2: what does not go with datagrams" {
	local words options
	while IFS='|' read -r words options; do
		# shellcheck disable=SC2086
		try 2 "$DUCAT" unix --type dgram $options </dev/null
		says err "$words"
		empty out
		[[ ! -e sock ]]
	done <<-'END'
	--keep-open: only with --type stream or seqpacket|--listen -k sock
	--max-accepts: only with --type stream or seq|--listen --max-accepts 2 sock
	--backlog: only with --type stream or seqpacket|--listen --backlog 2 sock
	--broker: only with --type stream|--listen --broker sock
	--chat: only with --type stream|--listen --chat sock
	--tag: only with --type stream|--listen --tag sock
	--drain: only with --type stream or seqpacket|--listen --drain 1 sock
	--pty: only with --type stream or seqpacket|--listen --pty sock -- cat
	--on-peer-eof: only with --type stream or seqpacket|--on-peer-eof exit sock
	--quit-after: only with --type stream or seqpacket|-q 1 sock
	--no-half-close: only with --type stream or seqpacket|--no-half-close sock
	--send-only: only with --type stream or seqpacket|--send-only sock
	--recv-only: only with --type stream or seqpacket|--recv-only sock
	--allow-uid without --listen: only with --type|--allow-uid 0 sock
	--allow-gid without --listen: only with --type|--allow-gid 0 sock
	--peer: only with --listen|--peer any sock
	--strict: only with --listen|--strict sock
	--max-conns: only with --listen|--max-conns 2 sock
	--max-conns: only with a command or --forward|--listen --max-conns 2 sock
	a command: not with --type dgram, but with --listen|sock -- cat
	--forward: not with --type dgram, but with --listen|--forward unix:x sock
	--reply=N: only without --listen|--listen --reply=2 sock
	--reply: not with a command or --forward|--listen --reply sock -- cat
	--reply: "0"|--reply=0 sock
	--reply: "x"|--reply=x sock
	--frame: not with --forward|--listen --forward unix:x --frame line sock
	--frame block: --datagram-size is missing|--frame block sock
	--count: .*0|--count 0 sock
	--datagram-size: .*1048577|--datagram-size 1048577 sock
	--ready-fd: only with --listen|--ready-fd 9 sock
	END
}
