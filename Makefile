# Builds everything under build/.  `make help` lists the targets.

VERSION = 0.1.0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
BUILD  ?= build

WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
          -Wno-missing-field-initializers
DEFS    = -std=c11 -D_GNU_SOURCE -I. -fPIC -fvisibility=hidden \
          $(if $(SAN),-DGYRE_CHECK_FP -DGYRE_SANITIZED)
LDLIBS  = -lpthread

## Choices, each set of them in a folder of its own under build/:
##   CC=clang  CFLAGS="-O2 -g -DNDEBUG"  SAN=address,undefined
##   SAN=thread CC=clang        as gcc's TSan knows too few fibers
##   POLLER=kqueue              the kqueue poller; on Linux over a look-alike
##   SYS=bsd                    what else a BSD has in place of Linux's calls
##   SWITCH=task/switch_ucontext.c      the portable context switch
##   WALK=frames                backtraces along frame pointers
##   SYMBOLS=dladdr             names of functions as the loader knows them
##   EMULATOR="/usr/bin/qemu-aarch64 -L /sysroot"   runs cross-built tests
choices := $(filter-out cc,$(CC)) $(subst -O2 -g,,$(CFLAGS)) $(CPPFLAGS) \
           $(LDFLAGS) $(SAN) $(POLLER) $(SYS) $(notdir $(SWITCH)) \
           $(WALK) $(SYMBOLS)
variant := $(shell echo $(choices) | sed 's/[^[:alnum:]]\{1,\}/-/g')
out     := $(BUILD)$(if $(variant),/$(patsubst -%,%,$(variant)))

SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
                       -fno-omit-frame-pointer)

machine := $(shell $(CC) -dumpmachine)
arch    := $(patsubst arm64,aarch64,$(firstword $(subst -, ,$(machine))))
linux   := $(findstring linux,$(machine))
darwin  := $(or $(findstring darwin,$(machine)),$(findstring macos,$(machine)))

# Nobody puts functions of his in the place of ours: so ours may be inlined.
DEFS   += $(if $(darwin),,-fno-semantic-interposition)

# ---- the floors, bottom first ----------------------------------------------

# What differs by system or architecture is a file of its own, chosen here.
poller := $(or $(POLLER),$(if $(linux),epoll,kqueue))
switch := $(or $(SWITCH),$(wildcard task/switch_$(arch).S),\
               task/switch_ucontext.c)
sys    := $(or $(SYS),$(if $(linux),linux,bsd))
DEFS   += $(if $(findstring ucontext,$(switch)),-DGYRE_SWITCH_UCONTEXT)
bsdism  = -Dst_mtimespec=st_mtim
DEFS   += $(if $(linux),$(if $(filter bsd,$(sys)),$(bsdism)))
symbols := $(or $(SYMBOLS),$(if $(linux),elf,dladdr))
DEFS   += $(if $(filter dladdr,$(symbols)),-DGYRE_SYMBOLS_DLADDR)

# The compiler's unwinder is there if a program can be linked with it.
unwinder = printf '%s' 'int _Unwind_Backtrace(void *, void *);' \
    'int main(void) { return _Unwind_Backtrace(0, 0); }' >$$t.c && \
    $(CC) $(LDFLAGS) -o $$t $$t.c 2>/dev/null
walk   := $(or $(WALK),$(shell t=$$(mktemp); \
    if $(unwinder); then echo unwind; else echo frames; fi; rm -f $$t $$t.c))
DEFS   += $(if $(filter frames,$(walk)),-fno-omit-frame-pointer)

# What tells of files that change goes with the poller.
notices := $(if $(filter kqueue,$(poller)),kqueue,inotify)

foreign = %/poller_epoll.c %/poller_kqueue.c task/switch_% \
          $(filter-out %_$(notices).c,%_inotify.c %_kqueue.c) \
          $(filter-out %_$(symbols).c,%_elf.c %_dladdr.c) \
          $(filter-out %_$(walk).c,%_unwind.c %_frames.c) \
          $(filter-out %_$(sys).c,%_linux.c %_bsd.c)
