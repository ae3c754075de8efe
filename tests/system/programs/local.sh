# Local sockets, pipes and FIFOs, with nc and socat at the other end, where they
# are: as who connects, and as who is connected to.

path=$tmp/socket
fifo=$tmp/fifo
mkfifo "$fifo"
printf 'a\nb\n' >"$tmp/two"
numbered='1: a
2: b'

# hears PROGRAM...: what is written to it comes back
hears() {
    # shellcheck disable=SC2086
    { echo hello; sleep 0.5; } | $bounded "$@" >"$tmp/heard"
    [ "$(cat "$tmp/heard")" = hello ]
}

# One that listens at the path, and says so little that it is looked for there.
# What it hears is in $tmp/other.
listens() {         # listens PROGRAM...
    rm -f "$path"
    # shellcheck disable=SC2086
    echo welcome | $bounded "$@" >"$tmp/other" 2>&1 &
    other=$!
    until [ -S "$path" ]; do
        kill -0 "$other" || return 1
        sleep 0.05
    done
}

# It ends by itself, having heard that.
heard() {           # heard TEXT
    wait "$other" && [ "$(cat "$tmp/other")" = "$1" ]
}

# One that would go on for ever is ended, when it has heard that.
heard_so_far() {    # heard_so_far TEXT
    tries=0
    until [ "$(cat "$tmp/other")" = "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
    kill "$other" && { wait "$other" 2>/dev/null || true; }
}

talk() {            # talk TEXT PATH: says hello there, and hears the text
    echo hello | ours "$out/examples/talk" "$2" >"$tmp/said" &&
        [ "$(cat "$tmp/said")" = "$1" ]
}

ask() {             # ask TEXT PATH: says hello there, and is answered the text
    ends 0 ours "$out/examples/udp_ask" "$2" hello && grep -F "$1" "$tmp/said"
}

nobody_is_there() {
    rm -f "$path"
    ends 1 ours "$out/examples/talk" "$path" </dev/null &&
        echo 'talk: No such file or directory' | diff - "$tmp/said"
}

with() {            # with PROGRAM: is it there
    command -v "$1" >/dev/null || {
        echo "local.sh: without $1, which is not there"
        false
    }
}

# ---- they connect ----

connections() {     # connections STREAM: to echo_all at a path, or a name
    check 'talk hears what it says'     talk hello "$1"
    if with nc; then
        check 'nc hears what it says'   hears nc -NU "$1"
    fi
    if with socat; then
        check 'so does socat'           hears socat - "$2:${1#@}"
    fi
}

datagrams() {       # datagrams WHERE: to udp_echo there
    check 'udp_ask is answered by datagrams'    ask '"hello", 5 bytes' "$1"
    if with nc; then
        check 'so is nc'        hears nc -uU -w 1 "$1"
    fi
    if with socat; then
        check 'and so is socat' hears socat - "$2:${1#@},bind=${1#@}.socat"
    fi
}

# It says no port when it has only a path.
serve_datagrams() {
    : >"$tmp/server"    # what the one before has said is not its word
    # shellcheck disable=SC2086
    $bounded $EMULATOR "$out/examples/udp_echo" "$1" >"$tmp/server" 2>&1 &
    server=$!
    until grep '^listening on' "$tmp/server"; do
        kill -0 "$server" || return 1
        sleep 0.05
    done
}

check 'who talks to nobody is told so'  nobody_is_there
check 'echo_all listens at a path'      serve "$out/examples/echo_all" \
    "$path" 0
connections "$path" UNIX-CONNECT
halt
check 'udp_echo is at a path'           serve_datagrams "$path"
datagrams "$path" UNIX-SENDTO
halt

# On Linux there are names that are no paths, but not with the calls of a BSD, as
# the Makefile has them.
abstract=@gyre-local-$$
case $(uname)$out in
Linux*bsd* | [!L]*) names= ;;
*) names=yes ;;
esac

name_is_refused() {
    ends 1 ours "$out/examples/talk" "$abstract" </dev/null &&
        echo 'talk: not supported here' | diff - "$tmp/said"
}

if [ "$names" ]; then
    check 'echo_all listens at a name'  serve "$out/examples/echo_all" \
        "$abstract" 0
    connections "$abstract" ABSTRACT-CONNECT
    halt
    check 'udp_echo is at a name'       serve_datagrams "$abstract"
    datagrams "$abstract" ABSTRACT-SENDTO
    halt
else
    check 'a name that is no path is refused' name_is_refused
fi

# ---- they are connected to ----

if with nc; then
    check 'nc listens'                  listens nc -N -lU "$path"
    check 'talk hears it'               talk welcome "$path"
    check 'and it hears talk'           heard hello
    check 'nc is there for datagrams'   listens nc -luU "$path"
    check 'udp_ask is answered by it'   ask '"welcome' "$path"
    check 'and it has been asked'       heard_so_far hello
fi
if with socat; then
    check 'socat listens'               listens socat "UNIX-LISTEN:$path" -
    check 'talk hears it'               talk welcome "$path"
    check 'and it hears talk'           heard hello
    check 'socat is there for datagrams' listens socat "UNIX-RECVFROM:$path" -
    check 'udp_ask is answered by it'   ask '"welcome' "$path"
    check 'and it has been asked'       heard hello
fi
if with socat && [ "$names" ]; then
    by_name() {
        # shellcheck disable=SC2086
        echo welcome | $bounded socat "ABSTRACT-LISTEN:${abstract#@}" - \
            >"$tmp/other" 2>&1 &
        other=$!
        until grep -q "$abstract" /proc/net/unix; do
            kill -0 "$other" || return 1
            sleep 0.05
        done
    }
    check 'socat listens at a name'     by_name
    check 'talk hears it'               talk welcome "$abstract"
    check 'and it hears talk'           heard hello
fi

# ---- pipes, and FIFOs ----

says() {            # says TEXT COMMAND...: prints just that, and ends well
    text=$1
    shift
    ends 0 "$@" && printf '%s\n' "$text" | diff - "$tmp/said"
}

# shellcheck disable=SC2086
written_by_socat() {
    $bounded socat -u "OPEN:$tmp/two" "OPEN:$fifo,wronly" &
    ours "$out/examples/lines" "$fifo" && wait $!
}

# shellcheck disable=SC2086
read_by_socat() {
    $bounded socat -u "OPEN:$fifo,rdonly" - &
    ours "$out/examples/lines" <"$tmp/two" >"$fifo" && wait $!
}

# Of pipes socat does not see the end, and waits as long as it is told.
between() {         # between OPTION: socat writes to it, and reads from it
    # shellcheck disable=SC2086
    $bounded socat -t 3 - \
        "EXEC:${EMULATOR:+$EMULATOR }$out/examples/lines$1" <"$tmp/two"
}

if with socat; then
    check 'lines reads a FIFO that socat writes'    says "$numbered" \
        written_by_socat
    check 'it writes a FIFO that socat reads'       says "$numbered" \
        read_by_socat
    check 'it is between two pipes of socat'    says "$numbered" between ,pipes
    check 'and at one socket of it'             says "$numbered" between ''
fi
