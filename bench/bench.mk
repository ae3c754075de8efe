# The benchmarks: built under $(out)/bench, one folder a contender, so that
# $(out)/bench/libuv/timers stands beside $(out)/bench/gyre/timers.
#
# Peers are built when they are installed; bench/run says which are absent.
# LIBUV=dir takes libuv from a build of one's own instead of the system's.

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
bench_ev := $(if $(shell $(CC) $(CPPFLAGS) -include ev.h -E -x c /dev/null \
              >/dev/null 2>&1 && echo yes),$(patsubst \
              bench/peers/%.c,$(bench)/%,$(wildcard bench/peers/libev/*.c)))
bench_hp := $(if $(shell $(CC) $(CPPFLAGS) -include http_parser.h -E -x c \
              /dev/null >/dev/null 2>&1 && echo yes),$(patsubst \
              bench/peers/%.c,$(bench)/%, \
              $(wildcard bench/peers/http_parser/*.c)))
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

## bench-counts   instructions of what only computes, beside those that
##            bench/counts.baseline has (ARGS=--update writes it anew)
bench-counts: bench-build
	bench/count --dir $(bench) $(ARGS)

bench-build: $(bench_own) $(bench_c) $(bench_uv) $(bench_ev) $(bench_hp) \
             $(bench_go)
	@{ $(CC) --version | head -n 1; echo '$(CFLAGS)'; } >$(bench)/compiler

.PHONY: bench bench-quick bench-counts bench-build

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
