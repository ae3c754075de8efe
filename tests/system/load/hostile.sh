# Clients that mean harm, or do harm without meaning it, and ten thousand that do
# nothing at all: the web application serves a good one beside them, and takes
# no more time and memory for the rest than it should.

seconds=15          # at least: longer than a head may take
idle=10000
mebibytes=48        # for all of them

# The client has a descriptor for each, and so has the server.
# shellcheck disable=SC3045 # dash and the BSDs have these
ulimit -S -n "$(ulimit -H -n)"
# shellcheck disable=SC3045
room=$(ulimit -n)
[ "$room" = unlimited ] || [ "$room" -ge $((idle + 1000)) ] || {
    idle=$((room - 1000))
    echo "hostile.sh: $idle idle connections, as a process may have no more" \
        "than $room descriptors here"
}

they_come() {
    $bounded python3 tests/system/load/hostile.py \
        "$port" "$server" $seconds $idle >"$tmp/hostile" || return 1
    cat "$tmp/hostile"
}

said() {            # said KEY: the number
    sed -n "s/^$1: //p" "$tmp/hostile"
}

at_least() {        # at_least N KEY
    cat "$tmp/hostile"
    n=$(said "$2")
    [ "${n:-0}" -ge "$1" ]
}

the_good_one_is_answered() {
    at_least 100 'good, answered' &&
        [ "$(said 'good, answered')" -ge $(($(said 'good, asked') - 1)) ]
}

spends_no_more_than_half_its_time() {
    [ "$(said 'processor, ms')" -le $(($(said 'lasted, ms') / 2)) ]
}

takes_little_memory() {
    [ $(($(said 'resident KiB with all') - $(said 'resident KiB before'))) \
        -le $((mebibytes * 1024)) ]
}

lets_go_of_all() {
    [ "$(said 'descriptors after')" -le "$(said 'descriptors before')" ]
}

check 'it says its port'    serve "$out/examples/web_app" 0
check 'they come, all at once, for a while'     they_come
check 'each that is idle was answered first'    at_least $idle 'idle, answered'
check 'a good client is answered beside them'   the_good_one_is_answered
check 'who is slow is told so, and let go'      at_least 200 'slow, told so'
check 'who stops half-way, too'                 at_least 50 'stuck, told so'
check 'who reads nothing is cut off'            at_least 100 'deaf, cut off'
check 'who ends half-way is let go'             at_least 50 'halved, let go'
check 'it waits for them, and does not turn round and round' \
    spends_no_more_than_half_its_time
case $FLAGS in
*-fsanitize*) ;;
*) check "they take no more than $mebibytes MiB" takes_little_memory ;;
esac
check 'nothing of them stays open'              lets_go_of_all
check 'it stops when asked to'                  stop
sed 's/^/    /' "$tmp/hostile"
