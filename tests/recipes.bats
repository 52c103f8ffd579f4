# What users write: pipelines, scripts, web servers, and every example of the
# man pages, word for word as it stands there.

# shellcheck disable=SC2016 # the quoted scripts are not this shell's
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# recipes: PATH has a `ducat` with an alarm; of the descriptors it keeps those
# that the scripts use.
recipes()
{
	mkdir bin
	cat >bin/ducat <<-END
	#!/bin/sh
	exec "$PEER" exec -t 40 -k 3 -k 5 -k 9 "$DUCAT" "\$@"
	END
	chmod +x bin/ducat
	PATH=$PWD/bin:$PATH
}

# A namespace with a free port 9000.
recipes_netns()
{
	need linux
	recipes
	in_netns
	PORT=9000
}

listening()
{
	cat "/proc/${PID[namespace]}/net/tcp" \
	    "/proc/${PID[namespace]}/net/tcp6" 2>/dev/null |
	    grep -Eq "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [^ ]+ 0A "
}

wait_listening()
{
	retry_until "$BOUND" listening "$1" || {
		show "$2"
		return 1
	}
}

# receiving PORT [N]: at least N sockets do.
receiving()
{
	local count
	count=$(cat "/proc/${PID[namespace]}/net/udp" \
	    "/proc/${PID[namespace]}/net/udp6" 2>/dev/null |
	    grep -Ec "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") ")
	[[ $count -ge ${2:-1} ]]
}

# The same for datagrams.
wait_receiving()
{
	retry_until "$BOUND" receiving "$1" || {
		show "$2"
		return 1
	}
}

tree()
{
	mkdir -p photos/deep/er
	payload photos/a 3000000 1
	payload photos/b 1 2
	: >photos/deep/er/empty
	ln -s ../a photos/deep/link
}

### Archives

@test "tar to tar under pipefail: all arrives and all statuses are 0" {
	recipes_netns
	tree
	mkdir copy
	start l bash -c 'set -o pipefail
	    ducat listen 9000 | tar xf - -C copy
	    echo "${PIPESTATUS[*]}"'
	wait_listening 9000 l
	try 0 bash -c 'set -o pipefail
	    tar cf - photos | ducat connect localhost 9000
	    echo "${PIPESTATUS[*]}"'
	silent err
	contains out $'0 0\n'
	finish l
	silent l
	contains l.out $'0 0\n'
	diff -r photos copy/photos
}

@test "tar to tar with a reset at the end: pipefail tells" {
	recipes_netns
	tree
	mkdir copy
	# In there, as its owner may have another number outside.
	ns tar cf photos.tar photos
	start l bash -c 'set -o pipefail
	    ducat listen 9000 | tee came | tar xf - -C copy'
	wait_listening 9000 l
	peer_connect p 'write-file photos.tar; wait-file go; reset'
	retry_until "$BOUND" size_is came "$(stat -c %s photos.tar)"
	: >go
	finish p
	finish l 56
	has l.err '^ducat: receive .*Connection reset'
}

@test "tar to a tar that fails: both ends tell" {
	recipes_netns
	tree
	start l bash -c 'set -o pipefail
	    ducat listen 9000 | tar xf - -C no/such/directory
	    echo "${PIPESTATUS[0]}"'
	wait_listening 9000 l
	status=0
	ns bash -c 'set -o pipefail
	    tar cf - photos | ducat connect localhost 9000' 2>err || status=$?
	# tar has gone before the client comes, or while it sends.
	case $status in
	7 | 55 | 56) ;;
	*)	echo "status $status"
		show_file err
		return 1 ;;
	esac
	has err '^ducat: '
	finish l
	contains l.out $'23\n'
}

@test "a compressed stream through three pipes keeps its digest" {
	need gzip
	recipes_netns
	payload file 4000000
	start l bash -c 'set -o pipefail
	    ducat listen 9000 </dev/null | gzip -dc | md5sum'
	wait_listening 9000 l
	try 0 bash -c 'set -o pipefail
	    gzip -1c file | ducat connect localhost 9000'
	silent err
	finish l
	silent l
	equal "$(<l.out)" "$(md5sum <file)"
}

### Answers that come late

# A reply so many ms after our half-close; no time limit, nothing is lost.
late_reply()
{
	local delay=$1
	KEEP=(-t 50)
	rm -f answer.fifo
	feed_open answer
	listen_ready l 127.0.0.1 0 <answer.fifo
	printf 'question' >question
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <question
	retry_until "$BOUND" size_is l.out 8
	exec 5<> <(:)
	read -r -t "$delay" -u 5 || :
	alive d
	alive l
	empty d.out
	printf 'answer' >&6
	feed_close
	finish d
	silent d
	contains d.out answer
	finish l
	silent l
}

@test "a reply that comes late after our half-close" {
	late_reply 2
	[[ -z ${DUCAT_TEST_SLOW:-} ]] || late_reply 30
}

@test "a peer that answers late, line by line" {
	peer_listen p 'read-all; delay 700; write-text one\n; delay 700;
	    write-text two\n; delay 700; write-text three\n'
	printf 'question' >question
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" <question
	silent err
	contains out $'one\ntwo\nthree\n'
	finish p
	silent p
}

### The web

# get HOST:PORT DOCUMENT...: by a request from a file, over and over.
get()
{
	local document
	printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' \
	    "$2" "$1" >request
	try 0 "$DUCAT" connect "$1" <request
	silent err
	has out '^HTTP/1\.[01] 200 OK'
}

# The body stands behind the first empty line.
body_is()
{
	tail -c "$(stat -c %s "$1")" out | cmp - "$1"
}

need_httpd()
{
	need busybox
	busybox --list | grep -qx httpd && return
	[[ -n ${DUCAT_TEST_NO_SKIP:-} ]] || skip "this busybox has no httpd"
	echo "this busybox has no httpd"
	return 1
}

site()
{
	mkdir www
	payload www/large 3000000
	printf '<p>Hello</p>\n' >www/index.html
}

@test "a request from a file is answered by busybox httpd" {
	need_httpd
	recipes_netns
	site
	start w busybox httpd -f -p 127.0.0.1:80 -h www </dev/null
	wait_listening 80 w
	get 127.0.0.1:80 index.html
	body_is www/index.html
	get 127.0.0.1:http large
	body_is www/large
}

@test "a request from a file is answered by python3 -m http.server" {
	need python3
	recipes_netns
	site
	start w python3 -m http.server -b 127.0.0.1 -d www 8000 </dev/null
	wait_listening 8000 w
	get 127.0.0.1:8000 index.html
	body_is www/index.html
	get 127.0.0.1:8000 large
	body_is www/large
}

@test "a request through a pipe is answered" {
	need_httpd
	recipes_netns
	site
	start w busybox httpd -f -p 127.0.0.1:80 -h www </dev/null
	wait_listening 80 w
	printf 'GET /large HTTP/1.0\r\n\r\n' |
	    ns "$DUCAT" connect localhost 80 2>err | tail -c 3000000 >got
	silent err
	same www/large got
}

canned()
{
	payload body 2000000
	printf 'HTTP/1.0 200 OK\r\nContent-Length: 2000000\r\n\r\n' >answer
	cat body >>answer
}

@test "curl gets an answer that was prepared" {
	need curl
	canned
	listen_ready l 127.0.0.1 0 <answer
	try 0 curl -qsS --noproxy '*' --max-time 15 \
	    "http://127.0.0.1:$PORT/x"
	silent err
	same body out
	finish l
	silent l
	has l.out '^GET /x HTTP/1\.1'
}

@test "curl posts to an answer that was prepared" {
	need curl
	payload upload 300000 2
	printf 'HTTP/1.0 204 No Content\r\n\r\n' >answer
	feed_open answers
	listen_ready l 127.0.0.1 0 <answers.fifo
	start c curl -qsS --noproxy '*' --max-time 15 -H Expect: \
	    --data-binary @upload "http://127.0.0.1:$PORT/"
	retry_until "$BOUND" eval '[[ $(stat -c %s l.out) -gt 300000 ]]'
	cat answer >&6
	feed_close
	finish c
	silent c
	finish l
	silent l
	tail -c 300000 l.out | cmp - upload
}

