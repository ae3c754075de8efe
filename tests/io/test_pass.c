/*
 * test_pass.c - the claims of unix.h about descriptors that go with bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/pipe.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/support/emulator.h"
#include "tests/support/faults.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_stream *ours, *theirs;

static void open_pair(void)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    ours = ends[0];
    theirs = ends[1];
}

static void close_pair(void)
{
    gyre_close(ours);
    gyre_close(theirs);
}

/* Pass `n` copies of descriptor 0 with `bytes`. */
static void pass(const char *bytes, int n)
{
    struct gyre_descriptors d = {.n = n};

    cr_expect_eq(gyre_send_descriptors(theirs, bytes, strlen(bytes), &d, SOON),
                 0);
}

/* Receive bytes with `n` descriptors, and close those. */
static void expect_passed(const char *bytes, int n)
{
    struct gyre_descriptors d;
    char buf[64] = "";
    ssize_t got = gyre_receive_descriptors(ours, buf, sizeof buf, &d, SOON);

    cr_expect_eq(got, (ssize_t)strlen(bytes));
    cr_expect_str_eq(buf, bytes);
    cr_expect_eq(d.n, n);
    cr_expect(!d.lost);
    for (int i = 0; i < d.n; i++) {
        cr_expect_eq(fcntl(d.fd[i], F_GETFD), FD_CLOEXEC);
        close(d.fd[i]);
    }
}

CLAIM_ON_LOOPBACK(pass, descriptors_arrive_with_their_bytes_and_work)
{
    struct gyre_descriptors d = {.n = 1};
    int pipe_of[2];
    char buf[4];

    open_pair();
    cr_expect_eq(pipe(pipe_of), 0);
    d.fd[0] = pipe_of[1];
    cr_expect_eq(gyre_send_descriptors(theirs, "take", 4, &d, SOON), 0);
    close(pipe_of[1]);
    cr_expect_eq(gyre_receive_descriptors(ours, buf, 4, &d, SOON), 4);
    cr_expect_eq(memcmp(buf, "take", 4), 0);
    cr_expect_eq(d.n, 1);
    cr_expect_eq(write(d.fd[0], "x", 1), 1);
    cr_expect_eq(read(pipe_of[0], buf, 1), 1);
    close(d.fd[0]);
    close(pipe_of[0]);
    close_pair();
}

CLAIM_ON_LOOPBACK(pass, as_many_as_there_may_be_go_at_once)
{
    open_pair();
    pass("many", GYRE_DESCRIPTORS);
    expect_passed("many", GYRE_DESCRIPTORS);
    pass("one", 1);
    pass("two", 2);
    expect_passed("one", 1);
    expect_passed("two", 2);
    pass("none", 0);
    expect_passed("none", 0);
    close_pair();
}

CLAIM_ON_LOOPBACK(pass, bytes_go_without_any_too)
{
    char byte;

    open_pair();
    cr_expect_eq(gyre_write(theirs, "plain", 5, SOON), 0);
    expect_passed("plain", 0);
    cr_expect_eq(gyre_write(theirs, "line\nrest", 9, SOON), 0);
    cr_expect_eq(gyre_read_until(ours, '\n', (char[8]){0}, 8, SOON), 5);
    expect_passed("rest", 0);
    gyre_close(theirs);
    theirs = NULL;
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1,
                                          &(struct gyre_descriptors){0}, SOON),
                 0);
    close_pair();
}

/* Guards against descriptors that nobody knows of: the books are kept by
   CLAIM_ON_LOOPBACK. */
CLAIM_ON_LOOPBACK(pass, descriptors_that_are_not_asked_for_are_closed)
{
    char buf[8];

    open_pair();
    pass("x", 3);
    cr_expect_eq(gyre_read(ours, buf, 8, SOON), 1);
    pass("unread", 3);
    close_pair();
}

/* Guards against what is beyond the room for descriptors, and is left open:
   some systems hand out as many as fit, some none.  (An emulator may not say
   so, and leave them open itself.) */
CLAIM_ON_LOOPBACK(pass, more_descriptors_than_there_is_room_for_are_closed)
{
    enum { MORE = GYRE_DESCRIPTORS + 9 };
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(MORE * sizeof(int))];
    } control = {0};
    struct msghdr m = {.msg_iov = &(struct iovec){"a", 1},
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct gyre_descriptors d;
    char byte;

    if (is_emulated())
        return;
    open_pair();
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(MORE * sizeof(int));
    cr_expect_eq(sendmsg(gyre_stream_descriptor(theirs), &m, 0), 1);
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON), 1);
    cr_expect(d.lost);
    cr_expect_leq(d.n, GYRE_DESCRIPTORS);
    while (d.n > 0)
        close(d.fd[--d.n]);
    close_pair();
}

