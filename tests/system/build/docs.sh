# The documents keep to their columns, and the tour passes by every file of the
# library, each where it is.

in_columns() {
    ! awk 'length > 80 { print FILENAME ": " $0 }' README.md docs/*.md docs/guide/*.md | grep .
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
