#!/bin/sh
# script.sh SCRIPT - run a test that is a shell script.
#
# The script is read from the project's root, with $tmp as a folder of its own
# and the variables make gives it, and states its claims with
#
#     check 'the claim' COMMAND [ARGUMENT...]
#
# which hold if the command succeeds and no sanitizer has had anything to say
# since the claim before; its output is shown if it does not.  A script that
# makes no claim fails.  Ends with a line like Criterion's.
#
#     ours PROGRAM [ARGUMENT...]   runs a program that we built
#     ends CODE COMMAND...         holds if it ends with just that code; what it
#                                  printed is in $tmp/said, too
#     serve PROGRAM [ARGUMENT...]  starts a server that we built, and leaves the
#                                  port it says in $port
#     stop                         asks it to end; holds if it ends well
#
# `peer` and `halt` are the last two for servers of others, who may end as they
# like.  What a server prints is in $tmp/server.  Whatever may hang is started
# by $bounded: it gets TERM after $TIMEOUT seconds, and KILL if that, or a TERM
# of ours, has not ended it $PATIENCE seconds later.

script=$1
name=${script##*/}
name=${name%.sh}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/gyre-$name.XXXXXX") || exit 1
bounded="timeout --foreground -k ${PATIENCE:-10} ${TIMEOUT:-300}"
passing=0
failing=0
finished=
server=

. tests/support/reports.sh
mkdir "$tmp/.reports"
reports_to "$tmp/.reports"

leave() {
    [ -z "$server" ] || halt
    rm -rf "$tmp"
    [ "$finished" ] || exit 1
}
trap leave EXIT
trap 'exit 1' INT TERM

check() {
    claim=$1
    shift
    if "$@" >"$tmp/.output" 2>&1 && ! reported >/dev/null; then
        passing=$((passing + 1))
    else
        failing=$((failing + 1))
        echo "$script: failed: $claim"
        sed 's/^/    /' "$tmp/.output"
        reported | sed 's/^/    /'
        forget_reports
    fi
}

ours() {
    # shellcheck disable=SC2086
    $bounded $EMULATOR "$@"
}

ends() {
    wanted=$1
    shift
    "$@" >"$tmp/said" 2>&1
    code=$?
    cat "$tmp/said"
    [ $code -eq "$wanted" ] || { echo "ended with code $code"; false; }
}

peer() {
    # Emptied here: the server empties it when it starts, and that may be after
    # we have looked, and found the port of the one before.
    : >"$tmp/server"
    # shellcheck disable=SC2086
    $bounded "$@" >"$tmp/server" 2>&1 &
    server=$!
    tries=0
    port=
    while [ -z "$port" ]; do
        port=$(sed -n -e 's/^listening on .*:\([0-9]*\)$/\1/p' \
            -e 's/^ACCEPT .*:\([0-9]*\)$/\1/p' \
            -e 's/^Serving HTTP on .* port \([0-9]*\) .*/\1/p' "$tmp/server")
        tries=$((tries + 1))
        if [ $tries -gt 600 ] || ! kill -0 "$server"; then
            cat "$tmp/server"
            return 1
        fi
        [ "$port" ] || sleep 0.05
    done
}

serve() {
    # shellcheck disable=SC2086
    peer $EMULATOR "$@"
}

stop() {
    halt && return
    code=$?
    cat "$tmp/server"
    echo "ended with code $code"
    return 1
}

halt() {
    kill -TERM "$server" && wait "$server" 2>/dev/null
    set -- $?
    server=
    return "$1"
}

# A make inside must not take part in the one outside.
unset MAKEFLAGS MFLAGS MAKELEVEL

# shellcheck disable=SC1090
. "$script"
if [ "$server" ] || reported >/dev/null; then
    check 'nothing runs on, and nothing is reported, after the last claim' false
fi

printf '%-14s Synthesis: Tested: %d | Passing: %d | Failing: %d | %s\n' \
    "$name" $((passing + failing)) "$passing" "$failing" 'Crashing: 0'
finished=yes
[ "$failing" -eq 0 ] && [ "$passing" -gt 0 ]
