# Ready means ready: how scripts and service managers learn of it.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# A session that shows that clients can connect.
serves()
{
	peer_connect served 'write-text served; shut; expect-eof'
	finish served
	silent served
}

# addr_ready NAME: a listener with --addr-file addr was started.
addr_ready()
{
	retry_until "$BOUND" test -e addr || {
		show "$1"
		return 1
	}
	read -r HOST PORT <addr
}

# refused FILE-OPTION FILE: a usage error, and nothing was touched.
refused()
{
	try 2 "$DUCAT" listen "$1" "$2" 127.0.0.1 0 </dev/null
	says err "$2"
	empty out
}

@test "--ready-fd gets a line HOST PORT and is closed" {
	ready_prepare d
	KEEP=(-k 9)
	start d "$DUCAT" listen --ready-fd 9 127.0.0.1 0 </dev/null
	ready_read d
	equal "${#READY[@]}" 1
	[[ ${READY[0]} =~ ^127\.0\.0\.1\ [1-9][0-9]*$ ]]
	serves
	finish d
	silent d
	contains d.out served
}

@test "--ready-fd gets IPv6 addresses without brackets" {
	need ipv6
	listen_ready d '[::1]:0' </dev/null
	[[ ${READY[0]} =~ ^::1\ [1-9][0-9]*$ ]]
	peer_connect p 'shut; expect-eof' ::1
	finish p
	finish d
	silent d
}

@test "after --ready-fd the descriptor is gone from ducat" {
	need linux
	listen_ready d 127.0.0.1 0 </dev/null
	[[ $(readlink "/proc/${PID[d]}/fd/"*) != *d.ready* ]]
	serves
	finish d
	silent d
}

@test "--ready-fd may be a regular file" {
	exec 5>line
	KEEP=(-k 5)
	start d "$DUCAT" listen --ready-fd 5 127.0.0.1 0 </dev/null
	exec 5>&-
	retry_until "$BOUND" test -s line
	read -r HOST PORT <line
	serves
	finish d
	silent d
}

@test "--ready-fd that nobody reads any more is told" {
	mkfifo gone
	# shellcheck disable=SC2094
	exec 5<>gone 9>gone 5>&-
	KEEP=(-k 9)
	start d "$DUCAT" listen --ready-fd 9 -w 5 127.0.0.1 0 </dev/null
	exec 9>&-
	retry_until "$BOUND" test -s d.err
	says d.err '--ready-fd 9: Broken pipe'
	empty d.out
}

@test "--ready-fd below 3 is a usage error" {
	local fd
	for fd in 0 1 2 -1; do
		try 2 "$DUCAT" listen --ready-fd="$fd" 127.0.0.1 0 </dev/null
		has err '^ducat: .*--ready-fd'
		empty out
	done
}

@test "--ready-fd that is not open is a usage error" {
	try 2 "$DUCAT" listen --ready-fd 9 127.0.0.1 0 </dev/null
	has err '^ducat: .*(--ready-fd|9)'
	empty out
}

@test "--ready-fd that is no number is a usage error" {
	try 2 "$DUCAT" listen --ready-fd nine 127.0.0.1 0 </dev/null
	has err '^ducat: .*nine'
	empty out
}

@test "options of readiness are usage errors on connect" {
	local option
	for option in --ready-fd=9 --addr-file=addr --pid-file=pid \
	    --background; do
		try 2 "$DUCAT" connect "$option" 127.0.0.1 1 </dev/null \
		    9>ready
		has err "^ducat: .*${option%%=*}"
		empty out
		[[ ! -e addr && ! -e pid ]]
	done
}

@test "--addr-file holds HOST PORT, and goes with the run" {
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	addr_ready d
	[[ $(<addr) =~ ^127\.0\.0\.1\ [1-9][0-9]*$ ]]
	[[ $(wc -l <addr) -eq 1 ]]
	serves
	finish d
	silent d
	[[ ! -e addr ]]
	equal "$(echo ./*addr*)" './*addr*'
}

@test "--addr-file has the permissions that the umask leaves" {
	umask 027
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	addr_ready d
	equal "$(stat -c %a addr)" 640
	serves
	finish d
	silent d
}

@test "--addr-file replaces a file at once, never in place" {
	echo 'old contents' >addr
	exec 5<addr
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	retry_until "$BOUND" grep -q 127.0.0.1 addr
	local old
	read -r old <&5
	equal "$old" 'old contents'
	read -r HOST PORT <addr
	serves
	finish d
	silent d
	[[ ! -e addr ]]
}

