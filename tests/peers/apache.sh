# Apache: as a proxy in front of our server, and as an origin behind our client.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
# shellcheck source-path=SCRIPTDIR source=support/proxied.sh
. tests/peers/support/proxied.sh
need apache2 curl || return

check 'our server says its port'    site
head -c 70000000 /dev/zero >"$tmp/huge"

# shellcheck disable=SC2046
set -- $(free_ports 4)
kept=$1 once=$2 origin=$3 forward=$4
mkdir "$dir/deep"
echo here >"$dir/deep/index.html"
printf 'me:%s\n' "$(openssl passwd -apr1 secret)" >"$tmp/users"
# Started by root, it serves as somebody else.
chmod 755 "$tmp"
{
    for module in mpm_event authn_file authn_core authz_user authz_core \
        auth_basic alias dir env mime deflate filter proxy proxy_http
    do
        echo "LoadModule ${module}_module" \
            "/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<END
ServerRoot $tmp
ServerName 127.0.0.1
PidFile $tmp/apache.pid
ErrorLog $tmp/apache.log
LogLevel error
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAliveTimeout 1
Listen 127.0.0.1:$kept
Listen 127.0.0.1:$once
Listen 127.0.0.1:$origin
Listen 127.0.0.1:$forward
<IfModule unixd_module>
    User www-data
    Group www-data
</IfModule>
TypesConfig /dev/null
AddType text/plain .txt
DirectoryIndex index.html
<VirtualHost 127.0.0.1:$kept>
    ProxyPass / http://127.0.0.1:$port/
</VirtualHost>
<VirtualHost 127.0.0.1:$once>
    ProxyPass / http://127.0.0.1:$port/ disablereuse=on
    SetEnv proxy-sendchunked 1
</VirtualHost>
<VirtualHost 127.0.0.1:$forward>
    ProxyRequests On
    <Proxy *>
        AuthType Basic
        AuthName through
        AuthUserFile $tmp/users
        Require user me
    </Proxy>
</VirtualHost>
<VirtualHost 127.0.0.1:$origin>
    DocumentRoot $dir
    AddOutputFilterByType DEFLATE text/plain
    Alias /secret $dir
    <Location /secret>
        AuthType Basic
        AuthName mine
        AuthUserFile $tmp/users
        Require user me
    </Location>
    Redirect 302 /away /small.txt
    Redirect 308 /kept /small.txt
    Redirect 301 /round /round
    Redirect 503 /gone
</VirtualHost>
END
} >"$tmp/apache.conf"
check 'Apache starts'   beside "$origin" apache2 -DFOREGROUND \
    -f "$tmp/apache.conf"
[ "$other" ] || return

# ---- in front of our server ----

url=http://127.0.0.1:$kept
proxied 'kept alive'
check 'a stream flows'              early
check 'Apache keeps its connections to us'  reuses 2
url=http://127.0.0.1:$once
proxied 'in chunks'
check 'our server stops'            stop
check 'as Apache tells'             status 503 /measure

# ---- behind our client ----

url=http://127.0.0.1:$origin
# shellcheck source-path=SCRIPTDIR source=support/origin.sh
. tests/peers/support/origin.sh
through() {         # through USER FILE: by the proxy, with gyre-fetch
    rm -rf "$tmp/through"
    mkdir "$tmp/through"
    ours "$out/examples/gyre-fetch" -D "$tmp/through" \
        -x "http://$1@127.0.0.1:$forward" "$url/$2" &&
        cmp "$dir/$2" "$tmp/through/$2"
}
check 'a proxy that knows us lets us through'   through me:secret random
check 'one that does not refuses'   ends 3 through me:wrong random
check 'as is said'                  grep 407 "$tmp/said"
check 'Apache had nothing to say of it'     quiet "$tmp/apache.log"
alone
