# --progress: the line on a terminal, the lines of a log, and that neither is
# in the way of anything.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load screens

# What a terminal's buffers and a connection's never hold.
LARGE=40000000

# stalled: a peer that takes a part of what comes, and the rest when it may.
stalled()
{
	peer_listen p 'rcvbuf 65536; read 5000000; wait-file go; read-all'
	head -c "$LARGE" /dev/zero >large
}

# log_is FILE REGEX: all its lines are of progress, and the last one matches.
log_is()
{
	local number='[0-9.]+([KMGTPE]i)?B'
	local one="^ducat: (> $number < )?$number [0-9]+:[0-9]{2}:[0-9]{2}"
	one+=" \[$number/s\]( [0-9]+%( ETA [-0-9:]+)?)?\$"

	has "$1" '/s\]'
	if grep -vE "$one" "$1"; then
		echo "no line of progress in $1"
		return 1
	fi
	tail -n 1 "$1" >last
	has last "$2"
}

### On a terminal

@test "a terminal has one line, which is complete at the end" {
	screens_open
	stalled
	screen a connect --progress 127.0.0.1 "$PORT" '<large'
	see a '^ *[0-9.]*MiB 0:00:[0-9]* \[.*/s\] \[=*> *\] *[0-9]*% ETA '
	: >go
	see a '^status 0$'
	see a '^38.1MiB 0:00:.*/s\] \[=*>\] 100%$'
	equal "$(screens capture-pane -p -t a | grep -c '/s\]')" 1
	finish p
}

@test "messages go above the line" {
	screens_open
	screen a listen -k -v --progress --addr-file addr 127.0.0.1 0 \
	    '</dev/null >/dev/null'
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	peer_connect p 'write 1000; wait-file go; write 1000'
	see a '^  *1000B 0:'
	: >go
	finish p
	see a '^ducat: closed .*received 2000 bytes'
	see a '^1.95KiB 0:'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<'and more'
	see a '^ducat: closed .*received 9 bytes'
	see a '^1.96KiB 0:'
	screen_press a C-c
	see a '^ducat: ended by a signal: Interrupt$'
	see a '^status 130$'
	screens capture-pane -p -t a >shown
	equal "$(grep -c '/s\]$' shown)" 1
	equal "$(grep -c '^ducat: ' shown)" 6
	grep -E '/s\]$|ended by' shown | head -n 1 >first
	has first '/s\]$'
}

@test "the line becomes as narrow as the terminal" {
	screens_open
	stalled
	screen a connect --progress 127.0.0.1 "$PORT" '<large'
	see a '/s\] \[=*> *\] *[0-9]*% ETA '
	screens resize-window -t a -x 60
	see a '^.\{59\}$'
	see a '/s\] \[=*> *\] *[0-9]*% ETA [-0-9:]*$'
	screens resize-window -t a -x 100
	see a '^.\{99\}$'
	screens resize-window -t a -x 34
	see a '^ *[0-9.]*MiB 0:0[0-9:]* \[.*/s\] *[0-9]*%$'
	: >go
	see a '^status 0$'
	finish p
}

@test "Control-C leaves the line as it was, and the message below it" {
	stalled
	start t "$PEER" pty 'save got; read-until MiB; write-text \x03;
	    read-all' "$PEER" fate fate "$PEER" exec -t 50 sh -c \
	    'exec "$DUCAT" connect --progress 127.0.0.1 "$1" <large' sh "$PORT"
	finish t 130
	tr '\r' '\n' <got | grep -E '/s\]|ended' | tail -n 2 >last
	has last '/s\] \[=*> *\] +[0-9]+%.{3}$'
	tail -n 1 got >end
	has end 'ended by a signal: Interrupt'
	: >go
	finish p 1
}

@test "a failure stands below the line" {
	peer_listen p 'read 1000000; reset'
	head -c "$LARGE" /dev/zero >large
	start t "$PEER" pty 'save got; read-all' sh -c \
	    'exec "$DUCAT" connect --progress 127.0.0.1 "$1" <large' sh "$PORT"
	finish t 55
	finish p
	tail -n 2 got | tr -d '\r' >last
	has last 'send to .*: Connection reset by peer'
	has <(head -n 1 last) '/s\] \[=*> *\] +[0-9]+%.{3}$'
}

@test "what comes for the same terminal is not mixed with the line" {
	screens_open
	peer_listen p 'read 5000000; wait-file go; write-text some words\n;
	    read-all; write-text and no newline'
	head -c "$LARGE" /dev/zero >large
	screen a connect --progress 127.0.0.1 "$PORT" '<large'
	see a '/s\] \[=*> *\] *[0-9]*% ETA '
	: >go
	see a '^some words$'
	see a '^status 0$'
	see a '^and no newlineducat: > 38.1MiB < 25B 0:.* 100%$'
	equal "$(screens capture-pane -p -t a | grep -c '/s\]')" 1
	finish p
}

