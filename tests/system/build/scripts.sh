# Tests that are scripts are red for what they should be.

run() {             # run TEXT: a script of that text
    printf '%s\n' "$1" >"$tmp/planted.sh"
    TIMEOUT=2 PATIENCE=1 tests/support/script.sh "$tmp/planted.sh" \
        >"$tmp/printed" 2>&1
}

green() {
    run "$1" || { cat "$tmp/printed"; false; }
}

red() {             # red WORDS TEXT: one claim fails, and it says WORDS
    if ! run "$2" && grep 'Failing: 1 ' "$tmp/printed" &&
        grep "$1" "$tmp/printed"; then
        return 0
    fi
    cat "$tmp/printed"
    return 1
}

silent() {
    ! run 'true' && grep 'Tested: 0 ' "$tmp/printed"
}

# Listens to the end of time, or until it is asked to stop, and then does $1.
server() {
    cat <<END_OF_SERVER
export reports
check 'starts' serve sh -c 'trap "$1" TERM; echo listening on 127.0.0.1:1
    while :; do sleep 0.1; done'
check 'stops' stop
END_OF_SERVER
}

# Fails as it is meant to, but for what AddressSanitizer has to say of it, after
# which it ends with the same code.
cat >"$tmp/overflow.c" <<'END_OF_PROGRAM'
#include <stdlib.h>

int main(void)
{
    char *volatile bytes = malloc(4);
    char *volatile beyond = bytes + 4;

    *beyond = 1;
    return 1;
}
END_OF_PROGRAM
$CC -O0 -fsanitize=address "$tmp/overflow.c" -o "$tmp/overflow"

check 'a claim that holds is green'     green "check claim true"
check 'a claim that does not is red'    red 'failed: claim' "check claim false"
check 'a script without one is red'     silent

check 'the code that was to be is green'    green \
    "check claim ends 3 ours sh -c 'exit 3'"
check 'another code is red'                 red 'ended with code 3' \
    "check claim ends 1 ours sh -c 'exit 3'"
check 'success is red where failure is due' red 'ended with code 0' \
    'check claim ends 1 ours true'
check "a crash is red there"                red 'ended with code 139' \
    "check claim ends 1 ours sh -c 'kill -SEGV \$\$'"
check "a sanitizer's finding is red there"  red 'heap-buffer-overflow' \
    "check claim ends 1 ours '$tmp/overflow'"
check 'a program that hangs is red'         red 'ended with code 124' \
    'check claim ends 0 ours sleep 60'

check 'a server that stops is green'        green "$(server 'exit 0')"
check 'a server that stops badly is red'    red 'ended with code 3' \
    "$(server 'exit 3')"
check 'a server that will not stop is red'  red 'failed: stops' "$(server :)"
# shellcheck disable=SC2016
check 'a finding in a server that ends well is red' red 'a finding' \
    "$(server 'echo a finding >$reports/report.1; exit 0')"
check 'a server that is left behind is red' red 'runs on' \
    "$(server 'exit 0' | sed '/stop$/d')"
