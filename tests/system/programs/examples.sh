# The small examples do what their first lines say.

says() {            # says TEXT COMMAND...: prints just that, and ends well
    text=$1
    shift
    ends 0 ours "$@" && printed "$text"
}

fails() {           # fails TEXT COMMAND...: prints just that, and ends with 1
    text=$1
    shift
    ends 1 ours "$@" && printed "$text"
}

printed() {
    printf '%s' "${1:+$1
}" | diff - "$tmp/said"
}

check 'square squares' says 'Asynchronously squaring 12!
144' "$out/examples/square"

check 'callbacks counts down' says '3
2
1' "$out/examples/callbacks"

check 'chain runs two chains' says '4 9' "$out/examples/chain"

# Three mirrors: the first says nothing, the second is slow, the third is not.
cat >"$tmp/mirrors.py" <<'END'
import socket, threading, time

def listen(host, port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen()
    return s

def answer(s, after, line):
    peer, _ = s.accept()
    time.sleep(after)
    if line:
        peer.sendall(line)
    peer.recv(1)

first = listen("127.0.0.1", 0)
port = first.getsockname()[1]
second, third = listen("127.0.0.2", port), listen("127.0.0.3", port)
threads = [threading.Thread(target=answer, args=args, daemon=True) for args in (
    (first, 0, b""), (second, 2, b"slow\n"), (third, 0.1, b"quick\n"))]
for t in threads:
    t.start()
print("listening on 127.0.0.1:%d" % port, flush=True)
for t in threads:
    t.join()
END

race() {
    peer python3 "$tmp/mirrors.py" &&
        says '127.0.0.3: quick' "$out/examples/race" "$port"
}
check 'race takes the first answer' race
halt
check 'race without a mirror fails' fails '' "$out/examples/race" 1

# Sends a mebibyte while it receives, in pieces of all sizes.
cat >"$tmp/client.py" <<'END'
import random, socket, sys, threading

sent = random.Random(1).randbytes(1 << 20)
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))

def send():
    at = 0
    while at < len(sent):
        n = 1 + at % 9973
        s.sendall(sent[at:at + n])
        at += n
    s.shutdown(socket.SHUT_WR)

t = threading.Thread(target=send)
t.start()
got = b"".join(iter(lambda: s.recv(65536), b""))
t.join()
sys.exit(got != sent)
END

check 'echo says its port'          serve "$out/examples/echo" 0
# shellcheck disable=SC2086
check 'echo echoes'                 $bounded python3 "$tmp/client.py" "$port"
check 'echo stops when asked to'    stop

# As nohup does for another signal, and a shell for what it runs in the background.
uninterrupted() {
    # shellcheck disable=SC2086
    peer sh -c 'trap "" INT; exec "$@"' sh $EMULATOR "$out/examples/echo" 0
}

echoes_a_line() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"line\n")
sys.exit(s.recv(16) != b"line\n")' "$port"
}

check 'echo starts with interrupts ignored'     uninterrupted
check 'it is sent one'                          kill -INT "$server"
check 'it goes on'                              echoes_a_line
check 'it stops when asked to'                  stop

mkdir "$tmp/years"
for year in $(seq 1990 2019); do
    head -c "$year" /dev/zero >"$tmp/years/$year"
    echo "http://127.0.0.1:PORT/$year  $year bytes"
done >"$tmp/all"

check 'gyre-serve says its port'    serve "$out/examples/gyre-serve" \
    "$tmp/years" 0
check 'fetch_years fetches thirty'  says "$(sed "s/PORT/$port/" "$tmp/all")" \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
check 'gyre-serve stops'            stop
check 'fetch_years fails with nobody to ask' \
    fails 'fetch_years: Connection refused' \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
