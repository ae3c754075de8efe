# node: its clients before our server, and its server behind our client.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
# shellcheck source-path=SCRIPTDIR source=support/ask.sh
. tests/peers/support/ask.sh
need node || return

node_asks() {
    # shellcheck disable=SC2086
    $bounded node tests/peers/support/node_asks.js "$1" "$url" "$dir"
}

check 'our server says its port'            site
check 'an agent keeps its connection'       node_asks kept
check 'an upload comes back'                node_asks upload
check 'trailers are passed over'            node_asks trailers
check 'who waits to be asked is'            node_asks continued
check 'a reply that is cut is seen to be'   node_asks cut
check 'who leaves harms nobody'             node_asks left
check 'answers come in order'               node_asks pipelined
check 'fetch gets all, and sends streams'   node_asks fetched
check 'and is led on'                       node_asks fetch_leads
check 'and gives up'                        node_asks fetch_aborts
check 'five hundred at a time'              node_asks crowd
check 'our server stops'                    stop

check 'node serves' peer node tests/peers/support/node_serves.js "$dir"
url=http://127.0.0.1:$port
for method in GET POST PUT PATCH DELETE; do
    check "$method is understood"   asked "$(measure $method 2 195)" \
        -X $method -d ab "$url/measure"
done
check 'a file, in chunks'           fetched "$dir/random" "$url/files/random"
check 'an upload in chunks comes back'  fetched "$dir/random" -X POST \
    -c "$dir/random" "$url/echo"
check 'trailers are passed over'    asks '200 4 /trailers
200 4 /trailers' "$url/trailers" "$url/trailers"
check 'what comes before an answer is'  asked late "$url/early"
check 'a cut one is seen to be'     fails_with 'has ended' "$url/cut"
check 'in chunks as well'           fails_with 'has ended' "$url/cut_chunks"
check 'a reset is one'              fails_with 'reset' "$url/reset"
check 'a refusal before all was sent'   asks '403 2 /refused' -X POST \
    -c "$dir/random" "$url/refused"
for code in 301 302 303 307 308; do
    check "$code leads on"          asks '200 * /measure' "$url/redirect/$code"
done
check 'what ends with its connection'   asks '200 18 /old' "$url/old"
kept() {
    a -o "$tmp/got" "$url/port" "$url/port" "$url/port" &&
        [ "$(sort -u "$tmp/got" | wc -l)" = 1 ]
}
check 'one connection for all'      kept
check 'and when that is no more'        asks '200 * /port
200 * /port' -w 2600 "$url/port" "$url/port"
halt