ours    = $(filter-out $(foreign),$(wildcard $(1)/*.c))

# What the floor of tasks has on top of tasks themselves, bottom first.
rooms := task/sync task/show task/run task/sim

# And what that of streams has on top of streams.
io_rooms := io/file io/process

# What speaks HTTP with what stands beside it: messages, which do no I/O.
http_rooms := io/http/json io/http/server io/http/client io/http/websocket \
              io/http/testing

# On Linux, kqueue(2) itself comes from the tests.
lookalike := $(if $(linux),$(filter kqueue,$(poller)))
lookalike := $(lookalike:kqueue=tests/support/kqueue)

timers := $(call ours,timers)
loop   := $(call ours,loop) loop/poller_$(poller).c \
          $(if $(lookalike),$(wildcard $(lookalike)/*.c))
task   := $(foreach d,task $(rooms),$(call ours,$(d))) $(switch)
io     := $(foreach d,io $(io_rooms),$(call ours,$(d)))
http   := $(foreach d,io/http $(http_rooms),$(call ours,$(d)))

# Private headers are called internal.h, or say so at their head.  Only their
# own floor and its tests may include them, and they are not installed.
headers := $(wildcard gyre.h timers/*.h loop/*.h task/*.h $(rooms:=/*.h) \
             io/*.h $(io_rooms:=/*.h) io/http/*.h $(http_rooms:=/*.h))
private := $(filter %/internal.h,$(headers)) $(shell \
           grep -lE '^ \* (Private to|.* - private:)' $(headers))
public  := $(filter-out $(private),$(headers))

library := $(timers) $(loop) $(task) $(io) $(http)

# The versions that are compatible begin so: until 1.0 with both numbers.
major   := $(firstword $(subst ., ,$(VERSION)))
series  := $(if $(filter 0,$(major)),$(basename $(VERSION)),$(major))

ifdef darwin
shared  := libgyre.$(VERSION).dylib
soname  := libgyre.$(series).dylib
solink  := libgyre.dylib
loadname := @rpath/$(soname)
SOFLAGS  = -dynamiclib -install_name $(loadname)
rpath    = -Wl,-rpath,$${libdir}
else
shared  := libgyre.so.$(VERSION)
soname  := libgyre.so.$(series)
solink  := libgyre.so
loadname := $(soname)
SOFLAGS  = -shared -Wl,-soname,$(loadname)
endif

obj = $(patsubst %,$(out)/%.o,$(basename $(1)))

# ---- targets ---------------------------------------------------------------

## all        the library, static and shared
all: $(out)/libgyre.a $(out)/$(solink)

## guard      what names calls that block, to be linked or preloaded
guard: $(out)/libgyre_guard.a $(out)/libgyre_guard.so

## examples   the programs of examples/, and of the guide
chapters := $(basename $(notdir $(wildcard docs/guide/[0-9]*.md)))
examples: $(patsubst %.c,$(out)/%,$(wildcard examples/*.c examples/both/*.c)) \
          $(out)/examples/gyre-serve $(out)/examples/gyre-fetch $(out)/demo \
          $(out)/examples/chat/chat \
          $(chapters:%=$(out)/guide/%)

## demo       play the article: four routes, and thirty pages at once
demo: all examples
	@$(out)/demo $(out)/examples/web_app

# A task is a fiber to TSan.  gcc's ends at 8,128 of them, after minutes.
ifneq ($(findstring thread,$(SAN)),)
test test-task: many-fibers
endif
many-fibers:
	@echo __clang__ | $(CC) -E -x c - | grep -qx 1 || { \
	    echo "SAN=thread: the tests of tasks need CC=clang, for gcc's TSan" \
	         'knows too few fibers.' >&2; exit 1; }

## test       every test; those of the build itself only in the plain one
# The programs first: they mostly wait, and with -j the others fill that time.
floors = timers loop task io http
test: test-programs $(floors:%=test-%) $(if $(variant),,test-build)

## tests      builds them, and runs none
tests: $(floors:%=$(out)/test_%)

## test-X     the tests of one floor: timers, loop, task, io or http
test-%: $(out)/test_%
	@EMULATOR='$(EMULATOR)' tests/support/run.sh $< $(ARGS)

## test-seeds     those in simulated worlds again, in the orders of SEEDS
SEEDS = 1 2
test-seeds: $(out)/test_task $(out)/test_io $(out)/test_http
	@for seed in $(SEEDS); do \
	    for binary in $^; do \
	        GYRE_SEED=$$seed EMULATOR='$(EMULATOR)' \
	            tests/support/run.sh $$binary $(ARGS) || failed=yes; \
	    done; \
	done; test -z "$$failed"

## test-build     of what this file makes: exports, install, the test runner
test-build: all criterion
	@$(call scripts,tests/system/build)

## test-programs  the examples, against real peers
test-programs: examples
	@$(call scripts,tests/system/programs)

## test-load      the web application under wrk, which must be there
test-load: examples
	@$(call scripts,tests/system/load)

## test-peers     what others have made for HTTP, against ours
peer_ends = $(patsubst %.c,$(out)/%,$(wildcard tests/peers/*.c))
test-peers: examples $(peer_ends)
	@$(call scripts,tests/peers)

## soak       10,000 echoing connections for a minute, of which many go wrong:
##            CONNECTIONS=1000 DURATION=60 SEED=1 FACE=callbacks
soak: $(out)/soak_server $(out)/soak_client
	@$(call scripts,tests/system/soak)

## fuzz       libFuzzer (of clang) on what tests/fuzz/ asserts of parsers:
##            TARGET="url json" (all), TIME=60 seconds each, two at once
TIME   = 60
fuzzed = CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS='-O1 -g'
fuzz:
	@$(MAKE) $(fuzzed) run-fuzz
run-fuzz: $(out)/fuzz
	@tests/fuzz/run.sh $< $(TIME) $(TARGET)

scripts = for script in $(or $(wildcard $(1)/*.sh),none); do \
    CC='$(CC)' CXX='$(CXX)' BUILD='$(BUILD)' MAKE='$(MAKE)' \
    FLAGS='$(CPPFLAGS) $(CFLAGS) $(SANFLAGS) $(LDFLAGS)' \
    EMULATOR='$(EMULATOR)' \
    out='$(out)' PUBLIC='$(public)' PRIVATE='$(private)' \
    tests/support/script.sh $$script || failed=yes; done; test -z "$$failed"

## deps       install what the tests need (Debian's packages)
deps:
	.ci/deps test

# Asked for both, whatever needs it waits for it.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
criterion test-build test-programs: deps
endif

## check      what to run before a commit
check: layers headers test
	$(MAKE) test SAN=address,undefined

## layers     no floor includes a higher one, or another's private header
layers:
	@files=$$(find gyre.h timers loop task io tests examples bench \
	    -name '*.[chS]') && \
	awk -v private='$(private)' -f tests/support/layers.awk $$files

## headers    every header compiles on its own, gyre.h in C++ as well
headers: $(headers:=.ok) gyre.h.ok++
%.h.ok: %.h
	@$(CC) $(DEFS) $(WARN) -Werror -fsyntax-only -x c $<
gyre.h.ok++: gyre.h
	@if command -v $(CXX) >/dev/null; then \
	    $(CXX) -std=c++17 -I. -Wall -Wextra -Werror -fsyntax-only -x c++ $<; \
	else echo 'No C++ compiler here: gyre.h was not tried in C++.'; fi

## fmt        lay the sources out as .clang-format says (version 14)
fmt:
	clang-format -i $(sources)

## lint       are they so laid out, and what clang-tidy and shellcheck say
sources = $(shell git ls-files '*.[ch]')
tidied  = $(wildcard $(patsubst %,%/*.c,timers loop task $(rooms) task/guard \
              io $(io_rooms) io/http $(http_rooms) bench/gyre examples \
              examples/both examples/demo examples/fetch examples/serve \
              examples/chat \
              examples/tls examples/embedding tests/* tests/*/* tests/*/*/*))
