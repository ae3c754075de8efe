# The documents keep to their columns, but for tables and what a program has
# printed; the tour passes by every
# file of the library, each where it is; and what is told to those who come from
# elsewhere is complete, and shown by tests that exist.

in_columns() {
    ! awk '/^```/ { text = /^```text/ }
        length > 80 && !/^[|]/ && !text { print FILENAME ": " $0 }' \
        README.md docs/*.md docs/guide/*.md examples/README.md | grep .
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
    io io/file io/process io/http io/http/json io/http/server \
    io/http/client io/http/websocket io/http/testing; do
    check "the tour of $floor/" passes_by $floor
done
check "documents are 80 columns wide" in_columns

lists_examples() {
    for file in examples/*.c; do
        grep -qF "\`${file##*/}\`" examples/README.md || echo "$file"
    done >"$tmp/unlisted"
    cat "$tmp/unlisted"
    ! [ -s "$tmp/unlisted" ]
}
check "examples/README.md lists every program" lists_examples

# The claims of all tests, as suite/claim.
claims() {
    find tests -name '*.c' -exec awk -f tests/support/claims.awk {} + | sort -u
}

shown_by_tests() {  # what the last column of FILE names is among the claims
    claims >"$tmp/claims"
    # shellcheck disable=SC2016
    awk -F '|' '/^[|]/ { print $(NF - 1) }' "$1" | grep -o '`[^`]*`' |
        tr -d '`' | sort -u | comm -23 - "$tmp/claims" >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
}

# What the first column of its tables names; methods as loop.NAME.  With `all`
# also what 3.14 has brought.
told_of_asyncio() {
    awk -F '|' -v all="$1" '
        /^## / { before = /^## Methods of the loop$/ ? "loop." : "" }
        /^[|] asyncio/ { here = all || $2 == " asyncio " }
        /^[|] `/ && here {
            n = split($2, part, "`")
            for (i = 2; i <= n; i += 2)
                print before part[i]
        }' docs/from-asyncio.md | LC_ALL=C sort -u
}

tells_all_of_asyncio() {
    told_of_asyncio | diff tests/system/build/asyncio-3.13.txt -
}

# The same of the Python that is here, unless it is an older one.
tells_all_of_this_asyncio() {
    told_of_asyncio all >"$tmp/told"
    python3 - "$tmp/told" <<'END'
import asyncio, sys

there = set(asyncio.__all__)
there |= {"loop." + name for name in dir(asyncio.SelectorEventLoop)
          if not name.startswith("_")}
missing = there - set(open(sys.argv[1]).read().split())
print(*sorted(missing), sep="\n")
sys.exit(sys.version_info >= (3, 13) and len(missing) > 0)
END
}

# The functions that libuv's header declares.
tells_all_of_libuv() {
    # shellcheck disable=SC2016
    grep -o '`uv_[a-z0-9_]*`' docs/from-libuv.md | tr -d '`' | LC_ALL=C sort -u |
        diff tests/system/build/libuv-1.52.txt -
}

# What aiohttp and its web have for public names.
tells_all_of_aiohttp() {
    # shellcheck disable=SC2016
    grep -o '`[A-Za-z0-9_]*`' docs/from-aiohttp.md | tr -d '`' |
        LC_ALL=C sort -u >"$tmp/told"
    LC_ALL=C comm -13 "$tmp/told" tests/system/build/aiohttp-3.8.txt \
        >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
}

# The functions that FILE names in their place are there.
names_what_is_there() {
    # shellcheck disable=SC2016
    grep -o '`gyre_[a-z0-9_]*`' "$1" | tr -d '`' | sort -u |
        while read -r name; do
            # shellcheck disable=SC2086
            grep -q "\<$name(" $PUBLIC || echo "$name"
        done >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
}

# The programs that it shows side by side: each, in the words of its file, which
# is linked before them; and how long it is said to be.
shows_programs() {
    python3 - <<'END'
import glob, re

shown, said, text = set(), set(), open("docs/from-libuv.md").read()
for name, block in re.findall(
        r"\((?:\.\./)(examples/both/\w+\.c)\)(?:(?!\]\().)*?\n```c\n(.*?)```\n",
        text, re.S):
    assert "\n" + block in open(name).read(), (name, block)
    shown.add(name)
for n, name in re.findall(r"\[(\d+)\]\(\.\./(examples/both/\w+\.c)\)", text):
    lines = sum(1 for line in open(name) if line.strip())
    assert lines == int(n), (name, lines)
    said.add(name)
assert shown == said == set(glob.glob("examples/both/*.c")), (shown, said)
assert len(shown) == text.count("```c\n")
END
}

# What there is for a name has a test that states it.
shows_what_there_is() {
    ! awk -F '|' '/^[|] `/ && $3 !~ /^ (none|not yet)/ && $5 !~ /`/' \
        docs/from-asyncio.md | grep .
}

# The vectors that docs/strictness.md names, as `file: name`, are there.
names_vectors() {
    for file in tests/io/http/vectors/*.txt; do
        name=${file##*/}
        sed -n "s/^== /${name%.txt}: /p" "$file"
    done | sort >"$tmp/vectors"
    # shellcheck disable=SC2016
    awk -F '|' '/^[|]/ { print $4 }' docs/strictness.md | grep -o '`[^`]*`' |
        tr -d '`' | sort -u >"$tmp/named"
    [ -s "$tmp/named" ] && comm -23 "$tmp/named" "$tmp/vectors" >"$tmp/missing"
    cat "$tmp/missing"
    ! [ -s "$tmp/missing" ]
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
check "docs/strictness.md names vectors that exist" names_vectors
check "its tests exist" shown_by_tests docs/strictness.md
check "docs/from-asyncio.md tells of all there is in 3.13" tells_all_of_asyncio
check "and in the Python that is here" tells_all_of_this_asyncio
check "it shows what there is" shows_what_there_is
check "its tests exist" shown_by_tests docs/from-asyncio.md
check "docs/from-libuv.md tells of all there is in 1.52" tells_all_of_libuv
check "and of what there is here" names_what_is_there docs/from-libuv.md
check "and shows programs as they are" shows_programs
check "docs/from-aiohttp.md tells of all there is in 3.8" tells_all_of_aiohttp
check "and of what there is here" names_what_is_there docs/from-aiohttp.md
check "its tests exist" shown_by_tests docs/from-aiohttp.md
