/*
 * laps.h - how long each of many took, where the wait is the thing: printed
 * behind bench_print's line as
 *
 *     p50_ns=21045 p99_ns=31120 p999_ns=60011
 */
#ifndef BENCH_LAPS_H
#define BENCH_LAPS_H

#include "bench/bench.h"
#include "bench/load/histogram.h"

/* A zeroed one has none. */
struct bench_laps {
    uint64_t since;
    struct histogram all;
};

/* The first lap begins. */
static inline void bench_laps_start(struct bench_laps *laps)
{
    laps->since = bench_clock(CLOCK_MONOTONIC);
}

/* One is over, and the next begins. */
static inline void bench_lap(struct bench_laps *laps)
{
    uint64_t now = bench_clock(CLOCK_MONOTONIC);

    histogram_add(&laps->all, now - laps->since);
    laps->since = now;
}

static inline void bench_laps_print(const struct bench_laps *laps)
{
    if (laps->all.n == 0)
        return;
    printf("p50_ns=%" PRIu64 " p99_ns=%" PRIu64 " p999_ns=%" PRIu64 "\n",
           histogram_quantile(&laps->all, 0.5),
           histogram_quantile(&laps->all, 0.99),
           histogram_quantile(&laps->all, 0.999));
}

#endif
