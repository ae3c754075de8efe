# TLS over Gyre's streams, by OpenSSL: against curl, OpenSSL's own programs, and
# itself, and over streams in memory that go wrong.

links() {           # can programs with OpenSSL be made here?
    # shellcheck disable=SC2086
    printf '#include <openssl/ssl.h>\nint main(void) { return 0; }\n' |
        $CC $FLAGS -x c - -o "$tmp/linked" $openssl
}

build() {           # build NAME...: in `examples/tls`, each with the stream
    for program; do
        # shellcheck disable=SC2086
        $CC -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror \
            -Wno-missing-field-initializers $FLAGS "examples/tls/$program.c" \
            examples/tls/tls.c "$out/libgyre.a" $openssl -lpthread \
            -o "$tmp/$program" || return
    done
}

# ---- certificates ----

key() {             # key NAME: NAME.key
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
        -out "$tmp/$1.key"
}

authority() {       # authority NAME: NAME.pem, which signs others
    key "$1" && openssl req -x509 -new -key "$tmp/$1.key" -subj "/CN=$1" \
        -days 2 -out "$tmp/$1.pem"
}

certificate() {     # certificate NAME BY FOR [FROM TO]: for a host, or two
    key "$1" && openssl req -new -key "$tmp/$1.key" -subj "/CN=$1" \
        -out "$tmp/$1.csr" && echo "subjectAltName=$3" >"$tmp/$1.ext" &&
        : >"$tmp/index" && openssl ca -batch -config "$tmp/ca.conf" \
        -cert "$tmp/$2.pem" -keyfile "$tmp/$2.key" -extfile "$tmp/$1.ext" \
        -startdate "${4:-20200101000000Z}" -enddate "${5:-20991231000000Z}" \
        -in "$tmp/$1.csr" -out "$tmp/$1.pem" -notext
}

certificates() {
    cat >"$tmp/ca.conf" <<CONF
[ca]
default_ca = any
[any]
database = $tmp/index
new_certs_dir = $tmp
rand_serial = yes
unique_subject = no
default_md = sha256
policy = all
[all]
commonName = supplied
CONF
    authority ours && authority others &&
        certificate good ours DNS:localhost,IP:127.0.0.1 &&
        certificate other ours DNS:elsewhere.example &&
        certificate unknown others DNS:localhost &&
        certificate old ours DNS:localhost 20200101000000Z 20200201000000Z
}

# ---- who speaks to whom ----

serves() {          # serves NAME: our server shows that certificate
    serve "$tmp/https_serve" "$tmp/$1.pem" "$tmp/$1.key" 0
}

get() {             # get HOST [PATH]: our client
    ours "$tmp/https_get" "https://$1:$port/$2" "$tmp/ours.pem"
}

curls() {
    curl -sS -m 60 --cacert "$tmp/ours.pem" "$@"
}

gets() {            # gets TEXT HOST
    ends 0 get "$2" && grep -qx "$1" "$tmp/said"
}

refuses() {         # refuses NAME WHY: our client refuses that certificate
    serves "$1" || return
    ends 1 get localhost && grep "$2" "$tmp/said"
    set -- $?
    stop && return "$1"
}

echoes() {          # echoes CURL-OPTION...: four megabytes, both ways at once
    curls "$@" -H Expect: --data-binary "@$tmp/large" -o "$tmp/back" \
        "https://localhost:$port/" && cmp "$tmp/large" "$tmp/back"
}

s_client() {
    printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        timeout 60 openssl s_client -quiet -connect "localhost:$port" "$@" \
        -CAfile "$tmp/ours.pem" -verify_return_error -verify_hostname localhost
}

answers() {         # answers OPTION...: our server, to OpenSSL's client
    ends 0 s_client "$@" && grep -qx hello "$tmp/said"
}

# OpenSSL's server, of the files in the temporary folder.
s_server() {
    # shellcheck disable=SC2016
    peer sh -c 'cd "$1" && exec openssl s_server -accept 127.0.0.1:0 -WWW \
        -cert good.pem -key good.key' - "$tmp"
}

downloads() {
    get localhost large >"$tmp/back" && cmp "$tmp/large" "$tmp/back"
}

# A server that says half of something, and hangs up: with a word, or without.
cat >"$tmp/cut.py" <<'END'
import socket, ssl, sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + ".pem", sys.argv[1] + ".key")
s = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % s.getsockname()[1], flush=True)
while True:
    peer = context.wrap_socket(s.accept()[0], server_side=True)
    whole = b"whole" in peer.recv(1000)
    peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it\n")
    if whole:
        peer.settimeout(0.1)
        try:
            peer.unwrap()
        except OSError:
            pass
    peer.close()
END

# A proxy that joins who asks it to, though to this machine alone, and writes
# down what it was asked; with a password, or who asks is refused.
cat >"$tmp/proxy.py" <<'END'
import socket, threading

