# What others refuse, our parser refuses as well, but for what is explained here
# line by line; and what both take has a body of the same length to both: the
# messages of tests/io/http/vectors/, of which it is known what comes of them
# here, are sent to servers that say yes to all they understand.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh

for file in request chunked; do
    $python tests/fuzz/seeds.py list tests/io/http/vectors/$file.txt \
        >"$tmp/$file"
done

# Of the messages in $tmp/$1, what a server, which listens at $2, takes and we
# do not, and the reverse, in $tmp/lax and $tmp/strict.
compare() {
    # shellcheck disable=SC2086
    $bounded $python tests/peers/support/heads.py "$2" ${1#request} \
        <"$tmp/$1" \
        >"$tmp/heads" || return 1
    sed -n 's/^yes no [^ ]* //p' "$tmp/heads" | sort >"$tmp/lax"
    sed -n 's/^no yes [^ ]* //p' "$tmp/heads" | sort >"$tmp/strict"
    echo "$(wc -l <"$tmp/heads") messages, of which both take" \
        "$(grep -c '^yes yes' "$tmp/heads"), neither" \
        "$(grep -c '^no no' "$tmp/heads"), they alone $(wc -l <"$tmp/lax")," \
        "and we alone $(wc -l <"$tmp/strict")" | tee "$tmp/told"
    [ "$(grep -c '^yes yes' "$tmp/heads")" -gt 30 ]
}

# To both the bodies of all are as long; of $1 at least that is known.
agrees() {
    ! grep '^yes yes other' "$tmp/heads" &&
        [ "$(grep -c '^yes yes same' "$tmp/heads")" -ge "$1" ]
}

# Those that we alone take are the first words, up to a colon, of the lines on
# standard input.
explained() {
    sed 's/: .*//' | sort | comm -23 "$tmp/strict" - >"$tmp/odd"
    sed 's/^/they refuse, and we do not: /' "$tmp/odd"
    ! [ -s "$tmp/odd" ]
}

by_node() {
    explained <<'END_OF_LIST'
a length within blanks: it knows spaces around a length, but no tabs (RFC 9110, 5.5)
a length with tabs around it: the same
a method in small letters is another: it knows some methods, and no others (RFC 9110, 9.1)
a method of one letter: the same
every byte that a method may have: the same
END_OF_LIST
}

by_node_in_chunks() {
    explained <<'END_OF_LIST'
a tab in an extension: it knows no blanks there (RFC 9112, 7.1.1)
blanks in an extension: the same
a backslash outside of quotes: what an extension says, but for its quotes, is nothing to us
an empty extension: the same
bytes above ASCII in an extension: the same
extensions of the greatest length together: the same, for the last is empty
quotes behind a backslash outside of quotes: the same
semicolons alone: the same
a trailer that would frame: it looks into trailers; we drop them (RFC 9110, 6.5.1)
trailers are read and dropped: the same
END_OF_LIST
}

by_nginx() {
    explained <<'END_OF_LIST'
CONNECT to a host and port: it is for proxies, and nginx is none
CONNECT to a host, and another in small letters: the same
CONNECT to an IPv6 address: the same
a star for OPTIONS: it knows no such target (RFC 9112, 3.2.4)
a broken escape in a path is undone later: and refused then, by our routes
an escaped NUL in a path is undone later: the same
dots in a path are its own: they are refused where paths are names of files
a length with tabs around it: to it no tab is a blank (RFC 9110, 5.6.3)
a length within blanks: the same
blanks around a value are not part of it: the same
chunks with tabs around: the same
a method in small letters is another: it wants capitals (RFC 9110, 9.1)
every byte that a method may have: the same
END_OF_LIST
}

if need node; then
    check 'a server of Node says its port'  peer node tests/peers/support/heads.mjs
    check 'it answers'                      compare request "$port"
    cat "$tmp/told"
    check 'what Node refuses, we refuse'    by_node
    check 'bodies end where they do to it'  agrees 100
    check 'it answers to chunks'            compare chunked "$port"
    cat "$tmp/told"
    check 'what it refuses, we refuse'      by_node_in_chunks
    check 'chunks end where they do to it'  agrees 30
    check 'Node ends'                       halt
fi

if need nginx; then
    port=$(free_ports 1)
    cat >"$tmp/nginx.conf" <<END
daemon off;
master_process off;
pid $tmp/nginx.pid;
error_log $tmp/nginx.log;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $tmp/nginx-body;
    proxy_temp_path $tmp/nginx-proxy;
    fastcgi_temp_path $tmp/nginx-fastcgi;
    uwsgi_temp_path $tmp/nginx-uwsgi;
    scgi_temp_path $tmp/nginx-scgi;
    large_client_header_buffers 4 16k;
    client_max_body_size 0;
    server { listen 127.0.0.1:$port; location / { return 200 yes; } }
}
END
    check 'nginx listens'                   beside "$port" nginx \
        -c "$tmp/nginx.conf" -e "$tmp/nginx.log"
    check 'it answers'                      compare request "$port"
    cat "$tmp/told"
    check 'what nginx refuses, we refuse'   by_nginx
    alone
fi
