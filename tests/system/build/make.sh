# What the Makefile promises of itself.

build() {           # build TARGET VARIABLE...: in a folder of its own
    "$MAKE" -s CC="$CC" BUILD="$tmp/build" CFLAGS=-O0 variant= "$@"
}

gone_source_goes() {
    for library in 'timers/heap.c timers/wheel.c' timers/heap.c; do
        build all library="$library" || return 1
    done
    [ "$(ar t "$tmp/build/libgyre.a")" = heap.o ] &&
        ! nm -g "$tmp/build/libgyre.so" | grep wheel
}

linked_once() {
    build all library=timers/heap.c && touch "$tmp/mark" &&
        build all library=timers/heap.c &&
        [ -z "$(find "$tmp/build/libgyre.a" -newer "$tmp/mark")" ]
}

# Whatever compiles or runs a test does so after what installs what it needs.
deps_first() {
    "$MAKE" -n CC="$CC" BUILD="$tmp/none" test deps >"$tmp/plan" &&
    awk '/^\.ci\/deps test$/                       { installed = 1; next }
         / tests\/[^ ]*\.c$|tests\/support\/script/ { if (!installed) exit 1
                                                     n++ }
         END                                       { exit n == 0 }' \
        "$tmp/plan"
}

says_clang() {
    # shellcheck disable=SC2086
    ! $bounded "$MAKE" test CC=gcc SAN=thread >"$tmp/told" 2>&1 &&
        grep '^SAN=thread: .* CC=clang' "$tmp/told"
}

check 'an object whose source has gone leaves the libraries' gone_source_goes
check 'nothing is linked twice when none has'               linked_once
check 'tests wait for what they need'                       deps_first
check 'gcc is not asked to watch that many fibers'          says_clang
