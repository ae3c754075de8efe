/*
 * A callback to be made soon: a job.
 *
 *     ready chain OPS         one job starts itself again
 *     ready batch OPS N       N of them, each of which starts itself again
 *
 * The loop polls after every 61 jobs or more, which is part of the price.
 */
#include <string.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "bench/bench.h"

static struct gyre_loop *loop;
static uint64_t left;

static void again(struct gyre_job *j)
{
    if (left == 0)
        return;
    left--;
    gyre_job_start(loop, j);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t ops = bench_number(argc, argv, 2);
    uint64_t n = strcmp(what, "chain") == 0 ? 1 : bench_number(argc, argv, 3);
    struct gyre_job *jobs = calloc(n, sizeof *jobs);
    struct bench b;

    bench_require(jobs != NULL && gyre_loop_new(&loop) == 0, "starting");
    left = ops;
    for (uint64_t i = 0; i < n; i++) {
        jobs[i].run = again;
        gyre_job_start(loop, &jobs[i]);
    }
    bench_start(&b);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