### Scripts

# What a non-interactive shell does to a background job: /dev/null.
@test "a background listener of a script serves an upload" {
	recipes
	local shell
	payload file 3000000
	for shell in sh bash; do
		rm -f ready got
		try 0 "$shell" -ec '
			mkfifo ready
			ducat listen --ready-fd 9 127.0.0.1 0 9>ready >got &
			read -r host port <ready
			ducat connect "$host" "$port" <file
			wait $!'
		silent err
		same file got
	done
}

@test "a background listener of a script serves a file" {
	recipes
	payload file 3000000
	try 0 sh -ec '
		mkfifo ready
		ducat listen --ready-fd 9 127.0.0.1 0 9>ready <file &
		read -r host port <ready
		ducat connect "$host" "$port" </dev/null >got
		wait $!'
	silent err
	same file got
}

@test "a background listener's failure is what wait tells" {
	recipes
	payload file 3000000
	try 0 sh -c '
		mkfifo ready
		ducat listen --ready-fd 9 127.0.0.1 0 9>ready >/dev/full &
		read -r host port <ready
		ducat connect "$host" "$port" <file 2>connect.err
		echo $? >connect.status
		wait $!
		echo $? >listen.status'
	contains listen.status $'23\n'
	has connect.status '^5[56]$'
	has err '^ducat: .*No space left'
}

@test "both ends of a script in the background" {
	recipes
	payload one 2000000 1
	payload two 2000000 2
	try 0 bash -ec '
		mkfifo ready
		ducat listen --ready-fd 9 127.0.0.1 0 9>ready <one >got.two &
		listener=$!
		read -r host port <ready
		ducat connect "$host" "$port" <two >got.one &
		wait $!
		wait $listener'
	silent err
	same one got.one
	same two got.two
}

@test "--background returns when clients can connect, and goes on" {
	recipes
	payload file 3000000
	try 0 sh -ec '
		ducat listen --background --addr-file addr --pid-file pid \
		    127.0.0.1 0 >received </dev/null
		test -s addr'
	silent err
	background_ready
	try 0 "$DUCAT" connect "$HOST" "$PORT" <file
	silent err
	background_ended
	[[ ! -e addr ]]
	same file received
}

@test "--background with nohup serves a file" {
	need nohup
	recipes
	payload file 3000000
	try 0 nohup sh -ec 'ducat listen --background --addr-file addr \
	    --pid-file pid 127.0.0.1 0 <file >received 2>errors'
	background_ready
	try 0 "$DUCAT" connect "$HOST" "$PORT" </dev/null
	silent err
	same file out
	background_ended
	[[ ! -e addr ]]
	empty errors
}

@test "a listener of a script with closed descriptors" {
	recipes
	payload file 3000000
	try 0 sh -ec '
		mkfifo ready
		ducat listen --ready-fd 9 127.0.0.1 0 9>ready <&- >got 2>&- &
		read -r host port <ready
		ducat connect "$host" "$port" <file >&-
		wait $!'
	silent err
	same file got
}

@test "a loop of connects over a list, whose input is not eaten" {
	recipes
	local i
	listen_ready l -k 127.0.0.1 0 </dev/null
	printf '%s\n' one two three >list
	try 0 sh -ec '
		while read -r word; do
			echo "$word" | ducat connect 127.0.0.1 "$1"
		done <list
		while read -r word; do
			ducat connect --recv-only -w 5 --idle-timeout \
			    100ms 127.0.0.1 "$1" 2>/dev/null || :
			echo "$word"
		done <list' sh "$PORT"
	silent err
	contains out $'one\ntwo\nthree\n'
	retry_until "$BOUND" size_is l.out 14
	contains l.out $'one\ntwo\nthree\n'
}

@test "\$(...) takes an answer" {
	recipes
	peer_listen p 'read-all; write-text 42\n'
	try 0 bash -ec 'echo "<$(echo question |
	    ducat connect 127.0.0.1 "$1")>"' bash "$PORT"
	silent err
	contains out $'<42>\n'
	finish p
}

### Between two pipes

# As ssh uses its ProxyCommand: a pipe each way, question and answer, and at
# the end both are closed.
@test "a conversation over a pipe each way" {
	local i line back
	mkfifo to from there back
	exec 4<>to 5<>from 6<>there {back}<>back
	listen_ready_raw l 127.0.0.1 0 <back >there
	start_raw d "$DUCAT" connect 127.0.0.1 "$PORT" <to >from
	for (( i = 0; i < 200; i++ )); do
		echo "question $i" >&4
		read -r -t "$BOUND" line <&6
		equal "$line" "question $i"
		echo "answer $i" >&"$back"
		read -r -t "$BOUND" line <&5
		equal "$line" "answer $i"
	done
	exec 4>&- {back}>&-
	finish d
	silent d
	finish l
	silent l
	exec 5>&- 6>&-
}

# Between socat's pipes (EXEC:...,pipes) no program ever sees an end, and
# when both directions have ended socat kills it: so the answer comes last.
@test "ducat connect as a program behind socat's socket" {
	need socat
	recipes
	payload there 2000000 1
	payload back 2000000 2
	mkfifo answer
	exec 5<>answer
	listen_ready l 127.0.0.1 0 <answer
	start s socat -t 30 - "EXEC:ducat connect 127.0.0.1 $PORT" <there
	retry_until "$BOUND" size_is l.out 2000000
	start_raw feed cat back >answer
	exec 5>&-
	finish feed
	finish s
	silent s
	mv s.out out
	finish l
	silent l
	same there l.out
	same back out
}

### The man pages

PAGES=$BATS_TEST_DIRNAME/../man

