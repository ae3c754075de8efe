# The programs that are there twice, by callbacks and by tasks: the same is asked
# of both.

both=$out/examples/both

fails() {           # fails TEXT COMMAND...: prints just that, and ends with 1
    text=$1
    shift
    ends 1 "$@" && printf '%s\n' "$text" | diff - "$tmp/said"
}

# ---- echo ----

# Eight connections at once.  On each a mebibyte is sent while the first half of
# it is received; then what was sent is ended, and the rest is still to come.
cat >"$tmp/clients.py" <<'END'
import random, socket, sys, threading

port, failed = int(sys.argv[1]), []

def send(s, sent):
    at = 0
    while at < len(sent):
        n = 1 + at % 9973
        s.sendall(sent[at:at + n])
        at += n
    s.shutdown(socket.SHUT_WR)

def talk(seed):
    sent = random.Random(seed).randbytes(1 << 20)
    s = socket.create_connection(("127.0.0.1", port))
    t = threading.Thread(target=send, args=(s, sent))
    t.start()
    got = b"".join(iter(lambda: s.recv(65536), b""))
    t.join()
    if got != sent:
        failed.append(seed)

threads = [threading.Thread(target=talk, args=(i,)) for i in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
sys.exit(len(failed))
END

# One sends and does not read: so there comes a time when nothing more is taken.
# It hangs up with a reset.  Others are answered.
cat >"$tmp/rude.py" <<'END'
import socket, struct, sys

def connect():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))

def hear():
    s = connect()
    s.sendall(b"hello")
    s.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: s.recv(10), b"")) == b"hello"

s = connect()
s.settimeout(0.5)
try:
    while True:
        s.send(bytes(65536))
except socket.timeout:
    hear()
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
hear()
END

client() {
    # shellcheck disable=SC2086
    $bounded python3 "$@" "$port"
}

# What is written to nc comes back, and it ends when we have hung up.
nc_hears() {
    # shellcheck disable=SC2086
    echo hello | $bounded nc -N 127.0.0.1 "$port" >"$tmp/heard" &&
        [ "$(cat "$tmp/heard")" = hello ]
}

# With a connection that is idle.
stops_with_a_guest() {
    : >"$tmp/guest"
    # shellcheck disable=SC2086
    $bounded python3 "$tmp/guest.py" "$port" >"$tmp/guest" &
    guest=$!
    until grep -q here "$tmp/guest"; do
        kill -0 $guest || return 1
        sleep 0.05
    done
    stop && wait $guest
}

cat >"$tmp/guest.py" <<'END'
import socket, sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"hello")
assert s.recv(10) == b"hello"
print("here", flush=True)
assert s.recv(10) == b""
END

no_port() {
    fails "echo: $1" ours "$both/echo_$style" "$2"
}

# In the words of glibc, or of musl.
in_use() {
    no_port 'Address already in use' "$port" ||
        no_port 'Address in use' "$port"
}

echoes() {
    check "echo, by $style, says its port"      serve "$both/echo_$style" 0
    check 'answers eight at once, each to the end'  client "$tmp/clients.py"
    check 'others, too, while one does not listen'  client "$tmp/rude.py"
    if command -v nc >/dev/null; then
        check 'and is heard by nc'              nc_hears
    fi
    check 'cannot be had twice'                 in_use
    check 'hangs up when it is to stop'         stops_with_a_guest
    check 'takes no 80x for a port' no_port 'Invalid argument' 80x
}

# ---- tee ----

head -c 1048576 /dev/urandom >"$tmp/much"
mkfifo "$tmp/in"

tees() {            # tees [FILE]
    ours "$both/tee_$style" "${1-$tmp/file}"
}

from_file()     { tees <"$tmp/much" >"$tmp/out"; }
from_fifo()     { tees <"$tmp/in" >"$tmp/out"; }
from_null()     { tees </dev/null >"$tmp/out"; }
from_closed()   { tees <&-; }
to_closed()     { tees </dev/null >&-; }
to_full()       { tees <"$tmp/much" >/dev/full; }
to_full_file()  { tees /dev/full <"$tmp/much" >"$tmp/out"; }
to_no_file()    { tees "$tmp/nowhere/file" </dev/null; }

