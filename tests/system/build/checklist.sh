# tests/CHECKLIST.md has a place for each name in libuv's list of tests, and a
# test for as many as it says; each is there, makes the claim in the file that is
# said to make it, and stands for one name alone.

list=tests/CHECKLIST.md
names=tests/system/build/libuv-1.52-tests.txt

# What stands between backquotes in column N of the rows, if any.
column() {          # column N
    # shellcheck disable=SC2016
    awk -F '|' -v n="$(($1 + 1))" '/^[|] `/ { print $n }' "$list" |
        grep -o '`[^`]*`' | tr -d '`'
}

# The rows that have a test: libuv's name, the test, and its file.
rows() {
    # shellcheck disable=SC2016
    sed -n 's,^| `\([^`]*\)` | .* | `\([a-z_0-9A-Z]*/[^`]*\)`\, \([^ ]*\) |$,\1 \2 tests/\3,p' \
        "$list"
}

has_every_name_once() {
    column 1 | LC_ALL=C sort | diff "$names" -
}

has_at_least() {
    rows | wc -l | awk -v least="$1" '{ print; exit $1 < least }'
}

tests_are_there() {
    find tests -name '*.c' -exec awk -v places=1 -f tests/support/claims.awk {} + |
        sort -u >"$tmp/claims"
    rows | cut -d ' ' -f 2- | sort | comm -23 - "$tmp/claims" >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
}

tests_stand_for_one() {
    ! rows | cut -d ' ' -f 2 | sort | uniq -d | grep .
}

# A variant is told of under a name that has a test.
variants_have_a_place() {
    rows | cut -d ' ' -f 1 | sort >"$tmp/rows"
    # shellcheck disable=SC2016
    awk -F '|' '/^## / { here = /^## Told of already$/ }
        /^[|] `/ && here { print $3 }' "$list" | grep -o '`[^`]*`' | tr -d '`' |
        sort >"$tmp/places"
    comm -13 "$tmp/rows" "$tmp/places" >"$tmp/missing"
    cat "$tmp/missing"
    [ -s "$tmp/places" ] && ! [ -s "$tmp/missing" ]
}

check "$list has every name of libuv's tests, once" has_every_name_once
check "it has at least 120 tests" has_at_least 120
check "they are where it says" tests_are_there
check "each stands for one name" tests_stand_for_one
check "variants are told of under a name that has a test" variants_have_a_place
