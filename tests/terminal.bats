# At a terminal: chats, what a hostile peer may show, the shell's job control,
# and that the terminal is left as it was found.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib
load screens

chat_open()
{
	screens_open
	screen a listen --addr-file addr 127.0.0.1 0
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	screen b connect 127.0.0.1 "$PORT"
}

@test "what is typed on one terminal appears on the other" {
	chat_open
	screen_type b 'hello from b'
	see a '^hello from b$'
	screen_type a 'hello from a'
	see b '^hello from a$'
	screen_type b 'again'
	see a '^again$'
	screen_press b C-d
	see a '^status 0$'
	see b '^status 0$'
}

@test "Control-D on one terminal ends both, after the last word" {
	chat_open
	screen_type b 'my last word'
	screen_press b C-d
	see a '^my last word$'
	see a '^status 0$'
	see b '^status 0$'
}

@test "a client that half-closed by Control-D hears a peer that goes on" {
	screens_open
	peer_listen p 'read-all; touch closed; wait-file go; write-text late\n'
	screen b connect 127.0.0.1 "$PORT"
	screen_type b question
	screen_press b C-d
	retry_until "$BOUND" test -e closed
	run -1 screen_has b status
	: >go
	see b '^late$'
	see b '^status 0$'
	finish p
	silent p
}

@test "Control-C in a chat ends one side by the signal" {
	chat_open
	screen_type b hello
	see a '^hello$'
	screen_press b C-c
	see b '^status 130$'
	see a '^status'
}

@test "text in UTF-8 is readable at the other terminal" {
	chat_open
	screen_type b $'gr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xe6\x97\xa5\xe6\x9c\xac'
	see a $'^gr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xe6\x97\xa5\xe6\x9c\xac'
	screen_press b C-d
	see a '^status 0$'
}

