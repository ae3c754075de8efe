/*
 * datagram.h - what the datagrams of a measurement say: who sent it, and which
 * of his it is.  On the loopback those from one socket to another arrive in
 * order, so who receives them can tell that none is missing.
 */
#ifndef BENCH_DATAGRAM_H
#define BENCH_DATAGRAM_H

#include <string.h>

#include "bench/bench.h"

enum { BENCH_DATAGRAM = 45 }; /* bytes, as in libuv's own */

/* Private: what is in it, before nothing of interest. */
struct bench_mark {
    uint32_t sender, number;
};

static inline void bench_mark(char *bytes, uint32_t sender, uint32_t number)
{
    struct bench_mark mark = {sender, number};

    memcpy(bytes, &mark, sizeof mark);
}

/* Who sent what has come, which is to be his next: he has `heard` so many
   already, by sender. */
static inline uint32_t bench_heard(const char *bytes, size_t n, uint32_t *heard,
                                   uint32_t senders)
{
    struct bench_mark mark;

    bench_require(n == BENCH_DATAGRAM, "receiving a whole datagram");
    memcpy(&mark, bytes, sizeof mark);
    bench_require(mark.sender < senders, "receiving what was sent");
    bench_require(mark.number == heard[mark.sender]++, "receiving in order");
    return mark.sender;
}

#endif
