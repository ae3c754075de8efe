/*
 * descriptors OPS N   one of N watched descriptors is made ready, by a write to
 *                     its eventfd, polled for, and read; which is drawn anew
 *                     each time
 */

#include "loop/loop.h"
#include "loop/watch.h"
#include "bench/bench.h"
#include "bench/descriptors.h"

static struct gyre_loop *loop;
static struct gyre_watch *watches;
static struct bench_descriptors set;

static void ready(struct gyre_watch *w, unsigned events)
{
    (void)events;
    if (bench_descriptors_next(&set, (uint64_t)(w - watches)))
        return;
    for (uint64_t i = 0; i < set.n; i++)
        gyre_watch_stop(loop, &watches[i]);
}

int main(int argc, char **argv)
{
    struct bench b;

    bench_descriptors_open(&set, bench_number(argc, argv, 1),
                           bench_number(argc, argv, 2));
    watches = calloc(set.n, sizeof *watches);
    bench_require(watches != NULL && gyre_loop_new(&loop) == 0, "starting");
    for (uint64_t i = 0; i < set.n; i++) {
        watches[i].ready = ready;
        bench_require(
            gyre_watch_start(loop, &watches[i], set.fds[i], GYRE_READ) == 0,
            "gyre_watch_start");
    }
    bench_descriptors_begin(&set, &b);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_descriptors_end(&set);
    return 0;
}
