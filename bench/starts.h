/*
 * starts.h - how long a program takes to start and to end: it runs itself,
 * again and again.
 */
#ifndef BENCH_STARTS_H
#define BENCH_STARTS_H

#include <spawn.h>

#include "bench/child.h"

extern char **environ;

/* Run this program `n` times, one after another, without arguments; it is to
   exit with 0. */
static inline void bench_starts(uint64_t n)
{
    char self[] = "/proc/self/exe", *argv[] = {self, NULL};
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        pid_t child;

        bench_require(!posix_spawn(&child, self, NULL, NULL, argv, environ),
                      "posix_spawn");
        bench_reap(child);
    }
    bench_stop(&b);
    b.cpu += bench_cpu_of_children();
    bench_print(&b, n);
}

#endif
