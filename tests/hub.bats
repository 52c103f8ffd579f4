# Clients that share lines: --broker, --chat, and standard input and output
# with -k --max-conns N.

# shellcheck disable=SC1010,SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load screens

# joined N: so many clients came to "d", which was started with -v.
joined()
{
	retry_until "$BOUND" have_come "$1"
}

have_come()
{
	[[ $(grep -c '^ducat: connection from ' d.err) -eq $1 ]]
}

# Who came as the Nth.
address_of()
{
	sed -n 's/^ducat: connection from \(.*\) on .*/\1/p' d.err |
	    sed -n "$1p"
}

# What -v tells of each client, and nothing else.
all_is_well()
{
	sort_out
	empty d.trouble
}

sort_out()
{
	grep -Ev '^ducat: (listening on|connection from|closed) ' d.err \
	    >d.trouble || :
}

# "d" is ended by the test, and told only what -v tells.
end_of_d()
{
	all_is_well
	kill -TERM "${PID[d]}"
	finish d 143
}

# make_lines NAME COUNT: lines of all lengths, each of them another one.
make_lines()
{
	awk -v name="$1" -v count="$2" 'BEGIN {
		for (i = 0; i < 300; i++)
			pad = pad sprintf("%c", 97 + i % 26)
		for (i = 0; i < count; i++)
			printf("%s %d %s.\n", name, i,
			    substr(pad, 1, i * 37 % 300))
	}'
}

# talker NAME: a client that says all of NAME.said once "go" is there, hears
# all the while, and ends when "done" is there.
talker()
{
	start "$1" "$DUCAT" connect 127.0.0.1 "$PORT" \
	    < <(retry_until "$BOUND" test -e go; cat "$1.said"
	    retry_until "$BOUND" test -e done)
}

# has_lines FILE NAME: all that NAME said, in its order.
has_lines()
{
	grep "^$2 " "$1" >picked || :
	same picked "$2.said"
}

### --broker

@test "--broker: a line goes to all others, and not back" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; wait-file go; write-text one\ntwo\n;
	    wait-file done; shut; read-all'
	joined 1
	peer_connect b 'save b.got; read 8; wait-file done; shut; read-all'
	joined 2
	peer_connect c 'save c.got; read 8; wait-file done; shut; read-all'
	joined 3
	: >go
	comes b.got $'one\ntwo\n'
	comes c.got $'one\ntwo\n'
	: >done
	finish a
	finish b
	finish c
	silent a b c
	empty a.got
	contains b.got $'one\ntwo\n'
	empty d.out
	end_of_d
}

@test "--broker: everybody is heard" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; wait-file go1; write-text a\n; read 4'
	peer_connect b 'save b.got; wait-file go2; read 2; write-text b\n;
	    read 2'
	peer_connect c 'save c.got; wait-file go3; read 4; write-text c\n;
	    wait-file done'
	joined 3
	: >go1
	: >go2
	: >go3
	finish a
	finish b
	contains a.got $'b\nc\n'
	contains b.got $'a\nc\n'
	contains c.got $'a\nb\n'
	: >done
	finish c
	silent a b c
	end_of_d
}

@test "--broker: lines of many who write at once stay whole" {
	local i k
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	for i in 1 2 3 4 5 6 7 8; do
		make_lines "c$i" 2000 >"c$i.said"
		talker "c$i"
	done
	joined 8
	: >go
	for i in 1 2 3 4 5 6 7 8; do
		retry_until "$BOUND" lines_are "c$i.out" 14000
	done
	: >done
	for i in 1 2 3 4 5 6 7 8; do
		finish "c$i"
		silent "c$i"
		lines_are "c$i.out" 14000
		for k in 1 2 3 4 5 6 7 8; do
			[[ $i -eq $k ]] || has_lines "c$i.out" "c$k"
		done
	done
	end_of_d
}

