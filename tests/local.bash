# What the files about local sockets share.  Load it after lib; it defines
# setup_file().
#
# shellcheck shell=bash
# shellcheck disable=SC2034 # NAME is for the tests

# A peer for local sockets, as tests/peer is one for TCP: what it does is
# said in Python.  It begins with a connection, unless that is to wait, or the
# peer is to become somebody else first.
setup_file()
{
	cat >"$BATS_FILE_TMPDIR/local.py" <<-'END'
	import os, socket, struct, sys, time
	role, path, script = sys.argv[1:4]
	backlog, kind = 16, socket.SOCK_STREAM
	for word in sys.argv[4:]:
	    if word.isdigit():
	        backlog = int(word)
	    else:
	        kind = {'stream': socket.SOCK_STREAM,
	            'seqpacket': socket.SOCK_SEQPACKET,
	            'dgram': socket.SOCK_DGRAM}[word]
	raw = os.fsencode(path)
	if raw.startswith(b'@'):
	    raw = b'\0' + raw[1:].decode('unicode_escape').encode('latin1')
	fresh = lambda: socket.socket(socket.AF_UNIX, kind)
	copy = None
	def again():
	    global s
	    if role == 'listen':
	        s = (listener if kind == socket.SOCK_DGRAM else
	            listener.accept()[0])
	    else:
	        s = fresh()
	        if kind == socket.SOCK_DGRAM:
	            s.bind('')
	        s.connect(raw)
	def keep(data):
	    if copy:
	        copy.write(data)
	        copy.flush()
	    return data
	def save(name):
	    global copy
	    copy = open(name, 'wb')
	def read(count):
	    data = b''
	    while len(data) < count:
	        part = s.recv(count - len(data))
	        assert part, 'an end after %d bytes of %d' % (len(data), count)
	        data += keep(part)
	    return data
	def until(text):
	    data = b''
	    while not data.endswith(text.encode()):
	        data += read(1)
	def read_all():
	    while keep(s.recv(65536)):
	        pass
	def ends():
	    try:
	        read_all()
	    except ConnectionResetError:
	        pass
	def eof():
	    data = s.recv(1)
	    assert data == b'', data
	def refused(what='x'):
	    try:
	        text(what)
	        eof()
	    except (BrokenPipeError, ConnectionResetError):
	        pass
	def silence(ms):
	    s.settimeout(ms / 1000)
	    try:
	        data = s.recv(1)
	        assert False, data
	    except TimeoutError:
	        s.settimeout(None)
	def text(what):
	    s.sendall(what.encode())
	def file(name):
	    s.sendall(open(name, 'rb').read())
	def fails():
	    try:
	        while True:
	            s.sendall(bytes(65536))
	    except (BrokenPipeError, ConnectionResetError):
	        pass
	def shut():
	    s.shutdown(socket.SHUT_WR)
	def close():
	    s.close()
	def wait(name):
	    while not os.path.exists(name):
	        time.sleep(0.01)
	def touch(name):
	    open(name, 'w').close()
	def become(uid, gid, *groups):
	    os.setgroups(groups)
	    os.setgid(gid)
	    os.setuid(uid)
	if role == 'listen':
	    listener = fresh()
	    listener.bind(raw)
	    if kind != socket.SOCK_DGRAM:
	        listener.listen(backlog)
	    print('ready', flush=True)
	if not script.startswith(('wait(', 'become(')):
	    again()
	exec(script.replace('\n', ' '))
	END
}

# local_listen NAME PATH SCRIPT [BACKLOG] [TYPE]
# local_connect NAME PATH SCRIPT [TYPE]: stream, seqpacket or dgram.
local_listen()
{
	local name=$1
	shift
	need python3
	start "$name" python3 -IS "$BATS_FILE_TMPDIR/local.py" listen "$@"
	retry_until "$BOUND" test -s "$name.out" || {
		show "$name"
		return 1
	}
}

