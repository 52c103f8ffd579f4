# Run by others: sockets that were opened by a service manager or an inetd,
# other users and roots, and a quiet end at SIGTERM.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# activate.py SOCKET... -- COMMAND...: COMMAND with these sockets.  SOCKET is
# [NAME=]KIND[@FD], from descriptor 3 on; NAME, and "all", set LISTEN_*, "pid"
# sets a wrong LISTEN_PID.  The ports are lines of "ports".
ACTIVATE='
import fcntl, os, socket, sys

split = sys.argv.index("--")
names, places, ports = [], [], []
listed, pid = False, os.getpid()
for text in sys.argv[1:split]:
	if text == "all":
		listed = True
		continue
	if text == "pid":
		pid = os.getppid()
		continue
	name, _, kind = text.rpartition("=")
	listed = listed or name != ""
	kind, _, place = kind.partition("@")
	if kind == "file":
		fd = os.open(".", os.O_RDONLY)
	elif kind == "udp":
		fd = socket.socket(type=socket.SOCK_DGRAM).detach()
	elif kind == "unix":
		unix = socket.socket(socket.AF_UNIX)
		unix.bind("unix")
		unix.listen()
		fd = unix.detach()
	else:
		six = kind == "listen6"
		s = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
		s.bind(("::1" if six else "127.0.0.1", 0))
		s.listen()
		ports.append(s.getsockname()[1])
		if kind == "nonblock":
			s.setblocking(False)
		elif kind == "connected":
			with open("ports", "w") as file:
				print(*ports, file=file, flush=True)
			s = s.accept()[0]
		fd = s.detach()
	names.append(name or "unknown")
	for place in map(int, place.split("+") if place else [2 + len(names)]):
		places.append((fcntl.fcntl(fd, fcntl.F_DUPFD, 100), place))
for fd, place in places:
	os.dup2(fd, place)
	os.close(fd)
with open("ports.new", "w") as file:
	print(*ports, sep="\n", file=file)
os.rename("ports.new", "ports")
if listed:
	os.environ.update(LISTEN_PID=str(pid), LISTEN_FDS=str(len(names)),
	    LISTEN_FDNAMES=":".join(names))
os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
'

# A service manager at the address NOTIFY_SOCKET: a line for each datagram, and
# who sent it.
MANAGER='
import os, socket, struct

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = os.environ["NOTIFY_SOCKET"]
manager.bind("\0" + address[1:] if address[0] == "@" else address)
manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
print("bound", flush=True)
while True:
	text, extra, _, _ = manager.recvmsg(4096, 4096)
	uid = struct.unpack("iII", extra[0][2])[1]
	print(text.decode().replace("\n", " "), "by", uid, flush=True)
'

# activated SOCKET...: what runs a command with them.
activated()
{
	need python3
	ACTIVATED=(python3 -IS -c "$ACTIVATE" "$@" --)
	WRAP=("${ACTIVATED[@]}")
}

# A client of PORT that is echoed.
echoed()
{
	peer_connect echoed "write-text $1; shut; save echoed.got; read-all"
	finish echoed
	silent echoed
	contains echoed.got "$1"
}

# port N: the Nth socket's.
port()
{
	sed -n "$1p" ports
}

# Sets PORT to the one that a client is awaited at.
awaited()
{
	retry_until "$BOUND" test -s ports
	read -r PORT <ports
}

# The listener "d" is ended by the test, and was silent until then.
end_of_d()
{
	silent d
	kill -TERM "${PID[d]}"
	finish d 143
}

gone()
{
	[[ ! -e $1 ]]
}

### systemd:

@test "systemd: a socket that listens" {
	activated all listen
	listen_ready d systemd: </dev/null
	equal "$HOST" 127.0.0.1
	equal "$PORT" "$(port 1)"
	equal "${#READY[@]}" 1
	peer_connect p 'write-text hello; shut; expect-eof'
	finish p
	finish d
	silent d p
	contains d.out hello
}

@test "systemd: with -k and a command" {
	activated all listen
	listen_ready d -k systemd: -- cat </dev/null
	echoed one
	echoed two
	end_of_d
}

@test "systemd: all of several sockets are listened on" {
	activated first=listen second=listen third=nonblock
	listen_ready d -k systemd: -- sh -c 'echo "$TCPLOCALPORT"' </dev/null
	equal "${#READY[@]}" 3
	local n
	for n in 1 2 3; do
		equal "${READY[n - 1]}" "127.0.0.1 $(port "$n")"
		PORT=$(port "$n")
		peer_connect p 'save got; read-all'
		finish p
		silent p
		contains got "$PORT"$'\n'
	done
	end_of_d
}

