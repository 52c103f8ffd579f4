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
	exec "$PEER" exec -t 20 -k 3 -k 9 "$DUCAT" "\$@"
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
	PID[background]=$(<pid)
	read -r HOST PORT <addr
	try 0 "$DUCAT" connect "$HOST" "$PORT" <file
	silent err
	retry_until "$BOUND" eval '! test -e addr'
	same file received
}

@test "--background with nohup serves a file" {
	need nohup
	recipes
	payload file 3000000
	try 0 nohup sh -ec 'ducat listen --background --addr-file addr \
	    --pid-file pid 127.0.0.1 0 <file >received 2>errors'
	PID[background]=$(<pid)
	read -r HOST PORT <addr
	try 0 "$DUCAT" connect "$HOST" "$PORT" </dev/null
	silent err
	same file out
	retry_until "$BOUND" eval '! test -e addr'
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
	    "$PAGES/$1" | sed 's/\\e/\\/g; s/^\$ //'
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

@test "every example of the man pages is tried here" {
	local page known count=0
	for page in ducat.1 ducat-connect.1 ducat-listen.1; do
		count=$(( count + $(examples "$page" | grep -c '^== ') ))
	done
	known=$(grep -c '^[[:space:]]*example ducat.*\.1 ' \
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
	recipes
	local line count=0
	while read -r line; do
		line=${line//host 9000/127.0.0.1 9000}
		case $line in
		*' listen '*)
			in_netns
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
		*)	NAMESPACE=()
			peer_listen p 'write-text x; shut; expect-eof'
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