# The literal blocks of a page's EXAMPLES, each with a line "== N" before it.
examples()
{
	awk '/^\.Sh / { within = $2 == "EXAMPLES" }
	    /^\.Ed/ { literal = 0 }
	    within && literal { print }
	    within && /^\.Bd -literal/ { literal = 1; print "== " ++n }' \
	    "$PAGES/$1" | sed 's/\\e/\\/g; s/^[$#] //'
}

# example PAGE REGEX: example.N.sh is the block that has a line like this,
# with PORT for 9000 and hosts that are here; NAME.sh names it.
example()
{
	examples "$1" | awk -v want="$2" '
	    /^== / { if (found) exit; text = ""; next }
	    { text = text $0 "\n"; if ($0 ~ want) found = 1 }
	    END { if (found) printf "%s", text }' |
	    sed "s/[a-z]*\\.example\\.org/localhost/; s/\\b9000\\b/$PORT/" \
	    >"$3"
	[[ -s $3 ]] || {
		echo "$1 has no example like '$2'"
		return 1
	}
}

# end_of NAME: of a script that waits for one program, which serves.
end_of()
{
	kill -TERM "$(child_of "${PID[$1]}")"
	finish "$1" 143
}

# serve_example NAME: NAME.sh is a server's.
serve_example()
{
	start "$1" bash "$1.sh" </dev/null
	wait_listening 9000 "$1"
}

# undisturbed NAME: nothing was told but that signal, by ducat or by bash.
undisturbed()
{
	grep -v 'Terminated$' "$1.err" >told || :
	empty told
}

# Somebody has bound a datagram socket there.
unix_bound()
{
	grep -q " 00000000 0002 01 .* $1\$" \
	    "/proc/${PID[namespace]}/net/unix"
}

unix_listening()
{
	grep -q " 00010000 0001 01 .* $1\$" \
	    "/proc/${PID[namespace]}/net/unix"
}

# unix_app: somebody listens at app.sock for one client, tells it what is in
# `back`, and t.out is what comes.
unix_app()
{
	need socat
	payload back 200000 3
	start t socat -t 30 - "UNIX-LISTEN:app.sock" <back
	retry_until "$BOUND" unix_listening app.sock
}

@test "every example of the man pages is tried here" {
	local page known count=0
	for page in ducat.1 ducat-connect.1 ducat-listen.1 ducat-udp-send.1 \
	    ducat-udp-recv.1 ducat-unix.1 ducat-events.5; do
		count=$(( count + $(examples "$page" | grep -c '^== ') ))
	done
	known=$(grep -c '^[[:space:]]*example ducat.*\.[15] ' \
	    "$BATS_TEST_FILENAME")
	equal "$count" "$known"
}

@test "ducat-listen(1), ducat-connect(1): an archive" {
	recipes_netns
	tree
	example ducat-connect.1 'tar cf' connect.sh
	mkdir copy
	PORT=9000
	example ducat-listen.1 'tar xf' listen.sh
	start l bash -c 'cd copy && bash ../listen.sh'
	wait_listening 9000 l
	try 0 bash connect.sh
	silent err
	finish l
	silent l
	diff -r photos copy/photos
}

@test "ducat(1): an archive" {
	recipes_netns
	tree
	example ducat.1 'tar cf' both.sh
	sed '/^$/,$d' both.sh >listen.sh
	sed '1,/^$/d' both.sh >connect.sh
	mkdir copy
	start l bash -c 'cd copy && bash ../listen.sh'
	wait_listening 9000 l
	try 0 bash connect.sh
	silent err
	finish l
	silent l
	diff -r photos copy/photos
}

@test "ducat-connect(1): a request" {
	recipes_netns
	canned
	example ducat-connect.1 '<request' connect.sh
	start l ducat listen 80 <answer
	wait_listening 80 l
	try 0 bash connect.sh
	silent err
	same answer out
	finish l
	silent l
	printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' \
	    >want
	sed -i 's/[a-z]*\.example\.org/localhost/' l.out
	same want l.out
}

@test "ducat-connect(1): a question that takes its time" {
	recipes
	printf question >question
	peer_listen p 'read-all; delay 200; write-text one; accept-again;
	    read-all; write-text two'
	example ducat-connect.1 '<question' connect.sh
	try 0 bash connect.sh
	silent err
	contains answer two
	finish p
	silent p
}

@test "ducat-connect(1): receive from a script" {
	recipes
	peer_listen p 'write 300000; delay 200; shut; expect-eof'
	example ducat-connect.1 '--recv-only' connect.sh
	payload want 300000
	try 0 bash connect.sh </dev/null
	silent err
	same want received
	finish p
	silent p
}

@test "ducat-connect(1): leave when all is delivered" {
	recipes
	payload file 300000
	peer_listen p 'save got; read-all; wait-file go'
	example ducat-connect.1 '-q 0 .*<file' connect.sh
	try 0 bash connect.sh
	silent err
	: >go
	finish p
	silent p
	same file got
}

@test "ducat-connect(1): see whether anyone listens" {
	recipes_netns
	example ducat-connect.1 'echo yes' connect.sh
	try 7 bash connect.sh
	has err 'Connection refused'
	empty out
	start l ducat listen 9000 </dev/null
	wait_listening 9000 l
	try 0 bash connect.sh
	silent err
	contains out $'yes\n'
	finish l
	silent l
}

@test "ducat-listen(1): offer a file to one client" {
	recipes_netns
	payload file 300000
	example ducat-listen.1 '-w 1h' listen.sh
	start l bash listen.sh
	wait_listening 9000 l
	try 0 ducat connect localhost 9000 </dev/null
	silent err
	same file out
	finish l
	silent l
}

@test "ducat-listen(1): in the background of a script" {
	recipes
	PORT=0
	payload file 300000
	example ducat-listen.1 'mkfifo ready' listen.sh
	try 0 sh -e listen.sh
	silent err
	empty out
}

@test "ducat-listen(1): behind a script" {
	recipes
	PORT=0
	payload file 300000
	example ducat-listen.1 '--background' listen.sh
	echo 'ducat connect "$host" "$port" <file' >>listen.sh
	try 0 sh -e listen.sh
	silent err
	empty out
	retry_until "$BOUND" eval '! test -e addr'
	same file received
}

@test "ducat-listen(1): answer when all of the question is there" {
	need sha256sum
	recipes_netns
	payload file 300000
	example ducat-listen.1 sha256sum listen.sh
	start l bash listen.sh
	wait_listening 9000 l
	try 0 ducat connect localhost 9000 <file
	silent err
	finish l
	silent l
	equal "$(<out)" "$(sha256sum <file)"
}

@test "ducat-listen(1): collect what clients send" {
	recipes_netns
	echo before >log
	example ducat-listen.1 '>>log' listen.sh
	start l bash listen.sh
	wait_listening 9000 l
	echo one | ns ducat connect localhost 9000
	echo two | ns ducat connect localhost 9000
	payload large 1000001
	status=0
	ns ducat connect localhost 9000 <large 2>err || status=$?
	[[ $status -eq 55 || $status -eq 56 ]]
	kill -INT "$(child_of "${PID[l]}")"
	finish l 130
	head -c 15 log >begin
	contains begin $'before\none\ntwo\n'
	has l.err 'max-recv'
}

# talk A B: the scripts A and B on two terminals; each reads the other.
talk()
{
	start a "$PEER" pty 'read-until hello; write-text there\n; read-all' \
	    bash "$1"
	wait_listening 9000 a
	start b "$PEER" pty 'write-text hello\n; read-until there;
	    write-text \x04; read-all' bash "$2"
	finish b
	finish a
}

@test "ducat-connect(1), ducat-listen(1): talk" {
	need ipv6
	recipes_netns
	example ducat-listen.1 'listen -v 9000' listen.sh
	example ducat-connect.1 'connect ::1' connect.sh
	talk listen.sh connect.sh
}

@test "ducat(1): talk" {
	recipes_netns
	example ducat.1 '^ducat listen 9000$' both.sh
	sed 1q both.sh >listen.sh
	sed 1d both.sh >connect.sh
	talk listen.sh connect.sh
}

@test "ducat(1): send a file and nothing comes back" {
	recipes
	payload file 300000
	peer_listen p 'write 1000; save got; read-all; wait-file go'
	example ducat.1 '--send-only' connect.sh
	try 0 bash connect.sh
	silent err
	empty out
	: >go
	finish p
	silent p
	same file got
}

@test "ducat(1): the table for users of nc" {
	need socat
	recipes_netns
	echo answer >answer
	local line count=0
	while read -r line; do
		line=${line//host 9000/127.0.0.1 9000}
		case $line in
		*' listen '*)
			PORT=9000
			# shellcheck disable=SC2086
			start l $line </dev/null
			wait_listening 9000 l
			peer_connect p 'write-text x; shut; expect-eof'
			finish p
			if [[ $line == *' -k'* ]]; then
				alive l
				kill -KILL "${PID[l]}"
				finish l 137
			else
				finish l
			fi
			silent l
			contains l.out x ;;
		*' udp-recv '*)
			# shellcheck disable=SC2086
			start r $line <answer
			wait_receiving 9000 r
			start p socat -t "$BOUND" - UDP4:127.0.0.1:9000 \
			    <<<question
			retry_until "$BOUND" size_is p.out 7
			kill -TERM "${PID[p]}" "${PID[r]}"
			finish p 143
			finish r 143
			says r.err 'Terminated$'
			contains r.out $'question\n' ;;
		*' udp-send '*)
			start p socat -t "$BOUND" UDP4-RECVFROM:9000 \
			    'SYSTEM:cat >asked; cat answer'
			wait_receiving 9000 p
			# shellcheck disable=SC2086
			start s $line <<<question
			finish p
			retry_until "$BOUND" size_is s.out 7
			kill -TERM "${PID[s]}"
			finish s 143
			says s.err 'Terminated$'
			contains asked $'question\n' ;;
		*' unix --listen '*)
			# shellcheck disable=SC2086
			start l ${line/\/run\/} <answer
			retry_until "$BOUND" unix_listening x.sock
			start p socat -t "$BOUND" - UNIX-CONNECT:x.sock \
			    <<<question
			finish p
			finish l
			silent l p
			contains l.out $'question\n'
			contains p.out $'answer\n' ;;
		*' unix '*)
			start p socat -t "$BOUND" - UNIX-LISTEN:x.sock <answer
			retry_until "$BOUND" unix_listening x.sock
			# shellcheck disable=SC2086
			try 0 ${line/\/run\/} <<<question
			silent err
			finish p
			contains out $'answer\n'
			contains p.out $'question\n' ;;
		*)	peer_listen p 'write-text x; shut; expect-eof'
			# shellcheck disable=SC2086
			try 0 ${line/9000/$PORT} </dev/null
			silent err
			finish p
			# -q 0 does not wait for it.
			[[ $line == *' -q 0 '* ]] || contains out x ;;
		esac
		count=$(( count + 1 ))
	done < <(sed -n 's/^\.It Li nc.* Ta Li \(ducat .*\)/\1/p' \
	    "$PAGES/ducat.1")
	[[ $count -ge 5 ]]
}

