/*
 * The same as pound.c, by a task for each end.
 *
 *     pound_tasks KIND OPS N
 */
#include <errno.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/gyre/kind.h"

static const char *kind;
static struct gyre_addr at;
static uint64_t begun, most, n; /* connections, and how many at a time */
static uint64_t answered, closed;

static intptr_t answer(struct gyre_stream *s, void *arg)
{
    char buf[64]; /* more than comes, so that a read tells there is no more */
    ssize_t got;
    int err = 0;

    (void)arg;
    while (err == 0 && (got = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        err = gyre_write(s, buf, (size_t)got, GYRE_FOREVER);
    closed++;
    return err;
}

static intptr_t serve(void *listener)
{
    intptr_t err = gyre_tcp_serve(listener, answer, NULL, GYRE_FOREVER);

    return err == -EBADF ? 0 : err; /* it was closed */
}

static int ask_once(void)
{
    struct gyre_stream *s;
    char buf[2] = "QS";
    int err = gyre_tcp_connect_to(&at, &s, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_write(s, buf, sizeof buf, GYRE_FOREVER);
    if (err == 0)
        err = gyre_read_exact(s, buf, sizeof buf, GYRE_FOREVER);
    gyre_close(s);
    answered += err == 0;
    return err;
}

static intptr_t ask(void *arg)
{
    int err = 0;

    (void)arg;
    while (err == 0 && begun < most) {
        begun++;
        err = ask_once();
    }
    return err;
}

static intptr_t pound(void *arg)
{
    struct gyre_listener *listener = listen_for(kind, gyre_loop_current(), &at);
    struct gyre_scope serving, asking;
    intptr_t err;

    (void)arg;
    gyre_scope_open(&serving, GYRE_FOREVER);
    gyre_spawn(&serving, NULL, serve, listener);
    gyre_scope_open(&asking, GYRE_FOREVER);
    for (uint64_t i = 0; i < n; i++)
        gyre_spawn(&asking, NULL, ask, NULL);
    err = gyre_scope_close(&asking, 0);
    gyre_listener_close(listener); /* who was accepted may finish */
    return gyre_scope_close(&serving, err);
}

int main(int argc, char **argv)
{
    struct bench b;

    most = bench_number(argc, argv, 2);
    n = bench_number(argc, argv, 3);
    kind = argv[1];
    bench_start(&b);
    bench_require(gyre_run(pound, NULL) == 0, "pounding");
    bench_stop(&b);
    bench_require(answered == most && closed == most, "as many connections");
    bench_print(&b, most);
    return 0;
}
