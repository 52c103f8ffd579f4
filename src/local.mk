# All but main.c is a convenience library, which the unit tests link.
# A new file is one line here, in its layer, in alphabetical order.

noinst_LIBRARIES += libducat.a
libducat_a_LIBADD = $(LIBOBJS)
libducat_a_SOURCES = \
	compat/compat.h \
	src/base/address.c \
	src/base/address.h \
	src/base/base64.c \
	src/base/base64.h \
	src/base/cidr.c \
	src/base/cidr.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/endpoint.c \
	src/base/endpoint.h \
	src/base/errno_name.c \
	src/base/errno_name.h \
	src/base/error.c \
	src/base/error.h \
	src/base/json.c \
	src/base/json.h \
	src/base/printable.c \
	src/base/printable.h \
	src/base/units.c \
	src/base/units.h \
	src/base/unix_path.c \
	src/base/unix_path.h \
	src/base/utc.c \
	src/base/utc.h \
	src/base/utf8.c \
	src/base/utf8.h \
	src/net/account.c \
	src/net/account.h \
	src/net/child.c \
	src/net/child.h \
	src/net/credentials.c \
	src/net/credentials.h \
	src/net/datagram.c \
	src/net/datagram.h \
	src/net/deadlines.c \
	src/net/deadlines.h \
	src/net/descriptor.c \
	src/net/descriptor.h \
	src/net/inherit.c \
	src/net/inherit.h \
	src/net/notify.c \
	src/net/notify.h \
	src/net/privilege.c \
	src/net/privilege.h \
	src/net/pty.c \
	src/net/pty.h \
	src/net/resolve.c \
	src/net/resolve.h \
	src/net/rights.c \
	src/net/rights.h \
	src/net/signals.c \
	src/net/signals.h \
	src/net/socket.c \
	src/net/socket.h \
	src/net/tcp.h \
	src/net/unix_listen.c \
	src/net/unix_listen.h \
	src/net/unix_own.c \
	src/net/unix_own.h \
	src/net/watch.c \
	src/net/watch.h \
	src/net/watch_backend.h \
	src/pump/edit.h \
	src/pump/flow.c \
	src/pump/flow.h \
	src/pump/framer.c \
	src/pump/framer.h \
	src/pump/framer_json.c \
	src/pump/gate.h \
	src/pump/hub.c \
	src/pump/hub.h \
	src/pump/letters.c \
	src/pump/letters.h \
	src/pump/mailbox.c \
	src/pump/mailbox.h \
	src/pump/mover.c \
	src/pump/mover.h \
	src/pump/mover_copy.c \
	src/pump/mover_gather.c \
	src/pump/mover_relay.c \
	src/pump/mover_scatter.c \
	src/pump/post.c \
	src/pump/post.h \
	src/pump/post_kept.c \
	src/pump/post_kept.h \
	src/pump/records.c \
	src/pump/records.h \
	src/pump/senders.c \
	src/pump/senders.h \
	src/pump/sink.c \
	src/pump/sink.h \
	src/pump/stream.c \
	src/pump/stream.h \
	src/pump/stream_fd.c \
	src/pump/stream_packets.c \
	src/pump/stream_pty.c \
	src/pump/tap.c \
	src/pump/tap.h \
	src/pump/tube.c \
	src/pump/tube.h \
	src/filters/capture.c \
	src/filters/capture.h \
	src/filters/capture_ends.c \
	src/filters/capture_ends.h \
	src/filters/crlf.c \
	src/filters/crlf.h \
	src/filters/digest.h \
	src/filters/edits.c \
	src/filters/edits.h \
	src/filters/escape.c \
	src/filters/escape.h \
	src/filters/hexdump.c \
	src/filters/hexdump.h \
	src/filters/pace.c \
	src/filters/pace.h \
	src/filters/packet.c \
	src/filters/packet.h \
	src/filters/pcapng.c \
	src/filters/pcapng.h \
	src/filters/telnet.c \
	src/filters/telnet.h \
	src/filters/transcript.c \
	src/filters/transcript.h \
	src/report/colour.c \
	src/report/colour.h \
	src/report/json_events.c \
	src/report/json_events.h \
	src/report/progress.c \
	src/report/progress.h \
	src/report/report.c \
	src/report/report.h \
	src/report/status.c \
	src/report/status.h \
	src/report/status_line.c \
	src/report/status_line.h \
	src/report/tally.c \
	src/report/tally.h \
	src/report/words.c \
	src/report/words.h \
	src/report/words_tally.c \
	src/report/words_tally.h \
	src/steps/dial.c \
	src/steps/dial.h \
	src/steps/dial_unix.c \
	src/steps/dial_unix.h \
	src/steps/leg.c \
	src/steps/leg.h \
	src/steps/proxy_header.c \
	src/steps/proxy_header.h \
	src/steps/proxy_in.c \
	src/steps/proxy_in.h \
	src/steps/proxy_out.c \
	src/steps/proxy_out.h \
	src/steps/spawn.c \
	src/steps/spawn.h \
	src/steps/ucspi.c \
	src/steps/ucspi.h \
	src/session/access.c \
	src/session/access.h \
	src/session/command.c \
	src/session/command.h \
	src/session/connection.c \
	src/session/connection.h \
	src/session/console.c \
	src/session/console.h \
	src/session/datagrams.c \
	src/session/datagrams.h \
	src/session/details.c \
	src/session/details.h \
	src/session/filters.c \
	src/session/filters.h \
	src/session/gauge.c \
	src/session/gauge.h \
	src/session/judge.c \
	src/session/judge.h \
	src/session/judge_near.c \
	src/session/judge_near.h \
	src/session/judge_records.c \
	src/session/judge_records.h \
	src/session/judge_waits.c \
	src/session/judge_waits.h \
	src/session/manager.c \
	src/session/manager.h \
	src/session/member.c \
	src/session/member.h \
	src/session/outlet.c \
	src/session/outlet.h \
	src/session/peer.c \
	src/session/peer.h \
	src/session/peers.c \
	src/session/peers.h \
	src/session/raise.c \
	src/session/raise.h \
	src/session/ready.c \
	src/session/ready.h \
	src/session/recorder.c \
	src/session/recorder.h \
	src/session/run.c \
	src/session/run.h \
	src/session/run_clients.c \
	src/session/run_open.c \
	src/session/run_signals.c \
	src/session/run_state.h \
	src/session/run_stats.c \
	src/session/server.c \
	src/session/server.h \
	src/session/server_open.c \
	src/session/server_open.h \
	src/session/session.c \
	src/session/session.h \
	src/session/session_end.c \
	src/session/sessions.c \
	src/session/sessions.h \
	src/session/stats.c \
	src/session/stats.h \
	src/cli/complete.h \
	src/cli/complete_bash.c \
	src/cli/complete_fish.c \
	src/cli/complete_zsh.c \
	src/cli/hint.c \
	src/cli/option.c \
	src/cli/option.h \
	src/cli/suggest.c \
	src/cli/suggest.h \
	src/cli/usage.c \
	src/cli/usage.h \
	src/commands/all.c \
	src/commands/commands.h \
	src/commands/connect.c \
	src/commands/datagrams.c \
	src/commands/datagrams.h \
	src/commands/files.c \
	src/commands/files.h \
	src/commands/groups.c \
	src/commands/groups.h \
	src/commands/listen.c \
	src/commands/local.c \
	src/commands/local.h \
	src/commands/plan.c \
	src/commands/plan.h \
	src/commands/seeing.c \
	src/commands/seeing.h \
	src/commands/serve.c \
	src/commands/serve.h \
	src/commands/udp_recv.c \
	src/commands/udp_send.c \
	src/commands/unix.c

# What the system lacks has a second file with the same symbols.
if LOOP_EPOLL
libducat_a_SOURCES += src/net/watch_epoll.c
else
libducat_a_SOURCES += src/net/watch_poll.c
endif
if TCP_LINUX
libducat_a_SOURCES += src/net/tcp_linux.c
else
libducat_a_SOURCES += src/net/tcp_none.c
endif
if DATAGRAM_LINUX
libducat_a_SOURCES += src/net/datagram_linux.c
else
libducat_a_SOURCES += src/net/datagram_plain.c
endif
if CREDENTIALS_LINUX
libducat_a_SOURCES += src/net/credentials_linux.c
else
libducat_a_SOURCES += src/net/credentials_other.c
endif
if MOVER_SPLICE
libducat_a_SOURCES += src/pump/mover_splice.c
else
libducat_a_SOURCES += src/pump/mover_splice_none.c
endif
if DIGEST_LIBMD
libducat_a_SOURCES += src/filters/digest.c
else
libducat_a_SOURCES += src/filters/digest_none.c
endif

bin_PROGRAMS += ducat
ducat_SOURCES = src/main.c
