# ducat and the netcats that others have, in both roles.  What a peer does
# with its own bytes is that peer's affair: most of them drop their unread
# input once ducat has ended its own direction, and no one can see that from
# here.  What is asked of ducat: it never hangs, what it took in arrives or
# its status says so, and what came is written out whole.

# shellcheck disable=SC2030,SC2031,SC2034 # every test is a subshell

load lib

SIZE=16777216

setup_file()
{
	"$PEER" bytes "$SIZE" 1 >"$BATS_FILE_TMPDIR/there"
	"$PEER" bytes "$SIZE" 2 >"$BATS_FILE_TMPDIR/back"
}

# begin PEER: "there" is what ducat sends, "back" what the peer does.
begin()
{
	NETCAT=$1
	SERVER_PORT=5000
	FLAGS=()	# of the peer
	OPTIONS=()	# of ducat
	THERE=$BATS_FILE_TMPDIR/there
	BACK=$BATS_FILE_TMPDIR/back
	need linux "$(program_of "$NETCAT")"
	in_netns
}

program_of()
{
	case $1 in
	openbsd | traditional)
		echo "nc.$1" ;;
	*)	echo "$1" ;;
	esac
}

# What users write; -N, -t 30 and -q 0 are the flags without which that peer
# does not end at all, or not by the end of the connection.
server_command()
{
	case $NETCAT in
	openbsd)
		COMMAND=(nc.openbsd "${FLAGS[@]}" -l 127.0.0.1 "$PORT") ;;
	traditional)
		COMMAND=(nc.traditional "${FLAGS[@]}" -l -s 127.0.0.1
		    -p "$PORT") ;;
	ncat)
		COMMAND=(ncat "${FLAGS[@]}" -l 127.0.0.1 "$PORT") ;;
	socat)
		COMMAND=(socat "${FLAGS[@]}" -
		    "TCP-LISTEN:$PORT,bind=127.0.0.1") ;;
	busybox)
		COMMAND=(busybox nc "${FLAGS[@]}" -l -p "$PORT") ;;
	toybox)
		COMMAND=(toybox nc "${FLAGS[@]}" -l -s 127.0.0.1 -p "$PORT") ;;
	esac
}

client_command()
{
	case $NETCAT in
	openbsd | traditional)
		COMMAND=("nc.$NETCAT" "${FLAGS[@]}" 127.0.0.1 "$PORT") ;;
	ncat)	COMMAND=(ncat "${FLAGS[@]}" 127.0.0.1 "$PORT") ;;
	socat)	COMMAND=(socat "${FLAGS[@]}" - "TCP:127.0.0.1:$PORT") ;;
	*)	COMMAND=("$NETCAT" nc "${FLAGS[@]}" 127.0.0.1 "$PORT") ;;
	esac
}

# half_closing: the peer shall end its direction at the end of its input.
half_closing()
{
	case $NETCAT in
	openbsd)
		FLAGS=(-N) ;;
	traditional)
		FLAGS=(-q 0) ;;	# it knows no half-close: it leaves
	socat)	FLAGS=(-t 30) ;;
	*)	FLAGS=() ;;
	esac
}

# patient: the peer shall stay until the other direction has ended.
patient()
{
	half_closing
	[[ $NETCAT != traditional ]] || FLAGS=()
}

# both ROLE DUCATS-INPUT PEERS-INPUT: start "d" and the peer "p"; ROLE is
# ducat's, connect or listen.
both()
{
	rm -f [dp].out [dp].err
	if [[ $1 == listen ]]; then
		listen_ready d "${OPTIONS[@]}" 127.0.0.1 0 <"$2"
		client_command
		start_peer <"$3"
		return
	fi
	SERVER_PORT=$(( SERVER_PORT + 1 ))
	PORT=$SERVER_PORT
	server_command
	start_peer <"$3"
	retry_until "$BOUND" has_socket "$(socket_at local 0A)" || {
		show p
		return 1
	}
	start d "$DUCAT" connect "${OPTIONS[@]}" 127.0.0.1 "$PORT" <"$2"
}

# READER=COMMAND makes it a pipeline, STUCK=FIFO its output.
start_peer()
{
	if [[ ${STUCK:-} ]]; then
		start_raw p "${COMMAND[@]}" >"$STUCK"
	elif [[ ${READER:-} ]]; then
		start_raw p "${COMMAND[@]}" > >($READER >p.out)
	else
		start p "${COMMAND[@]}"
	fi
}

# A line of /proc/net/tcp with PORT at one side, and this state.
socket_at()
{
	local port
	port=$(printf %04X "$PORT")
	case $1 in
	local)	echo "^ *[0-9]+: [0-9A-F]+:$port [0-9A-F]+:[0-9A-F]+ $2 " ;;
	remote)	echo "^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:$port $2 " ;;
	esac
}

