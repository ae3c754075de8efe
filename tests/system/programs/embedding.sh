# Gyre inside of other loops, and others inside of Gyre: each is on time, and
# nobody turns round and round.

with() {            # with LIBRARY: what compiles and links a program with it
    [ -z "$1" ] || pkg-config --cflags --libs "$1"
}

links() {           # links LIBRARY HEADER: can programs with it be made here?
    libraries=$(with "$1") || return
    # shellcheck disable=SC2086
    printf '#include <%s>\nint main(void) { return 0; }\n' "$2" |
        $CC $FLAGS -x c - -o "$tmp/linked" $libraries
}

build() {           # build NAME LIBRARY
    libraries=$(with "$2") || return
    # shellcheck disable=SC2086
    $CC -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror \
        -Wno-missing-field-initializers $FLAGS "examples/embedding/$1.c" \
        "$out/libgyre.a" $libraries -lpthread -o "$tmp/$1"
}

says() {            # says TEXT NAME: prints just that, and ends well
    ends 0 ours "$tmp/$2" && echo "$1" | diff - "$tmp/said"
}

# The same of Gyre; how often the host's clock is seen meanwhile is up to the
# machine, if it is often enough.
says_of_gyre() {
    ends 0 ours "$tmp/$2" &&
        [ "$(grep -cx 'host: its clock' "$tmp/said")" -ge 3 ] &&
        grep -v '^host:' "$tmp/said" >"$tmp/gyre" &&
        echo "$1" | diff - "$tmp/gyre"
}

if [ "$EMULATOR" ]; then
    echo 'embedding.sh: skipped, for nothing is compiled for an emulator'
    check 'there is nothing to run' true
    return
fi

if links '' sys/epoll.h >/dev/null 2>&1; then
    check 'a loop of epoll is made' build epoll ''
    check 'Gyre runs inside of it'  says_of_gyre 'gyre: a timer
gyre: a descriptor
gyre: a timer
gyre: a descriptor
gyre: a timer
gyre: a descriptor
few rounds' epoll
fi

if links glib-2.0 glib.h >/dev/null 2>&1; then
    check "a source of GLib's is made" build glib glib-2.0
    check 'Gyre runs inside of GLib' says 'glib: 3
gyre: 3
glib: 2
gyre: 2
glib: 1
gyre: 1
few rounds' glib
else
    echo 'embedding.sh: no GLib to make programs with: skipped'
fi

if links libuv uv.h >/dev/null 2>&1; then
    check 'a loop for libuv is made' build libuv libuv
    check 'libuv runs inside of Gyre' says 'libuv: a connection
libuv: its time has come
gyre: hello from libuv
few rounds' libuv
else
    echo 'embedding.sh: no libuv to make programs with: skipped'
fi
