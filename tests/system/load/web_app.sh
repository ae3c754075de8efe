# The web application under wrk's load.

wrk_finds_no_error() {
    # shellcheck disable=SC2086
    $bounded wrk -t 2 -c 256 -d 10s "http://127.0.0.1:$port/json/x?a=1" \
        >"$tmp/wrk" || return 1
    cat "$tmp/wrk"
    grep -q '^Requests/sec: *[1-9]' "$tmp/wrk" &&
        ! grep -E 'Socket errors|Non-2xx' "$tmp/wrk"
}

check 'it says its port'        serve "$out/examples/web_app" 0
check '256 connections, for ten seconds, meet no error' wrk_finds_no_error
check 'it stops when asked to'  stop
