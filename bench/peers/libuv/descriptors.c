/*
 * descriptors OPS N   one of N polled descriptors is made ready, by a write to
 *                     its eventfd, polled for, and read; which is drawn anew
 *                     each time
 *
 * A uv_poll_t each, libuv's way to watch what is not one of its streams; all
 * are left as they are to the end.
 */
#include <uv.h>

#include "bench/bench.h"
#include "bench/descriptors.h"

static uv_poll_t *polls;
static struct bench_descriptors set;

static void ready(uv_poll_t *poll, int status, int events)
{
    (void)events;
    bench_require(status == 0, "polling");
    if (!bench_descriptors_next(&set, (uint64_t)(poll - polls)))
        uv_stop(poll->loop);
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    struct bench b;

    bench_descriptors_open(&set, bench_number(argc, argv, 1),
                           bench_number(argc, argv, 2));
    polls = malloc(set.n * sizeof *polls);
    bench_require(polls != NULL, "malloc");
    for (uint64_t i = 0; i < set.n; i++) {
        bench_require(uv_poll_init(loop, &polls[i], set.fds[i]) == 0,
                      "uv_poll_init");
        bench_require(uv_poll_start(&polls[i], UV_READABLE, ready) == 0,
                      "uv_poll_start");
    }
    bench_descriptors_begin(&set, &b);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    bench_descriptors_end(&set);
    return 0;
}
