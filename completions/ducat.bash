# Completion of ducat for bash, made from its option tables by
# completions/generate: do not edit.

_ducat_commands='listen connect udp-send udp-recv unix'

_ducat_options()
{
	case $1 in
	listen)
		echo '
		-k
		--keep-open
		--max-conns
		--max-accepts
		--broker
		--chat
		--tag
		--backlog
		--allow
		--deny
		--allow-file
		--deny-file
		--max-conns-per-host
		--accept-proxy
		--proxy-from
		-c
		--sh
		--forward
		--kill-after
		--stderr-to-peer
		--pty
		--send-proxy
		--ready-fd
		--addr-file
		--pid-file
		--background
		--user
		--chroot
		--drain
		-4
		--ipv4
		-6
		--ipv6
		-n
		--numeric
		--interface
		-w
		--timeout
		--idle-timeout
		--deadline
		--on-peer-eof
		-N
		--half-close
		--no-half-close
		-q
		--quit-after
		--recv-only
		--send-only
		-C
		--crlf
		--escape
		--max-send
		--max-recv
		--telnet
		--rate
		--delay
		--no-zero-copy
		-v
		--verbose
		--quiet
		--events
		--hexdump
		--record-sent
		--record-received
		--pcap
		--digest
		--stats
		--progress
		--size
		-h
		--help
		--version'
		;;
	connect)
		echo '
		-4
		--ipv4
		-6
		--ipv6
		-n
		--numeric
		--interface
		-c
		--sh
		--forward
		--kill-after
		--stderr-to-peer
		--pty
		--send-proxy
		-s
		--source
		-p
		--source-port
		-w
		--timeout
		--idle-timeout
		--deadline
		--on-peer-eof
		-N
		--half-close
		--no-half-close
		-q
		--quit-after
		--recv-only
		--send-only
		-C
		--crlf
		--escape
		--max-send
		--max-recv
		--telnet
		--rate
		--delay
		--no-zero-copy
		-v
		--verbose
		--quiet
		--events
		--hexdump
		--record-sent
		--record-received
		--pcap
		--digest
		--stats
		--progress
		--size
		-h
		--help
		--version'
		;;
	udp-send)
		echo '
		-4
		--ipv4
		-6
		--ipv6
		-n
		--numeric
		--interface
		-s
		--source
		-p
		--source-port
		--frame
		--datagram-size
		--count
		--reply
		--broadcast
		--multicast-ttl
		--multicast-loop
		--pps
		--rate
		--delay
		-w
		--timeout
		--idle-timeout
		--deadline
		-C
		--crlf
		--escape
		--max-send
		--max-recv
		-v
		--verbose
		--quiet
		--events
		--hexdump
		--record-sent
		--record-received
		--pcap
		--digest
		--stats
		--progress
		--size
		-h
		--help
		--version'
		;;
	udp-recv)
		echo '
		-4
		--ipv4
		-6
		--ipv6
		-n
		--numeric
		--interface
		--frame
		--datagram-size
		--count
		--peer
		--join
		--reply
		--max-conns
		--strict
		-c
		--sh
		--forward
		--kill-after
		--stderr-to-peer
		-w
		--timeout
		--idle-timeout
		--deadline
		-C
		--crlf
		--escape
		--max-send
		--max-recv
		--rate
		--delay
		-v
		--verbose
		--quiet
		--events
		--hexdump
		--record-sent
		--record-received
		--pcap
		--digest
		--stats
		--progress
		--size
		--ready-fd
		--addr-file
		--pid-file
		--background
		-h
		--help
		--version'
		;;
	unix)
		echo '
		--type
		--listen
		--mode
		--owner
		--allow-uid
		--allow-gid
		--send-fd
		--recv-fd
		--frame
		--datagram-size
		--count
		--reply
		--peer
		--strict
		-c
		--sh
		--forward
		--kill-after
		--stderr-to-peer
		--pty
		-k
		--keep-open
		--max-conns
		--max-accepts
		--broker
		--chat
		--tag
		--backlog
		--ready-fd
		--addr-file
		--pid-file
		--background
		--user
		--chroot
		--drain
		-w
		--timeout
		--idle-timeout
		--deadline
		--on-peer-eof
		-N
		--half-close
		--no-half-close
		-q
		--quit-after
		--recv-only
		--send-only
		-C
		--crlf
		--escape
		--max-send
		--max-recv
		--telnet
		--rate
		--delay
		--no-zero-copy
		-v
		--verbose
		--quiet
		--events
		--hexdump
		--record-sent
		--record-received
		--pcap
		--digest
		--stats
		--progress
		--size
		-h
		--help
		--version'
		;;
	esac
}

