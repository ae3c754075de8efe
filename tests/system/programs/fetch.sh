# What gyre-fetch is told, what it says, and what it leaves, against a server
# that does as it is asked, well or badly.

get() {
    ours "$out/examples/gyre-fetch" "$@"
}

says() {
    grep -q -- "$1" "$tmp/said"
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

check 'no URL is no use'            ends 2 get
for wrong in -x '-j' '-j 0' '-j -1' '-j 2x' '-j 99999999999999999999' \
    '-t 0' '-t x'
do
    # shellcheck disable=SC2086
    check "nor is $wrong"           ends 2 get $wrong "$url/ok"
done

check 'all well is 0'               ends 0 get "$url/a" "$url/b"
check 'it says so'                  says '^ok  *2 bytes .* ms  '"$url/b"
check 'a refusal is 1'              ends 1 get "$url/a" "$url/nowhere"
check 'it says which'               says '^refused .* '"$url/nowhere"
check 'and how'                     says '^  *status 404'
check 'a failure is 1'              ends 1 get "$url/a" "$url/broken"
check 'it says that it broke off'   says '^failed  *3 bytes'
check 'and nothing of the other'    says '^ok .*/a$'

check 'two at a time' ends 0 get -j 2 "$url/slow1" "$url/slow2" \
    "$url/slow3" "$url/slow4" "$url/slow5" "$url/slow6"
most() { [ "$(curl -sS -m 10 "$url/most")" = "$1" ]; }
check 'are two'                     most 2
check 'no more than there are'      ends 0 get -j 1000000 "$url/a"

in_time() {
    # shellcheck disable=SC2086
    timeout 20 $EMULATOR "$out/examples/gyre-fetch" "$@"
}
check 'who is silent has his time'  ends 1 in_time -t 1 "$url/silent" \
    "$url/stalled" "$url/a"
check 'and others are not disturbed' says '^ok .*/a$'

afresh
check 'files are put in a place'    ends 0 get -o "$tmp/into" "$url/x/a" \
    "$url/x/b?c" "$url/d/"
check 'by the last part of the path' holds 'a=/x/a b=/x/b?c index.html=/d/ '
check 'not over what is there' \
    ends 1 get -o "$tmp/into" "$url/other/a"
check 'as it says'                  says 'File exists'
check 'so that stays'               holds 'a=/x/a b=/x/b?c index.html=/d/ '

afresh
check 'of two of a name one fails'  ends 1 get -j 1 -o "$tmp/into" \
    "$url/one/same" "$url/two/same"
check 'and one is whole'            holds 'same=/one/same '
afresh
check 'at once as well'             ends 1 get -j 8 -o "$tmp/into" \
    "$url/slow/same" "$url/slow/same"
check 'one is whole then, too'      holds 'same=slow '

afresh
check 'what breaks off'             ends 1 get -o "$tmp/into" "$url/broken"
check 'leaves no file'              holds ''
long=$(printf '%0300d' 0)
check 'a name that is too long'     ends 1 get -o "$tmp/into" "$url/$long"
check 'is not cut'                  holds ''
check 'nor is a path'               ends 1 get -o "$tmp/$(printf '%02100d' 0)" \
    "$url/a"

to_full() { get "$url/a" >/dev/full; }
if [ -c /dev/full ]; then
    check 'a full output is 1'      ends 1 to_full
    check 'and it says so'          says 'No space'
fi

escape=$(printf '\033[31m')
check 'a URL that is none fails'    ends 1 get "$url/$escape"
check 'and is shown escaped'        says 'x1b'
no_escape() { ! grep -q "$(printf '\033')" "$tmp/said"; }
check 'altogether'                  no_escape
halt
