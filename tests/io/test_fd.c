/*
 * test_fd.c - the claims of fd.h, on pipes, files and sockets.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/fd.h"
#include "tests/io/loopback.h"
#include "tests/support/calls.h"
#include "tests/support/network.h"
#include "tests/task/world.h"

#define MS GYRE_MILLISECOND

static struct gyre_fd in, out;

static void open_pipe(void)
{
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_fd_nonblocking(fds[i]), 0);
    gyre_fd_open(&in, gyre_loop_current(), fds[0], GYRE_FD_OTHER);
    gyre_fd_open(&out, gyre_loop_current(), fds[1], GYRE_FD_OTHER);
}

static void close_pipe(void)
{
    gyre_fd_close(&in);
    gyre_fd_close(&out);
}

static ssize_t put(const char *text, gyre_time deadline)
{
    struct iovec iov = {(void *)text, strlen(text)};

    return gyre_fd_writev(&out, &iov, 1, deadline);
}

CLAIM_ON_LOOPBACK(fd, is_closed_on_exec_and_does_not_block)
{
    open_pipe();
    cr_expect(fcntl(in.fd, F_GETFL) & O_NONBLOCK);
    cr_expect(fcntl(in.fd, F_GETFD) & FD_CLOEXEC);
    close_pipe();
    gyre_fd_close(&in);
    cr_expect_eq(gyre_fd_release(&in), -EBADF);
    cr_expect_eq(gyre_fd_nonblocking(-1), -EBADF);
}

static intptr_t write_later(void *text)
{
    let_all_settle();
    cr_expect_eq(put(text, GYRE_FOREVER), (ssize_t)strlen(text));
    return 0;
}

CLAIM_ON_LOOPBACK(fd, reads_a_pipe_when_there_is_something_and_to_its_end)
{
    struct gyre_scope s;
    char buf[8];

    open_pipe();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_later, "hello");
    cr_expect_eq(gyre_fd_read(&in, buf, 8, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_fd_read(&in, buf, 8, GYRE_FOREVER), 5);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_fd_close(&out);
    cr_expect_eq(gyre_fd_read(&in, buf, 8, GYRE_FOREVER), 0);
    close_pipe();
}

CLAIM_ON_LOOPBACK(fd, writes_a_pipe_without_a_signal)
{
    sigset_t pending;

    open_pipe();
    gyre_fd_close(&in);
    cr_expect_eq(put("x", GYRE_FOREVER), -EPIPE);
    sigpending(&pending);
    cr_expect(!sigismember(&pending, SIGPIPE));
    close_pipe();
}

/* Both ways of one descriptor are watched together: what the system will not
   watch takes the other along.  (kqueue is asked by another call, which does
   not fail.) */
static intptr_t read_one(void *arg)
{
    char byte;

    (void)arg;
    cr_expect_eq(gyre_fd_read(&in, &byte, 1, gyre_in(20 * GYRE_SECOND)), 1);
    return 0;
}

CLAIM_ON_LOOPBACK(fd, that_cannot_be_watched_to_write_still_wakes_who_reads)
{
    static char bytes[1 << 20];
    struct iovec iov = {bytes, sizeof bytes};
    struct gyre_scope s;
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_expect_eq(gyre_fd_nonblocking(fds[0]), 0);
    gyre_fd_open(&in, gyre_loop_current(), fds[0], GYRE_FD_OTHER);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, NULL);
    let_all_settle();
    while (gyre_fd_writev(&in, &iov, 1, GYRE_NOW) > 0)
        calls_begin(CALL_EPOLL_CTL, 0, EPERM, false);
    calls_end();
    cr_expect_eq(write(fds[1], "x", 1), 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_fd_close(&in);
    close(fds[1]);
}

