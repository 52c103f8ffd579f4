# Zero copy: that it is used where it fits, gives way where it does not, and
# that the bytes are the same either way.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # every test is a subshell

load lib

SIZE=3000000
CALLS=splice,sendfile,read,write,recvfrom,sendto,recvmsg,sendmsg,readv,writev

# traced: the ducat of this test runs under strace, which writes the file
# trace; sanitizers and strace do not go together.
traced()
{
	need linux ptrace
	WRAP=(strace -f -qq -e trace="$CALLS" -e signal=none -o trace
	    "$PEER" exec)
}

# moved CALL: at least so many bytes went by this call, by its results.
moved()
{
	awk -v call="$1" '
	    index($0, call "(") && $NF ~ /^[0-9]+$/ { sum += $NF }
	    END { print sum + 0 }' trace
}

moved_all()
{
	local call=$1 sum
	sum=$(moved "$call")
	(( sum >= SIZE )) && return 0
	echo "$call moved $sum of $SIZE bytes"
	head -n 40 trace
	return 1
}

none_of()
{
	local call
	for call; do
		[[ $(moved "$call") -eq 0 ]] || {
			echo "$call moved $(moved "$call") bytes"
			grep "$call(" trace | head -n 10
			return 1
		}
	done
}

@test "from a file to a socket: splice, by way of a pipe" {
	traced
	unwatched "its writes are counted"
	payload sent "$SIZE"
	peer_listen p 'save got; read-all'
	try 0 "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	silent err
	finish p
	silent p
	same sent got
	moved_all splice
	none_of sendfile sendto write
}

@test "from a pipe to a socket: splice" {
	traced
	payload sent "$SIZE"
	peer_listen p 'save got; read-all'
	# shellcheck disable=SC2002
	cat sent | try 0 "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT"
	silent err
	finish p
	silent p
	same sent got
	moved_all splice
	none_of sendfile
}

@test "from a socket to a pipe: splice" {
	traced
	payload want "$SIZE"
	peer_listen p "write $SIZE; shut; read-all"
	"$PEER" exec "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null 2>err | cat >got
	silent err
	finish p
	same want got
	moved_all splice
}

@test "from a socket to a file: splice, by way of a pipe" {
	traced
	payload want "$SIZE"
	peer_listen p "write $SIZE; shut; read-all"
	try 0 "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	same want out
	moved_all splice
}

@test "listen splices as connect does" {
	traced
	payload back "$SIZE"
	listen_addr d 127.0.0.1 0 <back
	peer_connect p "write $SIZE; save got; read-all"
	finish p
	silent p
	finish d
	silent d
	same back got
	payload want "$SIZE"
	same want d.out
	moved_all splice
	none_of sendfile sendto
}

@test "from a socket to /dev/null nothing is copied" {
	traced
	unwatched "its writes are counted"
	peer_listen p "write $SIZE; shut; read-all"
	start_raw d "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null >/dev/null
	finish d
	silent d
	finish p
	silent p
	none_of write
	# What is dropped where it lies (no buffer) is not copied.
	sed -i '/recvfrom(.*, NULL, .*MSG_TRUNC/d' trace
	[[ $(moved recvfrom) -lt $SIZE && $(moved read) -lt $SIZE ]]
}

@test "--no-zero-copy uses neither splice nor sendfile" {
	traced
	payload there "$SIZE" 2
	payload back "$SIZE"
	peer_listen p "save got; write $SIZE; shut; read-all"
	try 0 "${WRAP[@]}" "$DUCAT" connect --no-zero-copy 127.0.0.1 \
	    "$PORT" <there
	silent err
	finish p
	silent p
	same there got
	same back out
	if grep -E '(splice|sendfile)\(' trace; then
		return 1
	fi
}

@test "listen --no-zero-copy uses neither splice nor sendfile" {
	traced
	payload back "$SIZE" 2
	payload want "$SIZE"
	listen_addr d --no-zero-copy 127.0.0.1 0 < <(cat back)
	peer_connect p "write $SIZE; save got; shut; read-all"
	finish p
	silent p
	finish d
	silent d
	same back got
	same want d.out
	if grep -E '(splice|sendfile)\(' trace; then
		return 1
	fi
}

@test "output opened for appending falls back to copying" {
	traced
	payload want "$SIZE"
	printf 'head ' >log
	peer_listen p "write $SIZE; shut; read-all"
	start_raw d "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" \
	    </dev/null >>log
	finish d
	silent d
	finish p
	{ printf 'head '; cat want; } | cmp - log
	moved_all write
}

@test "output at a terminal falls back to copying" {
	payload raw 20000
	od -An -tx1 -v raw >text
	peer_listen p 'write-file text; write-text end\n'
	try 0 "$PEER" pty 'save shown; read-all' \
	    "$DUCAT" connect 127.0.0.1 "$PORT"
	finish p
	silent p
	{ cat text; echo end; } >want
	tr -d '\r' <shown >got
	same want got
}

