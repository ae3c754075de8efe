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

script=$1
name=${script##*/}
name=${name%.sh}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/gyre-$name.XXXXXX") || exit 1
passing=0
failing=0
finished=
trap 'rm -rf "$tmp"; test "$finished" || exit 1' EXIT
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

# A make inside must not take part in the one outside.
unset MAKEFLAGS MFLAGS MAKELEVEL

# shellcheck disable=SC1090
. "$script"

printf '%-14s Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0\n' \
    "$name" $((passing + failing)) "$passing" "$failing"
finished=yes
[ "$failing" -eq 0 ] && [ "$passing" -gt 0 ]