@test "systemd: sockets of both families" {
	need ipv6
	activated all listen listen6
	listen_ready d -k systemd: -- cat </dev/null
	equal "${READY[*]}" "127.0.0.1 $(port 1) ::1 $(port 2)"
	echoed four
	PORT=$(port 2)
	peer_connect p 'write-text six; shut; save got; read-all' ::1
	finish p
	contains got six
	end_of_d
}

@test "systemd:NAME takes the sockets of this name, and no others" {
	activated one=listen two=listen one=listen
	listen_ready d -k systemd:one -- cat </dev/null
	equal "${READY[*]}" "127.0.0.1 $(port 1) 127.0.0.1 $(port 3)"
	echoed first
	PORT=$(port 3)
	echoed third
	PORT=$(port 2)
	peer_connect p 'write-text x; expect-silence 300'
	finish p
	silent p
	end_of_d
}

@test "systemd:NAME is the whole name" {
	activated web=listen weblog=listen
	listen_ready d -k systemd:weblog -- cat </dev/null
	equal "${READY[*]}" "127.0.0.1 $(port 2)"
	end_of_d
	try 2 "${ACTIVATED[@]}" "$DUCAT" listen systemd:we </dev/null
	says err 'systemd:we: .*no socket.*name'
	empty out
}

@test "systemd: a connection is served, and that is all" {
	activated all connected
	printf answer >input
	start d "${ACTIVATED[@]}" "$DUCAT" listen systemd: <input
	awaited
	peer_connect p 'write-text question; shut; save got; read-all'
	finish p
	finish d
	silent d p
	contains got answer
	contains d.out question
}

@test "systemd: a connection is served by a command" {
	activated all connected
	start d "${ACTIVATED[@]}" "$DUCAT" listen systemd: -- sh -c \
	    'echo "$TCPREMOTEIP $TCPLOCALPORT"; cat; exit 3' </dev/null
	awaited
	peer_connect p 'write-text hello; shut; save got; read-all'
	finish p
	finish d 3
	silent d p
	contains got "127.0.0.1 $PORT"$'\nhello'
	empty d.out
}

@test "systemd: a command sees nothing of the sockets" {
	need linux
	activated all listen listen
	NOTIFY_SOCKET=@nobody listen_ready d -k systemd: --sh \
	    'env; echo; ls /proc/self/fd' </dev/null
	peer_connect p 'save got; read-all'
	finish p
	silent p
	lacks got '^(LISTEN_|NOTIFY_)'
	has got '^PROTO=TCP$'
	# ls has a fourth one for the folder.
	sed '1,/^$/d' got | cmp - <(printf '%d\n' 0 1 2 3)
	kill -TERM "${PID[d]}"
	finish d 143
}

# refused WORDS SOCKET... -- ARG...: 2 with these words.
refused()
{
	local words=$1 sockets=()
	shift
	while [[ $1 != -- ]]; do
		sockets+=("$1")
		shift
	done
	shift
	need python3
	try 2 python3 -IS -c "$ACTIVATE" "${sockets[@]}" -- \
	    "$DUCAT" listen "$@" </dev/null
	says err "$words"
	empty out
}

@test "2: systemd: without LISTEN_FDS" {
	try 2 "$DUCAT" listen systemd: </dev/null
	says err 'systemd:.*LISTEN_FDS.*not set'
	LISTEN_FDS=1 try 2 "$DUCAT" listen systemd: </dev/null
	says err 'systemd:.*LISTEN_PID.*not set'
	try 2 "$DUCAT" listen systemd:web </dev/null
	says err 'systemd:web.*LISTEN_FDS.*not set'
}

@test "2: systemd: with the LISTEN_PID of another process" {
	refused 'LISTEN_PID' all pid listen -- systemd:
	refused 'LISTEN_PID' web=listen pid -- systemd:web
}

@test "2: systemd: with nonsense in the variables" {
	local value
	for value in '' x -1 0 1x 99999999999999999999; do
		try 2 env LISTEN_FDS="$value" sh -c \
		    'LISTEN_PID=$$ exec "$@"' sh "$DUCAT" listen systemd: \
		    </dev/null
		says err 'LISTEN_FDS'
		try 2 env LISTEN_PID="$value" LISTEN_FDS=1 \
		    "$DUCAT" listen systemd: </dev/null
		says err 'LISTEN_PID'
	done
}

@test "2: systemd: with a name that is not there" {
	refused 'systemd:x: .*no socket.*name' web=listen -- systemd:x
	try 2 "${BASH}" -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' sh \
	    "$DUCAT" listen systemd:web </dev/null
	says err 'systemd:web'
}

