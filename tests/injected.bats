# Calls that fail, by strace's injection: status 0 never goes with missing
# bytes, and nothing hangs.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

# injected ROLE FAULT INPUT [OPTION]...: one session of 200,000 bytes each way
# under strace's fault, with a file or a pipe as standard input.  Whatever
# comes of it, it ends; 0 goes with all of the bytes, anything else is told.
# SAYS is what may be said of a fault that was survived.
injected()
{
	local role=$1 fault=$2 input=$3 run code=0 fifo
	shift 3
	RUN=$(( ${RUN:-0} + 1 )) run=r$RUN
	WRAP=(strace -f -qq -e trace="${fault%%:*}" -e inject="$fault"
	    -o "$run.trace" "$PEER" exec -t 30)
	[[ -e sent ]] || payload sent 200000 1
	if [[ $input == pipe ]]; then
		exec 5< <(cat sent)
	else
		exec 5<sent
	fi
	if [[ $role == connect ]]; then
		peer_listen "p$run" "$SCRIPT"
		start "$run" "${WRAP[@]}" "$DUCAT" connect "$@" \
		    127.0.0.1 "$PORT" <&5
	else
		rm -f addr
		start "$run" "${WRAP[@]}" "$DUCAT" listen "$@" \
		    --addr-file addr 127.0.0.1 0 <&5
		retry_until "$BOUND" eval '[[ -s addr ]] || ! alive $run'
		# A run that failed takes the file away again.
		if { read -r HOST PORT <addr; } 2>/dev/null; then
			peer_connect "p$run" "$SCRIPT"
		fi
	fi
	exec 5<&-
	wait "${PID[$run]}" || code=$?
	unset "PID[$run]"
	fault="$role $fault $input $*"
	if [[ -n ${PID[p$run]:-} ]]; then
		# After a success it is to have taken all; else it may wait.
		[[ $code -eq 0 ]] || kill "${PID[p$run]}" 2>/dev/null || :
		wait "${PID[p$run]}" 2>/dev/null || :
		unset "PID[p$run]"
	fi
	grep -q INJECTED "$run.trace" && HIT=$(( ${HIT:-0} + 1 ))
	case $code in
	0)	if ! same sent "$run.out" || ! same sent got; then
			echo "$fault: 0 with missing bytes"
			return 1
		fi
		if grep -Ev "${SAYS:-^$}" "$run.err"; then
			echo "$fault: 0, and not silent"
			return 1
		fi ;;
	1 | 2 | 6 | 7 | 23 | 26 | 45 | 55 | 56)
		[[ -s $run.err ]] || {
			echo "$fault: status $code, and nothing was said"
			return 1
		} ;;
	*)
		echo "$fault: status $code"
		tail -n 5 "$run.trace"
		show_file "$run.err"
		return 1 ;;
	esac
	CODE=$code
	rm -f got "$run".* "p$run".*
}

# The peer gives all, ends, and takes what comes: it waits for nothing.
SCRIPT='write 200000; shut; save got; read-all'

# sweep ROLE INPUT CALLS ERRORS WHEN...
sweep()
{
	need linux ptrace
	local role=$1 input=$2 calls=$3 errors=$4 call error when
	shift 4
	for call in $calls; do
		for error in $errors; do
			for when; do
				injected "$role" "$call:error=$error:when=$when" \
				    "$input"
			done
		done
	done
	# A sweep that never hits anything proves nothing.
	[[ ${HIT:-0} -gt 0 ]]
}

### Sweeps of calls and errors

@test "connect: failing socket calls are never a false 0" {
	sweep connect file 'socket connect setsockopt getsockopt getsockname' \
	    'ENOBUFS EINVAL' 1 2
}

@test "listen: failing socket calls are never a false 0" {
	sweep listen file 'socket bind listen setsockopt getsockname' \
	    'ENOBUFS EINVAL' 1 2
}

@test "connect: failing moves of a file are never a false 0" {
	sweep connect file splice 'EIO ECONNRESET ENOMEM' 1 2 3 4
}