lint: fmt-check shellcheck $(tidied:=.tidy)
%.c.tidy: %.c
	@clang-tidy --quiet $(tidy) $< -- $(DEFS) -isystem tests/support/kqueue \
	    2>/dev/null
task/switch_ucontext.c.tidy: DEFS += -DGYRE_SWITCH_UCONTEXT
io/http/server/beneath_bsd.c.tidy: DEFS += $(bsdism)
examples/embedding/glib.c.tidy: DEFS += $(shell pkg-config --cflags glib-2.0)

# getnameinfo() has more parameters than we allow ourselves.
tests/support/network.c.tidy: tidy = --checks=-readability-function-size

# It thinks kevent() might answer for more changes than it was given.
loop/poller_kqueue.c.tidy: \
    tidy = --checks=-clang-analyzer-core.UndefinedBinaryOperatorResult

# What a child of vfork may do is said in io/process/child.c.
io/process/start_linux.c.tidy: tidy = \
    --checks=-clang-analyzer-security.insecureAPI.vfork,-clang-analyzer-unix.Vfork
fmt-check:
	@clang-format --dry-run -Werror $(sources)
	@awk 'length > 80 && !/"|[^ -~]/ { print FILENAME ":" FNR ": over 80 columns"; \
	    wide = 1 } END { exit wide }' $(filter-out examples/%,$(sources))