CLAIM_ON_LOOPBACK(pass, without_descriptors_to_be_had_some_are_lost)
{
    struct gyre_descriptors d;
    char byte;

    open_pair();
    pass("x", 2);
    use_up_descriptors();
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON), 1);
    give_back_descriptors();
    cr_expect(d.lost);
    cr_expect_eq(d.n, 0);
    close_pair();
}

static intptr_t receive_for_ever(void *arg)
{
    struct gyre_descriptors d;
    char byte;

    (void)arg;
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON), -EBADF);
    return 0;
}

CLAIM_ON_LOOPBACK(pass, calls_are_those_of_a_stream)
{
    struct gyre_descriptors d = {0};
    struct gyre_scope s;
    char byte;

    open_pair();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON),
                 -ECANCELED);
    cr_expect_eq(gyre_send_descriptors(ours, "x", 1, &d, SOON), -ECANCELED);
    (void)gyre_scope_close(&s, 0);
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, GYRE_NOW),
                 -ETIMEDOUT);
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 0, &d, SOON), -EINVAL);
    cr_expect_eq(gyre_send_descriptors(ours, "", 0, &d, SOON), -EINVAL);
    d.n = GYRE_DESCRIPTORS + 1;
    cr_expect_eq(gyre_send_descriptors(ours, "x", 1, &d, SOON), -EINVAL);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_for_ever, NULL);
    let_all_settle();
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON), -EBUSY);
    gyre_close(ours);
    ours = NULL;
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    d.n = 1;
    d.fd[0] = 0;
    cr_expect_eq(gyre_send_descriptors(theirs, "x", 1, &d, SOON), -EPIPE);
    close_pair();
}

CLAIM_ON_LOOPBACK(pass, descriptors_go_through_local_sockets_alone)
{
    struct gyre_descriptors d = {0};
    struct gyre_stream *ends[2];
    char byte;

    for (int i = 0; i < 2; i++) {
        if (i == 0)
            connect_pair(&ends[0], &ends[1]);
        else
            cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
        cr_expect_eq(gyre_send_descriptors(ends[0], "x", 1, &d, SOON),
                     -ENOTSUP);
        cr_expect_eq(gyre_receive_descriptors(ends[1], &byte, 1, &d, SOON),
                     -ENOTSUP);
        gyre_close(ends[0]);
        gyre_close(ends[1]);
    }
}

static intptr_t send_much(void *arg)
{
    static char much[1 << 20];
    struct gyre_descriptors d = {.n = 1};

    (void)arg;
    cr_expect_eq(gyre_send_descriptors(theirs, much, sizeof much, &d, SOON), 0);
    gyre_close(theirs);
    theirs = NULL;
    return 0;
}

CLAIM_ON_LOOPBACK(pass,
                  more_bytes_than_are_taken_at_once_bring_them_with_the_first)
{
    static char buf[1 << 16];
    struct gyre_descriptors d;
    struct gyre_scope s;
    ssize_t got;
    size_t all = 0;
    int n = 0;

    open_pair();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_much, NULL);
    while ((got = gyre_receive_descriptors(ours, buf, sizeof buf, &d, SOON)) >
           0) {
        cr_expect(d.n == 0 || all == 0);
        n += d.n;
        all += (size_t)got;
        while (d.n > 0)
            close(d.fd[--d.n]);
    }
    cr_expect_eq(got, 0);
    cr_expect_eq(n, 1);
    cr_expect_eq(all, (size_t)1 << 20);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

/* ---- sockets, and other processes ---- */

/* Pass `fd`, which is closed here, and receive it again. */
static int pass_on(int fd)
{
    struct gyre_descriptors d = {.n = 1, .fd = {fd}};
    char byte;

    cr_expect_eq(gyre_send_descriptors(theirs, "x", 1, &d, SOON), 0);
    close(fd);
    cr_expect_eq(gyre_receive_descriptors(ours, &byte, 1, &d, SOON), 1);
    cr_expect_eq(d.n, 1);
    return d.fd[0];
}

static void expect_conversation(struct gyre_stream *one,
                                struct gyre_stream *other)
{
    char buf[4];

    cr_expect_eq(gyre_write(one, "ping", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(other, buf, 4, SOON), 0);
    cr_expect_eq(gyre_write(other, "pong", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(one, buf, 4, SOON), 0);
    cr_expect_eq(memcmp(buf, "pong", 4), 0);
}

CLAIM_ON_LOOPBACK(pass, a_connection_goes_on_where_it_was_passed_to)
{
    struct gyre_stream *here, *there;
    int fd;

    open_pair();
    connect_raw(&there, &fd);
    fd = pass_on(fd);
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &here), 0);
    expect_conversation(here, there);
    gyre_close(here);
    gyre_close(there);
    close_pair();
}

