#!/bin/sh
# script.sh SCRIPT - run a test that is a shell script.
#
# The script is read from the project's root, with $tmp as a folder of its own
# and the variables make gives it, and states its claims with
#
#     check 'the claim' COMMAND [ARGUMENT...]
#
# which hold if the command succeeds; its output is shown if it does not.  A
# script that makes no claim fails.  Ends with a line like Criterion's.
#
# `serve COMMAND [ARGUMENT...]` starts a server of ours, and leaves the port it says
# in $port; `stop` asks it to end, and holds if it ends well.  `peer` and `halt` do
# so for servers of others, without the last.  What it prints is in $tmp/server.

script=$1
name=${script##*/}
name=${name%.sh}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/gyre-$name.XXXXXX") || exit 1
passing=0
failing=0
finished=
server=

leave() {
    [ -z "$server" ] || kill -9 "$server" 2>/dev/null
    rm -rf "$tmp"
    [ "$finished" ] || exit 1
}
trap leave EXIT
trap 'exit 1' INT TERM

check() {
    claim=$1
    shift
    if "$@" >"$tmp/.output" 2>&1; then
        passing=$((passing + 1))
    else
        failing=$((failing + 1))
        echo "$script: failed: $claim"
        sed 's/^/    /' "$tmp/.output"
    fi
}

peer() {
    # Emptied here: the server empties it when it starts, and that may be after we
    # have looked, and found the port of the one before.
    : >"$tmp/server"
    "$@" >"$tmp/server" 2>&1 &
    server=$!
    tries=0
    port=
    while [ -z "$port" ]; do
        port=$(sed -n -e 's/^listening on .*:\([0-9]*\)$/\1/p' \
            -e 's/^Serving HTTP on .* port \([0-9]*\) .*/\1/p' "$tmp/server")
        tries=$((tries + 1))
        if [ $tries -gt 200 ] || ! kill -0 "$server"; then
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
    cat "$tmp/server"
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

printf '%-14s Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0\n' \
    "$name" $((passing + failing)) "$passing" "$failing"
finished=yes
[ "$failing" -eq 0 ] && [ "$passing" -gt 0 ]