shellcheck:
	@shellcheck -s sh $(shell git ls-files '*.sh') && \
	shellcheck $(shell git ls-files .ci)

## install    under PREFIX (/usr/local); DESTDIR goes before it
packages = $(out)/gyre.pc $(out)/gyreConfig.cmake $(out)/gyreConfigVersion.cmake
install: all $(packages)
	set -e; root='$(DESTDIR)$(PREFIX)'; \
	for header in $(public); do \
	    mkdir -p "$$root/include/gyre/$$(dirname $$header)"; \
	    install -m 644 $$header "$$root/include/gyre/$$header"; \
	done; \
	mkdir -p "$$root/lib/pkgconfig" "$$root/lib/cmake/gyre"; \
	install -m 644 $(out)/libgyre.a "$$root/lib"; \
	install -m 755 $(out)/$(shared) "$$root/lib"; \
	ln -sf $(shared) "$$root/lib/$(soname)"; \
	ln -sf $(shared) "$$root/lib/$(solink)"; \
	mkdir -p "$$root/share/gyre"; \
	install -m 644 task/show/gdb.py "$$root/share/gyre"; \
	install -m 644 $(out)/gyre.pc "$$root/lib/pkgconfig"; \
	install -m 644 $(out)/gyreConfig*.cmake "$$root/lib/cmake/gyre"; \
	mkdir -p "$$root/bin"; \
	install -m 755 task/show/lines.sh "$$root/bin/gyre-lines"

## clean      remove build/
clean:
	rm -rf $(BUILD)

## help       this list
help:
	@sed -n 's/^## //p' Makefile bench/bench.mk

.PHONY: all examples guard demo deps test tests test-seeds test-build \
        test-programs test-load test-peers soak check layers headers fmt \
        fmt-check shellcheck lint install clean help criterion many-fibers \
        force
.SECONDARY:
.DELETE_ON_ERROR:

# ---- linking ---------------------------------------------------------------

