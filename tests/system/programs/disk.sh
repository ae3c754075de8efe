# The examples of files, folders, and names print what they should.

says() {            # says TEXT PROGRAM [ARGUMENT...]: prints that, and ends well
    text=$1
    program=$2
    shift 2
    ends 0 ours "$out/examples/$program" "$@" && printed "$text"
}

printed() {
    printf '%s\n' "$1" | diff - "$tmp/said"
}

check 'count begins at one'     says 1 count "$tmp/number"
check 'and goes on'             says 2 count "$tmp/number"

alone() { [ "$(ls "$tmp/there")" = number ]; }

mkdir "$tmp/there"
echo 41 >"$tmp/there/number"
check 'it goes on from anywhere'    says 42 count "$tmp/there/number"
check 'and leaves nothing beside'   alone

in_vain() { ends 1 ours "$out/examples/count" "$1" && printed "$2"; }
check 'it says what it cannot read' \
    in_vain "$tmp/there" 'count: Is a directory'

mkdir -p "$tmp/tree/below/deep"
touch "$tmp/tree/a" "$tmp/tree/below/b" "$tmp/tree/below/deep/c"

# No order is promised.
lists() {
    ends 0 ours "$out/examples/list" "$tmp/tree" || return
    LC_ALL=C sort "$tmp/said" | diff - "$tmp/expected"
}
cat >"$tmp/expected" <<'END'
    c
  b
  deep/
a
below/
END
check 'list lists folders, and those in them'   lists

# Where the system names no entries, several changes may be told of as one.
watches() {
    case $out in
    *kqueue*)
        ends 0 ours "$out/examples/watch" && uniq "$tmp/said" >"$tmp/short"
        printf '%s\n' 'the folder has changed' 'the folder is gone' |
            diff - "$tmp/short" ;;
    *) says 'a is new
a is elsewhere
b has come
b is removed
the folder is gone' watch ;;
    esac
}
check 'watch tells what happens in a folder'    watches

check 'resolver knows some names'   says 'printer.home: found
  192.168.1.9:80
music.home: found
  192.168.1.4:80
  [fd00::4]:80
fridge.home: No such file or directory
127.0.0.1: found
  127.0.0.1:80' resolver