@test "ducat-listen(1), ducat-connect(1): a sentence, and a log" {
	recipes_netns
	echo before >log
	example ducat-listen.1 '"Hello".*2>>log' l.sh
	example ducat-connect.1 '^echo hello' connect.sh
	serve_example l
	local i
	for i in 1 2 3; do
		try 0 bash connect.sh
		silent err
		contains out $'Hello\n'
	done
	retry_until "$BOUND" eval '[[ $(grep -c closed log) -eq 3 ]]'
	end_of l
	undisturbed l
	equal "$(head -n 1 log)" before
	equal "$(grep -c '^ducat: connection from .* on .*:9000$' log)" 3
	equal "$(grep -Ec '^ducat: closed .*: sent 6 bytes, received 6 bytes' \
	    log)" 3
}

@test "ducat-listen(1): a log of one's own making" {
	recipes_netns
	example ducat-listen.1 'Hello, .TCPREMOTEIP"$' l.sh
	serve_example l
	local from
	for from in 127.0.0.1 127.0.0.2; do
		try 0 ducat connect -s "$from" 127.0.0.1 9000 </dev/null
		silent err
		contains out "Hello, $from"$'\n'
	done
	retry_until "$BOUND" eval '[[ $(wc -l <log) -eq 2 ]]'
	end_of l
	has log ' 127\.0\.0\.1 [0-9]+$'
	has log ' 127\.0\.0\.2 [0-9]+$'
}

@test "ducat-listen(1), ducat-connect(1): three clients at the same time" {
	recipes_netns
	example ducat-listen.1 'max-accepts 3' l.sh
	example ducat-connect.1 '^for name' connect.sh
	serve_example l
	try 0 bash connect.sh
	silent err
	sort out >sorted
	contains sorted $'Hello, Ada\nHello, Bert\nHello, Cleo\n'
	finish l
	silent l
}

@test "ducat-connect(1): a client with a mind of its own" {
	recipes_netns
	example ducat-connect.1 'echo Ada' connect.sh
	start l ducat listen -k --max-accepts 2 9000 \
	    -c 'read -r name; echo "Hello, ${other:=$name}"' </dev/null
	wait_listening 9000 l
	try 0 bash connect.sh
	silent err
	sed -i 's/Hello, Ada/Hello, Eve/' connect.sh
	try 1 bash connect.sh
	silent err
	finish l
	silent l
}

number_service()
{
	example ducat-listen.1 'while read' l.sh
	serve_example l
}

@test "ducat-listen(1), ducat-connect(1): the next integer" {
	need awk
	recipes_netns
	example ducat-connect.1 'next=' connect.sh
	number_service
	try 0 bash connect.sh
	silent err
	contains out $'4.40 comes before 5\n'
	printf '%s\n' 5 -0.5 -1 0 2.999 >numbers
	try 0 ducat connect localhost 9000 <numbers
	silent err
	contains out $'6\n0\n0\n1\n3\n'
	# Each is answered before the next is asked.
	peer_connect p 'write-text 4.40\n; read-until 5\n; write-text 5\n;
	    read-until 6\n; shut; expect-eof'
	finish p
	silent p
	end_of l
	lacks l.err '^ducat: [^lce]'
}

# second_netns: another one, SECOND runs a command in it; its address is
# 10.0.0.2, the first one's 10.0.0.1.
second_netns()
{
	local pid
	"${NAMESPACE[@]}" unshare -n "$PEER" exec -t 110 \
	    tail -f /dev/null </dev/null >/dev/null 2>&1 &
	pid=$!
	PID[second]=$pid
	SECOND=(nsenter -t "$pid" -n)
	[[ $EUID -eq 0 ]] ||
	    SECOND=(nsenter -t "$pid" -U --preserve-credentials -n)
	retry_until "$BOUND" third_netns "$pid"
	ns ip link add here type veth peer name there netns "$pid"
	ns ip addr add 10.0.0.1/24 dev here
	ns ip link set here up
	"${SECOND[@]}" ip addr add 10.0.0.2/24 dev there
	"${SECOND[@]}" ip link set there up
}

third_netns()
{
	other_netns "$1" && [[ $(readlink "/proc/$1/ns/net") != \
	    "$(readlink "/proc/${PID[namespace]}/ns/net")" ]]
}

# packets: what tcpdump has seen, but for bare acknowledgements.
packets()
{
	sed -n 's/^.* > [^ ]*\.\([0-9]*\): Flags/\1 Flags/p' |
	    sed -e 's/\], .*, length/], length/' \
		-e 's/\(, length [0-9]*\).*/\1/' |
	    sed -e '/Flags \[\.\], length 0$/d' -e 's/, length 0$//' \
		-e 's/^9000 /client /' -e 's/^[0-9]* /server /' |
	    sort -s -k 1,1
}

# Which way the answer and the half-close pass each other is not told.
@test "ducat-listen(1): the packets between two machines" {
	need root tcpdump awk
	recipes_netns
	second_netns
	example ducat-listen.1 tcpdump capture.sh
	number_service
	start t "$PEER" pty 'save seen; read-until listening on;
	    touch captures; read-until Flags [F.]; read-until Flags [F.];
	    write-text \x03; read-all' bash capture.sh
	retry_until "$BOUND" test -e captures
	NAMESPACE=("${SECOND[@]}")
	echo 4.40 >number
	try 0 ducat connect 10.0.0.1 9000 <number
	silent err
	contains out $'5\n'
	finish t
	end_of l
	tr -d '\r' <seen | packets >got
	grep ' Ta Li .&Flags' "$PAGES/ducat-listen.1" |
	    sed -E 's/^\.It .\. Ta ([a-z]+) to .*&(Flags .*) Ta .*/\1 \2/' |
	    sort -s -k 1,1 >want
	equal "$(wc -l <want)" 6
	same want got || {
		cat got
		return 1
	}
}

@test "ducat-listen(1): a program as a service, with limits" {
	recipes_netns
	example ducat-listen.1 '--max-conns-per-host 2' l.sh
	payload file 300000
	serve_example l
	try 0 ducat connect 127.0.0.1 9000 <file
	silent err
	same file out
	local name
	for name in a b; do
		peer_connect "$name" "write-text x; read 1; touch in.$name;
		    wait-file go; shut; expect-eof"
		retry_until "$BOUND" test -e "in.$name"
	done
	status=0
	ns ducat connect -s 127.0.0.1 127.0.0.1 9000 </dev/null \
	    >out 2>err || status=$?
	[[ $status -eq 7 || $status -eq 56 ]]
	retry_until "$BOUND" grep -q 'more than 2 connections' l.err
	try 0 ducat connect -s 127.0.0.2 127.0.0.1 9000 <file
	silent err
	same file out
	: >go
	finish a
	finish b
	silent a b
	end_of l
}

# relayed NAME: NAME.sh relays port 9000 to port 80 of this host.
relayed()
{
	payload there 300000
	payload back 200000 2
	start t ducat listen 80 <back
	wait_listening 80 t
	serve_example "$1"
	try 0 ducat connect localhost 9000 <there
	silent err
	same back out
	finish t
	silent t
	same there t.out
	end_of "$1"
	undisturbed "$1"
}

@test "ducat-listen(1): relay a port" {
	recipes_netns
	example ducat-listen.1 'forward www' l.sh
	relayed l
}

@test "ducat(1): relay a port" {
	recipes_netns
	example ducat.1 'forward www' l.sh
	relayed l
}

