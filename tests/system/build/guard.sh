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
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int empty[2], full[2], listener, epoll;
static struct sockaddr_in address = {.sin_family = AF_INET};
static pid_t child, dead;
static atomic_bool calling;

/* Once the call is made the other ends speak, a little later, so that nothing
   hangs. */
static void *speak(void *arg)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    while (!calling)
        usleep(1000);
    usleep(200000);
    kill(child, SIGKILL);
    connect(fd, (struct sockaddr *)&address, sizeof address);
    return write(empty[1], "x", 1) == 1 ? arg : NULL;
}

static int connect_to(int type, struct sockaddr *to, socklen_t size)
{
    return connect(socket(to->sa_family, type, 0), to, size);
}

static void set_up(void)
{
    struct epoll_event e = {.events = EPOLLIN};
    socklen_t size = sizeof address;
    siginfo_t info;

    child = fork();
    if (child == 0)
        pause();
    dead = fork();
    if (dead == 0)
        _exit(0);
    waitid(P_PID, dead, &info, WEXITED | WNOWAIT);
    socketpair(AF_UNIX, SOCK_STREAM, 0, empty);
    socketpair(AF_UNIX, SOCK_STREAM, 0, full);
    write(full[1], "xyz", 3);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 4);
    getsockname(listener, (struct sockaddr *)&address, &size);
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, empty[0], &e);
}

static void wait_for_descriptors(const char *call, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec moment = {.tv_nsec = 1}, now = {0};
    struct timeval span = {.tv_usec = 1};
    struct epoll_event e;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
#define IS(name) (strcmp(call, name) == 0)
    if (IS("poll"))
        poll(&p, 1, 1);
    if (IS("poll at once"))
        poll(&p, 1, 0);
    if (IS("ppoll"))
        ppoll(&p, 1, &moment, NULL);
    if (IS("ppoll at once"))
        ppoll(&p, 1, &now, NULL);
    if (IS("select"))
        select(fd + 1, &set, NULL, NULL, &span);
    if (IS("pselect"))
        pselect(fd + 1, &set, NULL, NULL, &moment, NULL);
    if (IS("pselect at once"))
        pselect(fd + 1, &set, NULL, NULL, &now, NULL);
    if (IS("epoll_wait"))
        epoll_wait(epoll, &e, 1, 1);
    if (IS("epoll_wait at once"))
        epoll_wait(epoll, &e, 1, 0);
    if (IS("epoll_pwait"))
        epoll_pwait(epoll, &e, 1, 1, NULL);
}

static void read_from(const char *call, int fd)
{
    char c;
    struct iovec iov = {&c, 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

    if (IS("read"))
        read(fd, &c, 1);
    if (IS("readv"))
        readv(fd, &iov, 1);
    if (IS("recv"))
        recv(fd, &c, 1, 0);
    if (IS("recvfrom"))
        recvfrom(fd, &c, 1, 0, NULL, NULL);
    if (IS("recvmsg"))
        recvmsg(fd, &message, 0);
    if (IS("recv at once"))
        recv(fd, &c, 1, MSG_DONTWAIT);
}

static void connect_and_accept(const char *call)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr *a = (struct sockaddr *)&address;

    if (IS("accept"))
        accept(listener, NULL, NULL);
    if (IS("accept4"))
        accept4(listener, NULL, NULL, 0);
    if (IS("connect"))
        connect_to(SOCK_STREAM, a, sizeof address);
    if (IS("connect at once"))
        connect_to(SOCK_STREAM | SOCK_NONBLOCK, a, sizeof address);
    if (IS("connect for datagrams"))
        connect_to(SOCK_DGRAM, a, sizeof address);
    if (IS("connect to a path"))
        connect_to(SOCK_STREAM, (struct sockaddr *)&local, sizeof local);
}

static void sleep_in(const char *call)
{
    struct timespec moment = {.tv_nsec = 1}, later;

    clock_gettime(CLOCK_MONOTONIC, &later);
    if (IS("usleep"))
        usleep(1);
    if (IS("nanosleep"))
        nanosleep(&moment, NULL);
    if (IS("sleep at once"))
        sleep(0);
    if (IS("clock_nanosleep"))
        clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
    if (IS("clock_nanosleep until what is past"))
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, NULL);
    later.tv_sec += later.tv_nsec >= 900000000;
    later.tv_nsec = (later.tv_nsec + 100000000) % 1000000000;
    if (IS("clock_nanosleep until later"))
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, NULL);
}