copied() {          # copied FILE
    cmp "$1" "$tmp/out" && cmp "$1" "$tmp/file"
}

copies_a_file() { ends 0 from_file && copied "$tmp/much"; }
copies_null()   { ends 0 from_null && copied /dev/null; }

copies_a_pipe() {
    { head -c 300000 "$tmp/much"; sleep 0.1; tail -c +300001 "$tmp/much"; } \
        >"$tmp/in" &
    ends 0 from_fifo && copied "$tmp/much"
}

# How it ends, with somebody who reads its output.
heard_by() {        # heard_by COMMAND...
    { tees <"$tmp/much" 2>"$tmp/said"; echo $? >"$tmp/code"; } | "$@" >"$tmp/out"
    cat "$tmp/said" "$tmp/code"
}

waits()     { heard_by sh -c 'sleep 0.2; cat' >"$tmp/ended"
              echo 0 | diff - "$tmp/ended" && copied "$tmp/much"; }
is_left()   { heard_by head -c 1 >"$tmp/ended"
              printf '%s\n' 'tee: the other side has ended' 1 |
                  diff - "$tmp/ended"; }

copies() {
    check "tee, by $style, copies a file"   copies_a_file
    check 'what comes through a pipe'       copies_a_pipe
    check 'and nothing'                     copies_null
    check 'it waits for who reads slowly'   waits
    check 'and says if nobody does'         is_left
    check 'a closed input is an error'  fails 'tee: closed meanwhile' from_closed
    check 'a closed output is one'      fails 'tee: closed meanwhile' to_closed
    check 'and a file that cannot be'   fails \
        'tee: No such file or directory' to_no_file
    if [ -e /dev/full ]; then
        check 'and a full disk'     fails 'tee: No space left on device' \
            to_full_file
        check 'behind either'       fails 'tee: No space left on device' to_full
    fi
}

# ---- onchange ----

mkfifo "$tmp/gate"
here=$PWD

# The command waits until it is told to go on, and says what is in the file.
# Who told the one before may still be on his way out, and that is no word.
starts() {
    : >"$tmp/watched"
    # shellcheck disable=SC2086
    (cd "$tmp" && exec $bounded $EMULATOR "$here/$both/onchange_$style" \
        'until read -r go <gate; do :; done; cat watched' watched) \
        >"$tmp/server" 2>&1 &
    server=$!
    has_said 'watching watched'
}

# All that it has said so far, in a while.
has_said() {
    printf '%s\n' "$@" >"$tmp/expected"
    tries=0
    until cmp -s "$tmp/expected" "$tmp/server" || [ $tries -gt 600 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    diff "$tmp/expected" "$tmp/server"
}

appends()   { echo "$1" >>"$tmp/watched"; }
# shellcheck disable=SC2016,SC2086
goes_on()   { $bounded sh -c 'echo >"$1"' sh "$tmp/gate"; }

ends_well() {
    wait "$server"
    set -- $?
    server=
    cat "$tmp/server"
    [ "$1" -eq 0 ]
}

nothing_there() {
    ends 1 ours "$both/onchange_$style" true "$tmp/nowhere" &&
        grep -x 'onchange: No such file or directory' "$tmp/said"
}

tells() {
    check "onchange, by $style, watches"    starts
    check 'the file is changed'             appends one
    check 'which is told'                   has_said 'watching watched' \
        'watched has changed'
    check 'and changed once more'           appends two
    check 'the command goes on'             goes_on
    check 'and is run again'                has_said 'watching watched' \
        'watched has changed' one two 'watched has changed'
    check 'to its end'                      goes_on
    check 'so that nothing was lost'        has_said 'watching watched' \
        'watched has changed' one two 'watched has changed' one two
    check 'the file is removed'             rm "$tmp/watched"
    check 'and all is over'                 ends_well
    check 'what is not there is an error'   nothing_there
}

for style in callbacks tasks; do
    echoes
    copies
    tells
done
