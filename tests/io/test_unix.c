/*
 * test_unix.c - the claims of unix.h; and of tcp.h as they hold for local
 * sockets, which are streams as well, but no TCP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/datagram.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

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

CLAIM_ON_LOOPBACK(unix_sockets,
                  sockets_are_listened_on_connected_to_and_accepted)
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

/* ---- by a path ---- */

static char path[64];

/* A path of this process's own, at which nothing is. */
static const char *fresh_path(void)
{
    snprintf(path, sizeof path, "/tmp/gyre-unix-%d", (int)getpid());
    unlink(path);
    return path;
}

static bool is_there(void)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static struct gyre_listener *listen_at_path(const char *where)
{
    struct gyre_listener *l = NULL;

    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), where, 0, &l), 0);
    return l;
}

static void expect_connected(struct gyre_listener *l, const char *where)
{
    struct gyre_stream *one, *other;
    char buf[4];

    cr_expect_eq(gyre_unix_connect(where, &one, SOON), 0);
    cr_expect_eq(gyre_accept(l, &other, SOON), 0);
    cr_expect_eq(gyre_write(one, "ping", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(other, buf, 4, SOON), 0);
    gyre_close(one);
    gyre_close(other);
}

CLAIM_ON_LOOPBACK(unix_sockets,
                  are_listened_on_at_a_path_which_is_gone_when_closed)
{
    struct gyre_listener *l = listen_at_path(fresh_path());
    struct gyre_stream *s;

    expect_connected(l, path);
    cr_expect(is_there());
    gyre_listener_close(l);
    cr_expect(!is_there());
    cr_expect_eq(gyre_unix_connect(path, &s, SOON), -ENOENT);
}

/* Guards against a server that cannot be started again after a crash. */
CLAIM_ON_LOOPBACK(unix_sockets, that_nobody_listens_at_are_replaced)
{
    struct gyre_addr a;
    struct gyre_listener *l;
    int fd = listen_locally(SOCK_STREAM, 1, &a);

    close(fd);
    cr_expect_eq(
        gyre_unix_listen(gyre_loop_current(), a.is.local.sun_path, 0, &l), 0);
    expect_connected(l, a.is.local.sun_path);
    gyre_listener_close(l);
}

/* Guards against a server whose socket is taken by the next that starts. */
CLAIM_ON_LOOPBACK(unix_sockets, that_somebody_listens_at_are_left_alone)
{
    struct gyre_listener *l = listen_at_path(fresh_path()), *other;
    struct gyre_datagrams d;
    struct gyre_stream *s;

    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0, &other),
                 -EADDRINUSE);
    cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), path, 0),
                 -EADDRINUSE);
    cr_expect_eq(gyre_accept(l, &s, SOON), 0, "who tried has connected");
    gyre_close(s);
    expect_connected(l, path);
    gyre_listener_close(l);
    cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), path, 0), 0);
    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0, &other),
                 -EADDRINUSE);
    gyre_datagrams_close(&d);
    cr_expect(!is_there());
}

/* Guards against a path that leads to somebody's file, which would be gone. */
CLAIM_ON_LOOPBACK(unix_sockets, do_not_replace_what_is_no_socket)
{
    struct gyre_listener *l;
    int file = open(fresh_path(), O_CREAT | O_WRONLY, 0600);

    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0, &l),
                 -EADDRINUSE);
    cr_expect(is_there());
    close(file);
    unlink(path);
}

/* Guards against taking away the socket of who has come after us. */
CLAIM_ON_LOOPBACK(unix_sockets, do_not_take_away_what_another_has_put_there)
{
    struct gyre_listener *ours = listen_at_path(fresh_path()), *theirs;

    unlink(path);
    theirs = listen_at_path(path);
    gyre_listener_close(ours);
    cr_expect(is_there());
    expect_connected(theirs, path);
    gyre_listener_close(theirs);
    cr_expect(!is_there());
}

CLAIM_ON_LOOPBACK(unix_sockets, are_taken_away_wherever_the_process_has_gone)
{
    char before[1024];
    struct gyre_listener *l;

    cr_expect_not_null(getcwd(before, sizeof before));
    cr_expect_eq(chdir("/tmp"), 0);
    l = listen_at_path(fresh_path() + strlen("/tmp/"));
    cr_expect_eq(chdir("/"), 0);
    gyre_listener_close(l);
    cr_expect(!is_there());
    cr_expect_eq(chdir(before), 0);
}

/* Guards against a name that is cut to what there is room for, and is another's
   then. */