# Set kind to what completes the value of option $2 of command $1;
# fails for an option without a value.
_ducat_kind()
{
	local option=$2

	[[ $option == -[!-]* ]] && option=-${option: -1}
	case "$1 $option" in
	'listen --max-conns') kind='none' ;;
	'listen --max-accepts') kind='none' ;;
	'listen --backlog') kind='none' ;;
	'listen --allow') kind='host' ;;
	'listen --deny') kind='host' ;;
	'listen --allow-file') kind='file' ;;
	'listen --deny-file') kind='file' ;;
	'listen --max-conns-per-host') kind='none' ;;
	'listen --proxy-from') kind='host' ;;
	'listen -c' | 'listen --sh') kind='none' ;;
	'listen --forward') kind='host' ;;
	'listen --kill-after') kind='none' ;;
	'listen --send-proxy') [[ $cur == --send-proxy=* ]] &&
		kind='none' ;;
	'listen --ready-fd') kind='none' ;;
	'listen --addr-file') kind='file' ;;
	'listen --pid-file') kind='file' ;;
	'listen --user') kind='none' ;;
	'listen --chroot') kind='file' ;;
	'listen --drain') kind='none' ;;
	'listen --interface') kind='interface' ;;
	'listen -w' | 'listen --timeout') kind='none' ;;
	'listen --idle-timeout') kind='none' ;;
	'listen --deadline') kind='none' ;;
	'listen --on-peer-eof') kind='choice drain exit' ;;
	'listen -q' | 'listen --quit-after') kind='none' ;;
	'listen --escape') kind='choice auto always never' ;;
	'listen --max-send') kind='none' ;;
	'listen --max-recv') kind='none' ;;
	'listen --rate') kind='none' ;;
	'listen --delay') kind='none' ;;
	'listen --events') kind='file' ;;
	'listen --hexdump') [[ $cur == --hexdump=* ]] &&
		kind='file' ;;
	'listen --record-sent') kind='file' ;;
	'listen --record-received') kind='file' ;;
	'listen --pcap') kind='file' ;;
	'listen --digest') kind='none' ;;
	'listen --progress') [[ $cur == --progress=* ]] &&
		kind='choice none line plain' ;;
	'listen --size') kind='none' ;;
	'connect --interface') kind='interface' ;;
	'connect -c' | 'connect --sh') kind='none' ;;
	'connect --forward') kind='host' ;;
	'connect --kill-after') kind='none' ;;
	'connect --send-proxy') [[ $cur == --send-proxy=* ]] &&
		kind='none' ;;
	'connect -s' | 'connect --source') kind='host' ;;
	'connect -p' | 'connect --source-port') kind='none' ;;
	'connect -w' | 'connect --timeout') kind='none' ;;
	'connect --idle-timeout') kind='none' ;;
	'connect --deadline') kind='none' ;;
	'connect --on-peer-eof') kind='choice drain exit' ;;
	'connect -q' | 'connect --quit-after') kind='none' ;;
	'connect --escape') kind='choice auto always never' ;;
	'connect --max-send') kind='none' ;;
	'connect --max-recv') kind='none' ;;
	'connect --rate') kind='none' ;;
	'connect --delay') kind='none' ;;
	'connect --events') kind='file' ;;
	'connect --hexdump') [[ $cur == --hexdump=* ]] &&
		kind='file' ;;
	'connect --record-sent') kind='file' ;;
	'connect --record-received') kind='file' ;;
	'connect --pcap') kind='file' ;;
	'connect --digest') kind='none' ;;
	'connect --progress') [[ $cur == --progress=* ]] &&
		kind='choice none line plain' ;;
	'connect --size') kind='none' ;;
	'udp-send --interface') kind='interface' ;;
	'udp-send -s' | 'udp-send --source') kind='host' ;;
	'udp-send -p' | 'udp-send --source-port') kind='none' ;;
	'udp-send --frame') kind='choice read line block netstring len32 json' ;;
	'udp-send --datagram-size') kind='none' ;;
	'udp-send --count') kind='none' ;;
	'udp-send --reply') [[ $cur == --reply=* ]] &&
		kind='none' ;;
	'udp-send --multicast-ttl') kind='none' ;;
	'udp-send --multicast-loop') kind='none' ;;
	'udp-send --pps') kind='none' ;;
	'udp-send --rate') kind='none' ;;
	'udp-send --delay') kind='none' ;;
	'udp-send -w' | 'udp-send --timeout') kind='none' ;;
	'udp-send --idle-timeout') kind='none' ;;
	'udp-send --deadline') kind='none' ;;
	'udp-send --escape') kind='choice auto always never' ;;
	'udp-send --max-send') kind='none' ;;
	'udp-send --max-recv') kind='none' ;;
	'udp-send --events') kind='file' ;;
	'udp-send --hexdump') [[ $cur == --hexdump=* ]] &&
		kind='file' ;;
	'udp-send --record-sent') kind='file' ;;
	'udp-send --record-received') kind='file' ;;
	'udp-send --pcap') kind='file' ;;
	'udp-send --digest') kind='none' ;;
	'udp-send --progress') [[ $cur == --progress=* ]] &&
		kind='choice none line plain' ;;
	'udp-send --size') kind='none' ;;
	'udp-recv --interface') kind='interface' ;;
	'udp-recv --frame') kind='choice read line block netstring len32 json' ;;
	'udp-recv --datagram-size') kind='none' ;;
	'udp-recv --count') kind='none' ;;
	'udp-recv --peer') kind='none' ;;
	'udp-recv --join') kind='none' ;;
	'udp-recv --max-conns') kind='none' ;;
	'udp-recv -c' | 'udp-recv --sh') kind='none' ;;
	'udp-recv --forward') kind='host' ;;
	'udp-recv --kill-after') kind='none' ;;
	'udp-recv -w' | 'udp-recv --timeout') kind='none' ;;
	'udp-recv --idle-timeout') kind='none' ;;
	'udp-recv --deadline') kind='none' ;;
	'udp-recv --escape') kind='choice auto always never' ;;
	'udp-recv --max-send') kind='none' ;;
	'udp-recv --max-recv') kind='none' ;;
	'udp-recv --rate') kind='none' ;;
	'udp-recv --delay') kind='none' ;;
	'udp-recv --events') kind='file' ;;
	'udp-recv --hexdump') [[ $cur == --hexdump=* ]] &&
		kind='file' ;;
	'udp-recv --record-sent') kind='file' ;;
	'udp-recv --record-received') kind='file' ;;
	'udp-recv --pcap') kind='file' ;;
	'udp-recv --digest') kind='none' ;;
	'udp-recv --progress') [[ $cur == --progress=* ]] &&
		kind='choice none line plain' ;;
	'udp-recv --size') kind='none' ;;
	'udp-recv --ready-fd') kind='none' ;;
	'udp-recv --addr-file') kind='file' ;;
	'udp-recv --pid-file') kind='file' ;;
	'unix --type') kind='choice stream dgram seqpacket' ;;
	'unix --mode') kind='none' ;;
	'unix --owner') kind='none' ;;
	'unix --allow-uid') kind='none' ;;
	'unix --allow-gid') kind='none' ;;
	'unix --send-fd') kind='none' ;;
	'unix --frame') kind='choice read line block netstring len32 json' ;;
	'unix --datagram-size') kind='none' ;;
	'unix --count') kind='none' ;;
	'unix --reply') [[ $cur == --reply=* ]] &&
		kind='none' ;;
	'unix --peer') kind='none' ;;
	'unix -c' | 'unix --sh') kind='none' ;;
	'unix --forward') kind='host' ;;
	'unix --kill-after') kind='none' ;;
	'unix --max-conns') kind='none' ;;
	'unix --max-accepts') kind='none' ;;
	'unix --backlog') kind='none' ;;
	'unix --ready-fd') kind='none' ;;
	'unix --addr-file') kind='file' ;;
	'unix --pid-file') kind='file' ;;
	'unix --user') kind='none' ;;
	'unix --chroot') kind='file' ;;
	'unix --drain') kind='none' ;;
	'unix -w' | 'unix --timeout') kind='none' ;;
	'unix --idle-timeout') kind='none' ;;
	'unix --deadline') kind='none' ;;
	'unix --on-peer-eof') kind='choice drain exit' ;;
	'unix -q' | 'unix --quit-after') kind='none' ;;
	'unix --escape') kind='choice auto always never' ;;
	'unix --max-send') kind='none' ;;
	'unix --max-recv') kind='none' ;;
	'unix --rate') kind='none' ;;
	'unix --delay') kind='none' ;;
	'unix --events') kind='file' ;;
	'unix --hexdump') [[ $cur == --hexdump=* ]] &&
		kind='file' ;;
	'unix --record-sent') kind='file' ;;
	'unix --record-received') kind='file' ;;
	'unix --pcap') kind='file' ;;
	'unix --digest') kind='none' ;;
	'unix --progress') [[ $cur == --progress=* ]] &&
		kind='choice none line plain' ;;
	'unix --size') kind='none' ;;
	*) return 1 ;;
	esac
}