@test "--broker: an unfinished line waits, and others' are not held up" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect a 'write-text half a; wait-file go; write-text  line\n;
	    wait-file done; shut; read-all'
	peer_connect b 'wait-file go1; write-text whole\n; wait-file done;
	    shut; read-all'
	peer_connect c 'save c.got; read 6; expect-silence 200; touch go;
	    read 12; wait-file done'
	joined 3
	: >go1
	comes c.got $'whole\nhalf a line\n'
	: >done
	finish a
	finish b
	finish c
	silent a b c
	end_of_d
}

@test "--broker: a last line without a newline gets one" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect b 'save b.got; read 11; expect-silence 100'
	joined 1
	peer_connect a 'write-text first\nlast; shut; expect-eof'
	finish a
	comes b.got $'first\nlast\n'
	finish b
	contains b.got $'first\nlast\n'
	silent a
	end_of_d
}

@test "--broker: who ends has heard what was said, and is let go" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	feed_open b
	start b "$DUCAT" connect 127.0.0.1 "$PORT" <b.fifo
	joined 1
	peer_connect a 'write-text one\n; wait-file go; write-text two\n;
	    shut; expect-eof'
	comes b.out $'one\n'
	feed_close
	finish b
	contains b.out $'one\n'
	silent b
	: >go
	finish a
	silent a
	end_of_d
}

@test "--broker: bytes of every kind pass" {
	payload said 1000000
	echo >>said
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect b "save b.got; read $(stat -c %s said)"
	joined 1
	peer_connect a 'write-file said; shut; expect-eof'
	finish a
	finish b
	silent a b
	same said b.got
	end_of_d
}

@test "--broker: standard input and output are not used" {
	need linux
	printf 'not for you\n' >input
	listen_ready d -v --broker 127.0.0.1 0 <input
	peer_connect b 'save b.got; read 6; expect-silence 100'
	joined 1
	peer_connect a 'write-text hello\n; shut; expect-eof'
	finish a
	finish b
	contains b.got $'hello\n'
	offset_is d 0 0
	empty d.out
	end_of_d
}

@test "--broker: a client that resets is told, and the rest go on" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect b 'save b.got; read 6; touch heard; read 16'
	joined 1
	peer_connect bad 'write-text first\nunfinished; wait-file go; reset'
	joined 2
	retry_until "$BOUND" test -e heard
	: >go
	finish bad
	peer_connect a 'write-text next\n; shut; expect-eof'
	finish a
	finish b
	contains b.got $'first\nunfinished\nnext\n'
	retry_until "$BOUND" eval "sort_out; test -s d.trouble"
	says d.trouble 'receive from 127\.0\.0\.1:.*Connection reset by peer'
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--broker: the unfinished line of who is cut is said" {
	listen_ready d -v --broker --max-recv 10 127.0.0.1 0 </dev/null
	peer_connect b 'save b.got; read 11; wait-file done; shut; read-all'
	joined 1
	peer_connect a 'write-text abc\ndefghijklmno; expect-reset'
	finish a
	comes b.got $'abc\ndefghi\n'
	: >done
	finish b
	silent a b
	contains b.got $'abc\ndefghi\n'
	retry_until "$BOUND" eval "sort_out; test -s d.trouble"
	says d.trouble 'more than 10 bytes \(--max-recv\)$'
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--broker: --max-conns lets so many in, and the rest wait" {
	listen_ready d -v --broker --max-conns 2 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; read 5'
	joined 1
	peer_connect b 'wait-file go; shut; expect-eof'
	joined 2
	peer_connect c 'write-text late\n; touch waits; shut; expect-eof'
	retry_until "$BOUND" test -e waits
	have_come 2
	: >go
	finish b
	finish c
	finish a
	silent a b c
	contains a.got $'late\n'
	end_of_d
}

@test "--broker: --max-accepts ends the run when the last one has left" {
	listen_ready d -v --broker --max-accepts 2 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; read 4; wait-file go; shut; expect-eof'
	joined 1
	peer_connect b 'write-text bye\n; shut; expect-eof'
	finish b
	alive d
	: >go
	finish a
	finish d
	contains a.got $'bye\n'
	silent a b
	all_is_well
}

### Who does not read

