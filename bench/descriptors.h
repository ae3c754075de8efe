/*
 * descriptors.h - many eventfds, of which one at a time is ready: what the
 * programs `descriptors` of all contenders do but for watching them.
 */
#ifndef BENCH_DESCRIPTORS_H
#define BENCH_DESCRIPTORS_H

#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/bench.h"

struct bench_descriptors {
    int *fds;
    uint64_t n, ops, left, seed;
    struct bench *clock; /* stopped with the last of `ops` */
};

/* So many; the limit of the process is raised as far as it may be. */
static inline void bench_descriptors_open(struct bench_descriptors *set,
                                          uint64_t ops, uint64_t n)
{
    struct rlimit limit;

    bench_require(!getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    bench_require(!setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
    *set = (struct bench_descriptors){
        .fds = malloc(n * sizeof *set->fds),
        .n = n,
        .ops = ops,
        .left = ops,
        .seed = 1,
    };
    bench_require(set->fds != NULL, "malloc");
    for (uint64_t i = 0; i < n; i++) {
        set->fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        bench_require(set->fds[i] >= 0, "eventfd");
    }
}

/* Make one of them ready. */
static inline void bench_descriptors_ring(struct bench_descriptors *set)
{
    uint64_t one = 1, i = bench_below(&set->seed, set->n);

    bench_require(write(set->fds[i], &one, sizeof one) == sizeof one, "write");
}

static inline void bench_descriptors_begin(struct bench_descriptors *set,
                                           struct bench *clock)
{
    set->clock = clock;
    bench_start(clock);
    bench_descriptors_ring(set);
}

/* The `i`th is ready.  False if that was the last. */
static inline bool bench_descriptors_next(struct bench_descriptors *set,
                                          uint64_t i)
{
    uint64_t rung;

    bench_require(read(set->fds[i], &rung, sizeof rung) == sizeof rung, "read");
    if (--set->left == 0) {
        bench_stop(set->clock);
        return false;
    }
    bench_descriptors_ring(set);
    return true;
}

static inline void bench_descriptors_end(struct bench_descriptors *set)
{
    bench_require(set->left == 0, "ringing so often");
    bench_print(set->clock, set->ops);
}

#endif
