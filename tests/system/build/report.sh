# What bench/run makes of what the programs say.

mkdir -p "$tmp/bench/gyre" "$tmp/bench/libuv"
echo some compiler >"$tmp/bench/compiler"
echo 'libev: 4.99' >"$tmp/bench/versions"

costs() {           # costs WHO NS...: what an operation takes, turn by turn
    who=$1
    shift
    echo "$*" >"$tmp/bench/$who/turns"
    cat >"$tmp/bench/$who/timers" <<'END'
#!/bin/sh
turns=${0%/*}/turns
read -r ns rest <"$turns"
echo "$rest $ns" >"$turns"
echo ops=1000 wall_ns=$((ns * 2000)) cpu_ns=$((ns * 1000))
END
    chmod +x "$tmp/bench/$who/timers"
}

bench() {           # bench CODE [OPTION...]: the row timers/fire
    code=$1
    shift
    # shellcheck disable=SC2086
    ends "$code" $bounded bench/run --dir "$tmp/bench" --report "$tmp/report" \
        --rounds 3 "$@" timers/fire
}

says() {            # says KIND WORDS...: that is in report.KIND
    report=$tmp/report/report.$1
    shift
    cat "$report"
    for words; do
        grep -q "$words" "$report" || { echo "no $words"; return 1; }
    done
}

# The second turn was a slow one for both, which their ratio does not feel.
costs gyre 10 90 10
costs libuv 20 180 40

number() {          # number EXPRESSION: it holds of the report as JSON, r
    python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
row = r["rows"]["timers/fire"]
sys.exit(not eval(sys.argv[2]))' "$tmp/report/report.json" "$1"
}

undrawn() (         # gnuplot fails
    mkdir "$tmp/bin" && printf '#!/bin/sh\nexit 3\n' >"$tmp/bin/gnuplot" &&
        chmod +x "$tmp/bin/gnuplot" && PATH=$tmp/bin:$PATH &&
        bench 0 && says txt '^plots: none: gnuplot'
)

drawn() {           # what there is to draw with has drawn
    if command -v gnuplot >/dev/null; then
        grep '</svg>' "$tmp/report/ratios.svg" &&
            says md '(ratios.svg)' && says txt '^plots: by gnuplot'
    else
        says txt '^plots: none, as gnuplot is not there'
    fi
}

slow() {            # slow WHO: takes a second, of less than two that there are
    sed 's/^turns=/sleep 1; turns=/' "$tmp/bench/$1/timers" >"$tmp/slow" &&
        cat "$tmp/slow" >"$tmp/bench/$1/timers" && bench 0 --minutes 0.03
}

failing() {
    printf '#!/bin/sh\nexit 3\n' >"$tmp/bench/libuv/timers"
    bench 1 && grep 'libuv failed' "$tmp/said" && says txt 'failed 3 times of 3'
}

gone() {
    rm "$tmp/bench/libuv/timers"
    bench 0 && says txt 'libuv: absent (libuv/timers is not there)'
}

check 'it runs'                             bench 0
check 'medians, spread, and ratios are told, round by round' \
    says txt 'gyre  *10  *10\.\.90  *0.50 (0.25\.\.0.50)  *20$'
check 'and whether a goal is met'           says txt '0.500, MISSED'
check 'and on what machine, beside whom' \
    says txt '^processor: ' '^compiler: some compiler' '^libev: 4.99'
check 'it loses nowhere'                    says txt '^  nowhere in these'
check 'Markdown has the same' \
    says md '| gyre 10 ns | libuv 40 ns | 0.50 (0.25..0.50) |'
check 'JSON has every sample'               number \
    '[s["cpu_ns"] for s in row["samples"]["gyre"]] == [10000, 90000, 10000]'
check 'and the machine'                     number 'r["machine"]["rounds"] == "3"'
check 'plots are drawn, or it says why not' drawn
check 'the report is not lost with them'    undrawn
costs gyre 60
check 'where it costs more'                 bench 0
check 'that is told, though it was not so in every round' \
    says txt '^  nowhere in these' '^Where it does at the median' \
    '^  timers/fire: gyre costs 1.50 (0.33..3.00) of libuv'
costs gyre 200
check 'where it costs more each time'       bench 0
check 'it has lost' \
    says txt '^  timers/fire: gyre costs 5.00 (1.11..10.00) of libuv' \
    '^  nowhere$'
check 'what is not reached in time'         bench 0 --minutes 0
check 'is told'                             says txt 'libuv: absent (no time'
mkdir "$tmp/bench/libevent"
costs libevent 50
check 'a round that would not end in time'  slow libevent
check 'is short, of who matters'            says txt '^rounds: 3, of which 2 short'
check 'and leaves the others as they were' \
    says txt 'libevent  *50  *50..50' 'gyre  *200  *200..200'
check 'if that would not, too'              slow gyre
check 'it is not begun'                     says txt '^rounds: 1$'
check 'a peer that fails is told, and is a failure'  failing
check 'one that is not there is told'       gone
