# peers.sh - what the scripts here have in common.
#
#     need PROGRAM... || return    ends a script for which a peer is not there;
#                                  the number of tests that .ci wants sees it
#     need_python MODULE || return likewise
#     site                         starts our server, with files of $dir
#     c PATH [ARGUMENT...]         curl's answer of the server at $url
#     says WORDS COMMAND...        holds if it prints just that
#     status CODE PATH [ARG...]    holds if curl is answered that
#     fails CODE PATH [ARG...]     holds if curl ends so
#     gets FILE PATH [ARG...]      holds if curl gets what is in the file
#     measured METHOD FILE [ARGUMENT...]
#                                  holds if /measure of `site` has had that
#     free_ports N                 prints some that are free, for who takes no 0
#     beside PORT COMMAND...       starts a server of others beside that of
#                                  `serve` or `site`, and waits until it
#                                  listens; $other is empty if it does not
#     alone                        asks that to end

dir=$tmp/files
url=
PATH=$PATH:/usr/sbin
# What Debian has for Python is for Debian's Python.
python=/usr/bin/python3
[ -x $python ] || python=python3

need() {
    for program; do
        command -v "$program" >/dev/null || skip "$program" || return
    done
}

need_python() {
    $python -c "import $1" 2>/dev/null || skip "$1 of Python"
}

skip() {
    echo "$script: skipped, for there is no $1 here"
    check 'skipped' true
    return 1
}

site() {
    mkdir -p "$dir"
    seq -f %07.0f 0 262143 >"$dir/lines"        # 2 MiB
    head -c 3000000 /dev/urandom >"$dir/random"
    printf 'small\n' >"$dir/small.txt"
    : >"$tmp/nothing"
    serve "$out/tests/peers/site" "$dir" 0
    url=http://127.0.0.1:$port
}

c() {
    path=$1
    shift
    curl -sS -m 30 "$@" "$url$path"
}

says() {
    words=$1
    shift
    "$@" >"$tmp/said" || return 1
    [ "$(cat "$tmp/said")" = "$words" ] || { cat "$tmp/said"; false; }
}

status() {
    code=$1
    shift
    says "$code" c "$@" -o "$tmp/body" -w '%{http_code}\n'
}

fails() {
    code=$1
    shift
    ends "$code" c "$@" -o "$tmp/body"
}

gets() {
    file=$1
    shift
    c "$@" -o "$tmp/body" && cmp "$file" "$tmp/body"
}

measured() {
    words=$(od -An -v -tu1 -w1 "$2" | awk -v method="$1" '{ n += $1 }
        END { printf "{\"method\":\"%s\",\"length\":%d,\"sum\":%d}",
                     method, NR, n }')
    shift 2
    says "$words" c /measure "$@"
}

free_ports() {
    $python -c 'import socket, sys
all = [socket.create_server(("127.0.0.1", 0)) for i in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in all))' "$1"
}

other=
beside() {
    listens=$1
    shift
    # shellcheck disable=SC2086
    $bounded "$@" >"$tmp/other" 2>&1 &
    other=$!
    until curl -s -o /dev/null -m 5 "http://127.0.0.1:$listens/"; do
        kill -0 $other || { cat "$tmp"/other "$tmp"/*.log; other=; return 1; }
        sleep 0.05
    done
}

alone() {
    [ -z "$other" ] || kill -TERM "$other" && wait "$other" 2>/dev/null
    other=
    true
}
trap 'alone; leave' EXIT
