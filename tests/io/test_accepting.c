/*
 * test_accepting.c - the claims of accepting.h and connecting.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_listener *listener;
static int port;

/* What has been told. */
static struct {
    struct gyre_event news;
    struct gyre_stream *streams[8];
    int n, err;
} heard;

static void hear(struct gyre_stream *s, int err)
{
    if (err == 0)
        heard.streams[heard.n++] = s;
    else
        cr_expect_null(s);
    heard.err = err;
    gyre_event_set(&heard.news);
}

static void wait_for_news(void)
{
    cr_expect_eq(gyre_event_wait(&heard.news, SOON), 0);
    gyre_event_clear(&heard.news);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    cr_expect_eq(gyre_accepting_started(a), err == 0);
    hear(s, err);
}

static void connected(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    cr_expect(!gyre_connecting_started(c));
    hear(s, err);
}

static void wait_for_streams(int n)
{
    while (heard.n < n)
        wait_for_news();
    cr_expect_eq(heard.n, n);
    cr_expect_eq(heard.err, 0);
}

static void close_all(void)
{
    for (int i = 0; i < heard.n; i++)
        gyre_close(heard.streams[i]);
    heard.n = 0;
}

/* ---- accepting ---- */

CLAIM_ON_LOOPBACK(accepting, tells_of_each_connection_as_it_comes)
{
    struct gyre_accepting a = {.accepted = accepted};
    int fds[3];

    listener = listen_anywhere(&port);
    for (int i = 0; i < 2; i++)
        fds[i] = connect_to_port(port);
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    cr_expect_eq(heard.n, 0);
    wait_for_streams(2);
    fds[2] = connect_to_port(port);
    wait_for_streams(3);
    gyre_accepting_stop(&a);
    gyre_accepting_stop(&a);
    close_all();
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    gyre_listener_close(listener);
}

static intptr_t accept_one(void *arg)
{
    struct gyre_stream *s = NULL;
    int err = gyre_accept(listener, &s, SOON);

    (void)arg;
    gyre_close(s);
    return err;
}

CLAIM_ON_LOOPBACK(accepting, is_in_the_place_of_tasks)
{
    struct gyre_accepting a = {.accepted = accepted}, b = a;
    struct gyre_scope s;
    int fd;

    listener = listen_anywhere(&port);
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    cr_expect_eq(gyre_accepting_start(&b, listener), -EBUSY);
    cr_expect_eq(accept_one(NULL), -EBUSY);
    gyre_accepting_stop(&a);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, accept_one, NULL);
    let_all_settle();
    cr_expect_eq(gyre_accepting_start(&a, listener), -EBUSY);
    fd = connect_to_port(port);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close(fd);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(accepting, is_idle_once_its_listener_is_closed)
{
    struct gyre_accepting a = {.accepted = accepted};
    int fd;

    listener = listen_anywhere(&port);
    fd = connect_to_port(port);
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    gyre_listener_close(listener);
    cr_expect(!gyre_accepting_started(&a));
    gyre_accepting_stop(&a);
    let_all_settle();
    cr_expect_eq(heard.n, 0);
    close(fd);
}

static void close_and_free(struct gyre_accepting *a, struct gyre_stream *s,
                           int err)
{
    gyre_listener_close(listener);
    free(a);
    hear(s, err);
}

CLAIM_ON_LOOPBACK(accepting, may_be_freed_with_its_listener_when_told)
{
    struct gyre_accepting *a = calloc(1, sizeof *a);
    int fd;

    a->accepted = close_and_free;
    listener = listen_anywhere(&port);
    cr_expect_eq(gyre_accepting_start(a, listener), 0);
    fd = connect_to_port(port);
    wait_for_streams(1);
    close_all();
    close(fd);
}

static void note_connection(struct gyre_accepting *a, struct gyre_stream *s,
                            int err)
{
    (void)a;
    hear(s, err);
}

/* As test_shortage.c has it for tasks: the oldest is reset, there is a pause,
   and it ends by itself. */
CLAIM_ON_LOOPBACK(accepting, outlives_a_shortage_of_descriptors)
{
    struct gyre_accepting a = {.accepted = note_connection};
    int one, two;
    char byte;

    hear_failures();
    listener = listen_anywhere(&port);
    one = connect_to_port(port);
    use_up_descriptors();
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    cr_expect_eq(receive_raw(one, &byte, 1), -ECONNRESET);
    cr_expect_eq(told.times, 1);
    give_back_descriptors();
    two = connect_to_port(port);
    wait_for_streams(1);
    gyre_accepting_stop(&a);
    close_all();
    close(one);
    close(two);
    gyre_listener_close(listener);
}

static void close_listener(struct gyre_failure_hook *h, const char *what,
                           int err)
{
    (void)h;
    (void)what;
    cr_expect_eq(err, -EMFILE);
    gyre_listener_close(listener);
    listener = NULL;
}

