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
