/*
 * test_shortage.c - the claims of tcp.h about accepting when something runs
 * out.  The pauses a listener makes then are of the real clock, for descriptors
 * are the system's; the shortest that prove anything are waited out.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "task/future.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_listener *listener;
static int port;

static void expect_reset(int fd)
{
    char byte;

    cr_expect_eq(receive_raw(fd, &byte, 1), -ECONNRESET);
    close(fd);
}

static void expect_accepted(int fd)
{
    struct gyre_stream *s;
    char byte = '?';

    cr_expect_eq(gyre_accept(listener, &s, SOON), 0);
    cr_expect_eq(send(fd, "x", 1, 0), 1);
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 1);
    cr_expect_eq(byte, 'x');
    gyre_close(s);
    close(fd);
}

/* ---- descriptors ---- */

static bool waits(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 0;
}

/* Nothing is accepted, but who waits is told, and so are we, once.  Between one
   and the next is a pause, so that a slow machine needs more attempts. */
static void run_out(int clients)
{
    int fds[4], before = told.times;
    struct gyre_stream *s;

    for (int i = 0; i < clients; i++)
        fds[i] = connect_to_port(port);
    use_up_descriptors();
    do
        cr_expect_eq(gyre_accept(listener, &s, gyre_in(20 * MS)), -ETIMEDOUT);
    while (waits(fds[clients - 1]));
    for (int i = 0; i < clients; i++)
        expect_reset(fds[i]);
    cr_expect_eq(told.times, before + 1);
    cr_expect_eq(told.err, -EMFILE);
    cr_expect_str_eq(told.what, "a connection was turned away");
    give_back_descriptors();
}

CLAIM_ON_LOOPBACK(shortage, is_told_once_each_time_and_ends_by_itself)
{
    hear_failures();
    listener = listen_anywhere(&port);
    for (int i = 0; i < 2; i++) {
        run_out(2);
        expect_accepted(connect_to_port(port));
        expect_accepted(connect_to_port(port));
    }
    cr_expect_eq(told.times, 2);
    gyre_listener_close(listener);
}

/* Not even the reserve can be had again when it was given up, as when another
   thread takes it. */
CLAIM_ON_LOOPBACK(shortage, gets_its_reserve_back_when_that_was_lost)
{
    int before = faults_descriptors(), lowest = dup(0), fd;
    struct gyre_stream *s;

    hear_failures();
    close(lowest);
    listener = listen_anywhere(&port);
    cr_expect_eq(faults_descriptors(), before + 2);
    fd = connect_to_port(port);
    limit_descriptors(lowest);
    cr_expect_eq(gyre_accept(listener, &s, gyre_in(5 * MS)), -ETIMEDOUT);
    limit_descriptors(-1);
    cr_expect_eq(faults_descriptors(), before + 2, "the reserve is not lost");
    expect_accepted(fd);
    cr_expect_eq(faults_descriptors(), before + 2);
    run_out(1);
    expect_accepted(connect_to_port(port));
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(shortage, gets_a_reserve_that_was_not_to_be_had_at_first)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct gyre_addr a;

    hear_failures();
    gyre_addr_parse(&a, "127.0.0.1", 0);
    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(listen(fd, 5), 0);
    use_up_descriptors();
    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fd, &listener), 0);
    give_back_descriptors();
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    port = gyre_addr_port(&a);
    expect_accepted(connect_to_port(port));
    run_out(1);
    gyre_listener_close(listener);
}

/* ---- told, and closing the listener at that ---- */

static void close_at_once(struct gyre_failure_hook *h, const char *what,
                          int err)
{
    (void)h;
    (void)what;
    told.err = err;
    gyre_listener_close(listener);
    listener = NULL;
}

static void close_upon_failure(void)
{
    static struct gyre_failure_hook hook = {.failed = close_at_once};

    told = (struct told){0};
    gyre_loop_on_failure(gyre_loop_current(), &hook);
}

static void expect_sent_home(int err)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_accept(listener, &s, SOON), -EBADF);
    cr_expect_eq(told.err, err);
    cr_expect_null(listener);
}

/* What is closed is freed, so a build with SAN=address sees who touches it. */
CLAIM_ON_LOOPBACK(shortage, of_descriptors_may_have_the_listener_closed)
{
    int fd;

    close_upon_failure();
    listener = listen_anywhere(&port);
    fd = connect_to_port(port);
    use_up_descriptors();
    expect_sent_home(-EMFILE);
    give_back_descriptors();
    close(fd);
}

/* ---- memory, and stacks ---- */

static bool failing;

/* Fails once, when it is to. */
static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    (void)a;
    if (failing && p == NULL && size > 0) {
        failing = false;
        return NULL;
    }
    return gyre_resize(NULL, p, old, size);
}