@test "ducat(1): see what two programs say to each other" {
	need curl tshark
	recipes_netns
	canned
	example ducat.1 'pcap web' all.sh
	sed -n 1p all.sh >l.sh
	sed -n 2p all.sh >ask.sh
	sed -n 3p all.sh >look.sh
	start s ducat listen 80 <answer
	wait_listening 80 s
	serve_example l
	try 0 bash ask.sh
	finish s
	end_of l
	grep -q '^< .*|GET / HTTP/1' l.err
	grep -q '^> .*|HTTP/1' l.err
	try 0 bash look.sh
	has out $'^/\t$'
	has out $'\t200$'
}

@test "ducat-listen(1): relay to a UNIX socket" {
	recipes_netns
	example ducat-listen.1 'forward unix' l.sh
	sed -i 's|/run/app.sock|app.sock|' l.sh
	unix_app
	payload there 300000
	serve_example l
	try 0 ducat connect 127.0.0.1 9000 <there
	silent err
	same back out
	finish t
	silent t
	same there t.out
	end_of l
	undisturbed l
}

@test "ducat-connect(1): relay between two servers" {
	recipes_netns
	example ducat-connect.1 'forward localhost' connect.sh
	sed -i 's|/run/app.sock|app.sock|' connect.sh
	unix_app
	payload question 300000
	start l ducat listen -k --max-accepts 2 9000 -- cat </dev/null
	wait_listening 9000 l
	start w ducat listen 8080 <question
	wait_listening 8080 w
	try 0 bash connect.sh
	silent err
	empty out
	finish w
	silent w
	same question w.out
	finish t
	silent t
	same back t.out
	finish l
	silent l
}

@test "ducat(1): greet each client" {
	recipes_netns
	example ducat.1 'echo "Hello' both.sh
	sed 1q both.sh >l.sh
	sed 1d both.sh >connect.sh
	serve_example l
	try 0 bash connect.sh
	silent err
	has out '^Hello, (127\.0\.0\.1|::1)$'
	end_of l
	undisturbed l
}

@test "ducat-connect(1): as a proxy would" {
	recipes_netns
	payload question 300000
	start l ducat listen --accept-proxy --proxy-from 127.0.0.1 \
	    --proxy-from ::1 9000 </dev/null
	wait_listening 9000 l
	example ducat-connect.1 'send-proxy' connect.sh
	try 0 bash connect.sh
	silent err
	finish l
	silent l
	same question l.out
}

### Those of them in which clients meet