# What is linked is linked again when a source has come or gone: this list of
# objects is rewritten only if it changes.
linked = $(call obj,$(library) $(wildcard examples/demo/*.c \
             examples/chat/*.c \
             examples/fetch/*.c examples/serve/*.c \
             tests/*/*.c tests/*/*/*.c tests/*/*/*/*.c))
$(out)/linked: force
	@mkdir -p $(@D)
	@echo '$(linked)' | cmp -s - $@ || echo '$(linked)' >$@

$(out)/libgyre.a: $(call obj,$(library)) $(out)/linked
	rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(out)/$(shared): $(call obj,$(library)) $(out)/linked
	$(CC) $(SOFLAGS) $(SANFLAGS) $(filter-out -static,$(LDFLAGS)) \
	    -o $@ $(filter %.o,$^) $(LDLIBS)

$(out)/$(solink): $(out)/$(shared)
	ln -sf $(<F) $(@D)/$(soname)
	ln -sf $(<F) $@

guards := $(call obj,$(call ours,task/guard))
$(out)/libgyre_guard.a: $(guards)
	rm -f $@ && $(AR) rcs $@ $^

$(out)/libgyre_guard.so: $(guards) $(out)/$(solink)
	$(CC) -shared $(SANFLAGS) $(filter-out -static,$(LDFLAGS)) \
	    -o $@ $(guards) -L$(out) -lgyre

$(out)/examples/%: $(out)/examples/%.o $(out)/libgyre.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# A chapter has its program in it, between ```c and ```.
$(out)/guide/%.c: docs/guide/%.md
	@mkdir -p $(@D)
	awk '/^```/ { c = $$0 == "```c"; next } c' $< >$@

$(out)/guide/%.o: $(out)/guide/%.c Makefile
	$(compile)

$(out)/guide/%: $(out)/guide/%.o $(out)/libgyre.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(out)/examples/chat/chat: $(call obj,$(wildcard examples/chat/*.c)) \
             $(out)/libgyre.a $(out)/linked
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(out)/demo: $(call obj,$(wildcard examples/demo/*.c)) $(out)/libgyre.a \
             $(out)/linked
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(out)/examples/gyre-%: $(out)/libgyre.a $(out)/linked
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $< $(LDLIBS)
$(out)/examples/gyre-fetch: $(call obj,$(wildcard examples/fetch/*.c))
$(out)/examples/gyre-serve: $(call obj,$(wildcard examples/serve/*.c))
$(out)/examples/serve/options.o: DEFS += -DVERSION='"$(VERSION)"'

$(peer_ends): $(out)/%: $(out)/%.o $(out)/libgyre.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Calls of these from the soak's server, and the library in it, go through it.
$(out)/soak_server: counted = accept accept4
soak = $(call obj,$(1:%=tests/system/soak/%.c))
$(out)/soak_server: $(call soak,server by_tasks by_callbacks books)
$(out)/soak_client: $(call soak,client books)
$(out)/soak_%: $(out)/libgyre.a
	$(CC) $(SANFLAGS) $(counted:%=-Wl,--wrap=%) $(LDFLAGS) \
	    -o $@ $(filter %.o,$^) $< $(LDLIBS)

# A floor's tests link that floor and those under it, object by object, and
# nothing above: code that reaches up does not link.
under_timers = $(timers)
under_loop   = $(under_timers) $(loop)
under_task   = $(under_loop) $(task)
under_io     = $(under_task) $(io)
under_http   = $(under_io) $(http)

support := tests/support/exit.c tests/support/limit.c tests/support/faults.c \
           tests/support/forked.c tests/support/network.c \
           tests/support/disk.c tests/support/children.c \
           tests/support/calls.c tests/support/pages.c \
           tests/support/failing.c \
           $(if $(findstring address,$(SAN)),tests/support/leaks.c) \
           $(if $(findstring thread,$(SAN)),tests/support/rand_r.c) \
           $(if $(EMULATOR),tests/support/execve.c)

# Tests of the build have a make of their own, in the same folder: two that wrote
# these at a time would have one link what the other has half written.
test-build: $(call obj,$(support))

# A simulated world for the tests of whatever has tasks.
world = tests/task/world.c

# What is asserted of parsers is tried on what is known, and by libFuzzer.
fuzz_targets := $(filter-out %/driver.c %/test_replay.c,\
                    $(wildcard tests/fuzz/*.c))

$(out)/test_timers: $(call obj,$(wildcard tests/timers/*.c) $(under_timers))
$(out)/test_loop:   $(call obj,$(wildcard tests/loop/*.c) $(under_loop))
$(out)/test_task:   $(call obj,$(wildcard tests/task/*.c tests/task/*/*.c) \
                          $(under_task))
