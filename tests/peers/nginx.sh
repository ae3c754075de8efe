# nginx: as a proxy in front of our server, and as an origin behind our client.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
# shellcheck source-path=SCRIPTDIR source=support/proxied.sh
. tests/peers/support/proxied.sh
need nginx curl || return

check 'our server says its port'    site
head -c 70000000 /dev/zero >"$tmp/huge"

# shellcheck disable=SC2046
set -- $(free_ports 5)
kept=$1 streamed=$2 old=$3 origin=$4 upgraded=$5
mkdir "$dir/deep"
echo here >"$dir/deep/index.html"
printf 'me:%s\n' "$(openssl passwd -apr1 secret)" >"$tmp/users"
cat >"$tmp/nginx.conf" <<END
daemon off;
master_process off;
pid $tmp/nginx.pid;
events { worker_connections 512; }
http {
    access_log off;
    client_max_body_size 100m;
    client_body_temp_path $tmp/nginx-body;
    proxy_temp_path $tmp/nginx-proxy;
    fastcgi_temp_path $tmp/nginx-fastcgi;
    uwsgi_temp_path $tmp/nginx-uwsgi;
    scgi_temp_path $tmp/nginx-scgi;
    types { text/plain txt; text/html html; }

    upstream ours { server 127.0.0.1:$port; keepalive 8; }
    proxy_set_header Connection "";
    server {
        listen 127.0.0.1:$kept;
        location / { proxy_pass http://ours; proxy_http_version 1.1; }
    }
    server {
        listen 127.0.0.1:$streamed;
        location / {
            proxy_pass http://ours;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_request_buffering off;
        }
    }
    server {
        listen 127.0.0.1:$old;
        location / { proxy_pass http://ours; }
    }
    server {
        listen 127.0.0.1:$upgraded;
        location / {
            proxy_pass http://ours;
            proxy_http_version 1.1;
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
        }
    }
    server {
        listen 127.0.0.1:$origin;
        root $dir;
        keepalive_timeout 1s;
        gzip on;
        gzip_min_length 1;
        gzip_types text/plain;
        location /secret/ {
            auth_basic "mine";
            auth_basic_user_file $tmp/users;
            alias $dir/;
        }
        location /away { return 302 /small.txt; }
        location /kept { return 308 /small.txt; }
        location /round { return 301 /round; }
        location /teapot { return 418 "short and stout"; }
        location /gone { return 503; }
        location /closed { return 444; }
    }
}
END
check 'nginx starts'    beside "$origin" nginx -e "$tmp/nginx.log" \
    -c "$tmp/nginx.conf"
[ "$other" ] || return

# ---- in front of our server ----

url=http://127.0.0.1:$kept
proxied 'kept alive'
check 'nginx keeps its connection to us'    reuses 1
url=http://127.0.0.1:$streamed
proxied 'unbuffered'
check 'unbuffered, a stream flows'          early
url=http://127.0.0.1:$old
proxied 'HTTP/1.0'
check 'a WebSocket passes through it'       ours "$out/tests/peers/socket" \
    -i -e 100 "ws://127.0.0.1:$upgraded/socket"
check 'closed at either end'                ends 0 ours \
    "$out/tests/peers/socket" -r "ws://127.0.0.1:$upgraded/socket/close/4000"
check 'as it says'                          grep 'closed 4000 as you like' \
    "$tmp/said"
check 'our server stops'                    stop
check 'as nginx tells'                      status 502 /measure

# ---- behind our client ----

url=http://127.0.0.1:$origin
# shellcheck source-path=SCRIPTDIR source=support/origin.sh
. tests/peers/support/origin.sh
check 'an answer that does not come'        fails_with 'has ended' \
    "$url/closed"
check 'nginx had nothing to say of it'      quiet "$tmp/nginx.log"
alone