CLAIM_ON_LOOPBACK(fd, has_a_writer_wait_for_a_full_pipe)
{
    static char bytes[1 << 20];
    struct iovec iov = {bytes, sizeof bytes};
    size_t total = 0;
    ssize_t n;

    open_pipe();
    while ((n = gyre_fd_writev(&out, &iov, 1, GYRE_NOW)) > 0)
        total += (size_t)n;
    cr_expect_eq(n, -ETIMEDOUT);
    cr_expect_eq(gyre_fd_writev(&out, &iov, 1, gyre_in(5 * MS)), -ETIMEDOUT);
    while (total > 0) {
        n = gyre_fd_read(&in, bytes, sizeof bytes, GYRE_FOREVER);
        cr_expect_gt(n, 0);
        total -= (size_t)n;
    }
    cr_expect_eq(put("x", GYRE_FOREVER), 1);
    close_pipe();
}

/* ---- what cannot be polled ---- */

CLAIM_ON_LOOPBACK(fd, takes_files_and_devices_for_always_ready)
{
    static const char *const paths[] = {"/dev/null", "/dev/zero",
                                        "/etc/passwd"};
    char buf[4];

    for (int i = 0; i < 3; i++) {
        int fd = open(paths[i], O_RDONLY | O_NONBLOCK);

        gyre_fd_open(&in, gyre_loop_current(), fd, GYRE_FD_OTHER);
        cr_expect_eq(gyre_fd_read(&in, buf, 4, GYRE_FOREVER), i == 0 ? 0 : 4);
        gyre_fd_close(&in);
    }
}

/* ---- closing ---- */

static intptr_t read_closed(void *arg)
{
    char byte;

    (void)arg;
    return gyre_fd_read(&in, &byte, 1, GYRE_FOREVER) == -EBADF ? 0 : -EIO;
}

CLAIM_ON_LOOPBACK(fd, wakes_who_waits_when_it_is_closed)
{
    struct gyre_scope s;

    open_pipe();
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, read_closed, NULL);
    let_all_settle();
    cr_expect(gyre_fd_has_reader(&in));
    gyre_fd_close(&in);
    memset(&in, 0xff, sizeof in);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_fd_close(&out);
}

