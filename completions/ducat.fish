# Completion of ducat for fish, made from its option tables by
# completions/generate: do not edit.

function __fish_ducat_using
	set -l words (commandline -opc)
	test (count $words) -gt 1; and test $words[2] = $argv[1]
end

function __fish_ducat_without
	test (count (commandline -opc)) -eq 1
end

complete -c ducat -f
complete -c ducat -n __fish_ducat_without -s h -l help -d 'show this help and exit'
complete -c ducat -n __fish_ducat_without -l version -d 'show version and features and exit'
complete -c ducat -n __fish_ducat_without -a help -d 'show help and exit'

complete -c ducat -n __fish_ducat_without -a listen -d 'accept a TCP connection'
complete -c ducat -n '__fish_ducat_using help' -a listen -d 'accept a TCP connection'
complete -c ducat -n '__fish_ducat_using listen' -s k -l keep-open -d 'serve one client after another'
complete -c ducat -n '__fish_ducat_using listen' -l backlog -x -d 'let at most N clients wait'
complete -c ducat -n '__fish_ducat_using listen' -l ready-fd -x -d 'write HOST PORT here once listening'
complete -c ducat -n '__fish_ducat_using listen' -l addr-file -r -F -d 'the same into a file, removed at the end'
complete -c ducat -n '__fish_ducat_using listen' -l pid-file -r -F -d 'write the process id, removed at the end'
complete -c ducat -n '__fish_ducat_using listen' -l background -d 'return to the shell once listening'
complete -c ducat -n '__fish_ducat_using listen' -s 4 -l ipv4 -d 'use IPv4 only'
complete -c ducat -n '__fish_ducat_using listen' -s 6 -l ipv6 -d 'use IPv6 only'
complete -c ducat -n '__fish_ducat_using listen' -s n -l numeric -d 'look up neither names nor services'
complete -c ducat -n '__fish_ducat_using listen' -l interface -x -a '(__fish_print_interfaces)' -d 'bind to this network interface'
complete -c ducat -n '__fish_ducat_using listen' -s w -l timeout -x -d 'give up when no connection stands by then'
complete -c ducat -n '__fish_ducat_using listen' -l idle-timeout -x -d 'end a session in which nothing moves'
complete -c ducat -n '__fish_ducat_using listen' -l deadline -x -d 'end the whole run by then'
complete -c ducat -n '__fish_ducat_using listen' -l on-peer-eof -x -a 'drain exit' -d 'at the peer\'s end: drain input, or exit'
complete -c ducat -n '__fish_ducat_using listen' -s N -l half-close -d 'half-close at the end of input (the default)'
complete -c ducat -n '__fish_ducat_using listen' -l no-half-close -d 'keep sending open until the peer ends'
complete -c ducat -n '__fish_ducat_using listen' -s q -l quit-after -x -d 'wait at most D for the peer\'s end'
complete -c ducat -n '__fish_ducat_using listen' -l recv-only -d 'do not read standard input'
complete -c ducat -n '__fish_ducat_using listen' -l send-only -d 'drop what comes, end when all is delivered'
complete -c ducat -n '__fish_ducat_using listen' -l escape -x -a 'auto always never' -d 'make control characters visible'
complete -c ducat -n '__fish_ducat_using listen' -l max-send -x -d 'fail when more than this is to be sent'
complete -c ducat -n '__fish_ducat_using listen' -l max-recv -x -d 'fail when more than this comes'
complete -c ducat -n '__fish_ducat_using listen' -l no-zero-copy -d 'copy every byte through a buffer'
complete -c ducat -n '__fish_ducat_using listen' -s v -l verbose -d 'tell what happens'
complete -c ducat -n '__fish_ducat_using listen' -l quiet -d 'tell nothing, not even errors'
complete -c ducat -n '__fish_ducat_using listen' -s h -l help -d 'show this help and exit'
complete -c ducat -n '__fish_ducat_using listen' -l version -d 'show version and features and exit'

complete -c ducat -n __fish_ducat_without -a connect -d 'make a TCP connection'
complete -c ducat -n '__fish_ducat_using help' -a connect -d 'make a TCP connection'
complete -c ducat -n '__fish_ducat_using connect' -a '(__fish_print_hostnames)'
complete -c ducat -n '__fish_ducat_using connect' -s 4 -l ipv4 -d 'use IPv4 only'
complete -c ducat -n '__fish_ducat_using connect' -s 6 -l ipv6 -d 'use IPv6 only'
complete -c ducat -n '__fish_ducat_using connect' -s n -l numeric -d 'look up neither names nor services'
complete -c ducat -n '__fish_ducat_using connect' -l interface -x -a '(__fish_print_interfaces)' -d 'bind to this network interface'
complete -c ducat -n '__fish_ducat_using connect' -s s -l source -x -a '(__fish_print_hostnames)' -d 'connect from this address'
complete -c ducat -n '__fish_ducat_using connect' -s p -l source-port -x -d 'connect from this port'
complete -c ducat -n '__fish_ducat_using connect' -s w -l timeout -x -d 'give up when no connection stands by then'
complete -c ducat -n '__fish_ducat_using connect' -l idle-timeout -x -d 'end a session in which nothing moves'
complete -c ducat -n '__fish_ducat_using connect' -l deadline -x -d 'end the whole run by then'
complete -c ducat -n '__fish_ducat_using connect' -l on-peer-eof -x -a 'drain exit' -d 'at the peer\'s end: drain input, or exit'
complete -c ducat -n '__fish_ducat_using connect' -s N -l half-close -d 'half-close at the end of input (the default)'
complete -c ducat -n '__fish_ducat_using connect' -l no-half-close -d 'keep sending open until the peer ends'
complete -c ducat -n '__fish_ducat_using connect' -s q -l quit-after -x -d 'wait at most D for the peer\'s end'
complete -c ducat -n '__fish_ducat_using connect' -l recv-only -d 'do not read standard input'
complete -c ducat -n '__fish_ducat_using connect' -l send-only -d 'drop what comes, end when all is delivered'
complete -c ducat -n '__fish_ducat_using connect' -l escape -x -a 'auto always never' -d 'make control characters visible'
complete -c ducat -n '__fish_ducat_using connect' -l max-send -x -d 'fail when more than this is to be sent'
complete -c ducat -n '__fish_ducat_using connect' -l max-recv -x -d 'fail when more than this comes'
complete -c ducat -n '__fish_ducat_using connect' -l no-zero-copy -d 'copy every byte through a buffer'
complete -c ducat -n '__fish_ducat_using connect' -s v -l verbose -d 'tell what happens'
complete -c ducat -n '__fish_ducat_using connect' -l quiet -d 'tell nothing, not even errors'
complete -c ducat -n '__fish_ducat_using connect' -s h -l help -d 'show this help and exit'
complete -c ducat -n '__fish_ducat_using connect' -l version -d 'show version and features and exit'
