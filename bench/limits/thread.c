/*
 * thread OPS   a thread is made, and joined, which does nothing
 */
#include <pthread.h>

#include "bench/bench.h"

static uint64_t ran;

static void *run(void *arg)
{
    ran++;
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
