# A program is looked at from outside: examples/echo, while it serves.

# asks COMMAND: writes what the server answers to $tmp/answer.
asks() {
    # shellcheck disable=SC2086
    $bounded python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
sys.stdout.buffer.write(b"".join(iter(lambda: s.recv(65536), b"")))' \
        "$tmp/ctl" "$1" >"$tmp/answer"
}

answers() {         # answers COMMAND PATTERN: with a line like that
    asks "$1" && grep "$2" "$tmp/answer"
}

# What dump.h says of JSON holds.
json_holds() {
    asks json && python3 - "$tmp/answer" <<'END'
import json, sys

dump = json.load(open(sys.argv[1]))
assert set(dump) == {"tasks", "cycles"}, dump
assert dump["cycles"] == []
ids = []
for task in dump["tasks"]:
    assert set(task) >= {"id", "parent", "name", "function", "spawned_at",
                         "state", "cancelled", "background", "waits", "stack"}
    assert task["parent"] is None or task["parent"] in ids
    assert task["state"] in ("running", "ready", "parked")
    assert (task["state"] == "parked") == (task["waits"] is not None)
    if task["waits"]:
        assert set(task["waits"]) >= {"kind", "on", "detail", "held_up_by",
                                      "age_ns", "left_ns"}
        assert task["waits"]["age_ns"] >= 0
    assert all(isinstance(place, str) for place in task["stack"])
    ids.append(task["id"])
assert ids[0] == 1 and dump["tasks"][0]["name"] == "main"
assert len(ids) == len(set(ids))
END
}

graph_holds() {
    asks graph && head -n 1 "$tmp/answer" | grep '^digraph tasks {$' &&
        tail -n 1 "$tmp/answer" | grep '^}$' || return
    command -v dot >/dev/null || return 0
    dot -Tsvg "$tmp/answer" >"$tmp/graph.svg"
}

is_private() {
    find "$tmp/ctl" -type s -perm 600 | grep .
}

# A client that says nothing is connected meanwhile.
stops_beside_an_idle_client() {
    python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print("there", flush=True)
s.recv(1)' "$tmp/ctl" >"$tmp/idle" &
    idle=$!
    until grep -q there "$tmp/idle"; do
        kill -0 $idle || return
        sleep 0.05
    done
    stop && wait $idle && [ ! -e "$tmp/ctl" ]
}

# The server is a child of what bounds it.
dumps() {
    kill -USR1 "$(pgrep -P "$server")" || return
    tries=0
    until grep '^#1 main waits ' "$tmp/server"; do
        tries=$((tries + 1))
        [ $tries -le 600 ] && kill -0 "$server" || return
        sleep 0.05
    done
}

serves_with_a_socket() {
    # shellcheck disable=SC2086
    peer env GYRE_CTL="$tmp/ctl" $EMULATOR "$out/examples/echo" 0
}

check 'echo starts with a socket'       serves_with_a_socket
check 'it is for its user alone'        is_private
check 'ps is the tree of tasks'         answers ps '^#1 main waits '
check 'json is as its schema says'      json_holds
check 'graph is for Graphviz'           graph_holds
check 'help says what can be asked'     answers help '^graph '
check 'top is what tasks cost, by and by'    answers 'top 200ms' 'rounds of the loop'
check 'what cannot is told'             answers bottom '^There is no such command'
check 'SIGUSR1 dumps all tasks'         dumps
check 'nobody keeps it from stopping'   stops_beside_an_idle_client
