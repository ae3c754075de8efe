# What gyre-serve is told, and what it writes into its log.

serve_with() {
    ours "$out/examples/gyre-serve" "$@"
}
check 'a port that is none'         ends 2 serve_with "$tmp" 80x
check 'nor is this'                 ends 2 serve_with "$tmp" 65536
check 'gyre-serve says its port'    serve "$out/examples/gyre-serve" "$tmp" 0
tell() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.argv[2].encode() + b"\r\n\r\n")
while s.recv(1000):
    pass' "$port" "$1"
}
check 'nonsense is answered'        tell 'nonsense'
check 'and logged as that'          grep '\] "-" 400 ' "$tmp/server"
check 'a quote is asked for' \
    tell "$(printf 'GET /a\\"b HTTP/1.0\r\nHost: x')"
check 'and logged escaped' grep -F '"GET /a\\\"b HTTP/1.0" 404 ' "$tmp/server"
check 'gyre-serve stops'            stop

# Clients that leave in the middle of a file, with SIGPIPE as a program has it
# that was started by hand.
with_sigpipe() {
    # shellcheck disable=SC2086
    peer python3 -c 'import os, signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' $EMULATOR "$@"
}
leave_often() {
    python3 -c 'import socket, struct, sys
for i in range(200):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    s.recv(1 + 1000 * (i % 50))
    if i % 2:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()' "$port"
}
gets_all() {
    curl -sS -m 60 -o "$tmp/got" "http://127.0.0.1:$port/large" &&
        cmp "$tmp/large" "$tmp/got"
}
dd if=/dev/zero of="$tmp/large" bs=65536 count=300 2>/dev/null
check 'it serves a large file'      with_sigpipe "$out/examples/gyre-serve" "$tmp" 0
check 'of which clients leave in the middle'    leave_often
check 'and it goes on'              gets_all
check 'logging what broke off'      grep '"GET /large HTTP/1.1" 200 ' "$tmp/server"
check 'and stops'                   stop
