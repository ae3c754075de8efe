# peers.sh - what the scripts here have in common.
#
#     need PROGRAM... || return    ends a script for which a peer is not there;
#                                  the number of tests that .ci wants sees it
#     site                         starts our server, with files of $dir
#     c PATH [ARGUMENT...]         curl's answer of the server at $url
#     says WORDS COMMAND...        holds if it prints just that
#     status CODE PATH [ARG...]    holds if curl is answered that
#     fails CODE PATH [ARG...]     holds if curl ends so
#     gets FILE PATH [ARG...]      holds if curl gets what is in the file
#     measured METHOD FILE [ARGUMENT...]
#                                  holds if /measure of `site` has had that
#     free_port                    prints one that is free, for who takes no 0

dir=$tmp/files
url=
PATH=$PATH:/usr/sbin
# What Debian has for Python is for Debian's Python.
python=/usr/bin/python3
[ -x $python ] || python=python3

need() {
    for program; do
        command -v "$program" >/dev/null && continue
        echo "$script: skipped, for there is no $program here"
        check 'skipped' true
        return 1
    done
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

free_port() {
    $python -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
