# Who is at the other end of a local socket: what -v and the environment of
# commands tell of them, and whom --allow-uid and --allow-gid let in or trust.

# shellcheck disable=SC2016,SC2034,SC2153,SC2154
# shellcheck disable=SC2030,SC2031 # every test is a subshell

load lib
load local

STRANGER=4000000001	# a user, and a group, that nobody is
COME='text("x"); shut(); read(1); eof()'	# to a ducat with `cat`

# Programs of others may come here, and make files.
others()
{
	as_nobody
	chmod 777 .
}

# as UID GID [GROUP,...]: AS is what runs a command as that one, here.
as()
{
	others
	AS=(setpriv --reuid "$1" --regid "$2" --clear-groups)
	[[ $# -lt 3 ]] || AS=(setpriv --reuid "$1" --regid "$2" --groups "$3")
}

# told FILE LINE TEXT: that line is the text, behind "ducat: ".
told()
{
	retry_until "$BOUND" has_lines "$1" "$2"
	equal "$(sed -n "$2p" "$1")" "ducat: $3"
}

has_lines()
{
	[[ -e $1 && $(wc -l <"$1") -ge $2 ]]
}

# we: as -v and the environment show whoever runs the tests.
we()
{
	echo "uid $EUID, gid $(id -g)"
}

### A listener tells of its clients

# comes PATH COMMAND...: a client, which ends.
comes()
{
	local path=$1 pid
	shift
	need linux
	unix_ready d -v --allow-uid "$EUID" "$path" </dev/null
	start c "$@" </dev/null
	pid=${PID[c]}
	finish c
	silent c
	finish d
	told d.err 2 "connection on $path, pid $pid, $(we)"
	lines_are d.err 3
	empty d.out
}

@test "-v tells of a client that is ducat" {
	comes sock "$DUCAT" unix sock
}

@test "-v tells of a client that is socat" {
	need socat
	comes sock socat -t 30 - UNIX-CONNECT:sock
}

@test "-v tells of a client that is nc -U" {
	need nc.openbsd
	comes sock nc.openbsd -NU sock
}

@test "-v tells of a client that is ncat -U" {
	need ncat
	comes sock ncat -U sock
}

@test "-v tells of a client by an abstract name" {
	need socat
	abstract
	comes "@$NAME" socat -t 30 - "ABSTRACT-CONNECT:$NAME"
}

@test "-v tells of each client whose it is" {
	need linux
	local who pids=() n=0
	others
	unix_ready d -k -v --mode 666 sock -- cat </dev/null
	for who in '0 0' '1234 0' '0 5678' '65534 65534' \
	    '4294967294 4294967294'; do
		local_connect c sock "become(${who/ /, }); again(); $COME"
		pids+=("${PID[c]}")
		finish c
		silent c
	done
	retry_until "$BOUND" lines_are d.err 11
	grep ' connection on ' d.err >got
	for who in '0 0' '1234 0' '0 5678' '65534 65534' \
	    '4294967294 4294967294'; do
		echo "ducat: connection on sock, pid ${pids[n]}," \
		    "uid ${who% *}, gid ${who#* }"
		n=$(( n + 1 ))
	done >want
	same want got
	end_of d
}

@test "without -v nobody is told of" {
	unix_ready d -k --allow-uid "$EUID" sock -- cat </dev/null
	client in sock "$COME"
	silent d
	end_of d
	unix_ready d -k --allow-uid "$STRANGER" sock -- cat </dev/null
	client out sock 'refused()'
	silent d
	end_of d
}

# Of a process with another one for files, or with a way back to root's.
@test "it is the effective user and group that count" {
	need root linux
	local pid
	others
	unix_ready d -v --mode 666 --allow-uid 1234 sock -- cat </dev/null
	local_connect c sock "wait('.'); os.setresgid(1, 5678, 2);
	    os.setresuid(1, 1234, 2); again(); $COME"
	pid=${PID[c]}
	finish c
	silent c
	finish d
	told d.err 2 "connection on sock, pid $pid, uid 1234, gid 5678"
}

@test "who a client is was settled when it connected" {
	need linux
	local pid allowed
	as 65534 65534
	for allowed in 0 65534; do
		unix_ready d -v -k --mode 666 --allow-uid "$allowed" sock \
		    -- cat </dev/null
		# Nobody is accepted before it is somebody else.
		hold
		local_connect c sock "wait('.'); again();
		    become(65534, 65534); touch('stands');
		    $([[ $allowed -eq 0 ]] && echo "$COME" ||
			echo 'refused()')"
		pid=${PID[c]}
		go_on
		finish c
		silent c
		if [[ $allowed -eq 0 ]]; then
			told d.err 2 "connection on sock, pid $pid, $(we)"
		else
			told d.err 2 "denied a connection on sock, pid $pid, \
$(we)"
		fi
		end_of d
	done
}

@test "a connection that was passed on is of whoever made it" {
	need linux
	local pid
	as 65534 65534
	unix_ready d -v --mode 666 --allow-uid 0 sock </dev/null
	hold
	# The child goes on with it, as somebody else, when we are gone.
	local_connect c sock 'os.fork() and os._exit(0); s.settimeout(30);
	    become(65534, 65534); touch("stands"); text("x"); shut(); eof()'
	pid=${PID[c]}
	finish c
	go_on
	finish d
	silent c
	contains d.out x
	told d.err 2 "connection on sock, pid $pid, $(we)"
}

@test "a client with root's rights in a user namespace only is not root" {
	need linux unshare socat
	local pid
	as 1234 5678
	works userns "${AS[@]}" unshare -r true ||
	    skip "no user namespaces here"
	unix_ready d -v -k --mode 666 --allow-uid 0 --allow-gid 0 sock \
	    </dev/null
	echo x >input
	start c "${AS[@]}" unshare -r socat - UNIX-CONNECT:sock <input
	pid=${PID[c]}
	# It may find out while it writes.
	wait "$pid" || :
	unset "PID[c]"
	told d.err 2 \
	    "denied a connection on sock, pid $pid, uid 1234, gid 5678"
	empty d.out
	end_of d
}

### A client tells of its server

# answers PATH COMMAND...: a server, which ends.
answers()
{
	local path=$1 at=$1
	shift
	[[ $path == @* ]] || at=$PWD/$path
	others_listen t "$at" "$@" </dev/null
	try 0 "$DUCAT" unix -v --allow-uid "$EUID" "$path" </dev/null
	told err 1 "connected to $path, pid ${PID[t]}, $(we)"
	lines_are err 2
	empty out
	finish t
	silent t
}

@test "-v tells of a server that is ducat" {
	need linux
	unix_ready d sock </dev/null
	try 0 "$DUCAT" unix -v --allow-uid "$EUID" sock </dev/null
	told err 1 "connected to sock, pid ${PID[d]}, $(we)"
	lines_are err 2
	finish d
	silent d
}

@test "-v tells of a server that is socat" {
	need socat
	answers sock socat -t 30 - "UNIX-LISTEN:$PWD/sock"
}

@test "-v tells of a server that is nc -lU" {
	need nc.openbsd
	answers sock nc.openbsd -NlU "$PWD/sock"
}

@test "-v tells of a server that is ncat -lU" {
	need ncat
	answers sock ncat -lU "$PWD/sock"
}

@test "-v tells of a server by an abstract name" {
	need socat
	abstract
	answers "@$NAME" socat -t 30 - "ABSTRACT-LISTEN:$NAME"
}

@test "-v tells of a server of another user" {
	need linux socat
	abstract
	as 1234 5678
	others_listen t "$NAME" "${AS[@]}" socat -t 30 - \
	    "UNIX-LISTEN:$NAME" </dev/null
	try 0 "$DUCAT" unix -v --allow-uid 1234 "$NAME" </dev/null
	told err 1 "connected to $NAME, pid ${PID[t]}, uid 1234, gid 5678"
	finish t
	silent t
}

@test "who a server is was settled when it began to listen" {
	need linux
	others
	local_listen t sock 'become(65534, 65534); again(); eof(); close();
	    again(); eof()'
	try 0 "$DUCAT" unix -v --allow-uid 0 sock </dev/null
	told err 1 "connected to sock, pid ${PID[t]}, uid 0, gid 0"
	try 9 "$DUCAT" unix --allow-uid 65534 sock </dev/null
	says err 'of uid 0, gid 0'
	finish t
	silent t
	unix_ready d -k --user nobody sock </dev/null
	try 0 "$DUCAT" unix -v --allow-uid 0 sock </dev/null
	told err 1 "connected to sock, pid ${PID[d]}, uid 0, gid 0"
	end_of d
}

### Other PID namespaces

# From where ducat's is, the other one is not to be seen.
@test "a client whose process cannot be known has none" {
	need root linux pidns
	export IPCREMOTEPID=OUTER
	start d unshare -p -f --mount-proc --kill-child "$DUCAT" unix --listen \
	    --addr-file addr -v --allow-uid 0 sock \
	    --sh 'env | grep "^IPC" | sort' </dev/null
	retry_until "$BOUND" test -e addr
	client c sock 'shut(); save("got"); read_all()'
	finish d
	told d.err 2 'connection on sock, uid 0, gid 0'
	contains got 'IPCLOCALPATH=sock
IPCREMOTEEGID=0
IPCREMOTEEUID=0
IPCREMOTEPATH=
'
}

@test "a refused client whose process cannot be known is told of" {
	need root linux pidns
	unwatched "it is killed, and its number is one of the namespace"
	start d unshare -p -f --mount-proc --kill-child "$DUCAT" unix --listen \
	    --addr-file addr -v --allow-uid "$STRANGER" -w 10 sock </dev/null
	retry_until "$BOUND" test -e addr
	client c sock 'refused()'
	told d.err 2 'denied a connection on sock, uid 0, gid 0'
	kill -KILL "${PID[d]}"
	finish d 137
}

@test "a server whose process cannot be known has none" {
	need root linux pidns
	export IPCREMOTEPID=OUTER
	local_listen t sock 'save("got"); read_all()'
	try 0 unshare -p -f --mount-proc --kill-child "$DUCAT" unix -v \
	    --allow-uid 0 sock --sh 'env | grep "^IPC" | sort' </dev/null
	finish t
	told err 1 'connected to sock, uid 0, gid 0'
	contains got $'IPCREMOTEEGID=0\nIPCREMOTEEUID=0\nIPCREMOTEPATH=sock\n'
}

@test "a client in a namespace below has the process id of here" {
	need root linux pidns python3
	local pid
	unix_ready d -v sock </dev/null
	start c unshare -p -f --kill-child python3 -IS \
	    "$BATS_FILE_TMPDIR/local.py" connect sock \
	    'text("x"); wait("go"); shut(); eof()'
	pid=$(child_of "${PID[c]}")
	told d.err 2 "connection on sock, pid $pid, $(we)"
	: >go
	finish c
	finish d
	silent c
}

### Who is let in

# fate in|out "UID GID [GROUP]..." OPTION...: of such a client, with these
# options of the listener's.
fate()
{
	local what=$1 who=$2 pid script=$COME words=connection
	shift 2
	[[ $what == in ]] || script='refused()' words='denied a connection'
	unix_ready d -k -v --mode 666 "$@" sock -- cat </dev/null
	local_connect c sock "become(${who// /, }); again(); $script"
	pid=${PID[c]}
	finish c
	silent c
	read -r -a who <<<"$who"
	told d.err 2 \
	    "$words on sock, pid $pid, uid ${who[0]}, gid ${who[1]}" || {
		echo "with: $*"
		return 1
	}
	end_of d
}

@test "a user is let in by number" {
	need linux
	others
	fate in '1234 5678' --allow-uid 1234
	fate in '1234 5678' --allow-uid=1234
	fate in '0 5678' --allow-uid 0
	fate in '4294967294 1' --allow-uid 4294967294
	fate in '1234 5678' --allow-uid 00001234
	fate out '1234 5678' --allow-uid 5678
	fate out '1235 1234 1234' --allow-uid 1234
	fate out '0 0' --allow-uid 1234
	fate out '1234 0 0' --allow-uid 0
	fate out '12340 1' --allow-uid 1234
}

@test "a user is let in by name" {
	need linux
	others
	local nobody
	nobody=$(id -u nobody)
	fate in '0 5678' --allow-uid root
	fate in "$nobody 5678" --allow-uid nobody
	fate out "1234 0" --allow-uid root
	fate out "0 $nobody" --allow-uid nobody
}

@test "a group is let in by number" {
	need linux
	others
	fate in '1234 5678' --allow-gid 5678
	fate in '0 5678' --allow-gid=5678
	fate in '1234 0' --allow-gid 0
	fate in '1 4294967294' --allow-gid 4294967294
	fate out '1234 5678' --allow-gid 1234
	fate out '5678 5679' --allow-gid 5678
	fate out '0 0' --allow-gid 5678
	fate out '0 1' --allow-gid 0
}

@test "a group is let in by name" {
	need linux
	others
	local zero group
	zero=$(id -gn 0)
	group=$(id -gn nobody)
	fate in '1234 0' --allow-gid "$zero"
	fate in "1234 $(id -g nobody)" --allow-gid "$group"
	fate out '0 5678' --allow-gid "$zero"
	fate out "$(id -u nobody) 5678" --allow-gid "$group"
}

@test "any other group of a client counts, too" {
	need linux
	others
	fate in '1234 5678 42' --allow-gid 42
	fate in '1234 5678 42 43 44' --allow-gid 44
	fate in '1234 5678 42 43 44' --allow-gid 43
	fate in '1234 5678 42 0' --allow-gid 0
	fate out '1234 5678 42 43 44' --allow-gid 45
	fate out '1234 5678 42 43 44' --allow-uid 42
	fate out '1234 5678' --allow-gid 42
}

@test "a thousand groups of a client are looked at" {
	need linux
	others
	unix_ready d -k --mode 666 --allow-gid 7999 sock -- cat </dev/null
	client c sock "become(1234, 5678, *range(7000, 8000)); again(); $COME"
	client e sock 'become(1234, 5678, *range(7000, 7999)); again();
	    refused()'
	silent d
	end_of d
}

@test "of several users and groups one that fits is enough" {
	need linux
	others
	local list=(--allow-uid 1 --allow-uid 1234 --allow-uid nobody
	    --allow-gid 42 --allow-gid 5678)
	fate in '1 1' "${list[@]}"
	fate in '1234 1' "${list[@]}"
	fate in "$(id -u nobody) 1" "${list[@]}"
	fate in '99 42' "${list[@]}"
	fate in '99 5678' "${list[@]}"
	fate in '99 1 7 5678' "${list[@]}"
	fate in '1234 5678' "${list[@]}"
	fate out '99 99' "${list[@]}"
	fate out '42 1234 1' "${list[@]}"
	fate out '0 0' "${list[@]}"
}

@test "a user and a group of ours, by number and by name" {
	local option
	for option in "--allow-uid=$EUID" "--allow-uid=$(id -un)" \
	    "--allow-gid=$(id -g)" "--allow-gid=$(id -gn)"; do
		unix_ready d "$option" sock </dev/null
		client c sock 'text("x"); shut(); eof()'
		finish d
		silent d
		contains d.out x
	done
}

@test "a client that is socat, of another user" {
	need socat
	as 1234 5678 42
	echo there >there
	echo back >back
	unix_ready d --mode 666 --allow-gid 42 sock <back
	start c "${AS[@]}" socat -t 30 - UNIX-CONNECT:sock <there
	finish c
	finish d
	silent c d
	same there d.out
	same back c.out
}

@test "a client that is nc -U, of another user" {
	need nc.openbsd
	as 1234 5678 42
	echo there >there
	echo back >back
	unix_ready d --mode 666 --allow-uid 1234 sock <back
	start c "${AS[@]}" nc.openbsd -NU sock <there
	finish c
	finish d
	silent c d
	same there d.out
	same back c.out
}

@test "a client that is ducat, of another user" {
	as 1234 5678 42
	payload there 3000000 1
	payload back 2000000 2
	unix_ready d --mode 666 --allow-gid 5678 sock <back
	start c "${AS[@]}" "$DUCAT" unix --allow-uid 0 sock <there
	finish c
	finish d
	silent c d
	same there d.out
	same back c.out
}

@test "by an abstract name, which everyone can reach" {
	need linux
	abstract
	others
	unix_ready d -k -v --allow-uid 1234 "@$NAME" -- cat </dev/null
	local_connect out "@$NAME" 'become(1, 1234); again(); refused()'
	local pid=${PID[out]}
	finish out
	silent out
	told d.err 2 "denied a connection on @$NAME, pid $pid, uid 1, gid 1234"
	client in "@$NAME" "become(1234, 1); again(); $COME"
	end_of d
}

### Who is refused

@test "a refused client gets no byte, and nothing of its own is written" {
	need linux
	local option
	echo secret >secret
	for option in -N -k --recv-only --send-only; do
		unix_ready d "$option" --allow-uid "$STRANGER" sock <secret
		client c sock 'refused()'
		client e sock 'refused()'
		alive d
		offset_is d 0 0
		[[ -S sock ]]
		end_of d
		empty d.out
	done
}

@test "refused clients that say nothing, or very much" {
	unix_ready d --allow-uid "$STRANGER" --allow-gid "$STRANGER" sock \
	    </dev/null
	client silent sock 'ends()'
	client much sock 'fails()'
	client ended sock 'shut(); ends()'
	client gone sock 'pass'
	silent d
	empty d.out
	alive d
	end_of d
}

@test "a refused client is not the one: the next gets all" {
	local option
	others
	payload back 300000
	for option in -N -k; do
		unix_ready d "$option" --mode 666 --allow-uid 1234 sock <back
		client out sock 'refused()'
		client in sock 'become(1234, 1); again(); text("x"); shut();
		    save("got"); read_all()'
		same back got
		if [[ $option == -k ]]; then
			retry_until "$BOUND" size_is d.out 1
			end_of d
		else
			finish d
			[[ ! -e sock ]]
			silent d
		fi
		contains d.out x
	done
}

@test "no command is run for a refused client" {
	local option
	others
	for option in -N -k; do
		unix_ready d "$option" --mode 666 --allow-uid 1234 sock \
		    --sh 'echo run >>runs; cat' </dev/null
		client out sock 'refused()'
		client out2 sock 'refused()'
		[[ ! -e runs ]]
		client in sock "become(1234, 1); again(); $COME"
		contains runs $'run\n'
		rm runs
		if [[ $option == -k ]]; then
			silent d
			end_of d
		else
			finish d
			silent d
		fi
	done
}

# The target takes one connection.
@test "no target is connected to for a refused client" {
	local option
	others
	for option in -N -k; do
		remove far
		unix_ready t far -- cat </dev/null
		unix_ready d "$option" --mode 666 --allow-uid 1234 \
		    --forward unix:far sock </dev/null
		client out sock 'refused()'
		client out2 sock 'refused()'
		client in sock "become(1234, 1); again(); $COME"
		finish t
		if [[ $option == -k ]]; then
			silent d
			end_of d
		else
			finish d
			silent d
		fi
		silent t
	done
}

@test "--broker: the refused hear nothing and are not heard" {
	others
	unix_ready d --broker --mode 666 --allow-uid 1234 sock </dev/null
	local_connect a sock 'become(1234, 1); again(); touch("in.a");
	    save("a.got"); until("from b\n"); text("from a\n"); shut();
	    read_all()'
	retry_until "$BOUND" test -e in.a
	client out sock 'refused("from outside\n")'
	local_connect b sock 'become(1234, 1); again(); save("b.got");
	    text("from b\n"); until("from a\n"); shut(); read_all()'
	client out2 sock 'refused()'
	finish a
	finish b
	silent a b d
	contains a.got $'from b\n'
	contains b.got $'from a\n'
	end_of d
}

@test "--chat: nobody hears of the refused" {
	others
	unix_ready d --chat --mode 666 --allow-uid 1234 sock </dev/null
	local_connect a sock 'become(1234, 1); again(); save("a.got");
	    until("hi\n"); until("left\n"); shut(); read_all()'
	retry_until "$BOUND" grep -q joined d.out
	client out sock 'refused()'
	client out2 sock 'refused()'
	client b sock 'become(1234, 1); again(); text("hi\n"); shut();
	    read_all()'
	finish a
	silent a b d
	# They are numbered as they come.
	contains a.got '<announce> user4 (client4) joined
<user4> hi
<announce> user4 (client4) left
'
	end_of d
	lacks d.out 'client[23]'
}

@test "shared standard streams: the refused take no part" {
	others
	feed_open input
	unix_ready d -k --max-conns 2 --mode 666 --allow-uid 1234 sock \
	    <input.fifo
	client out sock 'refused()'
	local_connect in sock 'become(1234, 1); again(); text("from in\n");
	    until("all\n"); shut(); eof()'
	retry_until "$BOUND" size_is d.out 8
	client out2 sock 'refused()'
	echo all >&6
	finish in
	silent in d
	end_of d
	contains d.out $'from in\n'
	feed_close
}

@test "--max-accepts does not count the refused" {
	others
	unix_ready d -k -v --max-accepts 2 --mode 666 --allow-uid 1234 sock \
	    -- cat </dev/null
	client out sock 'refused()'
	client out2 sock 'refused()'
	client in sock "become(1234, 1); again(); $COME"
	client out3 sock 'refused()'
	[[ -S sock ]]
	client in2 sock "become(1234, 1); again(); $COME"
	finish d
	[[ ! -e sock ]]
	equal "$(grep -c '^ducat: denied a connection on ' d.err)" 3
	equal "$(grep -c '^ducat: connection on ' d.err)" 2
	equal "$(grep -c '^ducat: closed ' d.err)" 2
}

@test "200 refused clients leave no descriptor, and all are told" {
	need linux
	local before
	unix_ready d -v --allow-uid "$STRANGER" sock </dev/null
	client one sock 'refused()'
	retry_until "$BOUND" lines_are d.err 2
	before=$(descriptors d)
	client many sock '[(refused(), close(), again()) for i in range(200)];
	    refused()'
	retry_until "$BOUND" lines_are d.err 203
	retry_until "$BOUND" eval '(( $(descriptors d) <= before ))'
	equal "$(grep -c '^ducat: denied a connection on sock, pid' d.err)" 202
	end_of d
}

@test "many at once: each is let in or refused for itself" {
	others
	unix_ready d -k --mode 666 --allow-uid 1234 sock -- cat </dev/null
	hold
	local_connect c sock 'many = [];
	    [(os.seteuid(1234 if i % 2 else 0), again(), many.append(s),
	    os.seteuid(0)) for i in range(40)]; touch("stands");
	    [(globals().update(s=s), (text("x"), shut(), read(1), eof())
	    if i % 2 else refused()) for i, s in enumerate(many)]'
	go_on
	finish c
	silent c d
	end_of d
}

### Statuses

@test "9: all who came were refused, when a time limit ends the run" {
	local n limits=(-w --deadline '-k -w' '-k --deadline')
	for n in 0 1 2 3; do
		# shellcheck disable=SC2086
		unix_ready "d$n" ${limits[n]} 2 --allow-uid "$STRANGER" \
		    "sock$n" </dev/null
		try 0 "$DUCAT" unix --recv-only "sock$n" </dev/null
		silent err
	done
	for n in 0 1 2 3; do
		finish "d$n" 9
		says "d$n.err" ': all (clients )?were refused$'
		empty "d$n.out"
		[[ ! -e sock$n ]]
	done
}

@test "28: nobody came" {
	local limit
	for limit in -w --deadline '-k -w' '-k --deadline'; do
		# shellcheck disable=SC2086
		try 28 "$DUCAT" unix --listen $limit 200ms \
		    --allow-uid "$STRANGER" sock </dev/null
		says err '--(timeout|deadline)\)$'
		[[ ! -e sock ]]
	done
}

@test "28: one was let in, and others were not" {
	others
	unix_ready d -k --deadline 2 --mode 666 --allow-uid 0 sock -- cat \
	    </dev/null
	start out setpriv --reuid 1 --regid 1 --clear-groups "$DUCAT" unix \
	    --recv-only sock </dev/null
	finish out
	try 0 "$DUCAT" unix sock <<<x
	contains out $'x\n'
	finish d 28
	says d.err '--deadline\)$'
}

@test "-w is over when somebody was let in" {
	others
	unix_ready d -w 2 --mode 666 --allow-uid 0 sock </dev/null
	start out setpriv --reuid 1 --regid 1 --clear-groups "$DUCAT" unix \
	    --recv-only sock </dev/null
	finish out
	local_connect c sock 'touch("in"); silence(2500); text("x"); shut();
	    eof()'
	finish c
	finish d
	silent c d
	contains d.out x
}

@test "signals end a listener that has refused all" {
	unix_ready d --allow-uid "$STRANGER" sock </dev/null
	client c sock 'refused()'
	end_of d
	says d.err Terminated
	[[ ! -e sock ]]
}

@test "--quiet says nothing, and the status remains" {
	unix_ready d --quiet -w 2 --allow-uid "$STRANGER" sock </dev/null
	try 0 "$DUCAT" unix --recv-only sock </dev/null
	finish d 9
	silent d
	local_listen t sock 'eof()'
	try 9 "$DUCAT" unix --quiet --allow-uid "$STRANGER" sock </dev/null
	silent err
	finish t
}

### Whom a client trusts

# distrusts OPTION...: the server "t" at sock sees a connection, and no byte.
distrusts()
{
	local_listen t sock 'eof()'
	try 9 "$DUCAT" unix "$@" sock <secret
	contains err "ducat: connect to sock: of $(we), which --allow-uid and \
--allow-gid do not name"$'\n'
	empty out
	finish t
	silent t
	remove sock
}

@test "9: nothing is sent to a server of another user" {
	echo secret >secret
	distrusts --allow-uid "$STRANGER"
	distrusts --allow-gid "$STRANGER"
	distrusts --allow-gid "$STRANGER" --allow-uid "$STRANGER" \
	    --allow-uid 4000000002
	distrusts -v --allow-uid "$STRANGER"
	distrusts --send-only --no-zero-copy --allow-uid "$STRANGER"
	distrusts --recv-only -w 10 --allow-uid "$STRANGER"
	distrusts -q 10 --deadline 10 --idle-timeout 10 \
	    --allow-gid "$STRANGER"
}

@test "9 at once, while input is silent and before the server accepts" {
	feed_open input
	local_listen t sock 'wait("go"); again(); eof()'
	try 9 "$DUCAT" unix --allow-uid "$STRANGER" sock <input.fifo
	says err 'connect to sock: of uid'
	: >go
	finish t
	silent t
	feed_close
}

@test "9: standard input is not read for a server of another user" {
	echo untouched >input
	local_listen t sock 'refused()'
	{
		try 9 "$DUCAT" unix --allow-uid "$STRANGER" sock
		cat >rest
	} <input
	empty out
	same input rest
	finish t
	silent t
}

@test "9: no command is run, no target is connected to" {
	local_listen t sock 'eof(); close(); again(); eof(); close();
	    again(); eof()'
	local_listen far far 'wait("go"); listener.settimeout(0.1);
	    exec("try: again()\nexcept TimeoutError: print(\"nobody\")")'
	try 9 "$DUCAT" unix --allow-uid "$STRANGER" sock \
	    --sh 'echo run >runs' </dev/null
	says err 'connect to sock: of uid'
	try 9 "$DUCAT" unix --allow-uid "$STRANGER" sock -- ./none </dev/null
	says err 'connect to sock: of uid'
	try 9 "$DUCAT" unix --allow-uid "$STRANGER" --forward unix:far sock \
	    </dev/null
	says err 'connect to sock: of uid'
	finish t
	: >go
	finish far
	contains far.out $'ready\nnobody\n'
	silent t far
	[[ ! -e runs ]]
}

# trusts STATUS OPTION...: of the server "t", which goes on.
trusts()
{
	local want=$1
	shift
	try "$want" "$DUCAT" unix "$@" sock </dev/null
	if [[ $want -eq 0 ]]; then
		silent err
	else
		contains err 'ducat: connect to sock: of uid 1234, gid 5678,'"\
 which --allow-uid and --allow-gid do not name
"
	fi
	empty out
}

@test "a server is trusted by its user, or any of its groups" {
	need linux
	as 1234 5678 42,43
	start t "${AS[@]}" "$DUCAT" unix --listen -k --addr-file addr sock \
	    </dev/null
	retry_until "$BOUND" test -e addr
	trusts 0
	trusts 0 --allow-uid 1234
	trusts 0 --allow-gid 5678
	trusts 0 --allow-gid 42
	trusts 0 --allow-gid 43
	trusts 0 --allow-uid 1 --allow-uid 1234
	trusts 0 --allow-uid 1 --allow-gid 42
	trusts 0 --allow-uid 1234 --allow-gid 1
	trusts 9 --allow-uid 0
	trusts 9 --allow-uid root --allow-gid "$(id -gn 0)"
	trusts 9 --allow-uid nobody
	trusts 9 --allow-uid 5678 --allow-uid 42
	trusts 9 --allow-gid 1234 --allow-gid 44
	silent t
	end_of t
}

@test "a client of another user trusts root's server" {
	as 1234 5678
	unix_ready d --mode 666 --allow-uid 1234 sock <<<back
	start c "${AS[@]}" "$DUCAT" unix --allow-uid root sock <<<there
	finish c
	finish d
	silent c d
	contains c.out $'back\n'
	contains d.out $'there\n'
}

@test "a server by an abstract name, and 9 for one of another user" {
	need linux socat
	abstract
	as 1234 5678
	others_listen t "@$NAME" "${AS[@]}" socat -t 30 - \
	    "ABSTRACT-LISTEN:$NAME,fork" </dev/null
	try 9 "$DUCAT" unix --allow-uid 0 --allow-gid 0 "@$NAME" <<<secret
	contains err "ducat: connect to @$NAME: of uid 1234, gid 5678, which \
--allow-uid and --allow-gid do not name"$'\n'
	try 0 "$DUCAT" unix --allow-uid 1234 "@$NAME" </dev/null
	silent err
	kill -TERM "${PID[t]}"
	finish t 143
	empty t.out
}

@test "7 where nobody answers, whoever is allowed" {
	try 7 "$DUCAT" unix --allow-uid "$STRANGER" none </dev/null
	contains err $'ducat: connect to none: No such file or directory\n'
}

### The environment of commands

# The variables that speak of connections, each with the word OUTER.
outer()
{
	local name
	for name in PROTO IPCREMOTEEUID IPCREMOTEEGID IPCREMOTEPID \
	    IPCREMOTEPATH IPCLOCALPATH IPCLOCALEUID IPCREMOTEINFO \
	    TCPREMOTEIP UDPREMOTEIP; do
		export "$name=OUTER"
	done
}

TELL='env | grep -E "^(PROTO|IPC|TCP|UDP)|OUTER" | sort'

@test "a command is told of its client" {
	need linux
	local pid
	as 1234 5678 42
	outer
	unix_ready d --mode 666 ./sock --sh "$TELL" </dev/null
	start c "${AS[@]}" "$DUCAT" unix sock </dev/null
	pid=${PID[c]}
	finish c
	finish d
	silent c d
	contains c.out "IPCLOCALPATH=./sock
IPCREMOTEEGID=5678
IPCREMOTEEUID=1234
IPCREMOTEPATH=
IPCREMOTEPID=$pid
PROTO=IPC
"
}

@test "-k: each command is told of its own client" {
	need linux
	local n
	others
	outer
	unix_ready d -k --mode 666 --allow-uid 1 --allow-uid 2 \
	    --allow-uid 4294967294 sock --sh "$TELL" </dev/null
	for n in 1 2 4294967294; do
		local_connect "c$n" sock "become($n, $(( n - 1 ))); again();
		    save('got$n'); shut(); read_all()"
	done
	for n in 1 2 4294967294; do
		local pid=${PID[c$n]}
		finish "c$n"
		silent "c$n"
		contains "got$n" "IPCLOCALPATH=sock
IPCREMOTEEGID=$(( n - 1 ))
IPCREMOTEEUID=$n
IPCREMOTEPATH=
IPCREMOTEPID=$pid
PROTO=IPC
"
	done
	silent d
	end_of d
}

@test "a command is told of its server" {
	need linux
	as 1234 5678 42
	outer
	start t "${AS[@]}" "$DUCAT" unix --listen --addr-file addr sock \
	    </dev/null
	retry_until "$BOUND" test -e addr
	try 0 "$DUCAT" unix --allow-gid 42 sock --sh "$TELL" </dev/null
	silent err
	local pid=${PID[t]}
	finish t
	silent t
	contains t.out "IPCREMOTEEGID=5678
IPCREMOTEEUID=1234
IPCREMOTEPATH=sock
IPCREMOTEPID=$pid
PROTO=IPC
"
}

@test "by an abstract name, on a terminal, without zero copy: the same" {
	need linux
	abstract
	local option
	outer
	for option in --pty --no-zero-copy --stderr-to-peer; do
		unix_ready d "$option" "@$NAME" --sh "$TELL" </dev/null
		local_connect c "@$NAME" 'save("got"); read_all()'
		local pid=${PID[c]}
		finish c
		finish d
		silent c d
		tr -d '\r' <got >lines
		contains lines "IPCLOCALPATH=@$NAME
IPCREMOTEEGID=$(id -g)
IPCREMOTEEUID=$EUID
IPCREMOTEPATH=
IPCREMOTEPID=$pid
PROTO=IPC
"
	done
}

@test "commands of TCP are told nothing of local sockets" {
	outer
	listen_ready d 127.0.0.1 0 --sh "$TELL" </dev/null
	try 0 "$DUCAT" connect 127.0.0.1 "$PORT" </dev/null
	finish d
	silent d
	lacks out 'IPC|OUTER'
	has out '^PROTO=TCP$'
}

### Usage

# bad WORDS ARG...: a usage error of these words, and nothing else is done.
bad()
{
	local words=$1
	shift
	try 2 "$DUCAT" "$@" </dev/null
	contains err "ducat: $words"$'\n'
	empty out
	[[ ! -e sock ]]
}

@test "2: users and groups that are none" {
	local value role
	for role in --listen -N; do
		for value in '' no-such-one 0x0 4294967295 4294967296 \
		    18446744073709551616 -1 root:root ' 0' '0 ' +0 0,1 1.0 \
		    1e3 @root; do
			bad "--allow-uid: \"$value\": no such user" \
			    unix "$role" --allow-uid "$value" sock
			bad "--allow-gid: \"$value\": no such group" \
			    unix "$role" "--allow-gid=$value" sock
		done
	done
	bad '--allow-uid: "a\x1b[31m\x0a\xff": no such user' \
	    unix --allow-uid $'a\e[31m\n\xff' sock
}

@test "2: one that is none, among those that are" {
	bad '--allow-uid: "no-such-one": no such user' unix --listen \
	    --allow-uid 0 --allow-uid no-such-one --allow-uid 1 sock
	bad '--allow-gid: "no-such-one": no such group' unix \
	    --allow-uid 0 --allow-gid 0 --allow-gid no-such-one sock
	bad '--allow-uid: needs a value' unix sock --allow-uid
	bad '--allow-gid: needs a value' unix sock --allow-gid
}

@test "2: with commands that know no local socket" {
	local option
	for option in --allow-uid --allow-gid; do
		bad "$option: only for unix" listen "$option" 0 127.0.0.1 0
		bad "$option: only for unix" connect "$option=0" 127.0.0.1 1
		bad "$option: only for unix" udp-recv "$option" 0 127.0.0.1 0
		bad "$option: only for unix" udp-send "$option" 0 127.0.0.1 1
	done
}

@test "2: lists of addresses are not for local sockets" {
	local option
	for option in --allow --deny --allow-file --deny-file; do
		try 2 "$DUCAT" unix --listen "$option=::1" sock </dev/null
		says err "$option"
		[[ ! -e sock ]]
	done
}