@test "what comes with the connection stands on the terminal" {
	need pgrep
	start t "$PEER" pty 'save got; read-until login:; touch seen;
	    read-all' env NO_COLOR=1 "$DUCAT" listen --progress --recv-only \
	    --addr-file addr 127.0.0.1 0
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	PID[d]=$(child_of "${PID[t]}")
	hold
	peer_connect p 'write-text login:; touch stands; wait-file seen'
	go_on
	unset 'PID[d]'
	finish p
	finish t
	tr -d '\r' <got >shown
	lines_are shown 1
	has shown '^login:ducat: 6B [0-9:]+ \[[^ ]+/s\]$'
}

@test "what comes for another terminal leaves the line alone" {
	cat >inner <<-'END'
	exec "$DUCAT" connect --progress --recv-only 127.0.0.1 "$1" >&3
	END
	cat >outer <<-'END'
	exec "$PEER" pty 'save line; read-until B/s; touch drawn; read-all' \
	    sh inner "$1" 3>&1
	END
	peer_listen p 'wait-file drawn; write-text some'
	start t "$PEER" pty 'save shown; read-all' sh outer "$PORT"
	finish t
	finish p
	contains shown some
	tr '\r' '\n' <line >lines
	has lines '^ *4B [0-9:]+ \[.*/s\]'
	lacks line ducat
}

@test "a terminal that is dumb gets lines" {
	local term
	for term in TERM=dumb TERM= -uTERM; do
		peer_listen p 'write 1000'
		start t env "$term" "$PEER" pty 'save got; read-all' sh -c \
		    'exec "$DUCAT" connect --progress 127.0.0.1 "$1" \
		    </dev/null >/dev/null' sh "$PORT"
		finish t
		finish p
		tr -d '\r' <got >plain
		log_is plain '^ducat: 1000B '
	done
}

@test "the background of a terminal is left alone" {
	peer_listen p 'read 1000; wait-file go; read-all'
	payload some 1000
	cat >job <<-END
	set -m
	cat some feed |
	    "\$PEER" exec "\$DUCAT" connect --progress 127.0.0.1 $PORT &
	wait
	echo done
	END
	mkfifo feed
	start t "$PEER" pty 'save got; read-all' "$PEER" exec bash job
	exec 6>feed
	: >go
	exec 6>&-
	finish t
	finish p
	contains <(tr -d '\r' <got) $'done\n'
}

@test "after --background a terminal is left alone" {
	cat >job <<-END
	"\$DUCAT" listen --background --progress --pid-file pid \
	    --addr-file addr 127.0.0.1 0 >out
	: >stands
	echo in the background
	END
	start t "$PEER" pty \
	    'save got; read-until background; wait-file gone' sh job
	retry_until "$BOUND" test -e stands
	background_ready
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <<<hello
	background_ended
	lines_are out 1
	: >gone
	finish t
	lacks got '/s\]'
}

### In a log

@test "a file gets lines without control characters, the last one at the end" {
	payload sent 3000000
	local option
	for option in --progress=plain --progress; do
		peer_listen p 'read-all'
		try 0 "$DUCAT" connect "$option" 127.0.0.1 "$PORT" <sent
		log_is err '^ducat: 2.86MiB 0:00:.* 100%$'
		empty out
		finish p
	done
}

@test "plain lines come while the run goes on" {
	peer_listen p 'write 1000; wait-file two; write 1000'
	start_raw d "$DUCAT" connect --progress=plain --size 2000 127.0.0.1 \
	    "$PORT" </dev/null >/dev/null
	retry_until "$BOUND" lines_are d.err 1
	has d.err '^ducat: 1000B 0:00:.* 50% ETA '
	: >two
	finish d
	finish p
	log_is d.err '^ducat: 1.95KiB .* 100%$'
}

@test "plain lines on a terminal are lines" {
	peer_listen p 'write 1000'
	start t "$PEER" pty 'save got; read-all' sh -c \
	    'exec env NO_COLOR=1 "$DUCAT" connect --progress=plain 127.0.0.1 \
	    "$1" </dev/null >/dev/null' sh "$PORT"
	finish t
	finish p
	tr -d '\r' <got >plain
	log_is plain '^ducat: 1000B '
}

@test "without a connection there is no progress" {
	try 7 "$DUCAT" connect --progress=plain 127.0.0.1 1 </dev/null
	says err 'Connection refused$'
	listen_ready d --progress=plain -w 50ms 127.0.0.1 0 </dev/null
	finish d 28
	says d.err '--timeout|within'
}

@test "--quiet silences the rest" {
	peer_listen p 'read 100; reset'
	head -c "$LARGE" /dev/zero >large
	try 55 "$DUCAT" connect --quiet --progress=plain 127.0.0.1 "$PORT" \
	    <large
	log_is err '^ducat: '
	finish p
}

