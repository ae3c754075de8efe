/*
 * resident.h - what this process has in memory.
 */
#ifndef BENCH_RESIDENT_H
#define BENCH_RESIDENT_H

#include <unistd.h>

#include "bench/bench.h"

/* In bytes, of whole pages. */
static inline uint64_t bench_resident(void)
{
    unsigned long size, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    bench_require(file != NULL && fscanf(file, "%lu %lu", &size, &pages) == 2,
                  "reading /proc/self/statm");
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* As bench_print, and what `ops` things have added to it. */
static inline void bench_print_resident(const struct bench *b, uint64_t ops,
                                        uint64_t bytes)
{
    printf("ops=%" PRIu64 " wall_ns=%" PRIu64 " cpu_ns=%" PRIu64
           " rss_bytes=%" PRIu64 "\n",
           ops, b->wall, b->cpu, bytes);
}

#endif