CLAIM_ON_LOOPBACK(fd, gives_back_a_descriptor_that_is_still_open)
{
    char byte;
    int fd;

    open_pipe();
    cr_expect_eq(gyre_fd_read(&in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    fd = gyre_fd_release(&in);
    cr_expect_eq(put("x", GYRE_FOREVER), 1);
    cr_expect_eq(read(fd, &byte, 1), 1);
    close(fd);
    close_pipe();
}

/* ---- turns ---- */

static char order[16];

static intptr_t read_named(void *name)
{
    char byte;

    if (gyre_fd_read(&in, &byte, 1, GYRE_FOREVER) == 1)
        strncat(order, name, 1);
    return 0;
}

static intptr_t read_for_ever(void *arg)
{
    char byte;

    (void)arg;
    return gyre_fd_read(&in, &byte, 1, GYRE_FOREVER);
}

CLAIM_ON_LOOPBACK(fd, keeps_the_loop_alive_unless_the_task_is_in_the_background)
{
    struct gyre_spawn_options options = {0};

    open_pipe();
    for (int i = 0; i < 2; i++) {
        struct gyre_scope s;

        options.background = i == 1;
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn_with(&s, NULL, read_for_ever, NULL, &options);
        cr_expect_eq(gyre_yield(), 0);
        cr_expect_eq(gyre_loop_alive(gyre_loop_current()), i == 0);
        gyre_scope_cancel(&s);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
    close_pipe();
}

CLAIM_ON_LOOPBACK(fd, serves_readers_in_order_of_arrival)
{
    static char names[] = "abcd";
    struct gyre_scope s;

    open_pipe();
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, read_named, &names[i]);
    let_all_settle();
    cr_expect_eq(put("12", GYRE_FOREVER), 2);
    let_all_settle();
    cr_expect_eq(put("34", GYRE_FOREVER), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_str_eq(order, "abcd");
    close_pipe();
}

/* Who has been woken has yet to run: what there is may be read at once, but not
   by who comes later. */
CLAIM_ON_LOOPBACK(fd, has_nobody_overtake_who_was_woken)
{
    static char name = 'a';
    struct gyre_scope s;
    char byte;

    open_pipe();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_named, &name);
    let_all_settle();
    cr_expect_eq(put("1", GYRE_NOW), 1);
    gyre_fd_nudge(&in, GYRE_READ);
    cr_expect_eq(gyre_fd_read(&in, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_fd_read(&in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_str_eq(order, "a");
    close_pipe();
}

/* ---- giving way ---- */

enum { CREDITS = 32 };

static int times_read; /* so far */
static ssize_t ended;

static intptr_t read_on_and_on(void *arg)
{
    char byte;

    (void)arg;
    while ((ended = gyre_fd_read(&in, &byte, 1, GYRE_FOREVER)) == 1)
        times_read++;
    return 0;
}

static void put_more_than_credits(void)
{
    for (int i = 0; i < 2 * CREDITS; i++)
        cr_expect_eq(put("1", GYRE_NOW), 1);
}

/* What is in its place is another by then, and has something to read. */
static intptr_t open_another_in_its_place(void *arg)
{
    (void)arg;
    cr_expect_eq(times_read, CREDITS);
    close_pipe();
    open_pipe();
    put_more_than_credits();
    return 0;
}

CLAIM_ON_LOOPBACK(fd, is_let_go_by_who_gives_way_while_it_is_closed)
{
    struct gyre_scope s;

    times_read = 0;
    open_pipe();
    put_more_than_credits();
    gyre_scope_open(&s, gyre_in(GYRE_SECOND));
    gyre_spawn(&s, NULL, read_on_and_on, NULL);
    gyre_spawn(&s, NULL, open_another_in_its_place, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(ended, -EBADF);
    cr_expect_eq(times_read, CREDITS);
    close_pipe();
}

/* ---- calls of others ---- */

static intptr_t peek(struct gyre_fd *f, void *buf)
{
    ssize_t n = recv(f->fd, buf, 4, MSG_PEEK);

    return n < 0 ? -errno : n;
}

CLAIM_ON_LOOPBACK(fd, makes_any_call_that_blocks)
{
    struct gyre_fd f;
    char buf[4];
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_expect_eq(gyre_fd_nonblocking(fds[0]), 0);
    gyre_fd_open(&f, gyre_loop_current(), fds[0], GYRE_FD_SOCKET);
    cr_expect_eq(gyre_fd_try(&f, GYRE_READ, peek, buf, gyre_in(MS)),
                 -ETIMEDOUT);
    cr_expect_eq(send(fds[1], "abc", 3, 0), 3);
    cr_expect_eq(gyre_fd_try(&f, GYRE_READ, peek, buf, GYRE_FOREVER), 3);
    cr_expect_eq(gyre_fd_read(&f, buf, 4, GYRE_FOREVER), 3);
    gyre_fd_close(&f);
    close(fds[1]);
}

static intptr_t count_and_block(struct gyre_fd *f, void *count)
{
    (void)f;
    ++*(int *)count;
    return -EAGAIN;
}

CLAIM_ON_LOOPBACK(fd, that_blocked_is_not_asked_again_but_by_who_does_not_wait)
{
    static const int asked[] = {1, 1, 2};
    int count = 0;

    open_pipe();
    for (int i = 0; i < 3; i++) {
        gyre_time deadline = i == 2 ? GYRE_NOW : gyre_in(MS);

        cr_expect_eq(
            gyre_fd_try(&in, GYRE_READ, count_and_block, &count, deadline),
            -ETIMEDOUT);
        cr_expect_eq(count, asked[i]);
    }
    close_pipe();
}

/* The system gives a connection up, while the caller has any amount of
   patience. */
CLAIM_ON_LOOPBACK(fd, says_of_a_connection_that_is_given_up_that_it_is_lost)
{
    struct gyre_stream *ours, *theirs;
    struct iovec pieces[2] = {{"a", 1}, {"b", 1}};
    FILE *f = tmpfile();
    char byte;

    putc('x', f);
    fflush(f);
    connect_pair(&ours, &theirs);
    network_loss = ETIMEDOUT;
    cr_expect_eq(gyre_read(ours, &byte, 1, GYRE_FOREVER), -ECONNRESET);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), -ECONNRESET);
    cr_expect_eq(gyre_writev(ours, pieces, 2, GYRE_FOREVER), -ECONNRESET);
    cr_expect_eq(gyre_send_file(ours, fileno(f), 0, 1, GYRE_FOREVER),
                 -ECONNRESET);
    gyre_close(ours);
    gyre_close(theirs);
    fclose(f);
}

/* ---- followed ---- */

static int turns;
static char latest;

static void take_turn(struct gyre_job *j)
{
    char byte;

    (void)j;
    turns++;
    if (gyre_fd_read(&in, &byte, 1, GYRE_NOW) == 1)
        latest = byte;
}

CLAIM_ON_LOOPBACK(fd, is_followed_through_news_that_the_loop_cannot_tell)
{
    struct gyre_job job = {.run = take_turn};

    open_pipe();
    cr_expect_eq(gyre_fd_follow(&in, &job), 0);
    let_all_settle();
    cr_expect_eq(turns, 1);
    gyre_fd_nudge(&in, GYRE_READ);
    cr_expect_eq(turns, 1, "inside of the nudge");
    let_all_settle();
    cr_expect_eq(turns, 2);
    for (const char *c = "ab"; *c != '\0'; c++) {
        cr_expect_eq(put((char[]){*c, '\0'}, GYRE_FOREVER), 1);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        cr_expect_eq(latest, *c);
    }
    gyre_fd_forget(&in, GYRE_READ);
    gyre_job_stop(gyre_loop_current(), &job);
    close_pipe();
}

/* ---- what it costs ---- */

static const struct gyre_poller_ops *beneath;
static int registrations;

static int count_set(struct gyre_poller *p, int fd, uint64_t tag, unsigned old,
                     unsigned new)
{
    registrations += new != 0;
    return beneath->set(p, fd, tag, old, new);
}

CLAIM_ON_LOOPBACK(fd, registers_a_connection_once)
{
    struct gyre_stream *ours, *theirs;
    char byte;

    connect_pair(&ours, &theirs);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(gyre_read(theirs, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
        cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), 0);
        cr_expect_eq(gyre_read(theirs, &byte, 1, GYRE_FOREVER), 1);
    }
    gyre_close(ours);
    gyre_close(theirs);
}

/* The claim above, on a poller that counts. */
static intptr_t converse(void *arg)
{
    (void)arg;
    registers_a_connection_once();
    return 0;
}

Test(fd, asks_the_poller_once_for_a_connection)
{
    struct gyre_run_options options = {.ignore_interrupt = true};
    struct gyre_poller_ops counting;
    struct gyre_poller *p;

    cr_assert_eq(gyre_poller_new(&p), 0);
    beneath = p->ops;
    counting = *beneath;
    counting.set = count_set;
    p->ops = &counting;
    options.making.poller = p;
    cr_expect_eq(gyre_run_with(&options, converse, NULL), 0);

    /* The listener, the two ends; nothing for the ten reads and writes. */
    cr_expect_leq(registrations, 3);
}

/* What failed on the way to being opened is closed with the rest; and the
   number in it, 0, is somebody else's. */
Test(fd, a_zeroed_one_is_closed)
{
    struct gyre_fd f = {0};
    struct gyre_datagrams d = {0};
    int before = fcntl(0, F_GETFD);

    gyre_fd_close(&f);
    gyre_datagrams_close(&d);
    cr_expect_eq(gyre_fd_release(&f), -EBADF);
    cr_expect_eq(fcntl(0, F_GETFD), before);
}