# lazy NAME: joins, and reads nothing until "look" is there.
lazy()
{
	peer_connect "$1" 'rcvbuf 4096; wait-file look; expect-reset'
}

# The one that came as the Nth was cut, and nothing else is told.
was_cut()
{
	retry_until "$BOUND" eval "sort_out; test -s d.trouble" || return 1
	contains d.trouble \
	    "ducat: $(address_of "$1"): does not read, cut off"$'\n'
}

@test "--broker: who does not read is cut, and nobody else loses a line" {
	make_lines a 100000 >a.said
	: >b.said
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	lazy lazy
	joined 1
	talker b
	joined 2
	talker a
	joined 3
	: >go
	retry_until "$BOUND" size_is b.out "$(stat -c %s a.said)"
	was_cut 1
	: >look
	finish lazy
	silent lazy
	: >done
	finish a
	finish b
	silent a b
	same a.said b.out
	empty a.out
	was_cut 1
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--chat: who does not read is cut, and nobody else loses a line" {
	make_lines a 100000 >a.said
	: >b.said
	listen_ready d -v --chat 127.0.0.1 0 </dev/null
	lazy lazy
	joined 1
	talker b
	joined 2
	talker a
	joined 3
	sed 's/^/<user3> /' a.said >want
	: >go
	retry_until "$BOUND" eval \
	    'test "$(grep -c "^<user3> " b.out)" = 100000'
	was_cut 1
	: >look
	finish lazy
	: >done
	finish a
	finish b
	grep '^<user3> ' b.out | cmp - want
	retry_until "$BOUND" eval 'test "$(grep -c " left$" d.out)" = 3'
	grep '^<user3> ' d.out | cmp - want
	has b.out '^<announce> user1 \(127\.0\.0\.1:[0-9]+\) left$'
	was_cut 1
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "-k --max-conns: who does not read is cut, and input is not held up" {
	make_lines input 100000 >said
	listen_ready d -v -k --max-conns 3 127.0.0.1 0 \
	    < <(retry_until "$BOUND" test -e go; cat said)
	lazy lazy
	joined 1
	start a "$DUCAT" connect --recv-only 127.0.0.1 "$PORT" </dev/null
	start b "$DUCAT" connect --recv-only 127.0.0.1 "$PORT" </dev/null
	joined 3
	: >go
	finish a
	finish b
	silent a b
	same said a.out
	same said b.out
	was_cut 1
	: >look
	finish lazy
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--broker: who reads nothing is not cut where little is said" {
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect lazy 'rcvbuf 4096; wait-file look; save lazy.got;
	    read 200000; touch heard; wait-file done'
	joined 1
	yes 123456789 | head -n 20000 >said
	peer_connect a 'write-file said; wait-file done'
	joined 2
	# Longer than anyone's patience.
	read -r -t 1.5 <> <(:) || :
	: >look
	retry_until "$BOUND" test -e heard
	same said lazy.got
	: >done
	finish lazy
	finish a
	end_of_d
}

### Standard input and output

@test "-k --max-conns: standard input goes to all, standard output gets all" {
	feed_open input
	listen_ready d -k --max-conns 3 127.0.0.1 0 <input.fifo
	peer_connect a 'write-text I am a\n; save a.got; read 6; wait-file go'
	peer_connect b 'write-text I am b\n; save b.got; read 6; wait-file go'
	peer_connect c 'write-text I am c\n; save c.got; read 6; wait-file go'
	retry_until "$BOUND" lines_are d.out 3
	printf 'hello\n' >&6
	comes a.got $'hello\n'
	comes b.got $'hello\n'
	comes c.got $'hello\n'
	sort d.out | cmp - <(printf 'I am %s\n' a b c)
	: >go
	finish a
	finish b
	finish c
	silent a b c d
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "-k --max-conns: clients do not hear each other" {
	listen_ready d -k --max-conns 2 127.0.0.1 0 </dev/null
	peer_connect a 'write-text from a\n; expect-silence 300; shut;
	    expect-eof'
	peer_connect b 'write-text from b\n; expect-silence 300; shut;
	    expect-eof'
	finish a
	finish b
	silent a b d
	retry_until "$BOUND" lines_are d.out 2
	sort d.out | cmp - <(printf 'from %s\n' a b)
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "-k --max-conns: the end of input half-closes those who are there" {
	feed_open input
	listen_ready d -v -k --max-conns 3 127.0.0.1 0 <input.fifo
	peer_connect a 'save a.got; read 4; expect-eof;
	    write-text after the end\n; shut'
	start b "$DUCAT" connect --recv-only 127.0.0.1 "$PORT" </dev/null
	joined 2
	# The last line is not complete.
	printf end >&6
	feed_close
	finish a
	finish b
	silent a b
	contains a.got $'end\n'
	contains b.out $'end\n'
	# From here on it is as under /dev/null.
	peer_connect c 'write-text late\n; expect-silence 300; shut;
	    expect-eof'
	finish c
	silent c
	comes d.out $'after the end\nlate\n'
	end_of_d
}

@test "-k --max-conns: under /dev/null nobody's session is half-closed" {
	listen_ready d -k --max-conns 2 127.0.0.1 0 </dev/null
	peer_connect a 'write-text here\n; expect-silence 300; shut;
	    expect-eof'
	finish a
	silent a
	comes d.out $'here\n'
	silent d
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "-k --max-conns: many at once come out in whole lines" {
	local i
	listen_ready d -k --max-conns 8 --max-accepts 8 127.0.0.1 0 </dev/null
	for i in 1 2 3 4 5 6 7 8; do
		make_lines "c$i" 2000 >"c$i.said"
		peer_connect "c$i" "wait-file go; write-file c$i.said; shut;
		    expect-eof"
	done
	: >go
	for i in 1 2 3 4 5 6 7 8; do
		finish "c$i"
		silent "c$i"
	done
	finish d
	silent d
	lines_are d.out 16000
	for i in 1 2 3 4 5 6 7 8; do
		has_lines d.out "c$i"
	done
}

@test "-k --max-conns: a last line without a newline gets one" {
	listen_ready d -k --max-conns 2 --max-accepts 2 127.0.0.1 0 </dev/null
	peer_connect a 'write-text last of a; shut; expect-eof'
	finish a
	peer_connect b 'write-text last of b; shut; expect-eof'
	finish b
	finish d
	silent a b d
	contains d.out $'last of a\nlast of b\n'
}

# cut_off STATUS WORDS OPTION...: a client says a line and half of one, is cut
# by these, and OUTPUT says what is to have come of it, %s is its address.
cut_off()
{
	local code=$1 words=$2 client
	shift 2
	listen_ready d "$@" --max-accepts 1 127.0.0.1 0 </dev/null
	turned_away 'write-text abc\ndefghijklmno'
	finish d "$code"
	says d.err "127\.0\.0\.1:[0-9]*: $words"
	client=$(sed 's/.*\(127\.0\.0\.1:[0-9]*\): .*/\1/' d.err)
	contains d.out "${OUTPUT//%s/$client}"
}

@test "-k --max-conns: the unfinished line of who is cut is written" {
	OUTPUT=$'abc\ndefghi\n'
	cut_off 63 'more than 10 bytes' -k --max-conns 2 --max-recv 10
	OUTPUT=$'abc\ndefghijklmno\n'
	cut_off 28 'nothing moved' -k --max-conns 2 --idle-timeout 1
}

@test "-k --max-conns: a slow standard output gets all, at last" {
	make_lines a 60000 >a.said
	make_lines b 60000 >b.said
	mkfifo output
	exec 5<>output
	listen_ready_raw d -k --max-conns 2 --max-accepts 2 127.0.0.1 0 \
	    </dev/null >output
	peer_connect a 'write-file a.said; shut; expect-eof'
	peer_connect b 'write-file b.said; shut; expect-eof'
	# Longer than the patience with a client.
	read -r -t 1.5 <> <(:) || :
	alive a
	alive b
	alive d
	cat <output >got 5>&- &
	PID[cat]=$!
	exec 5>&-
	finish a
	finish b
	finish d
	finish cat
	silent a b d
	lines_are got 120000
	has_lines got a
	has_lines got b
}

@test "--chat: a slow standard output gets all, at last" {
	make_lines a 100000 >a.said
	mkfifo output
	exec 5<>output
	listen_ready_raw d --chat --max-accepts 1 127.0.0.1 0 \
	    </dev/null >output
	peer_connect a 'write-file a.said; shut; expect-eof'
	read -r -t 1.5 <> <(:) || :
	alive a
	alive d
	cat <output >got 5>&- &
	PID[cat]=$!
	exec 5>&-
	finish a
	finish d
	finish cat
	silent a d
	sed 's/^/<user1> /' a.said >want
	grep '^<user1> ' got | cmp - want
	lines_are got 100002
}

# cut_as NAME: client "a" was reset, and that is why.
cut_as()
{
	finish a
	silent a
	has e "\"event\":\"closed\".*\"reason\":\"$1\""
	remove e
}

# overfull SCRIPT OPTION...: standard output takes nothing.
overfull()
{
	listen_ready_raw d "${@:2}" --events e 127.0.0.1 0 </dev/null \
	    >/dev/full
	peer_connect a "$1"
	finish d 23
	says d.err 'standard output.*No space left on device'
	cut_as write
}

@test "23: a full device as standard output ends the run by resets" {
	need linux
	overfull 'write-text hello\n; expect-reset' -k --max-conns 2
	# That the client joined is more than it takes.
	overfull expect-reset --chat
}

@test "23: the reader of standard output went away" {
	mkfifo output
	exec 5<>output
	listen_ready_raw d -k --max-conns 2 127.0.0.1 0 </dev/null >output
	peer_connect a 'write-text hello\n; wait-file go'
	local line
	read -r -t "$BOUND" line <&5
	equal "$line" hello
	exec 5>&-
	finish d 23
	says d.err 'standard output.*Broken pipe'
	: >go
}

@test "26: standard input cannot be read, which ends the run by resets" {
	listen_ready d -k --max-conns 2 --events e 127.0.0.1 0 <.
	peer_connect a 'expect-reset'
	finish d 26
	says d.err 'standard input.*Is a directory'
	cut_as read
}

@test "--tag tells whose line it is" {
	listen_ready d -v -k --max-conns 2 --tag 127.0.0.1 0 </dev/null
	peer_connect a 'write-text one\n; wait-file go; write-text half; shut;
	    expect-eof'
	retry_until "$BOUND" lines_are d.out 1
	peer_connect b 'write-text two\n\n; shut; expect-eof'
	finish b
	retry_until "$BOUND" lines_are d.out 3
	: >go
	finish a
	retry_until "$BOUND" lines_are d.out 4
	silent a b
	local a b
	a=$(address_of 1)
	b=$(address_of 2)
	[[ $a == 127.0.0.1:* && $b == 127.0.0.1:* ]]
	contains d.out "$a: one"$'\n'"$b: two"$'\n'"$b: "$'\n'"$a: half"$'\n'
	end_of_d
}

@test "--tag of an IPv6 client" {
	need ipv6
	listen_ready d -v -k --max-conns 2 --tag ::1 0 </dev/null
	peer_connect a 'write-text six\n; shut; expect-eof' ::1
	finish a
	retry_until "$BOUND" lines_are d.out 1
	contains d.out "$(address_of 1): six"$'\n'
	has d.out '^\[::1\]:[0-9]+: six$'
	end_of_d
}

@test "--tag: what goes to the clients bears none" {
	feed_open input
	listen_ready d -v -k --max-conns 2 --tag 127.0.0.1 0 <input.fifo
	peer_connect a 'save a.got; read 6; shut; expect-eof'
	joined 1
	printf 'hello\n' >&6
	finish a
	silent a
	contains a.got $'hello\n'
	empty d.out
	end_of_d
}

### --chat

@test "--chat: names, joining and leaving" {
	listen_ready d -v --chat 127.0.0.1 0 </dev/null
	peer_connect a 'save a.got; read-until joined\n; write-text hello\n;
	    touch said; wait-file go; shut; read-all'
	joined 1
	peer_connect b 'save b.got; read-until hello\n; wait-file go1;
	    write-text bye; shut; read-all'
	joined 2
	retry_until "$BOUND" grep -q hello d.out
	: >go1
	finish b
	retry_until "$BOUND" lines_are d.out 5
	: >go
	finish a
	retry_until "$BOUND" lines_are d.out 6
	silent a b
	local a b
	a=$(address_of 1)
	b=$(address_of 2)
	contains a.got "<announce> user2 ($b) joined
<user2> bye
<announce> user2 ($b) left
"
	contains b.got $'<user1> hello\n'
	contains d.out "<announce> user1 ($a) joined
<announce> user2 ($b) joined
<user1> hello
<user2> bye
<announce> user2 ($b) left
<announce> user1 ($a) left
"
	end_of_d
}

@test "--chat: the unfinished line of who is cut is said before it left" {
	OUTPUT='<announce> user1 (%s) joined
<user1> abc
<user1> defghi
<announce> user1 (%s) left
'
	cut_off 63 'more than 10 bytes' --chat --max-recv 10
	OUTPUT=${OUTPUT/defghi/defghijklmno}
	cut_off 28 'nothing moved' --chat --idle-timeout 1
}

@test "--chat: a name is not given twice" {
	local n
	listen_ready d --chat 127.0.0.1 0 </dev/null
	for n in 1 2 3; do
		peer_connect c 'write-text hi\n; shut; expect-eof'
		finish c
		retry_until "$BOUND" lines_are d.out $(( 3 * n ))
	done
	grep hi d.out | cmp - <(printf '<user%d> hi\n' 1 2 3)
	silent d
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--chat: control characters are made visible" {
	local want
	listen_ready d -v --chat 127.0.0.1 0 </dev/null
	peer_connect b 'save b.got; read-until end\n; wait-file done;
	    shut; read-all'
	joined 1
	peer_connect a 'write-text \x1b[2J\x1b]0\x3bx\x07|;
	    write-text \xc2\x9b2J|\x9b2J|\xe2\x80\xaegnp|\x00|\r|\x7f\n;
	    write-text fine: \xc3; write-text \xa9\t.\r\n;
	    write-text <server> obey\n; write-text end\n; wait-file done;
	    shut; read-all'
	joined 2
	retry_until "$BOUND" grep -q end b.got
	retry_until "$BOUND" grep -q end d.out
	: >done
	finish a
	finish b
	silent a b
	want='<user2> ^[[2J^[]0;x^G|\xc2\x9b2J|\x9b2J|\xe2\x80\xaegnp|^@|^M|^?
<user2> fine: '$'\xc3\xa9\t.\r'"
<user2> <server> obey
<user2> end
"
	grep '^<user2>' b.got | cmp - <(printf %s "$want")
	grep '^<user2>' d.out | cmp - <(printf %s "$want")
	end_of_d
}

@test "--chat: the server's lines, and their last one" {
	feed_open input
	listen_ready d -v --chat 127.0.0.1 0 <input.fifo
	peer_connect a 'save a.got; read-until joined\n; read-until last\n;
	    wait-file done; shut; read-all'
	joined 1
	peer_connect b 'save b.got; read-until last\n; wait-file done;
	    shut; read-all'
	joined 2
	printf 'welcome\n' >&6
	printf last >&6
	feed_close
	retry_until "$BOUND" grep -q last a.got
	retry_until "$BOUND" grep -q last b.got
	: >done
	finish a
	finish b
	silent a b
	grep server a.got | cmp - <(printf '<server> %s\n' welcome last)
	head -n 2 b.got | cmp - <(printf '<server> %s\n' welcome last)
	# The server knows what it has said.
	lacks d.out server
	end_of_d
}

@test "--chat: under /dev/null the server only listens" {
	listen_ready d --chat 127.0.0.1 0 </dev/null
	peer_connect a 'write-text alone\n; expect-silence 300; shut;
	    expect-eof'
	finish a
	silent a
	retry_until "$BOUND" lines_are d.out 3
	has d.out '^<user1> alone$'
	silent d
	kill -TERM "${PID[d]}"
	finish d 143
}

@test "--chat: standard output has all when --max-accepts ends the run" {
	local i
	listen_ready d --chat --max-accepts 3 127.0.0.1 0 </dev/null
	for i in 1 2 3; do
		make_lines "c$i" 5000 >"c$i.said"
		: >"c$i.gone"
	done
	talker c1
	talker c2
	talker c3
	retry_until "$BOUND" lines_are d.out 3
	: >go
	: >done
	finish c1
	finish c2
	finish c3
	finish d
	silent d c1 c2 c3
	lines_are d.out 15006
	for i in 1 2 3; do
		sed -n "s/^<user[123]> \(c$i .*\)/\1/p" d.out |
		    cmp - "c$i.said"
	done
}

# What a process has in memory, in KiB.
memory_of()
{
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

@test "--chat: a line without an end is not collected, and holds up nobody" {
	need linux
	local before
	head -c 32000000 /dev/zero | tr '\0' x >endless
	# A sanitizer is not to keep what was freed.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1
	listen_ready_raw d -v --chat 127.0.0.1 0 </dev/null >/dev/null
	: >b.said
	: >go
	talker b
	joined 1
	before=$(memory_of "${PID[d]}")
	peer_connect endless 'write-file endless; touch wrote; wait-file end;
	    shut; read-all'
	joined 2
	retry_until "$BOUND" test -e wrote
	peer_connect c 'write-text short\n; wait-file end; shut; read-all'
	joined 3
	retry_until "$BOUND" grep -q '<user3> short$' b.out
	(( $(memory_of "${PID[d]}") < before + 16000 ))
	: >end
	finish endless
	finish c
	: >done
	finish b
	silent endless b c
	equal "$(tr -dc x <b.out | wc -c)" 32000000
	end_of_d
}

@test "--broker: a line without an end becomes lines of 64 KiB" {
	head -c 1000000 /dev/zero | tr '\0' x >endless
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect b 'save b.got; read 1000016; wait-file done'
	joined 1
	peer_connect a 'write-file endless; shut; expect-eof'
	finish a
	: >done
	finish b
	silent a b
	echo >>endless
	same <(fold -b -w 65536 endless) b.got
	end_of_d
}

### Usage

# refused WORDS ARG...: 2, nothing listens, and one line tells of it.
refused()
{
	local words=$1
	shift
	try 2 "$DUCAT" listen -w 1s "$@" </dev/null
	says err "$words"
	empty out
}

@test "2: --broker and --chat go with no command and no forward" {
	refused '--broker' --broker 127.0.0.1 0 -- cat
	refused '--chat' --chat 127.0.0.1 0 -- cat
	refused '--broker' --broker -c cat 127.0.0.1 0
	refused '--chat' --chat -c cat 127.0.0.1 0
	refused '--broker' --broker --forward 127.0.0.1:1 127.0.0.1 0
	refused '--chat' --chat --forward 127.0.0.1:1 127.0.0.1 0
}

@test "2: --broker and --chat exclude each other" {
	refused '--broker and --chat' --broker --chat 127.0.0.1 0
}

@test "2: --broker and --chat with one direction only" {
	local option
	for option in --send-only --recv-only; do
		refused "$option" --broker "$option" 127.0.0.1 0
		refused "$option" --chat "$option" 127.0.0.1 0
	done
}

@test "2: --escape goes neither with --broker nor with --chat" {
	refused '--escape' --broker --escape always 127.0.0.1 0
	refused '--escape' --chat --escape never 127.0.0.1 0
}

@test "2: --tag wants clients that share standard output" {
	refused '--tag' --tag 127.0.0.1 0
	refused '--tag' -k --tag 127.0.0.1 0
	refused '--tag' -k --max-conns 1 --tag 127.0.0.1 0
	refused '--tag' -k --max-conns 4 --tag 127.0.0.1 0 -- cat
	refused '--tag' --chat --tag 127.0.0.1 0
}

@test "2: --max-conns and --max-accepts want -k" {
	refused '--max-conns' --max-conns 2 127.0.0.1 0
	refused '--max-accepts' --max-accepts 2 127.0.0.1 0
}

### Other programs

# takes_part COMMAND...: it says a line to a --broker, and hears one.
# A telnet may end its lines as the protocol wants, and tell of itself.
takes_part()
{
	listen_ready d -v --broker 127.0.0.1 0 </dev/null
	peer_connect p 'save p.got; read-until other;
	    write-text from the peer\n; read-all'
	joined 1
	feed_open other
	start other "$@" "$PORT" <other.fifo
	joined 2
	printf 'from the other\n' >&6
	retry_until "$BOUND" grep -q 'from the peer' other.out
	retry_until "$BOUND" eval \
	    'test "$(tr -d "\r" <p.got)" = "from the other"'
	kill -TERM "${PID[other]}" "${PID[d]}"
	feed_close
	finish d 143
}

@test "nc takes part" {
	need nc
	takes_part nc 127.0.0.1
}

@test "ncat takes part" {
	need ncat
	takes_part ncat 127.0.0.1
}

@test "socat takes part" {
	need socat
	takes_part sh -c 'exec socat - TCP:127.0.0.1:$1' sh
}

@test "busybox nc takes part" {
	need busybox
	takes_part busybox nc 127.0.0.1
}

@test "busybox telnet takes part" {
	need busybox
	takes_part busybox telnet 127.0.0.1
}

@test "nc's input ends, and what it said is heard" {
	need nc
	listen_ready d -k --max-conns 4 --max-accepts 2 127.0.0.1 0 </dev/null
	printf 'one\ntwo' | ns nc -N 127.0.0.1 "$PORT" >one.out
	printf 'three' | ns nc -N 127.0.0.1 "$PORT" >two.out
	finish d
	silent d
	contains d.out $'one\ntwo\nthree\n'
	empty one.out
	empty two.out
}

### A terminal

@test "--chat at a terminal: it sees all, and its lines go to all" {
	screens_open
	screen a listen --chat --addr-file addr 127.0.0.1 0
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	peer_connect a 'save a.got; read-until joined\n; touch two;
	    write-text \x1b[2J\x1b[Hhi \xc3\xa9\n; read-until welcome\n;
	    wait-file go; shut; read-all'
	see a '^<announce> user1 (127\.0\.0\.1:[0-9]*) joined$'
	peer_connect b 'save b.got; read-until welcome\n; wait-file done'
	see a '^<announce> user2 (127\.0\.0\.1:[0-9]*) joined$'
	see a '^<user1> ^\[\[2J^\[\[Hhi '$'\xc3\xa9''$'
	see a '^<announce> user1'
	screens send-keys -t a -l welcome
	screens send-keys -t a Enter
	retry_until "$BOUND" grep -q '^<server> welcome$' a.got
	retry_until "$BOUND" grep -q '^<server> welcome$' b.got
	see a '^welcome$'
	: >go
	finish a
	see a '^<announce> user1 (127\.0\.0\.1:[0-9]*) left$'
	screens send-keys -t a C-c
	see a '^status 130$'
	: >done
}

@test "--chat at a terminal: its end of input ends nobody's session" {
	listen_terminal='listen --chat --addr-file addr 127.0.0.1 0'
	# shellcheck disable=SC2086
	start t "$PEER" pty 'save screen; read-until joined;
	    write-text bye\n\x04; read-until later; wait-file done' \
	    "$PEER" exec "$DUCAT" $listen_terminal </dev/null
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	peer_connect a 'save a.got; read-until bye\n; expect-silence 300;
	    write-text later\n; wait-file done'
	retry_until "$BOUND" grep -q '^<user1> later' screen
	: >done
	finish a
	silent a
	contains a.got $'<server> bye\n'
}
