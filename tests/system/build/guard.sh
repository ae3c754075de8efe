# What the guard says of a program whose tasks make calls that block.

cat >"$tmp/program.c" <<'END'
#include <gyre.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static void block(const char *call)
{
    struct sockaddr_storage nowhere = {0};
    struct addrinfo *found = NULL;
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    struct timespec moment = {.tv_nsec = 1};
    char byte = 0;

    (void)!write(ends[1], "ab", 2);
    if (strcmp(call, "read") == 0)
        (void)!read(ends[0], &byte, 1);
    if (strcmp(call, "recv") == 0)
        recv(ends[0], &byte, 1, 0);
    if (strcmp(call, "recv, at once") == 0)
        recv(ends[0], &byte, 1, MSG_DONTWAIT);
    if (strcmp(call, "accept") == 0)
        accept(ends[0], NULL, NULL);
    if (strcmp(call, "connect") == 0)
        connect(ends[0], (struct sockaddr *)&nowhere, sizeof nowhere);
    if (strcmp(call, "poll") == 0)
        poll(&p, 1, 1);
    if (strcmp(call, "poll, at once") == 0)
        poll(&p, 1, 0);
    if (strcmp(call, "sleep") == 0)
        sleep(0);
    if (strcmp(call, "usleep") == 0)
        usleep(1);
    if (strcmp(call, "nanosleep") == 0)
        nanosleep(&moment, NULL);
    if (strcmp(call, "getaddrinfo") == 0)
        getaddrinfo("127.0.0.1", "80", NULL, &found);
}

static intptr_t task(void *call)
{
    for (int i = 0; i < 2; i++)
        block(call);
    return gyre_sleep(gyre_in(1));
}

int main(int argc, char **argv)
{
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    block(argv[1]);                             /* in no task */
    return argc != 2 || gyre_run(task, argv[1]) != 0;
}
END

# Without optimization, which would lose frames.
# shellcheck disable=SC2086
build() {
    "$MAKE" CC="$CC" BUILD="$BUILD" guard all >"$tmp/log" 2>&1 &&
        $CC -std=c11 -D_GNU_SOURCE -I. -o "$tmp/program" "$tmp/program.c" \
            "$out/libgyre.so" -Wl,-rpath,"$PWD/$out"
}

guarded() {         # guarded CALL: what is said, but for offsets
    LD_PRELOAD=$PWD/$out/libgyre-guard.so $bounded "$tmp/program" "$1" \
        2>&1 | sed -E -e 's/\+0x[0-9a-f]+/+N/' -e '/^    libgyre/d' >"$tmp/said"
}

named() {
    guarded "$1" && diff - "$tmp/said" <<END
gyre: task #1 main calls $1, which may block, in
    block+N
    task+N
END
}

let_pass() {
    guarded "$1" && diff /dev/null "$tmp/said"
}

case $(uname) in
Linux)
    check 'the guard and a program are built'   build
    for call in read recv accept connect poll sleep usleep nanosleep getaddrinfo
    do
        check "$call is named, once"            named $call
    done
    check 'what does not block is not'          let_pass 'recv, at once'
    check 'nor is a poll that does not wait'    let_pass 'poll, at once'
    check 'nor what the library does itself'    let_pass 'nothing' ;;
*)
    check 'the guard is for Linux'              true ;;
esac
