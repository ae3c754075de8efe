/*
 * One thread rings bells at random, among a million that belong to LOOPS loops,
 * each in a thread of its own.
 *
 *     million_async OPS LOOPS
 *
 * So many rings: those of a bell that is waiting to be answered are one.  Each
 * bell is a handle, as in libuv's own.  When all have been rung the loops are
 * rung out, and go once more through their handles; and then each bell has been
 * answered since it was last rung.
 */
#include <stdbool.h>
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

enum { BELLS = 1024 * 1024, LOOPS = 2 };

struct bell {
    uv_async_t handle; /* first, so that it is the bell */
    bool rung, answered;
};

struct house {
    uv_loop_t loop;
    uv_async_t out; /* when all have been rung */
    uv_thread_t thread;
};

static struct bell *bells; /* every LOOPSth is of the same house */
static struct house houses[LOOPS];
static uint64_t rings, n_houses;

static void answer(uv_async_t *handle)
{
    ((struct bell *)handle)->answered = true;
}

static void end(uv_async_t *out)
{
    uv_stop(out->loop);
}

static void ring_all(void *arg)
{
    uint64_t seed = 1;

    (void)arg;
    bench_pin(1);
    for (uint64_t i = 0; i < rings; i++) {
        struct bell *bell = &bells[bench_below(&seed, BELLS)];

        bench_require(uv_async_send(&bell->handle) == 0, "uv_async_send");
        bell->rung = true;
    }
    for (uint64_t i = 0; i < n_houses; i++)
        bench_require(uv_async_send(&houses[i].out) == 0, "uv_async_send");
}

static void run(void *arg)
{
    struct house *h = arg;

    bench_pin((int)(h - houses));
    (void)uv_run(&h->loop, UV_RUN_DEFAULT);
    (void)uv_run(&h->loop, UV_RUN_NOWAIT);
}

static void open_house(struct house *h)
{
    bench_require(uv_loop_init(&h->loop) == 0, "uv_loop_init");
    bench_require(uv_async_init(&h->loop, &h->out, end) == 0, "uv_async_init");
}

static void hang_bells(void)
{
    bells = malloc(BELLS * sizeof *bells);
    bench_require(bells != NULL, "malloc");
    memset(bells, 0, BELLS * sizeof *bells);
    for (uint64_t i = 0; i < BELLS; i++)
        bench_require(uv_async_init(&houses[i % n_houses].loop,
                                    &bells[i].handle, answer) == 0,
                      "uv_async_init");
}

int main(int argc, char **argv)
{
    uv_thread_t ringer;
    struct bench b;

    rings = bench_number(argc, argv, 1);
    n_houses = bench_number(argc, argv, 2);
    bench_require(n_houses <= LOOPS, "so many loops");
    bench_pin(0);
    for (uint64_t i = 0; i < n_houses; i++)
        open_house(&houses[i]);
    hang_bells();
    bench_start(&b);
    for (uint64_t i = 1; i < n_houses; i++)
        bench_require(!uv_thread_create(&houses[i].thread, run, &houses[i]),
                      "uv_thread_create");
    bench_require(!uv_thread_create(&ringer, ring_all, NULL),
                  "uv_thread_create");
    run(&houses[0]);
    for (uint64_t i = 1; i < n_houses; i++)
        bench_require(!uv_thread_join(&houses[i].thread), "uv_thread_join");
    bench_require(!uv_thread_join(&ringer), "uv_thread_join");
    bench_stop(&b);
    for (uint64_t i = 0; i < BELLS; i++)
        bench_require(bells[i].answered == bells[i].rung, "answering");
    bench_print(&b, rings);
    return 0;
}