@test "2: systemd: with descriptors that are no TCP sockets" {
	refused 'descriptor 3' all file -- systemd:
	refused 'descriptor 3' all udp -- systemd:
	refused 'descriptor 3' all unix -- systemd:
	refused 'descriptor 4' all listen file -- systemd:
	try 2 "${BASH}" -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' sh \
	    "$DUCAT" listen systemd: </dev/null
	says err 'descriptor 3: Bad file descriptor'
}

### systemd's own

# manager_listens ARG...: systemd-socket-activate with ARG..., at port 8080.
manager_listens()
{
	need systemd-socket-activate
	in_netns
	PORT=8080
	start manager systemd-socket-activate -l 127.0.0.1:8080 "$@" \
	    </dev/null
	retry_until "$BOUND" grep -q Listening manager.err || {
		show manager
		return 1
	}
}

@test "systemd-socket-activate passes a socket on" {
	manager_listens "$DUCAT" listen systemd:
	peer_connect p 'write-text hello; shut; expect-eof'
	finish p
	silent p
	finish manager
	contains manager.out hello
}

@test "systemd-socket-activate passes two sockets on, one by name" {
	manager_listens -l 127.0.0.1:8081 --fdname=a:b \
	    "$DUCAT" listen systemd:b -- cat
	PORT=8081
	echoed hello
	finish manager
	lacks manager.err ducat:
}

@test "systemd-socket-activate -a: one for each connection" {
	manager_listens -a "$DUCAT" listen systemd: -- cat
	echoed one
	echoed two
	lacks manager.err ducat:
}

@test "systemd-socket-activate --inetd -a, with a command" {
	manager_listens --inetd -a "$DUCAT" listen fd:0 -- cat
	echoed one
	echoed two
	lacks manager.err ducat:
}

@test "systemd-socket-activate --inetd -a, with --forward" {
	in_netns
	listen_ready target -k 127.0.0.1 0 -- cat </dev/null
	need systemd-socket-activate
	start manager systemd-socket-activate -l 127.0.0.1:8080 --inetd -a \
	    "$DUCAT" listen fd:0 --forward "127.0.0.1:$PORT" </dev/null
	retry_until "$BOUND" grep -q Listening manager.err
	PORT=8080
	echoed one
	echoed two
	lacks manager.err ducat:
	silent target
}

@test "socat hands a connection over" {
	need socat
	in_netns
	start s socat -d -d TCP-LISTEN:8080,bind=127.0.0.1 \
	    "EXEC:$DUCAT listen fd\\:0 -- cat,nofork" </dev/null
	retry_until "$BOUND" grep -q listening s.err
	PORT=8080
	echoed hello
	finish s
	lacks s.err ducat:
}

### fd:N

@test "fd:N listens" {
	activated listen@7
	listen_ready d -k fd:7 -- cat </dev/null
	equal "${READY[*]}" "127.0.0.1 $(port 1)"
	echoed one
	echoed two
	end_of_d
}

@test "fd:N listens, with standard input and output" {
	activated listen@3
	printf answer >input
	listen_ready d fd:3 <input
	peer_connect p 'write-text question; shut; save got; read-all'
	finish p
	finish d
	silent d p
	contains got answer
	contains d.out question
}

@test "fd:N: the listening socket is closed once its client came" {
	activated listen@3
	listen_ready d fd:3 </dev/null
	peer_connect p 'write-text hello; wait-file go; shut; expect-eof'
	retry_until "$BOUND" size_is d.out 5
	try 7 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	says err refused
	: >go
	finish p
	finish d
	silent d p
}

@test "fd:N: a connection is served" {
	activated connected@5
	printf answer >input
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:5 <input
	awaited
	peer_connect p 'write-text question; shut; save got; read-all'
	finish p
	finish d
	silent d p
	contains got answer
	contains d.out question
}

@test "fd:N: a connection that is reset is 56" {
	activated connected@5
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:5 </dev/null
	awaited
	peer_connect p 'write-text x; wait-file go; reset'
	retry_until "$BOUND" size_is d.out 1
	: >go
	finish p
	finish d 56
	says d.err 'receive from 127\.0\.0\.1:.*Connection reset by peer'
}

@test "fd:0 listens, with a command" {
	activated listen@0
	listen_ready d -k fd:0 -- cat </dev/null
	echoed one
	echoed two
	end_of_d
}

@test "fd:0: a connection, as from inetd, with a command" {
	activated connected@0+1
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:0 -- \
	    sh -c 'echo "$PROTO $TCPREMOTEIP $TCPLOCALPORT"; cat' </dev/null
	awaited
	peer_connect p 'write-text hello; shut; save got; read-all'
	finish p
	finish d
	silent d p
	contains got "TCP 127.0.0.1 $PORT"$'\nhello'
}

