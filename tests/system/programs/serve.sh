# What gyre-serve is told, what it serves by that, and what it writes into its
# log.

gyre_serve=$out/examples/gyre-serve

refuses() {         # refuses CODE WORDS ARGUMENT...: ends so, and says why
    code=$1
    words=$2
    shift 2
    ends "$code" ours "$gyre_serve" "$@" && grep -q -- "$words" "$tmp/said"
}
prints() {          # prints WORDS ARGUMENT...: ends well, and says that
    words=$1
    shift
    ours "$gyre_serve" "$@" >"$tmp/said" && grep -q -- "$words" "$tmp/said"
}
check 'a port that is none'         refuses 2 "port.*'80x'" "$tmp" 80x
check 'nor is this'                 refuses 2 "port.*'65536'" -p 65536
check 'nor a rate'                  refuses 2 "above 0: '0'" -r 0
check 'nor a number of connections' refuses 2 "above 0: '-1'" -c -1
check 'nor one of threads'          refuses 2 "threads.*'0'" -t 0
check 'a log that is none'          refuses 2 "log: 'xml'" --log xml
check 'a field that is two'         refuses 2 'value of a field' \
    --cache "$(printf 'a\nB: c')"
check 'an option that is none'      refuses 2 'help' --nothing
check 'too much'                    refuses 2 "'c'" a b c
check 'a directory that is not there' \
    refuses 1 'nowhere: No such file or directory' "$tmp/nowhere" 0
: >"$tmp/file"
check 'nor is this one'             refuses 1 'file: Not a directory' \
    "$tmp/file" 0
check 'an address that is none'     refuses 1 ' none.invalid:0: ' \
    -H none.invalid -p 0
check 'it explains itself'          prints '^usage: gyre-serve' --help
check 'and says its version'        prints '^gyre-serve [0-9]' --version

# A tree with something of everything.
tree=$tmp/site
make_tree() {
    mkdir -p "$tree/docs" "$tree/.git" "$tree/<i>" &&
    echo 'a secret' >"$tmp/secret" &&
    printf 'p { color: black }\n' >"$tree/style.css" &&
    gzip -k "$tree/style.css" &&
    echo '<p>docs' >"$tree/docs/index.html" &&
    echo 'config' >"$tree/.git/config" &&
    ln -s ../secret "$tree/out" && ln -s "$tmp" "$tree/up" &&
    dd if=/dev/urandom of="$tree/large" bs=65536 count=5 2>/dev/null
}
check 'there is a site'             make_tree

get() {             # get PATH [ARGUMENT...]: by curl, which leaves it as it is
    path=$1
    shift
    curl -sS -m 20 --path-as-is "$@" "http://127.0.0.1:$port$path"
}
answers() {         # answers EXPRESSION PATH [ARGUMENT...]: a line of the answer
    expression=$1
    shift
    get "$@" -i | tr -d '\r' >"$tmp/answer"
    grep -q -- "$expression" "$tmp/answer" ||
        { echo "no $expression in"; cat "$tmp/answer"; false; }
}
status() {          # status STATUS PATH [ARGUMENT...]
    wanted=$1
    shift
    [ "$(get "$@" -o "$tmp/got" -w '%{http_code}')" = "$wanted" ]
}
part() {
    status 206 /large -r 1000-200999 &&
    tail -c +1001 "$tree/large" | head -c 200000 | cmp - "$tmp/got"
}
resumes() {
    head -c 100000 "$tree/large" >"$tmp/got" &&
    get /large -C - -o "$tmp/got" && cmp "$tree/large" "$tmp/got"
}
etag() {
    get "$1" -I | tr -d '\r' | sed -n 's/^ETag: //p'
}
compressed() {
    answers '^Content-Encoding: gzip$' /style.css -H 'Accept-Encoding: gzip' \
        --output - &&
    get /style.css --compressed | cmp - "$tree/style.css"
}
nothing_leaks() {
    for path in /../secret /%2e%2e/secret /..%2fsecret /%252e%252e/secret \
        //etc/passwd /docs/..%3b/secret /..%5csecret /docs/../../secret /out \
        /up/secret /.git/config /%2egit/config /docs/%2e%2e/%2e%2e/secret; do
        rm -f "$tmp/got"
        if ! status 404 "$path" || [ -s "$tmp/got" ]; then
            echo "$path"
            return 1
        fi
    done
}
listed() {
    get / >"$tmp/answer" && python3 - "$tmp/answer" <<'END'
import html.parser, sys

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.tags = [], set()
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [v for k, v in attributes if k == "href"]

page = Page()
page.feed(open(sys.argv[1]).read())
assert page.links == ["./%3Ci%3E/", "./docs/", "./large", "./style.css",
                      "./style.css.gz"], page.links
assert "i" not in page.tags, page.tags
END
}
listed_as_json() {
    get / -H 'Accept: application/json' | python3 -c 'import json, sys
names = [e["name"] for e in json.load(sys.stdin)["entries"]]
assert names == ["<i>", "docs", "large", "style.css", "style.css.gz"], names'
}

check 'it serves the site'          serve "$gyre_serve" --cache max-age=60 \
    --cors --log combined --json -H localhost "$tree" 0
check 'an address in use'           refuses 1 "$port: Address .*in use" \
    -H localhost -p "$port" "$tree"
