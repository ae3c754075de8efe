# Our server as curl sees it, with all that curl can ask for.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh

given() {           # given FIELD PATH [ARGUMENT...]: a field of the answer
    field=$1
    shift
    c "$@" -o "$tmp/body" -D - | tr -d '\r' | sed -n "s/^$field: //p"
}

connections() {     # how many each of several transfers took
    curl -sS -m 30 -w '%{num_connects}\n' "$@" | tr '\n' ' '
}

check 'the server says its port'    site

# ---- methods and bodies ----

for method in GET POST PUT PATCH DELETE PROPFIND; do
    check "$method comes through"   measured $method "$tmp/nothing" -X $method
done
check 'HEAD has the length, and no body' \
    says 2097152 given Content-Length /files/lines -I
check 'HEAD of what comes in chunks'    status 200 /chunked/3 -I
check 'OPTIONS has the methods'     status 204 /measure -X OPTIONS
check 'which are named' \
    says 'GET, HEAD, POST, PUT, PATCH, DELETE, PROPFIND, OPTIONS' given Allow \
    /measure -X OPTIONS
check 'a method that is not allowed'    status 405 /echo -X DELETE
check 'one that nobody knows'       status 405 /measure -X BREW
check 'one that is none'            status 400 /measure -X 'BR(EW'
check 'TRACE is not answered'       status 405 /measure -X TRACE
check 'a form'                      measured POST "$dir/small.txt" \
    --data-binary "@$dir/small.txt"
check 'an upload with its length'   measured PUT "$dir/random" -T "$dir/random"
in_chunks() {
    # shellcheck disable=SC2094
    measured PUT "$dir/random" -T - <"$dir/random"
}
check 'an upload in chunks'         in_chunks
check 'an upload that is not to wait'   measured PUT "$dir/random" \
    -T "$dir/random" -H Expect:
check 'an upload comes back'        gets "$dir/random" /echo -T "$dir/random"
check 'a large one in chunks, too'  gets "$dir/random" /echo \
    --data-binary "@$dir/random" -H 'Transfer-Encoding: chunked'
check 'multipart is a body like others' status 200 /echo \
    -F "a=b" -F "file=@$dir/random"
check 'and comes back with its boundary' grep -a -q 'filename="random"' \
    "$tmp/body"

# ---- Expect: 100-continue ----

continued() {
    c /measure -T "$dir/random" -H 'Expect: 100-continue' -v \
        --expect100-timeout 20 -o "$tmp/body" 2>"$tmp/said" &&
        grep 'HTTP/1.1 100 Continue' "$tmp/said"
}
check 'who waits to be asked is asked'  continued
refused() {
    c /refuse -T "$dir/random" -H 'Expect: 100-continue' -v \
        --expect100-timeout 20 -o "$tmp/body" 2>"$tmp/said" &&
        grep 'HTTP/1.1 403' "$tmp/said" && ! grep ' 100 ' "$tmp/said"
}
check 'or refused before he has sent any'   refused
check 'another expectation is 417'  status 417 /measure \
    -H 'Expect: the-inquisition' -d x
check 'a body that nobody reads'    status 403 /refuse -d 'a little'
head -c 70000000 /dev/zero >"$tmp/huge"
check 'a body over the limit is 413'    status 413 /measure -T "$tmp/huge" \
    --expect100-timeout 20
rm "$tmp/huge"

# ---- large and slow ----

check 'a download'                  gets "$dir/lines" /sized/262144
check 'in chunks'                   gets "$dir/lines" /chunked/262144
check 'of a file'                   gets "$dir/random" /files/random
check 'to one who reads slowly'     gets "$dir/lines" /sized/262144 \
    --limit-rate 2M
check 'in chunks as well'           gets "$dir/lines" /chunked/262144 \
    --limit-rate 2M
check 'from one who writes slowly'  measured PUT "$dir/random" \
    -T "$dir/random" --limit-rate 3M
check 'a reply that is cut is seen to be'   fails 18 /cut/100
first_line_early() {
    c /slow/1000 -N --max-time 2 >"$tmp/said"
    head -n 1 "$tmp/said" | grep 0000000
}
check 'a stream is seen while it goes on'   first_line_early
check 'who leaves in the middle'    fails 28 /slow/1000 --max-time 0.3
check 'harms nobody'                status 200 /measure
leaves_upload() {
    ends 28 c /measure -T - --limit-rate 100k --max-time 0.3 </dev/zero
}
check 'nor does who leaves an upload'   leaves_upload
check 'which is seen'               status 200 /measure

# ---- parts of files, and whether they changed ----

check 'a range'                     says '0000001' c /files/lines -r 8-14
check 'is 206'                      status 206 /files/lines -r 8-14
check 'the end'                     says '0262143' c /files/lines -r -8
check 'from somewhere'              says '0262143' c /files/lines -r 2097144-
check 'out of range is 416'         status 416 /files/lines -r 9999999-
resumes() {
    head -c 1000000 "$dir/random" >"$tmp/part"
    c /files/random -C - -o "$tmp/part" && cmp "$dir/random" "$tmp/part"
}
check 'a download goes on where it was' resumes
tag=$(given ETag /files/lines)
changed=$(given Last-Modified /files/lines)
check 'it has a tag'                test "$tag"
check 'a copy with that is good'    status 304 /files/lines \
    -H "If-None-Match: $tag"