@test "fd:0: a connection, as from inetd, with --forward" {
	peer_listen target 'save target.got; read-all; write-text answer; shut'
	activated connected@0+1
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:0 \
	    --forward "127.0.0.1:$PORT" </dev/null
	awaited
	peer_connect p 'write-text question; shut; save got; read-all'
	finish p
	finish d
	finish target
	silent d p target
	contains target.got question
	contains got answer
}

@test "fd:0: a command's end is the connection's" {
	activated connected@0+1+2
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:0 -- echo bye </dev/null
	awaited
	peer_connect p 'save got; read-all; shut'
	finish p
	finish d
	contains got $'bye\n'
}

@test "fd:0: no message reaches the client where 2 is the connection" {
	activated connected@0+1+2
	start d "${ACTIVATED[@]}" "$DUCAT" listen -v fd:0 -- cat </dev/null
	awaited
	echoed hello
	finish d
	silent d

	rm ports
	start d "${ACTIVATED[@]}" "$DUCAT" listen -v fd:0 -- ./none </dev/null
	awaited
	peer_connect p 'save got; expect-reset'
	finish p
	finish d 127
	empty got

	rm ports
	start d "${ACTIVATED[@]}" "$DUCAT" listen -v fd:0 --forward \
	    unix:none </dev/null
	awaited
	peer_connect p 'save got; expect-reset'
	finish p
	finish d 7
	empty got
}

@test "fd:0: no message of wrong usage reaches the client" {
	local args
	activated connected@0+1+2
	for args in fd:0 '-k fd:0 -- cat' '--nonsense fd:0 -- cat' \
	    '--drain 0 fd:0 -- cat' '--user nobody-here fd:0 -- cat'; do
		rm -f ports
		# shellcheck disable=SC2086
		start d "${ACTIVATED[@]}" "$DUCAT" listen $args </dev/null
		awaited
		peer_connect p 'save got; read-all'
		finish p
		finish d 2
		empty got || {
			echo "with $args"
			return 1
		}
	done
}

@test "fd:N: a connection that was reset before" {
	need python3
	try 56 python3 -IS -c 'import os, socket, struct, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    peer = socket.create_connection(server.getsockname())
    ours = server.accept()[0]
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
os.dup2(ours.fileno(), 20)
os.execv(sys.argv[1], sys.argv[1:])' "$DUCAT" listen fd:20 </dev/null
	contains err $'ducat: receive from fd:20: Connection reset by peer\n'
}

@test "97: a given connection whose header does not come is reset" {
	activated connected@5
	start d "${ACTIVATED[@]}" "$DUCAT" listen --accept-proxy \
	    --proxy-from 127.0.0.1 -w 1 fd:5 </dev/null
	awaited
	peer_connect p 'expect-reset'
	finish d 97
	finish p
}

@test "2: options of listening, where a connection is given" {
	local option
	for option in --keep-open --broker --chat '--pid-file new' \
	    '--addr-file new' --background; do
		rm -f ports
		activated connected@5
		# shellcheck disable=SC2086
		start d "${ACTIVATED[@]}" "$DUCAT" listen fd:5 $option \
		    </dev/null
		awaited
		peer_connect p 'read-all'
		finish p
		finish d 2
		says d.err "^ducat: ${option% *}: fd:5 is a connection"
		[[ ! -e new ]]
	done
}

@test "2: fd:0 wants a command or --forward" {
	refused 'fd:0: .*command or --forward' listen@0 -- fd:0
	refused 'fd:0: .*command or --forward' listen@0 -- -k fd:0
	rm ports
	activated connected@0+1
	start d "${ACTIVATED[@]}" "$DUCAT" listen fd:0 </dev/null
	awaited
	peer_connect p 'save got; read-all'
	finish p
	finish d 2
	says d.err 'fd:0: .*command or --forward'
	empty got
}

@test "2: fd:N with what is no TCP socket" {
	refused 'fd:5: descriptor 5: Bad file descriptor' listen@4 -- fd:5
	refused 'fd:5: .*no TCP socket' file@5 -- fd:5
	refused 'fd:5: .*no TCP socket' udp@5 -- fd:5
	refused 'fd:5: .*no TCP socket' unix@5 -- fd:5
	refused 'fd:0: .*no TCP socket' listen@5 -- fd:0 -- cat
}

@test "2: fd:N that --events or --ready-fd is to have, too" {
	refused 'the socket and --events: the same descriptor, 5$' \
	    listen@5 -- fd:5 --events fd:5
	refused 'the socket and --ready-fd: the same descriptor, 5$' \
	    listen@5 -- fd:5 --ready-fd 5
	refused 'the socket and --events: the same descriptor, 3$' \
	    all listen -- systemd: --events fd:3
}

