# Reports name functions, however the program was linked, and gyre-lines says in
# which line.

cat >"$tmp/program.c" <<'END'
#include <string.h>
#include <unistd.h>

#include "gyre.h"

static __attribute__((noinline)) void leave_open(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);      /* line 10 */
    __asm__ volatile("" : : "r"(&s) : "memory");
}

static intptr_t serve(void *program)
{
    if (program != NULL)
        unlink(program);
    leave_open();
    return gyre_yield();
}

int main(int n, char **words)
{
    intptr_t result = gyre_run(serve, n > 1 ? words[0] : NULL); /* line 24 */

    return result == 0 ? 0 : 1;
}
END

compile() {         # compile NAME FLAG...: $tmp/NAME
    made=$tmp/$1
    shift
    $CC -g -O2 -I. "$tmp/program.c" -o "$made" "$@" -lpthread
}

# told PROGRAM WORDS...: what it says as it dies is this, numbers apart.
told() {
    program=$1
    shift
    ends 134 ours "$program" "$@" && grep '^gyre: ' "$tmp/said" >"$tmp/report" &&
        sed 's/0x[0-9a-f]*/N/g' "$tmp/report" | diff - "$tmp/wanted"
}

report() {          # report FUNCTION SPAWNED OPENED
    echo "gyre: task main ($1), spawned at $2: the scope opened at $3 was" \
        'left without gyre_scope_close'
}

named() {           # named PROGRAM: it names all, static functions too
    report serve main+N leave_open+N >"$tmp/wanted"
    told "$@"
}

unnamed() {         # unnamed PROGRAM: it says where in the program it was
    in="${1##*/}(+N)"
    report "$in" "$in" "$in" >"$tmp/wanted"
    told "$@"
}

archive=$out/libgyre.a

position_independent() {
    compile pie -fPIE -pie "$archive" && named "$tmp/pie"
}

fixed() {
    compile fixed -fno-pie -no-pie "$archive" && named "$tmp/fixed"
}

static() {
    compile static -static "$archive" && named "$tmp/static"
}

static_pie() {
    compile static_pie -static-pie -fPIE "$archive" && named "$tmp/static_pie"
}

shared() {
    compile shared -L"$out" -lgyre -Wl,-rpath,"$(realpath "$out")" &&
        named "$tmp/shared"
}

musl() {
    # The floors that it takes, and no more.  make is to read the variables.
    # shellcheck disable=SC2016
    "$MAKE" -s BUILD="$tmp/musl" CC=musl-gcc LDFLAGS=-static CFLAGS=-O2 \
        variant= library='$(timers) $(loop) $(task)' "$tmp/musl/libgyre.a" &&
        CC=musl-gcc compile with_musl -static "$tmp/musl/libgyre.a" &&
        named "$tmp/with_musl"
}

deleted() {
    cp "$tmp/pie" "$tmp/deleted" && named "$tmp/deleted" delete &&
        [ ! -e "$tmp/deleted" ]
}

stripped() {        # and the copy that was not resolves what is left
    mkdir -p "$tmp/bare" && cp "$tmp/pie" "$tmp/bare/pie" &&
        strip "$tmp/bare/pie" && unnamed "$tmp/bare/pie" &&
        lines "$tmp/pie"
}

lines() {           # lines PROGRAM: gyre-lines knows those of the last report
    task/show/lines.sh "$1" <"$tmp/report" >"$tmp/resolved"
    cat "$tmp/resolved"
    grep "spawned at [^ ]* \[.*/program.c:24\]: " "$tmp/resolved" &&
        grep "opened at [^ ]* \[.*/program.c:10\] was left" "$tmp/resolved"
}

lines_in_shared() {
    named "$tmp/shared" && lines "$tmp/shared" &&
        echo 'in libgyre.so.0.1(gyre_yield+0x8), twice gyre_yield+0x8' |
        task/show/lines.sh "$tmp/shared" >"$tmp/resolved" &&
        cat "$tmp/resolved" &&
        grep -x 'in [^ ]* \[.*/task/task.c:[0-9]*\], twice gyre_yield+0x8' \
            "$tmp/resolved"
}

# Another function of that name: a report cannot tell which of them it was.
lines_of_twins() {
    cat >"$tmp/twin.c" <<'END'
static __attribute__((noinline, used)) void leave_open(void)
{
    for (volatile int i = 0; i < 9; i++)
        for (volatile int k = 0; k < 9; k++)
            __asm__ volatile("");
}
END
    compile twins "$tmp/twin.c" "$archive" && named "$tmp/twins" &&
        task/show/lines.sh "$tmp/twins" "$tmp/report" >"$tmp/resolved"
    cat "$tmp/resolved"
    grep 'opened at [^ ]* \[.*/program.c:10 or .*/twin.c:[0-9]*\] was left' \
        "$tmp/resolved"
}

check 'functions are named'                     position_independent
check 'in a program at a fixed address'         fixed
check 'in a static one'                         static
check 'in a static one anywhere'                static_pie
check 'in one with a shared library'            shared
if command -v musl-gcc >/dev/null; then
    check 'in a static one, with musl'          musl
else
    echo 'names.sh: no musl here'
fi
check 'in one that was deleted'                 deleted
if command -v addr2line >/dev/null; then
    check 'in a stripped one, places are left'  stripped
    check 'of which gyre-lines knows the lines' lines_in_shared
    check 'and those of functions named alike'  lines_of_twins
else
    echo 'names.sh: no addr2line here'
fi
