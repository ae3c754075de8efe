# The programs of the guide print what it says they do.

# What chapter $1 shows between ```text, followed by ` $2`, and ```.
shown() {
    awk -v fence="\`\`\`text${2:+ $2}" '/^```/ { text = $0 == fence; next } text' \
        "docs/guide/$1.md"
}

# What was said, but for addresses, offsets and spans; and for frames, which are
# as the compiler likes them.
masked() {
    sed -E -e '/^ +in /d' -e 's/0x[0-9a-f]+/A/g' -e 's/\+A/+N/g' -e 's/[0-9]+\.[0-9]+ s/N s/g'
}

prints_what_is_shown() {
    ends 0 ours "$out/guide/$1" && shown "$1" >"$tmp/shown" &&
        diff "$tmp/shown" "$tmp/said"
}

prints_it_with_other_numbers() {
    ends 0 ours "$out/guide/$1" && shown "$1" masked | masked >"$tmp/shown" &&
        masked <"$tmp/said" | diff "$tmp/shown" -
}

# The drawings a chapter shows are made, one after the other.
draws() {
    shown "$1" GYRE_STEP=1 >"$tmp/shown"
    ends 0 ours env GYRE_STEP=1 "$out/guide/$1" &&
        python3 -c 'import sys
shown, said = (open(name).read() for name in sys.argv[1:])
sys.exit("\n" + shown not in "\n" + said)' "$tmp/shown" "$tmp/said"
}

listed() {
    grep -F "($1.md)" docs/guide/README.md
}

for file in docs/guide/[0-9]*.md; do
    chapter=$(basename "$file" .md)
    if [ "$(shown "$chapter" masked)" ]; then
        check "$chapter prints what it shows" \
            prints_it_with_other_numbers "$chapter"
    else
        check "$chapter prints what it shows" prints_what_is_shown "$chapter"
    fi
    if [ "$(shown "$chapter" GYRE_STEP=1)" ]; then
        check "$chapter is drawn as it shows" draws "$chapter"
    fi
    check "$chapter is in the list" listed "$chapter"
done