@test "2: fd: without a number" {
	local text
	for text in fd: fd:x fd:-1 fd:1x fd:99999999999; do
		try 2 "$DUCAT" listen "$text" </dev/null
		says err "$text: "
		empty out
	done
}

@test "2: -k with a connection" {
	local args
	activated all connected
	for args in '-k fd:3' '-k systemd:' '-k fd:3 -- cat'; do
		rm -f ports
		# shellcheck disable=SC2086
		start d "${ACTIVATED[@]}" "$DUCAT" listen $args </dev/null
		awaited
		peer_connect p 'save got; read-all'
		finish p
		finish d 2
		says d.err '--keep-open.*connection'
		empty got
	done
}

@test "2: options that choose an address go with no inherited socket" {
	local option where
	for where in fd:3 systemd:; do
		for option in -4 -6 '--interface lo' '--backlog 3'; do
			# shellcheck disable=SC2086
			refused "^ducat: ${option%% *}.*$where" all listen \
			    -- $option "$where"
		done
	done
}

### Left as found

# What a blocking socket's owner sees of its flags, before and afterwards.
@test "an inherited socket stays blocking, or non-blocking" {
	need linux
	local kind want
	for kind in listen nonblock; do
		want=3:
		[[ $kind == listen ]] || want='3: nonblock'
		rm -f ports go first
		activated "$kind@3"
		start d "${ACTIVATED[@]}" sh -c '"$1" flags 3 >before
		    "$2" listen -k --max-accepts 2 fd:3 -- cat
		    echo $?; "$1" flags 3 >after' sh "$PEER" "$DUCAT" \
		    </dev/null
		awaited
		peer_connect p 'write-text x; read 1; touch first; wait-file go;
		    shut; expect-eof'
		retry_until "$BOUND" test -e first
		grep '^flags:' "/proc/${PID[d]}/fdinfo/3" >during
		: >go
		finish p
		echoed second
		finish d
		silent d p
		contains d.out $'0\n'
		contains before "$want"$'\n'
		contains after "$want"$'\n'
		if [[ $kind == listen ]]; then
			lacks during '4[0-7]{3}$'
		else
			has during '4[0-7]{3}$'
		fi
	done
}

@test "an inherited connection stays blocking where another has it, too" {
	need linux
	activated connected@3
	printf input >input
	start d "${ACTIVATED[@]}" sh -c '"$2" listen fd:3 && "$1" flags 3' \
	    sh "$PEER" "$DUCAT" <input
	awaited
	peer_connect p 'save got; read 5; write-text x; shut; wait-file go'
	retry_until "$BOUND" size_is d.out 4
	contains d.out $'x3:\n'
	: >go
	finish p
	finish d
	contains got input
	silent d p
}

@test "two share a blocking socket, and neither hangs" {
	local n
	activated listen@3
	start d "${ACTIVATED[@]}" sh -c '"$1" listen -k fd:3 -- cat & a=$!
	    "$1" listen -k fd:3 -- cat & b=$!
	    trap "kill $a $b; wait; exit 0" TERM
	    wait' sh "$DUCAT" </dev/null
	awaited
	for n in 1 2 3 4 5 6 7 8; do
		echoed "$n"
	done
	silent d
	kill -TERM "${PID[d]}"
	finish d
}

### Users

# as_nobody COMMAND...: without what root may do.
as_nobody()
{
	need python3
	AS_NOBODY=(python3 -c 'import os, shutil, sys
program = os.open(shutil.which(sys.argv[1]), os.O_RDONLY)
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
os.execve(program, sys.argv[1:], os.environ)')
}

# A user that is not root.
other_user()
{
	id -nu 65534 2>/dev/null || skip "nobody has the number 65534"
}

status_of()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/${PID[d]}/status" |
	    tr '\t' ' ' | sed 's/ *$//'
}

@test "--user: who the command is" {
	need root linux
	local user
	user=$(other_user)
	listen_ready d -k --user "$user" 127.0.0.1 0 --sh \
	    'id -u; id -ru; id -g; id -rg; id -G' </dev/null
	peer_connect p 'save got; read-all'
	finish p
	silent p
	{
		id -u "$user"
		id -u "$user"
		id -g "$user"
		id -g "$user"
		id -G "$user"
	} >want
	same got want
	end_of_d
}

