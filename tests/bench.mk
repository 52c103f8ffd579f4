# make bench: what ducat costs, next to other netcats.  See the head of
# tests/bench/run for what can be set, as in: make bench BENCH_MB=200
EXTRA_PROGRAMS = tests/bench/cost
tests_bench_cost_SOURCES = tests/bench/cost.c
tests_bench_cost_LDADD =
CLEANFILES += tests/bench/cost$(EXEEXT)
EXTRA_DIST += tests/bench/run

.PHONY: bench
bench: ducat$(EXEEXT) tests/bench/cost$(EXEEXT)
	$(AM_V_at)bash $(srcdir)/tests/bench/run \
	    ./tests/bench/cost$(EXEEXT) ./ducat$(EXEEXT)
