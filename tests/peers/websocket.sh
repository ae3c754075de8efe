# WebSockets of `ws` for node and of aiohttp, both ways.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
need node || return
[ -d build/npm/node_modules/ws ] || skip 'ws in build/npm' || return

asks() {            # asks CLAIM: of ws_asks.js
    # shellcheck disable=SC2086
    $bounded node tests/peers/support/ws_asks.js "$1" "$url"
}

check 'our server says its port'            site
check 'messages of all sizes come back'     asks echoes
check 'a large one, too'                    asks large
check 'two thousand at once'                asks at_once
check 'those in parts, with pings between'  asks fragments
check 'as are ours'                         asks parts
check 'a ping has its pong'                 asks pings
check 'who closes is answered'              asks closes
check 'and hears who closes'                asks is_closed
check 'what both speak is spoken'           asks protocols
check 'nothing is compressed'               asks no_compression
check 'what may not come is told'           asks wrong
check 'and who may not'                     asks is_told
check 'who vanishes harms nobody'           asks vanishes
check 'two hundred, twenty messages each'   asks crowd
is_going_away() {
    asks waits >"$tmp/waits" 2>&1 &
    waits=$!
    until grep -q open "$tmp/waits"; do
        kill -0 $waits || return
        sleep 0.05
    done
    stop && wait $waits
}
check 'when we stop, all are told'          is_going_away

ends_with() {       # ends_with CODE WORDS ARGUMENT...: and all that is said
    how=$1
    words=$2
    shift 2
    ends "$how" ours "$out/tests/peers/socket" "$@" || return
    [ "$(cat "$tmp/said")" = "$words" ]
}
check 'ws serves' peer node tests/peers/support/ws_serves.js
url=ws://127.0.0.1:$port
check 'it echoes'                   ends_with 0 'closed 1000 enough' \
    -e 300 "$url/echo"
check 'what is large'               ends_with 0 'closed 1000 enough' \
    -e 12 -s 8000000 "$url/echo"
check 'it is pinged'                ends_with 0 'closed 1000 enough' \
    -i "$url/echo"
check 'it speaks what we do'        ends_with 0 'speaks chat.2
closed 1000 enough' -p 'chat.1, chat.2' -e 1 "$url/echo"
check 'or nothing'                  ends_with 0 'closed 1000 enough' \
    -p chat.1 "$url/echo"
for number in 1000 1001 3000 4999; do
    check "it is closed with $number"     ends_with 0 "closed $number enough" \
        -c $number "$url/echo"
    check "it closes with $number"    ends_with 0 "closed $number as you like" \
        -r "$url/close/$number"
done
check 'it says nothing'             ends_with 0 'closed 1005 ' -r "$url/bare"
check 'it sends in parts'           ends_with 0 'text 15 Grüße, 世界
closed 1000 ' -r "$url/parts"
check 'it pings'                    ends_with 0 'closed 1000 a hundred' \
    -r "$url/pings"
check 'it goes away'                ends_with 1 'text 4 last
closed 1006 
the other side has ended' -r "$url/drop"
check 'it tears a frame'            ends_with 1 'closed 1006 
the other side has ended' -r "$url/torn"
check 'it sends what is too large'  ends_with 1 'closed 1009 
too long' -r -s 1000 "$url/large/1001"
check 'it sends no text'            ends_with 1 'closed 1007 
Invalid or incomplete multibyte or wide character' -r "$url/no_text"
check 'it masks'                    ends_with 1 'closed 1002 
the other side broke the protocol' -r "$url/masked"
check 'it uses what is reserved'    ends_with 1 'closed 1002 
the other side broke the protocol' -r "$url/reserved"
check 'it refuses'                  ends_with 1 'refused 403' "$url/forbidden"
halt

need_python aiohttp || return
aio() {
    # shellcheck disable=SC2086
    $bounded $python tests/peers/support/aio_sockets.py "$@"
}
check 'our server starts again'     site
check 'for aiohttp'                 aio asks "$url"
check 'and stops'                   stop
check 'aiohttp serves' peer $python tests/peers/support/aio_sockets.py serves
url=ws://127.0.0.1:$port
check 'it echoes to us'             ends_with 0 'speaks chat.2
closed 1000 ' -e 300 -p chat.2 "$url/echo"
check 'and is pinged'               ends_with 0 'closed 1000 ' \
    -i "$url/echo"
halt