CLAIM_ON_LOOPBACK(unix_sockets, have_no_path_that_is_too_long)
{
    char longest[sizeof(struct sockaddr_un)] = "/tmp/";
    size_t room = sizeof((struct sockaddr_un *)0)->sun_path;
    struct gyre_listener *l;
    struct gyre_datagrams d;
    struct gyre_stream *s;
    struct gyre_addr a;

    memset(longest + 5, 'x', room - 5);
    longest[room] = '\0';
    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), longest, 0, &l),
                 -ENAMETOOLONG);
    cr_expect_eq(gyre_unix_connect(longest, &s, SOON), -ENAMETOOLONG);
    cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), longest, 0),
                 -ENAMETOOLONG);
    longest[room - 1] = '\0';
    cr_expect_eq(gyre_addr_unix(&a, longest), 0);
    l = listen_at_path(longest);
    expect_connected(l, longest);
    gyre_listener_close(l);
}

CLAIM_ON_LOOPBACK(unix_sockets, have_the_permissions_they_were_given)
{
    static const mode_t modes[] = {0600, 0666, 0660};
    mode_t before = umask(022);

    for (size_t i = 0; i < 2 * sizeof modes / sizeof modes[0]; i++) {
        mode_t mode = modes[i / 2];
        struct gyre_listener *l = NULL;
        struct gyre_datagrams d;
        struct stat st;

        umask(i % 2 ? 0 : 022);
        cr_expect_eq(
            gyre_unix_listen(gyre_loop_current(), fresh_path(), mode, &l), 0);
        cr_expect_eq(lstat(path, &st), 0);
        cr_expect_eq(st.st_mode & 0777, mode);
        gyre_listener_close(l);
        cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), path, mode),
                     0);
        cr_expect_eq(lstat(path, &st), 0);
        cr_expect_eq(st.st_mode & 0777, mode);
        gyre_datagrams_close(&d);
    }
    umask(before);
}

CLAIM_ON_LOOPBACK(unix_sockets, may_have_abstract_names_where_there_are_any)
{
    struct gyre_listener *l;
    struct gyre_datagrams d;
    char name[64], text[GYRE_ADDR_TEXT];
    struct gyre_addr a;
    int err;

    snprintf(name, sizeof name, "@gyre-%d", (int)getpid());
    err = gyre_addr_unix(&a, name);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), name);
    if (err == -ENOTSUP)
        return;
    cr_expect_eq(err, 0);
    l = listen_at_path(name);
    expect_connected(l, name);
    gyre_listener_close(l);
    cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), name, 0), 0);
    gyre_datagrams_close(&d);
    cr_expect_neq(access(name, F_OK), 0);
}

/* ---- what there is, and what not ---- */

CLAIM_ON_LOOPBACK(unix_sockets, are_not_to_be_had_where_no_folder_is)
{
    static const char *const nowhere = "/no/such/folder/socket";
    struct gyre_listener *l;
    struct gyre_datagrams d;
    struct gyre_stream *s;

    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), nowhere, 0, &l),
                 -ENOENT);
    cr_expect_eq(gyre_unix_datagrams(&d, gyre_loop_current(), nowhere, 0),
                 -ENOENT);
    cr_expect_eq(gyre_unix_connect(nowhere, &s, SOON), -ENOENT);
}

CLAIM_ON_LOOPBACK(unix_sockets, that_are_files_are_not_connected_to)
{
    int file = open(fresh_path(), O_CREAT | O_WRONLY, 0600), err;
    struct gyre_stream *s;

    err = gyre_unix_connect(path, &s, SOON);
    cr_expect(err == -ECONNREFUSED || err == -ENOTSOCK, "%d", err);
    close(file);
    unlink(path);
}

CLAIM_ON_LOOPBACK(unix_sockets, know_where_they_are)
{
    struct gyre_listener *l = listen_at_path(fresh_path());
    struct gyre_stream *one, *other;
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr a;

    cr_expect_eq(gyre_unix_connect(path, &one, SOON), 0);
    cr_expect_eq(gyre_accept(l, &other, SOON), 0);
    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), path);
    cr_expect_eq(gyre_stream_peer(one, &a), 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), path);
    cr_expect_eq(gyre_stream_local(other, &a), 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), path);
    cr_expect_eq(gyre_stream_local(one, &a), 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), "");
    gyre_close(one);
    gyre_close(other);
    gyre_listener_close(l);
}

/* As long as may be, it is told to the last letter. */
CLAIM_ON_LOOPBACK(unix_sockets, know_a_path_that_leaves_no_room)
{
    char longest[sizeof(((struct sockaddr_un *)0)->sun_path)] = "/tmp/";
    char text[GYRE_ADDR_TEXT];
    struct gyre_listener *l;
    struct gyre_addr a;

    memset(longest + 5, 'y', sizeof longest - 6);
    l = listen_at_path(longest);
    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), longest);
    gyre_listener_close(l);
}