@test "connect: failing moves of a pipe are never a false 0" {
	sweep connect pipe splice 'EIO ECONNRESET ENOMEM EPIPE' 1 2 3
}

@test "listen: failing moves are never a false 0" {
	sweep listen file splice 'EIO ECONNRESET' 1 2 3
	sweep listen pipe splice 'EIO EPIPE' 1 3
}

@test "failing receives and sends are never a false 0" {
	need linux ptrace
	local role call error
	for role in connect listen; do
		for call in recvfrom sendto; do
			for error in EIO ECONNRESET ENOMEM; do
				injected "$role" "$call:error=$error:when=1" \
				    pipe --no-zero-copy
				injected "$role" "$call:error=$error:when=3" \
				    file --no-zero-copy
			done
		done
	done
	[[ $HIT -gt 0 ]]
}

@test "failing writes of output are never a false 0" {
	need linux ptrace
	unwatched "writes of events would fail"
	local error when
	for error in EIO ENOSPC EDQUOT EFBIG; do
		for when in 1 2 4; do
			injected connect "write:error=$error:when=$when" \
			    file --no-zero-copy
			[[ $CODE -eq 0 || $CODE -eq 23 ]]
		done
	done
	[[ $HIT -gt 0 ]]
}

@test "failing ends (shutdown, close, ioctl) are never a false 0" {
	sweep connect file 'shutdown ioctl' 'EIO ENOTCONN' 1 2
	sweep listen file 'shutdown ioctl' 'EIO ENOTCONN' 1 2
}

@test "failing to wait is never a false 0" {
	sweep connect pipe '?epoll_create1 ?epoll_ctl ?epoll_wait ?poll' \
	    'ENOMEM EINVAL' 1 2 4
	sweep listen pipe '?epoll_create1 ?epoll_ctl ?epoll_wait ?poll' \
	    'ENOMEM' 1 2 4
}

@test "failing to get descriptors is never a false 0" {
	sweep connect pipe 'pipe2 fcntl' 'EMFILE ENFILE EPERM' 1 2 3
	sweep listen file 'pipe2 fcntl' 'EMFILE' 1 2 3
}

@test "a close of standard output that fails is 23" {
	need linux ptrace
	# Only the write-back at close tells of it (NFS, quotas).
	payload want 1000
	local n code=0 seen=0
	for n in 1 2 3 4 5 6 7 8 9 10; do
		peer_listen "p$n" 'write 1000; shut; read-all'
		start "d$n" strace -f -qq -P "$PWD/d$n.out" -e trace=close \
		    -e inject=close:error=EIO -o "trace$n" \
		    "$PEER" exec -c 9 "$DUCAT" connect 127.0.0.1 "$PORT" \
		    </dev/null
		code=0
		wait "${PID[d$n]}" || code=$?
		unset "PID[d$n]"
		if grep -q INJECTED "trace$n"; then
			seen=1
			equal "$code" 23
			says "d$n.err" 'standard output.*Input/output error'
			break
		fi
	done
	[[ $seen -eq 1 ]]
}

### What must be survived

# survives ROLE FAULT INPUT [OPTION]...: status 0, silently.
survives()
{
	injected "$@"
	[[ $CODE -eq 0 ]] || {
		echo "$*: status $CODE"
		return 1
	}
}

@test "EINTR is survived wherever it comes" {
	need linux ptrace
	local call
	for call in splice '?epoll_wait' '?poll' accept4; do
		survives listen "$call:error=EINTR:when=1+3" file
		survives listen "$call:error=EINTR:when=2+3" pipe
	done
	for call in splice '?epoll_wait' '?poll'; do
		survives connect "$call:error=EINTR:when=1+3" pipe
	done
	for call in recvfrom sendto; do
		survives connect "$call:error=EINTR:when=1+2" pipe \
		    --no-zero-copy
		survives listen "$call:error=EINTR:when=1+2" file \
		    --no-zero-copy
	done
	[[ $HIT -gt 0 ]]
}

