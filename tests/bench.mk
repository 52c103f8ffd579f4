# make bench: what ducat costs, next to other netcats and servers.  See the
# heads of tests/bench/run, servers and datagrams for what can be set, as in:
# make bench BENCH_MB=200.  make bench-servers, make bench-datagrams: the
# second and the third of them alone.
EXTRA_PROGRAMS = tests/bench/cost
tests_bench_cost_SOURCES = tests/bench/cost.c tests/bench/cost.h \
	tests/bench/udp.c
tests_bench_cost_LDADD =
CLEANFILES += tests/bench/cost$(EXEEXT)
EXTRA_DIST += tests/bench/run tests/bench/servers tests/bench/datagrams \
	tests/bench/lib.bash

.PHONY: bench bench-servers bench-datagrams
bench: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/run \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
	@echo
	$(AM_V_at)bash $(srcdir)/tests/bench/servers \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
	@echo
	$(AM_V_at)bash $(srcdir)/tests/bench/datagrams \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)

bench-servers: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/servers \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)

bench-datagrams: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/datagrams \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
