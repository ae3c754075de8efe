/*
 * The same as pump.c, by a task for each end.
 *
 *     pump_tasks KIND OPS N   OPS mebibytes in all
 */
#include <errno.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/gyre/kind.h"

enum { CHUNK = 65536 };

static const char *kind;
static struct gyre_addr at;
static uint64_t left, n;  /* chunks to be written; connections */
static uint64_t received; /* bytes */

/* What is read is counted and no more, so that one buffer does for all. */
static char chunk[CHUNK], shared[CHUNK];

static intptr_t drain(struct gyre_stream *s, void *arg)
{
    ssize_t got;

    (void)arg;
    while ((got = gyre_read(s, shared, sizeof shared, GYRE_FOREVER)) > 0)
        received += (uint64_t)got;
    return got;
}

static intptr_t serve(void *listener)
{
    intptr_t err = gyre_tcp_serve(listener, drain, NULL, GYRE_FOREVER);

    return err == -EBADF ? 0 : err; /* it was closed */
}

static intptr_t fill(void *arg)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect_to(&at, &s, GYRE_FOREVER);

    (void)arg;
    if (err)
        return err;
    while (err == 0 && left > 0) {
        left--;
        err = gyre_write(s, chunk, sizeof chunk, GYRE_FOREVER);
    }
    gyre_close(s);
    return err;
}

static intptr_t pump(void *arg)
{
    struct gyre_listener *listener = listen_for(kind, gyre_loop_current(), &at);
    struct gyre_scope serving, filling;
    intptr_t err;

    (void)arg;
    gyre_scope_open(&serving, GYRE_FOREVER);
    gyre_spawn(&serving, NULL, serve, listener);
    gyre_scope_open(&filling, GYRE_FOREVER);
    for (uint64_t i = 0; i < n; i++)
        gyre_spawn(&filling, NULL, fill, NULL);
    err = gyre_scope_close(&filling, 0);
    gyre_listener_close(listener); /* who was accepted may finish */
    return gyre_scope_close(&serving, err);
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 2);
    struct bench b;

    left = ops * ((1 << 20) / CHUNK);
    n = bench_number(argc, argv, 3);
    kind = argv[1];
    bench_start(&b);
    bench_require(gyre_run(pump, NULL) == 0, "pumping");
    bench_stop(&b);
    bench_require(received == ops << 20, "receiving every byte");
    bench_print(&b, ops);
    return 0;
}