@test "a standard error that nobody reads holds up nothing" {
	need linux
	mkfifo pipe
	exec 6<>pipe
	head -c 65536 /dev/zero >&6
	listen_ready d --recv-only 127.0.0.1 0 </dev/null
	payload sent 3000000
	"$PEER" exec "$DUCAT" connect --progress=plain 127.0.0.1 "$PORT" \
	    <sent 2>&6
	exec 6>&-
	finish d
	same sent d.out
}

### What is counted

@test "of what is expected, the way that moves more counts" {
	peer_listen p 'read-all; write 100'
	head -c 1000 /dev/zero | try 0 "$DUCAT" connect --progress=plain \
	    --size 2k 127.0.0.1 "$PORT"
	log_is err '^ducat: > 1000B < 100B .* 50%$'
	finish p
	peer_listen p 'read-all; write 3000'
	try 0 "$DUCAT" connect --progress=plain --size 4k 127.0.0.1 "$PORT" \
	    <<<hi
	log_is err '^ducat: > 3B < 2.92KiB .* 75%$'
	finish p
}

@test "of a file, what is left of it is expected to be sent" {
	payload sent 3000
	peer_listen p 'read-all'
	{
		head -c 1000 >/dev/null
		try 0 "$DUCAT" connect --progress=plain 127.0.0.1 "$PORT"
	} < <(cat sent)
	log_is err '/s\]$'
	finish p
	peer_listen p 'read-all'
	{
		dd bs=1000 count=1 >/dev/null 2>&1
		try 0 "$DUCAT" connect --progress=plain 127.0.0.1 "$PORT"
	} <sent
	log_is err '^ducat: 1.95KiB .* 100%$'
	finish p
	# What is asked for is no part of the answer.
	peer_listen p 'read-all; write 5000'
	try 0 "$DUCAT" connect --progress=plain 127.0.0.1 "$PORT" <sent
	log_is err '^ducat: > 2.92KiB < 4.88KiB .*/s\]$'
	finish p
	peer_listen p 'write 5000'
	try 0 "$DUCAT" connect --recv-only --progress=plain 127.0.0.1 "$PORT" \
	    <sent
	log_is err '^ducat: 4.88KiB .*/s\]$'
	finish p
}

@test "a file that is not sent as it is has no percentage" {
	local option
	seq 1000 >sent
	for option in --crlf --telnet; do
		peer_listen p 'read-all'
		try 0 "$DUCAT" connect "$option" --progress=plain 127.0.0.1 \
		    "$PORT" <sent
		finish p
		log_is err '^ducat: [34]\.[0-9]*KiB .*/s\]$'
	done
}

@test "all clients count together" {
	local i
	listen_ready d -k --max-accepts 3 --progress=plain --size 9000 \
	    127.0.0.1 0 </dev/null
	for i in 1 2 3; do
		peer_connect c 'write 3000'
		finish c
	done
	finish d
	log_is d.err '^ducat: 8.78KiB .* 100%$'
	equal "$(stat -c %s d.out)" 9000
}

@test "a command that has the socket is counted by the kernel" {
	need linux
	listen_ready d --progress=plain 127.0.0.1 0 --sh 'cat >/dev/null' \
	    </dev/null
	peer_connect c 'write 100000; wait-file go'
	retry_until "$BOUND" lines_are d.err 1
	has d.err '^ducat: 97.6KiB '
	: >go
	finish c
	finish d
	log_is d.err '^ducat: 97.6KiB '
}

@test "datagrams count, from the first one on" {
	ready_prepare d
	KEEP=(-k 9)
	start d "$DUCAT" udp-recv --ready-fd 9 --count 2 --progress=plain \
	    127.0.0.1 0 </dev/null
	KEEP=()
	ready_read d
	printf 'one\ntwo\n' >lines
	try 0 "$DUCAT" udp-send --frame line --progress=plain 127.0.0.1 \
	    "$PORT" <lines
	log_is err '^ducat: 6B 0:00:00 .*/s\]$'
	finish d
	log_is d.err '^ducat: 6B 0:00:00 '
}

@test "zero copy stays on" {
	need linux ptrace
	payload sent 3000000
	peer_listen p 'save got; read-all'
	try 0 strace -f -qq -e trace=splice,sendto,write -e signal=none \
	    -o trace "$PEER" exec "$DUCAT" connect --progress=plain \
	    127.0.0.1 "$PORT" <sent
	finish p
	same sent got
	log_is err '^ducat: 2.86MiB .* 100%$'
	has trace 'splice\('
	lacks trace '(sendto|write)\(.* = [0-9]{4,}$'
}

@test "2: --size alone, and no such form" {
	try 2 "$DUCAT" connect --size 1k 127.0.0.1 9
	says err '^ducat: --size: only with --progress$'
	try 2 "$DUCAT" connect --progress=bar 127.0.0.1 9
	says err 'not one of none, line, plain'
	try 2 "$DUCAT" connect --progress --size 0 127.0.0.1 9
	says err '^ducat: --size'
}
