# Builds everything under build/.  `make help` lists the targets.

CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
SAN      =
TESTLIBS = -lcriterion

WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
DEFS     = -std=c11 -D_GNU_SOURCE -I. -fPIC -fvisibility=hidden
LDLIBS   = -lpthread

# `make test SAN=address,undefined` builds in build/address-undefined/.
comma   := ,
BUILD    = build$(if $(SAN),/$(subst $(comma),-,$(SAN)))
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
                       -fno-omit-frame-pointer)

# ---- the floors, bottom first ----------------------------------------------

POLLER := $(if $(filter Linux,$(shell uname -s)),epoll,kqueue)
SWITCH := $(or $(wildcard task/switch_$(shell uname -m).S),task/switch_ucontext.c)

timers := $(wildcard timers/*.c)
loop   := $(filter-out loop/poller_epoll.c loop/poller_kqueue.c,$(wildcard loop/*.c)) \
          loop/poller_$(POLLER).c
task   := $(filter-out task/switch_%,$(wildcard task/*.c)) $(SWITCH)
io     := $(wildcard io/*.c)
http   := $(wildcard io/http/*.c)

headers := $(wildcard timers/*.h loop/*.h task/*.h io/*.h io/http/*.h)

obj = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))

# ---- targets ---------------------------------------------------------------

## all        the library
all: $(BUILD)/libgyre.a

## test       every test; SAN=address,undefined or SAN=thread to sanitize
test: test-timers test-loop test-task test-io test-http

## test-X     the tests of one floor: timers, loop, task, io or http
test-%: $(BUILD)/test_%
	$<

## layers     no floor includes a higher one, or another's internal.h
layers:
	@! grep -nE '#include "(loop|task|io)/' timers/*.[ch]
	@! grep -nE '#include "(task|io)/'      loop/*.[ch]
	@! grep -nsE '#include "io/'            task/*.[ch]
	@! grep -nsE '#include "io/http/'       io/*.[ch]
	@! grep -nsE '#include "(timers|loop)/internal.h' task/*.[ch]

## headers    every header compiles on its own
headers: $(headers:=.ok)
%.h.ok: %.h
	@$(CC) $(DEFS) $(WARN) -fsyntax-only -x c $<

## clean      remove build/
clean:
	rm -rf build

## help       this list
help:
	@sed -n 's/^## //p' Makefile

.PHONY: all test layers headers clean help
.SECONDARY:
.DELETE_ON_ERROR:

# ---- linking ---------------------------------------------------------------

$(BUILD)/libgyre.a: $(call obj,$(timers) $(loop) $(task) $(io) $(http))
	rm -f $@ && $(AR) rcs $@ $^

# A floor's tests link that floor and those under it, object by object, and
# nothing above: code that reaches up does not link.
under_timers = $(timers)
under_loop   = $(under_timers) $(loop)
under_task   = $(under_loop) $(task)
under_io     = $(under_task) $(io)
under_http   = $(under_io) $(http)

$(BUILD)/test_timers: $(call obj,$(wildcard tests/timers/*.c) $(under_timers))
$(BUILD)/test_loop:   $(call obj,$(wildcard tests/loop/*.c) $(under_loop))
$(BUILD)/test_task:   $(call obj,$(wildcard tests/task/*.c) $(under_task))
$(BUILD)/test_io:     $(call obj,$(wildcard tests/io/*.c) $(under_io))
$(BUILD)/test_http:   $(call obj,$(wildcard tests/io/http/*.c) $(under_http))

$(BUILD)/test_%:
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(TESTLIBS) $(LDLIBS)

# ---- compiling -------------------------------------------------------------

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(WARN) $(CFLAGS) $(SANFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