@test "a peer can neither clear the screen nor set its title" {
	screens_open
	peer_listen p 'write-text first line\n;
	    write-text \x1b[2J\x1b[H\x1b]2\x3btaken\x07\x9b2J\xc2\x9b2J\n;
	    write-text \x1b[6n\x1bc\x1b[?1049h\n;
	    write-text last line\n; wait-file go'
	screen b connect 127.0.0.1 "$PORT"
	see b '^last line$'
	see b '^first line$'
	see b '\^\[\[2J'
	lacks <(screens display-message -p -t b '#{pane_title}') taken
	equal "$(screens display-message -p -t b '#{alternate_on}')" 0
	: >go
	see b '^status 0$'
	finish p
}

@test "with --escape=never a peer may" {
	screens_open
	peer_listen p 'write-text first line\n;
	    write-text \x1b]2\x3btaken\x07\x1b[2J\x1b[H;
	    write-text last line\n; wait-file go'
	screen b connect --escape=never 127.0.0.1 "$PORT"
	see b '^last line$'
	run -1 screen_has b 'first line'
	equal "$(screens display-message -p -t b '#{pane_title}')" taken
	: >go
	see b '^status 0$'
	finish p
}

### What reaches the terminal, byte by byte

# hostile NAME: a peer that says all that a terminal might obey.
HOSTILE='esc \x1b[31m csi \x9b2J osc \x1b]0\x3btitle\x07 c1 \xc2\x9b2J'
HOSTILE+=' rlo \xe2\x80\xae lri \xe2\x81\xa6 bell \x07 back \x08 del \x7f'
HOSTILE+=' so \x0e cr \rx bad \xff\xfe over \xc0\x9b cut \xe2\x80'
HOSTILE+=' \x1b(0 \x1bP1q\x1b\\ nul \x00. tab\tend gr\xc3\xbc\xc3\x9fe'
HOSTILE+=' \xe2\x82\xac \xf0\x9f\x90\x88\n'

# Whatever of it came, none of this may stand in FILE.
harmless()
{
	local bad
	for bad in '\x1b' '\x07' '\x08' '\x7f' '\x0e' '\x00' '\xff' '\xc0' \
	    '\xe2\x80\xae' '\xe2\x81\xa6' '\xc2\x9b' '\x9b2' '\rx'; do
		if LC_ALL=C grep -aqP "$bad" "$1"; then
			echo "$1 has $bad"
			show_file "$1"
			return 1
		fi
	done
	# Visible instead, and the rest as it was.
	LC_ALL=C grep -aqF 'esc ^[[31m csi \x9b2J osc ^[]0;title^G' "$1"
	LC_ALL=C grep -aqF 'bell ^G back ^H del ^? so ^N cr ^Mx bad \xff' "$1"
	LC_ALL=C grep -aqF 'nul ^@. tab' "$1"
	LC_ALL=C grep -aqF $'end gr\xc3\xbc\xc3\x9fe \xe2\x82\xac' "$1"
	LC_ALL=C grep -aqF $'\xf0\x9f\x90\x88' "$1"
}

hostile_text()
{
	printf '%b' "$HOSTILE"
}

@test "control sequences from a peer do not reach the terminal raw" {
	peer_listen p "write-text $HOSTILE"
	start t "$PEER" pty 'save got; read-all' "$DUCAT" connect 127.0.0.1 \
	    "$PORT"
	finish t
	harmless got
	finish p
}

@test "control sequences from a client do not reach the terminal raw" {
	start t "$PEER" pty 'save got; read-all' "$DUCAT" listen \
	    --addr-file addr 127.0.0.1 0
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	peer_connect p "write-text $HOSTILE"
	finish p
	finish t
	harmless got
}

@test "standard output alone decides: with input from a file, too" {
	printf question >question
	peer_listen p "read-all; write-text $HOSTILE"
	start t "$PEER" pty 'save got; read-all' \
	    sh -c 'exec "$DUCAT" connect 127.0.0.1 "$1" <question' sh "$PORT"
	finish t
	harmless got
	finish p
}

@test "it does not matter where the packets cut" {
	# Byte by byte: the words of a script are one write each.
	local script='' i
	for (( i = 0; i < ${#HOSTILE}; )); do
		if [[ ${HOSTILE:i:2} == '\x' ]]; then
			script+="write-text ${HOSTILE:i:4}; "
			(( i += 4 ))
		elif [[ ${HOSTILE:i:1} == \\ ]]; then
			script+="write-text ${HOSTILE:i:2}; "
			(( i += 2 ))
		elif [[ ${HOSTILE:i:1} == ' ' ]]; then
			script+='write-text \x20; '
			(( i += 1 ))
		else
			script+="write-text ${HOSTILE:i:1}; "
			(( i += 1 ))
		fi
	done
	peer_listen p "$script"
	start t "$PEER" pty 'save got; read-all' "$DUCAT" connect 127.0.0.1 \
	    "$PORT"
	finish t
	harmless got
	finish p
}

@test "--escape=never lets everything through to the terminal" {
	peer_listen p "write-text $HOSTILE"
	start t "$PEER" pty 'save got; read-all' "$DUCAT" connect \
	    --escape=never 127.0.0.1 "$PORT"
	finish t
	# The terminal itself writes the end of a line as two.
	hostile_text | sed 's/$/\r/' >want
	same want got
	finish p
}

@test "a reader that leaves with all that was made visible is no failure" {
	peer_listen p 'write-text ab\n; wait-file go; shut; read-all'
	start_raw d "$DUCAT" connect --escape=always 127.0.0.1 "$PORT" \
	    </dev/null > >(head -n 1 >out; : >go)
	finish d
	silent d
	contains out $'ab\n'
}

@test "--escape=always makes a pipe harmless" {
	peer_listen p "write-text $HOSTILE"
	try 0 "$DUCAT" connect --escape=always 127.0.0.1 "$PORT" </dev/null
	silent err
	harmless out
	finish p
}

@test "into a pipe or a file nothing is escaped by default" {
	local option
	hostile_text >want
	for option in '' --escape=auto --escape=never; do
		peer_listen p "write-text $HOSTILE"
		# shellcheck disable=SC2086
		try 0 "$DUCAT" connect $option 127.0.0.1 "$PORT" </dev/null
		silent err
		same want out
		finish p
	done
}

@test "much text, escaped on a terminal, arrives whole" {
	payload noise 300000
	base64 noise | tr '/+' '\033\a' >text
	peer_listen p 'write-file text'
	start t "$PEER" pty 'save got; read-all' "$DUCAT" connect 127.0.0.1 \
	    "$PORT"
	finish t
	finish p
	tr -d '\r' <got | sed 's/\^\[/\x1b/g; s/\^G/\a/g' >restored
	same text restored
}

@test "what is typed is sent as it was typed" {
	peer_listen p 'save got; read-all'
	start t "$PEER" pty 'write-text a\x16\x1b[31m\x16\x7fz\xc3\xbc\n\x04;
	    read-all' "$DUCAT" connect 127.0.0.1 "$PORT"
	finish t
	finish p
	contains got $'a\e[31m\x7fz\xc3\xbc\n'
}

### Signals from the keyboard

# on_terminal SCRIPT ARG...: ducat on a terminal; how it ended is in the file
# fate.  What is between the terminal and ducat ignores SIGINT and SIGHUP.
on_terminal()
{
	local script=$1
	shift
	start t "$PEER" pty "$script" "$PEER" exec -i 1 -i 2 -i 3 \
	    "$PEER" fate fate "$PEER" exec "$DUCAT" "$@"
}

@test "Control-C: dies of SIGINT" {
	peer_listen p 'write-text here\n; read-until x; touch got; pause'
	on_terminal 'read-until here; write-text x\n; wait-file got;
	    write-text \x03; read-all' connect 127.0.0.1 "$PORT"
	finish t 130
	contains fate $'signal 2\n'
}

@test "Control-C while waiting for a client: dies of SIGINT" {
	on_terminal 'wait-file addr; write-text \x03; read-all' \
	    listen --addr-file addr 127.0.0.1 0
	finish t 130
	contains fate $'signal 2\n'
	[[ ! -e addr ]]
}

# The terminal's end comes first, or the signal to the leader of its session.
@test "a terminal that goes away ends ducat" {
	peer_listen p 'write-text here\n; pause'
	start t "$PEER" pty 'read-until here' "$DUCAT" connect 127.0.0.1 \
	    "$PORT"
	status=0
	wait "${PID[t]}" || status=$?
	unset "PID[t]"
	[[ $status -eq 129 || $status -eq 23 ]] || {
		echo "status $status"
		return 1
	}
}

### Job control

# shell_start SCRIPT: an interactive shell on a terminal, driven by the
# script.  Its commands stand in files, as a semicolon ends a step.
shell_start()
{
	PS1='$ ' PS2='' HISTFILE='' INPUTRC=/dev/null TERM=dumb \
	    start t "$PEER" pty "$1" \
	    bash --norc --noprofile --noediting -i
}

# job_begin ARG...: the file "job" starts ducat in the background and leaves
# its process in "pid".
job_begin()
{
	cat >job <<-END
	"\$PEER" exec "\$DUCAT" $* &
	echo \$! >pid
	END
}

job_pid()
{
	retry_until "$BOUND" test -s pid
	JOB=$(<pid)
	PID[job]=$JOB
}

is_foreground()
{
	local group owner
	read -r group owner < <(ps -o pgid=,tpgid= -p "$JOB")
	[[ $group == "$owner" ]]
}

is_state()
{
	process_state "$JOB"
	# shellcheck disable=SC2053 # a pattern
	[[ $STATE == $1 ]]
}

# In the background: it runs, and the lines are the shell's, one and all.
runs_in_background()
{
	local line
	for line in 1 2 3; do
		retry_until "$BOUND" test -e "typed$line"
		is_state '[RS]' || {
			echo "state $STATE"
			return 1
		}
	done
}

TYPED='write-text : >typed1\n; wait-file typed1; write-text : >typed2\n;
    wait-file typed2; delay 300; write-text : >typed3\n; wait-file typed3'

@test "a job in the background is not stopped, and reads in the foreground" {
	peer_listen p 'write-text from the net\n; save got; read-until hello\n;
	    write-text good bye\n'
	job_begin connect 127.0.0.1 "$PORT"
	shell_start "write-text . ./job\n; read-until from the net; $TYPED;
	    wait-file bring; write-text fg\n; wait-file go.talk;
	    write-text hello\n; read-until good bye; wait-file ended;
	    write-text : >after\n; wait-file after; write-text exit\n; read-all"
	job_pid
	runs_in_background
	: >bring
	retry_until "$BOUND" is_foreground
	: >go.talk
	finish p
	silent p
	contains got $'hello\n'
	retry_until "$BOUND" eval '! kill -0 "$JOB" 2>/dev/null'
	: >ended
	finish t
}

@test "a listener in the background takes what comes" {
	job_begin listen --addr-file addr 127.0.0.1 0
	shell_start "write-text . ./job\n; read-until from the net; $TYPED;
	    wait-file ended; write-text exit\n; read-all"
	job_pid
	retry_until "$BOUND" test -s addr
	read -r HOST PORT <addr
	peer_connect p 'write-text from the net\n; wait-file go'
	runs_in_background
	: >go
	finish p
	silent p
	retry_until "$BOUND" eval '! kill -0 "$JOB" 2>/dev/null'
	: >ended
	finish t
}

@test "a job that was stopped goes on, behind or before" {
	peer_listen p 'write-text from the net\n; read-until one\n;
	    touch one; wait-file go.more; write-text still here\n; save got;
	    read-until two\n; write-text good bye\n'
	cat >job <<-END
	"\$PEER" exec sh -c 'echo \$\$ >pid
	    exec "\$DUCAT" connect 127.0.0.1 $PORT'
	END
	shell_start "write-text . ./job\n; read-until from the net;
	    write-text one\n; wait-file one; write-text \x1a; wait-file stopped;
	    write-text bg\n; wait-file go.more; read-until still here; $TYPED;
	    wait-file bring; write-text fg\n; wait-file go.talk;
	    write-text two\n; read-until good bye; wait-file ended;
	    write-text exit\n; read-all"
	job_pid
	retry_until "$BOUND" is_state T
	: >stopped
	retry_until "$BOUND" is_state '[RS]'
	: >go.more
	runs_in_background
	: >bring
	retry_until "$BOUND" is_foreground
	: >go.talk
	finish p
	silent p
	contains got $'two\n'
	retry_until "$BOUND" eval '! kill -0 "$JOB" 2>/dev/null'
	: >ended
	finish t
}

@test "a job in the background costs no CPU time" {
	need linux
	peer_listen p 'write-text from the net\n; wait-file go'
	job_begin connect 127.0.0.1 "$PORT"
	shell_start 'write-text . ./job\n; read-until from the net;
	    touch seen; wait-file ended; write-text exit\n; read-all'
	job_pid
	retry_until "$BOUND" test -e seen
	local before
	before=$(ticks_of "$JOB")
	local nothing
	read -r -t 1 nothing <> <(:) || :
	[[ $(( $(ticks_of "$JOB") - before )) -le 5 ]]
	: >go
	finish p
	retry_until "$BOUND" eval '! kill -0 "$JOB" 2>/dev/null'
	: >ended
	finish t
}

### The terminal afterwards

# kept SCRIPT COMMAND: a shell looks at the terminal before and after.
kept()
{
	start t "$PEER" pty "$1" bash -c '
		trap : INT
		look()
		{
			stty -a >stty.$1
			"$PEER" flags 0 1 2 >flags.$1
		}
		look before
		'"$2"'
		echo $? >code
		look after' bash "$PORT"
	retry_until "$BOUND" test -e stty.after
	finish t
	same stty.before stty.after
	same flags.before flags.after
	lacks flags.after nonblock
}

@test "the terminal is as before after the peer's end" {
	peer_listen p 'write-text bye\n'
	kept 'read-until bye; read-all' \
	    '"$PEER" exec "$DUCAT" connect 127.0.0.1 "$1"'
	contains code $'0\n'
}

@test "the terminal is as before after Control-D" {
	peer_listen p 'read-all'
	kept 'write-text hello\n\x04; read-all' \
	    '"$PEER" exec "$DUCAT" connect 127.0.0.1 "$1"'
	contains code $'0\n'
}

@test "the terminal is as before after Control-C" {
	peer_listen p 'write-text here\n; pause'
	kept 'read-until here; write-text \x03; read-all' \
	    '"$PEER" exec "$DUCAT" connect 127.0.0.1 "$1"'
	contains code $'130\n'
}

@test "the terminal is as before after a kill" {
	unwatched "another shell kills it"
	peer_listen p 'write-text here\n; wait-file go; pause'
	kept 'read-until here; touch go; read-all' \
	    '"$PEER" exec "$DUCAT" connect 127.0.0.1 "$1" <&0 &
	    pid=$!
	    exec 5<> <(:)
	    until [[ -e go ]]; do read -r -t 0.02 -u 5; done
	    kill -KILL $pid; wait $pid'
	contains code $'137\n'
}

@test "while ducat runs the terminal stays blocking for others" {
	need linux pgrep
	peer_listen p 'write-text here\n; wait-file go'
	start t "$PEER" pty 'read-until here; touch seen; read-all' \
	    "$DUCAT" connect 127.0.0.1 "$PORT"
	retry_until "$BOUND" test -e seen
	local fd pid
	pid=$(child_of "${PID[t]}")
	for fd in 0 1 2; do
		# O_NONBLOCK is 04000.
		lacks "/proc/$pid/fdinfo/$fd" '^flags:.*[4567]...$'
	done
	: >go
	finish t
	finish p
}
