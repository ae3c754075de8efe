# The tour passes by every file of the library, each where it is.

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

for floor in timers loop task io io/http; do
    check "the tour of $floor/" passes_by $floor
done
