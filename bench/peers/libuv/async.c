/*
 * A loop's thread is rung from others, by uv_async_send.
 *
 *     async ping OPS THREADS      so many loops, each in a thread of its own,
 *                                 ring the main one and are rung back
 *     async pummel OPS THREADS    so many threads ring it as fast as they can,
 *                                 until it has been called OPS times
 *
 * A handle for each bell, as libuv's own have it: rings that come while one is
 * waiting are one.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

enum { THREADS = 64 };

/* What is between the main thread and another. */
struct pair {
    uv_loop_t loop;          /* the other's */
    uv_async_t main, worker; /* the bells; their data is the pair */
    uint64_t main_left;      /* times they are to be rung yet */
    uint64_t worker_left;
    uv_thread_t thread;
};

static uv_loop_t *loop; /* the main one */
static struct pair pairs[THREADS];
static atomic_bool over;

static void ring(uv_async_t *bell)
{
    bench_require(uv_async_send(bell) == 0, "uv_async_send");
}

static void shut(uv_async_t *bell)
{
    uv_close((uv_handle_t *)bell, NULL);
}

static void open_bell(uv_async_t *bell, uv_loop_t *l, uv_async_cb rung,
                      struct pair *pair)
{
    bench_require(uv_async_init(l, bell, rung) == 0, "uv_async_init");
    bell->data = pair;
}

/* ---- to and fro ---- */

static void worker_rung(uv_async_t *bell)
{
    struct pair *pair = bell->data;

    ring(&pair->main);
    if (--pair->worker_left == 0)
        shut(bell);
}

static void main_rung(uv_async_t *bell)
{
    struct pair *pair = bell->data;

    if (--pair->main_left == 0)
        shut(bell);
    else
        ring(&pair->worker);
}

static void answer(void *arg)
{
    struct pair *pair = arg;

    bench_pin(1);
    bench_require(uv_run(&pair->loop, UV_RUN_DEFAULT) == 0, "uv_run");
}

static void open_pair(struct pair *pair, uint64_t times)
{
    bench_require(uv_loop_init(&pair->loop) == 0, "uv_loop_init");
    open_bell(&pair->main, loop, main_rung, pair);
    open_bell(&pair->worker, &pair->loop, worker_rung, pair);
    pair->main_left = pair->worker_left = times;
    ring(&pair->worker);
}

/* ---- as fast as they can ---- */

static void pummelled(uv_async_t *bell)
{
    struct pair *pair = bell->data;

    if (pair->main_left > 0 && --pair->main_left == 0) {
        atomic_store(&over, true);
        uv_stop(loop); /* the handle stays until nobody rings any more */
    }
}

static void pummel(void *arg)
{
    (void)arg;
    bench_pin(1);
    while (!atomic_load_explicit(&over, memory_order_relaxed))
        ring(&pairs[0].main);
}

static uint64_t calls_to_come(uint64_t n)
{
    uint64_t calls = 0;

    for (uint64_t i = 0; i < n; i++)
        calls += pairs[i].main_left + pairs[i].worker_left;
    return calls;
}

int main(int argc, char **argv)
{
    bool ping = argc > 1 && strcmp(argv[1], "ping") == 0;
    uint64_t ops = bench_number(argc, argv, 2);
    uint64_t n = bench_number(argc, argv, 3);
    struct bench b;

    bench_require(n <= THREADS && ops >= n, "so many threads");
    bench_pin(0);
    loop = uv_default_loop();
    ops = ping ? ops / n * n : ops;
    for (uint64_t i = 0; ping && i < n; i++)
        open_pair(&pairs[i], ops / n);
    if (!ping) {
        open_bell(&pairs[0].main, loop, pummelled, &pairs[0]);
        pairs[0].main_left = ops;
    }
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++)
        bench_require(uv_thread_create(&pairs[i].thread, ping ? answer : pummel,
                                       &pairs[i]) == 0,
                      "uv_thread_create");
    (void)uv_run(loop, UV_RUN_DEFAULT);
    for (uint64_t i = 0; i < n; i++)
        bench_require(uv_thread_join(&pairs[i].thread) == 0, "uv_thread_join");
    bench_stop(&b);
    bench_require(calls_to_come(n) == 0, "as many calls");
    bench_print(&b, ops);
    return 0;
}
