/*
 * child.h - the other side of a measurement, in a process of its own: its time
 * is not in the program's.
 */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

/*
 * Have work(listener, n) done in a child on the second processor, which does
 * not outlive us.  To be called before there are threads, or a loop.  Returns
 * whom to wait for.
 */
static inline pid_t bench_fork(void (*work)(int listener, uint64_t n),
                               int listener, uint64_t n)
{
    pid_t parent = getpid(), child;

    bench_pin(0);
    child = fork();
    bench_require(child >= 0, "fork");
    if (child > 0)
        return child;
    bench_require(!prctl(PR_SET_PDEATHSIG, SIGKILL) && getppid() == parent,
                  "PR_SET_PDEATHSIG");
    bench_pin(1);
    work(listener, n);
    _exit(0);
}

/* Wait for its end, which is to be a good one. */
static inline void bench_reap(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        bench_require(errno == EINTR, "waitpid");
    bench_require(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                  "what the child did");
}

/* The processor time of the children that were waited for, in nanoseconds. */
static inline uint64_t bench_cpu_of_children(void)
{
    struct rusage used;

    bench_require(!getrusage(RUSAGE_CHILDREN, &used), "getrusage");
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) *
               1000000000u +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000u;
}

/* The port that a socket listens at. */
static inline unsigned bench_port(int listener)
{
    struct sockaddr_in at = {0};
    socklen_t length = sizeof at;

    bench_require(!getsockname(listener, (struct sockaddr *)&at, &length),
                  "getsockname");
    return ntohs(at.sin_port);
}

#endif
