# Sockets of all kinds, with other programs at the other end: python3, and socat
# and nc where they are.

says() {            # says TEXT PROGRAM: prints just that, and ends well
    ends 0 ours "$out/examples/$2" && printf '%s\n' "$1" | diff - "$tmp/said"
}

check 'pass hands over a pipe' says 'asked to "greet", with 1 descriptor
the pipe says "hello"' pass
check 'eyeballs finds who answers' says 'connected to 127.0.0.2:0
and then: Connection refused' eyeballs

# ---- servers, asked in many ways ----

# With interrupts as a program has them that was started by hand.
by_hand() {
    # shellcheck disable=SC2086
    peer python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.execvp(sys.argv[1], sys.argv[1:])' $EMULATOR "$@"
}

interrupted() {
    kill -INT "$server"
    wait "$server"
    set -- $?
    server=
    [ "$1" -eq 0 ]
}

path=$tmp/echo
python() {
    # shellcheck disable=SC2086
    $bounded python3 - "$@"
}

# asks KIND PORT PATH: a hundred questions, of up to 1,400 bytes
asks() {
    python "$@" <<'END'
import socket, sys

kind, port, path = sys.argv[1:]
if kind == "unix":
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
else:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM
                      if kind == "udp" else socket.SOCK_STREAM)
    s.connect(("127.0.0.1", int(port)))
s.settimeout(60)
for i in range(100):
    question = bytes([i]) * (1 + i * 14)
    s.sendall(question)
    answer = b""
    while len(answer) < len(question):
        more = s.recv(2048)
        assert more
        answer += more
    assert answer == question, (i, answer)
END
}

# An empty datagram is answered by one.
asks_nothing() {
    python "$port" <<'END'
import socket, sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(60)
s.connect(("127.0.0.1", int(sys.argv[1])))
s.send(b"")
assert s.recv(10) == b""
END
}

# hears WORDS... PROGRAM...: what is written to it comes back
hears() {
    # shellcheck disable=SC2086
    { echo hello; sleep 0.5; } | $bounded "$@" >"$tmp/heard"
    [ "$(cat "$tmp/heard")" = hello ]
}

is_gone() {
    ! [ -e "$path" ]
}

serve_all() {
    by_hand "$out/examples/echo_all" "$path" 0
}

check 'echo_all says its port'      serve_all
check 'it answers over TCP'         asks tcp "$port" "$path"
check 'and through a local socket'  asks unix "$port" "$path"
check 'which is for its user alone' \
    test "$(stat -c %a "$path" 2>/dev/null || stat -f %Lp "$path")" = 600
if command -v socat >/dev/null; then
    check 'socat hears it over TCP' hears socat - "TCP:127.0.0.1:$port"
    check 'and through the socket'  hears socat - "UNIX-CONNECT:$path"
else
    echo 'net.sh: without socat, which is not there'
fi
if command -v nc >/dev/null; then
    check 'nc hears it over TCP'    hears nc -N 127.0.0.1 "$port"
else
    echo 'net.sh: without nc, which is not there'
fi
check 'it ends upon an interrupt'   interrupted
check 'and takes its socket away'   is_gone

# A socket that its process left behind is replaced by the next.
check 'another is started'          serve_all
leave_it() {
    python "$path" <<'END'
import os, socket, sys

os.unlink(sys.argv[1])
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
END
}
check 'whose path another takes, and leaves'    leave_it
check 'it ends'                     interrupted
check 'and leaves what is not its own' test -S "$path"
check 'which the next replaces'     serve_all
check 'and is heard at'             asks unix "$port" "$path"
check 'and takes away'              interrupted
check 'so that nothing is left'     is_gone

# ---- datagrams ----

# How long a datagram was that did not fit, not every system tells.
answers() {
    ends 0 ours "$out/examples/udp_ask" "$port" hello '' \
        'longer than there is room' &&
        sed 's/cut from [0-9]* bytes/cut/' "$tmp/said" | diff /dev/fd/3 - 3<<'END'
"hello", 5 bytes
"", 0 bytes
"longer than ther...", cut
END
}

answers_nothing() {
    ends 0 ours "$out/examples/udp_ask" "$port" 'anybody?' &&
        echo '"anybody?": Connection refused' | diff - "$tmp/said"
}

check 'udp_echo says its port'      by_hand "$out/examples/udp_echo" 0
check 'it answers'                  asks udp "$port" "$path"
check 'empty datagrams, too'        asks_nothing
check 'udp_ask hears it'            answers
if command -v socat >/dev/null; then
    check 'and socat'               hears socat - "UDP:127.0.0.1:$port"
fi
if command -v nc >/dev/null; then
    check 'and nc'                  hears nc -u -w 1 127.0.0.1 "$port"
fi
check 'it ends upon an interrupt'   interrupted
check 'and then nobody answers'     answers_nothing

# ---- a loop for each processor ----

a_free_port() {     # below those that the system gives out by itself
    python3 -c 'import random, socket
while True:
    port = random.randrange(10000, 30000)
    try:
        socket.socket().bind(("127.0.0.1", port))
    except OSError:
        continue
    print(port)
    break'
}

says_that_it_cannot() {
    ends 1 "$out/examples/echo_threads" "$(a_free_port)" &&
        grep -q 'not supported here' "$tmp/said"
}

# With the calls of a BSD, as the Makefile has them, nothing spreads connections.
case $out in
*bsd*)
    check 'echo_threads says that it cannot' says_that_it_cannot ;;
*)
    check 'echo_threads listens'    by_hand "$out/examples/echo_threads" \
        "$(a_free_port)"
    for i in 1 2 3 4 5 6 7 8; do
        check "it answers, $i of 8"     asks tcp "$port" "$path"
    done
    check 'and ends upon an interrupt' interrupted
    ;;
esac