@test "a terminal as input falls back to copying" {
	peer_listen p 'save got; read-all'
	try 0 "$PEER" pty 'write-text one\n; write-text two\n\x04;
	    read-all' "$DUCAT" connect 127.0.0.1 "$PORT"
	finish p
	silent p
	contains got $'one\ntwo\n'
}

@test "devices as input fall back to copying" {
	need linux
	peer_listen p 'save got; read 500000; wait-file go'
	try 63 "$DUCAT" connect --max-send 500000 127.0.0.1 "$PORT" \
	    </dev/urandom
	: >go
	finish p
	silent p
	size_is got 500000
}

@test "files of /proc as input fall back to copying" {
	need linux
	cat /proc/filesystems >want
	peer_listen p 'save got; read-all'
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </proc/filesystems
	silent err
	finish p
	silent p
	same want got
}

# gives_way CALL ERRNO: the kernel does not know the call, and the bytes come
# across all the same.
gives_way()
{
	need linux ptrace
	payload there "$SIZE" 2
	payload back "$SIZE"
	WRAP=(strace -f -qq -e trace="$1" -e inject="$1:error=$2" -o trace
	    "$PEER" exec)
	peer_listen p "save got; read $SIZE; write $SIZE; shut; read-all"
	case $3 in
	file)	try 0 "${WRAP[@]}" "$DUCAT" connect 127.0.0.1 "$PORT" <there
		cat out >got.back ;;
	pipe)	# shellcheck disable=SC2002
		cat there | "$PEER" exec "${WRAP[@]}" "$DUCAT" connect \
		    127.0.0.1 "$PORT" 2>err | cat >got.back ;;
	esac
	silent err
	finish p
	silent p
	same there got
	same back got.back
	has trace 'INJECTED'
}

@test "splice that is unknown (ENOSYS) gives way with files" {
	gives_way splice ENOSYS file
}

@test "splice that does not fit (EINVAL) gives way with files" {
	gives_way splice EINVAL file
}

@test "splice that is unknown (ENOSYS) gives way with pipes" {
	gives_way splice ENOSYS pipe
}

@test "splice that does not fit (EINVAL) gives way with pipes" {
	gives_way splice EINVAL pipe
}

@test "without spare pipes files are written all the same" {
	need linux ptrace
	payload want "$SIZE"
	peer_listen p "write $SIZE; shut; read-all"
	try 0 strace -f -qq -e trace=pipe2 \
	    -e inject=pipe2:error=EMFILE:when=2+ -o trace \
	    "$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	silent err
	finish p
	same want out
}

@test "sockets at both ends carry all, with small messages and large" {
	payload back "$SIZE"
	payload there "$SIZE"
	cat >small <<<'a small one'
	peer_listen p "save got; read-until small one\n; write-text so\n;
	    read $SIZE; write $SIZE; write-text end\n; read-all"
	local far=$PORT
	start s "$PEER" serve 127.0.0.1 "$DUCAT" connect 127.0.0.1 "$far"
	retry_until "$BOUND" test -s s.out
	read -r PORT <s.out
	peer_connect c "write-text a small one\n; read-until so\n;
	    write $SIZE; save got.back; read $SIZE; read-until end\n; shut;
	    read-all"
	finish c
	silent c
	finish s
	silent s
	finish p
	silent p
	{ cat small there; } | cmp - got
	{ cat back; echo end; } | cmp - got.back
}

@test "small pipes and small buffers carry all" {
	payload there "$SIZE"
	payload back "$SIZE"
	peer_listen p "rcvbuf 4608; sndbuf 4608; save got; read $SIZE;
	    write $SIZE; shut; read-all"
	"$PEER" exec "$DUCAT" connect 127.0.0.1 "$PORT" \
	    < <(cat there) 2>err | cat >got.back
	silent err
	finish p
	silent p
	same there got
	same back got.back
}

@test "a file that grows while it is sent is sent to its end" {
	payload sent 30000000
	peer_listen p "rcvbuf 4608; read 1000; touch begun; wait-file go;
	    save got; read-all"
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" test -e begun
	echo tail >>sent
	: >go
	finish d
	silent d
	finish p
	silent p
	tail -c +1001 sent | cmp - got
}

@test "a file that shrinks while it is sent hangs nobody" {
	payload sent 30000000
	peer_listen p 'rcvbuf 4608; read 1000; touch begun; wait-file go;
	    read-all; count'
	start d "$DUCAT" connect 127.0.0.1 "$PORT" <sent
	retry_until "$BOUND" test -e begun
	truncate -s 20000000 sent
	: >go
	finish d
	silent d
	finish p
	silent p
}

@test "--max-send and zero copy count alike" {
	local option size
	for option in --quiet --no-zero-copy; do
		payload sent 1000001
		head -c 1000000 sent >want
		rm -f go
		peer_listen "p$option" 'save got; read 1000000; wait-file go'
		try 63 "$DUCAT" connect "$option" --max-send 1M 127.0.0.1 \
		    "$PORT" <sent
		: >go
		finish "p$option"
		same want got
	done
}
