# Load by those who are made for it: no error, and no answer but 2xx.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh

wrk_is_content() {
    # shellcheck disable=SC2086
    $bounded wrk -t 2 -c 100 -d 3s "$@" >"$tmp/said" || return 1
    cat "$tmp/said"
    grep -q '^Requests/sec: *[1-9]' "$tmp/said" &&
        ! grep -E 'Socket errors|Non-2xx' "$tmp/said"
}

h2load_is_content() {
    # shellcheck disable=SC2086
    $bounded h2load --h1 -n 20000 -c 50 -m "$@" >"$tmp/said" || return 1
    cat "$tmp/said"
    grep -q '20000 succeeded, 0 failed, 0 errored, 0 timeout' "$tmp/said" &&
        grep -q 'status codes: 20000 2xx, 0 3xx, 0 4xx, 0 5xx' "$tmp/said"
}

ab_is_content() {
    requests=$1
    shift
    # shellcheck disable=SC2086
    $bounded ab -q -n "$requests" -c 50 "$@" >"$tmp/said" 2>&1 || return 1
    cat "$tmp/said"
    grep -q "^Complete requests: *$requests\$" "$tmp/said" &&
        grep -q '^Failed requests: *0$' "$tmp/said" &&
        ! grep 'Non-2xx' "$tmp/said"
}

check 'our server says its port'    site
if need wrk; then
    check 'wrk, of what is short'   wrk_is_content "$url/measure"
    check 'in chunks'               wrk_is_content "$url/chunked/1000"
    check 'and of a file'           wrk_is_content "$url/files/small.txt"
    cat >"$tmp/post.lua" <<'END'
wrk.method = "POST"
wrk.body = string.rep("x", 10000)
END
    check 'and of what is sent'     wrk_is_content -s "$tmp/post.lua" \
        "$url/echo"
fi
if need h2load; then
    check 'h2load'                  h2load_is_content 1 "$url/measure"
    check 'sixteen requests at once'    h2load_is_content 16 "$url/measure"
    check 'answers in chunks'       h2load_is_content 16 "$url/chunked/100"
    check 'what is sent'            h2load_is_content 8 -d "$dir/small.txt" \
        "$url/measure"
fi
if need ab; then
    check 'ab, of HTTP/1.0'         ab_is_content 5000 "$url/measure"
    check 'that keeps connections'  ab_is_content 5000 -k "$url/measure"
    check 'or uploads'              ab_is_content 200 -k -p "$dir/lines" \
        "$url/measure"
fi
check 'our server stops'            stop