/* A socket bound to a port of its own; what clients connect to. */
static int bind_anywhere(struct gyre_addr *a)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_expect_eq(gyre_addr_parse(a, "127.0.0.1", 0), 0);
    cr_expect_eq(bind(fd, &a->is.any, a->length), 0);
    cr_expect_eq(getsockname(fd, &a->is.any, &a->length), 0);
    return fd;
}

static void expect_accepted(int fd, const struct gyre_addr *a)
{
    struct gyre_stream *one, *other;
    struct gyre_listener *l;

    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fd, &l), 0);
    cr_expect_eq(gyre_tcp_connect_to(a, &one, SOON), 0);
    cr_expect_eq(gyre_accept(l, &other, SOON), 0);
    expect_conversation(one, other);
    gyre_close(one);
    gyre_close(other);
    gyre_listener_close(l);
}

CLAIM_ON_LOOPBACK(pass, a_socket_that_listens_accepts_where_it_was_passed_to)
{
    struct gyre_addr a;
    int fd = bind_anywhere(&a);

    open_pair();
    cr_expect_eq(listen(fd, 8), 0);
    expect_accepted(pass_on(fd), &a);
    close_pair();
}

CLAIM_ON_LOOPBACK(pass, a_socket_that_is_bound_listens_where_it_was_passed_to)
{
    struct gyre_addr a;
    int fd = bind_anywhere(&a);

    open_pair();
    fd = pass_on(fd);
    cr_expect_eq(listen(fd, 8), 0);
    expect_accepted(fd, &a);
    close_pair();
}

/* One descriptor, or none, that comes with a byte; and goes with one. */
union one_descriptor {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static int receive_one(int from)
{
    union one_descriptor c;
    char byte;
    struct msghdr m = {.msg_iov = &(struct iovec){&byte, 1},
                       .msg_iovlen = 1,
                       .msg_control = c.bytes,
                       .msg_controllen = sizeof c.bytes};
    int fd = -1;

    if (recvmsg(from, &m, 0) == 1 && CMSG_FIRSTHDR(&m) != NULL)
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

static bool send_one(int to, int fd)
{
    union one_descriptor c = {.head = {.cmsg_len = CMSG_LEN(sizeof fd),
                                       .cmsg_level = SOL_SOCKET,
                                       .cmsg_type = SCM_RIGHTS}};
    struct msghdr m = {.msg_iov = &(struct iovec){"x", 1},
                       .msg_iovlen = 1,
                       .msg_control = c.bytes,
                       .msg_controllen = sizeof c.bytes};

    memcpy(CMSG_DATA(&c.head), &fd, sizeof fd);
    return sendmsg(to, &m, 0) == 1;
}

/* What the child of a fork has: a plain socket, and where to connect. */
static int plain;
static struct gyre_addr where;

/* Write into what comes. */
static int write_into_it(void)
{
    int fd = receive_one(plain);

    return fd >= 0 && write(fd, "hello", 5) == 5 ? 0 : 1;
}

static int hand_a_connection_over(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, &where.is.any, where.length) != 0)
        return 1;
    return send_one(plain, fd) ? 0 : 2;
}

/* A stream of ours, of which `plain` is the other end. */
static void open_to_a_child(void)
{
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    plain = fds[1];
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fds[0], &theirs), 0);
}

CLAIM_ON_LOOPBACK(pass, descriptors_go_to_another_process)
{
    struct gyre_descriptors d = {.n = 1};
    int pipe_of[2];
    char buf[5];

    open_to_a_child();
    cr_expect_eq(pipe(pipe_of), 0);
    d.fd[0] = pipe_of[1];
    cr_expect_eq(gyre_send_descriptors(theirs, "x", 1, &d, SOON), 0);
    close(pipe_of[1]);
    fork_and_expect(write_into_it);
    cr_expect_eq(read(pipe_of[0], buf, 5), 5);
    cr_expect_eq(memcmp(buf, "hello", 5), 0);
    close(pipe_of[0]);
    close(plain);
    gyre_close(theirs);
}

CLAIM_ON_LOOPBACK(pass, descriptors_come_from_another_process)
{
    struct gyre_stream *here, *there;
    struct gyre_descriptors d;
    struct gyre_listener *l;
    char byte;
    int port;

    open_to_a_child();
    l = listen_anywhere(&port);
    cr_expect_eq(gyre_listener_addr(l, &where), 0);
    fork_and_expect(hand_a_connection_over);
    cr_expect_eq(gyre_receive_descriptors(theirs, &byte, 1, &d, SOON), 1);
    cr_expect_eq(d.n, 1);
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), d.fd[0], &here), 0);
    cr_expect_eq(gyre_accept(l, &there, SOON), 0);
    expect_conversation(here, there);
    gyre_close(here);
    gyre_close(there);
    gyre_listener_close(l);
    close(plain);
    gyre_close(theirs);
}