static void wait_for_children(const char *call)
{
    siginfo_t info;

    if (IS("waitpid for who is dead"))
        waitpid(dead, NULL, 0);
    if (IS("waitid for any"))
        waitid(P_ALL, 0, &info, WEXITED);
    if (IS("wait for any"))
        wait(NULL);
    waitpid(dead, NULL, WNOHANG);
    if (IS("wait"))
        wait(NULL);
    if (IS("waitpid"))
        waitpid(child, NULL, 0);
    if (IS("waitpid for a group"))
        waitpid(0, NULL, 0);
    if (IS("waitpid at once"))
        waitpid(-1, NULL, WNOHANG);
    if (IS("waitid"))
        waitid(P_PID, (id_t)child, &info, WEXITED);
    if (IS("waitid at once"))
        waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
    if (IS("wait3"))
        wait3(NULL, 0, NULL);
    if (IS("wait4"))
        wait4(-1, NULL, 0, NULL);
    if (IS("waitpid without children"))
        waitpid(getpid(), NULL, 0);
}

static intptr_t task(void *arg)
{
    static const char prefix[] = "what is there ";
    struct addrinfo *found;
    const char *call = arg;
    bool there = strncmp(call, prefix, strlen(prefix)) == 0;
    int fd = there ? full[0] : empty[0];

    call += there ? strlen(prefix) : 0;
    calling = true;
    read_from(call, fd);
    wait_for_descriptors(call, fd);
    connect_and_accept(call);
    sleep_in(call);
    wait_for_children(call);
    if (IS("getaddrinfo"))
        getaddrinfo("localhost", "80", NULL, &found);
    return gyre_sleep(gyre_in(1)); /* as a task should */
}

int main(int argc, char **argv)
{
    pthread_t speaker;
    intptr_t result;

    set_up();
    if (argc != 2 || pthread_create(&speaker, NULL, speak, NULL) != 0)
        return 1;
    result = gyre_run(task, argv[1]);
    kill(child, SIGKILL);
    return result != 0;
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
        [ "$(grep -c "^gyre: task #1 main blocks the loop in ${1%% *}" \
            "$tmp/said")" -eq 1 ] && [ "$(grep -c '^gyre:' "$tmp/said")" -eq 1 ]
}

passes() {          # passes CALL: nothing is told
    ends 0 "$tmp/calls" "$1" && ! [ -s "$tmp/said" ]
}

"$MAKE" CC="$CC" BUILD="$BUILD" guard >"$tmp/log"
$CC -O0 -g -D_GNU_SOURCE -I. "$tmp/calls.c" -o "$tmp/calls" \
    "$out/libgyre_guard.a" "$out/libgyre.a" -lpthread -ldl
for call in read readv recv recvfrom recvmsg accept accept4 connect \
    poll ppoll select pselect epoll_wait epoll_pwait \
    usleep nanosleep clock_nanosleep 'clock_nanosleep until later' \
    wait waitpid 'waitpid for a group' waitid wait3 wait4 getaddrinfo; do
    check "$call is told of"        names "$call"
done
for call in read readv recv recvfrom recvmsg poll ppoll select pselect; do
    check "$call of what is there"  passes "what is there $call"
done
for call in 'recv at once' 'poll at once' 'ppoll at once' 'pselect at once' \
    'epoll_wait at once' 'connect at once' 'connect for datagrams' \
    'connect to a path' 'sleep at once' 'clock_nanosleep until what is past' \
    'waitpid at once' 'waitid at once' 'waitpid for who is dead' \
    'waitpid without children' 'waitid for any' 'wait for any' nothing; do
    check "$call is not"            passes "$call"
done
check 'when it is linked'           linked
check 'when it is preloaded'        preloaded
check 'it names who blocks in an example'    names_the_example
check 'without it nothing is told'  silent
