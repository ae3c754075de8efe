#!/bin/sh
# run.sh BINARY [ARGUMENT...] - run a Criterion binary, and doubt its word.
#
# Criterion calls a test passed when its process ended well, and so sees neither
# a leak found on the way out, nor a race, nor that no test ran at all.  Here
# the sanitizers write to files, any file left is a failure, and the closing
# line is read.  Prints that line; all of the output when something is wrong.
#
# $EMULATOR, when set, is the command that can run the binary.

binary=$1
shift
name=${binary##*/}
log=$(mktemp -d "${TMPDIR:-/tmp}/gyre-$name.XXXXXX") || exit 1
trap 'rm -rf "$log"' EXIT
trap 'exit 1' INT TERM

. tests/support/reports.sh
reports_to "$log"

# Nothing here takes minutes, unless it hangs or is emulated on a busy machine.
# shellcheck disable=SC2086
timeout -k 10 "${TIMEOUT:-600}" $EMULATOR "$binary" "$@" >"$log/output" 2>&1
code=$?

closing=$(grep -a 'Synthesis: Tested:' "$log/output" | tail -n 1)
tested=$(printf '%s' "$closing" | sed -n 's/.*Tested: *\([0-9]*\).*/\1/p')
why=
[ "$code" -ne 124 ] || why="did not come to an end"
[ "$code" -eq 0 ] || why="${why:-ended with code $code}"
[ "${tested:-0}" -gt 0 ] || why="${why:+$why, }ran no test"
reported >"$log/reports" && why="${why:+$why, }has a sanitizer's report"

if [ -z "$why" ]; then
    printf '%-14s %s\n' "$name" "${closing#*] }"
    exit 0
fi
cat "$log/output" "$log/reports"
printf '%-14s FAILED: %s\n' "$name" "$why"
exit 1