def pump(a, b):
    try:
        while True:
            some = a.recv(65536)
            b.sendall(some) if some else b.shutdown(socket.SHUT_WR)
            if not some:
                return
    except OSError:
        pass

def serve(s):
    head = b""
    while b"\r\n\r\n" not in head:
        head += s.recv(65536)
    print(head.decode().split("\r\n")[0], flush=True)
    if b"\r\nProxy-Authorization: Basic dTpw\r\n" not in head:
        s.sendall(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")
        return
    port = head.split()[1].decode().rsplit(":", 1)[1]
    peer = socket.create_connection(("127.0.0.1", int(port)))
    s.sendall(b"HTTP/1.1 200 Joined\r\n\r\n")
    threading.Thread(target=pump, args=(peer, s), daemon=True).start()
    pump(s, peer)

listener = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
END

# Our server, and a proxy beside it.
serves_by_proxy() {
    serves good || return
    behind=$server
    there=$port
    peer python3 "$tmp/proxy.py"
}

by_proxy() {        # by_proxy CODE USER [HOST]
    export https_proxy="http://$2@127.0.0.1:$port"
    ends "$1" ours "$tmp/https_get" "https://${3:-localhost}:$there/" \
        "$tmp/ours.pem"
    set -- $?
    unset https_proxy
    return "$1"
}

gets_by_proxy() {
    by_proxy 0 u:p && grep -qx hello "$tmp/said" &&
        grep -qx "CONNECT localhost:$there HTTP/1.1" "$tmp/server" &&
        ! grep -q GET "$tmp/server"
}

refused_by_proxy() {
    by_proxy 1 u:x && grep 'ermission denied' "$tmp/said"
}

trusts_no_proxy() { # who is asked for must be who answers
    by_proxy 1 u:p elsewhere.invalid && grep 'mismatch' "$tmp/said"
}

tells_of_a_cut() {
    ends 1 get localhost cut && grep 'reset' "$tmp/said"
}

ends_where_it_is_said() {
    ends 0 get localhost whole && grep -qx 'half of it' "$tmp/said"
}

speaks_plainly() {
    curl -sS -m 20 "http://localhost:$port/"
    [ $? -ne 28 ] && ! grep -q hello "$tmp/.output"
}

# Somebody connects and says nothing; meanwhile others are served, and the end
# comes at once.
holds_nobody_up() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
open(sys.argv[2], "w").close()
s.recv(1)' "$port" "$tmp/connected" &
    silent=$!
    until [ -e "$tmp/connected" ] || ! kill -0 $silent; do
        sleep 0.05
    done
    gets hello localhost && stop && wait $silent
}

openssl=$(pkg-config --libs openssl 2>/dev/null) ||
    openssl='-lssl -lcrypto'
if [ "$EMULATOR" ] || ! command -v openssl >/dev/null ||
    ! links >/dev/null 2>&1; then
    echo 'tls.sh: skipped, for there is no OpenSSL to make programs with'
    check 'there is no OpenSSL to try it with' true
    return
fi

check 'the examples are made'       build https_get https_serve check
check 'there are certificates'      certificates
head -c 4000000 /dev/urandom >"$tmp/large"

check 'over memory, whatever goes wrong, it holds' \
    ours "$tmp/check" "$tmp/good.pem" "$tmp/good.key" "$tmp/ours.pem"

check 'our server serves'           serves good
check 'our client'                  gets hello localhost
check 'by its address as well'      gets hello 127.0.0.1
check 'curl'                        curls "https://localhost:$port/"
check 'all there and back'          echoes
check 'with TLS 1.2 as well'        echoes --tls-max 1.2
check 'and TLS 1.3'                 echoes --tlsv1.3
check "OpenSSL's client"            answers
check 'with TLS 1.2'                answers -tls1_2
check 'but none that is older'      ends 1 s_client -tls1_1
check 'who speaks no TLS is told so' speaks_plainly
check 'and it goes on'              gets hello localhost
check 'who says nothing holds nobody up'  holds_nobody_up

check 'our server, and a proxy'     serves_by_proxy
check 'our client gets by it'       gets_by_proxy
check 'not without who it is'       refused_by_proxy
check 'nor to who is another'       trusts_no_proxy
halt
server=$behind
check 'it was served all the while' stop

check 'the certificate of another is refused'   refuses other 'ostname mismatch'
check 'and one that is expired'                 refuses old 'expired'
check 'and one that nobody we know has signed'  refuses unknown 'local issuer'

check "OpenSSL's server serves"     s_server
check 'our client'                  downloads
halt
check 'a server hangs up'           peer python3 "$tmp/cut.py" "$tmp/good"
check 'where it says so, it is the end'         ends_where_it_is_said
check 'where it does not, it is a cut'          tells_of_a_cut
halt