CLAIM_ON_LOOPBACK(accepting, may_have_its_listener_closed_by_who_is_told)
{
    struct gyre_failure_hook hook = {.failed = close_listener};
    struct gyre_accepting a = {.accepted = accepted};
    int fd;

    gyre_loop_on_failure(gyre_loop_current(), &hook);
    listener = listen_anywhere(&port);
    fd = connect_to_port(port);
    use_up_descriptors();
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    wait_until(listener == NULL);
    give_back_descriptors();
    cr_expect(!gyre_accepting_started(&a));
    cr_expect_eq(heard.n, 0);
    close(fd);
    gyre_loop_on_failure(gyre_loop_current(), NULL);
}

static struct gyre_accepting *stopped;

static void stop_and_free(struct gyre_failure_hook *h, const char *what,
                          int err)
{
    (void)h;
    (void)what;
    cr_expect_eq(err, -EMFILE);
    gyre_accepting_stop(stopped);
    free(stopped);
    stopped = NULL;
}

CLAIM_ON_LOOPBACK(accepting, may_be_stopped_and_freed_by_who_is_told)
{
    struct gyre_failure_hook hook = {.failed = stop_and_free};
    int fd;

    stopped = calloc(1, sizeof *stopped);
    stopped->accepted = accepted;
    gyre_loop_on_failure(gyre_loop_current(), &hook);
    listener = listen_anywhere(&port);
    fd = connect_to_port(port);
    use_up_descriptors();
    cr_expect_eq(gyre_accepting_start(stopped, listener), 0);
    wait_until(stopped == NULL);
    give_back_descriptors();
    cr_expect_eq(heard.n, 0);
    close(fd);
    gyre_listener_close(listener);
    gyre_loop_on_failure(gyre_loop_current(), NULL);
}

/* Somebody has closed it behind our back: that is told, and is the end. */
CLAIM_ON_LOOPBACK(accepting, tells_that_its_descriptor_is_gone)
{
    struct gyre_accepting a = {.accepted = accepted};
    struct gyre_addr at = {.length = sizeof at.is};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_expect_eq(gyre_addr_parse(&at, "127.0.0.1", 0), 0);
    cr_expect_eq(bind(fd, &at.is.any, at.length), 0);
    cr_expect_eq(listen(fd, 1), 0);
    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fd, &listener), 0);
    cr_expect_eq(gyre_accepting_start(&a, listener), 0);
    close(fd);
    wait_for_news();
    cr_expect_eq(heard.err, -EBADF);
    cr_expect_eq(heard.n, 0);
    cr_expect_neq(open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
    gyre_listener_close(listener);
}

/* ---- connecting ---- */

static struct gyre_addr address_of_listener(void)
{
    struct gyre_addr a;

    listener = listen_anywhere(&port);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    return a;
}

CLAIM_ON_LOOPBACK(connecting, tells_of_its_connection_from_the_loop)
{
    struct gyre_connecting c = {.connected = connected};
    struct gyre_addr to = address_of_listener();

    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    cr_expect(gyre_connecting_started(&c));
    cr_expect_eq(heard.n, 0);
    wait_for_streams(1);
    cr_expect_eq(gyre_write(heard.streams[0], "x", 1, SOON), 0);
    close_all();
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(connecting, tells_why_there_is_none)
{
    struct gyre_connecting c = {.connected = connected};
    struct gyre_addr to, nowhere = {0};
    int kept = keep_port(&port);

    cr_expect_eq(gyre_addr_parse(&to, "127.0.0.1", port), 0);
    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    wait_for_news();
    cr_expect_eq(heard.err, -ECONNREFUSED);
    cr_expect_neq(gyre_connecting_start(&c, gyre_loop_current(), &nowhere), 0);
    cr_expect(!gyre_connecting_started(&c));
    close(kept);
}

CLAIM_ON_LOOPBACK(connecting, leaves_nothing_open_when_stopped)
{
    struct gyre_connecting c = {.connected = connected};
    struct gyre_addr to = address_of_listener();

    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    gyre_connecting_stop(&c);
    gyre_connecting_stop(&c);
    let_all_settle();
    cr_expect_eq(heard.n, 0);
    gyre_listener_close(listener);
}

static struct gyre_addr again;
static struct gyre_loop *loop;

static void retry(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    cr_expect_null(s);
    cr_expect_eq(err, -ECONNREFUSED);
    if (++heard.n == 3)
        gyre_event_set(&heard.news);
    else
        cr_expect_eq(gyre_connecting_start(c, loop, &again), 0);
}

CLAIM_ON_LOOPBACK(connecting, may_be_started_anew_when_told)
{
    struct gyre_connecting c = {.connected = retry};
    int kept = keep_port(&port);

    cr_expect_eq(gyre_addr_parse(&again, "127.0.0.1", port), 0);
    loop = gyre_loop_current();
    cr_expect_eq(gyre_connecting_start(&c, loop, &again), 0);
    wait_for_news();
    cr_expect_eq(heard.n, 3);
    heard.n = 0;
    close(kept);
}
