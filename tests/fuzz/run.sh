#!/bin/sh
# run.sh PROGRAM SECONDS [TARGET...] - run the fuzzers, all of them or these, two
# at once, each for so long.
#
# Each begins with the vectors, what was found before (tests/fuzz/corpus/), and
# what earlier runs have left beside the program.  What breaks a target is left
# there as well, and shown.  Says how often each was run, and how many edges of
# the program that has reached; ends with a line like Criterion's.

program=$1
seconds=$2
shift 2
# Enough to tell that one was run, on any machine.
least=100
work=$program.work
vectors=tests/io/http/vectors

# The files that a target's first bytes come from.
seeds() {           # seeds TARGET
    case $1 in
        request | server)  echo $vectors/request.txt ;;
        response | client) echo $vectors/response.txt ;;
        chunked)           echo $vectors/chunked.txt ;;
        url)               echo $vectors/url.txt ;;
        escape)            echo $vectors/file_name.txt ;;
        fields)            echo $vectors/date.txt ;;
        cookie)            echo $vectors/set_cookie.txt ;;
        json)              echo $vectors/json.txt ;;
    esac
    echo "tests/fuzz/corpus/$1.txt"
}

# libFuzzer's clock interrupts whoever runs, and a task has no stack for it: where
# there are tasks, what hangs is ended from outside.
clock() {           # clock TARGET
    case $1 in
        range | server | socket | client) echo -timeout=0 ;;
        *)                                echo -timeout=20 ;;
    esac
}

fuzz() {            # fuzz TARGET: its .log
    mkdir -p "$work/$1/found" "$work/$1/broken"
    rm -rf "$work/$1/seeds"
    mkdir "$work/$1/seeds"
    # shellcheck disable=SC2046
    python3 tests/fuzz/seeds.py unpack "$work/$1/seeds" $(seeds "$1")
    FUZZ=$1 timeout $((seconds + 120)) "$program" "$(clock "$1")" \
        -max_total_time="$seconds" -max_len=2048 \
        -dict=tests/fuzz/words.dict -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$work/$1/broken/" "$work/$1/found" "$work/$1/seeds" \
        >"$work/$1.log" 2>&1
    echo "ended with $?" >>"$work/$1.log"
}

figure() {          # figure TARGET NAME: of libFuzzer's last words
    sed -n "s/^stat::$2: *\([0-9]*\)$/\1/p" "$work/$1.log"
}

edges() {           # edges TARGET: reached at last
    sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$work/$1.log" | tail -n 1
}

report() {          # report TARGET: holds if nothing was broken
    runs=$(figure "$1" number_of_executed_units)
    printf '%-10s %9d runs, %6d a second, %5d edges\n' "$1" "${runs:-0}" \
        "$(figure "$1" average_exec_per_sec)" "$(edges "$1")"
    if ! grep -q '^ended with 0$' "$work/$1.log"; then
        grep -v '^#\|^NEW_FUNC' "$work/$1.log" | tail -n 60
        return 1
    fi
    [ "${runs:-0}" -ge $least ] || { echo "that is hardly any"; return 1; }
}

mkdir -p "$work"
[ $# -gt 0 ] || {
    # shellcheck disable=SC2046
    set -- $(FUZZ='' "$program" 2>&1 | sed 1d)
}
running=
for target; do
    fuzz "$target" &
    if [ "$running" ]; then
        wait
        running=
    else
        running=yes
    fi
done
wait

passing=0
failing=0
for target; do
    if report "$target"; then
        passing=$((passing + 1))
    else
        failing=$((failing + 1))
    fi
done
printf '%-14s Synthesis: Tested: %d | Passing: %d | Failing: %d | %s\n' \
    fuzz $((passing + failing)) $passing $failing 'Crashing: 0'
[ $failing -eq 0 ] && [ $passing -gt 0 ]
