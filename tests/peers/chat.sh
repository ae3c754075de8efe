# The chat, as two people have it, each in a browser of his own.

# shellcheck source-path=SCRIPTDIR source=support/peers.sh
. tests/peers/support/peers.sh
need chromedriver curl || return

api() {             # api PATH [ARGUMENT...]: the status, and what was said
    at=$1
    shift
    curl -sS -m 10 -w ' %{http_code}' "$@" "http://127.0.0.1:$port/api/$at"
}

check 'the chat says its port'      serve "$out/examples/chat/chat" 0
url=http://127.0.0.1:$port

# ---- without a browser ----

check 'there is a page'             status 200 /
loads_nothing() {
    c / -D - -o "$tmp/body" |
        grep -i "^Content-Security-Policy: default-src 'self'"
}
check 'that may load nothing from elsewhere'    loads_nothing
check 'a room that nobody was in is none'   says ' 404' api rooms/none
check 'a number that is none'       says ' 400' api 'rooms/none?since=x'
check 'a socket without a name'     says ' 400' api rooms/none/socket
check 'a name that is too long'     says ' 400' api \
    "rooms/none/socket?name=$(printf '%065d' 0)"
# Who asks for no WebSocket is told what would be one.
check 'a page is no socket'         says ' 426' api 'rooms/none/socket?name=x'
elsewhere() {
    api 'rooms/none/socket?name=x' -H 'Origin: http://evil.example' \
        -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
        -H 'Sec-WebSocket-Version: 13' \
        -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
}
check 'nor has one who comes from elsewhere'    says ' 403' elsewhere

# ---- two people ----

driver=$(free_ports 1)
check 'there is a browser'          beside "$driver" chromedriver \
    --port="$driver" --log-path="$tmp/driver.log"
[ "$other" ] || return

in_browser() {
    # shellcheck disable=SC2086
    $bounded $python tests/peers/support/browser.py "$driver" "$tmp" "$@"
}
anna() {
    in_browser anna "$@"
}
bert() {
    in_browser bert "$@"
}

check 'Anna opens hers'             anna opens
check 'and the page'                anna goes "$url/"
check 'where she is asked who she is'   anna has_focus '#name'
check 'she says so, and comes in'   anna types '#name' 'Anna\n'
check 'into the lobby'              anna sees h1 '# lobby'
check 'is connected'                anna has_state connected
check 'may type at once'            anna has_focus '#text'
check 'and is there'                anna sees '#people li' Anna
check 'she says something'          anna types '#text' 'Anybody here?\n'
check 'which she hears'             anna sees '#log .mine p' 'Anybody here?'

check 'Bert opens his'              bert opens
check 'and the page, too'           bert goes "$url/"
check 'and comes in'                bert types '#name' 'Bert\n'
check 'Anna sees that'              anna sees '#log .event' 'Bert joined'
check 'and who is there'            anna sees '#people' Bert
check 'as he does'                  bert sees '#people' Anna
check 'and what was said before'    bert sees '#log p' 'Anybody here?'
check 'he answers'                  bert types '#text' 'I am.\n'
check 'she hears him'               anna sees '#log li:not(.mine) p' 'I am.'

check 'markup is text'              bert types '#text' \
    '<img src=x onerror="document.title=1"><b>bold</b>\n'
check 'as such'                     anna sees '#log p' '<b>bold</b>'
check 'and no more'                 anna counts '#log p *' 0
check 'nor does it run'             anna runs 'return document.title !== "1"'
check 'what is no ASCII is heard'   bert types '#text' 'Grüße, 世界 🌍\n'
check 'as it was said'              anna sees '#log p' 'Grüße, 世界 🌍'

# ---- elsewhere, and again ----

check 'Bert goes'                   bert clicks '#leave'
check 'which Anna sees'             anna sees '#log .event' 'Bert left'
check 'and that he is not there'    anna counts '#people li' 1
check 'he enters'                   bert types '#room' 'kitchen\n'
check 'another room'                bert sees h1 '# kitchen'
check 'which is empty'              bert counts '#people li' 1
check 'he says something there'     bert types '#text' 'Alone at last.\n'
check 'hears it'                    bert sees '#log p' 'Alone at last.'
check 'and nobody else'             anna never_saw '#log p' 'Alone'
check 'Anna loads the page again'   anna goes "$url/"
check 'is where she was'            anna sees h1 '# lobby'
check 'and sees what was said'      anna sees '#log p' 'I am.'

history() {
    api 'rooms/lobby' | $python -c 'import json, sys
text, status = sys.stdin.read().rsplit(" ", 1)
room = json.loads(text)
assert status == "200" and room["people"] == ["Anna"]
assert [said["number"] for said in room["said"]] == [1, 2, 3, 4]
assert room["said"][1]["name"] == "Bert"
assert room["said"][1]["text"] == "I am."'
}
check 'as who asks for it does'     history
since() {
    api 'rooms/lobby?since=3' | grep -o '"number":[0-9]*'
}
check 'from somewhere on'           says '"number":4' since

# ---- a server that goes, and comes back ----

again=$port
check 'the chat stops'              stop
check 'which is seen'               anna sees '#state' disconnected
check 'by both'                     bert sees '#state' disconnected
check 'it is back'                  serve "$out/examples/chat/chat" "$again"
check 'and so is she'               anna has_state connected
check 'and he'                      bert counts '#people li' 1
check 'they go on'                  anna types '#text' 'Still here.\n'
check 'as before'                   anna sees '#log p' 'Still here.'

check 'Anna closes her browser'     anna closes
check 'Bert closes his'             bert closes
alone
check 'the chat stops for good'     stop
