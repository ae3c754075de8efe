/*
 * The same as pump.c, by a task for each end of a connection.
 *
 *     pump_tasks KIND OPS N   OPS mebibytes in all
 */
#include <errno.h>
#include <pthread.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/gyre/kind.h"

enum { CHUNK = 65536 };

static const char *kind;
static struct gyre_addr at;
static uint64_t left, n; /* chunks to be written; connections */
static struct gyre_listener *listener;
static uint64_t sinks, received; /* who reads still, and bytes so far */

/* What is read is counted and no more, so that one buffer does for all. */
static char chunk[CHUNK], shared[CHUNK];

static intptr_t drain(struct gyre_stream *s, void *arg)
{
    ssize_t got;

    (void)arg;
    while ((got = gyre_read(s, shared, sizeof shared, GYRE_FOREVER)) > 0)
        received += (uint64_t)got;
    if (--sinks == 0)
        gyre_listener_close(listener);
    return got;
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

static intptr_t fill_all(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < n; i++)
        gyre_spawn(&scope, NULL, fill, NULL);
    return gyre_scope_close(&scope, 0);
}

static void *fill_apart(void *arg)
{
    bench_pin(1);
    bench_require(gyre_run(fill_all, NULL) == 0, "writing");
    return arg;
}

static intptr_t pump(void *arg)
{
    pthread_t other;
    intptr_t err;

    (void)arg;
    listener = listen_for(kind, gyre_loop_current(), &at);
    bench_require(!pthread_create(&other, NULL, fill_apart, NULL),
                  "pthread_create");
    err = gyre_tcp_serve(listener, drain, NULL, GYRE_FOREVER);
    bench_require(!pthread_join(other, NULL), "pthread_join");
    return err == -EBADF ? 0 : err; /* it was closed, by the last to be read */
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 2);
    struct bench b;

    left = ops * ((1 << 20) / CHUNK);
    n = sinks = bench_number(argc, argv, 3);
    kind = argv[1];
    bench_pin(0);
    bench_start(&b);
    bench_require(gyre_run(pump, NULL) == 0, "pumping");
    bench_stop(&b);
    bench_require(received == ops << 20, "receiving every byte");
    bench_print(&b, ops);
    return 0;
}
