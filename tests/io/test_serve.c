/*
 * test_serve.c - the claims of tcp.h about serving.
 */
#include <errno.h>
#include <string.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

#define MS GYRE_MILLISECOND

static struct gyre_listener *listener;
static int port, handled, cancelled;

static intptr_t echo(struct gyre_stream *s, void *arg)
{
    char buf[64];
    ssize_t n;

    cr_expect_str_eq(arg, "for the handler");
    cr_expect_null(s->data);
    while ((n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0) {
        int err = gyre_write(s, buf, (size_t)n, GYRE_FOREVER);

        if (err)
            return err;
    }
    handled++;
    cancelled += n == -ECANCELED;
    return n;
}

static intptr_t serve(void *deadline)
{
    return gyre_tcp_serve(listener, echo, "for the handler",
                          *(gyre_time *)deadline);
}

static struct gyre_scope scope;
static struct gyre_future served;
static gyre_time deadline;

static void start(gyre_time until)
{
    deadline = until;
    handled = cancelled = 0;
    listener = listen_anywhere(&port);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &served, serve, &deadline);
}

static struct gyre_stream *talk(void)
{
    struct gyre_stream *s;
    char buf[8];

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(s, "hello", 5, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(s, buf, 5, GYRE_FOREVER), 0);
    return s;
}

CLAIM_ON_LOOPBACK(serve, handles_each_connection_in_a_task_of_its_own)
{
    struct gyre_stream *s[3];

    start(GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        s[i] = talk();
    for (int i = 0; i < 3; i++)
        gyre_close(s[i]);
    wait_until(handled >= 3);
    cr_expect_eq(cancelled, 0);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_future_result(&served), -ECANCELED);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(serve, cancels_its_handlers_when_it_is_cancelled)
{
    struct gyre_stream *s;

    start(GYRE_FOREVER);
    s = talk();
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(handled, 1);
    cr_expect_eq(cancelled, 1);
    gyre_close(s);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(serve, lets_its_handlers_finish_when_the_listener_is_closed)
{
    struct gyre_stream *s;
    char buf[8];

    start(GYRE_FOREVER);
    s = talk();
    gyre_listener_close(listener);
    let_all_settle();
    cr_expect_eq(gyre_write(s, "more", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(s, buf, 4, GYRE_FOREVER), 0);
    gyre_close(s);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_future_result(&served), -EBADF);
    cr_expect_eq(cancelled, 0);
}

CLAIM_ON_LOOPBACK(serve, ends_at_its_deadline)
{
    start(gyre_in(20 * MS));
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_future_result(&served), -ETIMEDOUT);
    gyre_listener_close(listener);
}

/* ---- failures ---- */

struct book {
    struct gyre_failure_hook hook;
    int failures;
};

static void failed(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)what;
    cr_expect_eq(err, -EIO);
    GYRE_OWNER(h, struct book, hook)->failures++;
}

static intptr_t fail(struct gyre_stream *s, void *arg)
{
    (void)s;
    handled++;
    return handled == 1 ? -EIO : handled == 2 ? -ECONNRESET : *(int *)arg;
}

static intptr_t serve_badly(void *arg)
{
    return gyre_tcp_serve(listener, fail, arg, GYRE_FOREVER);
}

CLAIM_ON_LOOPBACK(serve, tells_of_failures_that_are_no_peers_doing)
{
    struct book book = {.hook.failed = failed};
    struct gyre_stream *s;
    char byte;
    int result = -EPIPE;

    handled = 0;
    gyre_loop_on_failure(gyre_loop_current(), &book.hook);
    listener = listen_anywhere(&port);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &served, serve_badly, &result);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s, GYRE_FOREVER), 0);
        cr_expect_eq(gyre_read(s, &byte, 1, GYRE_FOREVER), 0);
        gyre_close(s);
    }
    cr_expect_eq(book.failures, 1);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_loop_on_failure(gyre_loop_current(), NULL);
    gyre_listener_close(listener);
}
