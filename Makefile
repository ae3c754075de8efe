# Builds everything under build/.  `make help` lists the targets.

VERSION = 0.1.0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
BUILD  ?= build

WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
DEFS    = -std=c11 -D_GNU_SOURCE -I. -fPIC -fvisibility=hidden
LDLIBS  = -lpthread

## Choices, each set of them in a folder of its own under build/:
##   CC=clang  CFLAGS="-O2 -g -DNDEBUG"  SAN=address,undefined  SAN=thread
##   POLLER=kqueue              the kqueue poller; on Linux over a look-alike
##   SWITCH=task/switch_ucontext.c      the portable context switch
##   EMULATOR="/usr/bin/qemu-aarch64 -L /sysroot"   runs cross-built tests
choices := $(filter-out cc,$(CC)) $(subst -O2 -g,,$(CFLAGS)) $(CPPFLAGS) \
           $(LDFLAGS) $(SAN) $(POLLER) $(notdir $(SWITCH))
variant := $(shell echo $(choices) | sed 's/[^[:alnum:]]\{1,\}/-/g')
out     := $(BUILD)$(if $(variant),/$(patsubst -%,%,$(variant)))

SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
                       -fno-omit-frame-pointer)

machine := $(shell $(CC) -dumpmachine)
arch    := $(patsubst arm64,aarch64,$(firstword $(subst -, ,$(machine))))
linux   := $(findstring linux,$(machine))
darwin  := $(or $(findstring darwin,$(machine)),$(findstring macos,$(machine)))

# ---- the floors, bottom first ----------------------------------------------

# What differs by system or architecture is a file of its own, chosen here.
poller := $(or $(POLLER),$(if $(linux),epoll,kqueue))
switch := $(or $(SWITCH),$(wildcard task/switch_$(arch).S),task/switch_ucontext.c)
foreign = %/poller_epoll.c %/poller_kqueue.c task/switch_% \
          $(if $(linux),%_bsd.c,%_linux.c)
