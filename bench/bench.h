/*
 * bench.h - what every benchmark program shares: a stopwatch, its arguments,
 * random numbers, and the one line it prints.
 *
 * A program measures one thing once, in a fresh process, and prints
 *
 *     ops=1000000 wall_ns=8123456 cpu_ns=8120001
 *
 * on one line: how often it did the thing, and what that took on the wall clock
 * and in processor time, all threads together.  bench/run repeats it, puts it
 * beside its peers and does the statistics.  Nothing here is Gyre's: the peers'
 * programs use the same file.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* What a server reads into that has one buffer for all: more than any message
   of the rows, so that one read may get it, and one that falls short says the
   socket is empty. */
enum { BENCH_BUFFER = 131072 };

/* And one that has a buffer for each connection; unless it is told to expect
   large messages, when it has one of the above. */
enum { BENCH_OWN_BUFFER = 4096 };

/* A span being measured, or measured. */
struct bench {
    uint64_t wall; /* nanoseconds */
    uint64_t cpu;  /* nanoseconds, of all threads of the process */
};

static inline uint64_t bench_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        abort();
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void bench_start(struct bench *b)
{
    b->cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
    b->wall = bench_clock(CLOCK_MONOTONIC);
}

static inline void bench_stop(struct bench *b)
{
    b->wall = bench_clock(CLOCK_MONOTONIC) - b->wall;
    b->cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - b->cpu;
}

static inline void bench_print(const struct bench *b, uint64_t ops)
{
    printf("ops=%" PRIu64 " wall_ns=%" PRIu64 " cpu_ns=%" PRIu64 "\n", ops,
           b->wall, b->cpu);
}

/* End the program, saying why, unless `ok`. */
static inline void bench_require(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

/* Argument `i` as a positive number; the program ends without one. */
static inline uint64_t bench_number(int argc, char **argv, int i)
{
    uint64_t n = i < argc ? strtoull(argv[i], NULL, 10) : 0;

    bench_require(n > 0, "reading a positive number from the arguments");
    return n;
}

/* The next of a repeatable sequence (xorshift); `*state` starts non-zero. */
static inline uint32_t bench_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

/* The next of the sequence, below `n`; without a division, which would cost
   more than some of what is measured. */
static inline uint32_t bench_below(uint64_t *state, uint64_t n)
{
    return (uint32_t)(bench_random(state) * n >> 32);
}

/*
 * Keep the calling thread on the `i`th processor the program was started on, or
 * on the last if there are fewer, so that two threads never trade places
 * meanwhile.  The main thread calls it first, before it starts any other.
 */
static inline void bench_pin(int i)
{
    static cpu_set_t all; /* as started: a thread inherits its maker's pin */
    cpu_set_t one;
    int cpu, last = 0;

    if (CPU_COUNT(&all) == 0)
        bench_require(!sched_getaffinity(0, sizeof all, &all), "getaffinity");
    for (cpu = 0; cpu < CPU_SETSIZE && i >= 0; cpu++)
        if (CPU_ISSET(cpu, &all)) {
            last = cpu;
            i--;
        }
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    bench_require(!sched_setaffinity(0, sizeof one, &one), "setaffinity");
}

/* The loopback address, at `port`. */
static inline struct sockaddr_in bench_loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A non-blocking socket that listens there. */
static inline int bench_listen(unsigned port)
{
    struct sockaddr_in at = bench_loopback(port);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    bench_require(fd >= 0, "socket");
    bench_require(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one),
                  "SO_REUSEADDR");
    bench_require(!bind(fd, (struct sockaddr *)&at, sizeof at), "bind");
    bench_require(!listen(fd, SOMAXCONN), "listen");
    return fd;
}

#endif