@test "--addr-file leaves a file alone that is no longer its own" {
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	addr_ready d
	echo another >new
	mv new addr
	serves
	finish d
	silent d
	contains addr $'another\n'
}

@test "--addr-file that is gone at the end is no error" {
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	addr_ready d
	rm addr
	serves
	finish d
	silent d
}

@test "--addr-file is removed when a signal ends the run" {
	start d "$DUCAT" listen --addr-file addr --pid-file pid \
	    127.0.0.1 0 </dev/null
	addr_ready d
	retry_until "$BOUND" test -s pid
	kill -TERM "${PID[d]}"
	finish d 143
	[[ ! -e addr && ! -e pid ]]
}

@test "--addr-file is removed when the run fails" {
	start d "$DUCAT" listen --addr-file addr 127.0.0.1 0 </dev/null
	addr_ready d
	peer_connect p 'write-text x; touch stands; reset'
	finish d 56
	[[ ! -e addr ]]
}

@test "--addr-file on a directory is a usage error" {
	mkdir directory
	refused --addr-file directory
	[[ -d directory ]]
}

@test "--addr-file on a device is a usage error" {
	refused --addr-file /dev/null
	[[ -c /dev/null ]]
}

@test "--addr-file on a link to a device is a usage error" {
	ln -s /dev/null link
	refused --addr-file link
	equal "$(readlink link)" /dev/null
}

@test "--addr-file on a fifo is a usage error" {
	mkfifo fifo
	refused --addr-file fifo
	[[ -p fifo ]]
}

@test "--addr-file where nothing can be created fails before it listens" {
	start d "$DUCAT" listen --addr-file missing/addr 127.0.0.1 0 \
	    </dev/null
	status=0
	wait "${PID[d]}" || status=$?
	[[ $status -eq 2 || $status -eq 23 ]]
	says d.err '--addr-file missing/addr: No such file or directory'
	empty d.out
	try 23 "$DUCAT" listen --pid-file missing/pid 127.0.0.1 0 </dev/null
	says err '--pid-file missing/pid: No such file or directory'
}

@test "--addr-file lists all sockets of the run" {
	need ipv6 mountns
	printf '127.0.0.1 both\n::1 both\n' >hosts
	unshare "${USER_NS[@]}" -m mount --bind hosts /etc/hosts ||
	    skip "no bind mounts here"
	in_netns
	start d unshare "${USER_NS[@]}" -m sh -c \
	    'mount --bind hosts /etc/hosts && exec "$@"' sh \
	    "$DUCAT" listen --addr-file addr both 0 </dev/null
	addr_ready d
	equal "$(sort addr)" "$(printf '127.0.0.1 %s\n::1 %s' "$PORT" "$PORT")"
	peer_connect p 'shut; expect-eof' ::1
	finish p
	finish d
	silent d
}

@test "no file appears when listening fails" {
	peer_listen p 'pause'
	try 45 "$DUCAT" listen --addr-file addr --pid-file pid \
	    127.0.0.1 "$PORT" </dev/null
	says err 'Address already in use'
	[[ ! -e addr && ! -e pid ]]
}

@test "--pid-file holds the process id, and goes with the run" {
	listen_ready d --pid-file pid 127.0.0.1 0 </dev/null
	contains pid "${PID[d]}"$'\n'
	serves
	finish d
	silent d
	[[ ! -e pid ]]
}

@test "--pid-file leaves a file alone that is no longer its own" {
	listen_ready d --pid-file pid 127.0.0.1 0 </dev/null
	echo 1 >new
	mv new pid
	serves
	finish d
	silent d
	contains pid $'1\n'
}

@test "--pid-file on a directory is a usage error" {
	mkdir directory
	refused --pid-file directory
}

# In the background a process is nobody's child; the test ends it by PID.
@test "files that others put in the place of ours stay" {
	start d "$DUCAT" listen -k --addr-file addr --pid-file pid \
	    127.0.0.1 0 </dev/null
	retry_until "$BOUND" test -e addr
	rm addr pid
	echo other >addr
	echo other >pid
	kill -TERM "${PID[d]}"
	finish d 143
	contains addr $'other\n'
	contains pid $'other\n'
}

