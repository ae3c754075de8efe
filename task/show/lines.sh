#!/bin/sh
# gyre-lines PROGRAM [REPORT...] - adds file and line to the places in a report.
#
# Reads a report that PROGRAM has written, on standard input if no REPORT is
# named, and writes it with [file:line] after each place that can be resolved:
#
#     fetch+0x5f  server(+0x5c7f)  libgyre.so.0.1(gyre_sleep+0x47)
#
# The program and its shared objects must be those that ran, and were compiled
# with -g; the program may be a copy that is not stripped.  A place is the
# address that a call returns to, so the line is that of the byte before.  If
# several functions have a name, and are long enough, all of them are given.
#
# Needs nm, and addr2line or llvm-symbolizer; and ldd, for shared objects.
set -eu

if [ $# -eq 0 ] || [ ! -r "$1" ]; then
    echo 'usage: gyre-lines PROGRAM [REPORT...]' >&2
    exit 2
fi
program=$1
shift

tmp=$(mktemp -d "${TMPDIR:-/tmp}/gyre-lines.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cat "$@" >"$tmp/report"

# A place in a report, for awk: in an object, or in a function of the program.
PLACE='[^ ,()]+[(][^ ,()]*[+]0x[0-9a-f]+[)]|[^ ,()]+[+]0x[0-9a-f]+'
export PLACE

# Each place of the report, once.
places() {
    awk '{
        while (match($0, ENVIRON["PLACE"])) {
            print substr($0, RSTART, RLENGTH)
            $0 = substr($0, RSTART + RLENGTH)
        }
    }' "$tmp/report" | sort -u
}

# The file of the object with that name.
file_of() {
    if [ -z "$1" ] || [ "$1" = "${program##*/}" ]; then
        echo "$program"
    else
        ldd "$program" 2>/dev/null | awk -v name="$1" '
            { file = ($2 == "=>" ? $3 : $1); last = file; sub(/.*\//, "", last) }
            last == name || $1 == name { print file; exit }'
    fi
}

# Start and size of the functions of $2 in the file $1, in hexadecimal.
functions() {
    { nm -S "$1" || nm -SD "$1"; } 2>/dev/null | awk -v name="$2" '
        NF == 4 { sub(/@.*/, "", $4) }
        NF == 4 && $4 == name && $3 ~ /[TtWwi]/ { print "0x" $1, "0x" $2 }'
}

# What stands at an address of a file; nothing if that is not known.
line_at() {
    if command -v addr2line >/dev/null; then
        addr2line -e "$1" "$2"
    else
        llvm-symbolizer --output-style=GNU --functions=none --obj="$1" "$2"
    fi | sed -e '/^?/d' -e '/:?/d' -e 's/ (discriminator .*//' | head -n 1
}

# The lines of the place $1, one or more.
lines_of() {
    case $1 in
    *'('*) object=${1%%'('*} inside=${1#*'('} inside=${inside%')'} ;;
    *) object='' inside=$1 ;;
    esac
    file=$(file_of "$object")
    function=${inside%+*}
    offset=${inside##*+}
    [ -r "$file" ] || return 0
    if [ -z "$function" ]; then
        line_at "$file" "$(printf '0x%x' $((offset - 1)))"
        return
    fi
    functions "$file" "$function" | while read -r start size; do
        [ $((offset)) -gt $((size)) ] ||
            line_at "$file" "$(printf '0x%x' $((start + offset - 1)))"
    done
}

places | while read -r place; do
    lines=$(lines_of "$place" | sort -u | awk '
        { printf "%s%s", (NR > 1 ? " or " : ""), $0 }')
    [ -z "$lines" ] || printf '%s\t%s\n' "$place" "$lines"
done >"$tmp/lines"

awk -F '\t' '
    FILENAME != report { lines[$1] = $2; next }
    {
        done = ""
        while (match($0, ENVIRON["PLACE"])) {
            place = substr($0, RSTART, RLENGTH)
            done = done substr($0, 1, RSTART + RLENGTH - 1)
            if (place in lines)
                done = done " [" lines[place] "]"
            $0 = substr($0, RSTART + RLENGTH)
        }
        print done $0
    }' report="$tmp/report" "$tmp/lines" "$tmp/report"
