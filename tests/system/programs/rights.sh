# A program that has rights which its starter has not takes no orders from him.

traced() {          # traced PROGRAM: there is a trace when it has ended
    GYRE_TRACE=$tmp/trace ours "$1" && [ -s "$tmp/trace" ]
}

not_traced() {
    rm -f "$tmp/trace"
    GYRE_TRACE=$tmp/trace ours "$1" && ! [ -e "$tmp/trace" ]
}

# Somebody else's, who lends his rights; $tmp must be his to write to as well.
lend() {
    cp "$1" "$tmp/lent" && chown nobody "$tmp/lent" && chmod u+s "$tmp/lent"
}

# Nobody but root can give a file away, and not all file systems take it; nor
# does what an emulator runs have the rights of its file.  And a process that has
# them is not looked at by others, so that LeakSanitizer ends it.
can_lend() {
    case $out in *address*) return 1 ;; esac
    [ -z "$EMULATOR" ] && lend "$(command -v id)" &&
        [ "$("$tmp/lent" -u)" -ne "$(id -u)" ]
}

check 'who starts a program has it traced'  traced "$out/examples/square"
if can_lend 2>"$tmp/why"; then
    chmod 777 "$tmp"
    lend "$out/examples/square"
    check 'but not with the rights of others' not_traced "$tmp/lent"
else
    echo 'rights.sh: no rights can be lent here: skipped'
fi