check 'another is not'              status 200 /files/lines \
    -H 'If-None-Match: "other"'
keeps_tag() {
    c /files/lines --etag-save "$tmp/tag" -o "$tmp/body" &&
        status 304 /files/lines --etag-compare "$tmp/tag"
}
check 'curl keeps it itself'        keeps_tag
check 'not changed since'           status 304 /files/lines -z "$changed"
check 'changed since'               status 200 /files/lines \
    -z 'Mon, 01 Jan 2001 00:00:00 GMT'
check 'part of what it still is'    status 206 /files/lines -r 0-9 \
    -H "If-Range: $tag"
check 'all, when it is another'     status 200 /files/lines -r 0-9 \
    -H 'If-Range: "other"'
check 'only if it still is'         status 412 /files/lines \
    -H 'If-Match: "other"'

# ---- cookies and redirects ----

check 'cookies are set'             status 200 /cookies/set -c "$tmp/jar"
check 'kept where they belong'      says 'flavour=oat' c /cookies/there \
    -b "$tmp/jar"
check 'and sent'                    says 'deep=1; flavour=oat' \
    c /cookies/deep/down -b "$tmp/jar"
for code in 301 302 303 307 308; do
    check "$code leads on"          status 200 /redirect/$code -L
done
check 'a POST becomes a GET'        says '{"method":"GET","length":0,"sum":0}' \
    c /redirect/303 -L -d ab
check 'or stays one'                says \
    '{"method":"POST","length":2,"sum":195}' c /redirect/307 -L -d ab

# ---- connections ----

check 'one connection does'         says '1 0 0 ' connections -o "$tmp/body" \
    -o "$tmp/body" -o "$tmp/body" "$url/measure" "$url/sized/10" \
    "$url/chunked/10"
all_kinds() {
    and="--next -m 30 -o $tmp/body -w %{num_connects}\n"
    # shellcheck disable=SC2086
    connections -o "$tmp/body" "$url/echo" -d a $and -I "$url/files/lines" \
        $and -T "$dir/random" "$url/measure" $and "$url/status/404"
}
check 'for all kinds of requests'   says '1 0 0 0 ' all_kinds
check 'but who wants it closed has it'  says '1 1 ' connections \
    -o "$tmp/body" -o "$tmp/body" -H 'Connection: close' \
    "$url/measure" "$url/measure"
check 'as has HTTP/1.0'             says '1 1 ' connections -0 \
    -o "$tmp/body" -o "$tmp/body" "$url/measure" "$url/measure"
check 'which gets streams to the end'   gets "$dir/lines" /chunked/262144 -0
unchunked() {
    ! c /chunked/3 -0 -i | grep -i '^transfer-encoding'
}
check 'and no chunks'               unchunked
parallel() {
    n=0
    while [ $n -lt 200 ]; do
        echo "url=$url/sized/$((n * 13))"
        echo "output=$tmp/many/$n"
        n=$((n + 1))
    done >"$tmp/many.conf"
    mkdir "$tmp/many"
    curl -sS -m 60 -Z --parallel-max 50 -K "$tmp/many.conf" || return 1
    n=0
    while [ $n -lt 200 ]; do
        head -c $((n * 104)) "$dir/lines" | cmp - "$tmp/many/$n" || return 1
        n=$((n + 1))
    done
}
check 'fifty at a time'             parallel

# ---- what is too much, or elsewhere ----

long=$(printf '%020000d' 0)
check 'a long field is 431'         status 431 /measure -H "X: $long"
many() {
    n=0
    while [ $n -lt 300 ]; do
        echo "X-$n: $n"
        n=$((n + 1))
    done >"$tmp/fields"
    status 431 /measure -H "@$tmp/fields"
}
check 'many are, too'               many
check 'a long address is 414'       status 414 "/$long"
for way in /files/../site.c /files/%2e%2e/site.c /files/..%2fsite.c \
    /../../etc/passwd /files//etc/passwd '/files/..\..\etc\passwd'; do
    check "$way leads nowhere"      status 404 "$way" --path-as-is
done
check 'a NUL does not either'       status 400 /files/%00 --path-as-is
check 'after all that it answers'   status 200 /measure
check 'and stops'                   stop

# ---- gyre-serve, a tool ----

gzip -k "$dir/lines"
check 'gyre-serve says its port'    serve "$out/examples/gyre-serve" \
    "$dir" 0
url=http://127.0.0.1:$port
check 'what is packed is sent so'   says gzip given Content-Encoding /lines \
    --compressed
check 'and unpacked by curl'        gets "$dir/lines" /lines --compressed
check 'for others it is not'        gets "$dir/lines" /lines
check 'it stops'                    stop
on_socket() {
    # shellcheck disable=SC2086
    $bounded $EMULATOR "$out/examples/gyre-serve" --quiet \
        --unix "$tmp/socket" "$dir" &
    other=$!
    until [ -S "$tmp/socket" ]; do
        kill -0 $other || return
        sleep 0.05
    done
}
check 'it listens on a local socket'    on_socket
check 'where it is asked'           gets "$dir/random" /random \
    --unix-socket "$tmp/socket"
alone
