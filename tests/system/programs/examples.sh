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

# Nobody answers: that takes as long as the limit, and is looked at last.
cat >"$tmp/mute.py" <<'END'
import os, socket, sys

mute = socket.create_server(("127.0.0.1", 0), backlog=100)
mute.set_inheritable(True)
url = "http://127.0.0.1:%d" % mute.getsockname()[1]
os.execvp(sys.argv[1], sys.argv[1:] + [url])
END
# shellcheck disable=SC2086
timeout -k 10 20 python3 "$tmp/mute.py" $EMULATOR "$out/examples/fetch_years" \
    >"$tmp/unanswered" 2>&1 &
unanswered=$!

gives_up() {
    ends 1 wait $unanswered && grep '^fetch_years: .*timed out' "$tmp/unanswered"
}

check 'square squares' says 'Asynchronously squaring 12!
144' "$out/examples/square"

check 'site is asked things' says '/: 303
/cave/greeting: 401
/cave/greeting: 200 Ali' "$out/examples/site"

check 'callbacks counts down' says '3
2
1' "$out/examples/callbacks"

# One after the other would take three seconds; how long a sanitizer takes is its
# own affair.
two_chains() {
    case $out in *thread*|*address*) limit=20 ;; *) limit=2.9 ;; esac
    # shellcheck disable=SC2086
    ends 0 timeout $limit $EMULATOR "$out/examples/chain" && printed '4 9'
}
check 'chain runs two chains at once' two_chains

# The deadlock is told with what it is made of, but for what differs from one run,
# and one compiler, to the next: addresses, times, and frames of the library.
# The portable switch tells no frames.
deadlocked() {
    case $out in *ucontext*) frames='/^ *in /d' ;; *) frames= ;; esac
    ends 0 ours "$out/examples/deadlock" 2>&1 || return
    sed -e '/^ *in \(gyre\|run\)_/d' -e 's/ (0x[0-9a-f]*)//' \
        -e 's/+0x[0-9a-f]*//' -e 's/[0-9]*\.[0-9]* s/T/g' "$tmp/said" >"$tmp/masked"
    sed -e "$frames" <<'END' | diff - "$tmp/masked"
#1 main waits for the tasks in its scope, held up by #2, #3, #4, #5; T so far
    in office
    spawned at main
  #2 beat waits for a while; T so far, T more at most; in the background
      in beat
      spawned at office
  #3 decide waits for a future, held up by #4; T so far
  #4 decide waits for a future, held up by #5; T so far
  #5 decide waits for a future, held up by #3; T so far
      3 tasks, same stack:
      in ask
      in decide
      spawned at hire
deadlock among 3 tasks:
  #3 decide waits for a future, held up by #4; T so far
  #4 decide waits for a future, held up by #5; T so far
  #5 decide waits for a future, held up by #3; T so far
gyre: the run is cancelled: deadlock: nothing that is awaited can happen
deadlock: deadlock: nothing that is awaited can happen
END
}
check 'deadlock says who waits for whom' deadlocked

# Three mirrors: the first hangs up without a word, the second is slow, the third
# is not.
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
    peer.close()

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
check 'race without a mirror fails' \
    fails 'race: Connection refused' "$out/examples/race" 1

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
    # shellcheck disable=SC2086,SC2016
    peer sh -c 'trap "" INT; echo $$ >"$0"; exec "$@"' "$tmp/pid" $EMULATOR \
        "$out/examples/echo" 0
}

# Itself, not who bounds it: that one would pass the signal on, and have no more
# than $PATIENCE with who then does not end.
is_interrupted() {
    kill -INT "$(cat "$tmp/pid")"
}

echoes_a_line() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"line\n")
sys.exit(s.recv(16) != b"line\n")' "$port"
}

check 'echo starts with interrupts ignored'     uninterrupted
check 'it is sent one'                          is_interrupted
check 'it goes on'                              echoes_a_line
check 'it stops when asked to'                  stop

# Answers nobody until thirty have asked, each on a connection of his own.
cat >"$tmp/thirty.py" <<'END'
import socket, threading

all_there = threading.Barrier(30)

def answer(s):
    s.recv(65536)
    all_there.wait()
    s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    s.recv(1)

listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    peer = listener.accept()[0]
    threading.Thread(target=answer, args=(peer,), daemon=True).start()
END

pages() {           # pages LENGTH: what is said of each of thirty
    for year in $(seq 1990 2019); do
        echo "http://127.0.0.1:$port/$year  ${1:-$year} bytes"
    done
}

check 'a server waits for thirty'   peer python3 "$tmp/thirty.py"
check 'fetch_years asks them all at once'   says "$(pages 2)" \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
halt

mkdir "$tmp/years"
for year in $(seq 1990 2019); do
    head -c "$year" /dev/zero >"$tmp/years/$year"
done
check 'gyre-serve says its port'    serve "$out/examples/gyre-serve" \
    "$tmp/years" 0
check 'fetch_years fetches thirty'  says "$(pages)" \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
rm "$tmp/years/2000"
check 'a page that is not there is none'    \
    fails 'fetch_years: No such file or directory' \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
check 'gyre-serve stops'            stop
check 'fetch_years fails with nobody to ask' \
    fails 'fetch_years: Connection refused' \
    "$out/examples/fetch_years" "http://127.0.0.1:$port"
check 'and gives up when nobody answers'    gives_up

for example in race echo echo_body web_app; do
    check "$example takes no 80x for a port" \
        fails "$example: Invalid argument" "$out/examples/$example" 80x
done

# One client is idle when the server is asked to stop, the other waits for an
# answer.
cat >"$tmp/clients.py" <<'END'
import socket, sys

def connect():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))

idle, busy = connect(), connect()
for s in idle, busy:
    s.settimeout(60)
    s.sendall(b"hello\n")
for s in idle, busy:
    assert s.recv(100) == b"hello\n"
busy.sendall(b"good bye\n")
open(sys.argv[2], "w").close()
assert idle.recv(100) == b""
assert busy.recv(100) == b"good bye\n"
assert busy.recv(100) == b""
END

stops_gracefully() {
    # shellcheck disable=SC2086
    $bounded python3 "$tmp/clients.py" "$port" "$tmp/asked" &
    clients=$!
    until [ -e "$tmp/asked" ] || ! kill -0 $clients; do
        sleep 0.05
    done
    stop && wait $clients && grep -qx \
        '2 accepted: 0 finished, 2 idle, 0 cancelled, 0 reset' "$tmp/server"
}
check 'graceful says its port'      serve "$out/examples/graceful" 0
check 'and finishes what it was asked for'  stops_gracefully