@test "--user: no way back, and no group is left" {
	need root linux python3
	local user uid gid
	user=$(other_user)
	uid=$(id -u "$user")
	gid=$(id -g "$user")
	WRAP=(python3 -c 'import os, sys
os.setgroups([0, 4, 27])
os.execvp(sys.argv[1], sys.argv[1:])')
	listen_ready d -k --user "$user" 127.0.0.1 0 -- python3 -c '
import os
for change in (lambda: os.setuid(0), lambda: os.seteuid(0),
    lambda: os.setgid(0), lambda: os.setgroups([0])):
	try:
		change()
		print("changed")
	except PermissionError:
		print("refused")' </dev/null
	equal "$(status_of Uid)" "$uid $uid $uid $uid"
	equal "$(status_of Gid)" "$gid $gid $gid $gid"
	equal "$(status_of Groups)" "$(id -G "$user")"
	equal "$(status_of CapPrm)" 0000000000000000
	equal "$(status_of CapEff)" 0000000000000000
	peer_connect p 'save got; read-all'
	finish p
	contains got $'refused\nrefused\nrefused\nrefused\n'
	end_of_d
}

@test "--user USER:GROUP" {
	need root linux
	local user gid
	user=$(other_user)
	gid=$(getent group daemon | cut -d: -f 3)
	[[ -n $gid ]] || skip "no group daemon here"
	listen_ready d --user "$user:daemon" 127.0.0.1 0 </dev/null
	equal "$(status_of Gid)" "$gid $gid $gid $gid"
	end_of_d
	listen_ready d --user "$user:$gid" 127.0.0.1 0 </dev/null
	equal "$(status_of Gid)" "$gid $gid $gid $gid"
	equal "$(status_of Uid | cut -d ' ' -f 1)" "$(id -u "$user")"
	end_of_d
}

@test "--user with numbers that nobody has" {
	need root linux
	listen_ready d --user 54321 127.0.0.1 0 </dev/null
	equal "$(status_of Gid)" '54321 54321 54321 54321'
	end_of_d
	listen_ready d --user 54321:54322 127.0.0.1 0 </dev/null
	equal "$(status_of Uid)" '54321 54321 54321 54321'
	equal "$(status_of Gid)" '54322 54322 54322 54322'
	lacks <(status_of Groups) '(^| )0( |$)'
	end_of_d
}

@test "2: --user with somebody who is not there" {
	local user
	for user in no-such-user root:no-such-group '' : root: :root \
	    99999999999; do
		try 2 "$DUCAT" listen -w 1s --user "$user" 127.0.0.1 0 \
		    </dev/null
		says err '--user'
		empty out
	done
}

@test "1: --user without being root" {
	need linux
	if [[ $EUID -eq 0 ]]; then
		as_nobody
	else
		AS_NOBODY=()
	fi
	try 1 "${AS_NOBODY[@]}" "$DUCAT" listen --addr-file addr -w 1s \
	    --user 0:0 127.0.0.1 0 </dev/null
	says err '--user.*Operation not permitted'
	empty out
	gone addr
}

@test "--user: a low port is bound first" {
	need root linux
	local user
	user=$(other_user)
	in_netns
	as_nobody
	# It is root who may.
	try 45 "${AS_NOBODY[@]}" "$DUCAT" listen 127.0.0.1 80 </dev/null
	says err 'Permission denied'
	listen_ready d -k --user "$user" 127.0.0.1 80 -- cat </dev/null
	equal "$PORT" 80
	equal "$(status_of Uid | cut -d ' ' -f 1)" "$(id -u "$user")"
	echoed hello
	end_of_d
}

@test "--user: files are written by that user, and removed" {
	need root linux
	local user
	user=$(other_user)
	mkdir theirs
	chown "$user" theirs
	chmod 700 theirs
	start d "$DUCAT" listen --user "$user" --addr-file theirs/addr \
	    --pid-file theirs/pid 127.0.0.1 0 </dev/null
	retry_until "$BOUND" test -e theirs/addr
	equal "$(stat -c %U theirs/addr)" "$user"
	equal "$(stat -c %U theirs/pid)" "$user"
	equal "$(<theirs/pid)" "${PID[d]}"
	end_of_d
	gone theirs/addr
	gone theirs/pid
}

@test "--user: a folder that is root's is not written into" {
	need root linux
	local user
	user=$(other_user)
	mkdir ours
	chmod 755 ours
	try 23 "$DUCAT" listen -w 5s --user "$user" --addr-file ours/addr \
	    127.0.0.1 0 </dev/null
	says err 'ours/addr.*Permission denied'
	gone ours/addr
}

@test "--user with a socket that others opened" {
	need root linux
	local user
	user=$(other_user)
	activated all listen
	listen_ready d -k --user "$user" systemd: -- id -u </dev/null
	peer_connect p 'save got; read-all'
	finish p
	contains got "$(id -u "$user")"$'\n'
	end_of_d
}

### Roots

# root_open: "root" has a shell, and what that needs.
root_open()
{
	need root linux busybox
	local file
	mkdir -p root/bin root/tmp
	chmod 777 root/tmp
	cp "$(type -P busybox)" root/bin/busybox
	ln -s busybox root/bin/sh
	ldd root/bin/busybox 2>/dev/null | grep -o '/[^ ]*' >libraries || :
	while read -r file; do
		mkdir -p "root${file%/*}"
		cp -L "$file" "root$file"
	done <libraries
	echo inside >root/where
	chroot root /bin/sh -c : || skip "busybox does not run in there"
}

@test "--chroot: the command is in there" {
	root_open
	listen_ready d -k --chroot root 127.0.0.1 0 -- /bin/sh -c \
	    'pwd; busybox cat /where' </dev/null
	equal "$(readlink "/proc/${PID[d]}/root")" "$PWD/root"
	equal "$(readlink "/proc/${PID[d]}/cwd")" "$PWD/root"
	peer_connect p 'save got; read-all'
	finish p
	silent p
	contains got $'/\ninside\n'
	end_of_d
}

@test "--chroot with --user and --sh" {
	root_open
	local user
	user=$(other_user)
	listen_ready d -k --chroot root --user "$user" 127.0.0.1 0 --sh \
	    'busybox id -u; busybox cat /where' </dev/null
	equal "$(readlink "/proc/${PID[d]}/root")" "$PWD/root"
	peer_connect p 'save got; read-all'
	finish p
	silent p
	contains got "$(id -u "$user")"$'\ninside\n'
	end_of_d
}

@test "--chroot: files are written in there" {
	root_open
	start d "$DUCAT" listen --chroot root --addr-file /tmp/addr \
	    127.0.0.1 0 </dev/null
	retry_until "$BOUND" test -e root/tmp/addr
	end_of_d
	gone root/tmp/addr
}

@test "127: --chroot to where the command is not" {
	need root linux
	mkdir root
	# The sanitizers' leak check wants /proc at the end.
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
	listen_ready d --chroot root 127.0.0.1 0 -- /bin/sh -c : </dev/null
	peer_connect p 'expect-reset'
	finish p
	finish d 127
	says d.err '/bin/sh: No such file or directory'
}

@test "1: --chroot to where nothing is" {
	need root
	try 1 "$DUCAT" listen -w 1s --chroot nowhere 127.0.0.1 0 </dev/null
	says err '--chroot nowhere: No such file or directory'
	: >file
	try 1 "$DUCAT" listen -w 1s --chroot file 127.0.0.1 0 </dev/null
	says err '--chroot file: Not a directory'
}

@test "1: --chroot without being root" {
	need linux
	mkdir root
	if [[ $EUID -eq 0 ]]; then
		as_nobody
	else
		AS_NOBODY=()
	fi
	try 1 "${AS_NOBODY[@]}" "$DUCAT" listen -w 1s --chroot root \
	    127.0.0.1 0 </dev/null
	says err '--chroot root: Operation not permitted'
}

### --drain

# refuses: nobody listens at PORT any more.
refuses()
{
	local code=0
	"${NAMESPACE[@]}" "$PEER" exec "$DUCAT" connect --quiet -q 0 \
	    127.0.0.1 "$PORT" </dev/null >/dev/null || code=$?
	[[ $code -eq 7 ]]
}

@test "--drain: the running session ends by itself" {
	listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write-text one; save got; read 3; touch begun;
	    wait-file go; write-text two; read 3; shut; expect-eof'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" refuses
	alive d
	: >go
	finish p
	silent p
	contains got onetwo
	finish d 143
	says d.err 'Terminated'
}

@test "--drain without -k, with standard input and output" {
	printf answer >input
	listen_ready d --drain 1h 127.0.0.1 0 <input
	peer_connect p 'write-text one; save got; read-all; wait-file go;
	    write-text two; shut'
	retry_until "$BOUND" size_is d.out 3
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" refuses
	: >go
	finish p
	finish d 143
	contains d.out onetwo
	contains got answer
	silent p
}

@test "--drain with --forward" {
	listen_ready target -k 127.0.0.1 0 -- cat </dev/null
	listen_ready d -k --drain 1h --forward "127.0.0.1:$PORT" \
	    127.0.0.1 0 </dev/null
	peer_connect p 'write-text one; read 3; touch begun; wait-file go;
	    write-text two; read 3; shut; expect-eof'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" refuses
	: >go
	finish p
	silent p
	finish d 143
}

@test "--drain with clients that share lines" {
	listen_ready d -k --max-conns 2 --drain 1h 127.0.0.1 0 </dev/null
	peer_connect a 'write-text a begins\n; wait-file go; write-text a ends;
	    shut; expect-eof'
	peer_connect b 'write-text b begins\n; wait-file go2;
	    write-text b ends; shut; expect-eof'
	retry_until "$BOUND" size_is d.out 18
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" refuses
	: >go
	finish a
	alive d
	: >go2
	finish b
	finish d 143
	silent a b
	sort d.out | cmp - <(printf '%s\n' 'a begins' 'a ends' 'b begins' \
	    'b ends')
}

@test "--drain: a session beyond its time is cut" {
	listen_ready d -k --drain 300ms 127.0.0.1 0 --sh \
	    'trap "echo TERM >ended; exit" TERM; echo begun; read line' \
	    </dev/null
	peer_connect p 'read 6; touch begun; read-all'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	finish d 143
	says d.err 'Terminated'
	retry_until "$BOUND" test -s ended
	contains ended $'TERM\n'
}

@test "--drain: a second SIGTERM ends it at once" {
	listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write-text x; read 1; touch begun; read-all'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	retry_until "$BOUND" refuses
	alive d
	kill -TERM "${PID[d]}"
	finish d 143
	says d.err 'Terminated'
}

@test "--drain: SIGTERM without sessions ends it at once" {
	listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
	echoed hello
	kill -TERM "${PID[d]}"
	finish d 143
	says d.err 'Terminated'
}

@test "--drain: SIGINT and SIGHUP do not drain" {
	local signal
	for signal in INT HUP; do
		rm -f begun
		listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
		peer_connect p 'write-text x; read 1; touch begun; read-all'
		retry_until "$BOUND" test -e begun
		kill -"$signal" "${PID[d]}"
		finish d $(( 128 + $(kill -l "$signal") ))
		says d.err 'ended by a signal'
	done
}

@test "SIGTERM without --drain cuts the session" {
	listen_ready d -k 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write-text x; read 1; touch begun; read-all'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	finish d 143
	says d.err 'Terminated'
}

@test "2: --drain without a time" {
	local time
	for time in 0 x -1 ''; do
		try 2 "$DUCAT" listen -k --drain "$time" 127.0.0.1 0 \
		    </dev/null
		says err '--drain'
		empty out
	done
}

### The service manager is told

# told LINE...: exactly that, in this order, by us.
told()
{
	told_by "$EUID" "$@"
}

told_by()
{
	local text uid=$1
	shift
	{
		echo bound
		for text; do
			echo "$text by $uid"
		done
	} >want
	retry_until "$BOUND" cmp -s want manager.out || :
	same want manager.out
}

manager_open()
{
	need python3
	need linux
	export NOTIFY_SOCKET=${1:-$PWD/notify}
	start manager python3 -c "$MANAGER" </dev/null
	retry_until "$BOUND" test -s manager.out
}

@test "NOTIFY_SOCKET: READY=1, then STOPPING=1 while sessions end" {
	manager_open
	listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
	told READY=1
	peer_connect p 'write-text x; read 1; touch begun; wait-file go;
	    shut; expect-eof'
	retry_until "$BOUND" test -e begun
	told READY=1
	kill -TERM "${PID[d]}"
	told READY=1 STOPPING=1
	alive d
	: >go
	finish p
	finish d 143
	told READY=1 STOPPING=1
}

@test "NOTIFY_SOCKET: STOPPING=1 once where the drain is cut short" {
	manager_open
	listen_ready d -k --drain 1h 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write-text x; read 1; touch begun; read-all'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	told READY=1 STOPPING=1
	kill -TERM "${PID[d]}"
	finish d 143
	told READY=1 STOPPING=1
}

@test "NOTIFY_SOCKET: STOPPING=1 without --drain" {
	manager_open
	listen_ready d -k 127.0.0.1 0 -- cat </dev/null
	peer_connect p 'write-text x; read 1; touch begun; read-all'
	retry_until "$BOUND" test -e begun
	kill -TERM "${PID[d]}"
	finish d 143
	told READY=1 STOPPING=1
}

@test "NOTIFY_SOCKET: READY=1 for a socket that others opened" {
	manager_open
	activated all listen
	listen_ready d -k systemd: -- cat </dev/null
	told READY=1
	end_of_d
}

@test "NOTIFY_SOCKET: it is the new user that tells" {
	need root linux
	local user
	user=$(other_user)
	manager_open "@$BATS_TEST_TMPDIR/notify"
	listen_ready d -k --user "$user" 127.0.0.1 0 -- cat </dev/null
	told_by "$(id -u "$user")" READY=1
	end_of_d
}

@test "NOTIFY_SOCKET is told where the new user may not write to it" {
	need root linux
	local user
	user=$(other_user)
	manager_open
	chmod 700 notify
	listen_ready d -k --user "$user" 127.0.0.1 0 -- cat </dev/null
	told_by "$(id -u "$user")" READY=1
	echoed hello
	end_of_d
}
