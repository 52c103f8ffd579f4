# make bench: what ducat costs, next to other netcats and servers.  See the
# heads of tests/bench/run and tests/bench/servers for what can be set, as in:
# make bench BENCH_MB=200.  make bench-servers: the second of them alone.
EXTRA_PROGRAMS = tests/bench/cost
tests_bench_cost_SOURCES = tests/bench/cost.c
tests_bench_cost_LDADD =
CLEANFILES += tests/bench/cost$(EXEEXT)
EXTRA_DIST += tests/bench/run tests/bench/servers

.PHONY: bench bench-servers
bench: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/run \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
	@echo
	$(AM_V_at)bash $(srcdir)/tests/bench/servers \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)

bench-servers: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/servers \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
