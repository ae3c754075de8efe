/*
 * A loop's thread is rung from others, by posts.
 *
 *     async ping OPS THREADS      so many loops, each in a thread of its own,
 *                                 ring the main one and are rung back
 *     async pummel OPS THREADS    so many threads ring it as fast as they can,
 *                                 until it has been called OPS times
 *
 * A post that is waiting already is refused (-EBUSY), and will be run once: so
 * it is the doorbell that libuv's uv_async_t is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "bench/bench.h"

enum { THREADS = 64 };

/* A loop, and the bell by which it is rung. */
struct side {
    struct gyre_loop *loop;
    struct gyre_mailbox *mailbox;
    struct gyre_post bell;
    uint64_t left; /* times it is to be called yet */
};

/* What is between the main thread and another. */
struct pair {
    struct side main, worker;
    pthread_t thread;
};

static struct gyre_loop *loop; /* the main one */
static struct pair pairs[THREADS];
static atomic_bool over;

static void ring(struct side *s)
{
    int err = gyre_post(s->mailbox, &s->bell);

    bench_require(err == 0 || err == -EBUSY, "gyre_post");
}

static void open_side(struct side *s, struct gyre_loop *l, uint64_t times,
                      void (*rung)(struct gyre_post *))
{
    s->loop = l;
    s->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l));
    s->bell.run = rung;
    s->left = times;
    gyre_loop_hold(l);
}

/* ---- to and fro ---- */

static void worker_rung(struct gyre_post *p)
{
    struct pair *pair = GYRE_OWNER(p, struct pair, worker.bell);

    ring(&pair->main);
    if (--pair->worker.left == 0)
        gyre_loop_release(pair->worker.loop);
}

static void main_rung(struct gyre_post *p)
{
    struct pair *pair = GYRE_OWNER(p, struct pair, main.bell);

    if (--pair->main.left == 0)
        gyre_loop_release(loop);
    else
        ring(&pair->worker);
}

static void *answer(void *arg)
{
    struct pair *pair = arg;

    bench_pin(1);
    bench_require(gyre_loop_run(pair->worker.loop) == 0, "gyre_loop_run");
    return NULL;
}

static void open_pair(struct pair *pair, uint64_t times)
{
    struct gyre_loop *theirs;

    bench_require(gyre_loop_new(&theirs) == 0, "gyre_loop_new");
    open_side(&pair->main, loop, times, main_rung);
    open_side(&pair->worker, theirs, times, worker_rung);
    ring(&pair->worker);
}

/* ---- as fast as they can ---- */

static void pummelled(struct gyre_post *p)
{
    struct side *s = GYRE_OWNER(p, struct side, bell);

    if (s->left > 0 && --s->left == 0) {
        atomic_store(&over, true);
        gyre_loop_release(loop);
    }
}

static void *pummel(void *arg)
{
    (void)arg;
    bench_pin(1);
    while (!atomic_load_explicit(&over, memory_order_relaxed))
        ring(&pairs[0].main);
    return NULL;
}

static uint64_t calls_to_come(uint64_t n)
{
    uint64_t calls = 0;

    for (uint64_t i = 0; i < n; i++)
        calls += pairs[i].main.left + pairs[i].worker.left;
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
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    ops = ping ? ops / n * n : ops;
    for (uint64_t i = 0; ping && i < n; i++)
        open_pair(&pairs[i], ops / n);
    if (!ping)
        open_side(&pairs[0].main, loop, ops, pummelled);
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++)
        bench_require(!pthread_create(&pairs[i].thread, NULL,
                                      ping ? answer : pummel, &pairs[i]),
                      "pthread_create");
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    for (uint64_t i = 0; i < n; i++)
        bench_require(!pthread_join(pairs[i].thread, NULL), "pthread_join");
    bench_stop(&b);
    bench_require(calls_to_come(n) == 0, "as many calls");
    bench_print(&b, ops);
    return 0;
}
