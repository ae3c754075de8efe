# origin.sh - what is claimed of our client before an origin at $url, whichever
# that is: files of $dir, /secret/ of them for me:secret, text gzipped, some
# redirects and errors, and connections closed after a second of idleness.

# shellcheck source-path=SCRIPTDIR source=ask.sh
. tests/peers/support/ask.sh

unpacked() {
    a -o "$tmp/got.gz" -H 'Accept-Encoding: gzip' "$url/lines.txt" &&
        gunzip <"$tmp/got.gz" | cmp - "$dir/lines"
}

fetch() {
    mkdir "$tmp/into" &&
        ours "$out/examples/gyre-fetch" -j 4 -D "$tmp/into" "$url/lines" \
            "$url/random" "$url/small.txt" "$url/deep/" &&
        cmp "$dir/lines" "$tmp/into/lines" &&
        cmp "$dir/random" "$tmp/into/random" &&
        cmp "$dir/deep/index.html" "$tmp/into/index.html"
}

quiet() {           # nothing worse than a notice in a server's log
    ! grep -E '\[(alert|crit|emerg)\]|\[core:(alert|crit|emerg)\]' "$1"
}

ln "$dir/lines" "$dir/lines.txt"

check 'a file'                      fetched "$dir/random" "$url/random"
check 'several, by gyre-fetch'      fetch
check 'packed, as it is'            unpacked
check 'which comes in chunks'       asks '200 * /lines.txt
Transfer-Encoding: chunked' -H 'Accept-Encoding: gzip' -g Transfer-Encoding \
    "$url/lines.txt"
check 'HEAD'                        asks '200 0 /random
Content-Length: 3000000' -X HEAD -g Content-Length "$url/random"
check 'a part'                      asks '206 7 /lines
Content-Range: bytes 8-14/2097152' -H 'Range: bytes=8-14' -g Content-Range \
    "$url/lines"
tag=$(curl -sS -I -m 10 "$url/lines" | tr -d '\r' | sed -n 's/^ETag: //p')
check 'not changed'                 asks '304 0 /lines' \
    -H "If-None-Match: $tag" "$url/lines"
check 'a redirect'                  asks '200 6 /small.txt' "$url/away"
check 'of a folder'                 asks '200 5 /deep/' "$url/deep"
check 'that keeps the method'       asks '405 * /small.txt' -X PUT -d x \
    "$url/kept"
check 'that ends nowhere'           fails_with 'Too many levels' "$url/round"
check 'a secret'                    asks '401 * /secret/small.txt' \
    "$url/secret/small.txt"
check 'that is told'                asks '200 6 /secret/small.txt' \
    -H "Authorization: Basic $(printf me:secret | base64)" \
    "$url/secret/small.txt"
check '404'                         asks '404 * /nowhere' "$url/nowhere"
check '503'                         asks '503 * /gone' "$url/gone"
check 'many on one connection'      asks '200 6 /small.txt
200 6 /small.txt
200 6 /small.txt' "$url/small.txt" "$url/small.txt" "$url/small.txt"
check 'and when it was closed meanwhile'    asks '200 6 /small.txt
200 6 /small.txt' -w 1500 "$url/small.txt" "$url/small.txt"
