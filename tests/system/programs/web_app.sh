# The web application and echo_body, asked by curl.

ask() {             # ask PATH [ARGUMENT...]: status and headers, then the body
    path=$1
    shift
    curl -sS -m 10 -i "$@" "http://127.0.0.1:$port$path" | tr -d '\r'
}

answers() {         # answers PATH EXPRESSION...: each is found in the answer
    ask "$1" >"$tmp/answer" || return 1
    shift
    found "$@"
}

found() {
    for expression; do
        grep -q -- "$expression" "$tmp/answer" && continue
        echo "no $expression in"
        cat "$tmp/answer"
        return 1
    done
}

head_of_index() {
    ask /index -I >"$tmp/answer" && found '^HTTP/1.1 200' &&
    length=$(wc -c <examples/public/index.html) &&
    found "^Content-Length: $((length))\$" &&
    [ -z "$(sed '1,/^$/d' "$tmp/answer")" ]
}

file_is_whole() {
    curl -sS -m 10 "http://127.0.0.1:$port/public/style.css" |
        cmp - examples/public/style.css
}

one_connection() {
    url=http://127.0.0.1:$port
    curl -sS -m 10 -o /dev/null -o /dev/null -o /dev/null \
        -w '%{num_connects}\n' "$url/empty" "$url/index" "$url/json/a" |
        tr '\n' ' ' >"$tmp/connects"
    [ "$(cat "$tmp/connects")" = '1 0 0 ' ] || { cat "$tmp/connects"; false; }
}

check 'it says its port'    serve "$out/examples/web_app" 0
check '/ leads to /index'   answers / '^HTTP/1.1 302' '^Location: /index$'
check '/empty is empty'     answers /empty '^HTTP/1.1 200' '^Content-Length: 0$'
check '/index is a file'    answers /index '^HTTP/1.1 200' '<h1>' \
    '^Content-Type: text/html'
check '/json has path and query, decoded' \
    answers '/json/a%20b?b=%22&a=1' '^HTTP/1.1 200' \
    '^{"path_name_variable":"a b","query_param_a":"1","query_param_b":"\\""}$'
check 'what was not asked is null' \
    answers /json/x '"query_param_a":null,"query_param_b":null'
check 'a static file is whole'          file_is_whole
check 'there is no way out of it'       answers /public/..%2fweb_app.c \
    '^HTTP/1.1 40[034]'
check 'what is not there is 404'        answers /nowhere '^HTTP/1.1 404'
check 'HEAD is GET without a body'      head_of_index
check 'a connection is kept'            one_connection

ask /empty -X DELETE >"$tmp/answer"
check 'what may not be done is 405'     found '^HTTP/1.1 405' '^Allow:.*GET'
check 'it stops when asked to'          stop

head -c 1048576 /dev/urandom >"$tmp/body"
comes_back() {
    curl -sS -m 20 --data-binary "@$tmp/body" "$@" "http://127.0.0.1:$port/" |
        cmp - "$tmp/body"
}

check 'echo_body says its port'     serve "$out/examples/echo_body" 0
check 'a mebibyte comes back'       comes_back
check 'and in chunks'               comes_back -H 'Transfer-Encoding: chunked'
check 'echo_body stops'             stop
