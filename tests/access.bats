# Who may come in: --allow, --deny, their files, and reading these again.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# visits.py PORT SOURCE...: tells of each whether it came in and was echoed, was
# kept out by a reset, or something else.  SOURCE is ADDRESS, ADDRESS#PORT or
# ADDRESS@DESTINATION.
VISITS='
import socket, sys

def visit(text):
	text, _, to = text.partition("@")
	source, _, port = text.partition("#")
	six = ":" in source
	with socket.socket(socket.AF_INET6 if six else socket.AF_INET) as s:
		s.settimeout(30)
		s.bind((source, int(port or "0")))
		try:
			s.connect((to or ("::1" if six else "127.0.0.1"),
			    int(sys.argv[1])))
			s.sendall(b"x")
			if s.recv(1) != b"x":
				return "ended"
			s.shutdown(socket.SHUT_WR)
			return "in" if s.recv(1) == b"" else "more"
		except (ConnectionResetError, BrokenPipeError):
			return "out"

for text in sys.argv[2:]:
	print(text, visit(text))
'

# A service manager at "notify": a line for each assignment that it gets,
# a dot for the end of a datagram.
MANAGER='
import socket, time

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("notify")
print("bound", flush=True)
before = 0
while True:
	lines = manager.recv(4096).decode().split("\n")
	now = time.monotonic_ns() // 1000
	for line in lines:
		name, _, value = line.partition("=")
		if name == "MONOTONIC_USEC" and before <= int(value) <= now:
			value = "since the last one"
		print(name, value, sep="=")
	print(".", flush=True)
	before = now
'

# served ARG...: "d", which echoes whoever may come in, until it is ended.
served()
{
	need linux python3
	listen_ready d -k "$@" 127.0.0.1 0 -- cat </dev/null
}

# The same on both families by one socket.
served_dual()
{
	need linux python3 ipv6
	listen_ready d -k "$@" 0 -- cat </dev/null
}

fates()
{
	local fate=$1
	shift
	printf '%s' "$VISITS" >visits.py
	try 0 python3 -IS visits.py "$PORT" "$@" </dev/null
	silent err
	contains out "$(printf "%s $fate\n" "$@")"$'\n'
}

let_in()
{
	fates in "$@"
}

kept_out()
{
	fates out "$@"
}

# Nobody else was heard of.
quiet_end()
{
	silent d
	end_of d
}

# stillborn STATUS ARG...: it ends so, and nobody could ever connect.
stillborn()
{
	local want=$1 line='' KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare d
	start d "$DUCAT" listen --ready-fd 9 --addr-file addr "$@" \
	    127.0.0.1 0 </dev/null
	exec 9>&-
	finish d "$want"
	status=0
	read -r -t "$BOUND" -u 7 line || status=$?
	exec 7<&-
	equal "$status$line" 1
	[[ ! -e addr ]]
	empty d.out
}

descriptors_are()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	equal "${#all[@]}" "$2"
}

