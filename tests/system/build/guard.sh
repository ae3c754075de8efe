# The guard names the calls that block, and where they are made.

cat >"$tmp/blocking.c" <<'END_OF_PROGRAM'
#include <fcntl.h>
#include <gyre.h>
#include <poll.h>
#include <unistd.h>

static int ends[2];

__attribute__((noinline)) static void innocent(void)
{
    char c;

    write(ends[1], "x", 1);
    read(ends[0], &c, 1);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    read(ends[0], &c, 1);
    fcntl(ends[0], F_SETFL, 0);
    sleep(0);
}

__attribute__((noinline)) static void guilty(void)
{
    struct pollfd p = {.fd = ends[0], .events = POLLIN};

    for (int i = 0; i < 3; i++)
        usleep(1000);
    poll(&p, 1, 1);
}

static intptr_t task(void *arg)
{
    (void)arg;
    innocent();
    guilty();
    return 0;
}

int main(void)
{
    usleep(1000);
    return pipe(ends) != 0 || gyre_run(task, NULL) != 0;
}
END_OF_PROGRAM

cat >"$tmp/told" <<'END'
gyre: task #1 main blocks the loop in usleep
    in guilty+
    in task+
gyre: task #1 main blocks the loop in poll
    in guilty+
    in task+
END

# One call of each kind, that would wait, or would not.
cat >"$tmp/calls.c" <<'END_OF_PROGRAM'
#include <fcntl.h>
#include <gyre.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int empty[2];

/* The other end speaks a little later, from a thread, so nothing hangs. */
static void *speak(void *arg)
{
    usleep(20000);
    return write(empty[1], "x", 1) == 1 ? arg : NULL;
}

static intptr_t wait_in(void *call)
{
    struct timespec moment = {.tv_nsec = 1};
    struct timeval span = {.tv_usec = 1};
    struct pollfd p = {.fd = empty[0], .events = POLLIN};
    struct addrinfo *found;
    char c;
    struct iovec iov = {&c, 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

#define IS(name) (strcmp(call, name) == 0)
    if (IS("read"))
        return read(empty[0], &c, 1);
    if (IS("readv"))
        return readv(empty[0], &iov, 1);
    if (IS("recv"))
        return recv(empty[0], &c, 1, 0);
    if (IS("recvfrom"))
        return recvfrom(empty[0], &c, 1, 0, NULL, NULL);
    if (IS("recvmsg"))
        return recvmsg(empty[0], &message, 0);
    if (IS("recv at once"))
        return recv(empty[0], &c, 1, MSG_DONTWAIT);
    if (IS("poll"))
        return poll(&p, 1, 1);
    if (IS("poll at once"))
        return poll(&p, 1, 0);
    if (IS("select"))
        return select(0, NULL, NULL, NULL, &span);
    if (IS("usleep"))
        return usleep(1);
    if (IS("nanosleep"))
        return nanosleep(&moment, NULL);
    if (IS("sleep at once"))
        return (intptr_t)sleep(0);
    if (IS("waitpid"))
        return waitpid(-1, NULL, 0);
    if (IS("waitpid at once"))
        return waitpid(-1, NULL, WNOHANG);
    if (IS("getaddrinfo"))
        return getaddrinfo("localhost", "80", NULL, &found);
    return 0;
}

static intptr_t task(void *call)
{
    (void)wait_in(call);
    return gyre_sleep(gyre_in(1)); /* as a task should */
}

int main(int argc, char **argv)
{
    pthread_t speaker;

    if (argc != 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, empty) != 0 ||
        pthread_create(&speaker, NULL, speak, NULL) != 0)
        return 1;
    return gyre_run(task, argv[1]) != 0;
}
END_OF_PROGRAM

tells() {
    ends 0 "$@" && sed -n 's/+0x.*/+/; /run_main/d; p' "$tmp/said" |
        diff - "$tmp/told"
}

linked() {
    $CC -O0 -g -I. "$tmp/blocking.c" -o "$tmp/linked" "$out/libgyre_guard.a" \
        "$out/libgyre.a" -lpthread -ldl && tells "$tmp/linked"
}

preloaded() {
    $CC -O0 -g -I. "$tmp/blocking.c" -o "$tmp/shared" -L"$out" -lgyre &&
        tells env LD_LIBRARY_PATH="$out" \
            LD_PRELOAD="$out/libgyre_guard.so" "$tmp/shared"
}

names_the_example() {
    $CC -O0 -g -I. examples/blocking.c -o "$tmp/example" \
        "$out/libgyre_guard.a" "$out/libgyre.a" -lpthread -ldl &&
        ends 0 "$tmp/example" &&
        grep '^gyre: task #3 sleep_badly blocks the loop in usleep$' "$tmp/said"
}

silent() {
    LD_LIBRARY_PATH=$out ends 0 "$tmp/shared" && ! [ -s "$tmp/said" ]
}

names() {           # names CALL: it is told of, once
    ends 0 "$tmp/calls" "$1" &&
        [ "$(grep -c "^gyre: task #1 main blocks the loop in $1" \
            "$tmp/said")" -eq 1 ]
}

passes() {          # passes CALL: nothing is told
    ends 0 "$tmp/calls" "$1" && ! [ -s "$tmp/said" ]
}

"$MAKE" CC="$CC" BUILD="$BUILD" guard >"$tmp/log"
$CC -O0 -g -D_GNU_SOURCE -I. "$tmp/calls.c" -o "$tmp/calls" \
    "$out/libgyre_guard.a" "$out/libgyre.a" -lpthread -ldl
for call in read readv recv recvfrom recvmsg poll select usleep nanosleep \
    waitpid getaddrinfo; do
    check "$call is told of"        names $call
done
for call in 'recv at once' 'poll at once' 'sleep at once' 'waitpid at once' \
    nothing; do
    check "$call is not"            passes "$call"
done
check 'when it is linked'           linked
check 'when it is preloaded'        preloaded
check 'it names who blocks in an example'    names_the_example
check 'without it nothing is told'  silent
