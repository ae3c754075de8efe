# The runner is red for everything that Criterion calls green.  Each program of
# planted/ is built and run as `make test-X` does with a floor's tests.

planted() {         # planted NAME [VARIABLE=VALUE]
    # shellcheck disable=SC2086
    $bounded "$MAKE" CC="$CC" BUILD="$BUILD" "test-planted_$1" $2
}

red() {             # red NAME WORDS [VARIABLE=VALUE]: fails, saying WORDS
    if ! planted "$1" "$3" >"$tmp/said" 2>&1 && grep "$2" "$tmp/said"; then
        return 0
    fi
    cat "$tmp/said"
    return 1
}

asan=SAN=address
ubsan=SAN=address,undefined
tsan=SAN=thread

finds_all() {       # with the compiler $CC
    check "$CC: a clean program is green"   planted clean
    check "$CC: so it is sanitized"         planted clean $ubsan
    check "$CC: and under TSan"             planted clean $tsan

    check "$CC: a failure is red"           red failure 'Failing: 1'
    check "$CC: having no test is red"      red empty 'ran no test'
    check "$CC: exit(0) in a test is red"   red exit \
        'exit() was called inside a test'
    check "$CC: one that hangs is red"      red hang \
        'planted::hang: CRASH' LIMIT=1
    check "$CC: a leak is red"              red leak 'LeakSanitizer' $asan
    check "$CC: but not one of Criterion's" planted runner $asan
    check "$CC: an overflow is red" \
        red overflow 'heap-buffer-overflow' $asan
    check "$CC: undefined behaviour is red" \
        red undefined 'signed integer' $ubsan
    check "$CC: a race is red"              red race 'data race' $tsan
}

has_clang() {       # and its sanitizers, which are a package of their own
    echo 'int main(void) { return 0; }' |
        clang -fsanitize=thread -x c - -o "$tmp/linked" 2>"$tmp/why"
}

finds_all
if has_clang; then
    CC=clang
    finds_all
else
    echo 'runner.sh: no clang here, or none of its sanitizers'
fi