@test "--background returns 0 to the shell once clients can connect" {
	try 0 "$DUCAT" listen --background --addr-file addr --pid-file pid \
	    127.0.0.1 0 </dev/null
	# Nothing is waited for: all stands when the shell goes on.
	[[ -s addr && -s pid ]]
	background_ready
	silent err
	serves
	background_ended
	[[ ! -e addr && ! -e pid ]]
	contains out served
	silent err
}

@test "--background: who was interrupted has no listener" {
	mkfifo list
	start d "$DUCAT" listen --background --pid-file pid --allow-file list \
	    127.0.0.1 0 </dev/null
	# Both ends are open when it reads the list, which has no end yet.
	exec 6>list
	kill -TERM "${PID[d]}"
	finish d 143
	exec 6>&-
	retry_until "$BOUND" test -s d.err
	contains d.err \
	    $'ducat: --background: whoever started it: Broken pipe\n'
	retry_until "$BOUND" eval '[[ ! -e pid ]]'
}

@test "--background goes on in a session of its own" {
	need linux ps
	try 0 "$DUCAT" listen --background --addr-file addr --pid-file pid \
	    127.0.0.1 0 </dev/null
	background_ready
	local sid
	sid=$(ps -o sid= -p "${PID[background]}")
	[[ $sid -ne $(ps -o sid= -p $$) ]]
	serves
	background_ended
}

@test "--background keeps the descriptors it was given" {
	payload sent 1000000
	try 0 "$DUCAT" listen --background --addr-file addr --pid-file pid \
	    127.0.0.1 0 <sent
	background_ready
	peer_connect p 'save got; read-all; write-text thanks'
	finish p
	silent p
	same sent got
	background_ended
	contains out thanks
	silent err
}

@test "--background with --ready-fd: both say the same" {
	ready_prepare d
	KEEP=(-k 9)
	try 0 "$DUCAT" listen --background --ready-fd 9 --addr-file addr \
	    --pid-file pid 127.0.0.1 0 </dev/null
	ready_read d
	equal "${READY[0]}" "$(<addr)"
	background_ready
	serves
	background_ended
}

@test "--background tells the status of a failure to listen" {
	peer_listen p 'pause'
	try 45 "$DUCAT" listen --background --addr-file addr --pid-file pid \
	    127.0.0.1 "$PORT" </dev/null
	says err 'Address already in use'
	[[ ! -e addr && ! -e pid ]]
}

@test "--background tells usage errors in the foreground" {
	try 2 "$DUCAT" listen --background --no-such-thing 0 </dev/null
	has err '^ducat: .*--no-such-thing'
}

@test "--background -k ends by SIGTERM and removes its files" {
	try 0 "$DUCAT" listen -k --background --addr-file addr \
	    --pid-file pid 127.0.0.1 0 </dev/null
	background_ready
	serves
	kill -TERM "${PID[background]}"
	background_ended
	[[ ! -e addr && ! -e pid ]]
	contains out served
}

# notified NAME ADDRESS: a service manager at ADDRESS, and a ducat for it.
notified()
{
	start manager "$PEER" notify "$1"
	retry_until "$BOUND" test -s manager.out
	NOTIFY_SOCKET=$1 start d "$DUCAT" listen --addr-file addr \
	    127.0.0.1 0 </dev/null
	finish manager
	silent manager
	has manager.out '^READY=1$'
	# Told when it was true.
	addr_ready d
	serves
	finish d
	silent d
	contains d.out served
}

@test "NOTIFY_SOCKET may be a path" {
	notified "$PWD/notify"
}

@test "NOTIFY_SOCKET may be abstract" {
	need linux
	notified "@ducat-test-$$-$BATS_TEST_NUMBER"
}

@test "NOTIFY_SOCKET works with socat as the receiver" {
	need socat
	start manager socat -u UNIX-RECVFROM:notify STDOUT
	retry_until "$BOUND" test -S notify
	NOTIFY_SOCKET=$PWD/notify listen_ready d 127.0.0.1 0 </dev/null
	retry_until "$BOUND" grep -q '^READY=1' manager.out
	serves
	finish d
	silent d
}

@test "NOTIFY_SOCKET where nobody listens does not end the run" {
	NOTIFY_SOCKET=$PWD/nobody listen_ready d 127.0.0.1 0 </dev/null
	serves
	finish d
	contains d.out served
}

@test "NOTIFY_SOCKET of an impossible length does not end the run" {
	NOTIFY_SOCKET=/$(printf '%0300d' 0) \
	    listen_ready d 127.0.0.1 0 </dev/null
	serves
	finish d
	contains d.out served
}
