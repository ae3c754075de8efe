# Very many connections that echo, for long: of which some stall, half-close, or
# reset, and for which there are too few descriptors, for a while, in the
# middle.  Both sides account for every connection and every byte, and are at
# the end what they were at the start.  $CONNECTIONS, $DURATION in seconds,
# $SEED, and $FACE (tasks, or callbacks), as make is told them.

duration=${DURATION:-60}
seed=${SEED:-$(date +%s)}
face=${FACE:-tasks}
more=2048
shortage=$((duration / 12 + 1))

# A process needs one for each connection, and some for itself.
# shellcheck disable=SC3045 # dash and the BSDs have these
ulimit -S -n "$(ulimit -H -n)"
# shellcheck disable=SC3045
room=$(ulimit -n)
fit() {             # fit N: so many connections do
    [ "$room" = unlimited ] || [ $((room - 100)) -ge "$1" ] || {
        echo "a process may have no more than $room descriptors here"
        false
    }
}

# As many as were asked for, or none; who asks for no number has what fits.
connections=${CONNECTIONS:-10000}
if [ -z "$CONNECTIONS" ] && ! fit "$connections" >/dev/null; then
    connections=$((room - 100))
    echo "soak.sh: $connections connections, as a process may have no more" \
        "than $room descriptors here"
elif ! fit "$connections" >/dev/null; then
    check "there can be $connections connections" fit "$connections"
    return
fi

said() {            # said SIDE KEY: the number
    sed -n "s/^$2: //p" "$tmp/$1"
}

same() {            # same KEY KEY: the server's number is the client's
    [ "$(said server "$1")" -eq "$(said client "$2")" ]
}

no_less() {         # no_less SIDE KEY SIDE KEY
    [ "$(said "$1" "$2")" -ge "$(said "$3" "$4")" ]
}

stays() {           # stays SIDE
    [ "$(said "$1" 'descriptors after')" -eq \
        "$(said "$1" 'descriptors before')" ] &&
        [ "$(said "$1" 'blocks left')" -eq 0 ] &&
        [ "$(said "$1" 'bytes left')" -eq 0 ]
}

# Once the stacks are given back, however many there were: what stays is code
# that was not run before.  A sanitizer keeps all.
shrinks() {         # shrinks SIDE
    before=$(said "$1" 'resident KiB before')
    after=$(said "$1" 'resident KiB after')
    echo "$before KiB before, $after KiB after, and $more KiB more may be"
    [ "$after" -le $((before + more)) ]
}

# What makes the server wait makes it wait for 10 ms at least, and to turn one
# away costs two calls.
backs_off() {
    n=$(said server 'accepts in vain')
    [ "$n" -gt 0 ] &&
        [ "$n" -le $(($(said server 'short of descriptors, ms') / 5 + 2)) ]
}

goes_by() {
    ours "$out/soak_client" "$port" "$connections" "$duration" "$seed" \
        >"$tmp/client" 2>"$tmp/failures" && return
    cat "$tmp/client" "$tmp/failures"
    return 1
}

check 'it says its port'    serve "$out/soak_server" "$face" \
    $((duration / 2)) $shortage
check 'all connections are served, and hear what they say' goes_by
check 'the server stops when asked to'      stop
check 'there were as many at a time as there should be' \
    test "$(said server 'at a time')" -ge "$connections"
check 'all that were served were accepted'  same accepted served
check 'as many ended'                       same ended ended
check 'as many were reset'                  same reset reset
check 'none failed'                 test "$(said server failed)" -eq 0
check 'what was sent was read'  same 'ended, bytes read' 'ended, bytes written'
check 'and written' same 'ended, bytes written' 'ended, bytes written'
check 'and heard'   same 'ended, bytes written' 'ended, bytes verified'
check 'of what was reset, no more was read than sent' no_less \
    client 'reset, bytes written' server 'reset, bytes read'
check 'no more written than read' no_less \
    server 'reset, bytes read' server 'reset, bytes written'
check 'and no more heard than written' no_less \
    server 'reset, bytes written' client 'reset, bytes verified'
check 'stalls kept the server waiting' \
    test "$(said server 'writes that waited')" -gt 0
check 'out of descriptors, it backs off'    backs_off
check 'the server ends with what it began'  stays server
check 'and so does the client'              stays client
case $FLAGS in
*-fsanitize*) ;;
*)
    check "the server's memory is given back"   shrinks server
    check "and so is the client's"              shrinks client
    ;;
esac

echo "$connections connections at a time, for $duration s, by $face"
for side in server client; do
    echo "$side:"
    sed -n 's/^\([a-zA-Z, ]*: [0-9]*\)$/    \1/p' "$tmp/$side"
done
