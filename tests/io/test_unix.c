/*
 * test_local.c - the claims of tcp.h as they hold for local sockets, which are
 * streams as well, but no TCP.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"

TestSuite(unix_sockets, .timeout = 60);

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

/* A socket that listens at a name of its own, in the file system. */
static int listen_locally(int type, int backlog, struct gyre_addr *a)
{
    int fd = socket(AF_UNIX, type, 0);

    *a = (struct gyre_addr){.length = sizeof a->is.local};
    a->is.local.sun_family = AF_UNIX;
    snprintf(a->is.local.sun_path, sizeof a->is.local.sun_path,
             "/tmp/gyre-test-%d.sock", (int)getpid());
    unlink(a->is.local.sun_path);
    cr_expect_eq(bind(fd, &a->is.any, a->length), 0);
    cr_expect_eq(listen(fd, backlog), 0);
    return fd;
}

static struct gyre_listener *adopt(struct gyre_addr *a)
{
    struct gyre_listener *l = NULL;

    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(),
                                     listen_locally(SOCK_STREAM, 8, a), &l),
                 0);
    return l;
}

CLAIM_ON_LOOPBACK(unix_sockets, sockets_that_carry_packets_are_not_listened_on)
{
    struct gyre_addr a;
    struct gyre_listener *l;
    int fd = listen_locally(SOCK_SEQPACKET, 8, &a);

    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fd, &l), -EINVAL);
    close(fd);
    unlink(a.is.local.sun_path);
}

CLAIM_ON_LOOPBACK(unix_sockets, sockets_are_listened_on_connected_to_and_accepted)
{
    struct gyre_stream *ours, *theirs;
    struct gyre_addr a, same;
    struct gyre_listener *l = adopt(&a);
    char one[GYRE_ADDR_TEXT], other[GYRE_ADDR_TEXT], buf[4];

    cr_expect_eq(gyre_listener_addr(l, &same), 0);
    cr_expect_str_eq(gyre_addr_format(&a, one, sizeof one),
                     gyre_addr_format(&same, other, sizeof other));
    cr_expect_eq(gyre_tcp_connect_to(&a, &ours, SOON), 0);
    cr_expect_eq(gyre_accept(l, &theirs, SOON), 0);
    cr_expect_eq(gyre_stream_peer(ours, &same), 0);
    cr_expect_str_eq(gyre_addr_format(&same, other, sizeof other), one);
    cr_expect_eq(gyre_write(ours, "ping", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(theirs, buf, 4, SOON), 0);
    gyre_close(ours);
    cr_expect_eq(gyre_read(theirs, buf, 4, SOON), 0);
    gyre_close(theirs);
    gyre_listener_close(l);
    unlink(a.is.local.sun_path);
}

/* Send a byte, and the descriptor `fd` with it. */
static void pass(int to, int fd)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {"a", 1};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof(int));
    cr_expect_eq(sendmsg(to, &m, 0), 1);
}

/* A read ends after bytes that a descriptor came with, however many more there
   are: being short means nothing here. */
CLAIM_ON_LOOPBACK(unix_sockets, reads_are_short_and_lose_nothing)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct gyre_stream *s;
    struct gyre_addr a;
    struct gyre_listener *l = adopt(&a);
    char buf[64];

    cr_expect_eq(connect(fd, &a.is.any, a.length), 0);
    cr_expect_eq(gyre_accept(l, &s, SOON), 0);
    cr_expect_eq(gyre_read(s, buf, 64, gyre_in(MS)), -ETIMEDOUT);
    pass(fd, fd);
    cr_expect_eq(send(fd, "bcdef", 5, 0), 5);
    cr_expect_eq(gyre_read(s, buf, 64, SOON), 1);
    cr_expect_eq(gyre_read(s, buf, 64, SOON), 5);
    close(fd);
    gyre_close(s);
    gyre_listener_close(l);
    unlink(a.is.local.sun_path);
}

/* The system says EAGAIN, as of a call that goes on, but none does. */
CLAIM_ON_LOOPBACK(unix_sockets, connecting_fails_when_too_many_wait)
{
    struct gyre_stream *s[8];
    struct gyre_addr a;
    int fd = listen_locally(SOCK_STREAM, 0, &a), n = 0, err = 0;

    while (n < 8 && (err = gyre_tcp_connect_to(&a, &s[n], SOON)) == 0)
        n++;
    cr_expect_eq(err, -ECONNREFUSED);
    cr_expect_geq(n, 1);
    while (n > 0)
        gyre_close(s[--n]);
    close(fd);
    cr_expect_eq(gyre_tcp_connect_to(&a, &s[0], SOON), -ECONNREFUSED);
    unlink(a.is.local.sun_path);
    cr_expect_eq(gyre_tcp_connect_to(&a, &s[0], SOON), -ENOENT);
}
