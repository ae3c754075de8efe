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

named_for() {       # named_for VERSION NAME: that is what programs ask for
    build all library=timers/heap.c VERSION="$1" BUILD="$tmp/$1" &&
        readelf -d "$tmp/$1/libgyre.so" | grep "SONAME.*\[$2\]" &&
        [ -e "$tmp/$1/$2" ]
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
check 'until 1.0 each minor version has a name of its own' \
    named_for 0.2.3 libgyre.so.0.2
check 'and each major one from then on'     named_for 1.2.3 libgyre.so.1
check 'tests wait for what they need'                       deps_first
check 'gcc is not asked to watch that many fibers'          says_clang
