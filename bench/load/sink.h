/*
 * sink.h - who reads what the program writes, and counts it.
 */
#ifndef BENCH_LOAD_SINK_H
#define BENCH_LOAD_SINK_H

#include <fcntl.h>

#include "bench/child.h"

/* For bench_fork: read one connection to its end, which is to be after `n`
   bytes. */
static void sink(int listener, uint64_t n)
{
    static char buf[262144];
    uint64_t total = 0;
    ssize_t got;
    int fd;

    bench_require(!fcntl(listener, F_SETFL, 0), "fcntl");
    fd = accept(listener, NULL, NULL);
    bench_require(fd >= 0, "accept");
    while ((got = read(fd, buf, sizeof buf)) > 0)
        total += (uint64_t)got;
    bench_require(got == 0 && total == n, "reading every byte");
}

#endif
