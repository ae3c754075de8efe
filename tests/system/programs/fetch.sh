# What gyre-fetch is told, what it says, and what it leaves, against a server
# that does as it is asked, well or badly.

get() {
    ours "$out/examples/gyre-fetch" "$@"
}

says() {
    grep -q -- "$1" "$tmp/said"
}

says_not() {
    ! grep -q -- "$1" "$tmp/said"
}

is() {              # is TEXT WORDS...: what it prints, and nothing is wrong
    body=$1
    shift
    ends 0 get "$@" || return 1
    [ "$(cat "$tmp/said")" = "$body" ]
}

# What is in the directory fetched into, each name with its content.
holds() {
    for file in "$tmp/into"/* "$tmp/into"/.[!.]*; do
        [ -e "$file" ] && printf '%s=%s ' "${file##*/}" "$(cat "$file")"
    done >"$tmp/held"
    [ "$(cat "$tmp/held")" = "$1" ] || { cat "$tmp/held"; false; }
}

afresh() {
    rm -rf "$tmp/into"
    mkdir "$tmp/into"
}

check 'a server does as it is asked' peer python3 \
    tests/system/programs/peers/odd.py
url=http://127.0.0.1:$port

# ---- usage ----

check 'no URL is no use'            ends 2 get
for wrong in -y --such -j '-j 0' '-j -1' '-j 2x' '-j 99999999999999999999' \
    '-t 0' '-t x' '-m x' '--rate 0' '--retry x' '--interface nowhere' \
    '-H nonsense' '-H Host:x' '-u a:b -H' '-C' '-R -n' '-F x' '-F x=y -d x' '-d x -I' '-d x -T y' \
    '-o x http://y' '-Z http://y'
do
    # shellcheck disable=SC2086
    check "nor is $wrong"           ends 2 get $wrong "$url/ok"
done
check 'it helps'                    ends 0 get --help
check 'and tells what it ends with' says '^ends with 0; '

# ---- what comes of it ----

check 'a body is printed'           is /a "$url/a"
check 'and another'                 is /a/b "$url/a" "$url/b"
check 'all well is 0'               ends 0 get -n "$url/a" "$url/b"
check 'it says so'                  says '^ok  *2 bytes .* ms  '"$url/b"
check 'a refusal is 3'              ends 3 get -n "$url/a" "$url/nowhere"
check 'it says which'               says '^refused .* '"$url/nowhere"
check 'and how' says "^gyre-fetch: $url/nowhere: status 404 Not Found"
check 'it is printed'               is no "$url/nowhere"
check 'unless it is a failure'      ends 3 get -f "$url/nowhere"
check 'then its body is not'        says_not '^no'
check 'what breaks off is 1'        ends 1 get -n "$url/a" "$url/broken"
check 'it says so'                  says '^failed  *3 bytes'
check 'at what'                     says 'reading the body: '
check 'and nothing of the other'    says '^ok .*/a$'
check 'nobody is there: 5'          ends 5 get -n "$url/a" http://127.0.0.1:1/
check 'it says so'  says '^gyre-fetch: http://127.0.0.1:1/: connecting: .*refused'
check 'there is no such host: 5'    ends 5 get http://nowhere.invalid/
check 'it says so'                  says 'finding the host: '
check 'nothing, silently'           ends 5 get -s http://127.0.0.1:1/
check 'is said'                     test ! -s "$tmp/said"
check 'it has no TLS'               ends 5 get https://127.0.0.1:1/
check 'and says so'                 says 'no TLS'

# ---- time ----

check 'two at a time' ends 0 get -n -j 2 "$url/slow1" "$url/slow2" \
    "$url/slow3" "$url/slow4" "$url/slow5" "$url/slow6"
most() { [ "$(curl -sS -m 10 "$url/most")" = "$1" ]; }
check 'are two'                     most 2
check 'no more than there are'      ends 0 get -n -j 1000000 "$url/a"

in_time() {
    # shellcheck disable=SC2086
    timeout 20 $EMULATOR "$out/examples/gyre-fetch" "$@"
}
check 'who is silent has his time'  ends 4 in_time -n -t 1 -j 3 "$url/silent" \
    "$url/stalled" "$url/a"
check 'it says which was over'      says 'silent: waiting for .*answer_time'
check 'of each'                     says 'stalled: reading .*stall_time'
check 'and others are not disturbed' says '^ok .*/a$'
check 'all of it has a time, too'   ends 4 in_time -m 1 "$url/silent"
check 'as it says'                  says 'total_time'
check 'what fails is asked again'   is well --retry 3 "$url/flaky"
check 'but not for ever'            ends 5 get --retry 1 http://127.0.0.1:1/
check 'as it says'                  says 'tried 2 times'
check 'also what breaks off'        ends 1 get -n --retry 1 "$url/broken"
check 'as it says'                  says 'tried 2 times'
check 'but a POST may have been done' ends 1 get -n --retry 1 -d x \
    "$url/broken"
