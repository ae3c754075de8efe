# The benchmarks: built under $(out)/bench, one folder a contender, so that
# $(out)/bench/libuv/timers stands beside $(out)/bench/gyre/timers.
#
# Peers are built when they are installed; bench/run says which are absent.
# LIBUV=dir takes libuv from a build of one's own instead of the system's.
# LIBDILL=dir, NECO=dir, and MINICORO=dir are where these are; the first is built
# there already, the others need not be.

bench := $(out)/bench

# Static, like the library beside it: neither pays for a procedure linkage
# table.
ifdef LIBUV
uv_flags := -I$(LIBUV)/include
uv_libs  := $(firstword $(wildcard $(addprefix $(LIBUV)/,libuv.a libuv_a.a \
              build/libuv.a build/libuv_a.a .libs/libuv.a lib/libuv.a))) \
            -lpthread -ldl -lrt
else
uv_flags := $(shell pkg-config --cflags libuv 2>/dev/null)
uv_libs  := $(shell pkg-config --libs --static libuv 2>/dev/null | \
              sed 's|-luv |$(shell pkg-config --variable=libdir \
              libuv 2>/dev/null)/libuv_a.a |')
endif

bench_c  := $(patsubst bench/%.c,$(bench)/%,$(wildcard bench/load/*.c \
              bench/limits/*.c bench/gyre/*.c))
bench_own := $(patsubst bench/%.c,$(bench)/%,$(wildcard bench/*.c))
bench_uv := $(if $(uv_libs),$(patsubst bench/peers/%.c,$(bench)/%, \
              $(wildcard bench/peers/libuv/*.c)))

# $(call found,HEADER): is it there?  $(call programs,PEER): what it has.
found     = $(shell $(CC) $(CPPFLAGS) -include $(1) -E -x c /dev/null \
              >/dev/null 2>&1 && echo yes)
programs  = $(patsubst bench/peers/%.c,$(bench)/%, \
              $(wildcard bench/peers/$(1)/*.c))
bench_ev := $(if $(call found,ev.h),$(call programs,libev))
bench_le := $(if $(call found,event2/event.h),$(call programs,libevent))
bench_hp := $(if $(call found,http_parser.h),$(call programs,http_parser))
bench_outside := $(if $(LIBDILL),$(call programs,libdill)) \
              $(if $(NECO),$(call programs,neco)) \
              $(if $(MINICORO),$(call programs,minicoro))

# Which version of a peer it is: by what its header says, `expanded`; or, of one
# that is outside, by what its folder is a copy of.
expanded  = $(shell echo '$(2)' | $(CC) -include $(1) -E -P -x c - 2>/dev/null \
              | tail -n 1 | tr -d ' "')
described = $(shell git -C '$(1)' describe --tags --always 2>/dev/null \
              || echo unknown)
versions  = $(if $(bench_ev),echo "libev: $(call \
                expanded,ev.h,EV_VERSION_MAJOR . EV_VERSION_MINOR)";) \
            $(if $(bench_le),echo "libevent: $(call \
                expanded,event2/event-config.h,EVENT__VERSION)";) \
            $(if $(bench_hp),echo "http_parser: $(call \
                expanded,http_parser.h,HTTP_PARSER_VERSION_MAJOR \
                    . HTTP_PARSER_VERSION_MINOR)";) \
            $(if $(LIBDILL),echo "libdill: $(call described,$(LIBDILL))";) \
            $(if $(NECO),echo "neco: $(call described,$(NECO))";) \
            $(if $(MINICORO),echo "minicoro: $(call described,$(MINICORO))";)
bench_go := $(if $(shell command -v go),$(patsubst \
              bench/peers/%.go,$(bench)/%,$(filter-out %/bench.go, \
              $(wildcard bench/peers/go/*.go))))

## bench       the benchmarks beside their peers, in less than 15 minutes, with a
##            report in $(out)/bench/report (ARGS= goes to bench/run)
bench: bench-build
	bench/run --dir $(bench) --syscalls $(ARGS)

## bench-quick the same in under two minutes
bench-quick: bench-build
	bench/run --dir $(bench) --quick $(ARGS)

## bench-grow  how cost grows with how many tasks, timers, descriptors, loops, and
##            threads there are; its report is in $(out)/bench/report-grow
bench-grow: bench-build
	bench/run --dir $(bench) --report $(bench)/report-grow --rounds 3 \
	    $(if $(filter grow%,$(ARGS)),,grow) $(ARGS)

## bench-counts   instructions of what only computes, beside those that
##            bench/counts.baseline has (ARGS=--update writes it anew)
bench-counts: bench-build
	bench/count --dir $(bench) $(ARGS)

bench-build: $(bench_own) $(bench_c) $(bench_uv) $(bench_ev) $(bench_le) \
             $(bench_hp) $(bench_outside) $(bench_go)
	@{ $(CC) --version | head -n 1; echo '$(CFLAGS)'; } >$(bench)/compiler
	@{ $(versions) true; } >$(bench)/versions

.PHONY: bench bench-quick bench-grow bench-counts bench-build

# What is built of elsewhere goes when that is another place, or none.
elsewhere := $(LIBUV) $(LIBDILL) $(NECO) $(MINICORO)
$(bench_uv) $(bench_outside): $(bench)/elsewhere
$(bench)/elsewhere: force
	@mkdir -p $(@D)
	@echo '$(elsewhere)' | cmp -s - $@ || { \
	    rm -rf $(addprefix $(bench)/,libuv libdill neco minicoro); \
	    echo '$(elsewhere)' >$@; }

bench_cc = $(CC) $(DEFS) $(WARN) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) \
           -MMD -MP -MF $@.d -MT $@

# Those that look inside a floor stand in bench/ itself.
$(bench_own): $(bench)/%: bench/%.c $(out)/libgyre.a
	@mkdir -p $(@D)
	$(bench_cc) $(if $(uv_libs),$(uv_flags),-DWITHOUT_LIBUV) $(LDFLAGS) \
	    -o $@ $< $(out)/libgyre.a $(uv_libs) $(LDLIBS)

$(bench)/gyre/%: bench/gyre/%.c $(out)/libgyre.a
	@mkdir -p $(@D)
	$(bench_cc) $(LDFLAGS) -o $@ $< $(out)/libgyre.a $(LDLIBS)

$(bench)/libuv/%: bench/peers/libuv/%.c
	@mkdir -p $(@D)
	$(bench_cc) $(uv_flags) $(LDFLAGS) -o $@ $< $(uv_libs)

$(bench)/libev/%: bench/peers/libev/%.c
	@mkdir -p $(@D)
	$(bench_cc) $(LDFLAGS) -o $@ $< -l:libev.a -lm

$(bench)/libevent/%: bench/peers/libevent/%.c
	@mkdir -p $(@D)
	$(bench_cc) $(LDFLAGS) -o $@ $< -l:libevent_core.a

$(bench)/libdill/%: bench/peers/libdill/%.c
	@mkdir -p $(@D)
	$(bench_cc) -std=gnu11 -isystem $(LIBDILL) $(LDFLAGS) -o $@ $< \
	    $(firstword $(wildcard $(addprefix $(LIBDILL)/,.libs/libdill.a \
	    build/libdill.a libdill.a))) -lpthread

$(bench)/neco/neco.o: $(NECO)/neco.c $(bench)/elsewhere
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -w -c -o $@ $<

$(bench)/neco/%: bench/peers/neco/%.c $(bench)/neco/neco.o
	@mkdir -p $(@D)
	$(bench_cc) -isystem $(NECO) $(LDFLAGS) -o $@ $< $(@D)/neco.o -lpthread

$(bench)/minicoro/%: bench/peers/minicoro/%.c
	@mkdir -p $(@D)
	$(bench_cc) -isystem $(MINICORO) $(LDFLAGS) -o $@ $<

$(bench)/http_parser/%: bench/peers/http_parser/%.c
	@mkdir -p $(@D)
	$(bench_cc) $(LDFLAGS) -o $@ $< -lhttp_parser

$(bench)/go/%: bench/peers/go/%.go bench/peers/go/bench.go
	@mkdir -p $(@D)
	go build -o $@ $^

$(bench)/%: bench/%.c
	@mkdir -p $(@D)
	$(bench_cc) $(LDFLAGS) -o $@ $< $(LDLIBS)

-include $(wildcard $(bench)/*.d $(bench)/*/*.d)
