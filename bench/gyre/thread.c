/*
 * thread OPS   a thread is made, and joined, which makes a loop, has it run one
 *              job, and frees it.  Threads are the system's: Gyre has none of
 *              its own.
 */
#include <pthread.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "bench/bench.h"

static uint64_t ran;

static void count(struct gyre_job *j)
{
    (void)j;
    ran++;
}

static void *run(void *arg)
{
    struct gyre_job job = {.run = count};
    struct gyre_loop *loop;

    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    gyre_job_start(loop, &job);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    gyre_loop_free(loop);
    return arg;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        pthread_t thread;

        bench_require(!pthread_create(&thread, NULL, run, NULL),
                      "pthread_create");
        bench_require(!pthread_join(thread, NULL), "pthread_join");
    }
    bench_stop(&b);
    bench_require(ran == ops, "running every thread");
    bench_print(&b, ops);
    return 0;
}
