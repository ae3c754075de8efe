# ask.sh - our client, as the program `ask` and as claims of what it says.
#
#     asks WORDS ARGUMENT...       what `ask` says is that, but for $url; a * is
#                                  whatever may stand there
#     fails_with WORDS ARGUMENT... it ends with 1, and says that
#     fetched FILE ARGUMENT...     all that comes is what is in the file
#     asked TEXT ARGUMENT...       all that comes is that
#     measure METHOD LENGTH SUM    what a /measure answers

a() {
    ours "$out/tests/peers/ask" "$@"
}

asks() {
    words=$1
    shift
    a "$@" >"$tmp/said"
    sed "s#$url##" "$tmp/said" >"$tmp/short"
    # shellcheck disable=SC2254
    case $(cat "$tmp/short") in
        $words) ;;
        *) cat "$tmp/said"; false ;;
    esac
}

fails_with() {
    words=$1
    shift
    ends 1 a "$@" && grep -q "$words" "$tmp/said"
}

fetched() {
    file=$1
    shift
    a -o "$tmp/got" "$@" && cmp "$file" "$tmp/got"
}

asked() {
    text=$1
    shift
    a -o "$tmp/got" "$@" || return 1
    [ "$(cat "$tmp/got")" = "$text" ] || { cat "$tmp/got"; false; }
}

measure() {
    printf '{"method": "%s", "length": %d, "sum": %d}' "$1" "$2" "$3"
}
