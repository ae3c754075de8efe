# aiohttp: its client before our server, and its server behind our client.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
need_python aiohttp || return

aio() {
    # shellcheck disable=SC2086
    $bounded $python tests/peers/support/aio_asks.py "$1" "$url" "$dir"
}

check 'our server says its port'            site
check 'methods come through'                aio methods
check 'types are told'                      aio types
check 'an upload comes back'                aio upload
check 'in chunks, small and large'          aio upload_in_chunks
check 'when it is asked for'                aio upload_when_asked
check 'a form'                              aio form
check 'a download comes whole, each way'    aio download
check 'what is written comes when it is'    aio chunks
check 'a reply that is cut is seen to be'   aio cut
check 'cookies'                             aio cookies
check 'redirects'                           aio redirects
check 'statuses'                            aio statuses
check 'a session has one connection'        aio one_connection
check 'five hundred at a time'              aio crowd
check 'who runs out of time disturbs none'  aio timeouts
check 'our server stops'                    stop

# shellcheck source-path=SCRIPTDIR source=support/ask.sh
. tests/peers/support/ask.sh
check 'aiohttp serves' peer $python tests/peers/support/aio_serves.py "$dir"
url=http://127.0.0.1:$port
for method in GET POST PUT PATCH DELETE; do
    check "$method is understood"   asked "$(measure $method 2 195)" \
        -X $method -d ab "$url/measure"
done
check 'a file'                      fetched "$dir/random" "$url/files/random"
check 'in chunks'                   fetched "$dir/lines" "$url/chunked/262144"
check 'an upload in chunks comes back'  fetched "$dir/random" -X POST \
    -c "$dir/random" "$url/echo"
check 'HEAD'                        asks '200 0 /files/lines
Content-Length: 2097152' -X HEAD -g Content-Length "$url/files/lines"
check 'a part'                      asks '206 8 /files/lines' \
    -H 'Range: bytes=8-15' "$url/files/lines"
check 'packed, as it is'            asks '200 * /packed
Content-Encoding: deflate' -H 'Accept-Encoding: deflate' -g Content-Encoding \
    "$url/packed"
check 'a cut one is seen to be'     fails_with 'has ended' "$url/cut"
check 'none at all, too'            fails_with 'has ended' "$url/dropped"
for code in 301 302 303 307 308; do
    check "$code leads on"          asks '200 * /measure' \
        "$url/redirect/$code?to=/measure"
done
check '303 makes it a GET'          asked "$(measure GET 0 0)" -X POST -d ab \
    "$url/redirect/303?to=/measure"
check '307 keeps it a POST'         asked "$(measure POST 2 195)" -X POST \
    -d ab "$url/redirect/307?to=/measure"
for code in 204 304 404 500; do
    check "$code is what it is"     asks "$code * /status/$code" \
        "$url/status/$code"
done
fields() {
    a -o "$tmp/got" -H 'X-One: two' -H 'X-One: three' "$url/fields" &&
        grep 'X-One: two' "$tmp/got" && grep 'X-One: three' "$tmp/got" &&
        grep "Host: 127.0.0.1:$port" "$tmp/got"
}
check 'fields arrive'               fields
check 'one connection for all'      asked '111' "$url/connections" \
    "$url/connections" "$url/connections"
check 'and when it was closed meanwhile'    asks '200 1 /connections
200 1 /connections' -w 1500 "$url/connections" "$url/connections"
check 'or is closed at once'        asks '200 18 /old
200 18 /old' "$url/old" "$url/old"
halt