# At the server's terminal a line is typed, and in the end Control-C.
@test "ducat-listen(1): a chat" {
	recipes_netns
	example ducat-listen.1 'listen --chat' listen.sh
	start l "$PEER" pty 'save seen; read-until user2 (;
	    write-text welcome\n; read-until bye; read-until user2 (;
	    read-until left; wait-file over; write-text \x03; read-all' \
	    bash listen.sh
	wait_listening 9000 l
	peer_connect a 'touch in.a; save a.got; read-until welcome;
	    write-text hi\x1b[m\n; wait-file gone; shut; read-all'
	retry_until "$BOUND" test -e in.a
	peer_connect b 'save b.got; read-until hi; write-text bye\n; shut;
	    read-all'
	finish b
	silent b
	: >gone
	finish a
	silent a
	: >over
	finish l 130
	has a.got '^<announce> user2 \(127\.0\.0\.1:[0-9]+\) joined$'
	has a.got '^<server> welcome$'
	has a.got '^<user2> bye$'
	has b.got '^<user1> hi\^\[\[m$'
	has seen '^<user1> hi'
	lacks a.got user1
}

@test "ducat(1): a chat" {
	recipes_netns
	example ducat.1 'listen --chat' both.sh
	sed 1q both.sh >listen.sh
	sed 1d both.sh >connect.sh
	start l "$PEER" pty 'read-until joined; write-text welcome\n;
	    read-until hi; read-until left; write-text \x03; read-all' \
	    bash listen.sh
	wait_listening 9000 l
	start a "$PEER" pty 'read-until <server> welcome; write-text hi\n;
	    write-text \x04; read-all' bash connect.sh
	finish a
	finish l 130
}

# Who is answered by another has come in.
@test "ducat-listen(1): join programs by their lines" {
	recipes_netns
	example ducat-listen.1 'listen --broker' l.sh
	serve_example l
	peer_connect a 'touch in.a; save a.got; read-until from b\n;
	    write-text from a\n; shut; read-all'
	retry_until "$BOUND" test -e in.a
	peer_connect b 'write-text from b\n; save b.got; read-until from a\n;
	    shut; read-all'
	finish a
	finish b
	silent a b
	end_of l
	undisturbed l
	empty l.out
	has a.got '^127\.0\.0\.1:[0-9]+: from b$'
	has b.got '^127\.0\.0\.1:[0-9]+: from a$'
	equal "$(cat a.got b.got | wc -l)" 2
}

# grow FILE...: app.log grows by a line; is something in all the files?
grow()
{
	local file
	echo line >>app.log
	for file; do
		[[ -s $file ]] || return 1
	done
}

@test "ducat-listen(1): show a log as it grows" {
	recipes_netns
	echo old >app.log
	example ducat-listen.1 'tail -n 0' l.sh
	serve_example l
	start a ducat connect --recv-only localhost 9000 </dev/null
	start b ducat connect --recv-only localhost 9000 </dev/null
	retry_until "$BOUND" grow a.out b.out
	echo last >>app.log
	retry_until "$BOUND" grep -q '^last$' a.out
	retry_until "$BOUND" grep -q '^last$' b.out
	# The end of standard input is theirs; the server stays.
	kill -TERM "$(pgrep -P "${PID[l]}" -x tail)"
	finish a
	finish b
	silent a b
	sort -u a.out >kinds
	contains kinds $'last\nline\n'
	end_of l
	undisturbed l
}

### Those of them about datagrams

# by_number SCRIPT: datagrams go to one address of a name only; here that is
# to be 127.0.0.1.
by_number()
{
	sed -i 's/\blocalhost\b/127.0.0.1/' "$1"
}

# datagrams NAME PORT N: of the N that come, NAME.out has netstrings; by
# somebody who is not ducat.
datagrams()
{
	need python3
	start "$1" python3 -c '
import socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", port))
for i in range(count):
    payload = receiver.recv(65535)
    sys.stdout.buffer.write(b"%d:%b," % (len(payload), payload))' "$2" "$3"
	wait_receiving "$2" "$1"
}

# A short one, an empty one, and the longest, as netstrings.
three_datagrams()
{
	payload longest 65507
	{
		printf '5:hello,0:,65507:'
		cat longest
		printf ','
	} >three
}

# shoot [HOST]: standard input as one datagram, by somebody who is not ducat.
shoot()
{
	need socat
	ns socat -u - "UDP4-DATAGRAM:${1:-127.0.0.1}:${2:-9000}"
}

# Multicast by the loopback interface.
groups_netns()
{
	recipes_netns
	ns ip link set lo multicast on
	ns ip route add 224.0.0.0/4 dev lo
}

# joined GROUP N: so many sockets are in it; the kernel writes its number as
# it stands in memory.
joined()
{
	local hex bytes
	IFS=. read -r -a bytes <<<"$1"
	hex=$(printf '%02X%02X%02X%02X|%02X%02X%02X%02X' "${bytes[@]}" \
	    "${bytes[3]}" "${bytes[2]}" "${bytes[1]}" "${bytes[0]}")
	grep -Eq "^[[:space:]]*($hex) +$2 " \
	    "/proc/${PID[namespace]}/net/igmp"
}

@test "ducat-udp-send(1): ask a name server" {
	need python3
	recipes_netns
	example ducat-udp-send.1 '<query' send.sh
	by_number send.sh
	start t python3 -c '
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
query, client = server.recvfrom(512)
number, flags, counts, question = query[:2], query[2:4], query[4:12], query[12:]
assert flags == b"\1\0", flags
assert counts == b"\0\1\0\0\0\0\0\0", counts
assert question == b"\3www\7example\3org\0\0\1\0\1", question
address = b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4" + bytes([192, 0, 2, 80])
server.sendto(number + b"\x81\x80\0\1\0\1\0\0\0\0" + question + address,
    client)'
	wait_receiving 53 t
	try 0 bash send.sh
	silent err
	finish t
	silent t
	empty out
	equal "$(stat -c %s answer)" 49
	head -c 2 query | cmp - <(head -c 2 answer)
	tail -c 4 answer | cmp - <(printf '\300\0\2\120')
}

@test "ducat-udp-send(1): a line to the system log" {
	need socat
	recipes_netns
	example ducat-udp-send.1 '<13>' send.sh
	by_number send.sh
	start t socat -u UDP4-RECVFROM:514 -
	wait_receiving 514 t
	try 0 bash send.sh
	silent err
	empty out
	finish t
	contains t.out '<13>backup: done'
}

@test "ducat-udp-send(1): figures, each in a datagram of its own" {
	recipes_netns
	example ducat-udp-send.1 8125 send.sh
	by_number send.sh
	datagrams t 8125 2
	try 0 bash send.sh
	silent err
	empty out
	finish t
	contains t.out '17:backup.files:42|c,18:backup.time:320|ms,'
}

@test "ducat-udp-send(1): ask a group" {
	need socat
	groups_netns
	example ducat-udp-send.1 'reply=all' send.sh
	local name
	printf 'HTTP/1.1 200 OK\r\n' >answer
	for name in a b; do
		start "$name" socat -t 10 \
		    "UDP4-RECVFROM:1900,reuseaddr,ip-add-membership=$(
		    )239.255.255.250:127.0.0.1" \
		    "SYSTEM:cat >asked.$name; cat answer"
	done
	retry_until "$BOUND" receiving 1900 2
	retry_until "$BOUND" joined 239.255.255.250 2
	try 0 bash send.sh
	silent err
	contains out $'HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n'
	finish a
	finish b
	silent a b
	tr -d '\r' <search >lines
	contains lines "M-SEARCH * HTTP/1.1
HOST: 239.255.255.250:1900
MAN: \"ssdp:discover\"
MX: 2
ST: ssdp:all

"
	same search asked.a
	same search asked.b
}

@test "ducat-udp-send(1): send again what was written as JSON" {
	recipes_netns
	three_datagrams
	start r ducat udp-recv --frame json --count 3 9000 </dev/null
	wait_receiving 9000 r
	try 0 ducat udp-send --frame netstring --datagram-size 65507 \
	    127.0.0.1 9000 <three
	silent err
	finish r
	silent r
	mv r.out datagrams.json
	example ducat-udp-send.1 '<datagrams.json' send.sh
	by_number send.sh
	datagrams t 9000 3
	try 0 bash send.sh
	silent err
	empty out
	finish t
	same three t.out
}

@test "ducat-udp-send(1): send them again at a slower pace" {
	recipes_netns
	printf '%s\n' '{"text":"one"}' '{"text":""}' '{"text":"three"}' \
	    >datagrams.json
	example ducat-udp-send.1 'pps 100' send.sh
	by_number send.sh
	datagrams t 9000 3
	try 0 bash send.sh
	silent err
	empty out
	finish t
	contains t.out '3:one,0:,5:three,'
}

@test "ducat-udp-recv(1): one datagram" {
	recipes_netns
	example ducat-udp-recv.1 'count 1' recv.sh
	start r bash recv.sh </dev/null
	wait_receiving 9000 r
	printf 'one\0datagram' | shoot
	finish r
	silent r
	empty r.out
	printf 'one\0datagram' | cmp - datagram
}

@test "ducat-udp-recv(1): log what comes, until interrupted" {
	recipes_netns
	echo before >datagrams.json
	example ducat-udp-recv.1 'frame json' recv.sh
	start r bash recv.sh </dev/null
	wait_receiving 9000 r
	printf 'one\n' | shoot
	retry_until "$BOUND" eval '[[ $(wc -l <datagrams.json) -eq 2 ]]'
	printf '\377' | shoot
	retry_until "$BOUND" eval '[[ $(wc -l <datagrams.json) -eq 3 ]]'
	kill -INT "$(child_of "${PID[r]}")"
	finish r 130
	says r.err 'Interrupt$'
	empty r.out
	local begin='^\{"time":"[0-9-]{10}T[0-9:]{8}\.[0-9]{9}Z",'
	begin+='"peer":"127\.0\.0\.1:[0-9]+","local":"127\.0\.0\.1:9000",'
	equal "$(sed -n 1p datagrams.json)" before
	sed -n 2p datagrams.json >line
	has line "$begin"'"length":4,"text":"one\\n","base64":"b25lCg=="\}$'
	sed -n 3p datagrams.json >line
	has line "$begin"'"length":1,"base64":"/w=="\}$'
}

@test "ducat-udp-recv(1): relay datagrams, and keep them" {
	recipes_netns
	three_datagrams
	example ducat-udp-recv.1 'tee capture' relay.sh
	by_number relay.sh
	datagrams t 9001 3
	start r bash relay.sh </dev/null
	wait_receiving 9000 r
	try 0 ducat udp-send --frame netstring --datagram-size 65507 \
	    127.0.0.1 9000 <three
	silent err
	finish t
	same three t.out
	kill -TERM "$(pgrep -P "${PID[r]}" -f udp-recv)"
	finish r
	undisturbed r
	empty r.out
	same three capture
}

@test "ducat-udp-recv(1): what is sent to a group" {
	groups_netns
	example ducat-udp-recv.1 --join recv.sh
	start r bash recv.sh </dev/null
	wait_receiving 9000 r
	retry_until "$BOUND" joined 239.255.0.1 1
	printf one | shoot 239.255.0.1
	retry_until "$BOUND" size_is r.out 4
	printf two | shoot 239.255.0.1
	retry_until "$BOUND" size_is r.out 8
	end_of r
	undisturbed r
	contains r.out $'one\ntwo\n'
}

# The first asks as the page says; the second is not ducat.
@test "ducat-udp-recv(1): answer whoever asks first" {
	recipes_netns
	example ducat-udp-recv.1 'Here I am' recv.sh
	sed -n 's/^\.Li \(echo hello .*\)server\.example\.org/\1127.0.0.1/p' \
	    "$PAGES/ducat-udp-recv.1" >ask.sh
	echo 'exec 3<>/dev/udp/127.0.0.1/9000; echo hello >&3; head -n 1 <&3' \
	    >shoot.sh
	local script
	for script in ask.sh shoot.sh; do
		start r bash recv.sh </dev/null
		wait_receiving 9000 r
		try 0 bash "$script"
		silent err
		contains out $'Here I am\n'
		finish r
		silent r
		empty r.out
		contains question $'hello\n'
	done
}

# ask TEXT: what comes back is in `out`.
ask()
{
	try 0 ducat udp-send --reply 127.0.0.1 "${2:-9000}" <<<"$1"
	silent err
}

@test "ducat-udp-recv(1): everyone asks the time" {
	recipes_netns
	example ducat-udp-recv.1 '-- date' recv.sh
	start r bash recv.sh </dev/null
	wait_receiving 9000 r
	local year
	year=$(date +%Y)
	for _ in 1 2; do
		ask 'what time is it?'
		[[ $(<out) == *"$year"* || $(<out) == *"$(date +%Y)"* ]]
	done
	end_of r
	undisturbed r
}

@test "ducat-udp-recv(1): a name server that only this machine reaches" {
	need socat
	recipes_netns
	example ducat-udp-recv.1 '127.0.0.1:5353' recv.sh
	sed -i 's/192\.0\.2\.1/127.0.0.1/' recv.sh
	start t socat UDP4-RECVFROM:5353,fork 'EXEC:tr a-z A-Z'
	wait_receiving 5353 t
	start r bash recv.sh </dev/null
	wait_receiving 9053 r
	ask one 9053
	contains out $'ONE\n'
	ask two 9053
	contains out $'TWO\n'
	end_of r
	undisturbed r
}

@test "ducat-udp-recv(1): pass what comes on to the local log" {
	need socat
	recipes_netns
	example ducat-udp-recv.1 unix:/dev/log recv.sh
	sed -i 's|/dev/log|log.sock|' recv.sh
	start t socat -u UNIX-RECV:log.sock -
	retry_until "$BOUND" test -S log.sock
	start r bash recv.sh </dev/null
	wait_receiving 9514 r
	printf '<13>hello' | shoot 127.0.0.1 9514
	retry_until "$BOUND" size_is t.out 9
	contains t.out '<13>hello'
	end_of r
	undisturbed r
}

### Those of them about local sockets

# serve_local NAME PATH: NAME.sh is a server's; sockets of /run are here.
serve_local()
{
	sed -i 's|/run/||' "$1.sh"
	start "$1" bash "$1.sh" </dev/null
	retry_until "$BOUND" unix_listening "$2" || {
		show "$1"
		return 1
	}
}

@test "ducat-unix(1): HTTP to a daemon" {
	need socat
	recipes_netns
	canned
	example ducat-unix.1 'docker' get.sh
	sed -i 's|/run/||' get.sh
	start t socat -t 30 - UNIX-LISTEN:docker.sock <answer
	retry_until "$BOUND" unix_listening docker.sock
	try 0 bash get.sh
	silent err
	same answer out
	finish t
	contains t.out $'GET /info HTTP/1.0\r\n\r\n'
}

@test "ducat-unix(1): a small daemon and a client" {
	recipes_netns
	example ducat-unix.1 'mode 600 hello' l.sh
	example ducat-unix.1 '^echo Ada' ask.sh
	serve_local l hello.sock
	equal "$(stat -c %a hello.sock)" 600
	local i
	for i in 1 2 3; do
		try 0 bash ask.sh
		silent err
		contains out $'Hello, Ada\n'
	done
	end_of l
	undisturbed l
	[[ ! -e hello.sock ]]
}

@test "ducat-unix(1): in the background of a script" {
	recipes
	payload file 300000
	example ducat-unix.1 '--background' both.sh
	try 0 sh -e both.sh
	silent err
	empty out
	retry_until "$BOUND" size_is received 300000
	same file received
	[[ ! -e in.sock ]]
}

@test "ducat-unix(1): see whether there is an X server" {
	need socat
	recipes_netns
	example ducat-unix.1 'X11' ask.sh
	try 7 bash ask.sh
	has err 'Connection refused'
	empty out
	start t socat -t 30 - ABSTRACT-LISTEN:/tmp/.X11-unix/X0 </dev/null
	retry_until "$BOUND" unix_listening @/tmp/.X11-unix/X0
	try 0 bash ask.sh
	silent err
	contains out $'yes\n'
	finish t
}

@test "ducat-unix(1): a TCP service by a local socket" {
	recipes_netns
	payload there 300000
	payload back 200000 2
	example ducat-unix.1 'server.example.org:9000' l.sh
	start t ducat listen 9000 <back
	wait_listening 9000 t
	serve_local l app.sock
	try 0 ducat unix app.sock <there
	silent err
	same back out
	finish t
	silent t
	same there t.out
	end_of l
	undisturbed l
}

@test "ducat-unix(1): a socket before one's ssh-agent" {
	need ssh-agent ssh-add ssh-keygen
	recipes_netns
	example ducat-unix.1 'SSH_AUTH_SOCK" agent' l.sh
	example ducat-unix.1 'ssh-add -l' ask.sh
	ssh-keygen -q -t ed25519 -N '' -C 'a test' -f key
	start agent ssh-agent -D -a "$PWD/real" </dev/null
	retry_until "$BOUND" env SSH_AUTH_SOCK="$PWD/real" \
	    ssh-add key >/dev/null 2>&1
	export SSH_AUTH_SOCK=$PWD/real
	serve_local l agent.sock
	equal "$(stat -c %a agent.sock)" 600
	local i
	for i in 1 2; do
		try 0 bash ask.sh
		silent err
		has out ' a test \(ED25519\)$'
	done
	retry_until "$BOUND" eval '[[ $(grep -c closed l.err) -eq 2 ]]'
	equal "$(grep -c '^ducat: connection on agent.sock, pid ' l.err)" 2
	has l.err '^ducat: closed agent.sock: sent [0-9]+ bytes, received 5 '
	end_of l
}

@test "ducat-unix(1): a service is ready, and logs" {
	need socat
	recipes_netns
	example ducat-unix.1 'READY=1' tell.sh
	sed -i 's|/dev/log|log.sock|' tell.sh
	start n socat -u UNIX-RECV:notify.sock -
	start g socat -u UNIX-RECV:log.sock -
	retry_until "$BOUND" test -S notify.sock -a -S log.sock
	NOTIFY_SOCKET=notify.sock try 0 bash -e tell.sh
	silent err
	retry_until "$BOUND" size_is n.out 7
	retry_until "$BOUND" size_is g.out 16
	contains n.out READY=1
	contains g.out '<13>backup: done'
}

@test "ducat-unix(1): what a service says to its manager" {
	need systemd-notify
	recipes_netns
	example ducat-unix.1 '-v --frame line notify.sock' l.sh
	start l bash l.sh </dev/null
	retry_until "$BOUND" unix_bound notify.sock
	NOTIFY_SOCKET=$PWD/notify.sock try 0 systemd-notify READY=1
	silent err
	retry_until "$BOUND" has l.out '^READY=1$'
	retry_until "$BOUND" has l.err \
	    '^ducat: datagrams from .* on notify.sock, pid [0-9]+, uid '
	end_of l
	[[ ! -e notify.sock ]]
}

@test "ducat-unix(1): a service that answers datagrams" {
	recipes_netns
	example ducat-unix.1 '@control' ask.sh
	start l ducat unix --listen --type dgram @control -- cat </dev/null
	retry_until "$BOUND" unix_bound @control
	try 0 bash ask.sh
	silent err
	contains out status
	kill -TERM "${PID[l]}"
	finish l 143
}

@test "ducat-unix(1): records on their way to another machine" {
	recipes_netns
	example ducat-unix.1 '--forward server.example.org:9000 records' l.sh
	example ducat-unix.1 '/run/records.sock' r.sh
	mkdir there
	sed -i 's|/run/|there/|' r.sh
	start app ducat unix --listen --type seqpacket there/records.sock \
	    -- cat </dev/null
	retry_until "$BOUND" eval 'grep -q there/records.sock \
	    "/proc/${PID[namespace]}/net/unix"'
	start r bash r.sh </dev/null
	wait_listening 9000 r
	start l bash l.sh </dev/null
	retry_until "$BOUND" eval 'grep -q " records.sock" \
	    "/proc/${PID[namespace]}/net/unix"'
	printf '3:one,0:,3:two,' >records
	try 0 ducat unix --type seqpacket --frame netstring \
	    records.sock <records
	silent err
	finish app
	silent app
	# What cat reads at once is a record again.
	has out '^[0-9]+:.*two'
	end_of l
	end_of r
}

@test "ducat-unix(1): a file that only we can open" {
	recipes_netns
	example ducat-unix.1 'handover' both.sh
	: >our.log
	try 0 bash -e both.sh
	silent err
	retry_until "$BOUND" test -s our.log
	has our.log '[0-9]:[0-9]'
}

@test "ducat-events(5): how long clients stay" {
	need jq
	recipes_netns
	example ducat-events.5 'closed' both.sh
	printf '#!/bin/sh\ncat\n' >answer
	chmod +x answer
	head -n 1 both.sh >l.sh
	tail -n +2 both.sh >ask.sh
	start l bash l.sh </dev/null
	wait_listening 9000 l
	try 0 ducat connect localhost 9000 <<<hello
	retry_until "$BOUND" grep -q closed log
	try 0 bash ask.sh
	silent err
	has out $'^(127.0.0.1|\\[::1\\]):[0-9]+\t[0-9.]+\t6$'
	kill -TERM "$(child_of "${PID[l]}")"
	finish l 143
}

@test "ducat-events(5): who made transfers slow" {
	need jq
	recipes
	payload file 20000000
	peer_listen p 'delay 100; read-all; shut'
	try 0 "$DUCAT" connect --events log 127.0.0.1 "$PORT" <file
	finish p
	example ducat-events.5 rwnd_limited look.sh
	try 0 bash look.sh
	silent err
	has out '^[0-9.]+$'
}

@test "ducat-events(5): whether all went well" {
	need jq
	recipes_netns
	echo text >file
	example ducat-events.5 'fd:3' ask.sh
	try 0 bash ask.sh
	silent err
	has out '^connect to .*: Connection refused$'
	start l ducat listen 9000 </dev/null
	wait_listening 9000 l
	try 0 bash ask.sh
	silent err
	empty out
	finish l
	contains l.out $'text\n'
}

# At the server's terminal a line is typed, and in the end Control-C.
@test "ducat-unix(1): a chat for a group" {
	need root
	recipes_netns
	getent group adm >/dev/null || skip "no group adm here"
	example ducat-unix.1 '--chat' l.sh
	sed -i 's|/run/||' l.sh
	sed -n 's|^\.Li \(ducat unix \)/run/\(chat\.sock\) :$|\1\2|p' \
	    "$PAGES/ducat-unix.1" >join.sh
	start l "$PEER" pty 'read-until joined; write-text welcome\n;
	    read-until hi; read-until left; write-text \x03; read-all' \
	    bash l.sh
	retry_until "$BOUND" unix_listening chat.sock
	equal "$(stat -c '%a %U:%G' chat.sock)" '660 root:adm'
	start a "$PEER" pty 'read-until <server> welcome; write-text hi\n;
	    write-text \x04; read-all' bash join.sh
	finish a
	finish l 130
	[[ ! -e chat.sock ]]
}

### Those of them about services

# greeted FROM TO: a client is told its address.
greeted()
{
	try 0 ducat connect -s "$1" "$2" 9000 </dev/null
	silent err
	contains out "Hello, $1"$'\n'
}

turned_away()
{
	status=0
	ns ducat connect -s "$1" "$2" 9000 </dev/null >out 2>err || status=$?
	[[ $status -eq 7 || $status -eq 56 ]]
	empty out
	retry_until "$BOUND" grep -q "denied $1:" l.err
}

@test "ducat-listen(1): let in one network" {
	recipes_netns
	example ducat-listen.1 office l.sh
	local address
	for address in 1 7 8; do
		ns ip addr add "192.0.2.$address/24" dev lo
	done
	serve_example l
	greeted 192.0.2.7 192.0.2.8
	turned_away 192.0.2.1 192.0.2.8
	turned_away 127.0.0.3 127.0.0.1
	echo 127.0.0.3 >>office.list
	kill -HUP "$(child_of "${PID[l]}")"
	retry_until "$BOUND" greeted 127.0.0.3 127.0.0.1
	turned_away 127.0.0.4 127.0.0.1
	end_of l
}

EXAMPLES=$BATS_TEST_DIRNAME/../doc/examples

# The configuration of the examples, and the line that stands in the page.
@test "ducat-listen(1), haproxy.cfg: behind haproxy" {
	need haproxy
	recipes_netns
	example ducat-listen.1 'accept-proxy' l.sh
	serve_example l
	sed 's/send-proxy-v2/send-proxy/' "$EXAMPLES/haproxy.cfg" >one.cfg
	grep -q ' 127\.0\.0\.1:9000 send-proxy$' one.cfg
	local config
	for config in "$EXAMPLES/haproxy.cfg" one.cfg; do
		start h haproxy -db -f "$config" </dev/null
		wait_listening 8080 h
		# It drops a client that ends before it has the server.
		try 0 ducat connect --recv-only -s 127.0.0.9 \
		    127.0.0.1 8080
		silent err
		contains out $'Hello, 127.0.0.9\n'
		kill -TERM "${PID[h]}"
		finish h 143
	done
	end_of l
	undisturbed l
}

@test "ducat-listen(1): a socket that systemd opened" {
	need systemd-socket-activate
	recipes_netns
	example ducat-listen.1 'systemd-socket-activate' l.sh
	payload file 300000
	serve_example l
	try 0 ducat connect localhost 9000 <file
	silent err
	same file out
	try 0 ducat connect localhost 9000 <file
	silent err
	same file out
	end_of l
	lacks l.err '^ducat: [^e]'
}

# served_by_inetd LINE: the three descriptors are the connection.
served_by_inetd()
{
	local words
	read -r -a words <<<"$1"
	equal "${words[*]:1:4}" 'stream tcp nowait nobody'
	equal "${words[*]:5:2}" '/usr/bin/ducat ducat'
	start i "$PEER" serve 127.0.0.1 sh -c 'exec "$@" 2>&1' sh \
	    "${words[@]:6}"
	retry_until "$BOUND" test -s i.out
	read -r PORT <i.out
	try 0 ducat connect 127.0.0.1 "$PORT" <file
	silent err
	same file out
	finish i
	silent i
}

@test "ducat-listen(1): a line of inetd.conf" {
	recipes_netns
	payload file 300000
	example ducat-listen.1 'stream tcp' line
	served_by_inetd "$(<line)"
}

@test "the lines of inetd.conf" {
	recipes_netns
	payload file 300000
	start t ducat listen -k --max-accepts 1 80 -- cat </dev/null
	wait_listening 80 t
	local line count=0
	while read -r line; do
		served_by_inetd "${line/backend.example.org/localhost}"
		count=$(( count + 1 ))
	done < <(grep '^[^#]' "$EXAMPLES/inetd.conf")
	equal "$count" 2
	finish t
	silent t
}

@test "the units are as systemd wants them" {
	need systemd-analyze
	mkdir units
	local file
	for file in "$EXAMPLES"/*.service "$EXAMPLES"/*.socket; do
		sed "s|=/usr/bin/ducat|=$DUCAT|" "$file" >"units/${file##*/}"
	done
	try 0 systemd-analyze verify units/*
	empty out
	silent err
}

# unit NAME SED: its command, in words.
unit()
{
	read -r -a COMMAND < <(sed -nE 's|^ExecStart=/usr/bin/||p' \
	    "$EXAMPLES/$1.service" | sed "$2")
	equal "${COMMAND[0]}" ducat
}

@test "the unit of a socket that systemd opens" {
	need systemd-socket-activate
	recipes_netns
	unit ducat-echo ''
	payload file 300000
	start l systemd-socket-activate -l 9000 "${COMMAND[@]}" </dev/null
	wait_listening 9000 l
	peer_connect a 'write-text x; read 1; touch in.a; wait-file go; shut;
	    expect-eof'
	retry_until "$BOUND" test -e in.a
	try 0 ducat connect localhost 9000 <file
	silent err
	same file out
	# Who is here may finish.
	kill -TERM "${PID[l]}"
	retry_until "$BOUND" eval '! listening 9000'
	alive l
	: >go
	finish a
	silent a
	finish l 143
}

@test "the unit of a connection that systemd accepted" {
	recipes_netns
	unit ducat-inetd@ ''
	payload file 300000
	start i "$PEER" serve 127.0.0.1 "${COMMAND[@]}"
	retry_until "$BOUND" test -s i.out
	read -r PORT <i.out
	try 0 ducat connect 127.0.0.1 "$PORT" <file
	silent err
	same file out
	finish i
	silent i
}

# relays FROM
relays()
{
	try 0 ducat connect -s "$1" 127.0.0.1 443 <file
	silent err
	same file out
}

@test "the unit of a relay that gives up root" {
	need root
	recipes_netns
	unit ducat-relay 's|--user ducat|--user nobody|
	    s|/etc/ducat/|./|; s|backend.example.org|localhost|'
	payload file 300000
	chmod 755 .
	echo 127.0.0.1 >relay.allow
	start t ducat listen -k 127.0.0.1 8443 -- cat </dev/null
	wait_listening 8443 t
	start manager "$PEER" notify @ducat-recipes-$$
	retry_until "$BOUND" test -s manager.out
	NOTIFY_SOCKET=@ducat-recipes-$$ start l "${COMMAND[@]}" </dev/null
	finish manager
	has manager.out '^READY=1$'
	equal "$(ps -o user= -p "${PID[l]}")" nobody
	relays 127.0.0.1
	echo 127.0.0.2 >>relay.allow
	kill -HUP "${PID[l]}"
	retry_until "$BOUND" relays 127.0.0.2
	kill -TERM "${PID[l]}" "${PID[t]}"
	finish l 143
	finish t 143
}
