# A program that keeps its loop is told so, by the watchdog.

# What `stall` says, but for times, offsets, and how deep it was: deeper than is
# told, where nothing is inlined, and then the task's own function is cut off.
# TSan keeps signals from a program that computes: then nobody says where.
told() {
    # shellcheck disable=SC2086
    GYRE_WATCHDOG=$1 $bounded $EMULATOR "$out/examples/stall" 43 2>&1 |
        sed -E -e 's/[0-9]+\.[0-9]{3} s/N s/' -e 's/\+0x[0-9a-f]+/+N/' \
            -e '/^    compute/d' |
        uniq >"$tmp/told"
    printf '%s\n' "$2" | diff - "$tmp/told"
}

result='fibonacci(43) = 433494437'
case $out in
*thread*)
    report='gyre: a task has kept its loop for N s
gyre: a task went on after N s' ;;
*)
    report='gyre: #3 compute has kept its loop for N s, in
    fibonacci+N
gyre: #3 compute went on after N s' ;;
esac

check 'what keeps the loop is named, and where it is' told 200 "$report
$result"
check 'or not, as is asked for'     told 0 "$result"