ours    = $(filter-out $(foreign),$(wildcard $(1)/*.c))

# On Linux, kqueue(2) itself comes from the tests.
lookalike := $(if $(linux),$(if $(filter kqueue,$(poller)),tests/support/kqueue))

timers := $(call ours,timers)
loop   := $(call ours,loop) loop/poller_$(poller).c \
          $(if $(lookalike),$(wildcard $(lookalike)/*.c))
task   := $(call ours,task) $(switch)
io     := $(call ours,io)
http   := $(call ours,io/http)

# Headers that only their own floor and its tests may include; never installed.
private := $(wildcard */internal.h io/http/internal.h) \
           task/fiber.h task/stack.h task/switch.h task/sanitize.h
headers := $(wildcard gyre.h timers/*.h loop/*.h task/*.h io/*.h io/http/*.h)
public  := $(filter-out $(private),$(headers))

obj = $(patsubst %,$(out)/%.o,$(basename $(1)))

# ---- targets ---------------------------------------------------------------

## all        the library, static and shared
all: $(out)/libgyre.a $(out)/libgyre.so

## examples   the programs of examples/
examples: $(patsubst %.c,$(out)/%,$(wildcard examples/*.c))

## test       every test
floors = timers loop task io http
test: $(floors:%=test-%)

## test-X     the tests of one floor: timers, loop, task, io or http
test-%: $(out)/test_%
	@EMULATOR='$(EMULATOR)' tests/support/run.sh $< $(ARGS)

## layers     no floor includes a higher one, or another's private header
forbid   = ! grep -nsE '^\# *include "($(1))' $(2)
or_pipe  = $(subst $(space),|,$(strip $(1)))
space    = $() $()
privates = $(call or_pipe,$(filter $(1),$(private)) none)
layers:
	@$(call forbid,loop/|task/|io/,timers/*.[chS])
	@$(call forbid,task/|io/|$(call privates,timers/%),loop/*.[chS])
	@$(call forbid,io/|$(call privates,timers/% loop/%),task/*.[chS])
	@$(call forbid,io/http/|$(call privates,timers/% loop/% task/%),io/*.[ch])
	@$(call forbid,$(call privates,timers/% loop/% task/% io/internal.h),\
	    io/http/*.[ch])
	@$(call forbid,$(call privates,%),gyre.h $(public) examples/*.c bench/*.c)

## headers    every header compiles on its own
headers: $(headers:=.ok)
%.h.ok: %.h
	@$(CC) $(DEFS) $(WARN) -fsyntax-only -x c $<

## fmt        lay the sources out as .clang-format says
fmt:
	clang-format -i $(shell git ls-files '*.[ch]')

## lint       clang-tidy, as .clang-tidy says
lint: $(addsuffix .tidy,$(filter %.c,$(timers) $(loop) $(task) $(io) $(http)))
%.c.tidy: %.c
	@clang-tidy --quiet $< -- $(DEFS) 2>/dev/null

## clean      remove build/
clean:
	rm -rf $(BUILD)

## help       this list
help:
	@sed -n 's/^## //p' Makefile

.PHONY: all examples test layers headers fmt lint clean help criterion
.SECONDARY:
.DELETE_ON_ERROR:

# ---- linking ---------------------------------------------------------------

library := $(timers) $(loop) $(task) $(io) $(http)
soname  := libgyre.so.$(firstword $(subst ., ,$(VERSION)))

$(out)/libgyre.a: $(call obj,$(library))
	rm -f $@ && $(AR) rcs $@ $^

$(out)/libgyre.so.$(VERSION): $(call obj,$(library))
	$(CC) -shared -Wl,-soname,$(soname) $(SANFLAGS) \
	    $(filter-out -static,$(LDFLAGS)) -o $@ $^ $(LDLIBS)

$(out)/libgyre.so: $(out)/libgyre.so.$(VERSION)
	ln -sf $(<F) $(@D)/$(soname)
	ln -sf $(<F) $@

$(out)/examples/%: $(out)/examples/%.o $(out)/libgyre.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# A floor's tests link that floor and those under it, object by object, and
# nothing above: code that reaches up does not link.
under_timers = $(timers)
under_loop   = $(under_timers) $(loop)
under_task   = $(under_loop) $(task)
under_io     = $(under_task) $(io)
under_http   = $(under_io) $(http)

support := tests/support/exit.c \
           $(if $(findstring thread,$(SAN)),tests/support/rand_r.c) \
           $(if $(EMULATOR),tests/support/execve.c)

$(out)/test_timers: $(call obj,$(wildcard tests/timers/*.c) $(under_timers))
$(out)/test_loop:   $(call obj,$(wildcard tests/loop/*.c) $(under_loop))
$(out)/test_task:   $(call obj,$(wildcard tests/task/*.c) $(under_task))
$(out)/test_io:     $(call obj,$(wildcard tests/io/*.c) $(under_io))
$(out)/test_http:   $(call obj,$(wildcard tests/io/http/*.c) $(under_http))

$(out)/test_%: $(call obj,$(support)) | criterion
	$(CC) $(SANFLAGS) -Wl,--wrap=exit $(LDFLAGS) -o $@ $^ -lcriterion $(LDLIBS)

criterion:
	@echo '#include <criterion/criterion.h>' | \
	    $(CC) $(CPPFLAGS) -E -x c -o /dev/null - 2>/dev/null || { \
	    echo 'The tests need Criterion: `.ci/deps test` installs it here' \
	         '(Debian: libcriterion-dev).' >&2; exit 1; }

# ---- compiling -------------------------------------------------------------

includes = $(if $(lookalike),-isystem $(lookalike))

$(out)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(includes) $(WARN) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) \
	    -MMD -MP -c -o $@ $<

$(out)/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(wildcard $(foreach d,timers loop task io io/http examples bench \
                                tests/* tests/io/http,$(out)/$(d)/*.d))
-include bench/bench.mk
