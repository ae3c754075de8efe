# proxied.sh - what is claimed of our server behind a proxy, whichever that is.
#
# Reads $url, where the proxy leads to `site`.

early() {           # the first line is there before the last is written
    c /slow/1000 -N --max-time 2 >"$tmp/said"
    head -n 1 "$tmp/said" | grep 0000000
}

upstream() {        # how many connections the last N downloads came on
    grep ' /sized/' "$tmp/server" | tail -n "$1" | cut -d ' ' -f 1 | sort -u |
        wc -l
}

reuses() {          # reuses MOST: twenty requests come on no more than those
    n=0
    while [ $n -lt 20 ]; do
        set -- "$@" -o "$tmp/body" "$url/sized/$n"
        n=$((n + 1))
    done
    most=$1
    shift
    curl -sS -m 30 "$@" || return 1
    [ "$(upstream 20)" -le "$most" ] || { cat "$tmp/server"; false; }
}

crowd() {
    n=0
    while [ $n -lt 200 ]; do
        echo "url=$url/sized/$((n * 13))"
        echo "output=$tmp/crowd.$n"
        n=$((n + 1))
    done >"$tmp/crowd"
    curl -sS -f -m 60 -Z --parallel-max 50 -K "$tmp/crowd" || return 1
    n=0
    while [ $n -lt 200 ]; do
        head -c $((n * 104)) "$dir/lines" | cmp - "$tmp/crowd.$n" || return 1
        n=$((n + 1))
    done
}

in_chunks() {
    # shellcheck disable=SC2094
    measured PUT "$dir/random" -T - <"$dir/random"
}

# proxied NAME: the claims that hold of each way to set one up.
proxied() {
    for method in GET POST DELETE; do
        check "$1: $method"         measured $method "$tmp/nothing" -X $method
    done
    check "$1: an upload"           measured PUT "$dir/random" -T "$dir/random"
    check "$1: in chunks"           in_chunks
    check "$1: and back"            gets "$dir/random" /echo -T "$dir/random"
    check "$1: a download"          gets "$dir/lines" /sized/262144
    check "$1: in chunks"           gets "$dir/lines" /chunked/262144
    check "$1: of a file"           gets "$dir/random" /files/random
    check "$1: read slowly"         gets "$dir/lines" /sized/262144 \
        --limit-rate 4M
    check "$1: HEAD"                status 200 /files/lines -I
    check "$1: HEAD of chunks"      status 200 /chunked/3 -I
    check "$1: a part"              says '0000001' c /files/lines -r 8-14
    check "$1: not changed"         status 304 /files/lines \
        -z "$(c /files/lines -I | tr -d '\r' | sed -n 's/^Last-Modified: //p')"
    check "$1: a redirect"          status 200 /redirect/302 -L
    check "$1: cookies"             says 'a=b; c=d' c /cookies/x -b 'a=b; c=d'
    check "$1: 404"                 status 404 /nowhere
    check "$1: 204"                 status 204 /status/204
    check "$1: 413"                 status 413 /measure -T "$tmp/huge"
    check "$1: a refusal"           status 403 /refuse -d 'a little'
    check "$1: a cut reply is seen" fails 18 /cut/100000
    check "$1: who leaves"          fails 28 /slow/1000 --max-time 0.2
    check "$1: harms nobody"        status 200 /measure
    check "$1: fifty at a time"     crowd
}
