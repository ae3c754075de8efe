/*
 * pool OPS THREADS [N]   work that does nothing is done by libuv's pool of so
 *                        many threads, N pieces at a time; each is queued again
 *                        when it is done.  N is twice as many if it is not told
 */
#include <uv.h>

#include "bench/bench.h"

static uint64_t each;

static void work(uv_work_t *w)
{
    (void)w;
}

static void done(uv_work_t *w, int status)
{
    uint64_t *left = w->data;

    bench_require(status == 0, "the work");
    if (--*left > 0)
        bench_require(uv_queue_work(w->loop, w, work, done) == 0,
                      "uv_queue_work");
}

static void all(uv_work_t *works, uint64_t *left, uint64_t n, uint64_t times)
{
    for (uint64_t i = 0; i < n; i++) {
        left[i] = times;
        works[i].data = &left[i];
        bench_require(uv_queue_work(uv_default_loop(), &works[i], work, done) ==
                          0,
                      "uv_queue_work");
    }
    bench_require(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0, "uv_run");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t threads = bench_number(argc, argv, 2);
    uint64_t n = argc > 3 ? bench_number(argc, argv, 3) : 2 * threads;
    uv_work_t *works = malloc(n * sizeof *works);
    uint64_t *left = malloc(n * sizeof *left);
    struct bench b;

    each = ops / n;
    bench_require(works != NULL && left != NULL && each > 0, "starting");
    bench_require(uv_os_setenv("UV_THREADPOOL_SIZE", argv[2]) == 0, "setenv");
    all(works, left, n, 1); /* the threads are started */
    bench_start(&b);
    all(works, left, n, each);
    bench_stop(&b);
    bench_print(&b, n * each);
    return 0;
}
