# A unit test is a program that ends with "N passed, N failed"; a new one is
# a line here.  It links libducat.a.
unit_tests = \
	tests/unit/test_address \
	tests/unit/test_base64 \
	tests/unit/test_capture \
	tests/unit/test_cidr \
	tests/unit/test_credentials \
	tests/unit/test_crlf \
	tests/unit/test_digest \
	tests/unit/test_edits \
	tests/unit/test_endpoint \
	tests/unit/test_escape \
	tests/unit/test_flow \
	tests/unit/test_framer \
	tests/unit/test_hexdump \
	tests/unit/test_hub \
	tests/unit/test_mailbox \
	tests/unit/test_option \
	tests/unit/test_pace \
	tests/unit/test_printable \
	tests/unit/test_progress \
	tests/unit/test_proxy_header \
	tests/unit/test_records \
	tests/unit/test_rights \
	tests/unit/test_splice \
	tests/unit/test_status_line \
	tests/unit/test_suggest \
	tests/unit/test_telnet \
	tests/unit/test_transcript \
	tests/unit/test_units \
	tests/unit/test_unix_listen \
	tests/unit/test_utc \
	tests/unit/test_utf8 \
	tests/unit/test_watch
unit_headers = tests/unit/edited.h tests/unit/unit.h

# A new bats file is a line here, too.
bats_files = \
	tests/access.bats \
	tests/badinput.bats \
	tests/basic.bats \
	tests/clients.bats \
	tests/command.bats \
	tests/content.bats \
	tests/credentials.bats \
	tests/descriptors.bats \
	tests/eof.bats \
	tests/events.bats \
	tests/faults.bats \
	tests/forward.bats \
	tests/hub.bats \
	tests/injected.bats \
	tests/interop.bats \
	tests/keep.bats \
	tests/localdgram.bats \
	tests/pace.bats \
	tests/packets.bats \
	tests/passing.bats \
	tests/pcap.bats \
	tests/peers.bats \
	tests/progress.bats \
	tests/proxy.bats \
	tests/ready.bats \
	tests/recipes.bats \
	tests/seen.bats \
	tests/service.bats \
	tests/stats.bats \
	tests/status.bats \
	tests/terminal.bats \
	tests/tree.bats \
	tests/udp.bats \
	tests/udpnet.bats \
	tests/unix.bats \
	tests/verbose.bats \
	tests/zerocopy.bats

check_PROGRAMS += $(unit_tests) tests/peer tests/with_events
tests_peer_SOURCES = tests/peer.c
tests_with_events_SOURCES = tests/with_events.c
tests_with_events_LDADD =

EXTRA_DIST += tests/run tests/demo tests/lib.bash tests/datagrams.bash \
	tests/local.bash tests/screens.bash tests/events.py $(bats_files) \
	$(unit_headers)

# make check TEST_FLAGS="-j 1" and the like; see tests/run.
run_tests = env -u TAR_OPTIONS -u XZ_OPT BATS="$(BATS)" \
	DUCAT_TEST_GENERATE="$(abs_builddir)/completions/generate" \
	"$(abs_srcdir)/tests/run" $(TEST_FLAGS) \
	-p "$(abs_builddir)/tests/peer$(EXEEXT)"

# Units that were built and the program that was built ...
check-local:
	$(AM_V_at)units=; for unit in $(unit_tests); do \
		units="$$units -u $$unit"; \
	done; \
	$(run_tests) $$units -d "$(abs_builddir)/ducat$(EXEEXT)"

# ... and the program as it was installed.
installcheck-local: $(check_PROGRAMS)
	$(AM_V_at)$(run_tests) -d "$(DESTDIR)$(bindir)/ducat$(EXEEXT)"

# Are the events of every run of every test as ducat-events(5) has them?
check-events:
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) TEST_FLAGS="-e $(TEST_FLAGS)" check

# The main job on real input, in one terminal and without a network.
demo: ducat$(EXEEXT)
	$(AM_V_at)env -u TAR_OPTIONS "$(srcdir)/tests/demo" \
	    "$(abs_builddir)/ducat$(EXEEXT)" "$(abs_srcdir)"

include tests/bench.mk
