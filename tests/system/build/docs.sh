# The documents keep to their columns, but for tables and what a program has
# printed; the tour passes by every
# file of the library, each where it is; and what is told to those who come from
# elsewhere is complete, and shown by tests that exist.

in_columns() {
    ! awk '/^```/ { text = /^```text/ }
        length > 80 && !/^[|]/ && !text { print FILENAME ": " $0 }' \
        README.md docs/*.md docs/guide/*.md | grep .
}

named() {           # named FOLDER: what the tour names at that stop
    awk -v stop="$1/" '/^## / { here = $NF == stop } here' docs/tour.md |
        grep -o '[a-z0-9_]*\.[chS]\>' | sort -u
}

passes_by() {
    for file in "$1"/*.[chS]; do
        echo "${file##*/}"
    done | sort >"$tmp/there"
    named "$1" | diff "$tmp/there" -
}

for floor in timers loop task task/sync task/show task/run task/sim \
    io io/http; do
    check "the tour of $floor/" passes_by $floor
done
check "documents are 80 columns wide" in_columns

claims() {          # the claims of all tests, as suite/claim, and suite/*
    find tests -name '*.c' -exec cat {} + |
        sed -n 's/^[A-Z][A-Za-z_]*(\([a-z_0-9]*\), \([A-Za-z_0-9]*\)[,)].*/\1 \2/p' |
        awk '{ print $1 "/" $2; print $1 "/*" }' | sort -u
}

shown_by_tests() {  # what the last column of FILE names is among the claims
    claims >"$tmp/claims"
    # shellcheck disable=SC2016
    awk -F '|' '/^[|]/ { print $(NF - 1) }' "$1" | grep -o '`[^`]*`' |
        tr -d '`' | sort -u | comm -23 - "$tmp/claims" >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
}

tells_all_of_asyncio() {
    python3 -c 'import asyncio
for name in [*asyncio.__all__,
             *(name for name in dir(asyncio.AbstractEventLoop)
               if not name.startswith("_"))]:
    print(name)' >"$tmp/names" || return
    ! tr -c '[:alnum:]_' '[\n*]' <docs/from-asyncio.md |
        grep -vxFf - "$tmp/names"
}

# The functions of the public headers whose last parameter is a deadline.
cancel_points() {
    # shellcheck disable=SC2086
    python3 - $PUBLIC <<'END'
import re, sys
for name in sys.argv[1:]:
    text = re.sub(r"/\*.*?\*/", "", open(name).read(), flags=re.S)
    for found in re.finditer(r"(gyre_\w+)\(((?:[^()]|\([^()]*\))*)\)", text):
        if found[2].endswith("gyre_time deadline"):
            print(found[1])
END
}

lists_cancel_points() {
    cancel_points | sort -u >"$tmp/points"
    # shellcheck disable=SC2016
    awk -F '|' '/^[|]/ { print $2 }' docs/cancelling.md | grep -o '`gyre_[^`]*`' |
        tr -d '`' | grep -v '^gyre_yield' | sort -u | diff "$tmp/points" -
}

check "docs/cancelling.md lists every cancel point" lists_cancel_points
check "its tests exist" shown_by_tests docs/cancelling.md
check "docs/from-asyncio.md tells of all there is there" tells_all_of_asyncio
check "its tests exist" shown_by_tests docs/from-asyncio.md
