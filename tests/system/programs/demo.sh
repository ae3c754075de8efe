# The demonstration demonstrates; and fails if the web application does not do
# well.

program() {         # program NAME LINE...: one the demonstration can start
    file=$tmp/$1
    shift
    printf '#!/bin/sh\n' >"$file"
    printf '%s\n' "$@" >>"$file"
    chmod +x "$file"
}

demo() {            # demo NAME [CONNECTIONS]
    file=$tmp/$1
    shift
    # shellcheck disable=SC2086
    timeout 60 $EMULATOR "$out/demo" "$file" "$@"
}

uninterrupted() {   # as what a shell runs in the background
    (trap '' INT && demo "$1")
}

fails() {           # fails NAME TEXT [CONNECTIONS]: with 1, and saying so
    text=$2
    ends 1 demo "$1" ${3:+"$3"} && grep -q "$text" "$tmp/said"
}

program good "exec $EMULATOR $out/examples/web_app \"\$@\""
program wrong 'exec python3 tests/system/programs/peers/odd.py'
program mute 'exec sleep 1'
program vague 'echo "listening somewhere"'
program stubborn "trap '' TERM" 'echo listening on 127.0.0.1:1' 'exec sleep 1000'
program unhappy "trap 'exit 3' TERM" 'echo listening on 127.0.0.1:1' \
    'while :; do sleep 0.1; done'

shows() {           # shows COUNT EXPRESSION: in so many lines of what it said
    [ "$(grep -c -- "$2" "$tmp/said")" -eq "$1" ] || { cat "$tmp/said"; false; }
}

check 'it plays'                                ends 0 demo good
check 'and says how long each way took' \
    shows 2 '^\(one after another\|all at once\) *[0-9.]* s$'
check 'and when each page was fetched'          shows 30 '^  [0-9]\{4\} |.*=.*ms$'
check 'and nothing but text, if that is no terminal' \
    shows 0 "$(printf '[\033\r]')"
check 'and with interrupts ignored'             uninterrupted good
check 'all at once must not take long'          fails good 'demo: ' 3
check 'it finds out what is wrong'              fails wrong 'WRONG'
check 'a program that says nothing is no web application' \
    fails mute 'demo: '
check 'nor is one that does not say where'      fails vague 'demo: '
check 'one that does not stop is made to'       fails stubborn 'demo: '
check 'one that answers nobody is a failure'    fails unhappy 'demo: '
check 'one that is not there is a failure'      fails nothing 'demo: '
