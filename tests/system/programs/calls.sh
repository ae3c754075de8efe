# What an echo costs in system calls, counted: one to read it, one to write it,
# and a share of a poll.

# The server is stopped while a batch of questions is sent, one over each
# connection, so that it finds them all at once, however fast who is.
ask_in_batches() {
    # shellcheck disable=SC2086
    $bounded python3 - "$port" "$batches" "$connections" <<'END'
import os, signal, socket, sys, time

port, batches, connections = map(int, sys.argv[1:])

def server():
    """The process that listens at the port."""
    wanted = f":{port:04X}"
    rows = [line.split() for line in open("/proc/net/tcp")]
    inode = next(row[9] for row in rows
                 if row[1].endswith(wanted) and row[3] == "0A")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{fd}") == f"socket:[{inode}]":
                    return int(pid)
        except OSError:
            pass
    sys.exit("nobody listens")

def state(pid):
    return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]

def ask(s):
    s.sendall(b"x" * 64)

def hear(s):
    left = 64
    while left > 0:
        left -= len(s.recv(left)) or sys.exit("an echo broke off")

pid = server()
peers = [socket.create_connection(("127.0.0.1", port), 60)
         for _ in range(connections)]
for s in peers:
    ask(s)
    hear(s)
for _ in range(batches):
    os.kill(pid, signal.SIGSTOP)
    while state(pid) not in "Tt":
        time.sleep(0.001)
    for s in peers:
        ask(s)
    os.kill(pid, signal.SIGCONT)
    for s in peers:
        hear(s)
END
}

# The tracer is a child of what it traces, so that a signal to the server goes
# to the server; and it writes its table when that has ended.  Without a
# watchdog, no call depends on how long it takes.
serve_traced() {
    serve strace -D -f -c -E GYRE_WATCHDOG=0 -o "$tmp/calls" \
        "$out/examples/echo" 0
}

counted() {
    tries=0
    until grep -q ' total$' "$tmp/calls"; do
        tries=$((tries + 1))
        [ $tries -le 600 ] || return 1
        sleep 0.05
    done
}

at_most() {         # at_most NUMBER EXPRESSION: so many of the calls it matches
    n=$(awk -v which="^($2)\$" '$NF ~ which { n += $4 } END { print n + 0 }' \
        "$tmp/calls")
    [ "$n" -le "$1" ] && return
    cat "$tmp/calls"
    return 1
}

# Other builds have calls of a sanitizer's, of a look-alike, or of ucontext.
traces() {
    [ "$out" = "$BUILD" ] && strace -D -f -c -o "$tmp/calls" true 2>/dev/null
}

connections=100
batches=100
echoes=$((connections * batches))
more=$((connections * 12 + 500))    # to begin, to connect, and to end

if ! traces; then
    echo 'calls.sh: nothing is counted, for this is not the plain build, or' \
        'strace is not there, or may not trace'
    check 'echo starts'                     serve "$out/examples/echo" 0
    check 'and stops'                       stop
else
    check 'echo starts, and is traced'      serve_traced
    check 'it answers, batch after batch'   ask_in_batches
    check 'it stops when asked to'          stop
    check 'its calls have been counted'     counted
    check 'an echo is one read'     at_most $((echoes + 4 * connections)) \
        'recvfrom|recvmsg|read'
    check 'and one write'           at_most $((echoes + 2 * connections)) \
        'sendto|sendmsg|write'
    check 'a connection is registered once, and taken off once' \
        at_most $((2 * connections + 10)) epoll_ctl
    check 'an echo takes 2.05 calls of all kinds, at most' \
        at_most $((echoes * 205 / 100 + more)) total
fi
