/*
 * test_faults.c - a client and a server, with whatever they need running out.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"

static struct gyre_listener *listener;

/* Sends lines back, and says if it could not. */
static intptr_t echo(struct gyre_stream *s, void *arg)
{
    char line[16];
    ssize_t n;

    (void)arg;
    while ((n = gyre_read_until(s, '\n', line, sizeof line, GYRE_FOREVER)) >
           0) {
        int err = gyre_write(s, line, (size_t)n, GYRE_FOREVER);

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

static int talk(struct gyre_stream *s)
{
    char answer[6] = "";
    int err = gyre_write(s, "hello\n", 6, GYRE_FOREVER);
    ssize_t n;

    if (err)
        return err;
    n = gyre_read_until(s, '\n', answer, 6, gyre_in(200 * GYRE_MILLISECOND));
    if (n <= 0)
        return n < 0 ? (int)n : -ECONNRESET;
    return memcmp(answer, "hello\n", 6) == 0 ? 0 : -EIO;
}

static int connect_and_talk(void)
{
    struct gyre_stream *s;
    struct gyre_addr a;
    int err = gyre_listener_addr(listener, &a);

    if (err == 0)
        err = gyre_tcp_connect_to(&a, &s, GYRE_FOREVER);
    if (err)
        return err;
    err = talk(s);
    gyre_close(s);
    return err;
}

/* When the server was short of something its client is reset, or waits in vain:
   and then somebody was told of what. */
static int why(int err)
{
    if (err == -ECONNRESET || err == -EPIPE || err == -ETIMEDOUT)
        return told.times > 0 ? told.err : err;
    return err;
}

static intptr_t converse(void *arg)
{
    struct gyre_scope s;
    int err;

    (void)arg;
    hear_failures();
    err = gyre_tcp_listen("127.0.0.1", 0, &listener, GYRE_FOREVER);
    if (err)
        return err;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    err = gyre_spawn(&s, NULL, serve, NULL);
    if (err == 0)
        err = why(connect_and_talk());
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    gyre_listener_close(listener);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(converse, NULL);
}

Test(io_faults, the_nth_allocation_fails_cleanly)
{
    cr_expect_geq(faults_in_memory(scenario), 8);
}

Test(io_faults, the_nth_descriptor_fails_cleanly)
{
    cr_expect_geq(faults_in_descriptors(scenario), 5);
}