/* ---- by callbacks ---- */

enum { CLIENTS = 8 };

static struct gyre_stream *connected[CLIENTS], *accepted[CLIENTS];
static int n_connected, n_accepted, failure;

static void tell(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    if (err == 0)
        connected[n_connected++] = s;
    failure = err;
}

static void take(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    (void)a;
    cr_expect_eq(err, 0);
    accepted[n_accepted++] = s;
}

CLAIM_ON_LOOPBACK(unix_sockets, have_as_many_clients_as_come)
{
    struct gyre_listener *l = listen_at_path(fresh_path());
    struct gyre_accepting a = {.accepted = take};
    struct gyre_connecting c[CLIENTS];
    struct gyre_addr to;

    cr_expect_eq(gyre_addr_unix(&to, path), 0);
    cr_expect_eq(gyre_accepting_start(&a, l), 0);
    for (int i = 0; i < CLIENTS; i++) {
        c[i] = (struct gyre_connecting){.connected = tell};
        cr_expect_eq(gyre_connecting_start(&c[i], gyre_loop_current(), &to), 0);
    }
    wait_until(n_connected == CLIENTS && n_accepted == CLIENTS);
    cr_expect_eq(failure, 0);
    for (int i = 0; i < CLIENTS; i++) {
        gyre_close(connected[i]);
        gyre_close(accepted[i]);
    }
    gyre_listener_close(l);
}

CLAIM_ON_LOOPBACK(unix_sockets, tell_callbacks_that_nothing_is_there)
{
    struct gyre_connecting c = {.connected = tell};
    struct gyre_addr to;

    cr_expect_eq(gyre_addr_unix(&to, fresh_path()), 0);
    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    cr_expect_eq(failure, 0, "not inside of the call");
    wait_until(failure != 0);
    cr_expect_eq(failure, -ENOENT);
    cr_expect_eq(n_connected, 0);
}

CLAIM_ON_LOOPBACK(unix_sockets, that_are_closed_let_go_of_who_waits)
{
    struct gyre_listener *l = listen_at_path(fresh_path());
    struct gyre_stream *s;
    ssize_t n;
    char byte;

    cr_expect_eq(gyre_unix_connect(path, &s, SOON), 0);
    gyre_listener_close(l);
    n = gyre_read(s, &byte, 1, SOON);
    cr_expect(n == 0 || n == -ECONNRESET, "%zd", n);
    gyre_close(s);
}

/* ---- pairs ---- */

CLAIM_ON_LOOPBACK(unix_sockets, come_in_pairs)
{
    struct gyre_stream *ends[2];
    char buf[4];

    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    cr_expect_eq(gyre_write(ends[0], "ping", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(ends[1], buf, 4, SOON), 0);
    gyre_close(ends[0]);
    cr_expect_eq(gyre_read(ends[1], buf, 4, SOON), 0);
    gyre_close(ends[1]);
}

CLAIM_ON_LOOPBACK(unix_sockets, know_who_is_at_the_other_end)
{
    struct gyre_stream *ends[2];
    struct gyre_credentials who = {0};
    int err;

    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    err = gyre_unix_credentials(ends[0], &who);
    if (err != -ENOTSUP) {
        cr_expect_eq(err, 0);
        cr_expect(who.pid == getpid() || who.pid == 0);
        cr_expect_eq(who.uid, geteuid());
        cr_expect_eq(who.gid, getegid());
    }
    gyre_close(ends[0]);
    gyre_close(ends[1]);
    connect_pair(&ends[0], &ends[1]);
    cr_expect_eq(gyre_unix_credentials(ends[0], &who), -ENOTSUP);
    gyre_close(ends[0]);
    gyre_close(ends[1]);
}

static int listen_for_a_moment(void)
{
    struct gyre_listener *l;
    int err = gyre_unix_listen(gyre_loop_current(), path, 0, &l);

    if (err == 0)
        gyre_listener_close(l);
    cr_expect(!is_there());
    return err;
}

static int pair_for_a_moment(void)
{
    struct gyre_stream *ends[2];
    int err = gyre_unix_pair(gyre_loop_current(), ends);

    if (err)
        return err;
    gyre_close(ends[0]);
    gyre_close(ends[1]);
    return 0;
}

CLAIM_ON_LOOPBACK(unix_sockets, leave_nothing_when_they_cannot_be_had)
{
    fresh_path();
    cr_expect_gt(faults_in_memory(listen_for_a_moment), 0);
    cr_expect_gt(faults_in_descriptors(listen_for_a_moment), 0);
    cr_expect_gt(faults_in_memory(pair_for_a_moment), 0);
    cr_expect_gt(faults_in_descriptors(pair_for_a_moment), 0);
}
