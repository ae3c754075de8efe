# The programs of the guide print what it says they do.

# What a chapter shows between ```text and ```.
shown() {
    awk '/^```/ { text = $0 == "```text"; next } text' "$1"
}

prints_what_is_shown() {
    ends 0 ours "$out/guide/$1" && shown "docs/guide/$1.md" | diff - "$tmp/said"
}

listed() {
    grep -F "($1.md)" docs/guide/README.md
}

for file in docs/guide/[0-9]*.md; do
    chapter=$(basename "$file" .md)
    check "$chapter prints what it shows" prints_what_is_shown "$chapter"
    check "$chapter is in the list" listed "$chapter"
done
