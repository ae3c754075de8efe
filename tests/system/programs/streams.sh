# Standard streams, whatever they were made by who started the program; programs
# run by programs; signals; and a terminal.

says() {            # says TEXT COMMAND...: prints just that, and ends well
    text=$1
    shift
    ends 0 "$@" && printf '%s\n' "$text" | diff - "$tmp/said"
}

fails() {           # fails TEXT COMMAND...: prints just that, and ends with 1
    text=$1
    shift
    ends 1 "$@" && printf '%s\n' "$text" | diff - "$tmp/said"
}

lines() {
    ours "$out/examples/lines"
}

printf 'a\nb\n' >"$tmp/two"

from_file()     { lines <"$tmp/two"; }
from_null()     { lines </dev/null; }
from_pipe()     { printf 'a\nb\n' | lines; }
from_closed()   { lines <&-; }
to_null()       { lines <"$tmp/two" >/dev/null; }
to_file()       { lines <"$tmp/two" >"$tmp/out" && cat "$tmp/out"; }
to_end()        { { echo 0; lines <"$tmp/two"; } >"$tmp/out" && cat "$tmp/out"; }
to_pipe()       { lines <"$tmp/two" | cat; }
to_closed()     { lines <"$tmp/two" >&-; }
much()          { yes | head -n 100000 | lines | tail -n 1; }
in_turn()       { { lines; echo --; lines; } <"$tmp/two"; }

numbered='1: a
2: b'

# troglobit/libuev#12, libuv/libuv#281, and many others.
check 'lines come from a file'          says "$numbered" from_file
check 'lines come from a pipe'          says "$numbered" from_pipe
check 'lines go to a file'              says "$numbered" to_file
check 'lines go to a pipe'              says "$numbered" to_pipe
check 'lines go where others went before'   says "0
$numbered" to_end
check 'much goes through pipes'         says '100000: y' much
check 'there are no lines in /dev/null' ends 0 from_null
check 'lines go to /dev/null'           ends 0 to_null
check 'what was read is read'           says "$numbered
--" in_turn
check 'a closed input is an error'      fails 'lines: closed meanwhile' \
    from_closed
check 'a closed output is an error'     fails 'lines: closed meanwhile' \
    to_closed

# As a shell would find them: a pipe, a socket, a terminal.
cat >"$tmp/flags.py" <<'END'
import fcntl, os, pty, socket, subprocess, sys

def blocks(fd):
    return not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK

def run(ours, theirs, last):
    p = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs)
    os.write(ours, b"a\n")
    got = b""
    while not got.replace(b"\r", b"").endswith(b"1: a\n"):
        got += os.read(ours, 100)
    assert blocks(theirs), "is left non-blocking"
    last(ours)
    assert p.wait() == 0, p.returncode
    assert blocks(theirs)

one, other = socket.socketpair()
run(one.fileno(), other.fileno(),
    lambda fd: one.shutdown(socket.SHUT_WR))
master, slave = pty.openpty()
run(master, slave, lambda fd: os.write(fd, b"\004"))

r, w = os.pipe()
p = subprocess.Popen(sys.argv[1:], stdin=r, stdout=subprocess.PIPE)
os.write(w, b"a\n")
assert p.stdout.readline() == b"1: a\n"
assert blocks(r)
os.close(w)
assert p.wait() == 0
END
# shellcheck disable=SC2086
check 'what is shared with others is left as it was' \
    $bounded python3 "$tmp/flags.py" $EMULATOR "$out/examples/lines"

# Who sits before the terminal, and the shell that comes back to it.
cat >"$tmp/keys.py" <<'END'
import fcntl, os, pty, struct, subprocess, sys, termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 43, 132, 0, 0))
before = termios.tcgetattr(slave)
p = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=subprocess.PIPE)
assert p.stdout.readline() == b"132 columns, 43 rows\n"
while termios.tcgetattr(slave) == before:
    pass
got = b""
for key, told in ((b"a", b"a\r\n"), (b"\003", b"<3>\r\n"), (b"q", b"q\r\n")):
    os.write(master, key)
    got = b""
    while not got.endswith(told):
        got += os.read(master, 100)
    assert got == told, got
assert p.wait() == 0, p.returncode
assert termios.tcgetattr(slave) == before, "is left raw"
END
# shellcheck disable=SC2086
check 'a raw terminal is as it was after an exit' \
    $bounded python3 "$tmp/keys.py" $EMULATOR "$out/examples/keys"
no_terminal() {
    ends 1 ours "$out/examples/keys" </dev/null && grep '^keys: .' "$tmp/said"
}
check 'and what is none is an error'    no_terminal

check 'child hears what programs say' says 'echo says hello, gyre
echo ended with code 0
false ended with code 1
sleeper says good night
sleeper: timed out
parent says there is a child
parent ended with code 0
no-such-program: No such file or directory' ours "$out/examples/child"

check 'pipeline has one read what the other writes' says 'apple
pear
plum' ours "$out/examples/pipeline"

check 'signals loses none' says 'reading the configuration
reading the configuration
going home' ours "$out/examples/signals"