check 'so it is not repeated'       says_not 'tried'
check 'unless nobody was reached'   ends 5 get --retry 1 -d x \
    http://127.0.0.1:1/
check 'as it says'                  says 'tried 2 times'

# ---- what is asked ----

check 'a header is sent'            ends 0 get -H 'X-Y: z' "$url/head"
check 'as it is'                    says '^X-Y: z'
check 'who asks is told'            ends 0 get -u u:p "$url/head"
check 'to whom that is for'         says '^Authorization: Basic dTpw'
check 'also by the URL'             ends 0 get "http://u:p@${url#http://}/head"
check 'in the same words'           says '^Authorization: Basic dTpw'
check 'a password is'               ends 3 get -n "http://u:p@${url#http://}/nowhere"
check 'not shown'                   says_not 'u:p'
check 'a body is sent'              is 'POST a=1' -d a=1 "$url/body"
check 'by another method'           is 'PATCH a=1' -X PATCH -d a=1 "$url/body"
echo hello >"$tmp/hello"
check 'or that of a file'           is 'PUT hello' -T "$tmp/hello" "$url/body"
check 'by another option'           is 'POST hello' -d "@$tmp/hello" "$url/body"
head -c 3000000 /dev/zero >"$tmp/large"
check 'or that of a large one'      ends 0 get -n -T "$tmp/large" "$url/body"
check 'all of it'                   says '^ok  *3000004 bytes'
check 'one that is not there'       ends 1 get -T "$tmp/nothing" "$url/body"
check 'is named'                    says "$tmp/nothing: No such file"
form() {
    ends 0 get -F 'a=1 & 2' -F "f=@$tmp/hello" -F "g=@$tmp/empty.txt" \
        -F "l=@$tmp/large" "$url/body" || return 1
    python3 - "$tmp/said" "$tmp/large" <<'END'
import email.parser, sys
said = open(sys.argv[1], "rb").read()
method, _, body = said.partition(b" ")
boundary = body.split(b"\r\n")[0][2:]
text = b"Content-Type: multipart/form-data; boundary=" + boundary
form = email.parser.BytesParser().parsebytes(text + b"\r\n\r\n" + body)
parts = [(p.get_param("name", header="content-disposition"), p.get_filename(),
          p.get_content_type(), p.get_payload(decode=True))
         for p in form.get_payload()]
assert method == b"POST", method
assert not form.defects and body.endswith(b"--" + boundary + b"--\r\n"), body
assert parts == [("a", None, "text/plain", b"1 & 2"),
                 ("f", "hello", "application/octet-stream", b"hello\n"),
                 ("g", "empty.txt", "text/plain", b""),
                 ("l", "large", "application/octet-stream",
                  open(sys.argv[2], "rb").read())], parts
END
}
: >"$tmp/empty.txt"
check 'or a form'                   form
check 'whose type is told'          ends 0 get -F a=1 "$url/head"
check 'with its boundary'           says '^Content-Type: multipart/form-data; b'
check 'and its length'              says '^Content-Length: '
check 'of which a file is missing'  ends 1 get -F "a=@$tmp/nothing" "$url/body"
check 'as it says'                  says 'the form: No such file'
check 'a form is not made twice'    ends 1 get -n --retry 1 -F a=1 "$url/broken"
check 'as little as a POST'         says_not 'tried'
check 'a head alone'                is '200 OK' -I "$url/a"
check 'redirects are followed'      is /a -L "$url/to/a"
check 'when that is wanted'         is '' "$url/to/a"
check 'and so far'                  ends 1 get -L --max-redirs 1 "$url/to/to/a"
check 'cookies are kept'            ends 0 get -b "$url/set" "$url/head"
check 'and sent'                    says '^Cookie: a=1'
check 'when that is wanted'         ends 0 get "$url/set" "$url/head"
check 'and only then'               says_not '^Cookie'

# ---- through whom ----

check 'a proxy is asked'            is http://x.example/y -x "$url" \
    http://x.example/y
check 'but not for all'             is /a -x http://127.0.0.1:1 \
    --noproxy 127.0.0.1 "$url/a"
check 'it is not there'             ends 5 get -x http://127.0.0.1:1 "$url/a"
check 'as is said'                  says 'by the proxy: .*refused'
check 'a place to ask from'         is /a --interface 127.0.0.1 "$url/a"
check 'a Unix socket is asked'      ends 5 get --unix-socket "$tmp/none" http://x/
check 'and named'                   says "$tmp/none: No such file"

