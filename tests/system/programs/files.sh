# gyre-serve and gyre-fetch, each beside others of its trade, on a real tree.

# Some files of this machine, each under a name of its own.
mkdir "$tmp/tree" "$tmp/fetched"
find -L /usr/share/doc /usr/share/common-licenses -type f -size -2000k | sort |
    head -n 200 >"$tmp/files"
n=0
while read -r file; do
    n=$((n + 1))
    cp "$file" "$tmp/tree/$n-$(basename "$file")" || exit
done <"$tmp/files"

get() {
    ours "$out/examples/gyre-fetch" "$@"
}

# All of the tree by gyre-fetch from $port, the same as what curl gets.
fetches_all() {
    rm -rf "$tmp/fetched" "$tmp/curled"
    mkdir "$tmp/fetched" "$tmp/curled"
    (cd "$tmp/tree" && printf '%s\n' *) |
        sed "s|.*|http://127.0.0.1:$port/&|" >"$tmp/urls"
    # shellcheck disable=SC2046
    get -j 16 -D "$tmp/fetched" $(cat "$tmp/urls") &&
    (cd "$tmp/curled" && xargs -n 50 curl -sS -m 20 --remote-name-all) \
        <"$tmp/urls" &&
    diff -r "$tmp/curled" "$tmp/fetched" && diff -r "$tmp/tree" "$tmp/fetched"
}

not_there() {
    ends 3 get -n "http://127.0.0.1:$port/nowhere" &&
        grep '^refused .*/nowhere$' "$tmp/said" &&
        grep 'nowhere: status 404 ' "$tmp/said" &&
        [ "$(wc -l <"$tmp/said")" -eq 2 ]
}

check 'there are files to fetch'    test "$n" -gt 20

check 'gyre-serve says its port'    serve "$out/examples/gyre-serve" \
    "$tmp/tree" 0
check 'gyre-fetch and curl get all of gyre-serve'   fetches_all
check 'a file that is not there is a failure'       not_there
check 'gyre-serve stops'            stop
check 'having logged what was asked' \
    grep '"GET /nowhere HTTP/1.1" 404 ' "$tmp/server"

python=/usr/bin/python3
[ -x $python ] || python=python3
check 'Python serves' peer $python -u -m http.server --bind 127.0.0.1 \
    --directory "$tmp/tree" 0
check 'gyre-fetch and curl get all of Python'   fetches_all
halt

# nginx takes no 0 for a port: it gets one that was free a moment ago.
port=$($python -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
cat >"$tmp/nginx.conf" <<END
daemon off;
master_process off;
pid $tmp/nginx.pid;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $tmp/nginx-body;
    proxy_temp_path $tmp/nginx-proxy;
    fastcgi_temp_path $tmp/nginx-fastcgi;
    uwsgi_temp_path $tmp/nginx-uwsgi;
    scgi_temp_path $tmp/nginx-scgi;
    server { listen 127.0.0.1:$port; root $tmp/tree; }
}
END
nginx_serves() {
    # shellcheck disable=SC2086
    PATH=$PATH:/usr/sbin $bounded nginx -e "$tmp/nginx.log" \
        -c "$tmp/nginx.conf" &
    server=$!
    curl -sS -o /dev/null --retry 50 --retry-connrefused --retry-delay 1 \
        -m 20 "http://127.0.0.1:$port/" || { cat "$tmp/nginx.log"; false; }
}
check 'nginx serves'                            nginx_serves
check 'gyre-fetch and curl get all of nginx'    fetches_all
halt
