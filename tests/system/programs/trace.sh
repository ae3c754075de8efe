# A trace of a real program, as readers of such files see it.

mkdir "$tmp/years"
for year in $(seq 1990 2019); do
    head -c "$year" /dev/zero >"$tmp/years/$year"
done

traced() {
    GYRE_TRACE=$tmp/trace.json ours "$out/examples/fetch_years" \
        "http://127.0.0.1:$port" >"$tmp/said"
    [ "$(grep -c bytes "$tmp/said")" = 30 ]
}

check 'gyre-serve serves'           serve "$out/examples/gyre-serve" \
    "$tmp/years" 0
check 'a run is traced'             traced
check 'gyre-serve stops'            stop

# Every arrow that starts ends, once, later, and inside a slice at both ends; no
# two slices of a track overlap; and every track has its name.
cat >"$tmp/read.py" <<'END'
import collections, json, sys

events = json.load(open(sys.argv[1]))["traceEvents"]
tracks = collections.defaultdict(list)
arrows = collections.defaultdict(dict)
names = set()

def ns(microseconds):
    return round(microseconds * 1000)

for e in events:
    track = (e["pid"], e.get("tid"))
    if e["ph"] == "X":
        tracks[track].append((ns(e["ts"]), ns(e["ts"]) + ns(e["dur"])))
    elif e["ph"] in "sf":
        assert e["ph"] not in arrows[e["id"]], e
        arrows[e["id"]][e["ph"]] = e
    elif e["name"] == "thread_name":
        names.add(track)
for track, slices in tracks.items():
    assert track in names, track
    for one, next in zip(slices, slices[1:]):
        assert one[1] <= next[0], (track, one, next)
for id, ends in arrows.items():
    assert set(ends) == {"s", "f"}, ends
    assert ends["s"]["ts"] <= ends["f"]["ts"], ends
    for e in ends.values():
        assert any(begin <= ns(e["ts"]) <= end
                   for begin, end in tracks[e["pid"], e["tid"]]), e
assert sum(e["ph"] == "s" and e["name"] == "spawn" for e in events) == 30
END
check 'python reads it'             python3 "$tmp/read.py" "$tmp/trace.json"

# The engine of DevTools' performance panel.  It is fetched once, from npm.
reader=@paulirish/trace_engine@0.0.65
place=$BUILD/npm
engine=$place/node_modules/@paulirish/trace_engine/models/trace/trace.js
cat >"$tmp/read.mjs" <<'END'
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';

globalThis.DOMRect ??= class {};
const [file, engine] = process.argv.slice(2);
const {TraceModel} = await import(path.resolve(engine));
const events = JSON.parse(fs.readFileSync(file, 'utf8')).traceEvents;
const model = TraceModel.Model.createWithAllHandlers();
await model.parse(events);

const threads = [...model.parsedTrace().data.Renderer.processes.values()]
    .flatMap(process => [...process.threads.values()]);
const slices = threads.flatMap(thread => thread.entries);
assert.equal(slices.length, events.filter(e => e.ph === 'X').length);
const names = threads.map(thread => thread.name);
assert.deepEqual([...new Set(names)].sort(),
                 ['callbacks', 'fetch', 'main', 'polls']);
assert.equal(names.filter(name => name === 'fetch').length, 30);
END

fetched() {
    [ -e "$engine" ] || $bounded npm install --prefix "$place" --no-audit \
        --no-fund --ignore-scripts "$reader" >"$tmp/npm" 2>&1
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo 'No node and npm here: no other reader has tried the trace.'
elif ! fetched; then
    echo 'npm has no trace_engine here: no other reader has tried the trace.'
else
    check 'DevTools reads it'       node "$tmp/read.mjs" "$tmp/trace.json" \
        "$engine"
fi