static intptr_t echo(struct gyre_stream *s, void *arg)
{
    char byte;
    ssize_t n;

    (void)arg;
    while ((n = gyre_read(s, &byte, 1, GYRE_FOREVER)) > 0) {
        int err = gyre_write(s, &byte, 1, GYRE_FOREVER);

        if (err)
            return err;
    }
    return n;
}

static intptr_t serve(void *arg)
{
    (void)arg;
    return gyre_tcp_serve(listener, echo, NULL, GYRE_FOREVER);
}

static void expect_served(int fd)
{
    char byte = '?';

    cr_expect_eq(send(fd, "x", 1, 0), 1);
    cr_expect_eq(receive_raw(fd, &byte, 1), 1);
    cr_expect_eq(byte, 'x');
}

static void lack_memory_once(void)
{
    struct gyre_scope s;
    int fds[2];

    hear_failures();
    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, serve, NULL);
    fds[0] = connect_to_port(port);
    expect_served(fds[0]);
    failing = true;
    expect_reset(connect_to_port(port));
    cr_expect_eq(told.times, 1);
    cr_expect_eq(told.err, -ENOMEM);
    fds[1] = connect_to_port(port);
    for (int i = 0; i < 2; i++) {
        expect_served(fds[i]);
        close(fds[i]);
    }
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_listener_close(listener);
}

static void lack_memory_and_close(void)
{
    int fd;

    close_upon_failure();
    listener = listen_anywhere(&port);
    fd = connect_to_port(port);
    failing = true;
    expect_sent_home(-ENOMEM);
    close(fd);
}

static void (*lack)(void);

static intptr_t run_lacking(void *arg)
{
    (void)arg;
    lack();
    return 0;
}

static void hold_where_memory_fails(void (*claim)(void))
{
    struct gyre_allocator a = {.resize = resize};
    struct gyre_run_options options = {.making.allocator = &a};
    int descriptors = faults_descriptors();
    long blocks = faults_blocks();

    lack = claim;
    cr_expect_eq(gyre_run_with(&options, run_lacking, NULL), 0);
    cr_expect_eq(faults_blocks(), blocks);
    cr_expect_eq(faults_descriptors(), descriptors);
}

Test(shortage, of_memory_costs_one_connection_and_no_other)
{
    hold_where_memory_fails(lack_memory_once);
}

Test(shortage, of_memory_may_have_the_listener_closed)
{
    hold_where_memory_fails(lack_memory_and_close);
}

enum { MOST = 900 }; /* connections there may be stacks for */

/* Connections until one is not served; how many there are. */
static int connect_until_told(int *fds)
{
    int n = 0;

    while (n < MOST && told.times == 0) {
        fds[n++] = connect_to_port(port);
        let_others_run();
    }
    cr_expect_lt(n, MOST, "there are stacks for all");
    return n;
}

static void expect_closed(int fd)
{
    char byte;

    cr_expect_eq(receive_raw(fd, &byte, 1), 0);
    close(fd);
}

CLAIM_ON_LOOPBACK(shortage, of_stacks_may_have_the_listener_closed)
{
    static int fds[MOST];
    struct gyre_future served;
    struct gyre_scope s;
    int n = 0;

    close_upon_failure();
    listener = listen_anywhere(&port);
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &served, serve, NULL);
    cr_expect_eq(gyre_yield(), 0);
    faults_in_mapping(true);
    while (n < MOST && listener != NULL) {
        fds[n++] = connect_to_port(port);
        let_others_run();
    }
    cr_expect_eq(told.err, -ENOMEM);
    faults_in_mapping(false);
    while (n > 0)
        close(fds[--n]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&served), -EBADF);
}

CLAIM_ON_LOOPBACK(shortage, of_stacks_costs_one_connection_and_takes_its_time)
{
    static int fds[MOST];
    struct gyre_scope s;
    gyre_time first;
    int n, late[2];

    hear_failures();
    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, serve, NULL);
    cr_expect_eq(gyre_yield(), 0);
    faults_in_mapping(true);
    n = connect_until_told(fds);
    cr_expect_eq(told.err, -ENOMEM);
    expect_closed(fds[--n]);
    first = told.when;
    late[0] = connect_to_port(port);
    expect_closed(late[0]);
    cr_expect_eq(told.times, 2);
    cr_expect_geq(told.when - first, 10 * MS);
    expect_served(fds[0]);
    faults_in_mapping(false);
    late[1] = connect_to_port(port);
    expect_served(late[1]);
    close(late[1]);
    while (n > 0)
        close(fds[--n]);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_listener_close(listener);
}