has_socket()
{
	cat "/proc/${PID[namespace]}/net/tcp" \
	    "/proc/${PID[namespace]}/net/tcp6" 2>/dev/null | grep -Eq "$1"
}

# Has either side ended its direction?
half_closed()
{
	! has_socket "$(socket_at local 01)" &&
	    ! has_socket "$(socket_at remote 01)"
}

# The peer's status means little; that it hangs is its own affair, too.
leave_peer()
{
	retry_until 2 eval '! alive p' >/dev/null || kill -KILL "${PID[p]}"
	wait "${PID[p]}" 2>/dev/null || :
	unset "PID[p]"
}

# got_all NAME FILE
got_all()
{
	same "$2" "$1.out" && return 0
	show_file d.err
	show_file p.err
	return 1
}

# What came is what was sent, as far as it goes.
got_prefix()
{
	cmp -n "$(stat -c %s "$1.out")" "$1.out" "$2"
}

### 16 MiB in each direction at once, and then the ends in an order

# ordered ROLE FIRST: both inputs stay open until everything came; then that
# of FIRST (d or p) ends, and the other's once that was seen.
ordered()
{
	local role=$1 first=$2 second=p
	[[ $first == d ]] || second=d
	[[ -e d.fifo ]] || mkfifo d.fifo p.fifo
	exec 5<>d.fifo 6<>p.fifo
	start_raw feed.d cat "$THERE" >d.fifo
	start_raw feed.p cat "$BACK" >p.fifo
	both "$role" d.fifo p.fifo
	retry_until "$BOUND" size_is d.out "$SIZE" || { show d; return 1; }
	retry_until "$BOUND" size_is p.out "$SIZE" || { show p; return 1; }
	finish feed.d
	finish feed.p
	input_end "$first"
	retry_until "$BOUND" half_closed
	input_end "$second"
	finish d
	silent d
	leave_peer
	got_all d "$BACK"
	got_all p "$THERE"
}

input_end()
{
	if [[ $1 == d ]]; then
		exec 5>&-
	else
		exec 6>&-
	fi
}

orders()
{
	begin "$1"
	patient
	ordered listen d
	ordered connect d
	half_closing
	ordered listen p
	ordered connect p
}

@test "nc.openbsd: 16 MiB each way at once, either half-closes first" {
	orders openbsd
}

@test "nc.traditional: 16 MiB each way at once, either ends first" {
	orders traditional
}

@test "ncat: 16 MiB each way at once, either half-closes first" {
	orders ncat
}

@test "socat: 16 MiB each way at once, either half-closes first" {
	orders socat
}

@test "busybox nc: 16 MiB each way at once, either half-closes first" {
	orders busybox
}

@test "toybox nc: 16 MiB each way at once, either half-closes first" {
	orders toybox
}

### Two files, each ends when it ends

# A peer may drop its own rest at our end; ours must arrive, or be told.
race()
{
	local role
	begin "$1"
	patient
	for role in listen connect; do
		both "$role" "$THERE" "$BACK"
		status=0
		wait "${PID[d]}" || status=$?
		unset "PID[d]"
		leave_peer
		got_prefix d "$BACK"
		case $status in
		0)	silent d
			got_all p "$THERE" ;;
		55 | 56)
			says d.err '^ducat: (send|receive)' ;;
		*)	echo "$role: status $status"
			show d
			return 1 ;;
		esac
		[[ $NETCAT != socat ]] || got_all d "$BACK"
	done
}

@test "nc.openbsd: two files at once arrive, or the status says so" {
	race openbsd
}

@test "nc.traditional: two files at once arrive, or the status says so" {
	race traditional
}

@test "ncat: two files at once arrive, or the status says so" {
	race ncat
}

@test "socat: two files at once arrive" {
	race socat
}

@test "busybox nc: two files at once arrive, or the status says so" {
	race busybox
}

@test "toybox nc: two files at once arrive, or the status says so" {
	race toybox
}

### /dev/null at one side: what scripts do

# The whole of a file, to ducat or to the peer.
received()
{
	both "$1" /dev/null "$BACK"
	finish d
	silent d
	leave_peer
	got_all d "$BACK"
	empty p.out
}

sent()
{
	both "$1" "$THERE" /dev/null
	finish d
	silent d
	leave_peer
	got_all p "$THERE"
	empty d.out
}

# As a client ducat half-closes at once under /dev/null, and all but socat
# then drop what they had to say: --recv-only is for that.
under_null()
{
	begin "$1"
	half_closing
	received listen
	OPTIONS=(--recv-only)
	received connect
	OPTIONS=()
	patient
	sent listen
	sent connect
}