$(out)/test_io:     $(call obj,$(wildcard tests/io/*.c \
                          $(io_rooms:%=tests/%/*.c)) $(world) $(under_io))
$(out)/test_http:   $(call obj,$(wildcard tests/io/http/*.c \
                          $(http_rooms:%=tests/%/*.c)) $(world) \
                          $(fuzz_targets) tests/fuzz/test_replay.c \
                          tests/io/loopback.c $(under_http))

$(out)/fuzz: $(call obj,tests/fuzz/driver.c $(fuzz_targets) $(under_http)) \
             $(out)/linked
	$(CC) $(SANFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $(filter %.o,$^) \
	    -lm $(LDLIBS)

# Wrong on purpose: tests/system/build/runner.sh sees that each is found out.
planted := $(basename $(notdir $(wildcard tests/system/build/planted/*.c)))
$(planted:%=$(out)/test_planted_%): $(out)/test_planted_%: \
    $(out)/tests/system/build/planted/%.o

# Calls of these from the tests' objects and the library's go to tests/support.
wrapped = exit malloc calloc realloc free mmap \
          getaddrinfo freeaddrinfo getnameinfo getsockopt getpeername \
          accept accept4 \
          read write writev pread pwrite recv recvfrom recvmsg recvmmsg \
          send sendto sendmsg sendmmsg sendfile \
          socket socketpair connect bind listen shutdown getsockname \
          setsockopt pipe pipe2 fcntl syscall poll waitid \
          epoll_create1 epoll_ctl epoll_wait timerfd_create \
          timerfd_settime eventfd kqueue kevent \
          inotify_init1 inotify_add_watch \
          readdir mkdtemp fsync open fstat lstat rename link \
          pthread_create pthread_cond_signal pthread_cond_broadcast \
          gyre_child_start gyre_pidfd_open \
          gyre_sys_receive gyre_sys_send gyre_sys_sendfile

$(out)/test_%: $(call obj,$(support)) $(out)/linked | criterion
	$(CC) $(SANFLAGS) $(wrapped:%=-Wl,--wrap=%) $(LDFLAGS) \
	    -o $@ $(filter %.o,$^) -lcriterion -lm $(LDLIBS)

$(filter $(out)/tests/%,$(linked)): | criterion
criterion:
	@echo '#include <criterion/criterion.h>' | \
	    $(CC) $(CPPFLAGS) -E -x c -o /dev/null - 2>/dev/null || { \
	    echo 'The tests need Criterion: `.ci/deps test` installs it here' \
	         '(Debian: libcriterion-dev).' >&2; exit 1; }

# ---- compiling -------------------------------------------------------------

includes = $(if $(lookalike),-isystem $(lookalike))
compile  = $(CC) $(DEFS) $(includes) $(WARN) $(CPPFLAGS) $(CFLAGS) $(LESS) \
           $(SANFLAGS) -MMD -MP -c -o $@ $<

# Compiling the tests takes longer than running them, the more so the better it
# is done.
$(out)/tests/%.o: LESS = -O0
$(out)/tests/fuzz/%.o: LESS =
$(out)/tests/task/show/deep.o: \
    LESS = -O2 $(if $(filter unwind,$(walk)),-fomit-frame-pointer)

$(out)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(compile)

$(out)/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(wildcard $(foreach d,timers loop task $(rooms) task/guard io \
             $(io_rooms) io/http $(http_rooms) examples examples/both \
             examples/demo examples/fetch examples/serve examples/chat guide \
             tests/* tests/*/* tests/*/*/*,$(out)/$(d)/*.d))

# Asked for by name, for it looks for peers to measure beside.
ifneq ($(findstring bench,$(MAKECMDGOALS)),)
include bench/bench.mk
endif

# ---- packages --------------------------------------------------------------

# What pkg-config and CMake are told of the library.

define pkgconfig
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: gyre
Description: An event-loop runtime: callbacks, tasks, streams, HTTP
Version: $(VERSION)
Cflags: -I$${includedir}/gyre
Libs: -L$${libdir} -lgyre $(rpath)
Libs.private: $(LDLIBS)
endef

define cmake_config
# gyre::gyre is the shared library, gyre::static the static one.
get_filename_component(gyre_prefix
    "$${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_package(Threads REQUIRED)
if(NOT TARGET gyre::gyre)
    add_library(gyre::gyre SHARED IMPORTED)
    set_target_properties(gyre::gyre PROPERTIES
        IMPORTED_LOCATION "$${gyre_prefix}/lib/$(shared)"
        IMPORTED_SONAME "$(loadname)"
        INTERFACE_INCLUDE_DIRECTORIES "$${gyre_prefix}/include/gyre")
    add_library(gyre::static STATIC IMPORTED)
    set_target_properties(gyre::static PROPERTIES
        IMPORTED_LOCATION "$${gyre_prefix}/lib/libgyre.a"
        INTERFACE_INCLUDE_DIRECTORIES "$${gyre_prefix}/include/gyre"
        INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
endef

define cmake_version
set(PACKAGE_VERSION $(VERSION))
if(NOT PACKAGE_FIND_VERSION VERSION_LESS $(series) AND
   NOT PACKAGE_FIND_VERSION VERSION_GREATER $(VERSION))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_EQUAL $(VERSION))
    set(PACKAGE_VERSION_EXACT TRUE)
endif()
endef

export pkgconfig cmake_config cmake_version

# Written anew each time, for PREFIX may have changed.
$(out)/gyre.pc:                 text = pkgconfig
$(out)/gyreConfig.cmake:        text = cmake_config
$(out)/gyreConfigVersion.cmake: text = cmake_version
$(packages): force
	@mkdir -p $(@D)
	@printf '%s\n' "$$$(text)" >$@
force:
