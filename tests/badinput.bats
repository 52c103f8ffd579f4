# Bad input: status 2 (6 where a name is well-formed), one line that shows
# the offending text and nothing that a terminal would obey, and not a trace
# left anywhere.

# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # every test is a subshell

load lib

ESC=$'\e'

# witness_open: PORT is that of a listener that nobody may reach, and a file
# is in place which nobody may touch.
witness_open()
{
	peer_listen witness 'print reached; read-all'
	printf 'as it was' >kept
	LISTING=(*)
}

# refused REGEX ARG...: status 2, and one printable line that matches.
refused()
{
	local want=$1
	shift
	status=0
	"$PEER" exec "$DUCAT" "$@" </dev/null >"$BATS_TEST_TMPDIR.out" \
	    2>"$BATS_TEST_TMPDIR.err" || status=$?
	judge "$want" 2 "$@" && untouched
}

# judge REGEX STATUS ARG...: without a process, as there are many to judge.
judge()
{
	local out=$BATS_TEST_TMPDIR.out err=$BATS_TEST_TMPDIR.err
	local want=$1 expected=$2 bad='[^ -~]' lines line
	shift 2
	mapfile lines <"$err"
	line=${lines[0]:-}
	if [[ $status -eq $expected && ! -s $out && ${#lines[@]} -eq 1 &&
	    ${#line} -le 500 && $line == 'ducat: '*$'\n' ]]; then
		line=${line%$'\n'}
		[[ ! $line =~ $bad && $line =~ $want ]] && return 0
	fi
	echo "status $status, wanted $expected and '$want':"
	printf ' %q' ducat "$@" | cut -c 1-300
	show_file "$out"
	show_file "$err"
	return 1
}

untouched()
{
	local files=(*) text
	if [[ -e witness.out ]]; then
		mapfile text <witness.out
		equal "${#text[@]}" 1 || return 1	# its port
	fi
	[[ -e kept ]] || return 0
	read -r -d '' text <kept || :
	equal "$text" 'as it was' && equal "${files[*]}" "${LISTING[*]}"
}

long()
{
	printf '%*s' "$1" '' | tr ' ' "${2:-a}"
}

# A well-formed name of labels, but for its SIZE.
long_name()
{
	long "$1" | sed 's/\(.\{49\}\)./\1./g; s/.$/x/'
}

### Ports

@test "ports that are none, for connect" {
	local port
	witness_open
	for port in 0 65536 1e11 12x 99999999999999999999 0x50 +80 ' 80' \
	    '80 ' 80,81; do
		refused "\"${port/+/\\+}\"" connect 127.0.0.1 "$port"
		refused "\"${port/+/\\+}\"" connect "127.0.0.1:$port"
		refused "\"${port/+/\\+}\"" connect "[::1]:$port"
	done
	refused '""' connect 127.0.0.1 ''
	refused '127\.0\.0\.1:' connect 127.0.0.1:
	refused '\[::1\]:' connect '[::1]:'
	refused '-1' connect 127.0.0.1 -1
	refused '-1' connect 127.0.0.1:-1
	refused '""' connect localhost ''
	refused '"0"' connect localhost 0
	refused '"65536"' connect no.such.host.invalid 65536
}

@test "ports that are none, for listen" {
	local port
	witness_open
	for port in 65536 1e11 12x 99999999999999999999 0x50 +80 ' 80' \
	    '80 '; do
		refused "\"${port/+/\\+}\"" listen "$port"
		refused "\"${port/+/\\+}\"" listen 127.0.0.1 "$port"
		refused "\"${port/+/\\+}\"" listen "127.0.0.1:$port"
		refused "\"${port/+/\\+}\"" listen "[::1]:$port"
	done
	refused '""' listen ''
	refused '-1' listen -1
	refused '-1' listen 127.0.0.1 -1
	refused '127\.0\.0\.1:' listen 127.0.0.1:
}

@test "a source port that is none" {
	local port
	witness_open
	for port in 65536 1e11 12x -1; do
		refused "$port" connect -p "$port" 127.0.0.1 "$PORT"
		refused "$port" connect "--source-port=$port" 127.0.0.1 \
		    "$PORT"
	done
	refused '""' connect -p '' 127.0.0.1 "$PORT"
}

@test "a service that nobody knows" {
	witness_open
	refused 'no-such-service' connect 127.0.0.1 no-such-service
	refused 'no-such-service' connect 127.0.0.1:no-such-service
	refused 'no-such-service' listen no-such-service
	refused 'no-such-service' listen 127.0.0.1 no-such-service
}

### Operands

@test "too few operands, and too many" {
	witness_open
	refused 'HOST.*PORT|PORT' connect
	refused 'PORT' listen
	refused 'port is missing' connect 127.0.0.1
	refused 'port is missing' connect localhost
	refused 'port is missing' listen 127.0.0.1
	refused 'surplus' connect 127.0.0.1 "$PORT" surplus
	refused 'surplus' listen 127.0.0.1 0 surplus
	refused 'twice|too many' connect "127.0.0.1:$PORT" "$PORT"
	refused 'twice|too many' listen 127.0.0.1:0 0
	refused 'empty|missing' connect '' "$PORT"
	refused 'empty|missing' connect ":$PORT"
	refused 'empty|missing' listen '' 0
}

@test "brackets that are not closed, or hold no IPv6 address" {
	local host
	witness_open
	for host in '[::1' "[::1:$PORT" "[$PORT" '['; do
		refused '\] is missing' connect "$host"
		refused '\] is missing' connect "$host" "$PORT"
		refused '\] is missing' listen "$host"
	done
	refused '::1\]' connect "::1]:$PORT"
	refused '\[::1\]' connect '[::1]'
	refused '\[::1\]' connect "[::1]$PORT"
	refused '\[::1\]' connect "[::1]x:$PORT"
	refused '\[\]' connect "[]:$PORT"
	refused '\[127' connect "[127.0.0.1]:$PORT"
	refused '\[localhost' connect "[localhost]:$PORT"
	refused '::1' connect "[[::1]]:$PORT"
	refused ':::' connect '[:::1]:80'
	refused 'gg' connect '[gg::1]:80'
}

@test "an IPv6 address with a port and no brackets is told how" {
	witness_open
	refused '\[::1\]:8080' connect ::1:8080
	refused '\[::1\]:8080' listen ::1:8080
	refused '\[2001:db8::1\]:http' connect 2001:db8::1:http
	refused '2001:db8:0:0:0:0:0:1:80' connect 2001:db8:0:0:0:0:0:1:80
	refused '::1' connect ::1
	refused '1:2:3' connect 1:2:3
}

@test "scopes that are missing or wrong" {
	witness_open
	refused 'fe80::1.*scope' connect fe80::1 "$PORT"
	refused 'fe80::1.*scope' connect "[fe80::1]:$PORT"
	refused 'fe80::1.*scope' listen fe80::1 0
	refused 'nosuch0' connect fe80::1%nosuch0 "$PORT"
	refused 'nosuch0' connect "[fe80::1%nosuch0]:$PORT"
	refused 'nosuch0' listen fe80::1%nosuch0 0
	refused 'fe80::1%' connect fe80::1% "$PORT"
	refused 'fe80::1%0' connect fe80::1%0 "$PORT"
	refused '999999' connect fe80::1%999999999999 "$PORT"
	refused '2147483647' connect fe80::1%2147483647 "$PORT"
	refused '127.0.0.1%lo' connect 127.0.0.1%lo "$PORT"
	refused 'localhost%lo' connect localhost%lo "$PORT"
	refused '%' connect "fe80::1%$(long 5000)" "$PORT"
	refused '\\x1b' connect "fe80::1%${ESC}[2J" "$PORT"
}

@test "what only looks like an address is not looked up" {
	local host
	witness_open
	for host in 127.1 1.2.3 1.2.3.4.5 256.1.1.1 1.2.3.256 0x7f.1 \
	    0x7f000001 2130706433 010.0.0.1 1.2.3.4. ::g 1::2::3 \
	    ::1.2.3.256; do
		refused "$host" connect "$host" "$PORT"
		refused "$host" listen "$host" 0
	done
}

@test "address families that clash" {
	witness_open
	refused '-4.*-6|-6.*-4' connect -4 -6 127.0.0.1 "$PORT"
	refused '-4.*-6|-6.*-4' listen -46 0
	refused 'IPv6' connect -6 127.0.0.1 "$PORT"
	refused 'IPv4' connect -4 ::1 "$PORT"
	refused 'IPv6' listen -6 127.0.0.1 0
	refused 'IPv4' listen -4 ::1 0
	refused 'IPv4' connect -4 -s ::1 127.0.0.1 "$PORT"
	refused 'not-an-address' connect -s not-an-address 127.0.0.1 "$PORT"
	refused '127\.1' connect -s 127.1 127.0.0.1 "$PORT"
	refused 'nosuch0' connect --interface nosuch0 127.0.0.1 "$PORT"
	refused 'nosuch0' listen --interface nosuch0 0
}

@test "near and far ends of later versions are refused" {
	local end
	witness_open
	for end in fd:3 systemd: systemd:http unix:/tmp/x unix:@x; do
		refused "${end%%:*}:" listen "$end"
		refused "${end%%:*}:" connect "$end"
	done
	refused 'tls:' connect tls:localhost:443
}

@test "-- without a command, or without operands, says so" {
	witness_open
	refused '-- .*(missing|nothing|no COMMAND)|COMMAND.*missing' \
	    connect 127.0.0.1 "$PORT" --
	refused '-- .*(missing|nothing|no COMMAND)|COMMAND.*missing' \
	    listen 0 --
	refused 'missing|before' connect -- cat
	refused 'missing|before' listen -- cat
	refused 'missing|before' connect -v -- 127.0.0.1 "$PORT"
	refused 'missing|before' listen -k -- 127.0.0.1 0
}

### Commands and forwards

# The operands with which SIDE would do harm.
far_of()
{
	far=(127.0.0.1 0)
	[[ $1 == listen ]] || far=(127.0.0.1 "$PORT")
}

@test "a near end is one of three" {
	local far side
	witness_open
	for side in listen connect; do
		far_of "$side"
		refused '--sh.*exclude' "$side" -c 'touch ran' "${far[@]}" \
		    -- touch ran
		refused '--sh.*exclude' "$side" "--sh=touch ran" \
		    "${far[@]}" -- touch ran
		refused '--forward.*exclude' "$side" "${far[@]}" \
		    --forward "127.0.0.1:$PORT" -- touch ran
		refused '--forward.*exclude' "$side" "${far[@]}" \
		    --forward "127.0.0.1:$PORT" -c 'touch ran'
	done
}

@test "a near end is asked for with its value" {
	local side
	witness_open
	for side in listen connect; do
		refused '-c.*value' "$side" 127.0.0.1 "$PORT" -c
		refused '--sh.*value' "$side" 127.0.0.1 "$PORT" --sh
		refused '--forward.*value' "$side" 127.0.0.1 "$PORT" --forward
		refused '--kill-after.*value' "$side" 127.0.0.1 "$PORT" \
		    --kill-after
		refused '--stderr-to-peer.*value' "$side" 127.0.0.1 "$PORT" \
		    --stderr-to-peer=yes -- touch ran
	done
}

@test "what is of standard input and output goes with no other near end" {
	local far option side
	witness_open
	for side in listen connect; do
		far_of "$side"
		for option in --send-only --recv-only --no-half-close \
		    --escape=always --escape=never; do
			refused "^ducat: ${option%=*}: not with a command" \
			    "$side" "$option" "${far[@]}" -- touch ran
			refused "${option%=*}: .* or --forward\$" \
			    "$side" -c 'touch ran' "${far[@]}" "$option"
			refused "${option%=*}: .* or --forward\$" "$side" \
			    --forward "127.0.0.1:$PORT" "${far[@]}" "$option"
		done
	done
}

@test "--kill-after takes a duration" {
	local d
	witness_open
	for d in 0 0s 0ms 0.0 abc 1x -1 '' 99999999999d "1$ESC"; do
		refused "--kill-after.*\"${d/$ESC/\\\\x1b}\"" listen \
		    "--kill-after=$d" 127.0.0.1 0 -- touch ran
		refused "--kill-after.*\"${d/$ESC/\\\\x1b}\"" connect \
		    --kill-after "$d" 127.0.0.1 "$PORT" -- touch ran
	done
}

@test "addresses that --forward cannot have" {
	local address far side want
	witness_open
	for side in listen connect; do
		far_of "$side"
		while IFS='|' read -r address want; do
			address=${address%"${address##*[! ]}"}
			refused "--forward.*${want# }" "$side" \
			    --forward "$address" "${far[@]}"
		done <<-'END'
		                     | (empty|missing)
		127.0.0.1            | port is missing
		127.0.0.1:           | 127\.0\.0\.1:
		:80                  | (empty|missing)
		127.0.0.1:0          | "0"
		127.0.0.1:65536      | "65536"
		127.0.0.1:no-such-service | unknown service
		127.0.0.1:80,81      | "80,81"
		127.0.0.1:-1         | -1
		127.0.0.1:0x50       | "0x50"
		[::1]                | \[::1\]
		[::1]:               | \[::1\]:
		[::1]:65536          | "65536"
		[::1                 | \] is missing
		[::1]80              | \[::1\]80
		[127.0.0.1]:80       | \[127
		::1:80               | \[::1\]:80
		127.1:80             | 127\.1
		fe80::1              | fe80::1
		[fe80::1]:80         | scope
		[fe80::1%nosuch0]:80 | nosuch0
		a b:80               | a b
		tls:h:1              | tls:
		tls:127.0.0.1:443    | tls:
		fd:3                 | fd:
		systemd:             | systemd:
		systemd:http         | systemd:
		unix:                | empty
		unix:@               | @
		unix:@a\             | @a
		unix:@a\x            | @a
		unix:@a\x1           | @a
		unix:@a\xg1          | @a
		unix:@a\n            | @a
		END
		refused '--forward.*aaa' "$side" --forward \
		    "unix:$(long 109)" "${far[@]}"
		refused '--forward.*aaa\.\.\.' "$side" --forward \
		    "unix:$(long 70000)" "${far[@]}"
		refused '--forward.*aaa' "$side" --forward \
		    "unix:@$(long 108)" "${far[@]}"
		refused '--forward.*aaa\.\.\.' "$side" --forward \
		    "$(long 70000):80" "${far[@]}"
		refused '--forward.*\\x1b\[2J' "$side" --forward \
		    "${ESC}[2J:80" "${far[@]}"
		refused '--forward.*\\x1b\[2J' "$side" --forward \
		    "unix:@\\${ESC}[2J" "${far[@]}"
		refused '--forward.*\\x1b\[2J' "$side" --forward \
		    "unix:${ESC}[2J$(long 106)" "${far[@]}"
	done
}

### Many clients

@test "numbers of clients that are none" {
	local n option
	witness_open
	for option in --max-conns --max-accepts --max-conns-per-host; do
		for n in 0 -1 +1 x 1.5 1k 0x10 ' 1' 2147483648 99999999999 \
		    18446744073709551617 ''; do
			refused "$option.*\"${n/+/\\+}\"" listen -k \
			    "$option=$n" 127.0.0.1 0 -- touch ran
		done
		refused "$option.*value" listen -k 127.0.0.1 0 "$option"
	done
}

@test "what counts clients wants -k" {
	local option
	witness_open
	for option in --max-conns --max-accepts --max-conns-per-host; do
		refused "$option.*(-k|--keep-open)" listen "$option" 3 \
		    127.0.0.1 0
		refused "$option.*(-k|--keep-open)" listen "$option" 1 \
		    127.0.0.1 0 -- touch ran
		refused "$option.*(-k|--keep-open)" listen "$option=1" \
		    --forward "127.0.0.1:$PORT" 127.0.0.1 0
	done
}

### Subcommands and options

@test "a subcommand that is none, with what was meant" {
	witness_open
	refused 'listn.*listen' listn 80
	refused 'conect.*connect' conect localhost 80
	refused 'Listen.*listen' Listen 80
	refused 'frobnicate' frobnicate
	refused 'listn.*listen' help listn
	refused 'frobnicate' help frobnicate
	refused 'command' ''
	refused 'command|try'
	refused '--frob' --frob
	refused '-' -
	refused '\\x1b\[2J' "${ESC}[2J"
	refused '\\xc3\\xa4' $'\xc3\xa4'
	refused 'aaa\.\.\.' "$(long 70000)"
}

@test "an option that is none, with what was meant" {
	witness_open
	refused '--timeuot.*--timeout' connect --timeuot 3 127.0.0.1 "$PORT"
	refused '--verbos.*--verbose' connect --verbos 127.0.0.1 "$PORT"
	refused '--keepopen.*--keep-open' listen --keepopen 0
	refused '--frobnicate' connect --frobnicate 127.0.0.1 "$PORT"
	refused '--frobnicate' connect 127.0.0.1 "$PORT" --frobnicate=x
	refused '-j' connect -j 127.0.0.1 "$PORT"
	refused '-j' connect -vnj 127.0.0.1 "$PORT"
	refused '--verbose' connect -verbose 127.0.0.1 "$PORT"
	refused '\\x1b' connect "--${ESC}[2J" 127.0.0.1 "$PORT"
	refused '\\x1b' connect "-${ESC}" 127.0.0.1 "$PORT"
	refused '\\x9b' connect $'--\x9b2J' 127.0.0.1 "$PORT"
	refused 'aaa\.\.\.' connect "--$(long 70000)" 127.0.0.1 "$PORT"
}

@test "long options are not abbreviated" {
	witness_open
	refused '--verb' connect --verb 127.0.0.1 "$PORT"
	refused '--idle' connect --idle 3 127.0.0.1 "$PORT"
	refused '--deadlin' connect --deadlin=3 127.0.0.1 "$PORT"
	refused '--keep' listen --keep 0
}

@test "a value that is missing, and one that is too much" {
	witness_open
	refused '--deadline.*value' connect 127.0.0.1 "$PORT" --deadline
	refused '-w.*value' connect 127.0.0.1 "$PORT" -w
	refused '--addr-file.*value' listen 0 --addr-file
	refused '--verbose.*value' connect --verbose=1 127.0.0.1 "$PORT"
	refused '--keep-open.*value' listen --keep-open=yes 0
	refused '--addr-file' listen --addr-file= 0
	refused '--pid-file' listen --pid-file '' 0
	refused '--interface' listen --interface '' 0
	refused '--source' connect --source= 127.0.0.1 "$PORT"
}

@test "options that clash" {
	witness_open
	refused '--(send|recv)-only.*--(send|recv)-only' \
	    connect --send-only --recv-only 127.0.0.1 "$PORT"
	refused '--(send|recv)-only.*--(send|recv)-only' \
	    listen --recv-only --send-only 0
	refused '--quiet' connect --quiet -v 127.0.0.1 "$PORT"
	refused '-n' connect -n localhost "$PORT"
	refused '-n' listen -n http
}

@test "a descriptor is no file that could be written" {
	local name option
	witness_open
	for option in --hexdump --pcap --record-sent --record-received; do
		for name in fd:2 fd: fd:x; do
			refused "^ducat: $option $name: only a file \(\./fd:" \
			    connect "$option=$name" 127.0.0.1 "$PORT"
		done
	done
}

@test "a FIFO that nobody reads is no file that could be written" {
	local option
	witness_open
	mkfifo fifo
	for option in --events --hexdump --pcap --record-sent \
	    --record-received; do
		try 23 "$DUCAT" connect "$option=fifo" 127.0.0.1 "$PORT" \
		    </dev/null
		says err "^ducat: $option fifo: Broken pipe\$"
	done
}

@test "hostile names of files are shown, not sent to the terminal" {
	local option
	witness_open
	for option in --record-sent --record-received --pcap --hexdump; do
		refused "$option fd:\\\\x1b\[31m: .*/fd:\\\\x1b\[31m\)" \
		    connect "$option=fd:${ESC}[31m" 127.0.0.1 "$PORT"
		refused "$option fd:\\\\xc2\\\\x9b2J\\\\xff: only" \
		    listen "$option"=$'fd:\xc2\x9b2J\xff' 127.0.0.1 0
		refused "$option fd:aaa.*\.\.\." \
		    connect "$option=fd:$(long 70000)" 127.0.0.1 "$PORT"
	done
}

@test "events at the descriptor of --ready-fd" {
	KEEP=(-k 5)
	try 2 "$DUCAT" listen -w 1 --ready-fd 5 --events fd:5 127.0.0.1 0 \
	    </dev/null 5>five
	says err '^ducat: --ready-fd and --events: the same descriptor, 5$'
	empty out
	empty five
}

@test "options of a way that nothing goes" {
	local option words
	witness_open
	for option in '--max-recv 3' '--record-received new' \
	    '--escape always'; do
		for words in 'udp-send 127.0.0.1 9' 'unix --type dgram kept'; do
			# shellcheck disable=SC2086
			refused "${option% *}: .*--reply\$" $words $option
		done
	done
	for option in '--max-send 3' '--record-sent new'; do
		for words in 'udp-recv 127.0.0.1 0' \
		    'unix --type dgram --listen new'; do
			# shellcheck disable=SC2086
			refused "${option% *}: .*--reply, a command or --forward\$" \
			    $words $option
		done
	done
}

@test "options without effect where clients share what is said" {
	local how
	witness_open
	for how in --broker --chat '-k --max-conns 3'; do
		# shellcheck disable=SC2086
		refused '--on-peer-eof: not where' listen $how \
		    --on-peer-eof exit 127.0.0.1 0
	done
	refused '--no-half-close: not with --broker' listen --broker \
	    --no-half-close 127.0.0.1 0
	refused '--quit-after: not with --broker' listen --broker -q 1 \
	    127.0.0.1 0
}

@test "-n: names of those who may come in" {
	witness_open
	refused '--allow: "localhost": not an address \(-n\)' \
	    listen -n --allow localhost 127.0.0.1 0
	refused '--deny: "localhost": not an address \(-n\)' \
	    listen -n -k --deny localhost 127.0.0.1 0
}

@test "--ready-fd that is only for reading" {
	KEEP=(-k 5)
	try 2 "$DUCAT" listen -w 1 --ready-fd 5 127.0.0.1 0 </dev/null 5< <(:)
	says err '^ducat: --ready-fd 5: not open for writing$'
}

@test "options of the other side" {
	local option
	witness_open
	for option in '--ready-fd 3' '--addr-file f' '--pid-file f' \
	    '--background' '--keep-open' '--backlog 3' '--max-conns 3' \
	    '--max-accepts 3' '--max-conns-per-host 3'; do
		# shellcheck disable=SC2086
		refused "${option%% *}.*listen" connect $option \
		    127.0.0.1 "$PORT"
	done
	refused '--source.*connect' listen --source 127.0.0.1 0
	refused '--source-port.*connect' listen --source-port 4 0
	refused '-k' connect -k 127.0.0.1 "$PORT"
}

@test "durations that are none" {
	local d option
	witness_open
	for d in abc 1e3 1x -1 1,5 1..5 1.5.5 0x10 nan inf '1 s' ' 1' '1 ' \
	    1S 1ss 1min 99999999999d 9223372036854775808 \
	    18446744073709551616 18446744073709551617ms \
	    0.00000000001; do
		refused "-w.*\"$d\"" connect -w "$d" 127.0.0.1 "$PORT"
		refused "--deadline.*\"$d\"" connect "--deadline=$d" \
		    127.0.0.1 "$PORT"
		refused "-q.*\"$d\"" listen -q "$d" 0
	done
	for option in --timeout --idle-timeout --quit-after; do
		refused "$option.*\"1x\"" connect "$option=1x" 127.0.0.1 \
		    "$PORT"
	done
	refused '--deadline.*""' connect --deadline= 127.0.0.1 "$PORT"
	refused '\\x1b' connect --deadline "$ESC" 127.0.0.1 "$PORT"
	refused '\.\.\.' connect --deadline "$(long 70000 9)" 127.0.0.1 \
	    "$PORT"
	for option in -w --timeout --idle-timeout --deadline; do
		for d in 0 0s 0ms 0.0 0d; do
			refused "\"$d\"" connect "$option" "$d" 127.0.0.1 \
			    "$PORT"
		done
	done
}

@test "sizes that are none" {
	local size
	witness_open
	for size in abc 1e3 1x -1 1,5 1..5 0x10 '1 k' ' 1' '1 ' 1kB 1KB 1KiB \
	    1m 1g 99999999999G 9223372036854775808 18446744073709551616 \
	    18014398509481984Ki 0.5 1.0001k; do
		refused "--max-send.*\"$size\"" connect \
		    "--max-send=$size" 127.0.0.1 "$PORT"
		refused "--max-recv.*\"$size\"" listen --max-recv \
		    "$size" 0
	done
	refused '--max-send.*""' connect --max-send= 127.0.0.1 "$PORT"
}

@test "numbers and choices that are none" {
	local n
	witness_open
	for n in 0 -1 x 1.5 1k 99999999999 18446744073709551617 ''; do
		refused "--backlog.*\"$n\"" listen "--backlog=$n" 0
	done
	for n in 0 1 2 -1 x 99999999999 ''; do
		refused "--ready-fd.*\"$n\"" listen "--ready-fd=$n" 0
	done
	refused '--ready-fd.*77' listen --ready-fd 77 0
	for n in blue '' Auto 'auto,'; do
		refused "--escape.*\"$n\"" connect "--escape=$n" \
		    127.0.0.1 "$PORT"
		refused "--on-peer-eof.*\"$n\"" connect \
		    "--on-peer-eof=$n" 127.0.0.1 "$PORT"
	done
}

### Names

@test "names of 256 and of 70000 bytes" {
	local name size
	witness_open
	for size in 254 256 70000; do
		for name in "$(long "$size")" "$(long_name "$size")"; do
			refused 'aaa\.\.\.' connect "$name" "$PORT"
			refused 'aaa\.\.\.' connect "$name:$PORT"
			refused 'aaa\.\.\.' listen "$name:0"
			refused 'aaa\.\.\.' connect 127.0.0.1 "$name"
			refused 'aaa\.\.\.' listen "$name"
			refused 'aaa\.\.\.' connect --source "$name" \
			    127.0.0.1 "$PORT"
			refused 'aaa\.\.\.' connect --source-port \
			    "$name" 127.0.0.1 "$PORT"
			refused 'aaa\.\.\.' connect --interface \
			    "$name" 127.0.0.1 "$PORT"
		done
	done
	refused '\.\.\.' connect "[$(long 70000 :)]:80"
	refused '\.\.\.' connect "[$(long 70000 1)]:80"
	refused '\.\.\.' connect "$(long 70000 [)"
	refused '\.\.\.' connect "$(long 70000 :)"
	refused '\.\.\.' connect "$(long 70000 1)" "$PORT"
	refused '\.\.\.' connect 127.0.0.1 "$(long 70000 1)"
	refused '\.\.\.' connect 127.0.0.1 "$(long 70000 $'\e')"
	refused '\.\.\.' listen --addr-file "$(long 70000)" 0
}

@test "a label of more than 63 bytes" {
	witness_open
	refused 'aaa' connect "$(long 64).example" "$PORT"
	refused 'aaa' connect "www.$(long 64).example:$PORT"
	refused '\.\.' connect www..example "$PORT"
	refused '\.example' connect .example "$PORT"
}

@test "names with control bytes, escapes and UTF-8" {
	local name shown
	witness_open
	while read -r name shown; do
		printf -v name %b "$name"
		refused "$shown" connect "$name" "$PORT"
		refused "$shown" connect "$name:$PORT"
		refused "$shown" connect 127.0.0.1 "$name"
		refused "$shown" listen "$name" 0
		refused "$shown" listen "$name"
		refused "$shown" connect --source "$name" 127.0.0.1 "$PORT"
		refused "$shown" connect -p "$name" 127.0.0.1 "$PORT"
		refused "$shown" connect --interface "$name" 127.0.0.1 "$PORT"
		refused "$shown" connect --deadline "$name" 127.0.0.1 "$PORT"
		refused "$shown" connect --escape "$name" 127.0.0.1 "$PORT"
		refused "$shown" listen --backlog "$name" 0
		refused "$shown" "$name"
	done <<-'END'
	a\x01b \\x01
	a\nb \\x0a
	a\rb \\x0d
	a\tb \\x09
	a\e[2Jb \\x1b\[2J
	a\e]0;title\ab \\x1b\]0;title\\x07
	a\x7fb \\x7f
	a\x9b2Jb \\x9b2J
	a\xc2\x9bb \\xc2\\x9b
	b\xc3\xbccher.example \\xc3\\xbc
	a\xe2\x80\xaeb \\xe2\\x80\\xae
	a\xff\xfeb \\xff\\xfe
	END
	refused 'a b' connect 'a b' "$PORT"
	refused 'a/b' connect a/b "$PORT"
	refused 'http://' connect "http://localhost:$PORT"
	refused 'a@b' connect a@b "$PORT"
}

@test "a well-formed name that does not resolve is 6" {
	need mountns
	printf 'hosts: files\n' >nsswitch.conf
	local name
	# bats lists a directory of its own: the name is not to be asked for.
	unshare "${USER_NS[@]}" -m sh -c 'mount --bind nsswitch.conf \
	    /etc/nsswitch.conf' 2>/dev/null || skip "no bind mounts here"
	for name in no-such-host.invalid "$(long 63).invalid" \
	    "$(long_name 253)"; do
		status=0
		unshare "${USER_NS[@]}" -m sh -c 'mount --bind \
		    nsswitch.conf /etc/nsswitch.conf && exec "$@"' sh \
		    "$PEER" exec "$DUCAT" connect "$name" 80 </dev/null \
		    >"$BATS_TEST_TMPDIR.out" 2>"$BATS_TEST_TMPDIR.err" ||
		    status=$?
		judge "^ducat: resolve ${name:0:20}" 6 "connect $name 80"
	done
}

### Users of nc

@test "nc's letters are told ducat's way" {
	local words want
	witness_open
	while IFS='|' read -r words want; do
		words=${words%"${words##*[! ]}"}
		want=${want# }
		# shellcheck disable=SC2086
		refused "$want" $words
	done <<-'END'
	listen -l -p 8080              | ducat listen 8080
	listen -lp 8080                | ducat listen 8080
	listen -p 8080                 | ducat listen 8080
	listen -l 8080                 | ducat listen 8080
	-l 8080                        | ducat listen 8080
	-l -p 8080                     | ducat listen 8080
	-lk 8080                       | ducat listen
	connect -l 8080                | ducat listen 8080
	connect -k localhost 80        | ducat listen -k
	listen -s 127.0.0.1 8080       | ducat listen HOST PORT
	connect -u localhost 53        | udp-send
	listen -u 53                   | udp-recv
	connect -U /run/socket         | ducat unix
	connect -z localhost 22        | --probe
	connect -d localhost 80        | --recv-only
	connect -e /bin/sh localhost 1 | -- COMMAND
	listen -e /bin/sh 1            | -- COMMAND
	udp-send -t localhost 23       | --telnet
	connect -t localhost 23        | --telnet
	connect -x proxy:1080 h 80     | --proxy URL
	connect -X 5 h 80              | --proxy URL
	connect -P user h 80           | --proxy URL
	connect -i 1 h 80              | --delay D.*--idle-timeout D
	listen -m 5 80                 | --max-conns N
	connect -o file h 80           | --hexdump
	connect -b h 80                | --broadcast
	connect -W 1 h 80              | --count N
	connect -I 1 h 80              | --sockopt rcvbuf
	connect -O 1 h 80              | --sockopt sndbuf
	connect -T lowdelay h 80       | --sockopt tos
	connect -M 64 h 80             | --sockopt ttl
	connect -r h 80                | leave it out
	connect --ssl h 443            | --tls
	connect --no-shutdown h 80     | --no-half-close
	connect --nodns h 80           | --numeric
	listen --exec /bin/sh 80       | -- COMMAND
	listen --sh-exec date 80       | --sh STRING
	END
}

### No trace

# Command lines whose last fault is found late.
bad_lines()
{
	cat <<-END
	listen --addr-file kept --pid-file kept 127.0.0.1 65536
	listen --addr-file kept --pid-file new 127.0.0.1 no-such-service
	listen --background --addr-file new --pid-file new2 1e11
	listen --background --addr-file new fe80::1 0
	listen --addr-file new --pid-file dir 127.0.0.1 0
	listen --addr-file dir --pid-file new 127.0.0.1 0
	listen --addr-file new --ready-fd 77 127.0.0.1 0
	listen --addr-file new --frobnicate 127.0.0.1 0
	listen --addr-file new 127.0.0.1 0 --send-only --recv-only
	listen --addr-file new 127.0.0.1 0 --
	listen --addr-file new 127.0.0.1 0 --send-only -- touch ran
	listen --addr-file new 127.0.0.1 0 --max-conns 3 -- touch ran
	listen --addr-file new 127.0.0.1 0 --sh date -- touch ran
	listen --addr-file new 127.0.0.1 0 --forward unix:
	listen --addr-file new 127.0.0.1 0 surplus
	connect 127.0.0.1 $PORT surplus
	connect 127.0.0.1 $PORT --frobnicate
	connect 127.0.0.1 $PORT --send-only --recv-only
	connect 127.0.0.1 $PORT -4 -6
	connect 127.0.0.1 $PORT --
	connect 127.0.0.1 $PORT --escape always -- touch ran
	connect 127.0.0.1 $PORT --forward localhost:0
	connect 127.0.0.1 $PORT --deadline 1x
	connect 127.0.0.1 $PORT -s ::1 -4
	connect localhost $PORT -p 65536
	END
}

@test "what is refused leaves no file and no connection" {
	local line
	mkdir dir
	witness_open
	while read -r line; do
		# shellcheck disable=SC2086
		refused '.' $line
	done < <(bad_lines)
	alive witness
}

@test "what is refused asks the kernel for nothing" {
	need ptrace linux
	unwatched "it is to open nothing"
	local line
	mkdir dir
	witness_open
	while read -r line; do
		# shellcheck disable=SC2086
		strace -f -o "$BATS_TEST_TMPDIR.trace" \
		    -e trace=bind,connect,listen,creat,openat,open,unlink,rename \
		    -e signal=none "$PEER" exec "$DUCAT" $line </dev/null \
		    >/dev/null 2>&1 || :
		lacks "$BATS_TEST_TMPDIR.trace" \
		    'bind\(|listen\(|AF_INET|O_WRONLY|O_CREAT|unlink|rename'
		untouched
	done < <(bad_lines)
}

@test "what is refused leaves standard input unread" {
	local line
	mkdir dir
	witness_open
	printf 'one\ntwo\n' >"$BATS_TEST_TMPDIR.in"
	while read -r line; do
		status=0
		{
			# shellcheck disable=SC2086
			"$PEER" exec "$DUCAT" $line 2>/dev/null || status=$?
			cat >"$BATS_TEST_TMPDIR.rest"
		} <"$BATS_TEST_TMPDIR.in"
		equal "$line: $status" "$line: 2"
		same "$BATS_TEST_TMPDIR.in" "$BATS_TEST_TMPDIR.rest"
	done < <(bad_lines)
}

@test "a usage error is 2 where there is nobody to tell" {
	need linux
	status=0
	"$PEER" exec "$DUCAT" connect 127.0.0.1 0 2>/dev/full || status=$?
	equal "$status" 2
	KEEP=(-c 2)
	try 2 "$DUCAT" connect 127.0.0.1 0
	KEEP=(-c 0 -c 1 -c 2)
	try 2 "$DUCAT" connect 127.0.0.1 0
	empty out
}

### Help

@test "help goes to standard output with status 0" {
	local words
	witness_open
	while read -r words; do
		# shellcheck disable=SC2086
		try 0 "$DUCAT" $words </dev/null
		silent err
		has out '^Usage: ducat '
		lacks out '[^ -~]'
		rm out err
	done <<-END
	help
	--help
	-h
	help listen
	help connect
	listen --help
	listen -h
	connect --help
	connect -h
	connect --help 127.0.0.1 $PORT
	connect 127.0.0.1 $PORT --help
	connect -vh 127.0.0.1 $PORT
	listen --addr-file new --help
	END
	untouched
}

@test "--version goes to standard output with status 0" {
	try 0 "$DUCAT" --version </dev/null
	silent err
	[[ $(head -n 1 out) =~ ^ducat\ [0-9]+\.[0-9]+\.[0-9]+ ]]
	[[ $(tail -n +2 out | grep -vc '^[+-][a-z]') -eq 0 ]]
	[[ $(wc -l <out) -gt 1 ]]
	mv out first
	try 0 "$DUCAT" connect --version </dev/null
	silent err
	same first out
}

@test "help and version that cannot be written are 23" {
	need linux
	local words
	for words in help --help -h 'help listen' 'connect --help' \
	    --version 'listen --version'; do
		status=0
		# shellcheck disable=SC2086
		"$PEER" exec "$DUCAT" $words </dev/null >/dev/full 2>err ||
		    status=$?
		equal "$words: $status" "$words: 23"
		says err 'No space left'
	done
}

@test "every help text fits 80 columns" {
	local words
	for words in help 'help listen' 'help connect'; do
		# shellcheck disable=SC2086
		try 0 "$DUCAT" $words </dev/null
		lacks out '.{81}'
	done
}