check 'a file'                      answers '^p { color' /style.css
check 'of its kind'     answers '^Content-Type: text/css; charset' /style.css
check 'to be kept'      answers '^Cache-Control: max-age=60$' /style.css
check 'for any page'    answers '^Access-Control-Allow-Origin: \*$' /style.css
check 'even that it is not there' \
    answers '^Access-Control-Allow-Origin: \*$' /nothing
check 'compressed for who takes it'             compressed
check 'its head'                    answers '^Content-Length: 327680$' /large -I
check 'a part of it'                            part
check 'the rest of it'                          resumes
check 'no part beyond its end'      answers '^Content-Range: bytes \*/327680$' \
    /large -r 327680-
check 'nor what has not changed'    status 304 /large \
    -H "If-None-Match: $(etag /large)"
check 'nor another'     status 412 /large -H 'If-Match: "another"'
check 'a directory by its slash'    answers '^Location: \./docs/$' /docs
check 'a directory by its index'    answers '^<p>docs$' /docs/
check 'a directory by what is in it'            listed
check 'for programs, too'                       listed_as_json
check 'and nothing else'                        nothing_leaks
check 'whoever asks for nothing' \
    answers 404 /x -A "$(printf 'me "\2332J')" -H 'Referer: http://here/'
check 'it stops'                    stop
check 'having logged that harmlessly' grep -F \
    '"GET /x HTTP/1.1" 404 0 "http://here/" "me \"\x9b2J"' "$tmp/server"
adds_up() {
    tail -n 1 "$tmp/server" | python3 -c 'import json, sys
s = json.load(sys.stdin)
n = s["statuses"]
assert s["requests"] == sum(n.values()) > 30, s
assert n["2xx"] > 5 and n["3xx"] == 2 and n["4xx"] > 15 and n["5xx"] == 0, s
assert s["bytes"] > 327680 and s["seconds"] > 0, s'
}
check 'and says how much it was'    adds_up

check 'it serves otherwise'         serve "$gyre_serve" --no-listing --hidden \
    --index style.css --log json -r 5000000 "$tree" 0
check 'no listing'                  status 404 /docs/
check 'what is hidden'              answers '^config$' /.git/config
check 'nothing outside of it'       status 404 /out
check 'another index'               answers '^p { color' /
slowly() {
    get /large | cmp - "$tree/large"
}
check 'a file, no faster than it may'           slowly
check 'it stops'                    stop
logged_as_json() {
    grep '^{' "$tmp/server" | python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert [l["status"] for l in lines] == [404, 200, 404, 200, 200], lines
assert lines[-1]["target"] == "/large" and lines[-1]["bytes"] == 327680, lines'
}
check 'having logged it as JSON'                logged_as_json

check 'it serves on threads'        serve "$gyre_serve" -j -t 3 "$tree" 0
by_many() {
    get '/style.css?[1-30]' -H 'Connection: close' -o "$tmp/got"
}
check 'many connections'            by_many
as_told() {         # where the system tells, for it runs below another
    child=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
    # shellcheck disable=SC2012
    [ "$EMULATOR" ] || [ ! "$child" ] ||
        [ "$(ls "/proc/${child% }/task" | wc -l)" -ge 3 ]
}
check 'as many as it was told'      as_told
check 'and stops'                   stop
check 'having counted all of them'  grep '"requests":30,' "$tmp/server"

local_socket() {
    $bounded "$gyre_serve" -q -u "$tmp/socket" "$tree" >"$tmp/server" 2>&1 &
    server=$!
    curl -sS -m 20 --retry 50 --retry-connrefused --retry-all-errors \
        --retry-delay 1 --unix-socket "$tmp/socket" http://x/style.css |
        cmp - "$tree/style.css"
}
check 'it serves on a local socket'             local_socket
check 'and stops'                   stop
check 'having said nothing'         test ! -s "$tmp/server"
check 'and left nothing'            test ! -e "$tmp/socket"

check 'gyre-serve says its port'    serve "$gyre_serve" "$tmp" 0
tell() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.argv[2].encode() + b"\r\n\r\n")
while s.recv(1000):
    pass' "$port" "$1"
}
check 'nonsense is answered'        tell 'nonsense'
check 'a quote is asked for' \
    tell "$(printf 'GET /a\\"b HTTP/1.0\r\nHost: x')"
check 'gyre-serve stops'            stop
check 'having logged the nonsense'  grep '\] "-" 400 ' "$tmp/server"
check 'and the quote escaped' grep -F '"GET /a\\\"b HTTP/1.0" 404 ' "$tmp/server"

# Clients that leave in the middle of a file, with SIGPIPE as a program has it
# that was started by hand.
with_sigpipe() {
    # shellcheck disable=SC2086
    peer python3 -c 'import os, signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' $EMULATOR "$@"
}
leave_often() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, struct, sys
for i in range(200):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    s.recv(1 + 1000 * (i % 50))
    if i % 2:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
    s.close()' "$port"
}
gets_all() {
    curl -sS -m 60 -o "$tmp/got" "http://127.0.0.1:$port/large" &&
        cmp "$tmp/large" "$tmp/got"
}
dd if=/dev/zero of="$tmp/large" bs=65536 count=300 2>/dev/null
check 'it serves a large file' \
    with_sigpipe "$out/examples/gyre-serve" "$tmp" 0
check 'of which clients leave in the middle'    leave_often
check 'and it goes on'              gets_all
check 'and stops'                   stop
check 'having logged what broke off' \
    grep '"GET /large HTTP/1.1" 200 ' "$tmp/server"