# Print what completes an operand: COMMAND, and how many stand before it.
_ducat_operand()
{
	case $1 in
	'listen 0') echo service ;;
	'listen 1') echo service ;;
	'connect 0') echo host ;;
	'connect 1') echo service ;;
	'udp-send 0') echo host ;;
	'udp-send 1') echo service ;;
	'udp-recv 0') echo service ;;
	'udp-recv 1') echo service ;;
	'unix 0') echo socket ;;
	'unix 1') echo none ;;
	esac
}

_ducat_words()
{
	mapfile -t COMPREPLY < <(compgen "$@")
}

_ducat_hosts()
{
	if declare -F _known_hosts_real >/dev/null; then
		_known_hosts_real -- "$1"
	else
		_ducat_words -A hostname -- "$1"
	fi
}

_ducat_interfaces()
{
	local cur=$1

	if declare -F _available_interfaces >/dev/null; then
		_available_interfaces
	else
		_ducat_words -W "$(ls /sys/class/net 2>/dev/null)" \
			-- "$1"
	fi
}

_ducat_files()
{
	compopt -o filenames 2>/dev/null
	_ducat_words -f -- "$1"
}

# Paths, and the names of the abstract namespace.
_ducat_sockets()
{
	local names

	names=$(sed -n 's/.* @/@/p' /proc/net/unix 2>/dev/null)
	[[ $1 != @* ]] || _ducat_words -W "$names" -- "$1"
	[[ $1 == @* ]] || _ducat_files "$1"
}

