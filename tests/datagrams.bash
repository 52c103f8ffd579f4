# What the files about datagrams share.  Load it after lib.
#
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2153,SC2154 # PORT, NAMESPACE and the like are lib's

# recv_ready NAME ARG...: start `ducat udp-recv ARG...`, wait until it is
# ready, set HOST and PORT.
recv_ready()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start "$name" "${WRAP[@]}" "$DUCAT" udp-recv --ready-fd 9 "$@"
	ready_read "$name"
}

# The same, and standard output is the caller's.
recv_ready_raw()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start_raw "$name" "${WRAP[@]}" "$DUCAT" udp-recv --ready-fd 9 "$@"
	ready_read "$name"
}

# send STATUS [OPTION]...: standard input, to the PORT of the receiver.
send()
{
	local want=$1
	shift
	try "$want" "$DUCAT" udp-send "$@" 127.0.0.1 "$PORT"
}

# sent [OPTION]...: that ends well, and says nothing.
sent()
{
	send 0 "$@"
	silent err
	empty out
}

# received NAME: it has ended well, and said nothing.
received()
{
	finish "$1"
	silent "$1"
}

# One datagram by a sender that is not ducat: bash's own.
shot()
{
	ns bash -c 'printf %s "$1" >"/dev/udp/$2/$3"' sh "$1" \
	    "${2:-127.0.0.1}" "${3:-$PORT}"
}

# Somebody of this test's namespace has that port.
udp_bound()
{
	local port
	port=$(printf %04X "$1")
	cat "/proc/${PID[namespace]}/net/udp" \
	    "/proc/${PID[namespace]}/net/udp6" 2>/dev/null |
	    grep -Eq "^ *[0-9]+: [0-9A-F]+:$port "
}

# netstring_of FILE
netstring_of()
{
	printf '%d:' "$(wc -c <"$1")"
	cat "$1"
	printf ','
}

# A pipe that we hold open takes no more.
is_full()
{
	python3 - "$1" <<-'END'
	import os, sys
	fd = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
	try:
	    os.write(fd, b"")
	    import select
	    sys.exit(1 if select.select([], [fd], [], 0)[1] else 0)
	except BlockingIOError:
	    sys.exit(0)
	END
}
