# The runner is red for everything that Criterion calls green.  Each program of
# planted/ is built and run as `make test-X` does with a floor's tests.

planted() {         # planted NAME [VARIABLE=VALUE]
    # shellcheck disable=SC2086
    "$MAKE" CC="$CC" BUILD="$BUILD" "test-planted_$1" $2
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

check 'a clean program is green'                planted clean
check 'a clean program is green, sanitized'     planted clean $ubsan
check 'a clean program is green under TSan'     planted clean $tsan

check 'a failure is red'            red failure 'Failing: 1'
check 'having no test is red'       red empty 'ran no test'
check 'exit(0) in a test is red'    red exit 'exit() was called inside a test'
check 'a leak is red'               red leak 'LeakSanitizer' $asan
check 'an overflow is red'          red overflow 'heap-buffer-overflow' $asan
check 'undefined behaviour is red'  red undefined 'signed integer' $ubsan
check 'a race is red'               red race 'data race' $tsan
