/*
 * histogram.h - many durations in little memory.
 *
 * Buckets grow with what they hold: each doubling is split into 64, so a
 * quantile is right to 1.6 %, from a nanosecond to the longest uint64_t.
 */
#ifndef BENCH_LOAD_HISTOGRAM_H
#define BENCH_LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SPLIT_LOG 6
#define HISTOGRAM_SPLIT     (1u << HISTOGRAM_SPLIT_LOG)

/* A zeroed struct histogram is empty. */
struct histogram {
    uint64_t n; /* values in all */
    uint64_t counts[(65 - HISTOGRAM_SPLIT_LOG) * HISTOGRAM_SPLIT];
};

/* The bucket of `value`: its leading bits and where they stand. */
static inline unsigned histogram_bucket(uint64_t value)
{
    unsigned shift;

    if (value < HISTOGRAM_SPLIT)
        return (unsigned)value;
    shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_SPLIT_LOG;
    return shift * HISTOGRAM_SPLIT + (unsigned)(value >> shift);
}

/* The least value of bucket `i`. */
static inline uint64_t histogram_value(unsigned i)
{
    unsigned shift;

    if (i < 2 * HISTOGRAM_SPLIT)
        return i;
    shift = i / HISTOGRAM_SPLIT - 1;
    return (uint64_t)(i - shift * HISTOGRAM_SPLIT) << shift;
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
    h->counts[histogram_bucket(value)]++;
    h->n++;
}

/* The value that the share `q` (0 to 1) of all do not exceed; 0 if empty. */
static inline uint64_t histogram_quantile(const struct histogram *h, double q)
{
    uint64_t left = (uint64_t)(q * (double)h->n);
    unsigned i = 0;

    if (h->n == 0)
        return 0;
    if (left >= h->n)
        left = h->n - 1;
    while (h->counts[i] <= left)
        left -= h->counts[i++];
    return histogram_value(i);
}

#endif
