# What the benchmarks share; each sources it.  They set cost (the helper from
# cost.c), ducat and parent (where data lies) before, and command (an array)
# before each server; dir is theirs to fill.
# shellcheck disable=SC2034,SC2154	# as they set it, and use what is here

declare -A program			# an executable, by name
missing=()				# the names without one
caught=0				# a server's status, if not by SIGTERM
why=					# a measurement is void
errors=()				# the files to show then

die()
{
	echo "bench: $*" >&2
	exit 1
}

# Each NUMBER is one of 1 to DIGITS digits.
need_numbers()
{
	local digits=$1 number

	shift
	for number; do
		[[ $number =~ ^[1-9][0-9]*$ && ${#number} -le $digits ]] ||
			die "not a number: $number"
	done
}

need_room()
{
	local free

	free=$(df -kP "$parent" | awk 'NR == 2 { print $4 }')
	((free / 1000 > $1)) ||
		die "$parent has no room for $2 (see BENCH_MB)"
}

# Become the script once more, in a network namespace of its own, where that
# is permitted.  It takes the arguments of the script.
go_alone()
{
	[[ -z ${BENCH_ALONE-} ]] || return
	export BENCH_ALONE=no
	if "$cost" alone true; then
		BENCH_ALONE=yes exec "$cost" alone "$BASH" "$0" "$@"
	fi
}

cleanup()
{
	trap - EXIT
	trap '' INT TERM HUP
	# shellcheck disable=SC2046	# one word a process
	kill $(jobs -p) 2>/dev/null
	wait
	rm -rf "$dir"
}

make_directory()
{
	dir=$(mktemp -d "$parent/ducat-bench.XXXXXX") || exit 1
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# Where it runs, and what is to be said if that is the machine's own network.
network()
{
	[[ $BENCH_ALONE == yes ]] && echo "a network namespace of its own" ||
		echo "the machine's own network$1"
}

tell_congestion_control()
{
	echo "congestion control:" \
	    "$(</proc/sys/net/ipv4/tcp_congestion_control)," \
	    "in $(network ", where it may pace what is measured")"
}

# And what else there is to say.
tell_machine()
{
	echo "processors: $(nproc), Linux $(uname -r);" \
	    "load before: $(cut -d ' ' -f 1 /proc/loadavg)$1"
	((${#missing[@]} == 0)) || echo "not installed: ${missing[*]}"
}

# What serves as NAME's executable, if anything.
find_program()
{
	local directory

	case $1 in
	ducat)
		type -P "$ducat" ;;
	nc.openbsd)
		type -P nc.openbsd && return
		nc -h 2>&1 </dev/null | grep -q '^OpenBSD' && type -P nc ;;
	haproxy)
		PATH=$PATH:/usr/sbin:/sbin type -P haproxy ;;
	proxyd)
		type -P systemd-socket-activate >/dev/null || return 1
		for directory in /usr/lib/systemd /lib/systemd; do
			[[ -x $directory/systemd-socket-proxyd ]] || continue
			echo "$directory/systemd-socket-proxyd"
			return
		done
		return 1 ;;
	*)
		type -P "$1" ;;
	esac
}

# Of the names in the array called LIST keep those which have a program.
find_programs()
{
	local -n list=$1
	local name found=()

	for name in "${list[@]}"; do
		if program[$name]=$(find_program "$name"); then
			found+=("$name")
		else
			missing+=("${name/#proxyd/systemd-socket-proxyd}")
		fi
	done
	list=("${found[@]}")
	((${#list[@]} > 0)) || die "there is nothing to measure"
}

# Wait until something listens on PORT, or with "udp" receives there.  Nothing
# is sent to it.
wait_for_port()
{
	local pattern state=0A

	[[ $1 == tcp ]] || state=07
	printf -v pattern ':%04X [0-9A-F]+:0000 %s' "$2" "$state"
	wait_for_line "$pattern" "/proc/net/$1" "/proc/net/${1}6"
}

# Wait until something listens on the local socket PATH.
wait_for_path()
{
	wait_for_line "^[^ ]+ [^ ]+ [^ ]+ 00010000 .* $1\$" /proc/net/unix
}

# Wait until a line of one of the FILEs matches PATTERN.
wait_for_line()
{
	local i pattern=$1

	shift
	for ((i = 0; i < 1000; i++)); do
		grep -qE "$pattern" "$@" 2>/dev/null && return
		sleep 0.01
	done
	return 1
}

# The server, in the background; becomes the helper.
serve()
{
	[[ $1 != ducat ]] || exec 3>"$dir/ready"
	exec "$cost" serve "$2" "$dir/server" "${command[@]}" \
	    </dev/null 2>"$dir/server-errors"
}

# Start what command has, who is called NAME, for at most SECONDS, and wait
# for it on $port of PROTOCOL.  Sets server and, where it chose it, port.
start_server()
{
	rm -f "$dir/server" "$dir/ready"
	mkfifo "$dir/ready"
	serve "$1" "$3" &
	server=$!
	errors=("$dir/server-errors")
	why="the server is not ready"
	if [[ $1 == ducat ]]; then
		read -r -t 10 _ port <>"$dir/ready"
	else
		wait_for_port "$2" "$port"
	fi
}

# End the server once its children are gone.  Sets us, its and their CPU time.
stop_server()
{
	local i leader status

	leader=$(pgrep -P "$server")
	for ((i = 0; i < 200; i++)); do
		pgrep -P "${leader:-0}" >/dev/null || break
		sleep 0.01
	done
	end "$server"
	why="the server told no cost"
	read -r _ _ us status 2>/dev/null <"$dir/server" || return 1
	why="the server ended with status $status"
	((status == caught || status == 128 + 15))
}

# End children of ours.  Their statuses say nothing.
end()
{
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
}

quotient()
{
	awk "BEGIN { printf \"%.6g\", ($1) / ($2) }"
}

# What NAME did in the cell of that TITLE and in that ROUND does not count.
void()
{
	local file

	echo "bench: $1, $2, round $3: void: $why" >&2
	for file in "${errors[@]}"; do
		[[ ! -e $file ]] || head -n 2 "$file" >&2
	done
}

# For awk.
# shellcheck disable=SC2016	# awk's own
median='
function median(list, n,	i, j, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (j = i - 1; j > 0 && list[j] > v; j--)
			list[j + 1] = list[j]
		list[j + 1] = v
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}'

# For awk, where value[cell, name, round, n] are the figures, of which there
# are rounds, and contender[1] to contender[contenders] the names.
# shellcheck disable=SC2016	# awk's own
ratios=$median'
# The n-th figure, over the rounds in which both were measured; ref "": plain
# values.  "": there are none.
function figure(n, cell, name, ref,	r, count, list, divisor) {
	count = 0
	for (r = 1; r <= rounds; r++) {
		if (!((cell, name, r, n) in value))
			continue
		if (ref != "" && !((cell, ref, r, n) in value))
			continue
		divisor = ref == "" ? 1 : value[cell, ref, r, n]
		if (divisor != 0)
			list[++count] = value[cell, name, r, n] / divisor
	}
	return count ? median(list, count) : ""
}
# The best of the others.  sign -1: the highest.
function best(n, cell, sign,	i, v, least, name) {
	for (i = 1; i <= contenders; i++) {
		if (contender[i] ~ /^(ducat|direct)/)
			continue
		v = figure(n, cell, contender[i], "")
		if (v != "" && (name == "" || v * sign < least)) {
			least = v * sign
			name = contender[i]
		}
	}
	return name
}
function count(cell, name,	r, n) {
	for (r = 1; r <= rounds; r++)
		n += (cell, name, r, 1) in value
	return n + 0
}
function ratio(n, cell, name, ref,	v) {
	v = ref == "" ? "" : figure(n, cell, name, ref)
	return v == "" ? "-" : sprintf("%.2f", v)
}'