# ---- files ----

afresh
check 'files are put in a place'    ends 0 get -D "$tmp/into" "$url/x/a" \
    "$url/x/b?c" "$url/d/"
check 'by the last part of the path' holds 'a=/x/a b=/x/b?c index.html=/d/ '
check 'not over what is there' \
    ends 1 get -D "$tmp/into" "$url/other/a"
check 'as it says'                  says "$tmp/into/a: File exists"
check 'so that stays'               holds 'a=/x/a b=/x/b?c index.html=/d/ '
check 'unless it is to go'          ends 0 get -R -D "$tmp/into" "$url/other/a"
check 'then it does' holds 'a=/other/a b=/x/b?c index.html=/d/ '
afresh
check 'or in a file'                ends 0 get -o "$tmp/into/z" "$url/x/a"
check 'of that name'                holds 'z=/x/a '
afresh
here() { (cd "$tmp/into" && "$fetch" -O "$url/x/a"); }
fetch=$(realpath "$out/examples/gyre-fetch")
[ "$EMULATOR" ] || check 'or where one is' ends 0 here
[ "$EMULATOR" ] || check 'by the same name' holds 'a=/x/a '

afresh
check 'of two of a name one fails'  ends 1 get -j 1 -D "$tmp/into" \
    "$url/one/same" "$url/two/same"
check 'and one is whole'            holds 'same=/one/same '
afresh
check 'at once as well'             ends 1 get -j 8 -D "$tmp/into" \
    "$url/slow/same" "$url/slow/same"
check 'one is whole then, too'      holds 'same=slow '

afresh
check 'what breaks off'             ends 1 get -D "$tmp/into" "$url/broken"
check 'leaves no file'              holds ''
check 'nor does a refusal'          ends 3 get -D "$tmp/into" "$url/nowhere"
check 'any'                         holds ''
check 'unless it is to go on'       ends 1 get -C -D "$tmp/into" "$url/file"
check 'then half of it stays'       test -s "$tmp/into/file.part"
check 'it goes on'                  ends 0 get -C -D "$tmp/into" "$url/file"
curl -sS -m 10 "$url/whole" >"$tmp/whole"
check 'with the rest alone'         says '^ok  *60000 bytes'
check 'and it is whole'             cmp "$tmp/whole" "$tmp/into/file"
rm "$tmp/into/file"
check 'with nothing beside it'      holds ''
check 'it goes on by itself' ends 0 get -C --retry 1 -D "$tmp/into" "$url/file"
check 'as well'                     cmp "$tmp/whole" "$tmp/into/file"

afresh
long=$(printf '%0300d' 0)
check 'a name that is too long'     ends 1 get -D "$tmp/into" "$url/$long"
check 'is not cut'                  holds ''
check 'nor is a path'               ends 1 get -D "$tmp/$(printf '%02100d' 0)" \
    "$url/a"
check 'nor is a host a name'        ends 0 get -D "$tmp/into" \
    "http://u:p@${url#http://}"
check 'of a file, with a password'  holds 'index.html=/ '
afresh
check 'nor is .. a name'            ends 0 get -D "$tmp/into" "$url/.."
check 'of a file'                   holds 'index.html=/.. '

# ---- what is said ----

json() {
    get --json -n "$url/a" "$url/nowhere" http://u:p@127.0.0.1:1/ 2>/dev/null \
        >"$tmp/json"
    python3 - "$tmp/json" <<'END'
import json, sys
a, b, c = json.load(open(sys.argv[1]))
assert (a["result"], a["status"], a["bytes"]) == ("ok", 200, 2), a
assert (b["result"], b["status"]) == ("refused", 404), b
assert c["result"] == "failed" and "refused" in c["error"], c
assert c["url"] == "http://127.0.0.1:1/" and c["tries"] == 1, c
END
}
check 'a summary in JSON'           json

to_full() { get "$@" >/dev/full; }
if [ -c /dev/full ]; then
    check 'a full output is 1'      ends 1 to_full "$url/a"
    check 'and it says so'          says 'standard output: No space'
    check 'for a summary as well'   ends 1 to_full -n "$url/a"
    check 'it says that, too'       says 'No space'
fi

escape=$(printf '\033[31m')
check 'a URL that is none fails'    ends 1 get -n "$url/$escape"
check 'and is shown escaped'        says "$url/?.31m"
no_escape() { ! grep -q "$(printf '\033')" "$tmp/said"; }
check 'altogether'                  no_escape
halt
