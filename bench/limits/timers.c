/*
 * timers - the limit of a timer that is cancelled and armed again: out of a
 * list, and into another.
 *
 *     timers rearm OPS LIVE
 *
 * A list for each second, of those due in it.  Whoever had to fire them would
 * need to find the first, and an order.  They are as large as Gyre's.
 */
#include <stddef.h>
#include <string.h>

#include "bench/bench.h"

enum { SECONDS = 128, MS_PER_SECOND = 1024 };

struct timer {
    struct timer *next, **link;
    uint64_t at; /* in milliseconds */
    char more[40];
};

static struct timer *due[SECONDS];

static __attribute__((noinline)) void start(struct timer *t, uint64_t at)
{
    struct timer **list = &due[at / MS_PER_SECOND % SECONDS];

    t->at = at;
    t->next = *list;
    if (t->next != NULL)
        t->next->link = &t->next;
    t->link = list;
    *list = t;
}

static __attribute__((noinline)) void stop(struct timer *t)
{
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
    t->link = NULL;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 2);
    uint64_t live = bench_number(argc, argv, 3), seed = 1;
    struct timer *timers = calloc(live, sizeof *timers);
    struct bench b;

    bench_require(strcmp(argv[1], "rearm") == 0, "finding the case");
    bench_require(timers != NULL, "calloc");
    for (uint64_t i = 0; i < live; i++)
        start(&timers[i], 1000 + bench_below(&seed, 59000));
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        struct timer *t = &timers[bench_below(&seed, live)];

        stop(t);
        start(t, 30000 + i / 100);
    }
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