no_session()
{
	[[ $(readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:') -eq 1 ]]
}

# managed: a service manager, "manager"; heard COUNT: it got so many
# datagrams.
managed()
{
	need python3
	start manager python3 -IS -c "$MANAGER" </dev/null
	retry_until "$BOUND" test -s manager.out
	export NOTIFY_SOCKET=$PWD/notify
}

heard()
{
	retry_until "$BOUND" eval "[[ \$(grep -c '^\\.\$' manager.out) -eq $1 ]]"
}

# reread: d reads its files again, and has done so.
reread()
{
	local before
	before=$(grep -c '^\.$' manager.out)
	kill -HUP "${PID[d]}"
	heard $(( before + 2 ))
}

### What an entry may be

@test "--allow: an address lets in that one and nobody else" {
	served --allow 127.0.0.2
	let_in 127.0.0.2
	kept_out 127.0.0.1 127.0.0.3 127.0.0.20 127.0.2.0
	let_in 127.0.0.2
	quiet_end
}

@test "--deny: an address keeps out that one and nobody else" {
	served --deny 127.0.0.2
	kept_out 127.0.0.2
	let_in 127.0.0.1 127.0.0.3 127.0.0.20
	kept_out 127.0.0.2
	quiet_end
}

@test "--allow and --deny: a prefix" {
	served --allow 127.0.0.4/30
	let_in 127.0.0.4 127.0.0.5 127.0.0.6 127.0.0.7
	kept_out 127.0.0.3 127.0.0.8 127.1.0.5
	quiet_end
	served --deny 127.0.0.4/30
	kept_out 127.0.0.4 127.0.0.5 127.0.0.6 127.0.0.7
	let_in 127.0.0.3 127.0.0.8 127.1.0.5
	quiet_end
}

@test "--allow: of a prefix the bits behind it do not count" {
	served --allow 127.0.0.6/30
	let_in 127.0.0.4 127.0.0.7
	kept_out 127.0.0.3 127.0.0.8
	quiet_end
}

@test "--allow: prefixes of no bits, of odd ones, and of all" {
	served --allow 0.0.0.0/0
	let_in 127.0.0.1 127.255.255.254
	quiet_end
	served --allow 127.128.0.0/9
	let_in 127.128.0.0 127.255.255.254
	kept_out 127.0.0.1 127.127.255.255
	quiet_end
	served --allow 127.0.0.4/31
	let_in 127.0.0.4 127.0.0.5
	kept_out 127.0.0.3 127.0.0.6
	quiet_end
	served --allow 127.0.0.4/32
	let_in 127.0.0.4
	kept_out 127.0.0.3 127.0.0.5
	quiet_end
}

@test "--allow and --deny: a range from one address to another" {
	served --allow 127.0.0.254-127.0.1.3
	let_in 127.0.0.254 127.0.0.255 127.0.1.0 127.0.1.3
	kept_out 127.0.0.253 127.0.1.4 127.0.1.254
	quiet_end
	served --deny 127.0.0.254-127.0.1.3
	kept_out 127.0.0.254 127.0.0.255 127.0.1.0 127.0.1.3
	let_in 127.0.0.253 127.0.1.4 127.0.1.254
	quiet_end
}

@test "--allow: a range of one" {
	served --allow 127.0.0.5-127.0.0.5
	let_in 127.0.0.5
	kept_out 127.0.0.4 127.0.0.6
	quiet_end
}

@test "--allow and --deny: a range of which only the last number is told" {
	served --allow 127.0.3.5-7
	let_in 127.0.3.5 127.0.3.6 127.0.3.7
	kept_out 127.0.3.4 127.0.3.8 127.0.0.6
	quiet_end
	served --deny 127.0.3.5-7
	kept_out 127.0.3.5 127.0.3.6 127.0.3.7
	let_in 127.0.3.4 127.0.3.8 127.0.0.6
	quiet_end
}

@test "--allow and --deny: a name is the addresses that it has" {
	served --allow localhost
	let_in 127.0.0.1
	kept_out 127.0.0.2 127.0.1.1
	quiet_end
	served --deny localhost
	kept_out 127.0.0.1
	let_in 127.0.0.2
	quiet_end
}

@test "--allow: a name with addresses of both families" {
	need mountns
	in_netns
	served_names 'both.example' $'127.0.0.5 both.example\n::1 both.example'
	let_in 127.0.0.5 ::1
	kept_out 127.0.0.1 127.0.0.6
	quiet_end
}

# served_names NAME HOSTS: with these in place of /etc/hosts.
served_names()
{
	need linux python3 ipv6
	printf '%s\n' "$2" >hosts
	unshare "${USER_NS[@]}" -m mount -n --bind hosts /etc/hosts ||
	    skip "no bind mounts here"
	WRAP=(unshare "${USER_NS[@]}" -m sh -c
	    'mount -n --bind hosts /etc/hosts && exec "$@"' sh)
	listen_ready d -k --allow "$1" 0 -- cat </dev/null
}

@test "--allow and --deny: IPv6 addresses, prefixes and ranges" {
	need python3 ipv6
	in_netns
	local address
	for address in 2001:db8::5 2001:db8::9 2001:db8::a 2001:db8:1::5; do
		ns ip -6 addr add "$address/128" dev lo nodad
	done
	listen_ready d -k --allow 2001:DB8:0:0::5 ::1 0 -- cat </dev/null
	let_in 2001:db8::5
	kept_out ::1 2001:db8::9 2001:db8::a 2001:db8:1::5
	quiet_end
	listen_ready d -k --allow 2001:db8::/48 ::1 0 -- cat </dev/null
	let_in 2001:db8::5 2001:db8::9 2001:db8::a
	kept_out ::1 2001:db8:1::5
	quiet_end
	listen_ready d -k --deny 2001:db8::8/126 ::1 0 -- cat </dev/null
	kept_out 2001:db8::9 2001:db8::a
	let_in ::1 2001:db8::5 2001:db8:1::5
	quiet_end
	listen_ready d -k --allow 2001:db8::6-2001:db8::9 ::1 0 -- cat \
	    </dev/null
	let_in 2001:db8::9
	kept_out ::1 2001:db8::5 2001:db8::a 2001:db8:1::5
	quiet_end
}

@test "--allow and --deny: an IPv4 peer on both families' socket is IPv4" {
	served_dual --allow 127.0.0.2 --allow 127.0.0.8/29
	let_in 127.0.0.2 127.0.0.8 127.0.0.15
	kept_out 127.0.0.1 127.0.0.16 ::1
	quiet_end
	served_dual --deny 127.0.0.2
	kept_out 127.0.0.2
	let_in 127.0.0.1 ::1
	quiet_end
}

@test "--allow and --deny: an IPv4-mapped entry is the IPv4 one" {
	served --allow ::ffff:127.0.0.2
	let_in 127.0.0.2
	kept_out 127.0.0.1
	quiet_end
	served --deny ::ffff:127.0.0.8/125
	kept_out 127.0.0.8 127.0.0.15
	let_in 127.0.0.7 127.0.0.16
	quiet_end
}

@test "--allow: all of one family is nobody of the other" {
	served_dual --allow 0.0.0.0/0
	let_in 127.0.0.1
	kept_out ::1
	quiet_end
	served_dual --allow ::/0
	let_in ::1
	kept_out 127.0.0.1
	quiet_end
	served_dual --deny ::/0
	kept_out ::1
	let_in 127.0.0.1
	quiet_end
}

### How they go together

@test "--deny wins over --allow, wider or narrower, before or behind" {
	served --allow 127.0.0.0/24 --deny 127.0.0.2
	let_in 127.0.0.1 127.0.0.3
	kept_out 127.0.0.2 127.0.1.1
	quiet_end
	served --deny 127.0.0.2 --allow 127.0.0.0/24
	let_in 127.0.0.1 127.0.0.3
	kept_out 127.0.0.2 127.0.1.1
	quiet_end
	served --allow 127.0.0.2 --deny 127.0.0.0/24
	kept_out 127.0.0.1 127.0.0.2 127.0.1.1
	quiet_end
}

@test "repeated options and files add up" {
	echo 127.0.0.6 >one
	echo 127.0.0.7 >two
	echo 127.0.0.16 >three
	echo 127.0.0.17 >four
	served --allow 127.0.0.4 --allow-file one --allow 127.0.0.5 \
	    --allow-file two --allow 127.0.0.16/28 --deny 127.0.0.18 \
	    --deny-file three --deny 127.0.0.19 --deny-file four
	let_in 127.0.0.4 127.0.0.5 127.0.0.6 127.0.0.7 127.0.0.20
	kept_out 127.0.0.1 127.0.0.16 127.0.0.17 127.0.0.18 127.0.0.19
	quiet_end
}

@test "an --allow-file that lists nobody lets nobody in" {
	: >list
	served --allow-file list
	kept_out 127.0.0.1 127.0.0.2
	quiet_end
	printf '# nobody\n\n   \n' >list
	served --allow-file list
	kept_out 127.0.0.1 127.0.0.2
	quiet_end
	served --allow-file /dev/null
	kept_out 127.0.0.1 127.0.0.2
	quiet_end
	served --allow-file list --allow 127.0.0.2
	let_in 127.0.0.2
	kept_out 127.0.0.1
	quiet_end
}

@test "a --deny-file that lists nobody keeps nobody out" {
	: >list
	served --deny-file list
	let_in 127.0.0.1 127.0.0.2
	quiet_end
}

### Files

@test "files: comments, blanks and blank lines" {
	printf '%s\n' '# who may come in' '' '127.0.0.2' \
	    '127.0.0.3 # behind an entry' '127.0.0.4# at once' '   ' $'\t' \
	    '  127.0.0.5' $'\t127.0.0.6\t' '#127.0.0.7' '  # 127.0.0.8' \
	    '127.0.0.16/30' '127.0.0.24-127.0.0.25' '127.0.0.28-29' >list
	served --allow-file list
	let_in 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 127.0.0.17 \
	    127.0.0.24 127.0.0.25 127.0.0.28 127.0.0.29
	kept_out 127.0.0.1 127.0.0.7 127.0.0.8 127.0.0.20 127.0.0.26
	quiet_end
}

@test "files: lines that end in CR LF" {
	printf '# from elsewhere\r\n\r\n127.0.0.2\r\n127.0.0.4/31\r\n' >list
	printf '127.0.0.3 # too\r\nlocalhost\r\n' >>list
	served --allow-file list
	let_in 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5
	kept_out 127.0.0.6
	quiet_end
}

@test "files: a last line without an end is a line" {
	printf '127.0.0.2\n127.0.0.3' >list
	served --deny-file list
	kept_out 127.0.0.2 127.0.0.3
	let_in 127.0.0.1 127.0.0.4
	quiet_end
}

@test "files: ten thousand entries" {
	seq 0 9999 | awk '{
		printf "127.1.%d.%d\n", int($1 / 250), $1 % 250
	}' >list
	served --allow-file list
	let_in 127.1.0.0 127.1.39.249 127.1.20.7
	kept_out 127.0.0.1 127.1.39.250 127.1.40.0
	quiet_end
}

@test "files: a pipe is read like a file" {
	mkfifo list
	printf '127.0.0.2\n' >list &
	PID[writer]=$!
	served --allow-file list
	finish writer
	let_in 127.0.0.2
	kept_out 127.0.0.1
	quiet_end
}

### What is wrong with them is told before anybody could come in

@test "2: an entry that is none is named with its option" {
	local entry option
	for option in --allow --deny; do
		for entry in 300.1.1.1 127.0.0.1/33 127.0.0.1/ 127.0.0.1/-1 \
		    127.0.0.1/x 127.1/8 127.0.0.9-127.0.0.1 127.0.0.9-1 \
		    127.0.0.1- 127.0.0.1-256 ::1/129 ::1- ::9-::1 \
		    1.2.3.4-::1 1:2:3 '127.0.0.1 127.0.0.2'; do
			stillborn 2 "$option" "$entry"
			says d.err "^ducat: $option: \"$entry\": "
		done
		stillborn 2 "$option" ''
		says d.err "^ducat: $option: "
	done
}

@test "2: one bad entry among good ones is enough" {
	stillborn 2 --allow 127.0.0.1 --allow 127.0.0.1/33 --deny 127.0.0.2
	says d.err '^ducat: --allow: "127\.0\.0\.1/33": '
	stillborn 2 --allow 127.0.0.1 --deny 127.0.0.2 --deny 1.2.3
	says d.err '^ducat: --deny: "1\.2\.3": '
}

@test "2: an entry of a file that is none is named with its line" {
	printf '127.0.0.1\n' >good
	printf '# one\n\n127.0.0.1\n127.0.0.1/33\n300.0.0.1\n' >bad
	stillborn 2 --allow-file good --allow-file bad
	says d.err '^ducat: bad:4: "127\.0\.0\.1/33": '
	stillborn 2 --deny-file good --deny-file "$PWD/bad"
	says d.err "^ducat: $PWD/bad:4: \"127\\.0\\.0\\.1/33\": "
	printf '127.0.0.1\n127.0.0.2-' >bad
	stillborn 2 --deny-file bad
	says d.err '^ducat: bad:2: "127\.0\.0\.2-": '
	# One entry a line.
	printf '127.0.0.1 127.0.0.2\n' >bad
	stillborn 2 --allow-file bad
	says d.err '^ducat: bad:1: '
	printf '127.0.0.1, 127.0.0.2\r\n' >bad
	stillborn 2 --allow-file bad
	says d.err '^ducat: bad:1: '
}

@test "2: what a bad line holds never reaches a terminal raw" {
	printf '127.0.0.1\n1.2.3.\033[2J\n' >bad
	stillborn 2 --allow-file bad
	has d.err '^ducat: bad:2: '
	lacks d.err $'\033'
}

@test "26: a file that cannot be read" {
	local option
	for option in --allow-file --deny-file; do
		stillborn 26 "$option" nowhere
		contains d.err "ducat: $option nowhere: No such file or \
directory"$'\n'
		stillborn 26 --allow 127.0.0.1 "$option" .
		contains d.err "ducat: $option .: Is a directory"$'\n'
	done
}

@test "6: a name that does not resolve" {
	in_netns
	stillborn 6 --allow nowhere.invalid
	says d.err 'nowhere\.invalid'
	stillborn 6 --allow 127.0.0.1 --deny nowhere.invalid
	says d.err 'nowhere\.invalid'
	printf '127.0.0.1\nnowhere.invalid\n' >list
	stillborn 6 --deny-file list
	says d.err 'nowhere\.invalid'
}

@test "lists that are wrong: there was no listening socket at all" {
	need ptrace
	in_netns
	local option
	for option in --allow=1.2.3.4/33 --allow-file=nowhere \
	    --deny=nowhere.invalid; do
		try_any strace -f -o calls -e trace=listen \
		    "$DUCAT" listen -k "$option" 127.0.0.1 0 </dev/null
		lacks calls 'listen\('
		has calls 'exited with (2|26|6) '
	done
	# And it would have been seen.
	try 28 strace -f -o calls -e trace=listen "$DUCAT" listen -w 1ms \
	    --allow 127.0.0.1 127.0.0.1 0 </dev/null
	has calls 'listen\('
}

try_any()
{
	"${NAMESPACE[@]}" "$PEER" exec "$@" >out 2>err || :
}

### Who is refused

@test "refused: a reset, and no command" {
	need linux python3
	listen_ready d -k --deny 127.0.0.1 127.0.0.1 0 \
	    --sh 'echo ran >>ran; exec cat' </dev/null
	turned_away 'write 10000'
	turned_away
	turned_away 'shut'
	let_in 127.0.0.2
	contains ran $'ran\n'
	quiet_end
}

@test "refused: a reset, and nothing is read or said" {
	printf input >input
	need linux
	listen_ready d -k --deny 127.0.0.1 127.0.0.1 0 <input
	turned_away 'write 10000'
	turned_away 'write-text shut; shut'
	try 0 "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" \
	    < <(printf fine)
	contains out input
	retry_until "$BOUND" size_is d.out 4
	contains d.out fine
	quiet_end
}

@test "refused: a reset, and no connection is made for it" {
	need linux python3
	listen_ready t -k -v 127.0.0.1 0 -- cat </dev/null
	listen_ready d -k --deny 127.0.0.1 --forward "$HOST:$PORT" \
	    127.0.0.1 0 </dev/null
	turned_away 'write 10000'
	turned_away
	let_in 127.0.0.2
	equal "$(grep -c 'connection from' t.err)" 1
	quiet_end
	end_of t
}

@test "refused: the members of a --broker hear nothing of it" {
	need linux
	listen_ready d -k -v --broker --deny 127.0.0.1 127.0.0.1 0 </dev/null
	mkfifo b.fifo
	exec 5<>b.fifo
	feed_open a
	start a "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" <a.fifo
	start b "$DUCAT" connect -s 127.0.0.3 127.0.0.1 "$PORT" <b.fifo
	retry_until "$BOUND" lines_are d.err 3
	printf 'first\n' >&5
	retry_until "$BOUND" size_is a.out 6
	turned_away 'write-text hello\n'
	printf 'second\n' >&5
	retry_until "$BOUND" size_is a.out 13
	contains a.out $'first\nsecond\n'
	empty b.out
	kill -TERM "${PID[a]}" "${PID[b]}"
	finish a 143
	finish b 143
	end_of d
	exec 5>&-
	feed_close
}

@test "refused: nothing is told" {
	served --deny 127.0.0.2
	kept_out 127.0.0.2 127.0.0.2 127.0.0.2
	let_in 127.0.0.1
	quiet_end
}

@test "refused: -v tells who it was, and nothing else of it" {
	need linux python3
	in_netns
	listen_ready d -k -v --deny 127.0.0.2 127.0.0.1 0 -- cat </dev/null
	kept_out 127.0.0.2#4001
	retry_until "$BOUND" lines_are d.err 2
	let_in 127.0.0.1#4002
	retry_until "$BOUND" lines_are d.err 4
	equal "$(sed -n 2p d.err)" 'ducat: denied 127.0.0.2:4001'
	equal "$(grep -c '127\.0\.0\.2' d.err)" 1
	has d.err '^ducat: connection from 127\.0\.0\.1:4002 on '
	has d.err '^ducat: closed 127\.0\.0\.1:4002: '
	end_of d
}

@test "refused: -v tells an IPv4 address as one, an IPv6 one in brackets" {
	need linux python3 ipv6
	in_netns
	listen_ready d -k -v --allow 192.0.2.1 0 -- cat </dev/null
	kept_out 127.0.0.2#4001 ::1#4002
	retry_until "$BOUND" lines_are d.err 3
	equal "$(sed -n 2p d.err)" 'ducat: denied 127.0.0.2:4001'
	equal "$(sed -n 3p d.err)" 'ducat: denied [::1]:4002'
	end_of d
}

@test "refused: not counted as the one that is served without -k" {
	need linux python3
	listen_ready d --deny 127.0.0.2 127.0.0.1 0 -- cat </dev/null
	kept_out 127.0.0.2 127.0.0.2
	alive d
	let_in 127.0.0.1
	finish d
	silent d
}

@test "refused: not counted as the one of standard streams either" {
	printf answer >input
	need linux python3
	listen_ready d --allow 127.0.0.2 127.0.0.1 0 <input
	kept_out 127.0.0.1 127.0.0.3
	alive d
	try 0 "$DUCAT" connect -s 127.0.0.2 127.0.0.1 "$PORT" \
	    < <(printf question)
	contains out answer
	finish d
	contains d.out question
	silent d
}

@test "refused: not counted by --max-accepts" {
	served --max-accepts 2 --deny 127.0.0.2
	kept_out 127.0.0.2
	let_in 127.0.0.1
	kept_out 127.0.0.2 127.0.0.2
	let_in 127.0.0.3
	finish d
	silent d
}

@test "refused: the place of --max-conns is free at once" {
	served --max-conns 1 --deny 127.0.0.2
	peer_connect stays 'write-text x; read 1; touch stays; wait-file go;
	    shut; expect-eof'
	retry_until "$BOUND" test -e stays
	printf '%s' "$VISITS" >visits.py
	start waits python3 -IS visits.py "$PORT" 127.0.0.2 127.0.0.2 \
	    127.0.0.3 </dev/null
	: >go
	finish stays
	finish waits
	contains waits.out $'127.0.0.2 out\n127.0.0.2 out\n127.0.0.3 in\n'
	quiet_end
}

@test "refused: nc from another address" {
	need linux nc
	listen_ready d -k -v --deny 127.0.0.2 127.0.0.1 0 </dev/null
	"$PEER" exec nc -s 127.0.0.2 127.0.0.1 "$PORT" </dev/null >out 2>err ||
	    :
	empty out
	retry_until "$BOUND" has d.err '^ducat: denied 127\.0\.0\.2:'
	printf hello >hello
	start c nc -s 127.0.0.3 127.0.0.1 "$PORT" <hello
	retry_until "$BOUND" size_is d.out 5
	contains d.out hello
	has d.err '^ducat: connection from 127\.0\.0\.3:'
	equal "$(grep -c '^ducat: denied' d.err)" 1
	end_of d
}

@test "refused: two hundred leave no descriptor behind" {
	local before sources=() n
	served --deny 127.0.0.2
	let_in 127.0.0.1
	retry_until "$BOUND" no_session d
	before=("/proc/${PID[d]}/fd/"*)
	for (( n = 0; n < 200; n++ )); do
		sources+=(127.0.0.2)
	done
	kept_out "${sources[@]}"
	retry_until "$BOUND" descriptors_are d "${#before[@]}"
	let_in 127.0.0.1
	quiet_end
}

### The status

@test "9: everyone was refused when -w passes" {
	listen_ready d -w 2 --deny 127.0.0.1 127.0.0.1 0 </dev/null
	turned_away
	turned_away 'write-text hello'
	finish d 9
	says d.err '--timeout'
	empty d.out
}

@test "9: everyone was refused when --deadline passes" {
	listen_ready d --deadline 2 --deny 127.0.0.1 127.0.0.1 0 </dev/null
	turned_away
	finish d 9
	says d.err '--deadline'
	empty d.out
}

@test "9: the same with -k, and with commands" {
	listen_ready d -k -w 2 --allow 192.0.2.1 127.0.0.1 0 \
	    --sh 'touch ran' </dev/null
	turned_away
	finish d 9
	says d.err '--timeout'
	listen_ready d -k --deadline 2 --allow 192.0.2.1 127.0.0.1 0 \
	    --sh 'touch ran' </dev/null
	turned_away
	finish d 9
	says d.err '--deadline'
	[[ ! -e ran ]]
}

@test "28, and not 9: nobody came at all" {
	try 28 "$DUCAT" listen -w 200ms --deny 127.0.0.1 127.0.0.1 0 </dev/null
	says err '--timeout'
	try 28 "$DUCAT" listen -k --deadline 200ms --allow 192.0.2.1 \
	    127.0.0.1 0 </dev/null
	says err '--deadline'
}

@test "28, and not 9: somebody was let in" {
	served --deadline 3 --deny 127.0.0.2
	kept_out 127.0.0.2
	let_in 127.0.0.1
	kept_out 127.0.0.2
	finish d 28
	says d.err '--deadline'
	lacks d.err refused
}

@test "-w is over with the first that is let in" {
	served -w 3 --deny 127.0.0.2
	kept_out 127.0.0.2
	let_in 127.0.0.1
	# Nothing can be seen when it does not end.
	read -r -t 3.2 <> <(:) || :
	kept_out 127.0.0.2
	let_in 127.0.0.1
	quiet_end
}

@test "SIGTERM when everyone was refused" {
	served --deny 127.0.0.2
	kept_out 127.0.0.2
	end_of d
	says d.err 'ended by a signal'
}

### --max-conns-per-host

@test "--max-conns-per-host is about those who may come in" {
	served --max-conns-per-host 1 --deny 127.0.0.2
	kept_out 127.0.0.2 127.0.0.2 127.0.0.2
	silent d
	peer_connect stays 'write-text x; read 1; touch stays; wait-file go;
	    shut; expect-eof'
	retry_until "$BOUND" test -e stays
	let_in 127.0.0.3 127.0.0.4
	kept_out 127.0.0.2 127.0.0.2
	silent d
	kept_out 127.0.0.1
	says d.err '^ducat: 127\.0\.0\.1: more than 1 connection'
	: >go
	finish stays
	retry_until "$BOUND" no_session d
	let_in 127.0.0.1
	kept_out 127.0.0.2
	equal "$(wc -l <d.err)" 1
	end_of d
}

@test "--max-conns-per-host: one address by both families' socket" {
	need ipv6
	served_dual --max-conns-per-host 1 --deny 127.0.0.2
	peer_connect stays 'write-text x; read 1; touch stays; wait-file go;
	    shut; expect-eof'
	retry_until "$BOUND" test -e stays
	kept_out 127.0.0.1
	says d.err '^ducat: 127\.0\.0\.1: more than 1 connection'
	let_in ::1 127.0.0.3
	: >go
	finish stays
	end_of d
}

### SIGHUP

@test "SIGHUP: the files are read again" {
	managed
	echo 127.0.0.2 >allowed
	echo 127.0.0.4 >denied
	served --allow-file allowed --allow 127.0.0.4/30 --deny-file denied
	heard 1
	let_in 127.0.0.2 127.0.0.5
	kept_out 127.0.0.1 127.0.0.3 127.0.0.4
	echo 127.0.0.3 >allowed
	echo 127.0.0.5 >denied
	# Not before it is asked.
	let_in 127.0.0.2
	kept_out 127.0.0.3
	reread
	let_in 127.0.0.3 127.0.0.4
	kept_out 127.0.0.1 127.0.0.2 127.0.0.5
	: >allowed
	reread
	let_in 127.0.0.4
	kept_out 127.0.0.2 127.0.0.3 127.0.0.5
	quiet_end
}

@test "SIGHUP: without a service manager" {
	echo 127.0.0.2 >list
	served --allow-file list
	let_in 127.0.0.2
	echo 127.0.0.3 >list
	kill -HUP "${PID[d]}"
	retry_until "$BOUND" let_in 127.0.0.3
	kept_out 127.0.0.2
	quiet_end
}

@test "SIGHUP: a broken file leaves the old lists in force, with a warning" {
	managed
	echo 127.0.0.2 >list
	served --allow-file list
	heard 1
	printf '127.0.0.3\n127.0.0.3/33\n' >list
	reread
	says d.err '^ducat: list:2: "127\.0\.0\.3/33": '
	let_in 127.0.0.2
	kept_out 127.0.0.1 127.0.0.3
	says d.err '^ducat: list:2: '
	# And is mended.
	echo 127.0.0.3 >list
	reread
	let_in 127.0.0.3
	kept_out 127.0.0.1 127.0.0.2
	says d.err '^ducat: list:2: '
	end_of d
}

@test "SIGHUP: a file that is gone leaves the old lists in force" {
	managed
	echo 127.0.0.2 >one
	echo 127.0.0.4 >two
	served --deny-file one --deny-file two
	heard 1
	echo 127.0.0.3 >one
	rm two
	reread
	says d.err '^ducat: --deny-file two: No such file or directory: '
	kept_out 127.0.0.2 127.0.0.4
	let_in 127.0.0.1 127.0.0.3
	says d.err '^ducat: --deny-file two: '
	end_of d
}

@test "SIGHUP: a name that does not resolve leaves the old lists in force" {
	managed
	in_netns
	echo 127.0.0.2 >list
	served --deny-file list
	heard 1
	echo nowhere.invalid >list
	reread
	says d.err 'nowhere\.invalid'
	kept_out 127.0.0.2
	let_in 127.0.0.1
	end_of d
}

@test "SIGHUP: a list from a pipe is read once" {
	managed
	mkfifo list
	echo 127.0.0.1 >list & # its reader is there soon
	served --deny-file list
	kept_out 127.0.0.1
	reread
	says d.err '--deny-file list: is read only once, as it is no regular'
	kept_out 127.0.0.1
	let_in 127.0.0.2
	end_of d
}

@test "SIGHUP: who is served goes on, whatever the new lists say" {
	managed
	: >list
	served --deny-file list
	heard 1
	peer_connect stays 'write-text x; read 1; touch stays; wait-file go;
	    write-text yz; read 2; shut; expect-eof'
	retry_until "$BOUND" test -e stays
	echo 127.0.0.1 >list
	reread
	kept_out 127.0.0.1
	: >go
	finish stays
	silent stays
	quiet_end
}

@test "SIGHUP: who waits in the backlog is judged by the new lists" {
	managed
	: >list
	served --max-conns 1 --deny-file list
	heard 1
	peer_connect stays 'write-text x; read 1; touch stays; wait-file go;
	    shut; expect-eof'
	retry_until "$BOUND" test -e stays
	peer_connect waits 'touch waits; expect-reset'
	retry_until "$BOUND" test -e waits
	echo 127.0.0.1 >list
	reread
	: >go
	finish stays
	finish waits
	silent waits
	let_in 127.0.0.2
	quiet_end
}

@test "SIGHUP: before the one client of a run without -k, and after" {
	managed
	echo 127.0.0.2 >list
	need linux python3
	listen_ready d --allow-file list 127.0.0.1 0 -- cat </dev/null
	heard 1
	kept_out 127.0.0.1
	echo 127.0.0.1 >list
	reread
	peer_connect c 'write-text x; read 1; touch stands; wait-file go;
	    write-text yz; read 2; shut; expect-eof'
	retry_until "$BOUND" test -e stands
	kill -HUP "${PID[d]}"
	: >go
	finish c
	silent c
	finish d
	silent d
}

@test "SIGHUP: the service manager is told, whether that succeeds or not" {
	managed
	: >list
	served --deny-file list
	heard 1
	contains manager.out $'bound\nREADY=1\n.\n'
	reread
	contains manager.out $'bound\nREADY=1\n.
RELOADING=1\nMONOTONIC_USEC=since the last one\n.\nREADY=1\n.\n'
	echo 127.0.0.1/33 >list
	reread
	contains manager.out $'bound\nREADY=1\n.
RELOADING=1\nMONOTONIC_USEC=since the last one\n.\nREADY=1\n.
RELOADING=1\nMONOTONIC_USEC=since the last one\n.\nREADY=1\n.\n'
	says d.err '^ducat: list:1: '
	end_of d
}

@test "SIGHUP: many of them leave no descriptor behind" {
	managed
	local before n
	echo 127.0.0.2 >list
	served --deny-file list
	heard 1
	reread
	before=("/proc/${PID[d]}/fd/"*)
	for n in 1 2 3 4 5 6 7 8 9; do
		echo "127.0.0.$n/33" >list
		reread
		echo "127.0.0.$n" >list
		reread
	done
	descriptors_are d "${#before[@]}"
	kept_out 127.0.0.9
	let_in 127.0.0.2
	lines_are d.err 9
	end_of d
}

@test "SIGHUP ends it where there is no file to read again" {
	local options
	for options in '' '--allow 127.0.0.1' '--deny localhost -k'; do
		# shellcheck disable=SC2086
		listen_ready d $options 127.0.0.1 0 </dev/null
		kill -HUP "${PID[d]}"
		finish d 129
		says d.err 'ended by a signal: Hangup'
		empty d.out
	done
}
