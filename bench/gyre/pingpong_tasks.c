/*
 * The same as pingpong.c, by two tasks.
 *
 *     pingpong_tasks KIND OPS [apart]
 */
#include <pthread.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/gyre/kind.h"

/* Of a message, and more, so that a read tells that there is none. */
enum { ROOM = 8 };

static struct gyre_addr place;
static uint64_t most;

static intptr_t ask(void *arg)
{
    struct gyre_stream *s;
    uint64_t came[ROOM];
    int err = gyre_tcp_connect_to(&place, &s, GYRE_FOREVER);

    (void)arg;
    if (err)
        return err;
    for (uint64_t i = 1; err == 0 && i <= most; i++) {
        err = gyre_write(s, &i, sizeof i, GYRE_FOREVER);
        bench_require(
            err || (gyre_read(s, came, sizeof came, GYRE_FOREVER) == sizeof i &&
                    came[0] == i),
            "answering what was sent");
    }
    gyre_close(s);
    return err;
}

static intptr_t answer(void *listener)
{
    struct gyre_stream *s;
    uint64_t came[ROOM];
    ssize_t n;
    int err = gyre_accept(listener, &s, GYRE_FOREVER);

    if (err)
        return err;
    while (err == 0 && (n = gyre_read(s, came, sizeof came, GYRE_FOREVER)) > 0)
        err = gyre_write(s, came, (size_t)n, GYRE_FOREVER);
    gyre_close(s);
    return err;
}

/* Both ends, in one loop. */
static intptr_t play(void *kind)
{
    struct gyre_listener *listener =
        listen_for(kind, gyre_loop_current(), &place);
    struct gyre_scope scope;
    intptr_t err;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, answer, listener);
    gyre_spawn(&scope, NULL, ask, NULL);
    err = gyre_scope_close(&scope, 0);
    gyre_listener_close(listener);
    return err;
}

static void *ask_apart(void *arg)
{
    bench_pin(1);
    bench_require(gyre_run(ask, NULL) == 0, "asking");
    return arg;
}

/* One here, the other in a thread, and a run, of its own. */
static intptr_t play_apart(void *kind)
{
    struct gyre_listener *listener =
        listen_for(kind, gyre_loop_current(), &place);
    pthread_t other;
    intptr_t err;

    bench_require(!pthread_create(&other, NULL, ask_apart, NULL),
                  "pthread_create");
    err = answer(listener);
    gyre_listener_close(listener);
    bench_require(!pthread_join(other, NULL), "pthread_join");
    return err;
}

int main(int argc, char **argv)
{
    struct bench b;

    most = bench_number(argc, argv, 2);
    bench_pin(0);
    bench_start(&b);
    bench_require(gyre_run(argc > 3 ? play_apart : play, argv[1]) == 0,
                  "playing");
    bench_stop(&b);
    bench_print(&b, most);
    return 0;
}
