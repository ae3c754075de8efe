/*
 * ready - the limit of a callback to be made soon: a ring of pointers, and a
 * call.
 *
 *     ready chain OPS         one callback puts itself there again
 *     ready batch OPS N       N of them, each of which puts itself there again
 *
 * Each knows its place, so that it can be taken back, and is there once.
 * Nothing is polled in between, nobody looks on, and the ring does not grow.
 */
#include <stddef.h>
#include <string.h>

#include "bench/bench.h"

enum { ROOM = 1024 };

struct job {
    void (*run)(struct job *j);
    uint64_t place; /* in the ring, from 1; 0: it is not there */
};

static struct job *ring[ROOM];
static uint64_t taken, put; /* so far */
static uint64_t left;

static __attribute__((noinline)) void start(struct job *j)
{
    if (j->place != 0)
        return;
    ring[put % ROOM] = j;
    j->place = ++put;
}

static void again(struct job *j)
{
    if (left == 0)
        return;
    left--;
    start(j);
}

static void run_all(void)
{
    while (taken < put) {
        struct job *j = ring[taken++ % ROOM];

        if (j == NULL)
            continue;
        j->place = 0;
        j->run(j);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t ops = bench_number(argc, argv, 2);
    uint64_t n = strcmp(what, "chain") == 0 ? 1 : bench_number(argc, argv, 3);
    struct job *jobs = calloc(n, sizeof *jobs);
    struct bench b;

    bench_require(jobs != NULL && n <= ROOM, "making room");
    left = ops;
    for (uint64_t i = 0; i < n; i++) {
        jobs[i].run = again;
        start(&jobs[i]);
    }
    bench_start(&b);
    run_all();
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