@test "EAGAIN is survived wherever it comes" {
	need linux ptrace
	local call
	survives connect splice:error=EAGAIN:when=1+3 file
	survives connect splice:error=EAGAIN:when=2+3 file
	survives listen splice:error=EAGAIN:when=2+3 pipe
	for call in recvfrom sendto; do
		survives connect "$call:error=EAGAIN:when=1+2" pipe \
		    --no-zero-copy
	done
	survives listen accept4:error=EAGAIN:when=1 file
	[[ $HIT -gt 0 ]]
}

@test "a connect that EINTR interrupts goes on, or is told" {
	need linux ptrace
	injected connect connect:error=EINTR:when=1 file
	[[ $HIT -gt 0 ]]
}

@test "accept errors of the moment do not end listening" {
	need linux ptrace
	local error SAYS='^ducat: accept: '
	for error in EMFILE ENFILE ENOBUFS ENOMEM ECONNABORTED EINTR EPROTO \
	    EPERM ENETDOWN EHOSTUNREACH ETIMEDOUT; do
		injected listen "accept4:error=$error:when=1" file
		echo "$error: $CODE"
		equal "$CODE" 0
	done
	[[ $HIT -gt 0 ]]
}

@test "accept errors do not end listen -k either" {
	need linux ptrace
	local error
	for error in EMFILE ECONNABORTED ENOBUFS; do
		rm -f d.addr
		WRAP=(strace -f -qq -e trace=accept4 -o trace
		    -e inject="accept4:error=$error:when=1+2" "$PEER" exec)
		listen_addr d -k 127.0.0.1 0 </dev/null
		peer_connect a 'write-text a; shut; expect-eof'
		finish a
		peer_connect b 'write-text b; shut; expect-eof'
		finish b
		retry_until "$BOUND" size_is d.out 2
		contains d.out ab
		has trace INJECTED
		kill -KILL "$(child_of "${PID[d]}")"
		finish d 137
	done
}

@test "behind a send that failed nothing is waited for" {
	need linux ptrace
	SCRIPT='save got; read 200000; write 200000; shut; read-all'
	# The first looks for input, the second reads the file.
	injected connect splice:error=ECONNRESET:when=3 file
	[[ $CODE -eq 55 ]]
	injected connect sendto:error=EIO:when=1 file --no-zero-copy
	[[ $CODE -eq 55 ]]
	[[ $HIT -eq 2 ]]
}

@test "a file that the kernel cannot read is an error of the input" {
	need linux ptrace
	SCRIPT='save got; read 200000; write 200000; shut; read-all'
	injected connect splice:error=ESTALE:when=2 file
	[[ $CODE -eq 26 ]]
	[[ $HIT -eq 1 ]]
}

@test "1: a want of memory is the fault of neither end" {
	need linux ptrace
	SCRIPT='save got; read 200000; write 200000; shut; read-all'
	injected connect recvfrom:error=ENOMEM:when=2 file --no-zero-copy
	[[ $CODE -eq 1 ]]
	injected listen recvfrom:error=ENOMEM:when=2 pipe --no-zero-copy
	[[ $CODE -eq 1 ]]
	[[ $HIT -eq 2 ]]
}

@test "--background says why it could not go there" {
	need linux ptrace
	local call
	for call in pipe2:error=EMFILE:when=1 clone,fork:error=EAGAIN; do
		try 1 strace -qq -e trace="${call%%:*}" -e inject="$call" \
		    -o trace "$DUCAT" listen --background 127.0.0.1 0
		says err --background
	done
}

# Looking at a connection may be what is told of its end.
@test "56: a reset between a splice(2) and what is asked behind it" {
	need linux ptrace
	peer_listen p 'wait-file come; reset'
	start d strace -qq -o trace -e trace=splice \
	    -e inject=splice:delay_exit=500000:when=1 \
	    "$DUCAT" connect --recv-only 127.0.0.1 "$PORT" </dev/null
	retry_until "$BOUND" grep -qs splice trace
	: >come
	finish p
	finish d 56
	says d.err 'receive from .*Connection reset by peer'
}
