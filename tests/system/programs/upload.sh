# The form that stores files, asked by curl.

head -c 1048576 /dev/urandom >"$tmp/large"
printf 'one\r\n--\r\n' >"$tmp/small"
: >"$tmp/empty"
mkdir "$tmp/stored"

send() {            # send ARGUMENT...: what it says, and the status
    curl -sS -m 20 -w '%{http_code}' "$@" "http://127.0.0.1:$port/"
}
says() {            # says WORDS ARGUMENT...
    words=$1
    shift
    [ "$(send "$@" | tr '\n' ' ')" = "$words" ]
}
shows_form() {
    send | grep -q 'enctype=multipart/form-data'
}
is_stored() {       # is_stored FILE: under a name that is none of the client's
    for stored in "$tmp"/stored/*; do
        case $stored in
        */stored/upload-??????) cmp -s "$stored" "$1" && return ;;
        esac
    done
    false
}
holds() {           # holds N: so many files are there
    [ "$(find "$tmp/stored" -type f | wc -l)" -eq "$1" ]
}
check 'upload says its port'            serve "$out/examples/upload" 0 \
    "$tmp/stored"
check 'it shows a form'                 shows_form
check 'a file is stored'                says '1 stored 201' \
    -F "file=@$tmp/large"
check 'byte for byte'                   is_stored "$tmp/large"
check 'several are, and what is no file is not' says '2 stored 201' \
    -F "file=@$tmp/small;filename=../../x" -F 'text=hello' \
    -F "file=@$tmp/empty"
check 'the small one'                   is_stored "$tmp/small"
check 'and the empty one'               is_stored "$tmp/empty"
check 'and nothing else'                holds 3
check 'none may be sent'                says '0 stored 201' -F 'text=hello'
check 'what is no such form is 415'     says '415' -d 'file=x'
check 'one that breaks off is 400'      says '400' \
    -H 'Content-Type: multipart/form-data; boundary=b' --data-binary \
    "$(printf -- '--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\nx')"
check 'and nothing is kept of it'       holds 3
check 'it stops when asked to'          stop