@test "nc.openbsd: under /dev/null at one side all arrives" {
	under_null openbsd
}

@test "nc.traditional: under /dev/null at one side all arrives" {
	under_null traditional
}

@test "ncat: under /dev/null at one side all arrives" {
	under_null ncat
}

@test "socat: under /dev/null at one side all arrives" {
	under_null socat
	received connect
}

@test "busybox nc: under /dev/null at one side all arrives" {
	under_null busybox
}

@test "toybox nc: under /dev/null at one side all arrives" {
	under_null toybox
}

@test "no peer hangs a ducat that connects under /dev/null" {
	local netcat tried=0
	need linux
	for netcat in openbsd traditional ncat socat busybox toybox; do
		command -v "$(program_of "$netcat")" >/dev/null || continue
		[[ ${NAMESPACE[*]} ]] || begin "$netcat"
		NETCAT=$netcat
		half_closing
		both connect /dev/null "$BACK"
		status=0
		wait "${PID[d]}" || status=$?
		unset "PID[d]"
		leave_peer
		case $status in
		0 | 56)	;;
		*)	echo "$netcat: status $status"
			show d
			return 1 ;;
		esac
		got_prefix d "$BACK"
		tried=$(( tried + 1 ))
	done
	[[ $tried -gt 0 ]] || skip "no peers are installed"
}

### Peers that drop what they are sent

# lost ROLE STATUS...: the peer reads a little of 16 MiB and leaves.
lost()
{
	both "$1" "$THERE" "${3:-/dev/null}"
	finish d "${2:-55}"
	leave_peer
	got_prefix p "$THERE"
	says d.err '^ducat: send to .*not delivered'
}

@test "nc.openbsd -q 0 drops what ducat sends: 55" {
	begin openbsd
	FLAGS=(-q 0)
	lost connect
}

@test "nc.traditional -q 0 drops what ducat sends: 55" {
	begin traditional
	FLAGS=(-q 0)
	lost connect
	lost listen
}

@test "ncat --send-only drops what ducat sends: 55" {
	begin ncat
	FLAGS=(--send-only)
	lost connect
	lost listen
}

# The reader behind the peer leaves, and the peer with it.
reader_left()
{
	begin "$1"
	patient
	READER='head -c 1000'
	mkfifo silent
	exec 6<>silent
	lost connect 55 silent
	lost listen 55 silent
	exec 6>&-
}

@test "nc.traditional whose reader left drops the rest: 55" {
	reader_left traditional
}

@test "ncat whose reader left drops the rest: 55" {
	reader_left ncat
}

@test "socat whose reader left drops the rest: 55" {
	reader_left socat
}

@test "busybox nc whose reader left drops the rest: 55" {
	reader_left busybox
}

@test "toybox nc whose reader left drops the rest: 55" {
	reader_left toybox
}

# It neither reads on nor ends, or it resets, as it happens.
@test "nc.openbsd whose reader left is told: 28 or 55" {
	begin openbsd
	patient
	READER='head -c 1000'
	OPTIONS=(--idle-timeout 500ms)
	mkfifo silent
	exec 6<>silent
	local role
	for role in connect listen; do
		both "$role" "$THERE" silent
		status=0
		wait "${PID[d]}" || status=$?
		unset "PID[d]"
		leave_peer
		[[ $status -eq 28 || $status -eq 55 ]] || {
			echo "$role: status $status"
			show d
			return 1
		}
		says d.err '^ducat: .*(--idle-timeout|not delivered)'
	done
	exec 6>&-
}

### A peer that is killed

# Its reader is stuck, so that most of 16 MiB cannot have gone.
killed()
{
	local role
	begin "$1"
	patient
	for role in connect listen; do
		STUCK=stuck.$role
		mkfifo "$STUCK" "silent.$role"
		exec 5<>"$STUCK" 6<>"silent.$role"
		both "$role" "$THERE" "silent.$role"
		retry_until "$BOUND" read -r -t 0 -u 5
		kill -KILL "${PID[p]}"
		wait "${PID[p]}" 2>/dev/null || :
		unset "PID[p]"
		finish d 55
		says d.err '^ducat: send to .*not delivered'
	done
	exec 5>&- 6>&-
}

@test "nc.openbsd that is killed while it is stuck: 55" {
	killed openbsd
}

@test "nc.traditional that is killed while it is stuck: 55" {
	killed traditional
}

@test "ncat that is killed while it is stuck: 55" {
	killed ncat
}

@test "socat that is killed while it is stuck: 55" {
	killed socat
}

@test "busybox nc that is killed while it is stuck: 55" {
	killed busybox
}

@test "toybox nc that is killed while it is stuck: 55" {
	killed toybox
}