local_connect()
{
	local name=$1
	shift
	need python3
	start "$name" python3 -IS "$BATS_FILE_TMPDIR/local.py" connect "$@"
}

# client NAME PATH SCRIPT: one that ends well.
client()
{
	local_connect "$@"
	finish "$1"
	silent "$1"
}

# unix_ready NAME ARG...: start `ducat unix --listen ARG...` and wait until it
# is ready; READY is all that it said then.
unix_ready()
{
	local name=$1 KEEP=("${KEEP[@]}" -k 9)
	shift
	ready_prepare "$name"
	start "$name" "${WRAP[@]}" "$DUCAT" unix --listen --ready-fd 9 "$@"
	ready_all "$name"
}

ready_all()
{
	local code=0
	exec 9>&-
	IFS= read -r -d '' -t "$BOUND" -u 7 READY || code=$?
	exec 7<&-
	# 1: its end came; above 128: it is still open.
	[[ $code -eq 1 && -n $READY ]] || {
		echo "$1: not ready ($code)"
		show "$1"
		return 1
	}
}

# Somebody listens at that socket, by its whole path or @NAME; or gets its
# datagrams.
listens()
{
	grep -aE ' (00010000 000[15]|00000000 0002) 01 ' /proc/net/unix |
	    grep -qaE -- " $1\$"
}

# others_listen NAME PATH COMMAND...: a program that is not ducat, there.
others_listen()
{
	local name=$1 path=$2
	shift 2
	need linux
	start "$name" "$@"
	retry_until "$BOUND" listens "$path" || {
		show "$name"
		return 1
	}
}

# A name for the abstract namespace, which all tests share.
abstract()
{
	NAME=ducat-unix-$$-$BATS_TEST_NUMBER
}

as_nobody()
{
	need root setpriv
	chmod 755 . "$BATS_TEST_TMPDIR"
	NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	"${NOBODY[@]}" test -x "$DUCAT" || skip "nobody may run $DUCAT"
	"${NOBODY[@]}" test -x . || skip "nobody may come here"
}

descriptors()
{
	local all=("/proc/${PID[$1]}/fd/"*)
	echo "${#all[@]}"
}

sockets_are()
{
	[[ $(readlink "/proc/${PID[$1]}/fd/"* | grep -c '^socket:') -eq $2 ]]
}

# stale NAME: a socket that nobody answers.
stale()
{
	need python3
	python3 -IS -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
}

# serves [PATH]: whoever listens there.
serves()
{
	client served "${1:-sock}" 'text("x"); shut(); eof()'
}

### Records: TYPE is theirs, and VERBS what peers say in Python, for scripts

# server NAME SCRIPT [BACKLOG]: at the socket sock, or PLACE.
server()
{
	local_listen "$1" "${PLACE:-sock}" "$VERBS $2" "$TYPE" ${3:+"$3"}
}

# talker NAME SCRIPT: with no name of its own; it ends well.
talker()
{
	client "$1" "${PLACE:-sock}" "$VERBS $2" "$TYPE"
}

# dial STATUS [OPTION]...: standard input, to there.
dial()
{
	local want=$1
	shift
	try "$want" "$DUCAT" unix --type "$TYPE" "$@" "${PLACE:-sock}"
}

# listener NAME [OPTION]... [-- COMMAND]: a ducat that is ready there.
listener()
{
	local name=$1
	shift
	unix_ready "$name" --type "$TYPE" "${PLACE:-sock}" "$@"
}

# peer_is_done NAME: it ended well, and said nothing.
peer_is_done()
{
	finish "$1"
	silent "$1"
}

# What a record has room for, by default; a mebibyte is the most.
longest()
{
	need linux
	LONGEST=$(( $(</proc/sys/net/core/wmem_default) - 32 ))
	(( LONGEST < 1000000 )) || skip "the system's buffers are larger"
}