# Complete the prefix $2 as a value of the kind $1.
_ducat_value()
{
	case $1 in
	file) _ducat_files "$2" ;;
	host) _ducat_hosts "$2" ;;
	interface) _ducat_interfaces "$2" ;;
	service) _ducat_words -A service -- "$2" ;;
	socket) _ducat_sockets "$2" ;;
	choice*) _ducat_words -W "${1#choice }" -- "$2" ;;
	esac
}

# Set cur, prev, words and cword, with ":" and "=" as parts of words.
_ducat_split()
{
	local i

	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n := cur prev words cword
		return
	fi
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if [[ i -gt 1 && (${COMP_WORDS[i]} == [:=] ||
			${COMP_WORDS[i - 1]} == [:=]) ]]; then
			words[${#words[@]} - 1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
		fi
	done
	cword=$((${#words[@]} - 1))
	cur=${words[cword]}
	prev=${words[cword - 1]}
}

# Print how many operands stand before the cursor; fails behind "--".
_ducat_operands()
{
	local i kind count=0

	for ((i = 2; i < cword; i++)); do
		case ${words[i]} in
		--) return 1 ;;
		--*=*) ;;
		-?*)
			_ducat_kind "${words[1]}" "${words[i]}" &&
				((i++))
			;;
		*) ((count++)) ;;
		esac
	done
	echo "$count"
}

# What readline replaces begins behind the last ":" of the word.
_ducat_cut_colons()
{
	local i before=${1%"${1##*:}"}

	[[ $COMP_WORDBREAKS == *:* ]] || return 0
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"$before"}
	done
}

_ducat()
{
	local cur prev words cword kind operands

	COMPREPLY=()
	_ducat_split
	if [[ cword -eq 1 ]]; then
		_ducat_words -W "$_ducat_commands help --help --version" \
			-- "$cur"
	elif [[ ${words[1]} == help ]]; then
		[[ cword -gt 2 ]] ||
			_ducat_words -W "$_ducat_commands" -- "$cur"
	elif ! operands=$(_ducat_operands); then
		return 0
	elif [[ $cur == --*=* ]]; then
		_ducat_kind "${words[1]}" "${cur%%=*}" &&
			_ducat_value "$kind" "${cur#*=}"
		_ducat_cut_colons "${cur#*=}"
	elif [[ $prev == -* ]] &&
		_ducat_kind "${words[1]}" "$prev"; then
		_ducat_value "$kind" "$cur"
		_ducat_cut_colons "$cur"
	elif [[ $cur == -* ]]; then
		_ducat_words -W "$(_ducat_options "${words[1]}")" \
			-- "$cur"
	else
		kind=$(_ducat_operand "${words[1]} $operands")
		_ducat_value "$kind" "$cur"
		_ducat_cut_colons "$cur"
	fi
	return 0
}

complete -F _ducat ducat
